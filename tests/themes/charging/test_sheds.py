"""Charging sheds on a drawn estate, every figure by hand.

y = 60  ┌──────────── north bar ────────────┐     E2: 20 x 20, x from 200,
        │ h4 (10, 55)           h5 (90, 55) │         no home inside
        └───────────────────────────────────┘     E3: a point
y = 50
        (between the bars: 40 m of open ground, at most 20 m from either)
y = 10  ┌──────────── south bar ────────────┐
        │ h1 (10, 5)  h2 (50, 5)  h3 (90, 5)│
y = 0   └───────────────────────────────────┘
        x = 0                             100
"""

from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from siting.errors import InputError
from siting.network import Network
from siting.themes import City
from siting.themes.charging import site_sheds
from siting.themes.charging.shed_places import PRECISION_M, Buildings, places_in, widest_place

CRS = "EPSG:32650"


def frame(shapes, ids, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS, index=pd.Index(ids, name="id"))


BARS = frame([box(0, 0, 100, 10), box(0, 50, 100, 60)], ["south", "north"])
E1 = frame([box(0, 0, 100, 60)], ["E1"], name=["棉纺新村"])
AT = [(10, 5), (50, 5), (90, 5), (10, 55), (90, 55)]
HOMES = frame([Point(p) for p in AT], [f"h{k + 1}" for k in range(5)], people=[25.0] * 5, households=[10] * 5)
NONE = frame([], [], **{"class": []})


def town(estates=E1, demand=HOMES, buildings=BARS, **more):
    return City.of(None, demand, NONE, old_estates=estates, buildings=buildings, **more)


def test_one_shed_in_the_middle_serves_everybody():
    # (50, 30) is 47.2 m from the homes at the ends.
    found = site_sheds(town(), walk_m=50, separation=15)
    assert found.estates.loc["E1", ["homes", "sheds", "homes_left", "state", "status", "bound"]].tolist() == [
        5, 1, 0, "served", "optimal", 1,
    ]  # fmt: skip
    shed = found.sheds.iloc[0]
    assert found.sheds.index.tolist() == ["E1-1"]
    assert (shed.geometry.x, shed.geometry.y, shed["away_m"], shed["homes"]) == (50, 30, 20, 5)
    assert found.homes.loc["h1", "walk_m"] == pytest.approx(np.hypot(40, 25), abs=1e-3)
    assert found.is_proved


def test_a_shorter_walk_needs_a_second_shed():
    # h1 and h3 are 80 m apart: no place is within 39 m of both.
    found = site_sheds(town(), walk_m=39, separation=15)
    assert found.estates.loc["E1", ["sheds", "homes_left", "bound"]].tolist() == [2, 0, 2]
    assert sorted(found.homes["shed"].unique()) == ["E1-1", "E1-2"]


def test_of_the_fewest_sheds_those_with_the_least_walking_are_taken():
    """At 20 m from the bars only y = 30 is left for sheds, 25 m north of the homes at x = 20, 50 and 80.

    On a 45 m walk one shed serves all from x = 43 to 57 only: x = 50. On 60 m it does from x = 26 to 74. With 2, 1 and
    8 households: 2 x 39.05 + 25 + 8 x 39.05 = 415.51 at x = 50, 2 x 47.17 + 26.93 + 8 x 32.02 = 377.40 at 60,
    2 x 55.90 + 32.02 + 8 x 26.93 = 359.24 at 70, which is the least of the grid.
    """
    at = [(20, 5), (50, 5), (80, 5)]
    homes = frame([Point(p) for p in at], ["w", "m", "e"], people=[3.0] * 3, households=[2, 1, 8])
    near = site_sheds(town(demand=homes), walk_m=45, separation=20, step_m=10)
    assert near.sheds.geometry.iloc[0].coords[0] == (50, 30)
    found = site_sheds(town(demand=homes), walk_m=60, separation=20, step_m=10)
    assert found.sheds.geometry.iloc[0].coords[0] == (70, 30)
    row = found.estates.loc["E1"]
    assert row["walk_mean_m"] == pytest.approx(359.24 / 11, abs=1e-2)
    assert row["walk_mean_m"] == row["walk_bound_m"]
    assert row[["sheds", "bound"]].tolist() == [1, 1]
    shown = found.themed()
    assert shown.headlines[0].zh.endswith("至新建棚平均步行 33 米，座数相同的方案中步行最短（已证明）")
    assert shown.figures["walk_proved"] is True
    # With room for 12 bicycles one shed is enough, and stands there, too; with 8 the eight of the east fill one.
    held = site_sheds(town(demand=homes), walk_m=60, separation=20, step_m=10, bikes_per_shed=12, bikes_per_household=1)
    assert held.sheds.geometry.iloc[0].coords[0] == (70, 30)
    two = site_sheds(town(demand=homes), walk_m=60, separation=20, step_m=10, bikes_per_shed=8, bikes_per_household=1)
    assert sorted(s.x for s in two.sheds.geometry) == [30, 80]
    # 25 m from x = 80 for all eight; west and middle 2 x 26.93 + 32.02 = 85.88 from x = 30, from 20 2 x 25 + 39.05.
    assert two.estates.loc["E1", "walk_mean_m"] == pytest.approx((8 * 25 + 2 * 26.93 + 32.02) / 11, abs=1e-2)
    assert two.estates.loc["E1", ["sheds", "bound", "bikes_left"]].tolist() == [2, 2, 0]


