"""Shapes from the rings of outlines: holes to the polygons around them, polygons to one shape an area."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from siting.access.outline_field import segments_of_parts, squares_near
from siting.access.outline_trace import contour, outline_rings, paint_radius, rings
from siting.network.threads import in_blocks
from siting.units import MM_PER_M

if TYPE_CHECKING:
    from siting.network.graph import Network

CELLS_PER_BUFFER = 16
"""Outlines are drawn on a grid this much finer than the buffer."""
THINNED = 1 / 200
"""Outlines are thinned by this share of the buffer at most."""
BACK = 0.71 / CELLS_PER_BUFFER + THINNED
"""Outlines are drawn this share of the buffer nearer to the streets, so that they never lie beyond it: within a cell
the distance is wrong by half a diagonal at most."""
NARROWEST = 1 - 2 * BACK
"""All that is within this share of the buffer of a reached street is inside."""
_SQUARES_AT_ONCE = 64

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Rings = tuple[Floats, NDArray[np.bool_], Longs, Floats]
"""Coordinates of rings, which of them to keep, pointers, and signed areas."""


def segments_of(network: Network, edge: Longs, low: Longs, high: Longs) -> Floats:
    """Straight segments of parts of edges, shape (m, 4); from and to are millimetres along the edge."""
    scale = network.stretch[edge] * MM_PER_M
    to = np.where(high >= network.edge_mm[edge], np.inf, high / scale)
    segments, _ = segments_of_parts(network.edge_coords, network.edge_ptr, edge, low / scale, to)
    return np.asarray(segments, dtype=np.float64)


def rings_around(segments: Floats, buffer_m: float) -> Rings:
    """Rings around what lies within the buffer of segments, by squares on all cores."""
    step, level = grid_of(buffer_m)
    squares = squares_near(segments, step, paint_radius(level, step))

    def block(first: int, last: int) -> tuple[Longs, Floats, Floats]:
        made: tuple[Longs, Floats, Floats] = contour(segments, squares, first, last, step, level)
        return made

    parts = in_blocks(block, len(squares[0]), _SQUARES_AT_ONCE) or [block(0, 0)]
    pieces, x, y = (np.concatenate(column) for column in zip(*parts, strict=True))
    made: Rings = rings(pieces, x, y, THINNED * buffer_m)
    return made


def grid_of(buffer_m: float) -> tuple[float, float]:
    """Step of the grid, and the distance at which outlines are drawn."""
    return buffer_m / CELLS_PER_BUFFER, buffer_m * (1 - BACK)


def rings_alone(segments: Floats, buffer_m: float) -> Rings:
    """Do as `rings_around`, on one core."""
    made: Rings = outline_rings(segments, *grid_of(buffer_m), THINNED * buffer_m)
    return made


def shapes_beyond(sets: Sequence[Floats], buffer_m: float) -> list[shapely.Geometry]:
    """Rough shapes that hold all within the buffer of each set of segments, and nothing beyond 1.25 times that."""
    step, level, tolerance = buffer_m / 8, buffer_m * 1.13, buffer_m / 40

    def block(first: int, last: int) -> list[Rings]:
        return [outline_rings(segments, step, level, tolerance) for segments in sets[first:last]]

    return sound_shapes([rings for some in in_blocks(block, len(sets), 16) for rings in some])


def sound_shapes(drawn: Sequence[Rings]) -> list[shapely.Geometry]:
    """Return valid shapes of rings: where thinned lines cross, all their places are kept."""
    shapes = shapes_of_rings(drawn)
    for k in np.flatnonzero(~shapely.is_valid(shapes)).tolist():
        while not shapes[k].is_valid:
            if not keep_more(drawn[k]):
                drawn[k][1][:] = True
            shapes[k] = shapes_of_rings([drawn[k]])[0]
    return list(shapes)


def keep_more(rings: Rings) -> bool:
    """Keep all places of lines that cross others; whether any were left out before."""
    coords, keep, ptr, _ = rings
    at = np.flatnonzero(keep)
    ring = np.searchsorted(ptr, at, side="right")
    one = np.flatnonzero(ring[1:] == ring[:-1])
    lines = np.asarray(shapely.linestrings(np.stack([coords[at[one]], coords[at[one + 1]]], axis=1)), dtype=object)
    a, b = shapely.STRtree(lines).query(lines, predicate="intersects")
    size, start = np.diff(ptr)[ring[one] - 1] - 1, ptr[ring[one] - 1]
    # Neighbours meet at their end, the last of a ring and the first too.
    follows = (at[one + 1] - start) % size
    meets = (ring[one][a] == ring[one][b]) & (
        (follows[a] == (at[one[b]] - start[b])) | (follows[b] == (at[one[a]] - start[a]))
    )
    before = int(keep.sum())
    for line in np.unique(a[(a != b) & ~meets]).tolist():
        keep[at[one[line]] : at[one[line] + 1]] = True
    return int(keep.sum()) > before


def shapes_of_rings(drawn: Sequence[Rings]) -> NDArray[np.object_]:
    """One polygon, multipolygon or empty polygon for each set of rings."""
    coords, offsets, polygons, owner = [np.empty((0, 2))], [np.zeros(1, dtype=np.int64)], [], []
    n_rings, n_coords = 0, 0
    for k, (every, keep, starts, area) in enumerate(drawn):
        xy, ptr = every[keep], np.append(0, np.cumsum(keep))[starts]
        around = parents(xy, ptr, area)
        kept = np.flatnonzero(around >= 0)
        order = kept[np.lexsort((kept, area[kept] < 0, around[kept]))]  # each ring before its holes
        size = np.diff(ptr)[order]
        at = np.repeat(ptr[order] - np.cumsum(size) + size, size) + np.arange(size.sum())
        coords.append(xy[at])
        offsets.append(np.cumsum(size) + n_coords)
        outer = np.flatnonzero(area[order] > 0)
        polygons.append(outer + n_rings)
        owner.append(np.full(len(outer), k))
        n_rings, n_coords = n_rings + len(order), n_coords + int(size.sum())
    shapes = np.full(len(drawn), shapely.Polygon(), dtype=object)
    if n_rings == 0:
        return shapes
    ends = np.append(np.concatenate(polygons), n_rings)
    made = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, np.concatenate(coords), (np.concatenate(offsets), ends)
    )
    of = np.concatenate(owner)
    which, first, count = np.unique(of, return_index=True, return_counts=True)
    shapes[which] = made[first]
    several = count > 1
    for k, start, some in zip(which[several], first[several], count[several], strict=True):
        shapes[k] = shapely.MultiPolygon(made[start : start + some].tolist())
    return shapes


@njit(cache=True, nogil=True)
def encloses(coords, first, last, x, y):  # type: ignore[no-untyped-def]
    """Whether a closed ring runs around a place."""
    odd = False
    for p in range(first, last - 1):
        x0, y0, x1, y1 = coords[p, 0], coords[p, 1], coords[p + 1, 0], coords[p + 1, 1]
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            odd = not odd
    return odd


@njit(cache=True, nogil=True)
def parents(coords, ptr, area):  # type: ignore[no-untyped-def]
    """Outer ring that each ring belongs to, itself for outer ones: for a hole the smallest around it, −1 if none is."""
    n = area.size
    parent = np.full(n, -1, np.int64)
    box = np.empty((n, 4), np.float64)
    outer = 0
    for r in range(n):
        box[r, 0] = box[r, 1] = coords[ptr[r], 0]
        box[r, 2] = box[r, 3] = coords[ptr[r], 1]
        for p in range(ptr[r], ptr[r + 1]):
            box[r, 0], box[r, 1] = min(box[r, 0], coords[p, 0]), max(box[r, 1], coords[p, 0])
            box[r, 2], box[r, 3] = min(box[r, 2], coords[p, 1]), max(box[r, 3], coords[p, 1])
        outer += area[r] > 0
    for r in range(n):
        if area[r] > 0:
            parent[r] = r
            continue
        for o in range(n):
            if area[o] < -area[r] or (parent[r] >= 0 and area[o] >= area[parent[r]]):
                continue
            if box[o, 0] > box[r, 0] or box[o, 1] < box[r, 1] or box[o, 2] > box[r, 2] or box[o, 3] < box[r, 3]:
                continue
            if outer == 1 or encloses(coords, ptr[o], ptr[o + 1], coords[ptr[r], 0], coords[ptr[r], 1]):
                parent[r] = o
    return parent
