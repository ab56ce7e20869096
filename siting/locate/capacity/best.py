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
    flow : shape (n, open columns), whole units
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
        # Bounds are sums as large as the value, or all demand where it is about who stays away.
        large = max(abs(self.value), float(self.hosts.total) if self.hosts.covers else 0.0)
        return blurred if step <= 0 else min(blurred, self.value - step + max(1e-6 * step, 1e-12 * large))

    @property
    def is_over(self) -> bool:
        """Whether the best plan is proved or good enough, or the time is up."""
        return self.proved or self.clock.is_over or self.clock.settled(self.value, self.bound)

    def offer(self, flow: NDArray[np.int64], is_open: NDArray[np.bool_]) -> bool:
        """Take a plan that keeps all conditions if it is better, without columns that nobody needs.

        Parameters
        ----------
        flow : shape (n, open columns), in the order of their positions
        """
        hosts = self.hosts
        at = cheapest_versions(hosts, flow.sum(axis=0), np.flatnonzero(is_open))
        row, column = np.nonzero(flow)
        sending = math.fsum(flow[row, column] * hosts.unit[row, at[column]])
        is_open = np.zeros(hosts.n_columns, dtype=bool)
        is_open[at] = True
        keep = needed(hosts, flow.sum(axis=0), at, is_open)
        is_open[at[~keep]] = False
        value = sending + math.fsum(hosts.price[is_open])
        if not (value < self.value and hosts.allows(is_open)):
            return False
        order = np.argsort(at[keep], kind="stable")
        self.flow, self.is_open, self.value = flow[:, keep][:, order], is_open, value
        self.raise_bound(self.bound, self.proof)
        return True

    def full_flow(self) -> NDArray[np.int64]:
        """Return the flow of the best plan over all columns, shape (n, m)."""
        full = np.zeros(self.hosts.unit.shape, dtype=np.int64)
        full[:, self.is_open] = self.flow
        return full

    def raise_bound(self, bound: float, proof: str) -> None:
        """Take a bound if it is better; one that no better plan can meet is a proof."""
        if bound >= self.cut:
            bound, self.proved, self.proof = self.value, True, proof
        if bound > self.bound:
            self.bound, self.proof = bound, proof
        self.clock.tell(self.value, min(self.bound, self.value))


def cheapest_versions(hosts: Hosts, load: NDArray[np.int64], at: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return for each open column the cheapest version of its site with room for its load, itself among equals."""
    if hosts.n_versions == 1:
        return at
    best = at.copy()
    for k, j in enumerate(at.tolist()):
        for i in hosts.versions_of(j).tolist():
            if hosts.room[i] >= load[k] and hosts.price[i] < hosts.price[best[k]]:
                best[k] = i
    return best


def needed(
    hosts: Hosts, load: NDArray[np.int64], at: NDArray[np.intp], is_open: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Say which open columns must stay: those that something is sent to, and those that quotas need."""
    idle = [k for k in np.flatnonzero(load == 0).tolist() if not hosts.opened[at[k]]]
    count = [int(is_open[columns].sum()) for columns, _, _ in hosts.quotas]
    keep = np.ones(len(at), dtype=bool)
    for k in sorted(idle, key=lambda k: -hosts.price[at[k]]):
        mine = [z for z, (columns, _, _) in enumerate(hosts.quotas) if at[k] in columns]
        if all(count[z] > hosts.quotas[z][1] for z in mine):
            keep[k] = False
            for z in mine:
                count[z] -= 1
    return keep


def send(hosts: Hosts, is_open: NDArray[np.bool_]) -> NDArray[np.int64] | None:
    """Send all demand to open columns, rows split at will; None if there is no room."""
    at = np.flatnonzero(is_open)
    return transport(hosts.unit[:, at], hosts.amount, hosts.room[at])


def whole_flow(hosts: Hosts, column: NDArray[np.intp], is_open: NDArray[np.bool_]) -> NDArray[np.int64] | None:
    """Flow where each row goes to one open column; None if a column has too little room or is out of reach."""
    at = np.arange(hosts.n_rows)
    if (column < 0).any() or not (np.isfinite(hosts.unit[at, column]) & is_open[column]).all():
        return None
    place = np.cumsum(is_open) - 1
    flow = np.zeros((hosts.n_rows, int(is_open.sum())), dtype=np.int64)
    flow[at, place[column]] = hosts.amount
    return flow if (flow.sum(axis=0) <= hosts.room[is_open]).all() else None
