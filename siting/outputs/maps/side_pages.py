"""Pages of maps side by side: two rules over each other, before and after a plan, the tiers of the living circle."""

from pathlib import Path

from siting.coverage.model import Audit
from siting.ledger import Text
from siting.locate.plans.plan import Plan
from siting.outputs import palette
from siting.outputs.contract import RunLike
from siting.outputs.layers import judged
from siting.outputs.maps import beside, figures, plot, style, words
from siting.outputs.maps.base import fit_extent
from siting.outputs.maps.bivariate import PLATE_PT, Crossed, bivariate, cross, draw_square, legend_rows
from siting.outputs.maps.files import ONE_PNG, MapFiles
from siting.outputs.maps.frame import caption_above
from siting.outputs.maps.ground import Grounds
from siting.outputs.maps.page import format_for, sheet
from siting.outputs.maps.pages import LEGEND, audit_of, of_place, outlined_zones, plan_side
from siting.outputs.maps.panel import Panel
from siting.outputs.maps.theme_pages import NOTE_SIZE, headlines
from siting.standards import DISTANCES, document_text
from siting.standards.model import DistanceKind
from siting.themes.green.served import GREEN_RULE, PARK_RULE
from siting.themes.result import ThemeResult

CROSSED_RULES = ((GREEN_RULE, PARK_RULE),)
"""Rules that planners read together: a page for each pair that a study judges."""
CAPTIONS: dict[DistanceKind, Text] = {
    "straight": Text("直线距离", "in a straight line"),
    "network": Text("步行路网距离", "on foot along streets"),
}
_OWN = Text("（条文口径）", " (as the clause means it)")


def crossed_audits(run: RunLike) -> list[tuple[Audit, Audit]]:
    """Return the pairs of judged audits that get a page."""
    by_rule = {audit.rule.id: audit for audit in reversed(judged(run.audits))}
    return [(by_rule[a], by_rule[b]) for a, b in CROSSED_RULES if a in by_rule and b in by_rule]


def kinds_of(first: Audit, second: Audit) -> list[DistanceKind]:
    """Return the kinds of distance by which both audits have figures, the straight line first."""
    kinds: tuple[DistanceKind, ...] = ("straight", "network")
    both = [k for k in kinds if all(f"served_{k}" in a.demand.columns for a in (first, second))]
    return both or ([first.distance] if first.distance == second.distance else [])


def bivariate_map(
    path: Path, first: Audit, second: Audit, run: RunLike, grounds: Grounds, files: MapFiles = ONE_PNG
) -> None:
    """Draw the page of two rules over each other: as official figures measure and as people walk."""
    kinds = kinds_of(first, second)
    found = [cross(first, second, kind) for kind in kinds]
    one, two = found[0].names
    title = Text(f"{one.zh} × {two.zh}", f"{one.en} × {two.en}")
    layers = [run.demand if len(run.demand) else found[0].demand]
    form = format_for([*layers], files.paper, len(kinds))
    with sheet(path, run, form, of_place(run, title), _bivariate_subtitle(found), files) as (axes, panel):
        for ax, kind, crossed in zip(axes, kinds, found, strict=True):
            ground = grounds.at(ax, fit_extent(ax, [*layers]))
            bivariate(first, second, ax, ground, run=run, distance=kind, lang=run.lang, legend=False)
            own = _OWN if first.distance == second.distance == kind and len(kinds) > 1 else Text("", "")
            name = CAPTIONS.get(kind, DISTANCES[kind])
            caption = Text(name.zh + own.zh, name.en + own.en)
            if len(kinds) > 1:
                caption_above(ax, caption.get(run.lang), "")
            panel.write(name.get(run.lang), 9, strong=True)
            panel.skip(2)
            at = ((panel.width - PLATE_PT[0]) / 2, panel.y)
            draw_square(panel.ax, crossed, run.lang, at, panel.ax.transData, up=-1, grown=panel.scale)
            panel.skip(PLATE_PT[1] + 8)
        _walls(panel, found, kinds, run)
        _clauses(panel, first, second, run)
        rows = legend_rows(found, run.lang)
        if panel.left > panel.heading_height + len(rows) * panel.legend_row_height:
            panel.heading(style.label(LEGEND, run.lang))
            panel.legend(rows)


