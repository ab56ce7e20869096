"""What is to be sited: classes of the facility table, how far each serves, how much room it needs, and who lacks it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from siting.coverage import served_mask
from siting.errors import InputError
from siting.ledger import Text
from siting.nearest_word import hint
from siting.standards import Catalogue, places_counting_as
from siting.standards.model import Reading, Rule
from siting.themes.city import City
from siting.themes.living_circle.elements import NO_CLASS, TOPIC, Element, table_elements
from siting.themes.living_circle.tiers import BLOCK, living_tiers

Measure = Literal["network", "straight"]
LeftOut = tuple[tuple[Text, Text], ...]
"""Classes that are not sited, and why."""

_IN_STREET = {"bus_stop", "bus_station", "metro", "public_parking", "bicycle_parking"}
_ALONE = {"primary_school", "junior_school", "waste_transfer", "fire_station"}
"""Classes that the catalogue notes as stand-alone sites; the table gives no area for them."""
_STREET_REASON = Text(
    "不设于建筑内，请用 classes 单独选址", "stands in no building; name it in classes to site it alone"
)
_ALONE_REASON = Text("独立占地，请用 classes 单独选址", "takes a site of its own; name it in classes to site it alone")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Need:
    """One class that is sited.

    Attributes
    ----------
    element : the row of the facility table in its tier
    limit_m : distance that is served, whole millimetres decide, the limit included
    limit_rule : the rule that says so; None where the caller gave the distance
    room_m2 : least room that it takes up; 0 where the table has none
    room_of : "floor" or "land" of the table, "given" by the caller, or "none"
    served : demand points that have one within the limit today
    known : whether the data hold any place of the class
    """

    element: Element
    limit_m: float
    limit_rule: Rule | None
    room_m2: float
    room_of: Literal["floor", "land", "given", "none"]
    served: NDArray[np.bool_]
    known: bool

    @property
    def key(self) -> str:
        """Name of the class among the columns of an answer."""
        return self.element.key

    @property
    def name(self) -> Text:
        """Name of the class."""
        return self.element.name

    @property
    def room_reading(self) -> Reading | None:
        """How well the room was read; None where the caller gave it, or there is none."""
        return self.element.rule.confidence if self.room_of in ("floor", "land") else None


def needs_of(
    city: City,
    classes: Sequence[str] | None,
    tier: str | None,
    *,
    limit_m: float | Mapping[str, float] | None,
    area: Mapping[str, float] | None,
    measure: Measure,
) -> tuple[tuple[Need, ...], LeftOut]:
    """Return what is sited, and the classes of the tier that are left out and why.

    A tier's bundle holds its required classes of which the data have places, and that can share a building.

    Raises
    ------
    InputError
        No such class or tier, a class of several tiers with none named, a class without any distance.
    """
    tiers = living_tiers(city.catalogue)
    if tier is not None and tier not in [t.id for t in tiers]:
        names = [t.id for t in tiers]
        msg = f"services: no tier {tier!r}{hint(tier, names)}; the tiers are {', '.join(names)}"
        raise InputError(msg)
    elements = [e for e in table_elements(city, tiers) if tier in (None, e.tier.id)]
    if classes is None:
        if tier is None:
            msg = "services: name the classes to site, or a tier whose required classes are meant"
            raise InputError(msg)
        required = [(e, _reason(e)) for e in elements if e.required and e.reason is not NO_CLASS]
        chosen = [e for e, reason in required if reason is None]
        left = tuple((e.name, reason) for e, reason in required if reason is not None)
        if not chosen:
            raise InputError(_nothing(tier))
    else:
        chosen, left = _named(elements, classes, tier), ()
    _only_sited([e.key for e in chosen], limit_m=limit_m, area=area)
    return tuple(_need(city, e, limit_m, area or {}, measure) for e in chosen), left


def _reason(element: Element) -> Text | None:
    """Why a class is not in its tier's bundle; None if it is."""
    facility = set(element.rule.facility)
    if facility <= _IN_STREET:
        return _STREET_REASON
    return _ALONE_REASON if facility <= _ALONE else element.reason


def check_services(
    catalogue: Catalogue, classes: Sequence[str] | None, tier: str | None, held: Collection[str], **by_class: object
) -> None:
    """Refuse classes that cannot be sited, before anything is computed.

    Parameters
    ----------
    held : facility classes of which the data have places
    by_class : ``limit_m`` and what else is given by class: names of classes that are not sited are refused

    Raises
    ------
    InputError
        As `needs_of`, as far as the catalogue alone tells.
    """
    rows = [r for r in catalogue if r.topic == TOPIC and r.requirement is not None]
    bare = []
    for at in living_tiers(catalogue):
        first = {(r.applies_to or r.id): r for r in reversed(rows) if at.id in r.tier.split(",")}
        bare += [Element(tier=at, key=key, rule=rule) for key, rule in first.items()]
    bare = [e for e in bare if tier in (None, e.tier.id)]
    if classes is None:
        shared = [e for e in bare if e.required and e.rule.facility and _reason(e) is None]
        chosen = [e for e in shared if set(places_counting_as(e.rule.facility)) & set(held)]
        if not chosen:
            raise InputError(_nothing(tier))
    else:
        chosen = _named(bare, classes, tier)
    _only_sited([e.key for e in chosen], **by_class)
    limit_m = by_class.get("limit_m")
    for element in chosen if classes is not None else ():
        _limit(element, limit_m if isinstance(limit_m, Mapping | float | int) else None)


