"""Areas by what they hold: service areas, gaps by rank, zones by share."""

import geopandas as gpd
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from siting.coverage.model import Audit
from siting.errors import InputError
from siting.ledger import Lang, Text
from siting.outputs import palette
from siting.outputs.contract import MapBase, RunLike
from siting.outputs.layers import headline_denominator
from siting.outputs.maps import marks, style, words
from siting.outputs.maps.base import lines, polygons
from siting.outputs.maps.coverage_plot import coverage_extent
from siting.outputs.maps.frame import around
from siting.outputs.maps.ground import Ground
from siting.outputs.maps.scene import place_or, scene
from siting.outputs.theme_style import RAMP_COLOURS
from siting.outputs.views.ranges import people_classes, share_classes
from siting.standards import DISTANCES
from siting.standards.model import Denominator, DistanceKind

MOST_OUTLINES = 80
"""More service areas of one limit than this are drawn as one surface: outlines would hide the map."""
LABELLED_GAPS, LABELLED_ZONES = 20, 40


def service_areas(
    areas: gpd.GeoDataFrame,
    ax: Axes | None = None,
    base: MapBase | Ground | None = None,
    *,
    audit: Audit | None = None,
    run: RunLike | None = None,
    facilities: gpd.GeoDataFrame | None = None,
    demand: gpd.GeoDataFrame | None = None,
    zones: gpd.GeoDataFrame | None = None,
    lang: Lang | None = None,
    legend: bool = True,
) -> Axes:
    """Draw where facilities are in reach: near bands over far ones, and under them the demand that none reaches.

    Parameters
    ----------
    areas : of `siting.service_areas`, one cutoff or several (column ``cutoff``, or ``limit_m`` as in a run)
    audit : picks its own areas out of a run's ``service_areas``, gives the facilities, and who is unserved
    facilities : to be drawn; default: those of ``audit``
    ax, base, run, demand, zones, lang, legend : as for `coverage`

    Returns
    -------
    The Axes; its figure is ``.figure``.

    Raises
    ------
    InputError
        There are no areas, for instance of this audit.
    """
    if audit is not None and "rule" in areas.columns:
        areas = areas[areas["rule"] == audit.name]
    if not len(areas):
        msg = "service areas: there are none" + ("" if audit is None else f" of {audit.name}")
        raise InputError(msg)
    if facilities is None and audit is not None:
        facilities = audit.facilities
    given = around(run, lang, base, demand, zones)
    lang = given.lang
    column = next((c for c in ("cutoff", "limit_m", "limit_min") if c in areas.columns), None)
    cutoffs = [None] if column is None else sorted(areas[column].dropna().unique())
    shades = _shades(len(cutoffs))
    with scene(ax, given, place_or(given.demand, areas)) as drawn:
        rows: list[words.LegendRow] = []
        for cutoff, colour in reversed(list(zip(cutoffs, shades, strict=True))):
            own = areas if cutoff is None else areas[areas[column] == cutoff]
            polygons(drawn.ax, own.geometry, facecolor=colour, alpha=0.45, linewidth=0, zorder=1.7)
            if len(own) <= MOST_OUTLINES:
                lines(drawn.ax, own.geometry, color=colour, linewidth=0.9, zorder=1.75)
            name = _reach(cutoff, audit if len(cutoffs) == 1 else None)
            patch = Patch(facecolor=colour, edgecolor=colour, alpha=0.6)
            rows.insert(0, (patch, style.clean(style.label(name, lang, " "))))
        if audit is not None and audit.judged:
            lost = ~audit.demand[_served_column(areas, audit)].to_numpy(dtype=bool)
            drawn.demand(audit.demand, [(lost, palette.UNSERVED)])
            rows.append((words.dot(palette.UNSERVED), style.clean(style.label(Text("未覆盖", "unserved"), lang))))
        drawn.facilities(facilities)
        if facilities is not None and len(facilities):
            rows += words.facility_rows(facilities, lang)
        drawn.scale(given.demand, facilities)
        if legend:
            drawn.legend(rows)
            title, line = Text("服务区", "Service areas"), Text("", "")
            if audit is not None and audit.limit_text is not None:
                title = Text(f"{audit.rule.name.zh}：{title.zh}", f"{audit.rule.name.en}: {title.en.lower()}")
                kind = DISTANCES["network"] if audit.travel is None else audit.travel.profile.name
                line = Text(f"{audit.limit_text.zh}内（{kind.zh}）", f"within {audit.limit_text.en} ({kind.en})")
            drawn.title(title, line.get(lang))
    return drawn.ax


