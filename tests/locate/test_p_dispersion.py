"""p-dispersion against hand-computed streets, exhaustive search and the literature."""

import csv
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from locate_costs import labelled
from small_plans import draw_plans

from siting.errors import InfeasibleError, InputError
from siting.locate import p_dispersion

NAMES = ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("p", "apart", "sites"),
    [
        (2, 750.0, [0, 3]),
        (3, 350.0, [0, 2, 3]),  # with B instead of C: A and B are 200 m apart
        (4, 150.0, [0, 1, 2, 3]),
    ],
)
def test_line_street(line_street, p, apart, sites):
    distance, _ = line_street
    for given_distance in (distance, labelled(distance, NAMES, NAMES)):
        result = p_dispersion(given_distance, p)
        assert (result.objective, result.bound, result.status, result.gap) == (apart, apart, "optimal", 0.0)
        assert result.sites.tolist() == sites


def test_order_assignment_and_labels(line_street):
    distance, _ = line_street
    rows = [2, 0, 3, 1]
    shuffled = labelled(distance[rows], [NAMES[i] for i in rows], NAMES)
    result = p_dispersion(shuffled, 3)
    assert result.site_ids == ("a", "c", "d")
    assert result.order.tolist() == [0, 3, 2]  # a and d are farthest apart
    assert result.assignment.tolist() == [2, 0, 3, 2]  # of rows c, a, d, b; b goes to c


def test_conditions(line_street):
    distance, _ = line_street
    existing = p_dispersion(distance, 1, existing=[1])
    assert (existing.objective, existing.sites.tolist()) == (550.0, [3])
    # Existing sites stand 200 m apart, which nobody can help: D is 400 m from the nearest, C 150 m.
    assert p_dispersion(distance, 1, existing=[0, 2]).objective == 400.0
    assert p_dispersion(distance, 2, required=[1]).sites.tolist() == [1, 3]
    assert p_dispersion(distance, 3, required=[1, 2]).objective == 150.0
    assert p_dispersion(distance, 2, excluded=[0]).objective == 550.0
    assert p_dispersion(distance, 2, too_close=[(0, 3)]).objective == 550.0
    assert p_dispersion(distance, 2, zones=["w", "w", "e", "e"], at_most={"w": 0}).objective == 400.0
    assert p_dispersion(distance, 4, existing=[], required=[0, 1, 2, 3]).objective == 150.0


def test_no_path_counts_as_apart():
    distance = [[0.0, 5.0, math.inf], [5.0, 0.0, math.inf], [math.inf, math.inf, 0.0]]
    result = p_dispersion(distance, 2)
    assert (result.objective, result.status, result.gap) == (math.inf, "optimal", 0.0)
    assert p_dispersion(distance, 3).objective == 5.0


def test_what_cannot_be_says_why(line_street):
    distance, _ = line_street
    with pytest.raises(InputError, match="p = 2 would work"):
        p_dispersion(distance, 1)
    with pytest.raises(InputError, match="expected a square"):
        p_dispersion(distance[:3], 2)
    with pytest.raises(InputError, match="depends on the direction for 1 pairs"):
        p_dispersion([[0.0, 1.0], [2.0, 0.0]], 2)
    with pytest.raises(InputError, match="must name the same candidates"):
        p_dispersion(labelled(distance), 2)
    with pytest.raises(InputError, match="larger cutoff"):
        p_dispersion(labelled(distance, NAMES, NAMES, cutoff=500.0), 2)
    assert p_dispersion(labelled(distance, NAMES, NAMES, cutoff=500.0), 3).objective == 350.0
    with pytest.raises(InfeasibleError, match="p = 3 would work"):
        p_dispersion(distance, 4, excluded=[0])
    with pytest.raises(InfeasibleError, match=r"at most 2 be open .* p = 2 would work"):
        p_dispersion(distance, 3, too_close=[(0, 1), (2, 3)])


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=250, deadline=None)
def test_equals_best_of_all_plans_under_every_condition(seed):
    rng = np.random.default_rng(seed)
    m = int(rng.integers(2, 10))
    distance = rng.integers(0, 12, (m, m)) * 1.0 if rng.random() < 0.6 else rng.random((m, m)) * 10
    distance[rng.random((m, m)) < rng.choice([0.0, 0.1, 0.4])] = np.inf
    distance = np.minimum(distance, distance.T)
    small = draw_plans(rng, m)

    def value(js):
        every = [*js, *small.existing]
        return min((distance[a, b] for a in js for b in every if a != b), default=np.inf)

    if small.p == 1 and not small.existing:
        with pytest.raises((InputError, InfeasibleError)):
            p_dispersion(distance, small.p, **small.conditions)
        return
    if not small.plans:
        with pytest.raises(InfeasibleError):
            p_dispersion(distance, small.p, **small.conditions)
        return
    best = max(value(js) for js in small.plans)
    result = p_dispersion(distance, small.p, **small.conditions)
    assert (result.objective, result.bound, result.status) == (best, best, "optimal")
    assert tuple(result.sites.tolist()) in small.plans
    assert value(result.sites.tolist()) == best
    assert sorted(result.order.tolist()) == result.sites.tolist()


