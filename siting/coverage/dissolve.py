"""Outlines of groups of cells: the seams between cells of one group are left out, what remains is joined to rings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

Longs = NDArray[np.int64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Seams:
    """Outlines of cells as sides in compressed rows, and which side of which other cell is the same.

    Side ``q`` of a cell runs from the corner before ``q`` to corner ``q``; the corner before the first is the last.

    Attributes
    ----------
    corner : shape (m, 2)
    first : shape (n + 1,), where the corners of each cell begin
    twin : shape (m,), the same side as the neighbouring cell has it, to the last bit; -1 where there is none
    leftwards : shape (n,), whether the corners run counter-clockwise
    """

    corner: NDArray[np.float64]
    first: Longs
    twin: Longs
    leftwards: NDArray[np.bool_]


def outlines(seams: Seams, cell: Shapes, group: Longs, n: int) -> Shapes:
    """Union of the cells of each group, normalized.

    Parameters
    ----------
    cell : shape (k,), polygons of the cells
    group : shape (k,), group of each cell, -1 for none
    n : number of groups; each has a cell
    """
    xy, ptr, owner, area, touches = rings(seams.corner, seams.first, seams.twin, seams.leftwards, group)
    ring = shapely.linearrings(xy, indices=np.repeat(np.arange(len(owner)), np.diff(ptr)))
    shells = np.bincount(owner[area > 0], minlength=n)
    holes = np.bincount(owner[area <= 0], minlength=n)
    # Where an outline touches itself, or it is not plain which hole is in which part, the union is left to GEOS.
    hard = (shells == 0) | ((shells > 1) & (holes > 0))
    hard[owner[touches]] = True
    made = np.empty(n, dtype=object)
    shell = np.flatnonzero((area > 0) & ~hard[owner])
    pierced = np.flatnonzero((holes > 0) & ~hard)
    # The shell of a pierced outline, which is its only one, and then its holes.
    whole = np.flatnonzero((holes[owner] > 0) & ~hard[owner])
    whole = whole[np.lexsort((area[whole] <= 0, owner[whole]))]
    if len(whole):
        made[pierced] = shapely.polygons(ring[whole], indices=np.repeat(np.arange(len(pierced)), holes[pierced] + 1))
    shell = shell[holes[owner[shell]] == 0]
    part = np.asarray(shapely.polygons(ring[shell]), dtype=object)
    made[owner[shell]] = part
    several = np.flatnonzero(shells[owner[shell]] > 1)
    if len(several):
        numbers, row = np.unique(owner[shell[several]], return_inverse=True)
        order = np.argsort(row, kind="stable")
        made[numbers] = shapely.multipolygons(part[several[order]], indices=row[order])
    left = np.flatnonzero(hard)
    if len(left):
        members = np.flatnonzero((group >= 0) & hard[group])
        members = members[np.argsort(group[members], kind="stable")]
        count = np.bincount(group[members], minlength=n)[left]
        for k, rows in zip(left, np.split(members, np.cumsum(count)[:-1]), strict=True):
            made[k] = shapely.coverage_union_all(cell[rows])
    return np.asarray(shapely.normalize(made), dtype=object)


@njit(cache=True, nogil=True)
def follow(side, cell, first, leftwards):  # type: ignore[no-untyped-def]
    """Return the next side of a cell, counter-clockwise."""
    low, high = first[cell], first[cell + 1]
    if leftwards[cell]:
        return side + 1 if side + 1 < high else low
    return side - 1 if side > low else high - 1


@njit(cache=True, nogil=True)
def touches_itself(xy, start, stop):  # type: ignore[no-untyped-def]
    """Whether a ring passes a place twice."""
    size = 16
    while size < 2 * (stop - start):
        size *= 2
    slot = np.full(size, -1, np.int64)
    for p in range(start, stop):
        x, y = xy[p, 0] + 0.0, xy[p, 1] + 0.0
        at = (np.int64(x * 1024.0) * 0x9E3779B1 + np.int64(y * 1024.0) * 0x85EBCA77 >> 9) & (size - 1)
        while slot[at] >= 0:
            if xy[slot[at], 0] == x and xy[slot[at], 1] == y:
                return True
            at = (at + 1) & (size - 1)
        slot[at] = p
    return False


@njit(cache=True, nogil=True)
def rings(corner, first, twin, leftwards, group):  # type: ignore[no-untyped-def]
    """Join the sides between different groups to rings, each with its group on the left.

    Returns
    -------
    Corners of the rings (each ring open), where each ring begins, its group, twice its area (negative for holes), and
    whether it passes a place twice.
    """
    n_cell, n_side = len(first) - 1, len(corner)
    cell_of = np.empty(n_side, np.int32)
    for c in range(n_cell):
        for q in range(first[c], first[c + 1]):
            cell_of[q] = c
    rim = np.zeros(n_side, np.bool_)
    size = 0
    for c in range(n_cell):
        own = group[c]
        if own < 0:
            continue
        for q in range(first[c], first[c + 1]):
            rim[q] = twin[q] < 0 or group[cell_of[twin[q]]] != own
            size += rim[q]
    xy = np.empty((size, 2))
    ptr = np.empty(size + 1, np.int64)
    owner, area, touch = np.empty(size, np.int64), np.empty(size), np.zeros(size, np.bool_)
    done = np.zeros(n_side, np.bool_)
    n_ring = used = np.int64(0)
    ptr[0] = 0
    for begin in range(n_side):
        if not rim[begin] or done[begin]:
            continue
        start, q = used, begin
        while not done[q]:
            done[q] = True
            c = cell_of[q]
            # The end of the side, as one goes counter-clockwise.
            end = q
            if not leftwards[c]:
                end = q - 1 if q > first[c] else first[c + 1] - 1
            if used == start or corner[end, 0] != xy[used - 1, 0] or corner[end, 1] != xy[used - 1, 1]:
                xy[used, 0], xy[used, 1] = corner[end, 0], corner[end, 1]  # a row takes longer to compile
                used += 1
            q = follow(q, c, first, leftwards)
            while not rim[q]:
                q = twin[q]
                q = follow(q, cell_of[q], first, leftwards)
        if used - start > 1 and xy[used - 1, 0] == xy[start, 0] and xy[used - 1, 1] == xy[start, 1]:
            used -= 1
        twice = 0.0
        for k in range(start + 1, used - 1):
            ax, ay = xy[k, 0] - xy[start, 0], xy[k, 1] - xy[start, 1]
            bx, by = xy[k + 1, 0] - xy[start, 0], xy[k + 1, 1] - xy[start, 1]
            twice += ax * by - ay * bx
        owner[n_ring], area[n_ring] = group[cell_of[begin]], twice
        touch[n_ring] = used - start < 3 or touches_itself(xy, start, used)
        if used - start < 3:  # no ring; GEOS makes the outline of this group
            for _ in range(3 - (used - start)):
                if used < size:
                    xy[used, 0], xy[used, 1] = xy[start, 0], xy[start, 1]
                    used += 1
        n_ring += 1
        ptr[n_ring] = used
    return xy[:used], ptr[: n_ring + 1], owner[:n_ring], area[:n_ring], touch[:n_ring]
