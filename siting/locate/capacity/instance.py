"""A location problem with capacities made ready for the search: whole units of demand and room, costs by unit.

Existing and required sites are columns that are open in every plan. Where demand may stay away, one more column is open
that costs what staying away costs and has room for all.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from siting.locate.answer import Units, whole_units
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
    q : most columns to open besides
    pairs : shape (k, 2), columns of which at most one may be open
    quotas : columns of a zone, how many of them must and may be open
    single : whether a row goes to one column as a whole
    step : every value is a whole multiple of it; 0 = not known
    ids : shape (m,), positions of the candidates, `AWAY` among them
    rows : shape (n,), positions of the demand rows
    """

    unit: NDArray[np.float64]
    amount: NDArray[np.int64]
    room: NDArray[np.int64]
    price: NDArray[np.float64]
    opened: NDArray[np.bool_]
    q: int
    pairs: NDArray[np.intp]
    quotas: tuple[tuple[NDArray[np.intp], int, int], ...]
    single: bool
    step: float
    ids: NDArray[np.intp]
    rows: NDArray[np.intp]

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

    def allows(self, is_open: NDArray[np.bool_]) -> bool:
        """Whether open columns keep count, spacing and quotas."""
        apart = not is_open[self.pairs].all(axis=1).any()
        counts = [(int(is_open[columns].sum()), least, most) for columns, least, most in self.quotas]
        few = int((is_open & ~self.opened).sum()) <= self.q
        return bool(is_open[self.opened].all()) and apart and few and all(a <= k <= b for k, a, b in counts)

    def with_away(self) -> "Hosts":
        """Return the problem where serving is free and every unit that stays away costs 1, opening nothing."""
        n, away = self.n_rows, self.ids == AWAY
        unit = np.where(np.isfinite(self.unit[:, ~away]), 0.0, np.inf)
        rest = replace(
            self, unit=np.hstack([unit, np.ones((n, 1))]), room=np.append(self.room[~away], self.total),
            price=np.zeros(unit.shape[1] + 1), opened=np.append(self.opened[~away], True),
            ids=np.append(self.ids[~away], AWAY), step=0.0,
        )  # fmt: skip
        return replace(rest, step=1.0)

    def counting(self) -> "Hosts":
        """Return the problem of opening as few columns as possible, any number of them."""
        unit = np.where(np.isfinite(self.unit), 0.0, np.inf)
        return replace(self, unit=unit, price=np.where(self.opened, 0.0, 1.0), q=self.n_columns, step=1.0)


def make_hosts(
    costs: Costs,
    weight: NDArray[np.float64],
    capacity: NDArray[np.float64],
    price: NDArray[np.float64],
    conditions: Conditions,
    *,
    single: bool,
    unassigned: float | None,
) -> tuple[Hosts, Units]:
    """Make the problem and say in which units it speaks.

    Parameters
    ----------
    capacity, price : shape (n_candidates,), in the caller's terms; capacity may be infinite
    unassigned : what one unit of weight costs that stays away, in the quantity of ``costs``; None = all must be served
    """
    units = _units(weight, capacity, single=single)
    rows = np.flatnonzero(units.units > 0)
    opened = np.concatenate([conditions.existing, conditions.required]).astype(np.intp)
    free = np.flatnonzero(conditions.choosable)
    ids = np.sort(np.concatenate([opened, free]))
    column = np.full(costs.n_candidates, -1, dtype=np.intp)
    column[ids] = np.arange(len(ids))
    unit = np.full((len(rows), len(ids)), np.inf)
    local = np.full(costs.n_demand, -1, dtype=np.intp)
    local[rows] = np.arange(len(rows))
    row = costs.row_of_entry()
    entry = (local[row] >= 0) & (column[costs.indices] >= 0)
    per = units.per_weight * (1000.0 if costs.whole else 1.0)
    unit[local[row[entry]], column[costs.indices[entry]]] = costs.cost[entry].astype(np.float64) / per
    paid = price[ids].copy()
    paid[column[conditions.existing]] = 0.0
    is_opened = np.zeros(len(ids), dtype=bool)
    is_opened[column[opened]] = True
    amount = units.units[rows]
    rounded = int((amount / units.per_weight != weight[rows]).sum())
    room = _room(capacity[ids], units, int(amount.sum()), rounded)
    pairs = column[conditions.too_close].reshape(-1, 2)
    pairs = pairs[(pairs >= 0).all(axis=1)]
    pairs = pairs[~is_opened[pairs].any(axis=1)]
    quotas = tuple(
        (column[q.members][column[q.members] >= 0], q.least, len(ids) if q.most is None else q.most)
        for q in conditions.quotas
    )
    if unassigned is not None:
        unit = np.hstack([unit, np.full((len(rows), 1), unassigned / per)])
        room, paid = np.append(room, amount.sum()), np.append(paid, 0.0)
        is_opened, ids = np.append(is_opened, True), np.append(ids, AWAY)
    q = len(free) if conditions.p is None else min(len(free), conditions.p - len(conditions.required))
    hosts = Hosts(
        unit=unit, amount=amount, room=room, price=paid, opened=is_opened, q=q, pairs=pairs, quotas=quotas,
        single=single, step=0.0, ids=ids, rows=rows,
    )  # fmt: skip
    return replace(hosts, step=_step(hosts)), units


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
