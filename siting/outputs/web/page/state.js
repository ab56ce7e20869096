// What is chosen, and which views that puts on the map.

const groupOf = (id) => page.data.groups.find((group) => group.id === id);
const viewsIn = (id) => page.views.filter((view) => view.group === id);
const planOf = (view) => page.data.plans.find((plan) => plan.group === view.group);

// The place of a row's class in the legend of a view, -1 where the view does not show it.
function classOf(view, row) {
  if (view.kind !== "plan") return view.marks.charCodeAt(row) - 48;
  const plan = planOf(view), won = plan.won[row];
  const step = page.selected?.id === plan.group ? page.step : plan.steps_last;
  return won === 0 ? 0 : won > 0 && won <= step ? 1 : 2;
}

function openingViews(group) {
  const own = viewsIn(group.id);
  const leading = own.filter((v) => v.leads);
  return leading.length ? leading : own.slice(0, 1);
}

// Show a rule, a plan or a theme, and nothing of the others.
function choose(kind, group, { views = null } = {}) {
  const found = groupOf(group);
  page.selected = { kind, id: group };
  const plan = kind === "plan" ? page.data.plans.find((p) => p.group === group) : null;
  if (plan) page.step = plan.steps_last;
  const kept = page.views.filter((v) => ["ground", "zones"].includes(v.group) && page.on.has(v.id)).map((v) => v.id);
  const shown = views ?? (found ? openingViews(found) : []);
  page.on = new Set([...kept, ...shown.map((v) => v.id)]);
  page.marked = null;
  page.map.closePopup();
  refresh();
}

function toggle(view, on) {
  if (on) page.on.add(view.id);
  else page.on.delete(view.id);
  renderLegend();
  page.sheet.redraw();
}

function refresh() {
  renderPane();
  renderLegend();
  renderPaper();
  page.sheet.redraw();
}
