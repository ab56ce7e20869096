"""What a `[[locate]]` entry asks: which facilities, how far is served, who moves, and how this is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd

from siting.coverage import Travel
from siting.coverage.travel import SECONDS_PER_MIN, minutes_text
from siting.errors import InputError
from siting.ledger import Text
from siting.pipeline.travel import Trip, trip_by
from siting.standards import Rule, load_classes
from siting.study import Study
from siting.study.locate_keys import MODEL_KEYS
from siting.study.settings import LocateTable
from siting.themes import load_themes
from siting.themes.living_circle.siting_needs import rule_of_class

DistanceKind = Literal["network", "straight", "time"]
LIVING_CIRCLE = "living_circle"
_KINDS = {
    "network": Text("步行网络距离", "walking distance along the network"),
    "straight": Text("直线距离", "straight-line distance"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What one entry asks: which facilities, how far is served, by which kind of distance.

    ``limit`` and ``reach`` are in metres, or in seconds where there is a ``trip``; None where a model has none.
    """

    rule: Rule | None
    facility: tuple[str, ...]
    limit: float | None
    distance: DistanceKind
    trip: Trip | None = None
    reach: float | None = None


def read_entry(entry: LocateTable, study: Study, has_streets: bool) -> Asked:
    """Say what an entry asks, with what its rule, its theme and the study add.

    Raises
    ------
    InputError
        The entry does not say enough, or contradicts its rule.
    """
    theme = load_themes()[entry.theme] if entry.theme else None
    name = entry.rule or (theme.rule if theme and entry.limit_m is None else None)
    rule = None
    if name is None and entry.facility and entry.theme == LIVING_CIRCLE and not (entry.limit_m or entry.limit_min):
        rule = _rule_of_class(entry, study, entry.facility)
    elif name is not None:
        named = {a.label: a for a in study.settings.audit}
        rule = study.rule_of(named[name]) if name in named else study.catalogue[name]
    facility = tuple(
        entry.facility or (theme.facility if theme and rule is None else ()) or (rule.facility if rule else ())
    )
    trip = _trip(entry, study, rule)
    if trip is not None:
        by_rule = rule.limit_s if rule else None
        limit = by_rule if entry.limit_min is None else SECONDS_PER_MIN * entry.limit_min
    else:
        limit = entry.limit_m or (rule.limit_m if rule else None)
    lacks_limit = limit is None and MODEL_KEYS[entry.model].limit
    if lacks_limit or not facility:
        missing = "limit_m or limit_min" if lacks_limit else "facility"
        msg = f"locate '{entry.name}': rule {name or '(none)'} gives no {missing}; write {missing} into the entry"
        raise InputError(msg)
    if trip is not None:
        if not has_streets:
            msg = f"locate '{entry.name}': minutes need a [streets] table"
            raise InputError(msg)
        return Asked(rule, facility, limit, "time", trip, _reach(entry, limit, rule, in_minutes=True))
    asked = entry.distance or ("straight" if rule is not None and rule.distance == "straight" else "network")
    if entry.distance == "network" and not has_streets:
        msg = f"locate '{entry.name}': distance = \"network\" needs a [streets] table"
        raise InputError(msg)
    kind: DistanceKind = asked if has_streets else "straight"
    return Asked(rule, facility, limit, kind, None, _reach(entry, limit, rule, in_minutes=False))


def _reach(entry: LocateTable, limit: float | None, rule: Rule | None, *, in_minutes: bool) -> float | None:
    """Return how far anybody goes, in metres or seconds, held against the limit and the unit of the rule."""
    unit, other, one = ("min", "reach_m", SECONDS_PER_MIN) if in_minutes else ("m", "reach_min", 1.0)
    where = "" if rule is None else f" of rule {rule.id}"
    if in_minutes and (entry.model == "p_dispersion" or entry.cost_per_person_km is not None):
        msg = f"locate '{entry.name}': model {entry.model} counts metres, the limit{where} is in minutes; add limit_m"
        raise InputError(msg)
    if getattr(entry, other) is not None:
        msg = f"locate '{entry.name}': the limit{where} is in {unit}: give reach_{unit} in place of {other}"
        raise InputError(msg)
    given = getattr(entry, f"reach_{unit}")
    if given is None:
        return None
    if limit is not None and given * one < limit:
        msg = (
            f"locate '{entry.name}': reach_{unit} = {given:g} is less than the {limit / one:g} {unit}{where} within "
            "which people count as served; give more"
        )
        raise InputError(msg)
    return float(given * one)


def _rule_of_class(entry: LocateTable, study: Study, facility: Sequence[str]) -> Rule:
    """Return the rule of a class of the facility table, where the entry names none."""
    try:
        return rule_of_class(study.catalogue, facility)
    except InputError as error:
        msg = f"locate '{entry.name}': {error}"
        raise InputError(msg) from None


def _trip(entry: LocateTable, study: Study, rule: Rule | None) -> Trip | None:
    """Return who moves for a plan in minutes: as the entry says, else as its audit, else as its rule; None for metres.

    A limit in metres of the entry's own makes it a plan in metres.
    """
    in_minutes = (
        entry.limit_min is not None
        or entry.reach_min is not None
        or (rule is not None and rule.distance == "time")
        # Without a limit, who moves says by itself that minutes are meant.
        or (entry.profile is not None and rule is None and entry.reach_m is None and not MODEL_KEYS[entry.model].limit)
    )
    if entry.limit_m is not None or entry.distance is not None or not in_minutes:
        return None
    named = next((a for a in study.settings.audit if a.label == entry.rule), None)
    profile = entry.profile or (named.profile if named else None)
    return trip_by(study, profile, entry.direction or (named.direction if named else None), rule)


def without_existing(entry: LocateTable, question: Asked, existing: gpd.GeoDataFrame | None) -> tuple[Text, ...]:
    """Say so where existing facilities should count and the study has none."""
    if existing is not None or not entry.existing:
        return ()
    nouns = load_classes()
    zh = "、".join(nouns[c].name.zh for c in question.facility)
    en = ", ".join(nouns[c].name.en.lower() for c in question.facility)
    return (
        Text(
            f"数据中没有{zh}：按现状无任何服务计算", f"the data hold no {en}: the plan takes nobody to be served today"
        ),
    )


def measured(question: Asked, travel: Travel | None) -> tuple[Text, ...]:
    """Say what served means, or how ways are counted where there is no limit."""
    if question.limit is None:
        return (_ways(question, travel),)
    if travel is not None:
        limit = minutes_text(question.limit)
        text = Text(f"服务按 {limit.zh}计：{travel.text.zh}", f"served means within {limit.en}: {travel.text.en}")
        return (text,)
    kind = _KINDS["straight" if question.distance == "straight" else "network"]
    text = Text(f"服务按{kind.zh} {question.limit:g} 米计", f"served means within {question.limit:g} m of {kind.en}")
    return (text,)


def _ways(question: Asked, travel: Travel | None) -> Text:
    if travel is not None:
        return Text(f"路程按时间计：{travel.text.zh}", f"ways are counted in time: {travel.text.en}")
    kind = _KINDS["straight" if question.distance == "straight" else "network"]
    return Text(f"路程按{kind.zh}计", f"ways are counted by {kind.en}")
