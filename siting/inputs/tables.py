"""CSV and other delimited text: encoding declared or UTF-8, delimiter found, coordinates found by their usual names."""

import codecs
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.errors import FileFormatError, GeometryError, SchemaError
from siting.inputs.schema import Faults, listed, normal_id, numeric_column, parse_number, require_columns, some
from siting.ledger import Finding, Text

PROPOSED_ENCODINGS = ("gb18030", "big5")

# What files declare, and the larger set that such files really use.
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "big5": "cp950"}
_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_CHARACTERS = 60
# Ordered: a table with both "lon" and "x" means the first.
_COORDINATE_NAMES = (
    ("lon", "lat"), ("lng", "lat"), ("long", "lat"), ("longitude", "latitude"), ("经度", "纬度"), ("經度", "緯度"),
    ("经度坐标", "纬度坐标"), ("lonwgs84", "latwgs84"), ("lngwgs84", "latwgs84"), ("wgs84lon", "wgs84lat"),
    ("wgs84lng", "wgs84lat"), ("gcj02lon", "gcj02lat"), ("gcj02lng", "gcj02lat"), ("bd09lon", "bd09lat"),
    ("bd09lng", "bd09lat"), ("x", "y"), ("xcoord", "ycoord"), ("pointx", "pointy"), ("x坐标", "y坐标"),
    ("x座標", "y座標"),
)  # fmt: skip
_WKT_NAMES = ("wkt", "geometry", "geom", "thegeom", "几何")
_DIGITS_IN_FLOAT = 15
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d{1,3})?")


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Where a table holds its positions: two columns, or one of well-known text."""

    lon: str | None = None
    lat: str | None = None
    wkt: str | None = None


def decode(data: bytes, name: str, layer: str, encoding: str | None = None) -> str:
    """Bytes of a text file as text: in the declared encoding, else UTF-8 or as its byte order mark says.

    Raises
    ------
    FileFormatError
        Not text in that encoding; the message shows the first such line as GB18030 and as Big5.
    SchemaError
        The declared encoding does not exist.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and encoding is None:
        encoding = "utf-16"
    if encoding is None or encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        encoding = "utf-8-sig"
    encoding = _WIDER.get(encoding.lower(), encoding)
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise SchemaError(f"{layer}: encoding '{encoding}' is unknown. Use utf-8, gb18030 or big5") from error
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        shown = "utf-8" if encoding == "utf-8-sig" else encoding
        raise FileFormatError(
            f"{layer}: '{name}' is not {shown} text (byte {error.start:,}). "
            f"Set encoding for this layer to the one that reads right:\n{_proposals(data, error.start)}"
        ) from error
    if "\x00" in text:
        raise FileFormatError(f"{layer}: '{name}' holds null characters and is no text table. Export it as CSV")
    return text


def read_table(path: Path, layer: str, encoding: str | None = None) -> pd.DataFrame:
    """Read a delimited text file; columns whose every value is a plain number become numbers, the rest stay text.

    Codes with leading zeros and numbers of more than 18 digits stay text. Empty fields are missing values.

    Raises
    ------
    FileFormatError
        Not text, no header, rows longer than the header, an unclosed quote.
    SchemaError
        Two columns of one name.
    """
    text = decode(path.read_bytes(), path.name, layer, encoding)
    if not text.strip():
        raise FileFormatError(f"{layer}: '{path.name}' is empty. Export it again")
    delimiter = "\t" if path.suffix.lower() == ".tsv" else sniff_delimiter(text)
    try:
        rows = pd.read_csv(
            io.StringIO(text), sep=delimiter, header=None, dtype=str, keep_default_na=False, na_values=[""], engine="c"
        )
    except pd.errors.ParserError as error:
        reason = str(error).removeprefix("Error tokenizing data. C error: ").strip()
        raise FileFormatError(
            f"{layer}: '{path.name}' is not an even table ({reason}). Quote fields that hold {delimiter!r}"
        ) from error
    header = [str(h).strip() if isinstance(h, str) else "" for h in rows.iloc[0]]
    body = rows.iloc[1:].reset_index(drop=True)
    body.columns = pd.Index([name or f"column_{k + 1}" for k, name in enumerate(header)])
    unnamed = [f"column_{k + 1}" for k, name in enumerate(header) if not name]
    body = body.drop(columns=[c for c in unnamed if body[c].isna().all()])
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise SchemaError(f"{layer}: '{path.name}' has several columns named {', '.join(twice)}. Rename all but one")
    return body.apply(_plain_numbers) if len(body) else body


