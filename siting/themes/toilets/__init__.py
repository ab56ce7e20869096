"""Public toilets: density, radius, stalls and hours, spacing along streets, and where the next ones go."""

from siting.themes.toilets.audit import Toilets, audit_toilets, lacks_toilets
from siting.themes.toilets.needed import Use
from siting.themes.toilets.records import Columns
from siting.themes.toilets.stalls import StallNeed, formula_factor, stalls_needed

__all__ = [
    "Columns", "StallNeed", "Toilets", "Use", "audit_toilets", "formula_factor", "lacks_toilets", "stalls_needed",
]  # fmt: skip
