"""The light ground of a map: green, water, buildings and streets, and the drawing of many shapes at once."""

from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.path import Path
from numpy.typing import NDArray

from siting.outputs import palette
from siting.outputs.contract import MapBase

Extent = tuple[float, float, float, float]
"""x_min, y_min, x_max, y_max in metres."""

STREET_WIDTH_PT: dict[str, float] = {
    "motorway": 2.2, "trunk": 2.0, "primary": 1.8, "secondary": 1.5, "tertiary": 1.2, "residential": 0.8,
    "unclassified": 0.8, "living_street": 0.7, "service": 0.5, "pedestrian": 0.6, "footway": 0.3, "path": 0.3,
    "steps": 0.3, "cycleway": 0.3,
}  # fmt: skip
"""On a map 2 km wide; narrower on maps of more."""
POLYGONS_A_PATH = 64
"""Ten thousands of houses are drawn much faster by the dozen."""
MINOR_PT = 0.5
"""Streets under this width are left out of maps of more than `MINOR_MAX_M`: they would turn it grey."""
MINOR_MAX_M = 12_000.0


def polygons(ax: Axes, shapes: gpd.GeoSeries | NDArray[np.object_], **look: Any) -> PathCollection | None:
    """Add polygons, holes included, as one collection; other kinds of geometry are left out."""
    parts = shapely.get_parts(np.asarray(shapes, dtype=object))
    parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    parts = shapely.get_parts(parts[~shapely.is_empty(parts)])
    if not len(parts):
        return None
    # Outer rings run one way and holes the other, so that neighbours in one path never cancel each other.
    rings, owner = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(points), Path.LINETO, dtype=Path.code_type)
    starts = np.flatnonzero(np.r_[True, ring_of[1:] != ring_of[:-1]])
    codes[starts] = Path.MOVETO
    codes[np.r_[starts[1:] - 1, len(points) - 1]] = Path.CLOSEPOLY
    # Where one lies on another, translucent shapes stay apart.
    at_once = POLYGONS_A_PATH if look.get("alpha") is None else 1
    bounds = np.append(np.arange(0, len(parts), at_once), len(parts))
    first = np.searchsorted(owner[ring_of], bounds)
    paths = [Path(points[a:b], codes[a:b]) for a, b in pairwise(first)]
    collection = PathCollection(paths, **look)
    ax.add_collection(collection, autolim=False)
    return collection


def lines(ax: Axes, shapes: gpd.GeoSeries | NDArray[np.object_], **look: Any) -> LineCollection | None:
    """Add lines as one collection; of polygons their outline."""
    geometry = shapely.get_parts(np.asarray(shapes, dtype=object))
    is_area = shapely.get_type_id(geometry) == shapely.GeometryType.POLYGON
    geometry = np.concatenate([geometry[~is_area], shapely.get_rings(geometry[is_area])])
    geometry = geometry[(shapely.get_dimensions(geometry) == 1) & ~shapely.is_empty(geometry)]
    if not len(geometry):
        return None
    points, line_of = shapely.get_coordinates(geometry, return_index=True)
    segments = np.split(points, np.flatnonzero(line_of[1:] != line_of[:-1]) + 1)
    collection = LineCollection(segments, **look)
    ax.add_collection(collection, autolim=False)
    return collection


def inside(layer: gpd.GeoDataFrame | None, extent: Extent) -> gpd.GeoDataFrame | None:
    """Rows whose bounds meet the extent, or None if there are none."""
    if layer is None or not len(layer):
        return None
    bounds = layer.bounds
    x0, y0, x1, y1 = extent
    near = (bounds.minx <= x1) & (bounds.maxx >= x0) & (bounds.miny <= y1) & (bounds.maxy >= y0)
    return layer[near] if near.any() else None


