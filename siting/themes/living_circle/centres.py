"""The centre of each community: where most of its people are, on a street."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.coverage import OUTSIDE_ZONE, assign_zones
from siting.coverage.rollup import ZONE_PREFIX
from siting.coverage.schema import in_crs, keyed
from siting.ledger import Finding, Text
from siting.themes.city import City
from siting.themes.living_circle.counting import Counting
from siting.themes.living_circle.elements import Element


def community_centres(
    city: City, level: str, counting: Counting, near_m: float, given: gpd.GeoDataFrame | None = None
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Return one centre a community, or those that are given.

    A centre is the mean place of the community's people. Where that lies outside the community, or nobody of it lives
    near (it is crescent-shaped, or falls into pieces), it is the home nearest to the median place: half of the people
    live east and half west of that, half north and half south. Either is moved to the nearest street.

    Parameters
    ----------
    near_m : nobody within this straight distance of the mean: it is in the middle of nowhere
    given : points with names, such as the community offices; they stay where they are

    Returns
    -------
    Index = id of the zone (or of the given point), columns ``name``, ``zone``, ``kind`` ("mean", "home" or "given"),
    ``moved_m`` (to the street); and what a reader should know: communities without people have no centre.
    """
    if given is not None:
        frame = in_crs("centres", keyed(given), city.crs)
        zone_of = assign_zones(frame, {level: city.zones[level]})[ZONE_PREFIX + level]
        name = frame["name"] if "name" in frame.columns else pd.Series(frame.index.astype(str), index=frame.index)
        table = {"name": name, "zone": zone_of, "kind": "given", "moved_m": 0.0}
        made = gpd.GeoDataFrame(table, geometry=frame.geometry.representative_point(), crs=city.crs)
        return made.set_axis(made.index.astype(str), axis=0).rename_axis("id"), ()
    ids, code = counting.zones[level], counting.code[level]
    xy = shapely.get_coordinates(np.asarray(city.demand.geometry))
    weight = counting.main_weight.astype(np.float64)
    total = np.bincount(code, weights=weight, minlength=len(ids))
    shapes = city.zones[level].geometry.set_axis(city.zones[level].index.astype(str))
    places, zones, kinds = [], [], []
    for k, zone in enumerate(ids):
        if not total[k] or zone == OUTSIDE_ZONE or zone not in shapes.index:
            continue
        mine = np.flatnonzero(code == k)
        homes = mine[weight[mine] > 0]
        centre = (xy[homes] * weight[homes, None]).sum(axis=0) / total[k]
        nearest_m = np.hypot(*(xy[homes] - centre).T).min()
        lost = nearest_m > near_m or not shapely.intersects_xy(shapes[zone], *centre)
        if lost:
            median = np.array([_median(xy[homes, axis], weight[homes]) for axis in (0, 1)])
            centre = xy[homes[np.argmin(np.hypot(*(xy[homes] - median).T))]]
        places.append(centre)
        zones.append(zone)
        kinds.append("home" if lost else "mean")
    points = gpd.GeoSeries(shapely.points(np.array(places).reshape(-1, 2)), crs=city.crs)
    moved = np.zeros(len(points))
    if city.network is not None and len(points):
        at = city.network.snap(points, city.max_snap_m)
        on = at.snapped
        moved = np.where(on, at.distance_m, 0.0)
        xy_on = np.column_stack([at.x, at.y])
        kept = shapely.get_coordinates(points.to_numpy())
        points = gpd.GeoSeries(shapely.points(np.where(on[:, None], xy_on, kept)), crs=city.crs)
    made_of = {"name": [counting.name(level, z) for z in zones], "zone": zones, "kind": kinds, "moved_m": moved}
    made = gpd.GeoDataFrame(made_of, geometry=points.to_numpy(), crs=city.crs, index=pd.Index(zones, name="id"))
    return made, _without_people([z for z in ids if z != OUTSIDE_ZONE and z not in set(zones)])


def _median(value: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    """Weighted median: the least value at or below which half of the weight lies."""
    order = np.argsort(value, kind="stable")
    so_far = np.cumsum(weight[order])
    return float(value[order[np.searchsorted(2 * so_far, so_far[-1])]])


def _without_people(zones: Sequence[str]) -> tuple[Finding, ...]:
    if not zones:
        return ()
    text = Text(
        f"{len(zones)} 个社区没有人口，不设中心，不画生活圈",
        f"{len(zones)} communities have no people: no centre, no circle",
    )
    return (Finding(code="community_without_people", kind="note", count=len(zones), text=text, ids=tuple(zones[:20])),)


def distance_from(city: City, points: gpd.GeoDataFrame, elements: Sequence[Element]) -> dict[str, pd.Series]:
    """Metres from points to the nearest place of every class that has places, by id of the element."""
    kind: Literal["network", "straight"] = "straight" if city.network is None else "network"
    known: dict[int, pd.Series] = {}
    found = {}
    for element in elements:
        places = element.facilities
        if places is None or not len(points):
            continue
        if id(places) not in known:
            cost = city.searches.nearest(gpd.GeoDataFrame(points[["geometry"]]), places, kind).cost
            known[id(places)] = pd.Series(cost, index=points.index)
        found[element.id] = known[id(places)]
    return found


def by_zone(metres: dict[str, pd.Series], zone: pd.Series) -> dict[str, pd.Series]:
    """Least distance of the centres of each zone."""
    return {key: value.groupby(zone).min() for key, value in metres.items()}
