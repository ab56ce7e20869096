"""Plans by every model: figures by hand on a drawn street, and by trying every choice on random ones."""

from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from locate_costs import labelled

from siting.errors import InfeasibleError, InputError
from siting.locate import make_candidates, make_plan

CRS = "EPSG:4547"

#   D0        D1     D2           D3                  D4        metres along one street
#   0  C0     200    400   E0     800  C1       C2    1300      E0 at 500 exists
#   30        10     20           40                  5         residents; C0 at 100, C1 at 900, C2 at 1200
AT = np.array([0.0, 200.0, 400.0, 800.0, 1300.0])
PEOPLE = np.array([30.0, 10.0, 20.0, 40.0, 5.0])
PLACES = np.array([100.0, 900.0, 1200.0])
STANDS = np.array([500.0])


def points(at, names, **columns):
    index = pd.Index(names, name="id")
    return gpd.GeoDataFrame(columns, geometry=shapely.points(np.asarray(at), 0.0), index=index, crs=CRS)


def street(at=AT, people=PEOPLE, places=PLACES, stands=STANDS, cutoff=np.inf, **columns):
    """Everything that `make_plan` takes of one street."""
    rows = [f"D{i}" for i in range(len(at))]
    names = [f"C{j}" for j in range(len(places))]
    own = points(places, names, name=[None] * len(places), **columns)
    candidates = make_candidates("layer", layer=own)
    for column in columns:
        candidates[column] = columns[column]
    old = [f"E{j}" for j in range(len(stands))]
    every, labels = np.concatenate([places, stands]), names + old
    return {
        "candidates": candidates,
        "demand": points(at, rows, people=people, units=np.ones(len(at), dtype=int)),
        "cost": labelled(np.abs(at[:, None] - places[None]), rows, names, cutoff),
        "existing_cost": labelled(np.abs(at[:, None] - stands[None]), rows, old, cutoff),
        "existing": points(stands, old),
        "separation": labelled(np.abs(every[:, None] - every[None]), labels, labels),
    }


def figures(plan):
    return {one.key: (one.before, one.after) for one in plan.measures}


def test_p_median_says_mean_and_sum_of_the_ways():
    plan = make_plan("x", model="p_median", p=1, **street())
    # ways to E0: 500 300 100 300 800; with C0: 100 100 100 300 800; C1: 500 300 100 100 400; C2: 500 300 100 300 100
    assert plan.sites.index.tolist() == ["C0"]  # saves 30 x 400 + 10 x 200 = 14,000; C1 8,000 + 2,000; C2 3,500
    before = (30 * 500 + 10 * 300 + 20 * 100 + 40 * 300 + 5 * 800) / 105
    assert figures(plan)["mean_distance_m"] == pytest.approx((before, before - 14_000 / 105))
    assert figures(plan)["weighted_cost"] == pytest.approx((36.0, 22.0))  # person-kilometres
    assert next(iter(figures(plan))) == "mean_distance_m"
    assert plan.sites["load"].tolist() == [40.0]
    assert plan.sites["name_en"].tolist() == ["S01 unnamed place C0: nearest for 40 people"]
    assert plan.limit_m is None
    assert plan.people_after is None
    assert plan.unserved_after == ()


def test_a_limit_beside_says_who_is_served():
    plan = make_plan("x", model="p_median", p=1, limit_m=100.0, served_before=np.array([0, 0, 1, 0, 0], dtype=bool),
                     **street())  # fmt: skip
    assert figures(plan)["served"] == (20.0, 60.0)
    assert (plan.people_before, plan.people_after) == (20.0, 60.0)
    assert plan.newly_served == (("D0", "D1"),)
    assert plan.unserved_after == ("D3", "D4")


