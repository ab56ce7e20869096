"""Where parks are entered; each case drawn, each entry placed by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from street_drawing import METRES, areas, draw, points

from siting.access import entries, nearest, nearest_straight
from siting.network import Network

PARK = shapely.box(100, 50, 200, 150)

#            +-----------+ (200,150)
#            |   park    |
#            |     C     |        a path from B up to C(150,100) crosses the boundary at (150, 50)
#            +-----|-----+
#  A(0,0) ---------B(150,0)------------- E(300,0)
NODES = {"A": (0, 0), "B": (150, 0), "C": (150, 100), "E": (300, 0)}


def placed(table):
    return {(k, round(g.x, 3), round(g.y, 3)) for k, g in zip(table["kind"], table.geometry, strict=True)}


def test_a_path_that_crosses_the_boundary_is_an_entry():
    table = entries(draw(NODES, "A B E", "B C"), areas(park=PARK))
    assert placed(table) == {("crossing", 150, 50)}
    assert table[["offset_mm", "access_mm"]].to_numpy().tolist() == [[50_000, 0]]
    assert table.index.tolist() == ["park/0"]
    assert table["facility"].tolist() == ["park"]
    assert table["snapped"].all()


def test_mapped_gates_come_first_and_private_ones_do_not_count():
    gates = points(south=(120, 49), west=(99.5, 80), near=(97.9, 60), inner=(150, 52)).assign(
        access=["yes", "private", None, None]
    )
    network = draw(NODES, "A B E", "B C")
    table = entries(network, areas(park=PARK), gates)
    # The gate outside moves onto the boundary, the one inside stays; 2.1 m away is not on it, private is no gate.
    assert placed(table) == {("gate", 120, 50), ("gate", 150, 52)}
    assert placed(entries(network, areas(park=PARK), gates.loc[["west"]])) == {("crossing", 150, 50)}


def test_a_bridge_over_the_edge_is_no_entry():
    for structure in ({"bridge": True}, {"tunnel": True, "layer": -1}):
        network = draw(NODES | {"F": (150, 300)}, "A B E", ("B C F", structure))
        table = entries(network, areas(park=PARK))
        assert set(table["kind"]) == {"boundary"}
        # 50 m to A B E is the nearest street on the ground, all along the lower side.
        assert (table["access_mm"] >= 50_000).all()
        assert (100, 50) in {(x, y) for _, x, y in placed(table)}
        assert set(network.edges.loc[table["edge"], "bridge"] | network.edges.loc[table["edge"], "tunnel"]) == {False}


def test_an_open_boundary_is_entered_wherever_a_street_runs_beside_it():
    #  A street 10 m below the park: the whole lower side is open, the other three are not.
    table = entries(draw({"A": (0, 40), "E": (300, 40)}, "A E"), areas(park=PARK))
    assert set(table["kind"]) == {"boundary"}
    below = table[table.geometry.y == 50]
    assert below.geometry.x.min() == 100
    assert below.geometry.x.max() == 200
    assert np.diff(np.sort(below.geometry.x)).max() <= 20
    assert table.geometry.y.max() < 50 + 11  # within 20 m of the street


def test_a_far_park_is_entered_nearest_to_the_street_and_beyond_the_limit_not_at_all():
    network = draw({"A": (0, 0), "B": (50, 0)}, "A B")
    table = entries(network, areas(park=shapely.box(350, 0, 450, 100), forest=shapely.box(850, 0, 950, 100)))
    park = table[table["facility"] == "park"]
    assert (park.geometry.iloc[0].x, park["access_mm"].iloc[0], bool(park["snapped"].iloc[0])) == (350, 300_000, True)
    forest = table[table["facility"] == "forest"]
    assert not forest["snapped"].any()
    assert forest["distance_m"].min() == 800
    assert np.isinf(nearest(network, points(home=(0, 0)), areas(forest=shapely.box(850, 0, 950, 100)))["cost"]).all()


def test_a_street_on_the_boundary_is_an_entry_all_along():
    network = draw({"A": (0, 50), "B": (300, 50)}, "A B")
    table = entries(network, areas(park=PARK))
    x = np.sort(table.geometry.x)
    assert (x[0], x[-1]) == (100, 200)
    assert np.diff(x).max() <= 20
    assert (table["access_mm"] == 0).all()


def test_a_junction_on_the_boundary_is_one_entry():
    nodes = {"A": (150, 0), "B": (150, 50), "C": (140, 100), "D": (160, 100)}
    table = entries(draw(nodes, "A B", "B C", "B D"), areas(park=PARK))
    assert placed(table) == {("crossing", 150, 50)}


def test_holes_have_edges_too():
    ring = shapely.Polygon([(0, 0), (300, 0), (300, 300), (0, 300)], [[(100, 100), (200, 100), (200, 200), (100, 200)]])
    network = draw({"A": (150, 110), "B": (150, 190), "C": (150, 250)}, "A B C")
    table = entries(network, areas(park=ring))
    assert placed(table) == {("crossing", 150, 200)}
    # In the hole one is not in the park: 50 m along the street.
    assert nearest(network, points(home=(150, 150)), areas(park=ring))["cost"].tolist() == [50.0]


def test_points_and_many_points_are_entered_where_they_stand():
    network = draw({"A": (0, 0), "B": (300, 0)}, "A B")
    layer = gpd.GeoDataFrame(
        geometry=[shapely.Point(10, 5), shapely.MultiPoint([(20, 5), (30, -5)])], index=["one", "two"], crs=METRES
    )
    table = entries(network, layer)
    assert table.index.tolist() == ["one/0", "two/0", "two/1"]
    assert placed(table) == {("point", 10, 5), ("point", 20, 5), ("point", 30, -5)}
    assert table["access_mm"].tolist() == [5000, 5000, 5000]


@pytest.mark.parametrize("seed", range(5))
def test_network_is_never_shorter_than_the_straight_line(seed):
    rng = np.random.default_rng(seed)
    nodes = {f"n{k}": tuple(xy) for k, xy in enumerate(rng.uniform(0, 1000, (30, 2)))}
    ways = [" ".join(f"n{k}" for k in rng.choice(30, 4, replace=False)) for _ in range(20)]
    network = draw(nodes, *ways)
    corners = rng.uniform(0, 900, (12, 2))
    parks = areas(**{f"p{k}": shapely.box(x, y, x + 80, y + 60) for k, (x, y) in enumerate(corners)})
    gates = points(**{f"g{k}": (x + 40, y - 1.5) for k, (x, y) in enumerate(corners[:4])})
    homes = points(**{f"h{k}": tuple(xy) for k, xy in enumerate(rng.uniform(-50, 1050, (200, 2)))})
    streets = nearest(network, homes, parks, entrances=gates)["cost"]
    straight = nearest_straight(homes, parks)["cost"]
    assert np.isfinite(streets).any()
    assert (streets >= straight - 0.01).all()


def test_entries_do_not_depend_on_the_order_of_facilities():
    network = draw(NODES, "A B E", "B C")
    layer = areas(park=PARK, lawn=shapely.box(10, 5, 60, 30), wood=shapely.box(220, -60, 290, -5))
    one, other = entries(network, layer), entries(network, layer.iloc[::-1])
    pd.testing.assert_frame_equal(pd.DataFrame(one.sort_index()), pd.DataFrame(other.sort_index()))


def test_gates_that_may_lack_some_do_not_close_the_other_ways_in():
    #   The path runs through the park from west to east; one gate is mapped, on the south side at a street.
    #
    #        +--------+
    #   -----|--------|-----   path, y = 50
    #        |  park  |
    #        +---g----+        gate at (150, 0)
    #   --------------------   street, y = -10
    lines = [shapely.LineString([(0, 50), (300, 50)]), shapely.LineString([(0, -10), (300, -10)])]
    lines.append(shapely.LineString([(0, -10), (0, 50)]))
    network = Network.from_lines(gpd.GeoDataFrame(geometry=lines, crs="EPSG:32650"))
    park = gpd.GeoDataFrame(geometry=[shapely.box(100, 0, 200, 100)], index=["P"], crs="EPSG:32650")
    gate = gpd.GeoDataFrame(geometry=[shapely.Point(150, 0)], crs="EPSG:32650")
    assert entries(network, park, gate)["kind"].tolist() == ["gate"]
    assert entries(network, park, gate.assign(complete=True))["kind"].tolist() == ["gate"]
    found = entries(network, park, gate.assign(complete=False))
    assert sorted(found["kind"]) == ["crossing", "crossing", "gate"]
