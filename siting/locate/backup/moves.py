"""Sites to add where every row is covered already: each time the one that gains most. No proof is claimed here."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def add_sites(start, column, by_start, by_row, weight, need, zone, most, near_start, near, is_open, q):  # type: ignore[no-untyped-def]
    """Open the column that gains most, again and again, up to ``q`` columns; all rows are covered already."""
    n, m = len(weight), len(zone)
    count = np.zeros(n, np.int64)
    in_zone = np.zeros(len(most), np.int64)
    barred = np.zeros(m, np.bool_)
    gain = np.zeros(m, np.int64)
    n_open = int(is_open.sum())
    for j in range(m):
        if not is_open[j]:
            continue
        if zone[j] >= 0:
            in_zone[zone[j]] += 1
        for e in range(near_start[j], near_start[j + 1]):
            barred[near[e]] = True
        for e in range(by_start[j], by_start[j + 1]):
            count[by_row[e]] += 1
    for i in range(n):
        if count[i] == need[i]:
            for e in range(start[i], start[i + 1]):
                gain[column[e]] += weight[i]
    while n_open < q:
        best = -1
        for j in range(m):
            full = zone[j] >= 0 and in_zone[zone[j]] >= most[zone[j]]
            if not (is_open[j] or barred[j] or full) and gain[j] > 0 and (best < 0 or gain[j] > gain[best]):
                best = j
        if best < 0:
            return
        is_open[best] = True
        n_open += 1
        if zone[best] >= 0:
            in_zone[zone[best]] += 1
        for e in range(near_start[best], near_start[best + 1]):
            barred[near[e]] = True
        for e in range(by_start[best], by_start[best + 1]):
            i = by_row[e]
            if count[i] == need[i]:
                for f in range(start[i], start[i + 1]):
                    gain[column[f]] -= weight[i]
            count[i] += 1
