"""The curve of two objectives: by hand on a street, and equal to the whole Pareto set of small problems."""

import math

import numpy as np
import pandas as pd
import pytest
from any_plans import draw_any_plans
from hypothesis import given, settings
from hypothesis import strategies as st
from locate_costs import labelled

from siting.errors import InfeasibleError, InputError
from siting.locate import (
    backup_coverage,
    budget_cover,
    capacitated_cover,
    gradual_cover,
    lscp,
    mclp,
    p_center,
    p_median,
    trade_off,
)


def curve_of(found):
    return [(p.takes, p.achieves) for p in found.efficient]


# --- by hand: A ----200---- B --150-- C --------400-------- D, residents 30, 10, 20, 40


def test_line_street_coverage_by_number(line_street):
    cost, weight = line_street
    found = trade_off(mclp, cost, weight, 200.0)
    # B serves A, B, C; D itself: two serve everybody, so a third is not looked at.
    assert curve_of(found) == [(1.0, 60.0), (2.0, 100.0)]
    assert [p.result.sites.tolist() for p in found.efficient] == [[1], [1, 3]]
    assert found.complete
    assert all(p.proved for p in found.efficient)
    assert (found.before, found.total) == (0.0, 100.0)


def test_line_street_coverage_by_money(line_street):
    cost, weight = line_street
    prices = [0.1, 0.4, 0.2, 0.3]
    found = trade_off(budget_cover, cost, weight, 200.0, prices)
    # A: A, B = 40 for 0.1. A + C = 60 for 0.3, as much as B alone for 0.4, or D + … : A + D = 80 for 0.4,
    # A + C + D = 100 for 0.6, less than B + D for 0.7.
    assert curve_of(found) == [(0.1, 40.0), (0.3, 60.0), (0.4, 80.0), (0.6, 100.0)]
    assert found.complete
    assert curve_of(trade_off(budget_cover, cost, weight, 200.0, prices, 0.35)) == [(0.1, 40.0), (0.3, 60.0)]


def test_line_street_mean_against_worst(line_street):
    cost, weight = line_street
    found = trade_off(p_median, labelled(cost, columns=list("abcd")), weight, 1)
    # Of one site: C 28,000, worst 400 (D) - A 350; B 31,000, worst 550; A 40,000 + ..., worst 750; D worse.
    assert curve_of(found) == [(400.0, 28_000.0)]
    assert found.unit == "m"
    two = trade_off(p_median, labelled(cost, columns=list("abcd")), weight, 2)
    # 9,000: A or B with D (worst 350 or 200): the one that leaves nobody farther than 200 m stands for both.
    assert curve_of(two) == [(200.0, 9000.0)]
    assert two.efficient[0].result.site_ids == ("b", "d")


def test_the_table_has_both_objectives_with_their_bounds(line_street):
    cost, weight = line_street
    table = trade_off(mclp, cost, weight, 200.0).to_frame()
    assert table["takes"].tolist() == table["takes_bound"].tolist() == [1.0, 2.0]
    assert table["achieves"].tolist() == table["achieves_bound"].tolist() == [60.0, 100.0]
    assert table["per_weight"].tolist() == [0.6, 1.0]
    assert table["sites"].tolist() == [(1,), (1, 3)]
    assert table["status"].tolist() == ["optimal"] * 2


def test_people_of_weight_0_are_nobody_far_away():
    cost = np.array([[1.0, 3.0], [9.0, 9.0]])
    assert curve_of(trade_off(p_median, cost, [1.0, 0.0], 1)) == [(1.0, 1.0)]


def test_sites_for_nothing_and_nothing_to_gain():
    cost = np.array([[1.0, 9.0], [9.0, 1.0]])
    assert curve_of(trade_off(budget_cover, cost, [2.0, 3.0], 1.0, [0.0, 4.0])) == [(0.0, 2.0), (4.0, 5.0)]
    assert curve_of(trade_off(budget_cover, cost, [2.0, 3.0], 1.0, [0.0, 0.0])) == [(0.0, 5.0)]
    everyone = trade_off(mclp, cost, [2.0, 3.0], 1.0, served=[True, True])
    assert (curve_of(everyone), everyone.before) == ([(0.0, 5.0)], 5.0)


