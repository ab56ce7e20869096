"""Lagrangian bound of a problem with capacities, and what it decides.

Relaxes "all of every row is served" with multipliers v_i, which stand for what a row is ready to pay:

    L(v) = sum_i v_i + sum_{j open} rho_j + the best sum_j rho_j of at most q others
    rho_j = f_j + min sum_i (c_ij - v_i) y_ij   subject to  sum_i w_i y_ij <= Q_j,  0 <= y_ij <= 1

which is one knapsack a column: continuous, or 0/1 by dynamic programming where rows go as a whole and the units allow
it. Columns of the same group are versions of one site: the best of them stands for it, and a site that is open in every
plan takes its best one, whatever that costs. Every v gives a valid bound; spacing and quotas are left out, which keeps
it valid.

Holmberg, Ronnqvist & Yuan (1999), European Journal of Operational Research 113, 544-559; Gortz & Klose (2012), INFORMS
Journal on Computing 24, 597-610.
"""

import numpy as np
from numba import njit

_LARGEST_TABLE = 4_000_000
_PATIENCE = 15
_MEMORY = 0.3
FREE, OPEN, CLOSED = 0, 1, -1


@njit(cache=True, nogil=True)
def _fill(red, amount, room, y):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    """Continuous knapsack: most negative cost by unit first; returns its cost and sets the shares."""
    found = np.flatnonzero(red < 0)
    y[:] = 0.0
    total = 0
    for i in found:
        total += amount[i]
    cost = 0.0
    if total <= room:
        for i in found:
            y[i] = 1.0
            cost += red[i]
        return cost
    left = room
    for i in found[np.argsort(red[found] / amount[found])]:
        if left <= 0:
            break
        share = min(1.0, left / amount[i])
        y[i] = share
        cost += share * red[i]
        left -= amount[i]
    return cost


@njit(cache=True, nogil=True)
def _pack(red, amount, room, y):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    """0/1 knapsack; returns the least cost for each room up to ``room`` and sets which rows are taken."""
    found = np.flatnonzero((red < 0) & (amount <= room))
    y[:] = 0.0
    least = np.zeros(room + 1)
    taken = np.zeros((len(found), room + 1), dtype=np.bool_)
    for k in range(len(found)):
        i = found[k]
        w = amount[i]
        for r in range(room, w - 1, -1):
            c = least[r - w] + red[i]
            if c < least[r]:
                least[r] = c
                taken[k, r] = True
    r = room
    for k in range(len(found) - 1, -1, -1):
        if taken[k, r]:
            y[found[k]] = 1.0
            r -= amount[found[k]]
    return least


@njit(cache=True, nogil=True)
def _small(red, amount, room, whole):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    """Whether the table of the 0/1 knapsack is small enough, and rows compete for room at all."""
    count, total = 0, 0
    for i in range(len(red)):
        if red[i] < 0:
            count += 1
            total += amount[i]
    return whole and total > room and count * (room + 1) <= _LARGEST_TABLE


@njit(cache=True, nogil=True)
def _columns(start, row, cost, amount, room, price, state, whole, v, rho, y):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    """Set what each column costs on its own, and its shares; closed ones cost inf."""
    for j in range(len(price)):
        rho[j] = np.inf
        if state[j] == CLOSED:
            continue
        a, b = start[j], start[j + 1]
        red, size = cost[a:b] - v[row[a:b]], amount[row[a:b]]
        if _small(red, size, room[j], whole):
            rho[j] = price[j] + _pack(red, size, room[j], y[a:b])[room[j]]
        else:
            rho[j] = price[j] + _fill(red, size, room[j], y[a:b])


@njit(cache=True, nogil=True)
def _versions(group, state, rho, first, second):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    """Set the best and the second best free column of each group, -1 = none; none where one is open already."""
    first[:] = -1
    second[:] = -1
    for j in range(len(group)):
        g = group[j]
        if state[j] != FREE:
            continue
        if first[g] < 0 or rho[j] < rho[first[g]]:
            first[g], second[g] = j, first[g]
        elif second[g] < 0 or rho[j] < rho[second[g]]:
            second[g] = j
    for j in range(len(group)):
        if state[j] == OPEN:
            first[group[j]] = second[group[j]] = -1


@njit(cache=True, nogil=True)
def _choose(group, counted, state, q, rho, first, is_open):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    """Open what is cheapest: open columns, versions of sites that are open anyway, and at most ``q`` others."""
    total, left = 0.0, q
    is_open[:] = False
    for j in range(len(group)):
        if state[j] == OPEN or (not counted[j] and first[group[j]] == j):
            is_open[j] = True
            total += rho[j]
    for j in np.argsort(rho):
        if left <= 0 or not rho[j] < 0:
            break
        if counted[j] and first[group[j]] == j:
            is_open[j] = True
            total += rho[j]
            left -= 1
    return total


