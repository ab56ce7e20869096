"""The frame of a map in an Axes: its figure in a notebook, the ground, title and legend."""

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import NamedTuple

import geopandas as gpd
import numpy as np
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from siting.errors import InputError
from siting.ledger import Lang, Text
from siting.outputs import palette
from siting.outputs.contract import MapBase, RunLike
from siting.outputs.maps import style, words
from siting.outputs.maps.base import Extent, draw_base, draw_zones
from siting.outputs.maps.furniture import renderer_of
from siting.outputs.maps.ground import Ground
from siting.outputs.maps.page import format_for
from siting.outputs.maps.panel import text_width, wrap

FIGURE_SIZE = (9.0, 7.0)
"""Inches, where no Axes is given; turned for a place that stands upright."""
LEGEND_COLUMNS = 3
SUBTITLE_PT, SUBTITLE_LEADING = 9, 12
ZONES_SHOWN = 150
"""A level with more zones than this is not outlined: its lines would hide the map."""


class MapFigure(Figure):
    """A figure that a notebook shows where a cell ends with it, whether or not pyplot was loaded."""

    def _repr_png_(self) -> bytes:
        picture = BytesIO()
        self.savefig(picture, format="png", bbox_inches="tight")
        return picture.getvalue()


class MapAxes(Axes):
    """The Axes of a `MapFigure`, shown in a notebook like it."""

    def _repr_png_(self) -> bytes | None:
        figure = self.figure
        return figure._repr_png_() if isinstance(figure, MapFigure) else None


def outlined_zones(zones: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame | None:
    """Return the finest level of zones that does not hide the map."""
    return next((layer for layer in zones.values() if 0 < len(layer) <= ZONES_SHOWN), None)


class Around(NamedTuple):
    """What a map shows around its own layer, where it is not given taken from a run."""

    lang: Lang
    base: MapBase | Ground | None
    demand: gpd.GeoDataFrame | None
    zones: gpd.GeoDataFrame | None

    @property
    def below(self) -> MapBase | None:
        """The layers of the base, also where there is a picture of them."""
        return self.base.base if isinstance(self.base, Ground) else self.base


def around(
    run: RunLike | None,
    lang: Lang | None,
    base: MapBase | Ground | None,
    demand: gpd.GeoDataFrame | None,
    zones: gpd.GeoDataFrame | None,
) -> Around:
    """Take what is given, else what the run has; without either the language is Chinese."""
    if run is None:
        return Around(lang or "zh", base, demand, zones)
    return Around(
        lang or run.lang,
        run.base if base is None else base,
        run.demand if demand is None else demand,
        outlined_zones(run.zones) if zones is None else zones,
    )


def draw_ground(ax: Axes, base: MapBase | Ground | None, extent: Extent, zones: gpd.GeoDataFrame | None) -> None:
    """Lay the base and the zones under a map, or the picture of them where it shows the same extent."""
    if isinstance(base, Ground) and base.extent == extent:
        base.draw(ax)
        return
    draw_zones(draw_base(ax, base.base if isinstance(base, Ground) else base, extent), zones)


def new_axes(ax: Axes | None, layers: list[gpd.GeoDataFrame | None]) -> Axes:
    """Return the given Axes, or those of a new figure in the format that suits the layers."""
    if ax is not None:
        return ax
    form = format_for(layers)
    upright = form.height > form.width
    figure = MapFigure(figsize=FIGURE_SIZE[::-1] if upright else FIGURE_SIZE, dpi=120)
    FigureCanvasAgg(figure)
    return figure.add_axes((0.02, 0.08, 0.96, 0.82), axes_class=MapAxes)


def axes_beside(axes: Iterable[Axes] | None, layers: list[gpd.GeoDataFrame | None], count: int) -> NDArray[np.object_]:
    """Return the given Axes as an array, or those of a new figure, side by side or one above the other.

    Raises
    ------
    InputError
        There are fewer Axes than maps.
    """
    if axes is not None:
        given = np.array(list(np.ravel(np.asarray(axes, dtype=object))), dtype=object)
        if len(given) < count:
            msg = f"axes: {len(given)} given, and there are {count} maps"
            raise InputError(msg)
        return given[:count]
    form = format_for(layers, maps=count)
    lying = form.width > form.height
    figure = MapFigure(figsize=(12.0, 7.0) if lying else (8.0, 11.0), dpi=120)
    FigureCanvasAgg(figure)
    wide, high = 0.96 / form.columns, 0.92 / form.rows
    return np.array(
        [
            figure.add_axes((0.02 + c * wide, 0.05 + r * high, wide - 0.02, high - 0.11), axes_class=MapAxes)
            for r in reversed(range(form.rows))
            for c in range(form.columns)
        ],
        dtype=object,
    )


def caption_above(ax: Axes, text: str, value: str = "") -> None:
    """Write one line above a map of several: what it shows at the left, its figure at the right; cut to its width."""
    grown = style.type_scale(ax.figure)
    size = 9.0 * grown
    room = ax.get_window_extent().width * 72 / ax.figure.dpi
    needed = text_width(text, size) + text_width(value, size) + (10 if value else 0)
    size *= min(1.0, room / max(needed, 1.0))
    for x, line, side in ((0, text, "left"), (1, value, "right")):
        ax.annotate(
            style.clean(line), (x, 1), (0, 4 * grown), xycoords="axes fraction", textcoords="offset points",
            fontsize=size, color=palette.INK, ha=side, va="bottom", annotation_clip=False,
            path_effects=style.strong(width_pt=0.3) if line is text else None,
        )  # fmt: skip


def title_above(ax: Axes, title: Text, subtitle: str, lang: Lang) -> None:
    """Write title and subtitle above a map; a subtitle wider than the map goes on in further lines."""
    wide_pt = float(ax.get_window_extent().width) * 72 / float(ax.figure.dpi)
    lines = wrap(style.clean(subtitle), wide_pt, SUBTITLE_PT) or [""]
    ax.set_title(
        style.clean(style.label(title, lang)),
        loc="left",
        fontsize=13,
        color=palette.INK,
        pad=22 + (len(lines) - 1) * SUBTITLE_LEADING,
        # An Axes made outside has a title already, whose font was set then.
        fontfamily=rcParams["font.family"],
        path_effects=style.strong(),
    )
    ax.annotate(
        "\n".join(lines), (0, 1), (0, 6), xycoords="axes fraction", textcoords="offset points",
        fontsize=SUBTITLE_PT, color=palette.INK, va="bottom", annotation_clip=False,
    )  # fmt: skip


def under_legend(ax: Axes, rows: list[words.LegendRow]) -> Bbox:
    """Draw the legend under the map, where it hides nothing, as wide as the map allows; return its box in pixels."""
    renderer = renderer_of(ax)
    for columns in (LEGEND_COLUMNS, 2, 1):
        drawn = ax.legend(
            [handle for handle, _ in rows], [text for _, text in rows], loc="upper right", bbox_to_anchor=(1.0, 0.0),
            ncols=columns, fontsize=8, frameon=False, borderpad=0.3, borderaxespad=0.3, labelspacing=0.45,
            columnspacing=1.2,
        )  # fmt: skip
        box = drawn.get_window_extent(renderer)
        if box.width <= ax.get_window_extent(renderer).width:
            break
    return box
