"""Interchange for median problems: open, close or swap sites while it pays, with shaking between the descents.

Every row knows its nearest and second nearest open site. A closed site is judged against all open ones at once: what it
saves, and which open one is then missed least (Whitaker 1983, INFOR 21, 95-108; Resende & Werneck 2007, European
Journal of Operational Research 174, 54-68).

Arrays of a problem, as in `siting.locate.median.instance.Median`: ``start, column, cost`` are rows sorted by cost that
end with the sentinel column ``m``, which is always open; ``by_start, by_row, by_rank, by_cost`` the same by column, in
the order of the rank that the column has in its row.
"""

import numpy as np
from numba import njit

from siting.locate.randomness import random_below


@njit(cache=True, nogil=True)
def next_open(column, is_open, k):  # type: ignore[no-untyped-def]
    """Return the first open entry of a row at ``k`` or after it; the sentinel ends every row."""
    while not is_open[column[k]]:
        k += 1
    return k


@njit(cache=True, nogil=True)
def find_nearest(start, column, cost, price, is_open, near1, near2, d1, d2, loss):  # type: ignore[no-untyped-def]
    """Fill the nearest two of every row and what closing each site loses; return the value of the open sites."""
    m = len(price)
    total = 0.0
    for j in range(m):
        loss[j] = -price[j]
        if is_open[j]:
            total += price[j]
    for i in range(len(start) - 1):
        k = next_open(column, is_open, start[i])
        last = start[i + 1] - 1
        near1[i] = k
        near2[i] = next_open(column, is_open, k + 1) if k < last else last
        d1[i], d2[i] = cost[near1[i]], cost[near2[i]]
        loss[column[near1[i]]] += d2[i] - d1[i]
        total += d1[i]
    return total


@njit(cache=True, nogil=True)
def open_site(j, start, column, cost, by_start, by_row, by_rank, is_open, near1, near2, d1, d2, loss):  # type: ignore[no-untyped-def]
    """Open a column and bring the nearest two up to date."""
    is_open[j] = True
    for e in range(by_start[j], by_start[j + 1]):
        i = by_row[e]
        k = start[i] + by_rank[e]
        if k < near2[i]:
            loss[column[near1[i]]] -= d2[i] - d1[i]
            if k < near1[i]:
                near2[i], d2[i] = near1[i], d1[i]
                near1[i], d1[i] = k, cost[k]
            else:
                near2[i], d2[i] = k, cost[k]
            loss[column[near1[i]]] += d2[i] - d1[i]


@njit(cache=True, nogil=True)
def close_site(r, start, column, cost, by_start, by_row, by_rank, is_open, near1, near2, d1, d2, loss):  # type: ignore[no-untyped-def]
    """Close a column and bring the nearest two up to date."""
    is_open[r] = False
    for e in range(by_start[r], by_start[r + 1]):
        i = by_row[e]
        k = start[i] + by_rank[e]
        if k > near2[i]:
            continue
        last = start[i + 1] - 1
        if k == near1[i]:
            loss[column[k]] -= d2[i] - d1[i]
            near1[i], d1[i] = near2[i], d2[i]
        elif k == near2[i]:
            loss[column[near1[i]]] -= d2[i] - d1[i]
        else:
            continue
        near2[i] = next_open(column, is_open, near2[i] + 1) if near2[i] < last else last
        d2[i] = cost[near2[i]]
        loss[column[near1[i]]] += d2[i] - d1[i]


@njit(cache=True, nogil=True)
def may_swap(j, r, zone, least, most, zone_open, close_start, close_to, is_open):  # type: ignore[no-untyped-def]
    """Whether ``j`` may be opened if ``r`` is closed for it (-1 = none): spacing and quotas of zones."""
    for e in range(close_start[j], close_start[j + 1]):
        if is_open[close_to[e]] and close_to[e] != r:
            return False
    here = zone[j]
    there = zone[r] if r >= 0 else -1
    if here == there and r >= 0:
        return True
    if here >= 0 and zone_open[here] >= most[here]:
        return False
    return not (there >= 0 and zone_open[there] <= least[there])


