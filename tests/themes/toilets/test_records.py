"""Rows of the toilet layer: duplicates once, unreadable figures listed, nothing invented."""

import pytest
from shapely import Point, Polygon
from toilet_city import city, frame, toilets

from siting.errors import SchemaError
from siting.themes.toilets import Columns, audit_toilets
from siting.themes.toilets.records import NOT_USED, read_count, read_records


def problems(records):
    return {(r.toilet, r.problem): r.value for r in records.listed.itertuples()}


def balanced(records):
    dropped = int((~records.listed["used"]).sum())
    return records.rows_in == len(records.toilets) + dropped


def test_the_same_toilet_twice_counts_once():
    places = {"a": (0, 0), "b": (0.3, 0), "c": (0, 0.2), "d": (10, 0), "e": (500, 0), "f": (500, 0)}
    names = ["东街公厕", " 东街 公厕", "东街地下公厕", "东街公厕", None, None]
    layer = toilets(places, name=names, female=[4, None, 4, 4, 3, 5])
    records = read_records(city(layer))
    # b says nothing that a does not; c has another name, d is 10 m off, e and f have other stalls.
    assert list(records.toilets.index) == ["a", "c", "d", "e", "f"]
    assert problems(records)["b", "duplicate"] == "a"
    near = next(f for f in records.findings if f.code == "toilets_near")
    assert near.ids == ("a", "c", "d", "e", "f")
    assert balanced(records)


def test_the_row_that_says_more_stays():
    layer = toilets({"a": (0, 0), "b": (0, 0)}, name=["东街", "东街"], female=[None, 4], opening_hours=[None, "24/7"])
    assert list(read_records(city(layer)).toilets.index) == ["b"]


def test_duplicates_that_the_data_names():
    places = {name: (100.0 * k, 0) for k, name in enumerate("abcde")}
    layer = toilets(places, dup_of=[None, "a", "gone", "e", "d"])
    records = read_records(city(layer), Columns(duplicate_of="dup_of"))
    # c points at a row that is not there and stays; of d and e, which point at each other, one stays.
    assert list(records.toilets.index) == ["a", "c", "e"]
    assert problems(records) == {("b", "duplicate"): "a", ("d", "duplicate"): "e", ("c", "other_missing"): "gone"}
    assert balanced(records)


def test_ids_that_a_reader_made_numbers_of_are_found():
    layer = frame([Point(0, 0), Point(99, 0)], [7, 8], **{"class": "public_toilet", "dup_of": [None, 7.0]})
    assert list(read_records(city(layer), Columns(duplicate_of="dup_of")).toilets.index) == ["7"]
    renamed = layer.set_axis(["public_toilet/7", "public_toilet/8"], axis=0)
    assert list(read_records(city(renamed), Columns(duplicate_of="dup_of")).toilets.index) == ["public_toilet/7"]


def test_rows_without_a_place_and_ids_that_repeat():
    layer = frame([Point(0, 0), None, Polygon(), Point(9, 9)], ["a", "b", "c", "a"], **{"class": "public_toilet"})
    records = read_records(city(layer))
    assert list(records.toilets.index) == ["a"]
    assert set(problems(records)) == {("b", "no_place"), ("c", "no_place"), ("a", "duplicate")}
    assert balanced(records)


def test_stalls_that_cannot_be_read_are_listed_and_unknown():
    values = ["12", "１２", "3个", "约5", "5-6", "-1", "2.5", "2000", "", None, "许多"]
    places = {f"t{k:02}": (100.0 * k, 0) for k in range(len(values))}
    records = read_records(city(toilets(places, female=values, male=2)))
    assert records.toilets["female"].tolist()[:3] == [12, 12, 3]
    assert records.toilets["female"].isna().sum() == 8
    found = problems(records)
    bad = {t: v for (t, p), v in found.items() if p == "not_a_count"}
    assert bad == {"t03": "约5", "t04": "5-6", "t05": "-1", "t06": "2.5", "t10": "许多"}
    assert found["t07", "absurd"] == "2000"
    assert len([t for t, p in found if p == "no_stalls"]) == 8
    assert balanced(records)
    assert len(records.toilets) == len(values)  # all are toilets all the same


def test_peak_users_may_be_many():
    assert read_records(city(toilets({"a": (0, 0)}, women=[2000], men=["1,500人"]))).toilets["men"].tolist() == [1500]


def test_toilets_without_any_column_of_stalls_are_not_listed_one_by_one():
    audit = audit_toilets(city(toilets({"a": (0, 0), "b": (50, 0)})))
    assert audit.records.listed.empty
    assert "female to male stalls" in [what.en for what, _ in audit.missing]
    assert (audit.stalls.toilets["state"] == "unknown").all()


def test_hours_are_read_or_listed():
    layer = toilets({"a": (0, 0), "b": (50, 0), "c": (99, 0)}, opening_hours=["24小时", "随商场", None])
    records = read_records(city(layer))
    assert list(records.hours) == ["a"]
    assert problems(records) == {("b", "hours_not_read"): "随商场", ("c", "no_hours"): ""}


def test_toilets_that_are_not_public_do_not_count():
    layer = toilets({"a": (0, 0), "b": (50, 0)}).assign(**{"class": ["public_toilet", "restricted_toilet"]})
    records = read_records(city(layer))
    assert (len(records.toilets), records.rows_in) == (1, 1)
    assert any(f.code == "toilets_restricted" and f.count == 1 for f in records.findings)


def test_a_building_is_a_toilet_at_a_point_inside_it():
    crescent = Polygon([(0, 0), (10, 0), (10, 10), (0, 10), (0, 9), (9, 9), (9, 1), (0, 1)])
    records = read_records(city(frame([crescent], ["a"], **{"class": "public_toilet"})))
    assert crescent.contains(records.toilets.geometry["a"])


def test_a_column_that_is_not_there_is_refused():
    with pytest.raises(SchemaError, match=r"no column 'femal' .*did you mean 'female'"):
        read_records(city(toilets({"a": (0, 0)}, female=[2])), Columns(female="femal"))


@pytest.mark.parametrize(
    ("value", "count"),
    [(3, 3), (3.0, 3), ("1,234", 1234), ("7 厕位", 7), ("3.0", 3), (True, None), (float("inf"), None), ("", None),
     ("≥3", None), ("3+2", None), ("1,23", None), ("三", None)],
)  # fmt: skip
def test_counts(value, count):
    assert read_count(value) == count


def test_every_problem_has_its_words():
    from siting.themes.toilets.records import PROBLEMS

    assert set(NOT_USED) < set(PROBLEMS)


def test_two_that_may_be_one_are_listed_pair_by_pair_and_counted():
    places = {"a": (0, 0), "b": (19.9, 0), "c": (40, 0), "d": (60.1, 0)}  # c is 20.1 m from b and from d
    records = read_records(city(toilets(places, name=["甲", "乙", "丙", "丁"])))
    assert problems(records) == {("a", "near"): "b"}
    assert len(records.toilets) == 4
    assert [(f.count, f.ids) for f in records.findings if f.code == "toilets_near"] == [(2, ("a", "b"))]
