"""The audit of stations on one street: distances, loads, stages and estates worked out by hand."""

import numpy as np
import pytest
import shapely
from waste_ground import CRS, layer

from siting.errors import InputError
from siting.network import Network
from siting.themes import City
from siting.themes.waste.stations import audit_stations

#   a(0,0)    b(300,0)  T(500,0)               c(3600,0)      one street along y = 0; sources a, b, c; station T
#   60 t/d    30 t/d                           10 t/d         a 500 m, b 200 m, c 3,100 m
#   d(500,390) lies 390 m north of T, but the street to it starts at x = 0: 390 + 500 + ... = 1,390 m; 20 t/d
STREETS_TO = {
    "s": shapely.LineString([(0, 0), (3600, 0)]),
    "n": shapely.LineString([(0, 0), (0, 390), (500, 390)]),
}
STREETS = layer(STREETS_TO)
SOURCES = layer({"a": (0, 0), "b": (300, 0), "c": (3600, 0), "d": (500, 390)}, t_day_other=[50.0, 30, 10, 20])
SOURCES["t_day_kitchen"] = [10.0, 0, 0, 0]
SOURCES["t_day_construction"] = [99.0, 99, 99, 99]
TRANSFER = layer({"T": (500, 0)}, capacity_t_day=[140.0], name=["站"])
DEMAND = layer({"d1": (10, 10), "d2": (300, 10)}, people=[5000, 4999])


@pytest.fixture(scope="module")
def streets():
    return Network.from_lines(STREETS, crs=CRS, mode="drive")


@pytest.fixture(scope="module")
def city():
    facilities = layer({"p": (0, 0)}).assign(**{"class": "park_green"})
    return City.of(None, DEMAND, facilities)


def test_distances_by_way_of_collecting(city, streets):
    audit = audit_stations(city, {"waste_transfer": TRANSFER}, sources=SOURCES, drive=streets, limits={"large": 2000})
    table = audit.reach.table.set_index("mode")
    assert audit.reach.sources["amount"].to_dict() == {"a": 60, "b": 30, "c": 10, "d": 20}
    assert audit.reach.sources["network_m_waste_transfer"].to_dict() == {"a": 500, "b": 200, "c": 3100, "d": 1390}
    # hand carts 400 m: a, c and d are farther on streets, d not in a straight line (390 m)
    hand = table.loc["hand"]
    assert (hand["limit_m"], hand["rule"], hand["confidence"]) == (400, "waste.ts.hand", "clause")
    assert (hand["beyond_amount"], hand["straight_amount"]) == (90, 70)
    assert hand["beyond_share"] == pytest.approx(90 / 120)
    # small vehicles 3,000 m: only c
    assert table.loc["small", ["beyond_amount", "straight_amount"]].tolist() == [10, 10]
    # large vehicles have no clause: 2,000 m are the study's own
    assert table.loc["large", ["confidence", "own", "beyond_amount"]].tolist() == ["own", True, 10]


def test_capacity_with_the_season_and_its_class(city, streets):
    audit = audit_stations(city, {"waste_transfer": TRANSFER}, sources=SOURCES, drive=streets)
    station = audit.stations.loc["T"]
    # 120 t/d x 1.3 = 156, x 1.5 = 180: class III both; 16 and 40 more than it can take
    assert station[["load_t_day", "needed_low_t_day", "needed_high_t_day"]].tolist() == [120, 156, 180]
    assert station[["class_low", "class_high"]].tolist() == ["III", "III"]
    assert station[["short_low_t_day", "short_high_t_day"]].tolist() == [16, 40]
    assert audit.needed == (156, 180)
    assert "large vehicles" in {what.en.removeprefix("distance of ") for what, _ in audit.missing}


def test_zones_add_up_to_the_whole(city, streets):
    zoned = SOURCES.assign(zone_community=["N", "N", "S", None])
    audit = audit_stations(city, {"waste_transfer": TRANSFER}, sources=zoned, drive=streets)
    zones = audit.reach.by_zone()
    assert zones[zones["mode"] == "hand"].set_index("zone")["beyond_amount"].to_dict() == {
        "N": 60,
        "S": 10,
        "(outside)": 20,
    }
    whole = audit.reach.table.set_index("mode")
    for column in ("amount", "beyond_amount", "straight_amount", "sources"):
        assert zones.groupby("mode")[column].sum().to_dict() == whole[column].to_dict()
    assert "waste_station_reach_zones" in {t.name for t in audit.themed().tables}


def test_a_small_load_makes_a_collection_station(city, streets):
    # 19.9 t/d x 1.5 = 29.85, below 30; 20 t/d x 1.5 = 30 is not
    for amount, collection in ((19.9, True), (20.0, False)):
        one = layer({"a": (0, 0)}, t_day_other=[amount])
        audit = audit_stations(city, {"waste_transfer": TRANSFER}, sources=one, drive=streets)
        assert audit.stations.loc["T", "collection"] == collection


