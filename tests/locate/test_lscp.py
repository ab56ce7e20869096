"""Set covering against hand-computed streets and exhaustive search."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from locate_costs import labelled

from siting.errors import InfeasibleError, InputError
from siting.locate import lscp
from siting.locate.conditions import read_conditions
from siting.locate.costs import read_costs
from siting.locate.covering.reduce import reduce_cover
from siting.locate.covering.swaps import swap_to_fewer


def test_line_street(line_street):
    #   A ----200---- B --150-- C --------400-------- D
    cost, weight = line_street
    result = lscp(cost, 200.0, weight=weight)
    assert (result.objective, result.bound, result.status, result.sites.tolist()) == (2.0, 2.0, "optimal", [1, 3])
    assert result.gain.tolist() == [60.0, 40.0]
    assert lscp(cost, 199.9).objective == 3.0
    assert lscp(cost, 400.0, existing=[1]).sites.tolist() == [2]  # B serves A, B, C; C reaches D at exactly 400
    assert lscp(cost, 200.0, required=[0]).objective == 3.0
    assert lscp(cost, 200.0, excluded=[1]).objective == 3.0
    assert lscp(cost, 200.0, too_close=[(1, 3)]).objective == 3.0
    assert lscp(cost, 200.0, served=np.array([True, True, True, False])).sites.tolist() == [3]
    assert lscp(cost, 750.0, existing=[0]).objective == 0.0


def test_demand_that_nobody_reaches_is_listed_with_the_limit_that_works(line_street):
    cost, _ = line_street
    with pytest.raises(
        InfeasibleError, match=r"1 of 4 demand rows .*: D3; the smallest limit that would work is 400\b"
    ):
        lscp(labelled(cost), 200.0, excluded=["C3"])
    with pytest.raises(InfeasibleError, match="cutoff of 300 m"):
        lscp(labelled(cost, cutoff=300.0), 200.0, excluded=["C3"])
    cut_off = np.where(np.eye(4)[3] > 0, np.inf, cost)
    with pytest.raises(InfeasibleError, match="no path to any candidate"):
        lscp(np.where(np.arange(4)[:, None] == 3, np.inf, cut_off), 200.0)
    result = lscp(labelled(cost), 200.0, excluded=["C3"], serve="reachable")
    assert (result.site_ids, result.parameters["not_served"]) == (("C1",), ("D3",))


def test_spacing_that_forbids_full_service():
    #  each demand has its own candidate, and the two candidates may not both be built
    cost = np.array([[0.0, 9.0], [9.0, 0.0]])
    with pytest.raises(InfeasibleError, match="too close"):
        lscp(cost, 1.0, too_close=[(0, 1)])
    result = lscp(cost, 1.0, too_close=[(0, 1)], serve="reachable", weight=[1.0, 5.0])
    assert (result.sites.tolist(), result.parameters["not_served"]) == ([1], (0,))


def test_bad_input_is_refused(line_street):
    cost, _ = line_street
    with pytest.raises(InputError, match="serve is"):
        lscp(cost, 200.0, serve="most")
    with pytest.raises(InputError, match="weight"):
        lscp(cost, 200.0, weight=[1.0])
    with pytest.raises(InputError, match="cutoff"):
        lscp(labelled(cost, cutoff=100.0), 200.0)


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 9), m=st.integers(1, 8))
@settings(max_examples=300, deadline=None)
def test_equals_smallest_of_all_choices_under_every_condition(seed, n, m):
    rng = np.random.default_rng(seed)
    cost = rng.integers(0, 10, (n, m)) * 1.0
    limit = float(rng.integers(2, 8))
    role = rng.choice(["free", "existing", "required", "excluded"], size=m, p=[0.76, 0.08, 0.08, 0.08])
    existing, required, excluded = (np.flatnonzero(role == r).tolist() for r in ("existing", "required", "excluded"))
    pairs = [pair for pair in combinations(range(m), 2) if rng.random() < 0.1]
    conditions = {"existing": existing, "required": required, "excluded": excluded, "too_close": pairs}
    within = cost <= limit

    def works(js):
        open_now = set(js) | set(existing)
        clash = any(a in open_now and b in open_now and not (a in existing and b in existing) for a, b in pairs)
        return set(required) <= set(js) and not clash and within[:, sorted(open_now)].any(axis=1).all()

    may = [j for j in range(m) if role[j] in ("free", "required")]
    best = next((k for k in range(len(may) + 1) for js in combinations(may, k) if works(js)), None)
    if best is None:
        with pytest.raises(InfeasibleError):
            lscp(cost, limit, **conditions)
        return
    result = lscp(cost, limit, **conditions)
    assert (result.objective, result.bound, result.status) == (best, best, "optimal")
    assert works(result.sites.tolist())
    assert (result.assignment >= 0).all()
    rows = rng.permutation(n)
    assert lscp(cost[rows], limit, **conditions).sites.tolist() == result.sites.tolist()


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_swaps_keep_all_rows_covered_and_never_open_more(seed):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(5, 60)), int(rng.integers(5, 40))
    reach = rng.random((n, m)) < 0.2
    reach[np.arange(n), rng.integers(0, m, n)] = True
    costs = read_costs(np.where(reach, 0.0, np.inf))
    whole = np.ones(n, dtype=np.int64)
    instance = reduce_cover(costs, 1.0, whole, read_conditions(costs), whole > 0, must_serve_all=True)
    every = np.arange(instance.n_columns)
    random = np.array([seed % 97 + 1], dtype=np.uint64)
    columns = swap_to_fewer(instance, every, random, lambda: False)
    assert reach[:, instance.candidates[columns]].any(axis=1).all()
    fewest = int(lscp(np.where(reach, 0.0, np.inf), 1.0).objective)
    assert fewest <= len(columns) <= len(every)
