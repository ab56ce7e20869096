"""Time the waste chain at the size of a large city, and say how far the plan is from the best possible.

A synthetic city: streets on a lattice, every third one one-way; sources in clusters, four streams; plots of which each
may hold a station of two classes; a few plants beyond the edge. No real place is meant.

    python scripts/bench_waste.py
    python scripts/bench_waste.py --sources 2000 --plots 60 --time-limit 60

Target: at most 3 % gap in 5 minutes on two cores, below 3 GB.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.network import Network
from siting.themes.waste.chain import StreamRates, site_chain

CRS = "EPSG:4548"
SIDE_M, STEP_M = 24_000, 300
RATES = {
    "kitchen": StreamRates(collect_per_t_km=4.0, haul_per_t_km=1.0, collect_load_t=3.0, haul_load_t=12.0),
    "recyclable": StreamRates(collect_per_t_km=6.0, haul_per_t_km=1.6, collect_load_t=1.5, haul_load_t=8.0),
    "other": StreamRates(
        collect_per_t_km=3.5, haul_per_t_km=0.8, direct_per_t_km=3.0, collect_load_t=4.0, haul_load_t=15.0
    ),
    "bulky": StreamRates(collect_per_t_km=8.0, haul_per_t_km=2.5, collect_load_t=1.0, haul_load_t=5.0),
}
SHARES = {"kitchen": 0.35, "recyclable": 0.15, "other": 0.45, "bulky": 0.05}


def main(argv: Sequence[str] | None = None) -> int:
    """Build the city, solve it once, print one row."""
    asked = parse(argv)
    rng = np.random.default_rng(asked.seed)
    network = streets()
    sources = make_sources(rng, asked.sources)
    stations, plants = (
        make_stations(rng, asked.plots, float(sources["t"].sum())),
        make_plants(float(sources["t"].sum())),
    )
    began, cpu = time.perf_counter(), time.process_time()
    plan = site_chain(
        network, sources.drop(columns="t"), stations, plants, rates=RATES, most_sources=asked.most_sources,
        time_limit_s=asked.time_limit, mip_gap=asked.gap, seed=asked.seed,
    )  # fmt: skip
    row = {
        "sources": len(sources),
        "solved_as": len(plan.gathered.seat),
        "plots": asked.plots,
        "versions": len(stations),
        "plants": len(plants),
        "streams": len(RATES),
        "opened": len(plan.opened),
        "cost_day": round(plan.cost_day, 2),
        "gap_percent": None if plan.gap is None else round(100 * plan.gap, 3),
        "gap_of_gathered_percent": round(100 * plan.result.gap, 3),
        "gathering_error_percent": round(100 * plan.gathering_error_day / plan.cost_day, 3),
        "wall_s": round(time.perf_counter() - began, 1),
        "cpu_s": round(time.process_time() - cpu, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    print(json.dumps(row, indent=1))
    return 0


def streets() -> Network:
    """Return a lattice of two-way streets, every third one one-way, in turns east and west, north and south."""
    marks = range(0, SIDE_M + 1, STEP_M)
    lines, oneway = [], []
    for k, at in enumerate(marks):
        ends = [(0, at), (SIDE_M, at)]
        for pair in (ends, [(y, x) for x, y in ends]):
            way = pair if k % 2 else pair[::-1]
            lines.append(shapely.LineString(way))
            oneway.append("yes" if k % 3 == 1 else "no")
    table = gpd.GeoDataFrame({"highway": "residential", "oneway": oneway}, geometry=lines, crs=CRS)
    return Network.from_lines(table, crs=CRS, mode="drive", node_crossings=True)


def make_sources(rng: np.random.Generator, n: int) -> gpd.GeoDataFrame:
    """Return sources around thirty centres, with tonnes a day by stream."""
    centres = rng.uniform(2000, SIDE_M - 2000, (30, 2))
    xy = np.clip(centres[rng.integers(0, 30, n)] + rng.normal(0, 1500, (n, 2)), 0, SIDE_M)
    t = rng.gamma(2.0, 0.06, n)
    columns = {f"t_day_{stream}": t * share * rng.uniform(0.7, 1.3, n) for stream, share in SHARES.items()}
    return gpd.GeoDataFrame(
        {**columns, "t": t}, geometry=gpd.points_from_xy(*xy.T), crs=CRS, index=pd.Index([f"s{i}" for i in range(n)])
    )


def make_stations(rng: np.random.Generator, n: int, total: float) -> gpd.GeoDataFrame:
    """Return plots with two classes each, one of a tenth of the city and one of a fortieth."""
    xy = rng.uniform(500, SIDE_M - 500, (n, 2))
    rows = []
    for i in range(n):
        land = rng.uniform(0.8, 1.3)
        for name, room, fixed in (("large", total / 10, 3200.0), ("small", total / 40, 1100.0)):
            rows.append((f"p{i}-{name}", f"p{i}", name, room, fixed * land, 12.0 if name == "large" else 16.0, i))
    frame = pd.DataFrame(
        rows, columns=["id", "site", "station_class", "capacity_t_day", "fixed_cost_day", "cost_per_t", "at"]
    )
    return gpd.GeoDataFrame(
        frame.set_index("id").drop(columns="at"), geometry=gpd.points_from_xy(*xy[frame["at"]].T), crs=CRS
    )


def make_plants(total: float) -> gpd.GeoDataFrame:
    """Return five plants near the edge: two burn, two ferment, one sorts what can be used again."""
    rows = [
        ("burn-west", "other,bulky", 0.35, (100, 6000)), ("burn-east", "other,bulky", 0.4, (SIDE_M - 100, 17_000)),
        ("ferment-north", "kitchen", 0.25, (12_000, SIDE_M - 100)), ("ferment-south", "kitchen", 0.25, (9000, 100)),
        ("sort", "recyclable,bulky", 0.3, (SIDE_M - 100, 3000)),
    ]  # fmt: skip
    return gpd.GeoDataFrame(
        {
            "status": "existing",
            "streams": [streams for _, streams, _, _ in rows],
            "capacity_t_day": [share * total for _, _, share, _ in rows],
            "cost_per_t": 80.0,
        },
        geometry=[shapely.Point(xy) for *_, xy in rows],
        crs=CRS,
        index=pd.Index([name for name, *_ in rows]),
    )


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=20_000)
    parser.add_argument("--most-sources", type=int, default=2000)
    parser.add_argument("--plots", type=int, default=300)
    parser.add_argument("--time-limit", type=float, default=270.0, help="of the search, in seconds")
    parser.add_argument("--gap", type=float, default=0.0, help="relative gap at which it may stop")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
