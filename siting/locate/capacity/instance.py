"""A location problem with capacities made ready for the search: whole units of demand and room, costs by unit.

Every column is one version of a site: its only one, or one of several sizes. Existing and required sites are open in
every plan, those of several versions as one of them. Where demand may stay away, one more column is open that costs
what staying away costs and has room for all. Demand rows that cost the same everywhere are one row, unless they go as a
whole.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from siting.locate.answer import Units, whole_units
from siting.locate.capacity.versions import Versions
from siting.locate.conditions import Conditions
from siting.locate.costs import Costs

AWAY = -1
"""Stands for the position of the column of demand that stays away."""
_DECIMALS = (1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6)
_WHOLE = 2.0**40
_FINEST = 2.0**50


@dataclass(frozen=True)
class Hosts:
    """Open columns and send demand to them so that sending and opening cost least.

    Attributes
    ----------
    unit : shape (n, m), cost of one unit of demand of a row at a column in the caller's terms, inf where out of reach
    amount : shape (n,), whole units of demand, each above 0
    room : shape (m,), whole units of capacity
    price : shape (m,), of opening
    opened : shape (m,), open in every plan
    counted : shape (m,), columns that count in ``q``: those of sites that need not be open
    group : shape (m,), number of the site that a column is a version of
    q : most columns to open among those that count
    pairs : shape (k, 2), columns of which at most one may be open, versions of the same site among them
    quotas : columns of a zone, how many of them must and may be open; of a site that is open in some version, one
    single : whether a row goes to one column as a whole
    step : every value is a whole multiple of it; 0 = not known
    ids : shape (m,), positions of the candidates, `AWAY` among them
    version : shape (m,), positions in `Versions`, `AWAY` among them
    rows : shape (n,), the first demand row of each
    row_of : shape (n_demand,), the row that stands for a demand row, -1 = it has no weight
    """

    unit: NDArray[np.float64]
    amount: NDArray[np.int64]
    room: NDArray[np.int64]
    price: NDArray[np.float64]
    opened: NDArray[np.bool_]
    counted: NDArray[np.bool_]
    group: NDArray[np.int64]
    q: int
    pairs: NDArray[np.intp]
    quotas: tuple[tuple[NDArray[np.intp], int, int], ...]
    single: bool
    step: float
    ids: NDArray[np.intp]
    version: NDArray[np.intp]
    rows: NDArray[np.intp]
    row_of: NDArray[np.intp]

    @property
    def n_rows(self) -> int:
        """Number of demand rows with weight."""
        return len(self.amount)

    @property
    def n_columns(self) -> int:
        """Number of columns, the one of demand that stays away included."""
        return len(self.room)

    @property
    def total(self) -> int:
        """Units of demand."""
        return int(self.amount.sum())

    @property
    def whole(self) -> NDArray[np.float64]:
        """Cost of all demand of a row at a column, shape (n, m)."""
        found: NDArray[np.float64] = self.unit * self.amount[:, None]
        return found

    @cached_property
    def covers(self) -> bool:
        """Whether serving and opening costs nothing and staying away does."""
        free = np.where(self.ids != AWAY, self.unit, 0.0)
        return bool((self.ids == AWAY).any() and not self.price.any() and not free[np.isfinite(free)].any())

    @cached_property
    def n_versions(self) -> int:
        """Most versions of a site."""
        return int(np.bincount(self.group).max(initial=1))

    def versions_of(self, column: int) -> NDArray[np.intp]:
        """Return all versions of the site of a column."""
        return np.flatnonzero(self.group == self.group[column])

    def allows(self, is_open: NDArray[np.bool_]) -> bool:
        """Whether open columns keep count, spacing and quotas."""
        apart = not is_open[self.pairs].all(axis=1).any()
        counts = [(int(is_open[columns].sum()), least, most) for columns, least, most in self.quotas]
        few = int((is_open & self.counted).sum()) <= self.q
        return bool(is_open[self.opened].all()) and apart and few and all(a <= k <= b for k, a, b in counts)

    def most_room(self, may_open: NDArray[np.bool_], left: int) -> NDArray[np.int64]:
        """Return the most room that sites can have which are open anyway, and with 1, 2, … ``left`` others.

        Parameters
        ----------
        may_open : shape (m,), columns that are open or may be
        """
        anyway, others = (np.zeros(int(self.group.max(initial=-1)) + 1, dtype=np.int64) for _ in range(2))
        for best, counts in ((anyway, ~self.counted), (others, self.counted)):
            np.maximum.at(best, self.group[may_open & counts], self.room[may_open & counts])
        largest = np.sort(others)[::-1][: max(0, left)]
        return int(anyway.sum()) + np.concatenate([[0], np.cumsum(largest)])

    def with_away(self) -> "Hosts":
        """Return the problem where serving is free and every unit that stays away costs 1, opening nothing."""
        n, away = self.n_rows, self.ids == AWAY
        unit = np.where(np.isfinite(self.unit[:, ~away]), 0.0, np.inf)
        return replace(
            self, unit=np.hstack([unit, np.ones((n, 1))]), room=np.append(self.room[~away], self.total),
            price=np.zeros(unit.shape[1] + 1), opened=np.append(self.opened[~away], True),
            counted=np.append(self.counted[~away], False),
            group=np.append(self.group[~away], self.group.max(initial=-1) + 1), ids=np.append(self.ids[~away], AWAY),
            version=np.append(self.version[~away], AWAY), step=1.0,
        )  # fmt: skip

    def counting(self) -> "Hosts":
        """Return the problem of opening as few sites as possible, any number of them."""
        unit = np.where(np.isfinite(self.unit), 0.0, np.inf)
        return replace(self, unit=unit, price=np.where(self.counted, 1.0, 0.0), q=self.n_columns, step=1.0)


def make_hosts(
    costs: Costs,
    weight: NDArray[np.float64],
    versions: Versions,
    conditions: Conditions,
    *,
    single: bool,
    unassigned: float | None,
    limit: float | None = None,
) -> tuple[Hosts, Units]:
    """Make the problem and say in which units it speaks.

    Parameters
    ----------
    unassigned : what one unit of weight costs that stays away, in the quantity of ``costs``; None = all must be served
    limit : costs above it are out of reach; every unit served costs nothing then, every other one 1; None = costs count
    """
    units = _units(weight, versions.capacity, single=single)
    rows = np.flatnonzero(units.units > 0)
    fixed = np.zeros(costs.n_candidates, dtype=bool)
    fixed[conditions.existing] = fixed[conditions.required] = True
    kept = np.flatnonzero((fixed | conditions.choosable)[versions.site])
    amount = units.units[rows]
    rounded = int((amount / units.per_weight != weight[rows]).sum())
    kept, room = _worthwhile(versions, kept, _room(versions.capacity[kept], units, int(amount.sum()), rounded))
    ids = versions.site[kept]
    sites, group = np.unique(ids, return_inverse=True)
    unit = _unit_costs(costs, rows, ids, units, limit)
    alone = np.bincount(group, minlength=len(sites))[group] == 1
    paid = versions.price[kept].copy()
    opened, counted = fixed[ids] & alone, ~fixed[ids]
    version = kept.astype(np.intp)
    if unassigned is not None:
        away = unassigned / (units.per_weight * (1000.0 if costs.whole else 1.0)) if limit is None else unassigned
        unit = np.hstack([unit, np.full((len(rows), 1), away)])
        room, paid = np.append(room, amount.sum()), np.append(paid, 0.0)
        opened, counted = np.append(opened, True), np.append(counted, False)
        ids, version, group = np.append(ids, AWAY), np.append(version, AWAY), np.append(group, len(sites))
    row_of = np.full(costs.n_demand, -1, dtype=np.intp)
    row_of[rows] = np.arange(len(rows))
    if not single and len(rows):
        unit, first, same = np.unique(unit, axis=0, return_index=True, return_inverse=True)
        same = same.reshape(-1)
        row_of[rows], amount = same, np.bincount(same, weights=amount, minlength=len(first)).astype(np.int64)
        rows = rows[first]
    free = int(conditions.choosable.sum())
    hosts = Hosts(
        unit=unit, amount=amount, room=room, price=paid, opened=opened, counted=counted, group=group.astype(np.int64),
        q=free if conditions.p is None else min(free, conditions.p - len(conditions.required)),
        pairs=_pairs(ids, conditions, fixed), quotas=_quotas(ids, conditions, fixed), single=single, step=0.0,
        ids=ids, version=version, rows=rows, row_of=row_of,
    )  # fmt: skip
    if limit is None:
        return replace(hosts, step=_step(hosts)), units
    # All is whole units then, served and unserved.
    sizes = hosts.amount if single else np.concatenate([hosts.amount, room])
    return replace(hosts, step=float(np.gcd.reduce(sizes)) if units.exact and len(sizes) else 0.0), units


def _unit_costs(
    costs: Costs, rows: NDArray[np.intp], ids: NDArray[np.intp], units: Units, limit: float | None
) -> NDArray[np.float64]:
    """Cost of one unit of each row at each column."""
    sites, place = np.unique(ids, return_inverse=True)
    column = np.full(costs.n_candidates, -1, dtype=np.intp)
    column[sites] = np.arange(len(sites))
    unit = np.full((len(rows), len(sites)), np.inf)
    local = np.full(costs.n_demand, -1, dtype=np.intp)
    local[rows] = np.arange(len(rows))
    row = costs.row_of_entry()
    entry = (local[row] >= 0) & (column[costs.indices] >= 0)
    if limit is None:
        per = units.per_weight * (1000.0 if costs.whole else 1.0)
        unit[local[row[entry]], column[costs.indices[entry]]] = costs.cost[entry].astype(np.float64) / per
    else:
        entry &= costs.within(limit)
        unit[local[row[entry]], column[costs.indices[entry]]] = 0.0
    return np.ascontiguousarray(unit[:, place])


def _worthwhile(
    versions: Versions, kept: NDArray[np.intp], room: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Leave out versions that cost no less than another of the same site with as much room; not existing sites."""
    price, site, base = versions.price[kept], versions.site[kept], versions.base[kept]
    order = np.lexsort((np.arange(len(kept)), price, -room, site))
    keep = np.zeros(len(kept), dtype=bool)
    last, cheapest = -1, math.inf
    for k in order.tolist():
        if site[k] != last:
            last, cheapest = site[k], math.inf
        # Versions come by room, the largest first: only a lower price makes a smaller one worth while.
        keep[k] = base[k] or price[k] < cheapest
        cheapest = min(cheapest, price[k])
    return kept[keep], room[keep]


