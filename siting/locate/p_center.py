"""p-center (p-中心选址): the least worst cost from any demand row to its nearest site, with exactly p new sites.

    minimise    r
    subject to  sum_{j : d_ij <= r} x_j >= 1   for every demand row i
                sum_j x_j = p
                x_j + x_k <= 1                 for candidates too close to each other
                least_z <= sum_{j in z} x_j <= most_z   for zones with a quota
                x_j in {0, 1}

``r`` is one of the costs, so each step asks whether one of them can be reached.

Hakimi (1964), Operations Research 12, 450-459; Minieka (1970), SIAM Review 12, 138-139.
"""

from typing import Any, Unpack

import numpy as np

from siting.locate.bracket import Bracket
from siting.locate.center.instance import NEVER, make_center
from siting.locate.center.order import worst_off_first
from siting.locate.center.search import CenterSearch
from siting.locate.center.start import reach_somehow
from siting.locate.choice import first_choice, read_choice
from siting.locate.clock import start_clock
from siting.locate.conditions import ConditionArgs, read_conditions, read_p, refuse_unreached
from siting.locate.costs import read_costs
from siting.locate.result import SitingResult
from siting.locate.solver import ReportProgress
from siting.locate.statement import state_answer, was_stopped


def p_center(
    cost: Any,
    p: int,
    *,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    progress: ReportProgress | None = None,
    **conditions: Unpack[ConditionArgs],
) -> SitingResult:
    """Open exactly ``p`` new sites so that whoever is worst off has the least cost to the nearest site.

    Parameters
    ----------
    cost : CostMatrix, or array of shape (n_demand, n_candidates) with ``inf`` where there is no path; it need not be
        symmetric. Every row counts, whoever lives there: leave out rows that should not
    p : sites to open, required ones included
    time_limit_s, mip_gap, seed, progress : as in `mclp`
    conditions : ``existing``, ``required``, ``excluded``, ``too_close``, ``min_spacing_m``, ``xy``, ``zones``,
        ``at_least``, ``at_most``, as in `siting.locate.conditions.read_conditions`

    Returns
    -------
    SitingResult whose ``objective`` is the worst cost of any row to its nearest existing or new site, in the unit of
    ``cost``, and ``bound`` a lower one. ``order`` opens in turn the site of whoever is worst off; ``gain`` is what each
    takes off the worst cost, from the largest cost to any site of the plan where nothing is open yet.

    Raises
    ------
    InputError
        Costs, ``p`` or conditions that cannot be used.
    InfeasibleError
        Demand that no site can reach, too small a ``p`` for all demand to be reached, contrary conditions.
    SolverError
        No plan was found within ``time_limit_s``.
    """
    clock = start_clock(time_limit_s, mip_gap, seed, progress)
    costs = read_costs(cost)
    read = read_conditions(costs, p=p, **conditions)
    choice = read_choice(costs, read, read_p(p, costs.n_candidates))
    open_anyway = np.concatenate([read.existing, read.required]).astype(np.intp)
    center = make_center(costs, choice, open_anyway)
    lost = center.ids[(center.base == NEVER) & (np.diff(center.row_start) == 0)]
    refuse_unreached("p_center", costs, np.sort(lost))
    is_open = first_choice("p_center", choice, len(read.required), clock)
    if choice.is_free:
        is_open = center.pad(np.zeros_like(is_open))
    is_open = reach_somehow(center, is_open, len(read.required), clock, costs)
    fixed = center.base[np.diff(center.row_start) == 0]
    high = int(center.nearest(is_open).max())
    bracket = Bracket(
        values=np.asarray(costs.stated(center.values.astype(np.float64))), low=min(int(fixed.max(initial=0)), high),
        high=high, is_open=is_open, clock=clock,
    )  # fmt: skip
    search = CenterSearch(center, bracket)
    stopped = was_stopped(search.run)
    sites = np.sort(np.concatenate([read.required, choice.columns[bracket.is_open]])).astype(np.intp)
    assignment = costs.assign(np.concatenate([read.existing, sites]))
    order, gain = worst_off_first(costs, read, sites)
    return state_answer(
        "p_center", costs, read, clock, sites, aim="least", assignment=assignment,
        objective=float(costs.stated(costs.to_assigned(assignment).max())),
        bound=float(bracket.values[bracket.low]), proved=bracket.low >= bracket.high,
        order=order, gain=gain, interrupted=stopped, proof=search.proof,
    )  # fmt: skip
