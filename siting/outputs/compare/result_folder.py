"""A result folder read back: the figures, who is served, the facilities and the zones of an earlier run."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from siting.errors import FileFormatError, InputError
from siting.ledger import Text
from siting.outputs.folder import EVIDENCE
from siting.outputs.tables import FORMULA_STARTS

SUMMARY, LAYERS, INDICATORS = "summary.json", "results.gpkg", "tables/indicators.csv"
NEEDED = ("demand", "facilities", "sites")
KEY = ["rule", "zone_level", "zone", "denominator", "distance"]
NUMBERS = ("served", "total", "share", "limit_m")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ResultFolder:
    """What a run left in its folder.

    Attributes
    ----------
    path : the folder
    summary, evidence : the two JSON files
    digest : SHA-256 of `summary.json`
    indicators : one row a rule, zone, denominator and kind of distance
    demand : points, index = id
    facilities : points, areas as areas; index = id
    sites : points, columns ``plan`` and ``id``
    zones : polygons by level
    """

    path: Path
    summary: Mapping[str, Any]
    evidence: Mapping[str, Any]
    digest: str
    indicators: pd.DataFrame
    demand: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    zones: Mapping[str, gpd.GeoDataFrame]

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.path.name

    @property
    def title(self) -> Text:
        """Name of the place."""
        return as_text(self.summary.get("title"), self.name)

    @property
    def rules(self) -> Mapping[str, Mapping[str, Any]]:
        """The audits of `summary.json`, by name."""
        rules: Mapping[str, Mapping[str, Any]] = self.summary["rules"]
        return rules

    @property
    def themes(self) -> Mapping[str, Mapping[str, Any]]:
        """The themes of `summary.json`, by id; none in the runs of old versions."""
        themes = self.summary.get("themes")
        return themes if isinstance(themes, Mapping) else {}


def read_result(path: str | Path) -> ResultFolder:
    """Read a folder that `siting run` wrote.

    Raises
    ------
    InputError
        There is no such folder, or it is no result of a run.
    FileFormatError
        A file of it is damaged.
    """
    folder = Path(path).expanduser().resolve()
    if not folder.is_dir():
        msg = f"{path}: there is no such folder. Give a folder that siting run wrote"
        raise InputError(msg)
    missing = [name for name in (EVIDENCE, SUMMARY, LAYERS, INDICATORS) if not (folder / name).is_file()]
    if missing:
        msg = f"{path}: is no result of siting run, it lacks {', '.join(missing)}. Give a folder that siting run wrote"
        raise InputError(msg)
    evidence, summary = _json(folder / EVIDENCE), _json(folder / SUMMARY)
    if evidence.get("tool") != "siting" or not isinstance(summary.get("rules"), dict):
        msg = f"{path}: is no result of siting run ({EVIDENCE} and {SUMMARY} are not siting's)"
        raise InputError(msg)
    layers = _layers(folder / LAYERS)
    levels = {n.removeprefix("zones_"): layer for n, layer in layers.items() if n.startswith("zones_")}
    zones = {level: layer.set_index("id") if "id" in layer.columns else layer for level, layer in levels.items()}
    return ResultFolder(
        path=folder,
        summary=summary,
        evidence=evidence,
        digest=hashlib.sha256((folder / SUMMARY).read_bytes()).hexdigest(),
        indicators=_indicators(folder / INDICATORS),
        demand=layers["demand"].set_index("id"),
        facilities=_whole(layers["facilities"], layers.get("facility_areas")),
        sites=layers["sites"],
        zones=zones,
    )


def as_text(value: Any, default: str) -> Text:
    """Turn a mapping with zh and en, as the JSON files hold it, into a text."""
    if isinstance(value, Mapping) and value.get("zh") and value.get("en"):
        return Text(str(value["zh"]), str(value["en"]))
    return Text(default, default)


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        msg = f"{path}: cannot be read as JSON ({error}). Run the study again"
        raise FileFormatError(msg) from error
    if not isinstance(content, dict):
        msg = f"{path}: is no JSON object. Run the study again"
        raise FileFormatError(msg)
    return content


def _indicators(path: Path) -> pd.DataFrame:
    table = read_table(path)
    try:
        for column in NUMBERS:
            table[column] = pd.to_numeric(table[column].where(table[column] != ""))
        return table.astype(dict.fromkeys((*KEY, "zone_name"), "str"))
    except (ValueError, KeyError) as error:
        msg = f"{path}: cannot be read as the table of indicators ({error}). Run the study again"
        raise FileFormatError(msg) from error


def read_table(path: Path) -> pd.DataFrame:
    """Read a table of a run: every cell is text, empty cells are empty text, and no text is guarded any more.

    Raises
    ------
    FileFormatError
        The file is damaged.
    """
    try:
        table = pd.read_csv(path, dtype="str", encoding="utf-8-sig", keep_default_na=False)
    except (ValueError, OSError) as error:
        msg = f"{path}: cannot be read as a table ({error}). Run the study again"
        raise FileFormatError(msg) from error
    guarded = [c for c in table.columns if table[c].str.startswith("'").any()]
    return table.assign(**{c: [_unguarded(cell) for cell in table[c]] for c in guarded})


def _unguarded(cell: str) -> str:
    """Take off the apostrophe that keeps a spreadsheet from running text as a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


def _layers(path: Path) -> dict[str, gpd.GeoDataFrame]:
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
        wanted = [n for n in names if n in (*NEEDED, "facility_areas") or n.startswith("zones_")]
        layers = {name: pyogrio.read_dataframe(path, layer=name) for name in wanted}
    except (RuntimeError, ValueError, OSError) as error:  # GDAL's own errors are RuntimeErrors
        msg = f"{path}: cannot be read ({error}). Run the study again"
        raise FileFormatError(msg) from error
    lost = [n for n in NEEDED if n not in layers or "id" not in layers[n].columns]
    if lost:
        msg = f"{path}: lacks the layer {' and '.join(lost)}, or its ids. Run the study again"
        raise FileFormatError(msg)
    return layers


def _whole(points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Give facilities that are areas their areas back."""
    facilities = points.set_index("id")
    if areas is None or not facilities.index.is_unique:
        return facilities
    shapes = facilities.geometry.copy()
    shapes.loc[areas["id"]] = areas.geometry.array
    return facilities.set_geometry(shapes)
