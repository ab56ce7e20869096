"""Branch and bound for maximal covering: the most promising part is always looked at first, bounds in whole units.

A part is all answers that open some columns and leave others shut. Its bound is that of `Relaxation`, begun where the
part that it was cut from ended, so that a few rounds of steps are enough. What a part's own bound decides is decided
for all that is cut from it.

Which column a part is cut at follows from what cuts at it won so far: Benichou et al. (1971), Mathematical Programming
1, 76-94.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from siting.locate.covering.climb import Climb
from siting.locate.covering.primal_dual import CoverBound, Relaxation
from siting.locate.covering.reduce import Instance, value_of

# Rounds of the bound at the root and in each part; parts between two searches for a better plan; what is kept of where
# steps ended, over all open parts; how near 0 or 1 a column counts as whole.
_ROOT, _ROUNDS = 60, 6
_EVERY = 32
_KEPT_BYTES = 200_000_000
_WHOLE = 1e-3


@dataclass(frozen=True, slots=True)
class _Part:
    """Answers that open ``opened`` and nothing of ``shut``, none of them above ``bound``; it is cut at ``column``."""

    bound: int
    opened: NDArray[np.intp]
    shut: NDArray[np.bool_]
    column: int
    share: float
    x: NDArray[np.float32] | None
    u: NDArray[np.float32] | None

    @property
    def n_bytes(self) -> int:
        """Memory of where the steps ended."""
        return 0 if self.x is None or self.u is None else self.x.nbytes + self.u.nbytes


@dataclass
class _Cuts:
    """What cuts at each column took off the bound, for a whole unit of the column: shut (row 0) and opened (row 1)."""

    won: NDArray[np.float64]
    count: NDArray[np.int64]

    def learn(self, column: int, opened: int, won: float, share: float) -> None:
        self.won[opened, column] += won / max(share, 0.05)
        self.count[opened, column] += 1

    def choose(self, columns: NDArray[np.intp], share: NDArray[np.float64]) -> int:
        """Return the column whose cut promises most, of those that are partly open."""
        middle = np.minimum(share, 1.0 - share)
        usual = self.won.sum(axis=1) / np.maximum(1, self.count.sum(axis=1))
        if not usual.all():
            return int(columns[np.argmax(middle)])
        known = self.count[:, columns] > 0
        each = np.where(known, self.won[:, columns] / np.maximum(1, self.count[:, columns]), usual[:, None])
        promise = np.maximum(each[0] * share, 1.0) * np.maximum(each[1] * (1.0 - share), 1.0)
        return int(columns[np.argmax(np.where(middle > _WHOLE, promise, middle))])


@dataclass
class Tree:
    """Parts of all answers that may still hold a better one.

    Attributes
    ----------
    instance : a problem without quotas and without columns too close to each other
    p : at most so many columns
    columns : the best plan known, or where to begin
    value : only answers above it are looked for; that of ``columns`` once a better one is found
    """

    instance: Instance
    p: int
    columns: NDArray[np.intp]
    value: int
    seed: int = 0
    _parts: list[tuple[int, int, _Part]] = field(default_factory=list)
    _count: int = 0
    _kept: int = 0

    def __post_init__(self) -> None:
        """Begin without any cut."""
        n = self.instance.n_columns
        self._cuts = _Cuts(np.zeros((2, n)), np.zeros((2, n), dtype=np.int64))

    @property
    def bound(self) -> int:
        """No answer is above it."""
        return max(self.value, -self._parts[0][0]) if self._parts else self.value

    def grow(self, told: Callable[["Tree"], bool]) -> None:
        """Cut parts, the one with the highest bound first, until none is left or ``told`` says that it is enough.

        ``told`` hears of the tree after each cut, when plan and bound may be better; it is true where to stop.
        """
        n = self.instance.n_columns
        self._offer(self.columns)
        root = Relaxation.begin(self.instance, self.p, self.columns)
        root.run(_ROOT, self.value, lambda: False)
        self._root = root.x, root.best_u
        everything = int(self.instance.weight.sum())
        first = self._look(np.empty(0, dtype=np.intp), np.zeros(n, dtype=bool), root.x, root.best_u, everything)
        if first is not None:
            self._push(first)
        while self._parts and not told(self):
            self._cut(self._pop())

    def _cut(self, part: _Part) -> None:
        if part.bound <= self.value:
            return
        x, u = self._root if part.x is None or part.u is None else (part.x, part.u)
        for opened in (1, 0):
            now, shut = part.opened, part.shut
            if opened:
                now = np.append(now, part.column)
            else:
                shut = shut.copy()
                shut[part.column] = True
            inside = self._look(now, shut, x, u, part.bound)
            left = self.value if inside is None else inside.bound
            self._cuts.learn(part.column, opened, part.bound - left, 1.0 - part.share if opened else part.share)
            if inside is not None:
                self._push(inside)

    def _look(
        self,
        opened: NDArray[np.intp],
        shut: NDArray[np.bool_],
        x: NDArray[np.floating],
        u: NDArray[np.floating],
        most: int,
    ) -> _Part | None:
        """Bound a part, decide what its bound decides, and choose where to cut it; None if nothing is better there."""
        instance, self._count = self.instance, self._count + 1
        is_open = np.zeros(instance.n_columns, dtype=bool)
        is_open[opened] = True
        done = (instance.reach @ is_open.astype(np.int64)) > 0
        base, p = int(instance.weight[done].sum()), self.p - len(opened)
        columns = np.flatnonzero(~(is_open | shut))
        if p <= 0 or not len(columns):
            self._offer(opened)
            return None
        reach = instance.reach[~done][:, columns]
        inside = replace(
            instance, reach=reach, reached_by=reach.T.tocsr(), weight=instance.weight[~done], candidates=columns
        )
        p = min(p, len(columns))
        relaxed = Relaxation(inside, p, x[columns].astype(np.float64), u[~done].astype(np.float64))
        relaxed.best_u = relaxed.u
        relaxed.run(_ROUNDS, self.value - base, lambda: False)
        state = relaxed.state()
        self._better(state, columns, opened, inside)
        bound = min(most, base + state.bound)
        if bound <= self.value:
            return None
        always, never = state.decided(self.value - base, p)
        opened = np.concatenate([opened, columns[always]])
        free = ~(always | never)
        if not free.any():
            self._offer(opened)
            return None
        shut = shut.copy()
        shut[columns[never]] = True
        whole_x = np.zeros(instance.n_columns, dtype=np.float32)
        whole_x[columns] = relaxed.x
        whole_u = np.zeros(instance.n_rows, dtype=np.float32)
        whole_u[~done] = relaxed.best_u
        column = self._cuts.choose(columns[free], relaxed.x[free])
        return _Part(bound, opened, shut, column, float(whole_x[column]), whole_x, whole_u)

    def _better(self, state: CoverBound, columns: NDArray[np.intp], opened: NDArray[np.intp], inside: Instance) -> None:
        """Try the plan that the bound points to, now and then after swaps."""
        plan = np.concatenate([opened, columns[state.chosen]])
        self._offer(plan)
        if self._count % _EVERY == 0:
            climb = Climb(inside, int(state.chosen.sum()), np.flatnonzero(state.chosen), seed=self.seed + self._count)
            climb.run(is_over=lambda: False)
            self._offer(np.concatenate([opened, columns[climb.columns]]))

    def _offer(self, columns: NDArray[np.intp]) -> None:
        if (value := value_of(self.instance, columns)) > self.value:
            self.columns, self.value = np.sort(columns), value

    def _push(self, part: _Part) -> None:
        if self._kept + part.n_bytes > _KEPT_BYTES:
            part = replace(part, x=None, u=None)
        self._kept += part.n_bytes
        # Of equal bounds the latest: it is nearest to an answer.
        heapq.heappush(self._parts, (-part.bound, -self._count, part))

    def _pop(self) -> _Part:
        part = heapq.heappop(self._parts)[2]
        self._kept -= part.n_bytes
        return part
