"""Who reaches the water: people within walking distance of places where a public street runs along it."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.access import nearest_by_entries
from siting.access.gates import OPEN_BOUNDARY_M, SPACING_M, boundary_entries, table
from siting.coverage import served_mask
from siting.coverage.model import CITY_LEVEL
from siting.coverage.rollup import ZONE_PREFIX, zone_names
from siting.coverage.schema import people_milli
from siting.ledger import Text
from siting.themes.city import City
from siting.themes.green.served import GREEN_RULE, PARK_RULE
from siting.themes.result import Class, ThemeLayer, ThemeTable
from siting.units import MILLI_PER_PERSON

MIN_WATER_M2 = 1000.0
"""Water smaller than this (ponds, basins) is no waterfront: an assumption, from no standard."""
WATERFRONT = Text("滨水空间步行可达性", "waterfront within walking distance")
NO_WATER = Text("缺少水域图层（[land] water）", "no water areas ([land] water)")
NO_STREETS = Text("缺少路网：无法判断哪些岸线可以到达", "no streets: which shores can be reached is unknown")
NEAR, FAR, BEYOND = "near", "far", "beyond"


@dataclass(frozen=True, kw_only=True, eq=False)
class Waterfront:
    """People and the water.

    Attributes
    ----------
    places : points on shores that face a walkable street, with ``water`` (id) and ``street_m``
    points : the demand with ``waterfront_m`` (metres on foot, inf = no path) and ``waterfront`` (near, far, beyond)
    zones : ``level``, ``zone``, ``name``, ``people``, ``people_near``, ``people_far`` (all within the farther limit)
        and their shares; the first row is the city
    near_m, far_m : the two limits, those of `GREEN_RULE` and `PARK_RULE`, borrowed: no clause is cited for water
    """

    places: gpd.GeoDataFrame
    points: gpd.GeoDataFrame
    zones: pd.DataFrame
    near_m: float
    far_m: float
    min_water_m2: float

    @property
    def definition(self) -> Text:
        """What counts as a waterfront that one can reach."""
        return Text(
            f"可达岸线：面积 ≥ {self.min_water_m2:,.0f} 平方米的水域岸线上，{OPEN_BOUNDARY_M:g} 米内有可步行街道"
            f"（桥梁、隧道除外）之处，每 {SPACING_M:g} 米一点；步行距离按路网计。"
            "限值借用见绿见园的距离，无条文，不作结论",
            f"a waterfront that one can reach: where a walkable street (no bridge, no tunnel) runs within "
            f"{OPEN_BOUNDARY_M:g} m of the shore of water of at least {self.min_water_m2:,.0f} m², a place every "
            f"{SPACING_M:g} m; distances along the streets. The limits are borrowed from green and park: no clause, "
            "no verdict",
        )


def waterfront_of(city: City, min_water_m2: float = MIN_WATER_M2) -> Waterfront | Text:
    """Measure how far people are from a shore that they can reach; say why where it cannot be judged."""
    if city.water is None or not len(city.water):
        return NO_WATER
    if city.network is None:
        return NO_STREETS
    # Reaches of a river are drawn one by one: the lines between them are no shores.
    merged = shapely.get_parts(shapely.union_all(shapely.make_valid(city.water.geometry.to_numpy())))
    merged = merged[(shapely.get_dimensions(merged) == 2) & (shapely.area(merged) >= min_water_m2)]
    if not len(merged):
        return NO_WATER
    bounds = shapely.bounds(merged)
    merged = np.asarray(merged[np.lexsort((bounds[:, 1], bounds[:, 0]))], dtype=object)
    water = gpd.GeoDataFrame(
        geometry=merged, crs=city.crs, index=pd.Index([f"W{k + 1}" for k in range(len(merged))], name="id")
    )
    rows = np.arange(len(water))
    found = boundary_entries(city.network, merged, rows, city.max_snap_m, OPEN_BOUNDARY_M, SPACING_M)
    found = found[(found["edge"] >= 0) & (found["distance_m"] <= OPEN_BOUNDARY_M)]
    entries = table(city.network, water.index, found)
    cost = np.full(len(city.demand), np.inf)
    if len(entries):
        walked = nearest_by_entries(city.network, city.demand, water, entries, max_snap_m=city.max_snap_m)
        cost = walked["cost"].to_numpy(dtype=np.float64)
    near_m, far_m = (city.catalogue[name].limit_m for name in (GREEN_RULE, PARK_RULE))
    assert near_m is not None
    assert far_m is not None
    near, far = served_mask(cost, near_m), served_mask(cost, far_m)
    state = np.select([near, far], [NEAR, FAR], default=BEYOND).astype(object)
    columns = ["people", "geometry"] if "people" in city.demand.columns else ["geometry"]
    points = gpd.GeoDataFrame(city.demand[columns].assign(waterfront_m=cost, waterfront=state))
    places = gpd.GeoDataFrame(
        {"water": entries["facility"].astype(str), "street_m": np.round(entries["distance_m"], 1)},
        geometry=entries.geometry,
        crs=city.crs,
    )
    return Waterfront(
        places=places, points=points, zones=_by_zone(city, near, far), near_m=near_m, far_m=far_m,
        min_water_m2=min_water_m2,
    )  # fmt: skip


def _by_zone(city: City, near: NDArray[np.bool_], far: NDArray[np.bool_]) -> pd.DataFrame:
    """People of the city and of every zone within the two limits; units where people are unknown."""
    milli, per = people_milli(city.demand), MILLI_PER_PERSON
    units, each = city.demand.get("units"), np.ones(len(city.demand), dtype=np.int64)
    if milli is None:
        per = 1
    weight = milli if milli is not None else each if units is None else np.asarray(units, dtype=np.int64)
    names = zone_names(city.zones)
    groups = [(CITY_LEVEL, CITY_LEVEL, CITY_LEVEL, np.ones(len(near), dtype=bool))]
    for level, layer in city.zones.items():
        zone_of = city.demand[ZONE_PREFIX + level].astype(str).to_numpy()
        groups += [(level, str(z), names[level].get(str(z), str(z)), zone_of == str(z)) for z in layer.index]
    rows = []
    for level, zone, name, mine in groups:
        total, close, within = (int(weight[mine & mask].sum()) for mask in (np.ones_like(near), near, near | far))
        shares = (close / total, within / total) if total else (np.nan, np.nan)
        rows.append((level, zone, name, total / per, close / per, within / per, *shares))
    columns = ["level", "zone", "name", "people", "people_near", "people_far", "near_share", "far_share"]
    return pd.DataFrame(rows, columns=columns)


def waterfront_layers(found: Waterfront) -> list[ThemeLayer]:
    """Return the people by distance to the water, and the places on the shores."""
    near, far = f"{found.near_m:g}", f"{found.far_m:g}"
    classes = (
        Class(value=NEAR, name=Text(f"{near} 米内", f"within {near} m"), role="good"),
        Class(value=FAR, name=Text(f"{near}–{far} 米", f"{near} to {far} m"), role="fair"),
        Class(value=BEYOND, name=Text(f"{far} 米以外或不可达", f"beyond {far} m, or no path"), role="none"),
    )
    return [
        ThemeLayer(
            name="green_waterfront",
            title=Text("至可达岸线的步行距离", "Walking distance to the waterfront"),
            frame=gpd.GeoDataFrame(found.points[["waterfront", "waterfront_m", "geometry"]]),
            columns={
                "waterfront": Text("距离分级", "class of distance"),
                "waterfront_m": Text("至最近可达岸线的步行距离（米）", "on foot to the nearest shore (m)"),
            },
            show="waterfront",
            classes=classes,
            note=found.definition,
        ),
        ThemeLayer(
            name="green_shores",
            title=Text("可达岸线点", "Places on the shore that can be reached"),
            frame=found.places,
            columns={
                "water": Text("水域编号", "water"),
                "street_m": Text("至街道（米）", "to the street (m)"),
            },
            own_map=False,
            note=found.definition,
        ),
    ]


def waterfront_table(found: Waterfront) -> ThemeTable:
    """Return the people within the two limits by zone."""
    near, far = f"{found.near_m:g}", f"{found.far_m:g}"
    return ThemeTable(
        name="green_waterfront",
        title=Text("各分区滨水可达人口", "People within reach of the waterfront, by zone"),
        frame=found.zones,
        columns={
            "people": Text("人口（未知时为单元数）", "people (units where people are unknown)"),
            "people_near": Text(f"步行 {near} 米内", f"within {near} m on foot"),
            "people_far": Text(f"步行 {far} 米内", f"within {far} m on foot"),
            "near_share": Text(f"步行 {near} 米内占比", f"share within {near} m"),
            "far_share": Text(f"步行 {far} 米内占比", f"share within {far} m"),
        },
        note=found.definition,
    )