def test_exactly_the_distance_is_kept_and_where_no_place_keeps_it_the_largest_is_told():
    assert site_sheds(town(), walk_m=50, separation=20).estates.loc["E1", "state"] == "served"
    found = site_sheds(town(), walk_m=50, separation=20.5)
    row = found.estates.loc["E1"]
    assert row[["places", "sheds", "homes_left", "state"]].tolist() == [0, 0, 5, "no_place"]
    assert row["widest_m"] == pytest.approx(20, abs=PRECISION_M)
    assert np.isnan(row["bound"])
    lines = found.themed().headlines
    assert lines[1].zh == "1 个小区没有与建筑保持 20.5 米（研究自定，非条文） 的位置，其中最大可达间距 20.0 米"
    # A shed of 3 m radius keeps 17 m from its rim where a point keeps 20 m.
    assert site_sheds(town(), walk_m=50, separation=17, radius_m=3).sheds["away_m"].tolist() == [17]
    assert site_sheds(town(), walk_m=50, separation=17.1, radius_m=3).estates.loc["E1", "state"] == "no_place"


def test_buildings_outside_the_estate_count_too():
    beside = frame([*BARS.geometry, box(101, 20, 110, 40)], ["south", "north", "neighbour"])
    found = site_sheds(town(buildings=beside), walk_m=100, separation=15)
    assert (found.sheds.geometry.x <= 86).all()


def test_estates_without_homes_or_area_are_listed():
    three = frame([E1.geometry.iloc[0], box(200, 0, 220, 20), Point(500, 0)], ["E1", "E2", "E3"])
    found = site_sheds(town(three), walk_m=50, separation=15)
    assert found.estates["state"].to_dict() == {"E1": "served", "E2": "no_homes", "E3": "no_area"}
    assert found.estates.loc["E2", "widest_m"] == pytest.approx(np.hypot(120, 10), abs=PRECISION_M)  # its corner
    assert [f.code for f in found.findings] == ["estate_no_area"]
    assert found.estates["homes"].sum() == len(found.homes) == 5
    result = found.themed()
    assert [layer.name for layer in result.layers] == ["charging_shed_estates", "charging_shed_homes", "charging_sheds"]
    assert result.figures["estates_by_state"] == {"served": 1, "partly": 0, "no_place": 0, "no_homes": 1, "no_area": 1}


def test_a_shed_that_stands_serves_its_homes():
    stands = frame([Point(50, 30)], ["old"])
    found = site_sheds(town(), walk_m=39, separation=15, existing=stands)
    # It serves h2 only (25 m); the ends need one each as before.
    assert found.estates.loc["E1", ["existing", "sheds"]].tolist() == [1, 2]
    every = site_sheds(town(), walk_m=50, separation=15, existing=stands)
    assert every.estates.loc["E1", ["sheds", "state"]].tolist() == [0, "served"]


@pytest.mark.parametrize(("held", "sheds"), [(50, 1), (49, 2), (25, 2), (24, 3), (17, 3)])
def test_sheds_hold_the_bicycles(held, sheds):
    # 5 homes x 10 households x 1 bicycle
    found = site_sheds(town(), walk_m=80, separation=15, bikes_per_shed=held, bikes_per_household=1)
    assert found.estates.loc["E1", ["bikes", "sheds", "bikes_left", "bound"]].tolist() == [50, sheds, 0, sheds]
    assert found.sheds["bikes"].sum() == 50
    assert (found.sheds["bikes"] <= held).all()


