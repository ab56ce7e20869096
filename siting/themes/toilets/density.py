"""Toilets per km²: by land class and zone against the range of its clause, with what is short or over in toilets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from siting.coverage.model import CITY_LEVEL, OUTSIDE_ZONE
from siting.coverage.rollup import ZONE_PREFIX, assign_zones, zone_names
from siting.coverage.schema import people_milli
from siting.ledger import Text
from siting.standards import document_text
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.result import Class
from siting.themes.toilets.land_classes import CLASS_NAMES, ClassedLand
from siting.units import MILLI_PER_PERSON

TOWN_RULES = ("wc.density.town_seed", "wc.density.gb50337_2003")
PEOPLE_RULE = "wc.gc2005"
PER_PEOPLE = 10_000
WHOLE, BY_PEOPLE = "town", "people"
BELOW, WITHIN, ABOVE = "below", "within", "above"
STATES = (
    Class(value=BELOW, name=Text("低于下限", "below the range"), role="bad"),
    Class(value=WITHIN, name=Text("在范围内", "within the range"), role="good"),
    Class(value=ABOVE, name=Text("高于上限", "above the range"), role="fair"),
)
AREA_STEP_M2 = 100
"""Land is counted in hundredths of a hectare, as land balances state it: a stray square metre asks for no toilet."""
EDGE_M = 0.01
"""A toilet this near to the edge of an area lies on it: coordinates from another CRS are no nearer."""
GRID_M = 0.001
COLUMNS = (
    "rule", "class", "level", "zone", "zone_name", "toilets", "base", "base_unit", "density", "low", "high",
    "needed", "shortfall", "excess", "state", "meets", "clause", "confidence",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Density:
    """Density by rule, class and zone.

    Attributes
    ----------
    table : columns `COLUMNS`. ``class`` is a land class, ``town`` (all land) or ``people``; ``base`` is km², or people
        / 10,000; ``needed`` the fewest toilets that reach the lower end, ``excess`` those beyond the upper end.
        ``meets`` only for the city, and only where the figure was read in a text in force.
        Each zone is rounded up for itself, so its shortfalls do not add up to the city's
    toilet_class : by toilet id, the land class in which it counts; None: in none
    readings : by rule, how well its figure was read, in words
    missing : what could not be computed, and why
    """

    table: pd.DataFrame
    toilet_class: pd.Series
    readings: Mapping[str, Text]
    missing: tuple[tuple[Text, Text], ...]

    def city(self, rule: str) -> pd.Series | None:
        """Return the row of the whole city for a rule, None where it was not computed."""
        rows = self.table[(self.table["rule"] == rule) & (self.table["level"] == CITY_LEVEL)]
        return rows.iloc[0] if len(rows) else None


def density_of(city: City, toilets: gpd.GeoDataFrame, land: ClassedLand | None, beside_m: float = 0.0) -> Density:
    """Compute every density of the catalogue that the layers of the city allow.

    A toilet on the boundary between two classes counts once, in the class of which the clause asks more per km²; one
    on the boundary between two zones counts in the zone whose id comes first in text order. Land outside the study
    area (or, without one, outside every zone of the largest level) is no base, and toilets there do not count.

    Parameters
    ----------
    toilets : points, index = id
    land : classed land; None: only the town as a whole can be judged
    beside_m : a toilet on no classed land, but this near to some (on the street in front), counts in the nearest
    """
    places = _places(city)
    catalogue = city.catalogue
    rows: list[dict[str, object]] = []
    missing: list[tuple[Text, Text]] = []
    nowhere = pd.Series([None] * len(toilets), index=toilets.index, dtype=object)
    if places is None:
        why = Text("缺少研究范围或分区图层", "no boundary and no zones: the land it is a share of is unknown")
        asked = [catalogue[n].name for n in TOWN_RULES if n in catalogue]
        return Density(
            table=_table([]), toilet_class=nowhere, readings={}, missing=tuple((name, why) for name in asked)
        )
    where = toilet_zones(city, toilets, places)
    everything = pd.Series(True, index=toilets.index)
    km2 = _steps(shapely.area(places["shape"].to_numpy()))
    for name in (n for n in TOWN_RULES if n in catalogue):
        rows += _rows(catalogue[name], WHOLE, places, _count(everything, where, places), km2, "km²")
    milli = people_milli(city.demand)
    if PEOPLE_RULE in catalogue and milli is not None:
        base = [Fraction(m, MILLI_PER_PERSON * PER_PEOPLE) for m in _people_in(city, milli, places)]
        counts = _count(everything, where, places)
        rows += _rows(catalogue[PEOPLE_RULE], BY_PEOPLE, places, counts, base, "10,000 people")
    classes = nowhere
    if land is not None:
        classes = class_of_toilets(toilets, land.shapes, beside_m)
        for name, shape in land.shapes.items():
            inside = [shapely.area(shapely.intersection(shape, p, grid_size=GRID_M)) for p in places["shape"]]
            counts = _count(classes == name, where, places)
            rows += _rows(land.rules[name], name, places, counts, _steps(np.array(inside)), "km²")
    table = _table(rows)
    readings = {str(name): catalogue[str(name)].confidence.text for name in table["rule"].unique()}
    return Density(table=table, toilet_class=classes, readings=readings, missing=tuple(missing))


def class_of_toilets(toilets: gpd.GeoDataFrame, shapes: Mapping[str, BaseGeometry], beside_m: float = 0.0) -> pd.Series:
    """Return the class in which each toilet counts: the first of ``shapes`` that it touches; None: it touches none.

    A toilet that touches none, but lies within ``beside_m`` of one, counts in the nearest (of equally near ones: the
    first).
    """
    points = np.asarray(toilets.geometry, dtype=object)
    found = np.full(len(points), None, dtype=object)
    for name, shape in shapes.items():
        parts = shapely.get_parts(shape)
        row = shapely.STRtree(parts).query(points, predicate="dwithin", distance=EDGE_M)[0]
        mine = np.zeros(len(points), dtype=bool)
        mine[row] = True
        found[mine & (found == None)] = name  # noqa: E711 - element by element
    if beside_m > 0 and shapes:
        names = np.array(list(shapes), dtype=object)
        distance = np.stack([shapely.distance(points, shape) for shape in shapes.values()])
        # Whole millimetres: which of two edges is nearer is not left to the last digit.
        nearest = np.rint(distance * 1000).argmin(axis=0)
        near = (found == None) & (distance.min(axis=0) <= beside_m)  # noqa: E711 - element by element
        found[near] = names[nearest[near]]
    return pd.Series(found, index=toilets.index, dtype=object)


def toilet_zones(city: City, toilets: gpd.GeoDataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Say where each toilet counts: ``zone_<level>``, and ``city`` (bool) whether inside the study area at all."""
    placed = assign_zones(toilets, city.zones)
    whole = places["shape"].iloc[0]
    inside = shapely.dwithin(np.asarray(toilets.geometry, dtype=object), whole, EDGE_M)
    return placed.assign(**{CITY_LEVEL: inside})


