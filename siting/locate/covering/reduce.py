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
from siting.locate.zone_counts import ZoneCounts, needy, zone_counts

# Pair comparisons above this many products cost more than the solver gains; then only equal columns are dropped.
_MAX_PRODUCTS = 2e8
_BLOCK = 512


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
    keep = costs.within(limit) & open_rows[costs.row_of_entry()] & conditions.choosable[costs.indices]
    if not must_serve_all:
        keep &= weight[costs.row_of_entry()] > 0
    row, column = costs.row_of_entry()[keep], costs.indices[keep]
    # A quota may need a site that serves nobody new.
    used = np.union1d(column, needy(conditions))
    candidates = used[np.argsort(costs.rank[used], kind="stable")].astype(np.intp)
    local = np.full(costs.n_candidates, -1, dtype=np.int64)
    local[candidates] = np.arange(len(candidates))
    reach, merged = merge_rows(row, local[column], weight, costs.n_demand, len(candidates))
    pairs = local[conditions.too_close]
    pairs = pairs[(pairs >= 0).all(axis=1)]
    if must_serve_all:
        hard = _not_implied(reach)
        reach, merged = reach[hard], merged[hard]
    zones = zone_counts(conditions, candidates)
    needed = _undominated(reach, pairs, None if price is None else price[candidates], zones)
    if not needed.all():
        new = np.cumsum(needed) - 1
        pairs = new[pairs[needed[pairs].all(axis=1)]]
        candidates = candidates[needed]
        zones = zone_counts(conditions, candidates)
        coordinates = reach[:, needed].tocoo()
        # Rows that differed only in dropped candidates are equal now.
        reach, merged = merge_rows(
            coordinates.row.astype(np.int64), coordinates.col.astype(np.int64), merged, len(merged), len(candidates)
        )
    pairs = np.unique(np.sort(pairs, axis=1), axis=0) if len(pairs) else pairs.reshape(0, 2)
    return Instance(
        reach=reach,
        reached_by=sparse.csr_array(reach.T.tocsr()),
        weight=merged,
        candidates=candidates,
        too_close=pairs.astype(np.intp),
        zones=zones,
    )


def restrict(
    instance: Instance, keep: NDArray[np.bool_], done: NDArray[np.bool_], opened: NDArray[np.bool_]
) -> Instance:
    """Return the instance with only the columns ``keep``, once ``opened`` serve the rows ``done``, merged again."""
    coordinates = instance.reach[~done][:, keep].tocoo()
    reach, merged = merge_rows(
        coordinates.row.astype(np.int64),
        coordinates.col.astype(np.int64),
        instance.weight[~done],
        int((~done).sum()),
        int(keep.sum()),
    )
    new = np.cumsum(keep) - 1
    pairs = instance.too_close
    return Instance(
        reach=reach,
        reached_by=sparse.csr_array(reach.T.tocsr()),
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
    order = np.lexsort((column, row))
    # Big-endian bytes of sorted sets compare like the sets themselves, so the sorted keys are a canonical order.
    columns = column[order].astype(">u4")
    ends = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=n_rows))))
    total: dict[bytes, int] = {}
    for i in np.flatnonzero(np.diff(ends)):
        key = columns[ends[i] : ends[i + 1]].tobytes()
        total[key] = total.get(key, 0) + int(weight[i])
    keys = sorted(total)
    indices = np.frombuffer(b"".join(keys), dtype=">u4").astype(np.int64)
    indptr = np.concatenate(([0], np.cumsum([len(key) // 4 for key in keys]))).astype(np.int64)
    ones = np.ones(len(indices), dtype=np.int64)
    reach = sparse.csr_array((ones, indices, indptr), shape=(len(keys), n_columns))
    return reach, np.array([total[key] for key in keys], dtype=np.int64)


def _undominated(
    reach: sparse.csr_array,
    too_close: NDArray[np.int64],
    price: NDArray[np.int64] | None,
    zones: ZoneCounts | None,
) -> NDArray[np.bool_]:
    """Mask of columns that no other column makes needless; of equal columns the first (or cheapest) stays.

    A column that is too close to others may not replace anything: it could not stand where the replaced one stood. A
    zone that needs sites keeps all its columns, and one that may have only some takes none in place of another zone's.
    """
    n = reach.shape[1]
    free = np.ones(n, dtype=bool)
    free[too_close.ravel()] = False
    prices = np.zeros(n, dtype=np.int64) if price is None else price
    if zones is None:
        zone, kept, welcome = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=bool), np.ones(n, dtype=bool)
    else:
        members = zones.count(np.arange(n))
        zone, kept = zones.zone, zones.of_columns(zones.least > 0)
        welcome = ~zones.of_columns(zones.most < members)
    needless = _subsets(sparse.csr_array(reach.T.tocsr()), free, prices, zone, welcome)
    return ~needless | kept


def _not_implied(reach: sparse.csr_array) -> NDArray[np.bool_]:
    """Mask of rows whose service does not follow from that of another row (whose columns are among theirs)."""
    # Row r follows from row s if columns(s) are a subset of columns(r): s is the subset, r the needless one.
    n = reach.shape[0]
    degree = np.diff(reach.indptr)
    needless = np.zeros(n, dtype=bool)
    if n == 0 or float((np.bincount(reach.indices, minlength=reach.shape[1]).astype(float) ** 2).sum()) > _MAX_PRODUCTS:
        return ~needless
    transposed = sparse.csr_array(reach.T.tocsr())
    for start in range(0, n, _BLOCK):
        common = (reach[start : start + _BLOCK] @ transposed).tocoo()
        r, s = common.row + start, common.col
        # Equal rows were merged before, so the subset is always smaller.
        needless[r[(common.data == degree[s]) & (degree[s] < degree[r])]] = True
    return ~needless


def _subsets(
    sets: sparse.csr_array,
    may_replace: NDArray[np.bool_],
    price: NDArray[np.int64],
    zone: NDArray[np.int64],
    welcome: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Mask of rows of ``sets`` that are a subset of a row in ``may_replace`` that costs no more.

    It lies in the same zone, or is ``welcome`` in place of any. Of equal sets at one price the first stays.
    """
    n = sets.shape[0]
    size = np.diff(sets.indptr)
    needless = np.zeros(n, dtype=bool)
    if n == 0:
        return needless
    products = float((np.bincount(sets.indices, minlength=sets.shape[1]).astype(float) ** 2).sum())
    if products > _MAX_PRODUCTS:
        first: dict[tuple[int, bytes], int] = {}
        able = np.flatnonzero(may_replace)
        for column in able[np.argsort(price[able], kind="stable")].tolist():
            rows = np.sort(sets.indices[sets.indptr[column] : sets.indptr[column + 1]])
            key = int(zone[column]), rows.tobytes()
            needless[column] = first.setdefault(key, column) != column
        return needless
    transposed = sparse.csr_array(sets.T.tocsr())
    for start in range(0, n, _BLOCK):
        common = (sets[start : start + _BLOCK] @ transposed).tocoo()
        j, k = common.row + start, common.col
        # Equal sets: the first of those that may replace stays; one that may not replace gives way to any that may.
        better = (size[j] < size[k]) | ~may_replace[j] | (price[k] < price[j]) | (k < j)
        replaces = may_replace[k] & (price[k] <= price[j]) & (j != k) & (welcome[k] | (zone[k] == zone[j]))
        needless[j[(common.data == size[j]) & replaces & better]] = True
    return needless
