"""Polygons from closed ways and from the member ways of multipolygon relations.

The rings of a relation are found from its segments alone: a segment that two members share cancels out, the rest is
cut into faces, and a face is inside where a ray from it crosses the segments an odd number of times. Roles are not
trusted, so islands in holes, rings that touch, and swapped roles come out right. Only where a ring is broken, because
the file lacks some of it, do roles decide what can still be kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from siting.inputs.osm_scan import NO_PLACE, UNITS_PER_DEGREE, RelationItem, Scan

Fault = Literal["not_closed", "clipped_ring", "no_area"]
Repair = Literal["invalid_polygon", "clipped_part"]


@dataclass(frozen=True, slots=True)
class Ring:
    """What became of one closed way or relation: a polygon (perhaps repaired), or the reason why there is none."""

    geometry: Any
    fault: Fault | None = None
    repair: Repair | None = None


def way_polygons(scan: Scan, ways: Sequence[int]) -> dict[int, Ring]:
    """Return one ring for every way.

    A way that does not close, or that lacks nodes, has none; one that crosses itself is made valid, and only its
    polygon parts are kept.
    """
    result: dict[int, Ring] = {}
    good: list[int] = []
    for way in ways:
        span = scan.span(way)
        ref, x = scan.ref[span], scan.x[span]
        if (x == NO_PLACE).any():
            result[way] = Ring(None, fault="clipped_ring")
        elif len(ref) < 2 or ref[0] != ref[-1]:
            result[way] = Ring(None, fault="not_closed")
        elif len(ref) < 4:
            result[way] = Ring(None, fault="no_area")
        else:
            good.append(way)
    size = np.array([scan.size[w] for w in good], dtype=np.int64)
    if not len(size):
        return result
    at = np.concatenate([np.arange(scan.start[w], scan.start[w] + scan.size[w]) for w in good])
    xy = np.column_stack((scan.x[at], scan.y[at])) / UNITS_PER_DEGREE
    rings = shapely.linearrings(xy, indices=np.repeat(np.arange(len(good)), size))
    polygons: Any = shapely.polygons(rings)
    valid: Any = shapely.is_valid(polygons)
    for way, polygon, is_valid in zip(good, polygons, valid, strict=True):
        result[way] = Ring(polygon) if is_valid else _repaired(polygon)
    return result


def relation_polygon(scan: Scan, relation: RelationItem) -> Ring:
    """Return the polygon of a multipolygon relation, as far as this file holds its rings."""
    members = dict(reversed(relation.members))  # a member named twice counts once, with its first role
    whole = [w for w in members if w in scan.ways and not (scan.x[scan.span(w)] == NO_PLACE).any()]
    complete = len(whole) == len(members) and bool(members)
    if complete:
        segment = _segments(scan, whole)
        faces, dangling = _faces(segment)
        if not dangling:
            return _finish(_odd_faces(faces, segment), None) if faces else Ring(None, fault="no_area")
    outer_faces, _ = _faces(_segments(scan, [w for w in whole if members[w] != "inner"]))
    if not outer_faces:
        return Ring(None, fault="clipped_ring")
    inner_faces, _ = _faces(_segments(scan, [w for w in whole if members[w] == "inner"]))
    shells = shapely.union_all([shapely.polygons(face.exterior) for face in outer_faces])
    holes = shapely.union_all([shapely.polygons(face.exterior) for face in inner_faces])
    return _finish(shapely.difference(shells, holes), "clipped_part")


def middle(scan: Scan, way: int) -> Any:
    """Return the point halfway along an open way, or None if fewer than one node of it has a place."""
    span = scan.span(way)
    there = scan.x[span] != NO_PLACE
    xy = np.column_stack((scan.x[span][there], scan.y[span][there])) / UNITS_PER_DEGREE
    if not len(xy):
        return None
    if len(xy) == 1:
        return shapely.Point(xy[0])
    return shapely.line_interpolate_point(shapely.linestrings(xy), 0.5, normalized=True)


def _segments(scan: Scan, ways: Sequence[int]) -> NDArray[np.int64]:
    """Return the segments (x1, y1, x2, y2 in file units) that an odd number of the ways share."""
    parts = [np.zeros((0, 4), dtype=np.int64)]
    for way in sorted(ways):
        span = scan.span(way)
        xy = np.column_stack((scan.x[span], scan.y[span])).astype(np.int64)
        parts.append(np.hstack((xy[:-1], xy[1:])))
    segment = np.concatenate(parts)
    segment = segment[(segment[:, :2] != segment[:, 2:]).any(axis=1)]
    swap = (segment[:, 0] > segment[:, 2]) | ((segment[:, 0] == segment[:, 2]) & (segment[:, 1] > segment[:, 3]))
    segment[swap] = segment[swap][:, [2, 3, 0, 1]]
    unique, count = np.unique(segment, axis=0, return_counts=True)
    odd: NDArray[np.int64] = unique[count % 2 == 1]
    return odd


def _faces(segment: NDArray[np.int64]) -> tuple[list[Any], bool]:
    """Return the faces that the segments enclose, and whether any segment is left dangling."""
    if not len(segment):
        return [], False
    _, degree = np.unique(np.concatenate((segment[:, :2], segment[:, 2:])), axis=0, return_counts=True)
    lines = shapely.linestrings((segment / UNITS_PER_DEGREE).reshape(-1, 2, 2))
    noded = shapely.get_parts(shapely.union_all(lines))
    faces, _, _, _ = shapely.polygonize_full(noded)
    return list(shapely.get_parts(faces)), bool((degree % 2).any())


def _odd_faces(faces: Sequence[Any], segment: NDArray[np.int64]) -> Any:
    """Union of the faces from which a ray to the east crosses an odd number of segments."""
    x1, y1, x2, y2 = (segment / UNITS_PER_DEGREE).T
    inside = []
    for face in faces:
        point = shapely.point_on_surface(face)
        px, py = point.x, point.y
        spans = (y1 > py) != (y2 > py)
        at = x1[spans] + (py - y1[spans]) * (x2[spans] - x1[spans]) / (y2[spans] - y1[spans])
        if np.count_nonzero(at > px) % 2:
            inside.append(face)
    return shapely.union_all(inside)


def _finish(geometry: Any, repair: Repair | None) -> Ring:
    if geometry.is_empty or geometry.area == 0:
        return Ring(None, fault="no_area")
    if not geometry.is_valid:
        fixed = _repaired(geometry)
        return fixed if fixed.geometry is None or repair is None else Ring(fixed.geometry, repair=repair)
    return Ring(geometry, repair=repair)


def _repaired(polygon: Any) -> Ring:
    parts = [p for p in _flat(shapely.make_valid(polygon)) if p.geom_type == "Polygon" and p.area > 0]
    if not parts:
        return Ring(None, fault="no_area")
    return Ring(parts[0] if len(parts) == 1 else shapely.union_all(parts), repair="invalid_polygon")


def _flat(geometry: Any) -> list[Any]:
    parts = shapely.get_parts(geometry)
    return [q for p in parts for q in (_flat(p) if p.geom_type.startswith(("Multi", "Geometry")) else [p])]
