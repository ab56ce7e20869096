"""The parts of the page without a browser: shapes, cells, classes, policy, bytes."""

import base64
import hashlib
import json
import re
import zlib
from dataclasses import replace
from importlib.resources import files

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from opened_page import written
from shapely import GeometryCollection, LineString, MultiPoint, MultiPolygon, Point, Polygon, box

from siting.ledger import Text
from siting.outputs.layers import result_layers
from siting.outputs.views import Condition, Group, View, ViewClass, views_of
from siting.outputs.web.assemble import SCRIPTS
from siting.outputs.web.cells import packed_column, packed_costs
from siting.outputs.web.classes import class_marks
from siting.outputs.web.content import content
from siting.outputs.web.shapes import packed_shapes
from siting.outputs.web.words import WORDS

ROOM = files("siting.outputs.web")


def degrees(shapes):
    return gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4326")


def unpacked(packed):
    """Return rows of parts of points in millionths of a degree."""
    points = np.cumsum(np.array(packed["steps"]).reshape(-1, 2), axis=0).tolist()
    lengths = packed.get("lengths", [1] * len(points))
    rings = [[tuple(points.pop(0)) for _ in range(n)] for n in lengths]
    return [[rings.pop(0) for _ in range(n)] for n in packed.get("parts", [1] * len(lengths))]


def test_points_and_lines_come_back_to_six_places():
    packed = packed_shapes(degrees([Point(113.1234564, 22.0000006), Point(-0.5, 0)]))
    assert unpacked(packed) == [[[(113123456, 22000001)]], [[(-500000, 0)]]]
    assert set(packed) == {"steps"}
    packed = packed_shapes(
        degrees([LineString([(0, 0), (0, 1), (0, 1.0000001), (1, 1)]), None, MultiPoint([(2, 2), (3, 3)])])
    )
    assert unpacked(packed) == [[[(0, 0), (0, 10**6), (10**6, 10**6)]], [], [[(2 * 10**6,) * 2], [(3 * 10**6,) * 2]]]


def test_shells_and_holes_turn_in_opposite_ways_and_stay_open():
    hole = [(0.2, 0.2), (0.2, 0.4), (0.4, 0.4), (0.4, 0.2)]
    for ring in (hole, hole[::-1]):
        ((shell, inner, second),) = unpacked(
            packed_shapes(degrees([MultiPolygon([Polygon(box(0, 0, 1, 1).exterior, [ring]), box(2, 2, 3, 3)])]))
        )
        assert [len(r) for r in (shell, inner, second)] == [4, 4, 4]
        turns = [np.sign(Polygon(r).exterior.is_ccw - 0.5) for r in (shell, inner, second)]
        assert turns[0] == turns[2] == -turns[1]


def test_a_stream_among_lakes_stays_a_line():
    packed = packed_shapes(degrees([box(0, 0, 1, 1), LineString([(2, 0), (3, 0), (3, 1)])]))
    assert packed["open"] == "01"
    assert packed["lengths"] == [4, 3]
    inner = GeometryCollection([MultiPolygon([box(0, 0, 1, 1), box(2, 2, 3, 3)]), LineString([(5, 5), (6, 6)])])
    assert packed_shapes(degrees([inner]))["parts"] == [3]


def test_shapes_of_a_study_in_metres_are_in_degrees(run):
    layer = result_layers(run)[0]["base_boundary"]
    west, south, east, north = layer.to_crs("EPSG:4326").total_bounds
    points = np.array(unpacked(packed_shapes(layer))[0][0]) / 1e6
    assert np.allclose([*points.min(axis=0), *points.max(axis=0)], [west, south, east, north], atol=1e-6)


def test_cells_keep_what_is_missing_apart():
    assert packed_column(pd.Series([True, None, False], dtype="boolean")) == {"marks": "1-0"}
    assert packed_column(pd.Series([1.0, np.nan, 2.345678, 0.00012345])) == {"numbers": [1, None, 2.35, 0.00012]}
    assert packed_column(pd.Series(["甲", None, "乙", "甲"], dtype="str")) == {
        "words": ["甲", "乙"],
        "at": [0, -1, 1, 0],
    }


def test_a_cost_is_rounded_but_never_over_the_limit():
    costs = pd.Series([299.6, 300.0, 300.4, 300.001, 512.3456, 12.345, np.nan])
    assert packed_costs(costs, 300.0) == [300, 300, 300.4, 300.001, 512, 12.3, None]


