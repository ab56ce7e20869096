"""The tables that are signed: one for the city, one row a sub-district or community, and one row a class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from siting.coverage import CITY_LEVEL, OUTSIDE_ZONE
from siting.coverage.distances import Nearest
from siting.display import percent
from siting.ledger import Text
from siting.network.profiles import profile_of
from siting.standards.labels import clause_text, document_text, number
from siting.themes.city import City
from siting.themes.living_circle.completeness import Completeness, divided, names
from siting.themes.living_circle.elements import Element
from siting.themes.living_circle.reach import DISTANCE, OWN, OWN_NETWORK, STRICT
from siting.themes.living_circle.tiers import BLOCK, Tier

OUTSIDE = Text("分区之外", "outside all zones")


def measure_name(measure: str, tier: Tier, *, straight: bool) -> Text:
    """Say how a tier was measured: within 500 m along the streets, within 10 min as an elderly person walks."""
    if measure in (DISTANCE, STRICT):
        if tier.limit_m is None:
            return Text("设施自身半径（直线）", "the class's own radius, in a straight line")
        limit = number(tier.limit_m if measure == DISTANCE else tier.strict_m or tier.limit_m)
        strict = Text("（严口径）", " (strict edge)") if measure == STRICT else Text("", "")
        if straight:
            return Text(f"直线 {limit} 米{strict.zh}", f"{limit} m in a straight line{strict.en}")
        return Text(f"步行 {limit} 米{strict.zh}", f"{limit} m on foot{strict.en}")
    who = profile_of(measure).name
    return Text(f"{number(tier.minutes or 0)} 分钟，{who.zh}", f"{number(tier.minutes or 0)} min, {who.en}")


def city_scorecard(found: Completeness, *, straight: bool) -> pd.DataFrame:
    """One row a tier and measure: how complete it is, for how many people, and what is missing by name."""
    counting = found.counting
    total = int(counting.total(CITY_LEVEL)[0])
    rows: list[dict[str, Any]] = []
    for tier in found.tiers:
        required, as_needed = found.required(tier), found.as_needed(tier)
        listed = names(found.not_judged(tier))
        grade = _worst_grade(required)
        # What is not judged may be there or not: between these two lies the completeness of the whole table.
        judged_share = len(required) / max(len(required) + len(found.not_judged(tier)), 1)
        for measure in found.measures(tier) if required else (DISTANCE,):
            called = measure_name(measure, tier, straight=straight)
            lacking = names(found.missing_by_zone(CITY_LEVEL, tier, measure)[0])
            share = float(found.share(CITY_LEVEL, required, measure)[0]) if required else np.nan
            whole = int(found.everything(CITY_LEVEL, required, measure)[0]) if required else np.nan
            row = {
                "tier": tier.id,
                "tier_zh": tier.name.zh,
                "tier_en": tier.name.en,
                "measure": measure,
                "measure_zh": called.zh,
                "measure_en": called.en,
                "required": len(required) + len(found.not_judged(tier)),
                "required_judged": len(required),
                "completeness": share,
                "at_least": share * judged_share,
                "at_most": share * judged_share + 1 - judged_share,
                "all_served": whole / counting.per_whole,
                "all_share": whole / total if total else np.nan,
                "as_needed_judged": len(as_needed),
                "as_needed_share": float(found.share(CITY_LEVEL, as_needed, measure)[0]) if as_needed else np.nan,
                "missing_zh": lacking.zh,
                "missing_en": lacking.en,
                "not_judged_zh": listed.zh,
                "not_judged_en": listed.en,
                "confidence": grade,
            }
            for group, weight in counting.groups.items():
                own = found.share(CITY_LEVEL, required, measure, weight)[0] if required else np.nan
                row[f"completeness_{group}_group"] = float(own)
            rows.append(row)
    return pd.DataFrame(rows)


def _worst_grade(required: list[Element]) -> str:
    """How well it was read that these classes are required: the worst of them, in the words of `Reading`."""
    order = ["clause", "secondary", "unverified", "assumed"]
    return max((e.flag_reading.value for e in required), key=order.index, default="unverified")


def zone_scorecard(found: Completeness, level: str, *, group: bool = True) -> pd.DataFrame:
    """One row a zone of a level: people, completeness by tier and measure, missing classes by name, rank.

    ``completeness`` is the mean over all required classes of the tiers with a distance; rank 1 is the least complete.
    """
    counting = found.counting
    columns: dict[str, Any] = {
        "name": [
            OUTSIDE.both(" / ") if zone == OUTSIDE_ZONE else counting.name(level, zone)
            for zone in counting.zones[level]
        ]
    }
    for denominator, weight in counting.weights.items():
        columns[denominator] = counting.total(level, weight) / (1000 if denominator == "people" else 1)
    every = [e for tier in found.tiers if tier.id != BLOCK for e in found.required(tier)]
    columns["completeness"] = found.share(level, every, DISTANCE)
    columns["rank"] = None
    for tier in found.used_tiers:
        required = found.required(tier)
        lacking = [names(some) for some in found.missing_by_zone(level, tier)]
        for measure in found.measures(tier):
            suffix = "" if measure == DISTANCE else f"_{measure}"
            columns[f"completeness_{tier.id}{suffix}"] = found.share(level, required, measure)
        columns[f"all_share_{tier.id}"] = divided(found.everything(level, required, DISTANCE), counting.total(level))
        columns[f"missing_{tier.id}_zh"] = [text.zh for text in lacking]
        columns[f"missing_{tier.id}_en"] = [text.en for text in lacking]
    for name, weight in counting.groups.items() if group else ():
        columns[f"group_{name}"] = counting.total(level, weight) / 1000
        columns[f"completeness_{name}_group"] = found.share(level, every, DISTANCE, weight)
    table = pd.DataFrame(columns, index=pd.Index(counting.zones[level], name="id"))
    table = table.iloc[counting.shown(level)]
    return table.assign(rank=ranked(table["completeness"]))


def ranked(value: pd.Series) -> pd.Series:
    """Rank ascending, the least first; equal values share the better rank; missing where there is no value."""
    return value.round(9).rank(method="min").astype("Int64")


def class_table(found: Completeness, city: City) -> pd.DataFrame:
    """One row a class of a tier: places, served share by every measure, own radius, clause and confidence."""
    rows = []
    for element in found.elements:
        rule, tier = element.rule, element.tier
        row: dict[str, Any] = {
            "tier": tier.id,
            "tier_zh": tier.name.zh,
            "tier_en": tier.name.en,
            "class": element.key,
            "name_zh": element.name.zh,
            "name_en": element.name.en,
            "requirement": rule.requirement,
            "judged": element.judged,
            "reason_zh": None if element.reason is None else element.reason.zh,
            "reason_en": None if element.reason is None else element.reason.en,
            "places": 0 if element.facilities is None else len(element.facilities),
            "places_for_all": places_for_all(element, found),
            "counted_by_default": _by_default(element),
            "counted_from_m2": element.counted_from_m2,
        }
        total = int(found.counting.total(CITY_LEVEL)[0])
        for measure in (DISTANCE, STRICT, *found.reach.profiles, OWN, OWN_NETWORK):
            mask = found.reach.served.get((element.id, measure))
            served = None if mask is None else int(found.counting.sum(CITY_LEVEL, mask)[0])
            row[f"share_{measure}"] = np.nan if served is None or not total else served / total
        row["own_radius_m"] = rule.limit_m
        row |= _alternates(found, element)
        row |= _distances(found, city, found.reach.nearest.get(element.id))
        row |= {
            "confidence": element.rule.confidence.value,
            "confidence_distance": None if tier.walk is None else tier.walk.confidence.value,
            "confidence_required": element.flag_reading.value,
            "clause_zh": document_text(rule, "zh"),
            "clause_en": document_text(rule, "en"),
            "distance_clause_zh": None if tier.walk is None else document_text(tier.walk, "zh"),
            "distance_clause_en": None if tier.walk is None else document_text(tier.walk, "en"),
        }
        rows.append(row)
    return pd.DataFrame(rows)


def places_for_all(element: Element, found: Completeness) -> float:
    """Fewest places if every circle of the tier had one and were as large as the clause allows: people by its range.

    NaN where people or the range are unknown.
    """
    rule, weights = element.tier.people, found.counting.weights
    span = None if rule is None else rule.threshold
    if "people" not in weights or not isinstance(span, tuple):
        return float("nan")
    return float(np.ceil(int(weights["people"].sum()) / (1000 * max(span))))


def _by_default(element: Element) -> int:
    """Count the places whose kind the data do not tell, such as schools of unknown level."""
    return sum(note.count for note in element.findings if note.code == "counts_by_default")


def _alternates(found: Completeness, element: Element) -> dict[str, Any]:
    """Figures by other documents' radii, in words."""
    total = int(found.counting.total(CITY_LEVEL)[0])
    zh, en = [], []
    for rule in element.alternates:
        mask = found.reach.alternate.get((element.id, rule.id))
        if mask is None or rule.limit_m is None or not total:
            continue
        share = int(found.counting.sum(CITY_LEVEL, mask)[0]) / total
        clause, limit = clause_text(rule.source.clause), number(rule.limit_m)
        zh.append(f"{rule.source.document} {clause.zh}：直线 {limit} 米 {percent(share)}")
        en.append(f"{rule.source.document} {clause.en}: {limit} m in a straight line {percent(share)}")
    return {"other_radius_zh": "；".join(zh) or None, "other_radius_en": "; ".join(en) or None}


