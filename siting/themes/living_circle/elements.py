"""The rows of the facility table: which class belongs to which tier, required or as needed, and can it be judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd

from siting.coverage.counted import counted_facilities
from siting.coverage.judge import class_nouns, in_sentence
from siting.ledger import Finding, Text
from siting.standards import load_classes
from siting.standards.model import Reading, Rule
from siting.themes.city import City
from siting.themes.living_circle.tiers import BLOCK, Tier

TOPIC = "facility_table"
_GRADES = (Reading.CLAUSE, Reading.SECONDARY, Reading.UNVERIFIED, Reading.ASSUMED)
NO_CLASS = Text("数据中没有此类设施的图层类别", "no kind of layer brings these places")
NO_DISTANCE = Text("条文未给出距离", "no distance in the clause")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Element:
    """One class of the facility table in one tier.

    Attributes
    ----------
    tier : the tier
    key : the class as the table names it, such as "junior_school"; unique within a tier
    rule : the row of the table; its ``limit_m`` is the class's own radius, if it has one
    alternates : other documents' radii for the same class
    facilities : the places that count; None where the data have no layer of the class
    reason : why the class is not judged in this tier; None where it is
    counted_from_m2 : places of a smaller known area do not count, because rows of the table differ by size alone
    findings : what a reader should know of the places
    """

    tier: Tier
    key: str
    rule: Rule
    alternates: tuple[Rule, ...] = ()
    facilities: gpd.GeoDataFrame | None = None
    reason: Text | None = None
    counted_from_m2: float | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def id(self) -> str:
        """Name among indicators: ``living_circle.15min.junior_school``."""
        return f"living_circle.{self.tier.id}.{self.key}"

    @property
    def name(self) -> Text:
        """Name of the class."""
        return self.rule.name

    @property
    def judged(self) -> bool:
        """Whether it can be said who is served in this tier."""
        return self.reason is None

    @property
    def required(self) -> bool:
        """Whether the table asks for it (应配建), not only as needed (按需配建)."""
        return self.rule.requirement == "required"

    @property
    def flag_reading(self) -> Reading:
        """How well it was read that the class is required: nowhere in the national annex, else as the pack says."""
        return Reading.UNVERIFIED if self.rule.pack == "national" else self.rule.confidence

    @property
    def confidence(self) -> Reading:
        """How well the row was read, distance of the tier included: the worse of the two."""
        parts = [self.rule.confidence]
        if self.tier.walk is not None:
            parts.append(self.tier.walk.confidence)
        return max(parts, key=_GRADES.index)

    @property
    def own_rule(self) -> Rule | None:
        """The row, where the class has a radius of its own."""
        return self.rule if self.rule.limit_m is not None else None


def table_elements(city: City, tiers: Sequence[Tier]) -> tuple[Element, ...]:
    """Return every class of every tier in the order of the tiers and of the catalogue, with its places.

    A class of which the data have no place at all is not judged: in a map file that is far more often a gap of the data
    than of the city. A class that has places somewhere is judged, and may well serve nobody.
    """
    rows = [rule for rule in city.catalogue if rule.topic == TOPIC and rule.requirement is not None]
    sized = _sized_rows(rows)
    known: dict[tuple[tuple[str, ...], float | None], tuple[gpd.GeoDataFrame, tuple[Finding, ...]] | None] = {}
    found = []
    for tier in tiers:
        mine = [rule for rule in rows if tier.id in rule.tier.split(",")]
        keys = dict.fromkeys(rule.applies_to or rule.id for rule in mine)
        for key in keys:
            same = [rule for rule in mine if (rule.applies_to or rule.id) == key]
            rule, least = same[0], sized.get(same[0].id)
            element = Element(tier=tier, key=key, rule=rule, alternates=tuple(same[1:]), counted_from_m2=least)
            if not rule.facility:
                found.append(replace(element, reason=NO_CLASS))
                continue
            choice = (rule.facility, least)
            if choice not in known:
                area = None if least is None else (least, None)
                there = city.of_class(*rule.facility)
                sized_rule = replace(rule, only_area_m2=area)
                known[choice] = counted_facilities(there, sized_rule) if len(there) else None
            found.append(_with_places(element, known[choice]))
    return tuple(found)


def _with_places(element: Element, counted: tuple[gpd.GeoDataFrame, tuple[Finding, ...]] | None) -> Element:
    if counted is None:
        noun = class_nouns(element.rule.facility)
        return replace(element, reason=Text(f"数据中没有{noun.zh}", f"the data hold no {noun.en}"))
    places, notes = counted
    notes = tuple(note for note in notes if note.code != "no_facility")
    reason = NO_DISTANCE if element.tier.id == BLOCK and element.rule.limit_m is None else None
    return replace(element, facilities=places, reason=reason, findings=notes)


def _sized_rows(rows: Sequence[Rule]) -> dict[str, float]:
    """Least land area by rule, for rows of one class that differ by the size of their land alone.

    A large, a medium and a small sports ground are one class of the data. Without their sizes a basketball court would
    stand in for a stadium, and a higher tier for a lower one.
    """
    least: dict[str, float] = {}
    for rule in rows:
        size = rule.min_area_m2
        if not isinstance(size, dict) or size.get("floor_range") is not None:
            continue
        land = size.get("land_range")
        shared = sum(other.facility == rule.facility for other in rows) > 1
        if land and shared and rule.facility:
            least[rule.id] = float(land[0])
    return least


def layer_noun(rule: Rule) -> Text:
    """Name the layer that would bring a class, in words; where no class is known, the class of the table itself."""
    known = load_classes()
    if rule.facility and set(rule.facility) <= set(known):
        return class_nouns(rule.facility)
    return Text(rule.name.zh, in_sentence(rule.name.en))
