"""Choose the sites of every `[[locate]]` entry of a study."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from siting.access import CostMatrix, cost_matrix, cost_matrix_straight
from siting.coverage import Audit, Searches, Travel, served_mask
from siting.coverage.counted import counted_facilities
from siting.coverage.travel import SECONDS_PER_MIN, minutes_text
from siting.display import whole
from siting.errors import InputError, ModelError
from siting.ledger import Finding, Text
from siting.locate import Plan, make_plan
from siting.locate.plans.unanswered import NoPlan
from siting.network import Network
from siting.pipeline.bundles import check_bundles
from siting.pipeline.people import People
from siting.pipeline.places import facilities_of
from siting.pipeline.plots import TakenGround, check_candidates, gather_candidates, taken_ground
from siting.pipeline.progress import Progress
from siting.pipeline.reading import Reader
from siting.pipeline.sources import Sources
from siting.pipeline.travel import Trip, Ways, trip_by
from siting.standards import Rule, load_classes
from siting.study import Study
from siting.study.settings import LayerTable, LocateTable
from siting.study.study import CANDIDATE_KINDS
from siting.suitability import Suitability
from siting.themes import load_themes
from siting.themes.living_circle.siting_needs import rule_of_class

DistanceKind = Literal["network", "straight", "time"]
LIVING_CIRCLE = "living_circle"


@dataclass(frozen=True, slots=True)
class _Question:
    """What one entry asks: which facilities, how far is served, by which kind of distance.

    ``limit`` is in metres, or in seconds where there is a ``trip``.
    """

    rule: Rule | None
    facility: tuple[str, ...]
    limit: float
    distance: DistanceKind
    trip: Trip | None = None


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
            rule = _question(entry, study, network is not None).rule
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
            _question(entry, study, has_streets)
        with reader.noting():
            check_candidates(entry, sources)
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
    question = _question(entry, study, network is not None)
    existing = _existing(entry, question, study, sources)
    if question.trip is None:
        searches, travel = ways.searches, None
        kinds: tuple[DistanceKind, ...] = ("network", "straight")
    else:
        searches, travel = ways.for_trip(question.trip)
        kinds = ("time",)
    served = {kind: _served(question, existing, kind, demand, searches) for kind in kinds}
    judged = _audit_of(entry, question, audits)
    candidates = gather_candidates(entry, study, sources, network, demand, gaps, judged, taken)
    allowed = gpd.GeoDataFrame(candidates[candidates["allowed"]])
    costs = _costs(question.distance, searches.network, demand.points, allowed, question.limit, study)
    weight = entry.weight or ("people" if "people" in demand.points else "units")
    plan = make_plan(
        entry.name,
        model=entry.model,
        limit_m=question.limit,
        candidates=candidates,
        cost=costs,
        demand=demand.points,
        served_before=served[question.distance],
        p=entry.p,
        target=entry.target,
        budget=entry.budget,
        price=entry.cost,
        rule=question.rule,
        facility=question.facility,
        title=_title(entry),
        weight=weight,
        required=entry.required,
        excluded=entry.excluded,
        existing=existing,
        min_spacing_m=entry.min_spacing_m,
        time_limit_s=entry.time_limit_s,
        mip_gap=entry.mip_gap,
        seed=entry.seed,
        notes=(*_measured(question, travel), *_without_existing(entry, question, existing)),
        distance=question.distance,
        travel=travel,
        unit=demand.unit,
    )
    if question.trip is not None:
        return plan
    other: DistanceKind = "straight" if question.distance == "network" else "network"
    return _with_other_distance(plan, other, network, demand.points, served[other], study)


def _title(entry: LocateTable) -> Text:
    zh = entry.title_zh or entry.title_en or entry.name
    return Text(zh, entry.title_en or zh)


def _question(entry: LocateTable, study: Study, has_streets: bool) -> _Question:
    theme = load_themes()[entry.theme] if entry.theme else None
    name = entry.rule or (theme.rule if theme and entry.limit_m is None else None)
    rule = None
    if name is None and entry.facility and entry.theme == LIVING_CIRCLE and not (entry.limit_m or entry.limit_min):
        rule = _rule_of_class(entry, study, entry.facility)
    elif name is not None:
        named = {a.label: a for a in study.settings.audit}
        rule = study.rule_of(named[name]) if name in named else study.catalogue[name]
    facility = tuple(
        entry.facility or (theme.facility if theme and rule is None else ()) or (rule.facility if rule else ())
    )
    trip = _trip(entry, study, rule)
    if trip is not None:
        by_rule = rule.limit_s if rule else None
        limit = by_rule if entry.limit_min is None else SECONDS_PER_MIN * entry.limit_min
    else:
        limit = entry.limit_m or (rule.limit_m if rule else None)
    if limit is None or not facility:
        missing = "limit_m or limit_min" if limit is None else "facility"
        msg = f"locate '{entry.name}': rule {name or '(none)'} gives no {missing}; write {missing} into the entry"
        raise InputError(msg)
    if trip is not None:
        if not has_streets:
            msg = f"locate '{entry.name}': minutes need a [streets] table"
            raise InputError(msg)
        return _Question(rule, facility, limit, "time", trip)
    asked = entry.distance or ("straight" if rule is not None and rule.distance == "straight" else "network")
    if entry.distance == "network" and not has_streets:
        msg = f"locate '{entry.name}': distance = \"network\" needs a [streets] table"
        raise InputError(msg)
    return _Question(rule, facility, limit, asked if has_streets else "straight")


def _rule_of_class(entry: LocateTable, study: Study, facility: Sequence[str]) -> Rule:
    """Return the rule of a class of the facility table, where the entry names none."""
    try:
        return rule_of_class(study.catalogue, facility)
    except InputError as error:
        msg = f"locate '{entry.name}': {error}"
        raise InputError(msg) from None


def _trip(entry: LocateTable, study: Study, rule: Rule | None) -> Trip | None:
    """Return who moves for a plan in minutes: as the entry says, else as its audit, else as its rule; None for metres.

    A limit in metres of the entry's own makes it a plan in metres.
    """
    in_minutes = entry.limit_min is not None or (rule is not None and rule.distance == "time")
    if entry.limit_m is not None or entry.distance is not None or not in_minutes:
        return None
    named = next((a for a in study.settings.audit if a.label == entry.rule), None)
    profile = entry.profile or (named.profile if named else None)
    return trip_by(study, profile, entry.direction or (named.direction if named else None), rule)


def _existing(entry: LocateTable, question: _Question, study: Study, sources: Sources) -> gpd.GeoDataFrame | None:
    if isinstance(entry.existing, LayerTable):
        reader = Reader(study)
        layer = reader.layer(f"locate '{entry.name}' existing", entry.existing, "any", sources.crs)
        reader.faults.raise_any()
        return None if layer is None else gpd.GeoDataFrame(layer.frame.assign(**{"class": question.facility[0]}))
    return facilities_of(sources.facilities, question.facility) if entry.existing else None


def _audit_of(entry: LocateTable, question: _Question, audits: dict[str, Audit]) -> Audit | None:
    """Return the study's audit whose gaps the entry means: the one it names, else one of the same rule."""
    if entry.rule in audits:
        return audits[entry.rule]
    same = [one for one in audits.values() if question.rule is not None and one.rule == question.rule]
    return same[0] if same else None


