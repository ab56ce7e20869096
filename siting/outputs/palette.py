"""The colours of every output: maps, QGIS and the page show one thing in one colour.

Chosen to stay apart for colour-blind readers and on a grey print.
"""

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

READING_COLOUR = {
    Reading.CLAUSE: ("#e3f1ea", "#00553f"),
    Reading.SECONDARY: ("#e5eef6", "#1e4b73"),
    Reading.UNVERIFIED: (CAUTION_FILL, CAUTION_INK),
    Reading.ASSUMED: (CAUTION_FILL, CAUTION_INK),
}
