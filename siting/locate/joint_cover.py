"""Joint siting of several services: one building, many services (一址多能、集约合建).

    maximise    sum_k c_k sum_i w_ik y_ik
    subject to  y_ik <= sum_{j in N_ik} x_jk       for every service k and demand row i
                x_jk <= z_j                        a service needs a building
                sum_k a_k x_jk <= f_j              floor area of the plot
                sum_j z_j <= p                     number of buildings
                sum_j x_jk <= q_k                  where a service may be opened so often only
                z_j + z_l <= 1                     for plots too close to each other
                least_z <= sum_{j in zone} z_j <= most_z   for zones with a quota
                x, z in {0, 1},  0 <= y <= 1
    with        N_ik = {j : d_ijk <= S_k}

A cover model after Church & ReVelle (1974), with several kinds of service at one place as in the hierarchical model of
Moore & ReVelle (1982), Geographical Analysis 14.
"""  # fmt: skip

import dataclasses
from collections.abc import Mapping
from typing import Any, Unpack

import numpy as np
import pandas as pd

from siting.locate.clock import Clock, start_clock
from siting.locate.conditions import ConditionArgs
from siting.locate.costs import Costs
from siting.locate.covering.best import Best
from siting.locate.covering.reduce import covered, reduce_cover
from siting.locate.covering.search import search
from siting.locate.joint.packing import NO_LIMIT, Plan
from siting.locate.joint.result import JointResult
from siting.locate.joint.solve import Tell, solve_fewest, solve_most
from siting.locate.joint.task import Task, read_task
from siting.locate.solver import ReportProgress
from siting.locate.statement import was_stopped


def joint_cover(
    costs: Any,
    weights: Mapping[str, Any],
    limits: float | Mapping[str, float],
    p: int,
    *,
    area: Mapping[str, float] | None = None,
    floor: Any = None,
    importance: Mapping[str, float] | None = None,
    most: Mapping[str, int] | None = None,
    served: Mapping[str, Any] | None = None,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    progress: ReportProgress | None = None,
    **conditions: Unpack[ConditionArgs],
) -> JointResult:
    """Choose at most ``p`` plots and the services on each, so that as much weight as possible is served.

    Parameters
    ----------
    costs : one cost matrix for all services, or one by service; the same candidates in the same order in each
    weights : by service, shape (n_demand,): people who need it. A person who lacks three services counts three times
    limits : largest cost that is served, for all services or by service; exactly on the limit is served
    p : most buildings
    area, floor : floor area that each service needs, and that each plot offers (number, or one a candidate); both or
        neither. Services on a plot must fit together
    importance : what one person with a service counts, by service; default 1 each
    most : most buildings that house a service, by service; default: any number
    served : by service, shape (n_demand,), rows that something outside ``costs`` serves already
    time_limit_s, mip_gap, seed, progress : as in `mclp`
    conditions : of plots, as in `mclp`; ``existing`` may be by service too, plots that have it already: free and not
        counted in ``p``, but in the quotas of zones. No building is proposed there

    Returns
    -------
    `JointResult`; services that add nothing are not opened, and plots without any are not built on, unless they are
    required or a quota needs them. "optimal" = no choice serves more, by an integer bound or by the solver's complete
    search (see `mclp`). Ctrl-C returns the best so far with its bound, and ``parameters["interrupted"]``

    Raises
    ------
    InputError
        Costs, weights, areas or conditions that cannot be used.
    InfeasibleError
        More required sites than ``p``, required sites too close to each other, or quotas that cannot be met with ``p``
        buildings and the spacing.
    """
    clock = start_clock(time_limit_s, mip_gap, seed, progress)
    task = read_task(costs, weights, limits, p=p, area=area, floor=floor, importance=importance, most=most,
                 served=served, conditions=conditions)  # fmt: skip
    base = int(sum(u[b].sum() for u, b in zip(task.units, task.before, strict=True)))
    if task.roomy:
        plan, value, bound, proof, stopped = _as_one_cover(task, base, clock)
    else:
        joint = task.reduce([~b for b in task.before], int(p), task.quota)
        built = solve_most(joint, base=base, clock=clock, tell=_teller(clock, base, task.stacked.per_weight, most=True))
        plan, value, bound, proof = task.spread(joint.candidates, built.plan), built.value, built.bound, built.proof
        stopped = built.interrupted
    opened = task.without_idle(plan.opened)
    masks = task.served_with(opened)
    reached = int(sum(u[m].sum() for u, m in zip(task.units, masks, strict=True)))
    objective = task.stacked.value(np.concatenate(masks))
    proved = reached >= base + bound
    return task.answer(
        "joint_cover", task.standing(opened, plan.built), opened, masks, clock, objective=objective,
        bound=objective if proved else max(objective, task.stacked.upper(base + bound)),
        proved=proved, proof=proof, p=int(p),
        value_of_search=value / task.stacked.per_weight, interrupted=stopped,
    )  # fmt: skip


