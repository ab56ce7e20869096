"""What a rule is: a threshold with its clause, and how well each part of it was read."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from siting.errors import SchemaError
from siting.ledger import Text

Metric = Literal[
    "network_distance", "service_radius", "walk_time", "travel_time", "density_per_km2", "spacing", "ratio",
    "per_capita_area", "capacity_ratio", "min_area", "population_range", "separation", "parameter", "method",
]  # fmt: skip
DistanceKind = Literal["network", "straight", "time"]
Denominator = Literal["people", "land", "units"]
LandPart = Literal["old", "new"]
"""Which part of a city a clause speaks of: its old districts (旧城区), or what is outside them."""
Standing = Literal["in_force", "policy", "local", "guidance", "draft", "retired", "uncertain"]
"""What a document is worth today; a draft or retired (superseded, repealed) text carries no verdict."""


class Reading(StrEnum):
    """How well a figure was read; shown wherever the figure is used."""

    CLAUSE = "clause"
    """The clause text, its official note or the policy paper was read."""
    SECONDARY = "secondary"
    """A news item, article, local rule or other secondary text was read."""
    UNVERIFIED = "unverified"
    """Remembered only: an unverified default (未核实默认值), to be checked against the published clause."""
    ASSUMED = "assumed"
    """Not in the clause at all: a choice of this toolkit so that the rule can be computed."""

    @property
    def is_read(self) -> bool:
        """Whether somebody read it, so that a verdict may rest on it."""
        return self in (Reading.CLAUSE, Reading.SECONDARY)

    @property
    def text(self) -> Text:
        """The grade in words."""
        return _READING_TEXT[self]


_READING_TEXT = {
    Reading.CLAUSE: Text("条文已读", "clause read"),
    Reading.SECONDARY: Text("二手来源", "secondary source"),
    Reading.UNVERIFIED: Text("未核实默认值", "unverified default"),
    Reading.ASSUMED: Text("本工具设定", "assumed here"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The document that a rule is taken from."""

    document: str
    title: str
    clause: str
    status: str
    mandatory: bool = False
    standing: Standing = "in_force"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenIn:
    """Where the figure was actually read."""

    title: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The share of the denominator that must be served for the rule to be met."""

    share: float
    operator: Literal[">=", ">"] = ">="

    def is_met(self, served: int, total: int) -> bool:
        """Compare whole numbers of served and total, so that no rounding decides."""
        from fractions import Fraction

        share = Fraction(str(self.share))
        return Fraction(served, total) > share if self.operator == ">" else Fraction(served, total) >= share


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of the catalogue.

    ``threshold`` is the clause's own figure, in ``unit``: a distance for a radius rule, a share for a coverage rule.
    ``radius_m`` is the distance up to which demand is served where the threshold is not one distance (a coverage
    share, a range); `limit_m` is the one to use. ``readings`` grades the parts a verdict rests on, by the keys
    ``threshold`` (the radius where there is one), ``target``, ``denominator`` and ``distance``.
    ``only_area_m2`` bounds the area of the places that count, lower end included, upper end not.
    ``applies_to_land`` says that the clause speaks of the old districts only, or of the land outside them only.
    ``overridden`` names the parts that a study set itself, ``override_source`` says on whose word.
    """

    id: str
    name: Text
    topic: str
    tier: str
    facility: tuple[str, ...]
    metric: Metric
    operator: str
    threshold: float | tuple[float, ...] | None
    unit: str
    distance: DistanceKind | None
    denominator: Denominator | None
    target: Target | None
    confidence: Reading
    readings: dict[str, Reading]
    source: Source
    seen_in: tuple[SeenIn, ...] = ()
    requirement: Literal["required", "as_needed"] | None = None
    condition: Text | None = None
    note: str = ""
    applies_to: str = ""
    min_area_m2: dict[str, tuple[float, ...] | None] | float | None = None
    conflicts_with: tuple[str, ...] = ()
    old_value: str | None = None
    reviewed: str | None = None
    added: str | None = None
    pack: str = "national"
    overridden: tuple[str, ...] = field(default=())
    override_source: str = ""
    radius_m: float | None = None
    only_area_m2: tuple[float | None, float | None] | None = None
    applies_to_land: LandPart | None = None

    @property
    def limit_m(self) -> float | None:
        """The largest distance in metres that is served, or None where this rule sets no single distance."""
        if self.radius_m is not None:
            return self.radius_m
        if self.metric not in ("network_distance", "service_radius") or not isinstance(self.threshold, float):
            return None
        if self.operator not in ("<=", "<"):
            return None
        factor = {"m": 1.0, "km": 1000.0}.get(self.unit)
        return None if factor is None else self.threshold * factor

    @property
    def limit_s(self) -> float | None:
        """The longest way in seconds that is served, or None where this rule sets no single time."""
        if self.metric not in ("walk_time", "travel_time") or not isinstance(self.threshold, float):
            return None
        if self.operator not in ("<=", "<"):
            return None
        # What follows the unit says from when the clock runs: "min after dispatch order".
        factor = {"s": 1.0, "min": 60.0, "h": 3600.0}.get(self.unit.split(" ")[0])
        return None if factor is None else self.threshold * factor

    @property
    def can_judge_access(self) -> bool:
        """Whether the generic engine can compute who is served by this rule."""
        if not self.facility:
            return False
        if self.distance == "time":
            return self.limit_s is not None
        return self.limit_m is not None and self.distance in ("network", "straight")

    def counts_area(self, area_m2: float) -> bool:
        """Whether a place of this area counts for the rule (its ``only_area_m2``)."""
        low, high = self.only_area_m2 or (None, None)
        return (low is None or area_m2 >= low) and (high is None or area_m2 < high)

    @property
    def verdict_allowed(self) -> bool:
        """Whether threshold, target, denominator and distance kind all come from the clause and were read.

        A draft or a retired document carries no verdict whatever was read, and neither does a rule that a study turned
        to other facilities than the clause names.
        """
        if self.source.standing in ("draft", "retired") or "facility" in self.overridden:
            return False
        parts = ("threshold", "target", "denominator", "distance")
        return self.target is not None and all(self.readings.get(p, Reading.ASSUMED).is_read for p in parts)

    def __post_init__(self) -> None:
        if self.target is not None and not 0 < self.target.share <= 1:
            msg = f"rule {self.id}: target share is {self.target.share}, expected above 0 and at most 1"
            raise SchemaError(msg)
        if self.radius_m is not None and not 0 < self.radius_m < float("inf"):
            msg = f"rule {self.id}: radius is {self.radius_m} m, expected a finite distance above 0"
            raise SchemaError(msg)

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        from siting.standards.card import rule_card

        return rule_card(self)
