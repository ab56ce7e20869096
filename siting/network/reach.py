"""Compiled searches between places on edges: the ways over both ends of an edge, and along the edge itself."""

import numpy as np
from numba import njit

from siting.network.buckets import buffers, larger, reach_from
from siting.network.search import NO_LABEL, UNREACHED


@njit(cache=True, nogil=True)
def better(cost, label, other_cost, other_label):  # type: ignore[no-untyped-def]
    """Lesser cost of two; equally near: the lower label."""
    if other_cost < cost or (other_cost == cost and other_label < label):
        return other_cost, other_label
    return cost, label


@njit(cache=True, nogil=True)
def least_on_edge(edge, to_u, to_v, access, label):  # type: ignore[no-untyped-def]
    """Best place before and after each place of an edge, for places sorted by edge, then offset.

    ``low[k]`` is the least ``access - to_u`` among the places of the edge up to ``k``, ``high[k]`` the least
    ``access - to_v`` from ``k`` on, each with its label; equal ones go to the lowest label. What stands beyond place
    ``k`` at a cost of ``x`` to the edge's start reaches the best of those before at ``low[k] + x``.
    """
    n = edge.size
    low, high = np.empty(n, np.int64), np.empty(n, np.int64)
    low_label, high_label = np.empty(n, np.int32), np.empty(n, np.int32)
    for k in range(n):
        low[k], low_label[k] = access[k] - to_u[k], label[k]
        if k > 0 and edge[k - 1] == edge[k]:
            low[k], low_label[k] = better(low[k], low_label[k], low[k - 1], low_label[k - 1])
    for k in range(n - 1, -1, -1):
        high[k], high_label[k] = access[k] - to_v[k], label[k]
        if k < n - 1 and edge[k + 1] == edge[k]:
            high[k], high_label[k] = better(high[k], high_label[k], high[k + 1], high_label[k + 1])
    return low, low_label, high, high_label


@njit(cache=True, nogil=True)
def first_not_below(values, start, stop, bound):  # type: ignore[no-untyped-def]
    """Position of the first of ascending ``values[start:stop]`` that is at least ``bound``."""
    while start < stop:
        middle = (start + stop) >> 1
        if values[middle] < bound:
            start = middle + 1
        else:
            stop = middle
    return start


@njit(cache=True, nogil=True)
def nearest_to_places(  # type: ignore[no-untyped-def]
    edge, offset, far, to_u, to_v, access, edge_u, edge_v, forward, backward, node_cost, node_label,
    goal_edge, goal_offset, goal_to_u, goal_to_v, goal_access, goal_label, limit,
):  # fmt: skip
    """Least cost from each place to a goal, given the cost from every node to its nearest goal.

    Parameters
    ----------
    edge, offset, far, to_u, to_v, access : shape (n,), the places, as `siting.network.places.Places` has them; offset
        and far say where they lie, the rest what it costs; edge −1 reaches nothing
    node_cost, node_label : shape (n_node,), as `siting.network.search.nearest_labels` returns them
    goal_edge, goal_offset, goal_to_u, goal_to_v, goal_access, goal_label : the goals, sorted by edge, then offset
    limit : the largest cost, inclusive

    Returns
    -------
    cost, label : shape (n,); `UNREACHED` and `NO_LABEL` where no goal lies within the limit
    """
    low, low_label, high, high_label = least_on_edge(goal_edge, goal_to_u, goal_to_v, goal_access, goal_label)
    n = edge.size
    cost = np.full(n, UNREACHED, np.int64)
    label = np.full(n, NO_LABEL, np.int32)
    for i in range(n):
        e = edge[i]
        if e < 0:
            continue
        best, name = np.int64(UNREACHED), np.int32(NO_LABEL)
        u, v = edge_u[e], edge_v[e]
        # 1. Over the ends. A place exactly on an end needs no permission to be there.
        if (backward[e] or offset[i] == 0) and node_cost[u] != UNREACHED:
            best, name = better(best, name, node_cost[u] + to_u[i], node_label[u])
        if (forward[e] or far[i] == 0) and node_cost[v] != UNREACHED:
            best, name = better(best, name, node_cost[v] + to_v[i], node_label[v])
        # 2. Along the edge. An edge with a place on it is open one way at least, so a goal at the same offset is found.
        #    (Closed edges hold places at their ends only, which meet over the node.)
        start = first_not_below(goal_edge, np.int64(0), goal_edge.size, e)
        stop = first_not_below(goal_edge, start, goal_edge.size, e + 1)
        if backward[e]:
            behind = first_not_below(goal_offset, start, stop, offset[i] + 1) - 1
            if behind >= start:
                best, name = better(best, name, low[behind] + to_u[i], low_label[behind])
        if forward[e]:
            ahead = first_not_below(goal_offset, start, stop, offset[i])
            if ahead < stop:
                best, name = better(best, name, high[ahead] + to_v[i], high_label[ahead])
        if best != UNREACHED and best + access[i] <= limit:
            cost[i], label[i] = best + access[i], name
    return cost, label


