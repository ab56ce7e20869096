"""The audit of collection points on a drawn street (see waste_town), every figure by hand."""

import functools
import math

import numpy as np
import pytest
from shapely import Point, Polygon
from waste_town import FACILITIES, HOMES, frame, town

from siting.errors import InputError
from siting.themes.waste.generation import Source, waste_generated
from siting.themes.waste.points import audit_waste_points, rank_pretreatment
from siting.themes.waste.points.audit import BodyLayer, ShopsAsked, UnitsAsked


def row(table, **keys):
    for column, value in keys.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_the_two_radii_and_the_limit_itself():
    found = audit_waste_points(town())
    wide = row(found.reach.zones, level="city", rule="waste.point.gb55013", denominator="people")
    # A and B (exactly 120 m) by w1, D by w2; C is at 121 m of w1 and F at 121 m of w3
    assert (wide["served_straight"], wide["total"], wide["share_straight"]) == (700.0, 1000.0, 0.7)
    assert wide["served_network"] == 700.0
    near = row(found.reach.zones, level="city", rule="waste.point.cjj27", denominator="people")
    assert near["served_straight"] == 500.0  # A at 0 m, D at exactly 70 m
    east = row(found.reach.zones, level="community", zone="E", rule="waste.point.gb55013", denominator="people")
    assert (east["served_straight"], east["total"], east["name"]) == (0.0, 250.0, "东社区")
    homes = found.themed().layer("waste_points_homes").frame
    assert homes["state"].to_dict() == {
        "A": "preferred", "B": "mandatory", "C": "without", "D": "preferred", "F": "without",
    }  # fmt: skip
    assert found.themed().figures["reach"]["waste.point.gb55013"]["people_straight"]["share"] == 0.7
    gaps = found.reach.gaps["waste.point.gb55013"]
    assert gaps["people"].sum() == 300.0


def test_each_closed_estate_needs_a_point_inside_or_at_its_edge():
    found = audit_waste_points(town()).estates
    assert found.estates["points"].to_dict() == {"E3": 0, "E2": 1, "E1": 1}  # the one without comes first
    assert found.estates.loc["E1", "people"] == 350.0
    assert found.estates.loc["E2", "nearest_m"] == 10.0  # exactly at the limit of 10 m
    assert found.estates.loc["E3", "nearest_m"] == 71.0
    strict = audit_waste_points(town(), edge_m=9.999).estates
    assert strict.estates["points"].to_dict() == {"E2": 0, "E3": 0, "E1": 1}
    assert audit_waste_points(town(), edge_m=0.0).estates.estates.loc["E1", "points"] == 1
    assert audit_waste_points(town(old_estates=None)).missing[0][0].en == "collection points of closed estates"


def test_recycling_points_per_households_and_joined():
    found = audit_waste_points(town(), people_per_household=2.0).recycling
    assert found.households.estimated
    city = row(found.needed, rule="waste.recycle.1500", level="city")
    assert (city["households"], city["needed"], city["points"], city["short"]) == (500.0, 1, 2, 0)
    assert row(found.needed, rule="waste.recycle.1500", level="community", zone="E")["short"] == 1
    assert found.recycling["state"].to_dict() == {"r1": "joined", "r2": "alone"}  # 50 m, 51 m
    assert found.waste["state"].to_dict() == {"w1": "joined", "w2": "alone", "w3": "alone"}
    assert found.recycling["partner"].to_dict() == {"r1": "w1", "r2": "w2"}
    shown = audit_waste_points(town(), people_per_household=2.0).themed()
    both = shown.layer("waste_points_joined_recycling")
    assert [one.name for one in both.over] == ["waste_points_joined_pairs", "waste_points_joined_waste"]
    ring = shown.layer("waste_points_joined_pairs").frame
    assert ring[["recycling", "partner", "straight_m"]].to_numpy().tolist() == [["r1", "w1", 50.0]]
    inside = Polygon(ring.geometry.iloc[0].coords)
    assert inside.covers(both.frame.geometry["r1"])
    assert inside.covers(both.over[1].frame.geometry["w1"])
    counted = HOMES.assign(group_households=[1500.0, 1.0, 0.0, 0.0, 0.0])
    found = audit_waste_points(town(demand=counted), households="households").recycling
    assert not found.households.estimated
    assert row(found.needed, rule="waste.recycle.1500", level="city")["needed"] == 2  # 1501 households
    assert row(found.needed, rule="waste.recycle.2000", level="city")["needed"] == 1
    with pytest.raises(InputError, match="did you mean 'households'"):
        audit_waste_points(town(demand=counted), households="houshold")
    with pytest.raises(InputError, match="give one"):
        audit_waste_points(town(demand=counted), households="households", people_per_household=2.0)
    with pytest.raises(InputError, match=r"waste\.recycle\.1500"):
        audit_waste_points(town(), recycle_rules=["waste.point.cjj27"])


