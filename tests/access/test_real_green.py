"""Macau: parks entered at their edges, quarters across the water, network against straight line."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from siting.access import cost_matrix, entries, nearest, nearest_straight, service_areas
from siting.network import Network


@pytest.fixture(scope="module")
def city(shared_data):
    folder = shared_data / "macau"
    network = Network.from_osm(folder / "macau_20260220.osm.pbf")
    green = gpd.read_file(folder / "macau_osm_layers.gpkg", layer="green_areas").to_crs(network.crs)
    homes = gpd.read_file(folder / "macau_demand.gpkg").to_crs(network.crs)
    waste = gpd.read_file(folder / "macau_official.gpkg", layer="waste_sites").to_crs(network.crs)
    return network, green, homes, waste


def test_a_quarter_across_the_water_keeps_its_streets(city):
    network = city[0]
    table = network.components
    assert network.crs.to_epsg() == 4547
    assert table["carries"].sum() >= 2
    # New Zone A and the bridge port: the notes of the data count 28 km.
    assert table["length_m"].iloc[1] == pytest.approx(28_000, abs=500)
    assert (table["vertices"][table["carries"]] >= 0.01 * table["vertices"].sum()).all()
    assert (table["vertices"][~table["carries"]] < 0.01 * table["vertices"].sum()).all()


def test_every_park_is_entered_on_its_edge_and_from_the_ground(city):
    network, green, _, _ = city
    table = entries(network, green)
    assert set(table["facility"]) == set(green.index)
    assert table.index.is_unique
    boundary = green.boundary.loc[table["facility"].tolist()]
    assert shapely.distance(boundary.to_numpy(), table.geometry.to_numpy()).max() < 0.001
    placed = table[table["snapped"]]
    used = network.edges.iloc[placed["edge"].to_numpy()]
    assert not (used["bridge"] | used["tunnel"]).any()
    assert (placed["access_mm"][placed["kind"] == "crossing"] == 0).all()
    assert {"crossing", "boundary"} <= set(table["kind"])


def test_network_is_never_shorter_than_the_straight_line(city):
    network, green, homes, waste = city
    for facilities in (green[green["public_green"]], waste):
        streets, straight = nearest(network, homes, facilities), nearest_straight(homes, facilities)
        # Every edge on the way was rounded by up to half a millimetre.
        assert (streets["cost"] >= straight["cost"] - 0.02).all()
        assert streets["cost"].isin([np.inf]).sum() < 30
        assert (streets["cost"] <= 300).mean() <= (straight["cost"] <= 300).mean()


def test_blocks_and_threads_do_not_change_a_pair(city, monkeypatch):
    network, _, homes, waste = city
    one = cost_matrix(network, homes, waste, 600)
    monkeypatch.setattr("siting.access.pairs.BLOCK", 7)
    other = cost_matrix(network, homes, waste, 600)
    monkeypatch.setattr("siting.network.threads.cores", lambda: 1)
    alone = cost_matrix(network, homes, waste, 600)
    for matrix in (other, alone):
        for name in ("indptr", "indices", "cost_mm"):
            assert np.array_equal(getattr(one, name), getattr(matrix, name))
    table = nearest(network, homes, waste, 600)
    dense = one.to_dense()
    assert np.array_equal(table["cost"], dense.min(axis=1))
    reached = table["facility"].notna().to_numpy()
    assert table["facility"][reached].tolist() == waste.index[dense[reached].argmin(axis=1)].tolist()


def test_shuffled_rows_give_the_same_answers(city):
    network, green, homes, _ = city
    parks = green[green["public_green"]]
    one = nearest(network, homes, parks)
    other = nearest(network, homes.sample(frac=1, random_state=1), parks.sample(frac=1, random_state=2))
    assert np.array_equal(one["cost"], other["cost"].loc[one.index])
    # A tie goes to the first row, and only a tie may change with the order of the rows.
    inside_two = one["facility"] != other["facility"].loc[one.index]
    assert (nearest_straight(homes, parks)["cost"][inside_two] == 0).mean() > 0.5 or inside_two.sum() < 20


def test_areas_hold_the_reached_homes_on_the_street(city):
    network, _, homes, waste = city
    at = network.snap(homes)
    on_street = gpd.GeoDataFrame(geometry=gpd.points_from_xy(at.x, at.y), crs=network.crs, index=homes.index)
    on_street = on_street[at.snapped]
    reached = nearest(network, on_street, waste, cutoff=120)["facility"].notna()
    area = service_areas(network, waste, 120).geometry.iloc[0]
    shapely.prepare(area)
    assert area.is_valid
    assert shapely.covers(area, on_street.geometry[reached].to_numpy()).all()
    pd.testing.assert_index_equal(reached.index, on_street.index)
