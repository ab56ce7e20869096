"""The k nearest: by hand, and against every pair of random cities."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from street_drawing import METRES, areas, draw, points

from siting.access import cost_matrix, count_unreachable, k_nearest, nearest
from siting.errors import SchemaError

#  A(0,0) --p-- h ---- q ---- B(300,0) ---- r(400,0) E        and an island  X ---- Y with s
NODES = {"A": (0, 0), "B": (300, 0), "E": (400, 0), "X": (0, 900), "Y": (100, 900)}


@pytest.fixture(scope="module")
def street():
    return draw(NODES, "A B", "B E", "X Y")


def ranked(table, who):
    rows = table.loc[who]
    return list(zip(rows["facility"], rows["cost"], strict=True))


def test_ranks_by_hand(street):
    there = points(r=(400, 0), q=(200, 0), s=(50, 900), p=(50, 0))
    table = k_nearest(street, points(h=(100, 10), y=(100, 900), lost=(0, 5000)), there, 3)
    assert table.index.names == ["id", "rank"]
    # 10 m to the street; p is 50 m back, q 100 m ahead, r 200 + 100 m.
    assert ranked(table, "h") == [("p", 60.0), ("q", 110.0), ("r", 310.0)]
    assert ranked(table, "y") == [("s", 50.0), (None, np.inf), (None, np.inf)]
    assert ranked(table, "lost") == [(None, np.inf)] * 3
    assert count_unreachable(table) == 1


def test_the_cutoff_itself_is_within_and_equally_near_go_by_position(street):
    there = points(east=(250, 0), west=(50, 0), far=(0, 0))
    table = k_nearest(street, points(mid=(150, 0)), there, 3, 150)
    assert ranked(table, "mid") == [("east", 100.0), ("west", 100.0), ("far", 150.0)]
    table = k_nearest(street, points(mid=(150, 0)), there.iloc[::-1], 2, 149.999)
    assert ranked(table, "mid") == [("west", 100.0), ("east", 100.0)]


def test_a_park_with_many_entries_is_one_facility_and_holds_whoever_is_inside(street):
    #  The park lies over the street from 120 to 180: entered at both crossings, and in between.
    there = pd.concat([points(shop=(200, 0)), areas(park=shapely.box(120, -30, 180, 30))])
    table = k_nearest(street, points(out=(100, 0), inside=(150, 20)), there, 2)
    assert ranked(table, "out") == [("park", 20.0), ("shop", 100.0)]
    assert ranked(table, "inside") == [("park", 0.0), ("shop", 70.0)]


def test_one_way_streets_bind():
    network = draw({"A": (0, 0), "B": (100, 0)}, ("A B", {"drive_backward": False}), mode="drive")
    table = k_nearest(network, points(car=(50, 0)), points(behind=(20, 0), ahead=(80, 0)), 2)
    assert ranked(table, "car") == [("ahead", 30.0), (None, np.inf)]


def test_bad_numbers_and_no_facilities(street):
    home = points(h=(100, 10))
    with pytest.raises(SchemaError, match="k is 0"):
        k_nearest(street, home, home, 0)
    assert ranked(k_nearest(street, home, home.iloc[:0], 2), "h") == [(None, np.inf)] * 2


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), k=st.integers(1, 6), cutoff=st.sampled_from([None, 0.0, 120.0, 300.0]))
def test_equals_the_sorted_rows_of_the_dense_matrix(seed, k, cutoff):
    rng = np.random.default_rng(seed)
    # Whole tens of metres: many equal distances, loops, parallel streets, islands, places on nodes and on each other.
    n = int(rng.integers(3, 12))
    nodes = {f"n{i}": tuple(xy * 10.0) for i, xy in enumerate(rng.integers(0, 12, (n, 2)))}
    walks = [" ".join(f"n{i}" for i in rng.integers(0, n, rng.integers(2, 5))) for _ in range(rng.integers(1, 9))]
    nodes |= {"south": (60, -10), "north": (60, 130)}
    options = {"drive_backward": bool(rng.integers(2))}
    network = draw(
        nodes, "south north", *[(walk, options) for walk in walks], mode="drive" if rng.integers(2) else "walk"
    )
    if network.mode == "walk" and rng.integers(2):
        network = network.timed("elderly")  # seconds at 0.8 m/s: the cutoffs bind elsewhere
    homes = points(**{f"h{i}": tuple(xy * 10.0) for i, xy in enumerate(rng.integers(0, 12, (6, 2)))})
    shops = points(**{f"s{i}": tuple(xy * 10.0) for i, xy in enumerate(rng.integers(0, 12, (5, 2)))})
    parks = areas(
        **{f"p{i}": shapely.box(*(xy * 10.0), *(xy * 10.0 + 35)) for i, xy in enumerate(rng.integers(0, 9, (2, 2)))}
    )
    there = pd.concat([shops, parks]).set_crs(METRES)
    dense = cost_matrix(network, homes, there, cutoff).to_dense()
    table = k_nearest(network, homes, there, k, cutoff)
    assert (
        table["cost"].to_numpy().reshape(-1, k)[:, 0].tolist()
        == nearest(network, homes, there, cutoff)["cost"].tolist()
    )
    for i, home in enumerate(homes.index):
        order = [j for j in np.argsort(dense[i], kind="stable") if np.isfinite(dense[i, j])][:k]
        expected = [(there.index[j], dense[i, j]) for j in order] + [(None, np.inf)] * (k - len(order))
        assert ranked(table, home) == expected
