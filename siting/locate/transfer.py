"""Transfer stations between sources and plants (two-stage facility location, 两级选址, e.g. 垃圾转运站).

    minimise    sum_ij c_ij x_ij + sum_jq h_jq z_jq + sum_iq e_iq w_iq + sum_j f_j y_j + sum_q g_q v_q
    subject to  sum_j x_ij + sum_q w_iq = s_i            all that source i has is taken away
                sum_i x_ij = sum_q z_jq                  what comes into station j goes out of it
                sum_i x_ij <= a_j y_j                    capacity of station j, if it is open
                sum_j z_jq + sum_i w_iq <= b_q v_q       capacity of plant q, if it is open
                min_sites <= sum_j y_j <= p              new stations
                y_j + y_k <= 1                           for candidates too close to each other
                least_z <= sum_{j in z} y_j <= most_z    for zones with a quota
                y_j, v_q in {0, 1},  0 <= x, z, w
    with        c collection, h haul, e direct haul; s supply; a, b capacities; f, g opening costs

A source may be split between stations and direct haul.

Klose & Drexl (2005), European Journal of Operational Research 162, 4-29; Geoffrion & Graves (1974), Management
Science 20, 822-844.
"""

from typing import Any, Unpack

import numpy as np

from siting.errors import SolverError
from siting.locate.clock import Clock, start_clock
from siting.locate.conditions import ConditionArgs, read_conditions
from siting.locate.result import SitingResult
from siting.locate.solver import ReportProgress
from siting.locate.two_stage.answer import refuse, state_answer
from siting.locate.two_stage.bound import TransferBound
from siting.locate.two_stage.flow import TransferFlow
from siting.locate.two_stage.model import LARGEST_MODEL, n_ways, solve_model
from siting.locate.two_stage.rules import StationRules
from siting.locate.two_stage.search import BestPlan, TransferSearch
from siting.locate.two_stage.task import TransferTask, read_station_costs, read_task

# Shares of the time: for the bound, for the search where the model follows, and for the search where it does not.
_BOUND_SHARE, _SHORT_SHARE, _SEARCH_SHARE = 0.25, 0.3, 0.97
_CLIMBS = 3_000
_FEW_SHAKES = 15


def transfer(
    supply: Any,
    collect_cost: Any,
    haul_cost: Any,
    station_capacity: Any,
    station_cost: Any,
    plant_capacity: Any,
    plant_cost: Any = None,
    direct_cost: Any = None,
    *,
    p: int | None = None,
    min_sites: int = 0,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    progress: ReportProgress | None = None,
    **conditions: Unpack[ConditionArgs],
) -> SitingResult:
    """Open transfer stations so that collecting, hauling and opening together cost least.

    Parameters
    ----------
    supply : shape (n_sources,), e.g. tonnes; kept in thousandths, and every load balances to the last of them
    collect_cost : source by station, cost per 1 of supply: a CostMatrix, a table, or an array where ``inf`` means that
        there is no way
    haul_cost : station by plant, in the same unit
    station_capacity, station_cost : one number for all, or one for each station; a Series is aligned to labelled costs
        by its index. A capacity may be ``inf``. Existing stations are free, required ones are paid
    plant_capacity, plant_cost : the same for plants; without ``plant_cost`` all plants are open and free
    direct_cost : source by plant, if sources may also send straight to a plant
    p : most new stations; None = any number
    min_sites : fewest new stations
    time_limit_s, mip_gap, seed, progress : of the search
    conditions : on stations: existing, required, excluded, too_close, min_spacing_m with xy, zones with at_least and
        at_most; see `siting.locate.conditions.read_conditions`

    Returns
    -------
    SitingResult whose ``objective`` is the total cost and ``bound`` a lower one; ``sites`` are the new stations,
    ``assignment`` is the station that takes most of each source (-1 = a plant takes more, or nothing is there), and
    ``flows`` a `TransferFlows`: what goes from source to station, station to plant and source to plant, and the plants
    in use. Proved means within the tolerance of the solver, one part in
    ten million.

    Raises
    ------
    InputError
        Costs, capacities, supplies or conditions that cannot be used.
    InfeasibleError
        Not everything can be taken away under the conditions; the message says why.
    SolverError
        No plan was found in time.
    """
    clock = start_clock(time_limit_s, mip_gap, seed, progress)
    collect, haul, direct = read_station_costs(collect_cost, haul_cost, direct_cost)
    task = read_task(
        collect, haul, direct, read_conditions(collect, p=p, **conditions), supply=supply, n_least=min_sites,
        station_capacity=station_capacity, station_cost=station_cost, plant_capacity=plant_capacity,
        plant_cost=plant_cost,
    )  # fmt: skip
    rules = StationRules(task)
    search = TransferSearch(task, rules, clock)
    stopped = False
    try:
        _solve(task, rules, clock, search)
    except KeyboardInterrupt:
        if search.best is None:
            raise
        stopped = True
    assert search.best is not None
    # Ctrl-C may have come in the middle of a change of the flow.
    flow = TransferFlow(task) if stopped else search.flow
    return state_answer(task, rules, clock, flow, search.best, stopped)


