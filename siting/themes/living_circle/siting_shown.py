"""A joint siting as layers, tables, figures and sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd

from siting.display import percent
from siting.ledger import Text
from siting.themes.living_circle.siting_result import ServiceSites
from siting.themes.living_circle.words import columns_of
from siting.themes.result import Class, ThemeLayer, ThemeResult, ThemeTable

_NOUN = {
    "people": Text("人", "people"),
    "units": Text("个单元", "units"),
    "points": Text("个需求点", "demand points"),
}
_STATES = (
    Class(value="had_all", name=Text("原已齐全", "had every class"), role="muted"),
    Class(value="now_all", name=Text("新增后齐全", "has every class now"), role="good"),
    Class(value="some_new", name=Text("改善，仍有缺项", "more now, some lacking"), role="fair"),
    Class(value="left", name=Text("未改善：地点未选中", "no better: place not chosen"), role="poor"),
    Class(value="no_plot", name=Text("未改善：无可用地点", "no better: no place in reach"), role="bad"),
)
_NAMED = 3
_KINDS = (
    Class(value="several", name=Text("合建：一址多能", "one building, several services"), role="site"),
    Class(value="one", name=Text("单项设施", "one service"), role="accent"),
)
_WORDS = {
    "order": Text("次序（先建者增益最大）", "order, greatest gain first"),
    "services": Text("设施类别编号", "classes of the table"),
    "services_zh": Text("合建设施", "services (Chinese)"),
    "services_en": Text("合建设施（英文）", "services"),
    "count": Text("设施类数", "number of services"),
    "gain": Text("新增服务人次（人×类）", "class-persons newly served"),
    "room_m2": Text("所需最小面积（平方米）", "least room needed (m²)"),
    "floor_m2": Text("可容面积（平方米）", "room there is (m²)"),
    "plot": Text("地块编号", "plot"),
    "street": Text("临街", "street"),
    "area_m2": Text("地块净面积（平方米）", "free ground (m²)"),
    "land_source": Text("用地来源", "source of the land"),
    "tests": Text("已检验的限制", "what was tested"),
    "nearest_conflict": Text("最近的限制要素", "nearest conflict"),
    "nearest_conflict_m": Text("至最近限制要素（米）", "distance to it (m)"),
    "street_m": Text("至街道距离（米）", "distance to a street (m)"),
    "allowed": Text("是否可用", "allowed"),
    "refusal": Text("不可用原因", "why not"),
    "kind": Text("合建或单项", "several services or one"),
    "limit_m": Text("服务距离（米）", "distance served (m)"),
    "limit_rule": Text("距离所依规则", "rule of the distance"),
    "limit_clause_zh": Text("距离条款", "clause of the distance (Chinese)"),
    "limit_clause_en": Text("距离条款（英文）", "clause of the distance"),
    "limit_confidence": Text("距离的可信度", "confidence of the distance"),
    "room_of": Text(
        "面积口径：floor 建筑面积，land 用地面积，given 研究给定，none 表中没有",
        "kind of room: floor area, land, given by the study, none in the table",
    ),
    "room_confidence": Text("面积的可信度", "confidence of the area"),
    "buildings": Text("设于几栋", "buildings that house it"),
    "total": Text("总量", "all"),
    "served_before": Text("现状可达", "have it today"),
    "served_after": Text("方案后可达", "have it with the plan"),
    "newly_served": Text("新增可达", "newly served"),
    "left": Text("方案后仍缺", "still without"),
    "left_no_plot": Text("其中：距离内没有候选地点", "of these: no place in reach"),
    "left_no_room": Text("其中：有地点，面积都不够", "of these: places in reach, none with room"),
    "left_not_chosen": Text("其中：有可用地点，未选中", "of these: places with room in reach, not chosen"),
    "share_before": Text("现状可达比例", "share with it today"),
    "share_after": Text("方案后可达比例", "share with it, with the plan"),
    "completeness_before": Text("现状完备率（仅本组设施）", "completeness today, of this bundle only"),
    "completeness_after": Text("方案后完备率（仅本组设施）", "completeness with the plan, of this bundle only"),
    "all_before": Text("现状各类齐全的人口", "people with every class today"),
    "all_after": Text("方案后各类齐全的人口", "people with every class, with the plan"),
    "missing_zh": Text("方案后仍缺", "still lacking (Chinese)"),
    "missing_en": Text("方案后仍缺（英文）", "still lacking"),
    "classes_before": Text("现状可达类数", "classes in reach today"),
    "classes_after": Text("方案后可达类数", "classes in reach with the plan"),
    "state": Text("状态", "state"),
    "level": Text("分区级别", "level of zones"),
}


def themed(found: ServiceSites, suffix: str = "") -> ThemeResult:
    """Write down what was found for the outputs."""
    tail = f"_{suffix}" if suffix else ""
    note = Text(f"{_how(found).zh}；{found.proof.zh}", f"{_how(found).en}; {found.proof.en}")
    kind = ["several" if n > 1 else "one" for n in found.buildings["count"]]
    sites = gpd.GeoDataFrame(found.buildings.assign(kind=kind))
    return ThemeResult(
        theme=f"services{tail}",
        title=found.title,
        layers=(
            ThemeLayer(
                name=f"services_sites{tail}",
                title=Text(f"{found.title.zh}：建筑与设施", f"{found.title.en}: buildings"),
                frame=sites,
                columns=_columns(sites.columns),
                show="kind",
                classes=_KINDS,
                label="order",
                note=note,
            ),
            ThemeLayer(
                name=f"services_served{tail}",
                title=Text(f"{found.title.zh}：各住处改善情况", f"{found.title.en}: who is better off"),
                frame=found.points,
                columns=_columns(found.points.columns),
                show="state",
                classes=_STATES,
                note=note,
            ),
        ),
        tables=tuple(
            ThemeTable(
                name=f"services_{name}{tail}", title=title, frame=frame, columns=_columns(frame.columns), note=of
            )
            for name, title, frame, of in (
                ("buildings", Text("建筑与合建设施", "Buildings and their services"), _plain(sites), found.proof),
                (
                    "classes",
                    Text("各类设施：现状与方案", "Classes today and with the plan"),
                    found.by_service,
                    _how(found),
                ),
                ("zones", Text("各分区完备率：现状与方案", "Completeness by zone"), found.by_zone, None),
            )
        ),
        figures=figures_of(found),
        headlines=headlines_of(found),
        findings=found.findings,
        missing=found.left_out,
    )


def figures_of(found: ServiceSites) -> dict[str, Any]:
    """Headline numbers by name."""
    before, after = found.completeness
    result = found.result
    return {
        "buildings": len(found.buildings),
        "classes": [n.key for n in found.needs],
        "sites": [str(i) for i in found.buildings.index],
        "status": result.status,
        "objective": result.objective,
        "bound": result.bound,
        "gap": result.gap,
        "completeness_before": before,
        "completeness_after": after,
        "newly_served": {r["class"]: r["newly_served"] for r in found.by_service.to_dict("records")},
        "left_no_plot": {r["class"]: r["left_no_plot"] for r in found.by_service.to_dict("records")},
        "measure": found.measure,
    }


def headlines_of(found: ServiceSites) -> tuple[Text, ...]:
    """Say in sentences what the plan does, for whom it does nothing, and what is proved."""
    before, after = found.completeness
    n, noun = len(found.buildings), _NOUN[found.unit]
    rows = found.by_service.to_dict("records")
    won = sorted((r for r in rows if r["newly_served"] > 0), key=lambda r: -r["newly_served"])
    zh = "，".join(f"{r['name_zh']}新增 {r['newly_served']:,.0f} {noun.zh}" for r in won[:_NAMED]) or "没有新增"
    en = ", ".join(f"{r['name_en']} {r['newly_served']:,.0f} more {noun.en}" for r in won[:_NAMED]) or "nobody gains"
    if len(won) > _NAMED:
        zh, en = f"{zh}，等 {len(won)} 类", f"{en}, and {len(won) - _NAMED} more classes"
    one = len(found.needs) == 1
    share = f"{found.needs[0].name.zh}可达率" if one else f"{len(found.needs)} 类设施完备率"
    what = f"access to {found.needs[0].name.en}" if one else f"completeness of {len(found.needs)} classes"
    lines = [
        Text(
            f"新建 {n} 栋，{share}由 {percent(before)} 升至 {percent(after)}：{zh}",
            f"{n} buildings raise {what} from {percent(before)} to {percent(after)}: {en}",
        )
    ]
    left = [r for r in rows if r["left"] > 0]
    if left:
        most = max(left, key=lambda r: r["left"])
        lines.append(
            Text(
                f"仍缺最多的是{most['name_zh']}：{most['left']:,.0f} {noun.zh}，其中 {most['left_no_plot']:,.0f} "
                f"距离内没有候选地点，{most['left_no_room']:,.0f} 有地点但面积不够",
                f"most lack {most['name_en']}: {most['left']:,.0f} {noun.en}, {most['left_no_plot']:,.0f} of them "
                f"without a place in reach, {most['left_no_room']:,.0f} with places that have no room for it",
            )
        )
    return (*lines, found.proof)


def _how(found: ServiceSites) -> Text:
    limits = sorted({n.limit_m for n in found.needs})
    metres = "、".join(f"{m:g}" for m in limits), ", ".join(f"{m:g}" for m in limits)
    way = Text("步行", "on foot") if found.measure == "network" else Text("直线", "in a straight line")
    return Text(f"{way.zh} {metres[0]} 米内为可达", f"served within {metres[1]} m {way.en}")


def _columns(columns: Iterable[object]) -> Mapping[str, Text]:
    names = [str(c) for c in columns]
    return {**columns_of(names), **{c: _WORDS[c] for c in names if c in _WORDS}}


def _plain(sites: gpd.GeoDataFrame) -> Any:
    return sites.drop(columns=sites.geometry.name).rename_axis("id").reset_index()
