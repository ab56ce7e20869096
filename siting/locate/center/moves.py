"""Good p-center plans fast: swaps that aim at rows which stay out of reach again and again. No proof is claimed here.

A row that is left out gains weight, so that the search does not return to plans that leave out the same rows. The idea
for set covering: Gao, Weise & Li (2015), European Journal of Operational Research 246, 750-761.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from siting.locate.center.instance import Center
from siting.locate.randomness import random_below


def reach_all(
    center: Center, is_open: NDArray[np.bool_], level: int, *, steps: int, seed: int
) -> NDArray[np.bool_] | None:
    """Look for a plan with every row within the level, by swaps from the plan given; None if none was found."""
    choice = center.choice
    near = choice.neighbours()
    now = is_open.copy()
    found = _search(
        center.base > level, center.row_start, center.row_ends(level), center.row_column,
        center.column_start, center.column_ends(level), center.column_row,
        now, near.indptr.astype(np.int64), near.indices.astype(np.int64),
        choice.zone, choice.least, choice.most, choice.is_free, steps, seed,
    )  # fmt: skip
    return now if found else None


@njit(cache=True, nogil=True)
def _search(  # type: ignore[no-untyped-def]
    active, row_start, row_end, row_column, column_start, column_end, column_row,
    is_open, near_start, near, zone, least, most, is_free, steps, seed,
):  # fmt: skip
    state = np.array([seed], dtype=np.uint64)
    n, m = len(active), len(is_open)
    count = np.zeros(n, dtype=np.int64)
    weight = np.ones(n, dtype=np.int64)
    # Of a closed column what it would newly reach, of an open one what only it reaches.
    score = np.zeros(m, dtype=np.int64)
    stamp = np.full(m, -1, dtype=np.int64)
    blocked = np.zeros(m, dtype=np.int64)
    in_zone = np.zeros(len(least), dtype=np.int64)
    columns = np.flatnonzero(is_open)
    for j in columns:
        for e in range(column_start[j], column_end[j]):
            count[column_row[e]] += 1
        for e in range(near_start[j], near_start[j + 1]):
            blocked[near[e]] += 1
        if zone[j] >= 0:
            in_zone[zone[j]] += 1
    left = np.empty(n, dtype=np.int64)
    place = np.full(n, -1, dtype=np.int64)
    n_left = 0
    for i in range(n):
        if not active[i]:
            continue
        if row_end[i] == row_start[i]:
            return False
        if count[i] == 0:
            left[n_left], place[i] = i, n_left
            n_left += 1
        if count[i] <= 1:
            for e in range(row_start[i], row_end[i]):
                j = row_column[e]
                if count[i] == 0 or is_open[j]:
                    score[j] += 1
    if len(columns) == 0:
        return n_left == 0
    for step in range(1, steps + 1):
        if n_left == 0:
            return True
        i = left[random_below(state, n_left)]
        # 1. Which column gives way to which.
        go, come = -1, -1
        if is_free:
            for a in range(len(columns)):
                j = columns[a]
                if stamp[j] == step - 1 and len(columns) > 1:
                    continue
                if go < 0 or (score[j], stamp[j]) < (score[columns[go]], stamp[columns[go]]):
                    go = a
        else:
            best = -(2**62)
            for e in range(row_start[i], row_end[i]):
                v = row_column[e]
                if is_open[v] or blocked[v] > 1 or stamp[v] == step - 1:
                    continue
                for a in range(len(columns)):
                    u = columns[a]
                    if score[v] - score[u] < best or (stamp[u] == step - 1 and len(columns) > 1):
                        continue
                    if blocked[v] == 1:
                        touches = False
                        for f in range(near_start[v], near_start[v + 1]):
                            touches = touches or near[f] == u
                        if not touches:
                            continue
                    zu, zv = zone[u], zone[v]
                    if zu != zv and ((zu >= 0 and in_zone[zu] <= least[zu]) or (zv >= 0 and in_zone[zv] >= most[zv])):
                        continue
                    tie = score[v] - score[u] == best and go >= 0
                    if tie and stamp[u] + stamp[v] >= stamp[columns[go]] + stamp[come]:
                        continue
                    best, go, come = score[v] - score[u], a, v
        if go >= 0:
            # 2. Close one.
            u = columns[go]
            is_open[u] = False
            score[u] = 0
            for e in range(column_start[u], column_end[u]):
                r = column_row[e]
                count[r] -= 1
                if not active[r]:
                    continue
                if count[r] == 0:
                    left[n_left], place[r] = r, n_left
                    n_left += 1
                    for f in range(row_start[r], row_end[r]):
                        score[row_column[f]] += weight[r]
                elif count[r] == 1:
                    for f in range(row_start[r], row_end[r]):
                        if is_open[row_column[f]]:
                            score[row_column[f]] += weight[r]
                            break
            for e in range(near_start[u], near_start[u + 1]):
                blocked[near[e]] -= 1
            if zone[u] >= 0:
                in_zone[zone[u]] -= 1
            # 3. Open one that reaches the row.
            if come < 0:
                for e in range(row_start[i], row_end[i]):
                    j = row_column[e]
                    if is_open[j] or j == u:
                        continue
                    if come < 0 or (-score[j], stamp[j]) < (-score[come], stamp[come]):
                        come = j
            if come < 0:
                come = u
            v = come
            is_open[v] = True
            columns[go] = v
            stamp[u] = stamp[v] = step
            own = 0
            for e in range(column_start[v], column_end[v]):
                r = column_row[e]
                count[r] += 1
                if not active[r]:
                    continue
                if count[r] == 1:
                    n_left -= 1
                    last = left[n_left]
                    left[place[r]], place[last] = last, place[r]
                    place[r] = -1
                    own += weight[r]
                    for f in range(row_start[r], row_end[r]):
                        score[row_column[f]] -= weight[r]
                elif count[r] == 2:
                    for f in range(row_start[r], row_end[r]):
                        if is_open[row_column[f]] and row_column[f] != v:
                            score[row_column[f]] -= weight[r]
                            break
            score[v] = own
            for e in range(near_start[v], near_start[v + 1]):
                blocked[near[e]] += 1
            if zone[v] >= 0:
                in_zone[zone[v]] += 1
        # 4. What stays out of reach counts for more from now on.
        for a in range(n_left):
            r = left[a]
            weight[r] += 1
            for f in range(row_start[r], row_end[r]):
                score[row_column[f]] += 1
    return n_left == 0
