"""Backup coverage (BACOP1, 备用覆盖选址): among the cheapest full covers, the one that covers most weight twice.

    maximise    sum_i w_i u_i
    subject to  sum_{j in N_i} x_j >= 1 + u_i  for every demand row i (existing sites in N_i count as open)
                sum_j x_j <= p*                the fewest sites that cover all rows, from `lscp`
                x_j + x_k <= 1                 for candidates too close to each other
                least_z <= sum_{j in z} x_j <= most_z   for zones with a quota
                x_j in {0, 1},  0 <= u_i <= 1
    with        N_i = {j : d_ij <= S}

Hogan & ReVelle (1986), Management Science 32, 1434-1444.
"""

import math
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.answer import entries_by_candidate, order_by_gain, state_parameters, whole_units
from siting.locate.clock import Clock, start_clock
from siting.locate.conditions import ConditionArgs, Conditions, read_conditions
from siting.locate.costs import Costs, read_costs, read_weight
from siting.locate.covering.quota_start import condition_rows
from siting.locate.covering.reduce import Instance, merge_rows
from siting.locate.covering.search import RESOLUTION
from siting.locate.lscp import lscp
from siting.locate.result import SitingResult
from siting.locate.solver import ReportProgress, minimise, solver_version
from siting.locate.zone_counts import zone_counts


