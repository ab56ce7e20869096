"""Green by person and by land: park area per head, comprehensive and community parks, green ratio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.coverage.model import CITY_LEVEL, OUTSIDE_ZONE
from siting.coverage.rollup import ZONE_PREFIX, zone_names
from siting.coverage.schema import people_milli
from siting.errors import SchemaError
from siting.ledger import Text
from siting.standards import document_text
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.green.parks import green_of, parks_of
from siting.units import MILLI_PER_PERSON

PER_HEAD: dict[str, tuple[str | None, str | None]] = {
    "park.gb55014.percap": (None, None),
    "park.gb51346.district_percap": (None, None),
    "park.percap.eco": (None, None),
    "park.percap.gc": (None, None),
    "park.gb55014.comprehensive": ("park.gb55014.size_comprehensive", None),
    "park.gb55014.community": ("park.gb55014.size_community", "park.gb55014.size_comprehensive"),
}
"""Rules about square metres of park a person, and the rules whose area a park must reach, or must not reach."""
OF_LAND = ("park.gb51346.greenrate", "park.greenrate.gc")
CANOPY = ("park.canopy.eco", "park.canopy.gc")
LOCAL = {"park.tianjin.percap": "head", "park.tianjin.rate": "land", "park.tianjin.canopy": "canopy"}
"""A city's own figures and what they are a share of: computed where a study asks for them."""
NO_AREA = Text("缺少研究范围或分区图层", "no boundary and no zones: the land it is a share of is unknown")
NO_CANOPY = Text("需要植被指数或树冠栅格（[green] raster）", "needs a raster of vegetation or canopy ([green] raster)")
NO_PEOPLE = Text("缺少人口", "no people in the demand")
GRID_M = 0.001


@dataclass(frozen=True, kw_only=True, eq=False)
class Rates:
    """Figures by rule and zone.

    Attributes
    ----------
    table : one row a rule and zone: ``rule``, ``name_zh``, ``name_en``, ``level``, ``zone``, ``zone_name``,
        ``green_m2``, ``of`` (people, or square metres of land), ``value``, ``unit``, ``operator``, ``threshold``,
        ``meets`` (None where the threshold was not read), ``clause``, ``confidence``
    missing : (what could not be computed, why)
    """

    table: pd.DataFrame
    missing: tuple[tuple[Text, Text], ...]


def rates_of(city: City, canopy: gpd.GeoDataFrame | None = None, local: Sequence[str] = ()) -> Rates:
    """Compute the rates of the city and of every zone.

    Overlapping green counts once. Green outside the study area (or outside every zone of the largest level, where
    there is no boundary) does not count. A park's size class is that of the whole park, also where a zone holds a part.

    Parameters
    ----------
    canopy : areas under vegetation, as a raster shows them; None: the canopy rules cannot be judged
    local : rules of `LOCAL` to compute as well

    Raises
    ------
    SchemaError
        A rule of ``local`` is not among `LOCAL`.
    """
    unknown = [name for name in local if name not in LOCAL]
    if unknown:
        msg = f"green: '{unknown[0]}' is no local figure that can be computed; there are {', '.join(LOCAL)}"
        raise SchemaError(msg)
    of_head = PER_HEAD | {name: (None, None) for name in local if LOCAL[name] == "head"}
    of_land = (*OF_LAND, *(name for name in local if LOCAL[name] == "land"))
    of_canopy = (*CANOPY, *(name for name in local if LOCAL[name] == "canopy"))
    places = _places(city)
    catalogue = city.catalogue
    milli = people_milli(city.demand)
    rows: list[dict[str, object]] = []
    missing: list[tuple[Text, Text]] = []
    if places is None:
        every = [catalogue[n].name for n in (*of_head, *of_land, *of_canopy) if n in catalogue]
        return Rates(table=_table([]), missing=tuple((name, NO_AREA) for name in every))
    parks, green = parks_of(city), green_of(city)
    size = shapely.area(np.asarray(parks.geometry, dtype=object))
    for name, (least, below) in of_head.items():
        if name not in catalogue:
            continue
        if milli is None:
            missing.append((catalogue[name].name, NO_PEOPLE))
            continue
        fits = np.ones(len(parks), dtype=bool)
        if least is not None:
            fits &= size >= _least_m2(catalogue[least])
        if below is not None:
            fits &= size < _least_m2(catalogue[below])
        areas = _area_in(parks.geometry[fits], places)
        rows += _rows(catalogue[name], places, areas, _people_in(city, milli, places))
    land = np.asarray(shapely.area(places["shape"].to_numpy()), dtype=np.float64)
    for names, layer in ((of_land, green), (of_canopy, canopy)):
        for name in (n for n in names if n in catalogue):
            if layer is None:
                missing.append((catalogue[name].name, NO_CANOPY))
                continue
            rows += _rows(catalogue[name], places, _area_in(layer.geometry, places), land)
    return Rates(table=_table(rows), missing=tuple(missing))


