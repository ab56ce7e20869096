"""Points that fit the streets better once a shift is undone."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from siting.inputs.datum import wgs84_to_bd09, wgs84_to_gcj02
from siting.inputs.datum_check import FEWEST_POINTS, suspect_gcj02


def shifted(points, shift):
    moved = shapely.transform(points.to_crs(4326).geometry.values, lambda a: np.column_stack(shift(a[:, 0], a[:, 1])))
    return points.set_geometry(gpd.GeoSeries(moved, index=points.index, crs=4326)).to_crs(points.crs)


def grid_town(count=60):
    """Streets every 370 m with points 3 m beside them."""
    x0, y0 = 452000.0, 2455000.0
    lines = [shapely.LineString([(x0 + 370 * k, y0), (x0 + 370 * k, y0 + 3700)]) for k in range(11)]
    lines += [shapely.LineString([(x0, y0 + 370 * k), (x0 + 3700, y0 + 370 * k)]) for k in range(11)]
    rng = np.random.default_rng(3)
    x, y = x0 + 370 * rng.integers(0, 11, count) + 3, y0 + rng.uniform(0, 3700, count)
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=4547), gpd.GeoSeries(lines, crs=4547)


@pytest.mark.parametrize(("shift", "code"), [(wgs84_to_gcj02, "looks_like_gcj02"), (wgs84_to_bd09, "looks_like_bd09")])
def test_row31_shifted_points_are_noticed_and_the_right_ones_are_not(shift, code):
    points, streets = grid_town()
    assert suspect_gcj02(points, streets, "toilets") is None
    finding = suspect_gcj02(shifted(points, shift), streets, "toilets")
    assert (finding.code, finding.kind, finding.count) == (code, "warning", 60)
    assert "3 m once that is undone" in finding.text.en


def test_few_points_or_no_streets_say_nothing():
    points, streets = grid_town(FEWEST_POINTS - 1)
    assert suspect_gcj02(shifted(points, wgs84_to_gcj02), streets, "toilets") is None
    assert suspect_gcj02(grid_town()[0], streets.iloc[:0], "toilets") is None


def test_where_there_is_no_shift_nothing_is_said():
    points, streets = grid_town()
    far = gpd.GeoDataFrame(geometry=np.asarray(points.geometry.values), crs=32722)
    assert suspect_gcj02(far, gpd.GeoSeries(np.asarray(streets.values), crs=32722), "toilets") is None


def test_houses_of_a_regular_grid_of_blocks_are_no_shifted_points():
    """Houses stand 40 m inside their blocks, 600 m wide: many shifts bring some of them nearer to a street."""
    folder = Path(__file__).resolve().parents[2] / "data" / "demo-district"
    streets = gpd.read_file(folder / "streets.geojson").to_crs(4548).geometry
    houses = gpd.read_file(folder / "buildings.geojson").to_crs(4548)
    assert suspect_gcj02(houses, streets, "demand") is None
    waste = gpd.read_file(folder / "waste_points.geojson").to_crs(4548)
    assert suspect_gcj02(shifted(waste, wgs84_to_gcj02), streets, "waste").code == "looks_like_gcj02"


@pytest.mark.parametrize("vertices", [False, True])
def test_row31_macau_waste_sites(shared_data, vertices):
    folder = shared_data / "macau"
    lines = gpd.read_file(folder / "macau_osm_streets.gpkg").to_crs(4547).geometry
    streets = shapely.get_coordinates(lines.values) if vertices else lines
    sites = gpd.read_file(folder / "macau_official.gpkg", layer="waste_sites").to_crs(4547)
    assert suspect_gcj02(sites, streets, "waste") is None
    assert suspect_gcj02(shifted(sites, wgs84_to_gcj02), streets, "waste").code == "looks_like_gcj02"
    assert suspect_gcj02(shifted(sites, wgs84_to_bd09), streets, "waste").code == "looks_like_bd09"
