"""Troubles that people reported of network tools, about points and where they meet the streets: drawn, and ours right.

Each docstring names the thread in which somebody met the trouble.
"""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from street_drawing import METRES, draw, points

from siting.access import cost_matrix, count_unreachable, k_nearest, nearest, service_areas
from siting.errors import SchemaError
from siting.network import Network

DRIVE_ONE_WAY = {"drive_backward": False}


def metres(network: Network, a: tuple[float, float], b: tuple[float, float]) -> float:
    """Cost from one place to another."""
    return float(nearest(network, points(home=a), points(shop=b))["cost"].iloc[0])


#   a ----100---- b ----100---- c          a street with one bend at b, drawn in several ways
STREET = {"a": (0, 0), "b": (100, 0), "c": (100, 100)}


@pytest.mark.parametrize(
    "doubled",
    [
        lambda: draw(STREET, "a b b c"),
        lambda: draw(STREET | {"b2": (100, 0)}, "a b b2 c"),  # two nodes at one place: a piece without length
        lambda: draw(STREET | {"b2": (100, 0)}, "a b", "b b2", "b2 c"),  # and an edge without length
    ],
)
def test_duplicate_vertices_do_not_end_a_way(doubled):
    """qgis/QGIS#61167: the service area stopped at every vertex that was in the line twice."""
    clean, network = draw(STREET, "a b c"), doubled()
    assert metres(network, (20, 0), (100, 70)) == metres(clean, (20, 0), (100, 70)) == 150
    reached = [service_areas(n, points(shop=(20, 0)), 150).geometry.area.iloc[0] for n in (clean, network)]
    assert reached[0] == pytest.approx(reached[1], rel=1e-9)
    # whoever stands on the doubled vertex goes both ways
    assert [metres(network, (100, 0), at) for at in ((0, 0), (100, 100), (100, 0))] == [100, 100, 0]


def test_a_start_on_a_vertex_goes_both_ways():
    """root676/QNEAT3#34: from a start exactly on a vertex the area went one way along the street only."""
    network = draw(STREET, "a b c")
    for start in ((100, 0), (0, 0), (100, 100)):
        assert metres(network, start, (50, 0)) == abs(start[0] - 50) + start[1]
    area = service_areas(network, points(shop=(100, 0)), 60, buffer_m=5).geometry.iloc[0]
    assert area.covers(shapely.Point(41, 0))
    assert area.covers(shapely.Point(100, 59))
    assert not area.covers(shapely.Point(30, 0))


def test_a_start_on_a_junction_does_not_depend_on_the_street_it_is_put_on():
    """pysal/spaghetti#125: points exactly on the network came out as infinitely far."""
    #        d
    #        |           a, c and d each 100 m from the junction b
    #   a -- b -- c
    nodes = {"a": (0, 0), "b": (100, 0), "c": (200, 0), "d": (100, 100)}
    for ways in (["a b", "b c", "d b"], ["d b", "c b", "b a"], ["a b c", "b d"]):
        network = draw(nodes, *ways)
        table = cost_matrix(network, points(b=(100, 0)), points(a=(0, 0), c=(200, 0), d=(100, 100), b=(100, 0)), None)
        assert table.to_dense().tolist() == [[100, 100, 100, 0]]


def test_one_way_streets_do_not_bind_who_stands_on_their_ends():
    #   a -> b -> c      everything is driven to the right; one on b leaves over b c, and is reached over a b
    network = draw({"a": (0, 0), "b": (100, 0), "c": (200, 0)}, ("a b", DRIVE_ONE_WAY), ("b c", DRIVE_ONE_WAY),
                   mode="drive")  # fmt: skip
    assert metres(network, (100, 0), (200, 0)) == 100
    assert metres(network, (0, 0), (100, 0)) == 100
    assert metres(network, (100, 0), (0, 0)) == np.inf


def test_places_on_both_ends_and_on_one_edge():
    """pysal/spaghetti#180: two observations on one arc were a case of their own, and went unrecorded."""
    network = draw(STREET, "a b c")  # one edge of 200 m
    assert network.n_edges == 1
    assert metres(network, (0, 0), (100, 100)) == 200
    assert metres(network, (30, 0), (100, 20)) == 90
    assert metres(network, (100, 20), (30, 0)) == 90


def test_one_place_for_home_and_shop_is_no_distance_and_not_unreachable():
    """psrc/soundcast#276 and ropensci/stplanr#445: a distance of 0 was taken for none, and needed a workaround."""
    network = draw(STREET, "a b c")
    table = nearest(network, points(home=(30, 0)), points(shop=(30, 0)))
    assert table["cost"].tolist() == [0.0]
    assert count_unreachable(table) == 0
    matrix = cost_matrix(network, points(home=(30, 0)), points(shop=(30, 0)), 0)
    assert (matrix.n_pairs, matrix.cost.tolist()) == (1, [0.0])  # the cutoff 0 itself is within
    assert metres(network, (30, 4), (30, -3)) == 7  # on both sides of the street


