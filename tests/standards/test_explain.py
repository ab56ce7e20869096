"""The catalogue in words, aligned for a terminal."""

import pytest

from siting.errors import SchemaError
from siting.standards import TOPICS, explain_rule, figure_text, load_catalogue, rule_rows, rules_table
from siting.standards.explain import _wrapped, display_width, verdict_text
from siting.standards.labels import _words

CATALOGUE = load_catalogue()


@pytest.mark.parametrize(("text", "width"), [("", 0), ("abc", 3), ("公厕", 4), ("≤ 300 米", 8), ("(一)", 4)])
def test_display_width(text, width):
    assert display_width(text) == width


def from_column(line, column):
    """The part of a line that a terminal shows from a column on."""
    at = 0
    for position, char in enumerate(line):
        if at == column:
            return line[position:]
        at += display_width(char)
    raise AssertionError((line, column))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("topic", [*TOPICS, None])
def test_columns_line_up(topic, lang):
    head, dashes, *lines = rules_table(CATALOGUE, topic, lang).splitlines()
    rows = rule_rows(CATALOGUE, topic, lang)
    widths = [len(dash) for dash in dashes.split("  ")]
    starts = [sum(width + 2 for width in widths[:k]) for k in range(len(widths))]
    assert lines[len(rows)] == ""
    for line, row in zip(lines[: len(rows)], rows, strict=True):
        for start, cell in zip(starts, row, strict=True):
            assert from_column(line, start).startswith(cell), (row.id, cell)
    assert from_column(head, starts[-1]) == {"zh": "可信度", "en": "confidence"}[lang]


def test_a_row_says_what_is_not_in_the_clause():
    (row,) = [r for r in rule_rows(CATALOGUE, "park", "en") if r.id == "park.300green"]
    assert row[1:] == (
        "Green within 300 m",
        "≤ 300 m",
        "along streets*",
        "people*",
        "—",
        "关于进一步加强城市精细化管理工作的实施方案 (三)2(2)",
        "clause read",
    )
    (row,) = [r for r in rule_rows(CATALOGUE, "transport", "zh") if r.id == "bus.cover.51328"]
    assert (row.figure, row.distance, row.target, row.grade) == (
        "占规划城市人口或用地 ≥ 50%（按 300 米计*）",
        "直线?",
        "≥ 50%?",
        "未核实默认值",
    )


@pytest.mark.parametrize(
    ("id_", "zh", "en"),
    [
        ("wc.radius.mandatory", "≤ 300 米", "≤ 300 m"),
        ("park.gb51346.cover", "占居住用地 > 90%", "> 90% of residential land"),
        ("lc15.walk", "800 – 1,000 米", "800 – 1,000 m"),
        ("lc15.pop", "50,000 – 100,000 人", "50,000 – 100,000 person"),
        ("heat.tj", "≥ 99.6%", "≥ 99.6%"),
        ("evac.road_width", "15 / 7 / 4 米", "15 / 7 / 4 m"),
        ("access.ramp12", "≤ 0.0833 (坡高/坡长)", "≤ 0.0833 rise/run"),
        ("fac.clinic", "未给数值", "no figure"),
        ("waste.coef.K", "1.5 – 1.8", "1.5 – 1.8"),
    ],
)
def test_figures(id_, zh, en):
    text = figure_text(CATALOGUE[id_])
    assert (text.zh, text.en) == (zh, en)


def test_every_unit_and_every_worded_clause_has_chinese_words():
    units = {rule.unit for rule in CATALOGUE} - {"-", "share"}
    assert units <= set(_words("units.yaml"))
    worded = {
        rule.source.clause
        for rule in CATALOGUE
        if any(len(w) > 3 and w.isascii() and w.isalpha() for w in rule.source.clause.split())
    }
    assert worded <= set(_words("clauses_zh.yaml"))
    assert set(_words("clauses_zh.yaml")) <= {rule.source.clause for rule in CATALOGUE}


def test_explain_names_clause_grade_and_why_no_verdict():
    text = explain_rule(CATALOGUE["wc.radius.mandatory"], "en")
    for words in (
        "wc.radius.mandatory  公厕服务半径（强制） / Toilet service radius (mandatory)",
        "GB 55013-2021 市容环卫工程项目规范 [in force, mandatory]",
        "clause      5.0.1",
        "straight line (clause read)",
        "people (assumed here)",
        "the share is reported, no verdict: the clause sets no target",
        "not stated as whole-city coverage",
    ):
        assert words in text, words
    assert "未核实默认值" in explain_rule(CATALOGUE["park_lot.radius.now"], "zh")


@pytest.mark.parametrize(
    ("id_", "words"),
    [
        ("park.gb51346.cover", "met or not met can be said"),
        ("fac.clinic", "not judged: there is no distance limit"),
        ("park.gb55014.cover", "not read in the clause: limit, denominator"),
        ("bus.cover500", "not read in the clause: denominator"),
        ("bus.cover500_90", "superseded or repealed"),
        ("park.gb51346d.cover", "draft"),
        ("park.500park", "the clause sets no target"),
    ],
)
def test_the_reason_for_no_verdict(id_, words):
    assert words in verdict_text(CATALOGUE[id_]).en


def test_an_override_is_shown():
    rule = CATALOGUE.override(CATALOGUE["wc.radius.mandatory"], {"limit_m": 250}, source="某市规划")
    text = explain_rule(rule, "zh")
    assert "本工具设定" in text
    assert "limit_m (某市规划)" in text


def test_lines_fit_the_terminal():
    for rule in CATALOGUE:
        for lang in ("zh", "en"):
            text = explain_rule(rule, lang)
            words = max((display_width(w) for line in text.splitlines()[1:] for w in line.split()), default=0)
            assert all(display_width(line) <= max(104, words + 20) for line in text.splitlines()[1:]), rule.id


def test_wrapping_loses_nothing():
    text = "公共厕所 service radius,以300米为限。See clause 5.0.1 for more."
    lines = _wrapped(text, 20)
    assert all(display_width(line) <= 20 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_unknown_topic():
    with pytest.raises(SchemaError, match="no topic 'parks'; did you mean 'park'"):
        rules_table(CATALOGUE, "parks")
