"""Maps beside the first two kinds: what they show, and that their words lie inside the page and apart."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from matplotlib.figure import Figure
from matplotlib.text import Text as Label

from siting.errors import InputError
from siting.ledger import Text
from siting.outputs.fonts import missing_characters
from siting.outputs.maps import plot
from siting.outputs.maps.atlas import atlas
from siting.outputs.maps.beside import tier_legend
from siting.outputs.maps.bivariate import cross, draw_square
from siting.outputs.maps.files import MapFiles
from siting.outputs.maps.furniture import scale_and_north
from siting.outputs.maps.pages import map_texts
from siting.outputs.maps.side_pages import CROSSED_RULES
from siting.themes.result import Class, ThemeLayer, ThemeResult

TOILET, PARK = "toilet.radius-300", "park.radius.500"


def words_of(ax):
    return [t for t in ax.findobj(Label) if t.get_text() and t.get_visible()]


def circle(run):
    classes = (
        Class(value="all", name=Text("齐全", "all"), role="good"),
        Class(value="few", name=Text("不足", "few"), role="bad"),
    )
    layers = []
    for k, tier in enumerate(("15min", "10min", "5min")):
        level = np.where(np.arange(len(run.demand)) % (k + 2) == 0, "few", "all")
        minutes = tier.removesuffix("min")
        title = Text(f"{minutes} 分钟生活圈：住处", f"{minutes}-minute circle: homes")
        frame = run.demand.assign(level=level)
        name = f"living_circle_points_{tier}"
        layers.append(ThemeLayer(name=name, title=title, frame=frame, show="level", classes=classes))
    headline = Text("十五分钟生活圈：完备率 50 %", "15-minute circle: 50 % complete")
    return ThemeResult(
        theme="living_circle", title=Text("生活圈", "Living circles"), layers=tuple(layers), headlines=(headline,)
    )


@pytest.fixture(scope="module")
def green(run):
    """Make a run whose toilets and parks bear the ids of the rules that are read together."""
    names = dict(zip((TOILET, PARK), CROSSED_RULES[0], strict=True))
    audits = {
        new: replace(run.audits[old], name=new, rule=replace(run.audits[old].rule, id=new))
        for old, new in names.items()
    }
    return replace(run, audits=audits, themes={"living_circle": circle(run)})


def test_crossed_audits_count_each_home_once(run):
    toilet, park = run.audits[TOILET], run.audits[PARK]
    for distance in ("network", "straight"):
        found = cross(toilet, park, distance)
        assert np.sum(found.masks, axis=0).tolist() == [1] * len(run.demand)
        assert sum(found.amounts) == pytest.approx(run.demand["people"].sum())
        both = toilet.demand[f"served_{distance}"] & park.demand[f"served_{distance}"]
        assert found.amounts[0] == pytest.approx(run.demand["people"][both].sum())
        assert sum(found.shares) == pytest.approx(1)


def test_without_a_kind_each_rule_is_crossed_by_its_own(run):
    found = cross(run.audits[TOILET], run.audits[PARK])
    assert found.kinds == ("network", "straight")
    assert (found.masks[0] | found.masks[1]).tolist() == run.audits[TOILET].demand["served"].tolist()


def test_rules_that_were_not_judged_are_not_crossed(run):
    with pytest.raises(InputError, match="clinic was not judged"):
        cross(run.audits[TOILET], run.audits["clinic"])


def test_the_square_holds_the_four_shares(run):
    ax = Figure(dpi=100).subplots()
    found = cross(run.audits[TOILET], run.audits[PARK], "network")
    draw_square(ax, found, "en", (0, 0), ax.transData, up=-1)
    shown = {t.get_text() for t in words_of(ax)}
    assert {f"{100 * share:.1f}%" for share in found.shares} <= shown
    assert {"within", "beyond", "share of people"} <= shown


def test_before_and_after_show_the_same_place_in_the_axes_given(run):
    axes = Figure(figsize=(10, 5), dpi=100).subplots(1, 2)
    drawn = plot.before_after(run.plans["more_toilets"], axes, run=run)
    assert list(drawn) == list(axes)
    assert axes[0].get_xlim() == axes[1].get_xlim()
    plan = run.plans["more_toilets"]
    captions = [" ".join(t.get_text() for t in words_of(ax)) for ax in axes]
    assert f"{plan.people_before:,.0f} 人" in captions[0]
    assert f"{plan.people_after:,.0f} 人" in captions[1]
    with pytest.raises(InputError, match="1 given"):
        plot.before_after(plan, axes[:1], run=run)


def test_tiers_stand_beside_one_another_under_one_legend(green):
    drawn = plot.living_circle(run=green)
    assert len(drawn) == 3
    assert [text for _, text in tier_legend(green.themes["living_circle"].layers, "en")] == ["all 齐全", "few 不足"]
    with pytest.raises(InputError, match="living_circle"):
        plot.living_circle(run=replace(green, themes={}))


def test_zones_are_named_with_their_share(run):
    audit = run.audits[TOILET]
    shown = " ".join(t.get_text() for t in words_of(plot.zones(audit, run=run)))
    rows = audit.indicators.query("zone_level == 'district' and distance == 'network' and denominator == 'people'")
    for share in rows["share"]:
        assert f"{100 * share:.1f}%" in shown
    with pytest.raises(InputError, match="level street"):
        plot.zones(audit, run.zones["district"], level="street")


def test_gaps_are_counted_in_the_units_of_the_study(run):
    audit = replace(run.audits[TOILET], unit_noun=Text("小区", "estates"))
    gaps = run.gaps.drop(columns="people")
    shown = [t.get_text() for t in words_of(plot.gaps(audit, gaps, run=run, lang="zh"))]
    own = gaps[gaps["rule"] == TOILET]
    assert {f"G{k:02d}  {units} 个小区" for k, units in zip((1, 2), own["units"], strict=True)} <= set(shown)


def test_service_areas_leave_the_unserved_in_sight(run):
    ax = plot.service_areas(run.service_areas, audit=run.audits[TOILET], run=run, lang="en")
    legend = [t.get_text() for t in ax.get_legend().get_texts()]
    assert legend[0].startswith("within 300 m")
    assert any(text.startswith("unserved") for text in legend)
    with pytest.raises(InputError, match=f"none of {PARK}"):
        plot.service_areas(run.service_areas, audit=run.audits[PARK], run=run)


@pytest.mark.parametrize(("corner", "at"), [((0, 0), (0, 0)), ((1, 0), (1, 0)), ((0, 1), (0, 1)), ((1, 1), (1, 1))])
def test_the_scale_bar_stands_where_nothing_is(corner, at):
    ax = Figure(figsize=(8, 6), dpi=100).add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 1000), ylim=(0, 750))
    full = np.random.default_rng(0).random((800, 2)) * (1000, 750)
    middle = np.array([500, 375])
    empty = ((full > middle) == np.array(at, dtype=bool)).all(axis=1)
    box = scale_and_north(ax, full[~empty])
    centre = ax.transData.inverted().transform([(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2])
    assert tuple((centre > middle).astype(int)) == corner
    assert ax.get_window_extent().x0 <= box.x0 < box.x1 <= ax.get_window_extent().x1


@pytest.mark.parametrize("paper", ["A4", "A3"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_words_of_a_page_lie_inside_it_and_apart(green, tmp_path, monkeypatch, paper, lang):
    pages = []
    monkeypatch.setattr(MapFiles, "save", lambda _self, figure, _canvas, _path, _dpi: pages.append(figure))
    drawn = atlas(replace(green, lang=lang), MapFiles(("png",), paper))
    wanted = [n for n in drawn if n.startswith(("bivariate", "before_after", "living_circle"))]
    assert [n.split("_")[0] for n in wanted] == ["before", "bivariate", "living"]
    for name in wanted:
        drawn[name](tmp_path / f"{name}.png")
    for figure in pages:
        renderer = figure.canvas.get_renderer()
        paper_box = shapely.box(0, 0, figure.bbox.width, figure.bbox.height)
        column = next(ax for ax in figure.axes if not ax.axison)
        for holder in (figure, column):
            boxes = [shapely.box(*t.get_window_extent(renderer).extents) for t in holder.texts if t.get_text()]
            assert all(paper_box.contains(box) for box in boxes)
            inner = [box.buffer(-1.5) for box in boxes]
            assert not any(a.intersects(b) for i, a in enumerate(inner) for b in inner[:i])


def test_characters_that_no_font_has_are_squares_on_every_page_and_named_once(green, tmp_path):
    odd = replace(green, title=Text("𠀀城", "𠀀 city"), attribution=(Text("来源 𠀀", "source 𠀀"),))
    drawn = atlas(odd, MapFiles(("svg", "pdf"), "A4"))
    for name in drawn:
        if name.startswith(("bivariate", "before_after", "living_circle")):
            drawn[name](tmp_path / f"{name}.png")  # a glyph that is missing would be a warning, so an error
    assert len(list(tmp_path.iterdir())) == 6
    assert missing_characters(map_texts(odd)) == {"𠀀"}
