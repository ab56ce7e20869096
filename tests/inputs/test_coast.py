"""The sea from the coastline, on shores drawn by hand, against islands made at random, and in real cities.

Land lies on the left of a coastline. The area is 10 by 10 squares of the grid; figures are in squares.
"""

import math
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from osm_xml import LAT, STEP, STREET_NODES, STREET_WAYS, closed, osm, place, ring, write

from siting.inputs.coast import sea_area, sea_polygons
from siting.inputs.osm import read_osm
from siting.inputs.osm_scan import NO_PLACE, Scan
from siting.inputs.osm_tally import Tally

COAST = {"natural": "coastline"}


def read(tmp_path, nodes, ways, size=10.0):
    """Read a file whose header says that its area is a square from the origin."""
    text = osm({**STREET_NODES, **nodes}, {**STREET_WAYS, **ways})
    (west, south), (east, north) = place(0, 0), place(size, size)
    bounds = f'<bounds minlon="{west}" minlat="{south}" maxlon="{east}" maxlat="{north}"/>'
    text = text.replace('<osm version="0.6">', f'<osm version="0.6">{bounds}')
    return read_osm(write(tmp_path / "t.osm", text), classify=lambda tags: ())


def coast(*refs, tags=COAST):
    return (list(refs), tags)


def squares(data):
    """Area of the sea in squares by id."""
    sea = data.water[data.water["kind"] == "sea"]
    return {k: round(v / STEP**2, 4) for k, v in zip(sea.index, shapely.area(sea.geometry), strict=True)}


def is_sea(data, *places):
    points = shapely.points([place(*p) for p in places])
    sea = shapely.union_all(data.water.loc[data.water["kind"] == "sea", "geometry"].to_numpy())
    return shapely.contains(sea, points).tolist()


def findings(data):
    account = next(a for a in data.accounts if a.layer == "coast")
    return {f.code: (f.count, f.ids) for f in account.findings}


def rows(data):
    account = next(a for a in data.accounts if a.layer == "coast")
    return account.rows_in, account.rows_used


#   10 +----|-----+
#      |land| sea |      the line from south to north at x = 4
#    0 +----|-----+
SHORE = {1: (4.0, -1.0), 2: (4.0, 5.0), 3: (4.0, 11.0)}


@pytest.mark.parametrize(
    ("ways", "area"),
    [
        ({1: coast(1, 2, 3)}, 60),
        ({1: coast(3, 2, 1)}, 40),
        ({7: coast(2, 3), 8: coast(1, 2)}, 60),
        ({1: coast(3, 2), 2: coast(2, 1)}, 40),
    ],
)
def test_a_shore_through_the_area_has_the_sea_on_its_right(tmp_path, ways, area):
    data = read(tmp_path, SHORE, ways)
    assert squares(data) == {"coast/1": area}
    assert findings(data) == {"sea_polygons": (1, ())}
    assert rows(data) == (len(ways), len(ways))


@pytest.mark.parametrize("y", [0.0, 10.0])
def test_a_shore_that_ends_exactly_on_the_edge_needs_no_help(tmp_path, y):
    data = read(tmp_path, {**SHORE, 1 if y == 0 else 3: (4.0, y)}, {1: coast(1, 2, 3)})
    assert squares(data) == {"coast/1": 60}
    assert set(findings(data)) == {"sea_polygons"}


#   +-----------+
#   | +--+      |     rings counter-clockwise are islands, clockwise the sea is inside
#   | +--+  +-+ |
#   |       +-+ |
#   +-----------+
ISLANDS = {**ring(10, 1, 5, 4, 8), **ring(20, 6, 2, 8, 4)}


def test_islands_lie_in_one_sea(tmp_path):
    data = read(tmp_path, ISLANDS, {1: coast(*closed(10)), 2: coast(*closed(20))})
    assert squares(data) == {"coast/1": 100 - 9 - 4}
    assert is_sea(data, (0.5, 0.5), (2, 6), (7, 3), (5, 5)) == [True, False, False, True]