def test_p_center_names_who_is_worst_off():
    plan = make_plan("x", model="p_center", p=1, **street())
    assert plan.sites.index[0] in ("C1", "C2")  # worst today: D4, 800 m; with C0 the same, with the others D0, 500 m
    assert figures(plan)["worst_distance_m"] == (800.0, 500.0)
    assert any("D0" in note.en for note in plan.notes)
    empty = make_plan("x", model="p_center", p=1, **street(people=np.array([0.0, 10, 20, 40, 5])))
    assert empty.sites.index.tolist() == ["C2"]  # nobody at D0: D1 and D3 are 300 off, by C1 D4 is 400
    assert figures(empty)["worst_distance_m"] == (800.0, 300.0)
    assert any("nobody is" in note.en for note in empty.notes)
    assert empty.result.assignment[0] == 3  # D0 goes to E0, the column after three candidates


def test_p_dispersion_counts_what_exists():
    plan = make_plan("x", model="p_dispersion", p=2, **{**street(), "cost": None, "existing_cost": None})
    assert sorted(plan.sites.index) == ["C0", "C2"]  # 400 to E0, 700, 1,100; C0 with C1 400 too, but C1-C2 300
    assert figures(plan) == {"smallest_separation_m": (None, 400.0)}
    assert sorted(plan.sites["separation_m"]) == [400.0, 700.0]


def test_a_place_without_any_way_is_not_taken_for_the_farthest():
    given = {**street(), "cost": None, "existing_cost": None}
    cut = np.abs(np.subtract.outer([*PLACES, *STANDS], [*PLACES, *STANDS]))
    cut[1, [0, 2, 3]] = cut[[0, 2, 3], 1] = np.inf  # C1 lies on an island
    given["separation"] = labelled(cut, *[["C0", "C1", "C2", "E0"]] * 2)
    plan = make_plan("x", model="p_dispersion", p=2, **given)
    assert sorted(plan.sites.index) == ["C0", "C2"]
    assert any(note.en == "1 candidates have no way to any other place and were not used: C1" for note in plan.notes)
    assert "C1" in make_plan("x", model="p_dispersion", p=2, required=["C1"], **given).sites.index


def test_backup_counts_once_and_twice():
    plan = make_plan("x", model="backup_coverage", limit_m=400.0,
                     served_before=np.array([0, 1, 1, 1, 0], dtype=bool), **street())  # fmt: skip
    # E0 reaches D1 D2 D3; C0: D0 D1 D2; C1: D3 D4; C2: D3 D4: two new sites cover all, D1 + D2 + D3 twice
    assert len(plan.sites) == 2
    assert figures(plan) == {"served_twice": (0.0, 70.0), "served_once": (70.0, 105.0), "served": (70.0, 105.0)}
    more = make_plan("x", model="backup_coverage", p=3, limit_m=400.0, **street())
    assert figures(more)["served_twice"] == (0.0, 75.0)  # C1 and C2 together: D4 twice, too


def test_gradual_cover_counts_who_is_farther_in_part():
    today = np.array([0, 0, 1, 0, 0], dtype=bool)
    plan = make_plan("x", model="gradual_cover", p=1, limit_m=100.0, reach_m=300.0, served_before=today, **street())
    # E0: D2 whole, D1 and D3 at 300 nothing. C0 adds D0 and D1 whole, C1 adds D3 whole, either 40; C2 adds D4
    assert plan.sites.index[0] in ("C0", "C1")
    assert figures(plan)["covered"] == (20.0, 60.0)
    assert figures(plan)["served"] == (20.0, 60.0)
    nearer = make_plan("x", model="gradual_cover", p=1, limit_m=100.0, reach_m=500.0, served_before=today, **street())
    # between 100 and 500 m: D1 and D3 count 1/2 today, 20 + 5 + 20; C0 makes it 30 + 10 + 20 + 20
    assert figures(nearer)["covered"] == (45.0, 80.0)


def test_opening_costs_are_weighed_against_ways_in_money():
    given = street(yuan=[100.0, 30.0, 500.0])
    plan = make_plan("x", model="facility_location", price="yuan", per_person_km=10.0, **given)
    # a person-km costs 10: today 360; C0 saves 140 for 100, C1 saves 100 for 30: both together 240 for 130
    assert sorted(plan.sites.index) == ["C0", "C1"]
    assert plan.result.objective == pytest.approx(360 - 240 + 130)
    assert figures(plan)["total_cost"] == pytest.approx((360.0, 250.0))
    assert figures(plan)["opening_cost"] == (0.0, 130.0)
    assert plan.result.status == "optimal"


