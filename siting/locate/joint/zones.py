"""Quotas of zones where buildings house several services: which plots to count on, and a first plan that meets them."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.covering.quota_start import quota_start
from siting.locate.covering.reduce import Instance
from siting.locate.joint.packing import Joint, Plan
from siting.locate.zone_counts import ZoneCounts

# More than any worth, and still a whole number of 64 bits when worths are added.
_BEYOND = 2**60


@dataclass
class ZoneTally:
    """How many buildings stand in each zone while a search builds and clears; without quotas nothing is barred."""

    zones: ZoneCounts | None
    n_plots: int
    count: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        """Start from no building."""
        self.count = np.zeros(0 if self.zones is None else len(self.zones.least), dtype=np.int64)

    def add(self, plot: int, change: int) -> None:
        """Count a building that is built (1) or cleared (-1)."""
        if self.zones is not None and self.zones.zone[plot] >= 0:
            self.count[self.zones.zone[plot]] += change

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Mask of plots that count in a quota."""
        none = np.zeros(self.n_plots, dtype=bool)
        return none if self.zones is None else self.zones.zone >= 0

    @property
    def missing(self) -> int:
        """How many buildings the quotas still need."""
        return 0 if self.zones is None else int(np.maximum(self.zones.least - self.count, 0).sum())

    def short(self) -> NDArray[np.bool_]:
        """Mask of plots whose zone still needs buildings."""
        none = np.zeros(self.n_plots, dtype=bool)
        return none if self.zones is None else self.zones.of_columns(self.count < self.zones.least)

    def barred(self, instead_of: int = -1) -> NDArray[np.bool_]:
        """Mask of plots that quotas keep free: of full zones, or all others if the plot just cleared was needed."""
        if self.zones is None:
            return np.zeros(self.n_plots, dtype=bool)
        own = -1 if instead_of < 0 else int(self.zones.zone[instead_of])
        if own >= 0 and self.count[own] < self.zones.least[own]:
            others: NDArray[np.bool_] = self.zones.zone != own
            return others
        return self.zones.of_columns(self.count >= self.zones.most)

    def may_clear(self, plot: int) -> bool:
        """Say whether the quota of its zone lets a building go."""
        zone = -1 if self.zones is None else int(self.zones.zone[plot])
        return self.zones is None or zone < 0 or bool(self.count[zone] > self.zones.least[zone])


def best_plots(
    worth: NDArray[Any], must: NDArray[np.bool_], p: int, zones: ZoneCounts, over: float = -np.inf
) -> NDArray[np.bool_]:
    """Mask of the plots of greatest worth together that quotas allow, ``must`` and at most ``p`` more.

    Greedy choice is exact: the best plots that zones need, then the best of all others of zones that are not full, as
    long as they are worth more than ``over``. Ties go to the first plot.
    """
    zone = np.where(must, -1, zones.zone)
    ranked = np.lexsort((np.arange(len(worth)), -worth, zone))
    first = np.searchsorted(zone[ranked], zone[ranked])
    place = np.empty(len(worth), dtype=np.int64)
    place[ranked] = np.arange(len(worth)) - first
    counted = zone >= 0
    needed = counted & (place < np.append(zones.least, 0)[zone])
    chosen: NDArray[np.bool_] = must | needed
    rest = ~chosen & ~(counted & (place >= np.append(zones.most, 0)[zone])) & (worth > over)
    order = np.flatnonzero(rest)
    order = order[np.argsort(-worth[order], kind="stable")]
    chosen[order[: max(0, p - int(needed.sum()))]] = True
    return chosen


def swaps(
    worth: NDArray[np.int64], chosen: NDArray[np.bool_], must: NDArray[np.bool_], p: int, zones: ZoneCounts
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the least worth that goes if a plot comes into the choice of `best_plots`, and the most that replaces it.

    Sets of plots that meet quotas are the bases of a matroid, in which one exchange leads to the best set with, or
    without, a given plot.
    """
    none = len(zones.least)
    zone = np.where(zones.zone < 0, none, zones.zone)
    inside, outside = chosen & ~must, ~chosen & ~must
    count = np.bincount(zone[inside], minlength=none + 1)
    full = count >= np.append(zones.most, len(worth))
    bare = count <= np.append(zones.least, -1)
    low, high = np.full(none + 1, _BEYOND), np.full(none + 1, -_BEYOND)
    np.minimum.at(low, zone[inside], worth[inside])
    np.maximum.at(high, zone[outside], worth[outside])
    anywhere = int(low[~bare].min(initial=_BEYOND))
    goes = np.minimum(low, anywhere) if int(count.sum()) >= p else np.zeros(none + 1, dtype=np.int64)
    comes = np.maximum(np.maximum(high, int(high[~full].max(initial=-_BEYOND))), 0)
    return np.where(full, low, goes)[zone], np.where(bare, high, comes)[zone]


def standing_start(joint: Joint, seconds: float, seed: int) -> Plan:
    """Return buildings without services that meet quotas and spacing, where much demand is near.

    Raises
    ------
    InfeasibleError
        There are none; the message says which p would work.
    SolverError
        None were found in time.
    """
    free = np.flatnonzero(~joint.must)
    local = np.cumsum(~joint.must) - 1
    plot = np.repeat(np.arange(joint.n_plots), joint.n_services)
    house = sparse.csr_array(
        (np.ones(len(plot), dtype=np.int64), (np.arange(len(plot)), plot)), shape=(len(plot), joint.n_plots)
    )
    reach = sparse.csr_array(sparse.csr_array(joint.cover.reach @ house)[:, free])
    pairs, zones = joint.too_close, joint.zones
    plots = Instance(
        reach=reach, reached_by=sparse.csr_array(reach.T.tocsr()), weight=joint.cover.weight,
        candidates=free.astype(np.intp),
        too_close=local[pairs[~joint.must[pairs].any(axis=1)]].reshape(-1, 2).astype(np.intp),
        zones=None if zones is None else ZoneCounts(zone=zones.zone[free], least=zones.least, most=zones.most),
    )  # fmt: skip
    n_must = int(joint.must.sum())
    built = joint.must.copy()
    built[free[quota_start(plots, joint.p - n_must, n_must, seconds, seed)]] = True
    return Plan(np.zeros((joint.n_plots, joint.n_services), dtype=bool), built)
