"""Audits on streets that can be paced out by hand."""

import numpy as np
import pytest
from coverage_layers import ALL_READ, Chessboard, areas, make_rule, points, toilets, with_target
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from siting.coverage import CITY_LEVEL, INDICATOR_COLUMNS, OUTSIDE_ZONE, Searches, audit
from siting.errors import CRSError, GeometryError, InputError, SchemaError
from siting.standards.model import Reading, Source


def judge(streets, demand, facilities, rule, zones=None, land=None, **options):
    return audit(streets, demand, facilities, rule, zones, land, searches=Chessboard(streets), **options)


@pytest.mark.parametrize(
    ("limit_m", "served", "people", "units"),
    [
        (350.0, "ABC", 60.0, 4),  # A is exactly 350 m away
        (349.0, "BC", 30.0, 3),
        (400.0, "ABCD", 100.0, 5),  # D is exactly 400 m away
        (1.0, "C", 20.0, 2),
    ],
)
def test_line_street(streets, line_street, limit_m, served, people, units):
    demand, facilities = line_street
    result = judge(streets, demand, facilities, make_rule(threshold=limit_m))
    assert "".join(result.demand.index[result.demand["served"]]) == served
    share = result.shares["network", "people"]
    assert (share.served, share.total) == (people * 1000, 100_000)
    share = result.headline("units")
    assert (share.served, share.total) == (units, 5)
    assert ("network", "land") not in result.shares
    assert result.demand["cost"].tolist() == [350.0, 150.0, 0.0, 400.0]
    assert set(result.demand["facility"]) == {"T"}


def test_both_kinds_of_distance_stand_side_by_side(streets):
    #   H at (300, 400): 500 m in a straight line, 700 m along the streets
    demand = points([(300, 400), (0, 100)], people=[7.0, 1.0])
    result = judge(streets, demand, toilets([(0, 0)]), make_rule())
    assert result.demand["cost_straight"].tolist() == [500.0, 100.0]
    assert result.demand["cost_network"].tolist() == [700.0, 100.0]
    assert result.demand["served"].tolist() == [False, True]
    assert result.demand["served_straight"].tolist() == [True, True]
    assert result.shares["straight", "people"].share == 1.0
    assert result.shares["network", "people"].share == 1 / 8
    radius = judge(streets, demand, toilets([(0, 0)]), make_rule(metric="service_radius", distance="straight"))
    assert radius.distance == "straight"
    assert radius.headline("people").share == 1.0
    assert radius.demand["cost"].tolist() == [500.0, 100.0]


def test_unreachable_demand_is_counted_and_unserved(streets, line_street):
    demand, facilities = line_street
    result = audit(
        streets, demand, facilities, make_rule(threshold=5000.0), searches=Chessboard(streets, cut_off_beyond=360)
    )
    assert result.unreachable == 1
    assert not result.demand.loc["D", "served"]
    assert result.demand.loc["D", "facility"] is None
    assert result.demand.loc["D", "cost"] == np.inf


def test_without_streets_the_straight_line_is_all_there_is_and_the_result_says_so(line_street):
    demand, facilities = line_street
    result = audit(None, demand, facilities, with_target(0.5), searches=Chessboard(None))
    assert result.judged
    assert "straight-line" in result.reason.en
    assert [f.code for f in result.findings] == ["no_network"]
    assert result.distance == "straight"
    assert {distance for distance, _ in result.shares} == {"straight"}
    assert np.isinf(result.demand["cost_network"]).all()
    assert not result.demand["served_network"].any()
    assert result.passes is None  # the clause means walking distance, which is not known here
    assert result.unreachable == 0
    assert len(result.entries) == 0


def test_without_streets_a_radius_rule_keeps_its_verdict(line_street):
    demand, facilities = line_street
    rule = with_target(0.5, metric="service_radius", distance="straight")
    result = audit(None, demand, facilities, rule, searches=Chessboard(None))
    assert result.reason is None
    assert result.passes is True


