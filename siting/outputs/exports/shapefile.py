"""One layer as ESRI Shapefile: what its table cannot hold is listed, never dropped in silence."""

import codecs
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from siting.errors import InputError, OutputError
from siting.outputs.clock import timestamp
from siting.outputs.exports.field_names import cut, short_names

ENCODINGS = {"utf-8": "UTF-8", "gb18030": "GB18030", "gbk": "GBK"}
"""Encodings that the table may be written in, as the .cpg file names them."""
TEXT_BYTES, MAX_FIELDS, MAX_BYTES = 254, 255, 2**31 - 1
_HEADER_BYTES, _NUMBER_BYTES = 32, 25


@dataclass(frozen=True, slots=True)
class Losses:
    """What a shapefile could not hold.

    Attributes
    ----------
    names : the name in the file of each field of the layer; None for a field beyond the 255th
    texts : one row a text that was cut or lost characters: ``layer``, ``row`` (from 1), ``id``, ``field``, ``why``,
        ``written`` and the whole ``text``
    """

    names: dict[str, str | None]
    texts: pd.DataFrame


def check_encoding(encoding: str) -> str:
    """Return the name of an encoding as we write it, or refuse it."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        name = ""
    name = {"cp936": "gbk", "utf_8": "utf-8", "gb2312": "gb18030"}.get(name, name)
    if name not in ENCODINGS:
        msg = f"encoding '{encoding}' is none that shapefiles are exported in; use {', '.join(ENCODINGS)}"
        raise InputError(msg)
    return name


def write_shapefile(path: Path, layer: gpd.GeoDataFrame, shape: str, encoding: str) -> Losses:
    """Write one layer of one kind of shape, read it back, and say what did not fit.

    Parameters
    ----------
    path : `….shp`, not there yet
    layer : plain columns: numbers, texts, truth values (written as 1 and 0), missing cells
    shape : `Point`, `LineString`, `Polygon` or their multi forms, for a layer without rows
    encoding : one of `ENCODINGS`

    Raises
    ------
    OutputError
        A file would be over 2 GB, the disk is full, or what was written reads back differently.
    """
    fields = [str(c) for c in layer.columns if c != layer.geometry.name]
    kept = fields[:MAX_FIELDS]
    shorts = short_names(kept, encoding)
    columns, lost = {}, []
    for field, short in zip(kept, shorts, strict=True):
        columns[short], found = _cells(layer[field], encoding)
        lost += [{"layer": path.stem, "row": row + 1, "field": field, **rest} for row, rest in found]
    table = gpd.GeoDataFrame(columns, geometry=layer.geometry.array, crs=layer.crs)
    _check_size(path, table, encoding)
    options: dict[str, Any] = {"geometry_type": shape} if table.geometry.isna().all() else {}
    with warnings.catch_warnings():
        # An empty text column has no width to guess from. GDAL names a multi-part line or area by its single form.
        warnings.simplefilter("ignore")
        pyogrio.write_dataframe(
            table,
            path,
            driver="ESRI Shapefile",
            encoding=ENCODINGS[encoding],
            layer_options={"DBF_DATE_LAST_UPDATE": timestamp()[:10], "2GB_LIMIT": "YES"},
            **options,
        )
    path.with_suffix(".cpg").write_text(ENCODINGS[encoding], encoding="ascii")
    _read_back(path, table)
    names: dict[str, str | None] = dict(zip(kept, shorts, strict=True)) | dict.fromkeys(fields[MAX_FIELDS:])
    ids = layer["id"].astype("str").to_numpy() if "id" in fields else None
    texts = pd.DataFrame(lost, columns=["layer", "row", "field", "why", "written", "text"])
    texts.insert(2, "id", [None if ids is None else ids[row - 1] for row in texts["row"]])
    return Losses(names, texts)


def _cells(column: pd.Series, encoding: str) -> tuple[pd.Series, list[tuple[int, dict[str, str]]]]:
    """Return a column as a table of this format holds it, and the texts that did not fit, by row."""
    column = column.reset_index(drop=True)
    present = column[column.notna()]
    truth = pd.api.types.is_bool_dtype(column.dtype) or (
        column.dtype == object and len(present) > 0 and present.map(type).isin([bool, np.bool_]).all()
    )
    if truth:
        return column.astype("boolean").astype("Int16"), []
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column, []
    cells: list[Any] = [cell if isinstance(cell, str) else None for cell in column]
    lost: list[tuple[int, dict[str, str]]] = []
    for row, text in enumerate(cells):
        if text is None:
            continue
        known = text.replace("\x00", "").encode(encoding, "replace").decode(encoding)
        written = cut(known, TEXT_BYTES, encoding)
        if written != text:
            why = "cut" if known == text else "characters"
            lost.append((row, {"why": why, "written": written, "text": text}))
            cells[row] = written
    return pd.Series(cells, dtype="str"), lost


def _check_size(path: Path, table: gpd.GeoDataFrame, encoding: str) -> None:
    """Refuse a table that would be over 2 GB before it is written."""
    width = 1
    for name in table.columns.drop(table.geometry.name):
        column = table[name]
        if pd.api.types.is_numeric_dtype(column.dtype):
            width += _NUMBER_BYTES
        else:
            width += max((len(t.encode(encoding)) for t in column if isinstance(t, str)), default=1)
    if _HEADER_BYTES + width * len(table) > MAX_BYTES:
        msg = (
            f"{path.name}: the table of {len(table):,} rows would be over 2 GB, which no shapefile can hold. "
            "Export fewer layers (--layers), or as geojson; results.gpkg holds it whole"
        )
        raise OutputError(msg)


def _read_back(path: Path, table: gpd.GeoDataFrame) -> None:
    """Compare rows, field names and every text with what was written."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pyogrio.read_dataframe(path)
    names = [c for c in table.columns if c != table.geometry.name]
    same = len(found) == len(table) and [c for c in found.columns if c != "geometry"] == names
    for name in names if same else ():
        if not pd.api.types.is_numeric_dtype(table[name].dtype):
            a, b = (f[name].fillna("").astype("str").str.rstrip() for f in (table, found))
            same &= bool((a.to_numpy() == b.to_numpy()).all())
    if not same:
        msg = f"{path.name}: what was written reads back differently; nothing was exported. Is the disk full?"
        raise OutputError(msg)
