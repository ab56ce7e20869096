"""One page: the suitability of the ground, the weights behind it, and what is out."""

from pathlib import Path

from siting.ledger import Text
from siting.outputs import palette
from siting.outputs.contract import RunLike
from siting.outputs.maps import style, suitability_plot
from siting.outputs.maps.base import fit_extent
from siting.outputs.maps.files import ONE_PNG, MapFiles
from siting.outputs.maps.ground import Grounds
from siting.outputs.maps.page import format_for, page
from siting.outputs.maps.pages import of_place
from siting.outputs.maps.suitability_plot import TITLE, reason_rows, score_rows, site_rows, suitability_extent
from siting.suitability import Suitability

_BADGE = {True: ("#e3f1ea", "#00553f"), False: (palette.CAUTION_FILL, palette.CAUTION_INK)}


def suitability_map(
    path: Path, suitability: Suitability, run: RunLike, grounds: Grounds, files: MapFiles = ONE_PNG
) -> None:
    """Draw the page of a suitability overlay."""
    grid = suitability.grid
    layers = suitability_extent(suitability)
    share = style.percent(suitability.share_scored)
    subtitle = Text(
        f"{len(suitability.factors)} 个因子加权叠加，格网 {grid.cell_m:g} 米；研究范围内 {share} 的格网有评分",
        f"weighted overlay of {len(suitability.factors)} factors, cells of {grid.cell_m:g} m; "
        f"{share} of the cells of the study area have a score",
    )
    with page(path, run, format_for(layers, files.paper), of_place(run, TITLE), subtitle, files) as (ax, panel):
        ground = grounds.at(ax, fit_extent(ax, layers))
        suitability_plot.suitability(suitability, ax, ground, run=run, lang=run.lang, legend=False)
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
        panel.legend(score_rows(suitability, run.lang))
        panel.legend(site_rows(sum(len(plan.sites) for plan in run.plans.values()), run.lang))
        reasons = reason_rows(suitability, run.lang)
        if reasons:
            panel.heading(style.label(Text("无评分的格网", "Cells without a score"), run.lang))
            panel.legend(reasons)
