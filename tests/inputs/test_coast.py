"""The sea from the coastline, on shores drawn by hand.

Land lies on the left of a coastline. The area is 10 by 10 squares of the grid; figures are in squares.
"""

import math

import pytest
import shapely
from osm_xml import LAT, STEP, STREET_NODES, STREET_WAYS, closed, osm, place, ring, write

from siting.inputs.coast import sea_area
from siting.inputs.osm import read_osm

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


def test_a_line_that_goes_there_and_back_is_no_shore(tmp_path):
    nodes = {**SHORE, 4: (6.0, 5.0), 5: (7.0, 6.0), 6: (2.0, -1.0), 7: (2.0, 11.0)}
    data = read(tmp_path, nodes, {1: coast(1, 2, 3), 2: coast(4, 5, 4), 3: coast(7, 6)})
    assert squares(data) == {"coast/1": 20}
    assert findings(data) == {"coast_undecided": (1, ("way/2",)), "sea_polygons": (1, ())}


def test_nothing_is_drawn_outside_the_area(tmp_path):
    # A lagoon across the corner: three quarters of its sides' box lie outside.
    nodes = {1: (9.0, 9.0), 2: (9.0, 11.5), 3: (11.5, 9.0)}
    assert squares(read(tmp_path, nodes, {1: coast(1, 2, 3, 1)})) == {"coast/1": 1}


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
