"""Compiled search for the several nearest labels of every node and place, each label once.

As in `siting.network.search` nothing here knows of layers or metres, and answers depend on no order: what counts is the
pair (cost, label), and of equal costs the lowest label comes first. A node passes on at most ``k`` labels. That is
enough: if ``k`` labels are better than (c, l) here, they are better than (c + a, l) behind the arc of cost a, too.
"""

import numpy as np
from numba import njit

from siting.network.reach import first_not_below
from siting.network.search import NO_LABEL, UNREACHED

HALF = 32
"""A label and a node share one integer of 64 bits, the label in front."""


@njit(cache=True, nogil=True)
def push_pair(cost, pair, size, c, p):  # type: ignore[no-untyped-def]
    """Add (c, p) to the first ``size`` entries; returns both arrays, larger if they were full, and the new size."""
    if size == cost.size:
        larger_cost, larger_pair = np.empty(2 * size + 64, np.int64), np.empty(2 * size + 64, np.int64)
        larger_cost[:size], larger_pair[:size] = cost, pair
        cost, pair = larger_cost, larger_pair
    at = size
    while at > 0:
        parent = (at - 1) >> 2
        if cost[parent] < c or (cost[parent] == c and pair[parent] <= p):
            break
        cost[at], pair[at] = cost[parent], pair[parent]
        at = parent
    cost[at], pair[at] = c, p
    return cost, pair, size + 1


@njit(cache=True, nogil=True)
def pop_pair(cost, pair, size):  # type: ignore[no-untyped-def]
    """Take the least of the first ``size`` entries, by cost, then pair; returns it and the new size."""
    top_cost, top_pair = cost[0], pair[0]
    size -= 1
    c, p = cost[size], pair[size]
    at = 0
    while True:
        child = 4 * at + 1
        if child >= size:
            break
        least = child
        for other in range(child + 1, min(child + 4, size)):
            if cost[other] < cost[least] or (cost[other] == cost[least] and pair[other] < pair[least]):
                least = other
        if cost[least] > c or (cost[least] == c and pair[least] >= p):
            break
        cost[at], pair[at] = cost[least], pair[least]
        at = least
    cost[at], pair[at] = c, p
    return top_cost, top_pair, size


@njit(cache=True, nogil=True)
def holds(labels, count, label):  # type: ignore[no-untyped-def]
    """Whether ``label`` is among the first ``count``."""
    for k in range(count):  # noqa: SIM110 - compiled, and no generator is
        if labels[k] == label:
            return True
    return False


@njit(cache=True, nogil=True)
def several_labels(indptr, head, arc_cost, seed_node, seed_cost, seed_label, limit, k):  # type: ignore[no-untyped-def]
    """Least costs to each node from the ``k`` nearest different labels.

    Parameters
    ----------
    indptr, head, arc_cost : arcs in compressed rows, walked from row to head
    seed_node, seed_cost, seed_label : shape (n_seed,)
    limit : the largest cost, inclusive

    Returns
    -------
    cost, label : shape (n_node, k), ascending by cost, then label; `UNREACHED` and `NO_LABEL` where there are fewer
    """
    n = indptr.size - 1
    cost = np.full((n, k), UNREACHED, np.int64)
    label = np.full((n, k), NO_LABEL, np.int32)
    count = np.zeros(n, np.int32)
    heap_cost = np.empty(seed_node.size + 1024, np.int64)
    heap_pair = np.empty(seed_node.size + 1024, np.int64)
    mask = (np.int64(1) << HALF) - 1
    size = 0
    for s in range(seed_node.size):
        if seed_cost[s] <= limit:
            pair = (np.int64(seed_label[s]) << HALF) | np.int64(seed_node[s])
            heap_cost, heap_pair, size = push_pair(heap_cost, heap_pair, size, seed_cost[s], pair)
    while size > 0:
        c, pair, size = pop_pair(heap_cost, heap_pair, size)
        u, name = pair & mask, np.int32(pair >> HALF)
        if count[u] == k or holds(label[u], count[u], name):
            continue
        cost[u, count[u]], label[u, count[u]] = c, name
        count[u] += 1
        for a in range(indptr[u], indptr[u + 1]):
            v, d = np.int64(head[a]), c + arc_cost[a]
            if d <= limit and count[v] < k and not holds(label[v], count[v], name):
                pair = (np.int64(name) << HALF) | v
                heap_cost, heap_pair, size = push_pair(heap_cost, heap_pair, size, d, pair)
    return cost, label


