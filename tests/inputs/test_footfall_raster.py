"""Footfall by cell: the sum is that of the boundary, cells without data are listed, and none is taken for 0."""

import numpy as np
import pytest
import rasterio
import shapely
from pyproj import CRS
from rasterio import Affine

from siting.errors import InputError
from siting.inputs.footfall_raster import read_footfall

UTM = CRS.from_epsg(32650)


def raster(folder, bands, nodata=-1.0, crs="EPSG:32650", cell=100.0):
    values = np.asarray(bands, dtype="float32")
    count, high, wide = values.shape
    path = folder / "footfall.tif"
    place = Affine(cell, 0, 500_000, 0, -cell, 4_000_000 + high * cell)
    with rasterio.open(
        path, "w", driver="GTiff", width=wide, height=high, count=count, dtype="float32", crs=crs, transform=place,
        nodata=nodata,
    ) as file:  # fmt: skip
        file.write(values)
    return path


def test_by_hand(tmp_path):
    """Six cells of 100 m, 40 m of the last column inside: 1 + 2 + 4 + 6 × 0.4; one without data, one at 0."""
    path = raster(tmp_path, [[[1, 2, -1], [4, 0, 6]]])
    found = read_footfall(path, crs=UTM, boundary=shapely.box(500_000, 4_000_000, 500_240, 4_000_200))
    assert found.frame["footfall"].to_dict() == {"r0c0": 1, "r0c1": 2, "r1c0": 4, "r1c2": 2.4}
    assert found.total_milli == 9_400
    assert (found.account.rows_in, found.account.rows_used) == (6, 4)
    dropped = {f.code: (f.count, f.ids) for f in found.account.findings if f.kind == "dropped"}
    assert dropped == {"cells_at_zero": (1, ()), "cells_without_data": (1, ("r0c2",))}
    assert shapely.get_coordinates(found.frame.geometry.array).tolist()[-1] == [500_220, 4_000_050]


@pytest.mark.parametrize("seed", range(4))
def test_sums_are_conserved_and_every_cell_is_used_or_listed(tmp_path, seed):
    rng = np.random.default_rng(seed)
    bands = rng.uniform(0, 50, (2, 7, 9)).round(3)
    bands[:, rng.random((7, 9)) < 0.2] = -1
    bands[0, rng.random((7, 9)) < 0.2] = 0
    bands[0, 3, 3], bands[1, 3, 3] = -9999, -9999  # no data that the header does not declare
    path = raster(tmp_path, bands)
    found = read_footfall(path, crs=UTM, bands=[1, 2])
    total = bands[(bands > -1)].sum()
    assert found.frame["footfall"].sum() == pytest.approx(total, abs=0.002)
    assert found.frame["footfall"].mul(1000).round().astype(int).sum() == found.total_milli
    listed = sum(f.count for f in found.account.findings if f.kind == "dropped")
    assert found.account.rows_in == 63 == found.account.rows_used + listed


def test_another_crs_has_the_same_sum(tmp_path):
    path = raster(tmp_path, [[[5, 7], [11, -1]]], crs="EPSG:4326", cell=0.001)
    path.unlink()
    place = Affine(0.001, 0, 117.0, 0, -0.001, 36.14)
    with rasterio.open(
        path, "w", driver="GTiff", width=2, height=2, count=1, dtype="float32", crs="EPSG:4326", transform=place,
        nodata=-1,
    ) as file:  # fmt: skip
        file.write(np.array([[[5, 7], [11, -1]]], dtype="float32"))
    found = read_footfall(path, crs=UTM)
    assert found.total_milli == 23_000
    assert found.account.rows_in == 4


@pytest.mark.parametrize(
    ("bands", "word"), [([[[1, -5]]], "negative"), ([[[0, 0]]], "no demand"), ([[[1]], [[2]]], "bands")]
)
def test_refusals(tmp_path, bands, word):
    with pytest.raises(InputError, match=word):
        read_footfall(raster(tmp_path, bands), crs=UTM)
