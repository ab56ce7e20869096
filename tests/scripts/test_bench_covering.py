"""The covering room of the location bench: instances are read as they are meant, keys are its own, answers hold."""

import importlib
import sys

import numpy as np
import pytest


@pytest.fixture(scope="module")
def room(repository):
    """The room as a module; it is found beside the bench."""
    path = str(repository / "scripts")
    before = list(sys.path)
    sys.path.insert(0, path)
    try:
        yield importlib.import_module("bench.locate_cover")
    finally:
        sys.path[:] = before


def test_keys_are_their_own(room, shared_benchmarks):
    for family in room.FAMILIES:
        keys = [case.key for case in family.cases(shared_benchmarks / family.folder)]
        assert len(keys) == len(set(keys)) > 0


def test_a_generated_region_has_its_pairs_and_is_the_same_again(room):
    cost, weight, limit = room.region("towns", 5, 300, 80, 2000)
    assert abs(cost.n_pairs - 2000) <= 2
    assert (cost.cost_mm <= limit * 1000).all()
    assert len(weight) == 300
    again = room.region("towns", 5, 300, 80, 2000)
    assert np.array_equal(again[0].indices, cost.indices)
    assert np.array_equal(again[1], weight)


def test_set_covering_by_rows_and_by_columns_is_read_alike(room, tmp_path):
    # Three rows, two columns of cost 4 and 5: the first serves rows 1 and 2, the second rows 2 and 3.
    (tmp_path / "rows").write_text("3 2\n 4 5\n 1\n 1\n 2\n 1 2\n 1\n 2\n")
    (tmp_path / "columns").write_text("3 2\n 4 2 1 2\n 5 2 2 3\n")
    by_row, price = room._set_cover(tmp_path / "rows", by_row=True)
    by_column, same = room._set_cover(tmp_path / "columns", by_row=False)
    assert by_row.tolist() == by_column.tolist() == [[0.0, np.inf], [0.0, 0.0], [np.inf, 0.0]]
    assert price.tolist() == same.tolist() == [4.0, 5.0]


@pytest.mark.parametrize(
    ("name", "key"),
    [("cover-towns", "SJC324 radius=800 p=5"), ("cover-grid", "radius=5.5 p=5"), ("set-cover", "scp41")],
)
def test_small_instances_are_solved(room, shared_benchmarks, name, key):
    family = next(f for f in room.FAMILIES if f.name == name)
    case = next(c for c in family.cases(shared_benchmarks / family.folder) if key in c.key)
    result = case.solve(60.0)()
    assert (result.objective, result.bound, result.status) == (case.known, case.known, "optimal")
