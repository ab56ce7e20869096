"""Solve the same instances in spopt and here: is the optimum the same, and what did it take.

spopt lives in an environment of its own, whose interpreter is given. The two take turns, each in a process of its own;
memory is the largest sum over the process and those that it started, looked at twenty times a second.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import isfinite, nan
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.locate_stores import LIMIT_M, read_stores
from bench.table import seconds, times, whole

SIZES = ((1_000, 200), (2_000, 500), (5_000, 1_000))
TIME_LIMIT_S = 120.0
"""What each search is given; building the model comes on top."""
KILL_S = 300.0
MOST_GB = 6.0
HEAD = (
    "model", "instance", "spopt", "ours", "same", "spopt CPU s", "ours CPU s", "ratio CPU", "ratio wall",
    "peak MB: spopt / ours", "ratio",
)  # fmt: skip
LARGEST = {"mclp", "p_dispersion", "backup_coverage"}


@dataclass(frozen=True)
class Task:
    """One instance; ``limit`` and ``p`` play a part where the model has them."""

    model: str
    instance: str
    cost: NDArray[np.float64] = field(repr=False)
    weight: NDArray[np.float64] = field(repr=False)
    limit: float = 0.0
    p: int = 0

    @property
    def key(self) -> str:
        """What ``--only`` looks at."""
        return f"{self.model} {self.instance}"

    def value(self, sites: Sequence[int]) -> float:
        """Value of a plan, computed from the costs."""
        if not sites:
            return nan
        cost = self.cost[:, list(sites)]
        nearest = cost.min(axis=1)
        if self.model == "lscp":
            return float(len(sites)) if (nearest <= self.limit).all() else nan
        if self.model == "mclp":
            return float(self.weight[nearest <= self.limit].sum())
        if self.model == "p_median":
            return float(nearest @ self.weight)
        if self.model == "p_center":
            return float(nearest.max())
        if self.model == "p_dispersion":
            apart = cost[list(sites)] + np.where(np.eye(len(sites), dtype=bool), np.inf, 0.0)
            return float(apart.min())
        return float(((cost <= self.limit).sum(axis=1) >= 2).sum()) if (nearest <= self.limit).all() else nan


def tasks(stores: Path) -> Iterator[Task]:
    """Take the stores of San Francisco where they are at hand, then made towns of growing size, covering first."""
    if stores.is_dir():
        cost, weight = read_stores(stores)
        name = "San Francisco, 205 × 16"
        yield Task("lscp", name, cost, weight, LIMIT_M)
        yield Task("mclp", name, cost, weight, LIMIT_M, 4)
        yield Task("p_median", name, cost, weight, p=4)
        yield Task("p_center", name, cost, weight, p=4)
        yield Task("backup_coverage", name, cost, weight, LIMIT_M)
    for n, m in SIZES:
        name, (cost, _, weight) = f"town, {n:,} × {m:,}", town(n, m)
        reach = float(cost.min(axis=1).max())
        yield Task("lscp", name, cost, weight, reach)
        yield Task("mclp", name, cost, weight, 500.0, m // 20)
        yield Task("backup_coverage", name, cost, weight, reach)
    for n, m in SIZES:
        name, (cost, apart, weight) = f"town, {n:,} × {m:,}", town(n, m)
        yield Task("p_median", name, cost, weight, p=m // 20)
        yield Task("p_center", name, cost, weight, p=m // 20)
        yield Task("p_dispersion", name, apart, np.ones(m), p=10)


def town(n: int, m: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Make demand in clusters and candidates anywhere in 8 × 8 km; return whole metres along blocks, and people."""
    rng = np.random.default_rng(n)
    centre = rng.uniform(0, 8000, (20, 2))
    demand = np.clip(centre[rng.integers(20, size=n)] + rng.normal(0, 900, (n, 2)), 0, 8000)
    sites = rng.uniform(0, 8000, (m, 2))
    cost = np.rint(np.abs(demand[:, None] - sites[None]).sum(axis=2))
    apart = np.rint(np.abs(sites[:, None] - sites[None]).sum(axis=2))
    return cost, apart, rng.integers(1, 500, n).astype(np.float64)


@dataclass(frozen=True)
class Run:
    """What one side took, and what it says."""

    status: str
    value: float = nan
    sites: tuple[int, ...] = ()
    cpu_s: float = nan
    wall_s: float = nan
    load_s: float = nan
    peak_mb: float = nan
    late: bool = False
    """It was ended; it would have taken longer."""


@dataclass(frozen=True)
class Comparison:
    """Both sides of one instance."""

    task: Task
    spopt: Run
    ours: Run

    @property
    def same(self) -> str:
        """Whether both plans are worth the same, computed from the costs, and what is wrong with a stated value."""
        theirs, own = self.task.value(self.spopt.sites), self.task.value(self.ours.sites)
        blur = 1e-6 * max(1.0, abs(theirs))
        said = f"states {number(self.spopt.value)}: its sites give {number(theirs)}"
        wrong = f"WRONG: {said}" if isfinite(theirs) and abs(self.spopt.value - theirs) > 1e3 * blur else ""
        if not isfinite(theirs):
            return "–"
        better = own > theirs + blur if self.task.model in LARGEST else own < theirs - blur
        same = "yes" if abs(own - theirs) <= blur else "ours is better" if better else "OURS IS WORSE"
        return f"{same}; {wrong}" if wrong else same

    @property
    def fault(self) -> bool:
        """Whether our answer is not what it should be: none, or worse than theirs and called optimal."""
        return not self.ours.sites or (self.ours.status == "optimal" and "WORSE" in self.same)

    @property
    def ratios(self) -> tuple[float, float, float]:
        """How many times our CPU time, wall time and memory spopt took."""
        a, b = self.spopt, self.ours
        return a.cpu_s / b.cpu_s, a.wall_s / b.wall_s, a.peak_mb / b.peak_mb

    def cells(self) -> tuple[str, ...]:
        """One line of the table."""
        cpu, wall, memory = self.ratios
        over = "> " if self.spopt.late else ""
        return (
            self.task.model, self.task.instance, f"{number(self.spopt.value)} {self.spopt.status}".strip("– "),
            f"{number(self.ours.value)} {self.ours.status}".strip("– "), self.same, over + seconds(self.spopt.cpu_s),
            seconds(self.ours.cpu_s), over + times(cpu), over + times(wall),
            f"{whole(self.spopt.peak_mb)} / {whole(self.ours.peak_mb)}", times(memory),
        )  # fmt: skip


