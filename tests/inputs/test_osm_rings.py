import osmium
import pytest
import shapely
from osm_xml import LAT, LON, STEP, STREET_NODES, STREET_WAYS, closed, osm, ring, write

from siting.inputs.osm import read_osm
from siting.inputs.osm_file import open_osm
from siting.inputs.osm_kinds import OsmKinds
from siting.inputs.osm_rings import relation_polygon, way_polygons
from siting.inputs.osm_scan import scan
from siting.inputs.street_filter import StreetFilter

PARK = {"leisure": "park"}
MULTI = {"type": "multipolygon", "leisure": "park"}


def read(tmp_path, nodes, ways, relations=None):
    text = osm({**STREET_NODES, **nodes}, {**STREET_WAYS, **ways}, relations)
    return read_osm(write(tmp_path / "t.osm", text), classify=lambda tags: ())


def cells(frame):
    """Area by id, in squares of the grid."""
    return {k: round(v / STEP**2, 6) for k, v in zip(frame.index, shapely.area(frame.geometry), strict=True)}


def findings(data, layer):
    account = next(a for a in data.accounts if a.layer == layer)
    return {f.code: (f.count, f.ids) for f in account.findings}


#   +-----------------+ 6      outer 0..6, hole 1..5, island 2..4, pond in the island 2.5..3.5
#   |  +-----------+  |
#   |  |  +-----+  |  |
#   |  |  | [ ] |  |  |
#   |  |  +-----+  |  |
#   |  +-----------+  |
#   +-----------------+
RINGS = {**ring(10, 0, 0, 6, 6), **ring(20, 1, 1, 5, 5), **ring(30, 2, 2, 4, 4), **ring(40, 2.5, 2.5, 3.5, 3.5)}
RING_WAYS = {1: (closed(10), {}), 2: (closed(20), {}), 3: (closed(30), {}), 4: (closed(40), {})}


@pytest.mark.parametrize(
    "roles", [("outer", "inner", "outer", "inner"), ("", "", "", ""), ("inner", "outer", "inner", "outer")]
)
def test_islands_in_holes_are_kept_whatever_the_roles_say(tmp_path, roles):
    members = list(zip((1, 2, 3, 4), roles, strict=True))
    green = read(tmp_path, RINGS, RING_WAYS, {9: (members, MULTI)}).green
    assert cells(green) == {"relation/9": 36 - 16 + 4 - 1}
    assert green.is_valid.all()


def test_a_park_drawn_as_relation_and_as_its_tagged_outer_way_counts_once(tmp_path):
    ways = {1: (closed(10), PARK), 2: (closed(20), {}), 3: (closed(30), PARK)}
    data = read(tmp_path, RINGS, ways, {9: ([(1, "outer"), (2, "inner")], MULTI)})
    # Way 3 is another park in the hole of the first: not a member, so it stays.
    assert cells(data.green) == {"way/3": 4, "relation/9": 20}
    assert findings(data, "green") == {"outer_way_of_relation": (1, ("way/1",))}


def test_an_outer_way_that_says_something_else_stays(tmp_path):
    ways = {1: (closed(10), {"landuse": "forest"}), 2: (closed(20), {})}
    data = read(tmp_path, RINGS, ways, {9: ([(1, "outer"), (2, "inner")], MULTI)})
    assert dict(zip(data.green.index, data.green["kind"], strict=True)) == {"way/1": "forest", "relation/9": "park"}


def test_any_building_on_the_outer_way_is_the_building_of_the_relation(tmp_path):
    ways = {1: (closed(10), {"building": "yes"}), 2: (closed(20), {})}
    relation = {"type": "multipolygon", "building": "apartments"}
    data = read(tmp_path, RINGS, ways, {9: ([(1, "outer"), (2, "inner")], relation)})
    assert cells(data.buildings) == {"relation/9": 20}


def test_tags_on_the_outer_way_of_an_untagged_relation(tmp_path):
    ways = {1: (closed(10), PARK | {"name": "公园"}), 2: (closed(20), {"natural": "water"})}
    data = read(tmp_path, RINGS, ways, {9: ([(1, "outer"), (2, "inner")], {"type": "multipolygon"})})
    assert cells(data.green) == {"relation/9": 20}
    assert data.green["name"].tolist() == ["公园"]
    assert cells(data.water) == {"way/2": 16}
    assert set(findings(data, "green")) == {"outer_way_of_relation", "old_style_relation"}


def test_outer_ring_from_open_ways_and_neighbours_that_share_a_border(tmp_path):
    #   1 --- 2 --- 3      ways a = 1-2-5-4-1 in two pieces, b = 2-3-6-5-2: they share 2-5
    #   |  a  |  b  |
    #   4 --- 5 --- 6
    nodes = {1: (0, 1), 2: (1, 1), 3: (2, 1), 4: (0, 0), 5: (1, 0), 6: (2, 0)}
    ways = {1: ([2, 1, 4], PARK), 2: ([4, 5, 2], {}), 3: ([2, 3, 6, 5, 2], {})}
    data = read(tmp_path, nodes, ways, {9: ([(1, "outer"), (2, "outer"), (3, "outer")], MULTI)})
    assert cells(data.green) == {"relation/9": 2}
    assert data.green.geometry.iloc[0].geom_type == "Polygon"
    assert findings(data, "green") == {"outer_way_of_relation": (1, ("way/1",))}


