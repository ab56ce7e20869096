"""p-median on graphs and points, and facility location without capacities."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import siting.locate
from bench.location import (
    Case,
    Family,
    Line,
    Target,
    answers,
    graph_distances,
    plane_distances,
    text_of,
    tsplib_points,
)
from bench.reached import all_proved, close


def _graphs(folder: Path) -> Iterator[Case]:
    for row in answers(folder, problem="p-median"):

        def solve(limit: float, row: dict[str, str] = row) -> Callable[[], Any]:
            distance, p = graph_distances(folder / row["file"])
            return lambda: siting.locate.p_median(distance, np.ones(len(distance)), p, time_limit_s=limit)

        yield Case(row["instance"], float(row["optimum_or_best_known"]), row["status"] == "optimal", 60.0, solve)


def _points(folder: Path) -> Iterator[Case]:
    for row in answers(folder, problem="p-median"):

        def solve(limit: float, row: dict[str, str] = row) -> Callable[[], Any]:
            distance = np.floor(plane_distances(tsplib_points(folder / row["file"])))
            p = int(row["p"])
            return lambda: siting.locate.p_median(distance, np.ones(len(distance)), p, time_limit_s=limit)

        key = f"{row['instance']} p={row['p']}"
        yield Case(key, float(row["optimum_or_best_known"]), row["status"] == "optimal", 20.0, solve)


def _warehouses(folder: Path) -> Iterator[Case]:
    for row in answers(folder, problem="uflp"):

        def solve(limit: float, row: dict[str, str] = row) -> Callable[[], Any]:
            numbers = text_of(folder / row["file"]).replace("capacity", "0").split()
            m, n = int(numbers[0]), int(numbers[1])
            values = np.array(numbers[2:], dtype=np.float64)
            fixed, cost = values[1 : 2 * m : 2], values[2 * m :].reshape(n, m + 1)[:, 1:]
            return lambda: siting.locate.facility_location(cost, np.ones(n), fixed, time_limit_s=limit)

        yield Case(row["instance"], float(row["optimum_or_best_known"]), row["status"] == "optimal", 10.0, solve)


def _median_gap(share: float) -> Callable[[Sequence[Line]], tuple[str, bool]]:
    def got(lines: Sequence[Line]) -> tuple[str, bool]:
        gap = statistics.median(line.gap for line in lines)
        return f"median {gap:.3%}", gap <= share

    return got


FAMILIES = (
    Family("pmedian-graphs", "pmedian_orlib", _graphs, (Target("all proved in 60 s together", all_proved(60.0)),)),
    Family(
        "pmedian-points",
        "pmedian_tsplib",
        _points,
        (
            Target("within 0.1 % of best known in 20 s", close(0.001)),
            Target("median gap at most 0.2 % in 60 s", _median_gap(0.002)),
        ),
    ),
    Family("warehouses", "cflp_orlib", _warehouses, (Target("all proved in 10 s together", all_proved(10.0)),)),
)
