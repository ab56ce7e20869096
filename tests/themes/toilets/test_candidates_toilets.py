"""Places of every kind on a drawn street, with the tests that they fail.

vacant V1 40x40 at 100   V2 40x40 at 500 (a well W 20 m east of it)      park P 100x100 at 800
────────────────────────────────────────────────────────────────────────────────────────── y = 0, 0 to 1000
building H (library) at 300, south; station S at 600, in a building; kindergarten K 25 m from H
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point, box

from siting.errors import InfeasibleError, InputError
from siting.network import Network
from siting.themes import City
from siting.themes.toilets.candidates import toilet_candidates

CRS = "EPSG:32650"


def frame(shapes, ids, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS, index=pd.Index(ids, name="id"))


LIBRARY = box(290, -40, 310, -20)
BUILDINGS = frame([LIBRARY, box(580, -60, 620, -10)], ["H", "S"])


def town(**more):
    streets = frame([LineString([(0, 0), (1000, 0)])], ["s"], highway="residential", name="人民路")
    home = frame([Point(10, 10)], ["h"], people=[1.0])
    stop = frame([Point(600, -30)], ["S"], **{"class": ["metro"], "name": ["地铁站"]})
    given = {
        "vacant": frame([box(80, 10, 120, 50), box(480, 10, 520, 50)], ["V1", "V2"]),
        "green": frame([box(750, 10, 850, 110)], ["P"], kind=["park"], is_park=[True], name=["公园"]),
        "buildings": BUILDINGS,
    } | more
    return City.of(Network.from_lines(streets, min_component_share=0.0), home, stop, **given)


def test_every_kind_with_its_cost():
    costs = {"street": 5, "park": 4, "station": 2, "vacant": 6, "building": 1}
    table = toilet_candidates(town(), layers={"building": frame([LIBRARY], ["H"])}, costs=costs, spacing_m=200)
    assert set(table["kind"]) == set(costs)
    assert (table["cost"] == table["kind"].map(costs)).all()
    assert table.loc["building-H", "kind_en"] == "public building, opened"
    # In a station and in a building nothing new is built: their own walls are no conflict.
    assert table.loc[["station-S", "building-H", "vacant-V1", "vacant-V2", "park-P"], "allowed"].all()
    assert table.loc[table["kind"] == "street", "allowed"].any()
    assert box(750, 10, 850, 110).covers(table.loc["park-P", "geometry"])
    assert table["failed"].eq("").equals(table["allowed"])
    assert toilet_candidates(town(), ["vacant"])["cost"].isna().all()


def test_drinking_water_is_kept_30_m_away():
    """A well at (541, 30) is 21 m from V2 and leaves its western half; one at (500, 30), inside, leaves too little."""
    beside = frame([Point(541, 30)], ["W"])
    table = toilet_candidates(town(), ["vacant", "station"], separations={"wc.sep.water": beside})
    assert table["allowed"].all()
    assert table.loc["vacant-V2", "area_m2"] < 1600
    assert table.loc["vacant-V2", "geometry"].distance(beside.geometry.iloc[0]) >= 30
    inside = toilet_candidates(
        town(), ["vacant", "station"], separations={"wc.sep.water": frame([Point(500, 30)], ["W"])}
    )
    assert inside["allowed"].to_dict() == {"station-S": True, "vacant-V1": True, "vacant-V2": False}
    assert "free area" in inside.loc["vacant-V2", "failed"]
    assert "at least 30 m (GB 55013-2021 5.0.4, clause read)" in inside.attrs["notes"][-1].en


@pytest.mark.parametrize(("x", "allowed"), [(630.0, True), (629.99, False)])
def test_exactly_as_far_as_the_clause_says_is_allowed(x, allowed):
    well = frame([Point(x, -30)], ["W"])
    table = toilet_candidates(town(), ["station"], separations={"wc.sep.water": well})
    assert bool(table.loc["station-S", "allowed"]) == allowed
    assert ("wc.sep.water: 29.99 m, at least 30 m (clause read)" in table.loc["station-S", "failed"]) != allowed


def test_an_opened_toilet_has_its_tank_but_keeps_away_from_food():
    layers = {"building": frame([LIBRARY], ["H"])}
    at = frame([Point(325, -30)], ["K"])  # 25 m from the middle of the library
    tank = toilet_candidates(town(), ["building"], layers=layers, separations={"wc.sep.water": at})
    assert tank["allowed"].all()
    food = toilet_candidates(town(), ["building"], layers=layers, separations={"wc.sep.food": at})
    assert not food["allowed"].any()
    assert "secondary source" in food["failed"].iloc[0]


@pytest.mark.parametrize(
    ("more", "error", "word"),
    [
        ({"kinds": ["vacnt"]}, InputError, "did you mean 'vacant'"),
        ({"kinds": ["building"]}, InputError, "no layer for places of kind building"),
        ({"kinds": ["vacant"], "costs": {"park": 1}}, InputError, "costs say nothing of vacant"),
        ({"costs": {"vacant": -1}}, InputError, "cost of vacant is -1"),
        ({"separations": {"wc.radius.mandatory": BUILDINGS}}, InputError, "no rule of separation"),
    ],
)
def test_refusals(more, error, word):
    with pytest.raises(error, match=word):
        toilet_candidates(town(), **more)


def test_no_place_at_all():
    bare = City.of(
        None, frame([Point(10, 10)], ["h"], people=[1.0]), frame([], [], **{"class": np.array([], dtype=str)})
    )
    with pytest.raises(InfeasibleError, match="no place of any kind"):
        toilet_candidates(bare)
