"""Spacing along the streets of Macau, and toilets that meet it: what is told adds up, and nothing else is left."""

import geopandas as gpd
import pandas as pd
import pytest

from siting.network import Network
from siting.themes import City
from siting.themes.toilets import audit_spacing, site_toilets, toilet_candidates


@pytest.fixture(scope="module")
def macau(shared_data):
    folder = shared_data / "macau"
    network = Network.from_osm(folder / "macau_20260220.osm.pbf")
    homes = gpd.read_file(folder / "macau_demand.gpkg").to_crs(network.crs)
    people = gpd.GeoDataFrame({"people": homes["pop_est"]}, geometry=homes.representative_point(), crs=network.crs)
    table = pd.read_csv(folder / "facilities.csv")
    table = table[table["category"].str.contains("toilet") & table["dup_of"].isna()].reset_index(drop=True)
    places = gpd.points_from_xy(table["lon"], table["lat"], crs=4326)
    toilets = gpd.GeoDataFrame(table.assign(**{"class": "public_toilet"}), geometry=places, crs=4326)
    return City.of(
        network,
        people.set_axis(people.index.astype(str)),
        toilets.set_axis(table.index.astype(str)).to_crs(network.crs),
    )


def test_streets_of_macau(macau):
    found = audit_spacing(macau)
    assert len(found.toilets) == 193
    types = found.by_type.set_index("type")
    by_type = found.stretches.groupby("type")
    assert by_type["excess_m"].sum().to_dict() == pytest.approx(types["too_long_m"].to_dict())
    assert by_type.size().to_dict() == types["stretches"].to_dict()
    assert found.stretches.geometry.length.to_numpy() == pytest.approx(found.stretches["excess_m"].to_numpy(), abs=0.2)
    assert (found.stretches["lacks"] <= found.stretches["lacks_most"]).all()
    assert (found.stretches["lacks"] >= 1).all()
    assert (found.stretches["toilets"] == "").eq(found.stretches["kind"] == "none").all()

    pool = toilet_candidates(macau, ["street"], spacing_m=100)
    plan = site_toilets(macau, candidates=pool, spacing=found, serve="reachable")
    assert plan.result.status == "optimal"
    rows = plan.requirements
    assert rows["after"].to_numpy() == pytest.approx(rows["beyond"].to_numpy())
    assert (rows["after"] < rows["before"]).all()
    assert plan.beyond["amount"].sum() == pytest.approx(rows.loc[0, "beyond"])
