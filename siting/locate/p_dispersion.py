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

from siting.errors import InputError
from siting.locate.bracket import Bracket
from siting.locate.choice import first_choice, read_choice
from siting.locate.clock import start_clock
from siting.locate.conditions import ConditionArgs, read_conditions, read_p
from siting.locate.dispersion.instance import make_dispersion, read_distances
from siting.locate.dispersion.order import farthest_first, nearest_open
from siting.locate.dispersion.search import DispersionSearch
from siting.locate.result import SitingResult
from siting.locate.solver import ReportProgress
from siting.locate.statement import state_answer, was_stopped


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
    values = np.asarray(costs.stated(problem.values))
    bracket = Bracket(
        values=values, low=problem.fixed, high=problem.level(is_open), is_open=is_open, clock=clock, sign=-1.0
    )
    search = DispersionSearch(problem, bracket)
    stopped = was_stopped(search.run)
    sites = np.sort(np.concatenate([read.required, choice.columns[bracket.is_open]])).astype(np.intp)
    every = np.concatenate([sites, read.existing]).astype(np.intp)
    objective = float(costs.stated(table[np.ix_(sites, every)].min()))
    if math.isinf(objective) and np.isfinite(costs.cutoff):
        msg = (
            f"{len(sites)} sites can be more than the cutoff of {costs.cutoff:g} {costs.unit} apart, and distance does "
            "not tell by how much; compute it again with a larger cutoff, or raise p"
        )
        raise InputError(msg)
    return state_answer(
        "p_dispersion", costs, read, clock, sites, aim="most", objective=objective,
        bound=-float(bracket.values[bracket.low]), proved=bracket.low >= bracket.high,
        assignment=nearest_open(costs, table, every), order=farthest_first(costs, table, sites, read.existing),
        interrupted=stopped, proof=search.proof,
    )  # fmt: skip
