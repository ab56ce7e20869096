"""Maps: drawn into the Axes that is given, readable, without changing any setting."""

from dataclasses import replace

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from siting.ledger import Text
from siting.outputs.contract import MapBase
from siting.outputs.maps import plot
from siting.outputs.maps.base import fit_extent, polygons
from siting.outputs.maps.furniture import place_labels, round_length
from siting.outputs.maps.pages import coverage_map
from siting.outputs.maps.panel import text_width, wrap
from siting.outputs.maps.style import percent
from siting.outputs.maps.words import coverage_headline, plan_headline, served_masks
from siting.outputs.palette import NEWLY_SERVED, SERVED, UNSERVED


@pytest.fixture
def ax():
    figure = Figure(figsize=(8, 6), dpi=100)
    FigureCanvasAgg(figure)
    return figure.add_axes((0.1, 0.1, 0.8, 0.8))


def pixels(ax):
    canvas = ax.figure.canvas
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[:, :, :3].astype(int)


def count(ax, colour, near=24):
    wanted = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
    return int((np.abs(pixels(ax) - wanted).max(axis=2) <= near).sum())


def test_the_axes_given_is_returned_and_settings_stay(run, ax):
    before = dict(mpl.rcParams)
    audit = run.audits["toilet.radius-300"]
    assert plot.coverage(audit, ax, run.base, run.gaps) is ax
    assert plot.plan(run.plans["more_toilets"], ax, run.base, demand=run.demand) is ax
    assert dict(mpl.rcParams) == before


