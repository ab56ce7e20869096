"""One front door for layers: any file a city hands over becomes a checked frame in metres, with an account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from siting.errors import CRSError, GeometryError, InputError, SchemaError
from siting.inputs import datum as shifts
from siting.inputs.coordinates import WGS84, check_working_crs, crs_name, parse_crs
from siting.inputs.datum import Datum
from siting.inputs.geometry import Kind, repair_geometries
from siting.inputs.layer_crs import check_crs
from siting.inputs.schema import listed, numeric_column, require_columns, some, string_ids
from siting.inputs.sources import TABLE_ENDINGS, check_source, file_sha256, read_vector
from siting.inputs.tables import find_coordinates, read_table, table_points
from siting.ledger import Account, Finding, Text

_NULL_ISLAND_DEG = 1e-9
_NEAR_NULL_ISLAND_DEG = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSpec:
    """Where a layer is and how to read it, as a study file says it.

    Attributes
    ----------
    name : for messages and accounts, e.g. "public_toilet"
    source : file on disk
    layer : layer inside the file, where there are several
    id : column that names the rows; None takes a column ``id``, else the row number from 0
    encoding : of a text table or shapefile; None means UTF-8 (and detection for shapefiles)
    coords : datum of the coordinates; "gcj02" and "bd09" are converted to WGS 84
    crs : CRS of the coordinates; needed where the file has none, and stronger than what the file says
    lon, lat : coordinate columns of a table, where their names are unusual
    columns : new name -> column of the file, e.g. ``{"capacity": "seats"}``
    fill : column -> number to put where it is missing; the column is then read as numbers
    """

    name: str
    source: Path
    layer: str | None = None
    id: str | None = None
    encoding: str | None = None
    coords: Datum | None = None
    crs: str | None = None
    lon: str | None = None
    lat: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    fill: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A checked layer.

    ``frame`` has text ids as index (named "id"); ``converted_from`` is the datum that was undone, None if none was.
    """

    name: str
    frame: gpd.GeoDataFrame
    account: Account
    converted_from: Datum | None = None


def read_layer(
    spec: LayerSpec | Path | str,
    *,
    kind: Kind = "any",
    crs: CRS | str | int | None = None,
    required: Sequence[str] = (),
    weight: str | None = None,
    as_points: bool = False,
    repair: bool = True,
) -> Layer:
    """Read a layer, check and repair it, and bring it to the working CRS.

    Parameters
    ----------
    spec : where and how; a path alone is enough for a file that needs no settings
    kind : the geometry wanted; "any" takes points, lines and polygons side by side
    crs : working CRS (projected, metres) or EPSG:4326; None leaves the layer's own (WGS 84 after a datum conversion)
    required : columns that must be there, by their names after ``spec.columns``
    weight : column of people; a row with people is never dropped, but refused where it cannot be used
    as_points : for "point", also take polygons and lines, as a point inside each
    repair : False refuses invalid polygons instead of repairing them

    Returns
    -------
    the layer; rows in the file = rows of the frame + rows listed as dropped in its account

    Raises
    ------
    FileFormatError, SchemaError, GeometryError, CRSError
        Each names the layer, the field, the rows and the next step.
    """
    if not isinstance(spec, LayerSpec):
        spec = LayerSpec(name=Path(spec).stem, source=Path(spec))
    target = _target(crs, spec.name)
    frame, findings, sha256 = _read_raw(spec)
    if len(frame) == 0:
        raise InputError(f"{spec.name}: '{spec.source.name}' has no features. Give a layer that has some")
    rows_in = len(frame)
    frame = _name_columns(frame, spec)
    frame = frame.set_axis(_ids(frame, spec), axis="index").drop(columns="id", errors="ignore")
    require_columns(frame, required, spec.name)
    frame, filled = _fill(frame, spec)
    frame, declared = _declare_crs(frame, spec)
    findings = [*findings, *filled, *declared]

    people = _weights(frame, weight, spec.name)
    frame, dropped = _drop_null_island(frame, spec.name, people)
    findings += dropped
    people = _weights(frame, weight, spec.name)
    repaired, repairs = repair_geometries(frame, kind, spec.name, weight=people, repair=repair, as_points=as_points)
    findings = [*findings, *repairs, *check_crs(repaired, spec.name)]
    frame = repaired
    findings += _duplicates(frame)
    account = Account(
        layer=spec.name,
        source=spec.source.name,
        rows_in=rows_in,
        rows_used=len(frame),
        findings=tuple(findings),
        sha256=sha256,
    )
    if len(frame) == 0:
        raise InputError(
            f"{spec.name}: none of the {rows_in} rows of '{spec.source.name}' is usable. Check its geometries"
        )
    layer = Layer(name=spec.name, frame=frame, account=account)
    if spec.coords in ("gcj02", "bd09"):
        layer = convert_datum(layer, spec.coords)
    if target is not None:
        layer = replace(layer, frame=layer.frame.to_crs(target))
    return layer


