"""A median problem made ready for the search: costs times weights in sorted rows, what is open anyway as a last resort.

Existing and required sites are open in every plan, so they are no columns: they only cap what a row can cost. So does
the price of staying unassigned. A row that nothing caps must be served by a column; it gets a cap so high that no plan
which pays it can be best. Equal rows are one row with their weights added.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siting.locate.conditions import Conditions
from siting.locate.costs import Costs
from siting.locate.median.rows import by_column, by_position, sorted_rows

# Sums of whole numbers up to here are exact in float64.
_EXACT = 2.0**52
_DECIMALS = (1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6)


@dataclass(frozen=True)
class Median:
    """Open at most ``q`` columns so that the rows' least costs and the prices of what is open are least.

    Attributes
    ----------
    start, column, cost : rows of entries sorted by cost, then column; each ends with the cap, in the sentinel column m
    price : shape (m,), of opening each column
    zone, least, most : zone of each column (-1 = none) and how many columns of each zone must and may be opened
    pairs : shape (k, 2), columns of which at most one may be open
    must : shape (n_rows,), rows that a column has to serve
    base : a cost that is there anyway
    step : every value is a whole multiple of it; 0 = not known
    ids : shape (m,), where the columns come from
    """

    start: NDArray[np.int64]
    column: NDArray[np.int32]
    cost: NDArray[np.float64]
    price: NDArray[np.float64]
    q: int
    zone: NDArray[np.int64]
    least: NDArray[np.int64]
    most: NDArray[np.int64]
    pairs: NDArray[np.intp]
    must: NDArray[np.bool_]
    base: float
    step: float
    ids: NDArray[np.intp]

    @property
    def n_rows(self) -> int:
        """Number of merged rows."""
        return len(self.start) - 1

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return len(self.price)

    @property
    def cap(self) -> NDArray[np.float64]:
        """What each row costs if no column serves it."""
        return self.cost[self.start[1:] - 1]

    @cached_property
    def columns(self) -> tuple[Any, ...]:
        """The entries by column: start, row, rank in the row, cost."""
        made: tuple[Any, ...] = by_column(self.start, self.column, self.cost, self.n_columns)
        return made

    @cached_property
    def close(self) -> tuple[Any, ...]:
        """Columns too close to each column, as start and list."""
        both = np.concatenate([self.pairs, self.pairs[:, ::-1]]).reshape(-1, 2)
        both = both[np.lexsort((both[:, 1], both[:, 0]))]
        start = np.searchsorted(both[:, 0], np.arange(self.n_columns + 1)).astype(np.int64)
        return start, both[:, 1].astype(np.int64)

    @property
    def rows(self) -> tuple[Any, ...]:
        """Start, column and cost, as the compiled functions take them."""
        return self.start, self.column, self.cost

    @property
    def quotas(self) -> tuple[Any, ...]:
        """Zone, least and most."""
        return self.zone, self.least, self.most

    def row_of_entry(self) -> NDArray[np.int64]:
        """Return the row of every entry, caps included."""
        return np.repeat(np.arange(self.n_rows, dtype=np.int64), np.diff(self.start))

    def value(self, open_columns: NDArray[np.bool_]) -> float:
        """Value of a plan; infinite where a row that must be served is not."""
        is_open = np.append(open_columns[: self.n_columns], True)
        entries = np.flatnonzero(is_open[self.column])
        row = self.row_of_entry()[entries]
        first = np.ones(len(row), dtype=bool)
        first[1:] = row[1:] != row[:-1]
        nearest = entries[first]
        if (self.must & (self.column[nearest] == self.n_columns)).any():
            return math.inf
        return math.fsum(self.cost[nearest]) + math.fsum(self.price[is_open[:-1]]) + self.base

    def allows(self, open_columns: NDArray[np.bool_]) -> bool:
        """Whether a plan keeps count, spacing and quotas."""
        chosen = open_columns[: self.n_columns]
        inside = chosen & (self.zone >= 0)
        count = np.bincount(self.zone[inside], minlength=len(self.least))
        apart = not chosen[self.pairs].all(axis=1).any() if len(self.pairs) else True
        return bool(apart and chosen.sum() <= self.q and (count >= self.least).all() and (count <= self.most).all())

    def restrict(self, opened: NDArray[np.bool_], keep: NDArray[np.bool_]) -> "Median | None":
        """Open some columns for good and leave only ``keep`` to decide; None if that breaks a condition."""
        near = np.zeros(self.n_columns, dtype=bool)
        if len(self.pairs):
            for here, there in ((0, 1), (1, 0)):
                near[self.pairs[opened[self.pairs[:, there]], here]] = True
        keep = keep & ~opened & ~near
        done = np.bincount(self.zone[opened & (self.zone >= 0)], minlength=len(self.least))
        least, most = np.maximum(self.least - done, 0), self.most - done
        free = np.bincount(self.zone[keep & (self.zone >= 0)], minlength=len(self.least))
        q = self.q - int(opened.sum())
        if (near & opened).any() or q < least.sum() or (most < 0).any() or (free < least).any():
            return None
        state = np.concatenate([np.where(opened, 2, np.where(keep, 1, 0)), [2]])[self.column]
        row = self.row_of_entry()
        # The first entry that is open in any case ends its row.
        ends = np.flatnonzero(state == 2)
        first = np.ones(len(ends), dtype=bool)
        first[1:] = row[ends[1:]] != row[ends[:-1]]
        ends = ends[first]
        index = np.arange(len(self.column))
        entry = (state == 1) & (index < ends[row])
        entry[ends] = True
        new = np.append(np.cumsum(keep) - 1, -1)
        new[-1] = m = int(keep.sum())
        column = new[self.column[entry]].astype(np.int32)
        served = self.column[ends] != self.n_columns
        start = np.concatenate([[0], np.cumsum(np.bincount(row[entry], minlength=self.n_rows))]).astype(np.int64)
        column[start[1:] - 1] = m
        pairs = self.pairs[keep[self.pairs].all(axis=1)] if len(self.pairs) else self.pairs
        return Median(
            start=start, column=column, cost=self.cost[entry], price=self.price[keep], q=min(q, m),
            zone=self.zone[keep], least=least, most=most, pairs=new[pairs].reshape(-1, 2).astype(np.intp),
            must=self.must & ~served, base=self.base + math.fsum(self.price[opened]), step=self.step,
            ids=self.ids[keep],
        )  # fmt: skip

    def shorten(self, farthest: NDArray[np.float64], cap: float) -> "Median":
        """Leave out entries above ``farthest`` of their row, which no better plan uses; such rows then must be served.

        Parameters
        ----------
        cap : a cost that no better plan pays, for rows that lose entries or their cap
        """
        row = self.row_of_entry()
        last = np.zeros(len(self.column), dtype=bool)
        last[self.start[1:] - 1] = True
        entry = last | (self.cost <= farthest[row])
        cut = self.cap > farthest
        start = np.concatenate([[0], np.cumsum(np.bincount(row[entry], minlength=self.n_rows))]).astype(np.int64)
        cost = self.cost[entry]
        cost[start[1:] - 1] = np.where(cut, np.maximum(cap, farthest), self.cap)
        return Median(
            start=start, column=self.column[entry], cost=cost, price=self.price, q=self.q, zone=self.zone,
            least=self.least, most=self.most, pairs=self.pairs, must=self.must | cut, base=self.base, step=self.step,
            ids=self.ids,
        )  # fmt: skip


def make_median(
    costs: Costs,
    weight: NDArray[np.float64],
    conditions: Conditions,
    *,
    unassigned: float | None = None,
    price: NDArray[np.float64] | None = None,
) -> tuple[Median, float]:
    """Build the problem that is left to decide.

    Parameters
    ----------
    weight : shape (n_demand,); rows of weight 0 play no part
    unassigned : what a row costs, in the quantity of ``costs.cost``, if it is not served; None = it must be
    price : shape (n_candidates,), in the unit of the objective, of opening each candidate

    Returns
    -------
    The problem, and how many of its units are 1 of the caller's objective.
    """
    n, m = costs.n_demand, costs.n_candidates
    prices = np.zeros(m) if price is None else price
    row = costs.row_of_entry()
    is_open = np.zeros(m, dtype=bool)
    is_open[conditions.existing] = is_open[conditions.required] = True
    limit = np.full(n, np.inf if unassigned is None else float(unassigned))
    there = is_open[costs.indices]
    np.minimum.at(limit, row[there], costs.cost[there].astype(np.float64))
    use = (weight > 0)[row] & conditions.choosable[costs.indices] & (costs.cost < limit[row])
    used = np.zeros(m, dtype=bool)
    used[costs.indices[use]] = True
    for quota in conditions.quotas:
        # They may be opened for the count alone.
        used[quota.members] |= quota.least > int(is_open[quota.members].sum())
    ids = np.flatnonzero(used & conditions.choosable)
    ids = ids[np.argsort(costs.rank[ids], kind="stable")].astype(np.intp)
    local = np.full(m, -1, dtype=np.int64)
    local[ids] = np.arange(len(ids))
    row, column = row[use], local[costs.indices[use]]
    inside = np.isfinite(limit)
    raw = np.concatenate([costs.cost[use].astype(np.float64), limit[inside]])
    (quantity, per_cost), (amount, per_weight) = _whole(raw), _whole(weight)
    mm = 1000.0 if costs.whole else 1.0
    units = per_cost * per_weight * mm
    charges, finer = _whole_multiples(prices, units)
    exact = units * finer > 0
    if not exact:
        quantity, amount, units, charges, finer = raw, weight, mm, prices * mm, 1.0
    units *= finer
    cost, limit[inside] = quantity[: len(row)], quantity[len(row) :]
    row, column, cost, merged, limit = _merge(row, column, cost, amount, limit, weight > 0)
    n = len(merged)
    entry, capped = cost * merged[row] * finer, limit * merged * finer
    must = ~np.isfinite(capped)
    top = np.where(must, 0.0, capped)
    np.maximum.at(top, row, entry)
    never = 1.0 + top.sum() + charges[ids].sum()
    exact = exact and never * max(1.0, float(must.sum())) < _EXACT
    capped[must] = never
    start, all_columns, all_costs = sorted_rows(row, column, entry, n, len(ids), capped)
    zone = np.full(m, -1, dtype=np.int64)
    for z, quota in enumerate(conditions.quotas):
        zone[quota.members] = z
    open_now = [int(is_open[quota.members].sum()) for quota in conditions.quotas]
    least = [max(0, quota.least - k) for quota, k in zip(conditions.quotas, open_now, strict=True)]
    most = [m if quota.most is None else quota.most - k for quota, k in zip(conditions.quotas, open_now, strict=True)]
    pairs = local[conditions.too_close].reshape(-1, 2)
    values = np.concatenate([entry, capped[~must], charges[ids], charges[is_open]])
    step = 0.0
    if exact:
        step = float(np.gcd.reduce(values.astype(np.int64))) if len(values) else 1.0
    p = len(ids) if conditions.p is None else conditions.p - len(conditions.required)
    median = Median(
        start=start, column=all_columns, cost=all_costs, price=charges[ids], q=min(p, len(ids)), zone=zone[ids],
        least=np.array(least, dtype=np.int64), most=np.array(most, dtype=np.int64),
        pairs=np.sort(pairs[(pairs >= 0).all(axis=1)], axis=1).astype(np.intp), must=must,
        base=math.fsum(charges[conditions.required]), step=max(step, 1.0) if exact else 0.0, ids=ids,
    )  # fmt: skip
    return median, units


def _whole(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return whole multiples of the values and the power of ten that makes them so; the values and 0 if none does."""
    for scale in _DECIMALS:
        whole = np.rint(values * scale)
        if np.abs(whole).sum() < _EXACT and np.array_equal(whole / scale, values):
            return whole, scale
    return values, 0.0


