// On paper: the title, the map at three times the density of a screen, the legend, the clause, and whose data it is.

function renderPaper() {
  const data = page.data, chosen = page.selected;
  const found = chosen && [...data.rules, ...data.plans, ...data.themes].find((one) => one.group === chosen.id);
  document.getElementById("paper-title").textContent = found ? `${say(data.title)} · ${say(found.name)}` : say(data.title);
  const parts = [];
  if (found && chosen.kind === "rule") {
    parts.push(`${say(found.denominator)} ${percent(found.share)}`, found.limit ? `≤ ${say(found.limit)}` : null, say(found.measured));
    parts.push(found.target ? `${word("target")} ${found.target}` : null);
    parts.push(word(found.passes === true ? "passes" : found.passes === false ? "fails" : "no_verdict"));
  }
  if (found && chosen.kind === "plan" && found.steps) {
    parts.push(`${number(found.steps[0], 0)} → ${number(found.steps[page.step], 0)} ${say(found.unit)}`, say(found.proof));
  }
  if (found && chosen.kind === "theme") parts.push(say(found.headlines[0]));
  if (found && chosen.kind === "plan" && !found.steps) {
    parts.push(...found.measures.slice(0, 1).map((one) => `${say(one.name)} ${say(one.change)}`), say(found.proof));
  }
  if (found?.clause) parts.push(`${word("clause")}${joint()}${say(found.clause)}${inBrackets(say(data.readings[found.confidence]))}`);
  document.getElementById("paper-line").textContent = parts.filter(Boolean).join(" · ");
}

function renderFoot() {
  const data = page.data;
  const sources = data.sources.map(say).join(page.lang === "zh" ? "；" : "; ");
  const date = `${word("data_date")}${joint()}${data.date ?? word("date_unknown")}`;
  document.getElementById("foot").replaceChildren(
    make("span", {}, `${word("sources")}${joint()}${sources || word("unknown")}`), make("span", {}, date));
}

function startPrint() {
  let before = null;
  const enter = () => {
    if (before) return;
    before = { centre: page.map.getCenter(), zoom: page.map.getZoom(), bounds: page.map.getBounds(), open: page.legendOpen };
    page.printing = page.legendOpen = true;
    page.map.closePopup();
    renderPaper();
    renderLegend();
    document.body.classList.add("printing");
    page.map.invalidateSize({ animate: false, pan: false });
    page.map.fitBounds(before.bounds, { animate: false });
    page.sheet._update();
  };
  const leave = () => {
    if (!before) return;
    const { centre, zoom, open } = before;
    before = null;
    page.printing = false;
    page.legendOpen = open;
    document.body.classList.remove("printing");
    renderLegend();
    page.map.invalidateSize({ animate: false, pan: false });
    page.map.setView(centre, zoom, { animate: false });
    page.sheet._update();
  };
  addEventListener("beforeprint", enter);
  addEventListener("afterprint", leave);
  document.getElementById("print").addEventListener("click", () => window.print());
}
