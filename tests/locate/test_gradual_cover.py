"""Gradual coverage: by hand, against all plans, and where it is plain maximal covering."""

import numpy as np
import pytest
from any_plans import draw_any_plans
from hypothesis import given, settings
from hypothesis import strategies as st
from locate_costs import labelled

from siting.errors import InfeasibleError, InputError
from siting.locate import gradual_cover, mclp


def test_line_street(line_street):
    cost, weight = line_street
    # From B: A at 200 is covered by 1 - 100/200 = 0.5 (15), B (10), C at 150 by 0.75 (15): 40; D alone is 40 as well,
    # A alone 30 + 10 * 0.5 = 35, C alone 20 + 10 * 0.75 = 27.5. B and D cover 80 of 100.
    for given_cost in (cost, labelled(cost)):
        two = gradual_cover(given_cost, weight, 100.0, 300.0, 2)
        assert two.objective == pytest.approx(80.0, rel=1e-12)
        assert (two.bound, two.status, two.sites.tolist()) == (two.objective, "optimal", [1, 3])
        assert two.gain.sum() == pytest.approx(80.0)
        assert two.assignment.tolist() == [1, 1, 1, 3]
    step = gradual_cover(cost, weight, 100.0, 300.0, 1, decay="step", excluded=[3])
    # A: 30 + 10 / 2 = 35; B: 30 / 2 + 10 + 20 / 2 = 35; C: 20 + 10 / 2 = 25.
    assert (step.objective, step.status) == (35.0, "optimal")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"zero_limit": 50.0}, "full_limit is 100"),
        ({"zero_limit": np.inf}, "finite"),
        ({"decay": "exponential"}, "expected one of 'linear'"),
        ({"full_limit": -1.0}, "limit is -1"),
    ],
)
def test_what_makes_no_sense_is_refused(line_street, change, word):
    cost, weight = line_street
    given = {"cost": cost, "weight": weight, "full_limit": 100.0, "zero_limit": 300.0, "p": 1} | change
    with pytest.raises(InputError, match=word):
        gradual_cover(**given)


@given(seed=st.integers(0, 2**32 - 1), decay=st.sampled_from(["linear", "cosine", "step"]))
@settings(max_examples=200, deadline=None)
def test_equals_the_best_of_all_plans(seed, decay):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 10)), int(rng.integers(1, 8))
    cost = rng.integers(0, 10, (n, m)) * 1.0
    weight = rng.integers(0, 10, n) * 1.0 if rng.random() < 0.7 else rng.random(n)
    full, zero, p = float(rng.integers(0, 4)), float(rng.integers(4, 9)), int(rng.integers(1, m + 1))
    drawn = draw_any_plans(rng, m)
    way = np.clip((cost - full) / (zero - full), 0, 1)
    shape = {"linear": 1 - way, "cosine": (1 + np.cos(np.pi * way)) / 2, "step": np.where(way < 1, 0.5, 0.0)}
    cover = np.where(cost <= full, 1.0, shape[decay])

    def value(js):
        return float((weight * np.max(cover[:, [*js, *drawn.conditions["existing"]]], axis=1, initial=0.0)).sum())

    plans = [js for js in drawn.plans if len(js) <= p]
    if not plans:
        with pytest.raises(InfeasibleError):
            gradual_cover(cost, weight, full, zero, p, decay=decay, **drawn.conditions)
        return
    result = gradual_cover(cost, weight, full, zero, p, decay=decay, **drawn.conditions)
    assert result.objective == pytest.approx(max(value(js) for js in plans), rel=1e-9, abs=1e-9)
    assert (result.status, result.bound) == ("optimal", result.objective)
    assert tuple(result.sites.tolist()) in plans
    assert value(result.sites.tolist()) == pytest.approx(result.objective, rel=1e-12, abs=1e-12)


def test_without_a_fade_it_is_maximal_covering_and_a_stopped_search_is_bounded(shared_benchmarks):
    table = np.loadtxt(shared_benchmarks / "sf_stores" / "data" / "sf_matrix.csv", delimiter=",", skiprows=1)
    people, cost = table[:, 1], table[:, 2:]
    known = mclp(cost, people, 5000.0, 4).objective
    assert gradual_cover(cost, people, 5000.0, 5000.0, 4).objective == known == 875_247.0
    fading = gradual_cover(cost, people, 5000.0, 7000.0, 4)
    assert known < fading.objective < mclp(cost, people, 7000.0, 4).objective
    loose = gradual_cover(cost, people, 5000.0, 7000.0, 4, mip_gap=0.3)
    assert loose.objective <= fading.objective <= loose.bound
