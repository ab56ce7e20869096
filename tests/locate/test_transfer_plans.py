"""Transfer plans as a whole: what must hold when the task changes, many versions of a place, and an early end."""

import os
import signal
import threading

import numpy as np
import pytest

from siting.locate import transfer


def city(seed, n=60, m=12, k=3):
    """Return supply, collection, haul, room, opening cost, room and cost of plants, direct haul."""
    rng = np.random.default_rng(seed)
    supply = rng.integers(1, 40, n) / 4.0
    places = [rng.random((count, 2)) * 20 for count in (n, m, k)]
    way = [np.rint(100 * np.hypot(*(a[:, None] - b[None]).transpose(2, 0, 1))) / 100 for a, b in
           ((places[0], places[1]), (places[1], places[2]), (places[0], places[2]))]  # fmt: skip
    collect, haul, direct = 3 * way[0], way[1], 3 * way[2]
    collect[collect > 45] = np.inf
    direct[direct > 15] = np.inf
    total = supply.sum()
    return [
        supply, collect, haul, rng.uniform(0.1, 0.4, m) * total, rng.integers(50, 400, m) * 1.0,
        np.full(k, 0.5 * total), np.full(k, 300.0), direct,
    ]  # fmt: skip


def close(value):
    return pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("single", [False, True])
def test_what_a_change_of_the_task_may_change(seed, single):
    task = city(seed, n=14, m=6, k=2)
    limits = {"time_limit_s": 60.0, "single_source": single}
    plain = transfer(*task, **limits)
    assert plain.status == "optimal"
    roomier = task.copy()
    roomier[3] = task[3] * 1.5
    assert transfer(*roomier, **limits).objective <= plain.objective * (1 + 1e-6)
    blocked = task.copy()
    blocked[1] = task[1].copy()
    i = int(np.flatnonzero(plain.assignment >= 0)[0])
    blocked[1][i, plain.assignment[i]] = np.inf  # a road that was used is gone
    assert transfer(*blocked, **limits).objective >= plain.objective * (1 - 1e-6)
    scaled = [task[0], *(3 * t for t in task[1:3]), task[3], 3 * task[4], task[5], 3 * task[6], 3 * task[7]]
    assert transfer(*scaled, **limits).objective == close(3 * plain.objective)
    tonnes = [2 * task[0], *task[1:3], 2 * task[3], 2 * task[4], 2 * task[5], 2 * task[6], task[7]]
    assert transfer(*tonnes, **limits).objective == close(2 * plain.objective)
    order = np.random.default_rng(seed).permutation(6)
    shuffled = [task[0], task[1][:, order], task[2][order], task[3][order], task[4][order], *task[5:]]
    assert transfer(*shuffled, **limits).objective == close(plain.objective)
    if not single:
        whole = transfer(*task, time_limit_s=60.0, single_source=True)
        assert whole.objective >= plain.objective * (1 - 1e-6)


def test_gain_agrees_with_a_plan_that_may_not_have_the_station():
    task = city(7)
    task[6] = None  # all plants are open
    result = transfer(*task, time_limit_s=20.0)
    assert sorted(result.order.tolist()) == result.sites.tolist()
    for j, gain in list(zip(result.order, result.gain, strict=True))[:3]:
        others = [s for s in result.sites.tolist() if s != j]
        excluded = [s for s in range(12) if s not in others]
        if not np.isfinite(gain):
            continue
        without = transfer(*task, required=others, excluded=excluded)
        assert gain == close(without.objective - result.objective)


@pytest.mark.parametrize("single", [False, True])
def test_a_plan_larger_than_the_model_balances_to_the_last_unit(single):
    task = city(1, n=400, m=60, k=4)
    supply, collect, haul, room, opening, plant_room, plant_opening, direct = task
    result = transfer(*task, single_source=single, most_share=0.25, time_limit_s=6.0, mip_gap=0.02)
    parts = [part.toarray() for part in (result.flows.collect, result.flows.haul, result.flows.direct)]
    units = [np.rint(1000 * part).astype(int) for part in parts]
    assert all((np.abs(1000 * part - whole) < 1e-6).all() for part, whole in zip(parts, units, strict=True))
    assert (units[0].sum(axis=1) + units[2].sum(axis=1)).tolist() == np.rint(1000 * supply).astype(int).tolist()
    assert units[0].sum(axis=0).tolist() == units[1].sum(axis=1).tolist()
    assert (units[0].sum(axis=0) <= 1000 * np.minimum(room, 0.25 * supply.sum()) + 1e-6).all()
    assert (units[1].sum(axis=0) + units[2].sum(axis=0) <= 1000 * plant_room + 1e-6).all()
    paid = sum(
        (part[part > 0] * cost[part > 0]).sum() for part, cost in zip(parts, (collect, haul, direct), strict=True)
    )
    paid += opening[result.sites].sum() + plant_opening[result.flows.plants].sum()
    assert result.objective == pytest.approx(paid, rel=1e-9)
    assert 0 < result.bound <= result.objective
    if single:
        assert (((units[0] > 0).sum(axis=1) + (units[2] > 0).sum(axis=1)) == 1).all()


def test_one_version_of_each_place_is_built_at_most():
    supply, collect, haul, room, opening, plant_room, plant_opening, direct = city(2, n=40, m=10)
    # Every place small, medium or large, and nearly all places in the way of each other in the south.
    size = np.array([0.5, 1.0, 2.0])
    versions = [np.repeat(collect, 3, axis=1), np.repeat(haul, 3, axis=0)]
    rooms, prices = np.outer(room, size).ravel(), np.outer(opening, np.sqrt(size)).ravel()
    pairs = [(3 * a + u, 3 * a + v) for a in range(10) for u in range(3) for v in range(u + 1, 3)]
    pairs += [(u, v) for u in range(9) for v in range(u + 1, 9)]
    pairs = sorted(set(pairs))
    result = transfer(
        supply, *versions, rooms, prices, plant_room, plant_opening, direct, too_close=pairs, time_limit_s=20.0
    )
    places = result.sites // 3
    assert len(set(places.tolist())) == len(places)
    assert (places < 3).sum() <= 1
    without = transfer(supply, collect, haul, room, opening, plant_room, plant_opening, direct,
                       too_close=[(0, 1), (0, 2), (1, 2)], time_limit_s=20.0)  # fmt: skip
    assert result.bound <= without.objective


def test_it_stops_early_with_a_plan_and_a_bound():
    task = city(3, n=400, m=80, k=4)
    early = transfer(*task, time_limit_s=0.5)
    assert early.status == "feasible"
    assert 0 < early.bound <= early.objective
    near = transfer(*task, time_limit_s=30.0, mip_gap=0.2)
    assert near.gap <= 0.2


@pytest.mark.skipif(threading.current_thread() is not threading.main_thread(), reason="signals reach the main thread")
@pytest.mark.parametrize("single", [False, True])
def test_an_interrupted_search_states_its_best_plan(single):
    seen = []

    def interrupt(progress):
        if not seen:
            seen.append(progress)
            os.kill(os.getpid(), signal.SIGINT)

    result = transfer(*city(3, n=400, m=80, k=4), single_source=single, time_limit_s=30.0, progress=interrupt)
    assert result.parameters["interrupted"] is True
    assert seen[0].bound - 1e-9 <= result.bound <= result.objective
    assert result.flows.station_load == pytest.approx(result.flows.haul.sum(axis=1), abs=1e-9)
