"""`siting rules`: lists what is asked for, explains one rule in full, shows what a pack did to the catalogue."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from siting.cli import app
from siting.errors import SchemaError
from siting.standards import Reading, load_catalogue

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "example-rule-pack.yaml"


@pytest.fixture
def rules():
    def call(*words):
        return CliRunner(env={"LANG": None, "LC_ALL": None}).invoke(app, ["rules", *map(str, words)])

    return call


@pytest.mark.parametrize(
    ("wanted", "holds"),
    [
        ({"topic": "park"}, lambda r: r.topic == "park"),
        ({"tier": "10min"}, lambda r: "10min" in r.tier.split(",")),
        ({"facility": "market"}, lambda r: "market" in r.facility),
        ({"confidence": "secondary"}, lambda r: r.confidence is Reading.SECONDARY),
        ({"document": "gb 50180"}, lambda r: "GB 50180" in f"{r.source.document} {r.source.title}"),
        ({"standing": "retired"}, lambda r: r.source.standing == "retired"),
        ({"distance": "time"}, lambda r: r.distance == "time"),
        ({"verdict": True}, lambda r: r.verdict_allowed),
        ({"tier": "15min", "confidence": "unverified"}, lambda r: "15min" in r.tier and not r.confidence.is_read),
    ],
)
def test_filters_give_exactly_the_rules_that_fit(wanted, holds):
    catalogue = load_catalogue()
    found = catalogue.select(**wanted)
    assert found
    assert found == tuple(rule for rule in catalogue if holds(rule))


@pytest.mark.parametrize("wanted", [{"tier": "15mins"}, {"confidence": "clauses"}, {"standing": "in-force"}])
def test_an_unknown_word_is_refused_with_the_nearest(wanted):
    with pytest.raises(SchemaError, match="did you mean"):
        load_catalogue().select(**wanted)


def test_the_command_filters(rules):
    done = rules("--verdict", "--lang", "en")
    assert done.exit_code == 0
    assert "2 rules: clause read 2" in done.stdout
    assert "park.gb51346.cover_old" in done.stdout
    assert "没有符合条件的规则" in rules("--search", "nonsense", "--lang", "zh").stdout
    assert rules("--tier", "12min").exit_code == 1


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ("适用用地", "旧城区", "可判定达标与否", "条文已读")),
        ("en", ("old districts", "met or not met can be said")),
    ],
)
def test_one_rule_in_full(rules, lang, words):
    text = rules("park.gb51346.cover_old", "--lang", lang).stdout
    for word in words:
        assert word in text


def test_a_pack_shows_beside_what_it_replaces(rules, tmp_path):
    text = rules("waste.point.gb55013", "--pack", EXAMPLE, "--lang", "en").stdout
    assert "DB00/T 0001-2026" in text
    assert "The national rule that it replaces" in text
    assert text.index("70 m") < text.index("120 m")
    laxer = tmp_path / "laxer.yaml"
    laxer.write_text(EXAMPLE.read_text("utf-8").replace("threshold: 70", "threshold: 150"), encoding="utf-8")
    for words in (["waste.point.gb55013"], ["--topic", "waste"]):
        text = rules(*words, "--pack", laxer, "--lang", "zh").stdout
        assert "低于强制性条文" in text
