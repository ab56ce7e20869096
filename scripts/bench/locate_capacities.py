"""Sites with capacities: split and single-source facility location, capacitated p-median."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import siting.locate
from bench.location import Case, Family, Line, Target, answers, plane_distances, text_of


def _warehouses(folder: Path) -> Iterator[Case]:
    for row in answers(folder, problem="cflp"):

        def solve(limit: float, row: dict[str, str] = row) -> Callable[[], Any]:
            text = text_of(folder / row["file"]).replace("capacity", row["params"].removeprefix("capacity="))
            values = np.array(text.split(), dtype=np.float64)
            m, n = int(values[0]), int(values[1])
            sites, table = values[2 : 2 + 2 * m].reshape(m, 2), values[2 + 2 * m :].reshape(n, m + 1)
            cost, weight = table[:, 1:] / table[:, :1], table[:, 0]
            return lambda: siting.locate.capacitated(cost, weight, sites[:, 0], sites[:, 1], time_limit_s=limit)

        key = f"{row['instance']} {row['params']}".strip()
        yield Case(key, float(row["optimum_or_best_known"]), row["status"] == "optimal", 60.0, solve)


def _holmberg(folder: Path) -> Iterator[Case]:
    for problem in ("sscflp", "cflp"):
        for row in answers(folder, problem=problem):

            def solve(limit: float, row: dict[str, str] = row) -> Callable[[], Any]:
                values = np.array(text_of(folder / row["file"]).split(), dtype=np.float64)
                m, n = int(values[0]), int(values[1])
                sites, weight = values[2 : 2 + 2 * m].reshape(m, 2), values[2 + 2 * m : 2 + 2 * m + n]
                cost = values[2 + 2 * m + n :][: m * n].reshape(m, n).T / weight[:, None]
                single = row["problem"] == "sscflp"
                return lambda: siting.locate.capacitated(
                    cost, weight, sites[:, 0], sites[:, 1], single_source=single, time_limit_s=limit
                )

            key = f"{row['instance']} {problem}"
            yield Case(key, float(row["optimum_or_best_known"]), row["status"] == "optimal", 30.0, solve)


def _medians(folder: Path) -> Iterator[Case]:
    for row in answers(folder, problem="cpmp"):

        def solve(limit: float, row: dict[str, str] = row) -> Callable[[], Any]:
            values = np.array(text_of(folder / row["file"]).split(), dtype=np.float64)
            points = values[5:].reshape(int(values[2]), 4)
            cost = np.floor(plane_distances(points[:, 1:3])) / points[:, 3:]
            p, capacity = int(values[3]), float(values[4])
            return lambda: siting.locate.capacitated(
                cost, points[:, 3], capacity, p=p, single_source=True, time_limit_s=limit
            )

        yield Case(row["instance"], float(row["optimum_or_best_known"]), row["status"] == "optimal", 10.0, solve)


def _at_optimum(lines: Sequence[Line]) -> tuple[str, bool]:
    there = [line for line in lines if line.off <= 1e-9]
    proved = sum(line.status == "optimal" for line in there)
    return f"{len(there)} of {len(lines)}, {proved} of them proved", len(there) == len(lines)


def _each_proved(within_s: float) -> Callable[[Sequence[Line]], tuple[str, bool]]:
    def got(lines: Sequence[Line]) -> tuple[str, bool]:
        proved = sum(line.status == "optimal" for line in lines)
        longest = max(line.cpu_s for line in lines)
        return f"{proved} of {len(lines)}, longest {longest:.1f} CPU s", proved == len(lines) and longest < within_s

    return got


def _single_proved(within_s: float) -> Callable[[Sequence[Line]], tuple[str, bool]]:
    def got(lines: Sequence[Line]) -> tuple[str, bool]:
        single = [line for line in lines if not line.key.endswith(" cflp")]
        proved = sum(line.status == "optimal" for line in single)
        seconds = sum(line.cpu_s for line in single)
        return f"{proved} of {len(single)} in {seconds:.1f} CPU s", proved == len(single) and seconds < within_s

    return got


FAMILIES = (
    Family(
        "capacities-split", "cflp_orlib", _warehouses, (Target("each proved in less than 60 s", _each_proved(60.0)),)
    ),
    Family(
        "capacities-single",
        "sscflp_holmberg",
        _holmberg,
        (Target("all single-source proved in 60 s together", _single_proved(60.0)),),
    ),
    Family("capacities-median", "cpmp_orlib", _medians, (Target("all at the optimum in 10 s each", _at_optimum),)),
)
