"""A stand-in for the labelled cost matrix of the access stage."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class LabelledMatrix:
    """The fields of a CostMatrix that the models read."""

    indptr: np.ndarray
    indices: np.ndarray
    cost_mm: np.ndarray
    rows: pd.Index
    columns: pd.Index
    unit: str = "m"
    cutoff: float = np.inf


def labelled(dense_m: Any, rows: Any = None, columns: Any = None, cutoff: float = np.inf) -> LabelledMatrix:
    """Label a dense table of metres; what lies beyond the cutoff is not stored."""
    dense = np.asarray(dense_m, dtype=float)
    keep = np.isfinite(dense) & (dense <= cutoff)
    return LabelledMatrix(
        indptr=np.concatenate([[0], np.cumsum(keep.sum(axis=1))]).astype(np.int64),
        indices=np.nonzero(keep)[1].astype(np.int64),
        cost_mm=np.rint(dense[keep] * 1000).astype(np.int64),
        rows=pd.Index([f"D{i}" for i in range(len(dense))] if rows is None else rows),
        columns=pd.Index([f"C{j}" for j in range(dense.shape[1])] if columns is None else columns),
        cutoff=cutoff,
    )
