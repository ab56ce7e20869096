"""Streets as a planner would change them, drawn, each way by hand; and what cannot be, refused in one clear message."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from street_drawing import METRES, areas, draw, points

import siting
from siting.access import add_gate, cost_matrix, nearest, remove_gate
from siting.errors import GeometryError, InputError, NetworkDataError, SchemaError
from siting.network import Network, add_crossing, add_link, close_street

#   f --100-- g --100-- h     y = 160
#   = = = = = = = = = = =     y =  80   a motorway, no street to walk; the only underpass is 400 m to the east (e h)
#   a --100-- b --100-- c     y =   0
NODES = {"a": (0, 0), "b": (100, 0), "c": (200, 0), "f": (0, 160), "g": (100, 160), "h": (200, 160),
         "p": (600, 0), "q": (600, 160)}  # fmt: skip
WAYS = ["a b c p", "f g h q", ("p q", {"tunnel": True, "layer": -1}),
        ("a f", {"highway": "motorway", "walk": False, "walk_forward": False, "walk_backward": False})]  # fmt: skip
HOMES, SCHOOL = points(west=(0, 0), middle=(100, 0), east=(200, 0)), points(school=(100, 160))


def today() -> Network:
    return draw(NODES, *WAYS)


def ways(network: Network, homes=HOMES, goals=SCHOOL) -> list[float]:
    return nearest(network, homes, goals)["cost"].tolist()


def test_a_footbridge_over_a_motorway():
    assert ways(today()) == [600 + 160 + 500, 500 + 160 + 500, 400 + 160 + 500]
    bridged = add_crossing(today(), shapely.Point(98, 2), shapely.Point(98, 158), bridge=True, name="桥")
    assert ways(bridged) == [98 + 160 + 2, 2 + 160 + 2, 102 + 160 + 2]
    # nobody is put onto the bridge, and the same bridge a second time is refused
    assert bridged.snap(points(p=(97, 79))).distance_m[0] == 79
    with pytest.raises(NetworkDataError, match="named '桥' already"):
        add_crossing(bridged, shapely.Point(0, 0), shapely.Point(0, 160), name="桥")
    assert ways(bridged.turned(), SCHOOL.iloc[[0]], HOMES.loc[["middle"]]) == [164]
    assert [f.code for f in bridged.changes] == ["link_added"]


def test_closing_the_underpass_leaves_who_lives_beyond_without_a_way():
    closed = close_street(today(), way="way/2")
    assert ways(closed) == [np.inf] * 3
    assert ways(close_street(today(), near=shapely.Point(150, 0))) == [np.inf, np.inf, 1060]
    both = close_street(today(), edge=np.array([0, 1]))
    assert len(both.changes[0].ids) == 2


def test_a_link_in_degrees_and_two_links_that_cross():
    north = gpd.GeoSeries([shapely.LineString([(50, 0), (50, 160)])], crs=METRES).to_crs(4326)
    one = add_link(today(), north, name="north")
    assert ways(one)[0] == pytest.approx(50 + 160 + 50, abs=0.002)
    #  the second link crosses the first on the ground at (50, 80), and is joined to it there
    two = add_link(one, shapely.LineString([(0, 0), (100, 160)]), name="slanted")
    half = np.hypot(50, 80)
    assert ways(two)[0] == pytest.approx(2 * half, abs=0.003)
    assert ways(two, points(h=(50, 160)), points(s=(0, 0)))[0] == pytest.approx(80 + half, abs=0.003)
    over = add_link(one, shapely.LineString([(0, 0), (100, 160)]), name="slanted", bridge=True)
    assert ways(over, points(h=(50, 160)), points(s=(0, 0)))[0] == 160 + 50  # down the first link, past the bridge


def test_a_link_over_a_junction_is_joined_once():
    #   the link runs through the junction b of four streets
    nodes = {
        "a": (0, 0),
        "b": (100, 0),
        "c": (200, 0),
        "d": (100, 100),
        "e": (100, -100),
        "x": (0, -100),
        "y": (200, 100),
    }
    network = draw(nodes, "a b", "b c", "b d", "b e", "x e", "y d")
    linked = add_link(network, shapely.LineString([(0, -100), (200, 100)]))
    assert linked.edge_mm[linked.base_edge < 0].tolist() == [141_421, 141_421]
    assert ways(linked, points(h=(0, -100)), points(s=(100, 50))) == [pytest.approx(141.421 + 50, abs=0.001)]


def test_a_link_that_ends_under_a_viaduct_meets_the_street_there():
    #   the viaduct w e passes over the street s n at (100, 100); the path comes in from the west and ends below
    nodes = {"w": (0, 120), "e": (200, 80), "s": (100, 0), "n": (100, 200), "x": (0, 0)}
    viaduct = ("w e", {"bridge": True, "layer": 1})
    for order in ([viaduct, "s n", "x s"], ["s n", viaduct, "x s"]):
        network = draw(nodes, *order)
        linked = add_link(network, shapely.LineString([(0, 0), (100, 100)]))
        assert ways(linked, points(h=(0, 0)), points(s=(100, 200)))[0] == pytest.approx(141.421 + 100, abs=0.002)


def test_directions_and_times_follow_a_scenario():
    network = add_link(today(), shapely.LineString([(100, 0), (100, 160)]), one_way=True, name="escalator")
    there = cost_matrix(network, HOMES, SCHOOL, None).to_dense()
    assert there.ravel().tolist() == [260, 160, 260]
    back = cost_matrix(network, SCHOOL, HOMES, None).to_dense()
    assert back.ravel().tolist() == [1260, 1160, 1060]
    assert (cost_matrix(network.turned(), HOMES, SCHOOL, None).to_dense() == back.T).all()
    assert ways(network.timed("elderly")) == [260 / 0.8, 160 / 0.8, 260 / 0.8]


PARK = areas(park=shapely.box(20, 20, 80, 60))


def test_a_gate_where_none_can_be_is_refused_if_the_park_is_told():
    gates = add_gate(None, shapely.Point(50, 20), id="south", crs=METRES, facilities=PARK)
    assert ways(today(), HOMES, PARK) != ways(today(), HOMES, PARK.assign(geometry=shapely.box(20, 200, 80, 260)))
    assert nearest(today(), HOMES, PARK, entrances=gates)["cost"].tolist() == [70, 70, 170]
    for at in (shapely.Point(50, 45), shapely.Point(50, 0)):  # inside, and on the street
        with pytest.raises(GeometryError, match=r"lies (15|20)\.0 m"):
            add_gate(gates, at, id="lost", facilities=PARK)
    in_degrees = gpd.GeoSeries([shapely.Point(80, 30)], crs=METRES).to_crs(4326).iloc[0]
    east = add_gate(gates, in_degrees, id="east", crs=4326, facilities=PARK.to_crs(4326))
    assert nearest(today(), HOMES, PARK, entrances=east)["cost"].tolist()[2] == pytest.approx(120 + 30, abs=0.01)
    with pytest.raises(GeometryError, match="no area to lead into"):
        add_gate(None, shapely.Point(0, 0), id="x", crs=METRES, facilities=SCHOOL)
    assert nearest(today(), HOMES, PARK, entrances=remove_gate(east, "east"))["cost"].tolist() == [70, 70, 170]


LINE, POINT = shapely.LineString, shapely.Point


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda n: close_street(n, edge=0.5), NetworkDataError, "whole numbers from 0 to 2, got 0.5"),
        (lambda n: close_street(n, edge=True), NetworkDataError, "whole numbers from 0 to 2"),
        (lambda n: close_street(n, edge="0"), NetworkDataError, "whole numbers from 0 to 2"),
        (lambda n: close_street(n, edge=-1), NetworkDataError, "no edge -1"),
        (lambda n: close_street(n, edge=[0, 99]), NetworkDataError, "no edge 99"),
        (lambda n: close_street(n, edge=np.array([], dtype=int)), NetworkDataError, "no edge is given"),
        (lambda n: close_street(n, way="way/99"), NetworkDataError, "no way 'way/99'"),
        (lambda n: close_street(n, near=POINT(np.nan, 0)), GeometryError, "not finite"),
        (lambda n: close_street(n, near=POINT()), GeometryError, "no geometry"),
        (lambda n: add_link(n, LINE([(50, 0), (50, 80)])), NetworkDataError, "its end .* over 30 m from every street"),
        (lambda n: add_link(n, LINE([(50, 0), (50, 0)])), NetworkDataError, "one and the same place"),
        (lambda n: add_link(n, LINE()), GeometryError, "no geometry"),
        (lambda n: add_link(n, LINE([(50, 0), (np.nan, 160)])), GeometryError, "not finite"),
        (lambda n: add_link(n, LINE([(50, 0), (50, 160)]), bridge=True, tunnel=True), NetworkDataError, "not both"),
        (lambda n: add_link(n, shapely.box(0, 0, 9, 9)), GeometryError, "expected one LineString"),
        (lambda n: add_link(n.timed("adult"), LINE([(50, 0), (50, 160)])), NetworkDataError, "Change the streets"),
        (lambda n: add_crossing(n, POINT(5, 0), POINT(5, 0)), NetworkDataError, "one and the same place"),
        (lambda n: add_crossing(n, POINT(5, 0), POINT(5, 99)), NetworkDataError, "over 30 m from every street"),
        (lambda n: remove_gate(None, "x"), SchemaError, "none has the id 'x'"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:invalid value encountered in linestrings")
def test_what_cannot_be_is_refused_in_one_message(change, error, message):
    with pytest.raises(error, match=message) as caught:
        change(today())
    assert isinstance(caught.value, InputError)
    assert "\n" not in str(caught.value)


STUDY = """
[study]
name = "motorway"
[streets]
source = "streets.gpkg"
[demand]
source = "homes.gpkg"
population = "people"
id = "code"
[facilities]
public_toilet = "toilets.gpkg"
[[audit]]
rule = "wc.radius.mandatory"
name = "toilets"
overrides = { distance = "network", limit_m = 300 }
"""


def test_who_gains_and_who_loses_side_by_side(tmp_path):
    #   north:  f ---- g ---- h      toilets at f and at c; the only way across is a f; limit 300 m
    #   south:  a ---- b ---- c      closing b c at its middle and bridging b g: who gains, who loses, who walks farther
    x0, y0 = 517_000.0, 4_052_000.0

    def at(x, y):
        return (x0 + x, y0 + y)

    def save(name, shapes, **columns):
        gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4548").to_file(tmp_path / name)

    streets = [((0, 0), (300, 0)), ((300, 0), (600, 0)), ((0, 200), (300, 200)), ((300, 200), (600, 200)),
               ((0, 0), (0, 200))]  # fmt: skip
    save("streets.gpkg", [LINE([at(*p), at(*q)]) for p, q in streets])
    #            at b: c is 300 m off; at h: f is 600 m off; beside a: served by f; between b and c, west of the gap
    homes = {
        "b": (300, 0, 10.0),
        "h": (600, 200, 20.0),
        "a": (0, 10, 40.0),
        "gap": (400, 0, 80.0),
        "g": (300, 200, 5.0),
    }
    save("homes.gpkg", [POINT(*at(x, y)) for x, y, _ in homes.values()], people=[p for *_, p in homes.values()],
         code=list(homes))  # fmt: skip
    save("toilets.gpkg", [POINT(*at(0, 200)), POINT(*at(600, 0))])
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    study = siting.Study.from_toml(tmp_path / "study.toml")

    def planned(network):
        closed = close_street(network, near=POINT(*at(450, 0)))
        return add_crossing(closed, POINT(*at(600, 0)), POINT(*at(600, 200)), bridge=True)

    siting.run(study).write(tmp_path / "a")
    siting.run(study, scenario=planned).write(tmp_path / "b")
    change = siting.compare_runs(tmp_path / "a", tmp_path / "b").rules["toilets"]
    costs = change.demand[["cost_a", "cost_b"]].to_dict("index")
    assert {k: tuple(v.values()) for k, v in costs.items()} == {
        "b": (300, 500), "h": (600, 200), "a": (190, 190), "gap": (200, 600), "g": (300, 300),
    }  # fmt: skip
    assert change.demand["change"].to_dict() == {"b": "lost", "h": "gained", "a": "both", "gap": "lost", "g": "both"}
    assert (change.people("gained"), change.people("lost"), change.closer, change.farther) == (20, 90, 20, 90)
    back = siting.compare_runs(tmp_path / "b", tmp_path / "a").rules["toilets"]
    assert (back.people("gained"), back.people("lost"), back.closer, back.farther) == (90, 20, 90, 20)
