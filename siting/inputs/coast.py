"""The sea as polygons, from the coastline of an OSM file.

OSM draws no sea, only its shore: ways ``natural=coastline`` with land on their left and sea on their right. Here the
area of the file is cut into faces along the coastline and the edge of the area. A face is sea if it lies on the right
of every piece of coastline around it. All that cannot be told (no coastline around, a coastline that ends inside, ways
that contradict each other) stays land: sea drawn over land would forbid good sites.

Coordinates are whole units of 1e-7 degrees until the end, so nodes stay exactly where they are; which side a point
lies on does not depend on how far apart meridians are. Only angles and distances are measured in metres.
"""

import math
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.inputs.osm_scan import NO_PLACE, UNITS_PER_DEGREE, Scan
from siting.inputs.osm_tally import Tally

Bounds = tuple[float, float, float, float]
Floats = NDArray[np.float64]

METRES_PER_UNIT = 6_371_008.8 * math.pi / 180 / UNITS_PER_DEGREE  # north to south, on a sphere of the mean radius

NEAR_M = 100.0
"""A coastline that ends this near to the edge of the area is drawn on to the edge: it was cut there."""

STRAIGHT_RATIO = 3.0
"""Beside the shortest way to the edge, the way straight on is thought possible up to this many times its length."""

TURN_DEG = 45.0
"""Beyond an end far from the edge, the coast may turn this much towards the sea."""

STEP_DEG = 15.0
"""The turn is tried in steps of this size."""

ON_LINE_UNITS = 0.01
"""What counts as lying on a piece of coastline (about a millimetre; cut points are rounded)."""


@dataclass(frozen=True, slots=True)
class Coast:
    """Pieces of coastline in units of 1e-7 degrees, each from ``start`` to ``end`` with land on its left.

    ``start`` and ``end`` have shape (n, 2), ``way`` shape (n,).
    """

    start: Floats
    end: Floats
    way: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.way)

    def lines(self) -> Any:
        """Return every piece as a line, shape (n,)."""
        return shapely.linestrings(np.stack((self.start, self.end), axis=1))

    def select(self, keep: NDArray[np.bool_]) -> "Coast":
        """Return the pieces that ``keep`` marks."""
        return Coast(self.start[keep], self.end[keep], self.way[keep])


@dataclass(frozen=True, slots=True)
class _Area:
    """The box that is cut into faces, in units, with the metres of one unit eastwards and northwards."""

    low: Floats
    high: Floats
    metres: Floats

    @classmethod
    def of(cls, box: tuple[int, int, int, int]) -> "_Area":
        """Return the area of a box (west, south, east, north) in units."""
        middle = math.radians((box[1] + box[3]) / 2 / UNITS_PER_DEGREE)
        metres = METRES_PER_UNIT * np.array([math.cos(middle), 1.0])
        return cls(np.array(box[:2], dtype=np.float64), np.array(box[2:], dtype=np.float64), metres)

    @property
    def polygon(self) -> Any:
        """The box as a polygon."""
        return shapely.box(*self.low, *self.high)

    def holds(self, place: Floats) -> bool:
        """Whether a place lies inside, not on the edge."""
        return bool((place > self.low).all() and (place < self.high).all())

    def go(self, place: Floats, bearing_deg: float, distance_m: float) -> Floats:
        """Return the place reached by going straight."""
        turn = math.radians(bearing_deg)
        return place + np.array([math.cos(turn), math.sin(turn)]) * distance_m / self.metres

    def reach_m(self, place: Floats, bearing_deg: float) -> float:
        """Return how far the edge is in one direction."""
        step = self.go(place, bearing_deg, 1.0) - place
        room = [
            (self.high[k] - place[k] if step[k] > 0 else self.low[k] - place[k]) / step[k]
            for k in (0, 1)
            if abs(step[k]) > 1e-9
        ]
        return float(min(room))

    def shortest(self, place: Floats) -> tuple[float, float]:
        """Return distance (m) and bearing of the nearest point of the edge."""
        return min((self.reach_m(place, bearing), bearing) for bearing in (0.0, 90.0, 180.0, -90.0))


