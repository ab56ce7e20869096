"""Paths from a row over a station to a plant, or straight, at prices of the room of stations and plants."""

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(cache=True, nogil=True)
def behind(
    haul: NDArray[np.float64], plants: NDArray[np.int64], price: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return what a unit of each stream costs from each station on, and the plant that it goes to (-1 = none)."""
    n_streams, m, _ = haul.shape
    least, which = np.full((n_streams, m), np.inf), np.full((n_streams, m), -1)
    for s in range(n_streams):
        for j in range(m):
            for q in plants:
                way = haul[s, j, q] + price[q]
                if way < least[s, j]:
                    least[s, j], which[s, j] = way, q
    return least, which


@numba.njit(cache=True, nogil=True)
def straight(
    direct: NDArray[np.float64], plants: NDArray[np.int64], price: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return what a unit of each row costs straight to a plant, and to which (-1 = none)."""
    least, which = np.full(len(direct), np.inf), np.full(len(direct), -1)
    for r in range(len(direct)):
        for q in plants:
            way = direct[r, q] + price[q]
            if way < least[r]:
                least[r], which[r] = way, q
    return least, which


@numba.njit(cache=True, nogil=True)
def _scan(
    r: int, collect: NDArray[np.float64], ahead: NDArray[np.float64], haul: NDArray[np.float64],
    direct: NDArray[np.float64], s: int, stations: NDArray[np.int64], plants: NDArray[np.int64],
    station_price: NDArray[np.float64], plant_price: NDArray[np.float64], limit: float,
    found: NDArray[np.int64], at: int,
) -> int:  # fmt: skip
    """Write the paths of a row that cost at most ``limit``; with an empty table they are only counted."""
    write = len(found) > 0
    for j in stations:
        gone = collect[r, j] + station_price[j]
        if gone + ahead[s, j] <= limit:
            for q in plants:
                if gone + haul[s, j, q] + plant_price[q] <= limit:
                    if write:
                        found[at, 0], found[at, 1], found[at, 2] = r, j, q
                    at += 1
    for q in plants:
        if direct[r, q] + plant_price[q] <= limit:
            if write:
                found[at, 0], found[at, 1], found[at, 2] = r, -1, q
            at += 1
    return at


@numba.njit(cache=True, nogil=True)
def near_paths(
    collect: NDArray[np.float64], haul: NDArray[np.float64], direct: NDArray[np.float64], stream: NDArray[np.int64],
    stations: NDArray[np.int64], plants: NDArray[np.int64], station_price: NDArray[np.float64],
    plant_price: NDArray[np.float64], below: NDArray[np.float64], slack: float, best: NDArray[np.float64],
) -> NDArray[np.int64]:  # fmt: skip
    """Return paths (row, station or -1, plant) that are cheaper than ``below``, as far as they are near the cheapest.

    Parameters
    ----------
    below : shape (n_rows,); paths count up to ``slack`` dearer than the cheapest one, and up to half way from there to
        what they must be below
    best : shape (n_rows,), is set to the cost of the cheapest path
    """
    n = len(stream)
    ahead, _ = behind(haul, plants, plant_price)
    limit = np.full(n, -np.inf)
    none = np.empty((0, 3), dtype=np.int64)
    count = 0
    for r in range(n):
        s, least = stream[r], np.inf
        for j in stations:
            way = collect[r, j] + station_price[j] + ahead[s, j]
            least = min(least, way)
        for q in plants:
            least = min(least, direct[r, q] + plant_price[q])
        best[r] = least
        if least == np.inf or least >= below[r]:
            continue
        limit[r] = min(least + slack, 0.5 * (least + below[r]))
        count = _scan(
            r, collect, ahead, haul, direct, s, stations, plants, station_price, plant_price, limit[r], none, count
        )  # fmt: skip
    found = np.empty((max(count, 1), 3), dtype=np.int64)
    at = 0
    for r in range(n):
        if limit[r] > -np.inf:
            at = _scan(
                r, collect, ahead, haul, direct, stream[r], stations, plants, station_price, plant_price, limit[r],
                found, at,
            )  # fmt: skip
    return found[:at]


@numba.njit(cache=True, nogil=True)
def raise_prices(
    supply: NDArray[np.float64], collect: NDArray[np.float64], haul: NDArray[np.float64], direct: NDArray[np.float64],
    stream: NDArray[np.int64], stations: NDArray[np.int64], plants: NDArray[np.int64], room: NDArray[np.float64],
    plant_room: NDArray[np.float64], station_price: NDArray[np.float64], plant_price: NDArray[np.float64],
    target: float, turns: int, worst: float,
) -> float:  # fmt: skip
    """Move prices of room towards the best bound of what all ways cost together; return the bound that they give.

    Parameters
    ----------
    station_price, plant_price : to begin with; set to the best ones
    target : what the ways may cost at most, for the length of the steps; it ends once the bound is above
    worst : what a unit without a way costs
    """
    n, m, k = len(supply), len(room), len(plant_room)
    a, v = station_price.copy(), plant_price.copy()
    load, taken = np.empty(m), np.empty(k)
    best, step, idle = -np.inf, 1.0, 0
    for _ in range(turns):
        ahead, which = behind(haul, plants, v)
        load[:], taken[:] = 0.0, 0.0
        bound = 0.0
        for r in range(n):
            s, least, over, to = stream[r], worst, -1, -1
            for j in stations:
                way = collect[r, j] + a[j] + ahead[s, j]
                if way < least:
                    least, over, to = way, j, which[s, j]
            for q in plants:
                way = direct[r, q] + v[q]
                if way < least:
                    least, over, to = way, -1, q
            bound += least * supply[r]
            if over >= 0:
                load[over] += supply[r]
            if to >= 0:
                taken[to] += supply[r]
        length = 0.0
        for j in stations:
            bound -= a[j] * room[j]
            over_full = load[j] - room[j]
            if over_full > 0.0 or a[j] > 0.0:
                length += over_full * over_full
        for q in plants:
            bound -= v[q] * plant_room[q]
            over_full = taken[q] - plant_room[q]
            if over_full > 0.0 or v[q] > 0.0:
                length += over_full * over_full
        if bound > best:
            best, idle = bound, 0
            station_price[:], plant_price[:] = a, v
        else:
            idle += 1
            if idle >= 5:
                step *= 0.5
                idle = 0
        if length == 0.0 or best > target or step < 1e-3:
            break
        move = step * (target - bound) / length
        for j in stations:
            a[j] = max(0.0, a[j] + move * (load[j] - room[j]))
        for q in plants:
            v[q] = max(0.0, v[q] + move * (taken[q] - plant_room[q]))
    return best
