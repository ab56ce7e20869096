"""Green areas from made rasters: windows, corners, rotation, projection, no data."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from pyproj import CRS
from rasterio.transform import Affine

from siting.errors import CRSError, FileFormatError, InputError, SchemaError
from siting.inputs.green_raster import green_areas

UTM = CRS("EPSG:32650")


def write(path, values, *, crs="EPSG:32650", transform=None, nodata=None, **more):
    values = np.asarray(values)
    transform = transform or Affine(10, 0, 500_000, 0, -10, 4_400_000)
    with rasterio.open(path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1,
                       dtype=values.dtype, crs=crs, transform=transform, nodata=nodata, **more) as out:  # fmt: skip
        out.write(values, 1)
    return path


def as_cells(values):
    """One polygon a green cell, for comparison."""
    row, column = np.nonzero(values)
    x, y = 500_000 + 10 * column, 4_400_000 - 10 * row
    return shapely.union_all(shapely.box(x, y - 10, x + 10, y))


def test_two_areas_and_a_corner(tmp_path):
    #   # # .      the two on top are one area of 200 m2,
    #   . . #      the one below meets them at a corner only
    path = write(tmp_path / "a.tif", np.array([[0.5, 0.3, 0.1], [0.2, 0.29, 0.8]], dtype="float32"))
    found = green_areas(path, crs=UTM, threshold=0.25)
    assert sorted(found.frame["area_m2"]) == [400.0]  # 0.29 joins them
    found = green_areas(path, crs=UTM, threshold=np.float32(0.3).item())  # exactly the threshold is green
    assert found.frame["area_m2"].tolist() == [200.0, 100.0]
    assert found.frame.index.tolist() == ["v1", "v2"]
    assert found.frame.total_bounds.tolist() == [500_000, 4_399_980, 500_030, 4_400_000]
    assert found.account.findings[0].count == 3
    assert len(found.account.sha256) == 64


@pytest.mark.parametrize("window_cells", [16, 32, 64, 1024])
def test_windows_do_not_show(tmp_path, window_cells):
    rng = np.random.default_rng(2)
    # Noise, a long strip and a ring across all borders, and a checkerboard in one corner.
    values = (rng.random((100, 130)) < 0.5).astype("uint8")
    values[40:43, :] = 1
    values[20:80, 20:24] = values[20:80, 90:94] = values[20:24, 20:94] = values[76:80, 20:94] = 1
    values[60:, 100:] = np.indices((40, 30)).sum(axis=0) % 2
    path = write(tmp_path / "a.tif", values, tiled=True, blockxsize=16, blockysize=16)
    found = green_areas(path, crs=UTM, classes=[1], window_cells=window_cells)
    once = green_areas(path, crs=UTM, classes=[1], window_cells=4096)
    assert sorted(found.frame["area_m2"]) == sorted(once.frame["area_m2"])
    assert found.frame["area_m2"].sum() == 100 * values.sum()
    assert shapely.symmetric_difference(found.frame.union_all(), as_cells(values)).area < 1e-6
    assert found.frame.is_valid.all()
    # As many areas as a flood over sides finds.
    from scipy.ndimage import label

    assert len(found.frame) == label(values)[1]


def test_a_checkerboard_stays_in_squares(tmp_path):
    values = (np.indices((40, 40)).sum(axis=0) % 2).astype("uint8")
    path = write(tmp_path / "a.tif", values, tiled=True, blockxsize=16, blockysize=16)
    found = green_areas(path, crs=UTM, classes=[1], window_cells=16)
    assert found.frame["area_m2"].tolist() == [100.0] * 800


def test_no_data_is_not_green(tmp_path):
    values = np.array([[0.9, -9999.0, np.nan], [0.9, 0.9, 0.1]], dtype="float32")
    found = green_areas(write(tmp_path / "a.tif", values, nodata=-9999.0), crs=UTM, threshold=0.3)
    assert found.frame["area_m2"].tolist() == [300.0]
    assert {f.code: f.count for f in found.account.findings}["cells_without_data"] == 2
    # A value that is no data and above the threshold as well.
    high = write(tmp_path / "b.tif", np.array([[255, 50]], dtype="uint8"), nodata=255)
    assert green_areas(high, crs=UTM, threshold=40).frame["area_m2"].tolist() == [100.0]


def test_a_rotated_grid_and_another_crs(tmp_path):
    cos, sin = np.cos(np.pi / 6), np.sin(np.pi / 6)
    turned = Affine(10 * cos, 10 * sin, 500_000, 10 * sin, -10 * cos, 4_400_000)
    values = np.zeros((30, 30), dtype="uint8")
    values[5:25, 5:25] = 1
    found = green_areas(write(tmp_path / "a.tif", values, transform=turned), crs=UTM, classes=[1], window_cells=16)
    assert found.frame["area_m2"].tolist() == [40_000.0]
    corner = 500_000 + 50 * cos + 50 * sin, 4_400_000 + 50 * sin - 50 * cos
    assert found.frame.geometry.iloc[0].boundary.distance(shapely.Point(corner)) < 1e-6
    degrees = Affine(0.0001, 0, 117.0, 0, -0.0001, 39.7)
    path = write(tmp_path / "b.tif", values, crs="EPSG:4326", transform=degrees)
    moved = green_areas(path, crs=UTM, classes=[1]).frame
    box = gpd.GeoSeries([shapely.segmentize(shapely.box(117.0005, 39.6975, 117.0025, 39.6995), 1e-4)], crs=4326)
    # Edges of 20 cells are drawn straight: under a millimetre.
    assert moved.geometry.iloc[0].symmetric_difference(box.to_crs(UTM).iloc[0]).area < 0.2


def test_small_areas_and_areas_outside_are_counted(tmp_path):
    values = np.zeros((10, 40), dtype="uint8")
    values[1:4, 1:4] = values[6, 6] = values[1:4, 30:33] = 1
    path = write(tmp_path / "a.tif", values)
    near = shapely.box(500_000, 4_399_900, 500_200, 4_400_000)
    found = green_areas(path, crs=UTM, classes=[1], min_area_m2=200, boundary=near)
    assert found.frame["area_m2"].tolist() == [900.0]
    assert (found.account.rows_in, found.account.rows_used) == (2, 1)  # the far one lies in no cell that is read
    with pytest.raises(InputError, match="does not meet"):
        green_areas(path, crs=UTM, classes=[1], boundary=shapely.box(0, 0, 10, 10))


def test_scale_and_offset_of_the_file_apply(tmp_path):
    path = write(tmp_path / "a.tif", np.array([[2500, 3500]], dtype="int16"))
    with pytest.raises(SchemaError, match="times 10,000 needs 3000"):
        green_areas(path, crs=UTM, threshold=0.3)
    assert len(green_areas(path, crs=UTM, threshold=3000).frame) == 1
    with rasterio.open(path, "r+") as raster:
        raster.scales = (0.0001,)
    assert green_areas(path, crs=UTM, threshold=0.3).frame["area_m2"].tolist() == [100.0]


def test_nothing_green(tmp_path):
    found = green_areas(write(tmp_path / "a.tif", np.zeros((4, 4), dtype="uint8")), crs=UTM, classes=[1])
    assert (len(found.frame), found.frame.crs) == (0, UTM)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({}, InputError),
        ({"threshold": 1.0, "classes": [1]}, InputError),
        ({"threshold": float("nan")}, InputError),
        ({"classes": [1], "band": 2}, SchemaError),
        ({"classes": [1], "min_area_m2": -1}, InputError),
        ({"classes": [1], "crs": CRS("EPSG:4326")}, CRSError),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path, change, error):
    path = write(tmp_path / "a.tif", np.zeros((4, 4), dtype="uint8"))
    with pytest.raises(error):
        green_areas(path, **{"crs": UTM, **change})


def test_files_that_are_no_rasters(tmp_path):
    (tmp_path / "x.tif").write_bytes(b"not a raster")
    with pytest.raises(FileFormatError):
        green_areas(tmp_path / "x.tif", crs=UTM, classes=[1])
    bare = tmp_path / "bare.tif"
    write(bare, np.zeros((4, 4), dtype="uint8"), crs=None)
    with pytest.raises(CRSError):
        green_areas(bare, crs=UTM, classes=[1])
