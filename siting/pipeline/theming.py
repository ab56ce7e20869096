"""Audit the themes that a study asks for."""

from collections.abc import Callable

import geopandas as gpd

from siting.coverage import LandPieces, assign_zones
from siting.coverage.rollup import ZONE_PREFIX
from siting.ledger import Finding, Text
from siting.network import load_profiles
from siting.pipeline.charging import charging_of
from siting.pipeline.parking_sites import parking_of
from siting.pipeline.plots import exclusions_of
from siting.pipeline.progress import Progress
from siting.pipeline.sources import Sources
from siting.pipeline.toilet_sites import toilets_of
from siting.pipeline.travel import Ways
from siting.pipeline.waste import waste_of
from siting.study import Study
from siting.suitability import Suitability
from siting.themes import City, ThemeResult, load_themes
from siting.themes.green import audit_green, lacks_green
from siting.themes.living_circle import audit_living_circle


def city_of(
    study: Study,
    sources: Sources,
    demand: gpd.GeoDataFrame,
    ways: Ways,
    land: LandPieces | None = None,
    residential: gpd.GeoDataFrame | None = None,
    suitability: Suitability | None = None,
) -> City:
    """Gather what the themes of a study look at.

    Parameters
    ----------
    demand : the people, as the audits take them
    ways : of the study: its searches and timed networks are shared with the audits
    land, residential : residential land, cut and uncut
    suitability : of the ground, where the study weighs it
    """
    placed = assign_zones(demand, {k: v for k, v in sources.zones.items() if ZONE_PREFIX + k not in demand.columns})
    points = gpd.GeoDataFrame(demand.assign(**{str(column): placed[column] for column in placed.columns}))
    return City(
        network=ways.walk,
        demand=points,
        facilities=sources.facilities,
        catalogue=study.catalogue,
        searches=ways.searches,
        zones=sources.zones,
        land=land,
        residential=residential,
        green=sources.green,
        entrances=sources.entrances,
        vacant=sources.vacant,
        exclusions=exclusions_of(sources),
        water=sources.water,
        buildings=sources.buildings,
        old_estates=sources.old_estates,
        old_district=sources.old_district,
        boundary=sources.boundary,
        suitability=suitability,
        max_snap_m=study.settings.study.max_snap_m,
        times=lambda profile: ways.timed(load_profiles()[profile]),
        trucks=None if ways.walk is None else ways.for_trucks,
    )


def audit_themes(study: Study, sources: Sources, city: City, progress: Progress) -> dict[str, ThemeResult]:
    """Audit each theme that the study has a table of, in the order in which planners read them."""
    s = study.settings
    asked: dict[str, Callable[[], ThemeResult]] = {}
    if s.living_circle is not None:
        table = s.living_circle
        asked["living_circle"] = lambda: audit_living_circle(
            city, profiles=tuple(table.profiles), level=table.level, centres=sources.centres
        ).themed()
    if s.green is not None:
        local = tuple(s.green.local_rules)
        asked["green"] = lambda: _green(city, sources, local)
    asked |= toilets_of(study, city, sources.toilets)
    asked |= parking_of(study, city, sources.floors, sources.parking)
    asked |= charging_of(study, city, sources.charging)
    asked |= waste_of(study, city, sources.waste)
    if not asked:
        return {}
    progress.stage(Text("评估专题", "Auditing the themes"), len(asked))
    found = {}
    for name, audit in asked.items():
        found[name] = audit()
        progress.step(found[name].title)
    return found


def _green(city: City, sources: Sources, local_rules: tuple[str, ...]) -> ThemeResult:
    lacking = lacks_green(city)
    if lacking is None:
        return audit_green(city, canopy=sources.canopy, local_rules=local_rules).themed()
    title = load_themes()["green"].name
    return ThemeResult(theme="green", title=title, missing=((title, lacking),))


def theme_findings(study: Study, themes: dict[str, ThemeResult]) -> list[Finding]:
    """List what themes found and could not judge, and the layers of the study that no theme read."""
    found = [finding for result in themes.values() for finding in result.findings]
    for result in themes.values():
        found += [
            Finding(
                code="theme_not_judged",
                kind="note",
                count=0,
                text=Text(
                    f"{result.title.zh}：{what.zh}未评判：{why.zh}",
                    f"{result.title.en}: {what.en} not judged: {why.en}",
                ),
            )
            for what, why in result.missing
        ]
    s = study.settings
    parts = any(study.rule_of(entry).applies_to_land is not None for entry in s.audit)
    read_by = {
        "land.old_estates": ("living_circle", s.land.old_estates),
        **({} if parts else {"land.old_district": ("green", s.land.old_district)}),
    }
    for key, (theme, table) in read_by.items():
        if key == "land.old_estates" and ("charging_sheds" in themes or "waste_points" in themes):
            continue
        if table is not None and theme not in themes:
            text = Text(
                f"{key} 仅用于 [{theme}]，本研究没有该表", f"{key} is only used by [{theme}], which this study has not"
            )
            found.append(Finding(code="layer_not_used", kind="warning", count=0, text=text))
    return found
