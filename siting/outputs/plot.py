"""Maps for a notebook: every function draws into an Axes and returns it.

Nothing of pyplot is touched or needed: a cell that ends with ``siting.plot.coverage(audit, run=run)`` shows the map.
"""

from collections.abc import Mapping
from io import BytesIO

import geopandas as gpd
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from siting.coverage.model import Audit
from siting.ledger import Lang, Text
from siting.locate.plan import Plan
from siting.outputs import map_marks as marks
from siting.outputs import map_style as style
from siting.outputs import map_words as words
from siting.outputs.contract import MapBase, RunLike
from siting.outputs.map_base import Extent, draw_base, draw_zones, fit_extent
from siting.outputs.map_furniture import place_labels, renderer_of, scale_and_north
from siting.outputs.map_ground import Ground
from siting.outputs.map_page import PORTRAIT, format_for

FIGURE_SIZE = (9.0, 7.0)
"""Inches, where no Axes is given; turned for a place that stands upright."""
LABELLED_GAPS = 8
LABELLED_SITES = 15
LEGEND_COLUMNS = 3
ZONES_SHOWN = 150
"""A level with more zones than this is not outlined: its lines would hide the map."""


class MapFigure(Figure):
    """A figure that a notebook shows where a cell ends with it, whether or not pyplot was loaded."""

    def _repr_png_(self) -> bytes:
        picture = BytesIO()
        self.savefig(picture, format="png", bbox_inches="tight")
        return picture.getvalue()


class MapAxes(Axes):
    """The Axes of a `MapFigure`, shown in a notebook like it."""

    def _repr_png_(self) -> bytes | None:
        figure = self.figure
        return figure._repr_png_() if isinstance(figure, MapFigure) else None


def coverage(
    audit: Audit,
    ax: Axes | None = None,
    base: MapBase | Ground | None = None,
    gaps: gpd.GeoDataFrame | None = None,
    *,
    run: RunLike | None = None,
    demand: gpd.GeoDataFrame | None = None,
    zones: gpd.GeoDataFrame | None = None,
    lang: Lang | None = None,
    legend: bool = True,
) -> Axes:
    """Draw who is served by a rule and who is not, with its facilities and the largest gaps.

    Parameters
    ----------
    audit : the judged rule
    ax : to draw into; without one a figure of its own is made
    base : streets, water, green and buildings to lie under it; demand with the ids of buildings is drawn as buildings
    gaps : gap areas, of this rule (``rule``) and perhaps of others; the first by ``rank`` are labelled
    run : the finished run, from which base, gaps, demand, zones and language are taken where they are not given
    demand : the demand of the study: where it lies is shown for a rule that was not judged
    zones : outlines to show
    lang : the language that comes first in titles and legend; default: that of the run, else Chinese
    legend : whether to draw title and legend into the Axes

    Returns
    -------
    The Axes; its figure is ``.figure``.
    """
    lang = lang or (run.lang if run is not None else "zh")
    if run is not None:
        base = run.base if base is None else base
        gaps = run.gaps if gaps is None else gaps
        demand = run.demand if demand is None else demand
        zones = outlined_zones(run.zones) if zones is None else zones
    below = base.base if isinstance(base, Ground) else base
    layers = coverage_extent(audit, below, demand)
    with style.map_fonts():
        ax = _axes(ax, layers)
        extent = fit_extent(ax, layers)
        _draw_ground(ax, base, extent, zones)
        if audit.judged:
            served = audit.demand["served"].to_numpy(dtype=bool)
            marks.draw_demand(ax, audit.demand, [(served, style.SERVED), (~served, style.UNSERVED)], below, extent)
        marks.draw_facilities(ax, audit.facilities, audit.entries, extent)
        taken = [scale_and_north(ax)]
        if legend:
            taken.append(_legend(ax, words.coverage_legend(audit, gaps, lang)))
            _title(ax, audit.rule.name, words.coverage_headline(audit, lang), lang)
        own = words.gaps_of(audit, gaps)
        if own is not None:
            marks.draw_gaps(ax, own)
            top = own.head(LABELLED_GAPS)
            place_labels(ax, words.gap_labels(top, lang), marks.point_xy(top), taken, color=style.GAP)
    return ax