def test_a_lagoon_is_sea_inside_and_an_island_in_it_is_land(tmp_path):
    inner = ring(30, 2, 6, 3, 7)
    data = read(tmp_path, {**ISLANDS, **inner}, {1: coast(*closed(10)[::-1]), 3: coast(*closed(30))})
    assert squares(data) == {"coast/1": 9 - 1}
    assert is_sea(data, (0.5, 0.5), (1.5, 5.5), (2.5, 6.5)) == [False, True, False]


def test_an_island_with_a_lagoon_and_an_island_across_the_edge(tmp_path):
    nodes = {**ring(10, 1, 1, 7, 7), **ring(20, 2, 2, 4, 4), **ring(30, 9, 8, 12, 12)}
    ways = {1: coast(*closed(10)), 2: coast(*closed(20)[::-1]), 3: coast(*closed(30))}
    data = read(tmp_path, nodes, ways)
    assert squares(data) == {"coast/1": 100 - 36 - 2, "coast/2": 4}
    assert rows(data) == (3, 3)


def test_seas_are_numbered_from_west_to_east_after_the_other_water(tmp_path):
    #  sea | land with a pond | sea
    nodes = {**SHORE, 4: (8.0, -1.0), 5: (8.0, 11.0), **ring(10, 5, 5, 6, 6)}
    ways = {5: coast(4, 5), 6: coast(3, 1), 9: (closed(10), {"natural": "water", "name": "Pond"})}
    data = read(tmp_path, nodes, ways)
    assert data.water.index.tolist() == ["way/9", "coast/1", "coast/2"]
    assert data.water.index.name == "id"
    assert data.water.crs.to_epsg() == 4326
    assert squares(data) == {"coast/1": 40, "coast/2": 20}
    assert data.water["kind"].tolist()[1:] == ["sea", "sea"]
    assert data.water["name"].isna().tolist() == [False, True, True]
    assert data.water.dtypes.drop("geometry").astype(str).unique().tolist() == ["str"]
    water = next(a for a in data.accounts if a.layer == "water")
    assert (water.rows_in, water.rows_used) == (1, 1)
    west = data.water.geometry["coast/1"]
    assert west.bounds == (*place(0, 0), *place(4, 10))  # nodes stay where they are, to the last bit


#   cut where the file lacks a node beyond the edge: half a square is 51 m (east) or 56 m (north)
def test_a_shore_cut_near_the_edge_is_drawn_on_straight(tmp_path):
    nodes = {2: (4.0, 0.5), 3: (4.0, 9.5)}
    data = read(tmp_path, nodes, {1: coast(1, 2, 3, 4)})
    assert squares(data) == {"coast/1": 60}
    assert findings(data) == {
        "way_cut": (1, ("way/1",)),
        "coast_extended": (2, ("way/1", "way/1")),
        "sea_polygons": (1, ()),
    }


def test_a_way_that_leaves_and_comes_back_is_cut_in_two(tmp_path):
    # The bay of a way that goes out at the north at x = 3 and comes back at x = 6: sea, land, sea.
    nodes = {1: (3.0, -1.0), 2: (3.0, 9.5), 4: (6.0, 9.5), 5: (6.0, -1.0)}
    data = read(tmp_path, nodes, {1: coast(1, 2, 3, 4, 5)})
    assert squares(data) == {"coast/1": 30}
    assert is_sea(data, (1, 5), (4.5, 5), (8, 5)) == [False, True, False]
    assert findings(data)["coast_extended"][0] == 2


def test_what_lies_between_the_shortest_way_and_the_way_straight_on_is_not_sea(tmp_path):
    # Ends half a square below the edge, heading north-east: the sea begins beyond the way straight on.
    data = read(tmp_path, {1: (3.5, -1.0), 2: (3.5, 9.0), 3: (4.0, 9.5)}, {1: coast(1, 2, 3, 4)})
    # Straight on is also (0.5, 0.5) squares: the coast to (4.5, 10).
    assert squares(data) == {"coast/1": pytest.approx(65 - 0.5, abs=1e-3)}


