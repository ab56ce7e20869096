"""The relaxed problem at given prices: what each station earns by itself, and which of them are best.

L(lambda, v) = sum_r s_r lambda_r - sum_q v_q b_q + the best allowed sum_j phi_j
phi_j = f_j + min sum_r (c_rj + min_q (h_jq + v_q) - lambda_r) x_r      0 <= x_r <= s_r, sum_r x_r <= a_j
"""

import numba
import numpy as np
from numpy.typing import NDArray

from siting.locate.streams.paths import behind, straight

_HALVINGS = 25


@numba.njit(cache=True, nogil=True)
def _take(
    price: NDArray[np.float64], who: NDArray[np.int64], supply: NDArray[np.float64], room: float
) -> tuple[float, int, float]:  # fmt: skip
    """Fill the room with the lowest prices, which are put first; return their sum, how many, and of the last how much.

    All prices are below 0. Parts around a pivot are settled as a whole, so that they are never sorted.
    """
    low, high, left, total = 0, len(price), room, 0.0
    while low < high:
        pivot = price[(low + high) // 2]
        a, b, at = low, high, low
        # Three parts: below the pivot, equal to it, above it.
        while at < b:
            if price[at] < pivot:
                price[at], price[a] = price[a], price[at]
                who[at], who[a] = who[a], who[at]
                a += 1
                at += 1
            elif price[at] > pivot:
                b -= 1
                price[at], price[b] = price[b], price[at]
                who[at], who[b] = who[b], who[at]
            else:
                at += 1
        amount, worth = 0.0, 0.0
        for e in range(low, a):
            amount += supply[who[e]]
            worth += supply[who[e]] * price[e]
        if amount > left:
            high = a
            continue
        left -= amount
        total += worth
        for e in range(a, b):
            part = min(left, supply[who[e]])
            total += part * price[e]
            left -= part
            if left <= 0.0:
                return total, e + 1, part
        low = b
    last = supply[who[low - 1]] if low > 0 else 0.0
    return total, low, last


@numba.njit(cache=True, nogil=True)
def _pick(
    phi: NDArray[np.float64], room: NDArray[np.float64], bonus: float, of: NDArray[np.int64], may: NDArray[np.bool_],
    forced: NDArray[np.bool_], group: NDArray[np.int64], is_new: NDArray[np.bool_], least: int, most: int,
    picked: NDArray[np.int64],
) -> tuple[float, float]:  # fmt: skip
    """Choose a version, or -1, for each site, each unit of room being worth ``bonus``; return worth and room."""
    n_sites = len(forced)
    worth = np.full(n_sites, np.inf)
    picked[:] = -1
    for j in range(len(phi)):
        if may[j] and phi[j] - bonus * room[j] < worth[of[j]]:
            worth[of[j]], picked[of[j]] = phi[j] - bonus * room[j], j
    total, held, count = 0.0, 0.0, 0
    first = np.full(n_sites, -1)
    for s in range(n_sites):
        if forced[s]:
            total += worth[s]
            held += room[picked[s]]
            count += is_new[s]
        elif picked[s] >= 0 and (first[group[s]] < 0 or worth[s] < worth[first[group[s]]]):
            first[group[s]] = s
    open_now = np.zeros(n_sites, dtype=np.bool_)
    good = 0
    for g in range(n_sites):
        if first[g] >= 0 and worth[first[g]] < 0.0:
            open_now[first[g]] = True
            good += 1
    # All sites that are not open anyway are new ones.
    if count + good > most or count + good < least:
        names = first[first >= 0]
        order = np.argsort(worth[names])
        keep = min(len(names), max(least - count, min(good, most - count)))
        open_now[:] = False
        for at in order[: max(0, keep)]:
            open_now[names[at]] = True
    for s in range(n_sites):
        if open_now[s]:
            total += worth[s]
            held += room[picked[s]]
        elif not forced[s]:
            picked[s] = -1
    return total, held


@numba.njit(cache=True, nogil=True)
def choose_sites(
    phi: NDArray[np.float64], room: NDArray[np.float64], need: float, of: NDArray[np.int64], may: NDArray[np.bool_],
    forced: NDArray[np.bool_], group: NDArray[np.int64], is_new: NDArray[np.bool_], least: int, most: int,
    share: NDArray[np.float64],
) -> float:  # fmt: skip
    """Return a lower bound of the worth of sites that have enough room; ``share`` says how far each is open for it."""
    n_sites = len(forced)
    one, two = np.empty(n_sites, dtype=np.int64), np.empty(n_sites, dtype=np.int64)
    value, held = _pick(phi, room, 0.0, of, may, forced, group, is_new, least, most, one)
    share[:] = 0.0
    if held >= need:
        share[one[one >= 0]] = 1.0
        return value
    low, high, step = 0.0, 0.0, 1e-9
    for j in range(len(phi)):
        if room[j] > 0.0:
            step = max(step, abs(phi[j]) / room[j])
    best, more = value, 0.0
    for _ in range(40):
        high = high + step
        total, more = _pick(phi, room, high, of, may, forced, group, is_new, least, most, two)
        best = max(best, total + high * need)
        if more >= need:
            break
        low, held = high, more
        one[:] = two
        step *= 2.0
    for _ in range(_HALVINGS):
        if more < need:
            break
        middle = 0.5 * (low + high)
        total, room_now = _pick(phi, room, middle, of, may, forced, group, is_new, least, most, two)
        best = max(best, total + middle * need)
        if room_now >= need:
            high, more = middle, room_now
        else:
            low, held = middle, room_now
            one[:] = two
    total, more = _pick(phi, room, high, of, may, forced, group, is_new, least, most, two)
    part = 1.0 if more <= held else min(1.0, max(0.0, (need - held) / (more - held)))
    for s in range(n_sites):
        if one[s] >= 0:
            share[one[s]] += 1.0 - part
        if two[s] >= 0:
            share[two[s]] += part
    return best


@numba.njit(cache=True, nogil=True)
def relax(
    supply: NDArray[np.float64], stream: NDArray[np.int64], haul: NDArray[np.float64], direct: NDArray[np.float64],
    ways: tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int64]], ahead_free: NDArray[np.float64],
    room: NDArray[np.float64], opening: NDArray[np.float64], need: float,
    sites: tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64], NDArray[np.bool_]],
    least: int, most: int, plants: NDArray[np.int64], lam: NDArray[np.float64], price: NDArray[np.float64],
    phi: NDArray[np.float64], share: NDArray[np.float64], short: NDArray[np.float64], load: NDArray[np.float64],
) -> float:  # fmt: skip
    """Return sum_r s_r lambda_r plus the best sum of phi; the rest of the bound depends on plants alone.

    Parameters
    ----------
    ways : stations of each row in the order of their cost with free plants, these costs, and how many they are
    ahead_free : cost from each station on where the room of plants is free
    lam : is lowered to what the straight way costs, where there is one
    short, load : are set to what of each row is left over, and what each plant takes
    """
    station, base, count = ways
    of, may, forced, group, is_new = sites
    n, m = len(supply), len(room)
    ahead, which = behind(haul, plants, price)
    straightly, straight_to = straight(direct, plants, price)
    begin = np.zeros(m + 1, dtype=np.int64)
    for r in range(n):
        lam[r] = min(lam[r], straightly[r])
        s = stream[r]
        for at in range(count[r]):
            if base[r, at] >= lam[r]:
                break
            j = station[r, at]
            if base[r, at] + (ahead[s, j] - ahead_free[s, j]) < lam[r]:
                begin[j + 1] += 1
    begin = np.cumsum(begin)
    end = begin.copy()
    who, below = np.empty(begin[m], dtype=np.int64), np.empty(begin[m])
    for r in range(n):
        s = stream[r]
        for at in range(count[r]):
            if base[r, at] >= lam[r]:
                break
            j = station[r, at]
            way = base[r, at] + (ahead[s, j] - ahead_free[s, j])
            if way < lam[r]:
                who[end[j]], below[end[j]] = r, way - lam[r]
                end[j] += 1
    taken, last = np.zeros(m, dtype=np.int64), np.zeros(m)
    for j in range(m):
        a, b = begin[j], end[j]
        amount, worth = 0.0, 0.0
        for e in range(a, b):
            amount += supply[who[e]]
            worth += supply[who[e]] * below[e]
        if amount <= room[j]:
            taken[j] = b - a
            last[j] = supply[who[b - 1]] if b > a else 0.0
        else:
            worth, taken[j], last[j] = _take(below[a:b], who[a:b], supply, room[j])
        phi[j] = opening[j] + worth
    total = (supply * lam).sum() + choose_sites(phi, room, need, of, may, forced, group, is_new, least, most, share)
    short[:] = supply
    load[:] = 0.0
    for j in range(m):
        if share[j] > 0.0:
            a = begin[j]
            for e in range(a, a + taken[j]):
                r = who[e]
                part = share[j] * (last[j] if e == a + taken[j] - 1 else supply[r])
                short[r] -= part
                load[which[stream[r], j]] += part
    for r in range(n):
        if short[r] > 0.0 and lam[r] >= straightly[r]:
            load[straight_to[r]] += short[r]
            short[r] = 0.0
    return float(total)
