"""Public toilets: density, radius, stalls and hours, spacing along streets, and where the next ones go."""

from siting.themes.toilets.audit import Toilets, audit_toilets, lacks_toilets
from siting.themes.toilets.candidates import toilet_candidates
from siting.themes.toilets.needed import Use
from siting.themes.toilets.opening import Opening, open_toilets
from siting.themes.toilets.records import Columns
from siting.themes.toilets.siting_demand import Footfall
from siting.themes.toilets.siting_toilets import ToiletPlan, site_toilets
from siting.themes.toilets.spacing import ToiletSpacing, audit_spacing
from siting.themes.toilets.stalls import StallNeed, formula_factor, stalls_needed

__all__ = [
    "Columns", "Footfall", "Opening", "StallNeed", "ToiletPlan", "ToiletSpacing", "Toilets", "Use", "audit_spacing",
    "audit_toilets", "formula_factor", "lacks_toilets", "open_toilets", "site_toilets", "stalls_needed",
    "toilet_candidates",
]  # fmt: skip
