"""Instances of the literature: proved optima are reached, and no value or bound is on its wrong side."""

import csv
import gzip
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from siting.errors import InfeasibleError
from siting.locate import lscp, mclp


def rows(folder: Path, **equal: str) -> list[dict[str, str]]:
    with (folder / "optimum.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if all(row[k] == v for k, v in equal.items())]


def radius(row: dict[str, str]) -> float:
    return float(dict(part.split("=") for part in row["params"].split(";") if "=" in part)["radius"])


def plane(xy: np.ndarray, sites: np.ndarray | None = None) -> np.ndarray:
    other = xy if sites is None else sites
    return np.hypot(*(xy[:, None] - other[None]).transpose(2, 0, 1))


def read_text(path: Path) -> str:
    return (
        path.read_text() if path.exists() else gzip.decompress(path.with_name(path.name + ".gz").read_bytes()).decode()
    )


def test_sao_jose_dos_campos(shared_benchmarks):
    folder = shared_benchmarks / "mclp_sjc"
    cost: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    full: dict[tuple[str, float], int] = {}
    for row in rows(folder):
        if row["instance"] not in cost:
            points = np.loadtxt(folder / row["file"], skiprows=1)
            cost[row["instance"]] = (plane(points[:, :2]), points[:, 2])
        distance, weight = cost[row["instance"]]
        result = mclp(distance, weight, radius(row), int(row["p"]))
        known = float(row["optimum_or_best_known"])
        assert (result.objective, result.bound, result.status) == (known, known, "optimal"), row
        if known == weight.sum():
            full.setdefault((row["instance"], radius(row)), int(row["p"]))
    # The first p that serves everybody is the set covering optimum of that radius.
    assert len(full) == 6
    for (name, limit), p in full.items():
        distance, weight = cost[name]
        result = lscp(distance, limit, served=weight == 0)
        assert (result.objective, result.bound) == (p, p)


def test_san_francisco_stores(shared_benchmarks):
    folder = shared_benchmarks / "sf_stores"
    table = np.loadtxt(folder / "data" / "sf_matrix.csv", delimiter=",", skiprows=1)
    weight, cost = table[:, 1], table[:, 2:]
    for row in rows(folder, problem="mclp"):
        result = mclp(cost, weight, radius(row), int(row["p"]))
        assert (result.objective, result.status) == (float(row["optimum_or_best_known"]), "optimal")
    assert lscp(cost, 5000.0).objective == 8.0
    with pytest.raises(InfeasibleError, match="of 205 demand rows"):
        lscp(cost, 4000.0)
    some = lscp(cost, 4000.0, weight=weight, serve="reachable")
    assert some.parameters["weight_served"] == 942_544.0  # of 955,113: the most that 4000 m can reach
    assert (some.status, some.bound) == ("optimal", some.objective)


def test_grid_of_cordeau_furini_ljubic(shared_benchmarks):
    folder = shared_benchmarks / "mclp_grid"
    lines = [line.split() for line in (folder / "data/GRID_n100_m1000_f10_100_s1.txt").read_text().splitlines()]
    sites = np.array([[float(v) for v in line[2:4]] for line in lines if line and line[0] == "F"])
    customers = np.array([[float(v) for v in line[2:5]] for line in lines if line and line[0] == "C"])
    distance = plane(customers[:, :2], sites)
    for row in rows(folder):
        result = mclp(distance, customers[:, 2], radius(row), int(row["p"]))
        assert (result.objective, result.status) == (float(row["optimum_or_best_known"]), "optimal")


@pytest.mark.parametrize("name", ["scpe1", "scpclr10", "scpcyc06"])
def test_unit_cost_set_covering_is_bounded_on_the_right_side(shared_benchmarks, name):
    numbers = [int(v) for v in read_text(shared_benchmarks / "scp_orlib" / "data" / f"{name}.txt").split()]
    (m, n), k = numbers[:2], 2 + numbers[1]
    cost = np.full((m, n), np.inf)
    for i in range(m):
        cost[i, np.array(numbers[k + 1 : k + 1 + numbers[k]]) - 1] = 0.0
        k += 1 + numbers[k]
    known = float(rows(shared_benchmarks / "scp_orlib", instance=name)[0]["optimum_or_best_known"])
    result = lscp(cost, 0.0, time_limit_s=5.0)
    assert result.bound <= known
    assert result.objective <= known * 1.08
    assert (result.assignment >= 0).all()
    assert result.objective >= known or name == "scpcyc06"  # best known, not proved
    assert result.status == ("optimal" if result.bound == result.objective else "feasible")


def test_new_york_is_bounded_on_the_right_side_within_its_time(shared_benchmarks):
    folder = shared_benchmarks / "mclp_cities"
    lines = read_text(folder / "data" / "NewYork.txt").splitlines()
    nodes = next(k for k, line in enumerate(lines) if line.startswith("NODE_COORD"))
    demand = next(k for k, line in enumerate(lines) if line.startswith("DEMAND"))
    lat, lon = np.radians(np.array([[float(v) for v in line.split()] for line in lines[nodes + 1 : demand] if line])).T
    weight = np.array([float(line.split()[-1]) for line in lines[demand + 1 :] if line and line != "EOF"])
    inner = np.sin(lat)[:, None] * np.sin(lat) + np.cos(lat)[:, None] * np.cos(lat) * np.cos(lon[:, None] - lon)
    cost = 6_378_100 * np.arccos(np.clip(inner, -1, 1))
    reports = []
    result = mclp(cost, weight, 400.0, 100, time_limit_s=20.0, progress=reports.append)
    known = float(rows(folder, instance="NewYork", p="100")[0]["optimum_or_best_known"])
    assert result.bound >= known
    assert 0.985 * known <= result.objective <= result.bound <= 1.01 * known
    assert result.gap <= 0.02
    assert result.seconds < 40.0  # the solver looks at its clock now and then only
    assert all(later.bound <= earlier.bound for earlier, later in pairwise(reports))
