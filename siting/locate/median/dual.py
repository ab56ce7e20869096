"""Lagrangian bound of median problems, in compiled steps."""

import numpy as np
from numba import njit

_FADE = 0.02


@njit(cache=True, nogil=True)
def worth(start, column, cost, price, v, rho):  # type: ignore[no-untyped-def]
    """Fill what opening each column changes at multipliers ``v``; return their sum."""
    rho[:-1] = price
    rho[-1] = 0.0
    total = 0.0
    for i in range(len(v)):
        vi = v[i]
        total += vi
        k = start[i]
        while cost[k] < vi:
            rho[column[k]] += cost[k] - vi
            k += 1
    return total


@njit(cache=True, nogil=True)
def choose(rho, q, zone, least, most, chosen):  # type: ignore[no-untyped-def]
    """Mark the best columns within ``q`` and the quotas; return their sum."""
    m = len(chosen) - 1
    chosen[:] = False
    total = 0.0
    if q <= 0 or m == 0:
        return total
    if len(least) == 0:
        limit = min(0.0, np.partition(rho[:m], q - 1)[q - 1]) if q < m else 0.0
        count = 0
        for j in range(m):
            if rho[j] < limit:
                chosen[j] = True
                total += rho[j]
                count += 1
        for j in range(m):
            if count >= q:
                break
            if rho[j] == limit and limit < 0.0 and not chosen[j]:
                chosen[j] = True
                total += rho[j]
                count += 1
        return total
    order = np.argsort(rho[:m], kind="mergesort")
    taken = np.zeros(len(least), np.int64)
    count = 0
    for j in order:
        z = zone[j]
        if z >= 0 and taken[z] < least[z]:
            taken[z] += 1
            chosen[j] = True
            total += rho[j]
            count += 1
    for j in order:
        if count >= q or rho[j] >= 0.0:
            break
        z = zone[j]
        if not chosen[j] and (z < 0 or taken[z] < most[z]):
            if z >= 0:
                taken[z] += 1
            chosen[j] = True
            total += rho[j]
            count += 1
    return total


@njit(cache=True, nogil=True)
def ascend(  # type: ignore[no-untyped-def]
    start, column, cost, price, q, zone, least, most, v, best_v, direction, mean_x, best, target, theta, steps,
    momentum, patience, shrink, stale,
):  # fmt: skip
    """Take subgradient steps with memory; ``v``, ``best_v``, ``direction`` and ``mean_x`` change in place.

    The step aims at ``target`` and is shortened by ``shrink`` after ``patience`` steps without a better bound. Returns
    the best bound, the step length to go on with, how many steps were taken, and for how many the bound is ``stale``.
    ``mean_x`` is the running mean of the relaxed answers.
    """
    n, m = len(v), len(price)
    rho, chosen = np.empty(m + 1), np.zeros(m + 1, np.bool_)
    for step in range(steps):
        bound = worth(start, column, cost, price, v, rho) + choose(rho, q, zone, least, most, chosen)
        if bound > best:
            if bound > best + 1e-7 * abs(best):
                stale = 0
            else:
                stale += 1
            best = bound
            best_v[:] = v
        else:
            stale += 1
        if stale >= patience:
            theta *= shrink
            stale = 0
        if best >= target or theta < 1e-4:
            return best, theta, step + 1, stale
        length = 0.0
        for i in range(n):
            g = 1.0
            k = start[i]
            vi = v[i]
            while cost[k] < vi:
                if chosen[column[k]]:
                    g -= 1.0
                k += 1
            if g > 0 and vi >= cost[start[i + 1] - 1]:
                g = 0.0
            if g < 0 and vi <= cost[start[i]]:
                g = 0.0
            direction[i] = g + momentum * direction[i]
            length += direction[i] * direction[i]
        for j in range(m):
            mean_x[j] += _FADE * ((1.0 if chosen[j] else 0.0) - mean_x[j])
        if length == 0.0:
            return best, 0.0, step + 1, stale
        move = theta * max(target - bound, 1e-9 * abs(bound)) / length
        for i in range(n):
            v[i] = min(max(v[i] + move * direction[i], cost[start[i]]), cost[start[i + 1] - 1])
    return best, theta, steps, stale