def sniff_delimiter(text: str) -> str:
    """Find the delimiter of a table: the one that its header holds most often outside quotes."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", header)
    return max(_DELIMITERS, key=bare.count)


def find_coordinates(table: pd.DataFrame, layer: str, lon: str | None = None, lat: str | None = None) -> Coordinates:
    """Find the coordinate columns by declaration or by their usual names, in any case, with or without ``_``.

    Raises
    ------
    SchemaError
        Declared columns are missing, only one of the two is declared, or none are found.
    """
    if lon is not None or lat is not None:
        if lon is None or lat is None:
            raise SchemaError(f"{layer}: lon and lat name a pair of columns; only one of them is set. Set both")
        require_columns(table, [lon, lat], layer)
        return Coordinates(lon=lon, lat=lat)
    names = {re.sub(r"[\s_\-]", "", str(c)).casefold(): str(c) for c in reversed(list(table.columns))}
    for x, y in _COORDINATE_NAMES:
        if x in names and y in names:
            return Coordinates(lon=names[x], lat=names[y])
    for wkt in _WKT_NAMES:
        if wkt in names:
            return Coordinates(wkt=names[wkt])
    raise SchemaError(
        f"{layer}: no coordinate columns found. It has: {', '.join(map(str, table.columns))}. "
        "Name them with lon = and lat =, or add a WKT column; a table of addresses must be geocoded first"
    )


def table_points(table: pd.DataFrame, where: Coordinates, layer: str) -> gpd.GeoDataFrame:
    """Geometries of a table, without a CRS; rows without coordinates get None.

    Raises
    ------
    SchemaError
        Coordinates that are not numbers; all rows are named.
    GeometryError
        Well-known text that cannot be read; all rows are named.
    """
    if where.wkt is not None:
        return _from_wkt(table, where.wkt, layer)
    faults = Faults()
    found = []
    for field in (str(where.lon), str(where.lat)):
        grouped = [str(v) for v in table[field] if isinstance(v, str) and "," in v and not parse_number(v)[2]]
        if grouped:
            faults.add(f"{layer}: '{field}' holds {len(grouped)} values with commas ({some(grouped)}). Write 113.55")
        found.append(numeric_column(table, field, layer, minimum=None, allow_missing=True, faults=faults).values)
    faults.raise_any()
    there = np.isfinite(found[0]) & np.isfinite(found[1])
    points = np.full(len(table), None, dtype=object)
    points[there] = shapely.points(found[0][there], found[1][there])
    rest = table.drop(columns=[c for c in table.columns if c == "geometry"])
    return gpd.GeoDataFrame(rest, geometry=gpd.GeoSeries(points, index=table.index))


def join_table(
    frame: gpd.GeoDataFrame, table: pd.DataFrame, key: str, layer: str
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Add a table's columns to the rows of a layer with the same id, whatever type the ids are stored as.

    Parameters
    ----------
    frame : index = ids as text
    key : the table's column of ids; 1, 1.0 and "1" are the same id

    Returns
    -------
    ``frame`` with the table's other columns (missing where the table has no row), and the ids unmatched on both sides

    Raises
    ------
    SchemaError
        No such column, an id twice in the table, a column that both have, or no id in common.
    """
    require_columns(table, [key], layer)
    ids = pd.Index([normal_id(v) for v in table[key]], name="id")
    twice = ids[ids.duplicated()].unique()
    if len(twice):
        raise SchemaError(f"{layer}: '{key}' holds {len(twice)} ids more than once ({some(twice)}). Make them unique")
    both = sorted((set(table.columns) - {key}) & set(frame.columns))
    if both:
        raise SchemaError(
            f"{layer}: columns {', '.join(both)} are in the table and in the layer. Rename or remove them"
        )
    matched = frame.index.isin(ids)
    if not matched.any():
        raise SchemaError(
            f"{layer}: no id of the table's '{key}' ({some(ids)}) is an id of the layer ({some(frame.index)}). "
            "Name another column"
        )
    findings = []
    alone, unused = frame.index[~matched], ids[~ids.isin(frame.index)]
    if len(alone):
        text = Text(f"图层有 {len(alone)} 行在表中无对应", f"{len(alone)} rows of the layer have no row in the table")
        findings.append(Finding(code="unmatched_layer", kind="warning", count=len(alone), text=text, ids=listed(alone)))
    if len(unused):
        text = Text(
            f"表中有 {len(unused)} 行在图层中无对应", f"{len(unused)} rows of the table have no row in the layer"
        )
        findings.append(
            Finding(code="unmatched_table", kind="warning", count=len(unused), text=text, ids=listed(unused))
        )
    return frame.join(table.drop(columns=key).set_axis(ids), how="left"), tuple(findings)


def _from_wkt(table: pd.DataFrame, field: str, layer: str) -> gpd.GeoDataFrame:
    texts = np.array([t if isinstance(t, str) else None for t in table[field]], dtype=object)
    geometry = shapely.from_wkt(texts, on_invalid="ignore")
    bad = shapely.is_missing(geometry) & np.array([t is not None for t in texts])
    if bad.any():
        raise GeometryError(
            f"{layer}: {bad.sum()} of {len(table)} rows of '{field}' are not readable as geometry "
            f"(rows {some(table.index[bad])}): unclosed rings, too few points or misspelt. Correct them"
        )
    return gpd.GeoDataFrame(table.drop(columns=field), geometry=gpd.GeoSeries(geometry, index=table.index))


def _plain_numbers(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Turn a text column into numbers if nothing is lost by it."""
    there = column.dropna()
    if there.empty:
        return column
    if all(_WHOLE.fullmatch(v) for v in there):
        if len(there) == len(column):
            return column.astype("int64")
        return pd.to_numeric(column) if there.str.len().max() <= _DIGITS_IN_FLOAT else column
    if all(_DECIMAL.fullmatch(v) for v in there):
        return pd.to_numeric(column)
    return column


def _proposals(data: bytes, at: int) -> str:
    start = data.rfind(b"\n", 0, at) + 1
    end = data.find(b"\n", at)
    line = data[start : end if end >= 0 else len(data)]
    shown = []
    for encoding in PROPOSED_ENCODINGS:
        try:
            data.decode(encoding)
            sample = line.decode(encoding).strip()
        except UnicodeDecodeError:
            shown.append((-1.0, f'  encoding = "{encoding}": (does not read)'))
        else:
            shown.append((_likeness(sample), f'  encoding = "{encoding}": {sample[:_SAMPLE_CHARACTERS]}'))
    return "\n".join(text for _, text in sorted(shown, key=lambda s: -s[0]))


def _likeness(sample: str) -> float:
    """Share of Chinese characters among the non-ASCII ones; a wrong encoding also shows kana and signs."""
    foreign = [c for c in sample if not c.isascii()]
    return sum("\u4e00" <= c <= "\u9fff" or c in "，。：、（）" for c in foreign) / max(1, len(foreign))
