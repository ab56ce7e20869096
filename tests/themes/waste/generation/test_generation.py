"""Tonnes of a drawn town, every figure by hand.

  zone W (x < 1000)                zone E (x >= 1000)
  A 1000      B 500                C 500
  ●───────────●────────────────────●──────────      y = 0
  x = 100     600                  1300
              ■ market 2 t/d (x = 700)      ▲ canteens of 100 and 300 seats (x = 1400, 1500)

At 1 kg a person and day: A 1 t, B 0.5 t, C 0.5 t, of it 0.5 kitchen, 0.3 recyclable, 0.2 other.
"""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from siting.errors import InputError, SchemaError
from siting.themes import City
from siting.themes.waste import STREAMS, tonnes_of
from siting.themes.waste.generation import Container, Source, Year, growing, waste_generated

CRS = "EPSG:32650"
SHARES = {"kitchen": 0.5, "recyclable": 0.3, "other": 0.2}


def frame(shapes, ids, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS, index=pd.Index(ids, name="id"))


HOMES = frame([Point(100, 0), Point(600, 0), Point(1300, 0)], ["A", "B", "C"], people=[1000.0, 500.0, 500.0])
ZONES = {"area": frame([box(0, -500, 1000, 500), box(1000, -500, 2000, 500)], ["W", "E"], name=["西区", "东区"])}
MARKET = Source(origin="market", layer=frame([Point(700, 0)], ["m"], t=[2.0]), t_day="t", shares={"kitchen": 1})
CANTEENS = Source(
    origin="food",
    layer=frame([Point(1400, 0), Point(1500, 0)], ["c", "d"], seats=[100, "300"]),
    units="seats",
    kg_per_unit_day=0.5,
    shares={"kitchen": 0.8, "other": 0.2},
)


def town(demand=HOMES, **more):
    facilities = frame([], [], **{"class": []})
    return City.of(None, demand, facilities, zones=ZONES, **more)


def row(table, **keys):
    for column, value in keys.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_people_times_rate_by_stream_zone_and_origin():
    found = waste_generated(town(), kg_per_person_day=1.0, shares=SHARES, sources=[MARKET, CANTEENS])
    points = found.points
    assert points.loc["people:A", "t_day"] == 1.0
    assert points.loc["people:A", "t_day_kitchen"] == 0.5
    assert points.loc["market:m", "t_day_kitchen"] == 2.0
    assert points.loc["food:d", "t_day"] == pytest.approx(0.15)  # 300 seats x 0.5 kg
    assert points.loc["food:c", "t_day_other"] == pytest.approx(0.01)
    assert points.loc["food:c", "zone_area"] == "E"
    # 2 t of people, 2 t of the market, 0.2 t of canteens
    assert found.city["t_day"] == pytest.approx(4.2)
    assert found.city["t_day_kitchen"] == pytest.approx(1.0 + 2.0 + 0.16)
    assert found.city["t_day_hazardous"] == 0.0
    west, east = (row(found.totals, level="area", zone=z, origin="all") for z in ("W", "E"))
    assert (west["t_day"], east["t_day"]) == (pytest.approx(3.5), pytest.approx(0.7))
    assert row(found.totals, level="area", zone="W", origin="market")["t_day"] == 2.0
    assert found.known_streams == tuple(STREAMS)
    assert set(found.themed().figures["origins"]) == {"people", "market", "food"}


def test_without_a_rate_the_whole_unverified_range_is_carried():
    found = waste_generated(town())
    # 2000 people, 0.8 to 1.8 kg; the middle is 1.3
    assert found.city["t_day_low"] == pytest.approx(1.6)
    assert found.city["t_day"] == pytest.approx(2.6)
    assert found.city["t_day_high"] == pytest.approx(3.6)
    assert found.points["t_day_kitchen"].isna().all()  # no shares: unknown, not 0
    assert math.isnan(found.city["t_day_kitchen"])
    shown = found.themed()
    assert shown.figures["rate_confidence"] == "unverified"
    assert shown.figures["streams"]["kitchen"] is None
    assert "未核实默认值" in shown.headlines[0].zh
    assert "unverified default" in shown.layer("waste_sources").note.en
    assert [what.en for what, _ in found.missing] == ["residents' waste by stream", "volumes and containers"]


