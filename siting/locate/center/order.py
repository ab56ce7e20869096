"""The sites of a p-center plan in the order in which they help whoever is worst off."""

import numpy as np
from numpy.typing import NDArray

from siting.locate.conditions import Conditions
from siting.locate.costs import Costs


def worst_off_first(
    costs: Costs, conditions: Conditions, sites: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Open in turn the site of whoever is worst off, the one of least worst cost first; say what each takes off it."""
    every = np.concatenate([conditions.existing, sites])
    entry = np.flatnonzero(np.isin(costs.indices, every))
    row, column, cost = costs.row_of_entry()[entry], costs.indices[entry], costs.cost[entry].astype(np.float64)
    now = np.full(costs.n_demand, float(cost.max(initial=0.0)))
    standing = np.isin(column, conditions.existing)
    np.minimum.at(now, row[standing], cost[standing])
    ends = np.argsort(column, kind="stable")
    parts = {int(j): ends[slice(*np.searchsorted(column[ends], [j, j + 1]))] for j in sites}
    left = set(parts)
    open_now = np.isin(column, conditions.existing)
    order: list[int] = []
    gains: list[float] = []
    while left:
        before = float(now.max())
        near = np.flatnonzero(~open_now & (now[row] == before))
        if not order and not len(conditions.existing):
            j = min(left, key=lambda j: (_worst_after(now, row, cost, parts[j]), int(costs.rank[j])))
        elif len(near):
            # Of all who are equally badly off: their order must not matter.
            j = int(column[near[np.lexsort((costs.rank[column[near]], cost[near]))[0]]])
        else:
            j = min(left, key=lambda j: int(costs.rank[j]))
        part = parts[j]
        open_now[part] = True
        now[row[part]] = np.minimum(now[row[part]], cost[part])
        gains.append(float(costs.stated(before - float(now.max()))))
        order.append(j)
        left.remove(j)
    return np.array(order, dtype=np.intp), np.array(gains, dtype=np.float64)


def _worst_after(
    now: NDArray[np.float64], row: NDArray[np.int64], cost: NDArray[np.float64], part: NDArray[np.intp]
) -> float:
    after = now.copy()
    after[row[part]] = np.minimum(after[row[part]], cost[part])
    return float(after.max())
