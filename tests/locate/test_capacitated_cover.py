"""Covering with capacities against hand-computed streets, exhaustive search, and what must hold of any answer."""

from itertools import product

import numpy as np
import pytest
from any_plans import draw_any_plans
from capacity_ways import split_and_whole
from locate_costs import labelled
from test_capacitated import cheapest_split, cheapest_whole
from test_capacity_sizes import draw_versions

from siting.errors import InfeasibleError, InputError
from siting.locate.capacitated_cover import capacitated_cover
from siting.locate.mclp import mclp


def test_line_street_serves_up_to_capacity(line_street):
    # A 30, B 10, C 20, D 40 residents at 0, 200, 350 and 750 m; who is within 200 m: A-B, B-C, D alone.
    cost, weight = line_street
    for given_cost in (cost, labelled(cost)):
        # B reaches 60 but holds 45, D reaches and serves 40.
        assert capacitated_cover(given_cost, weight, 200.0, 1, 45.0).objective == 45.0
        two = capacitated_cover(given_cost, weight, 200.0, 2, 45.0)
        assert (two.objective, two.bound, two.status) == (85.0, 85.0, "optimal")
        assert two.sites.tolist() == [1, 3]
        # B's 45 go to those nearest: its own 10, C 20 (150 m) and 15 of A (200 m).
        assert two.flows.toarray()[:, 1].tolist() == [15.0, 10.0, 20.0, 0.0]
        assert two.parameters["weight_unassigned"] == 15.0
        assert two.parameters["loads"] == {str(two.site_ids[0]): 45.0, str(two.site_ids[1]): 40.0}
        # In whole rows B serves 30 + 10, or 20 + 10; A as well as B.
        whole = capacitated_cover(given_cost, weight, 200.0, 2, 45.0, single_source=True)
        assert (whole.objective, whole.status) == (80.0, "optimal")


def test_existing_sites_serve_what_they_hold(line_street):
    cost, weight = line_street
    result = capacitated_cover(cost, weight, 200.0, 1, [10.0, 45.0, 45.0, 45.0], existing=[1])
    # B serves 45 of 60 in reach already; C holds the other 15 of A, B and C, D 40: D it is.
    assert (result.objective, result.sites.tolist()) == (85.0, [3])
    assert result.parameters["loads"] == {"1": 45.0, "3": 40.0}


def test_takes_the_cheapest_size_that_holds_the_load(line_street):
    cost, weight = line_street
    sizes = [("small", 30.0, 1.0), ("medium", 45.0, 3.0), ("wide", 45.0, 2.0), ("large", 200.0, 9.0)]
    result = capacitated_cover(cost, weight, 200.0, 2, None, sizes=sizes)
    assert (result.objective, result.sites.tolist()) == (100.0, [1, 3])
    assert result.parameters["size"] == {"1": "large", "3": "wide"}
    grown = capacitated_cover(cost, weight, 200.0, 1, 50.0, existing=[1], upgrades=[(1, "annex", 60.0, 5.0)])
    assert (grown.objective, grown.parameters["upgraded"]) == (100.0, {"1": "annex"})


def test_without_capacities_it_is_maximal_covering(line_street):
    cost, weight = line_street
    for p in (1, 2, 3):
        assert capacitated_cover(cost, weight, 200.0, p, np.inf).objective == mclp(cost, weight, 200.0, p).objective


def test_faults_are_named(line_street):
    cost, weight = line_street
    with pytest.raises(InputError, match="limit"):
        capacitated_cover(cost, weight, -1.0, 1, 5.0)
    with pytest.raises(InputError, match="capacity is None"):
        capacitated_cover(cost, weight, 200.0, 1)
    nobody = capacitated_cover(cost, np.zeros(4), 200.0, 1, 5.0)
    assert (nobody.objective, nobody.sites.tolist(), nobody.status) == (0.0, [], "optimal")


def draw(seed):
    """A small problem with every condition, sizes and upgrades."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 6)), int(rng.integers(1, 4))
    cost = rng.integers(0, 10, (n, m)) * 1.0
    cost[rng.random((n, m)) < rng.choice([0.0, 0.2])] = np.inf
    weight = rng.integers(0, 10, n) * 1.0 if rng.random() < 0.7 else rng.random(n)
    drawn = draw_any_plans(rng, m)
    capacity, _, sizes, upgrades, versions = draw_versions(rng, m, weight.sum(), drawn.conditions["existing"])
    p = int(rng.integers(1, m + 1)) if rng.random() < 0.7 else None
    return cost, weight, capacity, sizes, upgrades, versions, p, drawn


@split_and_whole(max_examples=50)
def test_equals_exhaustive_search(seed, *, single):
    cost, weight, capacity, sizes, upgrades, versions, p, drawn = draw(seed)
    limit, existing, some = 4.0, drawn.conditions["existing"], weight > 0
    best = -1.0
    solve = cheapest_whole if single else cheapest_split
    for js in drawn.plans:
        if p is not None and len(js) > p:
            continue
        now = [*js, *existing]
        table = np.column_stack([np.where(cost[:, now] <= limit, 0.0, np.inf), np.ones(len(weight))])[some]
        rooms = {tuple(held for _, held, _ in chosen) for chosen in product(*(versions[j] for j in now))}
        best = max([best, *(weight.sum() - solve(table, weight[some], np.append(room, np.inf)) for room in rooms)])
    arguments = {"single_source": single, "sizes": sizes or None, "upgrades": upgrades}
    try:
        result = capacitated_cover(cost, weight, limit, p, capacity, **arguments, **drawn.conditions)
    except InfeasibleError:
        assert best < 0
        return
    assert result.objective == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert (result.status, result.bound) == ("optimal", result.objective)
    keeps_its_word(result, cost, weight, limit, versions, existing)


def keeps_its_word(result, cost, weight, limit, versions, existing):
    """Nobody beyond the limit is served, each site is the cheapest of its versions that holds its load, all adds up."""
    named = {**result.parameters.get("size", {}), **result.parameters.get("upgraded", {})}
    flows = result.flows.toarray()
    load = flows.sum(axis=0)
    assert not flows[~(cost <= limit)].any()
    assert (flows.sum(axis=1) <= weight * (1 + 1e-12)).all()
    for j in [*result.sites.tolist(), *existing]:
        _, held, price = next(row for row in versions[j] if row[0] == named.get(str(j)))
        assert load[j] <= held * (1 + 1e-12)
        assert all(paid >= price or room < load[j] for _, room, paid in versions[j])
    assert load.sum() == pytest.approx(result.objective, rel=1e-12)
    assert load.sum() + result.parameters["weight_unassigned"] == pytest.approx(weight.sum(), rel=1e-12)
    if result.parameters["single_source"]:
        assert ((flows > 0).sum(axis=1) <= 1).all()