def convert_datum(layer: Layer, coords: Datum) -> Layer:
    """Undo the shift of GCJ-02 or BD-09; the result is in WGS 84 degrees and remembers what was undone.

    Raises
    ------
    CRSError
        The layer was converted before, or its CRS is not one of plain degrees.
    """
    if coords == "wgs84":
        return layer
    if layer.converted_from is not None:
        raise CRSError(
            f"{layer.name}: coordinates were already converted from {layer.converted_from}; converting again would "
            "shift them. Remove one of the two coords settings"
        )
    frame = layer.frame
    if not frame.crs.is_geographic:
        raise CRSError(
            f"{layer.name}: coords = '{coords}' needs longitude and latitude, but it is in {crs_name(frame.crs)}. "
            "Give the file with its original degrees"
        )
    xy, row = shapely.get_coordinates(frame.geometry.values, return_index=True)
    outside = np.unique(row[~shifts.is_shifted(xy[:, 0], xy[:, 1])])

    def undo(points: np.ndarray) -> np.ndarray:
        return np.column_stack(shifts.to_wgs84(points[:, 0], points[:, 1], coords))

    moved = gpd.GeoSeries(shapely.transform(frame.geometry.values, undo), index=frame.index, crs=WGS84)
    name = {"gcj02": "GCJ-02", "bd09": "BD-09"}[coords]
    count = len(frame) - len(outside)
    text = Text(
        f"{count} 行坐标由 {name} 转为 WGS 84（公开算法，精度约 1 至 5 米）",
        f"{count} rows were converted from {name} to WGS 84 (public formula, accurate to 1 to 5 m)",
    )
    findings = [*layer.account.findings, Finding(code="datum_converted", kind="repaired", count=count, text=text)]
    if len(outside):
        ids = listed(frame.index[outside])
        text = Text(
            f"{len(outside)} 行位于 {name} 偏移范围之外，坐标未变",
            f"{len(outside)} rows lie where {name} has no shift; unchanged",
        )
        findings.append(Finding(code="datum_outside", kind="warning", count=len(outside), text=text, ids=ids))
    account = replace(layer.account, findings=tuple(findings))
    return replace(layer, frame=frame.set_geometry(moved), account=account, converted_from=coords)


def _target(crs: CRS | str | int | None, name: str) -> CRS | None:
    if crs is None:
        return None
    found = parse_crs(crs, name)
    return found if found == WGS84 else check_working_crs(found, name)


def _read_raw(spec: LayerSpec) -> tuple[gpd.GeoDataFrame, list[Finding], str]:
    path = check_source(spec.source, spec.name)
    if path.suffix.lower() in TABLE_ENDINGS:
        table = read_table(path, spec.name, spec.encoding)
        if len(table) == 0:
            raise InputError(f"{spec.name}: '{path.name}' has no rows. Give a table that has some")
        where = find_coordinates(table, spec.name, spec.lon, spec.lat)
        frame = table_points(table, where, spec.name)
        if where.wkt is None and spec.crs is None:
            frame, findings = _degrees_by_convention(frame, spec)
            return frame, findings, file_sha256(path)
        return frame, [], file_sha256(path)
    raw = read_vector(path, spec.name, table=spec.layer, encoding=spec.encoding)
    return raw.frame.reset_index(drop=True), list(raw.findings), raw.sha256


