"""Instances of the literature: proved optima are reached, and no value or bound is on its wrong side."""

import csv
import gzip
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from siting.errors import InfeasibleError
from siting.locate import backup_coverage, lscp, mclp, p_center, p_median


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


@pytest.fixture
def stores(shared_benchmarks):
    """Distances from 205 tracts to 16 stores, and the people of each tract."""
    table = np.loadtxt(shared_benchmarks / "sf_stores" / "data" / "sf_matrix.csv", delimiter=",", skiprows=1)
    return table[:, 2:], table[:, 1]


def test_san_francisco_stores(shared_benchmarks, stores):
    cost, weight = stores
    solve = {
        "mclp": lambda row: mclp(cost, weight, radius(row), int(row["p"])),
        "lscp": lambda row: lscp(cost, radius(row)),
        "p-median": lambda row: p_median(cost, weight, int(row["p"])),
        "p-center": lambda row: p_center(cost, int(row["p"])),
    }
    table = rows(shared_benchmarks / "sf_stores")
    assert len(table) == 19
    for row in table:
        result = solve[row["problem"]](row)
        assert result.objective == pytest.approx(float(row["optimum_or_best_known"]), rel=1e-10), row
        assert (result.status, result.bound) == ("optimal", result.objective), row


def test_stores_that_cannot_reach_everybody_are_refused(stores):
    cost, weight = stores
    for limit in (3000.0, 4000.0):
        beyond = np.flatnonzero(cost.min(axis=1) > limit)
        with pytest.raises(InfeasibleError, match="of 205 demand rows") as refused:
            lscp(cost, limit)
        assert str(refused.value).startswith(f"{len(beyond)} of 205")
        assert ", ".join(str(row) for row in beyond[:10]) in str(refused.value)
        with pytest.raises(InfeasibleError, match="of 205 demand rows"):
            backup_coverage(cost, limit)
    some = lscp(cost, 4000.0, weight=weight, serve="reachable")
    assert some.parameters["weight_served"] == 942_544.0  # of 955,113: the most that 4000 m can reach
    assert (some.status, some.bound) == ("optimal", some.objective)


@pytest.mark.parametrize("limit", [5000.0, 6000.0, 8000.0])
@pytest.mark.parametrize("what", ["tracts", "people"])
def test_backup_coverage_of_stores_equals_enumeration(stores, limit, what):
    cost, people = stores
    weight = None if what == "tracts" else people
    reach = cost <= limit
    # One bit a store: 65,536 choices, each a number of stores and how often it reaches every tract.
    choice = (np.arange(2**16)[:, None] >> np.arange(16)) & 1
    times = choice.astype(np.float32) @ reach.T.astype(np.float32)
    full = (times >= 1).all(axis=1)
    fewest = choice[full].sum(axis=1).min()
    twice = times[full & (choice.sum(axis=1) == fewest)] >= 2
    best = (twice @ (np.ones(205) if weight is None else weight)).max()
    result = backup_coverage(cost, limit, weight)
    assert (len(result.sites), result.objective, result.bound, result.status) == (fewest, best, best, "optimal")
    if limit == 5000.0:
        # The often quoted 167 also counts 22 tracts as covered twice that a single store reaches.
        assert best == (145 if what == "tracts" else 701_841)
        assert (reach.sum(axis=1) == 1).sum() == 22


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
