"""Time the location engine on the literature: instance, known value, ours, bound, gap, seconds, memory.

Reads the folder of benchmarks that ``SITING_BENCHMARKS`` or ``--benchmarks`` names (default: ``../shared/benchmarks``
beside the project). Every room ``bench/locate_*.py`` adds families of instances. Each instance is solved in a process
of its own, one after the other; seconds are those of the call, peak memory that of the process. At the end: a table of
the families, and one of the targets. An instance without an answer, a value better than a proved optimum, or a bound on
its wrong side, ends the bench with exit code 1; so does a target that is not met, with ``--strict``.

With ``--peers`` (or ``SITING_PEERS``), the interpreter of an environment that has spopt and pulp, the family ``spopt``
solves the same instances there and here.

    python scripts/bench_locate.py --list
    python scripts/bench_locate.py --families pmedian-graphs,warehouses
    python scripts/bench_locate.py --families pmedian-points --only rl1304 --time-limit 60 --markdown table.md
    python scripts/bench_locate.py --families spopt --peers ../peers/bin/python
"""

import argparse
import importlib
import json
import math
import os
import pkgutil
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import bench
from bench import beside_spopt
from bench.location import Case, Family, Line
from bench.measure import peak_mb

HEAD = ("family", "instance", "known", "ours", "bound", "gap", "status", "CPU s", "wall s", "peak MB")
SUMMARY = ("family", "instances", "proved", "at the known value", "worst of known", "worst gap", "CPU s", "peak MB")
VERDICT = ("family", "target", "reached", "met")
SPOPT = "spopt"
SLACK_S = 120.0
"""What a process may take beyond three times its limit before it is ended: reading, loading, a slow machine."""

WARM_S = 20.0
"""What the first instance of a family is given once more beforehand."""


@dataclass
class Report:
    """Everything that is printed."""

    lines: list[Line] = field(default_factory=list)
    verdicts: list[tuple[str, str, str, bool]] = field(default_factory=list)
    beside: list[beside_spopt.Comparison] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


def families() -> dict[str, Family]:
    """Every family of every room, by name."""
    rooms = [m.name for m in pkgutil.iter_modules(bench.__path__) if m.name.startswith("locate_")]
    found = [family for room in sorted(rooms) for family in importlib.import_module(f"bench.{room}").FAMILIES]
    return {family.name: family for family in found}


def listed(family: Family, root: Path) -> str:
    """Say where a family is read from, how many instances it has, and how long they may take at most."""
    folder = root / family.folder
    if not folder.is_dir():
        return f"{family.name}: {folder} is not there"
    limits = [case.time_limit_s for case in family.cases(folder)]
    return f"{family.name}: {len(limits)} instances of {folder}, {sum(limits) / 60:.0f} minutes at most"


def solve_alone(case: Case, family: str, limit: float) -> Line:
    """Solve a case in this process."""
    call = case.solve(limit)
    cpu, wall = time.process_time(), time.perf_counter()
    result = call()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return Line(
        family=family, key=case.key, known=case.known, proved=case.proved, sense=case.sense, value=result.objective,
        bound=result.bound, status=result.status, cpu_s=cpu, wall_s=wall, peak_mb=peak_mb(),
    )  # fmt: skip


def solve_apart(case: Case, family: str, limit: float, root: Path) -> Line:
    """Solve a case in a process of its own; one that fails is a line too."""
    where = ["--benchmarks", str(root), "--time-limit", str(limit)]
    command = [sys.executable, __file__, *where, "--alone", family, case.key]
    began = time.perf_counter()
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=3 * limit + SLACK_S)
    except subprocess.TimeoutExpired as error:
        said = f"no end within {error.timeout:.0f} s"
    else:
        if done.returncode == 0:
            return Line(**json.loads(done.stdout.splitlines()[-1]))
        said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1][-200:]
    nan = math.nan
    return Line(
        family, case.key, case.known, case.proved, case.sense, nan, nan, "failed", nan, time.perf_counter() - began,
        nan, said,
    )  # fmt: skip


def cells(line: Line) -> tuple[str, ...]:
    """One line of the table."""
    known = number(line.known) + ("" if line.proved else " (best known)")
    start = (line.family, line.key, known)
    if line.failed:
        return (*start, "–", "–", "–", f"FAILED: {line.failed}".replace("|", "/"), "–", f"{line.wall_s:.2f}", "–")
    fault = f" {line.fault.upper()}" if line.fault else ""
    return (
        *start, number(line.value), number(line.bound), f"{line.gap:.3%}", line.status + fault, f"{line.cpu_s:.2f}",
        f"{line.wall_s:.2f}", f"{line.peak_mb:.0f}",
    )  # fmt: skip


def summary(name: str, lines: Sequence[Line]) -> tuple[str, ...]:
    """One line of the table of families."""
    solved = [line for line in lines if not line.failed]
    if not solved:
        return (name, f"0 of {len(lines)}", *["–"] * (len(SUMMARY) - 2))
    reached = sum(line.off <= 1e-9 + 1e-3 / max(1.0, abs(line.known)) for line in solved)
    return (
        name, f"{len(solved)} of {len(lines)}", str(sum(line.status == "optimal" for line in solved)), str(reached),
        f"{max(line.off for line in solved):+.3%}", f"{max(line.gap for line in solved):.3%}",
        f"{sum(line.cpu_s for line in solved):.1f}", f"{max(line.peak_mb for line in solved):.0f}",
    )  # fmt: skip


def number(value: float) -> str:
    """Write a number without needless digits."""
    if not math.isfinite(value):
        return "–"
    return f"{value:,.0f}" if value == round(value) else f"{value:,.3f}"