def test_bicycles_that_do_not_fit_are_counted():
    # At 20 m distance only the row y = 30 is left: 11 grid points and the widest place.
    found = site_sheds(town(), walk_m=80, separation=20, step_m=50, bikes_per_shed=2, bikes_per_household=1)
    row = found.estates.loc["E1"]
    assert row["state"] == "partly"
    assert row["bikes_left"] == 50 - found.sheds["bikes"].sum()
    assert np.isnan(row["bound"])


def test_households_follow_from_people_where_there_are_none():
    city = town(demand=HOMES.drop(columns="households"))
    found = site_sheds(
        city, walk_m=80, separation=15, bikes_per_shed=30, bikes_per_household=1, people_per_household=2.5
    )
    assert found.estates.loc["E1", ["households", "sheds"]].tolist() == [50, 2]
    with pytest.raises(InputError, match="how many households"):
        site_sheds(city, walk_m=80, separation=15, bikes_per_shed=30, bikes_per_household=1)


def test_households_that_are_no_number_are_listed_with_what_they_say():
    """约20 counts as 20, 四十 and -5 are unknown: no sum of households is told, and each home still has its shed."""
    homes = HOMES.assign(households=["10", "约20", "四十", "-5", "10"])
    found = site_sheds(town(demand=homes), walk_m=50, separation=15)
    told = {f.code: f for f in found.findings}
    assert {code: f.ids for code, f in told.items()} == {
        "homes_unreadable": ("h3",), "homes_negative": ("h4",), "homes_about": ("h2",),
    }  # fmt: skip
    assert told["homes_unreadable"].text.zh.endswith("按未知处理（h3：“四十”）")
    assert np.isnan(found.estates.loc["E1", "households"])
    assert found.estates.loc["E1", ["sheds", "homes_left"]].tolist() == [1, 0]
    with pytest.raises(InputError, match="walk_m is '50', expected a number above 0"):
        site_sheds(town(), walk_m="50", separation=15)


def test_the_distance_may_come_from_a_rule_with_its_grade():
    found = site_sheds(town(), walk_m=80, separation=15)
    assert "研究自定" in found.themed().layers[0].note.zh
    with pytest.raises(InputError, match="no least distance"):
        site_sheds(town(), walk_m=80, separation="fire.7km2")
    rule = site_sheds(town(), walk_m=80, separation="fire.sep50")  # a rule about fire stations: far too much here
    assert rule.separation.metres == 50
    assert "fire.sep50" in rule.separation.text.en
    assert rule.estates["state"].tolist() == ["no_place"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"walk_m": 0.0}, "walk_m"),
        ({"separation": -1.0}, "separation"),
        ({"radius_m": -1.0}, "radius_m"),
        ({"bikes_per_shed": 10}, "both"),
        ({"measure": "network"}, "streets"),
    ],
)
def test_what_cannot_be_asked_is_refused(wrong, says):
    with pytest.raises(InputError, match=says):
        site_sheds(town(), **({"walk_m": 50.0, "separation": 15.0} | wrong))
    with pytest.raises(InputError, match="no buildings"):
        site_sheds(town(buildings=None), walk_m=50, separation=15)
    with pytest.raises(InputError, match="no old estates"):
        site_sheds(town(estates=None), walk_m=50, separation=15)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 100), st.sampled_from([0, 10, 50, 60])), min_size=1, max_size=6), st.data())
