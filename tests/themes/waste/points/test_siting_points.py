"""New collection points on a drawn street (see waste_town), by hand and against every subset of places."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box
from waste_town import FACILITIES, HOMES, frame, town

from siting.errors import InfeasibleError, InputError
from siting.themes.waste.points import audit_waste_points, site_waste_points

NOTHING = {"exclusions": {}, "min_area_m2": 0.0}
PLACES = frame([Point(x, 0) for x in (330, 1200, 1290, 1700)], ["p1", "p2", "p3", "p4"])


def test_the_fewest_that_serve_all_who_can_be_reached():
    plan = site_waste_points(town(old_estates=None), candidates=PLACES, **NOTHING)
    # C (221) by p1 (109 m); F (1300) by p2 (100 m) or p3: the first by label; p4 serves nobody
    assert (len(plan.sites), plan.result.status, plan.result.objective) == (2, "optimal", 2)
    assert "p1" in plan.sites.index
    assert plan.demand["state"].to_dict() == {"A": "had", "B": "had", "C": "now", "D": "had", "F": "now"}
    city = plan.zones.iloc[0]
    assert (city["served_before"], city["served_after"], city["total"]) == (700.0, 1000.0, 1000.0)
    assert plan.zones[plan.zones["zone"] == "E"].iloc[0]["new_points"] == 1
    assert plan.existing == 3
    near = site_waste_points(town(old_estates=None), rule="waste.point.cjj27", candidates=PLACES, **NOTHING)
    # within 70 m: A and D have one, F gets p3 at 10 m; B at 110 m of p1 and C have no place
    assert near.sites.index.tolist() == ["p3"]
    assert near.demand["state"].to_dict() == {
        "A": "had", "B": "no_place", "C": "no_place", "D": "had", "F": "now",
    }  # fmt: skip
    assert near.themed().figures["no_place"] == 250.0


def test_nothing_is_built_where_nobody_lives():
    plan = site_waste_points(
        town(demand=HOMES.assign(people=[100.0, 200.0, 0.0, 400.0, 250.0]), old_estates=None),
        candidates=PLACES,
        **NOTHING,
    )
    assert plan.result.objective == 1  # C has no people: F's point is enough
    assert plan.zones.iloc[0]["share_after"] == 1.0


def test_so_many_points_for_the_most_people():
    plan = site_waste_points(town(old_estates=None), p=1, candidates=PLACES, **NOTHING)
    assert plan.zones.iloc[0]["served_after"] == 950.0  # F's 250 rather than C's 50
    assert plan.demand.loc["C", "state"] == "not_chosen"
    assert "已证明最优" in plan.themed().headlines[0].zh


def test_each_closed_estate_gets_a_point_of_its_own():
    plan = site_waste_points(town(), candidates=PLACES, **NOTHING)
    # E3 [1250, 1350] has none: p3 at 1290 or a place of the grid on its ground; p2 would serve F, but stands outside
    assert plan.estates.loc["E3", ["points", "after", "state_after"]].tolist() == [0, 1, "has"]
    assert plan.result.objective == 2
    assert plan.sites["estate"].dropna().tolist() == ["E3"]
    outside = frame([Point(330, 0), Point(1200, 0)], ["p1", "p2"])
    built = {"exclusions": {"all": frame([box(1240, -60, 1360, 60)], ["x"])}, "min_area_m2": 0.0}
    plan = site_waste_points(town(), candidates=outside, **built)
    assert plan.impossible == ("E3",)
    assert plan.estates.loc["E3", "state_after"] == "none"
    assert "E3" in plan.themed().headlines[2].en
    served = FACILITIES.copy()
    served.loc["w3", "geometry"] = Point(1239, 0)  # F is served at 61 m, but the point is 11 m from the estate's edge
    plan = site_waste_points(town(served), candidates=PLACES, p=1, **NOTHING)
    assert plan.sites["estate"].tolist() == ["E3"]


def test_a_place_inside_a_closed_estate_serves_that_estate_only():
    wall = frame([box(1250, -50, 1310, 50)], ["E3"], name=["丙苑"])
    inside = frame([Point(1270, 0)], ["in"])
    plan = site_waste_points(town(old_estates=wall), candidates=inside, estate_step_m=999.0, **NOTHING)
    assert plan.demand.loc["F", "state"] == "now"  # F at 1300 lives there
    moved = wall.set_geometry([box(1250, -50, 1299, 50)])
    plan = site_waste_points(town(old_estates=moved), candidates=inside, estate_step_m=999.0, **NOTHING)
    assert (
        plan.demand.loc["F", "state"] == "no_place"
    )  # F is outside the wall now; the estate has its point all the same
    assert plan.estates["after"].tolist() == [1]
    edge = frame([Point(1289, 0)], ["edge"])
    plan = site_waste_points(town(old_estates=moved), candidates=edge, estate_step_m=999.0, **NOTHING)
    assert plan.demand.loc["F", "state"] == "now"  # 10 m inside is at the edge: it serves both sides
    assert plan.sites.index.tolist() == ["edge"]


def test_along_the_street_every_home_on_it_is_served():
    plan = site_waste_points(town(old_estates=None), spacing_m=50.0, exclusions={})
    assert plan.zones.iloc[0]["share_after"] == 1.0
    assert plan.result.objective == 2
    assert set(plan.candidates["kind"]) == {"street"}
    walked = site_waste_points(town(old_estates=None), distance="network", spacing_m=50.0, exclusions={})
    assert walked.distance == "network"
    assert walked.zones.iloc[0]["share_after"] == 1.0


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(InputError, match="no radius"):
        site_waste_points(town(), rule="waste.recycle.1500", candidates=PLACES)
    with pytest.raises(InputError, match="distance"):
        site_waste_points(town(), distance="crow", candidates=PLACES)
    with pytest.raises(InputError, match="needs streets"):
        site_waste_points(town(streets=False), distance="network", candidates=PLACES)
    with pytest.raises(InputError, match="vacant land"):
        site_waste_points(town(), candidates="vacant")
    with pytest.raises(InputError, match="'vacent'"):
        site_waste_points(town(), candidates="vacent")
    everywhere = {"all": frame([box(-10, -600, 3000, 600)], ["x"])}
    with pytest.raises(InfeasibleError, match="none of 4 places"):
        site_waste_points(town(old_estates=None), candidates=PLACES, exclusions=everywhere)


@settings(max_examples=8)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=6, unique=True), st.lists(st.integers(0, 40), max_size=1))
def test_no_smaller_subset_serves_as_many_and_gives_the_estate_its_point(places, existing):
    at = [50.0 * k for k in places]
    waste = frame([Point(50.0 * k, 0) for k in existing], [f"w{k}" for k in existing])
    waste["class"] = "waste_point"
    city = town(waste, streets=False, old_estates=frame([box(1000, -50, 1200, 50)], ["E"]))
    layer = frame([Point(x, 0) for x in at], [f"p{k}" for k in range(len(at))])
    plan = site_waste_points(city, candidates=layer, estate_step_m=1000.0, **NOTHING)
    # The ground of the estate gives one place, (1100, 0), unless it has a point already.
    mine = any(990 <= 50 * k <= 1210 for k in existing)
    every = at if mine else [*at, 1100.0]
    homes = HOMES.geometry.x.to_numpy()
    had = np.array([any(abs(h - 50 * k) <= 120 for k in existing) for h in homes], dtype=bool)

    def serves(x, home):
        return abs(home - x) <= 120 and not 1010 < x < 1190  # no home lies in the estate

    def good(chosen):
        served = had | np.array([any(serves(x, h) for x in chosen) for h in homes])
        reach = had | np.array([any(serves(x, h) for x in every) for h in homes])
        return (served == reach).all() and (mine or any(990 <= x <= 1210 for x in chosen))

    fewest = next(n for n in range(len(every) + 1) if any(good(c) for c in itertools.combinations(every, n)))
    assert plan.result.objective == len(plan.sites) == fewest
    assert good(plan.sites.geometry.x.tolist())


@settings(max_examples=15)
@given(
    st.lists(st.tuples(st.integers(0, 39), st.integers(1, 9)), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 39), st.sampled_from(["yes", "no", None])), min_size=2, max_size=5),
    st.sampled_from([0.25, 0.5, 1.0]),
)
def test_no_smaller_set_of_points_reaches_the_share_of_communities(homes, points, share):
    demand = frame(
        [Point(50 * x + 1, 0) for x, _ in homes], [f"h{k}" for k in range(len(homes))],
        people=[float(p) for _, p in homes],
    )  # fmt: skip
    waste = frame(
        [Point(50 * x, 0) for x, _ in points], [f"w{k}" for k in range(len(points))],
        **{"class": "waste_point"}, sorting=[s for _, s in points],
    )  # fmt: skip
    zones = {"c": frame([box(500 * k, -9, 500 * k + 500, 9) for k in range(4)], list("abcd"))}
    found = audit_waste_points(
        town(waste, demand, streets=False, zones=zones, old_estates=None), sorted_share=share
    ).sorting
    if found is None:
        assert all(s is None for _, s in points)
        return
    x, w, c = demand.geometry.x.to_numpy(), demand["people"].to_numpy(), (demand.geometry.x // 500).to_numpy()
    at = waste.geometry.x.to_numpy()
    open_ = [k for k, (_, s) in enumerate(points) if s == "yes"]

    def covered(sorting):
        near = np.array([any(abs(h - at[k]) <= 120 for k in sorting) for h in x], dtype=bool)
        return sum(w[near & (c == k)].sum() >= share * w[c == k].sum() for k in set(c.tolist()))

    assert found.covered == covered(open_)
    assert found.needed == -(-3 * len(set(c.tolist())) // 10)  # 30 %, rounded up
    rest = [k for k in range(len(points)) if k not in open_]
    fewest = next(
        (n for n in range(len(rest) + 1)
         if any(covered([*open_, *s]) >= found.needed for s in itertools.combinations(rest, n))),
        None,
    )  # fmt: skip
    if fewest is None:
        assert found.status == "impossible"
    elif fewest == 0:
        assert found.status == "reached"
    else:
        assert (found.status, len(found.convert), found.bound) == ("optimal", fewest, fewest)
        assert covered([*open_, *(int(p[1:]) for p in found.convert["point"])]) >= found.needed


@settings(max_examples=8)
@given(st.lists(st.integers(0, 40), max_size=4), st.integers(0, 40))
def test_one_more_point_takes_nothing_from_anybody(places, more):
    def audited(at):
        layer = frame([Point(50.0 * k, 0) for k in at], [f"w{n}" for n in range(len(at))], sorting="yes")
        layer["class"] = "waste_point"
        dumps = frame([Point(990, 0)], ["d"])
        return audit_waste_points(town(layer, streets=False), dumps=dumps)

    before, after = audited([0, *places]), audited([0, *places, more])
    key = ["level", "zone", "rule", "denominator"]
    shares = [f.reach.zones.set_index(key)["served_straight"] for f in (before, after)]
    assert (shares[1] >= shares[0]).all()
    assert (after.estates.estates["points"].sort_index() >= before.estates.estates["points"].sort_index()).all()
    assert after.dumps.dumps["straight_m"].iloc[0] <= before.dumps.dumps["straight_m"].iloc[0]
    assert after.sorting.people_share >= before.sorting.people_share
