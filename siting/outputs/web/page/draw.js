// One sheet for all that is drawn: every vertex, nothing thinned out; the views from bottom to top.

const BATCH = 400;

const Sheet = L.Renderer.extend({
  options: { padding: 0.15 },

  _initContainer() {
    this._container = document.createElement("canvas");
    this._container.setAttribute("aria-hidden", "true");
    this._ctx = this._container.getContext("2d");
  },

  _destroyContainer() {
    cancelAnimationFrame(this._frame);
    this._container.remove();
  },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const bounds = this._bounds, size = bounds.getSize(), canvas = this._container;
    this.dense = page.printing ? 3 : window.devicePixelRatio > 1 ? 2 : 1;
    L.DomUtil.setPosition(canvas, bounds.min);
    canvas.width = this.dense * size.x;
    canvas.height = this.dense * size.y;
    canvas.style.width = `${size.x}px`;
    canvas.style.height = `${size.y}px`;
    this.paint();
  },

  // Many changes at once are one picture.
  redraw() {
    cancelAnimationFrame(this._frame);
    this._frame = requestAnimationFrame(() => this._map && this.paint());
  },

  frame() {
    const zoom = this._map.getZoom(), origin = this._map.getPixelOrigin(), low = this._bounds.min;
    const size = this._bounds.getSize();
    const scale = 256 * 2 ** zoom, dx = origin.x + low.x, dy = origin.y + low.y;
    return {
      scale, dx, dy, zoom,
      west: dx / scale, north: dy / scale, east: (dx + size.x) / scale, south: (dy + size.y) / scale,
    };
  },

  paint() {
    const ctx = this._ctx, frame = this.frame();
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.fillStyle = page.data.colours.ground;
    ctx.fillRect(0, 0, this._container.width, this._container.height);
    ctx.setTransform(this.dense, 0, 0, this.dense, 0, 0);
    const taken = [];
    for (const view of [...page.stack].reverse()) {
      if (!page.on.has(view.id)) continue;
      ctx.globalAlpha = 1;
      const table = page.tables[view.table];
      if (view.table === "base_streets") drawStreets(ctx, table, frame, opacityOf(view));
      else if (view.shape === "polygon") drawPolygons(ctx, view, table, frame);
      else if (view.shape === "line") drawLines(ctx, view, table, frame);
      else drawPoints(ctx, view, table, frame);
    }
    for (const view of page.views) {
      if (page.on.has(view.id) && view.labels && view.mark !== "pin" && view.table !== "gaps") {
        drawLabels(ctx, view, page.tables[view.table], frame, taken);
      }
    }
    if (page.marked) drawMarked(ctx, page.marked, frame);
    this._map.fire("painted");
  },
});

const opacityOf = (view) => page.opacity.get(view.id) ?? 1;

function inFrame(table, row, frame, slack = 0) {
  const b = table.box, k = 4 * row, s = slack / frame.scale;
  return b[k] <= frame.east + s && b[k + 2] >= frame.west - s && b[k + 1] <= frame.south + s && b[k + 3] >= frame.north - s;
}

function tracePart(ctx, table, part, frame, close) {
  const from = table.pointOf[part], to = table.pointOf[part + 1];
  ctx.moveTo(table.x[from] * frame.scale - frame.dx, table.y[from] * frame.scale - frame.dy);
  for (let i = from + 1; i < to; i++) {
    ctx.lineTo(table.x[i] * frame.scale - frame.dx, table.y[i] * frame.scale - frame.dy);
  }
  if (close) ctx.closePath();
}

// Calls back with paths of at most BATCH rows: one path of a whole city would be slow to fill.
function inBatches(ctx, rows, add, flush) {
  for (let at = 0; at < rows.length; at += BATCH) {
    ctx.beginPath();
    for (const row of rows.slice(at, at + BATCH)) add(row);
    flush();
  }
}

function rowsByClass(view, table, frame, slack) {
  const found = view.classes.map(() => []);
  for (let row = 0; row < table.rows; row++) {
    const place = classOf(view, row);
    if (place >= 0 && place < found.length && inFrame(table, row, frame, slack)) found[place].push(row);
  }
  return found;
}

