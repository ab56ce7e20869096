"""Branch and bound for maximal covering against all choices, and what holds when it is stopped."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.locate.covering.branch import Tree
from siting.locate.covering.reduce import Instance, value_of
from siting.locate.covering.sets import as_matrices


def instance(rows, weight, n_columns):
    """Rows as lists of the columns that serve them."""
    start = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    member = np.array([column for row in rows for column in sorted(row)], dtype=np.int32)
    reach, reached_by = as_matrices(start, member, n_columns)
    return Instance(
        reach=reach, reached_by=reached_by, weight=np.array(weight, dtype=np.int64),
        candidates=np.arange(n_columns, dtype=np.intp), too_close=np.empty((0, 2), dtype=np.intp),
    )  # fmt: skip


def none():
    return np.empty(0, dtype=np.intp)


def random_instance(seed, n, m, share):
    rng = np.random.default_rng(seed)
    rows = [np.flatnonzero(rng.random(m) < share).tolist() or [int(rng.integers(m))] for _ in range(n)]
    return instance(rows, rng.integers(1, 50, n), m)


def test_two_of_a_triangle_by_hand():
    # Columns 0, 1, 2; each edge of the triangle is served by both ends. One site serves two edges, two serve all:
    #        0
    #    5 /   \ 7        one site: 0 serves 5 + 7 = 12, 1 serves 5 + 9 = 14, 2 serves 7 + 9 = 16
    #     1 --9-- 2
    triangle = instance([[0, 1], [0, 2], [1, 2]], [5, 7, 9], 3)
    tree = Tree(triangle, 1, none(), -1)
    tree.grow(lambda tree: False)
    assert (tree.value, tree.bound, tree.columns.tolist()) == (16, 16, [2])
    tree = Tree(triangle, 2, none(), -1)
    tree.grow(lambda tree: False)
    assert (tree.value, tree.bound, len(tree.columns)) == (21, 21, 2)


@settings(max_examples=60)
@given(st.data())
def test_equals_the_best_of_all_choices(data):
    m = data.draw(st.integers(2, 9))
    sets = st.sets(st.integers(0, m - 1), min_size=1, max_size=4)
    rows = data.draw(st.lists(sets, min_size=1, max_size=25))
    weight = data.draw(st.lists(st.integers(1, 30), min_size=len(rows), max_size=len(rows)))
    p = data.draw(st.integers(1, m - 1))
    task = instance(rows, weight, m)
    tree = Tree(task, p, none(), -1)
    tree.grow(lambda tree: False)
    best = max(value_of(task, np.array(choice)) for choice in combinations(range(m), p))
    assert tree.value == tree.bound == best == value_of(task, tree.columns)
    assert len(tree.columns) <= p


def test_where_the_relaxation_leaves_much_open_all_choices_agree():
    for seed in range(6):
        task = random_instance(seed, n=60, m=14, share=0.15)
        tree, bounds = Tree(task, 5, none(), -1, seed), []
        tree.grow(lambda tree, bounds=bounds: bool(bounds.append(tree.bound)))
        best = max(value_of(task, np.array(choice)) for choice in combinations(range(14), 5))
        assert tree.value == tree.bound == best
        assert bounds == sorted(bounds, reverse=True)


def test_what_is_known_before_is_kept_and_nothing_below_it_is_told():
    task = random_instance(1, n=60, m=14, share=0.15)
    whole = Tree(task, 5, none(), -1)
    whole.grow(lambda tree: False)
    above = Tree(task, 5, none(), whole.value)
    above.grow(lambda tree: False)
    assert (above.value, above.bound, len(above.columns)) == (whole.value, whole.value, 0)


@pytest.mark.parametrize("kept", [200_000_000, 0])
def test_a_stopped_tree_states_a_bound_that_holds_and_is_the_same_again(monkeypatch, kept):
    """Also where nothing is kept of where steps ended."""
    monkeypatch.setattr("siting.locate.covering.branch._KEPT_BYTES", kept)
    task = random_instance(2, n=200, m=80, share=0.05)

    def after(cuts):
        left = [cuts]

        def told(tree):
            left[0] -= 1
            return left[0] < 0

        tree = Tree(task, 10, none(), -1)
        tree.grow(told)
        return tree

    whole, stopped, again = after(100_000), after(20), after(20)
    assert whole.value == whole.bound
    assert stopped.value <= whole.value <= stopped.bound
    assert stopped.bound > stopped.value
    assert stopped.value == value_of(task, stopped.columns)
    assert (stopped.value, stopped.bound) == (again.value, again.bound)
    assert stopped.columns.tolist() == again.columns.tolist()
