"""Diagrams: every plan at its place, bounds where something is not proved, both languages, no box for a character."""

import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from siting import locate
from siting.errors import InputError
from siting.locate.solver import Progress
from siting.outputs.charts.closing_gap import closing_gap
from siting.outputs.charts.trade_off import trade_off
from siting.outputs.fonts import missing_characters

HISTORY = [Progress(value=v, bound=b, gap=(b - v) / v, seconds=t) for t, v, b in [(0, 80, 120), (1, 95, 110)]]


@pytest.fixture(scope="module")
def square():
    rng = np.random.default_rng(2)
    homes, places = rng.random((50, 2)) * 1000, rng.random((12, 2)) * 1000
    cost = np.hypot(*(homes[:, None] - places[None]).transpose(2, 0, 1)).round()
    return cost, rng.integers(1, 20, 50).astype(float), rng.integers(1, 50, 12) * 1.0


@pytest.fixture(scope="module")
def curves(square):
    cost, weight, prices = square
    return {
        "count": locate.trade_off(locate.mclp, cost, weight, 250.0, 5),
        "cost": locate.trade_off(locate.budget_cover, cost, weight, 250.0, prices, points=5),
        "worst": locate.trade_off(locate.p_median, cost, weight, 4),
        "median": locate.trade_off(locate.p_median, cost, weight, 4, against="count"),
    }


def words(ax):
    return [
        ax.get_title("left"), ax.get_xlabel(), ax.get_ylabel(), *(t.get_text() for t in ax.texts),
        *(t.get_text() for t in ax.get_legend().get_texts()),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["count", "cost", "worst", "median"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_word_is_in_both_languages_and_can_be_drawn(curves, kind, lang):
    ax = trade_off(curves[kind], lang=lang)
    said = words(ax)
    assert missing_characters(said) == set()
    for text in (said[0], *said[1:3]):
        assert any("\u4e00" <= c <= "\u9fff" for c in text)
        assert any(c.isascii() and c.isalpha() for c in text)
    assert ("\u4e00" <= said[0][0] <= "\u9fff") == (lang == "zh")
    image = imread(io.BytesIO(ax._repr_png_()), format="png")
    assert min(image.shape[:2]) > 400


def test_points_stand_where_they_belong(curves):
    curve = curves["count"]
    ax = trade_off(curve)
    dots = {tuple(xy) for line in ax.lines if line.get_marker() == "o" for xy in line.get_xydata()}
    assert dots == {(p.takes, p.achieves / curve.total) for p in curve.efficient}
    step = next(line for line in ax.lines if line.get_drawstyle() == "steps-post")
    assert step.get_xydata()[0].tolist() == [0.0, curve.before / curve.total]
    assert len(step.get_xydata()) == 1 + len(curve.efficient)


def test_what_is_not_proved_is_drawn_hollow_and_said(curves):
    ax = trade_off(curves["cost"], lang="en")
    assert not curves["cost"].complete
    assert any("there may be others between them" in text for text in words(ax))
    hollow = [len(line.get_xydata()) for line in ax.lines if line.get_markerfacecolor() == "none"]
    assert sum(hollow) == sum(not p.proved for p in curves["cost"].efficient) > 0


def test_it_draws_into_given_axes(curves):
    ax = Figure(figsize=(5, 4)).subplots()
    assert trade_off(curves["worst"], ax) is ax
    assert closing_gap(HISTORY, ax) is ax


def test_value_and_bound_close_in():
    ax = closing_gap(HISTORY)
    bound, value = (line.get_ydata().tolist() for line in ax.lines if line.get_drawstyle() == "steps-post")
    assert (bound, value) == ([120, 110], [80, 95])
    assert any("50.0%" in text and "15.8%" in text for text in words(ax))
    assert missing_characters(words(ax)) == set()


def test_a_search_that_told_nothing_has_no_picture():
    with pytest.raises(InputError, match=r"progress=history\.append"):
        closing_gap([])
