"""Ways become edges: where they are cut, how long they are, what carries points."""

import dataclasses

import numpy as np
import pytest
from pyproj import CRS
from street_drawing import METRES, draw, points, streets

from siting.errors import CRSError, NetworkDataError
from siting.network import Network


def ends(network):
    """Edges as (from, to, millimetres), by the names of the nodes' numbers."""
    ids = network.node_id
    return sorted(
        zip(ids[network.edge_u].tolist(), ids[network.edge_v].tolist(), network.edge_mm.tolist(), strict=True)
    )


#   0(0,0) --- 1(30,0) --- 2(60,0)      1 is a bend of the first way and an end of the second
#                |
#              3(30,40) --- 4(60,80)    3 is only a bend
NODES = {"a": (0, 0), "b": (30, 0), "c": (60, 0), "d": (30, 40), "e": (60, 80)}


def test_ways_are_cut_where_they_share_a_node_and_keep_their_bends():
    network = draw(NODES, "a b c", "b d e")
    assert ends(network) == [(0, 1, 30_000), (1, 2, 30_000), (1, 4, 90_000)]
    assert network.node_id.tolist() == [0, 1, 2, 4]
    bend = int(np.flatnonzero(network.edge_mm == 90_000)[0])
    shape = network.edge_coords[network.edge_ptr[bend] : network.edge_ptr[bend + 1]]
    assert shape.tolist() == [[30, 0], [30, 40], [60, 80]]
    assert network.edges["way_id"].tolist() == ["way/0", "way/0", "way/1"]
    assert network.lines[bend].length == 90


def test_a_length_is_rounded_once_for_the_whole_piece():
    # Three steps of 0.3334 m are 1.0002 m: 1,000 mm, not three times 333.
    nodes = {"a": (0, 0), "b": (0.3334, 0), "c": (0.6668, 0), "d": (1.0002, 0)}
    assert draw(nodes, "a b c d").edge_mm.tolist() == [1000]
    assert draw(nodes, "a b c d", "b d").edge_mm.sum() == 333 + 667 + 667


def test_loops_parallel_and_empty_edges_are_kept():
    nodes = {"a": (0, 0), "b": (10, 0), "c": (10, 10), "d": (0, 0)}
    ring = draw(nodes, "a b c a")
    assert ends(ring) == [(0, 0, 34_142)]
    assert ends(draw(nodes, "a b", "a b", "b a", "a d")) == [(0, 1, 10_000), (0, 1, 10_000), (0, 3, 0), (1, 0, 10_000)]


def test_a_way_that_meets_itself_is_cut_there():
    #  a - b - c - d - b: a lasso
    network = draw({"a": (-10, 0), "b": (0, 0), "c": (10, 0), "d": (10, 10)}, "a b c d b")
    assert ends(network) == [(0, 1, 10_000), (1, 1, 34_142)]


def test_a_repeated_node_makes_no_edge():
    assert ends(draw(NODES, "a b b c")) == [(0, 2, 60_000)]


def test_modes_take_their_own_ways_and_directions():
    ways = [("a b", {"walk_forward": False, "walk_backward": False}), ("b c", {"drive_backward": False}), "b d"]
    walk, drive = draw(NODES, *ways), draw(NODES, *ways, mode="drive")
    assert ends(walk) == [(1, 2, 30_000), (1, 3, 40_000)]
    assert walk.forward.all()
    assert walk.backward.all()
    assert walk.in_arcs is walk.out_arcs
    assert drive.n_edges == 3
    assert drive.backward.tolist() == [True, False, True]
    assert drive.in_arcs is not drive.out_arcs
    assert "walk" not in drive.edges.columns


def test_small_fragments_carry_no_points_but_several_parts_may():
    # Two quarters of 100 vertices each, and a fragment of 2 (under 1 % of 202).
    nodes = {f"n{k}": (10.0 * k, 0.0) for k in range(100)} | {f"s{k}": (10.0 * k, -900.0) for k in range(100)}
    nodes |= {"x": (0, 300), "y": (50, 300)}
    ways = [" ".join(f"n{k}" for k in range(100)), " ".join(f"s{k}" for k in range(100)), "x y"]
    network = draw(nodes, *ways, min_component_share=0.01)
    assert network.components["vertices"].tolist() == [100, 100, 2]
    assert network.carries.tolist() == [True, True, False]
    assert network.fragments["length_m"].tolist() == [50]
    at = network.snap(points(near_fragment=(20, 290), near_north=(20, 10), south=(20, -880)))
    assert at.distance_m.tolist() == [290, 10, 20]
    assert network.edge_component[at.edge].tolist() == [0, 0, 1]
    assert at.passed_by.tolist() == [2, -1, -1]
    assert at.caught.to_dict() == {2: 1}
    note = network.accounts[-1].findings[0]
    assert (note.code, note.count) == ("fragments", 1)
    assert "50 m" in note.ids[0]


def test_where_every_part_is_small_the_largest_carries():
    nodes = {f"n{k}": (0.0, 10.0 * k) for k in range(205)}
    pairs = [f"n{2 * k} n{2 * k + 1}" for k in range(101)]
    network = draw(nodes, *pairs, "n202 n203 n204", min_component_share=0.1)
    assert network.carries.sum() == 1
    assert network.components["vertices"].iloc[0] == 3
    assert network.carries[0]


def test_lengths_are_measured_in_the_working_crs():
    lonlat = dataclasses.replace(streets({"a": (113.54, 22.20), "b": (113.55, 22.20)}, "a b"), crs=CRS.from_epsg(4326))
    # 0.01 degrees at 22.2 N: 0.01 * pi / 180 * 6378137 * cos(22.2) = 1,030.7 m on the sphere, 1,031.1 m on WGS 84,
    # and 2.1 degrees east of the central meridian of EPSG:4547 (114 E, 0.46 degrees away) hardly longer.
    assert Network.from_streets(lonlat, 4547).edge_mm[0] == pytest.approx(1_031_200, abs=300)
    with pytest.raises(CRSError):
        Network.from_streets(lonlat, 4326)


def test_unusable_streets_are_refused():
    closed = streets(NODES, ("a b", {"walk_forward": False, "walk_backward": False}))
    with pytest.raises(NetworkDataError, match="none of 1 ways is open to 'walk'"):
        Network.from_streets(closed, METRES)
    with pytest.raises(NetworkDataError, match="unknown mode 'fly'"):
        draw(NODES, "a b", mode="fly")
    with pytest.raises(NetworkDataError, match="not finite"):
        draw({"a": (0, 0), "b": (np.nan, 1)}, "a b")


def test_arrays_cannot_be_written_to():
    network = draw(NODES, "a b c")
    for name in ("xy", "edge_u", "edge_mm", "edge_coords", "component", "carries", "forward"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(network, name)[0] = 0


def test_edges_frame_lists_every_edge():
    frame = draw(NODES, "a b c", ("b d e", {"bridge": True})).edges_frame()
    assert frame["length_m"].tolist() == [30, 30, 90]
    assert frame["bridge"].tolist() == [False, False, True]
    assert frame.crs == METRES
    assert frame.geometry.length.tolist() == [30, 30, 90]
