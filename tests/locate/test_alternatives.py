"""Plans nearly as good, and what refusing a site costs, against hand-computed streets and exhaustive search."""

import math

import numpy as np
import pytest
from any_plans import draw_any_plans
from hypothesis import given, settings
from hypothesis import strategies as st
from locate_costs import labelled
from small_plans import draw_plans

from siting import locate
from siting.errors import InfeasibleError, InputError, SolverError
from siting.locate import SitingResult, alternatives, without_each


def site_set(result):
    return frozenset(result.sites.tolist())


# --- by hand: A ----200---- B --150-- C --------400-------- D, residents 30, 10, 20, 40


def test_line_street_one_site_within_200_m(line_street):
    cost, weight = line_street
    # B serves A, B, C = 60; D 40, A 40 (A, B), C 30 (B, C).
    plans = alternatives(locate.mclp, cost, weight, 200.0, 1, max_loss=0.5)
    assert [(p.result.objective, p.without, round(p.loss, 12)) for p in plans] == [
        (60.0, (), 0.0),
        (40.0, (1,), round(1 / 3, 12)),  # A or D
        (40.0, (0, 1), round(1 / 3, 12)),
        (30.0, (0, 1, 3), 0.5),  # C: exactly the loss that is allowed
    ]
    assert [p.different for p in plans] == [0, 1, 1, 1]
    assert len(alternatives(locate.mclp, cost, weight, 200.0, 1, max_loss=0.3)) == 1


def test_line_street_refusing_each_site_of_a_median(line_street):
    cost, weight = line_street
    table = without_each(locate.p_median, labelled(cost, columns=list("abcd")), weight, 2).to_frame()
    # Best: A or B and D, 9000. Without D: 10 * 150 + 40 * 400 = 17,500 (A and C); ties between A and B by label.
    best = locate.p_median(labelled(cost, columns=list("abcd")), weight, 2)
    assert set(table["site"]) == set(best.site_ids)
    by_site = table.set_index("site")
    assert by_site.loc["d", ["objective", "loss", "status"]].tolist() == [17_500.0, 8500 / 9000, "optimal"]
    assert by_site.loc["d", "replaced_by"] == "c" if "a" in best.site_ids else True
    other = next(s for s in best.site_ids if s != "d")
    assert by_site.loc[other, ["objective", "loss"]].tolist() == [9000.0, 0.0]


def test_a_site_that_cannot_be_done_without_is_said_to_be_so(line_street):
    cost, _ = line_street
    found = without_each(locate.lscp, cost, 200.0, required=[1])
    table = found.to_frame().set_index("site")
    # D is served by D alone within 200 m; B is required.
    assert table["status"].to_dict() == {1: "required", 3: "infeasible"}
    assert "demand" in table.loc[3, "reason"]
    assert math.isnan(table.loc[3, "loss"])
    assert found.best.objective == 2
    assert len(alternatives(locate.lscp, cost, 200.0, required=[1])) == 1


def test_a_best_objective_of_zero_makes_any_loss_infinite():
    cost = np.array([[0.0, 5.0]])
    table = without_each(locate.p_median, cost, [1.0], 1).to_frame()
    assert table["loss"].tolist() == [math.inf]
    assert len(alternatives(locate.p_median, cost, [1.0], 1)) == 1
    assert len(alternatives(locate.p_median, cost, [1.0], 1, max_loss=math.inf)) == 2


def test_backup_coverage_counts_sites_first():
    # k0 serves both rows; without it k1 and k2 are needed, which would cover nothing twice either.
    cost = np.array([[1.0, 1.0, 9.0], [1.0, 9.0, 1.0]])
    refusal = without_each(locate.backup_coverage, cost, 1.0).refusals[0]
    assert (refusal.site, refusal.loss, refusal.replaced_by) == (0, 1.0, (1, 2))


def test_lscp_of_what_is_reachable_counts_what_is_lost_first(line_street):
    cost, weight = line_street
    refusal = without_each(locate.lscp, cost, 100.0, weight=weight, serve="reachable").refusals
    lost = {r.site: r.loss for r in refusal}  # every block is reached by itself alone: one site less, and people lost
    assert lost == {0: 0.3, 1: 0.1, 2: 0.2, 3: 0.4}


# --- against enumeration


