"""The charging audit in the words of planners: layers, tables, figures and sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.coverage.model import CITY_LEVEL, OUTSIDE_ZONE
from siting.display import percent, whole
from siting.ledger import Text
from siting.standards import DISTANCES, document_text, level_text
from siting.themes.charging.assumed import MARK, UNITS
from siting.themes.charging.ready import MEETS, NO_RULE, NOT_KNOWN, OUTSIDE, REPEAT, SHORT, Ready
from siting.themes.charging.stations import Stations
from siting.themes.result import Class, Scale, ThemeLayer, ThemeResult, ThemeTable

if TYPE_CHECKING:
    from siting.themes.charging.audit import Charging

TITLE = Text("电动汽车充电", "Charging of electric cars")
GRADE = Text("可信度", "how the rule was read")
STATES = (
    Class(value=MEETS, name=Text("达到条文比例", "meets the share of its clause"), role="good"),
    Class(value=SHORT, name=Text("充电车位不足", "lacks charging spaces"), role="bad"),
    Class(value=NOT_KNOWN, name=Text("数据缺失，未评判", "not known, not judged"), role="none"),
    Class(value=NO_RULE, name=Text("无对应条文", "no clause speaks of it"), role="muted"),
)
STANDS = Class(value="station", name=Text("现有充电站", "charging station"), role="existing")
NEAR = (
    Class(value=True, name=Text("服务半径内有充电站", "a station within the radius"), role="good"),
    Class(value=False, name=Text("服务半径内无充电站", "no station within the radius"), role="bad"),
)
LOTS = {
    "name": Text("名称", "name"),
    "kind": Text("类别代码", "kind (code)"),
    "kind_zh": Text("类别", "kind, Chinese"),
    "kind_en": Text("类别（英文）", "kind"),
    "rule": Text("规则编号", "rule id"),
    "clause": Text("条文", "clause"),
    "confidence": GRADE,
    "spaces": Text("车位总数", "spaces"),
    "ready": Text("具备充电条件的车位", "spaces equipped or prepared for charging"),
    "about": Text("数据来源注明为约数", "approximate by its source's own word"),
    "share": Text("充电车位占比", "share of charging spaces"),
    "share_needed": Text("条文要求占比", "share the clause asks for"),
    "needed": Text("应有充电车位（向上取整）", "charging spaces needed (rounded up)"),
    "shortfall": Text("缺口（个）", "charging spaces lacking"),
    "state": Text("评判结果", "judgement"),
    "reason_zh": Text("未评判的原因", "why not judged, Chinese"),
    "reason_en": Text("未评判的原因（英文）", "why not judged"),
}
SUMS = {
    **{c: LOTS[c] for c in ("kind", "kind_zh", "kind_en", "spaces", "ready", "share", "needed", "shortfall")},
    "name": LOTS["name"],
    "lots": Text("停车场（处）", "car parks"),
    "judged": Text("其中可评判（处）", "of which judged"),
    "meeting": Text("其中达到（处）", "of which meet it"),
    "confidence": GRADE,
}
ZONES = {
    "name": LOTS["name"],
    "people": Text("人口", "people"),
    "people_near": Text("服务半径内人口", "people with a station within the radius"),
    "people_near_straight": Text("服务半径内人口（直线）", "the same in a straight line"),
    "people_share": Text("服务半径内人口占比", "share of people with a station within the radius"),
    "evs": Text("电动汽车（辆，研究假定）", "electric cars (assumed by the study)"),
    "evs_near": Text("服务半径内电动汽车（辆，研究假定）", "electric cars with a station (assumed by the study)"),
    "stations": Text("充电站（座）", "stations"),
    "stations_unknown": Text("其中充电桩数未知（座）", "of which with an unknown number of chargers"),
    "chargers": Text("充电桩（个）", "chargers"),
    "chargers_known": Text("已知充电桩（个）", "chargers that are known"),
    "demand_day": Text("日充电需求（研究假定）", "demand a day (assumed by the study)"),
    "supply_day": Text("日充电能力（研究假定）", "supply a day (assumed by the study)"),
    "supply_least_day": Text("已知的日充电能力（研究假定）", "supply a day that is known (assumed by the study)"),
    "balance_day": Text("能力减需求（研究假定）", "supply less demand (assumed by the study)"),
}


def themed(charging: Charging) -> ThemeResult:
    """Put everything into the shape that all writers read."""
    ready, stations = charging.ready, charging.stations
    layers: list[ThemeLayer] = []
    tables: list[ThemeTable] = []
    headlines: list[Text] = []
    if ready is not None:
        layers.append(_lot_layer(ready))
        tables += _lot_tables(ready)
        headlines += _lot_lines(ready)
    if stations is not None:
        layers += _station_layers(charging, stations)
        tables.append(
            ThemeTable(
                name="charging_zones",
                title=Text("充电站覆盖与供需", "Stations, who has one near, demand and supply"),
                frame=stations.by_zone,
                columns=ZONES,
                note=_station_note(stations),
            )
        )
        headlines += _station_lines(stations)
    return ThemeResult(
        theme="charging",
        title=TITLE,
        layers=tuple(layers),
        tables=tuple(tables),
        figures=_figures(charging),
        headlines=tuple(headlines),
        indicators=charging.indicators,
        findings=charging.findings,
        missing=charging.missing,
    )


def _lot_layer(ready: Ready) -> ThemeLayer:
    counted = ready.lots[~ready.lots["state"].isin([OUTSIDE, REPEAT])]
    return ThemeLayer(
        name="charging_lots",
        title=Text("停车场充电车位", "Charging spaces in car parks"),
        # Points: on the map of a whole city the areas of car parks are too small to be seen.
        frame=gpd.GeoDataFrame(counted.set_geometry(counted.geometry.representative_point())),
        columns=LOTS,
        show="state",
        classes=STATES,
        note=_clauses(ready),
    )


def _clauses(ready: Ready) -> Text:
    """Say by which clauses the lots are judged, and how well each was read."""
    if not ready.rules:
        return Text("没有可适用的条文", "no clause applies")
    zh = "；".join(f"{document_text(r, 'zh')} ≥ {r.threshold:.0%}（{r.confidence.text.zh}）" for r in ready.rules)
    en = "; ".join(f"{document_text(r, 'en')} ≥ {r.threshold:.0%} ({r.confidence.text.en})" for r in ready.rules)
    return Text(
        f"{zh}。车位数向上取整；多条适用时取要求最高者，缺口只计一次；车位数或充电车位数未知的不评判",
        f"{en}. Rounded up to whole spaces; where several apply the strictest counts, and a lot's shortfall counts "
        "once; lots whose counts are not known are not judged",
    )


def _lot_tables(ready: Ready) -> list[ThemeTable]:
    # Those that lack most stand first.
    order = np.argsort(-ready.lots["shortfall"].fillna(-1.0).to_numpy(), kind="stable")
    lots = pd.DataFrame(ready.lots.drop(columns="geometry")).iloc[order].reset_index()
    lots = lots[[*[c for c in lots.columns if c != "about"], "about"]]
    return [
        ThemeTable(
            name="charging_kinds",
            title=Text("分类、分区的充电车位", "Charging spaces by kind and zone"),
            frame=ready.by_kind,
            columns=SUMS,
            note=Text(
                "车位、充电车位与缺口为可评判停车场之和；停车场按内点归入分区，各级分区之和等于全市",
                "spaces and shortfalls are sums over judged car parks; a car park is in the zone that holds a point "
                "inside it, and every level adds up to the city",
            ),
        ),
        ThemeTable(
            name="charging_lots",
            title=Text("逐处充电车位与缺口", "Charging spaces and shortfall, lot by lot"),
            frame=lots,
            columns={"id": Text("编号", "id"), **LOTS},
            note=_clauses(ready),
        ),
    ]


def _lot_lines(ready: Ready) -> list[Text]:
    states = ready.lots["state"].value_counts()
    short, meets = int(states.get(SHORT, 0)), int(states.get(MEETS, 0))
    unknown, without = int(states.get(NOT_KNOWN, 0)), int(states.get(NO_RULE, 0))
    lines = []
    if short + meets:
        judged = set(ready.lots.loc[ready.lots["state"].isin([SHORT, MEETS]), "rule"])
        used = [r for r in ready.rules if r.id in judged]
        read = "、".join(dict.fromkeys(r.confidence.text.zh for r in used))
        read_en = ", ".join(dict.fromkeys(r.confidence.text.en for r in used))
        lines.append(
            Text(
                f"可评判的 {short + meets} 处停车场中 {short} 处充电车位不足，共缺 {ready.shortfall} 个（{read}）",
                f"{short} of {short + meets} judged car parks lack charging spaces, {ready.shortfall} together "
                f"({read_en})",
            )
        )
    if unknown + without:
        zh = [f"{unknown} 处停车场因车位数据缺失未评判"] if unknown else []
        en = [f"{unknown} car parks are not judged for want of counts"] if unknown else []
        if without:
            zh.append(f"{without} 处停车场无对应条文")
            en.append(f"for {without} car parks there is no clause")
        lines.append(
            Text(
                "，".join(zh),
                ", and ".join(en),
            )
        )
    return lines


def _station_note(stations: Stations) -> Text:
    zh, en = [], []
    if stations.radius is not None:
        zh.append(f"服务半径 {stations.radius.text.zh}，{DISTANCES[stations.distance].zh}")
        en.append(f"radius {stations.radius.text.en}, {DISTANCES[stations.distance].en}")
    if stations.assumed is not None:
        zh += [line.zh for line in stations.assumptions]
        en += [line.en for line in stations.assumptions]
        if stations.assumed.can_balance:
            zh.append(f"需求与能力单位：{UNITS[stations.assumed.unit].zh}；车辆可跨区充电，仅全市供需可作判断")
            en.append(
                f"demand and supply in {UNITS[stations.assumed.unit].en}; cars charge in other zones too, so only the "
                "city's balance is a judgement"
            )
    return Text("；".join(zh) or "仅计数", "; ".join(en) or "counts only")


def _stations_over(stations: Stations) -> ThemeLayer:
    """Return the stations as a map of who has one near shows them: all alike."""
    frame = gpd.GeoDataFrame(stations.stations[["geometry"]].assign(is_station=STANDS.value))
    return ThemeLayer(name="charging_stations", title=STANDS.name, frame=frame, show="is_station", classes=(STANDS,))


def _station_layers(charging: Charging, stations: Stations) -> list[ThemeLayer]:
    note = _station_note(stations)
    layers = []
    if len(stations.stations):
        layers.append(
            ThemeLayer(
                name="charging_stations",
                title=Text("公共充电站", "Public charging stations"),
                frame=stations.stations,
                columns={
                    "name": LOTS["name"],
                    "chargers": ZONES["chargers"],
                    "inside": Text("在研究范围内", "inside the study area"),
                },
                own_map=False,
            )
        )
    if not len(stations.stations) or stations.radius is None:
        return layers
    layers.append(
        ThemeLayer(
            name="charging_points",
            title=Text("充电站服务半径覆盖", "Who has a charging station near"),
            frame=stations.points,
            columns={
                "station": Text("最近充电站", "nearest station"),
                "near_m": Text("至最近充电站（米）", "to the nearest station (m)"),
                "near_straight_m": Text("至最近充电站直线距离（米）", "to the nearest station, straight (m)"),
                "near": Text("服务半径内", "within the radius"),
                "near_straight": Text("服务半径内（直线）", "within the radius (straight line)"),
                "evs": ZONES["evs"],
            },
            show="near",
            classes=NEAR,
            note=note,
            over=(_stations_over(stations),),
        )
    )
    # Without people the zones have no shares to colour; the points show who has a station near.
    levels = charging.zone_shapes if bool(stations.by_zone["people_share"].notna().any()) else {}
    for level, shapes in levels.items():
        rows = stations.by_zone[(stations.by_zone["level"] == level) & (stations.by_zone["zone"] != OUTSIDE_ZONE)]
        layers.append(
            ThemeLayer(
                name=f"charging_{level}",
                title=Text(
                    f"充电站服务半径覆盖人口占比：按{level_text(level).zh}",
                    f"Share of people with a station near, by {level}",
                ),
                frame=gpd.GeoDataFrame(
                    rows.drop(columns="level").set_index("zone").rename_axis("id"),
                    geometry=[shapes[str(zone)] for zone in rows["zone"]],
                    crs=stations.stations.crs,
                ),
                columns=ZONES,
                show="people_share",
                scale=Scale(unit=Text("人口占比", "share of people"), ramp="more_is_better", percent=True),
                label="name",
                note=note,
            )
        )
    return layers


def _station_lines(stations: Stations) -> list[Text]:
    lines, city = [], stations.city
    rule, count = stations.rule, int(stations.stations["inside"].sum())
    if stations.needed is not None and stations.evs is not None and rule is not None:
        read = rule.confidence.text
        lacking = Text("缺口无法判断（无充电站数据）", "what is lacking cannot be said (no data on stations)")
        if stations.short is not None:
            lacking = Text(f"现有 {count} 座，缺 {stations.short} 座", f"{count} exist, {stations.short} are lacking")
            if not stations.short:
                lacking = Text(f"现有 {count} 座，数量已达到", f"{count} exist, which is enough")
        lines.append(
            Text(
                f"{MARK.zh}电动汽车 {whole(float(stations.evs))} 辆，按每 {rule.threshold:g} 辆一座应有公共充电站 "
                f"{stations.needed} 座，{lacking.zh}（{read.zh}）",
                f"{whole(float(stations.evs))} electric cars ({MARK.en}) need {stations.needed} public station(s) at "
                f"one for {rule.threshold:g}; {lacking.en} ({read.en})",
            )
        )
    share = percent(float(city["people_share"]))
    if share is not None and stations.radius is not None:
        kind = DISTANCES[stations.distance]
        lines.append(
            Text(
                f"{share} 的人口在充电站服务半径内：{stations.radius.text.zh}，{kind.zh}",
                f"{share} of the people have a station within {stations.radius.text.en} ({kind.en})",
            )
        )
    if stations.assumed is not None and not np.isnan(city["supply_least_day"]) and not np.isnan(city["demand_day"]):
        unit, dark = UNITS[stations.assumed.unit], int(city["stations_unknown"])
        need, give = whole(city["demand_day"]), whole(city["supply_least_day"])
        least = Text("至少 ", "at least ") if dark else Text("", "")
        but = (
            Text(f"；{dark} 座充电站桩数未知", f"; chargers of {dark} stations are not known") if dark else Text("", "")
        )
        lines.append(
            Text(
                f"公共充电需求 {need} {unit.zh}，现有能力{least.zh} {give} {unit.zh}（{MARK.zh}{but.zh}）".replace(
                    "  ", " "
                ),
                f"demand for public charging {need} {unit.en}, supply {least.en}{give} {unit.en} ({MARK.en}{but.en})",
            )
        )
    return lines


def _figures(charging: Charging) -> dict[str, Any]:
    ready, stations = charging.ready, charging.stations
    figures: dict[str, Any] = {}
    if ready is not None:
        states = ready.lots["state"].value_counts()
        figures |= {
            "lots": len(ready.lots),
            "lots_by_state": {s: int(states.get(s, 0)) for s in (*(str(c.value) for c in STATES), OUTSIDE, REPEAT)},
            "charging_spaces_lacking": ready.shortfall,
            "rules": {r.id: {"share": r.threshold, "confidence": r.confidence.value} for r in ready.rules},
        }
    if stations is not None:
        row = stations.by_zone[stations.by_zone["level"] == CITY_LEVEL].iloc[0]
        names = ("people_near", "people_share", "evs", "evs_near", "chargers", "demand_day", "supply_day",
                 "supply_least_day")  # fmt: skip
        figures |= {name: None if np.isnan(row[name]) else float(row[name]) for name in names}
        figures |= {
            "stations": int(stations.stations["inside"].sum()),
            "stations_outside": int((~stations.stations["inside"]).sum()),
            "stations_with_unknown_chargers": None
            if np.isnan(row["stations_unknown"])
            else int(row["stations_unknown"]),
            "stations_needed": stations.needed,
            "stations_lacking": stations.short,
            "radius_m": None if stations.radius is None else stations.radius.metres,
            "radius_rule": None if stations.radius is None or stations.radius.rule is None else stations.radius.rule.id,
            "assumed": [line.en for line in stations.assumptions],
        }
    return figures
