"""p-center and p-dispersion on graphs and points."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import siting.locate
from bench.location import Case, Family, Line, Target, answers, graph_distances, plane_distances, tsplib_points
from bench.reached import all_proved

_MODELS = {"p-center": siting.locate.p_center, "p-dispersion": siting.locate.p_dispersion}


def _cases(problem: str, limit_s: float) -> Callable[[Path], Iterator[Case]]:
    def cases(folder: Path) -> Iterator[Case]:
        for row in answers(folder, problem=problem):

            def solve(limit: float, row: dict[str, str] = row) -> Callable[[], Any]:
                distance = _distances(folder, row)
                return lambda: _MODELS[problem](distance, int(row["p"]), time_limit_s=limit)

            key = f"{row['instance']} p={row['p']}{' rounded' if 'round' in row['params'] else ''}"
            # Values with two decimals are not proved to the last digit, and may be rounded down.
            digits = not row["verified"].startswith("no")
            known = float(row["optimum_or_best_known"]) + (0.0 if digits else 0.005)
            proved = row["status"] == "optimal" and digits
            yield Case(key, known, proved, limit_s, solve, "min" if problem == "p-center" else "max")

    return cases


def _distances(folder: Path, row: dict[str, str]) -> np.ndarray:
    if row["format"] == "orlib-graph":
        return np.asarray(graph_distances(folder / row["file"])[0])
    distance = plane_distances(tsplib_points(folder / row["file"]))
    return np.floor(distance + 0.5) if "round" in row["params"] else distance


def _proved_or_close(share: float) -> Callable[[Sequence[Line]], tuple[str, bool]]:
    def got(lines: Sequence[Line]) -> tuple[str, bool]:
        proved = sum(line.status == "optimal" for line in lines)
        worst = max(line.gap for line in lines)
        return f"{proved} of {len(lines)} proved, worst gap {worst:.3%}", worst <= share

    return got


FAMILIES = (
    Family(
        "pcenter-graphs",
        "pmedian_orlib",
        _cases("p-center", 60.0),
        (Target("all proved in 20 s together", all_proved(20.0)),),
    ),
    Family(
        "pcenter-points",
        "pcenter_tsplib",
        _cases("p-center", 120.0),
        (Target("each proved in 120 s or within 1 %", _proved_or_close(0.01)),),
    ),
    Family("pdispersion-graphs", "pmedian_orlib", _cases("p-dispersion", 60.0), ()),
    Family("pdispersion-points", "pdispersion_tsplib", _cases("p-dispersion", 60.0), ()),
)
