// The data of the page: letters to bytes, bytes to values, steps to places on the map.

async function unpack() {
  const element = document.getElementById("data");
  const letters = atob(element.textContent.trim());
  element.remove();
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

// World coordinates: the square of Web Mercator as 0..1 from the north-west corner.
function openTable(name, raw) {
  const n = raw.steps.length / 2;
  const x = new Float64Array(n), y = new Float64Array(n);
  let lon = 0, lat = 0;
  for (let i = 0; i < n; i++) {
    lon += raw.steps[2 * i];
    lat += raw.steps[2 * i + 1];
    x[i] = lon / 360e6 + 0.5;
    const sine = Math.sin((lat * Math.PI) / 180e6);
    y[i] = 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  }
  const pointOf = starts(raw.lengths, n);
  const partOf = starts(raw.parts, raw.rows);
  const box = new Float64Array(4 * raw.rows);
  for (let row = 0; row < raw.rows; row++) {
    let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
    for (let i = pointOf[partOf[row]]; i < pointOf[partOf[row + 1]]; i++) {
      if (x[i] < west) west = x[i];
      if (x[i] > east) east = x[i];
      if (y[i] < north) north = y[i];
      if (y[i] > south) south = y[i];
    }
    box.set([west, north, east, south], 4 * row);
  }
  return { name, rows: raw.rows, x, y, pointOf, partOf, box, columns: raw.columns || {}, rank: raw.rank, open: raw.open };
}

// Whether a part is a line among areas: a stream in a layer of lakes.
const isOpen = (table, part) => table.open !== undefined && table.open[part] === "1";

function starts(counts, n) {
  const size = counts ? counts.length : n;
  const found = new Int32Array(size + 1);
  for (let i = 0; i < size; i++) found[i + 1] = found[i] + (counts ? counts[i] : 1);
  return found;
}

function toLatLng(wx, wy) {
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - 2 * wy))) * 180) / Math.PI;
  return L.latLng(lat, (wx - 0.5) * 360);
}

function centreOf(table, row) {
  const b = table.box.subarray(4 * row, 4 * row + 4);
  return toLatLng((b[0] + b[2]) / 2, (b[1] + b[3]) / 2);
}

function boundsOf(table, row) {
  const b = table.box.subarray(4 * row, 4 * row + 4);
  return L.latLngBounds(toLatLng(b[0], b[3]), toLatLng(b[2], b[1]));
}
