"""Time the network engine beside its peers: scipy, pandana, networkx, the osmnx recipe, igraph, cityseer and pyrosm.

Answers are compared cell by cell first; a peer that differs beyond its stated tolerance ends the run with exit code 1
and no time is printed. Competitors take turns in one process; times are medians of CPU seconds of the whole process and
of wall time; peak memory is that of a process of its own for each. A peer that is not installed is said to be so.

    pip install -e ".[bench]" -c constraints.txt
    python scripts/bench_network.py --data ../shared/data --markdown bench.md
    python scripts/bench_network.py --graph generated --rows nearest,pairs
    python scripts/bench_network.py --quick

Reads the folder that ``--data`` names (Porto Alegre, the Florida road graph). Writes only what ``--markdown`` names and
a temporary folder.
"""

import argparse
import datetime
import json
import os
import platform
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).resolve()
sys.path.insert(0, str(SCRIPT.parent))

from bench import row_areas, row_cumulative, row_nearest, row_pairs, row_pbf  # noqa: E402
from bench.graphs import BenchGraph, NoDataError, florida, generated, lattice, porto_alegre  # noqa: E402
from bench.measure import measure, memory_alone, peak_mb  # noqa: E402
from bench.model import DisagreementError, Task  # noqa: E402
from bench.table import Line, lines_of, markdown, plain  # noqa: E402

GRAPH_ROWS = {row.name: row for row in (row_nearest.ROW, row_cumulative.ROW, row_pairs.ROW)}
AREA_ROWS = {row.name: row for row in row_areas.ROWS}
FILE_ROWS = ("areas", "pbf")
ALL_ROWS = (*GRAPH_ROWS, *FILE_ROWS)
GRAPHS = ("porto-alegre", "florida", "generated")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the rows that are asked for; returns 1 where answers differ, 2 where data are missing."""
    asked = parse(argv)
    warnings.simplefilter("ignore")
    if asked.alone:
        return alone(*asked.alone, quick=asked.quick)
    try:
        lines = run(asked)
    except DisagreementError as error:
        print(f"ANSWERS DIFFER, nothing is timed: {error}", file=sys.stderr)
        return 1
    except NoDataError as error:
        print(error, file=sys.stderr)
        return 2
    print(plain(lines))
    missed = [line for line in lines if line.met is False]
    print(f"\n{sum(line.met is True for line in lines)} targets met, {len(missed)} missed. {machine()}")
    if asked.markdown:
        asked.markdown.write_text(markdown(lines, machine()), encoding="utf-8")
    return 0


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rows", default=",".join(ALL_ROWS), help=f"some of {', '.join(ALL_ROWS)}")
    parser.add_argument("--graph", action="append", choices=GRAPHS, help="may be repeated; default the first two")
    parser.add_argument("--nodes", type=int, default=200_000, help="size of the generated city")
    parser.add_argument("--repeat", type=int, default=5, help="timed rounds; slow peers run once")
    parser.add_argument("--quick", action="store_true", help="a small lattice and small tasks, no data needed")
    parser.add_argument("--skip", default="", help="peers to leave out, e.g. cityseer,igraph (they take minutes)")
    parser.add_argument("--no-memory", action="store_true", help="leave out the processes that measure memory")
    parser.add_argument("--markdown", type=Path, help="also write the table to this file")
    parser.add_argument("--data", type=Path, default=SCRIPT.parents[2] / "shared" / "data", help="folder of the data")
    parser.add_argument("--alone", nargs=3, metavar=("ROW", "CONTENDER", "GRAPH"), help=argparse.SUPPRESS)
    asked = parser.parse_args(argv)
    asked.rows = [name for name in asked.rows.split(",") if name]
    asked.skip = [name for name in asked.skip.split(",") if name]
    unknown = sorted(set(asked.rows) - set(ALL_ROWS))
    if unknown:
        parser.error(f"unknown row {', '.join(unknown)}; there are {', '.join(ALL_ROWS)}")
    return asked


def run(asked: argparse.Namespace) -> list[Line]:
    """Measure every row on every graph."""
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(prefix="bench-network-") as folder:
        if set(asked.rows) & set(GRAPH_ROWS):
            for make in graphs(asked):
                lines += on_graph(asked, make(), Path(folder))
        if "areas" in asked.rows:
            lines += areas(asked)
        if "pbf" in asked.rows and not asked.quick:
            lines += row_pbf.run(asked.data, Path(folder), asked.repeat, say)
    return lines


def graphs(asked: argparse.Namespace) -> list[Callable[[], BenchGraph]]:
    """Return what makes each graph, so that only one is held at a time."""
    if asked.quick:
        return [lambda: lattice(20)]
    makers: dict[str, Callable[[], BenchGraph]] = {
        "porto-alegre": lambda: porto_alegre(asked.data),
        "florida": lambda: florida(asked.data),
        "generated": lambda: generated(asked.nodes),
    }
    return [makers[name] for name in asked.graph or GRAPHS[:2]]


def on_graph(asked: argparse.Namespace, graph: BenchGraph, folder: Path) -> list[Line]:
    """Measure the rows that search a graph."""
    say(graph.title)
    lines: list[Line] = []
    task, saved = Task.of(graph, quick=asked.quick), folder / f"{graph.name}.npz"
    graph.save(saved)
    for name, row in GRAPH_ROWS.items():
        if name not in asked.rows:
            continue
        outcomes = measure(row, task, asked.repeat, say, asked.skip)
        for outcome in outcomes:
            if not outcome.absent and not asked.no_memory:
                outcome.memory_mb = memory_alone(SCRIPT, name, outcome.contender, saved, asked.quick)
        lines += lines_of(row, task, outcomes)
    return lines


def areas(asked: argparse.Namespace) -> list[Line]:
    """Measure the service areas."""
    lines: list[Line] = []
    task = row_areas.quick_task() if asked.quick else row_areas.full_task(asked.data)
    say(task.graph.title)
    for row in row_areas.ROWS:
        outcomes = measure(row, task, min(asked.repeat, 3), say, asked.skip)
        for outcome in outcomes:
            if not outcome.absent and not asked.no_memory:
                outcome.memory_mb = memory_alone(SCRIPT, row.name, outcome.contender, asked.data, asked.quick)
        lines += lines_of(row, task, outcomes)
    return lines


def alone(row: str, contender: str, graph: str, *, quick: bool) -> int:
    """Run one contender once and print its peak memory: what `memory_alone` starts."""
    if row.startswith("pbf:"):
        return row_pbf.alone(Path(row.removeprefix("pbf:")), contender, Path(graph))
    task: Any
    if row in AREA_ROWS:
        asked = AREA_ROWS[row]
        task = row_areas.quick_task() if quick else row_areas.full_task(Path(graph))
    else:
        asked = GRAPH_ROWS[row]
        task = Task.of(BenchGraph.load(Path(graph)), quick=quick)
    chosen = next(c for c in asked.contenders(task) if c.name == contender)
    state = chosen.prepare(task)
    chosen.run(state)
    print(json.dumps({"memory_mb": peak_mb()}))
    return 0


def machine() -> str:
    """Say when and on what this was measured."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{datetime.date.today().isoformat()}, {cores} cores ({platform.machine()}), Python {platform.python_version()}"
    )


def say(text: str) -> None:
    """Report progress; the table alone goes to the standard output."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
