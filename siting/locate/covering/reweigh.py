"""Cheaper plans that serve all rows: take columns away, and mend with what serves the rows that stay unserved longest.

``row_start, row_column`` hold the columns of each row, ``start, row`` the rows of each column, ``zone, least, most``
are quotas, ``near_start, near`` the columns that may not be open beside each one. Every row has a worth that grows
while nothing serves it, so that no row is left out for long.

Gao, Weise & Li (2015), European Journal of Operational Research 246, 750-761.
"""

import numpy as np
from numba import njit

from siting.locate.randomness import random_below


@njit(cache=True, nogil=True)
def _flip(j, sign, problem, plan, score, worth, fresh):  # type: ignore[no-untyped-def]
    """Open (1) or close (-1) a column. ``score``: what opening wins, or what closing loses, in worth of rows."""
    row_start, row_column, start, row, _, zone, _, _, near_start, near = problem
    count, is_open, blocked, in_zone = plan
    is_open[j] = sign > 0
    for e in range(start[j], start[j + 1]):
        i = row[e]
        count[i] += sign
        # A row that nothing served is won by nobody else now; one that another served alone is not its own any more.
        if count[i] == (1 if sign > 0 else 0):
            for k in range(row_start[i], row_start[i + 1]):
                c = row_column[k]
                fresh[c] = True
                if c != j:
                    score[c] -= sign * worth[i]
        elif count[i] == (2 if sign > 0 else 1):
            for k in range(row_start[i], row_start[i + 1]):
                c = row_column[k]
                fresh[c] = True
                if c != j and is_open[c]:
                    score[c] -= sign * worth[i]
    if sign < 0:
        fresh[j] = False
        total = 0
        for e in range(start[j], start[j + 1]):
            if count[row[e]] == 0:
                total += worth[row[e]]
        score[j] = total
    else:
        total = 0
        for e in range(start[j], start[j + 1]):
            if count[row[e]] == 1:
                total += worth[row[e]]
        score[j] = total
    for e in range(near_start[j], near_start[j + 1]):
        blocked[near[e]] += sign
    if zone[j] >= 0:
        in_zone[zone[j]] += sign


@njit(cache=True, nogil=True)
def _least_missed(opened, n_open, tabu, problem, plan, score, since):  # type: ignore[no-untyped-def]
    """Return the place in ``opened`` of the column whose closing loses least for its price, the oldest of equals."""
    price, zone, least = problem[4], problem[5], problem[6]
    in_zone = plan[3]
    best = -1
    for t in range(n_open):
        j = opened[t]
        if j == tabu or (zone[j] >= 0 and in_zone[zone[j]] <= least[zone[j]]):
            continue
        if best >= 0:
            # A column that costs nothing is never worth closing for its price.
            a, b = score[j] * float(price[opened[best]]), score[opened[best]] * float(price[j])
            if a > b or (a == b and since[j] >= since[opened[best]]):
                continue
        best = t
    return best


@njit(cache=True, nogil=True)
def _close(j, problem, plan, score, worth, fresh, unserved, place, n_unserved):  # type: ignore[no-untyped-def]
    """Close column j and list the rows that nothing serves any more; return how many are listed by then."""
    start, row, count = problem[2], problem[3], plan[0]
    _flip(j, -1, problem, plan, score, worth, fresh)
    for e in range(start[j], start[j + 1]):
        if count[row[e]] == 0:
            unserved[n_unserved] = row[e]
            place[row[e]] = n_unserved
            n_unserved += 1
    return n_unserved


@njit(cache=True, nogil=True)
def reweigh(rounds, problem, is_open, best, best_price, state):  # type: ignore[no-untyped-def]
    """Search so many rounds for cheaper plans; ``best`` is a mask of the cheapest one, whose price is returned.

    ``is_open`` is a plan that serves all rows and meets all conditions.
    """
    row_start, row_column, start, row, price, zone, least, most = problem[:8]
    n, m = len(row_start) - 1, len(price)
    count, blocked, in_zone = np.zeros(n, np.int64), np.zeros(m, np.int64), np.zeros(len(least), np.int64)
    plan = (count, np.zeros(m, np.bool_), blocked, in_zone)
    worth, since, fresh = np.ones(n, np.int64), np.zeros(m, np.int64), np.ones(m, np.bool_)
    score = np.zeros(m, np.int64)
    score += np.diff(start)
    opened, n_open, spent = np.empty(m, np.int64), 0, 0
    for j in np.flatnonzero(is_open):
        _flip(j, 1, problem, plan, score, worth, fresh)
        opened[n_open] = j
        n_open += 1
        spent += price[j]
    unserved, place, n_unserved = np.empty(n, np.int64), np.full(n, -1, np.int64), 0
    tabu = -1
    for s in range(rounds):
        while n_unserved == 0:
            if spent < best_price:
                best_price = spent
                best[:] = plan[1]
            t = _least_missed(opened, n_open, -1, problem, plan, score, since)
            if t < 0:
                return best_price
            j = opened[t]
            n_open -= 1
            opened[t] = opened[n_open]
            spent -= price[j]
            since[j] = s
            n_unserved = _close(j, problem, plan, score, worth, fresh, unserved, place, n_unserved)
        t = _least_missed(opened, n_open, tabu, problem, plan, score, since)
        if t >= 0:
            j = opened[t]
            n_open -= 1
            opened[t] = opened[n_open]
            spent -= price[j]
            since[j] = s
            n_unserved = _close(j, problem, plan, score, worth, fresh, unserved, place, n_unserved)
        r = unserved[random_below(state, n_unserved)]
        chosen = -1
        for k in range(row_start[r], row_start[r + 1]):
            c = row_column[k]
            if not fresh[c] or blocked[c] > 0 or spent + price[c] >= best_price:
                continue
            if zone[c] >= 0 and in_zone[zone[c]] >= most[zone[c]]:
                continue
            if chosen >= 0:
                a, b = score[c] * float(price[chosen]), score[chosen] * float(price[c])
                if a < b or (a == b and since[c] >= since[chosen]):
                    continue
            chosen = c
        if chosen >= 0:
            for e in range(start[chosen], start[chosen + 1]):
                i = row[e]
                if count[i] == 0:
                    n_unserved -= 1
                    last = unserved[n_unserved]
                    unserved[place[i]] = last
                    place[last] = place[i]
                    place[i] = -1
            _flip(chosen, 1, problem, plan, score, worth, fresh)
            opened[n_open] = chosen
            n_open += 1
            spent += price[chosen]
            since[chosen] = s
            tabu = chosen
        for t in range(n_unserved):
            i = unserved[t]
            worth[i] += 1
            for k in range(row_start[i], row_start[i + 1]):
                score[row_column[k]] += 1
    return best_price
