"""Joint siting of several services: one building, many services (一址多能、集约合建).

    maximise    sum_k c_k sum_i w_ik y_ik
    subject to  y_ik <= sum_{j in N_ik} x_jk       for every service k and demand row i
                x_jk <= z_j                        a service needs a building
                sum_k a_k x_jk <= f_j              floor area of the plot
                sum_j z_j <= p                     number of buildings
                sum_j x_jk <= q_k                  where a service may be opened so often only
                z_j + z_l <= 1                     for plots too close to each other
                x, z in {0, 1},  0 <= y <= 1
    with        N_ik = {j : d_ijk <= S_k}

A cover model after Church & ReVelle (1974), with several kinds of service at one place as in the hierarchical model of
Moore & ReVelle (1982), Geographical Analysis 14.
"""  # fmt: skip

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from siting.locate.clock import start_clock
from siting.locate.costs import Costs
from siting.locate.covering.best import Best
from siting.locate.covering.reduce import covered, reduce_cover
from siting.locate.covering.search import search
from siting.locate.joint.packing import NO_LIMIT
from siting.locate.joint.result import JointResult
from siting.locate.joint.solve import Tell, solve_fewest, solve_most
from siting.locate.joint.task import Bools, Task, read_task
from siting.locate.solver import Progress, ReportProgress
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
    existing: Any = (),
    required: Any = (),
    excluded: Any = (),
    too_close: Any = None,
    min_spacing_m: float | None = None,
    xy: ArrayLike | None = None,
    served: Mapping[str, Any] | None = None,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    progress: ReportProgress | None = None,
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
    existing : plots that have a service already, by service; free and not counted. No building is proposed there
    required, excluded, too_close, min_spacing_m, xy : of plots, as in `mclp`
    served : by service, shape (n_demand,), rows that something outside ``costs`` serves already
    time_limit_s, mip_gap, seed, progress : as in `mclp`

    Returns
    -------
    `JointResult`; services that add nothing are not opened, and plots without any are not built on. "optimal" = no
    choice serves more, by an integer bound or by the solver's complete search (see `mclp`). Ctrl-C returns the best so
    far with its bound, and ``parameters["interrupted"]``

    Raises
    ------
    InputError
        Costs, weights, areas or conditions that cannot be used.
    InfeasibleError
        More required sites than ``p``, or required sites too close to each other.
    """
    began = time.perf_counter()
    task = read_task(costs, weights, limits, p=p, area=area, floor=floor, importance=importance, most=most,
                 existing=existing, required=required, excluded=excluded, too_close=too_close,
                 min_spacing_m=min_spacing_m, xy=xy, served=served, time_limit_s=time_limit_s, mip_gap=mip_gap,
                 seed=seed)  # fmt: skip
    base = int(sum(u[b].sum() for u, b in zip(task.units, task.before, strict=True)))
    tell = _teller(progress, base, task.stacked.per_weight, began)
    deadline = began + time_limit_s
    if task.roomy:
        opened, value, bound, proof, stopped = _as_one_cover(task, base, deadline, mip_gap, int(seed), tell)
    else:
        joint = task.reduce([~b for b in task.before], int(p), task.quota)
        built = solve_most(joint, base=base, deadline=deadline, mip_gap=mip_gap, seed=int(seed), tell=tell)
        opened, value, bound, proof = task.spread(joint, built), built.value, built.bound, built.proof
        stopped = built.interrupted
    opened = task.without_idle(opened)
    masks = task.served_with(opened)
    reached = int(sum(u[m].sum() for u, m in zip(task.units, masks, strict=True)))
    objective = task.stacked.value(np.concatenate(masks))
    proved = reached >= base + bound
    return task.answer(
        "joint_cover", opened, masks, began, objective=objective,
        bound=objective if proved else max(objective, task.stacked.upper(base + bound)),
        proved=proved, proof=proof, p=int(p), seed=int(seed), time_limit_s=float(time_limit_s),
        value_of_search=value / task.stacked.per_weight, interrupted=stopped,
    )  # fmt: skip


def joint_set_cover(
    costs: Any,
    weights: Mapping[str, Any],
    limits: float | Mapping[str, float],
    *,
    area: Mapping[str, float] | None = None,
    floor: Any = None,
    existing: Any = (),
    required: Any = (),
    excluded: Any = (),
    too_close: Any = None,
    min_spacing_m: float | None = None,
    xy: ArrayLike | None = None,
    served: Mapping[str, Any] | None = None,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
) -> JointResult:
    """Choose the fewest buildings so that everybody whom a plot can reach has every service.

    Where floor area or spacing keep some from being served together, as much weight as possible is served first, and
    the buildings are counted for exactly those people; ``parameters["not_served"]`` counts the others by service.
    Rows of weight 0 need nothing. Other parameters as in `joint_cover`.

    Returns
    -------
    `JointResult` whose ``objective`` is the number of buildings, required ones included

    Raises
    ------
    InputError, InfeasibleError
        As `joint_cover`.
    SolverError
        No answer within ``time_limit_s``.
    """
    began = time.perf_counter()
    task = read_task(costs, weights, limits, p=None, area=area, floor=floor, importance=None, most=None,
                 existing=existing, required=required, excluded=excluded, too_close=too_close,
                 min_spacing_m=min_spacing_m, xy=xy, served=served, time_limit_s=time_limit_s, mip_gap=mip_gap,
                 seed=seed)  # fmt: skip
    deadline = began + time_limit_s
    free = np.full(len(task.services), NO_LIMIT, dtype=np.int64)
    n = task.costs[0].n_candidates
    joint = task.reduce([~b for b in task.before], n, free)
    whole, stopped = True, False
    wanted = [~b for b in task.before]
    if not bool(joint.packing.roomy.all()) or len(joint.too_close):
        first = solve_most(
            joint, base=0, deadline=began + time_limit_s / 2, mip_gap=0.0, seed=int(seed), tell=lambda *_: None
        )
        whole, stopped = first.bound == first.value, first.interrupted
        wanted = [m & ~b for m, b in zip(task.served_with(task.spread(joint, first)), task.before, strict=True)]
        joint = task.reduce(wanted, n, free)
    built = solve_fewest(joint, deadline=deadline, mip_gap=mip_gap, seed=int(seed))
    opened = task.spread(joint, built)
    opened = task.without_idle(opened, wanted)
    masks = task.served_with(opened)
    count = len(np.union1d(np.flatnonzero(opened.any(axis=1)), task.conditions.required))
    proved = count <= built.bound
    return task.answer(
        "joint_set_cover", opened, masks, began, objective=float(count), bound=float(min(count, built.bound)),
        proved=proved, proof=built.proof, most_weight_proved=whole, interrupted=stopped or built.interrupted,
        seed=int(seed), time_limit_s=float(time_limit_s),
    )  # fmt: skip


def _as_one_cover(
    task: Task, base: int, deadline: float, mip_gap: float, seed: int, tell: Tell
) -> tuple[Bools, int, int, str, bool]:
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
    best = Best(start_clock(max(0.01, deadline - time.perf_counter()), mip_gap, seed), instance, base + fixed, 1.0)
    most = task.conditions.p - len(required)
    stopped = was_stopped(lambda: search(instance, most, best), lambda: best.has_plan)
    tell(fixed + best.value, fixed + best.bound)
    opened = np.zeros((first.n_candidates, len(task.services)), dtype=bool)
    opened[instance.candidates[best.columns]] = True
    opened[required] = True
    return opened, fixed + best.value, fixed + best.bound, best.proof, stopped


def _teller(progress: ReportProgress | None, base: int, per_weight: float, began: float) -> Tell:
    """Return a function that tells the caller the best value and bound so far, in the caller's weight."""
    best: dict[str, int | None] = {"value": None, "bound": None}

    def tell(value: int | None, bound: int | None) -> None:
        if progress is None:
            return
        if value is not None:
            best["value"] = value if best["value"] is None else max(best["value"], value)
        if bound is not None:
            best["bound"] = bound if best["bound"] is None else min(best["bound"], bound)
        if best["value"] is None or best["bound"] is None:
            return
        now, at_most = (base + best["value"]) / per_weight, (base + best["bound"]) / per_weight
        gap = abs(at_most - now) / max(1.0, abs(now))
        progress(Progress(value=now, bound=at_most, gap=gap, seconds=time.perf_counter() - began))

    return tell
