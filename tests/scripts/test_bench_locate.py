"""The bench of the location engine: every case states a value and a bound, and what is impossible is a fault."""

import importlib
import sys

import pytest


@pytest.fixture(scope="module")
def bench(repository):
    """The script as a module; its rooms are found beside it."""
    path = str(repository / "scripts")
    before = list(sys.path)
    sys.path.insert(0, path)
    try:
        yield importlib.import_module("bench_locate")
    finally:
        sys.path[:] = before


@pytest.fixture
def target(bench):
    return importlib.import_module("bench.location").Target


@pytest.fixture
def line(bench):
    def make(**values):
        given = {"family": "f", "key": "k", "known": 100.0, "proved": True, "sense": "min", "value": 100.0}
        given |= {"bound": 100.0, "status": "optimal", "cpu_s": 1.0, "wall_s": 1.0, "peak_mb": 1.0}
        return bench.Line(**(given | values))

    return make


def test_what_is_impossible_is_a_fault(line):
    assert line().fault == ""
    assert line(value=101.0, bound=99.0).fault == ""
    assert line(value=99.0, bound=99.0).fault == "better than the optimum"
    assert line(value=99.0, bound=99.0, proved=False).fault == ""  # a better plan than anybody had
    assert line(value=103.0, bound=102.0, proved=False).fault == "bound on the wrong side"
    assert line(value=100.0, bound=102.0).fault == "bound on the wrong side"
    assert line(sense="max", value=99.0, bound=101.0).fault == ""
    assert line(sense="max", value=101.0, bound=101.0).fault == "better than the optimum"
    assert line(sense="max", value=98.0, bound=99.0).fault == "bound on the wrong side"
    assert line(value=101.0, bound=99.99).off == pytest.approx(0.01)
    assert line(sense="max", value=99.0, bound=101.0).off == pytest.approx(0.01)


def test_every_family_is_found_and_its_names_are_its_own(bench):
    found = bench.families()
    assert {"pmedian-graphs", "pmedian-points", "warehouses"} <= set(found)


def test_a_run_writes_the_table_and_says_which_targets_are_met(bench, shared_benchmarks, tmp_path, capsys):
    table = tmp_path / "table.md"
    given = ["--benchmarks", str(shared_benchmarks), "--families", "warehouses", "--only", "cap41"]
    assert bench.main([*given, "--markdown", str(table)]) == 0
    written = table.read_text(encoding="utf-8")
    assert "| warehouses | cap41 | 932,615.750 | 932,615.750 | 932,615.750 | 0.000% | optimal |" in written
    assert "| warehouses | 1 of 1 | 1 | 1 | +0.000% | 0.000% |" in written
    assert "| warehouses | all proved in 10 s together | 1 of 1 in " in written
    assert "1 instances in " in written
    assert written.strip() in capsys.readouterr().out


def test_an_instance_without_an_answer_is_a_line_and_a_failure(bench, target, monkeypatch, tmp_path, capsys):
    (tmp_path / "folder").mkdir()
    case = bench.Case("k", 100.0, True, 1.0, lambda limit: None)
    family = bench.Family("f", "folder", lambda folder: iter([case]), (target("all", lambda lines: ("1", True)),))
    monkeypatch.setattr(bench, "families", lambda: {"f": family})
    assert bench.main(["--benchmarks", str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    # The process of the instance knows the families of the rooms only.
    assert "| f | k | 100 | – | – | – | FAILED: KeyError: 'f' |" in printed
    assert "| f | 0 of 1 |" in printed
    assert "| f | all | no answer | NO |" in printed


def test_a_target_that_lacks_an_instance_is_not_met(bench, line, target):
    family = bench.Family("f", "folder", lambda folder: iter(()), (target("all", lambda lines: ("1", True)),))
    lost = line(value=float("nan"), bound=float("nan"), failed="no luck")
    assert bench.targets_of(family, [line()], 1) == [("f", "all", "1", True)]
    assert bench.targets_of(family, [line(), lost], 2) == [("f", "all", "1", False)]
    assert bench.targets_of(family, [], 0) == []
    assert lost.fault == ""


def test_the_family_of_the_peer_needs_its_interpreter(bench, monkeypatch, capsys):
    monkeypatch.delenv("SITING_PEERS", raising=False)
    with pytest.raises(SystemExit):
        bench.main(["--families", "spopt"])
    assert "needs --peers" in capsys.readouterr().err


def test_the_list_says_how_many_instances_there_are_and_how_long_they_may_take(bench, shared_benchmarks, capsys):
    assert bench.main(["--benchmarks", str(shared_benchmarks), "--list"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert f"stores: 21 instances of {shared_benchmarks / 'sf_stores'}, 4 minutes at most" in printed
    assert printed[-1].startswith("spopt: ")


def test_an_unknown_family_is_refused(bench, capsys):
    with pytest.raises(SystemExit):
        bench.main(["--families", "nothing"])
    assert "there are" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_said(bench, tmp_path, capsys):
    assert bench.main(["--benchmarks", str(tmp_path), "--families", "warehouses"]) == 1
    assert "is not there" in capsys.readouterr().err
