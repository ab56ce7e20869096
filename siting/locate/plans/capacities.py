"""What each site of a plan can take: by a column of the candidates, or one number for all."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.errors import InputError
from siting.ledger import Text
from siting.locate.plans.layout import Layout

OF_FACILITIES = "capacity"
"""The column in which the facilities of a study carry their capacity."""


def capacities_of(
    name: str,
    capacity: str | float | None,
    pool: gpd.GeoDataFrame,
    usable: "pd.Index[Any]",
    layout: Layout,
    existing: gpd.GeoDataFrame | None,
) -> tuple["pd.Series[float] | None", tuple[Text, ...]]:
    """Return the capacity of every column, by label, and what a reader should know of it; None where none is asked.

    Existing facilities have their own; where one has none, the number that is given for all.

    Raises
    ------
    InputError
        No such column, or candidates or facilities without a capacity.
    """
    if capacity is None:
        return None, ()
    columns = pd.Index(layout.cost.columns)
    rooms = pd.Series(0.0, index=columns)
    if isinstance(capacity, str):
        if capacity not in pool.columns:
            msg = f"{name}: candidates have no column '{capacity}' for their capacity; give one, or a number for all"
            raise InputError(msg)
        own = pd.to_numeric(pool.loc[usable, capacity], errors="coerce")
        _refuse_bad(name, "candidates", capacity, own)
        rooms = rooms.add(own, fill_value=0.0).reindex(columns)
    else:
        rooms[columns.isin(usable)] = float(capacity)
    if not layout.existing or existing is None:
        return rooms, ()
    column = next((c for c in (OF_FACILITIES, capacity) if isinstance(c, str) and c in existing.columns), None)
    known = pd.Series(np.nan, index=existing.index.astype(str))
    if column is not None:
        known = pd.to_numeric(existing[column], errors="coerce").set_axis(known.index)
    labels = [label.removeprefix("existing/") if label not in known.index else label for label in layout.existing]
    found = known[~known.index.duplicated()].reindex(labels).set_axis(list(layout.existing))
    unknown = found.isna()
    told: tuple[Text, ...] = ()
    if unknown.any() and isinstance(capacity, str):
        msg = (
            f"{name}: {int(unknown.sum())} of {len(found)} existing facilities have no capacity (first "
            f"{found.index[unknown][:3].tolist()}); give [facilities] capacity, a number for all, or existing = false"
        )
        raise InputError(msg)
    if unknown.any():
        count, room = f"{int(unknown.sum()):,}", f"{capacity:,.10g}"
        told = (
            Text(
                f"{count} 处现有设施没有容量数据，按每处 {room} 计",
                f"{count} existing facilities state no capacity: each is taken to have room for {room}",
            ),
        )
        found = found.fillna(float(capacity))
    _refuse_bad(name, "existing facilities", column or "capacity", found)
    rooms[list(layout.existing)] = found
    return rooms, told


def _refuse_bad(name: str, whose: str, column: str, values: "pd.Series[Any]") -> None:
    numbers = values.to_numpy(dtype=np.float64)
    bad = ~np.isfinite(numbers) | (numbers < 0)
    if bad.any():
        msg = (
            f"{name}: {int(bad.sum())} of {len(values)} {whose} have no usable '{column}' (first "
            f"{values.index[bad][:3].tolist()}): a capacity of 0 or more is needed for each"
        )
        raise InputError(msg)
