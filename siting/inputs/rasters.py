"""Population and elevation grids: people by cell inside a boundary, and values at points."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from exactextract import exact_extract
from exactextract.raster import RasterioRasterSource
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.errors import RasterioError
from rasterio.windows import Window

from siting.errors import CRSError, FileFormatError, InputError, SchemaError
from siting.inputs.coordinates import check_working_crs, transform_xy
from siting.inputs.sources import check_source, file_sha256
from siting.ledger import Account, Finding, Text
from siting.units import MILLI_PER_PERSON, largest_remainder, milli_to_people

_TIFF_MAGIC = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
# What grids hold for "no data" when their header does not say so.
_SENTINELS = (-9999.0, -99999.0, -32768.0, -2147483648.0)
_LOWEST_FLOAT = -3.3e38
_EDGE_STEP_M = 500.0

Method = Literal["nearest", "bilinear"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterPopulation:
    """People by grid cell.

    Attributes
    ----------
    frame : one row a cell with people, index ``r<row>c<column>``; columns ``people`` and ``group_<name>``; geometry =
        the cell's centre in the working CRS, or a point of its part inside the boundary where the centre is not
    row, column : shape (n,), of the cell in the raster
    people_milli : sum over the boundary, in thousandths
    """

    frame: gpd.GeoDataFrame
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    shape: tuple[int, int]
    transform: Any
    raster_crs: CRS
    people_milli: int
    account: Account

    def cell_of(self, x: NDArray[np.float64], y: NDArray[np.float64], crs: CRS) -> NDArray[np.int64]:
        """Row of ``frame`` whose cell holds each position; -1 where there is none."""
        u, v = transform_xy(crs, self.raster_crs, x, y)
        column, row = (np.floor(a).astype(np.int64) for a in _cells(self.transform, u, v))
        inside = (row >= 0) & (row < self.shape[0]) & (column >= 0) & (column < self.shape[1])
        order = pd.Index(self.row * self.shape[1] + self.column)
        return np.where(inside, order.get_indexer(pd.Index(row * self.shape[1] + column)), -1).astype(np.int64)


def read_population(
    path: Path | str,
    *,
    crs: CRS,
    boundary: shapely.Geometry | None = None,
    bands: Sequence[int] | None = None,
    group_bands: Mapping[str, Sequence[int]] | None = None,
    layer: str = "population",
) -> RasterPopulation:
    """Read people by cell from a GeoTIFF of counts, window by window.

    A cell that the boundary cuts counts by the share of its area inside, so that the total is that of the boundary.
    People are rounded to thousandths by largest remainder: the cells add up to the rounded total exactly.

    Parameters
    ----------
    crs : working CRS in metres
    boundary : polygon in ``crs``; None takes the whole raster
    bands : bands (from 1) whose sum is the people; None takes the only band
    group_bands : name -> bands whose sum is that group

    Raises
    ------
    FileFormatError
        Not a GeoTIFF, damaged or incomplete.
    CRSError
        No CRS; a rotated grid or one with south up.
    SchemaError
        Several bands and none named; a band that does not exist; negative or infinite people.
    InputError
        Nobody inside the boundary, or the raster does not meet it.
    """
    working = check_working_crs(crs, layer)
    with _open(path, layer) as raster:
        wanted = _bands(raster, bands, layer)
        groups = {name: _bands(raster, chosen, layer) for name, chosen in (group_bands or {}).items()}
        raster_crs = CRS.from_user_input(raster.crs.to_wkt())
        zone = _zone(raster, raster_crs, working, boundary)
        findings: list[Finding] = []
        people = _by_cell(raster, zone, wanted, layer, findings)
        parts = {name: _by_cell(raster, zone, chosen, layer, findings) for name, chosen in groups.items()}
        shape, transform = (int(raster.height), int(raster.width)), raster.transform
        if len(people) == 0:
            raise InputError(
                f"{layer}: the raster ({raster.bounds.left:g} {raster.bounds.bottom:g} {raster.bounds.right:g} "
                f"{raster.bounds.top:g}) has no data inside the study boundary. Check that both are of the same city"
            )
    sha256 = file_sha256(Path(path).resolve())
    positive = people[people > 0]
    if positive.empty:
        raise InputError(f"{layer}: no demand: the raster holds no people inside the boundary. Check the band and file")
    total = int(np.rint(positive.sum() * MILLI_PER_PERSON))
    cells = positive.index.to_numpy(dtype=np.int64)
    row, column = cells // shape[1], cells % shape[1]
    frame = gpd.GeoDataFrame(
        {"people": milli_to_people(largest_remainder(total, np.asarray(positive, dtype=np.float64)))},
        geometry=_cell_points(row, column, transform, zone, raster_crs, working),
        index=pd.Index([f"r{r}c{c}" for r, c in zip(row, column, strict=True)], dtype="str", name="id"),
    )
    for name, part in parts.items():
        share = np.asarray(part.reindex(positive.index, fill_value=0.0), dtype=np.float64)
        milli = int(np.rint(share.sum() * MILLI_PER_PERSON))
        frame[f"group_{name}"] = milli_to_people(largest_remainder(milli, share)) if milli else 0.0
    empty = len(people) - len(positive)
    if empty:
        text = Text(f"{empty} 个格网无人，未使用", f"{empty} cells without people are not used")
        findings.append(Finding(code="cells_without_people", kind="dropped", count=empty, text=text))
    text = Text(
        f"范围内共 {total / MILLI_PER_PERSON:,.3f} 人，边界上的格网按面积比例计入",
        f"{total / MILLI_PER_PERSON:,.3f} people inside the boundary; cells on its edge count by their share of area",
    )
    findings.append(Finding(code="raster_total", kind="note", count=len(positive), text=text))
    account = Account(
        layer=layer,
        source=Path(path).name,
        rows_in=len(people),
        rows_used=len(positive),
        findings=tuple(findings),
        sha256=sha256,
    )
    return RasterPopulation(
        frame=frame,
        row=row,
        column=column,
        shape=shape,
        transform=transform,
        raster_crs=raster_crs,
        people_milli=total,
        account=account,
    )


def sample(
    path: Path | str, points: gpd.GeoSeries, *, band: int = 1, method: Method = "bilinear", layer: str = "elevation"
) -> NDArray[np.float64]:
    """Values of a raster at points.

    Parameters
    ----------
    points : shape (n,), Point, in any CRS
    method : "nearest" cell, or "bilinear" between the four cell centres around (nearest where one of them has no data)

    Returns
    -------
    shape (n,), NaN outside the raster and where it has no data
    """
    with _open(path, layer) as raster:
        _bands(raster, [band], layer)
        raster_crs = CRS.from_user_input(raster.crs.to_wkt())
        x, y = points.x.to_numpy(dtype=np.float64), points.y.to_numpy(dtype=np.float64)
        u, v = _cells(raster.transform, *transform_xy(points.crs, raster_crs, x, y))
        inside = (u >= 0) & (u < raster.width) & (v >= 0) & (v < raster.height)
        values = np.full(len(points), np.nan)
        if not inside.any():
            return values
        u, v = u[inside], v[inside]
        left, top = max(int(u.min()) - 1, 0), max(int(v.min()) - 1, 0)
        right, bottom = min(int(u.max()) + 2, raster.width), min(int(v.max()) + 2, raster.height)
        block = _read(raster, band, Window(left, top, right - left, bottom - top))
    found = block[np.floor(v).astype(int) - top, np.floor(u).astype(int) - left]
    if method == "bilinear":
        between = _bilinear(block, u - left - 0.5, v - top - 0.5)
        found = np.where(np.isnan(between), found, between)
    values[inside] = found
    return values


@contextmanager
def _open(path: Path | str, layer: str) -> Iterator[Any]:
    file = check_source(path, layer)
    with file.open("rb") as stream:
        if stream.read(4) not in _TIFF_MAGIC:
            raise FileFormatError(f"{layer}: '{file.name}' is not a GeoTIFF. Export it as GeoTIFF")
    try:
        with rasterio.open(file, driver="GTiff") as raster:
            if raster.crs is None:
                raise CRSError(
                    f"{layer}: '{file.name}' has no coordinate reference system. Assign one (gdal_edit -a_srs)"
                )
            if raster.transform.b or raster.transform.d or raster.transform.e >= 0:
                raise CRSError(
                    f"{layer}: the grid of '{file.name}' is rotated or has south up. Warp it to north up first"
                )
            yield raster
    except (RasterioError, OSError, RuntimeError) as error:
        raise FileFormatError(
            f"{layer}: '{file.name}' looks damaged or incomplete ({error}). Export or download it again"
        ) from error


def _bands(raster: Any, wanted: Sequence[int] | None, layer: str) -> tuple[int, ...]:
    names = ", ".join(f"{k + 1} {d or ''}".strip() for k, d in enumerate(raster.descriptions))
    if wanted is None:
        if raster.count > 1:
            raise SchemaError(
                f"{layer}: the raster has {raster.count} bands ({names}). Say which to add up with bands ="
            )
        return (1,)
    bad = [b for b in wanted if not 1 <= b <= raster.count]
    if bad or not wanted:
        raise SchemaError(f"{layer}: no band {', '.join(map(str, bad)) or 'named'}. The raster has: {names}")
    return tuple(wanted)


def _zone(raster: Any, raster_crs: CRS, working: CRS, boundary: shapely.Geometry | None) -> shapely.Geometry:
    """Boundary in the CRS of the raster; edges are divided first, since a straight edge there is not straight here."""
    if boundary is None:
        whole: shapely.Geometry = shapely.box(*raster.bounds)
        return whole
    divided = shapely.segmentize(boundary, _EDGE_STEP_M)

    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transform_xy(working, raster_crs, xy[:, 0], xy[:, 1]))

    moved: shapely.Geometry = shapely.transform(divided, move)
    fixed: shapely.Geometry = shapely.make_valid(moved, method="structure", keep_collapsed=False)
    return fixed


def _by_cell(
    raster: Any, zone: shapely.Geometry, bands: tuple[int, ...], layer: str, findings: list[Finding]
) -> "pd.Series[float]":
    """Sum of bands by cell number, each cell times its share inside the zone; cells without data are absent."""
    area = gpd.GeoDataFrame(geometry=[zone], crs=raster.crs)
    total: pd.Series[float] = pd.Series(dtype=np.float64)
    for band in bands:
        out = exact_extract(
            RasterioRasterSource(raster, band),
            area,
            ["values", "coverage", "cell_id"],
            output="pandas",
            max_cells_in_memory=10**8,
        )
        values, share, cell = (np.asarray(out[c].iloc[0]) for c in ("values", "coverage", "cell_id"))
        values = values.astype(np.float64)
        none = np.isin(values, _SENTINELS) | (values < _LOWEST_FLOAT)
        if none.any():
            n = int(none.sum())
            text = Text(
                f"波段 {band} 有 {n} 个格网的值为 {values[none][0]:g} 而文件未声明为无数据，按无数据处理",
                f"band {band}: {n} cells hold {values[none][0]:g}, not declared as no data but taken as such",
            )
            findings.append(Finding(code="undeclared_nodata", kind="warning", count=n, text=text))
        usable = ~none & ~np.isnan(values)
        values, share, cell = values[usable], share[usable], cell[usable]
        wrong = (values < 0) | np.isinf(values)
        if wrong.any():
            where = [
                f"row {c // raster.width} column {c % raster.width}: {v:g}"
                for c, v in zip(cell[wrong], values[wrong], strict=True)
            ]
            raise SchemaError(
                f"{layer}: band {band} has {wrong.sum()} negative or infinite cells ({'; '.join(where[:3])}). "
                "Declare them as no data, or correct them"
            )
        total = total.add(pd.Series(values * share, index=cell.astype(np.int64)), fill_value=0.0)
    return total.sort_index()


def _cell_points(
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    transform: Any,
    zone: shapely.Geometry,
    raster_crs: CRS,
    working: CRS,
) -> gpd.GeoSeries:
    """Cell centres; where the centre is outside the zone, a point of the cell's part inside."""
    x, y = _corner(transform, column + 0.5, row + 0.5)
    shapely.prepare(zone)
    out = ~shapely.intersects_xy(zone, x, y)
    if out.any():
        left, top = _corner(transform, column[out], row[out])
        right, bottom = _corner(transform, column[out] + 1, row[out] + 1)
        pieces = shapely.intersection(shapely.box(left, bottom, right, top), zone)
        inner = shapely.point_on_surface(pieces)
        x[out], y[out] = shapely.get_x(inner), shapely.get_y(inner)
    px, py = transform_xy(raster_crs, working, x, y)
    return gpd.GeoSeries(
        shapely.points(px, py),
        crs=working,
        index=pd.Index([f"r{r}c{c}" for r, c in zip(row, column, strict=True)], dtype="str", name="id"),
    )


