// What lies under a click: the topmost view first.

function hitsAt(latlng, sheet) {
  const frame = sheet.frame(), point = sheet._map.project(latlng);
  const wx = point.x / frame.scale, wy = point.y / frame.scale, found = [];
  for (const view of page.stack) {
    if (!page.on.has(view.id) || view.group === "ground") continue;
    const table = page.tables[view.table];
    const reach = (view.shape === "point" ? radiusOf(view, table, frame) + 4 : 5) / frame.scale;
    const near = [];
    for (let row = 0; row < table.rows; row++) {
      const k = 4 * row, b = table.box;
      if (wx < b[k] - reach || wx > b[k + 2] + reach || wy < b[k + 1] - reach || wy > b[k + 3] + reach) continue;
      if (classOf(view, row) < 0) continue;
      const away = distance(view.shape, table, row, wx, wy);
      if (away <= reach) near.push({ view, table, row, away });
    }
    near.sort((a, c) => a.away - c.away || a.row - c.row);
    found.push(...near.slice(0, 20));
  }
  // A row that two views show is one thing.
  const seen = new Set();
  return found.filter(({ table, row }) => {
    const key = `${table.name} ${row}`;
    return !seen.has(key) && seen.add(key);
  });
}

function distance(shape, table, row, wx, wy) {
  let least = Infinity, inside = false;
  for (let p = table.partOf[row]; p < table.partOf[row + 1]; p++) {
    const from = table.pointOf[p], to = table.pointOf[p + 1], line = shape === "line" || isOpen(table, p);
    for (let i = from; i < to; i++) {
      const ax = table.x[i], ay = table.y[i];
      if (shape === "point") {
        least = Math.min(least, Math.hypot(ax - wx, ay - wy));
        continue;
      }
      const last = i + 1 === to;
      if (last && line) continue;
      const j = last ? from : i + 1, bx = table.x[j], by = table.y[j];
      if (!line && ay > wy !== by > wy && wx < ((bx - ax) * (wy - ay)) / (by - ay) + ax) inside = !inside;
      if (line) least = Math.min(least, toSegment(ax, ay, bx, by, wx, wy));
    }
  }
  return inside ? 0 : least;
}

function toSegment(ax, ay, bx, by, x, y) {
  const dx = bx - ax, dy = by - ay, length = dx * dx + dy * dy;
  const t = length ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}
