// Plans: what each further site adds, from none to all.

function renderPlans(pane) {
  const plans = page.data.plans;
  for (const none of page.data.unanswered) pane.append(make("p", { class: "caution" }, say(none)));
  if (!plans.length) return pane.append(make("p", { class: "quiet" }, word("no_plans")));
  const chosen = plans.find((p) => p.group === page.selected?.id);
  if (plans.length > 1) {
    pane.append(make("ul", { class: "cards" }, plans.map((plan) => make("li", {},
      make("button", { type: "button", class: "choose", id: `choose-${plan.group}`, "aria-pressed": String(plan === chosen),
        onclick: () => { choose("plan", plan.group); focusOn(`choose-${plan.group}`); } }, say(plan.name))))));
  }
  if (chosen) pane.append(planCard(chosen, plans.length === 1));
  else if (plans.length === 1) {
    pane.append(make("button", { type: "button", class: "choose", onclick: () => choose("plan", plans[0].group) },
      `${word("show_on_map")}${joint()}${say(plans[0].name)}`));
  }
}

function planCard(plan, titled) {
  const card = make("div", { class: "plan" }, titled ? make("h2", {}, say(plan.name)) : null);
  const limit = [plan.limit ? `≤ ${say(plan.limit)}` : null, say(plan.measured), say(plan.clause)].filter(Boolean).join(" · ");
  card.append(make("p", { class: "quiet" }, limit, " ", badge(plan.confidence)));
  if (plan.limited) card.append(...growth(plan));
  if (plan.measures.length) card.append(measureList(plan));
  if (!plan.known_who) card.append(make("p", { class: "caution" }, word("not_known_who")));
  card.append(make("p", { class: "proof" }, say(plan.proof)));
  if (plan.budget) card.append(make("p", {}, say(plan.budget)));
  card.append(make("h3", {}, plan.limited ? word("by_gain") : word("new_sites")), siteList(plan));
  if (plan.alternatives) card.append(make("h3", {}, word("alternatives")), alternativeList(plan));
  if (plan.gains.length) card.append(gainTable(plan));
  if (plan.notes.length) {
    card.append(make("details", {}, make("summary", {}, word("notes")),
      make("ul", { class: "plain" }, plan.notes.map((note) => make("li", {}, say(note))))));
  }
  queueMicrotask(() => setStep(plan, page.step));
  return card;
}

// How much is served with the first k sites, and the slider that sets k.
function growth(plan) {
  const last = plan.steps_last;
  const slider = make("input", { type: "range", id: "step", min: 0, max: last, step: 1, value: page.step,
    oninput: (event) => setStep(plan, Number(event.target.value)) });
  return [make("p", { class: "growth", id: "growth", "aria-live": "polite" }), make("div", { class: "slider" },
    make("label", { for: "step" }, word("sites_built"), " ", make("output", { id: "step-shown", for: "step" })), slider,
    make("div", { class: "ends", "aria-hidden": "true" }, make("span", {}, "0"), make("span", {}, last)))];
}

// The figures that the plan changes, the one that its model is about in large.
function measureList(plan) {
  return make("ul", { class: "measures" }, plan.measures.map((one) => make("li", { class: one.main ? "main" : null },
    make("span", { class: "name" }, say(one.name)), make("span", { class: "change" }, say(one.change)))));
}

// Plans nearly as good; the button shows the sites of all of them on the map.
function alternativeList(plan) {
  const view = page.views.find((v) => v.id === plan.alternatives.view);
  const list = make("ul", { class: "plain alternatives" }, plan.alternatives.rows.map((one) => make("li", {},
    make("strong", {}, diamond(one.colour), one.variant), " ",
    [`${say(plan.alternatives.objective)} ${say(one.objective)}`, one.loss === null ? null : say(one.loss),
      one.proved ? word("proved") : `${word("not_proved")} ${one.gap}`].filter(Boolean).join(" · "),
    one.other.length ? make("p", { class: "quiet" }, `${word("other_sites")}${joint()}${one.other.join(", ")}`) : null,
    one.without.length ? make("p", { class: "quiet" }, `${word("lets_go")}${joint()}${one.without.join(", ")}`) : null)));
  if (!view) return list;
  const button = make("button", { type: "button", class: "choose", "aria-pressed": String(page.on.has(view.id)),
    onclick: () => { toggle(view, !page.on.has(view.id)); button.setAttribute("aria-pressed", String(page.on.has(view.id))); } },
  word("show_on_map"));
  return make("div", { class: "cards" }, button, list);
}

