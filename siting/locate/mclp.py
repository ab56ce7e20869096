"""Maximal covering (MCLP, 最大覆盖选址): serve as much demand as possible with at most p new sites.

    maximise    sum_i w_i y_i
    subject to  y_i <= sum_{j in N_i} x_j      for every demand row i
                sum_j x_j <= p
                x_j + x_k <= 1                 for candidates too close to each other
                x_j in {0, 1},  0 <= y_i <= 1
    with        N_i = {j : d_ij <= S}

Church & ReVelle (1974), Papers of the Regional Science Association 32, 101-118.
"""  # fmt: skip

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.locate.answer import (
    Units,
    check_search,
    drop_idle,
    entries_by_candidate,
    order_by_gain,
    state_parameters,
    whole_units,
)
from siting.locate.bounds import lagrangian_cover
from siting.locate.conditions import Conditions, read_conditions
from siting.locate.cover import Costs, read_costs, read_served, read_weight
from siting.locate.heuristics import local_search
from siting.locate.reduce import Instance, covered, reduce_cover, restrict
from siting.locate.result import SitingResult
from siting.locate.solver import Progress, ReportProgress, minimise, solver_version
from siting.locate.spacing import at_most_one, cliques

RESOLUTION = 1e-9
"""The solver's proof is taken to hold up to this share of the weight that is still to be decided."""

# Rounds of the first search, steps of the first bound, and from how many candidates on more of both comes first.
_QUICK = 40
_STEPS = 600
_LARGE = 600


