"""Charging stations as the data hold them: each once, with its chargers, and what is no station in service listed."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.inputs.schema import listed
from siting.ledger import Finding, Text
from siting.themes.charging.counts import read_counts

SAME_PLACE_M = 5.0
"""Two rows of one name, or one without a name, this close are one station: an assumption of this toolkit."""
_LAYER = Text("充电站", "charging stations")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StationRecords:
    """Stations in service.

    Attributes
    ----------
    stations : index = id; ``name``, ``chargers`` (NaN = not known)
    findings : rows that are no station of their own, and numbers of chargers that cannot be used
    """

    stations: gpd.GeoDataFrame
    findings: tuple[Finding, ...]


def station_records(layer: gpd.GeoDataFrame, chargers: str) -> StationRecords:
    """Read stations; a row that repeats another, or has no charger at all, is listed and does not count.

    Parameters
    ----------
    layer : facilities of class ``charging``
    chargers : its column with the chargers of a station; numbers or text
    """
    held = read_counts(layer[chargers] if chargers in layer.columns else None, len(layer))
    ids = layer.index.astype(str).rename("id")
    given = layer["name"].tolist() if "name" in layer.columns else [None] * len(layer)
    names = ["" if n is None or pd.isna(n) else str(n).strip() for n in given]
    table = gpd.GeoDataFrame(
        {"name": [n or i for n, i in zip(names, ids, strict=True)], "chargers": held.value},
        geometry=np.asarray(layer.geometry),
        crs=layer.crs,
        index=ids,
    )
    found = held.findings(ids, _LAYER, Text("充电桩数", "number of chargers"), "chargers")
    twice = _repeats(table, names)
    none = (held.value == 0) & ~twice
    for code, rows, words in (
        ("station_twice", twice, Text("与另一行位于同一处，只计一次", "stand where another row does and count once")),
        ("station_no_chargers", none, Text("充电桩数为 0，不计为充电站", "have 0 chargers and are no stations")),
    ):
        if rows.any():
            text = Text(
                f"充电站：{int(rows.sum())} 行{words.zh}", f"charging stations: {int(rows.sum())} rows {words.en}"
            )
            found.append(
                Finding(code=code, kind="warning", count=int(rows.sum()), text=text, ids=listed(table.index[rows]))
            )
    return StationRecords(stations=gpd.GeoDataFrame(table[~(twice | none)]), findings=tuple(found))


def _repeats(table: gpd.GeoDataFrame, names: list[str]) -> NDArray[np.bool_]:
    """Rows that stand where another does; of one place the row with most known chargers stays, then the first id."""
    shapes = np.asarray(table.geometry, dtype=object)
    first, second = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=SAME_PLACE_M)
    beside: list[list[int]] = [[] for _ in names]
    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        if a != b and (not names[a] or not names[b] or names[a].casefold() == names[b].casefold()):
            beside[a].append(b)
    order = np.lexsort((table.index.astype(str), -table["chargers"].fillna(-1.0).to_numpy()))
    stays: NDArray[np.bool_] = np.zeros(len(table), dtype=bool)
    for k in order.tolist():
        stays[k] = not any(stays[other] for other in beside[k])
    return ~stays
