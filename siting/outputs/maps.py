"""`maps/*.png`: one A4 page a rule and one a plan, ready for a meeting."""

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from siting import __version__
from siting.coverage.model import Audit
from siting.ledger import Lang, Text
from siting.locate.plan import Plan
from siting.outputs import map_style as style
from siting.outputs import map_words as words
from siting.outputs import plot
from siting.outputs.columns import file_names
from siting.outputs.contract import RunLike
from siting.outputs.layers import DENOMINATORS as DENOMINATOR_ORDER
from siting.outputs.layers import headline_denominator
from siting.outputs.map_panel import Panel, text_width, wrap
from siting.standards import DENOMINATORS, DISTANCES, document_text
from siting.standards.explain import verdict_text
from siting.standards.labels import STANDINGS

A4_INCHES = (11.69, 8.27)
DPI = 200
MAP_BOX = (0.022, 0.072, 0.712, 0.802)
PANEL_BOX = (0.752, 0.072, 0.226, 0.802)
M2_PER_HA = 10_000
HECTARES = Text("（公顷）", " (ha)")
LANGS: tuple[Lang, ...] = ("zh", "en")
ZONES_SHOWN = 150
"""A level with more zones than this is not outlined: its lines would hide the map."""


def coverage_map(path: Path, audit: Audit, run: RunLike) -> None:
    """Draw the page of one rule: who is served, who is not, the gaps, the figures and the clause."""
    with _page(path, run, _of_place(run, audit.rule.name), _coverage_subtitle(audit)) as (figure, ax):
        gaps = run.gaps if len(run.gaps) else None
        plot.coverage(audit, ax, run.base, gaps, zones=outlined_zones(run), lang=run.lang, legend=False)
        panel = Panel(figure, PANEL_BOX)
        _coverage_figures(panel, audit, run)
        _clause(panel, audit, run)
        panel.heading(style.label(Text("图例", "Legend"), run.lang))
        panel.legend(words.coverage_legend(audit, gaps, run.lang))
        _top_gaps(panel, audit, run)


def plan_map(path: Path, plan: Plan, run: RunLike) -> None:
    """Draw the page of one plan: the sites in order of gain, who they newly serve, and the proof."""
    demand = run.demand
    audit = audit_of(plan, run)
    facilities = run.facilities
    if "class" in facilities.columns:
        facilities = facilities[facilities["class"].isin(plan.facility)]
    subtitle = Text(
        f"服务半径 {plan.limit_m:g} 米，{len(plan.sites)} 个新选点；{words.proof_text(plan).zh}",
        f"{len(plan.sites)} new sites, limit {plan.limit_m:g} m; {words.proof_text(plan).en}",
    )
    with _page(path, run, _of_place(run, plan.title), subtitle) as (figure, ax):
        plot.plan(
            plan, ax, run.base, demand=demand, facilities=facilities, zones=outlined_zones(run), lang=run.lang,
            served_before=audit.demand if audit else None, legend=False,
        )  # fmt: skip
        panel = Panel(figure, PANEL_BOX)
        _plan_figures(panel, plan, run)
        if plan.rule is not None:
            panel.badge(_confidence(plan.rule.confidence.text, run), style.READING_COLOUR[plan.rule.confidence])
        panel.heading(style.label(Text("图例", "Legend"), run.lang))
        panel.legend(words.plan_legend(run.lang, has_facilities=len(facilities) > 0))
        _site_list(panel, plan, run)


def outlined_zones(run: RunLike) -> gpd.GeoDataFrame | None:
    """Return the finest level of zones that does not hide the map."""
    return next((layer for layer in run.zones.values() if 0 < len(layer) <= ZONES_SHOWN), None)


def audit_of(plan: Plan, run: RunLike) -> Audit | None:
    """Return the judged audit of the plan's rule and limit, if the study has it."""
    found = (a for a in run.audits.values() if a.judged and plan.rule is not None and a.rule.id == plan.rule.id)
    return next((a for a in found if a.limit_m == plan.limit_m), None)


