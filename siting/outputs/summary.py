"""`summary.json`: every headline number, for machines; never NaN or inf."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from siting.coverage.model import Audit, Share
from siting.coverage.travel import SECONDS_PER_MIN
from siting.locate.plans.effect import variant
from siting.locate.plans.plan import Plan
from siting.locate.plans.unanswered import NoPlan
from siting.outputs.contract import RunLike
from siting.outputs.layers import DENOMINATORS, clause
from siting.outputs.suitability_files import suitability_summary
from siting.outputs.theme_files import theme_summary
from siting.standards.model import DistanceKind


def summary(run: RunLike) -> dict[str, Any]:
    """Return the headline figures of a run as plain values.

    Under ``rules.<name>.people``, ``land`` and ``units`` every value is None where the study lacks that denominator.
    """
    return {
        "study": run.name,
        "title": {"zh": run.title.zh, "en": run.title.en},
        "crs": _crs_code(run),
        "demand_points": len(run.demand),
        "people": _people(run),
        "facilities": _counts(run),
        "unsnapped": len(run.unsnapped),
        "gaps": {name: _gaps_of(run, name) for name in run.audits},
        "rules": {name: _rule(audit, run) for name, audit in run.audits.items()},
        "locate": {name: _plan(plan) for name, plan in run.plans.items()}
        | {name: _no_plan(none) for name, none in run.infeasible.items()},
        "themes": theme_summary(run.themes),
        "suitability": None if run.suitability is None else suitability_summary(run.suitability),
    }


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write plain values as JSON that every parser takes: no NaN, no inf, keys in the order given."""
    text = json.dumps(plain(content), ensure_ascii=False, indent=2, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def plain(value: Any) -> Any:
    """Turn numpy values, paths, tuples and the like into what JSON knows; NaN and inf become None."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _rule(audit: Audit, run: RunLike) -> dict[str, Any]:
    kinds: list[DistanceKind] = list(dict.fromkeys(kind for kind, _ in audit.shares))
    reason = audit.reason
    return {
        "rule": audit.rule.id,
        "name": {"zh": audit.rule.name.zh, "en": audit.rule.name.en},
        "judged": audit.judged,
        "reason": reason.get(run.lang) if reason else None,
        "limit_m": audit.limit_m,
        "limit_min": None if audit.limit_s is None else audit.limit_s / SECONDS_PER_MIN,
        "unit": audit.unit,
        "profile": None if audit.travel is None else audit.travel.profile.id,
        "travel": None if audit.travel is None else audit.travel.plain(),
        "distance": audit.distance,
        **_shares(audit, audit.distance),
        "by_distance": {kind: _shares(audit, kind) for kind in kinds},
        "unreachable": audit.unreachable if audit.judged else None,
        "target": audit.rule.target.share if audit.rule.target else None,
        "target_operator": audit.rule.target.operator if audit.rule.target else None,
        "passes": audit.passes,
        "clause": clause(audit.rule),
        "confidence": audit.rule.confidence.value,
        "set_by_study": list(audit.rule.overridden),
    }


def _shares(audit: Audit, kind: DistanceKind) -> dict[str, Any]:
    return {denominator: _share(audit.shares.get((kind, denominator))) for denominator in DENOMINATORS}


def _share(share: Share | None) -> dict[str, Any]:
    if share is None:
        return {"served": None, "total": None, "share": None}
    served, total = share.served / share.per_whole, share.total / share.per_whole
    if share.per_whole == 1:
        return {"served": share.served, "total": share.total, "share": share.share}
    return {"served": served, "total": total, "share": share.share}


def _plan(plan: Plan) -> dict[str, Any]:
    result = plan.result
    return {
        "title": {"zh": plan.title.zh, "en": plan.title.en},
        "model": plan.model,
        "rule": plan.rule.id if plan.rule else None,
        "limit_m": plan.limit_m,
        "limit_min": None if plan.limit_s is None else plan.limit_s / SECONDS_PER_MIN,
        "travel": None if plan.travel is None else plan.travel.plain(),
        "distance": plan.distance,
        "weight": plan.weight,
        "status": result.status,
        "objective": result.objective,
        "bound": result.bound,
        "gap": result.gap,
        "sites": [str(site) for site in plan.sites.index],
        "candidates": len(plan.candidates),
        "people_total": plan.people_total,
        "people_before": plan.people_before,
        "people_after": plan.people_after,
        "unserved_after": len(plan.unserved_after),
        **({} if plan.budget is None else {"budget": asdict(plan.budget)}),
        "measures": _measures(plan),
        **({"alternatives": _alternatives(plan)} if len(plan.alternatives) > 1 else {}),
    }


def _measures(plan: Plan) -> dict[str, Any]:
    return {one.key: {"before": one.before, "after": one.after, "unit": one.unit.en} for one in plan.measures}


def _alternatives(plan: Plan) -> list[dict[str, Any]]:
    """Say what each plan of the comparison is worth, the best first."""
    return [
        {
            "variant": variant(k),
            "status": one.result.status,
            "objective": one.result.objective,
            "bound": one.result.bound,
            "gap": one.result.gap,
            "loss": one.loss,
            "sites": [str(site) for site in one.result.site_ids],
            "without": [str(site) for site in one.without],
        }
        for k, one in enumerate(plan.alternatives)
    ]


def _no_plan(none: NoPlan) -> dict[str, Any]:
    """Say that there is no plan and why, under the keys of a plan."""
    unknown = ("objective", "bound", "gap", "people_before", "people_after", "unserved_after")
    return {
        "title": {"zh": none.title.zh, "en": none.title.en},
        "model": none.model,
        "rule": none.rule.id if none.rule else None,
        "status": none.status,
        "reason": none.reason,
        **dict.fromkeys(unknown),
        "sites": [],
    }


def _gaps_of(run: RunLike, name: str) -> dict[str, Any]:
    if "rule" not in run.gaps.columns:
        return {"count": 0, "people": None}
    rows = run.gaps[run.gaps["rule"] == name]
    people = rows["people"] if "people" in rows.columns else None
    known = people is not None and len(rows) and people.notna().all()
    return {"count": len(rows), "people": round(float(people.sum()), 3) if known and people is not None else None}


def _people(run: RunLike) -> float | None:
    return round(float(run.demand["people"].sum()), 3) if "people" in run.demand.columns else None


def _counts(run: RunLike) -> dict[str, int]:
    if "class" not in run.facilities.columns:
        return {}
    return {str(k): int(v) for k, v in run.facilities["class"].value_counts().sort_index().items()}


def _crs_code(run: RunLike) -> str:
    authority = run.crs.to_authority()
    return ":".join(authority) if authority else str(run.crs.name)
