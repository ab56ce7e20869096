"""New parks on a drawn street, every figure by hand.

      V1 40x40      V4 100x8            P (a park today)                V3 10x20     V2 100x50
      ┌┐            ┌────┐              ┌─────┐                         ┐            ┌──────┐
  ────A─────────────────────────────────C──────────────────────────────────────────────B─────    y = 0
  x = 100           300..400            900..1100                       1700         1850..1950

People: A 100, B 60, C 10. Residential land south of the street: R1 below A 5,000 m2, R2 below B 7,500 m2, R3 below C
5,000 m2. V3 has 200 m2 and V4 is 8 m wide: neither can be a park.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point, box

from siting import audit, site_green
from siting.errors import InfeasibleError, InputError
from siting.network import Network
from siting.standards import load_catalogue
from siting.themes import City
from siting.themes.green import park_land

CRS = "EPSG:32650"


def frame(shapes, ids, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS, index=pd.Index(ids, name="id"))


STREET = frame([LineString([(0, 0), (2000, 0)])], ["s"])
HOMES = frame([Point(100, 0), Point(1900, 0), Point(1000, 0)], ["A", "B", "C"], people=[100.0, 60.0, 10.0])
PARK = frame([box(900, 10, 1100, 210)], ["P"], **{"class": ["park_green"]})
PLOTS = {"V1": box(80, 10, 120, 50), "V2": box(1850, 10, 1950, 60), "V3": box(1700, 10, 1710, 30),
         "V4": box(300, 10, 400, 18)}  # fmt: skip
LAND = frame([box(50, -100, 150, -50), box(1800, -100, 1950, -50), box(950, -100, 1050, -50)], ["R1", "R2", "R3"])


def town(**more):
    given = {"land": LAND, "vacant": frame(PLOTS.values(), list(PLOTS))} | more
    return City.of(Network.from_lines(STREET), HOMES, PARK, **given)


def test_land_is_measured_tested_and_scored():
    table = site_green(town(), p=1).candidates
    assert table.loc[["V1", "V2", "V3", "V4"], "area_m2"].tolist() == [1600, 5000, 200, 800]
    assert table.loc["V1", "width_m"] == pytest.approx(40, abs=0.5)
    assert table.loc["V1", "compactness"] == pytest.approx(np.pi / 4, abs=1e-3)  # a square
    assert table["test_size"].to_dict() == {"V1": "pass", "V2": "pass", "V3": "fail", "V4": "pass"}
    assert table.loc[["V1", "V2", "V4"], "test_width"].tolist() == ["pass", "pass", "fail"]
    assert set(table["test_slope"]) == {"not_tested"}  # no heights
    assert table["allowed"].to_dict() == {"V1": True, "V2": True, "V3": False, "V4": False}
    assert table["people_new"].to_dict() == {"V1": 100, "V2": 60, "V3": 60, "V4": 100}
    assert table["park_m"].to_dict() == {"V1": 780, "V2": 750, "V3": 600, "V4": 500}
    assert table.loc["V2", "size_class"] == "park.gb51346.p04"
    assert "park.cover.class_small, unverified default" in table.loc["V1", "reason_en"]
    assert "park.cjj85.small_width，未核实默认值" in table.loc["V4", "refusal"]
    assert table["score"].between(0, 100).all()
    # size 0.16, width 1, shape 0.785, people 1, distance 1; slope is not known: (0.16 + 1 + 0.785 + 2 + 1) / 6
    assert table.loc["V1", "score"] == pytest.approx(100 * (0.16 + 1 + np.pi / 4 + 2 + 1) / 6, abs=0.1)
    assert site_green(town(), p=1, weights={"size": 1}).candidates.loc["V1", "score"] == 16.0
    with pytest.raises(InputError, match="weights"):
        site_green(town(), p=1, weights={"colour": 1})


@pytest.mark.parametrize(
    ("how", "sites", "after"),
    [
        ({"p": 1}, ["V1"], 110),
        ({"p": 2}, ["V1", "V2"], 170),
        ({"area_ha": 0.65}, ["V1"], 110),  # V2 alone wins less, both cost 0.66
        ({"area_ha": 0.66}, ["V1", "V2"], 170),
        ({"target": 0.6}, ["V1"], 110),  # 110 of 170 are 64.7 %
        ({"target": 0.9}, ["V1", "V2"], 170),
        ({"p": 1, "required": ["V2"]}, ["V2"], 70),
        ({"p": 2, "excluded": ["V1"]}, ["V2"], 70),
    ],
)
def test_by_people_on_foot(how, sites, after):
    plan = site_green(town(), **how)
    assert plan.sites.index.tolist() == sites
    assert plan.result.status == "optimal"
    people = plan.measures.set_index("measure").loc["people_network"]
    assert (people["before"], people["after"], people["total"]) == (10, after, 170)
    assert plan.sites.geom_type.eq("Polygon").all()


def test_the_new_parks_do_in_an_audit_what_they_promise():
    city = town()
    plan = site_green(city, p=2)
    new = gpd.GeoDataFrame(plan.sites[["geometry"]].assign(**{"class": "park_green"}))
    parks = gpd.GeoDataFrame(pd.concat([PARK, new]))
    found = audit(city.network, city.demand, parks, load_catalogue()["park.500park"], land=city.land)
    people = plan.measures.set_index("measure")["after"]
    assert found.shares["network", "people"].served == 1000 * people["people_network"]
    assert found.shares["straight", "people"].served == 1000 * people["people_straight"]


def test_who_gets_the_parks():
    halves = frame([box(-50, -200, 1500, 300), box(1500, -200, 2050, 300)], ["西", "东"], name=["西区", "东区"])
    plan = site_green(town(zones={"district": halves}), p=1)
    zones = plan.zones.set_index("zone")
    columns = ["people", "unserved_before", "unserved_after", "parks", "park_m2"]
    assert zones.loc["西", columns].tolist() == [110, 100, 0, 1, 1600]
    assert zones.loc["东", columns].tolist() == [60, 60, 60, 0, 0]
    assert len(plan.themed().table("green_sites_zones").frame) == 2


def test_by_residential_land():
    plan = site_green(town(), p=1, measure="official")
    assert plan.sites.index.tolist() == ["V2"]  # 7,500 m2 beat 5,000
    assert plan.plan.people_total is None
    rows = plan.measures.set_index("measure")
    assert rows.loc["park.gb51346.cover", ["before", "after", "total"]].tolist() == [5000, 12500, 17500]
    assert rows.loc["people_network", ["before", "after"]].tolist() == [10, 70]
    assert "point lies inside" in " ".join(note.en for note in plan.plan.notes)
    classes = site_green(town(), area_ha=0.2, measure="official", clause="park.cover.gc")
    assert classes.sites.index.tolist() == ["V1"]
    with pytest.raises(InfeasibleError):
        site_green(town(), target=1.0, measure="official", excluded=["V1"])


def test_a_class_counts_with_its_own_radius():
    # V1 has 1,600 m2: 300 m by the classes of the garden city, 500 m by the one radius of GB/T 51346.
    land = frame([box(500, 10, 540, 50)], ["R"])  # 380 to 420 m from V1
    far = frame([box(5000, 10, 5100, 110)], ["P"], **{"class": ["park_green"]})
    city = City.of(Network.from_lines(STREET), HOMES, far, land=land, vacant=frame([PLOTS["V1"]], ["V1"]))
    one = site_green(city, p=1, measure="official")
    assert one.measures.set_index("measure").loc["park.gb51346.cover", "after"] == 1600
    own = site_green(city, p=1, measure="official", clause="park.cover.gc")
    assert own.measures.set_index("measure").loc["park.cover.gc", "after"] == 0


def test_the_choice_counts_points_and_the_figure_cuts_exactly():
    #   V1 ends at x = 120; land from 600 to 640: the radius of 500 m ends at 620, in the middle of the land
    land = frame([box(600, 10, 640, 50)], ["R"])
    far = frame([box(5000, 10, 5100, 110)], ["P"], **{"class": ["park_green"]})
    city = City.of(Network.from_lines(STREET), HOMES, far, land=land, vacant=frame([PLOTS["V1"]], ["V1"]))
    plan = site_green(city, p=1, measure="official")
    assert plan.result.objective == 1000  # the pieces from 600 to 625 have their points inside
    assert plan.measures.set_index("measure").loc["park.gb51346.cover", "after"] == pytest.approx(800, rel=2e-3)


def test_triangles_and_verges():
    lines = [LineString([(0, 0), (100, 0)]), LineString([(100, 0), (50, 80)]), LineString([(50, 80), (0, 0)])]
    streets = frame(lines, ["a", "b", "c"])
    green = frame([box(200, 0, 230, 30), box(300, 0, 330, 30)], ["g1", "g2"], kind=["grass", "grass"],
                  is_park=[False, True])  # fmt: skip
    given = {"green": green}
    city = City.of(Network.from_lines(streets), HOMES.iloc[:1], PARK, **given)
    land = park_land(city)
    assert land["kind"].value_counts().to_dict() == {"verge": 1, "triangle": 1}
    triangle = land[land["kind"] == "triangle"].iloc[0]
    # 100 x 80 / 2 = 4,000 m2, without 4 m of carriageway on each side: an inner triangle of the inradius less 4 m.
    side = np.hypot(50, 80)
    inner = 4000 * (1 - 4 / (8000 / (100 + 2 * side))) ** 2
    assert triangle["area_m2"] == pytest.approx(inner, rel=0.01)
    built = City.of(Network.from_lines(streets), HOMES.iloc[:1], PARK, buildings=frame([box(45, 20, 55, 30)], ["b"]),
                    **given)  # fmt: skip
    assert park_land(built)["kind"].tolist() == ["verge"]


def test_land_that_is_wholly_taken_is_counted():
    city = town(buildings=frame([box(70, 5, 130, 60), box(1850, 10, 1870, 60)], ["b1", "b2"]))
    plan = site_green(city, p=1)
    assert "V1" not in plan.candidates.index
    assert plan.candidates.loc["V2", "area_m2"] == 4000
    assert any("1 pieces of land are wholly taken" in note.en for note in plan.plan.notes)


def test_without_streets_lines_are_straight_and_it_says_so():
    city = town()
    bare = City.of(None, city.demand, city.facilities, land=city.residential, vacant=city.vacant)
    plan = site_green(bare, p=1)
    assert plan.plan.distance == "straight"
    assert plan.measures["measure"].tolist() == ["people_straight", "park.gb51346.cover"]
    assert any("straight" in note.en for note in plan.plan.notes)


def test_slopes_are_read_and_compared():
    city = town(elevation=lambda points: np.asarray(points.x) * 0.1)
    table = site_green(city, p=1).candidates
    assert table["slope"].tolist() == pytest.approx([0.1] * 4, abs=1e-6)
    assert set(table["test_slope"]) == {"fail"}
    assert table.loc["V1", "allowed"]  # a borrowed figure refuses nothing


def test_it_describes_itself():
    result = site_green(town(), p=2).themed()
    assert [layer.name for layer in result.layers] == ["green_land", "green_sites"]
    assert result.figures["status"] == "optimal"
    assert "proved optimal" in result.headlines[0].en
    assert result.table("green_sites_measures").frame["measure_zh"].notna().all()


@pytest.mark.parametrize("how", [{}, {"p": 1, "target": 0.5}, {"p": 1, "measure": "air"}, {"p": 1, "clause": "x"}])
def test_contrary_questions_are_refused(how):
    with pytest.raises(InputError):
        site_green(town(), **how)


def test_no_land_no_people_no_residential_land():
    with pytest.raises(InputError, match="no land to choose from"):
        site_green(City.of(None, HOMES, PARK), p=1)
    units = gpd.GeoDataFrame(HOMES.drop(columns="people").assign(units=1))
    city = City.of(Network.from_lines(STREET), units, PARK, vacant=frame(PLOTS.values(), list(PLOTS)))
    with pytest.raises(InputError, match="no people"):
        site_green(city, p=1)
    with pytest.raises(InputError, match="residential land"):
        site_green(city, p=1, measure="official")
