"""Population and elevation grids on small rasters that can be counted by hand, and on Wuhan."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from pyproj import CRS
from rasterio import Affine

from siting.errors import CRSError, FileFormatError, InputError, SchemaError
from siting.inputs.rasters import read_population, sample

GK = CRS.from_epsg(4547)

#   x 500000 .. 500300, y 2500200 .. 2500000, cells of 100 m
#   +-----+-----+-----+
#   |  10 |  20 |   0 |
#   +-----+-----+-----+
#   |  30 | none|  40 |
#   +-----+-----+-----+
CELLS = np.array([[10.0, 20.0, 0.0], [30.0, -9999.0, 40.0]])


def write(path, data=CELLS, *, nodata=-9999.0, transform=None, crs="EPSG:4547", descriptions=(), **options):
    bands = np.atleast_3d(data) if data.ndim == 2 else data
    bands = data[None] if data.ndim == 2 else bands
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=bands.shape[1],
        width=bands.shape[2],
        count=bands.shape[0],
        dtype="float64",
        crs=crs,
        nodata=nodata,
        transform=transform or Affine(100, 0, 500000, 0, -100, 2500200),
        **options,
    ) as raster:
        raster.write(bands)
        for k, name in enumerate(descriptions):
            raster.set_band_description(k + 1, name)
    return path


def box(x0, y0, x1, y1):
    return shapely.box(500000 + x0, 2500000 + y0, 500000 + x1, 2500000 + y1)


def test_whole_raster(tmp_path):
    grid = read_population(write(tmp_path / "p.tif"), crs=GK)
    assert grid.people_milli == 100_000
    assert grid.frame["people"].to_dict() == {"r0c0": 10.0, "r0c1": 20.0, "r1c0": 30.0, "r1c2": 40.0}
    assert grid.frame.geometry["r1c2"].equals(shapely.Point(500250, 2500050))
    assert (grid.account.rows_in, grid.account.rows_used) == (5, 4)
    assert len(grid.account.sha256) == 64


def test_cells_on_the_boundary_count_by_their_share(tmp_path):
    # The box takes half of each left cell and a quarter of the upper middle one: 5 + 15 + 5 = 25.
    grid = read_population(
        write(tmp_path / "p.tif"), crs=GK, boundary=shapely.union_all([box(50, 0, 100, 200), box(100, 150, 150, 200)])
    )
    assert grid.people_milli == 25_000
    assert grid.frame["people"].to_dict() == {"r0c0": 5.0, "r0c1": 5.0, "r1c0": 15.0}
    inside = shapely.union_all([box(50, 0, 100, 200), box(100, 150, 150, 200)])
    assert shapely.intersects(inside, grid.frame.geometry.values).all()


def test_cell_of_finds_the_cell(tmp_path):
    grid = read_population(write(tmp_path / "p.tif"), crs=GK)
    x = np.array([500050.0, 500299.0, 500150.0, 499999.0, 500150.0])
    y = np.array([2500150.0, 2500001.0, 2500050.0, 2500050.0, 2500150.0])
    assert grid.cell_of(x, y, GK).tolist() == [0, 3, -1, -1, 1]


def test_bands_are_added_and_groups_kept(tmp_path):
    data = np.stack([CELLS, CELLS * 2, CELLS * 4])
    data[data < 0] = -9999
    path = write(tmp_path / "p.tif", data, descriptions=("child", "adult", "old"))
    with pytest.raises(SchemaError, match=r"3 bands \(1 child, 2 adult, 3 old\). Say which"):
        read_population(path, crs=GK)
    with pytest.raises(SchemaError, match="no band 4"):
        read_population(path, crs=GK, bands=[1, 4])
    grid = read_population(path, crs=GK, bands=[1, 2, 3], group_bands={"elderly": [3]})
    assert grid.people_milli == 700_000
    assert grid.frame["group_elderly"].tolist() == [40.0, 80.0, 120.0, 160.0]


def test_people_are_whole_thousandths_and_add_up(tmp_path):
    grid = read_population(write(tmp_path / "p.tif", np.full((3, 3), 1 / 3)), crs=GK)
    milli = grid.frame["people"].to_numpy() * 1000
    assert (milli == np.rint(milli)).all()
    assert milli.sum() == grid.people_milli == 3000


@pytest.mark.parametrize("value", [-9999.0, -3.4e38, -32768.0])
def test_row76_undeclared_nodata_is_taken_as_such_with_a_warning(tmp_path, value):
    data = np.where(CELLS < 0, value, CELLS)
    grid = read_population(write(tmp_path / "p.tif", data, nodata=None), crs=GK)
    assert grid.people_milli == 100_000
    assert [(f.code, f.count) for f in grid.account.warnings] == [("undeclared_nodata", 1)]


def test_row76_nan_is_no_data(tmp_path):
    data = np.where(CELLS < 0, np.nan, CELLS)
    assert read_population(write(tmp_path / "p.tif", data, nodata=None), crs=GK).people_milli == 100_000


@pytest.mark.parametrize("value", [-5.0, np.inf])
def test_row41_and_42_negative_or_infinite_people_are_refused(tmp_path, value):
    with pytest.raises(SchemaError, match=r"1 negative or infinite cells \(row 1 column 1: "):
        read_population(write(tmp_path / "p.tif", np.where(CELLS < 0, value, CELLS)), crs=GK)


def test_row77_rotated_or_upside_down_grids_are_refused(tmp_path):
    turned = Affine(98, 17, 500000, 17, -98, 2500200)
    with pytest.raises(CRSError, match="rotated or has south up"):
        read_population(write(tmp_path / "a.tif", transform=turned), crs=GK)
    upside = Affine(100, 0, 500000, 0, 100, 2500000)
    with pytest.raises(CRSError, match="rotated or has south up"):
        read_population(write(tmp_path / "b.tif", transform=upside), crs=GK)


def test_row24_raster_without_crs_is_refused(tmp_path):
    with pytest.raises(CRSError, match="has no coordinate reference system"):
        read_population(write(tmp_path / "p.tif", crs=None), crs=GK)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.97])
def test_row72_truncated_files_are_refused(tmp_path, share):
    path = write(tmp_path / "p.tif", np.random.default_rng(1).random((200, 200)))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(FileFormatError):
        read_population(path, crs=GK)


def test_row69_other_files_are_refused(tmp_path):
    (tmp_path / "p.tif").write_text("<VRTDataset/>")
    with pytest.raises(FileFormatError, match="is not a GeoTIFF"):
        read_population(tmp_path / "p.tif", crs=GK)


def test_row44_and_73_nobody_is_refused(tmp_path):
    with pytest.raises(InputError, match="no demand"):
        read_population(write(tmp_path / "p.tif", np.zeros((3, 3))), crs=GK)


def test_row23_raster_elsewhere_is_refused(tmp_path):
    with pytest.raises(InputError, match="no data inside the study boundary"):
        read_population(write(tmp_path / "p.tif"), crs=GK, boundary=box(5000, 0, 5100, 100))


def test_sample_nearest_and_bilinear(tmp_path):
    path = write(tmp_path / "dem.tif", np.array([[0.0, 100.0], [200.0, 300.0]]))
    at = gpd.GeoSeries.from_xy(
        [500050, 500100, 500100, 500001, 400000], [2500150, 2500150, 2500100, 2500199, 2500000], crs=GK
    )
    assert sample(path, at, method="nearest")[:2].tolist() == [0.0, 100.0]
    # On a cell centre; between two; between four; beyond the outer centres the rim's value; outside nothing.
    assert sample(path, at)[:4].tolist() == [0.0, 50.0, 150.0, 0.0]
    assert np.isnan(sample(path, at)[4])


def test_sample_falls_back_to_the_nearest_beside_nodata(tmp_path):
    path = write(tmp_path / "dem.tif", np.array([[5.0, -9999.0]]))
    at = gpd.GeoSeries.from_xy([500090, 500110], [2500150, 2500150], crs=GK)
    found = sample(path, at)
    assert found[0] == 5.0
    assert np.isnan(found[1])


def test_wuhan_total_is_that_of_the_source(shared_data):
    folder = shared_data / "wuhan"
    boundary = gpd.read_file(folder / "wuhan_boundary.gpkg").to_crs(GK).geometry.union_all()
    whole = read_population(folder / "wuhan_pop_age60plus_100m.tif", crs=GK)
    assert round(whole.people_milli / 1000) == 1_942_654  # as its notes state
    inside = read_population(folder / "wuhan_pop_age60plus_100m.tif", crs=GK, boundary=boundary)
    assert inside.frame["people"].sum() == pytest.approx(inside.people_milli / 1000, abs=1e-6)
    assert 0.999 < inside.people_milli / whole.people_milli < 1
