"""All pairs of demand points and facilities within a limit: one bounded search a facility."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from siting.access.places import Goals, Longs
from siting.errors import InputError
from siting.network.reach import pairs_of_goals
from siting.network.threads import in_blocks

if TYPE_CHECKING:
    from siting.network.graph import Network
    from siting.network.snap import Snapped

BLOCK = 256
MAX_PAIRS = 400_000_000
"""Twelve bytes a pair, twice while they are sorted: about 10 GB."""

Pairs = tuple[Longs, NDArray[np.int32], Longs]


def search_pairs(
    network: Network, at: Snapped, goals: Goals, inside_ptr: Longs, inside_point: Longs, limit: int
) -> Pairs:
    """Pairs by facility, in compressed rows: ptr (n_facility + 1,), point, cost in millimetres.

    Parameters
    ----------
    at : the demand points on their edges
    inside_ptr, inside_point : points that lie inside each facility, at cost 0
    limit : millimetres, inclusive
    """
    n_facility = len(goals.ptr) - 1
    seed_node, seed_cost, seed_owner = goals.seeds(network)
    order = np.argsort(seed_owner, kind="stable")
    seed_ptr, seed_node, seed_cost = starts(seed_owner, n_facility), seed_node[order], seed_cost[order]
    node_ptr, node_place, node_part = places_by_node(network, at)
    on_edge = np.flatnonzero(at.snapped)
    on_edge = on_edge[np.argsort(at.edge[on_edge], kind="stable")]
    edge_ptr = starts(at.edge[on_edge], network.n_edges)
    arcs = network.in_arcs
    sizes: list[int] = []

    def block(start: int, stop: int) -> Pairs:
        found: Pairs = pairs_of_goals(
            arcs.indptr, arcs.head, network.in_mm, network.node_bits, start, stop, goals.ptr, seed_ptr, seed_node,
            seed_cost, goals.edge, goals.offset_mm, goals.access_mm, network.forward, network.backward, node_ptr,
            node_place, node_part, edge_ptr, on_edge.astype(np.int32), at.offset_mm, at.access_mm, inside_ptr,
            inside_point.astype(np.int32), limit,
        )  # fmt: skip
        sizes.append(len(found[1]))
        if sum(sizes) > MAX_PAIRS:
            msg = f"cost matrix: over {MAX_PAIRS:,} pairs lie within the cutoff, too many for memory; lower the cutoff"
            raise InputError(msg)
        return found

    parts = in_blocks(block, n_facility, BLOCK)
    if not parts:
        return np.zeros(1, dtype=np.int64), np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int64)
    shift = np.concatenate([[0], np.cumsum([len(place) for _, place, _ in parts])])
    ptr = np.concatenate([[0], *(part[0][1:] + start for part, start in zip(parts, shift[:-1], strict=True))])
    place = np.concatenate([part[1] for part in parts])
    return ptr.astype(np.int64), place, np.concatenate([part[2] for part in parts])


def places_by_node(network: Network, at: Snapped) -> Pairs:
    """Points that may leave over each node, nearest first: ptr (n_node + 1,), point, cost to the node."""
    edge = np.maximum(at.edge, 0)
    over_u = np.flatnonzero(at.snapped & (network.backward[edge] | (at.offset_mm == 0)))
    over_v = np.flatnonzero(at.snapped & (network.forward[edge] | (at.far_mm == 0)))
    node = np.concatenate([network.edge_u[edge[over_u]], network.edge_v[edge[over_v]]])
    place = np.append(over_u, over_v)
    part = at.access_mm[place] + np.append(at.offset_mm[over_u], at.far_mm[over_v])
    order = np.lexsort((place, part, node))
    return starts(node, network.n_nodes), place[order].astype(np.int32), part[order]


def starts(group: NDArray[np.integer], n: int) -> Longs:
    """Where each of ``n`` groups starts once the rows are sorted by group, shape (n + 1,)."""
    return np.concatenate([[0], np.cumsum(np.bincount(group, minlength=n))]).astype(np.int64)