def mclp(
    cost: Any,
    weight: Any,
    limit: float,
    p: int,
    *,
    existing: Any = (),
    required: Any = (),
    excluded: Any = (),
    too_close: Any = None,
    min_spacing_m: float | None = None,
    xy: ArrayLike | None = None,
    served: Any = None,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    progress: ReportProgress | None = None,
) -> SitingResult:
    """Serve as much weight as possible with at most ``p`` new sites.

    Parameters
    ----------
    cost : CostMatrix, or array of shape (n_demand, n_candidates) with ``inf`` where there is no path
    weight : shape (n_demand,), not negative, e.g. residents
    limit : largest cost that is served, in the unit of ``cost``; exactly on the limit is served
    p : most sites to open; sites that would add nothing are not opened
    existing : candidates that are open already: free, not counted in ``p`` and not among the sites
    required : candidates that must be among the sites; they count in ``p``
    excluded : candidates that must not be opened
    too_close : pairs of candidates of which at most one may be open
    min_spacing_m, xy : candidates closer than this in a straight line between the points ``xy`` are too close as well
    served : shape (n_demand,), rows that are served already by facilities outside ``cost``
    time_limit_s : for the whole search; the best answer by then is returned with its bound
    mip_gap : stop once the relative gap is proved to be at most this
    progress : called now and then with a `Progress`

    Returns
    -------
    SitingResult whose ``objective`` is all weight served, by existing sites and by ``served`` too. ``gain`` is what
    each site adds in the order of ``order``; together with what is served without any site they add up to the
    objective. Labels settle ties where ``cost`` has labels, else positions.

    ``status`` is "optimal" if no plan serves more: by an integer bound, or by the solver's complete search, whose
    arithmetic is trusted to `RESOLUTION`. Weights that are no whole thousandths are rounded to a unit 2**-50 of
    their total for the search; the objective is the exact sum of the caller's weights.

    Raises
    ------
    InputError
        Costs, weights, ``p`` or conditions that cannot be used.
    InfeasibleError
        More required sites than ``p``, or required sites too close to each other.
    """
    began = time.perf_counter()
    check_search(time_limit_s, mip_gap, seed)
    costs = read_costs(cost)
    units = whole_units(read_weight(weight, costs))
    conditions = read_conditions(
        costs,
        p=p,
        existing=existing,
        required=required,
        excluded=excluded,
        too_close=too_close,
        min_spacing_m=min_spacing_m,
        xy=xy,
    )
    before = read_served(served, costs) | covered(costs, limit, conditions.existing)
    open_rows = ~(before | covered(costs, limit, conditions.required))
    instance = reduce_cover(costs, limit, units.units, conditions, open_rows, must_serve_all=False)
    base = int(units.units[~open_rows].sum())
    report = _reporter(progress, units, base, began)
    found = _search(
        instance,
        int(p) - len(conditions.required),
        base=base,
        deadline=began + time_limit_s,
        mip_gap=mip_gap,
        seed=int(seed),
        report=report,
    )
    chosen = np.concatenate([conditions.required, instance.candidates[found.columns]])
    return _answer(
        costs, units, limit, conditions, before, chosen, base + found.bound, found, began, seed, time_limit_s
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """Columns of the reduced instance, their value and the bound, in units; ``proof`` says where the bound is from."""

    columns: NDArray[np.intp]
    value: int
    bound: int
    proof: str


def _search(
    instance: Instance, p: int, *, base: int, deadline: float, mip_gap: float, seed: int, report: Any
) -> _Found:
    """Start well, bound, and let the solver decide what the bound leaves open."""
    everything = int(instance.weight.sum())
    if p <= 0 or instance.n_columns == 0:
        return _Found(np.empty(0, dtype=np.intp), 0, 0, "nothing to decide")
    began = time.perf_counter()
    share = max(0.0, deadline - began)
    columns = local_search(
        instance, p, seed=seed, patience=_QUICK, deadline=began + 0.2 * share, enough=float(everything)
    )
    value = value_of(instance, columns)
    step = int(np.gcd.reduce(instance.weight))
    report(value, everything)
    steps = _STEPS
    while True:
        relaxed = lagrangian_cover(
            instance, p, value, columns, iterations=steps, deadline=time.perf_counter() + 0.1 * share
        )
        bound = min(everything, relaxed.bound) // step * step
        report(value, bound)
        if bound <= value:
            return _Found(columns, value, value, "Lagrangian bound")
        if bound - value <= mip_gap * max(1, base + value):
            return _Found(columns, value, bound, "Lagrangian bound")
        if steps > _STEPS or instance.n_columns < _LARGE:
            break
        # Large and open: a longer search and a tighter bound pay before branching, since they decide candidates.
        columns = local_search(
            instance, p, seed=seed, patience=instance.n_columns // 5, deadline=began + 0.4 * share, start=columns,
            enough=float(bound),
        )  # fmt: skip
        value = value_of(instance, columns)
        steps = 5 * _STEPS
    always, never = relaxed.decided(value, min(p, instance.n_columns))
    rest = _Rest.of(instance, p, always, never)
    if rest is None:
        return _Found(columns, value, value, "Lagrangian bound, candidates decided one by one")
    better, rest_bound, blur, complete = rest.solve(
        value, columns, base=base, deadline=deadline, mip_gap=mip_gap, seed=seed, report=report
    )
    if better is not None and (new := value_of(instance, better)) > value:
        columns, value = better, new
    bound = max(value, min(bound, rest_bound) // step * step)
    if complete and mip_gap == 0 and bound - value <= 2 * blur:
        bound = value
    return _Found(columns, value, bound, "HiGHS branch and bound" if bound == value else "HiGHS, stopped")


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is left to decide once some columns are in every better answer and others in none."""

    instance: Instance
    columns: NDArray[np.intp]
    fixed: NDArray[np.intp]
    fixed_value: int
    p: int

    @classmethod
    def of(cls, instance: Instance, p: int, always: NDArray[np.bool_], never: NDArray[np.bool_]) -> "_Rest | None":
        """Leave decided columns out; None if they contradict each other, so that nothing better exists."""
        fixed = np.flatnonzero(always)
        near = instance.neighbours()
        blocked = (near @ always.astype(np.int64)) > 0
        if len(fixed) > p or (always & blocked).any():
            return None
        keep = ~(always | never | blocked)
        done = (instance.reach @ always.astype(np.int64)) > 0
        fixed_value = int(instance.weight[done].sum())
        return cls(restrict(instance, keep, done), np.flatnonzero(keep), fixed, fixed_value, p - len(fixed))

    def solve(
        self,
        value: int,
        columns: NDArray[np.intp],
        *,
        base: int,
        deadline: float,
        mip_gap: float,
        seed: int,
        report: Any,
    ) -> tuple[NDArray[np.intp] | None, int, float, bool]:
        """Return better columns (or None), a bound for all better answers, its blur in units, and if it is complete."""
        left = self.instance
        if left.n_columns == 0 or left.n_rows == 0 or self.p <= 0:
            return self.fixed, self.fixed_value, 0.0, True
        everything = int(left.weight.sum())
        remaining = deadline - time.perf_counter()
        if remaining <= 0:
            return None, self.fixed_value + everything, 0.0, False
        step = int(np.gcd.reduce(left.weight))
        scale = 1.0
        if left.weight.max() // step > 2**20:
            # Whole coefficients help the solver only while they are small; large ones swamp its tolerances.
            scale = 2.0 ** -math.ceil(math.log2(left.weight.max() / step / 1024))
        answer = _solve_model(
            left, self.p, left.weight / step * scale, self._start(columns), remaining,
            mip_gap * (base + value) / step * scale, seed,
            lambda missed, bound, _: report(
                None if not np.isfinite(missed) else self.fixed_value + everything - round(missed / scale * step),
                None if not np.isfinite(bound) else self.fixed_value + everything - math.floor(bound / scale * step),
            ),
        )  # fmt: skip
        if answer.status == "infeasible":
            return None, value, 0.0, True
        missed = max(0.0, answer.bound)
        blur = RESOLUTION * everything / step + 1e-6 / scale
        bound = self.fixed_value + min(everything, math.floor(everything / step - missed / scale + blur) * step)
        found = None
        if answer.x is not None:
            found = np.sort(np.concatenate([self.fixed, self.columns[answer.x[: left.n_columns] > 0.5]]))
        return found, bound, blur * step, answer.status == "optimal"

    def _start(self, columns: NDArray[np.intp]) -> NDArray[np.float64] | None:
        """Return the known answer as a start, where it lies in what is left."""
        x = np.isin(self.columns, columns).astype(np.float64)
        if not np.isin(self.fixed, columns).all() or len(self.fixed) + x.sum() != len(columns):
            return None
        missed = (self.instance.reach @ x) == 0
        return np.concatenate([x, missed.astype(np.float64)])


def _solve_model(
    instance: Instance,
    p: int,
    weight: NDArray[np.float64],
    start: NDArray[np.float64] | None,
    time_limit_s: float,
    abs_gap: float,
    seed: int,
    on_progress: Any,
) -> Any:
    """Minimise the weight that is missed: columns are x (open), then z (row missed), with reach x + z >= 1."""
    n, m = instance.n_rows, instance.n_columns
    groups = cliques(instance.too_close, m)
    link = sparse.hstack([instance.reach.astype(np.float64), sparse.eye_array(n)])
    budget = sparse.csr_array(np.concatenate([np.ones(m), np.zeros(n)])[None, :])
    apart = sparse.hstack([at_most_one(groups, m), sparse.csr_array((len(groups), n))])
    return minimise(
        np.concatenate([np.zeros(m), weight]),
        sparse.csr_array(sparse.vstack([link, budget, apart], format="csr")),
        np.concatenate([np.ones(n), np.full(1 + len(groups), -np.inf)]),
        np.concatenate([np.full(n, np.inf), [float(p)], np.ones(len(groups))]),
        col_lower=np.zeros(m + n),
        col_upper=np.ones(m + n),
        integral=np.arange(m + n) < m,
        start=start,
        time_limit_s=time_limit_s,
        # Absolute, since the solver's relative gap would be one of the weight missed.
        abs_gap=abs_gap,
        seed=seed,
        on_progress=on_progress,
    )


def value_of(instance: Instance, columns: NDArray[np.intp]) -> int:
    """Weight of the rows that the columns serve, in units."""
    is_open = np.zeros(instance.n_columns, dtype=np.int64)
    is_open[columns] = 1
    return int(instance.weight[(instance.reach @ is_open) > 0].sum())


def _answer(
    costs: Costs,
    units: Units,
    limit: float,
    conditions: Conditions,
    before: NDArray[np.bool_],
    chosen: NDArray[np.intp],
    bound: int,
    found: _Found,
    began: float,
    seed: int,
    time_limit_s: float,
) -> SitingResult:
    """State the answer with values recomputed from the costs."""
    serves = entries_by_candidate(costs, limit, ~before)
    sites = drop_idle(costs, serves, chosen, units.units, conditions.required)
    order, newly = order_by_gain(costs, serves, sites, units.units)
    served = before | covered(costs, limit, sites)
    objective = units.value(served)
    proved = int(units.units[served].sum()) >= bound
    return SitingResult(
        model="mclp",
        sites=sites,
        site_ids=costs.label(sites),
        assignment=costs.assign(np.concatenate([conditions.existing, sites]), limit),
        objective=objective,
        bound=objective if proved else max(objective, units.upper(bound)),
        status="optimal" if proved else "feasible",
        seconds=time.perf_counter() - began,
        order=order,
        gain=np.array([units.value(_mask(rows, costs.n_demand)) for rows in newly], dtype=np.float64),
        parameters=state_parameters(
            costs,
            conditions,
            limit,
            weight_total=units.value(np.ones(costs.n_demand, dtype=bool)),
            served_before=units.value(before),
            weights_exact=units.exact,
            proof=found.proof,
            solver=solver_version(),
            seed=int(seed),
            time_limit_s=float(time_limit_s),
        ),
    )


def _mask(rows: NDArray[np.int64], n: int) -> NDArray[np.bool_]:
    mask = np.zeros(n, dtype=bool)
    mask[rows] = True
    return mask


def _reporter(progress: ReportProgress | None, units: Units, base: int, began: float) -> Any:
    """Return a function that tells the caller value and bound, each the best so far, in the caller's weight."""
    best: dict[str, int | None] = {"value": None, "bound": None}

    def report(value: int | None, bound: int | None) -> None:
        if progress is None:
            return
        if value is not None:
            best["value"] = value if best["value"] is None else max(best["value"], value)
        if bound is not None:
            best["bound"] = bound if best["bound"] is None else min(best["bound"], bound)
        if best["value"] is None or best["bound"] is None:
            return
        now, at_most = (base + best["value"]) / units.per_weight, (base + best["bound"]) / units.per_weight
        progress(Progress(value=now, bound=at_most, gap=abs(at_most - now) / max(1.0, abs(now)),
                          seconds=time.perf_counter() - began))  # fmt: skip

    return report
