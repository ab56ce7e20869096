"""Distances edge to edge against brute force."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.themes.waste.ground import nearest_edges, overlaps_m2

EAST, NORTH = 517000.0, 4052000.0
side = st.integers(1, 40)
place = st.integers(0, 120)
rectangles = st.lists(st.tuples(place, place, side, side), min_size=1, max_size=7)


def boxes(drawn):
    return np.array([shapely.box(EAST + x, NORTH + y, EAST + x + w, NORTH + y + h) for x, y, w, h in drawn])


@settings(max_examples=60, deadline=None)
@given(plots=rectangles, others=rectangles)
def test_nearest_and_overlap_equal_every_pair(plots, others):
    shapes, around = boxes(plots), boxes(others)
    metres, which = nearest_edges(shapes, around)
    taken, most = overlaps_m2(shapes, around)
    for k, shape in enumerate(shapes):
        every = [round(shape.distance(other), 3) for other in around]
        assert metres[k] == min(every)
        assert which[k] == every.index(min(every))
        cover = sum(
            1
            for x in range(int(shape.bounds[0] - EAST), int(shape.bounds[2] - EAST))
            for y in range(int(shape.bounds[1] - NORTH), int(shape.bounds[3] - NORTH))
            if any(a <= x < a + w and b <= y < b + h for a, b, w, h in others)
        )
        assert abs(taken[k] - cover) < 1e-6
        assert (most[k] >= 0) == (cover > 0)


def test_nothing_around():
    metres, which = nearest_edges(boxes([(0, 0, 5, 5)]), np.array([], dtype=object))
    assert np.isnan(metres[0])
    assert which[0] == -1


def test_a_point_on_a_plot_takes_no_land_but_is_named():
    taken, which = overlaps_m2(boxes([(0, 0, 5, 5)]), np.array([shapely.Point(EAST + 2, NORTH + 2)]))
    assert (taken[0], which[0]) == (0.0, 0)
