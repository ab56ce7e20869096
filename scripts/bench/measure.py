"""Measurement: answers first, then competitors in turn in one process; memory in a process of each one's own."""

import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.model import OURS, AbsentError, Contender, DisagreementError, Row, need

SLOW_S = 20.0
"""What takes longer than this once is not done again: its first run counts."""


@dataclass
class Outcome:
    """What one contender took; ``absent`` says why it took no part. Seconds are those of the whole task."""

    contender: str
    note: str = ""
    cpu: float = float("nan")
    wall: float = float("nan")
    prepare_cpu: float = float("nan")
    runs: int = 0
    memory_mb: float = float("nan")
    agreed: str = ""
    absent: str = ""
    facts: dict[str, float] = field(default_factory=dict)


@dataclass
class _Runner:
    contender: Contender
    state: Any
    outcome: Outcome
    times: list[tuple[float, float]] = field(default_factory=list)

    def run(self) -> Any:
        gc.collect()
        cpu, wall = time.process_time(), time.perf_counter()
        raw = self.contender.run(self.state)
        self.times.append((time.process_time() - cpu, time.perf_counter() - wall))
        return raw


def measure(
    row: Row, task: Any, repeat: int, say: Callable[[str], None] = lambda _: None, skip: Sequence[str] = ()
) -> list[Outcome]:
    """Prepare all, compare their answers, and only then time them, one after the other in each round.

    Raises
    ------
    DisagreementError
        A peer's answer differs from ours.
    """
    outcomes, runners = [], []
    for contender in row.contenders(task):
        outcome = Outcome(contender.name, contender.note)
        outcomes.append(outcome)
        if contender.name in skip:
            outcome.absent = f"{contender.name}: left out"
            continue
        try:
            if contender.module:
                need(contender.module)
            cpu = time.process_time()
            state = contender.prepare(task)
            outcome.prepare_cpu = time.process_time() - cpu
        except AbsentError as reason:
            outcome.absent = str(reason)
            say(f"{row.name} · {contender.name}: {reason}")
            continue
        runners.append(_Runner(contender, state, outcome))
    if outcomes[0].absent:
        return outcomes
    compare_all(row, task, runners, say)
    rounds = max(repeat, 1)
    for _ in range(rounds):
        for runner in runners:
            if len(runner.times) == 1 and runner.times[0][1] > SLOW_S and runner.contender.name != OURS:
                continue
            runner.run()
    for runner in runners:
        counted = runner.times[1:] or runner.times  # the first run loads code and fills caches
        share = runner.contender.share
        runner.outcome.cpu = statistics.median(cpu for cpu, _ in counted) / share
        runner.outcome.wall = statistics.median(wall for _, wall in counted) / share
        runner.outcome.runs = len(counted)
    return outcomes


def compare_all(row: Row, task: Any, runners: Sequence[_Runner], say: Callable[[str], None]) -> None:
    """Run everyone once and hold each answer against ours."""
    first, *others = runners
    raw = first.run()
    first.outcome.facts = row.facts(raw)
    ours = first.contender.answer(first.state, raw)
    for runner in others:
        name = runner.contender.name
        theirs = runner.contender.answer(runner.state, runner.run())
        try:
            runner.outcome.agreed = row.compare(task, name, ours, theirs)
        except DisagreementError as error:
            msg = f"{row.name} on {task.graph.name}: {name} and {OURS} differ. {error}"
            raise DisagreementError(msg) from error
        say(f"{row.name} · {name}: {runner.outcome.agreed}")


def memory_alone(script: Path, row: str, contender: str, graph: Path, quick: bool) -> float:
    """Peak memory in MB of a process that loads the graph and runs one contender once; NaN if it failed."""
    command = [sys.executable, str(script), "--alone", row, contender, str(graph), *(["--quick"] if quick else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"{row} · {contender}: alone it failed: {done.stderr.strip()[-300:]}", file=sys.stderr)
        return float("nan")
    return float(json.loads(done.stdout.splitlines()[-1])["memory_mb"])


def peak_mb() -> float:
    """Peak memory of this process in MB.

    Linux hands the peak of the parent on in ``ru_maxrss``; ``VmHWM`` is that of this program alone.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
