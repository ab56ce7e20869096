// Every layer, to be switched on and off, with its legend and how opaque it is.

function renderLayers(pane) {
  for (const group of page.data.groups) {
    const own = viewsIn(group.id);
    if (!own.length) continue;
    const on = own.filter((v) => page.on.has(v.id)).length;
    const fold = make("details", { class: "group", open: on > 0 && group.id !== "ground" },
      make("summary", {}, say(group.name), " ", on ? make("span", { class: "count" }, `${on} / ${own.length}`) : null));
    for (const view of own) fold.append(layerRow(view));
    pane.append(fold);
  }
}

function layerRow(view) {
  const on = page.on.has(view.id);
  const box = make("input", { type: "checkbox", id: `on-${view.id}`, checked: on });
  const row = make("div", { class: "layer" }, box,
    make("label", { for: `on-${view.id}` }, swatch(view, view.classes[0]), say(view.name)));
  const more = make("div", { class: "more", hidden: !on });
  const slider = make("input", { type: "range", min: 0, max: 100, step: 5, value: 100 * opacityOf(view),
    "aria-label": `${word("opacity")}${joint()}${say(view.name)}`,
    oninput: (event) => { page.opacity.set(view.id, event.target.value / 100); page.sheet.redraw(); } });
  more.append(make("label", { class: "opacity" }, word("opacity"), slider));
  if (view.classes.length > 1) {
    more.append(make("ul", { class: "classes" },
      mergedClasses(view).map(({ name, one }) => make("li", {}, swatch(view, one), name))));
  }
  if (view.note) more.append(make("p", { class: "quiet" }, say(view.note), " ", badge(view.confidence)));
  row.append(more);
  box.addEventListener("change", () => {
    toggle(view, box.checked);
    more.hidden = !box.checked;
  });
  return row;
}
