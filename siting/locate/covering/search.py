"""The search behind maximal covering: heuristics, Lagrangian bound, and branch and bound on what they leave open."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.covering.bounds import lagrangian_cover
from siting.locate.covering.heuristics import local_search
from siting.locate.covering.quota_start import condition_rows, quota_start
from siting.locate.covering.reduce import Instance, restrict, value_of
from siting.locate.solver import MipAnswer, minimise
from siting.locate.spacing import at_most_one

Report = Callable[[int | None, int | None], None]

RESOLUTION = 1e-9
"""The solver's proof is taken to hold up to this share of the weight that is still to be decided."""

# Rounds of the first search, steps of the first bound, and from how many candidates on more of both comes first.
_QUICK = 40
_STEPS = 600
_LARGE = 600
# Above this the solver's presolve alone ignores any time limit for minutes.
_SOLVER_PAIRS = 400_000


@dataclass(frozen=True, slots=True)
class Found:
    """Columns of the reduced instance, their value and the bound, in units; ``proof`` says where the bound is from."""

    columns: NDArray[np.intp]
    value: int
    bound: int
    proof: str


def search(
    instance: Instance,
    p: int,
    *,
    base: int,
    deadline: float,
    mip_gap: float,
    seed: int,
    report: Report,
    n_required: int = 0,
) -> Found:
    """Start well, bound, decide candidates by the bound, and let the solver settle what is left.

    Parameters
    ----------
    p : at most so many columns
    base : units that are served anyway; the gap is one of the whole
    deadline : of `time.perf_counter`
    report : told (value, bound) in units of the instance, None where nothing is new
    n_required : sites that are open besides, for what is said where quotas cannot be met

    Raises
    ------
    InfeasibleError
        Quotas, spacing and ``p`` contradict each other.
    """
    everything = int(instance.weight.sum())
    if p <= 0 or instance.n_columns == 0:
        return Found(np.empty(0, dtype=np.intp), 0, 0, "nothing to decide")
    began = time.perf_counter()
    share = max(0.0, deadline - began)
    step = max(1, int(np.gcd.reduce(instance.weight)))
    columns = local_search(
        instance, p, seed=seed, patience=_QUICK, deadline=began + 0.2 * share, enough=float(everything)
    )
    if not instance.allows(columns):
        columns = local_search(
            instance, p, seed=seed, patience=_QUICK, deadline=began + 0.4 * share, enough=float(everything),
            start=quota_start(instance, p, n_required, 0.4 * share, seed),
        )  # fmt: skip
    if everything == 0:
        return Found(columns, 0, 0, "nothing to decide")
    bound, relaxed, turn = everything, None, 0
    while True:
        value = value_of(instance, columns)
        relaxed = lagrangian_cover(
            instance,
            p,
            value,
            columns,
            iterations=_STEPS if turn == 0 else 5 * _STEPS,
            deadline=time.perf_counter() + 0.1 * share,
            start=relaxed,
        )
        bound = min(bound, relaxed.bound // step * step)
        report(value, bound)
        if bound <= value:
            return Found(columns, value, value, "Lagrangian bound")
        if bound - value <= mip_gap * max(1, base + value):
            return Found(columns, value, bound, "Lagrangian bound")
        if turn > 0 or instance.n_columns < _LARGE:
            rest = _Rest.of(instance, p, *relaxed.decided(value, min(p, instance.n_columns)))
            if rest is None:
                return Found(columns, value, value, "Lagrangian bound, candidates decided one by one")
            if rest.instance.reach.nnz <= _SOLVER_PAIRS:
                break
            if time.perf_counter() > began + 0.85 * share:
                return Found(columns, value, bound, "Lagrangian bound, too large for the solver in the time given")
        # Large and open: a longer search and a tighter bound pay before branching, since they decide candidates.
        turn += 1
        columns = local_search(
            instance,
            p,
            seed=seed + turn,
            patience=instance.n_columns // 5,
            deadline=began + (0.4 if turn == 1 else 0.85) * share,
            start=columns,
            enough=float(bound),
        )
    better, rest_bound, blur, complete = rest.solve(
        value, columns, base=base, deadline=deadline, mip_gap=mip_gap, seed=seed, report=report
    )
    if better is not None and (new := value_of(instance, better)) > value:
        columns, value = better, new
    bound = max(value, min(bound, rest_bound) // step * step)
    if complete and mip_gap == 0 and bound - value <= 2 * blur:
        bound = value
    return Found(columns, value, bound, "HiGHS branch and bound" if bound == value else "HiGHS, stopped")


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
        return cls(restrict(instance, keep, done, always), np.flatnonzero(keep), fixed, fixed_value, p - len(fixed))

    def solve(
        self,
        value: int,
        columns: NDArray[np.intp],
        *,
        base: int,
        deadline: float,
        mip_gap: float,
        seed: int,
        report: Report,
    ) -> tuple[NDArray[np.intp] | None, int, float, bool]:
        """Return better columns (or None), a bound for all better answers, its blur in units, and if it is complete."""
        left = self.instance
        if left.n_columns == 0 or self.p <= 0 or (left.n_rows == 0 and left.zones is None):
            # Quotas that the decided columns do not meet, nothing meets any more: no answer is better.
            enough = left.allows(np.empty(0, dtype=np.intp))
            return (self.fixed, self.fixed_value, 0.0, True) if enough else (None, value, 0.0, True)
        everything = int(left.weight.sum())
        remaining = deadline - time.perf_counter()
        if remaining <= 0:
            return None, self.fixed_value + everything, 0.0, False
        step = max(1, int(np.gcd.reduce(left.weight)))
        scale = 1.0
        if left.weight.max(initial=0) // step > 2**20:
            # Whole coefficients help the solver only while they are small; large ones swamp its tolerances.
            scale = 2.0 ** -math.ceil(math.log2(left.weight.max() / step / 1024))
        answer = solve_model(
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


def solve_model(
    instance: Instance,
    p: int,
    weight: NDArray[np.float64],
    start: NDArray[np.float64] | None,
    time_limit_s: float,
    abs_gap: float,
    seed: int,
    on_progress: Any,
    budget: tuple[NDArray[np.float64], float] | None = None,
    not_together: Sequence[NDArray[np.intp]] = (),
) -> MipAnswer:
    """Minimise the weight that is missed: columns are x (open), then z (row missed), with reach x + z >= 1.

    Parameters
    ----------
    budget : price of each column, and the most that may be spent, in place of ``p``
    not_together : sets of columns of which not all may be open
    """
    n, m = instance.n_rows, instance.n_columns
    conditions, lower, upper = condition_rows(instance)
    link = sparse.hstack([instance.reach.astype(np.float64), sparse.eye_array(n)])
    price, most = (np.ones(m), float(p)) if budget is None else budget
    spend = sparse.csr_array(np.concatenate([price, np.zeros(n)])[None, :])
    bundles = at_most_one([bundle.tolist() for bundle in not_together], m)
    not_all = [len(bundle) - 1.0 for bundle in not_together]
    more = sparse.vstack([conditions, bundles])
    more = sparse.hstack([more, sparse.csr_array((more.shape[0], n))])
    return minimise(
        np.concatenate([np.zeros(m), weight]),
        sparse.csr_array(sparse.vstack([link, spend, more], format="csr")),
        np.concatenate([np.ones(n), [-np.inf], lower, np.full(len(not_all), -np.inf)]),
        np.concatenate([np.full(n, np.inf), [most], upper, not_all]),
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
