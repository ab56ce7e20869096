"""Good buildings fast: greedy by the best package of each plot, interchange, rounds of tearing down. No proof here."""

import time

import numpy as np
from numpy.typing import NDArray

from siting.locate.covering.heuristics import OpenSites
from siting.locate.joint.packing import Joint, Plan
from siting.locate.joint.zones import ZoneTally

_TORN = 4


class Buildings:
    """A choice of plots and of the services on them that knows what each further building would win."""

    def __init__(self, joint: Joint, weight: NDArray[np.int64] | None = None) -> None:
        self.joint = joint
        self.sites = OpenSites(joint.cover, weight)
        self.is_built = np.zeros(joint.n_plots, dtype=bool)
        self.blocked = np.zeros(joint.n_plots, dtype=np.int64)
        self.left = joint.quota.copy()
        self.tally = ZoneTally(joint.zones, joint.n_plots)
        self._near = joint.near()

    @property
    def value(self) -> float:
        """Weight served."""
        return self.sites.value

    @property
    def plan(self) -> Plan:
        """Services on plots, and plots built on; one without services stays only where a quota may need it."""
        opened = self.sites.is_open.reshape(self.joint.n_plots, self.joint.n_services)
        return Plan(opened.copy(), opened.any(axis=1) | self.joint.must | (self.is_built & self.tally.counted))

    @property
    def plots(self) -> list[int]:
        """Plots built on, ascending."""
        found: list[int] = np.flatnonzero(self.is_built).tolist()
        return found

    def gains(self) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return what the best package would win on each plot, and which services it holds."""
        worth = self.sites.gain.reshape(self.joint.n_plots, self.joint.n_services)
        return self.joint.packing.best(np.where(self.left > 0, worth, 0.0))

    def build(self, plot: int, services: NDArray[np.bool_]) -> None:
        """Build on a plot."""
        for k in np.flatnonzero(services).tolist():
            self.sites.open(plot * self.joint.n_services + k)
            self.left[k] -= 1
        self.is_built[plot] = True
        self.tally.add(plot, 1)
        self.blocked[self._near[plot]] += 1

    def clear(self, plot: int) -> NDArray[np.bool_]:
        """Take a building away, and return its services."""
        k = self.joint.n_services
        services = self.sites.is_open[plot * k : (plot + 1) * k].copy()
        for service in np.flatnonzero(services).tolist():
            self.sites.close(plot * k + service)
            self.left[service] += 1
        self.is_built[plot] = False
        self.tally.add(plot, -1)
        self.blocked[self._near[plot]] -= 1
        return services

    def build_best(self, most: int) -> bool:
        """Build where it wins most, ties to the first plot; False if nothing wins anything or is needed.

        Once no more than ``most`` may be built and quotas need so many, it is built where they need it.
        """
        value, services = self.gains()
        if not len(value):
            return False
        free = ~self.is_built & (self.blocked == 0) & ~self.tally.barred()
        allowed = np.where(free, value, 0.0)
        best = int(np.argmax(allowed))
        missing = self.tally.missing
        if missing and (missing >= most or allowed[best] <= 0):
            allowed = np.where(free & self.tally.short(), value, -1.0)
            best = int(np.argmax(allowed))
            if allowed[best] < 0:
                return False
        elif allowed[best] <= 0:
            return False
        self.build(best, services[best])
        return True

    def begin(self) -> None:
        """Build on the plots that must be built on, the most useful first."""
        while True:
            value, services = self.gains()
            open_must = np.flatnonzero(self.joint.must & ~self.is_built)
            if not len(open_must):
                return
            best = int(open_must[np.argmax(value[open_must])])
            self.build(best, services[best])

    def fill(self) -> None:
        """Build until ``p`` buildings stand or none wins anything or is needed."""
        while (left := self.joint.p - int(self.is_built.sum())) > 0 and self.build_best(left):
            pass

    def interchange(self, deadline: float) -> None:
        """Pack every building anew, or put it elsewhere, as long as that wins."""
        improved = True
        while improved:
            improved = False
            for plot in self.plots:
                if time.perf_counter() > deadline:
                    return
                improved |= self._improve(plot)

    def _improve(self, plot: int) -> bool:
        before = self.value
        old = self.clear(plot)
        value, services = self.gains()
        if not self.joint.must[plot]:
            free = ~self.is_built & (self.blocked == 0) & ~self.tally.barred(instead_of=plot)
            value = np.where(free, value, -1.0)
            best = int(np.argmax(value))
        else:
            best = plot
        if self.value + value[best] > before:
            self.build(best, services[best])
            return True
        self.build(plot, old)
        return False

    def replace(self, plan: Plan) -> None:
        """Build exactly this."""
        opened = plan.opened
        wanted = set(np.flatnonzero(plan.built).tolist())
        for plot in self.plots:
            if plot not in wanted or (self.sites.is_open.reshape(opened.shape)[plot] != opened[plot]).any():
                self.clear(plot)
        for plot in sorted(wanted):
            if not self.is_built[plot]:
                self.build(plot, opened[plot])


def joint_search(
    joint: Joint,
    *,
    seed: int,
    patience: int,
    deadline: float,
    start: Plan | None = None,
    enough: float = np.inf,
    weight: NDArray[np.int64] | None = None,
) -> Plan:
    """Greedy and interchange, then tear buildings down and build anew, again and again.

    Parameters
    ----------
    patience : stop after so many rounds in a row without a better answer
    deadline : of `time.perf_counter`; a search that it stops may differ between runs
    start : to begin with; where quotas cannot be met from it by building only, the answer may not meet them either
    enough : a proved bound: no further search once it is reached
    weight : of the rows, in place of their own
    """
    rng = np.random.default_rng(seed)
    state = Buildings(joint, weight)
    if start is not None:
        state.replace(start)
    state.begin()
    state.fill()
    state.interchange(deadline)
    state.fill()
    best, best_value = state.plan, state.value
    idle = 0
    while idle < patience and best_value < enough and best.built.any() and time.perf_counter() < deadline:
        idle += 1
        _tear(state, rng)
        state.fill()
        state.interchange(deadline)
        state.fill()
        if state.value > best_value and not state.tally.missing:
            best, best_value, idle = state.plan, state.value, 0
        else:
            state.replace(best)
    return best


def _tear(state: Buildings, rng: np.random.Generator) -> None:
    """Tear down a few buildings and put one of them up where greedy would not."""
    may = [plot for plot in state.plots if not state.joint.must[plot]]
    if not may:
        return
    gone = rng.choice(may, size=min(len(may), int(rng.integers(1, _TORN + 1))), replace=False)
    for plot in gone.tolist():
        state.clear(plot)
    value, services = state.gains()
    value[gone] = 0.0
    value = np.where(~state.is_built & (state.blocked == 0) & ~state.tally.barred(), value, 0.0)
    good = np.flatnonzero(value > 0)
    if len(good):
        # One of the better places by chance, the better the likelier.
        ranked = good[np.argsort(-value[good], kind="stable")][:20]
        plot = int(rng.choice(ranked))
        state.build(plot, services[plot])
