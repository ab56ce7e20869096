"""Every figure of a district of five streets against the one on paper; the drawing stands in `small_district`."""

import numpy as np
import pytest
import shapely
from small_district import WEST, district, homes, places, streets, zones
from street_drawing import areas, points

from siting.coverage import CITY_LEVEL
from siting.errors import SchemaError
from siting.standards import load_catalogue
from siting.themes.living_circle import audit_living_circle


@pytest.fixture(scope="module")
def found():
    return audit_living_circle(district())


# Served people by hand, from the table of ways: 1000, 500, 300 m; strict 800 m; 15 min are 900 m for an adult (1.0 m/s)
# and 720 m for an elderly person (0.8 m/s), 10 min 600 and 480 m, 5 min 300 and 240 m. The limit itself is served.
SERVED = {
    ("15min", "junior_school"): {"distance": 200, "strict": 180, "adult": 200, "elderly": 180},
    ("15min", "mall"): {"distance": 200, "strict": 100, "adult": 200, "elderly": 100},
    ("15min", "bus_stop_15_10"): {"distance": 20, "strict": 20, "adult": 20, "elderly": 20},
    ("10min", "primary_school"): {"distance": 80, "adult": 180, "elderly": 80},
    ("10min", "mall"): {"distance": 0, "adult": 50, "elderly": 0},
    ("10min", "bus_stop_15_10"): {"distance": 20, "adult": 20, "elderly": 20},
    ("5min", "kindergarten"): {"distance": 150, "adult": 150, "elderly": 50},
    ("5min", "bus_stop_5"): {"distance": 20, "adult": 20, "elderly": 20},
}


@pytest.mark.parametrize(("tier", "class_"), SERVED)
def test_people_served_by_every_class(found, tier, class_):
    row = found.classes[(found.classes["tier"] == tier) & (found.classes["class"] == class_)].iloc[0]
    expected = SERVED[tier, class_]
    assert {m: row[f"share_{m}"] * 200 for m in expected} == pytest.approx(expected)
    # Steps and kerbs are nowhere: a wheelchair goes at the pace of the elderly.
    assert row["share_step_free"] == row["share_elderly"]
    table = found.of_class(tier, class_)
    weight = found.points["people"]
    assert {m: weight[table[f"served_{m}"]].sum() for m in expected} == expected


def test_distances_are_those_of_the_drawing(found):
    assert found.of_class("5min", "kindergarten")["distance_m"].tolist() == [300, 100, 600, 1200]
    assert found.of_class("15min", "junior_school")["distance_m"].tolist() == [600, 400, 300, 900]
    assert set(found.of_class("15min", "mall")["facility"]) == {"mall-1"}


@pytest.mark.parametrize(
    ("tier", "measure", "by_hand"),
    [
        ("15min", "distance", (200 + 200 + 20) / 600),
        ("15min", "strict", (180 + 100 + 20) / 600),
        ("15min", "adult", (200 + 200 + 20) / 600),
        ("15min", "elderly", (180 + 100 + 20) / 600),
        ("10min", "distance", (80 + 0 + 20) / 600),
        ("10min", "adult", (180 + 50 + 20) / 600),
        ("10min", "elderly", (80 + 0 + 20) / 600),
        ("5min", "distance", 150 / 200),
        ("5min", "elderly", 50 / 200),
    ],
)
def test_completeness_is_the_share_of_required_classes(found, tier, measure, by_hand):
    assert found.share(tier, measure) == pytest.approx(by_hand)


def test_a_higher_tier_that_passes_hides_no_lower_one(found):
    """Everybody has the mall within 1000 m and nobody within 500 m: one and the same place."""
    mall = found.classes[found.classes["class"] == "mall"].set_index("tier")["share_distance"]
    assert mall.to_dict() == {"15min": 1.0, "10min": 0.0}
    card = found.scorecard[found.scorecard["measure"] == "distance"].set_index("tier")
    assert "商场" not in card.loc["15min", "missing_zh"]
    assert "商场" in card.loc["10min", "missing_zh"]


