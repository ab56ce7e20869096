"""Tables of a joint siting: buildings, classes, zones before and after, and homes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.coverage import CITY_LEVEL
from siting.coverage.rollup import ZONE_PREFIX
from siting.locate import JointResult
from siting.standards.labels import document_text
from siting.themes.city import City
from siting.themes.living_circle.completeness import divided
from siting.themes.living_circle.counting import Counting, Longs
from siting.themes.living_circle.siting_needs import Need

Reached = Mapping[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]]


def building_table(
    allowed: gpd.GeoDataFrame,
    needs: Sequence[Need],
    result: JointResult,
    room: Mapping[str, float] | None,
    floor: NDArray[np.float64],
) -> gpd.GeoDataFrame:
    """Chosen places, best first, with their services and the room they take."""
    chosen = result.to_geodataframe(allowed)
    has = [[n for n in needs if n.key in result.services_of(int(j))] for j in result.order]
    there = floor[result.order]
    columns = {
        "order": chosen.pop("order"),
        "services": chosen.pop("services"),
        "services_zh": ["、".join(n.name.zh for n in some) for some in has],
        "services_en": [", ".join(n.name.en for n in some) for some in has],
        "count": [len(some) for some in has],
        "gain": chosen.pop("gain"),
        "room_m2": [sum(n.room_m2 if room is None else room[n.key] for n in some) for some in has],
        "floor_m2": np.where(np.isfinite(there), there, np.nan),
    }
    rest = {c: chosen[c] for c in chosen.columns if c != chosen.geometry.name}
    return gpd.GeoDataFrame(
        {**columns, **rest}, geometry=chosen.geometry.to_numpy(), index=chosen.index, crs=allowed.crs
    )


def service_table(needs: Sequence[Need], result: JointResult, counting: Counting, reach: Reached) -> pd.DataFrame:
    """One row a class: who has it today and with the plan, and why the others do not."""
    weight, whole = counting.main_weight, counting.per_whole
    rows = []
    for need in needs:
        after = result.served[need.key]
        near, fits = reach[need.key]
        left = ~after
        total = int(weight.sum())
        size = {
            "served_before": need.served,
            "served_after": after,
            "newly_served": after & ~need.served,
            "left": left,
            "left_no_plot": left & ~near,
            "left_no_room": left & near & ~fits,
            "left_not_chosen": left & fits,
        }
        sums = {name: int(weight[mask].sum()) for name, mask in size.items()}
        rule, reading = need.limit_rule, need.room_reading
        places = 0 if need.element.facilities is None else len(need.element.facilities)
        rows.append(
            {
                "class": need.key,
                "name_zh": need.name.zh,
                "name_en": need.name.en,
                "tier": need.element.tier.id,
                "limit_m": need.limit_m,
                "limit_rule": "" if rule is None else rule.id,
                "limit_clause_zh": "" if rule is None else document_text(rule, "zh"),
                "limit_clause_en": "" if rule is None else document_text(rule, "en"),
                "limit_confidence": "" if rule is None else rule.confidence.value,
                "room_m2": need.room_m2,
                "room_of": need.room_of,
                "room_confidence": "" if reading is None else reading.value,
                "places": places,
                "buildings": int(result.opened[:, result.services.index(need.key)].sum()),
                "total": total / whole,
                **{name: value / whole for name, value in sums.items()},
                "share_before": sums["served_before"] / total if total else np.nan,
                "share_after": sums["served_after"] / total if total else np.nan,
            }
        )
    return pd.DataFrame(rows)


def zone_table(needs: Sequence[Need], result: JointResult, counting: Counting, level: str | None) -> pd.DataFrame:
    """Completeness of the bundle before and after, the city first, then each zone of the level."""
    before = _count([n.served for n in needs])
    after = _count([result.served[n.key] for n in needs])
    parts = []
    for at in (CITY_LEVEL, *(() if level is None else (level,))):
        shown = counting.shown(at)
        total = counting.total(at)
        sums = {
            "before": counting.sum(at, before),
            "after": counting.sum(at, after),
            "all_before": counting.sum(at, before == len(needs)),
            "all_after": counting.sum(at, after == len(needs)),
        }
        ids = [counting.zones[at][k] for k in shown]
        lacking = [
            [n for n in needs if total[k] and 2 * int(counting.sum(at, result.served[n.key])[k]) < int(total[k])]
            for k in shown
        ]
        parts.append(
            pd.DataFrame(
                {
                    "level": at,
                    "zone": ids,
                    "name": [counting.name(at, zone) for zone in ids],
                    counting.main: total[shown] / counting.per_whole,
                    "completeness_before": divided(sums["before"], total * len(needs))[shown],
                    "completeness_after": divided(sums["after"], total * len(needs))[shown],
                    "all_before": sums["all_before"][shown] / counting.per_whole,
                    "all_after": sums["all_after"][shown] / counting.per_whole,
                    "newly_served": (sums["after"] - sums["before"])[shown] / counting.per_whole,
                    "missing_zh": ["、".join(n.name.zh for n in some) for some in lacking],
                    "missing_en": [", ".join(n.name.en for n in some) for some in lacking],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def point_table(city: City, needs: Sequence[Need], result: JointResult, reach: Reached) -> gpd.GeoDataFrame:
    """Homes with the number of classes within reach before and after, and what they still lack."""
    keep = [c for c in city.demand.columns if c in ("people", "units", "geometry") or str(c).startswith(ZONE_PREFIX)]
    before = _count([n.served for n in needs])
    after = _count([result.served[n.key] for n in needs])
    within = np.zeros(len(before), dtype=bool)
    for need in needs:
        within |= ~result.served[need.key] & reach[need.key][1]
    state = np.select(
        [before == len(needs), after == len(needs), after > before, within],
        ["had_all", "now_all", "some_new", "left"],
        "no_plot",
    )
    # Few different patterns among many homes: name each once.
    pattern = np.zeros(len(before), dtype=np.int64)
    for k, need in enumerate(needs):
        pattern |= (~result.served[need.key]).astype(np.int64) << k
    found, which = np.unique(pattern, return_inverse=True)
    lacking = [[n for k, n in enumerate(needs) if bits >> k & 1] for bits in found.tolist()]
    zh = np.array(["、".join(n.name.zh for n in some) for some in lacking], dtype=object)[which]
    en = np.array([", ".join(n.name.en for n in some) for some in lacking], dtype=object)[which]
    return gpd.GeoDataFrame(
        city.demand[keep].assign(classes_before=before, classes_after=after, state=state, missing_zh=zh, missing_en=en)
    )


def _count(masks: Sequence[NDArray[np.bool_]]) -> Longs:
    total = np.zeros(len(masks[0]), dtype=np.int64)
    for mask in masks:
        total += mask
    return total
