"""The fewest sites for a share of the people: hand-made, and against trying every choice."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.errors import InfeasibleError, InputError
from siting.locate.partial import partial_cover

#   A ----200---- B --150-- C --------400-------- D     metres; every block is a candidate
#  30            10        20                    40     residents
PLACE = np.array([0.0, 200.0, 350.0, 750.0])
COST = np.abs(PLACE[:, None] - PLACE)
PEOPLE = np.array([30.0, 10.0, 20.0, 40.0])


@pytest.mark.parametrize(
    ("share", "sites", "served"),
    [
        (0.6, [1], 60.0),  # B reaches A (exactly 200), B and C: 60 of 100, exactly the target
        (0.61, [1, 3], 100.0),  # one more: D
        (1.0, [1, 3], 100.0),
    ],
)
def test_line_street(share, sites, served):
    result = partial_cover(COST, PEOPLE, 200.0, share)
    assert (result.objective, result.bound, result.status) == (len(sites), len(sites), "optimal")
    assert result.parameters["weight_served"] == served


def test_nothing_to_do_when_existing_sites_reach_the_share():
    result = partial_cover(COST, PEOPLE, 200.0, 0.6, existing=[1])
    assert (len(result.sites), result.objective, result.status) == (0, 0.0, "optimal")


def test_out_of_reach_says_what_all_candidates_reach():
    with pytest.raises(InfeasibleError, match=r"together serve 60 \(60.0%\)"):
        partial_cover(COST[:, :3], PEOPLE, 200.0, 0.9)


@pytest.mark.parametrize("share", [0, -0.1, 1.01])
def test_a_share_is_above_0_and_at_most_1(share):
    with pytest.raises(InputError, match="share is"):
        partial_cover(COST, PEOPLE, 200.0, share)


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 8), m=st.integers(1, 6), percent=st.integers(1, 100))
@settings(max_examples=150, deadline=None)
def test_equals_the_smallest_of_all_choices(seed, n, m, percent):
    rng = np.random.default_rng(seed)
    cost, weight = rng.integers(0, 10, (n, m)) * 1.0, rng.integers(1, 10, n) * 1.0
    reach = cost <= 4
    enough = [
        k
        for k in range(m + 1)
        for js in combinations(range(m), k)
        if weight[reach[:, list(js)].any(axis=1)].sum() * 100 >= percent * weight.sum()
    ]
    if not enough:
        with pytest.raises(InfeasibleError):
            partial_cover(cost, weight, 4.0, percent / 100)
        return
    result = partial_cover(cost, weight, 4.0, percent / 100)
    assert (result.objective, result.bound, result.status) == (min(enough), min(enough), "optimal")