function drawPolygons(ctx, view, table, frame) {
  const ground = view.table.startsWith("base_"), width = 0.6 + view.size * 2;
  rowsByClass(view, table, frame, 2).forEach((rows, place) => {
    const colour = view.classes[place].colour;
    ctx.fillStyle = colour;
    ctx.strokeStyle = view.outline ? colour : "#ffffff";
    ctx.lineWidth = view.outline ? width : 0.8;
    ctx.setLineDash(view.table === "base_boundary" ? [8, 4] : []);
    const least = 1 / frame.scale;
    inBatches(ctx, rows, (row) => {
      const b = table.box, k = 4 * row;
      if (b[k + 2] - b[k] < least && b[k + 3] - b[k + 1] < least) {
        ctx.rect(b[k] * frame.scale - frame.dx - 0.5, b[k + 1] * frame.scale - frame.dy - 0.5, 1, 1);
      } else for (let p = table.partOf[row]; p < table.partOf[row + 1]; p++) {
        if (!isOpen(table, p)) tracePart(ctx, table, p, frame, true);
      }
    }, () => {
      const fill = view.table === "base_boundary" || view.group === "zones" ? 0 : view.outline ? 0.2 : ground ? 1 : 0.78;
      ctx.globalAlpha = opacityOf(view) * fill;
      if (fill) ctx.fill();
      ctx.globalAlpha = opacityOf(view);
      if (view.outline || (!ground && rows.length < 3000)) ctx.stroke();
    });
    if (table.open) drawOpenParts(ctx, table, rows, frame, colour);
  });
  ctx.setLineDash([]);
}

function drawOpenParts(ctx, table, rows, frame, colour) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5;
  inBatches(ctx, rows, (row) => {
    for (let p = table.partOf[row]; p < table.partOf[row + 1]; p++) {
      if (isOpen(table, p)) tracePart(ctx, table, p, frame, false);
    }
  }, () => ctx.stroke());
}

function drawLines(ctx, view, table, frame) {
  const byClass = rowsByClass(view, table, frame, 4);
  // Where ways share a street the wide ones lie below, so that none is hidden.
  const order = byClass.map((_, place) => place).sort((a, b) => (view.classes[b].size ?? 0) - (view.classes[a].size ?? 0));
  for (const place of order) {
    const rows = byClass[place], size = view.classes[place].size ?? view.size;
    ctx.strokeStyle = view.classes[place].colour;
    ctx.lineWidth = view.table.startsWith("base_") ? 1.5 : 0.6 + size * 3;
    ctx.globalAlpha = opacityOf(view) * (rows.length > 2000 ? 0.5 : 0.9);
    inBatches(ctx, rows, (row) => {
      for (let p = table.partOf[row]; p < table.partOf[row + 1]; p++) tracePart(ctx, table, p, frame, false);
    }, () => ctx.stroke());
  }
}

function drawStreets(ctx, table, frame, opacity) {
  const grow = Math.min(3, Math.max(0.35, 2 ** (0.55 * (frame.zoom - 15.5)))), colours = page.data.colours;
  const rows = [[], [], []];
  for (let row = 0; row < table.rows; row++) if (inFrame(table, row, frame, 8)) rows[Number(table.rank[row])].push(row);
  ctx.lineCap = ctx.lineJoin = "round";
  ctx.globalAlpha = opacity;
  const stroke = (kind, width, colour) => {
    ctx.lineWidth = width;
    ctx.strokeStyle = colour;
    inBatches(ctx, rows[kind], (row) => {
      for (let p = table.partOf[row]; p < table.partOf[row + 1]; p++) tracePart(ctx, table, p, frame, false);
    }, () => ctx.stroke());
  };
  if (frame.zoom >= 14) stroke(2, Math.max(0.6, 1.1 * grow), colours.street_edge);
  for (const [kind, width] of [[1, 3], [0, 5]]) stroke(kind, width * grow + 1, colours.street_edge);
  if (grow > 0.45) for (const [kind, width] of [[1, 3], [0, 5]]) stroke(kind, width * grow, colours.street);
  ctx.lineCap = "butt";
  ctx.lineJoin = "miter";
}

function countShown(view, table) {
  let n = 0;
  for (let row = 0; row < table.rows; row++) if (classOf(view, row) >= 0) n++;
  return n;
}

