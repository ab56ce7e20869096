"""Fonts, figures and words as maps write them."""

from collections.abc import Iterator
from contextlib import contextmanager

from matplotlib import patheffects, rc_context
from matplotlib.figure import Figure, SubFigure

from siting import display
from siting.ledger import Lang, Text
from siting.outputs import palette
from siting.outputs.fonts import drawable, missing_characters, use_cjk_fonts

PEOPLE = Text("人", "people")
A3_TYPE = 1.2
"""Letters on A3 are this much larger than on A4: the sheet is read from further away, and the map gains the rest."""
A4_INCHES, A3_INCHES = 11.69, 16.54


@contextmanager
def map_fonts() -> Iterator[None]:
    """Make text that is created inside draw Chinese; the settings outside stay as they were."""
    with rc_context({"font.family": use_cjk_fonts()}):
        yield


def type_scale(figure: Figure | SubFigure | None) -> float:
    """Return how much larger than on A4 the words in a map are: 1 up to A4, `A3_TYPE` from A3 on."""
    root = None if figure is None else figure.get_figure(root=True)
    if root is None:
        return 1.0
    longest = float(max(root.get_size_inches()))
    return 1 + (A3_TYPE - 1) * min(max((longest - A4_INCHES) / (A3_INCHES - A4_INCHES), 0.0), 1.0)


def clean(text: str) -> str:
    """Return text that the map fonts can draw, and that matplotlib does not take for a formula."""
    return drawable(text, missing_characters([text])).replace("$", r"\$")


def strong(colour: str = palette.INK, width_pt: float = 0.45) -> list[patheffects.AbstractPathEffect]:
    """Make text heavier by an outline: the bundled font has one weight only."""
    return [patheffects.withStroke(linewidth=width_pt, foreground=colour)]


def label(text: Text, lang: Lang, sep: str = "  ") -> str:
    """Both languages on one line, the reader's first."""
    return text.both(sep) if lang == "zh" or text.zh == text.en else f"{text.en}{sep}{text.zh}"


def number(value: float) -> str:
    """Return a count as people read it: 1,240."""
    return display.whole(value)


def percent(share: float | None) -> str:
    """Return a share as people read it; a dash where there is none, never 100.0 % unless it is all of it."""
    return display.percent(share) or "–"
