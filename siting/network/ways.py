"""Compiled search for the shortest way between two places, with the edges that it runs along."""

import numpy as np
from numba import njit

from siting.network.search import UNREACHED, pop, push

NONE, DIRECT, OVER_U, OVER_V = -1, 0, 1, 2
"""How a way leaves: not at all, along the edge that both places share, or over one of the two ends."""


@njit(cache=True, nogil=True)
def ways_between(  # type: ignore[no-untyped-def]
    indptr, head, arc_edge, arc_cost, bits, edge_u, first, last, out_node, out_cost, in_node, in_cost, direct
):  # fmt: skip
    """Shortest way of each pair ``first`` to ``last``, searched from where it ends.

    Parameters
    ----------
    indptr, head, arc_edge, arc_cost, bits : arcs against the permitted direction, and how many bits hold a node
    edge_u : shape (n_edge,), start of every edge
    out_node, out_cost : shape (n_pair, 2), the ends u and v of the edge that a way leaves from and the cost of getting
        there, `UNREACHED` where it may not
    in_node, in_cost : the same for the edge that it ends on
    direct : shape (n_pair,), cost along the edge that both share, `UNREACHED` where it may not

    Returns
    -------
    cost : shape (last - first,), `UNREACHED` where there is no way
    leave, enter : how the way leaves, and over which end it comes in (`OVER_U`, `OVER_V`)
    ptr, edge, along : the whole edges of way ``k`` at ``ptr[k]:ptr[k + 1]``, and whether it runs from u to v on them
    """
    n = indptr.size - 1
    mask = (np.int64(1) << bits) - 1
    best = direct[first:last].copy()
    leave, enter = np.full(last - first, NONE, np.int8), np.zeros(last - first, np.int8)
    ptr = np.zeros(last - first + 1, np.int64)
    edge, along = np.empty(1024, np.int32), np.empty(1024, np.bool_)
    cost = np.full(n, UNREACHED, np.int64)
    onward, by = np.empty(n, np.int32), np.empty(n, np.int32)
    reached = np.empty(n, np.int32)
    heap = np.empty(1024, np.int64)
    at = 0
    for k in range(last - first):
        j = first + k
        if best[k] != UNREACHED:
            leave[k] = DIRECT
        size, found = 0, 0
        nearest_out = min(out_cost[j, 0], out_cost[j, 1])
        for s in range(2 if nearest_out != UNREACHED else 0):
            v, c = in_node[j, s], in_cost[j, s]
            if c != UNREACHED and c < cost[v]:
                if cost[v] == UNREACHED:
                    reached[found] = v
                    found += 1
                cost[v], onward[v], by[v] = c, -1, OVER_U + s
                heap, size = push(heap, size, (c << bits) | v)
        while size > 0:
            entry, size = pop(heap, size)
            c, u = entry >> bits, entry & mask
            if c > cost[u]:
                continue
            if best[k] != UNREACHED and c + nearest_out >= best[k]:
                break
            for s in range(2):
                if out_node[j, s] == u and out_cost[j, s] != UNREACHED and c + out_cost[j, s] < best[k]:
                    best[k], leave[k] = c + out_cost[j, s], OVER_U + s
            for a in range(indptr[u], indptr[u + 1]):
                v, d = head[a], c + arc_cost[a]
                if d < cost[v]:
                    if cost[v] == UNREACHED:
                        reached[found] = v
                        found += 1
                    cost[v], onward[v], by[v] = d, u, arc_edge[a]
                    heap, size = push(heap, size, (d << bits) | v)
        if leave[k] > DIRECT:
            x = out_node[j, leave[k] - OVER_U]
            while onward[x] >= 0:
                if at == edge.size:
                    edge = np.append(edge, np.empty(edge.size, np.int32))
                    along = np.append(along, np.empty(along.size, np.bool_))
                edge[at], along[at] = by[x], edge_u[by[x]] == x
                at += 1
                x = onward[x]
            enter[k] = by[x]
        ptr[k + 1] = at
        for r in range(found):
            cost[reached[r]] = UNREACHED
    return best, leave, enter, ptr, edge[:at].copy(), along[:at].copy()
