"""Exports: nothing is lost in silence, whatever the table of a shapefile can hold."""

import json
import subprocess
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely import LineString, MultiPoint, Point, Polygon
from typer.testing import CliRunner

from siting import export_layers
from siting.cli import app
from siting.errors import InputError, OutputError, SitingError
from siting.outputs import write_run
from siting.outputs.exports import shapefile
from siting.outputs.exports.field_names import cut, short_names
from siting.outputs.geopackage import write_geopackage

CRS = "EPSG:4547"
QGIS = Path("/usr/bin/python3")
LONG = "长" * 130  # 390 bytes in UTF-8, 260 in GB 18030


def homes() -> gpd.GeoDataFrame:
    columns = {
        "id": ["甲1", "甲2", "甲3"],
        "served_park_300green": pd.array([True, None, False], dtype="boolean"),
        "served_park_300gate": [True, True, False],
        "cost_park_300green": [12.5, np.nan, 1300.0],
        "floors": pd.array([6, None, 1], dtype="Int64"),
        "所属社区的名称": ["东风里", None, "𠮷祥里"],
        "note": [LONG, "[1, 2]", "短"],
    }
    return gpd.GeoDataFrame(columns, geometry=[Point(500000 + i, 3400000) for i in range(3)], crs=CRS)


def mixed() -> gpd.GeoDataFrame:
    ring = Polygon([(500000, 3400000), (500000, 3400100), (500100, 3400100), (500100, 3400000)])  # clockwise
    shapes = [
        ring,
        MultiPoint([(500000, 3400000), (500001, 3400000)]),
        LineString([(500000, 3400000), (500050, 3400000)]),
    ]
    return gpd.GeoDataFrame({"id": ["a", "b", "c"], "fid_1": [1, 2, 3]}, geometry=shapes, crs=CRS)


@pytest.fixture
def result(tmp_path) -> Path:
    """A result folder with little in it."""
    folder = tmp_path / "滨江"
    (folder / "tables").mkdir(parents=True)
    empty = gpd.GeoDataFrame({"id": pd.Series([], dtype="str")}, geometry=[], crs=CRS)
    layers = {"demand": homes(), "zones_社区": mixed(), "gaps": empty, "indicators": pd.DataFrame({"rule": ["x"]})}
    write_geopackage(folder / "results.gpkg", layers, {})
    line = {"zh": "© 地图贡献者", "en": "© mappers"}
    content = {"tool": "siting", "study": "滨江", "attribution": [line], "written": "2026-01-31T08:00:00.000Z"}
    (folder / "evidence.json").write_text(json.dumps(content), encoding="utf-8")
    book = "kind,name,column,zh,en\nlayer,demand,cost_park_300green,到绿地的距离（米）,metres to green\n"
    (folder / "tables" / "columns.csv").write_text(book, encoding="utf-8-sig")
    return folder


def table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype="str", encoding="utf-8-sig", keep_default_na=False)


@pytest.mark.parametrize(("encoding", "cpg"), [("utf-8", "UTF-8"), ("gb18030", "GB18030"), ("cp936", "GBK")])
def test_a_shapefile_keeps_rows_texts_and_gaps(result, encoding, cpg):
    found = export_layers(result, encoding=encoding)
    assert found.folder == result.with_name("滨江-shp")
    assert (found.folder / "demand.cpg").read_text() == cpg
    back = pyogrio.read_dataframe(found.folder / "demand.shp")
    assert back.crs == CRS
    assert back["id"].tolist() == ["甲1", "甲2", "甲3"]
    assert back["sv_park_30"].isna().tolist() == [False, True, False]
    assert back["sv_park_30"].dropna().tolist() == [1, 0]  # truth values
    assert back["sv_park_2"].tolist() == [1, 1, 0]
    assert back["co_park_30"].isna().tolist() == [False, True, False]
    assert back["floors"].fillna(-1).tolist() == [6, -1, 1]
    community = back["所属社" if encoding == "utf-8" else "所属社区的"]
    assert community.isna().tolist() == [False, True, False]
    assert community[0] == "东风里"
    assert community[2] == ("?祥里" if encoding == "cp936" else "𠮷祥里")


