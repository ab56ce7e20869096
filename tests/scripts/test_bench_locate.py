"""The bench of the location engine: every case states a value and a bound, and what is impossible is a fault."""

import importlib
import sys

import pytest


@pytest.fixture(scope="module")
def bench(repository):
    """The script as a module; its rooms are found beside it."""
    path = str(repository / "scripts")
    sys.path.insert(0, path)
    try:
        yield importlib.import_module("bench_locate")
    finally:
        while path in sys.path:
            sys.path.remove(path)


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
    assert "warehouses: all proved in 10 s together: 1 of 1" in written
    assert written.strip() in capsys.readouterr().out


def test_an_unknown_family_is_refused(bench, capsys):
    with pytest.raises(SystemExit):
        bench.main(["--families", "nothing"])
    assert "there are" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_said(bench, tmp_path, capsys):
    assert bench.main(["--benchmarks", str(tmp_path), "--families", "warehouses"]) == 1
    assert "is not there" in capsys.readouterr().err