def _whole_multiples(prices: NDArray[np.float64], units: float) -> tuple[NDArray[np.float64], float]:
    """Return the prices in such units, made finer by the power of ten in the second place (0 if none will do)."""
    for scale in _DECIMALS if units > 0 else ():
        whole = np.rint(prices * units * scale)
        if np.abs(whole).sum() < _EXACT and np.array_equal(whole / (units * scale), prices):
            return whole, scale
    return prices, 0.0


_Merged = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def _merge(
    row: NDArray[np.int64], column: NDArray[np.int64], cost: NDArray[np.float64], weight: NDArray[np.float64],
    limit: NDArray[np.float64], alive: NDArray[np.bool_],
) -> _Merged:  # fmt: skip
    """Merge rows with the same costs; rows of no weight are gone."""
    start = np.searchsorted(row, np.arange(len(weight) + 1))
    column, cost = by_position(start, column, cost)
    seen: dict[tuple[bytes, bytes, float], list[int]] = {}
    for i in np.flatnonzero(alive).tolist():
        part = slice(start[i], start[i + 1])
        seen.setdefault((column[part].tobytes(), cost[part].tobytes(), float(limit[i])), []).append(i)
    # Their own order does not depend on that of the caller's rows.
    groups = [seen[key] for key in sorted(seen)]
    new, merged = np.full(len(weight), -1, dtype=np.int64), np.empty(len(groups))
    for k, group in enumerate(groups):
        new[group[0]] = k
        merged[k] = math.fsum(weight[group])
    keep = new[row] >= 0
    return new[row[keep]], column[keep], cost[keep], merged, limit[[group[0] for group in groups]]
