"""Transfer plans in which each source goes wholly to one station, or straight to one plant."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from siting.locate.capacity.moves import assign, better
from siting.locate.clock import Clock
from siting.locate.two_stage.flow import TransferFlow
from siting.locate.two_stage.task import TransferTask
from siting.locate.two_stage.whole_moves import unload

# How often an assignment is taken apart and placed again, and how often hauling is priced anew after it.
_TRIES, _ROUNDS = 12, 4
# Tables of rows and columns up to this size are also placed from scratch.
_SMALL = 5_000

Tables = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class WholePlan:
    """Where each source goes: to a station, or to a plant after these; -1 where there is nothing to take away."""

    value: float
    stations: NDArray[np.bool_]
    plants: NDArray[np.bool_]
    to: NDArray[np.intp]
    tables: Tables


class WholeSources:
    """The best plan of whole sources, found around the plans whose sources may be split."""

    def __init__(self, task: TransferTask, clock: Clock, allows: Callable[[NDArray[np.bool_]], bool]) -> None:
        self.task, self.clock, self.allows = task, clock, allows
        self.best: WholePlan | None = None
        self.rows = np.flatnonzero(task.supply > 0)
        self.tries = 0

    def look(self, stations: NDArray[np.bool_], plants: NDArray[np.bool_], flow: TransferFlow) -> None:
        """Assign whole sources to these, at the prices of a flow that has them open."""
        found = self.best_among(stations, plants, flow)
        if found is not None and (self.best is None or found.value < self.best.value):
            self.best = found

    def best_among(
        self, stations: NDArray[np.bool_], plants: NDArray[np.bool_], flow: TransferFlow
    ) -> WholePlan | None:
        """Return the cheapest assignment found to these stations and plants; None if none was found."""
        task, (n, m, k) = self.task, self.task.shape
        here, there = np.flatnonzero(stations), np.flatnonzero(plants)
        price = flow.marginal()
        away, at_plant = price[n + m : n + 2 * m], price[n + 2 * m : n + 2 * m + k]
        straight = task.direct[self.rows][:, there]
        room = np.concatenate([task.station_capacity[here], task.plant_capacity[there]]).astype(np.float64)
        amount = task.supply[self.rows]
        collected, _, direct = flow.tables()
        split = np.hstack([collected[self.rows][:, here], direct[self.rows][:, there]])
        best: WholePlan | None = None
        for _ in range(_ROUNDS):
            unit = np.hstack([task.collect[self.rows][:, here] + away[here], straight + at_plant[there]])
            if not unit.size:
                return None
            cost = np.where(np.isfinite(unit), unit * (amount / task.units.per_weight)[:, None], np.inf)
            to = self._assign(cost, amount.astype(np.float64), room, split)
            if to is None:
                return best
            column = np.concatenate([here, m + there])[to]
            whole = np.full(n, -1, dtype=np.intp)
            whole[self.rows] = column
            plan, again, full = self.price(whole, stations, plants)
            if plan is not None and (best is None or plan.value < best.value):
                best = plan
            elif plan is not None:
                return best
            if full is not None:
                # More goes straight to a plant than it holds beside what stations haul there: leave less room for it.
                room[len(here) :] = np.minimum(room[len(here) :], full[there])
            elif again is not None:
                away = again
            if self.clock.is_over:
                break
        return best

    def _assign(
        self, cost: NDArray[np.float64], amount: NDArray[np.float64], room: NDArray[np.float64],
        split: NDArray[np.int64],
    ) -> NDArray[np.int64] | None:  # fmt: skip
        """Return a column for each row, from where most of it goes if it is split; None if none was found."""
        every = np.arange(len(cost))
        to = split.argmax(axis=1)
        found = None
        if np.isfinite(cost[every, to]).all():
            left = room - np.bincount(to, weights=amount, minlength=len(room))
            if unload(cost, amount, left, to):
                better(cost, amount, left, to)
                found = to
        if found is None or cost.size <= _SMALL:
            self.tries += 1
            other = np.full(len(cost), -1)
            value = assign(cost, amount, room, len(cost) + 7 * self.tries + self.clock.seed, _TRIES, other)
            if np.isfinite(value) and (found is None or value < cost[every, found].sum()):
                found = other
        return found

    def take(self, to: NDArray[np.intp], x: NDArray[np.float64]) -> None:
        """Take an assignment from the answer of the model, which begins with stations and plants."""
        m, k = self.task.shape[1:]
        found, _, _ = self.price(to, x[:m] > 0.5, x[m : m + k] > 0.5)
        if found is not None and (self.best is None or found.value < self.best.value):
            self.best = found

    def price(
        self, to: NDArray[np.intp], stations: NDArray[np.bool_], plants: NDArray[np.bool_]
    ) -> tuple[WholePlan | None, NDArray[np.float64] | None, NDArray[np.float64] | None]:
        """Return the plan with cheapest hauling, the marginal cost behind each station, or the room that is missing.

        Room is given where what goes straight to the plants leaves too little of it for what is hauled.
        """
        task, (n, m, k) = self.task, self.task.shape
        collect, direct = np.zeros((n, m), dtype=np.int64), np.zeros((n, k), dtype=np.int64)
        into, past = (to >= 0) & (to < m), to >= m
        collect[into, to[into]] = task.supply[into]
        direct[past, to[past] - m] = task.supply[past]
        loads, taken = collect.sum(axis=0), direct.sum(axis=0)
        if (loads > np.where(stations, task.station_capacity, 0)).any():
            return None, None, None
        left = np.where(plants, task.plant_capacity, 0) - taken
        if (left < 0).any():
            return None, None, np.where(plants, task.plant_capacity, 0) * 0.9
        none, nobody = np.empty(0), np.empty(0, dtype=np.int64)
        hauled = replace(
            task, supply=loads, collect=np.empty((m, 0)), haul=np.empty((0, k)), direct=task.haul,
            station_capacity=nobody, station_cost=none, plant_capacity=left,
        )  # fmt: skip
        haulage = TransferFlow(hauled)
        if not np.isfinite(haulage.open(np.zeros(0, dtype=bool), plants)):
            return None, None, np.maximum(taken * 0.9, 0.0)
        haul = haulage.tables()[2]
        per = task.units.per_weight
        used = plants & ((haul.sum(axis=0) + taken) > 0)
        idle = stations & (loads == 0) & ~task.open_anyway
        fewer = stations & ~idle
        is_open = fewer if self.allows(fewer) else stations
        value = task.opening(is_open, used)
        for table, amount in ((task.collect, collect), (task.haul, haul), (task.direct, direct)):
            some = amount > 0
            value += float((table[some] * (amount[some] / per)).sum())
        plan = WholePlan(value, is_open.copy(), used, to, (collect, haul, direct))
        away = haulage.marginal()[:m]
        return plan, np.where(np.isfinite(task.haul).any(axis=1), away, haulage.worst), None