@pytest.mark.parametrize(
    ("share", "operator", "passes"), [(0.6, ">=", True), (0.6, ">", False), (0.61, ">=", False), (0.59, ">", True)]
)
def test_verdict_is_decided_on_whole_numbers(streets, line_street, share, operator, passes):
    demand, facilities = line_street  # 60 of 100 people at 350 m
    result = judge(streets, demand, facilities, with_target(share, operator, threshold=350.0))
    assert result.passes is passes


@pytest.mark.parametrize("part", sorted(ALL_READ))
@pytest.mark.parametrize("reading", [Reading.UNVERIFIED, Reading.ASSUMED])
def test_no_verdict_rests_on_a_figure_that_nobody_read(streets, line_street, part, reading):
    rule = with_target(0.1, readings=ALL_READ | {part: reading})
    assert judge(streets, *line_street, rule).passes is None


def test_no_verdict_from_a_retired_document_or_without_the_denominator(streets, line_street):
    retired = Source(document="GB 0", title="-", clause="1", status="superseded", standing="retired")
    assert judge(streets, *line_street, with_target(0.1, source=retired)).passes is None
    assert judge(streets, *line_street, with_target(0.1, denominator="land")).passes is None
    assert judge(streets, *line_street, make_rule()).passes is None


def test_nobody_is_served_by_no_facility(streets, line_street):
    demand, facilities = line_street
    result = judge(streets, demand, facilities.iloc[:0], with_target(0.5))
    assert result.judged
    assert result.headline("people").served == 0
    assert result.passes is False
    assert result.unreachable == 4
    assert result.findings[0].code == "no_facility"
    assert result.demand["facility"].tolist() == [None] * 4


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"threshold": None, "operator": "presence"}, "no threshold in the clause"),
        ({"distance": "time", "metric": "walk_time", "unit": "min", "operator": "approx"}, "one limit in minutes"),
        ({"metric": "density_per_km2", "threshold": (3.0, 5.0)}, "density"),
        ({"facility": ()}, "no class of facilities"),
    ],
)
def test_rules_that_this_engine_cannot_compute_are_listed_with_the_reason(streets, line_street, changes, words):
    result = judge(streets, *line_street, make_rule(**changes))
    assert not result.judged
    assert words in result.reason.en
    assert result.reason.zh
    assert (len(result.demand), result.shares, result.passes) == (0, {}, None)
    row = result.indicators.iloc[0]
    assert (len(result.indicators), row["judged"], row["zone_level"]) == (1, False, CITY_LEVEL)
    assert words in row["reason"]


def test_a_missing_layer_is_named(streets, line_street):
    result = judge(streets, line_street[0], None, make_rule(facility=("public_toilet", "market")))
    assert not result.judged
    assert result.reason.en == "no layer with public toilet or food market"
    assert result.reason.zh == "缺少设施图层：公共厕所、菜市场"


def test_only_places_of_the_rules_class_and_size_count(streets):
    demand = points([(0, 0), (1000, 0)], people=[1.0, 1.0])
    parks = areas(
        [box(0, 10, 100, 110), box(1000, 10, 1010, 20), box(990, 0, 1000, 10)],
        ["big", "small", "shop"],
        **{"class": ["park_green", "park_green", "market"]},
    )
    rule = make_rule(facility=("park_green",), threshold=50.0, only_area_m2=(400.0, None))
    result = judge(streets, demand, parks, rule)
    assert result.facilities.index.tolist() == ["big"]
    assert result.demand["served"].tolist() == [True, False]
    assert [(f.code, f.ids) for f in result.findings] == [("outside_size_class", ("small",))]


def test_classes_that_count_by_default_are_reported(streets):
    demand = points([(0, 0)], people=[1.0])
    shop = points([(0, 5)], ["S"], **{"class": ["supermarket"]})
    result = judge(streets, demand, shop, make_rule(facility=("market",)))
    assert result.demand["served"].all()
    assert [(f.code, f.count) for f in result.findings] == [("counts_by_default", 1)]


