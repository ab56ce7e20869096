"""Opening files: what is refused before any library sees it, and how a vector file becomes a raw frame.

The first bytes must fit the ending of the name, so that no driver is chosen by content behind the reader's back, and
only plain files are opened: no network prefix, no database, no virtual file that points elsewhere.
"""

import hashlib
import re
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pyogrio
from pyarrow import ArrowException
from pyogrio.errors import CRSError as OgrCRSError
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError
from shapely.errors import GEOSException

from siting.errors import CRSError, FileFormatError, SchemaError
from siting.inputs.dbf_encoding import dbf_encoding
from siting.inputs.schema import some
from siting.ledger import Finding, Text
from siting.nearest_word import suggest

TABLE_ENDINGS = frozenset({".csv", ".tsv", ".txt"})
RASTER_ENDINGS = frozenset({".tif", ".tiff"})
VECTOR_ENDINGS = frozenset({".gpkg", ".geojson", ".json", ".shp", ".zip", ".parquet", ".geoparquet", ".fgb"})

_DRIVER_PREFIX = re.compile(r"(/vsi\w+|[A-Za-z][A-Za-z0-9+.\-]+:)")
# Measures and mixed kinds are the geometry room's business, ring order is nobody's.
_HARMLESS = re.compile("Measured|winding order|More than one layer|non-closed ring")
_SQLITE = b"SQLite format 3\x00"
_LARGEST_UNPACKED_BYTES = 8 * 2**30
_LARGEST_RATIO = 200


@dataclass(frozen=True, slots=True)
class RawLayer:
    """A layer as its file holds it: nothing checked, nothing converted."""

    frame: gpd.GeoDataFrame
    findings: tuple[Finding, ...]
    sha256: str


def check_source(source: Path | str, layer: str) -> Path:
    """Resolve a path to an existing plain file, or refuse it.

    Raises
    ------
    FileFormatError
        A network or driver prefix, a folder, a missing or empty file, a virtual file (VRT).
    """
    text = str(source)
    path = Path(source)
    if _DRIVER_PREFIX.match(text) and not _exists(path):
        prefix = _DRIVER_PREFIX.match(text)
        raise FileFormatError(
            f"{layer}: '{text}' starts with '{prefix.group() if prefix else ''}', which opens a network or database "
            "source; only files on disk are read. Download or export it to a file first"
        )
    if not _exists(path):
        raise FileFormatError(f"{layer}: no file '{text}'{_nearby(path)}")
    if path.is_dir():
        raise FileFormatError(f"{layer}: '{text}' is a folder, not a file. Name the file inside it")
    if path.suffix.lower() == ".vrt":
        raise FileFormatError(
            f"{layer}: '{text}' is a virtual file (VRT), which points at other files and may hold code. "
            "Export it to GeoPackage or GeoTIFF first"
        )
    if path.stat().st_size == 0:
        raise FileFormatError(f"{layer}: '{text}' is empty (0 bytes). Export or download it again")
    return path.resolve()


