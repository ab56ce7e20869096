"""Cells for the page: a column is a list of numbers, a string of marks, or words said once with their places."""

from typing import Any

import numpy as np
import pandas as pd

PLACES = 2
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
    return [_near(value, limit) for value in column.to_numpy(dtype=np.float64, na_value=np.nan).tolist()]


def _near(value: float, limit: float | None) -> int | float | None:
    if not np.isfinite(value):
        return None
    for places in (0 if value >= WHOLE_FROM else 1, 1, 3):
        rounded = round(value, places)
        if limit is None or (rounded <= limit) == (value <= limit):
            break
    return int(rounded) if rounded.is_integer() else rounded


def packed_numbers(column: pd.Series) -> list[int | float | None]:
    """Return numbers with as many places as a reader needs: two, more below one, none where they are whole."""
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return [_short(value) for value in values.tolist()]


def _short(value: float) -> int | float | None:
    if not np.isfinite(value):
        return None
    rounded = round(value, PLACES) if abs(value) >= 1 else float(f"{value:.4g}")
    return int(rounded) if rounded.is_integer() else rounded
