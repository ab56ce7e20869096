"""Location set covering (LSCP, 集合覆盖选址): serve everybody within the limit with the fewest new sites.

    minimise    sum_j x_j
    subject to  sum_{j in N_i} x_j >= 1        for every demand row i
                x_j + x_k <= 1                 for candidates too close to each other
                least_z <= sum_{j in z} x_j <= most_z   for zones with a quota
                x_j in {0, 1}
    with        N_i = {j : d_ij <= S}

Toregas, Swain, ReVelle & Bergman (1971), Operations Research 19, 1363-1373.
"""

import math
import time
from dataclasses import replace
from typing import Any, Literal, Unpack

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import InfeasibleError, InputError, SolverError
from siting.locate.answer import (
    check_search,
    drop_idle,
    entries_by_candidate,
    order_by_gain,
    state_parameters,
    whole_units,
)
from siting.locate.conditions import ConditionArgs, Conditions, read_conditions
from siting.locate.costs import Costs, read_costs, read_served, read_weight
from siting.locate.covering.bounds import lagrangian_set_cover
from siting.locate.covering.climb import Climb
from siting.locate.covering.heuristics import OpenSites, drop_needless, fill
from siting.locate.covering.quota_start import condition_rows, raised_quotas
from siting.locate.covering.reduce import Instance, covered, reduce_cover
from siting.locate.mclp import mclp
from siting.locate.result import SitingResult
from siting.locate.solver import Progress, ReportProgress, minimise, solver_version

_ROUNDS = 3
_STEPS = 800
_NAMED = 10


def lscp(
    cost: Any,
    limit: float,
    *,
    weight: Any = None,
    served: Any = None,
    serve: Literal["all", "reachable"] = "all",
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    progress: ReportProgress | None = None,
    **conditions: Unpack[ConditionArgs],
) -> SitingResult:
    """Serve every demand row within ``limit`` with the fewest new sites.

    Parameters
    ----------
    cost : CostMatrix, or array of shape (n_demand, n_candidates) with ``inf`` where there is no path
    limit : largest cost that is served, in the unit of ``cost``; exactly on the limit is served
    weight : shape (n_demand,); only states gains and, with ``serve="reachable"``, what is worth most; 1 a row if None
    served : shape (n_demand,), rows that are served already by facilities outside ``cost``
    serve : "all" refuses if a row cannot be served; "reachable" leaves such rows out and lists them in
        ``parameters["not_served"]``. Where spacing or quotas keep rows that can be served one by one from being served
        together, it first serves as much weight as possible, and then counts the sites for exactly those rows
    conditions : as in `mclp`; existing sites are not counted

    Returns
    -------
    SitingResult whose ``objective`` is the number of new sites, required ones included. ``gain`` is the weight that
    each site adds in the order of ``order``. "optimal" = no fewer sites can do it, proved.

    Raises
    ------
    InfeasibleError
        Some demand cannot be served; the message lists it, and the smallest limit that would work if the costs tell.
    SolverError
        No answer was found within ``time_limit_s``.
    """
    began = time.perf_counter()
    check_search(time_limit_s, mip_gap, seed)
    if serve not in ("all", "reachable"):
        msg = f"serve is {serve!r}, expected 'all' or 'reachable'"
        raise InputError(msg)
    costs = read_costs(cost)
    units = whole_units(read_weight(np.ones(costs.n_demand) if weight is None else weight, costs))
    read = read_conditions(costs, **conditions)
    before = read_served(served, costs) | covered(costs, limit, read.existing)
    usable = np.union1d(np.flatnonzero(read.choosable), read.required).astype(np.intp)
    reachable = before | covered(costs, limit, usable)
    if serve == "all" and not reachable.all():
        raise InfeasibleError(_unreachable(costs, limit, reachable, usable))
    wanted = reachable
    if serve == "reachable" and (len(read.too_close) or read.quotas) and reachable.any():
        wanted = _worth_serving(cost, costs, units.weight, limit, conditions, before, reachable, time_limit_s, seed)
    open_rows = wanted & ~before & ~covered(costs, limit, read.required)
    instance = reduce_cover(costs, limit, units.units, read, open_rows, must_serve_all=True)
    columns, bound = _search(
        instance, read, began=began, time_limit_s=time_limit_s, mip_gap=mip_gap, seed=int(seed),
        progress=progress,
    )  # fmt: skip
    serves = entries_by_candidate(costs, limit, wanted & ~before)
    sites = np.concatenate([read.required, instance.candidates[columns]])
    sites = drop_idle(costs, serves, sites, np.ones(costs.n_demand, dtype=np.int64), read)
    served_after = before | covered(costs, limit, sites)
    if not served_after[wanted].all():
        msg = f"LSCP: the answer leaves {int((wanted & ~served_after).sum())} rows unserved, a fault of the search"
        raise SolverError(msg)
    order, newly = order_by_gain(costs, entries_by_candidate(costs, limit, ~before), sites, units.units)
    bound = min(len(sites), len(read.required) + bound)
    return SitingResult(
        model="lscp",
        sites=sites,
        site_ids=costs.label(sites),
        assignment=costs.assign(np.concatenate([read.existing, sites]), limit),
        objective=float(len(sites)),
        bound=float(bound),
        status="optimal" if bound == len(sites) else "feasible",
        seconds=time.perf_counter() - began,
        order=order,
        gain=np.array([math.fsum(units.weight[rows]) for rows in newly], dtype=np.float64),
        parameters=state_parameters(
            costs,
            read,
            limit,
            serve=serve,
            not_served=tuple(costs.rows[~served_after].tolist()),
            weight_total=math.fsum(units.weight),
            weight_served=math.fsum(units.weight[served_after]),
            solver=solver_version(),
            seed=int(seed),
            time_limit_s=float(time_limit_s),
        ),
    )


