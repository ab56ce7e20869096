"""Good transfer plans by closing, opening and exchanging stations and plants, each looked at with its cheapest flow."""

from dataclasses import dataclass
from typing import Literal

import numba
import numpy as np
from numpy.typing import NDArray

from siting.locate.clock import Clock
from siting.locate.two_stage.bound import TransferBound
from siting.locate.two_stage.flow import TransferFlow
from siting.locate.two_stage.rules import StationRules
from siting.locate.two_stage.task import TransferTask

Kind = Literal["station", "plant"]

# How many of the likeliest newcomers are looked at for each one that leaves.
_NEWCOMERS = 3
_ROUNDS = 30
_IDLE = 1_000
# A plan this much dearer than the best may still be the one to go on from.
_PATIENCE = 0.003


@dataclass
class BestPlan:
    """The best plan so far, and what is proved about all plans."""

    value: float
    stations: NDArray[np.bool_]
    plants: NDArray[np.bool_]
    bound: float = 0.0  # no cost is negative


@numba.njit(cache=True, nogil=True)
def _station_gains(
    supply: NDArray[np.float64], collect: NDArray[np.float64], worth: NDArray[np.float64], away: NDArray[np.float64],
    room: NDArray[np.float64], allowed: NDArray[np.bool_],
) -> NDArray[np.float64]:  # fmt: skip
    """Estimate what each station would take off: what comes nearer, at its average, as far as there is room."""
    n, m = collect.shape
    gain, amount = np.zeros(m), np.zeros(m)
    for i in range(n):
        if supply[i] <= 0:
            continue
        for j in range(m):
            if allowed[j]:
                less = worth[i] - collect[i, j] - away[j]
                if less > 0:
                    gain[j] += less * supply[i]
                    amount[j] += supply[i]
    for j in range(m):
        if amount[j] > room[j]:
            gain[j] *= room[j] / amount[j]
    return gain


