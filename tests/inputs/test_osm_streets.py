import numpy as np
import pytest
from osm_xml import osm, place, write

from siting.errors import NetworkDataError, SchemaError
from siting.inputs.osm import read_osm, read_streets
from siting.ledger import Account


def nothing(tags):
    return ()


def finding(account: Account, code: str):
    return next((f for f in account.findings if f.code == code), None)


def chains(streets):
    """Way id, piece and node ids of every row."""
    ids = streets.node_id[streets.way_node]
    return [
        (way, piece, ids[a:b].tolist())
        for way, piece, a, b in zip(
            streets.tags["way_id"], streets.tags["piece"], streets.way_ptr[:-1], streets.way_ptr[1:], strict=True
        )
    ]


def test_ways_meet_at_shared_nodes_and_lie_where_the_file_says(tmp_path):
    #   1 ---- 2 ---- 3
    #          |
    #          4
    nodes = {1: (0, 1), 2: (1, 1), 3: (2, 1), 4: (1, 0)}
    ways = {
        10: ([1, 2, 3], {"highway": "residential", "name": "新马路"}),
        11: ([2, 4], {"highway": "steps", "layer": "-1"}),
    }
    streets = read_streets(write(tmp_path / "t.osm", osm(nodes, ways)))
    assert chains(streets) == [("way/10", 0, [1, 2, 3]), ("way/11", 0, [2, 4])]
    assert [(lon, lat) for lon, lat in zip(streets.lon, streets.lat, strict=True)] == [place(*nodes[k]) for k in nodes]
    assert streets.tags["name"].tolist()[0] == "新马路"
    assert streets.tags["steps"].tolist() == [False, True]
    assert streets.tags["layer"].tolist() == [0, -1]
    assert streets.crs.to_epsg() == 4326
    assert (streets.account.rows_in, streets.account.rows_used) == (2, 2)


def test_a_clipped_way_is_cut_where_nodes_are_missing(tmp_path):
    #   1 - 2 - (3) - 4 - 5 - (6) - 7      3 and 6 are not in the file: 7 is a stub
    #   8 - (9)                            nothing left of this one
    nodes = {k: (k, 0) for k in (1, 2, 4, 5, 7, 8)}
    ways = {20: ([1, 2, 3, 4, 5, 6, 7], {"highway": "path"}), 21: ([8, 9], {"highway": "path"})}
    streets = read_streets(write(tmp_path / "t.osm", osm(nodes, ways)))
    assert chains(streets) == [("way/20", 0, [1, 2]), ("way/20", 1, [4, 5])]
    account = streets.account
    assert (account.rows_in, account.rows_used) == (2, 1)
    assert finding(account, "way_cut").count == 2
    assert finding(account, "way_cut").kind == "repaired"
    assert finding(account, "no_usable_piece").ids == ("way/21",)
    assert finding(account, "single_node_piece").count == 1


def test_a_node_off_the_globe_is_as_good_as_missing(tmp_path):
    text = osm({1: (0, 0), 2: (1, 0), 3: (2, 0)}, {5: ([1, 2, 3], {"highway": "path"})})
    path = write(tmp_path / "t.osm", text.replace('lat="22.1"', 'lat="95"', 1))
    assert chains(read_streets(path)) == [("way/5", 0, [2, 3])]


def test_the_same_node_twice_in_a_row_is_taken_once_and_a_loop_stays(tmp_path):
    nodes = {1: (0, 0), 2: (1, 0), 3: (1, 1)}
    ways = {5: ([1, 1, 2, 2, 3, 1], {"highway": "path"}), 6: ([2, 2], {"highway": "path"})}
    streets = read_streets(write(tmp_path / "t.osm", osm(nodes, ways)))
    assert chains(streets) == [("way/5", 0, [1, 2, 3, 1])]
    assert finding(streets.account, "repeated_node").count == 2
    assert finding(streets.account, "no_usable_piece").ids == ("way/6",)


def test_no_place_is_cut_off_by_a_square(tmp_path):
    #   1 === 2 --- 9     the square 1-2-3-4 is an area; 9 and 8 meet only along its outline
    #   |     |
    #   4 === 3
    #   |
    #   8
    nodes = {1: (0, 1), 2: (1, 1), 3: (1, 0), 4: (0, 0), 8: (0, -1), 9: (2, 1)}
    ways = {
        1: ([1, 2, 3, 4, 1], {"highway": "pedestrian", "area": "yes"}),
        2: ([2, 9], {"highway": "footway"}),
        3: ([4, 8], {"highway": "footway"}),
    }
    streets = read_streets(write(tmp_path / "t.osm", osm(nodes, ways)))
    assert chains(streets)[0] == ("way/1", 0, [1, 2, 3, 4, 1])
    assert streets.tags["area"].tolist() == [True, False, False]
    assert finding(streets.account, "square_outline").ids == ("way/1",)


def test_the_ring_of_a_square_that_is_a_relation_is_walked_too(tmp_path):
    nodes = {1: (0, 1), 2: (1, 1), 3: (1, 0), 4: (0, 0), 9: (2, 1)}
    ways = {1: ([1, 2, 3], {}), 2: ([3, 4, 1], {"highway": "footway"}), 3: ([2, 9], {"highway": "footway"})}
    relations = {7: ([(1, "outer"), (2, "outer")], {"type": "multipolygon", "highway": "pedestrian"})}
    streets = read_osm(write(tmp_path / "t.osm", osm(nodes, ways, relations)), classify=nothing).streets
    assert [way for way, _, _ in chains(streets)] == ["way/1", "way/2", "way/3"]
    assert streets.tags["highway"].tolist() == ["pedestrian", "footway", "footway"]
    assert streets.account.rows_in == 3