def _search(
    instance: Instance, conditions: Conditions, *, began: float, time_limit_s: float, mip_gap: float, seed: int,
    progress: ReportProgress | None,
) -> tuple[NDArray[np.intp], int]:  # fmt: skip
    """Return columns that serve all rows, and how many are needed at least."""
    required = len(conditions.required)
    needed = 0 if instance.zones is None else instance.zones.needed
    if instance.n_rows == 0 and needed == 0:
        return np.empty(0, dtype=np.intp), 0
    deadline = began + time_limit_s
    columns = _start(instance, seed, began + 0.3 * time_limit_s)
    most = instance.n_columns + 1 if columns is None else len(columns)
    bound, _ = lagrangian_set_cover(instance, most, iterations=_STEPS, deadline=began + 0.5 * time_limit_s)
    bound = max(1, bound, needed)
    _tell(progress, None if columns is None else required + len(columns), required + bound, began)
    if columns is not None and len(columns) - bound <= mip_gap * max(1, required + len(columns)):
        return columns, bound
    matrix, lower, upper = condition_rows(instance)
    n, m = instance.n_rows, instance.n_columns
    start = None
    if columns is not None:
        start = np.zeros(m)
        start[columns] = 1.0
    answer = minimise(
        np.ones(m),
        sparse.csr_array(sparse.vstack([instance.reach.astype(np.float64), matrix], format="csr")),
        np.concatenate([np.ones(n), lower]),
        np.concatenate([np.full(n, np.inf), upper]),
        col_lower=np.zeros(m),
        col_upper=np.ones(m),
        integral=np.ones(m, dtype=bool),
        start=start,
        time_limit_s=max(0.1, deadline - time.perf_counter()),
        abs_gap=mip_gap * (required + most),
        seed=seed,
        on_progress=lambda value, low, _: _tell(progress, required + value, required + low, began),
    )
    if answer.status == "infeasible":
        raise InfeasibleError(_contrary(instance, conditions, max(0.5, deadline - time.perf_counter()), seed))
    # The count is whole, so a bound of 6.2 means 7; the margin covers the arithmetic of the solver.
    if np.isfinite(answer.bound):
        bound = max(bound, math.ceil(answer.bound - 1e-4))
    if answer.x is not None:
        found = np.flatnonzero(answer.x > 0.5)
        if columns is None or len(found) < len(columns):
            columns = found
    if columns is None:
        msg = f"LSCP: no answer after {time_limit_s:g} s; raise time_limit_s, or lower the spacing"
        raise SolverError(msg)
    return columns, min(bound, len(columns))


