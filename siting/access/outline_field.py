"""Distance to reached streets on a fixed grid: stretches of edges as segments, binned by squares, painted node by node.

The grid begins at the origin of the coordinates and does not depend on what is drawn, so that a node's distance to a
street is the same number in every area.
"""

import numpy as np
from numba import njit

CELLS = 128
"""Cells to a side of a square that is worked on at once."""
FAR = 1e300
"""Squared distance of nodes that no street comes near."""


@njit(cache=True, nogil=True)
def segments_of_parts(coords, ptr, edge, low, high):  # type: ignore[no-untyped-def]
    """Straight segments of parts of polylines.

    Parameters
    ----------
    coords, ptr : polylines in compressed rows
    edge, low, high : shape (n,), polyline, from where to where along it in metres (``inf``: to its end)

    Returns
    -------
    segments : shape (m, 4), x and y of both ends; a part without length is one segment without length
    part : shape (m,), the part each belongs to
    """
    most = 0
    for k in range(edge.size):
        most += ptr[edge[k] + 1] - ptr[edge[k]]
    made = np.empty((most, 4), np.float64)
    part = np.empty(most, np.int64)
    m = 0
    for k in range(edge.size):
        first, last = ptr[edge[k]], ptr[edge[k] + 1] - 1
        before = m
        along = 0.0
        a, b = low[k], max(high[k], low[k])
        for p in range(first, last):
            x, y = coords[p, 0], coords[p, 1]
            dx, dy = coords[p + 1, 0] - x, coords[p + 1, 1] - y
            length = np.sqrt(dx * dx + dy * dy)
            start, stop = a - along, b - along
            along += length
            last_one = p == last - 1
            # A part without length, or beyond the end by rounding, still has a place.
            if stop < 0 or (start > length and not last_one) or (length == 0 and not (last_one and m == before)):
                continue
            if stop == 0 and m > before:
                continue
            s = min(max(start / length, 0.0), 1.0) if length > 0 else 0.0
            t = min(stop / length, 1.0) if length > 0 else 0.0
            if s == t and m > before:
                continue
            made[m, 0], made[m, 1] = x + s * dx, y + s * dy
            made[m, 2], made[m, 3] = x + t * dx, y + t * dy
            part[m] = k
            m += 1
    return made[:m], part[:m]


@njit(cache=True, nogil=True)
def row_reach(y, y0, y1, x0, x1, radius):  # type: ignore[no-untyped-def]
    """From where to where nodes at a height may be near a segment."""
    dy = y1 - y0
    s, t = 0.0, 1.0
    if dy != 0:
        one, other = (y - radius - y0) / dy, (y + radius - y0) / dy
        s, t = max(min(one, other), 0.0), min(max(one, other), 1.0)
        if s > t:
            return 0.0, -1.0
    xs, xt = x0 + s * (x1 - x0), x0 + t * (x1 - x0)
    return min(xs, xt) - radius, max(xs, xt) + radius


@njit(cache=True, nogil=True)
def columns_of(segment, row, side, radius):  # type: ignore[no-untyped-def]
    """First and last of the squares in a row that a segment comes near."""
    half = side / 2
    left, right = row_reach(
        row * side + half, segment[1], segment[3], segment[0], segment[2], (radius + half) * (1 + 1e-9)
    )
    return np.int64(np.floor((left + half) / side)), np.int64(np.floor((right - half) / side))


@njit(cache=True, nogil=True)
def in_order(number, order, n):  # type: ignore[no-untyped-def]
    """Bring rows into the order of numbers from 0 to below ``n``; equal ones stay in their order."""
    at = np.zeros(n + 1, np.int64)
    for x in number:
        at[x + 1] += 1
    for x in range(n):
        at[x + 1] += at[x]
    sorted_rows = np.empty(order.size, np.int64)
    for k in order:
        sorted_rows[at[number[k]]] = k
        at[number[k]] += 1
    return sorted_rows


