"""Parts of streets from which a facility lies within a limit, whichever it is: one bounded search a facility."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from siting.access.pairs import starts
from siting.access.places import Goals, Longs
from siting.network.buckets import pairs_in_core
from siting.network.core_search import Pairs, bounded
from siting.network.places import Places
from siting.network.search import UNREACHED

if TYPE_CHECKING:
    from siting.network.graph import Network

Parts = tuple[Longs, Longs, Longs]
"""Edge, from and to in millimetres along it; parts of one edge may overlap."""


def reached_parts(network: Network, node_cost: Longs, edges: Longs, doors: Places, mine: slice, limit: int) -> Parts:
    """Parts of some edges from which an entry lies within the limit, over their ends or along the edge.

    Parameters
    ----------
    node_cost : shape (n_node,), least cost to an entry, `UNREACHED` beyond the limit
    doors, mine : entries, and which of them count
    limit : whole millimetres, or milliseconds where the network has times; inclusive
    """
    u, v, mm = network.edge_u[edges], network.edge_v[edges], network.edge_mm[edges]
    over_u = (node_cost[u] <= limit) & network.backward[edges]
    over_v = (node_cost[v] <= limit) & network.forward[edges]
    to_u, to_v = network.backward_cost[edges], network.forward_cost[edges]
    until = np.where(over_u, way_on(limit - np.where(over_u, node_cost[u], limit), to_u, mm), -1)
    since = np.where(over_v, mm - way_on(limit - np.where(over_v, node_cost[v], limit), to_v, mm), mm + 1)
    whole = over_u & over_v & (until >= since)
    from_u, from_v = over_u & ~whole, over_v & ~whole
    edge, at, left = doors.edge[mine], doors.offset_mm[mine], limit - doors.access[mine]
    near = (left >= 0) & (edge >= 0)
    edge, at, left = edge[near], at[near], left[near]
    mm_there = network.edge_mm[edge]
    back = at - way_on(left, network.forward_cost[edge], mm_there)
    ahead = at + way_on(left, network.backward_cost[edge], mm_there)
    low = np.where(network.forward[edge], np.maximum(back, 0), at)
    high = np.where(network.backward[edge], np.minimum(ahead, mm_there), at)
    return (
        np.concatenate([edges[whole], edges[from_u], edges[from_v], edge]),
        np.concatenate([np.zeros(whole.sum() + from_u.sum(), dtype=np.int64), since[from_v], low]),
        np.concatenate([mm[whole], until[from_u], mm[from_v], high]),
    )


def way_on(left: Longs, cost: Longs, mm: Longs) -> Longs:
    """Whole millimetres along edges for what is left of a limit, at most the edge.

    Where the cost of an edge is its length, they are what is left.
    """
    share = np.where(cost > 0, left * (mm / np.where(cost > 0, cost, 1)), mm)
    return np.minimum(np.where(cost == mm, left, np.floor(share)), mm).astype(np.int64)


class Search:
    """One bounded search a facility, over the core of the network.

    Attributes
    ----------
    limit : whole millimetres, or milliseconds where the network has times; inclusive
    """

    def __init__(self, network: Network, goals: Goals, limit: int) -> None:
        node, cost, owner = goals.seeds(network)
        order = np.argsort(owner, kind="stable")
        self.limit, self.core = limit, network.in_core
        self.ptr, self.node, self.cost = starts(owner, len(goals.ptr) - 1), node[order], cost[order]
        self.shift, self.ring, self.some = bounded(self.core, cost, limit)

    def nodes(self, first: int, last: int) -> Pairs:
        """Nodes from which each of the facilities ``first`` to ``last`` lies within the limit: pointers, nodes, costs.

        They come in no particular order.
        """
        found: Pairs = pairs_in_core(
            self.core, first, last, self.ptr, self.node, self.cost, self.limit, self.shift, self.ring, self.some
        )
        return found


def parts_of_each(
    network: Network, goals: Goals, search: Search, first: int, last: int, ends: tuple[Longs, Longs]
) -> Iterator[Parts]:
    """Parts of streets that each of the facilities ``first`` to ``last`` reaches alone; ``ends`` is `incident`'s."""
    ptr, node, cost = search.nodes(first, last)
    doors = goals.places(network)
    buffer = np.full(network.n_nodes, UNREACHED, dtype=np.int64)
    for j in range(first, last):
        mine = slice(ptr[j - first], ptr[j - first + 1])
        nodes = node[mine]
        buffer[nodes] = cost[mine]
        entries = slice(goals.ptr[j], goals.ptr[j + 1])
        yield reached_parts(
            network,
            buffer,
            edges_of(nodes, buffer, network.edge_u, *ends),
            doors,
            entries,
            search.limit,
        )
        buffer[nodes] = UNREACHED


@njit(cache=True, nogil=True)
def edges_of(nodes, node_cost, u, edges_at, edges_ptr):  # type: ignore[no-untyped-def]
    """Edges that end at any of some nodes, each once; ``node_cost`` tells those nodes, ``u`` begins an edge."""
    n = 0
    for k in nodes:
        n += edges_ptr[k + 1] - edges_ptr[k]
    edges = np.empty(n, np.int64)
    m = 0
    for k in nodes:
        for p in range(edges_ptr[k], edges_ptr[k + 1]):
            e = edges_at[p]
            again = p > edges_ptr[k] and edges_at[p - 1] == e  # a loop
            if (u[e] == k and not again) or (u[e] != k and node_cost[u[e]] == UNREACHED):
                edges[m] = e
                m += 1
    return edges[:m]


def incident(network: Network) -> tuple[Longs, Longs]:
    """Edges that end at each node, loops included, in compressed rows: edges and pointers."""
    node = np.column_stack([network.edge_u, network.edge_v]).ravel()
    edge = np.repeat(np.arange(network.n_edges), 2)
    return edge[np.argsort(node, kind="stable")], starts(node, network.n_nodes)
