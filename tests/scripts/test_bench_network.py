"""The bench of the network engine: answers are held against each other first, and a wrong cell ends it."""

import importlib
import json
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import osmium
import pytest

QUICK = ["--quick", "--repeat", "1", "--no-memory", "--rows"]


@pytest.fixture(scope="module")
def bench(repository):
    """The script as a module; its rooms are found beside it."""
    path = str(repository / "scripts")
    before = list(sys.path)
    sys.path.insert(0, path)
    try:
        yield importlib.import_module("bench_network")
    finally:
        sys.path[:] = before


@pytest.fixture(scope="module")
def answers(bench):
    return importlib.import_module("bench.answers")


def test_a_quick_run_compares_and_writes_the_table(bench, tmp_path, capsys):
    table = tmp_path / "table.md"
    assert bench.main([*QUICK, "nearest,cumulative,pairs,areas", "--markdown", str(table)]) == 0
    said = capsys.readouterr()
    assert "nearest · scipy: 1,200 distances and ids equal" in said.err
    assert "cumulative · scipy: 400 sums equal" in said.err
    assert "areas-streets · osmnx recipe: 8 areas right by the oracle" in said.err
    rows = [line for line in table.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert len({line.count("|") for line in rows}) == 1
    for peer in ("pandana", "igraph", "cityseer"):
        if find_spec(peer) is None:
            assert any(f"{peer}: not installed" in row for row in rows), peer
    assert any("scipy (dijkstra(limit))" in row and "×" in row for row in rows)


@pytest.mark.parametrize(
    ("row", "spoil", "what"),
    [
        ("nearest", lambda raw: raw[1][0].__setitem__(17, 1.0), "distance: 1 of 1,200 differ, first at (1, 17)"),
        ("cumulative", lambda raw: raw.__setitem__(5, raw[5] + 1), "sum of people: 1 of 400 differ, first at (5,)"),
        ("pairs", lambda raw: raw[0][2].__setitem__(0, 3.0), "cost of a pair: 1 of"),
    ],
)  # fmt: skip
def test_one_wrong_cell_of_a_peer_ends_the_bench_without_a_time(bench, monkeypatch, capsys, row, spoil, what):
    room = importlib.import_module(f"bench.row_{row}")
    right = room._scipy

    def wrong(state):
        raw = right(state)
        spoil(raw)
        return raw

    monkeypatch.setattr(room, "_scipy", wrong)
    assert bench.main([*QUICK, row]) == 1
    said = capsys.readouterr()
    assert what in said.err
    assert said.out == ""


def test_a_tie_may_go_to_another_facility_but_no_other_place_may(bench, answers):
    """Facilities A and B, 100 m to either side of the middle::

    A --60 m-- 1 --40 m-- 2 --100 m-- B
    """
    graphs, model = importlib.import_module("bench.graphs"), importlib.import_module("bench.model")
    line = graphs.plain("line", "Line", np.zeros((4, 2)), np.arange(3), np.arange(1, 4), np.array([60, 40, 100]) * 1000)
    task = model.Task(line, (np.array([0, 3]),), np.ones(4, dtype=int), np.arange(4))
    cost = np.array([[0, 60_000, 100_000, 0]])
    ours = answers.Nearest(cost, np.array([[0, 0, 0, 1]]))
    said = answers.compare_nearest(task, ours, answers.Nearest(cost, np.array([[0, 0, 1, 1]])))
    assert said == "4 distances and ids equal, 1 ties with another facility as near"
    with pytest.raises(model.DisagreementError, match=r"id of the nearest: 1 of 4 differ, first at \(0, 1\): 0 and 1"):
        answers.compare_nearest(task, ours, answers.Nearest(cost, np.array([[0, 1, 0, 1]])))
    none = answers.Nearest(np.array([[0, 60_000, answers.NONE, 0]]), None)
    with pytest.raises(model.DisagreementError, match="reached or not"):
        answers.compare_nearest(task, ours, none)


def test_sums_of_a_peer_with_lengths_of_its_own_lie_between_ours(bench, answers):
    model, rows = importlib.import_module("bench.model"), np.arange(3)
    low, mine, high = (answers.Sums(rows, np.array(v)) for v in ([1, 4, 6], [1, 5, 6], [1, 5, 9]))
    fine = answers.Sums(rows, np.array([1, 4, 9]), slack_m=0.5)
    assert answers.compare_sums(mine, fine, low, high) == "1 of 3 sums equal, all between ours for the cutoff ± 0.5 m"
    with pytest.raises(model.DisagreementError):
        answers.compare_sums(mine, answers.Sums(rows, np.array([1, 3, 9]), slack_m=0.5), low, high)


def test_targets_are_met_or_missed(bench):
    table, model, measure = (importlib.import_module(f"bench.{name}") for name in ("table", "model", "measure"))

    class Task:
        class graph:  # noqa: N801
            name, title = "town", "Town"

    row = model.Row(
        "r", lambda _: "what", lambda _: (), lambda *_: "",
        {"town": (model.Target("a", cpu=3, wall=5), model.Target("best", cpu=2))},
        {"town": (model.Limit("memory", 450, "MB"),)},
    )  # fmt: skip
    outcomes = [
        measure.Outcome(model.OURS, cpu=1, wall=1, memory_mb=500),
        measure.Outcome("a", cpu=3.5, wall=4.0, memory_mb=600),
        measure.Outcome("b", cpu=2.5, wall=9.0, memory_mb=600),
        measure.Outcome("c", absent="c: not installed"),
    ]
    lines = table.lines_of(row, Task, outcomes)
    assert [line.met for line in lines] == [False, True, None, False]
    assert lines[0].cells[4:] == ("1", "3.5×", "4.0×", "600 / 500", "≥ 3× CPU, ≥ 5× wall", "NO")
    assert lines[1].cells[-2:] == ("≥ 2× CPU (best peer)", "yes")
    assert lines[3].cells[2:5] == ("ours: memory", "", "500 MB")


def test_memory_is_that_of_a_process_of_its_own(bench, repository, tmp_path):
    graphs = importlib.import_module("bench.graphs")
    graphs.lattice(6).save(tmp_path / "lattice.npz")
    command = [
        sys.executable,
        str(repository / "scripts" / "bench_network.py"),
        "--quick",
        "--alone",
        "nearest",
        "scipy",
    ]
    done = subprocess.run([*command, str(tmp_path / "lattice.npz")], capture_output=True, text=True, check=True)
    assert 30 < json.loads(done.stdout)["memory_mb"] < 1000


def test_copies_of_a_file_lie_side_by_side(bench, tmp_path):
    small, large = tmp_path / "small.osm.pbf", tmp_path / "large.osm.pbf"
    with osmium.SimpleWriter(str(small)) as writer:
        for k in (7, 9):
            writer.add_node(osmium.osm.mutable.Node(id=k, location=(k / 100, 1.0), version=1))
        writer.add_way(osmium.osm.mutable.Way(id=4, nodes=[9, 7], tags={"highway": "path"}, version=1))
        writer.add_relation(osmium.osm.mutable.Relation(id=2, members=[("w", 4, "outer")], version=1))
    importlib.import_module("bench.enlarge").enlarge(small, large, 3)
    nodes, ways, relations = [], [], []
    for thing in osmium.FileProcessor(str(large)):
        if thing.is_node():
            nodes.append((thing.id, round(thing.location.lon, 7)))
        elif thing.is_way():
            ways.append((thing.id, [n.ref for n in thing.nodes], dict(thing.tags)))
        else:
            relations.append((thing.id, [m.ref for m in thing.members]))
    assert nodes == [(7, 0.07), (9, 0.09), (17, 0.27), (19, 0.29), (27, 0.47), (29, 0.49)]
    assert ways == [(4 + 5 * k, [9 + 10 * k, 7 + 10 * k], {"highway": "path"}) for k in range(3)]
    assert relations == [(2, [4]), (5, [9]), (8, [14])]
