// What stands in the cells of a table, and how a reader is told.

function rawCell(table, row, name) {
  const column = table.columns[name];
  if (!column) return null;
  if (column.marks !== undefined) return column.marks[row] === "-" ? null : column.marks[row];
  if (column.numbers) return column.numbers[row];
  const at = column.at[row];
  return at < 0 ? null : column.words[at];
}

function shownCell(table, row, name) {
  const column = table.columns[name];
  const value = rawCell(table, row, name);
  if (value === null) {
    const partner = column.partner ? rawCell(table, row, column.partner) : null;
    return partner === null || partner === 0 ? word("unknown") : say(column.missing);
  }
  if (column.names && column.names[value]) return say(column.names[value]);
  if (column.refer) return referred(column.refer, value);
  if (column.marks !== undefined) return word(value === "1" ? "yes" : "no");
  if (column.numbers) {
    if (column.percent && value <= 1) return percent(value);
    return number(value, column.unit ? 3 : undefined) + (column.unit ? ` ${say(column.unit)}` : "");
  }
  return inLanguage(value);
}

// Some cells hold both languages, parted by a stroke.
function inLanguage(text) {
  for (const mark of [" | ", " / "]) {
    const parts = text.split(mark);
    if (parts.length === 2 && /[\u4e00-\u9fff]/.test(parts[0]) && !/[\u4e00-\u9fff]/.test(parts[1])) {
      return parts[page.lang === "zh" ? 0 : 1];
    }
  }
  return text;
}

function rowsById(table) {
  if (!table.byId) {
    table.byId = new Map();
    for (let row = 0; row < table.rows; row++) {
      const id = rawCell(table, row, "id");
      if (!table.byId.has(id)) table.byId.set(id, row);
    }
  }
  return table.byId;
}

function referred(tableName, id) {
  const table = page.tables[tableName];
  const row = table ? rowsById(table).get(id) : undefined;
  if (row === undefined) return id;
  const name = ownName(table, row);
  return name && name !== id ? `${name}${inBrackets(id)}` : id;
}

// The name that a row itself carries, or null.
function ownName(table, row) {
  const other = page.lang === "zh" ? "en" : "zh";
  for (const column of [`name_${page.lang}`, "name", `name_${other}`]) {
    const found = rawCell(table, row, column);
    if (found !== null) return String(found);
  }
  return null;
}

function nameOf(table, row) {
  const own = ownName(table, row);
  if (own !== null) return own;
  const id = rawCell(table, row, "gap_id") ?? rawCell(table, row, "id") ?? row + 1;
  const kind = table.columns.class ? shownCell(table, row, "class") : null;
  return kind ? `${kind} ${id}` : String(id);
}

// The columns of a table that a popup shows: in this language, and of the rule at hand.
function readable(table, group) {
  const other = page.lang === "zh" ? "_en" : "_zh", mine = `_${page.lang}`;
  return Object.keys(table.columns).filter((name) => {
    if (name === "name" || name.startsWith("name_")) return false;
    if (name.endsWith(other) && table.columns[name.slice(0, -3) + mine]) return false;
    const base = table.columns[name + mine];
    if (base) return false;
    return !table.columns[name].of || table.columns[name].of === group;
  });
}
