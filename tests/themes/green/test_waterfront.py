"""People and the water on a drawn river bank.

        y = 115 ┌─────────────── river ───────────────┐      the street q runs 15 m below the shore from x = 0 to 400;
        y = 100 ═══ q ═══╗                                   from there on nothing runs along it
                         ║ r (x = 400, down to y = 0)
        y = 0   ─A───────╨──────B──── s ─────────C──         A (0, 0) 10 people, B (600, 0) 20, C (1000, 0) 40

A: 400 along s, 100 up r, 15 to the shore: 515 m; B: 200 + 100 + 15 = 315 m; C: 600 + 115 = 715 m.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString, Point, box

from siting.network import Network
from siting.themes import City
from siting.themes.green import audit_green
from siting.themes.green.waterfront import NO_STREETS, NO_WATER, waterfront_of

CRS = "EPSG:32650"


def frame(shapes, ids, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS, index=pd.Index(ids, name="id"))


STREETS = frame(
    [LineString([(0, 100), (400, 100)]), LineString([(400, 100), (400, 0)]), LineString([(0, 0), (1000, 0)])],
    list("qrs"),
)
HOMES = frame([Point(0, 0), Point(600, 0), Point(1000, 0)], ["A", "B", "C"], people=[10.0, 20.0, 40.0])
PARK = frame([box(0, -300, 100, -200)], ["P"], **{"class": ["park_green"]})
RIVER = frame([box(-100, 115, 500, 300), box(500, 115, 2000, 300)], ["w1", "w2"])


def bank(**more):
    communities = frame([box(-50, -50, 700, 50), box(700, -50, 1100, 50)], ["Z1", "Z2"], name=["西", "东"])
    given = {"water": RIVER, "zones": {"community": communities}} | more
    return City.of(Network.from_lines(STREETS), HOMES, PARK, **given)


def test_distances_to_the_shore_that_a_street_runs_along():
    found = waterfront_of(bank())
    # Places stand every 20 m, so the nearest is at most 10 m off the corner.
    more = found.points["waterfront_m"] - pd.Series({"A": 515, "B": 315, "C": 715})
    assert more.between(0, 10).all()
    assert more.max() - more.min() < 0.01  # the same place for all
    assert found.points["waterfront"].to_dict() == {"A": "beyond", "B": "far", "C": "beyond"}
    assert found.places["street_m"].max() <= 20
    assert found.places.geometry.x.max() < 415  # not beyond the end of q, though the river goes on
    assert set(found.places["water"]) == {"W1"}  # two reaches are one river


def test_zones_add_up_to_the_city():
    zones = waterfront_of(bank()).zones.set_index("zone")
    assert zones.loc["city", ["people", "people_near", "people_far"]].tolist() == [70, 0, 20]
    assert zones.loc["Z1", ["people", "people_far", "far_share"]].tolist() == [30, 20, 20 / 30]
    assert zones.loc["Z2", "people_far"] == 0


def test_a_pond_is_no_waterfront_unless_one_says_so():
    pond = frame([box(600, 5, 620, 25)], ["pond"])  # 400 m2
    assert waterfront_of(bank(water=pond)) == NO_WATER
    found = waterfront_of(bank(water=pond), min_water_m2=100)
    assert found.points["waterfront"].to_dict() == {"A": "beyond", "B": "near", "C": "far"}


def test_water_that_no_street_comes_near_serves_nobody():
    far = frame([box(0, 150, 500, 300)], ["w"])  # 50 m from the street
    found = waterfront_of(bank(water=far))
    assert len(found.places) == 0
    assert np.isinf(found.points["waterfront_m"]).all()


def test_what_cannot_be_judged_is_said():
    city = bank()
    assert waterfront_of(City.of(None, city.demand, city.facilities, water=RIVER)) == NO_STREETS
    assert waterfront_of(bank(water=None)) == NO_WATER


def test_it_stands_in_the_green_theme():
    result = audit_green(bank()).themed()
    assert result.layer("green_waterfront").note.en.startswith("a waterfront that one can reach")
    assert result.figures["waterfront"] == {
        "near_m": 300,
        "far_m": 500,
        "people_near": 0,
        "people_far": 20,
        "people": 70,
    }
    assert len(result.table("green_waterfront").frame) == 3
    assert result.headlines[-1].en == "0.0% reach a shore within 300 m on foot, 28.6% within 500 m"
    dry = audit_green(bank(water=None)).themed()
    assert "waterfront" in [what.en.split()[0] for what, _ in dry.missing]
    assert "green_waterfront" not in [layer.name for layer in dry.layers]
