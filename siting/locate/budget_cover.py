"""Maximal covering under a budget (预算约束最大覆盖): serve as much as possible for what the sites may cost together.

    maximise    sum_i w_i y_i
    subject to  y_i <= sum_{j in N_i} x_j      for every demand row i
                sum_j c_j x_j <= B
                x_j + x_k <= 1                 for candidates too close to each other
                least_z <= sum_{j in z} x_j <= most_z   for zones with a quota
                x_j in {0, 1},  0 <= y_i <= 1
    with        N_i = {j : d_ij <= S}

The cost c_j may be money, or hectares: "where do the next 214 ha of park go".

Khuller, Moss & Naor (1999), Information Processing Letters 70, 39-45.
"""

import dataclasses
import math
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from siting.errors import InfeasibleError
from siting.locate.answer import whole_units
from siting.locate.clock import start_clock
from siting.locate.conditions import ConditionArgs, Conditions, read_conditions
from siting.locate.costs import Costs, read_costs, read_served, read_weight
from siting.locate.covering.best import Best
from siting.locate.covering.budget_bounds import budget_bound
from siting.locate.covering.budget_sites import budget_search
from siting.locate.covering.prices import Prices, whole_prices
from siting.locate.covering.quota_start import cheapest_plan
from siting.locate.covering.reduce import Instance, covered, reduce_cover, restrict
from siting.locate.covering.search import RESOLUTION, solve_model
from siting.locate.mclp import cover_answer
from siting.locate.result import SitingResult
from siting.locate.solver import ReportProgress
from siting.locate.statement import was_stopped

_PATIENCE = 40
_STEPS = 1500
# Above this the solver's presolve alone ignores any time limit for minutes.
_SOLVER_PAIRS = 400_000
_MOST_CUTS = 50


def budget_cover(
    cost: Any,
    weight: Any,
    limit: float,
    site_cost: Any,
    budget: float,
    *,
    served: Any = None,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    progress: ReportProgress | None = None,
    **conditions: Unpack[ConditionArgs],
) -> SitingResult:
    """Serve as much weight as possible with new sites that together cost at most ``budget``.

    Parameters
    ----------
    cost, weight, limit, served, time_limit_s, mip_gap, seed, progress : as in `siting.locate.mclp`
    site_cost : shape (n_candidates,), 0 or more, in the unit of ``budget``; a Series is aligned to labelled costs.
        What existing sites cost does not matter. Decimals count as they are written: 0.1 + 0.2 is within 0.3
    budget : above 0; exactly the budget may be spent
    conditions : as in `siting.locate.mclp`; required sites, and those that quotas need, are paid from the budget

    Returns
    -------
    SitingResult as of `mclp`; ``parameters`` holds ``budget``, ``spent`` and whether prices were carried exactly

    Raises
    ------
    InputError
        Costs, weights, prices, the budget or conditions that cannot be used.
    InfeasibleError
        The required sites, or those that quotas need, cost more than the budget, or are too close to each other.
    """
    clock = start_clock(time_limit_s, mip_gap, seed, progress)
    costs = read_costs(cost)
    units = whole_units(read_weight(weight, costs))
    prices = whole_prices(site_cost, budget, costs)
    read = read_conditions(costs, **conditions)
    left = prices.budget - int(prices.price[read.required].sum())
    if left < 0:
        raise InfeasibleError(_over_budget(prices, read, costs, float(budget)))
    before = read_served(served, costs) | covered(costs, limit, read.existing)
    open_rows = ~(before | covered(costs, limit, read.required))
    start = _meet_quotas(costs, limit, units.units, read, open_rows, prices, left, time_limit_s / 4, int(seed))
    read = dataclasses.replace(read, choosable=read.choosable & (prices.price <= left))
    instance = reduce_cover(costs, limit, units.units, read, open_rows, must_serve_all=False, price=prices.price)
    best = Best(clock, instance, int(units.units[~open_rows].sum()), units.per_weight)
    price, begin = prices.price[instance.candidates], np.flatnonzero(np.isin(instance.candidates, start))
    stopped = was_stopped(lambda: _search(instance, price, left, best, begin), lambda: best.has_plan)
    answer = cover_answer(
        "budget_cover", costs, units, limit, read, before, best, interrupted=stopped, budget=float(budget),
        site_cost_exact=prices.exact,
    )  # fmt: skip
    return dataclasses.replace(answer, parameters={**answer.parameters, "spent": prices.spent(answer.sites)})


def _meet_quotas(
    costs: Costs, limit: float, units: NDArray[np.int64], conditions: Conditions, open_rows: NDArray[np.bool_],
    prices: Prices, left: int, seconds: float, seed: int,
) -> NDArray[np.intp]:  # fmt: skip
    """Return candidates that meet the quotas for the least money, or say which budget they need."""
    if not conditions.quotas:
        return np.empty(0, dtype=np.intp)
    instance = reduce_cover(costs, limit, units, conditions, open_rows, must_serve_all=False, price=prices.price)
    start = instance.candidates[cheapest_plan(instance, prices.price[instance.candidates], seconds, seed)]
    if int(prices.price[start].sum()) > left:
        works = prices.spent(np.concatenate([conditions.required, start]))
        msg = (
            f"zones need sites that cost at least {works:g} together with {len(conditions.required)} required ones, "
            f"more than the budget; a budget of {works:g} would work"
        )
        raise InfeasibleError(msg)
    return start


