"""An A4 page for a map: title, source line, the map and the column beside it; upright for tall cities."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from siting import __version__
from siting.ledger import Text
from siting.outputs import palette
from siting.outputs.contract import NOTE, PageLike
from siting.outputs.maps import style
from siting.outputs.maps.panel import Panel, text_width, wrap
from siting.outputs.maps.png import write_png

DPI = 200
PORTRAIT_GAIN = 1.15
"""A page stands upright where that shows the city at least this much larger."""
MARGIN_PT, BETWEEN_PT, FOOT_PT = 18.0, 14.0, 44.0
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFormat:
    """Sizes of a page in points."""

    width: float
    height: float
    panel: float
    head: float

    @property
    def map_width(self) -> float:
        """Width of the map."""
        return self.width - 2 * MARGIN_PT - BETWEEN_PT - self.panel

    @property
    def map_height(self) -> float:
        """Height of the map, and of the panel."""
        return self.height - self.head - FOOT_PT

    def share(self, left: float, bottom: float, width: float, height: float) -> Box:
        """Return a box in points as shares of the page."""
        return left / self.width, bottom / self.height, width / self.width, height / self.height


LANDSCAPE = PageFormat(width=841.68, height=595.44, panel=190.0, head=76.0)
PORTRAIT = PageFormat(width=595.44, height=841.68, panel=172.0, head=88.0)


def format_for(layers: list[gpd.GeoDataFrame | None]) -> PageFormat:
    """Choose the format on which the layers come out larger; landscape unless upright clearly wins."""
    boxes = [layer.total_bounds for layer in layers if layer is not None and len(layer)]
    boxes = [b for b in boxes if np.isfinite(b).all()]
    if not boxes:
        return LANDSCAPE
    bounds = np.array(boxes)
    width, height = np.maximum(bounds[:, 2:].max(axis=0) - bounds[:, :2].min(axis=0), 1.0)

    def scale(page: PageFormat) -> float:
        return float(min(page.map_width / width, page.map_height / height))

    return PORTRAIT if scale(PORTRAIT) > PORTRAIT_GAIN * scale(LANDSCAPE) else LANDSCAPE


@contextmanager
def page(path: Path, run: PageLike, form: PageFormat, title: Text, subtitle: Text) -> Iterator[tuple[Axes, Panel]]:
    """Give the map and the panel of a page; write the picture when the block is done."""
    # The bundled font has one weight, and characters that no font has were replaced and reported before.
    logger = logging.getLogger("matplotlib.font_manager")
    level = logger.level
    with style.map_fonts(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        logger.setLevel(logging.ERROR)
        try:
            figure = Figure(figsize=(form.width / 72, form.height / 72), dpi=DPI, facecolor="white")
            canvas = FigureCanvasAgg(figure)
            _head(figure, run, form, title, subtitle)
            _foot(figure, run, form)
            ax = figure.add_axes(form.share(MARGIN_PT, FOOT_PT, form.map_width, form.map_height))
            side = MARGIN_PT + form.map_width + BETWEEN_PT
            yield ax, Panel(figure, form.share(side, FOOT_PT, form.panel, form.map_height))
            canvas.draw()  # type: ignore[no-untyped-call]
            pixels: NDArray[np.uint8] = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
            write_png(path, pixels[:, :, :3], DPI)
        finally:
            logger.setLevel(level)


def _head(figure: Figure, run: PageLike, form: PageFormat, title: Text, subtitle: Text) -> None:
    first, second = (title.zh, title.en) if run.lang == "zh" else (title.en, title.zh)
    second = "" if second == first else second
    room = form.width - 2 * MARGIN_PT
    size = 19.0
    while size > 10 and text_width(first, size) + text_width(second, size * 0.62) + 12 > room:
        size -= 0.5
    x, y = MARGIN_PT / form.width, 1 - 21 / form.height
    main = figure.text(
        x, y, style.clean(first), fontsize=size, color=palette.INK, va="top", path_effects=style.strong(width_pt=0.6)
    )
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    end = main.get_window_extent(canvas.get_renderer()).x1 / figure.bbox.width  # type: ignore[no-untyped-call]
    down = size * 0.36 / form.height
    figure.text(
        end + 12 / form.width, y - down, style.clean(second), fontsize=size * 0.62, color=palette.FAINT_INK, va="top"
    )
    line = style.label(subtitle, run.lang, "   |   ")
    lines = [line] if text_width(line, 9) < room else style.label(subtitle, run.lang, "\n").split("\n")
    figure.text(x, 1 - 46.5 / form.height, style.clean("\n".join(lines)), fontsize=9, color=palette.INK, va="top")
    figure.add_artist(
        Rectangle((x, 1 - (form.head - 11) / form.height), room / form.width, 0.8 / form.height, facecolor=palette.LINE)
    )


def _foot(figure: Figure, run: PageLike, form: PageFormat) -> None:
    # What the study says of itself comes last: where a foot is too long it may be cut, the credits may not.
    notes = [text for text in run.attribution if text.en.startswith(NOTE)]
    parts = [style.label(text, run.lang, " / ") for text in run.attribution if text not in notes]
    if parts:
        parts[0] = f"{style.label(Text('数据来源', 'Source'), run.lang, ' ')}: {parts[0]}"
    if run.data_date:
        parts.append(f"{style.label(Text('数据日期', 'data of'), run.lang, ' ')} {run.data_date}")
    authority = run.crs.to_authority()
    parts += [":".join(authority) if authority else run.crs.name, f"siting {__version__}"]
    parts += [text.get(run.lang) for text in notes]
    room, size = form.width - 2 * MARGIN_PT, 6.8
    lines = [""]
    for part in parts:
        longer = f"{lines[-1]}   ·   {part}" if lines[-1] else part
        if text_width(longer, size) <= room:
            lines[-1] = longer
            continue
        pieces = wrap(part, room, size)
        lines = [*lines, *pieces] if lines[-1] else pieces
    shown = lines if len(lines) <= 3 else [*lines[:2], lines[2] + " …"]
    figure.text(
        MARGIN_PT / form.width, (FOOT_PT - 9) / form.height, style.clean("\n".join(shown)), fontsize=size,
        color=palette.FAINT_INK, va="top", linespacing=1.35,
    )  # fmt: skip
