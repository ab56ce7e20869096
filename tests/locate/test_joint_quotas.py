"""Several services, one building, under every condition at once, quotas of zones among them: against all answers."""

import itertools

import numpy as np
import pytest
from any_plans import draw_any_plans
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.errors import InfeasibleError
from siting.locate import joint_cover, joint_set_cover
from siting.locate.joint.zones import best_plots, swaps
from siting.locate.zone_counts import ZoneCounts


class Case:
    """A small problem with every condition, and what each allowed set of plots serves at most."""

    def __init__(self, seed, n_plots=5):
        rng = np.random.default_rng(seed)
        n, m, k = int(rng.integers(1, 7)), int(rng.integers(1, n_plots + 1)), int(rng.integers(1, 4))
        names = [f"s{i}" for i in range(k)]
        self.drawn = draw_any_plans(rng, m)
        self.cost = {s: rng.integers(0, 6, (n, m)).astype(float) for s in names}
        self.weight = {s: rng.integers(0, 5, n).astype(float) for s in names}
        self.limits = {s: float(rng.integers(0, 4)) for s in names}
        self.room = {}
        if rng.random() < 0.6:
            self.room = {"area": {s: float(rng.integers(0, 5)) for s in names}, "floor": rng.integers(0, 10, m) * 1.0}
        self.most = {s: int(rng.integers(0, 3)) for s in names} if rng.random() < 0.4 else {}
        self.p = int(rng.integers(1, m + 1))
        self.conditions = dict(self.drawn.conditions)
        every = self.conditions["existing"]
        # Some have only one of the services today.
        self.there = {s: [j for j in every if rng.random() < 0.7] for s in names}
        self.there[names[0]] = every
        self.conditions["existing"] = self.there

    def most_served(self, plots, limited=True):
        """Weight that these plots serve at most, every package on each."""
        names = list(self.weight)
        size = self.room.get("area", dict.fromkeys(names, 0.0))
        every = [c for r in range(len(names) + 1) for c in itertools.combinations(names, r)]
        fit = [[c for c in every if sum(size[s] for s in c) <= self.room.get("floor", [9.0] * 99)[j]] for j in plots]
        best = 0.0
        for choice in itertools.product(*fit):
            at = {s: [j for j, c in zip(plots, choice, strict=True) if s in c] for s in names}
            if limited and any(len(at[s]) > k for s, k in self.most.items()):
                continue
            best = max(best, sum(self.weight[s][self.hit(s, at[s])].sum() for s in names))
        return best

    def hit(self, service, plots):
        return (self.cost[service] <= self.limits[service])[:, [*plots, *self.there[service]]].any(axis=1)

    def check(self, found):
        """Say what the answer serves, once it is sure that it keeps the conditions."""
        assert tuple(found.sites.tolist()) in self.drawn.plans
        if self.room:
            assert (found.opened @ np.array([*self.room["area"].values()]) <= self.room["floor"][found.sites]).all()
        worth = 0.0
        for k, s in enumerate(self.weight):
            served = self.hit(s, found.sites[found.opened[:, k]].tolist())
            assert (found.served[s] == served).all()
            worth += self.weight[s][served].sum()
        return worth


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=300, deadline=None)
def test_most_served_equals_the_best_of_all_answers(seed):
    case = Case(seed)
    values = [case.most_served(js) for js in case.drawn.plans if len(js) <= case.p]

    def solve():
        return joint_cover(case.cost, case.weight, case.limits, case.p, most=case.most, **case.room, **case.conditions)

    if not values:
        with pytest.raises(InfeasibleError):
            solve()
        return
    found = solve()
    assert case.check(found) == found.objective == found.bound == max(values)
    assert found.status == "optimal"
    assert all(found.opened[:, k].sum() <= case.most.get(s, 99) for k, s in enumerate(case.weight))


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=200, deadline=None)
def test_fewest_buildings_equal_the_fewest_of_all_answers(seed):
    case = Case(seed)
    values = {js: case.most_served(js, limited=False) for js in case.drawn.plans}

    def solve():
        return joint_set_cover(case.cost, case.weight, case.limits, **case.room, **case.conditions)

    if not values:
        with pytest.raises(InfeasibleError):
            solve()
        return
    found = solve()
    top = max(values.values())
    assert case.check(found) == top
    assert found.status == "optimal"
    assert found.objective == found.bound == len(found.sites)
    fewest = min(len(js) for js, value in values.items() if value == top)
    assert found.objective >= fewest
    reachable = sum(case.weight[s][case.hit(s, sorted({j for js in values for j in js}))].sum() for s in case.weight)
    # Otherwise those served are a best set, and perhaps not the one that needs fewest buildings.
    if top == reachable:
        assert found.objective == fewest


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=300, deadline=None)
def test_best_plots_and_one_exchange_equal_all_sets(seed):
    rng = np.random.default_rng(seed)
    n, k = int(rng.integers(1, 8)), int(rng.integers(1, 4))
    must = rng.random(n) < 0.1
    zone = np.where(must, -1, rng.integers(-1, k, n))
    size = np.bincount(zone[zone >= 0], minlength=k)
    least = rng.integers(0, size + 1) * (rng.random(k) < 0.5)
    most = np.where(rng.random(k) < 0.5, size, rng.integers(least, size + 1))
    zones = ZoneCounts(zone=zone, least=least, most=most)
    free = np.flatnonzero(~must)
    p = int(rng.integers(least.sum(), len(free) + 1))
    worth = rng.integers(0, 9, n)
    sets = [
        set(js) for r in range(p + 1) for js in itertools.combinations(free.tolist(), r)
        if zones.allow(np.array(js, dtype=np.intp))
    ]  # fmt: skip

    def best(may):
        return max((int(worth[list(js)].sum()) for js in sets if may(js)), default=-(10**9))

    chosen = best_plots(worth, must, p, zones)
    mine = set(np.flatnonzero(chosen & ~must).tolist())
    assert mine in sets
    assert int(worth[list(mine)].sum()) == best(lambda _: True)
    goes, comes = swaps(worth, chosen, must, p, zones)
    for j in free.tolist():
        # Decided by these, so they may never be below the best that there is.
        other = best(lambda js, j=j: (j in js) != (j in mine))
        change = worth[j] - goes[j] if j not in mine else comes[j] - worth[j]
        assert max(int(worth[list(mine)].sum()) + int(change), -(10**9)) == other


