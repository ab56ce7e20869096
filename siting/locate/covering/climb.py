"""Good sites fast: greedy, then swaps that cool down, in rounds that grow. No proof is claimed here."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.covering.anneal import anneal, enter
from siting.locate.covering.heuristics import OpenSites, fill
from siting.locate.covering.reduce import Instance

# Heat at the beginning and at the end of a round, in shares of what an open column serves on average; steps of the
# first round, for each column and in entries gone through at most; by how much rounds grow; and entries between two
# looks at the clock.
_HOT, _COLD = 0.05, 0.002
_STEPS, _ENTRIES, _GROWTH = 100, 6e7, 2.5
_PORTION = 2e7


class Climb:
    """A search for columns of great weight, which goes on where it stopped.

    Attributes
    ----------
    columns : of the best plan, ascending
    value : the weight that they serve, in units
    whole : whether they meet all quotas; a start that does is never left for one that does not
    """

    def __init__(self, instance: Instance, p: int, start: Sequence[int] | NDArray[np.intp] = (), *, seed: int) -> None:
        self._instance, self._p = instance, p
        self._state = np.array([seed + 1], dtype=np.uint64)
        self._rounds = 0
        self._take(start)
        zones, n = instance.zones, instance.n_columns
        none = np.zeros(0, dtype=np.int64)
        self._problem = (
            *pointers(instance.reached_by), instance.weight,
            np.full(n, -1, dtype=np.int64) if zones is None else zones.zone,
            none if zones is None else zones.least, none if zones is None else zones.most,
            *pointers(instance.neighbours()),
        )  # fmt: skip
        self._entries = float(len(self._problem[1]) / max(1, n) + len(self.columns) + 1)

    def _take(self, start: Sequence[int] | NDArray[np.intp]) -> None:
        state = OpenSites(self._instance)
        for column in start:
            state.open(int(column))
        fill(state, self._p)
        self.columns, self.value, self.whole = state.columns, round(state.value), not state.missing

    def run(
        self, among: NDArray[np.intp] | None = None, *, enough: float = np.inf, is_over: Callable[[], bool]
    ) -> None:
        """Swap for one round, columns of ``among`` in, until a plan is worth ``enough`` or the time is over."""
        n = self._instance.n_columns
        if not len(self.columns) or not n or not self.whole:
            return
        among = np.arange(n) if among is None else among
        if len(among) and not is_over():
            steps = max(1, min(_STEPS * n, int(_ENTRIES / self._entries)))
            steps = int(steps * _GROWTH**self._rounds)
            self._rounds += 1
            self._cool(among, steps, enough, is_over)
        if len(self.columns) < self._p:
            self._take(self.columns)

    def _cool(self, among: NDArray[np.intp], steps: int, enough: float, is_over: Callable[[], bool]) -> None:
        instance = self._instance
        n = instance.n_columns
        plan = (
            np.zeros(instance.n_rows, dtype=np.int64), np.zeros(instance.n_rows, dtype=np.int64),
            np.zeros(n, dtype=np.int64), np.zeros(n, dtype=bool), np.zeros(n, dtype=np.int64),
            np.zeros(0 if instance.zones is None else len(instance.zones.least), dtype=np.int64),
        )  # fmt: skip
        value = 0
        for column in self.columns.tolist():
            value += enter(column, self._problem, plan)
        opened, best, saved = self.columns.copy(), plan[3].copy(), np.zeros(n, dtype=np.int64)
        share = value / len(opened)
        portions = max(1, round(steps * self._entries / _PORTION))
        heats = [*(share * _HOT * (_COLD / _HOT) ** np.linspace(0, 1, portions + 1)), 0.0, 0.0]
        every = np.arange(n)
        for hot, cold in pairwise(heats):
            where, count = (among, steps // portions) if cold > 0 else (every, 2 * n)
            value, self.value = anneal(
                where, count, hot if cold > 0 else 0.0, cold, value, opened, self._problem, plan, best, self.value,
                saved, self._state,
            )  # fmt: skip
            self.columns = np.flatnonzero(best)
            if self.value >= enough or is_over():
                return


def pointers(matrix: sparse.csr_array) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return where the rows of a matrix begin, and their columns, in the one type that the kernels are compiled for."""
    return matrix.indptr.astype(np.int32, copy=False), matrix.indices.astype(np.int32, copy=False)
