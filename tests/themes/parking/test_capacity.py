"""Texts of capacities: what is a number, what is about one, and what stays unknown."""

import numpy as np
import pytest

from siting.themes.parking.capacity import READINGS, read_spaces


@pytest.mark.parametrize(
    ("text", "spaces", "reading"),
    [
        (120, 120, "stated"),
        (120.0, 120, "stated"),
        ("120", 120, "stated"),
        ("120辆", 120, "stated"),
        ("１２０个车位", 120, "stated"),
        ("1,234 个泊位", 1234, "stated"),
        ("85個車位", 85, "stated"),
        ("60 spaces", 60, "stated"),
        ("0", 0, "stated"),
        ("约80", 80, "about"),
        ("約 80 輛", 80, "about"),
        ("80余个", 80, "about"),
        ("80个左右", 80, "about"),
        ("~80", 80, "about"),
        ("approx. 80", 80, "about"),
        ("100+", 100, "about"),
        ("80-100", None, "range"),
        ("80~100辆", None, "range"),
        ("80至100个", None, "range"),
        ("-5", None, "negative"),
        (-5.0, None, "negative"),
        ("99999999", None, "absurd"),
        (float("inf"), None, "absurd"),
        ("12.5", None, "not_whole"),
        ("地上50地下120", None, "unreadable"),
        ("10²", None, "unreadable"),
        ("yes", None, "unreadable"),
        ("80停车场", None, "unreadable"),
        (None, None, "missing"),
        (float("nan"), None, "missing"),
        ("不详", None, "missing"),
        ("", None, "missing"),
    ],
)
def test_a_text_is_a_number_or_stays_unknown(text, spaces, reading):
    """Every row comes back with a number or the reason why there is none."""
    found = read_spaces([text], 20_000)
    assert found.reading[0] == reading
    assert np.isnan(found.spaces[0]) if spaces is None else found.spaces[0] == spaces
    assert set(found.reading) <= set(READINGS)
