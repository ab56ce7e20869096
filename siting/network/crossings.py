"""Vertices where lines cross without having one in common."""

import numpy as np
import shapely
from numpy.typing import NDArray

Lines = NDArray[np.object_]


def node_at_crossings(
    lines: Lines, above: NDArray[np.bool_], layer: NDArray[np.int64]
) -> tuple[Lines, NDArray[np.float64]]:
    """Give lines a vertex at every place where they meet another line of the same level.

    Parameters
    ----------
    lines : shape (n,), LineStrings
    above : shape (n,), bridges and tunnels: they meet nothing but what shares a vertex with them
    layer : shape (n,), lines of different layers do not meet

    Returns
    -------
    The lines with added vertices, and the places where two lines crossed that had no vertex there, shape (n, 2).
    """
    ground = np.flatnonzero(~above)
    one, other = shapely.STRtree(lines[ground]).query(lines[ground], predicate="intersects")
    one, other = ground[one], ground[other]
    pair = (one < other) & (layer[one] == layer[other])
    one, other = one[pair], other[pair]
    shared, of = shapely.get_parts(shapely.intersection(lines[one], lines[other]), return_index=True)
    xy, part = shapely.get_coordinates(shared, return_index=True)
    of = of[part]
    old_one, old_other = has_vertex(lines, one[of], xy), has_vertex(lines, other[of], xy)
    missing = ~old_one | ~old_other
    line = np.concatenate([one[of][~old_one], other[of][~old_other]])
    return with_vertices(lines, line, np.concatenate([xy[~old_one], xy[~old_other]])), xy[missing]


def node_at_own_crossings(lines: Lines, above: NDArray[np.bool_]) -> tuple[Lines, int]:
    """Give lines a vertex on both sides wherever they cross or touch themselves.

    Parameters
    ----------
    lines : shape (n,), LineStrings
    above : shape (n,), bridges and tunnels: a ramp that winds over itself does not meet itself

    Returns
    -------
    The lines with added vertices, and at how many places vertices were added.
    """
    made, count = lines.copy(), 0
    for k in np.flatnonzero(~above & ~shapely.is_simple(lines)):
        xy, places = with_own_vertices(shapely.get_coordinates(shapely.remove_repeated_points(lines[k])))
        if places:
            made[k], count = shapely.LineString(xy), count + places
    return made, count


def with_own_vertices(xy: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
    """Insert the places where the segments of one line meet each other; returns it and how many places there were."""
    segments = np.asarray(shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1)), dtype=object)
    one, other = shapely.STRtree(segments).query(segments, predicate="intersects")
    later = one < other
    one, other = one[later], other[later]
    at, of = shapely.get_coordinates(shapely.intersection(segments[one], segments[other]), return_index=True)
    segment, at = np.concatenate([one[of], other[of]]), np.concatenate([at, at])
    ends = np.minimum(np.hypot(*(at - xy[segment]).T), np.hypot(*(at - xy[segment + 1]).T))
    segment, at = segment[ends > 1e-6], at[ends > 1e-6]
    if len(at) == 0:
        return xy, 0
    owner = np.concatenate([np.arange(len(xy)), segment])
    along = np.concatenate([np.zeros(len(xy)), np.hypot(*(at - xy[segment]).T)])
    return np.concatenate([xy, at])[np.lexsort((along, owner))], len(np.unique(at.round(6), axis=0))


def node_at_near_ends(lines: Lines, above: NDArray[np.bool_], layer: NDArray[np.int64], tolerance_m: float) -> Lines:
    """Give lines a vertex wherever an end of another line of the same level stops short of them, or just beyond.

    Where a line has a vertex within the tolerance of the end already, it gets no other.

    Parameters
    ----------
    lines, above, layer : as for `node_at_crossings`
    tolerance_m : how far an end may lie from the line
    """
    ground = np.flatnonzero(~above)
    if tolerance_m <= 0 or len(ground) == 0:
        return lines
    ends = np.concatenate([shapely.get_point(lines[ground], 0), shapely.get_point(lines[ground], -1)])
    owner = np.tile(ground, 2)
    end, line = shapely.STRtree(lines[ground]).query(ends, predicate="dwithin", distance=tolerance_m)
    line = ground[line]
    other = (owner[end] != line) & (layer[owner[end]] == layer[line])
    end, line = end[other], line[other]
    xy = shapely.get_coordinates(ends[end])
    new = ~has_vertex(lines, line, xy, tolerance_m)
    place = shapely.get_coordinates(shapely.shortest_line(lines[line[new]], ends[end[new]]))[0::2]
    return with_vertices(lines, line[new], place)


def has_vertex(
    lines: Lines, line: NDArray[np.int64], xy: NDArray[np.float64], within_m: float = 1e-6
) -> NDArray[np.bool_]:
    """Whether each point is a vertex of its line, to the micrometre, or lies within a distance of one."""
    if len(line) == 0:
        return np.zeros(0, dtype=bool)
    used, of = np.unique(line, return_inverse=True)
    xys, row = shapely.get_coordinates(lines[used], return_index=True)
    corners = np.asarray(shapely.multipoints(xys, indices=row), dtype=object)
    return np.asarray(shapely.dwithin(corners[of], shapely.points(xy), within_m), dtype=bool)


def with_vertices(lines: Lines, line: NDArray[np.int64], xy: NDArray[np.float64]) -> Lines:
    """Insert points, each into its line at the place nearest to it."""
    if len(line) == 0:
        return lines
    old, row = shapely.get_coordinates(lines, return_index=True)
    step = np.concatenate([[0.0], np.hypot(*np.diff(old, axis=0).T)])
    step[np.flatnonzero(np.diff(row, prepend=-1))] = 0.0
    total = np.cumsum(step)
    begin = total[np.searchsorted(row, np.arange(len(lines)))]
    metres = np.concatenate([total - begin[row], shapely.line_locate_point(lines[line], shapely.points(xy))])
    owner = np.concatenate([row, line])
    order = np.lexsort((metres, owner))
    made = shapely.linestrings(np.concatenate([old, xy])[order], indices=owner[order])
    return np.asarray(made, dtype=object)
