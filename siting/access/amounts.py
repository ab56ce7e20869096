"""Amounts that rows carry (people, beds, jobs), and sums of them that do not depend on the order of rows."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import SchemaError
from siting.network.layers import first, labels

THOUSANDTHS = 1000
LARGEST_EXACT = 2.0**53
LARGEST_EACH = 2.0**40

Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Amounts = Longs | Floats


def amounts_of(layer: gpd.GeoDataFrame, field: str | None, name: str) -> Amounts:
    """Return a column of amounts, shape (n,): int64 where it holds integers, else float64; None counts each row once.

    Raises
    ------
    SchemaError
        The column is missing or holds what is no number, not finite or negative.
    """
    if field is None:
        return np.ones(len(layer), dtype=np.int64)
    if field not in layer.columns:
        numeric = [str(c) for c in layer.columns if pd.api.types.is_numeric_dtype(layer[c])]
        msg = f"{name}: no column '{field}'. Name one of its columns of numbers: {', '.join(numeric) or '(none)'}"
        raise SchemaError(msg)
    return checked_amounts(layer[field], labels(layer, name), f"{name}: column '{field}'")


def checked_amounts(values: object, index: pd.Index, name: str) -> Amounts:
    """Return numbers as int64 or float64, refused with the ids of the rows where one is missing or negative."""
    column = pd.Series(np.asarray(values) if not isinstance(values, pd.Series) else values.array, index=index)
    if not pd.api.types.is_numeric_dtype(column):
        msg = f"{name} has no numbers but {column.dtype}; convert it first: pandas.to_numeric(…)"
        raise SchemaError(msg)
    number = column.to_numpy(dtype=np.float64, na_value=np.nan)
    bad = ~(np.isfinite(number) & (number >= 0))
    if bad.any():
        msg = (
            f"{name}: {int(bad.sum())} of {len(bad)} rows are missing, not finite or negative (ids {first(index[bad])})"
        )
        raise SchemaError(msg + ". Fill them in, with 0 where there is none")
    whole = pd.api.types.is_integer_dtype(column) or pd.api.types.is_bool_dtype(column)
    return column.to_numpy(dtype=np.int64) if whole else number


def thousandths(amount: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return amounts in thousandths, and where these are whole numbers that sums of millions hold exactly."""
    milli = np.rint(amount * THOUSANDTHS)
    return milli, (milli / THOUSANDTHS == amount) & (milli < LARGEST_EACH)


def totals(group: NDArray[np.integer], amount: Amounts, n: int) -> Amounts:
    """Sum of the amounts of each of ``n`` groups, the same for every order of rows and whatever other groups hold.

    Integers, and numbers of whole thousandths, are summed exactly. Groups with others are added up in ascending order.
    """
    if np.issubdtype(amount.dtype, np.integer):
        exact = np.zeros(n, dtype=np.int64)
        np.add.at(exact, group, amount)
        return exact
    milli, whole = thousandths(amount.astype(np.float64, copy=False))
    sums = np.bincount(group, weights=milli, minlength=n)
    odd = (np.bincount(group[~whole], minlength=n) > 0) | (sums >= LARGEST_EXACT)
    made = sums / THOUSANDTHS
    if odd.any():
        some = np.flatnonzero(odd[group])
        some = some[np.lexsort((amount[some], group[some]))]
        made[odd] = np.bincount(group[some], weights=amount[some], minlength=n)[odd]
    return made
