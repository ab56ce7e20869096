"""Who has a place where sites have capacities: with the new sites, and by what exists alone."""

import math

import numpy as np
from numpy.typing import NDArray

from siting.errors import ModelError
from siting.locate.capacitated import capacitated
from siting.locate.capacitated_cover import capacitated_cover
from siting.locate.conditions import ConditionArgs
from siting.locate.plans.layout import Layout
from siting.locate.plans.question import Wanted
from siting.locate.result import SitingResult

HAS_ROOM = frozenset({"capacitated", "capacitated_cover"})
"""Models in which sites have capacities."""
_FAR = 1e6
"""Times the longest way: what a person without a place counts where as many as possible are to have one."""
_WHOLE = 1.0 - 1e-9
"""A share of a row that sums in floating point make of the whole."""


def existing_alone(wanted: Wanted, layout: Layout, weight: NDArray[np.float64]) -> SitingResult | None:
    """Fill what exists by itself: as many people as fit, then by the shortest ways; None where nothing exists.

    Parameters
    ----------
    weight : shape (n_demand,), in the order of the layer
    """
    if wanted.model not in HAS_ROOM or not layout.existing or wanted.capacity is None:
        return None
    amount = weight[layout.place[layout.used[layout.place]]]
    shut = [label for label in layout.cost.columns if label not in set(layout.existing)]
    stands: ConditionArgs = {"existing": list(layout.existing), "excluded": shut}
    try:
        if wanted.model == "capacitated_cover":
            assert wanted.limit is not None
            found = capacitated_cover(layout.cost, amount, wanted.limit, None, wanted.capacity, **stands)
        else:
            longest = float(np.asarray(layout.cost.cost_mm).max(initial=1)) / 1000.0
            far = _FAR * longest if wanted.reach is None else wanted.reach
            found = capacitated(layout.cost, amount, wanted.capacity, unassigned_cost=far, **stands)
    except ModelError:
        return None
    return layout.home(found, wanted.reach)


def placed_weight(result: SitingResult | None) -> float:
    """Return the weight that has a place."""
    return 0.0 if result is None or result.flows is None else math.fsum(result.flows.data)


def placed_share(result: SitingResult | None, weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of each demand row that has a place, exactly 1 where all of it has; rows without weight have."""
    if result is None or result.flows is None:
        return np.where(weight > 0, 0.0, 1.0)
    got = np.asarray(result.flows.sum(axis=1)).ravel()
    share = np.divide(got, weight, out=np.ones(len(weight)), where=weight > 0)
    return np.where(share > _WHOLE, 1.0, share)


def way_of_flows(result: SitingResult, layout: Layout) -> float:
    """Return the sum of weight times way over all flows, in the unit of the costs."""
    ways = layout.ways
    assert ways is not None
    assert result.flows is not None
    table = result.flows.tocoo()
    width = ways.n_candidates
    key = layout.place[ways.row_of_entry()].astype(np.int64) * width + ways.indices
    order = np.argsort(key, kind="stable")
    at = order[np.searchsorted(key[order], table.row.astype(np.int64) * width + table.col)]
    return math.fsum(table.data * ways.cost[at].astype(np.float64)) / (1000.0 if ways.whole else 1.0)
