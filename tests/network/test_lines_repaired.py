"""Line layers as they come: ends that miss, crossings without a vertex, repeated lines; joined, and counted."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from street_drawing import METRES, points

from siting.access import nearest
from siting.network import Network


def build(*lines, tolerance=0.5, noded=True, **columns):
    shapes = [shapely.LineString(line) for line in lines]
    layer = gpd.GeoDataFrame(columns, geometry=shapes, crs=METRES)
    return Network.from_lines(layer, node_crossings=noded, snap_tolerance_m=tolerance, min_component_share=0)


def findings(network):
    """What was done to the rows; that these drawings tell no bridges is said elsewhere."""
    return {f.code: f.count for f in network.accounts[0].findings if f.kind != "warning"}


def metres(network, one, other):
    return nearest(network, points(one=one), points(other=other))["cost"].iloc[0]


#   A(0,0) ---------------- B(100,0)
#              |  <- ends 0.3 m above AB
#           C(40,50)
@pytest.mark.parametrize("gap", [0.3, 0.5, -0.3])
def test_an_end_that_misses_a_street_is_joined_to_it(gap):
    network = build([(0, 0), (100, 0)], [(40, 50), (40, gap)])
    assert len(network.carries) == 1
    # Short of it: two pieces and the branch. Beyond it: they cross, and the stub of 0.3 m goes, taking the place along.
    assert sorted(network.edge_mm) == [pytest.approx(mm, abs=2 if gap > 0 else 301) for mm in (40_000, 50_000, 60_000)]
    assert metres(network, (100, 0), (40, 50)) == pytest.approx(110, abs=0.31)
    joined = {"places_joined": 1}
    assert findings(network) == (joined if gap > 0 else {"crossings_joined": 1} | joined)


def test_an_end_farther_than_the_tolerance_stays_apart():
    network = build([(0, 0), (100, 0)], [(40, 50), (40, 0.51)])
    assert len(network.carries) == 2
    assert findings(network) == {}
    assert np.isinf(metres(network, (100, 0), (40, 50)))
    assert len(build([(0, 0), (100, 0)], [(40, 50), (40, 0.3)], noded=False).carries) == 2


def test_an_end_near_a_vertex_goes_to_the_vertex():
    network = build([(0, 0), (40.2, 0), (100, 0)], [(40, 50), (40, 0.3)])
    assert sorted(network.edge_mm) == [40_200, 50_000, 59_800] or len(network.carries) == 1
    assert network.n_edges == 3
    assert findings(network) == {"places_joined": 1}


@pytest.mark.parametrize(
    "columns", [{"bridge": ["yes", None]}, {"bridge": [None, "yes"]}, {"tunnel": [True, False]}, {"layer": [0, 1]}]
)
def test_ends_beside_bridges_and_other_layers_are_not_joined(columns):
    assert len(build([(0, 0), (100, 0)], [(40, 50), (40, 0.3)], **columns).carries) == 2


def test_a_bridge_over_a_street_joins_only_at_its_ends():
    #  ground: W-E and the two ramps; the bridge crosses W-E without touching it
    network = build(
        [(0, 0), (200, 0)], [(100, -50), (100, 50)], [(100, -150), (100, -50.2)], [(100, 50), (100, 100), (200, 0.1)],
        bridge=[None, "yes", None, None], layer=[0, 1, 0, 0],
    )  # fmt: skip
    assert len(network.carries) == 1  # over the last ramp
    assert metres(network, (100, -20), (100, 50)) == 70
    assert metres(network, (100, -150), (0, 0)) > 400  # never down from the bridge


def test_lines_that_repeat_others_count_once_whatever_their_direction():
    line = [(0, 0), (50, 0), (100, 0)]
    network = build(line, line[::-1], line, [(100, 0), (200, 0)])
    assert network.n_edges == 2
    assert findings(network) == {"duplicate_geometry": 2}
    assert (network.accounts[0].rows_in, network.accounts[0].rows_used) == (4, 2)


def test_a_grid_without_any_junction_becomes_one_network():
    across = [[(-5, 10 * k), (45, 10 * k)] for k in range(5)]
    along = [[(10 * k, -5), (10 * k, 45)] for k in range(5)]
    network = build(*across, *along)
    assert findings(network) == {"crossings_joined": 25}
    assert network.n_edges == 10 * 6
    assert metres(network, (-5, 0), (40, 45)) == 90


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 8))
def test_random_lines_meet_where_shapely_says_they_do(seed, n):
    """The union of all lines has the same parts, ends and lengths as the network."""
    rng = np.random.default_rng(seed)
    ends = rng.uniform(0, 100, (n, 2, 2))
    lines = [shapely.LineString(pair) for pair in ends]
    network = build(*ends.tolist(), tolerance=0)
    union = shapely.get_parts(shapely.node(shapely.union_all(lines)))
    assert network.edge_mm.sum() == pytest.approx(sum(u.length for u in union) * 1000, abs=len(union))
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from((i, j) for i in range(n) for j in range(i) if lines[i].intersects(lines[j]))
    assert len(network.carries) == nx.number_connected_components(graph)


def test_shuffled_and_turned_lines_give_the_same_network():
    rng = np.random.default_rng(8)
    ends = rng.uniform(0, 300, (25, 2, 2)).round(1)
    one = build(*ends.tolist())
    mixed = [pair[::-1] if k % 2 else pair for k, pair in enumerate(ends[rng.permutation(25)].tolist())]
    other = build(*mixed)
    assert sorted(one.edge_mm) == pytest.approx(sorted(other.edge_mm), abs=1)
    assert findings(one) == findings(other)
