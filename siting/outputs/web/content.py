"""What the page holds: tables with their shapes, views, rules, plans, themes and words, as plain values."""

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.coverage.model import Audit
from siting.coverage.travel import SECONDS_PER_MIN
from siting.ledger import Text
from siting.outputs import palette
from siting.outputs.columns import safe_name
from siting.outputs.contract import NOTE, RunLike
from siting.outputs.layers import judged
from siting.outputs.views import View, ViewClass
from siting.outputs.web.cells import packed_column, packed_costs
from siting.outputs.web.classes import class_marks
from siting.outputs.web.plans import plan_rows, plan_view
from siting.outputs.web.rules import both, readings, rule_rows, theme_rows
from siting.outputs.web.shapes import WGS84, packed_shapes
from siting.outputs.web.words import WORDS
from siting.standards.classes import load_classes

LEFT_OUT = frozenset({"tags", "edge", "offset_mm", "access_mm", "cutoff", "buffer_m", "source", "snapped", "allowed"})
"""Columns of the GeoPackage that say nothing to a reader of the page, or say it again."""
MINOR = frozenset({"footway", "path", "steps", "pedestrian", "track", "cycleway", "service", "corridor", "bridleway"})
MAJOR = frozenset({"motorway", "trunk", "primary", "secondary"})
OUTLINES, OUTLINE_M = ("service_areas", "gaps"), 2.0
"""Outlines that were worked out, not surveyed: a corner that stands out by less than this, in metres, is left out."""
GROUND = "base_"
BEYOND = Text("无路可达或超出搜索范围", "no path, or beyond the search")
MOST_CELLS = 2_000_000
"""Demand points by rules, up to which the page holds the distance to, and the id of, each point's facility."""
TOO_MANY = Text(
    "需求点与规则太多，逐点距离与最近设施未放入网页，见 results.gpkg。",
    "There are too many points and rules for a page: the distance and facility of each point are in results.gpkg.",
)
Columns = Mapping[str, Mapping[str, Text]]


def content(
    run: RunLike, layers: Mapping[str, pd.DataFrame], views: Sequence[View], columns: Columns
) -> dict[str, Any]:
    """Return everything that the page shows, as values that JSON can hold.

    Parameters
    ----------
    layers : the tables of `results.gpkg`
    views : how they are read; see `siting.outputs.views.views_of`
    columns : what each column means; see `siting.outputs.views.column_texts`
    """
    used = dict.fromkeys(view.table for view in views)
    used |= dict.fromkeys(("facilities", "sites", "gaps", "demand"))
    views, layers, short = _within_reason(run, layers, views)
    given = {name: table for name in used if isinstance(table := layers.get(name), gpd.GeoDataFrame) and len(table)}
    order = {name: near_order(table) for name, table in given.items()}
    shown = {name: table.iloc[order[name]] for name, table in given.items()}
    groups = {view.group.id: view.group for view in views}
    return {
        "lang": run.lang,
        "title": both(run.title),
        "study": run.name,
        "date": run.data_date,
        "sources": [both(t) for t in run.attribution if not t.en.startswith(NOTE)],
        "notes": [both(t) for t in (*short, *_notes(run))],
        "words": {key: both(text) for key, text in WORDS.items()},
        "readings": readings(),
        "colours": {
            name.lower(): getattr(palette, name)
            for name in ("SERVED", "UNSERVED", "NEWLY_SERVED", "SITE", "SITE_RING", "STREET", "STREET_EDGE", "GROUND")
        },
        "bounds": _bounds(shown),
        "tables": {
            name: _table(name, table, run, columns.get(name, {}), _names(name, views)) for name, table in shown.items()
        },
        "groups": [{"id": g.id, "name": both(g.title), "kind": g.kind} for g in groups.values()],
        "views": _views(run, shown, views),
        "rules": rule_rows(run),
        "plans": plan_rows(run, order.get("demand")),
        "unanswered": [both(none.text) for none in run.infeasible.values()],
        "themes": theme_rows(run),
    }


def _within_reason(
    run: RunLike, layers: Mapping[str, pd.DataFrame], views: Sequence[View]
) -> tuple[Sequence[View], Mapping[str, pd.DataFrame], list[Text]]:
    """Leave the distance and facility of every point and rule to `results.gpkg` where a browser could not hold them."""
    demand, audits = layers.get("demand"), judged(run.audits)
    if demand is None or len(demand) * len(audits) <= MOST_CELLS:
        return views, layers, []
    left = {f"{what}_{safe_name(a.name)}" for a in audits for what in ("cost", "facility")}
    kept = [view for view in views if view.table != "demand" or view.column not in left]
    return kept, {**layers, "demand": demand.drop(columns=[c for c in demand.columns if c in left])}, [TOO_MANY]


def _notes(run: RunLike) -> list[Text]:
    return [t for t in run.attribution if t.en.startswith(NOTE)] + [finding.text for finding in run.findings]


def near_order(table: gpd.GeoDataFrame) -> NDArray[np.intp]:
    """Return the rows in an order in which neighbours follow each other: what is alike then packs well."""
    geometry = table.geometry
    if (geometry.isna() | geometry.is_empty).any():
        return np.arange(len(table), dtype=np.intp)
    return np.asarray(np.argsort(geometry.hilbert_distance().to_numpy(), kind="stable"), dtype=np.intp)


def _bounds(tables: Mapping[str, gpd.GeoDataFrame]) -> list[float]:
    """Return west, south, east, north of the demand, else of everything, in degrees."""
    chosen = [tables["demand"]] if "demand" in tables else list(tables.values())
    boxes = [t.to_crs(WGS84).total_bounds if t.crs is not None else t.total_bounds for t in chosen]
    boxes = [b for b in boxes if np.isfinite(b).all()]
    if not boxes:
        return [0.0, 0.0, 0.01, 0.01]
    corners = np.array(boxes)
    ends = [*corners[:, :2].min(axis=0), *corners[:, 2:].max(axis=0)]
    return [round(float(v), 6) for v in ends]


