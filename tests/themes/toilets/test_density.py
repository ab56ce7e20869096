"""Density on the drawn city: by class and zone, with toilets on a boundary counted once."""

from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box
from toilet_city import PLACES, city, frame, land_use, toilets

from siting.errors import InputError, SchemaError
from siting.standards import load_catalogue
from siting.themes.toilets import audit_toilets
from siting.themes.toilets.density import density_of, judge
from siting.themes.toilets.land_classes import class_of_code, classed_land


@pytest.fixture(scope="module")
def audit():
    return audit_toilets(city(), land_use=land_use())


@pytest.mark.parametrize(
    ("rule", "count", "km2", "needed", "short", "over", "state"),
    [
        ("wc.density.residential", 7, 3, 9, 2, 0, "below"),  # 3 × 3 km² = 9; the two on the edge are not here
        ("wc.density.public", 11, 3, 12, 1, 0, "below"),  # 9 inside and 2 on the edge; 4 × 3 km² = 12
        ("wc.density.transport_green", 7, 1, 5, 0, 1, "above"),  # 6 inside and the corner; at most 6
        ("wc.density.industry", 1, 1, 1, 0, 0, "within"),
        ("wc.density.town_seed", 27, 9, 27, 0, 0, "within"),  # all but the one outside; exactly 3 per km²
        ("wc.density.gb50337_2003", 27, 9, 27, 0, 0, "within"),
    ],
)
def test_the_city_by_hand(audit, rule, count, km2, needed, short, over, state):
    row = audit.density.city(rule)
    assert [row[c] for c in ("toilets", "base", "needed", "shortfall", "excess", "state")] == [
        count, km2, needed, short, over, state,
    ]  # fmt: skip
    assert row["density"] == pytest.approx(count / km2)


def test_boundary_toilets_count_once_where_the_clause_asks_more(audit):
    where = audit.density.toilet_class
    assert where[["edge1", "edge2", "corner", "m"]].tolist() == ["public", "public", "transport_green", "industry"]
    assert where[["s", "out"]].isna().all()
    by_class = audit.density.table.query("level == 'city' and `class` not in ('town', 'people')")["toilets"]
    assert by_class.sum() + where.isna().sum() == len(PLACES) == 28


def test_zones_share_out_the_toilets_of_the_city(audit):
    town = audit.density.table.query("rule == 'wc.density.town_seed'").set_index("zone")
    # North: 3 + 4 + 1 of the three columns, the two on the edge (N comes before S).
    assert town["toilets"].to_dict() == {"city": 27, "N": 10, "S": 17}
    assert town.loc["N", ["base", "needed", "shortfall", "state"]].tolist() == [4.5, 14, 4, "below"]
    assert town.loc["S", ["base", "needed", "shortfall", "state"]].tolist() == [4.5, 14, 0, "within"]
    assert town["meets"].tolist() == [True, None, None]  # a clause about the city gives no verdict on half of it


def test_a_clause_that_is_no_more_in_force_is_shown_and_not_judged(audit):
    assert audit.density.city("wc.density.gb50337_2003")["meets"] is None
    assert audit.density.city("wc.density.residential")["meets"] is False


def test_toilets_by_people(audit):
    row = audit.density.city("wc.gc2005")
    assert row["base"] == pytest.approx(0.018)  # 180 people
    assert row[["toilets", "needed", "shortfall"]].tolist() == [27, 1, 0]


def test_order_of_rows_changes_nothing(audit):
    other = audit_toilets(city(toilets().iloc[::-1]), land_use=land_use().iloc[::-1])
    pd.testing.assert_frame_equal(other.density.table, audit.density.table)


def test_overlapping_land_counts_once_and_is_reported():
    # A second layer calls a hectare of the commercial land residential.
    doubled = pd.concat([land_use(), frame([box(1200, 0, 1300, 100)], ["x"], **{"class": ["R"]})])
    found = audit_toilets(city(), land_use=gpd.GeoDataFrame(doubled))
    assert [found.density.city(f"wc.density.{c}")["base"] for c in ("public", "residential")] == [3, 3]
    overlap = next(f for f in found.findings if f.code == "land_use_overlap")
    assert overlap.count == 10_000


def test_classes_that_are_not_known_are_listed_and_not_judged():
    layer = land_use().assign(**{"class": ["R2", "商业", None, "Q7", "S1"]})
    found = audit_toilets(city(), land_use=layer)
    unknown = next(f for f in found.findings if f.code == "land_use_unknown")
    assert (unknown.count, unknown.ids) == (3, ("area1", "area2", "area3"))
    assert "500.00 ha" in unknown.text.en
    named = audit_toilets(city(), land_use=layer, land_use_classes={"商业": "public"})
    # The eleven, and the corner: the park beside it has no known class any more.
    assert named.density.city("wc.density.public")["toilets"] == 12


