"""Kerb spaces against the footway: judged where widths are known, listed where they are not."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from siting.errors import InputError
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
    assert {f.code: f.count for f in found.findings} == {"kerb_blocks": 3, "kerb_unknown": 3}
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
