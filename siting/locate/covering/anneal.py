"""Swaps for maximal covering, worse ones too while it is hot: one column in, the one that is then missed least out.

``start, row`` hold the rows of each column, ``zone, least, most`` are quotas, ``near_start, near`` the columns that may
not be open beside each one.

A row that one column alone serves knows it (``owner`` is the sum of the open columns that serve a row), so a column is
judged against all open ones at once by its own rows. ``loss`` holds, for open columns, the weight that they alone
serve. ``count`` holds the open columns of a row,
``blocked`` those near a column, ``in_zone`` those of a zone. All weights are whole.

Kirkpatrick, Gelatt & Vecchi (1983), Science 220, 671-680.
"""

import math

from numba import njit

from siting.locate.randomness import random_below


@njit(cache=True, nogil=True)
def enter(j, problem, plan):  # type: ignore[no-untyped-def]
    """Open a column; return what it wins."""
    start, row, weight, zone, _, _, near_start, near = problem
    count, owner, loss, is_open, blocked, in_zone = plan
    won = 0
    for e in range(start[j], start[j + 1]):
        i = row[e]
        if count[i] == 0:
            won += weight[i]
        elif count[i] == 1:
            loss[owner[i]] -= weight[i]
        count[i] += 1
        owner[i] += j
    loss[j] = won
    is_open[j] = True
    for e in range(near_start[j], near_start[j + 1]):
        blocked[near[e]] += 1
    if zone[j] >= 0:
        in_zone[zone[j]] += 1
    return won


@njit(cache=True, nogil=True)
def leave(j, problem, plan):  # type: ignore[no-untyped-def]
    """Close a column; return what it loses."""
    start, row, weight, zone, _, _, near_start, near = problem
    count, owner, loss, is_open, blocked, in_zone = plan
    for e in range(start[j], start[j + 1]):
        i = row[e]
        count[i] -= 1
        owner[i] -= j
        if count[i] == 1:
            loss[owner[i]] += weight[i]
    is_open[j] = False
    for e in range(near_start[j], near_start[j + 1]):
        blocked[near[e]] -= 1
    if zone[j] >= 0:
        in_zone[zone[j]] -= 1
    return loss[j]


@njit(cache=True, nogil=True)
def fits(k, c, problem, plan):  # type: ignore[no-untyped-def]
    """Whether spacing and quotas let a closed column in for an open one."""
    zone, least, most, near_start, near = problem[3:]
    blocked, in_zone = plan[4:]
    if blocked[k] > 1:
        return False
    if blocked[k] == 1:
        beside = False
        for e in range(near_start[k], near_start[k + 1]):
            beside |= near[e] == c
        if not beside:
            return False
    if zone[k] == zone[c]:
        return True
    if zone[k] >= 0 and in_zone[zone[k]] >= most[zone[k]]:
        return False
    return not (zone[c] >= 0 and in_zone[zone[c]] <= least[zone[c]])


@njit(cache=True, nogil=True)
def anneal(among, steps, hot, cold, value, opened, problem, plan, best, best_value, saved, state):  # type: ignore[no-untyped-def]
    """Try swaps with columns of ``among`` that are drawn at random, or all of them in turn where it is cold (0).

    ``opened`` lists the open columns. ``best`` is a mask of the best plan, kept up to date with its value. Returns the
    value of the plan and of the best one.
    """
    start, row, weight = problem[:3]
    count, owner, loss, is_open = plan[:4]
    free = len(problem[4]) == 0 and len(problem[7]) == 0
    unit = 1.0 / 9007199254740992.0
    for s in range(steps):
        heat = hot * (cold / hot) ** (s / steps) if hot > 0.0 else 0.0
        k = among[random_below(state, len(among))] if heat > 0.0 else among[s % len(among)]
        if is_open[k]:
            continue
        won = 0
        for e in range(start[k], start[k + 1]):
            i = row[e]
            if count[i] == 0:
                won += weight[i]
            elif count[i] == 1:
                saved[owner[i]] += weight[i]
        out, lost = -1, 0
        for t in range(len(opened)):
            c = opened[t]
            missed = loss[c] - saved[c]
            saved[c] = 0
            if (out < 0 or missed < lost) and (free or fits(k, c, problem, plan)):
                out, lost = t, missed
        if out < 0:
            continue
        change = won - lost
        if change <= 0 and heat == 0.0:
            continue
        if change < 0 and random_below(state, 9007199254740992) * unit >= math.exp(change / heat):
            continue
        leave(opened[out], problem, plan)
        enter(k, problem, plan)
        opened[out] = k
        value += change
        if value > best_value:
            best[:] = is_open
            best_value = value
    return value, best_value
