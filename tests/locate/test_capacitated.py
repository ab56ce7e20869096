"""Sites with capacities against hand-computed streets and exhaustive search."""

import math
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from capacity_ways import split_and_whole
from locate_costs import labelled
from scipy.optimize import linprog

from siting.errors import InfeasibleError, InputError
from siting.locate.capacitated import capacitated


def test_line_street_splits_where_a_site_is_full(line_street):
    # A 30, B 10, C 20, D 40 residents at 0, 200, 350 and 750 m; each site serves 50.
    cost, weight = line_street
    for given_cost in (cost, labelled(cost)):
        result = capacitated(given_cost, weight, 50.0, p=2)
        # B (30 + 10 + 10 of C) and D (40 + 10 of C): 30*200 + 10*150 + 10*400 = 11,500;
        # A and D: 10*200 + 10*350 + 10*400 = 9,500; C and A or B and C send D 400 m.
        assert (result.objective, result.bound, result.status) == (9_500.0, 9_500.0, "optimal")
        assert result.sites.tolist() == [0, 3]
        assert result.flows.toarray().tolist() == [[30, 0, 0, 0], [10, 0, 0, 0], [10, 0, 0, 10], [0, 0, 0, 40]]
        assert result.assignment.tolist() == [0, 0, 0, 3]
        assert result.gain.tolist() == [50.0, 50.0]


def test_line_street_in_whole_rows(line_street):
    cost, weight = line_street
    # 50 and 50 must be A + C and B + D (A, B: 20*350 + 40*550; A, D: 7,000 + 10*550 = 12,500; C, B: 30*350 + ...;
    # C, D: 30*350 + 10*550 = 16,000).
    result = capacitated(cost, weight, 50.0, p=2, single_source=True)
    assert (result.objective, result.sites.tolist(), result.status) == (12_500.0, [0, 3], "optimal")
    assert result.assignment.tolist() == [0, 3, 0, 3]
    assert capacitated(cost, weight, math.inf, p=2, single_source=True).objective == 9_000.0


def test_a_gap_is_asked_for_and_the_first_try_finds_no_plan():
    """Three homes beyond a river have one place of their own; at first sight no five others need it."""
    rng = np.random.default_rng(0)
    cost = rng.uniform(100, 900, (60, 40))
    cost[:57, 39] = cost[57:, :39] = np.inf
    people = rng.integers(5, 100, 60).astype(float)
    result = capacitated(cost, people, people.sum() / 4.0, p=5, mip_gap=0.05, time_limit_s=20.0)
    assert result.gap <= 0.05
    assert 39 in result.sites


def test_infeasible_says_what_is_missing(line_street):
    cost, weight = line_street
    with pytest.raises(InfeasibleError, match=r"demand is 100, .* hold 80 together: capacity for 20 is missing"):
        capacitated(cost, weight, 20.0)
    with pytest.raises(InfeasibleError, match="at least p = 4 is needed"):
        capacitated(cost, weight, 30.0, p=3)
    with pytest.raises(InfeasibleError, match="p = 3 would work"):
        capacitated(cost, weight, [45.0, 55.0, 20.0, 20.0], p=2, single_source=True)
    with pytest.raises(InfeasibleError, match=r"whole rows of demand of 40 of 100 have no room"):
        capacitated(cost, weight, 39.0, single_source=True)
    near = labelled(cost, cutoff=200.0)
    with pytest.raises(InfeasibleError, match=r"1 of 4 demand rows .* cutoff of 200 m \(D3\)"):
        capacitated(near, weight, 100.0, excluded=["C3"])
    with pytest.raises(InfeasibleError, match="demand of 5 of 100 have no room"):  # D reaches only itself
        capacitated(near, weight, [100.0, 100.0, 100.0, 35.0])
    away = capacitated(near, weight, [100.0, 100.0, 100.0, 35.0], p=2, unassigned_cost=1000.0)
    assert (away.objective, away.parameters["weight_unassigned"]) == (30 * 200 + 20 * 150 + 5 * 1000, 5.0)


def test_inputs_are_checked(line_street):
    cost, weight = line_street
    with pytest.raises(InputError, match="capacity has shape"):
        capacitated(cost, weight, [1.0, 2.0])
    with pytest.raises(InputError, match=r"NaN or negative \(candidates \[1\]\)"):
        capacitated(cost, weight, [100.0, -1.0, 1.0, 1.0])
    with pytest.raises(InputError, match="1 of 4 candidates have none"):
        capacitated(labelled(cost), weight, pd.Series(9.0, index=["C0", "C1", "C2"]))
    with pytest.raises(InputError, match="single_source"):
        capacitated(cost, weight, 100.0, single_source="yes")  # type: ignore[arg-type]
    room = pd.Series([1.0, 2.0, 3.0, 100.0], index=["C3", "C2", "C1", "C0"])
    assert capacitated(labelled(cost), weight, room, p=1).site_ids == ("C0",)
    assert capacitated(cost, np.zeros(4), 0.0, 5.0).sites.tolist() == []


