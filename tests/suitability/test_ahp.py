"""AHP against published examples, numpy's eigenvalues, and matrices that say nothing or contradict themselves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.errors import InputError
from siting.suitability import ahp

# Saaty (1990), How to make a decision, EJOR 48, 9-26: choice of a house, eight criteria.
HOUSE = [
    [1, 5, 3, 7, 6, 6, "1/3", "1/4"],
    ["1/5", 1, "1/3", 5, 3, 3, "1/5", "1/7"],
    ["1/3", 3, 1, 6, 3, 4, 6, "1/5"],
    ["1/7", "1/5", "1/6", 1, "1/3", "1/4", "1/7", "1/8"],
    ["1/6", "1/3", "1/3", 3, 1, "1/2", "1/5", "1/6"],
    ["1/6", "1/3", "1/4", 4, 2, 1, "1/5", "1/6"],
    [3, 5, "1/6", 7, 5, 5, 1, "1/2"],
    [4, 7, 5, 8, 6, 6, 2, 1],
]
CRITERIA = ["size", "transport", "neighbourhood", "age", "yard", "modern", "condition", "financing"]
# Saaty (1980), The Analytic Hierarchy Process: influence of seven nations through wealth.
WEALTH = [
    [1, 4, 9, 6, 6, 5, 5],
    ["1/4", 1, 7, 5, 5, 3, 4],
    ["1/9", "1/7", 1, "1/5", "1/5", "1/7", "1/5"],
    ["1/6", "1/5", 5, 1, 1, "1/3", "1/3"],
    ["1/6", "1/5", 5, 1, 1, "1/3", "1/3"],
    ["1/5", "1/3", 7, 3, 3, 1, 2],
    ["1/5", "1/4", 5, 3, 3, "1/2", 1],
]


def test_saatys_house_has_its_published_weights_and_consistency():
    made = ahp(HOUSE, CRITERIA, max_cr=None)
    assert made.weights.round(3).tolist() == [0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333]
    assert round(made.lambda_max, 3) == 9.669
    assert round(made.consistency_index, 3) == 0.238
    assert round(made.consistency_ratio, 3) == 0.169
    assert not made.consistent


def test_saatys_nations_have_their_published_weights_and_are_consistent():
    made = ahp(WEALTH, list("UCFGJRW"))
    assert made.weights.round(3).tolist() == [0.427, 0.230, 0.021, 0.052, 0.052, 0.123, 0.094]
    assert round(made.lambda_max, 3) == 7.608
    assert round(made.consistency_ratio, 2) == 0.08
    assert made.consistent


def test_contradicting_judgements_are_refused_by_name():
    with pytest.raises(InputError, match=r"CR 0\.169.*'neighbourhood' against 'condition': judged 6, .* about 1\.13"):
        ahp(HOUSE, CRITERIA)


def test_judgements_that_agree_wholly_give_back_their_ratios():
    weights = np.array([0.5, 0.3, 0.2])
    made = ahp(weights[:, None] / weights[None, :], "abc")
    assert made.weights == pytest.approx(weights, abs=1e-12)
    assert made.lambda_max == pytest.approx(3, abs=1e-12)
    assert made.consistency_ratio == pytest.approx(0, abs=1e-12)
    assert made.worst_pair is None


@settings(max_examples=40)
@given(
    st.integers(2, 9).flatmap(lambda n: st.lists(st.sampled_from([1, 2, 3, 5, 7, 9]), min_size=n * n, max_size=n * n))
)
def test_weights_are_numpys_principal_eigenvector(cells):
    n = int(len(cells) ** 0.5)
    above = np.triu(np.array(cells, dtype=float).reshape(n, n), 1)
    flip = np.array(cells).reshape(n, n).T > 4
    above = np.where(flip & (above > 0), 1 / np.where(above > 0, above, 1), above)
    matrix = above + np.divide(1, above.T, out=np.zeros((n, n)), where=above.T > 0) + np.eye(n)
    values, vectors = np.linalg.eig(matrix)
    top = int(values.real.argmax())
    expected = np.abs(vectors[:, top].real)
    made = ahp(matrix, [str(k) for k in range(n)], max_cr=None)
    assert made.weights == pytest.approx(expected / expected.sum(), abs=1e-9)
    assert made.lambda_max == pytest.approx(values.real[top], abs=1e-9)
    assert made.weights.sum() == pytest.approx(1, abs=1e-12)
    assert made.lambda_max >= n - 1e-9


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        ([[1, 3], ["", 1]], r"row 2 column 1 \('b' against 'a'\) is empty"),
        ([[1, None], [None, 1]], r"row 1 column 2 .* is empty.*row 2 column 1 .* is empty"),
        ([[1, 3], [3, 1]], r"row 2 column 1 .* is 3, but row 1 column 2 .* is 3: one must be 1 over the other"),
        ([[2, 3], ["1/3", 1]], r"row 1 column 1 .* is 2; a factor is 1 against itself"),
        ([[1, -3], ["1/3", 1]], r"row 1 column 2 .* is -3, expected a number above 0"),
        ([[1, "three"], ["1/3", 1]], r"row 1 column 2 .* is 'three', expected a number or a fraction"),
        ([[1, 3]], r"expected 2 rows of 2"),
    ],
)
def test_faulty_matrices_are_refused_with_the_cell(matrix, said):
    with pytest.raises(InputError, match=said):
        ahp(matrix, "ab")


def test_a_rounded_reciprocal_is_taken_for_the_fraction():
    assert ahp([[1, 3], [0.33, 1]], "ab").weights.tolist() == pytest.approx([0.75, 0.25], abs=1e-12)
