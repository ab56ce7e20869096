"""The several nearest facilities of every demand point, over the streets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.access.gates import entries
from siting.access.nearest import answer, inside
from siting.access.pairs import starts
from siting.access.places import Goals, cutoff_mm
from siting.errors import SchemaError
from siting.network.graph import MAX_SNAP_M
from siting.network.layers import labels, point_coordinates
from siting.network.places import Places
from siting.network.several import several_labels, several_to_places
from siting.network.snap import snap_xy
from siting.units import mm_to_metres

if TYPE_CHECKING:
    from siting.network.graph import Network


def k_nearest(
    network: Network,
    demand: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    k: int,
    cutoff: float | None = None,
    *,
    max_snap_m: float = MAX_SNAP_M,
    entrances: gpd.GeoDataFrame | None = None,
    facility_entries: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Find the k nearest different facilities of every demand point and the ways to them.

    Costs are those of `siting.access.nearest`, and rank 1 is its answer. A facility with many gates counts once, by the
    gate that is nearest.

    Parameters
    ----------
    demand : points in any CRS
    facilities : points and areas in any CRS; an area is entered as `siting.access.entries` says
    k : how many facilities, 1 or more; it may exceed their number
    cutoff : metres (seconds, where the network has times); a facility farther than this is not found, one exactly at
        it is
    max_snap_m : points and entries farther than this from every street reach nothing and are not reached
    entrances : mapped gates, for `siting.access.entries`
    facility_entries : what `siting.access.entries` found for these facilities before, if it was asked already

    Returns
    -------
    Index (demand id, ``rank`` 1 … k), k rows for every point in the order of ``demand``; ``facility`` = id (equally
    near: the first in ``facilities``) or None, ``cost`` in the network's unit, ``inf`` where fewer than ``rank``
    are reached. How many points reach none: `siting.access.count_unreachable`.

    Raises
    ------
    SchemaError
        ``k`` is below 1.
    """
    if k < 1:
        msg = f"k_nearest: k is {k}, expected 1 or more"
        raise SchemaError(msg)
    names, index = labels(facilities, "facilities"), labels(demand, "demand")
    found = facility_entries
    if found is None:
        found = entries(network, facilities, entrances, max_snap_m=max_snap_m)
    goals, limit = Goals.of(network, found, names), cutoff_mm(cutoff)
    at = snap_xy(network, point_coordinates(demand, network.crs, "demand"), index, max_snap_m)
    node, start, owner = goals.seeds(network)
    arcs = network.in_arcs
    kept = max(min(k, len(names)), 1)
    node_cost, node_label = several_labels(arcs.indptr, arcs.head, network.in_cost, node, start, owner, limit, kept)
    point, facility = inside(network, demand, facilities)
    homes, doors = Places.of(network, at), goals.places(network)
    order = np.argsort(doors.edge, kind="stable")
    whole, label = several_to_places(
        homes.edge, homes.offset_mm, homes.far_mm, homes.to_u, homes.to_v, homes.access, network.edge_u,
        network.edge_v, network.forward, network.backward, node_cost, node_label, doors.edge[order],
        doors.offset_mm[order], doors.to_u[order], doors.to_v[order], doors.access[order], goals.owner[order],
        starts(point, len(index)), facility.astype(np.int32), limit,
    )  # fmt: skip
    cost = np.full((len(index), k), np.inf)
    who = np.full((len(index), k), -1, dtype=np.int32)
    cost[:, :kept], who[:, :kept] = mm_to_metres(whole), label
    point_of, rank = np.repeat(np.arange(len(index)), k), np.tile(np.arange(1, k + 1), len(index))
    ranked = pd.MultiIndex.from_arrays([index.take(point_of), pd.Index(rank)], names=[index.name or "id", "rank"])
    return answer(ranked, names, who.ravel(), cost.ravel())
