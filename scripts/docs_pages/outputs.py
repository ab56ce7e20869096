"""The reference of the outputs: every layer of results.gpkg and every table, with its columns, from a whole run.

The run is that of the synthetic district, which has all themes. Columns that a layer brought along are left out.
"""

from collections.abc import Iterable, Mapping
from functools import cache

import siting
from docs_pages.table import cell, code, table
from siting.ledger import Lang, Text
from siting.outputs.layers import LAYER_TEXT, result_layers
from siting.outputs.tables import result_tables
from siting.outputs.theme_files import theme_layers
from siting.outputs.views import column_texts
from siting.outputs.views.columns import COMMON

PATTERNS: Mapping[str, Text] = {
    "served_<rule>": Text("是否覆盖", "served or not"),
    "cost_<rule>": Text("到最近设施（米，或分钟）", "nearest facility (m, or min)"),
    "facility_<rule>": Text("最近设施的编号", "id of the nearest facility"),
    "unit_<rule>": Text("以分钟计的规则写 min", "says min where a rule is in minutes"),
    "total_<rule>": Text("总量", "total"),
    "share_<rule>": Text("覆盖率", "share served"),
    "zone_<level>": Text("所在分区", "zone that it lies in"),
    "group_<name>": Text("该人群的人数", "people of the group"),
}
"""Columns whose name depends on the study; ``<rule>`` is the id with ``_`` in place of ``.``."""
TABLES: Mapping[str, Text] = {
    "indicators": Text(
        "全部指标：规则 × 分区 × 分母 × 距离口径", "every figure: rule x zone x denominator x kind of distance"
    ),
    "rules": Text(
        "每条规则一行：限值、结果、条款、核实程度", "one row a rule: limit, headline, clause, how well it was read"
    ),
    "gaps": Text("盲区，人多的在前", "gaps, most people first"),
    "sites": Text("新选点，依次序", "chosen sites, in their order"),
    "facilities": Text("每类设施的数量", "how many places of each class"),
    "plans": Text("每个方案一行，含证明", "one row a plan, with its proof"),
    "unsnapped": Text("离街道太远的点", "what lies too far from any street"),
    "columns": Text("专题各表各列的含义", "what the columns of themes mean"),
    "suitability_factors": Text("适宜性因子", "factors of suitability"),
    "suitability_reasons": Text("格网不评分的原因", "why cells have no score"),
}
FROM_INPUT = ("demand", "facilities", "facility_areas", "zones_", "base_")
"""Layers that carry columns of the study's own layers along; these keep their names and are not explained."""
Entry = tuple[str, Text, dict[str, Text]]


@cache
def described() -> tuple[list[Entry], list[Entry]]:
    """Return the layers and the tables of a whole run: name, title, and what each column means."""
    run = siting.run(siting.Study.from_toml(siting.sample_study("demo-district")))
    layers, _ = result_layers(run)
    texts = column_texts(run, layers)
    titles = dict(LAYER_TEXT) | {name: layer.title for name, layer in theme_layers(run.themes).items()}
    titles |= {
        f"zones_{level}": Text(f"分区（{level}）：各规则的覆盖率", f"zones ({level}): share by rule")
        for level in run.zones
    }
    rules = [audit.column for audit in run.audits.values()]
    of_layers = [
        (name, titles.get(name, Text(name, name)), _named(name, columns, rules)) for name, columns in texts.items()
    ]
    of_tables = []
    themed = {t.name: t for theme in run.themes.values() for t in theme.tables}
    for name, frame in result_tables(run, layers).items():
        own = texts.get(name, {}) | dict(themed[name].columns if name in themed else {})
        title = themed[name].title if name in themed else TABLES.get(name, Text(name, name))
        meant = {str(c): own.get(str(c), COMMON.get(str(c), Text(str(c), str(c)))) for c in frame.columns}
        of_tables.append((name, title, _named(name, meant, rules)))
    return of_layers, of_tables


def unexplained() -> dict[str, list[str]]:
    """Return by layer or table the columns of this package that nobody explained."""
    layers, tables = described()
    found = {name: [c for c, text in columns.items() if text.zh == c] for name, _, columns in (*layers, *tables)}
    return {name: columns for name, columns in found.items() if columns}