def test_zones_stand_in_the_table_and_only_the_city_has_a_verdict(streets, line_street):
    demand, facilities = line_street
    zones = {
        "community": areas([box(-10, -10, 210, 10), box(210, -10, 400, 10)], ["west", "mid"], name=["西区", None]),
        "district": areas([box(-10, -10, 400, 10)], ["one"], name=["一区"]),
    }
    result = judge(streets, demand, facilities, with_target(0.5, threshold=200.0), zones)
    assert result.demand["zone_community"].tolist() == ["west", "west", "mid", OUTSIDE_ZONE]
    table = result.indicators
    assert tuple(table.columns) == INDICATOR_COLUMNS
    people = table[(table["denominator"] == "people") & (table["distance"] == "network")]
    figures = people[["zone_level", "zone", "served", "total"]].to_numpy().tolist()
    assert figures == [
        ["city", "city", 30.0, 100.0],
        ["community", "mid", 20.0, 20.0],
        ["community", "west", 10.0, 40.0],
        ["community", OUTSIDE_ZONE, 0.0, 40.0],
        ["district", "one", 30.0, 60.0],
        ["district", OUTSIDE_ZONE, 0.0, 40.0],
    ]
    verdicts = table[table["passes"].notna()]
    assert verdicts[["zone_level", "denominator", "distance", "passes"]].to_numpy().tolist() == [
        ["city", "people", "network", False]
    ]
    assert result.zone_names["community"] == {"west": "西区", "mid": "mid"}


def test_zones_that_the_demand_brings_along_are_kept(streets, line_street):
    demand, facilities = line_street
    demand = demand.assign(zone_block=[7, 7, 8, np.nan])
    result = judge(streets, demand.astype({"zone_block": "Int64"}), facilities, make_rule(threshold=200.0))
    assert result.demand["zone_block"].tolist() == ["7", "7", "8", OUTSIDE_ZONE]
    table = result.indicators[lambda t: (t["zone_level"] == "block") & (t["distance"] == "network")]
    people = table[table["denominator"] == "people"]
    assert people[["zone", "served", "total"]].to_numpy().tolist() == [
        ["7", 10.0, 40.0],
        ["8", 20.0, 20.0],
        [OUTSIDE_ZONE, 0.0, 40.0],
    ]


def test_unreachable_is_told_for_radius_rules_too(streets, line_street):
    rule = make_rule(metric="service_radius", distance="straight")
    result = audit(streets, *line_street, rule, searches=Chessboard(streets, cut_off_beyond=360))
    assert result.unreachable == 1
    assert result.demand["served"].all()


def test_searches_are_shared_between_rules(streets, line_street):
    demand, facilities = line_street
    searches = Chessboard(streets)
    for limit in (100.0, 300.0, 500.0):
        audit(streets, demand, facilities, make_rule(threshold=limit), searches=searches)
    assert sorted(searches.made) == [("network", 4), ("straight", 4)]
    audit(streets, demand, toilets([(0, 0)], ["T"]), make_rule(), searches=searches)  # same id, another place
    assert len(searches.made) == 4


def test_searches_of_another_network_are_refused(streets, line_street):
    with pytest.raises(InputError, match="another network"):
        audit(streets, *line_street, make_rule(), searches=Searches(None))


def test_rule_by_id_comes_from_the_catalogue(streets, line_street):
    result = judge(streets, *line_street, "wc.radius.mandatory")
    assert (result.name, result.limit_m, result.distance) == ("wc.radius.mandatory", 300.0, "straight")
    assert result.column == "wc_radius_mandatory"
    with pytest.raises(SchemaError, match=r"wc\.radius\.mandatory"):
        judge(streets, *line_street, "wc.radius.mandatry")


def test_layers_may_be_in_another_crs_and_carry_their_ids_in_a_column(streets, line_street):
    demand, facilities = line_street
    plain = judge(streets, demand, facilities, make_rule(threshold=350.0))
    other = judge(streets, demand.reset_index(), facilities.to_crs(4490).reset_index(), make_rule(threshold=350.01))
    assert other.demand.index.tolist() == list("ABCD")
    assert set(other.demand["facility"]) == {"T"}
    assert other.shares == plain.shares
    with pytest.raises(CRSError, match="facilities: CRS is missing"):
        judge(streets, demand, facilities.set_crs(None, allow_override=True), make_rule())


