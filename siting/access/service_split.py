"""Service areas that share out what is reached: every place goes to the facility nearest over the streets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from siting.access.outline_field import segments_of_parts
from siting.access.outline_shapes import segments_of, shapes_beyond
from siting.access.pairs import starts
from siting.access.street_parts import StreetParts
from siting.units import MM_PER_M

if TYPE_CHECKING:
    from siting.access.service_area import Outline
    from siting.network.graph import Network

SAMPLES_PER_BUFFER = 12
"""Between streets the border of two areas is drawn by places this many to a buffer's width."""
MARGIN_M = 2.0
"""Streets this much further away than the buffer are looked at too."""
HAIR_M2 = 1e-6
SLIVER_M2 = 0.01
GRID_M = 0.001
END_M = 0.05
"""Near the end of a part lies a place on either side, so that the border crosses the street just there."""

_FEW = 8

Shapes = NDArray[np.object_]


def split_shapes(outline: Outline, parts: StreetParts, whole: shapely.Geometry, n: int) -> list[shapely.Geometry]:
    """Areas of all facilities, which share out the dissolved area without overlap.

    A place near one facility's streets alone is in its area; where others are not much farther, it goes to the facility
    whose reached street is nearest.

    Parameters
    ----------
    parts : what each facility has of the streets
    whole : the dissolved area, drawn by the same outline
    n : number of facilities
    """
    segments = [segments_of(outline.network, *parts.of(j)) for j in range(n)]
    own = np.array(shapes_beyond(segments, outline.buffer_m), dtype=object)
    alones = [alone(j, own, near) for j, near in enumerate(neighbours(own))]
    settled = np.array([polygonal(shape) for shape in within(whole, np.array(alones, dtype=object))], dtype=object)
    rest = shapely.get_parts(minus(whole, joined(settled.tolist())))
    shares = Contested(outline.network, parts, outline.buffer_m).shares(rest[~shapely.is_empty(rest)])
    return [polygonal(joined([settled[j], *shares.get(j, [])])) for j in range(n)]


def within(whole: shapely.Geometry, shapes: Shapes) -> Shapes:
    """Parts of shapes within a large one, of which only what is near each few is looked at."""
    if len(shapes) <= _FEW or shapely.is_empty(shapes).all():
        return np.asarray(shapely.intersection(shapes, whole), dtype=object)
    x0, y0, x1, y1 = shapely.bounds(shapes).T
    along = x0 + x1 if np.nanmax(x1) - np.nanmin(x0) > np.nanmax(y1) - np.nanmin(y0) else y0 + y1
    order = np.argsort(along, kind="stable")
    found = np.empty(len(shapes), dtype=object)
    for half in np.array_split(order, 2):
        if shapely.is_empty(shapes[half]).all():
            found[half] = shapes[half]
            continue
        west, south, east, north = shapely.total_bounds(shapes[half])
        near = shapely.intersection(whole, shapely.box(west - 1, south - 1, east + 1, north + 1))
        found[half] = within(near, shapes[half])
    return found


def neighbours(shapes: Shapes) -> list[NDArray[np.int64]]:
    """Positions of the other shapes that each shape meets."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    order = np.lexsort((other, one))
    one, other = one[order], other[order]
    one, other = one[one != other], other[one != other]
    return np.split(other, np.searchsorted(one, np.arange(1, len(shapes)))) if len(shapes) else []


def alone(j: int, shapes: Shapes, others: NDArray[np.int64]) -> shapely.Geometry:
    """Return what of a shape no other holds."""
    mine: shapely.Geometry = shapes[j]
    return reduce(minus, shapes[others].tolist(), mine)


def joined(shapes: list[shapely.Geometry]) -> shapely.Geometry:
    """Join shapes that do not overlap.

    Joining many at once can lose whole pieces where borders run hairlines apart; then they are joined one by one.
    """
    one: shapely.Geometry = shapely.union_all(shapes)
    if abs(shapely.area(one) - shapely.area(shapes).sum()) > SLIVER_M2:
        one = reduce(lambda left, right: shapely.union(left, right), shapes)
    return one


def minus(shape: shapely.Geometry, other: shapely.Geometry) -> shapely.Geometry:
    """Return the area of a shape that is outside another."""
    left: shapely.Geometry = shapely.difference(shape, other)
    return polygonal(left)


def polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    """Keep the areas of a shape, without the lines and points that overlays leave."""
    parts = shapely.get_parts(shape)
    areas = parts[(shapely.get_dimensions(parts) == 2) & (shapely.area(parts) > HAIR_M2)]
    if len(areas) == 0:
        return shapely.Polygon()
    return areas[0] if len(areas) == 1 else shapely.MultiPolygon(areas.tolist())


@dataclass(frozen=True, slots=True)
class Contested:
    """Shares out areas that several facilities' streets surround."""

    network: Network
    parts: StreetParts
    buffer_m: float

    def shares(self, areas: Shapes) -> dict[int, list[shapely.Geometry]]:
        """Pieces of the areas by the facility whose street is nearest."""
        lines, owner = part_lines(self.network, self.parts), self.parts.owner
        tree = shapely.STRtree(lines)
        places, line = places_along(lines, self.buffer_m / SAMPLES_PER_BUFFER)
        order = np.argsort(line, kind="stable")
        places, ptr = np.round(places[order], 3), starts(line, len(lines))  # nearer places make no sound cells
        found: dict[int, list[shapely.Geometry]] = {}
        for area in areas:
            near = np.sort(tree.query(area, predicate="dwithin", distance=self.buffer_m + MARGIN_M))
            if len(set(owner[near].tolist())) == 1:
                found.setdefault(int(owner[near[0]]), []).append(area)
            elif area.area < SLIVER_M2:
                at = shapely.distance(lines[near], shapely.point_on_surface(area))
                found.setdefault(int(owner[near[np.argmin(at)]]), []).append(area)
            else:
                xy = np.concatenate([places[ptr[k] : ptr[k + 1]] for k in near])
                who = np.repeat(owner[near], np.diff(ptr)[near])
                low, high = np.array(area.bounds).reshape(2, 2)
                there = (np.maximum(low - xy, xy - high) <= self.buffer_m + MARGIN_M).all(axis=1)
                for facility, piece in by_nearest(area, xy[there], who[there]):
                    found.setdefault(facility, []).append(piece)
        return found


