"""Draw a rule or a plan into an Axes."""

import geopandas as gpd
from matplotlib.axes import Axes

from siting.coverage.model import Audit
from siting.ledger import Lang
from siting.locate.plan import Plan
from siting.outputs import palette
from siting.outputs.contract import MapBase, RunLike
from siting.outputs.maps import marks, style, words
from siting.outputs.maps.base import fit_extent
from siting.outputs.maps.frame import around, draw_ground, new_axes, title_above, under_legend
from siting.outputs.maps.furniture import place_labels, scale_and_north
from siting.outputs.maps.ground import Ground

LABELLED_GAPS = 8
LABELLED_SITES = 15


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
    lang, base, demand, zones = scene = around(run, lang, base, demand, zones)
    if run is not None and gaps is None:
        gaps = run.gaps
    below = scene.below
    layers = coverage_extent(audit, below, demand)
    with style.map_fonts():
        ax = new_axes(ax, layers)
        extent = fit_extent(ax, layers)
        draw_ground(ax, base, extent, zones)
        if audit.judged:
            served = audit.demand["served"].to_numpy(dtype=bool)
            marks.draw_demand(ax, audit.demand, [(served, palette.SERVED), (~served, palette.UNSERVED)], below, extent)
        marks.draw_facilities(ax, audit.facilities, audit.entries, extent)
        taken = [scale_and_north(ax, marks.worth_seeing(audit.demand, audit.facilities))]
        if legend:
            taken.append(under_legend(ax, words.coverage_legend(audit, gaps, lang)))
            title_above(ax, audit.rule.name, words.coverage_headline(audit, lang), lang)
        own = words.gaps_of(audit, gaps)
        if own is not None:
            marks.draw_gaps(ax, own)
            top = own.head(LABELLED_GAPS)
            place_labels(ax, words.gap_labels(top, lang, audit), marks.point_xy(top), taken, color=palette.GAP)
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
    lang, base, demand, zones = scene = around(run, lang, base, demand, zones)
    if run is not None and facilities is None:
        facilities = facilities_of(run.facilities, plan)
    has_demand = demand is not None and len(demand) > 0
    below = scene.below
    layers = plan_extent(plan, demand)
    with style.map_fonts():
        ax = new_axes(ax, layers)
        extent = fit_extent(ax, layers)
        draw_ground(ax, base, extent, zones)
        if demand is not None and has_demand:
            before, after = words.served_masks(plan, demand, served_before)
            classes = [
                (before & after, palette.SERVED),
                (~after, palette.UNSERVED),
                (after & ~before, palette.NEWLY_SERVED),
            ]
            marks.draw_demand(ax, demand, classes, below, extent)
        if facilities is not None and len(facilities):
            marks.draw_facilities(ax, facilities, None, extent)
        marks.draw_candidates(ax, plan.candidates)
        taken = [scale_and_north(ax, marks.worth_seeing(demand, facilities, *[plan.sites] * 20))]
        if legend:
            taken.append(under_legend(ax, words.plan_legend(lang, has_facilities=facilities is not None)))
            title_above(ax, plan.title, words.plan_headline(plan, lang), lang)
        numbers = words.site_numbers(plan)
        marks.draw_sites(ax, plan.sites, numbers)
        xy, few = marks.point_xy(plan.sites), slice(None, LABELLED_SITES)
        taken += marks.site_boxes(ax, xy)
        place_labels(ax, words.site_labels(plan, lang)[few], xy[few], taken, color=palette.SITE, reach_pt=7.0)
    return ax


def coverage_extent(
    audit: Audit, base: MapBase | None, demand: gpd.GeoDataFrame | None = None
) -> list[gpd.GeoDataFrame | None]:
    """Return the layers that a coverage map shows whole: demand; without any, the study area or the facilities.

    A rule that was not judged has no demand of its own: its map shows the place of the study's.
    """
    for points in (audit.demand, demand):
        if points is not None and len(points):
            return [points]
    return [audit.facilities if base is None or base.boundary is None else base.boundary]


def plan_extent(plan: Plan, demand: gpd.GeoDataFrame | None) -> list[gpd.GeoDataFrame | None]:
    """Return the layers that a map of a plan shows whole: demand, or else the candidates; and all sites."""
    return [demand if demand is not None and len(demand) else plan.candidates, plan.sites]


def facilities_of(facilities: gpd.GeoDataFrame, plan: Plan) -> gpd.GeoDataFrame:
    """Return the facilities of the classes that a plan adds to."""
    return facilities[facilities["class"].isin(plan.facility)] if "class" in facilities.columns else facilities
