"""Who is within 300 m, people and busy places, by day and by night, and which places have a toilet of their own."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point, box
from toilet_city import CRS, city, frame, toilets

from siting import audit
from siting.themes.toilets import Columns, audit_toilets, open_toilets, site_toilets
from siting.themes.toilets.must_have import must_have
from siting.themes.toilets.reach import open_state


def busy():
    """A market 400 m from the toilet "s", and a park whose edge is 50 m from it."""
    return frame(
        [Point(2900, 2500), box(2400, 2550, 2600, 2900)], ["market", "park"],
        name=["北市场", "北园"], footfall=[600, 200],
    )  # fmt: skip


def test_people_within_the_radius_the_limit_included():
    people = audit_toilets(city()).reach.people.headline("people")
    assert (people.served / 1000, people.total / 1000) == (150, 180)  # A and B; C is a metre too far


def test_busy_places_by_hand():
    reach = audit_toilets(city(), busy=busy()).reach
    assert reach.busy["straight_m"].to_dict() == {"market": 400, "park": 50}
    assert reach.busy["state"].to_dict() == {"market": "unserved", "park": "served"}
    assert (reach.busy_share.served, reach.busy_share.total) == (1, 2)
    assert (reach.footfall_served, reach.footfall) == (200, 800)
    rows = reach.indicators.query("rule == 'wc.radius.mandatory.busy_places'").set_index(["zone_level", "zone"])
    assert rows["served"].to_dict() == {("city", "city"): 1, ("half", "N"): 1, ("half", "S"): 0}
    assert rows.groupby("zone_level")["total"].sum().tolist() == [2, 2]
    assert rows["passes"].isna().all()


def test_without_a_layer_busy_places_are_those_of_the_facilities():
    more = pd.concat([toilets(), busy().assign(**{"class": ["market", "park_green"]})])
    reach = audit_toilets(city(gpd.GeoDataFrame(more))).reach
    assert reach.busy_chosen
    assert sorted(reach.busy.index) == ["market", "park"]
    nothing = audit_toilets(city())
    assert nothing.reach.busy is None
    assert "busy places" in [what.en for what, _ in nothing.missing]


def test_day_and_night_with_hours_that_are_not_known():
    #  A at 0 m of r, B at 300 m of r (and 100 m of q), C at 301 m of r (and 101 m of q)
    places = {"r": (500, 200), "q": (800, 100), "p": (2000, 2000)}
    rows = toilets(places, opening_hours=["06:00-22:00", "随商场", "24小时"])
    reach = audit_toilets(city(rows)).reach
    slots = reach.slots.set_index("slot")
    assert slots.loc["day", ["open", "closed", "unknown"]].tolist() == [2, 0, 1]
    assert slots.loc["night", ["open", "closed", "unknown"]].tolist() == [1, 1, 1]
    # By day r is open for A and B; q, if it is open, adds C. At night r is closed and q alone may be open.
    assert slots.loc["day", ["served_least", "served_most", "total"]].tolist() == [150, 180, 180]
    assert slots.loc["night", ["served_least", "served_most", "total"]].tolist() == [0, 80, 180]


def test_a_toilet_that_closes_one_day_a_week_is_not_open_daily():
    rows = toilets({"a": (0, 0), "b": (99, 0)}, opening_hours=["Mo-Sa 08:00-20:00", "08:00-20:00"])
    audit = audit_toilets(city(rows), slots={"noon": "12:00"})
    assert open_state(audit.records, "12:00").to_dict() == {"a": "closed", "b": "open"}
    assert audit.reach.slots["slot"].tolist() == ["noon"]
    with pytest.raises(ValueError, match="HH:MM"):
        audit_toilets(city(rows), slots={"noon": "12"})


def test_places_that_must_have_a_toilet():
    others = frame(
        [Point(2500, 2550), Point(2500, 2551), box(0, 2700, 200, 2900), box(300, 2700, 350, 2750), Point(700, 2600)],
        ["near", "far", "big", "small", "sq"],
        **{"class": ["market", "market", "park_green", "park_green", "square"], "name": None},
    )
    found = audit_toilets(city(gpd.GeoDataFrame(pd.concat([toilets(), others])))).places
    states = found.places.set_index(["rule", "place"])["state"].to_dict()
    assert states == {
        ("wc.mandatory_places", "near"): "has",  # 50 m from "s"
        ("wc.mandatory_places", "far"): "lacks",  # 51 m
        ("wc.mandatory_places", "big"): "lacks",
        ("wc.mandatory_places", "small"): "lacks",
        ("wc.park2ha", "big"): "lacks",  # 4 ha; the small one has a quarter
        ("wc.square", "sq"): "lacks",  # exactly 200 m from r6, and the clause says less than 200
    }
    rows = found.summary.set_index(["rule", "class"])
    assert rows.loc[("wc.mandatory_places", "market"), ["places", "has", "lacks", "assumed"]].tolist() == [
        2,
        1,
        1,
        True,
    ]
    assert rows.loc[("wc.square", "square"), ["within_m", "confidence", "assumed"]].tolist() == [
        200,
        "unverified",
        False,
    ]


def test_without_any_such_place_the_tables_are_empty():
    given = city()
    found = must_have(given, toilets())
    assert len(found.places) == len(found.summary) == 0


def test_what_opening_closed_toilets_would_give():
    # The closed one stands at C: C is then served (30 people); A and B are already.
    rows = toilets({"r": (500, 200), "office": (801, 200)}).assign(**{"class": ["public_toilet", "restricted_toilet"]})
    audit = audit_toilets(city(rows))
    assert audit.reach.opened.iloc[0].tolist() == [1, 150, 180, 30, 180]
    assert audit.themed().figures["if_opened"]["gain"] == 30
    assert audit_toilets(city()).themed().figures["if_opened"] is None


def test_a_toilet_drawn_as_an_area_serves_from_its_edge_as_the_audit_of_the_rule_says():
    # Its middle is 310 m from A (500, 200), its edge exactly 300 m; B and C are nearer.
    block = toilets({"w": (0, 0)}).set_geometry([box(800, 190, 820, 210)], crs=CRS)
    whole = city(block)
    people = audit_toilets(whole).reach.people
    assert people.demand["cost_straight"].tolist() == [300, 0, 0]
    same = audit(None, whole.demand, block, "wc.radius.mandatory")
    assert people.headline("people").served == same.headline("people").served == 180_000


def test_places_beyond_the_study_area_are_listed_and_not_judged():
    """Markets at B, in the study area, and 9 km east of it: one is judged, the other is a finding."""
    markets = frame([Point(500, 200), Point(9999, 200)], ["here", "abroad"], name=["北市场", "邻市市场"])
    more = pd.concat([toilets(), markets.assign(**{"class": "market"})])
    found = audit_toilets(city(gpd.GeoDataFrame(more)))
    assert found.reach.busy.index.tolist() == ["here"]
    assert found.places.places["place"].unique().tolist() == ["here"]
    note = next(f for f in found.findings if f.code == "toilet_places_outside")
    assert (note.count, note.ids) == (1, ("abroad",))


def test_new_toilets_and_opened_ones_start_from_the_people_whom_the_audit_serves():
    """The toilet block is 300 m from A at its edge and 310 m at its middle: A is served, so nobody is left to serve."""
    block = toilets({"w": (0, 0)}).set_geometry([box(800, 190, 820, 210)], crs=CRS)
    whole = city(block)
    served = audit_toilets(whole).reach.people.headline("people").served / 1000
    place = frame([Point(400, 200)], ["x"], allowed=True, kind="street", cost=1.0, refusal=None)
    plan = site_toilets(whole, p=1, candidates=place)
    before = plan.requirements.set_index("counts").loc["people", ["before", "total"]]
    assert before.tolist() == [180 - served, 180] == [0, 180]
    assert plan.existing.geom_type.tolist() == ["Point"]  # on the map a toilet is a point
    opened = open_toilets(whole, frame([Point(400, 200)], ["office"]))
    assert opened.slots["before"].tolist()[0] == served


def test_a_kind_of_crowded_place_that_no_toilet_has_is_told():
    """The market is written 集贸市场 in the layer: 市场 would pass for no market at all."""
    rows = toilets({"a": (500, 200), "b": (900, 200)}, female=[4, 4], male=[2, 2], kind=["集贸市场", "公园"])
    found = audit_toilets(city(rows), columns=Columns(place_type="kind"), crowded=["公园", "市场"]).findings
    note = next(f for f in found if f.code == "crowded_unknown")
    assert (note.ids, note.text.en) == (
        ("市场",), "crowded: no toilet has 市场 as its kind of place; there are 公园, 集贸市场",
    )  # fmt: skip
    fine = audit_toilets(city(rows), columns=Columns(place_type="kind"), crowded=["公园", "集贸市场"]).findings
    assert "crowded_unknown" not in [f.code for f in fine]