def test_two_shops_at_one_place_keep_a_column_each():
    """luukvdmeer/sfnetworks#96 and #183: of destinations on one node all but the first vanished from the matrix."""
    network = draw(STREET, "a b c")
    shops = points(one=(100, 50), two=(100, 50), three=(0, 0))
    matrix = cost_matrix(network, points(home=(0, 0)), shops, None)
    assert matrix.columns.tolist() == ["one", "two", "three"]
    assert matrix.to_dense().tolist() == [[150, 150, 0]]
    ranked = k_nearest(network, points(home=(0, 0)), shops, 3)
    assert ranked["facility"].tolist() == ["three", "one", "two"]


def test_the_way_to_the_street_counts():
    """pysal/spaghetti#75: distances ran from snapped place to snapped place only."""
    network = draw(STREET, "a b c")
    assert metres(network, (50, 30), (90, 60)) == 30 + 50 + 60 + 10


def test_equally_near_streets_decide_alike_in_every_order_of_the_rows():
    """pysal/spaghetti#598: a point between two streets was put on one of them on Linux and on the other elsewhere."""
    #   a ------ b       the point p lies half way; the streets meet far to the right
    #       p      )
    #   c ------ d
    import geopandas as gpd

    lines = [[(0, 20), (100, 20)], [(0, 0), (100, 0)], [(100, 0), (130, 10), (100, 20)]]
    layer = gpd.GeoDataFrame(geometry=[shapely.LineString(line) for line in lines], crs=METRES)
    costs = set()
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        shuffled = layer.iloc[order].reset_index(drop=True)
        shuffled.loc[0, "geometry"] = shuffled.geometry.iloc[0].reverse()
        costs.add(metres(Network.from_lines(shuffled), (50, 10), (0, 0)))
    assert len(costs) == 1


def test_a_place_at_the_dead_end_of_a_one_way_lane():
    """root676/QNEAT3#46: a point between the ends of a lane in and a lane out took the one that nobody leaves by."""
    #   a -->-- x       where both lanes end in one node, the place is left by the lane out
    #   b --<-- x
    nodes = {"a": (0, 2), "x": (100, 0), "b": (0, -2), "w": (-10, 0)}
    lanes = [("a x", DRIVE_ONE_WAY), ("x b", DRIVE_ONE_WAY), "a w b"]
    network = draw(nodes, *lanes, mode="drive")
    assert metres(network, (101, 0.5), (-10, 0)) == pytest.approx(1.118 + 100.02 + 10.198, abs=0.002)
    # where they end beside each other, whoever is on the lane in cannot leave: that is said, not guessed
    apart = draw(nodes | {"y": (100, -1)}, lanes[0], ("y b", DRIVE_ONE_WAY), "a w b", mode="drive")
    table = nearest(apart, points(in_=(101, 0.5), out=(101, -1.5)), points(shop=(-10, 0)))
    assert np.isinf(table["cost"]).tolist() == [True, False]
    assert count_unreachable(table) == 1


def test_one_way_streets_that_lead_off_the_map_are_told():
    """root676/QNEAT3#46 again: whoever is put on a one-way stub at the border of a map reaches nothing."""
    #        c
    #      /   \\       a, b and c form a ring that is driven round; b d leads off the map and e a comes in from it
    #   e-a --- b-d
    nodes = {"a": (0, 0), "b": (100, 0), "c": (50, 80), "d": (200, 0), "e": (-100, 0)}
    ways = [("a b c a", DRIVE_ONE_WAY), ("b d", DRIVE_ONE_WAY), ("e a", DRIVE_ONE_WAY)]
    network = draw(nodes, *ways, mode="drive")
    found = next(f for f in network.accounts[-1].findings if f.code == "one_way_ends")
    assert (found.count, found.ids) == (2, ("way/1", "way/2"))
    homes = points(out=(150, 0), into=(-50, 0), ring=(50, 0))
    assert np.isinf(nearest(network, homes, points(s=(100, 0)))["cost"]).tolist() == [True, False, False]
    assert np.isinf(nearest(network.turned(), homes, points(s=(100, 0)))["cost"]).tolist() == [False, True, False]
    on_foot = draw(nodes, *ways)
    assert not any(f.code == "one_way_ends" for account in on_foot.accounts for f in account.findings)
    round_trip = draw(nodes, *ways, "d e", mode="drive")
    assert not any(f.code == "one_way_ends" for f in round_trip.accounts[-1].findings)


