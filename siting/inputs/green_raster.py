"""Green from a raster: where a vegetation index reaches a threshold, or a land cover has one of some classes.

The raster is read window by window, so that it never lies in memory whole, and areas that windows cut are joined again.
Outlines run along cells; up to the window borders they are whole numbers of cells, so that joining them is exact.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.errors import RasterioError
from rasterio.features import shapes as outlines
from rasterio.windows import Window
from shapely.affinity import affine_transform

from siting.errors import CRSError, FileFormatError, InputError, SchemaError
from siting.inputs.coordinates import check_working_crs, transform_xy
from siting.inputs.sources import check_source, file_sha256
from siting.ledger import Account, Finding, Text

WINDOW_CELLS = 1024
"""Windows are about this many cells wide and high, in whole blocks of the file."""
_STRAIGHT_CELLS = 20.0
"""Outlines are divided at least so often before they are projected: a straight edge there is not straight here."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GreenRaster:
    """Green areas of a raster.

    Attributes
    ----------
    frame : polygons in the working CRS, index "v1", "v2", … from north to south; column ``area_m2``
    account : areas found, used and left out, cells without data, checksum of the file
    rule : which cells are green, in words
    """

    frame: gpd.GeoDataFrame
    account: Account
    rule: Text


def green_areas(
    path: Path | str,
    *,
    crs: CRS,
    band: int = 1,
    threshold: float | None = None,
    classes: Sequence[int] | None = None,
    min_area_m2: float = 0.0,
    boundary: shapely.Geometry | None = None,
    layer: str = "green.raster",
    window_cells: int = WINDOW_CELLS,
) -> GreenRaster:
    """Read areas of vegetation from a GeoTIFF.

    Cells that share a side are one area; cells that only meet at a corner are not. The raster may be in any CRS and
    may be rotated. Scale and offset that the file states are applied before the threshold.

    Parameters
    ----------
    crs : working CRS in metres
    threshold : cells from this value on are green, such as an NDVI of 0.3
    classes : cells with one of these values are green, in place of a threshold
    min_area_m2 : smaller areas are left out, and counted
    boundary : polygon in ``crs``: areas that do not meet it are left out, windows that do not are not read

    Raises
    ------
    FileFormatError
        Not a GeoTIFF, damaged or incomplete.
    CRSError
        The raster has no CRS, or ``crs`` is not in metres.
    SchemaError
        No such band; a threshold between whole numbers for a raster of whole numbers.
    InputError
        Neither or both of ``threshold`` and ``classes``; the raster does not meet the boundary.
    """
    rule = _rule(threshold, classes, min_area_m2)
    working = check_working_crs(crs, layer)
    with _opened(path, layer) as raster:
        _check_band(raster, band, threshold, layer)
        raster_crs = CRS.from_user_input(raster.crs.to_wkt())
        wanted = _cells_wanted(raster, raster_crs, working, boundary, layer)
        pieces, at_border, cells, blank = _cut_out(raster, band, threshold, classes, wanted, window_cells)
        found = _joined(pieces, at_border)
        transform = raster.transform
    placed = _placed(found, transform, raster_crs, working)
    area = shapely.area(placed)
    outside = np.zeros(len(placed), dtype=bool)
    if boundary is not None and len(placed):
        shapely.prepare(boundary)
        outside = ~shapely.intersects(placed, boundary)
    small = ~outside & (area < min_area_m2)
    keep = ~outside & ~small
    order = np.flatnonzero(keep)
    order = order[np.lexsort((shapely.bounds(placed[order])[:, 0], -shapely.bounds(placed[order])[:, 3]))]
    frame = gpd.GeoDataFrame(
        {"area_m2": np.round(area[order], 1)},
        geometry=placed[order],
        crs=working,
        index=pd.Index([f"v{k + 1}" for k in range(len(order))], dtype="str", name="id"),
    )
    account = Account(
        layer=layer,
        source=Path(path).name,
        rows_in=len(placed),
        rows_used=len(frame),
        findings=_findings(rule, cells, blank, int(small.sum()), float(area[small].sum()), int(outside.sum())),
        sha256=file_sha256(Path(path).resolve()),
    )
    return GreenRaster(frame=frame, account=account, rule=rule)


