"""p-center against hand-computed streets, exhaustive search and the literature."""

import csv
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from locate_costs import labelled
from small_plans import draw_plans

from siting.errors import InfeasibleError, InputError
from siting.locate import p_center


@pytest.mark.parametrize(
    ("p", "worst", "plans"),
    [
        (1, 400.0, [[2]]),  # C: A is 350 m away, D 400; B would be 550 from D
        (2, 200.0, [[1, 3]]),  # A and C go to B, at 200 and 150 m
        (3, 150.0, [[0, 1, 3], [0, 2, 3]]),  # B and C share one
        (4, 0.0, [[0, 1, 2, 3]]),
    ],
)
def test_line_street(line_street, p, worst, plans):
    cost, _ = line_street
    for given_cost in (cost, labelled(cost)):
        result = p_center(given_cost, p)
        assert (result.objective, result.bound, result.status, result.gap) == (worst, worst, "optimal", 0.0)
        assert result.sites.tolist() in plans


def test_labels_order_and_gain(line_street):
    cost, _ = line_street
    result = p_center(labelled(cost, columns=["a", "b", "c", "d"]), 2)
    assert result.site_ids == ("b", "d")
    # Nothing is open: everybody counts at 750 m. b leaves D at 550, d leaves A at 750: b first, then d leaves A at 200.
    assert result.order.tolist() == [1, 3]
    assert result.gain.tolist() == [200.0, 350.0]
    assert result.assignment.tolist() == [1, 1, 1, 3]


def test_existing_is_free_required_counts_excluded_stays_closed(line_street):
    cost, _ = line_street
    existing = p_center(cost, 1, existing=[3])
    assert (existing.objective, existing.sites.tolist()) == (200.0, [1])
    required = p_center(cost, 2, required=[0])
    assert (required.objective, required.sites.tolist()) == (350.0, [0, 3])  # C goes to A
    assert p_center(cost, 2, excluded=[3]).objective == 400.0
    assert p_center(cost, 2, too_close=[(1, 3)]).objective == 350.0
    assert p_center(cost, 2, zones=["w", "w", "e", "e"], at_most={"e": 0}).objective == 550.0
    # Exactly p are opened, also where they are of no use.
    assert len(p_center(cost, 4).sites) == 4
    assert len(p_center(np.zeros((3, 5)), 4).sites) == 4


def test_one_way_costs_are_read_from_demand_to_site():
    #  from D0 to C1 it is 1, from D1 to C0 it is 9
    result = p_center([[0.0, 1.0], [9.0, 0.0]], 1)
    assert (result.objective, result.sites.tolist()) == (1.0, [1])


def test_what_cannot_be_says_why_and_what_would_work(line_street):
    cost, _ = line_street
    near = labelled(cost, cutoff=200.0)
    with pytest.raises(InfeasibleError, match=r"needs 2 sites, but p is 1; p = 2 would work"):
        p_center(near, 1)
    with pytest.raises(InfeasibleError, match=r"1 of 4 demand rows .* cutoff of 200 m \(D3\)"):
        p_center(near, 2, excluded=["C3"])
    with pytest.raises(InputError, match="4 candidates"):
        p_center(cost, 5)
    with pytest.raises(InfeasibleError, match="p = 3 would work"):
        p_center(cost, 4, excluded=[0])
    with pytest.raises(InfeasibleError, match=r"let at most 2 be open .* p = 2 would work"):
        p_center(cost, 3, too_close=[(0, 1), (2, 3)])
    with pytest.raises(InfeasibleError, match="p = 2 would work"):
        p_center(cost, 1, required=[0, 1])


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=250, deadline=None)
def test_equals_best_of_all_plans_under_every_condition(seed):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 10)), int(rng.integers(1, 9))
    cost = rng.integers(0, 10, (n, m)) * 1.0 if rng.random() < 0.6 else rng.random((n, m)) * 10
    cost[rng.random((n, m)) < rng.choice([0.0, 0.1, 0.4])] = np.inf
    small = draw_plans(rng, m)

    def value(js):
        return cost[:, [*js, *small.existing]].min(axis=1).max()

    best = min((value(js) for js in small.plans), default=np.inf)
    if np.isinf(best):
        with pytest.raises(InfeasibleError):
            p_center(cost, small.p, **small.conditions)
        return
    result = p_center(cost, small.p, **small.conditions)
    assert (result.objective, result.bound, result.status) == (best, best, "optimal")
    assert tuple(result.sites.tolist()) in small.plans
    assert value(result.sites.tolist()) == best
    assert sorted(result.order.tolist()) == result.sites.tolist()
    every = np.union1d(result.sites, small.existing).astype(int)
    assert result.assignment.tolist() == every[cost[:, every].argmin(axis=1)].tolist()


