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

import math
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import InfeasibleError, SolverError
from siting.locate.answer import state_parameters
from siting.locate.bracket import Bracket
from siting.locate.center.instance import NEVER, Center, make_center
from siting.locate.center.search import CenterSearch
from siting.locate.choice import first_choice, read_choice
from siting.locate.clock import Clock, start_clock
from siting.locate.conditions import ConditionArgs, Conditions, read_conditions, read_p
from siting.locate.costs import Costs, read_costs
from siting.locate.median.answer import nearest_cost
from siting.locate.result import SitingResult
from siting.locate.solver import ReportProgress, minimise, solver_version

_NAMED = 10


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
    _refuse_unreachable(costs, center)
    is_open = first_choice("p_center", choice, len(read.required), clock)
    if choice.is_free:
        is_open = center.pad(np.zeros_like(is_open))
    is_open = _reach_somehow(center, is_open, len(read.required), clock, costs)
    values = center.values.astype(np.float64) / (1000.0 if costs.whole else 1.0)
    fixed = center.base[np.diff(center.row_start) == 0]
    bracket = Bracket(
        values=values, low=int(fixed.max(initial=0)), high=int(center.nearest(is_open).max()), is_open=is_open,
        clock=clock,
    )  # fmt: skip
    bracket.low = min(bracket.low, bracket.high)
    search = CenterSearch(center, bracket)
    stopped = False
    try:
        search.run()
    except KeyboardInterrupt:
        stopped = True
    return _answer(costs, read, clock, center, search, stopped)


def _refuse_unreachable(costs: Costs, center: Center) -> None:
    lost = np.flatnonzero((center.base == NEVER) & (np.diff(center.row_start) == 0))
    if len(lost):
        named = ", ".join(str(label) for label in costs.rows[lost[:_NAMED]])
        msg = (
            f"p_center: {len(lost)} of {costs.n_demand} demand rows are reached by no site that may be open"
            f"{_cutoff(costs)} ({named}{', …' if len(lost) > _NAMED else ''}). Raise the cutoff, add candidates "
            "there, or drop these rows"
        )
        raise InfeasibleError(msg)


def _cutoff(costs: Costs) -> str:
    return f" within the cutoff of {costs.cutoff:g} {costs.unit}" if np.isfinite(costs.cutoff) else ""


def _reach_somehow(
    center: Center, is_open: NDArray[np.bool_], n_required: int, clock: Clock, costs: Costs
) -> NDArray[np.bool_]:
    """Return a plan that reaches every row at some cost; the one given if it does."""
    if center.nearest(is_open).max() < NEVER:
        return is_open
    choice = center.choice
    m, k = choice.n_columns, choice.k
    rows = np.flatnonzero(center.base == NEVER)
    index = np.arange(len(center.row_column))
    reach = sparse.csr_array(
        (np.ones(len(index)), center.row_column.astype(np.int64), center.row_start), (center.n_rows, m)
    )[rows]
    matrix, lower, upper = choice.rows()
    parts = sparse.csr_array(sparse.vstack([reach, matrix, sparse.csr_array(np.ones((1, m)))], format="csr"))
    lows, highs = np.append(np.ones(len(rows)), lower), np.append(np.full(len(rows), np.inf), upper)
    # Fewest first: a smaller plan that reaches all tells which p would do.
    answer = minimise(
        np.ones(m), parts, np.append(lows, -np.inf), np.append(highs, np.inf),
        col_lower=np.zeros(m), col_upper=np.ones(m), integral=np.ones(m, dtype=bool),
        time_limit_s=max(0.1, clock.left_s), seed=clock.seed,
    )  # fmt: skip
    if answer.status == "infeasible":
        msg = (
            f"p_center: no choice of sites reaches all {costs.n_demand} demand rows{_cutoff(costs)} within spacing and "
            "quotas; lower the spacing or a quota, or raise the cutoff"
        )
        raise InfeasibleError(msg)
    fewest = math.ceil(answer.bound - 1e-4) if np.isfinite(answer.bound) else 0
    if fewest > k:
        exact = answer.x is not None and answer.status == "optimal"
        msg = (
            f"p_center: to reach all {costs.n_demand} demand rows{_cutoff(costs)} needs {fewest + n_required} sites, "
            f"but p is {k + n_required}; p = {fewest + n_required} {'would' if exact else 'or more may'} work"
        )
        raise InfeasibleError(msg)
    if choice.is_free and answer.x is not None and (answer.x > 0.5).sum() <= k:
        return center.pad(answer.x > 0.5)
    answer = minimise(
        np.zeros(m), parts, np.append(lows, k), np.append(highs, k),
        col_lower=np.zeros(m), col_upper=np.ones(m), integral=np.ones(m, dtype=bool),
        time_limit_s=max(0.1, clock.left_s), seed=clock.seed,
    )  # fmt: skip
    if answer.x is None:
        if answer.status == "infeasible":
            msg = (
                f"p_center: exactly {k + n_required} sites cannot reach all {costs.n_demand} demand rows within "
                f"spacing and quotas; p = {fewest + n_required} would work"
            )
            raise InfeasibleError(msg)
        msg = f"p_center: no plan after {clock.time_limit_s:g} s; raise time_limit_s"
        raise SolverError(msg)
    return answer.x > 0.5


