"""What stands beside the map of a rule or a plan: figures, verdict, clause, the largest gaps, the sites."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from siting.coverage.model import Audit
from siting.display import increase
from siting.ledger import Lang, Text
from siting.locate.plans.effect import change_with_unit, main_measure, tells_served, told_measures, with_unit
from siting.locate.plans.measure import Measure
from siting.locate.plans.model_words import words_of
from siting.locate.plans.plan import Plan
from siting.outputs import palette
from siting.outputs.contract import RunLike
from siting.outputs.layers import DENOMINATORS as DENOMINATOR_ORDER
from siting.outputs.layers import headline_denominator
from siting.outputs.maps import style, words
from siting.outputs.maps.panel import LINE_SPACING, Panel, text_width
from siting.standards import DISTANCES, document_text
from siting.standards.explain import verdict_text
from siting.standards.labels import STANDINGS

LIST_LINE_PT = 8.0 * LINE_SPACING
M2_PER_HA = 10_000
KNOWN_BY_LETTERS = ("mclp", "lscp")
LEAST_LEFT_PT = 150.0
"""Figures beside the main one are written as long as legend and sites keep this much of the column."""
HECTARES = Text("（公顷）", " (ha)")


def coverage_figures(panel: Panel, audit: Audit, run: RunLike) -> None:
    """Write the share of each denominator, the other kind of distance, and the verdict or why there is none."""
    denominator = headline_denominator(audit)
    share = audit.headline(denominator) if denominator else None
    limit = audit.limit_text
    if not audit.judged or share is None or denominator is None or limit is None:
        panel.write(style.label(Text("未评判", "not judged"), run.lang), 15, strong=True)
        panel.skip(4)
        reason = audit.reason or Text("没有可评判的需求", "no demand to judge")
        panel.both(reason, run.lang)
        return
    panel.write(style.percent(share.share), 30, strong=True)
    panel.skip(-6)
    what, kind = audit.noun(denominator), words.measured_by(audit)
    line = Text(f"{what.zh}在 {limit.zh}内（{kind.zh}）", f"of {what.en} within {limit.en} ({kind.en})")
    panel.both(line, run.lang)
    if audit.travel is not None:
        panel.write(audit.travel.text.get(run.lang), 7.5, palette.FAINT_INK)
    panel.skip(3)
    target = audit.rule.target
    part = share.share or 0.0
    panel.bar([(part, palette.SERVED), (1 - part, palette.UNSERVED)], target.share if target else None)
    for d in DENOMINATOR_ORDER:
        own = audit.headline(d)
        if own is None:
            continue
        per, unit = (own.per_whole, Text("", "")) if d != "land" else (own.per_whole * M2_PER_HA, HECTARES)
        name = Text(audit.noun(d).zh + unit.zh, audit.noun(d).en + unit.en)
        figures = f"{style.number(own.served / per)} / {style.number(own.total / per)}   {style.percent(own.share)}"
        panel.named(name, figures, run.lang)
    for other in dict.fromkeys(k for k, d in audit.shares if d == denominator and k != audit.distance):
        panel.named(DISTANCES[other], style.percent(audit.shares[other, denominator].share), run.lang)
    if audit.unreachable:
        lost = Text("无路可达（点）", "no path (points)")
        panel.named(lost, style.number(audit.unreachable), run.lang)
    _verdict(panel, audit, run)


def _verdict(panel: Panel, audit: Audit, run: RunLike) -> None:
    target = audit.rule.target
    if target is not None:
        sign = {">=": "≥", ">": ">"}[target.operator]
        panel.named(Text("目标", "target"), f"{sign} {style.percent(target.share)}", run.lang)
    panel.skip(3)
    if audit.passes is None:
        why = audit.reason or verdict_text(audit.rule)
        if audit.reason is None and audit.rule.verdict_allowed:
            why = Text("不作达标结论：缺少条文所用的分母", "no verdict: the clause's denominator is not known here")
        panel.badge(why.get(run.lang), ("#eef0f2", palette.FAINT_INK))
    elif audit.passes:
        panel.badge(style.label(Text("达标", "target met"), run.lang), ("#e3f1ea", palette.MET))
    else:
        panel.badge(style.label(Text("未达标", "target not met"), run.lang), ("#fbe6dc", palette.NOT_MET))


def clause_lines(panel: Panel, audit: Audit, run: RunLike) -> None:
    """Write document and clause, what the document is worth, what the study changed, and how well it was read."""
    panel.heading(style.label(Text("依据", "Clause"), run.lang))
    source = audit.rule.source
    cited = document_text(audit.rule, run.lang)
    panel.write(cited, 8.0)
    if source.title and source.title.split(" (")[0] not in cited:
        panel.write(source.title, 7.5, palette.FAINT_INK)
    if source.standing != "in_force":
        panel.write(style.label(STANDINGS[source.standing], run.lang), 7.5, palette.CAUTION_INK)
    if audit.rule.overridden:
        own = Text("本研究自设：", "set by this study: ").get(run.lang) + ", ".join(audit.rule.overridden)
        panel.write(own, 7.5, palette.CAUTION_INK)
    panel.skip(3)
    panel.badge(confidence(audit.rule.confidence.text, run), palette.READING_COLOUR[audit.rule.confidence])


def confidence(grade: Text, run: RunLike) -> str:
    """Give the line that says how well a rule was read."""
    return Text("可信度：", "confidence: ").get(run.lang) + style.label(grade, run.lang, " ")


def gap_list(panel: Panel, audit: Audit, run: RunLike) -> None:
    """List as many of the largest gaps as there is room for."""
    gaps = words.gaps_of(audit, run.gaps)
    if gaps is None or panel.left < 45:
        return
    panel.heading(style.label(Text("最大盲区与最近设施", "Gaps, nearest"), run.lang))
    rows = gaps.to_dict("records")
    room = int((panel.left - 14) / LIST_LINE_PT)
    for row in rows[:room]:
        far = row.get(f"nearest_{audit.unit}")
        if far is None or not np.isfinite(far):
            shown = "∞"
        else:
            shown = f"{style.number(far)} m" if audit.unit == "m" else f"{far:.1f} min"
        panel.row(f"{row.get('gap_id', '')}   {words.gap_size(row, run.lang, audit)}", shown)
    if len(rows) > room:
        more = Text(f"另有 {len(rows) - room} 处，见 tables/gaps.csv", f"{len(rows) - room} more in tables/gaps.csv")
        panel.write(more.get(run.lang), 7.5, palette.FAINT_INK)


def plan_figures(panel: Panel, plan: Plan, run: RunLike) -> None:
    """Write the figure that the model is about, before and after, the other figures, the model and the proof."""
    main = main_measure(plan)
    if main is not None:
        _main_figure(panel, plan, main, run)
    else:
        _served_figures(panel, plan, run)
    for one in told_measures(plan):
        if one is not main and panel.left > LEAST_LEFT_PT:
            _row(panel, one, run)
    panel.named(Text("模型", "model"), model_name(plan, run.lang), run.lang)
    panel.named(Text("候选点", "candidates"), style.number(len(plan.candidates)), run.lang)
    panel.skip(3)
    proved = plan.result.status == "optimal"
    colours = ("#e3f1ea", "#00553f") if proved else ("#e5eef6", "#1e4b73")
    panel.badge(style.label(words.proof_text(plan), run.lang), colours)


def _row(panel: Panel, one: Measure, run: RunLike) -> None:
    """Write a figure beside its name, or under it where one line does not hold both."""
    name, value = one.name.get(run.lang), change_with_unit(one).get(run.lang)
    if text_width(name, 8.0) + text_width(value, 8.0) + 8 <= panel.width:
        panel.named(one.name, value, run.lang)
        return
    panel.write(name, 8.0, palette.FAINT_INK)
    panel.pair("", value)


def _main_figure(panel: Panel, plan: Plan, main: Measure, run: RunLike) -> None:
    shown = with_unit(main, main.after).get(run.lang)
    panel.write(shown, 30 if text_width(shown, 30) <= panel.width else 20, palette.NEWLY_SERVED, strong=True)
    panel.skip(-2)
    by, limit = words.measured_by(plan), plan.limit_text if tells_served(plan) else None
    kind = by if limit is None else Text(f"{limit.zh}，{by.zh}", f"{limit.en}, {by.en}")
    panel.both(Text(f"{main.name.zh}（{kind.zh}）", f"{main.name.en} ({kind.en})"), run.lang)
    if plan.travel is not None:
        panel.write(plan.travel.text.get(run.lang), 7.5, palette.FAINT_INK)
    panel.skip(4)
    for name, value in ((Text("现状", "before"), main.before), (Text("规划后", "after"), main.after)):
        panel.named(name, with_unit(main, value).get(run.lang), run.lang)


def _served_figures(panel: Panel, plan: Plan, run: RunLike) -> None:
    before, after, total, unit = plan.people_before, plan.people_after, plan.people_total, style.PEOPLE
    if before is None or after is None:
        before, after, total, unit = plan.weight_before, plan.weight_after, plan.weight_total, plan.unit
    limit = plan.limit_text
    if limit is None or before is None or after is None:
        panel.write(style.number(plan.result.objective), 30, palette.NEWLY_SERVED, strong=True)
        panel.write(style.label(_objective(plan), run.lang))
        return
    panel.write(increase(before, after), 30, palette.NEWLY_SERVED, strong=True)
    panel.skip(-6)
    kind = words.measured_by(plan)
    line = Text(f"{unit.zh}新增在 {limit.zh}内（{kind.zh}）", f"more {unit.en} within {limit.en} ({kind.en})")
    panel.both(line, run.lang)
    if plan.travel is not None:
        panel.write(plan.travel.text.get(run.lang), 7.5, palette.FAINT_INK)
    panel.skip(4)
    for name, value in ((Text("现状", "before"), before), (Text("规划后", "after"), after)):
        share = f"   {style.percent(value / total)}" if total else ""
        panel.named(name, f"{style.number(value)}{share}", run.lang)
        if total:
            parts = [(before / total, palette.SERVED)]
            if value == after:
                parts += [((after - before) / total, palette.NEWLY_SERVED), (1 - after / total, palette.UNSERVED)]
            else:
                parts.append((1 - before / total, palette.UNSERVED))
            panel.bar(parts)


def _objective(plan: Plan) -> Text:
    """Say what the objective of the plan's model counts."""
    counts = words_of(plan.result).objective
    return Text(f"目标值（{counts.zh}）", f"objective ({counts.en})")


