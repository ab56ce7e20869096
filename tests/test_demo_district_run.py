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
    for (rule, _), rows in table.groupby(["rule", "distance"]):
        by_level = rows.groupby("zone_level")[["served", "total"]].sum()
        if not rule.endswith(
            (".adult", ".elderly", ".step_free", ".strict")
        ):  # those of the city: scorecards tell more
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


def test_a_quarter_of_a_hectare_is_enough_for_the_same_two_plots(run):
    # Each plot has about 0.12 ha of free ground.
    plan = run.plans["toilets_quarter_hectare"]
    assert set(plan.sites.index) == {"V1", "V2"}
    assert plan.people_after == run.plans["toilets_two_plots"].people_after
    assert (plan.result.status, plan.result.gap) == ("optimal", 0.0)


def test_two_buildings_for_three_services_stand_where_the_toilets_would(run, on_paper):
    # No such place exists, and 300 m on foot serve 10 houses around a plot: 10 x 100 in S1, 10 x 150 in M2.
    (theme,) = [result for name, result in run.themes.items() if name == "services"]
    tables = {table.name: table.frame for table in theme.tables}
    classes = tables["services_classes"].set_index("class")
    gained = on_paper["toilets_after", "network"] - on_paper["wc.radius.mandatory", "network"]
    assert gained == 10 * 100 + 10 * 150
    assert (classes["served_before"] == 0).all()
    assert (classes["served_after"] == gained).all()
    assert list(classes.index) == ["community_station", "canteen", "day_care"]


def test_green_says_what_the_audits_say(run, on_paper):
    green = run.themes["green"]
    (points,) = [layer.frame for layer in green.layers if layer.name == "green_points"]
    people = run.demand["people"].groupby(points["state"]).sum()
    near, middle = on_paper["park.300green", "network"], on_paper["park.500park", "network"]
    assert people.to_dict() == {"both": near, "park_only": middle - near, "neither": 31_680 - middle}


def test_every_theme_of_the_study_has_its_outputs(run):
    assert set(run.themes) == {
        "living_circle", "green", "toilets", "toilet_spacing", "parking", "charging", "charging_sites",
        "charging_sheds", "services", "waste_generation", "waste_points", "waste_points_sites", "waste_stations",
        "waste_station_audit", "waste_chain", "waste_plant_sorting",
    }  # fmt: skip
    assert all(len(result.layers) and len(result.tables) for result in run.themes.values())
    assert [f.name for f in run.suitability.factors] == ["bus_stop", "people"]
    assert run.plans["toilets_two_plots"].sites["suitability"].between(0, 1).all()
