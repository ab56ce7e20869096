"""A plan from candidates, costs and what is served today, with every figure derived by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from locate_costs import labelled

from siting.errors import InfeasibleError, InputError
from siting.locate import make_candidates, make_plan

CRS = "EPSG:4547"

#   D0        D1    D2              D3                      metres along one street; limit 150
#   0   C0    200   350  C1         750      C2             C0 at 100, C1 at 450, C2 at 850
#   30        10.5  20              40                      residents; D2 is served today
AT = np.array([0.0, 200.0, 350.0, 750.0])
CANDIDATES_AT = np.array([100.0, 450.0, 850.0])


@pytest.fixture
def demand():
    index = pd.Index(["D0", "D1", "D2", "D3"], name="id")
    table = {"people": [30.0, 10.5, 20.0, 40.0], "units": [3, 1, 2, 9]}
    return gpd.GeoDataFrame(table, geometry=shapely.points(AT, 0.0), index=index, crs=CRS)


@pytest.fixture
def candidates():
    own = gpd.GeoDataFrame(
        {"name": ["东街", None, "西街"]},
        geometry=shapely.points(CANDIDATES_AT, 0.0),
        index=pd.Index(["C0", "C1", "C2"], name="id"),
        crs=CRS,
    )
    return make_candidates("layer", layer=own)


@pytest.fixture
def cost():
    return labelled(np.abs(AT[:, None] - CANDIDATES_AT[None]), cutoff=200.0)


SERVED = np.array([False, False, True, False])


def test_each_site_has_the_demand_that_it_is_the_first_to_serve(demand, candidates, cost):
    plan = make_plan("toilets", model="mclp", p=3, limit_m=150.0, candidates=candidates, cost=cost, demand=demand)
    # C0 and C1 both reach D1 (100 and 250 m: only C0 within 150), C1 reaches D2, C2 reaches D3; 40.5 > 40 > 20
    assert plan.sites.index.tolist() == ["C0", "C2", "C1"]
    assert plan.newly_served == (("D0", "D1"), ("D3",), ("D2",))


def test_mclp_plan_counts_people_before_and_after(demand, candidates, cost):
    plan = make_plan("toilets", model="mclp", p=1, limit_m=150.0, candidates=candidates, cost=cost, demand=demand,
                     served_before=SERVED)  # fmt: skip
    # C0 adds D0 + D1 = 40.5, C2 adds D3 = 40, C1 serves D2 only, who is served already
    assert plan.sites.index.tolist() == ["C0"]
    site = plan.sites.iloc[0]
    assert (site["order"], site["gain_people"], site["people_served"]) == (1, 40.5, 40.5)
    assert site["name_en"] == "S01 东街: 40 more people"
    assert site["name_zh"] == "S01 东街：新增服务 40 人"
    assert (plan.people_total, plan.people_before, plan.people_after) == (100.5, 20.0, 60.5)
    assert (plan.result.objective, plan.result.bound, plan.result.status) == (60.5, 60.5, "optimal")
    assert (plan.unserved_before, plan.unserved_after) == (("D0", "D1", "D3"), ("D3",))
    assert plan.newly_served == (("D0", "D1"),)
    assert plan.candidates["allowed"].all()
    assert any("ownership" in note.en for note in plan.notes)


def test_weight_units_and_a_site_that_adds_nothing(demand, candidates, cost):
    given = {"limit_m": 150.0, "candidates": candidates, "cost": cost, "demand": demand, "served_before": SERVED}
    plan = make_plan("x", model="mclp", p=1, weight="units", **given)
    assert plan.sites.index.tolist() == ["C2"]  # 9 units against 4
    assert plan.sites["name_en"].tolist() == ["S01 西街: 9 more units"]
    assert (plan.sites["gain"].tolist(), plan.sites["gain_people"].tolist()) == ([9.0], [40.0])
    plan = make_plan("x", model="mclp", p=3, **given)
    assert plan.sites.index.tolist() == ["C0", "C2"]  # C1 would add nobody
    assert plan.people_after == plan.people_total
    assert any("3 sites were allowed; 2 already serve" in note.en for note in plan.notes)


def test_lscp_serves_all_that_can_be_served_and_says_who_cannot(demand, candidates, cost):
    shut = candidates.assign(allowed=[True, True, False], refusal=[None, None, "in the lake"])
    plan = make_plan("x", model="lscp", limit_m=150.0, candidates=shut, cost=cost, demand=demand)
    assert (plan.sites.index.tolist(), plan.unserved_after) == (["C0", "C1"], ("D3",))
    assert plan.result.objective == 2.0
    # C2 is a column of the costs here, so a candidate reaches D3; it is refused, and the plan lists D3 as unserved.
    assert plan.result.parameters["not_served"] == ("D3",)


def test_target_takes_the_fewest_sites(demand, candidates, cost):
    given = {"limit_m": 150.0, "candidates": candidates, "cost": cost, "demand": demand, "served_before": SERVED}
    plan = make_plan("x", model="mclp", target=0.6, **given)  # 60.3 of 100.5: 20 + 40.5 is enough
    assert plan.sites.index.tolist() == ["C0"]
    assert len(make_plan("x", model="mclp", target=0.61, **given).sites) == 2
    with pytest.raises(InfeasibleError):
        make_plan(
            "x", model="mclp", target=0.9, **{**given, "candidates": candidates.assign(allowed=[True, True, False])}
        )


def test_spacing_to_existing_and_between_new_sites(demand, candidates, cost):
    given = {"model": "mclp", "limit_m": 150.0, "candidates": candidates, "cost": cost, "demand": demand}
    toilet = gpd.GeoDataFrame(geometry=[shapely.Point(50, 0)], index=["T7"], crs=CRS)
    plan = make_plan("x", p=3, existing=toilet, min_spacing_m=60.0, **given)
    assert plan.sites.index.tolist() == ["C2", "C1"]
    assert "50 m from existing T7" in plan.candidates.loc["C0", "refusal"]
    assert not plan.candidates.loc["C0", "allowed"]
    assert candidates["allowed"].all()  # the caller's frame is left as it was
    assert make_plan("x", p=3, existing=toilet, min_spacing_m=50.0, **given).candidates["allowed"].all()
    apart = make_plan("x", p=3, min_spacing_m=400.0, **given)  # C0-C1 350 m, C1-C2 400 m: C1 goes with C2
    assert sorted(apart.sites.index) == ["C0", "C2"]


def test_required_and_excluded_candidates(demand, candidates, cost):
    given = {"model": "mclp", "limit_m": 150.0, "candidates": candidates, "cost": cost, "demand": demand}
    assert make_plan("x", p=1, required=["C1"], **given).sites.index.tolist() == ["C1"]
    assert make_plan("x", p=1, excluded=["C0"], **given).sites.index.tolist() == ["C2"]
    refused = candidates.assign(allowed=[False, True, True], refusal=["dig", None, None])
    with pytest.raises(InfeasibleError, match="required candidate C0 is refused: dig"):
        make_plan("x", p=1, required=["C0"], **{**given, "candidates": refused})


def test_everybody_served_already_needs_no_site(demand, candidates, cost):
    plan = make_plan("x", model="mclp", p=2, limit_m=150.0, candidates=candidates, cost=cost, demand=demand,
                     served_before=np.ones(4, dtype=bool))  # fmt: skip
    assert len(plan.sites) == 0
    assert plan.people_before == plan.people_after == 100.5
    assert "order" in plan.sites.columns


def test_what_does_not_fit_together_is_refused(demand, candidates, cost):
    given = {"model": "mclp", "p": 1, "limit_m": 150.0, "candidates": candidates, "cost": cost, "demand": demand}
    with pytest.raises(InfeasibleError, match="none of 3 candidates is allowed"):
        make_plan("x", **{**given, "candidates": candidates.assign(allowed=False, refusal="in the lake")})
    with pytest.raises(InputError, match="same ids"):
        make_plan("x", **{**given, "demand": demand.iloc[:3]})
    with pytest.raises(InputError, match="no candidates"):
        make_plan("x", **{**given, "candidates": candidates.iloc[:2]})
    with pytest.raises(InputError, match="no column 'people'"):
        make_plan("x", **{**given, "demand": demand.drop(columns="people")})
    with pytest.raises(InputError, match="needs p"):
        make_plan("x", **{**given, "p": None})
    with pytest.raises(InputError, match="p is 4, but there are 3 candidates"):
        make_plan("x", **{**given, "p": 4})
    with pytest.raises(InputError, match="served_before"):
        make_plan("x", served_before=[True], **given)


def test_a_budget_is_paid_by_a_column_or_by_the_free_ground(demand, candidates, cost):
    given = {"model": "mclp", "limit_m": 150.0, "cost": cost, "demand": demand, "served_before": SERVED}
    priced = candidates.assign(yuan=[3.0, 1.0, 2.0], area_m2=[9000.0, 100.0, 4000.0])
    # C0 adds 40.5 for 3, C2 adds 40 for 2: with 2 it is C2, with 5 both.
    plan = make_plan("t", candidates=priced, budget=2.0, price="yuan", **given)
    assert plan.sites.index.tolist() == ["C2"]
    assert plan.sites["yuan"].tolist() == [2.0]
    assert (plan.budget.amount, plan.budget.spent, plan.budget.text.en) == (2.0, 2.0, "2 of 2 yuan spent")
    assert make_plan("t", candidates=priced, budget=5.0, price="yuan", **given).budget.spent == 5.0
    # 0.9 ha and 0.4 ha: 1.3 ha pay for both, a square metre less for one.
    assert make_plan("t", candidates=priced, budget=1.3, price="area_ha", **given).sites.index.tolist() == ["C0", "C2"]
    small = make_plan("t", candidates=priced, budget=1.2999, price="area_ha", **given)
    assert (small.sites.index.tolist(), small.sites["area_ha"].tolist()) == (["C0"], [0.9])
    assert small.budget.text.zh == "预算 1.2999 公顷，使用 0.9"
    assert any("0.3999 ha of the budget are left" in note.en for note in small.notes)
    assert not any("are left" in note.en for note in plan.notes)  # all of it is spent
    with pytest.raises(InputError, match="no column 'price'"):
        make_plan("t", candidates=priced, budget=2.0, price="price", **given)
    with pytest.raises(InputError, match=r"1 of 3 candidates have no usable 'yuan' \(first \['C1'\]\)"):
        make_plan("t", candidates=priced.assign(yuan=[3.0, None, 2.0]), budget=2.0, price="yuan", **given)
