"""Scores of plots, and how far the best places rest on the weights."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from ground import CRS, factor

from siting.errors import InputError
from siting.ledger import Text
from siting.suitability import Exclusion, factor_scores, overlay, score_candidates, sensitivity

X, Y = 500_000, 4_000_000
#   scores         cells of 10 m, upper row first
#   0.2 0.4 0.6
#   0.8  X  1.0
SCORE = [[0.2, 0.4, 0.6], [0.8, 0.5, 1.0]]


@pytest.fixture
def drawn():
    out = Exclusion(name="pond", title=Text("池塘", "pond"), mask=np.array([[0, 0, 0], [0, 1, 0]], dtype=bool))
    return overlay([factor("x", SCORE)], exclusions=[out])


def places(**shapes) -> gpd.GeoDataFrame:
    moved = [shapely.transform(s, lambda xy: xy + np.array([X, Y])) for s in shapes.values()]
    return gpd.GeoDataFrame(geometry=moved, crs=CRS, index=list(shapes))


def test_plots_take_the_mean_by_area_and_points_their_cell(drawn):
    plots = places(
        quarter=shapely.box(0, 0, 10, 20),  # 0.2 and 0.8, half each
        uneven=shapely.box(5, 10, 15, 15).union(shapely.box(10, 10, 20, 15)),  # 25 m2 of 0.2, 50 m2 of 0.4
        half_pond=shapely.box(5, 0, 15, 10),  # 0.8, and half of it water
        pond=shapely.box(12, 2, 18, 8),
        over_the_edge=shapely.box(20, 0, 40, 10),  # 1.0, and half of it outside
        far=shapely.box(900, 900, 910, 910),
        point=shapely.Point(25, 15),
        wet=shapely.Point(15, 5),
    )
    found = score_candidates(drawn, plots)
    nan = np.nan
    np.testing.assert_allclose(found["suitability"], [0.5, 1 / 3, 0.8, nan, 1.0, nan, 0.6, nan], atol=1e-9)
    np.testing.assert_allclose(found["suitability_min"], [0.2, 0.2, 0.8, nan, 1.0, nan, 0.6, nan], atol=1e-9)
    np.testing.assert_allclose(found["suitability_excluded"], [0, 0, 0.5, 1, 0.5, 1, 0, 1], atol=1e-9)
    assert found.index.tolist() == plots.index.tolist()


def test_lines_are_refused(drawn):
    with pytest.raises(InputError, match="no areas or single points"):
        score_candidates(drawn, places(a=shapely.LineString([(0, 0), (10, 10)])))


def test_a_plots_score_is_the_weighed_sum_of_its_factors():
    rng = np.random.default_rng(3)
    made = overlay([factor("x", rng.random((5, 6))), factor("y", rng.random((5, 6)))], {"x": 2, "y": 1})
    plots = places(a=shapely.Point(20, 20).buffer(17), b=shapely.box(31, 3, 55, 44), c=shapely.Point(44, 12))
    parts = factor_scores(made, plots)
    np.testing.assert_allclose(
        score_candidates(made, plots)["suitability"], 2 / 3 * parts["x"] + 1 / 3 * parts["y"], atol=1e-9
    )


#   x: 1.0 0.9 0.0   y: 0.0 0.2 1.0;  weights 0.6 and 0.4: 0.60 0.62 0.40, so b, a, c
#   x up by a fifth: 0.643 and 0.357 -> a 0.643, b 0.650, c 0.357: b, a stay
#   x down by a fifth: 0.545 and 0.455 -> a 0.545, b 0.582, c 0.455: b, a stay
#   x down by three quarters: 0.273 and 0.727 -> a 0.273, b 0.391, c 0.727: c comes in, a goes
def test_moving_weights_shows_which_of_the_best_depend_on_them():
    made = overlay([factor("x", [[1.0, 0.9, 0.0]]), factor("y", [[0.0, 0.2, 1.0]])], {"x": 0.6, "y": 0.4})
    spots = places(a=shapely.Point(5, 5), b=shapely.Point(15, 5), c=shapely.Point(25, 5))
    steady = sensitivity(made, spots, k=2)
    assert steady["kept"].tolist() == [2, 2, 2, 2]
    assert steady["first_stays"].all()
    moved = sensitivity(made, spots, k=2, change=0.75).iloc[0]
    assert (moved["factor"], moved["change"], moved["kept"]) == ("x", -0.75, 1)
    assert (moved["leaving"], moved["entering"], moved["first_stays"]) == ("a", "c", False)
    assert moved["weight"] == pytest.approx(0.15 / 0.55)


def test_cells_are_ranked_where_no_places_are_given():
    made = overlay([factor("x", [[0.1, 0.9], [0.5, 0.3]])])
    assert sensitivity(made, k=1)["kept"].tolist() == [1, 1]


def test_nothing_to_rank_is_said(drawn):
    with pytest.raises(InputError, match="no place has a score"):
        sensitivity(drawn, places(wet=shapely.Point(15, 5)))
