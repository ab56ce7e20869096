"""Shortest ways: by hand, and against the cost matrix and the streets of random cities."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from street_drawing import draw, points

from siting.access import cost_matrix, shortest_paths
from siting.errors import SchemaError
from siting.network import Network


def coordinates(table, who):
    return shapely.get_coordinates(table.geometry[who]).tolist()


#          C(100,50)
#          |
#   A------B------D(200,0)      X---Y an island
NODES = {"A": (0, 0), "B": (100, 0), "C": (100, 50), "D": (200, 0), "X": (0, 900), "Y": (50, 900)}
STREETS = ("A B", "B C", "B D", "X Y")


def test_ways_by_hand():
    network = draw(NODES, *STREETS)
    there = points(p=(110, 40), q=(20, 0), r=(150, 0), s=(20, 900), t=(0, 5000))
    table = shortest_paths(network, points(a=(10, 5), b=(60, 0), c=(150, 0), d=(0, 0), e=(0, 0)), there)
    assert table.index.tolist() == ["a", "b", "c", "d", "e"]
    assert table["destination"].tolist() == ["p", "q", "r", "s", "t"]
    # a: 5 m to the street, 90 m to B, 40 m up, 10 m to p.
    assert table["cost"].tolist() == [145.0, 40.0, 0.0, np.inf, np.inf]
    assert table.loc["a", ["origin_access_m", "street_m", "destination_access_m"]].tolist() == [5.0, 130.0, 10.0]
    assert coordinates(table, "a") == [[10, 0], [100, 0], [100, 40]]
    assert coordinates(table, "b") == [[60, 0], [20, 0]]
    assert coordinates(table, "c") == [[150, 0], [150, 0]]
    assert table.geometry["d"] is None
    assert table.geometry["e"] is None
    assert table["street_m"].isna().tolist() == [False, False, False, True, True]


def test_one_place_may_be_the_destination_of_many():
    network = draw(NODES, *STREETS)
    there = points(p=(110, 40)).iloc[[0, 0]]
    table = shortest_paths(network, points(a=(10, 5), b=(60, 0)), there)
    assert table["destination"].tolist() == ["p", "p"]
    assert table["cost"].tolist() == [145.0, 90.0]


def test_one_way_streets_and_bends():
    #  A--k--B   from A over the bend k to B only; back over Z
    nodes = {"A": (0, 0), "k": (50, 50), "B": (100, 0), "Z": (50, -80)}
    network = draw(nodes, ("A k B", {"drive_backward": False}), "B Z A", mode="drive")
    table = shortest_paths(network, points(to=(0, 0), back=(100, 0)), points(b=(100, 0), a=(0, 0)))
    assert coordinates(table, "to") == [[0, 0], [50, 50], [100, 0]]
    assert coordinates(table, "back") == [[100, 0], [50, -80], [0, 0]]
    # Ahead on the same edge, but it cannot be gone back: all the way round.
    table = shortest_paths(network, points(h=(80, 20)), points(p=(20, 20)))
    assert coordinates(table, "h") == [[80, 20], [100, 0], [50, -80], [0, 0], [20, 20]]


def test_a_loop_is_left_by_its_nearer_end():
    shape = [(0, 0), (100, 0), (100, 0), (100, 100), (0, 100), (100, 0)]
    network = Network.from_arrays([(0, 0), (100, 0)], [0, 1], [1, 1], crs="EPSG:32649", coords=(shape, [0, 2, 6]))
    table = shortest_paths(network, points(near_start=(100, 60), near_end=(40, 60)), points(a=(0, 0), b=(0, 0)))
    assert coordinates(table, "near_start") == [[100, 60], [100, 0], [0, 0]]
    assert coordinates(table, "near_end") == [[40, 60], [100, 0], [0, 0]]


def test_times_are_costs_and_lengths_stay_lengths():
    network = draw(NODES, *STREETS).timed("elderly")  # 0.8 m/s
    table = shortest_paths(network, points(a=(20, 0)), points(c=(100, 40)))
    assert table.loc["a", ["cost", "street_m"]].tolist() == [150.0, 120.0]


def test_rows_must_pair_and_no_rows_are_none():
    network = draw(NODES, *STREETS)
    with pytest.raises(SchemaError, match="1 origins and 2 destinations"):
        shortest_paths(network, points(a=(0, 0)), points(b=(0, 0), c=(0, 0)))
    none = points(a=(0, 0)).iloc[:0]
    table = shortest_paths(network, none, none)
    assert len(table) == 0
    assert table.crs == network.crs


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_cost_length_and_course_on_random_cities(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 14))
    nodes = {f"n{i}": tuple(xy) for i, xy in enumerate(rng.uniform(0, 300, (n, 2)).round(2))}
    walks = [" ".join(f"n{i}" for i in rng.integers(0, n, rng.integers(2, 6))) for _ in range(rng.integers(1, 9))]
    nodes |= {"south": (60, -10), "north": (60, 330)}
    one_way = {"drive_backward": bool(rng.integers(2))}
    network = draw(nodes, "south north", *[(walk, one_way) for walk in walks], mode=str(rng.choice(["walk", "drive"])))
    here = points(**{f"h{i}": tuple(xy) for i, xy in enumerate(rng.uniform(0, 300, (8, 2)).round(1))})
    there = points(**{f"s{i}": tuple(xy) for i, xy in enumerate(rng.uniform(0, 300, (8, 2)).round(1))})
    table = shortest_paths(network, here, there)
    assert table["cost"].tolist() == np.diag(cost_matrix(network, here, there, None).to_dense()).tolist()
    reached = table[np.isfinite(table["cost"])]
    legs = reached[["origin_access_m", "street_m", "destination_access_m"]].to_numpy()
    assert (np.rint(legs * 1000).sum(axis=1) == np.rint(reached["cost"].to_numpy() * 1000)).all()
    streets = shapely.union_all(network.lines)
    home, shop = network.snap(here), network.snap(there)
    for row, line in zip(np.flatnonzero(np.isfinite(table["cost"])), reached.geometry, strict=True):
        xy = shapely.get_coordinates(line)
        assert xy[0].tolist() == [home.x[row], home.y[row]]
        assert xy[-1].tolist() == [shop.x[row], shop.y[row]]
        assert streets.buffer(1e-6).covers(line)
        # Every edge passed is rounded to the millimetre, the places on the first and the last too.
        assert abs(line.length - table["street_m"].iloc[row]) <= 0.0005 * (len(xy) + 3)
