"""Plans nearly as good as the best, as maps side by side."""

from collections.abc import Iterable
from dataclasses import replace

import geopandas as gpd
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from siting.errors import InputError
from siting.ledger import Lang, Text
from siting.locate.plans.effect import loss_told, objective_told, tells_served, variant
from siting.locate.plans.plan import Plan
from siting.outputs import palette
from siting.outputs.contract import MapBase, RunLike
from siting.outputs.maps import marks, words
from siting.outputs.maps.coverage_plot import facilities_of, plan_classes
from siting.outputs.maps.frame import around, caption_above
from siting.outputs.maps.ground import Ground
from siting.outputs.maps.scene import Layers, axes_of, place_or, scenes
from siting.outputs.plan_states import shown_states
from siting.outputs.plan_tables import not_in_best

MOST_MAPS = 4
"""Plans on one page: with more each map is too small to read; the others stand in the tables."""

SITES_WEIGH = 400
"""Points that a site counts as where the scale bar looks for room: on a small map it must not lie on one."""


def alternatives(
    plan: Plan,
    axes: Iterable[Axes] | None = None,
    base: MapBase | Ground | None = None,
    *,
    run: RunLike | None = None,
    demand: gpd.GeoDataFrame | None = None,
    facilities: gpd.GeoDataFrame | None = None,
    zones: gpd.GeoDataFrame | None = None,
    lang: Lang | None = None,
    legend: bool = True,
) -> NDArray[np.object_]:
    """Draw the best plan and those nearly as good as maps of the same extent; sites that the best lacks stand out.

    Parameters
    ----------
    plan : the answered plan, made with alternatives
    axes : one a plan, at most four; without them a figure of its own is made
    demand, facilities, base, run, zones, lang, legend : as for `plan`

    Returns
    -------
    One Axes a plan, the best plan first.

    Raises
    ------
    InputError
        The plan has no alternatives, or there are fewer Axes than maps.
    """
    if len(plan.alternatives) < 2:
        msg = f"{plan.name}: it has no alternatives to draw; ask for some in the study file"
        raise InputError(msg)
    given = around(run, lang, base, demand, zones)
    if run is not None and facilities is None:
        facilities = facilities_of(run.facilities, plan)
    shown = plan.alternatives[:MOST_MAPS]
    with scenes(axes, given, alternatives_extent(plan, given.demand), len(shown)) as row:
        for k, (drawn, one) in enumerate(zip(row, shown, strict=True)):
            sites = plan.candidates.loc[[str(site) for site in one.result.site_ids]]
            if given.demand is not None and len(given.demand):
                as_plan = _as_plan(plan, k, given.demand)
                nobody = [(np.ones(len(given.demand), dtype=bool), palette.ZONE)]
                drawn.demand(given.demand, nobody if as_plan is None else plan_classes(as_plan, given.demand))
            drawn.facilities(facilities)
            drawn.scale(given.demand, facilities, *[sites] * SITES_WEIGH)
            other = np.isin(sites.index.astype(str), not_in_best(plan, k))
            for mask, colour in ((~other, palette.SITE), (other, palette.OTHER_SITE)):
                marks.draw_sites(drawn.ax, sites[mask], [""] * int(mask.sum()), colour)
            caption_above(drawn.ax, plan_name(k).get(given.lang), _worth(plan, k, given.lang))
        if legend:
            row[-1].legend(alternatives_legend(plan, given.demand, given.lang, has_facilities=facilities is not None))
    return axes_of(row)


def _as_plan(plan: Plan, place: int, demand: gpd.GeoDataFrame) -> Plan | None:
    """Return an alternative as a plan of its own, as far as a map shows it; None where it tells not whom it serves."""
    result = plan.alternatives[place].result
    if place == 0 or not tells_served(plan):
        return replace(plan, result=result)
    if plan.result.model == "gradual_cover" or len(result.assignment) != len(demand) or plan.unserved_before is None:
        return None
    lost = demand.index[result.assignment < 0]
    return replace(plan, result=result, unserved_after=tuple(lost[lost.isin(plan.unserved_before)].astype(str)))


def plan_name(place: int) -> Text:
    """Name a plan of the comparison: plan A (best), plan B."""
    best = Text("（最优）", " (best)") if place == 0 else Text("", "")
    return Text(f"方案 {variant(place)}{best.zh}", f"Plan {variant(place)}{best.en}")


def _worth(plan: Plan, place: int, lang: Lang) -> str:
    one = plan.alternatives[place]
    value = objective_told(plan, one.result.objective)[1].get(lang)
    if place == 0:
        return value
    return f"{value}   {loss_told(one.loss).get(lang)}"


def alternatives_legend(
    plan: Plan, demand: gpd.GeoDataFrame | None, lang: Lang, *, has_facilities: bool
) -> list[words.LegendRow]:
    """Give the legend rows: sites that the best plan has too, other ones, the demand."""
    states = shown_states(plan, demand)
    rows = words.plan_legend(lang, has_facilities=has_facilities, candidates=False, states=states)
    both, other = Text("最优方案选点", "site of the best plan"), Text("另选点", "other site")
    return [
        words.site_row(both, palette.SITE, lang), words.site_row(other, palette.OTHER_SITE, lang), *rows[1:]
    ]  # fmt: skip


def alternatives_extent(plan: Plan, demand: gpd.GeoDataFrame | None) -> Layers:
    """Return the layers that each of the maps shows whole."""
    sites = [str(site) for one in plan.alternatives[:MOST_MAPS] for site in one.result.site_ids]
    return [*place_or(demand, plan.candidates), plan.candidates.loc[sites]]
