"""Transport of whole units from demand rows to open columns with room, at least cost and exactly.

Successive cheapest paths: rows are sent one after the other; where the cheapest column is full, units of earlier rows
give way along the cheapest chain of columns. What was sent so far is best at any time, and flows stay whole.

Ahuja, Magnanti & Orlin (1993), Network Flows, chapter 9.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

_BLUR = 1e-13


@njit(cache=True, nogil=True)
def _chains(unit, flow, j, chain, giver):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    """Find for column j what moving one unit on to each other column costs, and the row that moves."""
    n, k = unit.shape
    for t in range(k):
        chain[j, t] = np.inf
        giver[j, t] = -1
    for i in range(n):
        if flow[i, j] > 0:
            for t in range(k):
                c = unit[i, t] - unit[i, j]
                if c < chain[j, t]:
                    chain[j, t] = c
                    giver[j, t] = i


@njit(cache=True, nogil=True)
def _join(unit, i, j, chain, giver):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    """Note that row i is served by column j now and may move on from there."""
    for t in range(unit.shape[1]):
        c = unit[i, t] - unit[i, j]
        if c < chain[j, t]:
            chain[j, t] = c
            giver[j, t] = i


@njit(cache=True, nogil=True)
def _send(unit, amount, room, flow):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    n, k = unit.shape
    left = room.copy()
    chain = np.full((k, k), np.inf)
    giver = np.full((k, k), -1, dtype=np.int64)
    least = np.empty(k)
    before = np.empty(k, dtype=np.int64)
    touched = np.zeros(k, dtype=np.bool_)
    largest = 0.0
    for i in range(n):
        for t in range(k):
            if unit[i, t] < np.inf and unit[i, t] > largest:
                largest = unit[i, t]
    blur = _BLUR * largest
    for i in range(n):
        todo = amount[i]
        while todo > 0:
            for t in range(k):
                least[t] = unit[i, t]
                before[t] = -1
            for _ in range(k):
                changed = False
                for j in range(k):
                    if least[j] < np.inf and left[j] == 0:
                        for t in range(k):
                            if least[j] + chain[j, t] < least[t] - blur:
                                least[t] = least[j] + chain[j, t]
                                before[t] = j
                                changed = True
                if not changed:
                    break
            end = -1
            for t in range(k):
                if left[t] > 0 and least[t] < np.inf and (end < 0 or least[t] < least[end]):
                    end = t
            if end < 0:
                return False
            moved = min(todo, left[end])
            t, steps = end, 0
            while before[t] >= 0 and steps <= k:
                j = before[t]
                moved = min(moved, flow[giver[j, t], j])
                t = j
                steps += 1
            if steps > k:
                return False
            touched[:] = False
            t = end
            while before[t] >= 0:
                j = before[t]
                r = giver[j, t]
                flow[r, j] -= moved
                flow[r, t] += moved
                # Only where a row leaves a column for good, all that may move on from there is looked through again.
                touched[j] |= flow[r, j] == 0
                _join(unit, r, t, chain, giver)
                t = j
            flow[i, t] += moved
            _join(unit, i, t, chain, giver)
            left[end] -= moved
            todo -= moved
            for j in range(k):
                if touched[j]:
                    _chains(unit, flow, j, chain, giver)
    return True


@njit(cache=True, nogil=True)
def _spread(flow, amount, of, order, full):  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    """Share out the units that rows of a kind send among these rows, one after the other."""
    k = flow.shape[1]
    left = flow.copy()
    column = np.zeros(len(flow), dtype=np.int64)
    for i in order:
        g, todo = of[i], amount[i]
        while todo > 0 and column[g] < k:
            t = column[g]
            moved = min(todo, left[g, t])
            full[i, t] += moved
            left[g, t] -= moved
            todo -= moved
            if left[g, t] == 0:
                column[g] += 1


def spread(flow: NDArray[np.int64], amount: NDArray[np.int64], of: NDArray[np.intp]) -> NDArray[np.int64]:
    """Share out what kinds of rows send among the rows.

    Parameters
    ----------
    flow : shape (kinds, k), units sent
    amount, of : shape (n,), units of each row, and its kind; those of a kind add up to what it sends

    Returns
    -------
    shape (n, k), units sent
    """
    full = np.zeros((len(amount), flow.shape[1]), dtype=np.int64)
    # The largest first: few rows are split.
    _spread(flow, amount, of, np.argsort(-amount, kind="stable"), full)
    return full


def transport(
    unit: NDArray[np.float64], amount: NDArray[np.int64], room: NDArray[np.int64]
) -> NDArray[np.int64] | None:
    """Send all demand at least cost.

    Parameters
    ----------
    unit : shape (n, k), cost of one unit, inf where out of reach
    amount, room : whole units of rows and columns

    Returns
    -------
    shape (n, k), units sent; None if not all can be sent
    """
    if int(amount.sum()) > int(room.sum()):
        return None
    kinds, of = np.unique(unit, axis=0, return_inverse=True)
    if len(kinds) < len(unit):
        of = of.reshape(-1)
        together = np.zeros(len(kinds), dtype=np.int64)
        np.add.at(together, of, amount)
        sent = transport(kinds, together, room)
        return None if sent is None else spread(sent, amount, of)
    flow = np.zeros(unit.shape, dtype=np.int64)
    # Rows that lose most where their nearest column is full go first; later ones seldom push them away.
    by = np.argsort(-np.ptp(np.where(np.isfinite(unit), unit, 0.0), axis=1), kind="stable") if unit.size else slice(0)
    sent = np.zeros(unit.shape, dtype=np.int64)
    if not _send(np.ascontiguousarray(unit[by]), amount[by], room, sent):
        return None
    flow[by] = sent
    return flow