def test_the_fastest_way_to_the_share_of_communities():
    found = audit_waste_points(town(), sorted_share=0.5).sorting
    # w1 sorts: A and B of W's 750. Half are 375, so w2 must sort too; F cannot be reached by w3
    assert found.people_share == 0.3
    assert found.communities["served"].to_dict() == {"E": 0.0, "W": 300.0}
    assert (found.needed, found.covered, found.status, found.bound) == (1, 0, "optimal", 1)
    assert found.convert.to_dict("records") == [{"point": "w2", "community": "W"}]
    assert found.communities["state"].to_dict() == {"E": "no_way", "W": "chosen"}
    assert audit_waste_points(town(), sorted_share=0.4).sorting.status == "reached"  # 300 of 750 exactly
    far = audit_waste_points(town(), sorted_share=0.99).sorting
    assert (far.status, len(far.convert)) == ("impossible", 0)  # C is out of reach: 700 of 750 at most
    unsaid = audit_waste_points(town())
    assert unsaid.sorting.status is None
    assert any("share of communities" in what.en for what, _ in unsaid.missing)
    silent = audit_waste_points(town(FACILITIES.drop(columns=["sorting", "streams"])))
    assert silent.sorting is None


BODIES = frame([Point(100, 10), Point(670, 200), Point(1300, 0)], ["b1", "b2", "b3"], apart=["yes", "否", None])


def test_bodies_by_what_the_layer_says_and_by_distance():
    near, said = audit_waste_points(
        town(), bodies=[BodyLayer(layer=BODIES), BodyLayer(layer=BODIES, rule="waste.tj.food", sorted="apart")]
    ).bodies
    assert near.bodies["state"].to_dict() == {"b1": "covered", "b2": "not_covered", "b3": "not_covered"}
    assert (near.needed, near.passes) == (1, None)  # 60 % of 3 are 2; distance only stands for sorting: no verdict
    assert said.bodies["state"].to_dict() == {"b1": "covered", "b2": "not_covered", "b3": "unknown"}
    assert (said.zones.iloc[0]["share_least"], said.zones.iloc[0]["share_most"]) == (1 / 3, 2 / 3)
    assert said.passes is None  # the unknown one decides
    both = BODIES.assign(apart=["yes", "yes", None])
    assert audit_waste_points(town(), bodies=[BodyLayer(layer=both, sorted="apart")]).bodies[0].passes is True
    with pytest.raises(InputError, match="no share"):
        audit_waste_points(town(), bodies=[BodyLayer(layer=BODIES, rule="waste.point.cjj27")])


def test_dumps_beside_the_nearest_legal_point():
    dumps = frame([Point(220, 0), Point(1000, 0), None], ["d1", "d2", "d3"])
    found = audit_waste_points(town(), dumps=dumps).dumps
    assert found.dumps["straight_m"].to_dict() == {"d2": 330.0, "d1": 120.0}
    assert found.dumps["order"].to_dict() == {"d2": 1, "d1": 2}
    assert found.dumps["state"].to_dict() == {"d2": "beyond", "d1": "within"}
    assert found.dumps.loc["d1", "people"] == 350.0  # A at exactly 120 m, B, C
    assert [f.count for f in found.findings] == [1]


def test_bins_of_shops_by_street():
    shops = frame(
        [Point(100, 5), Point(700, -8), Point(510, 200), Point(500, 250), Point(1000, 200)],
        ["a", "b", "c", "d", "far"],
        bins=[1, 0, "2", None, 1],
    )
    found = audit_waste_points(town(), shops=ShopsAsked(layer=shops, bins="bins")).shops
    main, side = found.streets.loc["主街"], found.streets.loc["横街"]
    assert (main["shops"], main["needed"], main["lacking"], main["length_m"]) == (2, 2, 1.0, 2000.0)
    assert (side["shops"], side["needed"], side["bins_unknown"]) == (2, 2, 1)
    assert math.isnan(side["lacking"])  # the bins of one shop are not known
    assert (found.away, found.shops.loc["far", "street"]) == (1, "")
    assert audit_waste_points(town(), shops=ShopsAsked(layer=shops, bins_per_shop=2)).shops.streets["needed"].sum() == 8


def test_the_matrix_knows_what_it_does_not_know():
    cells = audit_waste_points(town()).matrix.cells
    kitchen = row(cells, level="city", link="point", stream="kitchen")
    # only w1 is known to take it: A and B; w3 does not say, so it is no proof of none for the others
    assert (kitchen["share"], kitchen["facilities"], kitchen["facilities_unknown"]) == (0.3, 1, 1)
    other = row(cells, level="city", link="point", stream="other")
    assert (other["share"], other["state"]) == (0.7, "part")
    assert row(cells, level="city", link="point", stream="hazardous")["state"] == "unknown"
    recycling = row(cells, level="city", link="recycling", stream="recyclable")
    assert recycling["state"] == "there"  # by its class; no clause gives a radius, so no share of people is claimed
    assert math.isnan(recycling["share"])
    assert row(cells, level="city", link="plant", stream="other")["state"] == "unknown"
    assert set(cells["level"]) == {"city", "community"}
    assert set(cells[cells["link"] == "recycling"]["stream"]) == {"recyclable"}  # no link of the way of kitchen waste
    said = FACILITIES.assign(streams=["other"] * 3 + ["recyclable"] * 2)
    cells = audit_waste_points(town(said)).matrix.cells
    assert row(cells, level="city", link="point", stream="hazardous")["state"] == "none"
    assert row(cells, level="community", zone="E", link="point", stream="other")["state"] == "none"


