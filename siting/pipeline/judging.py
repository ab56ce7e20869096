"""Judge every rule of a study, and say where the unserved are."""

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from siting.access.service_area import Outline, service_areas
from siting.coverage import Audit, DemandCells, LandPieces, audit, gaps_by_rule, not_judged
from siting.ledger import Text
from siting.pipeline.part_of_city import part_for
from siting.pipeline.places import facilities_of
from siting.pipeline.progress import Progress
from siting.pipeline.sources import Sources
from siting.pipeline.travel import Trip, Ways
from siting.study import Study


def judge_rules(
    study: Study,
    sources: Sources,
    demand: gpd.GeoDataFrame,
    ways: Ways,
    trips: Mapping[str, Trip | None],
    land: LandPieces | None,
    progress: Progress,
    unit: Text | None = None,
) -> dict[str, Audit]:
    """Judge each `[[audit]]` of the study, in its order; rules that cannot be judged say why.

    Parameters
    ----------
    trips : by the label of the audit, who moves for it; None for a rule in metres
    """
    audits: dict[str, Audit] = {}
    entries = study.settings.audit
    progress.stage(Text("评估各项标准", "Judging the rules"), len(entries))
    for entry in entries:
        rule = study.rule_of(entry)
        mine = part_for(rule, demand, land, sources.old_district)
        if mine.lacking is not None:
            audits[entry.label] = not_judged(entry.label, rule, demand, mine.lacking)
            progress.step(Text(entry.label, entry.label))
            continue
        searches, travel, trip = ways.searches, None, trips[entry.label]
        if trip is not None and rule.can_judge_access and ways.walk is not None:
            searches, travel = ways.for_trip(trip)
        audits[entry.label] = audit(
            searches.network,
            mine.demand,
            facilities_of(sources.facilities, rule.facility) if rule.facility else None,
            rule,
            sources.zones,
            mine.land,
            name=entry.label,
            entrances=sources.entrances,
            max_snap_m=study.settings.study.max_snap_m,
            searches=searches,
            travel=travel,
            unit=unit,
            part=mine.part,
        )
        progress.step(Text(entry.label, entry.label))
    return audits


def gaps_of(audits: dict[str, Audit], cells: DemandCells, progress: Progress) -> gpd.GeoDataFrame:
    """Gap areas of all judged rules in one frame, worst first within each rule."""
    judged = [a for a in audits.values() if a.judged]
    progress.stage(Text("勾画服务盲区", "Drawing the gaps"), len(judged))
    parts = list(gaps_by_rule(audits, cells, done=lambda one: progress.step(one.rule.name)).values())
    return _joined(parts, parts[0].crs if parts else None)


def areas_of(
    audits: dict[str, Audit],
    ways: Ways,
    trips: Mapping[str, Trip | None],
    progress: Progress,
) -> gpd.GeoDataFrame | None:
    """Streets and surroundings within each rule's distance, or time, of a facility; None without a network."""
    judged = [a for a in audits.values() if a.judged and len(a.facilities)]
    if ways.walk is None or not judged:
        return None
    progress.stage(Text("计算服务区", "Drawing service areas"), len(judged))
    outlines: dict[int, Outline] = {}
    parts = []
    for one in judged:
        trip = trips[one.name]
        network = ways.walk if trip is None else ways.for_trip(trip)[0].network
        limit = one.limit_s if one.limit_m is None else one.limit_m
        assert network is not None
        assert limit is not None
        outline = outlines.setdefault(id(network), Outline(network))
        area = service_areas(network, one.facilities, [limit], facility_entries=one.entries, outline=outline)
        area = area.assign(rule=one.name, limit_m=one.limit_m, distance="network" if trip is None else "time")
        if one.travel is not None:
            area = area.assign(limit_min=limit / 60.0, profile=one.travel.profile.id)
        parts.append(gpd.GeoDataFrame(area))
        progress.step(one.rule.name)
    return _joined(parts, ways.walk.crs)


def entries_of(audits: dict[str, Audit], crs: object) -> gpd.GeoDataFrame:
    """Where area facilities are entered, over all rules, each entry once."""
    parts = [a.entries for a in audits.values() if len(a.entries)]
    found = _joined(parts, crs)
    if not len(found):
        return found
    found = gpd.GeoDataFrame(found[found["kind"] != "point"])
    keys = pd.DataFrame({"facility": found["facility"], "wkb": found.geometry.to_wkb()})
    return gpd.GeoDataFrame(found[~keys.duplicated().to_numpy()])


def _joined(parts: list[gpd.GeoDataFrame], crs: object) -> gpd.GeoDataFrame:
    parts = [p for p in parts if len(p)]
    if not parts:
        return gpd.GeoDataFrame({"rule": pd.Series(dtype=object)}, geometry=gpd.GeoSeries([], crs=crs), crs=crs)
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=parts[0].crs)