@dataclass(frozen=True, slots=True)
class _End:
    """Where a coastline stops inside the area; bearings in degrees, counter-clockwise from east."""

    place: Floats
    heading_deg: float
    seaward: int  # a turn towards the sea is counter-clockwise (1) or clockwise (-1)
    edge_m: float
    edge_deg: float
    way: int


@dataclass(frozen=True, slots=True)
class _Closing:
    """One or two lines from an end to the edge; between two, in ``unknown``, nobody can tell land from sea."""

    rays: tuple[Any, ...]
    unknown: Any


def sea_area(bounds: Bounds, streets: Bounds) -> Bounds:
    """Return where sea is drawn: the area of the file, but no further from the streets than these spread.

    The header of an extract may still state the area of a whole country.
    """
    reach = max(streets[2] - streets[0], streets[3] - streets[1], 0.05)
    return (
        max(bounds[0], streets[0] - reach),
        max(bounds[1], streets[1] - reach),
        min(bounds[2], streets[2] + reach),
        min(bounds[3], streets[3] + reach),
    )


def sea_polygons(scan: Scan, area: Bounds, tally: Tally) -> tuple[list[Any], int, int]:
    """Return the polygons of the sea and how many coastline ways came in and were used.

    Parameters
    ----------
    scan : what was read; `Scan.coast` names the ways
    area : (west, south, east, north) in degrees; nothing is drawn outside
    tally : takes ways without usable nodes or outside the area, ends and faces in doubt

    Returns
    -------
    polygons (EPSG:4326, valid, from west to east), ways in, ways used
    """
    everything = _read(scan, tally)
    keep = np.zeros(len(everything), dtype=bool)
    west, south, east, north = (round(v * UNITS_PER_DEGREE) for v in area)
    if west < east and south < north:
        low, high = np.minimum(everything.start, everything.end), np.maximum(everything.start, everything.end)
        keep |= (high >= (west, south)).all(axis=1) & (low <= (east, north)).all(axis=1)
    coast = everything.select(keep)
    inside = np.unique(coast.way)
    for way in np.setdiff1d(everything.way, inside).tolist():
        tally.add("coast_outside", f"way/{way}")
    polygons = _sea(coast, _Area.of((west, south, east, north)), tally) if len(coast) else []
    tally.add_count("sea_polygons", len(polygons))
    return polygons, len(scan.coast), len(inside)


def note_buildings(sea: list[Any], buildings: gpd.GeoDataFrame, tally: Tally) -> None:
    """List buildings whose middle lies in the sea: many of them would show that the coastline is wrong."""
    if not sea:
        return
    points = shapely.centroid(buildings.geometry.to_numpy())
    for row in np.unique(shapely.STRtree(points).query(sea, predicate="contains")[1]).tolist():
        tally.add("building_in_sea", str(buildings.index[row]))


def _read(scan: Scan, tally: Tally) -> Coast:
    """Collect the pieces between neighbouring nodes; a way is cut where the file lacks nodes."""
    starts, ends, ways = [np.empty((0, 2))], [np.empty((0, 2))], [np.empty(0, dtype=np.int64)]
    for way in sorted(scan.coast):
        span = scan.span(way)
        xy = np.column_stack((scan.x[span], scan.y[span])).astype(np.float64)
        there = (xy != NO_PLACE).all(axis=1)
        linked = there[1:] & there[:-1] & (xy[1:] != xy[:-1]).any(axis=1)
        if not linked.any():
            tally.add("no_usable_piece", f"way/{way}")
            continue
        if not there.all():
            tally.add("way_cut", f"way/{way}")
        starts.append(xy[:-1][linked])
        ends.append(xy[1:][linked])
        ways.append(np.full(int(linked.sum()), way, dtype=np.int64))
    return Coast(np.concatenate(starts), np.concatenate(ends), np.concatenate(ways))


