"""Transfer stations: drawn cases computed by hand, and all choices of stations and plants tried on small ones."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from locate_costs import labelled
from scipy.optimize import linprog

from siting.errors import InfeasibleError, InputError
from siting.locate import transfer

#   A (10 t) --1-- S1 --2-- P          collecting and hauling, per tonne
#   B (20 t) --1-- S2 --3-- P          A to S2: 4, B to S1: 2
SUPPLY = np.array([10.0, 20.0])
COLLECT = np.array([[1.0, 4.0], [2.0, 1.0]])
HAUL = np.array([[2.0], [3.0]])


def drawn(**changes):
    plain = {"station_capacity": [30.0, 30.0], "station_cost": [5.0, 5.0], "plant_capacity": 30.0} | changes
    return transfer(SUPPLY, COLLECT, HAUL, **plain)


def test_drawn_street():
    # S1 alone: 10 * (1 + 2) + 20 * (2 + 2) + 5 = 115. S2: 10 * 7 + 20 * 4 + 5 = 155. Both: 30 + 80 + 10 = 120.
    both = drawn()
    assert (both.objective, both.bound, both.status) == (115.0, 115.0, "optimal")
    assert both.sites.tolist() == [0]
    assert both.flows.collect.toarray().tolist() == [[10.0, 0.0], [20.0, 0.0]]
    assert both.flows.haul.toarray().tolist() == [[30.0], [0.0]]
    assert both.assignment.tolist() == [0, 0]
    # S1 holds 12 t: all of A and 2 t of B there, 18 t of B through S2 at the same 4 per tonne.
    small = drawn(station_capacity=[12.0, 30.0])
    assert (small.objective, small.status, small.sites.tolist()) == (30 + 80 + 10, "optimal", [0, 1])
    assert drawn(excluded=[0]).objective == 155.0
    assert drawn(existing=[1]).objective == 30 + 80 + 5  # S2 is there and free; alone it would take 150
    assert drawn(existing=[1], excluded=[0]).objective == 150.0
    assert drawn(existing=[1], min_sites=0, p=1, required=[0]).objective == 30 + 80 + 5
    assert drawn(min_sites=2).objective == 120.0
    # Straight from A at 2 per tonne: 20 + 20 * 4 + 5 beats 30 + 80 + 5.
    straight = drawn(direct_cost=[[2.0], [np.inf]])
    assert (straight.objective, straight.assignment.tolist()) == (105.0, [-1, straight.sites[0]])
    assert straight.flows.direct.toarray().tolist() == [[10.0], [0.0]]
    assert drawn(plant_cost=7.0).objective == 122.0


def test_labels_are_aligned_and_metres_are_metres():
    collect = labelled(COLLECT * 1000, rows=["A", "B"], columns=["S1", "S2"])
    haul = labelled((HAUL * 1000)[::-1], rows=["S2", "S1"], columns=["P"])
    room = pd.Series({"S2": 30.0, "S1": 12.0})
    result = transfer(pd.Series({"B": 20.0, "A": 10.0}), collect, haul, room, 5000.0, 30.0, required=["S2"])
    assert (result.objective, result.site_ids, result.status) == (120_000.0, ("S1", "S2"), "optimal")
    assert result.parameters["plants"] == ("P",)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"plant_capacity": 29.0}, "plants hold 29"),
        ({"station_capacity": [10.0, 15.0]}, "hold 25"),
        ({"station_capacity": 20.0, "p": 1}, "p = 2 would work"),
        ({"excluded": [0, 1]}, "hold 0"),
        ({"min_sites": 2, "too_close": [(0, 1)]}, "min_sites"),
    ],
)
def test_what_cannot_be_is_refused_with_what_would(changes, words):
    with pytest.raises(InfeasibleError, match=words):
        drawn(**changes)


def test_sources_without_a_way_are_named():
    with pytest.raises(InfeasibleError, match=r"1 of 2 sources .*\[1\]"):
        transfer(SUPPLY, [[1.0], [np.inf]], [[1.0]], 30.0, 1.0, 30.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"station_cost": [-1.0, 2.0]}, {"station_capacity": [1.0]}, {"plant_cost": np.nan}, {"direct_cost": [[1.0]]},
        {"min_sites": -1}, {"min_sites": 2, "p": 1}, {"p": 3}, {"station_cost": "dear"},
    ],
)  # fmt: skip
def test_input_that_makes_no_sense_is_refused(changes):
    with pytest.raises(InputError):
        drawn(**changes)


def cheapest_flow(supply, collect, haul, direct, room, plant_room, stations, plants):
    """Cost of the cheapest flow as a plain linear program, ``inf`` if there is none."""
    n, m, k = len(supply), *haul.shape
    cost, bounds = [], []
    for i, j in product(range(n), range(m)):
        cost.append(collect[i, j])
        bounds.append((0, None if stations[j] else 0))
    for j, q in product(range(m), range(k)):
        cost.append(haul[j, q])
        bounds.append((0, None if plants[q] else 0))
    for i, q in product(range(n), range(k)):
        cost.append(direct[i, q])
        bounds.append((0, None if plants[q] else 0))
    cost = np.array(cost)
    bounds = [(0, 0) if np.isinf(c) else b for c, b in zip(cost, bounds, strict=True)]
    x = np.arange(n * m).reshape(n, m)
    z = n * m + np.arange(m * k).reshape(m, k)
    w = n * m + m * k + np.arange(n * k).reshape(n, k)
    equal, right, below, most = [], [], [], []
    for i in range(n):
        row = np.zeros(len(cost))
        row[x[i]] = row[w[i]] = 1
        equal.append(row)
        right.append(supply[i])
    for j in range(m):
        row = np.zeros(len(cost))
        row[x[:, j]], row[z[j]] = 1, -1
        equal.append(row)
        right.append(0)
        row = np.zeros(len(cost))
        row[x[:, j]] = 1
        below.append(row)
        most.append(room[j])
    for q in range(k):
        row = np.zeros(len(cost))
        row[z[:, q]] = row[w[:, q]] = 1
        below.append(row)
        most.append(plant_room[q])
    found = linprog(np.where(np.isinf(cost), 0, cost), below, most, equal, right, bounds)
    return found.fun if found.status == 0 else np.inf


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_all_choices_of_small_cases(seed):
    rng = np.random.default_rng(seed)
    n, m, k = int(rng.integers(1, 5)), int(rng.integers(1, 5)), int(rng.integers(1, 3))
    supply = rng.integers(0, 9, n) / 2.0
    supply[0] += 1
    collect, haul, direct = (rng.integers(0, 20, shape) * 1.0 for shape in ((n, m), (m, k), (n, k)))
    collect[rng.random((n, m)) < 0.1] = np.inf
    haul[rng.random((m, k)) < 0.1] = np.inf
    direct = direct * 2 if rng.random() < 0.4 else np.full((n, k), np.inf)
    room, plant_room = rng.integers(2, 16, m) / 1.0, rng.integers(4, 20, k) / 1.0
    opening, plant_opening = rng.integers(0, 30, m) * 1.0, rng.integers(0, 30, k) * float(rng.random() < 0.6)
    role = rng.choice(["free", "existing", "required", "excluded"], size=m, p=[0.7, 0.12, 0.08, 0.1])
    existing, required, excluded = (np.flatnonzero(role == r).tolist() for r in ("existing", "required", "excluded"))
    pairs = [pair for pair in combinations(range(m), 2) if rng.random() < 0.1]
    zones = rng.choice(["a", "b"], size=m).tolist()
    least = {z: 1 for z in set(zones) if rng.random() < 0.2}
    most = {z: 2 for z in set(zones) if rng.random() < 0.2}
    p = int(rng.integers(1, m + 1)) if rng.random() < 0.5 else None
    fewest = int(rng.integers(0, 2))
    best = np.inf
    for stations in product([False, True], repeat=m):
        new = [j for j in range(m) if stations[j] and j not in existing]
        count = {z: sum(stations[j] for j in range(m) if zones[j] == z) for z in set(zones)}
        clash = any(stations[a] and stations[b] and not {a, b} <= set(existing) for a, b in pairs)
        allowed = (
            all(stations[j] for j in existing + required) and not any(stations[j] for j in excluded) and not clash
            and fewest <= len(new) <= (m if p is None else p)
            and all(count[z] >= least[z] for z in least) and all(count[z] <= most[z] for z in most)
        )  # fmt: skip
        if allowed:
            for plants in product([False, True], repeat=k):
                flow = cheapest_flow(supply, collect, haul, direct, room, plant_room, stations, plants)
                best = min(best, flow + opening[new].sum() + plant_opening[np.array(plants)].sum())

    def solve():
        return transfer(
            supply, collect, haul, room, opening, plant_room, plant_opening, direct if np.isfinite(direct).any() else
            None, p=p, min_sites=fewest, existing=existing, required=required, excluded=excluded, too_close=pairs,
            zones=zones, at_least=least, at_most=most,
        )  # fmt: skip

    if np.isinf(best):
        with pytest.raises(InfeasibleError):
            solve()
        return
    result = solve()
    assert (result.objective, result.status) == (pytest.approx(best, abs=1e-6), "optimal")
    assert result.bound == result.objective
    flows = result.flows
    collected, hauled, straight = (part.toarray() for part in (flows.collect, flows.haul, flows.direct))
    assert (collected.sum(axis=1) + straight.sum(axis=1)).tolist() == supply.tolist()
    assert flows.station_load.tolist() == hauled.sum(axis=1).tolist()
    assert (flows.station_load <= room).all()
    assert (flows.plant_load <= plant_room).all()
    is_open = np.isin(np.arange(m), [*existing, *result.sites])
    assert (flows.station_load[~is_open] == 0).all()
    assert set(required) <= set(result.sites.tolist())


def test_thirds_balance_as_well():
    rng = np.random.default_rng(3)
    supply = rng.random(30) / 3
    collect, haul = rng.random((30, 8)), rng.random((8, 3))
    result = transfer(supply, collect, haul, supply.sum() / 3, 0.2, np.inf, time_limit_s=20.0)
    assert result.status == "optimal"
    assert result.flows.station_load == pytest.approx(result.flows.haul.sum(axis=1), abs=1e-12)
    paid = (result.flows.collect.toarray() * collect).sum() + (result.flows.haul.toarray() * haul).sum()
    assert result.objective == pytest.approx(paid + 0.2 * len(result.sites), rel=1e-9)


def test_more_room_and_more_stations_never_cost_more():
    rng = np.random.default_rng(5)
    supply, collect, haul = rng.integers(1, 9, 20), rng.integers(1, 30, (20, 7)), rng.integers(1, 9, (7, 2))
    costs = [transfer(supply, collect, haul, 45.0, 30.0, np.inf, p=p).objective for p in (4, 5, 7)]
    assert costs == sorted(costs, reverse=True)
    wide = transfer(supply, collect, haul, 90.0, 30.0, np.inf).objective
    assert wide <= costs[-1]
    doubled = transfer(supply, collect * 2, haul * 2, 90.0, 60.0, np.inf)
    assert doubled.objective == 2 * wide
