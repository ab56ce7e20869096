"""Batches of searches between places on edges: sums of what is reached, and complete rows of costs.

Sources and targets may have several places each (the gates of a park). A target's row of costs is the least over the
ways to it: over nodes, along an edge that it shares with a source, and 0 for a source that lies inside it.
"""

import numpy as np
from numba import njit

from siting.network.lanes import buffers, clear, search_lanes
from siting.network.vector_rows import LANES, add_within, lower_by_row, rows_of


@njit(cache=True, nogil=True)
def number(target, count, row_of, names, rows, limit):  # type: ignore[no-untyped-def]
    """Row of a target, blank if it is new, and how many targets have one."""
    if row_of[target] < 0:
        row_of[target] = count
        names[count] = target
        rows[count, :] = limit + 1
        return count, count + 1
    return np.int64(row_of[target]), count


@njit(cache=True, nogil=True)
def target_rows(sources, targets, first, last, found, way, limit, fixed, lane, row_of, names, rows):  # type: ignore[no-untyped-def]
    """Costs from the sources ``first`` to ``last`` to every target within the limit of any of them.

    Parameters
    ----------
    sources : seed_ptr, seed_node, seed_cost, then the places of source ``k`` in compressed rows: ptr, edge, offset,
        to_u, to_v, access (see `siting.network.places.Places`), then the targets that it lies inside: ptr, target
    targets : ptr, target, cost of the ways to targets over each node, then positions in the places on each edge: ptr,
        place, then the places: offset, to_u, to_v, access, target, then whether edges are open forward, backward
    found, fixed, lane : what `search_lanes` found
    way : 1 if ways lead from sources to targets, −1 if from targets to sources
    row_of : shape (n_target,), all −1, receives the row of each target; the caller resets it
    names : shape (n_target,), receives the target of each row
    rows : buffer

    Returns
    -------
    number of targets, and their rows: lane ``k`` is the cost of source ``first + k``; above the limit: more than it
    """
    _, _, _, at_ptr, at_edge, at_offset, at_to_u, at_to_v, at_access, inside_ptr, inside_target = sources
    node_ptr, node_target, node_cost, edge_ptr, edge_place, offset, to_u, to_v, access, owner, forward, backward = (
        targets
    )
    best, _, order, _ = fixed
    most = inside_ptr[last] - inside_ptr[first]
    for i in range(found):
        most += node_ptr[order[i] + 1] - node_ptr[order[i]]
    for s in range(at_ptr[first], at_ptr[last]):
        if at_edge[s] >= 0:
            most += edge_ptr[at_edge[s] + 1] - edge_ptr[at_edge[s]]
    most = min(most, row_of.size)
    if most > rows.shape[0]:
        rows = rows_of(most, rows)
    count = 0
    for i in range(found):
        u = order[i]
        left = limit + best[u] + 1  # best holds -1 - cost of what is done: what remains for the nearest source
        for w in range(node_ptr[u], node_ptr[u + 1]):
            if node_cost[w] <= left:
                row, count = number(node_target[w], count, row_of, names, rows, limit)
                lower_by_row(rows, row, lane, i, node_cost[w])
    for k in range(first, last):
        for s in range(at_ptr[k], at_ptr[k + 1]):
            e = at_edge[s]
            if e < 0:
                continue
            for p in range(edge_ptr[e], edge_ptr[e + 1]):
                t = edge_place[p]
                ahead = way * (offset[t] - at_offset[s])
                if (ahead > 0 and not forward[e]) or (ahead < 0 and not backward[e]):
                    continue
                total = at_access[s] + access[t]
                if ahead > 0:
                    total += way * (at_to_v[s] - to_v[t])
                elif ahead < 0:
                    total += way * (at_to_u[s] - to_u[t])
                if total <= limit:
                    row, count = number(owner[t], count, row_of, names, rows, limit)
                    rows[row, k - first] = min(rows[row, k - first], total)
        for s in range(inside_ptr[k], inside_ptr[k + 1]):
            row, count = number(inside_target[s], count, row_of, names, rows, limit)
            rows[row, k - first] = 0
    return count, rows


