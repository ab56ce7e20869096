"""From chosen sites to a stated answer: values recomputed from the costs, gains in order, weights in whole units."""

import heapq
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import InputError
from siting.locate.conditions import Conditions
from siting.locate.costs import Costs
from siting.units import MILLI_PER_PERSON

# Sums of units must stay exact in float64 as well, which the searches use.
_LARGEST_TOTAL = 2**50


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Weights as whole units, so that sums do not depend on order.

    Attributes
    ----------
    units : shape (n_demand,)
    per_weight : units per 1 of the caller's weight
    exact : whether units say exactly what the caller's weights say; else each is rounded by half a unit at most
    weight : the caller's weights
    """

    units: NDArray[np.int64]
    per_weight: float
    exact: bool
    weight: NDArray[np.float64]

    def value(self, rows: NDArray[np.bool_]) -> float:
        """Weight of the rows in the mask, in the caller's terms."""
        if self.exact:
            return int(self.units[rows].sum()) / self.per_weight
        return math.fsum(self.weight[rows])

    def upper(self, units: int) -> float:
        """Return a weight that is not below what ``units`` may stand for."""
        slack = 0.0 if self.exact else 0.5 * int((self.units > 0).sum())
        return (units + slack) / self.per_weight


def whole_units(weight: NDArray[np.float64]) -> Units:
    """Carry weights as thousandths where they are thousandths, else as fine a power of two as sums allow."""
    milli = np.rint(weight * MILLI_PER_PERSON)
    if milli.sum() < _LARGEST_TOTAL and np.array_equal(milli / MILLI_PER_PERSON, weight):
        return Units(units=milli.astype(np.int64), per_weight=float(MILLI_PER_PERSON), exact=True, weight=weight)
    total = math.fsum(weight)
    scale = 2.0 ** math.floor(math.log2(_LARGEST_TOTAL / total))
    units = np.rint(weight * scale).astype(np.int64)
    lost = int(((weight > 0) & (units == 0)).sum())
    if lost:
        warnings.warn(
            f"weight: {lost} of {len(weight)} weights are below {1 / scale:.3g}, the finest unit beside a total of "
            f"{total:.6g}; they count in the objective but do not steer the choice",
            stacklevel=3,
        )
    return Units(units=units, per_weight=scale, exact=False, weight=weight)


def entries_by_candidate(costs: Costs, limit: float, rows: NDArray[np.bool_]) -> sparse.csr_array:
    """Return the 0/1 matrix, candidate by demand row, of who serves whom among ``rows``."""
    row = costs.row_of_entry()
    keep = costs.within(limit) & rows[row]
    shape = (costs.n_candidates, costs.n_demand)
    return sparse.csr_array((np.ones(int(keep.sum()), dtype=np.int64), (costs.indices[keep], row[keep])), shape=shape)


def drop_idle(
    costs: Costs, serves: sparse.csr_array, sites: NDArray[np.intp], units: NDArray[np.int64], conditions: Conditions
) -> NDArray[np.intp]:
    """Take away sites that serve nothing which the others do not, the least useful first.

    Required sites and those that a quota needs stay.
    """
    served_by = np.zeros(costs.n_demand, dtype=np.int64)
    rows = {int(j): serves.indices[serves.indptr[j] : serves.indptr[j + 1]] for j in sites}
    rows = {j: r[units[r] > 0] for j, r in rows.items()}
    for r in rows.values():
        served_by[r] += 1
    return keep_needed(costs, conditions, rows, served_by, units)


