"""Who is served, by which rule, in which zone, and where the unserved are."""

from siting.coverage.audit import audit, not_judged
from siting.coverage.cells import DemandCells, demand_cells
from siting.coverage.distances import Searches
from siting.coverage.equity import Equity, equity
from siting.coverage.gaps import coverage_gaps, gap_members
from siting.coverage.gaps_by_rule import gaps_by_rule
from siting.coverage.land import LandPieces, prepare_land
from siting.coverage.model import CITY_LEVEL, INDICATOR_COLUMNS, OUTSIDE_ZONE, Audit, Share
from siting.coverage.ratio import coverage_ratio, share_of
from siting.coverage.rollup import assign_zones
from siting.coverage.served import served_mask
from siting.coverage.travel import Travel

__all__ = [
    "CITY_LEVEL",
    "INDICATOR_COLUMNS",
    "OUTSIDE_ZONE",
    "Audit",
    "DemandCells",
    "Equity",
    "LandPieces",
    "Searches",
    "Share",
    "Travel",
    "assign_zones",
    "audit",
    "coverage_gaps",
    "coverage_ratio",
    "demand_cells",
    "equity",
    "gap_members",
    "gaps_by_rule",
    "not_judged",
    "prepare_land",
    "served_mask",
    "share_of",
]
