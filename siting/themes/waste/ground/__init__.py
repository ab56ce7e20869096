"""Tests of ground for waste facilities: distances edge to edge, each with its clause and by how much it is missed."""

from siting.themes.waste.ground.distances import nearest_edges, overlaps_m2
from siting.themes.waste.ground.figures import Asked
from siting.themes.waste.ground.keep import Keep, keep_tests, keeps_of
from siting.themes.waste.ground.outcomes import FAIL, NOT_JUDGED, PASS, TEST_COLUMNS, TEST_WORDS, Tested, tests_frame
from siting.themes.waste.ground.plots import read_plots

__all__ = [
    "FAIL",
    "NOT_JUDGED",
    "PASS",
    "TEST_COLUMNS",
    "TEST_WORDS",
    "Asked",
    "Keep",
    "Tested",
    "keep_tests",
    "keeps_of",
    "nearest_edges",
    "overlaps_m2",
    "read_plots",
    "tests_frame",
]