def _pairs(ids: NDArray[np.intp], conditions: Conditions, fixed: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return pairs of columns that exclude each other: versions of a site, and sites too close to each other."""
    columns: dict[int, list[int]] = {}
    for k, j in enumerate(ids.tolist()):
        columns.setdefault(j, []).append(k)
    found = [pair for j, own in columns.items() if j != AWAY for pair in combinations(own, 2)]
    for a, b in conditions.too_close.tolist():
        if not (fixed[a] or fixed[b]):
            found += product(columns.get(a, ()), columns.get(b, ()))
    return np.sort(np.array(found, dtype=np.intp).reshape(-1, 2), axis=1)


def _quotas(
    ids: NDArray[np.intp], conditions: Conditions, fixed: NDArray[np.bool_]
) -> tuple[tuple[NDArray[np.intp], int, int], ...]:
    """Return quotas of zones as columns, and that of each site which must be open in one of several versions."""
    real = np.flatnonzero(ids != AWAY)
    zones = [
        (real[np.isin(ids[real], q.members)], q.least, len(ids) if q.most is None else q.most)
        for q in conditions.quotas
    ]
    several = [np.flatnonzero(ids == j) for j in np.unique(ids[real]).tolist() if fixed[j]]
    return (*zones, *((columns, 1, 1) for columns in several if len(columns) > 1))


def _units(weight: NDArray[np.float64], capacity: NDArray[np.float64], *, single: bool) -> Units:
    """Thousandths where weights are thousandths, and capacities too if a row can be split; else finer units."""
    units = whole_units(weight)
    finite = capacity[np.isfinite(capacity) & (capacity < weight.sum())]
    scaled = finite * units.per_weight
    if single or not weight.any() or not units.exact or np.array_equal(np.rint(scaled) / units.per_weight, finite):
        return units
    scale = 2.0 ** math.floor(math.log2(_FINEST / math.fsum(weight)))
    return Units(units=np.rint(weight * scale).astype(np.int64), per_weight=scale, exact=False, weight=weight)


def _room(capacity: NDArray[np.float64], units: Units, total: int, rounded: int) -> NDArray[np.int64]:
    """Whole units of room; where weights were rounded, the same rounding is allowed for."""
    finite = np.isfinite(capacity)
    scaled = np.where(finite, capacity, 0.0) * units.per_weight
    nearest = np.rint(scaled)
    if units.exact:
        same = nearest / units.per_weight == np.where(finite, capacity, 0.0)
        fit = np.where(same, nearest, np.floor(scaled))
    else:
        # Fine units, of 1e-15 of all demand: what rounding takes away from a full site is given back.
        fit = nearest + np.where(capacity > 0, rounded // 2 + 1, 0)
    return np.where(finite, np.minimum(fit, total), total).astype(np.int64)


def _step(hosts: Hosts) -> float:
    """Return what every value is a multiple of, where rows go as a whole or all is whole; 0 = not known."""
    if not hosts.single:
        return 0.0
    whole = hosts.whole
    values = np.concatenate([whole[np.isfinite(whole)], hosts.price])
    for decimals in _DECIMALS:
        scaled = values * decimals
        near = np.rint(scaled)
        if np.abs(near).sum() < _WHOLE and (np.abs(scaled - near) <= 1e-12 * np.maximum(1.0, np.abs(scaled))).all():
            common = int(np.gcd.reduce(near.astype(np.int64))) if len(near) else 0
            return common / decimals
    return 0.0