def _over_budget(prices: Prices, conditions: Conditions, costs: Costs, budget: float) -> str:
    need = conditions.required
    dearest = need[int(np.argmax(prices.price[need]))]
    return (
        f"{len(need)} required sites cost {prices.spent(need):g} together, the budget is {budget:g}; a budget of "
        f"{prices.spent(need):g} would work, or leave out {costs.columns[dearest]} "
        f"({prices.spent(np.array([dearest])):g})"
    )


def _search(instance: Instance, price: NDArray[np.int64], budget: int, best: Best, start: NDArray[np.intp]) -> None:
    """Start well, bound, decide candidates by the bound, and let the solver settle what is left."""
    clock, everything = best.clock, best.bound
    best.offer(start)
    if instance.n_columns == 0 or everything == 0:
        best.lower(0, "nothing to decide")
        return
    share = clock.left_s
    best.offer(budget_search(
        instance, price, budget, seed=clock.seed, patience=_PATIENCE, deadline=clock.deadline - 0.7 * share,
        enough=float(everything), start=start,
    ))  # fmt: skip
    relaxed = budget_bound(
        instance, price, budget, best.value, best.columns, iterations=_STEPS, deadline=clock.deadline - 0.5 * share
    )
    best.lower(relaxed.bound, "Lagrangian bound")
    if best.is_done:
        return
    always, never = relaxed.decided(best.value)
    blocked = (instance.neighbours() @ always.astype(np.int64)) > 0
    left = budget - int(price[always].sum())
    if left < 0 or (always & blocked).any():
        best.lower(best.value, "Lagrangian bound, candidates decided one by one")
        return
    done = (instance.reach @ always.astype(np.int64)) > 0
    keep = ~(always | never | blocked) & (price <= left)
    rest = restrict(instance, keep, done, always)
    if rest.reach.nnz <= _SOLVER_PAIRS:
        _branch(rest, price[keep], left, best, np.flatnonzero(always), np.flatnonzero(keep),
                int(instance.weight[done].sum()))  # fmt: skip


def _branch(
    left: Instance, price: NDArray[np.int64], budget: int, best: Best, fixed: NDArray[np.intp],
    kept: NDArray[np.intp], fixed_value: int,
) -> None:  # fmt: skip
    """Settle what is left by the solver, as far as the time reaches.

    The solver keeps the budget to its tolerance only. A set that is over the budget in whole units is forbidden by
    name, and the solver is asked again.

    Parameters
    ----------
    left, price, budget : what is left
    fixed, kept : columns of the whole instance that are open already, and those that are left
    fixed_value : what the fixed ones serve
    """
    known, proof = best.value, "HiGHS branch and bound"
    if left.n_columns == 0 or (left.n_rows == 0 and left.zones is None):
        # Quotas that the decided columns do not meet, nothing meets any more: no answer is better.
        if left.allows(np.empty(0, dtype=np.intp)):
            best.offer(fixed)
        best.lower(best.value, "Lagrangian bound, candidates decided one by one")
        return
    everything = int(left.weight.sum())
    step = max(1, int(np.gcd.reduce(left.weight)))
    scale = 1.0
    if left.weight.max(initial=0) // step > 2**20:
        # Whole coefficients help the solver only while they are small; large ones swamp its tolerances.
        scale = 2.0 ** -math.ceil(math.log2(left.weight.max() / step / 1024))
    coin = max(1, int(np.gcd.reduce(price)))
    coins = price // coin
    shrink = 2.0 ** -max(0, math.ceil(math.log2(max(1, int(coins.max())) / 2**20)))
    # Whole numbers: what does not exceed the budget by a half does not exceed it at all.
    money = (coins.astype(np.float64) * np.float64(shrink), (budget // coin + 0.5) * shrink)
    blur = RESOLUTION * everything / step + 1e-6 / scale
    most = fixed_value + everything
    forbidden: list[NDArray[np.intp]] = []
    while len(forbidden) <= _MOST_CUTS and not best.is_over:
        answer = solve_model(
            left, 0, left.weight / step * scale, None, best.clock.left_s, best.slack / step * scale, best.clock.seed,
            lambda _value, least, _seconds: best.tell(best.value, most - max(0.0, least) / scale * step),
            budget=money, not_together=forbidden,
        )  # fmt: skip
        if answer.status == "infeasible":
            best.lower(best.value, proof)
            return
        missed = max(0.0, answer.bound)
        # What was left out before is not better than the best plan of then.
        bound = max(known, fixed_value + math.floor(everything / step - missed / scale + blur) * step)
        columns = None if answer.x is None else np.flatnonzero(answer.x[: left.n_columns] > 0.5)
        affordable = columns is not None and int(price[columns].sum()) <= budget
        if columns is not None and affordable:
            best.offer(np.concatenate([fixed, kept[columns]]))
        complete = affordable and answer.status == "optimal" and best.clock.mip_gap == 0
        best.lower(best.value if complete and bound - best.value <= 2 * blur * step else bound, proof)
        if columns is None or affordable:
            return
        forbidden.append(columns)
