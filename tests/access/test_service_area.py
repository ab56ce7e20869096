"""Areas hold what is reached and nothing that is far from it."""

import numpy as np
import pytest
import shapely
from street_drawing import draw, points

from siting.access import service_areas
from siting.access.outline_shapes import NARROWEST, THINNED
from siting.access.service_area import Outline
from siting.errors import SchemaError

#  A(0,0) ------ P ------ B(300,0) ------ C(300,300)     a loop of 80 m hangs at B: L
NODES = {"A": (0, 0), "B": (300, 0), "C": (300, 300), "M": (320, 0), "N": (320, 20), "O": (300, 20)}

TRIFLE_M2 = 1e-3
JOINT_SHARE = 0.002


@pytest.fixture(scope="module")
def street():
    return draw(NODES, "A B C", "B M N")


def assert_around(area, reached, buffer_m, **borders):
    """The area goes as far beyond the bounds of what is reached as an outline may; to the centimetre at borders."""
    for k, side in enumerate(("west", "south", "east", "north")):
        beyond = (area.bounds[k] - reached[k]) * (-1 if k < 2 else 1)
        if side in borders:
            assert beyond == pytest.approx(borders[side], abs=0.01)
        else:
            assert NARROWEST * buffer_m <= beyond <= buffer_m


def reach(network, cutoff, **at):
    return service_areas(network, points(**at), cutoff, buffer_m=10).geometry.iloc[0]


def test_a_part_of_one_edge(street):
    area = reach(street, 50, p=(100, 0))
    assert_around(area, (50, 0, 150, 0), 10)


def test_the_way_to_the_street_counts(street):
    assert_around(reach(street, 50, p=(100, 20)), (70, 0, 130, 0), 10)
    assert reach(street, 15, p=(100, 20)).is_empty


def test_it_goes_round_corners_and_stops(street):
    area = reach(street, 250, p=(100, 0))
    # 100 m to A and 200 m to B, from there 50 m up towards C, and 50 m over M (40 m) towards N.
    assert_around(area, (0, 0, 320, 50), 10)
    assert area.contains(shapely.Point(300, 49))
    assert not area.intersects(shapely.Point(300, 61))


def test_larger_cutoffs_hold_smaller_ones_and_dissolve_is_the_union(street):
    there = points(p=(100, 0), q=(300, 250))
    dissolved = service_areas(street, there, [60, 120])
    assert dissolved.index.tolist() == ["all/60", "all/120"]
    assert dissolved["facility"].tolist() == [None, None]
    small, large = dissolved.geometry
    assert large.buffer(2 * THINNED * 30).covers(small)
    each = service_areas(street, there, [60, 120], "overlap")
    assert each.index.tolist() == ["p/60", "q/60", "p/120", "q/120"]
    # Where two meet, the one that is drawn at once may be rounder by a part of a cell of its grid.
    assert each.geometry.iloc[:2].union_all().symmetric_difference(small).area < JOINT_SHARE * small.area
    assert each.geometry.iloc[2:].union_all().symmetric_difference(large).area < JOINT_SHARE * large.area


def test_one_way_streets_are_reached_against_their_direction():
    #  A ---> B: who drives to a post at 60 starts before it, not behind.
    network = draw({"A": (0, 0), "B": (100, 0)}, ("A B", {"drive_backward": False}), mode="drive")
    assert_around(reach(network, 30, p=(60, 0)), (30, 0, 60, 0), 10)


def test_every_reached_home_on_a_street_lies_inside():
    rng = np.random.default_rng(3)
    nodes = {f"n{k}": tuple(xy) for k, xy in enumerate(rng.uniform(0, 500, (20, 2)))}
    network = draw(nodes, *[f"n{a} n{b}" for a, b in rng.integers(0, 20, (30, 2)) if a != b])
    from siting.access import nearest

    shops = points(**{f"s{k}": tuple(xy) for k, xy in enumerate(rng.uniform(0, 500, (3, 2)))})
    homes = points(**{f"h{k}": tuple(xy) for k, xy in enumerate(rng.uniform(0, 500, (400, 2)))})
    at = network.snap(homes)
    on_street = homes.set_geometry(list(shapely.points(at.x, at.y)), crs=homes.crs)
    reached = nearest(network, on_street, shops, cutoff=150)["facility"].notna()
    area = service_areas(network, shops, 150).geometry.iloc[0]
    assert reached.sum() > 20
    assert shapely.covers(area, on_street.geometry[reached].to_numpy()).all()


def test_wrong_settings_are_refused(street):
    with pytest.raises(SchemaError, match="overlap='halves' is not available; must be one of 'overlap', 'split'"):
        service_areas(street, points(p=(0, 0)), 100, "halves")
    with pytest.raises(SchemaError, match="0 or more"):
        service_areas(street, points(p=(0, 0)), -1)


def test_a_shared_outline_gives_the_same_areas():
    # A lattice of 30 by 30 streets of 60 m.
    steps = range(30)
    nodes = {f"{i}_{j}": (60 * i, 60 * j) for i in steps for j in steps}
    ways = [" ".join(f"{i}_{j}" for j in steps) for i in steps] + [" ".join(f"{i}_{j}" for i in steps) for j in steps]
    network = draw(nodes, *ways)
    outline = Outline(network)
    layers = [points(p=(70, 65), q=(1500, 900)), points(r=(900, 900)), points(p=(70, 65), q=(1500, 900), s=(1200, 200))]
    for facilities in layers:
        for cutoff in (55.0, 1500.0, 5000.0):
            shared = service_areas(network, facilities, cutoff, outline=outline).geometry.iloc[0]
            alone = service_areas(network, facilities, cutoff).geometry.iloc[0]
            each = service_areas(network, facilities, cutoff, "overlap").geometry.union_all()
            assert shared.is_valid
            assert shared.equals_exact(alone, 0)
            assert shared.symmetric_difference(each).area < JOINT_SHARE * shared.area
    whole = service_areas(network, layers[0], 5000.0, outline=outline).geometry.iloc[0]
    for share, holds in ((NARROWEST, True), (1.0, False)):
        drawn = shapely.union_all(shapely.buffer(network.lines, 30.0 * share, quad_segs=32))
        within, around = (drawn, whole) if holds else (whole, drawn)
        assert within.difference(around).area < TRIFLE_M2


def test_an_outline_of_other_streets_is_refused(street):
    with pytest.raises(SchemaError, match="outline was made with another network"):
        service_areas(street, points(p=(100, 0)), 50, outline=Outline(street, buffer_m=5))
