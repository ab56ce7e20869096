"""Transfer stations: sources that go to one place, stations that may not take too much, and what each is worth."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.errors import InfeasibleError, InputError
from siting.locate import transfer

#   A (6 t) --1-- S1 --0-- P       S1 holds 10 t, S2 holds 20 t; per tonne
#   B (6 t) --1-- S1               A to S2: 3, B to S2: 2
SUPPLY = np.array([6.0, 6.0])
COLLECT = np.array([[1.0, 3.0], [1.0, 2.0]])
HAUL = np.zeros((2, 1))


def drawn(**changes):
    plain = {"station_capacity": [10.0, 20.0], "station_cost": [1.0, 2.0], "plant_capacity": 30.0} | changes
    return transfer(SUPPLY, COLLECT, HAUL, **plain)


def test_a_source_is_not_split():
    split = drawn()
    assert split.objective == 10 + 2 * 2 + 3  # two tonnes of B to S2
    whole = drawn(single_source=True)
    assert (whole.objective, whole.bound, whole.status) == (6 + 12 + 3, 21.0, "optimal")  # A to S1, B to S2
    assert whole.assignment.tolist() == [0, 1]
    assert whole.parameters["single_source"] is True
    straight = drawn(single_source=True, direct_cost=[[1.5], [np.inf]])
    assert (straight.objective, straight.assignment.tolist()) == (9 + 6 + 1, [-1, 0])


def test_no_station_takes_more_than_its_share():
    assert drawn(station_capacity=20.0).objective == 12 + 1
    half = drawn(station_capacity=20.0, most_share=0.5)
    assert half.objective == 6 + 12 + 3
    assert half.flows.station_load.tolist() == [6.0, 6.0]
    assert half.parameters["most_share"] == 0.5
    with pytest.raises(InfeasibleError, match="raise most_share"):
        drawn(most_share=0.4)


def test_gain_is_what_the_plan_costs_more_without_the_station():
    # Both: 21. Without S1: 12 t to S2 at 3 and 2, and 2 to open: 18 + 12 + 2 = 32. Without S2: 10 t are too few.
    both = drawn(single_source=True)
    assert (both.order.tolist(), both.gain.tolist()) == ([1, 0], [np.inf, 11.0])
    split = drawn()  # 17: without S1 as before
    assert (split.order.tolist(), split.gain.tolist()) == ([1, 0], [np.inf, 15.0])


@pytest.mark.parametrize("changes", [{"single_source": 1}, {"most_share": 0.0}, {"most_share": 1.2}])
def test_switches_that_make_no_sense_are_refused(changes):
    with pytest.raises(InputError):
        drawn(**changes)


def test_sources_that_fit_nowhere_whole_are_named():
    with pytest.raises(InfeasibleError, match=r"1 of 2 sources .*\[0\]"):
        transfer([8.0, 2.0], np.ones((2, 2)), np.ones((2, 1)), 7.0, 1.0, 30.0, single_source=True)
    # 4 + 4 + 4 into two stations of 6: split yes, whole no.
    with pytest.raises(InfeasibleError, match="single_source=False"):
        transfer([4.0, 4.0, 4.0], np.ones((3, 2)), np.ones((2, 1)), 6.0, 1.0, 30.0, single_source=True)


def cheapest_haul(loads, haul, room):
    """Cost of hauling these loads to one or two plants with such room, ``inf`` if they do not take it."""
    if haul.shape[1] == 1:
        ways = haul[:, 0]
        return np.inf if loads.sum() > room[0] else float((ways[loads > 0] * loads[loads > 0]).sum())
    cost, left = 0.0, room.astype(float)
    either = []
    for load, (a, b) in zip(loads, haul, strict=True):
        if load == 0:
            continue
        if np.isinf(a) and np.isinf(b):
            return np.inf
        if np.isfinite(a) and np.isfinite(b):
            either.append((a - b, load, a, b))
        else:
            only = 0 if np.isfinite(a) else 1
            cost += load * (a, b)[only]
            left[only] -= load
    if (left < 0).any():
        return np.inf
    more = sum(load for _, load, _, _ in either)
    if more > left.sum():
        return np.inf
    # To the first plant goes what is cheaper there, in the order of the difference, as far as rooms allow and demand.
    cost += sum(load * b for _, load, _, b in either)
    forced, free = max(0.0, more - left[1]), left[0]
    for saved, load, _, _ in sorted(either):
        must = min(load, forced)
        part = min(load, free) if saved < 0 else must
        cost += saved * part
        forced, free = max(0.0, forced - part), free - part
    return cost


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_all_assignments_of_small_cases(seed):
    rng = np.random.default_rng(seed)
    n, m, k = int(rng.integers(1, 5)), int(rng.integers(1, 5)), int(rng.integers(1, 3))
    supply = rng.integers(0, 9, n) * 1.0
    supply[0] += 1
    collect, haul, direct = (rng.integers(0, 20, shape) * 1.0 for shape in ((n, m), (m, k), (n, k)))
    collect[rng.random((n, m)) < 0.1] = np.inf
    haul[rng.random((m, k)) < 0.1] = np.inf
    direct = direct * 2 if rng.random() < 0.4 else np.full((n, k), np.inf)
    room, plant_room = rng.integers(2, 20, m) * 1.0, rng.integers(4, 25, k) * 1.0
    opening, plant_opening = rng.integers(0, 30, m) * 1.0, rng.integers(0, 30, k) * float(rng.random() < 0.6)
    role = rng.choice(["free", "existing", "required", "excluded"], size=m, p=[0.7, 0.12, 0.08, 0.1])
    existing, required, excluded = (np.flatnonzero(role == r).tolist() for r in ("existing", "required", "excluded"))
    pairs = [pair for pair in combinations(range(m), 2) if rng.random() < 0.1]
    zones = rng.choice(["a", "b"], size=m).tolist()
    least = {z: 1 for z in set(zones) if rng.random() < 0.2}
    most = {z: 2 for z in set(zones) if rng.random() < 0.2}
    p = int(rng.integers(1, m + 1)) if rng.random() < 0.5 else None
    share = float(rng.choice([0.4, 0.6, 0.8])) if rng.random() < 0.3 else None
    held = room if share is None else np.minimum(room, np.floor(share * supply.sum() * 1000 + 1e-6) / 1000)
    paid = np.where(np.isin(np.arange(m), existing), 0.0, opening)
    allowed = []
    for stations in product([False, True], repeat=m):
        new = [j for j in range(m) if stations[j] and j not in existing]
        count = {z: sum(stations[j] for j in range(m) if zones[j] == z) for z in set(zones)}
        if (
            all(stations[j] for j in existing + required) and not any(stations[j] for j in excluded)
            and not any(stations[a] and stations[b] and not {a, b} <= set(existing) for a, b in pairs)
            and len(new) <= (m if p is None else p)
            and all(count[z] >= least[z] for z in least) and all(count[z] <= most[z] for z in most)
        ):  # fmt: skip
            allowed.append((set(np.flatnonzero(stations).tolist()), paid[new].sum()))
    best = np.inf
    for to in product(*[range(m + k) if s else [-1] for s in supply]):
        loads, taken, cost = np.zeros(m), np.zeros(k), 0.0
        for i, t in enumerate(to):
            if t >= m:
                taken[t - m] += supply[i]
                cost += supply[i] * direct[i, t - m]
            elif t >= 0:
                loads[t] += supply[i]
                cost += supply[i] * collect[i, t]
        opened = [price for stations, price in allowed if set(np.flatnonzero(loads).tolist()) <= stations]
        if np.isinf(cost) or (loads > held).any() or not opened or cost + min(opened) >= best:
            continue
        for plants in product([0.0, 1.0], repeat=k):
            left = plant_room * plants - taken
            if (left >= 0).all():
                hauled = cheapest_haul(loads, haul, left)
                best = min(best, cost + hauled + min(opened) + plant_opening[np.array(plants) > 0].sum())

    def solve():
        return transfer(
            supply, collect, haul, room, opening, plant_room, plant_opening, direct if np.isfinite(direct).any() else
            None, p=p, existing=existing, required=required, excluded=excluded, too_close=pairs, zones=zones,
            at_least=least, at_most=most, single_source=True, most_share=share,
        )  # fmt: skip

    if np.isinf(best):
        with pytest.raises(InfeasibleError):
            solve()
        return
    result = solve()
    assert (result.objective, result.status) == (pytest.approx(best, abs=1e-6), "optimal")
    assert result.bound == result.objective
    collected, hauled, straight = (
        part.toarray() for part in (result.flows.collect, result.flows.haul, result.flows.direct)
    )
    parts = np.hstack([collected, straight])
    assert (parts.sum(axis=1) == supply).all()
    assert ((parts > 0).sum(axis=1) == (supply > 0)).all()
    assert (result.flows.station_load == hauled.sum(axis=1)).all()
    assert (result.flows.station_load <= held + 1e-9).all()
    assert (result.flows.plant_load <= plant_room).all()
    assert set(required) <= set(result.sites.tolist())
    assert sorted(result.order.tolist()) == result.sites.tolist()
    assert (np.diff(result.gain[np.isfinite(result.gain)]) <= 0).all()
