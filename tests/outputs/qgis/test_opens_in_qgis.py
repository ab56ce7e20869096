"""QGIS itself opens what a run leaves: project, styles, layouts; checked against the views that they were made from."""

import json
import math
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from siting.outputs.geopackage import write_geopackage
from siting.outputs.geotiff import write_score_style, write_scores
from siting.outputs.layers import result_layers
from siting.outputs.qgis import named_styles, write_project
from siting.outputs.suitability_files import SCORE_CLASSES
from siting.outputs.views import column_texts, views_of

PYTHON = "/usr/bin/python3"
SCRIPT = Path(__file__).with_name("qgis_opens.py")
TYPES = {"single": "singleSymbol", "categorised": "categorizedSymbol", "graduated": "graduatedSymbol"}


def run_qgis(folder: Path, pictures: Path) -> dict:
    """Open a folder in QGIS and return what it says; skip where there is no QGIS."""
    given = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "GDAL", "PROJ", "VIRTUAL"))}
    given |= {"QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(pictures), "HOME": str(pictures)}
    has_qgis = (
        shutil.which(PYTHON)
        and not subprocess.run(
            [PYTHON, "-c", "import qgis.core"], capture_output=True, env=given, check=False
        ).returncode
    )
    if not has_qgis:
        pytest.skip(f"QGIS is not installed for {PYTHON} (Debian: apt-get install qgis python3-qgis)")
    done = subprocess.run(
        [PYTHON, str(SCRIPT), str(folder), str(pictures)], capture_output=True, text=True, env=given, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def made(run):
    layers, _ = result_layers(run)
    return layers, views_of(run, layers), column_texts(run, layers)


@pytest.fixture(scope="module")
def opened(run, made, tmp_path_factory):
    """What QGIS sees in a folder that was moved after it was written."""
    layers, views, columns = made
    first = tmp_path_factory.mktemp("written")
    write_geopackage(first / "results.gpkg", layers, {}, named_styles(views, layers, columns, run.lang))
    (first / "rasters").mkdir()
    x, y, right, top = run.base.boundary.total_bounds
    score = np.linspace(0, 1, 30).reshape(5, 6)
    write_scores(first / "rasters" / "suitability.tif", score, (x, y, right, top), run.crs, {})
    write_score_style(first / "rasters" / "suitability.qml", SCORE_CLASSES)
    write_project(first / "project.qgz", run, views, layers, columns)
    moved = tmp_path_factory.mktemp("moved") / "成果 folder"
    shutil.move(first, moved)
    return run_qgis(moved, tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def by_id(opened):
    return {layer["id"]: layer for layer in opened["layers"]}


def test_the_project_reads_with_every_layer_in_its_crs(opened, by_id, made):
    assert (opened["read"], opened["bad"], opened["drawing_errors"]) == (True, [], [])
    assert opened["crs"] == "EPSG:4546"
    assert opened["title"] == "东风示范区 / Dongfeng sample district"
    assert [layer["id"] for layer in opened["layers"] if "rasters/" not in layer["id"]] == [v.id for v in made[1]]
    assert {(layer["valid"], layer["crs"]) for layer in by_id.values()} == {(True, "EPSG:4546")}


def test_classes_are_those_of_the_views(by_id, made):
    for view in made[1]:
        seen = by_id[view.id]
        assert seen["renderer"] == TYPES[view.kind]
        assert [colour for _, _, colour in seen["classes"]] == [c.colour for c in view.classes]
        if view.kind == "single":
            continue
        for (value, label, _), one in zip(seen["classes"], view.classes, strict=True):
            assert label == (one.name.zh if one.name.zh == one.name.en else f"{one.name.zh} / {one.name.en}")
            if view.kind == "categorised":
                assert value == ("NULL" if one.value is None else str(one.value).lower())
            elif not one.missing:
                low, high = value
                assert low == one.low or (math.isinf(one.low) and low <= 0)
                assert high == one.high or (math.isinf(one.high) and high > low)


def test_every_row_of_a_view_is_drawn_in_the_class_of_the_view(by_id, made):
    layers, views, _ = made
    for view in views:
        rows = layers[view.table]
        for condition in view.where:
            rows = rows[rows[condition.column].isin(condition.values)]
        seen = by_id[view.id]
        assert seen["features"] == len(rows)
        if view.kind == "single":
            assert sum(seen["counts"].values()) == len(rows)
            continue
        values, expected = rows[view.column], {}
        for one in view.classes:
            if one.missing:
                n = values.isna().sum()
            elif view.kind == "categorised":
                n = (values == one.value).sum()
            else:
                n = ((values > one.low) & (values <= one.high)).sum()
            label = one.name.zh if one.name.zh == one.name.en else f"{one.name.zh} / {one.name.en}"
            expected[label] = expected.get(label, 0) + int(n)
        assert seen["counts"] == {label: n for label, n in expected.items() if n}


def test_labels_have_chinese_letters_and_a_halo(by_id, made):
    for view in made[1]:
        seen = by_id[view.id]
        assert (seen["labels"] is not None) == (view.labels is not None)
        if view.labels is not None:
            assert seen["halo"]
            assert "CJK" in seen["label_font"]
    assert "name_zh" in by_id["plan_more_toilets_sites"]["labels"]


def test_fields_are_called_in_both_languages(by_id, opened):
    aliases = by_id["rule_toilet_radius_300_served"]["aliases"]
    assert aliases["people"] == "人口（人） / people"
    assert aliases["served_toilet_radius_300"] == "公共厕所 300 米：是否覆盖 / Public toilet within 300 m: served"
    assert opened["package"]["demand"]["aliases"] == aliases


def test_notes_and_confidence_go_with_the_layer(by_id):
    said = by_id["rule_park_radius_500_gaps"]["abstract"]
    assert "条文已读 / figure: clause read" in said
    assert "GB 50180-2018" in said


def test_the_tree_is_the_groups_of_the_views(opened, made):
    groups = list(dict.fromkeys(view.group for view in made[1]))
    names = [f"{g.title.zh} / {g.title.en}" for g in groups]
    raster = "适宜性 / Suitability"
    assert [branch["name"] for branch in opened["tree"] if branch["name"] != raster] == names
    assert [branch["name"] for branch in opened["tree"]][-2:] == [raster, names[-1]]
    for group, branch in zip(groups, [b for b in opened["tree"] if b["name"] != raster], strict=True):
        own = [view for view in made[1] if view.group == group]
        assert [leaf["checked"] for leaf in branch["children"]] == [view.leads for view in own]
        assert branch["expanded"] == (group == groups[0])


def test_it_opens_with_one_plan_over_the_ground(opened, made):
    assert opened["shown"] == [view.id for view in made[1] if view.visible]
    assert {i.split("_")[0] for i in opened["shown"]} == {"plan", "base"}
    assert opened["opened"]["colours"] > 50


def test_themes_show_one_group_over_the_ground(opened, made):
    wanted = {f"{v.group.title.zh} / {v.group.title.en}" for v in made[1] if v.group.kind in ("plan", "rule", "theme")}
    assert set(opened["themes"]) == wanted
    toilets = next(one for one in opened["layouts"] if "公共厕所 300" in one["name"])
    assert [name for name in toilets["shown"] if name != "街道 / streets"] == toilets["legend"]
    assert toilets["shown"][0] == "服务盲区（按人口） / Gap areas, by people"
    assert not any("新选点" in name for name in toilets["shown"])


def test_layouts_carry_what_a_map_must_and_export(opened):
    assert len(opened["layouts"]) == 3
    for one in opened["layouts"]:
        assert (one["scale_bars"], one["bar_linked"], one["arrows"], one["follows"]) == (1, True, 1, True)
        assert (one["png"], one["pdf"], one["undrawable"]) == (0, 0, [])
        assert one["colours"] > 100
        assert "© OpenStreetMap 贡献者" in one["texts"]["source"]
        assert "2026-02-20" in one["texts"]["facts"]
        assert one["texts"]["title"].startswith("东风示范区 · ")
        # The legend stays on its page, above the facts.
        assert max(one["legend_ends"]) < one["page"][1] - 20
        assert max(one["legend_right"]) < one["page"][0]
    texts = opened["layouts"][0]["texts"]
    assert "985 → 2,800" in texts["headline"]
    assert "未核实默认值 / figure: unverified default" in texts["facts"]


def test_the_package_alone_opens_styled(opened, made):
    layers, views, _ = made
    for name, table in opened["package"].items():
        assert table["valid"]
        if table["shapes"]:
            own = [view for view in views if view.table == name]
            assert (table["default"], table["broken"], table["style_error"]) == (True, [], "")
            assert len(table["styles"]) == max(1, len(own) + all(view.where for view in own))
            assert table["crs"] == "EPSG:4546"
    assert set(opened["package"]) == set(layers)
    assert opened["package"]["demand"]["renderer"] == "categorizedSymbol"
    assert opened["package"]["gaps"]["renderer"] == "graduatedSymbol"


def test_a_raster_lies_in_the_project_with_its_classes(by_id):
    raster = by_id["rasters/suitability.tif"]
    assert raster["renderer"] == "singlebandpseudocolor"
    assert [label for _, label, _ in raster["classes"]] == [name.both(" ") for _, _, name in SCORE_CLASSES]


def test_the_demo_of_the_installed_package_opens(tmp_path):
    folder = os.environ.get("SITING_DEMO_OUT")
    if folder is None or not Path(folder, "project.qgz").exists():
        pytest.skip("no finished `siting demo` at hand (set SITING_DEMO_OUT to its folder)")
    seen = run_qgis(Path(folder), tmp_path)
    assert (seen["read"], seen["bad"], seen["drawing_errors"]) == (True, [], [])
    assert [layer["id"] for layer in seen["layers"] if not layer["valid"] or layer["crs"] != seen["crs"]] == []
    # Every row is drawn in some class, under a label in words.
    lost = [layer["id"] for layer in seen["layers"] if "none" in layer.get("counts", {})]
    assert lost == []
    assert any(layer.get("labels") for layer in seen["layers"])
    assert seen["opened"]["colours"] > 50
    assert {i.split("_")[0] for i in seen["shown"]} == {"plan", "base"}
    assert all(one["undrawable"] == [] and one.get("pdf", 0) == 0 for one in seen["layouts"])
    shaped = {name: table for name, table in seen["package"].items() if table["shapes"]}
    assert [name for name, table in shaped.items() if not table["default"] or table["broken"]] == []
