"""The nearest of many points by a grid, against all distances."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from siting.access.near_points import nearest_of_points

# Whole numbers make ties and points in one place common; the large ones lie far outside the grid.
NUMBERS = st.one_of(st.integers(-20, 20), st.integers(-3_000_000, 3_000_000)).map(float)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_nearest_is_the_first_of_the_nearest(data: st.DataObject) -> None:
    places = data.draw(arrays(np.float64, (data.draw(st.integers(0, 12)), 2), elements=NUMBERS))
    targets = data.draw(arrays(np.float64, (data.draw(st.integers(1, 30)), 2), elements=NUMBERS))
    nearest, metres = nearest_of_points(places, targets)
    delta = places[:, None, :] - targets[None]
    distance = np.sqrt(delta[..., 0] ** 2 + delta[..., 1] ** 2)
    assert np.array_equal(metres, distance.min(axis=1, initial=np.inf))
    assert np.array_equal(nearest, distance.argmin(axis=1) if len(places) else nearest)
