"""Joint siting in Macau: what new buildings serve is searched again on the streets; more of anything is no worse."""

import geopandas as gpd
import numpy as np
import pytest

from siting import nearest, site_services
from siting.coverage import Searches
from siting.pipeline.execute import prepare
from siting.pipeline.progress import Silent
from siting.pipeline.theming import city_of
from siting.pipeline.travel import Ways
from siting.study import Study


@pytest.fixture(scope="module")
def macau(repository, shared_data):
    path = repository / "tests" / "studies" / "macau.toml"
    study = Study.from_toml(path, {"SITING_DATA": str(shared_data)})
    sources, network, demand = prepare(study, Silent())
    searches = Searches(network, study.settings.study.max_snap_m, sources.entrances)
    return city_of(study, sources, demand.points, Ways(study, sources, network, searches))


@pytest.fixture(scope="module")
def five(macau):
    return site_services(macau, tier="5min", p=5, storeys=3, time_limit_s=20)


def test_the_plan_is_proved_and_moves_people(five):
    assert five.result.status == "optimal"
    assert len(five.buildings) == 5
    assert (five.buildings["count"] > 1).all()
    before, after = five.completeness
    assert 0.2 < before < after < 0.6


def test_who_is_served_by_a_building_is_found_again_on_the_streets(macau, five):
    for need in five.needs:
        has = [need.key in keys.split(",") for keys in five.buildings["services"]]
        sites = gpd.GeoDataFrame(five.buildings[has][["geometry"]])
        again = nearest(macau.network, macau.demand, sites, 2 * need.limit_m)["cost"].to_numpy() <= need.limit_m
        assert np.array_equal(five.result.served[need.key], need.served | again), need.key


def test_room_is_kept_and_zones_add_up(five):
    assert (five.buildings["room_m2"] <= five.buildings["floor_m2"] + 1e-6).all()
    zones = five.by_zone[five.by_zone["level"] == "zone"]
    city = five.by_zone.iloc[0]
    for column in ("people", "newly_served", "all_after"):
        assert zones[column].sum() == pytest.approx(city[column], abs=1e-6)
    assert city["newly_served"] == pytest.approx(five.by_service["newly_served"].sum())
    assert five.buildings["gain"].sum() == pytest.approx(city["newly_served"])


def test_more_buildings_or_more_room_serve_no_fewer(macau, five):
    more = site_services(macau, tier="5min", p=6, storeys=3, candidates=five.candidates)
    tall = site_services(macau, tier="5min", p=5, floor_area=1e6, candidates=five.candidates)
    alone = site_services(macau, ["kindergarten"], p=5, storeys=3, candidates=five.candidates)
    assert five.result.objective <= more.result.objective
    assert five.result.objective <= tall.result.objective
    # Sited by itself a class is served no worse than in a bundle.
    by_class = dict(zip(five.by_service["class"], five.by_service["newly_served"], strict=True))
    assert by_class["kindergarten"] <= alone.by_service["newly_served"].iloc[0]
