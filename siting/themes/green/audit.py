"""Green and parks of a city: who sees green and reaches a park, by which clause, and what walls cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from siting.errors import InputError
from siting.ledger import Finding, Text
from siting.themes.city import City
from siting.themes.green.detour import Detour, detour_of
from siting.themes.green.official import Official, official_coverage
from siting.themes.green.parks import green_of, park_list, parks_of
from siting.themes.green.rates import Rates, rates_of
from siting.themes.green.served import PARK_RULE, Reach, reach_of
from siting.themes.green.waterfront import WATERFRONT, Waterfront, waterfront_of
from siting.themes.result import ThemeResult

NO_LAND = (
    Text("服务半径覆盖率（官方口径）", "service-radius coverage (official measure)"),
    Text("缺少居住用地图层（[land] residential）", "no residential land ([land] residential)"),
)
NO_OLD = (
    Text("旧城区与新区分别达标", "targets of old and of new districts"),
    Text("缺少旧城区范围（[land] old_district）", "no areas of old districts ([land] old_district)"),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Green:
    """What the green audit found.

    Attributes
    ----------
    parks : the list of parks with area, width, size class and entries; with ``loss_people`` and ``wall_people``
    reach : 300 m to green and 500 m to park, by point and zone
    official : service-radius coverage of residential land by each clause
    detour : what walls cost; None without streets or people
    measures : the figures side by side: the same parks by official land, straight line, open boundary and gates
    rates : green by person and by land
    waterfront : who reaches the water; None where that cannot be judged
    missing : what could not be judged, and why
    zone_shapes : by level and zone id
    straight_only : whether the study has no streets
    """

    parks: gpd.GeoDataFrame
    reach: Reach
    official: tuple[Official, ...]
    detour: Detour | None
    measures: pd.DataFrame
    rates: Rates
    missing: tuple[tuple[Text, Text], ...]
    zone_shapes: Mapping[str, Mapping[str, BaseGeometry]]
    straight_only: bool
    waterfront: Waterfront | None = None
    findings: tuple[Finding, ...] = ()

    def themed(self) -> ThemeResult:
        """Return layers, tables, figures and sentences for every output."""
        from siting.themes.green.shown import themed

        return themed(self)

    def __repr__(self) -> str:
        """Say how many parks and clauses there are."""
        return f"Green({len(self.parks)} parks, {len(self.official)} clauses of coverage)"


def lacks_green(city: City) -> Text | None:
    """Say which areas are missing without which green cannot be judged; None if none is.

    No parks in the data is no proof that a city has none: it would make everybody unserved.
    """
    if not len(green_of(city)):
        return Text("缺少绿地图层（any_green）", "no green areas: give an OSM file or a layer of class any_green")
    if not len(parks_of(city)):
        return Text("缺少公园图层（park_green）", "no parks: give an OSM file or a layer of class park_green")
    return None


def audit_green(city: City, *, canopy: gpd.GeoDataFrame | None = None, local_rules: Sequence[str] = ()) -> Green:
    """Audit green and parks.

    Parameters
    ----------
    city : see `City.of`; facilities of the classes ``any_green`` and ``park_green`` are looked at
    canopy : areas under vegetation, from a raster
    local_rules : a city's own rates to compute as well, such as ``park.tianjin.percap``

    Returns
    -------
    `Green`; nothing that a missing layer would need is made up: it is listed in ``missing``.

    Raises
    ------
    InputError
        The city has no parks, or no green at all: see `lacks_green`.
    """
    lacking = lacks_green(city)
    if lacking is not None:
        msg = f"green: {lacking.en}"
        raise InputError(msg)
    reach = reach_of(city)
    official = tuple(official_coverage(city))
    detour = detour_of(city, reach.park)
    rates = rates_of(city, canopy, local_rules)
    parks = park_list(city)
    if detour is not None:
        losses = detour.parks.reindex(parks.index).fillna(0.0)
        parks = gpd.GeoDataFrame(parks.assign(loss_people=losses["loss_people"], wall_people=losses["wall_people"]))
    missing = list(rates.missing)
    if city.land is None:
        missing.insert(0, NO_LAND)
    elif city.old_district is None:
        missing.append(NO_OLD)
    water = waterfront_of(city)
    if isinstance(water, Text):
        missing.append((WATERFRONT, water))
    return Green(
        parks=parks,
        reach=reach,
        official=official,
        detour=detour,
        measures=_measures(reach, official, detour),
        rates=rates,
        missing=tuple(missing),
        zone_shapes={
            level: dict(zip(layer.index.astype(str), layer.geometry, strict=True))
            for level, layer in city.zones.items()
        },
        straight_only=city.network is None,
        waterfront=None if isinstance(water, Text) else water,
        findings=_findings(reach, official),
    )


def _findings(reach: Reach, official: tuple[Official, ...]) -> tuple[Finding, ...]:
    found = [*reach.green.findings, *reach.park.findings]
    found += [finding for one in official for finding in one.findings]
    return tuple(dict.fromkeys(found))


def _measures(reach: Reach, official: tuple[Official, ...], detour: Detour | None) -> pd.DataFrame:
    """Lay the figures of the same parks side by side; only the official ones are compared with a target."""
    rows = [
        _row(one.rule.id, "official", "land", one.city.served / 100, one.city.total / 100, one.passes)
        | {"target": one.rule.target.share if one.rule.target else None}
        for one in official
    ]
    for audit in (reach.park, reach.green):
        for (distance, denominator), share in audit.shares.items():
            per = share.per_whole
            rows.append(_row(audit.rule.id, distance, denominator, share.served / per, share.total / per, audit.passes))
    people = reach.park.shares.get(("network", "people"))
    if detour is not None and people is not None:
        served = reach.park.demand["people"].to_numpy()[detour.open_served].sum()
        rows.append(_row(PARK_RULE, "open_boundary", "people", float(served), people.total / people.per_whole, None))
    return pd.DataFrame(
        rows, columns=["rule", "measure", "denominator", "served", "total", "share", "target", "passes"]
    )


def _row(
    rule: str, measure: str, denominator: str, served: float, total: float, passes: bool | None
) -> dict[str, object]:
    share = served / total if total else None
    return {
        "rule": rule, "measure": measure, "denominator": denominator, "served": served, "total": total, "share": share,
        "target": None, "passes": passes,
    }  # fmt: skip
