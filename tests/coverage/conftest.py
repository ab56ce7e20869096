"""Streets and layers of the coverage tests."""

import pytest
from coverage_layers import points, toilets


@pytest.fixture
def streets():
    """Stands for a network; the chessboard needs none."""
    return object()


@pytest.fixture
def line_street():
    """Four blocks on one street and a toilet.

    A ----200---- B --150-- C --------400-------- D     metres
    30            10        20                    40    people
    1             1         2                     1     units
                            T                           toilet
    """
    demand = points(
        [(0, 0), (200, 0), (350, 0), (750, 0)],
        list("ABCD"),
        people=[30.0, 10.0, 20.0, 40.0],
        units=[1, 1, 2, 1],
    )
    return demand, toilets([(350, 0)], ["T"])
