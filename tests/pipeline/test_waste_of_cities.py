"""The waste of real cities: figures that a few lines of another method give as well."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

import siting
from siting.themes import City
from siting.themes.waste.generation import Source, waste_generated
from siting.themes.waste.points import audit_waste_points, site_waste_points

CRS = "EPSG:32649"


@pytest.fixture(scope="module")
def homes(shared_data):
    layer = gpd.read_file(shared_data / "macau" / "macau_demand.gpkg", layer="demand_points").to_crs(CRS)
    layer = layer.set_index(layer["building_id"].astype(str).rename("id"))
    columns = {"people": layer["pop_est"].astype(float), "group_households": layer["dwellings_est"].astype(float)}
    return gpd.GeoDataFrame(columns, geometry=layer.geometry, crs=CRS)


@pytest.fixture(scope="module")
def points(shared_data):
    table = pd.read_csv(shared_data / "macau" / "waste_sites.csv")
    place = gpd.points_from_xy(table["lon"], table["lat"], crs="EPSG:4326").to_crs(CRS)
    columns = {"class": "waste_point", "name": table["name_zh"].to_numpy(), "closed": table["closed"].to_numpy()}
    layer = gpd.GeoDataFrame(columns, geometry=place, crs=CRS, index=pd.Index(table["site_id"], name="id"))
    return gpd.GeoDataFrame(layer[~layer["closed"].astype(bool)])


@pytest.fixture(scope="module")
def macau(homes, points, shared_data):
    zones = gpd.read_file(shared_data / "macau" / "macau_official.gpkg", layer="zones").to_crs(CRS)
    zones = zones.set_index(zones["boundary_key"].astype(str))[["name_zh", "geometry"]]
    return City.of(None, homes, points, zones={"zone": zones.rename(columns={"name_zh": "name"})})


def xy(layer):
    return layer.geometry.get_coordinates().to_numpy()


def test_the_shares_of_macau_are_those_of_a_search_tree(macau, homes, points):
    """253 refuse rooms and compactors in use, of which two pairs share a point."""
    assert len(points) == 253
    found = audit_waste_points(macau, households="households")
    near = cKDTree(xy(points)).query(xy(homes))[0]
    people = homes["people"].to_numpy()
    for rule, limit in (("waste.point.gb55013", 120), ("waste.point.cjj27", 70)):
        row = found.reach.zones.set_index(["level", "rule", "denominator"]).loc[("city", rule, "people")]
        assert row["served_straight"] == pytest.approx(people[near <= limit].sum(), abs=1)
        assert row["total"] == pytest.approx(682_400, abs=1)
    assert {f.code: f.count for f in found.records.findings} == {"waste_point_same": 2}
    zones = found.reach.zones
    by_zone = zones[(zones["level"] == "zone") & (zones["rule"] == "waste.point.cjj27")]
    assert by_zone["served_straight"].sum() == pytest.approx(people[near <= 70].sum(), abs=1)


def test_what_macau_makes_is_people_times_the_range(macau, homes, points):
    rooms = Source(origin="room", layer=points, kg_per_unit_day=100.0)
    found = waste_generated(macau, sources=[rooms])
    total = homes["people"].sum()
    assert found.city["t_day_low"] == pytest.approx(0.0008 * total + 25.3)
    assert found.city["t_day_high"] == pytest.approx(0.0018 * total + 25.3)
    zones = found.totals[(found.totals["level"] == "zone") & (found.totals["origin"] == "all")]
    assert zones["t_day"].sum() == pytest.approx(found.city["t_day"])


def test_new_points_of_macau_serve_whom_they_say(macau, homes, points):
    """Places on a grid of 60 m: the plan is proved, and another search counts the same people."""
    west, south, east, north = homes.total_bounds
    grid = np.stack(np.meshgrid(np.arange(west, east, 60), np.arange(south, north, 60)), axis=-1).reshape(-1, 2)
    grid = grid[cKDTree(xy(homes)).query(grid)[0] <= 60]
    places = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*grid.T), crs=CRS, index=[f"g{k}" for k in range(len(grid))])
    plan = site_waste_points(macau, p=20, candidates=places, exclusions={}, min_area_m2=0.0)
    people = homes["people"].to_numpy()
    after = np.minimum(cKDTree(xy(points)).query(xy(homes))[0], cKDTree(xy(plan.sites)).query(xy(homes))[0]) <= 120
    assert plan.zones.iloc[0]["served_after"] == pytest.approx(people[after].sum(), abs=1)
    assert plan.result.objective <= plan.result.bound
    assert plan.result.gap <= 0.01


def test_timed_collection_points_of_taipei(shared_data):
    """Thirty places where people bring waste at stated hours; villages, each with its people taken as one."""
    table = pd.read_csv(shared_data / "taipei" / "timed_collection_points.csv")
    place = gpd.points_from_xy(table["longitude"], table["latitude"], crs="EPSG:4326").to_crs("EPSG:3826")
    points = gpd.GeoDataFrame(
        {"class": "waste_point", "name": table["address"].to_numpy(), "takes": "其他垃圾、可回收物、厨余"},
        geometry=place, index=pd.Index(table["id"], name="id"),
    )  # fmt: skip
    villages = gpd.read_file(shared_data / "taipei" / "taipei_villages.gpkg").to_crs("EPSG:3826")
    demand = gpd.GeoDataFrame(
        {"units": 1},
        geometry=np.asarray(villages.geometry.representative_point()),
        index=villages.index.astype(str),
        crs=villages.crs,
    )
    found = audit_waste_points(siting.City.of(None, demand, points), streams="takes")
    assert found.records.rows_in["waste_point"] == len(found.records.waste) == 30
    assert found.records.waste["sorting"].tolist() == [True] * 30  # three streams apart
    near = cKDTree(xy(points)).query(xy(demand))[0]
    row = found.reach.zones.set_index(["rule", "denominator"]).loc["waste.point.gb55013", "units"]
    assert (row["served_straight"], row["total"]) == ((near <= 120).sum(), len(demand))
    assert "people" not in found.themed().layer("waste_points_homes").frame.columns
