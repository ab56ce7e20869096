"""Random graphs against a breadth-first count of millimetres: every edge as a chain of steps of 1 mm."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from street_drawing import METRES

from siting.access.nearest import nearest_goals
from siting.access.pairs import search_pairs
from siting.access.places import Goals
from siting.network import Snapped
from siting.network.assemble import Pieces, assemble
from siting.network.reach import rows_from_columns
from siting.units import UNREACHED_MM

LONGEST = 9


@st.composite
def worlds(draw):
    """A graph with loops, parallel, one-way and empty edges, islands; places on it; facilities with several entries."""
    n = draw(st.integers(1, 6))
    node = st.integers(0, n - 1)
    direction = st.sampled_from([(True, True), (True, True), (True, False), (False, True)])
    edges = draw(st.lists(st.tuples(node, node, st.integers(0, LONGEST), direction), min_size=1, max_size=12))
    place = st.tuples(st.integers(0, len(edges) - 1), st.integers(0, LONGEST), st.integers(0, 5))
    demand = draw(st.lists(place, max_size=6))
    entries = draw(st.lists(st.tuples(place, st.integers(0, 3)), max_size=6))
    return n, edges, demand, entries, draw(st.integers(0, 40))


def network_of(n, edges):
    u, v, mm, ways = zip(*edges, strict=True)
    # A street of no length has no direction: both its ends are one place.
    forward = np.array([f or m == 0 for m, (f, _) in zip(mm, ways, strict=True)])
    backward = np.array([b or m == 0 for m, (_, b) in zip(mm, ways, strict=True)])
    xy = np.column_stack([np.arange(n), np.zeros(n)]).astype(float)
    ends = np.column_stack([u, v]).ravel()
    pieces = Pieces(
        node_id=np.arange(n),
        xy=xy,
        edge_u=np.array(u),
        edge_v=np.array(v),
        edge_coords=xy[ends],
        edge_ptr=np.arange(0, 2 * len(edges) + 1, 2),
        forward=forward,
        backward=backward,
        edges=pd.DataFrame(index=range(len(edges))),
        edge_mm=np.array(mm, dtype=np.int64),
    )
    return assemble(pieces, crs=METRES, mode="walk", min_component_share=0.0)


def chain_of_steps(network):
    """Node of every millimetre of every edge, and the graph of all steps."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(network.n_nodes))
    at = {}
    for e in range(network.n_edges):
        mm = int(network.edge_mm[e])
        for k in range(mm + 1):
            at[e, k] = (e, k)
        at[e, 0] = int(network.edge_u[e])
        at[e, mm] = int(network.edge_v[e]) if mm else at[e, 0]
        for k in range(mm):
            if network.forward[e]:
                graph.add_edge(at[e, k], at[e, k + 1], weight=1)
            if network.backward[e]:
                graph.add_edge(at[e, k + 1], at[e, k], weight=1)
        if mm == 0:
            graph.add_edge(int(network.edge_u[e]), int(network.edge_v[e]), weight=0)
            graph.add_edge(int(network.edge_v[e]), int(network.edge_u[e]), weight=0)
    return graph, at


def on_edges(network, places):
    edge = np.array([p[0] for p in places], dtype=np.int64)
    offset = np.minimum(np.array([p[1] for p in places], dtype=np.int64), network.edge_mm[edge])
    return edge, offset, np.array([p[2] for p in places], dtype=np.int64)