@njit(cache=True, nogil=True)
def climb(  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    start, row, cost, amount, room, price, group, counted, state, q, whole, v, best_v, best, goal, theta, steps, mean
):
    """Take subgradient steps; ``q`` counts free columns only. Returns the best bound and the step length left.

    ``v``, ``best_v`` and ``mean``, how open each column was of late, change in place.
    """
    m, n = len(price), len(amount)
    rho, y, is_open = np.empty(m), np.zeros(len(row)), np.zeros(m, dtype=np.bool_)
    first, second = np.empty(m, dtype=np.int64), np.empty(m, dtype=np.int64)
    way = np.zeros(n)
    idle = 0
    for _ in range(steps):
        _columns(start, row, cost, amount, room, price, state, whole, v, rho, y)
        _versions(group, state, rho, first, second)
        value = v.sum() + _choose(group, counted, state, q, rho, first, is_open)
        for j in range(m):
            mean[j] = 0.9 * mean[j] + 0.1 * is_open[j]
        if value > best:
            idle = idle if value < best + 1e-6 * abs(best) else 0
            best = value
            best_v[:] = v
        else:
            idle += 1
        if best >= goal:
            break
        lack = np.ones(n)
        for j in range(m):
            if is_open[j]:
                for e in range(start[j], start[j + 1]):
                    lack[row[e]] -= y[e]
        way = lack + _MEMORY * way
        square = (way * way).sum()
        if square == 0.0:
            break
        v += theta * max(goal - value, 1e-9 * abs(goal)) / square * way
        if idle >= _PATIENCE:
            idle = 0
            theta *= 0.6
            v[:] = best_v
            way[:] = 0.0
            if theta < 1e-3:
                break
    return best, theta


@njit(cache=True, nogil=True)
def decide(start, row, cost, amount, room, price, group, counted, state, q, whole, v, bounds_open, bounds_closed):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    """Say how high the bound is if each free column is open, and if it is closed; returns L(v)."""
    m = len(price)
    rho, y, is_open = np.empty(m), np.zeros(len(row)), np.zeros(m, dtype=np.bool_)
    first, second = np.empty(m, dtype=np.int64), np.empty(m, dtype=np.int64)
    _columns(start, row, cost, amount, room, price, state, whole, v, rho, y)
    _versions(group, state, rho, first, second)
    value = v.sum() + _choose(group, counted, state, q, rho, first, is_open)
    used, worst, following = 0, -np.inf, 0.0
    for j in range(m):
        if first[group[j]] == j and counted[j]:
            if is_open[j]:
                used += 1
                worst = max(worst, rho[j])
            else:
                following = min(following, rho[j])
    for j in range(m):
        bounds_open[j] = bounds_closed[j] = value
        if state[j] == CLOSED:
            bounds_open[j] = np.inf
        if state[j] != FREE:
            continue
        a = first[group[j]]
        if a < 0:
            # Another version of it is open already.
            bounds_open[j] = np.inf
        elif is_open[a] and a != j:
            bounds_open[j] = value - rho[a] + rho[j]
        elif is_open[a]:
            b = second[group[j]]
            instead = following if counted[j] else np.inf
            bounds_closed[j] = value - rho[j] + (instead if b < 0 else min(instead, rho[b]))
        else:
            # The one that gives way to it would be the worst of those open.
            bounds_open[j] = np.inf if q <= 0 else value + rho[j] - (worst if used >= q else 0.0)
    return value


@njit(cache=True, nogil=True)
def row_bounds(start, row, cost, amount, room, price, group, counted, state, q, whole, v, found):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    """Set how high the bound is, at least, if a row goes to a column as a whole; shape (m, n)."""
    m = len(price)
    opened, closed, shares = np.empty(m), np.empty(m), np.empty(len(row))
    decide(start, row, cost, amount, room, price, group, counted, state, q, whole, v, opened, closed)
    found[:] = np.inf
    for j in range(m):
        if state[j] == CLOSED:
            continue
        a, b = start[j], start[j + 1]
        red, size, y = cost[a:b] - v[row[a:b]], amount[row[a:b]], shares[a:b]
        if _small(red, size, room[j], whole):
            least = _pack(red, size, room[j], y)
            own = least[room[j]]
            for e in range(b - a):
                left = room[j] - size[e]
                if left >= 0:
                    found[j, row[a + e]] = opened[j] - own + least[left] + red[e]
        else:
            for e in range(b - a):
                # A row that is not wanted comes on top of the best of the others.
                if size[e] <= room[j]:
                    found[j, row[a + e]] = opened[j] + max(red[e], 0.0)
