// Words in the language of the moment, and elements whose text is only ever text.

const page = { lang: "zh", data: null, tables: {}, views: [], on: new Set(), opacity: new Map(), selected: null, step: 0 };

function say(pair) {
  if (pair === null || pair === undefined) return "";
  return typeof pair === "string" ? pair : pair[page.lang === "zh" ? 0 : 1];
}

const word = (key) => say(page.data.words[key]);
const joint = () => (page.lang === "zh" ? "：" : ": ");
const inBrackets = (text) => (page.lang === "zh" ? `（${text}）` : ` (${text})`);

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

function number(value, places) {
  if (value === null || value === undefined) return word("unknown");
  const least = Math.abs(value);
  const most = places !== undefined ? places : least >= 1000 || Number.isInteger(value) ? 0 : least >= 100 ? 1 : least >= 1 ? 2 : 3;
  return value.toLocaleString("en-US", { maximumFractionDigits: most });
}

function percent(share) {
  if (share === null || share === undefined) return word("unknown");
  // As everywhere: all is said only of all, none only of none.
  const tenths = Math.floor(share * 1000 + 0.5);
  if (tenths >= 1000 && share < 1) return "> 99.9%";
  return tenths === 0 && share > 0 ? "< 0.1%" : `${(tenths / 10).toFixed(1)}%`;
}

function badge(grade) {
  return grade ? make("span", { class: `badge ${grade}` }, say(page.data.readings[grade])) : null;
}
