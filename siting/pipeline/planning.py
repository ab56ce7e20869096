"""Choose the sites of every `[[locate]]` entry of a study."""

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.coverage import OUTSIDE_ZONE, Audit, Searches
from siting.coverage.rollup import ZONE_PREFIX
from siting.display import whole
from siting.errors import ModelError
from siting.ledger import Finding, Text
from siting.locate import Plan, make_plan
from siting.locate.plans.unanswered import NoPlan
from siting.network import Network
from siting.pipeline.asked import Asked, DistanceKind, measured, read_entry, without_existing
from siting.pipeline.bundles import check_bundles
from siting.pipeline.people import People
from siting.pipeline.places import facilities_of
from siting.pipeline.plan_costs import costs_of, served_today, standing
from siting.pipeline.plan_costs import ways as ways_to
from siting.pipeline.plots import TakenGround, check_candidates, gather_candidates, taken_ground
from siting.pipeline.progress import Progress
from siting.pipeline.reading import Reader
from siting.pipeline.sources import Sources
from siting.pipeline.travel import Ways
from siting.pipeline.zone_quotas import check_zones, quotas_of
from siting.study import Study
from siting.study.settings import LayerTable, LocateTable
from siting.study.study import CANDIDATE_KINDS
from siting.suitability import Suitability


def make_plans(
    study: Study,
    sources: Sources,
    demand: People,
    network: Network | None,
    audits: dict[str, Audit],
    gaps: gpd.GeoDataFrame,
    ways: Ways,
    progress: Progress,
    suitability: Suitability | None = None,
) -> tuple[dict[str, Plan], dict[str, NoPlan]]:
    """Answer each `[[locate]]` of the study, in its order; those without an answer are listed with the reason."""
    entries = study.settings.locate
    if not entries:
        return {}, {}
    progress.stage(Text("选址", "Choosing sites"), len(entries))
    plans, without = {}, {}
    taken = taken_ground(sources, suitability)
    for entry in entries:
        try:
            plans[entry.name] = _plan(entry, study, sources, demand, network, audits, gaps, ways, taken)
        except ModelError as error:
            rule = read_entry(entry, study, network is not None).rule
            without[entry.name] = NoPlan.of(error, entry.name, _title(entry), entry.model, rule)
        progress.step(Text(entry.name, entry.name))
    return plans, without


def check_entries(study: Study, sources: Sources) -> None:
    """Refuse `[[locate]]` and `[[services]]` entries that cannot be answered, all at once, before anything is computed.

    Raises
    ------
    InputError
        A rule without a distance, a layer that cannot be used, no vacant land, no network for walking distances.
    """
    reader = Reader(study)
    has_streets = study.settings.streets is not None
    for entry in study.settings.locate:
        with reader.noting():
            read_entry(entry, study, has_streets)
        with reader.noting():
            check_candidates(entry, sources)
        with reader.noting():
            check_zones(entry, sources.zones)
        for what, table in (("existing", entry.existing), ("candidates", entry.candidates)):
            if isinstance(table, LayerTable) and table.source not in CANDIDATE_KINDS:
                reader.layer(f"locate '{entry.name}' {what}", table, "any", sources.crs)
    check_bundles(study, sources, reader)
    reader.faults.raise_any()


