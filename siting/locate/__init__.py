"""Where the next facilities go: one model a file, every answer with its proof."""

from siting.locate.budget_cover import budget_cover
from siting.locate.candidates import make_candidates
from siting.locate.lscp import lscp
from siting.locate.mclp import mclp
from siting.locate.plan import Plan
from siting.locate.planner import make_plan
from siting.locate.result import SitingResult

__all__ = ["Plan", "SitingResult", "budget_cover", "lscp", "make_candidates", "make_plan", "mclp"]
