"""Maps and diagrams for a notebook: every function draws into an Axes and returns it, several maps into several Axes.

Nothing of pyplot is touched or needed: a cell that ends with ``siting.plot.coverage(audit, run=run)`` shows the map.
"""

from siting.outputs.charts.closing_gap import closing_gap
from siting.outputs.charts.trade_off import trade_off
from siting.outputs.maps.alternatives import alternatives
from siting.outputs.maps.answers_plot import answers
from siting.outputs.maps.areas import gaps, service_areas, zones
from siting.outputs.maps.beside import before_after, living_circle
from siting.outputs.maps.bivariate import bivariate
from siting.outputs.maps.coverage_plot import coverage, coverage_extent, facilities_of, plan, plan_extent
from siting.outputs.maps.frame import outlined_zones
from siting.outputs.maps.suitability_plot import suitability
from siting.outputs.maps.theme_plot import layer

__all__ = [
    "alternatives",
    "answers",
    "before_after",
    "bivariate",
    "closing_gap",
    "coverage",
    "coverage_extent",
    "facilities_of",
    "gaps",
    "layer",
    "living_circle",
    "outlined_zones",
    "plan",
    "plan_extent",
    "service_areas",
    "suitability",
    "trade_off",
    "zones",
]
