"""A siting plan: one `[[locate]]` entry of a study, answered."""

from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import pandas as pd

from siting.coverage.travel import Travel, minutes_text
from siting.ledger import Text
from siting.locate.alternatives import Alternative
from siting.locate.plans.budget import PlanBudget
from siting.locate.plans.measure import Measure
from siting.locate.result import SitingResult
from siting.standards.model import Rule

PEOPLE = Text("人", "people")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One plan with its candidates, its sites and its proof.

    Attributes
    ----------
    name : of the plan in the study
    rule : the rule that the plan serves, or None where only a limit was given
    limit_m : the distance in metres that counts as served; None where the plan is in minutes, or its model has no limit
    limit_s : the time in seconds that counts as served; None where the plan is in metres
    travel : who moves and how, where the plan is in minutes
    distance : along the streets, in a straight line, or by time
    candidates : every place that was considered, index = candidate id; columns ``plot`` (id of the plot or street),
        ``area_m2``, ``land_source``, ``tests`` (exclusions tested, in words), ``nearest_conflict`` (layer and id),
        ``nearest_conflict_m``, ``allowed`` (bool), ``refusal`` (why not); geometry = the point of entry
    sites : the rows of ``candidates`` that were chosen, with ``order``, ``gain_people`` (or gain in units),
        ``people_served`` in all, ``name_zh``, ``name_en``
    people_before, people_after : people within the limit without and with the new sites; None where people are unknown
    unit : what the plan's ``weight`` counts, in words: people, buildings, metres of street
    weight_total, weight_before, weight_after : the same three figures in that unit
    unserved_after : demand ids that stay unserved
    unserved_before : demand ids that were unserved without the new sites, for the map of before and after; None where
        they are not kept
    budget : what the sites may cost together and do cost, where the plan has a budget
    newly_served : for each site in its order the demand ids that it serves and neither today's facilities nor an
        earlier site does; None where it is not kept
    measures : the figures that the plan changes, the one that its model optimises first; for models without a limit
        (p-median, p-center, …) they say what people served say of a covering plan
    alternatives : plans nearly as good, the best one first; empty where none were asked for
    gains_by_zone : what each zone gains, as `siting.locate.gains_by_zone` returns it; None without zones
    """

    name: str
    title: Text
    model: str
    rule: Rule | None
    facility: tuple[str, ...]
    limit_m: float | None
    weight: str
    result: SitingResult
    candidates: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    people_total: float | None
    people_before: float | None
    people_after: float | None
    unserved_after: tuple[str, ...]
    notes: tuple[Text, ...] = ()
    unserved_before: tuple[str, ...] | None = None
    distance: Literal["network", "straight", "time"] = "network"
    unit: Text = PEOPLE
    weight_total: float | None = None
    weight_before: float | None = None
    weight_after: float | None = None
    limit_s: float | None = None
    travel: Travel | None = None
    budget: PlanBudget | None = None
    newly_served: tuple[tuple[str, ...], ...] | None = None
    measures: tuple[Measure, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    gains_by_zone: pd.DataFrame | None = None

    @property
    def limit_text(self) -> Text | None:
        """The limit with its unit: 500 m, 5 min; None for a model without one."""
        if self.limit_s is not None:
            return minutes_text(self.limit_s)
        if self.limit_m is None:
            return None
        return Text(f"{self.limit_m:g} 米", f"{self.limit_m:g} m")

    def __repr__(self) -> str:
        """Say what was sited and how well it is proved."""
        return f"Plan({self.name!r}: {len(self.sites)} sites, {self.result.status})"

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        from siting.locate.plans.card import plan_card

        return plan_card(self)
