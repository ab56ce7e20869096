"""Sites with capacities (CFLP, 容量限制设施选址): opening and serving cost least and no site serves more than it can.

    minimise    sum_j f_j x_j + sum_i w_i sum_j d_ij y_ij
    subject to  sum_j y_ij = 1                 for every demand row i
                sum_i w_i y_ij <= Q_j x_j      for every site j
                y_ij <= x_j
                sum_j x_j <= p                 if p is given
                x_j + x_k <= 1                 for candidates too close to each other
                least_z <= sum_{j in z} x_j <= most_z   for zones with a quota
                x_j in {0, 1},  0 <= y_ij,  y_ij in {0, 1} with single_source

A site of several sizes is as many columns, of which at most one may be open, and so is an existing site with upgrades,
of which exactly one is: itself for nothing, or larger at a cost. A row that may stay unassigned has one more place to
go, at its own cost. With ``p`` and without opening costs it is the capacitated p-median (容量限制 p-中值).

Cornuejols, Sridharan & Thizy (1991), European Journal of Operational Research 50, 280-297; Holmberg, Ronnqvist & Yuan
(1999), European Journal of Operational Research 113, 544-559.
"""

from typing import Any, Unpack

import numpy as np

from siting.errors import InputError
from siting.locate.capacity.answer import solve_capacitated
from siting.locate.capacity.versions import read_versions
from siting.locate.clock import start_clock
from siting.locate.conditions import ConditionArgs, read_conditions
from siting.locate.costs import read_costs, read_weight
from siting.locate.result import SitingResult
from siting.locate.solver import ReportProgress


def capacitated(
    cost: Any,
    weight: Any,
    capacity: Any,
    fixed_cost: Any = None,
    p: int | None = None,
    single_source: bool = False,
    *,
    sizes: Any = None,
    upgrades: Any = None,
    unassigned_cost: float | None = None,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    progress: ReportProgress | None = None,
    **conditions: Unpack[ConditionArgs],
) -> SitingResult:
    """Open new sites so that opening costs and weighted cost are least, and no site serves more than its capacity.

    Parameters
    ----------
    cost, weight, time_limit_s, mip_gap, seed, progress, conditions : as in `p_median`
    capacity : most weight that a site can serve, existing ones too: one for all candidates, or shape (n_candidates,),
        ``inf`` = no limit; a Series is aligned to labelled costs by its index
    fixed_cost : as in `facility_location`; None = opening costs nothing
    p : most sites to open; None = any number
    single_source : whether each row is served by one site; else it may be split between sites
    sizes : what a new site may be opened as, exactly one of them: rows of (name, capacity, opening cost) for all
        candidates; or by site, as ``{site: rows}``, for some; or a table with columns ``name``, ``capacity``, ``cost``
        and, if it is by site, ``site``. Sites with sizes need no ``capacity`` and ``fixed_cost``, which may be None if
        all have. Counts, quotas and spacing see a site once, whatever its size
    upgrades : rows of (existing site, name, capacity after, cost), or a table with columns ``site``, ``name``,
        ``capacity``, ``cost``: an existing site stays as it is, for nothing, or takes one of its upgrades at its cost
    unassigned_cost : what one unit of weight costs, in the unit of ``cost``, that stays unassigned; None = all weight
        must be served

    Returns
    -------
    SitingResult whose ``objective`` is the sum of both costs, and ``bound`` a lower one. ``flows`` is the sparse table,
    demand row by candidate, of the weight that each site serves; ``assignment`` the site that serves most of a row, -1
    where nothing of it is served; ``gain`` the weight that each new site serves, largest first. Weights are carried as
    whole thousandths (other weights as finer units): loads and what stays unassigned add up to the demand.
    ``parameters`` holds ``loads`` and ``capacities`` by site (None = no limit), and with sizes or upgrades the ``size``
    of each new site, the existing sites that are ``upgraded`` and to what, and ``upgrade_cost``.

    ``status`` is "optimal" if no plan costs less: to the unit where rows go as a whole and costs are whole multiples of
    some unit, else within the tolerance of the solver, a share of 1e-6 of the objective.

    Raises
    ------
    InputError
        Costs, weights, capacities, ``p`` or conditions that cannot be used.
    InfeasibleError
        Demand that no site can reach, too little capacity, too small a ``p``, contrary conditions.
    SolverError
        No plan was found within ``time_limit_s``.
    """
    clock = start_clock(time_limit_s, mip_gap, seed, progress)
    costs = read_costs(cost)
    weights = read_weight(weight, costs)
    single = read_switch(single_source, "single_source")
    read = read_conditions(costs, p=p, **conditions)
    versions = read_versions(costs, capacity, fixed_cost, sizes, upgrades, read)
    return solve_capacitated(costs, weights, versions, read, clock, single=single, unassigned_cost=unassigned_cost)


def read_switch(given: Any, name: str) -> bool:
    """Check a yes or no."""
    if not isinstance(given, bool | np.bool_):
        msg = f"{name} is {given!r}, expected True or False"
        raise InputError(msg)
    return bool(given)
