"""What a plan says of each demand point: served before, newly, not; without a limit, where it goes."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.ledger import Text
from siting.locate.plans.effect import tells_served
from siting.locate.plans.plan import Plan
from siting.outputs import palette


@dataclass(frozen=True, slots=True)
class PlanState:
    """One state: its value in the column ``plan_<plan>`` of the demand, its name and colour."""

    value: str
    name: Text
    colour: str


SERVED = (
    PlanState("before", Text("原已覆盖", "served before"), palette.SERVED),
    PlanState("newly", Text("新增覆盖", "newly served"), palette.NEWLY_SERVED),
    PlanState("not", Text("仍未覆盖", "still unserved"), palette.UNSERVED),
)
"""Of a plan that is about who is served within a limit."""
FADING = (
    PlanState("before", Text("原已足额覆盖", "served in full before"), palette.SERVED),
    PlanState("newly", Text("新增足额覆盖", "newly served in full"), palette.NEWLY_SERVED),
    PlanState("not", Text("部分或未覆盖", "in part or unserved"), palette.UNSERVED),
)
"""Of a plan that counts those beyond the limit in part."""
GOES = (
    PlanState("existing", Text("去现有设施", "goes to an existing one"), palette.SERVED),
    PlanState("new", Text("去新选点", "goes to a new site"), palette.NEWLY_SERVED),
    PlanState("none", Text("未分配", "goes to none"), palette.UNSERVED),
)
"""Of a plan without a limit, where everybody goes somewhere."""


def states_of(plan: Plan, demand: gpd.GeoDataFrame | None) -> tuple[PlanState, ...]:
    """Return the states that a plan tells of the demand; () where it says nothing of it, as sites that only keep apart.

    Parameters
    ----------
    demand : that the plan was made for
    """
    if tells_served(plan):
        return FADING if plan.result.model == "gradual_cover" else SERVED
    assigns = plan.result.model != "p_dispersion" and demand is not None
    return GOES if assigns and demand is not None and len(plan.result.assignment) == len(demand) else ()


def shown_states(plan: Plan, demand: gpd.GeoDataFrame | None) -> tuple[PlanState, ...]:
    """Return the states for a legend: where people go, only those that occur."""
    states = states_of(plan, demand)
    if states is not GOES or demand is None:
        return states
    told = plan_states(plan, demand)
    return tuple(state for state in states if told is not None and (told == state.value).any())


def plan_states(plan: Plan, demand: gpd.GeoDataFrame) -> pd.Series | None:
    """Return the state of each demand point; None where the plan says nothing of it."""
    states = states_of(plan, demand)
    if not states:
        return None
    if states is GOES:
        goes = plan.result.assignment
        masks = [np.isin(goes, plan.result.sites), goes < 0]
        return pd.Series(np.select(masks, ["new", "none"], "existing"), index=demand.index, dtype="str")
    after = ~demand.index.isin(plan.unserved_after)
    before = after if plan.unserved_before is None else after & ~demand.index.isin(plan.unserved_before)
    return pd.Series(np.select([before, after], ["before", "newly"], "not"), index=demand.index, dtype="str")
