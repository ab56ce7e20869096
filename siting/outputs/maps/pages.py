"""`maps/*.png`: one A4 page a rule and one a plan, ready for a meeting."""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
from matplotlib.axes import Axes

from siting.coverage.model import Audit
from siting.ledger import Lang, Text
from siting.locate.plans.plan import Plan
from siting.outputs import palette
from siting.outputs.columns import file_names
from siting.outputs.contract import MapBase, RunLike
from siting.outputs.maps import figures, plot, style, words
from siting.outputs.maps.base import fit_extent
from siting.outputs.maps.files import ONE_PNG, MapFiles
from siting.outputs.maps.ground import Ground, Grounds
from siting.outputs.maps.page import format_for, page
from siting.outputs.maps.panel import Panel
from siting.outputs.plan_states import shown_states
from siting.standards import document_text

LANGS: tuple[Lang, ...] = ("zh", "en")
LEGEND = Text("图例", "Legend")


def coverage_map(
    path: Path, audit: Audit, run: RunLike, grounds: Grounds | None = None, files: MapFiles = ONE_PNG
) -> None:
    """Draw the page of one rule: who is served, who is not, the gaps, the figures and the clause.

    Parameters
    ----------
    path : of the PNG; other formats stand beside it
    grounds : of the run, where several pages are drawn
    files : formats and paper
    """
    layers = plot.coverage_extent(audit, run.base, run.demand)
    gaps = run.gaps if len(run.gaps) else None
    form = format_for(layers, files.paper)
    with page(path, run, form, of_place(run, audit.rule.name), _coverage_subtitle(audit), files) as (ax, panel):
        base = _ground(ax, layers, run, grounds)
        plot.coverage(audit, ax, base, gaps, demand=run.demand, zones=outlined_zones(run), lang=run.lang, legend=False)
        figures.coverage_figures(panel, audit, run)
        figures.clause_lines(panel, audit, run)
        legend = words.coverage_legend(audit, gaps, run.lang)
        if legend:
            panel.heading(style.label(LEGEND, run.lang))
            panel.legend(legend)
        figures.gap_list(panel, audit, run)


def plan_map(path: Path, plan: Plan, run: RunLike, grounds: Grounds | None = None, files: MapFiles = ONE_PNG) -> None:
    """Draw the page of one plan: the sites in order of gain, who they newly serve, and the proof."""
    audit = audit_of(plan, run)
    facilities = plot.facilities_of(run.facilities, plan)
    layers = plot.plan_extent(plan, run.demand)
    form = format_for(layers, files.paper)
    with page(path, run, form, of_place(run, plan.title), words.plan_subtitle(plan), files) as (ax, panel):
        plot.plan(
            plan, ax, _ground(ax, layers, run, grounds), demand=run.demand, facilities=facilities,
            zones=outlined_zones(run), lang=run.lang, served_before=audit.demand if audit else None, legend=False,
        )  # fmt: skip
        states = shown_states(plan, run.demand)
        plan_side(panel, plan, run, words.plan_legend(run.lang, has_facilities=len(facilities) > 0, states=states))


def plan_side(panel: Panel, plan: Plan, run: RunLike, legend: list[words.LegendRow]) -> None:
    """Write what stands beside the map of a plan: its figures, how well its rule was read, the legend, the sites."""
    figures.plan_figures(panel, plan, run)
    if plan.rule is not None:
        grade = plan.rule.confidence
        panel.badge(figures.confidence(grade.text, run), palette.READING_COLOUR[grade])
    panel.heading(style.label(LEGEND, run.lang))
    panel.legend(legend)
    figures.site_list(panel, plan, run)


def outlined_zones(run: RunLike) -> gpd.GeoDataFrame | None:
    """Return the finest level of zones that does not hide the map."""
    return plot.outlined_zones(run.zones)


def audit_of(plan: Plan, run: RunLike) -> Audit | None:
    """Return the judged audit of the plan's rule and limit, if the study has it."""
    found = (a for a in run.audits.values() if a.judged and plan.rule is not None and a.rule.id == plan.rule.id)
    return next(
        (a for a in found if (a.limit_m, a.limit_s, a.travel) == (plan.limit_m, plan.limit_s, plan.travel)), None
    )


def map_texts(run: RunLike) -> list[str]:
    """Every text that the maps show and that comes from the data, to be checked against the fonts."""
    named = [run.title, *run.attribution]
    named += [a.rule.name for a in run.audits.values()] + [p.title for p in run.plans.values()]
    named += [a.reason for a in run.audits.values() if a.reason is not None]
    texts = [text for name in named for text in (name.zh, name.en)]
    texts += [document_text(a.rule, lang) + a.rule.source.title for a in run.audits.values() for lang in LANGS]
    if run.suitability is not None:
        named = [f.title for f in run.suitability.factors] + [r.title for r in run.suitability.reasons]
        texts += [text for name in named for text in (name.zh, name.en)]
    for result in run.themes.values():
        shown = [text for layer in result.layers for text in (layer.title, layer.note) if text is not None]
        texts += [t for line in (result.title, *result.headlines, *shown) for t in (line.zh, line.en)]
        labelled = [layer for layer in result.layers if layer.own_map and layer.label is not None]
        texts += [str(n) for layer in labelled for n in layer.frame[layer.label].dropna()]
    for plan in run.plans.values():
        texts += [str(n) for c in ("name_zh", "name_en") if c in plan.sites.columns for n in plan.sites[c].dropna()]
    return texts


def _ground(ax: Axes, layers: list[gpd.GeoDataFrame | None], run: RunLike, grounds: Grounds | None) -> Ground | MapBase:
    return run.base if grounds is None else grounds.at(ax, fit_extent(ax, layers))


def of_place(run: RunLike, title: Text) -> Text:
    """Put the name of the place before a title."""
    return Text(f"{run.title.zh} · {title.zh}", f"{run.title.en} · {title.en}")


def _coverage_subtitle(audit: Audit) -> Text:
    if not audit.judged or audit.limit_text is None:
        return Text("未评判", "not judged")
    return Text(words.coverage_headline(audit, "zh"), words.coverage_headline(audit, "en"))


def map_names(run: RunLike) -> Mapping[str, Audit | Plan]:
    """File names of all maps of a run, with what each shows."""
    shown: dict[str, Audit | Plan] = {f"coverage_{name}": audit for name, audit in run.audits.items()}
    plans: dict[str, Audit | Plan] = {f"plan_{name}": plan for name, plan in run.plans.items()}
    return dict(zip(file_names([*shown, *plans]), [*shown.values(), *plans.values()], strict=True))
