"""A page for one map or several: title, source line, maps and the column beside them; upright for tall cities."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from siting import __version__
from siting.ledger import Text
from siting.outputs import palette
from siting.outputs.contract import NOTE, PageLike
from siting.outputs.maps import style
from siting.outputs.maps.files import ONE_PNG, MapFiles, Paper
from siting.outputs.maps.panel import Panel, text_width, wrap

DPI = 200
PORTRAIT_GAIN = 1.15
"""A page stands upright where that shows the city at least this much larger."""
MARGIN_PT, BETWEEN_PT, FOOT_PT, CAPTION_PT = 18.0, 14.0, 44.0, 17.0
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFormat:
    """Sizes of a page in points; ``scale`` is that of its type and margins.

    ``rows`` and ``columns`` count the maps; where there is more than one, each has a line for its caption above it.
    """

    width: float
    height: float
    panel: float
    head: float
    scale: float = 1.0
    rows: int = 1
    columns: int = 1

    @property
    def margin(self) -> float:
        """Width of the margins."""
        return MARGIN_PT * self.scale

    @property
    def between(self) -> float:
        """Room between the maps and the panel, and between two maps."""
        return BETWEEN_PT * self.scale

    @property
    def foot(self) -> float:
        """Height under the maps."""
        return FOOT_PT * self.scale

    @property
    def maps_width(self) -> float:
        """Width of all maps together."""
        return self.width - 2 * self.margin - self.between - self.panel * self.scale

    @property
    def maps_height(self) -> float:
        """Height of all maps together, and of the panel."""
        return self.height - self.head * self.scale - self.foot

    @property
    def caption(self) -> float:
        """Height above each map of several."""
        return CAPTION_PT * self.scale if self.rows * self.columns > 1 else 0.0

    @property
    def map_width(self) -> float:
        """Width of one map."""
        return (self.maps_width - (self.columns - 1) * self.between) / self.columns

    @property
    def map_height(self) -> float:
        """Height of one map."""
        return (self.maps_height - (self.rows - 1) * self.between) / self.rows - self.caption

    def map_boxes(self) -> list[Box]:
        """Boxes of the maps as shares of the page, row by row from the upper left."""
        down = self.map_height + self.caption + self.between
        top = self.foot + self.maps_height - self.caption - self.map_height
        return [
            self.share(
                self.margin + c * (self.map_width + self.between), top - r * down, self.map_width, self.map_height
            )
            for r in range(self.rows)
            for c in range(self.columns)
        ]

    def share(self, left: float, bottom: float, width: float, height: float) -> Box:
        """Return a box in points as shares of the page."""
        return left / self.width, bottom / self.height, width / self.width, height / self.height


LANDSCAPE = PageFormat(width=841.68, height=595.44, panel=190.0, head=76.0)
PORTRAIT = PageFormat(width=595.44, height=841.68, panel=172.0, head=88.0)
A3_LANDSCAPE = PageFormat(width=1190.88, height=841.68, panel=196.0, head=76.0, scale=style.A3_TYPE)
A3_PORTRAIT = PageFormat(width=841.68, height=1190.88, panel=180.0, head=88.0, scale=style.A3_TYPE)
PAGES: dict[Paper, tuple[PageFormat, PageFormat]] = {
    "A4": (LANDSCAPE, PORTRAIT), "A3": (A3_LANDSCAPE, A3_PORTRAIT)
}  # fmt: skip


def format_for(layers: list[gpd.GeoDataFrame | None], paper: Paper = "A4", maps: int = 1) -> PageFormat:
    """Choose the format on which the layers come out larger; landscape unless upright clearly wins.

    Parameters
    ----------
    maps : how many maps of the same place share the page, side by side or one above the other
    """
    shapes = {(1, maps), (maps, 1)} | ({(2, 2)} if maps == 4 else set())
    landscape, portrait = (
        [replace(page, rows=rows, columns=columns) for rows, columns in sorted(shapes)] for page in PAGES[paper]
    )
    boxes = [layer.total_bounds for layer in layers if layer is not None and len(layer)]
    boxes = [b for b in boxes if np.isfinite(b).all()]
    if not boxes:
        return landscape[0]
    bounds = np.array(boxes)
    width, height = np.maximum(bounds[:, 2:].max(axis=0) - bounds[:, :2].min(axis=0), 1.0)

    def scale(page: PageFormat) -> float:
        return float(min(page.map_width / width, page.map_height / height))

    lying, upright = max(landscape, key=scale), max(portrait, key=scale)
    return upright if scale(upright) > PORTRAIT_GAIN * scale(lying) else lying


@contextmanager
def page(
    path: Path, run: PageLike, form: PageFormat, title: Text, subtitle: Text, files: MapFiles = ONE_PNG
) -> Iterator[tuple[Axes, Panel]]:
    """Give the map and the panel of a page; write its files when the block is done."""
    with sheet(path, run, form, title, subtitle, files) as (axes, panel):
        yield axes[0], panel


@contextmanager
def sheet(
    path: Path, run: PageLike, form: PageFormat, title: Text, subtitle: Text, files: MapFiles = ONE_PNG
) -> Iterator[tuple[list[Axes], Panel]]:
    """Give all maps and the panel of a page; write its files when the block is done.

    Parameters
    ----------
    path : of the PNG; other formats stand beside it
    """
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
            axes = [figure.add_axes(box) for box in form.map_boxes()]
            side = form.margin + form.maps_width + form.between
            box = form.share(side, form.foot, form.panel * form.scale, form.maps_height)
            yield axes, Panel(figure, box, form.scale)
            files.save(figure, canvas, path, DPI)
        finally:
            logger.setLevel(level)


def _head(figure: Figure, run: PageLike, form: PageFormat, title: Text, subtitle: Text) -> None:
    first, second = (title.zh, title.en) if run.lang == "zh" else (title.en, title.zh)
    second = "" if second == first else second
    room, k = form.width - 2 * form.margin, form.scale
    size = 19.0 * k
    while size > 10 * k and text_width(first, size) + text_width(second, size * 0.62) + 12 * k > room:
        size -= 0.5 * k
    whole = second
    while second and text_width(first, size) + text_width(second, size * 0.62) + 12 * k > room:
        second = second.rstrip("…")[:-1]
    if second != whole:
        second = second and f"{second.rstrip()[:-1]}…"
    x, y = form.margin / form.width, 1 - 21 * k / form.height
    main = figure.text(
        x,
        y,
        style.clean(first),
        fontsize=size,
        color=palette.INK,
        va="top",
        path_effects=style.strong(width_pt=0.6 * k),
    )
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    end = main.get_window_extent(canvas.get_renderer()).x1 / figure.bbox.width  # type: ignore[no-untyped-call]
    down = size * 0.36 / form.height
    figure.text(
        end + 12 * k / form.width,
        y - down,
        style.clean(second),
        fontsize=size * 0.62,
        color=palette.FAINT_INK,
        va="top",
    )
    line = style.label(subtitle, run.lang, "   |   ")
    lines, small, top = [line], 9.0, 46.5
    if text_width(line, 9 * k) >= room:
        lines, top = style.label(subtitle, run.lang, "\n").split("\n"), 44.0 if form.head < PORTRAIT.head else 46.5
        small = min(8.0, *(8.0 * room / text_width(one, 8 * k) for one in lines))
    figure.text(
        x, 1 - top * k / form.height, style.clean("\n".join(lines)), fontsize=small * k, color=palette.INK, va="top"
    )
    figure.add_artist(
        Rectangle(
            (x, 1 - (form.head - 11) * k / form.height), room / form.width, 0.8 / form.height, facecolor=palette.LINE
        )
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
    room, size = form.width - 2 * form.margin, 6.8 * form.scale
    lines = [""]
    for part in parts:
        longer = f"{lines[-1]}   ·   {part}" if lines[-1] else part
        if text_width(longer, size) <= room:
            lines[-1] = longer
            continue
        pieces = wrap(part, room, size)
        lines = [*lines, *pieces] if lines[-1] else pieces
    shown = lines if len(lines) <= 3 else [*lines[:2], lines[2] + " …"]
    x, y = form.margin / form.width, (FOOT_PT - 9) * form.scale / form.height
    words = style.clean("\n".join(shown))
    figure.text(x, y, words, fontsize=size, color=palette.FAINT_INK, va="top", linespacing=1.35)
