"""Tables of themes on a page: the columns that a reader needs and has room for, in words and units."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from siting.coverage.model import CITY_LEVEL, OUTSIDE_ZONE
from siting.ledger import Text
from siting.outputs.report.content import Block, Column, Paragraph, Table
from siting.outputs.report.figures import UNKNOWN, known, percent
from siting.outputs.report.material import Material, denominator_name, rows_of
from siting.standards import level_text, load_catalogue, unit_text
from siting.standards.model import Reading
from siting.themes.result import ThemeTable

MOST_ROWS = 12
MOST_COLUMNS, MOST_WORDS = 8, 3
"""Columns of a table, and how many of them may hold words; the grade of a figure comes beside them always."""
LONGEST_CELL = 60
"""A column whose cells are longer on the average does not fit a page."""
GRADE = "confidence"
SHARES = ("share", "completeness", "at_least", "at_most", "kept")
"""What the names of columns hold that are shares of one."""
ANSWERS = ("newly_served", "share_before", "share_after", "completeness_before", "completeness_after", "share_distance")
"""Columns that come before other figures where there is no room for all."""
INPUTS = ("limit", "room", "counted_from", "counted_by")
"""What the names of columns hold that went into a computation: they give way to what came out of it."""
IDS = {"class": "name", "rule": "name", "zone": "name", "tier": "tier", "measure": "measure", "park": "park_name"}
"""Columns of ids that are left out beside the column that says the same in words."""
LEVELS = ("level", "scope", "zone_level")
"""Columns that hold the id of a level of zones."""
_TITLES: Mapping[str, Text] = {
    "id": Text("编号", "id"),
    "name": Text("名称", "name"),
    "name_zh": Text("名称", "name"),
    "name_en": Text("名称", "name"),
    "park_name": Text("公园", "park"),
    "level": Text("级别", "level"),
    "zone": Text("分区", "zone"),
    "zone_name": Text("分区", "zone"),
    "rule": Text("规则", "rule"),
    "denominator": Text("分母", "share of"),
    "served": Text("覆盖量", "served"),
    "total": Text("总量", "all"),
    "share": Text("覆盖率", "share"),
    "target": Text("目标", "target"),
    "passes": Text("是否达标", "met"),
    "unit": Text("单位", "unit"),
    "order": Text("次序", "order"),
    "measure": Text("口径", "measure"),
    "radii": Text("半径", "radii"),
    "threshold": Text("限值", "limit"),
    "meets": Text("是否达到", "met"),
    "value": Text("数值", "value"),
    "gain_people": Text("新增人口（依次开设）", "people gained, in order"),
    "gain_alone_people": Text("新增人口（单独开设）", "people gained by it alone"),
    "green_m2": Text("绿地（平方米）", "green (m²)"),
    GRADE: Text("核实程度", "confidence"),
}
_VALUES: Mapping[str, Text] = {
    CITY_LEVEL: Text("全域", "whole area"),
    OUTSIDE_ZONE: Text("不在任何分区内", "in no zone"),
    "group": Text("人群", "group"),
    "required": Text("应配", "required"),
    "as_needed": Text("按需", "as needed"),
    "15min": Text("十五分钟", "15 min"),
    "10min": Text("十分钟", "10 min"),
    "5min": Text("五分钟", "5 min"),
    "block": Text("居住街坊", "residential block"),
    "both": Text("两者皆有", "both"),
    "green_only": Text("仅见绿", "green only"),
    "park_only": Text("仅见园", "park only"),
    "neither": Text("两者皆无", "neither"),
}


def theme_table(m: Material, table: ThemeTable) -> Iterator[Block]:
    """Give the table, what its shortened heads mean, and where the rest of it is."""
    every = rows_of(m.tables[table.name])
    names = _chosen(m, every, [str(c) for c in m.tables[table.name].columns])
    rows = every[:MOST_ROWS]
    full = {n: _title(table, n).get(m.lang) for n in names}
    own = m.say("_en", "_zh")
    others = [str(c) for c in m.tables[table.name].columns if not str(c).endswith(own)]
    short = _short(full, [_title(table, n).get(m.lang) for n in others])
    body = tuple(tuple(_cell(m, name, row) for name in names) for row in rows)
    columns = []
    for k, name in enumerate(names):
        right = any(known(r[name]) for r in rows)
        longest = max([len(short[name]) / 2, *(_width(row[k]) for row in body)], default=1)
        word = max(
            len(w) for text in (short[name], *(row[k] for row in body)) for w in re.split("[ \u2e80-\uffef]", text)
        )
        width = max(1.0, word / 6.5, min(2.6, longest / (7 if right else 9)))
        columns.append(Column(title=short[name], right=right, width=width))
    yield Table(key=f"theme-{table.name}", caption=table.title, columns=tuple(columns), rows=body)
    meant = [full[n] for n in names if short[n] != full[n]]
    said = [m.say(f"表头：{'；'.join(meant)}。", f"Heads: {'; '.join(meant)}.")] if meant else []
    hidden = len(every) - len(body)
    if hidden or len(names) < len(m.tables[table.name].columns):
        more = Text(f"另有 {hidden} 行；", f"{hidden} more rows; ") if hidden else Text("", "")
        file = f"tables/{table.name}.csv"
        said.append(m.say(f"{more.zh}全表见 {file}。", f"{more.en}the whole table is {file}."))
    if said:
        yield Paragraph(text=m.say("", " ").join(said), kind="note")


def _title(table: ThemeTable, name: str) -> Text:
    given = table.columns.get(name)
    bare = name.removesuffix("_zh").removesuffix("_en")
    if given is None:
        return _TITLES.get(name) or _TITLES.get(bare) or Text(name, name)
    if bare == name:
        return given
    zh, en = given.zh, given.en  # only one language is shown, so that its name says nothing
    for mark in ("（中文）", "（英文）"):
        zh = zh.replace(mark, "")
    for mark in (" (Chinese)", " (English)"):
        en = en.replace(mark, "")
    return Text(zh, en)


def _chosen(m: Material, rows: list[dict[str, Any]], names: list[str]) -> list[str]:
    """Choose the columns that a page has room for: words in the reader's language, figures, the grade."""
    own, other = m.say("_zh", "_en"), m.say("_en", "_zh")
    words: list[str] = []
    figures: list[str] = []
    for name in names:
        if name.endswith(GRADE) or (name.endswith(other) and name.removesuffix(other) + own in names):
            continue
        said = IDS.get(name)
        if name + own in names or (said is not None and {said + own, said, f"{name}_name"} & (set(names) - {name})):
            continue
        values = [r[name] for r in rows if r[name] is not None and r[name] != ""]
        if not values:
            continue
        texts = [v for v in values if isinstance(v, str)]
        if texts and sum(map(len, texts)) / len(texts) > LONGEST_CELL:
            continue
        (words if texts else figures).append(name)
    words = words[:MOST_WORDS] if figures else words[:MOST_COLUMNS]
    if "unit" in names and "unit" not in words and "value" in figures:
        words.append("unit")
    grades = [n for n in names if n == GRADE or n.endswith(f"_{GRADE}")][:2] if figures else []
    room = max(1, MOST_COLUMNS - len(words) - len(grades))
    kept = sorted(figures, key=lambda n: (n not in ANSWERS, any(part in n for part in INPUTS)))[:room]
    return [*words, *(n for n in figures if n in kept), *grades] or names[:1]


