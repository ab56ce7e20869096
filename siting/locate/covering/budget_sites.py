"""Good sites for a budget, fast: greedy by gain per price, the best single site, interchange. No proof is claimed."""

import time

import numpy as np
from numpy.typing import NDArray

from siting.locate.covering.heuristics import OpenSites
from siting.locate.covering.reduce import Instance, value_of

_CLOSED = 3
"""How many sites a shake closes at most."""


def budget_search(
    instance: Instance,
    price: NDArray[np.int64],
    budget: int,
    *,
    seed: int,
    patience: int,
    deadline: float,
    enough: float,
    start: NDArray[np.intp],
) -> NDArray[np.intp]:
    """Choose columns of great weight whose prices together stay within the budget.

    Parameters
    ----------
    price : shape (n_columns,), none above ``budget``
    patience : stop after so many shakes in a row that did not improve the best answer
    deadline : of `time.perf_counter`
    enough : a proved bound: no further search once it is reached
    start : columns within the budget that meet the quotas

    Returns
    -------
    columns, ascending
    """
    money = price.astype(np.float64)
    best, best_value = start, float(value_of(instance, start))
    empty = OpenSites(instance)
    alone = np.where(empty.barred(), -1.0, empty.gain)
    greatest = np.flatnonzero(alone == max(0.0, alone.max()))[:1]
    for per_price, begin in ((True, start), (False, start), (True, greatest)):
        state = _opened(instance, begin)
        _fill(state, money, budget, per_price=per_price)
        _interchange(state, money, budget, deadline)
        if state.value > best_value and not state.missing:
            best, best_value = state.columns, state.value
    state = _opened(instance, best)
    rng = np.random.default_rng(seed)
    idle = 0
    while idle < patience and best_value < enough and len(best) and time.perf_counter() < deadline:
        idle += 1
        closed = rng.choice(best, size=min(len(best), int(rng.integers(1, _CLOSED + 1))), replace=False)
        for column in closed.tolist():
            state.close(column)
        _fill(state, money, budget, per_price=bool(rng.integers(0, 2)), shut=closed)
        _interchange(state, money, budget, deadline)
        if state.value > best_value and not state.missing:
            best, best_value, idle = state.columns, state.value, 0
        else:
            state = _opened(instance, best)
    return best


def _opened(instance: Instance, columns: NDArray[np.intp]) -> OpenSites:
    state = OpenSites(instance)
    for column in columns.tolist():
        state.open(column)
    return state


def _left(state: OpenSites, money: NDArray[np.float64], budget: int) -> float:
    return float(budget - money[state.is_open].sum())


def _fill(
    state: OpenSites,
    money: NDArray[np.float64],
    budget: int,
    *,
    per_price: bool,
    shut: NDArray[np.intp] | None = None,
) -> None:
    """Open what wins most (for its price, or at all) as long as it can be paid; ties to the first."""
    for banned in (shut, None):
        while True:
            allowed = ~state.is_open & (state.blocked == 0) & (money <= _left(state, money, budget)) & ~state.barred()
            # First what quotas need, even where it wins nothing.
            allowed &= state.is_short() if state.missing else state.gain > 0
            if banned is not None:
                allowed[banned] = False
            if not allowed.any():
                break
            # What is free comes first, the greatest gain first among it.
            worth = state.gain / np.where(money > 0, money, 1e-9) if per_price else state.gain
            state.open(int(np.argmax(np.where(allowed, worth, -1.0))))


def _interchange(state: OpenSites, money: NDArray[np.float64], budget: int, deadline: float) -> None:
    """Swap one site for another that wins more and can be paid, and spend what is left over, until nothing improves."""
    improved = True
    while improved:
        improved = False
        for column in state.columns.tolist():
            if time.perf_counter() > deadline:
                return
            improved |= bool(state.is_open[column]) and _swap(state, column, money, budget)


def _swap(state: OpenSites, column: int, money: NDArray[np.float64], budget: int) -> bool:
    rows = state.rows_of(column)
    only = rows[state.count[rows] == 1]
    lost = float(state.weight[only].sum())
    blocked = state.blocked.copy()
    blocked[state.near(column)] -= 1
    affordable = money <= _left(state, money, budget) + money[column]
    shut = state.is_open | (blocked > 0) | ~affordable | state.barred(column)
    gain = np.where(shut, -1.0, state.gain + state.weight_by_column(only))
    best = int(np.argmax(gain))
    # The same weight for less money is an improvement too: it leaves room for others.
    cheaper = np.flatnonzero((gain >= lost) & (money < money[column])) if gain[best] <= lost else np.array([best])
    if not len(cheaper):
        return False
    state.close(column)
    state.open(int(cheaper[np.lexsort((money[cheaper], -gain[cheaper]))[0]]))
    _fill(state, money, budget, per_price=True)
    return True
