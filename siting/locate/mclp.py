"""Maximal covering (MCLP, 最大覆盖选址): serve as much demand as possible with at most p new sites.

    maximise    sum_i w_i y_i
    subject to  y_i <= sum_{j in N_i} x_j      for every demand row i
                sum_j x_j <= p
                x_j + x_k <= 1                 for candidates too close to each other
                least_z <= sum_{j in z} x_j <= most_z   for zones with a quota
                x_j in {0, 1},  0 <= y_i <= 1
    with        N_i = {j : d_ij <= S}

Church & ReVelle (1974), Papers of the Regional Science Association 32, 101-118.
"""  # fmt: skip

from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from siting.locate.answer import Units, drop_idle, entries_by_candidate, order_by_gain, whole_units
from siting.locate.clock import start_clock
from siting.locate.conditions import ConditionArgs, Conditions, read_conditions
from siting.locate.costs import Costs, read_costs, read_served, read_weight
from siting.locate.covering.best import Best
from siting.locate.covering.reduce import covered, reduce_cover
from siting.locate.covering.search import search
from siting.locate.result import SitingResult
from siting.locate.solver import ReportProgress
from siting.locate.statement import state_answer, was_stopped


def mclp(
    cost: Any,
    weight: Any,
    limit: float,
    p: int,
    *,
    served: Any = None,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    progress: ReportProgress | None = None,
    **conditions: Unpack[ConditionArgs],
) -> SitingResult:
    """Serve as much weight as possible with at most ``p`` new sites.

    Parameters
    ----------
    cost : CostMatrix, or array of shape (n_demand, n_candidates) with ``inf`` where there is no path
    weight : shape (n_demand,), not negative, e.g. residents
    limit : largest cost that is served, in the unit of ``cost``; exactly on the limit is served
    p : most sites to open; sites that would add nothing are not opened, unless a quota needs them
    served : shape (n_demand,), rows that are served already by facilities outside ``cost``
    time_limit_s : for the whole search; the best answer by then is returned with its bound
    mip_gap : stop once the relative gap is proved to be at most this
    progress : called now and then with a `Progress`
    conditions : as in `siting.locate.conditions.read_conditions`:
        ``existing``, candidates that are open already: free, not counted in ``p`` and not among the sites;
        ``required``, those that must be among the sites, which count in ``p``; ``excluded``, those that must not;
        ``too_close``, pairs of which at most one may be open; ``min_spacing_m`` and ``xy``, candidates closer than
        this in a straight line between their points are too close as well; ``zones`` with ``at_least`` and
        ``at_most``, the zone of each candidate, and how many sites it must and may have, existing ones included

    Returns
    -------
    SitingResult whose ``objective`` is all weight served, by existing sites and by ``served`` too. ``gain`` is what
    each site adds in the order of ``order``; together with what is served without any site they add up to the
    objective. Labels settle ties where ``cost`` has labels, else positions.

    ``status`` is "optimal" if no plan serves more: by a bound in whole units, or, with quotas or spacing, by the
    solver's complete search, whose arithmetic is trusted to `siting.locate.covering.search.RESOLUTION`. Weights that
    are no whole thousandths are rounded to a unit of 2**-50 of their total for the search; the objective is the exact
    sum of the caller's weights.

    Ctrl-C returns the best plan so far with its bound, and ``parameters["interrupted"]``; so does the time limit.

    Raises
    ------
    InputError
        Costs, weights, ``p`` or conditions that cannot be used.
    InfeasibleError
        More required sites than ``p``, required sites too close to each other, or quotas that cannot be met with
        ``p`` sites and the spacing.
    """
    clock = start_clock(time_limit_s, mip_gap, seed, progress)
    costs = read_costs(cost)
    units = whole_units(read_weight(weight, costs))
    read = read_conditions(costs, p=p, **conditions)
    before = read_served(served, costs) | covered(costs, limit, read.existing)
    open_rows = ~(before | covered(costs, limit, read.required))
    instance = reduce_cover(costs, limit, units.units, read, open_rows, must_serve_all=False)
    best = Best(clock, instance, int(units.units[~open_rows].sum()), units.per_weight)
    most = int(p) - len(read.required)
    stopped = was_stopped(lambda: search(instance, most, best, n_required=len(read.required)), lambda: best.has_plan)
    return cover_answer("mclp", costs, units, limit, read, before, best, interrupted=stopped)


def cover_answer(
    model: str,
    costs: Costs,
    units: Units,
    limit: float,
    conditions: Conditions,
    before: NDArray[np.bool_],
    best: Best,
    **more: Any,
) -> SitingResult:
    """State the best plan with values recomputed from the costs."""
    chosen = np.concatenate([conditions.required, best.instance.candidates[best.columns]])
    serves = entries_by_candidate(costs, limit, ~before)
    sites = drop_idle(costs, serves, chosen, units.units, conditions)
    order, newly = order_by_gain(costs, serves, sites, units.units)
    served = before | covered(costs, limit, sites)
    objective, bound = units.value(served), best.base + best.bound
    proved = int(units.units[served].sum()) >= bound
    return state_answer(
        model, costs, conditions, best.clock, sites, aim="most", objective=objective,
        bound=objective if proved else units.upper(bound), proved=proved, limit=limit,
        assignment=costs.assign(np.concatenate([conditions.existing, sites]), limit), order=order,
        gain=[units.value(_mask(rows, costs.n_demand)) for rows in newly],
        weight_total=units.value(np.ones(costs.n_demand, dtype=bool)), served_before=units.value(before),
        weights_exact=units.exact, proof=best.proof, **more,
    )  # fmt: skip


def _mask(rows: NDArray[np.int64], n: int) -> NDArray[np.bool_]:
    mask = np.zeros(n, dtype=bool)
    mask[rows] = True
    return mask
