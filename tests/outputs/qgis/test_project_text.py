"""The text of projects and styles, where there is no QGIS: sound XML whatever the names are, the right page, bytes."""

import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace

import geopandas as gpd
import pyproj
import pytest
from shapely import LineString, Point, box

from siting.ledger import Text
from siting.outputs.contract import MapBase
from siting.outputs.layers import result_layers
from siting.outputs.qgis import named_styles, write_project
from siting.outputs.qgis.places import extent_of, is_upright
from siting.outputs.qgis.project import project_text
from siting.outputs.qgis.renderers import condition
from siting.outputs.theme_style import LINE_MM
from siting.outputs.views import Condition, column_texts, views_of
from siting.themes import Class, Scale, ThemeLayer, ThemeResult

NASTY = """'"]]><&>\\ 北区\x0b/"""


def written(run, folder):
    layers, _ = result_layers(run)
    views, columns = views_of(run, layers), column_texts(run, layers)
    return project_text(run, views, layers, columns, folder), named_styles(views, layers, columns, run.lang)


def test_names_with_marks_of_xml_and_sql_stay_names(run, tmp_path):
    plan = replace(run.plans["more_toilets"], name=NASTY, title=Text(NASTY, NASTY))
    text, styles = written(replace(run, title=Text(NASTY, "x"), plans={NASTY: plan}), tmp_path)
    root = ET.fromstring(text.partition("\n")[2])
    assert root.findtext("title") == f"{NASTY} / x".replace("\x0b", "")
    assert all(ET.fromstring(style.qml.partition("\n")[2]).tag == "qgis" for style in styles)


def test_conditions_are_written_as_sql_reads_them():
    assert condition(Condition(column='a"b', values=("it's",))) == "\"a\"\"b\" = 'it''s'"
    assert condition(Condition(column="n", values=(1, 2))) == '"n" IN (1, 2)'
    assert condition(Condition(column="flag", values=(True,))) == '"flag" = 1'


def test_ids_are_long_enough_for_qgis_and_the_tree_knows_them(run, tmp_path):
    root = ET.fromstring(written(run, tmp_path)[0].partition("\n")[2])
    ids = [layer.findtext("id") for layer in root.findall("projectlayers/maplayer")]
    assert len(set(ids)) == len(ids)
    assert all(len(i) > 10 for i in ids)
    assert [leaf.get("id") for leaf in root.find("layer-tree-group").iter("layer-tree-layer")] == ids
    sources = [layer.findtext("datasource") for layer in root.findall("projectlayers/maplayer")]
    assert all(source.startswith("./results.gpkg|layername=") for source in sources)


def test_a_crs_without_a_code_is_written_whole(run, tmp_path):
    own = pyproj.CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=113.5 +k=1 +x_0=20000 +y_0=0 +ellps=GRS80 +units=m")
    root = ET.fromstring(written(replace(run, crs=own), tmp_path)[0].partition("\n")[2])
    assert "Transverse Mercator" in root.findtext("projectCrs/spatialrefsys/wkt")
    assert not root.findtext("projectCrs/spatialrefsys/authid")


def test_english_comes_first_where_the_study_is_english(run, tmp_path):
    text, styles = written(replace(run, lang="en"), tmp_path)
    root = ET.fromstring(text.partition("\n")[2])
    assert root.findtext("title") == "Dongfeng sample district / 东风示范区"
    sites = next(s for s in styles if s.table == "sites" and s.default)
    assert "name_en" in sites.qml
    assert "name_zh&quot;, ''" not in sites.qml


@pytest.mark.parametrize(("width", "height", "upright"), [(1000, 1000, False), (1000, 1300, True), (3000, 500, False)])
def test_the_page_stands_upright_for_a_tall_place(run, tmp_path, width, height, upright):
    area = gpd.GeoDataFrame(geometry=[box(0, 0, width, height)], index=["a"], crs=run.crs)
    nothing = gpd.GeoDataFrame({}, geometry=[], crs=run.crs)
    tall = replace(run, demand=nothing, base=MapBase(boundary=area))
    assert is_upright(extent_of(tall)) == upright


def test_a_place_of_one_point_has_an_extent(run):
    one = gpd.GeoDataFrame(geometry=[Point(5.0, 5.0)], index=["a"], crs=run.crs)
    extent = extent_of(replace(run, demand=one))
    assert (extent.width, extent.height) == (100.0, 100.0)
    assert extent.shaped(2.0).width == 200.0


def test_the_same_run_gives_the_same_bytes(run, tmp_path):
    layers, _ = result_layers(run)
    given = run, views_of(run, layers), layers, column_texts(run, layers)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write_project(tmp_path / folder / "project.qgz", *given)
    first, second = ((tmp_path / folder / "project.qgz").read_bytes() for folder in ("a", "b"))
    assert first == second
    with zipfile.ZipFile(tmp_path / "a" / "project.qgz") as packed:
        assert packed.namelist() == ["project.qgs"]


