"""The bench of a whole city runs on a small one, by what planners call, and sums its answers up alike each time."""

import bench_city
import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="module")
def measured() -> dict:
    return bench_city.measure(800, 1, homes=300, land=False, lines=False, rules=3)


def test_every_stage_is_timed(measured: dict) -> None:
    stages = {row["stage"]: row for row in measured["stages"]}
    for name in ("network", "points to streets", "3 rules, cells beside", "gaps of 3 rules"):
        assert stages[name]["counts"]
        assert stages[name]["cpu"] >= 0
        assert stages[name]["wall"] > 0
        assert stages[name]["peak_mb"] > 10
    assert not stages["city drawn"]["counts"]
    assert measured["nodes"] == 800
    assert measured["demand"] == measured["snapped"] == 300
    assert measured["gaps"] > 0


def test_table_adds_up_what_counts(measured: dict) -> None:
    text = bench_city.table(measured)
    total = next(line for line in text.splitlines() if line.startswith("| total"))
    wall = sum(row["wall"] for row in measured["stages"] if row["counts"])
    assert float(total.split("|")[3]) == pytest.approx(wall, abs=0.006)
    assert measured["digest"] in text


def test_a_line_layer_and_land_can_be_timed_too(measured: dict) -> None:
    again = bench_city.measure(800, 1, homes=300, land=True, lines=True, rules=1)
    assert again["nodes"] < 800, "between junctions, streets have bends"
    assert len(again["digest"]) == len(measured["digest"]) == 16


def test_digest_tells_cells_apart() -> None:
    one = pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": [0.5, np.nan]})
    assert bench_city.digest_of(one) == bench_city.digest_of(one.copy())
    assert bench_city.digest_of(one) != bench_city.digest_of(one.assign(a=[2, 1]))
    assert bench_city.digest_of(one) != bench_city.digest_of(one.assign(b=["x", "y"]))
