"""Streets closed and links added: drawn cases by hand, and random ones against networkx."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from street_drawing import METRES, draw, points

from siting.access import add_gate, entries, explicit_gates, nearest, remove_gate
from siting.errors import GeometryError, NetworkDataError, SchemaError
from siting.network import Network, add_crossing, add_link, close_street

#   c ---100--- d        toilet at d
#   |                    home 10 m from b
#  100   (river)
#   |
#   a ---100--- b
NODES = {"a": (0, 0), "b": (100, 0), "c": (0, 100), "d": (100, 100)}
WAYS = ["a b", "a c", "c d"]
MIDDLE = shapely.LineString([(50, 0), (50, 100)])
HOME, TOILET = points(home=(90, 0)), points(toilet=(100, 100))


def metres(network: Network) -> float:
    return float(nearest(network, HOME, TOILET)["cost"].iloc[0])


def test_a_footbridge_shortens_and_closing_it_restores():
    today = draw(NODES, *WAYS)
    assert metres(today) == 90 + 100 + 100
    bridged = add_crossing(today, shapely.Point(80, 3), shapely.Point(80, 95), name="bridge", bridge=True)
    assert metres(bridged) == 10 + 100 + 20
    assert (today.n_edges, bridged.n_edges) == (3, 6)  # two edges cut, and the bridge
    assert bridged.base is today
    assert bridged.base_edge.tolist() == [0, 0, 1, 2, 2, -1]
    assert bridged.base_offset_mm.tolist() == [0, 80_000, 0, 0, 80_000, 0]
    assert [f.code for f in bridged.changes] == ["link_added"]
    restored = close_street(bridged, way="planned/bridge")
    assert metres(restored) == 290
    assert [f.code for f in restored.changes] == ["link_added", "street_closed"]


def test_a_closed_street_is_left_by_the_end_on_each_side():
    #  home --10-- b ... the street a b is closed at x = 60: the home east of it has no way left
    today = draw(NODES, *WAYS)
    closed = close_street(today, near=shapely.Point(60, 5))
    assert metres(closed) == np.inf
    west = nearest(closed, points(west=(50, 0)), TOILET)["cost"].iloc[0]
    assert west == 50 + 100 + 100
    assert closed.carries.all()  # the end that is cut off still holds its homes
    assert metres(add_crossing(closed, shapely.Point(100, 0), shapely.Point(100, 100))) == 10 + 100


@pytest.mark.parametrize("how", [{"edge": 1}, {"edge": [1]}, {"way": "way/1"}, {"near": points(x=(1, 50))}])
def test_three_ways_to_say_which_street(how):
    closed = close_street(draw(NODES, *WAYS), **how)
    assert closed.n_edges == 4
    assert closed.edge_mm.tolist() == [100_000, 50_000, 50_000, 100_000]
    assert len(closed.carries) == 2
    assert closed.changes[0].ids == ("way/1",)


def test_a_street_on_the_ground_joins_what_it_crosses_and_a_bridge_does_not():
    #   c-----------d          the link goes up at x = 50 from a b to c d, over the path e f
    #   |     |     |
    #   e- - -+- - -f
    #   |     |     |
    #   a-----------b
    nodes = NODES | {"e": (0, 40), "f": (100, 40)}
    today = draw(nodes, "a b", "a e c", "c d", "e f")
    line = shapely.LineString([(50, 0), (50, 100)])
    street = add_link(today, line, name="street", highway="residential")
    assert street.n_edges == today.n_edges + 3 + 2
    assert street.edge_mm[-2:].tolist() == [40_000, 60_000]
    on_path, above = points(p=(50, 40)), points(q=(50, 100))
    assert nearest(street, on_path, above)["cost"].iloc[0] == 60
    bridge = add_link(today, line, bridge=True)
    assert bridge.edge_mm[-1:].tolist() == [100_000]
    assert nearest(bridge, on_path, above)["cost"].iloc[0] == 50 + 60 + 50
    assert bridge.edges["layer"].tolist()[-1] == 1
    assert bridge.edges.dtypes.equals(today.edges.dtypes)


def test_what_is_drawn_beyond_a_street_is_cut_off_and_what_lacks_is_added():
    today = draw(NODES, *WAYS)
    for bottom in (-6, 7):
        for bridge in (False, True):
            link = add_link(today, shapely.LineString([(40, bottom), (40, 104)]), bridge=bridge)
            assert link.edge_mm[link.base_edge < 0].tolist() == [100_000]


def test_a_link_to_a_junction_cuts_nothing():
    today = draw(NODES, *WAYS)
    linked = add_link(today, shapely.LineString([(100, 0), (100, 100)]))
    assert linked.n_edges == today.n_edges + 1
    assert linked.n_nodes == today.n_nodes
    assert metres(linked) == 110


def test_a_link_may_be_one_way():
    linked = add_link(draw(NODES, *WAYS), shapely.LineString([(100, 100), (100, 0)]), one_way=True)
    assert metres(linked) == 290
    assert nearest(linked, TOILET, HOME)["cost"].iloc[0] == 110


def test_nobody_moves_to_a_link_unless_it_carries_points():
    #  a home beside the link, 30 m from the old street and 5 m from the link
    today = draw(NODES, *WAYS)
    line = shapely.LineString([(50, 0), (50, 100)])
    home = points(home=(55, 30))
    assert nearest(add_link(today, line), home, TOILET)["cost"].iloc[0] == 30 + 5 + 100 + 50
    street = add_link(today, line, carries_points=True)
    assert nearest(street, home, TOILET)["cost"].iloc[0] == 5 + 70 + 50
    assert street.snap(home).edge[0] == 5


def test_a_fragment_that_a_link_reaches_still_takes_no_points():
    #  x y is a fragment; the home beside it belongs to the street a b before and after
    nodes = NODES | {"x": (40, -30), "y": (60, -30)}
    today = draw(nodes, *WAYS, "x y", min_component_share=0.4)
    home = points(home=(50, -29))
    before = nearest(today, home, TOILET)["cost"].iloc[0]
    linked = add_link(today, shapely.LineString([(60, -30), (100, 0)]))
    assert nearest(linked, home, TOILET)["cost"].iloc[0] == before == 29 + 50 + 200
    assert linked.snap(home).caught.tolist() == [1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda n: close_street(n), "one of edge, way and near"),
        (lambda n: close_street(n, edge=3), "no edge 3; positions go from 0 to 2"),
        (lambda n: close_street(n, way="way/9"), "no way 'way/9'"),
        (lambda n: close_street(n, near=shapely.Point(50, 50)), "no street lies within 30 m"),
        (lambda n: add_link(n, shapely.LineString([(50, 50), (100, 0)])), "its start .* lies over 30 m"),
        (lambda n: add_crossing(n, shapely.Point(50, 1), shapely.Point(50, -1)), "one and the same place"),
        (lambda n: add_link(add_link(n, MIDDLE), MIDDLE), "named 'link' already"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(change, message):
    with pytest.raises(NetworkDataError, match=message):
        change(draw(NODES, *WAYS))


def test_only_single_shapes_are_taken():
    today = draw(NODES, *WAYS)
    with pytest.raises(GeometryError, match="expected one LineString, got 1 \\(Point\\)"):
        add_link(today, shapely.Point(0, 0))
    with pytest.raises(GeometryError, match="expected one Point, got 2"):
        close_street(today, near=points(a=(0, 0), b=(1, 1)))


def test_a_network_with_given_lengths_keeps_the_share_of_every_place():
    graph = nx.Graph(crs=METRES)
    graph.add_node("a", x=0, y=0)
    graph.add_node("b", x=100, y=0)
    graph.add_edge("a", "b", length=120.0)
    today = Network.from_networkx(graph)
    closed = close_street(today, edge=0)
    assert closed.edge_mm.tolist() == [60_000, 60_000]
    assert closed.edge_coords.tolist() == [[0, 0], [50, 0], [50, 0], [100, 0]]
    assert closed.node_id.tolist() == ["a", "b", "planned/0", "planned/1"]
    assert closed.snap(points(x=(75, 0))).offset_mm[0] == 30_000  # a quarter of 120 m beyond the middle


def test_gates_are_opened_and_closed():
    #  a street along y = 0, a park above it from x = 100 to 300 that lies open; a gate at its far side
    today = draw({"a": (0, 0), "b": (400, 0), "c": (400, 120), "d": (0, 120)}, "a b", "b c", "c d")
    park = points(p=(0, 0)).set_geometry([shapely.box(100, 10, 300, 110)])
    home = points(home=(200, 120))
    open_edge = nearest(today, home, park)["cost"].iloc[0]
    gates = add_gate(None, shapely.Point(150, 10), id="south", crs=METRES)
    assert nearest(today, home, park, entrances=gates)["cost"].iloc[0] == 200 + 120 + 250 + 10
    both = add_gate(gates, shapely.Point(200, 110), id="north")
    assert nearest(today, home, park, entrances=both)["cost"].iloc[0] == 10
    assert both.index.tolist() == ["south", "north"]
    assert gates.index.tolist() == ["south"]
    only = remove_gate(both, "north")
    assert entries(today, park, only)["kind"].tolist() == ["gate"]
    kept = explicit_gates(today, park)
    assert nearest(today, home, park, entrances=kept)["cost"].iloc[0] == open_edge == 10
    more = add_gate(kept, shapely.Point(300, 50), id="east")
    assert len(entries(today, park, more)) == len(kept) + 1
    with pytest.raises(SchemaError, match="none has the id 'west'"):
        remove_gate(both, "west")
    with pytest.raises(SchemaError, match="'north' already"):
        add_gate(both, shapely.Point(0, 0), id="north")


def test_a_gate_more_does_not_make_an_incomplete_list_complete():
    #  the street a b goes through the park; one gate is mapped in its north, others may lack
    today = draw({"a": (0, 0), "b": (400, 0), "c": (400, 60), "d": (0, 60)}, "a b", "b c", "c d")
    park = points(p=(0, 0)).set_geometry([shapely.box(100, -50, 300, 50)])
    mapped = points(north=(110, 50)).assign(kind="gate", complete=False)
    more = add_gate(mapped, shapely.Point(290, 50), id="new")
    assert more["complete"].tolist() == [False, False]
    assert sorted(entries(today, park, more)["kind"]) == ["crossing", "crossing", "gate", "gate"]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_new_gate_never_lengthens_a_way(seed):
    rng = np.random.default_rng(seed)
    # No street twice: of streets that lie on each other a mapped gate is on the first, a crossing on each.
    pairs = [f"n{i} n{j}" for j in range(8) for i in range(j)]
    chosen = rng.choice(pairs, int(rng.integers(3, 12)), replace=False)
    today = draw({f"n{k}": tuple(rng.integers(0, 4000, 2) / 10) for k in range(8)}, *chosen.tolist())
    demand = random_points(rng, "d", 8)
    x, y, width, height = rng.integers(20, 250, 4)
    square = shapely.box(x, y, x + width, y + height)
    park = points(p=(0, 0)).set_geometry([square])
    before = nearest(today, demand, park)["cost"].to_numpy()
    gates = explicit_gates(today, park)
    # today's entries as mapped gates: the same ways, but for the rounding of their places
    same = nearest(today, demand, park, entrances=gates)["cost"].to_numpy()
    assert np.allclose(same, before, rtol=0, atol=0.0021)
    more = add_gate(gates, square.exterior.interpolate(rng.random(), normalized=True), id="new")
    assert (nearest(today, demand, park, entrances=more)["cost"].to_numpy() <= same).all()


def random_streets(rng: np.random.Generator) -> Network:
    """Up to 12 nodes at whole decimetres and random ways over them: parallel edges, self-loops, islands, one-way."""
    n = int(rng.integers(4, 13))
    nodes = {f"n{k}": tuple(rng.integers(0, 4000, 2) / 10) for k in range(n)}
    ways = []
    for _ in range(int(rng.integers(3, 12))):
        names = [f"n{k}" for k in rng.integers(0, n, int(rng.integers(2, 5)))]
        if len(set(names)) > 1:
            oneway = {"walk_backward": False} if rng.random() < 0.2 else {}
            ways.append((" ".join(names), oneway))
    return draw(nodes, *(ways or ["n0 n1"]))


def random_points(rng: np.random.Generator, prefix: str, n: int):
    return points(**{f"{prefix}{k}": tuple(rng.integers(-200, 4200, 2) / 10) for k in range(n)})


def by_networkx(network: Network, demand, facilities, link=None) -> list[float]:
    """Least cost from each point to a facility over today's streets, and over a link between two places on them."""
    graph = nx.DiGraph()

    def join(a, b, mm):
        if not graph.has_edge(a, b) or graph.edges[a, b]["mm"] > mm:
            graph.add_edge(a, b, mm=int(mm))

    u, v, length = network.edge_u.tolist(), network.edge_v.tolist(), network.edge_mm.tolist()
    stops: dict[int, list[tuple[object, int]]] = {e: [(u[e], 0), (v[e], length[e])] for e in range(network.n_edges)}
    for kind, layer in (("demand", demand), ("facility", facilities), ("link", link)):
        at = None if layer is None else network.snap(layer)
        for k in range(0 if at is None else len(at)):
            stops[int(at.edge[k])].append(((kind, k), int(at.offset_mm[k])))
            if kind != "link":
                join(("out", kind, k), (kind, k), at.access_mm[k])
                join((kind, k), ("out", kind, k), at.access_mm[k])
        if at is not None and kind == "link":
            ends = np.array([at.x, at.y]).T
            mm = round(1000 * float(np.hypot(*(ends[1] - ends[0]))))
            join(("link", 0), ("link", 1), mm)
            join(("link", 1), ("link", 0), mm)
    for e, places in stops.items():
        ordered = sorted(places, key=lambda place: place[1])
        for (a, x), (b, y) in pairwise(ordered):
            if network.forward[e] or x == y:
                join(a, b, y - x)
            if network.backward[e] or x == y:
                join(b, a, y - x)
    goals = [("out", "facility", k) for k in range(len(facilities))]
    cost = nx.multi_source_dijkstra_path_length(graph.reverse(), goals, weight="mm")
    return [cost.get(("out", "demand", k), np.inf) / 1000 for k in range(len(demand))]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_links_and_closures_against_networkx(seed):
    rng = np.random.default_rng(seed)
    today = random_streets(rng)
    demand, facilities = random_points(rng, "d", 8), random_points(rng, "f", 2)
    before = nearest(today, demand, facilities)["cost"].to_numpy()
    assert before.tolist() == by_networkx(today, demand, facilities)
    a, b = random_points(rng, "l", 2).geometry
    try:
        linked = add_crossing(today, a, b, name="new", max_snap_m=1000)
    except NetworkDataError as error:
        assert "same place" in str(error)  # noqa: PT017 - only this refusal may happen here
        return
    after = nearest(linked, demand, facilities)["cost"].to_numpy()
    # 1. As with networkx; the link is drawn from whole millimetres to whole millimetres, so it may differ by one.
    oracle = np.array(by_networkx(today, demand, facilities, points(a=(a.x, a.y), b=(b.x, b.y))))
    assert np.array_equal(np.isinf(after), np.isinf(oracle))
    known = np.isfinite(oracle)
    assert np.abs(after[known] - oracle[known]).max(initial=0) <= 0.0021
    # 2. Adding never lengthens, and closing what was added restores every distance.
    assert (after <= before).all()
    restored = nearest(close_street(linked, way="planned/new"), demand, facilities)["cost"].to_numpy()
    assert restored.tolist() == before.tolist()
    # 3. Closing never shortens, wherever on the edge.
    e = int(rng.integers(today.n_edges))
    closed = close_street(linked, edge=e) if rng.random() < 0.5 else close_street(today, near=a, max_snap_m=1000)
    cut = nearest(closed, demand, facilities)["cost"].to_numpy()
    assert (cut >= (after if closed.base_edge.min() < 0 else before)).all()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_drawn_link_never_lengthens_and_leaves_all_lengths(seed):
    rng = np.random.default_rng(seed)
    today = random_streets(rng)
    demand, facilities = random_points(rng, "d", 8), random_points(rng, "f", 2)
    line = shapely.LineString(rng.integers(0, 4000, (int(rng.integers(2, 5)), 2)) / 10)
    try:
        linked = add_link(today, line, max_snap_m=1000)
    except NetworkDataError as error:
        assert "same place" in str(error)  # noqa: PT017 - only this refusal may happen here
        return
    whole = np.zeros(today.n_edges, dtype=np.int64)
    old = linked.base_edge >= 0
    np.add.at(whole, linked.base_edge[old], linked.edge_mm[old])
    assert whole.tolist() == today.edge_mm.tolist()
    before = nearest(today, demand, facilities)["cost"].to_numpy()
    after = nearest(linked, demand, facilities)["cost"].to_numpy()
    assert (after <= before).all()
    straight = [min(facilities.distance(p)) for p in demand.geometry]
    assert (after >= np.array(straight) - 0.01).all()
    restored = nearest(close_street(linked, way="planned/link"), demand, facilities)["cost"].to_numpy()
    assert restored.tolist() == before.tolist()