def test_a_table_without_rows_has_the_style_of_its_kind(run):
    nothing = gpd.GeoDataFrame({}, geometry=[], crs=run.crs)
    bare = replace(run, unsnapped=nothing, gaps=nothing, plans={})
    layers, _ = result_layers(bare)
    found = {s.table: s.qml for s in named_styles(views_of(bare, layers), layers, {}, "zh") if s.default}
    kinds = {"unsnapped": 0, "sites": 0, "flows": 1, "gaps": 2}
    assert all(f"<layerGeometryType>{kind}</layerGeometryType>" in found[table] for table, kind in kinds.items())


def test_the_layout_of_a_theme_shows_its_first_layer_with_what_lies_over_it(run, tmp_path):
    """Lines as wide as they are, in the legend too; the marks that they run to on top of them."""
    x, y = run.demand.total_bounds[:2]
    ends = gpd.GeoDataFrame({"role": ["new", "old"]}, geometry=[Point(x, y), Point(x + 500, y)], crs=run.crs)
    lines = gpd.GeoDataFrame(
        {"t": [1.0, 9.0]},
        geometry=[LineString([(x, y), (x + 500, y)]), LineString([(x, y), (x, y + 500)])],
        crs=run.crs,
    )
    roles = (
        Class(value="new", name=Text("新建", "new"), role="site", mark="star"),
        Class(
            value="old",
            name=Text("现有的站，其名称在两种文字下写不进一行", "one that stands"),
            role="existing",
            mark="square",
        ),
    )
    at = ThemeLayer(
        name="w_ends", title=Text("站", "ends"), frame=ends.set_axis(["a", "b"]), show="role", classes=roles
    )
    flows = ThemeLayer(
        name="w_flows", title=Text("流向", "flows"), frame=lines.set_axis(["c", "d"]), show="t", over=(at,),
        scale=Scale(unit=Text("吨", "t"), ramp="neutral", breaks=(5.0,)), strokes="by_value",
    )  # fmt: skip
    other = ThemeLayer(name="w_other", title=Text("其他", "other"), frame=ends.set_axis(["e", "f"]))
    line = Text("新建 1 座", "one new station")
    result = ThemeResult(theme="w", title=Text("收运", "Waste"), layers=(flows, other, at), headlines=(line,))
    run = replace(run, themes={"w": result})
    root = ET.fromstring(written(run, tmp_path)[0].partition("\n")[2])
    title = "收运 / Waste"
    name_of = {one.findtext("id"): one.findtext("layername") for one in root.findall("projectlayers/maplayer")}
    preset = next(p for p in root.findall("visibility-presets/visibility-preset") if p.get("name") == title)
    shown = [name_of[one.get("id")] for one in preset.findall("layer")]
    assert shown[:2] == ["站 / ends", "流向 / flows"]
    assert "其他 / other" not in shown
    page = next(one for one in root.findall("Layouts/Layout") if one.get("name") == f"A4 {title}")
    legend = page.find("LayoutItem[@id='legend']")
    assert [leaf.get("name") for leaf in legend.iter("layer-tree-layer")][:2] == ["站 / ends", "流向 / flows"]
    assert float(legend.get("minSymbolSize")) == LINE_MM[0]
    assert page.find("LayoutItem[@id='headline']").get("labelText").startswith("新建 1 座\none new station")
    tree = [leaf.get("name") for leaf in root.find("layer-tree-group").iter("layer-tree-layer")]
    said = next(leaf.find("customproperties/Option") for leaf in legend.iter("layer-tree-layer"))
    labels = {one.get("name"): one.get("value") for one in said.iter("Option")}
    assert "legend/label-0" not in labels
    assert labels["legend/label-1"] == "现有的站，其名称在两种文字下写不进一行"  # alone where both do not fit
    assert tree.index("站 / ends") < tree.index("流向 / flows") < tree.index("其他 / other")
    drawn = {one.findtext("layername"): one.find("renderer-v2") for one in root.findall("projectlayers/maplayer")}
    values = [one.get("value") for one in drawn["站 / ends"].iter("Option") if one.get("name") == "name"]
    assert [value for value in values if value in ("star", "square")] == ["star", "square"]
    widths = [
        float(one.get("value")) for one in drawn["流向 / flows"].iter("Option") if one.get("name") == "line_width"
    ]
    assert widths == [LINE_MM[0], LINE_MM[-1]]
    assert [layer.get("pass") for layer in drawn["流向 / flows"].iter("layer")] == ["1", "0"]  # the wide one below
