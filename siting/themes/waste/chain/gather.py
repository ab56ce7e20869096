"""Many sources as few: those of one cell are taken to one of them, and what that may change is bounded.

Let ``r(i)`` be the source that stands for source ``i``, and ``d`` the way by road. For any plan
``d(r(i), j) <= d(r(i), i) + d(i, j)``, so what a plan costs for the gathered sources is at most what it costs for all
of them plus ``E = sum_i s_i c d(r(i), i)``: a bound for the gathered ones, less ``E``, is a bound for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from siting.access import CostMatrix, cost_matrix

if TYPE_CHECKING:
    from siting.network import Network

_HALVINGS = 60
_FIRST_REACH = 4.0
_WIDEST_REACH = 64.0
_SPARE = 0.95
# Cells are chosen for so many of the sources allowed: some sources have to stand for themselves.


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """Which source stands for which.

    Attributes
    ----------
    seat : shape (n_groups,), position of the source that stands for a group
    group : shape (n_sources,), the group of each source
    away_m : shape (n_sources,), by road from the seat of its group to the source
    """

    seat: NDArray[np.intp]
    group: NDArray[np.intp]
    away_m: NDArray[np.float64]

    @property
    def is_whole(self) -> bool:
        """Whether every source stands for itself."""
        return len(self.seat) == len(self.group)

    def sums(self, amount: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up amounts, shape (n_sources, …), by group."""
        total = np.zeros((len(self.seat), *amount.shape[1:]))
        np.add.at(total, self.group, amount)
        return total


def gather(network: Network, sources: gpd.GeoDataFrame, tonnes: NDArray[np.float64], most: int) -> Gathered:
    """Take sources together, so that at most so many are left.

    Parameters
    ----------
    network : drive network, with lengths
    sources : points, all of which reach the streets
    tonnes : shape (n_sources,), of all streams
    most : sources that may be left; where a cell's source reaches another of the cell by no road, it stands for itself
    """
    n = len(sources)
    alone = np.arange(n)
    if n <= most:
        return Gathered(alone, alone, np.zeros(n))
    xy = sources.geometry.get_coordinates().to_numpy()
    side = _cell_side(xy, max(1, int(_SPARE * most)))
    cell = _cells(xy, side)
    seat = _seats(xy, tonnes, cell)
    away = _away(network, sources, seat[cell], side)
    lost = ~np.isfinite(away)
    stands = np.unique(np.concatenate([seat[cell[~lost]], np.flatnonzero(lost)]))
    stand_of = np.where(lost, alone, seat[cell])
    return Gathered(stands, np.searchsorted(stands, stand_of), np.where(lost, 0.0, away))


def _cells(xy: NDArray[np.float64], side: float) -> NDArray[np.intp]:
    at = np.floor((xy - xy.min(axis=0)) / side).astype(np.int64)
    return np.unique(at, axis=0, return_inverse=True)[1].reshape(-1).astype(np.intp)


def _cell_side(xy: NDArray[np.float64], most: int) -> float:
    """Return the side of the smallest square cells of which at most so many are used, to one part in a thousand."""
    low, high = 0.0, float(max(1.0, np.ptp(xy, axis=0).max() * 1.001))
    for _ in range(_HALVINGS):
        if high - low <= 0.001 * high:
            break
        side = 0.5 * (low + high)
        if _cells(xy, side).max() + 1 <= most:
            high = side
        else:
            low = side
    return high


def _seats(xy: NDArray[np.float64], tonnes: NDArray[np.float64], cell: NDArray[np.intp]) -> NDArray[np.intp]:
    """Position of the source nearest to the centre of mass of each cell, the first of equals."""
    n_cells = int(cell.max()) + 1
    mass = np.where(np.bincount(cell, weights=tonnes, minlength=n_cells)[cell] > 0, tonnes, 1.0)
    total = np.bincount(cell, weights=mass, minlength=n_cells)
    centre = np.column_stack([np.bincount(cell, weights=mass * xy[:, k], minlength=n_cells) / total for k in (0, 1)])
    off = np.linalg.norm(xy - centre[cell], axis=1)
    order = np.lexsort((np.arange(len(cell)), off, cell))
    return order[np.searchsorted(cell[order], np.arange(n_cells))].astype(np.intp)


def _away(network: Network, sources: gpd.GeoDataFrame, seat: NDArray[np.intp], side: float) -> NDArray[np.float64]:
    """By road from its seat to each source; ``inf`` where that, or the way back, is far longer than the cell."""
    away = np.where(seat == np.arange(len(seat)), 0.0, np.inf)
    reach = _FIRST_REACH * side
    while reach <= _WIDEST_REACH * side and np.isinf(away).any():
        left = np.flatnonzero(np.isinf(away))
        used, place = np.unique(seat[left], return_inverse=True)
        seats, members = gpd.GeoDataFrame(sources.iloc[used]), gpd.GeoDataFrame(sources.iloc[left])
        own = np.arange(len(left))
        there = _of_pairs(cost_matrix(network, seats, members, reach), place, own)
        back = _of_pairs(cost_matrix(network, members, seats, reach), own, place)
        away[left] = np.where(np.isfinite(back), there, np.inf)
        reach *= _FIRST_REACH
    return away


def _of_pairs(cost: CostMatrix, row: NDArray[np.intp], column: NDArray[np.intp]) -> NDArray[np.float64]:
    """Costs of some pairs, ``inf`` where they are not stored."""
    found = np.full(len(row), np.inf)
    if not cost.n_pairs:
        return found
    n_columns = cost.shape[1]
    stored = cost.row_of * n_columns + cost.indices
    wanted = row * n_columns + column
    at = np.minimum(np.searchsorted(stored, wanted), cost.n_pairs - 1)
    hit = stored[at] == wanted
    found[hit] = cost.cost[at[hit]]
    return found
