"""From the search of a median problem to its answer: values recomputed from the costs, gains in order."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siting.locate.answer import best_first, keep_needed, whole_units
from siting.locate.clock import Clock
from siting.locate.conditions import Conditions, refuse_unreached
from siting.locate.costs import Costs, read_unassigned
from siting.locate.median.best import Best
from siting.locate.median.instance import make_median
from siting.locate.median.search import search
from siting.locate.result import SitingResult
from siting.locate.statement import state_answer, was_stopped


def solve_median(
    model: str,
    costs: Costs,
    weight: NDArray[np.float64],
    conditions: Conditions,
    clock: Clock,
    *,
    unassigned_cost: float | None,
    price: NDArray[np.float64] | None = None,
    **more: Any,
) -> SitingResult:
    """Search and state the answer.

    Parameters
    ----------
    weight : shape (n_demand,)
    unassigned_cost : in the caller's unit
    price : shape (n_candidates,), of opening each candidate, in the unit of the objective
    more : parameters to state

    Raises
    ------
    InfeasibleError
        Demand that no site can reach, or no plan within the conditions.
    """
    unassigned = read_unassigned(unassigned_cost, costs)
    if unassigned is None:
        lost = np.flatnonzero(~_reachable(costs, conditions) & (weight > 0))
        refuse_unreached(model, costs, lost, "Give unassigned_cost, what such a row costs")
    median, units = make_median(costs, weight, conditions, unassigned=unassigned, price=price)
    best = Best(clock=clock, units=units, step=median.step, ids=np.empty(0, dtype=np.intp))
    stopped = was_stopped(
        lambda: search(median, clock, best, len(conditions.required)), lambda: math.isfinite(best.value)
    )
    prices = np.zeros(costs.n_candidates) if price is None else price
    return _answer(model, costs, weight, conditions, clock, best, unassigned, prices, stopped, more)


def _reachable(costs: Costs, conditions: Conditions) -> NDArray[np.bool_]:
    """Return the rows that some site which may be open reaches."""
    usable = conditions.choosable.copy()
    usable[conditions.existing] = usable[conditions.required] = True
    reached: NDArray[np.bool_] = np.bincount(costs.row_of_entry()[usable[costs.indices]], minlength=costs.n_demand) > 0
    return reached


class _Nearest:
    """Costs of demand rows to open sites, in the quantity of the costs."""

    def __init__(self, costs: Costs, weight: NDArray[np.float64], unassigned: float | None) -> None:
        self.costs, self.unassigned = costs, unassigned
        self.units = whole_units(weight)
        self.weight = weight
        self.row = costs.row_of_entry()

    def of(self, sites: NDArray[np.intp]) -> NDArray[np.float64]:
        """Least cost of every row; that of staying unassigned where nothing nearer is open, inf if there is none."""
        least = np.full(self.costs.n_demand, np.inf if self.unassigned is None else self.unassigned)
        is_open = np.zeros(self.costs.n_candidates, dtype=bool)
        is_open[sites] = True
        entry = is_open[self.costs.indices]
        np.minimum.at(least, self.row[entry], self.costs.cost[entry].astype(np.float64))
        return least

    def value(self, least: NDArray[np.float64]) -> float:
        """Weighted sum in the caller's unit, exact where costs and weights are whole."""
        alive = self.weight > 0
        if self.costs.whole and self.units.exact:
            pairs = zip(self.units.units[alive].tolist(), least[alive].astype(np.int64).tolist(), strict=True)
            total: int = sum(u * c for u, c in pairs)
            return total / (1000 * int(self.units.per_weight))
        return math.fsum(self.weight[alive] * (least[alive] / (1000.0 if self.costs.whole else 1.0)))


def _answer(
    model: str, costs: Costs, weight: NDArray[np.float64], conditions: Conditions, clock: Clock, best: Best,
    unassigned: float | None, prices: NDArray[np.float64], stopped: bool, more: dict[str, Any],
) -> SitingResult:  # fmt: skip
    nearest = _Nearest(costs, weight, unassigned)
    sites = _without_idle(costs, conditions, weight, np.concatenate([conditions.required, best.ids]), nearest)
    every = np.concatenate([conditions.existing, sites])
    least = nearest.of(every)
    objective = nearest.value(least) + math.fsum(prices[sites])
    bound = objective if best.bound >= best.value else min(objective, best.bound / best.units * (1 - 1e-12))
    assignment = costs.assign(every)
    if unassigned is not None:
        # Farther than what staying away costs: nobody goes there.
        assignment = np.where(costs.to_assigned(assignment) <= unassigned, assignment, -1)
    order, gain = _order(costs, conditions, sites, weight, nearest)
    return state_answer(
        model, costs, conditions, clock, sites, aim="least", objective=objective, bound=bound, assignment=assignment,
        order=order, gain=gain, interrupted=stopped,
        **more,
        weight_total=math.fsum(weight),
        weight_unassigned=math.fsum(weight[assignment < 0]),
        proof=best.proof,
    )  # fmt: skip


def _without_idle(
    costs: Costs, conditions: Conditions, weight: NDArray[np.float64], sites: NDArray[np.intp], nearest: _Nearest
) -> NDArray[np.intp]:
    """Take away sites that nobody needs: others are as near for all; required ones and those a quota needs stay."""
    sites = np.unique(sites)
    every = np.concatenate([conditions.existing, sites])
    least = nearest.of(every)
    entry = np.flatnonzero(np.isin(costs.indices, every))
    entry = entry[(costs.cost[entry] == least[nearest.row[entry]]) & (weight[nearest.row[entry]] > 0)]
    column, row = costs.indices[entry], nearest.row[entry]
    as_near = np.bincount(row, minlength=costs.n_demand)
    if nearest.unassigned is not None:
        as_near += least == nearest.unassigned
    return keep_needed(costs, conditions, {int(j): row[column == j] for j in sites}, as_near, weight)


def _order(
    costs: Costs, conditions: Conditions, sites: NDArray[np.intp], weight: NDArray[np.float64], nearest: _Nearest
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Put sites in the order of what each takes off the weighted cost, and say how much that is.

    Before anything is open, a row counts at the cost of staying unassigned, else at the largest cost to any open site.
    """
    every = np.concatenate([conditions.existing, sites])
    entry = np.isin(costs.indices, every)
    row, column, cost = nearest.row[entry], costs.indices[entry], costs.cost[entry].astype(np.float64)
    start_at = nearest.unassigned if nearest.unassigned is not None else float(cost.max(initial=0.0))
    now = np.minimum(np.full(costs.n_demand, start_at), nearest.of(conditions.existing))
    by = np.argsort(column, kind="stable")
    row, column, cost = row[by], column[by], cost[by]
    ends = {int(j): slice(*np.searchsorted(column, [j, j + 1])) for j in sites}
    mm = 1000.0 if costs.whole else 1.0

    def gain_of(j: int) -> float:
        part = ends[j]
        return math.fsum(weight[row[part]] * np.maximum(now[row[part]] - cost[part], 0.0)) / mm

    def open_site(j: int) -> None:
        part = ends[j]
        now[row[part]] = np.minimum(now[row[part]], cost[part])

    order, gains = best_first(costs, sites, gain_of, open_site)
    return order, np.array(gains, dtype=np.float64)
