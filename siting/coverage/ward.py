"""Ward's hierarchy of linked places, as far as it matters for groups of limited width."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Longs = NDArray[np.int64]


def narrow_groups(
    xy: NDArray[np.float64], indptr: NDArray[np.int32], indices: NDArray[np.int32], max_span_m: float
) -> Longs:
    """Group the places of one connected component: the largest branches of Ward's tree that are narrow enough.

    Of all linked pairs of groups, the one whose union adds the least to the sum of squared distances from the centres
    is joined first; equally little: the pair with the lowest numbers. Then the tree is cut from the top until every
    part is at most ``max_span_m`` wide.

    Parameters
    ----------
    xy : shape (n, 2), places, around their centre
    indptr, indices : links in compressed rows, each in both directions, without loops
    max_span_m : largest side of the bounding box of a group of two or more places

    Returns
    -------
    shape (n,), group of each place, numbered in the order in which the tree joined them.

    References
    ----------
    Ward (1963), Journal of the American Statistical Association 58, 236-244.
    """
    top = grow(np.ascontiguousarray(xy), indptr, indices, float(max_span_m))
    return np.asarray(np.unique(top, return_inverse=True)[1], dtype=np.int64)


@njit(cache=True, nogil=True)
def added(mass, a, b):  # type: ignore[no-untyped-def]
    """How much joining two groups (centre and size each) adds to the sum of squared distances from the centres."""
    weight = (mass[a, 2] * mass[b, 2]) / (mass[a, 2] + mass[b, 2])
    dx = mass[a, 0] - mass[b, 0]
    dy = mass[a, 1] - mass[b, 1]
    return (dx * dx + dy * dy) * weight


@njit(cache=True, nogil=True)
def goes_before(key, owner, a, b):  # type: ignore[no-untyped-def]
    """Whether entry ``a`` of the heap comes before entry ``b``: the lower cost, then the lower number."""
    return key[a] < key[b] or (key[a] == key[b] and owner[a] < owner[b])


@njit(cache=True, nogil=True)
def sift_up(key, owner, at):  # type: ignore[no-untyped-def]
    """Move an entry towards the root of the heap until its parent comes before it."""
    k, who = key[at], owner[at]
    while at > 0:
        above = (at - 1) >> 2
        if key[above] < k or (key[above] == k and owner[above] < who):
            break
        key[at], owner[at] = key[above], owner[above]
        at = above
    key[at], owner[at] = k, who


@njit(cache=True, nogil=True)
def sift_down(key, owner, at, size):  # type: ignore[no-untyped-def]
    """Move an entry away from the root of the heap until it comes before its children, four to a parent."""
    k, who = key[at], owner[at]
    while True:
        first = 4 * at + 1
        if first >= size:
            break
        best = first
        for child in range(first + 1, min(first + 4, size)):
            if goes_before(key, owner, child, best):
                best = child
        if k < key[best] or (k == key[best] and who < owner[best]):
            break
        key[at], owner[at] = key[best], owner[best]
        at = best
    key[at], owner[at] = k, who


@njit(cache=True, nogil=True)
def root(parent, node):  # type: ignore[no-untyped-def]
    """Return the group that a group was joined into, shortening the way there."""
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@njit(cache=True, nogil=True)
def grow(xy, indptr, indices, max_span_m):  # type: ignore[no-untyped-def]
    """Join groups pair by pair; the number of the largest narrow branch that each place is on.

    A group keeps the list of those it touched when it was made, all of them older, and the cheapest of them is its
    entry in the heap. A younger neighbour has the pair in its own list. The list also leads to all neighbours of
    later times: they are what its members were joined into.
    """
    n = len(xy)
    total = 2 * n - 1
    # Centre and size lie side by side: the neighbours of a group are all over the memory.
    mass = np.empty((total, 4))
    sums = np.empty((total, 2))
    box = np.empty((total, 4))
    for i in range(n):
        mass[i, 0] = sums[i, 0] = box[i, 0] = box[i, 1] = xy[i, 0]
        mass[i, 1] = sums[i, 1] = box[i, 2] = box[i, 3] = xy[i, 1]
        mass[i, 2] = 1.0
    parent = np.arange(total).astype(np.int32)
    joined = np.arange(total).astype(np.int32)  # what each group became part of, not shortened
    narrow = np.ones(total, np.bool_)
    partner = np.full(total, -1, np.int64)
    begin, end = np.empty(total, np.int64), np.empty(total, np.int64)
    seen = np.full(total, -1, np.int32)
    pool = np.empty(4 * len(indices) + 4 * n + 16, np.int32)
    cost = np.empty(len(pool))
    key, owner, heap = np.empty(n), np.empty(n, np.int64), 0
    used = 0
    for i in range(n):
        begin[i] = used
        best = np.inf
        for p in range(indptr[i], indptr[i + 1]):
            j = indices[p]
            pool[used] = j
            cost[used] = np.inf
            if j < i:
                cost[used] = added(mass, i, j)
                if cost[used] < best or (cost[used] == best and j < partner[i]):
                    best, partner[i] = cost[used], j
            used += 1
        end[i] = used
        if partner[i] >= 0:
            key[heap], owner[heap] = best, i
            heap += 1
            sift_up(key, owner, heap - 1)
    narrow_left = n
    k = n
    while heap > 0 and narrow_left > 0:
        i = owner[0]
        j = partner[i]
        if parent[i] != i:
            heap -= 1
            key[0], owner[0] = key[heap], owner[heap]
            if heap > 0:
                sift_down(key, owner, 0, heap)
            continue
        if parent[j] != j:  # the partner was joined to another: take the next best
            best, found = np.inf, np.int64(-1)
            for p in range(begin[i], end[i]):
                # Younger neighbours cost infinity here. The cost first: it needs no look elsewhere.
                if cost[p] < best or (cost[p] == best and pool[p] < found):
                    m = np.int64(pool[p])
                    if parent[m] == m:
                        best, found = cost[p], m
            partner[i] = found
            if found >= 0:
                key[0] = best
            else:
                heap -= 1
                key[0], owner[0] = key[heap], owner[heap]
            if heap > 0:
                sift_down(key, owner, 0, heap)
            continue
        parent[i] = parent[j] = joined[i] = joined[j] = k
        mass[k, 2] = mass[i, 2] + mass[j, 2]
        sums[k, 0] = sums[i, 0] + sums[j, 0]
        sums[k, 1] = sums[i, 1] + sums[j, 1]
        mass[k, 0], mass[k, 1] = sums[k, 0] / mass[k, 2], sums[k, 1] / mass[k, 2]
        box[k, 0], box[k, 1] = min(box[i, 0], box[j, 0]), max(box[i, 1], box[j, 1])
        box[k, 2], box[k, 3] = min(box[i, 2], box[j, 2]), max(box[i, 3], box[j, 3])
        narrow[k] = max(box[k, 1] - box[k, 0], box[k, 3] - box[k, 2]) <= max_span_m
        narrow_left += int(narrow[k]) - int(narrow[i]) - int(narrow[j])
        need = used + end[i] - begin[i] + end[j] - begin[j]
        if need > len(pool):
            larger, costs = np.empty(2 * need, np.int32), np.empty(2 * need)
            larger[:used], costs[:used] = pool[:used], cost[:used]
            pool, cost = larger, costs
        begin[k] = used
        best = np.inf
        for old in (i, j):
            for p in range(begin[old], end[old]):
                m = root(parent, np.int64(pool[p]))
                if m == k or seen[m] == k:
                    continue
                seen[m] = k
                pool[used] = m
                cost[used] = added(mass, k, m)
                if cost[used] < best or (cost[used] == best and m < partner[k]):
                    best, partner[k] = cost[used], m
                used += 1
        end[k] = used
        # The entry of the group that was joined makes room for that of the new one.
        if partner[k] >= 0:
            key[0], owner[0] = best, k
        else:
            heap -= 1
            key[0], owner[0] = key[heap], owner[heap]
        if heap > 0:
            sift_down(key, owner, 0, heap)
        k += 1
    top = np.arange(total)
    for node in range(k - 1, -1, -1):
        above = joined[node]
        if above != node and narrow[above]:
            top[node] = top[above]
    return top[:n]
