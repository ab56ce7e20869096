// The legend: what is on the map, in which colours, and how well the figures behind it were read.

function renderLegend() {
  const legend = document.getElementById("legend");
  const shown = page.views.filter((v) => page.on.has(v.id) && v.group !== "ground");
  const open = page.legendOpen;
  const head = make("button", { type: "button", class: "fold", "aria-expanded": String(open), "aria-controls": "classes",
    onclick: () => { page.legendOpen = !page.legendOpen; renderLegend(); } }, word("legend"));
  const body = make("div", { id: "classes", hidden: !open });
  let last = null;
  for (const view of shown) {
    if (view.group !== last) {
      const grade = shown.find((v) => v.group === view.group && v.confidence)?.confidence;
      body.append(make("h3", {}, say(groupOf(view.group).name), " ", badge(grade)));
    }
    last = view.group;
    const names = view.classes.map((one) => say(one.name));
    const alone = names.length === 1;
    if (!alone) body.append(make("h4", {}, say(view.name)));
    const list = make("ul");
    mergedClasses(view).forEach(({ name, one }) =>
      list.append(make("li", {}, swatch(view, one), alone ? say(view.name) : name)));
    body.append(list);
  }
  if (!shown.length) body.append(make("p", { class: "quiet" }, word("unknown")));
  legend.replaceChildren(head, body);
  legend.setAttribute("aria-label", word("legend"));
}

// Many classes in one colour (the classes of facilities) are one line.
function mergedClasses(view) {
  const used = view.classes.map((one) => ({ name: say(one.name), one }));
  const alike = new Set(used.map(({ one }) => `${one.colour} ${one.mark ?? ""}`)).size === 1;
  if (used.length > 1 && alike) return [{ name: say(view.name), one: used[0].one }];
  return used;
}
