"""One headline figure is the same wherever a reader meets it: summary, tables, layers, report, page and map words."""

import base64
import gzip
import json
import re

import pytest
from opened_page import written
from report_reading import docx_tables, html_tables
from report_written import Written

import siting
from siting.display import increase, percent, whole
from siting.outputs.columns import safe_name
from siting.outputs.layers import result_layers
from siting.outputs.maps.words import coverage_headline, plan_headline
from siting.outputs.report.figures import amount
from siting.sample import sample_study


def page_data(path):
    packed = max(re.findall(r">\s*([A-Za-z0-9+/=]{1000,})\s*<", path.read_text(encoding="utf-8")), key=len)
    return json.loads(gzip.decompress(base64.b64decode(packed)))


@pytest.fixture(scope="module")
def met(tmp_path_factory):
    """Everything that a reader of the demo district meets."""
    folder = tmp_path_factory.mktemp("met")
    run = siting.run(siting.Study.from_toml(sample_study("demo-district")))
    report = Written(run, folder, maps=False)
    return run, report, page_data(written(run, folder / "map.html"))


def test_shares_and_amounts_of_every_rule_agree(met):
    run, report, page = met
    rules = report.csv("rules").set_index("rule")
    shown = {row["id"]: row for row in page["rules"]}
    demand = result_layers(run)[0]["demand"]
    tables = [dict(zip(rules.index, read["rules"][1:], strict=True)) for read in (
        html_tables(report.html), docx_tables(report.docx)
    )]  # fmt: skip
    judged = [name for name in rules.index if rules.loc[name, "judged"]]
    assert len(judged) == 10
    for name in judged:
        row, counted = rules.loc[name], rules.loc[name, "denominator"]
        own = report.summary["rules"][name][counted]
        whole_text = f"{amount(own['served'], counted)} / {amount(own['total'], counted)}"
        assert row["share"] == pytest.approx(own["share"], rel=1e-9)
        assert shown[name]["share"] == own["share"]
        assert (shown[name]["served"], shown[name]["total"]) == (own["served"], own["total"])
        for lang in ("zh", "en"):
            assert percent(own["share"]) in coverage_headline(run.audits[name], lang)
        for table in tables:
            cells = [cell.replace("\u00a0", " ") for cell in table[name]]
            assert (cells[3], cells[4]) == (whole_text, percent(own["share"]))
        people = report.summary["rules"][name]["people"]
        served = demand[f"served_{safe_name(name)}"].astype(bool)
        assert demand["people"][served].sum() == pytest.approx(people["served"], abs=1e-6)


def test_gaps_hold_the_people_that_are_not_served(met):
    run, report, page = met
    gaps = result_layers(run)[0]["gaps"]
    for name, said in report.summary["gaps"].items():
        of_rule = gaps[gaps["rule"] == name]
        assert len(of_rule) == said["count"]
        assert next(r["gaps"] for r in page["rules"] if r["id"] == name) == said["count"]
        if said["people"] is not None:
            people = report.summary["rules"][name]["people"]
            assert of_rule["people"].sum() == pytest.approx(said["people"], abs=1e-6)
            assert said["people"] == pytest.approx(people["total"] - people["served"], abs=1e-6)


def test_people_of_every_plan_agree(met):
    run, report, page = met
    plans = report.csv("plans").set_index("plan")
    tables = [read(path) for read, path in ((html_tables, report.html), (docx_tables, report.docx))]
    sites = result_layers(run)[0]["sites"]
    for shown in page["plans"]:
        name, own = shown["id"], report.summary["locate"][shown["id"]]
        before, after = own["people_before"], own["people_after"]
        assert (plans.loc[name, "people_before"], plans.loc[name, "people_after"]) == (before, after)
        assert (shown["steps"][0], shown["steps"][-1]) == pytest.approx((before, after), abs=1e-6)
        assert len(shown["steps"]) - 1 == len(own["sites"]) == plans.loc[name, "sites"] == (sites["plan"] == name).sum()
        for lang in ("zh", "en"):
            assert f"{whole(before)} → {whole(after)}" in plan_headline(run.plans[name], lang)
        for table in tables:
            assert len(table[f"sites-{name}"]) - 1 == len(own["sites"])


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.3125, "31.3%"), (0.0625, "6.3%"), (1 - 1e-9, "> 99.9%"), (1e-9, "< 0.1%"), (1, "100.0%"), (0, "0.0%")],
)
def test_halves_of_a_share_go_up_and_nearly_all_is_not_all(share, said):
    assert percent(share) == said


def test_a_gain_is_what_a_reader_gets_by_subtracting():
    """430,248.6 and 538,490.4 differ by 108,241.8, but their rounded forms by 108,241."""
    assert (whole(430_248.6), whole(538_490.4)) == ("430,249", "538,490")
    assert increase(430_248.6, 538_490.4) == "+108,241"
