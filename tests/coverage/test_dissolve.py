"""Outlines of groups of cells are, corner by corner, what GEOS makes of the cells."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from siting.coverage.cells import demand_cells
from siting.coverage.dissolve import outlines


@pytest.mark.parametrize("kind", ["scattered", "grid", "line", "one", "two"])
@pytest.mark.parametrize("share", [0.3, 0.6, 1.0])
def test_outline_is_the_union(kind: str, share: float) -> None:
    rng = np.random.default_rng(7)
    n = {"one": 1, "two": 2}.get(kind, 400)
    xy = rng.uniform(0, [60.0 * np.sqrt(n), 150.0 if kind == "line" else 60.0 * np.sqrt(n)], (n, 2))
    if kind == "grid":  # cells meet four to a corner, so outlines touch themselves
        xy = 60.0 * np.stack(np.meshgrid(np.arange(20.0), np.arange(20.0)), axis=-1).reshape(-1, 2)
    cells = demand_cells(gpd.GeoSeries(shapely.points(xy), crs="EPSG:4548"))
    group = np.where(rng.random(len(cells.xy)) < share, rng.integers(0, 3, len(cells.xy)), -1)
    group[0] = 0
    used, code = np.unique(group[group >= 0], return_inverse=True)
    group[group >= 0] = code
    made = outlines(cells.seams, cells.cell, group, len(used))
    for k, shape in enumerate(made):
        assert shape.is_valid
        assert shape.wkb == shapely.normalize(shapely.coverage_union_all(cells.cell[group == k])).wkb


def test_ring_of_cells_keeps_its_hole() -> None:
    xy = 60.0 * np.array([(x, y) for x in range(5) for y in range(5)], dtype=np.float64)
    cells = demand_cells(gpd.GeoSeries(shapely.points(xy), crs="EPSG:4548"))
    inner = (np.abs(cells.xy - 120.0) < 1).all(axis=1)
    (made,) = outlines(cells.seams, cells.cell, np.where(inner, -1, 0), 1)
    assert len(made.interiors) == 1
    assert shapely.Polygon(made.interiors[0]).area == pytest.approx(3600.0)
