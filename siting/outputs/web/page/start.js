// Put the page together.

const TABS = { rules: renderRules, plans: renderPlans, themes: renderThemes, layers: renderLayers };

function focusOn(id) {
  document.getElementById(id)?.focus({ preventScroll: true });
}

function renderTabs() {
  const tabs = document.getElementById("tabs"), names = Object.keys(TABS);
  tabs.replaceChildren(...names.map((name) => make("button", { type: "button", role: "tab", id: `tab-${name}`,
    "aria-selected": String(name === page.tab), "aria-controls": "pane", tabindex: name === page.tab ? 0 : -1,
    onclick: () => openTab(name) }, word(name))));
}

function openTab(name) {
  page.tab = name;
  renderTabs();
  renderPane();
  document.getElementById("pane").scrollTop = 0;
  focusOn(`tab-${name}`);
}

function renderPane(focus = null) {
  const pane = document.getElementById("pane"), scroll = pane.scrollTop;
  pane.replaceChildren();
  pane.setAttribute("aria-labelledby", `tab-${page.tab}`);
  TABS[page.tab](pane);
  pane.scrollTop = scroll;
  if (focus) focusOn(focus);
}

function renderStill() {
  const data = page.data, zh = page.lang === "zh";
  document.documentElement.lang = zh ? "zh-CN" : "en";
  document.title = say(data.title);
  document.getElementById("title").textContent = say(data.title);
  document.getElementById("study").textContent = data.study;
  document.getElementById("date").textContent = data.date ? `${word("data_date")}${joint()}${data.date}` : "";
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  const language = document.getElementById("language");
  language.textContent = word("language");
  language.setAttribute("aria-label", word("language_label"));
  language.setAttribute("lang", zh ? "en" : "zh-CN");
  const search = document.getElementById("search");
  search.placeholder = word("search");
  search.setAttribute("aria-label", word("search_label"));
  document.getElementById("map").setAttribute("aria-label", word("map"));
  document.getElementById("tabs").setAttribute("aria-label", say(data.title));
  if (page.zoomBox) page.zoomBox.remove();
  page.zoomBox = L.control.zoom({ position: "topright", zoomInTitle: word("zoom_in"), zoomOutTitle: word("zoom_out") });
  page.zoomBox.addTo(page.map);
  const whole = make("a", { href: "#map", role: "button", title: word("fit"), "aria-label": word("fit"),
    onclick: (event) => { event.preventDefault(); showWhole(); } }, "⤢");
  page.zoomBox.getContainer().append(whole);
  if (page.scale) page.scale.remove();
  page.scale = L.control.scale({ imperial: false, position: "bottomright" }).addTo(page.map);
}

function renderAll() {
  renderStill();
  renderTabs();
  renderFoot();
  refresh();
}

// How much of the left edge the whole city leaves to the legend, where that costs it little.
function besideLegend() {
  const wide = page.map.getSize().x > 800 ? 300 : 0;
  const zoom = (left) => page.map.getBoundsZoom(page.home, false, L.point(left, 0));
  return zoom(wide) > zoom(0) - 0.8 ? wide : 0;
}

function showWhole() {
  page.map.fitBounds(page.home, { animate: false, paddingTopLeft: [besideLegend(), 0] });
}

function startMap() {
  const element = document.getElementById("map"), [west, south, east, north] = page.data.bounds;
  page.map = L.map(element, { attributionControl: false, zoomControl: false, fadeAnimation: false, zoomSnap: 0.1, zoomDelta: 0.6, maxZoom: 20 });
  element.setAttribute("role", "region");
  page.home = L.latLngBounds([south, west], [north, east]).pad(0.06);
  showWhole();
  page.homeZoom = page.map.getZoom();
  page.map.setMinZoom(Math.max(0, page.homeZoom - 3));
  page.sheet = new Sheet().addTo(page.map);
  const tellBounds = () => { element.dataset.bounds = page.map.getBounds().toBBoxString(); };
  page.map.on("moveend", tellBounds);
  tellBounds();
  page.map.on("click", (event) => {
    const hits = hitsAt(event.latlng, page.sheet);
    if (hits.length) showPopup(event.latlng, hits);
  });
  page.map.on("popupclose", () => {
    if (page.changing) return;
    page.popup = page.marked = null;
    page.sheet.redraw();
  });
  new ResizeObserver(() => page.printing || page.map.invalidateSize({ animate: false, pan: false })).observe(element);
  let asked = false;
  page.map.on("mousemove", (event) => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      element.style.cursor = hitsAt(event.latlng, page.sheet).length ? "pointer" : "";
    });
  });
}

function startTabs() {
  document.getElementById("tabs").addEventListener("keydown", (event) => {
    const names = Object.keys(TABS), at = names.indexOf(page.tab);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    openTab(names[(to + names.length) % names.length]);
  });
  document.getElementById("language").addEventListener("click", () => {
    page.lang = page.lang === "zh" ? "en" : "zh";
    const open = page.popup;
    renderAll();
    if (open) showPopup(open.latlng, open.hits, open.place);
  });
}

async function start() {
  if (typeof DecompressionStream === "undefined") {
    document.getElementById("status").textContent =
      "浏览器版本过低，请用 Chromium 80、Firefox 113、Safari 16.4 或更新版本打开。 This browser is too old for this page.";
    return;
  }
  const data = await unpack();
  page.data = data;
  page.lang = data.lang;
  for (const name of ["served", "newly_served"]) {
    document.documentElement.style.setProperty(`--${name.split("_")[0]}`, data.colours[name]);
  }
  for (const [name, raw] of Object.entries(data.tables)) page.tables[name] = openTable(name, raw);
  page.views = data.views;
  // From top to bottom: points over lines over areas over the ground, and within each as the legend has them.
  const height = (view) => (view.group === "ground" ? 3 : ["point", "line", "polygon"].indexOf(view.shape));
  page.stack = [...page.views].sort((a, b) => height(a) - height(b));
  for (const plan of data.plans) plan.steps_last = plan.order.length;
  page.on = new Set(page.views.filter((v) => v.group === "ground" && v.visible).map((v) => v.id));
  page.legendOpen = innerWidth > 700;
  const opened = page.data.groups.find((g) => ["plan", "rule", "theme"].includes(g.kind));
  page.tab = opened ? `${opened.kind}s` : "layers";
  renderFoot(); // before the map, which takes the height that is left
  startMap();
  startTabs();
  startSearch();
  startPrint();
  renderStill();
  renderTabs();
  if (opened) choose(opened.kind, opened.id);
  else refresh();
  page.map.once("painted", () => {
    document.getElementById("status").textContent = "";
    document.body.dataset.ready = "1";
  });
}

start();