function radiusOf(view, table, frame) {
  if (view.mark === "pin") return 11;
  const near = Math.min(2, Math.max(0.75, 1 + 0.28 * (frame.zoom - page.homeZoom)));
  view.shown ??= table.rows && countShown(view, table);
  const calm = view.shown > 2500 ? 1.1 : view.shown > 500 ? 1.4 : 1.9;
  return view.size * calm * near * Math.min(1, Math.max(0.72, page.map.getSize().x / 700));
}

function drawPoints(ctx, view, table, frame) {
  const r = radiusOf(view, table, frame);
  const each = (row, act) => {
    for (let i = table.pointOf[table.partOf[row]]; i < table.pointOf[table.partOf[row + 1]]; i++) {
      act(table.x[i] * frame.scale - frame.dx, table.y[i] * frame.scale - frame.dy);
    }
  };
  const byClass = rowsByClass(view, table, frame, 3 * r);
  if (view.mark === "pin") {
    for (const row of byClass.flat().reverse()) {
      const order = rawCell(table, row, "order") ?? "";
      const built = page.selected?.kind !== "plan" || order <= page.step;
      ctx.globalAlpha = opacityOf(view);
      each(row, (x, y) => drawPin(ctx, x, y, r, String(order), built));
    }
    return;
  }
  const places = view.kind === "plan" ? [0, 2, 1] : byClass.map((_, place) => place);
  for (const place of places) {
    const rows = byClass[place];
    const one = view.classes[place], mark = one.mark ?? view.mark, own = one.size ? (r * one.size) / view.size : r;
    ctx.fillStyle = one.colour;
    ctx.strokeStyle = mark === "star" ? page.data.colours.site_ring : one.edge ?? "#ffffff";
    ctx.lineWidth = mark === "dot" ? 0.5 : 1;
    ctx.globalAlpha = opacityOf(view);
    inBatches(ctx, rows, (row) => each(row, (x, y) => trace(ctx, mark, x, y, own)), () => {
      ctx.fill();
      if (own > 2) ctx.stroke();
    });
  }
}

function drawLabels(ctx, view, table, frame, taken) {
  const column = view.labels[page.lang === "zh" ? 0 : 1];
  if (!table.columns[column]) return;
  ctx.font = `500 12px ${FONT}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  for (let row = 0; row < table.rows; row++) {
    if (classOf(view, row) < 0 || !inFrame(table, row, frame)) continue;
    const value = rawCell(table, row, column);
    if (value === null) continue;
    const text = table.columns[column].numbers ? number(value) : String(value);
    const b = table.box, k = 4 * row, half = ctx.measureText(text).width / 2 + 3;
    const x = ((b[k] + b[k + 2]) / 2) * frame.scale - frame.dx;
    const y = ((b[k + 1] + b[k + 3]) / 2) * frame.scale - frame.dy - (view.shape === "point" ? 12 : 0);
    if (view.shape === "polygon" && 2 * half > 1.6 * (b[k + 2] - b[k]) * frame.scale) continue;
    if (taken.some((t) => Math.abs(t.x - x) < t.half + half && Math.abs(t.y - y) < 15)) continue;
    taken.push({ x, y, half });
    ctx.globalAlpha = 1;
    ctx.lineWidth = 3.5;
    ctx.strokeStyle = "rgba(255,255,255,0.9)";
    ctx.strokeText(text, x, y);
    ctx.fillStyle = "#1f2937";
    ctx.fillText(text, x, y);
  }
}

function drawMarked(ctx, { table, row, point, closed }, frame) {
  ctx.globalAlpha = 1;
  ctx.beginPath();
  const b = table.box, k = 4 * row, isPoint = b[k] === b[k + 2] && b[k + 1] === b[k + 3];
  if (isPoint) ctx.arc(b[k] * frame.scale - frame.dx, b[k + 1] * frame.scale - frame.dy, point ?? 13, 0, 2 * Math.PI);
  else for (let p = table.partOf[row]; p < table.partOf[row + 1]; p++) tracePart(ctx, table, p, frame, closed);
  for (const [width, colour] of [[5, "#ffffff"], [2.5, "#1d4ed8"]]) {
    ctx.lineWidth = width;
    ctx.strokeStyle = colour;
    ctx.stroke();
  }
}
