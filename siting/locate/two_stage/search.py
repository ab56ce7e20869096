"""Good transfer plans by closing, opening and exchanging stations and plants, each looked at with its cheapest flow."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from siting.locate.clock import Clock
from siting.locate.two_stage.bound import TransferBound, ways_into
from siting.locate.two_stage.flow import TransferFlow
from siting.locate.two_stage.rules import StationRules
from siting.locate.two_stage.swaps import swap_changes
from siting.locate.two_stage.task import TransferTask
from siting.locate.two_stage.whole import WholeSources

Kind = Literal["station", "plant"]

# How many exchanges are tried from one plan: for stations only those that may be better, the likeliest first.
_TRIES = {"station": 60, "plant": 25}
# Exchanges looked at for each that is tried: the others are not allowed.
_LOOKS = 50
_ROUNDS = 30
_IDLE = 1_000
_KEPT = 12
# A plan this much dearer than the best may still be the one to go on from.
_PATIENCE = 0.003


@dataclass
class BestPlan:
    """The best plan so far, and what is proved about all plans."""

    value: float
    stations: NDArray[np.bool_]
    plants: NDArray[np.bool_]
    bound: float = 0.0  # no cost is negative


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
        self.into = ways_into(task.collect)
        self.away = ways_into(np.vstack([task.haul, task.direct]))
        self.straight = bool(np.isfinite(task.direct).any())
        self.worth: NDArray[np.float64] | None = None  # of stations and plants, in the bound
        self.kept: dict[bytes, tuple[float, NDArray[np.bool_], NDArray[np.bool_]]] = {}
        self.seen: set[bytes] = set()
        self.offered_s, self.climbs_from = 0.0, 0.0
        self.value = np.inf
        self.best: BestPlan | None = None
        self.whole = WholeSources(task, clock, rules.allows) if task.single else None

    @property
    def to_beat(self) -> float:
        """Value of the best plan that meets all that is asked for."""
        if self.whole is not None:
            return np.inf if self.whole.best is None else self.whole.best.value
        return np.inf if self.best is None else self.best.value

    def begin(self) -> bool:
        """Find a first plan; False where none was found."""
        m, k = self.task.shape[1:]
        low, high = self.rules.limits()
        every = np.ones(k, dtype=bool)
        if np.isfinite(self.flow.open(high > 0, every)):
            used, plants = self.flow.by_slope(_ROUNDS, self.clock)
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

    def offer(self, stations: NDArray[np.bool_], plants: NDArray[np.bool_]) -> None:
        """Look at a plan that the bound suggests, and keep it for later if it is good."""
        stations, plants = stations | self.rules.open_anyway, plants | ~self.may_close
        key = np.packbits(np.concatenate([stations, plants])).tobytes()
        began = self.clock.seconds
        # Not more than a half of the time goes here, the other is for the bound itself.
        if key in self.seen or 2 * self.offered_s > began - self.climbs_from or not self.rules.allows(stations):
            return
        self.seen.add(key)
        self.value = self._repair(stations, plants)
        self._keep()
        self.offered_s += self.clock.seconds - began

    def descend_from_kept(self, until: float) -> None:
        """Descend from the plans that were kept, the best first."""
        assert self.best is not None
        for _, stations, plants in sorted(self.kept.values(), key=lambda kept: kept[0]):
            if self.clock.seconds >= until or self.clock.settled(self.to_beat, self.best.bound):
                break
            self.go_on_from(stations, plants)
        self.value = self.flow.open(self.best.stations, self.best.plants)

    def go_on(self, until: float, bound: TransferBound | None = None, patience: int | None = None) -> None:
        """Change the plan at random and descend again until the clock shows ``until`` seconds, or in vain so often.

        In turn a few sites are exchanged, half of what sets it apart from another good plan is taken over, and
        the stations and plants are chosen anew by what they are worth in the bound.
        """
        assert self.best is not None
        idle, turn = 0, 0
        if bound is not None and bound.worth is not None:
            self.worth = np.concatenate([bound.worth.stations, bound.worth.plants])
        while self.clock.seconds < until and not self.clock.is_over:
            before = (self.best.value, self.to_beat)
            old, old_value = self.flow.save(), self.value
            stations, plants = self.flow.stations.copy(), self.flow.plants.copy()
            turn += 1
            if turn % 3 == 0:
                self._mix(stations, plants)
            elif turn % 3 == 1 or bound is None or not self._choose_anew(bound, stations, plants):
                self._shake(stations, plants)
            self.value = self._repair(stations, plants)
            if np.isfinite(self.value):
                self._descend()
            self._keep()
            idle = 0 if (self.best.value, self.to_beat) < before else idle + 1
            if self.value > min(old_value, self.best.value * (1 + _PATIENCE)):
                self.flow.restore(old)
                self.value = old_value
            if idle and idle % 40 == 0:
                self.value = self.flow.open(self.best.stations, self.best.plants)
            self.clock.tell(self.to_beat, self.best.bound)
            if self.clock.settled(self.to_beat, self.best.bound) or idle >= (patience or _IDLE):
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
        if not np.isfinite(self.value):
            return
        stations, plants = self.flow.stations.copy(), self.flow.plants.copy()
        if self.best is None:
            self.best = BestPlan(self.value, stations, plants)
        elif self.value < self.best.value:
            self.best.value, self.best.stations, self.best.plants = self.value, stations, plants
        self.kept[np.packbits(np.concatenate([stations, plants])).tobytes()] = (self.value, stations, plants)
        if len(self.kept) > _KEPT:
            del self.kept[max(self.kept, key=lambda key: self.kept[key][0])]

    def _shake(self, stations: NDArray[np.bool_], plants: NDArray[np.bool_]) -> None:
        """Close a few stations or plants and open as many others, at random, as far as the conditions allow."""
        choosable, m = self.rules.choosable, len(stations)
        for _ in range(int(self.rng.integers(1, 4))):
            here, there = np.flatnonzero(stations & choosable), np.flatnonzero(~stations & choosable)
            if not len(here) or not len(there):
                break
            out, new = int(self.rng.choice(here)), self._draw(there, len(here), 0)
            stations[out], stations[new] = False, True
            if not self.rules.allows(stations):
                stations[out], stations[new] = True, False
        here, there = np.flatnonzero(plants & self.may_close), np.flatnonzero(~plants)
        if len(here) and len(there) and self.rng.random() < 0.5:
            plants[self.rng.choice(here)] = False
            plants[self._draw(there, len(here), m)] = True

    def _draw(self, there: NDArray[np.intp], scale: int, first: int) -> int:
        """Draw one, rather one that is worth more in the bound."""
        if self.worth is None:
            return int(self.rng.choice(there))
        at = int(self.rng.exponential(max(3, scale)))
        return int(there[np.argsort(self.worth[first + there], kind="stable")[min(at, len(there) - 1)]])

    def _mix(self, stations: NDArray[np.bool_], plants: NDArray[np.bool_]) -> None:
        """Take over half of what sets the plan apart from another good one, as far as the conditions allow."""
        others = list(self.kept.values())
        _, other, other_plants = others[int(self.rng.integers(len(others)))]
        take, take_plants = self.rng.random(len(stations)) < 0.5, self.rng.random(len(plants)) < 0.5
        mixed = np.where(take, other, stations)
        if (mixed == stations).all() or not self.rules.allows(mixed):
            self._shake(stations, plants)
            return
        stations[:], plants[:] = mixed, np.where(take_plants, other_plants, plants)

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
        """Open the likeliest, then exchange, until everything finds its way; ``inf`` if that fails."""
        self.flow.open(stations, plants)
        self.value = self.flow.penalised()
        while self.flow.unsent() and not self.clock.is_over:
            if not (self._try("station", only_open=True) or self._try("plant", only_open=True)):
                break
        while self.flow.unsent() and not self.clock.is_over:
            if not (self._try("station") or self._try("plant")):
                break
        return self.value if self.flow.unsent() == 0 else np.inf

    def _changes(self, kind: Kind) -> NDArray[np.float64]:
        """Return what exchanges would change, by the prices of the flow."""
        n, m, k = self.task.shape
        price = self.flow.marginal()
        into, behind, at_plant = price[n : n + m], price[n + m : n + 2 * m], price[n + 2 * m : n + 2 * m + k]
        total, worst = float(self.supply.sum()), self.flow.worst
        plants = np.where(self.flow.plants, at_plant, np.inf)
        if kind == "plant":
            stations, straight = self.flow.loads_to_plants()
            amount = np.concatenate([stations, straight]) / self.per
            spare = float(self.plant_room[self.flow.plants].sum()) - total
            site = (self.plant_room, np.where(self.flow.plants, np.maximum(at_plant, 0.0), 0.0), self.task.plant_cost)
            masks = (self.flow.plants, self.flow.plants & self.may_close, ~self.flow.plants)
            return swap_changes(
                amount, self.away, at_plant, np.full(n + m, np.inf), worst, np.zeros(k), site, masks, spare
            )
        spare = float(self.room[self.flow.stations].sum()) - self.task.through_stations / self.per
        other = (self.task.direct + plants).min(axis=1) if self.straight else np.full(n, np.inf)
        away = np.minimum((self.task.haul + plants).min(axis=1), worst)
        site = (self.room, np.maximum(into - behind, 0.0), self.task.station_cost)
        masks = (
            self.flow.stations,
            self.flow.stations & self.rules.choosable,
            ~self.flow.stations & self.rules.choosable,
        )
        return swap_changes(self.supply, self.into, into, other, worst, away, site, masks, spare)

    def _try(self, kind: Kind, only_open: bool = False) -> bool:
        """Go over to the first plan that is better by one exchange, or by one site more or less."""
        change = self._changes(kind)
        if only_open:
            change[:-1] = np.inf
        # For stations a change is never more welcome than said; for plants it may be.
        least = -1e-12 * abs(self.value) if kind == "station" else np.inf
        outs, news = np.nonzero(change < least)
        order = np.argsort(change[outs, news], kind="stable")
        size, left, base = len(change) - 1, _TRIES[kind], self.flow.save()
        for at in order[: _LOOKS * left]:
            stations, plants = base.stations.copy(), base.plants.copy()
            mask = stations if kind == "station" else plants
            for j, is_open in ((outs[at], False), (news[at], True)):
                if j < size:
                    mask[j] = is_open
            if kind == "station" and not self.rules.allows(stations):
                continue
            self.flow.open(stations, plants)
            value = self.flow.penalised()
            if value < self.value - 1e-12 * abs(self.value):
                self.value = value
                return True
            self.flow.restore(base)
            left -= 1
            if left == 0 or self.clock.is_over:
                break
        return False

    def _descend(self) -> None:
        """Close, open and exchange until nothing makes the plan cheaper."""
        while not self.clock.is_over and (self._try("station") or self._try("plant")):
            pass
        self._keep()
        if self.whole is not None and np.isfinite(self.value) and self.value < self.to_beat:
            self.whole.look(self.flow.stations, self.flow.plants, self.flow)
