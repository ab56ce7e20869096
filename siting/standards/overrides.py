"""A study's own figures on top of a rule: used, shown, and never the ground for a verdict."""

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

from siting.errors import SchemaError
from siting.ledger import Text
from siting.nearest_word import hint
from siting.standards.model import Denominator, Reading, Rule, Target

KEYS = ("limit_m", "limit_min", "target_share", "target_operator", "distance", "denominator")
_DISTANCE_METRICS = ("network_distance", "service_radius")
_TIME_METRICS = ("walk_time", "travel_time")


def override(rule: Rule, changes: Mapping[str, Any], *, source: str | None = None) -> Rule:
    """Return the rule with a study's own figures.

    Parameters
    ----------
    rule : the catalogue's rule
    changes : any of ``limit_m`` (metres) or ``limit_min`` (minutes of walking, or of driving where the rule means that;
        either replaces the rule's own limit, whatever its kind), ``target_share`` (0 to 1), ``target_operator`` (">="
        or ">"), ``distance`` ("network" or "straight") and ``denominator`` ("people", "land" or "units")
    source : where the study's figures come from

    Returns
    -------
    The rule with ``pack`` "study"; every part that was set is graded "assumed", so no verdict follows. With no changes,
    the rule as it was.

    Raises
    ------
    SchemaError
        A key is unknown, a value is outside its domain, or the rule judges no distance; every fault is named.
    """
    if not changes:
        return rule
    faults = [f"unknown override {key!r}{hint(key, KEYS)}" for key in changes if key not in KEYS]
    faults += _domain_faults(rule, changes)
    if faults:
        msg = "; ".join(f"rule {rule.id}: {fault}" for fault in faults)
        raise SchemaError(msg)
    parts: dict[str, Any] = {}
    readings = dict(rule.readings)
    if "limit_m" in changes:
        limit_m = float(changes["limit_m"])
        if rule.metric in _DISTANCE_METRICS:
            parts |= {"threshold": limit_m, "unit": "m", "operator": "<=", "radius_m": None}
        else:
            parts["radius_m"] = limit_m
        parts["confidence"] = readings["threshold"] = Reading.ASSUMED
        parts["name"] = renamed(rule.name, rule.limit_m, limit_m)
        # A rule that had no limit had no need to say how it is measured and who is counted.
        for part, default in (("distance", "straight"), ("denominator", "people")):
            if getattr(rule, part) is None:
                parts[part], readings[part] = default, Reading.ASSUMED
    if "limit_min" in changes:
        metric = rule.metric if rule.metric in _TIME_METRICS else "walk_time"
        parts |= {"threshold": float(changes["limit_min"]), "unit": "min", "operator": "<=", "metric": metric}
        parts |= {"radius_m": None, "distance": "time", "confidence": Reading.ASSUMED}
        # Names often hold the clause's own figure, "bus stops within 500 m".
        minutes = f"{changes['limit_min']:g}"
        parts["name"] = Text(f"{rule.name.zh}（改按 {minutes} 分钟）", f"{rule.name.en} (judged by {minutes} min)")
        readings["threshold"] = readings["distance"] = Reading.ASSUMED
        if rule.denominator is None:
            parts["denominator"], readings["denominator"] = "people", Reading.ASSUMED
    if "target_share" in changes or "target_operator" in changes:
        share = changes.get("target_share", None if rule.target is None else rule.target.share)
        operator = changes.get("target_operator", ">=" if rule.target is None else rule.target.operator)
        parts["target"] = Target(share=float(share), operator=operator)
        readings["target"] = Reading.ASSUMED
    for part in ("distance", "denominator"):
        if part in changes:
            parts[part], readings[part] = changes[part], Reading.ASSUMED
    names = tuple(key for key in KEYS if key in changes)
    return replace(
        rule,
        **parts,
        readings=readings,
        pack="study",
        overridden=tuple(dict.fromkeys((*rule.overridden, *names))),
        override_source=source or rule.override_source,
    )


def renamed(name: Text, was_m: float | None, now_m: float | None) -> Text:
    """Return the name of a rule whose limit was changed: one that holds the old figure says the new one as well."""
    if was_m is None or now_m is None or was_m == now_m:
        return name
    old, new = re.escape(f"{was_m:g}"), f"{now_m:g}"
    if not re.search(rf"(?<![\d.]){old}(?![\d.])", f"{name.zh} {name.en}"):
        return name
    return Text(f"{name.zh}（改按 {new} 米）", f"{name.en} (judged by {new} m)")


def _domain_faults(rule: Rule, changes: Mapping[str, Any]) -> list[str]:
    faults: list[str] = []
    limit_m, share = changes.get("limit_m"), changes.get("target_share")
    if "limit_m" in changes:
        if not _is_number(limit_m) or limit_m <= 0:  # type: ignore[operator]
            faults.append(f"limit_m is {limit_m!r}, expected metres above 0")
        if not rule.facility:
            faults.append(
                f"limit_m has no meaning here: no facility class serves anybody by this rule ({rule.applies_to})"
            )
        elif rule.metric not in _DISTANCE_METRICS and rule.radius_m is None:
            faults.append(
                f"limit_m has no meaning here: the rule is about {rule.metric}, not about a distance to facilities"
            )
    if "limit_min" in changes:
        faults += _time_faults(rule, changes)
    if "target_share" in changes and (not _is_number(share) or not 0 < share <= 1):  # type: ignore[operator]
        faults.append(f"target_share is {share!r}, expected a share above 0 and at most 1, such as 0.9")
    if "target_operator" in changes:
        if changes["target_operator"] not in (">=", ">"):
            faults.append(f"target_operator is {changes['target_operator']!r}, expected '>=' or '>'")
        if "target_share" not in changes and rule.target is None:
            faults.append("target_operator needs a target_share: the rule has none")
    for key, allowed in (("distance", ("network", "straight")), ("denominator", get_args(Denominator))):
        if key in changes and changes[key] not in allowed:
            faults.append(f"{key} is {changes[key]!r}, expected one of {', '.join(allowed)}")
    return faults


def _time_faults(rule: Rule, changes: Mapping[str, Any]) -> list[str]:
    faults = []
    limit_min = changes["limit_min"]
    if not _is_number(limit_min) or limit_min <= 0:
        faults.append(f"limit_min is {limit_min!r}, expected minutes above 0")
    if "limit_m" in changes:
        faults.append("limit_m and limit_min exclude each other: give one")
    if "distance" in changes:
        faults.append("distance has no meaning beside limit_min: minutes are counted along the streets")
    reaches = rule.metric in (*_DISTANCE_METRICS, *_TIME_METRICS) or rule.radius_m is not None
    if not reaches:
        faults.append(f"limit_min has no meaning here: the rule is about {rule.metric}, not about reaching facilities")
    return faults


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
