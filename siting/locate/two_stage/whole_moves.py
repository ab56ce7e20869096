"""From sources that are split between sites to whole ones: what is too much somewhere moves on, at least cost."""

import numba
import numpy as np
from numpy.typing import NDArray

# Moves for each column; sources that are split are few, and what takes more moves than this will not work out.
_STEPS = 10


@numba.njit(cache=True, nogil=True)
def _by_column(to: NDArray[np.int64], begin: NDArray[np.int64], rows: NDArray[np.int64]) -> None:
    """List the rows of each column."""
    begin[:] = 0
    for t in to:
        begin[t + 1] += 1
    for t in range(len(begin) - 1):
        begin[t + 1] += begin[t]
    at = begin.copy()
    for i in range(len(to)):
        rows[at[to[i]]] = i
        at[to[i]] += 1


@numba.njit(cache=True, nogil=True)
def unload(
    cost: NDArray[np.float64], amount: NDArray[np.float64], left: NDArray[np.float64], to: NDArray[np.int64]
) -> bool:  # fmt: skip
    """Move rows out of columns that hold too much until none does; False if that fails.

    A row moves to where there is room, or to a place that another row leaves for a third one.

    Parameters
    ----------
    cost : shape (n, k), of each whole row in each column
    left : room that is left in each column, below 0 where there is too much
    to : column of each row; changes in place, as ``left`` does
    """
    n, k = cost.shape
    if left.sum() < 0.0:
        return False
    begin, rows = np.zeros(k + 1, dtype=np.int64), np.empty(n, dtype=np.int64)
    for _ in range(_STEPS * k):
        full = -1
        for t in range(k):
            if left[t] < 0.0 and (full < 0 or left[t] < left[full]):
                full = t
        if full < 0:
            return True
        # Per unit that leaves, but not more than is too much.
        best, row, at, second, then = np.inf, -1, -1, -1, -1
        _by_column(to, begin, rows)
        for i in rows[begin[full] : begin[full + 1]]:
            if amount[i] <= 0.0:
                continue
            less = min(amount[i], -left[full])
            for t in range(k):
                more = cost[i, t] - cost[i, full]
                if t == full or not more < np.inf:
                    continue
                if amount[i] <= left[t]:
                    if more / less < best:
                        best, row, at, second, then = more / less, i, t, -1, -1
                    continue
                if left[t] < 0.0 or more / less >= best:
                    continue
                for r in rows[begin[t] : begin[t + 1]]:
                    # A smaller one may come back in exchange, or a third column takes it.
                    if amount[i] > left[t] + amount[r]:
                        continue
                    for u in range(k):
                        if u == t or (u == full and amount[r] >= amount[i]) or (u != full and amount[r] > left[u]):
                            continue
                        gone = min(amount[i] - (amount[r] if u == full else 0.0), -left[full])
                        change = (more + cost[r, u] - cost[r, t]) / gone
                        if change < best:
                            best, row, at, second, then = change, i, t, r, u
        if row < 0:
            return False
        left[full] += amount[row]
        left[at] -= amount[row]
        to[row] = at
        if second >= 0:
            left[at] += amount[second]
            left[then] -= amount[second]
            to[second] = then
    return False
