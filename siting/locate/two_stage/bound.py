"""A lower bound of transfer plans by Lagrangian relaxation, and what each station and plant is worth in it.

Relaxed are "everything is collected" (price lambda_i of a source) and "what comes in goes out" (mu_j of a station).
What is left falls apart into one continuous knapsack a station and one a plant:

    phi_j = f_j + min sum_i (c_ij + mu_j - lambda_i) x_ij     0 <= x_ij <= s_i, sum_i x_ij <= a_j
    psi_q = g_q + min sum_j (h_jq - mu_j) z_jq + sum_i (e_iq - lambda_i) w_iq,  within its capacity

and the choice of stations and plants with enough room for everything.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.clock import Clock
from siting.locate.solver import minimise
from siting.locate.two_stage.rules import StationRules
from siting.locate.two_stage.task import TransferTask

# What floats may lose in these sums, relative to their size.
_ROUNDING = 1e-9
_HALVE_AFTER = 25
_SMALLEST_STEP = 1e-4
# Prices are rough at first; after that every so many yield another choice of stations and plants.
_WARM_UP, _OFFER_EVERY = 100, 5


@numba.njit(cache=True, nogil=True)
def _fill(
    price: NDArray[np.float64], size: NDArray[np.float64], count: int, room: float, taken: NDArray[np.float64]
) -> float:  # fmt: skip
    """Fill a knapsack with what has a price below 0, the lowest first; return the sum of prices."""
    total, amount, cheap = 0.0, 0.0, 0
    for i in range(count):
        taken[i] = 0.0
        if price[i] < 0.0 and size[i] > 0.0:
            taken[i] = size[i]
            amount += size[i]
            total += price[i] * size[i]
            cheap += 1
    if amount <= room:
        return total
    which, key = np.empty(cheap, dtype=np.int64), np.empty(cheap)
    at = 0
    for i in range(count):
        if taken[i] > 0.0:
            which[at], key[at] = i, price[i]
            at += 1
    total, left = 0.0, room
    for at in np.argsort(key):
        i = which[at]
        part = min(taken[i], left)
        taken[i] = part
        left -= part
        total += price[i] * part
    return total


@numba.njit(cache=True, nogil=True)
def _choose(
    worth: NDArray[np.float64], room: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64],
    need: float, share: NDArray[np.float64],
) -> float:  # fmt: skip
    """Open what is worth it, then the cheapest room, in part for the last, until there is enough of it."""
    total, held = 0.0, 0.0
    ratio = np.full(len(worth), np.inf)
    for j in range(len(worth)):
        share[j] = 1.0 if low[j] > 0.0 or (high[j] > 0.0 and worth[j] < 0.0) else 0.0
        if share[j] > 0.0:
            total += worth[j]
            held += room[j]
        elif high[j] > 0.0 and room[j] > 0.0:
            ratio[j] = worth[j] / room[j]
    if held < need:
        for j in np.argsort(ratio):
            if held >= need or ratio[j] == np.inf:
                break
            share[j] = min(1.0, (need - held) / room[j])
            total += share[j] * worth[j]
            held += share[j] * room[j]
    return total


@numba.njit(cache=True, nogil=True)
def _relax(
    supply: NDArray[np.float64],
    into: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]],
    out: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]],
    station: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    plant: tuple[NDArray[np.float64], NDArray[np.float64]], needs: tuple[float, float],
    lam: NDArray[np.float64], mu: NDArray[np.float64], phi: NDArray[np.float64], psi: NDArray[np.float64],
    short: NDArray[np.float64], over: NDArray[np.float64],
) -> float:  # fmt: skip
    """Return the bound at these prices; fills what stations and plants are worth and by how much the rest is broken.

    ``into`` are the ways to each station, from sources; ``out`` the ways to each plant, from stations, and from sources
    after these: where the ways of each begin, where they come from, and their costs.
    """
    start, source, cost = into
    first, origin, away = out
    n, m, k = len(supply), len(phi), len(psi)
    room, opening, low, high = station
    plant_room, plant_opening = plant
    comes, goes = np.empty(len(source)), np.empty(len(origin))
    price, size = np.empty(n + m), np.empty(n + m)
    for j in range(m):
        a, b = start[j], start[j + 1]
        phi[j] = opening[j]
        if high[j] > 0.0:
            for e in range(a, b):
                price[e - a], size[e - a] = cost[e] + mu[j] - lam[source[e]], supply[source[e]]
            phi[j] += _fill(price, size, b - a, room[j], comes[a:b])
    for q in range(k):
        a, b = first[q], first[q + 1]
        for e in range(a, b):
            v = origin[e]
            price[e - a] = away[e] - (mu[v] if v < m else lam[v - m])
            size[e - a] = room[v] if v < m else supply[v - m]
        psi[q] = plant_opening[q] + _fill(price, size, b - a, plant_room[q], goes[a:b])
    share, plant_share = np.zeros(m), np.zeros(k)
    ones = np.ones(k)
    total = (supply * lam).sum()
    total += _choose(phi, room, low, high, needs[0], share)
    total += _choose(psi, plant_room, 0.0 * ones, ones, needs[1], plant_share)
    short[:] = supply
    over[:] = 0.0
    for j in range(m):
        if share[j] > 0.0:
            for e in range(start[j], start[j + 1]):
                short[source[e]] -= share[j] * comes[e]
                over[j] += share[j] * comes[e]
    for q in range(k):
        if plant_share[q] > 0.0:
            for e in range(first[q], first[q + 1]):
                v = origin[e]
                if v < m:
                    over[v] -= plant_share[q] * goes[e]
                else:
                    short[v - m] -= plant_share[q] * goes[e]
    return float(total)


def ways_into(table: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return the finite entries column by column: where each column begins, their rows, and their costs."""
    column, row = np.nonzero(np.isfinite(table.T))
    start = np.concatenate([[0], np.cumsum(np.bincount(column, minlength=table.shape[1]))])
    return start.astype(np.int64), row.astype(np.int64), np.ascontiguousarray(table[row, column])


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """A relaxed problem in which only stations and plants are chosen: ``base`` plus what the open ones are worth."""

    base: float
    stations: NDArray[np.float64]
    plants: NDArray[np.float64]
    bound: float


