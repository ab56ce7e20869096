"""Draw one layer of a theme into an Axes."""

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from siting.ledger import Lang
from siting.outputs import palette
from siting.outputs.contract import MapBase, RunLike
from siting.outputs.maps import marks, style
from siting.outputs.maps.base import Extent, fit_extent, lines, polygons
from siting.outputs.maps.frame import around, draw_ground, new_axes, title_above, under_legend
from siting.outputs.maps.furniture import place_labels, scale_and_north
from siting.outputs.maps.ground import Ground
from siting.outputs.maps.words import LegendRow
from siting.outputs.theme_style import Shown, shown_classes
from siting.themes.result import ThemeLayer

LABELLED = 25
"""A layer with more features than this is labelled at none: words would hide the map."""
LABEL_CHARACTERS = 14
FEW = 300
"""Points of a layer with no more than this are marks that stand out; those of larger ones are dots of demand."""


def layer(
    layer: ThemeLayer,
    ax: Axes | None = None,
    base: MapBase | Ground | None = None,
    *,
    run: RunLike | None = None,
    demand: gpd.GeoDataFrame | None = None,
    zones: gpd.GeoDataFrame | None = None,
    lang: Lang | None = None,
    legend: bool = True,
) -> Axes:
    """Draw a layer of a theme by its own classes.

    Parameters
    ----------
    layer : of a `siting.themes.ThemeResult`
    ax : to draw into; without one a figure of its own is made
    base : what lies under it; run : the finished run, from which base, demand, zones and language are taken where they
        are not given
    demand : the map shows the place where it lies, so that all maps of a run show the same
    zones : outlines to show
    lang : the language that comes first; default: that of the run, else Chinese
    legend : whether to draw title and legend into the Axes

    Returns
    -------
    The Axes; its figure is ``.figure``.
    """
    lang, base, demand, zones = scene = around(run, lang, base, demand, zones)
    layers = layer_extent(layer, demand)
    with style.map_fonts():
        ax = new_axes(ax, layers)
        extent = fit_extent(ax, layers)
        draw_ground(ax, base, extent, zones)
        classes = shown_classes(layer)
        draw_classes(ax, layer.frame, classes, scene.below, extent)
        taken = [scale_and_north(ax, marks.worth_seeing(layer.frame, demand))]
        if legend:
            taken.append(under_legend(ax, legend_rows(layer, classes, lang)))
            title_above(ax, layer.title, layer.note.get(lang) if layer.note else "", lang)
        if layer.label is not None and 0 < len(layer.frame) <= LABELLED:
            texts = [_short(text) for text in layer.frame[layer.label].fillna("").astype(str)]
            place_labels(ax, texts, marks.point_xy(layer.frame), taken, color=palette.INK)
    return ax


def layer_extent(layer: ThemeLayer, demand: gpd.GeoDataFrame | None) -> list[gpd.GeoDataFrame | None]:
    """Return what the map shows whole: the demand of the study, so that all its maps show the same; else the layer."""
    return [demand if demand is not None and len(demand) else layer.frame]


def draw_classes(ax: Axes, frame: gpd.GeoDataFrame, classes: list[Shown], base: MapBase | None, extent: Extent) -> Axes:
    """Draw every row in the colour of its class: areas under lines under points."""
    shapes = np.asarray(frame.geometry.array, dtype=object)
    dimension = shapely.get_dimensions(shapes)
    homes = base is not None and base.buildings is not None and frame.index.isin(base.buildings.index).any()
    if (homes or len(frame) > FEW) and (dimension == 0).all():
        return marks.draw_demand(ax, frame, [(c.rows, c.colour) for c in classes], base, extent)
    for rank, one in enumerate(classes):
        order = 1.9 + 0.01 * rank
        polygons(
            ax, shapes[one.rows & (dimension == 2)], facecolor=one.colour, edgecolor="white", linewidth=0.5, alpha=0.72,
            zorder=order,
        )  # fmt: skip
        lines(ax, shapes[one.rows & (dimension == 1)], color=one.colour, linewidth=1.5, zorder=order + 0.5)
        dots = shapely.get_coordinates(shapely.centroid(shapes[one.rows & (dimension == 0)]))
        if len(dots):
            ax.scatter(
                dots[:, 0], dots[:, 1], s=48, c=one.colour, edgecolors=palette.INK, linewidths=0.6, zorder=order + 1.0
            )
    return ax


def legend_rows(layer: ThemeLayer, classes: list[Shown], lang: Lang) -> list[LegendRow]:
    """One row a class that occurs, with how many there are."""
    is_area = bool(len(layer.frame)) and bool((shapely.get_dimensions(layer.frame.geometry.array) == 2).any())
    rows: list[LegendRow] = []
    for one in classes:
        count = int(one.rows.sum())
        if count == 0 and layer.show is not None:
            continue
        name = one.name.get(lang) if one.low is not None else style.label(one.name, lang, " ")
        text = f"{name} ({style.number(count)})"
        rows.append((_handle(one.colour, is_area=is_area), style.clean(text)))
    return rows


def _handle(colour: str, *, is_area: bool) -> Line2D | Patch:
    if is_area:
        return Patch(facecolor=colour, edgecolor="white", alpha=0.85)
    return Line2D([], [], linestyle="none", marker="o", markersize=5, markerfacecolor=colour, markeredgecolor="white")


def _short(text: str) -> str:
    return text if len(text) <= LABEL_CHARACTERS else text[: LABEL_CHARACTERS - 1] + "…"