def test_the_day_of_the_formula():
    plain = waste_generated(town(), kg_per_person_day=1.0, shares=SHARES, sources=[MARKET])
    whole = row(plain.design, stream="all")
    # A1 1.1 to 1.5, A2 1.02 to 1.05 are about people only: 2 t x 1.122 + 2 t, 2 t x 1.575 + 2 t
    assert (whole["mean_t_day"], whole["design_low"], whole["design_high"]) == (
        pytest.approx(4.0),
        pytest.approx(4.244),
        pytest.approx(5.15),
    )
    kitchen = row(plain.design, stream="kitchen")
    assert kitchen["design_high"] == pytest.approx(1.0 * 1.575 + 2.0)
    design = waste_generated(
        town(), kg_per_person_day=1.0, shares=SHARES, sources=[MARKET], basis="design", a1=1.2, a2=1.02
    )
    assert design.points.loc["people:A", "t_day"] == pytest.approx(1.224)
    assert design.points.loc["market:m", "t_day"] == 2.0
    again = row(design.design, stream="all")
    assert again["mean_t_day"] == pytest.approx(4.0)
    assert again["design_low"] == again["design_high"] == pytest.approx(2 * 1.224 + 2)


def test_volumes_and_containers_by_the_appendix():
    box_ = Container(density_t_m3={"kitchen": 0.8, "other": 0.25}, volume_m3=0.24)
    found = waste_generated(
        town(), kg_per_person_day=1.0, shares=SHARES, container=box_, a1=1.0, a2=1.0, a3=0.8, a4=1, b=0.9, k=1.5
    )
    other = row(found.volumes, level="city", stream="other")
    # Q = 2000 x 1 kg x 0.2 = 0.4 t; V = 0.4 / (0.25 x 0.8) = 2 m3, at peak 3 m3
    assert other["m3_mean_low"] == other["m3_mean_high"] == pytest.approx(2.0)
    assert other["m3_peak_high"] == pytest.approx(3.0)
    # N = 2 / (0.24 x 0.9) = 9.26 -> 10; at peak 13.9 -> 14
    assert (other["containers_mean_low"], other["containers_peak_high"]) == (10, 14)
    assert set(found.volumes["stream"]) == {"kitchen", "other"}  # no density, no row
    assert {f.code for f in found.findings} == {"waste_outside_range"}  # a1 = a2 = 1.0 lie below the clause's range
    wide = waste_generated(town(), kg_per_person_day=1.0, shares=SHARES, container=box_)
    other = row(wide.volumes, level="city", stream="other")
    # low: 0.4 x 1.122 / (0.25 x 0.9); high: 0.4 x 1.575 / (0.25 x 0.7)
    assert other["m3_mean_low"] == pytest.approx(0.4 * 1.122 / 0.225)
    assert other["m3_mean_high"] == pytest.approx(3.6)
    # emptied twice a day and full to 0.9, or every second day and full to 0.75
    assert other["containers_mean_low"] == math.ceil(0.4 * 1.122 / 0.225 / (0.24 * 0.9) * 0.5)
    assert other["containers_peak_high"] == 72  # 3.6 m3 x 1.8 / (0.24 x 0.75) x 2 = 72 exactly


def test_later_years_are_factors_of_today():
    years = [Year(year=2035, people=1.1, rate=1.2), Year(year=2030, people=1.05, others={"market": 2.0})]
    found = waste_generated(town(), kg_per_person_day=1.0, shares=SHARES, sources=[MARKET], base_year=2025, years=years)
    table = found.years[found.years["origin"] == "all"].set_index("year")
    assert table["t_day"].to_dict() == pytest.approx({2025: 4.0, 2030: 2.1 + 4.0, 2035: 2 * 1.32 + 2.0})
    assert table.loc[2030, "t_day_kitchen"] == pytest.approx(1.05 + 4.0)
    assert growing(2025, [2027], people=0.1, rate=0.0)[0].people == pytest.approx(1.21)
    for bad in ({"base_year": None}, {"base_year": 2030}):
        with pytest.raises(InputError, match="base"):
            waste_generated(town(), kg_per_person_day=1.0, sources=[MARKET], years=years, **bad)
    with pytest.raises(InputError, match="'market'"):
        waste_generated(town(), base_year=2025, years=years)


BAD = frame(
    [Point(1, 1), Point(2, 1), Point(3, 1), Point(4, 1), None, Point(5, 1), Point(6, 1), Point(7, 1)],
    ["ok", "neg", "text", "none", "lost", "inf", "ok", "zero"],
    t=[1.0, -1.0, "三吨", None, 1.0, np.inf, 5.0, "０"],
)