function diamond(colour) {
  const mark = make("span", { class: "swatch", "aria-hidden": "true" });
  mark.style.background = colour;
  return mark;
}

function gainTable(plan) {
  const head = [word("zone"), word("gained"), word("share")].map((name) => make("th", {}, name));
  return make("details", {}, make("summary", {}, word("zone_gains")), make("table", { class: "gains" },
    make("thead", {}, make("tr", {}, head)), make("tbody", {}, plan.gains.map((row) => make("tr", {},
      make("td", {}, row.zone ?? word("in_no_zone")), make("td", {}, row.gained), make("td", {}, row.share))))));
}

function siteList(plan) {
  const view = page.views.find((v) => v.group === plan.group && v.mark === "pin"), table = page.tables.sites;
  const list = make("ol", { class: "sites" });
  if (!view) return list;
  const rows = [];
  for (let row = 0; row < table.rows; row++) if (classOf(view, row) >= 0) rows.push(row);
  rows.sort((a, b) => rawCell(table, a, "order") - rawCell(table, b, "order"));
  const loads = plan.loads;
  const gains = plan.steps ? rows.map((_, k) => plan.steps[k + 1] - plan.steps[k]) : rows.map(() => null);
  const gainOf = (k) => loads[k] ? say(loads[k]) : !plan.limited ? "" : gains[k] === null ? word("unknown")
    : `+${number(gains[k], gains[k] < 10 ? 1 : 0)}`;
  const most = Math.max(...gains.map((g) => g ?? 0), 1e-9);
  rows.forEach((row, k) => {
    const bar = make("span", { class: "part" });
    bar.style.width = `${(100 * (gains[k] ?? 0)) / most}%`;
    list.append(make("li", { "data-order": k + 1 },
      make("button", { type: "button", class: "site", onclick: () => goTo(table, row, view) },
        make("span", { class: "order" }, k + 1),
        make("span", { class: "place" }, placeName(table, row)),
        make("span", { class: "gain" }, gainOf(k)),
        gains[k] === null ? null : make("span", { class: "bar", "aria-hidden": "true" }, bar))));
  });
  return list;
}

function placeName(table, row) {
  const street = rawCell(table, row, "street") ?? rawCell(table, row, "plot");
  return street === null ? nameOf(table, row) : inLanguage(String(street));
}

function setStep(plan, step) {
  page.step = step;
  const slider = document.getElementById("step");
  if (!slider) return;
  slider.value = step;
  document.getElementById("step-shown").textContent = `${step} / ${plan.steps_last}`;
  const now = plan.steps ? plan.steps[step] : null;
  const share = now !== null && plan.total ? now / plan.total : null;
  const gained = now !== null ? Math.round(now) - Math.round(plan.steps[0]) : null;
  document.getElementById("growth").replaceChildren(
    make("span", { class: "big" }, now === null ? word("unknown") : number(now, 0)),
    make("span", {}, ` ${say(plan.unit)} · ${percent(share)}`),
    make("span", { class: "plus" }, gained ? `+${number(gained, 0)}` : word("before")));
  slider.setAttribute("aria-valuetext", `${step} / ${plan.steps_last}${joint()}${number(now, 0)} ${say(plan.unit)}`);
  for (const item of document.querySelectorAll("ol.sites > li")) {
    item.classList.toggle("later", Number(item.dataset.order) > step);
  }
  page.sheet.redraw();
}
