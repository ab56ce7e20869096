"""What closing one site and opening another would change, told by the prices of the flow before anything is moved."""

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(cache=True, nogil=True)
def swap_changes(
    amount: NDArray[np.float64], ways: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]],
    price: NDArray[np.float64], other: NDArray[np.float64], worst: float, behind: NDArray[np.float64],
    site: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    masks: tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]], spare: float,
) -> NDArray[np.float64]:  # fmt: skip
    """Return by how much the total cost changes at least; the last row closes nothing, the last column opens nothing.

    The prices are a dual answer. It stays one where a site closes, if each sender is then priced at its next best site,
    and where one opens, less what the newcomer could earn at these prices within its room. So no swap can do better
    than is said here, for given plants; where ``amount`` is what stations send to plants it is an estimate.

    Parameters
    ----------
    amount : shape (n,), what each sender sends
    ways : for each site where its ways begin, their senders, and their costs
    price : shape (m,), marginal cost at each open site
    other : shape (n,), marginal cost of each sender's way past all sites, ``inf`` if there is none
    worst : what a sender without any way is priced at
    behind : shape (m,), marginal cost behind each site, were it open with room to spare
    site : room, price of the room, and opening cost of each
    masks : sites that are open, that may close, and that may open
    spare : room that is open beyond what must find some; ``inf`` where that does not matter
    """
    start, sender, cost = ways
    room, room_price, opening = site
    is_open, may_close, may_open = masks
    n, m = len(amount), len(price)
    best, second = np.minimum(other, worst), np.full(n, worst)
    who = np.full(n, -1)
    for j in range(m):
        if is_open[j]:
            for e in range(start[j], start[j + 1]):
                i, way = sender[e], cost[e] + price[j]
                if way < best[i]:
                    best[i], second[i], who[i] = way, best[i], j
                elif way < second[i]:
                    second[i] = way
    change = np.full((m + 1, m + 1), np.inf)
    worth, less, sent = np.empty(n), np.empty(n), np.empty(n)
    for out in range(m + 1):
        if out < m and not may_close[out]:
            continue
        closed, gone = 0.0, 0.0
        worth[:] = best
        if out < m:
            closed, gone = room[out] * room_price[out] - opening[out], room[out]
            for e in range(start[out], start[out + 1]):
                i = sender[e]
                if who[i] == out:
                    worth[i] = second[i]
                    closed += amount[i] * (second[i] - best[i])
            if spare - gone >= 0.0:
                change[out, m] = closed
        for new in range(m):
            if not may_open[new] or spare - gone + room[new] < 0.0:
                continue
            count, total, load = 0, 0.0, 0.0
            for e in range(start[new], start[new + 1]):
                i = sender[e]
                gain = worth[i] - cost[e] - behind[new]
                if gain > 0.0 and amount[i] > 0.0:
                    less[count], sent[count] = gain, amount[i]
                    count += 1
                    total += gain * amount[i]
                    load += amount[i]
            if load > room[new]:
                total, left = 0.0, room[new]
                for e in np.argsort(-less[:count]):
                    part = min(left, sent[e])
                    total += part * less[e]
                    left -= part
                    if left <= 0.0:
                        break
            change[out, new] = closed - total + opening[new]
    return change
