"""Many bounded searches at once: each node has a row of costs, one for every search of a batch.

The searches of a batch start near each other, so they pass through the same nodes. First one plain search from all of
them finds these nodes, roughly nearest first, and gives them new numbers; then whole rows are lowered over the arcs, to
and fro through the nodes in that order, until nothing changes. Shortest ways lead away from the start, along the order,
so that a few passes do. Costs are exact integers, and sums of them too; no answer depends on the batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from siting.network.near_order import near_order
from siting.network.threads import cores, in_blocks
from siting.network.vector_rows import LANES, add_within, lower_by_arcs, rows_of
from siting.units import limit_to_mm

if TYPE_CHECKING:
    from siting.network.graph import Network

LARGEST_INT32 = 2**30 - 2
"""A cost within the limit and an arc, each below it, add up to less than 2**31."""
MOST_BUCKETS = 2**16


@njit(cache=True, nogil=True)
def enqueue(b, v, first, last, pool_node, pool_next, used):  # type: ignore[no-untyped-def]
    """Put a node at the end of bucket ``b``, as entry ``used`` of the pools."""
    pool_node[used], pool_next[used] = v, -1
    if first[b] < 0:
        first[b] = used
    else:
        pool_next[last[b]] = used
    last[b] = used


@njit(cache=True, nogil=True)
def nodes_near(arcs, seed_node, seed_cost, limit, shift, best, local, order, buckets, pool_node, pool_next):  # type: ignore[no-untyped-def]
    """Nodes within the limit of any seed, roughly nearest first.

    Parameters
    ----------
    arcs : indptr, head, cost of the arcs in compressed rows, walked from row to head
    shift : buckets of the queue are ``2 ** shift`` wide
    best : shape (n_node,), all ``limit + 1``; the caller resets the nodes found
    local : shape (n_node,), all −1, receives the place of each node in ``order``; the caller resets it
    order : shape (n_node,), receives the nodes
    buckets : first and last entry of each bucket; all first −1, and so again at the end
    pool_node, pool_next : entries of the queue, at least as many as seeds

    Returns
    -------
    number of nodes, and whether the entries sufficed; if not, the search must be done again with more
    """
    indptr, head, arc_cost = arcs
    first, last = buckets
    used, found = 0, 0
    for k in range(seed_node.size):
        v, c = seed_node[k], seed_cost[k]
        if c < best[v]:
            best[v] = c
            enqueue(c >> shift, v, first, last, pool_node, pool_next, used)
            used += 1
    enough = True
    for b in range(first.size):
        while first[b] >= 0:
            entry = first[b]
            first[b] = pool_next[entry]
            u = pool_node[entry]
            if local[u] < 0:
                local[u] = found
                order[found] = u
                found += 1
            c = best[u]
            if c < 0 or (c >> shift) != b:
                continue  # searched from at this cost, or lowered into a bucket before
            best[u] = -c - 1  # marks that the arcs from here are done
            if used + indptr[u + 1] - indptr[u] > pool_node.size:
                enough = False  # goes on without the queue, so that all is empty in the end
                continue
            for a in range(indptr[u], indptr[u + 1]):
                v, d = head[a], c + arc_cost[a]
                known = best[v]
                if known < 0:
                    known = -known - 1
                if d < known and d <= limit:
                    best[v] = d
                    enqueue(d >> shift, v, first, last, pool_node, pool_next, used)
                    used += 1
    return found, enough


@njit(cache=True, nogil=True)
def clear(fixed, found, limit):  # type: ignore[no-untyped-def]
    """Make the buffers ready for the next batch."""
    best, local, order, _ = fixed
    for i in range(found):
        best[order[i]] = limit + 1
        local[order[i]] = -1


@njit(cache=True, nogil=True)
def search_lanes(ahead, back, seed_ptr, seed_node, seed_cost, first, last, limit, shift, fixed, grown):  # type: ignore[no-untyped-def]
    """Costs from the sources ``first`` to ``last`` (at most `LANES`) to every node within the limit of any of them.

    Parameters
    ----------
    ahead, back : indptr, head, cost of the arcs in compressed rows: from a node on, and the same arcs into a node
    seed_ptr, seed_node, seed_cost : nodes at which source ``k`` starts, and at what cost, none above the limit
    fixed, grown : what `buffers` made; ``fixed`` must be cleared with `clear` afterwards

    Returns
    -------
    number of nodes (their positions in the graph: ``order``), and ``grown``, whose first array is the lanes: lane ``k``
    of row ``i`` is the cost from source ``first + k`` to node ``order[i]``; above the limit: more than the limit
    """
    best, local, order, buckets = fixed
    lane, near_ptr, near, near_cost, pool_node, pool_next = grown
    s, t = seed_ptr[first], seed_ptr[last]
    if t - s > pool_node.size:
        pool_node, pool_next = np.empty(2 * (t - s), np.int32), np.empty(2 * (t - s), np.int32)
    while True:
        found, enough = nodes_near(
            ahead, seed_node[s:t], seed_cost[s:t], limit, shift, best, local, order, buckets, pool_node, pool_next
        )
        if enough:
            break
        clear(fixed, found, limit)
        pool_node, pool_next = np.empty(4 * pool_node.size, np.int32), np.empty(4 * pool_node.size, np.int32)
    indptr, head, arc_cost = back
    if found > lane.shape[0]:
        lane = rows_of(2 * found, lane)
        near_ptr = np.empty(2 * found + 1, near_ptr.dtype)
    most = 0
    for i in range(found):
        most += indptr[order[i] + 1] - indptr[order[i]]
    if most > near.size:
        near, near_cost = np.empty(2 * most, near.dtype), np.empty(2 * most, near_cost.dtype)
    n_arc = 0
    for i in range(found):
        u = order[i]
        near_ptr[i] = n_arc
        for a in range(indptr[u], indptr[u + 1]):
            j = local[head[a]]
            if j >= 0 and arc_cost[a] <= limit:
                near[n_arc], near_cost[n_arc] = j, arc_cost[a]
                n_arc += 1
        lane[i, :] = limit + 1
    near_ptr[found] = n_arc
    for k in range(first, last):
        for s in range(seed_ptr[k], seed_ptr[k + 1]):
            i = local[seed_node[s]]
            lane[i, k - first] = min(lane[i, k - first], seed_cost[s])
    changed, passes = True, 0
    while changed:  # to leave out rows without news costs more than to lower them all
        changed = False
        for step in range(found):
            i = step if passes % 2 == 0 else found - 1 - step
            if lower_by_arcs(lane, near, near_cost, i, near_ptr[i], near_ptr[i + 1]):
                changed = True
        passes += 1
    return found, (lane, near_ptr, near, near_cost, pool_node, pool_next)


@njit(cache=True, nogil=True)
def buffers(n, limit, shift, cost):  # type: ignore[no-untyped-def]
    """Memory for `search_lanes` over ``n`` nodes: what keeps its size, and what grows; of the kind of ``cost``."""
    n_bucket = (limit >> shift) + 1
    best = np.empty(n, cost.dtype)
    best[:] = limit + 1
    fixed = (
        best,
        np.full(n, -1, np.int32),
        np.empty(n, np.int32),
        (np.full(n_bucket, -1, np.int32), np.empty(n_bucket, np.int32)),
    )
    start = min(n, 1024)
    grown = (
        rows_of(start, cost),
        np.empty(start + 1, np.int64),
        np.empty(4 * start, np.int32),
        np.empty(4 * start, cost.dtype),
        np.empty(4 * start + 64, np.int32),
        np.empty(4 * start + 64, np.int32),
    )
    return fixed, grown


@njit(cache=True, nogil=True)
def sums_at_nodes(ahead, back, source, first, last, weight, limits, limit, shift):  # type: ignore[no-untyped-def]
    """Sum up the weights of the nodes within limits of the nodes ``source[first:last]``.

    Parameters
    ----------
    ahead, back : as for `search_lanes`
    weight : shape (n_node, n_column)
    limits : shape (n_limit,), of the kind of the costs; ``limit`` is the largest

    Returns
    -------
    shape (last - first, n_limit, n_column)
    """
    n = source.size
    n_limit, n_column = limits.size, weight.shape[1]
    made = np.zeros((last - first, n_limit, n_column), weight.dtype)
    fixed, grown = buffers(n, limit, shift, limits)
    total = rows_of(n_limit * n_column, weight)
    seed_ptr = np.arange(n + 1)
    seed_cost = np.zeros(n, limits.dtype)
    for start in range(first, last, LANES):
        stop = min(start + LANES, last)
        found, grown = search_lanes(ahead, back, seed_ptr, source, seed_cost, start, stop, limit, shift, fixed, grown)
        lane, order = grown[0], fixed[2]
        total[:] = 0
        for i in range(found):
            for c in range(n_column):
                amount = weight[order[i], c]
                for j in range(n_limit):
                    add_within(total, j * n_column + c, lane, i, limits[j], amount)
        for k in range(stop - start):
            for j in range(n_limit):
                for c in range(n_column):
                    made[start - first + k, j, c] = total[j * n_column + c, k]
        clear(fixed, found, limit)
    return made


def narrow(limit: int, *costs: NDArray[np.int64]) -> tuple[NDArray[np.signedinteger], ...]:
    """Return costs as int32 where the limit permits, else int64; what is above the limit becomes ``limit + 1``."""
    kind = np.int32 if limit <= LARGEST_INT32 else np.int64
    return tuple(np.minimum(cost, limit + 1).astype(kind) for cost in costs)


def bucket_shift(cost: NDArray[np.signedinteger], limit: int) -> int:
    """Width of the buckets as a power of two: about the mean cost of an arc, and not too many of them."""
    mean = int(cost.mean()) if len(cost) else 1
    return max(mean.bit_length() - 1, limit.bit_length() - MOST_BUCKETS.bit_length() + 1, 0)


def block_of(n: int) -> int:
    """How many sources go to a thread at a time: whole batches, a few blocks for every core."""
    return max(-(-n // (4 * cores() * LANES)), 1) * LANES


def people_within_nodes(network: Network, weight: ArrayLike, limits_m: float | Sequence[float]) -> NDArray[np.int64]:
    """Sum of what lies at the nodes within given distances of every node, its own included.

    Parameters
    ----------
    network : its costs from the node on; metres, or seconds where it has times
    weight : shape (n_node,) or (n_node, n_column), integers (people, or thousandths of them)
    limits_m : one or several, in the network's unit, inclusive

    Returns
    -------
    shape (n_node, n_limit), or (n_node, n_limit, n_column); int64
    """
    given = np.asarray(weight)
    if not np.issubdtype(given.dtype, np.integer) or given.shape[:1] != (network.n_nodes,) or given.ndim > 2:
        msg = f"weight: {given.dtype} of shape {given.shape}, expected integers, one row for each of the nodes"
        raise ValueError(msg)
    columns = np.ascontiguousarray(given.reshape(network.n_nodes, -1), dtype=np.int64)
    limits = np.array([limit_to_mm(float(m)) for m in np.atleast_1d(np.asarray(limits_m))], dtype=np.int64)
    limit = int(limits.max())
    out, into = network.out_arcs, network.in_arcs
    out_cost, in_cost, bounds = narrow(limit, network.out_cost, network.in_cost, limits)
    shift = bucket_shift(out_cost, limit)
    source = near_order(out.indptr, out.head, out_cost, LANES)
    ahead, back = (out.indptr, out.head, out_cost), (into.indptr, into.head, in_cost)
    kind = out_cost.dtype.type
    parts = in_blocks(
        lambda start, stop: sums_at_nodes(ahead, back, source, start, stop, columns, bounds, kind(limit), shift),
        len(source),
        block_of(len(source)),
    )
    made = np.empty((network.n_nodes, len(limits), columns.shape[1]), dtype=np.int64)
    made[source] = np.concatenate(parts)
    return made[:, :, 0] if given.ndim == 1 else made