def test_the_own_radius_of_a_class_is_a_straight_line(found):
    rows = found.classes.set_index(["tier", "class"])
    # 500 m around the mall: of the homes only h3, 424 m away, and 600 m on foot.
    assert rows.loc[("10min", "mall"), "own_radius_m"] == 500
    assert rows.loc[("10min", "mall"), "share_own_radius"] * 200 == pytest.approx(30)
    assert rows.loc[("10min", "mall"), "share_own_radius_network"] == 0
    # Another document allows a kindergarten 500 m: h3 is 424 m from it.
    assert "JGJ 39-2016" in rows.loc[("5min", "kindergarten"), "other_radius_en"]
    assert "500 m in a straight line 90.0%" in rows.loc[("5min", "kindergarten"), "other_radius_en"]


def test_missing_by_name_for_each_home(found):
    at = found.points
    assert at.loc["h1", "missing_15min_zh"] == "公交车站"
    assert at.loc["h1", "missing_10min_zh"] == "小学、商场、公交车站"
    assert at.loc["h1", "missing_5min_zh"] == ""
    assert at.loc["h4", "missing_10min_en"] == "Primary school, Shopping centre"
    assert at["missing_15min"].tolist() == [1, 1, 1, 0]
    assert at["completeness_10min"].tolist() == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3])


def test_communities_by_hand(found):
    west, east = found.scorecards["community"].loc["west"], found.scorecards["community"].loc["east"]
    assert (west["people"], east["people"]) == (150, 50)
    assert west["completeness_15min"] == pytest.approx((150 + 150 + 0) / 450)
    assert east["completeness_15min"] == pytest.approx((50 + 50 + 20) / 150)
    assert west["completeness_10min"] == pytest.approx((50 + 0 + 0) / 450)
    assert east["completeness_5min"] == 0
    assert west["missing_15min_zh"] == "公交车站"
    assert east["missing_5min_zh"] == "幼儿园"
    # All seven classes: west 300 + 50 + 150 of 1050, east 120 + (30 + 0 + 20) + 0 of 350.
    assert west["completeness"] == pytest.approx(500 / 1050)
    assert east["completeness"] == pytest.approx(170 / 350)
    assert (west["rank"], east["rank"]) == (1, 2)
    assert found.scorecards["community"]["name"].to_dict() == {"west": "西社区", "east": "东社区"}
    whole = found.scorecards["subdistrict"].loc["all"]
    assert whole["completeness_15min"] == pytest.approx(found.share("15min"))


def test_what_each_community_lacks(found):
    rows = found.missing.set_index(["zone", "tier", "class"])
    assert rows.loc[("west", "15min", "bus_stop_15_10"), "state"] == "none"
    assert rows.loc[("west", "10min", "primary_school"), ["without", "state"]].tolist() == [100, "few"]
    assert rows.loc[("east", "10min", "primary_school"), ["without", "state"]].tolist() == [20, "most"]
    assert ("west", "5min", "kindergarten") not in rows.index


def test_centres_and_what_is_missing_there(found):
    # West: the mean of 100 at (0, 0) and 50 at (300, 100) is (100, 33.3), which is moved 33.3 m to the street.
    # East: nobody lives within 300 m of the mean of h3 and h4, so the centre is the home at the median, h3.
    at = found.centres
    assert shapely.get_coordinates(at.geometry.to_numpy()) == pytest.approx(np.array([[600, 300], [100, 0]]))
    assert at["kind"].tolist() == ["home", "mean"]
    assert at.loc["west", "moved_m"] == pytest.approx(100 / 3, abs=0.01)
    lacking = found.communities
    assert lacking.loc["west", "centre_missing_15min_zh"] == "公交车站"  # 1400 m away
    assert lacking.loc["west", "centre_missing_10min_zh"] == "商场、公交车站"  # the school is at 500 m exactly
    assert lacking.loc["east", "centre_missing_5min_zh"] == "幼儿园"
    west_school = found.missing.set_index(["zone", "tier", "class"]).loc[("west", "10min", "primary_school")]
    assert west_school["centre_m"] == 500


