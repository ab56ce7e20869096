"""Rows for `tables/indicators.csv`: every class of every tier, by zone and denominator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from siting.coverage import CITY_LEVEL, INDICATOR_COLUMNS, Share, Travel
from siting.coverage.rollup import indicator_rows
from siting.ledger import Text
from siting.standards.model import Denominator, DistanceKind, Reading, Rule
from siting.themes.living_circle.completeness import Completeness
from siting.themes.living_circle.elements import Element
from siting.themes.living_circle.reach import DISTANCE, OWN, OWN_NETWORK, STRICT, Mask
from siting.themes.living_circle.tiers import Tier

Shares = dict[tuple[str, str], dict[tuple[DistanceKind, Denominator], Share]]


def indicators_of(found: Completeness, *, straight: bool, travels: Mapping[str, Travel]) -> pd.DataFrame:
    """Write every class of every tier as indicator rows.

    By the distance of the tier and by the class's own radius for every zone of every level; by the strict edge and by
    the time of each profile for the city. ``<tier>.all`` counts people with all required classes. A class that is not
    judged has one row with the reason. No clause sets a target, so nothing passes or fails.

    Parameters
    ----------
    straight : the city has no streets
    travels : by profile: how its times came about
    """
    parts = [rows for element in found.elements for rows in _of_class(found, element, travels, straight=straight)]
    for tier in found.used_tiers:
        required = found.required(tier)
        for measure in found.measures(tier):
            mask = found.count(required, measure) == len(required)
            rule = _all_rule(tier, required, measure)
            kind = _kind(measure, straight=straight or tier.limit_m is None)
            parts.append(_rows(rule, _shares(found, mask, kind), travels.get(measure)))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(INDICATOR_COLUMNS))


def _of_class(
    found: Completeness, element: Element, travels: Mapping[str, Travel], *, straight: bool
) -> list[pd.DataFrame]:
    rule = tier_rule(element)
    if element.reason is not None:
        reason = element.reason.both(" / ")
        return [indicator_rows(rule.id, rule, {}, limit_m=rule.limit_m, passes=None, judged=False, reason=reason)]
    served = found.reach.served
    own = element.own_rule
    rows = []
    if element.tier.limit_m is not None:
        rows.append(_rows(rule, _shares(found, served[element.id, DISTANCE], _kind(DISTANCE, straight=straight))))
    if (element.id, STRICT) in served:
        strict = measured(rule, element.tier, STRICT)
        rows.append(
            _rows(strict, _shares(found, served[element.id, STRICT], _kind(STRICT, straight=straight), city=True))
        )
    if own is not None:
        shares = _shares(found, served[element.id, OWN], "straight")
        if (element.id, OWN_NETWORK) in served:
            for zone, more in _shares(found, served[element.id, OWN_NETWORK], "network").items():
                shares[zone] |= more
        name = Text(f"{rule.name.zh}（自身半径）", f"{rule.name.en} (own radius)")
        # In a block the class's own radius is all there is.
        id_ = element.id if element.tier.limit_m is None else f"{element.id}.own_radius"
        rows.append(_rows(replace(own, id=id_, name=name), shares))
    for profile in found.reach.profiles:
        if (element.id, profile) in served:
            timed = measured(rule, element.tier, profile)
            rows.append(
                _rows(timed, _shares(found, served[element.id, profile], "time", city=True), travels.get(profile))
            )
    return rows


def tier_rule(element: Element) -> Rule:
    """Build the rule that a class lies within the distance of its tier, from its row and the tier's clause."""
    walk, row = element.tier.walk, element.rule
    name = Text(f"{element.tier.name.zh}：{row.name.zh}", f"{element.tier.name.en}: {row.name.en}")
    if walk is None:
        return replace(row, id=element.id, name=name, target=None)
    both = f"{walk.source.clause}; {row.source.clause}"
    return replace(
        row,
        id=element.id,
        name=name,
        metric="network_distance",
        operator="<=",
        threshold=element.tier.limit_m,
        radius_m=None,
        unit="m",
        distance="network",
        denominator="people",
        target=None,
        confidence=element.confidence,
        readings={
            "threshold": walk.readings.get("threshold", Reading.ASSUMED),
            "distance": walk.readings.get("distance", Reading.ASSUMED),
            "denominator": Reading.ASSUMED,
        },
        source=replace(row.source, clause=both),
    )


def measured(rule: Rule, tier: Tier, measure: str) -> Rule:
    """Turn a rule of a tier's distance into one of its strict edge or of its walking time."""
    if measure == STRICT:
        name = Text(f"{rule.name.zh}（严口径）", f"{rule.name.en} (strict edge)")
        return replace(rule, id=f"{rule.id}.strict", name=name, threshold=tier.strict_m)
    if measure == DISTANCE or tier.time is None:
        return rule
    reading = tier.time.readings.get("threshold", Reading.ASSUMED)
    return replace(
        rule,
        id=f"{rule.id}.{measure}",
        name=Text(f"{rule.name.zh}（{measure}）", f"{rule.name.en} ({measure})"),
        metric="walk_time",
        threshold=tier.minutes,
        unit="min",
        distance="time",
        readings={"threshold": reading, "distance": reading, "denominator": Reading.ASSUMED},
        source=replace(
            tier.time.source, clause=f"{tier.time.source.clause}; {rule.source.document} {rule.source.clause}"
        ),
    )


def _all_rule(tier: Tier, required: list[Element], measure: str) -> Rule:
    """Rule that all required classes of a tier that can be judged lie within reach."""
    name = Text(f"{tier.name.zh}：应配设施齐全", f"{tier.name.en}: all required classes")
    # That these classes are required was read nowhere, so the whole is as unverified as its flags.
    rule = replace(
        tier_rule(required[0]),
        id=f"living_circle.{tier.id}.all",
        name=name,
        facility=tuple(dict.fromkeys(c for e in required for c in e.rule.facility)),
        confidence=max((e.flag_reading for e in required), key=list(Reading).index),
    )
    return measured(rule, tier, measure)


def _kind(measure: str, *, straight: bool) -> DistanceKind:
    if measure in (DISTANCE, STRICT):
        return "straight" if straight else "network"
    return "time"


def _shares(found: Completeness, mask: Mask, kind: DistanceKind, *, city: bool = False) -> Shares:
    levels = [CITY_LEVEL] if city else list(found.counting.zones)
    return {
        (level, zone): {(kind, denominator): share for denominator, share in shares.items()}
        for level in levels
        for zone, shares in found.counting.shares(level, mask).items()
    }


def _rows(
    rule: Rule,
    shares: Mapping[tuple[str, str], Mapping[tuple[DistanceKind, Denominator], Share]],
    travel: Travel | None = None,
) -> pd.DataFrame:
    return indicator_rows(rule.id, rule, shares, limit_m=rule.limit_m, passes=None, travel=travel)
