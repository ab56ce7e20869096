"""Outlines hold all that is near reached streets and nothing beyond the buffer: random streets, and a real city."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from street_drawing import draw, points

from siting import Network
from siting.access import service_areas
from siting.access.gates import entries
from siting.access.outline_shapes import NARROWEST, rings_around, shapes_of_rings, sound_shapes
from siting.access.places import Goals, cutoff_mm
from siting.access.service_kinds import only
from siting.access.service_split import part_lines
from siting.access.street_parts import nearest_parts
from siting.errors import SchemaError


def assert_true(area, lines, buffer_m, rng, n=4000):
    """Places in and around an area lie in it as far as they are from the reached lines."""
    x0, y0, x1, y1 = shapely.total_bounds(lines) + buffer_m * np.array([-2, -2, 2, 2])
    places = shapely.points(rng.uniform(x0, x1, n), rng.uniform(y0, y1, n))
    away = shapely.STRtree(lines).query_nearest(places, return_distance=True, all_matches=False)[1]
    inside = shapely.contains(area, places)
    assert area.is_valid
    assert (away[inside] <= buffer_m).all()
    assert inside[away <= NARROWEST * buffer_m].all()
    assert shapely.covers(area, lines).all()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), buffer_m=st.sampled_from([3.0, 25.0, 120.0]))
def test_around_random_segments(seed, buffer_m):
    rng = np.random.default_rng(seed)
    ends = rng.uniform(-400, 400, (12, 2, 2)) + rng.choice([0.0, 5e5])
    ends[0, 1] = ends[0, 0]  # one without length
    area = sound_shapes([rings_around(ends.reshape(-1, 4), buffer_m)])[0]
    assert_true(area, shapely.linestrings(ends), buffer_m, rng)


def test_holes_and_islands_within_them():
    #  A ring road, and a street in the middle that is apart from it.
    around = [(0, 0), (400, 0), (400, 400), (0, 400), (0, 0)]
    segments = [(*a, *b) for a, b in pairwise(around)]
    area = shapes_of_rings([rings_around(np.array([*segments, (180, 200, 220, 200)], dtype=float), 20.0)])[0]
    assert area.geom_type == "MultiPolygon"
    assert [len(part.interiors) for part in area.geoms] == [1, 0]
    assert area.contains(shapely.Point(200, 200))
    assert not area.contains(shapely.Point(200, 100))
    empty, one = shapes_of_rings([rings_around(np.empty((0, 4)), 20.0), rings_around(np.array([[0.0, 0, 9, 0]]), 20.0)])
    assert empty.is_empty
    assert one.geom_type == "Polygon"


def test_a_buffer_is_above_zero():
    network = draw({"A": (0, 0), "B": (300, 0)}, "A B")
    for wrong in (0, -1, float("nan")):
        with pytest.raises(SchemaError, match="above 0"):
            service_areas(network, points(p=(10, 0)), 50, buffer_m=wrong)


@pytest.mark.parametrize("gap", [20, 35, 59])
def test_a_short_isochrone_stays_on_its_bank(gap):
    #  C ------------------ D     the other bank: reached by the bridge at B, 400 m on, not within 60 to 200 m
    #  ~~~~~~~~~~~~~~~~~~~~~ |
    #  A ---- p ----------- B
    network = draw({"A": (0, 0), "B": (400, 0), "C": (0, gap), "D": (400, gap)}, "A B", "C D", "B D")
    other_bank = shapely.LineString([(0, gap), (400, gap)])
    for cutoff in (60, 200):
        for buffer_m in (5, 15, 30):
            area = service_areas(network, points(p=(100, 0)), cutoff, buffer_m=buffer_m).geometry.iloc[0]
            reached = shapely.LineString([(max(100 - cutoff, 0), 0), (100 + cutoff, 0)])
            assert area.covers(reached)  # places exactly at the cutoff too
            if gap > buffer_m:
                assert not area.intersects(other_bank)
            else:
                stray = shapely.get_coordinates(shapely.segmentize(area.intersection(other_bank), 1.0))
                assert shapely.distance(reached, shapely.points(stray)).max() <= buffer_m


def test_areas_do_not_depend_on_the_order_of_facilities():
    rng = np.random.default_rng(5)
    nodes = {f"n{k}": tuple(xy) for k, xy in enumerate(rng.uniform(0, 900, (40, 2)))}
    network = draw(nodes, *[f"n{a} n{b}" for a, b in rng.integers(0, 40, (60, 2)) if a != b])
    shops = points(**{f"s{k}": tuple(xy) for k, xy in enumerate(rng.uniform(0, 900, (7, 2)))})
    turned = shops.iloc[::-1]
    for made in (network, network.timed("elderly")):
        for overlap in ("overlap", "dissolve"):
            one = service_areas(made, shops, 200, overlap)
            other = service_areas(made, turned, 200, overlap).loc[one.index]
            assert shapely.equals_exact(one.geometry.to_numpy(), other.geometry.to_numpy(), 0).all()


def test_a_real_city(shared_data):
    network = Network.from_osm(shared_data / "porto-alegre" / "poa_osm.osm.pbf")
    rng = np.random.default_rng(2)
    at = rng.choice(np.flatnonzero(network.carries[network.component]), 6, replace=False)
    shops = points(**{f"s{k}": (0, 0) for k in at}).set_crs(network.crs, allow_override=True)
    shops = shops.set_geometry(list(shapely.points(network.xy[at])), crs=network.crs)
    goals = Goals.of(network, entries(network, shops), shops.index)
    for cutoff in (60, 900):
        areas = service_areas(network, shops, cutoff, "overlap").geometry
        for k, area in enumerate(areas):
            lines = part_lines(network, nearest_parts(network, only(goals, k), cutoff_mm(cutoff)))
            assert_true(area, lines, 30.0, rng)
            # The middles of all streets near by, reached or not.
            near = network.lines[shapely.STRtree(network.lines).query(area)]
            places = shapely.line_interpolate_point(near, 0.5, normalized=True)
            inside = places[shapely.contains(area, places)]
            assert (
                shapely.STRtree(lines).query_nearest(inside, return_distance=True, all_matches=False)[1] <= 30
            ).all()