def test_along_the_edge_only_the_shortest_way_is_taken(tmp_path):
    # 0.1 squares from the north edge, heading east: straight on would take all of the north.
    data = read(tmp_path, {1: (2.0, -1.0), 2: (2.0, 9.9), 3: (3.0, 9.9)}, {1: coast(1, 2, 3, 4)})
    assert squares(data) == {"coast/1": pytest.approx(80 - 0.1, abs=1e-3)}


#   10 +----------/+
#      |   ?    /  |     The shore ends in the middle: land on its left, sea on its right, and beyond it nobody
#    5 |  - - |    |     knows; 45 degrees towards the sea are left out.
#      |land  | sea|
#    0 +------+----+
EASTWARD = math.cos(math.radians(LAT + 5 * STEP))  # metres of a square eastwards by those northwards


@pytest.mark.parametrize("cut", [False, True])
def test_beyond_an_end_in_the_middle_the_sea_keeps_away(tmp_path, cut):
    data = read(tmp_path, {1: (4.0, -1.0), 2: (4.0, 5.0)}, {1: coast(1, 2, 3) if cut else coast(1, 2)})
    lost = 5 * (5 / EASTWARD) / 2
    assert squares(data) == {"coast/1": pytest.approx(60 - lost, abs=1e-3)}
    assert is_sea(data, (4.1, 4.9), (9.9, 9), (5, 7), (3, 3), (3, 7)) == [True, True, False, False, False]
    assert findings(data)["coast_open"] == (1, ("way/1",))
    assert "coast_undecided" not in findings(data)


def test_both_ends_open(tmp_path):
    data = read(tmp_path, {1: (4.0, 3.0), 2: (4.0, 7.0)}, {1: coast(1, 2)})
    lost = 2 * 3 * (3 / EASTWARD) / 2
    assert squares(data) == {"coast/1": pytest.approx(60 - lost, abs=1e-3)}
    assert findings(data)["coast_open"] == (2, ("way/1", "way/1"))


def test_the_start_of_a_shore_keeps_the_sea_away_too(tmp_path):
    # From the middle southwards: the sea is in the west, and nobody knows the north.
    data = read(tmp_path, {1: (4.0, -1.0), 2: (4.0, 5.0)}, {1: coast(2, 1)})
    assert is_sea(data, (3.9, 4.9), (1, 1), (3, 7), (6, 3), (6, 7)) == [True, True, False, False, False]


def test_coast_seaward_of_an_open_end_narrows_the_doubt(tmp_path):
    # An island that stands 30 to 50 degrees off the way straight on: the coast cannot pass through it.
    nodes = {1: (4.0, -1.0), 2: (4.0, 5.0), **ring(10, 6.0, 7.0, 7.5, 7.5)}
    alone = read(tmp_path, {1: nodes[1], 2: nodes[2]}, {1: coast(1, 2)})
    both = read(tmp_path, nodes, {1: coast(1, 2), 2: coast(*closed(10))})
    assert is_sea(alone, (8.6, 9.9)) == [False]
    assert is_sea(both, (8.6, 9.9), (6.7, 7.2), (4.5, 8)) == [True, False, False]


def test_ways_that_meet_head_on_leave_both_sides_land_and_say_so(tmp_path):
    data = read(tmp_path, SHORE, {1: coast(1, 2), 2: coast(3, 2)})
    assert squares(data) == {}
    assert set(findings(data)) == {"coast_undecided"}
    assert findings(data)["coast_undecided"][0] == 2
    assert rows(data) == (2, 2)
    account = next(a for a in data.accounts if a.layer == "coast")
    assert [f.code for f in account.warnings] == ["coast_undecided"]