# --- against enumeration


def pareto(pairs, better):
    """Efficient pairs of (takes, achieves) among all plans."""
    sign = 1 if better == "less" else -1
    kept, best = [], math.inf
    for takes, achieves in sorted(pairs, key=lambda pair: (pair[0], sign * pair[1])):
        if sign * achieves < best:
            kept.append((takes, achieves))
            best = sign * achieves
    return kept


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), kind=st.sampled_from(["count", "cost", "worst", "median_count"]))
def test_the_curve_is_the_whole_pareto_set(seed, kind):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(2, 9)), int(rng.integers(2, 8))
    cost = rng.integers(1, 30, (n, m)).astype(float)
    if rng.random() < 0.3:
        cost[rng.random((n, m)) < 0.2] = np.inf
    weight = rng.integers(0, 9, n).astype(float)
    weight[0] = 1.0
    drawn = draw_any_plans(rng, m)
    if rng.random() < 0.3:
        for name in ("too_close", "zones", "at_least", "at_most"):
            drawn.conditions.pop(name)
        drawn = type(drawn)(drawn.conditions, all_plans(drawn.conditions, m))
    existing, counts = drawn.conditions["existing"], weight > 0
    prices = rng.integers(0, 6, m) * 0.25
    p = int(rng.integers(1, m + 1))

    def near(js):
        return cost[counts][:, [*js, *existing]].min(axis=1, initial=np.inf)

    def covered(js):
        return float(weight[counts][near(js) <= 12].sum())

    def way(js):
        return float((weight[counts] * near(js)).sum())

    args, takes, achieves, more = {
        "count": ((mclp, cost, weight, 12.0), len, covered, {}),
        "cost": ((budget_cover, cost, weight, 12.0, prices), lambda js: float(prices[list(js)].sum()), covered, {}),
        "worst": ((p_median, cost, weight, p), lambda js: float(near(js).max()), way, {}),
        "median_count": ((p_median, cost, weight, p), len, way, {"against": "count"}),
    }[kind]
    given_cost = labelled(cost, columns=range(m)) if rng.random() < 0.4 else cost
    plans = [js for js in drawn.plans if kind in ("count", "cost") or (len(js) <= p and np.isfinite(near(js)).all())]
    try:
        found = trade_off(args[0], given_cost, *args[2:], **more, **drawn.conditions)
    except InfeasibleError:
        assert not plans
        return
    expected = pareto([(takes(js), achieves(js)) for js in plans], found.better)
    if kind != "worst" and curve_of(found)[0] != expected[0]:
        # Without any site: no count or budget asks for that, `before` says what it achieves where the model tells.
        assert expected[0][0] == 0
        assert found.before == (None if kind == "median_count" else expected[0][1])
        expected = expected[1:]
    assert curve_of(found) == expected
    assert found.complete
    for point in found.points:
        assert set(drawn.conditions["required"]) <= set(point.result.sites.tolist())
        assert point.proved == point.efficient
        assert point.takes == takes(point.result.sites.tolist())
        assert point.achieves == pytest.approx(achieves(point.result.sites.tolist()))


def all_plans(conditions, m):
    """Plans that only existing, required and excluded sites restrict."""
    free = [j for j in range(m) if all(j not in conditions[name] for name in ("existing", "required", "excluded"))]
    return [
        tuple(sorted([*conditions["required"], *(j for k, j in enumerate(free) if mask >> k & 1)]))
        for mask in range(2 ** len(free))
    ]


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), points=st.integers(1, 6))
def test_a_curve_of_few_points_is_part_of_the_whole_and_its_bounds_hold(seed, points):
    rng = np.random.default_rng(seed)
    cost, weight = rng.integers(1, 40, (12, 7)).astype(float), rng.integers(1, 9, 12).astype(float)
    prices = rng.integers(1, 30, 7) * 1.0
    for args in ((budget_cover, cost, weight, 12.0, prices), (p_median, cost, weight, 3), (mclp, cost, weight, 8.0)):
        whole, part = trade_off(*args), trade_off(*args, points=points)
        assert whole.complete
        for point in part.points:
            # The best that takes as little, and the least that achieves as much, of the whole curve.
            best = [p.achieves for p in whole.efficient if p.takes <= point.takes]
            least = [
                p.takes for p in whole.efficient
                if (p.achieves >= point.achieves if whole.better == "more" else p.achieves <= point.achieves)
            ]  # fmt: skip
            if best:
                best = max(best) if whole.better == "more" else min(best)
                assert point.achieves_bound >= best if whole.better == "more" else point.achieves_bound <= best
            assert point.takes_bound <= min(least) <= point.takes
            if point.proved:
                assert (point.takes, point.achieves) in curve_of(whole)
        assert part.complete <= (curve_of(part) == curve_of(whole))


