"""A p-center problem as levels: the distinct costs in order, and for every row and column who lies within each."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from siting.locate.choice import Choice
from siting.locate.costs import Costs

NEVER = np.int32(2**31 - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Center:
    """What is left of a p-center problem once existing and required sites are open.

    Attributes
    ----------
    values : the distinct costs, ascending; a level is a position among them
    ids : shape (n_rows,), the caller's row of each; their order depends on what the rows are, not on the caller's
    base : shape (n_rows,), level of the nearest site that is open anyway, `NEVER` if there is none
    row_start, row_column, row_level : columns that each row reaches, nearest first
    column_start, column_row, column_level : rows that each column reaches, nearest first
    choice : which columns may be open together
    """

    values: NDArray[np.float64]
    ids: NDArray[np.intp]
    base: NDArray[np.int32]
    row_start: NDArray[np.int64]
    row_column: NDArray[np.int32]
    row_level: NDArray[np.int32]
    column_start: NDArray[np.int64]
    column_row: NDArray[np.int32]
    column_level: NDArray[np.int32]
    choice: Choice

    @property
    def n_rows(self) -> int:
        """Number of demand rows."""
        return len(self.base)

    def nearest(self, is_open: NDArray[np.bool_]) -> NDArray[np.int32]:
        """Return the level of the nearest open site for every row."""
        level: NDArray[np.int32] = _nearest(
            self.base, self.column_start, self.column_row, self.column_level, np.flatnonzero(is_open)
        )
        return level

    def row_ends(self, level: int) -> NDArray[np.int64]:
        """Return where the entries of each row within the level end."""
        ends: NDArray[np.int64] = _ends(self.row_start, self.row_level, level)
        return ends

    def column_ends(self, level: int) -> NDArray[np.int64]:
        """Return where the entries of each column within the level end."""
        ends: NDArray[np.int64] = _ends(self.column_start, self.column_level, level)
        return ends

    def pad(self, is_open: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Open columns until there are ``k``, each the nearest to the row that is worst off; for free choices only."""
        is_open = is_open.copy()
        now = self.nearest(is_open)
        for _ in range(self.choice.k - int(is_open.sum())):
            row = int(np.argmax(now))
            columns = self.row_column[self.row_start[row] : self.row_start[row + 1]]
            closed = columns[~is_open[columns]]
            j = int(closed[0]) if len(closed) else int(np.argmin(is_open))
            is_open[j] = True
            part = slice(self.column_start[j], self.column_start[j + 1])
            rows = self.column_row[part]
            now[rows] = np.minimum(now[rows], self.column_level[part])
        return is_open


def make_center(costs: Costs, choice: Choice, open_anyway: NDArray[np.intp]) -> Center:
    """Bring costs into levels.

    Parameters
    ----------
    open_anyway : positions of existing and required sites
    """
    local = np.full(costs.n_candidates, -1, dtype=np.int64)
    local[choice.columns] = np.arange(choice.n_columns)
    is_open = np.zeros(costs.n_candidates, dtype=bool)
    is_open[open_anyway] = True
    keep = (local[costs.indices] >= 0) | is_open[costs.indices]
    row, candidate = costs.row_of_entry()[keep], costs.indices[keep]
    values, level = np.unique(costs.cost[keep], return_inverse=True)
    level = level.reshape(-1).astype(np.int32)
    base = np.full(costs.n_demand, NEVER, dtype=np.int32)
    fixed = is_open[candidate]
    np.minimum.at(base, row[fixed], level[fixed])
    # What is not nearer than a site that is open anyway serves nobody better.
    use = ~fixed & (level < base[row])
    row, column, level = row[use], local[candidate[use]], level[use]
    ids = np.argsort(_fingerprints(base, row, column, level), kind="stable").astype(np.intp)
    place = np.empty(costs.n_demand, dtype=np.int64)
    place[ids] = np.arange(costs.n_demand)
    base, row = base[ids], place[row]
    by_row, by_column = np.lexsort((column, level, row)), np.lexsort((row, level, column))
    return Center(
        values=values,
        ids=ids,
        base=base,
        row_start=_starts(row, costs.n_demand),
        row_column=column[by_row].astype(np.int32),
        row_level=level[by_row].astype(np.int32),
        column_start=_starts(column, choice.n_columns),
        column_row=row[by_column].astype(np.int32),
        column_level=level[by_column].astype(np.int32),
        choice=choice,
    )


def _starts(index: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(np.bincount(index, minlength=n)))).astype(np.int64)


@njit(cache=True, nogil=True)
def _fingerprints(base, row, column, level):  # type: ignore[no-untyped-def]
    """Return a number for every row that tells what it reaches at which level, in whatever order it says so."""
    marks = base.astype(np.uint64)
    for k in range(len(row)):
        z = (np.uint64(column[k]) << np.uint64(32)) + np.uint64(level[k]) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        marks[row[k]] += z ^ (z >> np.uint64(31))
    return marks


@njit(cache=True, nogil=True)
def _nearest(base, start, row, level, columns):  # type: ignore[no-untyped-def]
    now = base.copy()
    for j in columns:
        for e in range(start[j], start[j + 1]):
            if level[e] < now[row[e]]:
                now[row[e]] = level[e]
    return now


@njit(cache=True, nogil=True)
def _ends(start, level, limit):  # type: ignore[no-untyped-def]
    ends = np.empty(len(start) - 1, dtype=np.int64)
    for i in range(len(ends)):
        low, high = start[i], start[i + 1]
        while low < high:
            middle = (low + high) // 2
            if level[middle] <= limit:
                low = middle + 1
            else:
                high = middle
        ends[i] = low
    return ends
