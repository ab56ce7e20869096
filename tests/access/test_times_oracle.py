"""Times that differ by direction, on random graphs, against networkx on edges cut at every place."""

from fractions import Fraction
from math import floor

import networkx as nx
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from street_drawing import METRES

from siting.access.nearest import nearest_goals
from siting.access.pairs import search_pairs
from siting.access.places import Goals
from siting.ledger import Account
from siting.network import Snapped
from siting.network.assemble import Pieces, assemble
from siting.network.impedance import Times, with_times
from siting.network.profiles import load_profiles
from siting.network.reach import rows_from_columns
from siting.units import UNREACHED_MM

LONGEST = 9
SPEED = 0.8  # of the elderly: 1 mm off the street takes 1.25 ms


@st.composite
def worlds(draw):
    """Edges with a length, a time each way and permissions (or none), places on them, facilities with entries."""
    n = draw(st.integers(1, 6))
    node = st.integers(0, n - 1)
    ways = st.sampled_from([(True, True), (True, True), (True, False), (False, True), (False, False)])
    ms = st.integers(0, 7)
    edges = draw(st.lists(st.tuples(node, node, st.integers(0, LONGEST), ms, ms, ways), min_size=1, max_size=12))
    place = st.tuples(st.integers(0, len(edges) - 1), st.integers(0, LONGEST), st.integers(0, 5))
    demand = draw(st.lists(place, max_size=6))
    entries = draw(st.lists(st.tuples(place, st.integers(0, 3)), max_size=6))
    return n, edges, demand, entries, draw(st.integers(0, 30))


def network_of(n, edges):
    u, v, mm, ahead, back, ways = (np.array(column) for column in zip(*edges, strict=True))
    none = mm == 0  # a street of no length takes no time and is open both ways
    ahead, back = np.where(none, 0, ahead), np.where(none, 0, back)
    forward, backward = ways[:, 0] | none, ways[:, 1] | none
    shut = ~forward & ~backward
    xy = np.column_stack([np.arange(n), np.zeros(n)]).astype(float)
    pieces = Pieces(
        node_id=np.arange(n), xy=xy, edge_u=u, edge_v=v, edge_coords=xy[np.column_stack([u, v]).ravel()],
        edge_ptr=np.arange(0, 2 * len(edges) + 1, 2), forward=forward | shut, backward=backward | shut,
        edges=pd.DataFrame(index=range(len(edges))), edge_mm=mm,
    )  # fmt: skip
    network = assemble(pieces, crs=METRES, mode="walk", min_component_share=0.0)
    times = Times(load_profiles()["elderly"], ahead, back)
    return with_times(network, times, shut, Account(layer="network", source="drawing", rows_in=0, rows_used=0))


def on_edges(network, places):
    edge = np.array([p[0] for p in places], dtype=np.int64)
    offset = np.minimum(np.array([p[1] for p in places], dtype=np.int64), network.edge_mm[edge])
    return edge, offset, np.array([p[2] for p in places], dtype=np.int64)


def part(ms, offset, mm):
    return floor(Fraction(ms * offset, mm) + Fraction(1, 2)) if mm else 0


def cut_everywhere(network):
    """Every edge as a chain over all its millimetres; the node of each, and the graph with times."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(network.n_nodes))
    at = {}
    for e in range(network.n_edges):
        mm = int(network.edge_mm[e])
        ahead, back = int(network.times.forward_ms[e]), int(network.times.backward_ms[e])
        for k in range(mm + 1):
            at[e, k] = (e, k)
            graph.add_node((e, k))
        at[e, 0] = int(network.edge_u[e])
        at[e, mm] = int(network.edge_v[e]) if mm else at[e, 0]
        for k in range(mm):
            if network.forward[e]:
                graph.add_edge(at[e, k], at[e, k + 1], weight=part(ahead, k + 1, mm) - part(ahead, k, mm))
            if network.backward[e]:
                graph.add_edge(at[e, k + 1], at[e, k], weight=part(back, k + 1, mm) - part(back, k, mm))
        if mm == 0:
            graph.add_edge(int(network.edge_u[e]), int(network.edge_v[e]), weight=0)
            graph.add_edge(int(network.edge_v[e]), int(network.edge_u[e]), weight=0)
    return graph, at


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_every_time_equals_that_of_the_cut_graph(world):
    n, edges, demand, entry_list, limit = world
    network = network_of(n, edges)
    graph, at = cut_everywhere(network)
    edge, offset, access = on_edges(network, demand)
    blank = np.zeros(len(edge))
    snapped = Snapped(
        index=pd.RangeIndex(len(edge)), edge=edge, offset_mm=offset, far_mm=network.edge_mm[edge] - offset,
        access_mm=access, x=blank, y=blank, distance_m=blank, passed_by=np.full(len(edge), -1), max_snap_m=1.0,
    )  # fmt: skip
    g_edge, g_offset, g_access = on_edges(network, [p for p, _ in entry_list])
    owner = np.array([f for _, f in entry_list], dtype=np.int64)
    table = pd.DataFrame({"facility": owner, "edge": g_edge, "offset_mm": g_offset, "access_mm": g_access})
    goals = Goals.of(network, table, pd.RangeIndex(4))

    def usable(e, o):
        """Inside a closed edge a place can use no street, not even one it shares with another."""
        return bool(network.forward[e] or network.backward[e] or o == 0 or o == network.edge_mm[e])

    truth = np.full((len(edge), 4), UNREACHED_MM)
    for i in range(len(edge)):
        if not usable(int(edge[i]), int(offset[i])):
            continue
        ways = nx.single_source_dijkstra_path_length(graph, at[int(edge[i]), int(offset[i])])
        for e, o, a, f in zip(g_edge.tolist(), g_offset.tolist(), g_access.tolist(), owner.tolist(), strict=True):
            if usable(e, o) and at[e, o] in ways:
                off_street = round(access[i] / SPEED) + round(a / SPEED)
                truth[i, f] = min(truth[i, f], ways[at[e, o]] + off_street)

    for bound in (limit, UNREACHED_MM // 4):
        within = np.where(truth <= bound, truth, UNREACHED_MM)
        found = np.full_like(truth, UNREACHED_MM)
        nobody = np.empty(0, dtype=np.int64)
        pairs = search_pairs(network, snapped, goals, np.zeros(5, dtype=np.int64), nobody, bound)
        indptr, indices, cost = rows_from_columns(*pairs, len(edge))
        found[np.repeat(np.arange(len(edge)), np.diff(indptr)), indices] = cost
        assert found.tolist() == within.tolist()
        cost, label = nearest_goals(network, snapped, goals, bound)
        assert cost.tolist() == within.min(axis=1, initial=UNREACHED_MM).tolist()
        first = [int(row.argmin()) if row.min() < UNREACHED_MM else -1 for row in within]
        assert label.tolist() == first
