"""The weighted overlay on grids small enough for paper."""

import numpy as np
import pytest
from ground import factor, grid
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from siting.errors import InputError
from siting.ledger import Text
from siting.suitability import Classes, Exclusion, Linear, Steps, Threshold, overlay

#   slope in degrees          metres to the bus           out: X
#    0  5 10 15                  0 100 200 300            .  .  .  .
#    0  5 10 15                100 200 300 400            .  X  .  .
#    0  5 10 20                200 300 400 inf            .  .  .  .
#    5 10 15  ?                300 400 500 600            .  .  .  X
SLOPE = [[0, 5, 10, 15], [0, 5, 10, 15], [0, 5, 10, 20], [5, 10, 15, np.nan]]
BUS = [[0, 100, 200, 300], [100, 200, 300, 400], [200, 300, 400, np.inf], [300, 400, 500, 600]]
OUT = np.array([[0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]], dtype=bool)


def drawn():
    on = grid()
    out = Exclusion(name="pond", title=Text("池塘", "pond"), mask=OUT)
    factors = [factor("slope", SLOPE, Linear(15, 5), on), factor("bus", BUS, Linear(400, 0), on)]
    return overlay(factors, {"slope": 3, "bus": 1}, exclusions=[out])


def test_a_drawn_grid_has_the_scores_computed_on_paper():
    # slope: 15 -> 0, 10 -> 1/2, 5 and less -> 1; bus: 400 and more -> 0, 0 -> 1; weights 3/4 and 1/4
    nan = np.nan
    expected = [
        [1.0, 0.9375, 0.5, 0.0625],
        [0.9375, nan, 0.4375, 0.0],
        [0.875, 0.8125, 0.375, 0.0],
        [0.8125, 0.375, 0.0, nan],
    ]
    made = drawn()
    np.testing.assert_allclose(made.score, expected, atol=1e-15)
    assert made.weights == {"slope": 0.75, "bus": 0.25}
    assert made.contributions["slope"][0, 2] == 0.375
    assert made.contributions["bus"][0, 2] == 0.125


def test_every_cell_without_a_score_has_its_reason_and_they_add_up():
    made = drawn()
    # The corner is in the pond and has no slope: the pond comes first, and its missing slope is of no interest.
    assert made.reason.tolist() == [[0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]]
    assert [(r.name, r.cells, r.cells_first) for r in made.reasons] == [("pond", 2, 2), ("slope", 0, 0), ("bus", 0, 0)]
    without = overlay(made.factors, {"slope": 3, "bus": 1})
    assert [(r.name, r.cells) for r in without.reasons] == [("slope", 1), ("bus", 0)]
    assert without.reason[3, 3] == 1
    assert without.reason_bits[3, 3] == 1
    assert np.array_equal(np.isnan(without.score), without.reason > 0)


def test_what_reaches_nothing_scores_worst_and_is_counted():
    table = drawn().factor_table().set_index("factor")
    assert table.loc["bus", "cells_unreachable"] == 1
    assert table.loc["slope", "cells_unreachable"] == 0
    # also where far is good
    far = factor("landfill", [[100.0, np.inf]], Linear(0, 1000))
    assert far.score.tolist() == [[0.1, 0.0]]


@pytest.mark.parametrize(
    ("scale", "values", "scores"),
    [
        (Linear(0, 10), [-5, 0, 2.5, 10, 12], [0, 0, 0.25, 1, 1]),
        (Linear(10, 0), [-5, 0, 2.5, 10, 12], [1, 1, 0.75, 0, 0]),
        (Steps([5, 15], [1, 0.5, 0]), [0, 5, 5.1, 15, 15.1], [1, 1, 0.5, 0.5, 0]),
        (Threshold(500, at_least=False), [499, 500, 500.1], [1, 1, 0]),
        (Threshold(500, at_least=True), [499, 500, 500.1], [0, 1, 1]),
        (Classes({10: 1.0, 20: 0.3}), [10, 20, 30], [1.0, 0.3, np.nan]),
    ],
)
def test_scales_give_their_limits_to_the_better_side(scale, values, scores):
    np.testing.assert_array_equal(scale(np.array(values, dtype=float)), scores)
    assert np.isnan(scale(np.array([np.nan]))).all()


unit = arrays(np.float64, (3, 4), elements=st.floats(0, 1))
weight = st.floats(0.01, 9)


@settings(max_examples=60)
@given(unit, unit, unit, weight, weight)
def test_raising_a_good_factor_never_lowers_a_score(first, more, second, a, b):
    raised = np.maximum(first, more)
    low = overlay([factor("x", first), factor("y", second)], {"x": a, "y": b})
    high = overlay([factor("x", raised), factor("y", second)], {"x": a, "y": b})
    assert (high.score >= low.score).all()
    assert ((low.score >= 0) & (high.score <= 1)).all()
    assert sum(low.weights.values()) == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(sum(low.contributions.values()), low.score, atol=1e-12)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"x": 1}, "no weight for y"),
        ({"x": 1, "y": 1, "z": 1}, "unknown factor z"),
        ({"x": -1, "y": 1}, "not 0 or more x"),
        ({"x": 0, "y": 0}, "all are 0"),
    ],
)
def test_weights_that_do_not_fit_are_refused(weights, said):
    with pytest.raises(InputError, match=said):
        overlay([factor("x", [[1.0]]), factor("y", [[1.0]])], weights)


def test_grids_and_names_must_agree():
    with pytest.raises(InputError, match="one grid"):
        overlay([factor("x", np.ones((2, 2))), factor("y", np.ones((2, 3)))])
    with pytest.raises(InputError, match="x occurs twice"):
        overlay([factor("x", [[1.0]]), factor("x", [[1.0]])])
