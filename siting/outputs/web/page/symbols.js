// The forms of points, on the map and in the legend.

function trace(ctx, mark, x, y, r) {
  if (mark === "square") ctx.rect(x - r, y - r, 2 * r, 2 * r);
  else if (mark === "diamond") {
    ctx.moveTo(x, y - 1.3 * r);
    ctx.lineTo(x + 1.3 * r, y);
    ctx.lineTo(x, y + 1.3 * r);
    ctx.lineTo(x - 1.3 * r, y);
    ctx.closePath();
  } else if (mark === "triangle") {
    ctx.moveTo(x, y - 1.15 * r);
    ctx.lineTo(x + 1.1 * r, y + 0.85 * r);
    ctx.lineTo(x - 1.1 * r, y + 0.85 * r);
    ctx.closePath();
  } else if (mark === "star") {
    for (let k = 0; k < 10; k++) {
      const reach = k % 2 ? 0.55 * r : 1.4 * r, turn = (k * Math.PI) / 5 - Math.PI / 2;
      ctx[k ? "lineTo" : "moveTo"](x + reach * Math.cos(turn), y + reach * Math.sin(turn));
    }
    ctx.closePath();
  } else {
    ctx.moveTo(x + r, y);
    ctx.arc(x, y, r, 0, 2 * Math.PI);
  }
}

function drawPin(ctx, x, y, r, text, built) {
  const colours = page.data.colours;
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 2 * Math.PI);
  ctx.fillStyle = built ? colours.site : "#ffffff";
  ctx.fill();
  ctx.lineWidth = 2.5;
  ctx.strokeStyle = built ? colours.site_ring : "#6b7280";
  ctx.stroke();
  ctx.font = `600 ${Math.round(r * 1.05)}px ${FONT}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillStyle = built ? "#ffffff" : "#6b7280";
  ctx.fillText(text, x, y + 0.5);
}

const FONT = '"Noto Sans", "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif';

// A small picture of one class, for legends and lists.
function swatch(view, one) {
  const colour = one.colour, mark = one.mark ?? view.mark;
  const size = 18, scale = 2;
  const canvas = make("canvas", { class: "swatch", width: size * scale, height: size * scale, "aria-hidden": "true" });
  const ctx = canvas.getContext("2d");
  ctx.scale(scale, scale);
  const middle = size / 2;
  if (view.shape === "polygon") {
    ctx.fillStyle = colour;
    ctx.strokeStyle = colour;
    ctx.globalAlpha = view.outline ? 0.2 : 0.85;
    ctx.fillRect(2, 4, 14, 10);
    ctx.globalAlpha = 1;
    ctx.lineWidth = 1.5;
    if (view.outline) ctx.strokeRect(2.5, 4.5, 13, 9);
  } else if (view.shape === "line") {
    ctx.strokeStyle = colour;
    ctx.lineWidth = one.size ? Math.min(8, 0.6 + 3 * one.size) : 2.5;
    ctx.beginPath();
    ctx.moveTo(2, middle);
    ctx.lineTo(16, middle);
    ctx.stroke();
  } else if (view.mark === "pin") drawPin(ctx, middle, middle, 7, "1", true);
  else {
    ctx.beginPath();
    trace(ctx, mark, middle, middle, mark === "dot" ? 5 : mark === "star" ? 6 : 4.2);
    ctx.fillStyle = colour;
    ctx.fill();
    if (mark === "star" || one.edge) {
      ctx.strokeStyle = one.edge ?? page.data.colours.site_ring;
      ctx.stroke();
    }
  }
  return canvas;
}
