"""A covering problem made small without changing its answer.

Three facts are used. Demand rows that the same candidates reach are one row with their weights added. A candidate whose
rows are all reached by another one that may stand beside anything is never needed. A row that must be served is served
already if every candidate of another such row reaches it. What is left is put in an order that does not depend on the
order of the demand rows, so that shuffled rows give the same sites.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.conditions import Conditions
from siting.locate.costs import Costs
from siting.locate.covering.sets import as_matrices, by_row, larger_ones, merge_equal, replaceable, transposed
from siting.locate.zone_counts import ZoneCounts, needy, zone_counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A reduced covering problem.

    Attributes
    ----------
    reach : shape (n_rows, n_columns), 0/1: which column serves which row
    reached_by : the same, column by column
    weight : shape (n_rows,), whole units
    candidates : shape (n_columns,), position of each column among the caller's candidates
    too_close : shape (k, 2), pairs of columns of which at most one may be open
    zones : how many columns of each zone must and may be open; None where there are no quotas
    """

    reach: sparse.csr_array
    reached_by: sparse.csr_array
    weight: NDArray[np.int64]
    candidates: NDArray[np.intp]
    too_close: NDArray[np.intp]
    zones: ZoneCounts | None = None

    @property
    def n_rows(self) -> int:
        """Number of merged demand rows."""
        return len(self.weight)

    @property
    def n_columns(self) -> int:
        """Number of candidates left."""
        return len(self.candidates)

    def allows(self, columns: NDArray[np.intp]) -> bool:
        """Say whether these open columns meet every quota."""
        return self.zones is None or self.zones.allow(columns)

    def neighbours(self) -> sparse.csr_array:
        """Return the symmetric 0/1 matrix of columns too close to each other."""
        a, b = self.too_close.T
        ones = np.ones(2 * len(a), dtype=np.int64)
        shape = (self.n_columns, self.n_columns)
        return sparse.csr_array((ones, (np.concatenate([a, b]), np.concatenate([b, a]))), shape=shape)


