"""Location set covering (LSCP, 集合覆盖选址): serve everybody within the limit with the fewest new sites.

    minimise    sum_j c_j x_j                  c_j = 1, or the cost of the site
    subject to  sum_{j in N_i} x_j >= 1        for every demand row i
                x_j + x_k <= 1                 for candidates too close to each other
                least_z <= sum_{j in z} x_j <= most_z   for zones with a quota
                x_j in {0, 1}
    with        N_i = {j : d_ij <= S}

Toregas, Swain, ReVelle & Bergman (1971), Operations Research 19, 1363-1373.
"""

import math
from typing import Any, Literal, Unpack

import numpy as np
from numpy.typing import NDArray

from siting.errors import InfeasibleError, InputError, SolverError
from siting.locate.answer import drop_idle, entries_by_candidate, order_by_gain, whole_units
from siting.locate.clock import Clock, start_clock
from siting.locate.conditions import ConditionArgs, read_conditions
from siting.locate.costs import Costs, read_by_candidate, read_costs, read_served, read_weight
from siting.locate.covering.cheapest import Cheapest, search_cheapest
from siting.locate.covering.prices import whole_prices
from siting.locate.covering.reduce import covered, reduce_cover
from siting.locate.mclp import mclp
from siting.locate.result import SitingResult
from siting.locate.solver import ReportProgress
from siting.locate.statement import state_answer, was_stopped

_NAMED = 10


def lscp(
    cost: Any,
    limit: float,
    *,
    weight: Any = None,
    site_cost: Any = None,
    served: Any = None,
    serve: Literal["all", "reachable"] = "all",
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    progress: ReportProgress | None = None,
    **conditions: Unpack[ConditionArgs],
) -> SitingResult:
    """Serve every demand row within ``limit`` with the fewest new sites, or at least cost.

    Parameters
    ----------
    cost : CostMatrix, or array of shape (n_demand, n_candidates) with ``inf`` where there is no path
    limit : largest cost that is served, in the unit of ``cost``; exactly on the limit is served
    weight : shape (n_demand,); only states gains and, with ``serve="reachable"``, what is worth most; 1 a row if None
    site_cost : one number, or shape (n_candidates,), 0 or more; a Series is aligned to labelled costs. The objective
        is then what the new sites cost together, required ones included; existing ones are free. Decimals count as they
        are written: 0.1 + 0.2 is 0.3. None = the number of new sites counts
    served : shape (n_demand,), rows that are served already by facilities outside ``cost``
    serve : "all" refuses if a row cannot be served; "reachable" leaves such rows out and lists them in
        ``parameters["not_served"]``. Where spacing or quotas keep rows that can be served one by one from being served
        together, it first serves as much weight as possible, and then counts the sites for exactly those rows
    conditions : as in `mclp`; existing sites are not counted

    Returns
    -------
    SitingResult whose ``objective`` is the number of new sites, required ones included, or their cost. ``gain`` is the
    weight that each site adds in the order of ``order``. "optimal" = no fewer sites, or less money, can do it, proved.
    Ctrl-C returns the best plan so far with its bound, and ``parameters["interrupted"]``; so does the time limit.

    Raises
    ------
    InfeasibleError
        Some demand cannot be served; the message lists it, and the smallest limit that would work if the costs tell.
    SolverError
        No answer was found within ``time_limit_s``.
    """
    clock = start_clock(time_limit_s, mip_gap, seed, progress)
    if serve not in ("all", "reachable"):
        msg = f"serve is {serve!r}, expected 'all' or 'reachable'"
        raise InputError(msg)
    costs = read_costs(cost)
    units = whole_units(read_weight(np.ones(costs.n_demand) if weight is None else weight, costs))
    money = np.ones(costs.n_candidates) if site_cost is None else read_by_candidate(site_cost, costs, "site_cost")
    prices = whole_prices(money, 1, costs)
    read = read_conditions(costs, **conditions)
    before = read_served(served, costs) | covered(costs, limit, read.existing)
    usable = np.union1d(np.flatnonzero(read.choosable), read.required).astype(np.intp)
    reachable = before | covered(costs, limit, usable)
    if serve == "all" and not reachable.all():
        raise InfeasibleError(_unreachable(costs, limit, reachable, usable))
    wanted = reachable
    if serve == "reachable" and (len(read.too_close) or read.quotas) and reachable.any():
        wanted = _worth_serving(cost, costs, units.weight, limit, conditions, before, reachable, clock)
    open_rows = wanted & ~before & ~covered(costs, limit, read.required)
    instance = reduce_cover(
        costs, limit, units.units, read, open_rows, must_serve_all=True,
        price=None if site_cost is None else prices.price,
    )  # fmt: skip
    best = Cheapest(
        clock, instance, prices.price[instance.candidates], int(prices.price[read.required].sum()), prices.per_whole
    )
    stopped = was_stopped(lambda: search_cheapest(best, read), lambda: best.has_plan)
    if not best.has_plan:
        msg = f"LSCP: no answer after {time_limit_s:g} s; raise time_limit_s, or lower the spacing"
        raise SolverError(msg)
    serves = entries_by_candidate(costs, limit, wanted & ~before)
    sites = np.concatenate([read.required, instance.candidates[best.columns]])
    sites = drop_idle(costs, serves, sites, np.ones(costs.n_demand, dtype=np.int64), read)
    served_after = before | covered(costs, limit, sites)
    if not served_after[wanted].all():
        msg = f"LSCP: the answer leaves {int((wanted & ~served_after).sum())} rows unserved, a fault of the search"
        raise SolverError(msg)
    order, newly = order_by_gain(costs, entries_by_candidate(costs, limit, ~before), sites, units.units)
    proved = int(prices.price[sites].sum()) <= best.paid + best.bound
    # Decimals too fine to be carried are off by half a unit each at most.
    blur = 0.0 if prices.exact else 0.5 * costs.n_candidates
    return state_answer(
        "lscp", costs, read, clock, sites, aim="least",
        objective=prices.spent(sites) if prices.exact else math.fsum(money[sites]),
        bound=max(0.0, best.paid + best.bound - blur) / prices.per_whole, proved=proved, limit=limit,
        assignment=costs.assign(np.concatenate([read.existing, sites]), limit), order=order,
        gain=[math.fsum(units.weight[rows]) for rows in newly], interrupted=stopped, serve=serve,
        site_cost_exact=prices.exact, not_served=tuple(costs.rows[~served_after].tolist()),
        weight_total=math.fsum(units.weight), weight_served=math.fsum(units.weight[served_after]),
    )  # fmt: skip


