"""The slider: from today to the whole plan, to the person."""

from dataclasses import replace

import numpy as np
import pytest

from siting.outputs.report.proof import proof
from siting.outputs.web.plans import plan_rows, served_after, won_by


@pytest.fixture
def plan(run):
    return run.plans["more_toilets"]


def test_the_slider_begins_with_today_and_ends_with_the_plan(run, plan):
    steps = served_after(plan, run)
    assert len(steps) == 5
    assert (steps[0], steps[-1]) == (plan.people_before, plan.people_after)
    assert np.allclose(np.diff(steps), plan.sites["gain_people"])


def test_each_point_belongs_to_the_first_site_that_serves_it(run, plan):
    won = won_by(plan, run)
    people = run.demand["people"]
    for k, gain in enumerate(plan.sites["gain_people"], start=1):
        assert people[won == k].sum() == gain
    assert people[won == 0].sum() == plan.people_before
    assert set(run.demand.index[won == -1]) == set(plan.unserved_after)


def test_a_plan_that_does_not_keep_who_still_has_its_figures(run, plan):
    plan = replace(plan, newly_served=None)
    assert np.allclose(served_after(plan, run), served_after(run.plans["more_toilets"], run))
    won = won_by(plan, run)
    assert set(won.tolist()) == {-1, 0, 4}
    assert set(run.demand.index[won == -1]) == set(plan.unserved_after)
    assert plan_rows(replace(run, plans={"x": plan}))[0]["known_who"] is False


def test_a_plan_by_units_counts_units(run, plan):
    sites = plan.sites.assign(gain=[4.0, 3.0, 2.0, 1.0])
    given = replace(plan, people_before=None, people_after=None, weight_before=90.0, weight_total=196.0, sites=sites)
    assert served_after(given, run) == [90.0, 94.0, 97.0, 99.0, 100.0]
    assert served_after(replace(given, weight_before=None), run) is None


def test_the_proof_is_that_of_the_report(run, plan):
    assert plan_rows(run)[0]["proof"] == [proof(plan).zh, proof(plan).en]
