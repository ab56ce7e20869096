"""The audit of stations in the words of planners: layers, tables, figures and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.display import percent
from siting.ledger import Text
from siting.standards.model import Reading
from siting.themes.result import Class, ThemeLayer, ThemeResult, ThemeTable
from siting.themes.spelled import spelled, spelled_titles
from siting.themes.waste.ground.figures import OWN, OWN_TEXT, metres
from siting.themes.waste.stations.estates import HAS, LACKS, SMALL, UNKNOWN
from siting.themes.waste.stations.reach import CLASSES, MODES, StationReach
from siting.themes.waste.stations.sizing import SEASON

if TYPE_CHECKING:
    from siting.themes.waste.stations.audit import StationAudit

TITLE = Text("垃圾收集站与转运站", "Waste collection and transfer stations")
NEAR, ROAD_FAR, FAR, CUT = "near", "road_far", "far", "unreachable"
STATES = (
    Class(value=NEAR, name=Text("以内", "within it"), role="good"),
    Class(value=ROAD_FAR, name=Text("仅直线以内", "straight line only"), role="fair"),
    Class(value=FAR, name=Text("超出", "beyond it"), role="bad"),
    Class(value=CUT, name=Text("不可达", "no way"), role="none"),
)
ESTATE_STATES = (
    Class(value=HAS, name=Text("达到设站规模，已有", "large enough for a station, has one"), role="good"),
    Class(value=LACKS, name=Text("达到设站规模，没有", "large enough for a station, has none"), role="bad"),
    Class(value=SMALL, name=Text("未达设站规模", "below the thresholds"), role="muted"),
    Class(value=UNKNOWN, name=Text("数据缺失，未评判", "not known, not judged"), role="none"),
)
KINDS = tuple(
    Class(value=facility, name=name, role=role, mark=mark)  # type: ignore[arg-type]
    for (facility, name), (role, mark) in zip(CLASSES.items(), (("accent", "dot"), ("existing", "square")), strict=True)
)
REACH = {
    "facility": Text("设施（代码）", "facility (code)"),
    "mode": Text("收运方式（代码）", "way of collecting (code)"),
    "limit_m": Text("距离（米）", "distance (m)"),
    "rule": Text("规则编号", "rule id"),
    "clause_zh": Text("条文", "clause, Chinese"),
    "clause_en": Text("条文（英文）", "clause"),
    "confidence": Text("可信度（own 为研究自定）", "how the figure was read (own: the study's)"),
    "own": Text("研究自定", "the study's own"),
    "note": Text("条文备注", "note on the clause"),
    "stations": Text("设施数量", "stations"),
    "sources": Text("产生源", "sources"),
    "amount": Text("产生量（吨/日，无产生量时为人口）", "amount (t/d; people where tonnes are not known)"),
    "beyond_sources": Text("沿路超出的产生源", "sources beyond it on streets"),
    "beyond_amount": Text("沿路超出的产生量", "amount beyond it on streets"),
    "beyond_share": Text("沿路超出的占比", "share beyond it on streets"),
    "straight_sources": Text("直线超出的产生源", "sources beyond it in a straight line"),
    "straight_amount": Text("直线超出的产生量", "amount beyond it in a straight line"),
    "straight_share": Text("直线超出的占比", "share beyond it in a straight line"),
    "unreachable_sources": Text("沿路不能到达的产生源", "sources that streets do not reach"),
}
ZONES = {
    "level": Text("分区层级", "level"),
    "zone": Text("分区", "zone"),
    **spelled_titles(to=Text("去往（收运方式）", "to (way of collecting)")),
    **{
        c: REACH[c]
        for c in (
            "facility",
            "mode",
            "limit_m",
            "confidence",
            "sources",
            "amount",
            "beyond_amount",
            "beyond_share",
            "straight_amount",
            "straight_share",
        )
    },
}
STATIONS = {
    "facility": REACH["facility"],
    "name": Text("名称", "name"),
    "sources": Text("就近产生源", "sources nearest to it"),
    "load_t_day": Text("就近产生量（吨/日）", "what arises nearest to it (t/d)"),
    "needed_low_t_day": Text("所需能力（吨/日，季节系数下限）", "capacity needed (t/d, least seasonal factor)"),
    "needed_high_t_day": Text("所需能力（吨/日，季节系数上限）", "capacity needed (t/d, largest seasonal factor)"),
    "collection": Text("不足收集站界限（按收集站）", "so little that it is a collection station"),
    "size_zh": Text("规模（上限）", "size (largest), Chinese"),
    "size_en": Text("规模（上限，英文）", "size (largest)"),
    "class_low": Text("对应类别（下限）", "class that holds it (least)"),
    "class_high": Text("对应类别（上限）", "class that holds it (largest)"),
    "capacity_t_day": Text("现有能力（吨/日）", "capacity (t/d)"),
    "short_low_t_day": Text("能力缺口（吨/日，下限）", "short by (t/d, least)"),
    "short_high_t_day": Text("能力缺口（吨/日，上限）", "short by (t/d, largest)"),
}
STAGES = {
    "rule": REACH["rule"],
    "clause_zh": REACH["clause_zh"],
    "clause_en": REACH["clause_en"],
    "confidence": Text("可信度", "how the figure was read"),
    "limit_km": Text("平均运距界限（公里）", "mean haul above which (km)"),
    "mean_km": Text("平均运距（公里）", "mean haul (km)"),
    "by_network": Text("沿路网", "on streets"),
    "amount": Text("产生量", "amount"),
    "amount_beyond": Text("超出界限的产生量", "amount farther than it"),
    "share_beyond": Text("超出界限的占比", "share farther than it"),
    "unreachable_amount": Text("不能到达的产生量", "amount that cannot get there"),
    "large": Text("宜设大型转运站（二级转运）", "calls for a large station (two stages)"),
}
CODES: dict[str, Mapping[str, Text]] = {"facility": CLASSES, "mode": MODES}
SPELLED = spelled_titles(facility=Text("设施", "facility"), mode=Text("收运方式", "way of collecting"))
ESTATE_WORDS = {str(one.value): one.name for one in ESTATE_STATES}
ESTATES = {
    "name": STATIONS["name"],
    "people": Text("人口", "people"),
    "t_day": Text("产生量（吨/日）", "what arises (t/d)"),
    "by_people": Text("人口达到设站规模", "large enough by residents"),
    "by_tonnes": Text("产生量达到设站规模", "large enough by tonnes"),
    "needs": Text("应设收集站", "needs a station"),
    "stations_inside": Text("小区内收集站", "stations inside"),
    "state": Text("结论（代码）", "outcome (code)"),
}
SOURCES = {"amount": REACH["amount"], "state": Text("结论（代码）", "outcome (code)")} | {
    f"{key}_{facility}": Text(f"{name.zh}：{zh}", f"{name.en}: {en}")
    for facility, name in CLASSES.items()
    for key, zh, en in (
        ("station", "最近设施", "nearest"),
        ("network_m", "沿路距离（米）", "way on streets (m)"),
        ("straight_m", "直线距离（米）", "straight distance (m)"),
    )
}


def themed(audit: StationAudit) -> ThemeResult:
    """Put everything into the shape that all writers read."""
    layers, tables = [], []
    if audit.reach is not None:
        layers.append(_source_layer(audit.reach))
        title = Text("收运距离", "Collection distances")
        tables.append(
            ThemeTable(
                name="waste_station_reach",
                title=title,
                frame=spelled(audit.reach.table, **CODES),
                columns=REACH | SPELLED,
                note=_note(),
            )
        )
        zones = audit.reach.by_zone()
        if len(zones):
            title = Text("分区收运距离", "Collection distances by zone")
            tables.append(
                ThemeTable(
                    name="waste_station_reach_zones",
                    title=title,
                    frame=_by_way(zones),
                    columns=ZONES,
                    note=_note(),
                )
            )
    if len(audit.stations):
        stations = audit.stations
        at = ThemeLayer(
            name="waste_stations", title=TITLE, frame=stations, columns=STATIONS, show="facility", classes=KINDS
        )
        layers = [*(replace(one, over=(at,)) for one in layers), at]
        if "load_t_day" in stations.columns:
            frame = spelled(pd.DataFrame(stations.drop(columns="geometry")).reset_index(), **CODES)
            columns = {"id": Text("设施", "station"), **STATIONS, **SPELLED}
            title = Text("转运能力需求", "Capacity that stations need")
            tables.append(
                ThemeTable(name="waste_station_loads", title=title, frame=frame, columns=columns, note=_season(audit))
            )
    if len(audit.stages):
        title = Text("一级或二级转运", "One stage or two")
        tables.append(ThemeTable(name="waste_station_stages", title=title, frame=audit.stages, columns=STAGES))
    if audit.estates is not None:
        title = Text("封闭小区设站", "Stations of closed estates")
        layers.append(
            ThemeLayer(
                name="waste_station_estates",
                title=title,
                frame=audit.estates,
                columns=ESTATES,
                show="state",
                classes=ESTATE_STATES,
            )
        )
        frame = spelled(pd.DataFrame(audit.estates.drop(columns="geometry")).reset_index(), state=ESTATE_WORDS)
        columns = {"id": Text("小区", "estate"), **ESTATES, **spelled_titles(state=Text("结论", "outcome"))}
        tables.append(ThemeTable(name="waste_station_estates", title=title, frame=frame, columns=columns))
    return ThemeResult(
        theme="waste_station_audit",
        title=TITLE,
        layers=tuple(layers),
        tables=tuple(tables),
        figures=_figures(audit),
        headlines=tuple(_headlines(audit)),
        findings=audit.findings,
        missing=audit.missing,
    )


def _note() -> Text:
    return Text(
        "条文所指距离为直线，沿路距离并列；收运方式由研究选定，此处逐一列出",
        "Clauses mean straight lines, the way on streets stands beside them; every way of collecting is shown",
    )


def _season(audit: StationAudit) -> Text | None:
    rule = audit.catalogue.by_id.get(SEASON)
    if rule is None or audit.season is None:
        return None
    low, high = audit.season
    grade = rule.confidence.text
    return Text(
        f"所需能力 = 产生量 × 季节波动系数 {low:g}–{high:g}（{SEASON}，{grade.zh}）；产生源按就近归站，系估算",
        f"needed = what arises × seasonal factor {low:g} to {high:g} ({SEASON}, {grade.en}); each source counts for "
        "its nearest station, an estimate",
    )


def _source_layer(reach: StationReach) -> ThemeLayer:
    """Show sources by the shortest distance that was judged."""
    first = min(reach.limits, key=lambda limit: limit.metres) if reach.limits else None
    frame = reach.sources
    if first is None:
        return ThemeLayer(name="waste_station_sources", title=TITLE, frame=frame, columns=SOURCES)
    road = frame[f"network_m_{first.facility}"].to_numpy(dtype=np.float64)
    line = frame[f"straight_m_{first.facility}"].to_numpy(dtype=np.float64)
    far = line > first.metres
    state = np.where(far, FAR, np.where(np.isinf(road), CUT, np.where(road > first.metres, ROAD_FAR, NEAR)))
    name, mode = CLASSES[first.facility], MODES[first.mode]
    cited = first.asked.cited
    return ThemeLayer(
        name="waste_station_sources",
        title=Text(f"至{name.zh}的收运距离（{mode.zh}）", f"Distance to a {name.en} ({mode.en})"),
        frame=gpd.GeoDataFrame(frame.assign(state=state)),
        columns=SOURCES,
        show="state",
        classes=STATES,
        note=Text(f"{metres(first.metres)} 米，{cited.zh}", f"{metres(first.metres)} m, {cited.en}"),
    )


def _by_way(zones: pd.DataFrame) -> pd.DataFrame:
    """Say what was measured in one column, before the codes: a page has room for few columns of words."""
    made = spelled(zones, **CODES)
    for lang, form in (("zh", "{}（{}）"), ("en", "{} ({})")):
        pairs = zip(made[f"facility_{lang}"], made[f"mode_{lang}"], strict=True)
        made[f"to_{lang}"] = [form.format(*pair) for pair in pairs]
    first = ["level", "zone", "to_zh", "to_en"]
    rest = [c for c in zones.columns if c not in first]
    return made[[*first, *rest]]


def _figures(audit: StationAudit) -> dict[str, Any]:
    reach = audit.reach
    rows = [] if reach is None else reach.table.to_dict("records")
    return {
        "stations": len(audit.stations),
        "amount": None if reach is None else float(reach.sources["amount"].sum()),
        "unit": None if reach is None else reach.unit.en,
        "beyond": {
            f"{r['facility']}.{r['mode']}{'.own' if r['own'] else ''}": {
                "limit_m": r["limit_m"],
                "share_network": _known(r["beyond_share"]),
                "share_straight": _known(r["straight_share"]),
                "confidence": r["confidence"],
            }
            for r in rows
        },
        "needed_t_day": None if audit.needed is None else list(audit.needed),
        "stages": [
            {"rule": r["rule"], "limit_km": r["limit_km"], "mean_km": _known(r["mean_km"]), "large": r["large"]}
            for r in audit.stages.to_dict("records")
        ],
        "estates_that_lack_a_station": None if audit.estates is None else int((audit.estates["state"] == LACKS).sum()),
    }


def _known(value: float) -> float | None:
    return None if value is None or np.isnan(value) else float(value)


def _headlines(audit: StationAudit) -> list[Text]:
    lines = []
    reach = audit.reach
    for r in [] if reach is None else reach.table.to_dict("records"):
        name, mode = CLASSES[r["facility"]], MODES[r["mode"]]
        straight, road = percent(_known(r["straight_share"])), percent(_known(r["beyond_share"]))
        grade = OWN_TEXT if r["confidence"] == OWN else Reading(r["confidence"]).text
        unit = (
            Text("人口", "people") if reach is not None and reach.unit.en == "people" else Text("产生量", "the waste")
        )
        far = metres(r["limit_m"])
        lines.append(
            Text(
                f"{mode.zh}：{unit.zh}的 {road or '—'} 沿路距{name.zh}超过 {far} 米，"
                f"直线 {straight or '—'}（{grade.zh}）",
                f"{mode.en}: {road or '—'} of {unit.en} lie over {far} m on streets from a {name.en}, "
                f"{straight or '—'} in a straight line ({grade.en})",
            )
        )
    if audit.needed is not None and audit.season is not None:
        low, high = audit.needed
        lines.append(
            Text(
                f"计入季节波动，所需转运能力 {low:,.1f}–{high:,.1f} 吨/日（系数为未核实默认值时须核对）",
                f"with the season, stations must be able to take {low:,.1f} to {high:,.1f} t/d",
            )
        )
    for r in audit.stages.to_dict("records"):
        if r["large"] is None:
            continue
        grade = Reading(r["confidence"]).text
        zh, en = ("宜设大型转运站", "a large station") if r["large"] else ("不必设大型转运站", "no large station")
        lines.append(
            Text(
                f"平均运距 {r['mean_km']:,.1f} 公里，按 {r['limit_km']:g} 公里（{r['clause_zh']}，{grade.zh}）：{zh}",
                f"mean haul {r['mean_km']:,.1f} km, by {r['limit_km']:g} km ({r['clause_en']}, {grade.en}): {en}",
            )
        )
    if audit.estates is not None:
        lacks = int((audit.estates["state"] == LACKS).sum())
        lines.append(
            Text(
                f"{lacks} 个封闭小区达到设站规模而没有收集站",
                f"closed estates large enough for a collection station that have none: {lacks}",
            )
        )
    return lines
