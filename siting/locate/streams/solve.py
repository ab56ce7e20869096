"""The course of a search for several streams: prices, a first plan, plans around it, and the model where it fits."""

import numpy as np
from numpy.typing import NDArray

from siting.locate.clock import Clock
from siting.locate.streams.bound import StreamsBound
from siting.locate.streams.model import LARGEST_MODEL, n_ways, solve_model
from siting.locate.streams.plants import branch_on_plants
from siting.locate.streams.reasons import refuse_choice, refuse_flow, refuse_hopeless
from siting.locate.streams.search import BestPlan, StreamsSearch
from siting.locate.streams.sites import SiteRules
from siting.locate.streams.task import StreamsTask

# Shares of the time: for the bound, for plants, for the search where the model follows, and where it does not.
_BOUND_SHARE, _PLANT_SHARE, _SHORT_SHARE, _SEARCH_SHARE = 0.25, 0.4, 0.3, 0.9
_CLIMBS, _FIRST_CLIMBS = 2_000, 8
_FEW_SHAKES = 15
# Where few stations are left, the model is little more than a linear program and may be larger.
_FEW_STATIONS, _FEW_FACTOR = 30, 8


class StreamsSolver:
    """One search for the best plan; what it has reached stays readable when it is interrupted."""

    def __init__(self, task: StreamsTask, clock: Clock) -> None:
        self.task, self.clock = task, clock
        self.rules = SiteRules(task.sites)
        self.search = StreamsSearch(task, self.rules, clock)
        self.bound: StreamsBound | None = None

    @property
    def best(self) -> BestPlan | None:
        """The best plan so far."""
        return self.search.best

    def run(self) -> None:
        """Leave the best plan in the search, and what is proved about all plans in its bound.

        Raises
        ------
        InfeasibleError
            Not everything can be taken away; the message says what and why.
        SolverError
            No plan was found in time.
        """
        clock, search, task = self.clock, self.search, self.task
        refuse_hopeless(task, self.rules)
        bound = self.bound = StreamsBound(task, self.rules)
        _, stations = bound.choose(clock, max(5.0, 0.1 * clock.time_limit_s), task.station_cost)
        if stations is None:
            raise refuse_choice(task, self.rules, clock)
        bound.climb(0.0, 1, clock, np.inf)
        for _ in range(_FIRST_CLIMBS):
            assert bound.worth is not None
            bound.climb(1.1 * abs(bound.worth.bound) + 1e-9, 20, clock, _BOUND_SHARE * clock.time_limit_s)
        bound.step = 1.0
        _, chosen = bound.choose(clock, max(1.0, 0.05 * clock.time_limit_s))
        may = self.rules.may
        if not search.begin(stations if chosen is None else chosen, bound.likely_plants()):
            self._first_by_model(may)
        best = search.best
        assert best is not None
        assert bound.worth is not None
        best.bound = max(best.bound, bound.worth.bound)
        if self._has_one_choice():
            best.bound = search.to_beat
        clock.tell(search.to_beat, best.bound)
        if clock.settled(search.to_beat, best.bound):
            return
        self._climb(bound)
        search.descend_from_kept(clock.seconds + _BOUND_SHARE * clock.left_s)
        clock.tell(search.to_beat, best.bound)
        nodes = [bound]
        if (task.plant_cost > 0).any() and not self._fits(bound) and not clock.settled(search.to_beat, best.bound):
            nodes = self._by_plants(bound)
        fits = all(self._fits(node) for node in nodes)
        if not clock.settled(search.to_beat, best.bound):
            share, shakes = (_SHORT_SHARE, _FEW_SHAKES) if fits else (_SEARCH_SHARE, 300)
            search.go_on(share * clock.time_limit_s, bound, shakes)
        if nodes == [bound] and not fits and not clock.settled(search.to_beat, best.bound) and not clock.is_over:
            bound.step = 0.1
            self._climb(bound)
        self._prove(nodes)

    def settle_bound(self) -> None:
        """Take over what an interrupted climb has proved."""
        if self.best is not None and self.bound is not None and self.bound.worth is not None:
            self.best.bound = max(self.best.bound, self.bound.worth.bound)

    def _has_one_choice(self) -> bool:
        """Say whether nothing is left to choose, so that the cheapest flow is the answer."""
        low, high = self.rules.limits()
        return bool((low == high).all()) and not (self.task.plant_cost > 0).any()

    def _climb(self, bound: StreamsBound) -> None:
        clock, search = self.clock, self.search
        assert search.best is not None
        search.climbs_from, search.offered_s = clock.seconds, 0.0
        until = clock.seconds + _BOUND_SHARE * clock.left_s
        search.best.bound = max(search.best.bound, bound.climb(search.to_beat, _CLIMBS, clock, until, search.offer))
        above, chosen = bound.choose(clock, min(2.0, clock.left_s))
        search.best.bound = max(search.best.bound, min(above, search.to_beat))
        if chosen is not None:
            search.look(chosen, search.best.flow.plants)

    def _by_plants(self, bound: StreamsBound) -> list[StreamsBound]:
        clock, search = self.clock, self.search
        assert search.best is not None
        until = clock.seconds + _PLANT_SHARE * clock.left_s
        nodes = branch_on_plants(
            self.task, self.rules, bound, lambda: search.to_beat, clock, until, search.look
        )  # fmt: skip
        self._raise_bound(nodes)
        return nodes

    def _raise_bound(self, nodes: list[StreamsBound]) -> None:
        """Take over what is proved about all plans: each is in one of the nodes, or no better than the best one."""
        assert self.search.best is not None
        reached = [node.worth.bound for node in nodes if node.worth is not None]
        self.search.best.bound = max(self.search.best.bound, min([self.search.to_beat, *reached]))

    def _left(self, node: StreamsBound) -> NDArray[np.bool_]:
        return np.asarray(self.rules.may & ~node.settled_by(self.search.to_beat))

    def _fits(self, node: StreamsBound) -> bool:
        """Say whether what is left open is small enough for the model."""
        left = self._left(node)
        return n_ways(self.task, left) <= LARGEST_MODEL * (_FEW_FACTOR if int(left.sum()) <= _FEW_STATIONS else 1)

    def _first_by_model(self, may: NDArray[np.bool_]) -> None:
        """Let the model find a first plan, or prove that there is none."""
        task, clock, search = self.task, self.clock, self.search
        proved = False
        if n_ways(task, may) <= 10 * LARGEST_MODEL:
            answer = solve_model(task, self.rules, clock, None, may)
            _, m, k = task.shape
            if answer.x is not None and search.look(answer.x[:m] > 0.5, answer.x[m : m + k] > 0.5):
                return
            proved = answer.status == "infeasible"
        raise refuse_flow(task, self.rules, search.finder, proved, clock)

    def _prove(self, nodes: list[StreamsBound]) -> None:
        """Solve the model of each node, as far as it is small enough and there is time."""
        search, best, clock = self.search, self.search.best, self.clock
        assert best is not None
        _, m, k = self.task.shape
        for node in nodes:
            assert node.worth is not None
            if clock.is_over or clock.settled(search.to_beat, best.bound) or node.worth.bound >= search.to_beat:
                continue
            if not self._fits(node):
                continue
            plants = (node.closed, node.paid & (self.task.plant_cost > 0))
            told = (search.to_beat, best.bound)
            answer = solve_model(self.task, self.rules, clock, told, self._left(node), plants)
            if answer.x is not None:
                search.look(answer.x[:m] > 0.5, answer.x[m : m + k] > 0.5)
            # Plans that were ruled out beforehand are no better than the best one.
            reached = np.inf if answer.status == "infeasible" else answer.bound + _tolerance(answer.bound)
            if answer.status == "stopped":
                reached = answer.bound
            node.worth.bound = max(node.worth.bound, min(reached, search.to_beat))
        self._raise_bound(nodes)


def _tolerance(value: float) -> float:
    """Return what HiGHS may be off by in a model that it calls solved."""
    return 1e-7 * max(1.0, abs(value))
