"""The search behind median problems: interchange, Lagrangian bound, fixing, and branch and bound on what is left."""

import math

import numpy as np
from numpy.typing import NDArray

from siting.errors import InfeasibleError, SolverError
from siting.locate.clock import Clock
from siting.locate.median.best import Best
from siting.locate.median.bound import Dual
from siting.locate.median.branch import Tree
from siting.locate.median.instance import Median
from siting.locate.median.model import fewest, solve_rest
from siting.locate.median.moves import find_nearest, greedy, search_around

# Rounds of shaking before the bound and after it, in portions between two looks at the clock, which are smaller where
# there are more entries; and the shares of the time that both may take.
_QUICK, _LONG, _PORTION, _PORTION_ENTRIES = 30, 300, 10, 10_000_000
_BEGIN_SHARE, _TIGHTEN_SHARE = 0.2, 0.6
_WIDEST = 8
_SMALL = 1e-9
_STEPS, _TURNS, _SHORT_THETA = 3000, 4, 0.3
# Branching hands over to the solver if so many nodes closed less than half the gap, and what is left is not too large
# for a linear program at every node, and the bound is near: a wide gap the solver closes no faster.
_NODES, _ENOUGH, _SOLVER_ENTRIES, _NEAR = 200, 0.5, 60_000, 0.01


def search(median: Median, clock: Clock, best: Best, required: int) -> None:
    """Improve ``best`` until it is proved or the time is up.

    Parameters
    ----------
    required : how many sites are open besides and count in ``p``, for messages

    Raises
    ------
    InfeasibleError
        No plan serves all rows that must be served within the count, spacing and quotas.
    SolverError
        None was found in time.
    KeyboardInterrupt
        After Ctrl-C; ``best`` then holds what was reached.
    """
    stages = _Stages(median, clock, best, required)
    best.raise_bound(math.fsum(median.cost[median.start[:-1]]) + median.base, "every row at its least cost")
    stages.begin()
    if median.n_columns == 0 or median.q == 0:
        best.raise_bound(best.value, "nothing to decide")
        return
    stages.tighten()
    stages.finish()


