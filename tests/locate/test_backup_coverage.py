"""Backup coverage: by hand, against all plans, and on real streets against enumeration."""

from itertools import combinations

import numpy as np
import pytest
from any_plans import draw_any_plans
from hypothesis import given, settings
from hypothesis import strategies as st
from locate_costs import labelled

from siting.errors import InfeasibleError
from siting.locate import backup_coverage, lscp


def test_line_street(line_street):
    cost, weight = line_street
    # Two sites cover all within 200 m: D, and B (A exactly 200, C 150). Nothing is reached twice.
    alone = backup_coverage(cost, 200.0, weight)
    assert (alone.objective, alone.bound, alone.status, alone.sites.tolist()) == (0.0, 0.0, "optimal", [1, 3])
    # C is there already and reaches B and C: B covers A, and B and C a second time (10 + 20 people).
    second = backup_coverage(labelled(cost), 200.0, weight, existing=["C2"])
    assert (second.objective, second.status, second.site_ids) == (30.0, "optimal", ("C1", "C3"))
    assert backup_coverage(cost, 200.0, existing=[2]).objective == 2.0  # rows B and C
    # Within 350 m A, B and C each cover the three blocks; it takes one of them, and D.
    assert backup_coverage(cost, 350.0, weight, existing=[0]).objective == 0.0


def test_what_cannot_be_covered_is_listed(line_street):
    cost, weight = line_street
    with pytest.raises(InfeasibleError, match=r"1 of 4 demand rows .* within 200: 3; the smallest limit .* is 400"):
        backup_coverage(cost[:, :3], 200.0, weight)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=250, deadline=None)
def test_equals_the_best_of_all_plans(seed):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 10)), int(rng.integers(1, 9))
    cost = rng.integers(0, 10, (n, m)) * 1.0
    weight = rng.integers(0, 10, n) * 1.0 if rng.random() < 0.7 else rng.random(n)
    drawn, reach = draw_any_plans(rng, m), cost <= 5.0
    full = [js for js in drawn.plans if drawn.served(reach, js).all()]
    if not full:
        with pytest.raises(InfeasibleError):
            backup_coverage(cost, 5.0, weight, **drawn.conditions)
        return
    fewest = min(len(js) for js in full)
    best = max(weight[drawn.times(reach, js) >= 2].sum() for js in full if len(js) == fewest)
    result = backup_coverage(cost, 5.0, weight, **drawn.conditions)
    assert result.objective == pytest.approx(best, rel=1e-12)
    assert (result.status, result.bound) == ("optimal", result.objective)
    assert tuple(result.sites.tolist()) in full
    assert len(result.sites) == fewest == result.parameters["fewest_sites"]


@pytest.mark.parametrize("limit", [5000.0, 6000.0, 8000.0])
def test_san_francisco_equals_enumeration(shared_benchmarks, limit):
    table = np.loadtxt(shared_benchmarks / "sf_stores" / "data" / "sf_matrix.csv", delimiter=",", skiprows=1)
    people, cost = table[:, 1], table[:, 2:]
    reach = cost <= limit
    fewest = int(lscp(cost, limit).objective)
    times = [reach[:, list(js)].sum(axis=1) for js in combinations(range(16), fewest)]
    full = [t for t in times if (t > 0).all()]
    for weight in (np.ones(len(people)), people):
        result = backup_coverage(cost, limit, weight)
        assert result.objective == max(weight[t >= 2].sum() for t in full)
        assert (result.status, len(result.sites)) == ("optimal", fewest)
    with pytest.raises(InfeasibleError, match="of 205 demand rows"):
        backup_coverage(cost, 4000.0, people)


def test_a_stopped_search_is_bounded_on_the_right_side():
    rng = np.random.default_rng(3)
    cost = np.hypot(*(rng.random((200, 2))[:, None] - rng.random((60, 2))[None]).transpose(2, 0, 1))
    whole = backup_coverage(cost, 0.3)
    short = backup_coverage(cost, 0.3, time_limit_s=0.2)
    assert whole.status == "optimal"
    if short.parameters["fewest_sites"] == whole.parameters["fewest_sites"]:
        assert short.objective <= whole.objective <= short.bound
    loose = backup_coverage(cost, 0.3, mip_gap=0.5)
    assert loose.objective <= whole.objective <= loose.bound


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_with_more_sites_equals_the_best_of_all_plans(seed):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 10)), int(rng.integers(1, 9))
    cost, weight = rng.integers(0, 10, (n, m)) * 1.0, rng.integers(0, 10, n) * 1.0
    p = int(rng.integers(1, m + 1))
    drawn, reach = draw_any_plans(rng, m), cost <= 5.0
    full = [js for js in drawn.plans if drawn.served(reach, js).all() and len(js) <= p]
    if not full:
        with pytest.raises(InfeasibleError):
            backup_coverage(cost, 5.0, weight, p, **drawn.conditions)
        return
    best = max(weight[drawn.times(reach, js) >= 2].sum() for js in full)
    result = backup_coverage(cost, 5.0, weight, p, **drawn.conditions)
    assert (result.objective, result.bound, result.status) == (best, best, "optimal")
    assert tuple(result.sites.tolist()) in full


def test_more_sites_go_into_backup(line_street):
    cost, weight = line_street
    # B and D cover all; a third site covers a second time: A or B's other neighbours. A, B, D: A and B twice, 30 + 10;
    # C instead of A: B and C, 10 + 20.
    third = backup_coverage(cost, 200.0, weight, 3)
    assert (third.objective, third.status, third.sites.tolist()) == (40.0, "optimal", [0, 1, 3])
    assert "fewest_sites" not in third.parameters
    # All four: A, B and C are reached twice or three times; nobody but D reaches D.
    assert backup_coverage(cost, 200.0, weight, 4).objective == 60.0
    with pytest.raises(InfeasibleError, match="needs 2 new sites or more, but p is 1; p = 2 would work"):
        backup_coverage(cost, 200.0, weight, 1)


def test_large_problems_have_a_plan_and_a_bound():
    rng = np.random.default_rng(5)
    sites = rng.random((250, 2))
    demand = np.clip(sites[rng.integers(0, 250, 1500)] + rng.normal(0, 0.03, (1500, 2)), 0, 1)
    cost = np.hypot(*(demand[:, None] - sites[None]).transpose(2, 0, 1))
    cost[np.arange(1500), cost.argmin(axis=1)] = 0.05
    weight = rng.integers(1, 50, 1500) * 1.0
    result = backup_coverage(cost, 0.1, weight, time_limit_s=3)
    times = (cost[:, result.sites] <= 0.1).sum(axis=1)
    assert (times > 0).all()
    assert result.objective == weight[times >= 2].sum() <= result.bound
    more = backup_coverage(cost, 0.1, weight, len(result.sites) + 5, time_limit_s=3)
    assert result.objective < more.objective <= more.bound
    assert len(more.sites) <= len(result.sites) + 5
