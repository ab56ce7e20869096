"""One A4 page: the suitability of the ground, the weights behind it, and what is out."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from siting.ledger import Text
from siting.outputs import palette
from siting.outputs.contract import RunLike
from siting.outputs.maps import style
from siting.outputs.maps.base import fit_extent
from siting.outputs.maps.furniture import scale_and_north
from siting.outputs.maps.ground import Grounds
from siting.outputs.maps.page import format_for, page
from siting.outputs.maps.words import LegendRow
from siting.outputs.suitability_files import SCORE_CLASSES, class_of, reason_colour
from siting.suitability import Suitability
from siting.suitability.exclusions import OUTSIDE

TITLE = Text("用地适宜性", "Suitability of the ground")
NEW_SITES = Text("新选点", "new sites")
_SCORE_ALPHA, _REASON_ALPHA = 180, 110
_SITE: dict[str, Any] = {
    "marker": "o",
    "markersize": 6,
    "markerfacecolor": palette.SITE,
    "markeredgecolor": palette.SITE_RING,
}
MOST_REASONS = 8
_BADGE = {True: ("#e3f1ea", "#00553f"), False: (palette.CAUTION_FILL, palette.CAUTION_INK)}


def suitability_map(path: Path, suitability: Suitability, run: RunLike, grounds: Grounds) -> None:
    """Draw the page of a suitability overlay."""
    grid = suitability.grid
    area = gpd.GeoDataFrame(geometry=[shapely.box(*grid.bounds)], crs=grid.crs)
    layers: list[gpd.GeoDataFrame | None] = [area]
    title = Text(f"{run.title.zh} · {TITLE.zh}", f"{run.title.en} · {TITLE.en}")
    share = style.percent(suitability.share_scored)
    subtitle = Text(
        f"{len(suitability.factors)} 个因子加权叠加，格网 {grid.cell_m:g} 米；研究范围内 {share} 的格网有评分",
        f"weighted overlay of {len(suitability.factors)} factors, cells of {grid.cell_m:g} m; "
        f"{share} of the cells of the study area have a score",
    )
    with page(path, run, format_for(layers), title, subtitle) as (ax, panel):
        grounds.at(ax, fit_extent(ax, layers)).draw(ax)
        _draw(ax, suitability)
        sites = _sites(run)
        ax.plot(sites[:, 0], sites[:, 1], linestyle="none", zorder=5, **_SITE)
        scale_and_north(ax)
        panel.heading(style.label(Text("因子与权重", "Factors and weights"), run.lang))
        for factor in suitability.factors:
            weight = suitability.weights[factor.name]
            panel.row(style.label(factor.title, run.lang, " "), f"{weight:.3f}")
            panel.bar([(weight, palette.NEWLY_SERVED)])
            panel.write(factor.scale_text.get(run.lang), 7.0, palette.FAINT_INK)
            panel.skip(3)
        if suitability.ahp is not None:
            panel.skip(2)
            good = suitability.ahp.consistent
            panel.badge(suitability.ahp.text.get(run.lang), _BADGE[good])
        panel.heading(style.label(Text("评分", "Score"), run.lang))
        panel.legend(_score_rows(suitability, run))
        if len(sites):
            text = f"{style.label(NEW_SITES, run.lang, ' ')} ({len(sites)})"
            panel.legend([(Line2D([], [], linestyle="none", **_SITE), style.clean(text))])
        held = [r for r in suitability.reasons if r.cells_first and r.name != OUTSIDE]
        if held:
            panel.heading(style.label(Text("无评分的格网", "Cells without a score"), run.lang))
            panel.legend(
                [
                    (_swatch(reason_colour(r.number), _REASON_ALPHA),
                     style.clean(f"{style.label(r.title, run.lang, ' ')} ({_part(r.cells_first, suitability)})"))
                    for r in held[:MOST_REASONS]
                ]
            )  # fmt: skip


def _draw(ax: Axes, suitability: Suitability) -> None:
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


def _sites(run: RunLike) -> NDArray[np.float64]:
    """Positions of the chosen sites of all plans, shape (n, 2)."""
    found = [shapely.get_coordinates(plan.sites.geometry.array) for plan in run.plans.values() if len(plan.sites)]
    return np.concatenate(found) if found else np.empty((0, 2))


def _score_rows(suitability: Suitability, run: RunLike) -> list[LegendRow]:
    found = class_of(suitability.score)
    rows: list[LegendRow] = []
    for number, (_, colour, name) in reversed(list(enumerate(SCORE_CLASSES))):
        count = int((found == number).sum())
        rows.append(
            (
                _swatch(colour, _SCORE_ALPHA),
                style.clean(f"{style.label(name, run.lang, ' ')} ({_part(count, suitability)})"),
            )
        )
    return rows


def _part(cells: int, suitability: Suitability) -> str:
    hectares = cells * suitability.grid.cell_m**2 / 10_000
    return f"{style.number(hectares)} ha"


def _swatch(colour: str, alpha: int) -> Patch:
    return Patch(facecolor=colour, edgecolor="white", alpha=alpha / 255)


def _rgb(colour: str) -> NDArray[np.uint8]:
    return np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)], dtype=np.uint8)
