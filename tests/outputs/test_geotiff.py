"""Rasters in a result folder: what a GIS reads is what was computed, and the same cells are the same bytes."""

from xml.etree import ElementTree

import numpy as np
import pyproj
import rasterio

from siting.ledger import Text
from siting.outputs.geotiff import write_label_style, write_labels, write_score_style, write_scores
from siting.outputs.suitability_files import SCORE_CLASSES, class_of

CRS = pyproj.CRS("EPSG:4547")
BOUNDS = (500_000.0, 3_000_000.0, 500_040.0, 3_000_030.0)


def test_scores_come_back_with_place_no_data_and_tags(tmp_path):
    values = np.array([[0.0, 0.25, 0.5, np.nan], [1.0, np.nan, 0.1, 0.2], [0.3, 0.4, 0.6, 0.7]])
    write_scores(tmp_path / "a.tif", values, BOUNDS, CRS, {"TITLE": "适宜性 / suitability"})
    with rasterio.open(tmp_path / "a.tif") as file:
        assert file.crs.to_epsg() == 4547
        assert file.bounds == BOUNDS
        assert file.dtypes == ("float32",)
        assert file.nodata == -9999.0
        assert file.tags()["TITLE"] == "适宜性 / suitability"
        np.testing.assert_array_equal(file.read(1, masked=True).filled(np.nan), values.astype(np.float32))


def test_a_large_raster_is_written_by_blocks_with_overviews_and_always_the_same(tmp_path):
    values = np.random.default_rng(0).random((1100, 530))
    values[:300, :40] = np.nan
    for name in ("a.tif", "b.tif"):
        write_scores(tmp_path / name, values, (0, 0, 5300, 11000), CRS, {"TITLE": "x"})
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()
    with rasterio.open(tmp_path / "a.tif") as file:
        assert file.profile["tiled"]
        assert file.overviews(1) == [2, 4]
        np.testing.assert_array_equal(file.read(1, masked=True).filled(np.nan), values.astype(np.float32))


def test_labels_have_a_palette_in_which_what_has_a_score_is_clear(tmp_path):
    labels = np.array([[0, 1, 2, 0]] * 3, dtype=np.uint8)
    write_labels(tmp_path / "r.tif", labels, BOUNDS, CRS, {1: "#ff0000", 2: "#00ff80"}, {"LABEL_1": "水体 / water"})
    with rasterio.open(tmp_path / "r.tif") as file:
        assert np.array_equal(file.read(1), labels)
        table = file.colormap(1)
    assert table[1][:3] == (255, 0, 0)
    assert table[2][:3] == (0, 255, 128)


def test_styles_are_xml_with_both_languages(tmp_path):
    write_score_style(tmp_path / "a.qml", SCORE_CLASSES)
    root = ElementTree.fromstring((tmp_path / "a.qml").read_text(encoding="utf-8"))
    items = root.findall(".//colorrampshader/item")
    assert [i.get("value") for i in items] == ["0.2", "0.4", "0.6", "0.8", "inf"]
    assert items[0].get("label") == "不适宜 unsuitable < 0.2"
    assert root.find(".//rasterrenderer").get("type") == "singlebandpseudocolor"
    write_label_style(tmp_path / "r.qml", [(1, "#ff0000", Text("坡度大于 15°", 'steeper than 15° & "wet"'))])
    root = ElementTree.fromstring((tmp_path / "r.qml").read_text(encoding="utf-8"))
    assert root.find(".//paletteEntry").get("label") == '坡度大于 15° steeper than 15° & "wet"'


def test_a_score_at_a_limit_is_in_the_better_class():
    assert class_of(np.array([0.0, 0.1999, 0.2, 0.6 - 1e-12, 0.8, 1.0, np.nan])).tolist() == [0, 0, 1, 3, 4, 4, -1]
