"""The working CRS: chosen by place, never guessed in silence, its scale error known."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from siting.errors import CRSError
from siting.inputs.coordinates import (
    check_working_crs,
    choose_crs,
    crs_name,
    gauss_kruger,
    inside_china,
    is_web_mercator,
    lonlat_bounds,
    transform_xy,
)

MACAU = (113.528, 22.109, 113.599, 22.221)


def around(lon, lat, half=0.1):
    return (lon - half, lat - half, lon + half, lat + half)


@pytest.mark.parametrize(
    ("place", "bounds", "epsg"),
    [
        ("Macau", MACAU, 4547),
        ("Hong Kong", around(114.17, 22.30), 4547),
        ("Beijing", around(116.4, 39.9), 4548),
        ("Wuxi", around(120.4, 31.5), 4549),
        ("Taipei", around(121.55, 25.05), 4550),
        ("Urumqi", around(87.6, 43.8), 4538),
        ("Kashgar", around(75.99, 39.47), 4534),
        ("Harbin", around(126.6, 45.75), 4551),
        ("Las Palmas", around(-15.43, 28.1), 32628),
        ("Porto Alegre", around(-51.2, -30.0), 32722),
        ("Hanoi", around(105.85, 21.03), 32648),
        ("Seoul", around(127.0, 37.57), 32652),
        ("on the edge of two zones", around(-48.0, -20.0), 32722),
    ],
)
def test_row36_crs_follows_the_centre(place, bounds, epsg):
    chosen = choose_crs(bounds)
    assert chosen.crs.to_epsg() == epsg
    assert f"EPSG:{epsg}" in chosen.reason.en
    assert f"EPSG:{epsg}" in chosen.reason.zh


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(116.4, 39.9), (87.6, 43.8), (91.1, 29.65), (109.5, 18.25), (122.5, 52.97), (120.3, 22.6), (119.57, 23.57),
     (113.55, 22.16), (114.2, 22.3), (130.3, 47.3), (100.8, 22.0), (121.6, 38.9)],
)  # fmt: skip
def test_chinese_cities_are_inside(lon, lat):
    assert inside_china(lon, lat)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(105.85, 21.03), (127.0, 37.57), (106.9, 47.9), (85.3, 27.7), (89.6, 27.47), (131.9, 43.1), (76.9, 43.2),
     (77.2, 28.6), (130.4, 33.6), (96.1, 22.0), (127.7, 26.2), (120.6, 18.2)],
)  # fmt: skip
def test_neighbouring_cities_are_outside(lon, lat):
    assert not inside_china(lon, lat)


@settings(deadline=None)
@given(lon=st.floats(73.5, 136.5))
def test_gauss_kruger_meridian_is_the_nearest(lon):
    meridian = gauss_kruger(lon).coordinate_operation.params[1]
    assert meridian.name == "Longitude of natural origin"
    assert abs(lon - meridian.value) <= 1.5


def test_row36_scale_error_is_known_and_reported():
    # The scale grows as x^2 / (2 R^2) off the meridian; Macau's far edge is 48.7 km west of 114 E: 29 to 33 ppm.
    chosen = choose_crs(MACAU)
    assert chosen.scale_error_ppm == pytest.approx(31, abs=3)
    assert chosen.warning is None
    declared = choose_crs(MACAU, "EPSG:32649")
    assert declared.scale_error_ppm == pytest.approx(489, abs=3)
    assert "lengths by up to 488 ppm" in declared.warning.text.en
    assert declared.warning.kind == "warning"


def test_utm_on_its_central_meridian_does_not_warn():
    assert choose_crs(around(-51.0, -30.0, 0.05)).warning is None


@pytest.mark.parametrize(
    ("crs", "says"),
    [
        pytest.param(4326, "not projected", id="row30-degrees"),
        pytest.param(4490, "not projected", id="row30-cgcs2000-degrees"),
        pytest.param(3857, "Web Mercator", id="row38-3857"),
        pytest.param("ESRI:102100", "Web Mercator", id="row38-esri"),
        pytest.param(
            "+proj=merc +a=6378137 +b=6378137 +units=m +nadgrids=@null +type=crs", "does not fit", id="row38-proj"
        ),
        pytest.param(2263, "US survey foot", id="feet"),
        pytest.param("EPSG:99999", "names no coordinate reference system", id="row39-unknown"),
        pytest.param("GEOGCS[broken", "names no coordinate reference system", id="row39-broken-wkt"),
    ],
)
def test_unusable_working_crs_is_refused(crs, says):
    with pytest.raises(CRSError, match=says):
        choose_crs(MACAU, crs)


def test_row39_custom_projection_without_a_code_is_accepted():
    local = "+proj=tmerc +lat_0=0 +lon_0=113.5 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +type=crs"
    assert choose_crs(MACAU, local).scale_error_ppm < 2


def test_declared_crs_of_another_continent_is_refused():
    with pytest.raises(CRSError, match=r"does not fit 113\.5"):
        choose_crs(MACAU, 32633)


@pytest.mark.parametrize(
    ("bounds", "says"),
    [
        pytest.param((-179.9, -10, 179.9, 10), "antimeridian", id="row21-antimeridian"),
        pytest.param((np.nan, 0, 1, 1), "not finite", id="row22-empty-layer"),
        pytest.param((450000, 2450000, 460000, 2460000), "not west south east north in degrees", id="row28-metres"),
    ],
)
def test_unusable_extent_is_refused(bounds, says):
    with pytest.raises(CRSError, match=says):
        choose_crs(bounds)


def test_row37_x_is_east_whatever_the_authority_says():
    # EPSG:4547 and 4490 list north first; a position that is not symmetric shows a mix-up.
    x, y = transform_xy(CRS(4490), CRS(4547), [113.55], [22.19])
    assert 400_000 < x[0] < 500_000 < 2_000_000 < y[0]
    back = transform_xy(CRS(4547), CRS(4326), x, y)
    assert [b[0] for b in back] == pytest.approx([113.55, 22.19], abs=1e-8)


def test_transform_gives_inf_where_there_is_no_image():
    x, y = transform_xy(CRS(4326), CRS(4547), [22.19], [113.55])
    assert np.isinf([x[0], y[0]]).all()


def test_lonlat_bounds_follow_a_projected_extent():
    west, south, east, north = lonlat_bounds(CRS(4547), (450000, 2445000, 460000, 2458000))
    assert (west, south, east, north) == pytest.approx((113.517, 22.101, 113.615, 22.219), abs=0.004)
    assert lonlat_bounds(CRS(4326), MACAU) == MACAU


def test_names_of_crs():
    assert crs_name(CRS(4547)).startswith("EPSG:4547 (CGCS2000")
    assert is_web_mercator(CRS(3857))
    assert not is_web_mercator(CRS(4547))
    assert check_working_crs("EPSG:4547", "x") == CRS(4547)


def test_the_outline_is_valid():
    from siting.inputs import coordinates

    assert shapely.is_valid(coordinates._china())
