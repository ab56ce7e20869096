"""The page of a plan and those nearly as good: a small map each, and what each is worth beside them."""

from dataclasses import replace
from pathlib import Path

from siting.ledger import Text
from siting.locate.plans.effect import loss_told, objective_told
from siting.locate.plans.plan import Plan
from siting.outputs import palette
from siting.outputs.contract import RunLike
from siting.outputs.maps import plot, style, words
from siting.outputs.maps.alternatives import MOST_MAPS, alternatives_extent, alternatives_legend, plan_name
from siting.outputs.maps.base import fit_extent
from siting.outputs.maps.files import ONE_PNG, MapFiles
from siting.outputs.maps.ground import Grounds
from siting.outputs.maps.page import format_for, sheet
from siting.outputs.maps.pages import LEGEND, of_place, outlined_zones
from siting.outputs.maps.panel import Panel
from siting.outputs.plan_tables import not_in_best

ODD = 3
"""Maps that leave one of four places empty."""


def alternatives_map(path: Path, plan: Plan, run: RunLike, grounds: Grounds, files: MapFiles = ONE_PNG) -> None:
    """Draw the page of a plan and those nearly as good."""
    layers = alternatives_extent(plan, run.demand)
    shown = min(len(plan.alternatives), MOST_MAPS)
    form = format_for(layers, files.paper, shown)
    if shown == ODD:  # two rows of two show most places larger than one of three
        square = format_for(layers, files.paper, ODD + 1)
        form = square if square.rows == square.columns else form
    facilities = plot.facilities_of(run.facilities, plan)
    title = Text(f"{plan.title.zh}：备选方案", f"{plan.title.en}: plans nearly as good")
    what = objective_told(plan, plan.result.objective)[0]
    subtitle = Text(f"按{what.zh}比较；每个方案各有证明", f"compared by {what.en}; every plan has a proof of its own")
    with sheet(path, run, form, of_place(run, title), subtitle, files) as (axes, panel):
        for ax in axes[shown:]:
            ax.set_axis_off()
        ground = grounds.at(axes[0], fit_extent(axes[0], layers))
        plot.alternatives(
            plan, axes, ground, demand=run.demand, facilities=facilities, zones=outlined_zones(run), lang=run.lang,
            legend=False,
        )  # fmt: skip
        _side(panel, plan, run)
        panel.heading(style.label(LEGEND, run.lang))
        panel.legend(alternatives_legend(plan, run.demand, run.lang, has_facilities=len(facilities) > 0))


def _side(panel: Panel, plan: Plan, run: RunLike) -> None:
    """Write what each plan is worth, how well that is proved, and which sites differ."""
    for k, one in enumerate(plan.alternatives[:MOST_MAPS]):
        panel.write(plan_name(k).get(run.lang), 10, strong=True)
        name, value = objective_told(plan, one.result.objective)
        panel.named(name, value.get(run.lang), run.lang)
        if k:
            panel.named(Text("与最优相比", "beside the best"), loss_told(one.loss).get(run.lang), run.lang)
        proof = words.proof_text(replace(plan, result=one.result, budget=None))
        if k and one.result.status == "optimal":
            proof = Text("已证明：不用所弃选点则无更好者", "proved: none without the refused sites is better")
        panel.badge(style.label(proof, run.lang), ("#eef0f2", palette.INK))
        others = ", ".join(not_in_best(plan, k))
        if others:
            line = Text(f"另选：{others}", f"other sites: {others}").get(run.lang)
            if panel.text_height(line, 7.5) < panel.left / 4:
                panel.write(line, 7.5, palette.FAINT_INK)
        panel.skip(4)
    left = len(plan.alternatives) - MOST_MAPS
    if left > 0:
        more = Text(f"另有 {left} 个方案，见 tables/alternatives.csv", f"{left} more in tables/alternatives.csv")
        panel.write(more.get(run.lang), 7.5, palette.FAINT_INK)


def compared(run: RunLike) -> dict[str, Plan]:
    """Return the plans of a run that are compared with others, by the name of their page."""
    return {f"alternatives_{name}": plan for name, plan in run.plans.items() if len(plan.alternatives) > 1}
