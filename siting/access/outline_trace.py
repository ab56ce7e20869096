"""Outlines of what lies within a distance of streets: contours of a field of distances, linked to rings.

Each cell of the grid is two triangles, and within a triangle the distance is taken as even. So outlines never cross
or touch, and an area whose streets hold another's holds its outline.
"""

import numpy as np
from numba import njit

from siting.access.outline_field import CELLS, paint, squares_near

NONE_INSIDE, ALL_INSIDE = np.uint64(0), np.uint64(0x0404040404040404)
"""Eight cells at once, by how many of the four corners of each are inside."""
# A triangle has three sides, run counterclockwise; by which of its corners are inside (1 the first, 2 the second, 4 the
# third) the outline leaves over one side and enters over another. Each cell has a lower and an upper triangle: for the
# sides of both, the node where a side begins, the step to its other node, and its kind, the same from either triangle.
LEAVES = np.array([-1, 0, 1, 1, 2, 0, 2, -1])
ENTERS = np.array([-1, 2, 0, 2, 1, 1, 0, -1])
BASE_I, BASE_J = np.array([0, 1, 0, 0, 0, 0]), np.array([0, 0, 0, 0, 1, 0])
STEP_I, STEP_J = np.array([1, 0, 1, 1, 1, 0]), np.array([0, 1, 1, 1, 0, 1])
KIND = np.array([0, 1, 2, 2, 0, 1])
NEAREST = 1e-3
"""Outlines keep this share of a cell away from the nodes of the grid, so that two never meet at one."""


@njit(cache=True, nogil=True)
def crossing(one, other, level):  # type: ignore[no-untyped-def]
    """Where between two nodes, as a share, a distance is reached; the squared distances of both are given."""
    a, b = np.sqrt(one), np.sqrt(other)
    return min(max((level - a) / (b - a), NEAREST), 1.0 - NEAREST)


@njit(cache=True, nogil=True)
def grown(pieces, x, y, m):  # type: ignore[no-untyped-def]
    """Return the same arrays with room for more."""
    more = 2 * m + 4096
    larger, larger_x, larger_y = np.empty((more, 2), np.int64), np.empty(more, np.float64), np.empty(more, np.float64)
    for k in range(m):  # slices take two seconds more to compile
        larger[k, 0], larger[k, 1], larger_x[k], larger_y[k] = pieces[k, 0], pieces[k, 1], x[k], y[k]
    return larger, larger_x, larger_y


@njit(cache=True, nogil=True)
def paint_radius(level, step):  # type: ignore[no-untyped-def]
    """How far nodes have a distance: those beside a node within the level must."""
    return level + 1.5 * step


@njit(cache=True, nogil=True)
def contour(segments, squares, first, last, step, level):  # type: ignore[no-untyped-def]
    """Pieces of the outline of what lies within ``level`` of segments, the inside to their left.

    Parameters
    ----------
    squares : what `siting.access.outline_field.squares_near` returns for these segments and `paint_radius`
    first, last : of these squares

    Returns
    -------
    pieces : shape (n, 2), keys of the places where each begins and ends
    x, y : shape (n,), where each begins
    """
    column, row, ptr, near = squares
    radius = paint_radius(level, step)
    square = np.empty((CELLS + 1, CELLS + 1), np.float64)
    inside = np.zeros((CELLS + 1, CELLS + 8), np.uint8)
    mixed = np.zeros(CELLS, np.uint8)
    words = mixed.view(np.uint64)
    pieces, x, y = np.empty((4096, 2), np.int64), np.empty(4096, np.float64), np.empty(4096, np.float64)
    m = np.int64(0)
    if column.size == 0:
        return pieces[:0], x[:0], y[:0]
    c0, c1, r0 = column[0], column[0], row[0]
    for q in range(column.size):
        c0, c1, r0 = min(c0, column[q]), max(c1, column[q]), min(r0, row[q])
    i_origin, j_origin = c0 * CELLS, r0 * CELLS
    wide = (c1 - c0 + 1) * CELLS + 1
    level2 = level * level
    for q in range(first, last):
        paint(square, column[q], row[q], segments, near[ptr[q] : ptr[q + 1]], step, radius)
        for j in range(CELLS + 1):
            line, flags = square[j], inside[j]
            for i in range(CELLS + 1):
                flags[i] = 1 if line[i] <= level2 else 0
        i_square, j_square = column[q] * CELLS, row[q] * CELLS
        for j in range(CELLS):
            low, high = inside[j], inside[j + 1]
            for i in range(CELLS):
                mixed[i] = low[i] + low[i + 1] + high[i] + high[i + 1]
            for w in range(words.size):
                if words[w] == NONE_INSIDE or words[w] == ALL_INSIDE:
                    continue
                if m + 16 > x.size:
                    pieces, x, y = grown(pieces, x, y, m)
                for i in range(8 * w, 8 * w + 8):
                    if mixed[i] == 0 or mixed[i] == 4:
                        continue
                    node = (j_square + j - j_origin) * wide + i_square + i - i_origin
                    for half in range(2):
                        second = low[i + 1] if half == 0 else high[i + 1]
                        third = high[i + 1] if half == 0 else high[i]
                        code = low[i] + 2 * second + 4 * third
                        if code == 0 or code == 7:
                            continue
                        side, back = 3 * half + LEAVES[code], 3 * half + ENTERS[code]
                        i1, j1 = i + BASE_I[side], j + BASE_J[side]
                        i2, j2 = i1 + STEP_I[side], j1 + STEP_J[side]
                        t = crossing(square[j1, i1], square[j2, i2], level)
                        x[m] = (i_square + i1 + t * STEP_I[side]) * step
                        y[m] = (j_square + j1 + t * STEP_J[side]) * step
                        pieces[m, 0] = 3 * (node + BASE_J[side] * wide + BASE_I[side]) + KIND[side]
                        pieces[m, 1] = 3 * (node + BASE_J[back] * wide + BASE_I[back]) + KIND[back]
                        m += 1
    return pieces[:m], x[:m], y[:m]


