"""How much any plan could cover twice: a Lagrangian bound, found in floating point and evaluated in whole units.

Rows are joined to columns by multipliers ``u_i >= 0``; ``n_i`` is how many columns a row must have, 1 or 0:

    L(u) = sum_i max(0, w_i - u_i) - sum_i n_i u_i + max { sum_j v_j x_j : q columns, quotas },  v_j = sum_{i in j} u_i

Every choice of multipliers gives a valid bound, and spacing is left out, which keeps it valid.

Fisher (1981), Management Science 27, 1-18.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from siting.locate.backup.instance import Twice

_SHRINK_AFTER = 20
_SHRINK = 0.8
_MOMENTUM = 0.9
_AT_ONCE = 50
# Multipliers stay so small that sums of units are exact.
_LARGEST = 2**52


@dataclass(frozen=True, slots=True)
class TwiceBound:
    """A bound in units; ``worth`` of each column under its multipliers, and the columns ``chosen`` by them."""

    bound: int
    worth: NDArray[np.int64]
    chosen: NDArray[np.bool_]

    def decided(self, value: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return the columns that every plan above ``value`` has, and those that none has; for free choices only."""
        worth, chosen = self.worth, self.chosen
        last_in = int(worth[chosen].min(initial=np.iinfo(np.int64).max)) if chosen.any() else 0
        first_out = int(worth[~chosen].max(initial=0))
        never = ~chosen & (self.bound - last_in + worth <= value)
        always = chosen & (self.bound - worth + first_out <= value)
        return always, never


def bound_twice(
    problem: Twice, q: int, value: int, columns: NDArray[np.intp], *, steps: int, is_over: Callable[[], bool]
) -> TwiceBound:
    """Bound what at most ``q`` columns that cover all rows can cover twice.

    Parameters
    ----------
    value : of the best plan known, which the step length aims at
    columns : of that plan; they give the first multipliers
    """
    weight, need = problem.weight.astype(np.float64), problem.need.astype(np.float64)
    u = weight / np.maximum(problem.count(columns), 1)
    # A row that must be covered, and whose cover is what matters, may be worth more than its weight.
    top = np.where(need > 0, max(1.0, float(weight.sum())), weight)
    zone, least, most = problem.zone_arrays()
    theta, direction, best_u, best = 1.0, np.zeros_like(u), u.copy(), np.inf
    done, stale = 0, 0
    while done < steps and theta > 1e-5 and not is_over() and np.floor(best + 1e-6) > value - problem.base:
        theta, stale, best = _climb(
            problem.reach.indptr, problem.reach.indices, weight, need, top, q, zone, least, most,
            float(value - problem.base), u, best_u, direction, theta, stale, best, _AT_ONCE,
        )  # fmt: skip
        done += _AT_ONCE
    return _evaluate(problem, q, best_u)


def _evaluate(problem: Twice, q: int, u: NDArray[np.float64]) -> TwiceBound:
    size = max(1, int(np.diff(problem.reach.indptr).sum()))
    whole = np.rint(np.minimum(u, _LARGEST // size)).astype(np.int64)
    worth: NDArray[np.int64] = problem.by @ whole
    zone, least, most = problem.zone_arrays()
    chosen = _choose(worth.astype(np.float64), q, zone, least, most)
    fixed = int(np.maximum(problem.weight - whole, 0).sum()) - int((problem.need * whole).sum())
    return TwiceBound(problem.base + fixed + int(worth[chosen].sum()), worth, chosen)


@njit(cache=True, nogil=True)
def _choose(worth, q, zone, least, most):  # type: ignore[no-untyped-def]
    """Mark the ``q`` columns worth most within the quotas; those that zones need come first."""
    m = len(worth)
    chosen = np.zeros(m, np.bool_)
    count = np.zeros(len(least), np.int64)
    order = np.argsort(-worth, kind="mergesort")
    left = q
    for j in order:
        z = zone[j]
        if z >= 0 and count[z] < least[z] and left > 0:
            chosen[j] = True
            count[z] += 1
            left -= 1
    for j in order:
        if left <= 0 or worth[j] <= 0:
            break
        z = zone[j]
        if chosen[j] or (z >= 0 and count[z] >= most[z]):
            continue
        chosen[j] = True
        if z >= 0:
            count[z] += 1
        left -= 1
    return chosen


@njit(cache=True, nogil=True)
def _climb(  # type: ignore[no-untyped-def]
    start, column, weight, need, top, q, zone, least, most, value, u, best_u, direction, theta, stale, best, steps,
):  # fmt: skip
    """Take subgradient steps; ``u``, ``best_u`` and ``direction`` move on in place."""
    n, m = len(weight), len(zone)
    worth = np.empty(m)
    for _ in range(steps):
        worth[:] = 0.0
        bound = 0.0
        for i in range(n):
            bound += max(0.0, weight[i] - u[i]) - need[i] * u[i]
            if u[i] > 0.0:
                for e in range(start[i], start[i + 1]):
                    worth[column[e]] += u[i]
        chosen = _choose(worth, q, zone, least, most)
        for j in range(m):
            if chosen[j]:
                bound += worth[j]
        if bound < best - 1e-9 * abs(best) or not np.isfinite(best):
            best, stale = bound, 0
            best_u[:] = u
        else:
            stale += 1
            if stale >= _SHRINK_AFTER:
                theta, stale = theta * _SHRINK, 0
        if theta < 1e-5 or np.floor(best + 1e-6) <= value:
            break
        length = 0.0
        for i in range(n):
            slope = -need[i]
            if u[i] < weight[i]:
                slope -= 1.0
            for e in range(start[i], start[i + 1]):
                if chosen[column[e]]:
                    slope += 1.0
            if (u[i] <= 0.0 and slope > 0.0) or (u[i] >= top[i] and slope < 0.0):
                slope = 0.0
            direction[i] = slope + _MOMENTUM * direction[i]
            length += direction[i] * direction[i]
        if length == 0.0:
            theta = 0.0
            break
        step = theta * max(bound - value, 1e-6 * max(1.0, abs(bound))) / length
        for i in range(n):
            u[i] = min(max(u[i] - step * direction[i], 0.0), top[i])
    return theta, stale, best
