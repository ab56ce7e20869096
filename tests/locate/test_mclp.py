"""Maximal covering against hand-computed streets and exhaustive search."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from locate_costs import labelled

from siting.errors import InfeasibleError, InputError
from siting.locate import mclp


@pytest.mark.parametrize(
    ("limit", "p", "served"),
    [
        (200.0, 1, 60.0),  # B reaches A (exactly 200), B, C: 30 + 10 + 20
        (199.9, 1, 40.0),  # A drops out: D (40) beats B + C (30) and A (30)
        (150.0, 2, 70.0),  # D + A = 40 + 30, or D + B = 40 + (10 + 20)
        (150.0, 3, 100.0),  # A, B or C, and D
    ],
)
def test_line_street(line_street, limit, p, served):
    cost, weight = line_street
    for given_cost in (cost, labelled(cost)):
        result = mclp(given_cost, weight, limit, p)
        assert (result.objective, result.bound, result.status, result.gap) == (served, served, "optimal", 0.0)
        assert result.gain.sum() == served


def test_millimetres_decide_the_limit():
    #  D0 --- 300.001 m --- C0      one millimetre too far, and it is not served
    assert mclp(labelled([[300.001]]), [5], 300.0, 1).objective == 0.0
    assert mclp(labelled([[300.0]]), [5], 300.0, 1).objective == 5.0


def test_answer_in_labels_and_order_of_gain(line_street):
    cost, weight = line_street
    result = mclp(labelled(cost, columns=["甲", "乙", "丙", "丁"]), weight, 150.0, 3)
    assert result.site_ids == ("甲", "丙", "丁")  # 乙 and 丙 do the same: the first in code order (丙, U+4E19) wins
    assert [result.site_ids[list(result.sites).index(k)] for k in result.order] == ["丁", "丙", "甲"]
    assert result.gain.tolist() == [40.0, 30.0, 30.0]  # 甲 alone: 30; 丙 with 乙: 20 + 10
    assert result.assignment.tolist() == [0, 2, 2, 3]


def test_existing_is_free_required_counts_excluded_stays_closed(line_street):
    cost, weight = line_street
    existing = mclp(cost, weight, 150.0, 1, existing=[3])  # D is open: A (30) and B or C (30) are equal, A is first
    assert (existing.objective, existing.sites.tolist()) == (70.0, [0])
    assert existing.assignment.tolist() == [0, -1, -1, 3]
    assert existing.parameters["served_before"] == 40.0
    required = mclp(cost, weight, 150.0, 1, required=[2])
    assert (required.objective, required.sites.tolist()) == (30.0, [2])
    excluded = mclp(cost, weight, 150.0, 1, excluded=[3])
    assert excluded.objective == 30.0
    apart = mclp(cost, weight, 150.0, 3, too_close=[(0, 3), (1, 3)])  # D with A or B is not allowed: C goes with both
    assert (apart.objective, apart.sites.tolist()) == (70.0, [2, 3])
    spaced = mclp(cost, weight, 0.0, 4, min_spacing_m=200.0, xy=[[0, 0], [200, 0], [350, 0], [750, 0]])
    assert spaced.objective == 90.0  # B and C are 150 m apart; A and B exactly 200 m, which is allowed: A, C, D


def test_a_site_that_adds_nothing_is_not_opened(line_street):
    cost, weight = line_street
    assert mclp(cost, weight, 750.0, 4).sites.tolist() == [0]  # one site reaches all
    assert mclp(cost, weight, 750.0, 4, required=[2]).sites.tolist() == [2]
    assert mclp(cost, np.zeros(4), 200.0, 2).sites.tolist() == []


def test_rows_served_by_others_count_but_do_not_steer(line_street):
    cost, weight = line_street
    result = mclp(cost, weight, 150.0, 1, served=np.array([False, False, False, True]))
    assert (result.objective, result.sites.tolist(), result.gain.tolist()) == (70.0, [0], [30.0])


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"p": 0}, "p is 0"),
        ({"p": -1}, "p is -1"),
        ({"p": 2.5}, "p is 2.5"),
        ({"p": 5}, "4 candidates"),
        ({"p": float("nan")}, "whole number"),
        ({"p": float("inf")}, "whole number"),
        ({"p": True}, "whole number"),
        ({"limit": -1.0}, "limit"),
        ({"limit": float("nan")}, "limit"),
        ({"weight": [1, 2, 3]}, "one weight"),
        ({"weight": [1, 2, 3, -4]}, "negative"),
        ({"weight": [1, 2, 3, float("nan")]}, "NaN"),
        ({"weight": ["a", "b", "c", "d"]}, "numbers"),
        ({"cost": np.zeros((0, 4))}, "no demand"),
        ({"cost": np.zeros((4, 0))}, "no candidate"),
        ({"cost": np.zeros(4)}, "two dimensions"),
        ({"cost": np.full((4, 4), np.nan)}, "inf where there is no path"),
        ({"cost": np.full((4, 4), -1.0)}, "negative"),
        ({"existing": [4]}, "do not exist"),
        ({"existing": [-1]}, "do not exist"),
        ({"required": ["C1"]}, "position"),
        ({"required": "C1"}, "expected a list"),
        ({"required": [1], "excluded": [1, 2]}, "both required and excluded"),
        ({"existing": [1], "excluded": [1]}, "both existing and excluded"),
        ({"too_close": [(1, 1)]}, "itself"),
        ({"too_close": [1]}, "pairs"),
        ({"min_spacing_m": 10.0}, "needs xy"),
        ({"min_spacing_m": -1.0, "xy": np.zeros((4, 2))}, "min_spacing_m"),
        ({"served": [1, 0, 0, 0]}, "True or False"),
        ({"time_limit_s": 0}, "time_limit_s"),
        ({"mip_gap": -0.1}, "mip_gap"),
        ({"seed": 1.5}, "seed"),
    ],
)
def test_bad_input_is_refused_with_its_name(line_street, change, word):
    cost, weight = line_street
    given = {"cost": cost, "weight": weight, "limit": 200.0, "p": 1} | change
    with pytest.raises(InputError, match=word):
        mclp(**given)


def test_unknown_label_comes_with_the_nearest_one(line_street):
    cost, weight = line_street
    matrix = labelled(cost, columns=["North gate", "South gate", "Market", "School"])
    with pytest.raises(InputError, match="did you mean 'South gate'"):
        mclp(matrix, weight, 200.0, 1, required=["Sauth gate"])


def test_limit_beyond_the_cutoff_would_lose_pairs(line_street):
    cost, weight = line_street
    with pytest.raises(InputError, match="cutoff"):
        mclp(labelled(cost, cutoff=150.0), weight, 200.0, 1)


def test_conditions_that_cannot_be_met_say_what_would_work(line_street):
    cost, weight = line_street
    with pytest.raises(InfeasibleError, match="p = 2 would work"):
        mclp(cost, weight, 200.0, 1, required=[0, 1])
    with pytest.raises(InfeasibleError, match="required site 1 is too close to 0"):
        mclp(cost, weight, 200.0, 2, existing=[0], required=[1], too_close=[(0, 1)])


def test_a_series_is_aligned_by_id(line_street):
    cost, weight = line_street
    series = pd.Series(weight, index=["D0", "D1", "D2", "D3"]).iloc[::-1]
    assert mclp(labelled(cost), series, 199.9, 1).site_ids == ("C3",)
    with pytest.raises(InputError, match="1 of 4 demand rows have none"):
        mclp(labelled(cost), series.iloc[1:], 199.9, 1)


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 9), m=st.integers(1, 7), whole=st.booleans())
# The bound decides every candidate and leaves no row.
@example(seed=32585885, n=4, m=3, whole=False)
@settings(max_examples=300, deadline=None)
def test_equals_best_of_all_choices_under_every_condition(seed, n, m, whole):
    rng = np.random.default_rng(seed)
    cost = rng.integers(0, 10, (n, m)) * 1.0
    cost[rng.random((n, m)) < 0.1] = np.inf
    weight = rng.integers(0, 10, n) * 1.0 if whole else rng.random(n)
    p, limit = int(rng.integers(1, m + 1)), float(rng.integers(0, 6))
    role = rng.choice(["free", "existing", "required", "excluded"], size=m, p=[0.7, 0.1, 0.1, 0.1])
    existing, required, excluded = (np.flatnonzero(role == r).tolist() for r in ("existing", "required", "excluded"))
    pairs = [pair for pair in combinations(range(m), 2) if rng.random() < 0.15]
    conditions = {"existing": existing, "required": required, "excluded": excluded, "too_close": pairs}

    def allowed(js):
        open_now = set(js) | set(existing)
        clash = any(a in open_now and b in open_now and not (a in existing and b in existing) for a, b in pairs)
        return set(required) <= set(js) and not clash and len(js) <= p

    def value(js):
        open_now = [*js, *existing]
        return weight[(cost[:, open_now] <= limit).any(axis=1)].sum() if open_now else 0.0

    may = [j for j in range(m) if role[j] in ("free", "required")]
    choices = [js for k in range(p + 1) for js in combinations(may, k) if allowed(js)]
    if not choices:
        with pytest.raises(InfeasibleError):
            mclp(cost, weight, limit, p, **conditions)
        return
    best = max(value(js) for js in choices)
    result = mclp(cost, weight, limit, p, **conditions)
    assert result.objective == pytest.approx(best, rel=1e-12)
    assert (result.status, result.bound) == ("optimal", result.objective)
    assert allowed(result.sites.tolist())
    assert value(result.sites.tolist()) == pytest.approx(result.objective, rel=1e-12)
    assert sorted(result.order.tolist()) == result.sites.tolist()
    base = result.parameters["served_before"]
    assert base + result.gain.sum() == pytest.approx(result.objective, rel=1e-12)
    served = result.assignment >= 0
    assert weight[served].sum() == pytest.approx(result.objective, rel=1e-12)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_shuffled_rows_and_candidates_give_the_same_named_sites(seed):
    rng = np.random.default_rng(seed)
    n, m = 30, 12
    cost, weight = rng.integers(0, 12, (n, m)) * 1.0, rng.integers(1, 4, n) * 1.0
    rows, columns = rng.permutation(n), rng.permutation(m)
    names, ids = np.array([f"C{j:02d}" for j in range(m)]), np.array([f"D{i:02d}" for i in range(n)])
    first = mclp(labelled(cost, ids, names), weight, 3.0, 4)
    second = mclp(labelled(cost[rows][:, columns], ids[rows], names[columns]), weight[rows], 3.0, 4)
    assert set(first.site_ids) == set(second.site_ids)
    assert first.objective == second.objective
    again = mclp(cost[rows], weight[rows], 3.0, 4)
    assert again.sites.tolist() == mclp(cost, weight, 3.0, 4).sites.tolist()


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_more_sites_or_a_larger_limit_never_serve_less_and_units_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    cost, weight = rng.random((25, 10)) * 1000, rng.random(25) * 100
    base = mclp(cost, weight, 300.0, 3)
    assert mclp(cost, weight, 300.0, 4).objective >= base.objective
    assert mclp(cost, weight, 350.0, 3).objective >= base.objective
    assert mclp(cost / 1024, weight, 300.0 / 1024, 3).sites.tolist() == base.sites.tolist()


def test_a_stopped_search_is_not_called_optimal_and_its_bound_holds():
    rng = np.random.default_rng(4)
    xy = rng.random((700, 2)) * 1000
    cost = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    weight = rng.integers(1, 100, 700) * 1.0
    reports = []
    short = mclp(cost, weight, 90.0, 20, time_limit_s=0.3, progress=reports.append)
    long = mclp(cost, weight, 90.0, 20, time_limit_s=60.0)
    assert short.objective <= long.objective <= short.bound
    assert long.objective <= long.bound
    assert short.status == "feasible" or short.objective == long.objective
    assert reports[-1].value <= reports[-1].bound
    loose = mclp(cost, weight, 90.0, 20, mip_gap=0.2)
    assert loose.gap <= 0.2
    assert loose.bound >= long.objective


def test_weights_far_apart_are_scaled_with_a_warning():
    cost = np.array([[0.0, 9.0], [9.0, 0.0]])
    with pytest.warns(UserWarning, match="finest unit"):
        result = mclp(cost, np.array([1e9 / 3, 1e-9]), 1.0, 1)
    assert result.sites.tolist() == [0]
