"""The candidates of a plan: which may be used, and why the others may not."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.errors import InfeasibleError, InputError
from siting.ledger import Text


def open_pool(
    name: str,
    candidates: gpd.GeoDataFrame,
    existing: gpd.GeoDataFrame | None,
    spacing_m: float | None,
    required: Sequence[str],
) -> tuple[gpd.GeoDataFrame, int]:
    """Return the candidates with those refused that lie too near to what exists, and how many these are.

    Raises
    ------
    InfeasibleError
        A required candidate is refused, or none is left.
    """
    pool, refused_now = _too_near_existing(candidates, existing, spacing_m, set(map(str, required)))
    open_ids = pool.index[pool["allowed"].to_numpy(dtype=bool)]
    refused = [str(c) for c in required if c in pool.index and c not in set(open_ids)]
    if refused:
        msg = f"{name}: required candidate {refused[0]} is refused: {pool.loc[refused[0], 'refusal']}"
        raise InfeasibleError(msg)
    if not len(open_ids):
        msg = f"{name}: none of {len(pool)} candidates is allowed ({_reasons(pool)}). Relax a test, or give others"
        raise InfeasibleError(msg)
    return pool, refused_now


def check_ids(
    demand: gpd.GeoDataFrame, pool: gpd.GeoDataFrame, rows: "pd.Index[Any]", columns: "pd.Index[Any]"
) -> None:
    """Refuse costs of other demand, or of places that are no candidates."""
    if len(rows) != len(demand) or not rows.isin(demand.index).all():
        msg = f"cost has {len(rows)} demand rows, demand has {len(demand)}; both must hold the same ids"
        raise InputError(msg)
    unknown = columns[~columns.isin(pool.index)]
    if len(unknown):
        msg = f"cost has {len(unknown)} columns that are no candidates (first {unknown[:3].tolist()})"
        raise InputError(msg)


def _too_near_existing(
    candidates: gpd.GeoDataFrame, existing: gpd.GeoDataFrame | None, spacing_m: float | None, required: set[str]
) -> tuple[gpd.GeoDataFrame, int]:
    """Refuse candidates nearer than the spacing to an existing facility, required ones excepted."""
    pool = gpd.GeoDataFrame(candidates.copy())
    if existing is None or spacing_m is None or not len(existing) or not len(pool):
        return pool, 0
    tree = shapely.STRtree(existing.geometry.array)
    (row, place), metres = tree.query_nearest(pool.geometry.array, max_distance=spacing_m, return_distance=True)
    order = np.lexsort((place, row))
    row, place, metres = row[order], place[order], metres[order]
    first = np.unique(row, return_index=True)[1]
    row, place, metres = row[first], place[first], metres[first]
    near = (metres < spacing_m) & pool["allowed"].to_numpy(dtype=bool)[row] & ~pool.index[row].isin(list(required))
    refusal = pool["refusal"].to_numpy(dtype=object).copy()
    allowed = pool["allowed"].to_numpy(dtype=bool).copy()
    for k, other, distance in zip(row[near], existing.index[place[near]], metres[near], strict=True):
        refusal[k] = Text(
            f"距现有设施 {other} {distance:.0f} m，小于间距 {spacing_m:g} m",
            f"{distance:.0f} m from existing {other}, under the spacing of {spacing_m:g} m",
        ).both(" / ")
    allowed[row[near]] = False
    return gpd.GeoDataFrame(pool.assign(refusal=refusal, allowed=allowed)), int(near.sum())


def _reasons(pool: gpd.GeoDataFrame) -> str:
    counts = pool["refusal"].dropna().astype(str).str.rsplit(" / ", n=1).str[-1].value_counts()
    return "; ".join(f"{reason}: {n}" for reason, n in counts.iloc[:3].items()) or "no candidates"
