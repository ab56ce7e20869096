"""GCJ-02 and BD-09 against two independent implementations, and round trips."""

import coord_convert.transform as cc
import numpy as np
import prcoords
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.inputs import datum

M_PER_DEG = 111_320.0
# Inland of the shifted rectangle's edge by more than the shift, where every position has exactly one image.
LON = st.floats(72.1, 137.7)
LAT = st.floats(0.9, 55.7)


def grid():
    lon, lat = np.meshgrid(np.linspace(73, 135, 41), np.linspace(18, 53.5, 37))
    return lon.ravel(), lat.ravel()


def metres(a, b):
    return np.hypot((a[0] - b[0]) * np.cos(np.radians(a[1])), a[1] - b[1]) * M_PER_DEG


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (datum.wgs84_to_gcj02, cc.wgs2gcj),
        (datum.gcj02_to_bd09, cc.gcj2bd),
        (datum.wgs84_to_bd09, cc.wgs2bd),
    ],
)
def test_forward_equals_coord_convert(ours, theirs):
    lon, lat = grid()
    expected = np.array([theirs(x, y) for x, y in zip(lon, lat, strict=True)]).T
    assert metres(ours(lon, lat), expected).max() < 1e-6


def test_forward_equals_prcoords():
    lon, lat = grid()
    found = [prcoords.wgs_gcj(prcoords.Coords(y, x), check_china=False) for x, y in zip(lon, lat, strict=True)]
    expected = np.array([[c[1], c[0]] for c in found]).T
    assert metres(datum.wgs84_to_gcj02(lon, lat), expected).max() < 1e-6


def test_inverse_agrees_with_coord_convert_within_its_tolerance():
    lon, lat = grid()
    expected = np.array([cc.gcj2wgs(x, y) for x, y in zip(lon, lat, strict=True)]).T
    assert metres(datum.gcj02_to_wgs84(lon, lat), expected).max() < 0.01  # it stops at steps of 1e-6 degrees


@settings(deadline=None)
@given(lon=LON, lat=LAT)
def test_round_trips_come_back_within_a_micrometre(lon, lat):
    here = (np.array([lon]), np.array([lat]))
    assert metres(datum.gcj02_to_wgs84(*datum.wgs84_to_gcj02(*here)), here).max() < 1e-6
    assert metres(datum.bd09_to_wgs84(*datum.wgs84_to_bd09(*here)), here).max() < 1e-6
    assert metres(datum.wgs84_to_gcj02(*datum.gcj02_to_wgs84(*here)), here).max() < 1e-6
    assert metres(datum.gcj02_to_bd09(*datum.bd09_to_gcj02(*here)), here).max() < 1e-6


def test_shift_in_chinese_cities_has_the_known_size():
    lon, lat = np.array([116.39, 121.47, 113.55]), np.array([39.91, 31.23, 22.19])  # Beijing, Shanghai, Macau
    shift = metres(datum.wgs84_to_gcj02(lon, lat), (lon, lat))
    assert ((shift > 100) & (shift < 700)).all()


@settings(deadline=None)
@given(lon=st.floats(-180, 180), lat=st.floats(-90, 90))
def test_outside_the_rectangle_nothing_changes(lon, lat):
    if datum.is_shifted(lon, lat):
        return
    assert datum.wgs84_to_gcj02(lon, lat) == (lon, lat)
    assert datum.gcj02_to_bd09(lon, lat) == (lon, lat)


def test_no_points_are_no_points():
    empty = np.empty(0)
    assert [a.size for a in datum.bd09_to_wgs84(empty, empty)] == [0, 0]


def test_to_wgs84_by_name():
    lon, lat = datum.wgs84_to_bd09(113.55, 22.19)
    assert metres(datum.to_wgs84(lon, lat, "bd09"), (np.float64(113.55), np.float64(22.19))) < 1e-6
    assert datum.to_wgs84(1.0, 2.0, "wgs84") == (1.0, 2.0)
