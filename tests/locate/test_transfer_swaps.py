"""What is told of an exchange of stations beforehand is never dearer than it turns out to be."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.locate.clock import start_clock
from siting.locate.conditions import read_conditions
from siting.locate.two_stage.rules import StationRules
from siting.locate.two_stage.search import TransferSearch
from siting.locate.two_stage.task import read_station_costs, read_task


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_exchange_of_stations_saves_more_than_said(seed):
    rng = np.random.default_rng(seed)
    n, m, k = int(rng.integers(2, 12)), int(rng.integers(2, 7)), int(rng.integers(1, 4))
    supply = rng.integers(1, 9, n) * 1.0
    collect, haul, direct = (rng.integers(0, 30, shape) * 1.0 for shape in ((n, m), (m, k), (n, k)))
    collect[rng.random((n, m)) < 0.2] = np.inf
    straight = direct * 3 if rng.random() < 0.5 else None
    total = supply.sum()
    costs, hauls, directs = read_station_costs(collect, haul, straight)
    task = read_task(
        costs, hauls, directs, read_conditions(costs), supply=supply, n_least=0, plant_cost=20.0,
        station_capacity=rng.uniform(0.2, 0.8, m) * total, station_cost=rng.integers(0, 60, m) * 1.0,
        plant_capacity=rng.uniform(0.4, 1.2, k) * total,
    )  # fmt: skip
    search = TransferSearch(task, StationRules(task), start_clock(60.0, 0.0, 0))
    stations, plants = rng.random(m) < 0.6, rng.random(k) < 0.7
    search.flow.open(stations, plants)
    before = search.flow.penalised()
    told = search._changes("station")
    for out in range(m + 1):
        for new in range(m + 1):
            after = stations.copy()
            if out < m:
                after[out] = False
            if new < m:
                after[new] = True
            if np.isfinite(told[out, new]):
                search.flow.open(after, plants)
                change = search.flow.penalised() - before
                assert change >= told[out, new] - 1e-6 * max(1.0, abs(before))