def gaps(
    audit: Audit,
    gaps: gpd.GeoDataFrame | None = None,
    ax: Axes | None = None,
    base: MapBase | Ground | None = None,
    *,
    run: RunLike | None = None,
    demand: gpd.GeoDataFrame | None = None,
    zones: gpd.GeoDataFrame | None = None,
    lang: Lang | None = None,
    legend: bool = True,
) -> Axes:
    """Draw the gap areas of a rule by rank: the more people lack it, the darker; the first are named.

    Parameters
    ----------
    audit : the judged rule
    gaps : of `siting.coverage_gaps`; default: those of ``run``
    ax, base, run, demand, zones, lang, legend : as for `coverage`

    Returns
    -------
    The Axes; its figure is ``.figure``.
    """
    if gaps is None and run is not None:
        gaps = run.gaps
    own = words.gaps_of(audit, gaps)
    given = around(run, lang, base, demand, zones)
    lang = given.lang
    with scene(ax, given, coverage_extent(audit, given.below, given.demand)) as drawn:
        rows: list[words.LegendRow] = []
        subtitle = words.coverage_headline(audit, lang)
        drawn.scale(audit.demand)
        if own is not None:
            size, what = words.gap_sizes(own, audit)
            for one in people_classes(size):
                assert one.low is not None
                assert one.high is not None
                held = own[((size > one.low) & (size <= one.high)).to_numpy(dtype=bool)]
                polygons(drawn.ax, held.geometry, facecolor=one.colour, alpha=0.75, linewidth=0, zorder=1.95)
                lines(drawn.ax, held.geometry, color=palette.GAP, linewidth=0.7, zorder=2.0)
                name = Text(f"{one.name.zh} {what.zh}", f"{one.name.en} {what.en}")
                count = f"{name.get(lang)} ({style.number(len(held))})"
                if len(held):
                    rows.append((Patch(facecolor=one.colour, edgecolor=palette.GAP, alpha=0.85), style.clean(count)))
            if legend:
                drawn.legend(rows)
            top = own.head(LABELLED_GAPS)
            drawn.labels(words.gap_labels(top, lang, audit), marks.point_xy(top), palette.GAP)
        else:
            subtitle = style.label(Text("没有服务盲区", "no gap areas"), lang)
        if legend:
            name = audit.rule.name
            drawn.title(Text(f"{name.zh}：服务盲区", f"{name.en}: gaps"), subtitle)
    return drawn.ax


def zones(
    audit: Audit,
    zones: gpd.GeoDataFrame | None = None,
    ax: Axes | None = None,
    base: MapBase | Ground | None = None,
    *,
    level: str | None = None,
    denominator: Denominator | None = None,
    distance: DistanceKind | None = None,
    run: RunLike | None = None,
    demand: gpd.GeoDataFrame | None = None,
    lang: Lang | None = None,
    legend: bool = True,
) -> Axes:
    """Colour the zones of a level by the share that a rule serves, each named with its share.

    Parameters
    ----------
    audit : the judged rule; its ``indicators`` hold the shares
    zones : polygons of the level, index = zone id; default: those of ``run``
    level : of zones; default: the smallest of which the audit has figures
    denominator : people, land or units; default: the one that the audit's headline uses
    distance : "network" or "straight"; default: the kind that the rule means
    ax, base, run, demand, lang, legend : as for `coverage`

    Returns
    -------
    The Axes; its figure is ``.figure``.

    Raises
    ------
    InputError
        The audit has no figures by zone, or none of this level, denominator and distance.
    """
    denominator = denominator or headline_denominator(audit)
    distance = distance or audit.distance
    table = audit.indicators
    known = [] if run is None else [name for name in run.zones if (table["zone_level"] == name).any()]
    level = level or next(iter(known), None)
    if zones is None and run is not None and level is not None:
        zones = run.zones.get(level)
    rows = table[(table["denominator"] == denominator) & (table["distance"] == distance)]
    if level is not None:
        rows = rows[rows["zone_level"] == level]
    if zones is None or not len(zones) or not len(rows):
        msg = f"{audit.name}: no figures by zone (level {level}, {denominator}, {distance}); the study needs zones"
        raise InputError(msg)
    share = rows.drop_duplicates("zone").set_index("zone")["share"].astype(float).reindex(zones.index)
    values = share.to_numpy(dtype=np.float64)
    # The zones are the map: they are not outlined once more under it.
    given = around(run, lang, base, demand, zones)._replace(zones=None)
    lang = given.lang
    with scene(ax, given, place_or(given.demand, zones)) as drawn:
        legend_rows: list[words.LegendRow] = []
        for one in share_classes():
            held = (
                np.isnan(values) if one.low is None or one.high is None else (values > one.low) & (values <= one.high)
            )
            if not held.any():
                continue
            polygons(
                drawn.ax, np.asarray(zones.geometry.array)[held], facecolor=one.colour, edgecolor="white",
                linewidth=0.6, alpha=0.8, zorder=1.75,
            )  # fmt: skip
            name = f"{style.label(one.name, lang, ' ')} ({style.number(int(held.sum()))})"
            legend_rows.append((Patch(facecolor=one.colour, edgecolor="white", alpha=0.85), style.clean(name)))
        drawn.scale(given.demand, zones)
        if legend:
            drawn.legend(legend_rows)
            assert denominator is not None
            what, kind = audit.noun(denominator), DISTANCES[distance]
            line = Text(f"按{what.zh}计的覆盖率（{kind.zh}）", f"share of {what.en} served ({kind.en})")
            drawn.title(audit.rule.name, line.get(lang))
        if len(zones) <= LABELLED_ZONES:
            names = zones["name"] if "name" in zones.columns else zones.index.to_series()
            texts = [
                f"{name}  {style.percent(None if np.isnan(v) else float(v))}"
                for name, v in zip(names.fillna("").astype(str), values, strict=True)
            ]
            drawn.labels(texts, marks.point_xy(zones))
    return drawn.ax


def _shades(count: int) -> list[str]:
    """Return blues from dark for the nearest band to light for the furthest."""
    blues = RAMP_COLOURS["neutral"][::-1]
    if count == 1:
        return [palette.SERVED]
    return [blues[round(k * (len(blues) - 2) / (count - 1))] for k in range(count)]


def _served_column(areas: gpd.GeoDataFrame, audit: Audit) -> str:
    """Name the column that says who is served by the kind of distance that the areas were drawn by."""
    by_street = "distance" not in areas.columns or (areas["distance"] == "network").all()
    return "served_network" if by_street and "served_network" in audit.demand.columns else "served"


def _reach(cutoff: float | None, audit: Audit | None) -> Text:
    if audit is not None and audit.limit_text is not None:
        return Text(f"{audit.limit_text.zh}内可达", f"within {audit.limit_text.en}")
    if cutoff is None:
        return Text("可达范围", "in reach")
    return Text(f"≤ {cutoff:g}", f"≤ {cutoff:g}")
