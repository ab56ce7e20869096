"""Good plans by closing, opening and exchanging stations and plants, each looked at with its cheapest flow."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.locate.clock import Clock
from siting.locate.streams.bound import StreamsBound
from siting.locate.streams.flow import Flow, FlowFinder
from siting.locate.streams.moves import station_changes
from siting.locate.streams.paths import behind, straight
from siting.locate.streams.sites import SiteRules
from siting.locate.streams.task import StreamsTask

# How many changes are tried from one plan, the likeliest first, and how many are looked at for each that is tried.
_TRIES, _LOOKS = 15, 40
_IDLE = 300
_KEPT = 12
# A plan this much dearer than the best may still be the one to go on from.
_PATIENCE = 0.003
_SMALLEST_GAIN = 1e-9


@dataclass
class BestPlan:
    """The best plan so far, and what is proved about all plans."""

    flow: Flow
    bound: float = 0.0  # no cost is negative

    @property
    def value(self) -> float:
        """Total cost."""
        return self.flow.value


class StreamsSearch:
    """Local search with restarts around the best plan."""

    def __init__(self, task: StreamsTask, rules: SiteRules, clock: Clock) -> None:
        self.task, self.rules, self.clock = task, rules, clock
        self.finder = FlowFinder(task)
        self.rng = np.random.default_rng(clock.seed)
        self.may_close = task.plant_cost > 0
        self.usable = rules.may & ((task.station_capacity > 0) | rules.forced[rules.sites.of])
        self.worth: NDArray[np.float64] | None = None
        self.hopeless = np.zeros(task.shape[1], dtype=bool)
        self.kept: dict[bytes, Flow] = {}
        self.seen: set[bytes] = set()
        self.offered_s, self.climbs_from = 0.0, 0.0
        self.now: Flow | None = None
        self.best: BestPlan | None = None

    @property
    def to_beat(self) -> float:
        """Value of the best plan."""
        return np.inf if self.best is None else self.best.value

    def begin(self, stations: NDArray[np.bool_], plants: NDArray[np.bool_]) -> bool:
        """Find a first plan near these; False where none was found."""
        self._go(stations, plants)
        if self.now is not None and self.now.unsent:
            self._go(stations, np.ones_like(plants))
        self._descend()
        return self.best is not None

    def offer(self, stations: NDArray[np.bool_], plants: NDArray[np.bool_]) -> None:
        """Look at a plan that the bound suggests, and keep it for later if it is good."""
        key = np.packbits(np.concatenate([stations, plants])).tobytes()
        began = self.clock.seconds
        # Not more than a half of the time goes here, the other is for the bound itself.
        if key in self.seen or 2 * self.offered_s > began - self.climbs_from or not self.rules.allows(stations):
            return
        self.seen.add(key)
        self._go(stations, plants)
        self.offered_s += self.clock.seconds - began

    def descend_from_kept(self, until: float) -> None:
        """Descend from the plans that were kept, the best first."""
        assert self.best is not None
        for flow in sorted(self.kept.values(), key=lambda kept: kept.value):
            if self.clock.seconds >= until or self.clock.settled(self.to_beat, self.best.bound):
                break
            self.now = flow
            self._descend()
        self.now = self.best.flow

    def go_on(self, until: float, bound: StreamsBound | None = None, patience: int = _IDLE) -> None:
        """Change the plan at random and descend again until the clock shows ``until`` seconds, or in vain so often.

        In turn a few stations are exchanged, half of what sets it apart from another good plan is taken over, and the
        stations are chosen anew by what they are worth in the bound.
        """
        assert self.best is not None
        if bound is not None and bound.worth is not None:
            self.worth = bound.worth.stations
            self.hopeless = bound.settled_by(self.best.value)
        idle, turn, self.now = 0, 0, self.best.flow
        while self.clock.seconds < until and not self.clock.is_over:
            before, old = self.best.value, self.now
            stations, plants = old.stations.copy(), old.plants | ~self.may_close
            turn += 1
            if turn % 3 == 0:
                self._mix(stations)
            elif turn % 3 == 1 or bound is None or not self._choose_anew(bound, stations):
                self._shake(stations, plants)
            self._go(stations, plants)
            self._descend()
            idle = 0 if self.best.value < before else idle + 1
            if self.now.value > min(old.value, self.best.value * (1 + _PATIENCE)):
                self.now = old
            if idle and idle % 40 == 0:
                self.now = self.best.flow
            self.clock.tell(self.to_beat, self.best.bound)
            if self.clock.settled(self.to_beat, self.best.bound) or idle >= patience:
                return

    def look(self, stations: NDArray[np.bool_], plants: NDArray[np.bool_]) -> bool:
        """Look at a plan; False where not everything finds its way."""
        self._go(stations, plants | ~self.may_close)
        return self.now is not None and np.isfinite(self.now.value)

    def _go(self, stations: NDArray[np.bool_], plants: NDArray[np.bool_]) -> None:
        """Go over to these, and change them until everything finds its way."""
        self.now = self.finder.cheapest(stations, plants, self.now)
        while self.now.unsent and not self.clock.is_over and self._try():
            pass
        self._keep()

    def _keep(self) -> None:
        now = self.now
        if now is None or not np.isfinite(now.value) or not self.rules.allows(now.stations):
            return
        if self.best is None:
            self.best = BestPlan(now)
        elif now.value < self.best.value:
            self.best.flow = now
        self.kept[np.packbits(np.concatenate([now.stations, now.plants])).tobytes()] = now
        if len(self.kept) > _KEPT:
            del self.kept[max(self.kept, key=lambda key: self.kept[key].value)]

    def _shake(self, stations: NDArray[np.bool_], plants: NDArray[np.bool_]) -> None:
        """Close a few stations or plants and open as many others, at random, as far as the conditions allow."""
        for _ in range(int(self.rng.integers(1, 4))):
            here, there = np.flatnonzero(stations), np.flatnonzero(~stations & self.usable & ~self.hopeless)
            if not len(here) or not len(there):
                break
            out, new = int(self.rng.choice(here)), self._draw(there, len(here))
            stations[out], stations[new] = False, True
            if not self.rules.allows(stations):
                stations[out], stations[new] = True, False
        here, there = np.flatnonzero(plants & self.may_close), np.flatnonzero(~plants)
        if len(here) and len(there) and self.rng.random() < 0.5:
            plants[self.rng.choice(here)] = False
            plants[self.rng.choice(there)] = True

    def _draw(self, there: NDArray[np.intp], scale: int) -> int:
        """Draw one, rather one that is worth more in the bound."""
        if self.worth is None:
            return int(self.rng.choice(there))
        at = int(self.rng.exponential(max(3, scale)))
        return int(there[np.argsort(self.worth[there], kind="stable")[min(at, len(there) - 1)]])

    def _mix(self, stations: NDArray[np.bool_]) -> None:
        """Take over half of what sets the plan apart from another good one, as far as the conditions allow."""
        others = list(self.kept.values())
        other = others[int(self.rng.integers(len(others)))].stations
        by_site = self.rng.random(self.rules.sites.n_sites) < 0.5
        mixed = np.where(by_site[self.rules.sites.of], other, stations)
        if (mixed == stations).all() or not self.rules.allows(mixed):
            self._shake(stations, np.zeros(len(self.may_close), dtype=bool))
            return
        stations[:] = mixed

    def _choose_anew(self, bound: StreamsBound, stations: NDArray[np.bool_]) -> bool:
        if bound.worth is None:
            return False
        worth = bound.worth.stations
        noise = self.rng.uniform(0.01, 0.15) * (self.task.station_cost + float(np.abs(worth).mean()))
        # What is open stays a little likelier, so that a good part of the plan is kept.
        drawn = worth + noise * self.rng.normal(size=len(worth)) - noise * self.rng.uniform(0.0, 2.0) * stations
        _, chosen = bound.choose(self.clock, min(1.0, self.clock.left_s), drawn)
        if chosen is None:
            return False
        stations[:] = chosen
        return True

    def _candidates(self) -> list[tuple[float, int, int]]:
        """Return exchanges that may be better: about how much, what closes and what opens (-1 = nothing)."""
        assert self.now is not None
        task, now, rules = self.task, self.now, self.rules
        here = np.flatnonzero(now.stations)
        there = np.flatnonzero(~now.stations & self.usable & ~self.hopeless)
        plants = np.flatnonzero(now.plants)
        ahead, _ = behind(task.haul, plants, now.plant_price)
        past, _ = straight(task.direct, plants, now.plant_price)
        worst = self.finder.worst
        change = station_changes(
            self.finder.supply, task.stream, task.collect, ahead, past, worst, here, there, now.station_price,
            self.finder.room, task.station_cost,
        )  # fmt: skip
        change[len(here), len(there)] = 0.0
        load = now.station_load()
        own = rules.sites.of
        for at, j in enumerate(here):
            # A smaller version that holds what goes through saves the difference at once.
            same = np.flatnonzero((own[there] == own[j]) & (self.finder.room[there] >= load[j] * (1 - 1e-12)))
            change[at, same] = np.minimum(change[at, same], task.station_cost[there[same]] - task.station_cost[j])
        least = -_SMALLEST_GAIN * abs(now.penalised)
        outs, news = np.nonzero(change < least)
        order = np.argsort(change[outs, news], kind="stable")[: _LOOKS * _TRIES]
        return [
            (float(change[o, w]), int(here[o]) if o < len(here) else -1, int(there[w]) if w < len(there) else -1)
            for o, w in zip(outs[order], news[order], strict=True)
        ]

    def _try(self) -> bool:
        """Go over to the first plan that is better by one exchange, or by one station or plant more or less."""
        base = self.now
        assert base is not None
        left = _TRIES
        for _, out, new in self._candidates():
            stations = base.stations.copy()
            for j, is_open in ((out, False), (new, True)):
                if j >= 0:
                    stations[j] = is_open
            if not self.rules.allows(stations):
                continue
            if self._better(stations, base.plants | ~self.may_close, base):
                return True
            left -= 1
            if left == 0 or self.clock.is_over:
                break
        return not self.clock.is_over and self._try_plants(base)

    def _try_plants(self, base: Flow) -> bool:
        """Close, open or exchange plants that cost something, what the prices of their room suggest first."""
        left = _TRIES
        for out, new in self._plant_changes(base):
            plants = base.plants | ~self.may_close
            for q, is_open in ((out, False), (new, True)):
                if q >= 0:
                    plants[q] = is_open
            if int(self.task.plant_capacity[plants].sum()) < self.task.total:
                continue
            if self._better(base.stations, plants, base):
                return True
            left -= 1
            if left == 0 or self.clock.is_over:
                break
        return False

    def _plant_changes(self, base: Flow) -> list[tuple[int, int]]:
        """Return which plant closes and which opens (-1 = none), the likeliest first."""
        task, room = self.task, self.finder.plant_room
        here = np.flatnonzero(base.plants & self.may_close)
        there = np.flatnonzero(~base.plants & self.may_close)
        saved = task.plant_cost[here] - base.plant_price[here] * room[here]
        # A plant that opens pays for itself where room is dear: at the prices of those that it would relieve.
        dear = float(base.plant_price[base.plants].max(initial=0.0))
        paid = task.plant_cost[there] - dear * room[there]
        found = [(-float(v), int(q), -1) for q, v in zip(here, saved, strict=True)]
        found += [(float(v), -1, int(q)) for q, v in zip(there, paid, strict=True)]
        price = task.plant_cost[there]
        found += [
            (float(min(0.0, c - task.plant_cost[q]) - v), int(q), int(t))
            for q, v in zip(here, saved, strict=True) for t, c in zip(there, price, strict=True)
        ]  # fmt: skip
        order = [(out, new) for worth, out, new in sorted(found) if worth < 0 or base.unsent]
        return self._spread(order)

    def _spread(self, order: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Put what is tried in turn from among the first and from all, so that no kind is left out."""
        if len(order) <= _TRIES:
            return order
        first, rest = order[: _TRIES // 2], order[_TRIES // 2 :]
        picked = self.rng.choice(len(rest), size=_TRIES - len(first), replace=False)
        return first + [rest[at] for at in np.sort(picked)]

    def _better(self, stations: NDArray[np.bool_], plants: NDArray[np.bool_], base: Flow) -> bool:
        beat = base.penalised - _SMALLEST_GAIN * abs(base.penalised)
        found = self.finder.find(stations, plants, base, beat)
        if found is None or found.penalised >= beat:
            return False
        self.now = found
        return True

    def _descend(self) -> None:
        """Close, open and exchange until nothing makes the plan cheaper."""
        while not self.clock.is_over and self._try():
            self._keep()
        self._keep()
