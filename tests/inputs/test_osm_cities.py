"""The reader on real cities: figures that can be explained, no snapshots."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from siting.inputs.osm import OsmData, read_osm, read_streets
from siting.inputs.streets import Streets


def street_km(streets: Streets, crs: str) -> "pd.Series[float]":
    """Length of every row in km."""
    points = gpd.points_from_xy(streets.lon, streets.lat, crs=4326).to_crs(crs)
    x, y = points.x[streets.way_node], points.y[streets.way_node]
    step = np.hypot(np.diff(x), np.diff(y))
    row = np.repeat(np.arange(len(streets)), np.diff(streets.way_ptr))
    same = row[1:] == row[:-1]
    return pd.Series(np.bincount(row[1:][same], step[same], minlength=len(streets)) / 1000)


@pytest.fixture(scope="module")
def macau(shared_data) -> OsmData:
    return read_osm(shared_data / "macau" / "macau_20260220.osm.pbf")


def dropped(data: OsmData, layer: str, code: str) -> int:
    account = next(a for a in data.accounts if a.layer == layer)
    return sum(f.count for f in account.findings if f.code == code)


def test_macau_walking_ways_are_those_of_an_independent_filter(macau, shared_data):
    edges = gpd.read_file(shared_data / "macau" / "macau_osm_streets.gpkg", layer="walk_edges", columns=["osm_way"])
    theirs = set("way/" + edges["osm_way"].astype("int64").astype(str))
    tags = macau.streets.tags
    mine = set(tags["way_id"])
    # They leave squares out; access=permit, which they let in, is closed here.
    squares = set(tags.loc[tags["area"], "way_id"])
    assert len(mine & theirs) > 11_500
    assert len(mine - theirs - squares) <= 5
    assert len(theirs - mine) <= 25
    km = street_km(macau.streets, "EPSG:32649")
    assert km[~tags["area"].to_numpy()].sum() == pytest.approx(edges_km(shared_data), rel=0.005)


def edges_km(shared_data) -> float:
    edges = gpd.read_file(shared_data / "macau" / "macau_osm_streets.gpkg", layer="walk_edges", columns=["length_m"])
    return float(edges["length_m"].sum()) / 1000


def test_macau_facilities_add_up_to_an_independent_count(macau, shared_data):
    count = macau.facilities["class"].value_counts()
    raw = pd.read_csv(shared_data / "macau" / "facilities.csv")["category"].value_counts()
    toilets = count["public_toilet"] + count.get("restricted_toilet", 0)
    drawn_twice = sum(
        f.count
        for a in macau.accounts
        if a.layer == "facilities"
        for f in a.findings
        if f.code == "duplicate_of_polygon"
    )
    assert raw["public toilet"] - drawn_twice <= toilets <= raw["public toilet"]
    for klass, category in {
        "pharmacy": "pharmacy", "convenience_store": "convenience", "supermarket": "supermarket", "library": "library",
        "market": "market", "fire_station": "fire station", "police_station": "police", "playground": "playground",
    }.items():  # fmt: skip
        assert count[klass] == raw[category], klass


def test_macau_buildings_and_parks(macau, shared_data):
    path = shared_data / "macau" / "macau_osm_layers.gpkg"
    theirs = gpd.read_file(path, layer="buildings")
    ids = set(theirs["osm_type"] + "/" + theirs["osm_id"].astype(str))
    assert len(ids - set(macau.buildings.index)) <= 1
    assert len(set(macau.buildings.index) - ids) <= 10  # theirs leave out a few beyond the border
    assert macau.buildings["levels"].notna().sum() == pytest.approx(623, abs=5)
    green = gpd.read_file(path, layer="green_areas")
    public = green[green["public_green"].astype(bool)]
    parks = macau.green[macau.green["is_park"]]
    assert set(parks.index) <= set(public["osm_type"] + "/" + public["osm_id"].astype(str))
    # Theirs also count unnamed gardens; and outer ways of relations twice, which adds no ground.
    ours_m2, theirs_m2 = (f.to_crs(32649).union_all().area for f in (parks, public))
    gardens_m2 = macau.green[macau.green["kind"] == "garden"].to_crs(32649).area.sum()
    assert theirs_m2 - gardens_m2 <= ours_m2 <= theirs_m2
    assert macau.timestamp == "2026-02-20T21:20:45Z"


def test_homes_follow_the_reasons(macau):
    rows = macau.buildings
    assert set(rows.loc[rows["residential"], "residential_reason"]) <= {"tagged", "stated", "assumed"}
    assert (rows.loc[rows["residential_reason"] == "assumed", "building"] == "yes").all()
    rule = next(f for a in macau.accounts if a.layer == "buildings" for f in a.findings if f.code == "housing_rule")
    assert rule.count == len(rows)


@pytest.mark.parametrize("city", ["macau/macau_20260220", "las-palmas/las_palmas_20230221", "porto-alegre/poa_osm"])
def test_every_layer_is_whole(shared_data, city):
    data = read_osm(shared_data / f"{city}.osm.pbf", modes=("walk", "drive"))
    for frame in (data.buildings, data.green, data.land, data.water, data.grounds):
        assert frame.index.is_unique
        assert frame.is_valid.all()
        assert frame.geom_type.isin(["Polygon", "MultiPolygon"]).all()
        assert (shapely.area(frame.geometry) > 0).all()
    assert data.entrances.index.is_unique
    assert not data.facilities.reset_index().duplicated(["id", "class"]).any()
    assert data.facilities.is_valid.all()
    west, south, east, north = data.bounds
    assert west < data.streets.lon.mean() < east
    assert south < data.streets.lat.mean() < north
    tags = data.streets.tags
    assert (tags["walk"] | tags["drive_forward"] | tags["drive_backward"]).all()
    walk = read_streets(shared_data / f"{city}.osm.pbf")
    assert walk.tags["way_id"].tolist() == tags.loc[tags["walk"], "way_id"].tolist()
    assert np.array_equal(walk.node_id, data.streets.select(tags["walk"].to_numpy()).node_id)


def test_las_palmas_is_cut_at_its_edge_and_says_so(shared_data):
    streets = read_streets(shared_data / "las-palmas" / "las_palmas_20230221.osm.pbf")
    cut = next(f for f in streets.account.findings if f.code == "way_cut")
    gone = next(f for f in streets.account.findings if f.code == "no_usable_piece")
    assert cut.count > gone.count > 0
    pieces = streets.tags["way_id"].value_counts()
    assert streets.account.rows_used == len(pieces)
    assert streets.tags.loc[streets.tags["piece"] > 0, "way_id"].isin(pieces.index[pieces > 1]).all()
