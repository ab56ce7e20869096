"""Branch and bound over columns of a median problem, with Lagrangian bounds that go on from those of the parent."""

import heapq
import math

import numpy as np
from numpy.typing import NDArray

from siting.locate.median.best import Best
from siting.locate.median.bound import Dual
from siting.locate.median.instance import Median

_STEPS = 100
_THETA = 0.3
_PATIENCE = 10


# Bound, number, opened, kept, multipliers.
_Node = tuple[float, int, NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float32]]


class Tree:
    """The nodes that are still open; each opens some columns for good and leaves some out.

    Parameters
    ----------
    median : what is left to decide
    opened : `Median.ids` that are open besides
    v : multipliers to begin with
    """

    def __init__(self, median: Median, opened: NDArray[np.intp], v: NDArray[np.float64], best: Best) -> None:
        self.median, self.opened, self.best = median, opened, best
        self.pushed = 0
        nothing = np.zeros(median.n_columns, dtype=bool)
        self.heap: list[_Node] = [(best.bound, 0, nothing, ~nothing, v.astype(np.float32))]

    @property
    def bound(self) -> float:
        """Of all plans: the least of the open nodes, or that of the best plan."""
        return min(self.heap[0][0] if self.heap else math.inf, self.best.value)

    def run(self, nodes: int) -> bool:
        """Work on so many nodes; True once none is left."""
        for _ in range(nodes):
            while self.heap and self.heap[0][0] >= self.best.cut:
                heapq.heappop(self.heap)
            if not self.heap:
                self.best.raise_bound(self.best.value, "branch and bound with Lagrangian bounds")
                return True
            self.best.raise_bound(self.heap[0][0], "branch and bound with Lagrangian bounds")
            if self.best.clock.is_over or self.best.is_done:
                return False
            self._step(*heapq.heappop(self.heap))
        return False

    def _step(
        self, bound: float, _number: int, opened: NDArray[np.bool_], kept: NDArray[np.bool_], v: NDArray[np.float32]
    ) -> None:
        """Bound a node, decide what the bound decides, and split the rest."""
        node = self.median.restrict(opened, kept)
        if node is None:
            return
        index = np.flatnonzero(np.isin(self.median.ids, node.ids))
        if node.n_columns == 0 or node.q == 0:
            self._offer(opened, node, np.zeros(node.n_columns, dtype=bool))
            return
        dual = Dual.begin(node, v.astype(np.float64), _THETA)
        dual.climb(node, self.best.cut, _STEPS, self.best.clock, _PATIENCE)
        bound = max(bound, dual.bound)
        if bound >= self.best.cut:
            return
        self._offer(opened, node, dual.pointed(node))
        always, never, _ = dual.decided(node, self.best.cut)
        opened, kept = opened.copy(), np.zeros(len(kept), dtype=bool)
        opened[index[always]] = True
        kept[index[~always & ~never]] = True
        free = np.flatnonzero(~always & ~never)
        if len(free) == 0:
            self._push(bound, opened, kept, v)
            return
        v = dual.best_v.astype(np.float32)  # any multipliers give a valid bound, so half the memory will do
        j = index[free[np.argmax(dual.mean_x[free])]]
        kept[j] = False
        with_j = opened.copy()
        with_j[j] = True
        for choice in (with_j, opened):
            self._push(bound, choice, kept, v)

    def _push(self, bound: float, opened: NDArray[np.bool_], kept: NDArray[np.bool_], v: NDArray[np.float32]) -> None:
        self.pushed += 1
        heapq.heappush(self.heap, (bound, self.pushed, opened, kept, v))

    def _offer(self, opened: NDArray[np.bool_], node: Median, chosen: NDArray[np.bool_]) -> None:
        if node.allows(chosen):
            value = node.value(chosen)
            self.best.offer(np.concatenate([self.opened, self.median.ids[opened], node.ids[chosen]]), value)