def scattered(seed, m):
    xy = np.random.default_rng(seed).random((m, 2)) * 1000
    return np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=6, deadline=None)
def test_more_sites_never_farther_apart_and_scale_and_order_do_not_matter(seed):
    distance = scattered(seed, 30)
    base = p_dispersion(distance, 5)
    assert p_dispersion(distance, 6).objective <= base.objective
    assert p_dispersion(distance[:20, :20], 5).objective <= base.objective
    assert p_dispersion(distance / 1024, 5).objective == base.objective / 1024
    order = np.random.default_rng(seed).permutation(30)
    assert p_dispersion(distance[np.ix_(order, order)], 5).objective == base.objective
    assert p_dispersion(distance, 2, existing=base.sites[:3].tolist()).objective >= base.objective


def test_a_stopped_search_is_not_called_optimal_and_its_bound_holds():
    distance = scattered(3, 120)
    reports = []
    short = p_dispersion(distance, 8, time_limit_s=0.02, progress=reports.append)
    full = p_dispersion(distance, 8)
    loose = p_dispersion(distance, 8, mip_gap=0.2)
    assert (full.status, full.bound) == ("optimal", full.objective)
    assert short.bound >= full.objective >= short.objective
    assert short.status == "feasible" or short.objective == full.objective
    assert loose.gap <= 0.2
    assert loose.bound >= full.objective >= loose.objective
    assert all(a.bound >= b.bound and a.value <= b.value for a, b in pairwise(reports))
    assert p_dispersion(distance, 8).sites.tolist() == full.sites.tolist()


def test_ctrl_c_keeps_the_best_plan(monkeypatch):
    from siting.locate.dispersion import search as dispersion_search

    def interrupted(*_):
        raise KeyboardInterrupt

    distance = scattered(9, 60)
    monkeypatch.setattr(dispersion_search.DispersionSearch, "relax", interrupted)
    result = p_dispersion(distance, 7)
    assert (result.status, result.parameters["interrupted"]) == ("feasible", True)
    monkeypatch.undo()
    assert result.bound >= p_dispersion(distance, 7).objective >= result.objective


@pytest.mark.parametrize(("name", "most"), [("pr226", 40), ("rat195", 10)])
def test_points_of_the_literature_are_proved(shared_benchmarks, name, most):
    folder = shared_benchmarks / "pdispersion_tsplib"
    lines = (folder / "data" / f"{name}.tsp").read_text().splitlines()
    begin = next(k for k, line in enumerate(lines) if line.startswith("NODE_COORD")) + 1
    xy = np.array([[float(v) for v in line.split()[1:3]] for line in lines[begin:] if len(line.split()) == 3])
    distance = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    with (folder / "optimum.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["instance"] == name and int(row["p"]) <= most]
    assert rows
    for row in rows:
        result = p_dispersion(distance, int(row["p"]))
        assert result.objective == pytest.approx(float(row["optimum_or_best_known"]), abs=1e-6)
        assert (result.status, result.bound) == ("optimal", result.objective)
