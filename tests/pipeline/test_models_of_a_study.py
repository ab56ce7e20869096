"""Every model in one study of the packaged district, held against direct calls of `siting.locate`."""

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from siting import Study, cost_matrix, locate, run
from siting.errors import InputError
from siting.locate.capacitated_cover import capacitated_cover

DISTRICT = Path(__file__).parents[2] / "data" / "demo-district"
HEAD = """
[study]
name = "models"
crs = "EPSG:4548"
boundary = "boundary.geojson"
zones = [{ source = "communities.geojson", level = "community", id = "id", name = "name" }]
[streets]
source = "streets.geojson"
[demand]
source = "buildings.geojson"
id = "id"
population = "people"
[facilities]
market = { source = "markets.geojson", id = "id", name = "name" }
clinic = { source = "clinics.geojson", id = "id", name = "name" }
primary_school = { source = "primary_schools.geojson", id = "id", name = "name", capacity = "places" }
[land]
vacant = "vacant_plots.geojson"
"""
COARSE = 'candidates = { source = "street", spacing_m = 400 }\n'
ENTRIES = {
    "median": 'facility = ["market"]\nmodel = "p_median"\np = 2\nalternatives = 2\n' + COARSE,
    "center": 'rule = "fac.market"\nmodel = "p_center"\np = 2\n' + COARSE,
    "slow": 'facility = ["market"]\nmodel = "p_center"\np = 1\nprofile = "elderly"\n' + COARSE,
    "apart": 'facility = ["market"]\nmodel = "p_dispersion"\np = 3\n' + COARSE,
    "twice": 'facility = ["market"]\nlimit_m = 1000\nmodel = "backup_coverage"\n' + COARSE,
    "fading": 'facility = ["market"]\nlimit_m = 300\nreach_m = 900\nmodel = "gradual_cover"\np = 2\n' + COARSE,
    "money": 'facility = ["clinic"]\nmodel = "facility_location"\ncost = "area_ha"\ncost_per_person_km = 0.0005\n'
    'candidates = "vacant"\n',
    "places": 'facility = ["primary_school"]\nmodel = "capacitated"\ncapacity = 20000\np = 2\n' + COARSE,
    "crowded": 'facility = ["primary_school"]\nmodel = "capacitated"\ncapacity = 20\np = 2\n' + COARSE,
    "room": 'facility = ["primary_school"]\nmodel = "capacitated_cover"\nlimit_m = 600\ncapacity = 900\np = 2\n'
    + COARSE,
    "everywhere": 'facility = ["market"]\nmodel = "p_median"\np = 9\nat_least = { sites = 1 }\n' + COARSE,
    "too_few": 'facility = ["market"]\nmodel = "p_median"\np = 1\nat_least = { sites = 2 }\n' + COARSE,
    "one_zone": 'facility = ["market"]\nlimit_m = 500\np = 1\nat_least = { sites = 2, zones = ["M1"] }\n' + COARSE,
    "full": 'facility = ["market"]\nmodel = "p_median"\np = 1\nat_most = { sites = 0 }\n' + COARSE,
}


def study_of(folder, entries):
    text = HEAD + "".join(f'[[locate]]\nname = "{name}"\ntime_limit_s = 30\n{keys}' for name, keys in entries.items())
    for file in DISTRICT.glob("*.geojson"):
        shutil.copy(file, folder)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return Study.from_toml(folder / "study.toml")


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    return run(study_of(tmp_path_factory.mktemp("models"), ENTRIES))


@pytest.fixture(scope="module")
def markets(done):
    """The costs that a model reads: candidates along the streets, then the markets that exist."""
    found = done.facilities
    markets = gpd.GeoDataFrame(found[found["class"] == "market"])
    places = done.plans["median"].candidates
    cost = [cost_matrix(done.network, done.demand, layer, None).to_dense() for layer in (places, markets)]
    return np.concatenate(cost, axis=1), list(range(len(places), len(places) + len(markets))), places


def figure(plan, key):
    return next((one.before, one.after) for one in plan.measures if one.key == key)


def test_p_median_is_that_of_a_direct_call(done, markets):
    cost, existing, places = markets
    plan, weight = done.plans["median"], done.demand["people"].to_numpy()
    direct = locate.p_median(cost, weight, 2, existing=existing)
    assert plan.result.status == "optimal"
    assert plan.result.objective == pytest.approx(direct.objective)
    assert sorted(plan.sites.index) == sorted(places.index[direct.sites])
    assert figure(plan, "mean_distance_m") == pytest.approx(
        ((weight @ cost[:, existing].min(axis=1)) / weight.sum(), direct.objective / weight.sum())
    )
    assert 1 <= len(plan.alternatives) <= 3
    assert plan.alternatives[0].result.site_ids == plan.result.site_ids
    assert plan.sites["load"].sum() < weight.sum()


def test_p_center_is_that_of_a_direct_call(done, markets):
    cost, existing, _ = markets
    plan = done.plans["center"]  # its rule speaks of straight lines
    homes = np.column_stack([done.demand.geometry.x, done.demand.geometry.y])
    sites = gpd.GeoDataFrame(plan.candidates)
    there = np.concatenate([sites.geometry, done.facilities.geometry[done.facilities["class"] == "market"]])
    straight = np.hypot(*(homes[:, None] - np.array([[p.x, p.y] for p in there])[None]).transpose(2, 0, 1)).round(3)
    direct = locate.p_center(straight, 2, existing=existing)
    assert plan.result.objective == direct.objective
    assert figure(plan, "worst_distance_m") == (straight[:, existing].min(axis=1).max(), direct.objective)
    assert plan.people_after >= plan.people_before > 0
    slow = done.plans["slow"]
    assert (slow.distance, slow.limit_text) == ("time", None)
    assert slow.measures[0].key == "worst_time_min"
    direct = locate.p_center(cost / 0.8, 1, existing=existing)
    assert slow.result.objective == pytest.approx(direct.objective, abs=0.01)