def test_a_district_that_needs_a_building_gets_one_by_hand():
    """Three blocks in a row, and two districts.

    A 30 ---- X (west) ---- B 10 ---- Y (west) ---- C 5      Z (east) ---- D 1        each reaches the blocks beside it

    Clinic 100 m2 and shop 50 m2; X and Z offer 100, Y 150.
    """
    cost = np.array([[1, 9, 9], [1, 1, 9], [9, 1, 9], [9, 9, 1]], dtype=float)
    need = dict.fromkeys(("clinic", "shop"), np.array([30.0, 10, 5, 1]))
    room = {"area": {"clinic": 100, "shop": 50}, "floor": [100, 150, 100]}
    zones = ["west", "west", "east"]
    # X: one service for 40; Y: both for 15 each; together 30 + 15 + 15 + 10 = 40 + 5 + 15.
    assert joint_cover(cost, need, 1.0, 2, **room).objective == 60.0
    spread = joint_cover(cost, need, 1.0, 2, zones=zones, at_least=1, **room)
    assert (spread.sites.tolist(), spread.objective, spread.bound) == ([0, 2], 41.0, 41.0)
    one = joint_cover(cost, need, 1.0, 3, zones=zones, at_most={"west": 1}, **room)
    assert (one.sites.tolist(), one.objective) == ([0, 2], 41.0)
    assert one.parameters["quotas"] == {"west": (0, 1)}
    # The place that stands in the west counts there.
    stands = joint_cover(cost, need, 1.0, 3, zones=zones, at_most={"west": 1}, existing={"shop": [1]}, **room)
    assert stands.sites.tolist() == [2]
    # Nobody in the east lacks anything, and still it must have a building; it stays without services.
    none = {"clinic": np.array([30.0, 10, 5, 0]), "shop": np.array([30.0, 10, 5, 0])}
    for model in (
        lambda **more: joint_cover(cost, none, 1.0, 3, zones=zones, at_least={"east": 1}, **more),
        lambda **more: joint_set_cover(cost, none, 1.0, zones=zones, at_least={"east": 1}, **more),
    ):
        for more in ({}, room):
            found = model(**more)
            assert found.sites.tolist() == [0, 1, 2]
            assert found.services_of(2) == ()


@pytest.mark.parametrize("room", [{}, {"area": {"a": 2}, "floor": [1, 2, 3, 4]}])
def test_quotas_that_cannot_be_met_say_what_would_work(room):
    cost, need, zones = np.eye(4), {"a": np.ones(4)}, ["x", "x", "y", "z"]
    with pytest.raises(InfeasibleError, match="p = 3 would work"):
        joint_cover(cost, need, 0.5, 2, zones=zones, at_least=1, **room)
    with pytest.raises(InfeasibleError, match=r"zone y needs 2 sites.*lower its quota to 1"):
        joint_cover(cost, need, 0.5, 2, zones=zones, at_least={"y": 2}, **room)
    with pytest.raises(InfeasibleError, match="raise its quota to 2"):
        joint_set_cover(cost, need, 0.5, zones=zones, at_most={"x": 1}, required=[0, 1], **room)
    # One by one they could be met, together they cannot: y and z lie too close to each other.
    near = {"too_close": [(2, 3)], "zones": zones, "at_least": {"y": 1, "z": 1}}
    for solve in (lambda: joint_cover(cost, need, 0.5, 3, **near, **room),
                  lambda: joint_set_cover(cost, need, 0.5, **near, **room)):  # fmt: skip
        with pytest.raises(InfeasibleError, match="Lower the spacing or at_least"):
            solve()
