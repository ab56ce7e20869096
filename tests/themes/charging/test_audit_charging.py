"""Charging spaces and stations on a drawn street, every figure by hand.

  zone W (x < 1000)                       zone E (x >= 1000)
  A 1000        B 500      S1             C 500                    S2?
  ●─────────────●──────────▲──────────────●────────────────────────▲──    y = 0
  x = 100       600        900            1300                     1900

Cars: 0.5 a person, 0.2 of them electric: A 100, B 50, C 50 electric cars, 200 in all.
"""

from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, box

from siting.coverage import INDICATOR_COLUMNS
from siting.errors import InputError, SchemaError
from siting.ledger import Text
from siting.network import Network
from siting.themes import City
from siting.themes.charging import Assumed, audit_charging
from siting.themes.charging.counts import read_counts
from siting.themes.charging.ready import chargers_needed

CRS = "EPSG:32650"


def frame(shapes, ids, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS, index=pd.Index(ids, name="id"))


STREET = frame([LineString([(0, 0), (2000, 0)])], ["s"])
HOMES = frame([Point(100, 0), Point(600, 0), Point(1300, 0)], ["A", "B", "C"], people=[1000.0, 500.0, 500.0])
ZONES = {"area": frame([box(0, -500, 1000, 500), box(1000, -500, 2000, 500)], ["W", "E"], name=["西区", "东区"])}
STATIONS = frame(
    [Point(900, 0), Point(1900, 0)], ["S1", "S2"], chargers=["6台", 4], **{"class": ["charging", "charging"]}
)
ASSUMED = Assumed(ev_share=0.2, cars_per_person=0.5, per_ev_day=0.3, per_charger_day=8)


def town(facilities=STATIONS, demand=HOMES, **more):
    return City.of(Network.from_lines(STREET), demand, facilities, zones=ZONES, **more)


def lots(**columns):
    n = len(next(iter(columns.values())))
    return frame([Point(100 + 300 * k, 10) for k in range(n)], [f"L{k}" for k in range(n)], **columns)


def test_the_least_number_of_charging_spaces_is_rounded_up_exactly():
    assert [chargers_needed(0.1, n) for n in (0, 1, 9, 10, 11, 100, 101)] == [0, 1, 1, 1, 2, 10, 11]
    assert chargers_needed(0.1, 30) == 3  # 0.1 x 30 in floating point is more than 3
    assert chargers_needed(1.0, 37) == 37
    assert chargers_needed(0.2, 15) == 3


@given(st.integers(1, 100), st.integers(0, 10_000))
def test_the_least_number_is_the_least(percent, spaces):
    share = percent / 100
    needed = chargers_needed(share, spaces)
    assert Fraction(needed) >= Fraction(percent, 100) * spaces > needed - 1


def test_each_lot_is_held_to_the_clause_of_its_kind():
    made = lots(
        capacity=[101, 100, 40, 40, 60, 500],
        ev_spaces=[10, 10, 39, 40, 5, 0],
        ev_kind=["public_lot", "public_lot", "new_housing", "new_housing", "public_building", "other"],
    )
    ready = audit_charging(town(), lots=made).ready
    assert ready.lots["needed"].tolist()[:5] == [11, 10, 40, 40, 6]
    assert ready.lots["shortfall"].tolist()[:5] == [1, 0, 1, 0, 1]
    assert ready.lots["state"].tolist() == ["short", "meets", "short", "meets", "short", "no_rule"]
    # Two clauses speak of public lots; the shortfall counts once.
    assert ready.shortfall == 3
    assert ready.lots.loc["L0", "rule"] == "ev.public_lot"
    assert ready.lots.loc["L0", "confidence"] == "clause"
    assert ready.lots.loc["L4", "rule"] == "ev.public_lot"  # as strict as ev.public_building, and better read
    assert ready.lots.loc["L5", ["needed", "shortfall"]].isna().all()


