"""Several sizes a site and upgrades of existing ones, against hand-computed streets and exhaustive search."""

import math
from itertools import product

import numpy as np
import pandas as pd
import pytest
from any_plans import draw_any_plans
from capacity_ways import split_and_whole
from locate_costs import labelled
from test_capacitated import cheapest_split, cheapest_whole

from siting.errors import InfeasibleError, InputError
from siting.locate.capacitated import capacitated

SIZES = [("small", 30.0, 1_000.0), ("large", 100.0, 4_000.0)]


def test_line_street_takes_the_size_that_pays(line_street):
    # A 30, B 10, C 20, D 40 residents at 0, 200, 350 and 750 m. Small A, B, C and large D cost 7,000 and nobody walks;
    # without B its 10 walk 150 m to C: 6,000 + 1,500; with D small, 10 of D walk 400 m to C: 4,000 + 4,000.
    cost, weight = line_street
    for given_cost in (cost, labelled(cost)):
        result = capacitated(given_cost, weight, None, sizes=SIZES)
        assert (result.objective, result.status) == (7_000.0, "optimal")
        assert list(result.parameters["size"].values()) == ["small", "small", "small", "large"]
        assert result.parameters["opening_cost"] == 7_000.0
        # Two sites, whatever their sizes: large A and D with B (10*200) and C (20*350) walking to A: 8,000 + 9,000;
        # so does large B for A (30*200) and C (20*150). Small A and large C cost 5,000 + 10*150 + 40*400 = 22,500.
        two = capacitated(given_cost, weight, None, p=2, sizes=SIZES)
        assert (two.objective, list(two.parameters["size"].values())) == (17_000.0, ["large", "large"])


def test_sizes_by_site_and_as_tables_are_the_same(line_street):
    cost, weight = line_street
    table = pd.DataFrame(SIZES, columns=["name", "capacity", "cost"])
    first = capacitated(labelled(cost), weight, None, p=2, sizes=SIZES)
    by_site = {f"C{j}": SIZES for j in range(4)}
    long = pd.concat([table.assign(site=site) for site in by_site])
    for sizes in (table, by_site, long):
        again = capacitated(labelled(cost), weight, None, p=2, sizes=sizes)
        assert (again.objective, again.parameters["size"]) == (first.objective, first.parameters["size"])
    # Only D has sizes; the others hold 50 for nothing.
    some = capacitated(labelled(cost), weight, 50.0, p=1, sizes={"C3": SIZES}, unassigned_cost=10_000.0)
    assert some.site_ids == ("C3",)
    assert some.parameters["size"] == {"C3": "large"}
    assert some.parameters["capacities"] == {"C3": 100.0}


def test_line_street_enlarges_what_exists(line_street):
    # B exists and holds 60. Nobody else may open: 40 stay away at 1,000 each, or B grows to 100 for 20,000.
    cost, weight = line_street
    only = {"existing": [1], "excluded": [0, 2, 3], "unassigned_cost": 1_000.0}
    grown = capacitated(cost, weight, 60.0, **only, upgrades=[(1, "annex", 100.0, 8_000.0)])
    # All are served: 30*200 + 20*150 + 40*550 = 31,000 and the annex 8,000; without it 30*200 + 10*0 + 20*150 = 9,000
    # and 40 away cost 49,000.
    assert (grown.objective, grown.sites.tolist()) == (39_000.0, [])
    assert grown.parameters["upgraded"] == {"1": "annex"}
    assert grown.parameters["upgrade_cost"] == 8_000.0
    dear = capacitated(cost, weight, 60.0, **only, upgrades=[(1, "annex", 100.0, 18_000.1)])
    assert (dear.objective, dear.parameters["upgraded"], dear.parameters["size"]) == (49_000.0, {}, {})


