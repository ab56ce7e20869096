"""Maps side by side of one place: before and after a plan, and the tiers of the living circle."""

from collections.abc import Iterable, Sequence

import geopandas as gpd
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from siting.errors import InputError
from siting.ledger import Lang, Text
from siting.locate.plans.plan import Plan
from siting.outputs import palette
from siting.outputs.contract import MapBase, RunLike
from siting.outputs.maps import style, words
from siting.outputs.maps.coverage_plot import facilities_of, plan_extent, sites_with_names
from siting.outputs.maps.frame import around, caption_above
from siting.outputs.maps.ground import Ground
from siting.outputs.maps.scene import axes_of, scenes
from siting.outputs.maps.theme_plot import draw_classes, layer_extent
from siting.outputs.theme_style import shown_classes
from siting.themes.result import ThemeLayer, ThemeResult

BEFORE, AFTER = Text("现状", "today"), Text("规划后", "with the new sites")
LIVING_CIRCLE = "living_circle"


def before_after(
    plan: Plan,
    axes: Iterable[Axes] | None = None,
    base: MapBase | Ground | None = None,
    *,
    run: RunLike | None = None,
    demand: gpd.GeoDataFrame | None = None,
    facilities: gpd.GeoDataFrame | None = None,
    zones: gpd.GeoDataFrame | None = None,
    served_before: gpd.GeoDataFrame | None = None,
    lang: Lang | None = None,
    legend: bool = True,
) -> NDArray[np.object_]:
    """Draw who is served today and who with the sites of a plan, as two maps of the same extent.

    Parameters
    ----------
    plan : the answered plan
    axes : two to draw into; without them a figure of its own is made
    demand : the demand that the plan was made for, index = id; needed, here or in ``run``
    facilities, served_before, base, run, zones, lang, legend : as for `plan`

    Returns
    -------
    The two Axes.

    Raises
    ------
    InputError
        There is no demand to draw, or fewer than two Axes.
    """
    given = around(run, lang, base, demand, zones)
    lang, demand = given.lang, given.demand
    if run is not None and facilities is None:
        facilities = facilities_of(run.facilities, plan)
    if demand is None or not len(demand):
        msg = f"{plan.name}: before and after are shown by who is served; give demand = or run ="
        raise InputError(msg)
    before, after = words.served_masks(plan, demand, served_before)
    with scenes(axes, given, plan_extent(plan, demand), 2) as pair:
        for drawn, title, is_after in zip(pair, (BEFORE, AFTER), (False, True), strict=True):
            served = after if is_after else before
            classes = [(before & served, palette.SERVED), (~served, palette.UNSERVED)]
            if is_after:
                classes.append((after & ~before, palette.NEWLY_SERVED))
            drawn.demand(demand, classes)
            drawn.facilities(facilities)
            drawn.scale(demand, facilities, *[plan.sites] * 20)
            if is_after:
                sites_with_names(drawn, plan)
            caption_above(drawn.ax, style.label(title, lang, " "), _served(plan, lang, after=is_after))
        if legend:
            pair[-1].legend(words.plan_legend(lang, has_facilities=facilities is not None, candidates=False))
    return axes_of(pair)


def _served(plan: Plan, lang: Lang, *, after: bool) -> str:
    """Say how many are served, and their share where the whole is known."""
    total, unit = plan.people_total, style.PEOPLE
    value = plan.people_after if after else plan.people_before
    if value is None:
        total, unit = plan.weight_total, plan.unit
        value = plan.weight_after if after else plan.weight_before
    if value is None:
        return ""
    share = f"   {style.percent(value / total)}" if total else ""
    return f"{style.number(value)} {unit.get(lang)}{share}"


def tiers_of(result: ThemeResult) -> tuple[ThemeLayer, ...]:
    """Return one layer a tier of the living circle, homes where there are any, else communities; largest tier first."""
    for what in ("points", "communities"):
        found = tuple(one for one in result.layers if one.name.startswith(f"{LIVING_CIRCLE}_{what}_"))
        if found:
            return found
    return ()


def living_circle(
    result: ThemeResult | Sequence[ThemeLayer] | None = None,
    axes: Iterable[Axes] | None = None,
    base: MapBase | Ground | None = None,
    *,
    run: RunLike | None = None,
    demand: gpd.GeoDataFrame | None = None,
    zones: gpd.GeoDataFrame | None = None,
    lang: Lang | None = None,
    legend: bool = True,
) -> NDArray[np.object_]:
    """Draw the tiers of the living circle side by side: how much of what is required each home has in reach.

    Parameters
    ----------
    result : what the theme found, or one layer a map (any layers that are read by the same classes); default: that
        of ``run``
    axes : one a tier; without them a figure of its own is made
    base, run, demand, zones, lang, legend : as for `layer`

    Returns
    -------
    One Axes a tier, the largest tier first.

    Raises
    ------
    InputError
        There is no living circle to draw, or fewer Axes than tiers.
    """
    if result is None and run is not None:
        result = run.themes.get(LIVING_CIRCLE)
    tiers = tiers_of(result) if isinstance(result, ThemeResult) else tuple(result or ())
    if not tiers:
        msg = "living circle: no tiers to draw; the study needs a [living_circle] table"
        raise InputError(msg)
    given = around(run, lang, base, demand, zones)
    with scenes(axes, given, layer_extent(tiers[0], given.demand), len(tiers)) as row:
        for drawn, tier in zip(row, tiers, strict=True):
            draw_classes(drawn, tier.frame, shown_classes(tier))
            drawn.scale(tier.frame, given.demand)
            caption_above(drawn.ax, tier_name(tier).get(given.lang))
        if legend:
            row[-1].legend(tier_legend(tiers, given.lang))
    return axes_of(row)


def tier_name(tier: ThemeLayer) -> Text:
    """Return the part of a layer's title before the colon: 15-minute circle."""
    return Text(tier.title.zh.partition("：")[0], tier.title.en.partition(":")[0])


def tier_legend(tiers: Sequence[ThemeLayer], lang: Lang) -> list[words.LegendRow]:
    """One row a class that occurs in any of the layers, in their common order."""
    rows: dict[str, words.LegendRow] = {}
    for tier in tiers:
        is_area = tier.frame.geom_type.isin(["Polygon", "MultiPolygon"]).any()
        for one in shown_classes(tier):
            text = style.label(one.name, lang, " ")
            handle: Line2D | Patch = Patch(facecolor=one.colour, edgecolor="white")
            if not is_area:
                handle = words.dot(one.colour)
            if one.rows.any() or tier.classes:
                rows.setdefault(text, (handle, style.clean(text)))
    return list(rows.values())
