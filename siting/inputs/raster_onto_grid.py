"""Values and slopes of a GeoTIFF on the cells of a study's grid, whatever the CRS and the resolution of the file."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.windows import Window

from siting.errors import InputError
from siting.inputs.coordinates import transform_xy
from siting.inputs.grid import Grid
from siting.inputs.rasters import _bands, _bilinear, _cells, _corner, _open, _read
from siting.ledger import Text

Floats = NDArray[np.float64]
Resampling = Literal["auto", "average", "bilinear", "nearest"]
Quantity = Literal["value", "slope_degree", "slope_percent"]
_PLACES_AT_ONCE = 1_000_000
_LEAST_SHARE = 0.5
"""A cell of which less than this share has data has none."""
BYTE_MAX = 255.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OntoGrid:
    """A raster on a grid.

    Attributes
    ----------
    values : shape of the grid; NaN where there is no data
    method : "average", "bilinear" or "nearest": what was done
    source_cell_m : side of the file's own cells
    text : the same in words
    """

    values: Floats
    method: str
    source_cell_m: float
    text: Text


def onto_grid(
    path: Path | str,
    grid: Grid,
    *,
    quantity: Quantity = "value",
    method: Resampling = "auto",
    band: int = 1,
    layer: str = "raster",
) -> OntoGrid:
    """Put a GeoTIFF, or the slope of a height model, onto a grid.

    Each cell depends on its own place only: parts of a grid, and grids of other extents, give the same cells.

    Parameters
    ----------
    quantity : "value", or the slope of heights in metres by Horn (1981, Proc. IEEE 69, 14-47), computed at the file's
        own resolution before anything is averaged; the outermost cells of the file have none
    method : "average" = mean over regularly spaced places in the cell, at least two a side of each cell of the file;
        "bilinear" = between the four cells of the file around the centre; "nearest" = that in which the centre lies
        (classes). "auto" averages where the grid is as coarse as the file or coarser, and is bilinear where it is finer
    band : from 1

    Raises
    ------
    InputError
        The file cannot be used, or has no data anywhere on the grid.
    """
    with _open(path, layer) as raster:
        _bands(raster, [band], layer)
        raster_crs = CRS.from_user_input(raster.crs.to_wkt())
        own_m = _cell_side_m(raster, raster_crs, grid.crs)
        chosen = method if method != "auto" else "average" if grid.cell_m >= own_m * (1 - 1e-9) else "bilinear"
        ratio = grid.cell_m / own_m
        # Very fine files are averaged by whole blocks of cells first, so that some places a cell are enough.
        block = max(math.floor(ratio / 2), 1) if chosen == "average" else 1
        side = 2 * math.ceil(ratio / block - 1e-9) if chosen == "average" else 1
        values = np.full(grid.shape, np.nan)
        for first, last in grid.strips(_PLACES_AT_ONCE // (side * side)):
            part = grid.rows(first, last)
            u, v = _places(part, side, raster.transform, raster_crs)
            found = _sample(raster, band, quantity, u, v, block, chosen == "bilinear", raster_crs, grid.crs)
            values[first:last] = _mean(found.reshape(-1, side * side)).reshape(part.shape)
    if not np.isfinite(values).any():
        msg = f"{layer}: '{Path(path).name}' has no data over the study area. Check that it is of the same city"
        raise InputError(msg)
    return OntoGrid(values=values, method=chosen, source_cell_m=own_m, text=_words(chosen, own_m, grid.cell_m))


def _words(method: str, own_m: float, cell_m: float) -> Text:
    zh = {"average": "格内平均", "bilinear": "双线性内插", "nearest": "取最近格"}[method]
    en = {"average": "mean over the cell", "bilinear": "bilinear", "nearest": "nearest cell"}[method]
    return Text(f"栅格 {own_m:.3g} 米 → {cell_m:g} 米，{zh}", f"raster {own_m:.3g} m -> {cell_m:g} m, {en}")


def _cell_side_m(raster: Any, raster_crs: CRS, working: CRS) -> float:
    """Side of the file's cells at its centre: the same whatever part of it is asked for."""
    column, row = raster.width / 2, raster.height / 2
    at = _corner(raster.transform, np.array([column, column + 1, column]), np.array([row, row, row + 1]))
    x, y = transform_xy(raster_crs, working, *at)
    sides = np.hypot(x[1:] - x[0], y[1:] - y[0])
    if not (np.isfinite(sides).all() and (sides > 0).all()):
        msg = f"raster: its centre lies outside the area of {working.name}. Check that it is of the same city"
        raise InputError(msg)
    return float(sides.min())


def _places(grid: Grid, side: int, transform: Any, raster_crs: CRS) -> tuple[Floats, Floats]:
    """Column and row in the file of ``side`` x ``side`` places in each cell, cell by cell."""
    parts = (np.arange(side) + 0.5) / side
    x = np.stack([grid.x(p) for p in parts], axis=-1)  # (width, side)
    y = np.stack([grid.y(p) for p in parts], axis=-1)  # (height, side)
    shape = (grid.height, grid.width, side, side)
    xs = np.broadcast_to(x[None, :, None, :], shape).ravel()
    ys = np.broadcast_to(y[:, None, :, None], shape).ravel()
    return _cells(transform, *transform_xy(grid.crs, raster_crs, xs, ys))


