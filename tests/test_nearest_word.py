import pytest

from siting.nearest_word import hint, suggest


@pytest.mark.parametrize(
    ("word", "known", "answer"),
    [
        ("max_snap", ["max_snap_m", "min_spacing_m"], "max_snap_m"),
        ("toilet", ["public_toilet", "mall"], "public_toilet"),
        ("Public-Toilet", ["public_toilet"], "public_toilet"),
        ("populaton", ["population", "pollution"], "population"),
        ("qqq", ["population"], None),
        ("", ["population"], None),
        ("ab", [], None),
        ("cat", ["bat", "hat"], "bat"),  # equally near: the first in the alphabet
    ],
)
def test_suggest(word, known, answer):
    assert suggest(word, known) == answer
    assert suggest(word, iter(reversed(known))) == answer


def test_hint():
    assert hint("limt", ["limit"]) == "; did you mean 'limit'?"
    assert hint("zzz", ["limit"]) == ""
