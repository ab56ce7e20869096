"""From an OSM file to a routable network, beside pyrosm: each in processes of its own, as people run them."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.enlarge import enlarge
from bench.graphs import METRIC, porto_alegre_file
from bench.measure import Outcome, peak_mb
from bench.model import OURS, DisagreementError, Row, Target
from bench.peers import quiet
from bench.row_areas import Place
from bench.table import Line, lines_of

COPIES = 20
SAME_SEGMENTS = 0.95
"""The filters for walking differ in a few kinds of ways; at least this share of all segments must be in both."""
SAME_LENGTH = 0.005
"""We measure on the plane of the zone (scale 0.9996 to 1.001), pyrosm on a sphere: 0.35 % apart at most here."""


@dataclass(frozen=True)
class FileTask:
    """An OSM file."""

    graph: Place
    path: Path


_TARGETS = {"loop": Target("pyrosm", cpu=10), "process": Target("pyrosm", cpu=5, memory=3)}


def run(data: Path, folder: Path, repeat: int, say: Callable[[str], None]) -> list[Line]:
    """Measure the small file and one of 14 MB made of copies of it."""
    small = porto_alegre_file(data)
    large = enlarge(small, folder / "copies.osm.pbf", COPIES)
    lines = []
    for name, path in (("file-small", small), ("file-large", large)):
        megabytes = path.stat().st_size / 1e6
        title = f"Porto Alegre, {megabytes:.1f} MB" + (f" ({COPIES} copies)" if path is large else "")
        lines += on_file(FileTask(Place(name, title), path), folder, min(repeat, 3), say)
    return lines


def on_file(task: FileTask, folder: Path, repeat: int, say: Callable[[str], None]) -> list[Line]:
    """Measure one file; what is read is compared before times are looked at."""
    if find_spec("pyrosm") is None:
        say("pbf · pyrosm: not installed")
        outcomes = [Outcome(OURS), Outcome("pyrosm", absent="pyrosm: not installed")]
        return lines_of(_row("process"), task, outcomes)
    rounds = []
    for k in range(repeat + 1):
        done = {name: _process(name, task.path, folder / f"{name}.npz") for name in (OURS, "pyrosm")}
        if k == 0:
            agreed = compare(folder / f"{OURS}.npz", folder / "pyrosm.npz", task.graph.name)
            say(f"pbf · {task.graph.title}: {agreed}")
        rounds.append(done)
    counted = rounds[1:] or rounds
    lines = []
    for part in ("loop", "process"):
        outcomes = []
        for name in (OURS, "pyrosm"):
            values = [done[name] for done in counted]
            pick: Callable[[str], float] = partial(_median, values)
            outcomes.append(
                Outcome(
                    name,
                    "get_network" if part == "loop" else "get_network, to_graph(igraph)",
                    cpu=pick(f"{part}_cpu"),
                    wall=pick(f"{part}_wall"),
                    memory_mb=pick("memory_mb"),
                    runs=len(values),
                )
            )
        lines += lines_of(_row(part), task, outcomes)
    return lines


def _median(values: list[dict[str, float]], key: str) -> float:
    return statistics.median(one[key] for one in values)


def _row(part: str) -> Row:
    said = {"loop": "pbf → street tables", "process": "pbf → routable network, whole process"}[part]
    row = Row("pbf", lambda _: said, lambda _: (), lambda *_: "")
    for name in ("file-small", "file-large"):
        row.targets[name] = (_TARGETS[part],)
    return row


def _process(name: str, path: Path, answer: Path) -> dict[str, float]:
    script = Path(__file__).resolve().parents[1] / "bench_network.py"
    # Compiled modules are kept from the first round on, as an installed package keeps them.
    around = {**os.environ, "PYTHONPYCACHEPREFIX": str(answer.parent / "bytecode")}
    around.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, str(script), "--alone", f"pbf:{answer}", name, str(path)]
    wall = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=around)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    said: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return said | {"process_wall": time.perf_counter() - wall}


def alone(answer: Path, name: str, path: Path) -> int:
    """Read a file and make a network of it in this process; print what it took, then write what was read."""
    read = _read_ours if name == OURS else _read_pyrosm
    said, segments = read(path)
    said |= {"process_cpu": time.process_time(), "memory_mb": peak_mb()}
    print(json.dumps(said))
    start, end, metres = segments()
    np.savez(answer, start=start, end=end, metres=metres)
    return 0


def _read_ours(path: Path) -> tuple[dict[str, float], Callable[[], Any]]:
    from siting.inputs.osm import read_streets
    from siting.network import Network

    cpu, wall = time.process_time(), time.perf_counter()
    streets = read_streets(path)
    said = {"loop_cpu": time.process_time() - cpu, "loop_wall": time.perf_counter() - wall}
    network = Network.from_streets(streets, METRIC)
    assert network.n_edges

    def segments() -> tuple[NDArray[Any], ...]:
        from pyproj import CRS

        from siting.network.build import project

        inside = np.ones(len(streets.way_node), dtype=bool)
        inside[streets.way_ptr[1:] - 1] = False
        at = np.flatnonzero(inside)
        a, b = streets.way_node[at], streets.way_node[at + 1]
        xy = project(streets, CRS(METRIC))
        return streets.node_id[a], streets.node_id[b], np.hypot(*(xy[b] - xy[a]).T)

    return said, segments


def _read_pyrosm(path: Path) -> tuple[dict[str, float], Callable[[], Any]]:
    import pyrosm

    with quiet():
        cpu, wall = time.process_time(), time.perf_counter()
        source = pyrosm.OSM(str(path))
        nodes, edges = source.get_network("walking", nodes=True)
        said = {"loop_cpu": time.process_time() - cpu, "loop_wall": time.perf_counter() - wall}
        graph = source.to_graph(nodes, edges, graph_type="igraph")
    assert graph.ecount()
    return said, lambda: (edges["u"].to_numpy(), edges["v"].to_numpy(), edges["length"].to_numpy())


def compare(ours: Path, theirs: Path, name: str) -> str:
    """Hold the segments between neighbouring OSM nodes against each other: which there are, and how long."""
    (mine, metres), (other, other_metres) = (_segments(path) for path in (ours, theirs))
    both, at, there = np.intersect1d(mine, other, return_indices=True)
    share = len(both) / (len(mine) + len(other) - len(both))
    if share < SAME_SEGMENTS and name == "file-small":
        msg = f"pbf: only {share:.1%} of the segments are in both ({len(mine):,} and {len(other):,})"
        raise DisagreementError(msg)
    off = np.abs(metres[at] - other_metres[there]) > SAME_LENGTH * metres[at] + 0.002
    if off.any() and name == "file-small":
        msg = f"pbf: {off.sum():,} of {len(both):,} segments differ in length"
        raise DisagreementError(msg)
    return f"{len(mine):,} segments and {len(other):,}; {share:.1%} in both, equally long"


def _segments(path: Path) -> tuple[NDArray[Any], NDArray[Any]]:
    with np.load(path) as data:
        start, end, metres = data["start"].astype(np.int64), data["end"].astype(np.int64), data["metres"]
    pair = np.empty(len(start), dtype=[("a", np.int64), ("b", np.int64)])
    pair["a"], pair["b"] = np.minimum(start, end), np.maximum(start, end)
    kept, first = np.unique(pair, return_index=True)
    return kept, metres[first]
