"""Service areas that share out what is reached: every place goes to the facility nearest over the streets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from siting.access.places import Goals
from siting.access.street_parts import StreetParts, nearest_parts
from siting.units import MM_PER_M

if TYPE_CHECKING:
    from siting.access.service_area import Outline
    from siting.network.graph import Network

SAMPLES_PER_BUFFER = 12
"""Between streets the border of two areas is drawn by places this many to a buffer's width."""
MARGIN_M = 2.0
"""Outlines lie this much further from the streets than the buffer at most: they are simplified."""
HAIR_M2 = 1e-6
SLIVER_M2 = 0.01
GRID_M = 0.001
END_M = 0.05
"""Near the end of a part lies a place on either side, so that the border crosses the street just there."""

Shapes = NDArray[np.object_]


def split_shapes(outline: Outline, parts: StreetParts, whole: shapely.Geometry, n: int) -> list[shapely.Geometry]:
    """Areas of all facilities, which share out the dissolved area without overlap.

    A place near one facility's streets alone is in its area; where areas would overlap, a place goes to the facility
    whose reached street is nearest.

    Parameters
    ----------
    parts : what each facility has of the streets
    whole : the dissolved area, drawn by the same outline
    n : number of facilities
    """
    own = np.array([outline.around(*parts.of(j)) for j in range(n)], dtype=object)
    alones = [alone(j, own, near) for j, near in enumerate(neighbours(own))]
    settled = np.array([polygonal(shape) for shape in shapely.intersection(alones, whole)], dtype=object)
    rest = shapely.get_parts(minus(whole, joined(settled.tolist())))
    shares = Contested(outline.network, parts, outline.buffer_m).shares(rest[~shapely.is_empty(rest)])
    return [polygonal(joined([settled[j], *shares.get(j, [])])) for j in range(n)]


def reached_shape(outline: Outline, goals: Goals, limit: int, parts: StreetParts | None = None) -> shapely.Geometry:
    """One area around all that is reached; ``parts`` are what `nearest_parts` found, if it was asked already."""
    if outline.network.times is None:
        return outline.dissolved(goals, limit)
    if parts is None:
        parts = nearest_parts(outline.network, goals, limit)
    return outline.around(parts.edge, parts.low_mm, parts.high_mm)


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
        found: dict[int, list[shapely.Geometry]] = {}
        for area in areas:
            near = np.sort(tree.query(area, predicate="dwithin", distance=self.buffer_m + MARGIN_M))
            if len(set(owner[near].tolist())) == 1:
                found.setdefault(int(owner[near[0]]), []).append(area)
            elif area.area < SLIVER_M2:
                at = shapely.distance(lines[near], shapely.point_on_surface(area))
                found.setdefault(int(owner[near[np.argmin(at)]]), []).append(area)
            else:
                for who, piece in self.by_nearest(area, lines[near], owner[near]):
                    found.setdefault(who, []).append(piece)
        return found

    def by_nearest(self, area: shapely.Geometry, lines: Shapes, owner: NDArray[np.int64]) -> list[tuple[int, Any]]:
        """Cut an area by the nearest of lines, as told by places along them."""
        around = shapely.buffer(area, self.buffer_m + MARGIN_M)
        lines, line = shapely.get_parts(shapely.intersection(lines, around), return_index=True)
        lines, line = lines[~shapely.is_empty(lines)], line[~shapely.is_empty(lines)]
        xy, of = places_along(lines, self.buffer_m / SAMPLES_PER_BUFFER)
        xy, who = np.round(xy, 3), owner[line[of]]  # places nearer than that make no sound cells
        order = np.lexsort((who, xy[:, 1], xy[:, 0]))  # where streets cross, the lower position
        xy, who = xy[order], who[order]
        new = np.append(True, (np.diff(xy, axis=0) != 0).any(axis=1))
        xy, who = xy[new], who[new]
        if len(set(who.tolist())) == 1:
            return [(int(who[0]), area)]
        cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(xy), extend_to=area, ordered=True))
        pieces, left = [], area
        first, *others = np.unique(who).tolist()
        for facility in others:
            cell = together(cells[who == facility])
            pieces.append((int(facility), polygonal(shapely.intersection(left, cell))))
            left = minus(left, cell)
        return [*pieces, (int(first), left)]


def together(cells: Shapes) -> shapely.Geometry:
    """Join cells of one diagram, which share their borders point by point."""
    one: shapely.Geometry = shapely.coverage_union_all(cells)
    if not shapely.is_valid(one):  # cells so thin that their corners fall together
        one = shapely.union_all(cells, grid_size=GRID_M)
    return one


def part_lines(network: Network, parts: StreetParts) -> Shapes:
    """Lines (points, where they have no length) of parts of streets."""
    lines = network.lines[parts.edge]
    scale = network.stretch[parts.edge] * MM_PER_M
    for k in np.flatnonzero((parts.low_mm > 0) | (parts.high_mm < network.edge_mm[parts.edge])):
        lines[k] = substring(lines[k], parts.low_mm[k] / scale[k], parts.high_mm[k] / scale[k])
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
