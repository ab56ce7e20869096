"""Slopes along streets from heights, and what they do to the pace of a walk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph
from scipy.sparse import linalg as sparse_linalg

from siting.errors import InputError
from siting.network.profiles import SlopeLaw
from siting.units import MM_PER_M

if TYPE_CHECKING:
    from siting.network.graph import Network

STEP_M = 15.0
"""Heights are taken at least this densely along an edge: half the cell of the usual global models."""
BYTE_MAX_M = 255.0
"""The highest height of a model that holds bytes."""

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Heights = str | Path | Callable[[gpd.GeoSeries], Floats]
"""A GeoTIFF of heights in metres, or a function that gives them at points (NaN where they are not known)."""


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """Slopes of the stretches of edges: stretches of edge ``e`` are ``ptr[e]:ptr[e + 1]``, equally long, from u to v.

    Attributes
    ----------
    slope : shape (n_stretch,), rise/run from u to v; 0 where a height is not known
    unknown : shape (m,), whether a height along the edge is not known
    capped : shape (m,), whether a height along the edge is 255 m and none is higher: a model of bytes ends there, and
        all that is higher is flat in it
    """

    ptr: Longs
    slope: Floats
    unknown: NDArray[np.bool_]
    capped: NDArray[np.bool_]

    def steepness(self) -> Floats:
        """Return how steep each edge is on average, up or down, shape (m,).

        Not the steepest stretch: with heights in whole metres every 30 m two neighbouring cells seldom agree to 5 in
        100, and most streets of a hilly city would be closed by one of them.
        """
        made: Floats = np.add.reduceat(np.abs(self.slope), self.ptr[:-1]) / np.diff(self.ptr)
        return made

    def mean_factor(self, law: SlopeLaw, *, backward: bool = False) -> Floats:
        """Return how many times as long as on the flat each edge takes, shape (m,); exactly 1 on the flat."""
        factor = pace_factor(-self.slope if backward else self.slope, law)
        made: Floats = np.add.reduceat(factor, self.ptr[:-1]) / np.diff(self.ptr)
        return made


def pace_factor(slope: Floats, law: SlopeLaw) -> Floats:
    """Time for a stretch by the time for it on the flat.

    ``exp(steepness x (|slope - fastest_at| - |fastest_at|))``: the inverse of Tobler's hiking function, scaled so that
    a walker has their own speed on the flat. Lengths are planar, as everywhere.
    """
    made: Floats = np.exp(law.steepness * (np.abs(slope - law.fastest_at) - abs(law.fastest_at)))
    return made


def edge_slopes(network: Network, heights: Heights, step_m: float = STEP_M) -> Slopes:
    """Take heights along every edge, and slopes between them.

    A bridge or tunnel runs evenly between the places where it meets the ground, whatever lies above or below it; so do
    several that join.

    Raises
    ------
    InputError
        Heights are given for none of the streets: they are of another place.
    """
    above = network.edges["bridge"].to_numpy(dtype=bool) | network.edges["tunnel"].to_numpy(dtype=bool)
    length_m = np.asarray(shapely.length(network.lines), dtype=np.float64)
    count = np.where(above, 1, np.maximum(np.ceil(length_m / step_m), 1)).astype(np.int64)
    ptr = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    # Between the ends of an edge of n stretches lie n - 1 places.
    inner = count - 1
    edge = np.repeat(np.arange(network.n_edges), inner)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(inner) - inner, inner) + 1
    between = shapely.line_interpolate_point(network.lines[edge], number / count[edge] * length_m[edge])
    points = np.concatenate([shapely.points(network.xy), between])
    found = at_points(gpd.GeoSeries(points, crs=network.crs), heights)
    node = heights_of_structures(network, above, found[: network.n_nodes])
    # One row of heights an edge: its start, the places between, its end.
    start = ptr[:-1] + np.arange(network.n_edges)
    row = np.empty(ptr[-1] + network.n_edges)
    row[start] = node[network.edge_u]
    row[start + count] = node[network.edge_v]
    row[start[edge] + number] = found[network.n_nodes :]
    last = np.zeros(len(row), dtype=bool)
    last[start + count] = True
    rise = (np.append(row[1:], 0.0) - row)[~last]
    run_m = np.repeat(network.edge_mm / MM_PER_M / count, count)
    known = np.isfinite(rise)
    slope = np.divide(rise, run_m, out=np.zeros_like(rise), where=known & (run_m > 0))
    top = np.zeros(len(row), dtype=bool) if np.nanmax(found) != BYTE_MAX_M else row == BYTE_MAX_M
    capped = np.asarray(np.add.reduceat(top, start) > 0)
    return Slopes(ptr, slope, np.asarray(np.add.reduceat(~known, ptr[:-1]) > 0), capped)


def at_points(points: gpd.GeoSeries, heights: Heights) -> Floats:
    """Heights at points, shape (n,), NaN where they are not known."""
    if isinstance(heights, str | Path):
        from siting.inputs.rasters import sample

        found = sample(heights, points)
    else:
        found = np.asarray(heights(points), dtype=np.float64)
    if found.shape != (len(points),):
        msg = f"elevation: {found.shape} heights for {len(points)} points; give one a point"
        raise InputError(msg)
    if not np.isfinite(found).any():
        msg = "elevation: it has no height along any street. Check that it is of the same city, and its CRS"
        raise InputError(msg)
    return np.where(np.isfinite(found), found, np.nan)


def heights_of_structures(network: Network, above: NDArray[np.bool_], ground: Floats) -> Floats:
    """Heights of nodes: those of the ground, but for nodes that only bridges and tunnels touch.

    Along these a structure runs evenly: each such node has the mean of its neighbours, weighted by the inverse of their
    distance, which on a single chain is the straight line between both ends. One that meets the ground nowhere keeps
    the ground's heights.
    """
    n = network.n_nodes
    on_ground = np.zeros(n, dtype=bool)
    for end in (network.edge_u, network.edge_v):
        on_ground[end[~above]] = True
    part = np.flatnonzero(above & (network.edge_u != network.edge_v))
    u, v = network.edge_u[part], network.edge_v[part]
    known = on_ground & np.isfinite(ground)
    usable = (known | ~on_ground)[u] & (known | ~on_ground)[v]
    u, v = u[usable], v[usable]
    weight = MM_PER_M / np.maximum(network.edge_mm[part[usable]], 1)
    links = sparse.coo_array((np.append(weight, weight), (np.append(u, v), np.append(v, u))), shape=(n, n)).tocsr()
    # Only free nodes that are joined, over free nodes, to a known one have a height to find.
    free = ~on_ground
    _, group = csgraph.connected_components(links[free][:, free], directed=False)
    touches = np.asarray(links[free][:, known].sum(axis=1)).ravel() > 0
    held = np.zeros(group.max(initial=-1) + 1, dtype=bool)
    held[group[touches]] = True
    solve = np.flatnonzero(free)[held[group]]
    height = ground.copy()
    if len(solve):
        total: Floats = np.asarray(links[solve].sum(axis=1), dtype=np.float64).ravel()
        right: Floats = np.asarray(links[solve][:, known] @ ground[known], dtype=np.float64)
        system = sparse.csc_array(sparse.diags_array(total) - links[solve][:, solve])
        height[solve] = sparse_linalg.splu(system).solve(right)
    return height
