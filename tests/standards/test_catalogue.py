"""The packaged catalogue: complete, graded, and honest about what may carry a verdict."""

from collections import Counter

import pytest

from siting.errors import SchemaError
from siting.standards import METRICS, TOPICS, Reading, load_catalogue, load_classes
from siting.standards.catalogue import _load, _national
from siting.standards.classes import places_counting_as


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue()


def test_counts_equal_the_digest_of_the_collection(catalogue):
    # Digest of 2026-11-22: 361 rules, 144 read in the clause, 138 in secondary texts, 79 from memory only.
    assert len(catalogue) == 361
    assert Counter(rule.confidence.value for rule in catalogue) == {"clause": 144, "secondary": 138, "unverified": 79}
    graded = {topic: [0, 0, 0] for topic in TOPICS}
    for rule in catalogue:
        graded[rule.topic][["clause", "secondary", "unverified"].index(rule.confidence.value)] += 1
    assert graded == {
        "living_circle": [12, 30, 4],
        "facility_table": [0, 14, 36],
        "park": [21, 27, 13],
        "public_toilet": [11, 12, 5],
        "waste": [28, 28, 11],
        "parking": [18, 4, 4],
        "transport": [7, 4, 1],
        "safety": [23, 10, 3],
        "walking": [8, 8, 2],
        "operations": [16, 1, 0],
    }


def test_every_rule_names_known_classes_a_document_and_both_languages(catalogue):
    classes = load_classes()
    for rule in catalogue:
        assert set(rule.facility) <= set(classes), rule.id
        assert rule.source.document in catalogue.documents, rule.id
        assert rule.source.clause, rule.id
        assert rule.name.zh, rule.id
        assert rule.name.en, rule.id
        assert rule.metric in METRICS, rule.id
        assert rule.seen_in or rule.confidence in (Reading.UNVERIFIED, Reading.SECONDARY), rule.id


def test_a_rule_that_can_be_computed_grades_every_part(catalogue):
    judged = [rule for rule in catalogue if rule.can_judge_access]
    assert len(judged) > 60
    for rule in judged:
        assert rule.denominator is not None, rule.id
        assert {"threshold", "distance", "denominator"} <= set(rule.readings), rule.id
        assert ("target" in rule.readings) == (rule.target is not None), rule.id


@pytest.mark.parametrize(
    ("id_", "limit_m", "distance", "document", "clause", "confidence", "distance_reading"),
    [
        ("park.300green", 300, "network", "no number shown", "(三)2(2)", "clause", "assumed"),
        ("park.500park", 500, "network", "no number shown", "(三)2(2)", "clause", "assumed"),
        ("park.gb51346.cover", 500, "straight", "GB/T 51346-2019", "4.3.4", "clause", "secondary"),
        ("wc.radius.mandatory", 300, "straight", "GB 55013-2021", "5.0.1", "clause", "clause"),
        ("waste.point.gb55013", 120, "straight", "GB 55013-2021", "3.2.2", "clause", "clause"),
        ("waste.point.cjj27", 70, "straight", "older CJJ 27 / 城市环境卫生设施设置标准", "3.2.5", "clause", "clause"),
        ("waste.station.hand", 400, "straight", "CJJ 27-2012", "4.2", "unverified", "unverified"),  # 0.4 km
        ("park_lot.radius.now", 300, "straight", "GB/T 51149-2016", "5.2.x", "unverified", "unverified"),
        ("bus.cover500", 500, "straight", "中共中央 国务院 2016-02-06", "item 17", "clause", "clause"),
        ("bus.cover300_50", 300, "straight", "GB 50220-95", "3.3.2 (number from memory)", "secondary", "secondary"),
        ("lc5.walk", 300, "network", "GB 50180-2018", "2.0.4", "secondary", "secondary"),  # the text says on foot
    ],
)
def test_spot_checks(catalogue, id_, limit_m, distance, document, clause, confidence, distance_reading):
    rule = catalogue[id_]
    assert (rule.limit_m, rule.distance) == (limit_m, distance)
    assert (rule.source.document, rule.source.clause) == (document, clause)
    assert (rule.confidence, rule.readings["distance"]) == (confidence, distance_reading)


@pytest.mark.parametrize(
    ("id_", "limit_m", "confidence"),
    [
        ("fac.primary_school", 500, "secondary"),
        ("fac.junior_school", 1000, "secondary"),
        ("fac.kindergarten", 300, "secondary"),
        ("fac.market", 500, "unverified"),
    ],
)
def test_facility_radii_are_gb50180_and_not_better_read_than_they_are(catalogue, id_, limit_m, confidence):
    rule = catalogue[id_]
    assert (rule.limit_m, rule.confidence, rule.source.document) == (limit_m, confidence, "GB 50180-2018")
    assert rule.can_judge_access
    assert rule.facility == (id_.removeprefix("fac."),)


def test_clinic_has_no_threshold_and_is_not_judged(catalogue):
    rule = catalogue["fac.clinic"]
    assert (rule.metric, rule.threshold, rule.limit_m, rule.can_judge_access) == ("service_radius", None, None, False)


