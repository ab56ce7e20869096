"""The arithmetic of floating catchments over any costs: who shares which supply with whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from siting.access.amounts import checked_amounts, totals
from siting.access.cost import CostMatrix
from siting.access.decay import Decay
from siting.errors import SchemaError

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]
Work = Callable[[Positions, Positions, Positions, Floats], Floats]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FloatingCatchment:
    """What people can reach of a supply that they share.

    Attributes
    ----------
    access : index = demand id; ``access``, supply per person, 0 where no facility is reached; ``nearest``, cost to the
        nearest facility with a weight, ``inf`` where there is none
    sites : index = facility id; ``supply``, ``demand`` (people, weighted), ``ratio`` = supply / demand, NaN where
        nobody reaches the facility
    """

    access: pd.DataFrame
    sites: pd.DataFrame

    @property
    def unreachable(self) -> int:
        """Number of demand points that reach no facility."""
        return int((~np.isfinite(self.access["nearest"].to_numpy())).sum())

    @property
    def unreached_sites(self) -> int:
        """Number of facilities that nobody reaches."""
        return int(self.sites["ratio"].isna().sum())

    @property
    def unused_supply(self) -> float:
        """Supply of the facilities that nobody reaches; the rest is shared out whole."""
        return float(self.sites.loc[self.sites["ratio"].isna(), "supply"].sum())


def floating_catchment(
    cost: CostMatrix | ArrayLike,
    people: ArrayLike,
    supply: ArrayLike,
    decay: Decay,
    *,
    cutoff: float | None = None,
    selection_cutoff: float | None = None,
) -> FloatingCatchment:
    """Floating catchments over costs at hand; formulas stand at `two_step_fca` and `three_step_fca`.

    Parameters
    ----------
    cost : a `CostMatrix`, or an array of shape (n_demand, n_facility) in any unit, ``inf`` = no path
    people : shape (n_demand,), 0 or more
    supply : shape (n_facility,), 0 or more
    decay : its parameters are in the unit of the costs
    cutoff : largest cost within a catchment, inclusive; None: as far as the decay is above 0
    selection_cutoff : given, people share themselves out among the facilities within it first (third step)

    Raises
    ------
    SchemaError
        Shapes disagree; a cost is NaN or negative; people or supply are missing or negative; the selection cutoff is
        below the cutoff, or the costs of a CostMatrix end before it.
    """
    given, known = pairs_of(cost)
    limit = np.inf if cutoff is None else float(cutoff)
    far = limit if selection_cutoff is None else float(selection_cutoff)
    needed = min(far, decay.reach)
    if known < needed:
        msg = f"floating catchment: costs end at {known}, but count as far as {needed}; compute them so far"
        raise SchemaError(msg)
    return shared_out(given, people, supply, decay, limit, None if selection_cutoff is None else far)


def shared_out(
    costs: Costs, people: ArrayLike, supply: ArrayLike, decay: Decay, limit: float, selection: float | None
) -> FloatingCatchment:
    """Go through the costs block by block: by point (who chooses what), by facility, by point again.

    Every sum is of one point or one facility and complete within a block, so that blocks of any size give the same.
    """
    far = limit if selection is None else selection
    if not far >= limit:
        msg = f"floating catchment: selection_cutoff {far} is below the cutoff {limit}; facilities in reach must count"
        raise SchemaError(msg)
    shared, offered = sized(people, costs.rows, "people"), sized(supply, costs.columns, "supply")

    def fading(c: Floats) -> Floats:
        weight = np.zeros(len(c))
        weight[c <= far] = decay(c[c <= far])
        return weight

    whole: Floats | None = None
    if selection is not None:
        whole = joined(costs.by_point(lambda ids, row, _, c: summed(row, fading(c), len(ids))), len(costs.rows))

    def counted(point: Positions, c: Floats) -> tuple[Positions, Floats]:
        weight = fading(c)
        if whole is not None:
            weight = weight * np.divide(weight, whole[point], out=np.zeros(len(c)), where=whole[point] > 0)
        inside = np.flatnonzero((c <= limit) & (weight > 0))
        return inside, weight[inside]

    def to_site(sites: Positions, row: Positions, point: Positions, c: Floats) -> Floats:
        inside, weight = counted(point, c)
        return summed(row[inside], shared[point[inside]] * weight, len(sites))

    crowd = joined(costs.by_site(to_site), len(costs.columns))
    ratio = np.divide(offered, crowd, out=np.full(len(crowd), np.nan), where=crowd > 0)
    each = np.nan_to_num(ratio)

    def to_point(points: Positions, row: Positions, site: Positions, c: Floats) -> Floats:
        inside, weight = counted(points[row], c)
        nearest = np.full(len(points), np.inf)
        np.minimum.at(nearest, row[inside], c[inside])
        return np.column_stack([summed(row[inside], each[site[inside]] * weight, len(points)), nearest])

    access = joined(costs.by_point(to_point), len(costs.rows), 2)
    return FloatingCatchment(
        access=pd.DataFrame({"access": access[:, 0].copy(), "nearest": access[:, 1].copy()}, index=costs.rows),
        sites=pd.DataFrame({"supply": offered, "demand": crowd, "ratio": ratio}, index=costs.columns),
    )


def summed(group: Positions, amount: Floats, n: int) -> Floats:
    """Sum up floats by group."""
    return np.asarray(totals(group, amount, n), dtype=np.float64)


def joined(blocks: Sequence[tuple[Positions, Floats]], n: int, *width: int) -> Floats:
    """Put the answers of blocks in their places."""
    made = np.zeros((n, *width))
    for ids, some in blocks:
        made[ids] = some
    return made


class Costs(Protocol):
    """Costs of pairs with a path, handed out in blocks of complete rows or columns."""

    @property
    def rows(self) -> pd.Index[Any]:
        """Labels of the points."""

    @property
    def columns(self) -> pd.Index[Any]:
        """Labels of the facilities."""

    def by_point(self, work: Work) -> Sequence[tuple[Positions, Floats]]:
        """Hand out rows; see `siting.access.crowd.Crowd.by_point`."""

    def by_site(self, work: Work) -> Sequence[tuple[Positions, Floats]]:
        """Hand out columns."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """All pairs at hand, as one block."""

    row: Positions
    column: Positions
    cost: Floats
    rows: pd.Index[Any]
    columns: pd.Index[Any]

    def by_point(self, work: Work) -> Sequence[tuple[Positions, Floats]]:
        """Hand out all rows."""
        ids = np.arange(len(self.rows))
        return [(ids, work(ids, self.row, self.column, self.cost))]

    def by_site(self, work: Work) -> Sequence[tuple[Positions, Floats]]:
        """Hand out all columns."""
        ids = np.arange(len(self.columns))
        return [(ids, work(ids, self.column, self.row, self.cost))]


def pairs_of(cost: CostMatrix | ArrayLike) -> tuple[Pairs, float]:
    """Every pair with a path, and the largest cost that is known."""
    if isinstance(cost, CostMatrix):
        return Pairs(cost.row_of, cost.indices.astype(np.int64), cost.cost, cost.rows, cost.columns), cost.cutoff
    dense = np.asarray(cost, dtype=np.float64)
    if dense.ndim != 2:
        msg = f"floating catchment: cost has shape {dense.shape}, expected (demand, facilities)"
        raise SchemaError(msg)
    if not (dense >= 0).all():  # also False for NaN
        bad = int((~(dense >= 0)).sum())
        msg = f"floating catchment: {bad} costs are NaN or negative; write inf where there is no path"
        raise SchemaError(msg)
    row, column = np.nonzero(np.isfinite(dense))
    labels = pd.RangeIndex(dense.shape[0]), pd.RangeIndex(dense.shape[1])
    return Pairs(row, column, dense[row, column], *labels), np.inf


def sized(values: ArrayLike, index: pd.Index[Any], name: str) -> Floats:
    """Amounts as floats, one for every label."""
    given = np.asarray(values)
    if given.shape != (len(index),):
        msg = f"floating catchment: {name} has shape {given.shape}, but the costs ask for {len(index)} of them"
        raise SchemaError(msg)
    return np.asarray(checked_amounts(given, index, f"floating catchment: {name}"), dtype=np.float64)
