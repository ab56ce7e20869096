"""Stations that several streams share: instances with a known answer, cut into streams, and a drawn city.

Supply that is cut into streams of the same costs is the same problem, so that what is known of it still holds; nothing
in the engine looks for streams that are alike.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import siting.locate
from bench.location import Case, Family, Line, Target, answers, text_of

_CITY_S = 300.0
_BEST_KNOWN = 66_053.494
"""The best plan for the drawn city that any run has found."""


def cut(supply: NDArray[np.float64], n_streams: int) -> NDArray[np.float64]:
    """Cut every supply at random into so many streams, in thousandths, which add up to it."""
    rng = np.random.default_rng(len(supply))
    share = rng.random((len(supply), n_streams))
    edge = np.cumsum(share, axis=1) / share.sum(axis=1, keepdims=True)
    until = np.rint(supply[:, None] * 1000 * edge)
    return np.diff(until, axis=1, prepend=0.0) / 1000


def _warehouses(folder: Path) -> Iterator[Case]:
    for row in answers(folder, problem="cflp"):

        def solve(limit: float, row: dict[str, str] = row) -> Callable[[], Any]:
            text = text_of(folder / row["file"]).replace("capacity", row["params"].removeprefix("capacity="))
            values = np.array(text.split(), dtype=np.float64)
            m, n = int(values[0]), int(values[1])
            sites, table = values[2 : 2 + 2 * m].reshape(m, 2), values[2 + 2 * m :].reshape(n, m + 1)
            return lambda: siting.locate.transfer_streams(
                cut(table[:, 0], 3), table[:, 1:] / table[:, :1], np.zeros((m, 1)), sites[:, 0], sites[:, 1], np.inf,
                time_limit_s=limit,
            )  # fmt: skip

        key = f"{row['instance']} {row['params']}".strip()
        yield Case(key, float(row["optimum_or_best_known"]), row["status"] == "optimal", 60.0, solve)


def _stages(folder: Path) -> Iterator[Case]:
    for row in answers(folder, problem="tscflp"):

        def solve(limit: float, row: dict[str, str] = row) -> Callable[[], Any]:
            values = np.array(text_of(folder / row["file"]).split(), dtype=np.float64)
            k, m, n = values[:3].astype(int).tolist()
            parts = np.split(values[3:], np.cumsum([n, 2 * k, k * m, 2 * m]))
            supply, plants, haul, stations = parts[0], parts[1].reshape(k, 2), parts[2].reshape(k, m).T, parts[3]
            collect, stations = parts[4].reshape(m, n).T, stations.reshape(m, 2)
            return lambda: siting.locate.transfer_streams(
                cut(supply, 2), collect, haul, stations[:, 0], stations[:, 1], plants[:, 0], plants[:, 1],
                time_limit_s=limit,
            )  # fmt: skip

        yield Case(row["instance"], float(row["optimum_or_best_known"]), row["status"] == "optimal", 60.0, solve)


def city(n_sources: int = 2000, n_plots: int = 300, seed: int = 1) -> dict[str, Any]:
    """Draw a city of sources around eight centres, plots in three classes, four streams and five plants."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(3, 17, (8, 2))
    sources = np.clip(centres[rng.integers(0, 8, n_sources)] + rng.normal(0, 2.5, (n_sources, 2)), 0, 20)
    plots = rng.uniform(0, 20, (n_plots, 2))
    plants = np.array([[-5.0, 3.0], [24.0, 18.0], [10.0, -8.0], [-3.0, 22.0], [26.0, 2.0]])
    daily = {"other": 0.55, "kitchen": 0.25, "recyclable": 0.15, "bulky": 0.05}  # kg a head
    takes = {"other": [0, 1], "kitchen": [2, 3], "recyclable": [3, 4, 2], "bulky": [1, 4]}
    collecting = {"other": 6.0, "kitchen": 8.0, "recyclable": 10.0, "bulky": 9.0}  # by tonne and km
    hauling = {"other": 1.2, "kitchen": 1.5, "recyclable": 1.8, "bulky": 1.6}
    people = rng.lognormal(6, 0.7, n_sources)
    tonnes = np.round(
        people[:, None] * np.array(list(daily.values())) / 1000 * rng.uniform(0.7, 1.3, (n_sources, 4)), 3
    )
    capacity, price, running = np.array([[50, 700, 14], [150, 1500, 11], [450, 3200, 9]], dtype=float).T

    def km(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(1.3 * np.hypot(*(a[:, None] - b[None]).transpose(2, 0, 1)))

    site = np.repeat(np.arange(n_plots), 3)
    dear = rng.uniform(0.7, 1.4, n_plots)
    to_plot, to_plant, straight = km(sources, plots), km(plots, plants), km(sources, plants)
    collect, haul, direct = {}, {}, {}
    for stream, open_to in takes.items():
        collect[stream] = (collecting[stream] * to_plot)[:, site]
        away = np.full((n_plots, 5), np.inf)
        away[:, open_to] = hauling[stream] * to_plant[:, open_to]
        haul[stream] = away[site] + np.tile(running, n_plots)[:, None]
        direct[stream] = np.full((n_sources, 5), np.inf)
        direct[stream][:, open_to] = np.where(
            straight[:, open_to] <= 15, collecting[stream] * straight[:, open_to], np.inf
        )
    other, kitchen, recyclable, bulky = tonnes.sum(axis=0)
    return {
        "supply": dict(zip(daily, tonnes.T, strict=True)), "collect_cost": collect, "haul_cost": haul,
        "direct_cost": direct, "station_capacity": np.tile(capacity, n_plots),
        "station_cost": np.tile(price, n_plots) * dear[site], "site": site.tolist(),
        "plant_capacity": np.array([
            0.45 * other, 0.6 * other + 0.5 * bulky, 0.55 * kitchen + 0.3 * recyclable,
            0.6 * kitchen + 0.3 * recyclable, 0.7 * recyclable + 0.7 * bulky,
        ]),
    }  # fmt: skip


def _city(_: Path) -> Iterator[Case]:
    def solve(limit: float) -> Callable[[], Any]:
        drawn = city()
        return lambda: siting.locate.transfer_streams(**drawn, mip_gap=0.003, time_limit_s=limit)

    yield Case("2000 sources, 300 plots, 4 streams", _BEST_KNOWN, False, _CITY_S, solve)


def _near(share: float) -> Callable[[Sequence[Line]], tuple[str, bool]]:
    def got(lines: Sequence[Line]) -> tuple[str, bool]:
        worst = max(lines, key=lambda line: line.off)
        near = sum(line.off <= share for line in lines)
        return f"{near} of {len(lines)}, worst {worst.key} {worst.off:+.3%}", near == len(lines)

    return got


def _gap(share: float) -> Callable[[Sequence[Line]], tuple[str, bool]]:
    def got(lines: Sequence[Line]) -> tuple[str, bool]:
        worst = max(line.gap for line in lines)
        peak = max(line.peak_mb for line in lines)
        return f"gap {worst:.2%}, {peak:,.0f} MB", worst <= share and peak < 3000

    return got


FAMILIES = (
    Family("streams-warehouses", "cflp_orlib", _warehouses, (Target("at the optimum in 60 s each", _near(1e-6)),)),
    Family("streams-two-stage", "tscflp", _stages, (Target("within 2 % of best known in 60 s each", _near(0.02)),)),
    Family("streams-city", "tscflp", _city, (Target("gap at most 3 % in 300 s, under 3 GB", _gap(0.03)),)),
)