def test_a_loop_at_the_end_of_a_street_keeps_its_houses():
    """gboeing/osmnx#68 and benchmark-urbanism/cityseer-api#9: loops were straightened out or lost."""
    #               c ---- d        loop of 400 m from b back to b
    #   a --100-- b |      |
    #             b ------ e
    nodes = {"a": (0, 0), "b": (100, 0), "c": (100, 100), "d": (200, 100), "e": (200, 0)}
    network = draw(nodes, "a b", "b c d e b")
    assert network.n_edges == 2
    assert metres(network, (0, 0), (200, 100)) == 100 + 200
    assert metres(network, (100, 90), (190, 0)) == 180  # through b, not round the loop (220)
    assert metres(network, (150, 100), (200, 50)) == 100  # along the loop
    assert metres(network, (100, 0), (100, 0)) == 0


def test_a_roundabout_of_one_node_is_driven_round():
    """valhalla/valhalla#1481: a roundabout that one street joins was taken for a cul-de-sac."""
    #   s ---100--- r~)        the ring leaves r northward and comes back from the south: 400 m, one way
    ring = {"s": (0, 0), "r": (100, 0), "n": (200, 100), "e": (300, 0), "t": (200, -100)}
    network = draw(ring, "s r", ("r n e t r", DRIVE_ONE_WAY), mode="drive")
    quarter = np.hypot(100, 100)
    assert metres(network, (0, 0), (200, 100)) == pytest.approx(100 + quarter, abs=0.002)
    assert metres(network, (200, 100), (0, 0)) == pytest.approx(3 * quarter + 100, abs=0.002)
    assert metres(network, (200, 100), (200, -100)) == pytest.approx(2 * quarter, abs=0.002)
    assert metres(network, (200, -100), (200, 100)) == pytest.approx(2 * quarter, abs=0.002)  # over r


def test_the_shorter_of_parallel_streets_is_taken_and_the_longer_keeps_its_houses():
    """pysal/momepy#69 and gboeing/osmnx#299: of two streets between the same junctions one was lost."""
    #      ,--x--.         over x 200 m
    #   a --------- b      straight 160 m
    nodes = {"a": (0, 0), "b": (160, 0), "x": (80, 60)}
    network = draw(nodes, "a b", "a x b", "a b")
    assert network.n_edges == 3
    assert metres(network, (0, 0), (160, 0)) == 160
    assert metres(network, (80, 60), (160, 0)) == 100
    many = draw(nodes, *["a b", "a x b"] * 500)
    assert metres(many, (40, 30), (160, 0)) == 150


def test_dead_ends_are_streets():
    """gboeing/osmnx#940 and UDST/pandana#50: dead ends were dropped, and their houses moved to the next junction."""
    #   c                    the dead end b d is 80 m long
    #   |    d
    #   a----b
    nodes = {"a": (0, 0), "b": (100, 0), "c": (0, 100), "d": (100, 80)}
    network = draw(nodes, "a b", "a c", "b d")
    assert metres(network, (103, 80), (0, 100)) == 3 + 80 + 100 + 100
    assert metres(network, (100, 95), (0, 0)) == 15 + 80 + 100  # beyond the end: to the end


def test_the_nearest_street_is_not_the_nearest_node():
    """gboeing/osmnx#198 and #810: a point on a long street went to a node of another one, or to a wrong edge."""
    #   a ------------------------ 25 km ------------------------ b
    #                  c-d  (30 m away, with nodes at hand)
    nodes = {"a": (0, 0), "b": (25_000, 0), "c": (12_000, 30), "d": (12_010, 30)}
    network = draw(nodes, "a b", "c d")
    assert network.snap(points(p=(12_005, 10))).edge.tolist() == [0]
    assert metres(network, (12_005, 10), (25_000, 0)) == 10 + 12_995
    area = service_areas(network, points(p=(12_005, 0)), 1000, buffer_m=5).geometry.iloc[0]
    assert area.covers(shapely.LineString([(11_006, 0), (13_004, 0)]))
    assert not area.intersects(shapely.Point(13_030, 0))
    assert not area.covers(shapely.Point(12_005, 30))


def test_far_places_are_listed_not_moved_to_the_shore():
    """UDST/pandana#170 and qgis/QGIS#57084: shops on an island counted as if they stood on the nearest cape."""
    network = draw(STREET, "a b c")
    shops = points(near=(100, 150), island=(900, 100))
    table = nearest(network, points(home=(100, 100)), shops.loc[["island"]])
    assert table["cost"].tolist() == [np.inf]
    at = network.snap(shops)
    assert at.unsnapped.tolist() == ["island"]
    assert at.distance_m.tolist() == [50, 800]
    for wrong in (-1, np.nan):
        with pytest.raises(SchemaError, match="max_snap_m: expected metres, 0 or more"):
            network.snap(shops, wrong)


