"""Partial set covering: the fewest new sites that serve a given share of the weight.

    minimise    sum_j x_j
    subject to  sum_i w_i y_i >= share * sum_i w_i
                y_i <= sum_{j in N_i} x_j,   x_j in {0, 1},  0 <= y_i <= 1,   spacing and quotas as in `mclp`
    with        N_i = {j : d_ij <= S}

The answer is the smallest p for which the maximal covering model reaches the share: p is enough once a plan reaches
it, and p is too few once the bound on every plan with p sites stays below it.

Daskin & Owen (1999), Transportation Science 33, 5-17.
"""

from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from siting.errors import InfeasibleError, InputError
from siting.locate.clock import start_clock
from siting.locate.conditions import read_conditions
from siting.locate.costs import read_costs, read_weight
from siting.locate.mclp import mclp
from siting.locate.result import SitingResult

_SHORTEST_SEARCH_S = 0.5


def partial_cover(
    cost: Any,
    weight: Any,
    limit: float,
    share: float,
    *,
    time_limit_s: float = 60.0,
    seed: int = 0,
    **conditions: Any,
) -> SitingResult:
    """Serve at least ``share`` of all weight within ``limit`` with the fewest new sites.

    Parameters
    ----------
    cost, weight, limit : as in `mclp`
    share : of the whole weight, above 0 and at most 1; reached means reached exactly, on whole numbers of weight
    conditions : as in `mclp`, and ``served``

    Returns
    -------
    SitingResult with ``model`` "partial_cover"; ``objective`` is the number of new sites, ``bound`` the smallest number
    not proved to be too few. ``parameters["weight_served"]`` says how much those sites serve.

    Ctrl-C returns the best plan so far, if one is known that serves enough.

    Raises
    ------
    InfeasibleError
        Even all candidates together stay below the share; the message says what they reach. Or conditions that
        contradict each other.
    """
    clock = start_clock(time_limit_s, 0.0, seed)
    if not 0 < share <= 1:
        msg = f"share is {share!r}, expected above 0 and at most 1"
        raise InputError(msg)
    costs = read_costs(cost)
    total = sum((Fraction(w) for w in read_weight(weight, costs).tolist()), Fraction(0))
    target = Fraction(str(share)) * total

    read = read_conditions(costs, **{k: v for k, v in conditions.items() if k != "served"})
    is_open = np.concatenate([read.existing, read.required])
    fewest = len(read.required) + sum(max(0, q.least - int(np.isin(q.members, is_open).sum())) for q in read.quotas)

    def plan(p: int, seconds: float) -> SitingResult:
        more = conditions
        if p == 0:
            # The model takes no p of 0: one site is allowed, and no place for it.
            existing = set(conditions.get("existing", ()))
            labels = range(costs.n_candidates) if costs.columns is None else costs.columns
            more = {**conditions, "excluded": [k for k in labels if k not in existing]}
        return mclp(cost, weight, limit, max(p, 1), time_limit_s=max(_SHORTEST_SEARCH_S, seconds), seed=seed, **more)

    every = plan(costs.n_candidates, clock.left_s / 4)
    if Fraction(every.objective) < target and Fraction(every.bound) < target:
        raise InfeasibleError(_too_far(every, total, target, limit))
    best = every
    if Fraction(every.objective) >= target:
        with suppress(InfeasibleError):
            shorter = plan(max(fewest, _prefix(every, target)), clock.left_s / 4)
            best = shorter if Fraction(shorter.objective) >= target else every
    too_few, undecided = fewest - 1, len(best.sites)
    # First just below the best plan, which mostly settles it; then lower, for what can still be proved in time.
    stopped = every.parameters["interrupted"] or best.parameters["interrupted"]
    while too_few + 1 < undecided and not clock.is_over and not stopped:
        at_the_top = undecided == len(best.sites)
        p = undecided - 1 if at_the_top else (too_few + undecided) // 2
        try:
            found = plan(p, clock.left_s / 3)
        except InfeasibleError:
            # Quotas and spacing need more sites than that.
            too_few = p
            continue
        stopped = found.parameters["interrupted"]
        if Fraction(found.bound) < target:
            too_few = p
        elif Fraction(found.objective) >= target:
            best, undecided = found, len(found.sites)
        else:
            undecided = p
    count = len(best.sites)
    bound = min(count, max(too_few + 1, 0))
    return replace(
        best,
        model="partial_cover",
        objective=float(count),
        bound=float(bound),
        status="optimal" if bound == count else "feasible",
        seconds=clock.seconds,
        parameters={
            **best.parameters,
            "time_limit_s": clock.time_limit_s,
            "interrupted": stopped,
            "target_weight": float(target),
            "weight_total": float(total),
            "weight_served": best.objective,
        },
    )


def _prefix(result: SitingResult, target: Fraction) -> int:
    """Count the sites, best first, with which a plan reaches the target."""
    value = Fraction(result.objective) - sum(Fraction(g) for g in result.gain.tolist())
    count = 0
    while value < target and count < len(result.gain):
        value += Fraction(float(result.gain[count]))
        count += 1
    return count


def _too_far(every: SitingResult, total: Fraction, target: Fraction, limit: float) -> str:
    return (
        f"partial cover: the target is {float(target):,.0f} of {float(total):,.0f} weight within {limit:g}, "
        f"but all candidates together serve {every.objective:,.0f} ({every.objective / float(total):.1%}). "
        "Lower the target, raise the limit, or add candidates where demand is out of reach"
    )
