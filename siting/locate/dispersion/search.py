"""The search of a p-dispersion problem: good plans, then which separations are impossible.

Whether ``k`` columns can keep a distance from each other is a question of independent sets. Pairs that are too close
are joined to groups of which at most one may be open, which makes the linear relaxation strong enough for most levels
(Sayah & Irnich 2017, European Journal of Operational Research 256, 62-67, search the same levels).
"""

from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.bracket import Bracket
from siting.locate.dispersion.instance import Dispersion, without_pairs
from siting.locate.dispersion.moves import keep_apart
from siting.locate.solver import minimise

_SHARE = 0.75
_ATTEMPTS = 5
# The margin covers the arithmetic of the solver; numbers of sites are whole.
_TOLERANCE = 1e-4

Verdict = Literal["reached", "impossible", "unknown"]


class DispersionSearch:
    """Narrows the bracket of a p-dispersion problem."""

    def __init__(self, problem: Dispersion, bracket: Bracket) -> None:
        self.problem, self.bracket, self.clock = problem, bracket, bracket.clock
        self.proof = "none"
        self._quotas = without_pairs(problem.choice).rows()

    def run(self) -> None:
        """Search until the best plan is proved, or the time is up."""
        bracket = self.bracket
        if bracket.low >= bracket.high:
            self.proof = "required and existing sites are no farther apart"
            return
        bracket.improve(self._swap, self.problem.level, _ATTEMPTS)
        self.relax()
        while not bracket.done and not self.clock.is_over:
            level = bracket.next(_SHARE)
            verdict = self.decide(level, whole=True)
            if verdict == "unknown":
                return
            if verdict == "impossible":
                self.proof = "independent-set models"
                bracket.exclude(level)

    def _swap(self, level: int, start: NDArray[np.bool_], steps: int, seed: int) -> NDArray[np.bool_] | None:
        return keep_apart(self.problem, start, level, steps=steps, seed=seed)

    def relax(self) -> None:
        """Improve the bound as far as linear relaxations do."""
        bracket = self.bracket
        high = bracket.high
        while bracket.low < high and not bracket.done and not self.clock.is_over:
            level = (bracket.low + high) // 2
            verdict = self.decide(level, whole=False)
            if verdict == "unknown":
                return
            if verdict == "impossible":
                self.proof = "linear relaxation"
                bracket.exclude(level)
            else:
                high = level

    def decide(self, level: int, *, whole: bool) -> Verdict:
        """Say whether the level can be reached; keeps the plan if sites are ``whole``."""
        problem, choice = self.problem, self.problem.choice
        able = np.flatnonzero(problem.base <= level)
        if len(able) < choice.k:
            return "impossible"
        conflicts = np.ascontiguousarray(problem.conflicts(level)[np.ix_(able, able)])
        members, ends = _groups(conflicts)
        n = len(able)
        groups = sparse.csr_array((np.ones(len(members)), members, np.append(0, ends)), (len(ends), n))
        quotas, lower, upper = self._quotas
        parts = [groups, sparse.csr_array(quotas[:, able])]
        lower, upper = np.append(np.full(len(ends), -np.inf), lower), np.append(np.ones(len(ends)), upper)
        if whole:
            parts.append(sparse.csr_array(np.ones((1, n))))
            lower, upper = np.append(lower, choice.k), np.append(upper, choice.k)
        answer = minimise(
            np.zeros(n) if whole else -np.ones(n), sparse.csr_array(sparse.vstack(parts, format="csr")), lower, upper,
            col_lower=np.zeros(n), col_upper=np.ones(n), integral=np.full(n, whole),
            time_limit_s=max(0.1, self.clock.left_s), seed=self.clock.seed,
        )  # fmt: skip
        if answer.status == "infeasible":
            return "impossible"
        if answer.x is None or answer.status != "optimal":
            return "unknown"
        if not whole:
            return "impossible" if -answer.bound < choice.k - _TOLERANCE else "reached"
        plan = np.zeros(choice.n_columns, dtype=bool)
        plan[able[answer.x > 0.5]] = True
        self.bracket.offer(plan, problem.level(plan))
        return "reached" if self.bracket.high <= level else "unknown"


@njit(cache=True, nogil=True)
def _groups(conflicts):  # type: ignore[no-untyped-def]
    """Cover all conflicts by groups that exclude each other mutually, as large as can be, joined end to end."""
    m = len(conflicts)
    covered = np.zeros((m, m), dtype=np.bool_)
    degree = np.zeros(m, dtype=np.int64)
    for a in range(m):
        for b in range(m):
            degree[a] += conflicts[a, b]
    members = [0 for _ in range(0)]
    ends = [0 for _ in range(0)]
    shared = np.empty(m, dtype=np.int64)
    fresh = np.empty(m, dtype=np.int64)
    for a in range(m):
        for b in range(a + 1, m):
            if not conflicts[a, b] or covered[a, b]:
                continue
            group = [a, b]
            n = 0
            for c in range(m):
                if conflicts[a, c] and conflicts[b, c]:
                    shared[n] = c
                    fresh[n] = (not covered[a, c]) + (not covered[b, c])
                    n += 1
            while n > 0:
                # The member that covers most conflicts which no group holds yet, of equals the one of most conflicts.
                best = 0
                for e in range(1, n):
                    if (fresh[e], degree[shared[e]]) > (fresh[best], degree[shared[best]]):
                        best = e
                c = shared[best]
                group.append(c)
                kept = 0
                for e in range(n):
                    d = shared[e]
                    if conflicts[c, d]:
                        shared[kept] = d
                        fresh[kept] = fresh[e] + (not covered[c, d])
                        kept += 1
                n = kept
            for u in group:
                for v in group:
                    covered[u, v] = True
            members.extend(sorted(group))
            ends.append(len(members))
    return np.array(members, dtype=np.int64), np.array(ends, dtype=np.int64)
