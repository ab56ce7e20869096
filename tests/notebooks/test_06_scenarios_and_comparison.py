"""Scenarios: closing never helps, adding never hurts, and the comparison says who changed."""

import re

import pytest
from running import answer, execute, shown


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    return execute("06_scenarios_and_comparison", tmp_path_factory.mktemp("empty"))


def test_closing_loses_and_the_footbridge_wins(notebook):
    numbers = [int(n.replace(",", "")) for n in re.findall(r"([\d,]+) 人", answer(notebook))]
    today, closed, rebuilt, gate = numbers
    assert closed < today
    assert closed < rebuilt
    assert gate == 1_400  # as the README of the district works out for its walled park


def test_the_comparisons_say_who_changed(notebook):
    words = shown(notebook)
    assert "today → closed" in words
    assert "closed → footbridge" in words
    assert "no longer" in words
