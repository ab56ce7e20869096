"""Rules in minutes, on streets whose times can be paced out by hand."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from coverage_layers import areas, make_rule, points, toilets

from siting.coverage import Searches, Travel, audit, coverage_gaps, prepare_land
from siting.errors import InputError
from siting.network import Network

CRS = "EPSG:4547"


@pytest.fixture(scope="module")
def street():
    #   F(0,0) ----------- 600 m ----------- E(600,0), one-way for vehicles from F to E, 20 km/h
    #     \________ 1,200 m of two-way street ______/     (600 m south and back)
    back = [(600, 0), (600, -300), (0, -300), (0, 0)]
    shapes = [shapely.LineString([(0, 0), (600, 0)]), shapely.LineString(back)]
    return gpd.GeoDataFrame({"highway": ["residential"] * 2, "oneway": ["yes", None]}, geometry=shapes, crs=CRS)


@pytest.fixture(scope="module")
def walked(street):
    return Network.from_lines(street, mode="walk")


@pytest.fixture(scope="module")
def driven(street):
    return Network.from_lines(street, mode="drive")


def minutes(limit_min, **changes):
    return make_rule(
        metric="walk_time", distance="time", threshold=float(limit_min), unit="min", denominator="people", **changes
    )


HOMES = points([(0, 0), (300, 0), (600, 0)], ["near", "half", "far"], people=[1.0, 10.0, 100.0])


def test_served_is_decided_on_milliseconds_and_the_limit_itself_counts(walked):
    adult = walked.timed("adult")  # 1 m/s
    result = audit(adult, HOMES, toilets([(0, 0)]), minutes(5))
    assert result.demand["cost"].tolist() == [0.0, 300.0, 600.0]  # seconds
    assert result.demand["served"].tolist() == [True, True, False]
    assert (result.distance, result.limit_s, result.limit_m, result.unit) == ("time", 300.0, None, "min")
    assert result.shown_cost.tolist() == [0.0, 5.0, 10.0]
    assert set(result.shares) == {("time", "people")}
    assert result.headline("people").share == 11 / 111
    strict = audit(adult, HOMES, toilets([(0, 0)]), minutes(5, operator="<"))
    assert strict.demand["served"].tolist() == [True, False, False]


def test_a_slower_walker_is_served_less(walked):
    result = audit(walked.timed("elderly"), HOMES, toilets([(0, 0)]), minutes(6))  # 0.8 m/s
    assert result.demand["cost"].tolist() == [0.0, 375.0, 750.0]
    assert result.demand["served"].tolist() == [True, False, False]
    assert result.travel.profile.id == "elderly"
    assert "0.8 m/s, unverified default" in result.travel.text.en
    assert "0.8 m/s，未核实默认值" in result.travel.text.zh


def test_an_engine_drives_out_of_its_station_by_the_one_way_street(driven):
    timed = driven.timed("drive")  # residential: 20 km/h
    out = audit(timed.turned(), HOMES, toilets([(0, 0)]), minutes(2), travel=Travel.of(timed, outward=True))
    there = audit(timed, HOMES, toilets([(0, 0)]), minutes(2))
    assert out.demand["cost"].tolist() == [0.0, 54.0, 108.0]
    assert there.demand["cost"].iloc[2] == 216.0  # round by the two-way street
    assert out.demand["served"].tolist() == [True, True, True]
    assert there.demand["served"].tolist() == [True, False, False]
    assert out.travel.plain()["direction"] == "from_facility"
    assert (out.travel.direction.zh, there.travel.direction.zh) == ("由设施出发", "由居住地出发")


def test_every_row_says_minutes_and_who_moves(walked):
    result = audit(walked.timed("adult"), HOMES, toilets([(0, 0)]), minutes(5))
    row = result.indicators.iloc[0]
    assert (row["distance"], row["limit_min"], row["profile"]) == ("time", 5.0, "adult")
    assert np.isnan(row["limit_m"])
    assert "1 m/s" in row["speed"]
    assert row["direction"] == "由居住地出发 / from home to the facility"
    assert not row["elevation"]
    metres = audit(walked, HOMES, toilets([(0, 0)]), make_rule()).indicators.iloc[0]
    assert (metres["profile"], np.isnan(metres["limit_min"])) == (None, True)


def test_gaps_speak_of_minutes(walked):
    result = audit(walked.timed("adult"), HOMES, toilets([(0, 0)]), minutes(5))
    gap = coverage_gaps(result).iloc[0]
    assert (gap["people"], gap["nearest_min"], gap["nearest_max_min"]) == (100.0, 10.0, 10.0)
    assert np.isnan(gap["nearest_m"])
    assert "最近公共厕所 10.0 分钟" in gap["name_zh"]
    assert "10.0 min" in gap["name_en"]


def test_land_counts_where_its_point_is_reached_in_time(walked):
    land = areas([shapely.box(0, 0, 20, 10), shapely.box(590, 0, 610, 10)], ["L1", "L2"])
    pieces = prepare_land(land, {}, 50.0)
    result = audit(walked.timed("adult"), HOMES, toilets([(0, 0)]), minutes(5), land=pieces)
    share = result.shares["time", "land"]
    assert (share.served, share.total) == (20_000, 40_000)  # square decimetres


def test_metres_on_times_and_minutes_on_metres_are_refused(walked):
    with pytest.raises(InputError, match="is in metres, and the network has travel times"):
        audit(walked.timed("adult"), HOMES, toilets([(0, 0)]), make_rule())
    with pytest.raises(InputError, match="no travel times"):
        audit(walked, HOMES, toilets([(0, 0)]), minutes(5))


def test_without_streets_there_are_no_times():
    result = audit(None, HOMES, toilets([(0, 0)]), minutes(5))
    assert not result.judged
    assert "travel times cannot be computed" in result.reason.en


def test_searches_by_time_share_what_no_time_changes(walked):
    metres = Searches(walked)
    shared = Searches(walked.timed("adult"), sharing=metres)
    park = areas([shapely.box(100, -20, 120, 20)], ["P"])
    assert shared.entries(park) is metres.entries(park)
    assert shared.nearest(HOMES, park, "straight") is metres.nearest(HOMES, park, "straight")
    assert shared.nearest(HOMES, park, "network").cost.tolist() == metres.nearest(HOMES, park, "network").cost.tolist()
    other = Searches(Network.from_lines(gpd.GeoDataFrame(geometry=walked.lines, crs=CRS)), sharing=metres)
    assert other.entries(park) is not metres.entries(park)


def test_a_wheelchairs_slope_limit_is_shown_with_its_grade(walked):
    text = Travel.of(walked.timed("step_free")).text
    assert "streets of slope ≤ 5%, unverified default" in text.en
    assert "路段坡度 ≤ 5%，未核实默认值" in text.zh