@njit(cache=True, nogil=True)
def insert(costs, labels, cost, label):  # type: ignore[no-untyped-def]
    """Put (cost, label) into its place of ascending rows of fixed length, each label once at its least cost."""
    k = costs.size
    last = k - 1
    for j in range(k):
        if labels[j] == label:
            if costs[j] <= cost:
                return
            last = j
            break
    else:
        if costs[last] < cost or (costs[last] == cost and labels[last] != NO_LABEL and labels[last] < label):
            return
    at = last
    while at > 0 and (costs[at - 1] > cost or (costs[at - 1] == cost and labels[at - 1] > label)):
        costs[at], labels[at] = costs[at - 1], labels[at - 1]
        at -= 1
    costs[at], labels[at] = cost, label


@njit(cache=True, nogil=True)
def several_to_places(  # type: ignore[no-untyped-def]
    edge, offset, far, to_u, to_v, access, edge_u, edge_v, forward, backward, node_cost, node_label,
    goal_edge, goal_offset, goal_to_u, goal_to_v, goal_access, goal_label, inside_ptr, inside_label, limit,
):  # fmt: skip
    """Least costs from each place to its nearest different goals, given those of the nodes.

    Parameters
    ----------
    edge, offset, far, to_u, to_v, access : shape (n,), the places; offset and far say where they lie on their edge,
        to_u and to_v what the ways to its ends cost; edge −1 reaches nothing
    node_cost, node_label : shape (n_node, k), as `several_labels` returns them
    goal_edge, goal_offset, goal_to_u, goal_to_v, goal_access, goal_label : the goals, sorted by edge
    inside_ptr, inside_label : the goals ``inside_ptr[i]:inside_ptr[i + 1]`` hold place ``i``: cost 0
    limit : the largest cost, inclusive

    Returns
    -------
    cost, label : shape (n, k), ascending by cost, then label; `UNREACHED` and `NO_LABEL` where there are fewer
    """
    n, k = edge.size, node_cost.shape[1]
    cost = np.full((n, k), UNREACHED, np.int64)
    label = np.full((n, k), NO_LABEL, np.int32)
    for i in range(n):
        e = edge[i]
        if e < 0:
            continue
        for r in range(inside_ptr[i], inside_ptr[i + 1]):
            insert(cost[i], label[i], np.int64(0), inside_label[r])
        over_u, over_v = backward[e] or offset[i] == 0, forward[e] or far[i] == 0
        for r in range(k):
            c = node_cost[edge_u[e], r]
            if over_u and c != UNREACHED and c + to_u[i] + access[i] <= limit:
                insert(cost[i], label[i], c + to_u[i] + access[i], node_label[edge_u[e], r])
            c = node_cost[edge_v[e], r]
            if over_v and c != UNREACHED and c + to_v[i] + access[i] <= limit:
                insert(cost[i], label[i], c + to_v[i] + access[i], node_label[edge_v[e], r])
        start = first_not_below(goal_edge, 0, goal_edge.size, e)
        for g in range(start, goal_edge.size):
            if goal_edge[g] != e:
                break
            ahead = goal_offset[g] - offset[i]
            if (ahead > 0 and not forward[e]) or (ahead < 0 and not backward[e]):
                continue
            total = goal_access[g] + access[i]
            if ahead > 0:
                total += to_v[i] - goal_to_v[g]
            elif ahead < 0:
                total += to_u[i] - goal_to_u[g]
            if total <= limit:
                insert(cost[i], label[i], total, goal_label[g])
    return cost, label
