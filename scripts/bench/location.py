"""What a bench of the location engine is made of: cases with a known answer, families of them, and their targets."""

import csv
import gzip
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Case:
    """One instance to solve.

    Attributes
    ----------
    key : unique in its family
    known : the optimum, or the best value known
    proved : whether ``known`` is the optimum
    time_limit_s : that the search is given
    solve : takes the time limit, reads the instance, and returns what to call; only the call is timed
    sense : whether small or large values are good
    """

    key: str
    known: float
    proved: bool
    time_limit_s: float
    solve: Callable[[float], Callable[[], Any]]
    sense: Literal["min", "max"] = "min"


@dataclass(frozen=True)
class Line:
    """What came out of a case."""

    family: str
    key: str
    known: float
    proved: bool
    sense: str
    value: float
    bound: float
    status: str
    cpu_s: float
    wall_s: float
    peak_mb: float
    failed: str = ""
    """Why there is no answer."""

    @property
    def gap(self) -> float:
        """Relative distance of value and bound."""
        return abs(self.bound - self.value) / max(1.0, abs(self.value))

    @property
    def off(self) -> float:
        """How much worse than the known value, as a share; negative = better."""
        worse = self.value - self.known if self.sense == "min" else self.known - self.value
        return worse / max(1.0, abs(self.known))

    @property
    def fault(self) -> str:
        """Say what is impossible: a value better than a proved optimum, or a bound on its wrong side."""
        # Published values have three decimals.
        blur = 1e-3 + 1e-9 * abs(self.known)
        sign = 1.0 if self.sense == "min" else -1.0
        if self.proved and sign * (self.known - self.value) > blur:
            return "better than the optimum"
        reached = min(sign * self.known, sign * self.value)
        return "bound on the wrong side" if sign * self.bound - reached > blur else ""


@dataclass(frozen=True)
class Target:
    """What is to be reached by a family as a whole; ``got`` says how far it is and whether that will do."""

    text: str
    got: Callable[[Sequence[Line]], tuple[str, bool]]


@dataclass(frozen=True)
class Family:
    """Instances of one kind, from one folder of the benchmarks."""

    name: str
    folder: str
    cases: Callable[[Path], Iterator[Case]]
    targets: tuple[Target, ...] = ()


def answers(folder: Path, **equal: str) -> list[dict[str, str]]:
    """Read the rows of ``optimum.csv`` that have such values."""
    with (folder / "optimum.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if all(row[k] == v for k, v in equal.items())]


def text_of(path: Path) -> str:
    """Read a file that may be packed."""
    if path.exists():
        return path.read_text(encoding="utf-8")
    return gzip.decompress(path.with_name(path.name + ".gz").read_bytes()).decode()


def tsplib_points(path: Path) -> NDArray[np.float64]:
    """Read the points of a TSPLIB file."""
    lines = text_of(path).splitlines()
    first = next(k for k, line in enumerate(lines) if line.startswith("NODE_COORD")) + 1
    kept = [line.split()[1:3] for line in lines[first:] if line.strip() not in ("", "EOF")]
    return np.array(kept, dtype=np.float64)


def plane_distances(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return straight-line distances between all points."""
    distance: NDArray[np.float64] = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    return distance


def graph_distances(path: Path) -> tuple[NDArray[np.float64], int]:
    """Read an undirected graph of the OR-Library; return shortest paths between all vertices, and its p.

    Of an edge that is listed twice the last line counts.
    """
    from scipy.sparse.csgraph import floyd_warshall

    numbers = np.array(text_of(path).split(), dtype=np.int64)
    n, m, p = numbers[:3].tolist()
    length = np.full((n, n), np.inf)
    for a, b, d in numbers[3 : 3 + 3 * m].reshape(-1, 3).tolist():
        length[a - 1, b - 1] = length[b - 1, a - 1] = d
    np.fill_diagonal(length, 0.0)
    distance: NDArray[np.float64] = floyd_warshall(length, directed=False)
    return distance, p