def test_one_stage_or_two_by_both_readings(city, streets):
    # all four go to a plant 25 km down the street: mean haul (60 x 25 + 30 x 24.7 + 10 x 21.4 + 20 x 25.89) / 120
    far = layer(
        {"s": shapely.LineString([(0, 0), (25000, 0)]), "n": shapely.LineString([(0, 0), (0, 390), (500, 390)])}
    )
    drive = Network.from_lines(far, crs=CRS, mode="drive")
    audit = audit_stations(
        city, {"waste_transfer": TRANSFER}, sources=SOURCES, drive=drive, plants=layer({"P": (25000, 0)})
    )
    stages = audit.stages.set_index("rule")
    mean = (60 * 25 + 30 * 24.7 + 10 * 21.4 + 20 * 25.89) / 120
    assert stages["mean_km"].tolist() == pytest.approx([mean, mean])
    assert stages["large"].to_dict() == {"waste.ts.large_30": False, "waste.ts.large_20": True}
    assert stages["confidence"].to_dict() == {"waste.ts.large_30": "clause", "waste.ts.large_20": "unverified"}
    text = " ".join(line.zh for line in audit.themed().headlines)
    assert "不必设大型转运站" in text
    assert "宜设大型转运站" in text


def test_estates_by_residents_or_tonnes(city, streets):
    drawn = {"E1": (0, 0, 50, 50), "E2": (290, -10, 310, 50), "E3": (3500, -50, 3700, 50), "E4": (900, 0, 950, 50)}
    estates = layer({**drawn, "X": (1, 1)}, name=["一", "二", "三", "四", "五"])
    audit = audit_stations(
        city, {"waste_station": layer({"S": (20, 20)})}, sources=SOURCES, drive=streets, estates=estates
    )
    held = audit.estates
    # E1: 5,000 people and 60 t/d, a station inside; E2: 4,999 people, 30 t/d; E3: 0 people, 10 t/d; E4: nothing
    assert held["state"].to_dict() == {"E1": "has", "E2": "lacks", "E3": "lacks", "E4": "small"}
    assert held["by_people"].tolist() == [True, False, False, False]
    assert held["by_tonnes"].tolist() == [True, True, True, False]
    assert [f.count for f in audit.findings if f.code == "estate_no_area"] == [1]
    without = audit_stations(city, {"waste_station": layer({"S": (20, 20)})}, drive=streets, estates=estates)
    # without tonnes, few residents alone say nothing
    assert without.estates["state"].to_dict() == {"E1": "has", "E2": "not_known", "E3": "not_known", "E4": "not_known"}


def test_what_is_not_known_is_said(city):
    audit = audit_stations(city)
    assert audit.reach is None
    assert {what.en for what, _ in audit.missing} >= {
        "distance to a collection station", "distance to a transfer station", "capacity that is needed",
        "one stage or two", "stations of closed estates", "collection distance on streets",
    }  # fmt: skip
    straight = audit_stations(city, {"waste_transfer": TRANSFER}, sources=SOURCES)
    assert straight.reach.table["beyond_amount"].isna().all()
    assert straight.reach.table.loc[0, "straight_amount"] == 70
    people = audit_stations(city, {"waste_transfer": TRANSFER})
    assert people.reach.unit.en == "people"
    assert people.needed is None
    people.themed()


def test_rows_without_an_amount_are_listed(city):
    bad = SOURCES.assign(t_day_other=["x", "30", "-1", np.nan], t_day_kitchen=np.nan)
    audit = audit_stations(city, {"waste_transfer": TRANSFER}, sources=bad.drop(columns="t_day_construction"))
    assert audit.reach.sources.index.tolist() == ["b"]
    assert [(f.count, f.ids) for f in audit.findings if f.code == "source_amount"] == [(3, ("a", "c", "d"))]
    whole = audit_stations(city, {"waste_transfer": TRANSFER}, sources=bad.assign(t_day=[1.0, 2, 3, 4]))
    assert whole.reach.sources["amount"].to_dict() == {"a": 1, "b": 30, "c": 3, "d": 4}


def test_a_closed_street_never_brings_a_source_nearer(city, streets):
    open_ = audit_stations(city, {"waste_transfer": TRANSFER}, sources=SOURCES, drive=streets)
    left = layer({"s": STREETS_TO["s"], "n": shapely.LineString([(0, 390), (500, 390)])})
    cut = Network.from_lines(left, crs=CRS, mode="drive")
    closed = audit_stations(city, {"waste_transfer": TRANSFER}, sources=SOURCES, drive=cut)
    column = "network_m_waste_transfer"
    assert (closed.reach.sources[column] >= open_.reach.sources[column]).all()
    assert np.isinf(closed.reach.sources.loc["d", column])
    assert closed.reach.table.loc[0, "unreachable_sources"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"stations": {"waste_sation": TRANSFER}}, "'waste_sation' is no class"),
        ({"limits": {"feet": 5}}, "'feet' is no way of collecting"),
        ({"limits": {"hand": -5}}, "hand is -5"),
        ({"streams": ["paper"], "sources": SOURCES}, "'paper' is none"),
        ({"sources": SOURCES[["geometry"]]}, "no column t_day or"),
    ],
)
def test_bad_inputs_say_what_to_do(city, arguments, message):
    with pytest.raises(InputError, match=message):
        audit_stations(city, **arguments)


def test_themed_names_every_column(city, streets):
    estates = layer({"E1": (0, 0, 50, 50)})
    audit = audit_stations(
        city,
        {"waste_transfer": TRANSFER},
        sources=SOURCES,
        drive=streets,
        plants=layer({"P": (3600, 0)}),
        estates=estates,
    )
    themed = audit.themed()
    assert themed.figures["beyond"]["waste_transfer.hand"]["share_network"] == 0.75
    for table in themed.tables:
        assert set(table.frame.columns) <= set(table.columns), table.name
    assert themed.layer("waste_station_sources").frame["state"].tolist() == ["far", "near", "far", "road_far"]
