"""What every column of `results.gpkg` means, in both languages: for QGIS, page and book of columns."""

from collections.abc import Mapping

import pandas as pd

from siting.ledger import Text
from siting.locate.plans.effect import tells_served
from siting.outputs.columns import safe_name
from siting.outputs.contract import RunLike
from siting.outputs.layers import judged
from siting.outputs.theme_files import theme_layers
from siting.outputs.views.column_words import COLUMN_WORDS
from siting.standards import level_text

COMMON: Mapping[str, Text] = {
    **COLUMN_WORDS,
    "id": Text("编号", "id"),
    "demand": Text("需求点编号", "id of the demand point"),
    "capacity": Text("容量", "capacity"),
    "site": Text("新选点编号", "id of the new site"),
    "straight_m": Text("直线距离（米；沿路更长）", "straight distance (m); longer along the streets"),
    "newly": Text("是否新增覆盖", "whether nothing serves it today"),
    "name": Text("名称", "name"),
    "name_zh": Text("中文名称", "name (Chinese)"),
    "name_en": Text("英文名称", "name (English)"),
    "people": Text("人口（人）", "people"),
    "units": Text("栋/宗（个）", "units"),
    "points": Text("需求点（个）", "demand points"),
    "area_m2": Text("面积（平方米）", "area (m2)"),
    "class": Text("设施类别", "class"),
    "rule": Text("规则", "rule"),
    "plan": Text("选址方案", "plan"),
    "confidence": Text("数值核实程度", "how well the figure was read"),
}


def _group(column: str) -> Text:
    name = column.removeprefix("group_")
    return Text(f"人群：{name}（人）", f"people of the group: {name}")


def column_texts(run: RunLike, layers: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, Text]]:
    """Return by table and column what a column means; a column that nobody explained keeps its own name.

    Parameters
    ----------
    layers : the tables of `results.gpkg`
    """
    themes = theme_layers(run.themes)
    of_rules: dict[str, Text] = {}
    for audit in judged(run.audits):
        name, safe = audit.rule.name, safe_name(audit.name)
        unit = Text("米", "m") if audit.unit == "m" else Text("分钟", "min")
        of_rules |= {
            f"served_{safe}": Text(f"{name.zh}：是否覆盖", f"{name.en}: served"),
            f"cost_{safe}": Text(f"{name.zh}：最近设施（{unit.zh}）", f"{name.en}: nearest facility ({unit.en})"),
            f"facility_{safe}": Text(f"{name.zh}：最近设施编号", f"{name.en}: id of the nearest facility"),
            f"unit_{safe}": Text(f"{name.zh}：计量单位", f"{name.en}: unit of the cost"),
            f"total_{safe}": Text(f"{name.zh}：总量", f"{name.en}: total"),
            f"share_{safe}": Text(f"{name.zh}：覆盖率", f"{name.en}: share served"),
        }
    for level in run.zones:
        for column in (f"zone_{level}", f"zone_{safe_name(level)}"):
            of_rules[column] = Text(f"所属分区编号（{level_text(level).zh}）", f"id of the zone ({level})")
    for plan in run.plans.values():
        what = Text("实施前后", "before and after") if tells_served(plan) else Text("去向", "where one goes")
        of_rules[f"plan_{safe_name(plan.name)}"] = Text(f"{plan.title.zh}：{what.zh}", f"{plan.title.en}: {what.en}")
    found = {}
    for table, frame in layers.items():
        own = dict(themes[table].columns) if table in themes else {}
        known = {**COMMON, **of_rules, **own}
        names = [str(c) for c in frame.columns if c != "geometry"]
        known |= {c: _group(c) for c in names if c.startswith("group_") and c not in known}
        found[table] = {c: known.get(c, Text(c, c)) for c in names}
    return found
