"""p-dispersion (p-离散选址): exactly p new sites, the two that are closest as far apart as can be.

    maximise    r
    subject to  x_j + x_k <= 1                 for every two candidates with d_jk < r
                x_j = 0                        where d_jk < r to an existing site k
                sum_j x_j = p
                least_z <= sum_{j in z} x_j <= most_z   for zones with a quota
                x_j in {0, 1}

``r`` is one of the distances, so each step asks whether one of them can be kept. Distances between two existing sites
do not count: nobody moves them.

Kuby (1987), Geographical Analysis 19, 315-329; Erkut (1990), European Journal of Operational Research 46, 48-60.
"""

import math
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from siting.errors import InputError
from siting.locate.answer import state_parameters
from siting.locate.bracket import Bracket
from siting.locate.choice import first_choice, read_choice
from siting.locate.clock import Clock, start_clock
from siting.locate.conditions import ConditionArgs, Conditions, read_conditions, read_p
from siting.locate.costs import Costs
from siting.locate.dispersion.instance import make_dispersion, read_distances
from siting.locate.dispersion.search import DispersionSearch
from siting.locate.result import SitingResult
from siting.locate.solver import ReportProgress, solver_version


def p_dispersion(
    distance: Any,
    p: int,
    *,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    progress: ReportProgress | None = None,
    **conditions: Unpack[ConditionArgs],
) -> SitingResult:
    """Open exactly ``p`` new sites so that any two sites are as far apart as can be.

    Parameters
    ----------
    distance : CostMatrix or table from each candidate to each candidate, or square array; the same in both directions,
        ``inf`` where there is no path, which counts as apart. The diagonal plays no part
    p : sites to open, required ones included; 2 or more where nothing exists
    time_limit_s, mip_gap, seed, progress : as in `mclp`
    conditions : ``existing``, ``required``, ``excluded``, ``too_close``, ``min_spacing_m``, ``xy``, ``zones``,
        ``at_least``, ``at_most``, as in `siting.locate.conditions.read_conditions`

    Returns
    -------
    SitingResult whose ``objective`` is the smallest distance between two new sites, or a new and an existing one, in
    the unit of ``distance``, and ``bound`` an upper one. ``assignment`` is the open site nearest to each candidate,
    for an open one itself. ``order`` begins at the site farthest from existing ones, and goes on with the one farthest
    from all before; ``gain`` is empty, as no site by itself wins any separation.

    Raises
    ------
    InputError
        Distances, ``p`` or conditions that cannot be used; a cutoff below what the sites can be apart.
    InfeasibleError
        Contrary conditions, or fewer than ``p`` sites under them.
    SolverError
        No plan was found within ``time_limit_s``.
    """
    clock = start_clock(time_limit_s, mip_gap, seed, progress)
    costs, table = read_distances(distance)
    read = read_conditions(costs, p=p, **conditions)
    count = read_p(p, costs.n_candidates)
    if count == 1 and not len(read.existing):
        msg = "p is 1 and nothing exists, so there are no two sites to keep apart; p = 2 would work"
        raise InputError(msg)
    choice = read_choice(costs, read, count)
    problem = make_dispersion(table, choice, read.required, read.existing)
    is_open = first_choice("p_dispersion", choice, len(read.required), clock)
    if choice.is_free:
        is_open = problem.spread()
    bracket = Bracket(
        values=problem.values / (1000.0 if costs.whole else 1.0), low=problem.fixed, high=problem.level(is_open),
        is_open=is_open, clock=clock, sign=-1.0,
    )  # fmt: skip
    search = DispersionSearch(problem, bracket)
    stopped = False
    try:
        search.run()
    except KeyboardInterrupt:
        stopped = True
    return _answer(costs, table, read, clock, search, stopped)


def _answer(
    costs: Costs, table: NDArray[np.float64], conditions: Conditions, clock: Clock, search: DispersionSearch,
    stopped: bool,
) -> SitingResult:  # fmt: skip
    bracket, unit = search.bracket, 1000.0 if costs.whole else 1.0
    columns = search.problem.choice.columns
    sites = np.sort(np.concatenate([conditions.required, columns[bracket.is_open]])).astype(np.intp)
    every = np.concatenate([sites, conditions.existing]).astype(np.intp)
    objective = float(table[np.ix_(sites, every)].min()) / unit
    if math.isinf(objective) and np.isfinite(costs.cutoff):
        msg = (
            f"{len(sites)} sites can be more than the cutoff of {costs.cutoff:g} {costs.unit} apart, and distance does "
            "not tell by how much; compute it again with a larger cutoff, or raise p"
        )
        raise InputError(msg)
    proved = bracket.low >= bracket.high
    parameters = state_parameters(
        costs,
        conditions,
        proof=search.proof,
        interrupted=stopped,
        solver=solver_version(),
        seed=clock.seed,
        time_limit_s=clock.time_limit_s,
    )
    return SitingResult(
        model="p_dispersion",
        sites=sites,
        site_ids=costs.label(sites),
        assignment=_nearest(costs, table, every),
        objective=objective,
        bound=objective if proved else max(objective, -float(bracket.values[bracket.low])),
        status="optimal" if proved else "feasible",
        seconds=clock.seconds,
        order=_order(costs, table, sites, conditions.existing),
        parameters=parameters,
    )


def _nearest(costs: Costs, table: NDArray[np.float64], every: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the open site nearest to each row of the caller's table, ties to the lowest position, -1 if none."""
    every = np.sort(every)
    near: NDArray[np.intp] = every[np.argmin(table[:, every], axis=1)]
    near[np.isinf(table[:, every].min(axis=1))] = -1
    near[every] = every
    if costs.labelled:
        near = near[costs.columns.get_indexer(costs.rows)]
    return near


def _order(
    costs: Costs, table: NDArray[np.float64], sites: NDArray[np.intp], existing: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Put the site farthest from existing ones first, then the one farthest from all before."""
    now = table[np.ix_(sites, existing)].min(axis=1, initial=np.inf)
    if not len(existing):
        # Nothing stands yet: one of the two that are farthest apart comes first.
        own = table[np.ix_(sites, sites)].copy()
        np.fill_diagonal(own, -np.inf)
        now = own.max(axis=1)
    order: list[int] = []
    left = list(range(len(sites)))
    while left:
        a = min(left, key=lambda a: (-now[a], int(costs.rank[sites[a]])))
        left.remove(a)
        if not order and not len(existing):
            now = np.full(len(sites), np.inf)
        now = np.minimum(now, table[sites, sites[a]])
        order.append(int(sites[a]))
    return np.array(order, dtype=np.intp)
