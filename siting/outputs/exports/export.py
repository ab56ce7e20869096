"""Export the layers of a finished result folder, all or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from siting import __version__
from siting.errors import InputError, OutputError
from siting.ledger import Text
from siting.outputs.clock import timestamp
from siting.outputs.columns import file_names, plain_columns
from siting.outputs.contract import ProgressLike
from siting.outputs.exports.finished_result import FinishedResult
from siting.outputs.exports.geojson import write_geojson
from siting.outputs.exports.shapefile import check_encoding, write_shapefile
from siting.outputs.folder import EVIDENCE, OutputFolder, check_target
from siting.outputs.steps import Steps
from siting.outputs.summary import write_json
from siting.outputs.tables import write_table

Format = Literal["shp", "geojson"]
STAGE = Text("导出图层", "exporting layers")
FIELDS, LOST, SOURCES = "fields.csv", "cut_texts.csv", "sources.txt"
_KINDS = {"Point": "point", "LineString": "line", "LinearRing": "line", "Polygon": "polygon"}
_SHAPES = {"point": "Point", "line": "LineString", "polygon": "Polygon"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """One file of an export: its name, the layer it is of, and how many rows it holds."""

    name: str
    layer: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What an export left.

    Attributes
    ----------
    folder : where it is
    files : the layers
    notes : what the format could not hold, in words; `fields.csv` and `cut_texts.csv` list it
    """

    folder: Path
    files: tuple[ExportedFile, ...]
    notes: tuple[Text, ...]


def export_layers(
    result: str | Path,
    to: str | Path | None = None,
    *,
    format: Format = "shp",
    layers: Sequence[str] | None = None,
    encoding: str | None = None,
    overwrite: bool = False,
    progress: ProgressLike | None = None,
) -> Export:
    """Write layers of a result as ESRI Shapefile or GeoJSON.

    Shapefiles keep the CRS of the study. Field names are cut to ten bytes and made unique, truth values become 1 and
    0, texts over 254 bytes are cut; `fields.csv` translates the names, `cut_texts.csv` holds each cut text whole.
    GeoJSON follows RFC 7946: WGS 84, seven decimals, outer rings against the clock.

    Parameters
    ----------
    result : folder that `siting run` wrote
    to : folder that appears when all is complete; default: beside the result, named after it and the format
    format : ``"shp"`` or ``"geojson"``
    layers : names as in `results.gpkg`; default: all that have shapes
    encoding : of shapefiles: ``"utf-8"`` (default), ``"gb18030"`` or ``"gbk"``, for programs that expect it
    overwrite : whether an earlier export may be replaced

    Raises
    ------
    InputError
        The folder is no result, a layer is not in it, the format or the encoding is unknown.
    OutputError
        The target must not or cannot be written, or a file would be over 2 GB; nothing is left behind.
    """
    if format not in get_args(Format):
        msg = f"format '{format}' is unknown; use {' or '.join(get_args(Format))}"
        raise InputError(msg)
    if format == "geojson" and encoding is not None and encoding.lower() not in ("utf-8", "utf8"):
        msg = f"GeoJSON is always UTF-8; leave encoding '{encoding}' out, or export shp"
        raise InputError(msg)
    code = check_encoding(encoding or "utf-8")
    source = Path(result).expanduser().resolve()
    finished = FinishedResult.open(source)
    chosen = finished.chosen(layers)
    target = Path(to).expanduser().resolve() if to is not None else source.with_name(f"{source.name}-{format}")
    if source in target.parents:
        msg = (
            f"output folder {target} lies in the result folder, which a later run replaces whole; choose another (--to)"
        )
        raise OutputError(msg)
    check_target(target, overwrite, (source,))
    steps = Steps(progress, STAGE, len(chosen))
    book, used, evidence = finished.book(), file_names(chosen), finished.evidence()
    files, fields, lost = [], [], []
    with OutputFolder(target, overwrite, (source,)) as out:
        for name, stem in zip(chosen, used, strict=True):
            layer = _plain(finished.read(name))
            for part, shape, rows in _parts(layer, finished.shapes[name] or "Polygon"):
                path, piece = out.path(f"{stem}{part}.{format}"), gpd.GeoDataFrame(layer[rows].reset_index(drop=True))
                names: dict[str, str | None] = {str(c): str(c) for c in piece.columns if c != piece.geometry.name}
                if format == "shp":
                    losses = write_shapefile(path, piece, shape, code)
                    names = losses.names
                    lost.append(losses.texts)
                else:
                    write_geojson(path, piece)
                files.append(ExportedFile(name=path.name, layer=name, rows=len(piece)))
                fields += [
                    {"file": path.name, "layer": name, "field": new, "column": old, "zh": text.zh, "en": text.en}
                    for old, new in names.items()
                    for text in (book.get((name, old), Text(old, old)),)
                ]
            steps.done(name)
        table = pd.DataFrame(fields, columns=["file", "layer", "field", "column", "zh", "en"])
        texts = pd.concat(lost, ignore_index=True) if lost else pd.DataFrame()
        write_table(out.path(FIELDS), table)
        if len(texts):
            write_table(out.path(LOST), texts)
        out.path(SOURCES).write_text(_credits(evidence, source.name), encoding="utf-8-sig")
        record = _record(evidence, format, code, files, out.path(FIELDS).parent)
        write_json(out.path(EVIDENCE), record)
    return Export(folder=target, files=tuple(files), notes=_notes(table, texts))


