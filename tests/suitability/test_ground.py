"""Factors and exclusions on the grid: distances, people, areas, rasters; parts of a grid are the grid."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from ground import CRS, grid, write_raster
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS as PROJ

from siting.errors import InputError
from siting.inputs.coordinates import transform_xy
from siting.inputs.raster_onto_grid import onto_grid
from siting.network import Network
from siting.suitability import (
    Grid,
    Linear,
    access_factor,
    distance_factor,
    exclude_areas,
    exclude_outside,
    exclude_steep,
    people_factor,
)
from siting.suitability.distances import distance_to_shapes

X, Y = 500_000, 4_000_000


def layer(*shapes) -> gpd.GeoDataFrame:
    moved = [shapely.transform(s, lambda xy: xy + np.array([X, Y])) for s in shapes]
    return gpd.GeoDataFrame(geometry=moved, crs=CRS)


def test_grids_of_one_cell_size_share_their_cells():
    small = Grid.over((503, 1207, 561, 1243), 10, CRS)
    large = Grid.over((420, 1111, 700, 1300), 10, CRS)
    assert small.bounds == (500, 1200, 570, 1250)
    assert set(map(tuple, small.centres())) <= set(map(tuple, large.centres()))
    assert small.rows(1, 3).bounds == (500, 1220, 570, 1240)
    row, column = small.cell_of(np.array([500.0, 569.9, 570.0]), np.array([1250.0, 1200.1, 1230.0]))
    assert row.tolist() == [0, 4, -1]
    assert column.tolist() == [0, 6, -1]


def test_a_grid_of_too_many_cells_says_which_cell_fits():
    with pytest.raises(InputError, match="take cell_m of 15 or more"):
        Grid.over((0, 0, 100_000, 100_000), 10, CRS)


#   centres of a row at y = 5:  x = 5  15  25  35;  a wall x = 20..22 from y = 0 to 40, and a point at (5, 35)
def test_distances_are_exact_to_the_centres():
    wall = shapely.box(20, 0, 22, 40)
    made = distance_factor(grid(), layer(wall, shapely.Point(5, 35)), Linear(0, 20), name="wall")
    assert made.values[3].tolist() == [15, 5, 3, 13]
    assert made.values[0].tolist() == [0, 5, 3, 13]
    assert made.score[3].tolist() == [0.75, 0.25, 0.15, 0.65]
    inside = distance_factor(grid(), layer(shapely.box(0, 0, 40, 40)), Linear(0, 1), name="all")
    assert (inside.values == 0).all()


@settings(max_examples=25)
@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=3, max_size=12), st.integers(0, 2))
def test_distances_to_segments_are_those_to_whole_shapes(corners, kind):
    shape = [
        shapely.MultiPoint(corners),
        shapely.LineString(corners),
        shapely.convex_hull(shapely.MultiPoint(corners)),
    ][kind]
    places = np.random.default_rng(5).uniform(-20, 120, (40, 2))
    found = distance_to_shapes(places, np.array([shape], dtype=object))
    np.testing.assert_allclose(found, shapely.distance(shapely.points(places), shape), atol=0.00051)


def test_a_hole_is_outside():
    ring = shapely.Polygon([(0, 0), (40, 0), (40, 40), (0, 40)], [[(10, 10), (30, 10), (30, 30), (10, 30)]])
    made = exclude_areas(grid(), layer(ring), name="ring")
    assert made.mask.tolist() == [[True] * 4, [True, False, False, True], [True, False, False, True], [True] * 4]


def test_a_buffer_takes_what_lies_exactly_at_it():
    made = exclude_areas(grid(), layer(shapely.box(0, 0, 10, 40)), name="river", buffer_m=5)
    assert made.mask[0].tolist() == [True, True, False, False]
    assert made.title.en == "river or within 5 m"
    with pytest.raises(InputError, match="give buffer_m"):
        exclude_areas(grid(), layer(shapely.LineString([(0, 0), (40, 40)])), name="river")


def test_outside_and_steep():
    out = exclude_outside(grid(), layer(shapely.box(0, 0, 20, 40)))
    assert out.mask[0].tolist() == [False, False, True, True]
    steep = exclude_steep(grid(2, 1), np.array([[15.0, 15.1]]), 15, unit=out.title)
    assert steep.mask.tolist() == [[False, True]]


def test_people_by_cell_and_by_disc():
    demand = gpd.GeoDataFrame(
        {"people": [3.0, 1.5]}, geometry=gpd.points_from_xy([X + 5, X + 15], [Y + 35, Y + 35]), crs=CRS
    )
    # A cell of 100 m2 is a hundredth of a hectare.
    by_cell = people_factor(grid(), demand, Linear(0, 300), name="people")
    assert by_cell.values[0].tolist() == [300, 150, 0, 0]
    assert by_cell.values[1:].sum() == 0
    by_disc = people_factor(grid(), demand, Linear(0, 300), name="people", radius_m=10)
    area_ha = np.pi * 100 / 10_000
    np.testing.assert_allclose(by_disc.values[0] * area_ha, [4.5, 4.5, 1.5, 0])
    np.testing.assert_allclose(by_disc.values[1] * area_ha, [3, 1.5, 0, 0])


def test_a_raster_is_averaged_where_the_grid_is_coarser(tmp_path):
    fine = np.arange(64, dtype=np.float32).reshape(8, 8)
    path = write_raster(tmp_path / "fine.tif", fine, 5, X, Y + 40)
    made = onto_grid(path, grid())
    np.testing.assert_allclose(made.values, fine.reshape(4, 2, 4, 2).mean(axis=(1, 3)))
    assert made.method == "average"
    # Seven times as fine: averaged by blocks first, still the mean of all.
    finer = np.random.default_rng(1).integers(0, 99, (320, 320)).astype(np.float32)
    path = write_raster(tmp_path / "finer.tif", finer, 0.125, X, Y + 40)
    np.testing.assert_allclose(onto_grid(path, grid()).values, finer.reshape(4, 80, 4, 80).mean(axis=(1, 3)))


def test_half_a_cell_without_data_is_a_cell_with_data_and_less_is_not(tmp_path):
    values = np.array([[1, 3, -1, -1], [-1, -1, -1, 8]], dtype=np.int16)
    path = write_raster(tmp_path / "holes.tif", values, 5, X, Y + 10, nodata=-1)
    assert onto_grid(path, grid(1, 1)).values.tolist() == [[2.0]]
    np.testing.assert_array_equal(onto_grid(path, grid(2, 1)).values, [[2.0, np.nan]])


def test_a_coarser_raster_is_bilinear_or_nearest(tmp_path):
    path = write_raster(tmp_path / "coarse.tif", np.array([[0, 40]], dtype=np.float32), 40, X - 20, Y + 40)
    assert onto_grid(path, grid()).values[0].tolist() == [5, 15, 25, 35]
    assert onto_grid(path, grid(), method="nearest").values[0].tolist() == [0, 0, 40, 40]


@pytest.mark.parametrize("crs", [CRS, "EPSG:4326"])
def test_a_plane_has_its_slope_everywhere(tmp_path, crs):
    #  30 m up over 100 m east and 40 m up over 100 m north: 50 %, whatever the CRS of the file
    if crs == CRS:
        path, cell, left, top = tmp_path / "metres.tif", 5.0, X - 50, Y + 100
        columns, rows = np.meshgrid(left + (np.arange(40) + 0.5) * cell, top - (np.arange(40) + 0.5) * cell)
    else:
        path, cell = tmp_path / "degrees.tif", 0.00005
        corner = gpd.GeoSeries([shapely.Point(X, Y)], crs=CRS).to_crs(4326).iloc[0]
        left, top = corner.x - 0.001, corner.y + 0.002
        lon, lat = np.meshgrid(left + (np.arange(60) + 0.5) * cell, top - (np.arange(60) + 0.5) * cell)
        columns, rows = (a.reshape(lon.shape) for a in transform_xy(PROJ(4326), PROJ(CRS), lon.ravel(), lat.ravel()))
    heights = 0.3 * (columns - X) + 0.4 * (rows - Y)
    write_raster(path, heights, cell, left, top, crs)
    percent = onto_grid(path, grid(), quantity="slope_percent").values
    np.testing.assert_allclose(percent, 50, atol=1e-4)
    degrees = onto_grid(path, grid(), quantity="slope_degree").values
    np.testing.assert_allclose(degrees, np.degrees(np.arctan(0.5)), atol=1e-4)


def test_parts_and_shifted_extents_have_the_same_cells(shared_data):
    path = shared_data / "porto-alegre" / "poa_elevation.tif"
    whole = Grid.over((478_000, 6_673_000, 481_000, 6_675_000), 50, "EPSG:32722")
    shifted = Grid.over((478_730, 6_673_420, 480_100, 6_674_640), 50, "EPSG:32722")
    for quantity in ("value", "slope_percent"):
        found = onto_grid(path, whole, quantity=quantity).values
        assert np.isfinite(found).all()
        part = onto_grid(path, whole.rows(7, 19), quantity=quantity).values
        assert np.array_equal(part, found[7:19])
        down, right = whole.row0 - shifted.row0, shifted.column0 - whole.column0
        other = onto_grid(path, shifted, quantity=quantity).values
        assert np.array_equal(other, found[down : down + shifted.height, right : right + shifted.width])


def test_real_slopes_are_those_of_the_place(shared_data):
    hong_kong = Grid.over((832_000, 814_000, 838_000, 818_000), 70, "EPSG:2326")
    slope = onto_grid(shared_data / "hong-kong" / "hk_dtm_70m.tif", hong_kong, quantity="slope_degree").values
    # Victoria Peak and the harbour: flat water and slopes of over 30 degrees.
    assert np.nanmin(slope) == 0
    assert 30 < np.nanmax(slope) < 60


def test_a_raster_of_another_place_is_refused(shared_data):
    with pytest.raises(InputError, match="no data over the study area"):
        onto_grid(shared_data / "hong-kong" / "hk_dtm_70m.tif", Grid.over((0, 0, 100, 100), 10, "EPSG:2326"))


@pytest.mark.parametrize("quantity", ["value", "slope_degree"])
def test_a_raster_read_in_strips_is_the_raster_read_at_once(shared_data, monkeypatch, quantity):
    on = Grid.over((478_000, 6_673_000, 481_000, 6_675_000), 100, "EPSG:32722")
    path = shared_data / "porto-alegre" / "poa_elevation.tif"
    whole = onto_grid(path, on, quantity=quantity).values
    monkeypatch.setattr("siting.inputs.raster_onto_grid._PLACES_AT_ONCE", 5_000)
    assert np.array_equal(onto_grid(path, on, quantity=quantity).values, whole)


def test_vector_factors_of_a_part_are_those_of_the_whole():
    on = grid(12, 9)
    rng = np.random.default_rng(2)
    shapes = layer(*shapely.buffer(shapely.points(rng.uniform(0, 100, (6, 2))), [3, 0.5, 9, 1, 2, 4]))
    demand = gpd.GeoDataFrame(
        {"people": rng.uniform(0, 9, 40)},
        geometry=shapely.points(rng.uniform(0, 120, (40, 2)) + np.array([X, Y])),
        crs=CRS,
    )
    part = on.rows(3, 7)
    for make in (
        lambda g: distance_factor(g, shapes, Linear(0, 50), name="a").values,
        lambda g: people_factor(g, demand, Linear(0, 50), name="a", radius_m=25).values,
        lambda g: people_factor(g, demand, Linear(0, 50), name="a").values,
        lambda g: exclude_areas(g, shapes, name="a").mask,
        lambda g: exclude_areas(g, shapes, name="a", buffer_m=7).mask,
    ):
        assert np.array_equal(make(part), make(on)[3:7])


def test_places_without_a_path_are_unreachable_and_score_worst():
    #  two streets that do not meet, a school on the first:  o----o----S      o----o
    lines = gpd.GeoDataFrame(
        geometry=[shapely.LineString([(X + a, Y + 5), (X + b, Y + 5)]) for a, b in ((0, 100), (200, 260))], crs=CRS
    )
    network = Network.from_lines(lines, min_component_share=0)
    school = gpd.GeoDataFrame({"class": ["school"]}, geometry=[shapely.Point(X + 95, Y + 5)], crs=CRS, index=["s"])
    on = grid(27, 1)
    made = access_factor(on, network, school, Linear(100, 0), name="school", max_snap_m=40)
    assert made.values[0, :4].tolist() == [90, 80, 70, 60]
    assert np.isinf(made.values[0, 20:]).all()
    assert made.score[0, 20:].tolist() == [0] * 7
    assert made.unreachable == int(np.isinf(made.values).sum()) >= 7
    west = on.centres()[:, 0].reshape(1, 27) < X + 50
    half = access_factor(on, network, school, Linear(100, 0), name="school", inside=west)
    assert np.isnan(half.values[0, 5:]).all()
    assert half.values[0, :4].tolist() == [90, 80, 70, 60]