def covered(costs: Costs, limit: float, sites: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which demand rows at least one of the sites serves, from the costs themselves."""
    is_site = np.zeros(costs.n_candidates, dtype=bool)
    is_site[sites] = True
    hit = costs.within(limit) & is_site[costs.indices]
    return np.bincount(costs.row_of_entry()[hit], minlength=costs.n_demand) > 0


def reduce_cover(
    costs: Costs,
    limit: float,
    weight: NDArray[np.int64],
    conditions: Conditions,
    open_rows: NDArray[np.bool_],
    *,
    must_serve_all: bool,
    price: NDArray[np.int64] | None = None,
) -> Instance:
    """Reduce a covering problem to what the model still has to decide.

    Parameters
    ----------
    weight : shape (n_demand,), whole units
    open_rows : demand rows that neither existing nor required sites serve
    must_serve_all : every open row has to be served (set cover), instead of as much weight as possible
    price : shape (n_candidates,), what each costs; a candidate gives way only to one that costs no more
    """
    entries = costs.row_of_entry()
    wanted = open_rows if must_serve_all else open_rows & (weight > 0)
    keep = costs.within(limit) & wanted[entries] & conditions.choosable[costs.indices]
    row, column = entries[keep], costs.indices[keep]
    used = np.zeros(costs.n_candidates, dtype=bool)
    used[column] = True
    # A quota may need a site that serves nobody new.
    used[needy(conditions)] = True
    candidates = np.flatnonzero(used)
    candidates = candidates[np.argsort(costs.rank[candidates], kind="stable")].astype(np.intp)
    local = np.full(costs.n_candidates, -1, dtype=np.int64)
    local[candidates] = np.arange(len(candidates))
    start, member, merged = merge_equal(*by_row(row, local[column], costs.n_demand), weight)
    pairs = local[conditions.too_close]
    pairs = pairs[(pairs >= 0).all(axis=1)]
    if must_serve_all:
        hard = ~larger_ones(start, member, *transposed(start, member, len(candidates)))
        size = np.diff(start)
        member, merged = member[np.repeat(hard, size)], merged[hard]
        start = np.concatenate(([0], np.cumsum(size[hard])))
    zones = zone_counts(conditions, candidates)
    needed = _undominated(start, member, pairs, None if price is None else price[candidates], zones, len(candidates))
    if not needed.all():
        new = np.cumsum(needed) - 1
        pairs = new[pairs[needed[pairs].all(axis=1)]]
        candidates = candidates[needed]
        zones = zone_counts(conditions, candidates)
        # Rows that differed only in dropped candidates are equal now.
        start, member, merged = merge_equal(*_only(start, member, needed), merged)
    pairs = np.unique(np.sort(pairs, axis=1), axis=0) if len(pairs) else pairs.reshape(0, 2)
    reach, reached_by = as_matrices(start, member, len(candidates))
    return Instance(
        reach=reach, reached_by=reached_by, weight=merged, candidates=candidates, too_close=pairs.astype(np.intp),
        zones=zones,
    )  # fmt: skip


def _only(
    start: NDArray[np.int64], member: NDArray[np.int32], keep: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Leave members out of sets, and number the others anew."""
    stay = keep[member]
    ends = np.concatenate(([0], np.cumsum(stay)))[start].astype(np.int64)
    return ends, (np.cumsum(keep) - 1).astype(np.int32)[member[stay]]


def restrict(
    instance: Instance, keep: NDArray[np.bool_], done: NDArray[np.bool_], opened: NDArray[np.bool_]
) -> Instance:
    """Return the instance with only the columns ``keep``, once ``opened`` serve the rows ``done``, merged again."""
    left = instance.reach[~done]
    start, member = _only(left.indptr.astype(np.int64), left.indices.astype(np.int32), keep)
    start, member, merged = merge_equal(start, member, instance.weight[~done])
    reach, reached_by = as_matrices(start, member, int(keep.sum()))
    new = np.cumsum(keep) - 1
    pairs = instance.too_close
    return Instance(
        reach=reach,
        reached_by=reached_by,
        weight=merged,
        candidates=instance.candidates[keep],
        too_close=new[pairs[keep[pairs].all(axis=1)]].reshape(-1, 2).astype(np.intp),
        zones=None if instance.zones is None else instance.zones.restrict(keep, opened),
    )


def value_of(instance: Instance, columns: NDArray[np.intp]) -> int:
    """Weight of the rows that the columns serve, in units."""
    is_open = np.zeros(instance.n_columns, dtype=np.int64)
    is_open[columns] = 1
    return int(instance.weight[(instance.reach @ is_open) > 0].sum())


def merge_rows(
    row: NDArray[np.int64], column: NDArray[np.int64], weight: NDArray[np.int64], n_rows: int, n_columns: int
) -> tuple[sparse.csr_array, NDArray[np.int64]]:
    """Join rows with equal column sets; rows without any column fall away. The order depends on the sets alone."""
    start, member, merged = merge_equal(*by_row(row, column, n_rows), weight)
    return as_matrices(start, member, n_columns)[0], merged


def _undominated(
    start: NDArray[np.int64],
    member: NDArray[np.int32],
    too_close: NDArray[np.int64],
    price: NDArray[np.int64] | None,
    zones: ZoneCounts | None,
    n: int,
) -> NDArray[np.bool_]:
    """Mask of columns that no other column makes needless; of equal columns the first (or cheapest) stays.

    A column that is too close to others may not replace anything: it could not stand where the replaced one stood. A
    zone that needs sites keeps all its columns, and one that may have only some takes none in place of another zone's.
    """
    free = np.ones(n, dtype=bool)
    free[too_close.ravel()] = False
    prices = np.zeros(n, dtype=np.int64) if price is None else price
    if zones is None:
        zone, kept, welcome = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=bool), np.ones(n, dtype=bool)
    else:
        members = zones.count(np.arange(n))
        zone, kept = zones.zone, zones.of_columns(zones.least > 0)
        welcome = ~zones.of_columns(zones.most < members)
    needless: NDArray[np.bool_] = replaceable(*transposed(start, member, n), start, member, free, prices, zone, welcome)
    return ~needless | kept