def _bivariate_subtitle(found: list[Crossed]) -> Text:
    shares = [(style.percent(c.shares[0]), style.percent(c.shares[3]), c.kind) for c in found]
    counted = found[0].counted
    zh = "；".join(f"{both} 的{counted.zh}两者皆可达，{none} 皆不可达（{kind.zh}）" for both, none, kind in shares)
    en = "; ".join(f"{both} of {counted.en} have both, {none} neither ({kind.en})" for both, none, kind in shares)
    return Text(zh, en)


def _walls(panel: Panel, found: list[Crossed], kinds: list[DistanceKind], run: RunLike) -> None:
    """Say how many the straight line counts and the streets do not."""
    if "straight" not in kinds or "network" not in kinds:
        return
    line, streets = (found[kinds.index(kind)] for kind in ("straight", "network"))
    lost = float(line.weight[line.masks[0] & ~streets.masks[0]].sum())
    count = style.number(lost)
    text = Text(
        f"{count} {line.counted.zh if line.counted.zh != '人口' else '人'}按直线两者皆可达，沿路网并非如此。",
        f"{count} {line.counted.en} have both in a straight line, but not along streets.",
    )
    panel.badge(text.get(run.lang), (palette.CAUTION_FILL, palette.CAUTION_INK))


def _clauses(panel: Panel, first: Audit, second: Audit, run: RunLike) -> None:
    panel.heading(style.label(Text("依据", "Clause"), run.lang))
    cited = [document_text(a.rule, run.lang) for a in (first, second)]
    for text in dict.fromkeys(cited):
        panel.write(text, 7.5)
    panel.skip(3)
    for grade in dict.fromkeys(a.rule.confidence for a in (first, second)):
        panel.badge(figures.confidence(grade.text, run), palette.READING_COLOUR[grade])


def before_after_map(path: Path, plan: Plan, run: RunLike, grounds: Grounds, files: MapFiles = ONE_PNG) -> None:
    """Draw the page of a plan as two maps: who is served today, and who with the new sites."""
    audit = audit_of(plan, run)
    layers = plot.plan_extent(plan, run.demand)
    facilities = plot.facilities_of(run.facilities, plan)
    subtitle = words.plan_subtitle(plan, Text("前后对比", "before and after "))
    form = format_for(layers, files.paper, 2)
    with sheet(path, run, form, of_place(run, plan.title), subtitle, files) as (axes, panel):
        beside.before_after(
            plan, axes, grounds.at(axes[0], fit_extent(axes[0], layers)), demand=run.demand, facilities=facilities,
            zones=outlined_zones(run), lang=run.lang, served_before=audit.demand if audit else None, legend=False,
        )  # fmt: skip
        plan_side(panel, plan, run, words.plan_legend(run.lang, has_facilities=len(facilities) > 0, candidates=False))


def living_circle_map(
    path: Path, result: ThemeResult, run: RunLike, grounds: Grounds, files: MapFiles = ONE_PNG
) -> None:
    """Draw the tiers of the living circle side by side on one page."""
    tiers = beside.tiers_of(result)
    layers = [run.demand if len(run.demand) else tiers[0].frame]
    form = format_for([*layers], files.paper, len(tiers))
    what = tiers[0].title
    shown = Text(what.zh.partition("：")[2], what.en.partition(":")[2].strip())
    title = Text(f"{result.title.zh}：{shown.zh}", f"{result.title.en}: {shown.en}")
    names = [beside.tier_name(tier) for tier in tiers]
    subtitle = Text("、".join(n.zh for n in names), ", ".join(n.en for n in names))
    with sheet(path, run, form, of_place(run, title), subtitle, files) as (axes, panel):
        ground = grounds.at(axes[0], fit_extent(axes[0], [*layers]))
        beside.living_circle(tiers, axes, ground, run=run, lang=run.lang, legend=False)
        rows = beside.tier_legend(tiers, run.lang)
        notes = list(dict.fromkeys(tier.note.get(run.lang) for tier in tiers if tier.note is not None))
        below = panel.heading_height + len(rows) * panel.legend_row_height
        headlines(panel, result, run.lang, below)
        panel.heading(style.label(LEGEND, run.lang))
        panel.legend(rows)
        for note in notes:
            if panel.text_height(note, NOTE_SIZE) + panel.heading_height > panel.left:
                break
            panel.skip(6)
            panel.write(note, NOTE_SIZE, palette.FAINT_INK)


def tiered(run: RunLike) -> ThemeResult | None:
    """Return the living circle of a run that has more than one tier to show beside another."""
    result = run.themes.get(beside.LIVING_CIRCLE)
    if result is None or len(beside.tiers_of(result)) < 2:
        return None
    return result
