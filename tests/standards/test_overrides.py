"""A study's own figures: used, recorded, and never the ground for a verdict."""

import pytest

from siting.errors import SchemaError
from siting.standards import Reading, load_catalogue

CATALOGUE = load_catalogue()


def test_an_overridden_limit_withholds_the_verdict():
    rule = CATALOGUE["park.gb51346.cover"]
    own = CATALOGUE.override(rule, {"limit_m": 400}, source="总体规划 6.2")
    assert (own.limit_m, own.target, own.pack, own.overridden) == (400.0, rule.target, "study", ("limit_m",))
    assert own.readings["threshold"] is own.confidence is Reading.ASSUMED
    assert own.readings["target"] is Reading.CLAUSE
    assert own.override_source == "总体规划 6.2"
    assert own.source == rule.source
    assert not own.verdict_allowed
    assert (rule.verdict_allowed, rule.limit_m) == (True, 500.0)  # the catalogue's rule is untouched


@pytest.mark.parametrize(
    "changes",
    [{"target_share": 0.8}, {"target_operator": ">="}, {"distance": "network"}, {"denominator": "people"}],
)
def test_any_overridden_part_withholds_the_verdict(changes):
    own = CATALOGUE.override(CATALOGUE["park.gb51346.cover"], changes)
    assert not own.verdict_allowed
    assert own.overridden == tuple(changes)
    assert own.confidence is Reading.CLAUSE  # the limit itself is still the clause's


def test_a_rule_without_a_threshold_can_be_given_one():
    own = CATALOGUE.override(CATALOGUE["fac.clinic"], {"limit_m": 800, "target_share": 0.9})
    assert (own.limit_m, own.distance, own.denominator, own.can_judge_access) == (800.0, "straight", "people", True)
    assert set(own.readings.values()) <= {Reading.ASSUMED, Reading.UNVERIFIED}


def test_kilometres_become_metres():
    assert CATALOGUE.override(CATALOGUE["waste.station.hand"], {"limit_m": 350}).limit_m == 350.0  # threshold was in km


def test_no_change_is_no_override():
    rule = CATALOGUE["park.300green"]
    assert CATALOGUE.override(rule, {}) is rule


def test_every_fault_is_named():
    with pytest.raises(SchemaError) as caught:
        CATALOGUE.override(
            CATALOGUE["park.300green"],
            {"limit": 3, "limit_m": -1, "target_share": 90, "distance": "walk", "denominator": "homes"},
        )
    message = str(caught.value)
    for words in (
        "unknown override 'limit'; did you mean 'limit_m'?",
        "limit_m is -1, expected metres above 0",
        "target_share is 90, expected a share above 0 and at most 1, such as 0.9",
        "distance is 'walk', expected one of network, straight",
        "denominator is 'homes', expected one of people, land, units",
    ):
        assert words in message, words


@pytest.mark.parametrize(
    ("id_", "words"),
    [
        ("lc15.walk", "no facility class serves anybody"),
        ("wc.density.residential", "about density_per_km2, not about a distance"),
        ("ev.public_lot", "about ratio, not about a distance"),
    ],
)
def test_a_limit_where_it_means_nothing(id_, words):
    with pytest.raises(SchemaError, match=words):
        CATALOGUE.override(CATALOGUE[id_], {"limit_m": 100})


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), True, "300"])
def test_a_limit_that_is_no_distance(wrong):
    with pytest.raises(SchemaError, match="limit_m is"):
        CATALOGUE.override(CATALOGUE["park.300green"], {"limit_m": wrong})


def test_a_study_that_undercuts_a_mandatory_clause_is_told():
    rule = CATALOGUE["wc.radius.mandatory"]
    (finding,) = CATALOGUE.findings_of(CATALOGUE.override(rule, {"limit_m": 500}))
    assert "the limit is 500 m, the clause has 300 m" in finding.text.en
    assert CATALOGUE.findings_of(CATALOGUE.override(rule, {"limit_m": 200})) == ()
    assert CATALOGUE.findings_of(rule) == ()


def test_minutes_replace_a_limit_in_metres_and_withhold_the_verdict():
    own = CATALOGUE.override(CATALOGUE["bus.cover500"], {"limit_min": 5}, source="local plan")
    assert (own.limit_s, own.limit_m, own.distance, own.metric) == (300.0, None, "time", "walk_time")
    assert own.can_judge_access
    assert not own.verdict_allowed
    assert own.readings["threshold"] is Reading.ASSUMED
    assert own.overridden == ("limit_min",)
    assert own.name.en.endswith("(judged by 5 min)")
    assert own.name.zh.endswith("（改按 5 分钟）")
    fire = CATALOGUE.override(CATALOGUE["fire.5min"], {"limit_min": 4})
    assert (fire.limit_s, fire.metric, fire.unit) == (240.0, "travel_time", "min")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"limit_min": 0}, "limit_min is 0, expected minutes above 0"),
        ({"limit_min": 5, "limit_m": 300}, "exclude each other"),
        ({"limit_min": 5, "distance": "straight"}, "no meaning beside limit_min"),
    ],
)
def test_minutes_that_make_no_sense_are_refused(changes, words):
    with pytest.raises(SchemaError, match=words):
        CATALOGUE.override(CATALOGUE["bus.cover500"], changes)


def test_minutes_need_a_rule_about_reaching_something():
    with pytest.raises(SchemaError, match="not about reaching facilities"):
        CATALOGUE.override(CATALOGUE["wc.density.residential"], {"limit_min": 5})


def test_which_rules_are_in_minutes():
    in_minutes = {rule.id: rule.limit_s for rule in CATALOGUE if rule.limit_s is not None}
    assert in_minutes["fire.5min"] == 300.0  # "min after dispatch order"
    assert in_minutes["lc15.time"] == 900.0
    assert CATALOGUE["qtr.walk"].limit_s is None  # about 15 minutes is no limit
    assert CATALOGUE["td1062.urban_5_10"].limit_s is None  # a range