def test_no_way_is_infinity_and_both_parts_stay():
    """UDST/pandana#168 and #166: no way at all was 4294967.295. pyrosm/pyrosm#88: all but one part was thrown away."""
    #   a -- b      c -- d
    network = draw({"a": (0, 0), "b": (100, 0), "c": (200, 0), "d": (300, 0)}, "a b", "c d")
    homes = points(here=(50, 0), there=(250, 0))
    table = nearest(network, homes, points(shop=(0, 0)))
    assert table["cost"].tolist() == [50, np.inf]
    assert table["facility"].tolist() == ["shop", None]
    assert count_unreachable(table) == 1
    assert network.components["length_m"].tolist() == [100, 100]


def test_ways_longer_than_32_bits_of_millimetres():
    """jdlph/Path4GMNS#26: 2147483647 was the longest way. UDST/pandana#168: beyond 4294967.295 lengths begin anew."""
    graph = nx.MultiGraph(crs=METRES)
    graph.add_nodes_from((k, {"x": 10.0 * k, "y": 0.0}) for k in range(4))
    for k in range(3):
        graph.add_edge(k, k + 1, length=2_500_000.001)
    network = Network.from_networkx(graph)
    assert metres(network, (0, 0), (10, 0)) == 2_500_000.001
    assert metres(network, (0, 0), (30, 0)) == 7_500_000.003
    assert cost_matrix(network, points(h=(0, 0)), points(s=(30, 0)), 7_500_000.003).n_pairs == 1
    assert cost_matrix(network, points(h=(0, 0)), points(s=(30, 0)), 7_500_000.002).n_pairs == 0
    for cutoff in (1e17, 1e300, np.inf, None):
        assert nearest(network, points(h=(0, 0)), points(s=(30, 0)), cutoff)["cost"].tolist() == [7_500_000.003]


@pytest.mark.parametrize("cutoff", [-1, -1e-9, float("nan")])
def test_a_cutoff_that_is_none_is_refused(cutoff):
    # a negative or missing limit would make everybody unserved, without a word
    network = draw(STREET, "a b c")
    for ask in (nearest, cost_matrix):
        with pytest.raises(SchemaError, match="cutoff: expected 0 or more"):
            ask(network, points(h=(0, 0)), points(s=(30, 0)), cutoff)


def test_a_search_leaves_nothing_behind_for_the_next():
    """UDST/pandana#73: the same question gave another answer after a question in between."""
    network = draw(STREET, "a b c")
    homes = points(h=(0, 0), i=(100, 60))
    first = nearest(network, homes, points(s=(30, 0)), 90)
    nearest(network, homes, points(s=(100, 90)), 40)
    pd.testing.assert_frame_equal(nearest(network, homes, points(s=(30, 0)), 90), first)


def test_a_lonely_short_street_has_an_area():
    """ipeaGIT/r5r#382, #434 and #433: too few reached places gave an error instead of an isochrone."""
    network = draw({"a": (0, 0), "b": (30, 0)}, "a b")
    for cutoff in (0, 1, 60):
        area = service_areas(network, points(shop=(10, 0)), cutoff, buffer_m=5).geometry.iloc[0]
        assert area.is_valid
        assert area.covers(shapely.Point(10, 0))


@pytest.mark.parametrize("minutes", [1, 2, 3])
def test_a_short_isochrone_does_not_jump_the_river(minutes):
    """graphhopper/graphhopper#2181 and GIScience/openrouteservice#972: areas held streets across the water."""
    #   e -------- f     60 m of water between; the bridge is 1 km to the west
    #   ~ ~ ~ ~ ~ ~
    #   a -------- b
    nodes = {"a": (-1000, 0), "b": (500, 0), "e": (-1000, 60), "f": (500, 60)}
    network = draw(nodes, "a b", "e f", ("a e", {"bridge": True}))
    area = service_areas(network, points(shop=(0, 0)), 60.0 * minutes).geometry.iloc[0]
    assert area.covers(shapely.LineString([(-60 * minutes + 0.01, 0), (60 * minutes - 0.01, 0)]))
    assert not area.intersects(shapely.LineString([(-900, 60), (500, 60)]))
    assert metres(network, (0, 0), (0, 60)) == 2060


def test_what_is_enclosed_but_not_reached_is_a_hole():
    """valhalla/valhalla#3741: a cemetery with its gate on the far side was inside the isochrone."""
    #   +-----------+      the ring street is reached all round; the path p q inside hangs on a gate to nowhere near
    #   |   p---q   |
    #   +-----s-----+
    nodes = {"a": (0, 0), "b": (300, 0), "c": (300, 300), "d": (0, 300), "p": (120, 150), "q": (180, 150)}
    network = draw(nodes, "a b c d a", "p q")
    area = service_areas(network, points(shop=(150, 0)), 900).geometry.iloc[0]
    assert area.covers(shapely.LineString([(0, 0), (300, 0), (300, 300), (0, 300)]))
    assert not area.intersects(shapely.LineString([(120, 150), (180, 150)]))