def test_no_fewer_sheds_do_it(at, data):
    walk = data.draw(st.sampled_from([28, 35, 45, 60]))
    homes = frame([Point(p) for p in at], [f"h{k}" for k in range(len(at))], units=[1] * len(at))
    found = site_sheds(town(demand=homes), walk_m=walk, separation=15, step_m=10)
    places = places_in(
        E1.geometry.iloc[0], Buildings.of(np.asarray(BARS.geometry, dtype=object)), np.empty(0, dtype=object),
        separation_m=15, radius_m=0, step_m=10,
    )  # fmt: skip
    near = shapely.distance(np.asarray(homes.geometry)[:, None], places.points[None, :]) <= walk
    can = near.any(axis=1)
    least = next(
        k for k in range(len(at) + 1)
        if any(near[:, list(c)].any(axis=1)[can].all() for c in combinations(range(near.shape[1]), k)) or not can.any()
    )  # fmt: skip
    assert len(found.sheds) == least
    ways = shapely.distance(np.asarray(homes.geometry)[:, None], places.points[None, :])[can]
    ways = np.where(ways <= walk, ways, np.inf)
    if can.any():
        shortest = min(ways[:, list(c)].min(axis=1).sum() for c in combinations(range(near.shape[1]), least))
        assert found.homes["walk_m"][can].sum() == pytest.approx(shortest, abs=0.01)
    assert int(found.homes["served"].sum()) == int(can.sum())


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 40)] * 2), min_size=1, max_size=5), st.integers(0, 3))
def test_the_widest_place_is_the_widest(at, shape):
    ground = [
        box(0, 0, 40, 40), box(-30, 5, 10, 8), shapely.Polygon([(0, 0), (40, 0), (0, 40)]),
        shapely.union(box(0, 0, 10, 40), box(30, 0, 31, 40)),
    ][shape]  # fmt: skip
    buildings = Buildings.of(np.array([box(x, y, x + 6, y + 4) for x, y in at], dtype=object))
    best, far = widest_place(ground, buildings)
    assert float(buildings.away_m(np.array([best], dtype=object))[0]) == far
    assert ground.distance(best) < 1e-9
    grid = shapely.points(*(g.ravel() for g in np.meshgrid(np.arange(-30, 41, 0.5), np.arange(0, 41, 0.5))))
    grid = grid[shapely.intersects(ground, grid)]
    assert far >= buildings.away_m(grid).max() - PRECISION_M


def test_ground_that_is_taken_is_left_out():
    lake = {"lake": frame([box(0, 12, 60, 48)], ["a"])}
    found = site_sheds(town(exclusions=lake), walk_m=100, separation=15)
    assert (found.sheds.geometry.x >= 60).all()


def test_households_with_a_shed_are_an_indicator_by_zone():
    zones = {"half": frame([box(-9, -9, 50, 99), box(50, -9, 200, 99)], ["W", "E"], name=["西", "东"])}
    stands = frame([Point(10, 30)], ["old"])
    found = site_sheds(town(zones=zones), walk_m=39, separation=15, existing=stands)
    # The old shed is 25 m from h1 and h4; one more serves h2, h3 and h5. h2 lies on the border.
    table = found.zones.set_index("zone")
    assert table.loc["city", ["homes", "homes_before", "homes_after"]].tolist() == [5, 2, 5]
    assert table.loc["city", ["households", "households_before", "households_after"]].tolist() == [50, 20, 50]
    assert table.loc["W", "households"] + table.loc["E", "households"] == 50
    rows = found.themed().indicators
    assert sorted(set(rows["rule"])) == ["charging.shed.after", "charging.shed.before"]
    for when, served in (("before", 20), ("after", 50)):
        mine = rows[rows["rule"] == f"charging.shed.{when}"].set_index("zone")
        assert mine.loc["city", ["served", "total"]].tolist() == [served, 50]
        assert mine.loc[["W", "E"], "served"].sum() == served
    assert "由 20 户增至 50 户" in found.themed().headlines[-1].zh
    # Where households are not known, homes are counted and said to be such.
    plain = site_sheds(town(demand=HOMES.drop(columns="households")), walk_m=50, separation=15)
    assert plain.zones["households"].isna().all()
    row = plain.themed().indicators.iloc[-1]
    assert row["served"] == row["total"] == 5
    assert "住户点" in row["name_zh"]


def test_no_shed_stands_on_a_street():
    # The open ground between the bars holds a lane along its middle, 4.5 m to either side of y = 30.
    lane = frame([LineString([(-50, 30), (150, 30)])], ["lane"], highway=["residential"])
    city = City.of(Network.from_lines(lane), HOMES, NONE, old_estates=E1, buildings=BARS)
    found = site_sheds(city, walk_m=60, separation=10, step_m=1)
    assert len(found.sheds)
    assert (abs(found.sheds.geometry.y - 30) >= 4.5).all()
    assert found.estates.loc["E1", "widest_m"] == pytest.approx(15.5, abs=PRECISION_M)
    assert "道路" in found.themed().layers[0].note.zh
