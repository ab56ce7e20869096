"""Several services, one building: against every possible answer on small cases, and by hand."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from locate_costs import labelled

from siting.errors import InfeasibleError, InputError
from siting.locate import joint_cover, joint_set_cover


def packages(area: list[float], floor: float) -> list[tuple[int, ...]]:
    n = len(area)
    every = [c for r in range(n + 1) for c in itertools.combinations(range(n), r)]
    return [c for c in every if sum(area[k] for k in c) <= floor]


def brute(reach, weight, area, floor, p, most, apart, required=()):
    """Value of the best answer: every set of plots, every package on each."""
    n_plots = reach[0].shape[1]
    best = None
    for size in range(p + 1):
        for plots in itertools.combinations(range(n_plots), size):
            if any(a in plots and b in plots for a, b in apart) or not set(required) <= set(plots):
                continue
            for choice in itertools.product(*(packages(area, floor[j]) for j in plots)):
                used = [sum(k in c for c in choice) for k in range(len(area))]
                if any(u > m for u, m in zip(used, most, strict=True)):
                    continue
                value = 0
                for k in range(len(area)):
                    where = [j for j, c in zip(plots, choice, strict=True) if k in c]
                    value += weight[k][reach[k][:, where].any(axis=1)].sum()
                best = value if best is None else max(best, value)
    return best


@st.composite
def cases(draw):
    n_services = draw(st.integers(1, 3))
    n_plots = draw(st.integers(1, 4))
    n = draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    cost = {f"s{k}": rng.integers(0, 6, (n, n_plots)).astype(float) for k in range(n_services)}
    weight = {f"s{k}": rng.integers(0, 5, n).astype(float) for k in range(n_services)}
    limits = {f"s{k}": float(rng.integers(0, 4)) for k in range(n_services)}
    area = {f"s{k}": float(rng.integers(0, 5)) for k in range(n_services)}
    floor = rng.integers(0, 10, n_plots).astype(float)
    p = draw(st.integers(1, n_plots))
    most = {f"s{k}": int(rng.integers(0, 3)) for k in range(n_services)} if draw(st.booleans()) else {}
    apart = [(a, b) for a, b in itertools.combinations(range(n_plots), 2) if draw(st.booleans()) and rng.random() < 0.3]
    roomy = draw(st.booleans())
    return cost, weight, limits, None if roomy else area, None if roomy else floor, p, most, apart


@settings(max_examples=250, deadline=None)
@given(cases())
def test_equals_brute_force(case) -> None:
    cost, weight, limits, area, floor, p, most, apart = case
    found = joint_cover(cost, weight, limits, p, area=area, floor=floor, most=most, too_close=apart)
    names = list(cost)
    reach = [cost[s] <= limits[s] for s in names]
    sizes = [0.0] * len(names) if area is None else [area[s] for s in names]
    room = np.full(reach[0].shape[1], 100.0) if floor is None else floor
    top = brute(reach, [weight[s] for s in names], sizes, room, p, [most.get(s, 99) for s in names], apart)
    assert found.status == "optimal"
    assert found.objective == found.bound == top
    # The answer keeps every condition, and is worth what it says.
    assert len(found.sites) <= p
    assert (found.opened @ np.array(sizes) <= room[found.sites]).all()
    assert not any(a in found.sites and b in found.sites for a, b in apart)
    assert all(found.opened[:, k].sum() <= most.get(s, 99) for k, s in enumerate(names))
    worth = 0.0
    for k, s in enumerate(names):
        hit = reach[k][:, found.sites[found.opened[:, k]]].any(axis=1)
        assert (found.served[s] == hit).all()
        assert found.objective_by_service[s] == weight[s][hit].sum()
        worth += weight[s][hit].sum()
    assert worth == found.objective
    assert found.gain.sum() == pytest.approx(found.objective)


@settings(max_examples=120, deadline=None)
@given(cases())
def test_fewest_buildings_equal_brute_force(case) -> None:
    cost, weight, limits, area, floor, _, _, apart = case
    found = joint_set_cover(cost, weight, limits, area=area, floor=floor, too_close=apart)
    names = list(cost)
    reach = [cost[s] <= limits[s] for s in names]
    n_plots = reach[0].shape[1]
    sizes = [0.0] * len(names) if area is None else [area[s] for s in names]
    room = np.full(n_plots, 100.0) if floor is None else floor
    people = [weight[s] for s in names]
    many = [99] * len(names)
    whole = brute(reach, people, sizes, room, n_plots, many, apart)
    # With spacing or little room, those served are a best set, and perhaps not the one that needs fewest buildings.
    got = sum(found.objective_by_service.values())
    assert got == whole
    by_p = [brute(reach, people, sizes, room, p, many, apart) for p in range(n_plots + 1)]
    fewest = next(p for p, value in enumerate(by_p) if value == whole)
    assert found.objective >= fewest
    if not apart and (area is None or (room >= sum(sizes)).all()):
        assert found.status == "optimal"
        assert found.objective == found.bound == fewest


@settings(max_examples=40, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_shuffled_layers_give_the_same_sites(case, random) -> None:
    cost, weight, limits, area, floor, p, _, _ = case
    names = list(cost)
    n, m = cost[names[0]].shape
    rows, columns = [f"D{i}" for i in range(n)], [f"C{j}" for j in range(m)]
    r, c = list(range(n)), list(range(m))
    random.shuffle(r)
    random.shuffle(c)

    def solve(r, c):
        given = {s: labelled(cost[s][np.ix_(r, c)], [rows[i] for i in r], [columns[j] for j in c]) for s in names}
        people = {s: pd.Series(weight[s][r], index=[rows[i] for i in r]) for s in names}
        room = None if floor is None else floor[c]
        found = joint_cover(given, people, limits, p, area=area, floor=room)
        return sorted(
            (str(label), found.services_of(int(j))) for label, j in zip(found.site_ids, found.sites, strict=True)
        )

    assert solve(list(range(n)), list(range(m))) == solve(r, c)


@settings(max_examples=100, deadline=None)
@given(cases(), st.data())
def test_required_sites_equal_brute_force(case, data) -> None:
    cost, weight, limits, area, floor, p, most, apart = case
    names = list(cost)
    n_plots = cost[names[0]].shape[1]
    required = data.draw(st.lists(st.integers(0, n_plots - 1), max_size=p, unique=True))
    reach = [cost[s] <= limits[s] for s in names]
    sizes = [0.0] * len(names) if area is None else [area[s] for s in names]
    room = np.full(n_plots, 100.0) if floor is None else floor
    many = [most.get(s, 99) for s in names]
    top = brute(reach, [weight[s] for s in names], sizes, room, p, many, apart, required)
    given_ = {"area": area, "floor": floor, "most": most, "too_close": apart, "required": required}
    if top is None:
        with pytest.raises(InfeasibleError):
            joint_cover(cost, weight, limits, p, **given_)
        return
    found = joint_cover(cost, weight, limits, p, **given_)
    assert found.status == "optimal"
    assert found.objective == top
    assert set(required) <= set(found.sites.tolist())
    assert len(found.sites) <= p


def test_two_plots_three_services_by_hand() -> None:
    """Room decides what goes where.

    A 30 ---- X(100 m2) ---- B 10 ---- Y(250 m2) ---- C 20        each block reaches the plots beside it

    clinic 100 m2, school 200 m2, shop 50 m2; everybody lacks everything.
    X houses clinic or shop (or, no school). Y: clinic + shop, school + shop, not clinic + school.
    """
    cost = np.array([[1, 9], [1, 1], [9, 1]], dtype=float)
    people = np.array([30.0, 10.0, 20.0])
    area = {"clinic": 100, "school": 200, "shop": 50}
    every = dict.fromkeys(area, people)
    found = joint_cover(cost, every, 1.0, 2, area=area, floor=[100, 250])
    # Y: school + shop serve B, C; X: a clinic for A, B: 30 + 30 + 40; or Y: school + shop, X: shop: 30 + 60.
    # With the clinic at X 40 are served by it; at X a shop adds A alone, 30.
    assert found.objective == 30 + 30 + 40
    assert [found.services_of(j) for j in (0, 1)] == [("clinic",), ("school", "shop")]
    assert found.objective_by_service == {"clinic": 40.0, "school": 30.0, "shop": 30.0}
    assert found.parameters["not_served"] == {"clinic": 20.0, "school": 30.0, "shop": 30.0}
    # If a person with a shop counts five times, shops come first.
    shops = joint_cover(cost, every, 1.0, 2, area=area, floor=[100, 250], importance={"shop": 5})
    assert shops.objective_by_service["shop"] == 60.0
    # One shop at most.
    one = joint_cover(cost, every, 1.0, 2, area=area, floor=[100, 250], importance={"shop": 5}, most={"shop": 1})
    assert one.opened[:, 2].sum() == 1


def test_room_for_all_is_plain_cover() -> None:
    cost = np.array([[1, 9], [1, 1], [9, 1]], dtype=float)
    every = {"a": np.array([3.0, 1, 2]), "b": np.array([0.0, 0, 9])}
    found = joint_cover(cost, every, 1.0, 1)
    assert found.sites.tolist() == [1]
    assert found.objective == 1 + 2 + 9
    assert found.parameters["floor_area_limited"] is False
    assert joint_set_cover(cost, every, 1.0).objective == 2


def test_existing_required_and_served() -> None:
    cost = np.array([[1, 9, 9], [1, 1, 9], [9, 1, 1]], dtype=float)
    every = {"a": np.array([5.0, 1, 2]), "b": np.array([5.0, 1, 2])}
    # a is at plot 0 already: only C lacks it; b can go to 1 or 2.
    found = joint_cover(cost, every, 1.0, 1, existing={"a": [0]})
    assert found.site_ids == (1,)
    assert found.objective == 8 + 3
    assert found.assignment["a"].tolist() == [0, 0, 1]
    must = joint_cover(cost, every, 1.0, 2, required=[2])
    assert 2 in must.sites
    with pytest.raises(InfeasibleError, match="p = 2 would work"):
        joint_cover(cost, every, 1.0, 1, required=[0, 2])
    none = joint_cover(cost, every, 1.0, 1, served={"a": np.ones(3, dtype=bool), "b": np.ones(3, dtype=bool)})
    assert len(none.sites) == 0
    assert none.objective == 16


def test_refusals_name_the_fault() -> None:
    cost = np.ones((2, 2))
    every = {"clinic": np.ones(2), "shop": np.ones(2)}
    with pytest.raises(InputError, match="limits: nothing for shop"):
        joint_cover(cost, every, {"clinic": 1.0}, 1)
    with pytest.raises(InputError, match="did you mean 'clinic'"):
        joint_cover(cost, every, 1.0, 1, most={"clinics": 1})
    with pytest.raises(InputError, match="go together"):
        joint_cover(cost, every, 1.0, 1, area={"clinic": 1, "shop": 2})
    with pytest.raises(InputError, match="NaN or negative"):
        joint_cover(cost, every, 1.0, 1, area={"clinic": 1, "shop": 2}, floor=[1, np.nan])
    with pytest.raises(InputError, match="different candidates"):
        joint_cover({"clinic": cost, "shop": np.ones((2, 3))}, every, 1.0, 1)
    many = {f"s{k}": np.ones(2) for k in range(20)}
    with pytest.raises(InputError, match="two bundles"):
        joint_cover(cost, many, 1.0, 1, area=dict.fromkeys(many, 1.0), floor=5)
