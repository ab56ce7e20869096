"""Maximal covering with capacities (容量限制最大覆盖): serve as much as possible in reach, and no site above capacity.

    maximise    sum_ij w_i y_ij
    subject to  sum_j y_ij <= 1                for every demand row i
                sum_i w_i y_ij <= Q_j x_j      for every site j
                y_ij <= x_j                    only where d_ij <= S
                sum_j x_j <= p                 if p is given
                x_j + x_k <= 1                 for candidates too close to each other
                least_z <= sum_{j in z} x_j <= most_z   for zones with a quota
                x_j in {0, 1},  0 <= y_ij,  y_ij in {0, 1} with single_source

A site of several sizes is as many columns, of which at most one may be open.

Current & Storbeck (1988), Environment and Planning B 15, 153-163; Pirkul & Schilling (1991), Management Science 37,
233-248.
"""

from typing import Any, Unpack

from siting.locate.capacitated import read_switch
from siting.locate.capacity.cover import solve_cover
from siting.locate.capacity.versions import read_versions
from siting.locate.clock import start_clock
from siting.locate.conditions import ConditionArgs, read_conditions
from siting.locate.costs import read_costs, read_weight
from siting.locate.result import SitingResult
from siting.locate.solver import ReportProgress


def capacitated_cover(
    cost: Any,
    weight: Any,
    limit: float,
    p: int | None,
    capacity: Any = None,
    *,
    single_source: bool = False,
    sizes: Any = None,
    upgrades: Any = None,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    progress: ReportProgress | None = None,
    **conditions: Unpack[ConditionArgs],
) -> SitingResult:
    """Serve as much weight as possible within the limit by at most ``p`` new sites, none above its capacity.

    Parameters
    ----------
    cost, weight, limit, time_limit_s, mip_gap, seed, progress, conditions : as in `siting.locate.mclp`; existing sites
        are open and free and serve up to their capacity
    p : most sites to open; None = any number
    capacity, single_source, sizes, upgrades : as in `siting.locate.capacitated`. What sizes and upgrades cost does not
        matter for who is served; of those that serve as much, a site takes the cheapest

    Returns
    -------
    SitingResult whose ``objective`` is the weight served, and ``bound`` one that no plan exceeds. ``flows``,
    ``assignment``, ``gain`` and ``parameters`` are as in `siting.locate.capacitated`; of all ways to serve as much from
    the same sites, rows that may be split take the nearest. Weights are carried as whole thousandths (other weights as
    finer units): what is served and what is not add up to the demand.

    Raises
    ------
    InputError
        Costs, weights, capacities, ``p`` or conditions that cannot be used.
    InfeasibleError
        Contrary conditions.
    """
    clock = start_clock(time_limit_s, mip_gap, seed, progress)
    costs = read_costs(cost)
    weights = read_weight(weight, costs)
    single = read_switch(single_source, "single_source")
    read = read_conditions(costs, p=p, **conditions)
    versions = read_versions(costs, capacity, None, sizes, upgrades, read)
    return solve_cover(costs, weights, float(limit), versions, read, clock, single=single)