class _Stages:
    """The stages of a search; ``left`` is what is still undecided, ``opened`` what is open besides."""

    def __init__(self, median: Median, clock: Clock, best: Best, required: int) -> None:
        self.required = required
        self.root, self.clock, self.best = median, clock, best
        self.left, self.opened = median, np.empty(0, dtype=np.intp)
        self.state = np.array([clock.seed + 1], dtype=np.uint64)
        self.dual = Dual.begin(median, median.cap)

    @property
    def is_over(self) -> bool:
        return self.best.is_done or self.clock.is_over

    def begin(self) -> None:
        """Find a first plan: the greedy one, or one of fewest sites where the greedy one breaks a condition."""
        median = self.root
        is_open = np.zeros(median.n_columns + 1, dtype=bool)
        greedy(*median.rows, median.price, median.q, *median.quotas, *median.close, is_open)  # type: ignore[call-arg]
        is_open[-1] = True
        self._offer(median, is_open)
        if median.allows(is_open):
            self._around(median, is_open, _QUICK, _BEGIN_SHARE)
        if math.isfinite(self.best.value):
            return
        found = fewest(median, self.clock)
        if found.bound > median.q:
            raise InfeasibleError(_impossible(median, found.bound, self.required))
        if found.is_open is None or found.is_open.sum() > median.q:
            msg = f"no plan that serves all was found within {self.clock.time_limit_s:g} s; raise time_limit_s"
            raise SolverError(msg)
        is_open = np.append(found.is_open, True)
        self._offer(median, is_open)
        self._around(median, is_open, _QUICK, _BEGIN_SHARE)

    def tighten(self) -> None:
        """Climb to the bound, search where it points, and leave out what no better plan has, as long as it helps."""
        self.dual = Dual.begin(self.root, self._ready_to_pay())
        for turn in range(_TURNS):
            self.dual.climb(self.left, self.best.cut, _STEPS, self.clock)
            self.best.raise_bound(self.dual.bound, "Lagrangian bound")
            if self.is_over or not self._leave_out():
                return
            before = self.best.value
            pointed = np.append(self.dual.pointed(self.left), True)
            if self.left.allows(pointed):
                self._around(self.left, pointed, _QUICK, _TIGHTEN_SHARE)
            known = np.append(self.best.mask(self.left), True)
            if self.left.allows(known):
                self._around(self.left, known, _LONG, _TIGHTEN_SHARE)
            if self.is_over or (turn and self.best.value == before):
                return
            self.dual.theta = _SHORT_THETA

    def finish(self) -> None:
        """Prove the rest by branching, or by the solver where branching takes too many nodes."""
        if self.is_over or not self._leave_out():
            return
        cut, root_bound = self.best.cut, self.best.bound
        _, _, bound = self.dual.decided(self.left, cut)
        rest = self.left.shorten(self.dual.farthest(bound, cut), cut)
        tree = Tree(rest, self.opened, self.dual.best_v, self.best)
        if tree.run(_NODES) or self.is_over:
            return
        closed = (tree.bound - root_bound) / (self.best.cut - root_bound)
        # Spacing is unknown to the Lagrangian bound, but not to the solver.
        near = len(rest.pairs) > 0 or self.best.value - tree.bound <= _NEAR * abs(self.best.value)
        if near and closed < _ENOUGH and len(rest.cost) <= _SOLVER_ENTRIES:
            abs_gap = self.clock.mip_gap * max(self.best.units, abs(self.best.value))
            solved = solve_rest(rest, self.clock, abs_gap, self._hear)
            if solved.is_open is not None:
                self._offer(rest, np.append(solved.is_open, True))
            # All plans that were left out before are not better than the best one of then, nor than that of now.
            self.best.raise_bound(min(solved.bound, cut), "HiGHS on what the Lagrangian bound left")
        while not self.is_over and not tree.run(_NODES):
            known = np.append(self.best.mask(self.left), True)
            if self.left.allows(known):
                self._around(self.left, known, _LONG // 3, 1.0)

    def _hear(self, value: float, bound: float) -> None:
        self.clock.tell(min(value, self.best.value) / self.best.units, max(bound, self.best.bound) / self.best.units)

    def _around(self, median: Median, is_open: NDArray[np.bool_], rounds: int, share: float) -> None:
        """Search around a plan, once at least, until a share of the time is over.

        ``is_open`` (sentinel included) is improved in place.
        """
        if median.n_columns == 0 or median.q == 0 or median.n_rows == 0:
            return
        small = max(_SMALL, 0.5 * median.step)
        portion = min(_PORTION, max(1, _PORTION_ENTRIES // len(median.cost)))
        until = share * self.clock.time_limit_s
        for done in range(0, rounds, portion):
            late = self.clock.is_over or (done > 0 and self.clock.seconds > until)
            if math.isfinite(self.best.value) and (late or self.best.is_done):
                return
            search_around(  # type: ignore[call-arg]
                *median.rows, *median.columns, median.price, median.q, *median.quotas, *median.close, is_open,
                portion, _WIDEST, small, self.state,
            )  # fmt: skip
            self._offer(median, is_open)

    def _offer(self, median: Median, is_open: NDArray[np.bool_]) -> None:
        """Take a plan of the columns of ``median`` if it is better."""
        value = median.value(is_open)
        if value < self.best.value and median.allows(is_open):
            opened = np.empty(0, dtype=np.intp) if median is self.root else self.opened
            self.best.offer(np.concatenate([opened, median.ids[is_open[:-1]]]), value)

    def _ready_to_pay(self) -> NDArray[np.float64]:
        """Return first multipliers: half-way between a row's nearest site and the next."""
        median = self.root
        near = [np.empty(median.n_rows, dtype=np.int64) for _ in range(2)]
        d1, d2 = np.empty(median.n_rows), np.empty(median.n_rows)
        is_open = np.append(self.best.mask(median), True)
        loss = np.zeros(median.n_columns + 1)
        find_nearest(*median.rows, median.price, is_open, *near, d1, d2, loss)  # type: ignore[call-arg]
        return np.where(median.must & (d2 == median.cap), d1, (d1 + d2) / 2)

    def _leave_out(self) -> bool:
        """Open and leave out what is decided; False if nothing is left that could be better."""
        always, never, _ = self.dual.decided(self.left, self.best.cut)
        rest = self.left.restrict(always, ~never)
        if rest is None:
            self.best.raise_bound(self.best.value, "Lagrangian bound, candidates decided one by one")
            return False
        self.dual = self.dual.on(rest, np.isin(self.left.ids, rest.ids))
        self.opened = np.concatenate([self.opened, self.left.ids[always]])
        self.left = rest
        return True


def _impossible(median: Median, needed: float, required: int) -> str:
    """Say why no plan serves all, and what would work."""
    p = median.q + required
    if math.isfinite(needed):
        least = int(needed) + required
        what = f"at least {least} new sites, {required} required ones among them," if required else f"{least} new sites"
        return f"all demand needs {what} within the costs given, but p is {p}; p = {least} would work"
    return (
        "spacing, quotas and excluded candidates leave no plan that reaches all demand; drop some of them, or give "
        "unassigned_cost, what it costs not to serve a demand row"
    )
