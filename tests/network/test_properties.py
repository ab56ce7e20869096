"""What must hold of every network, on random planar ones: streets and gates added or closed, rows shuffled, files."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import Delaunay
from street_drawing import METRES, points

from siting.access import add_gate, cost_matrix, cumulative, explicit_gates, k_nearest, nearest
from siting.errors import NetworkDataError
from siting.network import Network, add_crossing, add_link, close_street

WIDE_M = 600.0
seeds = st.integers(0, 2**32 - 1)


class City:
    """A planar network: some streets of a triangulation, bent, so that they cross nowhere but at their nodes."""

    def __init__(self, seed: int) -> None:
        self.rng = rng = np.random.default_rng(seed)
        n = int(rng.integers(6, 25))
        self.xy = rng.uniform(0, WIDE_M, (n, 2)).round(3)
        triangles = Delaunay(self.xy).simplices
        pairs = {tuple(sorted((int(t[i]), int(t[j])))) for t in triangles for i, j in ((0, 1), (1, 2), (0, 2))}
        streets = sorted(pairs)
        keep = rng.random(len(streets)) < rng.uniform(0.4, 1.0)
        keep[rng.integers(len(streets))] = True
        self.pairs = [s for s, k in zip(streets, keep, strict=True) if k]
        self.lines = [self.bent(*pair) for pair in self.pairs]

    def bent(self, u: int, v: int) -> shapely.LineString:
        """A street with up to two bends on the straight line, so that nothing crosses."""
        along = np.sort(self.rng.random(int(self.rng.integers(0, 3))))
        inner = self.xy[u] + along[:, None] * (self.xy[v] - self.xy[u])
        return shapely.LineString(np.vstack([self.xy[u], inner, self.xy[v]]))

    def layer(self, rows=None) -> gpd.GeoDataFrame:
        rows = range(len(self.lines)) if rows is None else rows
        names = [f"s{k}" for k in rows]
        return gpd.GeoDataFrame({"way_id": names}, geometry=[self.lines[k] for k in rows], crs=METRES)

    def network(self, rows=None) -> Network:
        return Network.from_lines(self.layer(rows), snap_tolerance_m=0, min_component_share=0)

    def places(self, prefix: str, n: int) -> gpd.GeoDataFrame:
        return points(**{f"{prefix}{k}": tuple(xy) for k, xy in enumerate(self.rng.uniform(-50, WIDE_M + 50, (n, 2)))})

    def on_nodes(self) -> gpd.GeoDataFrame:
        used = sorted({k for pair in self.pairs for k in pair})
        return points(**{f"n{k}": tuple(self.xy[k]) for k in used})


def dense(network: Network, demand, facilities, cutoff=None) -> np.ndarray:
    return cost_matrix(network, demand, facilities, cutoff).to_dense()


@settings(max_examples=25, deadline=None)
@given(seed=seeds)
def test_distances_are_a_metric(seed):
    city = City(seed)
    network, places = city.network(), city.on_nodes()
    mm = np.where(np.isinf(d := dense(network, places, places)), np.inf, np.rint(d * 1000))
    assert (mm == mm.T).all()
    assert (np.diag(mm) == 0).all()
    assert (mm[:, None, :] <= mm[:, :, None] + mm[None, :, :]).all()  # no way over a third place is shorter
    # places anywhere: the way to the street is part of the way, twice where one comes by and goes on
    homes = city.places("h", 12)
    between = dense(network, homes, homes)
    assert (between == between.T).all()
    access = network.snap(homes).access_mm / 1000
    onward = between[:, :, None] + between[None, :, :] - 2 * access[None, :, None]
    apart = ~np.eye(len(homes), dtype=bool)
    assert (between[:, None, :] <= onward + 1e-9)[apart[:, :, None] & apart[None, :, :]].all() or len(homes) < 3


@settings(max_examples=25, deadline=None)
@given(seed=seeds)
def test_the_straight_line_is_never_longer(seed):
    city = City(seed)
    network, homes, shops = city.network(), city.places("h", 15), city.places("s", 6)
    straight = np.array([[h.distance(s) for s in shops.geometry] for h in homes.geometry])
    # each edge, place and access is rounded to the millimetre: a way of k parts may be k/2 mm short
    parts = network.n_edges + 4
    assert (dense(network, homes, shops) >= straight - parts * 0.0005).all()


@settings(max_examples=25, deadline=None)
@given(seed=seeds)
def test_a_wider_cutoff_never_loses_and_the_measures_agree(seed):
    city = City(seed)
    network, homes, shops = city.network(), city.places("h", 15), city.places("s", 6)
    full = dense(network, homes, shops)
    before = None
    for cutoff in (0.0, 120.0, float(np.median(full)) if np.isfinite(np.median(full)) else 300.0, 1e6):
        within = dense(network, homes, shops, cutoff)
        assert (within == np.where(full <= cutoff, full, np.inf)).all()
        assert before is None or (within <= before).all()
        before = within
        assert (nearest(network, homes, shops, cutoff)["cost"].to_numpy() == within.min(axis=1)).all()
        assert (cumulative(network, homes, shops, [cutoff]).iloc[:, 0] == np.isfinite(within).sum(axis=1)).all()
        ranked = k_nearest(network, homes, shops, 6, cutoff)["cost"].to_numpy().reshape(len(homes), -1)
        assert (ranked == np.sort(within, axis=1)).all()


@settings(max_examples=25, deadline=None)
@given(seed=seeds)
def test_a_street_more_never_lengthens_and_one_less_never_shortens(seed):
    city = City(seed)
    all_rows = np.arange(len(city.lines))
    some = np.sort(city.rng.permutation(all_rows)[: max(1, len(all_rows) - int(city.rng.integers(1, 4)))])
    few, all_streets = city.network(some), city.network()
    nodes = [k for row in some for k in city.pairs[row]]
    places = points(**{f"n{k}": tuple(city.xy[k]) for k in dict.fromkeys(nodes)})
    assert (dense(all_streets, places, places) <= dense(few, places, places)).all()


@settings(max_examples=25, deadline=None)
@given(seed=seeds)
def test_rows_in_any_order_give_the_same_answers(seed):
    city = City(seed)
    homes, shops = city.places("h", 15), city.places("s", 6)
    layer = city.layer()
    truth = dense(city.network(), homes, shops)
    mixed = layer.sample(frac=1, random_state=int(city.rng.integers(2**31)))
    network = Network.from_lines(mixed, snap_tolerance_m=0, min_component_share=0)
    h, s = city.rng.permutation(len(homes)), city.rng.permutation(len(shops))
    assert (dense(network, homes.iloc[h], shops.iloc[s]) == truth[np.ix_(h, s)]).all()
    # Places are whole millimetres from the end where a line begins: drawn from the other end they may differ by one.
    turned = Network.from_lines(mixed.reverse().to_frame("geometry"), snap_tolerance_m=0, min_component_share=0)
    other_way = dense(turned, homes, shops)
    assert np.array_equal(np.isinf(other_way), np.isinf(truth))
    known = np.isfinite(truth)
    assert np.abs(other_way[known] - truth[known]).max(initial=0) <= 0.0021
    # nodes and edges of a graph, renamed and shuffled
    graph = city.network().to_networkx(directed=False)
    again = type(graph)(**graph.graph)
    names = list(graph.nodes)
    again.add_nodes_from((f"x{k}", graph.nodes[k]) for k in city.rng.permutation(names).tolist())
    edges = list(graph.edges(data=True))
    for k in city.rng.permutation(len(edges)).tolist():
        u, v, data = edges[k]
        again.add_edge(f"x{u}", f"x{v}", **{key: data[key] for key in ("length", "geometry")})
    other = Network.from_networkx(again, min_component_share=0)
    assert (dense(other, homes, shops) == truth).all()


@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_files_and_graphs_keep_every_answer(seed, tmp_path_factory):
    city = City(seed)
    homes, shops = city.places("h", 15), city.places("s", 6)
    layer = city.layer().assign(highway="residential")
    layer["oneway"] = np.where(city.rng.random(len(layer)) < 0.3, "yes", "no")
    network = Network.from_lines(layer, mode="drive", snap_tolerance_m=0, min_component_share=0)
    truth, table = dense(network, homes, shops), nearest(network, homes, shops)
    path = tmp_path_factory.mktemp("networks") / "city.net"
    network.save(path)
    for again in (Network.load(path), Network.from_networkx(network.to_networkx(), min_component_share=0)):
        assert (dense(again, homes, shops) == truth).all()
        pd.testing.assert_frame_equal(nearest(again, homes, shops), table)
        assert (dense(again.turned(), shops, homes) == truth.T).all()


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_a_scenario_equals_a_network_built_anew(seed):
    city = City(seed)
    today, homes, shops = city.network(), city.places("h", 12), city.places("s", 5)
    # a link between two junctions that no street joins, high over everything
    used = sorted({k for pair in city.pairs for k in pair})
    u, v = city.rng.choice(used, 2, replace=False).tolist()
    line = shapely.LineString([city.xy[u], city.xy[v]])
    linked = add_link(today, line, name="new", bridge=True, carries_points=True)
    layer = city.layer()
    bridge = gpd.GeoDataFrame({"way_id": ["new"], "bridge": ["yes"]}, geometry=[line], crs=METRES)
    rebuilt = Network.from_lines(pd.concat([layer, bridge]), snap_tolerance_m=0, min_component_share=0)
    if tuple(sorted((u, v))) not in city.pairs:  # else two streets lie on each other, and either may take a point
        assert (dense(linked, homes, shops) == dense(rebuilt, homes, shops)).all()
    places = city.on_nodes()
    assert (dense(linked, places, places) == dense(rebuilt, places, places)).all()
    # a street closed in its middle: its two halves as streets of their own that do not meet
    e = int(city.rng.integers(today.n_edges))
    closed = close_street(today, edge=e)
    halves = gpd.GeoDataFrame(closed.edges_frame()[["way_id", "geometry"]], crs=METRES)
    xy = shapely.get_coordinates(halves.geometry)
    assert len(halves) == today.n_edges + 1
    assert shapely.get_coordinates(today.edges_frame().geometry).min() == xy.min()
    row = int(np.flatnonzero(layer["way_id"] == closed.changes[0].ids[0])[0])
    without = city.network([k for k in range(len(city.lines)) if k != row]) if len(city.lines) > 1 else None
    if without is not None:
        kept = [n for n in places.index if without.snap(places.loc[[n]], 0.001).snapped[0]]
        there = places.loc[kept]
        assert (dense(closed, there, there) == dense(without, there, there)).all()
    assert (dense(closed, homes, shops) >= dense(today, homes, shops)).all()


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_edits_in_any_order_and_gates_never_lengthen(seed):
    city = City(seed)
    today, homes = city.network(), city.places("h", 12)
    x, y = city.rng.uniform(100, 400, 2).tolist()
    park = gpd.GeoDataFrame(geometry=[shapely.box(x, y, x + 120, y + 90)], index=pd.Index(["p"], name="id"), crs=METRES)
    gates = explicit_gates(today, park)
    way = nearest(today, homes, park, entrances=gates)["cost"].to_numpy()
    ring = park.geometry.iloc[0].exterior
    for k in range(3):
        gates = add_gate(gates, ring.interpolate(city.rng.random(), normalized=True), id=f"new{k}")
        after = nearest(today, homes, park, entrances=gates)["cost"].to_numpy()
        assert (after <= way).all()
        way = after
    a, b, c, d = city.places("l", 4).geometry
    e = int(city.rng.integers(today.n_edges))
    name = str(today.edges["way_id"].iloc[e])
    try:
        one = add_crossing(add_crossing(today, a, b, name="1", max_snap_m=900), c, d, name="2", max_snap_m=900)
        other = add_crossing(add_crossing(today, c, d, name="2", max_snap_m=900), a, b, name="1", max_snap_m=900)
    except NetworkDataError:
        return
    shops = city.places("s", 5)
    for made in (one, other):
        cost = dense(made, homes, shops)
        assert (cost <= dense(today, homes, shops)).all()
        assert (dense(close_street(made, way=name), homes, shops) >= cost).all()
        both = close_street(close_street(made, way="planned/2"), way="planned/1")
        assert (dense(both, homes, shops) == dense(today, homes, shops)).all()
