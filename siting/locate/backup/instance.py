"""Covering twice: which columns reach each row, how often it must be reached, and from when on it counts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.conditions import Conditions
from siting.locate.costs import Costs
from siting.locate.covering.quota_start import condition_rows
from siting.locate.covering.reduce import Instance, merge_rows
from siting.locate.zone_counts import ZoneCounts, zone_counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Twice:
    """What is left to decide once existing and required sites are open.

    Attributes
    ----------
    candidates : positions of the columns, in the order that settles ties
    reach, by : the 0/1 matrix of rows by columns, and of columns by rows
    need : shape (n_rows,), how many open columns a row must have, 1 or 0; with one more it counts
    weight : shape (n_rows,), units
    base : units that count anyway
    most : units that count at most
    too_close : shape (k, 2), pairs of columns, the lower first
    zones : what is left of the quotas, or None
    """

    candidates: NDArray[np.intp]
    reach: sparse.csr_array
    by: sparse.csr_array
    need: NDArray[np.int64]
    weight: NDArray[np.int64]
    base: int
    most: int
    too_close: NDArray[np.intp]
    zones: ZoneCounts | None

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return len(self.candidates)

    def value(self, columns: NDArray[np.intp]) -> int:
        """Units that count with these open columns."""
        return self.base + int(self.weight[self.count(columns) > self.need].sum())

    def covers(self, columns: NDArray[np.intp]) -> bool:
        """Say whether every row has as many open columns as it must."""
        return bool((self.count(columns) >= self.need).all())

    def count(self, columns: NDArray[np.intp]) -> NDArray[np.int64]:
        """Return how many of the open columns reach each row."""
        x = np.zeros(self.n_columns, dtype=np.int64)
        x[columns] = 1
        times: NDArray[np.int64] = self.reach @ x
        return times

    def condition_rows(self) -> tuple[sparse.csr_array, NDArray[np.float64], NDArray[np.float64]]:
        """Return spacing and quotas as rows on the columns, with their lower and upper limits."""
        return condition_rows(
            Instance(
                reach=self.reach, reached_by=self.by, weight=self.weight, candidates=self.candidates,
                too_close=self.too_close, zones=self.zones,
            )
        )  # fmt: skip

    def zone_arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return the zone of each column, -1 = none, and how many of each must and may be open."""
        if self.zones is None:
            none = np.empty(0, dtype=np.int64)
            return np.full(self.n_columns, -1, dtype=np.int64), none, none
        return self.zones.zone, self.zones.least, self.zones.most


def times_reached(costs: Costs, limit: float, sites: NDArray[np.intp]) -> NDArray[np.int64]:
    """Return how many of the sites reach each demand row within the limit."""
    is_site = np.zeros(costs.n_candidates, dtype=bool)
    is_site[sites] = True
    hit = costs.within(limit) & is_site[costs.indices]
    return np.bincount(costs.row_of_entry()[hit], minlength=costs.n_demand).astype(np.int64)


def make_twice(costs: Costs, limit: float, weight: NDArray[np.int64], conditions: Conditions) -> Twice:
    """Build the problem; equal rows are one.

    Parameters
    ----------
    weight : shape (n_demand,), units
    """
    free = np.flatnonzero(conditions.choosable)
    candidates = free[np.argsort(costs.rank[free], kind="stable")].astype(np.intp)
    local = np.full(costs.n_candidates, -1, dtype=np.int64)
    local[candidates] = np.arange(len(candidates))
    already = times_reached(costs, limit, np.concatenate([conditions.existing, conditions.required]))
    row, column = costs.row_of_entry(), local[costs.indices]
    use = costs.within(limit) & (column >= 0)

    def part(wanted: NDArray[np.bool_]) -> tuple[sparse.csr_array, NDArray[np.int64]]:
        keep = use & wanted[row]
        return merge_rows(row[keep], column[keep], weight, costs.n_demand, len(candidates))

    # Rows that nothing covers yet must be covered; rows that are covered once only count when covered again.
    (bare, bare_weight), (once, once_weight) = part(already == 0), part((already == 1) & (weight > 0))
    reach = sparse.csr_array(sparse.vstack([bare, once], format="csr"))
    pairs = local[conditions.too_close].reshape(-1, 2)
    pairs = np.sort(pairs[(pairs >= 0).all(axis=1)], axis=1)
    base = int(weight[already >= 2].sum())
    need = np.repeat(np.array([1, 0]), [len(bare_weight), len(once_weight)])
    amount = np.concatenate([bare_weight, once_weight])
    able = np.diff(reach.indptr) > need
    return Twice(
        candidates=candidates,
        reach=reach,
        by=sparse.csr_array(reach.T.tocsr()),
        need=need,
        weight=amount,
        base=base,
        most=base + int(amount[able].sum()),
        too_close=pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))].astype(np.intp),
        zones=zone_counts(conditions, candidates),
    )
