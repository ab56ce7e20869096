"""Car parks on maps: their spaces, their use in one slot, and the supply of every zone."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from siting.ledger import Text
from siting.standards.labels import level_text
from siting.themes.parking.audit import Parking
from siting.themes.parking.balance import Balance
from siting.themes.parking.kinds import KINDS, USERS
from siting.themes.parking.notes import slot_note
from siting.themes.parking.shown_tables import supply_rows
from siting.themes.parking.slots import SLOTS
from siting.themes.parking.supply import BASES
from siting.themes.result import Class, Role, Scale, ThemeLayer

SPACES = Text("泊位", "spaces")
LOTS = Text("处", "car parks")
LOT_STATES = (
    Class(value="full", name=Text("已满", "full"), role="bad"),
    Class(value="room", name=Text("有余位", "spaces left"), role="good"),
    Class(value="empty", name=Text("无车停放", "nobody parks here"), role="fair"),
    Class(value="shut", name=Text("不对外开放", "not open to these cars"), role="none"),
    Class(value="unknown", name=Text("泊位数不详", "spaces unknown"), role="muted"),
)
_BASIS_ROLES: tuple[Role, ...] = ("good", "fair", "poor", "muted")
BASIS_CLASSES = tuple(
    Class(value=basis, name=name, role=role) for (basis, name), role in zip(BASES.items(), _BASIS_ROLES, strict=True)
)
ZONE_COLUMNS = {
    "name": Text("名称", "name"),
    "lots": Text("停车场（处）", "car parks"),
    "spaces": Text("已知泊位", "known spaces"),
    "spaces_estimated": Text("其中按面积估算", "of these estimated from area"),
    "lots_unknown": Text("泊位数不详的停车场（处）", "car parks of unknown spaces"),
}


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


STANDS = Class(value="lot", name=Text("现有停车场", "car park"), role="existing")


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


def lots_alone(parking: Parking) -> ThemeLayer:
    """Car parks where no cars are known: on what their spaces rest, the number beside each."""
    frame = _lot_frame(parking)
    basis = parking.supply.lots["basis"]
    said = [f"{int(n)}" if np.isfinite(n) else "" for n in frame["spaces"]]
    frame = gpd.GeoDataFrame(frame.assign(basis=basis, said=said))
    columns = {**_lot_columns(), "basis": Text("泊位数依据（代码）", "basis of spaces (code)"),
               "said": Text("泊位数（图上标注）", "spaces (as written on the map)")}  # fmt: skip
    return ThemeLayer(
        name="parking_lots",
        title=Text("停车场泊位数", "Spaces of car parks"),
        frame=frame,
        columns={name: text for name, text in columns.items() if name in frame.columns},
        show="basis",
        classes=BASIS_CLASSES,
        label="said" if any(said) else None,
        note=Text(
            "未给出汽车数，只列供给；泊位数不详的不计入", "no cars are known: supply only, unknown spaces not counted"
        ),
    )


def zone_supply(parking: Parking, level: str) -> ThemeLayer:
    """Car parks by zone where no cars are known: their spaces, or how many there are if no spaces are known."""
    shapes = parking.zone_shapes[level]
    rows = supply_rows(parking, level)
    rows = rows[rows["zone"].isin(list(shapes))].set_index("zone").rename_axis("id")
    frame = gpd.GeoDataFrame(
        rows.drop(columns=["level"]),
        geometry=[shapes[str(zone)] for zone in rows.index],
        crs=parking.supply.lots.crs,
    )
    by_spaces = bool((frame["spaces"].fillna(0) > 0).any())
    name = level_text(level)
    what = Text("停车泊位", "Known parking spaces") if by_spaces else Text("停车场数量", "Car parks")
    return ThemeLayer(
        name=f"parking_{level}",
        title=Text(f"{what.zh}：按{name.zh}", f"{what.en} by {name.en}"),
        frame=frame,
        columns=ZONE_COLUMNS,
        show="spaces" if by_spaces else "lots",
        scale=Scale(unit=SPACES if by_spaces else LOTS, ramp="neutral"),
        label="name",
        note=Text("泊位数不详的停车场只计处数", "car parks of unknown spaces count by number only"),
    )


def lots_used(parking: Parking, worst: Balance) -> ThemeLayer:
    """Car parks in the slot with the most cars short: full, with spaces left, shut, unknown."""
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
        note=slot_note(parking, worst),
    )


def lots_over(parking: Parking) -> ThemeLayer:
    """Return the car parks as a map of who is short shows them: all alike, however full."""
    lots = parking.supply.lots
    frame = gpd.GeoDataFrame(
        {"is_lot": [STANDS.value] * len(lots)}, geometry=lots.geometry.representative_point(), crs=lots.crs,
        index=lots.index,
    )  # fmt: skip
    return ThemeLayer(name="parking_lots", title=STANDS.name, frame=frame, show="is_lot", classes=(STANDS,))
