"""Kerb spaces against the footway: judged where widths are known, listed where they are not."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from siting.errors import InputError, SchemaError
from siting.standards import load_catalogue
from siting.themes.parking.kerb import kerb_spaces, kerbs_on_footways
from siting.themes.parking.kerb_shown import kerb_themed

CRS = "EPSG:32650"


def kerbs(rows):
    """Draw kerb spaces: footway width, what cars take of it, tags."""
    ids = [f"K{k}" for k in range(len(rows))]
    return gpd.GeoDataFrame(
        {
            "class": "street_parking",
            "footway_m": [row[0] for row in rows],
            "kerb_on_footway_m": [row[1] for row in rows],
            "tags": [None if row[2] is None else json.dumps(row[2]) for row in rows],
        },
        geometry=[Point(10 * k, 0) for k in range(len(rows))], crs=CRS, index=pd.Index(ids, name="id"),
    )  # fmt: skip


def test_the_clause_asks_for_two_and_a_half_metres():
    """What is left decides; on the limit is enough; a footway too narrow without cars is too narrow with them."""
    layer = kerbs(
        [
            (4.0, 1.5, None),  # 2.5 left: enough
            (4.0, 1.6, None),  # 2.4 left
            (2.0, None, {"parking": "on_kerb"}),  # too narrow whatever cars take
            (3.0, None, {"parking": "lane"}),  # cars stand on the carriageway
            (3.0, None, {"parking": "half_on_kerb"}),  # how much they take is not known
            (None, 1.0, None),
            ("约三米", 0.0, None),
            (None, None, {"parking": "lane", "sidewalk:width": "2.2 m"}),
        ]
    )
    found = kerbs_on_footways(layer, load_catalogue())
    assert found.rule.id == "walk.footway_width"
    assert found.kerbs["state"].tolist() == [
        "clear", "blocks", "blocks", "clear", "unknown", "unknown", "unknown", "blocks",
    ]  # fmt: skip
    assert found.kerbs["clear_m"].iloc[[0, 1]].tolist() == pytest.approx([2.5, 2.4])
    told = {f.code: f for f in found.findings}
    assert {code: f.count for code, f in told.items()} == {"kerb_blocks": 3, "kerb_unknown": 3, "footway_m_not_read": 1}
    assert "“约三米”" in told["footway_m_not_read"].text.zh
    assert "footway_m" in told["kerb_unknown"].text.en
    shown = kerb_themed(found)
    assert shown.figures["blocks"] + shown.figures["clear"] + shown.figures["unknown"] == len(layer)
    assert "6.0.3" in shown.layers[0].note.en


def test_lots_that_are_no_kerb_are_not_looked_at():
    layer = kerbs([(1.0, 1.0, None)]).assign(**{"class": "public_parking", "kind": "surface"})
    assert len(kerbs_on_footways(layer, load_catalogue()).kerbs) == 0


def test_spaces_of_a_kerb():
    """Stated, by length (60 m at 6 m: 10), or listed."""
    layer = gpd.GeoDataFrame(
        {"spaces": ["12", None, "若干"]},
        geometry=[Point(0, 0), LineString([(0, 0), (60, 0)]), Point(5, 5)], crs=CRS, index=["a", "b", "c"],
    )  # fmt: skip
    points, found = kerb_spaces(layer, layer.crs, 6.0)
    assert points["spaces"].to_dict() == {"a": 12, "b": 10}
    assert (found[0].code, found[0].count) == ("kerb_spaces", 1)
    with pytest.raises(InputError, match="kerb_m_per_space"):
        kerb_spaces(layer.drop(columns="spaces"), layer.crs, None)
    assert np.all(points.geometry.geom_type == "Point")


def test_texts_of_kerb_spaces_are_read_and_the_rest_listed():
    """Texts "10个" and "约5" are numbers; a negative and an absurd one are listed as they are, not taken by length."""
    lines = [LineString([(100 * k, 0), (100 * k + 60, 0)]) for k in range(5)]
    kerb = gpd.GeoDataFrame(
        {"spaces": ["10个", "约5", "-3", "1e9", None]}, geometry=lines, crs="EPSG:32650", index=list("abcde")
    )
    points, found = kerb_spaces(kerb, kerb.crs, 6.0)
    assert points["spaces"].to_dict() == {"a": 10, "b": 5, "e": 10}
    assert (found[0].count, found[0].ids) == (2, ("c", "d"))
    assert "c：“-3”；d：“1e9”" in found[0].text.zh
    with pytest.raises(SchemaError, match="kerb_m_per_space is -1, expected a number above 0"):
        kerb_spaces(kerb, kerb.crs, -1)


def test_kerbs_of_unknown_width_say_what_is_wanted():
    """All unknown: none is judged, which the headline says with the columns that would change it."""
    lots = gpd.GeoDataFrame(
        {"class": ["street_parking"] * 2}, geometry=[Point(0, 0), Point(9, 0)], crs="EPSG:32650", index=["a", "b"]
    )
    line = kerb_themed(kerbs_on_footways(lots, load_catalogue())).headlines[0]
    assert line.zh.startswith("路内停车 2 处：人行道宽度均不详，一处也未评判（宽度不详：2 处）。评判须提供")
    assert "width unknown: 2" in line.en
    assert "footway_m" in line.en
