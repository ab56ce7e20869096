"""Times over a real quarter: against networkx, turned round, and profile against profile."""

import networkx as nx
import numpy as np
import pytest
from street_drawing import points

from siting.access import cost_matrix, nearest
from siting.network import Network

SHOPS = 25


def hills(at):
    """Waves of 20 m, a few hundred metres long."""
    x, y = at.x.to_numpy(), at.y.to_numpy()
    return 20 * np.sin(x / 170) * np.cos(y / 230)


@pytest.fixture(scope="module")
def source(repository):
    return repository / "data" / "helsinki-centre" / "helsinki-centre.osm.pbf"


@pytest.fixture(scope="module")
def walk(source):
    return Network.from_osm(source)


def layers(network, seed, homes=60):
    rng = np.random.default_rng(seed)
    xy = rng.uniform(network.xy.min(axis=0), network.xy.max(axis=0), (homes + SHOPS, 2))
    at = points(**{f"p{k}": tuple(p) for k, p in enumerate(xy)}).set_crs(network.crs, allow_override=True)
    return at.iloc[:homes], at.iloc[homes:]


@pytest.mark.parametrize("mode", ["walk", "drive"])
def test_between_junctions_times_are_those_of_networkx(source, walk, mode):
    streets = walk if mode == "walk" else Network.from_osm(source, mode="drive")
    timed = streets.timed("adult", elevation=hills) if mode == "walk" else streets.timed("drive")
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(streets.n_nodes))
    for e in range(streets.n_edges):
        u, v = int(streets.edge_u[e]), int(streets.edge_v[e])
        if streets.forward[e]:
            graph.add_edge(u, v, ms=int(timed.times.forward_ms[e]))
        if streets.backward[e]:
            graph.add_edge(v, u, ms=int(timed.times.backward_ms[e]))
    at = points(**{str(k): tuple(p) for k, p in enumerate(streets.xy)}).set_crs(streets.crs, allow_override=True)
    snapped = streets.snap(at)
    end = np.where(snapped.offset_mm == 0, streets.edge_u[snapped.edge], streets.edge_v[snapped.edge])
    own = (end == np.arange(len(at))) & ((snapped.offset_mm == 0) | (snapped.far_mm == 0)) & (snapped.edge >= 0)
    chosen = np.random.default_rng(4).choice(np.flatnonzero(own), 60, replace=False)
    homes, shops = chosen[:40], chosen[40:]
    found = cost_matrix(timed, at.iloc[homes], at.iloc[shops], None).to_dense()
    for k, home in enumerate(homes.tolist()):
        ways = nx.single_source_dijkstra_path_length(graph, home, weight="ms")
        assert found[k].tolist() == [ways.get(s, np.inf) / 1000 for s in shops.tolist()]
    assert np.isfinite(found).mean() > 0.5


def test_the_way_there_is_the_way_back_with_hills_for_valleys(walk):
    homes, shops = layers(walk, 1)
    there = cost_matrix(walk.timed("adult", elevation=hills), homes, shops, None)
    back = cost_matrix(walk.timed("adult", elevation=lambda at: -hills(at)), shops, homes, None)
    assert (there.to_dense() == back.to_dense().T).all()
    same = cost_matrix(walk.timed("adult", elevation=hills), shops, homes, None)
    assert (there.to_dense() != same.to_dense().T).any()  # up is not down


@pytest.mark.parametrize("timed", [True, False])
def test_turned_streets_give_the_ways_from_facilities_to_demand(source, timed):
    drive = Network.from_osm(source, mode="drive")
    network = drive.timed("drive") if timed else drive
    homes, shops = layers(drive, 5)
    out = cost_matrix(network.turned(), homes, shops, None).to_dense()
    assert (out == cost_matrix(network, shops, homes, None).to_dense().T).all()
    assert (out != cost_matrix(network, homes, shops, None).to_dense()).any()


def test_hills_are_turned_too(walk):
    homes, shops = layers(walk, 6)
    timed = walk.timed("adult", elevation=hills)
    out = cost_matrix(timed.turned(), homes, shops, None).to_dense()
    assert (out == cost_matrix(timed, shops, homes, None).to_dense().T).all()


def test_on_the_flat_ways_are_the_same_both_ways_and_nobody_overtakes_the_adult(walk):
    homes, shops = layers(walk, 2)
    adult, elderly, free = (walk.timed(p) for p in ("adult", "elderly", "step_free"))
    quick = cost_matrix(adult, homes, shops, None).to_dense()
    assert (quick == cost_matrix(adult, shops, homes, None).to_dense().T).all()
    length = cost_matrix(walk, homes, shops, None).to_dense()
    finite = np.isfinite(length)
    assert (np.isfinite(quick) == finite).all()
    assert (quick[finite] == length[finite]).all()  # at 1 m/s a millimetre takes a millisecond
    slow = cost_matrix(elderly, homes, shops, None).to_dense()
    assert slow[finite] == pytest.approx(length[finite] / 0.8, abs=0.1)  # half a millisecond an edge
    # With the same places step-free ways are never quicker; points beside steps are placed elsewhere.
    same = homes[(walk.snap(homes).edge == free.snap(homes).edge)]
    gates = shops[(walk.snap(shops).edge == free.snap(shops).edge)]
    assert len(same) > 40
    assert (cost_matrix(free, same, gates, None).to_dense() >= cost_matrix(elderly, same, gates, None).to_dense()).all()


def test_nearest_in_time_agrees_with_the_matrix_and_the_cutoff(walk):
    homes, shops = layers(walk, 3)
    timed = walk.timed("elderly", elevation=hills)
    table, dense = nearest(timed, homes, shops), cost_matrix(timed, homes, shops, None).to_dense()
    assert table["cost"].tolist() == dense.min(axis=1).tolist()
    reached = np.isfinite(dense.min(axis=1))
    assert table["facility"][reached].tolist() == shops.index[dense[reached].argmin(axis=1)].tolist()
    for cutoff in (120, 300, 900):
        near = cost_matrix(timed, homes, shops, cutoff)
        assert (near.to_dense() == np.where(dense <= cutoff, dense, np.inf)).all()
        assert (near.unit, near.cutoff) == ("s", cutoff)
