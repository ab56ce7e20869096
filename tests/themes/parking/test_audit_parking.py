"""The parking audit on one drawn street, car by car.

A────L────B───────O───────C───────────────D      limit 300 m along the street
0   100  200     350     600             1500    L open, 40 spaces; O of an office, 30 spaces
30       30              30              15      cars of residents (0.3 a person)

Night: A and B have 60 cars and 40 spaces; C has only O, which is shut, and D has nothing: 40 parked, 65 short.
"""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point, box

from siting.errors import InputError, SchemaError
from siting.network import Network
from siting.themes import City
from siting.themes.parking import audit_parking

CRS = "EPSG:32650"
SHARES = {"home": {"day": 0.3, "night": 1.0}, "office": {"day": 1.0}}


def frame(shapes, ids, **columns):
    """Draw a layer."""
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS, index=pd.Index(ids, name="id"))


def street(people=(100.0, 100.0, 100.0, 50.0), lots=None, **more):
    """Return the city of the drawing."""
    ways = frame([LineString([(0, 0), (1600, 0)])], ["s"])
    homes = frame([Point(x, 0) for x in (0, 200, 600, 1500)], list("ABCD"), people=list(people))
    drawn = frame(
        [Point(100, 0), Point(350, 0)],
        ["L", "O"],
        **{"class": ["public_parking", "parking"], "name": ["路口停车场", "办公楼"]},
        capacity_text=["40辆", "30"],
    )
    zones = {"community": frame([box(-50, -50, 400, 50), box(400, -50, 1600, 50)], ["W", "E"], name=["西", "东"])}
    return City.of(Network.from_lines(ways), homes, drawn if lots is None else lots, **({"zones": zones} | more))


@pytest.fixture(scope="module")
def parking():
    """Return the audit of the drawing, with the office's cars by day."""
    offices = frame([Point(350, 0)], ["F"], use=["office"], floor_area_m2=[2000.0])
    return audit_parking(street(), cars_per_person=0.3, floors=offices, spaces_per_100m2={"office": 1.5}, shares=SHARES)


def test_one_lot_serves_two_estates_once(parking):
    """Night: 40 of 105 parked; the west is short by 20 as a whole, and 45 cars have nothing within reach."""
    night = parking.balances["night"]
    assert (night.cars, night.assignment.parked, night.short) == (105, 40, 65)
    assert night.places.loc[["A", "B"], "short"].sum() == 20
    assert night.places.loc[["C", "D"], "short"].tolist() == [30, 15]
    assert night.areas[["area", "places", "cars", "spaces", "short"]].to_numpy().tolist() == [
        [0, 2, 45, 0, 45],
        [1, 2, 60, 40, 20],
    ]
    assert night.walk_m == 100
    assert night.assignment.proved
    assert night.lots["open"].to_dict() == {"L": True, "O": False}


def test_by_day_the_office_fills_its_own_lot(parking):
    """31.5 cars of residents are 32: 9, 9, 9 and 5; the office's 30 cars fill O."""
    day = parking.balances["day"]
    assert day.places["cars"].to_dict() == {"A": 9, "B": 9, "C": 9, "D": 5, "office/F": 30}
    assert day.lots["cars"].to_dict() == {"L": 18, "O": 30}
    assert day.lots["free"].to_dict() == {"L": 22, "O": 0}
    assert day.short == 14


def test_opening_the_office_lot_at_night(parking):
    """30 more are parked: L takes 40 from A and B, O the other 20 and 10 of C, for least walking.

    40 x 100 + 20 x 150 + 10 x 250 = 9,500 m for 70 cars.
    """
    shared = parking.sharing["night"]
    assert shared.lots.loc["O"].tolist() == [30, 30, 30, 30]
    assert (shared.short_before, shared.short_after, shared.gain) == (65, 35, 30)
    assert shared.walk_m == pytest.approx(9500 / 70)
    assert shared.proved


def test_two_office_lots_that_help_the_same_cars_are_not_added_up():
    """C's 30 cars fit into either of two lots of 30: each alone gives 30, both together 50 with the west's 20."""
    lots = frame(
        [Point(100, 0), Point(350, 0), Point(700, 0)],
        ["L", "O", "P"],
        **{"class": ["public_parking", "parking", "parking"]},
        capacity=[40.0, 30.0, 30.0],
    )
    shared = audit_parking(street(lots=lots), cars_per_person=0.3).sharing["night"]
    assert shared.lots["gain_alone"].to_dict() == {"O": 30, "P": 30}
    assert shared.gain == 50
    half = audit_parking(street(lots=lots), cars_per_person=0.3, shared_part=0.5).sharing["night"]
    assert half.lots["offered"].tolist() == [15, 15]
    assert half.gain == 30


def test_a_lot_of_unknown_spaces_is_told_at_the_places_it_could_serve():
    """U at 900 states nothing: no space is made up, and C, 300 m away, knows of it."""
    lots = frame([Point(100, 0), Point(900, 0)], ["L", "U"], **{"class": ["public_parking"] * 2}, capacity=[40.0, None])
    parking = audit_parking(street(lots=lots), cars_per_person=0.3)
    night = parking.balances["night"]
    assert night.places["unknown_lots"].to_dict() == {"A": 0, "B": 0, "C": 1, "D": 0}
    assert night.lots.loc["U", ["spaces", "free"]].isna().all()
    assert night.short == 65


