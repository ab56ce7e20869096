"""Maps in a notebook: shown without pyplot, filled from a run, nothing hidden by the legend."""

import io
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.legend import Legend

from siting.outputs.maps import plot
from siting.outputs.maps.frame import ZONES_SHOWN

WHOLE = {"coverage": "toilet.radius-300", "plan": "more_toilets"}


def drawn(kind, finished, ax=None, **more):
    results = finished.audits if kind == "coverage" else finished.plans
    return getattr(plot, kind)(results[WHOLE[kind]], ax, **more)


def picture(ax):
    canvas = ax.figure.canvas
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


@pytest.mark.parametrize("kind", WHOLE)
def test_a_cell_that_ends_with_a_map_shows_it(run, kind):
    ax = drawn(kind, run, run=run)
    for shown in (ax, ax.figure):
        image = imread(io.BytesIO(shown._repr_png_()), format="png")
        assert image.shape[0] > 600
        assert np.unique(image.reshape(-1, image.shape[2]), axis=0).shape[0] > 50


def test_a_run_gives_what_else_is_named_one_by_one(run):
    zones = plot.outlined_zones(run.zones)
    by_name = drawn("coverage", run, base=run.base, gaps=run.gaps, zones=zones, lang=run.lang)
    assert (picture(drawn("coverage", run, run=run)) == picture(by_name)).all()
    plan = run.plans[WHOLE["plan"]]
    own = run.facilities[run.facilities["class"].isin(plan.facility)]
    by_name = drawn("plan", run, base=run.base, demand=run.demand, facilities=own, zones=zones, lang=run.lang)
    assert (picture(drawn("plan", run, run=run)) == picture(by_name)).all()


def test_what_is_named_goes_before_the_run(run):
    none = drawn("coverage", run, run=run, gaps=run.gaps.iloc[:0], lang="en")
    assert not any("G01" in text.get_text() for text in none.texts)
    assert none.get_title("left").startswith(run.audits[WHOLE["coverage"]].rule.name.en)


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("size", [(9.0, 7.0), (5.0, 7.0), (4.0, 6.0)])
def test_the_legend_lies_beside_the_map_and_is_no_wider(run, kind, size):
    ax = Figure(figsize=size, dpi=100).subplots()
    drawn(kind, run, ax, run=run)
    box = next(c for c in ax.get_children() if isinstance(c, Legend)).get_window_extent()
    assert box.y1 <= ax.get_window_extent().y0
    assert box.width <= ax.get_window_extent().width


def test_chinese_titles_are_drawn_into_an_axes_made_before(run):
    # An Axes brings its title along, with the font of the time it was made; a missing glyph is a warning, so an error.
    ax = Figure(figsize=(8, 6), dpi=100).subplots()
    drawn("coverage", run, ax, run=run, lang="zh")
    ax.figure.draw_without_rendering()
    assert "Noto" in " ".join(ax._left_title.get_fontfamily())


def test_only_a_level_of_few_zones_is_outlined(run):
    level, zones = next(iter(run.zones.items()))
    many = zones.iloc[np.arange(ZONES_SHOWN + 1) % len(zones)]
    assert plot.outlined_zones({"blocks": many, level: zones}) is zones
    assert plot.outlined_zones({"blocks": many, "none": zones.iloc[:0]}) is None


def test_a_rule_that_was_not_judged_shows_the_city_also_where_there_is_no_boundary(run):
    base = replace(run.base, boundary=None)
    ax = drawn_not_judged(run, base)
    west, south, east, north = run.demand.total_bounds
    assert ax.get_xlim()[0] < west < east < ax.get_xlim()[1]
    assert ax.get_ylim()[0] < south < north < ax.get_ylim()[1]


def drawn_not_judged(finished, base):
    audit = next(a for a in finished.audits.values() if not a.judged)
    return plot.coverage(audit, base=base, run=finished)