@njit(cache=True, nogil=True)
def squares_near(segments, step, radius):  # type: ignore[no-untyped-def]
    """Segments that come near each square of the grid.

    Returns
    -------
    column, row : shape (q,), the squares, by row, then column
    ptr : shape (q + 1,)
    near : segments near each square, ascending
    """
    side = CELLS * step
    n = segments.shape[0]
    box = np.empty((n, 2), np.int64)
    count = 0
    c0, c1, r0, r1 = np.int64(1 << 60), np.int64(-(1 << 60)), np.int64(1 << 60), np.int64(-(1 << 60))
    for k in range(n):
        box[k, 0] = np.int64(np.floor((min(segments[k, 1], segments[k, 3]) - radius) / side))
        box[k, 1] = np.int64(np.floor((max(segments[k, 1], segments[k, 3]) + radius) / side))
        r0, r1 = min(r0, box[k, 0]), max(r1, box[k, 1])
        for r in range(box[k, 0], box[k, 1] + 1):
            c, d = columns_of(segments[k], r, side, radius)
            c0, c1 = min(c0, c), max(c1, d)
            count += max(d - c + 1, 0)
    wide = c1 - c0 + 1
    key = np.empty(count, np.int64)
    which = np.empty(count, np.int64)
    m = 0
    for k in range(n):
        for r in range(box[k, 0], box[k, 1] + 1):
            low, high = columns_of(segments[k], r, side, radius)
            for c in range(low, high + 1):
                key[m], which[m] = (r - r0) * wide + (c - c0), k
                m += 1
    # By column, then by row, both in order: a sort takes two seconds more to compile.
    order = np.arange(count)
    if count > 0:
        order = in_order(key % wide, order, wide)
        order = in_order(key // wide, order, r1 - r0 + 1)
    column, row = np.empty(count, np.int64), np.empty(count, np.int64)
    ptr = np.empty(count + 1, np.int64)
    near = np.empty(count, np.int64)
    q = 0
    for i in range(count):
        near[i] = which[order[i]]
        if i == 0 or key[order[i]] != key[order[i - 1]]:
            ptr[q] = i
            column[q], row[q] = c0 + key[order[i]] % wide, r0 + key[order[i]] // wide
            q += 1
    ptr[q] = count
    return column[:q], row[:q], ptr[: q + 1], near


@njit(cache=True, nogil=True)
def paint(square, column, row, segments, near, step, radius):  # type: ignore[no-untyped-def]
    """Fill a square with the squared distance to the nearest of some segments, as far as ``radius``.

    Parameters
    ----------
    square : shape (CELLS + 1, CELLS + 1), by row (y), then column (x); `FAR` beyond the radius (or farther)
    """
    square[:, :] = FAR
    first_i, first_j = column * CELLS, row * CELLS
    for k in near:
        x0, y0, x1, y1 = segments[k, 0], segments[k, 1], segments[k, 2], segments[k, 3]
        dx, dy = x1 - x0, y1 - y0
        long2 = dx * dx + dy * dy
        ux, uy = (dx / long2, dy / long2) if long2 > 0 else (0.0, 0.0)
        j_low = max(np.int64(np.ceil((min(y0, y1) - radius) / step)) - first_j, 0)
        j_high = min(np.int64(np.floor((max(y0, y1) + radius) / step)) - first_j, CELLS)
        for j in range(j_low, j_high + 1):
            y = (first_j + j) * step
            left, right = row_reach(y, y0, y1, x0, x1, radius)
            i_low = max(np.int64(np.ceil(left / step)) - first_i, 0)
            i_high = min(np.int64(np.floor(right / step)) - first_i, CELLS)
            if i_low > i_high:
                continue
            line = square[j, i_low : i_high + 1]
            py = y - y0
            base = py * uy
            at = first_i + i_low
            for i in range(line.size):
                px = (at + i) * step - x0
                t = px * ux + base
                t = t if t > 0.0 else 0.0
                t = t if t < 1.0 else 1.0
                ex, ey = px - t * dx, py - t * dy
                d2 = ex * ex + ey * ey
                line[i] = d2 if d2 < line[i] else line[i]
