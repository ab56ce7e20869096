"""The parking audit as layers, figures and sentences for every output."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np

from siting.ledger import Text
from siting.standards.labels import level_text, percent
from siting.themes.parking.audit import Parking
from siting.themes.parking.balance import Balance
from siting.themes.parking.notes import at_most_note, limit_note, slot_note
from siting.themes.parking.shown_lots import lots_alone, lots_over, lots_used, zone_supply
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

WHO = Text(
    "缺口属于片区：片区内由哪几处承担取决于停车先后，此图按总步行最短分配",
    "A shortage is one of an area: which of its homes bear it depends on who parks first, here on least walking in all",
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


def _layers(parking: Parking) -> list[ThemeLayer]:
    worst = parking.worst
    if worst is None:
        return [lots_alone(parking), *(zone_supply(parking, level) for level in parking.zone_shapes)]
    layers = [_places(parking, worst), lots_used(parking, worst)]
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
    slot_name, note = SLOTS[worst.slot], slot_note(parking, worst)
    return ThemeLayer(
        name="parking_places",
        title=Text(f"停车缺口：{slot_name.zh}", f"Parking shortage, {slot_name.en}"),
        frame=frame,
        columns=columns,
        show="state",
        classes=PLACE_STATES,
        note=Text(f"{note.zh}。{WHO.zh}", f"{note.en}. {WHO.en}"),
        over=(lots_over(parking),),
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
        note=slot_note(parking, worst),
    )


def _sharing(parking: Parking) -> ThemeLayer:
    slot, shared = next((s, x) for s, x in parking.sharing.items() if len(x.lots))
    lots = parking.supply.lots.loc[shared.lots.index]
    frame = gpd.GeoDataFrame(
        shared.lots.assign(name=lots["name"], said=[str(n) if n else "" for n in shared.lots["gain_alone"]]),
        geometry=lots.geometry.representative_point(),
        crs=lots.crs,
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
            "said": Text("增量（图上标注）", "gain (as written on the map)"),
        },
        show="gain_alone",
        scale=Scale(unit=CARS, ramp="neutral"),
        label="said",
        note=Text(
            f"{limit.zh}；各处单独开放的增量不可相加；开放意愿与管理须协商",
            f"{limit.en}; gains of single lots do not add up; owners have to agree",
        ),
    )


def _nothing_near(cars: int) -> Text:
    if not cars:
        return Text("", "")
    return Text(
        f"；另有 {cars:,} 辆车范围内没有可用泊位", f"; {cars:,} more cars have no usable car park within the limit"
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
        "spaces": int(known.sum()) if len(known) else None,
        "spaces_by_basis": {b: int(lots.loc[lots["basis"] == b, "spaces"].sum()) for b in BASES if b != "unknown"},
        "limit_m": parking.limit_m,
        "limit_rule": None if parking.own_limit else parking.rule.id,
        "confidence": None if parking.own_limit else parking.rule.confidence.value,
        "straight_only": parking.straight_only,
        "cars_estimated": not parking.cars.stated if parking.balances else None,
        "vehicles": round(vehicles, 3) if vehicles else None,
        "spaces_per_vehicle": round(float(known.sum()) / vehicles, 4) if vehicles and len(known) else None,
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
        # Spaces that the data do not have would make it less: whoever quotes the first line alone must read that.
        most = Text("", "") if at_most_note(parking) is None else Text("至多", "at most ")
        walk = "" if worst.walk_m is None else f"，平均步行 {worst.walk_m:,.0f} 米"
        walk_en = "" if worst.walk_m is None else f"; those parked walk {worst.walk_m:,.0f} m on average"
        lines.append(
            Text(
                f"{slot.zh}{cars.zh} {worst.cars:,} 辆车中{most.zh} {worst.short:,} 辆（{share}）无泊位："
                f"{limit.zh}{walk}",
                f"{slot.en.capitalize()}: {most.en}{worst.short:,} of {cars.en}{worst.cars:,} cars ({share}) have no "
                f"space {limit.en}{walk_en}",
            )
        )
        nothing = worst.areas[worst.areas["area"] == 0]["short"].sum()
        areas = worst.areas[worst.areas["area"] > 0]
        if len(areas):
            top, other = areas.iloc[0], _nothing_near(int(nothing))
            lines.append(
                Text(
                    f"短缺最大的片区：{int(top['cars']):,} 辆车只能到达 {int(top['spaces']):,} 个泊位，"
                    f"无论怎样调剂都缺 {int(top['short']):,} 个{other.zh}",
                    f"Largest shortage: {int(top['cars']):,} cars reach {int(top['spaces']):,} spaces and no others, "
                    f"so {int(top['short']):,} are short however they are spread{other.en}",
                )
            )
        at_most = at_most_note(parking)
        if at_most is not None and worst.short:
            lines.append(at_most)
    for slot_id, shared in parking.sharing.items():
        if len(shared.lots):
            part, name = _part(parking.part), SLOTS[slot_id]
            lines.append(
                Text(
                    f"{name.zh}将单位自用停车场（{len(shared.lots)} 处）{part.zh}向居民开放，"
                    f"可多停 {shared.gain:,} 辆，仍缺 {shared.short_after:,} 个",
                    f"Lots for their own users ({len(shared.lots)}) that open {part.en} to residents, "
                    f"{name.en}: {shared.gain:,} more cars park, {shared.short_after:,} stay short",
                )
            )
    lines.append(_supply_line(lots))
    return lines


def _part(part: float) -> Text:
    """Say what share of its spaces a lot opens."""
    if part == 1:
        return Text("泊位全部", "all their spaces")
    return Text(f"泊位的 {percent(part)} ", f"{percent(part)} of their spaces")


def _supply_line(lots: gpd.GeoDataFrame) -> Text:
    known = int(lots["spaces"].notna().sum())
    if not known:
        return Text(
            f"{len(lots)} 处停车场均未注明泊位数，也无法按面积估算：供给不详",
            f"None of {len(lots)} car parks states its spaces or can be estimated from area: the supply is not known",
        )
    estimated = int(lots.loc[lots["basis"] == "estimated", "spaces"].sum())
    zh, en = (
        (f"（其中 {estimated:,} 个按面积估算）", f" ({estimated:,} of them estimated from area)")
        if estimated
        else ("", "")
    )
    return Text(
        f"{len(lots)} 处停车场中 {known} 处泊位数可知，共 {int(lots['spaces'].sum()):,} 个{zh}",
        f"{known} of {len(lots)} car parks have known spaces, {int(lots['spaces'].sum()):,} in all{en}",
    )
