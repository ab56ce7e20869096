"""How good any plan could be: Lagrangian bounds in whole units, so that no rounding makes them wrong.

Every choice of multipliers gives a valid bound; the subgradient steps only look for a tight one. The steps run in
floating point, but the bound that leaves this module is evaluated in integers.
"""

import time

import numpy as np
from numpy.typing import NDArray

from siting.locate.covering.reduce import Instance

# Long memory of earlier steps and slow shrinking come closest to the linear bound.
_SHRINK_AFTER = 20
_SHRINK = 0.8
_MOMENTUM = 0.95


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