def _solve(task: TransferTask, rules: StationRules, clock: Clock, search: TransferSearch) -> None:
    """Leave the best plan and its bound in ``search.best``."""
    if not search.begin():
        _first_by_model(task, rules, clock, search)
    best = search.best
    assert best is not None
    prices = TransferFlow(task).relaxed_prices(rules.limits()[1] > 0)
    bound = TransferBound(task, rules, prices)
    m = task.shape[1]
    climbed = bound.climb(best.value, _CLIMBS, clock, clock.seconds + _BOUND_SHARE * clock.left_s, search.offer)
    best.bound = max(best.bound, climbed)
    above, chosen = bound.choose(clock, min(2.0, clock.left_s))
    best.bound = max(best.bound, above)
    if chosen is not None:
        search.go_on_from(chosen[:m], chosen[m:])
    search.descend_from_kept(clock.seconds + _BOUND_SHARE * clock.left_s)
    clock.tell(best.value, best.bound)
    fits = n_ways(task) <= LARGEST_MODEL
    if not clock.settled(best.value, best.bound):
        share, shakes = (_SHORT_SHARE, _FEW_SHAKES) if fits else (_SEARCH_SHARE, None)
        search.go_on(share * clock.time_limit_s, bound, shakes)
    if fits and not clock.settled(best.value, best.bound) and not clock.is_over:
        _prove(task, rules, clock, search, bound)


def _first_by_model(task: TransferTask, rules: StationRules, clock: Clock, search: TransferSearch) -> None:
    """Let the model find a first plan, or prove that there is none."""
    answer = solve_model(task, rules, clock, None)
    if answer.status == "infeasible":
        raise refuse(task, rules)
    if answer.x is None or not search.take(answer.x):
        msg = f"transfer: no plan after {clock.time_limit_s:g} s; raise time_limit_s, or give more room"
        raise SolverError(msg)


def _prove(task: TransferTask, rules: StationRules, clock: Clock, search: TransferSearch, bound: TransferBound) -> None:
    best: BestPlan | None = search.best
    assert best is not None
    answer = solve_model(task, rules, clock, best, bound.settled_by(best.value))
    if answer.x is not None:
        search.take(answer.x)
    # Plans that were ruled out beforehand are no better than the best one.
    reached = np.inf if answer.status == "infeasible" else answer.bound + _tolerance(answer.bound)
    best.bound = max(best.bound, min(best.value, reached) if answer.status != "stopped" else answer.bound)


def _tolerance(value: float) -> float:
    """Return what HiGHS may be off by in a model that it calls solved."""
    return 1e-7 * max(1.0, abs(value))
