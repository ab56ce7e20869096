"""p-median and facility location against hand-computed streets and exhaustive search."""

import math
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from locate_costs import labelled

from siting.errors import InfeasibleError, InputError
from siting.locate import facility_location, p_median


@pytest.mark.parametrize(
    ("p", "total", "sites"),
    [
        (1, 30 * 350 + 10 * 150 + 40 * 400, [2]),  # C: 28,000; B would be 30 * 200 + 20 * 150 + 40 * 550 = 31,000
        (2, 30 * 200 + 20 * 150, [1, 3]),  # A and C go to B: 9,000; the same with A and D: 10 * 200 + 20 * 350
        (3, 10 * 150, [0, 2, 3]),  # B goes to C
        (4, 0.0, [0, 1, 2, 3]),
    ],
)
def test_line_street(line_street, p, total, sites):
    cost, weight = line_street
    for given_cost in (cost, labelled(cost)):
        result = p_median(given_cost, weight, p)
        assert (result.objective, result.bound, result.status, result.gap) == (total, total, "optimal", 0.0)
        assert result.sites.tolist() in (sites, [0, 3] if p == 2 else sites)


def test_labels_order_and_gain(line_street):
    cost, weight = line_street
    result = p_median(labelled(cost, columns=["a", "b", "c", "d"]), weight, 3)
    assert result.site_ids == ("a", "c", "d")
    # Nothing is open: each row counts at 750 m, the farthest. c takes off 30*400 + 10*600 + 20*750 + 40*350 = 47,000.
    # Then d: 40*400 = 16,000, and a: 30*350 + 10*0 (b goes to c at 150 m) = 10,500.
    assert [result.site_ids[list(result.sites).index(j)] for j in result.order] == ["c", "d", "a"]
    assert result.gain.tolist() == [47_000.0, 16_000.0, 10_500.0]
    assert result.assignment.tolist() == [0, 2, 2, 3]


def test_existing_is_free_required_counts_excluded_stays_closed(line_street):
    cost, weight = line_street
    existing = p_median(cost, weight, 1, existing=[3])
    assert (existing.objective, existing.sites.tolist()) == (9000.0, [0])  # A: 10 * 200 + 20 * 350; B: 6000 + 3000
    required = p_median(cost, weight, 2, required=[1])
    assert (required.objective, required.sites.tolist()) == (9000.0, [1, 3])
    excluded = p_median(cost, weight, 2, excluded=[3])
    assert (excluded.objective, excluded.sites.tolist()) == (10 * 150 + 40 * 400, [0, 2])
    apart = p_median(cost, weight, 3, too_close=[(0, 3), (2, 3)])  # D only with B: 9000; A, B, C: 16,000
    assert (apart.objective, apart.sites.tolist()) == (9000.0, [1, 3])
    zones = p_median(cost, weight, 2, zones=["w", "w", "w", "e"], at_least={"w": 2})
    assert zones.objective == 17_500.0
    assert p_median(cost, weight, 4, existing=[0, 1, 2, 3]).sites.tolist() == []


def test_one_way_costs_are_read_from_demand_to_site():
    #  one-way ring: from D0 to C1 it is 1, from D1 to C0 it is 9
    result = p_median([[0.0, 1.0], [9.0, 0.0]], [1, 1], 1)
    assert (result.objective, result.sites.tolist()) == (1.0, [1])


def test_sites_that_save_nothing_are_not_opened(line_street):
    cost, _ = line_street
    assert p_median(cost, [1, 0, 0, 1], 4).sites.tolist() == [0, 3]
    assert p_median(cost, np.zeros(4), 2).sites.tolist() == []
    assert p_median(cost, [0, 0, 0, 1], 4, required=[0]).sites.tolist() == [0, 3]


