"""Streets from a line layer, as GIS teams have them: no node ids, sometimes no junctions."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from pyproj import CRS

from siting.errors import CRSError, NetworkDataError
from siting.inputs.coordinates import check_working_crs, choose_crs, lonlat_bounds
from siting.network.assemble import assemble
from siting.network.build import cut, join, known_mode, positions
from siting.network.graph import MIN_COMPONENT_SHARE, Network
from siting.network.line_layer import CROSSING_TOLERANCE_M, LineLayer

SNAP_TOLERANCE_M = 0.1


def from_lines(
    lines: gpd.GeoDataFrame,
    *,
    crs: CRS | str | int | None = None,
    mode: str = "walk",
    snap_tolerance_m: float = SNAP_TOLERANCE_M,
    node_crossings: bool = True,
    min_component_share: float = MIN_COMPONENT_SHARE,
) -> Network:
    """Build a network from lines.

    Lines meet where they have a vertex in common (any vertex, not only ends), and where they cross on the ground.
    Where there is a ``highway`` column, the table that filters OSM ways filters these too, with the other columns read
    as tags; without one, a line is open unless its other columns (``access``, ``foot``, ``oneway`` for driving …) say
    otherwise. Names in capitals, Geofabrik's ``fclass`` and its ``oneway``, and the lists of osmnx are read, too; what
    was read is in the accounts.

    Parameters
    ----------
    lines : lines and multi-lines in any CRS; Z is ignored
    crs : working CRS in metres; default: the layer's own if that is projected, else a good one for the place
    mode : "walk" or "drive"
    snap_tolerance_m : vertices within this of each other become one; 0 joins equal coordinates only
    node_crossings : join lines where they cross or touch (themselves, too) without a common vertex, or end within
        ``snap_tolerance_m`` of another, unless one of them is a bridge or tunnel, or they differ in ``layer``. A layer
        that has none of these three columns is joined at every crossing, and its account warns of it. False: lines meet
        at common vertices alone, as in layers cut from OpenStreetMap
    min_component_share : components with a smaller share of the vertices carry no points

    Raises
    ------
    NetworkDataError
        The layer is empty, or no line is open to the mode.
    CRSError
        The layer has no CRS, or the working CRS is not in metres.
    GeometryError
        A geometry is not a line, or a coordinate is not finite.
    """
    work = working_crs(lines, crs)
    layer = LineLayer.of(lines, work, known_mode(mode))
    if node_crossings:
        layer = layer.noded(snap_tolerance_m)
        snap_tolerance_m = max(snap_tolerance_m, CROSSING_TOLERANCE_M)
    vertex, line, xy, joined = layer.vertices(snap_tolerance_m)
    n = len(layer.lines)
    ptr = np.concatenate([[0], np.cumsum(np.bincount(line, minlength=n))]).astype(np.int64)
    line_of, node = positions(ptr, vertex, np.ones(n, dtype=bool))
    if len(node) == 0:
        msg = f"streets: all {n} lines are shorter than {snap_tolerance_m} m. Is the layer in metres?"
        raise NetworkDataError(msg)
    start, end = cut(line_of, node)
    row = layer.row[line_of[start]]
    forward, backward = layer.forward[row], layer.backward[row]
    tags = layer.table.iloc[row]
    pieces = join(node, start, end, np.arange(len(xy)), xy, tags=tags, forward=forward, backward=backward)
    account = layer.account(np.unique(line_of), joined)
    return assemble(
        pieces.sorted_by_place(), crs=work, mode=mode, min_component_share=min_component_share, accounts=(account,)
    )


def working_crs(lines: gpd.GeoDataFrame, crs: CRS | str | int | None) -> CRS:
    """Return the CRS to measure in, after refusing a layer without rows or CRS."""
    if len(lines) == 0:
        msg = "streets: the layer has no lines. Check the file, the layer's name and its filter"
        raise NetworkDataError(msg)
    if lines.crs is None:
        msg = "streets: the layer has no CRS. Set the one its coordinates are in: streets.set_crs(…)"
        raise CRSError(msg)
    own = CRS(lines.crs)
    if crs is not None or own.is_projected:
        return check_working_crs(own if crs is None else crs, "streets")
    west, south, east, north = (float(b) for b in lines.total_bounds)
    return choose_crs(lonlat_bounds(own, (west, south, east, north))).crs
