"""`evidence.json`: what the figures rest on: inputs, what was dropped and why, settings, sources, versions, seeds."""

import platform
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pyogrio
import pyproj
import shapely

from siting import __version__
from siting.ledger import Account, Finding, Text
from siting.outputs.clock import timestamp
from siting.outputs.contract import RunLike
from siting.standards.model import Rule

LIBRARIES = (
    "exactextract", "geopandas", "highspy", "mapclassify", "matplotlib", "networkx", "numba", "numpy", "osmium",
    "osmnx", "pandas", "pyarrow", "pydantic", "pyogrio", "pyproj", "pyyaml", "rasterio", "scikit-learn", "scipy",
    "shapely",
)  # fmt: skip
TIME_LIMIT_NOTE = Text(
    "达到时间上限而停止的搜索，每次运行的结果可能不同；其界与差距仍然成立",
    "a search that a time limit stopped may give other sites in another run; its bound and gap still hold",
)


def evidence(run: RunLike, findings: tuple[Finding, ...] = ()) -> dict[str, Any]:
    """Return what the figures of a run rest on, as plain values in a fixed order.

    Parameters
    ----------
    findings : what happened while the results were written, beside ``run.findings``
    """
    return {
        "tool": "siting",
        "version": __version__,
        "written": timestamp(),
        "study": run.name,
        "inputs": [_account(account) for account in run.accounts],
        "findings": [_finding(finding) for finding in (*run.findings, *findings)],
        "crs": _crs(run),
        "parameters": dict(run.parameters),
        "seeds": dict(run.seeds),
        "rules": _rules(run),
        "travel": {n: a.travel.plain() for n, a in run.audits.items() if a.travel is not None},
        "not_judged": {n: _text(a.reason) for n, a in run.audits.items() if not a.judged},
        "searches": {name: _search(run, name) for name in run.plans},
        "attribution": [_text(line) for line in run.attribution],
        "data_date": run.data_date,
        "libraries": library_versions(),
    }


def library_versions() -> dict[str, str | None]:
    """Versions of Python, of the libraries that compute, and of the native ones inside them."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found | {
        "GDAL": ".".join(map(str, pyogrio.__gdal_version__)),
        "PROJ": pyproj.proj_version_str,
        "GEOS": shapely.geos_version_string,
    }


def _account(account: Account) -> dict[str, Any]:
    count = {kind: sum(f.count for f in account.findings if f.kind == kind) for kind in ("dropped", "repaired")}
    return {
        "layer": account.layer,
        "source": account.source,
        "sha256": account.sha256,
        "rows_in": account.rows_in,
        "rows_used": account.rows_used,
        "rows_dropped": count["dropped"],
        "rows_repaired": count["repaired"],
        "findings": [_finding(finding) for finding in account.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "kind": finding.kind,
        "count": finding.count,
        "zh": finding.text.zh,
        "en": finding.text.en,
        "ids": list(finding.ids),
    }


def _text(text: Text | None) -> dict[str, str] | None:
    return None if text is None else {"zh": text.zh, "en": text.en}


def _crs(run: RunLike) -> dict[str, Any]:
    authority = run.crs.to_authority()
    return {
        "code": ":".join(authority) if authority else None,
        "name": run.crs.name,
        "wkt": None if authority else run.crs.to_wkt(),
        "chosen": _text(run.crs_note),
        "scale_error_ppm": run.scale_error_ppm,
    }


def _rules(run: RunLike) -> list[dict[str, Any]]:
    """Every rule as it was used: one that a study judges twice, with other figures, stands here twice."""
    used: list[tuple[Rule, list[str]]] = []
    named = [(f"audit {name}", audit.rule) for name, audit in run.audits.items()]
    named += [(f"plan {name}", plan.rule) for name, plan in run.plans.items() if plan.rule is not None]
    for name, rule in named:
        for known, names in used:
            if known == rule:
                names.append(name)
                break
        else:
            used.append((rule, [name]))
    return [_rule(rule) | {"used_by": names} for rule, names in used]


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "pack": rule.pack,
        "name": _text(rule.name),
        "threshold": rule.threshold,
        "unit": rule.unit,
        "target": asdict(rule.target) if rule.target else None,
        "source": asdict(rule.source),
        "confidence": rule.confidence.value,
        "confidence_text": _text(rule.confidence.text),
        "readings": {part: reading.value for part, reading in rule.readings.items()},
        "seen_in": [asdict(place) for place in rule.seen_in],
        "limit_m": rule.limit_m,
        "limit_s": rule.limit_s,
        "facility": list(rule.facility),
        "overridden": list(rule.overridden),
        "override_source": rule.override_source or None,
        "note": rule.note,
    }


def _search(run: RunLike, name: str) -> Mapping[str, Any]:
    plan = run.plans[name]
    proved = plan.result.status == "optimal"
    return {
        "model": plan.result.model,
        "status": plan.result.status,
        "parameters": plan.result.parameters,
        "notes": [_text(note) for note in plan.notes],
        "time_limit": None if proved else _text(TIME_LIMIT_NOTE),
    }
