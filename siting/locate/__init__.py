"""Where the next facilities go: one model a file, every answer with its proof.

Plans and candidates, which read layers, load on first use, so that a model costs no more than what it computes with.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from siting.locate.alternatives import Alternative, alternatives
from siting.locate.backup_coverage import backup_coverage
from siting.locate.budget_cover import budget_cover
from siting.locate.capacitated import capacitated
from siting.locate.capacitated_cover import capacitated_cover
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
from siting.locate.partial import partial_cover
from siting.locate.result import SitingResult
from siting.locate.streams.answer import StreamFlows
from siting.locate.trade_off import TradeOff, TradeOffPoint, trade_off
from siting.locate.transfer import transfer
from siting.locate.transfer_streams import transfer_streams
from siting.locate.two_stage.answer import TransferFlows
from siting.locate.without_each import Refusal, WithoutEach, without_each

if TYPE_CHECKING:
    from siting.locate.candidates.make import make_candidates as make_candidates
    from siting.locate.plans.plan import Plan as Plan
    from siting.locate.plans.planner import make_plan as make_plan

_HOME = {"Plan": "plans.plan", "make_candidates": "candidates.make", "make_plan": "plans.planner"}

__all__ = [
    "Alternative",
    "JointResult",
    "Plan",
    "Refusal",
    "SitingResult",
    "StreamFlows",
    "TradeOff",
    "TradeOffPoint",
    "TransferFlows",
    "WithoutEach",
    "alternatives",
    "backup_coverage",
    "budget_cover",
    "capacitated",
    "capacitated_cover",
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
    "partial_cover",
    "trade_off",
    "transfer",
    "transfer_streams",
    "without_each",
]


def __getattr__(name: str) -> Any:
    """Load a public name, and what it needs, when it is first asked for."""
    if name not in _HOME:
        msg = f"module 'siting.locate' has no attribute {name!r}"
        raise AttributeError(msg)
    found = getattr(import_module(f"siting.locate.{_HOME[name]}"), name)
    globals()[name] = found
    return found