def test_without_land_use_only_residential_land_and_the_town_are_judged():
    found = audit_toilets(city(land=land_use().query("`class` == 'R'")))
    assert set(found.density.table["class"]) == {"town", "people", "residential"}
    # Nothing else claims the two on its edge now.
    assert found.density.city("wc.density.residential")["toilets"] == 9
    assert len([what for what, _ in found.missing if what.en.startswith("toilet density")]) == 3


def test_without_any_area_nothing_is_judged():
    found = audit_toilets(city(zones={}))
    assert found.density.table.empty
    assert any(why.en.startswith("no boundary") for _, why in found.missing)


@pytest.mark.parametrize(
    ("code", "name"),
    [("R", "residential"), ("r22", "residential"), ("A33", "public"), ("B1", "public"), ("S3", "transport_green"),
     ("S42", "transport_green"), ("S1", "no_clause"), ("S4", "no_clause"), ("G2", "no_clause"),
     ("G3", "transport_green"), ("W1", "industry"), ("U", "industry"), ("H11", "no_clause"), ("B1/R2", None),
     ("", None), (None, None), ("public", "public"), ("K", None)],
)  # fmt: skip
def test_codes_of_plans(code, name):
    assert class_of_code(code) == name


@given(count=st.integers(0, 60), steps=st.integers(1, 80_000))
def test_shortfall_and_excess_lead_into_the_range(count, steps):
    rule, base = load_catalogue()["wc.density.residential"], Fraction(steps, 10_000)
    state, short, over = judge(rule, count, base)
    assert short == 0 or over == 0
    assert judge(rule, count + short - over, base) == ("within", 0, 0)
    if short:
        assert (count + short) >= 3 * base > count + short - 1
    assert (state == "within") == (short == over == 0)


def test_faults_are_named():
    with pytest.raises(InputError, match="no toilets: give an OSM file"):
        audit_toilets(city(toilets({"x": (0, 0)}).assign(**{"class": "market"})))
    with pytest.raises(SchemaError, match="no column 'clas'; did you mean 'class'"):
        audit_toilets(city(), land_use=land_use(), land_use_field="clas")
    with pytest.raises(SchemaError, match="did you mean 'public'"):
        audit_toilets(city(), land_use=land_use(), land_use_classes={"B": "publc"})


@pytest.mark.parametrize(("beside_m", "count"), [(0, 0), (19.9, 0), (20, 1)])
def test_a_toilet_on_the_street_counts_beside_land_where_the_study_says_so(beside_m, count):
    # A street of 50 m between residential and commercial land; the toilet is 20 m from the first, 30 m from the other.
    land = frame([box(0, 0, 1000, 3000), box(1050, 0, 2000, 3000)], ["a", "b"], **{"class": ["R", "B"]})
    found = audit_toilets(city(toilets({"x": (1020, 500)})), land_use=land, beside_m=beside_m)
    assert found.density.city("wc.density.residential")["toilets"] == count
    assert found.density.city("wc.density.public")["toilets"] == 0
    assert any(f.code == "toilets_no_class" for f in found.findings) == (count == 0)


def test_one_more_toilet_adds_one_to_the_city_one_zone_and_at_most_one_class():
    land = classed_land(land_use(), "class", load_catalogue())
    whole = city()

    def counts(places):
        table = density_of(whole, toilets(places), land).table
        return table[~table["rule"].isin(["wc.density.gb50337_2003", "wc.gc2005"])].set_index(["class", "zone"])

    before = counts(PLACES)
    for x, y in np.random.default_rng(7).integers(0, 3001, (12, 2)).tolist():
        after = counts(PLACES | {"new": (x, y)})
        more = (after["toilets"] - before["toilets"]).drop("town", level="class")
        town = (after["toilets"] - before["toilets"])["town"]
        assert (town["city"], town["N"] + town["S"]) == (1, 1)
        in_class = 0 if x > 2000 and y > 2000 else 1
        assert more.groupby("zone").sum()[["city", "N", "S"]].tolist() == [
            in_class, in_class * town["N"], in_class * town["S"],
        ]  # fmt: skip
        assert (after["shortfall"] <= before["shortfall"]).all()
        assert (after["excess"] >= before["excess"]).all()


def test_toilets_outside_the_city_are_told(audit):
    (outside,) = [f for f in audit.findings if f.code == "toilets_outside"]
    assert outside.count == 1
    assert "1 lie outside the study area" in outside.text.en
