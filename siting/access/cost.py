"""Sparse, labelled costs between demand and candidates, in whole millimetres or milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from siting.units import MM_PER_M


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CostMatrix:
    """Least cost from each demand point (row) to each candidate (column), within a cutoff.

    A stored 0 means distance 0; an absent pair lies beyond the cutoff or has no path. Row ``i`` holds the columns
    ``indices[indptr[i]:indptr[i + 1]]``, ascending, and their costs at the same places of ``cost_mm``.

    Attributes
    ----------
    indptr : shape (n_row + 1,), int64
    indices : shape (n_pair,), int32, column positions
    cost_mm : shape (n_pair,), int64, or int32 where the cutoff fits (8 bytes a pair with its column), not negative:
        thousandths of ``unit``, so millimetres, or milliseconds of times
    rows, columns : labels
    cutoff : in ``unit``, the largest cost kept (inclusive); ``inf`` where none was given
    unit : "m", or "s" for times
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    cost_mm: NDArray[np.int64] | NDArray[np.int32]
    rows: pd.Index
    columns: pd.Index
    cutoff: float
    unit: Literal["m", "s"] = "m"

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns."""
        return len(self.rows), len(self.columns)

    @property
    def n_pairs(self) -> int:
        """Number of pairs within the cutoff."""
        return len(self.indices)

    @property
    def cost(self) -> NDArray[np.float64]:
        """Costs of the stored pairs in ``unit``, shape (n_pair,)."""
        return self.cost_mm / MM_PER_M

    @property
    def row_of(self) -> NDArray[np.int64]:
        """Row position of every stored pair, shape (n_pair,)."""
        return np.repeat(np.arange(len(self.rows)), np.diff(self.indptr))

    def to_dense(self) -> NDArray[np.float64]:
        """All costs in ``unit``, shape ``self.shape``; ``inf`` where absent."""
        dense = np.full(self.shape, np.inf)
        dense[self.row_of, self.indices] = self.cost
        return dense

    def to_csr(self) -> sparse.csr_array:
        """Return the stored costs in ``unit`` as a scipy matrix; a stored 0 stays stored and means distance 0."""
        return sparse.csr_array((self.cost, self.indices, self.indptr), shape=self.shape)

    def to_frame(self) -> pd.DataFrame:
        """One row a pair: ``demand``, ``candidate``, ``cost``."""
        columns = {"demand": self.rows.take(self.row_of), "candidate": self.columns.take(self.indices)}
        return pd.DataFrame({**columns, "cost": self.cost})
