"""Stations that stand: their capacity as the layer says it, the class that it makes them, and what they cost."""

from __future__ import annotations

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.coverage.schema import in_crs, keyed
from siting.errors import InputError
from siting.inputs.schema import parse_numbers, some
from siting.ledger import Finding, Text
from siting.themes.waste.ground.plots import rows_found
from siting.themes.waste.stations.classes import StationClass, class_of

VERSION_COLUMNS = ["site", "name", "status", "station_class", "capacity_t_day", "capacity_by_land_t_day",
                   "fixed_cost_day", "cost_per_t", "streams", "area_m2", "room_m2"]  # fmt: skip
CAPACITY = "capacity_t_day"


@dataclass(frozen=True, slots=True, kw_only=True)
class StationCost:
    """What a station of one class costs, in the study's own money."""

    fixed_cost_day: float
    cost_per_t: float = 0.0

    def __post_init__(self) -> None:
        for name in ("fixed_cost_day", "cost_per_t"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                msg = f"cost of a station: {name} is {value!r}, expected 0 or more"
                raise InputError(msg)


def amounts(frame: pd.DataFrame, column: str, layer: str) -> tuple[np.ndarray, tuple[Finding, ...]]:
    """Read a column of numbers of 0 or more; what is not one is unknown (NaN) and listed."""
    if column not in frame.columns:
        return np.full(len(frame), np.nan), ()
    values, _, unreadable = parse_numbers(frame[column])
    bad = unreadable | np.isinf(values) | (values < 0)
    values = np.where(bad, np.nan, values)
    if not bad.any():
        return values, ()
    text = Text(
        f"{layer}：{column} 有 {int(bad.sum())} 行非数字或为负，按未知处理",
        f"{layer}: {column} of {int(bad.sum())} rows is no number or negative; taken as not known",
    )
    return values, (rows_found(f"{column}_unusable", "warning", frame.index[bad], text),)


def grounds_of(stand: gpd.GeoDataFrame, plots: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the grounds of stations that could be enlarged: areas, with a known capacity.

    Raises
    ------
    InputError
        A station and a plot have the same id.
    """
    both = stand.index.intersection(plots.index)
    if len(both):
        msg = f"existing: {some(both)} is also the id of a plot; give stations ids of their own"
        raise InputError(msg)
    flat = stand.geom_type.isin(["Polygon", "MultiPolygon"]) & stand["capacity_t_day"].notna()
    made = gpd.GeoDataFrame(stand.loc[flat, ["name", "geometry"]])
    return gpd.GeoDataFrame(made.set_geometry(made.geometry.make_valid()))


def standing_versions(
    existing: gpd.GeoDataFrame | None, classes: tuple[StationClass, ...], crs: object
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Return the stations that stand as versions of status "existing"; rows without a geometry are listed.

    Raises
    ------
    InputError
        Ids repeat.
    """
    empty = gpd.GeoDataFrame(pd.DataFrame(columns=VERSION_COLUMNS), geometry=[], crs=crs)
    if existing is None or not len(existing):
        return empty, ()
    layer = keyed(in_crs("existing", existing, crs))
    layer = gpd.GeoDataFrame(layer.set_axis(pd.Index(layer.index.astype(str), name="id"), axis=0))
    if not layer.index.is_unique:
        msg = f"existing: ids repeat ({some(layer.index[layer.index.duplicated()])}). Give each station its own"
        raise InputError(msg)
    shapes = np.asarray(layer.geometry.array, dtype=object)
    bad = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    findings: list[Finding] = []
    if bad.any():
        text = Text(
            f"现有转运站：{int(bad.sum())} 行无几何，未采用",
            f"existing stations: {int(bad.sum())} rows have no geometry",
        )
        findings.append(rows_found("station_no_geometry", "warning", layer.index[bad], text))
        layer, shapes = gpd.GeoDataFrame(layer[~bad]), shapes[~bad]
    capacity, said = amounts(layer, CAPACITY, "existing")
    findings += said
    fixed, said = amounts(layer, "fixed_cost_day", "existing")
    findings += said
    running, said = amounts(layer, "cost_per_t", "existing")
    findings += said
    unknown = np.isnan(capacity)
    if unknown.any():
        text = Text(
            f"现有转运站：{int(unknown.sum())} 座能力未知，类别未定",
            f"existing stations: the capacity of {int(unknown.sum())} is not known, so they have no class",
        )
        findings.append(rows_found("station_capacity_unknown", "warning", layer.index[unknown], text))
    found = [None if np.isnan(t) else class_of(t, classes) for t in capacity]
    flat = shapely.get_dimensions(shapes) == 2
    made = pd.DataFrame(
        {
            "site": layer.index.to_numpy(),
            "name": layer["name"].to_numpy() if "name" in layer.columns else None,
            "status": "existing",
            "station_class": [None if c is None else c.id for c in found],
            "capacity_t_day": capacity,
            "capacity_by_land_t_day": np.nan,
            "fixed_cost_day": fixed,
            "cost_per_t": running,
            "streams": layer["streams"].fillna("").astype(str).to_numpy() if "streams" in layer.columns else "",
            "area_m2": np.where(flat, np.round(shapely.area(shapes), 1), np.nan),
            "room_m2": np.nan,
        },
        index=layer.index,
    )
    return gpd.GeoDataFrame(made[VERSION_COLUMNS], geometry=layer.geometry, crs=crs), tuple(findings)