def test_demand_out_of_reach_is_refused_or_has_its_cost(line_street):
    cost, weight = line_street
    near = labelled(cost, cutoff=200.0)
    with pytest.raises(InfeasibleError, match=r"needs 2 new sites .* but p is 1; p = 2 would work"):
        p_median(near, weight, 1)
    with pytest.raises(InfeasibleError, match=r"1 of 4 demand rows .* cutoff of 200 m \(D3\)"):
        p_median(near, weight, 2, excluded=["C3"])
    result = p_median(near, weight, 1, unassigned_cost=1000.0)
    assert (result.objective, result.site_ids) == (30 * 200 + 20 * 150 + 40 * 1000, ("C1",))
    assert result.assignment.tolist() == [1, 1, 1, -1]
    assert result.parameters["weight_unassigned"] == 40.0
    # Nobody goes farther than it costs to stay away.
    assert p_median(cost, weight, 1, unassigned_cost=100.0).assignment.tolist() == [-1, -1, -1, 3]
    with pytest.raises(InputError, match="unassigned_cost"):
        p_median(cost, weight, 1, unassigned_cost=math.inf)


def test_conditions_that_cannot_be_met_say_why(line_street):
    cost, weight = line_street
    with pytest.raises(InfeasibleError, match="p = 2 would work"):
        p_median(cost, weight, 1, required=[0, 1])
    with pytest.raises(InputError, match="4 candidates"):
        p_median(cost, weight, 5)
    near = labelled(cost, cutoff=150.0)
    with pytest.raises(InfeasibleError, match="spacing"):  # A and D reach only themselves
        p_median(near, weight, 4, too_close=[("C0", "C3")])


def test_opening_costs(line_street):
    cost, weight = line_street
    dear = facility_location(cost, weight, 20_000.0)
    assert (dear.objective, dear.sites.tolist(), dear.status) == (48_000.0, [2], "optimal")
    two = facility_location(cost, weight, [10_000.0, 5_000.0, 5_000.0, 5_000.0])
    assert (two.objective, two.sites.tolist()) == (19_000.0, [1, 3])
    assert facility_location(cost, weight, 1.0, 2).objective == 9002.0
    assert facility_location(cost, weight, 1.0).sites.tolist() == [0, 1, 2, 3]
    paid = facility_location(cost, weight, 5_000.0, required=[0], existing=[3])
    assert (paid.objective, paid.sites.tolist()) == (11_500.0, [0, 2])  # 2 * 5000 + 10 * 150
    with pytest.raises(InputError, match="fixed_cost has shape"):
        facility_location(cost, weight, [1.0, 2.0])
    with pytest.raises(InputError, match="candidates \\[1\\]"):
        facility_location(cost, weight, [1.0, -2.0, 0.0, 0.0])
    prices = pd.Series([5e3, 5e3, 5e3, 1e4], index=["C3", "C2", "C1", "C0"])
    assert facility_location(labelled(cost), weight, prices).objective == 19_000.0
    with pytest.raises(InputError, match="1 of 4 candidates have none"):
        facility_location(labelled(cost), weight, prices.iloc[1:])


