"""Nearest street segment to each of many points: a grid of cells, searched ring by ring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from siting.network.threads import in_blocks

CELL_M = 40.0
MAX_CELLS = 4_000_000
"""The grid stays within about this many cells: over large areas they grow."""
BLOCK = 20_000
FAR_CELLS = 1e9
"""Points farther out are searched from here, so that cell numbers stay in range."""

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class SegmentGrid:
    """Straight segments of some edges, and for each cell of a grid those whose bounding box meets it.

    Attributes
    ----------
    ends : shape (n_segment, 4), x and y of start and end
    edge : shape (n_segment,), position of the edge, ascending
    before : shape (n_segment,), metres along the edge before the segment
    left, bottom, cell_m, columns, rows : the grid
    cell_ptr, cell_item : segments of each cell, in compressed rows
    """

    ends: Floats
    edge: Longs
    before: Floats
    left: float
    bottom: float
    cell_m: float
    columns: int
    rows: int
    cell_ptr: Longs
    cell_item: NDArray[np.int32]

    @classmethod
    def of(cls, coords: Floats, ptr: Longs, edges: Longs) -> SegmentGrid:
        """Grid of the chosen edges (positions, ascending) among polylines in compressed rows."""
        ends, edge, before = lay_out(coords, ptr, edges)
        left, bottom = float(ends[:, 0::2].min(initial=np.inf)), float(ends[:, 1::2].min(initial=np.inf))
        width, height = (
            float(ends[:, 0::2].max(initial=-np.inf)) - left,
            float(ends[:, 1::2].max(initial=-np.inf)) - bottom,
        )
        if len(edge) == 0:
            left = bottom = width = height = 0.0
        cell_m = max(CELL_M, float(np.sqrt(width * height / MAX_CELLS)), width / MAX_CELLS, height / MAX_CELLS)
        columns, rows = int(width // cell_m) + 1, int(height // cell_m) + 1
        cell_ptr, cell_item = fill_cells(ends, left, bottom, cell_m, columns, rows)
        return cls(ends, edge, before, left, bottom, cell_m, columns, rows, cell_ptr, cell_item)

    def nearest(self, xy: Floats, within_m: Floats) -> tuple[Longs, Floats, Floats]:
        """Nearest segment to each point, how far along it (0 to 1), and its distance.

        Parameters
        ----------
        xy : shape (n, 2)
        within_m : shape (n,), farther segments need not be found; ``inf`` searches the whole grid

        Returns
        -------
        Segment (−1 if there is none within), share of the segment before the nearest place, distance in metres
        (``inf`` if none). Of several equally near segments the one of the lowest edge, then the first on it.
        """

        def block(start: int, stop: int) -> tuple[Longs, Floats, Floats]:
            found: tuple[Longs, Floats, Floats] = nearest_segment(
                np.ascontiguousarray(xy[start:stop]), np.ascontiguousarray(within_m[start:stop]), self.ends, self.left,
                self.bottom, self.cell_m, self.columns, self.rows, self.cell_ptr, self.cell_item,
            )  # fmt: skip
            return found

        parts = in_blocks(block, len(xy), BLOCK)
        if not parts:
            return np.empty(0, dtype=np.int64), np.empty(0), np.empty(0)
        segment, share, distance = (np.concatenate(column) for column in zip(*parts, strict=True))
        return segment, share, distance


@njit(cache=True, nogil=True)
def lay_out(coords, ptr, edges):  # type: ignore[no-untyped-def]
    """Segments of the chosen edges: ends, edge, and metres along the edge before each."""
    n = 0
    for k in range(edges.size):
        n += ptr[edges[k] + 1] - ptr[edges[k]] - 1
    ends = np.empty((n, 4))
    edge = np.empty(n, np.int64)
    before = np.empty(n)
    at = 0
    for k in range(edges.size):
        e = edges[k]
        metres = 0.0
        for i in range(ptr[e], ptr[e + 1] - 1):
            ends[at, 0], ends[at, 1] = coords[i, 0], coords[i, 1]
            ends[at, 2], ends[at, 3] = coords[i + 1, 0], coords[i + 1, 1]
            edge[at] = e
            before[at] = metres
            metres += np.hypot(coords[i + 1, 0] - coords[i, 0], coords[i + 1, 1] - coords[i, 1])
            at += 1
    return ends, edge, before


@njit(cache=True, nogil=True)
def fill_cells(ends, left, bottom, cell_m, columns, rows):  # type: ignore[no-untyped-def]
    """Segments whose bounding box meets each cell, ascending, in compressed rows."""
    n = ends.shape[0]
    box = np.empty((n, 4), np.int64)
    ptr = np.zeros(columns * rows + 1, np.int64)
    for s in range(n):
        box[s, 0] = int((min(ends[s, 0], ends[s, 2]) - left) / cell_m)
        box[s, 1] = int((min(ends[s, 1], ends[s, 3]) - bottom) / cell_m)
        box[s, 2] = min(int((max(ends[s, 0], ends[s, 2]) - left) / cell_m), columns - 1)
        box[s, 3] = min(int((max(ends[s, 1], ends[s, 3]) - bottom) / cell_m), rows - 1)
        for row in range(box[s, 1], box[s, 3] + 1):
            for column in range(box[s, 0], box[s, 2] + 1):
                ptr[row * columns + column + 1] += 1
    for c in range(columns * rows):
        ptr[c + 1] += ptr[c]
    item = np.empty(ptr[-1], np.int32)
    at = ptr[:-1].copy()
    for s in range(n):
        for row in range(box[s, 1], box[s, 3] + 1):
            for column in range(box[s, 0], box[s, 2] + 1):
                c = row * columns + column
                item[at[c]] = s
                at[c] += 1
    return ptr, item


@njit(cache=True, nogil=True)
def scan_cell(x, y, cell, ends, cell_ptr, cell_item, best, best_share, best_d2):  # type: ignore[no-untyped-def]
    """Compare the segments of one cell with the best so far; ties go to the lower segment, so to the lower edge."""
    for k in range(cell_ptr[cell], cell_ptr[cell + 1]):
        s = cell_item[k]
        # Relative to the point, so that large coordinates cost no precision.
        ax, ay = ends[s, 0] - x, ends[s, 1] - y
        bx, by = ends[s, 2] - x, ends[s, 3] - y
        dx, dy = bx - ax, by - ay
        length2 = dx * dx + dy * dy
        share = 0.0
        if length2 > 0.0:
            share = -(ax * dx + ay * dy) / length2
        if share <= 0.0:
            share, px, py = 0.0, ax, ay
        elif share >= 1.0:
            share, px, py = 1.0, bx, by
        else:
            px, py = ax + share * dx, ay + share * dy
        d2 = px * px + py * py
        if d2 < best_d2 or (d2 == best_d2 and (best < 0 or s < best)):
            best, best_share, best_d2 = s, share, d2
    return best, best_share, best_d2


@njit(cache=True, nogil=True)
def nearest_segment(xy, within_m, ends, left, bottom, cell_m, columns, rows, cell_ptr, cell_item):  # type: ignore[no-untyped-def]
    """Search rings of cells around each point until no farther ring can hold a nearer segment."""
    n = xy.shape[0]
    segment = np.full(n, -1, np.int64)
    share = np.zeros(n)
    distance = np.full(n, np.inf)
    if ends.shape[0] == 0:
        return segment, share, distance
    for i in range(n):
        x, y = xy[i, 0], xy[i, 1]
        cx = int(np.floor(min(max((x - left) / cell_m, -FAR_CELLS), FAR_CELLS)))
        cy = int(np.floor(min(max((y - bottom) / cell_m, -FAR_CELLS), FAR_CELLS)))
        # Rings that lie wholly outside the grid are skipped at both ends.
        ring = max(0, -cx, cx - columns + 1, -cy, cy - rows + 1)
        last = max(abs(cx), abs(columns - 1 - cx), abs(cy), abs(rows - 1 - cy))
        best, best_share, best_d2 = np.int64(-1), 0.0, np.inf
        # Metres from the point to the border of its own cell, along the nearest side.
        fx, fy = (x - left) - cx * cell_m, (y - bottom) - cy * cell_m
        margin = min(min(fx, cell_m - fx), min(fy, cell_m - fy))
        while ring <= last:
            floor = margin + (ring - 1) * cell_m  # nothing in this ring is nearer than this
            if ring > 0 and (floor > within_m[i] or floor * abs(floor) > best_d2):
                break
            for row in range(max(cy - ring, 0), min(cy + ring, rows - 1) + 1):
                if row == cy - ring or row == cy + ring:
                    for column in range(max(cx - ring, 0), min(cx + ring, columns - 1) + 1):
                        best, best_share, best_d2 = scan_cell(
                            x, y, row * columns + column, ends, cell_ptr, cell_item, best, best_share, best_d2
                        )
                else:
                    for side in range(2):
                        column = cx - ring if side == 0 else cx + ring
                        if 0 <= column < columns:
                            best, best_share, best_d2 = scan_cell(
                                x, y, row * columns + column, ends, cell_ptr, cell_item, best, best_share, best_d2
                            )
            ring += 1
        found = np.sqrt(best_d2)
        if best >= 0 and found <= within_m[i]:
            segment[i], share[i], distance[i] = best, best_share, found
    return segment, share, distance
