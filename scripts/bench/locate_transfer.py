"""Transfer stations in two stages: sources, stations and plants with capacities, opening costs and ways."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import siting.locate
from bench.location import Case, Family, Line, Target, answers, text_of


def _stages(folder: Path) -> Iterator[Case]:
    for row in answers(folder, problem="tscflp"):

        def solve(limit: float, row: dict[str, str] = row) -> Callable[[], Any]:
            values = np.array(text_of(folder / row["file"]).split(), dtype=np.float64)
            k, m, n = values[:3].astype(int).tolist()
            parts = np.split(values[3:], np.cumsum([n, 2 * k, k * m, 2 * m]))
            supply, plants, haul, stations = parts[0], parts[1].reshape(k, 2), parts[2].reshape(k, m).T, parts[3]
            collect, stations = parts[4].reshape(m, n).T, stations.reshape(m, 2)
            return lambda: siting.locate.transfer(
                supply, collect, haul, stations[:, 0], stations[:, 1], plants[:, 0], plants[:, 1], time_limit_s=limit
            )

        yield Case(row["instance"], float(row["optimum_or_best_known"]), row["status"] == "optimal", 30.0, solve)


def _near(share: float) -> Callable[[Sequence[Line]], tuple[str, bool]]:
    def got(lines: Sequence[Line]) -> tuple[str, bool]:
        worst = max(lines, key=lambda line: line.off)
        near = sum(line.off <= share for line in lines)
        return f"{near} of {len(lines)}, worst {worst.key} {worst.off:+.3%}", near == len(lines)

    return got


FAMILIES = (Family("two-stage", "tscflp", _stages, (Target("within 1 % of best known in 30 s", _near(0.01)),)),)
