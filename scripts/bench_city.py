"""Time the audit of a whole city: streets to network, points to streets, forty rules, gaps; files and pictures apart.

Draws the city of `make_city.py`, then calls what a planner calls: `siting.Network.from_arrays`, `assign_zones`,
`siting.audit` for each rule, `gaps_by_rule`. Every stage is timed (CPU seconds of all threads, seconds by the
clock, peak memory of the process during it) in a process of its own, and the answers are summed up in one digest, so
that two versions of the code can be held against each other.

    python scripts/bench_city.py --nodes 50000                 # a quick look
    python scripts/bench_city.py --nodes 1000000 --seed 1      # the target: under 60 s, under 4 GB
    python scripts/bench_city.py --nodes 50000 --land          # residential land beside people
    python scripts/bench_city.py --nodes 50000 --lines         # streets as a line layer instead of arrays
"""

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from make_city import CRS, RULES, City, frame, layers, make_city, numbered

import siting
from siting.coverage import Searches, assign_zones, demand_cells, gaps_by_rule, prepare_land

MB = 1024


class Stages:
    """What each stage took."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    @contextmanager
    def stage(self, name: str, *, counts: bool = True) -> Iterator[None]:
        """Time what happens inside; what does not count is left out of the total."""
        forget_peak()
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "peak_mb": peak_mb()}
        self.rows.append({"stage": name, "counts": counts} | took)
        print(f"  {name}: {took['wall']:.1f} s", file=sys.stderr, flush=True)


def forget_peak() -> None:
    """Let the peak of memory begin anew, where the system can do so."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def peak_mb() -> float:
    """Peak memory of this process since `forget_peak`, else since it began."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / MB
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB


def measure(nodes: int, seed: int, *, homes: int | None, land: bool, lines: bool, rules: int) -> dict[str, Any]:
    """Draw a city, audit it, and say what each stage took."""
    stages = Stages()
    with stages.stage("city drawn", counts=False):
        city = make_city(nodes, seed, homes=homes)
        demand, facilities, zones = demand_of(city), facilities_of(city), zones_of(city)
        ground = frame(city.residential, id=numbered("R", len(city.residential))).set_index("id") if land else None
        street_lines = layers(city)["streets", "streets"] if lines else None
    with stages.stage("network"):
        if street_lines is None:
            network = siting.Network.from_arrays(
                city.xy, city.u, city.v, city.length_mm, crs=CRS, min_component_share=0.01
            )
        else:
            network = siting.Network.from_lines(street_lines)
    del street_lines, city
    with stages.stage("points to streets"):
        at = network.snap(demand)
    with stages.stage("zones of the points"):
        demand = gpd.GeoDataFrame(pd.concat([demand, assign_zones(demand, zones)], axis=1))
    pieces = None
    if ground is not None:
        with stages.stage("land cut"):
            pieces = prepare_land(ground, zones)
    searches = Searches(network)
    audits = {}
    digest = hashlib.sha256()
    with stages.stage(f"{rules} rules, cells beside"), ThreadPoolExecutor(1) as pool:
        cutting = pool.submit(demand_cells, demand)
        for rule in RULES[:rules]:
            audits[rule] = siting.audit(network, demand, facilities, rule, zones, pieces, searches=searches)
        cells = cutting.result()
    with stages.stage(f"gaps of {rules} rules"):
        gaps = gaps_by_rule(audits, cells)
    with stages.stage("digest of the answers", counts=False):
        for rule, audit in audits.items():
            digest.update(digest_of(audit.demand.drop(columns="geometry"), audit.indicators, gaps[rule]))
    return {
        "nodes": network.n_nodes,
        "edges": network.n_edges,
        "demand": len(demand),
        "facilities": len(facilities),
        "rules": len(audits),
        "gaps": sum(len(g) for g in gaps.values()),
        "snapped": int(at.snapped.sum()),
        "digest": digest.hexdigest()[:16],
        "stages": stages.rows,
    }


def demand_of(city: City) -> gpd.GeoDataFrame:
    """Return the houses as a demand layer."""
    ids = pd.Index(numbered("B", len(city.homes)), name="id")
    columns = {"people": city.people.astype(np.float64), "units": np.ones(len(ids), dtype=np.int64)}
    return gpd.GeoDataFrame(columns, geometry=shapely.points(city.homes), crs=CRS, index=ids)


def facilities_of(city: City) -> gpd.GeoDataFrame:
    """Return parks and point facilities as one layer."""
    shapes = {"park_green": city.parks} | {name: shapely.points(xy) for name, xy in city.places.items()}
    parts = [
        frame(made, **{"id": numbered(name, len(made)), "class": np.full(len(made), name, dtype=object)})
        for name, made in shapes.items()
    ]
    return gpd.GeoDataFrame(pd.concat(parts).set_index("id"))


def zones_of(city: City) -> dict[str, gpd.GeoDataFrame]:
    """Return the communities and sub-districts."""
    made = layers_of_zones(city)
    return {level: layer.set_index("id") for level, layer in made.items()}


def layers_of_zones(city: City) -> dict[str, gpd.GeoDataFrame]:
    """Return the zone layers by level."""
    shapes = {"community": (city.communities, "社区"), "subdistrict": (city.subdistricts, "街道")}
    return {
        level: frame(made, id=numbered(level[0].upper(), len(made)), name=numbered(name, len(made)))
        for level, (made, name) in shapes.items()
    }


def digest_of(*tables: pd.DataFrame) -> bytes:
    """Sum up tables: the same bytes for the same cells."""
    digest = hashlib.sha256()
    for table in tables:
        for name in table.columns:
            column = table[name]
            digest.update(str(name).encode())
            if name == "geometry":
                digest.update(b"".join(shapely.to_wkb(np.asarray(column))))
            elif column.dtype.kind in "ifb":
                digest.update(column.to_numpy().tobytes())
            else:
                digest.update(pd.util.hash_array(column.to_numpy(dtype=object)).tobytes())
    return digest.digest()


def table(result: dict[str, Any]) -> str:
    """Write what was measured as a table."""
    rows = result["stages"]
    counted = [row for row in rows if row["counts"]]
    total = {key: sum(row[key] for row in counted) for key in ("cpu", "wall")}
    lines = [
        f"{result['nodes']:,} nodes, {result['edges']:,} edges, {result['demand']:,} demand points"
        f" ({result['snapped']:,} at a street), {result['facilities']:,} facilities, {result['rules']} rules,"
        f" {result['gaps']:,} gaps; answers {result['digest']}",
        "",
        f"| {'stage':<24} | {'CPU s':>7} | {'wall s':>7} | {'peak MB':>8} |",
        f"| {'-' * 24} | {'-' * 7} | {'-' * 7} | {'-' * 8} |",
    ]
    for row in rows:
        name = row["stage"] if row["counts"] else f"({row['stage']})"
        lines.append(f"| {name:<24} | {row['cpu']:7.2f} | {row['wall']:7.2f} | {row['peak_mb']:8,.0f} |")
    peak = max(row["peak_mb"] for row in counted)
    lines.append(f"| {'total':<24} | {total['cpu']:7.2f} | {total['wall']:7.2f} | {peak:8,.0f} |")
    return "\n".join(lines)


def main() -> None:
    """Measure in a process of its own, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--nodes", type=int, default=50_000)
    parser.add_argument("--homes", type=int, default=None, help="demand points; default: half as many as nodes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rules", type=int, default=len(RULES), help="how many of the forty rules")
    parser.add_argument("--land", action="store_true", help="judge residential land, too")
    parser.add_argument("--lines", action="store_true", help="build the network from a line layer")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        made = measure(
            given.nodes, given.seed, homes=given.homes, land=given.land, lines=given.lines, rules=given.rules
        )
        print(json.dumps(made))
        return
    done = subprocess.run(
        [sys.executable, __file__, *sys.argv[1:], "--here"], stdout=subprocess.PIPE, check=True, text=True
    )
    print(table(json.loads(done.stdout.splitlines()[-1])))


if __name__ == "__main__":
    main()
