"""All pairs of demand points and facilities within a limit: one bounded search a facility."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from siting.access.places import Goals, Longs
from siting.errors import InputError
from siting.network.core_search import Pairs, bounded, joined
from siting.network.places import Places
from siting.network.reach import pairs_of_goals
from siting.network.threads import in_blocks

if TYPE_CHECKING:
    from siting.network.graph import Network
    from siting.network.snap import Snapped

BLOCK = 256
MAX_PAIRS = 400_000_000
"""Eight bytes a pair, twice while they are sorted: about 6.4 GB."""


def search_pairs(
    network: Network, at: Snapped, goals: Goals, inside_ptr: Longs, inside_point: Longs, limit: int
) -> Pairs:
    """Pairs by facility, in compressed rows: ptr (n_facility + 1,), point, cost.

    Parameters
    ----------
    at : the demand points on their edges
    inside_ptr, inside_point : points that lie inside each facility, at cost 0
    limit : whole millimetres, or milliseconds where the network has times; inclusive. Costs are int32 if it fits
    """
    n_facility = len(goals.ptr) - 1
    seed_node, seed_cost, seed_owner = goals.seeds(network)
    order = np.argsort(seed_owner, kind="stable")
    seed_ptr, seed_node, seed_cost = starts(seed_owner, n_facility), seed_node[order], seed_cost[order]
    homes, doors = Places.of(network, at), goals.places(network)
    node_ptr, node_place, node_part = places_by_node(network, homes)
    on_edge = np.flatnonzero(homes.edge >= 0)
    on_edge = on_edge[np.argsort(homes.edge[on_edge], kind="stable")]
    edge_ptr = starts(homes.edge[on_edge], network.n_edges)
    core = network.in_core
    shift, ring, some = bounded(core, seed_cost, limit)
    sizes: list[int] = []

    def block(start: int, stop: int) -> Pairs:
        found: Pairs = pairs_of_goals(
            core, shift, ring, start, stop, goals.ptr, seed_ptr, seed_node, seed_cost, doors.edge, doors.offset_mm,
            doors.to_u, doors.to_v, doors.access, network.forward, network.backward, node_ptr, node_place, node_part,
            edge_ptr, on_edge.astype(np.int32), homes.offset_mm, homes.to_u, homes.to_v, homes.access, inside_ptr,
            inside_point.astype(np.int32), limit, some,
        )  # fmt: skip
        sizes.append(len(found[1]))
        if sum(sizes) > MAX_PAIRS:
            msg = f"cost matrix: over {MAX_PAIRS:,} pairs lie within the cutoff, too many for memory; lower the cutoff"
            raise InputError(msg)
        return found

    parts = in_blocks(block, n_facility, BLOCK)
    if not parts:
        return np.zeros(1, dtype=np.int64), np.empty(0, dtype=np.int32), some
    return joined(parts)


def places_by_node(network: Network, homes: Places) -> Pairs:
    """Points that may leave over each node, nearest first: ptr (n_node + 1,), point, cost to the node."""
    node, place, part = homes.ways_out(network)
    order = np.lexsort((place, part, node))
    return starts(node, network.n_nodes), place[order].astype(np.int32), part[order]


def starts(group: NDArray[np.integer], n: int) -> Longs:
    """Where each of ``n`` groups starts once the rows are sorted by group, shape (n + 1,)."""
    return np.concatenate([[0], np.cumsum(np.bincount(group, minlength=n))]).astype(np.int64)
