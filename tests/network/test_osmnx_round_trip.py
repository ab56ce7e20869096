"""To osmnx and back, with a graph that osmnx itself made of the packaged sample."""

import networkx as nx
import numpy as np
import osmium
import osmnx
import pytest
from street_drawing import points

from siting.access import cost_matrix
from siting.network import Network


@pytest.fixture(scope="module")
def graph(repository, tmp_path_factory):
    """Streets of central Helsinki as osmnx reads them: simplified, one-way streets as such, lengths on the sphere."""
    folder = tmp_path_factory.mktemp("osmnx")
    source = str(repository / "data" / "helsinki-centre" / "helsinki-centre.osm.pbf")
    there = {node.id for node in osmium.FileProcessor(source, osmium.osm.NODE)}
    with osmium.BackReferenceWriter(str(folder / "streets.osm"), ref_src=source, overwrite=True) as writer:
        for way in osmium.FileProcessor(source, osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway")):
            if all(node.ref in there for node in way.nodes):  # osmnx refuses ways that the extract cut
                writer.add(way)
    return osmnx.graph_from_xml(folder / "streets.osm", simplify=True, retain_all=True)


def test_lengths_and_directions_are_those_of_osmnx(graph):
    network = Network.from_networkx(graph, mode="drive", min_component_share=0)
    assert network.crs.is_projected
    assert set(network.node_id.tolist()) == set(graph.nodes)
    assert int(network.forward.sum() + network.backward.sum()) == graph.number_of_edges()
    assert 0 < (~network.backward).sum() < network.n_edges  # one-way streets stay one-way
    one_way = nx.MultiDiGraph()
    one_way.add_nodes_from(graph)
    one_way.add_edges_from((u, v, {"mm": round(d["length"] * 1000)}) for u, v, d in graph.edges(data=True))
    names = network.node_id.tolist()
    at = points(**{str(i): tuple(xy) for i, xy in zip(names, network.xy, strict=True)})
    at = at.set_crs(network.crs, allow_override=True)
    rng = np.random.default_rng(11)
    # Streets of other levels pass over some junctions, where a point would be placed on them.
    snapped = network.snap(at)
    lies = (snapped.access_mm == 0) & (
        ((snapped.offset_mm == 0) & (network.edge_u[snapped.edge] == np.arange(len(at))))
        | ((snapped.far_mm == 0) & (network.edge_v[snapped.edge] == np.arange(len(at))))
    )
    assert lies.mean() > 0.99
    chosen = rng.choice(np.flatnonzero(lies), 150, replace=False)
    matrix = cost_matrix(network, at.iloc[chosen[:100]], at.iloc[chosen[100:]], None).to_dense()
    for k, home in enumerate(chosen[:100].tolist()):
        ways = nx.single_source_dijkstra_path_length(one_way, names[home], weight="mm")
        truth = [ways.get(names[c], np.inf) / 1000 for c in chosen[100:].tolist()]
        assert matrix[k].tolist() == truth
    assert np.isfinite(matrix).any()
    assert np.isinf(matrix).any()


def test_there_and_back_changes_nothing(graph):
    network = Network.from_networkx(graph, mode="drive", min_component_share=0)
    given = network.to_networkx()
    assert given.number_of_edges() == graph.number_of_edges()
    assert sum(d["length"] for _, _, d in given.edges(data=True)) == pytest.approx(
        sum(d["length"] for _, _, d in graph.edges(data=True)), abs=0.001 * graph.number_of_edges()
    )
    again = Network.from_networkx(given, min_component_share=0)
    for name in ("node_id", "edge_u", "edge_v", "edge_mm", "forward", "backward", "component", "carries"):
        assert np.array_equal(getattr(network, name), getattr(again, name)), name
    rng = np.random.default_rng(2)
    low, high = network.xy.min(axis=0), network.xy.max(axis=0)
    at = points(**{f"p{k}": tuple(xy) for k, xy in enumerate(rng.uniform(low, high, (120, 2)))})
    at = at.set_crs(network.crs, allow_override=True)
    one, other = (cost_matrix(n, at.iloc[:90], at.iloc[90:], 2000) for n in (network, again))
    assert one.n_pairs > 500
    assert one.cost_mm.tolist() == other.cost_mm.tolist()
    assert one.indices.tolist() == other.indices.tolist()


def test_osmnx_works_with_what_it_is_given(graph):
    given = Network.from_networkx(graph, mode="drive", min_component_share=0).to_networkx()
    nodes, edges = osmnx.graph_to_gdfs(given)
    assert len(nodes) == graph.number_of_nodes()
    assert edges.crs == nodes.crs
    back = osmnx.graph_from_gdfs(nodes, edges, graph_attrs=given.graph)
    assert Network.from_networkx(back, min_component_share=0).n_edges == Network.from_networkx(given).n_edges
    u, v = next((u, v) for u, v in given.edges() if u != v)
    assert osmnx.shortest_path(given, u, v, weight="length")[0] == u
    nearest = osmnx.nearest_edges(given, *np.array(nodes.geometry.iloc[0].coords[0]))
    assert given.has_edge(*nearest)
    # Speeds of osmnx: its own travel times stand beside ours.
    timed = osmnx.add_edge_travel_times(osmnx.add_edge_speeds(given, fallback=30))
    assert all(d["travel_time"] >= 0 for _, _, d in timed.edges(data=True))


def test_times_of_an_osmnx_graph_are_read_from_its_tags(graph):
    network = Network.from_networkx(graph, mode="drive", min_component_share=0)
    limited = np.flatnonzero(network.edges["maxspeed"].astype(str) == "40")
    assert len(limited) > 10
    times = network.timed("drive").times
    assert times.forward_ms[limited].tolist() == np.rint(network.edge_mm[limited] * 3.6 / 40).astype(int).tolist()
