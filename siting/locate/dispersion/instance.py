"""A p-dispersion problem as levels: the distinct distances, the largest first, and the level of every pair."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siting.errors import InputError
from siting.locate.choice import Choice
from siting.locate.costs import Costs, read_costs

NEVER = np.int32(2**31 - 1)
# How far the two directions of a pair may differ by rounding alone: a share, and thousandths of a unit.
_SHARE = 1e-9
_THOUSANDTHS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispersion:
    """What is left of a p-dispersion problem once existing and required sites are open.

    Attributes
    ----------
    values : the distinct distances with a minus, ascending, so that a lower level is better; a level is a position
    pair : shape (n_columns, n_columns), level of each pair, 0 with itself; `NEVER` if they may not be open together
    base : shape (n_columns,), level with the nearest site that is open anyway, 0 if none is
    fixed : level of required sites among themselves and with existing ones, 0 if there are none
    choice : which columns may be open together
    """

    values: NDArray[np.float64]
    pair: NDArray[np.int32]
    base: NDArray[np.int32]
    fixed: int
    choice: Choice

    def level(self, is_open: NDArray[np.bool_]) -> int:
        """Return the level of a plan, `NEVER` if it has two sites that are too close."""
        j = np.flatnonzero(is_open)
        return max(self.fixed, int(self.base[j].max(initial=0)), int(self.pair[np.ix_(j, j)].max(initial=0)))

    def conflicts(self, level: int) -> NDArray[np.bool_]:
        """Return which pairs may not be open together if the level is to be reached."""
        return self.pair > level

    def spread(self) -> NDArray[np.bool_]:
        """Open ``k`` columns, each as far from those before as can be; for free choices only."""
        is_open = np.zeros(self.choice.n_columns, dtype=bool)
        if self.choice.k == 0:
            return is_open
        now = self.base.copy()
        if not now.any() and self.choice.k > 1:
            now = np.where(self.pair == self.pair[~np.eye(len(self.pair), dtype=bool)].min(), 0, 1).min(axis=1)
            j = int(np.argmin(now))
            now = self.base.copy()
        else:
            j = int(np.argmin(now))
        for _ in range(self.choice.k):
            is_open[j] = True
            now = np.maximum(now, self.pair[j])
            j = int(np.argmin(np.where(is_open, NEVER, now)))
        return is_open


def read_distances(distance: Any) -> tuple[Costs, NDArray[np.float64]]:
    """Read the distances between candidates: as costs, and as a table in their quantity, the diagonal infinite.

    Raises
    ------
    InputError
        Not square, labels of rows and columns that differ, or distances that depend on the direction.
    """
    costs = read_costs(distance)
    n = costs.n_candidates
    if costs.n_demand != n:
        msg = f"distance has shape ({costs.n_demand}, {n}), expected a square: from each candidate to each candidate"
        raise InputError(msg)
    place = np.arange(n)
    if costs.labelled:
        place = costs.columns.get_indexer(costs.rows)
        if (place < 0).any():
            unknown = costs.rows[place < 0][:3].tolist()
            msg = f"distance: rows and columns must name the same candidates; rows {unknown} are no columns"
            raise InputError(msg)
    table = np.full((n, n), np.inf)
    table[place[costs.row_of_entry()], costs.indices] = costs.cost.astype(np.float64)
    np.fill_diagonal(table, np.inf)
    shorter, longer = np.minimum(table, table.T), np.maximum(table, table.T)
    with np.errstate(invalid="ignore"):
        apart = ~((longer - shorter <= np.maximum(_SHARE * shorter, _THOUSANDTHS * costs.whole)) | (longer == shorter))
    if apart.any():
        a, b = np.argwhere(apart)[0]
        names = costs.label(np.array([a, b]))
        msg = (
            f"distance depends on the direction for {int(apart.sum()) // 2} pairs (first {names[0]} and {names[1]}: "
            f"{table[a, b]:g} and {table[b, a]:g}); give one distance a pair, e.g. np.minimum(distance, distance.T)"
        )
        raise InputError(msg)
    return costs, shorter


def make_dispersion(
    table: NDArray[np.float64], choice: Choice, required: NDArray[np.intp], existing: NDArray[np.intp]
) -> Dispersion:
    """Bring distances into levels. How far existing sites are from each other does not matter: nobody moves them."""
    standing = np.concatenate([required, existing]).astype(np.intp)
    own, toward = -table[np.ix_(choice.columns, choice.columns)], -table[np.ix_(choice.columns, standing)]
    among = -table[np.ix_(required, standing)]
    distinct = ~np.eye(choice.n_columns, dtype=bool)
    values = np.unique(np.concatenate([own[distinct], toward.ravel(), among[required[:, None] != standing[None]]]))
    pair = np.searchsorted(values, own).astype(np.int32)
    np.fill_diagonal(pair, 0)
    a, b = choice.too_close.T
    pair[a, b] = pair[b, a] = NEVER
    base = np.searchsorted(values, toward).max(axis=1, initial=0).astype(np.int32)
    levels = np.searchsorted(values, among)
    levels[required[:, None] == standing[None]] = 0
    return Dispersion(values=values, pair=pair, base=base, fixed=int(levels.max(initial=0)), choice=choice)


def without_pairs(choice: Choice) -> Choice:
    """Return the choice without its pairs, which stand among the conflicts."""
    return replace(choice, too_close=np.empty((0, 2), dtype=np.intp))
