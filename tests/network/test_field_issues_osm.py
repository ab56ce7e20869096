"""Troubles that people reported of OpenStreetMap as a walking network: small files, drawn, and read as one would walk.

Each docstring names the thread in which somebody met the trouble.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from siting.access import entries, nearest
from siting.inputs.osm import read_osm
from siting.network import Network

STEP = 0.001
"""Degrees between two columns or rows of a drawing: about 103 m west to east, 111 m south to north."""
WIDE, HIGH = 103.0, 110.8
Tags = dict[str, str]


def osm(folder: Path, nodes: dict[str, tuple[float, float]], *ways: tuple[str, Tags]) -> Path:
    """Write a file of named nodes (column, row) and ways over them; a name without a node is one the extract lacks."""
    ids = {name: k + 1 for k, name in enumerate(dict.fromkeys([*nodes, *" ".join(w for w, _ in ways).split()]))}
    lines = ["<?xml version='1.0' encoding='UTF-8'?>", '<osm version="0.6">']
    lines += [
        f'<node id="{ids[n]}" version="1" lon="{113.5 + c * STEP:.7f}" lat="{22.1 + r * STEP:.7f}"/>'
        for n, (c, r) in nodes.items()
    ]
    for k, (way, tags) in enumerate(ways):
        passed = "".join(f'<nd ref="{ids[n]}"/>' for n in way.split())
        told = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        lines.append(f'<way id="{k + 1}" version="1">{passed}{told}</way>')
    path = folder / "drawn.osm"
    path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return path


def places(**at: tuple[float, float]) -> gpd.GeoDataFrame:
    shapes = [shapely.Point(113.5 + c * STEP, 22.1 + r * STEP) for c, r in at.values()]
    return gpd.GeoDataFrame({"id": list(at)}, geometry=shapes, crs=4326)


def metres(network: Network, a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(nearest(network, places(home=a), places(shop=b), max_snap_m=2000)["cost"].iloc[0])


def about(metres: float) -> object:
    return pytest.approx(metres, rel=0.01)


ROAD, PATH = {"highway": "residential"}, {"highway": "footway"}
#   c --- d          a river between the rows; the bridge b d is at the right
#   ~~~~~ | ~
#   a --- b
BANKS = {"a": (0, 0), "b": (9, 0), "c": (0, 3), "d": (9, 3)}
OVER_THE_BRIDGE = 18 * WIDE + 3 * HIGH


def test_nobody_walks_on_a_ferry(tmp_path):
    """valhalla/valhalla#3214 and GIScience/openrouteservice#2083: walking areas reached across the sea by ferry."""
    ferry = {"route": "ferry", "foot": "yes", "highway": "footway"}
    network = Network.from_osm(osm(tmp_path, BANKS, ("a b", ROAD), ("c d", ROAD), ("b d", ROAD), ("a c", ferry)))
    assert metres(network, (0, 0), (0, 3)) == about(OVER_THE_BRIDGE)


@pytest.mark.parametrize(
    ("tags", "walked"),
    [
        ({"highway": "motorway"}, False), ({"highway": "trunk"}, False), ({"highway": "trunk", "foot": "yes"}, True),
        ({"highway": "trunk", "sidewalk": "both"}, True), ({"highway": "steps"}, True),
        ({"highway": "service"}, True), ({"highway": "service", "access": "private"}, False),
        ({"highway": "service", "access": "private", "foot": "yes"}, True),
        ({"highway": "footway", "access": "no"}, False), ({"highway": "construction"}, False),
        ({"highway": "primary", "oneway": "yes"}, True), ({"highway": "cycleway"}, False),
        ({"highway": "cycleway", "foot": "designated"}, True), ({"highway": "platform"}, True),
        ({"railway": "rail"}, False), ({"waterway": "river"}, False), ({"barrier": "wall"}, False),
    ],
)  # fmt: skip
def test_which_ways_are_walked(tmp_path, tags, walked):
    """ipeaGIT/r5r#430 and valhalla/valhalla#4222: starts on what nobody may walk on had no way at all."""
    #   the short cut a c is of some kind; the home lies 10 m beside it
    network = Network.from_osm(osm(tmp_path, BANKS, ("a b", ROAD), ("c d", ROAD), ("b d", ROAD), ("a c", tags)))
    assert metres(network, (0, 0), (0, 3)) == about(3 * HIGH if walked else OVER_THE_BRIDGE)
    # a home beside a way that is none is put on the next street, and how far that is, is told
    at = network.snap(places(home=(0.1, 1.0)), 500)
    assert at.distance_m[0] == about(0.1 * WIDE if walked else HIGH)
    assert metres(network, (0.1, 1.0), (9, 0)) < np.inf


def test_one_way_streets_are_walked_both_ways(tmp_path):
    """graphserver/graphserver#20: people walk against one-way streets, but not on foot against oneway:foot."""
    one_way = ROAD | {"oneway": "yes"}
    file = osm(
        tmp_path, {"a": (0, 0), "b": (1, 0), "c": (2, 0)}, ("a b", one_way), ("b c", PATH | {"oneway:foot": "yes"})
    )
    network = Network.from_osm(file)
    assert metres(network, (1, 0), (0, 0)) == about(WIDE)
    assert metres(network, (1, 0), (2, 0)) == about(WIDE)
    assert metres(network, (2, 0), (1, 0)) == np.inf
    drive = Network.from_osm(osm(tmp_path, {"a": (0, 0), "b": (1, 0)}, ("a b", one_way)), mode="drive")
    assert metres(drive, (1, 0), (0, 0)) == np.inf