def _answer(
    costs: Costs, conditions: Conditions, clock: Clock, center: Center, search: CenterSearch, stopped: bool
) -> SitingResult:
    bracket = search.bracket
    sites = np.sort(np.concatenate([conditions.required, center.choice.columns[bracket.is_open]])).astype(np.intp)
    every = np.concatenate([conditions.existing, sites])
    assignment = costs.assign(every)
    worst = float(nearest_cost(costs, assignment).max())
    objective = worst / 1000 if costs.whole else worst
    proved = bracket.low >= bracket.high
    order, gain = _order(costs, conditions, sites)
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
        model="p_center",
        sites=sites,
        site_ids=costs.label(sites),
        assignment=assignment,
        objective=objective,
        bound=objective if proved else min(objective, float(bracket.values[bracket.low])),
        status="optimal" if proved else "feasible",
        seconds=clock.seconds,
        order=order,
        gain=gain,
        parameters=parameters,
    )


def _order(
    costs: Costs, conditions: Conditions, sites: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Open in turn the site of whoever is worst off, the one of least worst cost first; say what each takes off it."""
    every = np.concatenate([conditions.existing, sites])
    entry = np.flatnonzero(np.isin(costs.indices, every))
    row, column, cost = costs.row_of_entry()[entry], costs.indices[entry], costs.cost[entry].astype(np.float64)
    now = np.full(costs.n_demand, float(cost.max(initial=0.0)))
    standing = np.isin(column, conditions.existing)
    np.minimum.at(now, row[standing], cost[standing])
    ends = np.argsort(column, kind="stable")
    parts = {int(j): ends[slice(*np.searchsorted(column[ends], [j, j + 1]))] for j in sites}
    by_row = np.lexsort((costs.rank[column], cost, row))
    first = np.searchsorted(row[by_row], np.arange(costs.n_demand + 1))
    left = set(parts)
    order: list[int] = []
    gains: list[float] = []
    while left:
        worst = int(np.argmax(now))
        near = [j for j in column[by_row[first[worst] : first[worst + 1]]].tolist() if j in left]
        if not order and not len(conditions.existing):
            near = sorted(left, key=lambda j: (_worst_after(now, row, cost, parts[j]), int(costs.rank[j])))
        j = near[0] if near else min(left, key=lambda j: int(costs.rank[j]))
        before = float(now.max())
        part = parts[j]
        now[row[part]] = np.minimum(now[row[part]], cost[part])
        gains.append((before - float(now.max())) / (1000.0 if costs.whole else 1.0))
        order.append(j)
        left.remove(j)
    return np.array(order, dtype=np.intp), np.array(gains, dtype=np.float64)


def _worst_after(
    now: NDArray[np.float64], row: NDArray[np.int64], cost: NDArray[np.float64], part: NDArray[np.intp]
) -> float:
    after = now.copy()
    after[row[part]] = np.minimum(after[row[part]], cost[part])
    return float(after.max())
