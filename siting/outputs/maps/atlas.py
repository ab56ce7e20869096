"""All pages of a run: their names, and how each is drawn."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from siting.coverage.model import Audit
from siting.locate.plans.effect import tells_served
from siting.outputs.columns import file_names
from siting.outputs.contract import RunLike
from siting.outputs.maps.alternatives_page import alternatives_map, compared
from siting.outputs.maps.files import MapFiles
from siting.outputs.maps.ground import Grounds
from siting.outputs.maps.pages import coverage_map, map_names, outlined_zones, plan_map
from siting.outputs.maps.side_pages import (
    before_after_map,
    bivariate_map,
    crossed_audits,
    kinds_of,
    living_circle_map,
    tiered,
)
from siting.outputs.maps.suitability_page import suitability_map
from siting.outputs.maps.theme_pages import theme_map, theme_map_names

Draw = Callable[[Path], None]


def atlas(run: RunLike, files: MapFiles) -> dict[str, Draw]:
    """Every page of a run by its file name without suffix; each is drawn by calling it with the path of its PNG.

    One page a rule and a plan, a plan before and after, a plan beside others nearly as good, the rules that are read
    together, one a layer of a theme, the tiers of the living circle on one page, and the suitability of the ground.
    """
    grounds = Grounds(run.base, outlined_zones(run), vectors=files.vectors)
    pages: dict[str, Draw] = {}
    for name, shown in map_names(run).items():
        if isinstance(shown, Audit):
            pages[name] = partial(coverage_map, audit=shown, run=run, grounds=grounds, files=files)
        else:
            pages[name] = partial(plan_map, plan=shown, run=run, grounds=grounds, files=files)
    # A plan that is not about who is served has no before and after to draw.
    limited = {name: plan for name, plan in run.plans.items() if tells_served(plan) and len(plan.sites)}
    drawn = {f"before_after_{name}": plan for name, plan in limited.items() if len(run.demand)}
    for name, plan in zip(file_names([*drawn]), drawn.values(), strict=True):
        pages[name] = partial(before_after_map, plan=plan, run=run, grounds=grounds, files=files)
    beside = compared(run)
    for name, plan in zip(file_names([*beside]), beside.values(), strict=True):
        pages[name] = partial(alternatives_map, plan=plan, run=run, grounds=grounds, files=files)
    pairs = {f"bivariate_{a.name}_{b.name}": (a, b) for a, b in crossed_audits(run) if kinds_of(a, b)}
    for name, (first, second) in zip(file_names([*pairs]), pairs.values(), strict=True):
        pages[name] = partial(bivariate_map, first=first, second=second, run=run, grounds=grounds, files=files)
    for name, (layer, result) in theme_map_names(run).items():
        pages[name] = partial(theme_map, layer=layer, result=result, run=run, grounds=grounds, files=files)
    circle = tiered(run)
    if circle is not None:
        pages["living_circle"] = partial(living_circle_map, result=circle, run=run, grounds=grounds, files=files)
    if run.suitability is not None:
        pages["suitability"] = partial(
            suitability_map, suitability=run.suitability, run=run, grounds=grounds, files=files
        )
    return pages