def test_faults_are_named(line_street):
    cost, weight = line_street
    with pytest.raises(InputError, match="3 sites that may be open have no sizes"):
        capacitated(cost, weight, None, sizes={0: SIZES})
    with pytest.raises(InputError, match="C0 exists already; what it may be enlarged to belongs into upgrades"):
        capacitated(labelled(cost), weight, 10.0, sizes={"C0": SIZES}, existing=["C0"])
    with pytest.raises(InputError, match="C1 is not among the existing sites"):
        capacitated(labelled(cost), weight, 10.0, upgrades=[("C1", "annex", 20.0, 1.0)])
    with pytest.raises(InputError, match="annex of C1 holds 5, not more than its present capacity of 10"):
        capacitated(labelled(cost), weight, 10.0, upgrades=[("C1", "annex", 5.0, 1.0)], existing=["C1"])
    with pytest.raises(InputError, match="a name occurs twice among those of every candidate"):
        capacitated(cost, weight, None, sizes=[SIZES[0], SIZES[0]])
    with pytest.raises(InputError, match=r"lacks the columns \['cost'\]"):
        capacitated(cost, weight, None, sizes=pd.DataFrame({"name": ["s"], "capacity": [1.0]}))
    with pytest.raises(InputError, match=r"expected rows of \(name, capacity, cost\)"):
        capacitated(cost, weight, None, sizes=[("small", 1.0)])
    with pytest.raises(InputError, match=r"has capacity -1\.0 and cost 2\.0"):
        capacitated(cost, weight, None, sizes=[("small", -1.0, 2.0)])
    with pytest.raises(InputError, match="'C9' is no label"):
        capacitated(labelled(cost), weight, 5.0, sizes={"C9": SIZES})
    with pytest.raises(InfeasibleError, match="at least p = 4 is needed"):
        capacitated(cost, weight, None, p=3, sizes=[("small", 30.0, 1.0)])


def draw_versions(rng, m, total, existing):
    """Sizes of some candidates, upgrades of some existing sites, and what every site may be: capacity and price."""
    capacity = rng.integers(0, 12, m) * (total / rng.integers(4, 16))
    fixed = rng.integers(0, 15, m) * 1.0
    sizes, upgrades, versions = {}, [], {}
    for j in range(m):
        if j in existing:
            versions[j] = [(None, capacity[j], 0.0)]
            for name in ("annex", "wing")[: rng.integers(0, 3)]:
                row = (name, capacity[j] + float(rng.integers(1, 10)), float(rng.integers(0, 12)))
                upgrades.append((j, *row))
                versions[j].append(row)
        elif rng.random() < 0.6:
            names = ("small", "medium", "large")[: rng.integers(1, 4)]
            sizes[j] = [(name, float(rng.integers(0, 8)) * total / 8, float(rng.integers(0, 15))) for name in names]
            versions[j] = sizes[j]
        else:
            versions[j] = [(None, capacity[j], fixed[j])]
    return capacity, fixed, sizes, upgrades, versions


@split_and_whole(max_examples=50)
def test_equals_exhaustive_search(seed, *, single):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    cost = rng.integers(0, 10, (n, m)) * 1.0
    cost[rng.random((n, m)) < rng.choice([0.0, 0.2])] = np.inf
    weight = rng.integers(0, 10, n) * 1.0
    drawn = draw_any_plans(rng, m)
    existing = drawn.conditions["existing"]
    capacity, fixed, sizes, upgrades, versions = draw_versions(rng, m, weight.sum(), existing)
    away = None if rng.random() < 0.5 else float(rng.integers(0, 14))
    p = int(rng.integers(1, m + 1)) if rng.random() < 0.7 else None
    best = math.inf
    solved = {}
    for js in drawn.plans:
        if p is not None and len(js) > p:
            continue
        now = [*js, *existing]
        table = np.column_stack([cost[:, now], np.full(n, np.inf if away is None else away)])[weight > 0]
        for chosen in product(*(versions[j] for j in now)):
            room = np.append([held for _, held, _ in chosen], np.inf)
            key = (tuple(now), tuple(room))
            if key not in solved:
                solved[key] = (cheapest_whole if single else cheapest_split)(table, weight[weight > 0], room)
            best = min(best, solved[key] + sum(paid for _, _, paid in chosen))
    arguments = {"single_source": single, "unassigned_cost": away, "sizes": sizes or None, "upgrades": upgrades}
    try:
        result = capacitated(cost, weight, capacity, fixed, p, **arguments, **drawn.conditions)
    except InfeasibleError:
        assert best == math.inf
        return
    assert result.objective == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert (result.status, result.bound) == ("optimal", result.objective)
    keeps_its_word(result, weight, versions, existing)


def keeps_its_word(result, weight, versions, existing):
    """Each site is what the answer says, serves no more than that holds, and has cost what it says."""
    named = {**result.parameters.get("size", {}), **result.parameters.get("upgraded", {})}
    load = result.flows.toarray().sum(axis=0)
    paid = {"new": 0.0, "old": 0.0}
    for j in [*result.sites.tolist(), *existing]:
        _, held, price = next(row for row in versions[j] if row[0] == named.get(str(j)))
        assert load[j] <= held * (1 + 1e-12)
        assert result.parameters["capacities"][str(j)] == held
        paid["old" if j in existing else "new"] += price
    assert result.parameters["opening_cost"] == paid["new"]
    assert result.parameters.get("upgrade_cost", 0.0) == paid["old"]
    assert load.sum() + result.parameters["weight_unassigned"] == pytest.approx(weight.sum(), rel=1e-12)
