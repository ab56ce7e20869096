"""Draw a rule or a plan into an Axes."""

import geopandas as gpd
import numpy as np
from matplotlib.axes import Axes

from siting.coverage.model import Audit
from siting.ledger import Lang
from siting.locate.plans.effect import tells_served
from siting.locate.plans.plan import Plan
from siting.outputs import palette
from siting.outputs.contract import MapBase, RunLike
from siting.outputs.maps import marks, words
from siting.outputs.maps.frame import around
from siting.outputs.maps.ground import Ground
from siting.outputs.maps.scene import Scene, place_or, scene
from siting.outputs.plan_states import plan_states, shown_states

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
    given = around(run, lang, base, demand, zones)
    if run is not None and gaps is None:
        gaps = run.gaps
    with scene(ax, given, coverage_extent(audit, given.below, given.demand)) as drawn:
        if audit.judged:
            served = audit.demand["served"].to_numpy(dtype=bool)
            drawn.demand(audit.demand, [(served, palette.SERVED), (~served, palette.UNSERVED)])
        drawn.facilities(audit.facilities, audit.entries)
        drawn.scale(audit.demand, audit.facilities)
        if legend:
            drawn.legend(words.coverage_legend(audit, gaps, drawn.lang))
            drawn.title(audit.rule.name, words.coverage_headline(audit, drawn.lang))
        own = words.gaps_of(audit, gaps)
        if own is not None:
            marks.draw_gaps(drawn.ax, own)
            top = own.head(LABELLED_GAPS)
            drawn.labels(words.gap_labels(top, drawn.lang, audit), marks.point_xy(top), palette.GAP)
    return drawn.ax


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
    given = around(run, lang, base, demand, zones)
    demand = given.demand
    if run is not None and facilities is None:
        facilities = facilities_of(run.facilities, plan)
    with scene(ax, given, plan_extent(plan, demand)) as drawn:
        if demand is not None and len(demand):
            drawn.demand(demand, plan_classes(plan, demand, served_before))
        drawn.facilities(facilities)
        marks.draw_candidates(drawn.ax, plan.candidates)
        drawn.scale(demand, facilities, *[plan.sites] * 20)
        if legend:
            states = shown_states(plan, demand)
            drawn.legend(words.plan_legend(drawn.lang, has_facilities=facilities is not None, states=states))
            drawn.title(plan.title, words.plan_headline(plan, drawn.lang))
        sites_with_names(drawn, plan)
    return drawn.ax


def plan_classes(
    plan: Plan, demand: gpd.GeoDataFrame, served_before: gpd.GeoDataFrame | None = None
) -> list[tuple[marks.Mask, str]]:
    """Return who of the demand is drawn in which colour: by who is served; without a limit by where one goes."""
    states = shown_states(plan, demand)
    if tells_served(plan):
        before, after = words.served_masks(plan, demand, served_before)
        return [
            (before & after, palette.SERVED),
            (~after, palette.UNSERVED),
            (after & ~before, palette.NEWLY_SERVED),
        ]
    told = plan_states(plan, demand)
    if told is None:
        return [(np.ones(len(demand), dtype=bool), palette.ZONE)]
    return [((told == state.value).to_numpy(dtype=bool), state.colour) for state in states]


def sites_with_names(drawn: Scene, plan: Plan) -> None:
    """Draw the sites of a plan, numbered, and name the first."""
    marks.draw_sites(drawn.ax, plan.sites, words.site_numbers(plan))
    xy, few = marks.point_xy(plan.sites), slice(None, LABELLED_SITES)
    drawn.taken += marks.site_boxes(drawn.ax, xy)
    texts = words.site_labels(plan, drawn.lang)
    if texts:
        drawn.labels(texts[few], xy[few], palette.SITE, reach_pt=7.0)


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
    return [*place_or(demand, plan.candidates), plan.sites]


def facilities_of(facilities: gpd.GeoDataFrame, plan: Plan) -> gpd.GeoDataFrame:
    """Return the facilities of the classes that a plan adds to."""
    return facilities[facilities["class"].isin(plan.facility)] if "class" in facilities.columns else facilities
