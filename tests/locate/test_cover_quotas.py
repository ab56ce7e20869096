"""Covering models keep the quotas of zones: against every plan that the conditions allow, and what is said."""

import numpy as np
import pytest
from any_plans import draw_any_plans
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.errors import InfeasibleError
from siting.locate import budget_cover, lscp, mclp
from siting.locate.partial import partial_cover

LIMIT = 3.0


def draw(seed):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 11)), int(rng.integers(1, 9))
    cost = rng.integers(0, 10, (n, m)) * 1.0
    cost[rng.random((n, m)) < 0.1] = np.inf
    weight = rng.integers(0, 10, n) * 1.0 if rng.random() < 0.7 else rng.random(n)
    return rng, cost, weight, draw_any_plans(rng, m)


def check(result, best, drawn, smallest=False):
    assert result.objective == pytest.approx(best, rel=1e-12)
    assert (result.status, result.bound) == ("optimal", result.objective)
    assert tuple(result.sites.tolist()) in drawn.plans


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=250, deadline=None)
def test_mclp_equals_the_best_of_all_plans(seed):
    rng, cost, weight, drawn = draw(seed)
    p = int(rng.integers(1, cost.shape[1] + 1))
    values = [weight[drawn.served(cost <= LIMIT, js)].sum() for js in drawn.plans if len(js) <= p]
    if not values:
        with pytest.raises(InfeasibleError):
            mclp(cost, weight, LIMIT, p, **drawn.conditions)
        return
    result = mclp(cost, weight, LIMIT, p, **drawn.conditions)
    check(result, max(values), drawn)
    assert len(result.sites) <= p
    assert result.parameters["served_before"] + result.gain.sum() == pytest.approx(result.objective, rel=1e-12)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=250, deadline=None)
def test_lscp_equals_the_smallest_of_all_plans(seed):
    _, cost, weight, drawn = draw(seed)
    reach = cost <= LIMIT
    counts = [len(js) for js in drawn.plans if drawn.served(reach, js).all()]
    if counts:
        check(lscp(cost, LIMIT, **drawn.conditions), min(counts), drawn)
    else:
        with pytest.raises(InfeasibleError):
            lscp(cost, LIMIT, **drawn.conditions)
    if not drawn.plans or not weight.any():
        return
    result = lscp(cost, LIMIT, weight=weight, serve="reachable", **drawn.conditions)
    most = max(weight[drawn.served(reach, js)].sum() for js in drawn.plans)
    served = drawn.served(reach, result.sites)
    assert weight[served].sum() == pytest.approx(most, rel=1e-12)
    check(result, min(len(js) for js in drawn.plans if (served <= drawn.served(reach, js)).all()), drawn)


@given(seed=st.integers(0, 2**32 - 1), percent=st.integers(1, 100))
@settings(max_examples=120, deadline=None)
def test_partial_cover_equals_the_smallest_of_all_plans(seed, percent):
    _, cost, weight, drawn = draw(seed)
    weight = np.ceil(weight * 8) + 1
    enough = [
        len(js) for js in drawn.plans if weight[drawn.served(cost <= LIMIT, js)].sum() * 100 >= percent * weight.sum()
    ]
    if not enough:
        with pytest.raises(InfeasibleError):
            partial_cover(cost, weight, LIMIT, percent / 100, **drawn.conditions)
        return
    check(partial_cover(cost, weight, LIMIT, percent / 100, **drawn.conditions), min(enough), drawn)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=200, deadline=None)
def test_budget_cover_equals_the_best_of_all_plans(seed):
    rng, cost, weight, drawn = draw(seed)
    m = cost.shape[1]
    price, budget = rng.integers(0, 6, m), int(rng.integers(1, 5 * m))
    values = [weight[drawn.served(cost <= LIMIT, js)].sum() for js in drawn.plans if price[list(js)].sum() <= budget]
    if not values:
        with pytest.raises(InfeasibleError):
            budget_cover(cost, weight, LIMIT, price, budget, **drawn.conditions)
        return
    result = budget_cover(cost, weight, LIMIT, price, budget, **drawn.conditions)
    check(result, max(values), drawn)
    assert result.parameters["spent"] <= budget


#   A ----200---- B --150-- C --------400-------- D     metres; every block is a candidate
#  30            10        20                    40     residents;  A, B west | C, D east
ZONES = ["west", "west", "east", "east"]


def test_line_street_by_hand(line_street):
    cost, weight = line_street
    # A and D serve 70; with at most one site in the east and none in the west, D or C: 40.
    assert mclp(cost, weight, 150.0, 2, zones=ZONES, at_most={"west": 0, "east": 1}).objective == 40.0
    # B serves A, B and C; the east still gets its site, D.
    needed = mclp(cost, weight, 750.0, 3, zones=ZONES, at_least=1)
    assert (needed.objective, len(needed.sites)) == (100.0, 2)
    assert needed.parameters["quotas"] == {"east": (1, None), "west": (1, None)}
    # Without the quota B and D serve all within 200 m; with two sites in the west it takes three.
    assert lscp(cost, 200.0).objective == 2.0
    assert lscp(cost, 200.0, zones=ZONES, at_least={"west": 2}).sites.tolist() == [0, 1, 3]
    assert partial_cover(cost, weight, 200.0, 0.6, zones=ZONES, at_least=1).objective == 2.0
    # 3 buys A and B, or D alone; a site in the east is asked for.
    assert budget_cover(cost, weight, 0.0, [1, 1, 2, 3], 3, zones=ZONES, at_least={"east": 1}).sites.tolist() == [0, 2]


def test_what_would_work_is_said(line_street):
    cost, weight = line_street
    near = {"too_close": [(0, 2), (0, 3), (1, 2), (1, 3)], "zones": ZONES}
    with pytest.raises(InfeasibleError, match="zones that need sites are too close"):
        mclp(cost, weight, 150.0, 4, at_least=1, **near)
    with pytest.raises(InfeasibleError, match=r"at_most = \{'west': 1\} there would work"):
        lscp(cost, 200.0, zones=ZONES, at_most={"west": 0})
    with pytest.raises(InfeasibleError, match="a budget of 6 would work"):
        budget_cover(cost, weight, 0.0, [1, 2, 3, 4], 5, zones=ZONES, at_least={"west": 2, "east": 1})
    with pytest.raises(InfeasibleError, match="p = 3 would work"):
        mclp(cost, weight, 0.0, 2, zones=ZONES, at_least={"west": 2, "east": 1})


def test_a_quota_never_serves_more_and_a_stopped_search_keeps_it():
    rng = np.random.default_rng(11)
    xy = rng.random((300, 2)) * 1000
    cost = np.hypot(*(xy[:, None] - xy[None, :120]).transpose(2, 0, 1))
    weight = rng.integers(1, 100, 300) * 1.0
    zones = (xy[:120, 0] // 250).astype(int).astype(str).tolist()
    free = mclp(cost, weight, 120.0, 8)
    for quota in ({"at_least": 2}, {"at_most": 2}, {"at_least": {"0": 4}, "at_most": {"3": 0}}):
        bound = mclp(cost, weight, 120.0, 8, zones=zones, **quota)
        assert bound.status == "optimal"
        assert bound.objective <= free.objective
        short = mclp(cost, weight, 120.0, 8, zones=zones, time_limit_s=0.05, **quota)
        assert short.objective <= bound.objective <= short.bound
