// What is known of one thing, in words; always as text, never as HTML.

function showPopup(latlng, hits, place = 0) {
  const hit = hits[place];
  page.marked = { table: hit.table, row: hit.row, closed: hit.view?.shape === "polygon",
    point: hit.view?.mark === "pin" ? 16 : 10 };
  const popup = L.popup({ maxWidth: 340, minWidth: 240, maxHeight: 300, autoPanPadding: [24, 24] })
    .setLatLng(latlng)
    .setContent(popupContent(latlng, hits, place));
  page.popup = { latlng, hits, place };
  page.changing = true;
  popup.openOn(page.map);
  page.changing = false;
  const close = popup.getElement().querySelector(".leaflet-popup-close-button");
  close.setAttribute("aria-label", word("close"));
  close.setAttribute("title", word("close"));
  page.sheet.redraw();
}

function popupContent(latlng, hits, place) {
  const { view, table, row } = hits[place];
  const group = view ? view.group : null;
  const kind = view ? `${say(groupOf(view.group).name)} · ${say(view.name)}` : "";
  const content = make("div", { class: "card" }, make("p", { class: "kind" }, kind), make("h3", {}, nameOf(table, row)));
  const ruled = view?.confidence ? make("p", {}, badge(view.confidence)) : null;
  if (ruled) content.append(ruled);
  if (view && view.kind !== "single" && view.kind !== "plan") {
    const one = view.classes[classOf(view, row)];
    if (one && !table.columns[view.column]?.of) {
      content.append(make("p", { class: "class" }, swatch(view, one), say(one.name)));
    }
  }
  const list = make("dl");
  for (const name of readable(table, group)) {
    list.append(make("dt", {}, say(table.columns[name].name)), make("dd", {}, shownCell(table, row, name)));
  }
  content.append(list);
  if (hits.length > 1) content.append(pager(latlng, hits, place));
  return content;
}

function pager(latlng, hits, place) {
  const step = (by) => () => showPopup(latlng, hits, (place + by + hits.length) % hits.length);
  return make("p", { class: "pager" },
    make("button", { type: "button", onclick: step(-1), "aria-label": word("previous") }, "‹"),
    `${place + 1} / ${hits.length}`,
    make("button", { type: "button", onclick: step(1), "aria-label": word("next") }, "›"));
}

// Go to a row, with its popup; a view that shows it is switched on.
function goTo(table, row, wanted = null) {
  const able = page.views.filter((v) => v.table === table.name && classOf(v, row) >= 0);
  const view = wanted ?? able.find((v) => page.on.has(v.id)) ?? able[0] ?? null;
  if (view && !page.on.has(view.id)) {
    toggle(view, true);
    renderPane();
  }
  const bounds = boundsOf(table, row), centre = centreOf(table, row);
  const zoom = Math.min(page.map.getBoundsZoom(bounds.pad(0.6)), 17);
  page.map.setView(centre, Math.max(zoom, Math.min(page.homeZoom + 1, 16)), { animate: false });
  showPopup(centre, [{ view, table, row }]);
}