def test_kind_follows_the_class_of_the_facility_where_none_is_stated():
    made = lots(capacity=[100, 100, 100], ev_spaces=[9, 9, 9], ev_kind=[None, "", "new_housing"])
    made["class"] = ["public_parking", "parking", "public_parking"]
    ready = audit_charging(town(), lots=made).ready
    assert ready.lots["kind"].tolist() == ["public_lot", "other", "new_housing"]


def test_what_is_no_count_is_listed_and_never_a_nought():
    made = lots(
        capacity=["120辆", "80-90", None, -5, 50.5, 0, 100, "1,000", 10, "约80", 99999, "many"],
        ev_spaces=[12, 8, 1, 1, 1, 0, None, "99个", 11, "7桩", 1, 1],
        ev_kind=["public_lot"] * 12,
    )
    ready = audit_charging(town(), lots=made).ready
    states = ready.lots["state"].tolist()
    assert states == ["meets", *["unknown"] * 6, "short", "unknown", "short", "unknown", "unknown"]
    assert ready.lots.loc["L7", ["spaces", "ready", "needed", "shortfall"]].tolist() == [1000, 99, 100, 1]
    assert ready.lots.loc["L6", "needed"] == 10  # its charging spaces are not known, what it needs is
    assert np.isnan(ready.lots.loc["L6", "shortfall"])
    # An approximate number counts as it is stated, and is marked.
    assert ready.lots.loc["L9", ["spaces", "about", "shortfall"]].tolist() == [80, True, 1]
    assert ready.lots["about"].sum() == 1
    found = {f.code: f.ids for f in ready.findings}
    assert found == {
        "lot_spaces_range": ("L1",), "lot_spaces_missing": ("L2",), "lot_spaces_negative": ("L3",),
        "lot_spaces_not_whole": ("L4",), "lot_no_spaces": ("L5",), "lot_ready_missing": ("L6",),
        "lot_spaces_from_text": ("L0", "L7"), "lot_ready_from_text": ("L7",), "lot_more_ready": ("L8",),
        "lot_spaces_about": ("L9",), "lot_spaces_absurd": ("L10",), "lot_spaces_unreadable": ("L11",),
    }  # fmt: skip
    row = ready.by_kind.iloc[0]
    assert row[["lots", "judged", "meeting", "spaces", "shortfall"]].tolist() == [12, 3, 1, 1200, 2]


def test_every_level_of_zones_adds_up_to_the_city():
    made = lots(capacity=[50] * 7, ev_spaces=[0, 1, 2, 3, 4, 5, None], ev_kind=["public_lot"] * 6 + ["new_housing"])
    table = audit_charging(town(), lots=made).ready.by_kind
    city = table[table["level"] == "city"]
    area = table[table["level"] == "area"]
    assert city["shortfall"].sum() == area["shortfall"].sum() == 15
    assert city["lots"].sum() == area["lots"].sum() == 7
    # L0 .. L3 stand at x = 100 .. 1000: the border belongs to the zone whose id comes first.
    west = area[(area["zone"] == "W")].iloc[0]
    assert (west["lots"], west["shortfall"]) == (3, 12)
    # The lot of new housing is not judged: what it lacks is not known, not nought.
    assert area[area["kind"] == "new_housing"]["shortfall"].isna().all()


def test_a_city_may_hold_its_lots_to_a_stricter_rule():
    made = lots(capacity=[100], ev_spaces=[15], ev_kind=["public_lot"])
    local = audit_charging(town(), lots=made, rules={"public_lot": ["ev.public_lot", "ev.hainan"]}).ready
    assert local.lots.iloc[0][["rule", "needed", "shortfall"]].tolist() == ["ev.hainan", 20, 5]
    assert local.lots.iloc[0]["confidence"] == "secondary"
    with pytest.raises(SchemaError, match="no kind of lot"):
        audit_charging(town(), lots=made, rules={"publik": ["ev.hainan"]})
    with pytest.raises(SchemaError, match=r"no rule 'ev\.haina'.*did you mean 'ev\.hainan'"):
        audit_charging(town(), lots=made, rules={"public_lot": ["ev.haina"]})
    with pytest.raises(SchemaError, match="no least share"):
        audit_charging(town(), lots=made, rules={"public_lot": ["ev.station"]})


