"""The best plan of a problem with capacities so far, and what is proved of all plans."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from siting.locate.capacity.instance import Hosts
from siting.locate.capacity.transport import transport
from siting.locate.clock import Clock

RESOLUTION = 1e-10
"""Where values are no whole multiples of a step, two plans closer than this share count as equally good."""


@dataclass
class Found:
    """The best plan so far, and what is proved of all plans.

    Attributes
    ----------
    is_open : shape (m,)
    flow : shape (n, m), whole units
    value, bound : in the caller's terms
    proved : nothing is better
    """

    hosts: Hosts
    clock: Clock
    is_open: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=bool))
    flow: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 0), dtype=np.int64))
    value: float = math.inf
    bound: float = -math.inf
    proved: bool = False
    proof: str = "none"
    interrupted: bool = False

    @property
    def cut(self) -> float:
        """The bound from which on no plan is better than the best one."""
        if not math.isfinite(self.value):
            return math.inf
        blurred = self.value - RESOLUTION * abs(self.value)
        step = self.hosts.step
        return blurred if step <= 0 else min(blurred, self.value - step + max(1e-6 * step, 1e-12 * abs(self.value)))

    @property
    def is_over(self) -> bool:
        """Whether the best plan is proved or good enough, or the time is up."""
        return self.proved or self.clock.is_over or self.clock.settled(self.value, self.bound)

    def offer(self, flow: NDArray[np.int64], is_open: NDArray[np.bool_]) -> bool:
        """Take a plan that keeps all conditions if it is better, without columns that nobody needs."""
        hosts = self.hosts
        is_open = needed(hosts, flow, is_open)
        row, column = np.nonzero(flow)
        value = math.fsum(flow[row, column] * hosts.unit[row, column]) + math.fsum(hosts.price[is_open])
        if not (value < self.value and hosts.allows(is_open)):
            return False
        self.flow, self.is_open, self.value = flow, is_open, value
        self.raise_bound(self.bound, self.proof)
        return True

    def raise_bound(self, bound: float, proof: str) -> None:
        """Take a bound if it is better; one that no better plan can meet is a proof."""
        if bound >= self.cut:
            bound, self.proved, self.proof = self.value, True, proof
        if bound > self.bound:
            self.bound, self.proof = bound, proof
        self.clock.tell(self.value, min(self.bound, self.value))


def needed(hosts: Hosts, flow: NDArray[np.int64], is_open: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Close columns that nothing is sent to, as far as quotas allow."""
    kept = is_open | hosts.opened
    idle = np.flatnonzero(kept & ~hosts.opened & (flow.sum(axis=0) == 0))
    for j in sorted(idle.tolist(), key=lambda j: -hosts.price[j]):
        if all(kept[columns].sum() > least for columns, least, _ in hosts.quotas if j in columns):
            kept[j] = False
    return kept


def send(hosts: Hosts, is_open: NDArray[np.bool_]) -> NDArray[np.int64] | None:
    """Send all demand to open columns, rows split at will; None if there is no room."""
    at = np.flatnonzero(is_open)
    sent = transport(hosts.unit[:, at], hosts.amount, hosts.room[at])
    if sent is None:
        return None
    flow = np.zeros(hosts.unit.shape, dtype=np.int64)
    flow[:, at] = sent
    return flow


def whole_flow(hosts: Hosts, column: NDArray[np.intp]) -> NDArray[np.int64] | None:
    """Flow where each row goes to one column; None if a column has too little room or is out of reach."""
    flow = np.zeros(hosts.unit.shape, dtype=np.int64)
    at = np.arange(hosts.n_rows)
    if (column < 0).any() or not np.isfinite(hosts.unit[at, column]).all():
        return None
    flow[at, column] = hosts.amount
    return flow if (flow.sum(axis=0) <= hosts.room).all() else None