def test_a_hole_that_runs_along_the_border_is_a_hole(tmp_path):
    #   1 - 2 ------- 3     the inner ring 1-2-5-4 shares 4-1-2 with the outer ring
    #   4 - 5         |
    #   |             |
    #   6 ----------- 7
    nodes = {1: (0, 3), 2: (1, 3), 3: (3, 3), 4: (0, 2), 5: (1, 2), 6: (0, 0), 7: (3, 0)}
    ways = {1: ([1, 2, 3, 7, 6, 4, 1], {}), 2: ([1, 2, 5, 4, 1], {})}
    data = read(tmp_path, nodes, ways, {9: ([(1, "outer"), (2, "inner")], MULTI)})
    assert cells(data.green) == {"relation/9": 8}


def test_a_member_named_twice_counts_once(tmp_path):
    data = read(tmp_path, RINGS, {1: (closed(10), {})}, {9: ([(1, "outer"), (1, "outer")], MULTI)})
    assert cells(data.green) == {"relation/9": 36}


def test_clipped_rings_are_counted_and_nothing_is_made_of_them(tmp_path):
    nodes = {**RINGS}
    del nodes[12]
    ways = {**RING_WAYS, 5: (closed(10), PARK), 6: ([20, 21, 22], PARK)}
    relations = {
        7: ([(1, "outer"), (2, "inner")], MULTI),  # outer ring lacks a node: its closed hole must not become a park
        8: ([(99, "outer")], MULTI),  # member outside the extract
    }
    data = read(tmp_path, nodes, ways, relations)
    assert data.green.empty
    assert findings(data, "green") == {
        "clipped_ring": (3, ("way/5", "relation/7", "relation/8")),
        "not_closed": (1, ("way/6",)),
    }


def test_whole_rings_of_a_clipped_relation_are_kept(tmp_path):
    nodes = {**RINGS, **ring(50, 10, 0, 12, 2)}
    members = [(1, "outer"), (2, "inner"), (5, "outer"), (99, "outer")]
    data = read(tmp_path, nodes, {**RING_WAYS, 5: (closed(50), {})}, {9: (members, MULTI)})
    assert cells(data.green) == {"relation/9": 36 - 16 + 4}
    assert findings(data, "green") == {"clipped_part": (1, ("relation/9",))}


def test_the_outer_way_stands_in_for_a_relation_that_is_clipped_away(tmp_path):
    ways = {1: (closed(10), PARK)}
    data = read(tmp_path, RINGS, ways, {9: ([(1, "inner"), (99, "outer")], MULTI)})
    assert cells(data.green) == {"way/1": 36}


def test_a_bow_tie_is_repaired_and_counted(tmp_path):
    #   1   2        1-3-2-4-1 crosses itself in the middle: two triangles of a quarter each
    #     x
    #   4   3
    nodes = {1: (0, 2), 2: (2, 2), 3: (2, 0), 4: (0, 0)}
    data = read(tmp_path, nodes, {1: ([1, 3, 2, 4, 1], PARK)})
    assert cells(data.green) == {"way/1": 2}
    assert data.green.is_valid.all()
    assert findings(data, "green") == {"invalid_polygon": (1, ("way/1",))}


def test_rings_without_area_and_area_no(tmp_path):
    nodes = {1: (0, 0), 2: (1, 0), 3: (2, 0), **ring(10, 0, 0, 1, 1)}
    data = read(
        tmp_path, nodes, {1: ([1, 2, 3, 1], PARK), 2: ([1, 2, 1], PARK), 3: (closed(10), PARK | {"area": "no"})}
    )
    assert data.green.empty
    assert findings(data, "green") == {"area_no": (1, ("way/3",)), "no_area": (2, ("way/1", "way/2"))}


def test_positions_are_those_of_the_file(tmp_path):
    data = read(tmp_path, ring(10, 0, 0, 1, 1), {1: (closed(10), PARK)})
    assert data.green.total_bounds.tolist() == pytest.approx([LON, LAT, LON + STEP, LAT + STEP], abs=1e-12)
    assert data.green.crs.to_epsg() == 4326


@pytest.mark.parametrize("city", ["macau/macau_20260220", "las-palmas/las_palmas_20230221", "porto-alegre/poa_osm"])
def test_every_polygon_equals_that_of_the_osmium_assembler(shared_data, city):
    path = shared_data / f"{city}.osm.pbf"
    found = scan(open_osm(path), OsmKinds.default(), StreetFilter.default(), lambda tags: ())
    mine = {("way", k): r for k, r in way_polygons(found, [w for w, i in found.ways.items() if i.layers]).items()}
    mine |= {("relation", r.id): relation_polygon(found, r) for r in found.relations}
    factory = osmium.geom.WKBFactory()
    theirs = {}
    for thing in osmium.FileProcessor(str(path)).with_areas():
        key = ("way" if thing.is_area() and thing.from_way() else "relation", thing.orig_id() if thing.is_area() else 0)
        if thing.is_area() and key in mine:
            theirs[key] = shapely.from_wkb(factory.create_multipolygon(thing))
    whole = {k: r.geometry for k, r in mine.items() if r.geometry is not None}
    assert len(theirs) > 50
    assert theirs.keys() <= whole.keys()
    assert [k for k, polygon in theirs.items() if not shapely.equals(polygon, whole[k])] == []
    # What osmium cannot assemble and this package can was repaired, and is counted as such.
    assert all(mine[k].repair is not None for k in whole.keys() - theirs.keys())
