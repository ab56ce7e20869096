"""Sets of a covering problem, as rows of a compressed matrix: which are equal, and which lie in others.

``start, member`` hold the sets: set ``i`` is ``member[start[i]:start[i + 1]]``, ascending.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse


def by_row(
    row: NDArray[np.int64], column: NDArray[np.int64], n_rows: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Gather entries in any order, none twice, into sets of columns by row."""
    start = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=n_rows)))).astype(np.int64)
    member = np.empty(len(row), dtype=np.int32)
    _fill(row, column, start[:-1].copy(), member)
    _sort(start, member)
    return start, member


def merge_equal(
    start: NDArray[np.int64], member: NDArray[np.int32], weight: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    """Join equal sets and add their weights; empty ones fall away. The order depends on the sets alone."""
    used = np.flatnonzero(np.diff(start))
    mark = _hash(start, member)[used]
    order = used[np.lexsort((mark, member[start[used]]))]
    first = _differs(start, member, order)
    group = np.cumsum(first) - 1
    kept = order[first]
    total = np.zeros(len(kept), dtype=np.int64)
    np.add.at(total, group, weight[order])
    size = np.diff(start)[kept]
    ends = np.concatenate(([0], np.cumsum(size))).astype(np.int64)
    members = np.empty(int(ends[-1]), dtype=np.int32)
    _take(start, member, kept, ends, members)
    return ends, members, total


def as_matrices(
    start: NDArray[np.int64], member: NDArray[np.int32], n_columns: int
) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Return the sets as a 0/1 matrix, and the same column by column."""
    ones = np.ones(len(member), dtype=np.int64)
    n = len(start) - 1
    back, column = transposed(start, member, n_columns)
    reach = sparse.csr_array((ones, member, start.astype(np.int32)), shape=(n, n_columns))
    return reach, sparse.csr_array((ones, column, back.astype(np.int32)), shape=(n_columns, n))


def transposed(
    start: NDArray[np.int64], member: NDArray[np.int32], n_columns: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return for every member the sets that hold it, ascending."""
    ends = np.concatenate(([0], np.cumsum(np.bincount(member, minlength=n_columns)))).astype(np.int64)
    sets = np.empty(len(member), dtype=np.int32)
    _turn(start, member, ends[:-1].copy(), sets)
    return ends, sets


@njit(cache=True, nogil=True)
def _fill(row, column, place, member):  # type: ignore[no-untyped-def]
    for e in range(len(row)):
        member[place[row[e]]] = column[e]
        place[row[e]] += 1


@njit(cache=True, nogil=True)
def _turn(start, member, place, sets):  # type: ignore[no-untyped-def]
    for i in range(len(start) - 1):
        for e in range(start[i], start[i + 1]):
            sets[place[member[e]]] = i
            place[member[e]] += 1


@njit(cache=True, nogil=True)
def _sort(start, member):  # type: ignore[no-untyped-def]
    for i in range(len(start) - 1):
        for e in range(start[i] + 1, start[i + 1]):
            if member[e] < member[e - 1]:
                member[start[i] : start[i + 1]] = np.sort(member[start[i] : start[i + 1]])
                break


@njit(cache=True, nogil=True)
def _hash(start, member):  # type: ignore[no-untyped-def]
    """Return a number for every set, the same for equal ones (splitmix64 of the members, chained)."""
    marks = np.empty(len(start) - 1, np.uint64)
    for i in range(len(start) - 1):
        h = np.uint64(start[i + 1] - start[i])
        for e in range(start[i], start[i + 1]):
            h = (h ^ np.uint64(member[e])) + np.uint64(0x9E3779B97F4A7C15)
            h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            h ^= h >> np.uint64(31)
        marks[i] = h
    return marks


@njit(cache=True, nogil=True)
def _differs(start, member, order):  # type: ignore[no-untyped-def]
    """Say of each set in ``order`` whether it differs from the one before."""
    first = np.ones(len(order), np.bool_)
    for k in range(1, len(order)):
        a, b = start[order[k - 1]], start[order[k]]
        size = start[order[k] + 1] - b
        if start[order[k - 1] + 1] - a != size:
            continue
        same = True
        for e in range(size):
            if member[a + e] != member[b + e]:
                same = False
                break
        first[k] = not same
    return first


@njit(cache=True, nogil=True)
def _take(start, member, kept, ends, members):  # type: ignore[no-untyped-def]
    for k in range(len(kept)):
        a = start[kept[k]]
        for e in range(ends[k + 1] - ends[k]):
            members[ends[k] + e] = member[a + e]


@njit(cache=True, nogil=True)
def lies_in(start, member, j, k):  # type: ignore[no-untyped-def]
    """Whether set ``j`` is a subset of set ``k``."""
    e, stop = start[k], start[k + 1]
    for t in range(start[j], start[j + 1]):
        while e < stop and member[e] < member[t]:
            e += 1
        if e == stop or member[e] != member[t]:
            return False
        e += 1
    return True


@njit(cache=True, nogil=True)
def _rarest(start, member, back, j):  # type: ignore[no-untyped-def]
    """Return the member of set ``j`` that the fewest sets hold."""
    best = member[start[j]]
    for t in range(start[j], start[j + 1]):
        if back[member[t] + 1] - back[member[t]] < back[best + 1] - back[best]:
            best = member[t]
    return best


@njit(cache=True, nogil=True)
def replaceable(start, member, back, sets, may_replace, price, zone, welcome):  # type: ignore[no-untyped-def]
    """Say which sets lie in another that may replace them and costs no more.

    It lies in the same zone, or is ``welcome`` in place of any. Of equal sets at one price the first stays.
    ``back, sets`` hold for every member the sets with it.
    """
    n = len(start) - 1
    needless = np.zeros(n, np.bool_)
    for j in range(n):
        size = start[j + 1] - start[j]
        if size == 0:
            continue
        r = _rarest(start, member, back, j)
        for e in range(back[r], back[r + 1]):
            k = sets[e]
            larger = start[k + 1] - start[k] - size
            if k == j or larger < 0 or not may_replace[k] or price[k] > price[j]:
                continue
            if not (welcome[k] or zone[k] == zone[j]):
                continue
            # Equal sets: the first of those that may replace stays; one that may not gives way to any that may.
            if not (larger > 0 or not may_replace[j] or price[k] < price[j] or k < j):
                continue
            if lies_in(start, member, j, k):
                needless[j] = True
                break
    return needless


@njit(cache=True, nogil=True)
def larger_ones(start, member, back, sets):  # type: ignore[no-untyped-def]
    """Say which sets hold all of another, smaller set."""
    n = len(start) - 1
    larger = np.zeros(n, np.bool_)
    for s in range(n):
        size = start[s + 1] - start[s]
        if size == 0:
            continue
        c = _rarest(start, member, back, s)
        for e in range(back[c], back[c + 1]):
            r = sets[e]
            if not larger[r] and start[r + 1] - start[r] > size and lies_in(start, member, s, r):
                larger[r] = True
    return larger