def judge(rule: Rule, count: int, base: Fraction) -> tuple[str | None, int, int]:
    """Compare toilets with the range: state, toilets short of the lower end, toilets beyond the upper end.

    Without any base (no land, no people) nothing is asked for and there is no state.
    """
    low, high = ends(rule)
    if base <= 0 or low is None:
        return None, 0, 0
    needed = ceil(low * base)
    short = max(0, needed - count)
    # A small area may have no whole number in its range: what reaches the lower end is then not too many.
    over = 0 if high is None else max(0, count - max(needed, floor(high * base)))
    return BELOW if short else ABOVE if over else WITHIN, short, over


def ends(rule: Rule) -> tuple[Fraction | None, Fraction | None]:
    """Lower and upper end of what a rule asks for, exactly as the catalogue writes them."""
    if isinstance(rule.threshold, tuple) and rule.operator == "range":
        low, high = (Fraction(str(v)) for v in rule.threshold)
        return low, high
    if isinstance(rule.threshold, float) and rule.operator == ">=":
        return Fraction(str(rule.threshold)), None
    return None, None


def may_be_compared(rule: Rule) -> bool:
    """Whether the figure was read, in a text in force, and not put there by the study."""
    read = rule.readings.get("threshold")
    in_force = rule.source.standing in ("in_force", "policy", "local")
    return read is not None and read.is_read and in_force and not rule.overridden


