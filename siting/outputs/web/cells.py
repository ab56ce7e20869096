"""Cells for the page: a column is a list of numbers, a string of marks, or words said once with their places."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

PLACES, SMALL_PLACES = 2, 5
WHOLE_FROM = 100
"""A cost from here on is shown without places."""


def packed_column(column: pd.Series) -> dict[str, Any]:
    """Return one column in the shortest plain form; what is missing stays missing.

    Returns
    -------
    ``marks`` : truth values as one string of "1", "0" and "-"; or
    ``numbers`` : numbers, None where unknown; or
    ``words`` and ``at`` : each text once, and the place of every row's text, -1 where there is none
    """
    if pd.api.types.is_bool_dtype(column.dtype):
        unknown = column.isna().to_numpy(dtype=bool)
        truth = column.fillna(False).to_numpy(dtype=bool)
        return {"marks": "".join(np.where(unknown, "-", np.where(truth, "1", "0")).tolist())}
    if pd.api.types.is_numeric_dtype(column.dtype):
        return {"numbers": packed_numbers(column)}
    codes, words = pd.factorize(column.astype("str"), use_na_sentinel=True)
    return {"words": [str(w) for w in words], "at": codes.tolist()}


def packed_costs(column: pd.Series, limit: float | None) -> list[int | float | None]:
    """Return costs as whole metres or minutes to one place; one near the limit with as many places as keep its side."""
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    rounded = np.where(values >= WHOLE_FROM, np.round(values), np.round(values, 1))
    for places in (1, 3) if limit is not None else ():
        crossed = (rounded <= limit) != (values <= limit)
        rounded[crossed] = np.round(values[crossed], places)
    return _plain(rounded)


def packed_numbers(column: pd.Series) -> list[int | float | None]:
    """Return numbers with as many places as a reader needs: two, five below one, none where they are whole."""
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return _plain(np.where(np.abs(values) >= 1, np.round(values, PLACES), np.round(values, SMALL_PLACES)))


def _plain(values: NDArray[np.float64]) -> list[int | float | None]:
    known, whole = np.isfinite(values).tolist(), (values == np.floor(values)).tolist()
    return [
        (int(v) if is_whole else v) if is_known else None
        for v, is_known, is_whole in zip(values.tolist(), known, whole, strict=True)
    ]
