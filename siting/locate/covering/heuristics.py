"""Good sites fast: greedy, one-for-one interchange, and shaken neighbourhoods. No proof is claimed here."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from siting.locate.covering.reduce import Instance

# Of the shake: how many sites are forced open at most, how often a neighbourhood is repaired, from which share of the
# current value a full interchange is worth its time, and how much worse an answer may be to go on from it.
_FORCED = 4
_LOCAL_PASSES = 5
_PROMISING = 0.999
_ACCEPTED = 0.9998


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

    def swap_for(self, column: int) -> bool:
        """Replace an open column by the one that wins most, if that wins anything at all."""
        rows = self.rows_of(column)
        only = rows[self.count[rows] == 1]
        blocked = self.blocked.copy()
        blocked[self.near(column)] -= 1
        shut = self.is_open | (blocked > 0) | self.barred(column)
        gain = np.where(shut, -1.0, self.gain + self.weight_by_column(only))
        best = int(np.argmax(gain))
        if gain[best] <= self.weight[only].sum():
            return False
        self.close(column)
        self.open(best)
        return True


def fill(state: OpenSites, p: int) -> None:
    """Open the column of greatest gain until ``p`` are open or none wins anything or is needed."""
    while (left := p - int(state.is_open.sum())) > 0:
        best = state.best_to_open(left)
        if best < 0:
            return
        state.open(best)


def interchange(state: OpenSites, deadline: float) -> None:
    """Swap one open column for another as long as that wins."""
    improved = True
    while improved:
        improved = False
        for column in state.columns.tolist():
            if time.perf_counter() > deadline:
                return
            improved |= state.swap_for(column)


def local_search(
    instance: Instance,
    p: int,
    *,
    seed: int,
    patience: int,
    deadline: float,
    start: Sequence[int] | NDArray[np.intp] = (),
    enough: float = np.inf,
) -> NDArray[np.intp]:
    """Greedy and interchange, then shake a neighbourhood and repair it, again and again.

    Parameters
    ----------
    p : at most so many columns
    patience : stop after so many rounds in a row that did not improve the best answer
    deadline : of `time.perf_counter`; a search that it stops may differ between runs
    start : columns to start from instead of nothing
    enough : a proved bound: no further search once it is reached

    Returns
    -------
    columns, ascending; they fall short of a quota only if nothing that meets it was found
    """
    rng = np.random.default_rng(seed)
    state = OpenSites(instance)
    for column in start:
        state.open(int(column))
    fill(state, p)
    interchange(state, deadline)
    fill(state, p)
    best, best_value = state.columns, state.value if not state.missing else -1.0
    current, current_value = best, best_value
    idle = 0
    while idle < patience and best_value < enough and len(best) and time.perf_counter() < deadline:
        idle += 1
        nearby = _shake(state, p, rng)
        fill(state, p)
        _repair(state, nearby, deadline)
        if state.value > current_value * _PROMISING:
            interchange(state, deadline)
        fill(state, p)
        if state.missing:
            _return_to(state, current)
            continue
        if state.value > best_value:
            best, best_value, idle = state.columns, state.value, 0
        # Slightly worse answers are walked through, or the search would never leave a hill.
        if state.value > current_value * _ACCEPTED:
            current, current_value = state.columns, state.value
        else:
            _return_to(state, current)
    return best


def _shake(state: OpenSites, p: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Close a site, open a few others that share rows with it, close what is then least useful.

    Returns the mask of columns that share rows with the closed one.
    """
    closed = int(rng.choice(state.columns))
    nearby = state.shares_rows_with(closed)
    others = np.flatnonzero(nearby & ~state.is_open)
    state.close(closed)
    opened = set()
    for column in rng.permutation(others)[: int(rng.integers(1, _FORCED + 1))].tolist():
        if state.blocked[column] == 0 and not state.barred()[column]:
            state.open(column)
            opened.add(column)
    while int(state.is_open.sum()) > p:
        columns = [c for c in state.columns.tolist() if c not in opened and state.may_close(c)]
        columns = columns or state.columns.tolist()
        state.close(min(columns, key=state.loss))
    return nearby


def _repair(state: OpenSites, nearby: NDArray[np.bool_], deadline: float) -> None:
    """Swap the open columns of one neighbourhood as long as that wins."""
    for _ in range(_LOCAL_PASSES):
        columns = state.columns
        improved = False
        for column in columns[nearby[columns]].tolist():
            if time.perf_counter() > deadline:
                return
            # A swap before may have closed it.
            improved |= bool(state.is_open[column]) and state.swap_for(column)
        if not improved:
            return


def _return_to(state: OpenSites, columns: NDArray[np.intp]) -> None:
    target = np.zeros(state.instance.n_columns, dtype=bool)
    target[columns] = True
    for column in np.flatnonzero(state.is_open & ~target):
        state.close(int(column))
    for column in np.flatnonzero(target & ~state.is_open):
        state.open(int(column))


def drop_needless(instance: Instance, columns: Sequence[int] | NDArray[np.intp]) -> NDArray[np.intp]:
    """Take away columns whose rows others serve, those with the fewest rows first."""
    state = OpenSites(instance)
    for column in columns:
        state.open(int(column))
    size = np.diff(instance.reached_by.indptr)
    for column in sorted(state.columns.tolist(), key=lambda j: (size[j], -j)):
        rows = state.rows_of(column)
        if (state.count[rows] > 1).all() and state.may_close(column):
            state.close(column)
    return state.columns