@njit(cache=True, nogil=True)
def following(pieces):  # type: ignore[no-untyped-def]
    """Piece that begins where each piece ends, shape (n,)."""
    n = pieces.shape[0]
    size = 16
    while size < 2 * n:
        size *= 2
    mask = size - 1
    slot = np.full(size, -1, np.int64)
    for k in range(n):
        at = (pieces[k, 0] * 0x9E3779B1 >> 7) & mask
        while slot[at] >= 0:
            at = (at + 1) & mask
        slot[at] = k
    after = np.empty(n, np.int64)
    for k in range(n):
        at = (pieces[k, 1] * 0x9E3779B1 >> 7) & mask
        while pieces[slot[at], 0] != pieces[k, 1]:
            at = (at + 1) & mask
        after[k] = slot[at]
    return after


@njit(cache=True, nogil=True)
def thinned(line, tolerance, keep):  # type: ignore[no-untyped-def]
    """Mark the places of a line to keep, so that those left out lie within ``tolerance`` of the line that is left.

    From a kept place the line goes on as long as one direction passes all places between within the tolerance.
    """
    n = keep.size
    keep[:] = False
    keep[0] = True
    keep[n - 1] = True
    anchor = 0
    k = 1
    while k < n:
        lx, ly, rx, ry = 0.0, 0.0, 0.0, 0.0
        bounded = False
        longest = 0.0
        while k < n:
            dx, dy = line[k, 0] - line[anchor, 0], line[k, 1] - line[anchor, 1]
            r = np.sqrt(dx * dx + dy * dy)
            if r < longest or (bounded and (rx * dy - ry * dx < 0 or lx * dy - ly * dx > 0)):
                break
            longest = r
            if r > tolerance:
                s = tolerance / r
                c = np.sqrt(1.0 - s * s)
                ax, ay, bx, by = dx * c - dy * s, dy * c + dx * s, dx * c + dy * s, dy * c - dx * s
                if not bounded or lx * ay - ly * ax < 0:
                    lx, ly = ax, ay
                if not bounded or rx * by - ry * bx > 0:
                    rx, ry = bx, by
                bounded = True
            k += 1
        if k < n:
            anchor = k - 1 if k - 1 > anchor else k
            keep[anchor] = True
            k = anchor + 1


@njit(cache=True, nogil=True)
def rings(pieces, x, y, tolerance):  # type: ignore[no-untyped-def]
    """Link pieces to closed rings and mark the places to keep.

    Returns
    -------
    coords : shape (n, 2), ring by ring, the first place again at the end of each
    keep : shape (n,), places that draw the rings within the tolerance
    ptr : shape (r + 1,)
    area : shape (r,), positive where the ring runs around what is inside, negative around a hole
    """
    n = x.size
    after = following(pieces)
    done = np.zeros(n, np.bool_)
    coords = np.empty((n + n // 3 + 1, 2), np.float64)
    keep = np.empty(n + n // 3 + 1, np.bool_)
    ptr = np.zeros(n // 3 + 2, np.int64)
    area = np.empty(n // 3 + 1, np.float64)
    count, m = 0, 0
    for start in range(n):
        if done[start]:
            continue
        first = m
        twice = 0.0
        k = start
        while not done[k]:
            done[k] = True
            coords[m, 0], coords[m, 1] = x[k], y[k]
            twice += (x[k] - x[start]) * (y[after[k]] - y[start]) - (x[after[k]] - x[start]) * (y[k] - y[start])
            m += 1
            k = after[k]
        coords[m, 0], coords[m, 1] = x[start], y[start]
        m += 1
        flags = keep[first:m]
        thinned(coords[first:m], tolerance, flags)
        kept = 0
        for k in range(flags.size):
            kept += flags[k]
        if kept < 4:
            flags[:] = True
        area[count] = twice / 2
        count += 1
        ptr[count] = m
    return coords[:m], keep[:m], ptr[: count + 1], area[:count]


@njit(cache=True, nogil=True)
def outline_rings(segments, step, level, tolerance):  # type: ignore[no-untyped-def]
    """Draw the outline of what lies within ``level`` of segments; see `rings`."""
    squares = squares_near(segments, step, paint_radius(level, step))
    pieces, x, y = contour(segments, squares, 0, squares[0].size, step, level)
    return rings(pieces, x, y, tolerance)