def test_circles_hold_the_people_whose_way_is_short_enough(found):
    # From (100, 0): h1 100 m, h2 300 m, h3 800 m. From F: h3 0, h2 500 m, h1 900 m. h4 is in no circle.
    people = found.circles.set_index(["point", "minutes"])["people"].to_dict()
    assert people == {
        ("west", 5): 150, ("west", 10): 150, ("west", 15): 180,
        ("east", 5): 30, ("east", 10): 80, ("east", 15): 180,
    }  # fmt: skip
    assert found.blind["people"].tolist() == [20]
    assert found.blind.geometry.iloc[0].contains(shapely.Point(1500, 0))
    assert found.overlap[["circles", "people"]].values.tolist() == [[2, 180]]
    row = found.circles.loc["west/15"]
    assert (row["people_low"], row["people_high"]) == (50_000, 100_000)
    assert row.geometry.contains(shapely.Point(950, 10))
    assert not row.geometry.contains(shapely.Point(1050, 0))


def test_given_centres_stay_where_they_are():
    given = points(office=(300, 0)).assign(name="居委会")
    found = audit_living_circle(district(), centres=given)
    assert found.centres[["zone", "kind"]].values.tolist() == [["west", "given"]]
    # h1 300 m, h2 100 m, h3 600 m, h4 1200 m
    assert found.circles.set_index("minutes")["people"].to_dict() == {5: 150, 10: 180, 15: 180}
    assert found.missing.set_index(["zone", "class"]).loc[("west", "primary_school"), "centre_m"] == 300


def test_estates_are_ranked_by_what_their_people_lack():
    # Both west homes lack the bus stop twice and the mall within 500 m, h1 the primary school: 3 x 150 + 100.
    # h4 lacks primary school, mall (10 min) and kindergarten: 3 x 20. The third is judged by its own place: bus stop
    # (10 min) and kindergarten are 600 m away.
    estates = areas(west=WEST, far=shapely.box(1450, -20, 1550, 20), empty=shapely.box(890, -10, 910, 10))
    found = audit_living_circle(district(old_estates=estates.assign(name=["甲", "乙", "丙"])))
    table = found.estates
    assert table.index.tolist() == ["west", "far", "empty"]
    assert table["deficit"].tolist() == [550, 60, 0]
    assert table["missing_classes"].tolist() == pytest.approx([550 / 150, 3, 2])
    assert table["rank"].tolist() == [1, 2, 3]
    assert table.loc["far", "missing_10min_zh"] == "小学、商场"
    assert table.loc["empty", "missing_5min_zh"] == "幼儿园"
    assert table.loc["west", "completeness"] == pytest.approx(1 - 550 / (7 * 150))


def test_a_class_without_any_place_is_not_judged_and_named():
    found = audit_living_circle(district())
    rows = found.classes.set_index(["tier", "class"])
    assert not rows.loc[("10min", "market"), "judged"]
    assert rows.loc[("10min", "market"), "reason_zh"] == "数据中没有菜市场"
    assert np.isnan(rows.loc[("10min", "market"), "share_distance"])
    assert "菜市场" in found.scorecard.set_index("tier")["not_judged_zh"].loc["10min"].iloc[0]
    assert any("no layer of food market" in why.en for _, why in found.gaps_in_data)
    with pytest.raises(SchemaError, match="the data hold no food market"):
        found.of_class("10min", "market")
    with pytest.raises(SchemaError, match="did you mean 'market'"):
        found.of_class("10min", "markt")


