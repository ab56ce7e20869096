"""A file as it lies in somebody's folder: what it holds, its columns with a sample, and its text encoding."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pyogrio

from siting.inputs.dbf_encoding import dbf_encoding
from siting.inputs.tables import PROPOSED_ENCODINGS

Shape = Literal["point", "line", "polygon", "table", "raster", "osm", "unknown"]
VECTOR, TABLE, RASTER, OSM = (
    (".shp", ".gpkg", ".geojson", ".json", ".parquet"),
    (".csv",),
    (".tif", ".tiff"),
    (".osm", ".pbf"),
)
_SHAPES: dict[str, Shape] = {"Point": "point", "LineString": "line", "Polygon": "polygon"}
_ROWS, _SAMPLE, _HEAD_BYTES = 100_000, 12, 4 * 2**20


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its first value as text, whether it holds numbers, and whether it names the rows."""

    name: str
    sample: str
    number: bool
    unique: bool


@dataclass(frozen=True, slots=True)
class File:
    """One layer of a file.

    Attributes
    ----------
    layer : inside a GeoPackage with several; None else
    rows : None where they were not counted
    encoding : of the texts, where the file does not state it and UTF-8 is wrong
    unclear : encoding and sample, where several are possible
    """

    path: Path
    shape: Shape
    rows: int | None = None
    columns: tuple[Column, ...] = ()
    encoding: str | None = None
    unclear: tuple[tuple[str, str], ...] = ()
    layer: str | None = None

    @property
    def name(self) -> str:
        """What the file is called, in lower case without ending: what a guess goes by."""
        return (self.layer or self.path.name.split(".")[0]).lower()


def files_in(folder: Path) -> list[File]:
    """Look at every layer of a folder, in the order of the names; what is no layer is left out."""
    return [one for path in sorted(folder.iterdir()) if path.is_file() for one in look(path)]


def look(path: Path) -> list[File]:
    """Look at the layers of one file; a file that cannot be read is of unknown shape, as the check will say."""
    ending = path.suffix.lower()
    if ending in OSM:
        return [File(path, "osm")]
    if ending in RASTER:
        return [File(path, "raster")]
    try:
        if ending in TABLE:
            return [_table(path)]
        if ending in VECTOR:
            return list(_vector(path))
    except (RuntimeError, ValueError, OSError, LookupError):
        return [File(path, "unknown")]
    return []


def _vector(path: Path) -> Iterator[File]:
    if path.suffix.lower() == ".parquet":
        yield File(path, "unknown")
        return
    encoding, unclear = (None, ()) if path.suffix.lower() != ".shp" else _of_shapefile(path)
    layers = [(str(n), str(kind)) for n, kind in pyogrio.list_layers(path) if kind is not None and n != "layer_styles"]
    for name, kind in layers:
        several = name if len(layers) > 1 else None
        read_as = "ISO-8859-1" if unclear else encoding  # reads any bytes: the samples show what they may mean
        info = pyogrio.read_info(path, layer=name, encoding=read_as)
        cells = pyogrio.read_dataframe(
            path, layer=name, encoding=read_as, read_geometry=False, max_features=_ROWS, use_arrow=False
        )
        shape = _SHAPES.get(kind.split(" ")[0].removeprefix("Multi"), "unknown")
        columns = () if unclear else _columns(cells)
        yield File(path, shape, int(info["features"]), columns, encoding, unclear, several)


def _of_shapefile(path: Path) -> tuple[str | None, tuple[tuple[str, str], ...]]:
    """Return the encoding of the texts where the file does not say it, and what else it might be."""
    cpg = next((p for p in (path.with_suffix(e) for e in (".cpg", ".CPG")) if p.is_file()), None)
    with path.with_suffix(".dbf").open("rb") as handle:
        data = handle.read(_HEAD_BYTES)
    found = dbf_encoding(data, cpg)
    codes = {finding.code for finding in found.findings}
    if "encoding_guessed" in codes:
        return "gb18030", ()
    if "encoding_unknown" not in codes:
        return found.encoding, ()
    samples = []
    for encoding in PROPOSED_ENCODINGS:
        try:
            cells = pyogrio.read_dataframe(path, encoding=encoding, read_geometry=False, max_features=50)
            texts = [t for c in cells for t in (c, *cells[c]) if isinstance(t, str) and not t.isascii()]
            samples.append((encoding, texts[0][:_SAMPLE] if texts else ""))
        except (UnicodeError, RuntimeError, ValueError):
            continue
    return None, tuple(samples)


def _table(path: Path) -> File:
    data = path.read_bytes()[:_HEAD_BYTES]
    text, encoding = None, None
    for name in ("utf-8-sig", "gb18030"):
        try:
            text, encoding = data.decode(name, "strict" if len(data) < _HEAD_BYTES else "ignore"), name
            break
        except UnicodeDecodeError:
            continue
    if text is None:
        return File(path, "unknown")
    cells = pd.read_csv(StringIO(text), sep=None, engine="python", nrows=_ROWS, on_bad_lines="skip")
    return File(path, "table", len(cells), _columns(cells), None if encoding == "utf-8-sig" else encoding)


def _columns(cells: pd.DataFrame) -> tuple[Column, ...]:
    found = []
    for name in cells.columns:
        column = cells[name]
        present = column.dropna()
        number = pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)
        whole = not number or bool(np.equal(np.mod(present.to_numpy(dtype=float), 1), 0).all())
        unique = len(present) == len(column) > 0 and whole and present.is_unique
        sample = "" if present.empty else str(present.iloc[0])
        found.append(Column(str(name), " ".join(sample.split())[:_SAMPLE], number, bool(unique)))
    return tuple(found)
