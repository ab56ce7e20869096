"""The search of a p-center problem: good plans, then which worst costs are impossible, by ever larger small models.

Whether ``k`` columns can bring every row within a level is a covering problem. Few rows decide it: a model starts with
some that share no column, and only rows that its answer leaves out are added (Chen & Chen 2009, Computers & Operations
Research 36, 1646-1655). The linear relaxation settles most levels; only the rest takes whole numbers.
"""

from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.bracket import Bracket
from siting.locate.center.instance import NEVER, Center
from siting.locate.center.moves import reach_all
from siting.locate.solver import minimise

_SHARE = 0.75
# Of swaps, before the bound is known and after; and of those that mend what a model left out.
_FIRST_ATTEMPTS = 3
_MORE_ATTEMPTS = 8
_MENDING_STEPS = 40_000
# The margin covers the arithmetic of the solver; numbers of sites are whole.
_TOLERANCE = 1e-4
_MOST_COMPARED = 4_000

Verdict = Literal["reached", "impossible", "unknown"]


class CenterSearch:
    """Narrows the bracket of a p-center problem."""

    def __init__(self, center: Center, bracket: Bracket) -> None:
        self.center, self.bracket, self.clock = center, bracket, bracket.clock
        self.rows = np.empty(0, dtype=np.intp)
        self.proof = "none"
        self._conditions = center.choice.rows()

    def run(self) -> None:
        """Search until the best plan is proved, or the time is up."""
        bracket = self.bracket
        bracket.improve(self._swap, self._level, _FIRST_ATTEMPTS)
        self.relax()
        bracket.improve(self._swap, self._level, _MORE_ATTEMPTS)
        failed: set[int] = set()
        while not bracket.done and not self.clock.is_over:
            level = bracket.next(_SHARE)
            verdict = self.decide(level)
            if verdict == "unknown":
                break
            if verdict == "impossible":
                self.proof = "covering models of the rows that matter"
            elif level in failed:
                break
            failed.add(level)

    def offer(self, is_open: NDArray[np.bool_]) -> None:
        """Keep a plan if its worst row is nearer."""
        worst = int(self.center.nearest(is_open).max())
        if worst < NEVER:
            self.bracket.offer(is_open, worst)

    def _level(self, is_open: NDArray[np.bool_]) -> int:
        return int(self.center.nearest(is_open).max())

    def _swap(self, level: int, start: NDArray[np.bool_], steps: int, seed: int) -> NDArray[np.bool_] | None:
        return reach_all(self.center, start, level, steps=steps, seed=seed)

    def relax(self) -> None:
        """Raise the bound as far as linear relaxations do."""
        bracket = self.bracket
        low, high = bracket.low, bracket.high
        while low < high and not bracket.done and not self.clock.is_over:
            level = (low + high) // 2 if high - low > 1 else low
            verdict = self._decide_relaxed(level)
            if verdict == "unknown":
                return
            if verdict == "impossible":
                self.proof = "linear relaxation"
                bracket.exclude(level)
                low = bracket.low
            else:
                high = level

    def _decide_relaxed(self, level: int) -> Verdict:
        ends, column_ends = self.center.row_ends(level), self.center.column_ends(level)
        needed = self.center.base > level
        if (needed & (ends == self.center.row_start[:-1])).any():
            return "impossible"
        served = _coverage(self.center, column_ends, np.zeros(self.center.choice.n_columns))
        while not self.clock.is_over:
            fresh = self._left_out(served, needed, ends)
            if not len(fresh):
                return "reached"
            self.rows = np.union1d(self.rows, fresh)
            x, value, impossible = self._solve(ends, needed, whole=False)
            if impossible or value > self.center.choice.k + _TOLERANCE:
                return "impossible"
            if x is None:
                return "unknown"
            served = _coverage(self.center, column_ends, x)
        return "unknown"

    def decide(self, level: int) -> Verdict:
        """Say whether every row can be within the level; keeps the plan, or the proof that there is none."""
        center = self.center
        ends, column_ends = center.row_ends(level), center.column_ends(level)
        needed = center.base > level
        while not self.clock.is_over:
            x, _, impossible = self._solve(ends, needed, whole=True)
            if impossible:
                self.bracket.exclude(level)
                return "impossible"
            if x is None:
                return "unknown"
            chosen = x > 0.5
            fresh = self._left_out(_coverage(center, column_ends, chosen.astype(np.float64)), needed, ends)
            plan = center.pad(chosen) if center.choice.is_free else chosen
            self.offer(plan)
            mended = self._swap(level, plan, _MENDING_STEPS, self.clock.seed % 2**31) if len(fresh) else None
            if mended is not None:
                self.offer(mended)
            if self.bracket.high <= level:
                return "reached"
            if not len(fresh):
                return "unknown"
            self.rows = np.union1d(self.rows, fresh)
        return "unknown"

    def _left_out(
        self, served: NDArray[np.float64], needed: NDArray[np.bool_], ends: NDArray[np.int64]
    ) -> NDArray[np.intp]:
        """Return rows that are not served in full, the least served first, no two of which share a column."""
        center = self.center
        rows = np.flatnonzero(needed & (served < 1 - 1e-6))
        order = np.lexsort((rows, (ends - center.row_start[:-1])[rows], np.round(served[rows], 6)))
        apart: NDArray[np.intp] = _apart(
            rows[order], center.row_start, ends, center.row_column, center.choice.n_columns
        )
        return apart

    def _solve(
        self, ends: NDArray[np.int64], needed: NDArray[np.bool_], *, whole: bool
    ) -> tuple[NDArray[np.float64] | None, float, bool]:
        """Serve the rows of the model with the fewest columns, or say that ``k`` cannot."""
        center, choice = self.center, self.center.choice
        m, rows = choice.n_columns, self.rows[needed[self.rows]]
        start = center.row_start[rows]
        length = ends[rows] - start
        indptr = np.concatenate(([0], np.cumsum(length))).astype(np.int64)
        entry = np.arange(indptr[-1]) + np.repeat(start - indptr[:-1], length)
        reach = sparse.csr_array(
            (np.ones(len(entry)), center.row_column[entry].astype(np.int64), indptr), (len(rows), m)
        )
        kept = np.arange(m)
        if choice.is_free:
            kept = undominated(reach)
            reach = sparse.csr_array(reach[:, kept])
        matrix, lower, upper = self._conditions
        parts = [reach, sparse.csr_array(matrix[:, kept])]
        lower, upper = (np.append(np.full(len(rows), v), limit) for v, limit in ((1.0, lower), (np.inf, upper)))
        if whole:
            # A plan that need not have each of its sites may have fewer; they are added afterwards.
            parts.append(sparse.csr_array(np.ones((1, len(kept)))))
            lower, upper = np.append(lower, -np.inf if choice.is_free else choice.k), np.append(upper, choice.k)
        if len(kept) == 0:
            return (None, np.inf, True) if len(rows) else (np.zeros(m), 0.0, False)
        answer = minimise(
            np.ones(len(kept)), sparse.csr_array(sparse.vstack(parts, format="csr")), lower, upper,
            col_lower=np.zeros(len(kept)), col_upper=np.ones(len(kept)), integral=np.full(len(kept), whole),
            time_limit_s=max(0.1, self.clock.left_s), abs_gap=float(m), seed=self.clock.seed,
        )  # fmt: skip
        if answer.status == "infeasible":
            return None, np.inf, True
        if answer.x is None or (not whole and answer.status != "optimal"):
            return None, -np.inf, False
        x = np.zeros(m)
        x[kept] = answer.x
        return x, answer.bound, False