def test_a_class_with_a_place_out_of_reach_is_judged_and_serves_nobody():
    far = places(market=(1200, 0), kindergarten=(300, 0))
    row = audit_living_circle(district(facilities=far)).classes.set_index(["tier", "class"]).loc[("10min", "market")]
    assert row["judged"]
    assert row["share_distance"] * 200 == pytest.approx(20)  # h4 is 300 m away
    off = places(market=(1200, 2000), kindergarten=(300, 0))  # farther than 500 m from every street
    row = audit_living_circle(district(facilities=off)).classes.set_index(["tier", "class"]).loc[("10min", "market")]
    assert (row["judged"], row["share_distance"], row["unreachable"]) == (True, 0, 4)


def test_the_block_has_no_distance_but_that_of_the_class():
    found = audit_living_circle(district(facilities=places(waste_point=(300, 50), convenience_store=(300, 0))))
    rows = found.classes.set_index(["tier", "class"])
    # 70 m around the waste point: h2 at 50 m. No clause says how far a shop of the block may be.
    assert rows.loc[("block", "waste_point_block"), "share_distance"] * 200 == pytest.approx(50)
    assert not rows.loc[("block", "convenience_store"), "judged"]
    assert rows.loc[("block", "convenience_store"), "reason_en"] == "no distance in the clause"


def test_rows_of_one_class_are_told_apart_by_size():
    # A pitch of 1,400 m2 is a medium ground (from 1,310) and a small one (from 770), no large one (from 3,150).
    pitch = areas(pitch=shapely.box(280, -40, 320, -5)).assign(**{"class": "sports_ground", "name": None})
    rows = audit_living_circle(district(facilities=pitch)).classes.set_index("class")
    assert rows["places"].loc[["sports_large", "sports_medium", "sports_small"]].tolist() == [0, 1, 1]
    assert rows.loc["sports_large", "judged"]
    assert rows.loc["sports_large", "share_distance"] == 0
    assert rows.loc["sports_medium", "share_distance"] > 0


def test_steps_close_the_way_for_a_wheelchair_alone():
    # With steps between C and F, h3 goes round by E and B to the school: 900 m, or 1125 s at 0.8 m/s.
    found = audit_living_circle(district(network=streets("A B C G", "D E F", "A D", "B E", ("C F", {"steps": True}))))
    row = found.classes.set_index("class").loc["junior_school"]
    assert row["share_elderly"] * 200 == pytest.approx(180)
    assert row["share_step_free"] * 200 == pytest.approx(150)


def test_without_streets_all_is_in_straight_lines_and_says_so():
    found = audit_living_circle(district(network=None))
    # 300 m around the kindergarten: h1 (300), h2 (100). 500 m around the school: h2 (316), h3 (300).
    rows = found.classes.set_index(["tier", "class"])
    assert rows.loc[("5min", "kindergarten"), "share_distance"] * 200 == pytest.approx(150)
    assert rows.loc[("10min", "primary_school"), "share_distance"] * 200 == pytest.approx(80)
    assert found.profiles == ()
    assert set(found.circles["kind"]) == {"straight"}
    assert set(found.indicators.loc[found.indicators["judged"], "distance"]) == {"straight"}
    assert all("直线" in text for text in found.scorecard.loc[found.scorecard["tier"] != "block", "measure_zh"])
    result = found.themed()
    shown = [layer for layer in result.layers if layer.name.startswith(("living_circle_comm", "living_circle_points"))]
    assert shown
    assert all("直线" in layer.note.zh and "straight" in layer.note.en for layer in shown)
    assert any("no street layer" in why.en for _, why in result.missing)


def test_without_people_units_are_counted_and_without_zones_the_city():
    found = audit_living_circle(district(demand=homes().drop(columns="people"), zones={}))
    assert found.share("5min") == 0.5  # two of four homes
    assert found.level is None
    assert found.circles is None
    assert set(found.indicators.loc[found.indicators["judged"], "denominator"]) == {"units"}
    assert set(found.missing["zone"]) == {CITY_LEVEL}
    assert found.themed().headlines


def test_a_level_that_is_not_there_is_refused():
    with pytest.raises(SchemaError, match="did you mean 'community'"):
        audit_living_circle(district(), level="comunity")