def backup_coverage(
    cost: Any,
    limit: float,
    weight: Any = None,
    *,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    progress: ReportProgress | None = None,
    **conditions: Unpack[ConditionArgs],
) -> SitingResult:
    """Cover every demand row with the fewest new sites, and as much weight as possible at least twice.

    Parameters
    ----------
    cost, limit, time_limit_s, mip_gap, seed, progress : as in `lscp`
    weight : shape (n_demand,), not negative, e.g. residents; 1 a row if None
    conditions : as in `mclp`; existing sites are free and count as covering, required ones are among the fewest

    Returns
    -------
    SitingResult whose ``objective`` is the weight that at least two open sites reach, existing ones included, and
    ``bound`` an upper one. ``parameters["fewest_sites"]`` is the number of sites; ``parameters["fewest_proved"]`` says
    whether no fewer can cover all: if not, the bound still holds for any full cover with at most so many. ``gain`` is
    the weight that each site newly covers once, in the order of ``order``.

    Raises
    ------
    InputError
        Costs, weights or conditions that cannot be used.
    InfeasibleError
        Some demand cannot be covered; the message lists it, and the smallest limit that would work.
    SolverError
        No full cover was found within ``time_limit_s``.
    """
    clock = start_clock(time_limit_s, mip_gap, seed, progress)
    costs = read_costs(cost)
    units = whole_units(read_weight(np.ones(costs.n_demand) if weight is None else weight, costs))
    read = read_conditions(costs, **conditions)
    fewest = lscp(cost, limit, weight=weight, time_limit_s=time_limit_s / 2, seed=seed, **conditions)
    found = _search(costs, limit, units.units, read, fewest.sites, clock, units.per_weight)
    sites = found.sites
    twice = _times(costs, limit, np.concatenate([read.existing, sites])) >= 2
    objective = units.value(twice)
    best = int(units.units[twice].sum()) >= found.bound
    before = _times(costs, limit, read.existing) > 0
    order, newly = order_by_gain(costs, entries_by_candidate(costs, limit, ~before), sites, units.units)
    return SitingResult(
        model="backup_coverage",
        sites=sites,
        site_ids=costs.label(sites),
        assignment=costs.assign(np.concatenate([read.existing, sites]), limit),
        objective=objective,
        bound=objective if best else max(objective, units.upper(found.bound)),
        status="optimal" if best and fewest.status == "optimal" else "feasible",
        seconds=clock.seconds,
        order=order,
        gain=np.array([math.fsum(units.weight[rows]) for rows in newly], dtype=np.float64),
        parameters=state_parameters(
            costs,
            read,
            limit,
            fewest_sites=len(fewest.sites),
            fewest_bound=int(fewest.bound),
            fewest_proved=fewest.status == "optimal",
            weight_total=units.value(np.ones(costs.n_demand, dtype=bool)),
            weights_exact=units.exact,
            interrupted=found.interrupted,
            solver=solver_version(),
            seed=clock.seed,
            time_limit_s=clock.time_limit_s,
        ),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """Sites, a bound on the weight covered twice in units, and whether Ctrl-C ended the search."""

    sites: NDArray[np.intp]
    bound: int
    interrupted: bool = False


def _times(costs: Costs, limit: float, sites: NDArray[np.intp]) -> NDArray[np.int64]:
    """Return how many of the sites reach each row."""
    is_site = np.zeros(costs.n_candidates, dtype=bool)
    is_site[sites] = True
    hit = costs.within(limit) & is_site[costs.indices]
    return np.bincount(costs.row_of_entry()[hit], minlength=costs.n_demand).astype(np.int64)


def _search(
    costs: Costs, limit: float, weight: NDArray[np.int64], conditions: Conditions, start: NDArray[np.intp],
    clock: Clock, per_weight: float,
) -> _Found:  # fmt: skip
    """Start with the cover of `lscp`; the solver settles which equally small one covers most twice."""
    free = np.flatnonzero(conditions.choosable)
    candidates = free[np.argsort(costs.rank[free], kind="stable")].astype(np.intp)
    open_anyway = np.concatenate([conditions.existing, conditions.required])
    already = _times(costs, limit, open_anyway)
    choices = _times(costs, limit, candidates)
    base = int(weight[already >= 2].sum())
    value = int(weight[_times(costs, limit, np.concatenate([conditions.existing, start])) >= 2].sum())
    bound = base + int(weight[(already < 2) & (already + choices >= 2)].sum())
    q = len(start) - len(conditions.required)
    clock.tell(value / per_weight, bound / per_weight)
    if bound <= value or q == 0 or clock.settled(value / per_weight, bound / per_weight):
        # Without new sites nothing more is covered twice.
        return _Found(start, value if q == 0 else bound)
    # Rows that nothing covers yet need one site, and a second one to count; rows covered once need one to count.
    parts = [_rows(costs, limit, candidates, weight, already == k) for k in (0, 1)]
    (bare, bare_weight), (once, once_weight) = parts
    counts = bare_weight > 0, once_weight > 0
    gains = np.concatenate([bare_weight[counts[0]], once_weight[counts[1]]])
    step = max(1, int(np.gcd.reduce(gains)))
    scale = 1.0
    if gains.max(initial=0) // step > 2**20:
        # Whole coefficients help the solver only while they are small; large ones swamp its tolerances.
        scale = 2.0 ** -math.ceil(math.log2(gains.max() / step / 1024))
    m, n = len(candidates), len(gains)
    local = np.full(costs.n_candidates, -1, dtype=np.int64)
    local[candidates] = np.arange(m)
    pairs = local[conditions.too_close]
    instance = Instance(
        reach=bare, reached_by=sparse.csr_array(bare.T.tocsr()), weight=bare_weight, candidates=candidates,
        too_close=np.sort(pairs[(pairs >= 0).all(axis=1)], axis=1).reshape(-1, 2).astype(np.intp),
        zones=zone_counts(conditions, candidates),
    )  # fmt: skip
    apart, lower, upper = condition_rows(instance)
    # Columns: x (open), then z (row missed): its weight is lost.
    reach = sparse.vstack([bare[counts[0]], once[counts[1]]]).astype(np.float64)
    needs = np.concatenate([np.full(int(counts[0].sum()), 2.0), np.ones(int(counts[1].sum()))])
    first = sparse.vstack([bare.astype(np.float64), sparse.csr_array(np.ones((1, m))), apart])
    matrix = sparse.vstack(
        [sparse.hstack([first, sparse.csr_array((first.shape[0], n))]), sparse.hstack([reach, sparse.eye_array(n)])]
    )
    x = np.isin(candidates, start).astype(np.float64)
    everything = base + int(gains.sum())
    try:
        answer = minimise(
            np.concatenate([np.zeros(m), gains / step * scale]),
            sparse.csr_array(matrix),
            np.concatenate([np.ones(bare.shape[0]), [-np.inf], lower, needs]),
            np.concatenate([np.full(bare.shape[0], np.inf), [float(q)], upper, np.full(n, np.inf)]),
            col_lower=np.zeros(m + n), col_upper=np.ones(m + n), integral=np.arange(m + n) < m,
            start=np.concatenate([x, ((reach @ x) < needs).astype(np.float64)]),
            time_limit_s=max(0.1, clock.left_s), seed=clock.seed,
            abs_gap=clock.mip_gap * value / step * scale,
            on_progress=lambda missed, least, _: clock.tell(
                (everything - missed / scale * step) / per_weight, (everything - least / scale * step) / per_weight
            ),
        )  # fmt: skip
    except KeyboardInterrupt:
        return _Found(start, bound, interrupted=True)
    blur = RESOLUTION * everything / step + 1e-6 / scale
    if np.isfinite(answer.bound):
        missed = max(0.0, answer.bound) / scale
        bound = min(bound, base + math.floor((everything - base) / step - missed + blur) * step)
    sites = start
    if answer.x is not None:
        tried = np.sort(np.concatenate([conditions.required, candidates[answer.x[:m] > 0.5]]))
        times = _times(costs, limit, np.concatenate([conditions.existing, tried]))
        new = int(weight[times >= 2].sum())
        if (times > 0).all() and new > value:
            sites, value = tried, new
    if answer.status == "optimal" and clock.mip_gap == 0 and bound - value <= 2 * blur * step:
        bound = value
    return _Found(sites, max(bound, value))


def _rows(
    costs: Costs, limit: float, candidates: NDArray[np.intp], weight: NDArray[np.int64], wanted: NDArray[np.bool_]
) -> tuple[sparse.csr_array, NDArray[np.int64]]:
    """Return the wanted rows by the columns that reach them, equal ones merged with their weights added."""
    local = np.full(costs.n_candidates, -1, dtype=np.int64)
    local[candidates] = np.arange(len(candidates))
    row, column = costs.row_of_entry(), local[costs.indices]
    keep = costs.within(limit) & wanted[row] & (column >= 0)
    return merge_rows(row[keep], column[keep], weight, costs.n_demand, len(candidates))
