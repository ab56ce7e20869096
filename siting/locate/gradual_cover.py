"""Gradual coverage (渐变覆盖选址): full cover up to one cost, none from another on, and less and less in between.

    maximise    sum_i w_i max { f(d_ij) : j open }
    subject to  sum_j x_j <= p
                x_j + x_k <= 1                 for candidates too close to each other
                least_z <= sum_{j in z} x_j <= most_z   for zones with a quota
    with        f(d) = 1 up to the full limit S, 0 from the zero limit T on, and decaying in between

What is not covered, 1 - f, is a cost that a row pays to its best open site, and 1 if none covers it: a p-median.

Berman & Krass (2002), Computers & Operations Research 29, 563-581.
"""

import dataclasses
import math
from collections.abc import Callable
from typing import Any, Literal, Unpack

import numpy as np
from numpy.typing import NDArray

from siting.errors import InputError
from siting.locate.clock import start_clock
from siting.locate.conditions import ConditionArgs, read_conditions
from siting.locate.costs import Costs, read_costs, read_weight
from siting.locate.median.answer import solve_median
from siting.locate.result import SitingResult
from siting.locate.solver import ReportProgress

Decay = Literal["linear", "cosine", "step"]

_SHAPES: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    # Of the way from the full limit to the zero limit, 0 to 1.
    "linear": lambda way: 1.0 - way,
    "cosine": lambda way: 0.5 * (1.0 + np.cos(np.pi * way)),
    "step": lambda way: np.full(len(way), 0.5),
}


def gradual_cover(
    cost: Any,
    weight: Any,
    full_limit: float,
    zero_limit: float,
    p: int,
    *,
    decay: Decay = "linear",
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    progress: ReportProgress | None = None,
    **conditions: Unpack[ConditionArgs],
) -> SitingResult:
    """Cover as much weight as possible with at most ``p`` new sites, where cover fades with cost.

    Parameters
    ----------
    cost, weight, p : as in `mclp`
    full_limit, zero_limit : up to the first a row is covered wholly, from the second on not at all, in the unit of
        ``cost``; where they are equal, exactly on the limit is covered, and the model is `mclp`
    decay : how cover fades from the one to the other: "linear"; "cosine", slowly at both ends; "step", one half
    time_limit_s, mip_gap, seed, progress, conditions : as in `mclp`; the gap asked for is one of the weight that is
        not covered

    Returns
    -------
    SitingResult whose ``objective`` is the weight covered, each row as far as its best open site covers it, existing
    ones included, and ``bound`` an upper one. ``gain`` is what each site adds in the order of ``order``.

    ``status`` is "optimal" if no plan covers more, to a share of 1e-10 of the weight.

    Raises
    ------
    InputError
        Costs, weights, limits, ``p`` or conditions that cannot be used.
    InfeasibleError
        Contrary conditions.
    """
    clock = start_clock(time_limit_s, mip_gap, seed, progress)
    costs = read_costs(cost)
    weights = read_weight(weight, costs)
    total = math.fsum(weights)
    missed = _missed(costs, full_limit, zero_limit, decay)
    read = read_conditions(costs, p=p, **conditions)
    found = solve_median(
        "gradual_cover", missed, weights, read, clock.turned(total), unassigned_cost=1.0,
        full_limit=float(full_limit), zero_limit=float(zero_limit), decay=decay,
    )  # fmt: skip
    share = np.zeros(costs.n_demand)
    assignment = missed.assign(np.concatenate([read.existing, found.sites]))
    share[assignment >= 0] = 1.0 - missed.to_assigned(assignment)[assignment >= 0]
    objective = math.fsum(weights * share)
    # The margin covers sums in floating point.
    bound = objective if found.status == "optimal" else max(objective, total - found.bound + 1e-12 * total)
    return dataclasses.replace(
        found,
        # Among those that cover a row alike the nearest serves it.
        assignment=_nearest(costs, np.concatenate([read.existing, found.sites]), share > 0),
        objective=objective,
        bound=bound,
        status="optimal" if bound == objective else "feasible",
        parameters={**found.parameters, "unit": costs.unit},
    )


def _missed(costs: Costs, full_limit: float, zero_limit: float, decay: str) -> Costs:
    """Return as costs what a site leaves uncovered of each row, 0 to below 1; what covers nothing is left out."""
    if decay not in _SHAPES:
        msg = f"decay is {decay!r}, expected one of {', '.join(map(repr, _SHAPES))}"
        raise InputError(msg)
    full, zero = costs.threshold(full_limit), costs.threshold(zero_limit)
    if not full <= zero or not math.isfinite(zero_limit):
        msg = f"full_limit is {full_limit}, zero_limit {zero_limit}: expected finite limits, the first not above"
        raise InputError(msg)
    whole = costs.cost <= full
    way = (costs.cost.astype(np.float64) - float(full)) / max(float(zero) - float(full), 1e-300)
    cover = np.where(whole, 1.0, 0.0)
    between = ~whole & (costs.cost < zero)
    cover[between] = _SHAPES[decay](way[between])
    keep = cover > 0
    rows = np.bincount(costs.row_of_entry()[keep], minlength=costs.n_demand)
    return dataclasses.replace(
        costs,
        indptr=np.concatenate(([0], np.cumsum(rows))).astype(np.int64),
        indices=costs.indices[keep],
        cost=1.0 - cover[keep],
        whole=False,
        unit="",
        cutoff=np.inf,
    )


def _nearest(costs: Costs, sites: NDArray[np.intp], served: NDArray[np.bool_]) -> NDArray[np.intp]:
    assignment = costs.assign(sites)
    assignment[~served] = -1
    return assignment
