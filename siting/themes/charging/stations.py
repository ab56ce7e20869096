"""Public charging stations: how many for how many electric cars, who has one near, and demand beside supply."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.coverage import CITY_LEVEL, assign_zones, served_mask
from siting.coverage.distances import Kind
from siting.coverage.rollup import ZONE_PREFIX, zone_names
from siting.coverage.schema import people_milli
from siting.errors import SchemaError
from siting.ledger import Finding, Text
from siting.standards import Catalogue
from siting.standards.model import Rule
from siting.themes.charging.assumed import CARS, Assumed, exact
from siting.themes.charging.station_records import station_records
from siting.themes.charging.study_area import inside_area
from siting.themes.city import City
from siting.units import MILLI_PER_PERSON

STATION = "charging"
COUNT_RULE = "ev.station"
ZONE_COLUMNS = ["level", "zone", "name", "people", "people_share", "evs", "stations", "demand_day", "supply_least_day",
                "balance_day", "people_near", "people_near_straight", "evs_near", "chargers", "chargers_known",
                "stations_unknown", "supply_day"]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Radius:
    """How far a station serves, and on whose word: a rule of the catalogue, else (``rule`` None) the study itself."""

    metres: float
    rule: Rule | None = None

    @property
    def text(self) -> Text:
        """Return the radius with who states it."""
        if self.rule is None:
            return Text(f"{self.metres:g} 米（研究自定，非条文）", f"{self.metres:g} m (the study's own, no clause)")
        read = self.rule.confidence.text
        return Text(
            f"{self.metres:g} 米（{self.rule.id}，{read.zh}）", f"{self.metres:g} m ({self.rule.id}, {read.en})"
        )


def radius_of(catalogue: Catalogue, reach_m: float | None) -> Radius | None:
    """Return the radius of the study, else that of the first rule (by id) that gives stations one, else None."""
    if reach_m is not None:
        if not (math.isfinite(reach_m) and reach_m > 0):
            msg = f"charging: reach_m is {reach_m}, expected a number of metres above 0"
            raise SchemaError(msg)
        return Radius(metres=float(reach_m))
    for rule in sorted(catalogue, key=lambda r: r.id):
        if STATION in rule.facility and rule.limit_m is not None:
            return Radius(metres=rule.limit_m, rule=rule)
    return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stations:
    """What was found of stations and the cars they serve; what is not known is None, in tables NaN.

    Attributes
    ----------
    stations : in service, each once, index = id; ``name``, ``chargers`` (NaN = not known), ``inside`` (those
        beyond the study area are near somebody, but are none of the city's own)
    points : demand points with ``near_m``, ``near_straight_m``, ``station``, ``near``, ``near_straight`` and ``evs``
    by_zone : the city and the zones of every level, columns `ZONE_COLUMNS`. A station whose chargers are not known
        makes ``chargers`` and ``supply_day`` unknown; ``chargers_known`` and ``supply_least_day`` are those of the
        others. A zone's balance compares what its cars take with what stands in it: cars also charge elsewhere, so
        only that of the city is a verdict
    radius : None where neither a rule nor the study states one
    rule : cars a station, None where the catalogue has none
    assumptions : every figure that the study assumed, in words
    evs : electric cars of the city; None where the study states no figures
    needed, short : stations that ``rule`` asks for, and how many are lacking; no stations in the data is no proof that
        there are none, so ``short`` is then None, like all that depends on stations
    distance : whether ``near`` is along the streets or in a straight line
    """

    stations: gpd.GeoDataFrame
    points: gpd.GeoDataFrame
    by_zone: pd.DataFrame
    radius: Radius | None
    rule: Rule | None
    assumed: Assumed | None
    assumptions: tuple[Text, ...]
    evs: Fraction | None
    needed: int | None
    short: int | None
    distance: Kind
    findings: tuple[Finding, ...]

    @property
    def city(self) -> pd.Series:
        """Row of the whole city."""
        return self.by_zone.iloc[0]


def stations_of(
    city: City,
    assumed: Assumed | None = None,
    *,
    reach_m: float | None = None,
    chargers: str = "chargers",
) -> Stations:
    """Count stations and electric cars, measure who has a station near, and lay demand beside supply.

    Parameters
    ----------
    assumed : the study's figures; None: cars are not known, so stations are counted and reached by people only
    reach_m : radius of a station in metres, the study's own; default: that of a rule, if one states it
    chargers : column of the facilities with the chargers of a station
    """
    records = station_records(city.of_class(STATION), chargers)
    stations = gpd.GeoDataFrame(records.stations.assign(inside=inside_area(city, records.stations)))
    radius = radius_of(city.catalogue, reach_m)
    kind: Kind = "straight" if city.network is None else "network"
    near = city.searches.nearest(city.demand, stations, kind)
    line = city.searches.nearest(city.demand, stations, "straight")
    evs = None if assumed is None else assumed.evs(city.demand)
    inside = outside = None
    if radius is not None and len(stations):
        inside, outside = served_mask(near.cost, radius.metres), served_mask(line.cost, radius.metres)
    nobody = np.full(len(city.demand), None, dtype=object)
    points = gpd.GeoDataFrame(
        {
            "station": near.facility,
            "near_m": near.cost,
            "near_straight_m": line.cost,
            "near": nobody if inside is None else inside.astype(object),
            "near_straight": nobody if outside is None else outside.astype(object),
            "evs": np.nan if evs is None else _floats(evs),
        },
        geometry=np.asarray(city.demand.geometry),
        crs=city.crs,
        index=city.demand.index,
    )
    known = {rule.id: rule for rule in city.catalogue}
    rule = known.get(COUNT_RULE)
    total = None if evs is None else sum(evs, Fraction(0))
    needed = None
    if total is not None and rule is not None and isinstance(rule.threshold, float):
        needed = math.ceil(total / exact(rule.threshold))
    return Stations(
        stations=stations,
        points=points,
        by_zone=_zones(city, stations, inside, outside, evs, assumed),
        radius=radius,
        rule=rule,
        assumed=assumed,
        assumptions=() if assumed is None else assumed.lines(by_column=CARS in city.demand.columns),
        evs=total,
        needed=needed,
        short=None if needed is None or not len(stations) else max(0, needed - int(stations["inside"].sum())),
        distance=kind,
        findings=(*records.findings, *(() if assumed is None else assumed.unknown_cars(city.demand))),
    )


def _zones(
    city: City,
    stations: gpd.GeoDataFrame,
    near: NDArray[np.bool_] | None,
    straight: NDArray[np.bool_] | None,
    evs: NDArray[np.object_] | None,
    assumed: Assumed | None,
) -> pd.DataFrame:
    milli = people_milli(city.demand)
    inside = shapely.point_on_surface(np.asarray(stations.geometry, dtype=object))
    place = assign_zones(gpd.GeoSeries(inside, index=stations.index, crs=city.crs), city.zones)
    names = zone_names(city.zones)
    everybody, every = np.ones(len(city.demand), dtype=bool), stations["inside"].to_numpy(dtype=bool)
    where = [(CITY_LEVEL, CITY_LEVEL, "", everybody, every)]
    for level in city.zones:
        home = city.demand[ZONE_PREFIX + level].astype(str).to_numpy()
        stand = place[ZONE_PREFIX + level].astype(str).to_numpy()
        zones = sorted(set(home.tolist()) | set(stand.tolist()) | set(city.zones[level].index.astype(str)))
        where += [(level, z, names[level].get(z, z), home == z, (stand == z) & every) for z in zones]
    rows = []
    for level, zone, name, mine, there in where:
        people = None if milli is None else int(milli[mine].sum())
        served = [None if milli is None or m is None else int(milli[mine & m].sum()) for m in (near, straight)]
        cars = None if evs is None else sum(evs[mine], Fraction(0))
        cars_near = None if evs is None or near is None else sum(evs[mine & near], Fraction(0))
        chargers = stations["chargers"].to_numpy()[there]
        # A station whose chargers are not known makes the sum unknown, not smaller.
        told = None if not len(stations) else int(np.nansum(chargers))
        unknown = None if not len(stations) else int(np.isnan(chargers).sum())
        held = None if unknown else told
        take = give = least = None
        if assumed is not None and assumed.per_ev_day is not None and cars is not None:
            take = cars * exact(assumed.per_ev_day)
        if assumed is not None and assumed.per_charger_day is not None and told is not None:
            least = told * exact(assumed.per_charger_day)
            give = None if held is None else least
        balance = None if take is None or give is None else give - take
        share = None if not people or served[0] is None else Fraction(served[0], people)
        thousandths = [None if x is None else Fraction(x, MILLI_PER_PERSON) for x in (people, *served)]
        count = int(there.sum()) if len(stations) else None
        figures = {
            "people": thousandths[0], "people_near": thousandths[1], "people_near_straight": thousandths[2],
            "people_share": share, "evs": cars, "evs_near": cars_near, "stations": count, "stations_unknown": unknown,
            "chargers": held, "chargers_known": told, "demand_day": take, "supply_day": give,
            "supply_least_day": least, "balance_day": balance,
        }  # fmt: skip
        plain = {name_: np.nan if v is None else float(v) for name_, v in figures.items()}
        rows.append({"level": level, "zone": zone, "name": name} | plain)
    return pd.DataFrame(rows, columns=ZONE_COLUMNS)


def _floats(values: NDArray[np.object_]) -> NDArray[np.float64]:
    return np.array([float(v) for v in values], dtype=np.float64)
