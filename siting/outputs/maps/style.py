"""Colours, sizes and words of the maps: chosen to stay apart for colour-blind readers and on a grey print."""

from collections.abc import Iterator
from contextlib import contextmanager

from matplotlib import patheffects, rc_context

from siting.ledger import Lang, Text
from siting.outputs.fonts import drawable, missing_characters, use_cjk_fonts
from siting.standards.model import Reading

# Served is a light blue, unserved a dark vermillion (both after Okabe and Ito): they also differ in lightness.
SERVED = "#56a3c9"
UNSERVED = "#c2410c"
NEWLY_SERVED = "#00755a"
GAP = "#7c1d05"
FACILITY = "#1f2937"
AREA_FACILITY = "#4d7c0f"
SITE = "#111827"
SITE_RING = "#f0e442"
CANDIDATE = "#6b7280"
INK = "#1f2937"
FAINT_INK = "#6b7280"
LINE = "#d1d5db"
CAUTION_FILL, CAUTION_INK = "#fdf0c4", "#7a4d00"
MET, NOT_MET = "#00755a", "#c2410c"

GROUND = "#f8f8f5"
GREEN = "#dcead0"
WATER = "#cfe2ee"
BUILDING = "#e7e4dd"
STREET = "#ffffff"
STREET_EDGE = "#d9d6ce"
ZONE = "#9ca3af"

PEOPLE = Text("人", "people")
READING_COLOUR = {
    Reading.CLAUSE: ("#e3f1ea", "#00553f"),
    Reading.SECONDARY: ("#e5eef6", "#1e4b73"),
    Reading.UNVERIFIED: (CAUTION_FILL, CAUTION_INK),
    Reading.ASSUMED: (CAUTION_FILL, CAUTION_INK),
}


@contextmanager
def map_fonts() -> Iterator[None]:
    """Make text that is created inside draw Chinese; the settings outside stay as they were."""
    with rc_context({"font.family": use_cjk_fonts()}):
        yield


def clean(text: str) -> str:
    """Return text that the map fonts can draw, and that matplotlib does not take for a formula."""
    return drawable(text, missing_characters([text])).replace("$", r"\$")


def strong(colour: str = INK, width_pt: float = 0.45) -> list[patheffects.AbstractPathEffect]:
    """Make text heavier by an outline: the bundled font has one weight only."""
    return [patheffects.withStroke(linewidth=width_pt, foreground=colour)]


def label(text: Text, lang: Lang, sep: str = "  ") -> str:
    """Both languages on one line, the reader's first."""
    return text.both(sep) if lang == "zh" or text.zh == text.en else f"{text.en}{sep}{text.zh}"


def number(value: float) -> str:
    """Return a count as people read it: 1,240."""
    return f"{value:,.0f}"


def percent(share: float | None) -> str:
    """Return a share as people read it; a dash where there is none, never 100.0 % unless it is all of it."""
    if share is None:
        return "–"
    shown = 100 * share
    if 99.95 <= shown < 100:
        return "> 99.9 %"
    if 0 < shown < 0.05:
        return "< 0.1 %"
    return f"{shown:.1f} %"
