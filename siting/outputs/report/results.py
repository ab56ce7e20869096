"""Chapter 4: all rules in one table, then each rule with its zones, by topic."""

import re
from collections.abc import Iterator
from typing import Any

from siting.coverage.model import CITY_LEVEL, OUTSIDE_ZONE, Audit
from siting.ledger import Finding, Text
from siting.outputs.maps.pages import map_names
from siting.outputs.report.content import Block, Column, Figure, Items, Paragraph, Table
from siting.outputs.report.figures import UNKNOWN, amount, count, percent
from siting.outputs.report.material import Material, heading, measured_by
from siting.outputs.report.method import by_topic, rule_label, rule_titles, target_text, topic_title
from siting.outputs.report.scope import finding_line
from siting.standards import DISTANCES, level_text
from siting.standards.explain import verdict_text

MOST_ZONES = 30
"""A level with more zones is too fine for a report, where there is a coarser one."""
LAND_INCOMPLETE = "residential_land_incomplete"
MOST_NAMED = 4
"""Files of other maps that are named one by one."""
MOST_ROWS = 400
"""Rows of all zone tables together; with more, the next coarser level is shown."""


def results(m: Material) -> Iterator[Block]:
    """Overview, then topic by topic."""
    yield heading(1, "评估结果", "Results")
    if not m.run.audits:
        yield Paragraph(text=m.say("本研究未评估规则。", "No rules were judged."))
        return
    yield heading(2, "总览", "Overview")
    yield Paragraph(text=_tally(m), kind="lead")
    yield _overview(m)
    level = zone_level(m)
    if level is not None:
        finer = [name for name in m.run.zones if name != level]
        more = (
            m.say("；其他级别见 tables/indicators.csv", "; other levels are in tables/indicators.csv") if finer else ""
        )
        yield Paragraph(
            text=m.say(
                f"以下分区结果按{level_text(level).zh}统计{more}。", f"Zones below are those of level “{level}”{more}."
            ),
            kind="note",
        )
    names = {shown.name: name for name, shown in map_names(m.run).items() if isinstance(shown, Audit)}
    for topic, audits in by_topic(m.judged).items():
        yield heading(2, *topic_title(topic))
        yield from _topic_map(m, audits, names)
        for audit in audits:
            yield heading(3, *rule_titles(audit))
            yield Paragraph(text=sentence(m, audit))
            warnings = [*(f for f in audit.findings if f.kind == "warning"), *land_doubts(m, audit)]
            warned = tuple(dict.fromkeys(finding_line(m, f) for f in warnings))
            if warned:
                yield Items(lines=warned)
            yield from _zones(m, audit, level)


def zone_level(m: Material) -> str | None:
    """Return the finest level of zones whose tables a reader can still read."""
    levels = list(m.run.zones)
    for level in levels:
        zones = len(m.run.zones[level])
        if zones <= MOST_ZONES and zones * len(m.judged) <= MOST_ROWS:
            return level
    return levels[-1] if levels else None


def verdict(m: Material, audit: Audit) -> str:
    """Say met, not met, or why there is no verdict."""
    if not m.rules[audit.name]["judged"] or m.rules[audit.name]["denominator"] is None:
        reason = audit.reason or Text("没有可评判的需求", "no demand to judge")
        return m.say(f"未评判：{reason.zh}", f"not judged: {reason.en}")
    if audit.passes is not None:
        said = Text("达标", "met") if audit.passes else Text("未达标", "not met")
        if land_doubts(m, audit):
            said = Text(
                f"{said.zh}；居住用地图层可能不完整，仅供参考",
                f"{said.en}; for guidance only: the layer of residential land may be incomplete",
            )
        return said.get(m.lang)
    why = audit.reason
    if why is None and audit.rule.verdict_allowed:
        why = Text("缺少条文所用的分母", "the clause's denominator is not known here")
    if why is None:
        said = verdict_text(audit.rule)
        why = Text(_after_colon(said.zh), _after_colon(said.en))
    return m.say(f"不作结论：{why.zh}", f"no verdict: {why.en}")


def land_doubts(m: Material, audit: Audit) -> list[Finding]:
    """Return what is doubtful about the land that a rule counts: its verdict must not be read without it."""
    if m.rules[audit.name]["denominator"] != "land":
        return []
    return [f for f in m.run.findings if f.code == LAND_INCOMPLETE]