def _rule(threshold: float | None, classes: Sequence[int] | None, min_area_m2: float) -> Text:
    if (threshold is None) == (classes is None or len(classes) == 0):
        msg = "green raster: give either threshold (a vegetation index) or classes (of a land cover)"
        raise InputError(msg)
    if not (np.isfinite(min_area_m2) and min_area_m2 >= 0):
        msg = f"green raster: min_area_m2 is {min_area_m2!r}, expected 0 or more"
        raise InputError(msg)
    if threshold is not None:
        if not np.isfinite(threshold):
            msg = f"green raster: threshold is {threshold!r}, expected a number"
            raise InputError(msg)
        return Text(f"像元值 ≥ {threshold:g} 计为植被", f"cells of {threshold:g} and more are green")
    shown = ", ".join(str(c) for c in classes or ())
    return Text(f"类别 {shown} 的像元计为植被", f"cells of class {shown} are green")


@contextmanager
def _opened(path: Path | str, layer: str) -> Iterator[Any]:
    file = check_source(path, layer)
    try:
        with rasterio.open(file, driver="GTiff") as raster:
            if raster.crs is None:
                raise CRSError(
                    f"{layer}: '{file.name}' has no coordinate reference system. Assign one (gdal_edit -a_srs)"
                )
            yield raster
    except (RasterioError, OSError, RuntimeError) as error:
        raise FileFormatError(
            f"{layer}: '{file.name}' is no GeoTIFF, or looks damaged or incomplete ({error}). Export it again"
        ) from error


def _check_band(raster: Any, band: int, threshold: float | None, layer: str) -> None:
    if not 1 <= band <= raster.count:
        msg = f"{layer}: no band {band}; the raster has {raster.count}"
        raise SchemaError(msg)
    kind = np.dtype(raster.dtypes[band - 1])
    unscaled = raster.scales[band - 1] == 1.0 and raster.offsets[band - 1] == 0.0
    if threshold is not None and unscaled and np.issubdtype(kind, np.integer) and threshold != round(threshold):
        msg = (
            f"{layer}: threshold {threshold:g} lies between whole numbers, but the raster holds such ({kind}); "
            f"an index times 10,000 needs {threshold * 10_000:g}; for a land cover give classes"
        )
        raise SchemaError(msg)


def _cells_wanted(
    raster: Any, raster_crs: CRS, working: CRS, boundary: shapely.Geometry | None, layer: str
) -> tuple[int, int, int, int]:
    """First and last column and row that may meet the boundary."""
    if boundary is None:
        return 0, raster.width, 0, raster.height
    box = shapely.segmentize(shapely.box(*shapely.bounds(boundary)), 200.0)
    x, y = transform_xy(working, raster_crs, *shapely.get_coordinates(box).T)
    column, row = _applied(~raster.transform, x, y)
    left, right = max(0, int(np.floor(column.min())) - 1), min(raster.width, int(np.ceil(column.max())) + 1)
    top, bottom = max(0, int(np.floor(row.min())) - 1), min(raster.height, int(np.ceil(row.max())) + 1)
    if left >= right or top >= bottom:
        msg = f"{layer}: the raster does not meet the study area. Check that both are of the same city"
        raise InputError(msg)
    return left, right, top, bottom


