"""Covering models that Ctrl-C or the clock stops return the best plan so far, with a bound that holds."""

import sys

import numpy as np
import pytest

from siting.locate import budget_cover, joint_cover, joint_set_cover, mclp
from siting.locate.covering import search as cover_search
from siting.locate.partial import partial_cover


def interrupted(*_, **__):
    raise KeyboardInterrupt


@pytest.fixture
def city():
    rng = np.random.default_rng(8)
    demand, sites = rng.random((400, 2)), rng.random((120, 2))
    cost = np.hypot(*(demand[:, None] - sites[None]).transpose(2, 0, 1))
    return cost, rng.integers(1, 100, 400) * 1.0


def test_mclp(city, monkeypatch):
    cost, weight = city
    best = mclp(cost, weight, 0.1, 12)
    assert best.status == "optimal"
    assert not best.parameters["interrupted"]
    monkeypatch.setattr(cover_search.Relaxation, "run", interrupted)
    result = mclp(cost, weight, 0.1, 12)
    assert result.parameters["interrupted"]
    assert (result.status, len(result.sites)) == ("feasible", 12)
    assert result.objective <= best.objective <= result.bound
    monkeypatch.setattr(cover_search, "Climb", interrupted)
    with pytest.raises(KeyboardInterrupt):
        mclp(cost, weight, 0.1, 12)


def test_mclp_in_the_middle_of_the_solver(city, monkeypatch):
    cost, weight = city
    monkeypatch.setattr(cover_search, "minimise", interrupted)
    result = mclp(cost, weight, 0.1, 12)
    monkeypatch.undo()
    best = mclp(cost, weight, 0.1, 12)
    assert result.objective <= best.objective <= result.bound


def test_budget(city, monkeypatch):
    cost, weight = city
    price = np.arange(1.0, 121.0)
    best = budget_cover(cost, weight, 0.1, price, 200.0)
    monkeypatch.setattr(sys.modules[budget_cover.__module__], "budget_bound", interrupted)
    result = budget_cover(cost, weight, 0.1, price, 200.0)
    assert result.parameters["interrupted"]
    assert result.parameters["spent"] <= 200.0
    assert result.objective <= best.objective <= result.bound


def test_partial(city, monkeypatch):
    cost, weight = city
    best = partial_cover(cost, weight, 0.1, 0.5)
    monkeypatch.setattr(cover_search.Relaxation, "run", interrupted)
    result = partial_cover(cost, weight, 0.1, 0.5)
    assert result.parameters["interrupted"]
    assert result.parameters["weight_served"] >= 0.5 * weight.sum()
    assert result.bound <= best.objective <= result.objective


def test_a_search_without_time_still_bounds(city):
    cost, weight = city
    best = mclp(cost, weight, 0.1, 12)
    short = mclp(cost, weight, 0.1, 12, time_limit_s=0.001)
    assert short.objective <= best.objective <= short.bound


def test_joint_siting(city, monkeypatch):
    from siting.locate.joint import solve

    cost, weight = city
    weights, area = {"clinic": weight, "school": weight[::-1].copy()}, {"clinic": 2.0, "school": 3.0}
    room = np.where(np.arange(120) % 3 == 0, 5.0, 3.0)
    best = joint_cover(cost, weights, 0.1, 8, area=area, floor=room)
    fewest = joint_set_cover(cost, weights, 0.2, area=area, floor=room)
    monkeypatch.setattr(solve, "joint_bound", interrupted)
    result = joint_cover(cost, weights, 0.1, 8, area=area, floor=room)
    assert result.parameters["interrupted"]
    assert result.objective <= best.objective <= result.bound
    monkeypatch.undo()
    monkeypatch.setattr(solve, "fewest_bound", interrupted)
    result = joint_set_cover(cost, weights, 0.2, area=area, floor=room)
    assert result.parameters["interrupted"]
    assert result.bound <= fewest.objective <= result.objective