def _nothing(tier: str | None) -> str:
    return (
        f"services: of the required classes of {tier} that share a building the data hold none; "
        "name the classes that are meant"
    )


def _only_sited(keys: Sequence[str], **by_class: object) -> None:
    for what, given in by_class.items():
        for name in given if isinstance(given, Mapping) else ():
            if name not in keys:
                msg = f"services: {what} of {name!r}, which is not sited{hint(name, keys)}; sited: {', '.join(keys)}"
                raise InputError(msg)


def _named(elements: Sequence[Element], classes: Sequence[str], tier: str | None) -> list[Element]:
    """Return the element of each name: a class of the table, its rule, or a facility class."""
    if isinstance(classes, str):
        msg = f"classes is {classes!r}, expected a list of classes"
        raise InputError(msg)
    if not len(classes):
        msg = "services: the list of classes is empty"
        raise InputError(msg)
    chosen: list[Element] = []
    for name in classes:
        exact = [e for e in elements if name in (e.key, e.rule.id)]
        same = exact or [e for e in elements if name in e.rule.facility]
        if not same:
            known = sorted({e.key for e in elements} | {f for e in elements for f in e.rule.facility})
            within = "" if tier is None else f" in the tier {tier}"
            msg = f"services: no class {name!r} in the facility table{within}{hint(name, known)}"
            raise InputError(msg)
        if len(same) > 1:
            listed = ", ".join(f"{e.key} ({e.tier.id})" for e in same)
            msg = f"services: {name!r} stands for {len(same)} rows of the table: {listed}; give tier, or the row's name"
            raise InputError(msg)
        if same[0] in chosen:
            msg = f"services: {name!r} is named twice ({same[0].key})"
            raise InputError(msg)
        chosen.append(same[0])
    return chosen


def _need(
    city: City,
    element: Element,
    limit_m: float | Mapping[str, float] | None,
    area: Mapping[str, float],
    measure: Measure,
) -> Need:
    given, rule = _limit(element, limit_m)
    places = element.facilities
    known = places is not None
    if places is None:
        served = np.zeros(len(city.demand), dtype=bool)
    else:
        served = served_mask(city.searches.nearest(city.demand, places, measure).cost, given)
    room, room_of = _room(element.rule, area.get(element.key))
    return Need(
        element=element, limit_m=given, limit_rule=rule, room_m2=room, room_of=room_of, served=served,
        known=known,
    )  # fmt: skip


def _limit(element: Element, limit_m: float | Mapping[str, float] | None) -> tuple[float, Rule | None]:
    """How far a class serves, and by which rule; none where the caller says so."""
    given = limit_m.get(element.key) if isinstance(limit_m, Mapping) else limit_m
    rule = None
    if given is None:
        rule = element.tier.walk if element.tier.id != BLOCK else element.own_rule
        given = None if rule is None else rule.limit_m
    if given is None or not (math.isfinite(given) and given > 0):
        found = "no distance in the clause" if given is None else f"{given!r}"
        msg = f"services: {element.key}: how far it serves is {found}; give limit_m, metres above 0"
        raise InputError(msg)
    return float(given), rule


def _room(rule: Rule, given: float | None) -> tuple[float, Literal["floor", "land", "given", "none"]]:
    """Return the least room of a class: its floor area, where the table has none its land."""
    if given is not None:
        if isinstance(given, bool) or not (math.isfinite(given) and given >= 0):
            msg = f"services: area of {rule.applies_to or rule.id} is {given!r}, expected square metres, 0 or more"
            raise InputError(msg)
        return float(given), "given"
    size = rule.min_area_m2
    if isinstance(size, float | int):
        return float(size), "floor"
    floor, land = ((size or {}).get(key) for key in ("floor_range", "land_range"))
    if floor:
        return float(floor[0]), "floor"
    if land:
        return float(land[0]), "land"
    return 0.0, "none"


def rule_of_class(catalogue: Catalogue, facility: Sequence[str]) -> Rule:
    """Return the rule that says how far a class of the facility table serves: its own radius, else its tier's distance.

    Raises
    ------
    InputError
        The table has no row of the class, or rows that lead to different rules, or none with a distance.
    """
    walks = {t.id: t.walk for t in living_tiers(catalogue)}
    rows = [r for r in catalogue if r.topic == TOPIC and r.requirement is not None]
    # Of several rows of one class the first is the table's own, the others are other documents' radii.
    first = {(r.applies_to or r.id): r for r in reversed(rows)}
    mine = [r for r in first.values() if set(facility) & set(r.facility)]
    found: dict[str, Rule] = {}
    for row in mine:
        if row.limit_m is not None:
            found[row.id] = row
            continue
        for tier in row.tier.split(","):
            walk = walks.get(tier)
            if walk is not None:
                found[walk.id] = walk
    listed = ", ".join(facility)
    if len(found) == 1:
        return next(iter(found.values()))
    if not found:
        why = "the facility table has no distance for" if mine else "the facility table has no row of"
        msg = f"{why} {listed}: write limit_m or rule"
    else:
        rules = ", ".join(f"{r.id} ({r.limit_m:g} m)" for r in sorted(found.values(), key=lambda r: r.id))
        msg = f"{listed} has several distances in the facility table: write rule = one of {rules}, or limit_m"
    raise InputError(msg)