@njit(cache=True, nogil=True)
def descend(  # type: ignore[no-untyped-def]
    start, column, cost, by_start, by_row, by_rank, by_cost, price, q, zone, least, most, close_start, close_to,
    is_open, near1, near2, d1, d2, loss, first, small,
):  # fmt: skip
    """Swap, open and close as long as it saves more than ``small``; return what was saved.

    Columns are tried in turn from ``first`` on, and each best move of a column is taken at once.
    """
    n, m = len(near1), len(price)
    free = len(least) == 0 and len(close_to) == 0
    zone_open = np.zeros(len(least), np.int64)
    count, reach = 0, 0
    cheapest = -1
    for j in range(m):
        if is_open[j]:
            count += 1
            if zone[j] >= 0:
                zone_open[zone[j]] += 1
            if cheapest < 0 or loss[j] < loss[cheapest]:
                cheapest = j
    for i in range(n):
        reach = max(reach, near2[i] - start[i])
    extra = np.zeros(m + 1)
    touched = np.empty(m + 1, np.int64)
    saved = 0.0
    j, idle = first % max(m, 1), 0
    while idle < m:
        j = j + 1 if j + 1 < m else 0
        idle += 1
        out, best, is_move = -1, small, False
        if is_open[j]:
            # Closing pays where a site has a price that it does not earn.
            if -loss[j] > small and (zone[j] < 0 or zone_open[zone[j]] > least[zone[j]]):
                saved -= loss[j]
                close_site(j, start, column, cost, by_start, by_row, by_rank, is_open, near1, near2, d1, d2, loss)
                is_move, out = True, j
        else:
            gain, n_touched = -price[j], 0
            for e in range(by_start[j], by_start[j + 1]):
                if by_rank[e] > reach:
                    break
                i = by_row[e]
                c = by_cost[e]
                if c < d2[i]:
                    r = column[near1[i]]
                    more = d2[i] - c
                    if c < d1[i]:
                        gain += d1[i] - c
                        more = d2[i] - d1[i]
                    if more > 0:
                        if extra[r] == 0.0:
                            touched[n_touched] = r
                            n_touched += 1
                        extra[r] += more
            if (
                count < q
                and gain > best
                and may_swap(j, -1, zone, least, most, zone_open, close_start, close_to, is_open)
            ):
                best, is_move = gain, True
            if free:
                for t in range(n_touched):
                    r = touched[t]
                    if r < m and gain - loss[r] + extra[r] > best:
                        best, out, is_move = gain - loss[r] + extra[r], r, True
                if cheapest >= 0 and gain - loss[cheapest] > best:
                    best, out, is_move = gain - loss[cheapest], cheapest, True
            else:
                for r in range(m):
                    if (
                        is_open[r]
                        and gain - loss[r] + extra[r] > best
                        and may_swap(j, r, zone, least, most, zone_open, close_start, close_to, is_open)
                    ):
                        best, out, is_move = gain - loss[r] + extra[r], r, True
            for t in range(n_touched):
                extra[touched[t]] = 0.0
            if is_move:
                open_site(j, start, column, cost, by_start, by_row, by_rank, is_open, near1, near2, d1, d2, loss)
                count += 1
                if zone[j] >= 0:
                    zone_open[zone[j]] += 1
                if out >= 0:
                    close_site(out, start, column, cost, by_start, by_row, by_rank, is_open, near1, near2, d1, d2, loss)
                saved += best
        if is_move:
            if out >= 0:
                count -= 1
                if zone[out] >= 0:
                    zone_open[zone[out]] -= 1
            idle, cheapest = 0, -1
            for r in range(m):
                if is_open[r] and (cheapest < 0 or loss[r] < loss[cheapest]):
                    cheapest = r
            reach = 0
            for i in range(n):
                reach = max(reach, near2[i] - start[i])
    return saved


@njit(cache=True, nogil=True)
def shake(  # type: ignore[no-untyped-def]
    moves, start, column, cost, by_start, by_row, by_rank, price, zone, least, most, close_start, close_to,
    is_open, near1, near2, d1, d2, loss, state,
):  # fmt: skip
    """Swap ``moves`` random pairs; most of them between neighbours, which is where better plans hide."""
    n, m = len(near1), len(price)
    zone_open = np.zeros(len(least), np.int64)
    for j in range(m):
        if is_open[j] and zone[j] >= 0:
            zone_open[zone[j]] += 1
    done = 0
    for _ in range(20 * moves):
        if done >= moves:
            break
        i = random_below(state, n)
        r = column[near1[i]]
        span = near2[i] - start[i] + 1
        j = column[start[i] + random_below(state, span)]
        if random_below(state, 4) == 0:
            j = random_below(state, m)
        if r >= m or j >= m or is_open[j]:
            continue
        if not may_swap(j, r, zone, least, most, zone_open, close_start, close_to, is_open):
            continue
        open_site(j, start, column, cost, by_start, by_row, by_rank, is_open, near1, near2, d1, d2, loss)
        close_site(r, start, column, cost, by_start, by_row, by_rank, is_open, near1, near2, d1, d2, loss)
        if zone[j] >= 0:
            zone_open[zone[j]] += 1
        if zone[r] >= 0:
            zone_open[zone[r]] -= 1
        done += 1


