"""Column names and cell values that every reader of a result can take."""

import json
from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.ledger import Finding, Text

RESERVED = frozenset({"fid", "geom"})
"""Names that a GeoPackage layer uses itself."""


def safe_name(name: str) -> str:
    """Name of a rule, plan or level inside a column or layer name: ``.`` and ``-`` become ``_``."""
    return "".join("_" if c in ".-/\\ \t\r\n\"'`" or ord(c) < 32 else c for c in name).lower() or "_"


def file_names(names: Iterable[str]) -> list[str]:
    """Make names fit for files on every system: no separators or control characters, not too long, all different."""
    out: list[str] = []
    for name in names:
        plain = "".join("_" if ord(c) < 32 or c in "<>:\"/\\|?*'` " else c for c in name).strip(". ")
        plain = plain.encode()[:150].decode(errors="ignore") or "_"
        new, number = plain, 2
        while new.lower() in {o.lower() for o in out}:
            new, number = f"{plain}_{number}", number + 1
        out.append(new)
    return out


def unique_names(names: Iterable[object], layer: str) -> tuple[list[str], list[Finding]]:
    """Make column names usable in a GeoPackage: not reserved, not empty, different whatever the case.

    Returns
    -------
    The names in the same order, and one finding that lists the renamed ones, if any.
    """
    given = [str(name) for name in names]
    taken = {n.lower() for n in given} | RESERVED
    seen: set[str] = set()
    out, renamed = [], []
    for name in given:
        new = name.replace("\x00", "") or "column"
        number = 1
        while new.lower() in seen or new.lower() in RESERVED or (new != name and new.lower() in taken):
            new = f"{name or 'column'}_{number}"
            number += 1
        seen.add(new.lower())
        out.append(new)
        if new != name:
            renamed.append(f"{name} → {new}")
    if not renamed:
        return out, []
    shown = ", ".join(renamed[:20])
    text = Text(
        f"图层 {layer}：{len(renamed)} 个字段改名（与保留名或大小写不同的同名字段冲突）：{shown}",
        f"layer {layer}: {len(renamed)} columns renamed (reserved, or equal but for case): {shown}",
    )
    return out, [
        Finding(code="column_renamed", kind="repaired", count=len(renamed), text=text, ids=tuple(renamed[:20]))
    ]


def plain_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Return a copy in which every cell is a number, text, truth value or missing; inf is missing.

    Lists and mappings become JSON text, times become ISO text.
    """
    geometry = table.geometry.name if isinstance(table, gpd.GeoDataFrame) and table.active_geometry_name else None
    out = table.copy()
    for position, name in enumerate(table.columns):
        if name == geometry:
            continue
        column = table.iloc[:, position]
        if pd.api.types.is_float_dtype(column.dtype):
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
            out.isetitem(position, np.where(np.isfinite(values), values, np.nan))
        elif not (pd.api.types.is_bool_dtype(column.dtype) or pd.api.types.is_integer_dtype(column.dtype)):
            out.isetitem(position, _plain(column).array)
    return out


def _plain(column: pd.Series) -> pd.Series:
    if isinstance(column.dtype, pd.StringDtype):  # nothing but text can be in it
        return column.astype("str")
    cells = [_plain_cell(value) for value in column.astype(object)]
    kinds = {type(c) for c in cells if c is not None}
    if kinds and kinds <= {int, float}:
        numbers = np.array([np.nan if c is None else c for c in cells], dtype=np.float64)
        return pd.Series(np.where(np.isfinite(numbers), numbers, np.nan), index=column.index)
    if kinds == {bool}:
        return pd.Series(cells, index=column.index, dtype="boolean")
    return pd.Series([c if c is None else _as_text(c) for c in cells], index=column.index, dtype="str")


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _plain_cell(value: Any) -> Any:
    if isinstance(value, dict | list | tuple | set | frozenset | np.ndarray):
        content = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        content = content.tolist() if isinstance(content, np.ndarray) else content
        return json.dumps(content, ensure_ascii=False, default=str)
    if value is None or pd.isna(value):
        return None
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
