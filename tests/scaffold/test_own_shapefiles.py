"""Somebody's own shapefiles, as an office has them: Chinese names, GBK, no .cpg; from the folder to the map."""

from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from typer.testing import CliRunner

import siting
from siting.cli import app
from siting.sample import sample_folder
from siting.scaffold import write_study
from siting.scaffold.files import File, files_in, look
from siting.scaffold.roles import class_of, sort_out

SHIPPED = {
    "streets": ("道路中心线", {"name": "路名", "highway": "highway", "bridge": "bridge"}),
    "buildings": ("住宅楼", {"id": "编号", "people": "常住人口"}),
    "parks": ("公园", {"name": "公园名称"}),
    "bus_stops": ("公交站点", {"name": "站名"}),
    "boundary": ("研究范围", {"name": "名称"}),
    "communities": ("社区", {"id": "编号", "name": "名称"}),
    "vacant_plots": ("储备地块", {"id": "编号"}),
    "waste_points": ("调查点", {"bins": "桶数"}),
}
"""Layers of the demo district: the file of the office, and its columns."""


def save(frame: gpd.GeoDataFrame, path: Path, encoding: str) -> None:
    """Write a shapefile that says nothing of its encoding."""
    pyogrio.write_dataframe(frame, path, driver="ESRI Shapefile", encoding=encoding)
    path.with_suffix(".cpg").unlink()
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[29] = 0  # no code page either
    path.with_suffix(".dbf").write_bytes(table)


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Path:
    """The demo district as shapefiles in GBK."""
    folder = tmp_path_factory.mktemp("office") / "数据"
    folder.mkdir()
    source = sample_folder("demo-district")
    for name, (file, columns) in SHIPPED.items():
        frame = gpd.read_file(source / f"{name}.geojson").rename(columns=columns)
        save(gpd.GeoDataFrame(frame[[*columns.values(), "geometry"]]), folder / f"{file}.shp", "GBK")
    return folder


def test_each_file_gets_its_role(office):
    hand = sort_out(files_in(office))
    roles = {"streets": hand.streets, "people": hand.demand, "boundary": hand.boundary, **hand.facilities, **hand.land}
    assert {role: one.path.stem for role, one in roles.items()} == {
        "streets": "道路中心线", "people": "住宅楼", "boundary": "研究范围", "park_green": "公园",
        "bus_stop": "公交站点",
        "vacant": "储备地块",
    }  # fmt: skip
    assert [z.path.stem for z in hand.zones] == ["社区"]
    assert [r.path.stem for r in hand.rest] == ["调查点"]


def test_from_a_folder_of_shapefiles_to_the_map_in_three_commands(office, monkeypatch):
    monkeypatch.chdir(office.parent)
    command = CliRunner()
    new = command.invoke(app, ["new", "mycity", "--from", office.name, "--lang", "zh"])
    assert new.exit_code == 0, new.output
    assert "人口（字段 常住人口）：住宅楼.shp（面，288 行）" in new.stdout
    assert "! 未识别，请自行写入：调查点.shp" in new.stdout
    text = Path("mycity/study.toml").read_text(encoding="utf-8")
    assert "调查点.shp (point, 30 rows)" in text  # listed at the end, with its columns
    check = command.invoke(app, ["check", "mycity/study.toml"])
    assert check.exit_code == 0, check.output
    assert "encoding" not in check.output  # the study file states it, so nothing is guessed any more
    run = command.invoke(app, ["run", "mycity/study.toml", "-q"])
    assert run.exit_code == 0, run.output
    out = Path("siting-out/mycity")
    assert (out / "maps" / "coverage_bus.cover500.png").is_file()
    homes = pyogrio.read_dataframe(out / "results.gpkg", layer="demand")
    given = gpd.read_file(sample_folder("demo-district") / "buildings.geojson")["people"]
    assert homes["people"].sum() == given.sum()
    facilities = pyogrio.read_dataframe(out / "results.gpkg", layer="facilities")
    assert "南一公交站" in set(facilities["name"])
    assert "南一社区" in set(pyogrio.read_dataframe(out / "results.gpkg", layer="zones_社区")["name"])


def test_from_a_frame_to_the_map_in_three_lines(office):
    streets, homes, stops = (
        gpd.read_file(office / f"{n}.shp", encoding="gbk") for n in ("道路中心线", "住宅楼", "公交站点")
    )
    homes = homes.rename(columns={"常住人口": "people"}).set_geometry(homes.representative_point())
    network = siting.Network.from_lines(streets)
    audit = siting.audit(network, homes, stops, "bus.cover500")
    assert siting.plot.coverage(audit).get_title("left") != ""
    assert audit.headline("people").share == pytest.approx(0.5, abs=0.5)


@pytest.mark.parametrize(
    ("name", "class_"),
    [
        ("2024年公厕", "public_toilet"),
        ("public_toilets_v2", "public_toilet"),
        ("社区卫生服务站", "health_station"),
        ("smallholdings", None),
        ("railway lines", None),
        ("primary-schools", "primary_school"),
        ("菜市场", "market"),
    ],
)
def test_the_longest_word_of_a_name_tells_the_class(name, class_):
    assert class_of(name) == class_


def test_big5_is_not_taken_for_gbk_in_silence(tmp_path, office):
    frame = gpd.GeoDataFrame(
        {"名稱": ["臺北車站", "龍山寺", "信義國小"]}, geometry=gpd.points_from_xy([0, 1, 2], [0, 1, 2]), crs="EPSG:3826"
    )
    save(frame, tmp_path / "國小.shp", "BIG5")
    (one,) = look(tmp_path / "國小.shp")
    assert one.encoding == "cp950" or ("big5" in dict(one.unclear))


def test_what_cannot_be_read_is_of_unknown_shape(tmp_path):
    (tmp_path / "a.shp").write_bytes(b"no shapefile")
    (tmp_path / "notes.txt").write_text("x")
    assert files_in(tmp_path) == [File(tmp_path / "a.shp", "unknown")]


def test_a_table_in_gbk_is_told(office):
    (one,) = look(sample_folder("demo-district") / "toilets_gcj02_gbk.csv")
    assert (one.shape, one.encoding) == ("table", "gb18030")
    assert "经度" in [c.name for c in one.columns]


def test_zones_with_people_are_both(tmp_path, office):
    for path in office.glob("社区.*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert sort_out(files_in(tmp_path)).demand is None
    frame = gpd.read_file(tmp_path / "社区.shp", encoding="gbk").assign(人口=100)
    save(frame, tmp_path / "社区.shp", "GBK")
    hand = sort_out(files_in(tmp_path))
    assert hand.demand is hand.zones[0]


def test_the_study_reads_back(office, tmp_path):
    path = write_study(tmp_path / "plan", files=office)
    settings = siting.Study.from_toml(path).settings
    assert settings.demand.population == "常住人口"
    assert settings.demand.id == "编号"
    assert settings.facilities["park_green"].name == "公园名称"
    assert settings.land.vacant is not None
