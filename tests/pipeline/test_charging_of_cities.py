"""Charging of real cities: stations, car parks and plans whose figures can be explained from the data."""

import functools
import json

import numpy as np
import pytest
import shapely

from siting.pipeline import Run, run
from siting.study import Study

CITIES = ("macau", "las_palmas")


@pytest.fixture(scope="module")
def city_of(repository, shared_data, tmp_path_factory):
    """Run the charging of each city once, without its other themes and plans."""

    @functools.cache
    def run_city(name: str) -> Run:
        text = (repository / "tests" / "studies" / f"{name}.toml").read_text(encoding="utf-8")
        text = only_charging(text) + '[[audit]]\nrule = "park_lot.radius.now"\n'
        file = tmp_path_factory.mktemp(name) / "study.toml"
        file.write_text(text, encoding="utf-8")
        return run(Study.from_toml(file, {"SITING_DATA": str(shared_data)}))

    return run_city


def only_charging(text: str) -> str:
    """Leave out the tables of a study that charging has no use for."""
    others = ("living_circle", "green", "toilets", "parking", "audit", "locate", "services", "suitability")
    kept, keep = [], True
    for line in text.splitlines(keepends=True):
        if line.startswith("["):
            keep = line.strip("[]\n ").split(".")[0].split("]")[0] not in others
        if keep:
            kept.append(line)
    return "".join(kept)


@pytest.fixture(scope="module", params=CITIES)
def city(request, city_of) -> Run:
    return city_of(request.param)


def test_stations_are_those_of_the_source(city):
    theme = city.themes["charging"]
    figures, stations = theme.figures, theme.layer("charging_stations").frame
    # Mapped charging stations open to cars: 14 in Macau, 5 in Las Palmas; none stands twice.
    assert len(stations) == {"macau": 14, "las-palmas": 5}[city.name]
    tags = city.facilities[city.facilities["class"] == "charging"]["tags"].map(json.loads)
    stated = sum(int(t["capacity"]) for t in tags if "capacity" in t)
    # 8 charges a day for each charger that is stated; the others make the sum a least one.
    assert figures["supply_least_day"] == 8 * stated
    assert figures["supply_day"] is None
    assert figures["stations_with_unknown_chargers"] == sum("capacity" not in t for t in tags)


def test_electric_cars_and_stations_needed_follow_the_people(city):
    figures = city.themes["charging"].figures
    people = float(city.demand["people"].sum())
    assert figures["evs"] == pytest.approx(people * 0.2 * 0.1)
    # One station for 2,000 electric cars: 13,648 in Macau, 8,846 in Las Palmas.
    assert figures["stations_needed"] == {"macau": 7, "las-palmas": 5}[city.name]
    assert figures["stations_lacking"] == max(0, figures["stations_needed"] - figures["stations"])
    assert any("assumed for testing" in line for line in figures["assumed"])


def test_every_car_park_is_listed_and_none_is_judged_without_its_charging_spaces(city):
    theme = city.themes["charging"]
    lots = theme.table("charging_lots").frame
    states = theme.figures["lots_by_state"]
    classes = ["public_parking", "parking", "street_parking"]
    assert len(lots) == sum(states.values()) == int(city.facilities["class"].isin(classes).sum())
    assert states["meets"] == states["short"] == 0
    assert theme.figures["charging_spaces_lacking"] is None
    public = lots[(lots["kind"] == "public_lot") & lots["spaces"].notna() & (lots["state"] == "unknown")]
    assert (public["needed"] == np.ceil(public["spaces"] / 10)).all()
    if city.name == "macau":
        # 49 car parks state 30,676 spaces.
        assert (len(public), public["spaces"].sum()) == (49, 30_676)
    assert "charging_column" in [finding.code for finding in city.findings]


def test_the_plan_keeps_grid_and_capacity_and_proves_itself(city):
    theme = city.themes["charging_sites"]
    figures, sites = theme.figures, theme.table("charging_sites").frame
    assert len(sites) == 10
    assert (sites["kw"] <= sites["grid_kw"]).all()
    assert (sites["grid_from"] == "assumed").all()
    assert (sites["load_day"] <= sites["capacity_day"] + 1e-6).all()
    assert figures["objective"] <= figures["bound"] + 1e-6
    assert figures["gap"] <= 0.01 + 1e-9
    assert figures["places_grid_assumed"] == figures["places"]
    assert figures["placed_before"] <= figures["placed_after"] <= figures["wanted_day"] - figures["out_of_reach"] + 1e-6
    # What is served is what the new stations and those whose chargers are known hold in use.
    stands = theme.layer("charging_sites").frame
    assert figures["placed_after"] == pytest.approx(stands["load_day"].fillna(0.0).sum(), abs=1e-3)
    assert any("假定" in finding.text.zh for finding in city.findings if finding.code == "station_grid_assumed")


def test_nobody_far_from_a_station_is_counted_as_near(city):
    points = city.themes["charging"].layer("charging_points").frame
    stations = city.themes["charging"].layer("charging_stations").frame
    away, _ = shapely.STRtree(stations.geometry.array).query_nearest(
        points.geometry.array, return_distance=True, all_matches=False
    )[::-1]
    assert (away[points["near"].to_numpy(dtype=bool)] <= 1000.003).all()


def test_zones_add_up_to_the_city(city):
    rows = city.themes["charging"].indicators
    rows = rows[rows["judged"]]
    keys = ["rule", "denominator", "distance"]
    whole = rows[rows["zone_level"] == "city"].set_index(keys)
    for _, parts in rows[rows["zone_level"] != "city"].groupby("zone_level"):
        sums = parts.groupby(keys)[["served", "total"]].sum()
        assert (sums - whole.loc[sums.index, ["served", "total"]]).abs().to_numpy().max() < 1e-4
    assert "charging.reach" in set(rows["rule"])


def test_taipei_lists_its_car_parks_and_says_what_is_missing(city_of):
    taipei = city_of("taipei")
    theme = taipei.themes["charging"]
    assert theme.figures["lots"] == 86
    assert theme.figures["lots_by_state"]["unknown"] == 86
    missing = " ".join(why.en for _, why in theme.missing)
    assert "no layer of class charging" in missing
    assert "ev_share" in missing
    row = theme.indicators.set_index("rule").loc["ev.public_lot"]
    assert not row["judged"]