def _mean(found: Floats) -> Floats:
    """Mean of each row, of what is known; NaN where less than half of it is."""
    known = np.isfinite(found)
    count = known.sum(axis=1)
    total = np.where(known, found, 0.0).sum(axis=1)
    enough = count >= max(1.0, _LEAST_SHARE * found.shape[1])
    mean: Floats = np.divide(total, count, out=np.full(len(found), np.nan), where=enough)
    return mean


def _sample(
    raster: Any,
    band: int,
    quantity: Quantity,
    u: Floats,
    v: Floats,
    block: int,
    between: bool,
    raster_crs: CRS,
    working: CRS,
) -> Floats:
    """Take values at columns and rows of the file; NaN outside."""
    values = np.full(len(u), np.nan)
    inside = (u >= 0) & (u < raster.width) & (v >= 0) & (v < raster.height)
    if not inside.any():
        return values
    u, v = u[inside], v[inside]
    left, top = (max(int(a.min()) - 1, 0) // block * block for a in (u, v))
    right, bottom = (
        min(-(-(int(a.max()) + 2) // block) * block, n) for a, n in ((u, raster.width), (v, raster.height))
    )
    if quantity == "value":
        cells = _read(raster, band, Window(left, top, right - left, bottom - top))
    else:
        cells = _slope(raster, band, (left, top, right, bottom), raster_crs, working)
        if quantity == "slope_degree":
            cells = np.degrees(np.arctan(cells / 100.0))
    cells = _blocks(cells, block)
    u, v = u / block - left // block, v / block - top // block
    found = cells[np.floor(v).astype(int), np.floor(u).astype(int)]
    if between:
        smooth = _bilinear(cells, u - 0.5, v - 0.5)
        found = np.where(np.isnan(smooth), found, smooth)
    values[inside] = found
    return values


def _blocks(cells: Floats, block: int) -> Floats:
    """Average whole blocks of cells, of what is known."""
    if block == 1:
        return cells
    height, width = (-(-n // block) * block for n in cells.shape)
    padded = np.full((height, width), np.nan)
    padded[: cells.shape[0], : cells.shape[1]] = cells
    shape = (height // block, block, width // block, block)
    rows = padded.reshape(shape).transpose(0, 2, 1, 3).reshape(-1, block * block)
    return _mean(np.ascontiguousarray(rows)).reshape(shape[0], shape[2])


def _slope(raster: Any, band: int, box: tuple[int, int, int, int], raster_crs: CRS, working: CRS) -> Floats:
    """Slope in percent of the cells of a window: rise over run on the ground of the working CRS."""
    left, top, right, bottom = box
    # One cell more on each side; what lies outside the file stays unknown.
    z = np.full((bottom - top + 2, right - left + 2), np.nan)
    l2, t2, r2, b2 = max(left - 1, 0), max(top - 1, 0), min(right + 1, raster.width), min(bottom + 1, raster.height)
    z[t2 - top + 1 : b2 - top + 1, l2 - left + 1 : r2 - left + 1] = _read(
        raster, band, Window(l2, t2, r2 - l2, b2 - t2)
    )
    columns, rows = np.arange(left - 1, right + 1) + 0.5, np.arange(top - 1, bottom + 1) + 0.5
    c, r = np.meshgrid(columns, rows)
    x, y = (
        a.reshape(z.shape) for a in transform_xy(raster_crs, working, *_corner(raster.transform, c.ravel(), r.ravel()))
    )

    def along_columns(a: Floats) -> Floats:
        return (a[:-2, 2:] + 2 * a[1:-1, 2:] + a[2:, 2:] - a[:-2, :-2] - 2 * a[1:-1, :-2] - a[2:, :-2]) / 8

    def along_rows(a: Floats) -> Floats:
        return (a[2:, :-2] + 2 * a[2:, 1:-1] + a[2:, 2:] - a[:-2, :-2] - 2 * a[:-2, 1:-1] - a[:-2, 2:]) / 8

    # A step of one column moves (xc, yc) metres, one of one row (xr, yr): solved for the rise a metre east and north.
    zc, xc, yc = (along_columns(a) for a in (z, x, y))
    zr, xr, yr = (along_rows(a) for a in (z, x, y))
    area = xc * yr - xr * yc
    east, north = (zc * yr - zr * yc) / area, (zr * xc - zc * xr) / area
    slope = 100.0 * np.hypot(east, north)
    return np.where(np.isnan(z[1:-1, 1:-1]), np.nan, slope)


def stops_at_255(path: Path | str, layer: str = "elevation") -> bool:
    """Whether a model of heights holds bytes and its highest is 255 m: all that is higher is flat in it."""
    with _open(path, layer) as raster:
        if raster.dtypes[0] != "uint8":
            return False
        heights = _read(raster, 1, Window(0, 0, raster.width, raster.height))
        return bool((heights >= BYTE_MAX).any())