def _plan(
    entry: LocateTable,
    study: Study,
    sources: Sources,
    demand: People,
    network: Network | None,
    audits: dict[str, Audit],
    gaps: gpd.GeoDataFrame,
    ways: Ways,
    taken: TakenGround,
) -> Plan:
    question = read_entry(entry, study, network is not None)
    existing = _existing(entry, question, study, sources)
    if question.trip is None:
        searches, travel = ways.searches, None
        kinds: tuple[DistanceKind, ...] = ("network", "straight")
    else:
        searches, travel = ways.for_trip(question.trip)
        kinds = ("time",)
    served = {kind: served_today(question, existing, kind, demand.points, searches) for kind in kinds}
    judged = _audit_of(entry, question, audits)
    candidates = gather_candidates(entry, study, sources, network, demand, gaps, judged, taken)
    allowed = gpd.GeoDataFrame(candidates[candidates["allowed"]])
    stands = standing(existing, question, candidates)
    costs = costs_of(entry.name, entry.model, question, searches, demand.points, allowed, stands)
    quotas = quotas_of(entry, sources.zones, candidates, stands)
    weight = entry.weight or ("people" if "people" in demand.points else "units")
    plan = make_plan(
        entry.name,
        model=entry.model,
        limit_m=question.limit,
        candidates=candidates,
        cost=costs.cost,
        demand=demand.points,
        served_before=served[question.distance],
        p=entry.p,
        target=entry.target,
        budget=entry.budget,
        price=entry.cost,
        per_person_km=entry.cost_per_person_km,
        capacity=entry.capacity,
        reach_m=question.reach,
        existing_cost=costs.existing_cost,
        separation=costs.separation,
        zones=quotas.zones,
        at_least=quotas.at_least,
        at_most=quotas.at_most,
        demand_zones=_demand_zones(demand.points, sources),
        n_alternatives=entry.alternatives or 0,
        max_loss=entry.max_loss,
        rule=question.rule,
        facility=question.facility,
        title=_title(entry),
        weight=weight,
        required=entry.required,
        excluded=entry.excluded,
        existing=existing if entry.model in ("mclp", "lscp") else stands,
        min_spacing_m=entry.min_spacing_m,
        time_limit_s=entry.time_limit_s,
        mip_gap=entry.mip_gap,
        seed=entry.seed,
        notes=(*measured(question, travel), *without_existing(entry, question, existing)),
        distance=question.distance,
        travel=travel,
        unit=demand.unit,
    )
    if question.trip is not None:
        return plan
    other: DistanceKind = "straight" if question.distance == "network" else "network"
    return _with_other_distance(plan, other, searches, demand.points, served[other])


def _demand_zones(points: gpd.GeoDataFrame, sources: Sources) -> "pd.Series[Any] | None":
    """Return the zone of each demand row at the smallest level; None without zones."""
    level = next(iter(sources.zones), None)
    if level is None or ZONE_PREFIX + level not in points:
        return None
    found = points[ZONE_PREFIX + level].astype(object)
    return pd.Series(found.where(found != OUTSIDE_ZONE, None))


def _title(entry: LocateTable) -> Text:
    zh = entry.title_zh or entry.title_en or entry.name
    return Text(zh, entry.title_en or zh)


def _existing(entry: LocateTable, question: Asked, study: Study, sources: Sources) -> gpd.GeoDataFrame | None:
    if isinstance(entry.existing, LayerTable):
        reader = Reader(study)
        layer = reader.layer(f"locate '{entry.name}' existing", entry.existing, "any", sources.crs)
        reader.faults.raise_any()
        return None if layer is None else gpd.GeoDataFrame(layer.frame.assign(**{"class": question.facility[0]}))
    return facilities_of(sources.facilities, question.facility) if entry.existing else None


def _audit_of(entry: LocateTable, question: Asked, audits: dict[str, Audit]) -> Audit | None:
    """Return the study's audit whose gaps the entry means: the one it names, else one of the same rule."""
    if entry.rule in audits:
        return audits[entry.rule]
    same = [one for one in audits.values() if question.rule is not None and one.rule == question.rule]
    return same[0] if same else None


def _with_other_distance(
    plan: Plan,
    kind: DistanceKind,
    searches: Searches,
    points: gpd.GeoDataFrame,
    served: NDArray[np.bool_],
) -> Plan:
    """Say what the same sites do by the other kind of distance, so that no river or wall stays hidden."""
    unknown = "people" not in points or (kind == "network" and searches.network is None)
    if plan.limit_m is None or unknown or not len(plan.sites):
        return plan
    costs = ways_to(kind, searches, points, plan.sites, plan.limit_m)
    reached = served.copy()
    reached[points.index.get_indexer(costs.rows[np.unique(costs.row_of)])] = True
    people = points["people"]
    before, after = float(people[served].sum()), float(people[reached].sum())
    word = Text("步行网络距离", "walking distance") if kind == "network" else Text("直线距离", "straight-line distance")
    note = Text(
        f"同一方案按{word.zh}计：服务人口 {whole(before)} → {whole(after)}",
        f"the same sites by {word.en}: people served {whole(before)} -> {whole(after)}",
    )
    return replace(plan, notes=(*plan.notes, note))


def plan_findings(plans: dict[str, Plan]) -> list[Finding]:
    """List what the plans found that every reader of the run should see."""
    found = []
    for plan in plans.values():
        found += [
            Finding(code="plan_note", kind="note", count=0, text=Text(f"{plan.name}:{n.zh}", f"{plan.name}: {n.en}"))
            for n in plan.notes
        ]
    return found
