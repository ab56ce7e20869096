"""How much any choice within a budget could serve: a Lagrangian bound in whole numbers, with a fractional knapsack."""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.locate.covering.reduce import Instance

# As in `bounds`: long memory of earlier steps and slow shrinking.
_SHRINK_AFTER = 20
_SHRINK = 0.8
_MOMENTUM = 0.95


@dataclass(frozen=True, slots=True)
class BudgetBound:
    """A bound on the weight that columns within a budget can serve.

    ``reduced`` holds what each column adds to the bound beyond what its price is worth, times ``scale``; a bound with
    one column forced in or out follows from it.
    """

    bound: int
    total: int
    reduced: NDArray[np.object_]
    scale: int

    def decided(self, incumbent: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return masks of columns that every answer above ``incumbent`` contains, and of those that none contains."""
        at_least = (incumbent + 1) * self.scale
        never = np.array([r < 0 and self.total + r < at_least for r in self.reduced], dtype=bool)
        always = np.array([r > 0 and self.total - r < at_least for r in self.reduced], dtype=bool)
        return always, never


def budget_bound(
    instance: Instance,
    price: NDArray[np.int64],
    budget: int,
    incumbent: int,
    open_columns: NDArray[np.intp],
    *,
    iterations: int,
    deadline: float,
) -> BudgetBound:
    """Bound the weight that columns with prices of at most ``budget`` together serve.

    Relaxes ``y_i <= sum_j x_j`` with multipliers ``0 <= u_i <= w_i``; the columns then fill a knapsack:

        L(u) = sum_i (w_i - u_i) + max { sum_j v_j x_j : sum_j c_j x_j <= B },   v_j = sum_{i in rows of j} u_i

    whose fractional optimum is bounded by ``t B + sum_j max(0, v_j - t c_j)`` for every price ``t`` of money. Spacing
    is left out, which keeps the bound valid.
    """
    weight = instance.weight.astype(np.float64)
    reach, by = instance.reach.astype(np.float64), instance.reached_by.astype(np.float64)
    money = price.astype(np.float64)
    x = np.zeros(instance.n_columns)
    x[open_columns] = 1.0
    u = weight / np.maximum(reach @ x, 1.0)
    best_u, best = u, np.inf
    theta, direction, stale = 1.0, np.zeros_like(u), 0
    for _ in range(iterations):
        v = by @ u
        x = _fractional(v, money, budget)
        bound = float((weight - u).sum() + v @ x)
        if bound < best - 1e-9 * abs(best) or not np.isfinite(best):
            best, best_u, stale = bound, u, 0
        else:
            stale += 1
            if stale >= _SHRINK_AFTER:
                theta, stale = theta * _SHRINK, 0
        if np.floor(best + 1e-6) <= incumbent or theta < 1e-5 or time.perf_counter() > deadline:
            break
        slope = reach @ x - 1.0
        slope[((u <= 0) & (slope > 0)) | ((u >= weight) & (slope < 0))] = 0.0
        direction = slope + _MOMENTUM * direction
        length = float(direction @ direction)
        if length == 0.0:
            break
        u = np.clip(u - theta * max(bound - incumbent, 1e-6 * max(1.0, abs(bound))) / length * direction, 0.0, weight)
    return _evaluate(instance, price, budget, np.rint(best_u).astype(np.int64))


def _by_worth(v: NDArray[np.float64], money: NDArray[np.float64]) -> NDArray[np.intp]:
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = np.where(money > 0, v / money, np.inf)
    return np.argsort(-worth, kind="stable")


def _fractional(v: NDArray[np.float64], money: NDArray[np.float64], budget: int) -> NDArray[np.float64]:
    """Fill the knapsack by worth for money; the last column in part."""
    order = _by_worth(v, money)
    before = np.cumsum(money[order]) - money[order]
    part = np.clip((budget - before) / np.where(money[order] > 0, money[order], 1.0), 0.0, 1.0)
    x = np.zeros(len(v))
    x[order] = np.where((v[order] > 0) & (before <= budget), part, 0.0)
    x[(money == 0) & (v > 0)] = 1.0
    return x


def _evaluate(instance: Instance, price: NDArray[np.int64], budget: int, u: NDArray[np.int64]) -> BudgetBound:
    """State the bound in whole numbers: any price of money gives a valid one, that of the last column a tight one."""
    u = np.clip(u, 0, instance.weight)
    v = (instance.reached_by @ u).astype(np.int64)
    order = _by_worth(v.astype(np.float64), price.astype(np.float64))
    over = np.flatnonzero(np.cumsum(price[order]) > budget)
    worth, cost = (int(v[order[over[0]]]), int(price[order[over[0]]])) if len(over) else (0, 1)
    # t = worth / cost; everything below is multiplied by ``cost``, in numbers that cannot overflow.
    reduced = np.array([int(a) * cost - worth * int(c) for a, c in zip(v, price, strict=True)], dtype=object)
    total = int((instance.weight - u).sum()) * cost + worth * budget + sum(r for r in reduced if r > 0)
    return BudgetBound(bound=total // cost, total=total, reduced=reduced, scale=cost)
