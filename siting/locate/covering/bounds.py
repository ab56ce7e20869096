"""How good any plan could be: Lagrangian bounds in whole units, so that no rounding makes them wrong.

Every choice of multipliers gives a valid bound; the subgradient steps only look for a tight one. The steps run in
floating point, but the bound that leaves this module is evaluated in integers.
"""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.locate.covering.reduce import Instance

# Long memory of earlier steps and slow shrinking come closest to the linear bound.
_SHRINK_AFTER = 20
_SHRINK = 0.8
_MOMENTUM = 0.95


@dataclass(frozen=True, slots=True)
class CoverBound:
    """A bound on the greatest weight that ``p`` columns can serve.

    ``value`` are the multipliers' worth of each column, ``chosen`` the columns of the relaxed answer. A bound with one
    column forced in or out follows from them, and so which columns every better answer has, or none.
    """

    bound: int
    value: NDArray[np.int64]
    chosen: NDArray[np.bool_]
    multipliers: NDArray[np.int64]

    def decided(self, incumbent: int, p: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return masks of columns that every answer above ``incumbent`` contains, and of those that none contains."""
        n = len(self.value)
        ranked = np.sort(self.value)[::-1]
        last_in = ranked[p - 1] if p <= n else 0
        first_out = ranked[p] if p < n else 0
        # Forcing a column in pushes out the worst chosen one; forcing one out lets the best unchosen one in.
        never = ~self.chosen & (self.bound - max(last_in, 0) + self.value <= incumbent)
        always = self.chosen & (self.bound - self.value + max(first_out, 0) <= incumbent)
        return always, never


def lagrangian_cover(
    instance: Instance,
    p: int,
    incumbent: int,
    open_columns: NDArray[np.intp],
    *,
    iterations: int,
    deadline: float,
    start: CoverBound | None = None,
) -> CoverBound:
    """Bound the weight that at most ``p`` columns serve.

    Relaxes ``y_i <= sum_j x_j`` with multipliers ``0 <= u_i <= w_i``:

        L(u) = sum_i (w_i - u_i) + sum of the p greatest positive v_j,   v_j = sum_{i in rows of j} u_i

    Spacing between sites is left out, which keeps the bound valid.

    Parameters
    ----------
    incumbent : the best known value, which the step length aims at
    open_columns : the columns of that value; they give the first multipliers
    start : an earlier bound to improve, whose multipliers come first instead
    """
    weight = instance.weight.astype(np.float64)
    reach, by = instance.reach.astype(np.float64), instance.reached_by.astype(np.float64)
    p = min(p, instance.n_columns)
    x = np.zeros(instance.n_columns)
    x[open_columns] = 1.0
    u = weight / np.maximum(reach @ x, 1.0) if start is None else start.multipliers.astype(np.float64)
    best_u, best = u, np.inf
    theta, direction, stale = 1.0 if start is None else 0.2, np.zeros_like(u), 0
    for _ in range(iterations):
        v = by @ u
        top = np.argpartition(-v, p - 1)[:p] if p else np.empty(0, dtype=np.intp)
        bound = float((weight - u).sum() + v[top].sum())
        if bound < best - 1e-9 * abs(best) or not np.isfinite(best):
            best, best_u, stale = bound, u, 0
        else:
            stale += 1
            if stale >= _SHRINK_AFTER:
                theta, stale = theta * _SHRINK, 0
        if np.floor(best + 1e-6) <= incumbent or theta < 1e-5 or time.perf_counter() > deadline:
            break
        x[:] = 0.0
        x[top] = 1.0
        slope = reach @ x - 1.0
        slope[((u <= 0) & (slope > 0)) | ((u >= weight) & (slope < 0))] = 0.0
        direction = slope + _MOMENTUM * direction
        length = float(direction @ direction)
        if length == 0.0:
            break
        step = theta * max(bound - incumbent, 1e-6 * max(1.0, abs(bound))) / length
        u = np.clip(u - step * direction, 0.0, weight)
    return _evaluate_cover(instance, p, np.rint(best_u).astype(np.int64))


def _evaluate_cover(instance: Instance, p: int, u: NDArray[np.int64]) -> CoverBound:
    u = np.clip(u, 0, instance.weight)
    value: NDArray[np.int64] = instance.reached_by @ u
    top = np.argsort(-value, kind="stable")[:p]
    chosen = np.zeros(instance.n_columns, dtype=bool)
    chosen[top] = True
    return CoverBound(int((instance.weight - u).sum() + value[top].sum()), value, chosen, u)


def lagrangian_set_cover(
    instance: Instance, incumbent: int, *, iterations: int, deadline: float
) -> tuple[int, NDArray[np.float64]]:
    """Bound from below how many columns are needed to serve all rows, and return the multipliers.

    Relaxes ``sum_j x_j >= 1`` with multipliers ``u_i >= 0``:  L(u) = sum_i u_i + sum_j min(0, 1 - sum_{i in j} u_i).
    The count is whole, so the bound is rounded up after an evaluation in integers.
    """
    reach, by = instance.reach.astype(np.float64), instance.reached_by.astype(np.float64)
    size = np.maximum(by.sum(axis=1), 1.0)
    # A row is worth at least its share of the largest column that serves it.
    coordinates = reach.tocoo()
    u = np.full(instance.n_rows, np.inf)
    np.minimum.at(u, coordinates.row, 1.0 / size[coordinates.col])
    best_u, best = u, -np.inf
    theta, direction, stale = 1.0, np.zeros_like(u), 0
    for _ in range(iterations):
        reduced = 1.0 - by @ u
        bound = float(u.sum() + np.minimum(reduced, 0.0).sum())
        if bound > best + 1e-9:
            best, best_u, stale = bound, u, 0
        else:
            stale += 1
            if stale >= _SHRINK_AFTER:
                theta, stale = theta * _SHRINK, 0
        if np.ceil(best - 1e-6) >= incumbent or theta < 1e-5 or time.perf_counter() > deadline:
            break
        slope = 1.0 - reach @ (reduced < 0).astype(np.float64)
        slope[(u <= 0) & (slope < 0)] = 0.0
        direction = slope + _MOMENTUM * direction
        length = float(direction @ direction)
        if length == 0.0:
            break
        # No row is worth more than the one column that serves it, which costs 1.
        u = np.clip(u + theta * max(incumbent - bound, 0.05) / length * direction, 0.0, 1.0)
    scale = 2**32
    whole = np.floor(best_u * scale).astype(np.int64)
    bound_scaled = int(whole.sum()) + int(np.minimum(scale - (instance.reached_by @ whole), 0).sum())
    return max(0, -(-bound_scaled // scale)), best_u
