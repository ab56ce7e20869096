"""Residential land inside the service radii of parks of several size classes: each class its own radius, united first.

land 0 … 1000 m, 100 m wide     large park at 0 (500 m)          small park at 700 (300 m)
|####################|          reaches 0 … 500                  reaches 400 … 1000: together all of it
"""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import box

from siting.access import nearest_straight
from siting.coverage import prepare_land
from siting.coverage.land_served import BUFFER_QUAD_SEGS, Radius, served_by_radii_dm2

CRS = "EPSG:32650"


def parks(*shapes):
    return gpd.GeoDataFrame(geometry=list(shapes), crs=CRS, index=[f"p{i}" for i in range(len(shapes))])


def radius(land, facilities, limit_m):
    distance = np.full(len(land), np.inf)
    if len(facilities):
        distance = nearest_straight(land.points, facilities)["cost"].to_numpy()
    return Radius(facilities, distance, limit_m)


def served_m2(land, *classes):
    return served_by_radii_dm2(land, [radius(land, layer, limit) for layer, limit in classes]).sum() / 100


@pytest.fixture
def strip():
    return prepare_land(gpd.GeoDataFrame(geometry=[box(0, 0, 1000, 100)], crs=CRS))


def test_each_class_has_its_own_radius_and_land_of_both_counts_once(strip):
    large, small = parks(box(-50, 0, 0, 100)), parks(box(700, 0, 710, 100))
    assert served_m2(strip, (large, 500.0)) == pytest.approx(50_000, rel=1e-6)
    assert served_m2(strip, (small, 300.0)) == pytest.approx(60_000, rel=1e-6)
    assert served_m2(strip, (large, 500.0), (small, 300.0)) == pytest.approx(100_000, rel=1e-6)


def test_a_class_without_parks_adds_nothing(strip):
    large = parks(box(-50, 0, 0, 100))
    assert served_m2(strip, (large, 500.0), (parks(), 300.0)) == served_m2(strip, (large, 500.0))
    assert served_m2(strip) == 0


@pytest.mark.parametrize("seed", range(4))
def test_an_independent_overlay_gives_the_same(seed):
    random = np.random.default_rng(seed)
    x, y = random.uniform(0, 2000, (2, 12))
    homes = gpd.GeoDataFrame(geometry=[box(a, b, a + 180, b + 140) for a, b in zip(x, y, strict=True)], crs=CRS)
    land = prepare_land(homes)
    a, b = random.uniform(0, 2000, (2, 8))
    every = [box(p, q, p + 60, q + 40) for p, q in zip(a, b, strict=True)]
    large, small = parks(*every[:4]), parks(*every[4:])
    circles = [shapely.buffer(large.geometry.to_numpy(), 500, quad_segs=BUFFER_QUAD_SEGS),
               shapely.buffer(small.geometry.to_numpy(), 300, quad_segs=BUFFER_QUAD_SEGS)]  # fmt: skip
    expected = shapely.union_all(homes.geometry).intersection(shapely.union_all(np.concatenate(circles))).area
    assert served_m2(land, (large, 500.0), (small, 300.0)) == pytest.approx(expected, rel=1e-6, abs=2)