def test_every_way_left_out_is_listed_with_the_tag_that_decided(tmp_path):
    nodes = {k: (k, 0) for k in range(1, 6)}
    ways = {
        1: ([1, 2], {"highway": "residential"}),
        2: ([2, 3], {"highway": "proposed"}),
        3: ([3, 4], {"highway": "service", "access": "private"}),
        4: ([4, 5], {"highway": "motorway"}),
        5: ([4, 5], {"building": "yes"}),  # no street at all: not counted here
    }
    account = read_streets(write(tmp_path / "t.osm", osm(nodes, ways))).account
    assert (account.rows_in, account.rows_used) == (4, 1)
    assert finding(account, "no_access").text.en.endswith("access=private 1")
    assert finding(account, "not_a_way").ids == ("way/2",)
    assert finding(account, "not_permitted").ids == ("way/4",)


def test_modes_decide_what_is_kept(tmp_path):
    nodes = {k: (k, 0) for k in range(1, 5)}
    ways = {
        1: ([1, 2], {"highway": "steps"}),
        2: ([2, 3], {"highway": "motorway"}),
        3: ([3, 4], {"highway": "primary"}),
    }
    path = write(tmp_path / "t.osm", osm(nodes, ways))
    walk, drive, both = (read_streets(path, modes=m).tags for m in (("walk",), ("drive",), ("drive", "walk")))
    assert walk["way_id"].tolist() == ["way/1", "way/3"]
    assert not walk["drive_forward"].any()
    assert drive["way_id"].tolist() == ["way/2", "way/3"]
    assert not drive["walk"].any()
    assert both["walk"].tolist() == [True, False, True]
    assert both["drive_forward"].tolist() == [False, True, True]
    assert both["drive_backward"].tolist() == [False, False, True]
    with pytest.raises(SchemaError, match="unknown mode 'walking'; did you mean 'walk'"):
        read_streets(path, modes=("walking",))  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="name one at least"):
        read_streets(path, modes=())


def test_tags_that_later_rooms_ask_for(tmp_path):
    nodes = {k: (k, 0) for k in range(1, 9)}
    ways = {
        1: ([1, 2], {"highway": "footway", "bridge": "yes", "layer": "1;2"}),
        2: ([2, 3], {"highway": "footway", "tunnel": "building_passage"}),
        3: ([3, 4], {"highway": "footway", "tunnel": "yes", "layer": "deep"}),
        4: ([4, 5], {"highway": "corridor", "bridge": "no", "wheelchair": "yes"}),
    }
    streets = read_streets(write(tmp_path / "t.osm", osm(nodes, ways)))
    tags = streets.tags
    assert tags["bridge"].tolist() == [True, False, False, False]
    assert tags["tunnel"].tolist() == [False, False, True, False]  # a passage through a house is at ground level
    assert tags["covered"].tolist() == [False, True, False, False]
    assert tags["indoor"].tolist() == [False, False, False, True]
    assert tags["layer"].tolist() == [1, 0, 0, 0]
    assert finding(streets.account, "layer_not_number").ids == ("way/3",)


def test_file_order_and_repeated_objects_do_not_matter(tmp_path):
    nodes = {1: (0, 0), 2: (1, 0), 3: (2, 0)}
    a, b = {5: ([1, 2], {"highway": "path"})}, {6: ([2, 3], {"highway": "path"})}
    first = read_streets(write(tmp_path / "a.osm", osm(nodes, a | b)))
    second = read_streets(write(tmp_path / "b.osm", osm(dict(reversed(nodes.items())), b | a)))
    assert chains(first) == chains(second)
    assert np.array_equal(first.lon, second.lon)
    text = osm(nodes, a | b).replace(
        "</osm>", '<way id="5" version="2"><nd ref="1"/><nd ref="3"/><tag k="highway" v="path"/></way></osm>'
    )
    again = read_streets(write(tmp_path / "c.osm", text))
    assert chains(again)[0] == ("way/5", 0, [1, 3])  # the last one counts
    assert finding(again.account, "duplicate_object").count == 1


def test_negative_ids_of_an_editor_are_read(tmp_path):
    streets = read_streets(
        write(tmp_path / "t.osm", osm({-1: (0, 0), -2: (1, 0)}, {-5: ([-1, -2], {"highway": "path"})}))
    )
    assert chains(streets) == [("way/-5", 0, [-1, -2])]


@pytest.mark.parametrize(
    ("ways", "message"),
    [
        ({}, "no street is left for walk, of 0 ways. Is it the right extract"),
        ({1: ([1, 2], {"highway": "proposed"})}, "no street is left for walk, of 1 ways: .*highway=proposed 1"),
        ({1: ([7, 8], {"highway": "path"})}, "none of its 1 streets has a node with coordinates"),
    ],
)
def test_a_file_without_streets_is_refused(tmp_path, ways, message):
    path = write(tmp_path / "t.osm", osm({1: (0, 0), 2: (1, 0)}, ways))
    with pytest.raises(NetworkDataError, match=message):
        read_osm(path, classify=nothing)


def test_select_keeps_the_ways_and_only_their_nodes(tmp_path):
    nodes = {k: (k, 0) for k in range(1, 6)}
    ways = {k: ([k, k + 1], {"highway": "path"}) for k in range(1, 5)}
    streets = read_streets(write(tmp_path / "t.osm", osm(nodes, ways)))
    part = streets.select([False, True, False, True])
    assert chains(part) == [("way/2", 0, [2, 3]), ("way/4", 0, [4, 5])]
    assert part.node_id.tolist() == [2, 3, 4, 5]
    assert part.lon.tolist() == streets.lon[1:].tolist()
    assert len(streets.select([False] * 4)) == 0
