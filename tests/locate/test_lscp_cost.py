"""Serve everybody at least cost: by hand, and against every plan that the conditions allow."""

import numpy as np
import pandas as pd
import pytest
from any_plans import draw_any_plans
from hypothesis import given, settings
from hypothesis import strategies as st
from locate_costs import labelled

from siting.errors import InfeasibleError, InputError
from siting.locate import lscp

LIMIT = 3.0


def test_line_street(line_street):
    #   A ----200---- B --150-- C --------400-------- D     within 400 m: B serves A, B, C; C serves A, B, C, D
    cost, weight = line_street
    # C alone serves everybody for 9; A and D do it for 1 + 2.
    result = lscp(cost, 400.0, weight=weight, site_cost=[1.0, 3.0, 9.0, 2.0])
    assert (result.objective, result.bound, result.status, result.sites.tolist()) == (3.0, 3.0, "optimal", [0, 3])
    assert lscp(cost, 400.0, site_cost=[4.0, 3.0, 4.5, 2.0]).sites.tolist() == [2]
    # A required site is paid, an existing one is not.
    assert lscp(cost, 400.0, site_cost=[4.0, 3.0, 4.5, 2.0], required=[0]).objective == 6.0
    assert lscp(cost, 400.0, site_cost=[4.0, 3.0, 4.5, 2.0], existing=[2]).objective == 0.0
    # One price for all is that price for each of the fewest sites.
    assert lscp(cost, 200.0, site_cost=2.5).objective == 5.0
    assert lscp(cost, 200.0, site_cost=0).objective == 0.0


def test_decimals_count_as_they_are_written(line_street):
    cost, _ = line_street
    result = lscp(cost, 200.0, site_cost=[9.0, 0.1, 9.0, 0.2])
    assert (result.objective, result.bound) == (0.3, 0.3)
    assert result.parameters["site_cost_exact"]


def test_prices_follow_labels(line_street):
    cost, _ = line_street
    prices = pd.Series([2.0, 9.0, 1.0, 5.0], index=["C3", "C2", "C0", "C1"])
    assert lscp(labelled(cost), 400.0, site_cost=prices).site_ids == ("C0", "C3")
    with pytest.raises(InputError, match="site_cost"):
        lscp(cost, 200.0, site_cost=[1.0, 2.0])
    with pytest.raises(InputError, match="site_cost"):
        lscp(cost, 200.0, site_cost=[1.0, 2.0, -3.0, 1.0])


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_equals_the_cheapest_of_all_plans(seed):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 11)), int(rng.integers(1, 9))
    cost = rng.integers(0, 10, (n, m)) * 1.0
    drawn = draw_any_plans(rng, m)
    price = rng.integers(0, 6, m) * rng.choice([1.0, 0.1, 3.0]) if rng.random() < 0.8 else rng.random(m)
    totals = [price[list(js)].sum() for js in drawn.plans if drawn.served(cost <= LIMIT, js).all()]
    if not totals:
        with pytest.raises(InfeasibleError):
            lscp(cost, LIMIT, site_cost=price, **drawn.conditions)
        return
    result = lscp(cost, LIMIT, site_cost=price, **drawn.conditions)
    assert result.objective == pytest.approx(min(totals), abs=1e-9)
    assert (result.status, result.bound) == ("optimal", result.objective)
    assert tuple(result.sites.tolist()) in drawn.plans
    assert drawn.served(cost <= LIMIT, result.sites).all()


def scattered(seed, n, m):
    rng = np.random.default_rng(seed)
    demand, sites = rng.random((n, 2)), rng.random((m, 2))
    return np.hypot(*(demand[:, None] - sites[None]).transpose(2, 0, 1)), rng.integers(1, 30, m) * 1.0


def test_another_unit_of_money_changes_no_choice():
    cost, price = scattered(3, 200, 80)
    once, thrice = lscp(cost, 0.2, site_cost=price), lscp(cost, 0.2, site_cost=3 * price)
    assert (thrice.objective, thrice.status) == (3 * once.objective, "optimal")
    assert lscp(cost, 0.2, site_cost=np.ones(80)).objective == lscp(cost, 0.2).objective


def test_a_bound_beside_every_plan_that_a_short_search_leaves():
    cost, price = scattered(4, 400, 300)
    best = lscp(cost, 0.12, site_cost=price)
    short = lscp(cost, 0.12, site_cost=price, time_limit_s=0.01)
    assert short.bound <= best.bound == best.objective <= short.objective


def test_ctrl_c_keeps_the_cheapest_plan(monkeypatch):
    from siting.locate.covering import cheapest

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    cost, price = scattered(5, 300, 200)
    best = lscp(cost, 0.12, site_cost=price)
    monkeypatch.setattr(cheapest.CoverRelaxation, "run", interrupted)
    result = lscp(cost, 0.12, site_cost=price)
    assert result.parameters["interrupted"]
    assert result.status == "feasible"
    assert result.bound <= best.objective <= result.objective
    assert (cost[:, result.sites] <= 0.12).any(axis=1).all()
    # Before there is a plan, it ends the run.
    monkeypatch.setattr(cheapest, "greedy_plan", interrupted)
    with pytest.raises(KeyboardInterrupt):
        lscp(cost, 0.12, site_cost=price)
