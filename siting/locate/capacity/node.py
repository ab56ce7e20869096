"""The Lagrangian relaxation of a problem with capacities at a node: columns that are open, closed or undecided."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.locate.capacity.dual import CLOSED, FREE, OPEN, climb, decide
from siting.locate.capacity.instance import AWAY, Hosts

_AHEAD, _SHARE = 0.05, 0.25


@dataclass
class Node:
    """What is decided, and how far the multipliers have come.

    Attributes
    ----------
    state : shape (m,), open, closed or free
    v, best_v : multipliers now, and of the best bound
    mean : how open each column was of late
    """

    state: NDArray[np.int64]
    v: NDArray[np.float64]
    best_v: NDArray[np.float64]
    mean: NDArray[np.float64]
    bound: float = -np.inf
    theta: float = 1.0

    def child(self, j: int, to: int) -> "Node":
        """Return a copy with one more column decided."""
        state = self.state.copy()
        state[j] = to
        mean = self.mean.copy()
        mean[j] = float(to == OPEN)
        return Node(state, self.best_v.copy(), self.best_v.copy(), mean, self.bound, theta=0.3)


class Relaxed:
    """The relaxation as the compiled functions take it."""

    def __init__(self, hosts: Hosts) -> None:
        self.hosts = hosts
        self.cost = np.ascontiguousarray(hosts.whole.T)
        common = max(1, int(np.gcd.reduce(hosts.amount))) if hosts.single and hosts.n_rows else 1
        reached = np.isfinite(self.cost)
        start = np.concatenate([[0], np.cumsum(reached.sum(axis=1))]).astype(np.int64)
        self.given = (
            start, np.nonzero(reached)[1].astype(np.int64), self.cost[reached], hosts.amount // common,
            hosts.room // common, hosts.price, hosts.group, hosts.counted,
        )  # fmt: skip
        self.highest = float(np.where(reached, self.cost, 0.0).max(axis=0, initial=0.0).sum() + hosts.price.sum())
        self.near: list[list[int]] = [[] for _ in range(hosts.n_columns)]
        for a, b in hosts.pairs.tolist():
            self.near[a].append(b)
            self.near[b].append(a)

    def root(self) -> Node:
        """Begin with what a row costs at its cheapest column, with its part of the opening cost."""
        hosts = self.hosts
        part = hosts.price / np.maximum(hosts.room, 1)
        # Where serving costs nothing, what staying away costs says more.
        v = (hosts.unit[:, hosts.ids == AWAY].max(axis=1) if hosts.covers else (hosts.unit + part).min(axis=1)) * (
            hosts.amount
        )
        state = np.where(hosts.opened, OPEN, FREE).astype(np.int64)
        return Node(state, v, v.copy(), hosts.opened.astype(np.float64))

    def left(self, node: Node) -> int:
        """Return how many free columns may be opened."""
        return self.hosts.q - int(((node.state == OPEN) & self.hosts.counted).sum())

    def climb(self, node: Node, cut: float, steps: int) -> None:
        """Raise the bound of a node."""
        goal = cut if np.isfinite(cut) else self.highest
        if np.isfinite(node.bound):
            # A plan far above the bound says little of where the bound will end.
            goal = min(goal, node.bound + max(_AHEAD * abs(node.bound), _SHARE * (goal - node.bound)))
        node.bound, node.theta = climb(
            *self.given, node.state, self.left(node), self.hosts.single, node.v, node.best_v, node.bound, goal,
            node.theta, steps, node.mean,
        )  # fmt: skip

    def leave_out(self, node: Node, cut: float) -> bool:
        """Decide columns that the bound or the conditions decide; False if no better plan is left."""
        m = self.hosts.n_columns
        is_open, is_closed = np.empty(m), np.empty(m)
        while True:
            decide(*self.given, node.state, self.left(node), self.hosts.single, node.best_v, is_open, is_closed)
            free = node.state == FREE
            never, always = free & (is_open >= cut), free & (is_closed >= cut)
            if (never & always).any():
                return False
            node.state[never], node.state[always] = CLOSED, OPEN
            follows = self._follow(node)
            if follows is None:
                return False
            if not (never.any() or always.any() or follows):
                return True

    def _follow(self, node: Node) -> bool | None:
        """Apply count, spacing, quotas and room; None if they cannot be met, else whether anything was decided."""
        hosts, state = self.hosts, node.state
        before = state.copy()
        for j in np.flatnonzero(state == OPEN).tolist():
            for k in self.near[j]:
                if state[k] == OPEN:
                    return None
                state[k] = CLOSED
        left = self.left(node)
        if left < 0:
            return None
        if left == 0:
            state[(state == FREE) & hosts.counted] = CLOSED
        for columns, least, most in hosts.quotas:
            part = state[columns]
            if (part == OPEN).sum() > most or (part != CLOSED).sum() < least:
                return None
            if (part == OPEN).sum() == most:
                state[columns[part == FREE]] = CLOSED
            elif (part != CLOSED).sum() == least:
                state[columns[part == FREE]] = OPEN
        if hosts.room[state == OPEN].sum() + hosts.most_room(state == FREE, self.left(node))[-1] < hosts.total:
            return None
        return not np.array_equal(before, state)
