"""Which clause each figure of a profile is from."""

import pytest

from siting.network import load_profiles
from siting.standards import load_catalogue


def test_the_slope_of_a_wheelchair_is_the_catalogues_rule_about_streets():
    """Ramps and kerb ramps have limits of their own: they are a few metres long, with landings."""
    catalogue = load_catalogue()
    about_streets = [r.id for r in catalogue if r.unit == "rise/run" and r.applies_to == "walk_edge"]
    limit = load_profiles()["step_free"].slope_limit
    assert [limit.rule] == about_streets
    assert limit.value == catalogue[limit.rule].threshold
    assert {r.applies_to for r in catalogue if r.unit == "rise/run"} == {"walk_edge", "ramp", "curb_ramp"}


@pytest.mark.parametrize("name", ["adult", "elderly", "step_free"])
def test_speeds_on_foot_are_the_catalogues(name):
    figure = load_profiles()[name].speed
    rule = load_catalogue()[figure.rule]
    assert rule.unit == figure.unit == "m/s"
    threshold = rule.threshold if isinstance(rule.threshold, tuple) else (rule.threshold,)
    assert figure.value in threshold


def test_what_is_no_clause_says_why_it_was_assumed():
    for profile in load_profiles().values():
        for name, figure in profile.figures.items():
            assert figure.rule or figure.assumed, f"{profile.id}.{name}"
