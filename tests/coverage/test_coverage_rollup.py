"""Points in zones: edges, overlaps, order, and what is refused."""

import numpy as np
import pytest
from coverage_layers import areas, points
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from siting.coverage import OUTSIDE_ZONE, assign_zones
from siting.errors import CRSError, SchemaError


def test_a_point_on_an_edge_belongs_to_the_zone_whose_id_comes_first():
    #   +-- b --+-- a --+      points at 5, 10 (the common edge), 20 (the outer edge), 21 (outside)
    zones = areas([box(0, 0, 10, 10), box(10, 0, 20, 10)], ["b", "a"], name=["B", "A"])
    found = assign_zones(points([(5, 5), (10, 5), (20, 5), (21, 5)]), {"z": zones, "again": zones.iloc[::-1]})
    assert found.columns.tolist() == ["zone_z", "zone_again"]
    assert found["zone_z"].tolist() == ["b", "a", "a", OUTSIDE_ZONE]
    assert found["zone_again"].tolist() == found["zone_z"].tolist()


def test_no_zones_and_no_points():
    assert assign_zones(points([(0, 0)]), {}).shape == (1, 0)
    zones = areas([box(0, 0, 1, 1)], ["a"], name=["A"])
    assert assign_zones(points([]), {"z": zones})["zone_z"].tolist() == []


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_zones_equal_a_search_point_by_point(seed):
    rng = np.random.default_rng(seed)
    west, south, width, height = rng.integers(0, 8, (4, 6))
    shapes = [box(x, y, x + w + 1, y + h + 1) for x, y, w, h in zip(west, south, width, height, strict=True)]
    zones = areas(shapes, [f"z{k}" for k in range(6)], name=list("ABCDEF"))
    xy = rng.integers(0, 16, (30, 2))
    found = assign_zones(points(xy), {"z": zones})["zone_z"].tolist()
    slow = [
        next((i for i, s in zip(zones.index, shapes, strict=True) if s.intersects(Point(p))), OUTSIDE_ZONE) for p in xy
    ]
    assert found == slow


@pytest.mark.parametrize(
    ("spoil", "error", "words"),
    [
        (lambda z: z.to_crs(4490), CRSError, "zones z"),
        (lambda z: z.rename(index={"b": "a"}), SchemaError, "more than once .first: a"),
        (lambda z: z.rename(index={"b": OUTSIDE_ZONE}), SchemaError, "reserved"),
    ],
)
def test_zones_that_cannot_be_told_apart_are_refused(spoil, error, words):
    zones = areas([box(0, 0, 1, 1), box(1, 0, 2, 1)], ["a", "b"], name=["A", "B"])
    with pytest.raises(error, match=words):
        assign_zones(points([(0, 0)]), {"z": spoil(zones)})
