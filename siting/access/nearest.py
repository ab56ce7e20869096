"""The nearest facility of every demand point, over the streets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.access.gates import entries
from siting.access.places import Goals, cutoff_mm
from siting.network.core_search import nearest_seeds
from siting.network.graph import MAX_SNAP_M
from siting.network.layers import geometries, labels, point_coordinates
from siting.network.places import Places
from siting.network.reach import nearest_to_places
from siting.network.snap import snap_xy
from siting.units import mm_to_metres

if TYPE_CHECKING:
    from siting.network.graph import Network
    from siting.network.snap import Snapped


def nearest(
    network: Network,
    demand: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    cutoff: float | None = None,
    *,
    max_snap_m: float = MAX_SNAP_M,
    entrances: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Nearest facility of every demand point and the way to it.

    The cost is the straight way from the point to its street, the shortest way along the streets, and the straight way
    from the street to the facility's entry, each in whole millimetres. Two places on one edge meet along it. A point
    that lies inside an area facility is there already: cost 0, if it can be placed on a street.

    Parameters
    ----------
    demand : points in any CRS
    facilities : points and areas in any CRS; an area is entered as `siting.access.entries` says
    cutoff : metres (seconds, where the network has times); a facility farther than this is not found, one exactly at
        it is
    max_snap_m : points and entries farther than this from every street reach nothing and are not reached
    entrances : mapped gates, for `siting.access.entries`

    Returns
    -------
    Index = demand id, in the order of ``demand``; ``facility`` = id of the nearest (equally near: the first in
    ``facilities``) or None, ``cost`` in the network's unit (metres, or seconds), ``inf`` where there is none.
    """
    found = entries(network, facilities, entrances, max_snap_m=max_snap_m)
    return nearest_by_entries(network, demand, facilities, found, cutoff, max_snap_m=max_snap_m)


def nearest_by_entries(
    network: Network,
    demand: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    facility_entries: gpd.GeoDataFrame,
    cutoff: float | None = None,
    *,
    max_snap_m: float = MAX_SNAP_M,
    at: Snapped | None = None,
) -> pd.DataFrame:
    """Do as `nearest`, with entries that `siting.access.entries` has found before.

    ``at`` is where the demand lies on the network, if that is known already; it is not changed.
    """
    names = labels(facilities, "facilities")
    index = labels(demand, "demand")
    limit = cutoff_mm(cutoff)
    goals = Goals.of(network, facility_entries, names)
    if at is None:
        at = snap_xy(network, point_coordinates(demand, network.crs, "demand"), index, max_snap_m)
    cost, label = nearest_goals(network, at, goals, limit)
    point, facility = inside(network, demand, facilities)
    there = at.snapped[point]
    # Facilities ascend within a point, so the first one written last wins.
    cost[point[there]] = 0
    label[point[there][::-1]] = facility[there][::-1]
    return answer(index, names, label, mm_to_metres(cost))


def nearest_goals(
    network: Network, at: Snapped, goals: Goals, limit: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Cost to the nearest facility, and its position; `UNREACHED_MM` and −1 beyond the limit.

    Costs and limit are whole millimetres, or milliseconds where the network has times.
    """
    node, start, label = goals.seeds(network)
    node_cost, node_label = nearest_seeds(network, network.in_core, node, start, label, limit)
    homes, doors = Places.of(network, at), goals.places(network)
    order = np.lexsort((goals.owner, doors.offset_mm, doors.edge))
    cost, owner = nearest_to_places(
        homes.edge, homes.offset_mm, homes.far_mm, homes.to_u, homes.to_v, homes.access, network.edge_u,
        network.edge_v, network.forward, network.backward, node_cost, node_label, doors.edge[order],
        doors.offset_mm[order], doors.to_u[order], doors.to_v[order], doors.access[order], goals.owner[order], limit,
    )  # fmt: skip
    return cost, owner


def inside(
    network: Network, demand: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of demand points and the area facilities that they lie in (boundary included), sorted by point."""
    shapes = geometries(facilities, network.crs, "facilities")
    areas = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    if not len(areas):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    points = geometries(demand, network.crs, "demand")
    area, point = shapely.STRtree(points).query(shapes[areas], predicate="intersects")
    facility = areas[area]
    order = np.lexsort((facility, point))
    return point[order], facility[order]


def answer(index: pd.Index, names: pd.Index, label: NDArray[np.int32], cost: NDArray[np.float64]) -> pd.DataFrame:
    """Table of facility id (None where the label is −1) and cost."""
    facility = np.full(len(label), None, dtype=object)
    found = label >= 0
    facility[found] = np.asarray(names, dtype=object)[label[found]]
    return pd.DataFrame({"facility": pd.Series(facility, index=index, dtype=object), "cost": cost}, index=index)
