"""Porto Alegre, every figure found a second way: cut in plain Python, placed by shapely, searched by networkx."""

import itertools

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from pyproj import Transformer

from siting.access import cost_matrix, nearest, nearest_straight
from siting.inputs.osm import read_streets
from siting.network import Network

UTM = 32722


@pytest.fixture(scope="module")
def city(shared_data):
    path = shared_data / "porto-alegre" / "poa_osm.osm.pbf"
    return Network.from_osm(path, crs=UTM), read_streets(path)


def oracle_edges(streets):
    """Cut the walkable ways at shared nodes in plain Python: (node, node, LineString) of each piece."""
    project = Transformer.from_crs(4326, UTM, always_xy=True)
    x, y = project.transform(streets.lon, streets.lat)
    ways = [
        streets.way_node[streets.way_ptr[w] : streets.way_ptr[w + 1]].tolist()
        for w in np.flatnonzero(streets.tags["walk"])
    ]
    times = {}
    for node in itertools.chain.from_iterable(ways):
        times[node] = times.get(node, 0) + 1
    edges = []
    for way in ways:
        piece = [way[0]]
        for node in way[1:]:
            piece.append(node)
            if times[node] > 1:
                edges.append((piece[0], piece[-1], shapely.LineString([(x[n], y[n]) for n in piece])))
                piece = [node]
        if len(piece) > 1:
            edges.append((piece[0], piece[-1], shapely.LineString([(x[n], y[n]) for n in piece])))
    return edges


def test_two_thousand_random_pairs_to_the_millimetre(city):
    network, streets = city
    edges = oracle_edges(streets)
    assert len(edges) == network.n_edges

    whole = nx.Graph()
    whole.add_edges_from((u, v) for u, v, _ in edges)
    main = max(nx.connected_components(whole), key=len)
    carrying = [e for e in edges if e[0] in main]
    lines = np.array([line for _, _, line in carrying])

    rng = np.random.default_rng(20200812)
    west, south, east, north = shapely.total_bounds(lines)
    at = shapely.points(rng.uniform((west, south), (east, north), (6_000, 2)))
    near = shapely.STRtree(lines).nearest(at)
    access = shapely.distance(at, lines[near])
    chosen = np.flatnonzero(access <= 500)[:2_040]
    assert len(chosen) == 2_040
    homes, goals = chosen[:40], chosen[40:]

    # Every edge split at every place on it; 40 places search their way to 50 others each.
    on_edge = {}
    for p in chosen.tolist():
        mm = round(carrying[near[p]][2].length * 1000)
        on_edge.setdefault(int(near[p]), []).append((min(max(round(lines[near[p]].project(at[p]) * 1000), 0), mm), p))
    graph = nx.MultiGraph()
    for e, (u, v, line) in enumerate(carrying):
        last, done = u, 0
        for offset, p in sorted(on_edge.get(e, [])):
            graph.add_edge(last, f"place {p}", weight=offset - done)
            last, done = f"place {p}", offset
        graph.add_edge(last, v, weight=round(line.length * 1000) - done)
    truth = []
    for k, home in enumerate(homes.tolist()):
        ways = nx.single_source_dijkstra_path_length(graph, f"place {home}")
        truth += [
            round(access[home] * 1000) + ways[f"place {goal}"] + round(access[goal] * 1000)
            for goal in goals[50 * k : 50 * k + 50].tolist()
        ]
    assert len(truth) == 2_000

    matrix = cost_matrix(
        network,
        gpd.GeoDataFrame(index=homes, geometry=at[homes], crs=UTM),
        gpd.GeoDataFrame(index=goals, geometry=at[goals], crs=UTM),
        None,
    )
    found = np.rint(matrix.to_dense() * 1000)[np.repeat(np.arange(40), 50), np.arange(2_000)]
    assert np.array_equal(found, truth)


def test_nearest_agrees_with_the_matrix_and_with_the_straight_line(city):
    network, _ = city
    rng = np.random.default_rng(7)
    low, high = network.xy.min(axis=0), network.xy.max(axis=0)
    homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*rng.uniform(low, high, (3_000, 2)).T), crs=UTM)
    shops = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*rng.uniform(low, high, (60, 2)).T), crs=UTM)
    table = nearest(network, homes, shops)
    dense = cost_matrix(network, homes, shops, None).to_dense()
    reached = np.isfinite(table["cost"].to_numpy())
    assert reached.sum() > 1_000
    assert np.array_equal(table["cost"].to_numpy(), dense.min(axis=1))
    assert table["facility"][reached].tolist() == dense[reached].argmin(axis=1).tolist()
    # Each of the edges on the way was rounded by up to half a millimetre.
    assert (table["cost"] >= nearest_straight(homes, shops)["cost"] - 0.05).all()


def test_the_parts_of_the_city_are_listed(city):
    network, _ = city
    table = network.components
    assert table["carries"].tolist() == [True] + [False] * (len(table) - 1)
    assert table["vertices"].iloc[0] / table["vertices"].sum() > 0.97
    assert table["vertices"].is_monotonic_decreasing
    assert len(network.fragments) == len(table) - 1
    assert table["length_m"].sum() == pytest.approx(network.edge_mm.sum() / 1000)
