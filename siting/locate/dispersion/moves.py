"""Sites far apart fast: swaps of a fixed number of sites that wear down conflicts, with a short memory.

The idea for independent sets: Friden, Hertz & de Werra (1989), Computing 42, 35-44.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from siting.locate.dispersion.instance import Dispersion
from siting.locate.randomness import random_below


def keep_apart(
    problem: Dispersion, is_open: NDArray[np.bool_], level: int, *, steps: int, seed: int
) -> NDArray[np.bool_] | None:
    """Look for a plan that reaches the level, by swaps from the plan given; None if none was found."""
    choice = problem.choice
    now = is_open.copy()
    conflicts = problem.conflicts(level)
    found = _search(conflicts, problem.base > level, now, choice.zone, choice.least, choice.most, steps, seed)
    return now if found else None


@njit(cache=True, nogil=True)
def _search(conflicts, alone, is_open, zone, least, most, steps, seed):  # type: ignore[no-untyped-def]
    state = np.array([seed], dtype=np.uint64)
    m = len(is_open)
    # Conflicts of each column with the open ones; one more where it is too close to what stands anyway.
    count = np.zeros(m, dtype=np.int64)
    until = np.zeros(m, dtype=np.int64)
    in_zone = np.zeros(len(least), dtype=np.int64)
    columns = np.flatnonzero(is_open)
    k = len(columns)
    for j in range(m):
        count[j] = alone[j]
    for u in columns:
        for j in range(m):
            count[j] += conflicts[u, j]
        if zone[u] >= 0:
            in_zone[zone[u]] += 1
    for step in range(1, steps + 1):
        worst, total = -1, 0
        for a in range(k):
            total += count[columns[a]]
        if total == 0:
            return True
        # 1. Which one goes: of the most conflicts, drawn among equals.
        go, ties = -1, 0
        for a in range(k):
            u = columns[a]
            if count[u] == 0 or until[u] > step:
                continue
            if count[u] > worst:
                worst, go, ties = count[u], a, 1
            elif count[u] == worst:
                ties += 1
                if random_below(state, ties) == 0:
                    go = a
        if go < 0:
            continue
        u = columns[go]
        # 2. Which one comes: of the fewest conflicts with those that stay.
        come, fewest, ties = -1, m + 2, 0
        for v in range(m):
            if is_open[v] or until[v] > step:
                continue
            here = count[v] - conflicts[u, v]
            if here > fewest:
                continue
            zu, zv = zone[u], zone[v]
            if zu != zv and ((zu >= 0 and in_zone[zu] <= least[zu]) or (zv >= 0 and in_zone[zv] >= most[zv])):
                continue
            if here < fewest:
                come, fewest, ties = v, here, 1
            else:
                ties += 1
                if random_below(state, ties) == 0:
                    come = v
        if come < 0:
            continue
        # 3. Swap, and remember for a while.
        is_open[u], is_open[come] = False, True
        columns[go] = come
        for j in range(m):
            count[j] += np.int64(conflicts[come, j]) - np.int64(conflicts[u, j])
        if zone[u] >= 0:
            in_zone[zone[u]] -= 1
        if zone[come] >= 0:
            in_zone[zone[come]] += 1
        until[u] = step + 5 + random_below(state, 10) + total
        until[come] = step + 1 + random_below(state, 1 + k // 4)
    return count[columns].max() == 0 if k else True
