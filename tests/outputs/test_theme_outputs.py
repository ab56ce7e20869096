"""What themes hand over reaches the maps, the GeoPackage, the tables and the summary, whole."""

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex, to_rgba
from matplotlib.legend import Legend
from shapely import LineString, box

from siting.coverage.model import INDICATOR_COLUMNS
from siting.errors import SchemaError
from siting.ledger import Text
from siting.outputs import write_run
from siting.outputs.maps import plot
from siting.outputs.theme_files import theme_layers
from siting.outputs.theme_style import LINE_COLOURS, LINE_MM, MISSING, THIN_MM, shown_classes
from siting.themes import Class, Scale, ThemeLayer, ThemeResult, ThemeTable

STATE = (
    Class(value="both", name=Text("两项达标", "both"), role="good"),
    Class(value="one", name=Text("一项达标", "one"), role="poor"),
    Class(value="none", name=Text("均未达标", "neither"), role="bad"),
)


def squares(run, **columns):
    x, y = run.demand.total_bounds[:2]
    shapes = [box(x + 300 * i, y, x + 300 * i + 250, y + 250) for i in range(4)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=run.crs, index=pd.Index(list("abcd"), name="id"))


@pytest.fixture
def themed(run):
    classes = ThemeLayer(
        name="green_communities",
        title=Text("社区绿地", "Communities and green"),
        frame=squares(run, state=["both", "one", "none", None], name=["甲社区", "乙社区", "丙社区", "=1+1"]),
        columns={"state": Text("300 米见绿与 500 米见园", "300 m green and 500 m park")},
        show="state",
        classes=STATE,
        label="name",
        note=Text("按条文口径", "as the clause counts"),
    )
    numbers = ThemeLayer(
        name="green_share",
        title=Text("覆盖率", "Share"),
        frame=squares(run, share=[0.1, 0.5, 0.9, np.nan]),
        show="share",
        scale=Scale(unit=Text("", ""), ramp="more_is_better", breaks=(0.5, 0.8), percent=True),
        own_map=False,
    )
    row = dict.fromkeys(INDICATOR_COLUMNS) | {"rule": "green.x", "zone_level": "city", "zone": "city", "served": 5}
    result = ThemeResult(
        theme="green",
        title=Text("公园绿地", "Green and parks"),
        layers=(classes, numbers),
        tables=(
            ThemeTable(
                name="green_scores",
                title=Text("得分", "Scores"),
                frame=pd.DataFrame({"n": [1, 2], "missing": [["药店"], []]}),
            ),
        ),
        figures={"people": 12.5, "unknown": None},
        headlines=(Text("一句话", "one sentence"),),
        indicators=pd.DataFrame([row]),
        missing=((Text("绿地率", "green ratio"), Text("缺少绿地图层", "no layer of green")),),
    )
    return replace(run, themes={"green": result})


def test_every_row_is_in_exactly_one_class(themed):
    for layer in themed.themes["green"].layers:
        rows = np.array([c.rows for c in shown_classes(layer)])
        assert (rows.sum(axis=0) == 1).all()


def test_a_class_holds_its_upper_break_and_missing_values_are_shown_as_such(themed):
    low, middle, high, missing = shown_classes(themed.themes["green"].layer("green_share"))
    assert [c.rows.nonzero()[0].tolist() for c in (low, middle, high, missing)] == [[0, 1], [], [2], [3]]
    assert [c.name.en.strip() for c in (low, middle, high)] == ["≤ 50%", "50% – 80%", "> 80%"]
    assert missing.name == MISSING


