"""Open columns that know what every change would win or lose, and greedy plans of them. No proof is claimed here."""

import numpy as np
from numpy.typing import NDArray

from siting.locate.covering.reduce import Instance


class OpenSites:
    """A choice of columns that knows what every change of one column would win or lose.

    ``gain`` holds, for each column, the weight of the rows it would newly serve. All sums are of whole units, carried
    in float64, which is exact below 2**53.
    """

    def __init__(self, instance: Instance, weight: NDArray[np.int64] | None = None) -> None:
        self.instance = instance
        self.weight = (instance.weight if weight is None else weight).astype(np.float64)
        self.count = np.zeros(instance.n_rows, dtype=np.int64)
        self.gain = instance.reached_by @ self.weight
        self.blocked = np.zeros(instance.n_columns, dtype=np.int64)
        self.is_open = np.zeros(instance.n_columns, dtype=bool)
        self.value = 0.0
        self._near = instance.neighbours()
        self._in_zone = np.zeros(0 if instance.zones is None else len(instance.zones.least), dtype=np.int64)

    @property
    def columns(self) -> NDArray[np.intp]:
        """Open columns, ascending."""
        return np.flatnonzero(self.is_open)

    def rows_of(self, column: int) -> NDArray[np.int64]:
        """Rows that a column serves."""
        by = self.instance.reached_by
        return by.indices[by.indptr[column] : by.indptr[column + 1]].astype(np.int64, copy=False)

    def near(self, column: int) -> NDArray[np.int64]:
        """Columns that may not be open together with this one."""
        near = self._near
        return near.indices[near.indptr[column] : near.indptr[column + 1]].astype(np.int64, copy=False)

    def shares_rows_with(self, column: int) -> NDArray[np.bool_]:
        """Mask of the columns that serve a row which this one serves too."""
        rows = self.rows_of(column)
        reach = self.instance.reach
        mask = np.zeros(self.instance.n_columns, dtype=bool)
        for row in rows.tolist():
            mask[reach.indices[reach.indptr[row] : reach.indptr[row + 1]]] = True
        mask[column] = False
        return mask

    def weight_by_column(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Weight of the given rows, summed for every column that serves them."""
        reach = self.instance.reach
        start, length = reach.indptr[rows], np.diff(reach.indptr)[rows]
        ends = np.cumsum(length)
        if len(ends) == 0:
            return np.zeros(self.instance.n_columns)
        entry = np.arange(ends[-1]) + np.repeat(start - (ends - length), length)
        weight = np.repeat(self.weight[rows], length)
        summed = np.bincount(reach.indices[entry], weights=weight, minlength=self.instance.n_columns)
        return summed.astype(np.float64, copy=False)

    def open(self, column: int) -> None:
        """Open a column."""
        self.value += self.gain[column]
        rows = self.rows_of(column)
        newly = rows[self.count[rows] == 0]
        self.count[rows] += 1
        self.gain -= self.weight_by_column(newly)
        self.is_open[column] = True
        self.blocked[self.near(column)] += 1
        self._count_in_zone(column, 1)

    def close(self, column: int) -> None:
        """Close a column."""
        rows = self.rows_of(column)
        self.count[rows] -= 1
        lost = rows[self.count[rows] == 0]
        self.gain += self.weight_by_column(lost)
        self.is_open[column] = False
        self.blocked[self.near(column)] -= 1
        self.value -= self.gain[column]
        self._count_in_zone(column, -1)

    def _count_in_zone(self, column: int, change: int) -> None:
        zones = self.instance.zones
        if zones is not None and zones.zone[column] >= 0:
            self._in_zone[zones.zone[column]] += change

    @property
    def missing(self) -> int:
        """How many columns the quotas still need."""
        zones = self.instance.zones
        return 0 if zones is None else int(np.maximum(zones.least - self._in_zone, 0).sum())

    def is_short(self) -> NDArray[np.bool_]:
        """Mask of the columns whose zone still needs some."""
        zones = self.instance.zones
        none = np.zeros(self.instance.n_columns, dtype=bool)
        return none if zones is None else zones.of_columns(self._in_zone < zones.least)

    def may_close(self, column: int) -> bool:
        """Say whether the quota of its zone lets a column go."""
        zones = self.instance.zones
        zone = -1 if zones is None else int(zones.zone[column])
        return zones is None or zone < 0 or bool(self._in_zone[zone] > zones.least[zone])

    def barred(self, instead_of: int = -1) -> NDArray[np.bool_]:
        """Mask of the columns that quotas do not let open, or not in place of an open one."""
        zones = self.instance.zones
        if zones is None:
            return np.zeros(self.instance.n_columns, dtype=bool)
        count, own = self._in_zone.copy(), -1 if instead_of < 0 else int(zones.zone[instead_of])
        if own >= 0:
            count[own] -= 1
            if count[own] < zones.least[own]:
                different: NDArray[np.bool_] = zones.zone != own
                return different
        return zones.of_columns(count >= zones.most)

    def loss(self, column: int) -> float:
        """Weight that only this open column serves."""
        rows = self.rows_of(column)
        return float(self.weight[rows[self.count[rows] == 1]].sum())

    def best_to_open(self, most: int) -> int:
        """Return the allowed column of greatest gain, ties to the first; -1 if none wins anything or is needed.

        Once no more than ``most`` may be opened and quotas need so many, the column is one that they need.
        """
        if not len(self.gain):
            return -1
        shut = self.is_open | (self.blocked > 0) | self.barred()
        allowed = np.where(shut, 0.0, self.gain)
        best = int(np.argmax(allowed))
        missing = self.missing
        if missing and (missing >= most or allowed[best] <= 0):
            needed = np.where(shut | ~self.is_short(), -1.0, self.gain)
            best = int(np.argmax(needed))
            return best if needed[best] >= 0 else -1
        return best if allowed[best] > 0 else -1


def fill(state: OpenSites, p: int) -> None:
    """Open the column of greatest gain until ``p`` are open or none wins anything or is needed."""
    while (left := p - int(state.is_open.sum())) > 0:
        best = state.best_to_open(left)
        if best < 0:
            return
        state.open(best)
