"""Answers side by side: sites that the first answer lacks stand out, and every home goes to its site."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from siting import locate
from siting.errors import InputError
from siting.outputs.maps import plot
from siting.outputs.maps.answers_plot import _OTHER_COLOUR


@pytest.fixture(scope="module")
def place():
    rng = np.random.default_rng(3)
    xy, at = rng.random((20, 2)) * 900 + 500_000, rng.random((8, 2)) * 900 + 500_000
    cost = np.hypot(*(xy[:, None] - at[None]).transpose(2, 0, 1)).round()
    homes, candidates = (gpd.GeoDataFrame(geometry=shapely.points(p), crs=32650) for p in (xy, at))
    return cost, homes, candidates


@pytest.fixture(scope="module")
def results(place):
    cost = place[0]
    weight = np.ones(len(cost))
    return {"mclp": locate.mclp(cost, weight, 200.0, 2), "p_median": locate.p_median(cost, weight, 3)}


def test_every_served_home_has_a_way_and_new_sites_stand_out(place, results):
    _, homes, candidates = place
    for ax, result in zip(plot.answers(results, candidates, homes), results.values(), strict=True):
        ways = next(c for c in ax.collections if isinstance(c, LineCollection) and len(c.get_segments()))
        assert len(ways.get_segments()) == (result.assignment >= 0).sum()
        dots = {line.get_markerfacecolor(): len(line.get_xdata()) for line in ax.lines if line.get_marker() == "o"}
        assert dots[_OTHER_COLOUR] == len(set(result.sites) - set(results["mclp"].sites))
        assert sum(dots.values()) == len(result.sites)


def test_the_names_and_both_languages_are_written(place, results):
    _, homes, candidates = place
    row = plot.answers(results, candidates, homes, lang="en")
    assert any("mclp" in t.get_text() for t in row[0].texts)
    legend = row[0].figure.legends[0]
    assert any("site that the first map lacks" in t.get_text() and "选点" in t.get_text() for t in legend.get_texts())


def test_it_draws_into_given_axes(place, results):
    _, homes, candidates = place
    given = Figure(figsize=(9, 5)).subplots(1, 2)
    assert plot.answers(results, candidates, homes, given).tolist() == given.tolist()


def test_layers_of_another_question_are_refused(place, results):
    _, homes, candidates = place
    with pytest.raises(InputError, match="demand rows"):
        plot.answers(results, candidates, homes.iloc[:5])
    with pytest.raises(InputError, match="results is empty"):
        plot.answers({}, candidates, homes)