def _after_colon(text: str) -> str:
    """Return what follows the first colon, of either width: the reason behind "the share is reported, no verdict"."""
    return re.split("[:：]", text, maxsplit=1)[-1].strip()


def sentence(m: Material, audit: Audit) -> str:
    """Say in words what the table says of one rule, by its own measure and by the others."""
    row, limit = m.rules[audit.name], audit.limit_text or Text("", "")
    counted: Any = row["denominator"]
    kind, name = measured_by(audit), audit.noun(counted)
    total, served, lost = (amount(v, counted) for v in (row["total"], row["served"], row["total"] - row["served"]))
    unit = {"people": Text(" 人", ""), "land": Text(" 公顷", " ha")}.get(counted, Text(" 个", ""))
    whole = Text(f"{name.zh}共 {total}{unit.zh}", f"{total}{unit.en}{' of' if counted == 'land' else ''} {name.en}")
    zh = [
        f"{whole.zh}，其中 {served}{unit.zh}在 {limit.zh}（{kind.zh}）之内，覆盖率 {percent(row['share'])}，"
        f"未覆盖 {lost}{unit.zh}。"
    ]
    en = [
        f"Of {whole.en}, {served}{unit.en} are within {limit.en} ({kind.en}): {percent(row['share'])}. "
        f"Unserved: {lost}{unit.en}."
    ]
    others = _others(m, audit)
    if others:
        zh.append(f"其他口径：{'，'.join(t.zh for t in others)}。")
        en.append(f"By other measures: {', '.join(t.en for t in others)}.")
    if row["unreachable"]:
        points = count(row["unreachable"])
        zh.append(f"{points} 个需求点沿街道无路可达任何一处设施。")
        en.append(f"Demand points without any path along streets to a facility: {points}.")
    target = target_text(audit.rule)
    if target is not None:
        zh.append(f"目标 {target}。")
        en.append(f"Target: {target}.")
    said, grade = verdict(m, audit), audit.rule.confidence.text
    zh.append(f"{said}（{grade.zh}）。")
    en.append(f"{said[:1].upper()}{said[1:]} ({grade.en}).")
    return m.say("".join(zh), " ".join(en))


def _others(m: Material, audit: Audit) -> list[Text]:
    """Shares by the other kinds of distance, and of the other denominators."""
    row, found = m.rules[audit.name], []
    for r in m.indicators.get((audit.name, CITY_LEVEL), []):
        kind, denominator, share = r["distance"], r["denominator"], r["share"]
        same = kind == audit.distance, denominator == row["denominator"]
        if share is None or sum(same) != 1:
            continue
        name = audit.noun(denominator) if same[0] else DISTANCES[kind]
        found.append(Text(f"{name.zh} {percent(share)}", f"{name.en} {percent(share)}"))
    return found


def _tally(m: Material) -> str:
    met = sum(a.passes is True for a in m.judged)
    failed = sum(a.passes is False for a in m.judged)
    silent, unjudged = len(m.judged) - met - failed, len(m.run.audits) - len(m.judged)
    every = len(m.run.audits)
    return m.say(
        f"共 {every} 条规则：达标 {met} 条，未达标 {failed} 条，只报告覆盖率、不作结论 {silent} 条，"
        f"未能评判 {unjudged} 条。",
        f"{every} rules: {met} met, {failed} not met, {silent} with a share but no verdict, {unjudged} not judged.",
    )


def _overview(m: Material) -> Table:
    rows = []
    for audit in m.run.audits.values():
        row = m.rules[audit.name]
        counted, limit, target = row["denominator"], audit.limit_text, target_text(audit.rule)
        has = audit in m.judged
        rows.append(
            (
                rule_label(m, audit),
                _limit(m, audit) if has and limit is not None else UNKNOWN,
                m.noun(audit).get(m.lang) if has else UNKNOWN,
                f"{amount(row['served'], counted)} / {amount(row['total'], counted)}" if has else UNKNOWN,
                percent(row["share"]) if has else UNKNOWN,
                target or UNKNOWN,
                verdict(m, audit),
                audit.rule.confidence.text.get(m.lang),
            )
        )
    return Table(
        key="rules",
        caption=Text("各规则评估结果", "All rules at a glance"),
        columns=(
            Column(title=m.say("规则", "rule"), width=1.75),
            Column(title=m.say("限值", "limit"), width=1.35),
            Column(title=m.say("统计对象", "counted"), width=1.05),
            Column(title=m.say("覆盖 / 总量", "served / all"), right=True, width=2.15),
            Column(title=m.say("覆盖率", "share"), right=True, width=1.15),
            Column(title=m.say("目标", "target"), right=True, width=1.05),
            Column(title=m.say("结论", "verdict"), width=1.95),
            Column(title=m.say("核实程度", "confidence"), width=1.5),
        ),
        rows=tuple(rows),
    )