@njit(cache=True, nogil=True)
def search_around(  # type: ignore[no-untyped-def]
    start, column, cost, by_start, by_row, by_rank, by_cost, price, q, zone, least, most, close_start, close_to,
    best_open, rounds, widest, small, state,
):  # fmt: skip
    """Descend, then shake and descend again ``rounds`` times; ``best_open`` is improved in place. Return its value."""
    n, m = len(start) - 1, len(price)
    near1, near2 = np.empty(n, np.int64), np.empty(n, np.int64)
    d1, d2, loss = np.empty(n), np.empty(n), np.zeros(m + 1)
    is_open = best_open.copy()
    find_nearest(start, column, cost, price, is_open, near1, near2, d1, d2, loss)
    descend(
        start, column, cost, by_start, by_row, by_rank, by_cost, price, q, zone, least, most, close_start, close_to,
        is_open, near1, near2, d1, d2, loss, random_below(state, max(m, 1)), small,
    )  # fmt: skip
    best_open[:] = is_open
    best = find_nearest(start, column, cost, price, is_open, near1, near2, d1, d2, loss)
    moves = 1
    for _ in range(rounds):
        shake(
            moves, start, column, cost, by_start, by_row, by_rank, price, zone, least, most, close_start, close_to,
            is_open, near1, near2, d1, d2, loss, state,
        )  # fmt: skip
        descend(
            start, column, cost, by_start, by_row, by_rank, by_cost, price, q, zone, least, most, close_start, close_to,
            is_open, near1, near2, d1, d2, loss, random_below(state, max(m, 1)), small,
        )  # fmt: skip
        value = find_nearest(start, column, cost, price, is_open, near1, near2, d1, d2, loss)
        if value <= best:
            moves = 1 if value < best - small else moves % widest + 1
            best = value
            best_open[:] = is_open
        else:
            moves = moves % widest + 1
            is_open[:] = best_open
            find_nearest(start, column, cost, price, is_open, near1, near2, d1, d2, loss)
    return best


@njit(cache=True, nogil=True)
def greedy(  # type: ignore[no-untyped-def]
    start, column, cost, price, q, zone, least, most, close_start, close_to, is_open,
):  # fmt: skip
    """Open the site that saves most, again and again, within spacing and quotas; ``is_open`` is filled in place.

    Quotas come first: as long as the places left are just as many as zones still need, only those zones get one.
    """
    n, m = len(start) - 1, len(price)
    zone_open = np.zeros(len(least), np.int64)
    near = np.empty(n, np.int64)
    gain = -price
    blocked = np.zeros(m, np.bool_)
    count = 0
    for i in range(n):
        last = start[i + 1] - 1
        near[i] = last
        for k in range(start[i], last):
            gain[column[k]] += cost[last] - cost[k]
    while count < q:
        needed = 0
        for z in range(len(least)):
            needed += max(0, least[z] - zone_open[z])
        best = -1
        for j in range(m):
            if is_open[j] or blocked[j] or (best >= 0 and gain[j] <= gain[best]):
                continue
            here = zone[j]
            if here >= 0 and zone_open[here] >= most[here]:
                continue
            wanted = here >= 0 and zone_open[here] < least[here]
            if not wanted and (q - count <= needed or gain[j] <= 0):
                continue
            best = j
        if best < 0 or (gain[best] <= 0 and needed == 0):
            break
        is_open[best] = True
        count += 1
        if zone[best] >= 0:
            zone_open[zone[best]] += 1
        for e in range(close_start[best], close_start[best + 1]):
            blocked[close_to[e]] = True
        for i in range(n):
            old = near[i]
            for k in range(start[i], old):
                if column[k] == best:
                    near[i] = k
                    break
            if near[i] < old:
                now = cost[near[i]]
                for k in range(start[i], near[i]):
                    gain[column[k]] -= cost[old] - now
                for k in range(near[i], old):
                    gain[column[k]] -= cost[old] - cost[k]
    return count