def _degrees_by_convention(frame: gpd.GeoDataFrame, spec: LayerSpec) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Longitude and latitude of a table are WGS 84 by convention, as long as they can be degrees at all."""
    xy = shapely.get_coordinates(frame.geometry.values)
    # A minority out of range is a matter of those rows, which the CRS check then names.
    if len(xy) and ((np.abs(xy) > 180).any(axis=1)).mean() > 0.5:
        raise CRSError(
            f"{spec.name}: the coordinates of '{spec.source.name}' (e.g. {xy[0, 0]:g}, {xy[0, 1]:g}) are not degrees, "
            "and a table states no CRS. Set crs for this layer, such as 'EPSG:4547'"
        )
    if spec.coords is not None:  # the datum is declared, nothing is assumed
        return frame.set_crs(WGS84), []
    text = Text(
        "表格经纬度按惯例视为 WGS 84", "longitude and latitude of the table were taken as WGS 84, by convention"
    )
    return frame.set_crs(WGS84), [Finding(code="crs_by_convention", kind="note", count=len(frame), text=text)]


def _name_columns(frame: gpd.GeoDataFrame, spec: LayerSpec) -> gpd.GeoDataFrame:
    if frame.geometry.name != "geometry":
        frame = frame.rename_geometry("geometry")
    require_columns(frame, list(spec.columns.values()), spec.name)
    for new, old in spec.columns.items():
        if new in ("geometry", "id"):
            raise SchemaError(f"{spec.name}: '{new}' cannot be the new name of a column. Name the ids with id =")
        frame[new] = frame[old]
    return frame


def _ids(frame: gpd.GeoDataFrame, spec: LayerSpec) -> pd.Index:
    field_name = spec.id
    if field_name is None:
        field_name = "id" if "id" in frame.columns else None
    if field_name is None:
        return pd.Index([str(k) for k in range(len(frame))], dtype="str", name="id")
    require_columns(frame, [field_name], spec.name)
    return string_ids(frame[field_name], spec.name, field_name)


def _fill(frame: gpd.GeoDataFrame, spec: LayerSpec) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    findings: list[Finding] = []
    for name, value in spec.fill.items():
        column = numeric_column(frame, name, spec.name, minimum=None, fill=value)
        frame[name] = column.values
        findings += column.findings
    return frame, findings


def _weights(frame: gpd.GeoDataFrame, field_name: str | None, layer: str) -> NDArray[np.float64] | None:
    """People by row, only to know which rows may be left out; whoever uses them checks them."""
    if field_name is None:
        return None
    return numeric_column(frame, field_name, layer, minimum=None, allow_missing=True).values


def _declare_crs(frame: gpd.GeoDataFrame, spec: LayerSpec) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    if spec.crs is not None:
        declared = parse_crs(spec.crs, spec.name)
        was = frame.crs
        frame = frame.set_crs(declared, allow_override=True)
        if was is None or was == declared:
            return frame, []
        text = Text(
            f"文件标注 {crs_name(was)}，按设定改用 {crs_name(declared)}",
            f"the file says {crs_name(was)}; {crs_name(declared)} is used as declared",
        )
        return frame, [Finding(code="crs_overridden", kind="warning", count=1, text=text)]
    if frame.crs is None and spec.coords is not None:
        # A datum of longitude and latitude is declared, so these are degrees.
        return frame.set_crs(WGS84), []
    if frame.crs is None:
        prj = spec.source.with_suffix(".prj")
        broken = f" (its .prj is not readable: {prj.read_text(errors='replace')[:80]!r})" if prj.is_file() else ""
        raise CRSError(
            f"{spec.name}: '{spec.source.name}' has no coordinate reference system{broken}. "
            "Set crs for this layer, such as 'EPSG:4547' or 'EPSG:4326'"
        )
    return frame, []


def _drop_null_island(
    frame: gpd.GeoDataFrame, layer: str, people: NDArray[np.float64] | None
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Leave out points at 0, 0, which stand for "unknown", unless the layer really lies there."""
    if not frame.crs.is_geographic:
        return frame, []
    points = shapely.get_type_id(frame.geometry.values) == 0
    x, y = shapely.get_x(frame.geometry.values), shapely.get_y(frame.geometry.values)
    zero = points & (np.abs(x) < _NULL_ISLAND_DEG) & (np.abs(y) < _NULL_ISLAND_DEG)
    others = points & ~zero & np.isfinite(x) & np.isfinite(y)
    if not zero.any() or np.hypot(x[others], y[others]).min(initial=np.inf) < _NEAR_NULL_ISLAND_DEG:
        return frame, []
    if people is not None and (people[zero] > 0).any():
        heavy = frame.index[zero & (people > 0)]
        raise GeometryError(
            f"{layer}: {len(heavy)} rows with people lie at 0, 0 (ids {some(heavy)}). Give them their position"
        )
    n = int(zero.sum())
    text = Text(f"剔除 {n} 行：坐标为 0, 0", f"{n} rows at 0, 0 were left out: the position is unknown")
    finding = Finding(code="zero_coordinates", kind="dropped", count=n, text=text, ids=listed(frame.index[zero]))
    return frame.loc[~zero], [finding]


def _duplicates(frame: gpd.GeoDataFrame) -> list[Finding]:
    again = pd.Series(shapely.to_wkb(shapely.normalize(frame.geometry.values))).duplicated(keep=False).to_numpy()
    if not again.any():
        return []
    n = int(again.sum())
    text = Text(f"{n} 行与另一行几何完全相同", f"{n} rows have exactly the geometry of another row")
    return [Finding(code="duplicate_geometry", kind="note", count=n, text=text, ids=listed(frame.index[again]))]