def _distances(found: Completeness, city: City, nearest: Nearest | None) -> dict[str, Any]:
    """Median distance by weight, and how many points have no path at all."""
    if nearest is None:
        return {"median_m": np.nan, "unreachable": 0}
    weight, order = found.counting.main_weight, np.argsort(nearest.cost, kind="stable")
    so_far = np.cumsum(weight[order])
    middle = nearest.cost[order[np.searchsorted(2 * so_far, so_far[-1])]] if so_far[-1] else np.nan
    median = float(middle) if np.isfinite(middle) else np.nan
    return {"median_m": median, "unreachable": int(np.isinf(nearest.cost).sum()) if len(city.demand) else 0}


def missing_table(found: Completeness, level: str, from_centre: Mapping[str, pd.Series] | None = None) -> pd.DataFrame:
    """One row a zone, tier and class that somebody there lacks: how many, and how complete the lack is.

    Parameters
    ----------
    from_centre : by id of the element: metres from each zone's centre to the nearest place, by zone id
    """
    counting = found.counting
    total = counting.total(level)
    rows = []
    for element in found.elements:
        if not element.judged:
            continue
        lacking = counting.sum(level, ~found.served(element, DISTANCE))
        for k in counting.shown(level):
            if not lacking[k]:
                continue
            zone = counting.zones[level][k]
            state = _state(int(lacking[k]), int(total[k]))
            metres = None if from_centre is None or element.id not in from_centre else from_centre[element.id].get(zone)
            rows.append(
                {
                    "zone": zone,
                    "zone_name": OUTSIDE.both(" / ") if zone == OUTSIDE_ZONE else counting.name(level, zone),
                    "tier": element.tier.id,
                    "class": element.key,
                    "name_zh": element.name.zh,
                    "name_en": element.name.en,
                    "requirement": element.rule.requirement,
                    "without": lacking[k] / counting.per_whole,
                    "share_without": lacking[k] / total[k],
                    "state": state,
                    "centre_m": np.nan if metres is None or not np.isfinite(metres) else float(metres),
                    "confidence": element.confidence.value,
                }
            )
    columns = (
        "zone", "zone_name", "tier", "class", "name_zh", "name_en", "requirement", "without", "share_without", "state",
        "centre_m", "confidence",
    )  # fmt: skip
    table = pd.DataFrame(rows, columns=list(columns))
    order = table["requirement"].map({"required": 0, "as_needed": 1})
    table = table.assign(order=order).sort_values(
        ["zone", "order", "share_without", "tier", "class"], ascending=[True, True, False, True, True], kind="stable"
    )
    return table.drop(columns="order").reset_index(drop=True)


def _state(lacking: int, total: int) -> str:
    if lacking == total:
        return "none"
    return "few" if 2 * lacking > total else "most"
