"""Shortest ways from one point to another, drawn along the streets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.errors import SchemaError
from siting.network.graph import MAX_SNAP_M
from siting.network.layers import labels, point_coordinates
from siting.network.places import Places
from siting.network.snap import snap_xy
from siting.network.threads import in_blocks
from siting.network.ways import DIRECT, NONE, OVER_U, ways_between
from siting.units import MM_PER_M, UNREACHED_MM, mm_to_metres

if TYPE_CHECKING:
    from siting.network.graph import Network
    from siting.network.snap import Snapped

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
BLOCK = 256


def shortest_paths(
    network: Network,
    origins: gpd.GeoDataFrame,
    destinations: gpd.GeoDataFrame,
    *,
    max_snap_m: float = MAX_SNAP_M,
) -> gpd.GeoDataFrame:
    """Shortest way of each origin to the destination in the same row.

    Parameters
    ----------
    origins, destinations : points in any CRS, as many of one as of the other; a destination may stand in several rows
    max_snap_m : points farther than this from every street have no way

    Returns
    -------
    Index = origin id; ``destination`` = its id, ``cost`` as `siting.access.nearest` gives it (straight ways to and from
    the street included; ``inf`` where there is no way), in the network's unit; ``origin_access_m`` and
    ``destination_access_m``, the straight ways, and ``street_m``, the way along the streets, NaN where there is none.
    Where the network has lengths, the three add up to the cost to the millimetre. Geometry in the network's CRS: the
    way along the streets, from place to place, without the straight ways; None where there is none. It is as long as
    ``street_m`` but for the rounding of every edge to the millimetre, and for edges whose length was given with them.
    A way along a street of no length has two equal ends. Of equally short ways one is drawn.

    Raises
    ------
    SchemaError
        There are not as many destinations as origins.
    """
    index = labels(origins, "origins")
    # One place may be the destination of many origins.
    names = pd.Index(destinations["id"]) if "id" in destinations.columns else destinations.index
    if len(index) != len(names):
        msg = f"shortest paths: {len(index)} origins and {len(names)} destinations; give one destination an origin"
        raise SchemaError(msg)
    start = snap_xy(network, point_coordinates(origins, network.crs, "origins"), index, max_snap_m)
    stop = snap_xy(
        network, point_coordinates(destinations, network.crs, "destinations"), pd.RangeIndex(len(names)), max_snap_m
    )
    ways = ways_of(network, start, stop)
    none = ways.leave == NONE
    lines = [None if none[k] else shapely.LineString(drawn(network, start, stop, ways, k)) for k in range(len(index))]
    columns = {
        "destination": np.asarray(names, dtype=object),
        "cost": mm_to_metres(ways.cost),
        "origin_access_m": np.where(none, np.nan, start.access_mm / MM_PER_M),
        "street_m": np.where(none, np.nan, ways.street_mm / MM_PER_M),
        "destination_access_m": np.where(none, np.nan, stop.access_mm / MM_PER_M),
    }
    return gpd.GeoDataFrame(columns, geometry=np.array(lines, dtype=object), crs=network.crs, index=index)


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Ways between pairs of places, as `siting.network.ways.ways_between` returns them, and their length on streets."""

    cost: Longs
    leave: NDArray[np.int8]
    enter: NDArray[np.int8]
    ptr: Longs
    edge: NDArray[np.int32]
    along: NDArray[np.bool_]
    street_mm: Longs


