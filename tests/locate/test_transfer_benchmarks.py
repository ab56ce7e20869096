"""Transfer stations of the literature: near the best known value, and bounded on the right side."""

import csv

import numpy as np
import pytest

from siting.locate import transfer


@pytest.mark.parametrize("name", ["PSC1-C3-50", "PSC3-C5-50"])
def test_two_stage_instances_are_near_the_best_known(shared_benchmarks, name):
    folder = shared_benchmarks / "tscflp"
    with (folder / "optimum.csv").open(encoding="utf-8") as file:
        row = next(row for row in csv.DictReader(file) if row["instance"] == name)
    known, published = float(row["optimum_or_best_known"]), float(row["lower_bound"])
    numbers = np.array((folder / row["file"]).read_text().split(), dtype=float)
    k, m, n = (int(v) for v in numbers[:3])
    sizes = [n, 2 * k, k * m, 2 * m, m * n]
    supply, plants, haul, stations, collect = np.split(numbers[3:], np.cumsum(sizes)[:-1])
    plant, station = plants.reshape(k, 2), stations.reshape(m, 2)
    result = transfer(
        supply, collect.reshape(m, n).T, haul.reshape(k, m).T, station[:, 0], station[:, 1], plant[:, 0], plant[:, 1],
        time_limit_s=8.0,
    )  # fmt: skip
    assert result.bound <= known
    assert published <= result.objective <= 1.03 * known
    flows = result.flows
    assert (flows.collect.sum(axis=1) == supply).all()
    assert (flows.station_load == flows.haul.sum(axis=1)).all()
    assert (flows.station_load <= station[:, 0]).all()
    assert (flows.plant_load <= plant[:, 0]).all()
    paid = (flows.collect.toarray() * collect.reshape(m, n).T).sum() + (
        flows.haul.toarray() * haul.reshape(k, m).T
    ).sum()
    assert result.objective == paid + station[result.sites, 1].sum() + plant[flows.plants, 1].sum()
