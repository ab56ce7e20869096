"""How much residential land lies within the radius of a facility: the official service-radius arithmetic."""

from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.coverage.land import GRID_M, LandPieces
from siting.coverage.ratio import DM2_PER_M2

BUFFER_QUAD_SEGS = 64
"""Chords to a quarter circle of a radius: its area falls short of the true circle by 0.01 %."""
RIM_SLACK = 0.015
"""Share of the radius within which a piece is cut exactly, because an outline of chords, and its simplification inside
GEOS (up to 1 % of the radius), may differ from the true distance there."""


class Radius(NamedTuple):
    """Facilities that serve up to one radius, and how far each piece of land is from the nearest of them.

    Attributes
    ----------
    facilities : points or polygons, in the CRS of the land
    distance_m : shape (n_piece,), straight distance from each piece's point to the nearest facility; inf if none
    limit_m : the radius
    """

    facilities: gpd.GeoDataFrame
    distance_m: NDArray[np.float64]
    limit_m: float


def straight_served_dm2(
    land: LandPieces, facilities: gpd.GeoDataFrame, distance_m: NDArray[np.float64], limit_m: float
) -> NDArray[np.int64]:
    """Area of each piece within the straight-line radius of at least one facility; see `served_by_radii_dm2`."""
    return served_by_radii_dm2(land, [Radius(facilities, distance_m, limit_m)])


def served_by_radii_dm2(land: LandPieces, radii: Sequence[Radius]) -> NDArray[np.int64]:
    """Area of each piece within the straight-line radius of at least one facility, each size class with its own radius.

    The radius is drawn from the boundary of a facility (not its centre). The circles are united before they are
    intersected with the land, so land that two of them reach counts once, of whatever class they are.

    Parameters
    ----------
    land : pieces
    radii : the facilities of each class

    Returns
    -------
    shape (n_piece,), whole square decimetres, from 0 to the area of the piece.
    """
    inside, near = np.zeros(len(land), dtype=np.bool_), np.zeros(len(land), dtype=np.bool_)
    for one in radii:
        slack = RIM_SLACK * one.limit_m
        inside |= one.distance_m + land.radius_m <= one.limit_m - slack
        near |= one.distance_m - land.radius_m <= one.limit_m + slack
    served = np.where(inside, land.area_dm2, 0)
    rim = np.flatnonzero(near & ~inside)
    drawn = [
        shapely.buffer(np.asarray(one.facilities.geometry), one.limit_m, quad_segs=BUFFER_QUAD_SEGS) for one in radii
    ]
    circle = np.concatenate([np.empty(0, dtype=object), *drawn])
    if not len(rim) or not len(circle):
        return served
    piece = np.asarray(land.pieces.geometry)[rim]
    shapely.prepare(circle)
    pair_circle, pair_piece = shapely.STRtree(piece).query(circle, predicate="intersects")
    # Pieces that one circle holds whole need no cutting; the others are cut by each circle, and the cuts united.
    full = np.zeros(len(rim), dtype=np.bool_)
    full[pair_piece[shapely.covers(circle[pair_circle], piece[pair_piece])]] = True
    cut = ~full[pair_piece]
    part = shapely.intersection(circle[pair_circle[cut]], piece[pair_piece[cut]], grid_size=GRID_M)
    area = _united_area(part, pair_piece[cut], len(rim))
    served[rim] = np.minimum(np.rint(area * DM2_PER_M2).astype(np.int64), land.area_dm2[rim])
    served[rim[full]] = land.area_dm2[rim[full]]
    return served


def _united_area(part: NDArray[np.object_], group: NDArray[np.int64], n_groups: int) -> NDArray[np.float64]:
    """Area of the union of the parts of each group, shape (n_groups,)."""
    count = np.bincount(group, minlength=n_groups)
    area = np.zeros(n_groups)
    single = count[group] == 1
    area[group[single]] = shapely.area(part[single])
    rest, shape = group[~single], part[~single]
    order = np.argsort(rest, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(rest[order])) + 1):
        if len(rows):
            area[rest[rows[0]]] = shapely.union_all(shape[rows], grid_size=GRID_M).area
    return area
