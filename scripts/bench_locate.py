"""Time the location engine on the literature: instance, known value, ours, bound, gap, seconds, memory.

Reads the folder of benchmarks that ``SITING_BENCHMARKS`` or ``--benchmarks`` names (default: ``../shared/benchmarks``
beside the project). Every room ``bench/locate_*.py`` adds families of instances. Each instance is solved in a process
of its own, one after the other; seconds are those of the call, peak memory that of the process. A value better than a
proved optimum, or a bound on its wrong side, ends the bench with exit code 1; so does a target that is not met, with
``--strict``.

    python scripts/bench_locate.py --list
    python scripts/bench_locate.py --families pmedian-graphs,warehouses
    python scripts/bench_locate.py --families pmedian-points --only rl1304 --time-limit 60 --markdown table.md
"""

import argparse
import importlib
import json
import math
import os
import pkgutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import bench
from bench.location import Case, Family, Line
from bench.measure import peak_mb

HEAD = ("family", "instance", "known", "ours", "bound", "gap", "status", "CPU s", "wall s", "peak MB")


def families() -> dict[str, Family]:
    """Every family of every room, by name."""
    rooms = [m.name for m in pkgutil.iter_modules(bench.__path__) if m.name.startswith("locate_")]
    found = [family for room in sorted(rooms) for family in importlib.import_module(f"bench.{room}").FAMILIES]
    return {family.name: family for family in found}


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


def solve_apart(case: Case, family: str, limit: float, root: Path) -> Line | None:
    """Solve a case in a process of its own; None if it fails."""
    command = [
        sys.executable,
        __file__,
        "--benchmarks",
        str(root),
        "--alone",
        family,
        case.key,
        "--time-limit",
        str(limit),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"{family} · {case.key} failed: {done.stderr.strip()[-400:]}", file=sys.stderr)
        return None
    return Line(**json.loads(done.stdout.splitlines()[-1]))


def cells(line: Line) -> tuple[str, ...]:
    """One line of the table."""
    known = number(line.known) + ("" if line.proved else " (best known)")
    fault = f" {line.fault.upper()}" if line.fault else ""
    return (
        line.family, line.key, known, number(line.value), number(line.bound), f"{line.gap:.3%}", line.status + fault,
        f"{line.cpu_s:.2f}", f"{line.wall_s:.2f}", f"{line.peak_mb:.0f}",
    )  # fmt: skip


def number(value: float) -> str:
    """Write a number without needless digits."""
    if not math.isfinite(value):
        return "–"
    return f"{value:,.0f}" if value == round(value) else f"{value:,.3f}"


def targets_of(family: Family, lines: Sequence[Line], cases: int) -> list[tuple[str, str, bool]]:
    """Say of each target how far it is; one that lacks instances is not met."""
    if not lines:
        return []
    said = [(target.text, *target.got(lines)) for target in family.targets]
    return [(text, got, met and len(lines) == cases) for text, got, met in said]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bench and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("SITING_BENCHMARKS") or str(Path(__file__).resolve().parents[2] / "shared" / "benchmarks")
    parser.add_argument("--benchmarks", type=Path, default=Path(default), help="folder of the instances")
    parser.add_argument("--families", help="names with commas between; default: all")
    parser.add_argument("--only", default="", help="instances whose name holds this")
    parser.add_argument("--time-limit", type=float, help="seconds an instance, in place of the family's own")
    parser.add_argument("--markdown", type=Path, help="write the table to this file")
    parser.add_argument("--strict", action="store_true", help="a target that is not met is a failure")
    parser.add_argument("--list", action="store_true", help="name the families and end")
    parser.add_argument("--alone", nargs=2, metavar=("FAMILY", "INSTANCE"), help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    known = families()
    if args.list:
        print("\n".join(f"{name}: {args.benchmarks / family.folder}" for name, family in known.items()))
        return 0
    if args.alone:
        family = known[args.alone[0]]
        case = next(c for c in family.cases(args.benchmarks / family.folder) if c.key == args.alone[1])
        print(json.dumps(vars(solve_alone(case, family.name, args.time_limit or case.time_limit_s))))
        return 0
    names = list(known) if args.families is None else args.families.split(",")
    unknown = [name for name in names if name not in known]
    if unknown:
        parser.error(f"no family {unknown[0]!r}; there are {', '.join(known)}")
    table: list[tuple[str, ...]] = [HEAD]
    verdicts: list[str] = []
    failed = False
    for family in (known[name] for name in names):
        folder = args.benchmarks / family.folder
        if not folder.is_dir():
            print(f"{family.name}: {folder} is not there", file=sys.stderr)
            failed = True
            continue
        lines, cases = [], [case for case in family.cases(folder) if args.only in case.key]
        for case in cases:
            line = solve_apart(case, family.name, args.time_limit or case.time_limit_s, args.benchmarks)
            failed |= line is None or bool(line.fault)
            if line is not None:
                lines.append(line)
                table.append(cells(line))
                print("  ".join(cells(line)[1:]), file=sys.stderr, flush=True)
        for text, got, met in targets_of(family, lines, len(cases)):
            verdicts.append(f"{family.name}: {text}: {got}: {'met' if met else 'NOT met'}")
            failed |= args.strict and not met
    print(written := as_table(table, verdicts))
    if args.markdown:
        args.markdown.write_text(written + "\n", encoding="utf-8")
    return int(failed)


def as_table(table: Sequence[tuple[str, ...]], verdicts: Sequence[str]) -> str:
    """Render it as Markdown, with the verdicts below."""
    rows = [table[0], ("---",) * len(table[0]), *table[1:]]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "".join(f"\n\n{verdict}" for verdict in verdicts)


if __name__ == "__main__":
    sys.exit(main())