def _worth_serving(
    cost: Any, costs: Costs, weight: NDArray[np.float64], limit: float, given: ConditionArgs,
    before: NDArray[np.bool_], reachable: NDArray[np.bool_], clock: Clock,
) -> NDArray[np.bool_]:  # fmt: skip
    """Return the rows to serve where conditions keep some reachable ones out: those of greatest weight."""
    # A row of weight 0 is still worth more than nothing.
    worth = np.where(reachable, np.where(weight > 0, weight, weight[weight > 0].min(initial=1.0) * 1e-3), 0.0)
    most = mclp(
        cost,
        worth,
        limit,
        costs.n_candidates,
        served=before,
        time_limit_s=clock.time_limit_s / 3,
        seed=clock.seed,
        **given,
    )
    existing = read_conditions(costs, **given).existing
    return before | covered(costs, limit, np.concatenate([existing, most.sites]))


def _unreachable(costs: Costs, limit: float, reachable: NDArray[np.bool_], usable: NDArray[np.intp]) -> str:
    """Say which rows no candidate serves, and what would work."""
    rows = np.flatnonzero(~reachable)
    nearest = np.full(costs.n_demand, np.inf)
    is_usable = np.zeros(costs.n_candidates, dtype=bool)
    is_usable[usable] = True
    keep = is_usable[costs.indices]
    np.minimum.at(nearest, costs.row_of_entry()[keep], costs.cost[keep].astype(np.float64))
    worst = float(nearest[rows].max())
    shown = ", ".join(str(label) for label in costs.rows[rows[:_NAMED]])
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    if np.isfinite(worst):
        works = f"the smallest limit that would work is {worst / 1000 if costs.whole else worst:g}"
    elif np.isfinite(costs.cutoff):
        works = f"some have no candidate within the cutoff of {costs.cutoff:g} {costs.unit} at all"
    else:
        works = f"{int(np.isinf(nearest[rows]).sum())} of them have no path to any candidate at any limit"
    return (
        f"{len(rows)} of {costs.n_demand} demand rows have no usable candidate within {limit:g}"
        f"{' ' + costs.unit if costs.unit else ''}: {shown}{more}; {works}. Add candidates near them, raise the limit, "
        'or use serve="reachable" to leave them out'
    )
