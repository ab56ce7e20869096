"""How much buildings with several services could serve at most: a Lagrangian bound in whole units, packing included.

Relaxed are ``y_ik <= sum_j x_jk`` with multipliers ``0 <= u_ik <= w_ik``, and ``sum_j x_jk <= q_k`` with ``m_k >= 0``:

    L(u, m) = sum (w - u) + sum_k m_k q_k + sum of the p greatest P_j,
    P_j     = the best package of plot j, a service being worth  max(0, sum of u over the rows it serves - m_k)

Which packages fit on a plot stays in the bound exactly. So do quotas of zones: the p plots are
the best that quotas allow. Spacing between plots is left out, which keeps the bound valid.
"""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siting.locate.joint.packing import Joint
from siting.locate.joint.zones import best_plots, swaps

_SHRINK_AFTER = 20
_SHRINK = 0.8
_MOMENTUM = 0.95


@dataclass(frozen=True, slots=True)
class JointBound:
    """A bound on the weight served; ``worth`` of each plot and ``chosen`` are those of the relaxed answer."""

    bound: int
    worth: NDArray[np.int64]
    chosen: NDArray[np.bool_]
    services: NDArray[np.bool_]
    multipliers: NDArray[np.int64]
    prices: NDArray[np.int64]

    def decided(self, incumbent: int, joint: Joint) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return masks of plots that every answer above ``incumbent`` builds on, and of those that none builds on."""
        free = ~joint.must
        ranked = np.sort(self.worth[free])[::-1]
        p = joint.p - int(joint.must.sum())
        goes: NDArray[np.int64] | int
        comes: NDArray[np.int64] | int
        if joint.zones is None:
            goes = max(int(ranked[p - 1]) if 0 < p <= len(ranked) else 0, 0)
            comes = max(int(ranked[p]) if p < len(ranked) else 0, 0)
        else:
            goes, comes = swaps(self.worth, self.chosen, joint.must, p, joint.zones)
        never = free & ~self.chosen & (self.bound - goes + self.worth <= incumbent)
        always = self.chosen & (self.bound - self.worth + comes <= incumbent)
        return always | joint.must, never


def joint_bound(
    joint: Joint, incumbent: int, opened: NDArray[np.bool_], *, iterations: int, deadline: float,
    start: JointBound | None = None,
) -> JointBound:  # fmt: skip
    """Bound the weight that ``p`` buildings serve.

    Parameters
    ----------
    incumbent, opened : the best known value, which the step length aims at, and its services on plots
    start : an earlier bound to improve
    """
    weight = joint.cover.weight.astype(np.float64)
    reach, by = joint.cover.reach.astype(np.float64), joint.cover.reached_by.astype(np.float64)
    shape = (joint.n_plots, joint.n_services)
    p = joint.p - int(joint.must.sum())
    quota = np.minimum(joint.quota, joint.n_plots).astype(np.float64)
    limited = quota < joint.n_plots
    u = weight / np.maximum(reach @ opened.ravel().astype(np.float64), 1.0)
    m = np.zeros(shape[1])
    if start is not None:
        u, m = start.multipliers.astype(np.float64), start.prices.astype(np.float64)
    best, best_u, best_m = np.inf, u, m
    theta, stale = 1.0 if start is None else 0.2, 0
    turn_u, turn_m = np.zeros_like(u), np.zeros_like(m)
    for _ in range(iterations):
        worth, services = joint.packing.best(np.maximum((by @ u).reshape(shape) - m, 0.0))
        chosen = _choose(worth, joint, p)
        bound = float((weight - u).sum() + m @ quota + worth[chosen].sum())
        if bound < best - 1e-9 * abs(best) or not np.isfinite(best):
            best, best_u, best_m, stale = bound, u, m, 0
        else:
            stale += 1
            if stale >= _SHRINK_AFTER:
                theta, stale = theta * _SHRINK, 0
        if np.floor(best + 1e-6) <= incumbent or theta < 1e-5 or time.perf_counter() > deadline:
            break
        x = services & chosen[:, None]
        slope = reach @ x.ravel().astype(np.float64) - 1.0
        slope[((u <= 0) & (slope > 0)) | ((u >= weight) & (slope < 0))] = 0.0
        slope_m = np.where(limited, quota - x.sum(axis=0), 0.0)
        slope_m[(m <= 0) & (slope_m > 0)] = 0.0
        turn_u, turn_m = slope + _MOMENTUM * turn_u, slope_m + _MOMENTUM * turn_m
        length = float(turn_u @ turn_u + turn_m @ turn_m)
        if length == 0.0:
            break
        step = theta * max(bound - incumbent, 1e-6 * max(1.0, abs(bound))) / length
        u = np.clip(u - step * turn_u, 0.0, weight)
        m = np.maximum(m - step * turn_m, 0.0)
    return _evaluate(joint, p, np.rint(best_u).astype(np.int64), np.rint(best_m).astype(np.int64))


def _choose(worth: NDArray[np.float64], joint: Joint, p: int) -> NDArray[np.bool_]:
    must = joint.must
    if joint.zones is not None:
        return best_plots(worth, must, p, joint.zones)
    chosen = must.copy()
    rest = np.where(must, -1.0, worth)
    if p >= len(rest):
        return np.ones(len(rest), dtype=bool)
    if p > 0:
        chosen[np.argpartition(-rest, p - 1)[:p]] = True
    return chosen


def _evaluate(joint: Joint, p: int, u: NDArray[np.int64], m: NDArray[np.int64]) -> JointBound:
    """State the bound in whole numbers; all sums stay below 2^53, where floats are exact."""
    u = np.clip(u, 0, joint.cover.weight)
    value = (joint.cover.reached_by @ u).reshape(joint.n_plots, joint.n_services)
    best, services = joint.packing.best(np.maximum(value - m, 0) * 1.0)
    worth = best.astype(np.int64)
    chosen = joint.must.copy()
    order = np.argsort(np.where(joint.must, 1, -worth), kind="stable")
    chosen[order[: min(p, int((~joint.must).sum()))]] = True
    if joint.zones is not None:
        chosen = best_plots(worth, joint.must, p, joint.zones)
    quota = np.minimum(joint.quota, joint.n_plots)
    limited = quota < joint.n_plots
    m = np.where(limited, m, 0)
    bound = int((joint.cover.weight - u).sum() + (m * quota).sum() + worth[chosen].sum())
    return JointBound(bound, worth, chosen, services, u, m)


def fewest_bound(joint: Joint, most: int, *, iterations: int, deadline: float) -> int:
    """Bound from below how many buildings serve all rows: ``L(u) = sum u + sum_j min(0, 1 - P_j(u))``.

    Plots of ``must``, and the best ones that quotas need, are counted even where that is above 0; those beyond a quota
    are not.
    """
    reach, by = joint.cover.reach.astype(np.float64), joint.cover.reached_by.astype(np.float64)
    shape = (joint.n_plots, joint.n_services)
    size, _ = joint.packing.best(np.asarray(by.sum(axis=1), dtype=np.float64).reshape(shape))
    entry = reach.tocoo()
    u = np.full(joint.cover.n_rows, np.inf)
    np.minimum.at(u, entry.row, 1.0 / np.maximum(size[entry.col // shape[1]], 1.0))
    best_u, best = u, -np.inf
    theta, stale, turn = 1.0, 0, np.zeros_like(u)
    for _ in range(iterations):
        worth, services = joint.packing.best((by @ u).reshape(shape))
        chosen = _cheapest(1.0 - worth, joint)
        cost = np.where(chosen, 1.0 - worth, 0.0)
        bound = float(u.sum() + cost.sum())
        if bound > best + 1e-9:
            best, best_u, stale = bound, u, 0
        else:
            stale += 1
            if stale >= _SHRINK_AFTER:
                theta, stale = theta * _SHRINK, 0
        if np.ceil(best - 1e-6) >= most or theta < 1e-5 or time.perf_counter() > deadline:
            break
        x = services & chosen[:, None]
        slope = 1.0 - reach @ x.ravel().astype(np.float64)
        slope[(u <= 0) & (slope < 0)] = 0.0
        turn = slope + _MOMENTUM * turn
        length = float(turn @ turn)
        if length == 0.0:
            break
        u = np.clip(u + theta * max(most - bound, 0.05) / length * turn, 0.0, 1.0)
    scale = 2**32
    whole = np.floor(best_u * scale).astype(np.int64)
    exact, _ = joint.packing.best(np.asarray(joint.cover.reached_by @ whole, dtype=np.float64).reshape(shape))
    cost = (scale - exact).astype(np.int64)
    return max(0, -(-(int(whole.sum()) + int(cost[_cheapest(cost, joint)].sum())) // scale))


def _cheapest(cost: NDArray[Any], joint: Joint) -> NDArray[np.bool_]:
    """Mask of the plots that cost least together: those of ``must``, needed by quotas, or of a cost below 0."""
    if joint.zones is None:
        return joint.must | (cost < 0)
    return best_plots(-cost, joint.must, joint.n_plots, joint.zones, over=0.0)
