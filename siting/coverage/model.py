"""The result of judging one rule: who is served, by what, at which distance, and the figures for every zone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import geopandas as gpd
import pandas as pd

from siting.coverage.travel import SECONDS_PER_MIN, Travel, minutes_text
from siting.ledger import Finding, Text
from siting.standards.labels import DENOMINATORS
from siting.standards.model import Denominator, DistanceKind, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Served and total of one denominator, as whole numbers (thousandths of people, square decimetres, units)."""

    served: int
    total: int
    per_whole: int
    """How many of the whole numbers make one person, one square metre or one unit: 1000, 100 or 1."""

    @property
    def share(self) -> float | None:
        """Served by total, or None where there is nothing to serve."""
        return self.served / self.total if self.total else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """One rule, judged.

    Attributes
    ----------
    name : of this audit in the study (default: the rule's id); made safe for column names by ``column``
    rule : the rule with its clause and readings
    judged, reason : whether the rule could be computed, and if not, why
    limit_m : the distance in metres up to and including which demand is served; None for a rule in minutes
    limit_s : the time in seconds up to and including which demand is served; None for a rule in metres
    travel : who moves and how, for a rule in minutes
    unit_noun : what the units of the demand are, in words; None: estates or buildings
    distance : the kind of distance the headline uses: the rule's own, or "straight" where the study has no streets
        (``reason`` then says so, and there is no verdict)
    demand : one row a demand point, index = demand id, geometry = its point. Columns: ``people`` and ``units`` where
        known, one ``zone_<level>`` a level; ``served`` (bool), ``cost`` (metres, or seconds for a rule
        in minutes; inf = no path within reach), ``facility`` (id or None) by the rule's own distance kind; and, for a
        rule in metres, the same with the suffixes ``_network`` and ``_straight`` for both kinds. Empty if not judged.
    shares : by (distance kind, denominator), only those that this study has
    indicators : one row a (zone_level, zone, denominator, distance); columns as `tables/indicators.csv`
    passes : None unless the rule allows a verdict
    entries : the points at which facilities were entered: columns ``facility``, ``kind`` (gate, crossing, boundary,
        point), ``snapped``
    unreachable : demand points without any path to a facility, within any distance: along the network where there is
        one, whatever kind the rule means
    findings : what a reader of the figures should know (facilities that did not count, missing streets, ...)
    zone_names : by level (from small to large) the name of each zone id
    """

    name: str
    rule: Rule
    judged: bool
    reason: Text | None
    limit_m: float | None
    distance: DistanceKind
    demand: gpd.GeoDataFrame
    shares: dict[tuple[DistanceKind, Denominator], Share]
    indicators: pd.DataFrame
    passes: bool | None
    entries: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    unreachable: int
    findings: tuple[Finding, ...] = ()
    zone_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    limit_s: float | None = None
    travel: Travel | None = None
    unit_noun: Text | None = None

    @property
    def column(self) -> str:
        """The rule's name inside column names: lower case, ``.`` and ``-`` as ``_``."""
        return self.name.replace(".", "_").replace("-", "_").lower()

    @property
    def limit_text(self) -> Text | None:
        """The limit with its unit: 500 m, 5 min; None where there is none."""
        if self.limit_s is not None:
            return minutes_text(self.limit_s)
        return None if self.limit_m is None else Text(f"{self.limit_m:g} 米", f"{self.limit_m:g} m")

    @property
    def unit(self) -> Literal["m", "min"]:
        """What results show costs in."""
        return "m" if self.limit_s is None else "min"

    @property
    def shown_cost(self) -> pd.Series:
        """``demand["cost"]`` in `unit`."""
        cost: pd.Series = self.demand["cost"]
        return cost if self.limit_s is None else cost / SECONDS_PER_MIN

    def noun(self, denominator: Denominator) -> Text:
        """Name what a denominator counts in this study."""
        return self.unit_noun if denominator == "units" and self.unit_noun else DENOMINATORS[denominator]

    def headline(self, denominator: Denominator) -> Share | None:
        """Return the share by the rule's own distance kind, or None where this study lacks the denominator."""
        return self.shares.get((self.distance, denominator))

    def __repr__(self) -> str:
        """Say what was judged, and how far it is met."""
        return f"Audit({self.name!r}: {'judged' if self.judged else 'not judged'}, passes={self.passes})"

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        from siting.coverage.card import audit_card

        return audit_card(self)


INDICATOR_COLUMNS: tuple[str, ...] = (
    "rule", "name_zh", "name_en", "zone_level", "zone", "denominator", "distance", "limit_m", "served", "total",
    "share", "target", "target_operator", "passes", "clause", "confidence", "reading_target", "reading_denominator",
    "reading_distance", "judged", "reason",
    "limit_min", "profile", "speed", "direction", "elevation",
)  # fmt: skip
CITY_LEVEL = "city"
OUTSIDE_ZONE = "(outside)"
"""Demand in no zone of a level, so that the zones of every level add up to the city."""
GapColumns = Literal[
    "gap_id", "rule", "name_zh", "name_en", "people", "units", "area_m2", "nearest_m", "nearest_min", "zone", "rank"
]
