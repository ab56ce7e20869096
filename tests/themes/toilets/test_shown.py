"""What every writer shows of the toilet audit."""

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point
from toilet_city import PLACES, city, frame, land_use, toilets

from siting.ledger import Text
from siting.outputs.maps.theme_plot import legend_rows
from siting.outputs.theme_style import shown_classes
from siting.themes.result import ThemeLayer
from siting.themes.toilets import audit_toilets
from siting.themes.toilets.spacing_shown import KINDS


def full():
    n = len(PLACES)
    rows = toilets(
        female=[4] * n, male=[2] * n, urinals=[1] * n, accessible=[1] + [0] * (n - 1), place_type=["market"] * n,
        women=[100] * n, men=[100] * n, opening_hours=["24小时"] * (n - 1) + ["随商场"],
    )  # fmt: skip
    market = frame([Point(2900, 2500)], ["market"], **{"class": ["market"], "name": ["北市场"]})
    return city(gpd.GeoDataFrame(pd.concat([rows, market])))


@pytest.fixture(scope="module")
def result():
    return audit_toilets(full(), land_use=land_use(), crowded=["market"]).themed()


def test_layers_and_tables(result):
    assert [layer.name for layer in result.layers] == [
        "toilets_points", "toilets_people", "toilets_busy", "toilets_half", "toilets_land_use", "toilets_must_have",
    ]  # fmt: skip
    assert [table.name for table in result.tables] == [
        "toilets_density", "toilets_rows", "toilets_stalls", "toilets_special_stalls", "toilets_hours",
        "toilets_busy_places", "toilets_must_have", "toilets_listed",
    ]  # fmt: skip
    for layer in result.layers:
        assert "confidence" in layer.frame.columns, layer.name
        assert layer.frame.index.is_unique


def test_maps_of_who_is_served_draw_every_toilet_the_same(result):
    """Whatever colours the toilets on their own map, over people and places they are all of one class, with a name."""
    layers = {layer.name: layer for layer in result.layers}
    over = {name for name, layer in layers.items() if layer.over}
    assert over == {"toilets_people", "toilets_busy", "toilets_must_have"}
    for name in over:
        (above,) = layers[name].over
        assert above.name == "toilets_points"
        assert list(above.frame.index) == list(layers["toilets_points"].frame.index)
        assert above.frame.geometry.geom_equals(layers["toilets_points"].frame.geometry).all()
        assert "公共厕所 public toilet (28)" in [text for _, text in legend_rows(layers[name], [], "zh")]


def test_figures_are_plain_and_counted_by_hand(result):
    assert (result.figures["rows_in"], result.figures["toilets"]) == (28, 28)
    assert result.figures["density"]["wc.density.residential"]["shortfall"] == 2
    assert result.figures["density"]["wc.density.gb50337_2003"]["meets"] is None
    assert (result.figures["people_served"], result.figures["people"]) == (150, 180)
    assert result.figures["busy_places"] == {"served": 0, "places": 1}
    assert result.figures["stall_states"] == {"below": 28}  # 4 : 3, asked is 2 : 1
    assert result.figures["hours"]["night"] == {"open": 27, "closed": 0, "unknown": 1}


def test_sentences_name_how_well_the_clause_was_read(result):
    first = result.headlines[0]
    assert first.zh == "公厕 27 座，3.00 座/平方公里；政策要求 3–5，达到下限（条文已读）"
    assert first.en == "27 toilets, 3.00 per km²; the policy asks 3–5: the lower end is reached (clause read)"
    assert "28 of 28 toilets with known stalls have too few for women (secondary source)" in [
        line.en for line in result.headlines
    ]


def test_people_and_units_each_have_their_words(result):
    assert "83.3% of people have a toilet within 300 m (clause read)" in [line.en for line in result.headlines]
    units = city()
    object.__setattr__(units, "demand", units.demand.drop(columns="people").assign(units=1))
    lines = [line.zh for line in audit_toilets(units).themed().headlines]
    assert "66.7% 的小区/楼栋 300 米内有公厕（条文已读）" in lines  # A and B of three


def test_too_many_toilets_are_said_to_be():
    # 9 km² take at most 45: 46 stand on them.
    many = toilets({f"t{k}": (50 * k + 10, 100) for k in range(46)})
    first = audit_toilets(city(many)).themed().headlines[0]
    assert first.zh == "公厕 46 座，5.11 座/平方公里；政策要求 3–5，高出上限 1 座（条文已读）"


def test_a_bare_layer_of_toilets_is_shown_with_what_is_missing():
    result = audit_toilets(city()).themed()
    assert [layer.name for layer in result.layers] == ["toilets_points", "toilets_people", "toilets_half"]
    assert result.layer("toilets_points").show is None
    assert result.figures["busy_places"] is None
    assert result.figures["stall_states"] == {"unknown": 28}
    assert len(result.missing) == 11
    assert not any("stalls" in line.en for line in result.headlines)


def test_hours_alone_colour_the_toilets():
    rows = toilets({"a": (0, 0), "b": (99, 0)}, opening_hours=["24小时", "06:00-22:00"])
    layer = audit_toilets(city(rows)).themed().layer("toilets_points")
    assert layer.show == "open_night"
    assert layer.frame["open_night"].tolist() == ["open", "closed"]


def test_what_is_served_where_nobody_knows_people_is_named():
    land = Text("平方米用地", "m² of land")
    where = frame([Point(500, 200), Point(2500, 2900)], ["A", "B"], units=[10_000, 10_000])
    audit = audit_toilets(replace(city(), demand=where.assign(zone_half=["S", "N"]), unit_noun=land))
    shown = audit.themed()
    assert "50.0% of m² of land have a toilet within 300 m (clause read)" in [line.en for line in shown.headlines]
    assert shown.layer("toilets_people").title.zh == "需求点 300 米内有无公厕"


def test_a_map_of_streets_has_lines_in_its_legend():
    stretch = frame([LineString([(0, 0), (900, 0)])], ["s"], kind=["end"])
    layer = ThemeLayer(
        name="toilet_spacing", title=Text("路段", "Stretches"), frame=stretch, show="kind", classes=KINDS
    )
    ((handle, text),) = legend_rows(layer, shown_classes(layer), "en")
    assert (handle.get_linestyle(), handle.get_marker()) == ("-", "None")
    assert text.startswith("dead end too far from its toilet")
