"""What a notebook shows for a value: names escaped, figures those of the value, confidence and proof beside them."""

from dataclasses import replace

import pytest
from html_tags import Tags

import siting
from siting.ledger import Text
from siting.locate.plans.card import plan_card, result_card
from siting.locate.plans.model_words import MODELS
from siting.locate.plans.unanswered import NoPlan
from siting.sample import sample_study
from siting.standards import Reading

EVIL = Text("<img src=x onerror=1>", "<b>bold</b>")


@pytest.fixture(scope="module")
def district():
    return siting.Study.from_toml(sample_study("demo-district"))


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Return a short run: two rules, one of them not to be judged, and a plan."""
    folder = sample_study("demo-district").parent
    text = f"""
[study]
name = "short"
title_zh = "短<i>"
title_en = "short<i>"
boundary = '{folder / "boundary.geojson"}'
[streets]
source = '{folder / "streets.geojson"}'
[demand]
source = '{folder / "buildings.geojson"}'
id = "id"
population = "people"
[facilities]
bus_stop = {{ source = '{folder / "bus_stops.geojson"}', id = "id" }}
[[audit]]
rule = "bus.cover500"
[[audit]]
rule = "fac.clinic"
[[locate]]
name = "more"
rule = "bus.cover500"
model = "mclp"
p = 2
candidates = {{ source = "street", spacing_m = 400 }}
"""
    path = tmp_path_factory.mktemp("short") / "study.toml"
    path.write_text(text, encoding="utf-8")
    return siting.run(siting.Study.from_toml(path))


def read(value):
    tags = Tags(value._repr_html_())
    assert tags.open == []
    return tags


def test_a_run_shows_shares_verdicts_grades_and_proofs(shown):
    text = read(shown).text
    audit, plan = shown.audits["bus.cover500"], shown.plans["more"]
    for part in (
        "短<i>",
        f"{audit.headline('people').share:.1%}",
        audit.rule.confidence.text.en,
        "未评估 not judged",
        "2 rules: 0 met, 0 not met, 1 without verdict, 1 not judged",
        f"{plan.people_before:,.0f} → {plan.people_after:,.0f}",
        "已证明最优 proved optimal",
    ):
        assert part in text
    # The rule that was not judged has dashes for its shares.
    assert text.count("—") >= 4


def test_a_run_of_many_rules_shows_their_table_on_a_click(shown):
    assert "<details open" in shown._repr_html_()
    many = {f"a{i}": shown.audits["bus.cover500"] for i in range(16)}
    assert "<details open" not in replace(shown, audits=many)._repr_html_()


def test_an_audit_shows_every_share_with_its_measure(shown):
    audit = shown.audits["bus.cover500"]
    text = read(audit).text
    for share in audit.shares.values():
        assert f"{share.share:.1%}" in text
    assert "(the rule's)" in text
    assert audit.rule.source.document in text
    assert "no threshold" in read(shown.audits["fac.clinic"]).text


def test_a_verdict_is_a_word_and_not_only_a_colour(shown):
    audit = shown.audits["bus.cover500"]
    for passes, word in ((True, "met"), (False, "not met"), (None, "no verdict")):
        assert word in read(replace(audit, passes=passes)).text


def test_a_plan_shows_its_proof_its_sites_and_its_limit(shown):
    plan = shown.plans["more"]
    text = read(plan).text
    for part in ("500 米", f"{plan.result.bound:,.0f}", plan.sites["name_en"].iloc[0], plan.rule.confidence.text.zh):
        assert part in text
    unproved = replace(plan.result, status="feasible", bound=plan.result.objective * 1.25)
    assert "no plan reaches over 25.0% more" in Tags(plan_card(replace(plan, result=unproved))).text
    assert "proved" not in Tags(plan_card(replace(plan, result=unproved))).text
    assert EVIL.en in Tags(plan_card(replace(plan, title=EVIL))).text


def test_a_plan_without_people_says_that_they_are_unknown(shown):
    plan = replace(shown.plans["more"], people_before=None, people_after=None)
    assert "服务人口 people served—" in read(plan).text


def test_a_siting_result_names_its_model(shown):
    result = shown.plans["more"].result
    assert "最大覆盖" in read(result).text
    assert len(MODELS) >= 8
    assert "mine" in Tags(result_card(replace(result, model="mine"))).text
    for name in result.site_ids:
        assert str(name) in read(result).text


def test_a_study_shows_what_it_would_do(district):
    text = read(district).text
    for part in ("toilets_two_plots", "park.500park", "EPSG:4548", "community", "toilets_gcj02_gbk.csv"):
        assert part in text
    assert str(district.folder) not in text


def test_a_study_names_its_files_and_not_where_they_lie(shown):
    text = read(shown.study).text
    assert "buildings.geojson" in text
    assert str(sample_study("demo-district").parent) not in text


def test_the_catalogue_is_a_table_of_every_rule(district):
    catalogue = district.catalogue
    tags = read(catalogue)
    assert tags.seen.count("code") == len(catalogue)
    for grade in {rule.confidence for rule in catalogue}:
        assert f"{sum(rule.confidence is grade for rule in catalogue)} {grade.text.zh}" in tags.text


def test_every_rule_can_be_shown_with_its_grade(district):
    for rule in district.catalogue:
        text = read(rule).text
        assert rule.id in text
        assert rule.confidence.text.both() in text
    own = district.catalogue.override(district.catalogue["park.500park"], {"limit_m": 400}, source="<i>mine</i>")
    assert "set by the study" in read(own).text
    assert "<i>mine</i>" in read(own).text
    assert Reading.UNVERIFIED.text.zh in read(district.catalogue["fac.market"]).text


def test_a_theme_shows_its_sentences_and_how_to_take_its_layers(shown):
    theme = siting.ThemeResult(theme="t", title=EVIL, headlines=(EVIL,), missing=((EVIL, Text("无图层", "no layer")),))
    tags = read(theme)
    assert "img" not in tags.seen
    assert "no layer" in tags.text


def test_a_comparison_shows_before_and_after(shown, tmp_path):
    folder = shown.write(tmp_path / "before")
    found = siting.compare_runs(folder, folder)
    text = read(found).text
    assert "before → before" in text
    share = f"{shown.audits['bus.cover500'].headline('people').share:.1%}"
    assert text.count(share) == 2
    assert str(tmp_path) not in text


def test_a_plan_that_nobody_can_make_is_shown_with_its_reason(shown):
    none = NoPlan(name="too_few", title=EVIL, model="mclp", rule=None, status="infeasible", reason="<i>no room</i>")
    text = read(replace(shown, infeasible={"too_few": none})).text
    assert "没有方案 no plan" in text
    assert "<i>no room</i>" in text
