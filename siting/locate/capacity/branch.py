"""Branching on which columns are open, with the Lagrangian bound at each node; then it is a transport problem."""

import heapq
from collections.abc import Callable

import numpy as np

from siting.locate.capacity.best import Found
from siting.locate.capacity.dual import CLOSED, FREE, OPEN
from siting.locate.capacity.node import Node, Relaxed
from siting.locate.capacity.plans import Plans

_STEPS = 80
_PROOF = "branching with Lagrangian bounds"


class Tree:
    """Open nodes, the one of the lowest bound first."""

    def __init__(self, relaxed: Relaxed, plans: Plans, best: Found, end: Callable[[Node], bool | None]) -> None:
        self.end = end
        self.relaxed, self.plans, self.best = relaxed, plans, best
        self.heap: list[tuple[float, int, Node]] = []
        self.made = 0

    def run(self, root: Node) -> None:
        """Branch until no node can hold a better plan, or the time is up.

        ``end`` says True where it has found the best of a node, False where the time was up, None to branch.
        """
        self._push(root)
        while self.heap:
            bound = self.heap[0][0]
            self.best.raise_bound(min(bound, self.best.value), _PROOF)
            if self.best.is_over:
                return
            node = heapq.heappop(self.heap)[2]
            if not self.relaxed.leave_out(node, self.best.cut):
                continue
            ended = self.end(node)
            if ended is False:
                return
            if ended:
                continue
            free = np.flatnonzero(node.state == FREE)
            j = int(free[np.argmin(np.abs(node.mean[free] - 0.5))])
            for to in (OPEN, CLOSED):
                child = node.child(j, to)
                if not self.relaxed.leave_out(child, self.best.cut):
                    continue
                self.relaxed.climb(child, self.best.cut, _STEPS)
                if child.bound < self.best.cut:
                    self.plans.around(np.where(child.state == FREE, child.mean, child.state.astype(float)))
                    self._push(child)
        self.best.raise_bound(self.best.value, _PROOF)

    def _push(self, node: Node) -> None:
        heapq.heappush(self.heap, (node.bound, self.made, node))
        self.made += 1
