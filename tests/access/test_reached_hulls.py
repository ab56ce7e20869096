"""Hulls hold every reached place of the streets, and are no larger than they must be."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from street_drawing import draw, points

from siting import Network
from siting.access import entries, service_areas
from siting.access.outline_shapes import segments_of
from siting.access.places import Goals, cutoff_mm
from siting.access.reached_hulls import hulls
from siting.access.reached_parts import Search, incident, parts_of_each
from siting.errors import SchemaError

HAIR_M = 1e-6


def hulls_of_parts(network, goals, limit):
    """Hulls of all segments of what each facility reaches: the long way."""
    search, n = Search(network, goals, limit), len(goals.ptr) - 1
    for parts in parts_of_each(network, goals, search, 0, n, incident(network)):
        segments = segments_of(network, *parts)
        yield shapely.convex_hull(shapely.multipoints(segments.reshape(-1, 2)))


def assert_hulls(network, facilities, *cutoffs):
    goals = Goals.of(network, entries(network, facilities), facilities.index)
    for cutoff in cutoffs:
        limit = cutoff_mm(cutoff)
        for mine, whole in zip(hulls(network, goals, limit), hulls_of_parts(network, goals, limit), strict=True):
            assert mine.is_empty == whole.is_empty
            assert mine.is_empty or shapely.hausdorff_distance(mine, whole) < HAIR_M


#  A(0,0) ---- B(100,0) ---- C(100,100)        from B a path with a bend, over (150, 50), to D(100, 50)
def test_a_hull_of_parts_and_bends():
    network = draw(
        {"A": (0, 0), "B": (100, 0), "C": (100, 100), "E": (150, 50), "D": (100, 50)}, "A B", "B D C", "B E D"
    )
    made = service_areas(network, points(p=(60, 0)), [40, 110.71068, 1000], "overlap", shape="hull")
    line, bent, whole = made.geometry
    assert made["buffer_m"].tolist() == [0.0, 0.0, 0.0]
    assert line.equals(shapely.LineString([(20, 0), (100, 0)]))
    # 70.71 m on from B: 20.71 m beyond D, both on to C and on the path; the path's bend is just reached.
    corners = [(0, 0), (100, 0), (150, 50), (100, 70.71068)]
    assert shapely.hausdorff_distance(bent, shapely.Polygon(corners)) < 0.002
    assert whole.equals(shapely.Polygon([(0, 0), (100, 0), (150, 50), (100, 100)]))


def test_nothing_one_place_and_all_together():
    network = draw({"A": (0, 0), "B": (300, 0), "C": (300, 300)}, "A B C")
    there = points(p=(100, 20), q=(300, 0))
    nothing, corner = service_areas(network, there, 10, "overlap", shape="hull").geometry
    assert nothing.is_empty
    assert corner.equals(shapely.Polygon([(290, 0), (300, 0), (300, 10)]))
    assert service_areas(network, there, 20, "overlap", shape="hull").geometry.iloc[0].equals(shapely.Point(100, 0))
    joined = service_areas(network, there, 50, shape="hull").geometry.iloc[0]
    each = service_areas(network, there, 50, "overlap", shape="hull").geometry
    assert joined.area == pytest.approx(each.area.sum())
    own = service_areas(network, there.assign(r=[20.0, 50.0]), "r", "overlap", shape="hull").geometry
    assert own.iloc[0].equals(shapely.Point(100, 0))
    assert own.iloc[1].equals(each.iloc[1])


def test_one_way_streets_and_times():
    #  A ---> B: who drives to a post at 60 starts before it, not behind.
    network = draw({"A": (0, 0), "B": (100, 0)}, ("A B", {"drive_backward": False}), mode="drive")
    area = service_areas(network, points(p=(60, 0)), 30, "overlap", shape="hull").geometry.iloc[0]
    assert area.equals(shapely.LineString([(30, 0), (60, 0)]))
    streets = draw({"A": (0, 0), "B": (100, 0), "C": (100, 300)}, "A B C")
    assert_hulls(streets.timed("elderly"), points(p=(60, 0), q=(100, 100)), 30, 100, 1000)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_hull_of_all_reached_places(seed):
    rng = np.random.default_rng(seed)
    nodes = {f"n{k}": tuple(xy) for k, xy in enumerate(rng.integers(0, 12, (30, 2)) * 40.0)}
    ways = [" ".join(f"n{k}" for k in rng.choice(30, 4, replace=False)) for _ in range(12)]
    network = draw(nodes, *ways)
    shops = points(**{f"s{k}": tuple(xy) for k, xy in enumerate(rng.uniform(0, 480, (5, 2)))})
    assert_hulls(network, shops, 0, 60, 200, 5000)


def test_a_real_city(shared_data):
    network = Network.from_osm(shared_data / "porto-alegre" / "poa_osm.osm.pbf")
    rng = np.random.default_rng(5)
    at = network.xy[rng.choice(np.flatnonzero(network.carries[network.component]), 70, replace=False)]
    facilities = points(**{f"s{k}": tuple(xy) for k, xy in enumerate(at)}).set_crs(network.crs, allow_override=True)
    assert_hulls(network, facilities, 300, 900)


def test_what_is_not_available_is_refused():
    network = draw({"A": (0, 0), "B": (300, 0)}, "A B")
    with pytest.raises(SchemaError, match="shape='hull' is not available for split areas"):
        service_areas(network, points(p=(0, 0)), 100, "split", shape="hull")
    with pytest.raises(SchemaError, match="must be one of 'streets', 'hull'"):
        service_areas(network, points(p=(0, 0)), 100, shape="circle")
