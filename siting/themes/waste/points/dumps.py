"""Informal dumps: how far the nearest legal point is from each."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from siting.coverage.schema import in_crs, keyed
from siting.coverage.served import served_mask
from siting.inputs.schema import listed
from siting.ledger import Finding, Text
from siting.themes.city import City
from siting.themes.waste.points.part import names_of

WITHIN, BEYOND = "within", "beyond"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dumps:
    """Informal dumps, the farthest from a legal point first.

    Attributes
    ----------
    dumps : index = id; ``name``, ``order``, ``nearest`` (legal point), ``straight_m``, ``network_m`` (NaN without
        streets), ``people`` within the radius of the dump (NaN = not known), ``state``: a dump with a legal point
        within the radius is a matter of order, one beyond it also of supply
    """

    dumps: gpd.GeoDataFrame
    limit_m: float
    findings: tuple[Finding, ...]


def dumps_of(city: City, layer: gpd.GeoDataFrame, points: gpd.GeoDataFrame, limit_m: float) -> Dumps:
    """Measure each dump to its nearest collection point, and count who lives within the radius of it."""
    layer = in_crs("dumps", keyed(layer), city.crs)
    shape = np.asarray(layer.geometry, dtype=object)
    gone = np.asarray(shapely.is_missing(shape) | shapely.is_empty(shape)) | np.asarray(layer.index.duplicated())
    findings = []
    if gone.any():
        n = int(gone.sum())
        text = Text(
            f"非正规堆放点：{n} 行没有位置或编号重复，未计入",
            f"dumps: {n} rows without a place or with an id that occurs before",
        )
        findings.append(
            Finding(code="waste_dump_row", kind="dropped", count=n, text=text, ids=listed(layer.index[gone]))
        )
    layer = gpd.GeoDataFrame(layer[~gone])
    layer = gpd.GeoDataFrame(layer.set_axis(layer.index.astype(str).rename("id"), axis=0))
    places = gpd.GeoDataFrame(geometry=layer.geometry.representative_point(), crs=city.crs, index=layer.index)
    line = city.searches.nearest(places, points, "straight")
    walked = np.full(len(layer), np.nan)
    if city.network is not None and len(layer):
        walked = city.searches.nearest(places, points, "network").cost
    near = served_mask(line.cost, limit_m) if len(layer) else np.zeros(0, dtype=bool)
    people = np.full(len(layer), np.nan)
    if "people" in city.demand.columns and len(layer):
        row, home = shapely.STRtree(np.asarray(city.demand.geometry)).query(
            np.asarray(layer.geometry), predicate="dwithin", distance=limit_m
        )
        people = np.zeros(len(layer))
        np.add.at(people, row, city.demand["people"].to_numpy(dtype=np.float64)[home])
    made = gpd.GeoDataFrame(
        {
            "name": names_of(layer),
            "nearest": line.facility,
            "straight_m": line.cost,
            "network_m": walked,
            "people": people,
            "state": np.where(near, WITHIN, BEYOND),
        },
        geometry=np.asarray(layer.geometry),
        crs=city.crs,
        index=layer.index,
    )
    order = np.lexsort((made.index.to_numpy(dtype=object), -line.cost))
    made = gpd.GeoDataFrame(made.iloc[order])
    made.insert(1, "order", np.arange(1, len(made) + 1))
    return Dumps(dumps=made, limit_m=limit_m, findings=tuple(findings))
