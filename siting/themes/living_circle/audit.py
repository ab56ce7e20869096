"""Audit the living circles of a city: each tier by itself, by distance and by time, down to communities and estates."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.coverage import Travel, demand_cells
from siting.coverage.rollup import ZONE_PREFIX
from siting.coverage.schema import check_demand
from siting.errors import SchemaError
from siting.ledger import Text
from siting.nearest_word import hint
from siting.themes.city import City
from siting.themes.living_circle.centres import by_zone, community_centres, distance_from
from siting.themes.living_circle.circles import (
    bands_of,
    circle_members,
    ground_by_count,
    ground_of,
    living_circle_areas,
)
from siting.themes.living_circle.completeness import Completeness, names
from siting.themes.living_circle.counting import Counting
from siting.themes.living_circle.elements import Element, table_elements
from siting.themes.living_circle.estates import estate_ranking
from siting.themes.living_circle.fairness import fairness_of
from siting.themes.living_circle.indicators import indicators_of
from siting.themes.living_circle.notes import findings_of, gaps_in_data
from siting.themes.living_circle.parks import green_of_circles, park_table
from siting.themes.living_circle.reach import DISTANCE, reach_of
from siting.themes.living_circle.result import LivingCircle
from siting.themes.living_circle.scorecards import city_scorecard, class_table, missing_table, zone_scorecard
from siting.themes.living_circle.tiers import living_tiers

PROFILES = ("adult", "elderly", "step_free")


def audit_living_circle(
    city: City,
    *,
    profiles: Sequence[str] = PROFILES,
    level: str | None = None,
    centres: gpd.GeoDataFrame | None = None,
) -> LivingCircle:
    """Audit the living circles of a city after GB 50180 and TD/T 1062.

    Each tier (15, 10 and 5 minutes, and the residential block) is judged by its own classes within its own distance: a
    class that is far beyond 300 m but within 1000 m counts for the 15-minute tier and for no other. The headline is the
    distance on foot; the strict edge of the 15-minute tier and the minutes of each profile stand beside it, and classes
    that have a radius of their own in the table are also judged by that.

    Completeness is the share of required classes (应配建) within reach, weighted by people (by units where people are
    unknown); as-needed classes (按需配建) are counted apart. Classes of which the data have no place at all are not
    judged and listed. No clause sets a target share, so nothing is met or failed.

    Parameters
    ----------
    city : layers, from a study's run or `City.of`
    profiles : who walks, for the judgement by time
    level : the level of zones that plays the community; default: the smallest
    centres : centres of the communities (offices, stations) in place of the mean place of their people

    Raises
    ------
    SchemaError
        There is no such level, or a rule pack took a tier's distance.
    """
    check_demand(city.demand)
    level = _level(city, level)
    tiers = living_tiers(city.catalogue)
    elements = table_elements(city, tiers)
    counting = Counting.of(city)
    found = Completeness(tiers, elements, reach_of(city, elements, profiles), counting)
    straight = city.network is None
    parks = park_table(city, tiers)
    findings = list(findings_of(found))
    middle = drawn = None
    from_centre: dict[str, pd.Series] = {}
    if level is not None:
        near_m = min(t.limit_m for t in tiers if t.limit_m is not None)
        middle, notes = community_centres(city, level, counting, near_m, centres)
        findings += notes
        from_centre = by_zone(distance_from(city, middle, [e for e in elements if e.judged]), middle["zone"])
        who = next(iter(found.reach.profiles), PROFILES[0]) if not straight else PROFILES[0]
        drawn = _circles(city, found, middle, parks, who)
    scorecards = {name: zone_scorecard(found, name) for name in counting.zones if name in city.zones}
    return LivingCircle(
        tiers=tiers,
        level=level,
        straight=straight,
        profiles=found.reach.profiles,
        scorecard=city_scorecard(found, straight=straight),
        scorecards=scorecards,
        classes=class_table(found, city),
        missing=missing_table(found, level or "city", from_centre),
        points=_points(city, found),
        communities=None if level is None else _communities(city, found, level, scorecards[level], from_centre),
        estates=estate_ranking(city, found),
        centres=middle,
        circles=None if drawn is None else drawn["circles"],
        bands=None if drawn is None else drawn["bands"],
        blind=None if drawn is None else drawn["blind"],
        overlap=None if drawn is None else drawn["overlap"],
        parks=parks,
        fairness=fairness_of(city, found),
        indicators=indicators_of(found, straight=straight, travels=_travels(city, found)),
        findings=tuple(findings),
        gaps_in_data=gaps_in_data(city, found, parks),
        completeness=found,
    )


def _level(city: City, level: str | None) -> str | None:
    known = [name for name in city.zones if ZONE_PREFIX + name in city.demand.columns]
    if level is not None and level not in known:
        listed = ", ".join(known) or "none"
        msg = f"living circle: no level of zones {level!r}{hint(level, known)}; the levels are: {listed}"
        raise SchemaError(msg)
    return level or next(iter(known), None)


def _points(city: City, found: Completeness) -> gpd.GeoDataFrame:
    """Demand points with completeness and missing classes by tier."""
    keep = [c for c in city.demand.columns if c in ("people", "units", "geometry") or str(c).startswith(ZONE_PREFIX)]
    columns: dict[str, object] = {}
    for tier in found.used_tiers:
        required = found.required(tier)
        for measure in found.measures(tier):
            suffix = "" if measure == DISTANCE else f"_{measure}"
            columns[f"completeness_{tier.id}{suffix}"] = found.count(required, measure) / len(required)
        zh, en = found.missing_by_point(tier)
        columns[f"missing_{tier.id}"] = len(required) - found.count(required, DISTANCE)
        columns[f"missing_{tier.id}_zh"] = zh
        columns[f"missing_{tier.id}_en"] = en
    return gpd.GeoDataFrame(city.demand[keep].assign(**columns))


def _communities(
    city: City, found: Completeness, level: str, scorecard: pd.DataFrame, from_centre: dict[str, pd.Series]
) -> gpd.GeoDataFrame:
    """Add polygons to the community scorecard, and the required classes out of reach of each centre."""
    layer = city.zones[level]
    shapes = gpd.GeoSeries(np.asarray(layer.geometry), index=layer.index.astype(str), crs=layer.crs)
    table = scorecard[scorecard.index.isin(shapes.index)].copy()
    with_centre = {zone for metres in from_centre.values() for zone in metres.index}
    known = [zone in with_centre for zone in table.index]
    for tier in found.used_tiers:
        lacking = [_beyond(found.required(tier), str(zone), from_centre) for zone in table.index]
        words = [names(some) if has else Text("", "") for some, has in zip(lacking, known, strict=True)]
        number = [len(some) if has else pd.NA for some, has in zip(lacking, known, strict=True)]
        table[f"centre_missing_{tier.id}"] = pd.array(number, dtype="Int64")
        table[f"centre_missing_{tier.id}_zh"] = [w.zh for w in words]
        table[f"centre_missing_{tier.id}_en"] = [w.en for w in words]
    return gpd.GeoDataFrame(table, geometry=shapes.reindex(table.index), crs=layer.crs)


def _beyond(required: Sequence[Element], zone: str, metres: dict[str, pd.Series]) -> list[Element]:
    """Classes that are farther from the centre of a zone than their tier allows."""
    beyond = []
    for element in required:
        limit = element.tier.limit_m or element.rule.limit_m
        distance = metres.get(element.id)
        if limit is None or distance is None or zone not in distance.index:
            continue
        # Whole millimetres decide, as for homes.
        if round(float(distance[zone]) * 1000 if np.isfinite(distance[zone]) else np.inf, 0) > limit * 1000:
            beyond.append(element)
    return beyond


def _circles(
    city: City, found: Completeness, centres: gpd.GeoDataFrame, parks: gpd.GeoDataFrame | None, profile: str
) -> dict[str, gpd.GeoDataFrame]:
    """Circles of the centres with people, ranges and green; bands; ground in none, and in several, of the widest."""
    tiers = [t for t in found.tiers if t.minutes is not None]
    minutes = [t.minutes for t in tiers if t.minutes is not None]
    circles = living_circle_areas(city, centres, minutes, profile)
    ranges = {t.minutes: t.people for t in tiers}
    for name, end in (("people_low", 0), ("people_high", -1)):
        value = []
        for time in circles["minutes"]:
            rule = ranges[time]
            span = None if rule is None else rule.threshold
            value.append(float(span[end]) if isinstance(span, tuple) else np.nan)
        circles[name] = value
    green = green_of_circles(city, circles, centres, parks, found.tiers, profile)
    circles = gpd.GeoDataFrame(circles.join(green), crs=city.crs)
    # From the shortest time to the longest: in how many circles each home lies.
    held = [np.asarray(m.sum(axis=1)).ravel() for m in circle_members(city, centres, sorted(minutes), profile)]
    covered = held[-1]
    nearest = len(held) - np.sum([one > 0 for one in held], axis=0)
    cells = demand_cells(city.demand)
    weight, per_whole, unit = found.counting.main_weight, found.counting.per_whole, found.counting.main

    counted = list(dict.fromkeys((unit, "points")))
    blind = ground_of(cells, covered == 0, weight, city.crs, span_m=2 * max(t.limit_m or 0.0 for t in tiers))
    blind[unit] = blind.pop("weight") / per_whole
    blind = gpd.GeoDataFrame(blind[[*counted, "area_m2", "rank", "geometry"]], crs=city.crs)
    overlap = ground_by_count(cells, covered, weight, city.crs)
    overlap[unit] = overlap.pop("weight") / per_whole
    overlap = gpd.GeoDataFrame(overlap[["circles", *counted, "area_m2", "geometry"]], crs=city.crs)
    bands = bands_of(circles, nearest, weight, per_whole, unit)
    return {"circles": circles, "bands": bands, "blind": blind, "overlap": overlap}


def _travels(city: City, found: Completeness) -> dict[str, Travel]:
    """How the times of each profile came about; slopes count where going and coming differ."""
    travels = {}
    for profile in found.reach.profiles:
        network = city.timed(profile)
        if network is not None and network.times is not None:
            sloped = bool((network.times.forward_ms != network.times.backward_ms).any())
            travels[profile] = Travel.of(network, elevation=sloped)
    return travels