def targets_of(family: Family, lines: Sequence[Line], cases: int) -> list[tuple[str, str, str, bool]]:
    """Say of each target how far it is; one that lacks instances is not met."""
    solved = [line for line in lines if not line.failed]
    if not solved:
        return [(family.name, target.text, "no answer", False) for target in family.targets if lines]
    said = [(target.text, *target.got(solved)) for target in family.targets]
    return [(family.name, text, got, met and len(solved) == cases) for text, got, met in said]


def run_family(family: Family, args: argparse.Namespace, report: Report) -> None:
    """Solve each of its instances in turn."""
    folder = args.benchmarks / family.folder
    if not folder.is_dir():
        report.absent.append(f"{family.name}: {folder} is not there")
        print(report.absent[-1], file=sys.stderr)
        return
    lines, cases = [], [case for case in family.cases(folder) if args.only in case.key]
    if cases:
        # On a new machine the first run compiles code, which is kept: it does not count.
        first = min(args.time_limit or cases[0].time_limit_s, WARM_S)
        solve_apart(cases[0], family.name, first, args.benchmarks)
    for case in cases:
        line = solve_apart(case, family.name, args.time_limit or case.time_limit_s, args.benchmarks)
        lines.append(line)
        report.lines.append(line)
        print("  ".join(cells(line)), file=sys.stderr, flush=True)
    report.verdicts += targets_of(family, lines, len(cases))


def run_beside_spopt(args: argparse.Namespace, report: Report) -> None:
    """Solve the same instances there and here."""
    for task in beside_spopt.tasks(args.benchmarks / "sf_stores"):
        if args.only in task.key:
            report.beside.append(beside_spopt.compare(task, args.peers))
            print("  ".join(report.beside[-1].cells()), file=sys.stderr, flush=True)
    report.verdicts += [(SPOPT, *said) for said in beside_spopt.verdicts(report.beside)]


def written(report: Report, seconds: float) -> str:
    """Render everything as Markdown."""
    names = list(dict.fromkeys(line.family for line in report.lines))
    of = {name: [line for line in report.lines if line.family == name] for name in names}
    cpu = sum(line.cpu_s for line in report.lines if not line.failed)
    count = len(report.lines) + len(report.beside)
    where = (
        f"{date.today().isoformat()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    parts = [
        as_table(HEAD, [cells(line) for line in report.lines]),
        as_table(beside_spopt.HEAD, [c.cells() for c in report.beside]),
        as_table(SUMMARY, [summary(name, of[name]) for name in names]),
        as_table(VERDICT, [(*said, "yes" if met else "NO") for *said, met in report.verdicts]),
        "\n".join(report.absent),
        f"{count} instances in {seconds / 60:.1f} minutes, {cpu:.0f} CPU s of calls here ({where}).",
    ]
    return "\n\n".join(part for part in parts if part)


def as_table(head: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
    """Render a table as Markdown; nothing if it has no rows."""
    shown = [head, ["---"] * len(head), *rows] if rows else []
    return "\n".join("| " + " | ".join(row) + " |" for row in shown)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bench and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("SITING_BENCHMARKS") or str(Path(__file__).resolve().parents[2] / "shared" / "benchmarks")
    parser.add_argument("--benchmarks", type=Path, default=Path(default), help="folder of the instances")
    parser.add_argument("--families", help="names with commas between; default: all")
    parser.add_argument("--only", default="", help="instances whose name holds this")
    parser.add_argument("--time-limit", type=float, help="seconds an instance, in place of the family's own")
    parser.add_argument("--peers", default=os.environ.get("SITING_PEERS"), help="interpreter that has spopt and pulp")
    parser.add_argument("--markdown", type=Path, help="write the tables to this file")
    parser.add_argument("--strict", action="store_true", help="a target that is not met is a failure")
    parser.add_argument("--list", action="store_true", help="name the families and end")
    parser.add_argument("--alone", nargs=2, metavar=("FAMILY", "INSTANCE"), help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    known = families()
    if args.list:
        print("\n".join(listed(family, args.benchmarks) for family in known.values()))
        print(f"{SPOPT}: the same instances in spopt and here, with --peers")
        return 0
    if args.alone:
        family = known[args.alone[0]]
        case = next(c for c in family.cases(args.benchmarks / family.folder) if c.key == args.alone[1])
        print(json.dumps(vars(solve_alone(case, family.name, args.time_limit or case.time_limit_s))))
        return 0
    every = [*known, *([SPOPT] if args.peers else [])]
    names = every if args.families is None else args.families.split(",")
    if SPOPT in names and not args.peers:
        parser.error("the family spopt needs --peers, the interpreter of an environment that has spopt and pulp")
    unknown = [name for name in names if name not in (*known, SPOPT)]
    if unknown:
        parser.error(f"no family {unknown[0]!r}; there are {', '.join((*known, SPOPT))}")
    report, began = Report(), time.perf_counter()
    try:
        for name in names:
            if name == SPOPT:
                run_beside_spopt(args, report)
            else:
                run_family(known[name], args, report)
    except KeyboardInterrupt:
        report.absent.append("interrupted: what follows was not run")
    text = written(report, time.perf_counter() - began)
    print(text)
    if args.markdown:
        args.markdown.write_text(text + "\n", encoding="utf-8")
    failed = bool(report.absent) or any(line.failed or line.fault for line in report.lines)
    failed |= any(c.fault for c in report.beside)
    return int(failed or (args.strict and not all(met for *_, met in report.verdicts)))


if __name__ == "__main__":
    sys.exit(main())
