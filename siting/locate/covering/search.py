"""The search behind maximal covering: heuristics, Lagrangian bound, and branch and bound on what they leave open."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.covering.best import Best
from siting.locate.covering.branch import Tree
from siting.locate.covering.climb import Climb
from siting.locate.covering.primal_dual import Relaxation
from siting.locate.covering.quota_start import condition_rows, quota_start
from siting.locate.covering.reduce import Instance, restrict
from siting.locate.solver import MipAnswer, minimise
from siting.locate.spacing import at_most_one

RESOLUTION = 1e-9
"""The solver's proof is taken to hold up to this share of the weight that is still to be decided."""

# Turns of search and bound before branching; rounds of the bound in the first one and in each further one; and what
# share of the time they may take.
_TURNS, _FIRST, _MORE, _SHARE = 5, 6, 12, 0.85
# How near the price of a site the columns are, among which a turn searches; 0 = all.
_NEAR = (0.97, 0.0, 0.9, 0.0, 0.8)
# Above this the solver's presolve alone ignores any time limit for minutes.
_SOLVER_PAIRS = 400_000


def search(instance: Instance, p: int, best: Best, *, n_required: int = 0) -> None:
    """Improve ``best`` until it is proved or the time is up: start well, bound, decide candidates, branch on the rest.

    Parameters
    ----------
    p : at most so many columns
    n_required : sites that are open besides, for what is said where quotas cannot be met

    Raises
    ------
    InfeasibleError
        Quotas, spacing and ``p`` contradict each other.
    KeyboardInterrupt
        After Ctrl-C; ``best`` then holds what was reached.
    """
    if p <= 0 or instance.n_columns == 0:
        best.offer(np.empty(0, dtype=np.intp))
        best.lower(0, "nothing to decide")
        return
    limit_s, seed = best.clock.time_limit_s, best.clock.seed
    climb = Climb(instance, p, seed=seed)
    if not climb.whole:
        climb = Climb(instance, p, quota_start(instance, p, n_required, 0.4 * limit_s, seed), seed=seed)
    best.offer(climb.columns)
    if best.is_over:
        return
    relaxed = Relaxation.begin(instance, p, best.columns)
    for turn in range(_TURNS):
        relaxed.run(_MORE if turn else _FIRST, best.value, lambda: not best.within(_SHARE))
        bound = relaxed.state()
        best.lower(bound.bound, "Lagrangian bound")
        if not best.within(_SHARE):
            break
        climb.run(relaxed.near(_NEAR[turn]), enough=best.bound, is_over=lambda: not best.within(_SHARE))
        best.offer(climb.columns)
        if not best.within(1.0):
            return
    rest = _Rest.of(instance, p, *bound.decided(best.value, min(p, instance.n_columns)))
    if rest is None:
        best.lower(best.value, "Lagrangian bound, candidates decided one by one")
        return
    if rest.instance.reach.nnz > _SOLVER_PAIRS:
        # Too large for the solver in the time given.
        while best.within(_SHARE):
            climb.run(enough=best.bound, is_over=lambda: not best.within(_SHARE))
            best.offer(climb.columns)
        return
    rest.solve(best)


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

    def solve(self, best: Best) -> None:
        """Settle what is left, as far as the time reaches; the solver is for conditions that our own bound ignores."""
        left, value, proof = self.instance, best.value, "HiGHS branch and bound"
        if left.n_columns == 0 or self.p <= 0 or (left.n_rows == 0 and left.zones is None):
            # Quotas that the decided columns do not meet, nothing meets any more: no answer is better.
            if left.allows(np.empty(0, dtype=np.intp)):
                best.offer(self.fixed)
            best.lower(best.value, "Lagrangian bound, candidates decided one by one")
            return
        everything = int(left.weight.sum())
        if best.is_over:
            return
        if left.zones is None and not len(left.too_close):
            self._branch(best)
            return
        step = max(1, int(np.gcd.reduce(left.weight)))
        scale = 1.0
        if left.weight.max(initial=0) // step > 2**20:
            # Whole coefficients help the solver only while they are small; large ones swamp its tolerances.
            scale = 2.0 ** -math.ceil(math.log2(left.weight.max() / step / 1024))
        most = self.fixed_value + everything
        answer = solve_model(
            left, self.p, left.weight / step * scale, self._start(best.columns), best.clock.left_s,
            best.slack / step * scale, best.clock.seed,
            lambda missed, bound, _: best.tell(most - missed / scale * step, most - bound / scale * step),
        )  # fmt: skip
        if answer.status == "infeasible":
            best.lower(value, proof)
            return
        missed = max(0.0, answer.bound)
        blur = RESOLUTION * everything / step + 1e-6 / scale
        if answer.x is not None:
            best.offer(np.concatenate([self.fixed, self.columns[answer.x[: left.n_columns] > 0.5]]))
        # What was left out before is not better than the best plan of then.
        bound = max(
            value, self.fixed_value + min(everything, math.floor(everything / step - missed / scale + blur) * step)
        )
        complete = answer.status == "optimal" and best.clock.mip_gap == 0 and bound - best.value <= 2 * blur * step
        best.lower(best.value if complete else bound, proof)

    def _branch(self, best: Best) -> None:
        known = np.flatnonzero(np.isin(self.columns, best.columns))[: self.p]
        tree = Tree(self.instance, self.p, known, best.value - self.fixed_value, best.clock.seed)

        def told(tree: Tree) -> bool:
            if self.fixed_value + tree.value > best.value:
                best.offer(np.concatenate([self.fixed, self.columns[tree.columns]]))
            best.lower(self.fixed_value + tree.bound, "branch and bound with Lagrangian bounds")
            return best.is_over

        tree.grow(told)
        told(tree)

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
