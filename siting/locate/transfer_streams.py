"""Transfer stations that several streams share (e.g. kitchen waste, recyclables and the rest, each to its own plants).

    minimise    sum_ijs c_ijs x_ijs + sum_jqs h_jqs z_jqs + sum_iqs e_iqs w_iqs + sum_j f_j y_j + sum_q g_q v_q
    subject to  sum_j x_ijs + sum_q w_iqs = s_is         all of every stream that source i has is taken away
                sum_i x_ijs = sum_q z_jqs                what comes into station j goes out of it, stream by stream
                sum_is x_ijs <= a_j y_j                  capacity of station j, shared by its streams, if it is open
                sum_js z_jqs + sum_is w_iqs <= b_q v_q   capacity of plant q, shared likewise, if it is open
                sum_{j in t} y_j <= 1                    versions of one site t; = 1 where something stands already
                min_sites <= sum_{new t} y_j <= p        new sites
                spacing and quotas of zones              as for all models
                y_j, v_q in {0, 1},  0 <= x, z, w
    with        c collection, h haul, e direct haul; s supply; a, b capacities; f, g opening costs

With one stream and one version a site this is `transfer`. The bound relaxes the first row and the capacity of plants;
what is left falls apart into one continuous knapsack a station. Flows over open stations are solved to optimality.

Klose & Drexl (2005), European Journal of Operational Research 162, 4-29; Geoffrion & Graves (1974), Management
Science 20, 822-844; Cornuejols, Sridharan & Thizy (1991), European Journal of Operational Research 50, 280-297.
"""

from typing import Any, Unpack

from siting.locate.clock import start_clock
from siting.locate.conditions import ConditionArgs
from siting.locate.result import SitingResult
from siting.locate.solver import ReportProgress
from siting.locate.streams.answer import state_answer
from siting.locate.streams.solve import StreamsSolver
from siting.locate.streams.task import read_streams_task


def transfer_streams(
    supply: Any,
    collect_cost: Any,
    haul_cost: Any,
    station_capacity: Any,
    station_cost: Any,
    plant_capacity: Any,
    plant_cost: Any = None,
    direct_cost: Any = None,
    *,
    site: Any = None,
    station_streams: Any = None,
    plant_streams: Any = None,
    p: int | None = None,
    min_sites: int = 0,
    most_share: float | None = None,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    progress: ReportProgress | None = None,
    **conditions: Unpack[ConditionArgs],
) -> SitingResult:
    """Open transfer stations that several streams share, so that collecting, hauling and opening together cost least.

    Parameters
    ----------
    supply : what each source has of each stream, e.g. tonnes a day: a table of sources by streams, or
        ``{stream: supply}``; carried in parts of a thousandth, and every load balances to the last of them
    collect_cost, haul_cost, direct_cost : as in `siting.locate.transfer`, ``inf`` where there is no way or the stream
        is not allowed: ``{stream: costs}``, or one table for all streams. Streams that ``direct_cost`` lacks have no
        direct way. What running a station costs by the tonne belongs into ``haul_cost``
    station_capacity, station_cost, plant_capacity, plant_cost : as in `siting.locate.transfer`; streams share the
        capacities
    site : label of the site of each station, None where it stands for itself. Stations of one site are its versions, of
        which at most one is open, each with its own capacity and costs; a Series is aligned by its index. Where one of
        them exists, it stays open for nothing, or another takes its place at its cost
    station_streams, plant_streams : streams that each station or plant takes, as "a, b" or a list; None or empty = all
    p : most new sites; None = any number. Another version of an existing site is not a new site
    min_sites : fewest new sites
    most_share : most of all supply, of all streams together, that one station may take; None = no such limit
    time_limit_s, mip_gap, seed, progress : of the search
    conditions : on stations: existing, required (of several required versions of a site, one is opened), excluded;
        on sites: too_close, min_spacing_m with xy, zones with at_least and at_most, for which its first version speaks;
        see `siting.locate.conditions.read_conditions`

    Returns
    -------
    SitingResult whose ``objective`` is the total cost and ``bound`` a lower one; ``sites`` are the stations that are
    opened, versions that take the place of existing ones among them, ``assignment`` is the station that takes most of
    each source, all streams together (-1 = plants take more, or nothing is there), and ``flows`` a `StreamFlows`: for
    each stream what goes from source to station, station to plant and source to plant. ``gain`` says for each site what
    refusing or closing it would cost: what the plan costs more without it, all flows recomputed among the other
    stations and the plants of the plan, ``inf`` where these cannot take everything; ``order`` has the largest first.
    Proved means within the tolerance of the solver, one part in ten million.

    Raises
    ------
    InputError
        Costs, capacities, supplies or conditions that cannot be used.
    InfeasibleError
        Not everything can be taken away; the message says how much of which stream has no way or no room.
    SolverError
        No plan was found in time.
    """
    clock = start_clock(time_limit_s, mip_gap, seed, progress)
    task = read_streams_task(
        supply, collect_cost, haul_cost, direct_cost, site=site, station_capacity=station_capacity,
        station_cost=station_cost, plant_capacity=plant_capacity, plant_cost=plant_cost,
        station_streams=station_streams, plant_streams=plant_streams, p=p, n_least=min_sites, most_share=most_share,
        conditions=conditions,
    )  # fmt: skip
    solver = StreamsSolver(task, clock)
    stopped = False
    try:
        solver.run()
    except KeyboardInterrupt:
        if solver.best is None:
            raise
        solver.settle_bound()
        stopped = True
    assert solver.best is not None
    return state_answer(task, solver.rules, clock, solver.search.finder, solver.best, stopped)