def scattered(seed, n, m):
    rng = np.random.default_rng(seed)
    people, sites = rng.random((n, 2)) * 1000, rng.random((m, 2)) * 1000
    return np.hypot(*(people[:, None] - sites[None]).transpose(2, 0, 1))


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_more_sites_never_worse_and_scale_and_copies_do_not_matter(seed):
    cost = scattered(seed, 60, 25)
    base = p_center(cost, 4)
    assert p_center(cost, 5).objective <= base.objective
    assert p_center(cost[:40], 4).objective <= base.objective
    assert p_center(cost / 1024, 4).objective == base.objective / 1024
    assert p_center(np.vstack([cost, cost]), 4).objective == base.objective
    assert p_center(np.hstack([cost, cost]), 4).objective == base.objective
    order = np.random.default_rng(seed).permutation(60)
    assert p_center(cost[order], 4).objective == base.objective
    later = p_center(cost, 1, existing=base.sites.tolist())
    assert p_center(cost, 5).objective <= later.objective <= base.objective


def test_a_stopped_search_is_not_called_optimal_and_its_bound_holds():
    cost = scattered(3, 300, 200)
    reports = []
    short = p_center(cost, 12, time_limit_s=0.05, progress=reports.append)
    full = p_center(cost, 12)
    loose = p_center(cost, 12, mip_gap=0.05)
    assert (full.status, full.bound) == ("optimal", full.objective)
    assert short.bound <= full.objective <= short.objective
    assert short.status == "feasible" or short.objective == full.objective
    assert loose.gap <= 0.05
    assert loose.bound <= full.objective <= loose.objective
    assert all(a.bound <= b.bound and a.value >= b.value for a, b in pairwise(reports))


def test_the_same_seed_gives_the_same_plan():
    cost = scattered(5, 200, 200)
    first, second = (p_center(cost, 20, seed=7) for _ in range(2))
    assert first.sites.tolist() == second.sites.tolist()
    assert p_center(cost, 20, seed=8).objective == first.objective


def test_ctrl_c_keeps_the_best_plan(monkeypatch):
    from siting.locate.center import search as center_search

    def interrupted(*_):
        raise KeyboardInterrupt

    cost = scattered(9, 150, 150)
    monkeypatch.setattr(center_search.CenterSearch, "relax", interrupted)
    result = p_center(cost, 9)
    assert (result.status, result.parameters["interrupted"]) == ("feasible", True)
    monkeypatch.undo()
    assert result.bound <= p_center(cost, 9).objective <= result.objective


def test_spacing_and_quotas_on_a_larger_plan():
    cost = scattered(11, 150, 60)
    xy = np.random.default_rng(11).random((60, 2)) * 1000
    zones = [f"z{int(x > 500)}{int(y > 500)}" for x, y in xy]
    result = p_center(cost, 10, min_spacing_m=200.0, xy=xy, zones=zones, at_least=2, at_most=4)
    assert result.status == "optimal"
    chosen = xy[result.sites]
    apart = np.hypot(*(chosen[:, None] - chosen[None]).transpose(2, 0, 1))
    assert apart[np.triu_indices(len(chosen), 1)].min() >= 200.0
    assert sorted(np.unique([zones[j] for j in result.sites], return_counts=True)[1]) >= [2, 2, 2, 2]
    assert result.objective >= p_center(cost, 10).objective


@pytest.mark.parametrize("name", ["pr226", "pr299"])
def test_points_of_the_literature_are_proved(shared_benchmarks, name):
    folder = shared_benchmarks / "pcenter_tsplib"
    lines = (folder / "data" / f"{name}.tsp").read_text().splitlines()
    begin = next(k for k, line in enumerate(lines) if line.startswith("NODE_COORD")) + 1
    xy = np.array([[float(v) for v in line.split()[1:3]] for line in lines[begin:] if len(line.split()) == 3])
    distance = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    with (folder / "optimum.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["instance"] == name]
    assert len(rows) == 8
    for row in rows:
        cost = np.floor(distance + 0.5) if row["params"] == "distance=round" else distance
        result = p_center(cost, int(row["p"]))
        assert result.objective == pytest.approx(float(row["optimum_or_best_known"]), abs=1e-6)
        assert (result.status, result.bound) == ("optimal", result.objective)
