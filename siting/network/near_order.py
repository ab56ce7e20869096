"""An order of the nodes in which neighbours in the list are near each other over the streets."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def near_order(indptr, head, arc_cost, width):  # type: ignore[no-untyped-def]
    """Nodes such that every ``width`` in a row, counted from the first, are near each other.

    Each group grows from one node by the nearest node not yet taken; the next group starts beside the last ones. (A
    breadth-first order does not do: its neighbours lie on opposite sides of a ring.)

    Parameters
    ----------
    indptr, head, arc_cost : arcs in compressed rows, either direction
    width : nodes in a group

    Returns
    -------
    shape (n_node,), positions of the nodes
    """
    n = indptr.size - 1
    order = np.empty(n, np.int64)
    taken = np.zeros(n, np.bool_)
    beside = np.empty(head.size + n + 1, np.int32)
    n_beside = 0
    border = np.empty(256, np.int64)
    cost = np.empty(256, np.int64)
    count, unseen = 0, 0
    while count < n:
        size = 0
        stop = min(count + width, n)
        while count < stop:
            if size == 0:
                start = -1
                while n_beside > 0 and start < 0:
                    n_beside -= 1
                    if not taken[beside[n_beside]]:
                        start = beside[n_beside]
                if start < 0:
                    while taken[unseen]:
                        unseen += 1
                    start = unseen
                border[0], cost[0], size = start, 0, 1
            least = 0
            for k in range(1, size):
                if cost[k] < cost[least]:
                    least = k
            u, c = border[least], cost[least]
            size -= 1
            border[least], cost[least] = border[size], cost[size]
            if taken[u]:
                continue
            taken[u] = True
            order[count] = u
            count += 1
            for a in range(indptr[u], indptr[u + 1]):
                v = head[a]
                if taken[v]:
                    continue
                if size == cost.size:
                    border = np.append(border, np.empty(size, np.int64))
                    cost = np.append(cost, np.empty(size, np.int64))
                border[size], cost[size] = v, c + arc_cost[a]
                size += 1
        for k in range(size):
            beside[n_beside] = border[k]
            n_beside += 1
    return order
