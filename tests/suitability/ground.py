"""Small grids and rasters for the tests of suitability."""

from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import Affine

from siting.ledger import Text
from siting.suitability import Factor, Grid, Linear

CRS = "EPSG:32650"


def grid(width: int = 4, height: int = 4, cell_m: float = 10.0) -> Grid:
    """Lower left corner at (500000, 4000000)."""
    x, y = 500_000, 4_000_000
    return Grid.over((x, y, x + width * cell_m, y + height * cell_m), cell_m, CRS)


def factor(name: str, values, scale=None, on: Grid | None = None) -> Factor:
    values = np.asarray(values, dtype=float)
    on = on or grid(values.shape[1], values.shape[0])
    return Factor(name=name, title=Text(name, name), kind="raster", grid=on, values=values, scale=scale or Linear(0, 1))


def write_raster(path: Path, values, cell: float, left: float, top: float, crs: str = CRS, nodata=None) -> Path:
    values = np.asarray(values)
    with rasterio.open(
        path, "w", driver="GTiff", width=values.shape[1], height=values.shape[0], count=1, dtype=values.dtype,
        crs=crs, transform=Affine(cell, 0, left, 0, -cell, top), nodata=nodata,
    ) as file:  # fmt: skip
        file.write(values, 1)
    return path
