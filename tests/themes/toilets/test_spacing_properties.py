"""Far parts and lacking toilets against brute force: streets in half millimetres, every set of places tried."""

from itertools import combinations, pairwise

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.network.search import UNREACHED
from siting.themes.toilets.spacing_needed import places_needed
from siting.themes.toilets.spacing_web import FarParts, Web


@st.composite
def webs(draw):
    n = draw(st.integers(2, 6))
    m = draw(st.integers(1, 8))
    ends = st.integers(0, n - 1)
    pieces = draw(st.lists(st.tuples(ends, ends, st.integers(0, 6)), min_size=m, max_size=m))
    places = draw(st.lists(ends, max_size=3))
    u, v, mm = (np.array(column, dtype=np.int64) for column in zip(*pieces, strict=True))
    zeros = np.zeros(m, dtype=np.int64)
    return Web(n, u, v, mm, zeros, zeros, np.array(places, dtype=np.int64), np.zeros(len(places)))


def brute_distances(web):
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(web.n_nodes))
    graph.add_weighted_edges_from(zip(web.u.tolist(), web.v.tolist(), web.mm.tolist(), strict=True))
    sources = set(web.place_node.tolist())
    return nx.multi_source_dijkstra_path_length(graph, sources) if sources else {}


@given(webs(), st.integers(1, 9))
@settings(max_examples=200, deadline=None)
def test_far_parts_and_how_they_hang_together(web, spacing):
    node_mm, node_place = web.from_places(np.arange(len(web.place_node)))
    by_hand = brute_distances(web)
    assert {k: int(d) for k, d in enumerate(node_mm) if d != UNREACHED} == by_hand
    assert all((node_place[k] >= 0) == (k in by_hand) for k in range(web.n_nodes))
    far = FarParts.of(web, node_mm, spacing)
    low = dict(zip(far.piece.tolist(), far.low2.tolist(), strict=True))
    high = dict(zip(far.piece.tolist(), far.high2.tolist(), strict=True))
    inf = float("inf")
    cells = nx.Graph()
    for p, (a, b, mm) in enumerate(zip(web.u, web.v, web.mm, strict=True)):
        d, e = by_hand.get(int(a), inf), by_hand.get(int(b), inf)
        ends = [("node", int(a)), *[(p, k) for k in range(2 * mm)], ("node", int(b))]
        is_far = [2 * d > spacing]
        for k in range(2 * mm):  # the middle of each half millimetre
            x = (k + 0.5) / 2
            is_far.append(2 * min(d + x, e + mm - x) > spacing)
            assert is_far[-1] == (low.get(p, 0) <= k < high.get(p, 0))
        is_far.append(2 * e > spacing)
        cells.add_nodes_from(c for c, f in zip(ends, is_far, strict=True) if f)
        cells.add_edges_from(
            (ends[k], ends[k + 1])
            for k in range(len(ends) - 1)
            if is_far[k] and is_far[k + 1] and ends[k] != ends[k + 1]
        )
    whole = [{c[0] for c in part if c[0] != "node"} for part in nx.connected_components(cells)]
    found = [set(far.piece[g].tolist()) for g in far.groups(web)]
    assert sorted(map(sorted, found)) == sorted(map(sorted, (w for w in whole if w)))


def brute_needed(links, reach):
    """Fewest places at whole units of length that cover the ends and the middle of every unit."""
    fine = nx.Graph()
    for k, (a, b, length) in enumerate(links):
        path = [a, *[("in", k, i) for i in range(1, 2 * length)], b] if length else [a, b]
        weights = [0.5] * (2 * length) if length else [0.0]
        for (x, y), w in zip(pairwise(path), weights, strict=True):
            fine.add_edge(x, y, weight=w)
    nodes = list(fine)
    away = dict(nx.all_pairs_dijkstra_path_length(fine))
    whole = [c for c in nodes if isinstance(c, int) or c[2] % 2 == 0]
    covers = [{x for x in nodes if away[c].get(x, np.inf) <= reach} for c in whole]
    covers = [c for c in covers if not any(c < other for other in covers)]
    covers = [set(c) for c in {frozenset(c) for c in covers}]
    for count in range(1, len(nodes) + 1):
        if any(set().union(*some) == set(nodes) for some in combinations(covers, count)):
            return count
    raise AssertionError


@st.composite
def trees(draw):
    n = draw(st.integers(2, 6))
    return [(draw(st.integers(0, k - 1)), k, draw(st.integers(0 if n > 2 else 1, 5))) for k in range(1, n)]


@given(trees(), st.integers(1, 6))
@settings(max_examples=150, deadline=None)
def test_the_number_is_exact_on_trees(links, spacing):
    least, suffice = places_needed(links, spacing)
    assert least == suffice == brute_needed(links, spacing)


@given(trees(), st.integers(1, 6), st.data())
@settings(max_examples=100, deadline=None)
def test_two_numbers_enclose_it_where_there_are_rings(links, spacing, data):
    node = st.integers(0, len(links))
    more = data.draw(st.lists(st.tuples(node, node, st.integers(1, 4)), min_size=1, max_size=2))
    least, suffice = places_needed(links + more, spacing)
    assert least <= brute_needed(links + more, spacing) <= suffice


@given(st.integers(1, 30), st.integers(1, 6))
@settings(max_examples=50, deadline=None)
def test_a_ring_needs_its_length_over_the_spacing(length, spacing):
    least, suffice = places_needed([(0, 0, 2 * length)], spacing)
    assert least == suffice == -(-length // spacing)