def _sea(coast: Coast, area: _Area, tally: Tally) -> list[Any]:
    """Cut the area along the coast and keep the faces that are sea."""
    lines = coast.lines()
    tree = shapely.STRtree(lines)
    closings = []
    for end in _open_ends(coast, area):
        tally.add("coast_extended" if end.edge_m <= NEAR_M else "coast_open", f"way/{end.way}")
        closings.append(_close(end, area, tree, coast))
    rays = [ray for closing in closings for ray in closing.rays]
    # Lines cross the edge instead of ending on it, where rounding would leave a gap; the union cuts them there.
    network = shapely.union_all(np.array([*lines, *rays, area.polygon.exterior], dtype=object))
    found, cuts, dangles, _ = shapely.polygonize_full([network])
    faces = shapely.orient_polygons(shapely.get_parts(found))
    middle = shapely.point_on_surface(faces)
    within = shapely.contains(area.polygon, middle)
    faces, middle = faces[within], middle[within]
    unknown = np.zeros(len(faces), dtype=bool)
    for closing in closings:
        if closing.unknown is not None:
            unknown |= shapely.contains(closing.unknown, middle)
    sea, doubt = _sides(faces, coast, tree)
    doubt |= _loose(faces, np.concatenate((shapely.get_parts(cuts), shapely.get_parts(dangles))), coast, tree)
    for row in sorted(doubt):
        if not unknown[row]:
            tally.add("coast_undecided", f"way/{doubt[row]}")
    sea[list(doubt)] = False
    drawn = shapely.transform(faces[sea & ~unknown], lambda xy: xy / UNITS_PER_DEGREE)
    polygons = [p if p.is_valid else shapely.make_valid(p, method="structure", keep_collapsed=False) for p in drawn]
    return sorted(shapely.normalize(polygons), key=lambda p: (*p.bounds, p.area)) if polygons else []


