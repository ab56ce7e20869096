"""Islands made at random and drawn as OSM would draw them, against the area without the land."""

from itertools import pairwise

import numpy as np
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siting.inputs.coast import sea_polygons
from siting.inputs.osm_scan import NO_PLACE, Scan
from siting.inputs.osm_tally import Tally


def scan_of(lines):
    """Make the scan of coastline ways from their coordinates in units of 1e-7 degrees; None is a missing node."""
    flat = [NO_PLACE if p is None else v for line in lines for p in line for v in (p or (0, 0))[:1]]
    y = [NO_PLACE if p is None else p[1] for line in lines for p in line]
    size = [len(line) for line in lines]
    start = np.concatenate(([0], np.cumsum(size)))
    return Scan(
        nodes=[], ways={}, relations=[],
        start={k: int(start[k]) for k in range(len(lines))},
        size=dict(enumerate(size)),
        ref=np.arange(len(y), dtype=np.int64),
        x=np.array(flat, dtype=np.int32),
        y=np.array(y, dtype=np.int32),
        is_street=set(), coast=set(range(len(lines))), newest=None,
    )  # fmt: skip


def shores(land, pieces, rng):
    """Return the rings of the land with the land on their left, cut at random into ways, in random order."""
    lines = []
    for polygon in shapely.get_parts(shapely.orient_polygons(land)):
        for edge in shapely.get_rings(polygon):
            points = [tuple(round(v) for v in p) for p in shapely.get_coordinates(edge).tolist()]
            at = sorted({0, len(points) - 1, *rng.integers(1, len(points), size=pieces).tolist()})
            lines += [points[a : b + 1] for a, b in pairwise(at)]
    return [lines[k] for k in rng.permutation(len(lines))]


UNIT = 10_000  # of 1e-7 degrees, about 111 m: the area is 20 by 20 of them on the equator
AREA = shapely.box(0, 0, 20 * UNIT, 20 * UNIT)
BLOCKS = st.lists(
    st.tuples(st.integers(-4, 22), st.integers(-4, 22), st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=12
)


def land_of(blocks):
    """Blocks off the lines of the area, so that no coast runs along its edge."""
    boxes = [shapely.box(x + 0.5, y + 0.5, x + 0.5 + w, y + 0.5 + h) for x, y, w, h in blocks]
    # Blocks that touch in one corner only leave no doubt when they are made to overlap.
    land = shapely.union_all([shapely.buffer(b, 0.125, join_style="mitre") for b in boxes])
    return shapely.transform(land, lambda xy: np.round(xy * UNIT))


@given(BLOCKS, st.integers(0, 5), st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_whole_shores_give_exactly_the_area_without_the_land(blocks, pieces, seed):
    land = land_of(blocks)
    lines = shores(land, pieces, np.random.default_rng(seed))
    tally = Tally("coast", "random")
    polygons, ways_in, used = sea_polygons(scan_of(lines), (0, 0, 0.02, 0.02), tally)
    expected = shapely.difference(AREA, land)
    if shapely.contains_properly(land, AREA) or not shapely.intersects(land, AREA):
        expected = shapely.Polygon()  # no shore in sight: nothing is told, nothing is drawn
    found = shapely.transform(shapely.union_all(polygons), lambda xy: xy * 1e7)
    assert shapely.area(shapely.symmetric_difference(found, expected)) < 1e-6 * UNIT**2
    assert len(polygons) == len([p for p in shapely.get_parts(expected) if p.area > 0])
    account = tally.account(ways_in, used)
    assert {f.code for f in account.findings} <= {"sea_polygons", "coast_outside"}


@given(BLOCKS, st.integers(0, 5), st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_shores_cut_at_the_edge_err_no_further_than_near_the_edge(blocks, pieces, seed):
    land = land_of(blocks)
    whole = shapely.segmentize(land, UNIT / 4)
    lines = [
        [p if 0 <= p[0] <= 20 * UNIT and 0 <= p[1] <= 20 * UNIT else None for p in line]
        for line in shores(whole, pieces, np.random.default_rng(seed))
    ]
    tally = Tally("coast", "random")
    polygons, ways_in, used = sea_polygons(scan_of(lines), (0, 0, 0.02, 0.02), tally)
    tally.account(ways_in, used)
    found = shapely.transform(shapely.union_all(polygons), lambda xy: xy * 1e7)
    wrong = shapely.intersection(found, land)
    # The shores run square to the edge or along it, and every cut end is at most a quarter of a unit from it.
    middle = shapely.box(UNIT / 2, UNIT / 2, 19.5 * UNIT, 19.5 * UNIT)
    assert shapely.area(shapely.intersection(wrong, middle)) < 1e-6 * UNIT**2
