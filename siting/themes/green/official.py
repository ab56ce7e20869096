"""Service-radius coverage 服务半径覆盖率: residential land inside the radii of parks, as the clauses count it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.coverage.counted import counted_facilities
from siting.coverage.judge import verdict
from siting.coverage.land import LandPieces
from siting.coverage.land_served import Radius, served_by_radii_dm2
from siting.coverage.model import CITY_LEVEL, Share
from siting.coverage.ratio import share_of
from siting.coverage.rollup import ZONE_PREFIX, indicator_rows, zone_codes, zone_shares
from siting.ledger import Finding, Text
from siting.standards import document_text
from siting.standards.model import Denominator, DistanceKind, Rule
from siting.themes.city import City

MEASURES: dict[str, tuple[str, ...]] = {
    "park.gb55014.cover": (),
    "park.gb51346.cover": (),
    "park.cover.eco": (),
    "park.cover.gc": ("park.cover.class_large", "park.cover.class_small"),
}
"""Clauses with a target, and the rules that give each size class its own radius; without any one radius for all."""
OLD, NEW = "park.gb51346.cover_old", "park.gb51346.cover_new"
"""Targets of old districts and of new ones: each is judged on its own land, where the study says which is old."""
Key = tuple[DistanceKind, Denominator]
LAND: Key = ("straight", "land")


@dataclass(frozen=True, kw_only=True, eq=False)
class Official:
    """One clause's coverage of residential land.

    Attributes
    ----------
    rule : the clause, with its target
    radii : (rule of a size class, how many parks of it); the clause itself where it has one radius for all
    served_dm2 : shape (n_piece,), land inside the radii
    city : served and total of all residential land that the clause speaks of
    passes : None unless the clause allows a verdict
    indicators : rows for the city and every zone
    """

    rule: Rule
    radii: tuple[tuple[Rule, int], ...]
    served_dm2: NDArray[np.int64]
    city: Share
    passes: bool | None
    indicators: pd.DataFrame
    findings: tuple[Finding, ...] = ()


def official_coverage(city: City) -> list[Official]:
    """Measure every clause of `MEASURES` that the catalogue has, and the targets of old and new districts.

    Radii are drawn from the boundary of a park, united over all parks and classes, then intersected with the land.
    Without residential land there is nothing to measure.
    """
    if city.land is None:
        return []
    found = [
        _measure(city, city.land, city.catalogue[name], classes)
        for name, classes in MEASURES.items()
        if name in city.catalogue
    ]
    if city.old_district is not None:
        old = _inside(city.land, city.old_district)
        for name, mine in ((OLD, old), (NEW, ~old)):
            if name in city.catalogue and mine.any():
                found.append(_measure(city, city.land, city.catalogue[name], (), only=mine))
    return found


def _measure(
    city: City, land: LandPieces, rule: Rule, classes: tuple[str, ...], only: NDArray[np.bool_] | None = None
) -> Official:
    parts = [city.catalogue[name] for name in classes if name in city.catalogue] or [rule]
    radii, counts, findings = [], [], []
    for part in parts:
        chosen, notes = counted_facilities(city.facilities, part)
        findings += [
            replace(note, text=Text(f"{part.name.zh}：{note.text.zh}", f"{part.name.en}: {note.text.en}"))
            for note in notes
            if note.code != "outside_size_class"
        ]
        assert part.limit_m is not None
        near = city.searches.nearest(land.points, chosen, "straight").cost
        radii.append(Radius(chosen, near, part.limit_m))
        counts.append((part, len(chosen)))
    counts_here = np.ones(len(land), dtype=bool) if only is None else only
    served = np.where(counts_here, served_by_radii_dm2(land, radii), 0)
    total = np.where(counts_here, land.area_dm2, 0)
    whole = share_of(served, total, denominator="land")
    passes = verdict(rule, {LAND: whole})
    zones = _by_zone(city, land.pieces, served, total)
    shares: dict[tuple[str, str], dict[Key, Share]] = {(CITY_LEVEL, CITY_LEVEL): {LAND: whole}} | zones
    return Official(
        rule=rule,
        radii=tuple(counts),
        served_dm2=served,
        city=whole,
        passes=passes,
        indicators=indicator_rows(rule.id, rule, shares, limit_m=rule.limit_m, passes=passes).assign(
            clause=document_text(rule, "en")
        ),
        findings=tuple(findings),
    )


def _by_zone(
    city: City, pieces: gpd.GeoDataFrame, served: NDArray[np.int64], total: NDArray[np.int64]
) -> dict[tuple[str, str], dict[Key, Share]]:
    found: dict[tuple[str, str], dict[Key, Share]] = {}
    for level, layer in city.zones.items():
        ids, code = zone_codes(pieces[ZONE_PREFIX + level], [str(zone) for zone in layer.index])
        shares: Mapping[str, Share] = zone_shares(ids, code, served, total, "land")
        found |= {(level, zone): {LAND: share} for zone, share in shares.items()}
    return found


def _inside(land: LandPieces, areas: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Pieces whose point lies in the old district."""
    return np.asarray(land.points.geometry.intersects(areas.geometry.union_all()), dtype=np.bool_)


def radii_text(one: Official) -> Text:
    """Say which radii were drawn, around how many parks."""
    return Text(
        "；".join(f"{rule.name.zh}：{rule.limit_m:g} 米 × {count} 处" for rule, count in one.radii),
        "; ".join(f"{rule.name.en}: {rule.limit_m:g} m × {count}" for rule, count in one.radii),
    )
