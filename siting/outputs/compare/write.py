"""Write a comparison of two runs, whole or not at all."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from siting import __version__
from siting.ledger import Finding, Lang, Text
from siting.outputs.clock import timestamp
from siting.outputs.columns import file_names, plain_columns
from siting.outputs.compare.changes import GAINED, LOST, Comparison
from siting.outputs.compare.page import comparison_map, map_texts
from siting.outputs.compare.theme_page import page_texts, theme_map, theme_pages
from siting.outputs.compare.themes import CLASSES, FIGURES, ZONES, joined
from siting.outputs.compare.words import comparison_json
from siting.outputs.contract import ProgressLike
from siting.outputs.evidence import library_versions
from siting.outputs.folder import EVIDENCE, OutputFolder
from siting.outputs.fonts import missing_characters, missing_finding
from siting.outputs.geopackage import write_geopackage
from siting.outputs.steps import Steps
from siting.outputs.summary import write_json
from siting.outputs.tables import located, write_table

STAGE = Text("写出对比", "writing the comparison")
DESCRIPTION = Text("新增或不再覆盖的需求点", "demand points newly served or no longer")
COLUMNS = ["rule", "id", "change", "people", "cost_a", "cost_b", "facility_a", "facility_b"]


def write_comparison(
    found: Comparison,
    folder: str | Path,
    *,
    overwrite: bool = False,
    lang: Lang = "en",
    progress: ProgressLike | None = None,
) -> Path:
    """Write `compare.csv`, `compare.json`, `tables/*.csv`, the layer `changes` of `results.gpkg`, and maps.

    Parameters
    ----------
    folder : appears only when everything in it is complete
    overwrite : whether an earlier result in it may be replaced
    lang : the language that comes first on the maps

    Returns
    -------
    The absolute path of the folder.

    Raises
    ------
    OutputError
        The folder must not or cannot be written; what stood there is untouched.
    """
    shown = [c for c in found.rules.values() if c.demand is not None]
    names = file_names(f"compare_{c.name}" for c in shown)
    pages = theme_pages(found)
    with OutputFolder(folder, overwrite, (found.a.path, found.b.path)) as out:
        steps = Steps(progress, STAGE, len(shown) + len(pages) + 1)
        write_table(out.path("compare.csv"), plain_columns(found.table))
        for name, table in theme_change_tables(found).items():
            write_table(out.path("tables", f"{name}.csv"), plain_columns(table))
        changes = changed_demand(found)
        write_table(out.path("tables", "changes.csv"), plain_columns(located(changes)))
        if len(changes):
            layer = gpd.GeoDataFrame(
                plain_columns(pd.DataFrame(changes.drop(columns="geometry"))), geometry=changes.geometry.array,
                crs=changes.crs,
            )  # fmt: skip
            write_geopackage(out.path("results.gpkg"), {"changes": layer}, {"changes": DESCRIPTION.both(" / ")})
        for name, change in zip(names, shown, strict=True):
            comparison_map(out.path("maps", f"{name}.png"), change, found, lang)
            steps.done(name)
        for one in pages:
            theme_map(out.path("maps", f"{one.layer.name}.png"), one, found, lang)
            steps.done(one.layer.title)
        lost = missing_finding(missing_characters([*map_texts(found, lang), *page_texts(pages)]))
        write_json(out.path("compare.json"), comparison_json(found))
        write_json(out.path(EVIDENCE), comparison_evidence(found, () if lost is None else (lost,)))
    return out.target


def theme_change_tables(found: Comparison) -> dict[str, pd.DataFrame]:
    """Return the tables of what changed in themes; none where the runs have no theme in common."""
    if not found.themes:
        return {}
    changes = found.themes.values()
    return {
        "theme_figures": joined([c.figures for c in changes], FIGURES),
        "theme_zones": joined([c.zones for c in changes], ZONES),
        "theme_classes": joined([c.classes for c in changes], CLASSES),
    }


def changed_demand(found: Comparison) -> gpd.GeoDataFrame:
    """One row a rule and demand point that is newly served or no longer."""
    parts = []
    for change in found.rules.values():
        if change.demand is not None:
            rows = change.demand[change.demand["change"].isin([GAINED, LOST])]
            parts.append(rows.assign(rule=change.name, id=rows.index).reset_index(drop=True))
    parts = [p for p in parts if len(p)] or parts[:1]
    if not parts:
        return gpd.GeoDataFrame(columns=[*COLUMNS, "geometry"], geometry="geometry", crs=found.b.demand.crs)
    table = pd.concat(parts, ignore_index=True)
    columns = [c for c in COLUMNS if c in table.columns]
    return gpd.GeoDataFrame(table[[*columns, "geometry"]], geometry="geometry", crs=found.b.demand.crs)


def comparison_evidence(found: Comparison, findings: tuple[Finding, ...]) -> dict[str, Any]:
    """Return which runs were compared, as plain values."""
    return {
        "tool": "siting",
        "version": __version__,
        "written": timestamp(),
        "comparison": [
            {
                "folder": run.name,
                "study": run.summary.get("study"),
                "written": run.evidence.get("written"),
                "version": run.evidence.get("version"),
                "summary_sha256": run.digest,
            }
            for run in (found.a, found.b)
        ],
        "findings": [
            {"code": f.code, "kind": f.kind, "count": f.count, "zh": f.text.zh, "en": f.text.en, "ids": list(f.ids)}
            for f in (*found.notes, *findings)
        ],
        "libraries": library_versions(),
    }