@njit(cache=True, nogil=True)
def sums_at_places(ahead, back, sources, targets, first, last, way, weight, in_order, limits, limit, shift):  # type: ignore[no-untyped-def]
    """Sum up the weights of the targets within limits of the sources ``first`` to ``last``, and the nearest target.

    Parameters
    ----------
    ahead, back, limit, shift : as for `siting.network.lanes.search_lanes`
    sources, targets, way : as for `target_rows`
    weight : shape (n_target, n_column), integers or floats
    in_order : targets in the order in which they are added up, as sums of floats need; empty: any order
    limits : shape (n_limit,), of the kind of the costs; ``limit`` is the largest

    Returns
    -------
    sums : shape (last - first, n_limit, n_column)
    nearest : shape (last - first,), least cost; ``limit + 1`` where no target is within it
    """
    n, (n_target, n_column), n_limit = ahead[0].size - 1, weight.shape, limits.size
    made = np.zeros((last - first, n_limit, n_column), weight.dtype)
    nearest = np.empty(last - first, np.int64)
    fixed, grown = buffers(n, limit, shift, limits)
    row_of, names = np.full(n_target, -1, np.int32), np.empty(n_target, np.int32)
    rows, least, total = rows_of(64, limits), rows_of(1, limits), rows_of(n_limit * n_column, weight)
    for start in range(first, last, LANES):
        stop = min(start + LANES, last)
        found, grown = search_lanes(
            ahead, back, sources[0], sources[1], sources[2], start, stop, limit, shift, fixed, grown
        )
        count, rows = target_rows(
            sources, targets, start, stop, found, way, limit, fixed, grown[0], row_of, names, rows
        )
        total[:] = 0
        least[:] = limit + 1
        ordered = names[:count]
        if in_order.size > 0:
            ordered, k = np.empty(count, np.int32), 0
            for t in in_order:
                if row_of[t] >= 0:
                    ordered[k] = t
                    k += 1
        for k in range(count):
            t = ordered[k]
            row = row_of[t]
            lower_by_row(least, 0, rows, row, 0)
            for c in range(n_column):
                for j in range(n_limit):
                    add_within(total, j * n_column + c, rows, row, limits[j], weight[t, c])
        for k in range(stop - start):
            nearest[start - first + k] = least[0, k]
            for j in range(n_limit):
                for c in range(n_column):
                    made[start - first + k, j, c] = total[j * n_column + c, k]
        for k in range(count):
            row_of[names[k]] = -1
        clear(fixed, found, limit)
    return made, nearest


@njit(cache=True, nogil=True)
def rows_at_places(ahead, back, sources, targets, first, last, way, n_target, limits, limit, shift):  # type: ignore[no-untyped-def]
    """Costs of all pairs of the sources ``first`` to ``last`` and the targets within the limit.

    Parameters
    ----------
    as for `sums_at_places`

    Returns
    -------
    ptr : shape (last - first + 1,)
    target, cost : pairs of source ``first + k`` at ``ptr[k]:ptr[k + 1]``, targets in no particular order
    """
    n = ahead[0].size - 1
    fixed, grown = buffers(n, limit, shift, limits)
    row_of, names = np.full(n_target, -1, np.int32), np.empty(n_target, np.int32)
    rows = rows_of(64, limits)
    ptr = np.zeros(last - first + 1, np.int64)
    target, cost = np.empty(4096, np.int32), np.empty(4096, np.int64)
    at = np.empty(LANES, np.int64)
    for start in range(first, last, LANES):
        stop = min(start + LANES, last)
        found, grown = search_lanes(
            ahead, back, sources[0], sources[1], sources[2], start, stop, limit, shift, fixed, grown
        )
        count, rows = target_rows(
            sources, targets, start, stop, found, way, limit, fixed, grown[0], row_of, names, rows
        )
        width = stop - start
        at[:] = 0
        for r in range(count):
            for k in range(width):
                at[k] += rows[r, k] <= limit
        end = ptr[start - first]
        for k in range(width):
            size, at[k] = at[k], end
            end += size
            ptr[start - first + k + 1] = end
        if end > target.size:
            target = np.append(target, np.empty(2 * end - target.size, np.int32))
            cost = np.append(cost, np.empty(2 * end - cost.size, np.int64))
        for r in range(count):
            for k in range(width):
                if rows[r, k] <= limit:
                    target[at[k]], cost[at[k]] = names[r], rows[r, k]
                    at[k] += 1
        for r in range(count):
            row_of[names[r]] = -1
        clear(fixed, found, limit)
    return ptr, target[: ptr[-1]], cost[: ptr[-1]]