def test_inputs_are_never_changed(streets, line_street):
    demand, facilities = line_street
    before = demand.copy(), facilities.copy()
    judge(streets, demand, facilities, make_rule())
    assert demand.equals(before[0])
    assert facilities.equals(before[1])


@pytest.mark.parametrize(
    ("spoil", "error", "words"),
    [
        (lambda d: d.iloc[:0], InputError, "no rows"),
        (lambda d: d.set_crs(None, allow_override=True), CRSError, "CRS is missing"),
        (lambda d: d.set_crs(4326, allow_override=True), CRSError, "degrees"),
        (lambda d: d.set_geometry(d.buffer(1)), GeometryError, "A, B, C"),
        (lambda d: d.assign(people=[1.0, np.nan, 1.0, -2.0]), SchemaError, "2 of 4 rows .first: B, D.*people"),
        (lambda d: d.assign(units=[1.5, 1, 1, 1]), SchemaError, "fraction in 'units'"),
        (lambda d: d.rename(index={"B": "A"}), SchemaError, "repeat an id"),
    ],
)
def test_demand_that_cannot_be_counted_is_refused(streets, line_street, spoil, error, words):
    demand, facilities = line_street
    with pytest.raises(error, match=words):
        judge(streets, spoil(demand), facilities, make_rule())


def test_repeated_facility_ids(streets, line_street):
    demand, _ = line_street
    same = toilets([(0, 0), (0, 0)], ["T", "T"])
    assert len(judge(streets, demand, same, make_rule()).facilities) == 1
    with pytest.raises(SchemaError, match="more than one place"):
        judge(streets, demand, toilets([(0, 0), (5, 0)], ["T", "T"]), make_rule())


coordinates = st.tuples(st.integers(0, 2000), st.integers(0, 2000))
layers = st.lists(st.tuples(coordinates, st.integers(0, 5000)), min_size=1, max_size=25)
spots = st.lists(coordinates, min_size=1, max_size=5)


@settings(deadline=None, max_examples=50)
@given(layer=layers, spots=spots, limit=st.integers(1, 2500), rows=st.randoms(use_true_random=False))
def test_properties_of_coverage(layer, spots, limit, rows):
    """Zones add up; more facilities, a larger limit, a straight line never cover less; row order does not matter."""
    streets = object()
    xy, milli = [place for place, _ in layer], [m for _, m in layer]
    demand = points(xy, people=np.array(milli) / 1000)
    zones = {"block": areas([box(x, 0, x + 500, 2000) for x in (0, 500, 1500)], ["a", "b", "c"], name=list("ABC"))}
    rule = make_rule(threshold=float(limit))
    result = judge(streets, demand, toilets(spots), rule, zones)
    key = ("network", "people")

    brute = [m for (x, y), m in layer if min(abs(x - a) + abs(y - b) for a, b in spots) <= limit]
    assert (result.shares[key].served, result.shares[key].total) == (sum(brute), sum(milli))

    table = result.indicators[lambda t: (t["zone_level"] == "block") & (t["distance"] == "network")]
    assert round(table["served"].sum() * 1000) == result.shares[key].served
    assert round(table["total"].sum() * 1000) == result.shares[key].total

    assert result.shares[key].served <= result.shares["straight", "people"].served
    fewer = judge(streets, demand, toilets(spots[:-1]), rule)
    assert fewer.shares[key].served <= result.shares[key].served
    wider = judge(streets, demand, toilets(spots), make_rule(threshold=limit + 100.0))
    assert wider.shares[key].served >= result.shares[key].served

    order = list(range(len(xy)))
    rows.shuffle(order)
    shuffled = judge(streets, demand.iloc[order], toilets(spots), rule, zones)
    assert shuffled.shares == result.shares
    assert shuffled.indicators.equals(result.indicators)
    assert shuffled.demand["served"].sort_index().equals(result.demand["served"].sort_index())