def _served(
    question: _Question,
    existing: gpd.GeoDataFrame | None,
    kind: DistanceKind,
    demand: People,
    searches: Searches,
) -> NDArray[np.bool_]:
    """Mask of the demand that what exists serves within the plan's own limit.

    Asked of the facilities themselves, not of an audit: a plan may count other facilities (another class, a layer with
    what is under construction) or serve by a limit of its own, with no rule at all.
    """
    if existing is None:
        return np.zeros(len(demand.points), dtype=bool)
    counted = existing
    if question.rule is not None:
        counted, _ = counted_facilities(existing, replace(question.rule, facility=question.facility))
    way: Literal["network", "straight"] = "straight" if kind == "straight" else "network"
    return served_mask(searches.nearest(demand.points, counted, way).cost, question.limit)


def _costs(
    kind: DistanceKind,
    network: Network | None,
    points: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    limit_m: float,
    study: Study,
) -> CostMatrix:
    if kind == "straight" or network is None:
        return cost_matrix_straight(points, places, limit_m)
    return cost_matrix(network, points, places, limit_m, max_snap_m=study.settings.study.max_snap_m)


def _without_existing(entry: LocateTable, question: _Question, existing: gpd.GeoDataFrame | None) -> tuple[Text, ...]:
    """Say so where existing facilities should count and the study has none."""
    if existing is not None or not entry.existing:
        return ()
    nouns = load_classes()
    zh = "、".join(nouns[c].name.zh for c in question.facility)
    en = ", ".join(nouns[c].name.en.lower() for c in question.facility)
    return (
        Text(
            f"数据中没有{zh}：按现状无任何服务计算", f"the data hold no {en}: the plan takes nobody to be served today"
        ),
    )


def _measured(question: _Question, travel: Travel | None) -> tuple[Text, ...]:
    if travel is not None:
        limit = minutes_text(question.limit)
        text = Text(f"服务按 {limit.zh}计：{travel.text.zh}", f"served means within {limit.en}: {travel.text.en}")
        return (text,)
    kind = Text("步行网络距离", "walking distance along the network")
    if question.distance == "straight":
        kind = Text("直线距离", "straight-line distance")
    text = Text(f"服务按{kind.zh} {question.limit:g} 米计", f"served means within {question.limit:g} m of {kind.en}")
    return (text,)


def _with_other_distance(
    plan: Plan,
    kind: DistanceKind,
    network: Network | None,
    points: gpd.GeoDataFrame,
    served: NDArray[np.bool_],
    study: Study,
) -> Plan:
    """Say what the same sites do by the other kind of distance, so that no river or wall stays hidden."""
    if plan.limit_m is None or "people" not in points or (kind == "network" and network is None) or not len(plan.sites):
        return plan
    costs = _costs(kind, network, points, plan.sites, plan.limit_m, study)
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