def ways_of(network: Network, start: Snapped, stop: Snapped) -> Ways:
    """Search the shortest way from each place of one set to that of the other in the same row."""
    homes, doors = Places.of(network, start), Places.of(network, stop)
    from_u = network.forward_cost[doors.edge] - doors.to_v
    from_v = network.backward_cost[doors.edge] - doors.to_u
    out_node, out_cost = over_ends(network, homes, homes.to_u, homes.to_v, network.backward, network.forward)
    in_node, in_cost = over_ends(network, doors, from_u, from_v, network.forward, network.backward)
    edge = homes.edge
    ahead = doors.offset_mm - homes.offset_mm
    open_there = np.where(ahead > 0, network.forward[edge], network.backward[edge]) | (ahead == 0)
    shared = (edge >= 0) & (edge == doors.edge) & open_there
    part = np.where(ahead > 0, homes.to_v - doors.to_v, homes.to_u - doors.to_u) * (ahead != 0)
    direct = np.where(shared, part + homes.access + doors.access, UNREACHED_MM)
    arcs = network.in_arcs

    def block(first: int, last: int) -> tuple[NDArray[Any], ...]:
        found: tuple[NDArray[Any], ...] = ways_between(
            arcs.indptr, arcs.head, arcs.edge, network.in_cost, network.node_bits, network.edge_u, first, last,
            out_node, out_cost, in_node, in_cost, direct,
        )  # fmt: skip
        return found

    parts = in_blocks(block, len(edge), BLOCK) or [block(0, 0)]
    cost, leave, enter = (np.concatenate([part[k] for part in parts]) for k in range(3))
    sizes = np.concatenate([np.diff(part[3]) for part in parts])
    ptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    passed, along = np.concatenate([part[4] for part in parts]), np.concatenate([part[5] for part in parts])
    whole = np.bincount(np.repeat(np.arange(len(sizes)), sizes), network.edge_mm[passed], len(sizes)).astype(np.int64)
    before = np.where(leave == OVER_U, start.offset_mm, start.far_mm)
    after = np.where(enter == OVER_U, stop.offset_mm, stop.far_mm)
    street = np.where(leave == DIRECT, np.abs(ahead), np.where(leave == NONE, 0, before + whole + after))
    return Ways(cost, leave, enter, ptr, passed, along, street)


def over_ends(
    network: Network, places: Places, u_part: Longs, v_part: Longs, u_open: NDArray[np.bool_], v_open: NDArray[np.bool_]
) -> tuple[Longs, Longs]:
    """Both end nodes of the places' edges, and the costs over them; `UNREACHED_MM` where that is not permitted."""
    known, edge = places.edge >= 0, places.edge
    over_u = known & (u_open[edge] | (places.offset_mm == 0))
    over_v = known & (v_open[edge] | (places.far_mm == 0))
    node = np.column_stack([network.edge_u[edge], network.edge_v[edge]])
    u_cost = np.where(over_u, u_part + places.access, UNREACHED_MM)
    return node, np.column_stack([u_cost, np.where(over_v, v_part + places.access, UNREACHED_MM)])


def drawn(network: Network, start: Snapped, stop: Snapped, ways: Ways, k: int) -> Floats:
    """Coordinates of way ``k``, at least two."""
    a, b = np.array([[start.x[k], start.y[k]]]), np.array([[stop.x[k], stop.y[k]]])
    e, f = int(start.edge[k]), int(stop.edge[k])
    if ways.leave[k] == DIRECT:
        low, high = sorted((int(start.offset_mm[k]), int(stop.offset_mm[k])))
        between = bends(network, e, low, high)
        return np.concatenate([a, between if low == start.offset_mm[k] else between[::-1], b])
    over_u, into_u = ways.leave[k] == OVER_U, ways.enter[k] == OVER_U
    mine, its = int(start.offset_mm[k]), int(stop.offset_mm[k])
    pieces = [a, bends(network, e, -1, mine)[::-1] if over_u else bends(network, e, mine, FAR_MM)]
    for r in range(ways.ptr[k], ways.ptr[k + 1]):
        shape = bends(network, int(ways.edge[r]), -1, FAR_MM)
        pieces.append(shape if ways.along[r] else shape[::-1])
    pieces += [bends(network, f, -1, its) if into_u else bends(network, f, its, FAR_MM)[::-1], b]
    line = np.concatenate(pieces)
    new = np.append(True, (line[1:] != line[:-1]).any(axis=1))
    return line[new] if new.sum() > 1 else line[:2]


FAR_MM = int(UNREACHED_MM)
"""Beyond every end."""


def bends(network: Network, edge: int, low: int, high: int) -> Floats:
    """Vertices of an edge's shape that lie between two places on it, without those at the places."""
    shape = network.edge_coords[network.edge_ptr[edge] : network.edge_ptr[edge + 1]]
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(shape, axis=0).T))]) * network.stretch[edge] * MM_PER_M
    # The shape's own end is no place in between, whatever floating point makes of its position.
    at[-1] = network.edge_mm[edge]
    return np.asarray(shape[(at > low) & (at < high)], dtype=np.float64)