def by_nearest(
    area: shapely.Geometry, xy: NDArray[np.float64], who: NDArray[np.int64]
) -> list[tuple[int, shapely.Geometry]]:
    """Cut an area by the nearest of places along facilities' streets."""
    order = np.lexsort((who, xy[:, 1], xy[:, 0]))  # where streets cross, the lower position
    xy, who = xy[order], who[order]
    new = np.append(True, (np.diff(xy, axis=0) != 0).any(axis=1))
    xy, who = xy[new], who[new]
    if len(set(who.tolist())) == 1:
        return [(int(who[0]), area)]
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(xy), extend_to=area, ordered=True))
    touched = np.sort(shapely.STRtree(cells).query(area, predicate="intersects"))
    for k in touched[shapely.get_type_id(cells[touched]) != shapely.GeometryType.POLYGON]:
        cells[k] = polygonal(cells[k])  # a cell as thin as a hair may come with lines
    touched = touched[~shapely.is_empty(cells[touched])]
    pieces, left = [], area
    first, *others = np.unique(who[touched]).tolist()
    for facility in others:
        cell = together(cells[touched[who[touched] == facility]])
        pieces.append((int(facility), polygonal(shapely.intersection(left, cell))))
        left = minus(left, cell)
    return [*pieces, (int(first), left)]


def together(cells: Shapes) -> shapely.Geometry:
    """Join cells of one diagram, which share their borders point by point."""
    try:
        one: shapely.Geometry = shapely.coverage_union_all(cells)
    except shapely.GEOSException:  # borders that do not quite meet
        return shapely.union_all(cells, grid_size=GRID_M)
    if not shapely.is_valid(one):  # cells so thin that their corners fall together
        one = shapely.union_all(cells, grid_size=GRID_M)
    return one


def part_lines(network: Network, parts: StreetParts) -> Shapes:
    """Lines (points, where they have no length) of parts of streets."""
    lines = network.lines[parts.edge]
    cut = np.flatnonzero((parts.low_mm > 0) | (parts.high_mm < network.edge_mm[parts.edge]))
    scale = network.stretch[parts.edge[cut]] * MM_PER_M
    segments, row = segments_of_parts(
        network.edge_coords, network.edge_ptr, parts.edge[cut], parts.low_mm[cut] / scale, parts.high_mm[cut] / scale
    )
    last = np.append(np.flatnonzero(np.diff(row)), len(row) - 1)[: len(cut)]
    vertices = np.insert(segments[:, :2], last + 1, segments[last, 2:], axis=0)
    lines[cut] = shapely.linestrings(vertices, indices=np.insert(row, last + 1, row[last]))
    points = cut[parts.low_mm[cut] == parts.high_mm[cut]]
    lines[points] = shapely.get_point(lines[points], 0)
    return np.asarray(lines, dtype=object)


def places_along(lines: Shapes, spacing_m: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Places along lines, even and at most ``spacing_m`` apart, one near each end; and the line of each."""
    length = shapely.length(lines)
    count = np.maximum(np.ceil(length / spacing_m), 1).astype(np.int64)
    line = np.repeat(np.arange(len(lines)), count)
    number = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    end = np.minimum(END_M, length / 4)
    every = np.arange(len(lines))
    line = np.concatenate([line, every, every])
    metres = np.concatenate([(number + 0.5) * (length / count)[line[: len(number)]], end, length - end])
    points = np.where(
        shapely.get_dimensions(lines[line]) == 1, shapely.line_interpolate_point(lines[line], metres), lines[line]
    )
    return shapely.get_coordinates(points), line