class TransferBound:
    """Prices of sources and stations that are raised step by step towards the largest bound."""

    def __init__(
        self, task: TransferTask, rules: StationRules, prices: tuple[NDArray[np.float64], NDArray[np.float64]]
    ) -> None:
        self.task, self.rules = task, rules
        per = task.units.per_weight
        low, high = rules.limits()
        self.supply = task.supply / per
        total = float(self.supply.sum())
        self.needs = (task.through_stations / per, total)
        self.into = ways_into(task.collect)
        self.out = ways_into(np.vstack([task.haul, task.direct]))
        self.station = (task.station_capacity / per, task.station_cost, low, high)
        self.plant = (task.plant_capacity / per, task.plant_cost)
        self.lam, self.mu = prices[0].copy(), prices[1].copy()
        self.step = 1.0
        self.worth: Worth | None = None

    def climb(
        self, target: float, iterations: int, clock: Clock, until: float,
        offer: Callable[[NDArray[np.bool_], NDArray[np.bool_]], None] | None = None,
    ) -> float:  # fmt: skip
        """Raise the prices; return the best bound so far.

        Parameters
        ----------
        target : value of a plan
        until : second of the clock when to stop
        offer : is given the stations and plants that are chosen at some of the prices on the way
        """
        n, m, k = self.task.shape
        phi, psi, short, over = np.zeros(m), np.zeros(k), np.zeros(n), np.zeros(m)
        toward, onto = np.zeros(n), np.zeros(m)
        lam, mu, idle = self.lam.copy(), self.mu.copy(), 0
        for turn in range(iterations):
            if self.step < _SMALLEST_STEP or (self.worth is not None and clock.seconds > until):
                break
            value = _relax(
                self.supply, self.into, self.out, self.station, self.plant, self.needs, lam, mu, phi, psi, short, over
            )  # fmt: skip
            if offer is not None and turn >= _WARM_UP and turn % _OFFER_EVERY == 0:
                offer(*self._chosen(phi, psi))
            size = float(np.abs(self.supply * lam).sum() + np.abs(phi).sum() + np.abs(psi).sum())
            value -= _ROUNDING * size * 1e-3
            if self.worth is None or value > self.worth.bound:
                base = float((self.supply * lam).sum()) - _ROUNDING * size * 1e-3
                self.worth = Worth(base=base, stations=phi.copy(), plants=psi.copy(), bound=value)
                self.lam[:], self.mu[:], idle = lam, mu, 0
                # Whole sources cost more than ``target``, a plan that splits them.
                if not self.task.single and clock.settled(target, value):
                    break
            else:
                idle += 1
            if idle >= _HALVE_AFTER:
                self.step *= 0.6
                idle = 0
                lam, mu = self.lam.copy(), self.mu.copy()
                toward[:], onto[:] = 0.0, 0.0
                continue
            toward, onto = short + 0.5 * toward, over + 0.5 * onto
            length = float(toward @ toward + onto @ onto)
            if length == 0.0:
                break
            move = self.step * max(target - value, 1e-9 * abs(target)) / length
            lam, mu = lam + move * toward, mu + move * onto
        return -np.inf if self.worth is None else self.worth.bound

    def _chosen(
        self, phi: NDArray[np.float64], psi: NDArray[np.float64]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Choose what is worth it and the cheapest room until there is enough, none of it in part."""
        _, _, low, high = self.station
        share, plant_share, k = np.zeros(len(phi)), np.zeros(len(psi)), len(psi)
        _choose(phi, self.station[0], low, high, self.needs[0], share)
        _choose(psi, self.plant[0], np.zeros(k), np.ones(k), self.needs[1], plant_share)
        return share > 0, plant_share > 0

    def settled_by(self, value: float) -> NDArray[np.int8]:
        """Return 1 and 0 for stations and plants that every plan below ``value`` opens or not, -1 for the others."""
        assert self.worth is not None
        k = self.task.shape[2]
        low, high = self.rules.limits()
        low, high = np.append(low, np.zeros(k)), np.append(high, np.ones(k))
        worth = np.concatenate([self.worth.stations, self.worth.plants])
        least = self.worth.base + float(np.where(low > 0, worth, np.where(high > 0, np.minimum(worth, 0.0), 0.0)).sum())
        sure = least + np.abs(worth) > value + _ROUNDING * float(np.abs(worth).sum() + abs(value))
        fixed = np.where(sure & (low == 0) & (high > 0), (worth < 0).astype(np.int8), -1)
        return fixed.astype(np.int8)

    def choose(
        self, clock: Clock, limit_s: float, cost: NDArray[np.float64] | None = None
    ) -> tuple[float, NDArray[np.bool_] | None]:
        """Choose stations and plants of least worth under all conditions, with room for everything.

        Parameters
        ----------
        cost : of each station, then of each plant, instead of what they are worth

        Returns
        -------
        A bound of all plans (where ``cost`` is not given), and the mask of stations, then plants; None if none was
        found in time.
        """
        assert self.worth is not None
        task, (_, m, k) = self.task, self.task.shape
        matrix, lower, upper = self.rules.rows()
        total = float(task.supply.sum())
        room = np.zeros((2, m + k))
        room[0, :m], room[1, m:] = task.station_capacity / total, task.plant_capacity / total
        wide = sparse.hstack([matrix, sparse.csr_array((matrix.shape[0], k))])
        rows = sparse.csr_array(sparse.vstack([wide, sparse.csr_array(room)], format="csr"))
        own = np.concatenate([self.worth.stations, self.worth.plants])
        needs = [need / self.needs[1] - 1e-9 for need in self.needs]
        low, high = self.rules.limits()
        answer = minimise(
            own if cost is None else cost, rows, np.append(lower, needs), np.append(upper, [np.inf, np.inf]),
            col_lower=np.append(low, np.zeros(k)), col_upper=np.append(high, np.ones(k)),
            integral=np.ones(m + k, dtype=bool), time_limit_s=max(0.05, limit_s), seed=clock.seed,
        )  # fmt: skip
        bound = self.worth.base + answer.bound
        bound -= _ROUNDING * float(np.abs(own).sum())
        return bound, None if answer.x is None else answer.x > 0.5
