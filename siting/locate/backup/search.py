"""The search of a problem of covering twice: swaps, a bound, and the solver for what the bound leaves open."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.backup.bound import TwiceBound, bound_twice
from siting.locate.backup.instance import Twice
from siting.locate.backup.moves import add_sites
from siting.locate.clock import Clock
from siting.locate.covering.search import RESOLUTION
from siting.locate.covering.swaps import swap_twice
from siting.locate.solver import minimise

# Swaps in one call, for each open column and at most; and calls from the first accepted loss to none.
_SWAPS_EACH, _SWAPS = 60, 20_000
_CALLS = 30
# So many rounds of swaps in a row without a better plan end the search.
_PATIENCE = 8
# Of the weight of one column, the loss that is accepted at first.
_FIRST_LOSS = 0.3
_STEPS = 1_500
_SWAP_SHARE, _BOUND_SHARE = 0.4, 0.6
# Above this the solver's presolve alone ignores any time limit for minutes.
_SOLVER_PAIRS = 400_000


class TwiceSearch:
    """Keeps the best plan and the bound on all plans with as many columns.

    Attributes
    ----------
    columns : of the best plan
    value, bound : in units
    proof : where the bound is from
    """

    def __init__(
        self, problem: Twice, columns: NDArray[np.intp], q: int, clock: Clock, per_weight: float, *, fewer: bool
    ) -> None:
        self.problem, self.clock, self.per_weight = problem, clock, per_weight
        self.q, self._fewer = q, fewer
        self.columns = columns
        self.value, self.bound = problem.value(columns), problem.most
        self.proof = "all that can be covered twice"
        self._state = np.array([clock.seed], dtype=np.uint64)
        self._close_start, self._close = _neighbours(problem)

    @property
    def settled(self) -> bool:
        """Whether value and bound are as close as asked for."""
        return self.bound <= self.value or self.clock.settled(
            self.value / self.per_weight, self.bound / self.per_weight
        )

    def run(self) -> None:
        """Search until the best plan is proved, or the time is up."""
        if self.q == 0:
            # Without new sites nothing more is covered twice.
            self.bound = self.value
        self._tell()
        if self.settled:
            return
        self._add()
        self._swap(self.clock.seconds + _SWAP_SHARE * self.clock.left_s)
        while not self.settled and not self.clock.is_over:
            relaxed = self._relax()
            if self.settled or self._solve(relaxed):
                return
            before, rounds = (len(self.columns), self.value), 0
            while (len(self.columns), self.value) == before and rounds < _PATIENCE and not self.clock.is_over:
                self._swap(self.clock.time_limit_s)
                rounds += 1
            if rounds == _PATIENCE:
                return

    def _add(self) -> None:
        """Open what the plan leaves of its number of sites."""
        p = self.problem
        zone, _, most = p.zone_arrays()
        is_open = np.zeros(p.n_columns, dtype=bool)
        is_open[self.columns] = True
        add_sites(
            p.reach.indptr, p.reach.indices, p.by.indptr, p.by.indices, p.weight, p.need, zone, most,
            self._close_start, self._close, is_open, self.q,
        )  # fmt: skip
        self._offer(np.flatnonzero(is_open))

    def _swap(self, until_s: float) -> None:
        """Swap with ever smaller losses, from the best plan, until so many seconds of the clock at most."""
        p = self.problem
        zone, least, most = p.zone_arrays()
        is_open = np.zeros(p.n_columns, dtype=bool)
        is_open[self.columns] = True
        best_open = is_open.copy()
        best = self.value - p.base
        column_weight = float((p.by @ p.weight).mean()) if p.n_columns else 0.0
        swaps = min(_SWAPS, _SWAPS_EACH * len(self.columns))
        for call in range(_CALLS):
            if self.clock.seconds > until_s or self.settled:
                break
            loss = _FIRST_LOSS * column_weight * (1.0 - call / (_CALLS - 1)) ** 2
            best, _ = swap_twice(
                p.reach.indptr, p.reach.indices, p.by.indptr, p.by.indices, p.weight, p.need, zone, least, most,
                self._close_start, self._close, is_open, best_open, best, swaps, loss, self._fewer, self._state,
            )  # fmt: skip
            self._offer(np.flatnonzero(best_open))
        self._tell()

    def _offer(self, columns: NDArray[np.intp]) -> None:
        """Keep a plan if it is better; fewer sites may be the first aim."""
        value = self.problem.value(columns)
        fewer = self._fewer and len(columns) < len(self.columns)
        if not fewer and (value <= self.value or (self._fewer and len(columns) > len(self.columns))):
            return
        self.columns, self.value = columns, value
        if fewer:
            # Plans with more sites are out of the question now; what bounded them bounds those with fewer.
            self.q = len(columns)
        else:
            self._tell()

    def _relax(self) -> TwiceBound:
        over = self.clock.seconds + _BOUND_SHARE * self.clock.left_s
        relaxed = bound_twice(
            self.problem, self.q, self.value, self.columns, steps=_STEPS, is_over=lambda: self.clock.seconds > over
        )
        if relaxed.bound < self.bound:
            self.bound, self.proof = max(self.value, relaxed.bound), "Lagrangian bound"
            self._tell()
        return relaxed

    def _solve(self, relaxed: TwiceBound) -> bool:
        """Let the solver settle what the bound leaves open; say whether it had its turn."""
        p = self.problem
        always, never = np.zeros(p.n_columns, dtype=bool), np.zeros(p.n_columns, dtype=bool)
        if p.zones is None:
            always, never = relaxed.decided(self.value)
        kept = np.flatnonzero(~never)
        reach = sparse.csr_array(p.reach[:, kept])
        m, must, counts = len(kept), p.need > 0, p.weight > 0
        # A row that must be covered and counts stands in the model twice.
        if reach[must].nnz + reach[counts].nnz > _SOLVER_PAIRS or self.clock.is_over:
            return False
        gains, n = p.weight[counts], int(counts.sum())
        step = max(1, int(np.gcd.reduce(gains)))
        scale = 1.0
        if gains.max(initial=0) // step > 2**20:
            # Whole coefficients help the solver only while they are small; large ones swamp its tolerances.
            scale = 2.0 ** -math.ceil(math.log2(gains.max() / step / 1024))
        apart, lower, upper = p.condition_rows()
        # Columns: x (open), then z (the row does not count): its weight is lost.
        first = sparse.vstack([reach[must].astype(np.float64), sparse.csr_array(np.ones((1, m))), apart[:, kept]])
        second = sparse.hstack([reach[counts].astype(np.float64), sparse.eye_array(n)])
        matrix = sparse.vstack([sparse.hstack([first, sparse.csr_array((first.shape[0], n))]), second])
        enough = p.need[counts] + 1.0
        x = np.isin(kept, self.columns).astype(np.float64)
        usable = len(self.columns) == x.sum() and np.isin(np.flatnonzero(always), self.columns).all()
        everything = p.base + int(gains.sum())
        answer = minimise(
            np.concatenate([np.zeros(m), gains / step * scale]),
            sparse.csr_array(matrix),
            np.concatenate([p.need[must].astype(np.float64), [-np.inf], lower, enough]),
            np.concatenate([np.full(int(must.sum()), np.inf), [float(self.q)], upper, np.full(n, np.inf)]),
            col_lower=np.concatenate([always[kept].astype(np.float64), np.zeros(n)]),
            col_upper=np.ones(m + n), integral=np.arange(m + n) < m,
            start=np.concatenate([x, ((reach[counts] @ x) < enough).astype(np.float64)]) if usable else None,
            time_limit_s=max(0.1, self.clock.left_s), seed=self.clock.seed,
            abs_gap=self.clock.mip_gap * self.value / step * scale,
            on_progress=lambda missed, least, _: self.clock.tell(
                max(self.value, everything - missed / scale * step) / self.per_weight,
                min(self.bound, max(self.value, everything - least / scale * step)) / self.per_weight,
            ),
        )  # fmt: skip
        if answer.x is not None:
            found = kept[answer.x[:m] > 0.5]
            if p.covers(found) and len(found) <= self.q:
                self._offer(found)
        bound, blur = self.bound, RESOLUTION * everything / step + 1e-6 / scale
        if answer.status == "infeasible":
            bound = self.value  # what was ruled out beforehand is no better
        elif np.isfinite(answer.bound):
            missed = max(0.0, answer.bound) / scale
            bound = min(bound, p.base + math.floor((everything - p.base) / step - missed + blur) * step)
        if answer.status == "optimal" and self.clock.mip_gap == 0 and bound - self.value <= 2 * blur * step:
            bound = self.value
        if bound < self.bound:
            self.bound = max(self.value, bound)
            self.proof = "HiGHS branch and bound" if answer.status != "stopped" else "HiGHS, stopped"
        self._tell()
        return True

    def _tell(self) -> None:
        self.clock.tell(self.value / self.per_weight, max(self.value, self.bound) / self.per_weight)


def _neighbours(problem: Twice) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which columns are too close to each column, as starts and members."""
    a, b = problem.too_close.T
    here, there = np.concatenate([a, b]), np.concatenate([b, a])
    order = np.lexsort((there, here))
    start = np.concatenate(([0], np.cumsum(np.bincount(here, minlength=problem.n_columns))))
    return start.astype(np.int64), there[order].astype(np.int64)
