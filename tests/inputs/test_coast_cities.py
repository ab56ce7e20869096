"""The sea of real cities: what is known of the places, and how little of what is built lies in it."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from siting.inputs.osm import read_osm


def findings(data):
    account = next(a for a in data.accounts if a.layer == "coast")
    return {f.code: (f.count, f.ids) for f in account.findings}


def rows(data):
    account = next(a for a in data.accounts if a.layer == "coast")
    return account.rows_in, account.rows_used


def wet_share(data):
    sea = data.water.loc[data.water["kind"] == "sea", "geometry"].to_numpy()
    middle = shapely.point_on_surface(data.buildings.geometry.to_numpy())
    return len(np.unique(shapely.STRtree(middle).query(sea, predicate="contains")[1])) / len(data.buildings)


def wet_street_share(data):
    """Length of streets on the ground in the sea, by all of them (in degrees, which is near enough for a share)."""
    streets = data.streets
    xy = np.column_stack((streets.lon, streets.lat))[streets.way_node]
    lines = shapely.linestrings(xy, indices=np.repeat(np.arange(len(streets)), np.diff(streets.way_ptr)))
    ground = lines[~(streets.tags["bridge"] | streets.tags["tunnel"]).to_numpy()]
    sea = data.water.loc[data.water["kind"] == "sea", "geometry"].to_numpy()
    line, face = shapely.STRtree(sea).query(ground, predicate="intersects")
    return shapely.length(shapely.intersection(ground[line], sea[face])).sum() / shapely.length(ground).sum()


def sea_km2(data, crs):
    return float(data.water[data.water["kind"] == "sea"].to_crs(crs).area.sum()) / 1e6


@pytest.fixture(scope="module")
def macau(shared_data):
    return read_osm(shared_data / "macau" / "macau_20260220.osm.pbf")


def at(data, *lonlat):
    sea = shapely.union_all(data.water.loc[data.water["kind"] == "sea", "geometry"].to_numpy())
    return shapely.contains(sea, shapely.points(lonlat)).tolist()


def test_macau_lies_in_the_sea_but_not_under_it(macau):
    # A ferry terminal on piles and a houseboat.
    assert findings(macau)["building_in_sea"] == (2, ("way/709236761", "way/1072263417"))
    assert wet_share(macau) < 0.0005
    assert wet_street_share(macau) < 0.003  # piers and the terraces of the Fisherman's Wharf
    assert 95 < sea_km2(macau, 32649) < 115
    assert rows(macau) == (39, 39)
    # Under the bridge to Taipa, off Coloane, in the inner harbour.
    assert at(macau, (113.5475, 22.1750), (113.62, 22.12), (113.5330, 22.1960)) == [True] * 3
    # Senado square, the runway, Coloane, the university's island, and Hengqin, whose shore the extract lacks.
    land = [(113.5399, 22.1936), (113.5918, 22.1496), (113.565, 22.123), (113.5445, 22.130), (113.532, 22.10)]
    assert at(macau, *land) == [False] * 5
    assert findings(macau)["coast_open"] == (1, ("way/140231428",))


def test_macau_lakes_and_reservoirs_are_no_sea(macau, shared_data):
    inland = gpd.read_file(shared_data / "macau" / "macau_osm_layers.gpkg", layer="water")
    ids = set(inland["osm_type"] + "/" + inland["osm_id"].astype(str))
    other = macau.water[macau.water["kind"] != "sea"]
    assert ids <= set(other.index)
    assert len(other) - len(ids) <= 4  # theirs leave out a few beyond the border
    sea = shapely.union_all(macau.water.loc[macau.water["kind"] == "sea", "geometry"].to_numpy())
    shared = shapely.area(shapely.intersection(inland.geometry.to_numpy(), sea))
    assert shared.sum() < 1e-9 * sea.area


def test_las_palmas_between_two_seas(shared_data):
    data = read_osm(shared_data / "las-palmas" / "las_palmas_20230221.osm.pbf")
    assert wet_share(data) == 0
    assert wet_street_share(data) < 0.0005
    assert 100 < sea_km2(data, 32628) < 120
    assert rows(data) == (34, 34)
    assert findings(data)["coast_open"][0] == 2  # the extract follows the border of the municipality
    # Off Las Canteras, in the harbour, off Vegueta; on La Isleta, the isthmus, the cathedral, and inland.
    assert at(data, (-15.445, 28.145), (-15.4056, 28.137), (-15.405, 28.10)) == [True] * 3
    assert at(data, (-15.42, 28.165), (-15.431, 28.137), (-15.4146, 28.1009), (-15.50, 28.05)) == [False] * 4


def test_helsinki_has_its_bay_and_the_quays_of_the_market(repository):
    data = read_osm(repository / "data" / "helsinki-centre" / "helsinki-centre.osm.pbf")
    # The bay in the north, and by the edge a basin of some 25 by 75 m and a strip of 10 by 90 m.
    assert sea_m2(data, 3067) == pytest.approx([100_000, 1_900, 900], rel=0.1)
    # Two ships and the club house of a boat club on its jetty.
    assert findings(data)["building_in_sea"] == (3, ("way/17028575", "way/24936253", "way/51327608"))
    assert findings(data)["coast_extended"][0] == 8
    assert "coast_open" not in findings(data)
    assert at(data, (24.9477, 60.1766), (24.9455, 60.1695)) == [True, False]


def sea_m2(data, crs):
    return sorted(data.water[data.water["kind"] == "sea"].to_crs(crs).area, reverse=True)
