"""The text of projects and styles, where there is no QGIS: sound XML whatever the names are, the right page, bytes."""

import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace

import geopandas as gpd
import pyproj
import pytest
from shapely import Point, box

from siting.ledger import Text
from siting.outputs.contract import MapBase
from siting.outputs.layers import result_layers
from siting.outputs.qgis import named_styles, write_project
from siting.outputs.qgis.places import extent_of, is_upright
from siting.outputs.qgis.project import project_text
from siting.outputs.qgis.renderers import condition
from siting.outputs.views import Condition, column_texts, views_of

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
