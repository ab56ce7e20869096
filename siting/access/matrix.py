"""The sparse cost matrix over the streets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from siting.access.cost import CostMatrix
from siting.access.gates import entries
from siting.access.nearest import inside
from siting.access.pairs import search_pairs, starts
from siting.access.places import Goals, cutoff_mm
from siting.network.graph import MAX_SNAP_M
from siting.network.layers import labels, point_coordinates
from siting.network.reach import rows_from_columns
from siting.network.snap import snap_xy

if TYPE_CHECKING:
    from siting.network.graph import Network


def cost_matrix(
    network: Network,
    demand: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    cutoff: float | None,
    *,
    max_snap_m: float = MAX_SNAP_M,
    entrances: gpd.GeoDataFrame | None = None,
) -> CostMatrix:
    """Cost over the streets from every demand point to every candidate within a cutoff.

    Parameters
    ----------
    demand : points in any CRS
    candidates : points and areas in any CRS; an area is entered as `siting.access.entries` says, and from inside it
        costs 0
    cutoff : metres (seconds, where the network has times), inclusive; None keeps every pair that is connected
    max_snap_m : points and entries farther than this from every street reach nothing and are not reached
    entrances : mapped gates, for `siting.access.entries`

    Raises
    ------
    InputError
        More pairs lie within the cutoff than fit into memory.
    """
    names, index = labels(candidates, "candidates"), labels(demand, "demand")
    found = entries(network, candidates, entrances, max_snap_m=max_snap_m)
    goals = Goals.of(network, found, names)
    at = snap_xy(network, point_coordinates(demand, network.crs, "demand"), index, max_snap_m)
    point, candidate = inside(network, demand, candidates)
    there = at.snapped[point]
    order = np.argsort(candidate[there], kind="stable")
    inside_ptr = starts(candidate[there], len(names))
    pairs = search_pairs(network, at, goals, inside_ptr, point[there][order], cutoff_mm(cutoff))
    indptr, indices, cost_mm = rows_from_columns(*pairs, len(index))
    limit_m = np.inf if cutoff is None else float(cutoff)
    return CostMatrix(
        indptr=indptr,
        indices=indices,
        cost_mm=cost_mm,
        rows=index,
        columns=names,
        cutoff=limit_m,
        unit=network.unit,
    )