def undominated(reach: sparse.csr_array) -> NDArray[np.intp]:
    """Return columns that no other column makes needless; of equal ones the first."""
    columns = sparse.csr_array(reach.T.tocsr())
    columns.sort_indices()
    first: dict[bytes, int] = {}
    for j in range(columns.shape[0]):
        key = columns.indices[columns.indptr[j] : columns.indptr[j + 1]].tobytes()
        if key:
            first.setdefault(key, j)
    kept = np.array(sorted(first.values()), dtype=np.intp)
    if not 0 < len(kept) <= _MOST_COMPARED:
        return kept
    dense = columns[kept].toarray().astype(np.float32)
    size = dense.sum(axis=1)
    common = dense @ dense.T
    inside = (common == size[:, None]) & (size[:, None] < size[None, :])
    undominated_columns: NDArray[np.intp] = kept[~inside.any(axis=1)]
    return undominated_columns


def _coverage(center: Center, column_ends: NDArray[np.int64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    used = np.flatnonzero(x > 1e-9)
    served: NDArray[np.float64] = _add_up(used, x, center.column_start, column_ends, center.column_row, center.n_rows)
    return served


@njit(cache=True, nogil=True)
def _add_up(used, x, start, end, row, n):  # type: ignore[no-untyped-def]
    served = np.zeros(n)
    for j in used:
        for e in range(start[j], end[j]):
            served[row[e]] += x[j]
    return served


@njit(cache=True, nogil=True)
def _apart(rows, start, end, column, m):  # type: ignore[no-untyped-def]
    taken = np.zeros(m, dtype=np.bool_)
    chosen = np.zeros(len(rows), dtype=np.bool_)
    for a in range(len(rows)):
        i = rows[a]
        free = True
        for e in range(start[i], end[i]):
            if taken[column[e]]:
                free = False
                break
        if free:
            chosen[a] = True
            for e in range(start[i], end[i]):
                taken[column[e]] = True
    return rows[chosen]
