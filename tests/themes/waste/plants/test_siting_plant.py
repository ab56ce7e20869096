"""A plant sited on a plan drawn by hand: distances by clause, haul on streets, score beside it."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from waste_ground import CRS, layer

from siting.errors import InputError
from siting.ledger import Text
from siting.network import Network
from siting.themes import City
from siting.themes.waste.ground import Keep
from siting.themes.waste.plants import KINDS, TARGETS, Criterion, Wind, plant_mask, site_plant
from siting.themes.waste.plants.surroundings import surroundings

#   north
#     +-------------------------------------------------------------------+ 1000
#     |  homes H            A              B                    C         |
#     |  100..200        450..550      1000..1100           2000..2100    |    plots 100 m x 100 m, y = 600..700
#     +-------------------------------------------------------------------+ 0      street along y = 500
#     0                                                                 3000
BOUNDARY = layer({"b": (0, 0, 3000, 1000)})
HOMES = layer({"h": (100, 600, 200, 700)})
PLOTS = layer(
    {"A": (450, 600, 550, 700), "B": (1000, 600, 1100, 700), "C": (2000, 600, 2100, 700)},
    name=["甲", "乙", "丙"], price=[5.0, 9.0, 1.0],
)  # fmt: skip
STREETS = layer({"s": shapely.LineString([(0, 500), (3000, 500)])})
SOURCES = layer({"q1": (100, 500), "q2": (1600, 500)}, t_day_other=[10.0, 30.0], t_day_construction=[40.0, 0.0])
DEMAND = layer({"d1": (150, 650), "d2": (1500, 650)}, people=[100, 50])


def town(**layers):
    facilities = layer({"f": (2950, 650)}).assign(**{"class": "primary_school"})
    given = {"land": HOMES, "vacant": PLOTS, "boundary": BOUNDARY, **layers}
    return City.of(None, DEMAND, facilities, **given)


@pytest.fixture(scope="module")
def streets():
    return Network.from_lines(STREETS, crs=CRS, mode="drive")


def test_a_protection_distance_refuses_a_named_plot_and_says_by_how_much():
    site = site_plant(town(), "incinerator")
    assert site.candidates["allowed"].to_dict() == {"A": False, "B": True, "C": True}
    homes = site.tests[(site.tests["plot"] == "A") & (site.tests["rule"] == "waste.wte.buffer")].iloc[0]
    assert (homes["measured"], homes["asked"], homes["short"], homes["confidence"]) == (250, 300, 50, "secondary")
    assert homes["text_en"].startswith("lies 250 m from home h, 300 m asked: 50 m short")
    assert "不足 50 米" in site.candidates.loc["A", "reason_zh"]
    assert site.candidates.loc["A", "choice"] == "refused"


def test_the_distance_of_a_kind_comes_from_its_own_clause():
    # a landfill asks 500 m, a small one 400: A lies at 250, B at 800
    for kind, asked, rule in (
        ("landfill", 500, "waste.landfill.500"),
        ("small_landfill", 400, "waste.small_landfill.dwelling"),
    ):
        site = site_plant(town(), kind)
        found = site.tests[(site.tests["plot"] == "A") & (site.tests["test"] == "homes")].iloc[0]
        assert (found["asked"], found["rule"], found["short"]) == (asked, rule, asked - 250)
    site = site_plant(town(), "sorting")
    assert set(site.tests.loc[site.tests["test"] == "homes", "outcome"]) == {"not_judged"}
    assert site.candidates["allowed"].all()
    assert KINDS["sorting"].alone
    assert KINDS["bulky"].alone


def test_targets_without_a_distance_are_not_judged_and_without_a_layer_are_missing():
    site = site_plant(town(), "incinerator")
    school = site.tests[site.tests["test"] == "schools"]
    assert set(school["outcome"]) == {"not_judged"}
    assert set(school["rule"]) == {"waste.wte.exclude"}
    lacking = {what.en: why.en for what, why in site.missing}
    assert "no data does not mean none" in lacking["drinking-water source"]
    assert "gives no figure" in lacking["school"]
    # what a clause says without a figure stands beside the figure of another: a landfill's distance is for the EIA
    told = {what.en: why.en for what, why in site_plant(town(), "landfill").missing}
    assert "for the assessment to weigh" in told["Landfill distance set by EIA"]


def test_a_study_may_ask_more_than_a_clause_not_less():
    def homes(distance):
        keep = Keep(name="homes", title=TARGETS["homes"], layer=HOMES, distance_m=distance)
        return site_plant(town(), "incinerator", keep=[keep])

    assert homes(100).candidates["allowed"].to_dict() == {"A": False, "B": True, "C": True}
    wider = homes(900)
    assert wider.candidates["allowed"].to_dict() == {"A": False, "B": False, "C": True}
    own = wider.tests[(wider.tests["plot"] == "B") & (wider.tests["confidence"] == "own")].iloc[0]
    assert (own["short"], own["test"]) == (100, "homes")


def test_least_haul_and_best_score_are_shown_side_by_side(streets):
    price = Criterion(name="price", title=Text("地价", "price"), better="less")
    site = site_plant(
        town(), "incinerator", sources=SOURCES, drive=streets, weights={"haul": 0.4, "price": 0.6}, criteria=[price]
    )
    # B is entered at x = 1000..1100, C at 2000..2100: from q2 at 1600 at least 500 and 400 along the street
    work = site.candidates["haul_work"]
    assert np.isnan(work["A"])
    assert site.best_by_haul == ("B",)
    assert site.best_by_score == "C"
    assert site.plan.status == "optimal"
    assert site.plan.objective / 1000 == pytest.approx(work["B"])
    assert work["B"] == pytest.approx((site.haul.cost[:, 0] * np.array([10, 30])).sum() / 1000)
    assert site.score_costs == pytest.approx(work["C"] - work["B"])
    assert site.candidates["choice"].to_dict() == {"A": "refused", "B": "haul", "C": "score"}
    assert site.haul.by_network


def test_pairwise_judgements_and_a_scale_of_the_study():
    homes = Criterion(name="homes", title=Text("距住宅", "homes"), better="more", worst=300, best=2300)
    site = site_plant(town(), "incinerator", sources=SOURCES, judgements=[[1, "1/3"], [3, 1]], criteria=["haul", homes])
    assert site.ranking.weights == pytest.approx({"haul": 0.25, "homes": 0.75})
    # B lies 400 m from d2, where people live in no building, C 500 m: (400 - 300) / 2000 and (500 - 300) / 2000
    assert site.ranking.table["score_homes"].to_dict() == {"B": 0.05, "C": 0.1}
    assert "AHP" in site.themed().table("waste_plant_incinerator_weights").note.en


def test_haul_in_straight_lines_by_hand():
    site = site_plant(town(), "incinerator", sources=SOURCES)
    # q1 (100, 500) to B (1000, 600): sqrt(900^2 + 100^2); q2 (1600, 500) to its edge (1100, 600): sqrt(500^2 + 100^2)
    assert site.candidates.loc["B", "haul_work"] == pytest.approx((10 * 905.539 + 30 * 509.902) / 1000, abs=1e-4)
    assert "haul_straight" in {f.code for f in site.findings}


def test_sites_of_construction_waste_with_two_yards():
    site = site_plant(town(), "construction", sources=SOURCES, p=2)
    # only q1 has construction waste, so one yard, the nearest, is enough
    assert site.best_by_haul == ("A",)
    assert site.haul.sources.index.tolist() == ["q1"]
    both = site_plant(town(), "e_waste", sources=SOURCES, weight="t_day_other", p=2)
    # q1 at (100, 500) is nearest to A, q2 at (1600, 500) to C at 2000
    assert both.hauls["plant"].to_dict() == {"q1": "A", "q2": "C"}
    assert both.hauls["km"].to_dict() == pytest.approx(
        {"q1": np.hypot(350, 100) / 1000, "q2": np.hypot(400, 100) / 1000}, abs=1e-6
    )
    table = both.themed().table("waste_plant_e_waste_hauls").frame.set_index("plant")
    assert table["amount"].to_dict() == {"A": 10, "C": 30}
    assert table["work"].sum() * 1000 == pytest.approx(both.plan.objective)
    people = site_plant(town(), "e_waste", sources=DEMAND, weight="people")
    assert people.best_by_haul == ("A",)
    assert people.haul.unit.en == "people"


def test_a_plant_that_stands_takes_what_is_nearer_to_it():
    stand = layer({"Z": (100, 510)})
    alone = site_plant(town(), "incinerator", sources=SOURCES)
    site = site_plant(town(), "incinerator", sources=SOURCES, existing=stand)
    # q1 goes to Z, 10 m; q2 goes to C, sqrt(400^2 + 100^2), nearer than B
    assert site.best_by_haul == ("C",)
    assert alone.best_by_haul == ("B",)
    assert site.hauls["plant"].to_dict() == {"q1": "Z", "q2": "C"}
    assert site.candidates.loc["C", "haul_work"] == pytest.approx((10 * 10 + 30 * 412.311) / 1000, abs=1e-4)
    # before: q2 at 1,500 m
    assert site.haul.before == pytest.approx((10 * 10 + 30 * np.hypot(1500, 10)) / 1000, abs=1e-4)
    assert site.haul.before >= site.candidates["haul_work"].max()
    assert any("capacities aside" in line.en for line in site.themed().headlines)
    with pytest.raises(InputError, match="those of candidates"):
        site_plant(town(), "incinerator", sources=SOURCES, existing=layer({"B": (0, 0)}))
    facilities = stand.assign(**{"class": "incinerator"})
    from_city = City.of(None, DEMAND, facilities, land=HOMES, vacant=PLOTS, boundary=BOUNDARY)
    assert site_plant(from_city, "incinerator", sources=SOURCES).hauls.equals(site.hauls)
    assert site_plant(from_city, "sorting", sources=SOURCES, weight="t_day_other").haul.standing == ()


def test_sources_that_no_one_plant_can_serve_leave_no_plan_and_say_so():
    cut = {"w": shapely.LineString([(0, 500), (1200, 500)]), "e": shapely.LineString([(1500, 500), (3000, 500)])}
    drive = Network.from_lines(layer(cut), crs=CRS, mode="drive")
    site = site_plant(town(), "incinerator", sources=SOURCES, drive=drive)
    assert site.plan is None
    assert not len(site.hauls)
    assert any(what.en == "plan of least haul" for what, _ in site.missing)
    two = site_plant(town(), "incinerator", sources=SOURCES, drive=drive, p=2)
    assert two.best_by_haul == ("B", "C")
    assert site.candidates["haul_work"].isna().all()
    # B is reached by the 10 t of q1 alone, C by the 30 t of q2
    assert site.candidates["haul_served"].to_dict() == pytest.approx({"A": np.nan, "B": 0.25, "C": 0.75}, nan_ok=True)
    assert "vehicles can bring 75.0% of the amount, 95.0% asked: too little" in site.candidates.loc["C", "reason_en"]
    assert two.candidates.loc[["B", "C"], "allowed"].all()


def test_no_lawful_candidate_names_the_nearest_miss():
    site = site_plant(town(vacant=PLOTS.loc[["A"]]), "incinerator", sources=SOURCES, weights={"haul": 1})
    assert (site.best_by_haul, site.best_by_score, site.ranking) == ((), None, None)
    assert "closest is A: lies 250 m from home h, 300 m asked: 50 m short" in site.themed().headlines[1].en


def test_rows_in_are_candidates_or_refused_with_a_reason():
    plots = layer({"A": (450, 600, 550, 700), "P": (5, 5), "N": None, "O": (2950, 600, 3050, 700)})
    site = site_plant(town(vacant=plots), "incinerator", min_area_m2=20000)
    assert len(site.candidates) == 4
    assert site.candidates.loc["P", "reason_en"] == "a point has no area and cannot be tested"
    assert "5,000 m² lie outside the study area" in site.candidates.loc["O", "reason_en"]
    assert "10,000 m² short" in site.candidates.loc["O", "reason_en"]


def test_wind_people_and_land_as_criteria():
    site = site_plant(
        town(), "sorting", weights={"downwind": 1, "people": 1, "area": 1}, people_radius_m=460,
        wind=Wind(shares={"E": 0.4}, radius_m=460),
    )  # fmt: skip
    # within 460 m of the middle of A, at (500, 650): d1 at 350 m, west of it, downwind of the wind from E
    table = site.ranking.table
    assert table.loc["A", ["value_downwind", "value_people"]].tolist() == [0.4, 100]
    # of B, at (1050, 650): d2 at 450 m, east of it
    assert table.loc["B", ["value_downwind", "value_people"]].tolist() == [0, 50]
    assert table.loc["C", ["value_downwind", "value_people"]].tolist() == [0, 0]
    assert site.best_by_score == "C"


def test_mask_says_how_much_is_left_by_clause():
    mask = plant_mask(town(), "incinerator")
    row = mask.excluded.iloc[0]
    assert (row["target"], row["distance_m"], row["rule"], row["own"]) == ("homes", 300, "waste.wte.buffer", False)
    # 300 m around the home, and around d2, where people live in no building; by shapely, within a hundredth
    homes = shapely.union_all([HOMES.geometry.iloc[0], DEMAND.geometry.iloc[1]])
    true = shapely.intersection(shapely.buffer(homes, 300, quad_segs=500), BOUNDARY.geometry.iloc[0]).area
    assert true <= row["area_m2"] <= true * 1.01
    assert mask.allowed_m2 == pytest.approx(3_000_000 - row["area_m2"], abs=1)


def test_homes_are_land_and_lived_in_buildings_and_points_in_none():
    buildings = layer({"lived": (1490, 640, 1510, 660), "shed": (2150, 600, 2160, 610)})
    homes = next(k for k in surroundings(town(buildings=buildings), KINDS["incinerator"], ())[0] if k.name == "homes")
    # d1 lies on residential land but in no building; d2 in "lived"; nobody lives in "shed"
    assert set(homes.layer.index) == {"h", "lived", "d1"}
    nobody = city_without_people(buildings)
    homes = next(k for k in surroundings(nobody, KINDS["incinerator"], ())[0] if k.name == "homes")
    assert set(homes.layer.index) == {"lived", "d1"}


def city_without_people(buildings):
    """Points of units whose people are not known are homes, too."""
    facilities = layer({"f": (2950, 650)}).assign(**{"class": "primary_school"})
    return City.of(None, DEMAND.drop(columns="people"), facilities, buildings=buildings, boundary=BOUNDARY)


def test_red_lines_are_the_study_s_own():
    drawn = layer({"r": shapely.LineString([(1200, 0), (1200, 1000)])})
    title, source = Text("生态红线", "ecological red line"), Text("市规划", "city plan")
    line = Keep(name="red_line", title=title, layer=drawn, distance_m=150, source=source)
    site = site_plant(town(), "incinerator", keep=[line])
    assert site.candidates["allowed"].to_dict() == {"A": False, "B": False, "C": True}
    assert (
        "lies 100 m from ecological red line r, 150 m asked: 50 m short (the study's own figure: city plan)"
        in (site.candidates.loc["B", "reason_en"])
    )
    row = site.mask.excluded[site.mask.excluded["target"] == "red_line"].iloc[0]
    assert (row["confidence"], row["own"]) == ("own", True)
    fenced = site_plant(town(exclusions={"zone": layer({"z": (2090, 600, 2200, 700)})}), "incinerator")
    assert "overlaps zone z by 1,000.0 m²" in fenced.candidates.loc["C", "reason_en"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "incinerater"}, "did you mean 'incinerator'"),
        ({"vacant": None}, "no candidates for incinerator"),
        ({"boundary": None}, "no study area"),
        ({"p": 0}, "p is 0"),
        ({"min_area_m2": -1}, "min_area_m2 is -1"),
        ({"weights": {"hual": 1}}, "did you mean 'haul'"),
        ({"weights": {"haul": 1}, "criteria": ["homes"]}, "none for homes"),
        ({"judgements": [[1, 9], [9, 1]], "criteria": ["haul", "homes"]}, "one must be 1 over the other"),
        ({"sources": SOURCES.drop(columns="t_day_other")}, "no column t_day_other"),
        ({"keep": [Keep(name="x", title=Text("", ""), layer=HOMES)] * 2}, "named twice"),
    ],
)
def test_bad_inputs_say_what_to_do(arguments, message):
    layers = {k: arguments[k] for k in ("vacant", "boundary") if k in arguments}
    given = {k: v for k, v in arguments.items() if k not in (*layers, "kind")}
    with pytest.raises(InputError, match=message):
        site_plant(town(**layers), arguments.get("kind", "incinerator"), **given)


def test_without_a_known_amount_nothing_is_ranked_by_haul():
    site = site_plant(town(), "bulky", sources=SOURCES.assign(t_day_bulky=0.0), weights={"haul": 0.5, "area": 0.5})
    assert (site.plan, site.best_by_score) == (None, None)
    assert "not ranked: not known: mean haul" in [line.en for line in site.themed().headlines]
    assert {"mean haul", "plan of least haul"} <= {what.en for what, _ in site.missing}


def test_the_map_marks_the_best_and_those_next_to_them():
    price = Criterion(name="price", title=Text("地价", "price"), better="less")
    site = site_plant(town(), "incinerator", sources=SOURCES, weights={"haul": 1, "price": 9}, criteria=[price])
    themed = site.themed()
    best = themed.layer("waste_plant_incinerator_best").frame
    # C is cheapest, B has the least haul and is second; A is refused and keeps its own name on the ground
    assert best[["what", "label"]].to_dict("index") == {
        "B": {"what": "haul", "label": "2: B"}, "C": {"what": "score", "label": "1: C"},
    }  # fmt: skip
    ground = themed.layer("waste_plant_incinerator_map")
    assert ground.over[0].name == "waste_plant_incinerator_best"
    assert ground.frame["label"].to_dict() == {"out": "", "plot A": "A", "plot B": "", "plot C": ""}
    assert ground.frame["what"].to_dict() == {"out": "out", "plot A": "refused", "plot B": "", "plot C": ""}
    assert "tests that candidates fail: home 1 (one may fail several)" in [line.en for line in themed.headlines]
    more = site.candidates.loc["C", "haul_work"] - site.candidates.loc["B", "haul_work"]
    assert any(f"{more:,.1f} t·km a day more haul than the least" in line.en for line in themed.headlines)
    alone = site_plant(town(vacant=PLOTS.loc[["A"]]), "incinerator")
    assert not alone.themed().layer("waste_plant_incinerator_map").over


def test_amounts_that_are_none_are_listed():
    bad = SOURCES.assign(t_day_other=["10", "-4"])
    site = site_plant(town(), "incinerator", sources=bad)
    assert [(f.count, f.ids) for f in site.findings if f.code == "source_amount"] == [(1, ("q2",))]
    assert site.haul.sources.index.tolist() == ["q1"]


@settings(max_examples=30, deadline=None)
@given(
    homes=st.lists(st.tuples(st.integers(0, 2900), st.integers(0, 900)), min_size=1, max_size=4),
    distance=st.integers(0, 700),
    more=st.integers(1, 300),
)
def test_distances_are_brute_force_and_a_larger_buffer_never_allows_more(homes, distance, more):
    drawn = layer({f"h{k}": (x, y, x + 40, y + 40) for k, (x, y) in enumerate(homes)})
    city = town(land=drawn)

    def sited(metres):
        return site_plant(
            city, "bulky", keep=[Keep(name="homes", title=TARGETS["homes"], layer=drawn, distance_m=metres)]
        )

    near, far = sited(distance), sited(distance + more)
    for plot, shape in PLOTS.geometry.items():
        apart = round(min(shape.distance(h) for h in drawn.geometry), 3)
        taken = any(shape.intersection(h).area > 0 for h in drawn.geometry)
        assert near.candidates.loc[plot, "allowed"] == (not taken if distance == 0 else apart >= distance)
    assert set(far.candidates.index[far.candidates["allowed"]]) <= set(
        near.candidates.index[near.candidates["allowed"]]
    )
    assert far.mask.allowed_m2 <= near.mask.allowed_m2 + 1e-6
    left = near.mask.allowed.geometry
    if len(left) and distance:
        # no part of what is left lies within the distance
        corners = shapely.points(shapely.get_coordinates(left.iloc[0]))
        assert min(shapely.distance(corners, drawn.geometry.union_all())) >= distance - 1e-6


def test_themed_speaks_both_languages():
    themed = site_plant(town(), "incinerator", sources=SOURCES, weights={"haul": 0.7, "homes": 0.3}).themed()
    assert {t.name.removeprefix("waste_plant_incinerator_") for t in themed.tables} == {
        "candidates", "tests", "mask", "hauls", "sources", "weights", "sensitivity",
    }  # fmt: skip
    for table in themed.tables:
        assert set(table.frame.columns) <= set(table.columns), table.name
    assert themed.figures["lawful"] == 2
    assert any("首位" in line.zh for line in themed.headlines)
    assert plant_mask(town(), "incinerator").themed().figures["not_judged"] > 0
