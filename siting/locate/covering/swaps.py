"""Good plans fast: swaps that keep every row covered, with losses now and then. No proof is claimed here.

A closed column may take the place of an open one if it reaches all rows that only this one covers. A site that nobody
needs any more goes where fewer sites are the first aim: rows covered more often than they need are what makes a site
needless in the end. Losses are accepted by a falling threshold: Dueck & Scheuer (1990), Journal of Computational
Physics 90, 161-175.
"""

from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

from siting.locate.covering.climb import pointers
from siting.locate.covering.reduce import Instance
from siting.locate.randomness import random_below

# Swaps of a round for each open column and at most, calls that they are shared among at least, and entries that one
# call goes through; the loss that is accepted at first, of what a column covers; rounds without a better plan.
_SWAPS_EACH, _SWAPS, _CALLS, _PORTION = 1_800, 600_000, 30, 2e7
_FIRST_LOSS = 0.3
_PATIENCE = 2


def swap_to_fewer(
    instance: Instance, columns: NDArray[np.intp], state: NDArray[np.uint64], is_over: Callable[[], bool]
) -> NDArray[np.intp]:
    """Cover all rows with fewer columns, until rounds of swaps no longer help or the time is over."""
    n, m, zones = instance.n_rows, instance.n_columns, instance.zones
    if not len(columns) or n == 0:
        return columns
    ones, none = np.ones(n, dtype=np.int64), np.zeros(0, dtype=np.int64)
    problem = (
        *pointers(instance.reach), *pointers(instance.reached_by), ones, ones,
        np.full(m, -1, dtype=np.int64) if zones is None else zones.zone,
        none if zones is None else zones.least, none if zones is None else zones.most,
        *pointers(instance.neighbours()),
    )  # fmt: skip
    swaps = min(_SWAPS, _SWAPS_EACH * len(columns))
    per_swap = instance.reach.nnz / n * instance.reach.nnz / m
    calls = max(_CALLS, round(swaps * per_swap / _PORTION))
    found = np.zeros(m, dtype=np.bool_)
    found[columns] = True
    idle = 0
    while idle < _PATIENCE and not is_over():
        before, is_open = int(found.sum()), found.copy()
        value = int(((instance.reach @ is_open.astype(np.int64)) > 1).sum())
        for call in range(calls):
            loss = _FIRST_LOSS * instance.reach.nnz / m * (1.0 - call / (calls - 1)) ** 2
            value, _ = swap_twice(*problem, is_open, found, value, swaps // calls, loss, True, state)
            if is_over():
                break
        idle = 0 if int(found.sum()) < before else idle + 1
    return np.flatnonzero(found)


@njit(cache=True, nogil=True)
def swap_twice(  # type: ignore[no-untyped-def]
    start, column, by_start, by_row, weight, need, zone, least, most, near_start, near,
    is_open, best_open, best, steps, allowed_loss, fewer, state,
):  # fmt: skip
    """Take ``steps`` swaps from the plan ``is_open`` and return the best value and number of columns found.

    Parameters
    ----------
    best_open, best : the best plan so far and its units; ``best_open`` is improved in place
    allowed_loss : units that one swap may lose
    fewer : whether a plan with fewer columns is better whatever it is worth
    """
    n, m = len(weight), len(zone)
    count = np.zeros(n, np.int64)
    in_zone = np.zeros(len(least), np.int64)
    barred = np.zeros(m, np.int64)
    sites = np.flatnonzero(is_open)
    n_open = len(sites)
    n_best = int(best_open.sum())
    value = np.int64(0)
    for j in sites:
        if zone[j] >= 0:
            in_zone[zone[j]] += 1
        for e in range(near_start[j], near_start[j + 1]):
            barred[near[e]] += 1
        for e in range(by_start[j], by_start[j + 1]):
            count[by_row[e]] += 1
    for i in range(n):
        if count[i] > need[i]:
            value += weight[i]
    for _ in range(steps):
        if n_open == 0:
            break
        a = random_below(state, n_open)
        r = sites[a]
        # 1. Close one, and see which rows that leaves alone.
        loss, alone, narrow = 0, 0, -1
        for e in range(by_start[r], by_start[r + 1]):
            i = by_row[e]
            if count[i] == need[i] + 1:
                loss += weight[i]
            if count[i] <= need[i]:
                alone += 1
                if narrow < 0 or start[i + 1] - start[i] < start[narrow + 1] - start[narrow]:
                    narrow = i
            count[i] -= 1
        for e in range(near_start[r], near_start[r + 1]):
            barred[near[e]] -= 1
        out = zone[r]
        if alone == 0 and fewer and (out < 0 or in_zone[out] > least[out]):
            is_open[r] = False
            n_open -= 1
            sites[a] = sites[n_open]
            value -= loss
            if out >= 0:
                in_zone[out] -= 1
            if n_open < n_best:
                best, n_best = value, n_open
                best_open[:] = is_open
            continue
        if alone == 0:
            # Nobody needs it: any column that helps some row may take its place.
            narrow = random_below(state, n)
        # 2. Which column serves those rows, and gains most.
        come, gain = -1, np.int64(0)
        first, size = start[narrow], start[narrow + 1] - start[narrow]
        turn = random_below(state, max(1, size))
        for k in range(size):
            j = column[first + (k + turn) % size]
            if j == r or is_open[j] or barred[j] > 0:
                continue
            here = zone[j]
            if here != out and (
                (here >= 0 and in_zone[here] >= most[here]) or (out >= 0 and in_zone[out] <= least[out])
            ):
                continue
            more, reached = np.int64(0), 0
            for e in range(by_start[j], by_start[j + 1]):
                i = by_row[e]
                if count[i] == need[i]:
                    more += weight[i]
                elif count[i] < need[i]:
                    reached += 1
            if reached == alone and (come < 0 or more > gain):
                come, gain = j, more
        if come < 0 or gain - loss < -allowed_loss * (random_below(state, 1000) + 1) / 1000.0:
            come = r
        # 3. Open it, or the old one again.
        for e in range(by_start[come], by_start[come + 1]):
            count[by_row[e]] += 1
        for e in range(near_start[come], near_start[come + 1]):
            barred[near[e]] += 1
        if come == r:
            continue
        is_open[r], is_open[come] = False, True
        sites[a] = come
        value += gain - loss
        if out >= 0:
            in_zone[out] -= 1
        if zone[come] >= 0:
            in_zone[zone[come]] += 1
        if n_open < n_best or (n_open == n_best and value > best):
            best, n_best = value, n_open
            best_open[:] = is_open
    return best, n_best