class TransferSearch:
    """Local search with restarts around the best plan."""

    def __init__(self, task: TransferTask, rules: StationRules, clock: Clock) -> None:
        self.task, self.rules, self.clock = task, rules, clock
        self.flow = TransferFlow(task)
        self.rng = np.random.default_rng(clock.seed)
        self.per = task.units.per_weight
        self.supply = task.supply / self.per
        self.room = task.station_capacity / self.per
        self.plant_room = task.plant_capacity / self.per
        self.may_close = task.plant_cost > 0
        self.value = np.inf
        self.best: BestPlan | None = None

    def begin(self) -> bool:
        """Find a first plan; False where none was found."""
        m, k = self.task.shape[1:]
        low, high = self.rules.limits()
        every = np.ones(k, dtype=bool)
        if np.isfinite(self.flow.open(high > 0, every)):
            used, plants = self.flow.by_slope(_ROUNDS)
        else:
            used, plants = high > 0, every
        stations = used | (low > 0)
        if not self.rules.allows(stations) or not np.isfinite(self.flow.open(stations, plants | ~self.may_close)):
            load = used * self.task.station_capacity / max(1, int(self.task.station_capacity.max(initial=1)))
            stations = self.rules.nearest(load + 1e-3 * self.rng.random(m), self.clock)
            plants = every
        self.value = self._repair(stations, plants | ~self.may_close)
        if np.isfinite(self.value):
            self._keep()
            self._descend()
        return self.best is not None

    def go_on(self, until: float, bound: TransferBound | None = None, patience: int | None = None) -> None:
        """Shake the plan and descend again until the clock shows ``until`` seconds, or nothing came of so many.

        Every other time the stations and plants to go on from are chosen anew by what they are worth in the bound.
        """
        assert self.best is not None
        idle, turn = 0, 0
        while self.clock.seconds < until and not self.clock.is_over:
            before = self.best.value
            old, old_value = self.flow.save(), self.value
            stations, plants = self.flow.stations.copy(), self.flow.plants.copy()
            turn += 1
            if turn % 2 or bound is None or not self._choose_anew(bound, stations, plants):
                self._shake(stations, plants)
            self.value = self._repair(stations, plants)
            if np.isfinite(self.value):
                self._descend()
            self._keep()
            idle = 0 if self.best.value < before else idle + 1
            if self.value > min(old_value, self.best.value * (1 + _PATIENCE)):
                self.flow.restore(old)
                self.value = old_value
            if idle and idle % 40 == 0:
                self.value = self.flow.open(self.best.stations, self.best.plants)
            self.clock.tell(self.best.value, self.best.bound)
            if self.clock.settled(self.best.value, self.best.bound) or idle >= (patience or _IDLE):
                return

    def go_on_from(self, stations: NDArray[np.bool_], plants: NDArray[np.bool_]) -> None:
        """Look at a plan and at what descends from it, and go on from the better one."""
        old, old_value = self.flow.save(), self.value
        self.value = self._repair(stations, plants | ~self.may_close)
        if np.isfinite(self.value):
            self._descend()
        self._keep()
        if self.value > old_value:
            self.flow.restore(old)
            self.value = old_value

    def take(self, x: NDArray[np.float64]) -> bool:
        """Take stations and plants from the answer of the model; False where not everything finds its way."""
        m, k = self.task.shape[1:]
        chosen = x[: m + k] > 0.5
        self.value = self.flow.open(chosen[:m], chosen[m:])
        self._keep()
        return bool(np.isfinite(self.value))

    def _keep(self) -> None:
        if np.isfinite(self.value) and (self.best is None or self.value < self.best.value):
            stations, plants = self.flow.stations.copy(), self.flow.plants.copy()
            if self.best is None:
                self.best = BestPlan(self.value, stations, plants)
            else:
                self.best.value, self.best.stations, self.best.plants = self.value, stations, plants

    def _shake(self, stations: NDArray[np.bool_], plants: NDArray[np.bool_]) -> None:
        """Close a few stations or plants and open as many others, at random, as far as the conditions allow."""
        choosable = self.rules.choosable
        for _ in range(int(self.rng.integers(1, 4))):
            here, there = np.flatnonzero(stations & choosable), np.flatnonzero(~stations & choosable)
            if not len(here) or not len(there):
                break
            out, new = int(self.rng.choice(here)), int(self.rng.choice(there))
            stations[out], stations[new] = False, True
            if not self.rules.allows(stations):
                stations[out], stations[new] = True, False
        here, there = np.flatnonzero(plants & self.may_close), np.flatnonzero(~plants)
        if len(here) and len(there) and self.rng.random() < 0.5:
            plants[self.rng.choice(here)] = False
            plants[self.rng.choice(there)] = True

    def _choose_anew(self, bound: TransferBound, stations: NDArray[np.bool_], plants: NDArray[np.bool_]) -> bool:
        if bound.worth is None:
            return False
        worth = np.concatenate([bound.worth.stations, bound.worth.plants])
        opening = np.concatenate([self.task.station_cost, self.task.plant_cost])
        noise = self.rng.uniform(0.01, 0.15) * (opening + float(np.abs(worth).mean()))
        open_now = np.concatenate([stations, plants])
        # What is open stays a little likelier, so that a good part of the plan is kept.
        drawn = worth + noise * self.rng.normal(size=len(worth)) - noise * self.rng.uniform(0.0, 2.0) * open_now
        _, chosen = bound.choose(self.clock, min(1.0, self.clock.left_s), drawn)
        if chosen is None:
            return False
        stations[:], plants[:] = chosen[: len(stations)], chosen[len(stations) :] | ~self.may_close
        return True

    def _repair(self, stations: NDArray[np.bool_], plants: NDArray[np.bool_]) -> float:
        """Open the likeliest stations and plants until everything finds its way; ``inf`` if that fails."""
        value = self.flow.open(stations, plants)
        for _ in range(len(stations) + len(plants)):
            if np.isfinite(value):
                return value
            offers = [(gain, kind, j) for kind in ("station", "plant") for gain, j in self._newcomers(kind, None, 1)]
            if not offers:
                break
            _, kind, j = max(offers)
            stations, plants = self.flow.stations.copy(), self.flow.plants.copy()
            (stations if kind == "station" else plants)[j] = True
            value = self.flow.open(stations, plants)
        if np.isfinite(value):
            return value
        return self._exchange_unsent()

    def _exchange_unsent(self) -> float:
        """Where no more may be opened: exchange as long as less stays behind."""
        left, found = self.flow.unsent(), True
        while left and found and not self.clock.is_over:
            found = False
            for out in np.flatnonzero(self.flow.stations & self.rules.choosable):
                for new in np.flatnonzero(~self.flow.stations & self.rules.choosable):
                    stations = self.flow.stations.copy()
                    stations[out], stations[new] = False, True
                    if not self.rules.allows(stations):
                        continue
                    old = self.flow.save()
                    self.flow.open(stations, self.flow.plants)
                    if self.flow.unsent() < left:
                        left, found = self.flow.unsent(), True
                        break
                    self.flow.restore(old)
                if left == 0:
                    break
        return self.flow.penalised() if left == 0 else np.inf

    def _newcomers(self, kind: Kind, out: int | None, count: int) -> list[tuple[float, int]]:
        """Return the likeliest to open now, where ``out`` was just closed, with estimates of what each takes off."""
        n, m, k = self.task.shape
        worth = self.flow.marginal()
        if kind == "station":
            allowed = ~self.flow.stations & self.rules.choosable
            plant = np.where(self.flow.plants, worth[n + 2 * m : n + 2 * m + k], np.inf)
            away = (self.task.haul + plant).min(axis=1)
            gain = _station_gains(self.supply, self.task.collect, worth[:n], away, self.room, allowed)
            gain = gain - self.task.station_cost
        else:
            allowed = ~self.flow.plants
            loads = self.flow.loads()[0] / self.per
            less = np.maximum(worth[n + m : n + 2 * m, None] - self.task.haul, 0.0)
            amount = np.maximum(((less > 0) * loads[:, None]).sum(axis=0), 1e-12)
            gain = (less * loads[:, None]).sum(axis=0) * np.minimum(1.0, self.plant_room / amount)
            straight = np.maximum(worth[:n, None] - self.task.direct, 0.0) * self.supply[:, None]
            gain = gain + straight.sum(axis=0) - self.task.plant_cost
        if out is not None:
            allowed[out] = False
        found: list[tuple[float, int]] = []
        for j in np.argsort(-np.where(allowed, gain, -np.inf), kind="stable"):
            if not allowed[j] or len(found) == count:
                break
            if kind == "station":
                stations = self.flow.stations.copy()
                stations[j] = True
                if not self.rules.allows(stations):
                    continue
            found.append((float(gain[j]), int(j)))
        return found

    def _descend(self) -> None:
        """Close, open and exchange until nothing makes the plan cheaper."""
        better = True
        while better and not self.clock.is_over:
            better = False
            kinds: tuple[Kind, ...] = ("plant", "station")
            for kind in kinds:
                better |= self._open_one(kind)
                mask = self.flow.plants & self.may_close if kind == "plant" else self.flow.stations
                here = np.flatnonzero(mask if kind == "plant" else mask & self.rules.choosable)
                for out in self.rng.permutation(here):
                    better |= self._close(kind, int(out))
                    if self.clock.left_s <= 0:
                        break
        self._keep()

    def _is_better(self, value: float) -> bool:
        return value < self.value - 1e-12 * abs(self.value)

    def _open_one(self, kind: Kind) -> bool:
        better = False
        for gain, j in self._newcomers(kind, None, _NEWCOMERS):
            if gain <= 0:
                break
            old = self.flow.save()
            value = self._with(kind, None, j)
            # One that was opened just now may stand in the way.
            if self._is_better(value) and self.rules.allows(self.flow.stations):
                self.value, better = value, True
            else:
                self.flow.restore(old)
        return better

    def _with(self, kind: Kind, out: int | None, new: int | None) -> float:
        stations, plants = self.flow.stations.copy(), self.flow.plants.copy()
        mask = stations if kind == "station" else plants
        if out is not None:
            mask[out] = False
        if new is not None:
            mask[new] = True
        return self.flow.open(stations, plants)

    def _close(self, kind: Kind, out: int) -> bool:
        """Close one, with nobody or with one of the likeliest in its place."""
        old = self.flow.save()
        value = self._with(kind, out, None)
        allowed = kind == "plant" or self.rules.allows(self.flow.stations)
        if allowed and self._is_better(value):
            self.value = value
            return True
        closed = self.flow.save()
        short = self.flow.penalised()
        for gain, new in self._newcomers(kind, out, _NEWCOMERS):
            if short - gain >= self.value and np.isfinite(value):
                break
            value_new = self._with(kind, None, new)
            if self._is_better(value_new):
                self.value = value_new
                return True
            self.flow.restore(closed)
        self.flow.restore(old)
        return False
