"""As the crow flies: the figure that official radius rules use, beside the one over the streets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from siting.access.cost import CostMatrix
from siting.access.near_points import nearest_of_points
from siting.access.nearest import answer
from siting.access.places import cutoff_mm
from siting.errors import CRSError
from siting.network.layers import geometries, labels
from siting.network.threads import in_blocks
from siting.units import MM_PER_M, metres_to_mm

POINTS_A_BLOCK = 8192


def nearest_straight(demand: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Nearest facility of every demand point in a straight line.

    Parameters
    ----------
    demand : points, in a CRS in metres
    facilities : points and areas, in any CRS

    Returns
    -------
    As `siting.access.nearest`: ``facility`` (equally near: the first) and ``cost``, the distance to the facility's
    geometry in metres, rounded to the millimetre as all distances are; 0 inside an area.

    Raises
    ------
    CRSError
        ``demand`` has no CRS or one in degrees.
    """
    index, names = labels(demand, "demand"), labels(facilities, "facilities")
    points, shapes = both(demand, facilities)
    label = np.full(len(points), -1, dtype=np.int32)
    cost = np.full(len(points), np.inf)
    point, facility, distance = nearest_pairs(points, shapes)
    label[point], cost[point] = facility, metres_to_mm(distance) / MM_PER_M
    return answer(index, names, label, cost)


def cost_matrix_straight(demand: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame, cutoff: float) -> CostMatrix:
    """Straight distances from every demand point to every candidate within ``cutoff`` metres (inclusive)."""
    index, names = labels(demand, "demand"), labels(candidates, "candidates")
    points, shapes = both(demand, candidates)
    limit = cutoff_mm(cutoff)
    margin_m = 0.001  # rounding to the millimetre may bring a pair within the limit
    point, column = shapely.STRtree(shapes).query(points, predicate="dwithin", distance=limit / MM_PER_M + margin_m)
    cost = metres_to_mm(shapely.distance(points[point], shapes[column]))
    near = np.flatnonzero(cost <= limit)
    near = near[np.lexsort((column[near], point[near]))]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(point[near], minlength=len(points)))]).astype(np.int64)
    return CostMatrix(
        indptr=indptr,
        indices=column[near].astype(np.int32),
        cost_mm=cost[near],
        rows=index,
        columns=names,
        cutoff=float(cutoff),
    )


def both(demand: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Geometries of both layers in the CRS of the first, which must be in metres."""
    if demand.crs is None or CRS(demand.crs).is_geographic:
        msg = f"demand: CRS {demand.crs} is not in metres, distances here are. Project it: demand.to_crs(…)"
        raise CRSError(msg)
    crs = CRS(demand.crs)
    return geometries(demand, crs, "demand"), geometries(facilities, crs, "facilities")


def nearest_pairs(
    points: NDArray[np.object_], shapes: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Each point with its nearest shape, the first of several equally near, and the distance."""
    label, metres = np.full(len(points), -1, dtype=np.int64), np.full(len(points), np.inf)
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    single &= ~shapely.is_empty(shapes)
    at = np.flatnonzero(single)
    if len(at) and len(points):
        label, metres = nearest_of_points(shapely.get_coordinates(points), shapely.get_coordinates(shapes[at]))
        label = at[label]
    areas = np.flatnonzero(~single)
    if len(areas) and len(points):
        tree = shapely.STRtree(shapes[areas])

        def search(start: int, stop: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
            (row, area), metres = tree.query_nearest(points[start:stop], return_distance=True)
            return row + start, area, metres

        found_by = in_blocks(search, len(points), POINTS_A_BLOCK)
        point, shape, distance = (np.concatenate(part) for part in zip(*found_by, strict=True))
        shape = areas[shape]
        nearer = (distance < metres[point]) | ((distance == metres[point]) & (shape < label[point]))
        point, shape, distance = point[nearer], shape[nearer], distance[nearer]
        order = np.lexsort((shape, point))[::-1]
        label[point[order]], metres[point[order]] = shape[order], distance[order]
    found = np.flatnonzero(label >= 0)
    return found, label[found], metres[found]
