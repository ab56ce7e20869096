"""The green audit on a drawn quarter, figure by figure.

            park P (2 ha)         v       two streets: s along y = 0, v along x = 1200
            1000 ┌────┐1100       │       gate G at (1100, 150) on the east side, 100 m from v
                 │    G · · · · · │ 150   homes: A 100 people, B 50, C 30
                 └────┘ y=10      │
s  ──C─────A──────────────────────┴──     A: 400.1 m to the boundary, 850 m to the gate: the wall keeps it out
  400    600     1000           1200      B at (1200, 200): 50 + 100 = 150 m to the gate
                                          C: 600.1 m to the boundary: too far anyhow
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point, box

from siting.errors import InputError
from siting.network import Network
from siting.standards import load_catalogue
from siting.themes import City
from siting.themes.green import audit_green

CRS = "EPSG:32650"


def frame(shapes, ids, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS, index=pd.Index(ids, name="id"))


def quarter(**more):
    streets = frame([LineString([(0, 0), (1200, 0)]), LineString([(1200, 0), (1200, 300)])], ["s", "v"])
    homes = frame([Point(600, 0), Point(1200, 200), Point(400, 0)], ["A", "B", "C"], people=[100.0, 50.0, 30.0])
    park = frame([box(1000, 10, 1100, 210)], ["P"], **{"class": ["park_green"], "name": ["东园"]})
    given = {
        "zones": {"community": frame([box(-100, -100, 1300, 400)], ["Z"], name=["东社区"])},
        "entrances": frame([Point(1100, 150)], ["G"], kind=["gate"], complete=[True]),
        "land": frame([box(550, -60, 650, -10)], ["R"]),
    } | more
    return City.of(Network.from_lines(streets), homes, park, **given)


@pytest.fixture(scope="module")
def green():
    return audit_green(quarter())


def test_each_home_has_the_state_that_the_drawing_shows(green):
    points = green.reach.points
    # The park is the only green there is.
    assert points["state"].to_dict() == {"A": "neither", "B": "both", "C": "neither"}
    assert points["park_m"].to_dict() == {"A": 850.0, "B": 150.0, "C": 1050.0}
    zone = green.reach.zones.set_index("zone").loc["Z"]
    assert zone[["people", "people_both", "people_neither"]].tolist() == [180, 50, 130]
    assert zone["park_share"] == pytest.approx(50 / 180)
    assert zone["state"] == "neither"


def test_the_wall_costs_a_hundred_people_and_one_gate_wins_them(green):
    assert green.detour.parks.loc["P", ["loss_people", "wall_people"]].tolist() == [100, 100]
    assert green.parks.loc["P", "wall_people"] == 100
    best = green.detour.gates.iloc[0]
    assert best[["park", "gain_people", "order"]].tolist() == ["P", 100, 1]
    assert green.parks.geometry["P"].boundary.distance(best.geometry) < 1e-6
    assert len(green.detour.gates) == 1  # nobody is left to win


def test_the_measures_stand_side_by_side(green):
    shares = green.measures.set_index(["rule", "measure", "denominator"])["served"]
    assert shares["park.500park", "straight", "people"] == 150
    assert shares["park.500park", "network", "people"] == 50
    assert shares["park.500park", "open_boundary", "people"] == 150
    # All of the land lies within 500 m of the park: 350 m at the near edge, 455 m at the far corner.
    assert shares["park.gb51346.cover", "official", "land"] == pytest.approx(5000)
    assert {one.rule.id: one.passes for one in green.official}["park.gb51346.cover"] is True


def test_the_mandatory_clause_gets_no_verdict_as_nobody_read_its_radius(green):
    assert {one.rule.id: one.passes for one in green.official}["park.gb55014.cover"] is None


def test_green_by_person_and_by_land(green):
    city = green.rates.table[green.rates.table["level"] == "city"].set_index("rule")
    row = city.loc["park.gb55014.percap"]
    assert row["value"] == pytest.approx(20_000 / 180)
    assert row["meets"] is True
    assert city.loc["park.gb55014.comprehensive", "value"] == 0  # 2 ha is no comprehensive park
    assert city.loc["park.percap.gc", "meets"] is None  # remembered only: not compared
    assert city.loc["park.gb51346.greenrate", "value"] == pytest.approx(20_000 / (1400 * 500))


def test_the_list_of_parks(green):
    park = green.parks.loc["P"]
    assert park["area_m2"] == 20_000
    assert park["width_m"] == pytest.approx(100, abs=1)
    assert (park["size_class"], park["class_radius_m"]) == ("park.gb51346.s1", 500)
    assert (park["entries"], park["entry_kind"]) == (1, "gate")


def test_adding_the_gate_serves_the_people_that_it_promised():
    city = quarter()
    promised = audit_green(city).detour.gates.geometry.iloc[0]
    gates = frame([Point(1100, 150), promised], ["G", "N"], kind=["gate", "gate"], complete=[True, True])
    after = audit_green(quarter(entrances=gates))
    assert after.reach.park.shares["network", "people"].served == 150_000
    assert len(after.detour.gates) == 0


def test_without_streets_lines_are_straight_and_everything_says_so():
    city = quarter()
    bare = City.of(None, city.demand, city.facilities, zones=city.zones, land=city.residential)
    green = audit_green(bare)
    assert green.detour is None
    assert green.straight_only
    # The headline is straight: A and B lie within 500 m of the park.
    assert green.reach.points["state"].to_dict() == {"A": "park_only", "B": "both", "C": "neither"}
    assert green.reach.park.distance == "straight"
    result = green.themed()
    assert "no streets" in result.layer("green_points").note.en
    assert result.figures["straight_only"] is True


def test_without_land_people_or_zones_the_rest_is_judged_and_the_missing_is_listed():
    city = quarter()
    homes = city.demand[["geometry"]].assign(units=1)
    bare = audit_green(City.of(city.network, homes, city.facilities, entrances=city.entrances))
    assert {why.en for _, why in bare.missing} == {
        "no residential land ([land] residential)",
        "no boundary and no zones: the land it is a share of is unknown",
        "no water areas ([land] water)",
    }
    assert bare.official == ()
    assert bare.themed().figures["people"] is None


def test_no_parks_in_the_data_is_no_proof_that_there_are_none():
    city = quarter()
    nothing = City.of(city.network, city.demand, city.facilities.iloc[:0])
    with pytest.raises(InputError, match="no green areas"):
        audit_green(nothing)
    lawn = city.facilities.assign(**{"class": "any_green"})
    with pytest.raises(InputError, match="no parks"):
        audit_green(City.of(city.network, city.demand, lawn))


def test_old_and_new_districts_have_their_own_targets():
    old = frame([box(500, -100, 600, 0)], ["old"])
    green = audit_green(quarter(old_district=old))
    found = {one.rule.id: one.city.total / 100 for one in green.official}
    assert found["park.gb51346.cover_old"] + found["park.gb51346.cover_new"] == pytest.approx(5000)
    assert found["park.gb51346.cover_old"] == pytest.approx(2500)


def test_a_city_that_sets_its_own_distance_sees_it_in_results_and_words(tmp_path):
    pack = tmp_path / "own.yaml"
    pack.write_text(OWN, encoding="utf-8")
    green = audit_green(quarter(catalogue=load_catalogue((pack,))))
    assert green.reach.points.loc["A", "state"] == "park_only"
    assert green.reach.title.en == "green within 300 m, a park within 900 m"
    result = green.themed()
    assert "900" in result.layer("green_points").title.zh
    assert any("900" in line.en for line in result.headlines)


OWN = """
pack: own city
documents:
  - {code: 本市导则, title: 本市绿地导则, status: local, standing: local}
rules:
- id: park.500park
  threshold: 900
  source: {document: 本市导则, clause: '3'}
  confidence: clause
"""


def test_rows_of_every_level_add_up_to_the_city(green):
    rows = green.themed().indicators
    for _, group in rows.groupby(["rule", "denominator", "distance"]):
        city = group[group["zone_level"] == "city"]
        for _, level in group[group["zone_level"] != "city"].groupby("zone_level"):
            assert np.isclose(level["served"].sum(), city["served"].sum())
            assert np.isclose(level["total"].sum(), city["total"].sum())


def test_layers_and_tables_describe_every_column_that_needs_it(green):
    result = green.themed()
    assert [layer.name for layer in result.layers] == [
        "green_points", "green_community", "green_parks", "green_gates",
    ]  # fmt: skip
    assert {t.name for t in result.tables} >= {"green_measures", "green_rates", "green_zones", "green_detour"}
    assert result.figures["wall_people"] == 100
