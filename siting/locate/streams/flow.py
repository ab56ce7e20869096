"""Cheapest flow of all streams over open stations to open plants, whose room they share.

A linear program over paths: few of them matter, so paths are added until none is cheaper than the prices say.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import SolverError
from siting.locate.solver import minimise
from siting.locate.streams.paths import near_paths, raise_prices
from siting.locate.streams.task import StreamsTask

_ROUNDS = 500
_TURNS = 60
# Paths this share of the mean cost dearer than the cheapest one are there from the start.
_NEAR = 0.005
_TOLERANCE = 1e-9
_ENDLESS_S = 1e6


@dataclass(frozen=True, slots=True)
class Flow:
    """What the open stations and plants take.

    Attributes
    ----------
    stations, plants : masks of what is open
    path : shape (n_paths, 3), row, station (-1 = straight) and plant
    amount : shape (n_paths,), in the caller's unit
    ways : cost of all that is sent
    unsent : what finds no way
    penalised : opening, ways, and what is unsent at more than any way costs
    row_price : marginal cost of each row
    station_price, plant_price : of room, 0 where there is some left or nothing is open
    """

    stations: NDArray[np.bool_]
    plants: NDArray[np.bool_]
    path: NDArray[np.int64]
    amount: NDArray[np.float64]
    ways: float
    unsent: float
    penalised: float
    row_price: NDArray[np.float64]
    station_price: NDArray[np.float64]
    plant_price: NDArray[np.float64]

    @property
    def value(self) -> float:
        """Total cost, ``inf`` where not everything is sent."""
        return self.penalised if self.unsent == 0.0 else np.inf

    def station_load(self) -> NDArray[np.float64]:
        """Return what goes through each station."""
        load = np.zeros(len(self.stations))
        over = self.path[:, 1] >= 0
        np.add.at(load, self.path[over, 1], self.amount[over])
        return load

    def plant_load(self) -> NDArray[np.float64]:
        """Return what each plant takes."""
        load = np.zeros(len(self.plants))
        np.add.at(load, self.path[:, 2], self.amount)
        return load


class _Ways:
    """The ways over a few stations, side by side in memory, and the cheapest path of each row at the last prices."""

    def __init__(self, task: StreamsTask, here: NDArray[np.intp], there: NDArray[np.intp]) -> None:
        self.task, self.here, self.there = task, here, there.astype(np.int64)
        self.collect = np.ascontiguousarray(task.collect[:, here])
        self.haul = np.ascontiguousarray(task.haul[:, here])
        self.every = np.arange(len(here), dtype=np.int64)
        self.best = np.empty(len(task.amount))

    def near(
        self, station_price: NDArray[np.float64], plant_price: NDArray[np.float64], below: NDArray[np.float64],
        slack: float,
    ) -> NDArray[np.int64]:  # fmt: skip
        """Return paths as `near_paths` does."""
        path = near_paths(
            self.collect, self.haul, self.task.direct, self.task.stream, self.every, self.there,
            station_price[self.here], plant_price, below, slack, self.best,
        )  # fmt: skip
        over = path[:, 1] >= 0
        path[over, 1] = self.here[path[over, 1]]
        return path

    def raise_prices(
        self, finder: "FlowFinder", station_price: NDArray[np.float64], plant_price: NDArray[np.float64], target: float
    ) -> None:
        """Move prices in place towards the best bound."""
        price = station_price[self.here]
        raise_prices(
            finder.supply, self.collect, self.haul, self.task.direct, self.task.stream, self.every, self.there,
            finder.room[self.here], finder.plant_room, price, plant_price, target, _TURNS, finder.worst,
        )  # fmt: skip
        station_price[self.here] = price


class FlowFinder:
    """Finds cheapest flows, each beginning with the prices of another."""

    def __init__(self, task: StreamsTask) -> None:
        self.task = task
        per = task.units.per_weight
        self.supply = task.amount / per
        self.total = float(self.supply.sum())
        self.room, self.plant_room = task.station_capacity / per, task.plant_capacity / per
        finite = [float(t[np.isfinite(t)].max(initial=0.0)) for t in (task.collect, task.haul, task.direct)]
        self.dearest = max(finite[0] + finite[1], finite[2])
        self.programs = 0

    @property
    def worst(self) -> float:
        """What a unit is charged that finds no way."""
        _, m, k = self.task.shape
        return 4.0 * (min(m, 60) + k + 3) * (self.dearest + 1e-9)

    def cheapest(self, stations: NDArray[np.bool_], plants: NDArray[np.bool_], hint: Flow | None = None) -> Flow:
        """Return the cheapest flow over these."""
        found = self.find(stations, plants, hint)
        assert found is not None
        return found

    def find(
        self, stations: NDArray[np.bool_], plants: NDArray[np.bool_], hint: Flow | None = None, beat: float = np.inf
    ) -> Flow | None:
        """Return the cheapest flow over these; None where it is proved to cost ``beat`` or more, all of them paid.

        Parameters
        ----------
        hint : a flow over other stations and plants whose prices are near
        beat : in terms of `Flow.penalised`
        """
        task, (n, m, k) = self.task, self.task.shape
        station_price = np.zeros(m) if hint is None else np.where(stations, hint.station_price, 0.0)
        plant_price = np.zeros(k) if hint is None else np.where(plants, hint.plant_price, 0.0)
        ways = _Ways(task, np.flatnonzero(stations), np.flatnonzero(plants))
        opening = task.opening(stations, plants)
        endless = np.full(n, np.inf)

        def hopeless() -> bool:
            bound = float(np.minimum(ways.best, self.worst) @ self.supply) - float(station_price @ self.room)
            return opening + bound - float(plant_price @ self.plant_room) >= beat

        path = ways.near(station_price, plant_price, endless, 0.0)
        free = self._unbound(path, ways.best, station_price, plant_price)
        if free is not None:
            return self._flow(stations, plants, path[free], self.supply, ways.best.copy(), station_price, plant_price)
        if hopeless():
            return None
        target = beat - opening
        if not np.isfinite(target):
            target = 1.05 * float(np.minimum(ways.best, self.worst) @ self.supply)
        ways.raise_prices(self, station_price, plant_price, target)
        ways.near(station_price, plant_price, endless, 0.0)
        if hopeless():
            return None
        some = np.isfinite(ways.best)
        slack = _NEAR * float(ways.best[some].mean()) if some.any() else 0.0
        path = ways.near(station_price, plant_price, endless, slack)
        for _ in range(_ROUNDS):
            amount, row_price, station_price, plant_price = self._solve(path, stations, plants)
            more = ways.near(station_price, plant_price, row_price - _TOLERANCE * (1.0 + np.abs(row_price)), slack)
            # Where prices jump, the same path may look cheaper again by a rounding error: never take it twice.
            more = more[~np.isin(self._code(more), self._code(path))]
            if not len(more):
                return self._flow(stations, plants, path, amount, row_price, station_price, plant_price)
            if hopeless():
                return None
            path = np.concatenate([path, more])
        msg = f"transfer_streams: the flow did not settle in {_ROUNDS} rounds"
        raise SolverError(msg)

    def _unbound(
        self, path: NDArray[np.int64], best: NDArray[np.float64], station_price: NDArray[np.float64],
        plant_price: NDArray[np.float64],
    ) -> NDArray[np.intp] | None:  # fmt: skip
        """Return the path of each row where everything fits without any price; None where it does not."""
        if station_price.any() or plant_price.any() or not np.isfinite(best).all():
            return None
        _, first = np.unique(path[:, 0], return_index=True)
        chosen = path[first]
        over = chosen[:, 1] >= 0
        _, m, k = self.task.shape
        amount = self.task.amount
        load = np.bincount(chosen[over, 1], weights=amount[over], minlength=m)
        taken = np.bincount(chosen[:, 2], weights=amount, minlength=k)
        fits = (load <= self.task.station_capacity).all() and (taken <= self.task.plant_capacity).all()
        return first if fits else None

    def _code(self, path: NDArray[np.int64]) -> NDArray[np.int64]:
        _, m, k = self.task.shape
        return np.asarray((path[:, 0] * (m + 1) + path[:, 1] + 1) * k + path[:, 2])

    def _solve(
        self, path: NDArray[np.int64], stations: NDArray[np.bool_], plants: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return amounts on these paths, and prices of rows, stations and plants."""
        _, m, k = self.task.shape
        place = np.where(path[:, 1] < 0, m + k, path[:, 1])
        room = np.concatenate([np.where(stations, self.room, 0.0), np.where(plants, self.plant_room, 0.0), [np.inf]])
        # Rows with one path take it, as far as there is room for all of these.
        settled = np.bincount(path[:, 0], minlength=len(self.supply))[path[:, 0]] == 1
        amount = np.where(settled, self.supply[path[:, 0]], 0.0)
        load = np.bincount(place, weights=amount, minlength=m + k + 1)
        load[m : m + k] = np.bincount(path[:, 2], weights=amount, minlength=k)
        full = load > room * (1 - 1e-12)
        settled &= ~(full[place] | full[m + path[:, 2]])
        amount = np.where(settled, self.supply[path[:, 0]], 0.0)
        price, row_price = np.zeros(m + k + 1), np.zeros(len(self.supply))
        if not settled.all():
            amount, row_price, price = self._share(path, place, room, settled, amount)
        cost = self.costs(path[settled]) + price[place[settled]] + price[m + path[settled, 2]]
        row_price[path[settled, 0]] = cost
        lost = np.isin(np.arange(len(self.supply)), path[:, 0], invert=True)
        row_price[lost] = self.worst
        return amount, row_price, price[:m], price[m : m + k]

    def _share(
        self, path: NDArray[np.int64], place: NDArray[np.int64], room: NDArray[np.float64],
        settled: NDArray[np.bool_], amount: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
        """Share out the room that settled rows leave, by a linear program."""
        self.programs += 1
        _, m, k = self.task.shape
        gone = np.bincount(place, weights=amount, minlength=m + k + 1)
        gone[m : m + k] = np.bincount(path[:, 2], weights=amount, minlength=k)
        free = np.flatnonzero(~settled)
        rows, row = np.unique(path[free, 0], return_inverse=True)
        used, at = np.unique(np.concatenate([place[free], m + path[free, 2]]), return_inverse=True)
        n_rows, n_free = len(rows), len(free)
        column = np.arange(n_free)
        entries = (
            np.concatenate([row, np.arange(n_rows), n_rows + at.reshape(-1)]),
            np.concatenate([column, n_free + np.arange(n_rows), column, column]),
        )
        shape = (n_rows + len(used), n_free + n_rows)
        matrix = sparse.csr_array(sparse.coo_array((np.ones(len(entries[0])), entries), shape=shape))
        supply, unit = self.supply[rows], max(self.dearest, 1e-300)
        scale = float(supply.mean())
        cost = np.concatenate([self.costs(path[free]), np.full(n_rows, self.worst)]) / unit
        left = np.maximum(0.0, (room - gone)[used])
        answer = minimise(
            cost, matrix, np.concatenate([supply / scale, np.full(len(used), -np.inf)]),
            np.concatenate([supply, left]) / scale, col_lower=np.zeros(len(cost)),
            col_upper=np.concatenate([self.supply[path[free, 0]], supply]) / scale,
            integral=np.zeros(len(cost), dtype=bool), time_limit_s=_ENDLESS_S,
        )  # fmt: skip
        if answer.x is None or answer.dual is None:
            msg = "transfer_streams: the linear program of the flow was not solved"
            raise SolverError(msg)
        amount, price, row_price = amount.copy(), np.zeros(m + k + 1), np.zeros(len(self.supply))
        amount[free] = np.maximum(0.0, answer.x[:n_free]) * scale
        price[used] = np.maximum(0.0, -answer.dual[n_rows:]) * unit
        price[m + k] = 0.0
        row_price[rows] = answer.dual[:n_rows] * unit
        return amount, row_price, price

    def costs(self, path: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the cost of each path for 1 of supply."""
        task = self.task
        row, station, plant = path.T
        over = station >= 0
        cost: NDArray[np.float64] = task.direct[row, plant].copy()
        cost[over] = (
            task.collect[row[over], station[over]] + task.haul[task.stream[row[over]], station[over], plant[over]]
        )
        return cost

    def _flow(
        self, stations: NDArray[np.bool_], plants: NDArray[np.bool_], path: NDArray[np.int64],
        amount: NDArray[np.float64], row_price: NDArray[np.float64], station_price: NDArray[np.float64],
        plant_price: NDArray[np.float64],
    ) -> Flow:  # fmt: skip
        some = amount > 1e-12 * self.total
        path, amount = path[some], amount[some]
        ways = float(self.costs(path) @ amount)
        unsent = max(0.0, self.total - float(amount.sum()))
        unsent = 0.0 if unsent <= 1e-9 * self.total else unsent
        used = plants & (np.bincount(path[:, 2], minlength=len(plants)) > 0)
        penalised = self.task.opening(stations, used) + ways + unsent * self.worst
        return Flow(
            stations.copy(), used | (plants & (self.task.plant_cost == 0)), path, amount, ways, unsent, penalised,
            row_price, station_price, plant_price,
        )  # fmt: skip