def _cut_out(
    raster: Any,
    band: int,
    threshold: float | None,
    classes: Sequence[int] | None,
    wanted: tuple[int, int, int, int],
    window_cells: int,
) -> tuple[NDArray[np.object_], NDArray[np.bool_], int, int]:
    """Outline the green of every window in columns and rows of the raster; say which touch a border of their window.

    Returns polygons, that mask, the number of green cells and the number of cells without data.
    """
    left, right, top, bottom = wanted
    high, wide = (max(1, round(window_cells / block)) * block for block in raster.block_shapes[band - 1])
    high, wide = (min(step, 4 * window_cells) if step > window_cells else step for step in (high, wide))
    scale, offset = raster.scales[band - 1], raster.offsets[band - 1]
    pieces: list[shapely.Geometry] = []
    at_border: list[bool] = []
    cells = blank = 0
    for row in range(top // high * high, bottom, high):
        for column in range(left // wide * wide, right, wide):
            x0, y0 = max(column, left), max(row, top)
            x1, y1 = min(column + wide, right), min(row + high, bottom)
            block = raster.read(band, window=Window(x0, y0, x1 - x0, y1 - y0), masked=True)
            known = ~np.ma.getmaskarray(block) & np.isfinite(block.data)
            green = known & _is_green(block.data * scale + offset if scale != 1 or offset else block.data,
                                      threshold, classes)  # fmt: skip
            cells, blank = cells + int(green.sum()), blank + int((~known).sum())
            if not green.any():
                continue
            for shape, _ in outlines(green.astype(np.uint8), mask=green, connectivity=4):
                polygon = affine_transform(shapely.geometry.shape(shape), (1, 0, 0, 1, x0, y0))
                west, north, east, south = polygon.bounds
                pieces.append(polygon)
                at_border.append(west == x0 or north == y0 or east == x1 or south == y1)
    return np.array(pieces, dtype=object), np.array(at_border, dtype=bool), cells, blank


def _applied(transform: Any, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[Any, Any]:
    """Positions through an affine transform."""
    return transform.a * x + transform.b * y + transform.c, transform.d * x + transform.e * y + transform.f


def _is_green(values: NDArray[Any], threshold: float | None, classes: Sequence[int] | None) -> NDArray[np.bool_]:
    if threshold is not None:
        return np.asarray(values >= threshold, dtype=np.bool_)
    return np.asarray(np.isin(values, list(classes or ())), dtype=np.bool_)


def _joined(pieces: NDArray[np.object_], at_border: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Join what window borders cut: outlines are whole cells, so nothing is lost or gained."""
    if not at_border.any():
        return pieces
    whole = shapely.get_parts(shapely.union_all(pieces[at_border]))
    # Places where a border met an outline are left as vertices on straight edges.
    return np.concatenate([pieces[~at_border], shapely.simplify(whole, 0.0)])


def _placed(found: NDArray[np.object_], transform: Any, raster_crs: CRS, working: CRS) -> NDArray[np.object_]:
    """Outlines in columns and rows, as polygons in the working CRS."""
    if not len(found):
        return found

    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transform_xy(raster_crs, working, *_applied(transform, xy[:, 0], xy[:, 1])))

    divided = found if raster_crs == working else shapely.segmentize(found, _STRAIGHT_CELLS)
    moved = np.asarray(shapely.transform(divided, move), dtype=object)
    bad = ~shapely.is_valid(moved)
    moved[bad] = shapely.make_valid(moved[bad])
    return moved


def _findings(rule: Text, cells: int, blank: int, small: int, small_m2: float, outside: int) -> tuple[Finding, ...]:
    found = [
        Finding(
            code="green_cells", kind="note", count=cells,
            text=Text(f"{rule.zh}：{cells:,} 个像元", f"{rule.en}: {cells:,} cells"),
        )
    ]  # fmt: skip
    if blank:
        text = Text(f"{blank:,} 个像元无数据，不计为植被", f"{blank:,} cells without data, not counted as green")
        found.append(Finding(code="cells_without_data", kind="note", count=blank, text=text))
    if small:
        text = Text(
            f"{small:,} 处小于最小面积，共 {small_m2:,.0f} 平方米，未使用",
            f"{small:,} areas below the smallest that count, {small_m2:,.0f} m² together, are not used",
        )
        found.append(Finding(code="below_min_area", kind="dropped", count=small, text=text))
    if outside:
        text = Text(f"{outside:,} 处在研究范围之外", f"{outside:,} areas outside the study area")
        found.append(Finding(code="outside_boundary", kind="dropped", count=outside, text=text))
    return tuple(found)
