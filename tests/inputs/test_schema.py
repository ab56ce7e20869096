"""Columns by name, numbers from text, ids of any type."""

import numpy as np
import pandas as pd
import pytest

from siting.errors import InputError, SchemaError
from siting.inputs.schema import (
    Faults,
    normal_id,
    numeric_column,
    parse_number,
    require_columns,
    some,
    string_ids,
)
from siting.nearest_word import suggest


def table(**columns):
    frame = pd.DataFrame(columns)
    frame.index = pd.Index([f"F{k}" for k in range(len(frame))], name="id")
    return frame


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12.0),
        (" 12.5 ", 12.5),
        ("1,234", 1234.0),
        ("1,234,567.5", 1234567.5),
        ("１２３", 123.0),
        ("１，２３４", 1234.0),
        ("-3", -3.0),
        ("1e3", 1000.0),
        (7, 7.0),
        (np.float32(2.5), 2.5),
    ],
)
def test_row43_unambiguous_text_is_read(text, number):
    assert parse_number(text)[::2] == (number, False)


@pytest.mark.parametrize("text", ["12人", "1,23", "12,34,567", "1.234,5", "10²", "约300", "3-5", "0x10", "1_000", True])
def test_row43_ambiguous_text_is_refused(text):
    assert parse_number(text)[2]


@pytest.mark.parametrize("text", ["", " ", "-", "N/A", "nan", "无", "　"])
def test_row43_signs_of_absence_are_missing(text):
    value, _, bad = parse_number(text)
    assert np.isnan(value)
    assert not bad


def test_row43_column_of_text_lists_what_was_read():
    column = numeric_column(table(people=["1,200", "30", "４"]), "people", "demand")
    assert column.values.tolist() == [1200.0, 30.0, 4.0]
    assert [(f.code, f.count, f.ids) for f in column.findings] == [("number_from_text", 2, ("F0", "F2"))]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        pytest.param([1.0, np.nan, 3.0], r"demand: 1 of 3 rows lack 'people' \(ids F1\)", id="row40-missing"),
        pytest.param([1.0, -2.0, -3.0], r"'people' is negative in 2 rows \(ids F1, F2\)", id="row41-negative"),
        pytest.param([1.0, np.inf, 3.0], r"'people' is infinite in 1 rows \(F1\)", id="row42-infinite"),
        pytest.param(["1", "12人", "3"], r"1 of 3 values of 'people' are no numbers \(F1 '12人'\)", id="row43-unit"),
        pytest.param([True, False, True], r"3 of 3 values of 'people' are no numbers", id="row43-boolean"),
    ],
)
def test_bad_numbers_are_refused_with_their_rows(values, says):
    with pytest.raises(SchemaError, match=says):
        numeric_column(table(people=values), "people", "demand")


def test_row40_fill_is_recorded():
    column = numeric_column(table(people=[1.0, np.nan]), "people", "demand", fill=0)
    assert column.values.tolist() == [1.0, 0.0]
    assert [(f.code, f.kind, f.ids) for f in column.findings] == [("filled", "repaired", ("F1",))]


def test_all_faults_are_raised_at_once():
    frame = table(a=[np.nan, -1.0], b=["x", "2"])
    faults = Faults()
    for name in ("a", "b", "c"):
        numeric_column(frame, name, "demand", faults=faults)
    assert len(faults) == 4
    with pytest.raises(SchemaError) as raised:
        faults.raise_any()
    assert all(
        word in str(raised.value) for word in ("lack 'a'", "'a' is negative", "'b' are no numbers", "no column 'c'")
    )


def test_faults_of_several_kinds_are_input_errors():
    faults = Faults()
    faults.raise_any()
    faults.add("a: b")
    faults.add("c: d", InputError)
    with pytest.raises(InputError, match="- a: b\n- c: d"):
        faults.raise_any()


@pytest.mark.parametrize(
    ("wanted", "hint"), [("POPULATION", "population"), ("populaton", "population"), ("Seats ", "seats")]
)
def test_row48_missing_column_names_the_nearest(wanted, hint):
    with pytest.raises(SchemaError, match=rf"no column '{wanted}'; did you mean '{hint}'\? It has: population, seats"):
        require_columns(table(population=[1], seats=[2]), [wanted], "demand")


def test_row48_nothing_alike_gives_no_hint():
    assert suggest("经度", ["name", "seats"]) is None


def test_row46_ids_of_any_type_are_one_text():
    assert normal_id(1) == normal_id("1") == normal_id(1.0) == normal_id(" 1 ") == normal_id(np.int64(1)) == "1"
    assert normal_id(None) is normal_id(np.nan) is normal_id("  ") is normal_id(pd.NA) is None


@pytest.mark.parametrize(
    ("values", "says"),
    [
        pytest.param(["a", "b", "a"], r"1 ids of 'code' occur more than once \(a\)", id="row45-duplicate"),
        pytest.param([1, "1"], r"occur more than once \(1\)", id="row45-duplicate-across-types"),
        pytest.param(["a", None], r"'code' is empty in 1 rows \(rows 1\)", id="row45-missing"),
        pytest.param([float(2**53 + 2), 1.0], "lost digits", id="row47-float-id"),
        pytest.param([1.5, 2.0], r"holds fractions \(1.5\)", id="row47-fraction"),
    ],
)
def test_bad_ids_are_refused(values, says):
    with pytest.raises(SchemaError, match=says):
        string_ids(values, "facilities", "code")


def test_row47_large_integers_keep_every_digit():
    assert list(string_ids([2**60 + 1, 2**60 + 2], "x", "id")) == [str(2**60 + 1), str(2**60 + 2)]


def test_long_lists_are_shortened():
    assert some(range(7)) == "0, 1, 2, 3, 4 and 2 more"
