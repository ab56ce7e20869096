"""Draw the suitability of the ground into an Axes."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from siting.ledger import Lang, Text
from siting.outputs import palette
from siting.outputs.contract import MapBase, RunLike
from siting.outputs.maps import marks, style
from siting.outputs.maps.frame import around
from siting.outputs.maps.ground import Ground
from siting.outputs.maps.scene import scene
from siting.outputs.maps.words import LegendRow
from siting.outputs.suitability_files import SCORE_CLASSES, class_of, reason_colour
from siting.suitability import Suitability
from siting.suitability.exclusions import OUTSIDE

TITLE = Text("用地适宜性", "Suitability of the ground")
NEW_SITES = Text("新选点", "new sites")
MOST_REASONS = 8
_SCORE_ALPHA, _REASON_ALPHA = 180, 110
_SITE: dict[str, Any] = {
    "marker": "o",
    "markersize": 6,
    "markerfacecolor": palette.SITE,
    "markeredgecolor": palette.SITE_RING,
}


def suitability(
    suitability: Suitability,
    ax: Axes | None = None,
    base: MapBase | Ground | None = None,
    *,
    run: RunLike | None = None,
    sites: gpd.GeoDataFrame | None = None,
    zones: gpd.GeoDataFrame | None = None,
    lang: Lang | None = None,
    legend: bool = True,
) -> Axes:
    """Draw the score of every cell, and pale why a cell has none.

    Parameters
    ----------
    suitability : of `siting.suitability`, or a run's
    sites : chosen sites to show on it; default: those of all plans of ``run``
    ax, base, run, zones, lang, legend : as for `coverage`

    Returns
    -------
    The Axes; its figure is ``.figure``.
    """
    given = around(run, lang, base, None, zones)
    lang = given.lang
    xy = _sites(sites, run)
    with scene(ax, given, suitability_extent(suitability)) as drawn:
        _cells(drawn.ax, suitability)
        drawn.ax.plot(xy[:, 0], xy[:, 1], linestyle="none", zorder=5, **_SITE)
        scored = np.isfinite(suitability.score)
        drawn.scale_off(np.concatenate([_middles(suitability, scored), *[xy] * 20]))
        if legend:
            drawn.legend([*score_rows(suitability, lang), *site_rows(len(xy), lang), *reason_rows(suitability, lang)])
            share = style.percent(suitability.share_scored)
            line = Text(f"{share} 的格网有评分", f"{share} of the cells have a score")
            drawn.title(TITLE, line.get(lang))
    return drawn.ax


def suitability_extent(suitability: Suitability) -> list[gpd.GeoDataFrame | None]:
    """Return what a map of it shows whole: the grid."""
    return [gpd.GeoDataFrame(geometry=[shapely.box(*suitability.grid.bounds)], crs=suitability.grid.crs)]


def score_rows(suitability: Suitability, lang: Lang) -> list[LegendRow]:
    """One row a class of score, the best first, with its hectares."""
    found = class_of(suitability.score)
    rows: list[LegendRow] = []
    for number, (_, colour, name) in reversed(list(enumerate(SCORE_CLASSES))):
        part = hectares(int((found == number).sum()), suitability)
        rows.append((_swatch(colour, _SCORE_ALPHA), style.clean(f"{style.label(name, lang, ' ')} ({part})")))
    return rows


def reason_rows(suitability: Suitability, lang: Lang) -> list[LegendRow]:
    """One row a reason why cells have no score, with its hectares; what lies outside is not drawn."""
    held = [r for r in suitability.reasons if r.cells_first and r.name != OUTSIDE]
    return [
        (
            _swatch(reason_colour(r.number), _REASON_ALPHA),
            style.clean(f"{style.label(r.title, lang, ' ')} ({hectares(r.cells_first, suitability)})"),
        )
        for r in held[:MOST_REASONS]
    ]


def site_rows(count: int, lang: Lang) -> list[LegendRow]:
    """Give the row of the chosen sites, if there are any."""
    if not count:
        return []
    text = f"{style.label(NEW_SITES, lang, ' ')} ({count})"
    return [(Line2D([], [], linestyle="none", **_SITE), style.clean(text))]


def hectares(cells: int, suitability: Suitability) -> str:
    """Give the area of so many cells."""
    return f"{style.number(cells * suitability.grid.cell_m**2 / 10_000)} ha"


def _cells(ax: Axes, suitability: Suitability) -> None:
    """Lay the cells over the ground: classes of score strong, reasons pale."""
    score_class = class_of(suitability.score)
    picture = np.zeros((*suitability.grid.shape, 4), dtype=np.uint8)
    for number, (_, colour, _) in enumerate(SCORE_CLASSES):
        picture[score_class == number] = (*_rgb(colour), _SCORE_ALPHA)
    for reason in suitability.reasons:
        if reason.name != OUTSIDE:
            picture[suitability.reason == reason.number] = (*_rgb(reason_colour(reason.number)), _REASON_ALPHA)
    limits = ax.get_xlim(), ax.get_ylim()
    x0, y0, x1, y1 = suitability.grid.bounds
    ax.imshow(picture, extent=(x0, x1, y0, y1), interpolation="nearest", zorder=1.75, origin="upper")
    ax.set(xlim=limits[0], ylim=limits[1])


def _middles(suitability: Suitability, cells: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Middles of cells, shape (n, 2)."""
    row, column = np.nonzero(cells)
    x0, _, _, y1 = suitability.grid.bounds
    size = suitability.grid.cell_m
    return np.column_stack([x0 + (column + 0.5) * size, y1 - (row + 0.5) * size])


def _sites(sites: gpd.GeoDataFrame | None, run: RunLike | None) -> NDArray[np.float64]:
    """Positions of the chosen sites, shape (n, 2)."""
    given = [sites] if sites is not None else [] if run is None else [plan.sites for plan in run.plans.values()]
    return marks.worth_seeing(*given)


def _swatch(colour: str, alpha: int) -> Patch:
    return Patch(facecolor=colour, edgecolor="white", alpha=alpha / 255)


def _rgb(colour: str) -> NDArray[np.uint8]:
    return np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)], dtype=np.uint8)
