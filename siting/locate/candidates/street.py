"""Candidates along streets: open ground beside the carriageway, measured.

For every point along a street a disc of ground on either side of the carriageway is looked at. What buildings, water,
other exclusions and carriageways leave of it, in one piece and nowhere narrower than a small building needs, is the
room there is. None of the figures here is from a standard: they are assumptions, all of them parameters.
"""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from siting.errors import InputError
from siting.ledger import Text
from siting.locate.candidates.exclusions import Exclusions, cut_away, largest_room

HALF_WIDTH_M: Mapping[str, float] = {
    "motorway": 14.0, "motorway_link": 5.0, "trunk": 13.0, "trunk_link": 5.0, "primary": 11.0, "primary_link": 5.0,
    "secondary": 9.0, "secondary_link": 4.5, "tertiary": 7.0, "tertiary_link": 4.5, "unclassified": 4.5,
    "residential": 4.5, "living_street": 3.5, "road": 4.5, "service": 3.0, "busway": 4.0, "track": 2.0,
    "pedestrian": 3.0, "cycleway": 1.5, "footway": 1.25, "path": 1.0, "bridleway": 1.0, "steps": 1.5,
}  # fmt: skip
"""Assumed half width of the carriageway by class of street, where a map knows only the centre line."""

NO_FRONTAGE = frozenset(
    {"motorway", "motorway_link", "trunk_link", "steps", "corridor", "elevator", "platform", "busway"}
)
"""Classes beside which nothing is proposed: no frontage, or inside a building."""

WALKED_ONLY = frozenset({"pedestrian", "cycleway", "footway", "path", "bridleway", "steps", "track"})
"""Classes without vehicles, hence without a footway beside them."""

_OTHER_HALF_WIDTH_M = 4.0
# Room further than this behind the edge of the carriageway is a back yard, not frontage.
_SETBACK_M = 4.0
_NAME_WITHIN_M = 60.0

SOURCE = Text(
    "街道沿线空地（按图测量，权属未核实）", "open ground at street frontage (measured on the map; ownership not known)"
)


def street_points(
    streets: gpd.GeoDataFrame,
    exclusions: Exclusions,
    *,
    spacing_m: float,
    min_area_m2: float,
    radius_m: float,
    min_width_m: float,
    footway_m: float = 0.0,
    roads: gpd.GeoDataFrame | None = None,
    within: gpd.GeoDataFrame | None = None,
    near: NDArray[np.object_] | None = None,
    near_m: float = 0.0,
) -> gpd.GeoDataFrame:
    """Look for room every ``spacing_m`` along the streets.

    Parameters
    ----------
    streets : lines in metres, columns ``way_id``, ``name``, ``highway``, ``bridge``, ``tunnel`` and, where known,
        ``footway``, ``steps``, ``indoor``, ``carries``
    radius_m : of the disc of ground that is looked at
    footway_m : strip beside every carriageway that stays free for walking
    roads : further lines with ``highway`` whose carriageway may not be built on, e.g. those closed to walkers
    within : polygons of the study area: of the two sides only one inside counts; points with room outside are left out
    near, near_m : only points of streets this near to one of these geometries

    Returns
    -------
    One row a point that is no nearer than ``spacing_m`` to a better one: ``plot``, ``street``, ``area_m2``,
    ``land_source``, ``allowed``, ``refusal``, ``street_m``; geometry inside the room, or on the street where there is
    none
    """
    hosts = _hosts(streets)
    if near is not None:
        close = shapely.STRtree(near).query(hosts.geometry.array, predicate="dwithin", distance=near_m)[0]
        hosts = gpd.GeoDataFrame(hosts.iloc[np.unique(close)])
    points = _one_a_cell(
        _along(hosts, min(spacing_m, 40.0) if near is not None else spacing_m / 2, footway_m), spacing_m / 3
    )
    if near is not None and len(points):
        keep = np.unique(shapely.STRtree(near).query(points.geometry.array, predicate="dwithin", distance=near_m)[0])
        points = points.iloc[keep]
    if not len(points):
        return _empty(streets)
    taken, tree = _carriageways(streets, roads, footway_m)
    room, area, place, beyond = _room_beside(
        points, exclusions, taken, tree, min_area_m2, radius_m, min_width_m, within
    )
    allowed = area >= max(min_area_m2, 1e-9)
    ours = allowed | ~beyond
    points, room, area, place, allowed = points[ours], room[ours], area[ours], place[ours], allowed[ours]
    if not len(points):
        return _empty(streets)
    centre = np.asarray(points.geometry.array, dtype=object)
    inside = np.where(allowed, shapely.point_on_surface(room), centre)
    kept = _thin(shapely.get_coordinates(inside), allowed, np.round(area, 1), spacing_m)
    points, inside, centre, area, place, allowed = (
        points.iloc[kept], inside[kept], centre[kept], area[kept], place[kept], allowed[kept]
    )  # fmt: skip
    return gpd.GeoDataFrame(
        {
            "plot": points["way_id"].to_numpy(dtype=object),
            "street": _street_names(points, streets),
            "area_m2": np.round(area, 1),
            "land_source": SOURCE.both(" "),
            "allowed": allowed,
            "street_m": np.round(shapely.distance(inside, centre), 1),
            "refusal": _refusals(exclusions, place, allowed, area, min_area_m2),
        },
        geometry=gpd.GeoSeries(inside, crs=streets.crs),
    )