def number(value: float) -> str:
    """Write a value without needless digits."""
    return "–" if not isfinite(value) else f"{value:,.0f}" if abs(value - round(value)) < 1e-3 else f"{value:,.3f}"


def compare(task: Task, peer: str) -> Comparison:
    """Solve it there, then here."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "task.npz"
        told = {"model": task.model, "limit": task.limit, "p": task.p, "time_limit_s": TIME_LIMIT_S}
        np.savez(path, cost=task.cost, weight=task.weight, task=json.dumps(told))
        return Comparison(task, run_alone(peer, "spopt", path), run_alone(sys.executable, "siting", path))


def run_alone(python: str, who: str, path: Path) -> Run:
    """Run one side in a process of its own, and watch its memory; it is ended where it takes far too long."""
    command = [python, "-P", str(Path(__file__).with_name("spopt_alone.py")), who, str(path), f"{MOST_GB:g}"]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            # Its own folder: the solver leaves files where it runs.
            process = subprocess.Popen(command, stdout=out, stderr=err, cwd=path.parent)
        except OSError as error:
            return Run(f"failed: {error}")
        began, peak = time.monotonic(), 0.0
        try:
            while process.poll() is None and time.monotonic() - began <= KILL_S:
                peak = max(peak, memory_mb(process.pid))
                time.sleep(0.05)
            late, spent = process.poll() is None, cpu_s(process.pid)
        finally:
            if process.poll() is None:
                end_family(process)
        out.seek(0)
        err.seek(0)
        lines = out.read().decode(errors="replace").splitlines()
        if late:
            begun = json.loads(lines[0])["begun_s"] if lines else spent
            return Run(f"no answer in {KILL_S:.0f} s", cpu_s=spent - begun, wall_s=KILL_S, peak_mb=peak, late=True)
        if process.returncode != 0 or not lines:
            said = err.read().decode(errors="replace").strip().splitlines()
            return Run(f"failed: {said[-1][:200] if said else process.returncode}", peak_mb=peak)
    found: dict[str, Any] = json.loads(lines[-1])
    return Run(
        found["status"], found["value"], tuple(found["sites"]), found["cpu_s"], found["wall_s"], found["load_s"], peak
    )


def family_of(pid: int) -> list[int]:
    """Return a process and all that it started."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return [pid]
    return [pid, *(one for child in children for one in family_of(int(child)))]


def memory_mb(pid: int) -> float:
    """Memory that a process and those that it started hold now; 0 where the system does not say."""
    total, program = 0, None
    for one in family_of(pid):
        try:
            status, runs = Path(f"/proc/{one}/status").read_text(encoding="ascii"), Path(f"/proc/{one}/exe").readlink()
        except OSError:
            continue
        # A child that is about to become another program still shows the memory of its parent.
        if one != pid and runs == program:
            continue
        program = program or runs
        total += next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")), 0)
    return total / 1024


def cpu_s(pid: int) -> float:
    """CPU seconds of a process, of those that it started, and of those of them that have ended."""
    total = 0
    for one in family_of(pid):
        try:
            stat = Path(f"/proc/{one}/stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            continue
        # After the name in brackets: own and children's user and system time are the 12th to 15th.
        total += sum(int(ticks) for ticks in stat.rpartition(")")[2].split()[11:15])
    return total / os.sysconf("SC_CLK_TCK")


def end_family(process: subprocess.Popen[bytes]) -> None:
    """End a process, and the solver that it started."""
    for one in reversed(family_of(process.pid)):
        try:
            os.kill(one, signal.SIGKILL)
        except OSError:
            continue
    process.wait()


def verdicts(made: Sequence[Comparison]) -> list[tuple[str, str, bool]]:
    """Hold the whole against the targets: the same optimum, 100 times less time, 5 times less memory."""
    with_answer = [c for c in made if c.spopt.sites]
    same = sum(c.same.startswith(("yes", "ours is better")) for c in with_answer)
    took = [c.ratios for c in made if isfinite(c.ratios[0])]
    faster = sum(cpu >= 100 for cpu, _, _ in took)
    held = [c.ratios[2] for c in made if isfinite(c.ratios[2])]
    lighter = sum(memory >= 5 for memory in held)
    none = len(made) - len(with_answer)
    return [
        ("same optimum, or better than what it stopped at", f"{same} of {len(with_answer)}, {none} without any answer "
         "of spopt", same == len(with_answer)),
        ("at least 100× less CPU time", f"{faster} of {len(took)}, {_span([r[0] for r in took])}",
         bool(took) and faster == len(took)),
        ("at least 5× less memory", f"{lighter} of {len(held)}, {_span(held)}", bool(held) and lighter == len(held)),
    ]  # fmt: skip


def _span(ratios: Sequence[float]) -> str:
    return f"{times(min(ratios))} to {times(max(ratios))}, median {times(float(np.median(ratios)))}" if ratios else "–"