def _places(city: City) -> pd.DataFrame | None:
    """List the city first, then its zones: ``level``, ``zone``, ``name``, ``shape``."""
    names = zone_names(city.zones)
    rows = [
        (level, str(zone), names[level].get(str(zone), str(zone)), shape)
        for level, layer in city.zones.items()
        for zone, shape in zip(layer.index, layer.geometry, strict=True)
    ]
    if city.boundary is not None:
        whole = shapely.union_all(np.asarray(city.boundary.geometry, dtype=object), grid_size=GRID_M)
    elif city.zones:
        largest = list(city.zones.values())[-1]
        whole = shapely.union_all(np.asarray(largest.geometry, dtype=object), grid_size=GRID_M)
    else:
        return None
    frame = pd.DataFrame(
        [(CITY_LEVEL, CITY_LEVEL, CITY_LEVEL, whole), *rows], columns=["level", "zone", "name", "shape"]
    )
    # What of a zone lies outside the study area is not looked at.
    return frame.assign(shape=[_areas(shapely.intersection(s, whole, grid_size=GRID_M)) for s in frame["shape"]])


def _areas(shape: BaseGeometry) -> Any:
    """Return what of a shape has an area: zones that share an edge with the rim leave lines behind."""
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2], grid_size=GRID_M)


def _steps(area_m2: NDArray[np.float64]) -> list[Fraction]:
    """Square kilometres, in whole hundredths of a hectare."""
    return [Fraction(int(np.rint(a / AREA_STEP_M2)) * AREA_STEP_M2, 1_000_000) for a in np.asarray(area_m2)]


def _count(mine: pd.Series, where: pd.DataFrame, places: pd.DataFrame) -> list[int]:
    counts = []
    inside = mine & where[CITY_LEVEL]
    for level, zone in zip(places["level"], places["zone"], strict=True):
        here = inside if level == CITY_LEVEL else inside & (where[ZONE_PREFIX + level] == zone)
        counts.append(int(here.sum()))
    return counts


def _people_in(city: City, milli: NDArray[np.int64], places: pd.DataFrame) -> list[int]:
    people = []
    for level, zone in zip(places["level"], places["zone"], strict=True):
        mine = np.ones(len(milli), dtype=bool)
        if level != CITY_LEVEL:
            mine = city.demand[ZONE_PREFIX + level].astype(str).to_numpy() == zone
        people.append(int(milli[mine].sum()))
    return people


def _rows(
    rule: Rule, land_class: str, places: pd.DataFrame, counts: list[int], base: list[Fraction], unit: str
) -> list[dict[str, object]]:
    low, high = ends(rule)
    rows = []
    for level, zone, name, count, land in zip(
        places["level"], places["zone"], places["name"], counts, base, strict=True
    ):
        state, short, over = judge(rule, count, land)
        compared = level == CITY_LEVEL and state is not None and may_be_compared(rule)
        rows.append(
            {
                "rule": rule.id, "class": land_class, "level": level, "zone": zone, "zone_name": name,
                "toilets": count, "base": float(land), "base_unit": unit,
                "density": float(count / land) if land else np.nan,
                "low": np.nan if low is None else float(low), "high": np.nan if high is None else float(high),
                "needed": 0 if low is None else ceil(low * land), "shortfall": short, "excess": over, "state": state,
                "meets": state != BELOW if compared else None,
                "clause": document_text(rule, "en"), "confidence": rule.confidence.value,
            }
        )  # fmt: skip
    return [row for row in rows if row["zone"] != OUTSIDE_ZONE]


def _table(rows: list[dict[str, object]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("state", "meets"):  # None stays None
        table[name] = pd.Series([row[name] for row in rows], dtype=object)
    return table


def class_text(name: str) -> Text:
    """Return what a value of the column ``class`` means."""
    others = {WHOLE: Text("全部用地", "all land"), BY_PEOPLE: Text("常住人口", "people")}
    return CLASS_NAMES.get(name) or others[name]