def _sides(faces: Any, coast: Coast, tree: shapely.STRtree) -> tuple[NDArray[np.bool_], dict[int, int]]:
    """Tell which faces have sea on their side of the coast, and a way that contradicts for those with both.

    The rings of the faces run with the face on their left, so coastline in the same direction says land.
    """
    rings, face = shapely.get_rings(faces, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    row = np.flatnonzero(ring[1:] == ring[:-1])
    a, b, of = xy[row], xy[row + 1], face[ring[row]]
    piece, k = tree.query(shapely.points((a + b) / 2), predicate="dwithin", distance=ON_LINE_UNITS)
    along = ((b[piece] - a[piece]) * (coast.end[k] - coast.start[k])).sum(axis=1)
    length = np.hypot(*(b[piece] - a[piece]).T)
    land_length = np.bincount(of[piece[along > 0]], length[along > 0], minlength=len(faces))
    sea_length = np.bincount(of[piece[along < 0]], length[along < 0], minlength=len(faces))
    doubt: dict[int, int] = {}
    for both in np.flatnonzero((land_length > 0) & (sea_length > 0)).tolist():
        weaker = along > 0 if land_length[both] <= sea_length[both] else along < 0
        doubt[both] = int(coast.way[k[weaker & (of[piece] == both)]].min())
    return sea_length > 0, doubt


def _loose(faces: Any, loose: Any, coast: Coast, tree: shapely.STRtree) -> dict[int, int]:
    """Return the faces in which coastline ends without dividing anything: both its sides are the same face."""
    middle = shapely.line_interpolate_point(loose, 0.5, normalized=True)
    line, k = tree.query(middle, predicate="dwithin", distance=ON_LINE_UNITS)
    point, face = shapely.STRtree(faces).query(middle[line], predicate="within")
    found: dict[int, int] = {}
    for f, way in zip(face.tolist(), coast.way[k[point]].tolist(), strict=True):
        found[f] = min(way, found.get(f, way))
    return found


def _open_ends(coast: Coast, area: _Area) -> list[_End]:
    """Find where coastlines stop inside the area."""
    places = np.concatenate((coast.start, coast.end))
    _, first, times = np.unique(places, axis=0, return_index=True, return_counts=True)
    single = first[times == 1]
    ways = np.concatenate((coast.way, coast.way))[single].tolist()
    way_at = dict(zip(map(tuple, places[single].tolist()), ways, strict=True))
    ends: list[_End] = []
    for chain in shapely.get_parts(shapely.line_merge(shapely.multilinestrings(coast.lines()), directed=True)):
        xy = shapely.get_coordinates(chain)
        for line, seaward in ((xy, -1), (xy[::-1], 1)):
            place = line[-1]
            way = way_at.get(tuple(place.tolist()))
            if way is None or not area.holds(place):
                continue
            edge_m, edge_deg = area.shortest(place)
            heading = _heading(line * area.metres, edge_m)
            ends.append(_End(place, heading, seaward, edge_m, edge_deg, way))
    return sorted(ends, key=lambda e: (e.way, *e.place.tolist()))


def _heading(line_m: Floats, back_m: float) -> float:
    """Return the bearing at the end of a line, over as long a stretch as is still to go."""
    line = shapely.linestrings(line_m)
    before = shapely.get_coordinates(shapely.line_interpolate_point(line, max(shapely.length(line) - back_m, 0.0)))[0]
    if not np.hypot(*(line_m[-1] - before)) > 0:
        before = line_m[-2]
    east, north = line_m[-1] - before
    return math.degrees(math.atan2(north, east))


def _close(end: _End, area: _Area, tree: shapely.STRtree, coast: Coast) -> _Closing:
    """Draw the coast on from its end to the edge, in the outermost of the directions it may take.

    Near the edge these are the shortest way and, if it is not much longer, the way straight on. Far from it they are
    a turn off to the land and a turn towards the sea, the latter only as far as no other coast stands in the way.
    """
    if end.edge_m <= NEAR_M:
        bearings = [end.edge_deg]
        if area.reach_m(end.place, end.heading_deg) <= STRAIGHT_RATIO * end.edge_m:
            bearings.append(end.heading_deg)
    else:
        turns = np.linspace(0.0, TURN_DEG, 1 + round(TURN_DEG / STEP_DEG)).tolist()
        free = [t for t in turns if _is_free(end, end.heading_deg + end.seaward * t, area, tree, coast)]
        most = free[-1] if free and free[0] == 0.0 else TURN_DEG
        bearings = [end.heading_deg + end.seaward * turn for turn in (-90.0, 0.0, most)]
    beyond = 4.0 * float(np.hypot(*((area.high - area.low) * area.metres)))
    fan = np.array([end.place, *(area.go(end.place, b, beyond) for b in bearings)])
    outer = dict.fromkeys((bearings[0], bearings[-1]))
    rays = tuple(_ray(end, b, area) for b in outer)
    return _Closing(rays, shapely.intersection(shapely.polygons(fan), area.polygon) if len(rays) > 1 else None)


def _ray(end: _End, bearing_deg: float, area: _Area) -> Any:
    """Return the line from an end to just beyond the edge, so that it surely meets it."""
    reach_m = area.reach_m(end.place, bearing_deg)
    return shapely.linestrings(np.array([end.place, area.go(end.place, bearing_deg, reach_m + 1.0)]))


def _is_free(end: _End, bearing_deg: float, area: _Area, tree: shapely.STRtree, coast: Coast) -> bool:
    """Whether one can go to the edge without meeting other coast."""
    met = tree.query(_ray(end, bearing_deg, area), predicate="intersects")
    own = (coast.start[met] == end.place).all(axis=1) | (coast.end[met] == end.place).all(axis=1)
    return bool(own.all())
