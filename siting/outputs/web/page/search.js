// Search by name or id, by keyboard too: down and up through the results, enter goes there.

const MOST_HITS = 30;
const searched = () => ["sites", "facilities", ...Object.keys(page.tables).filter((n) => n.startsWith("zones_")), "gaps", "demand"]
  .filter((name) => page.tables[name]);

function searchIndex() {
  if (page.index) return page.index;
  page.index = [];
  for (const name of searched()) {
    const table = page.tables[name];
    for (let row = 0; row < table.rows; row++) {
      const words = ["name_zh", "name_en", "name", "id", "gap_id", "street"].map((c) => rawCell(table, row, c)).filter((w) => w !== null);
      page.index.push({ table, row, text: words.join("\n").toLowerCase(), id: String(rawCell(table, row, "id") ?? "").toLowerCase() });
    }
  }
  return page.index;
}

// Whole ids first, then what begins so, then what holds it.
function find(text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const found = [[], [], []];
  for (const entry of searchIndex()) {
    const at = entry.text.indexOf(wanted);
    if (at < 0) continue;
    const begins = at === 0 || entry.text[at - 1] === "\n";
    found[entry.id === wanted ? 0 : begins ? 1 : 2].push(entry);
  }
  return found.flat().slice(0, MOST_HITS);
}

function kindOf({ table, row }) {
  if (table.name === "facilities") return shownCell(table, row, "class");
  if (table.name === "gaps") return table.columns.rule ? shownCell(table, row, "rule") : "";
  if (table.name === "sites") return shownCell(table, row, "plan");
  const view = page.views.find((v) => v.table === table.name && v.group === "zones");
  return view ? say(groupOf("zones").name) : rawCell(table, row, "people") !== null ? `${shownCell(table, row, "people")} ${say(["人", "people"])}` : "";
}

function startSearch() {
  const input = document.getElementById("search"), list = document.getElementById("hits");
  let hits = [], at = -1;
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (place) => {
    at = place;
    [...list.children].forEach((item, k) => item.setAttribute("aria-selected", String(k === at)));
    if (at < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", `hit-${at}`);
    list.children[at].scrollIntoView({ block: "nearest" });
  };
  const take = (place) => {
    const { table, row } = hits[place];
    close();
    if (table.name === "sites") {
      const plan = page.data.plans.find((p) => p.id === rawCell(table, row, "plan"));
      if (plan && page.selected?.id !== plan.group) choose("plan", plan.group);
    }
    if (table.name === "gaps") {
      const rule = page.data.rules.find((r) => r.id === rawCell(table, row, "rule"));
      if (rule && page.selected?.id !== rule.group) choose("rule", rule.group);
    }
    goTo(table, row);
  };
  input.addEventListener("input", () => {
    hits = find(input.value);
    list.replaceChildren(...hits.map((hit, k) => make("li", { role: "option", id: `hit-${k}`, "aria-selected": "false",
      onmousedown: (event) => { event.preventDefault(); take(k); } },
      make("span", {}, nameOf(hit.table, hit.row)), make("small", {}, kindOf(hit)))));
    if (!hits.length && input.value.trim()) list.append(make("li", { class: "none" }, word("no_hits")));
    list.hidden = !input.value.trim();
    input.setAttribute("aria-expanded", String(!list.hidden));
    at = -1;
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && hits.length) mark((at + 1) % hits.length);
    else if (event.key === "ArrowUp" && hits.length) mark((at - 1 + hits.length) % hits.length);
    else if (event.key === "Enter" && hits.length && !list.hidden) take(Math.max(at, 0));
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", close);
}
