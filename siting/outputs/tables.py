"""`tables/*.csv`: for spreadsheets, so UTF-8 with a byte order mark, and no cell that a spreadsheet would run."""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd

from siting.coverage.model import INDICATOR_COLUMNS
from siting.coverage.travel import SECONDS_PER_MIN
from siting.ledger import Text
from siting.outputs.columns import plain_columns
from siting.outputs.contract import RunLike
from siting.outputs.layers import (
    LAYER_TEXT,
    clause,
    concat,
    headline_denominator,
    indicator_table,
    result_layers,
)
from siting.outputs.plan_tables import plan_tables
from siting.outputs.suitability_files import suitability_tables
from siting.outputs.theme_files import column_book, theme_layers, theme_tables
from siting.outputs.views.columns import column_texts
from siting.standards.model import Rule

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet takes text that starts with one of these for a formula; the wide forms in Chinese and Japanese ones."""
FIRST_INDICATORS = (
    "rule", "zone_level", "zone", "zone_name", "denominator", "served", "total", "share", "target", "passes",
    "distance", "clause", "confidence",
)  # fmt: skip
PLAN_COLUMNS = [
    "plan", "title_zh", "title_en", "model", "rule", "confidence", "status", "reason", "sites", "objective", "bound",
    "gap", "people_before", "people_after",
]  # fmt: skip
WGS84 = "EPSG:4326"


def result_tables(run: RunLike, layers: Mapping[str, pd.DataFrame] | None = None) -> dict[str, pd.DataFrame]:
    """Return the tables of a run by file name without ending.

    Parameters
    ----------
    layers : what `siting.outputs.layers.result_layers` returned, if it is at hand
    """
    layers = result_layers(run)[0] if layers is None else layers
    tables = (
        {
            "indicators": indicators_table(run),
            "rules": rules_table(run),
            "gaps": located(layers["gaps"]),
            "plans": plans_table(run),
            "sites": located(layers["sites"]),
            "facilities": facility_counts(run),
            "unsnapped": located(layers["unsnapped"]),
            "columns": concat([column_book(run.themes), _book_of_layers(run, layers)]),
        }
        | plan_tables(run)
        | theme_tables(run.themes)
    )
    if run.suitability is not None:
        tables |= suitability_tables(run.suitability)
    return {name: plain_columns(table) for name, table in tables.items()}


def _book_of_layers(run: RunLike, layers: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what the columns of `results.gpkg` mean, but for the layers of themes: they have a book of their own."""
    themed = theme_layers(run.themes)
    rows = [
        {"kind": "layer", "name": name, "column": column, "zh": text.zh, "en": text.en}
        for name, texts in column_texts(run, layers).items()
        for column, text in texts.items()
        if name not in themed or column not in themed[name].columns
    ]
    titles = {name: LAYER_TEXT.get(name, Text(name, name)) for name in layers}
    titles |= {name: layer.title for name, layer in themed.items()}
    for row in rows:
        row |= {"title_zh": titles[row["name"]].zh, "title_en": titles[row["name"]].en}
    return pd.DataFrame(rows, columns=["kind", "name", "title_zh", "title_en", "column", "zh", "en"])


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write one table; text that a spreadsheet would run as a formula gets a leading apostrophe."""
    guarded = table.copy()
    for position, kind in enumerate(table.dtypes):
        column = table.iloc[:, position]
        if pd.api.types.is_bool_dtype(kind):
            guarded.isetitem(position, column.astype("boolean").map({True: "true", False: "false"}).array)
        elif not pd.api.types.is_numeric_dtype(kind):
            cells = [guard(cell) if isinstance(cell, str) else cell for cell in column]
            guarded.isetitem(position, pd.array(cells, dtype="str"))
    guarded.columns = pd.Index([guard(str(name)) for name in guarded.columns])
    guarded.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n", float_format="%.12g")


def guard(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def indicators_table(run: RunLike) -> pd.DataFrame:
    """Every figure, one a rule, zone, denominator and kind of distance; with names of zones."""
    table = indicator_table(run.audits, run.themes)
    names = {
        (level, str(zone)): name
        for level, layer in run.zones.items()
        if "name" in layer.columns
        for zone, name in zip(layer.index, layer["name"], strict=True)
    }
    places = zip(table["zone_level"], table["zone"], strict=True)
    table["zone_name"] = pd.Series([names.get((str(a), str(b))) for a, b in places], index=table.index, dtype=object)
    rest = [c for c in (*INDICATOR_COLUMNS, *table.columns) if c not in FIRST_INDICATORS]
    return table.reindex(columns=list(dict.fromkeys([*FIRST_INDICATORS, *rest])))


def rules_table(run: RunLike) -> pd.DataFrame:
    """One row a rule, those that were not judged included: limit, headline, clause and how well it was read."""
    rows = []
    for audit in run.audits.values():
        denominator = headline_denominator(audit)
        share = audit.headline(denominator) if denominator else None
        rows.append(
            {
                "rule": audit.name,
                "rule_id": audit.rule.id,
                "name_zh": audit.rule.name.zh,
                "name_en": audit.rule.name.en,
                "judged": audit.judged,
                "reason_zh": audit.reason.zh if audit.reason else None,
                "reason_en": audit.reason.en if audit.reason else None,
                "limit_m": audit.limit_m,
                "limit_min": None if audit.limit_s is None else audit.limit_s / SECONDS_PER_MIN,
                "distance": audit.distance,
                "denominator": denominator,
                "served": share.served / share.per_whole if share else None,
                "total": share.total / share.per_whole if share else None,
                "share": share.share if share else None,
                "target": audit.rule.target.share if audit.rule.target else None,
                "passes": audit.passes,
                "unreachable": audit.unreachable if audit.judged else None,
                "clause": clause(audit.rule),
                "document_title": audit.rule.source.title,
                "document_status": audit.rule.source.status,
                "confidence": audit.rule.confidence.value,
                "confidence_zh": audit.rule.confidence.text.zh,
                "confidence_en": audit.rule.confidence.text.en,
                "set_by_study": set_by_study(audit.rule),
                "profile": None if audit.travel is None else audit.travel.profile.id,
                "travel_zh": None if audit.travel is None else audit.travel.text.zh,
                "travel_en": None if audit.travel is None else audit.travel.text.en,
            }
        )
    return pd.DataFrame(rows, columns=list(rows[0]) if rows else ["rule", "judged"])


def set_by_study(rule: Rule) -> str | None:
    """Say which parts of a rule are the study's own and not the clause's, and on whose word."""
    if not rule.overridden:
        return None
    return ", ".join(rule.overridden) + (f" ({rule.override_source})" if rule.override_source else "")


def plans_table(run: RunLike) -> pd.DataFrame:
    """One row a plan with its proof; plans that nobody can make with the reason."""
    rows: list[dict[str, object]] = []
    for plan in run.plans.values():
        rule, result = plan.rule, plan.result
        rows.append(
            {
                "plan": plan.name,
                "title_zh": plan.title.zh,
                "title_en": plan.title.en,
                "model": plan.model,
                "rule": rule.id if rule else None,
                "confidence": rule.confidence.value if rule else None,
                "status": result.status,
                "reason": None,
                "sites": len(plan.sites),
                "objective": result.objective,
                "bound": result.bound,
                "gap": result.gap,
                "people_before": plan.people_before,
                "people_after": plan.people_after,
            }
        )
    rows += [
        {
            "plan": none.name,
            "title_zh": none.title.zh,
            "title_en": none.title.en,
            "model": none.model,
            "rule": none.rule.id if none.rule else None,
            "confidence": none.rule.confidence.value if none.rule else None,
            "status": none.status,
            "reason": none.reason,
        }
        for none in run.infeasible.values()
    ]
    return pd.DataFrame(rows, columns=PLAN_COLUMNS)


def facility_counts(run: RunLike) -> pd.DataFrame:
    """How many places of each class were used, as points and as areas, and how many entries the areas have."""
    facilities = run.facilities
    if not len(facilities):
        return pd.DataFrame(columns=["class", "places", "points", "areas", "named", "entries"])
    entered = run.entries["facility"].value_counts() if "facility" in run.entries.columns else pd.Series(dtype="int64")
    table = pd.DataFrame(
        {
            "class": facilities["class"].astype("str"),
            "places": 1,
            "points": (facilities.geom_type == "Point").astype("int64"),
            "areas": facilities.geom_type.isin(["Polygon", "MultiPolygon"]).astype("int64"),
            "named": facilities["name"].notna().astype("int64") if "name" in facilities.columns else 0,
            "entries": pd.Series(facilities.index.map(entered), index=facilities.index).fillna(0).astype("int64"),
        }
    )
    return table.groupby("class", sort=True).sum().reset_index()


def located(layer: pd.DataFrame) -> pd.DataFrame:
    """Replace geometry by a point: ``x``, ``y`` in the CRS of the study and ``lon``, ``lat`` in WGS 84."""
    if not isinstance(layer, gpd.GeoDataFrame):
        return layer
    points = layer.geometry.representative_point()
    degrees = points.to_crs(WGS84)
    table = pd.DataFrame(layer.drop(columns=layer.geometry.name))
    clash = [c for c in table.columns if c in ("x", "y", "lon", "lat")]
    return table.drop(columns=clash).assign(
        x=points.x.round(2), y=points.y.round(2), lon=degrees.x.round(7), lat=degrees.y.round(7)
    )