def test_capacities_are_kept_and_who_has_no_place_is_told():
    given = street()
    given["existing"] = given["existing"].assign(capacity=[30.0])
    plan = make_plan("x", model="capacitated", p=1, capacity=45.0, reach_m=900.0, **given)
    assert plan.sites["load"].max() <= 45.0
    assert plan.sites["capacity"].tolist() == [45.0]
    after = 105.0 - 30.0 - 45.0
    assert figures(plan)["without_place"] == (75.0, after)
    assert plan.result.flows.sum() == 75.0
    # E0 alone takes the 20 of D2 (100 m) and 10 of those at 300 m
    assert figures(plan)["mean_distance_m"][0] == pytest.approx((20 * 100 + 10 * 300) / 30)
    own = street(beds=[45.0, 10.0, 5.0])
    own["existing"] = own["existing"].assign(beds=[30.0])
    assert make_plan("x", model="capacitated", p=1, capacity="beds", reach_m=900.0, **own).sites["capacity"].iloc[0] > 0
    with pytest.raises(InputError, match="1 of 1 existing facilities have no capacity"):
        make_plan("x", model="capacitated", p=1, capacity="beds", reach_m=900.0, **street(beds=[45.0, 10.0, 5.0]))
    with pytest.raises(InputError, match="no column 'rooms'"):
        make_plan("x", model="capacitated", p=1, capacity="rooms", **street())
    assert any("state no capacity" in n.en
               for n in make_plan("x", model="capacitated", p=3, capacity=40.0, **street()).notes)  # fmt: skip


def test_too_little_room_is_told_in_words_of_a_study():
    with pytest.raises(InfeasibleError, match=r"or give reach_m: who has no place within it is told$"):
        make_plan("x", model="capacitated", p=1, capacity=10.0, **street())


def test_rows_in_are_rows_used_and_rows_listed():
    given = street(cutoff=450.0)  # D4 is 400 from C1, 100 from C2
    plan = make_plan("x", model="p_median", p=1, excluded=["C1", "C2"], reach_m=450.0, **given)
    assert plan.unserved_after == ("D4",)
    assert any("1 demand points (5 people)" in note.en and note.en.endswith("D4") for note in plan.notes)
    assert plan.result.assignment.tolist() == [0, 0, 3, 3, -1]  # D2: 300 to C0, 100 to E0
    with pytest.raises(InfeasibleError, match="p = 3 would work"):
        make_plan("x", model="p_median", p=1, **{**street(cutoff=150.0), "existing_cost": None})


def test_alternatives_are_plans_of_the_same_demand():
    plan = make_plan("x", model="p_median", p=1, n_alternatives=2, max_loss=1.0, **street())
    assert [one.result.site_ids for one in plan.alternatives][:2] == [("C0",), ("C1",)]
    assert plan.alternatives[0].loss == 0.0
    assert plan.alternatives[1].loss == pytest.approx(4_000 / 22_000)
    assert all(len(one.result.assignment) == 5 for one in plan.alternatives)


def test_zones_gain_what_the_plan_gains():
    zones = pd.Series(["a", "a", "b", "b", None], index=[f"D{i}" for i in range(5)])
    given = {k: v for k, v in street().items() if k not in ("existing_cost", "separation")}
    plan = make_plan("x", model="mclp", p=1, limit_m=100.0, demand_zones=zones, **given)
    assert plan.sites.index.tolist() == ["C0"] or plan.people_after == 40.0
    table = plan.gains_by_zone
    assert table["gained"].sum() == plan.people_after
    assert table["weight"].tolist() == [40.0, 60.0, 5.0]
    assert figures(plan) == {"served": (0.0, 40.0)}


