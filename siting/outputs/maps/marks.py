"""What a map shows on its ground: demand, facilities, gaps, candidates and sites."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from siting.outputs import palette
from siting.outputs.contract import MapBase
from siting.outputs.maps import style
from siting.outputs.maps.base import Extent, inside, lines, polygons

Mask = NDArray[np.bool_]
MANY = 300
"""Marks of one kind from which on they are drawn so small that the map stays readable."""
NUMBERED_SITES = 60
GATE_KINDS = ("gate", "crossing", "boundary")


def dot_size(count: int, extent: Extent, width_pt: float) -> float:
    """Area of a demand dot in square points: dots of an even layer would nearly touch, within what can be seen.

    Parameters
    ----------
    width_pt : of the map
    """
    if count == 0:
        return 1.0
    spacing = np.sqrt((extent[2] - extent[0]) * (extent[3] - extent[1]) / count)
    diameter_pt = 0.28 * spacing / (extent[2] - extent[0]) * width_pt
    return float(np.clip(diameter_pt, 1.3, 5.0) ** 2)


def draw_demand(
    ax: Axes, demand: gpd.GeoDataFrame, classes: list[tuple[Mask, str]], base: MapBase | None, extent: Extent
) -> Axes:
    """Colour demand by class, later classes on top: buildings as they stand where the base has them, else dots."""
    shapes = np.asarray(demand.geometry.array, dtype=object)
    if base is not None and base.buildings is not None and len(demand):
        found = base.buildings.index.get_indexer(demand.index) if base.buildings.index.is_unique else np.array([-1])
        if (found >= 0).mean() > 0.5 and len(found) == len(demand):
            shapes = np.where(found >= 0, np.asarray(base.buildings.geometry.array, dtype=object)[found], shapes)
    is_area = shapely.get_dimensions(shapes) == 2
    width_pt = ax.get_window_extent().width * 72 / ax.figure.dpi
    size = dot_size(int((~is_area).sum()), extent, width_pt)
    for rank, (mask, colour) in enumerate(classes):
        zorder = 2.0 + 0.1 * rank
        look = {"facecolor": colour, "edgecolor": colour, "linewidth": 0.35, "rasterized": True}
        polygons(ax, shapes[mask & is_area], zorder=zorder, **look)
        dots = shapely.get_coordinates(shapely.centroid(shapes[mask & ~is_area]))
        if len(dots):
            edge = 0.3 if size > 9 else 0.0
            ax.scatter(
                dots[:, 0], dots[:, 1], s=size, c=colour, edgecolors="white", linewidths=edge, zorder=zorder,
                rasterized=True,
            )  # fmt: skip
    return ax


def draw_facilities(ax: Axes, facilities: gpd.GeoDataFrame, entries: gpd.GeoDataFrame | None, extent: Extent) -> Axes:
    """Draw facilities as dark squares, areas as outlined surfaces, and the gates of areas as small diamonds."""
    near = inside(facilities, extent)
    if near is None:
        return ax
    shapes = np.asarray(near.geometry.array, dtype=object)
    is_area = shapely.get_dimensions(shapes) == 2
    polygons(ax, shapes[is_area], facecolor=palette.AREA_FACILITY, alpha=0.22, linewidth=0, zorder=1.7, rasterized=True)
    width = 0.9 if is_area.sum() < MANY else 0.4
    lines(ax, shapes[is_area], color=palette.AREA_FACILITY, linewidth=width, zorder=3.0)
    xy = shapely.get_coordinates(shapely.centroid(shapes[~is_area]))
    if len(xy):
        ax.scatter(
            xy[:, 0], xy[:, 1], s=_many(len(xy), 34, 9), c=palette.FACILITY, marker="s", edgecolors="white",
            linewidths=0.7, zorder=3.2,
        )  # fmt: skip
    if entries is not None and len(entries) and "kind" in entries.columns:
        gates = entries[entries["kind"].isin(GATE_KINDS)]
        xy = shapely.get_coordinates(shapely.centroid(np.asarray(gates.geometry.array, dtype=object)))
        if len(xy):
            dense = len(xy) >= MANY
            ax.scatter(
                xy[:, 0], xy[:, 1], s=1.6 if dense else _many(len(xy), 20, 5), c="white", marker="D",
                edgecolors=palette.AREA_FACILITY, linewidths=0.3 if dense else 0.8, zorder=3.1,
            )  # fmt: skip
    return ax


def draw_gaps(ax: Axes, gaps: gpd.GeoDataFrame) -> Axes:
    """Outline gap areas."""
    polygons(ax, gaps.geometry, facecolor=palette.UNSERVED, alpha=0.10, linewidth=0, zorder=1.95)
    outline = lines(ax, gaps.geometry, color=palette.GAP, linewidth=1.0, zorder=3.4)
    if outline is not None:
        outline.set_path_effects([patheffects.withStroke(linewidth=2.2, foreground="white", alpha=0.7)])
    return ax


def draw_candidates(ax: Axes, candidates: gpd.GeoDataFrame) -> Axes:
    """Draw all places that were considered, faint."""
    xy = point_xy(candidates)
    if len(xy) >= MANY:
        ax.scatter(
            xy[:, 0], xy[:, 1], s=0.7, c=palette.CANDIDATE, linewidths=0, alpha=0.6, zorder=1.95, rasterized=True
        )
    elif len(xy):
        ax.scatter(
            xy[:, 0], xy[:, 1], s=_many(len(xy), 13, 4), facecolors="none", edgecolors=palette.CANDIDATE,
            linewidths=0.5, alpha=0.7, zorder=2.6, rasterized=True,
        )  # fmt: skip
    return ax


def draw_sites(ax: Axes, sites: gpd.GeoDataFrame, numbers: list[str], colour: str = palette.SITE) -> Axes:
    """Draw chosen sites as numbered discs, the first on top; past `NUMBERED_SITES` as small discs without number."""
    xy = point_xy(sites)
    rest = xy[NUMBERED_SITES:]
    if len(rest):
        ax.scatter(
            rest[:, 0], rest[:, 1], s=22, c=colour, edgecolors=palette.SITE_RING, linewidths=0.8, zorder=5.0
        )  # fmt: skip
    scale = 1.0 if len(xy) <= 40 else 0.62
    for rank, ((x, y), text) in enumerate(zip(xy[:NUMBERED_SITES], numbers[:NUMBERED_SITES], strict=True)):
        zorder = 6.0 - 1e-3 * rank
        ax.scatter([x], [y], s=150 * scale, c=colour, edgecolors="white", linewidths=1.0, zorder=zorder)
        ax.scatter(
            [x], [y], s=118 * scale, facecolors="none", edgecolors=palette.SITE_RING, linewidths=1.1, zorder=zorder
        )
        ax.text(
            x, y, text, fontsize=(7.5 if len(text) < 3 else 5.5) * scale**0.5, color="white", ha="center",
            va="center_baseline", zorder=zorder + 5e-4, clip_on=True, path_effects=style.strong("white", 0.3),
        )  # fmt: skip
    return ax


def site_boxes(ax: Axes, xy: NDArray[np.float64]) -> list[Bbox]:
    """Return the boxes that site marks take, in pixels."""
    half = 7.0 * ax.figure.dpi / 72
    return [Bbox.from_extents(x - half, y - half, x + half, y + half) for x, y in ax.transData.transform(xy)]


def point_xy(layer: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """One point a row, shape (n, 2): itself, or a point inside its largest part."""
    shapes = [max(g.geoms, key=lambda part: part.area) if hasattr(g, "geoms") else g for g in layer.geometry]
    points: Any = shapely.point_on_surface(np.array(shapes, dtype=object))
    return shapely.get_coordinates(points).reshape(-1, 2)


def worth_seeing(*layers: gpd.GeoDataFrame | None) -> NDArray[np.float64]:
    """Middles of all features of what a map is about, shape (n, 2): its furniture keeps off them."""
    found = [
        shapely.get_coordinates(shapely.centroid(np.asarray(layer.geometry.array, dtype=object)))
        for layer in layers
        if layer is not None and len(layer)
    ]
    return np.concatenate(found) if found else np.empty((0, 2))


def _many(count: int, few: float, lots: float) -> float:
    """Mark size in square points: smaller where there are hundreds."""
    return float(np.clip(few * (40 / max(count, 40)) ** 0.6, lots, few))
