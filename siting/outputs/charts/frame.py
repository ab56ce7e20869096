"""The frame of a diagram: its figure, title, axes and legend, in the fonts and colours of the maps."""

from collections.abc import Iterator
from contextlib import contextmanager

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg

from siting.ledger import Lang, Text
from siting.outputs import palette
from siting.outputs.maps import style
from siting.outputs.maps.frame import MapAxes, MapFigure, title_above

FIGURE_SIZE = (8.0, 4.8)
"""Inches, where no Axes is given."""


@contextmanager
def chart(ax: Axes | None) -> Iterator[Axes]:
    """Set up one diagram in the fonts of maps; without ``ax`` in a figure of its own."""
    with style.map_fonts():
        if ax is None:
            figure = MapFigure(figsize=FIGURE_SIZE, dpi=120)
            FigureCanvasAgg(figure)
            ax = figure.add_axes((0.12, 0.14, 0.85, 0.68), axes_class=MapAxes)
        ax.grid(color=palette.LINE, linewidth=0.6)
        ax.set_axisbelow(True)
        for side in ("top", "right"):
            ax.spines[side].set_visible(False)
        for side in ("left", "bottom"):
            ax.spines[side].set_color(palette.FAINT_INK)
        ax.tick_params(colors=palette.INK, labelsize=9)
        yield ax


def say(ax: Axes, title: Text, line: Text, x: Text, y: Text, lang: Lang) -> None:
    """Write the title, a line under it, and what the axes show; both languages, the reader's first."""
    title_above(ax, title, line.get(lang), lang)
    for set_label, text in ((ax.set_xlabel, x), (ax.set_ylabel, y)):
        set_label(style.clean(style.label(text, lang)), color=palette.INK, fontsize=10)


def key(ax: Axes) -> None:
    """Draw the legend where it hides least."""
    ax.legend(frameon=False, fontsize=9, labelcolor=palette.INK, loc="best")