def meets(rule: Rule, value: float) -> bool | None:
    """Compare a figure with a threshold that somebody read in a text in force; None where nobody did."""
    read = rule.readings.get("threshold")
    in_force = rule.source.standing in ("in_force", "policy", "local")
    if read is None or not read.is_read or not in_force or rule.overridden or not isinstance(rule.threshold, float):
        return None
    least = Fraction(str(rule.threshold))
    if not np.isfinite(value) or rule.operator not in (">", ">="):
        return None
    return Fraction(value) > least if rule.operator == ">" else Fraction(value) >= least


def _least_m2(rule: Rule) -> float:
    if not isinstance(rule.min_area_m2, float):
        return 0.0
    return rule.min_area_m2


def _places(city: City) -> pd.DataFrame | None:
    """List the city and its zones with their shapes: ``level``, ``zone``, ``name``, ``shape``."""
    names = zone_names(city.zones)
    rows = [
        (level, str(zone), names[level].get(str(zone), str(zone)), shape)
        for level, layer in city.zones.items()
        for zone, shape in zip(layer.index, layer.geometry, strict=True)
    ]
    if city.boundary is not None:
        whole = city.boundary.geometry.union_all()
    elif city.zones:
        whole = list(city.zones.values())[-1].geometry.union_all()
    else:
        return None
    rows.insert(0, (CITY_LEVEL, CITY_LEVEL, "", whole))
    return pd.DataFrame(rows, columns=["level", "zone", "name", "shape"])


def _area_in(shapes: gpd.GeoSeries, places: pd.DataFrame) -> NDArray[np.float64]:
    """Square metres of the united shapes in each place."""
    parts = np.asarray(shapely.get_parts(shapely.union_all(shapes.to_numpy(), grid_size=GRID_M)), dtype=object)
    areas = np.zeros(len(places))
    if not len(parts):
        return areas
    place = places["shape"].to_numpy()
    shapely.prepare(place)
    row, part = shapely.STRtree(parts).query(place, predicate="intersects")
    whole = shapely.covers(place[row], parts[part])
    size = np.where(whole, shapely.area(parts[part]), 0.0)
    size[~whole] = shapely.area(shapely.intersection(place[row[~whole]], parts[part[~whole]], grid_size=GRID_M))
    np.add.at(areas, row, size)
    return areas


def _people_in(city: City, milli: NDArray[np.int64], places: pd.DataFrame) -> NDArray[np.float64]:
    people = np.zeros(len(places))
    for k, (level, zone) in enumerate(zip(places["level"], places["zone"], strict=True)):
        mine = np.ones(len(milli), dtype=bool)
        if level != CITY_LEVEL:
            mine = city.demand[ZONE_PREFIX + level].astype(str).to_numpy() == zone
        people[k] = int(milli[mine].sum()) / MILLI_PER_PERSON
    return people


def _rows(
    rule: Rule, places: pd.DataFrame, areas: NDArray[np.float64], of: NDArray[np.float64]
) -> list[dict[str, object]]:
    value = np.divide(areas, of, out=np.full(len(areas), np.nan), where=of > 0)
    return [
        {
            "rule": rule.id,
            "name_zh": rule.name.zh,
            "name_en": rule.name.en,
            "level": level,
            "zone": zone,
            "zone_name": name,
            "green_m2": round(float(area), 1),
            "of": round(float(whole), 3),
            "value": float(figure),
            "unit": rule.unit,
            "operator": rule.operator,
            "threshold": rule.threshold,
            # The clauses speak of the city; only the one about districts is compared district by district.
            "meets": meets(rule, float(figure)) if (level == CITY_LEVEL) != (rule.id == DISTRICTS) else None,
            "clause": document_text(rule, "en"),
            "confidence": rule.confidence.value,
        }
        for level, zone, name, area, whole, figure in zip(
            places["level"], places["zone"], places["name"], areas, of, value, strict=True
        )
        if zone != OUTSIDE_ZONE
    ]


DISTRICTS = "park.gb51346.district_percap"


def _table(rows: list[dict[str, object]]) -> pd.DataFrame:
    columns = [
        "rule", "name_zh", "name_en", "level", "zone", "zone_name", "green_m2", "of", "value", "unit", "operator",
        "threshold", "meets", "clause", "confidence",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    table["meets"] = pd.Series([row["meets"] for row in rows], dtype=object)
    return table
