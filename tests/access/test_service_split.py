"""Areas shared out, own cutoffs, bands and catchments: by hand, and as parts of a whole in random cities."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from street_drawing import areas, draw, points
from test_service_area import assert_around

from siting.access import catchments, isochrone_bands, nearest, service_areas
from siting.access.gates import entries
from siting.access.places import Goals, cutoff_mm
from siting.access.service_split import part_lines
from siting.access.street_parts import nearest_parts
from siting.errors import NetworkDataError, SchemaError

TRIFLE_M2 = 1e-3
NEAR_BY_M = 3.0

#  A(0,0) ---- p(100) ------------ q(240) ---- B(300,0)
#                                              | 200
#                                              C(300,200)          island X ---- Y
NODES = {"A": (0, 0), "B": (300, 0), "C": (300, 200), "X": (0, 900), "Y": (100, 900)}
BOTH = {"p": (100, 0), "q": (240, 0)}


@pytest.fixture(scope="module")
def street():
    return draw(NODES, "A B C", "X Y")


def test_the_border_crosses_the_street_half_way(street):
    split = service_areas(street, points(**BOTH), [80, 100], "split", buffer_m=10)
    assert split.index.tolist() == ["p/80", "q/80", "p/100", "q/100"]
    p, q = split.geometry.iloc[:2]
    # They meet at 170 m; p reaches back to 20 m, q round the corner 20 m up.
    assert_around(p, (20, 0, 170, 0), 10, east=0)
    assert_around(q, (170, 0, 300, 20), 10, west=0)
    assert p.intersection(q).area < TRIFLE_M2


def test_parallel_streets_meet_in_the_middle():
    network = draw({"A": (0, 0), "B": (100, 0), "C": (0, 30), "D": (100, 30)}, "A B", "C D")
    there = points(south=(50, 0), north=(50, 30))
    split = service_areas(network, there, 40, "split", buffer_m=20)
    south, north = split.geometry
    assert south.bounds[3] == pytest.approx(15, abs=0.01)
    assert north.bounds[1] == pytest.approx(15, abs=0.01)
    assert south.area == pytest.approx(north.area, rel=5e-3)


def test_a_facility_that_is_nearest_to_nothing_has_an_empty_area(street):
    there = points(p=(100, 0), twin=(100, 0), far=(5000, 5000))
    split = service_areas(street, there, 50, "split", buffer_m=10)
    assert split.geometry.is_empty.tolist() == [False, True, True]
    assert service_areas(street, there.iloc[2:], 50, "split").geometry.is_empty.all()
    assert len(service_areas(street, there.iloc[:0], 50, "split")) == 0


def test_each_facility_by_its_own_cutoff(street):
    there = points(**BOTH).assign(radius=[30, 50.0])
    each = service_areas(street, there, "radius", "overlap", buffer_m=10)
    assert each.index.tolist() == ["p/30", "q/50"]
    assert each["cutoff"].tolist() == [30, 50]
    assert_around(each.geometry.iloc[0], (70, 0, 130, 0), 10)
    assert_around(each.geometry.iloc[1], (190, 0, 290, 0), 10)
    one = service_areas(street, there, "radius", buffer_m=10)
    assert one.index.tolist() == ["all/own"]
    assert math.isnan(one["cutoff"].iloc[0])
    assert one.geometry.iloc[0].symmetric_difference(each.geometry.union_all()).area < TRIFLE_M2


def test_where_the_nearer_does_not_reach_a_farther_one_may(street):
    #  p reaches 20 m only; q, 140 m on, reaches 180 m back past it, and 120 m up from B.
    there = points(**BOTH).assign(radius=[20, 180])
    split = service_areas(street, there, "radius", "split", buffer_m=10)
    p, q = split.geometry
    assert_around(p, (80, 0, 120, 0), 10, west=0, east=0)
    assert_around(q, (60, 0, 300, 120), 10)
    whole = service_areas(street, there, "radius", buffer_m=10).geometry.iloc[0]
    assert split.geometry.union_all().symmetric_difference(whole).area < TRIFLE_M2


def test_own_cutoffs_are_checked(street):
    there = points(**BOTH).assign(radius=[30, np.nan])
    with pytest.raises(SchemaError, match=r"'radius': 1 of 2 rows are missing, not finite or negative \(ids q\)"):
        service_areas(street, there, "radius")
    with pytest.raises(SchemaError, match="no column 'reach'"):
        service_areas(street, there, "reach")
    with pytest.raises(NetworkDataError, match="own cutoffs"):
        service_areas(street.timed("adult"), there, "radius")


def test_areas_by_time(street):
    #  At 1.0 m/s seconds are metres; at 0.8 m/s 75 s are 60 m.
    there, slow = points(**BOTH), street.timed("elderly")
    for overlap in ("dissolve", "overlap", "split"):
        timed, plain = service_areas(slow, there, 75, overlap), service_areas(street, there, 60, overlap)
        for one, other in zip(timed.geometry, plain.geometry, strict=True):
            assert one.symmetric_difference(other).area < TRIFLE_M2


def test_bands_by_hand(street):
    bands = isochrone_bands(street, points(p=(100, 0)), [80, 30], buffer_m=10)
    assert bands.index.tolist() == ["all/0-30", "all/30-80"]
    assert bands[["from", "to"]].to_numpy().tolist() == [[0, 30], [30, 80]]
    near, far = bands.geometry
    assert_around(near, (70, 0, 130, 0), 10)
    assert_around(far, (20, 0, 180, 0), 10)
    assert near.intersection(far).area < TRIFLE_M2
    assert len(shapely.get_parts(far)) == 2
    each = isochrone_bands(street, points(**BOTH), [30, 80], "overlap")
    assert each.index.tolist() == ["p/0-30", "q/0-30", "p/30-80", "q/30-80"]
    for wrong in ([], [0, 5], [5, 5], [math.inf]):
        with pytest.raises(SchemaError, match="isochrone bands: cutoffs"):
            isochrone_bands(street, points(**BOTH), wrong)
    with pytest.raises(SchemaError, match="overlap='split' is not available"):
        isochrone_bands(street, points(**BOTH), [30], "split")


def test_catchments_by_hand(street):
    there = points(p=(100, 0), q=(240, 0), r=(0, 5000))
    homes = points(a=(0, 10), b=(170, 0), c=(300, 200), y=(100, 900)).assign(
        people=[1.5, 2.0, 4.0, 9.0], beds=[1, 2, 3, 4]
    )
    made = catchments(street, homes, there)
    # b is equally near to both: it goes to p, the first.
    assert made.assignment["facility"].tolist() == ["p", "p", "q", None]
    assert made.unreachable == 1
    assert made.areas.index.tolist() == ["p", "q", "r"]
    assert made.areas["points"].tolist() == [2, 1, 0]
    assert made.areas["people"].tolist() == [3.5, 4.0, 0.0]
    assert made.areas["mean_cost"].tolist()[:2] == [(110 + 70) / 2, 260]
    assert made.areas["max_cost"].tolist()[:2] == [110, 260]
    assert made.areas[["mean_cost", "max_cost"]].loc["r"].isna().all()
    assert made.areas["street_m"].tolist() == [170, 70 + 60 + 200, 0]
    assert made.streets["facility"].tolist() == ["p", "q"]
    assert made.streets["length_m"].tolist() == [170, 330]
    assert made.streets.geometry.length.tolist() == pytest.approx([170, 330])
    assert "highway" in made.streets.columns
    near = catchments(street, homes, there, 100, sums=("beds",))
    assert near.areas["beds"].tolist() == [2, 0, 0]
    assert near.unreachable == 3


def city(rng, ways=16, n=40):
    """Winding streets that meet at nodes, with places off them and an area facility."""
    nodes = {f"n{k}": tuple(xy) for k, xy in enumerate(rng.uniform(0, 600, (n, 2)).round(1))}
    near = {k: sorted(nodes, key=lambda o, k=k: math.dist(nodes[k], nodes[o]))[1:6] for k in nodes}
    walks = []
    for _ in range(ways):
        walk = [f"n{rng.integers(n)}"]
        for _ in range(5):
            walk.append(str(rng.choice(near[walk[-1]])))
        walks.append(" ".join(walk))
    network = draw(nodes, *walks)
    shops = points(**{f"s{k}": tuple(xy) for k, xy in enumerate(rng.uniform(0, 600, (5, 2)))})
    return network, shops


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), cutoff=st.sampled_from([60.0, 200.0, 5000.0]))
@example(seed=176, cutoff=5000.0)  # joined at once, a facility's pieces lose 223 m2
def test_shares_are_parts_of_the_whole_and_hold_their_streets(seed, cutoff):
    rng = np.random.default_rng(seed)
    network, shops = city(rng)
    whole = service_areas(network, shops, cutoff).geometry.iloc[0]
    split = service_areas(network, shops, cutoff, "split").geometry.to_numpy()
    assert shapely.is_valid(split).all()
    assert shapely.union_all(split).symmetric_difference(whole).area < TRIFLE_M2
    assert shapely.area(split).sum() == pytest.approx(whole.area, abs=TRIFLE_M2)
    # Places on streets lie in the area of their nearest facility, but for borders along or across near-by streets.
    homes = points(**{f"h{k}": tuple(xy) for k, xy in enumerate(rng.uniform(0, 600, (200, 2)))})
    at = network.snap(homes)
    homes = homes.set_geometry(list(shapely.points(at.x, at.y)), crs=homes.crs)
    who = shops.index.get_indexer(nearest(network, homes, shops, cutoff)["facility"])
    reached = np.flatnonzero(who >= 0)
    far = shapely.distance(split[who[reached]], homes.geometry.to_numpy()[reached])
    assert (far < 1.5).all()
    parts = nearest_parts(network, Goals.of(network, entries(network, shops), shops.index), cutoff_mm(cutoff))
    lines = part_lines(network, parts)
    for k in reached[far > 0.01]:
        assert shapely.distance(lines[parts.owner != who[k]], homes.geometry.iloc[k]).min() < NEAR_BY_M


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_shares_by_own_cutoffs_are_parts_of_the_whole(seed):
    rng = np.random.default_rng(seed)
    network, shops = city(rng)
    shops = shops.assign(radius=rng.choice([60.0, 150.0, 400.0], len(shops)))
    whole = service_areas(network, shops, "radius").geometry.iloc[0]
    split = service_areas(network, shops, "radius", "split").geometry.to_numpy()
    assert shapely.union_all(split).symmetric_difference(whole).area < TRIFLE_M2
    assert shapely.area(split).sum() == pytest.approx(whole.area, abs=TRIFLE_M2)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_bands_are_parts_of_the_largest_area(seed):
    network, shops = city(np.random.default_rng(seed))
    cutoffs = [50.0, 150.0, 400.0]
    bands = isochrone_bands(network, shops, cutoffs).geometry.to_numpy()
    outer = service_areas(network, shops, cutoffs).geometry
    assert shapely.union_all(bands).symmetric_difference(outer.union_all()).area < TRIFLE_M2
    assert shapely.area(bands).sum() == pytest.approx(outer.union_all().area, abs=TRIFLE_M2)


@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1), cutoff=st.sampled_from([40.0, 150.0, 500.0]), buffer_m=st.sampled_from([10.0, 30.0])
)
def test_no_unreached_street_lies_further_inside_than_the_stated_buffer(seed, cutoff, buffer_m):
    rng = np.random.default_rng(seed)
    network, shops = city(rng, ways=20)
    area = service_areas(network, shops, cutoff, buffer_m=buffer_m)
    assert area["buffer_m"].tolist() == [buffer_m]
    # Every second metre of every street, reached or not; these streets are all on the ground.
    lines = network.lines
    metres = [np.arange(1.0, length, 2.0) for length in shapely.length(lines)]
    edge = np.repeat(np.arange(len(lines)), [len(m) for m in metres])
    places = shapely.line_interpolate_point(lines[edge], np.concatenate(metres))
    at = points(x=(0, 0)).iloc[:0].reindex(range(len(places))).set_geometry(list(places), crs=network.crs)
    # The places themselves are asked, on their own street: a search from them, not from the polygons.
    reached = nearest(network, at, shops, cutoff)["facility"].notna().to_numpy()
    inside = shapely.contains(area.geometry.iloc[0], places)
    assert inside[reached].all()
    goals = Goals.of(network, entries(network, shops), shops.index)
    parts = shapely.union_all(part_lines(network, nearest_parts(network, goals, cutoff_mm(cutoff))))
    stray = shapely.distance(places[inside & ~reached], parts)
    assert (stray <= buffer_m).all()


def test_a_street_across_a_river_is_inside_by_no_more_than_the_buffer():
    #  Two banks 50 m apart, joined by a bridge 400 m on: from p, 100 m reach none of the other bank.
    nodes = {"A": (0, 0), "B": (400, 0), "C": (0, 50), "D": (400, 50)}
    network = draw(nodes, "A B", "C D", "B D")
    area = service_areas(network, points(p=(50, 0)), 100, buffer_m=30).geometry.iloc[0]
    assert_around(area, (0, 0, 150, 0), 30)
    assert not area.intersects(shapely.LineString([(0, 50), (400, 50)]))


def test_a_park_shares_with_its_neighbours(street):
    park = areas(park=shapely.box(120, -30, 180, 30))
    there = points(p=(40, 0))
    split = service_areas(
        street,
        there.reindex(["p", "park"]).set_geometry([there.geometry.iloc[0], park.geometry.iloc[0]], crs=there.crs),
        50,
        "split",
        buffer_m=10,
    )
    # From p at 40 to the park's edge at 120: they meet at 80.
    assert split.geometry.iloc[0].bounds[2] == pytest.approx(80, abs=0.01)
    assert_around(split.geometry.iloc[1], (80, 0, 230, 0), 10, west=0)
