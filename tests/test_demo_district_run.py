"""The study file of the synthetic district, run as a planner runs it, gives the figures of its README."""

import csv
from pathlib import Path

import pytest

import siting
from siting.pipeline import Run


@pytest.fixture(scope="module")
def run(repository: Path) -> Run:
    return siting.run(siting.Study.from_toml(repository / "data" / "demo-district" / "study.toml"))


@pytest.fixture(scope="module")
def on_paper(repository: Path) -> dict[tuple[str, str], int]:
    with (repository / "data" / "demo-district" / "expected.csv").open(encoding="utf-8") as file:
        return {(r["key"], r["distance"]): int(r["people"]) for r in csv.DictReader(file)}


def test_every_figure_of_the_readme(run, on_paper):
    found = {
        (rule, distance): run.audits[rule].shares[distance, "people"].served / 1000
        for rule, distance in on_paper
        if rule in run.audits
    }
    assert found == {key: people for key, people in on_paper.items() if key[0] in run.audits}
    assert len(found) == 11
    assert all(a.shares[a.distance, "people"].total == 31_680_000 for a in run.audits.values() if a.judged)


def test_a_rule_without_a_radius_is_listed_and_not_judged(run):
    assert [name for name, audit in run.audits.items() if not audit.judged] == ["fac.clinic"]
    assert run.audits["fac.clinic"].reason is not None


def test_zones_add_up_to_the_district(run):
    table = run.indicators.query("denominator == 'people' and judged")
    for _, rows in table.groupby(["rule", "distance"]):
        by_level = rows.groupby("zone_level")[["served", "total"]].sum()
        assert set(by_level.index) == {"city", "community", "subdistrict"}
        assert (by_level == by_level.loc["city"]).all(axis=None)


def test_two_plots_for_toilets(run, on_paper):
    plan = run.plans["toilets_two_plots"]
    assert set(plan.sites.index) == {"V1", "V2"}
    assert plan.people_before == on_paper["wc.radius.mandatory", "straight"]
    assert plan.people_after == on_paper["toilets_after", "straight"]
    assert (plan.result.status, plan.result.gap) == ("optimal", 0.0)
    refused = plan.candidates[~plan.candidates["allowed"]]
    assert list(refused.index) == ["V3"]  # in the protected zone


def test_one_bus_stop_serves_everybody(run):
    plan = run.plans["bus_stops_for_all"]
    assert (plan.result.objective, plan.result.bound, plan.result.status) == (1.0, 1.0, "optimal")
    assert plan.people_after == 31_680


def test_nothing_is_lost(run):
    assert len(run.unsnapped) == 0
    assert all(account.rows_in == account.rows_used for account in run.accounts)
