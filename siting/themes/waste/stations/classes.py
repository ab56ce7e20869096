"""The five classes of transfer stations: tonnes a day, land, spacing to buildings and green belt, each with its rule.

The mandatory code (GB 55013-2021, note to 4.0.3) leaves land and protection distance to design and assessment; the
figures come from the technical code for transfer stations, and how well each was read stands beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from siting.ledger import Text
from siting.standards import Catalogue
from siting.standards.labels import document_text
from siting.standards.model import Reading, Rule
from siting.themes.waste.ground.figures import Asked, figure_of

CLASS_IDS = ("I", "II", "III", "IV", "V")
ROMAN = {"I": "Ⅰ", "II": "Ⅱ", "III": "Ⅲ", "IV": "Ⅳ", "V": "Ⅴ"}
SIZE_RULE, SPACING_RULE, BELT_RULE = "waste.ts.class_{}", "waste.ts.sep_{}", "waste.ts.belt_{}"
SIZES = ("waste.ts.size_small", "waste.ts.size_medium", "waste.ts.size_large")
NOT_FIXED, COLLECTION = "waste.ts.gb55013_no_fixed", "waste.station.cap30"


@dataclass(frozen=True, slots=True, kw_only=True)
class StationClass:
    """One class, from the smallest tonnes a day included to the largest, which only the top class includes.

    Attributes
    ----------
    id : "I" (largest) to "V"
    least_t_day, most_t_day : capacity
    least_land_m2, most_land_m2 : land; None where the catalogue gives none
    spacing, belt : to neighbouring buildings and of green around, in metres, each with its rule
    size : the rule of capacity and land
    """

    id: str
    least_t_day: float
    most_t_day: float
    least_land_m2: float | None
    most_land_m2: float | None
    size: Rule
    spacing: Asked
    belt: Asked

    @property
    def name(self) -> Text:
        """What it is called."""
        return Text(f"{ROMAN.get(self.id, self.id)}类", f"class {self.id}")

    @property
    def land(self) -> Asked:
        """The least land, with its rule."""
        return Asked(value=self.least_land_m2, rule=self.size)

    @property
    def verified(self) -> bool:
        """Whether somebody read every figure of it."""
        rules = [self.size, *(a.rule for a in (self.spacing, self.belt) if a.rule is not None)]
        return len(rules) == 3 and all(rule.confidence.is_read for rule in rules)

    @property
    def unread(self) -> tuple[str, ...]:
        """Ids of its rules that are unverified defaults."""
        rules = [self.size, *(a.rule for a in (self.spacing, self.belt) if a.rule is not None)]
        return tuple(rule.id for rule in rules if rule.confidence == Reading.UNVERIFIED)

    def by_land(self, land_m2: float) -> float | None:
        """Return tonnes a day in proportion to the land between the ends of the class: an estimate, no clause says it.

        None where there is less land than the class needs.
        """
        if self.least_land_m2 is None or self.most_land_m2 is None or land_m2 < self.least_land_m2:
            return None
        span = self.most_land_m2 - self.least_land_m2
        share = 1.0 if span <= 0 else min((land_m2 - self.least_land_m2) / span, 1.0)
        return self.least_t_day + share * (self.most_t_day - self.least_t_day)


def station_classes(catalogue: Catalogue) -> tuple[StationClass, ...]:
    """Return the classes of the catalogue, the largest first; one that it does not have is left out."""
    made = []
    for id_ in CLASS_IDS:
        if SIZE_RULE.format(id_) not in catalogue:
            continue
        size = catalogue[SIZE_RULE.format(id_)]
        if not isinstance(size.threshold, tuple) or len(size.threshold) != 2:
            continue
        least, most = _land(size)
        made.append(
            StationClass(
                id=id_,
                least_t_day=size.threshold[0],
                most_t_day=size.threshold[1],
                least_land_m2=least,
                most_land_m2=most,
                size=size,
                spacing=_asked(catalogue, SPACING_RULE.format(id_)),
                belt=_asked(catalogue, BELT_RULE.format(id_)),
            )
        )
    return tuple(sorted(made, key=lambda c: -c.most_t_day))


def class_of(t_day: float, classes: Sequence[StationClass]) -> StationClass | None:
    """Return the class that holds a capacity; None where it is above all, or not above 0."""
    if not t_day > 0:
        return None
    ordered = sorted(classes, key=lambda c: c.least_t_day)
    found = [c for c in ordered if c.least_t_day <= t_day]
    if not found or t_day > ordered[-1].most_t_day:
        return None
    return found[-1] if t_day <= found[-1].most_t_day else None


def size_of(t_day: float, catalogue: Catalogue) -> Rule | None:
    """Return the rule of the size (small, medium, large) that holds a capacity; None where none does."""
    for id_ in SIZES:
        rule = catalogue.by_id.get(id_)
        limit = None if rule is None else rule.threshold
        if isinstance(limit, tuple):
            held = limit[0] <= t_day <= limit[-1]
        else:
            held = limit is not None and rule is not None and (t_day < limit if rule.operator == "<" else t_day > limit)
        if held and t_day > 0:
            return rule
    return None


def is_collection(t_day: float, catalogue: Catalogue) -> bool | None:
    """Whether a station this small counts as a collection station; None where that is not known."""
    limit = figure_of(catalogue.by_id.get(COLLECTION))
    return None if limit is None or math.isnan(t_day) else bool(t_day < limit)


def class_table(classes: Sequence[StationClass]) -> pd.DataFrame:
    """Return one row a class and figure: what it asks, by which clause, how well that was read."""
    rows = []
    for c in classes:
        size = Asked(value=c.least_t_day, rule=c.size)
        for what, low, high, unit, asked in (
            (Text("规模", "capacity"), c.least_t_day, c.most_t_day, "t/d", size),
            (Text("用地面积", "land"), c.least_land_m2, c.most_land_m2, "m2", c.land),
            (Text("与相邻建筑间距", "spacing to buildings"), c.spacing.value, None, "m", c.spacing),
            (Text("绿化隔离带宽度", "green belt"), c.belt.value, None, "m", c.belt),
        ):
            rule = asked.rule
            rows.append(
                {
                    "station_class": c.id,
                    "what_zh": what.zh,
                    "what_en": what.en,
                    "least": low,
                    "most": high,
                    "unit": unit,
                    "rule": None if rule is None else rule.id,
                    "clause": None if rule is None else document_text(rule),
                    "confidence": None if rule is None else rule.confidence.value,
                    "confidence_zh": None if rule is None else rule.confidence.text.zh,
                    "confidence_en": None if rule is None else rule.confidence.text.en,
                }
            )
    return pd.DataFrame(rows)


def _asked(catalogue: Catalogue, id_: str) -> Asked:
    rule = catalogue.by_id.get(id_)
    return Asked(value=figure_of(rule), rule=rule)


def _land(rule: Rule) -> tuple[float | None, float | None]:
    """Return the ends of the land that a rule gives."""
    given = rule.min_area_m2
    if isinstance(given, dict):
        found = next((v for v in given.values() if v is not None), None)
        return (None, None) if found is None else (found[0], found[-1])
    return given, None