def joint_set_cover(
    costs: Any,
    weights: Mapping[str, Any],
    limits: float | Mapping[str, float],
    *,
    area: Mapping[str, float] | None = None,
    floor: Any = None,
    served: Mapping[str, Any] | None = None,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    progress: ReportProgress | None = None,
    **conditions: Unpack[ConditionArgs],
) -> JointResult:
    """Choose the fewest buildings so that everybody whom a plot can reach has every service.

    Where floor area, spacing or quotas keep some from being served together, as much weight as possible is served
    first, and the buildings are counted for exactly those people; ``parameters["not_served"]`` counts the others by
    service. Rows of weight 0 need nothing. Other parameters as in `joint_cover`.

    Returns
    -------
    `JointResult` whose ``objective`` is the number of buildings, those that are required or that quotas need included

    Raises
    ------
    InputError, InfeasibleError
        As `joint_cover`.
    SolverError
        No answer within ``time_limit_s``.
    """
    clock = start_clock(time_limit_s, mip_gap, seed, progress)
    task = read_task(costs, weights, limits, p=None, area=area, floor=floor, importance=None, most=None,
                 served=served, conditions=conditions)  # fmt: skip
    free = np.full(len(task.services), NO_LIMIT, dtype=np.int64)
    n = task.costs[0].n_candidates
    joint = task.reduce([~b for b in task.before], n, free)
    whole, stopped, known = True, False, None
    wanted = [~b for b in task.before]
    if (
        not bool(joint.packing.roomy.all())
        or len(joint.too_close)
        or any(q.most is not None for q in task.conditions.quotas)
    ):
        half = dataclasses.replace(clock, time_limit_s=clock.time_limit_s / 2, mip_gap=0.0, progress=None)
        first = solve_most(joint, base=0, clock=half, tell=lambda *_: None)
        whole, stopped = first.bound == first.value, first.interrupted
        plan = task.spread(joint.candidates, first.plan)
        wanted = [m & ~b for m, b in zip(task.served_with(plan.opened), task.before, strict=True)]
        joint = task.reduce(wanted, n, free)
        known = Plan(plan.opened[joint.candidates], plan.built[joint.candidates])
    built = solve_fewest(joint, clock=clock, tell=_teller(clock, 0, 1.0, most=False), known=known)
    plan = task.spread(joint.candidates, built.plan)
    opened = task.without_idle(plan.opened, wanted)
    masks = task.served_with(opened)
    sites = task.standing(opened, plan.built)
    proved = len(sites) <= built.bound
    return task.answer(
        "joint_set_cover", sites, opened, masks, clock, objective=float(len(sites)),
        bound=float(min(len(sites), built.bound)), proved=proved, proof=built.proof, most_weight_proved=whole,
        interrupted=stopped or built.interrupted,
    )  # fmt: skip


def _as_one_cover(task: Task, base: int, clock: Clock) -> tuple[Plan, int, int, str, bool]:
    """Solve as one covering problem, demand of all services in one column: every plot houses everything."""
    first, required = task.costs[0], task.conditions.required
    row, column, offset = [], [], 0
    done = []
    for k, costs in enumerate(task.costs):
        keep = costs.within(task.limits[k])
        row.append(costs.row_of_entry()[keep] + offset)
        column.append(costs.indices[keep])
        offset += costs.n_demand
        done.append(task.before[k] | covered(costs, task.limits[k], required))
    rows = np.concatenate(row)
    together = Costs(
        indptr=np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=offset)))).astype(np.int64),
        indices=np.concatenate(column), cost=np.zeros(len(rows), dtype=np.int64),
        rows=pd.RangeIndex(offset), columns=first.columns,
        labelled=False, whole=True, unit="", cutoff=np.inf, rank=first.rank,
    )  # fmt: skip
    weight = np.concatenate(task.units)
    served = np.concatenate(done)
    fixed = int(weight[served].sum()) - base
    instance = reduce_cover(together, 0.0, weight, task.conditions, ~served, must_serve_all=False)
    assert task.conditions.p is not None
    best = Best(clock, instance, base + fixed, task.stacked.per_weight)
    most = task.conditions.p - len(required)
    stopped = was_stopped(lambda: search(instance, most, best, n_required=len(required)), lambda: best.has_plan)
    built = np.zeros(first.n_candidates, dtype=bool)
    built[instance.candidates[best.columns]] = built[required] = True
    return (
        Plan(np.repeat(built[:, None], len(task.services), axis=1), built),
        fixed + best.value,
        fixed + best.bound,
        best.proof,
        stopped,
    )


def _teller(clock: Clock, base: int, per_weight: float, *, most: bool) -> Tell:
    """Return a function that tells the caller the best value and bound so far, in the caller's terms."""
    value_side, bound_side = (max, min) if most else (min, max)
    best: dict[str, int] = {}

    def tell(value: int | None, bound: int | None) -> None:
        if value is not None:
            best["value"] = value_side(value, best.get("value", value))
        if bound is not None:
            best["bound"] = bound_side(bound, best.get("bound", bound))
        if len(best) == 2:
            clock.tell((base + best["value"]) / per_weight, (base + best["bound"]) / per_weight)

    return tell
