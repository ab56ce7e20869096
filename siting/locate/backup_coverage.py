"""Backup coverage (BACOP1, 备用覆盖选址): of the full covers with so many sites, the one that covers most twice.

    maximise    sum_i w_i u_i
    subject to  sum_{j in N_i} x_j >= 1 + u_i  for every demand row i (existing sites in N_i count as open)
                sum_j x_j <= p                 given, or the fewest sites that cover all rows
                x_j + x_k <= 1                 for candidates too close to each other
                least_z <= sum_{j in z} x_j <= most_z   for zones with a quota
                x_j in {0, 1},  0 <= u_i <= 1
    with        N_i = {j : d_ij <= S}

Hogan & ReVelle (1986), Management Science 32, 1434-1444.
"""

import math
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from siting.errors import InfeasibleError, SolverError
from siting.locate.answer import entries_by_candidate, keep_needed, order_by_gain, whole_units
from siting.locate.backup.instance import make_twice, times_reached
from siting.locate.backup.search import TwiceSearch
from siting.locate.clock import start_clock
from siting.locate.conditions import ConditionArgs, Conditions, read_conditions
from siting.locate.costs import Costs, read_costs, read_weight
from siting.locate.lscp import lscp
from siting.locate.result import SitingResult
from siting.locate.solver import ReportProgress
from siting.locate.statement import state_answer, was_stopped

# Of the time, for the fewest sites.
_FEWEST_SHARE = 0.4


def backup_coverage(
    cost: Any,
    limit: float,
    weight: Any = None,
    p: int | None = None,
    *,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    progress: ReportProgress | None = None,
    **conditions: Unpack[ConditionArgs],
) -> SitingResult:
    """Cover every demand row with the fewest new sites, or with ``p``, and as much weight as possible at least twice.

    Parameters
    ----------
    cost, limit, time_limit_s, mip_gap, seed, progress : as in `lscp`
    weight : shape (n_demand,), not negative, e.g. residents; 1 a row if None
    p : most sites to open, where more than the fewest may be spent on backup; None = the fewest that cover all
    conditions : as in `mclp`; existing sites are free and count as covering, required ones are among the new

    Returns
    -------
    SitingResult whose ``objective`` is the weight that at least two open sites reach, existing ones included, and
    ``bound`` an upper one. Without ``p``, ``parameters["fewest_sites"]`` is the number of sites, and
    ``parameters["fewest_proved"]`` says whether no fewer can cover all: if not, the bound still holds for any full
    cover with at most so many. ``gain`` is the weight that each site newly covers once, in the order of ``order``.

    Raises
    ------
    InputError
        Costs, weights, ``p`` or conditions that cannot be used.
    InfeasibleError
        Some demand cannot be covered; the message lists it, and the smallest limit that would work. Or ``p`` is too
        small to cover all; the message says which would work.
    SolverError
        No full cover was found within ``time_limit_s``.
    """
    clock = start_clock(time_limit_s, mip_gap, seed, progress)
    costs = read_costs(cost)
    units = whole_units(read_weight(np.ones(costs.n_demand) if weight is None else weight, costs))
    read = read_conditions(costs, p=p, **conditions)
    fewest = lscp(cost, limit, weight=weight, time_limit_s=_FEWEST_SHARE * time_limit_s, seed=seed, **conditions)
    if p is not None and len(fewest.sites) > p:
        _refuse(fewest, int(p))
    problem = make_twice(costs, limit, units.units, read)
    start = np.flatnonzero(np.isin(problem.candidates, fewest.sites)).astype(np.intp)
    q = len(start) if p is None else int(p) - len(read.required)
    search = TwiceSearch(problem, start, q, clock, units.per_weight, fewer=p is None)
    stopped = bool(fewest.parameters.get("interrupted")) or was_stopped(search.run)
    sites = _needed(costs, limit, units.units, read, problem.candidates[search.columns])
    twice = times_reached(costs, limit, np.concatenate([read.existing, sites])) >= 2
    best = int(units.units[twice].sum()) >= search.bound
    objective = units.value(twice)
    proved_fewest = len(sites) <= fewest.bound
    uncovered = times_reached(costs, limit, read.existing) == 0
    order, newly = order_by_gain(costs, entries_by_candidate(costs, limit, uncovered), sites, units.units)
    counts = {
        "fewest_sites": len(sites), "fewest_bound": int(fewest.bound), "fewest_proved": proved_fewest
    }  # fmt: skip
    return state_answer(
        "backup_coverage", costs, read, clock, sites, limit=limit, aim="most",
        assignment=costs.assign(np.concatenate([read.existing, sites]), limit),
        objective=objective, bound=objective if best else units.upper(search.bound),
        proved=best and (p is not None or proved_fewest),
        order=order, gain=[math.fsum(units.weight[rows]) for rows in newly], interrupted=stopped,
        **(counts if p is None else {}),
        weight_total=units.value(np.ones(costs.n_demand, dtype=bool)),
        weights_exact=units.exact,
        proof=search.proof,
    )  # fmt: skip


def _refuse(fewest: SitingResult, p: int) -> None:
    """Say why there is no full cover with ``p`` sites, or none was found."""
    n = len(fewest.sites)
    if fewest.bound > p:
        msg = f"to cover all demand once needs {int(fewest.bound)} new sites or more, but p is {p}; p = {n} would work"
        raise InfeasibleError(msg)
    msg = (
        f"backup_coverage: no full cover with {p} new sites was found, only with {n}; at least {int(fewest.bound)} are "
        "needed. Raise p or time_limit_s"
    )
    raise SolverError(msg)


def _needed(
    costs: Costs, limit: float, weight: NDArray[np.int64], conditions: Conditions, chosen: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return required sites and those of the chosen ones without which some row would be covered too seldom."""
    sites = np.concatenate([conditions.required, chosen])
    serves = entries_by_candidate(costs, limit, np.ones(costs.n_demand, dtype=bool))
    rows = {int(j): serves.indices[serves.indptr[j] : serves.indptr[j + 1]] for j in sites}
    times = times_reached(costs, limit, np.concatenate([conditions.existing, sites]))
    # Where there is weight a third site is one too many, else a second one.
    return keep_needed(costs, conditions, rows, times - (weight > 0), weight)
