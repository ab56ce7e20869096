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

A source may be split between stations and direct haul; with ``single_source`` each x_ij and w_iq is 0 or s_i.

Klose & Drexl (2005), European Journal of Operational Research 162, 4-29; Geoffrion & Graves (1974), Management
Science 20, 822-844.
"""

from typing import Any, Unpack

from siting.locate.clock import start_clock
from siting.locate.conditions import ConditionArgs, read_conditions
from siting.locate.result import SitingResult
from siting.locate.solver import ReportProgress
from siting.locate.two_stage.answer import state_answer
from siting.locate.two_stage.solve import TransferSolver
from siting.locate.two_stage.task import read_station_costs, read_task


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
    single_source: bool = False,
    most_share: float | None = None,
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
    single_source : whether each source goes wholly to one station, or straight to one plant; else it may be split
    most_share : most of all supply that one station may take, so that not too much hangs on any; None = no such limit
    time_limit_s, mip_gap, seed, progress : of the search
    conditions : on stations: existing, required, excluded, too_close, min_spacing_m with xy, zones with at_least and
        at_most; see `siting.locate.conditions.read_conditions`

    Returns
    -------
    SitingResult whose ``objective`` is the total cost and ``bound`` a lower one; ``sites`` are the new stations,
    ``assignment`` is the station that takes most of each source (-1 = a plant takes more, or nothing is there), and
    ``flows`` a `TransferFlows`: what goes from source to station, station to plant and source to plant, and the plants
    in use. ``gain`` says for each station what refusing or closing it would cost: what the plan costs more without it,
    all flows recomputed among the other stations and the plants of the plan, ``inf`` where these cannot take
    everything; ``order`` has the largest first. Proved means within the tolerance of the solver, one part in ten
    million.

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
        plant_cost=plant_cost, single=single_source, most_share=most_share,
    )  # fmt: skip
    solver = TransferSolver(task, clock)
    stopped = False
    try:
        solver.run()
    except KeyboardInterrupt:
        if not solver.has_plan:
            raise
        solver.settle_bound()
        stopped = True
    return state_answer(task, solver.rules, clock, solver.search, stopped)