def test_p_dispersion_is_that_of_a_direct_call(done, markets):
    places = markets[2]
    stands = done.facilities[done.facilities["class"] == "market"]
    at = gpd.GeoDataFrame(geometry=[*places.geometry, *stands.geometry], crs=places.crs)
    table = cost_matrix(done.network, at, at, None).to_dense()
    direct = locate.p_dispersion(table, 3, existing=list(range(len(places), len(at))))
    assert figure(done.plans["apart"], "smallest_separation_m") == (None, direct.objective)


def test_backup_and_gradual_cover_are_those_of_direct_calls(done, markets):
    cost, existing, _ = markets
    weight = done.demand["people"].to_numpy()
    near = np.flatnonzero((cost <= 1000).any(axis=1))
    direct = locate.backup_coverage(cost[near], 1000.0, weight[near], existing=existing)
    plan = done.plans["twice"]
    assert figure(plan, "served_twice")[1] == plan.result.objective == direct.objective
    assert figure(plan, "served_once") == figure(plan, "served") == (plan.people_before, plan.people_after)
    assert len(plan.unserved_after) == len(cost) - len(near)
    assert plan.gains_by_zone["gained"].sum() == pytest.approx(plan.people_after - plan.people_before)
    fading = locate.gradual_cover(cost, weight, 300.0, 900.0, 2, existing=existing)
    assert figure(done.plans["fading"], "covered")[1] == pytest.approx(fading.objective)


def test_money_is_that_of_the_prices(done):
    plan = done.plans["money"]
    going = figure(plan, "weighted_cost")
    opening = plan.sites["area_ha"].sum()
    assert figure(plan, "opening_cost") == (0.0, pytest.approx(opening))
    assert plan.result.objective == pytest.approx(opening + 0.0005 * going[1])
    assert figure(plan, "total_cost")[0] == pytest.approx(0.0005 * going[0])
    assert plan.result.objective <= 0.0005 * going[0]


def test_capacities_hold_and_too_little_room_is_no_plan(done):
    plan = done.plans["places"]
    people = done.demand["people"].sum()
    schools = done.facilities[done.facilities["class"] == "primary_school"]
    assert plan.result.flows.sum() == pytest.approx(people)
    assert all(load <= 20000 for load in plan.sites["load"])
    assert figure(plan, "without_place") == (people - schools["capacity"].sum(), 0.0)
    assert done.infeasible["crowded"].status == "infeasible"


def test_cover_with_capacities_counts_who_has_a_place(done):
    plan, weight = done.plans["room"], done.demand["people"].to_numpy()
    schools = done.facilities[done.facilities["class"] == "primary_school"]
    places = plan.candidates
    cost = np.concatenate(
        [cost_matrix(done.network, done.demand, one, 600.0).to_dense() for one in (places, schools)], 1
    )
    existing = list(range(len(places), len(places) + len(schools)))
    room = np.concatenate([np.full(len(places), 900.0), schools["capacity"]])
    direct = capacitated_cover(cost, weight, 600.0, 2, room, existing=existing)
    assert plan.people_after == figure(plan, "placed")[1] == pytest.approx(direct.objective)
    assert plan.result.objective == direct.objective
    assert plan.people_before == schools["capacity"].sum()  # more people than places live near every school
    assert figure(plan, "served")[1] >= plan.people_after
    assert len(plan.unserved_after) > 0


def test_zones_have_their_sites(done):
    plan = done.plans["everywhere"]
    zones = gpd.read_file(DISTRICT / "communities.geojson").set_index("id").to_crs(plan.sites.crs)
    stands = done.facilities[done.facilities["class"] == "market"]
    for zone, area in zones.geometry.items():
        assert area.intersects([*plan.sites.geometry, *stands.geometry]).any(), zone
    assert len(done.plans["one_zone"].sites) == 1
    assert "needs 2 sites" in done.infeasible["too_few"].reason
    assert "at_most allows 0 sites in zone" in done.infeasible["full"].reason


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ('rule = "fac.market"\nmodel = "p_median"\np = 2\nreach_m = 300\n', "reach_m = 300 is less than the 500 m"),
        ('rule = "fac.market"\nmodel = "p_median"\np = 2\nreach_min = 9\n', None),
        (
            'facility = ["market"]\nmodel = "gradual_cover"\np = 2\nreach_m = 900\nrule = "fire.5min"\n',
            "give reach_min",
        ),
        ('rule = "fire.5min"\nmodel = "p_dispersion"\np = 2\n', "model p_dispersion counts metres"),
        ('facility = ["market"]\nmodel = "p_center"\np = 2\nat_least = { zones = ["M77"] }\n', "names zone 'M77'"),
    ],
)
def test_what_contradicts_the_rule_or_the_zones_is_refused(tmp_path, keys, fault):
    study = study_of(tmp_path, {"here": keys + COARSE})
    if fault is None:
        assert run(study).plans["here"].distance == "time"
        return
    with pytest.raises(InputError, match=fault) as told:
        run(study)
    assert "locate 'here'" in str(told.value)