def _start(instance: Instance, seed: int, deadline: float) -> NDArray[np.intp] | None:
    """Greedy cover without needless sites, then one site fewer as long as a search still serves all."""
    each_row = np.ones(instance.n_rows, dtype=np.int64)
    unit = replace(instance, weight=each_row)
    state = OpenSites(unit)
    fill(state, instance.n_columns)
    if (state.count == 0).any() or state.missing:
        return None
    columns = drop_needless(unit, state.columns)
    while len(columns) > 1:
        climb = Climb(unit, len(columns) - 1, seed=seed)
        for _ in range(_ROUNDS):
            if climb.value < instance.n_rows:
                climb.run(enough=instance.n_rows, is_over=lambda: time.perf_counter() > deadline)
        if climb.value < instance.n_rows or not climb.whole:
            break
        columns = drop_needless(unit, climb.columns)
    return columns


def _worth_serving(
    cost: Any, costs: Costs, weight: NDArray[np.float64], limit: float, given: ConditionArgs,
    before: NDArray[np.bool_], reachable: NDArray[np.bool_], time_limit_s: float, seed: int,
) -> NDArray[np.bool_]:  # fmt: skip
    """Return the rows to serve where conditions keep some reachable ones out: those of greatest weight."""
    # A row of weight 0 is still worth more than nothing.
    worth = np.where(reachable, np.where(weight > 0, weight, weight[weight > 0].min(initial=1.0) * 1e-3), 0.0)
    most = mclp(
        cost, worth, limit, costs.n_candidates, served=before, time_limit_s=time_limit_s / 3, seed=seed, **given
    )
    existing = read_conditions(costs, **given).existing
    return before | covered(costs, limit, np.concatenate([existing, most.sites]))


def _contrary(instance: Instance, conditions: Conditions, seconds: float, seed: int) -> str:
    """Say why no choice serves all rows although some candidate serves each, and what would work."""
    more = raised_quotas(instance, seconds, seed)
    if more is not None and more.any():
        raised = {q.zone: (q.most or 0) + int(k) for q, k in zip(conditions.quotas, more, strict=True) if k}
        return (
            f"no choice of sites serves all {instance.n_rows} remaining groups of demand with so few sites in some "
            f"zones; at_most = {raised} there would work, or more candidates, a higher limit, or "
            'serve="reachable"'
        )
    quotas = " or zones need sites there" if conditions.quotas else ""
    return (
        f"no choice of sites serves all {instance.n_rows} remaining groups of demand: candidates that could serve them "
        f"are too close to each other ({len(instance.too_close)} pairs){quotas}. Lower the spacing, add candidates, "
        'raise the limit, or use serve="reachable"'
    )


def _unreachable(costs: Costs, limit: float, reachable: NDArray[np.bool_], usable: NDArray[np.intp]) -> str:
    """Say which rows no candidate serves, and what would work."""
    rows = np.flatnonzero(~reachable)
    nearest = np.full(costs.n_demand, np.inf)
    is_usable = np.zeros(costs.n_candidates, dtype=bool)
    is_usable[usable] = True
    keep = is_usable[costs.indices]
    np.minimum.at(nearest, costs.row_of_entry()[keep], costs.cost[keep].astype(np.float64))
    worst = float(nearest[rows].max())
    shown = ", ".join(str(label) for label in costs.rows[rows[:_NAMED]])
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    if np.isfinite(worst):
        works = f"the smallest limit that would work is {worst / 1000 if costs.whole else worst:g}"
    elif np.isfinite(costs.cutoff):
        works = f"some have no candidate within the cutoff of {costs.cutoff:g} {costs.unit} at all"
    else:
        works = f"{int(np.isinf(nearest[rows]).sum())} of them have no path to any candidate at any limit"
    return (
        f"{len(rows)} of {costs.n_demand} demand rows have no usable candidate within {limit:g}"
        f"{' ' + costs.unit if costs.unit else ''}: {shown}{more}; {works}. Add candidates near them, raise the limit, "
        'or use serve="reachable" to leave them out'
    )


def _tell(progress: ReportProgress | None, value: float | None, bound: float, began: float) -> None:
    if progress is None or value is None or not (np.isfinite(value) and np.isfinite(bound)):
        return
    gap = abs(bound - value) / max(1.0, abs(value))
    progress(Progress(value=float(value), bound=float(bound), gap=gap, seconds=time.perf_counter() - began))
