"""Collection and recycling points: who has one near, what is lacking, and where the next go."""

from siting.themes.waste.points.audit import WastePoints, audit_waste_points
from siting.themes.waste.points.pilots import Pilots, PilotsAsked
from siting.themes.waste.points.pretreatment import Pretreatment, rank_pretreatment
from siting.themes.waste.points.siting_points import WastePointPlan, site_waste_points

__all__ = [
    "Pilots",
    "PilotsAsked",
    "Pretreatment",
    "WastePointPlan",
    "WastePoints",
    "audit_waste_points",
    "rank_pretreatment",
    "site_waste_points",
]