def _short(full: Mapping[str, str], every: Iterable[str]) -> dict[str, str]:
    """Cut heads at their first explanation, where no other column of the table would be called the same."""
    cut = {name: _head(title) for name, title in full.items()}
    heads = [_head(title) for title in every]
    return {name: head if heads.count(head) <= 1 else full[name] for name, head in cut.items()}


def _head(title: str) -> str:
    ends = [at for mark in ("：", ": ", "（", " (", "，", ", ") if (at := title.find(mark)) > 0]
    return title[: min(ends)] if ends else title


def _cell(m: Material, column: str, row: Mapping[str, Any]) -> str:
    value = row[column]
    if value is None or value == "":
        return UNKNOWN
    if isinstance(value, bool):
        return m.say("是", "yes") if value else m.say("否", "no")
    if column == "year" and known(value):
        return f"{value:.0f}"
    if known(value):
        of_one = (
            any(part in column for part in SHARES)
            or (column in ("value", "threshold") and str(row.get("unit") or "").startswith("share"))
            or column == "target"
        )
        if of_one and 0 <= value <= 1:
            return percent(value)
        whole = float(value).is_integer() or abs(value) >= 1000
        return f"{value:,.0f}" if whole else f"{value:,.3g}" if abs(value) < 1 else f"{value:,.1f}"
    layer = m.run.zones.get(str(row.get("level") or row.get("scope")))
    if column == "zone" and layer is not None and value in layer.index and "name" in layer.columns:
        return str(layer["name"].loc[value])
    return _words(m, column, str(value))


def _words(m: Material, column: str, text: str) -> str:
    if GRADE in column and text in set(Reading):
        return Reading(text).text.get(m.lang)
    if column == "rule" or column.endswith("_rule"):
        return _rule_names().get(text, Text(text, text)).get(m.lang)
    if column == "denominator":
        return denominator_name(text).get(m.lang)
    if column == "unit":
        return unit_text(text).get(m.lang)
    if column in LEVELS and text in m.run.zones:
        return level_text(text).get(m.lang)
    return _VALUES.get(text, Text(text, text)).get(m.lang)


@cache
def _rule_names() -> dict[str, Text]:
    return {rule.id: rule.name for rule in load_catalogue()}


def _width(text: str) -> float:
    """Width of a text in Latin letters: a Chinese character takes two."""
    return sum(2.0 if ord(c) > 0x2E7F else 1.0 for c in text) / 1.6