def draw(seed):
    """A small problem with every condition, and what its plans cost."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 10)), int(rng.integers(1, 8))
    cost = rng.integers(0, 10, (n, m)) * 1.0 if rng.random() < 0.7 else rng.random((n, m)) * 10
    cost[rng.random((n, m)) < rng.choice([0.0, 0.1, 0.4])] = np.inf
    weight = rng.integers(0, 10, n) * 1.0 if rng.random() < 0.6 else rng.random(n)
    role = rng.choice(["free", "existing", "required", "excluded"], size=m, p=[0.7, 0.1, 0.1, 0.1])
    existing, required, excluded = (np.flatnonzero(role == r).tolist() for r in ("existing", "required", "excluded"))
    density = rng.choice([0.0, 0.15])
    pairs = [pair for pair in combinations(range(m), 2) if rng.random() < density]
    zones = rng.choice(["a", "b", "c"], size=m).tolist()
    least = {z: int(rng.integers(0, 2)) for z in sorted(set(zones)) if rng.random() < 0.3}
    most = {z: int(rng.integers(1, 3)) for z in sorted(set(zones)) if rng.random() < 0.3}
    unassigned = None if rng.random() < 0.5 else float(rng.integers(0, 14))
    fixed = rng.integers(0, 15, m) * 1.0 if rng.random() < 0.5 else rng.random(m) * 9
    p = int(rng.integers(1, m + 1))
    conditions = {"existing": existing, "required": required, "excluded": excluded, "too_close": pairs}
    if rng.random() < 0.6:
        conditions |= {"zones": zones, "at_least": least, "at_most": most}
    else:
        least, most = {}, {}

    def allowed(js, p):
        now = set(js) | set(existing)
        count = {z: sum(zones[j] == z for j in now) for z in zones}
        clash = any(a in now and b in now and not (a in existing and b in existing) for a, b in pairs)
        in_quota = all(count[z] >= k for z, k in least.items()) and all(count[z] <= k for z, k in most.items())
        return set(required) <= set(js) and not clash and in_quota and (p is None or len(js) <= p)

    def value(js):
        now = [*js, *existing]
        nearest = cost[:, now].min(axis=1, initial=np.inf if unassigned is None else unassigned)
        return math.fsum(weight[weight > 0] * nearest[weight > 0])

    may = [j for j in range(m) if role[j] in ("free", "required")]
    plans = [js for k in range(len(may) + 1) for js in combinations(may, k)]
    return cost, weight, fixed, p, unassigned, conditions, plans, allowed, value


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=250, deadline=None)
def test_p_median_equals_best_of_all_plans_under_every_condition(seed):
    cost, weight, _, p, unassigned, conditions, plans, allowed, value = draw(seed)
    best = min((value(js) for js in plans if allowed(js, p)), default=np.inf)
    if np.isinf(best):
        with pytest.raises(InfeasibleError):
            p_median(cost, weight, p, unassigned_cost=unassigned, **conditions)
        return
    result = p_median(cost, weight, p, unassigned_cost=unassigned, **conditions)
    assert result.objective == pytest.approx(best, rel=1e-9, abs=1e-12)
    assert (result.status, result.bound) == ("optimal", result.objective)
    assert allowed(result.sites.tolist(), p)
    assert value(result.sites.tolist()) == pytest.approx(result.objective, rel=1e-12, abs=1e-12)
    assert sorted(result.order.tolist()) == result.sites.tolist()


@given(seed=st.integers(0, 2**32 - 1), free=st.booleans())
@settings(max_examples=150, deadline=None)
def test_facility_location_equals_best_of_all_plans_under_every_condition(seed, free):
    cost, weight, fixed, p, unassigned, conditions, plans, allowed, value = draw(seed)
    p = None if free else p
    best = min((value(js) + fixed[list(js)].sum() for js in plans if allowed(js, p)), default=np.inf)
    if np.isinf(best):
        with pytest.raises(InfeasibleError):
            facility_location(cost, weight, fixed, p, unassigned_cost=unassigned, **conditions)
        return
    result = facility_location(cost, weight, fixed, p, unassigned_cost=unassigned, **conditions)
    assert result.objective == pytest.approx(best, rel=1e-9, abs=1e-12)
    assert (result.status, result.bound) == ("optimal", result.objective)
    assert allowed(result.sites.tolist(), p)


def scattered(seed, n, m):
    rng = np.random.default_rng(seed)
    people, sites = rng.random((n, 2)) * 1000, rng.random((m, 2)) * 1000
    return np.rint(np.hypot(*(people[:, None] - sites[None]).transpose(2, 0, 1))), rng.integers(1, 50, n) * 1.0


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_shuffled_rows_and_candidates_give_the_same_named_sites(seed):
    rng = np.random.default_rng(seed)
    n, m = 30, 12
    cost, weight = rng.integers(0, 12, (n, m)) * 1.0, rng.integers(1, 4, n) * 1.0
    rows, columns = rng.permutation(n), rng.permutation(m)
    names, ids = np.array([f"C{j:02d}" for j in range(m)]), np.array([f"D{i:02d}" for i in range(n)])
    first = p_median(labelled(cost, ids, names), weight, 4)
    second = p_median(labelled(cost[rows][:, columns], ids[rows], names[columns]), weight[rows], 4)
    assert set(first.site_ids) == set(second.site_ids)
    assert first.objective == second.objective


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_more_sites_never_cost_more_and_scale_and_copies_do_not_matter(seed):
    cost, weight = scattered(seed, 40, 15)
    base = p_median(cost, weight, 3)
    assert p_median(cost, weight, 4).objective <= base.objective
    assert p_median(cost, weight * 8, 3).objective == 8 * base.objective
    assert p_median(cost / 1024, weight, 3).objective == base.objective / 1024
    twice = p_median(np.vstack([cost, cost]), np.concatenate([weight, weight]), 3)
    assert (twice.objective, twice.sites.tolist()) == (2 * base.objective, base.sites.tolist())
    opened = facility_location(cost, weight, 0.0, 3)
    assert opened.objective == base.objective
    later = p_median(cost, weight, 1, existing=base.sites.tolist())
    assert later.objective <= p_median(cost, weight, 4).objective + base.objective
    assert later.objective >= p_median(cost, weight, 4).objective


def test_a_stopped_search_is_not_called_optimal_and_its_bound_holds():
    cost, weight = scattered(3, 700, 300)
    reports = []
    short = p_median(cost, weight, 12, time_limit_s=0.05, progress=reports.append)
    full = p_median(cost, weight, 12)
    loose = p_median(cost, weight, 12, mip_gap=0.05)
    assert full.status == "optimal"
    assert short.bound <= full.objective <= short.objective
    assert short.status == "feasible" or short.objective == full.objective
    assert loose.gap <= 0.05
    assert loose.bound <= full.objective <= loose.objective
    assert all(a.bound <= b.bound and a.value >= b.value for a, b in pairwise(reports))


def test_the_same_seed_gives_the_same_plan():
    cost, weight = scattered(5, 200, 200)
    first, second = (p_median(cost, weight, 20, seed=7) for _ in range(2))
    assert first.sites.tolist() == second.sites.tolist()
    assert p_median(cost, weight, 20, seed=8).objective == first.objective


def test_ctrl_c_keeps_the_best_plan(monkeypatch):
    from siting.locate.median import search as median_search

    def interrupted(*_):
        raise KeyboardInterrupt

    cost, weight = scattered(9, 300, 150)
    monkeypatch.setattr(median_search._Stages, "tighten", interrupted)
    result = p_median(cost, weight, 9)
    assert result.status == "feasible"
    assert result.parameters["interrupted"]
    monkeypatch.undo()
    assert p_median(cost, weight, 9).objective <= result.objective


def test_spacing_and_quotas_on_a_larger_plan():
    cost, weight = scattered(11, 150, 60)
    xy = np.random.default_rng(11).random((60, 2)) * 1000
    zones = [f"z{int(x > 500)}{int(y > 500)}" for x, y in xy]
    result = p_median(cost, weight, 10, min_spacing_m=200.0, xy=xy, zones=zones, at_least=2, at_most=4)
    assert result.status == "optimal"
    chosen = xy[result.sites]
    apart = np.hypot(*(chosen[:, None] - chosen[None]).transpose(2, 0, 1))
    assert apart[np.triu_indices(len(chosen), 1)].min() >= 200.0
    counts = pd.Series([zones[j] for j in result.sites]).value_counts()
    assert counts.between(2, 4).all()
    assert len(counts) == 4
    assert result.objective >= p_median(cost, weight, 10).objective