def map_texts(run: RunLike) -> list[str]:
    """Every text that the maps show and that comes from the data, to be checked against the fonts."""
    named = [run.title, *run.attribution]
    named += [a.rule.name for a in run.audits.values()] + [p.title for p in run.plans.values()]
    named += [a.reason for a in run.audits.values() if a.reason is not None]
    texts = [text for name in named for text in (name.zh, name.en)]
    texts += [document_text(a.rule, lang) + a.rule.source.title for a in run.audits.values() for lang in LANGS]
    for plan in run.plans.values():
        texts += [str(n) for c in ("name_zh", "name_en") if c in plan.sites.columns for n in plan.sites[c].dropna()]
    return texts


@contextmanager
def _page(path: Path, run: RunLike, title: Text, subtitle: Text) -> Iterator[tuple[Figure, Axes]]:
    """Give a page with title and source line and the Axes of its map; write it when the block is done."""
    # The bundled font has one weight, and characters that no font has were replaced and reported before.
    logger = logging.getLogger("matplotlib.font_manager")
    level = logger.level
    with style.map_fonts(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        logger.setLevel(logging.ERROR)
        try:
            figure = Figure(figsize=A4_INCHES, dpi=DPI, facecolor="white")
            FigureCanvasAgg(figure)
            _head_and_foot(figure, run, title, subtitle)
            yield figure, figure.add_axes(MAP_BOX)
            figure.savefig(path, dpi=DPI, metadata={"Software": None})
        finally:
            logger.setLevel(level)


def _of_place(run: RunLike, title: Text) -> Text:
    return Text(f"{run.title.zh} · {title.zh}", f"{run.title.en} · {title.en}")


def _head_and_foot(figure: Figure, run: RunLike, title: Text, subtitle: Text) -> None:
    first, second = (title.zh, title.en) if run.lang == "zh" else (title.en, title.zh)
    left, top = MAP_BOX[0], 0.965
    size = 19.0
    while size > 11 and text_width(first, size) + text_width(second, size * 0.62) > 0.93 * A4_INCHES[0] * 72:
        size -= 0.5
    main = figure.text(
        left, top, style.clean(first), fontsize=size, color=style.INK, va="top", path_effects=style.strong(width_pt=0.6)
    )
    if second != first:
        canvas = figure.canvas
        assert isinstance(canvas, FigureCanvasAgg)
        end = main.get_window_extent(canvas.get_renderer()).x1 / (A4_INCHES[0] * DPI)  # type: ignore[no-untyped-call]
        figure.text(
            end + 0.012, top - 0.0115, style.clean(second), fontsize=size * 0.62, color=style.FAINT_INK, va="top"
        )
    line = style.label(subtitle, run.lang, "   |   ")
    figure.text(left, top - 0.043, style.clean(line), fontsize=9, color=style.INK, va="top")
    sources = "；".join(style.label(text, run.lang, " / ") for text in run.attribution)
    parts = [style.label(Text("数据来源", "Source"), run.lang, " ") + "：" + sources if sources else ""]
    if run.data_date:
        parts.append(style.label(Text("数据日期", "data of"), run.lang, " ") + f" {run.data_date}")
    authority = run.crs.to_authority()
    parts.append(":".join(authority) if authority else run.crs.name)
    parts.append(f"siting {__version__}")
    lines = wrap("   ·   ".join(part for part in parts if part), (0.956 * A4_INCHES[0]) * 72, 7.0)[:3]
    figure.text(
        left, 0.058, style.clean("\n".join(lines)), fontsize=7.0, color=style.FAINT_INK, va="top", linespacing=1.4
    )
    figure.add_artist(Rectangle((left, 0.893), 0.956, 0.0012, facecolor=style.LINE, edgecolor="none"))


def _coverage_subtitle(audit: Audit) -> Text:
    if not audit.judged or audit.limit_m is None:
        return Text("未评判", "not judged")
    return Text(words.coverage_headline(audit, "zh"), words.coverage_headline(audit, "en"))


def _coverage_figures(panel: Panel, audit: Audit, run: RunLike) -> None:
    denominator = headline_denominator(audit)
    share = audit.headline(denominator) if denominator else None
    if not audit.judged or share is None or denominator is None or audit.limit_m is None:
        panel.write(style.label(Text("未评判", "not judged"), run.lang), 15, strong=True)
        panel.skip(4)
        reason = audit.reason or Text("没有可评判的需求", "no demand to judge")
        panel.both(reason, run.lang)
        return
    panel.write(style.percent(share.share), 30, strong=True)
    panel.skip(-6)
    what, kind = DENOMINATORS[denominator], DISTANCES[audit.distance]
    line = Text(
        f"{what.zh}在 {audit.limit_m:g} 米内（{kind.zh}）", f"of {what.en} within {audit.limit_m:g} m ({kind.en})"
    )
    panel.both(line, run.lang)
    panel.skip(3)
    target = audit.rule.target
    part = share.share or 0.0
    panel.bar([(part, style.SERVED), (1 - part, style.UNSERVED)], target.share if target else None)
    for d in DENOMINATOR_ORDER:
        own = audit.headline(d)
        if own is None:
            continue
        per, unit = (own.per_whole, Text("", "")) if d != "land" else (own.per_whole * M2_PER_HA, HECTARES)
        name = Text(DENOMINATORS[d].zh + unit.zh, DENOMINATORS[d].en + unit.en)
        figures = f"{style.number(own.served / per)} / {style.number(own.total / per)}   {style.percent(own.share)}"
        panel.pair(style.label(name, run.lang, " "), figures)
    for other in dict.fromkeys(k for k, d in audit.shares if d == denominator and k != audit.distance):
        panel.pair(style.label(DISTANCES[other], run.lang, " "), style.percent(audit.shares[other, denominator].share))
    if audit.unreachable:
        lost = Text("无路可达（点）", "no path (points)")
        panel.pair(style.label(lost, run.lang, " "), style.number(audit.unreachable))
    _verdict(panel, audit, run)


def _verdict(panel: Panel, audit: Audit, run: RunLike) -> None:
    target = audit.rule.target
    if target is not None:
        sign = {">=": "≥", ">": ">"}[target.operator]
        panel.pair(style.label(Text("目标", "target"), run.lang, " "), f"{sign} {style.percent(target.share)}")
    panel.skip(3)
    if audit.passes is None:
        why = audit.reason or verdict_text(audit.rule)
        if audit.reason is None and audit.rule.verdict_allowed:
            why = Text("不作达标结论：缺少条文所用的分母", "no verdict: the clause's denominator is not known here")
        panel.badge(why.get(run.lang), ("#eef0f2", style.FAINT_INK))
    elif audit.passes:
        panel.badge(style.label(Text("达标", "target met"), run.lang), ("#e3f1ea", style.MET))
    else:
        panel.badge(style.label(Text("未达标", "target not met"), run.lang), ("#fbe6dc", style.NOT_MET))


def _clause(panel: Panel, audit: Audit, run: RunLike) -> None:
    panel.heading(style.label(Text("依据", "Clause"), run.lang))
    source = audit.rule.source
    cited = document_text(audit.rule, run.lang)
    panel.write(cited, 8.0)
    if source.title and source.title not in cited:
        panel.write(source.title, 7.5, style.FAINT_INK)
    if source.standing != "in_force":
        panel.write(style.label(STANDINGS[source.standing], run.lang), 7.5, style.CAUTION_INK)
    if audit.rule.overridden:
        own = Text("本研究自设：", "set by this study: ").get(run.lang) + ", ".join(audit.rule.overridden)
        panel.write(own, 7.5, style.CAUTION_INK)
    panel.skip(3)
    panel.badge(_confidence(audit.rule.confidence.text, run), style.READING_COLOUR[audit.rule.confidence])


def _confidence(grade: Text, run: RunLike) -> str:
    return style.label(Text("可信度", "confidence"), run.lang, " ") + "：" + style.label(grade, run.lang, " ")


def _top_gaps(panel: Panel, audit: Audit, run: RunLike) -> None:
    gaps = words.gaps_of(audit, run.gaps)
    if gaps is None or panel.left < 45:
        return
    panel.heading(style.label(Text("最大盲区与最近设施", "Gaps, nearest"), run.lang))
    rows = gaps.to_dict("records")
    room = int((panel.left - 14) / 11.5)
    for row in rows[:room]:
        far = row.get("nearest_m")
        shown = f"{style.number(far)} m" if far is not None and np.isfinite(far) else "∞"
        panel.pair(f"{row.get('gap_id', '')}   {words.gap_size(row, run.lang)}", shown)
    if len(rows) > room:
        more = Text(f"另有 {len(rows) - room} 处，见 tables/gaps.csv", f"{len(rows) - room} more in tables/gaps.csv")
        panel.write(more.get(run.lang), 7.5, style.FAINT_INK)


def _plan_figures(panel: Panel, plan: Plan, run: RunLike) -> None:
    before, after, total = plan.people_before, plan.people_after, plan.people_total
    if before is not None and after is not None:
        panel.write(f"+{style.number(after - before)}", 30, style.NEWLY_SERVED, strong=True)
        panel.skip(-6)
        panel.both(Text(f"人新增在 {plan.limit_m:g} 米内", f"more people within {plan.limit_m:g} m"), run.lang)
        panel.skip(4)
        for name, value in ((Text("现状", "before"), before), (Text("规划后", "after"), after)):
            share = f"   {style.percent(value / total)}" if total else ""
            panel.pair(style.label(name, run.lang, " "), f"{style.number(value)}{share}")
            if total:
                parts = [(before / total, style.SERVED)]
                if value == after:
                    parts += [((after - before) / total, style.NEWLY_SERVED), (1 - after / total, style.UNSERVED)]
                else:
                    parts.append((1 - before / total, style.UNSERVED))
                panel.bar(parts)
    else:
        panel.write(style.number(plan.result.objective), 30, style.NEWLY_SERVED, strong=True)
        panel.write(style.label(Text("目标值", "objective"), run.lang))
    panel.pair(style.label(Text("模型", "model"), run.lang, " "), plan.model.upper())
    panel.pair(style.label(Text("候选点", "candidates"), run.lang, " "), style.number(len(plan.candidates)))
    panel.skip(3)
    proved = plan.result.status == "optimal"
    colours = ("#e3f1ea", "#00553f") if proved else ("#e5eef6", "#1e4b73")
    panel.badge(style.label(words.proof_text(plan), run.lang), colours)


def _site_list(panel: Panel, plan: Plan, run: RunLike) -> None:
    panel.heading(style.label(Text("新选点 · 地块", "Sites · plot"), run.lang))
    gains = words.site_labels(plan, run.lang)
    rows = plan.sites.to_dict("records")
    numbers = words.site_numbers(plan)
    room = int((panel.left - 14) / 11.5)
    for k, row in enumerate(rows[:room]):
        plot_name = row.get("plot")
        name = str(plot_name) if isinstance(plot_name, str) else str(plan.sites.index[k])
        name = name if text_width(name, 8.0) < panel.width * 0.5 else name[:14] + "…"
        panel.pair(f"{numbers[k]}.  {name}", gains[k] if k < len(gains) else "")
    if len(rows) > room:
        more = Text(f"另有 {len(rows) - room} 处，见 tables/sites.csv", f"{len(rows) - room} more in tables/sites.csv")
        panel.write(more.get(run.lang), 7.5, style.FAINT_INK)


def map_names(run: RunLike) -> Mapping[str, Audit | Plan]:
    """File names of all maps of a run, with what each shows."""
    shown: dict[str, Audit | Plan] = {f"coverage_{name}": audit for name, audit in run.audits.items()}
    plans: dict[str, Audit | Plan] = {f"plan_{name}": plan for name, plan in run.plans.items()}
    return dict(zip(file_names([*shown, *plans]), [*shown.values(), *plans.values()], strict=True))
