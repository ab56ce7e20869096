"""Exact distances from very many places to shapes of very many vertices."""

import numpy as np
import shapely
from numpy.typing import NDArray

from siting.access.near_points import nearest_of_points
from siting.units import MM_PER_M, metres_to_mm

Floats = NDArray[np.float64]
_PLACES_AT_ONCE = 100_000


def distance_to_shapes(xy: Floats, shapes: NDArray[np.object_]) -> Floats:
    """Distance in metres from each place to the nearest shape, rounded to the millimetre; 0 inside an area.

    Shapes are cut into their single segments first: measuring to a river of ten thousand vertices as a whole would
    look at all of them from every place.

    Parameters
    ----------
    xy : shape (n, 2)
    shapes : points, lines and areas, none missing or empty, at least one
    """
    found = np.full(len(xy), np.inf)
    parts = shapely.get_parts(shapely.get_parts(shapes))
    dimension = shapely.get_dimensions(parts)
    dots = shapely.get_coordinates(parts[dimension == 0])
    if len(dots) and len(xy):
        found = np.minimum(found, nearest_of_points(xy, dots)[1])
    areas = parts[dimension == 2]
    lines = np.concatenate([parts[dimension == 1], shapely.get_rings(areas)])
    segments = _segments(lines)
    tree = shapely.STRtree(segments) if len(segments) else None
    for first in range(0, len(xy), _PLACES_AT_ONCE):
        part = slice(first, first + _PLACES_AT_ONCE)
        places = np.atleast_1d(np.asarray(shapely.points(xy[part]), dtype=object))
        if tree is not None:
            (place, _), metres = tree.query_nearest(places, all_matches=False, return_distance=True)
            near = found[part]
            near[place] = np.minimum(near[place], metres)
        for inside in _inside(places, areas):
            found[part][inside] = 0.0
    return metres_to_mm(found) / MM_PER_M


def in_areas(xy: Floats, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether each place lies in an area, its edge included."""
    found = np.zeros(len(xy), dtype=bool)
    areas = shapes[shapely.get_dimensions(shapes) == 2]
    for first in range(0, len(xy), _PLACES_AT_ONCE):
        part = slice(first, first + _PLACES_AT_ONCE)
        places = np.atleast_1d(np.asarray(shapely.points(xy[part]), dtype=object))
        for inside in _inside(places, areas):
            found[part][inside] = True
    return found


def _segments(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    if not len(lines):
        return np.empty(0, dtype=object)
    points, line = shapely.get_coordinates(lines, return_index=True)
    joined = line[1:] == line[:-1]
    ends = np.stack([points[:-1][joined], points[1:][joined]], axis=1)
    return np.atleast_1d(np.asarray(shapely.linestrings(ends), dtype=object))


def _inside(places: NDArray[np.object_], areas: NDArray[np.object_]) -> list[NDArray[np.int64]]:
    """Places in areas, their edges included."""
    if not len(areas):
        return []
    return [np.unique(shapely.STRtree(places).query(areas, predicate="intersects")[1])]
