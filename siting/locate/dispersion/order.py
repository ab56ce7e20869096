"""What a p-dispersion plan looks like: the open site nearest to each candidate, and sites from far to near."""

import numpy as np
from numpy.typing import NDArray

from siting.locate.costs import Costs


def nearest_open(costs: Costs, table: NDArray[np.float64], every: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the open site nearest to each row of the caller's table, ties to the lowest position, -1 if none."""
    every = np.sort(every)
    near: NDArray[np.intp] = every[np.argmin(table[:, every], axis=1)]
    near[np.isinf(table[:, every].min(axis=1))] = -1
    near[every] = every
    if costs.labelled:
        near = near[costs.columns.get_indexer(costs.rows)]
    return near


def farthest_first(
    costs: Costs, table: NDArray[np.float64], sites: NDArray[np.intp], existing: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Put the site farthest from existing ones first, then the one farthest from all before."""
    now = table[np.ix_(sites, existing)].min(axis=1, initial=np.inf)
    if not len(existing):
        # Nothing stands yet: one of the two that are farthest apart comes first.
        own = table[np.ix_(sites, sites)].copy()
        np.fill_diagonal(own, -np.inf)
        now = own.max(axis=1)
    order: list[int] = []
    left = list(range(len(sites)))
    while left:
        a = min(left, key=lambda a: (-now[a], int(costs.rank[sites[a]])))
        left.remove(a)
        if not order and not len(existing):
            now = np.full(len(sites), np.inf)
        now = np.minimum(now, table[sites, sites[a]])
        order.append(int(sites[a]))
    return np.array(order, dtype=np.intp)
