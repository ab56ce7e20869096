"""Plans with capacities where rows go as a whole: placed by regret, then bettered by shifts and swaps."""

import numpy as np
from numba import njit

_ROUNDS = 60


@njit(cache=True, nogil=True)
def _random(state):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    """Next number from 0 to below 1 of a 64-bit linear congruence; ``state`` moves on."""
    state[0] = state[0] * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
    return np.float64(state[0] >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True, nogil=True)
def _next(cost, amount, left, to):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    """Find the row that loses most by waiting, and its column; (-1, -1) if one fits nowhere."""
    n, k = cost.shape
    row, column, regret = -1, -1, -1.0
    for i in range(n):
        if to[i] >= 0:
            continue
        first, second, at = np.inf, np.inf, -1
        for t in range(k):
            if amount[i] <= left[t]:
                if cost[i, t] < first:
                    second = first
                    first, at = cost[i, t], t
                elif cost[i, t] < second:
                    second = cost[i, t]
        if at < 0:
            return -1, -1
        lost = second - first
        if row < 0 or lost > regret or (lost == regret and amount[i] > amount[row]):
            row, column, regret = i, at, lost
    return row, column


@njit(cache=True, nogil=True)
def place(cost, amount, left, to):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    """Place the rows whose ``to`` is -1 in columns with room; ``left`` and ``to`` change in place."""
    todo = (to < 0).sum()
    for _ in range(todo):
        i, t = _next(cost, amount, left, to)
        if i < 0:
            return False
        to[i] = t
        left[t] -= amount[i]
    return True


@njit(cache=True, nogil=True)
def better(cost, amount, left, to):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    """Shift rows to other columns and swap two rows while that costs less."""
    n, k = cost.shape
    least = np.full(n, np.inf)
    for i in range(n):
        for t in range(k):
            least[i] = min(least[i], cost[i, t])
    for _ in range(_ROUNDS):
        changed = False
        for i in range(n):
            a = to[i]
            for t in range(k):
                if amount[i] <= left[t] and cost[i, t] < cost[i, a] - 1e-9 * abs(cost[i, a]):
                    left[a] += amount[i]
                    left[t] -= amount[i]
                    to[i] = a = t
                    changed = True
            if cost[i, to[i]] <= least[i]:
                # In a swap that costs less, one of both rows goes where it would rather be.
                continue
            for r in range(n):
                a, b = to[i], to[r]
                if a == b or cost[i, b] >= cost[i, a]:
                    continue
                more = amount[i] - amount[r]
                if left[b] < more or left[a] < -more:
                    continue
                now, then = cost[i, a] + cost[r, b], cost[i, b] + cost[r, a]
                if then < now - 1e-9 * abs(now):
                    left[a] += more
                    left[b] -= more
                    to[i], to[r] = b, a
                    changed = True
        if not changed:
            return


@njit(cache=True, nogil=True)
def assign(cost, amount, room, seed, tries, to):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    """Find a cheap assignment of whole rows; sets ``to`` and returns its cost, inf if none was found.

    ``to`` holds where rows go to begin with, -1 = nowhere yet.
    """
    n, k = cost.shape
    best = np.inf
    state = np.array([2 * seed + 1], dtype=np.uint64)
    now, left = to.copy(), room.copy()
    for i in range(n):
        if now[i] >= 0:
            left[now[i]] -= amount[i]
    if not place(cost, amount, left, now):
        # The largest first, each where most room is left after it is as little as can be.
        now[:] = -1
        left = room.copy()
        for i in np.argsort(-amount):
            at = -1
            for t in range(k):
                if amount[i] <= left[t] and cost[i, t] < np.inf and (at < 0 or left[t] < left[at]):
                    at = t
            if at < 0:
                return best
            now[i] = at
            left[at] -= amount[i]
    better(cost, amount, left, now)
    to[:] = now
    best = 0.0
    for i in range(n):
        best += cost[i, now[i]]
    blurred = np.empty(cost.shape)
    for _ in range(tries):
        # Take all rows out of two columns, or some out of all, and place them again.
        now[:] = to
        some = _random(state) < 0.5
        a, b = int(_random(state) * k), int(_random(state) * k)
        for i in range(n):
            if (some and _random(state) < 0.2) or (not some and (now[i] == a or now[i] == b)):
                now[i] = -1
        left[:] = room
        for i in range(n):
            if now[i] >= 0:
                left[now[i]] -= amount[i]
        for i in range(n):
            for t in range(k):
                blurred[i, t] = cost[i, t] * (1.0 + 0.1 * _random(state))
        if not place(blurred, amount, left, now):
            continue
        better(cost, amount, left, now)
        value = 0.0
        for i in range(n):
            value += cost[i, now[i]]
        if value < best:
            best = value
            to[:] = now
    return best