def test_an_island_drawn_the_wrong_way_round_costs_the_sea_around_it_but_never_shows_land_as_sea(tmp_path):
    nodes = {**SHORE, **ring(10, 6, 4, 7, 5), 4: (2.0, -1.0), 5: (2.0, 11.0)}
    data = read(tmp_path, nodes, {1: coast(1, 2, 3), 2: coast(*closed(10)[::-1]), 3: coast(5, 4)})
    assert is_sea(data, (1, 5), (3, 5), (5, 5)) == [True, False, False]
    assert findings(data)["coast_undecided"] == (1, ("way/2",))


def test_a_stray_line_on_an_island_makes_no_sea_on_it(tmp_path):
    nodes = {**ring(10, 2, 2, 8, 8), 1: (4.0, 4.0), 2: (4.0, 5.0)}
    data = read(tmp_path, nodes, {1: coast(*closed(10)), 2: coast(1, 2)})
    # What lies on from its ends is unknown, out to the edge; the east is told by the island alone.
    assert is_sea(data, (9, 5), (5, 4.5), (3, 4.5), (5, 9)) == [True, False, False, False]
    assert findings(data)["coast_open"][0] == 2
    assert findings(data)["coast_undecided"] == (1, ("way/2",))


def test_a_branch_that_closes_nothing_is_no_shore(tmp_path):
    # A branch from the shore into the sea: both its sides would be the same sea.
    nodes = {**SHORE, 4: (5.0, 5.0), 5: (6.0, 5.0)}
    data = read(tmp_path, nodes, {1: coast(1, 2, 3), 2: coast(2, 4), 3: coast(5, 4)})
    assert not any(is_sea(data, (5, 5.5), (3, 3)))
    assert findings(data)["coast_undecided"][0] >= 1


def test_ways_outside_or_without_nodes_are_listed(tmp_path):
    nodes = {**SHORE, **ring(10, 20, 20, 22, 22), 7: (3.0, 3.0)}
    ways = {
        1: coast(1, 2, 3),
        2: coast(*closed(10)),
        3: coast(97, 98, 99),
        4: coast(7),
        5: coast(7, 7),
        6: coast(7, 96),
    }
    data = read(tmp_path, nodes, ways)
    assert squares(data) == {"coast/1": 60}
    assert rows(data) == (6, 1)
    assert findings(data) == {
        "no_usable_piece": (4, ("way/3", "way/4", "way/5", "way/6")),
        "coast_outside": (1, ("way/2",)),
        "sea_polygons": (1, ()),
    }


def test_without_coastline_nothing_is_sea(tmp_path):
    pond = {9: (closed(10), {"natural": "water"})}
    data = read(tmp_path, ring(10, 1, 1, 2, 2), pond)
    assert data.water.index.tolist() == ["way/9"]
    assert (rows(data), findings(data)) == ((0, 0), {})
    assert read(tmp_path, {}, {}).water.empty


def test_sea_alone_in_an_empty_water_layer(tmp_path):
    data = read(tmp_path, SHORE, {1: coast(1, 2, 3)})
    assert data.water.index.tolist() == ["coast/1"]
    assert data.water.columns.tolist() == ["kind", "name", "name_zh", "name_en", "geometry"]


def test_new_objects_of_an_editor_and_repeated_nodes(tmp_path):
    nodes = {-1: SHORE[1], -2: SHORE[2], -3: SHORE[3]}
    data = read(tmp_path, nodes, {-4: coast(-1, -1, -2, -2, -3)})
    assert squares(data) == {"coast/1": 60}


def test_a_coastline_that_is_also_something_else_is_read_for_both(tmp_path):
    tags = {**COAST, "leisure": "park"}
    data = read(tmp_path, ISLANDS, {1: coast(*closed(10), tags=tags)})
    assert squares(data) == {"coast/1": 91}
    assert data.green.index.tolist() == ["way/1"]