def test_rows_in_are_rows_used_and_rows_listed():
    found = waste_generated(town(), kg_per_person_day=1.0, sources=[Source(origin="business", layer=BAD, t_day="t")])
    assert found.left_out.set_index("source_id")["reason"].to_dict() == {
        "neg": "negative", "text": "not_number", "none": "missing", "lost": "no_place", "inf": "infinite",
        "ok": "duplicate_id",
    }  # fmt: skip
    account = row(found.accounts, origin="business")
    assert (account["rows_in"], account["rows_used"], account["rows_left"]) == (8, 2, 6)
    assert row(found.totals, level="city", origin="business")["t_day"] == 1.0  # the zero counts as 0, the unknown not
    assert row(found.totals, level="city", origin="business")["left_out"] == 6
    assert {f.code for f in found.findings} == {
        "waste_negative", "waste_not_number", "waste_missing", "waste_no_place", "waste_infinite", "waste_duplicate_id",
    }  # fmt: skip
    shown = found.themed()
    assert len(shown.table("waste_left_out").frame) == 6
    assert len(shown.layer("waste_sources_left_out").frame) == 5  # the one without a place is in the table only


def test_only_unknown_rows_make_an_unknown_sum():
    only = Source(origin="business", layer=frame([Point(1, 1)], ["x"], t=[None]), t_day="t")
    found = waste_generated(town(), kg_per_person_day=1.0, sources=[only])
    assert math.isnan(row(found.totals, level="city", origin="business")["t_day"])
    nobody = waste_generated(town(HOMES.drop(columns="people").assign(units=1)))
    assert nobody.themed().figures["t_day"] is None
    assert nobody.missing[0][0].en == "waste of residents"


def test_what_cannot_be_meant_is_refused():
    with pytest.raises(InputError, match=r"add up to 0\.95"):
        waste_generated(town(), shares={"kitchen": 0.5, "other": 0.45})
    with pytest.raises(InputError, match="did you mean 'kitchen'"):
        waste_generated(town(), shares={"kitchn": 1.0})
    with pytest.raises(InputError, match="from 0 to 1"):
        waste_generated(town(), shares={"kitchen": 1.5, "other": -0.5})
    with pytest.raises(InputError, match="above 0"):
        waste_generated(town(), kg_per_person_day=-1.0)
    with pytest.raises(InputError, match="a1 and a2"):
        waste_generated(town(), basis="design")
    with pytest.raises(InputError, match="word of its own"):
        waste_generated(town(), sources=[MARKET, MARKET])
    with pytest.raises(SchemaError, match="no column 'tons'"):
        waste_generated(town(), sources=[Source(origin="x", layer=BAD, t_day="tons")])
    for faulty in ({}, {"t_day": "t", "kg_per_unit_day": 1.0}, {"t_day": "t", "units": "n"}):
        with pytest.raises(InputError):
            Source(origin="x", layer=BAD, **faulty)
    assert waste_generated(town(), shares={"kitchen": 0.1, "other": 0.2, "recyclable": 0.7}).shares["kitchen"] == 0.1


@settings(max_examples=20)
@given(
    st.lists(st.tuples(st.floats(0, 1999), st.floats(0, 1e5)), min_size=1, max_size=12),
    st.floats(0.1, 3),
    st.integers(0, 100),
)
def test_zones_and_streams_add_up_to_the_city(homes, rate, kitchen):
    demand = frame([Point(x, 0) for x, _ in homes], [f"h{k}" for k in range(len(homes))], people=[p for _, p in homes])
    shares = {"kitchen": kitchen / 100, "other": (100 - kitchen) / 100}
    found = waste_generated(town(demand), kg_per_person_day=rate, shares=shares, sources=[CANTEENS])
    whole = sum(p for _, p in homes) * rate / 1000 + 0.2
    assert found.city["t_day"] == pytest.approx(whole)
    assert sum(found.city[tonnes_of(s)] for s in STREAMS) == pytest.approx(whole)
    zones = found.totals[(found.totals["level"] == "area") & (found.totals["origin"] == "all")]
    assert zones["t_day"].sum() == pytest.approx(whole)
    shuffled = waste_generated(town(demand[::-1]), kg_per_person_day=rate, shares=shares, sources=[CANTEENS])
    assert shuffled.city["t_day"] == found.city["t_day"]
