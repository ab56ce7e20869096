"""What holds for every location model: its conditions, its proof, its limits, and the same answer each time."""

from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from every_model import LIMIT, MODELS, Model, Problem, draw_problem, framed, named
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from siting.errors import InfeasibleError, InputError, SolverError
from siting.locate import solver

# Which of several plans of the same value they return depends on the order of the rows.
FLOWS = ("capacitated", "capacitated_cover", "transfer", "transfer_streams")
every_model = pytest.mark.parametrize("model", MODELS, ids=str)


def plain(n: int, m: int, p: int, seed: int = 0) -> Problem:
    """Return a problem on a plane, large enough that a search has something to do, with a way from all to all."""
    rng = np.random.default_rng(seed)
    sites = rng.random((m, 2)) * 20
    weight = rng.integers(1, 100, n) * 1.0
    # No farther than 3 either way from some site, so that all can be served.
    demand = np.clip(sites[rng.integers(0, m, n)] + rng.uniform(-3, 3, (n, 2)), 0, 20)
    return Problem(
        cost=np.hypot(*(demand[:, None] - sites[None]).transpose(2, 0, 1)),
        weight=weight,
        distance=np.hypot(*(sites[:, None] - sites[None]).transpose(2, 0, 1)),
        price=rng.integers(20, 60, m) * 1.0,
        room=np.full(m, np.ceil(2 * weight.sum() / p)),
        haul=rng.random((m, 2)),
        p=p,
        budget=40.0 * p,
    )


def bounded(model: Model, result: Any) -> bool:
    """Whether the bound is on its side, and proved means equal."""
    side = result.bound >= result.objective if model.most else result.bound <= result.objective
    return side and (result.status == "optimal") == (result.bound == result.objective)


def answer(model: Model, problem: Problem, **options: Any) -> Any:
    """Solve; None where the model takes no such problem or has no answer."""
    try:
        return model.solve(problem, **options)
    except InputError:
        # There are no two sites to keep apart.
        assert model.name == "p_dispersion"
        assert problem.p == 1
        return None
    except InfeasibleError:
        return None


@every_model
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_equals_the_best_of_all_plans_under_every_condition(model, seed):
    problem = draw_problem(np.random.default_rng(seed))
    best, result = model.best(problem), answer(model, problem)
    assert (result is None) == (best is None)
    if result is not None:
        assert result.objective == pytest.approx(best, rel=1e-9, abs=1e-9)
        assert (result.status, result.bound, result.gap) == ("optimal", result.objective, 0.0)
        assert tuple(result.sites.tolist()) in model.values(problem)


@every_model
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=12, deadline=None)
def test_labels_and_shuffled_layers_change_nothing(model, seed):
    rng = np.random.default_rng(seed)
    problem = draw_problem(rng)
    n, m = problem.cost.shape
    first = answer(model, problem)
    labels = answer(model, named(problem))
    rows, columns = rng.permutation(n).tolist(), rng.permutation(m).tolist()
    shuffled, table = answer(model, named(problem, rows, columns)), answer(model, framed(problem, rows, columns))
    assert (first is None) == (labels is None) == (shuffled is None) == (table is None)
    if first is None:
        return
    again = answer(model, problem)
    assert (again.sites.tolist(), again.order.tolist()) == (first.sites.tolist(), first.order.tolist())
    assert again.assignment.tolist() == first.assignment.tolist()
    names = tuple(f"C{j}" for j in first.sites)
    if model.name not in FLOWS:
        assert labels.site_ids == names
        assert sorted(shuffled.site_ids) == sorted(table.site_ids) == sorted(names)
    assert labels.objective == pytest.approx(first.objective, rel=1e-12, abs=1e-12)
    assert shuffled.objective == pytest.approx(first.objective, rel=1e-12, abs=1e-12)
    assert labels.parameters["existing"] == tuple(f"C{j}" for j in problem.existing)


@every_model
def test_what_the_result_says(model):
    problem = plain(60, 12, 4)
    result = model.solve(problem, seed=3, time_limit_s=40)
    layer = gpd.GeoDataFrame({"name": range(12)}, geometry=[Point(j, 0) for j in range(12)], crs="EPSG:32650")
    chosen = result.to_geodataframe(layer)
    assert sorted(chosen["name"]) == result.sites.tolist() == sorted(result.site_ids)
    assert chosen["order"].tolist() == list(range(1, len(result.sites) + 1))
    if len(result.order):
        assert chosen["name"].tolist() == result.order.tolist()
    assert model.name in repr(result)
    assert result.status in repr(result)
    assert model.name.split("_")[0] in result._repr_html_() or "<" in result._repr_html_()
    assert result.gap == abs(result.bound - result.objective) / max(1.0, abs(result.objective))
    stated = result.parameters
    assert (stated["seed"], stated["time_limit_s"], stated["candidates"]) == (3, 40.0, 12)
    assert stated["solver"].startswith("HiGHS")
    open_sites = {-1, *result.sites.tolist()}
    assert set(result.assignment.tolist()) <= open_sites


@every_model
def test_a_search_that_is_cut_short_has_a_plan_and_a_bound(model):
    problem = plain(150, 30, 5)
    whole = model.solve(problem, time_limit_s=20)
    assert bounded(model, whole)
    for options in ({"time_limit_s": 0.001}, {"mip_gap": 0.2}):
        if model.name == "partial_cover" and "mip_gap" in options:
            continue
        try:
            short = model.solve(problem, **options)
        except SolverError:
            continue
        assert bounded(model, short)
        if model.name == "backup_coverage" and len(short.sites) != len(whole.sites):
            assert len(short.sites) > len(whole.sites)
            continue
        edge = 1e-9 * max(1.0, abs(whole.objective))
        if model.most:
            assert short.objective <= whole.bound + edge
            assert short.bound >= whole.objective - edge
        else:
            assert short.objective >= whole.bound - edge
            assert short.bound <= whole.objective + edge


