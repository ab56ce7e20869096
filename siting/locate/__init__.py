"""Where the next facilities go: one model a file, every answer with its proof."""

from siting.locate.backup_coverage import backup_coverage
from siting.locate.budget_cover import budget_cover
from siting.locate.candidates.make import make_candidates
from siting.locate.capacitated import capacitated
from siting.locate.facility_location import facility_location
from siting.locate.gains_by_zone import gains_by_zone
from siting.locate.gradual_cover import gradual_cover
from siting.locate.joint.result import JointResult
from siting.locate.joint_cover import joint_cover, joint_set_cover
from siting.locate.lscp import lscp
from siting.locate.mclp import mclp
from siting.locate.p_center import p_center
from siting.locate.p_dispersion import p_dispersion
from siting.locate.p_median import p_median
from siting.locate.plans.plan import Plan
from siting.locate.plans.planner import make_plan
from siting.locate.result import SitingResult
from siting.locate.transfer import transfer
from siting.locate.two_stage.answer import TransferFlows

__all__ = [
    "JointResult",
    "Plan",
    "SitingResult",
    "TransferFlows",
    "backup_coverage",
    "budget_cover",
    "capacitated",
    "facility_location",
    "gains_by_zone",
    "gradual_cover",
    "joint_cover",
    "joint_set_cover",
    "lscp",
    "make_candidates",
    "make_plan",
    "mclp",
    "p_center",
    "p_dispersion",
    "p_median",
    "transfer",
]