def test_what_does_not_fit_is_listed_whole(result):
    found = export_layers(result, encoding="gbk")
    lost = table(found.folder / "cut_texts.csv")
    assert lost[["layer", "row", "id", "field", "why"]].to_numpy().tolist() == [
        ["demand", "3", "甲3", "所属社区的名称", "characters"],
        ["demand", "1", "甲1", "note", "cut"],
    ]
    assert lost["text"].tolist() == ["𠮷祥里", LONG]
    assert lost["written"][1] == "长" * 127  # 254 bytes, and no half character
    assert any("2 texts did not fit" in note.en for note in found.notes)


def test_fields_are_translated(result):
    fields = table(export_layers(result).folder / "fields.csv")
    row = fields[fields["column"] == "cost_park_300green"].iloc[0]
    assert row[["file", "layer", "field"]].tolist() == ["demand.shp", "demand", "co_park_30"]
    assert row[["zh", "en"]].tolist() == ["到绿地的距离（米）", "metres to green"]


def test_shapes_of_several_kinds_become_several_files(result):
    files = {one.name: one.rows for one in export_layers(result).files}
    assert files == {
        "demand.shp": 3, "zones_社区_line.shp": 1, "zones_社区_point.shp": 1, "zones_社区_polygon.shp": 1,
        "gaps.shp": 0,
    }  # fmt: skip


def test_geojson_follows_its_standard(result):
    found = export_layers(result, format="geojson")
    content = json.loads((found.folder / "demand.geojson").read_text(encoding="utf-8"))
    assert "crs" not in content
    first, second, third = content["features"]
    lon, lat = first["geometry"]["coordinates"]
    assert (lon, lat) == (round(lon, 7), round(lat, 7))
    assert (round(lon), round(lat)) == (114, 31)
    assert second["properties"] == {
        "id": "甲2", "served_park_300green": None, "served_park_300gate": True, "cost_park_300green": None,
        "floors": None, "所属社区的名称": None, "note": "[1, 2]",
    }  # fmt: skip
    assert third["properties"]["served_park_300green"] is False
    ring = json.loads((found.folder / "zones_社区_polygon.geojson").read_text(encoding="utf-8"))["features"][0]
    assert shapely.geometry.shape(ring["geometry"]).exterior.is_ccw
    assert json.loads((found.folder / "gaps.geojson").read_text(encoding="utf-8"))["features"] == []


def test_sources_go_along(result):
    assert "© 地图贡献者 / © mappers" in (export_layers(result).folder / "sources.txt").read_text("utf-8-sig")


def test_an_export_is_replaced_only_when_told_and_only_if_ours(result):
    folder = export_layers(result, layers=["demand"]).folder
    with pytest.raises(OutputError, match="Add --overwrite"):
        export_layers(result)
    (folder / "demand.qix").write_text("index that QGIS leaves")
    assert len(export_layers(result, overwrite=True).files) == 5
    (folder / "mine.docx").write_text("x")
    with pytest.raises(OutputError, match=r"did not write \(mine.docx\)"):
        export_layers(result, overwrite=True)


def test_the_same_result_gives_the_same_bytes(result, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1769846400")
    a, b = (export_layers(result, tmp_path / name).folder for name in ("a", "b"))
    assert {p.name: p.read_bytes() for p in a.iterdir()} == {p.name: p.read_bytes() for p in b.iterdir()}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "kml"}, "format 'kml' is unknown; use shp or geojson"),
        ({"encoding": "latin-1"}, "encoding 'latin-1' is none that shapefiles are exported in"),
        ({"encoding": "martian"}, "encoding 'martian' is none"),
        ({"format": "geojson", "encoding": "gbk"}, "GeoJSON is always UTF-8"),
        ({"layers": ["demnd"]}, "there is no layer 'demnd'; did you mean 'demand'\\?"),
        ({"layers": ["indicators"]}, "table without shapes: take tables/indicators.csv"),
        ({"layers": []}, "no layer is named"),
    ],
)
def test_bad_wishes_are_refused(result, options, message):
    with pytest.raises(InputError, match=message):
        export_layers(result, **options)
    assert [p.name for p in result.parent.iterdir()] == ["滨江"]