def _corner(transform: Any, column: NDArray[Any], row: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Position of the upper left corner of cells, or inside them for fractions; the grid is not rotated."""
    return transform.c + transform.a * column, transform.f + transform.e * row


def _cells(
    transform: Any, x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Column and row of positions, with fractions."""
    return (x - transform.c) / transform.a, (y - transform.f) / transform.e


def _read(raster: Any, band: int, window: Window) -> NDArray[np.float64]:
    block = raster.read(band, window=window, masked=True).astype(np.float64).filled(np.nan)
    none = np.isin(block, _SENTINELS) | (block < _LOWEST_FLOAT)
    return np.where(none, np.nan, block)


def _bilinear(block: NDArray[np.float64], u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
    """Value between cell centres, ``u`` and ``v`` in cells from the first centre; constant beyond the rim."""
    u, v = np.clip(u, 0, block.shape[1] - 1), np.clip(v, 0, block.shape[0] - 1)
    c, r = np.floor(u).astype(int), np.floor(v).astype(int)
    right, below = np.minimum(c + 1, block.shape[1] - 1), np.minimum(r + 1, block.shape[0] - 1)
    fu, fv = u - c, v - r
    upper = block[r, c] * (1 - fu) + block[r, right] * fu
    lower = block[below, c] * (1 - fu) + block[below, right] * fu
    return np.asarray(upper * (1 - fv) + lower * fv)