def test_natural_breaks_never_lose_a_row(run):
    values = np.append(np.random.default_rng(0).lognormal(4, 1, 200), [np.nan, np.inf])
    frame = gpd.GeoDataFrame({"v": values}, geometry=gpd.points_from_xy(*np.zeros((2, 202))), crs=run.crs)
    scale = Scale(unit=Text("米", "m"), ramp="more_is_worse")
    for part in (frame, frame.iloc[:1], frame.iloc[:0], frame.iloc[[0] * 5]):
        layer = ThemeLayer(name="a_b", title=Text("甲", "a"), frame=part, show="v", scale=scale)
        rows = np.array([c.rows for c in shown_classes(layer)])
        assert (rows.sum(axis=0) == 1).all()


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ([0, 0, 0, 40, 90], ["0 people", "0 – 40 people", "90 people"]),
        ([165], ["165 people"]),
    ],
)
def test_a_class_of_one_figure_says_the_figure(run, values, names):
    frame = gpd.GeoDataFrame({"v": np.array(values, float)}, geometry=gpd.points_from_xy(values, values), crs=run.crs)
    scale = Scale(unit=Text("人", "people"), ramp="more_is_worse")
    layer = ThemeLayer(name="a_b", title=Text("甲", "a"), frame=frame, show="v", scale=scale)
    assert [c.name.en for c in shown_classes(layer)] == names


def test_homes_that_the_base_has_as_buildings_are_drawn_as_buildings(themed):
    homes = themed.base.buildings.iloc[:5]
    frame = gpd.GeoDataFrame({"state": "both"}, geometry=homes.centroid, index=homes.index)
    layer = ThemeLayer(name="a_b", title=Text("甲", "a"), frame=frame, show="state", classes=STATE)
    ax = plot.layer(layer, run=themed)
    colour = to_rgba(shown_classes(layer)[0].colour)
    drawn = [c for c in ax.collections if len(c.get_facecolor()) and np.allclose(c.get_facecolor()[0], colour)]
    area = sum(path.get_extents().width * path.get_extents().height for c in drawn for path in c.get_paths())
    assert area >= homes.area.sum()  # outlines in metres, not marks of a few points


def test_a_map_shows_the_classes_that_occur(themed):
    layer = themed.themes["green"].layer("green_communities")
    ax = plot.layer(layer, run=themed, lang="en")
    shown = next(c for c in ax.get_children() if isinstance(c, Legend))
    assert [t.get_text() for t in shown.get_texts()] == [
        "both 两项达标 (1)", "one 一项达标 (1)", "neither 均未达标 (1)", "no data 无数据 (1)",
    ]  # fmt: skip
    assert any("甲社区" in text.get_text() for text in ax.texts)
    assert ax.get_title("left").startswith("Communities and green")


def test_flows_are_drawn_with_the_places_that_they_join(themed):
    """Lines in colours of their own; a small plot over them is a point, with its class in the legend and its name."""
    plots = squares(themed, state=["both", "both", "one", "none"], name=["甲站", "", "", ""])
    ends = ThemeLayer(name="a_ends", title=Text("站", "ends"), frame=plots, show="state", classes=STATE, label="name")
    middles = plots.geometry.centroid
    frame = gpd.GeoDataFrame(
        {"t": [1.0, 9.0]}, geometry=[LineString(middles.iloc[:2]), LineString(middles.iloc[2:])], crs=plots.crs
    )
    scale = Scale(unit=Text("吨", "t"), ramp="neutral", breaks=(5.0,))
    flows = ThemeLayer(name="a_b", title=Text("流向", "flows"), frame=frame, show="t", scale=scale, over=(ends,))
    assert [c.colour for c in shown_classes(flows)] == [LINE_COLOURS[0], LINE_COLOURS[-1]]
    ax = plot.layer(flows, run=themed, lang="en")
    shown = next(c for c in ax.get_children() if isinstance(c, Legend))
    assert [t.get_text() for t in shown.get_texts()] == [
        "≤ 5 t (1)", "> 5 t (1)", "both 两项达标 (2)", "one 一项达标 (1)", "neither 均未达标 (1)",
    ]  # fmt: skip
    assert any("甲站" in text.get_text() for text in ax.texts)
    dots = np.concatenate([c.get_offsets() for c in ax.collections if isinstance(c, PathCollection)])
    assert {tuple(xy) for xy in middles.get_coordinates().to_numpy().round(3)} <= {tuple(xy) for xy in dots.round(3)}