def test_a_local_pack_changes_result_and_words(tmp_path):
    pack = tmp_path / "city.yaml"
    pack.write_text(
        "pack: test-city\n"
        "documents:\n- {code: DB00/T 1-2026, title: 某市标准, status: local, standing: local}\n"
        "rules:\n- id: lc5.walk\n  threshold: 600\n  source: {document: DB00/T 1-2026, clause: '4.2'}\n"
        "  confidence: clause\n",
        encoding="utf-8",
    )
    found = audit_living_circle(district(catalogue=load_catalogue([pack])))
    assert found.share("5min") == pytest.approx(180 / 200)  # h3 is 600 m from the kindergarten
    assert "600 m on foot" in found.themed().headlines[2].en
    assert "DB00/T 1-2026 4.2" in found.themed().layer("living_circle_communities_5min").note.zh


def test_zones_and_layers_stay_as_they_were():
    city = district()
    before = city.demand.copy(), city.facilities.copy()
    audit_living_circle(city)
    assert city.demand.equals(before[0])
    assert city.facilities.equals(before[1])
    assert list(zones()) == list(city.zones)


def test_a_pack_adds_a_class_to_the_table(tmp_path):
    pack = tmp_path / "city.yaml"
    pack.write_text(
        "pack: test-city\n"
        "documents:\n- {code: DB00/T 1-2026, title: 某市标准, status: local, standing: local}\n"
        "rules:\n- id: fac.library\n  name: {zh: 图书馆, en: Library}\n  topic: facility_table\n  tier: 15min,5min\n"
        "  metric: service_radius\n  operator: presence\n  threshold: null\n  unit: '-'\n  applies_to: library\n"
        "  facility: [library]\n  distance: {kind: straight, reading: clause}\n  requirement: required\n"
        "  source: {document: DB00/T 1-2026, clause: '4.3'}\n  confidence: clause\n  seen_in: []\n",
        encoding="utf-8",
    )
    catalogue = load_catalogue([pack])
    found = audit_living_circle(district(facilities=places(library=(600, 300)), catalogue=catalogue))
    rows = found.classes.set_index(["tier", "class"])
    # At F: h1 is 900 m away, h2 500, h3 there, h4 1200.
    assert rows.loc[("15min", "library"), "share_distance"] * 200 == pytest.approx(180)
    assert rows.loc[("5min", "library"), "share_distance"] * 200 == pytest.approx(30)
    assert rows.loc[("15min", "library"), "confidence_required"] == "clause"
    assert rows.loc[("15min", "library"), "confidence"] == "clause"
    assert set(found.scorecard.loc[found.scorecard["required_judged"] > 0, "confidence"]) == {"clause"}


@pytest.mark.parametrize("without", [["people"], ["people", "units"]], ids=["units", "points"])
def test_places_without_people(without):
    found = audit_living_circle(district(demand=homes().drop(columns=without)))
    assert found.scorecards["community"].loc["west", "completeness_5min"] == 1
    assert found.fairness is None
    assert found.blind[found.completeness.counting.main].tolist() == [1]
    assert found.estates is None
    assert found.themed().headlines


def test_nothing_at_all_is_no_fault():
    empty = places().iloc[:0]
    found = audit_living_circle(district(facilities=empty, zones={}, network=None))
    assert found.scorecard["required_judged"].tolist() == [0, 0, 0, 0]  # one row a tier, to be seen
    assert found.scorecard["completeness"].isna().all()
    assert not found.classes["judged"].any()
    assert "no class of a living circle" in found.themed().headlines[0].en
    assert audit_living_circle(district(facilities=empty)).circles["people"].sum() > 0
    nobody = audit_living_circle(district(demand=homes().assign(people=0.0)))
    assert np.isnan(nobody.share("15min"))
    assert len(nobody.centres) == 0
    assert nobody.themed().figures["completeness_15min"] is None
