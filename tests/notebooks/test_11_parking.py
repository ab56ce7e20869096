"""Parking of the demo district: the figures that its README works out on paper."""

import pytest
from running import answer, execute, shown


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    return execute("11_parking", tmp_path_factory.mktemp("empty"))


def test_the_answer_is_that_on_paper(notebook):
    """3,168 cars at night, three columns 180 short and C1 30; the office's 40 spaces take these 30."""
    said = answer(notebook)
    assert "570 of 3,168 cars (18.0%) have no space within 300 m" in said
    assert "夜间 3,168 辆车中 570 辆（18.0%）在 300 米内无泊位" in said
    assert "By day 0 are short" in said
    assert "30 more cars park, 540 stay short" in said
    assert "未核实默认值 unverified default" in said


def test_the_plan_removes_nine_tenths_and_is_proved(notebook):
    """513 of 570 cars at least: at most 57 stay short, whatever places the plan takes."""
    said = answer(notebook)
    left = int(said.split("at assumed prices), ")[1].split(" stay short")[0])
    assert left <= 57
    assert "proved best" in said
    assert "not proved best" not in said
    assert "build up surface lots that stand" in shown(notebook)


def test_counting_in_a_radius_sees_no_shortage(notebook):
    """Every house counts the spaces that its neighbours count too, and finds enough for its own cars."""
    assert "counting the spaces in the radius finds 0" in answer(notebook)
    assert "short_at_least" in shown(notebook)


def test_texts_that_are_no_numbers_are_shown(notebook):
    words = shown(notebook)
    for text in ("若干", "-8", "100-150", "about"):
        assert text in words