def _names(table: str, views: Sequence[View]) -> dict[str, dict[str, Any]]:
    """Return by column the words for its values, as the legend of a view has them."""
    return {
        view.column: {"names": {_key(c.value): both(c.name) for c in view.classes if c.value is not None}}
        for view in views
        if view.table == table and view.column is not None and view.kind == "categorised"
    }


def _key(value: str | int | bool | None) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _table(
    name: str, table: gpd.GeoDataFrame, run: RunLike, texts: Mapping[str, Text], names: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    """Return one table: its shapes once, and its columns with how they are said."""
    found: dict[str, Any] = {"rows": len(table), **packed_shapes(table, OUTLINE_M if name in OUTLINES else 0.0)}
    if name == "base_streets":
        found["rank"] = street_ranks(table)
    if name.startswith(GROUND):
        return found
    found["columns"] = {}
    meanings = _meanings(run)
    limits = {f"cost_{safe_name(a.name)}": _limit(a) for a in judged(run.audits)} if name == "demand" else {}
    for column in map(str, table.columns):
        if column == table.geometry.name or column in LEFT_OUT or table[column].isna().all():
            continue
        values = table[column]
        packed: dict[str, Any] = (
            {"numbers": packed_costs(values, limits[column])} if column in limits else packed_column(values)
        )
        packed["name"] = both(texts.get(column, Text(column, column)))
        packed |= names.get(column, {}) | meanings.get(column, {})
        if column.startswith(("share_", "completeness")) or column.endswith("_share"):
            packed["percent"] = True
        if column in ("nearest_m", "nearest_min") and "unreachable" in table.columns:
            packed |= {"partner": "unreachable", "missing": both(BEYOND)}
        found["columns"][column] = packed
    return found


def _limit(audit: Audit) -> float | None:
    return audit.limit_m if audit.limit_s is None else audit.limit_s / SECONDS_PER_MIN


def street_ranks(streets: gpd.GeoDataFrame) -> str:
    """Return one digit a street: 0 main, 1 other, 2 for walkers and service."""
    if "highway" not in streets.columns:
        return "1" * len(streets)
    kinds = streets["highway"].astype("str").str.removesuffix("_link")
    return "".join("0" if k in MAJOR else "2" if k in MINOR else "1" for k in kinds)


def _meanings(run: RunLike) -> dict[str, dict[str, Any]]:
    """Return by column how its values are said: in whose words, and what a missing one means."""
    rules = {a.name: both(a.rule.name) for a in run.audits.values()}
    found: dict[str, dict[str, Any]] = {
        "class": {"names": {key: both(c.name) for key, c in load_classes().items()}},
        "rule": {"names": rules},
        "plan": {"names": {p.name: both(p.title) for p in run.plans.values()}},
        "confidence": {"names": readings()},
    }
    for audit in judged(run.audits):
        found |= _of_audit(audit)
    for plan in map(safe_name, run.plans):
        found |= {f"{what}_{plan}": {"of": f"plan_{plan}"} for what in ("plan", "facility_plan", "cost_plan")}
    for level, zones in run.zones.items():
        if "name" in zones.columns:
            found[f"zone_{level}"] = {"refer": f"zones_{safe_name(level)}"}
    return found


def _of_audit(audit: Audit) -> dict[str, dict[str, Any]]:
    safe = safe_name(audit.name)
    of = {"of": f"rule_{safe}"}
    unit = Text("米", "m") if audit.unit == "m" else Text("分钟", "min")
    cost = {"partner": f"served_{safe}", "missing": both(BEYOND), "unit": both(unit)}
    return {
        f"served_{safe}": of | {"names": {"1": ["已覆盖", "served"], "0": ["未覆盖", "not served"]}},
        f"cost_{safe}": of | cost,
        f"facility_{safe}": of | {"refer": "facilities"},
        **{f"{what}_{safe}": of for what in ("unit", "total", "share")},
    }


def _views(run: RunLike, shown: Mapping[str, gpd.GeoDataFrame], views: Sequence[View]) -> list[dict[str, Any]]:
    """Return the views in their order; that of the demand under a plan closes the group of the plan."""
    found = [_view(view, shown[view.table]) for view in views if view.table in shown]
    for plan in run.plans.values() if "demand" in shown else ():
        own = plan_view(plan, run)
        if own is None:
            continue
        given = [k for k, view in enumerate(found) if view["id"] == own["id"]]
        beside = [k for k, view in enumerate(found) if view["group"] == own["group"]]
        if given:
            found[given[0]] = own
        elif beside:
            found.insert(beside[-1] + 1, own)
    return found


def _class(one: ViewClass) -> dict[str, Any]:
    own = {"mark": one.mark, "size": one.size_mm, "edge": one.edge}
    return {"name": both(one.name), "colour": one.colour} | {k: v for k, v in own.items() if v is not None}


def _view(view: View, table: gpd.GeoDataFrame) -> dict[str, Any]:
    return {
        "id": view.id,
        "group": view.group.id,
        "name": both(view.title),
        "table": view.table,
        "shape": view.shape,
        "kind": view.kind,
        "column": view.column,
        "classes": [_class(c) for c in view.classes],
        "marks": class_marks(view, table),
        "labels": view.labels,
        "mark": view.mark,
        "outline": view.outline,
        "size": view.size_mm,
        "visible": view.visible,
        "leads": view.leads,
        **({"over": view.over} if view.over else {}),
        "note": both(view.note),
        "confidence": view.confidence,
    }