INTRO: Mapping[Lang, str] = {
    "en": """# Outputs

A run leaves one folder, whole or not at all; an earlier one is replaced only with `--overwrite`. Below is what the
synthetic district leaves (`siting run data/demo-district/study.toml`), which has every theme.

- `results.gpkg`: the layers below, in the study's CRS, GeoPackage 1.3.
- `tables/*.csv`: the tables below, UTF-8 with BOM, so that Excel opens them. `columns.csv` explains columns.
- `summary.json`: every headline figure for programs; what is not known is `null`, what is not reached is counted.
- `evidence.json`: inputs with checksums, rows used, repaired and dropped (and why), parameters, versions, seeds.
- `project.qgz`: opens `results.gpkg` styled in QGIS 3.22 or later; keep both files in one folder.
- `map.html`: the map as one page that needs no network.
- `report.html`, `report.docx`: the findings as an annex to a plan.
- `maps/`: a page a rule, a plan and a layer of a theme, both languages.
- Metres are along the streets or in a straight line, as `distance` says; areas are in square metres or hectares.
- An empty cell is "not known" or "no path", never 0; `unreachable` counts what has no path.
- Columns that your own layers bring along keep their names and are not listed here.
""",
    "zh": """# 成果文件

每次运行写出一个文件夹，要么完整出现，要么不出现；已有的只有加 `--overwrite` 才会被替换。以下是合成示范区
（`siting run data/demo-district/study.toml`）的成果，它包含全部专题。

- `results.gpkg`：下列图层，坐标系为研究所用，GeoPackage 1.3。
- `tables/*.csv`：下列各表，UTF-8 带 BOM，Excel 直接打开；`columns.csv` 解释各列。
- `summary.json`：主要数字，供程序读取；不知道的为 `null`，到不了的计数。
- `evidence.json`：输入及校验和，用了、修了、弃了多少行（及原因），参数、版本、随机种子。
- `project.qgz`：在 QGIS 3.22 及以上版本打开 `results.gpkg`，样式已配好；两个文件放在同一文件夹。
- `map.html`：一个文件的网页地图，不需要网络。
- `report.html`、`report.docx`：报告，可作规划附件。
- `maps/`：每条规则、每个方案、专题的每个图层一页，双语。
- 距离沿街道还是直线，见 `distance` 列；面积以平方米或公顷计。
- 空格表示“不知道”或“无路可达”，从不写 0；`unreachable` 列出无路可达的数量。
- 自己的图层带来的列保持原名，不在此列出。
""",
}
HEADS: Mapping[Lang, tuple[str, str, str, str]] = {
    "en": ("Layers of results.gpkg", "Tables", "column", "meaning"),
    "zh": ("results.gpkg 的图层", "表", "列", "含义"),
}


def page(lang: Lang) -> str:
    """Return the reference in one language."""
    layers_head, tables_head, column, meaning = HEADS[lang]
    parts = [INTRO[lang]]
    for heading, entries in zip((layers_head, tables_head), described(), strict=True):
        parts.append(f"## {heading}\n")
        for name, title, columns in entries:
            kind = "table" if heading == tables_head else "layer"
            parts.append(f"### `{name}` {{ #{kind}-{name} }}\n\n{title.get(lang)}\n")
            parts.append(table((column, meaning), [[code(c), cell(t.get(lang))] for c, t in columns.items()]))
    return "\n".join(parts)


def _named(table_name: str, columns: Mapping[str, Text], rules: Iterable[str]) -> dict[str, Text]:
    """Put one pattern in place of the columns of all rules, and leave out what an input layer brought along."""
    found: dict[str, Text] = {}
    for name, text in columns.items():
        pattern = _pattern(name, rules)
        if pattern is not None:
            found[pattern] = PATTERNS[pattern]
        elif text.zh != name or not table_name.startswith(FROM_INPUT):
            found[name] = text
    return found


def _pattern(name: str, rules: Iterable[str]) -> str | None:
    for pattern in PATTERNS:
        prefix, _, what = pattern.partition("<")
        if name.startswith(prefix):
            if what == "rule>" and name.removeprefix(prefix) in rules:
                return pattern
            if what != "rule>" and name not in COMMON:
                return pattern
    return None