def fit_extent(ax: Axes, layers: list[gpd.GeoDataFrame | None], margin: float = 0.05, least_m: float = 400.0) -> Extent:
    """Show all layers: their bounds with a margin, grown to the shape of the axes so that a metre is a metre."""
    boxes = [layer.total_bounds for layer in layers if layer is not None and len(layer)]
    boxes = [b for b in boxes if np.isfinite(b).all()]
    bounds = np.array(boxes or [[0.0, 0.0, least_m, least_m]])
    x0, y0 = bounds[:, :2].min(axis=0)
    x1, y1 = bounds[:, 2:].max(axis=0)
    width, height = max(x1 - x0, least_m) * (1 + 2 * margin), max(y1 - y0, least_m) * (1 + 2 * margin)
    frame = ax.get_window_extent()
    shape = frame.width / frame.height
    width, height = max(width, height * shape), max(height, width / shape)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    extent = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    ax.set_xlim(extent[0], extent[2])
    ax.set_ylim(extent[1], extent[3])
    ax.set_aspect("equal", adjustable="box")
    return extent


def draw_base(ax: Axes, base: MapBase | None, extent: Extent) -> Axes:
    """Draw the ground of a map and its frame; ``base`` None gives an empty ground."""
    ax.set_facecolor(palette.GROUND)
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set(edgecolor="#9ca3af", linewidth=0.8)
    if base is None:
        return ax
    flat: dict[str, Any] = {"linewidth": 0.0, "rasterized": True}
    for layer, colour, zorder in ((base.green, palette.GREEN, 1.0), (base.water, palette.WATER, 1.2)):
        near = inside(layer, extent)
        if near is not None:
            polygons(ax, near.geometry, facecolor=colour, zorder=zorder, **flat)
    water = inside(base.water, extent)
    if water is not None:
        only_lines = water.geometry[water.geom_type.isin(["LineString", "MultiLineString"])]
        lines(ax, only_lines, color=palette.WATER, linewidth=1.5, zorder=1.2, rasterized=True)
    buildings = inside(base.buildings, extent)
    if buildings is not None:
        polygons(ax, buildings.geometry, facecolor=palette.BUILDING, zorder=1.6, **flat)
    _streets(ax, inside(base.streets, extent), extent)
    boundary = inside(base.boundary, extent)
    if boundary is not None:
        lines(ax, boundary.geometry, color="#6b7280", linewidth=0.9, linestyle=(0, (6, 2, 1, 2)), zorder=1.9)
    return ax


def draw_zones(ax: Axes, zones: gpd.GeoDataFrame | None) -> Axes:
    """Draw the outlines of zones, faint."""
    if zones is not None and len(zones):
        lines(ax, zones.geometry, color=palette.ZONE, linewidth=0.6, linestyle=(0, (4, 2)), zorder=1.8)
    return ax


def _streets(ax: Axes, streets: gpd.GeoDataFrame | None, extent: Extent) -> None:
    if streets is None:
        return
    span = extent[2] - extent[0]
    shrink = float(np.clip((2000.0 / span) ** 0.5, 0.3, 1.3))
    if "highway" in streets.columns:
        kind = streets["highway"].astype("str").str.removesuffix("_link")
        width = kind.map(STREET_WIDTH_PT).fillna(MINOR_PT).to_numpy(dtype=np.float64)
    else:
        width = np.full(len(streets), 0.8)
    geometry = streets.geometry.to_numpy()
    for value in np.unique(width):
        if value < MINOR_PT and span > MINOR_MAX_M:
            continue
        chosen = geometry[width == value]
        if value <= MINOR_PT:
            lines(ax, chosen, color=palette.STREET_EDGE, linewidth=value * shrink, zorder=1.4, rasterized=True)
            continue
        lines(ax, chosen, color=palette.STREET_EDGE, linewidth=(value + 0.8) * shrink, zorder=1.3, rasterized=True)
        lines(ax, chosen, color=palette.STREET, linewidth=value * shrink, zorder=1.5, rasterized=True)
