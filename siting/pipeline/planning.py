"""Choose the sites of every `[[locate]]` entry of a study."""

from dataclasses import dataclass, replace
from typing import Literal

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from siting.access import CostMatrix, cost_matrix, cost_matrix_straight
from siting.coverage import Audit, Searches, audit, served_mask
from siting.errors import InputError
from siting.ledger import Finding, Text
from siting.locate import Plan, make_plan
from siting.network import Network
from siting.pipeline.people import People
from siting.pipeline.places import facilities_of
from siting.pipeline.plots import gather_candidates
from siting.pipeline.progress import Progress
from siting.pipeline.reading import Reader
from siting.pipeline.sources import Sources
from siting.standards import Rule
from siting.study import Study
from siting.study.settings import LayerTable, LocateTable
from siting.themes import load_themes

DistanceKind = Literal["network", "straight"]


@dataclass(frozen=True, slots=True)
class _Question:
    """What one entry asks: which facilities, how far is served, by which kind of distance."""

    rule: Rule | None
    facility: tuple[str, ...]
    limit_m: float
    distance: DistanceKind


def make_plans(
    study: Study,
    sources: Sources,
    demand: People,
    network: Network | None,
    audits: dict[str, Audit],
    gaps: gpd.GeoDataFrame,
    searches: Searches,
    progress: Progress,
) -> dict[str, Plan]:
    """Answer each `[[locate]]` of the study, in its order.

    Raises
    ------
    InputError
        An entry that cannot be answered with the layers of the study.
    InfeasibleError
        No choice of sites meets the conditions; the message says why and what would work.
    """
    entries = study.settings.locate
    if not entries:
        return {}
    progress.stage(Text("选址", "Choosing sites"), len(entries))
    plans = {}
    for entry in entries:
        plans[entry.name] = _plan(entry, study, sources, demand, network, audits, gaps, searches)
        progress.step(Text(entry.name, entry.name))
    return plans


def _plan(
    entry: LocateTable,
    study: Study,
    sources: Sources,
    demand: People,
    network: Network | None,
    audits: dict[str, Audit],
    gaps: gpd.GeoDataFrame,
    searches: Searches,
) -> Plan:
    question = _question(entry, study, network)
    existing = _existing(entry, question, study, sources)
    judged = _judged(question, audits, existing, sources, demand, network, searches)
    served = {kind: _served(judged, kind, question, demand.points) for kind in ("network", "straight")}
    candidates = gather_candidates(entry, study, sources, network, demand, gaps, judged)
    allowed = gpd.GeoDataFrame(candidates[candidates["allowed"]])
    costs = _costs(question.distance, network, demand.points, allowed, question.limit_m, study)
    weight = entry.weight or ("people" if "people" in demand.points else "units")
    title_zh = entry.title_zh or entry.title_en or entry.name
    plan = make_plan(
        entry.name,
        model=entry.model,
        limit_m=question.limit_m,
        candidates=candidates,
        cost=costs,
        demand=demand.points,
        served_before=served[question.distance],
        p=entry.p,
        target=entry.target,
        rule=question.rule,
        facility=question.facility,
        title=Text(title_zh, entry.title_en or title_zh),
        weight=weight,
        required=entry.required,
        excluded=entry.excluded,
        existing=existing,
        min_spacing_m=entry.min_spacing_m,
        time_limit_s=entry.time_limit_s,
        mip_gap=entry.mip_gap,
        seed=entry.seed,
        notes=_measured(question),
        distance=question.distance,
        unit=demand.unit,
    )
    other: DistanceKind = "straight" if question.distance == "network" else "network"
    return _with_other_distance(plan, other, network, demand.points, served[other], study)


def _question(entry: LocateTable, study: Study, network: Network | None) -> _Question:
    theme = load_themes()[entry.theme] if entry.theme else None
    name = entry.rule or (theme.rule if theme and entry.limit_m is None else None)
    rule = None
    if name is not None:
        named = {a.label: a for a in study.settings.audit}
        rule = study.rule_of(named[name]) if name in named else study.catalogue[name]
    facility = tuple(
        entry.facility or (theme.facility if theme and rule is None else ()) or (rule.facility if rule else ())
    )
    limit_m = entry.limit_m or (rule.limit_m if rule else None)
    if limit_m is None or not facility:
        missing = "limit_m" if limit_m is None else "facility"
        msg = f"locate '{entry.name}': rule {name or '(none)'} gives no {missing}; write {missing} into the entry"
        raise InputError(msg)
    asked = entry.distance or ("straight" if rule is not None and rule.distance == "straight" else "network")
    if entry.distance == "network" and network is None:
        msg = f"locate '{entry.name}': distance = \"network\" needs a [streets] table"
        raise InputError(msg)
    return _Question(rule, facility, limit_m, "straight" if network is None else asked)


def _existing(entry: LocateTable, question: _Question, study: Study, sources: Sources) -> gpd.GeoDataFrame | None:
    if isinstance(entry.existing, LayerTable):
        reader = Reader(study)
        layer = reader.layer(f"locate '{entry.name}' existing", entry.existing, "any", sources.crs)
        reader.faults.raise_any()
        return None if layer is None else gpd.GeoDataFrame(layer.frame.assign(**{"class": question.facility[0]}))
    return facilities_of(sources.facilities, question.facility) if entry.existing else None


def _judged(
    question: _Question,
    audits: dict[str, Audit],
    existing: gpd.GeoDataFrame | None,
    sources: Sources,
    demand: People,
    network: Network | None,
    searches: Searches,
) -> Audit | None:
    """Return the audit of the same rule over the same facilities; made here where the study has none."""
    if existing is None or question.rule is None:
        return None
    for one in audits.values():
        if one.judged and one.rule == question.rule and one.facilities.index.isin(existing.index).all():
            return one
    return audit(
        network,
        demand.points,
        existing,
        question.rule,
        entrances=sources.entrances,
        max_snap_m=searches.max_snap_m,
        searches=searches,
    )


def _served(judged: Audit | None, kind: str, question: _Question, points: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Mask of the demand that what exists serves within the plan's own limit."""
    if judged is None or not judged.judged or f"cost_{kind}" not in judged.demand:
        return np.zeros(len(points), dtype=bool)
    return served_mask(judged.demand[f"cost_{kind}"].to_numpy(), question.limit_m)


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


def _measured(question: _Question) -> tuple[Text, ...]:
    kind = Text("步行网络距离", "walking distance along the network")
    if question.distance == "straight":
        kind = Text("直线距离", "straight-line distance")
    text = Text(
        f"服务按{kind.zh} {question.limit_m:g} 米计", f"served means within {question.limit_m:g} m of {kind.en}"
    )
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
    if "people" not in points or (kind == "network" and network is None) or not len(plan.sites):
        return plan
    costs = _costs(kind, network, points, plan.sites, plan.limit_m, study)
    reached = served.copy()
    reached[points.index.get_indexer(costs.rows[np.unique(costs.row_of)])] = True
    people = points["people"]
    before, after = float(people[served].sum()), float(people[reached].sum())
    word = Text("步行网络距离", "walking distance") if kind == "network" else Text("直线距离", "straight-line distance")
    note = Text(
        f"同一方案按{word.zh}计:服务人口 {before:,.0f} → {after:,.0f}",
        f"the same sites by {word.en}: people served {before:,.0f} -> {after:,.0f}",
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