def test_a_kind_that_is_not_known_is_listed():
    ready = audit_charging(town(), lots=lots(capacity=[9], ev_spaces=[9], ev_kind=["housing"])).ready
    assert ready.lots["state"].tolist() == ["no_rule"]
    assert [f.code for f in ready.findings] == ["lot_kind"]


def test_stations_for_cars_demand_and_supply():
    stations = audit_charging(town(), assumed=ASSUMED, reach_m=400).stations
    assert stations.evs == 200
    assert (stations.needed, stations.short) == (1, 0)  # one for 2,000
    city = stations.city
    # 0.3 charges x 200 cars; 8 charges x (6 + 4) chargers
    assert city[["demand_day", "supply_day", "balance_day", "chargers"]].tolist() == [60, 80, 20, 10]
    # S1 is 300 m from B and exactly 400 m from C; A is 800 m away.
    assert city[["people_near", "people_share", "evs_near"]].tolist() == [1000, 0.5, 100]
    west, east = (stations.by_zone.set_index("zone").loc[z] for z in ("W", "E"))
    assert west[["people", "people_near", "evs", "stations", "supply_day"]].tolist() == [1500, 500, 150, 1, 48]
    assert east[["people", "people_near", "evs", "stations", "supply_day"]].tolist() == [500, 500, 50, 1, 32]
    assert "研究自定" in stations.radius.text.zh


def test_stations_are_rounded_up_and_the_limit_itself_needs_no_more():
    def needed(people):
        demand = HOMES.assign(people=[people, 0.0, 0.0])
        each = Assumed(ev_share=1.0, cars_per_person=1.0)
        found = audit_charging(town(demand=demand), assumed=each).stations
        return found.needed, found.short

    assert needed(4000.0) == (2, 0)
    assert needed(4000.001) == (3, 1)
    assert needed(0.0) == (0, 0)


def test_cars_of_the_demand_come_first():
    demand = HOMES.assign(cars=[10, 20, 30])
    stations = audit_charging(town(demand=demand), assumed=ASSUMED).stations
    assert stations.evs == 12
    assert any("“cars”" in line.zh for line in stations.assumptions)
    # B says nothing usable: 500 people at half a car each.
    part = audit_charging(town(demand=HOMES.assign(cars=["10", "ten", "30"])), assumed=ASSUMED).stations
    assert part.points["evs"].tolist() == [2, 50, 6]
    assert [(f.code, f.ids) for f in part.findings if "cars" in f.code] == [("cars_unknown", ("B",))]


def test_cars_that_nobody_knows_are_told_and_not_made_up():
    each = Assumed(ev_share=0.2, per_ev_day=0.3, per_charger_day=8)
    for demand, says in (
        (HOMES.assign(cars=["10", "ten", "30"]), "'cars' of 1 of 3 rows"),
        (HOMES.drop(columns="people").assign(units=1), "no column 'cars'"),
    ):
        charging = audit_charging(town(demand=demand), assumed=each)
        assert charging.stations.evs is None
        assert [why.en for what, why in charging.missing if says in why.en]
        assert np.isnan(charging.stations.city["demand_day"])
        with pytest.raises(InputError, match=says):
            each.evs(demand)


def test_nothing_is_made_up_for_what_is_not_known():
    nobody = frame([], [], **{"class": []})
    charging = audit_charging(town(nobody), assumed=ASSUMED, reach_m=400)
    stations = charging.stations
    assert (stations.needed, stations.short) == (1, None)  # no stations in the data is no proof
    assert stations.city[["people_near", "stations", "chargers", "supply_day", "balance_day"]].isna().all()
    assert len(charging.missing) == 2
    charging.themed()
    empty = audit_charging(town(nobody))
    assert (empty.ready, empty.stations) == (None, None)
    assert empty.themed().figures == {}
    # One station without a number of chargers makes the supply unknown, not smaller.
    part = audit_charging(town(STATIONS.assign(chargers=["6台", None])), assumed=ASSUMED).stations
    assert np.isnan(part.city["supply_day"])
    assert [f.code for f in part.findings] == ["chargers_missing", "chargers_from_text"]
    # No rule states a radius, so without the study's own none is drawn.
    assert part.radius is None
    assert np.isnan(part.city["people_near"])