@every_model
def test_progress_tells_values_and_bounds_that_hold(model):
    if model.name == "partial_cover":
        pytest.skip("asks mclp again and again, and tells nothing")
    told = []
    result = model.solve(plain(150, 30, 5), time_limit_s=20, progress=told.append)
    sign = 1.0 if model.most else -1.0
    edge = 1e-6 * max(1.0, abs(result.objective))
    for now in told:
        assert sign * now.value <= sign * result.objective + edge
        assert sign * now.bound >= sign * result.objective - edge
        assert now.gap == pytest.approx(abs(now.bound - now.value) / max(1.0, abs(now.value)))
        assert now.seconds <= result.seconds
    for one, two in pairwise(told):
        assert one.seconds <= two.seconds
        assert sign * one.value <= sign * two.value + edge
        assert sign * one.bound >= sign * two.bound - edge


@every_model
def test_ctrl_c_after_the_first_plan_returns_one(model):
    if model.name == "partial_cover":
        pytest.skip("tells nothing")

    def stop(_):
        raise KeyboardInterrupt

    problem = plain(120, 25, 4, seed=5)
    try:
        stopped = model.solve(problem, time_limit_s=20, progress=stop)
    except KeyboardInterrupt:
        pytest.fail("the plan that was known is lost")
    assert bounded(model, stopped)
    assert stopped.parameters["interrupted"] is True


@every_model
@pytest.mark.parametrize("calls", [1, 2])
def test_ctrl_c_returns_the_best_plan_so_far(model, calls, monkeypatch):
    """The first time the solver is asked, or the second, Ctrl-C comes."""
    problem = plain(120, 25, 4, seed=5)
    whole = model.solve(problem, time_limit_s=20)
    asked, real = [], solver._watch

    def stop(*args):
        asked.append(1)
        if len(asked) == calls:
            raise KeyboardInterrupt
        real(*args)

    monkeypatch.setattr(solver, "_watch", stop)
    try:
        stopped = model.solve(problem, time_limit_s=20)
    except KeyboardInterrupt:
        if model.name == "transfer_streams" or (model.name in ("transfer", "capacitated_cover") and calls == 1):
            return  # it came before there was any plan
        pytest.fail("the plan that was known is lost")
    if len(asked) < calls:
        return
    assert bounded(model, stopped)
    if len(stopped.sites) == len(whole.sites):
        sign = 1.0 if model.most else -1.0
        assert sign * stopped.objective <= sign * whole.bound + 1e-9
    assert stopped.parameters["interrupted"] is True


@every_model
def test_contrary_conditions_say_what_would_work(model):
    problem = plain(30, 8, 2)
    zones = ["a", "b", "c", "d"] * 2
    cases: list[tuple[dict[str, Any], str]] = [
        ({"required": [0, 1], "too_close": [(0, 1)]}, "too close"),
        ({"zones": zones, "at_least": {"a": 3}}, "lower its quota to 2"),
        ({"zones": zones, "at_least": {"e": 1}}, "zone e holds no candidate"),
        ({"zones": zones, "required": [0, 4], "at_most": {"a": 1}}, "raise its quota to 2"),
    ]
    if model.count != "any":
        cases.append(({"zones": zones, "at_least": 1}, "p = 4 would work"))
        cases.append(({"required": [0, 1, 2]}, "p = 3 would work"))
    for conditions, words in cases:
        with pytest.raises(InfeasibleError, match=words):
            model.solve(Problem(**{**vars(problem), "conditions": conditions}))


@every_model
def test_spacing_in_metres_is_spacing_in_pairs(model):
    problem = plain(30, 8, 3, seed=2)
    xy = np.array([[0, 0], [3, 4], [20, 0], [23, 4.1], [40, 0], [60, 0], [80, 0], [100, 0]])
    # 0 and 1 are exactly 5 apart, which is allowed; 2 and 3 a little more, 4.9 would be too close.
    for spacing, pairs in ((5.0, []), (5.05, [(0, 1)]), (5.1, [(0, 1), (2, 3)])):
        by_metres = Problem(**{**vars(problem), "conditions": {"min_spacing_m": spacing, "xy": xy}})
        by_pairs = Problem(**{**vars(problem), "conditions": {"too_close": pairs}})
        one, two = answer(model, by_metres), answer(model, by_pairs)
        assert (one is None) == (two is None)
        if one is not None:
            assert one.sites.tolist() == two.sites.tolist()


def test_the_limit_itself_is_served():
    assert LIMIT == 5.0
    cost = np.array([[LIMIT, np.nextafter(LIMIT, 9)], [np.nextafter(LIMIT, 9), LIMIT]])
    problem = Problem(
        cost=cost, weight=np.ones(2), distance=cost, price=np.ones(2), room=np.ones(2), haul=np.ones((2, 2)), p=1,
        budget=1.0,
    )  # fmt: skip
    for model in MODELS:
        if model.name in ("mclp", "budget_cover"):
            assert model.solve(problem).objective == 1.0
        if model.name == "lscp":
            assert model.solve(problem).objective == 2.0
