"""The ground around each demand point: nearer to it than to any other point, and no farther than a given reach."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import Voronoi

from siting.coverage.dissolve import Seams

LINK_M = 150.0
"""Neighbouring unserved points at most this far apart belong to one gap. A choice of this toolkit, in no standard."""
LINK_SPACINGS = 1.5
"""Where points are sparser (a grid, census cells), they link within this many times their usual spacing."""
ARC_STEP = np.pi / 16
"""Circles are drawn in 32 chords."""
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
    seams : the outlines of the cells side by side
    """

    index: pd.Index
    place: NDArray[np.int64]
    xy: NDArray[np.float64]
    cell: NDArray[np.object_]
    pair: NDArray[np.int64]
    pair_m: NDArray[np.float64]
    link_m: float
    seams: Seams


def demand_cells(demand: gpd.GeoDataFrame | gpd.GeoSeries, link_m: float | None = None) -> DemandCells:
    """Build the cells of demand points.

    Parameters
    ----------
    demand : points; rows at one place (to the millimetre) share a cell
    link_m : see `DemandCells`; default: `LINK_M`, or `LINK_SPACINGS` times the median distance from a place to its
        nearest other, whichever is more
    """
    rounded = np.rint(shapely.get_coordinates(np.asarray(demand.geometry)) * 1000).astype(np.int64)
    places, place = _distinct(rounded)
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
    cell, seams = _cut_cells(diagram, xy, link_m / 2)
    return DemandCells(
        index=demand.index,
        place=place.reshape(-1),
        xy=xy,
        cell=cell,
        pair=pair,
        pair_m=pair_m,
        link_m=link_m,
        seams=seams,
    )


def _framed_voronoi(xy: NDArray[np.float64]) -> Voronoi:
    """Voronoi diagram around the centre of the points, closed by four far points, so that every cell is bounded."""
    centre = xy.mean(axis=0)
    far = _FRAME * max(float(np.ptp(xy, axis=0).max()), 1000.0)
    frame = far * np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    return Voronoi(np.vstack([xy - centre, frame]))