def test_without_an_axes_a_figure_is_made_that_can_be_saved(run, tmp_path):
    ax = plot.coverage(run.audits["park.radius.500"])
    ax.figure.savefig(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 10_000


def test_served_and_unserved_are_seen_in_their_numbers(run, ax):
    audit = run.audits["toilet.radius-300"]
    plot.coverage(audit, ax, legend=False)
    served, unserved = count(ax, SERVED), count(ax, UNSERVED)
    assert unserved / served == pytest.approx(150 / 46, rel=0.15)  # 46 of 196 points are served


def test_buildings_with_the_ids_of_demand_are_filled(run, ax):
    audit = run.audits["toilet.radius-300"]
    homes = run.base.buildings.set_axis(list(audit.demand.index))
    plot.coverage(audit, ax, replace(run.base, buildings=homes), legend=False)
    x = np.diff(ax.get_xlim())[0] / ax.get_window_extent().width
    assert count(ax, UNSERVED) == pytest.approx(150 * (50 / x) ** 2, rel=0.2)  # 150 buildings of 50 m x 50 m


def test_a_plan_shows_who_is_newly_served(run, ax):
    plan = run.plans["more_toilets"]
    before, after = served_masks(plan, run.demand, None)
    plot.plan(plan, ax, demand=run.demand, legend=False)
    assert (~before & after).sum() == len(plan.unserved_before) - len(plan.unserved_after)
    shown = count(ax, NEWLY_SERVED) / count(ax, UNSERVED)
    assert shown == pytest.approx((~before & after).sum() / (~after).sum(), rel=0.25)


def test_before_comes_from_the_audit_where_the_plan_does_not_keep_it(run):
    plan = replace(run.plans["more_toilets"], unserved_before=None)
    audit = run.audits["toilet.radius-300"].demand
    kept = served_masks(run.plans["more_toilets"], run.demand, None)
    assert (served_masks(plan, run.demand, audit.sample(frac=1, random_state=1))[0] == kept[0]).all()
    nothing = served_masks(plan, run.demand, None)
    assert (nothing[0] == nothing[1]).all()


def test_a_metre_is_a_metre_and_everything_is_inside(run, ax):
    x0, y0, x1, y1 = fit_extent(ax, [run.demand])
    box = ax.get_window_extent()
    assert (x1 - x0) / box.width == pytest.approx((y1 - y0) / box.height)
    bounds = run.demand.total_bounds
    assert x0 < bounds[0] < bounds[2] < x1
    assert y0 < bounds[1] < bounds[3] < y1


def test_a_single_point_still_gives_a_map(run, ax):
    one = replace(run.audits["toilet.radius-300"], demand=run.audits["toilet.radius-300"].demand.iloc[:1])
    plot.coverage(one, ax, run.base)
    assert np.diff(ax.get_xlim())[0] > 400


def test_holes_stay_open(ax):
    ring = shapely.box(0, 0, 10, 10).difference(shapely.box(3, 3, 7, 7))
    polygons(
        ax,
        np.array([ring, shapely.MultiPolygon([shapely.box(20, 0, 22, 2), shapely.box(23, 0, 25, 2)])]),
        facecolor="red",
    )
    ax.set(xlim=(0, 25), ylim=(0, 25))
    ax.axis("off")
    red = (pixels(ax) == [255, 0, 0]).all(axis=2).sum()
    box = ax.get_window_extent()
    assert red / (box.width * box.height) == pytest.approx((100 - 16 + 8) / 625, rel=0.05)


@given(st.floats(0.5, 500_000))
def test_scale_bars_are_round_and_not_too_long(longest):
    length = round_length(longest)
    assert longest / 2.5 - 1e-9 <= length <= longest * (1 + 1e-9)
    assert f"{length:.0e}"[0] in "125"


@given(seed=st.integers(0, 50), n=st.integers(1, 14))
def test_labels_never_lie_on_one_another(seed, n):
    figure = Figure(figsize=(6, 4), dpi=100)
    canvas = FigureCanvasAgg(figure)
    ax = figure.add_axes((0, 0, 1, 1))
    xy = np.random.default_rng(seed).random((n, 2)) * 0.3 + 0.3
    placed = place_labels(ax, [f"G{k:02d} 1,234" for k in range(n)], xy)
    canvas.draw()
    boxes = [label.get_bbox_patch().get_window_extent() for label in placed]
    assert len(placed) >= min(n, 6)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(ax.get_window_extent().contains(*corner) for box in boxes for corner in box.corners())


@given(st.text(alphabet="公园 abc，。500 ", max_size=60))
@example("00。。。。。。。。，，，，")
def test_wrapping_keeps_every_character(text):
    lines = wrap(text, 80, 8)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(text_width(line, 8) <= 80 + 3 * 8 for line in lines if " " in line or not line.isascii())


def test_a_bracket_opens_with_what_it_holds():
    lines = wrap("公园公园公园公园公（园公园）", 80, 8)  # ten characters a line: the tenth is the bracket
    assert lines == ["公园公园公园公园公", "（园公园）"]
    assert wrap("（" * 12, 80, 8) == ["（" * 10, "（（"]


def test_shares_are_never_rounded_up_to_all():
    assert [percent(s) for s in (None, 0.0, 1e-5, 0.5, 0.9996, 1.0)] == [
        "–",
        "0.0%",
        "< 0.1%",
        "50.0%",
        "> 99.9%",
        "100.0%",
    ]


def test_headlines_say_the_limit_and_how_well_the_rule_was_read(run):
    audit = run.audits["toilet.radius-300"]
    assert coverage_headline(audit, "en") == "24.0% of people within 300 m (along streets; unverified default)"
    assert coverage_headline(audit, "zh") == "人口 24.0% 在 300 米内（路网；未核实默认值）"
    assert "未评判" in coverage_headline(run.audits["clinic"], "zh")
    assert plan_headline(run.plans["more_toilets"], "en").endswith("at most 0.43% from the best possible")


def test_thirty_thousand_buildings_make_one_picture(run, tmp_path):
    n = 30_000
    rng = np.random.default_rng(0)
    xy = rng.random((n, 2)) * 8000
    demand = gpd.GeoDataFrame(
        {"people": 1.0, "served": rng.random(n) < 0.7, "cost": 1.0, "facility": "T1"},
        geometry=shapely.points(xy), index=[f"w{k}" for k in range(n)], crs=run.crs,
    )  # fmt: skip
    homes = gpd.GeoDataFrame(
        geometry=shapely.buffer(demand.geometry.to_numpy(), 8, quad_segs=1), index=demand.index, crs=run.crs
    )
    audit = replace(run.audits["toilet.radius-300"], demand=demand)
    big = replace(run, base=MapBase(buildings=homes), zones={}, title=Text("大城", "Big city"))
    coverage_map(tmp_path / "big.png", audit, big)
    assert (tmp_path / "big.png").stat().st_size > 100_000