def test_a_square_is_walked_round(tmp_path):
    """valhalla/valhalla#5184 and #3736: streets that end on a square were cut off, 16 km instead of 16 m."""
    #      q---r          the square p q r s, 2 x 1; a street ends at its left side, one at its right
    #   a--p   s--b
    square = {"a": (-1, 0), "p": (0, 0), "q": (0, 1), "r": (2, 1), "s": (2, 0), "b": (3, 0)}
    plaza = {"highway": "pedestrian", "area": "yes"}
    network = Network.from_osm(osm(tmp_path, square, ("a p", ROAD), ("s b", ROAD), ("p q r s p", plaza)))
    assert metres(network, (-1, 0), (3, 0)) == about(4 * WIDE)
    assert metres(network, (0, 0), (2, 1)) == about(2 * WIDE + HIGH)


def test_a_bridge_over_a_street_is_no_junction(tmp_path):
    """Project-OSRM/osrm-backend#226: do two nodes at one place, of a bridge and of a street, make a crossing?"""
    #          n
    #   w--x===|===y--e      the bridge x y passes over the street s n; both have a node at one place, not the same one
    #          s
    nodes = {
        "w": (0, 1),
        "x": (1, 1),
        "over": (2, 1),
        "y": (3, 1),
        "e": (4, 1),
        "s": (2, 0),
        "under": (2, 1),
        "n": (2, 2),
    }
    bridge = ROAD | {"bridge": "yes", "layer": "1"}
    ways = [("w x", ROAD), ("x over y", bridge), ("y e", ROAD), ("s under n", ROAD), ("s w", PATH)]
    network = Network.from_osm(osm(tmp_path, nodes, *ways))
    down = np.hypot(2 * WIDE, HIGH)
    assert metres(network, (4, 1), (2, 2)) == about(4 * WIDE + down + 2 * HIGH)
    # who stands under the bridge, or on it, is put on one of the two by the file's order: both lie at one place
    assert metres(network, (0, 1), (2, 0)) == about(down)
    assert network.components["nodes"].tolist() == [network.n_nodes]


def test_a_park_is_not_entered_from_the_bridge_over_its_edge(tmp_path):
    nodes = {"w": (-1, 1), "e": (3, 1), "s": (-1, -1), "t": (-1, 3)}
    file = osm(tmp_path, nodes, ("w e", ROAD | {"bridge": "yes", "layer": "1"}), ("s w t", ROAD))
    network = Network.from_osm(file)
    park = gpd.GeoDataFrame({"id": ["park"]}, geometry=[shapely.box(113.5, 22.1, 113.502, 22.102)], crs=4326)
    found = entries(network, park)
    assert set(found["kind"]) == {"boundary"}
    assert (network.edges["bridge"].to_numpy()[found["edge"]] == False).all()  # noqa: E712


def test_a_street_that_leaves_the_extract_ends_at_its_border(tmp_path):
    """gboeing/osmnx keeps nothing of a cut way; here the part inside stays, and so do the houses along it."""
    #   a -- b -- c ...(gone)... f -- g       nodes between c and f are not in the file
    nodes = {"a": (0, 0), "b": (1, 0), "c": (2, 0), "f": (5, 0), "g": (6, 0)}
    source = read_osm(osm(tmp_path, nodes, ("a b c gone lost f g", ROAD)))
    network = Network.from_streets(source.streets, 32649, min_component_share=0)
    assert metres(network, (0, 0), (2, 0)) == about(2 * WIDE)
    assert metres(network, (5, 0), (6, 0)) == about(WIDE)
    assert metres(network, (2, 0), (5, 0)) == np.inf  # no street is made up across the gap
    assert any("node" in f.text.en for f in source.streets.account.findings)


def test_parts_that_are_not_joined_stay_and_small_ones_are_listed(tmp_path):
    """pyrosm/pyrosm#88 and ipeaGIT/r5r#361: all but the largest part dropped; or points put on an islet."""
    #   a street of 300 pieces; across the harbour one of 10; a path of 1 piece inside a cemetery at (50, 1)
    nodes = {f"m{k}": (k, 0) for k in range(301)} | {f"i{k}": (k, 20) for k in range(11)} | {"p": (50, 1), "q": (51, 1)}
    ways = [(" ".join(f"m{k}" for k in range(301)), ROAD), (" ".join(f"i{k}" for k in range(11)), ROAD), ("p q", PATH)]
    network = Network.from_osm(osm(tmp_path, nodes, *ways))
    assert network.carries.tolist() == [True, True, False]
    at = network.snap(places(grave=(50.5, 1.0), island=(5, 20)))
    assert network.edge_component[at.edge].tolist() == [0, 1]
    assert at.caught.tolist() == [1]  # said: the path would have caught one point
    assert at.distance_m[0] == about(HIGH)
    assert metres(network, (50.5, 1.0), (51, 0)) == about(HIGH + 0.5 * WIDE)