def test_the_last_of_a_repeated_way_counts(tmp_path):
    nodes = {**SHORE, 8: (3.0, 3.0)}
    text = osm({**STREET_NODES, **nodes}, {**STREET_WAYS, 1: coast(1, 2, 3)})
    text = text.replace(
        "</osm>", '<way id="1" version="2"><nd ref="1"/><nd ref="8"/><tag k="highway" v="path"/></way></osm>'
    )
    data = read_osm(write(tmp_path / "t.osm", text), classify=lambda tags: ())
    assert rows(data) == (0, 0)


def test_without_a_header_the_area_is_that_of_the_streets(tmp_path):
    street = {101: (0.0, 0.0), 102: (10.0, 10.0)}
    nodes = {**street, 1: (4.0, -3.0), 3: (4.0, 12.0)}
    path = write(tmp_path / "t.osm", osm(nodes, {1: coast(1, 3), 2: ([101, 102], {"highway": "path"})}))
    data = read_osm(path, classify=lambda tags: ())
    assert squares(data) == {"coast/1": 60}
    # A street as straight as a string spans no area.
    path = write(
        tmp_path / "u.osm", osm({**nodes, 102: (10.0, 0.0)}, {1: coast(1, 3), 2: ([101, 102], {"highway": "path"})})
    )
    assert squares(read_osm(path, classify=lambda tags: ())) == {}


def test_the_area_of_a_whole_country_in_the_header_is_kept_near_the_streets():
    assert sea_area((-10, 35, 5, 44), (2.0, 41.0, 2.2, 41.1)) == pytest.approx((1.8, 40.8, 2.4, 41.3))
    assert sea_area((2.0, 41.0, 2.1, 41.05), (2.0, 41.0, 2.2, 41.1)) == (2.0, 41.0, 2.1, 41.05)


def test_buildings_in_the_sea_are_noted(tmp_path):
    nodes = {**SHORE, **ring(10, 6, 6, 7, 7), **ring(20, 1, 1, 2, 2)}
    house = {"building": "yes"}
    data = read(tmp_path, nodes, {1: coast(1, 2, 3), 2: (closed(10), house), 3: (closed(20), house)})
    assert findings(data)["building_in_sea"] == (1, ("way/2",))


# Random islands, drawn as OSM would draw them, against the area without the land.


def scan_of(lines):
    """Make the scan of coastline ways from their coordinates in units of 1e-7 degrees; None is a missing node."""
    flat = [NO_PLACE if p is None else v for line in lines for p in line for v in (p or (0, 0))[:1]]
    y = [NO_PLACE if p is None else p[1] for line in lines for p in line]
    size = [len(line) for line in lines]
    start = np.concatenate(([0], np.cumsum(size)))
    return Scan(
        nodes=[], ways={}, relations=[],
        start={k: int(start[k]) for k in range(len(lines))},
        size=dict(enumerate(size)),
        ref=np.arange(len(y), dtype=np.int64),
        x=np.array(flat, dtype=np.int32),
        y=np.array(y, dtype=np.int32),
        is_street=set(), coast=set(range(len(lines))), newest=None,
    )  # fmt: skip


def shores(land, pieces, rng):
    """Return the rings of the land with the land on their left, cut at random into ways, in random order."""
    lines = []
    for polygon in shapely.get_parts(shapely.orient_polygons(land)):
        for edge in shapely.get_rings(polygon):
            points = [tuple(round(v) for v in p) for p in shapely.get_coordinates(edge).tolist()]
            at = sorted({0, len(points) - 1, *rng.integers(1, len(points), size=pieces).tolist()})
            lines += [points[a : b + 1] for a, b in pairwise(at)]
    return [lines[k] for k in rng.permutation(len(lines))]


