"""Troubles that people reported of street layers and graphs as they come: drawn, and read right or refused in words.

Docstrings name the thread in which somebody met the trouble; tests without one stand for what any planner meets.
"""

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from street_drawing import METRES, draw, points

from siting.access import nearest
from siting.errors import CRSError, GeometryError, InputError, NetworkDataError
from siting.network import Network


def layer(*lines, crs=METRES, **columns):
    shapes = [shapely.LineString(line) if isinstance(line, list) else line for line in lines]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)


def metres(network: Network, a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(nearest(network, points(home=a), points(shop=b))["cost"].iloc[0])


def codes(network: Network) -> dict[str, int]:
    return {f.code: f.count for f in network.accounts[0].findings}


EAST, NORTH, WEST = [(0, 0), (100, 0)], [(0, 0), (0, 100)], [(0, 0), (-100, 0)]


@pytest.mark.parametrize("column", ["highway", "HIGHWAY", "Highway", "fclass", "FCLASS"])
def test_motorways_are_no_streets_to_walk_whatever_the_column_is_called(column):
    """Project-OSRM/osrm-backend#3616: a house beside a motorway was put on the motorway.

    A shapefile writes HIGHWAY, Geofabrik's layers have fclass: not read, every motorway was walked on.
    """
    #   motorway at y = 10 between the house (y = 9) and the path at y = 0
    lines = layer([(0, 10), (100, 10)], EAST, **{column: ["motorway", "footway"]})
    network = Network.from_lines(lines)
    assert network.n_edges == 1
    assert metres(network, (50, 9), (0, 0)) == 9 + 50
    assert codes(network)["not_open"] == 1
    assert ("class_column" in codes(network)) == (column != "highway")
    assert Network.from_lines(lines, mode="drive").edges["highway"].tolist() == ["motorway"]


def test_classes_are_read_from_a_column_of_any_name():
    """A shapefile of an office calls it 等级; what it holds tells it."""
    network = Network.from_lines(layer(EAST, NORTH, 名称=["甲路", "乙路"], 等级=["motorway", "footway"]))
    assert network.n_edges == 1  # nobody walks on the motorway
    found = next(f for f in network.accounts[0].findings if f.code == "class_column")
    assert "等级" in found.text.zh


def test_a_layer_whose_class_is_not_read_says_so():
    network = Network.from_lines(layer(EAST, NORTH, ROADTYPE=["主干路", "footway"]))
    assert network.n_edges == 2
    found = next(f for f in network.accounts[0].findings if f.code == "no_class_column")
    assert found.kind == "warning"
    assert "ROADTYPE" in found.text.en
    # nothing to say of a layer that has ids and names only
    assert codes(Network.from_lines(layer(EAST, NORTH, osm_id=["1", "2"], name=["x", "y"]))) == {}


def test_geofabrik_says_one_way_in_letters_of_its_own():
    #   B both, F along the line, T against it
    lines = layer(EAST, NORTH, WEST, fclass=["residential"] * 3, oneway=["B", "F", "T"], bridge=["F"] * 3)
    drive = Network.from_lines(lines, mode="drive")
    assert metres(drive, (100, 0), (0, 0)) == metres(drive, (0, 0), (100, 0)) == 100
    assert metres(drive, (0, 0), (0, 100)) == 100
    assert metres(drive, (0, 100), (0, 0)) == np.inf
    assert metres(drive, (-100, 0), (0, 0)) == 100
    assert metres(drive, (0, 0), (-100, 0)) == np.inf
    assert not drive.edges["bridge"].any()
    assert metres(Network.from_lines(lines), (0, 100), (0, 0)) == 100  # on foot both ways


@pytest.mark.parametrize(
    ("value", "there", "back"),
    [
        ("yes", True, False), ("Yes", True, False), ("Y", True, False), (1, True, False), (1.0, True, False),
        (True, True, False), ("True", True, False), ("FT", True, False), ("TF", False, True), ("-1", False, True),
        (-1, False, True), ("reverse", False, True), ("no", True, True), ("N", True, True), (False, True, True),
        (None, True, True), ([True, False], True, False),
    ],
)  # fmt: skip
def test_one_way_in_every_spelling(value, there, back):
    """pyrosm/pyrosm#100 and graphserver/graphserver#20: streets without oneway, and oneway on foot."""
    oneway = np.empty(1, dtype=object)
    oneway[0] = value
    drive = Network.from_lines(layer(EAST, highway=["residential"], oneway=oneway), mode="drive")
    assert (drive.forward.tolist(), drive.backward.tolist()) == ([there], [back])
    assert "oneway_unread" not in codes(drive)
    walk = Network.from_lines(layer(EAST, highway=["residential"], oneway=oneway))
    assert (walk.forward & walk.backward).all()


def test_a_one_way_that_says_nothing_known_is_counted():
    drive = Network.from_lines(layer(EAST, NORTH, oneway=["left", "yes"]), mode="drive")
    assert codes(drive)["oneway_unread"] == 1


@pytest.mark.parametrize("as_text", [False, True])
def test_edges_that_osmnx_joined_have_lists_for_kinds(as_text):
    """gboeing/osmnx#119: joined edges have several values; such streets are streets."""
    kinds = [["residential", "steps"], ["motorway", "footway"], "footway", ["motorway", "trunk"]]
    values = np.empty(4, dtype=object)
    values[:] = [str(k) if as_text and isinstance(k, list) else k for k in kinds]
    lines = layer(EAST, [(100, 0), (200, 0)], [(200, 0), (300, 0)], [(300, 0), (400, 0)], highway=values)
    network = Network.from_lines(lines)
    assert network.n_edges == 3
    assert metres(network, (0, 0), (300, 0)) == 300


#   a line that crosses, touches or repeats itself, and where one wants to go
OWN = {
    "crosses": ([(0, 0), (100, 0), (100, 100), (50, 100), (50, -50)], (50, -50), 100),
    "touches": ([(0, 0), (100, 0), (100, 100), (50, 100), (50, 0)], (50, 50), 100),
    "turns back": ([(0, 0), (100, 0), (50, 0), (50, 50)], (50, 50), 100),
}


@pytest.mark.parametrize("case", OWN)
def test_a_line_meets_itself(case):
    """A street drawn in one go, round the block and over itself: going round again was the only way."""
    line, goal, way = OWN[case]
    network = Network.from_lines(layer(line), node_crossings=True)
    assert metres(network, (0, 0), goal) == way
    assert codes(network)["crossings_joined"] >= 1
    assert int(network.edge_mm.sum()) == round(1000 * shapely.LineString(line).length)
    ramp = Network.from_lines(layer(line, bridge=["yes"]), node_crossings=True)
    assert ramp.n_edges == 1  # a ramp that winds over itself does not meet itself
    assert Network.from_lines(layer(line), node_crossings=False).n_edges == 1


def test_ends_that_nearly_meet():
    """architecture-building-systems/CityEnergyAnalyst#3970: hand-drawn streets fell apart at every near miss."""
    for gap, way in ((0.05, 200), (0.1, 200), (0.11, np.inf)):
        network = Network.from_lines(layer(EAST, [(100 + gap, 0), (200, 0)]), min_component_share=0)
        assert metres(network, (0, 0), (200, 0)) == way
    wide = Network.from_lines(layer(EAST, [(100.4, 0), (200, 0)]), snap_tolerance_m=0.5)
    assert metres(wide, (0, 0), (200, 0)) == 200


def test_streets_at_different_levels_do_not_meet():
    """JeremyGelb/spNetwork#7 and worldbank/GOSTnets#14: a way went from a viaduct down to the street under it."""
    #   bridge a - b over the street c - d, tunnel e - f under it; all three cross at (50, 50)
    lines = layer(
        [(0, 50), (100, 50)], [(50, 0), (50, 100)], [(0, 0), (100, 100)], [(0, 50), (50, 0)], [(0, 50), (0, 0)],
        bridge=["yes", None, None, None, None], tunnel=[None, None, "yes", None, None],
        layer=["1", None, "-1", None, None],
    )  # fmt: skip
    network = Network.from_lines(lines, node_crossings=True)
    down = np.hypot(50, 50)
    assert metres(network, (50.0, 50.0 + 1e-4), (60, 50)) > 60
    assert metres(network, (60, 50), (50, 40)) == pytest.approx(60 + down + 40, abs=0.002)
    assert metres(network, (60, 60), (50, 60)) == pytest.approx(np.hypot(60, 60) + 50 + down + 60, abs=0.002)


def test_shapes_as_files_hold_them():
    """networkx/networkx#2423: a closed line became an edge without length."""
    ring = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    for shape in (shapely.LineString(ring), shapely.LinearRing(ring), shapely.MultiLineString([ring])):
        network = Network.from_lines(layer(shape))
        assert (network.n_nodes, network.n_edges, network.edge_mm.tolist()) == (1, 1, [400_000])
        assert metres(network, (10, 0), (0, 90)) == 100
    parts = Network.from_lines(
        layer(shapely.MultiLineString([[(0, 0), (10, 0)], [(10, 0), (20, 0)], [(20, 0), (20, 5)]]))
    )
    assert parts.edge_mm.tolist() == [10_000, 10_000, 5_000]
    assert metres(parts, (0, 0), (20, 5)) == 25
    high = Network.from_lines(layer(shapely.LineString([(0, 0, 5), (3, 4, 500)])))
    assert high.edge_mm.tolist() == [5_000]  # Z never lengthens a street on the map
    assert Network.from_lines(layer(shapely.LineString([(0, 0, np.nan), (3, 4, np.nan)]))).edge_mm.tolist() == [5_000]


DEGREES = [(113.0, 23.0), (113.001, 23.0)]


def test_degrees_are_projected_before_they_are_metres():
    network = Network.from_lines(layer(DEGREES, crs=4326))
    assert network.crs.is_projected
    assert network.edge_mm[0] == pytest.approx(102_536, abs=2)


@pytest.mark.parametrize(
    ("lines", "crs", "error", "message"),
    [
        ([[(980_000, 190_000), (980_328, 190_000)]], 2263, CRSError, "US survey foot"),
        ([[(12_579_102, 2_632_018), (12_579_202, 2_632_018)]], 3857, CRSError, "Web Mercator"),
        ([DEGREES], None, CRSError, "no CRS"),
        ([[(500_000, 2_500_000), (500_100, 2_500_000)]], 4326, CRSError, "is not west south east north in degrees"),
        ([[(23.0, 113.0), (23.0, 113.001)]], 4326, CRSError, "is not west south east north in degrees"),
        ([[(179.999, -17.0), (-179.999, -17.0)]], 4326, CRSError, "antimeridian"),
        ([DEGREES], METRES, NetworkDataError, "Is the layer in metres"),
        ([[(0, 0), (np.nan, 4)]], METRES, GeometryError, "not finite"),
        ([[(0, 0), (np.inf, 4)]], METRES, GeometryError, "not finite"),
        ([shapely.Point(0, 0)], METRES, GeometryError, "are no lines but Point"),
        ([None, shapely.LineString()], METRES, NetworkDataError, "open to 'walk'"),
        ([[(0, 0), (0, 0)]], METRES, NetworkDataError, "shorter than 0.1 m"),
        ([], METRES, NetworkDataError, "has no lines"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:invalid value encountered in linestrings")
def test_what_cannot_be_read_is_refused_in_words(lines, crs, error, message):
    with pytest.raises(error, match=message):
        Network.from_lines(layer(*lines, crs=crs))


def test_both_sides_of_the_antimeridian_with_a_declared_crs():
    #  Fiji: 213 m of street over 180 degrees, in a CRS made for the islands
    network = Network.from_lines(layer([(179.999, -17.0), (-179.999, -17.0)], crs=4326), crs=3460)
    assert network.edge_mm[0] == pytest.approx(212_900, rel=0.005)


def test_graphs_of_no_edge_of_one_node_and_of_a_loop():
    graph = nx.MultiDiGraph(crs=METRES)
    with pytest.raises(NetworkDataError, match="no edges"):
        Network.from_networkx(graph)
    graph.add_node(1, x=0.0, y=0.0)
    with pytest.raises(NetworkDataError, match="no edges"):
        Network.from_networkx(graph)
    graph.add_edge(1, 1, length=50.0)
    loop = Network.from_networkx(graph)
    assert (loop.n_nodes, loop.edge_mm.tolist()) == (1, [50_000])
    assert metres(loop, (0, 3), (4, 0)) == 7
    with pytest.raises(InputError, match="open to 'walk'"):
        draw({"a": (0, 0), "b": (1, 0)}, "a a")


def test_columns_of_a_layer_do_not_get_in_the_way_of_the_graph():
    """gboeing/osmnx#299: parallel edges were lost on the way; edges that osmnx exports have u, v, key and length."""
    lines = layer(
        EAST, [(0, 0), (50, 20), (100, 0)], highway=["residential"] * 2, oneway=[True, False], reversed=[True, False],
        u=[1, 1], v=[2, 2], key=[0, 0], length=[7.0, 7.0], edge=[5, 5],
    )  # fmt: skip
    for mode in ("walk", "drive"):
        network = Network.from_lines(lines, mode=mode)
        graph = network.to_networkx()
        assert graph.number_of_edges() == (4 if mode == "walk" else 3)
        again = Network.from_networkx(graph)
        assert again.edge_mm.tolist() == network.edge_mm.tolist() == [100_000, 107_703]
        assert again.backward.tolist() == network.backward.tolist() == [mode == "walk", True]
