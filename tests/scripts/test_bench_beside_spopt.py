"""What spopt and this project answer is valued from the costs, whatever they state; each runs alone and is watched."""

import importlib
import json
import sys

import numpy as np
import pytest


@pytest.fixture(scope="module")
def beside(repository):
    """The room of the bench; its neighbours are found beside it."""
    path = str(repository / "scripts")
    before = list(sys.path)
    sys.path.insert(0, path)
    try:
        yield importlib.import_module("bench.beside_spopt")
    finally:
        sys.path[:] = before


#   A --1-- x --1-- B --2-- y --3-- C      A, B, C with 5, 7 and 11 people; x, y and B (as z) are candidates
COST = np.array([[1.0, 4.0, 2.0], [1.0, 2.0, 0.0], [6.0, 3.0, 5.0]])
PEOPLE = np.array([5.0, 7.0, 11.0])


@pytest.mark.parametrize(
    ("model", "limit", "sites", "value"),
    [
        ("lscp", 3.0, [0, 1], 2.0),
        ("lscp", 2.0, [0, 1], float("nan")),  # C is 3 from y
        ("mclp", 1.0, [0], 12.0),
        ("p_median", 0.0, [0, 1], 5.0 * 1 + 7.0 * 1 + 11.0 * 3),
        ("p_center", 0.0, [0, 1], 3.0),
        ("backup_coverage", 3.0, [0, 1, 2], 2.0),  # A by x and z, B by all, C by y alone
        ("backup_coverage", 3.0, [0, 2], float("nan")),  # nothing reaches C
        ("mclp", 1.0, [], float("nan")),
    ],
)
def test_a_plan_is_worth_what_its_costs_say(beside, model, limit, sites, value):
    task = beside.Task(model, "street", COST, PEOPLE, limit)
    assert task.value(sites) == pytest.approx(value, nan_ok=True)


def test_dispersion_is_the_least_distance_between_two_sites(beside):
    at = np.array([0.0, 2.0, 7.0, 8.0])
    task = beside.Task("p_dispersion", "line", np.abs(at[:, None] - at), np.ones(4), p=3)
    assert task.value([0, 1, 3]) == 2.0
    assert task.value([0, 2, 3]) == 1.0


def test_a_stated_value_that_its_own_sites_do_not_give_is_wrong(beside):
    task = beside.Task("backup_coverage", "street", COST, PEOPLE, 3.0)
    ours = beside.Run("optimal", 2.0, (0, 1, 2), 1.0, 1.0, 1.0, 100.0)
    theirs = beside.Run("optimal", 3.0, (0, 1, 2), 50.0, 60.0, 5.0, 400.0)
    made = beside.Comparison(task, theirs, ours)
    assert made.same == "yes; WRONG: states 3: its sites give 2"
    assert made.ratios == (50.0, 60.0, 4.0)
    assert not made.fault
    assert [met for *_, met in beside.verdicts([made])] == [True, False, False]


@pytest.mark.parametrize(
    ("theirs", "ours", "status", "same", "fault"),
    [
        ((0,), (1,), "optimal", "OURS IS WORSE", True),  # 12 people within 1 of x, none of y
        ((0,), (1,), "feasible", "OURS IS WORSE", False),
        ((1,), (0,), "optimal", "ours is better", False),
        ((), (0,), "optimal", "–", False),
        ((0,), (), "failed", "OURS IS WORSE", True),
    ],
)
def test_it_is_said_whose_plan_is_better(beside, theirs, ours, status, same, fault):
    task = beside.Task("mclp", "street", COST, PEOPLE, 1.0, 1)
    runs = [beside.Run(s, task.value(sites), sites) for s, sites in (("optimal", theirs), (status, ours))]
    made = beside.Comparison(task, *runs)
    assert (made.same, made.fault) == (same, fault)
    assert len(made.cells()) == len(beside.HEAD)


def test_towns_are_made_the_same_each_time_and_are_whole_metres(beside):
    cost, apart, weight = beside.town(30, 10)
    again = beside.town(30, 10)
    assert all((a == b).all() for a, b in zip((cost, apart, weight), again, strict=True))
    assert (cost.shape, apart.shape, weight.shape) == ((30, 10), (10, 10), (30,))
    assert (cost == np.rint(cost)).all()
    assert (apart == apart.T).all()


def test_our_side_runs_alone_and_says_what_it_took(beside, tmp_path):
    told = {"model": "p_center", "limit": 0.0, "p": 2, "time_limit_s": 10.0}
    np.savez(tmp_path / "task.npz", cost=COST, weight=PEOPLE, task=json.dumps(told))
    run = beside.run_alone(sys.executable, "siting", tmp_path / "task.npz")
    assert (run.status, run.value, run.sites) == ("optimal", 3.0, (0, 1))
    assert run.cpu_s > 0.0


def test_a_side_that_takes_too_long_is_ended_and_what_it_took_is_a_lower_bound(beside, tmp_path, monkeypatch):
    slow = tmp_path / "slow.py"
    slow.write_text("print('{\"begun_s\": 0.0}', flush=True)\nwhile True: pass\n")
    monkeypatch.setattr(beside, "KILL_S", 2.0)
    monkeypatch.setattr(beside.Path, "with_name", lambda self, name: slow)
    late = beside.run_alone(sys.executable, "spopt", tmp_path / "task.npz")
    assert (late.status, late.late, late.sites) == ("no answer in 2 s", True, ())
    assert late.cpu_s > 0.0
    ours = beside.Run("optimal", 12.0, (0,), 0.001, 0.001, 1.0, 10.0)
    made = beside.Comparison(beside.Task("mclp", "street", COST, PEOPLE, 1.0, 1), late, ours)
    assert made.cells()[7].startswith("> ")


def test_a_side_that_cannot_run_says_why(beside, tmp_path):
    assert beside.run_alone(str(tmp_path / "python"), "spopt", tmp_path / "task.npz").status.startswith("failed")
    assert "FileNotFoundError" in beside.run_alone(sys.executable, "siting", tmp_path / "task.npz").status
