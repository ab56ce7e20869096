"""Repair of geometries: every row is used, or listed, or refused."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import from_wkt

from siting.errors import GeometryError
from siting.inputs.geometry import parts_of_dimension, repair_geometries

SQUARE = "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))"


def layer(*wkt):
    geometry = [None if w is None else from_wkt(w) if isinstance(w, str) else w for w in wkt]
    index = [f"Z{k}" for k in range(len(geometry))]
    return gpd.GeoDataFrame({"a": range(len(geometry))}, geometry=geometry, crs=4547, index=index)


def codes(findings):
    return [(f.code, f.kind, f.count) for f in findings]


#   bow-tie: two triangles of 1      nested: a ring drawn twice counts once      hole outside its shell: a second part
@pytest.mark.parametrize(
    ("wkt", "area"),
    [
        pytest.param("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))", 2.0, id="row1-bow-tie"),
        pytest.param("POLYGON ((0 0, 10 0, 10 10, 0 10, 0 5, -5 5, 0 5, 0 0))", 100.0, id="row2-spike"),
        pytest.param(
            "MULTIPOLYGON (((0 0, 10 0, 10 10, 0 10, 0 0)), ((2 2, 4 2, 4 4, 2 4, 2 2)))", 100.0, id="row3-nested"
        ),
        pytest.param(
            "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), (20 20, 22 20, 22 22, 20 22, 20 20))",
            104.0,
            id="row3-hole-outside",
        ),
        pytest.param(
            "MULTIPOLYGON (((0 0, 10 0, 10 10, 0 10, 0 0)), ((0 0, 10 0, 10 10, 0 10, 0 0)))", 100.0, id="row3-twice"
        ),
    ],
)
def test_invalid_polygons_are_repaired_and_counted(wkt, area):
    frame, findings = repair_geometries(layer(SQUARE, wkt), "polygon", "zones")
    assert frame.geometry.is_valid.all()
    assert frame.geometry.iloc[1].area == pytest.approx(area)
    assert codes(findings) == [("invalid_polygon", "repaired", 1)]
    assert findings[0].ids == ("Z1",)
    with pytest.raises(GeometryError, match=r"zones: 1 invalid polygons \(ids Z1"):
        repair_geometries(layer(SQUARE, wkt), "polygon", "zones", repair=False)


@pytest.mark.parametrize(
    ("kind", "wkt", "code"),
    [
        pytest.param("polygon", "POLYGON ((0 0, 1 1, 2 2, 0 0))", "zero_area", id="row6-zero-area"),
        pytest.param("line", "LINESTRING (1 1, 1 1)", "zero_length", id="row6-zero-length"),
        pytest.param("polygon", None, "null_geometry", id="row7-null"),
        pytest.param("polygon", "POLYGON EMPTY", "null_geometry", id="row7-empty"),
        pytest.param("polygon", "GEOMETRYCOLLECTION (POINT (1 1))", "collection_without_part", id="row13-no-part"),
    ],
)
def test_unusable_rows_are_dropped_and_listed_or_refused_with_people(kind, wkt, code):
    good = SQUARE if kind == "polygon" else "LINESTRING (0 0, 1 1)"
    frame, findings = repair_geometries(layer(good, wkt), kind, "zones")
    assert list(frame.index) == ["Z0"]
    assert [f.ids for f in findings if f.kind == "dropped"] == [("Z1",)]
    assert code in {f.code for f in findings}
    with pytest.raises(GeometryError, match=r"zones: 1 rows .* hold 12 people \(ids Z1\)"):
        repair_geometries(layer(good, wkt), kind, "zones", weight=np.array([5.0, 12.0]))


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(shapely.Point(np.nan, 1), id="row8-nan"),
        pytest.param(shapely.Point(np.inf, 1), id="row9-infinite"),
        pytest.param(shapely.Point(1, -np.inf), id="row9-minus-infinite"),
    ],
)
def test_coordinates_that_are_not_finite_are_refused(bad):
    with pytest.raises(GeometryError, match=r"1 geometries have coordinates that are NaN or infinite \(ids Z1\)"):
        repair_geometries(layer("POINT (1 1)", bad), "point", "toilets")


def test_row11_height_is_left_out():
    frame, findings = repair_geometries(layer("POINT Z (1 2 3)", "POINT (1 2)"), "point", "toilets")
    assert not frame.geometry.has_z.any()
    assert codes(findings) == [("height_dropped", "note", 1)]


def test_row12_measures_are_dropped_with_a_warning():
    frame, findings = repair_geometries(layer("LINESTRING ZM (0 0 1 5, 3 4 2 9)"), "line", "streets")
    assert frame.geometry.iloc[0].length == 5.0
    assert not shapely.has_m(frame.geometry.values).any()
    assert {f.code: f.kind for f in findings} == {"height_dropped": "note", "measure_dropped": "warning"}


def test_row13_collections_keep_the_parts_of_the_layers_kind():
    wkt = f"GEOMETRYCOLLECTION (POINT (1 1), {SQUARE}, GEOMETRYCOLLECTION (LINESTRING (0 0, 1 1)))"
    frame, findings = repair_geometries(layer(wkt), "polygon", "zones")
    assert frame.geometry.iloc[0].equals(from_wkt(SQUARE))
    assert codes(findings) == [("collection_exploded", "repaired", 1)]
    assert "2 other parts" in findings[0].text.en


def test_row13_of_any_kind_the_highest_dimension_stays():
    part, left_out = parts_of_dimension(from_wkt(f"GEOMETRYCOLLECTION (POINT (1 1), {SQUARE})"), None)
    assert (part.geom_type, left_out) == ("Polygon", 1)


def test_row14_mixed_kinds_are_refused_with_their_counts():
    mixed = layer("POINT (1 1)", SQUARE, SQUARE, "LINESTRING (0 0, 1 1)")
    with pytest.raises(GeometryError, match=r"expected points, found 1 points, 1 lines, 2 polygons \(ids Z1, Z2, Z3\)"):
        repair_geometries(mixed, "point", "demand")


def test_row14_and_16_polygons_become_points_inside_when_asked():
    ring = "POLYGON ((0 0, 30 0, 30 30, 0 30, 0 0), (5 5, 25 5, 25 25, 5 25, 5 5))"
    frame, findings = repair_geometries(layer("POINT (1 1)", ring), "point", "demand", as_points=True)
    assert frame.geometry.geom_type.tolist() == ["Point", "Point"]
    assert from_wkt(ring).contains(frame.geometry.iloc[1])
    assert codes(findings) == [("represented_by_point", "repaired", 1)]


def test_row15_points_of_several_parts_are_refused():
    with pytest.raises(GeometryError, match=r"1 rows are points with several parts \(ids Z1\)"):
        repair_geometries(layer("POINT (1 1)", "MULTIPOINT (1 1, 2 2)"), "point", "candidates")


def test_row15_a_multipoint_of_one_is_a_point():
    frame, findings = repair_geometries(layer("MULTIPOINT (1 2)"), "point", "candidates")
    assert frame.geometry.iloc[0].equals(shapely.Point(1, 2))
    assert not findings


def test_the_layer_given_is_not_changed():
    frame = layer("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))", None)
    before = frame.copy()
    repair_geometries(frame, "polygon", "zones")
    assert frame.geometry.isna().tolist() == [False, True]
    assert frame.geometry.iloc[0].equals_exact(before.geometry.iloc[0], 0)


def test_a_repair_that_leaves_parts_side_by_side_joins_them():
    ring = [(0, 1), (0, 0), (1, 0), (0, 1), (0, 2), (1, 0)]  # the edge from (0, 1) to (1, 0) is walked twice
    frame, findings = repair_geometries(layer(shapely.Polygon(ring)), "polygon", "zones")
    assert frame.geometry.iloc[0].equals(shapely.Polygon([(0, 0), (0, 2), (1, 0)]))
    assert [f.code for f in findings] == ["invalid_polygon"]


RINGS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=7)


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), RINGS), min_size=1, max_size=6))
def test_rows_in_are_rows_out_plus_rows_listed(rings):
    polygons = [None if r is None else shapely.Polygon(r) for r in rings]
    frame, findings = repair_geometries(layer(*polygons), "polygon", "zones")
    assert len(frame) + sum(f.count for f in findings if f.kind == "dropped") == len(polygons)
    assert frame.geometry.is_valid.all()
    assert (frame.geometry.area > 0).all()
    assert set(frame.geometry.geom_type) <= {"Polygon", "MultiPolygon"}