def median_value(cost, weight, js):
    return float(weight @ cost[:, list(js)].min(axis=1)) if js else math.inf


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), model=st.sampled_from(["mclp", "p_median", "p_center"]))
def test_every_alternative_is_the_best_of_what_is_left(seed, model):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(3, 9)), int(rng.integers(3, 8))
    cost = rng.integers(1, 30, (n, m)).astype(float)
    weight = rng.integers(1, 9, n).astype(float)
    drawn = draw_plans(rng, m) if model == "p_center" else draw_any_plans(rng, m)
    existing = drawn.conditions["existing"]
    p = drawn.p if model == "p_center" else int(rng.integers(1, m + 1))
    args, value, pick = {
        "mclp": ((cost, weight, 12.0, p), lambda js: weight[(cost[:, js] <= 12).any(axis=1)].sum(), max),
        "p_median": ((cost, weight, p), lambda js: median_value(cost, weight, js), min),
        "p_center": ((cost, p), lambda js: cost[:, js].min(axis=1).max(initial=0), min),
    }[model]
    plans = [js for js in drawn.plans if len(js) <= p]
    values = {js: float(value([*js, *existing])) for js in plans}
    values = {js: v for js, v in values.items() if np.isfinite(v)}
    function = getattr(locate, model)
    if not values:
        with pytest.raises(InfeasibleError):
            alternatives(function, *args, **drawn.conditions)
        return
    max_loss = float(rng.choice([0.0, 0.1, 0.5]))
    found = alternatives(function, *args, n=3, max_loss=max_loss, **drawn.conditions)
    best = pick(values.values())
    assert found[0].result.objective == best
    assert found[0].without == ()
    assert len({site_set(f.result) for f in found}) == len(found) <= 4
    assert [f.loss for f in found] == sorted(f.loss for f in found)
    earlier = set()
    for f in found:
        left = [v for js, v in values.items() if not set(js) & set(f.without)]
        assert f.result.objective == f.result.bound == pick(left)
        assert f.result.status == "optimal"
        assert not set(f.without) & set(drawn.conditions["required"])
        loss = abs(best - f.result.objective) / best if f.result.objective != best else 0.0
        assert f.loss == pytest.approx(loss)
        assert f.loss <= max_loss
        assert f.different == len(site_set(f.result) - site_set(found[0].result))
        earlier |= site_set(f.result)
    again = alternatives(function, *args, n=3, max_loss=max_loss, **drawn.conditions)
    assert [(site_set(f.result), f.without) for f in again] == [(site_set(f.result), f.without) for f in found]

    for refusal in without_each(function, *args, **drawn.conditions).refusals:
        left = [v for js, v in values.items() if refusal.site not in js]
        if refusal.site in drawn.conditions["required"]:
            assert refusal.status == "required"
        elif not left:
            assert refusal.status == "infeasible"
            assert refusal.reason
        else:
            assert refusal.status == "optimal"
            assert refusal.result.objective == pick(left)
            assert set(refusal.replaced_by) == site_set(refusal.result) - site_set(found[0].result)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_an_equal_second_plan_is_found_where_one_refusal_leads_to_it(seed):
    rng = np.random.default_rng(seed)
    cost = rng.integers(1, 30, (8, 6)).astype(float)
    weight = rng.integers(1, 9, 8).astype(float)
    values = {}
    for refused in range(6):
        try:
            values[refused] = locate.p_median(cost, weight, 2, excluded=[refused])
        except InfeasibleError:
            continue
    best = locate.p_median(cost, weight, 2)
    equal = {site_set(r) for r in values.values() if r.objective == best.objective} - {site_set(best)}
    found = alternatives(locate.p_median, cost, weight, 2, n=6, max_loss=0.0)
    assert len(found) > 1 or not equal


def test_shuffled_candidates_give_the_same_named_plans():
    rng = np.random.default_rng(5)
    cost, weight = rng.integers(1, 400, (40, 12)).astype(float), rng.integers(1, 9, 40).astype(float)
    names = [f"k{j:02d}" for j in range(12)]
    turned = rng.permutation(12)
    one = alternatives(locate.mclp, labelled(cost, columns=names), weight, 80.0, 3, max_loss=0.2)
    two = alternatives(
        locate.mclp, labelled(cost[:, turned], columns=[names[j] for j in turned]), weight, 80.0, 3, max_loss=0.2
    )
    assert len(one) == 5
    assert [(set(a.result.site_ids), a.without, a.loss) for a in one] == [
        (set(a.result.site_ids), a.without, a.loss) for a in two
    ]


# --- every model


def square(seed, n, m):
    rng = np.random.default_rng(seed)
    homes, places = rng.random((n, 2)) * 1000, rng.random((m, 2)) * 1000
    cost = np.hypot(*(homes[:, None] - places[None]).transpose(2, 0, 1)).round()
    between = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)).round()
    return cost, between, rng.integers(1, 20, n).astype(float)


