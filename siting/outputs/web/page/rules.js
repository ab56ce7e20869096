// The table of rules: sorted and filtered here, and each line shows its rule on the map.

const order = { by: "study", down: false, topic: "" };

function verdict(rule) {
  if (rule.passes === true) return make("span", { class: "verdict met" }, "✓ ", word("passes"));
  if (rule.passes === false) return make("span", { class: "verdict not-met" }, "✗ ", word("fails"));
  return make("span", { class: "verdict open", title: word("no_verdict_why") }, word("no_verdict"));
}

const rank = (rule) => (rule.passes === false ? 0 : rule.passes === true ? 2 : 1);

function sortedRules() {
  const rules = page.data.rules.filter((r) => r.judged && (!order.topic || r.topic === order.topic));
  const compare = {
    study: () => 0,
    name: (a, b) => say(a.name).localeCompare(say(b.name), page.lang),
    share: (a, b) => (a.share ?? 2) - (b.share ?? 2),
    verdict: (a, b) => rank(a) - rank(b),
  }[order.by];
  rules.sort(compare);
  return order.down ? rules.reverse() : rules;
}

function renderRules(pane) {
  const all = page.data.rules;
  if (!all.length) return pane.append(make("p", { class: "quiet" }, word("no_rules")));
  const judged = all.filter((r) => r.judged);
  const weak = judged.filter((r) => ["unverified", "assumed"].includes(r.confidence)).length;
  if (weak) pane.append(make("p", { class: "caution" }, `${weak} ${word("unverified_note")}`));
  pane.append(topicFilter(all));
  const body = make("tbody");
  for (const rule of sortedRules()) body.append(...ruleLines(rule));
  pane.append(make("table", { class: "rules" }, make("thead", {}, make("tr", {},
    sortHead("name", word("rule")), sortHead("share", word("share")), sortHead("verdict", word("verdict")))), body));
  pane.append(make("p", { class: "quiet" }, word("no_verdict_why")));
  const left = all.filter((r) => !r.judged && (!order.topic || r.topic === order.topic));
  if (left.length) {
    pane.append(make("h2", {}, `${word("not_judged")}${inBrackets(left.length)}`));
    pane.append(make("ul", { class: "plain" }, left.map((r) =>
      make("li", {}, make("strong", {}, say(r.name)), make("p", {}, say(r.reason)),
        make("p", { class: "quiet" }, say(r.clause), " ", badge(r.confidence))))));
  }
  if (page.data.notes.length) {
    pane.append(make("details", {}, make("summary", {}, `${word("notes")}${inBrackets(page.data.notes.length)}`),
      make("ul", { class: "plain" }, page.data.notes.map((note) => make("li", { class: "quiet" }, say(note))))));
  }
}

function topicFilter(rules) {
  const topics = new Map(rules.map((r) => [r.topic, say(r.topic_name)]));
  const choice = make("select", { id: "topic", onchange: (e) => { order.topic = e.target.value; renderPane("topic"); } },
    make("option", { value: "" }, word("all_topics")),
    [...topics].map(([id, name]) => make("option", { value: id, selected: id === order.topic }, name)));
  return make("p", { class: "filter" }, make("label", { for: "topic" }, word("topic")), choice);
}

function sortHead(by, name) {
  const mine = order.by === by;
  const arrow = mine ? (order.down ? " ↓" : " ↑") : "";
  return make("th", { scope: "col", "aria-sort": mine ? (order.down ? "descending" : "ascending") : "none" },
    make("button", { type: "button", id: `sort-${by}`, onclick: () => {
      if (!mine) Object.assign(order, { by, down: false });
      else if (!order.down) order.down = true;
      else Object.assign(order, { by: "study", down: false });
      renderPane(`sort-${by}`);
    } }, name, arrow));
}

function shareBar(share, target) {
  const bar = make("span", { class: "bar", "aria-hidden": "true" });
  const part = make("span", { class: "part" });
  part.style.width = `${100 * (share ?? 0)}%`;
  bar.append(part);
  if (target) {
    const mark = make("span", { class: "mark" });
    mark.style.left = `${100 * target}%`;
    bar.append(mark);
  }
  return bar;
}

function ruleLines(rule) {
  const chosen = page.selected?.id === rule.group;
  const name = make("button", { type: "button", class: "choose", id: `choose-${rule.group}`, "aria-pressed": String(chosen),
    "aria-expanded": String(chosen), onclick: () => { choose("rule", rule.group); focusOn(`choose-${rule.group}`); } },
    say(rule.name));
  const limit = [rule.limit ? `≤ ${say(rule.limit)}` : null, say(rule.measured)].filter(Boolean).join(" · ");
  const line = make("tr", { class: chosen ? "chosen" : null, "data-rule": rule.id },
    make("th", { scope: "row" }, name, make("p", { class: "quiet" }, limit), make("p", {}, badge(rule.confidence))),
    make("td", {}, make("span", { class: "figure" }, percent(rule.share)), shareBar(rule.share, rule.target_share),
      make("span", { class: "quiet" }, rule.target ? `${word("target")} ${rule.target}` : say(rule.denominator))),
    make("td", {}, verdict(rule)));
  line.addEventListener("click", (event) => { if (!event.target.closest("button")) name.click(); });
  return chosen ? [line, make("tr", { class: "detail" }, make("td", { colspan: 3 }, ruleDetail(rule)))] : [line];
}

function ruleDetail(rule) {
  const served = `${number(rule.served, 0)} / ${number(rule.total, 0)}${rule.counted_land ? " m²" : ""}`;
  const facts = [
    [say(rule.denominator), rule.share === null ? word("unknown") : served],
    ...rule.others.map((o) => [say(o.denominator), o.share === null ? word("unknown") : percent(o.share)]),
    [word("clause"), say(rule.clause)],
    [word("confidence"), say(page.data.readings[rule.confidence])],
    rule.unreachable ? [word("unreachable"), `${number(rule.unreachable)} ${word("unreachable_points")}`] : null,
    rule.set_by_study ? [word("set_by_study"), rule.set_by_study] : null,
    rule.reason ? [word("notes"), say(rule.reason)] : null,
  ].filter(Boolean);
  const detail = make("div", { class: "facts" },
    make("dl", {}, facts.map(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])));
  detail.append(gapList(rule));
  return detail;
}

function gapList(rule) {
  const view = page.views.find((v) => v.id === `${rule.group}_gaps`);
  if (!view) return make("p", { class: "quiet" }, word("no_gaps"));
  const table = page.tables.gaps, rows = [];
  for (let row = 0; row < table.rows; row++) if (classOf(view, row) >= 0) rows.push(row);
  rows.sort((a, b) => (rawCell(table, a, "rank") ?? 1e9) - (rawCell(table, b, "rank") ?? 1e9) || a - b);
  return make("div", {}, make("h3", {}, `${word("gaps_here")}${inBrackets(rows.length)}`),
    make("ol", { class: "gaps" }, rows.slice(0, 5).map((row) => make("li", {},
      make("button", { type: "button", class: "link", onclick: () => goTo(table, row, view) }, nameOf(table, row))))));
}
