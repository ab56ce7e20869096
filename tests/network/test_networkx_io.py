"""Round trips with networkx and osmnx graphs, to the millimetre and edge by edge."""

import gzip

import networkx as nx
import numpy as np
import pytest
import shapely
from street_drawing import METRES, draw

from siting.access import nearest
from siting.errors import CRSError, NetworkDataError
from siting.network import Network

NODES = {"a": (0, 0), "b": (300.1234, 0), "c": (300, 200), "d": (0, 200), "e": (400, 7)}
WAYS = ["a b", "b c d a", "b e", "b e", "c d c", ("d e", {"bridge": True, "name": "长桥"})]


def same(one, other):
    for name in ("node_id", "xy", "edge_u", "edge_v", "edge_mm", "forward", "backward", "edge_coords", "edge_ptr"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert one.crs == other.crs
    assert one.mode == other.mode
    for column in ("way_id", "highway", "name", "bridge", "tunnel", "layer"):
        assert one.edges[column].tolist() == other.edges[column].tolist()


@pytest.mark.parametrize("directed", [True, False])
def test_round_trip_is_exact(directed):
    network = draw(NODES, *WAYS)
    graph = network.to_networkx(directed=directed)
    assert graph.is_directed() == directed
    assert graph.number_of_edges() == network.n_edges * (2 if directed else 1)
    same(network, Network.from_networkx(graph, min_component_share=0))


def test_one_way_streets_survive_the_round_trip():
    ways = [("a b", {"drive_backward": False}), ("b c d a", {"drive_forward": False}), "b e", ("c d c", {})]
    network = draw(NODES, *ways, mode="drive")
    same(network, Network.from_networkx(network.to_networkx(), min_component_share=0))
    with pytest.raises(NetworkDataError, match="4 edges are one-way"):
        network.to_networkx(directed=False)


def test_lengths_of_the_graph_are_kept_and_places_keep_their_share():
    graph = nx.Graph(crs=METRES)
    graph.add_node("a", x=0, y=0)
    graph.add_node("b", x=100, y=0)
    graph.add_edge("a", "b", length=120.0)
    network = Network.from_networkx(graph)
    assert network.edge_mm.tolist() == [120_000]
    assert network.node_id.tolist() == ["a", "b"]
    at = network.snap(pd_points(x=(25, 0)))
    assert (at.offset_mm[0], at.far_mm[0]) == (30_000, 90_000)  # a quarter of 120 m
    assert Network.from_networkx(graph, length=None).edge_mm.tolist() == [100_000]


def pd_points(**at):
    from street_drawing import points

    return points(**at)


def test_an_osmnx_graph_has_both_directions_as_one_edge():
    graph = nx.MultiDiGraph(crs="EPSG:4326")
    graph.add_node(11, x=113.54, y=22.20)
    graph.add_node(12, x=113.55, y=22.20)
    line = shapely.LineString([(113.54, 22.20), (113.545, 22.201), (113.55, 22.20)])
    graph.add_edge(11, 12, osmid=7, length=1100.0, geometry=line, highway="residential", oneway=False)
    graph.add_edge(12, 11, osmid=7, length=1100.0, geometry=line.reverse(), highway="residential", oneway=False)
    graph.add_edge(11, 12, osmid=[8, 9], length=1031.0, highway=["service", "path"], bridge="yes", oneway=True)
    network = Network.from_networkx(graph)
    assert network.crs.to_epsg() == 4547
    assert network.node_id.tolist() == [11, 12]
    assert network.edge_mm.tolist() == [1_100_000, 1_031_000]
    assert network.backward.tolist() == [True, False]
    assert network.edges["way_id"].tolist() == ["7", "[8, 9]"]
    assert network.edges["bridge"].tolist() == [False, True]
    # lengths from the sphere, shapes from the plane: they agree to a few thousandths
    assert network.stretch == pytest.approx(1, abs=0.05)


def test_distances_are_those_of_networkx():
    network = draw(NODES, *WAYS)
    graph = network.to_networkx(directed=False)
    from street_drawing import points

    there = points(**{f"n{k}": tuple(xy) for k, xy in enumerate(network.xy)})
    for k in range(network.n_nodes):
        truth = nx.single_source_dijkstra_path_length(graph, network.node_id[k].item(), weight="length")
        cost = nearest(network, there, there.iloc[[k]])["cost"]
        assert [round(truth[i] * 1000) for i in network.node_id.tolist()] == (cost * 1000).round().astype(int).tolist()


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_impossible_lengths_are_refused(value):
    graph = nx.Graph(crs=METRES)
    graph.add_node(1, x=0, y=0)
    graph.add_node(2, x=1, y=0)
    graph.add_edge(1, 2, length=value)
    with pytest.raises(NetworkDataError, match="negative or not finite"):
        Network.from_networkx(graph)


def test_zero_lengths_are_accepted():
    graph = nx.Graph(crs=METRES)
    graph.add_nodes_from([(1, {"x": 0, "y": 0}), (2, {"x": 0, "y": 0}), (3, {"x": 5, "y": 0})])
    graph.add_edge(1, 2, length=0)
    graph.add_edge(2, 3, length=5)
    assert Network.from_networkx(graph).edge_mm.tolist() == [0, 5_000]


def test_unusable_graphs_are_refused():
    graph = nx.Graph()
    with pytest.raises(NetworkDataError, match="no edges"):
        Network.from_networkx(graph)
    graph.add_edge(1, 2)
    with pytest.raises(NetworkDataError, match="2 of 2 nodes have no 'x' or 'y'"):
        Network.from_networkx(graph)
    nx.set_node_attributes(graph, {1: {"x": 0, "y": 0}, 2: {"x": 1, "y": 0}})
    with pytest.raises(CRSError, match="no CRS"):
        Network.from_networkx(graph)
    with pytest.raises(CRSError):
        Network.from_networkx(graph, crs=4326)
    assert Network.from_networkx(graph, crs=32649).edge_mm.tolist() == [1_000]


def test_rome_has_the_published_distances(shared_benchmarks):
    folder = shared_benchmarks / "shortest_path_rome99" / "data"
    with gzip.open(folder / "rome99.gr.gz", "rt") as file:
        arcs = [[int(field) for field in line.split()[1:]] for line in file if line.startswith("a ")]
    graph = nx.MultiDiGraph(crs=METRES)
    # The file has no positions: nodes stand in a row, 1 m apart, and the lengths are the file's.
    graph.add_nodes_from((k, {"x": float(k), "y": 0.0}) for k in range(1, 3354))
    graph.add_edges_from((u, v, {"length": w}) for u, v, w in arcs)
    network = Network.from_networkx(graph, mode="drive")
    from siting.network.search import nearest_labels

    out = network.out_arcs
    for source in (0, 777, 1500, 2500, 3000):
        seed = np.array([network.node_position(source + 1)])
        zero = np.zeros(1, dtype=np.int64)
        cost, _ = nearest_labels(
            out.indptr, out.head, network.out_mm, network.node_bits, seed, zero, zero.astype(np.int32), 2**60
        )
        published = np.loadtxt(folder / f"dist_from_{source}.txt", dtype=np.int64)
        assert (cost == published * 1000).all()
