"""Maximal covering under a budget, against hand-computed streets and exhaustive search."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from locate_costs import labelled

from siting.errors import InfeasibleError, InputError
from siting.locate import budget_cover, mclp
from siting.locate.conditions import read_conditions
from siting.locate.costs import read_costs
from siting.locate.covering.budget_bounds import budget_bound
from siting.locate.covering.reduce import reduce_cover


@pytest.mark.parametrize(
    ("budget", "served", "sites"),
    [
        # A ----200---- B --150-- C --------400-------- D      limit 150 m; prices A 1, B 2, C 1, D 3
        # 30            10        20                    40     A serves 30, B or C serves 30, D serves 40
        (1.0, 30.0, [0]),  # A and C win the same; the first
        (2.0, 60.0, [0, 2]),  # A and C, not B, which costs twice as much for the same
        (3.0, 60.0, [0, 2]),  # D alone would be 40
        (4.0, 70.0, [2, 3]),  # C + D = 70, A + D as well, A + C = 60
        (5.0, 100.0, [0, 2, 3]),
        (0.5, 0.0, []),
    ],
)
def test_line_street(line_street, budget, served, sites):
    cost, weight = line_street
    for given_cost in (cost, labelled(cost)):
        result = budget_cover(given_cost, weight, 150.0, [1.0, 2.0, 1.0, 3.0], budget)
        assert (result.objective, result.bound, result.status) == (served, served, "optimal")
        assert result.sites.tolist() == sites
        assert result.parameters["spent"] == sum([1.0, 2.0, 1.0, 3.0][k] for k in sites)
        assert result.gain.sum() == served


def test_decimals_count_as_they_are_written():
    # In floating point 0.1 + 0.2 > 0.3, on paper it is not.
    cost = np.where(np.eye(2) > 0, 0.0, np.inf)
    result = budget_cover(cost, [5, 7], 100.0, [0.1, 0.2], 0.3)
    assert (result.objective, result.parameters["spent"], result.parameters["site_cost_exact"]) == (12.0, 0.3, True)
    assert budget_cover(cost, [5, 7], 100.0, [0.1, 0.2], 0.2999).objective == 7.0


def test_a_candidate_gives_way_only_to_one_that_costs_no_more():
    # C0 serves both rows for 10, C1 one of them for 1: C1 stays a choice for who has 1.
    cost = np.array([[0.0, 0.0], [0.0, np.inf]])
    assert budget_cover(cost, [5, 7], 1.0, [10, 1], 1).sites.tolist() == [1]
    assert budget_cover(cost, [5, 7], 1.0, [10, 1], 10).sites.tolist() == [0]
    # Equal service: the cheaper, wherever it stands in the layer.
    same = np.zeros((1, 3))
    assert budget_cover(same, [5], 1.0, [3, 1, 2], 3).sites.tolist() == [1]


def test_the_dear_site_that_greedy_by_price_misses():
    # C0 wins 2 for 1 (2 a unit), C1 wins 10 for 10 (1 a unit); with 10 only one can be had, and it is C1.
    cost = np.where(np.eye(2) > 0, 0.0, np.inf)
    result = budget_cover(cost, [2, 10], 1.0, [1, 10], 10)
    assert (result.objective, result.sites.tolist()) == (10.0, [1])


def test_existing_is_free_required_is_paid_excluded_stays_closed(line_street):
    cost, weight = line_street
    prices = [1, 1, 1, 3]
    existing = budget_cover(cost, weight, 150.0, prices, 1, existing=[3])
    assert (existing.objective, existing.sites.tolist(), existing.parameters["spent"]) == (70.0, [0], 1.0)
    required = budget_cover(cost, weight, 150.0, prices, 3, required=[2])
    assert (required.objective, required.sites.tolist(), required.parameters["spent"]) == (60.0, [0, 2], 2.0)
    assert budget_cover(cost, weight, 150.0, prices, 3, excluded=[0, 1, 2]).sites.tolist() == [3]
    apart = budget_cover(cost, weight, 150.0, prices, 9, too_close=[(0, 3), (1, 3)])
    assert (apart.objective, apart.sites.tolist()) == (70.0, [2, 3])
    spaced = budget_cover(cost, weight, 0.0, prices, 9, min_spacing_m=200.0, xy=[[0, 0], [200, 0], [350, 0], [750, 0]])
    assert spaced.objective == 90.0
    rows = budget_cover(cost, weight, 150.0, prices, 1, served=np.array([False, False, False, True]))
    assert (rows.objective, rows.sites.tolist()) == (70.0, [0])


def test_required_sites_over_the_budget_say_what_would_work(line_street):
    cost, weight = line_street
    with pytest.raises(InfeasibleError, match=r"cost 4 together, the budget is 3; a budget of 4 would work.*C3 \(3\)"):
        budget_cover(labelled(cost), weight, 150.0, [1, 1, 1, 3], 3, required=["C0", "C3"])


def test_prices_follow_labels(line_street):
    cost, weight = line_street
    prices = pd.Series({"C3": 3.0, "C2": 1.0, "C1": 2.0, "C0": 1.0})
    assert budget_cover(labelled(cost), weight, 150.0, prices, 2).site_ids == ("C0", "C2")
    with pytest.raises(InputError, match="1 of 4 candidates have none"):
        budget_cover(labelled(cost), weight, 150.0, prices.drop("C3"), 2)


@pytest.mark.parametrize(
    ("prices", "budget", "word"),
    [
        ([1, 1, 1], 1, "one price for each"),
        ([1, 1, 1, -1], 1, "negative"),
        ([1, 1, 1, float("nan")], 1, "NaN"),
        (["a", 1, 1, 1], 1, "numbers"),
        ([1, 1, 1, 1], 0, "above 0"),
        ([1, 1, 1, 1], float("inf"), "above 0"),
        ([1, 1, 1, 1], True, "above 0"),
    ],
)
def test_bad_prices_are_refused(line_street, prices, budget, word):
    cost, weight = line_street
    with pytest.raises(InputError, match=word):
        budget_cover(cost, weight, 200.0, prices, budget)


def test_prices_too_fine_for_whole_numbers_are_rounded_and_say_so(line_street):
    cost, weight = line_street
    result = budget_cover(cost, weight, 150.0, [1e9 / 3, 1.0, 2e9 / 3, 5.0], 1e9)
    assert result.parameters["site_cost_exact"] is False
    assert result.status == "optimal"


def best_by_trying(reach, weight, prices, budget, required, excluded, pairs):
    """Greatest weight of any affordable set, in exact fractions."""
    n = reach.shape[1]
    best = None
    for size in range(n + 1):
        for sites in combinations(range(n), size):
            chosen = set(sites)
            if not set(required) <= chosen or chosen & set(excluded):
                continue
            if any(a in chosen and b in chosen for a, b in pairs):
                continue
            if sum((Fraction(str(prices[k])) for k in sites), Fraction(0)) > Fraction(str(budget)):
                continue
            value = int(weight[reach[:, list(sites)].any(axis=1)].sum())
            best = value if best is None else max(best, value)
    return best


@st.composite
def cases(draw):
    n, m = draw(st.integers(1, 9)), draw(st.integers(1, 8))
    reach = np.array(draw(st.lists(st.lists(st.booleans(), min_size=m, max_size=m), min_size=n, max_size=n)))
    weight = np.array(draw(st.lists(st.integers(0, 30), min_size=n, max_size=n)))
    decimal = draw(st.sampled_from([1, 10, 1000]))
    prices = [k / decimal for k in draw(st.lists(st.integers(0, 40), min_size=m, max_size=m))]
    budget = draw(st.integers(1, 120)) / decimal
    kinds = draw(st.lists(st.sampled_from("....re"), min_size=m, max_size=m))
    required = [k for k in range(m) if kinds[k] == "r"]
    excluded = [k for k in range(m) if kinds[k] == "e"]
    number = st.integers(0, m - 1)
    pairs = [p for p in draw(st.lists(st.tuples(number, number), max_size=4)) if p[0] != p[1]]
    return reach, weight, prices, budget, required, excluded, pairs


@settings(max_examples=300, deadline=None)
@given(cases())
def test_equals_exhaustive_search(case):
    reach, weight, prices, budget, required, excluded, pairs = case
    best = best_by_trying(reach, weight, prices, budget, required, excluded, pairs)
    cost = np.where(reach, 1.0, np.inf)
    more = {"required": required, "excluded": excluded, "too_close": pairs}
    if best is None:
        with pytest.raises(InfeasibleError):
            budget_cover(cost, weight, 1.0, prices, budget, **more)
        return
    result = budget_cover(cost, weight, 1.0, prices, budget, **more)
    assert (result.objective, result.bound, result.status) == (best, best, "optimal")
    spent = sum((Fraction(str(prices[k])) for k in result.sites.tolist()), Fraction(0))
    assert spent <= Fraction(str(budget))
    assert set(required) <= set(result.sites.tolist())
    assert not set(excluded) & set(result.sites.tolist())
    assert not any(a in result.sites and b in result.sites for a, b in pairs)


@settings(max_examples=100, deadline=None)
@given(cases(), st.integers(0, 40))
def test_the_bound_is_never_below_the_best_and_decides_rightly(case, steps):
    reach, weight, prices, budget, _, _, _ = case
    whole = np.array([round(k * 1000) for k in prices])
    most = round(budget * 1000)
    costs = read_costs(np.where(reach, 1.0, np.inf))
    every = np.ones(len(weight), dtype=bool)
    conditions = read_conditions(costs, excluded=np.flatnonzero(whole > most).tolist())
    instance = reduce_cover(costs, 1.0, weight, conditions, every, must_serve_all=False, price=whole)
    if not instance.n_columns:
        return
    price = whole[instance.candidates]
    dense = instance.reach.toarray() > 0
    best = best_by_trying(dense, instance.weight, price.tolist(), most, [], [], [])
    none = np.empty(0, dtype=np.intp)
    found = budget_bound(instance, price, most, 0, none, iterations=steps, deadline=np.inf)
    assert found.bound >= best
    # Whatever is better than what is known obeys what the bound decided.
    known = best - 1
    always, never = found.decided(known)
    for size in range(len(price) + 1):
        for sites in combinations(range(len(price)), size):
            mask = np.isin(np.arange(len(price)), sites)
            if price[mask].sum() <= most and instance.weight[dense[:, mask].any(axis=1)].sum() > known:
                assert (mask | ~always).all()
                assert not (mask & never).any()


def test_one_price_for_all_is_maximal_covering():
    rng = np.random.default_rng(3)
    xy, at = rng.random((300, 2)) * 1000, rng.random((60, 2)) * 1000
    cost = np.hypot(*(xy[:, None] - at[None]).transpose(2, 0, 1))
    weight = rng.integers(1, 100, 300)
    by_count = mclp(cost, weight, 150.0, 8)
    by_money = budget_cover(cost, weight, 150.0, np.full(60, 2.5), 20.0)
    assert by_count.status == by_money.status == "optimal"
    assert by_count.objective == by_money.objective


def test_a_middling_case_is_proved_and_does_not_depend_on_the_order_of_rows():
    rng = np.random.default_rng(5)
    xy, at = rng.random((400, 2)) * 1000, rng.random((80, 2)) * 1000
    cost = np.hypot(*(xy[:, None] - at[None]).transpose(2, 0, 1))
    weight, price = rng.integers(1, 100, 400), rng.integers(1000, 90_000, 80) / 1e5
    result = budget_cover(cost, weight, 120.0, price, 2.14, time_limit_s=30.0)
    assert result.status == "optimal"
    assert result.parameters["spent"] <= 2.14
    order = rng.permutation(400)
    again = budget_cover(cost[order], weight[order], 120.0, price, 2.14, time_limit_s=30.0)
    assert again.sites.tolist() == result.sites.tolist()
    stopped = budget_cover(cost, weight, 120.0, price, 2.14, time_limit_s=1e-3)
    assert stopped.objective <= result.objective <= stopped.bound
