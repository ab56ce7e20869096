"""Plots tested for stations: drawn by hand, every figure worked out beside it."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from waste_ground import layer

from siting.errors import InputError
from siting.ledger import Text
from siting.themes.waste.ground import Keep
from siting.themes.waste.stations import StationCost, fit_stations

#   A: 80 x 80; inside a belt of 8 m 64 x 64 = 4,096 m2 (III asks 4,000), of 15 m 50 x 50 = 2,500 (II asks 10,000).
#   A home stands 7.2 m east of it: V asks 8 m.
#   B: 30 x 30; inside 3 m 24 x 24 = 576 (V asks 500), inside 5 m 20 x 20 = 400 (IV asks 1,000).
#   C: 200 x 120; inside 15 m 170 x 90 = 15,300 (II asks 10,000), inside 20 m 160 x 80 = 12,800 (I asks 15,000).
PLOTS = layer({"A": (0, 0, 80, 80), "B": (200, 0, 230, 30), "C": (400, 0, 600, 120)}, name=["甲", "乙", "丙"])
HOMES = layer({"h1": (87.2, 0, 100, 20), "h2": (250, 0, 260, 20)})


def row(fit, plot, test, subject=""):
    t = fit.tests
    return t[(t["plot"] == plot) & (t["test"] == test) & (t["subject"] == subject)].iloc[0]


def test_a_home_too_near_refuses_the_plot_and_says_by_how_much():
    fit = fit_stations(PLOTS, None, HOMES)
    assert fit.plots.loc["A", "outcome"] == "refused"
    third = row(fit, "A", "spacing", "III")
    assert (third["outcome"], third["measured"], third["asked"], third["short"]) == ("fail", 7.2, 15, 7.8)
    assert third["text_en"].startswith("lies 7.2 m from home h1, 15 m asked: 7.8 m short (CJJ/T 47-2016")
    assert "距住宅 h1 7.2 米，要求 15 米：不足 7.8 米" in third["text_zh"]
    assert (third["rule"], third["confidence"], third["against"]) == ("waste.ts.sep_III", "secondary", "h1")
    assert row(fit, "A", "spacing", "V")["short"] == 0.8
    assert "不足 0.8 米" in fit.plots.loc["A", "reason_zh"]


def test_land_inside_the_belt_decides_the_class():
    fit = fit_stations(PLOTS, None, HOMES, costs={"V": StationCost(fixed_cost_day=100, cost_per_t=20)})
    assert fit.plots["classes"].tolist() == ["", "V", "II III IV V"]
    assert row(fit, "C", "land", "I")["short"] == 2200
    assert row(fit, "B", "land", "V")["measured"] == 576
    assert fit.versions.index.tolist() == ["B-V", "C-II", "C-III", "C-IV", "C-V"]
    # 500 to 1,000 m2 carry 0 to 50 t/d: the 576 m2 of B carry 7.6; C has the most land of each class that fits it
    assert fit.versions["capacity_t_day"].tolist() == [7.6, 1000, 450, 150, 50]
    assert fit.versions_by_class["capacity_t_day"].tolist() == [50, 1000, 450, 150, 50]
    assert fit.versions["site"].tolist() == ["B", "C", "C", "C", "C"]
    assert fit.versions.loc["B-V", "capacity_by_land_t_day"] == 7.6
    assert fit.versions["fixed_cost_day"].fillna(-1).tolist() == [100, -1, -1, -1, 100]
    assert "station_costs" in {f.code for f in fit.findings}


def test_exactly_the_spacing_is_enough():
    plot = layer({"A": (0, 0, 100, 100)})
    for gap, outcome in ((15, "pass"), (14.999, "fail")):
        fit = fit_stations(plot, layer({"b": (100 + gap, 0, 130, 10)}), only=["III"])
        assert row(fit, "A", "spacing", "III")["outcome"] == outcome
    assert row(fit, "A", "spacing", "III")["short"] == 0.001
    assert "14.999 m from building b, 15 m asked: 0.001 m short" in row(fit, "A", "spacing", "III")["text_en"]


def test_a_building_on_the_plot_is_told_apart_from_its_neighbours():
    plot = layer({"A": (0, 0, 100, 100)})
    fit = fit_stations(plot, layer({"on": (90, 90, 110, 110), "by": (120, 0, 130, 10)}), only=["III"])
    assert row(fit, "A", "free")["short"] == 100
    assert row(fit, "A", "spacing", "III")["measured"] == 20
    assert (
        fit_stations(plot, layer({"on": (90, 90, 110, 110)}), only=["III"], advisory=["free"]).plots["outcome"].iloc[0]
        == "fits"
    )


def test_avoided_places_need_the_distance_of_the_study():
    school = layer({"s": (200, 60, 230, 80)})
    silent = Keep(name="school", title=Text("学校", "school"), layer=school, rules=("waste.ts.avoid",))
    fit = fit_stations(PLOTS, None, HOMES, keep=[silent])
    assert row(fit, "B", "school")["outcome"] == "not_judged"
    assert row(fit, "B", "school")["measured"] == 30
    assert any("distance" in why.en for what, why in fit.missing if what.en == "school")
    own = Keep(name="school", title=Text("学校", "school"), layer=school, rules=("waste.ts.avoid",), distance_m=40)
    fit = fit_stations(PLOTS, None, HOMES, keep=[own])
    found = row(fit, "B", "school")
    assert (found["outcome"], found["short"], found["confidence"]) == ("fail", 10, "own")
    assert "the study's own figure" in found["clause_en"]
    assert "研究自定" in found["text_zh"]
    told = fit_stations(PLOTS, None, HOMES, keep=[own], advisory=["school"])
    assert told.plots.loc["B", "outcome"] == "fits"
    assert row(told, "B", "school")["outcome"] == "fail"


def test_protected_land_may_touch_but_not_overlap():
    zone = Keep(
        name="zone", title=Text("保护区", "protected zone"), layer=layer({"z": (230, 0, 300, 30)}), distance_m=0
    )
    assert fit_stations(PLOTS, None, HOMES, keep=[zone]).plots.loc["B", "outcome"] == "fits"
    over = Keep(
        name="zone", title=Text("保护区", "protected zone"), layer=layer({"z": (229, 0, 300, 30)}), distance_m=0
    )
    fit = fit_stations(PLOTS, None, HOMES, keep=[over])
    assert row(fit, "B", "zone")["short"] == 30
    assert "overlaps protected zone z by 30.0 m²" in fit.plots.loc["B", "reason_en"]


def test_road_and_shape_are_judged_by_the_study_only():
    road = layer({"r": shapely.LineString([(0, -12), (600, -12)])})
    fit = fit_stations(PLOTS, None, HOMES, drive=road)
    assert row(fit, "C", "road")["outcome"] == "not_judged"
    assert row(fit, "C", "shape", "II")["outcome"] == "not_judged"
    fit = fit_stations(PLOTS, None, HOMES, drive=road, max_road_m=10, min_width_m=95)
    assert (row(fit, "C", "road")["outcome"], row(fit, "C", "road")["measured"]) == ("fail", 12)
    assert "2 m too far" in row(fit, "C", "road")["text_en"]
    # inside a belt of 15 m C is 90 m wide
    assert row(fit, "C", "shape", "II")["short"] == 5


def test_every_row_is_a_plot_or_has_its_reason():
    drawn = layer({"A": (0, 0, 40, 40), "P": (5, 5), "N": None, "L": shapely.LineString([(0, 0), (9, 9)])})
    fit = fit_stations(drawn, None, HOMES)
    assert len(fit.plots) == 4
    assert fit.plots.loc[["P", "N", "L"], "reason_en"].tolist() == [
        "a point has no area and cannot be tested", "no geometry", "a line is no plot",
    ]  # fmt: skip
    assert fit.rejected.index.tolist() == ["A", "P", "N", "L"] or fit.plots.loc["A", "outcome"] == "fits"
    assert [f.count for f in fit.findings if f.code == "no_plot"] == [3]


def test_no_buildings_no_spacing():
    fit = fit_stations(PLOTS)
    assert set(fit.tests.loc[fit.tests["test"] == "spacing", "outcome"]) == {"not_judged"}
    assert "spacing to buildings" in {what.en for what, _ in fit.missing}


def test_standing_stations_are_handed_on():
    stand = layer(
        {"E": (5, 5), "F": (50, 50), "G": (60, 60)}, capacity_t_day=["150", "?", "-3"], name=["一", "二", "三"]
    )
    fit = fit_stations(PLOTS, None, HOMES, existing=stand)
    held = fit.versions[fit.versions["status"] == "existing"]
    assert held["station_class"].fillna("").tolist() == ["III", "", ""]
    assert held["capacity_t_day"].fillna(-1).tolist() == [150, -1, -1]
    assert {"capacity_t_day_unusable": 2, "station_capacity_unknown": 2}.items() <= {
        f.code: f.count for f in fit.findings
    }.items()


def test_a_station_may_grow_on_its_own_grounds():
    #   E: 60 x 60, 40 t/d today; inside 5 m 50 x 50 = 2,500 m2 (IV asks 1,000), inside 8 m 1,936 (III: 4,000)
    stand = layer({"E": (0, 0, 60, 60)}, capacity_t_day=[40], name=["老站"])
    around = layer({"own": (20, 20, 30, 30), "by": (72, 0, 80, 10)})
    fit = fit_stations(PLOTS.loc[["B"]], around, existing=stand)
    assert row(fit, "E", "free")["outcome"] == "fail"
    assert row(fit, "E", "spacing", "IV")["measured"] == 12
    # V holds up to 50 t/d, more than the 40 of today, so it counts as larger, too
    assert fit.plots.loc["E", ["status", "classes"]].tolist() == ["existing", "IV V"]
    assert fit.versions.loc[fit.versions["site"] == "E", "status"].to_dict() == {
        "E-IV": "candidate", "E-V": "candidate", "E": "existing",
    }  # fmt: skip
    assert fit.rejected.index.tolist() == []
    assert fit.themed().figures["plots"] == 1
    assert fit.themed().figures["stations_that_could_grow"] == 1
    full = fit_stations(PLOTS.loc[["B"]], around, existing=stand.assign(capacity_t_day=[150]))
    assert full.plots.loc["E", "classes"] == ""
    with pytest.raises(InputError, match="also the id of a plot"):
        fit_stations(PLOTS, existing=stand.rename(index={"E": "A"}))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"only": ["VI"]}, "'VI' is no class"),
        ({"advisory": ["spaceing"]}, "did you mean 'spacing'"),
        ({"costs": {"X": StationCost(fixed_cost_day=1)}}, "'X' is no class"),
        ({"max_road_m": 0}, "max_road_m is 0"),
        ({"min_width_m": float("nan")}, "min_width_m is nan"),
        ({"plots": layer({"A": (0, 0, 9, 9)}).to_crs(4326)}, "in degrees"),
    ],
)
def test_bad_inputs_say_what_to_do(arguments, message):
    given = {"plots": PLOTS, **arguments}
    with pytest.raises(InputError, match=message):
        fit_stations(given.pop("plots"), **given)


def test_costs_and_distances_are_numbers():
    with pytest.raises(InputError, match="fixed_cost_day is -1"):
        StationCost(fixed_cost_day=-1)
    with pytest.raises(InputError, match="distance_m is inf"):
        Keep(name="x", title=Text("", ""), layer=HOMES, distance_m=np.inf)


@settings(max_examples=25, deadline=None)
@given(
    homes=st.lists(st.tuples(st.integers(-60, 260), st.integers(-60, 160)), min_size=1, max_size=5),
    nearer=st.integers(0, 40),
)
def test_spacing_is_the_nearest_edge_and_a_larger_buffer_never_allows_more(homes, nearer):
    plot = layer({"A": (0, 0, 200, 120)})
    drawn = layer({f"h{k}": (x, y, x + 10, y + 10) for k, (x, y) in enumerate(homes)})
    around = Keep(name="around", title=Text("住宅", "home"), layer=drawn, distance_m=nearer)
    fit = fit_stations(plot, drawn, keep=[around])
    apart = [
        plot.geometry.iloc[0].distance(h) for h in drawn.geometry if plot.geometry.iloc[0].intersection(h).area == 0
    ]
    found = row(fit, "A", "spacing", "I")["measured"]
    assert np.isnan(found) if not apart else found == round(min(apart), 3)
    wider = Keep(name="around", title=Text("住宅", "home"), layer=drawn, distance_m=nearer + 7)
    assert set(fit_stations(plot, drawn, keep=[wider]).versions.index) <= set(fit.versions.index)


def test_themed_speaks_both_languages_and_names_unverified_figures():
    themed = fit_stations(PLOTS, None, HOMES).themed()
    assert themed.figures["plots_refused"] == 1
    assert "未核实默认值" in themed.layer("waste_station_plots").note.zh
    assert "waste.ts.class_III" in themed.layer("waste_station_plots").note.en
    assert themed.headlines[0].en.startswith("2 of 3 plots hold a transfer station")
    for table in themed.tables:
        assert set(table.frame.columns) <= set(table.columns)


def test_among_many_plots_those_that_hold_a_station_are_marked_and_named():
    """Two of 80 x 80 m hold class III; thirty of 10 x 10 m hold none."""
    small = {f"s{k:02d}": (200 * k, 500, 200 * k + 10, 510) for k in range(30)}
    places = {"A": (0, 0, 80, 80), "B": (400, 0, 480, 80), **small}
    themed = fit_stations(layer(places, name=[""] * 32), None, HOMES[:0]).themed()
    plots, marks = themed.layers[:2]
    assert (plots.label, [one.name for one in plots.over]) == (None, [marks.name])
    assert marks.frame["label"].tolist() == ["A Ⅲ", "B Ⅲ"]
    assert marks.frame.geom_type.eq("Point").all()
    assert fit_stations(PLOTS, None, HOMES).themed().layers[0].label == "label"