def model_name(plan: Plan, lang: Lang) -> str:
    """Name the model: by its letters where planners know it by them."""
    return plan.model.upper() if plan.model in KNOWN_BY_LETTERS else words_of(plan.result).name.get(lang)


def _sites_title(plan: Plan) -> Text:
    if "separation_m" in plan.sites.columns:
        return Text("新选点与间距", "Sites, how far apart")
    if words.plan_loads(plan, "zh"):
        return Text("新选点与负荷", "Sites, load")
    if not tells_served(plan):
        return Text("新选点", "Sites")
    return Text("新选点与增益", "Sites, gain")


def site_list(panel: Panel, plan: Plan, run: RunLike) -> None:
    """List as many sites as there is room for, in order of gain."""
    panel.heading(style.label(_sites_title(plan), run.lang))
    gains = words.site_labels(plan, run.lang)
    rows = plan.sites.to_dict("records")
    numbers = words.site_numbers(plan)
    room = int((panel.left - 14) / LIST_LINE_PT)
    for k, row in enumerate(rows[:room]):
        name = site_place(row, str(plan.sites.index[k]), run.lang)
        panel.row(f"{numbers[k]}.  {name}", gains[k] if k < len(gains) else "")
    if len(rows) > room:
        more = Text(f"另有 {len(rows) - room} 处，见 tables/sites.csv", f"{len(rows) - room} more in tables/sites.csv")
        panel.write(more.get(run.lang), 7.5, palette.FAINT_INK)


def site_place(row: Mapping[Hashable, Any], label: str, lang: Lang) -> str:
    """Say where a site is: the place in its name ("S01 place: gain"), else its plot, else its id."""
    name = row.get(f"name_{lang}")
    if isinstance(name, str):
        place = name.replace("：", ":").split(":")[0].strip()
        head, _, rest = place.partition(" ")
        return rest.strip() if rest and head[:1] == "S" and head[1:].isdigit() else place
    plot = row.get("plot")
    return plot if isinstance(plot, str) else label
