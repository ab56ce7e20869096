"""Closed estates: each needs a collection point of its own, inside or at its edge."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.coverage.schema import in_crs, keyed
from siting.coverage.served import limit_in_mm
from siting.inputs.schema import listed
from siting.ledger import Finding, Text
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.waste.points.part import names_of

CLOSED = "waste.point.closed"
HAS, NONE = "has", "none"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estates:
    """Closed estates and their points.

    Attributes
    ----------
    estates : index = id, most people without first; ``name``, ``people`` (NaN = not known), ``points`` (inside or at
        the edge), ``nearest`` and ``nearest_m`` (from the edge, 0 inside), ``state``
    rule : one point for each closed estate
    edge_m : how near to the edge is at the edge: the study's own
    """

    estates: gpd.GeoDataFrame
    rule: Rule
    edge_m: float
    findings: tuple[Finding, ...]

    @property
    def without(self) -> gpd.GeoDataFrame:
        """Estates without a point."""
        return gpd.GeoDataFrame(self.estates[self.estates["state"] == NONE])


def estates_of(city: City, layer: gpd.GeoDataFrame, points: gpd.GeoDataFrame, edge_m: float) -> Estates:
    """Count the points of each estate.

    Parameters
    ----------
    layer : closed estates as areas; an estate given as a point counts points within ``edge_m`` of it
    points : collection points
    edge_m : a point this near to the boundary is the estate's own, the limit itself included
    """
    layer = in_crs("estates", keyed(layer), city.crs)
    layer = gpd.GeoDataFrame(layer.set_axis(layer.index.astype(str).rename("id"), axis=0))
    shape = np.asarray(layer.geometry, dtype=object)
    gone = np.asarray(shapely.is_missing(shape) | shapely.is_empty(shape))
    twice = np.asarray(layer.index.duplicated())
    findings = []
    for code, rows, zh, en in (
        ("place", gone, "没有位置，未评判", "have no place: not judged"),
        ("id", twice & ~gone, "编号重复，只计首行", "repeat an id: the first counts"),
    ):
        if rows.any():
            text = Text(f"封闭小区：{int(rows.sum())} 行{zh}", f"closed estates: {int(rows.sum())} rows {en}")
            ids = listed(layer.index[rows])
            found = Finding(code=f"waste_estate_{code}", kind="dropped", count=int(rows.sum()), text=text, ids=ids)
            findings.append(found)
    layer = gpd.GeoDataFrame(layer[~gone & ~twice])
    shape = np.asarray(layer.geometry, dtype=object)
    count = np.zeros(len(layer), dtype=np.int64)
    near = np.full(len(layer), np.nan)
    nearest = np.full(len(layer), None, dtype=object)
    if len(points) and len(layer):
        place = np.asarray(points.geometry, dtype=object)
        tree = shapely.STRtree(place)
        row, point = tree.query(shape, predicate="dwithin", distance=edge_m + 1.0)
        metres = shapely.distance(shape[row], place[point])
        inside = np.rint(metres * 1000).astype(np.int64) <= limit_in_mm(edge_m) if edge_m > 0 else metres == 0
        np.add.at(count, row[inside], 1)
        row, point = tree.query_nearest(shape, all_matches=True)
        first = pd.DataFrame({"row": row, "id": points.index.astype(str)[point]}).groupby("row")["id"].min()
        nearest[first.index] = first.to_numpy()
        near = shapely.distance(shape, place[points.index.get_indexer(pd.Index(nearest))])
    people = _people(city, shape)
    made = gpd.GeoDataFrame(
        {
            "name": names_of(layer),
            "people": people,
            "points": count,
            "nearest": nearest,
            "nearest_m": near,
            "state": np.where(count > 0, HAS, NONE),
        },
        geometry=shape,
        crs=city.crs,
        index=layer.index,
    )
    order = np.lexsort((made.index.to_numpy(dtype=object), -np.nan_to_num(people), count > 0))
    return Estates(
        estates=gpd.GeoDataFrame(made.iloc[order]), rule=city.catalogue[CLOSED], edge_m=edge_m, findings=tuple(findings)
    )


def _people(city: City, shape: np.ndarray) -> np.ndarray:
    """People whose home lies in each estate; NaN where people are not known."""
    if "people" not in city.demand.columns:
        return np.full(len(shape), np.nan)
    row, home = shapely.STRtree(np.asarray(city.demand.geometry)).query(shape, predicate="intersects")
    total = np.zeros(len(shape))
    np.add.at(total, row, city.demand["people"].to_numpy(dtype=np.float64)[home])
    return total
