"""Lagrangian bound of a problem with capacities, and what it decides.

Relaxes "all of every row is served" with multipliers v_i, which stand for what a row is ready to pay:

    L(v) = sum_i v_i + sum_{j open} rho_j + the best sum_j rho_j of at most q others
    rho_j = f_j + min sum_i (c_ij - v_i) y_ij   subject to  sum_i w_i y_ij <= Q_j,  0 <= y_ij <= 1

which is one knapsack a column: continuous, or 0/1 by dynamic programming where rows go as a whole and the units allow
it. Every v gives a valid bound; spacing and quotas are left out, which keeps it valid.

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
def _evaluate(cost, amount, room, price, state, q, whole, v, rho, y, is_open):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    """L(v); sets rho, shares and which columns are open."""
    m = len(price)
    total = v.sum()
    for j in range(m):
        is_open[j] = False
        rho[j] = np.inf
        if state[j] == CLOSED:
            continue
        red = cost[j] - v
        if _small(red, amount, room[j], whole):
            rho[j] = price[j] + _pack(red, amount, room[j], y[j])[room[j]]
        else:
            rho[j] = price[j] + _fill(red, amount, room[j], y[j])
        if state[j] == OPEN:
            is_open[j] = True
            total += rho[j]
    left = q
    for j in np.argsort(rho):
        if left <= 0 or not rho[j] < 0:
            break
        if state[j] == FREE:
            is_open[j] = True
            total += rho[j]
            left -= 1
    return total


@njit(cache=True, nogil=True)
def climb(cost, amount, room, price, state, q, whole, v, best_v, best, goal, theta, steps, mean):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    """Take subgradient steps; ``q`` counts free columns only. Returns the best bound and the step length left.

    ``v``, ``best_v`` and ``mean``, how open each column was of late, change in place.
    """
    m, n = cost.shape
    rho, y, is_open = np.empty(m), np.zeros((m, n)), np.zeros(m, dtype=np.bool_)
    way = np.zeros(n)
    idle = 0
    for _ in range(steps):
        value = _evaluate(cost, amount, room, price, state, q, whole, v, rho, y, is_open)
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
                lack -= y[j]
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
def decide(cost, amount, room, price, state, q, whole, v, bounds_open, bounds_closed):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    """Say how high the bound is if each free column is open, and if it is closed; returns L(v)."""
    m, n = cost.shape
    rho, y, is_open = np.empty(m), np.zeros((m, n)), np.zeros(m, dtype=np.bool_)
    value = _evaluate(cost, amount, room, price, state, q, whole, v, rho, y, is_open)
    used, worst, following = 0, -np.inf, 0.0
    for j in range(m):
        if state[j] == FREE and is_open[j]:
            used += 1
            worst = max(worst, rho[j])
        elif state[j] == FREE:
            following = min(following, rho[j])
    for j in range(m):
        bounds_open[j] = bounds_closed[j] = value
        if state[j] == CLOSED:
            bounds_open[j] = np.inf
        elif state[j] == FREE and is_open[j]:
            bounds_closed[j] = value - rho[j] + following
        elif state[j] == FREE:
            # The one that gives way to it would be the worst of those open.
            bounds_open[j] = np.inf if q <= 0 else value + rho[j] - (worst if used >= q else 0.0)
    return value


@njit(cache=True, nogil=True)
def row_bounds(cost, amount, room, price, state, q, whole, v, found):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    """Set how high the bound is, at least, if a row goes to a column as a whole; shape (m, n)."""
    m, n = cost.shape
    opened, closed = np.empty(m), np.empty(m)
    decide(cost, amount, room, price, state, q, whole, v, opened, closed)
    y = np.zeros(n)
    for j in range(m):
        if state[j] == CLOSED:
            found[j, :] = np.inf
            continue
        red = cost[j] - v
        if _small(red, amount, room[j], whole):
            least = _pack(red, amount, room[j], y)
            own = least[room[j]]
            for i in range(n):
                room_left = room[j] - amount[i]
                found[j, i] = np.inf if room_left < 0 else opened[j] - own + least[room_left] + red[i]
        else:
            own = _fill(red, amount, room[j], y)
            for i in range(n):
                # A row that is not wanted comes on top of the best of the others.
                found[j, i] = opened[j] + max(red[i], 0.0) if amount[i] <= room[j] else np.inf