UNIT = 10_000  # of 1e-7 degrees, about 111 m: the area is 20 by 20 of them on the equator
AREA = shapely.box(0, 0, 20 * UNIT, 20 * UNIT)
BLOCKS = st.lists(
    st.tuples(st.integers(-4, 22), st.integers(-4, 22), st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=12
)


def land_of(blocks):
    """Blocks off the lines of the area, so that no coast runs along its edge."""
    boxes = [shapely.box(x + 0.5, y + 0.5, x + 0.5 + w, y + 0.5 + h) for x, y, w, h in blocks]
    # Blocks that touch in one corner only leave no doubt when they are made to overlap.
    land = shapely.union_all([shapely.buffer(b, 0.125, join_style="mitre") for b in boxes])
    return shapely.transform(land, lambda xy: np.round(xy * UNIT))


@given(BLOCKS, st.integers(0, 5), st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_whole_shores_give_exactly_the_area_without_the_land(blocks, pieces, seed):
    land = land_of(blocks)
    lines = shores(land, pieces, np.random.default_rng(seed))
    tally = Tally("coast", "random")
    polygons, ways_in, used = sea_polygons(scan_of(lines), (0, 0, 0.02, 0.02), tally)
    expected = shapely.difference(AREA, land)
    if shapely.contains_properly(land, AREA) or not shapely.intersects(land, AREA):
        expected = shapely.Polygon()  # no shore in sight: nothing is told, nothing is drawn
    found = shapely.transform(shapely.union_all(polygons), lambda xy: xy * 1e7)
    assert shapely.area(shapely.symmetric_difference(found, expected)) < 1e-6 * UNIT**2
    assert len(polygons) == len([p for p in shapely.get_parts(expected) if p.area > 0])
    account = tally.account(ways_in, used)
    assert {f.code for f in account.findings} <= {"sea_polygons", "coast_outside"}


@given(BLOCKS, st.integers(0, 5), st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_shores_cut_at_the_edge_err_no_further_than_near_the_edge(blocks, pieces, seed):
    land = land_of(blocks)
    whole = shapely.segmentize(land, UNIT / 4)
    lines = [
        [p if 0 <= p[0] <= 20 * UNIT and 0 <= p[1] <= 20 * UNIT else None for p in line]
        for line in shores(whole, pieces, np.random.default_rng(seed))
    ]
    tally = Tally("coast", "random")
    polygons, ways_in, used = sea_polygons(scan_of(lines), (0, 0, 0.02, 0.02), tally)
    tally.account(ways_in, used)
    found = shapely.transform(shapely.union_all(polygons), lambda xy: xy * 1e7)
    wrong = shapely.intersection(found, land)
    # The shores run square to the edge or along it, and every cut end is at most a quarter of a unit from it.
    middle = shapely.box(UNIT / 2, UNIT / 2, 19.5 * UNIT, 19.5 * UNIT)
    assert shapely.area(shapely.intersection(wrong, middle)) < 1e-6 * UNIT**2


# Real cities


def wet_share(data):
    sea = data.water.loc[data.water["kind"] == "sea", "geometry"].to_numpy()
    middle = shapely.point_on_surface(data.buildings.geometry.to_numpy())
    return len(np.unique(shapely.STRtree(middle).query(sea, predicate="contains")[1])) / len(data.buildings)


def wet_street_share(data):
    """Length of streets on the ground in the sea, by all of them (in degrees, which is near enough for a share)."""
    streets = data.streets
    xy = np.column_stack((streets.lon, streets.lat))[streets.way_node]
    lines = shapely.linestrings(xy, indices=np.repeat(np.arange(len(streets)), np.diff(streets.way_ptr)))
    ground = lines[~(streets.tags["bridge"] | streets.tags["tunnel"]).to_numpy()]
    sea = data.water.loc[data.water["kind"] == "sea", "geometry"].to_numpy()
    line, face = shapely.STRtree(sea).query(ground, predicate="intersects")
    return shapely.length(shapely.intersection(ground[line], sea[face])).sum() / shapely.length(ground).sum()


def sea_km2(data, crs):
    return float(data.water[data.water["kind"] == "sea"].to_crs(crs).area.sum()) / 1e6


@pytest.fixture(scope="module")
def macau(shared_data):
    return read_osm(shared_data / "macau" / "macau_20260220.osm.pbf")


def at(data, *lonlat):
    sea = shapely.union_all(data.water.loc[data.water["kind"] == "sea", "geometry"].to_numpy())
    return shapely.contains(sea, shapely.points(lonlat)).tolist()


def test_macau_lies_in_the_sea_but_not_under_it(macau):
    # A ferry terminal on piles and a houseboat.
    assert findings(macau)["building_in_sea"] == (2, ("way/709236761", "way/1072263417"))
    assert wet_share(macau) < 0.0005
    assert wet_street_share(macau) < 0.003  # piers and the terraces of the Fisherman's Wharf
    assert 95 < sea_km2(macau, 32649) < 115
    assert rows(macau) == (39, 39)
    # Under the bridge to Taipa, off Coloane, in the inner harbour.
    assert at(macau, (113.5475, 22.1750), (113.62, 22.12), (113.5330, 22.1960)) == [True] * 3
    # Senado square, the runway, Coloane, the university's island, and Hengqin, whose shore the extract lacks.
    land = [(113.5399, 22.1936), (113.5918, 22.1496), (113.565, 22.123), (113.5445, 22.130), (113.532, 22.10)]
    assert at(macau, *land) == [False] * 5
    assert findings(macau)["coast_open"] == (1, ("way/140231428",))


def test_macau_lakes_and_reservoirs_are_no_sea(macau, shared_data):
    inland = gpd.read_file(shared_data / "macau" / "macau_osm_layers.gpkg", layer="water")
    ids = set(inland["osm_type"] + "/" + inland["osm_id"].astype(str))
    other = macau.water[macau.water["kind"] != "sea"]
    assert ids <= set(other.index)
    assert len(other) - len(ids) <= 4  # theirs leave out a few beyond the border
    sea = shapely.union_all(macau.water.loc[macau.water["kind"] == "sea", "geometry"].to_numpy())
    shared = shapely.area(shapely.intersection(inland.geometry.to_numpy(), sea))
    assert shared.sum() < 1e-9 * sea.area


def test_las_palmas_between_two_seas(shared_data):
    data = read_osm(shared_data / "las-palmas" / "las_palmas_20230221.osm.pbf")
    assert wet_share(data) == 0
    assert wet_street_share(data) < 0.0005
    assert 100 < sea_km2(data, 32628) < 120
    assert rows(data) == (34, 34)
    assert findings(data)["coast_open"][0] == 2  # the extract follows the border of the municipality
    # Off Las Canteras, in the harbour, off Vegueta; on La Isleta, the isthmus, the cathedral, and inland.
    assert at(data, (-15.445, 28.145), (-15.4056, 28.137), (-15.405, 28.10)) == [True] * 3
    assert at(data, (-15.42, 28.165), (-15.431, 28.137), (-15.4146, 28.1009), (-15.50, 28.05)) == [False] * 4


def test_helsinki_has_its_bay_and_the_quays_of_the_market(repository):
    data = read_osm(repository / "data" / "helsinki-centre" / "helsinki-centre.osm.pbf")
    # The bay in the north, and by the edge a basin of some 25 by 75 m and a strip of 10 by 90 m.
    assert sea_m2(data, 3067) == pytest.approx([100_000, 1_900, 900], rel=0.1)
    # Two ships and the club house of a boat club on its jetty.
    assert findings(data)["building_in_sea"] == (3, ("way/17028575", "way/24936253", "way/51327608"))
    assert findings(data)["coast_extended"][0] == 8
    assert "coast_open" not in findings(data)
    assert at(data, (24.9475, 60.1773), (24.9455, 60.1695)) == [True, False]


def sea_m2(data, crs):
    return sorted(data.water[data.water["kind"] == "sea"].to_crs(crs).area, reverse=True)
