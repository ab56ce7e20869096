"""How far shapes are from shapes, edge to edge, in whole millimetres."""

import numpy as np
import shapely
from numpy.typing import NDArray

from siting.units import MM_PER_M, metres_to_mm

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]


def nearest_edges(shapes: Shapes, others: Shapes) -> tuple[Floats, NDArray[np.intp]]:
    """Measure from each shape to the nearest of the others, edge to edge.

    Parameters
    ----------
    shapes : shape (n,), not empty
    others : shape (m,), not empty

    Returns
    -------
    metres rounded to the millimetre, 0 where they touch or overlap, NaN where there are no others; and the position of
    the nearest in ``others`` (equally near: the first), -1 where there are none
    """
    metres, which = np.full(len(shapes), np.nan), np.full(len(shapes), -1, dtype=np.intp)
    if len(others) and len(shapes):
        (row, other), distance = shapely.STRtree(others).query_nearest(shapes, return_distance=True)
        order = np.lexsort((other, distance, row))
        first = order[np.unique(row[order], return_index=True)[1]]
        metres[row[first]] = metres_to_mm(distance[first]) / MM_PER_M
        which[row[first]] = other[first]
    return metres, which


def overlaps_m2(shapes: Shapes, others: Shapes) -> tuple[Floats, NDArray[np.intp]]:
    """Measure how much of each shape lies under the others, and which takes most of it (-1: none).

    Others that overlap one another count once. An area that only touches takes nothing; a point or a line on a shape
    takes 0 m2, but is named.
    """
    area, which = np.zeros(len(shapes)), np.full(len(shapes), -1, dtype=np.intp)
    if len(others) and len(shapes):
        row, other = shapely.STRtree(others).query(shapes, predicate="intersects")
        pieces = shapely.intersection(shapes[row], others[other])
        taken = shapely.area(pieces)
        hit = (taken > 0) | (shapely.get_dimensions(others[other]) < 2)
        for k in np.unique(row[hit]):
            mine = np.flatnonzero((row == k) & hit)
            area[k] = shapely.area(shapely.union_all(pieces[mine]))
            which[k] = other[mine[int(taken[mine].argmax())]]
    return area, which