@pytest.mark.parametrize(
    "wrong",
    [{"ev_share": 0.0}, {"ev_share": 1.2}, {"ev_share": float("nan")}, {"ev_share": 0.1, "cars_per_person": -1.0},
     {"ev_share": 0.1, "per_ev_day": 0.0}, {"ev_share": 0.1, "unit": "litre"}],
)  # fmt: skip
def test_assumptions_that_cannot_be_are_refused(wrong):
    with pytest.raises(InputError, match="assumed"):
        Assumed(**wrong)


@given(st.lists(st.one_of(st.none(), st.integers(-5, 500), st.floats(), st.text(max_size=6)), max_size=8))
def test_rows_in_are_rows_used_and_rows_listed(values):
    read = read_counts(pd.Series(values, dtype=object), len(values))
    listed = read.findings(pd.RangeIndex(len(values)).astype(str), Text("", ""), Text("", ""), "x")
    assert read.known.sum() + sum(f.count for f in listed if f.kind == "warning") == len(values)
    assert ((read.value[read.known] >= 0) & (read.value[read.known] % 1 == 0)).all()


def test_the_theme_says_which_figures_are_assumed_and_how_clauses_were_read():
    made = lots(capacity=[101, None], ev_spaces=[10, 1], ev_kind=["public_lot"] * 2)
    result = audit_charging(town(), lots=made, assumed=ASSUMED, reach_m=400).themed()
    names = [layer.name for layer in result.layers]
    assert names == ["charging_lots", "charging_stations", "charging_points", "charging_area"]
    assert [t.name for t in result.tables] == ["charging_kinds", "charging_lots", "charging_zones"]
    assert result.figures["charging_spaces_lacking"] == 1
    assert result.figures["people_share"] == 0.5
    first, second, third, fourth, fifth = result.headlines
    assert first.zh == "可评判的 1 处停车场中 1 处充电车位不足，共缺 1 个（条文已读）"
    assert "1 car parks are not judged" in second.en
    assert "assumed by the study" in third.en
    assert "no clause" in fourth.en
    assert "研究假定" in fifth.zh
    assert "assumed by the study" in result.table("charging_zones").note.en


def test_a_lot_that_stands_in_two_layers_counts_once():
    made = lots(capacity=[100, 100, 100, None], ev_spaces=[5, None, 10, 3], ev_kind=["public_lot"] * 4)
    # L1 is L0 once more, from another layer and without charging spaces; L3 stands at L2 under another name.
    made["geometry"] = [Point(100, 10), Point(102, 10), Point(700, 10), Point(700, 11)]
    made["name"], made["source"] = ["站前", "站前", "东门", "北门"], ["a", "b", "a", "b"]
    ready = audit_charging(town(), lots=made).ready
    assert ready.lots["state"].tolist() == ["short", "repeat", "meets", "unknown"]
    assert ready.shortfall == 5
    assert [(f.code, f.ids) for f in ready.findings if f.code == "lot_repeat"] == [("lot_repeat", ("L1",))]
    assert ready.by_kind.iloc[0][["lots", "judged", "spaces"]].tolist() == [3, 2, 200]


def test_a_station_counts_once_and_only_with_chargers():
    at = [Point(900, 0), Point(903, 0), Point(903, 1), Point(1900, 0), Point(300, 0)]
    layer = frame(at, ["S", "S'", "T", "Z", "U"], name=["南站", None, "别家", "停用", None],
                  chargers=[6, 2, None, 0, "约3"], **{"class": ["charging"] * 5})  # fmt: skip
    stations = audit_charging(town(layer), assumed=ASSUMED, reach_m=400).stations
    # S' has no name and stands 3 m from S, which has more chargers; T is another's; Z has none.
    assert stations.stations.index.tolist() == ["S", "T", "U"]
    assert {f.code: f.ids for f in stations.findings} == {
        "chargers_missing": ("T",), "chargers_about": ("U",), "station_twice": ("S'",), "station_no_chargers": ("Z",),
    }  # fmt: skip
    city = stations.city
    assert city[["stations", "stations_unknown", "chargers_known", "supply_least_day"]].tolist() == [3, 1, 9, 72]
    assert city[["chargers", "supply_day", "balance_day"]].isna().all()
    line = audit_charging(town(layer), assumed=ASSUMED, reach_m=400).themed().headlines[-1]
    assert line.zh == "公共充电需求 60 次/日，现有能力至少 72 次/日（研究假定；1 座充电站桩数未知）"
    assert "supply at least 72 charges a day" in line.en


