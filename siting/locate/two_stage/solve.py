"""The course of a transfer search: a first plan, the Lagrangian bound, plans around it, and the model where it fits."""

import numpy as np

from siting.errors import SolverError
from siting.locate.clock import Clock
from siting.locate.two_stage.answer import refuse, refuse_whole
from siting.locate.two_stage.bound import TransferBound
from siting.locate.two_stage.flow import TransferFlow
from siting.locate.two_stage.model import LARGEST_MODEL, n_ways, solve_model
from siting.locate.two_stage.rules import StationRules
from siting.locate.two_stage.search import TransferSearch
from siting.locate.two_stage.task import TransferTask

# Shares of the time: for the bound, for the search where the model follows, and for the search where it does not.
_BOUND_SHARE, _SHORT_SHARE, _SEARCH_SHARE = 0.25, 0.3, 0.97
_CLIMBS = 3_000
_FEW_SHAKES = 15


class TransferSolver:
    """One search for the best plan; what it has reached stays readable when it is interrupted."""

    def __init__(self, task: TransferTask, clock: Clock) -> None:
        self.task, self.clock = task, clock
        self.rules = StationRules(task)
        self.search = TransferSearch(task, self.rules, clock)
        self.bound: TransferBound | None = None

    @property
    def has_plan(self) -> bool:
        """Whether there is anything to answer with."""
        whole = self.search.whole
        return self.search.best is not None and (whole is None or whole.best is not None)

    def run(self) -> None:
        """Leave the best plan in the search, and what is proved about all plans in its bound."""
        clock, search, task = self.clock, self.search, self.task
        if not search.begin():
            self._first_by_model()
        best = search.best
        assert best is not None
        prices = TransferFlow(task).relaxed_prices(self.rules.limits()[1] > 0)
        bound = self.bound = TransferBound(task, self.rules, prices)
        m = task.shape[1]
        search.climbs_from = clock.seconds
        until = clock.seconds + _BOUND_SHARE * clock.left_s
        best.bound = max(best.bound, bound.climb(best.value, _CLIMBS, clock, until, search.offer))
        above, chosen = bound.choose(clock, min(2.0, clock.left_s))
        best.bound = max(best.bound, above)
        if chosen is not None:
            search.go_on_from(chosen[:m], chosen[m:])
        search.descend_from_kept(clock.seconds + _BOUND_SHARE * clock.left_s)
        clock.tell(search.to_beat, best.bound)
        fits = n_ways(task) <= LARGEST_MODEL
        if not clock.settled(search.to_beat, best.bound):
            share, shakes = (_SHORT_SHARE, _FEW_SHAKES) if fits else (_SEARCH_SHARE, None)
            search.go_on(share * clock.time_limit_s, bound, shakes)
        if fits and not clock.settled(search.to_beat, best.bound) and not clock.is_over:
            self._prove(bound)
        if not self.has_plan:
            msg = (
                f"transfer: no plan in which every source goes to one place after {clock.time_limit_s:g} s; raise "
                "time_limit_s, give more room, or let sources be split (single_source=False)"
            )
            raise SolverError(msg)

    def settle_bound(self) -> None:
        """Take over what an interrupted climb has proved."""
        if self.search.best is not None and self.bound is not None and self.bound.worth is not None:
            self.search.best.bound = max(self.search.best.bound, self.bound.worth.bound)

    def _first_by_model(self) -> None:
        """Let the model find a first plan, or prove that there is none."""
        clock = self.clock
        answer, _ = solve_model(self.task, self.rules, clock, None, split=True)
        if answer.status == "infeasible":
            raise refuse_whole(self.task) if self.task.single else refuse(self.task, self.rules)
        if answer.x is None or not self.search.take(answer.x):
            msg = f"transfer: no plan after {clock.time_limit_s:g} s; raise time_limit_s, or give more room"
            raise SolverError(msg)

    def _prove(self, bound: TransferBound) -> None:
        best, search = self.search.best, self.search
        assert best is not None
        answer, to = solve_model(
            self.task, self.rules, self.clock, (search.to_beat, best.bound), bound.settled_by(search.to_beat)
        )
        if answer.x is not None:
            search.take(answer.x)
            if search.whole is not None and to is not None:
                search.whole.take(to, answer.x)
        if answer.status == "infeasible" and not self.has_plan:
            raise refuse_whole(self.task)
        # Plans that were ruled out beforehand are no better than the best one.
        reached = np.inf if answer.status == "infeasible" else answer.bound + _tolerance(answer.bound)
        proved = min(search.to_beat, reached) if answer.status != "stopped" else answer.bound
        best.bound = max(best.bound, proved)


def _tolerance(value: float) -> float:
    """Return what HiGHS may be off by in a model that it calls solved."""
    return 1e-7 * max(1.0, abs(value))
