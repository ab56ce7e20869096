"""The arithmetic of floating catchments over any costs: who shares which supply with whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from siting.access.amounts import checked_amounts, totals
from siting.access.cost import CostMatrix
from siting.access.decay import Decay
from siting.errors import SchemaError

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]


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
    row, column, c, rows, columns, known = pairs_of(cost)
    limit = np.inf if cutoff is None else float(cutoff)
    far = limit if selection_cutoff is None else float(selection_cutoff)
    if not far >= limit:
        msg = f"floating catchment: selection_cutoff {far} is below the cutoff {limit}; facilities in reach must count"
        raise SchemaError(msg)
    needed = min(far, decay.reach)
    if known < needed:
        msg = f"floating catchment: costs end at {known}, but count as far as {needed}; compute them so far"
        raise SchemaError(msg)
    n, m = len(rows), len(columns)
    shared = sized(people, rows, "people")
    offered = sized(supply, columns, "supply")
    weight = np.zeros(len(c))
    weight[c <= far] = decay(c[c <= far])
    if selection_cutoff is not None:
        whole = np.asarray(totals(row, weight, n), dtype=np.float64)[row]
        weight = weight * np.divide(weight, whole, out=np.zeros(len(c)), where=whole > 0)
    inside = np.flatnonzero((c <= limit) & (weight > 0))
    row, column, c, weight = row[inside], column[inside], c[inside], weight[inside]
    crowd = np.asarray(totals(column, shared[row] * weight, m), dtype=np.float64)
    ratio = np.divide(offered, crowd, out=np.full(m, np.nan), where=crowd > 0)
    access = np.asarray(totals(row, np.nan_to_num(ratio[column]) * weight, n), dtype=np.float64)
    nearest = np.full(n, np.inf)
    np.minimum.at(nearest, row, c)
    return FloatingCatchment(
        access=pd.DataFrame({"access": access, "nearest": nearest}, index=rows),
        sites=pd.DataFrame({"supply": offered, "demand": crowd, "ratio": ratio}, index=columns),
    )


def pairs_of(
    cost: CostMatrix | ArrayLike,
) -> tuple[Positions, Positions, Floats, pd.Index[Any], pd.Index[Any], float]:
    """Row, column and cost of every pair with a path, labels of both sides, and the largest cost that is known."""
    if isinstance(cost, CostMatrix):
        return cost.row_of, cost.indices.astype(np.int64), cost.cost, cost.rows, cost.columns, cost.cutoff
    dense = np.asarray(cost, dtype=np.float64)
    if dense.ndim != 2:
        msg = f"floating catchment: cost has shape {dense.shape}, expected (demand, facilities)"
        raise SchemaError(msg)
    if not (dense >= 0).all():  # also False for NaN
        bad = int((~(dense >= 0)).sum())
        msg = f"floating catchment: {bad} costs are NaN or negative; write inf where there is no path"
        raise SchemaError(msg)
    row, column = np.nonzero(np.isfinite(dense))
    return row, column, dense[row, column], pd.RangeIndex(dense.shape[0]), pd.RangeIndex(dense.shape[1]), np.inf


def sized(values: ArrayLike, index: pd.Index[Any], name: str) -> Floats:
    """Amounts as floats, one for every label."""
    given = np.asarray(values)
    if given.shape != (len(index),):
        msg = f"floating catchment: {name} has shape {given.shape}, but the costs ask for {len(index)} of them"
        raise SchemaError(msg)
    return np.asarray(checked_amounts(given, index, f"floating catchment: {name}"), dtype=np.float64)