def _plain(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Plain cells; whole numbers with gaps stay whole numbers."""
    attributes = plain_columns(pd.DataFrame(layer.drop(columns=layer.geometry.name)))
    return gpd.GeoDataFrame(attributes, geometry=layer.geometry.array, crs=layer.crs)


def _parts(layer: gpd.GeoDataFrame, declared: str) -> list[tuple[str, str, Any]]:
    """Return ending of the name, shape and rows: one nameless part where all are of one kind, else one a kind."""
    kinds = layer.geom_type.str.removeprefix("Multi").map(_KINDS)
    found = sorted(kinds.dropna().unique())
    if len(found) < 2:
        return [("", declared, np.ones(len(layer), dtype=bool))]
    # A row without a shape goes with the first kind, so that no row is lost.
    return [(f"_{k}", _SHAPES[k], ((kinds == k) | (kinds.isna() & (k == found[0]))).to_numpy()) for k in found]


def _notes(fields: pd.DataFrame, texts: pd.DataFrame) -> tuple[Text, ...]:
    notes = []
    renamed, left = int((fields["field"].notna() & (fields["field"] != fields["column"])).sum()), fields["field"].isna()
    if renamed:
        notes.append(
            Text(
                f"{renamed} 个字段名超过 10 字节，已缩短；对照见 {FIELDS}",
                f"{renamed} field names are over 10 bytes and were shortened; {FIELDS} translates them",
            )
        )
    if left.any():
        where = ", ".join(sorted(set(fields.loc[left, "file"])))
        notes.append(
            Text(
                f"{int(left.sum())} 个字段放不下（每个文件最多 255 个）：{where}；见 {FIELDS}",
                f"{int(left.sum())} fields did not fit (a file holds 255): {where}; see {FIELDS}",
            )
        )
    if len(texts):
        where = ", ".join(dict.fromkeys(texts["layer"]))
        notes.append(
            Text(
                f"{len(texts)} 条文字放不下（最多 254 字节，或编码没有该字）：{where}；全文见 {LOST}",
                f"{len(texts)} texts did not fit (over 254 bytes, or with characters that the encoding lacks): "
                f"{where}; {LOST} has them whole",
            )
        )
    return tuple(notes)


def _credits(evidence: dict[str, Any], name: str) -> str:
    """Source and licence lines, which every copy of the data must carry."""
    lines = [f"{line.get('zh', '')} / {line.get('en', '')}" for line in evidence.get("attribution") or ()]
    return "\n".join([f"{evidence.get('study') or name}", *lines]) + "\n"


def _record(
    evidence: dict[str, Any],
    format: Format,
    encoding: str,
    files: Sequence[ExportedFile],
    folder: Path,
) -> dict[str, Any]:
    return {
        "tool": "siting",
        "version": __version__,
        "written": timestamp(),
        "study": evidence.get("study"),
        "study_written": evidence.get("written"),
        "format": format,
        "encoding": encoding,
        "layers": [{"file": one.name, "layer": one.layer, "rows": one.rows} for one in files],
        "attribution": evidence.get("attribution") or [],
        "files": sorted(path.name for path in folder.iterdir()),
    }
