"""The parking audit as layers, figures and sentences for every output."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np

from siting.ledger import Text
from siting.standards import document_text
from siting.standards.labels import level_text, number, percent
from siting.themes.parking.audit import Parking
from siting.themes.parking.balance import Balance
from siting.themes.parking.kinds import KINDS, USERS
from siting.themes.parking.shown_tables import tables, zone_rows
from siting.themes.parking.slots import HOME, SLOTS, use_text
from siting.themes.parking.supply import BASES
from siting.themes.result import Class, Scale, ThemeLayer, ThemeResult
from siting.themes.themes import load_themes

CARS = Text("辆", "cars")
PLACE_STATES = (
    Class(value="parked", name=Text("均有泊位", "all parked"), role="good"),
    Class(value="some", name=Text("部分无泊位", "some without a space"), role="poor"),
    Class(value="none", name=Text("均无泊位", "all without a space"), role="bad"),
    Class(value="no_cars", name=Text("无停车需求", "no cars"), role="muted"),
)
LOT_STATES = (
    Class(value="full", name=Text("已满", "full"), role="bad"),
    Class(value="room", name=Text("有余位", "spaces left"), role="good"),
    Class(value="empty", name=Text("无车停放", "nobody parks here"), role="fair"),
    Class(value="shut", name=Text("不对外开放", "not open to these cars"), role="none"),
    Class(value="unknown", name=Text("泊位数不详", "spaces unknown"), role="muted"),
)


def themed(parking: Parking) -> ThemeResult:
    """Put everything into the shape that all writers read."""
    return ThemeResult(
        theme="parking",
        title=load_themes()["parking"].name,
        layers=tuple(_layers(parking)),
        tables=tuple(tables(parking)),
        figures=_figures(parking),
        headlines=tuple(_headlines(parking)),
        findings=parking.findings,
        missing=parking.missing,
    )


def limit_note(parking: Parking) -> Text:
    """Say how far a space serves, on whose word, and how that was read."""
    how = Text("直线", "in a straight line") if parking.straight_only else Text("沿路网步行", "along the streets")
    limit = number(parking.limit_m)
    if parking.own_limit:
        return Text(f"{how.zh} {limit} 米以内（本研究设定）", f"within {limit} m {how.en} (set by this study)")
    read = parking.rule.confidence.text
    zh = f"{how.zh} {limit} 米以内（{document_text(parking.rule, 'zh')}，{read.zh}）"
    en = f"within {limit} m {how.en} ({document_text(parking.rule, 'en')}, {read.en})"
    return Text(zh, en)


def stricter_note(parking: Parking) -> Text:
    """Say where the clause means the straight line and the streets are used; nothing where they agree."""
    if parking.own_limit or parking.straight_only or parking.rule.distance != "straight":
        return Text("", "")
    return Text(
        "；条文半径为直线距离，此处按路网，较严", "; the clause's radius is a straight line, streets are stricter"
    )


def demand_note(parking: Parking) -> Text:
    """Say what the cars rest on."""
    assumed = parking.assumed
    if parking.cars.stated:
        base = Text("居民汽车数为数据所列", "cars of residents as the data state them")
    elif assumed.cars_per_household is not None:
        rate = number(assumed.cars_per_household)
        base = Text(
            f"停车需求为估算：每户 {rate} 辆（本研究设定）", f"cars are an estimate: {rate} a household (set here)"
        )
    else:
        rate = number(assumed.cars_per_person or 0.0)
        base = Text(
            f"停车需求为估算：每人 {rate} 辆（本研究设定）", f"cars are an estimate: {rate} a person (set here)"
        )
    if assumed.source:
        base = Text(f"{base.zh}，来源：{assumed.source}", f"{base.en}, from {assumed.source}")
    return base


def _note(parking: Parking, balance: Balance) -> Text:
    slot, limit, cars = SLOTS[balance.slot], limit_note(parking), demand_note(parking)
    more = stricter_note(parking)
    return Text(
        f"{slot.zh}；{limit.zh}{more.zh}；先使停放车辆最多，再使步行最短；{cars.zh}",
        f"{slot.en.capitalize()}; {limit.en}{more.en}; most cars parked, then least walking; {cars.en}",
    )


def _layers(parking: Parking) -> list[ThemeLayer]:
    worst = parking.worst
    if worst is None:
        return [_lots_only(parking)]
    layers = [_places(parking, worst), _lots(parking, worst)]
    layers += [_zones(parking, level) for level in parking.zone_shapes]
    if any(len(shared.lots) for shared in parking.sharing.values()):
        layers.append(_sharing(parking))
    return layers


def _places(parking: Parking, worst: Balance) -> ThemeLayer:
    rows = worst.places
    state = np.select(
        [rows["cars"] == 0, rows["short"] == 0, rows["parked"] == 0], ["no_cars", "parked", "none"], "some"
    )
    frame = gpd.GeoDataFrame(
        rows.assign(
            state=state,
            use_zh=[use_text(use).zh for use in parking.cars.places["use"]],
            use_en=[use_text(use).en for use in parking.cars.places["use"]],
            area=rows["area"].where(rows["area"] >= 0).astype("Int64"),
            estimated=not parking.cars.stated,
        ),
        geometry=parking.cars.places.geometry,
        crs=parking.cars.places.crs,
    )
    columns = {
        "state": Text("停车状况", "state"),
        "use_zh": Text("用途", "use (Chinese)"),
        "use_en": Text("用途（英文）", "use"),
        "cars": Text("需求（辆）", "cars"),
        "parked": Text("有泊位（辆）", "parked"),
        "short": Text("无泊位（辆）", "without a space"),
        "walk_m": Text("平均步行（米）", "mean walk (m)"),
        "area": Text("短缺片区编号（0：范围内无停车场）", "shortage area (0: no car park within the limit)"),
        "unknown_lots": Text("范围内泊位数不详的停车场", "car parks of unknown spaces within the limit"),
        "estimated": Text("汽车数为估算", "cars are an estimate"),
    }
    for slot, balance in parking.balances.items():
        if slot != worst.slot:
            frame[f"short_{slot}"] = balance.places["short"]
            columns[f"short_{slot}"] = Text(f"{SLOTS[slot].zh}无泊位（辆）", f"without a space, {SLOTS[slot].en}")
    slot_name = SLOTS[worst.slot]
    return ThemeLayer(
        name="parking_places",
        title=Text(f"停车缺口：{slot_name.zh}", f"Parking shortage, {slot_name.en}"),
        frame=frame,
        columns=columns,
        show="state",
        classes=PLACE_STATES,
        note=_note(parking, worst),
    )


def _lot_columns() -> dict[str, Text]:
    return {
        "name": Text("名称", "name"),
        "kind_zh": Text("类型", "kind (Chinese)"),
        "kind_en": Text("类型（英文）", "kind"),
        "users_zh": Text("使用对象", "users (Chinese)"),
        "users_en": Text("使用对象（英文）", "users"),
        "spaces": Text("泊位数", "spaces"),
        "basis_zh": Text("泊位数依据", "basis of spaces (Chinese)"),
        "basis_en": Text("泊位数依据（英文）", "basis of spaces"),
        "inside": Text("在研究范围内", "inside the study area"),
        "area_m2": Text("面积（平方米）", "area (m²)"),
        "confidence": Text("条文核实程度", "how the clause was read"),
        "cars": Text("停放（辆）", "cars"),
        "free": Text("余位", "spaces left"),
        "occupancy": Text("利用率", "occupancy"),
        "state": Text("利用状况", "state"),
    }


def _lot_frame(parking: Parking) -> gpd.GeoDataFrame:
    lots = parking.supply.lots
    return gpd.GeoDataFrame(
        {
            "name": lots["name"],
            "kind_zh": [KINDS[k].zh for k in lots["kind"]],
            "kind_en": [KINDS[k].en for k in lots["kind"]],
            "users_zh": [USERS[k].zh for k in lots["users"]],
            "users_en": [USERS[k].en for k in lots["users"]],
            "spaces": lots["spaces"],
            "basis_zh": [BASES[k].zh for k in lots["basis"]],
            "basis_en": [BASES[k].en for k in lots["basis"]],
            "inside": parking.inside,
            "area_m2": lots["area_m2"].round(1),
            "confidence": lots["confidence"],
        },
        # Points: drawn areas of car parks vanish on the map of a city.
        geometry=lots.geometry.representative_point(),
        crs=lots.crs,
    )


def _lots_only(parking: Parking) -> ThemeLayer:
    return ThemeLayer(
        name="parking_lots",
        title=Text("停车场泊位数", "Spaces of car parks"),
        frame=_lot_frame(parking),
        columns=_lot_columns(),
        show="spaces",
        scale=Scale(unit=Text("泊位", "spaces"), ramp="neutral"),
    )


def _lots(parking: Parking, worst: Balance) -> ThemeLayer:
    frame = _lot_frame(parking)
    rows = worst.lots.reindex(frame.index)
    spaces, cars = rows["spaces"], rows["cars"]
    state = np.select(
        [spaces.isna(), ~rows["open"].astype(bool), spaces == cars, cars == 0],
        ["unknown", "shut", "full", "empty"],
        "room",
    )
    known = spaces.notna() & rows["open"].astype(bool)
    frame = gpd.GeoDataFrame(
        frame.assign(
            cars=cars.where(known),
            free=rows["free"].where(known),
            occupancy=(cars / spaces.where(spaces > 0)).where(known),
            state=state,
        )
    )
    slot = SLOTS[worst.slot]
    return ThemeLayer(
        name="parking_lots",
        title=Text(f"停车场利用：{slot.zh}", f"Use of car parks, {slot.en}"),
        frame=frame,
        columns=_lot_columns(),
        show="state",
        classes=LOT_STATES,
        note=_note(parking, worst),
    )


def _zones(parking: Parking, level: str) -> ThemeLayer:
    worst = parking.worst
    assert worst is not None
    rows = zone_rows(parking, worst, level)
    shapes = parking.zone_shapes[level]
    rows = rows[rows["zone"].isin(list(shapes))].set_index("zone").rename_axis("id")
    frame = gpd.GeoDataFrame(
        rows.drop(columns=["slot", "level"]),
        geometry=[shapes[str(zone)] for zone in rows.index],
        crs=parking.supply.lots.crs,
    )
    slot, name = SLOTS[worst.slot], level_text(level)
    return ThemeLayer(
        name=f"parking_{level}",
        title=Text(f"停车缺口：{slot.zh}，按{name.zh}", f"Parking shortage, {slot.en}, by {name.en}"),
        frame=frame,
        columns={
            "name": Text("名称", "name"),
            "cars": Text("需求（辆）", "cars"),
            "parked": Text("有泊位（辆）", "parked"),
            "short": Text("无泊位（辆）", "without a space"),
            "short_share": Text("无泊位占比", "share without a space"),
            "spaces": Text("区内已知泊位", "known spaces inside"),
            "free": Text("区内余位", "spaces left inside"),
            "lots_unknown": Text("区内泊位数不详的停车场", "car parks of unknown spaces inside"),
        },
        show="short",
        scale=Scale(unit=CARS, ramp="more_is_worse"),
        label="name",
        note=_note(parking, worst),
    )


def _sharing(parking: Parking) -> ThemeLayer:
    slot, shared = next((s, x) for s, x in parking.sharing.items() if len(x.lots))
    lots = parking.supply.lots.loc[shared.lots.index]
    frame = gpd.GeoDataFrame(
        shared.lots.assign(name=lots["name"]), geometry=lots.geometry.representative_point(), crs=lots.crs
    )
    name, limit = SLOTS[slot], limit_note(parking)
    return ThemeLayer(
        name="parking_sharing",
        title=Text(f"错时共享：{name.zh}单独开放可多停的车辆", f"Sharing: cars that opening one lot parks, {name.en}"),
        frame=frame,
        columns={
            "name": Text("名称", "name"),
            "spaces": Text("泊位数", "spaces"),
            "offered": Text("可供共享的泊位", "spaces offered"),
            "gain_alone": Text("单独开放可多停（辆）", "more cars parked if it alone opens"),
            "used_together": Text("全部开放时停入（辆）", "cars in it if all open"),
        },
        show="gain_alone",
        scale=Scale(unit=CARS, ramp="neutral"),
        label="gain_alone",
        note=Text(
            f"{limit.zh}；各处单独开放的增量不可相加；开放意愿与管理须协商",
            f"{limit.en}; gains of single lots do not add up; owners have to agree",
        ),
    )


def _figures(parking: Parking) -> dict[str, Any]:
    lots = parking.supply.lots[parking.inside]
    known = lots["spaces"].dropna()
    rule = parking.supply_rule
    homes = parking.cars.places["use"] == HOME
    vehicles = float(parking.cars.places.loc[homes, "whole"].sum())
    worst = parking.worst
    return {
        "lots": len(lots),
        "lots_outside": int((~parking.inside).sum()),
        "lots_repeated": parking.supply.repeated,
        "lots_unknown": int(lots["spaces"].isna().sum()),
        "spaces": int(known.sum()),
        "spaces_by_basis": {b: int(lots.loc[lots["basis"] == b, "spaces"].sum()) for b in BASES if b != "unknown"},
        "limit_m": parking.limit_m,
        "limit_rule": None if parking.own_limit else parking.rule.id,
        "confidence": None if parking.own_limit else parking.rule.confidence.value,
        "straight_only": parking.straight_only,
        "cars_estimated": not parking.cars.stated if parking.balances else None,
        "vehicles": round(vehicles, 3) if vehicles else None,
        "spaces_per_vehicle": round(float(known.sum()) / vehicles, 4) if vehicles else None,
        "spaces_per_vehicle_rule": None if rule is None else rule.id,
        "worst_slot": None if worst is None else worst.slot,
        "slots": {
            slot: {
                "cars": b.cars,
                "parked": b.assignment.parked,
                "short": b.short,
                "walk_m": None if b.walk_m is None else round(b.walk_m, 3),
                "proved": b.assignment.proved,
            }
            for slot, b in parking.balances.items()
        },
        "sharing": {
            slot: {"gain": s.gain, "short_after": s.short_after, "lots": len(s.lots), "proved": s.proved}
            for slot, s in parking.sharing.items()
        },
    }


def _headlines(parking: Parking) -> list[Text]:
    lots = parking.supply.lots[parking.inside]
    lines: list[Text] = []
    worst = parking.worst
    if worst is not None and worst.cars:
        slot, limit = SLOTS[worst.slot], limit_note(parking)
        share = percent(round(worst.short / worst.cars, 3))
        cars = Text("", "") if parking.cars.stated else Text("估算的", "an estimated ")
        walk = "" if worst.walk_m is None else f"，平均步行 {worst.walk_m:,.0f} 米"
        walk_en = "" if worst.walk_m is None else f"; those parked walk {worst.walk_m:,.0f} m on average"
        lines.append(
            Text(
                f"{slot.zh}{cars.zh} {worst.cars:,} 辆车中 {worst.short:,} 辆（{share}）无泊位：{limit.zh}{walk}",
                f"{slot.en.capitalize()}: {worst.short:,} of {cars.en}{worst.cars:,} cars ({share}) have no space "
                f"{limit.en}{walk_en}",
            )
        )
        nothing = worst.areas[worst.areas["area"] == 0]["short"].sum()
        areas = worst.areas[worst.areas["area"] > 0]
        if len(areas):
            top = areas.iloc[0]
            lines.append(
                Text(
                    f"短缺最大的片区：{int(top['cars']):,} 辆车只能到达 {int(top['spaces']):,} 个泊位，"
                    f"无论怎样调剂都缺 {int(top['short']):,} 个；另有 {int(nothing):,} 辆车范围内没有可用泊位",
                    f"Shortest area: {int(top['cars']):,} cars reach {int(top['spaces']):,} spaces and no others, so "
                    f"{int(top['short']):,} are short however they are spread; {int(nothing):,} more cars have no "
                    "usable car park within the limit",
                )
            )
    for slot_id, shared in parking.sharing.items():
        if len(shared.lots):
            part, name = percent(parking.part), SLOTS[slot_id]
            lines.append(
                Text(
                    f"{name.zh}将单位自用停车场（{len(shared.lots)} 处）泊位的 {part} 向居民开放，可多停 "
                    f"{shared.gain:,} 辆，仍缺 {shared.short_after:,} 个",
                    f"Lots for their own users ({len(shared.lots)}) that open {part} of their spaces to residents, "
                    f"{name.en}: {shared.gain:,} more cars park, {shared.short_after:,} stay short",
                )
            )
    known = lots["spaces"].notna()
    estimated = int(lots.loc[lots["basis"] == "estimated", "spaces"].sum())
    lines.append(
        Text(
            f"{len(lots)} 处停车场中 {int(known.sum())} 处泊位数可知，共 {int(lots['spaces'].sum()):,} 个"
            f"（其中 {estimated:,} 个按面积估算）",
            f"{int(known.sum())} of {len(lots)} car parks have known spaces, {int(lots['spaces'].sum()):,} in all "
            f"({estimated:,} of them estimated from area)",
        )
    )
    return lines
