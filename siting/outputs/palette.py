"""The colours of every output: maps, QGIS and the page show one thing in one colour.

Chosen to stay apart for colour-blind readers and on a grey print.
"""

from siting.standards.model import Reading

# Served is a light blue, unserved a dark vermillion (both after Okabe and Ito): they also differ in lightness.
SERVED = "#56a3c9"
UNSERVED = "#c2410c"
NEWLY_SERVED = "#00473a"
GAP = "#7c1d05"
FACILITY = "#1f2937"
AREA_FACILITY = "#4d7c0f"
SITE = "#111827"
SITE_RING = "#f0e442"
STANDING = "#7a4fb0"
"""What exists today on a map of a theme, beside what is new: lighter than a site, and another hue."""
OTHER_SITE = "#7a4fb0"
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

READING_COLOUR = {
    Reading.CLAUSE: ("#e3f1ea", "#00553f"),
    Reading.SECONDARY: ("#e5eef6", "#1e4b73"),
    Reading.UNVERIFIED: (CAUTION_FILL, CAUTION_INK),
    Reading.ASSUMED: (CAUTION_FILL, CAUTION_INK),
}

BIVARIATE = ("#8ecaea", "#cf8f0c", "#7a4fb0", "#4a1008")
"""Both, only the first, only the second, neither of two conditions: from light to dark, apart in hue as well."""
VARIANTS = ("#111827", "#b45309", "#7a4fb0", "#00755a", "#be185d", "#0369a1")
"""Plans of a comparison, the best first; past the last they begin again."""


def lightness(colour: str) -> float:
    """Return the lightness of ``#rrggbb`` as people see it, 0 for black to 100 for white (L* of CIELAB, D65)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb(colour)]
    shown = sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return 116 * shown ** (1 / 3) - 16 if shown > (6 / 29) ** 3 else shown * (29 / 3) ** 3


def rgb(colour: str) -> tuple[float, float, float]:
    """Return red, green and blue of ``#rrggbb``, each 0 to 1."""
    red, green, blue = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return red, green, blue
