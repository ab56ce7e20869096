"""Where a facility is entered: at its mapped gates, else where streets cross its edge, else where it lies open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.errors import GeometryError
from siting.network.graph import MAX_SNAP_M
from siting.network.layers import first, geometries, labels
from siting.network.segments import SegmentGrid
from siting.network.snap import along_mm, snap_xy

if TYPE_CHECKING:
    from siting.network.graph import Network

GATE_TOLERANCE_M = 2.0
"""A mapped entrance this near to a boundary is on it."""
OPEN_BOUNDARY_M = 20.0
"""A boundary without gates and crossings is open where a street passes this near."""
OPEN_RATIO = 1.25
"""Where the nearest street is farther, a boundary is open at up to this many times that distance."""
SPACING_M = 20.0
"""Along an open boundary, and along a street that runs on a boundary, one entry at least every so often."""
CLOSED_ACCESS = ("private", "no")

Positions = NDArray[np.int64]
Points = NDArray[np.float64]


def entries(
    network: Network,
    facilities: gpd.GeoDataFrame,
    entrances: gpd.GeoDataFrame | None = None,
    *,
    max_snap_m: float = MAX_SNAP_M,
    gate_tolerance_m: float = GATE_TOLERANCE_M,
    open_boundary_m: float = OPEN_BOUNDARY_M,
    spacing_m: float = SPACING_M,
) -> gpd.GeoDataFrame:
    """Points at which facilities are entered, placed on the network.

    A point facility is entered where it stands (``point``; each part of a MultiPoint). An area is entered by the first
    of these that it has:

    1. ``gate``: mapped entrances within ``gate_tolerance_m`` of its boundary whose ``access`` is not private or no. One
       that lies outside the area is moved onto the boundary, so no network way is shorter than the straight line.
       Where the list of gates may lack some (``complete`` is False for all of an area), the places of 2 count too:
       a street that passes the boundary elsewhere shows a way in that nobody mapped as a gate.
    2. ``crossing``: places where streets meet its boundary; where a street runs on the boundary, the ends of that
       stretch and places in between. Bridges and tunnels do not count.
    3. ``boundary``: the place nearest to a street, and other places on the boundary within ``open_boundary_m`` of one,
       or about as near as the nearest where that is farther. Bridges and tunnels do not count.

    Parameters
    ----------
    facilities : points and polygons, index or column ``id`` = facility id
    entrances : points of mapped gates, optionally with the columns ``access`` and ``complete`` (default: True)
    max_snap_m : entries farther from every street are listed with ``snapped`` False and reach nothing

    Returns
    -------
    One row an entry, index "<facility>/<k>" named ``id``, in the order of the facilities; columns ``facility``,
    ``kind``, ``snapped``, ``edge``, ``offset_mm``, ``access_mm`` (as in `siting.network.Snapped`), ``distance_m``.

    Raises
    ------
    GeometryError
        A facility is neither a point nor an area.
    """
    index = labels(facilities, "facilities")
    shapes = geometries(facilities, network.crs, "facilities")
    dimension = shapely.get_dimensions(shapes)
    other = (dimension == 1) | (shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    if other.any():
        msg = f"facilities: {int(other.sum())} rows are neither points nor areas (ids {first(index[other])})"
        raise GeometryError(msg)
    parts = [point_entries(network, shapes, np.flatnonzero(dimension == 0), max_snap_m)]
    areas = np.flatnonzero(dimension == 2)
    if len(areas):
        at_gates = gate_entries(network, shapes, areas, entrances, max_snap_m, gate_tolerance_m)
        known = at_gates["owner"][at_gates.pop("complete")]
        at_crossings = crossing_entries(network, shapes, np.setdiff1d(areas, known), spacing_m)
        open_only = np.setdiff1d(areas, np.union1d(at_gates["owner"], at_crossings["owner"]))
        at_boundary = boundary_entries(network, shapes, open_only, max_snap_m, open_boundary_m, spacing_m)
        parts += [at_gates, at_crossings, at_boundary]
    return table(network, index, pd.concat(parts, ignore_index=True))


def point_entries(network: Network, shapes: NDArray[np.object_], rows: Positions, max_snap_m: float) -> pd.DataFrame:
    """Entries of point facilities."""
    points, part_of = shapely.get_parts(shapes[rows], return_index=True)
    xy = shapely.get_coordinates(points)
    return placed(network, "point", rows[part_of], xy, max_snap_m)


def gate_entries(
    network: Network,
    shapes: NDArray[np.object_],
    areas: Positions,
    entrances: gpd.GeoDataFrame | None,
    max_snap_m: float,
    tolerance_m: float,
) -> pd.DataFrame:
    """Find mapped entrances on the boundaries of areas; ``complete`` says of each whether its list lacks none."""
    if entrances is None or len(entrances) == 0:
        return placed(network, "gate", areas[:0], np.empty((0, 2)), max_snap_m).assign(complete=np.empty(0, dtype=bool))
    mapped = entrances
    if "access" in mapped.columns:
        mapped = mapped[~mapped["access"].isin(CLOSED_ACCESS)]
    gates = geometries(mapped, network.crs, "entrances")
    boundary = np.asarray(shapely.boundary(shapes[areas]), dtype=object)
    area, gate = shapely.STRtree(gates).query(boundary, predicate="dwithin", distance=tolerance_m)
    outside = ~np.asarray(shapely.intersects(shapes[areas][area], gates[gate]), dtype=bool)
    xy = shapely.get_coordinates(gates[gate])
    line = shapely.shortest_line(boundary[area[outside]], gates[gate[outside]])
    xy[outside] = shapely.get_coordinates(line)[0::2]
    complete = np.ones(len(mapped), dtype=bool)
    if "complete" in mapped.columns:
        complete = mapped["complete"].fillna(value=True).to_numpy(dtype=bool)
    return placed(network, "gate", areas[area], xy, max_snap_m).assign(complete=complete[gate])


def crossing_entries(network: Network, shapes: NDArray[np.object_], areas: Positions, spacing_m: float) -> pd.DataFrame:
    """Places where streets on the ground meet the boundaries of areas; they lie on the street, at distance 0."""
    ground = network.ground_edges
    boundary = np.asarray(shapely.boundary(shapes[areas]), dtype=object)
    area, line = shapely.STRtree(network.lines[ground]).query(boundary, predicate="intersects")
    edge = ground[line]
    shared, pair = shapely.get_parts(shapely.intersection(network.lines[edge], boundary[area]), return_index=True)
    # A stretch on the boundary becomes its vertices, close enough together.
    stretch = shapely.get_dimensions(shared) == 1
    shared[stretch] = shapely.segmentize(shared[stretch], spacing_m)
    xy, part = shapely.get_coordinates(shared, return_index=True)
    pair = pair[part]
    points = shapely.points(xy)
    metres = np.nan_to_num(shapely.line_locate_point(network.lines[edge[pair]], points))
    return pd.DataFrame(
        {
            "owner": areas[area[pair]],
            "kind": "crossing",
            "edge": edge[pair],
            "offset_mm": along_mm(network, edge[pair], metres),
            "access_mm": np.int64(0),
            "distance_m": 0.0,
            "x": xy[:, 0],
            "y": xy[:, 1],
        }
    )


def boundary_entries(
    network: Network,
    shapes: NDArray[np.object_],
    areas: Positions,
    max_snap_m: float,
    open_boundary_m: float,
    spacing_m: float,
) -> pd.DataFrame:
    """Places on the boundary that face a street, and the one nearest to a street."""
    if len(areas) == 0:
        return placed(network, "boundary", areas, np.empty((0, 2)), max_snap_m)
    boundary = np.asarray(shapely.boundary(shapes[areas]), dtype=object)
    ground = network.ground_edges
    if len(ground) == 0:  # nothing to be near to: listed, and unsnapped
        xy = shapely.get_coordinates(shapely.point_on_surface(boundary))
        return placed(network, "boundary", areas, xy, max_snap_m)
    lines = network.lines[ground]
    at, line = shapely.STRtree(lines).query_nearest(boundary)
    order = np.lexsort((line, at))  # of several equally near streets the lowest
    at, where = np.unique(at[order], return_index=True)
    nearest = shapely.get_coordinates(shapely.shortest_line(boundary[at], lines[line[order][where]]))[0::2]
    xy, area = along_rings(shapes[areas], spacing_m)
    # Where the nearest street is farther, the boundary is open where it is hardly farther than there.
    nearest_m = shapely.distance(boundary[at], lines[line[order][where]])
    if network.walls is not None:  # the nearest street may lie behind one
        metres = network.ground_grid.nearest(xy, np.full(len(xy), np.inf))[2]
        order = np.lexsort((metres, area))
        at, where = np.unique(area[order], return_index=True)
        nearest, nearest_m = xy[order[where]], metres[order[where]]
    open_m = np.full(len(areas), open_boundary_m)
    open_m[at] = np.maximum(open_m[at], OPEN_RATIO * nearest_m)
    facing = network.ground_grid.nearest(xy, open_m[area])[0] >= 0
    xy, area = np.concatenate([nearest, xy[facing]]), np.concatenate([at, area[facing]])
    return placed(network, "boundary", areas[area], xy, max_snap_m, network.ground_grid)


def along_rings(shapes: NDArray[np.object_], spacing_m: float) -> tuple[Points, Positions]:
    """Points along all rings of areas, evenly and at most ``spacing_m`` apart, and the area of each."""
    polygons, area = shapely.get_parts(shapely.normalize(shapes), return_index=True)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    length = shapely.length(rings)
    count = np.maximum(np.ceil(length / spacing_m), 1).astype(np.int64)
    ring = np.repeat(np.arange(len(rings)), count)
    number = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    points = shapely.line_interpolate_point(rings[ring], number * (length / count)[ring])
    return shapely.get_coordinates(points), area[polygon[ring]]


def placed(
    network: Network, kind: str, owner: Positions, xy: Points, max_snap_m: float, grid: SegmentGrid | None = None
) -> pd.DataFrame:
    """Entries at given points, placed on the nearest street."""
    at = snap_xy(network, xy, pd.RangeIndex(len(xy)), max_snap_m, grid=grid)
    return pd.DataFrame(
        {
            "owner": owner,
            "kind": kind,
            "edge": at.edge,
            "offset_mm": at.offset_mm,
            "access_mm": at.access_mm,
            "distance_m": at.distance_m,
            "x": xy[:, 0],
            "y": xy[:, 1],
        }
    )


def table(network: Network, index: pd.Index, found: pd.DataFrame) -> gpd.GeoDataFrame:
    """Sort the entries by facility, list each place once, and give them ids."""
    edge, offset = found["edge"].to_numpy(), found["offset_mm"].to_numpy()
    # At an end of its edge an entry lies on a node, where several edges would list it.
    node = np.where(
        offset == 0, network.edge_u[edge], np.where(offset == network.edge_mm[edge], network.edge_v[edge], -1)
    )
    apart = (edge < 0) | (node < 0)
    key = {
        "owner": found["owner"],
        "node": np.where(apart, -1, node),
        "edge": np.where(apart, edge, -1),
        "offset": np.where(apart, offset, -1),
        "access": found["access_mm"],
        "x": np.where(found["access_mm"] > 0, found["x"], np.where(edge < 0, found["x"], 0.0)),
        "y": np.where(found["access_mm"] > 0, found["y"], np.where(edge < 0, found["y"], 0.0)),
    }
    order = np.lexsort((edge, found["y"], found["x"], found["owner"]))
    first_of = ~pd.DataFrame(key).iloc[order].duplicated().to_numpy()
    kept = found.iloc[order[first_of]]
    owner = kept["owner"].to_numpy()
    number = np.arange(len(owner)) - np.searchsorted(owner, owner)
    facility = index.take(owner)
    ids = pd.Index([f"{f}/{k}" for f, k in zip(facility, number, strict=True)], name="id", dtype=object)
    columns = {
        "facility": np.asarray(facility),
        "kind": kept["kind"].to_numpy(),
        "snapped": kept["edge"].to_numpy() >= 0,
        "edge": kept["edge"].to_numpy(dtype=np.int64),
        "offset_mm": kept["offset_mm"].to_numpy(dtype=np.int64),
        "access_mm": kept["access_mm"].to_numpy(dtype=np.int64),
        "distance_m": kept["distance_m"].to_numpy(dtype=np.float64),
    }
    points = shapely.points(kept["x"].to_numpy(), kept["y"].to_numpy())
    return gpd.GeoDataFrame(columns, geometry=points, crs=network.crs, index=ids)
