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

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InputError
from siting.locate.clock import start_clock
from siting.locate.conditions import ConditionArgs, read_conditions
from siting.locate.cover import Costs, read_costs, read_weight
from siting.locate.median_answer import solve_median
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
    prices = read_fixed_cost(fixed_cost, costs)
    read = read_conditions(costs, p=p, **conditions)
    return solve_median("facility_location", costs, weights, read, clock, unassigned_cost=unassigned_cost, price=prices)


def read_fixed_cost(fixed_cost: Any, costs: Costs) -> NDArray[np.float64]:
    """Check opening costs: one, or one a candidate, finite and not negative.

    Raises
    ------
    InputError
        Wrong length, ids that do not match, NaN, infinite or negative costs.
    """
    if isinstance(fixed_cost, pd.Series) and costs.labelled:
        missing = costs.columns.difference(fixed_cost.index)
        if len(missing):
            msg = f"fixed_cost: {len(missing)} of {costs.n_candidates} candidates have none (first {list(missing[:3])})"
            raise InputError(msg)
        fixed_cost = fixed_cost.reindex(costs.columns)
    try:
        values = np.asarray(fixed_cost, dtype=np.float64)
    except (TypeError, ValueError) as error:
        msg = f"fixed_cost cannot be read as numbers: {error}"
        raise InputError(msg) from None
    if values.ndim == 0:
        values = np.full(costs.n_candidates, float(values))
    if values.shape != (costs.n_candidates,):
        msg = f"fixed_cost has shape {values.shape}, expected one number, or one for each of {costs.n_candidates} sites"
        raise InputError(msg)
    bad = ~(np.isfinite(values) & (values >= 0))
    if bad.any():
        ids = costs.columns[bad][:3].tolist()
        msg = f"fixed_cost: {int(bad.sum())} of {len(values)} are NaN, infinite or negative (candidates {ids})"
        raise InputError(msg)
    return values