def test_places_zones_and_city_add_up_in_every_output(parking):
    """The zones of the table add up to the slots of the city, and every layer shows itself."""
    result = parking.themed()
    zones = result.table("parking_zones").frame
    for slot, row in result.table("parking_slots").frame.set_index("slot").iterrows():
        mine = zones[zones["slot"] == slot]
        assert mine[["cars", "parked", "short"]].sum().tolist() == row[["cars", "parked", "short"]].tolist()
    # By day L has 22 left in the west, while C and D are short in the east.
    day = zones[zones["slot"] == "day"].set_index("zone")
    assert day.loc[["W", "E"], ["short", "free"]].to_numpy().tolist() == [[0, 22], [14, 0]]
    assert result.figures["slots"]["night"]["short"] == 65
    assert result.figures["worst_slot"] == "night"
    assert "65" in result.headlines[0].en
    assert {layer.name for layer in result.layers} == {
        "parking_places", "parking_lots", "parking_sharing", "parking_community"
    }  # fmt: skip
    states = result.layer("parking_places").frame["state"].to_dict()
    assert (states["C"], states["D"], states["office/F"]) == ("none", "none", "no_cars")


def test_shuffled_rows_give_the_same_answer():
    """Who is short does not hang on the order of rows."""
    city = street()
    turned = street()
    object.__setattr__(turned, "demand", gpd.GeoDataFrame(turned.demand.iloc[::-1]))
    object.__setattr__(turned, "facilities", gpd.GeoDataFrame(turned.facilities.iloc[::-1]))
    one, two = (audit_parking(c, cars_per_person=0.3).balances["night"] for c in (city, turned))
    pd.testing.assert_frame_equal(one.places, two.places)
    pd.testing.assert_frame_equal(one.lots, two.lots)


def test_without_any_figure_for_cars_only_the_supply_is_told():
    """No rate stands in a clause: none is made up."""
    parking = audit_parking(street())
    assert not parking.balances
    assert "cars_per_person" in parking.missing[0][1].en
    result = parking.themed()
    assert result.figures["spaces"] == 70
    assert result.figures["worst_slot"] is None


def test_cars_that_the_demand_states_and_rows_without():
    """A column of cars replaces the rate; a row without is left out and told."""
    city = street()
    city = City.of(city.network, city.demand.assign(cars=[10, 20, None, 5]), city.facilities)
    parking = audit_parking(city)
    assert parking.balances["night"].cars == 35
    assert [(f.code, f.count) for f in parking.findings if f.code == "cars_unknown"] == [("cars_unknown", 1)]


def test_what_cannot_be_judged_is_refused():
    """No car parks, an unknown time, two rates at once."""
    city = street()
    none = City.of(city.network, city.demand, gpd.GeoDataFrame(city.facilities.assign(**{"class": "market"})))
    with pytest.raises(InputError, match="no car parks"):
        audit_parking(none)
    with pytest.raises(SchemaError, match="no time 'nigth'; did you mean 'night'"):
        audit_parking(city, cars_per_person=0.3, shares={"home": {"nigth": 1.0}})
    with pytest.raises(SchemaError, match="exclude each other"):
        audit_parking(city, cars_per_person=0.3, cars_per_household=1.0)
    with pytest.raises(SchemaError, match="shares by time for office"):
        audit_parking(city, cars_per_person=0.3, spaces_per_100m2={"office": 1.0})


def test_the_table_of_assumptions_names_every_figure(parking):
    """The walk comes from the catalogue with its grade; rates and shares are the study's."""
    table = parking.themed().table("parking_assumed").frame.set_index("name_en")
    assert table.loc["walk (m)", ["value_en", "read_en", "confidence"]].tolist() == [
        "300",
        "unverified default",
        "unverified",
    ]
    assert table.loc["cars a person", ["value_zh", "confidence"]].tolist() == ["0.3", "assumed"]
    assert table.loc["homes: share parked, weekday day", "value_en"] == "0.3"


def test_a_place_far_from_every_street_is_told():
    """D moved 900 m off the street reaches nothing, and a finding says why."""
    city = street()
    moved = city.demand.set_geometry([Point(0, 0), Point(200, 0), Point(600, 0), Point(1500, 900)])
    parking = audit_parking(City.of(city.network, moved, city.facilities), cars_per_person=0.3)
    assert [(f.count, f.ids) for f in parking.findings if f.code == "places_unsnapped"] == [(1, ("D",))]
    assert parking.balances["night"].places.loc["D", "short"] == 15


def test_straight_lines_where_there_are_no_streets():
    """Without streets the line decides, and every note says so."""
    city = street()
    bare = City.of(None, city.demand, city.facilities, zones=city.zones)
    parking = audit_parking(bare, cars_per_person=0.3)
    assert parking.balances["night"].assignment.parked == 40
    assert "in a straight line" in parking.themed().headlines[0].en


def test_a_lot_over_the_border_serves_but_is_no_supply():
    """The study ends at 300: O lies outside, and so is not counted among the spaces of the study."""
    parking = audit_parking(street(boundary=frame([box(-50, -50, 300, 50)], ["b"])), cars_per_person=0.3)
    assert parking.inside.to_dict() == {"L": True, "O": False}
    figures = parking.themed().figures
    assert (figures["lots"], figures["lots_outside"], figures["spaces"]) == (1, 1, 40)
    assert parking.sharing["night"].gain == 30
    assert {"lots_outside", "no_residents_lots"} <= {f.code for f in parking.findings}
