"""Cheapest flow from sources over open stations to open plants, kept up to date as they open and close."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.locate.clock import Clock
from siting.locate.two_stage.network_simplex import LOWER, TREE, first_tree, flow_cost, set_cost, settle
from siting.locate.two_stage.task import TransferTask

# Costs become whole numbers of this size at most, so that sums along a path of dear arcs stay within 64 bits.
_LARGEST_COST = 2.0**33
_BLOCK = 300
# So many rounds are made even where the time is up: the first plan of all has almost every station open.
_FEWEST = 4


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a flow is, to come back to: the tree, what flows along it, and the gates; other ways are empty."""

    stations: NDArray[np.bool_]
    plants: NDArray[np.bool_]
    tree: NDArray[np.int64]
    tree_flow: NDArray[np.int64]
    gate_cost: NDArray[np.int64]
    gate_flow: NDArray[np.int64]
    gate_state: NDArray[np.int8]


class TransferFlow:
    """The cheapest flow for a set of open stations and plants.

    Nodes are sources, the ways in of stations, their ways out, plants, and one root. A closed station or plant stays in
    the network at a prohibitive cost, so that the flow can start again from where it was. What cannot be sent anywhere
    takes an artificial arc, dearer than any way.
    """

    def __init__(self, task: TransferTask) -> None:
        n, m, k = task.shape
        self.task, self.n, self.m, self.k = task, n, m, k
        self.root = n + 2 * m + k
        finite = np.concatenate([t[np.isfinite(t)] for t in (task.collect, task.haul, task.direct)])
        dearest = float(finite.max(initial=0.0))
        milli = np.rint(finite * 1000)
        whole = dearest * 1000 <= _LARGEST_COST and bool((milli / 1000 == finite).all())
        self.is_whole = whole
        self.scale = 1000.0 if whole else _LARGEST_COST / max(dearest, 1e-300)
        self.big = int((self.root + 2) * (round(dearest * self.scale) + 1))
        self._build()
        self.stations = np.zeros(m, dtype=bool)
        self.plants = np.zeros(k, dtype=bool)

    def _build(self) -> None:
        n, m, k, task = self.n, self.m, self.k, self.task
        plant = n + 2 * m
        tails, heads, costs, caps, groups = [], [], [], [], [0]
        for j in range(m):
            sources, plants = np.flatnonzero(np.isfinite(task.collect[:, j])), np.flatnonzero(np.isfinite(task.haul[j]))
            tails += [sources, np.full(len(plants), n + m + j)]
            heads += [np.full(len(sources), n + j), plant + plants]
            costs += [task.collect[sources, j], task.haul[j, plants]]
            groups.append(groups[-1] + len(sources) + len(plants))
        n_free = groups[-1]
        i, q = np.nonzero(np.isfinite(task.direct))
        node = np.arange(self.root)
        tails += [i, n + np.arange(m), plant + np.arange(k), node]
        heads += [plant + q, n + m + np.arange(m), np.full(k, self.root), np.full(self.root, self.root)]
        costs += [task.direct[i, q]]
        scaled = np.rint(np.concatenate(costs) * self.scale).astype(np.int64)
        self.gate = n_free + len(i)  # the arcs through stations, then those out of plants, then the artificial ones
        self.artificial = self.gate + m + k
        closed = np.full(m + k, 2 * self.big)
        self.cost = np.concatenate([scaled, closed, np.full(self.root, self.big)]).astype(np.int64)
        endless = np.iinfo(np.int64).max // 4
        caps = [np.full(self.gate, endless), task.station_capacity, task.plant_capacity, np.full(self.root, endless)]
        self.cap = np.concatenate(caps).astype(np.int64)
        self.tail, self.head = np.concatenate(tails).astype(np.int64), np.concatenate(heads).astype(np.int64)
        self.groups = np.array([*groups, len(self.tail)], dtype=np.int64)
        self.capped = np.arange(self.gate, self.artificial, dtype=np.int64)
        self.flow = np.zeros(len(self.tail), dtype=np.int64)
        self.state = np.zeros(len(self.tail), dtype=np.int8)
        self.tree = np.zeros((8, self.root + 1), dtype=np.int64)
        self.stack = np.zeros(self.root + 1, dtype=np.int64)
        supply = np.zeros(self.root, dtype=np.int64)
        supply[:n] = task.supply
        first_tree(supply, self.artificial, self.cost, self.flow, self.state, self.tree)

    def open(self, stations: NDArray[np.bool_], plants: NDArray[np.bool_]) -> float:
        """Open exactly these and return the total cost, ``inf`` where not everything can be sent."""
        for j in np.flatnonzero(stations != self.stations):
            self._set(self.gate + int(j), bool(stations[j]))
        for q in np.flatnonzero(plants != self.plants):
            self._set(self.gate + self.m + int(q), bool(plants[q]))
        self.stations, self.plants = stations.copy(), plants.copy()
        self._settle()
        return self.penalised() if self.unsent() == 0 else np.inf

    def _settle(self) -> None:
        awake = np.append(self.stations, True)
        settle(
            self.groups, awake, _BLOCK, self.tail, self.head, self.cost, self.cap, self.flow, self.state, self.tree,
            self.stack,
        )  # fmt: skip

    def by_slope(self, rounds: int, clock: Clock) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Charge opening costs by load, anew after each round; return the open stations and plants that are used."""
        room = np.concatenate([self.task.station_capacity, self.task.plant_capacity]).astype(np.float64)
        fixed = np.concatenate([self.task.station_cost, self.task.plant_cost])
        fixed *= self.task.units.per_weight * self.scale
        is_open = np.concatenate([self.stations, self.plants])
        load = np.maximum(room, 1.0)
        best, found = np.inf, (self.stations.copy(), self.plants.copy())
        for turn in range(rounds):
            for arc in np.flatnonzero(is_open):
                self._set(self.gate + int(arc), True, min(int(fixed[arc] / load[arc]), self.big))
            self._settle()
            used = np.concatenate(self.loads())
            load = np.where(used > 0, used, load)
            stations, plants = used[: self.m] > 0, used[self.m :] > 0
            value = self._ways() + self.task.opening(stations, plants)
            if self.unsent() == 0 and value < best:
                best, found = value, (stations, plants)
            if clock.is_over and turn >= _FEWEST:
                break
        for arc in np.flatnonzero(is_open):
            self._set(self.gate + int(arc), True)
        return found

    def relaxed_prices(self, stations: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Marginal costs at the sources and behind the stations where a part of a site may be opened for its share."""
        self.open(stations, np.ones(self.k, dtype=bool))
        room = np.concatenate([self.task.station_capacity, self.task.plant_capacity]).astype(np.float64)
        fixed = np.concatenate([self.task.station_cost, self.task.plant_cost])
        share = fixed * self.task.units.per_weight * self.scale / np.maximum(room, 1.0)
        is_open = np.flatnonzero(np.concatenate([self.stations, self.plants]))
        for arc in is_open:
            self._set(self.gate + int(arc), True, min(int(share[arc]), self.big))
        self._settle()
        worth = self.marginal()
        for arc in is_open:
            self._set(self.gate + int(arc), True)
        return worth[: self.n], worth[self.n + self.m : self.n + 2 * self.m]

    def _ways(self) -> float:
        on = self.flow[: self.gate].astype(np.float64) @ self.cost[: self.gate].astype(np.float64)
        return float(on) / self.scale / self.task.units.per_weight

    def _set(self, arc: int, is_open: bool, price: int = 0) -> None:
        new = price if is_open else 2 * self.big
        set_cost(arc, new, self.tail, self.head, self.cost, self.state, self.tree, self.stack)

    def penalised(self) -> float:
        """Total cost in the caller's unit, where what cannot be sent costs more than any way."""
        total = flow_cost(self.capped, self.cost, self.flow, self.state, self.tree)
        return total / self.scale / self.task.units.per_weight + self.task.opening(self.stations, self.plants)

    def unsent(self) -> int:
        """Units that find no way."""
        return int(self.flow[self.artificial :].sum())

    def save(self) -> Snapshot:
        """Return all that the flow is."""
        gates = slice(self.gate, self.artificial)
        tree = self.tree.copy()
        return Snapshot(
            self.stations.copy(), self.plants.copy(), tree, self.flow[tree[1, : self.root]], self.cost[gates].copy(),
            self.flow[gates].copy(), self.state[gates].copy(),
        )  # fmt: skip

    def restore(self, old: Snapshot) -> None:
        """Come back to an earlier flow."""
        self.stations, self.plants = old.stations.copy(), old.plants.copy()
        gates, now, then = slice(self.gate, self.artificial), self.tree[1, : self.root], old.tree[1, : self.root]
        self.flow[now], self.state[now] = 0, LOWER
        self.cost[gates], self.flow[gates], self.state[gates] = old.gate_cost, old.gate_flow, old.gate_state
        self.flow[then], self.state[then] = old.tree_flow, TREE
        self.tree[:] = old.tree

    def marginal(self) -> NDArray[np.float64]:
        """Cost of sending one more from each node, in the caller's unit."""
        price = self.tree[4]
        return np.asarray((price[self.root] - price) / self.scale, dtype=np.float64)

    def loads(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Units through each station and into each plant."""
        gates = self.flow[self.gate : self.artificial]
        return gates[: self.m].copy(), gates[self.m :].copy()

    @property
    def worst(self) -> float:
        """What a unit costs that finds no way."""
        return self.big / self.scale

    def loads_to_plants(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Units that each station and each source sends to plants."""
        straight = np.zeros(self.n, dtype=np.int64)
        ways = slice(int(self.groups[-2]), self.gate)
        np.add.at(straight, self.tail[ways], self.flow[ways])
        return self.loads()[0], straight

    def tables(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Units from sources to stations, from stations to plants, and from sources to plants."""
        n, m, k = self.n, self.m, self.k
        collect, haul, direct = (np.zeros(shape, dtype=np.int64) for shape in ((n, m), (m, k), (n, k)))
        used = np.flatnonzero(self.flow[: self.gate])
        tail, head, amount = self.tail[used], self.head[used], self.flow[used]
        into, away = head < n + m, tail >= n + m
        straight = ~into & ~away
        collect[tail[into], head[into] - n] = amount[into]
        haul[tail[away] - n - m, head[away] - n - 2 * m] = amount[away]
        direct[tail[straight], head[straight] - n - 2 * m] = amount[straight]
        return collect, haul, direct
