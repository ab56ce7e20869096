"""Parks of a circle: their width, their size, and the green that a person has."""

import numpy as np
import pandas as pd
import pytest
import shapely
from small_district import district, places
from street_drawing import areas

from siting.themes.living_circle import audit_living_circle
from siting.themes.living_circle.parks import park_width_m

SQUARE = shapely.box(0, 0, 60, 60)
STRIP_ROUND_A_BEND = shapely.union(shapely.box(0, 0, 200, 20), shapely.box(0, 0, 20, 200))
LAKE = shapely.difference(shapely.box(0, 0, 100, 100), shapely.box(20, 20, 80, 80))


@pytest.mark.parametrize(
    ("shape", "width"),
    [
        (SQUARE, 60),
        (shapely.box(0, 0, 500, 12), 12),
        # Two arms of 20 m: the circle in their corner touches both outer sides and the inner corner. The box says 200.
        (STRIP_ROUND_A_BEND, 4 * 20 * (1 - np.sqrt(0.5))),
        (LAKE, 4 * 20 * (1 - np.sqrt(0.5))),
        (shapely.MultiPolygon([SQUARE, shapely.box(200, 0, 230, 30)]), 60),
    ],
    ids=["square", "strip", "bend", "lake", "parts"],
)
def test_width_is_the_largest_circle_inside(shape, width):
    assert park_width_m(np.array([shape], dtype=object))[0] == pytest.approx(width, abs=1.0)


@pytest.fixture(scope="module")
def found():
    parks = areas(
        square=shapely.box(0, -110, 100, -10),  # 1 ha, 100 m wide, 10 m south of A
        strip=shapely.box(320, -35, 720, -10),  # 1 ha, 25 m wide
        small=shapely.box(610, 210, 660, 260),  # 0.25 ha, beside C - F
    ).assign(**{"class": "park_green", "name": ["方园", "带园", "小园"]})
    facilities = places()
    return audit_living_circle(district(facilities=pd.concat([facilities, parks])))


def test_size_and_width_of_each_tier(found):
    table = found.parks
    assert table["area_m2"].tolist() == [10_000, 10_000, 2_500]
    assert table["width_m"].iloc[:2].tolist() == pytest.approx([100, 25], abs=0.6)
    # 10 minutes: 1 ha and 50 m wide; 5 minutes: 0.4 ha, and no width that was read; 15 minutes: 5 ha.
    assert table["fits_15min"].tolist() == [False, False, False]
    assert table["fits_10min"].tolist() == [True, False, False]
    assert table["fits_5min"].tolist() == [True, True, False]
    assert [None if pd_na else t for t, pd_na in zip(table["tier"], table["tier"].isna(), strict=True)] == [
        "10min", "5min", None,
    ]  # fmt: skip


def test_green_of_the_circles(found):
    rows = found.circles
    # From (100, 0) the square is beside the centre, the strip 220 m away, the small park 500 + 210 = 710 m and more.
    west = rows.loc["west/5"]
    assert (west["parks_reached"], west["parks_fit"], west["park_largest"]) == (2, 2, "方园")
    assert west["green_m2"] == 20_000
    assert west["green_per_person_m2"] == pytest.approx(20_000 / 150)
    assert west["green_inside_m2"] < 20_000
    assert west["green_least_m2"] == 1.0
    ten = rows.loc["west/10"]
    assert (ten["parks_reached"], ten["parks_fit"]) == (2, 1)
    assert ten["tier_green_m2"] == 20_000
    assert rows.loc["west/15", "parks_reached"] == 3
    assert rows.loc["west/15", "parks_fit"] == 0
    assert rows.loc["west/15", "tier_green_m2"] == 0