def file_sha256(*paths: Path) -> str:
    """Checksum of a file, or of several one after another (a shapefile's parts)."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as stream:
            while block := stream.read(2**20):
                digest.update(block)
    return digest.hexdigest()


def read_vector(path: Path, layer: str, *, table: str | None = None, encoding: str | None = None) -> RawLayer:
    """Read one layer of a GeoPackage, GeoJSON, FlatGeobuf, Parquet, shapefile or zipped shapefile.

    Parameters
    ----------
    path : from `check_source`
    layer : name for messages
    table : layer inside the file; needed where there are several
    encoding : of a shapefile's text; None reads it from the .cpg, else detects it

    Raises
    ------
    FileFormatError
        Unknown ending, content that does not fit it, damaged or incomplete files, unsafe archives.
    SchemaError
        Several layers and none named, or no layer of that name.
    """
    ending = path.suffix.lower()
    if ending not in VECTOR_ENDINGS:
        known = ", ".join(sorted(VECTOR_ENDINGS | TABLE_ENDINGS))
        raise FileFormatError(f"{layer}: '{path.name}' has an unknown ending. Layers are read from {known}")
    _check_content(path, ending, layer)
    if ending in (".parquet", ".geoparquet"):
        return RawLayer(_read_parquet(path, layer), (), file_sha256(path))
    if ending == ".shp":
        parts = _shapefile_parts(path, layer)
        found = dbf_encoding(parts[".dbf"].read_bytes(), parts.get(".cpg")) if encoding is None else None
        frame, notes = _read_ogr(str(path), layer, None, encoding or (found.encoding if found else None))
        sha256 = file_sha256(*(parts[e] for e in sorted(parts)))
        return RawLayer(frame, (*(found.findings if found else ()), *notes), sha256)
    if ending == ".zip":
        return _read_zip(path, layer, table, encoding)
    frame, notes = _read_ogr(str(path), layer, _pick_table(path, table, layer), None)
    return RawLayer(frame, notes, file_sha256(path))


def _read_ogr(
    source: str, layer: str, table: str | None, encoding: str | None
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Read through GDAL; what its drivers warn of becomes findings."""
    name = Path(source).name
    options = {} if encoding is None else {"encoding": encoding}
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            frame = pyogrio.read_dataframe(source, layer=table, **options)
    except UnicodeDecodeError as error:
        raise FileFormatError(
            f"{layer}: names or text in '{name}' are not valid {error.encoding} ({error.reason}). "
            "Set encoding for this layer, or export it as GeoPackage"
        ) from error
    except OgrCRSError as error:
        raise CRSError(
            f"{layer}: the coordinate reference system stated in '{name}' is not readable ({error})"
            f"{_prj_text(source)}. Assign a valid one, or delete the .prj and set crs for this layer"
        ) from error
    except (DataSourceError, DataLayerError, FieldError, FeatureError, GEOSException, ValueError, OSError) as error:
        raise FileFormatError(
            f"{layer}: '{name}' looks damaged or incomplete ({str(error).strip()}). Export or download it again"
        ) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise FileFormatError(
            f"{layer}: '{name}' has no geometry column. Name a spatial layer, or a CSV with coordinates"
        )
    return frame, tuple(_reader_warning(str(w.message)) for w in caught if not _HARMLESS.search(str(w.message)))


def _reader_warning(message: str) -> Finding:
    text = Text(f"读取时 GDAL 提示：{message}", f"GDAL warned on reading: {message}")
    return Finding(code="reader_warning", kind="warning", count=1, text=text)


def _prj_text(source: str) -> str:
    prj = Path(source).with_suffix(".prj")
    return f": {prj.read_text(errors='replace')[:80]!r}" if prj.is_file() else ""


def _read_parquet(path: Path, layer: str) -> gpd.GeoDataFrame:
    try:
        return gpd.read_parquet(path)
    except (ArrowException, OSError) as error:
        raise FileFormatError(
            f"{layer}: '{path.name}' looks damaged or incomplete ({error}). Export or download it again"
        ) from error
    except ValueError as error:
        raise FileFormatError(
            f"{layer}: '{path.name}' is Parquet without GeoParquet metadata ({error}). "
            "Write it with geopandas or QGIS, or give a CSV with coordinates"
        ) from error


def _pick_table(path: Path, table: str | None, layer: str) -> str | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # said again when the layer is read
            rows = [(str(name), kind) for name, kind in pyogrio.list_layers(str(path))]
    except (DataSourceError, DataLayerError) as error:
        raise FileFormatError(
            f"{layer}: '{path.name}' looks damaged or incomplete ({str(error).strip()}). Export or download it again"
        ) from error
    names = [name for name, _ in rows]
    if table is None:
        # Tables without geometry, such as the styles that QGIS saves beside its layers, are not meant.
        spatial = [name for name, kind in rows if kind is not None]
        if len(spatial) > 1:
            raise SchemaError(
                f"{layer}: '{path.name}' holds {len(spatial)} layers ({', '.join(spatial)}). Name one with layer ="
            )
        return next(iter(spatial or names), None)
    if table not in names:
        near = suggest(table, names)
        hint = f"; did you mean '{near}'?" if near else ""
        raise SchemaError(f"{layer}: '{path.name}' has no layer '{table}'{hint} It holds: {', '.join(names)}")
    return table