def _limit(m: Material, audit: Audit) -> str:
    limit, kind = audit.limit_text or Text("", ""), measured_by(audit)
    return m.say(f"{limit.zh}（{kind.zh}）", f"{limit.en} ({kind.en})")


def headline_rule(m: Material, audits: list[Audit]) -> Audit:
    """Choose the rule whose map stands for its topic: one with a verdict first, then the lowest share."""
    return min(audits, key=lambda a: (a.passes is None, m.rules[a.name]["share"] or 0.0))


def _topic_map(m: Material, audits: list[Audit], names: dict[str, str]) -> Iterator[Block]:
    shown = headline_rule(m, audits)
    path = m.maps.get(names[shown.name])
    if path is None:
        return
    name, place = shown.rule.name, m.run.title
    yield Figure(
        path=path,
        caption=Text(f"{name.zh}：覆盖与盲区", f"{name.en}: served, unserved and gaps"),
        alt=m.say(
            f"{place.zh}地图：{name.zh}，覆盖率 {percent(m.rules[shown.name]['share'])}",
            f"Map of {place.en}: {name.en}, share served {percent(m.rules[shown.name]['share'])}",
        ),
    )
    others = [f"maps/{names[a.name]}" for a in audits if a is not shown]
    if len(others) > MOST_NAMED:
        yield Paragraph(
            text=m.say(
                f"本组其他 {len(others)} 条规则的地图见 maps/coverage_<规则>。",
                f"Maps of the {len(others)} other rules are in maps/coverage_<rule>.",
            ),
            kind="note",
        )
    elif others:
        yield Paragraph(
            text=m.say(f"本组其他规则的地图：{'、'.join(others)}。", f"Maps of the other rules: {', '.join(others)}."),
            kind="note",
        )


def _zones(m: Material, audit: Audit, level: str | None) -> Iterator[Block]:
    if level is None:
        return
    rows = m.zone_rows(audit, level)
    if not rows:
        return
    counted = m.rules[audit.name]["denominator"]
    more = 0
    if len(rows) > MOST_ZONES:  # the only level is a fine one: the worst zones
        lost = sorted(rows, key=lambda r: (r["served"] - r["total"], str(r["zone"])))
        more, rows = len(rows) - MOST_ZONES, lost[:MOST_ZONES]
    body = [
        (_zone_name(m, r), amount(r["total"], counted), amount(r["served"], counted),
         amount(r["total"] - r["served"], counted), percent(r["share"]))
        for r in rows
    ]  # fmt: skip
    city = m.zone_rows(audit)
    body += [
        (m.say("全域", "whole area"), amount(r["total"], counted), amount(r["served"], counted),
         amount(r["total"] - r["served"], counted), percent(r["share"]))
        for r in city
    ]  # fmt: skip
    what = m.noun(audit)
    yield Table(
        key=f"zones-{audit.name}",
        caption=Text(f"{audit.rule.name.zh}：分区结果，{what.zh}", f"{audit.rule.name.en}: {what.en} by zone"),
        columns=(
            Column(title=m.say("分区", "zone"), width=2.2),
            Column(title=m.say("总量", "all"), right=True),
            Column(title=m.say("已覆盖", "served"), right=True),
            Column(title=m.say("未覆盖", "unserved"), right=True),
            Column(title=m.say("覆盖率", "share"), right=True),
        ),
        rows=tuple(body),
        last_is_sum=bool(city),
    )
    if more:
        yield Paragraph(
            text=m.say(
                f"上表列未覆盖最多的 {MOST_ZONES} 个分区，其余 {more} 个见 tables/indicators.csv。",
                f"The {MOST_ZONES} zones with most unserved; {more} more are in tables/indicators.csv.",
            ),
            kind="note",
        )


def _zone_name(m: Material, row: dict[str, Any]) -> str:
    if row["zone"] == OUTSIDE_ZONE:
        return m.say("不在任何分区内", "in no zone")
    return str(row["zone_name"] or row["zone"])
