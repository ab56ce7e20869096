"""What a row of the bench consists of: a task, contenders that solve it, and how their answers are compared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.graphs import BenchGraph

Longs = NDArray[np.int64]
OURS = "siting"


class DisagreementError(Exception):
    """Answers differ by more than the tolerance that is stated: no time may be printed."""


class AbsentError(Exception):
    """A peer is not installed, or cannot do this on this graph; the message says which."""


@dataclass(frozen=True)
class Task:
    """A graph and what is asked of it; everything is drawn from one seed.

    Attributes
    ----------
    categories : node positions of the facilities of each category
    weight : people at each node
    sources : candidates of the coverage pairs
    """

    graph: BenchGraph
    categories: tuple[Longs, ...]
    weight: Longs
    sources: Longs
    nearest_m: float = 1500.0
    people_m: float = 1000.0
    pairs_m: float = 1000.0

    @classmethod
    def of(cls, graph: BenchGraph, *, quick: bool = False) -> "Task":
        """Draw the task: 12 categories of 500 facilities and 20,000 candidates, or far fewer for a quick run."""
        rng = np.random.default_rng(2)
        kinds, each, candidates = (3, 10, 150) if quick else (12, 500, 20_000)
        each, candidates = min(each, graph.n // 4), min(candidates, graph.n)
        categories = tuple(rng.choice(graph.n, each, replace=False) for _ in range(kinds))
        weight = rng.integers(0, 100, graph.n)
        return cls(graph, categories, weight, np.sort(rng.choice(graph.n, candidates, replace=False)))


@dataclass(frozen=True)
class Contender:
    """One way to solve a row's task.

    Attributes
    ----------
    prepare : makes what the library needs before the first question (its network, its preprocessing)
    run : answers the whole question; this is what is timed
    answer : turns what `run` returned into arrays that can be compared; not timed
    module : the peer's package, imported before any clock runs
    share : which part of the task `run` does; times are divided by it
    note : said in the table
    """

    name: str
    prepare: Callable[[Any], Any]
    run: Callable[[Any], Any]
    answer: Callable[[Any, Any], Any]
    share: float = 1.0
    note: str = ""
    module: str = ""


@dataclass(frozen=True)
class Target:
    """How many times less than a peer; ``peer`` "best" is the fastest of all."""

    peer: str
    cpu: float | None = None
    wall: float | None = None
    memory: float | None = None

    def text(self) -> str:
        """Say the target in the table."""
        parts = [(self.cpu, "CPU"), (self.wall, "wall"), (self.memory, "less memory")]
        said = [f"≥ {factor:g}× {what}" for factor, what in parts if factor is not None]
        return ", ".join(said) + (" (best peer)" if self.peer == "best" else "")


@dataclass(frozen=True)
class Limit:
    """An absolute target of ours, e.g. memory."""

    what: str
    most: float
    unit: str

    def text(self) -> str:
        """Say the target in the table."""
        return f"{self.what} ≤ {self.most:g} {self.unit}"


@dataclass(frozen=True)
class Row:
    """A row of the bench; its task is a `Task` or one of its own with a ``graph`` that has a name and a title."""

    name: str
    title: Callable[[Any], str]
    contenders: Callable[[Any], Sequence[Contender]]
    compare: Callable[[Any, str, Any, Any], str]
    targets: dict[str, tuple[Target, ...]] = field(default_factory=dict)
    limits: dict[str, tuple[Limit, ...]] = field(default_factory=dict)
    facts: Callable[[Any], dict[str, float]] = lambda _: {}


def part_of(task_size: int, sample: int) -> tuple[int, float, str]:
    """How many are done, which share that is, and how it is said."""
    if sample >= task_size:
        return task_size, 1.0, ""
    return sample, sample / task_size, f"{sample:,} of {task_size:,}, extrapolated"


def need(module: str) -> Any:
    """Import a peer, or say that it is absent."""
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as error:
        msg = f"{module}: not installed" if error.name == module.split(".")[0] else f"{module}: {error}"
        raise AbsentError(msg) from error