def _shapefile_parts(path: Path, layer: str) -> dict[str, Path]:
    siblings = {p.suffix.lower(): p for p in path.parent.iterdir() if p.stem == path.stem}
    missing = [e for e in (".shx", ".dbf") if e not in siblings]
    if missing:
        raise FileFormatError(
            f"{layer}: '{path.name}' lacks its part {' and '.join(path.stem + e for e in missing)}. "
            "A shapefile is .shp, .shx, .dbf and .prj together: copy them all"
        )
    return {e: p for e, p in siblings.items() if e in (".shp", ".shx", ".dbf", ".prj", ".cpg")}


def _read_zip(path: Path, layer: str, table: str | None, encoding: str | None) -> RawLayer:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            unpacked = sum(m.file_size for m in members)
            if unpacked > _LARGEST_UNPACKED_BYTES or unpacked > _LARGEST_RATIO * max(path.stat().st_size, 2**20):
                raise FileFormatError(
                    f"{layer}: '{path.name}' unpacks to {unpacked:,} bytes; that is refused. Unpack it yourself"
                )
            shapes = {Path(m.filename).stem: m.filename for m in members if m.filename.lower().endswith(".shp")}
            stem = _pick_shape(shapes, table, path.name, layer)
            inside = {
                Path(m.filename).suffix.lower(): m.filename
                for m in members
                if m.filename.rsplit(".", 1)[0] == shapes[stem].rsplit(".", 1)[0]
            }
            missing = [e for e in (".shx", ".dbf") if e not in inside]
            if missing:
                raise FileFormatError(
                    f"{layer}: '{path.name}' lacks {' and '.join(stem + e for e in missing)}. Pack all parts"
                )
            cpg = archive.read(inside[".cpg"]).decode("ascii", "ignore") if ".cpg" in inside else None
            found = dbf_encoding(archive.read(inside[".dbf"]), cpg) if encoding is None else None
    except (zipfile.BadZipFile, EOFError) as error:
        raise FileFormatError(f"{layer}: '{path.name}' is a damaged zip file ({error}). Download it again") from error
    source = f"/vsizip/{{{path}}}/{shapes[stem]}"
    frame, notes = _read_ogr(source, layer, None, encoding or (found.encoding if found else None))
    return RawLayer(frame, (*(found.findings if found else ()), *notes), file_sha256(path))


def _pick_shape(shapes: dict[str, str], table: str | None, name: str, layer: str) -> str:
    if not shapes:
        raise FileFormatError(f"{layer}: '{name}' holds no shapefile. Unpack it and name the file inside")
    if table is None and len(shapes) > 1:
        raise SchemaError(
            f"{layer}: '{name}' holds {len(shapes)} shapefiles ({some(sorted(shapes))}). Name one with layer ="
        )
    if table is not None and table not in shapes:
        raise SchemaError(f"{layer}: '{name}' has no shapefile '{table}'. It holds: {', '.join(sorted(shapes))}")
    return table if table is not None else next(iter(shapes))


def _check_content(path: Path, ending: str, layer: str) -> None:
    with path.open("rb") as stream:
        head = stream.read(4096)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    fits = {
        ".gpkg": head.startswith(_SQLITE),
        ".geojson": text.startswith(b"{"),
        ".json": text.startswith(b"{"),
        ".shp": head[:4] == b"\x00\x00\x27\x0a",
        ".zip": head.startswith(b"PK"),
        ".parquet": head.startswith(b"PAR1"),
        ".geoparquet": head.startswith(b"PAR1"),
        ".fgb": head.startswith(b"fgb"),
    }[ending]
    if not fits:
        raise FileFormatError(
            f"{layer}: '{path.name}' is not a {ending} file inside (it begins with {head[:12]!r}). Export it again"
        )
    if ending == ".gpkg":
        page = int.from_bytes(head[16:18], "big")
        expected = (65536 if page == 1 else page) * int.from_bytes(head[28:32], "big")
        # The page count is only kept by writers that also keep the two change counters equal.
        if head[24:28] == head[92:96] and path.stat().st_size < expected:
            raise FileFormatError(
                f"{layer}: '{path.name}' looks damaged or incomplete: {path.stat().st_size:,} of {expected:,} bytes. "
                "Copy or download it again"
            )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long for the system, or holding a null character
        return False


def _nearby(path: Path) -> str:
    try:
        names = [p.name for p in path.parent.iterdir()]
    except (OSError, ValueError):
        return f": the folder '{path.parent}' does not exist either. Check the path"
    near = suggest(path.name, names)
    return f"; did you mean '{near}'?" if near else ". Check the path"