def plan(
    plan: Plan,
    ax: Axes | None = None,
    base: MapBase | Ground | None = None,
    *,
    run: RunLike | None = None,
    demand: gpd.GeoDataFrame | None = None,
    facilities: gpd.GeoDataFrame | None = None,
    zones: gpd.GeoDataFrame | None = None,
    served_before: gpd.GeoDataFrame | None = None,
    lang: Lang | None = None,
    legend: bool = True,
) -> Axes:
    """Draw the sites of a plan, numbered in order of gain, and who is served before, only after, or not at all.

    Parameters
    ----------
    plan : the answered plan
    run : the finished run, from which base, demand, facilities, zones and language are taken where they are not given
    demand : the demand that the plan was made for, index = id; without it only candidates and sites are drawn
    facilities : those that exist today
    served_before : the ``demand`` of an audit with the column ``served``; only used where the plan does not keep
        ``unserved_before``
    ax, base, zones, lang, legend : as for `coverage`

    Returns
    -------
    The Axes; its figure is ``.figure``.
    """
    lang = lang or (run.lang if run is not None else "zh")
    if run is not None:
        base = run.base if base is None else base
        demand = run.demand if demand is None else demand
        facilities = facilities_of(run.facilities, plan) if facilities is None else facilities
        zones = outlined_zones(run.zones) if zones is None else zones
    has_demand = demand is not None and len(demand) > 0
    below = base.base if isinstance(base, Ground) else base
    layers = plan_extent(plan, demand)
    with style.map_fonts():
        ax = _axes(ax, layers)
        extent = fit_extent(ax, layers)
        _draw_ground(ax, base, extent, zones)
        if demand is not None and has_demand:
            before, after = words.served_masks(plan, demand, served_before)
            classes = [(before & after, style.SERVED), (~after, style.UNSERVED), (after & ~before, style.NEWLY_SERVED)]
            marks.draw_demand(ax, demand, classes, below, extent)
        if facilities is not None and len(facilities):
            marks.draw_facilities(ax, facilities, None, extent)
        marks.draw_candidates(ax, plan.candidates)
        taken = [scale_and_north(ax)]
        if legend:
            taken.append(_legend(ax, words.plan_legend(lang, has_facilities=facilities is not None)))
            _title(ax, plan.title, words.plan_headline(plan, lang), lang)
        numbers = words.site_numbers(plan)
        marks.draw_sites(ax, plan.sites, numbers)
        xy, few = marks.point_xy(plan.sites), slice(None, LABELLED_SITES)
        taken += marks.site_boxes(ax, xy)
        place_labels(ax, words.site_labels(plan, lang)[few], xy[few], taken, color=style.SITE, reach_pt=7.0)
    return ax


def coverage_extent(
    audit: Audit, base: MapBase | None, demand: gpd.GeoDataFrame | None = None
) -> list[gpd.GeoDataFrame | None]:
    """Return the layers that a coverage map shows whole: demand; without any, the study area or the facilities.

    A rule that was not judged has no demand of its own: its map shows the place of the study's.
    """
    for layer in (audit.demand, demand):
        if layer is not None and len(layer):
            return [layer]
    return [audit.facilities if base is None or base.boundary is None else base.boundary]


def plan_extent(plan: Plan, demand: gpd.GeoDataFrame | None) -> list[gpd.GeoDataFrame | None]:
    """Return the layers that a map of a plan shows whole: demand, or else the candidates; and all sites."""
    return [demand if demand is not None and len(demand) else plan.candidates, plan.sites]


def outlined_zones(zones: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame | None:
    """Return the finest level of zones that does not hide the map."""
    return next((layer for layer in zones.values() if 0 < len(layer) <= ZONES_SHOWN), None)


def facilities_of(facilities: gpd.GeoDataFrame, plan: Plan) -> gpd.GeoDataFrame:
    """Return the facilities of the classes that a plan adds to."""
    return facilities[facilities["class"].isin(plan.facility)] if "class" in facilities.columns else facilities


def _draw_ground(ax: Axes, base: MapBase | Ground | None, extent: Extent, zones: gpd.GeoDataFrame | None) -> None:
    if isinstance(base, Ground) and base.extent == extent:
        base.draw(ax)
        return
    draw_zones(draw_base(ax, base.base if isinstance(base, Ground) else base, extent), zones)


def _axes(ax: Axes | None, layers: list[gpd.GeoDataFrame | None]) -> Axes:
    if ax is not None:
        return ax
    upright = format_for(layers) is PORTRAIT
    figure = MapFigure(figsize=FIGURE_SIZE[::-1] if upright else FIGURE_SIZE, dpi=120)
    FigureCanvasAgg(figure)
    return figure.add_axes((0.02, 0.08, 0.96, 0.82), axes_class=MapAxes)


def _title(ax: Axes, title: Text, subtitle: str, lang: Lang) -> None:
    ax.set_title(
        style.clean(style.label(title, lang)),
        loc="left",
        fontsize=13,
        color=style.INK,
        pad=22,
        # An Axes made outside has a title already, whose font was set then.
        fontfamily=rcParams["font.family"],
        path_effects=style.strong(),
    )
    ax.annotate(
        style.clean(subtitle), (0, 1), (0, 6), xycoords="axes fraction", textcoords="offset points", fontsize=9,
        color=style.INK, va="bottom", annotation_clip=False,
    )  # fmt: skip


def _legend(ax: Axes, rows: list[words.LegendRow]) -> Bbox:
    """Draw the legend under the map, where it hides nothing, as wide as the map allows; return its box in pixels."""
    renderer = renderer_of(ax)
    for columns in (LEGEND_COLUMNS, 2, 1):
        drawn = ax.legend(
            [handle for handle, _ in rows], [text for _, text in rows], loc="upper right", bbox_to_anchor=(1.0, 0.0),
            ncols=columns, fontsize=8, frameon=False, borderpad=0.3, borderaxespad=0.3, labelspacing=0.45,
            columnspacing=1.2,
        )  # fmt: skip
        box = drawn.get_window_extent(renderer)
        if box.width <= ax.get_window_extent(renderer).width:
            break
    return box
