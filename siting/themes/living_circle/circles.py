"""The circle itself: what lies within 5, 10 and 15 minutes of a point, who lives there, and who lives in none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse

from siting.access import cost_matrix, cost_matrix_straight, service_areas
from siting.coverage import DemandCells
from siting.coverage.clusters import MAX_SPAN_M, cluster
from siting.coverage.schema import in_crs, keyed, people_milli, unit_count
from siting.coverage.served import limit_in_mm
from siting.errors import InputError
from siting.network.profiles import profile_of
from siting.themes.city import City
from siting.themes.living_circle.tiers import SECONDS_PER_MIN
from siting.units import MILLI_PER_PERSON

if TYPE_CHECKING:
    from siting.network import Network

Longs = NDArray[np.int64]


def living_circle_areas(
    city: City,
    points: gpd.GeoDataFrame,
    minutes: Sequence[float] = (5, 10, 15),
    profile: str = "adult",
) -> gpd.GeoDataFrame:
    """Draw the living circle around points: what is within so many minutes on foot, and how many people live there.

    The outline is what lies along the streets within that time. People are counted by their own way to the point, not
    by the outline. Without streets the circle is a disk with the distance that the profile walks in that time; column
    ``kind`` then says "straight".

    Parameters
    ----------
    points : one or several, index (or column ``id``) = id, column ``name`` if they have one; any CRS
    minutes : different walking times above 0
    profile : "adult", "elderly" or "step_free"

    Returns
    -------
    Index "<point>/<minutes>", from the longest time to the shortest; columns ``point``, ``name``, ``minutes``,
    ``profile``, ``kind`` ("network" or "straight"), ``people`` and ``units`` where the city knows them, ``area_m2``.

    Raises
    ------
    InputError
        Minutes are not above 0 or occur twice.
    NetworkDataError
        The profile is unknown.
    """
    times = sorted((float(m) for m in minutes), reverse=True)
    if not times or not all(np.isfinite(t) and t > 0 for t in times) or len(set(times)) < len(times):
        msg = f"living circle: minutes {list(minutes)} must be different and above 0"
        raise InputError(msg)
    points = in_crs("points", keyed(points), city.crs)
    points = gpd.GeoDataFrame(points.set_axis(points.index.astype(str), axis=0))
    within = circle_members(city, points, times, profile)
    shapes = _outlines(city, points, times, profile)
    people, units = people_milli(city.demand), unit_count(city.demand)
    name = points["name"] if "name" in points.columns else pd.Series(points.index, index=points.index)
    parts = []
    for time, inside, outline in zip(times, within, shapes, strict=True):
        table = {
            "point": points.index,
            "name": name.to_numpy(),
            "minutes": time,
            "profile": profile,
            "kind": "straight" if city.network is None else "network",
        }
        if people is not None:
            table["people"] = (people @ inside) / MILLI_PER_PERSON
        if units is not None:
            table["units"] = units @ inside
        table["area_m2"] = np.round(shapely.area(outline), 1)
        index = pd.Index([f"{p}/{time:g}" for p in points.index], name="id")
        parts.append(gpd.GeoDataFrame(table, geometry=outline, crs=city.crs, index=index))
    return gpd.GeoDataFrame(pd.concat(parts), crs=city.crs)


def bands_of(circles: gpd.GeoDataFrame, nearest: Longs, weight: Longs, per_whole: int, unit: str) -> gpd.GeoDataFrame:
    """Join the circles of all points into bands that do not overlap: within 5 minutes of any, 5 to 10, 10 to 15.

    Parameters
    ----------
    circles : from `living_circle_areas`
    nearest : shape (n,), the shortest of the times that each demand point lies within, by position from the shortest;
        the number of times where it lies in none
    weight, per_whole, unit : whole numbers of each demand point, how many make one, and what they are called

    Returns
    -------
    Index "0-5", "5-10", …; columns ``from_min``, ``to_min``, ``unit``, ``area_m2``; from near to far.
    """
    times = sorted(circles["minutes"].unique())
    inner: shapely.Geometry = shapely.Polygon()
    rows, shapes = [], []
    for k, time in enumerate(times):
        outer = shapely.union_all(circles.geometry[circles["minutes"] == time].to_numpy())
        shapes.append(shapely.difference(outer, inner))
        inner = shapely.union(inner, outer)
        amount = int(weight[nearest == k].sum()) / per_whole
        rows.append({"from_min": times[k - 1] if k else 0.0, "to_min": float(time), unit: amount})
    index = pd.Index([f"{row['from_min']:g}-{row['to_min']:g}" for row in rows], name="id", dtype="str")
    table = pd.DataFrame(rows, columns=["from_min", "to_min", unit], index=index)
    made = gpd.GeoDataFrame(table, geometry=np.array(shapes, dtype=object), crs=circles.crs)
    return made.assign(area_m2=np.round(made.area, 1))


def circle_members(
    city: City, points: gpd.GeoDataFrame, minutes: Sequence[float], profile: str
) -> list[sparse.csr_array]:
    """Which demand points lie within each time of each point: 0/1 matrices, demand x points, in the order of times."""
    longest = max(minutes)
    home = gpd.GeoDataFrame(city.demand[["geometry"]])
    if city.network is None:
        pace = pace_mps(profile)
        matrix = cost_matrix_straight(home, points, longest * SECONDS_PER_MIN * pace)
        limits = [limit_in_mm(m * SECONDS_PER_MIN * pace) for m in minutes]
    else:
        network = timed_streets(city, profile)
        matrix = cost_matrix(network, home, points, longest * SECONDS_PER_MIN, max_snap_m=city.max_snap_m)
        limits = [limit_in_mm(m * SECONDS_PER_MIN) for m in minutes]
    found = []
    for limit in limits:
        keep = matrix.cost_mm <= limit
        pair = (matrix.row_of[keep], matrix.indices[keep])
        found.append(sparse.csr_array((np.ones(int(keep.sum()), dtype=np.int64), pair), shape=matrix.shape))
    return found


def timed_streets(city: City, profile: str) -> Network:
    """Return the streets with the times of a profile; only for a city with streets."""
    network = city.timed(profile)
    assert network is not None
    return network


def pace_mps(profile: str) -> float:
    """Return the walking speed of a profile on the flat, in metres a second."""
    speed = profile_of(profile).speed
    if speed is None:
        msg = f"living circle: profile {profile!r} does not walk; take 'adult', 'elderly' or 'step_free'"
        raise InputError(msg)
    return speed.value


def _outlines(
    city: City, points: gpd.GeoDataFrame, minutes: Sequence[float], profile: str
) -> list[NDArray[np.object_]]:
    if not len(points):
        return [np.empty(0, dtype=object) for _ in minutes]
    if city.network is None:
        pace = pace_mps(profile)
        shape = np.asarray(points.geometry)
        return [np.asarray(shapely.buffer(shape, m * SECONDS_PER_MIN * pace), dtype=object) for m in minutes]
    drawn = service_areas(
        timed_streets(city, profile),
        points,
        [m * SECONDS_PER_MIN for m in minutes],
        "overlap",
        max_snap_m=city.max_snap_m,
    )
    return list(drawn.geometry.to_numpy().reshape(len(minutes), len(points)))


def ground_of(
    cells: DemandCells, mask: NDArray[np.bool_], weight: Longs, crs: object, *, span_m: float = MAX_SPAN_M
) -> gpd.GeoDataFrame:
    """Ground of some demand points as areas, the heaviest first: it holds no home of any other point.

    Parameters
    ----------
    mask : shape (n,), the demand points
    weight : shape (n,), whole numbers that rank the areas

    Returns
    -------
    Index "1", "2", …; columns ``weight`` (whole numbers), ``points``, ``area_m2``, ``rank``.
    """
    chosen = np.zeros(len(cells.xy), dtype=np.bool_)
    chosen[cells.place[mask]] = True
    # A place is taken whole: homes at one place are all inside or all outside.
    group = np.where(mask, cluster(cells, chosen, span_m)[cells.place], -1)
    n = int(group.max()) + 1 if len(group) else 0
    rows = group >= 0
    sums = np.bincount(group[rows], weights=weight[rows], minlength=n).astype(np.int64)
    count = np.bincount(group[rows], minlength=n)
    place, first = np.unique(cells.place[rows], return_index=True)
    of_place = group[rows][first]
    shape = [shapely.coverage_union_all(cells.cell[place[of_place == k]]) for k in range(n)]
    order = np.lexsort((np.arange(n), -count, -sums))
    table = {"weight": sums[order], "points": count[order]}
    shapes = np.array(shape, dtype=object)[order] if n else np.empty(0, dtype=object)
    made = gpd.GeoDataFrame(table, geometry=shapes, crs=crs, index=pd.Index([str(k + 1) for k in range(n)], name="id"))
    return made.assign(area_m2=np.round(made.area, 1), rank=np.arange(1, n + 1))


def ground_by_count(cells: DemandCells, circles: Longs, weight: Longs, crs: object) -> gpd.GeoDataFrame:
    """Ground of the demand points in two circles, in three, and in four or more: one row each that occurs.

    Parameters
    ----------
    circles : shape (n,), number of circles that hold each demand point

    Returns
    -------
    Index "2", "3", "4"; columns ``circles`` (4: four or more), ``weight`` (whole numbers), ``points``, ``area_m2``.
    """
    rows, shapes = [], []
    for n in (2, 3, 4):
        mask = circles == n if n < 4 else circles >= n
        if mask.any():
            rows.append({"circles": n, "weight": int(weight[mask].sum()), "points": int(mask.sum())})
            shapes.append(shapely.coverage_union_all(cells.cell[np.unique(cells.place[mask])]))
    index = pd.Index([str(row["circles"]) for row in rows], name="id", dtype="str")
    table = pd.DataFrame(rows, columns=["circles", "weight", "points"], index=index)
    made = gpd.GeoDataFrame(table, geometry=np.array(shapes, dtype=object), crs=crs)
    return made.assign(area_m2=np.round(made.area, 1))
