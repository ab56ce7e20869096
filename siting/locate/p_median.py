"""p-median (p-中值选址): the least weighted cost from all demand to its nearest site, with at most p new sites.

    minimise    sum_i w_i sum_j d_ij y_ij
    subject to  sum_j y_ij = 1                 for every demand row i
                y_ij <= x_j
                sum_j x_j <= p
                x_j + x_k <= 1                 for candidates too close to each other
                least_z <= sum_{j in z} x_j <= most_z   for zones with a quota
                x_j in {0, 1},  0 <= y_ij

A row that may stay unassigned has one more place to go, at its own cost.

Hakimi (1964), Operations Research 12, 450-459; ReVelle & Swain (1970), Geographical Analysis 2, 30-42.
"""

from typing import Any, Unpack

from siting.locate.clock import start_clock
from siting.locate.conditions import ConditionArgs, read_conditions
from siting.locate.costs import read_costs, read_weight
from siting.locate.median.answer import solve_median
from siting.locate.result import SitingResult
from siting.locate.solver import ReportProgress


def p_median(
    cost: Any,
    weight: Any,
    p: int,
    *,
    unassigned_cost: float | None = None,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    progress: ReportProgress | None = None,
    **conditions: Unpack[ConditionArgs],
) -> SitingResult:
    """Open at most ``p`` new sites so that the weighted cost from demand to its nearest site is least.

    Parameters
    ----------
    cost : CostMatrix, or array of shape (n_demand, n_candidates) with ``inf`` where there is no path; it need not be
        symmetric
    weight : shape (n_demand,), not negative, e.g. residents; rows of weight 0 play no part
    p : most sites to open; sites that would save nothing are not opened
    unassigned_cost : what a row costs, in the unit of ``cost``, that stays unassigned; a row stays so where every open
        site is farther than that, or out of reach. None = every row with weight must be reached
    time_limit_s, mip_gap, seed, progress : as in `mclp`
    conditions : ``existing``, ``required``, ``excluded``, ``too_close``, ``min_spacing_m``, ``xy``, ``zones``,
        ``at_least``, ``at_most``, as in `siting.locate.conditions.read_conditions`

    Returns
    -------
    SitingResult whose ``objective`` is the weighted cost, e.g. person-metres, of all demand to existing and new sites,
    and ``bound`` a lower one. ``gain`` is what each site takes off it in the order of ``order``; where nothing is open
    yet, a row counts at ``unassigned_cost``, else at the largest cost to any site of the plan.

    ``status`` is "optimal" if no plan costs less. Where costs times weights are whole multiples of some unit that is
    proved to the unit, else to a share of 1e-10 of the objective.

    Raises
    ------
    InputError
        Costs, weights, ``p`` or conditions that cannot be used.
    InfeasibleError
        Demand that no site can reach, too small a ``p`` for all demand to be reached, contrary conditions.
    SolverError
        No plan was found within ``time_limit_s``.
    """
    clock = start_clock(time_limit_s, mip_gap, seed, progress)
    costs = read_costs(cost)
    weights = read_weight(weight, costs)
    read = read_conditions(costs, p=p, **conditions)
    return solve_median("p_median", costs, weights, read, clock, unassigned_cost=unassigned_cost)
