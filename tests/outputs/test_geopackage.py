"""The GeoPackage: every layer of the contract, readable anywhere, the same bytes from the same run."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, box

from siting.errors import OutputError
from siting.outputs.columns import plain_columns, unique_names
from siting.outputs.contract import MapBase
from siting.outputs.geopackage import check_geopackage, write_geopackage
from siting.outputs.layers import result_layers
from siting.outputs.qgis import named_styles
from siting.outputs.views import column_texts, views_of

LAYERS = [
    "demand", "facilities", "facility_areas", "gates", "gaps", "service_areas", "candidates", "sites",
    "flows", "zones_district", "unsnapped", "base_streets", "base_buildings", "base_green", "base_water",
    "base_boundary", "indicators",
]  # fmt: skip
SHAPED = [name for name in LAYERS if name != "indicators"]


@pytest.fixture(scope="module")
def package(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("gpkg") / "results.gpkg"
    layers, _ = result_layers(run)
    write_geopackage(path, layers, {"demand": "需求点"})
    return path


def query(path, sql):
    with closing(sqlite3.connect(path)) as base:
        return base.execute(sql).fetchall()


def test_all_layers_read_back_in_the_crs_of_the_study(package, run):
    assert [name for name, _ in pyogrio.list_layers(package)] == LAYERS
    for name in SHAPED:
        layer = gpd.read_file(package, layer=name)
        assert layer.crs.to_epsg() == 4546
        assert len(layer) > 0
        assert not layer.has_z.any()


def test_it_is_a_sound_geopackage_1_3(package):
    assert query(package, "PRAGMA application_id") == [(0x47504B47,)]
    assert query(package, "PRAGMA user_version") == [(10300,)]
    assert query(package, "PRAGMA integrity_check") == [("ok",)]
    indexed = {
        name
        for (name,) in query(
            package, "SELECT table_name FROM gpkg_extensions WHERE extension_name = 'gpkg_rtree_index'"
        )
    }
    assert indexed == set(SHAPED)
    assert {-1, 0, 4326} <= {srs for (srs,) in query(package, "SELECT srs_id FROM gpkg_spatial_ref_sys")}
    blobs = query(package, "SELECT substr(geom, 1, 2) FROM demand")
    assert {bytes(b) for (b,) in blobs} == {b"GP"}
    assert query(package, "SELECT data_type FROM gpkg_contents WHERE table_name = 'indicators'") == [("attributes",)]


def test_styles_are_a_legal_table_of_attributes(run, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    layers, _ = result_layers(run)
    styles = named_styles(views_of(run, layers), layers, column_texts(run, layers), "zh")
    for name in ("a.gpkg", "b.gpkg"):
        write_geopackage(tmp_path / name, layers, {}, styles)
    path = tmp_path / "a.gpkg"
    assert path.read_bytes() == (tmp_path / "b.gpkg").read_bytes()
    assert query(path, "SELECT data_type, srs_id FROM gpkg_contents WHERE table_name = 'layer_styles'") == [
        ("attributes", 0)
    ]
    assert query(path, "PRAGMA integrity_check") == [("ok",)]
    assert query(path, "PRAGMA foreign_key_check") == []
    assert query(path, "PRAGMA user_version") == [(10300,)]
    default = query(path, "SELECT f_table_name FROM layer_styles WHERE useAsDefault")
    assert sorted(name for (name,) in default) == sorted(SHAPED)
    assert query(path, "SELECT count(*) FROM layer_styles") == [(len(styles),)]
    assert query(path, "SELECT count(*) FROM (SELECT DISTINCT f_table_name, styleName FROM layer_styles)") == [
        (len(styles),)
    ]
    stored = query(
        path, "SELECT DISTINCT f_table_catalog, f_table_schema, f_geometry_column, update_time FROM layer_styles"
    )
    assert stored == [("", "", "geom", "2026-01-01T00:00:00.000Z")]
    assert gpd.read_file(path, layer="sites").shape[0] == len(layers["sites"])


def test_unreachable_is_null_never_a_number(run, tmp_path):
    lonely = run.audits["toilet.radius-300"].demand.copy()
    lonely.loc["B0000", ["cost", "served", "facility"]] = [np.inf, False, None]
    audit = run.audits["toilet.radius-300"]
    layers, _ = result_layers(replace(run, audits={"toilet.radius-300": replace(audit, demand=lonely)}))
    write_geopackage(tmp_path / "r.gpkg", layers, {})
    column = "toilet_radius_300"
    sql = f"SELECT cost_{column}, served_{column}, facility_{column} FROM demand WHERE id = 'B0000'"
    assert query(tmp_path / "r.gpkg", sql) == [(None, 0, None)]
    back = gpd.read_file(tmp_path / "r.gpkg", layer="demand")
    assert back[f"served_{column}"].dtype == bool
    assert np.isfinite(back[f"cost_{column}"].dropna()).all()


def test_demand_columns_agree_with_the_audit(package, run):
    back = gpd.read_file(package, layer="demand").set_index("id")
    audit = run.audits["park.radius.500"].demand
    assert (back["served_park_radius_500"] == audit["served"]).all()
    assert np.allclose(back["cost_park_radius_500"], audit["cost"])
    assert not any(c.endswith("_clinic") for c in back.columns)


def test_zones_carry_headline_shares_that_add_up(package, run):
    zones = gpd.read_file(package, layer="zones_district")
    share = run.audits["toilet.radius-300"].headline("people")
    assert round(zones["served_toilet_radius_300"].sum() * 1000) == share.served
    assert round(zones["total_toilet_radius_300"].sum() * 1000) == share.total
    assert list(zones["name"]) == ["东风街道", "氹仔“北区”"]


def test_areas_keep_a_point_and_their_polygon(package):
    points = gpd.read_file(package, layer="facilities")
    areas = gpd.read_file(package, layer="facility_areas")
    assert set(points.geom_type) == {"Point"}
    assert points["area_m2"].tolist()[3] == pytest.approx(280 * 180)
    assert areas.geometry.iloc[0].contains(points.geometry.iloc[3])


def test_the_same_run_gives_the_same_bytes(run, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    for name in ("a.gpkg", "b.gpkg"):
        write_geopackage(tmp_path / name, result_layers(run)[0], {})
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
    dates = query(tmp_path / "a.gpkg", "SELECT DISTINCT last_change FROM gpkg_contents")
    assert dates == [("2026-01-01T00:00:00.000Z",)]
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_without_a_fixed_time_the_layers_are_still_equal(run, package, tmp_path):
    write_geopackage(tmp_path / "b.gpkg", result_layers(run)[0], {})
    for name in LAYERS:
        assert query(package, f'SELECT * FROM "{name}"') == query(tmp_path / "b.gpkg", f'SELECT * FROM "{name}"')


def test_a_run_without_gaps_plans_and_facilities_has_all_layers(run, tmp_path):
    empty = gpd.GeoDataFrame({}, geometry=[], crs=run.crs)
    nothing = dict.fromkeys(("gaps", "facilities", "entries", "unsnapped"), empty)
    bare = replace(run, audits={}, plans={}, zones={}, service_areas=None, base=MapBase(), **nothing)
    write_geopackage(tmp_path / "r.gpkg", result_layers(bare)[0], {})
    names = dict(pyogrio.list_layers(tmp_path / "r.gpkg"))
    assert list(names) == [
        "demand",
        "facilities",
        "gates",
        "gaps",
        "candidates",
        "sites",
        "flows",
        "unsnapped",
        "indicators",
    ]
    assert (names["gaps"], names["sites"], names["indicators"]) == ("MultiPolygon", "Point", None)


def test_mixed_single_and_multi_parts_and_heights(run, tmp_path):
    shapes = [
        box(0, 0, 1, 1),
        MultiPolygon([box(2, 2, 3, 3), box(4, 4, 5, 5)]),
        Polygon([(0, 0, 5), (1, 0, 5), (1, 1, 5)]),
    ]
    gaps = gpd.GeoDataFrame({"rule": list("abc")}, geometry=shapes, index=list("xyz"), crs=run.crs)
    write_geopackage(tmp_path / "r.gpkg", result_layers(replace(run, gaps=gaps))[0], {})
    back = gpd.read_file(tmp_path / "r.gpkg", layer="gaps")
    assert set(back.geom_type) == {"MultiPolygon"}
    assert not back.has_z.any()


def test_columns_that_clash_are_renamed_and_listed():
    names, findings = unique_names(["fid", "A", "a", "geom", "", "a_1"], "demand")
    assert names == ["fid_1", "A", "a_2", "geom_1", "column", "a_1"]
    assert findings[0].count == 4
    assert "fid → fid_1" in findings[0].ids


@given(st.lists(st.sampled_from(["a", "A", "fid", "FID", "fid_1", "geom", "", "column", "a_1", "中"]), max_size=12))
def test_names_come_out_unique_whatever_goes_in(names):
    out, findings = unique_names(names, "x")
    lower = [n.lower() for n in out]
    assert len(set(lower)) == len(names)
    assert not {"fid", "geom", ""} & set(lower)
    assert sum(f.count for f in findings) == sum(a != b for a, b in zip(names, out, strict=True))


def test_odd_cells_become_plain_ones():
    table = pd.DataFrame(
        {
            "tags": [{"a": 1}, None],
            "list": [["x"], np.array([1, 2])],
            "time": pd.to_datetime(["2026-01-01T00:00Z", None]),
            "mixed": [1, "x"],
            "flag": [True, None],
            "number": [1, None],
            "far": [np.inf, 2.0],
        }
    )
    out = plain_columns(table)
    assert out["tags"].tolist()[0] == '{"a": 1}'
    assert out["list"].tolist() == ['["x"]', "[1, 2]"]
    assert out["time"].tolist()[0] == "2026-01-01T00:00:00+00:00"
    assert out["mixed"].tolist() == ["1", "x"]
    assert out["flag"].dtype == "boolean"
    assert out["number"].tolist()[0] == 1.0
    assert np.isnan(out["far"][0])
    assert np.isinf(table["far"][0])


def test_a_damaged_or_short_file_is_refused(package, tmp_path):
    with pytest.raises(OutputError, match=r"demand \(196 of 197\)"):
        check_geopackage(package, {"demand": 197})
    cut = tmp_path / "results.gpkg"
    cut.write_bytes(package.read_bytes()[:40_000])
    with pytest.raises(OutputError, match="damaged"):
        check_geopackage(cut, {"demand": 196})


def test_a_layer_that_cannot_be_written_names_itself(tmp_path, run):
    bad = gpd.GeoDataFrame({"a": [1, 2]}, geometry=[Point(0, 0), LineString([(0, 0), (1, 1)])], crs=run.crs)
    (tmp_path / "dir").mkdir()
    with pytest.raises(OutputError, match="layer bad"):
        write_geopackage(tmp_path / "dir", {"bad": bad}, {})
