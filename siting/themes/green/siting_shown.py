"""New parks in the words of planners: the land that was looked at, what was chosen, and what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.display import percent
from siting.ledger import Text
from siting.standards import load_catalogue
from siting.themes.green.park_tests import COLUMNS, WEIGHTS
from siting.themes.proved import proved
from siting.themes.result import Scale, ThemeLayer, ThemeResult, ThemeTable

if TYPE_CHECKING:
    from siting.themes.green.siting_parks import GreenPlan

TITLE = Text("新增公园选址", "Siting new parks")
_MEASURES = {
    "people_network": Text("步行网络内人口", "people on foot"),
    "people_straight": Text("直线距离内人口", "people in a straight line"),
}


def themed(green: GreenPlan) -> ThemeResult:
    """Put land, sites and measures into the shape that all writers read."""
    weights = ", ".join(f"{name} {weight:g}" for name, weight in WEIGHTS.items())
    measures = green.measures.assign(
        measure_zh=[_measure(str(m)).zh for m in green.measures["measure"]],
        measure_en=[_measure(str(m)).en for m in green.measures["measure"]],
    )
    result = green.result
    layers = [
        ThemeLayer(
            name="green_land",
            title=Text("口袋公园候选用地", "Candidate land for pocket parks"),
            frame=green.candidates,
            columns=COLUMNS,
            show="score",
            scale=Scale(unit=Text("分", "points"), ramp="more_is_better"),
            note=Text(
                f"得分为各项加权平均（{weights}），权重为本工具设定；权属与规划控制线未检验",
                f"the score is a weighted mean ({weights}) with weights of this toolkit; ownership and planning lines "
                "are not tested",
            ),
        )
    ]
    if len(green.sites):
        layers.append(
            ThemeLayer(
                name="green_sites",
                title=green.plan.title,
                frame=green.sites.assign(label=[str(k) for k in green.sites["order"]]),
                columns={
                    **COLUMNS,
                    "order": Text("次序", "order"),
                    "gain": Text(f"依次新增（{green.plan.unit.zh}）", f"newly served, in order ({green.plan.unit.en})"),
                },
                label="label",
                note=proof(green),
            )
        )
    return ThemeResult(
        theme="green_sites",
        title=TITLE,
        layers=tuple(layers),
        tables=(
            ThemeTable(
                name="green_sites_measures",
                title=Text("所选方案按各口径的效果", "What the chosen sites do, by each measure"),
                frame=measures,
                note=Text("无论按何口径优化，均列出全部口径", "all measures are listed, whichever was optimised"),
            ),
            ThemeTable(
                name="green_sites_zones",
                title=Text("新增公园在各分区的分配", "New parks by zone, beside the people unserved"),
                frame=green.zones,
                columns={
                    "people": Text("人口", "people"),
                    "unserved_before": Text("现状未服务人口（步行）", "unserved today (on foot)"),
                    "unserved_after": Text("实施后未服务人口", "unserved with the new parks"),
                    "parks": Text("新增公园数", "new parks"),
                    "park_m2": Text("新增公园面积（平方米）", "area of new parks (m²)"),
                },
            ),
        ),
        figures={
            "sites": [str(site) for site in green.sites.index],
            "area_m2": round(float(green.sites["area_m2"].sum()), 1),
            "status": result.status,
            "objective": result.objective,
            "bound": result.bound,
            "gap": result.gap,
            "measures": green.measures.to_dict("records"),
        },
        headlines=(proof(green), *_lines(green)),
        missing=(),
    )


def proof(green: GreenPlan) -> Text:
    """Sites, hectares and how good they are proved to be."""
    area, result = green.sites["area_m2"].sum() / 10_000, green.result
    how = proved(result)
    count = len(green.sites)
    return Text(f"{count} 处新公园，共 {area:.2f} 公顷；{how.zh}", f"{count} new parks, {area:.2f} ha; {how.en}")


def _measure(name: str) -> Text:
    if name in _MEASURES:
        return _MEASURES[name]
    catalogue = load_catalogue()
    rule = catalogue[name].name if name in catalogue else Text(name, name)
    return Text(f"官方口径：{rule.zh}", f"official: {rule.en}")


def _lines(green: GreenPlan) -> list[Text]:
    rows = green.measures.to_dict("records")
    return [
        Text(
            f"{_measure(str(r['measure'])).zh}：{percent(r['share_before'])} → {percent(r['share_after'])}",
            f"{_measure(str(r['measure'])).en}: {percent(r['share_before'])} -> {percent(r['share_after'])}",
        )
        for r in rows
        if r["share_before"] is not None
    ]