def _hosts(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Streets beside which something may be built, in an order that does not depend on that of the rows."""
    missing = [c for c in ("way_id", "highway") if c not in streets.columns]
    if missing:
        msg = f"streets: columns {', '.join(missing)} are missing; give network.edges_frame()"
        raise InputError(msg)
    keep = ~streets["highway"].isin(NO_FRONTAGE).to_numpy(dtype=bool)
    for flag in ("bridge", "tunnel", "steps", "indoor"):
        if flag in streets.columns:
            keep &= ~streets[flag].fillna(False).astype(bool).to_numpy()
    if "footway" in streets.columns:
        keep &= ~streets["footway"].isin(["crossing", "traffic_island"]).to_numpy(dtype=bool)
    if "carries" in streets.columns:
        keep &= streets["carries"].to_numpy(dtype=bool)
    hosts = streets[keep]
    middle = shapely.get_coordinates(shapely.line_interpolate_point(hosts.geometry.array, 0.5, normalized=True))
    order = np.lexsort(
        (middle[:, 1].round(3), middle[:, 0].round(3), hosts["way_id"].astype(str).to_numpy(dtype=object))
    )
    return gpd.GeoDataFrame(hosts.iloc[order].reset_index(drop=True))


def _along(hosts: gpd.GeoDataFrame, step_m: float, footway_m: float) -> gpd.GeoDataFrame:
    """Points along each line, at most ``step_m`` apart and at least one a line, with the direction of the street."""
    lines = np.asarray(hosts.geometry.array, dtype=object)
    length = shapely.length(lines)
    count = np.maximum(1, np.ceil(length / step_m)).astype(np.int64)
    row = np.repeat(np.arange(len(lines)), count)
    turn = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    at = (turn + 0.5) / count[row] * length[row]
    point = shapely.line_interpolate_point(lines[row], at)
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines[row], np.minimum(at + 0.5, length[row])))
    behind = shapely.get_coordinates(shapely.line_interpolate_point(lines[row], np.maximum(at - 0.5, 0.0)))
    run = ahead - behind
    size = np.hypot(*run.T)
    table = hosts[[c for c in ("way_id", "name", "highway") if c in hosts.columns]].iloc[row].reset_index(drop=True)
    table["dx"] = np.divide(run[:, 0], size, out=np.zeros_like(size), where=size > 0)
    table["dy"] = np.divide(run[:, 1], size, out=np.zeros_like(size), where=size > 0)
    table["half_m"] = half_width_m(table["highway"], footway_m)
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(point, crs=hosts.crs))


def _one_a_cell(points: gpd.GeoDataFrame, cell_m: float) -> gpd.GeoDataFrame:
    """Keep the first point of each cell: dense footways need not all be measured."""
    cell = np.floor(shapely.get_coordinates(points.geometry.array) / cell_m)
    first = np.sort(np.unique(cell, axis=0, return_index=True)[1])
    return gpd.GeoDataFrame(points.iloc[first].reset_index(drop=True))


def half_width_m(highway: "pd.Series[str]", footway_m: float = 0.0) -> NDArray[np.float64]:
    """Assumed half width of the carriageway of each class, with the footway beside it where vehicles run."""
    half = np.asarray(highway.map(dict(HALF_WIDTH_M)).fillna(_OTHER_HALF_WIDTH_M), dtype=np.float64)
    return half + np.where(highway.isin(WALKED_ONLY), 0.0, footway_m)


def _carriageways(
    streets: gpd.GeoDataFrame, roads: gpd.GeoDataFrame | None, footway_m: float
) -> tuple[NDArray[np.object_], shapely.STRtree]:
    """Return the ground that streets and further roads take, tunnels left out."""
    taken = []
    for lines in (streets, roads):
        if lines is None or not len(lines):
            continue
        on_ground = lines
        if "tunnel" in lines.columns:
            on_ground = lines[~lines["tunnel"].fillna(False).astype(bool).to_numpy()]
        half = half_width_m(on_ground["highway"], footway_m)
        taken.append(shapely.buffer(on_ground.geometry.array, half, cap_style="flat", quad_segs=2))
    ground = np.concatenate(taken).astype(object)
    return ground, shapely.STRtree(ground)


def _room_beside(
    points: gpd.GeoDataFrame,
    exclusions: Exclusions,
    roads: NDArray[np.object_],
    roads_tree: shapely.STRtree,
    min_area_m2: float,
    radius_m: float,
    min_width_m: float,
    within: gpd.GeoDataFrame | None,
) -> tuple[NDArray[np.object_], NDArray[np.float64], NDArray[np.object_], NDArray[np.bool_]]:
    """Return the larger room of the two sides, its area, the disc in which it was looked for, and what lies outside.

    Room outside the study area does not count; the last array tells the points that have such room.
    """
    street = np.asarray(points.geometry.array, dtype=object)
    centre = shapely.get_coordinates(street)
    half, dx, dy = (points[c].to_numpy(dtype=np.float64) for c in ("half_m", "dx", "dy"))
    best_room = np.full(len(points), shapely.Polygon(), dtype=object)
    best_area = np.full(len(points), -1.0)
    best_disc = np.full(len(points), None, dtype=object)
    beyond = np.zeros(len(points), dtype=bool)
    whole = largest_room(shapely.buffer(shapely.points([[0.0, 0.0]]), radius_m, quad_segs=4), min_width_m)[1][0]
    for side in (1.0, -1.0):
        # The other side is looked at only where this one is not wholly free.
        now = np.flatnonzero(best_area < 0.999 * whole)
        away = (half[now] + radius_m) * side
        spot = shapely.points(centre[now, 0] - dy[now] * away, centre[now, 1] + dx[now] * away)
        disc = shapely.buffer(spot, radius_m, quad_segs=4)
        free = exclusions.cut_from(disc, min_area_m2)
        worth = np.flatnonzero(shapely.area(free) >= min_area_m2)
        room, area = np.full(len(now), shapely.Polygon(), dtype=object), np.zeros(len(now))
        room[worth], area[worth] = largest_room(cut_away(free[worth], roads, roads_tree), min_width_m)
        at_street = shapely.distance(room, street[now]) <= half[now] + _SETBACK_M
        area = np.where(at_street & ~shapely.is_empty(room), area, 0.0)
        if within is not None:
            roomy = np.flatnonzero(area >= max(min_area_m2, 1e-9))
            inside = np.zeros(len(roomy), dtype=bool)
            inside[within.sindex.query(shapely.point_on_surface(room[roomy]), "intersects")[0]] = True
            area[roomy[~inside]] = 0.0
            beyond[now[roomy[~inside]]] = True
        better = area > best_area[now]
        best_room[now[better]], best_area[now[better]] = room[better], area[better]
        best_disc[now[better]] = disc[better]
    return best_room, best_area, best_disc, beyond


def _street_names(points: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Name of the street of each point, or of the nearest named street close by, or None."""
    if "name" not in streets.columns:
        return np.full(len(points), None, dtype=object)
    names = points["name"].astype(object).where(points["name"].notna(), None).to_numpy(dtype=object).copy()
    named = streets[streets["name"].notna().to_numpy()]
    lacks = np.flatnonzero([name is None for name in names])
    if len(named) and len(lacks):
        order = np.argsort(named["name"].astype(str).to_numpy(dtype=object), kind="stable")
        named = named.iloc[order]
        point, line = shapely.STRtree(named.geometry.array).query_nearest(
            points.geometry.array[lacks], max_distance=_NAME_WITHIN_M
        )
        # Of equally near streets the first by name.
        keep = np.lexsort((line, point))
        point, line = point[keep], line[keep]
        start = np.unique(point, return_index=True)[1]
        names[lacks[point[start]]] = named["name"].astype(object).to_numpy()[line[start]]
    return np.asarray(names, dtype=object)


def _refusals(
    exclusions: Exclusions,
    place: NDArray[np.object_],
    allowed: NDArray[np.bool_],
    area: NDArray[np.float64],
    min_area_m2: float,
) -> NDArray[np.object_]:
    """Say why a point is refused: how much room there is, and what takes most of it."""
    reason = np.full(len(place), None, dtype=object)
    refused = np.flatnonzero(~allowed)
    if not len(refused):
        return reason
    hit = exclusions.first_hit(place[refused])
    for k, piece in zip(refused, hit, strict=True):
        taken = ("车行道", "carriageway") if piece < 0 else (exclusions.describe(piece),) * 2
        reason[k] = Text(
            f"空地 {area[k]:.0f} m²，少于 {min_area_m2:g} m²（{taken[0]}）",
            f"free area {area[k]:.0f} m2 of {min_area_m2:g} m2 needed ({taken[1]})",
        ).both(" / ")
    return reason


def _thin(
    xy: NDArray[np.float64], allowed: NDArray[np.bool_], area_m2: NDArray[np.float64], spacing_m: float
) -> NDArray[np.int64]:
    """Positions of the points not nearer than ``spacing_m`` to a better one: allowed before refused, then more room."""
    order = np.lexsort((xy[:, 1].round(2), xy[:, 0].round(2), -area_m2.round(-1), ~allowed))
    near = cKDTree(xy)
    dropped = np.zeros(len(xy), dtype=bool)
    chosen = []
    for k in order:
        if dropped[k]:
            continue
        chosen.append(k)
        dropped[near.query_ball_point(xy[k], spacing_m * (1 - 1e-9))] = True
    kept = np.array(chosen, dtype=np.int64)
    # Read like a page: from north to south, then from west to east.
    return kept[np.lexsort((xy[kept, 0].round(2), -xy[kept, 1].round(2)))]


def _empty(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    columns = ("plot", "street", "area_m2", "land_source", "allowed", "street_m", "refusal")
    table = {c: pd.Series(dtype=object) for c in columns}
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([], crs=streets.crs))