@settings(max_examples=400, deadline=None)
@given(worlds())
def test_every_cost_equals_the_count_of_steps(world):
    n, edges, demand, entry_list, limit = world
    network = network_of(n, edges)
    graph, at = chain_of_steps(network)
    edge, offset, access = on_edges(network, demand)
    blank = np.zeros(len(edge))
    snapped = Snapped(
        index=pd.RangeIndex(len(edge)), edge=edge, offset_mm=offset, far_mm=network.edge_mm[edge] - offset,
        access_mm=access, x=blank, y=blank, distance_m=blank, passed_by=np.full(len(edge), -1), max_snap_m=1.0,
    )  # fmt: skip
    g_edge, g_offset, g_access = on_edges(network, [p for p, _ in entry_list])
    owner = np.array([f for _, f in entry_list], dtype=np.int64)
    n_facility = 4
    table = pd.DataFrame({"facility": owner, "edge": g_edge, "offset_mm": g_offset, "access_mm": g_access})
    goals = Goals.of(network, table, pd.RangeIndex(n_facility))

    truth = np.full((len(edge), n_facility), UNREACHED_MM)
    for i in range(len(edge)):
        steps = nx.single_source_dijkstra_path_length(graph, at[int(edge[i]), int(offset[i])])
        for e, o, a, f in zip(g_edge.tolist(), g_offset.tolist(), g_access.tolist(), owner.tolist(), strict=True):
            if at[e, o] in steps:
                truth[i, f] = min(truth[i, f], access[i] + steps[at[e, o]] + a)

    for bound in (limit, UNREACHED_MM // 4):
        within = np.where(truth <= bound, truth, UNREACHED_MM)
        found = np.full_like(truth, UNREACHED_MM)
        nobody = np.empty(0, dtype=np.int64)
        pairs = search_pairs(network, snapped, goals, np.zeros(n_facility + 1, dtype=np.int64), nobody, bound)
        indptr, indices, cost = rows_from_columns(*pairs, len(edge))
        found[np.repeat(np.arange(len(edge)), np.diff(indptr)), indices] = cost
        assert found.tolist() == within.tolist()
        cost, label = nearest_goals(network, snapped, goals, bound)
        assert cost.tolist() == within.min(axis=1, initial=UNREACHED_MM).tolist()
        first = [int(row.argmin()) if row.min() < UNREACHED_MM else -1 for row in within]  # argmin: the lowest position
        assert label.tolist() == first


def random_city(seed, n=60, ways=45):
    from street_drawing import draw, points

    rng = np.random.default_rng(seed)
    nodes = {f"n{k}": tuple(xy) for k, xy in enumerate(rng.uniform(0, 1000, (n, 2)).round(1))}
    made = [" ".join(f"n{k}" for k in rng.choice(n, rng.integers(2, 6), replace=False)) for _ in range(ways)]
    homes = points(**{f"h{k}": tuple(xy) for k, xy in enumerate(rng.uniform(0, 1000, (80, 2)))})
    shops = points(**{f"s{k}": tuple(xy) for k, xy in enumerate(rng.uniform(0, 1000, (15, 2)))})
    return draw, nodes, made, homes, shops


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_rows_give_the_same_answers(seed):
    from siting.access import cost_matrix, nearest

    draw, nodes, ways, homes, shops = random_city(seed)
    network = draw(nodes, *ways)
    table, matrix = nearest(network, homes, shops), cost_matrix(network, homes, shops, 400)
    mixed_homes, mixed_shops = homes.sample(frac=1, random_state=1), shops.sample(frac=1, random_state=2)
    again = nearest(network, mixed_homes, mixed_shops)
    pd.testing.assert_frame_equal(again.loc[table.index], table)
    mixed = cost_matrix(network, mixed_homes, mixed_shops, 400)
    frame = pd.DataFrame(mixed.to_dense(), index=mixed.rows, columns=mixed.columns)
    assert (frame.loc[matrix.rows, matrix.columns].to_numpy() == matrix.to_dense()).all()


@pytest.mark.parametrize("seed", range(3))
def test_a_wider_cutoff_never_loses_and_a_new_street_never_lengthens(seed):
    from siting.access import cost_matrix

    draw, nodes, ways, homes, shops = random_city(seed)
    network = draw(nodes, *ways)
    full = cost_matrix(network, homes, shops, None).to_dense()
    for cutoff in (0, 150, 300, 900):
        dense = cost_matrix(network, homes, shops, cutoff).to_dense()
        assert (dense == np.where(full <= cutoff, full, np.inf)).all()
    # Between nodes: another street may catch points that lay on other streets before.
    at_nodes = homes.iloc[:20].set_geometry(
        [homes.geometry.iloc[0].__class__(xy) for xy in network.xy[:20]], crs=METRES
    )
    before = cost_matrix(network, at_nodes, at_nodes, None).to_dense()
    more = draw(nodes, *ways, "n0 n7 n21")
    after = cost_matrix(more, at_nodes, at_nodes, None).to_dense()
    assert (after <= before).all()
    assert (before == before.T).all()
