"""Covering: real cities, towns, grids, a generated region, and set covering with and without prices."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

import siting.locate
from bench.location import Case, Family, Line, Target, answers, plane_distances, text_of
from bench.reached import close
from siting.access.cost import CostMatrix

_EARTH_M = 6_378_100.0
# Of generated regions: the most weight that any run here has served; nobody has proved them.
_BEST_SEEN = {("even", 1): 1_494_238.0, ("even", 2): 1_494_288.0, ("towns", 1): 1_652_219.0, ("towns", 2): 1_663_219.0}
_REGION = {"demand": 100_000, "candidates": 20_000, "pairs": 5_000_000, "p": 100}


@dataclass(frozen=True)
class _Points:
    """Distances between demand and candidates, and the weight of demand."""

    distance: Any
    weight: np.ndarray


def _value(row: dict[str, str], name: str) -> float:
    return float(dict(part.split("=") for part in row["params"].split(";"))[name])


def _city(path: Path) -> _Points:
    lines = [line.strip() for line in text_of(path).splitlines()]
    coordinates, demand = (next(k for k, v in enumerate(lines) if v.startswith(head)) for head in ("NODE_", "DEMAND_"))
    points = np.array([line.split()[-2:] for line in lines[coordinates + 1 : demand] if line], dtype=np.float64)
    weight = np.array([line.split()[-1] for line in lines[demand + 1 :] if line not in ("", "EOF")], dtype=np.float64)
    lat, lon = np.radians(points).T
    cosine = np.sin(lat)[:, None] * np.sin(lat) + np.cos(lat)[:, None] * np.cos(lat) * np.cos(lon[:, None] - lon)
    return _Points(_EARTH_M * np.arccos(np.clip(cosine, -1.0, 1.0)), weight)


def _town(path: Path) -> _Points:
    table = np.loadtxt(path, skiprows=1)
    return _Points(plane_distances(table[:, :2]), table[:, 2])


def _grid(path: Path) -> _Points:
    lines = [line.split() for line in text_of(path).splitlines() if line.strip()]
    sites = np.array([line[2:4] for line in lines if line[0] == "F"], dtype=np.float64)
    demand = np.array([line[2:5] for line in lines if line[0] == "C"], dtype=np.float64)
    return _Points(np.hypot(*(demand[:, None, :2] - sites[None]).transpose(2, 0, 1)), demand[:, 2])


def _most(read: Callable[[Path], _Points], limit_s: float) -> Callable[[Path], Iterator[Case]]:
    def cases(folder: Path) -> Iterator[Case]:
        for row in answers(folder, problem="mclp"):

            def solve(limit: float, row: dict[str, str] = row) -> Callable[[], Any]:
                points, radius = read(folder / row["file"]), _value(row, "radius")
                _warm_up()
                return lambda: siting.locate.mclp(
                    points.distance, points.weight, radius, int(row["p"]), time_limit_s=limit
                )

            key = f"{row['instance']} radius={_value(row, 'radius'):g} p={row['p']}"
            known, proved = float(row["optimum_or_best_known"]), row["status"] == "optimal"
            yield Case(key, known, proved, limit_s, solve, "max")

    return cases


def region(kind: str, seed: int, demand: int, candidates: int, pairs: int) -> tuple[CostMatrix, np.ndarray, float]:
    """Make points on a square of 30 by 30 and the limit at which so many pairs are served.

    "even" = uniform points with weights from 1 to 100; "towns" = three quarters in towns, weights uneven.
    """
    rng = np.random.default_rng(seed)
    if kind == "even":
        places, sites = rng.random((demand, 2)) * 30, rng.random((candidates, 2)) * 30
        weight = rng.integers(1, 101, demand) * 1.0
    else:
        centres, width = rng.random((60, 2)) * 30, rng.exponential(1.0, 60) + 0.3

        def scatter(n: int) -> np.ndarray:
            town = rng.integers(0, 60, n)
            points = centres[town] + rng.normal(size=(n, 2)) * width[town, None]
            return np.where(rng.random((n, 1)) < 0.25, rng.random((n, 2)) * 30, points)

        places, sites = scatter(demand), scatter(candidates)
        weight = np.rint(rng.lognormal(3.0, 1.2, demand)) + 1
    of_places, of_sites = cKDTree(places), cKDTree(sites)
    low, high = 0.0, 10.0
    for _ in range(40):
        limit = (low + high) / 2
        low, high = (limit, high) if of_places.count_neighbors(of_sites, limit) < pairs else (low, limit)
    found = of_places.sparse_distance_matrix(of_sites, high, output_type="ndarray")
    found = found[np.lexsort((found["j"], found["i"]))]
    cost = CostMatrix(
        indptr=np.concatenate(([0], np.cumsum(np.bincount(found["i"], minlength=demand)))),
        indices=found["j"].astype(np.int32), cost_mm=np.rint(found["v"] * 1000).astype(np.int32),
        rows=pd.RangeIndex(demand), columns=pd.RangeIndex(candidates), cutoff=high + 0.001,
    )  # fmt: skip
    return cost, weight, high + 0.001


def _regions(_: Path) -> Iterator[Case]:
    for kind in ("even", "towns"):
        for seed in (1, 2):

            def solve(limit: float, kind: str = kind, seed: int = seed) -> Callable[[], Any]:
                size = {k: v for k, v in _REGION.items() if k != "p"}
                cost, weight, radius = region(kind, seed, **size)
                _warm_up()
                return lambda: siting.locate.mclp(cost, weight, radius, _REGION["p"], time_limit_s=limit, mip_gap=0.01)

            yield Case(f"{kind} {seed}", _BEST_SEEN[kind, seed], False, 10.0, solve, "max")


def _warm_up() -> None:
    """Load compiled code, which a first call would wait for."""
    cost, weight, limit = region("even", 0, 60, 12, 120)
    siting.locate.mclp(cost, weight, limit, 3)


def _set_cover(path: Path, by_row: bool) -> tuple[np.ndarray, np.ndarray]:
    """Read which column covers which row (0, else infinite), and what columns cost."""
    numbers = np.array(text_of(path).split(), dtype=np.int64)
    rows, columns = numbers[:2].tolist()
    cost, at = np.full((rows, columns), np.inf), 2
    price = np.zeros(columns)
    if by_row:
        price, at = numbers[2 : 2 + columns] * 1.0, 2 + columns
    for k in range(rows if by_row else columns):
        if not by_row:
            price[k], at = numbers[at], at + 1
        members = numbers[at + 1 : at + 1 + numbers[at]] - 1
        if by_row:
            cost[k, members] = 0.0
        else:
            cost[members, k] = 0.0
        at += 1 + int(numbers[at])
    return cost, price


def _covers(folder: Path) -> Iterator[Case]:
    for row in answers(folder, problem="set-cover"):

        def solve(limit: float, row: dict[str, str] = row) -> Callable[[], Any]:
            cost, price = _set_cover(folder / row["file"], by_row=row["format"] == "scp")
            siting.locate.lscp(np.zeros((2, 2)), 0.0, site_cost=[1.0, 2.0])
            given = {} if (price == 1).all() else {"site_cost": price}
            return lambda: siting.locate.lscp(cost, 0.0, time_limit_s=limit, **given)

        known, proved = float(row["optimum_or_best_known"]), row["status"] == "optimal"
        yield Case(row["instance"], known, proved, 20.0, solve)


def _all_proved(lines: Sequence[Line]) -> tuple[str, bool]:
    proved = sum(line.status == "optimal" for line in lines)
    return f"{proved} of {len(lines)}", proved == len(lines)


def _gap(share: float) -> Callable[[Sequence[Line]], tuple[str, bool]]:
    def got(lines: Sequence[Line]) -> tuple[str, bool]:
        worst = max(line.gap for line in lines)
        return f"worst {worst:.3%}", worst <= share

    return got


FAMILIES = (
    Family(
        "cover-cities", "mclp_cities", _most(_city, 5.0), (Target("within 0.1 % of best known in 5 s", close(0.001)),)
    ),
    Family(
        "cover-cities-long", "mclp_cities", _most(_city, 120.0), (Target("gap at most 0.5 % in 120 s", _gap(0.005)),)
    ),
    Family("cover-towns", "mclp_sjc", _most(_town, 30.0), (Target("all proved", _all_proved),)),
    Family("cover-grid", "mclp_grid", _most(_grid, 30.0), (Target("all proved", _all_proved),)),
    Family("cover-region", "mclp_grid", _regions, (Target("gap at most 1 % in 10 s", _gap(0.01)),)),
    Family("set-cover", "scp_orlib", _covers, (Target("within 1 % of best known in 20 s", close(0.01)),)),
)
