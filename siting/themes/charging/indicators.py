"""Rows for `tables/indicators.csv`: lots and spaces by clause, people near stations, charging served, homes served."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from siting.coverage import CITY_LEVEL, INDICATOR_COLUMNS, OUTSIDE_ZONE, Share, assign_zones
from siting.coverage.rollup import ZONE_PREFIX, indicator_rows, zone_codes, zone_sums
from siting.coverage.schema import people_milli
from siting.ledger import Text
from siting.standards.model import Denominator, DistanceKind, Reading, Rule, Source
from siting.themes.city import City
from siting.units import MILLI_PER_PERSON

if TYPE_CHECKING:
    from siting.themes.charging.ready import Ready
    from siting.themes.charging.siting_stations import ChargingPlan
    from siting.themes.charging.stations import Radius, Stations

MILLI = 1000
"""Cars, charges and households may be parts of one: they are added in thousandths, so that zones add up to the city."""
NO_COUNTS = Text("车位数或充电车位数未知", "spaces or charging spaces are not known")
NO_STATIONS = Text("缺少充电站图层或服务半径", "no layer of stations, or no radius")
Key = tuple[DistanceKind | None, Denominator]


@dataclass(frozen=True, slots=True, eq=False)
class Count:
    """Served and total of each row, in whole numbers of which ``per_whole`` make one."""

    served: NDArray[np.int64]
    total: NDArray[np.int64]
    per_whole: int = 1

    @classmethod
    def of(cls, served: ArrayLike, total: ArrayLike) -> Count:
        """Take numbers that may be parts of one, in thousandths."""
        one, every = (np.rint(np.asarray(a, dtype=np.float64) * MILLI).astype(np.int64) for a in (served, total))
        return cls(np.minimum(one, every), every, MILLI)


def own_rule(id_: str, name: Text, *, metres: float | None, distance: DistanceKind | None, on: Denominator) -> Rule:
    """Build what a study asks by its own word: no clause, no target, and so never a verdict."""
    grades = dict.fromkeys(("threshold", "denominator", "distance"), Reading.ASSUMED)
    return Rule(
        id=id_, name=name, topic="parking", tier="facility", facility=("charging",),
        metric="service_radius" if metres is not None else "method", operator="<=", threshold=metres,
        unit="" if metres is None else "m", distance=distance, denominator=on, target=None,
        confidence=Reading.ASSUMED, readings=grades, pack="study",
        source=Source(document="研究自定 / the study's own", title="", clause="", status="", standing="guidance"),
    )  # fmt: skip


def counted(
    rule: Rule, place: pd.DataFrame, zones: Mapping[str, gpd.GeoDataFrame], figures: Mapping[Key, Count]
) -> pd.DataFrame:
    """Add up the city and every zone.

    Parameters
    ----------
    place : columns ``zone_<level>``, one row for each that is counted
    """
    shares: dict[tuple[str, str], dict[tuple[DistanceKind, Denominator], Share]] = {}
    for key, count in figures.items():
        kind = cast("tuple[DistanceKind, Denominator]", key)
        whole = Share(served=int(count.served.sum()), total=int(count.total.sum()), per_whole=count.per_whole)
        shares.setdefault((CITY_LEVEL, CITY_LEVEL), {})[kind] = whole
        for level, layer in zones.items():
            ids, code = zone_codes(place[ZONE_PREFIX + level].astype(str), layer.index.astype(str).tolist())
            served, total = (zone_sums(code, part, len(ids)) for part in (count.served, count.total))
            for k, zone in enumerate(ids):
                if zone != OUTSIDE_ZONE or total[k]:
                    part = Share(served=int(served[k]), total=int(total[k]), per_whole=count.per_whole)
                    shares.setdefault((level, zone), {})[kind] = part
    return indicator_rows(rule.id, rule, shares, limit_m=rule.limit_m, passes=None)


def lot_indicators(city: City, ready: Ready) -> list[pd.DataFrame]:
    """Count, for each clause, judged lots that meet it, and charging spaces among their spaces.

    The clause is of each lot, so its share of all spaces together is shown and is no verdict.
    """
    lots = ready.lots
    inside = shapely.point_on_surface(np.asarray(lots.geometry, dtype=object))
    place = assign_zones(gpd.GeoSeries(inside, index=lots.index, crs=lots.crs), city.zones)
    rows = []
    for rule in ready.rules:
        mine = (lots["rule"] == rule.id).to_numpy() & lots["state"].isin(["meets", "short"]).to_numpy()
        by_lot = replace(
            rule,
            id=f"{rule.id}.lots",
            name=Text(f"{rule.name.zh}：达到的停车场", f"{rule.name.en}: car parks that meet it"),
            target=None,
        )
        if not mine.any():
            if (lots["rule"] == rule.id).any():
                rows.append(_not_judged(rule, NO_COUNTS))
            continue
        judged, where = lots[mine], pd.DataFrame(place[mine])
        one = np.ones(len(judged), dtype=np.int64)
        met = (judged["state"] == "meets").to_numpy().astype(np.int64)
        have, every = (judged[c].to_numpy().astype(np.int64) for c in ("ready", "spaces"))
        rows.append(counted(rule, where, city.zones, {(None, "units"): Count(have, every)}))
        rows.append(counted(by_lot, where, city.zones, {(None, "units"): Count(met, one)}))
    return rows


def reach_indicators(city: City, stations: Stations) -> list[pd.DataFrame]:
    """Count people and demand points that have a station within the radius."""
    if stations.radius is None:
        return []
    rule = reach_rule(stations.radius, stations.distance)
    if not len(stations.stations):
        return [_not_judged(rule, NO_STATIONS)]
    near = stations.points["near"].to_numpy(dtype=bool)
    one = np.ones(len(near), dtype=np.int64)
    milli = people_milli(city.demand)
    figures: dict[Key, Count] = {}
    kinds: tuple[DistanceKind, ...] = (stations.distance, "straight")
    for distance in dict.fromkeys(kinds):
        mask = near if distance == stations.distance else stations.points["near_straight"].to_numpy(dtype=bool)
        if milli is not None:
            figures[distance, "people"] = Count(np.where(mask, milli, 0), milli, MILLI_PER_PERSON)
        figures[distance, "units"] = Count(np.where(mask, one, 0), one)
    return [counted(rule, city.demand, city.zones, figures)]


def reach_rule(radius: Radius, distance: DistanceKind) -> Rule:
    """Return the rule that a station lies within the radius, on the word of whoever states it."""
    name = Text("充电站服务半径内", "a charging station within the radius")
    if radius.rule is not None:
        return replace(radius.rule, id="charging.reach", name=name, target=None, distance=distance)
    return own_rule("charging.reach", name, metres=radius.metres, distance=distance, on="people")


def served_indicators(city: City, plan: ChargingPlan) -> pd.DataFrame:
    """Measure charging that is served, before and with the plan, in thousandths of a charge (or kWh)."""
    rows = []
    for when, column, words in (
        ("before", "placed_before", Text("现状满足的充电需求", "demand for charging served today")),
        ("after", "placed_after", Text("实施后满足的充电需求", "demand for charging served with the plan")),
    ):
        name = Text(f"{words.zh}（研究假定）", f"{words.en} (assumed by the study)")
        rule = own_rule(f"charging.served.{when}", name, metres=plan.radius.metres, distance=plan.distance, on="units")
        count = Count.of(plan.points[column], plan.points["wanted"])
        rows.append(counted(rule, city.demand, city.zones, {(plan.distance, "units"): count}))
    return joined(rows)


def shed_indicators(city: City, homes: gpd.GeoDataFrame, walk_m: float, measure: DistanceKind) -> pd.DataFrame:
    """Count households with a shed within the walk, before and with the new ones; homes where they are not known."""
    place = city.demand.loc[homes.index]
    known = bool(len(homes)) and bool(homes["households"].notna().all())
    every = homes["households"].to_numpy() if known else np.ones(len(homes))
    noun = Text("户", "households") if known else Text("住户点", "homes (points)")
    served = homes["served"].to_numpy(dtype=bool)
    rows = []
    for when, mask, words in (
        ("before", served & homes["shed"].isna().to_numpy(), Text("现状", "today")),
        ("after", served, Text("实施后", "with the new sheds")),
    ):
        name = Text(
            f"老旧小区步行范围内有充电棚（{words.zh}，{noun.zh}）",
            f"old estates, a shed within the walk ({words.en}, {noun.en})",
        )
        rule = own_rule(f"charging.shed.{when}", name, metres=walk_m, distance=measure, on="units")
        count = Count.of(np.where(mask, every, 0.0), every)
        rows.append(counted(rule, place, city.zones, {(measure, "units"): count}))
    return joined(rows)


def joined(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put rows under one another."""
    rows = list(parts)
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(INDICATOR_COLUMNS))


def _not_judged(rule: Rule, why: Text) -> pd.DataFrame:
    reason = why.both(" / ")
    return indicator_rows(rule.id, rule, {}, limit_m=rule.limit_m, passes=None, judged=False, reason=reason)
