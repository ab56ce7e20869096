"""A lower bound of all plans by Lagrangian relaxation, its prices, and what each station is worth in it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.clock import Clock
from siting.locate.solver import minimise
from siting.locate.streams.paths import behind
from siting.locate.streams.relax import relax
from siting.locate.streams.sites import SiteRules
from siting.locate.streams.task import StreamsTask

# What floats may lose in these sums, relative to their size.
_ROUNDING = 1e-12
_HALVE_AFTER = 20
_SMALLEST_STEP = 1e-4
_WARM_UP, _OFFER_EVERY = 60, 10
# How much of what plants take in the last round enters their average.
_MEMORY = 0.03
_SPARE = 1.02


@dataclass(slots=True, kw_only=True)
class Worth:
    """The relaxed problem at its best: ``base`` plus what the open stations are worth. ``bound`` may be higher."""

    base: float
    stations: NDArray[np.float64]
    bound: float


class StreamsBound:
    """Prices of rows and of plants' room, raised step by step towards the largest bound.

    Parameters
    ----------
    closed, paid : plants that are taken to be closed, and those that are taken to be open; others are undecided
    """

    def __init__(
        self, task: StreamsTask, rules: SiteRules, closed: NDArray[np.bool_] | None = None,
        paid: NDArray[np.bool_] | None = None,
    ) -> None:  # fmt: skip
        _, m, k = task.shape
        self.task, self.rules = task, rules
        per = task.units.per_weight
        self.supply = task.amount / per
        self.room, self.plant_room = task.station_capacity / per, task.plant_capacity / per
        self.closed = np.zeros(k, dtype=bool) if closed is None else closed
        self.paid = (task.plant_cost == 0) if paid is None else paid
        self.plants = np.flatnonzero(~self.closed & (self.plant_room > 0)).astype(np.int64)
        self.binds = task.plant_capacity < task.total
        self.need = task.through_stations / per
        self.ahead_free, _ = behind(task.haul, self.plants, np.zeros(k))
        self.ways = self._ways()
        sites = rules.sites
        group = np.unique(rules.clique_of, return_inverse=True)[1].reshape(-1)
        self.sites = (sites.of.astype(np.int64), rules.may, rules.forced, group.astype(np.int64), rules.is_new)
        share = task.station_cost / np.maximum(self.room, 1e-9 * float(self.supply.sum()))
        station, base, count = self.ways
        with np.errstate(invalid="ignore"):
            first = np.where(np.arange(m) < count[:, None], base + share[station], np.inf).min(axis=1, initial=np.inf)
        self.lam = np.where(np.isfinite(first), first, 0.0)
        self.lam[~np.isfinite(first)] = np.where(np.isfinite(task.direct), task.direct, 0.0).max(axis=1)[
            ~np.isfinite(first)
        ]
        self.price = np.zeros(k)
        self.step = 1.0
        self.rounds = 0
        self.worth: Worth | None = None
        self.plant_use = np.zeros(k)

    def _ways(self) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int64]]:
        """Return the stations of each row in the order of their cost with free plants."""
        task = self.task
        cost = task.collect + self.ahead_free[task.stream]
        cost[:, ~(self.rules.may & (task.station_capacity > 0))] = np.inf
        order = np.argsort(cost, axis=1).astype(np.int32)
        return order, np.take_along_axis(cost, order, axis=1), np.isfinite(cost).sum(axis=1).astype(np.int64)

    def start_from(self, other: "StreamsBound") -> None:
        """Take over the best prices of another, and what plants take."""
        self.lam[:], self.price[:], self.plant_use[:] = other.lam, other.price, other.plant_use

    def climb(
        self, target: float, iterations: int, clock: Clock, until: float,
        offer: Callable[[NDArray[np.bool_], NDArray[np.bool_]], None] | None = None,
    ) -> float:  # fmt: skip
        """Raise the prices; return the best bound so far.

        Parameters
        ----------
        target : value of a plan
        until : second of the clock when to stop
        offer : is given the stations that are chosen at some of the prices on the way, and likely plants
        """
        task, (n, m, k) = self.task, self.task.shape
        phi, share, short, load = np.zeros(m), np.zeros(m), np.zeros(n), np.zeros(k)
        toward, onto = np.zeros(n), np.zeros(k)
        lam, price, idle = self.lam.copy(), self.price.copy(), 0
        plant_room = np.maximum(self.plant_room, 1e-9 * float(self.supply.sum()))
        for turn in range(iterations):
            if self.step < _SMALLEST_STEP or (self.worth is not None and clock.seconds > until):
                break
            self.rounds += 1
            value = relax(
                self.supply, task.stream, task.haul, task.direct, self.ways, self.ahead_free, self.room,
                task.station_cost, self.need, self.sites, self.rules.least, self.rules.most, self.plants, lam, price,
                phi, share, short, load,
            )  # fmt: skip
            rest, used = self._plants(price)
            self.plant_use += _MEMORY * (load - self.plant_use)
            size = float(np.abs(self.supply * lam).sum() + np.abs(phi).sum() + np.abs(price * plant_room).sum())
            value += rest - _ROUNDING * size
            if offer is not None and turn >= _WARM_UP and turn % _OFFER_EVERY == 0:
                offer(share >= 0.5, self.likely_plants())
            if self.worth is None or value > self.worth.bound:
                gained = value - self.worth.bound if self.worth is not None else np.inf
                base = float((self.supply * lam).sum()) + rest - _ROUNDING * size
                self.worth = Worth(base=base, stations=phi.copy(), bound=value)
                self.lam[:], self.price[:] = lam, price
                idle = 0 if gained > 1e-5 * abs(target - value) else idle + 1
                if clock.settled(target, value):
                    break
            else:
                idle += 1
            if idle >= _HALVE_AFTER:
                self.step *= 0.6
                idle = 0
                lam, price = self.lam.copy(), self.price.copy()
                toward[:], onto[:] = 0.0, 0.0
                continue
            over = np.where(self.binds & ~self.closed, load - used * self.plant_room, 0.0)
            over[(price <= 0.0) & (over < 0.0)] = 0.0
            toward, onto = short + 0.5 * toward, over + 0.5 * onto
            length = float((toward * toward / self.supply).sum() + (onto * onto / plant_room).sum())
            if length == 0.0:
                break
            move = self.step * max(target - value, 1e-9 * abs(target)) / length
            lam = lam + move * toward / self.supply
            price = np.maximum(0.0, price + move * onto / plant_room)
        return -np.inf if self.worth is None else self.worth.bound

    def _plants(self, price: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return what the plants add to the bound, and which are open in it."""
        opening = self.task.plant_cost
        worth = opening - price * self.plant_room
        is_open = ~self.closed & (self.paid | (worth < 0.0))
        return float(worth[is_open].sum()), is_open.astype(np.float64)

    def choose(
        self, clock: Clock, limit_s: float, cost: NDArray[np.float64] | None = None
    ) -> tuple[float, NDArray[np.bool_] | None]:
        """Choose stations of least worth under all conditions, with room for everything.

        Parameters
        ----------
        cost : of each station, instead of what it is worth at the best prices

        Returns
        -------
        A bound of all plans (where ``cost`` is not given), and the mask of stations; None if none was found in time.
        """
        matrix, lower, upper = self.rules.rows()
        total = float(self.supply.sum())
        rows = sparse.csr_array(sparse.vstack([matrix, sparse.csr_array(self.room[None, :] / total)], format="csr"))
        low, high = self.rules.limits()
        own = np.zeros(len(low)) if self.worth is None else self.worth.stations
        wanted = own if cost is None else cost
        # Where there is no plan at all prices run away, and HiGHS loses its way among such numbers.
        scale = max(1.0, float(np.abs(wanted).max(initial=0.0)))
        answer = minimise(
            wanted / scale, rows, np.append(lower, self.need / total - 1e-9), np.append(upper, np.inf),
            col_lower=low, col_upper=high, integral=np.ones(len(low), dtype=bool), time_limit_s=max(0.05, limit_s),
            seed=clock.seed,
        )  # fmt: skip
        base = -np.inf if self.worth is None else self.worth.base
        bound = base + answer.bound * scale - 1e-9 * float(np.abs(own).sum())
        return bound, None if answer.x is None else answer.x > 0.5

    def likely_plants(self) -> NDArray[np.bool_]:
        """Return the plants that are free, and of the others those that take most of their room in the relaxed problem.

        They have a little more room than is needed.
        """
        is_open = self.paid & ~self.closed
        full = self.plant_use / np.maximum(self.plant_room, 1e-9 * float(self.supply.sum()))
        for q in np.argsort(-full, kind="stable"):
            if self.plant_room[is_open].sum() >= _SPARE * self.supply.sum():
                break
            is_open[q] |= not self.closed[q]
        return np.asarray(is_open)

    def settled_by(self, value: float) -> NDArray[np.bool_]:
        """Return the stations that no plan below ``value`` opens, as far as is proved."""
        assert self.worth is not None
        phi, forced, of = self.worth.stations, self.rules.forced, self.rules.sites.of
        least = np.full(len(forced), np.inf)
        np.minimum.at(least, of[self.rules.may], phi[self.rules.may])
        base = np.where(forced, least, np.minimum(least, 0.0))
        bound = self.worth.base + float(base.sum())
        return np.asarray(bound - base[of] + phi > value + 1e-9 * (abs(value) + float(np.abs(base).sum())))