@njit(cache=True, nogil=True)
def pairs_of_goals(  # type: ignore[no-untyped-def]
    core, shift, ring, first, last, goal_ptr, seed_ptr, seed_node, seed_cost, goal_edge, goal_offset,
    goal_to_u, goal_to_v, goal_access, forward, backward, node_ptr, node_place, node_part, edge_ptr, edge_place,
    offset, to_u, to_v, access, inside_ptr, inside_place, limit, some,
):  # fmt: skip
    """Least cost from every place to each of the goals ``first`` to ``last``, within a limit.

    Parameters
    ----------
    core, shift, ring : the network as `siting.network.core.Core`, and the buckets of `siting.network.buckets.widths`
    goal_ptr : goal ``j`` is entered at the entries ``goal_ptr[j]:goal_ptr[j + 1]`` of goal_edge, _offset, _to_u, …
    seed_ptr, seed_node, seed_cost : nodes from which goal ``j`` is reached, and at what cost
    node_ptr, node_place, node_part : places that leave over each node, and what it costs them to get there, ascending
    edge_ptr, edge_place : places on each edge
    inside_ptr, inside_place : places that lie inside goal ``j``, at cost 0
    some : empty, of the type that costs are to have

    Returns
    -------
    ptr : shape (last - first + 1,)
    place, cost : pairs of goal ``first + k`` at ``ptr[k]:ptr[k + 1]``, places in no particular order
    """
    n_node, n_place = core.slot.size, offset.size
    key, inner, marked, spots, met, queue, pool = buffers(core, ring)
    reached, node_cost = np.empty(n_node, np.int32), np.empty(n_node, some.dtype)
    best = np.full(n_place, UNREACHED, np.int64)
    touched = np.empty(n_place, np.int32)
    ptr = np.zeros(last - first + 1, np.int64)
    place = np.empty(4096, np.int32)
    cost = np.empty(4096, some.dtype)
    for j in range(first, last):
        pool, found = reach_from(
            core, seed_node[seed_ptr[j] : seed_ptr[j + 1]], seed_cost[seed_ptr[j] : seed_ptr[j + 1]], limit, shift, key,
            inner, marked, spots, met, queue, pool, np.int64(0), reached, node_cost,
        )  # fmt: skip
        count = 0
        for r in range(found):
            node = reached[r]
            here = node_cost[r]
            for k in range(node_ptr[node], node_ptr[node + 1]):
                total = here + node_part[k]
                if total > limit:
                    break  # the rest of this node's places are farther
                i = node_place[k]
                if total < best[i]:
                    if best[i] == UNREACHED:
                        touched[count] = i
                        count += 1
                    best[i] = total
        for g in range(goal_ptr[j], goal_ptr[j + 1]):
            e = goal_edge[g]
            if e < 0:
                continue
            for k in range(edge_ptr[e], edge_ptr[e + 1]):
                i = edge_place[k]
                ahead = goal_offset[g] - offset[i]
                if (ahead > 0 and not forward[e]) or (ahead < 0 and not backward[e]):
                    continue
                total = goal_access[g] + access[i]
                if ahead > 0:
                    total += to_v[i] - goal_to_v[g]
                elif ahead < 0:
                    total += to_u[i] - goal_to_u[g]
                if total <= limit and total < best[i]:
                    if best[i] == UNREACHED:
                        touched[count] = i
                        count += 1
                    best[i] = total
        for k in range(inside_ptr[j], inside_ptr[j + 1]):
            i = inside_place[k]
            if best[i] == UNREACHED:
                touched[count] = i
                count += 1
            best[i] = 0
        at = ptr[j - first]
        while at + count > place.size:
            place, cost = larger(place), larger(cost)
        for k in range(count):
            i = touched[k]
            place[at + k], cost[at + k] = i, best[i]
            best[i] = UNREACHED
        ptr[j - first + 1] = at + count
    return ptr, place[: ptr[-1]].copy(), cost[: ptr[-1]].copy()


@njit(cache=True, nogil=True)
def rows_from_columns(column_ptr, place, cost, n_rows):  # type: ignore[no-untyped-def]
    """Turn pairs by column into compressed rows with ascending columns."""
    indptr = np.zeros(n_rows + 1, np.int64)
    for k in range(place.size):
        indptr[place[k] + 1] += 1
    for i in range(n_rows):
        indptr[i + 1] += indptr[i]
    at = indptr[:-1].copy()
    indices = np.empty(place.size, np.int32)
    cost_mm = np.empty(place.size, cost.dtype)
    for j in range(column_ptr.size - 1):
        for k in range(column_ptr[j], column_ptr[j + 1]):
            i = place[k]
            indices[at[i]], cost_mm[at[i]] = j, cost[k]
            at[i] += 1
    return indptr, indices, cost_mm