def test_the_ends_of_the_curve_are_the_models_own_answers():
    rng = np.random.default_rng(8)
    homes, places = rng.random((60, 2)) * 1000, rng.random((15, 2)) * 1000
    cost = np.hypot(*(homes[:, None] - places[None]).transpose(2, 0, 1)).round()
    weight = rng.integers(1, 20, 60).astype(float)
    worst = trade_off(p_median, cost, weight, 4)
    assert worst.efficient[-1].achieves == p_median(cost, weight, 4).objective
    assert worst.efficient[0].takes == p_center(cost, 4).objective
    counts = trade_off(mclp, cost, weight, 300.0)
    assert counts.efficient[-1].takes == lscp(cost, 300.0, serve="reachable").objective
    assert len(counts.efficient) > 3
    fading = trade_off(gradual_cover, cost, weight, 100.0, 400.0, 5)
    assert [p.takes for p in fading.efficient] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert fading.complete
    # A full cover needs 450 m and some sites; each more adds to what is covered twice, until all is.
    twice = trade_off(backup_coverage, cost, 450.0, weight, 9)
    assert twice.efficient[0].takes == lscp(cost, 450.0).objective
    assert twice.efficient[-1].achieves == backup_coverage(cost, 450.0, weight, 9).objective
    room = trade_off(capacitated_cover, cost, weight, 300.0, 4, 120.0)
    assert [p.achieves for p in room.efficient[:3]] == [120.0, 240.0, 360.0]
    assert room.efficient[3].achieves == capacitated_cover(cost, weight, 300.0, 4, 120.0).objective <= 480.0


def test_metres_and_kilometres_give_the_same_plans():
    rng = np.random.default_rng(4)
    cost, weight = rng.integers(1, 900, (30, 9)).astype(float), rng.integers(1, 9, 30).astype(float)
    one, two = trade_off(p_median, cost, weight, 3), trade_off(p_median, cost / 1000, weight, 3)
    assert [p.result.sites.tolist() for p in one.efficient] == [p.result.sites.tolist() for p in two.efficient]
    frame = pd.DataFrame(cost, columns=[f"k{j}" for j in range(9)])
    assert curve_of(trade_off(p_median, frame, weight, 3)) == curve_of(one)


def test_no_time_leaves_a_curve_that_says_so():
    rng = np.random.default_rng(3)
    cost, weight = rng.integers(1, 900, (30, 12)).astype(float), rng.integers(1, 9, 30).astype(float)
    found = trade_off(p_median, cost, weight, 4, points=1)
    assert (found.complete, len(found.points)) == (False, 1)
    assert "some may be missing" in repr(found)
    assert found.points[0].takes_bound <= p_center(cost, 4).objective


@pytest.mark.parametrize(
    ("args", "more", "says"),
    [
        ((lscp, np.ones((2, 2)), 1.0), {}, "lscp against anything has no curve here; these have: mclp"),
        ((mclp, np.ones((2, 2)), [1, 1], 1.0), {"against": "cost"}, "mclp against cost"),
        ((mclp, np.ones((2, 2)), [1, 1], 1.0), {"points": 0}, "points is 0"),
        ((mclp, np.ones((2, 2)), [1, 1], 1.0), {"require": [1]}, "mclp takes no 'require'; did you mean 'required'"),
        ((mclp, np.ones((2, 2)), [1, 1], 1.0, 3), {}, "p is 3"),
        ((p_median, np.ones((2, 2)), [1, 1]), {}, "p_median needs p"),
    ],
)
def test_questions_that_make_no_sense_are_refused(args, more, says):
    with pytest.raises(InputError, match=says):
        trade_off(*args, **more)