def draw(seed, single):
    """A small problem with every condition, and what its plans cost."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 6 if single else 8)), int(rng.integers(1, 5 if single else 6))
    cost = rng.integers(0, 10, (n, m)) * 1.0 if rng.random() < 0.7 else rng.random((n, m)) * 10
    cost[rng.random((n, m)) < rng.choice([0.0, 0.1, 0.3])] = np.inf
    weight = rng.integers(0, 10, n) * 1.0 if rng.random() < 0.7 else rng.random(n)
    capacity = rng.integers(0, 12, m) * (weight.sum() / rng.integers(4, 16))
    capacity[rng.random(m) < 0.1] = np.inf
    role = rng.choice(["free", "existing", "required", "excluded"], size=m, p=[0.75, 0.1, 0.08, 0.07])
    existing, required, excluded = (np.flatnonzero(role == r).tolist() for r in ("existing", "required", "excluded"))
    density = rng.choice([0.0, 0.15])
    pairs = [pair for pair in combinations(range(m), 2) if rng.random() < density]
    zones = rng.choice(["a", "b", "c"], size=m).tolist()
    least = {z: int(rng.integers(0, 2)) for z in sorted(set(zones)) if rng.random() < 0.3}
    most = {z: int(rng.integers(1, 3)) for z in sorted(set(zones)) if rng.random() < 0.3}
    away = None if rng.random() < 0.5 else float(rng.integers(0, 14))
    fixed = None if rng.random() < 0.3 else rng.integers(0, 15, m) * 1.0
    p = int(rng.integers(1, m + 1)) if rng.random() < 0.7 else None
    conditions = {"existing": existing, "required": required, "excluded": excluded, "too_close": pairs}
    if rng.random() < 0.5:
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
        table = np.column_stack([cost[:, now], np.full(n, np.inf if away is None else away)])[weight > 0]
        room, w = np.append(capacity[now], np.inf), weight[weight > 0]
        paid = 0.0 if fixed is None else fixed[list(js)].sum()
        return paid + (cheapest_whole(table, w, room) if single else cheapest_split(table, w, room))

    may = [j for j in range(m) if role[j] in ("free", "required")]
    plans = [js for k in range(len(may) + 1) for js in combinations(may, k)]
    return cost, weight, capacity, fixed, p, away, conditions, plans, allowed, value


def cheapest_whole(table, weight, room):
    best = math.inf
    for to in product(range(table.shape[1]), repeat=len(weight)):
        load = np.bincount(to, weights=weight, minlength=len(room))
        if (load <= room * (1 + 1e-12)).all():
            best = min(best, float((weight * table[np.arange(len(weight)), list(to)]).sum()))
    return best


def cheapest_split(table, weight, room):
    if len(weight) == 0:
        return 0.0
    n, k = table.shape
    rows = np.kron(np.eye(n), np.ones(k))
    columns = np.kron(np.ones(n), np.eye(k))
    bounds = [(0, None if math.isfinite(c) else 0) for c in table.ravel()]
    limited = np.isfinite(room)
    c = np.where(np.isfinite(table), table, 0.0).ravel()
    a_ub, b_ub = (columns[limited], room[limited]) if limited.any() else (None, None)
    out = linprog(c, A_ub=a_ub, b_ub=b_ub, A_eq=rows, b_eq=weight, bounds=bounds)
    return out.fun if out.status == 0 else math.inf


@split_and_whole(max_examples=60)
def test_equals_exhaustive_search(seed, *, single):
    cost, weight, capacity, fixed, p, away, conditions, plans, allowed, value = draw(seed, single)
    costs_of = {js: value(js) for js in plans if allowed(js, p)}
    best = min(costs_of.values(), default=math.inf)
    arguments = {"single_source": single, "unassigned_cost": away, **conditions}
    try:
        result = capacitated(cost, weight, capacity, fixed, p, **arguments)
    except InfeasibleError:
        assert best == math.inf
        return
    assert result.objective == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert (result.status, result.bound) == ("optimal", result.objective)
    assert costs_of[tuple(result.sites.tolist())] == pytest.approx(result.objective, rel=1e-6, abs=1e-6)
    keeps_its_word(result, cost, weight, capacity, fixed, away)


def keeps_its_word(result, cost, weight, capacity, fixed, away):
    """Capacities hold, loads and what is unassigned are the demand, the objective is what flows and sites cost."""
    flows = result.flows.toarray()
    assert (flows >= 0).all()
    assert (flows.sum(axis=0) <= capacity * (1 + 1e-12)).all()
    unserved = result.parameters["weight_unassigned"]
    assert flows.sum() + unserved == pytest.approx(weight.sum(), rel=1e-12)
    assert (flows.sum(axis=1) <= weight * (1 + 1e-12)).all()
    opened = {*result.sites.tolist(), *result.parameters["existing"]}
    assert set(np.flatnonzero(flows.sum(axis=0)).tolist()) <= opened
    paid = 0.0 if fixed is None else fixed[result.sites].sum()
    served = np.where(flows > 0, flows * np.where(np.isfinite(cost), cost, np.inf if flows.size == 0 else 1e99), 0.0)
    assert result.objective == pytest.approx(paid + served.sum() + unserved * (away or 0.0), rel=1e-9, abs=1e-9)
    if result.parameters["single_source"]:
        assert ((flows > 0).sum(axis=1) <= 1).all()