def test_classes_are_those_of_the_view():
    frame = pd.DataFrame({"rule": ["a", "a", "b", "a", "a"], "n": [1.0, 2.0, 1.0, np.nan, 9.0]})
    group = Group(id="g", title=Text("组", "group"), kind="rule")
    classes = tuple(
        ViewClass(name=Text("", ""), colour="#000000", **how)
        for how in ({"low": -np.inf, "high": 1.0}, {"low": 1.0, "high": 5.0}, {"missing": True})
    )
    view = View(
        id="v", group=group, title=Text("", ""), table="t", shape="point", kind="graduated", column="n",
        classes=classes, where=(Condition(column="rule", values=("a",)),),
    )  # fmt: skip
    # 9 is in no class, the third row is of another rule
    assert class_marks(view, frame) == "01-2-"
    values = tuple(
        replace(c, value=v, low=None, high=None, missing=False) for c, v in zip(classes, (2.0, 1.0, 9.0), strict=True)
    )
    assert class_marks(replace(view, kind="categorised", classes=values, where=()), frame) == "101-2"


@pytest.fixture(scope="module")
def text(run, tmp_path_factory):
    return written(run, tmp_path_factory.mktemp("page") / "map.html").read_text("utf-8")


def test_the_policy_names_every_script_and_style_by_its_hash(text):
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
    rules = dict(part.split(" ", 1) for part in policy.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["img-src"] == "data:"
    assert set(rules) == {"default-src", "script-src", "style-src", "img-src", "base-uri", "form-action"}

    def hashes(parts):
        return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(p.encode()).digest()).decode()}'" for p in parts)

    assert rules["script-src"] == hashes(re.findall(r"<script>(.*?)</script>", text, re.S))
    assert rules["style-src"] == hashes(re.findall(r"<style>(.*?)</style>", text, re.S))
    assert " style=" not in re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.S)


def test_the_page_carries_the_licence_of_its_library(text):
    assert "Copyright (c) 2010-2023, Volodymyr Agafonkin" in text
    assert "sourceMappingURL" not in text


def test_data_are_json_without_numbers_that_json_does_not_know(text):
    packed = re.search(r'type="application/octet-stream">([^<]*)<', text)[1]
    data = json.loads(zlib.decompress(base64.b64decode(packed), 31), parse_constant=pytest.fail)
    assert data["title"] == ["东风示范区", "Dongfeng sample district"]


def test_the_same_run_gives_the_same_bytes(run, text, tmp_path):
    assert written(run, tmp_path / "map.html").read_bytes() == text.encode()


def test_each_table_is_held_once_whatever_looks_at_it(run):
    layers = result_layers(run)[0]
    held = content(run, layers, views_of(run, layers), {})
    assert len([v for v in held["views"] if v["table"] == "demand"]) == 5
    assert len(held["tables"]["demand"]["steps"]) == 2 * 196


def test_a_huge_study_leaves_distances_to_the_geopackage_and_says_so(run, monkeypatch):
    layers = result_layers(run)[0]
    monkeypatch.setattr("siting.outputs.web.content.MOST_CELLS", 2 * 196 - 1)
    held = content(run, layers, views_of(run, layers), {})
    assert "results.gpkg" in held["notes"][0][0]
    columns = held["tables"]["demand"]["columns"]
    assert "served_toilet_radius_300" in columns
    assert [c for c in columns if c.startswith(("cost_", "facility_"))] == []
    assert [v["id"] for v in held["views"] if v["id"].endswith("_cost")] == []


def test_every_word_is_used_and_known():
    program = "".join(ROOM.joinpath(f"page/{name}.js").read_text("utf-8") for name in SCRIPTS)
    program += ROOM.joinpath("page/page.html").read_text("utf-8")
    used = set(re.findall(r'word\("(\w+)"', program)) | set(re.findall(r'data-word="(\w+)"', program))
    by_name = {"rules", "plans", "themes", "layers", "passes", "fails", "no_verdict", "yes", "no"}
    assert used - set(WORDS) == set()
    assert set(WORDS) - used - by_name == set()


def test_text_never_becomes_html():
    program = "".join(ROOM.joinpath(f"page/{name}.js").read_text("utf-8") for name in SCRIPTS)
    assert (
        re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|bindPopup|fetch\(", program)
        == []
    )