COST, BETWEEN, WEIGHT = square(1, 40, 12)
MODELS = {
    "mclp": ((COST, WEIGHT, 250.0, 3), {}),
    "lscp": ((COST, 450.0), {}),
    "backup_coverage": ((COST, 450.0), {}),
    "gradual_cover": ((COST, WEIGHT, 100.0, 400.0, 3), {}),
    "budget_cover": ((COST, WEIGHT, 250.0, np.arange(12) % 3 + 1.0, 6.0), {}),
    "p_median": ((COST, WEIGHT, 3), {}),
    "facility_location": ((COST, WEIGHT, 9000.0), {}),
    "p_center": ((COST, 3), {}),
    "p_dispersion": ((BETWEEN, 3), {}),
    "capacitated": ((COST, WEIGHT, 200.0), {"p": 4}),
    "capacitated_cover": ((COST, WEIGHT, 300.0, 3, 150.0), {}),
    "transfer": ((WEIGHT, COST, COST[:12, :2], 150.0, 500.0, np.inf), {}),
    "joint_cover": ((COST, {"care": WEIGHT, "meals": WEIGHT[::-1].copy()}, 250.0, 3), {}),
}


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_alternatives(name):
    args, more = MODELS[name]
    model = getattr(locate, name)
    found = alternatives(model, *args, n=3, max_loss=0.5, **more)
    assert len(found) > 1
    assert found[0].result.objective == model(*args, **more).objective
    assert all(0 <= f.loss <= 0.5 and not set(f.without) & set(f.result.site_ids) for f in found)
    table = without_each(model, *args, **more).to_frame()
    assert len(table) == len(found[0].result.sites)
    assert set(table["status"]) <= {"optimal", "infeasible"}


# --- time and unproved plans, by a model that is made up


class Made:
    """Answers from a list, and keeps what it was asked."""

    def __init__(self, answers):
        self.answers, self.asked = answers, []

    def __call__(self, *, excluded=(), time_limit_s=60.0):
        self.asked.append((tuple(excluded), time_limit_s))
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, BaseException):
            raise answer
        sites, objective, bound = answer
        sites = np.array(sites, dtype=np.intp)
        return SitingResult(
            model="made", sites=sites, site_ids=tuple(sites.tolist()), assignment=sites, objective=objective,
            bound=bound, status="optimal" if objective == bound else "feasible", seconds=0.0,
        )  # fmt: skip


def test_the_best_plan_may_use_half_of_the_time_and_all_together_no_more_than_there_is():
    made = Made([([0, 1], 10.0, 10.0), ([1, 2], 11.0, 11.0)])
    without_each(made, time_limit_s=8.0)
    assert [asked for asked, _ in made.asked] == [(), (1,), (0,)] or [a for a, _ in made.asked] == [(), (0,), (1,)]
    assert made.asked[0][1] == 4.0
    assert made.asked[1][1] <= 4.0
    assert made.asked[2][1] <= 8.0


def test_a_plan_that_beats_an_unproved_best_becomes_the_best():
    made = Made([([0, 1], 10.0, 7.0), ([1, 2], 9.0, 8.0), ([0, 2], 9.5, 9.5)])
    found = alternatives(made, n=1, max_loss=0.1)
    best = found[0].result
    # Less is better: the bound lies below. What is proved of all plans is the bound of the search without refusals.
    assert (best.objective, best.bound, best.status, found[0].without) == (9.0, 7.0, "feasible", ())
    assert all(f.loss >= 0 for f in found)


def test_what_is_not_found_in_time_is_said_or_passed_over():
    made = Made([([0], 10.0, 10.0), SolverError("no plan after 1 s")])
    assert [r.status for r in without_each(made).refusals] == ["unknown"]
    made = Made([([0], 10.0, 10.0), SolverError("no plan after 1 s")])
    assert len(alternatives(made)) == 1


def test_an_interruption_returns_what_there_is():
    made = Made([([0, 1], 10.0, 10.0), KeyboardInterrupt()])
    assert len(alternatives(made)) == 1
    assert len(made.asked) == 2


@pytest.mark.parametrize("wrong", [{"n": -1}, {"n": 2.5}, {"max_loss": -0.1}, {"max_loss": "5%"}, {"n": True}])
def test_settings_that_make_no_sense_are_refused(line_street, wrong):
    cost, weight = line_street
    with pytest.raises(InputError, match=next(iter(wrong))):
        alternatives(locate.mclp, cost, weight, 200.0, 1, **wrong)


def test_what_the_model_refuses_is_refused(line_street):
    cost, weight = line_street
    with pytest.raises(InputError, match="time_limit_s"):
        alternatives(locate.mclp, cost, weight, 200.0, 1, time_limit_s="fast")
