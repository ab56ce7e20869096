"""Facility location with opening cost (UFLP, 无容量限制设施选址): opening and serving together cost least.

    minimise    sum_j f_j x_j + sum_i w_i sum_j d_ij y_ij
    subject to  sum_j y_ij = 1                 for every demand row i
                y_ij <= x_j
                sum_j x_j <= p                 if p is given
                x_j + x_k <= 1                 for candidates too close to each other
                least_z <= sum_{j in z} x_j <= most_z   for zones with a quota
                x_j in {0, 1},  0 <= y_ij

Cornuejols, Nemhauser & Wolsey (1990), in Mirchandani & Francis, Discrete Location Theory, 119-171.
"""

from typing import Any, Unpack

from siting.locate.clock import start_clock
from siting.locate.conditions import ConditionArgs, read_conditions
from siting.locate.costs import read_by_candidate, read_costs, read_weight
from siting.locate.median.answer import solve_median
from siting.locate.result import SitingResult
from siting.locate.solver import ReportProgress


def facility_location(
    cost: Any,
    weight: Any,
    fixed_cost: Any,
    p: int | None = None,
    *,
    unassigned_cost: float | None = None,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    progress: ReportProgress | None = None,
    **conditions: Unpack[ConditionArgs],
) -> SitingResult:
    """Open new sites so that their opening costs and the weighted cost from demand to its nearest site are least.

    Parameters
    ----------
    cost, weight, unassigned_cost, time_limit_s, mip_gap, seed, progress, conditions : as in `p_median`
    fixed_cost : one for all candidates, or shape (n_candidates,), not negative, in the unit of cost times weight; a
        Series is aligned to labelled costs by its index. Existing sites are free, required ones are paid
    p : most sites to open; None = any number

    Returns
    -------
    SitingResult whose ``objective`` is the sum of both, and ``bound`` a lower one; ``gain`` is what each site takes off
    the cost of serving, as in `p_median`.

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
    prices = read_by_candidate(fixed_cost, costs, "fixed_cost")
    read = read_conditions(costs, p=p, **conditions)
    return solve_median("facility_location", costs, weights, read, clock, unassigned_cost=unassigned_cost, price=prices)
