"""New collection points in the words of planners."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from siting.display import percent, whole
from siting.ledger import Text
from siting.standards import DISTANCES
from siting.themes.proved import proved
from siting.themes.result import Class, ThemeLayer, ThemeResult, ThemeTable
from siting.themes.waste.points.part import cited
from siting.themes.waste.points.siting_points import HAD, NO_PLACE, NOT_CHOSEN, NOW

if TYPE_CHECKING:
    from siting.themes.waste.points.siting_points import WastePointPlan

THEME = "waste_points_sites"
TITLE = Text("收集点选址", "Siting collection points")
STATES = (
    Class(value=HAD, name=Text("原在半径内", "within the radius today"), role="muted"),
    Class(value=NOW, name=Text("新增后在半径内", "within it with the plan"), role="good"),
    Class(value=NOT_CHOSEN, name=Text("有候选点，未选中", "place in reach, not chosen"), role="poor"),
    Class(value=NO_PLACE, name=Text("半径内没有候选点", "no place in reach"), role="bad"),
)
KINDS = (
    Class(value="estate", name=Text("封闭小区自有", "a closed estate's own"), role="accent", mark="square"),
    Class(value="other", name=Text("其他新增", "other new point"), role="site", mark="star"),
)
ALLOWED = (
    Class(value=True, name=Text("可作候选", "may have a point"), role="accent"),
    Class(value=False, name=Text("不作候选", "may not"), role="muted"),
)
ESTATES = (
    Class(value="has", name=Text("有收集点", "has a point"), role="good"),
    Class(value="none", name=Text("方案后仍无", "none, with the plan too"), role="bad"),
)
UNITS = {
    "people": Text("人", "people"),
    "units": Text("个单元", "units"),
    "points": Text("个需求点", "demand points"),
}
COLUMNS = {
    "id": Text("编号", "id"),
    "order": Text("次序（增益大者先建）", "order, greatest gain first"),
    "gain": Text("新增覆盖", "newly served"),
    "estate": Text("所属封闭小区", "estate whose own it is"),
    "own": Text("用途", "for whom"),
    "kind": Text("地点类型（代码）", "kind of place (code)"),
    "kind_zh": Text("地点类型", "kind of place, Chinese"),
    "kind_en": Text("地点类型（英文）", "kind of place"),
    "area_m2": Text("可用面积（平方米）", "free area (m²)"),
    "plot": Text("地块编号", "plot"),
    "street": Text("临近道路", "street"),
    "street_m": Text("至街道距离（米）", "distance to a street (m)"),
    "land_source": Text("用地来源", "land source"),
    "tests": Text("检验内容", "what was tested"),
    "nearest_conflict": Text("最近冲突对象", "nearest conflict"),
    "nearest_conflict_m": Text("至最近冲突对象（米）", "to the nearest conflict (m)"),
    "allowed": Text("可作候选", "may have a point"),
    "refusal": Text("不作候选的原因", "why not"),
    "weight": Text("人口（单元）", "people (units)"),
    "state": Text("状态", "state"),
    "level": Text("分区级别", "level of zones"),
    "zone": Text("分区", "zone"),
    "name": Text("名称", "name"),
    "total": Text("总量", "all"),
    "served_before": Text("现状半径内", "within today"),
    "served_after": Text("实施后半径内", "within, with the plan"),
    "share_before": Text("现状覆盖率", "share today"),
    "share_after": Text("实施后覆盖率", "share with the plan"),
    "no_place": Text("半径内没有候选点", "no place in reach"),
    "new_points": Text("新增收集点", "new points"),
    "people": Text("人口", "people"),
    "points": Text("现有收集点", "points today"),
    "after": Text("实施后收集点", "points with the plan"),
    "state_after": Text("实施后状态", "state with the plan"),
}
_HIDDEN = ["nearest", "nearest_m", "state"]


def themed(plan: WastePointPlan) -> ThemeResult:
    """Put sites, homes and estates into the shape that all writers read."""
    note = _note(plan)
    layers = [
        ThemeLayer(
            name="waste_points_plan_homes",
            title=Text("新增收集点后的覆盖", "Coverage with the new collection points"),
            frame=plan.demand,
            columns=COLUMNS,
            show="state",
            classes=STATES,
            note=note,
        )
    ]
    sites = gpd.GeoDataFrame(plan.sites.assign(own=["other" if pd.isna(e) else "estate" for e in plan.sites["estate"]]))
    if len(sites):
        new = ThemeLayer(
            name="waste_points_sites",
            title=TITLE,
            frame=sites,
            columns=COLUMNS,
            show="own",
            classes=KINDS,
            label="order",
            note=note,
        )
        layers = [replace(layers[0], over=(new,)), new]
    layers.append(
        ThemeLayer(
            name="waste_points_places",
            title=Text("收集点候选地点", "Places for collection points"),
            frame=plan.candidates,
            columns=COLUMNS,
            show="allowed",
            classes=ALLOWED,
            own_map=False,
            note=note,
        )
    )
    tables = [
        _table("sites", Text("新增收集点清单", "List of new collection points"), _plain(sites), note),
        _table("sites_zones", Text("各分区覆盖：现状与实施后", "Coverage by zone, before and after"), plan.zones, note),
        _table("places", Text("候选地点与检验结果", "Places and their tests"), _plain(plan.candidates), note),
    ]
    if plan.estates is not None:
        estates = gpd.GeoDataFrame(plan.estates.drop(columns=_HIDDEN))
        layers.append(
            ThemeLayer(
                name="waste_points_plan_estates",
                title=Text("封闭小区收集点：实施后", "Closed estates with the plan"),
                frame=estates,
                columns=COLUMNS,
                show="state_after",
                classes=ESTATES,
                own_map=False,
                label="name",
            )
        )
        tables.append(_table("plan_estates", Text("封闭小区收集点：实施前后", "Closed estates"), _plain(estates), None))
    return ThemeResult(
        theme=THEME,
        title=TITLE,
        layers=tuple(layers),
        tables=tuple(tables),
        figures=figures_of(plan),
        headlines=tuple(_lines(plan)),
    )


def _table(name: str, title: Text, frame: pd.DataFrame, note: Text | None) -> ThemeTable:
    return ThemeTable(name=f"waste_points_{name}", title=title, frame=frame, columns=COLUMNS, note=note)


def _plain(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    return pd.DataFrame(frame.drop(columns=frame.geometry.name)).rename_axis("id").reset_index()


def figures_of(plan: WastePointPlan) -> dict[str, object]:
    """Headline numbers by name; None where unknown."""
    city, result = plan.zones.iloc[0], plan.result
    return {
        "sites": [str(i) for i in plan.sites.index],
        "existing": plan.existing,
        "model": result.model,
        "status": result.status,
        "objective": result.objective,
        "bound": result.bound,
        "gap": result.gap,
        "rule": plan.rule.id,
        "limit_m": plan.limit_m,
        "distance": plan.distance,
        "unit": plan.unit,
        "total": float(city["total"]),
        "served_before": float(city["served_before"]),
        "served_after": float(city["served_after"]),
        "no_place": float(city["no_place"]),
        "estates_without_before": None if plan.estates is None else int((plan.estates["points"] == 0).sum()),
        "estates_without_after": None if plan.estates is None else int((plan.estates["after"] == 0).sum()),
        "estates_without_place": list(plan.impossible),
    }


def _note(plan: WastePointPlan) -> Text:
    kind = DISTANCES[plan.distance]
    notes = plan.notes
    if plan.estates is not None:
        own = Text("封闭小区内的候选点只服务本小区", "a place inside a closed estate serves that estate only")
        notes = (own, *notes)
    more_zh = "".join(f"；{n.zh}" for n in notes)
    more_en = "".join(f"; {n.en}" for n in notes)
    return Text(
        f"{cited(plan.rule).zh}，{plan.limit_m:g} 米，{kind.zh}；现有收集点保留；消防通道、盲道与权属未检验{more_zh}",
        f"{cited(plan.rule).en}, {plan.limit_m:g} m, {kind.en}; existing points stay; fire lanes, tactile paving and "
        f"ownership not tested{more_en}",
    )


def _lines(plan: WastePointPlan) -> list[Text]:
    city, unit, count = plan.zones.iloc[0], UNITS[plan.unit], len(plan.sites)
    how = proved(plan.result)
    if plan.result.status != "optimal" and plan.p is None:
        least = whole(plan.result.bound)
        how = Text(f"至少需 {least} 处", f"at least {least} are needed")
    aim = Text("以最少收集点覆盖全部可达者", "the fewest that serve all whom a place can reach")
    if plan.p is not None:
        aim = Text(f"至多 {plan.p} 处，覆盖最多", f"at most {plan.p}, for as many as possible")
    before, after = percent(float(city["share_before"])), percent(float(city["share_after"]))
    total = f"{whole(city['served_after'])} / {whole(city['total'])}"
    lines = [
        Text(
            f"新增收集点 {count} 处（{aim.zh}；{how.zh}），{plan.limit_m:g} 米内覆盖 "
            f"{before} → {after}（{total} {unit.zh}）",
            f"{count} new collection points ({aim.en}; {how.en}): within {plan.limit_m:g} m {before} -> {after} "
            f"({total} {unit.en})",
        )
    ]
    if plan.estates is not None:
        had, have = ((plan.estates[c] == 0).sum() for c in ("points", "after"))
        lines.append(
            Text(
                f"没有收集点的封闭小区 {had} → {have} 个", f"closed estates without a collection point: {had} -> {have}"
            )
        )
    if plan.impossible:
        first = plan.impossible[:5]
        lines.append(
            Text(
                f"{len(plan.impossible)} 个封闭小区内及边界没有可用地点：{'、'.join(first)}",
                f"{len(plan.impossible)} closed estates have no place on their ground: {', '.join(first)}",
            )
        )
    if city["no_place"]:
        lines.append(
            Text(
                f"{whole(city['no_place'])} {unit.zh}的半径内没有任何候选点",
                f"{whole(city['no_place'])} {unit.en} have no place within the radius",
            )
        )
    return lines
