"""The nearest of many points to each of many others, in a straight line: a grid of cells, searched ring by ring."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from siting.network.threads import in_blocks

BLOCK = 20_000
PER_CELL = 2.0
"""Points in a cell of the grid, on average."""
FAR_CELLS = 1e9
"""Places farther out are searched from here, so that cell numbers stay in range."""

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]


def nearest_of_points(xy: Floats, targets: Floats) -> tuple[Longs, Floats]:
    """Nearest target of each place, the first of several equally near, and the distance.

    Parameters
    ----------
    xy : shape (n, 2), finite
    targets : shape (k, 2), finite, at least one
    """
    low = targets.min(axis=0)
    width, height = (targets.max(axis=0) - low).tolist()
    cell_m = max(float(np.sqrt(width * height * PER_CELL / len(targets))), max(width, height) / 2000, 1.0)
    columns, rows = int(width // cell_m) + 1, int(height // cell_m) + 1
    cell = np.minimum(((targets[:, 1] - low[1]) // cell_m).astype(np.int64), rows - 1) * columns
    cell += np.minimum(((targets[:, 0] - low[0]) // cell_m).astype(np.int64), columns - 1)
    item = np.argsort(cell, kind="stable")
    ptr = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=columns * rows))]).astype(np.int64)
    placed = np.ascontiguousarray(targets[item])

    def block(start: int, stop: int) -> tuple[Longs, Floats]:
        found: tuple[Longs, Floats] = search_rings(
            np.ascontiguousarray(xy[start:stop]), placed, item, low[0], low[1], cell_m, columns, rows, ptr
        )
        return found

    parts = in_blocks(block, len(xy), BLOCK)
    if not parts:
        return np.empty(0, dtype=np.int64), np.empty(0)
    nearest, distance = (np.concatenate(column) for column in zip(*parts, strict=True))
    return nearest, distance


@njit(cache=True, nogil=True)
def search_rings(xy, placed, item, left, bottom, cell_m, columns, rows, ptr):  # type: ignore[no-untyped-def]
    """Search rings of cells around each place until no farther ring can hold a nearer target."""
    n = xy.shape[0]
    nearest = np.full(n, -1, np.int64)
    distance = np.full(n, np.inf)
    for i in range(n):
        x, y = xy[i, 0], xy[i, 1]
        cx = int(np.floor(min(max((x - left) / cell_m, -FAR_CELLS), FAR_CELLS)))
        cy = int(np.floor(min(max((y - bottom) / cell_m, -FAR_CELLS), FAR_CELLS)))
        # Rings that lie wholly outside the grid are skipped at both ends.
        ring = max(0, -cx, cx - columns + 1, -cy, cy - rows + 1)
        last = max(abs(cx), abs(columns - 1 - cx), abs(cy), abs(rows - 1 - cy))
        best, best_m = np.int64(-1), np.inf
        fx, fy = (x - left) - cx * cell_m, (y - bottom) - cy * cell_m
        margin = min(min(fx, cell_m - fx), min(fy, cell_m - fy))
        while ring <= last:
            # Nothing in this ring is nearer than this; a hair less, for what rounding does to cell borders.
            if ring > 0 and margin + (ring - 1) * cell_m - 1e-6 > best_m:
                break
            for row in range(max(cy - ring, 0), min(cy + ring, rows - 1) + 1):
                whole = row == cy - ring or row == cy + ring
                step = 1 if whole or ring == 0 else 2 * ring
                for column in range(cx - ring, cx + ring + 1, step):
                    if column < 0 or column >= columns:
                        continue
                    cell = row * columns + column
                    for k in range(ptr[cell], ptr[cell + 1]):
                        dx, dy = x - placed[k, 0], y - placed[k, 1]
                        d = np.sqrt(dx * dx + dy * dy)
                        if d < best_m or (d == best_m and item[k] < best):
                            best, best_m = item[k], d
            ring += 1
        nearest[i], distance[i] = best, best_m
    return nearest, distance