def keep_needed(
    costs: Costs, conditions: Conditions, rows: dict[int, NDArray[Any]], times: NDArray[np.int64], worth: NDArray[Any]
) -> NDArray[np.intp]:
    """Return the sites that remain once those without which every row is served as well are taken away.

    The least useful go first, of equals the last in the order of `Costs.rank`. Required sites and those that a quota
    needs stay.

    Parameters
    ----------
    rows : the sites, and the demand rows that each serves as well as any other; emptied of what goes
    times : shape (n_demand,), how many serve each row as well; lowered by what goes
    worth : shape (n_demand,), of each row
    """
    kept = set(conditions.required.tolist())
    every = np.concatenate([conditions.existing, np.array(list(rows), dtype=np.intp)])
    of_quota = {int(j): quota for quota in conditions.quotas for j in quota.members}
    count = {quota.zone: int(np.isin(quota.members, every).sum()) for quota in conditions.quotas}
    for j in sorted(rows, key=lambda j: (worth[rows[j]].sum(), -int(costs.rank[j]))):
        quota = of_quota.get(j)
        if j in kept or (quota is not None and count[quota.zone] <= quota.least):
            continue
        if (times[rows[j]] > 1).all():
            times[rows[j]] -= 1
            del rows[j]
            if quota is not None:
                count[quota.zone] -= 1
    return np.array(sorted(rows), dtype=np.intp)


def order_by_gain(
    costs: Costs, serves: sparse.csr_array, sites: NDArray[np.intp], units: NDArray[np.int64]
) -> tuple[NDArray[np.intp], list[NDArray[np.int64]]]:
    """Put sites in the order of greedy marginal gain and return the rows that each newly serves.

    ``serves`` holds only rows that nothing serves yet. Ties go to the first in the order of `Costs.rank`.
    """
    fresh = np.ones(costs.n_demand, dtype=bool)

    def new_rows(j: int) -> NDArray[np.int64]:
        rows = serves.indices[serves.indptr[j] : serves.indptr[j + 1]].astype(np.int64)
        return rows[fresh[rows]]

    newly: list[NDArray[np.int64]] = []

    def open_site(j: int) -> None:
        newly.append(new_rows(j))
        fresh[newly[-1]] = False

    order, _ = best_first(costs, sites, lambda j: int(units[new_rows(j)].sum()), open_site)
    return order, newly


def best_first(
    costs: Costs, sites: NDArray[np.intp], gain_of: Callable[[int], float], open_site: Callable[[int], None]
) -> tuple[NDArray[np.intp], list[float]]:
    """Open sites one by one, the one of greatest gain first, and return them in this order with their gains.

    ``gain_of`` may only fall as others open. Ties go to the first in the order of `Costs.rank`.
    """
    # An old gain is an upper estimate: look again at the head of the heap only.
    heap = [(-gain_of(j), int(costs.rank[j]), j) for j in sites.tolist()]
    heapq.heapify(heap)
    order: list[int] = []
    gains: list[float] = []
    while heap:
        estimate, rank, j = heapq.heappop(heap)
        gain = gain_of(j)
        if -gain > estimate and heap and (-gain, rank) > heap[0][:2]:
            heapq.heappush(heap, (-gain, rank, j))
            continue
        open_site(j)
        order.append(j)
        gains.append(gain)
    return np.array(order, dtype=np.intp), gains


def state_parameters(costs: Costs, conditions: Conditions, limit: float | None = None, **more: Any) -> dict[str, Any]:
    """Return the parameters of a model in the caller's own labels, for the evidence of a run; many have no limit."""
    return {
        **({} if limit is None else {"limit": float(limit)}),
        "unit": costs.unit,
        "p": conditions.p,
        "candidates": costs.n_candidates,
        "demand_rows": costs.n_demand,
        "existing": costs.label(conditions.existing),
        "required": costs.label(conditions.required),
        "excluded": costs.label(conditions.excluded),
        "too_close_pairs": len(conditions.too_close),
        "quotas": {quota.zone: (quota.least, quota.most) for quota in conditions.quotas},
        **more,
    }


def check_search(time_limit_s: Any, mip_gap: Any, seed: Any) -> None:
    """Refuse limits of the search that make no sense."""
    if isinstance(time_limit_s, bool) or not isinstance(time_limit_s, int | float) or not time_limit_s > 0:
        msg = f"time_limit_s is {time_limit_s!r}, expected seconds above 0"
        raise InputError(msg)
    if isinstance(mip_gap, bool) or not isinstance(mip_gap, int | float) or not 0 <= mip_gap < 1:
        msg = f"mip_gap is {mip_gap!r}, expected a share from 0 to below 1"
        raise InputError(msg)
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        msg = f"seed is {seed!r}, expected a whole number, 0 or more"
        raise InputError(msg)