def test_lines_are_the_wider_the_more_and_marks_have_forms(themed):
    """Widths follow the figures, wide lines lie below; forms tell classes apart where there are few places."""
    middles = squares(themed).geometry.centroid
    pairs = [LineString(middles.iloc[:2]), LineString(middles.iloc[1:3]), LineString(middles.iloc[2:])]
    frame = gpd.GeoDataFrame({"t": [1.0, 5.0, 9.0], "way": "straight"}, geometry=pairs, crs=themed.crs)
    scale = Scale(unit=Text("吨", "t"), ramp="neutral", breaks=(2.0, 6.0))
    flows = ThemeLayer(name="a_b", title=Text("流向", "flows"), frame=frame, show="t", scale=scale, strokes="by_value")
    assert [c.width_mm for c in shown_classes(flows)] == [LINE_MM[0], LINE_MM[2], LINE_MM[4]]
    drawn = {c.get_linewidth()[0]: c.get_zorder() for c in plot.layer(flows, run=themed).collections if is_flow(c)}
    assert sorted(drawn) == pytest.approx([mm * 72 / 25.4 for mm in LINE_MM[::2]])
    assert [drawn[w] for w in sorted(drawn)] == sorted(drawn.values(), reverse=True)
    ways = (Class(value="straight", name=Text("直线", "straight"), role="muted"),)
    thin = ThemeLayer(name="a_c", title=Text("流", "f"), frame=frame, show="way", classes=ways, strokes="thin")
    assert [c.width_mm for c in shown_classes(thin)] == [THIN_MM]
    new = (Class(value="new", name=Text("新", "new"), role="site", mark="star"),)
    few = gpd.GeoDataFrame({"role": ["new"] * 3}, geometry=middles.iloc[:3], crs=themed.crs)
    place = ThemeLayer(name="a_d", title=Text("站", "s"), frame=few, show="role", classes=new)
    assert [c.mark for c in shown_classes(place)] == ["star"]
    many = replace(place, frame=gpd.GeoDataFrame(pd.concat([few] * 101, ignore_index=True), crs=themed.crs))
    assert [c.mark for c in shown_classes(many)] == ["dot"]


def is_flow(collection):
    return isinstance(collection, LineCollection) and to_hex(collection.get_color()[0]) in LINE_COLOURS


def test_a_run_with_themes_is_written_whole(themed, tmp_path):
    out = write_run(themed, tmp_path / "out")
    layer = pyogrio.read_dataframe(out / "results.gpkg", layer="green_communities")
    assert layer["id"].tolist() == list("abcd")
    assert layer["name"].tolist()[-1] == "=1+1"
    assert (out / "maps" / "theme_green_communities.png").is_file()
    assert not (out / "maps" / "theme_green_share.png").exists()
    scores = pd.read_csv(out / "tables" / "green_scores.csv", encoding="utf-8-sig")
    assert scores["missing"].tolist() == ['["药店"]', "[]"]
    book = pd.read_csv(out / "tables" / "columns.csv", encoding="utf-8-sig")
    assert book.loc[0, ["name", "column", "zh"]].tolist() == ["green_communities", "state", "300 米见绿与 500 米见园"]
    indicators = pd.read_csv(out / "tables" / "indicators.csv", encoding="utf-8-sig")
    assert indicators["rule"].tolist()[-1] == "green.x"
    theme = json.loads((out / "summary.json").read_text(encoding="utf-8"))["themes"]["green"]
    assert theme["figures"] == {"people": 12.5, "unknown": None}
    assert theme["not_judged"][0]["reason"]["en"] == "no layer of green"


def test_two_layers_of_one_name_are_refused(themed):
    green = themed.themes["green"]
    with pytest.raises(SchemaError, match="two layers 'green_communities'"):
        theme_layers({"a": green, "b": green})
    with pytest.raises(SchemaError, match="two layers 'green_share'"):
        theme_layers({"a": green}, frozenset({"green_share"}))
