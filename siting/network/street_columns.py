"""Columns of street layers as GIS teams have them, read as the tags that rule who may pass.

A shapefile writes every name in capitals, Geofabrik's layers have ``fclass`` and their own ``oneway``, and edges of
osmnx hold lists. Read literally, each of these would open motorways to people on foot or drop streets.
"""

from __future__ import annotations

import re
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.ledger import Finding, Text

TAGS = frozenset({
    "highway", "access", "foot", "vehicle", "motor_vehicle", "motorcar", "oneway", "junction", "motorroad", "route",
    "area", "service", "sidewalk", "bridge", "tunnel", "layer", "surface", "wheelchair", "incline", "maxspeed", "kerb",
    "name", "hgv", "maxweight", "maxheight",
})  # fmt: skip
"""Columns that are read whatever the case of their names."""
CLASSES = frozenset({
    "motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link",
    "tertiary", "tertiary_link", "unclassified", "residential", "living_street", "service", "pedestrian", "track",
    "footway", "path", "steps", "cycleway", "road", "bridleway", "corridor", "construction", "proposed",
})  # fmt: skip
CLASSES_SHARE = 0.95
GEOFABRIK_CLASS = "fclass"
GEOFABRIK_ONEWAY = {"B": "no", "F": "yes", "T": "-1"}
GEOFABRIK_KINDS = {"unknown": "road", **{f"track_grade{k}": "track" for k in range(1, 6)}}
ONEWAY = {"y": "yes", "ft": "yes", "tf": "-1"}
"""Spellings of ``oneway`` beside those of OpenStreetMap."""
ONEWAY_KNOWN = frozenset({
    "yes", "true", "1", "-1", "reverse", "no", "false", "0", "n", "alternating", "reversible", "recommended", *ONEWAY,
})  # fmt: skip


def with_tag_columns(source: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Return the layer with its columns named as tags, and what a reader should know of it.

    Columns of `TAGS` in capitals are renamed. Where there is no ``highway``, Geofabrik's ``fclass`` becomes it, and its
    ``oneway`` (B, F, T) is put into OpenStreetMap's words.
    """
    own = str(source.geometry.name)
    columns = [str(c) for c in source.columns]
    renamed = {
        c: c.lower()
        for c in columns
        if c not in TAGS and c.lower() in TAGS | {GEOFABRIK_CLASS} and c != own and c.lower() not in columns
    }
    if len(set(renamed.values())) < len(renamed):
        renamed = {}  # NAME and Name: nobody knows which is meant
    table = source.rename(columns={c: name for c, name in renamed.items() if c != name})
    if "highway" in table.columns:
        was = next((c for c, name in renamed.items() if name == "highway"), None)
        return table, () if was is None else (read_as_class(was, len(table)),)
    if GEOFABRIK_CLASS in table.columns:
        table = table.assign(highway=table[GEOFABRIK_CLASS].replace(GEOFABRIK_KINDS))
        if "oneway" in table.columns and set(table["oneway"].dropna()) <= set(GEOFABRIK_ONEWAY):
            table = table.assign(oneway=table["oneway"].map(GEOFABRIK_ONEWAY))
        return table, (read_as_class(GEOFABRIK_CLASS, len(table)),)
    unread = [
        c
        for c in table.columns
        if c not in TAGS and c != own and not str(c).endswith("id") and pd.api.types.is_string_dtype(table[c])
    ]
    told = next((str(c) for c in unread if _holds_classes(table[c])), None)
    if told is not None:
        return table.assign(highway=table[told]), (read_as_class(told, len(table)),)
    return table, () if not unread else (no_class([str(c) for c in unread], len(table)),)


def _holds_classes(column: pd.Series[Any]) -> bool:
    """Whether a column of any name holds classes of OpenStreetMap: two of them or more, and hardly another word."""
    values = column.dropna().astype("str").str.strip()
    known = values.isin(CLASSES)
    return bool(len(values) and known.mean() >= CLASSES_SHARE and len(set(values[known])) > 1)


def read_as_class(column: str, rows: int) -> Finding:
    """Say which column the class of the streets was taken from."""
    text = Text(f"道路等级取自“{column}”列", f"the class of the streets is taken from the column {column!r}")
    return Finding(code="class_column", kind="note", count=rows, text=text)


def no_class(columns: list[str], rows: int) -> Finding:
    """Say that the layer does not tell motorways from footways by a column that is read."""
    names = ", ".join(columns[:5])
    text = Text(
        f"图层没有 highway 列：全部线路按可通行道路计（未读取的列：{names}）",
        f"the layer has no column 'highway': every line counts as a street that is open (columns not read: {names})",
    )
    return Finding(code="no_class_column", kind="warning", count=rows, text=text)


def tag_values(value: object) -> tuple[str, ...]:
    """Return a cell as OSM tag values: truth as yes and no, whole numbers without a point, each value of a list.

    A list may be a text, as osmnx writes it to a GeoPackage: ``"['residential', 'service']"``.
    """
    if isinstance(value, bool | np.bool_):
        return ("yes" if value else "no",)
    if isinstance(value, float) and value.is_integer():
        return (str(int(value)),)
    if isinstance(value, list | tuple | set | np.ndarray):
        return tuple(text for single in value for text in tag_values(single)) or ("",)
    text = str(value).strip()
    if re.fullmatch(r"\[.*\]", text):
        return tuple(re.findall(r"['\"]([^'\"]*)['\"]", text)) or (text,)
    return (text,)


def plain_oneway(text: str) -> str:
    """Return a value of ``oneway`` in OpenStreetMap's words, where it is one that GIS teams use."""
    return ONEWAY.get(text.lower(), text.lower())


def unread_oneway(column: pd.Series[Any]) -> Finding:
    """Count the rows whose ``oneway`` says nothing that is known: they are open both ways."""
    strange = np.array(
        [v is not None and v == v and not {plain_oneway(t) for t in tag_values(v)} <= ONEWAY_KNOWN for v in column],
        dtype=bool,
    )
    ids = tuple(str(i) for i in column.index[strange][:20])
    n = int(strange.sum())
    text = Text(
        f"{n} 条道路的 oneway 取值无法识别，按双向通行",
        f"{n} lines have a 'oneway' of no known meaning and are open both ways",
    )
    return Finding(code="oneway_unread", kind="warning", count=n, text=text, ids=ids)