def test_indicators_of_every_level_add_up_to_the_city():
    made = lots(
        capacity=[100, 100, 50, 40, 10], ev_spaces=[10, 9, 5, 40, None],
        ev_kind=["public_lot", "public_lot", "public_lot", "new_housing", "public_building"],
    )  # fmt: skip
    # L2 at x = 700 in the west, L3 at 1000 on the border, moved out of both zones.
    made.loc["L3", "geometry"] = Point(1000, 900)
    rows = audit_charging(town(), lots=made, assumed=ASSUMED, reach_m=400).themed().indicators
    assert tuple(rows.columns) == INDICATOR_COLUMNS
    city = rows[rows["zone_level"] == "city"].set_index(["rule", "denominator", "distance"])[["served", "total"]]
    figures = {(rule, on): (row.served, row.total) for (rule, on, d), row in
               zip(city.index, city.itertuples(), strict=True) if d != "straight"}  # fmt: skip
    assert figures == {
        ("ev.public_lot", "units"): (24, 250), ("ev.public_lot.lots", "units"): (2, 3),
        ("ev.residential", "units"): (40, 40), ("ev.residential.lots", "units"): (1, 1),
        ("charging.reach", "people"): (1000, 2000), ("charging.reach", "units"): (2, 3),
    }  # fmt: skip
    keys = ["rule", "denominator", "distance"]
    parts = rows[rows["zone_level"] == "area"].groupby(keys, dropna=False)[["served", "total"]].sum()
    assert parts.sort_index().to_numpy().tolist() == city.sort_index().to_numpy().tolist()
    outside = rows[(rows["rule"] == "ev.residential.lots") & (rows["zone"] == "(outside)")]
    assert outside["total"].tolist() == [1]
    own = rows[rows["rule"] == "charging.reach"].iloc[0]
    assert (own["confidence"], own["clause"], own["limit_m"]) == ("assumed", "研究自定 / the study's own", 400)
    assert rows["passes"].isna().all()


def test_a_clause_that_could_not_be_judged_has_a_row_that_says_why():
    rows = audit_charging(town(), lots=lots(capacity=[None], ev_kind=["public_lot"])).themed().indicators
    row = rows.set_index("rule").loc["ev.public_lot"]
    assert not row["judged"]
    assert "未知" in row["reason"]
    assert np.isnan(row["served"])


def test_what_lies_beyond_the_study_area_is_listed_and_none_of_its_own():
    area = frame([box(0, -50, 1500, 50)], ["area"])
    made = lots(capacity=[100, 100], ev_spaces=[0, 0], ev_kind=["public_lot"] * 2)
    made["geometry"] = [Point(100, 10), Point(1800, 10)]
    charging = audit_charging(town(boundary=area), lots=made, assumed=ASSUMED, reach_m=600)
    assert charging.ready.lots["state"].tolist() == ["short", "outside"]
    assert charging.ready.shortfall == 10
    assert ("lot_outside", ("L1",)) in [(f.code, f.ids) for f in charging.findings]
    # S2 at x = 1900 is outside, but 600 m from C: it is near, and no station of the city.
    stations = charging.stations
    assert stations.points["near"].tolist() == [False, True, True]
    assert stations.stations["inside"].tolist() == [True, False]
    assert stations.city[["stations", "chargers", "people_near"]].tolist() == [1, 6, 1000]
    assert charging.themed().figures["stations_outside"] == 1