def test_quotas_of_zones_hold_for_every_model():
    east = pd.Series(["west", "east", "east"], index=["C0", "C1", "C2"])
    more = {"zones": east, "at_least": {"east": 1}}
    for model in ("p_median", "p_center", "gradual_cover", "capacitated"):
        extra = {"gradual_cover": {"limit_m": 100.0, "reach_m": 300.0}, "capacitated": {"capacity": 200.0}}.get(
            model, {}
        )
        plan = make_plan("x", model=model, p=1, **extra, **more, **street())
        assert plan.sites.index[0] in ("C1", "C2"), model
    apart = make_plan("x", model="p_dispersion", p=1, at_least={"west": 1}, zones=east, **street())
    assert apart.sites.index.tolist() == ["C0"]


def test_spacing_holds_and_what_exists_keeps_only_its_distance():
    plan = make_plan("x", model="p_center", p=2, min_spacing_m=400.0, **street())
    assert set(plan.sites.index) != {"C1", "C2"}  # 300 apart
    near = make_plan("x", model="p_median", p=1, min_spacing_m=450.0, **street())
    assert near.sites.index.tolist() == ["C2"]  # C0 and C1 are 400 from E0
    kept = make_plan("x", model="p_median", p=1, min_spacing_m=450.0, required=["C0"], **street())
    assert kept.sites.index.tolist() == ["C0"]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), p=st.integers(1, 3))
def test_figures_equal_those_of_the_best_of_all_choices(seed, p):
    rng = np.random.default_rng(seed)
    at, places, stands = (rng.choice(2000, n, replace=False).astype(float) for n in (7, 5, 2))
    people = rng.integers(1, 9, 7).astype(float)
    ways = np.abs(at[:, None] - np.concatenate([places, stands])[None])
    given = street(at, people, places, stands)
    old = [5, 6]
    choices = [list(c) for c in combinations(range(5), p)]
    means = [people @ ways[:, [*c, *old]].min(axis=1) / people.sum() for c in choices]
    worst = [ways[:, [*c, *old]].min(axis=1).max() for c in choices]
    median = figures(make_plan("x", model="p_median", p=p, **given))
    assert median["mean_distance_m"] == pytest.approx((people @ ways[:, old].min(axis=1) / people.sum(), min(means)))
    center = figures(make_plan("x", model="p_center", p=p, **given))
    assert center["worst_distance_m"] == (ways[:, old].min(axis=1).max(), min(worst))
    every = np.concatenate([places, stands])
    between = np.abs(every[:, None] - every[None])
    np.fill_diagonal(between, np.inf)
    apart = [between[np.ix_(c, [*c, *old])].min() for c in choices]
    dispersed = figures(make_plan("x", model="p_dispersion", p=p, **given))
    assert dispersed["smallest_separation_m"] == (None, max(apart))
    share = np.clip((900 - ways) / 600, 0, 1)
    covers = [people @ share[:, [*c, *old]].max(axis=1) for c in choices]
    gradual = figures(make_plan("x", model="gradual_cover", p=p, limit_m=300.0, reach_m=900.0, **given))
    assert gradual["covered"] == pytest.approx((people @ share[:, old].max(axis=1), max(covers)))


@pytest.mark.parametrize(
    ("model", "given", "fault"),
    [
        ("p_median", {}, "p_median needs p"),
        ("gradual_cover", {"p": 1, "limit_m": 100.0}, "needs reach_m"),
        ("backup_coverage", {}, "needs limit_m"),
        ("facility_location", {}, "needs a price of sites"),
        ("facility_location", {"price": "yuan"}, "needs per_person_km"),
        ("capacitated", {"p": 1}, "needs capacity"),
        ("p_dispersion", {"p": 2, "separation": None}, "needs separation"),
        ("p_center", {"p": 4}, "p is 4, but there are 3 candidates"),
    ],
)
def test_what_a_model_lacks_is_said(model, given, fault):
    with pytest.raises(InputError, match=fault):
        make_plan("x", model=model, **{**street(yuan=[1.0, 2.0, 3.0]), **given})