@dataclass(frozen=True, slots=True)
class _Edges:
    """Edges of Voronoi cells, each cut to the part within reach; two cells that share an edge share its numbers.

    Attributes
    ----------
    cell : shape (m,), cell of each remaining edge, in the order of the cell's outline
    start, end : shape (m, 2), where the remaining part begins and ends along that outline
    from_cut, to_cut : shape (m,), whether it begins, ends on the circle instead of at a corner of the cell
    turn : shape (m,), 1 where the outline runs counter-clockwise, -1 where clockwise
    shared : shape (m,), number of the edge, which is that of the same edge of the neighbouring cell
    """

    cell: NDArray[np.int64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    from_cut: NDArray[np.bool_]
    to_cut: NDArray[np.bool_]
    turn: NDArray[np.float64]
    shared: NDArray[np.int64]


def _cut_cells(diagram: Voronoi, xy: NDArray[np.float64], reach_m: float) -> tuple[NDArray[np.object_], Seams]:
    """Polygons of the cells, cut by a circle of ``reach_m`` around their place.

    No overlay is made: an edge between two cells is cut once for both, so that cells fit together to the last bit and
    can be dissolved without loss. (Overlays of such nearly coincident edges lose whole cells now and then.)
    """
    edges = _edges_within(diagram, xy, reach_m)
    n = len(xy)
    count = np.bincount(edges.cell, minlength=n)
    first = np.cumsum(count) - count
    k = np.arange(len(edges.cell))
    following = np.where(k + 1 < first[edges.cell] + count[edges.cell], k + 1, first[edges.cell])
    # From the end of one edge to the start of the next the outline follows the circle.
    centre = xy[edges.cell]
    angle = np.arctan2(*(edges.end - centre).T[::-1])
    sweep = (np.arctan2(*(edges.start[following] - centre).T[::-1]) - angle) * edges.turn % (2 * np.pi)
    sweep[(sweep > 2 * np.pi - 1e-6) & (count[edges.cell] > 1)] = 0.0
    steps = np.where(edges.to_cut, np.maximum(np.ceil(sweep / ARC_STEP) - 1, 0), 0).astype(np.int64)
    row = np.repeat(k, steps)
    number = np.arange(len(row)) - np.repeat(np.cumsum(steps) - steps, steps) + 1
    bearing = angle[row] + edges.turn[row] * sweep[row] * number / (steps[row] + 1)
    arc = centre[row] + reach_m * np.column_stack([np.cos(bearing), np.sin(bearing)])
    alone = np.flatnonzero(count == 0)
    full = np.arange(0, 2 * np.pi, ARC_STEP)
    circle = xy[alone][:, None, :] + reach_m * np.column_stack([np.cos(full), np.sin(full)])[None]
    begins = edges.from_cut
    corner = np.vstack([edges.start[begins], edges.end, arc, circle.reshape(-1, 2)])
    owner = np.concatenate([edges.cell[begins], edges.cell, edges.cell[row], np.repeat(alone, len(full))])
    place = np.concatenate(
        [3 * k[begins], 3 * k + 1, 3 * row + 2, np.zeros(circle.shape[0] * len(full), dtype=np.int64)]
    )
    order = np.lexsort((place, owner))
    corner, owner, place = corner[order], owner[order], place[order]
    leftwards = np.ones(n, dtype=np.bool_)
    leftwards[edges.cell] = edges.turn > 0
    seams = Seams(
        corner=corner,
        first=np.searchsorted(owner, np.arange(n + 1)).astype(np.int64),
        twin=_twins(edges, place, np.isin(owner, alone)),
        leftwards=leftwards,
    )
    return np.asarray(shapely.polygons(shapely.linearrings(corner, indices=owner)), dtype=object), seams


def _twins(edges: _Edges, place: NDArray[np.int64], alone: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Which other side of a cell is the same, by corner; a side ends at the corner of its number.

    Parameters
    ----------
    place : shape (m,), of each corner along its outline: three times the edge's number, and 1 where it ends an edge
    alone : shape (m,), whether the corner is on a circle that no edge cuts
    """
    side = np.flatnonzero((place % 3 == 1) & ~alone)
    number = edges.shared[place[side] // 3]
    order = np.argsort(number, kind="stable")
    same = np.flatnonzero(number[order][1:] == number[order][:-1])
    twin = np.full(len(place), -1, dtype=np.int64)
    one, other = side[order[same]], side[order[same + 1]]
    twin[one], twin[other] = other, one
    return twin


def _edges_within(diagram: Voronoi, xy: NDArray[np.float64], reach_m: float) -> _Edges:
    """Parts of the cells' edges that lie within reach of their place."""
    regions = [diagram.regions[k] for k in diagram.point_region[: len(xy)]]
    length = np.fromiter((len(r) for r in regions), dtype=np.int64, count=len(regions))
    cell = np.repeat(np.arange(len(xy)), length)
    a = np.concatenate(regions).astype(np.int64)
    k, last = np.arange(len(a)), np.repeat(np.cumsum(length), length) - 1
    b = a[np.where(k < last, k + 1, last - length[cell] + 1)]
    vertex = diagram.vertices + xy.mean(axis=0)
    turn = np.bincount(cell, weights=_cross(vertex[a] - xy[cell], vertex[b] - xy[cell]), minlength=len(xy))
    # One place speaks for each corner and each edge: all that share it are equally far, but for rounding.
    speaker = np.full(len(vertex), -1, dtype=np.int64)
    speaker[a[::-1]] = k[::-1]  # written last: the first
    corner = np.flatnonzero(speaker >= 0)
    near = np.zeros(len(vertex), dtype=np.bool_)
    near[corner] = np.hypot(*(vertex[corner] - xy[cell[speaker[corner]]]).T) <= reach_m
    ends, edge = _distinct(np.column_stack([np.minimum(a, b), np.maximum(a, b)]))
    speaker = np.full(len(ends), -1, dtype=np.int64)
    speaker[edge[::-1]] = k[::-1]
    low, high, centre = vertex[ends[:, 0]], vertex[ends[:, 1]], xy[cell[speaker]]
    along = high - low
    size = np.maximum((along**2).sum(axis=1), np.finfo(np.float64).tiny)
    middle = ((centre - low) * along).sum(axis=1) / size
    off_line = ((low + middle[:, None] * along - centre) ** 2).sum(axis=1)
    half = np.sqrt(np.maximum(reach_m**2 - off_line, 0.0) / size)
    near_low, near_high = near[ends[:, 0]], near[ends[:, 1]]
    from_t = np.where(near_low, 0.0, np.clip(middle - half, 0.0, 1.0))
    to_t = np.where(near_high, 1.0, np.clip(middle + half, 0.0, 1.0))
    kept = near_low | near_high | ((off_line < reach_m**2) & (from_t < to_t))
    at_low = np.where(near_low[:, None], low, low + from_t[:, None] * along)
    at_high = np.where(near_high[:, None], high, low + to_t[:, None] * along)
    rows = np.flatnonzero(kept[edge])
    edge, forward = edge[rows], (a < b)[rows, None]
    return _Edges(
        cell=cell[rows],
        start=np.where(forward, at_low[edge], at_high[edge]),
        end=np.where(forward, at_high[edge], at_low[edge]),
        from_cut=~near[a[rows]],
        to_cut=~near[b[rows]],
        turn=np.sign(turn)[cell[rows]],
        shared=edge,
    )


def _distinct(pairs: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Distinct rows of two whole numbers each, in order, and the number of every row among them."""
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    inorder = pairs[order]
    new = np.ones(len(pairs), dtype=np.bool_)
    new[1:] = (inorder[1:] != inorder[:-1]).any(axis=1)
    number = np.empty(len(pairs), dtype=np.int64)
    number[order] = np.cumsum(new) - 1
    return inorder[new], number


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
