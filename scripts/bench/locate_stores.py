"""Stores of San Francisco: covering, median, center, and backup coverage against every choice of stores."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import siting.locate
from bench.location import Case, Family, Line, Target, answers

LIMIT_M = 5000.0
"""The published radius of the set cover; backup coverage is taken at the same."""


def read_stores(folder: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return distances from tracts to stores, and the people of each tract."""
    table = np.loadtxt(folder / "data" / "sf_matrix.csv", delimiter=",", skiprows=1)
    return table[:, 2:], table[:, 1]


def best_backup(cost: NDArray[np.float64], limit: float, weight: NDArray[np.float64]) -> float:
    """Try every choice: the most weight reached twice by one of the smallest choices that reach everybody."""
    reach = cost <= limit
    for size in range(1, reach.shape[1] + 1):
        times = (reach[:, list(chosen)].sum(axis=1) for chosen in combinations(range(reach.shape[1]), size))
        twice = [float(weight[count >= 2].sum()) for count in times if (count >= 1).all()]
        if twice:
            return max(twice)
    msg = f"all stores together do not reach everybody within {limit:g}"
    raise ValueError(msg)


def _solved(row: dict[str, str], cost: NDArray[np.float64], weight: NDArray[np.float64], limit: float) -> Any:
    p, radius = int(row["p"] or 0), float(row["params"].partition("radius=")[2] or 0)
    if row["problem"] == "p-median":
        return siting.locate.p_median(cost, weight, p, time_limit_s=limit)
    if row["problem"] == "p-center":
        return siting.locate.p_center(cost, p, time_limit_s=limit)
    if row["problem"] == "mclp":
        return siting.locate.mclp(cost, weight, radius, p, time_limit_s=limit)
    return siting.locate.lscp(cost, radius, weight=weight, time_limit_s=limit)


def _stores(folder: Path) -> Iterator[Case]:
    cost, weight = read_stores(folder)
    for row in answers(folder):

        def solve(limit: float, row: dict[str, str] = row) -> Callable[[], Any]:
            return lambda: _solved(row, cost, weight, limit)

        key = " ".join(filter(None, [row["problem"], row["p"] and f"p={row['p']}", row["params"]]))
        sense = "max" if row["problem"] == "mclp" else "min"
        yield Case(key, float(row["optimum_or_best_known"]), row["status"] == "optimal", 10.0, solve, sense)
    for what, worth in (("tracts", np.ones(len(weight))), ("people", weight)):

        def back_up(limit: float, worth: NDArray[np.float64] = worth) -> Callable[[], Any]:
            return lambda: siting.locate.backup_coverage(cost, LIMIT_M, worth, time_limit_s=limit)

        yield Case(f"backup coverage {what}", best_backup(cost, LIMIT_M, worth), True, 10.0, back_up, "max")


def _all_exact(lines: Sequence[Line]) -> tuple[str, bool]:
    exact = sum(line.status == "optimal" and abs(line.off) <= 1e-9 for line in lines)
    return f"{exact} of {len(lines)}", exact == len(lines)


FAMILIES = (Family("stores", "sf_stores", _stores, (Target("all at the optimum and proved", _all_exact),)),)
