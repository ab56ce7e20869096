"""Real layers of toilets: the published counts come out, and duplicates that the data names are left out."""

import json

import geopandas as gpd
import pandas as pd
import pytest
from shapely import point_on_surface

from siting.themes import City
from siting.themes.toilets import Columns, audit_toilets
from siting.themes.toilets.records import read_records


def points(table, lon, lat, crs, **columns):
    places = gpd.points_from_xy(table[lon], table[lat], crs=4326)
    return gpd.GeoDataFrame(table.assign(**columns), geometry=places).to_crs(crs)


@pytest.fixture(scope="module")
def taipei(shared_data):
    """The toilets of Taipei by district; nobody knows people here, so villages are the units."""
    folder, crs = shared_data / "taipei", 3826
    villages = gpd.read_file(folder / "taipei_villages.gpkg").set_index("TVNAME").to_crs(crs)
    districts = gpd.read_file(folder / "taipei_districts.gpkg").set_index("TNAME", drop=False).to_crs(crs)
    table = pd.read_csv(folder / "public_toilets.csv", index_col="id")
    demand = gpd.GeoDataFrame({"units": 1}, geometry=point_on_surface(villages.geometry), crs=crs, index=villages.index)
    toilets = points(table, "longitude", "latitude", crs, **{"class": "public_toilet"})
    city = City.of(None, demand, toilets, zones={"district": districts.rename(columns={"TNAME": "name"})})
    columns = Columns(stalls="totalSeats", accessible="accessibleToiletSeats", place_type="category")
    return audit_toilets(city, columns=columns), table


def test_every_row_of_taipei_is_a_toilet_or_listed(taipei):
    audit, table = taipei
    records = audit.records
    dropped = records.listed[~records.listed["used"]]
    assert records.rows_in == len(table) == 1549
    assert len(records.toilets) + len(dropped) == 1549
    # What is left out repeats another row word by word, at the same place.
    words = ["name", "totalSeats", "category", "accessibleToiletSeats"]
    mine, other = table.loc[dropped["toilet"]], table.loc[dropped["value"]]
    assert mine[words].to_numpy().tolist() == other[words].to_numpy().tolist()
    apart = mine[["longitude", "latitude"]].to_numpy() - other[["longitude", "latitude"]].to_numpy()
    assert abs(apart).max() < 1e-5
    assert table["totalSeats"].sum() == 7154


def test_districts_of_taipei_reproduce_the_published_counts(taipei, shared_data):
    audit, table = taipei
    published = json.loads((shared_data / "taipei" / "toilet_counts_by_district.json").read_text("utf-8"))
    told = {row["district"]: row["publicToiletCount"] for row in published["byDistrict"]}
    dropped = audit.records.listed.loc[~audit.records.listed["used"], "toilet"]
    stated = (table["district"].value_counts() - table.loc[dropped, "district"].value_counts()).fillna(
        table["district"].value_counts()
    )
    found = audit.density.table.query("rule == 'wc.density.town_seed'").set_index("zone")
    counted = {zone: found.loc[zone, "toilets"] for zone in told}
    # The district that a row names and the one that its place lies in differ for a few near an edge.
    assert sum(told.values()) == 1549
    assert sum(abs(counted[zone] - stated[zone]) for zone in told) <= 0.02 * 1549
    assert found.loc["city", "base"] == pytest.approx(268.5, abs=0.1)  # as the source of the data states the area
    assert found.loc["city", "toilets"] == sum(counted.values())


def test_duplicates_that_macau_names_are_left_out(shared_data):
    table = pd.read_csv(shared_data / "macau" / "facilities.csv")
    table = table[table["category"] == "public toilet"]
    table.index = pd.Index(table["osm_type"] + "/" + table["osm_id"].astype(str))  # dup_of names rows by these
    toilets = points(table, "lon", "lat", 32650, **{"class": "public_toilet"})
    demand = gpd.GeoDataFrame({"units": [1]}, geometry=toilets.geometry.iloc[:1].to_numpy(), crs=32650, index=["d"])
    records = read_records(City.of(None, demand, toilets), Columns(duplicate_of="dup_of"))
    named = records.listed[records.listed["problem"] == "duplicate"]
    assert records.rows_in == len(table) == 211
    assert table["dup_of"].notna().sum() == 18
    assert set(table.index[table["dup_of"].notna()]) <= set(named["toilet"])
    assert len(records.toilets) == 211 - len(named)
