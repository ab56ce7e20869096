"""Answers of location models as maps side by side: who goes where, and which sites differ from the first answer."""

import math
from collections.abc import Iterable, Mapping

import geopandas as gpd
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from siting.errors import InputError
from siting.ledger import Lang, Text
from siting.locate.result import SitingResult
from siting.outputs import palette
from siting.outputs.contract import MapBase, RunLike
from siting.outputs.maps import marks, style
from siting.outputs.maps.frame import MapAxes, MapFigure, around, caption_above
from siting.outputs.maps.ground import Ground
from siting.outputs.maps.scene import axes_of, scenes
from siting.outputs.maps.words import LegendRow

_ONE_ROW, _COLUMNS, _WIDTH = 4, 3, 12.0
_CAPTION, _LEGEND = 0.4, 0.7
"""Inches above each map, and under all of them."""
_OTHER_COLOUR = palette.BIVARIATE[2]
_SITE = Text("选点", "site")
_OTHER = Text("第一张图没有的选点", "site that the first map lacks")
_WAY = Text("去哪一处", "who goes where")
_SERVED, _UNSERVED = Text("已覆盖的居民楼", "homes covered"), Text("未覆盖的居民楼", "homes not covered")


def answers(
    results: Mapping[str, SitingResult],
    candidates: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    axes: Iterable[Axes] | None = None,
    base: MapBase | Ground | None = None,
    *,
    run: RunLike | None = None,
    zones: gpd.GeoDataFrame | None = None,
    lang: Lang | None = None,
    legend: bool = True,
) -> NDArray[np.object_]:
    """Draw several answers to one question as maps of the same extent.

    Parameters
    ----------
    results : answers of `siting.locate` by the name that stands above their map; sites that the first does not have
        stand out in the others
    candidates, demand : the layers whose rows are, in this order, the columns and rows of ``cost``
    axes : one an answer; without them a figure of its own is made
    base, run, zones, lang, legend : as for `plan`

    Returns
    -------
    One Axes an answer.

    Raises
    ------
    InputError
        No answers, layers that are not those of the answers, or fewer Axes than answers.
    """
    if not results:
        msg = "results is empty: give answers of siting.locate by name"
        raise InputError(msg)
    for name, result in results.items():
        if len(result.assignment) != len(demand) or max(result.sites.max(initial=-1), -1) >= len(candidates):
            msg = (
                f"{name}: the answer has {len(result.assignment)} demand rows and a site at position "
                f"{result.sites.max(initial=-1)}; the layers have {len(demand)} homes and {len(candidates)} candidates"
            )
            raise InputError(msg)
    given = around(run, lang, base, demand, zones)
    from_xy, to_xy = marks.point_xy(demand), marks.point_xy(candidates)
    mine = set(next(iter(results.values())).sites.tolist())
    own = axes is None
    axes = _grid(len(results), [demand, candidates]) if axes is None else axes
    with scenes(axes, given, [demand, candidates], len(results)) as row:
        for drawn, (name, result) in zip(row, results.items(), strict=True):
            served = result.assignment >= 0
            drawn.demand(demand, [(served, palette.SERVED), (~served, palette.UNSERVED)])
            ways = np.stack([from_xy[served], to_xy[result.assignment[served]]], axis=1)
            drawn.ax.add_collection(LineCollection(list(ways), colors=palette.FAINT_INK, lw=0.5, alpha=0.7, zorder=2.8))
            other = np.array([j not in mine for j in result.sites.tolist()], dtype=bool)
            for mask, colour in ((~other, palette.SITE), (other, _OTHER_COLOUR)):
                xy = to_xy[result.sites[mask]]
                drawn.ax.plot(xy[:, 0], xy[:, 1], ls="none", marker="o", ms=9, mfc=colour, mec="white", zorder=5)
            drawn.scale_off(np.concatenate([from_xy, *[to_xy[result.sites]] * 20]))
            caption_above(drawn.ax, name, f"{result.objective:,.10g}")
        rows = _legend(list(results.values()), given.lang)
        if legend and own:
            row[0].ax.figure.legend(
                [handle for handle, _ in rows], [text for _, text in rows], loc="lower center", ncols=3, fontsize=9,
                frameon=False,
            )  # fmt: skip
        elif legend:
            row[-1].legend(rows)
    return axes_of(row)


def _grid(count: int, layers: list[gpd.GeoDataFrame]) -> list[Axes]:
    """Return Axes in rows of three, or in one row of up to four, in the shape of the place."""
    bounds = np.array([layer.total_bounds for layer in layers if len(layer)])
    west, south = bounds[:, :2].min(axis=0)
    east, north = bounds[:, 2:].max(axis=0)
    columns = count if count <= _ONE_ROW else _COLUMNS
    rows = math.ceil(count / columns)
    width = _WIDTH / max(columns, 2)
    high = width * min(max((north - south) / max(east - west, 1.0), 0.5), 2.0)
    total = rows * (high + _CAPTION) + _LEGEND
    figure = MapFigure(figsize=(columns * width, total), dpi=120)
    FigureCanvasAgg(figure)
    return [
        figure.add_axes(
            (
                (k % columns + 0.02) / columns,
                (_LEGEND + (rows - 1 - k // columns) * (high + _CAPTION)) / total,
                0.96 / columns,
                high / total,
            ),
            axes_class=MapAxes,
        )
        for k in range(count)
    ]


def _legend(results: list[SitingResult], lang: Lang) -> list[LegendRow]:
    def dot(colour: str, size: float) -> Line2D:
        return Line2D([], [], ls="none", marker="o", ms=size, mfc=colour, mec="white")

    rows: list[tuple[Line2D, Text]] = [(dot(palette.SITE, 9), _SITE)]
    if len(results) > 1:
        rows.append((dot(_OTHER_COLOUR, 9), _OTHER))
    rows += [(Line2D([], [], color=palette.FAINT_INK, lw=0.8), _WAY), (dot(palette.SERVED, 6), _SERVED)]
    if any((result.assignment < 0).any() for result in results):
        rows.append((dot(palette.UNSERVED, 6), _UNSERVED))
    return [(handle, style.clean(style.label(text, lang))) for handle, text in rows]