def test_only_whole_codes_are_mandatory_and_their_notes_are_not(catalogue):
    assert catalogue["wc.radius.mandatory"].source.mandatory
    assert catalogue["park.gb55014.cover"].source.mandatory
    assert not catalogue["park.gb51346.cover"].source.mandatory
    assert not catalogue["waste.station.cap30"].source.mandatory  # 4.0.3 explanatory note
    codes = {rule.source.document for rule in catalogue if rule.source.mandatory}
    assert codes <= {"GB 55014-2021", "GB 55013-2021", "GB 55012-2021", "GB 55019-2021", "GB 55038-2025"}


# Checked one by one against what was read:
@pytest.mark.parametrize(
    ("id_", "allowed"),
    [
        ("park.gb51346.cover", True),  # 4.3.4: 500 m, residential land, > 90 % read; service radius read on A.0.3
        ("park.gb51346.cover_new", False),  # land outside the old districts need not be planned anew
        ("park.gb51346.cover_old", True),  # the same clause; a study says which land is old, else it is not judged
        ("park.gb55014.cover", False),  # the clause names neither radius nor denominator
        ("park.cover.eco", False),  # the size classes behind the radius are remembered
        ("park.gb51346d.cover", False),  # a draft
        ("bus.cover500", False),  # "full coverage" of what is not said
        ("bus.cover500_90", False),  # repealed, and of urban land, not residential land
        ("bus.cover.51328", False),  # remembered
        ("wc.radius.mandatory", False),  # a radius without a share to reach
        ("waste.point.gb55013", False),
        ("park.300green", False),  # a slogan
        ("fac.primary_school", False),
        ("ev.public_lot", False),  # a share of spaces, no distance
    ],
)
def test_verdicts_rest_only_on_what_was_read(catalogue, id_, allowed):
    assert catalogue[id_].verdict_allowed is allowed


def test_which_rules_of_the_catalogue_can_say_met_or_not_met(catalogue):
    # Reading more clauses adds to this list; nothing else should.
    assert [r.id for r in catalogue if r.verdict_allowed] == ["park.gb51346.cover", "park.gb51346.cover_old"]


def test_no_verdict_where_the_clause_covers_only_part_of_a_city(catalogue):
    parts = [rule for rule in catalogue if rule.condition is not None and rule.verdict_allowed]
    assert [rule.applies_to_land for rule in parts] == ["old"]  # judged on that part alone


def test_coverage_shares_carry_radius_and_target(catalogue):
    cover = catalogue["park.gb51346.cover"]
    assert (cover.limit_m, cover.denominator, cover.target.share, cover.target.operator) == (500, "land", 0.9, ">")
    assert catalogue["park.gb55014.cover"].target.operator == ">"
    assert catalogue["bus.cover500"].target.share == 1.0
    assert catalogue["bus.cover.51328"].readings["target"] is Reading.UNVERIFIED


def test_a_range_serves_up_to_its_upper_end_and_says_that_this_was_chosen(catalogue):
    rule = catalogue["fac.kindergarten.jgj39"]
    assert (rule.threshold, rule.limit_m, rule.readings["threshold"]) == ((300.0, 500.0), 500.0, Reading.ASSUMED)


def test_park_classes_keep_their_size_bounds(catalogue):
    small = catalogue["park.gb51346.p04"]  # 0.4 to 1 ha, lower bound included, upper not
    assert [small.counts_area(a) for a in (3999.9, 4000.0, 9999.9, 10000.0)] == [False, True, True, False]
    assert catalogue["park.gb51346.c50"].counts_area(1e9)
    assert catalogue["park.500park"].counts_area(1.0)


def test_select(catalogue):
    assert len(catalogue.select(topic="public_toilet")) == 28
    assert [r.id for r in catalogue.select(text="gb 55013 服务半径")] == ["wc.radius.mandatory", "waste.point.gb55013"]
    assert {r.id for r in catalogue.select(facility="square")} == {
        "park.gb51346.cover",
        "park.gb51346.cover_new",
        "park.gb51346.cover_old",
    }
    with pytest.raises(SchemaError, match="did you mean 'public_toilet'"):
        catalogue.select(topic="toilet")
    with pytest.raises(SchemaError, match="did you mean 'public_toilet'"):
        catalogue.select(facility="toilets")


def test_unknown_id_names_the_nearest(catalogue):
    with pytest.raises(SchemaError, match=r"'wc\.radius\.mandatroy'.*did you mean 'wc\.radius\.mandatory'"):
        catalogue["wc.radius.mandatroy"]
    assert "wc.radius.mandatory" in catalogue


def test_rules_that_disagree_name_each_other_by_known_ids(catalogue):
    assert all(other in catalogue for rule in catalogue for other in rule.conflicts_with)


def test_loads_the_same_again_and_only_once(catalogue):
    _load.cache_clear()
    _national.cache_clear()
    again = load_catalogue()
    assert again == catalogue
    assert load_catalogue() is again


def test_places_that_only_may_count_are_marked():
    assert places_counting_as(["primary_school"]) == {
        "primary_school": True,
        "combined_school": True,
        "school": False,  # level unknown: counted by default, with a finding
    }
    assert places_counting_as(["bus_stop"]) == {"bus_stop": True, "bus_station": True}
    assert places_counting_as(["park_green"]) == {"park_green": True}
    assert places_counting_as(["any_green"]) == {"any_green": True, "park_green": True}