def test_small_units_go_where_most_is_left():
    firms = frame([Point(10 * k, 0) for k in range(4)], ["p", "q", "r", "s"], t=[3.0, 2.5, 1.0, 0.0])
    made = waste_generated(
        town(), kg_per_person_day=1.0, sources=[Source(origin="campus", layer=firms, t_day="t", shares={"kitchen": 1})]
    )
    one = rank_pretreatment(made, units=2, origins=["campus"])
    assert one.places["units"].tolist() == [1, 1, 0, 0]
    assert (one.treated_t_day, one.total_t_day) == (5.5, 6.5)
    sized = rank_pretreatment(made, units=4, origins=["campus"], stream="kitchen", capacity_t_day=1.0)
    # 1 t each: p, q, r have 1 t left at least, ties by id; then p again
    assert sized.places["units"].tolist() == [2, 1, 1, 0]
    assert sized.treated_t_day == 4.0
    all_ = rank_pretreatment(made, units=100, origins=["campus"], capacity_t_day=1.0)
    assert (all_.placed, all_.treated_t_day) == (7, 6.5)  # three, three and one
    assert rank_pretreatment(made, units=9, origins=["campus"], least_t_day=2.5).placed == 2
    with pytest.raises(InputError, match="there are campus"):
        rank_pretreatment(made, units=1, origins=["campu"])
    asked = UnitsAsked(units=2, origins=["campus"])
    shown = audit_waste_points(town(), generation=made, pretreatment=asked).themed()
    assert shown.figures["pretreatment"]["treated_t_day"] == 5.5


def test_bad_rows_are_listed_and_never_guessed():
    bad = frame(
        [Point(100, 0), Point(100, 0), None, Point(670, 0)],
        ["w1", "w2", "w3", "w1"],
        **{"class": ["waste_point"] * 4},
        sorting=["maybe", "1", "1", "1"],
        streams=["厨余, 核废料", None, None, None],
    )
    found = audit_waste_points(town(bad))
    assert found.records.rows_in["waste_point"] == 4
    assert found.records.waste.index.tolist() == ["w1", "w2"]
    assert {f.code: f.count for f in found.records.findings} == {
        "waste_point_place": 1, "waste_point_id": 1, "waste_point_same": 1, "waste_point_streams": 1,
        "waste_point_sorting": 1,
    }  # fmt: skip
    assert found.records.waste["sorting"].tolist() == [None, True]
    assert found.records.waste["streams"].fillna("?").tolist() == ["kitchen", "?"]


def test_no_layer_is_no_proof_of_none():
    found = audit_waste_points(town(frame([], [], **{"class": []})))
    assert found.reach is None
    assert found.estates is None
    shown = found.themed()
    assert shown.figures["people"] is None
    assert "无数据不等于没有" in shown.missing[0][1].zh
    assert not len(shown.layers)


def test_everything_is_shown_with_its_clause_in_both_languages():
    found = audit_waste_points(
        town(), people_per_household=2.0, sorted_share=0.5, bodies=[BodyLayer(layer=BODIES)],
        dumps=frame([Point(1000, 0)], ["d"]), shops=ShopsAsked(layer=frame([Point(5, 5)], ["x"])),
    )  # fmt: skip
    shown = found.themed()
    names = ("城市环境卫生设施设置标准", "再生资源回收体系建设", "津城管办〔2019〕48号 三(二)二", "西社区", "主街")
    for text in (*shown.headlines, *(layer.note for layer in shown.layers if layer.note)):
        assert text.zh != text.en
        plain = functools.reduce(lambda t, name: t.replace(name, ""), names, text.en)
        assert not any("\u4e00" <= c <= "\u9fff" for c in plain), text.en
    note = shown.layer("waste_points_homes").note
    assert "GB 55013-2021" in note.en
    assert "clause read" in note.en
    assert "条文已读" in note.zh
    assert "二手来源" in shown.table("waste_points_households").note.zh
    assert set(shown.indicators["rule"]) == {"waste.point.gb55013", "waste.point.cjj27"}
    for layer in shown.layers:
        assert set(layer.frame.columns) - {"geometry"} <= set(layer.columns) | {"zone_community"}, layer.name
    for table in shown.tables:
        assert set(table.frame.columns) <= set(table.columns), table.name


def test_without_streets_straight_lines_are_all():
    found = audit_waste_points(town(streets=False))
    wide = row(found.reach.zones, level="city", rule="waste.point.gb55013", denominator="people")
    assert wide["served_straight"] == 700.0
    assert math.isnan(wide["served_network"])
    assert np.isnan(found.recycling.waste["network_m"]).all()
    for table in found.themed().tables:
        assert not np.isinf(table.frame.select_dtypes("number").to_numpy(dtype=float)).any(), table.name
    with pytest.raises(InputError, match="streets"):
        audit_waste_points(town(streets=False), shops=ShopsAsked(layer=frame([Point(5, 5)], ["x"])))
