"""The ground around each demand point: nearer to it than to any other point, and no farther than a given reach."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import Voronoi

LINK_M = 150.0
"""Neighbouring unserved points at most this far apart belong to one gap. A choice of this toolkit, in no standard."""
LINK_SPACINGS = 1.5
"""Where points are sparser (a grid, census cells), they link within this many times their usual spacing."""
_FRAME = 10.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DemandCells:
    """Cells and neighbours of demand points, made once a study: they do not depend on who is served.

    Attributes
    ----------
    index : ids of the demand points
    place : shape (n,), position among the distinct places of each point
    xy : shape (k, 2), the distinct places, from west to east
    cell : shape (k,), polygon around each place: Voronoi cell, cut at ``link_m`` / 2 from the place
    pair : shape (q, 2), places that are neighbours (their Voronoi cells share an edge)
    pair_m : shape (q,), distance between them
    link_m : how far apart neighbours may be to belong to one gap
    """

    index: pd.Index
    place: NDArray[np.int64]
    xy: NDArray[np.float64]
    cell: NDArray[np.object_]
    pair: NDArray[np.int64]
    pair_m: NDArray[np.float64]
    link_m: float


def demand_cells(demand: gpd.GeoDataFrame | gpd.GeoSeries, link_m: float | None = None) -> DemandCells:
    """Build the cells of demand points.

    Parameters
    ----------
    demand : points; rows at one place (to the millimetre) share a cell
    link_m : see `DemandCells`; default: `LINK_M`, or `LINK_SPACINGS` times the median distance from a place to its
        nearest other, whichever is more
    """
    rounded = np.rint(shapely.get_coordinates(np.asarray(demand.geometry)) * 1000).astype(np.int64)
    places, place = np.unique(rounded, axis=0, return_inverse=True)
    xy = places / 1000.0
    diagram = _framed_voronoi(xy)
    pair = np.sort(diagram.ridge_points[(diagram.ridge_points < len(xy)).all(axis=1)].astype(np.int64), axis=1)
    pair = pair[np.lexsort((pair[:, 1], pair[:, 0]))]
    pair_m = np.hypot(*(xy[pair[:, 0]] - xy[pair[:, 1]]).T)
    if link_m is None:
        nearest = np.full(len(xy), np.inf)
        np.minimum.at(nearest, pair.ravel(), np.repeat(pair_m, 2))
        spacing = float(np.median(nearest)) if len(pair) else 0.0
        link_m = max(LINK_M, LINK_SPACINGS * spacing)
    return DemandCells(
        index=demand.index,
        place=place.reshape(-1),
        xy=xy,
        cell=_cut_cells(diagram, xy, link_m / 2),
        pair=pair,
        pair_m=pair_m,
        link_m=link_m,
    )


def _framed_voronoi(xy: NDArray[np.float64]) -> Voronoi:
    """Voronoi diagram around the centre of the points, closed by four far points, so that every cell is bounded."""
    centre = xy.mean(axis=0)
    far = _FRAME * max(float(np.ptp(xy, axis=0).max()), 1000.0)
    frame = far * np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    return Voronoi(np.vstack([xy - centre, frame]))


def _cut_cells(diagram: Voronoi, xy: NDArray[np.float64], reach_m: float) -> NDArray[np.object_]:
    """Polygons of the cells, cut by a circle where they go beyond ``reach_m``."""
    regions = [diagram.regions[k] for k in diagram.point_region[: len(xy)]]
    length = np.fromiter((len(r) for r in regions), dtype=np.int64, count=len(regions))
    row = np.repeat(np.arange(len(xy)), length)
    corner = diagram.vertices[np.concatenate(regions)] + xy.mean(axis=0)
    cell = np.asarray(shapely.polygons(shapely.linearrings(corner, indices=row)), dtype=object)
    farthest = np.zeros(len(xy))
    np.maximum.at(farthest, row, np.hypot(*(corner - xy[row]).T))
    wide = farthest > reach_m
    circle = shapely.buffer(shapely.points(xy[wide]), reach_m, quad_segs=8)
    cell[wide] = shapely.intersection(cell[wide], circle)
    return cell
