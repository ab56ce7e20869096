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
from siting.outputs.maps.panel import text_width
from siting.outputs.maps.scene import Scene, place_or, scene
from siting.outputs.maps.words import LegendRow
from siting.outputs.theme_style import FEW, MARK_MM, Shown, shown_classes
from siting.themes.result import Mark, ThemeLayer

LABELLED = 25
"""A layer with more labels than this shows none: words would hide the map."""
SHORT_LABELS, SHORT = 60, 3
"""Numbers, of up to three digits, may be more."""
LABEL_CHARACTERS = 14
LEGEND_EMS = 25.0
"""Rows of a legend wider than this in both languages would be too small to be read: all are in the reader's alone."""
MANY_SHARE = 0.5
"""How wide marks over a map are where there are many of them."""
MM = 72 / 25.4
"""Points of a millimetre."""
MARKERS: dict[Mark, str] = {"dot": "o", "square": "s", "triangle": "^", "diamond": "D", "star": "*"}
DOT_POINTS, LEGEND_POINTS = 48**0.5, 5.0
"""How wide a dot is on the map and in the legend; other marks are larger or smaller in proportion."""


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
            drawn.title(layer.map_title or layer.title, layer.note.get(given.lang) if layer.note else "")
        _labels(drawn, (layer, *layer.over))
    return drawn.ax


def _as_points(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return places as points: over lines a small plot would not be seen. Lines stay what they are."""
    shapes = np.asarray(frame.geometry.array, dtype=object)
    areas = shapely.get_dimensions(shapes) == 2
    points = gpd.GeoSeries(np.where(areas, shapely.point_on_surface(shapes), shapes), index=frame.index, crs=frame.crs)
    return gpd.GeoDataFrame(frame.set_geometry(points))


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
    most = SHORT_LABELS if all(len(text) <= SHORT for text in texts) else LABELLED
    if 0 < len(texts) <= most:
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
    if (homes or (len(frame) > FEW and not above)) and (dimension == 0).all():
        drawn.demand(frame, [(c.rows, c.colour) for c in classes])
        return
    dot = DOT_POINTS * (1.0 if len(frame) <= FEW else MANY_SHARE)
    for rank, one in enumerate(classes):
        order = 1.9 + above + 0.01 * rank
        polygons(
            ax, shapes[one.rows & (dimension == 2)], facecolor=one.colour, edgecolor="white", linewidth=0.5, alpha=0.72,
            zorder=order,
        )  # fmt: skip
        # Where ways share a street the wide ones lie below, so that none is hidden.
        width = 1.5 if one.width_mm is None else one.width_mm * MM
        lines(
            ax, shapes[one.rows & (dimension == 1)], color=one.colour, linewidth=width, capstyle="round",
            zorder=order + 0.5 if one.width_mm is None else 2.4 + above - 0.05 * width,
        )  # fmt: skip
        dots = shapely.get_coordinates(shapely.centroid(shapes[one.rows & (dimension == 0)]))
        if len(dots):
            ax.scatter(
                dots[:, 0], dots[:, 1], s=_wide(one.mark, dot) ** 2, c=one.colour, marker=MARKERS[one.mark],
                edgecolors=_edge(one.mark), linewidths=0.6, zorder=order + 1.0,
            )  # fmt: skip


def legend_rows(layer: ThemeLayer, classes: list[Shown], lang: Lang) -> list[LegendRow]:
    """One row a class that occurs, with how many there are; then those of the layers over it, drawn as points."""
    both, own = (_all_rows(layer, classes, lang, both=both) for both in (True, False))
    return own if any(text_width(text, 1.0) > LEGEND_EMS for _, text in both) else both


def _all_rows(layer: ThemeLayer, classes: list[Shown], lang: Lang, *, both: bool) -> list[LegendRow]:
    rows = _rows(layer, classes, lang, both=both)
    for above in layer.over:
        more = _rows(replace(above, frame=_as_points(above.frame)), shown_classes(above), lang, both=both)
        rows = [*(row for row in rows if row[1] not in {text for _, text in more}), *more]
    return rows


def _rows(layer: ThemeLayer, classes: list[Shown], lang: Lang, *, both: bool) -> list[LegendRow]:
    highest = int(shapely.get_dimensions(layer.frame.geometry.array).max()) if len(layer.frame) else 0
    rows: list[LegendRow] = []
    for one in classes:
        count = int(one.rows.sum())
        if count == 0 and layer.show is not None:
            continue
        name = style.label(one.name, lang, " ") if both and one.low is None else one.name.get(lang)
        rows.append((_handle(one, highest), style.clean(f"{name} ({style.number(count)})")))
    return rows


def _handle(one: Shown, dimension: int) -> Line2D | Patch:
    if dimension == 2:
        return Patch(facecolor=one.colour, edgecolor="white", alpha=0.85)
    if dimension == 1:
        return Line2D([], [], color=one.colour, linewidth=2.5 if one.width_mm is None else one.width_mm * MM)
    return Line2D(
        [], [], linestyle="none", marker=MARKERS[one.mark], markersize=_wide(one.mark, LEGEND_POINTS),
        markerfacecolor=one.colour, markeredgecolor="white" if one.mark == "dot" else _edge(one.mark),
        markeredgewidth=1.0 if one.mark == "dot" else 0.4,
    )  # fmt: skip


def _wide(mark: Mark, dot: float) -> float:
    return dot * MARK_MM[mark] / MARK_MM["dot"]


def _edge(mark: Mark) -> str:
    return palette.SITE_RING if mark == "star" else palette.INK


def _short(text: str) -> str:
    """Cut a label that is wider than `LABEL_CHARACTERS` Chinese characters; others are about half as wide."""
    wide = np.cumsum([1.0 if ord(c) > 0x2E7F else 0.6 for c in text])
    if not len(text) or wide[-1] <= LABEL_CHARACTERS:
        return text
    return text[: int((wide <= LABEL_CHARACTERS - 1).sum())] + "…"
