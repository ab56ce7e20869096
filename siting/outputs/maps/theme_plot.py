"""Draw one layer of a theme into an Axes."""

from dataclasses import replace

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
from siting.outputs.maps.base import lines, polygons
from siting.outputs.maps.frame import around
from siting.outputs.maps.ground import Ground
from siting.outputs.maps.scene import Scene, place_or, scene
from siting.outputs.maps.words import LegendRow
from siting.outputs.theme_style import Shown, shown_classes
from siting.themes.result import ThemeLayer

LABELLED = 25
"""A layer with more labels than this shows none: words would hide the map."""
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
    demand : the map shows the place where it lies, so that all maps of a run show the same
    ax, base, run, zones, lang, legend : as for `coverage`

    Returns
    -------
    The Axes; its figure is ``.figure``.
    """
    given = around(run, lang, base, demand, zones)
    with scene(ax, given, layer_extent(layer, given.demand)) as drawn:
        classes = shown_classes(layer)
        draw_classes(drawn, layer.frame, classes)
        for rank, above in enumerate(layer.over, 1):
            draw_classes(drawn, _as_points(above.frame), shown_classes(above), above=float(rank))
        drawn.scale(layer.frame, given.demand)
        if legend:
            drawn.legend(legend_rows(layer, classes, given.lang))
            drawn.title(layer.title, layer.note.get(given.lang) if layer.note else "")
        _labels(drawn, (layer, *layer.over))
    return drawn.ax


def _as_points(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return places as points: over lines a small plot would not be seen."""
    return gpd.GeoDataFrame(frame.set_geometry(frame.geometry.representative_point()))


def _labels(drawn: Scene, layers: tuple[ThemeLayer, ...]) -> None:
    """Write the names of what a map shows, if they are few."""
    texts: list[str] = []
    spots = []
    for layer in layers:
        if layer.label is None:
            continue
        words = layer.frame[layer.label].fillna("").astype(str)
        named = layer.frame[(words != "").to_numpy()]
        texts += [_short(text) for text in words[words != ""]]
        spots.append(marks.point_xy(gpd.GeoDataFrame(named)))
    if 0 < len(texts) <= LABELLED:
        drawn.labels(texts, np.concatenate(spots))


def layer_extent(layer: ThemeLayer, demand: gpd.GeoDataFrame | None) -> list[gpd.GeoDataFrame | None]:
    """Return what the map of a layer shows whole."""
    return place_or(demand, layer.frame)


def draw_classes(drawn: Scene, frame: gpd.GeoDataFrame, classes: list[Shown], *, above: float = 0.0) -> None:
    """Draw every row in the colour of its class: areas under lines under points; ``above`` lifts a further layer."""
    ax, base = drawn.ax, drawn.around.below
    shapes = np.asarray(frame.geometry.array, dtype=object)
    dimension = shapely.get_dimensions(shapes)
    # A few facilities may be houses; homes are a layer of which most are.
    homes = base is not None and base.buildings is not None and frame.index.isin(base.buildings.index).mean() > 0.5
    if (homes or len(frame) > FEW) and (dimension == 0).all():
        drawn.demand(frame, [(c.rows, c.colour) for c in classes])
        return
    for rank, one in enumerate(classes):
        order = 1.9 + above + 0.01 * rank
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


def legend_rows(layer: ThemeLayer, classes: list[Shown], lang: Lang) -> list[LegendRow]:
    """One row a class that occurs, with how many there are; then those of the layers over it, drawn as points."""
    rows = _rows(layer, classes, lang)
    for above in layer.over:
        more = _rows(replace(above, frame=_as_points(above.frame)), shown_classes(above), lang)
        rows = [*(row for row in rows if row[1] not in {text for _, text in more}), *more]
    return rows


def _rows(layer: ThemeLayer, classes: list[Shown], lang: Lang) -> list[LegendRow]:
    highest = int(shapely.get_dimensions(layer.frame.geometry.array).max()) if len(layer.frame) else 0
    rows: list[LegendRow] = []
    for one in classes:
        count = int(one.rows.sum())
        if count == 0 and layer.show is not None:
            continue
        name = one.name.get(lang) if one.low is not None else style.label(one.name, lang, " ")
        text = f"{name} ({style.number(count)})"
        rows.append((_handle(one.colour, highest), style.clean(text)))
    return rows


def _handle(colour: str, dimension: int) -> Line2D | Patch:
    if dimension == 2:
        return Patch(facecolor=colour, edgecolor="white", alpha=0.85)
    if dimension == 1:
        return Line2D([], [], color=colour, linewidth=2.5)
    return Line2D([], [], linestyle="none", marker="o", markersize=5, markerfacecolor=colour, markeredgecolor="white")


def _short(text: str) -> str:
    return text if len(text) <= LABEL_CHARACTERS else text[: LABEL_CHARACTERS - 1] + "…"
