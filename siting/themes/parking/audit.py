"""Parking of a city: spaces against cars in the slots of the week, who is short, and what sharing gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from siting.coverage import assign_zones
from siting.coverage.rollup import zone_names
from siting.errors import InputError, SchemaError
from siting.inputs.schema import listed
from siting.ledger import Finding, Text
from siting.nearest_word import hint
from siting.network.snap import snap
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.parking.balance import Balance, balance_of, reach_of
from siting.themes.parking.demand import Cars, cars_of
from siting.themes.parking.kinds import CLASSES, RESIDENTS
from siting.themes.parking.own_figures import check_figures
from siting.themes.parking.sharing import Sharing, sharing_of
from siting.themes.parking.slots import AT_HOME, HOME, SLOTS, Assumed
from siting.themes.parking.supply import AREA_RULES, MOST_SPACES, Supply, parking_supply
from siting.themes.result import ThemeResult

RADIUS_RULE = "park_lot.radius.now"
SUPPLY_RULE = "park_lot.supply"
NO_CAR_PARKS = Text(
    "缺少停车场图层（public_parking、parking 或 street_parking）",
    "no car parks: give an OSM file or a layer of class public_parking, parking or street_parking",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Parking:
    """What the parking audit found.

    Attributes
    ----------
    supply : car parks with their spaces, and what the census should look at
    cars : cars by place, use and slot
    balances : by slot: who parks where and who is short
    sharing : by slot: what opening lots to residents gives
    rule, limit_m : how far a car may stand from its place, and whose distance that is; ``own_limit`` if the study's
    supply_rule : spaces per vehicle, for comparison; None where the catalogue has none
    area_rules : square metres a space, by rule id
    assumed : the figures behind the demand
    part, most_spaces : share of the spaces of a lot that sharing offers, and the most that are believed
    place_zones, lot_zones : zone of every place and lot, one column ``zone_<level>`` a level
    zone_shapes, zone_names : by level and zone id
    inside : whether each lot lies in the study area; those outside serve its cars, but are no supply of it
    straight_only : whether the study has no streets
    missing : what could not be judged, and why
    """

    supply: Supply
    cars: Cars
    balances: Mapping[str, Balance]
    sharing: Mapping[str, Sharing]
    rule: Rule
    supply_rule: Rule | None
    area_rules: Mapping[str, Rule]
    limit_m: float
    own_limit: bool
    assumed: Assumed
    part: float
    most_spaces: float
    place_zones: pd.DataFrame
    lot_zones: pd.DataFrame
    zone_shapes: Mapping[str, Mapping[str, BaseGeometry]]
    zone_names: Mapping[str, Mapping[str, str]]
    inside: pd.Series
    straight_only: bool
    missing: tuple[tuple[Text, Text], ...]
    findings: tuple[Finding, ...]

    @property
    def worst(self) -> Balance | None:
        """The slot with the most cars short, the first of several."""
        return max(self.balances.values(), key=lambda b: b.short, default=None)

    def themed(self) -> ThemeResult:
        """Return layers, tables, figures and sentences for every output."""
        from siting.themes.parking.shown import themed

        return themed(self)

    def __repr__(self) -> str:
        """Say how many car parks and slots there are."""
        return f"Parking({len(self.supply.lots)} car parks, {', '.join(self.balances) or 'no cars'})"


def lacks_parking(city: City) -> Text | None:
    """Say what is missing without which parking cannot be judged; None if nothing is."""
    if city.facilities["class"].isin(CLASSES).any():
        return None
    return NO_CAR_PARKS


def audit_parking(
    city: City,
    *,
    cars_per_person: float | None = None,
    cars_per_household: float | None = None,
    floors: gpd.GeoDataFrame | None = None,
    spaces_per_100m2: Mapping[str, float] | None = None,
    shares: Mapping[str, Mapping[str, float]] | None = None,
    share_slots: Sequence[str] = ("night",),
    shared_part: float = 1.0,
    rule: str = RADIUS_RULE,
    limit_m: float | None = None,
    most_spaces: float = MOST_SPACES,
    source: str = "",
) -> Parking:
    """Audit parking: most cars parked within the limit, then least walking, slot by slot.

    Parameters
    ----------
    city : see `City.of`; facilities of the classes ``public_parking``, ``street_parking`` (open to all) and
        ``parking`` (for residents, or for their own users) are looked at, see `parking_supply` for their columns. A
        column ``cars`` of the demand states the cars of residents
    cars_per_person, cars_per_household : one of them, where the demand has no column ``cars``
    floors : points or areas with ``use`` and ``floor_area_m2``, for cars of offices, shops and the like
    spaces_per_100m2 : cars by use of ``floors``
    shares : by use (``home`` for residents) and slot (``day``, ``evening``, ``night``, ``weekend``), the share of cars
        that look for a space; default: all residents' cars at night. A slot that no use names is not judged
    share_slots : slots in which lots for their own users are opened to residents, to see what that gives
    shared_part : share of the spaces of such a lot that residents may take
    rule : gives the distance along the streets up to which a space serves
    limit_m : a distance of the study's own instead
    most_spaces : more spaces at one car park are taken for an error
    source : on whose word the figures of the demand are

    Returns
    -------
    `Parking`; without any figure for cars, only the supply, and ``missing`` says why.

    Raises
    ------
    InputError
        The city has no car parks: see `lacks_parking`.
    SchemaError
        A slot is unknown, a rate or share out of range, the rule sets no distance.
    """
    lacking = lacks_parking(city)
    if lacking is not None:
        msg = f"parking: {lacking.en}"
        raise InputError(msg)
    assumed = Assumed(
        cars_per_person=cars_per_person,
        cars_per_household=cars_per_household,
        spaces_per_100m2=dict(spaces_per_100m2 or {}),
        shares=AT_HOME if shares is None else shares,
        source=source,
    )
    check_figures("parking", {"limit_m": limit_m, "most_spaces": most_spaces}, above=True)
    _check(share_slots, shared_part)
    judged = city.catalogue[rule]
    limit = judged.limit_m if limit_m is None else float(limit_m)
    if limit is None or not limit > 0:
        msg = f"rule {rule}: it sets no distance above 0 up to which a space serves. Name another, or give limit_m"
        raise SchemaError(msg)
    supply = parking_supply(city.facilities, city.catalogue, most_spaces=most_spaces)
    cars = cars_of(city, assumed, floors)
    balances: dict[str, Balance] = {}
    sharing: dict[str, Sharing] = {}
    if len(cars.places):
        reach = reach_of(city, cars, supply.lots, limit)
        for slot in cars.slots:
            wanted = cars.places[slot].to_numpy(dtype="int64")
            balances[slot] = balance_of(reach, wanted, slot)
            if slot in share_slots and assumed.share(HOME, slot) > 0:
                sharing[slot] = sharing_of(reach, wanted, slot, shared_part)
    middles = gpd.GeoSeries(supply.lots.geometry.representative_point(), index=supply.lots.index, crs=city.crs)
    inside = _inside(city, middles)
    return Parking(
        supply=supply,
        cars=cars,
        balances=balances,
        sharing=sharing,
        rule=judged,
        supply_rule=city.catalogue.by_id.get(SUPPLY_RULE),
        area_rules={id_: city.catalogue[id_] for id_ in AREA_RULES.values() if id_ in city.catalogue},
        limit_m=limit,
        own_limit=limit_m is not None,
        assumed=assumed,
        part=shared_part,
        most_spaces=most_spaces,
        place_zones=assign_zones(cars.places, city.zones),
        lot_zones=assign_zones(middles, city.zones),
        zone_shapes={
            level: dict(zip(layer.index.astype(str), layer.geometry, strict=True))
            for level, layer in city.zones.items()
        },
        zone_names=zone_names(city.zones),
        inside=inside,
        straight_only=city.network is None,
        missing=cars.missing,
        findings=(
            *supply.findings,
            *_outside(inside),
            *_no_garages(supply, balances),
            *cars.findings,
            *_far_from_streets(city, cars),
        ),
    )


def _inside(city: City, middles: gpd.GeoSeries) -> pd.Series:
    if city.boundary is None:
        return pd.Series(True, index=middles.index)
    found: pd.Series = middles.intersects(city.boundary.geometry.union_all())
    return found


def _outside(inside: pd.Series) -> list[Finding]:
    out = inside.index[~inside]
    if not len(out):
        return []
    text = Text(
        f"{len(out)} 处停车场在研究范围之外：可供范围内车辆停放，但不计入供给总量",
        f"{len(out)} car parks lie outside the study area: its cars may use them, but they are no part of its supply",
    )
    return [Finding(code="lots_outside", kind="note", count=len(out), text=text, ids=listed(out))]


def _no_garages(supply: Supply, balances: Mapping[str, Balance]) -> list[Finding]:
    if not balances or (supply.lots["users"] == RESIDENTS).any():
        return []
    text = Text(
        "数据中没有居民专用停车位：住宅自带车库若未录入，缺口会偏大",
        "no lot in the data is for residents: where garages of homes are not mapped, the shortage is overstated",
    )
    return [Finding(code="no_residents_lots", kind="warning", count=0, text=text)]


def _far_from_streets(city: City, cars: Cars) -> list[Finding]:
    """List the places that no street is near: their cars reach no space, whatever there is."""
    if city.network is None or not len(cars.places):
        return []
    found = snap(city.network, cars.places, city.max_snap_m, name="parking places").snapped
    far = cars.places.index[~found]
    if not len(far):
        return []
    text = Text(
        f"{len(far)} 处停车需求距路网超过 {city.max_snap_m:g} 米，其车辆按无泊位计",
        f"{len(far)} places lie over {city.max_snap_m:g} m from every street: their cars count as without a space",
    )
    return [Finding(code="places_unsnapped", kind="warning", count=len(far), text=text, ids=listed(far))]


def _check(share_slots: Sequence[str], part: float) -> None:
    for slot in share_slots:
        if slot not in SLOTS:
            msg = f"parking: no time '{slot}'{hint(slot, SLOTS)}; there are {', '.join(SLOTS)}"
            raise SchemaError(msg)
    if not 0 <= part <= 1:
        msg = f"parking: shared_part is {part}, expected 0 to 1"
        raise SchemaError(msg)
