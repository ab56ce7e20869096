"""The builder of cards: escaped, balanced, in both languages, a dash where nothing is known."""

import math

import pytest
from html_tags import Tags

from siting.display import DASH, Markup, card, code, count, escaped, facts, folded, grid, lines, percent, tag, warnings
from siting.ledger import Finding, Text

EVIL = '<script>alert("x")</script>&'


def whole():
    evil = Text(EVIL, f"en {EVIL}")
    found = [Finding(code="c", kind="warning", count=1, text=evil)]
    return card(
        EVIL,
        facts([(evil, EVIL), (Text("无", "none"), None)]),
        grid((evil, evil), [(EVIL, evil), (None, math.nan)], figures=(1,)),
        lines([evil, EVIL]),
        folded(evil, lines([EVIL])),
        warnings(found),
        kind=evil,
        marks=[tag(evil, "caution"), code(EVIL)],
    )


def test_whatever_goes_in_comes_out_as_text():
    tags = Tags(whole())
    assert tags.open == []
    assert "script" not in tags.seen
    assert tags.text.count('<script>alert("x")</script>&') >= 12


def test_no_colour_is_set_for_text_or_ground():
    # The colours of the notebook's theme, light or dark, stay: only borders have colours of their own.
    for style in Tags(whole()).styles:
        assert not {part.split(":")[0].strip() for part in style.split(";")} & {"color", "background"}
        assert "background" not in style


def test_what_is_not_known_is_a_dash_and_never_zero():
    assert escaped(None) == escaped(math.nan) == escaped(count(None)) == escaped(percent(None)) == DASH
    assert escaped(count(math.nan)) == escaped(percent(math.nan)) == DASH
    assert escaped(count(0.0)) == "0"
    assert "unreachable" in escaped(count(math.inf))


@pytest.mark.parametrize(
    ("share", "shown"),
    [(1.0, "100.0%"), (0.99999, "> 99.9%"), (0.999, "99.9%"), (0.00001, "< 0.1%"), (0.0, "0.0%"), (0.1234, "12.3%")],
)
def test_nearly_all_is_not_all_and_nearly_none_is_not_none(share, shown):
    assert percent(share) == shown


@pytest.mark.parametrize(("value", "shown"), [(12345.0, "12,345"), (3.25, "3.25"), (1234.56, "1,235"), (7, "7")])
def test_numbers(value, shown):
    assert count(value) == shown


def test_a_phrase_that_is_one_in_both_languages_stands_once():
    assert escaped(Text("EPSG:4548", "EPSG:4548")) == "EPSG:4548"
    assert Tags(escaped(Text("人口", "people"))).text == "人口 people"


def test_finished_markup_is_not_escaped_again():
    assert escaped(Markup("<b>1</b>")) == "<b>1</b>"


def test_many_warnings_unfold_and_the_same_one_stands_once():
    def findings(n):
        return [Finding(code="c", kind="warning", count=1, text=Text(f"第 {i} 条", f"no. {i}")) for i in range(n)]

    assert warnings([]) == ""
    assert warnings([Finding(code="c", kind="note", count=1, text=Text("注", "note"))]) == ""
    assert "details" not in Tags(warnings(findings(5) * 2)).seen
    many = Tags(warnings(findings(6)))
    assert "details" in many.seen
    assert many.seen.count("li") == 6