def test_what_is_no_result_is_refused(result, tmp_path):
    with pytest.raises(InputError, match="there is no such folder"):
        export_layers(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"lacks evidence\.json"):
        export_layers(tmp_path)
    with pytest.raises(OutputError, match="lies in the result folder"):
        export_layers(result, result / "shp")
    (result / "results.gpkg").write_bytes(b"SQLite format 3\x00 cut off")
    with pytest.raises(SitingError, match="cannot be read"):
        export_layers(result)


def test_a_table_over_2_gb_is_refused_before_it_is_written(result, monkeypatch):
    monkeypatch.setattr(shapefile, "MAX_BYTES", 200)
    with pytest.raises(OutputError, match="over 2 GB"):
        export_layers(result)
    assert [p.name for p in result.parent.iterdir()] == ["滨江"]


def test_more_than_255_fields_are_listed(tmp_path):
    wide = gpd.GeoDataFrame({f"c{i}": [i] for i in range(300)}, geometry=[Point(0, 0)], crs=CRS)
    losses = shapefile.write_shapefile(tmp_path / "wide.shp", wide, "Point", "utf-8")
    assert [name for name, new in losses.names.items() if new is None] == [f"c{i}" for i in range(255, 300)]


def test_short_names_are_different_whatever_the_case():
    given = ["share_living_circle_a", "share_living_circle_b", "SH_LIVING", "id", "sh_living_"]
    names = short_names(given, "utf-8")
    assert len({n.lower() for n in names}) == len(given)
    assert all(len(n) <= 10 for n in names)
    assert names[2:] == ["SH_LIVING", "id", "sh_living_"]
    assert cut("市民中心", 10, "utf-8") == "市民中"
    assert cut("市民中心", 10, "gbk") == "市民中心"


def test_the_command(result):
    done = CliRunner().invoke(app, ["export", str(result), "--layers", "demand,gaps", "--encoding", "gb18030"])
    assert done.exit_code == 0, done.output
    assert "2 layers, 3 rows exported to" in done.stdout
    assert CliRunner().invoke(app, ["export", str(result), "--format", "kml"]).exit_code == 2
    assert CliRunner().invoke(app, ["export", str(result)]).exit_code == 1


def test_every_column_of_a_whole_run_has_its_line(run, tmp_path):
    """A written run explains its columns, and the export carries that on."""
    folder = write_run(run, tmp_path / "run")
    fields = table(export_layers(folder).folder / "fields.csv")
    row = fields[(fields["layer"] == "demand") & fields["column"].str.startswith("cost_")].iloc[0]
    assert row["zh"] != row["column"]


@pytest.mark.skipif(not QGIS.exists(), reason="no system Python, so no QGIS")
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "gbk"])
def test_qgis_reads_the_chinese(result, encoding):
    code = (
        "import sys; from qgis.core import QgsApplication, QgsVectorLayer; a = QgsApplication([], False); a.initQgis();"
        "v = QgsVectorLayer(sys.argv[1], 'x', 'ogr'); print(v.isValid(), v.crs().authid(), v.featureCount());"
        "f = next(v.getFeatures()); print(f.attributes()[0], f.attributes()[5], flush=True)"
    )
    probe = subprocess.run([QGIS, "-c", "import qgis.core"], capture_output=True)
    if probe.returncode:
        pytest.skip("QGIS is not installed")
    path = export_layers(result, encoding=encoding).folder / "demand.shp"
    environment = {"QT_QPA_PLATFORM": "offscreen", "PYTHONIOENCODING": "utf-8", "HOME": str(result.parent)}
    done = subprocess.run([QGIS, "-c", code, path], capture_output=True, text=True, env=environment, encoding="utf-8")
    assert done.stdout.split() == ["True", CRS, "3", "甲1", "东风里"], done.stderr
