"""Chapters 8 to 10: what could not be judged, what is unverified or assumed, and the evidence."""

from collections.abc import Iterator, Mapping
from typing import Any

from siting import __version__
from siting.ledger import Finding, Text
from siting.outputs.evidence import library_versions
from siting.outputs.report.content import Block, Column, Items, Paragraph, Table
from siting.outputs.report.figures import UNKNOWN
from siting.outputs.report.material import Material, heading
from siting.outputs.report.method import PARTS, rule_label, set_here
from siting.outputs.report.scope import finding_line, shortened
from siting.standards import document_text
from siting.standards.model import Reading, Rule

MOST_LINES = 40
MOST_PARAMETERS = 60
LONGEST_VALUE = 120
FILES = ("source", "osm", "elevation", "buildings", "boundary", "demand", "raster")
"""Settings that may hold the path of a file."""
ELSEWHERE = ("plan_note", "theme_not_judged", "study_note", "services_note")
"""Findings that other chapters tell."""


def not_judged(m: Material) -> Iterator[Block]:
    """List what could not be judged, why, and which layer would allow it."""
    yield heading(1, "未能评判的内容", "What could not be judged")
    rows = [
        (rule_label(m, a), document_text(a.rule, m.lang), _reason(m, a.reason))
        for a in m.run.audits.values()
        if a not in m.judged
    ]
    for theme in m.run.themes.values():
        rows += [(what.get(m.lang), theme.title.get(m.lang), why.get(m.lang)) for what, why in theme.missing]
    if not rows:
        yield Paragraph(text=m.say("所列规则和专题都已评判。", "All rules and themes named in the study were judged."))
        return
    yield Table(
        key="not-judged",
        caption=Text("未能评判的内容与所需资料", "Not judged, and what is needed"),
        columns=(
            Column(title=m.say("内容", "what"), width=2.0),
            Column(title=m.say("条文或专题", "clause or theme"), width=1.6),
            Column(title=m.say("原因与所需图层", "why, and what would allow it"), width=2.4),
        ),
        rows=tuple(rows),
    )


def _reason(m: Material, reason: Text | None) -> str:
    return (reason or Text("没有可评判的需求", "no demand to judge")).get(m.lang)


def unverified(m: Material) -> Iterator[Block]:
    """List every figure that was not read in its clause, everything that the study set itself, and what was assumed."""
    yield heading(1, "未核实默认值与设定", "Unverified defaults and assumptions")
    used = _rules(m)
    rows = [row for label, rule in used if (row := _open_parts(m, label, rule)) is not None]
    yield heading(2, "未在条文中核实的内容", "Not verified in the clause")
    if rows:
        yield Table(
            key="unverified",
            caption=Text("未在条文中核实的限值与口径", "Limits and measures not verified in the clause"),
            columns=(
                Column(title=m.say("规则", "rule"), width=1.8),
                Column(title=m.say("条文数值核实程度", "figure of the clause"), width=1.1),
                Column(title=m.say("未核实或由本工具设定的部分", "parts unverified or assumed"), width=2.6),
            ),
            rows=tuple(rows),
        )
    else:
        yield Paragraph(text=m.say("所用数值都出自已读条文。", "Every figure used was read in its clause."))
    own = [(label, set_here(m, rule), rule.override_source or UNKNOWN) for label, rule in used if rule.overridden]
    yield heading(2, "本研究自行改动的内容", "Set by this study")
    if own:
        yield Table(
            key="overrides",
            caption=Text("本研究改动的规则", "Rules that this study changed"),
            columns=(
                Column(title=m.say("规则", "rule"), width=1.6),
                Column(title=m.say("改动", "changed"), width=1.2),
                Column(title=m.say("依据", "on whose word"), width=2.6),
            ),
            rows=tuple(own),
        )
    else:
        yield Paragraph(text=m.say("未改动规则。", "No rule was changed."))
    notes = [f for f in m.run.findings if f.kind == "note" and f.code not in ELSEWHERE]
    if notes:
        yield heading(2, "计算中的设定与说明", "Assumptions made on the way")
        yield from _capped(m, notes)


def _capped(m: Material, notes: list[Finding]) -> Iterator[Block]:
    lines = tuple(dict.fromkeys(finding_line(m, f) for f in notes))
    yield Items(lines=lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        more = len(lines) - MOST_LINES
        yield Paragraph(
            text=m.say(f"另有 {more} 条，见 evidence.json。", f"{more} more are in evidence.json."), kind="note"
        )


def _rules(m: Material) -> list[tuple[str, Rule]]:
    """Every rule that a figure rests on, once: of audits, then of plans."""
    found = [(rule_label(m, a), a.rule) for a in m.run.audits.values()]
    known = [rule for _, rule in found]
    for plan in m.run.plans.values():
        if plan.rule is not None and plan.rule not in known:
            known.append(plan.rule)
            found.append((f"{plan.rule.name.get(m.lang)} ({plan.name})", plan.rule))
    return found


def _open_parts(m: Material, label: str, rule: Rule) -> tuple[str, ...] | None:
    parts = [
        m.say(f"{PARTS[part].zh}（{reading.text.zh}）", f"{PARTS[part].en} ({reading.text.en})")
        for part, reading in rule.readings.items()
        if part in PARTS and reading is not Reading.CLAUSE
    ]
    if not parts and rule.confidence is Reading.CLAUSE:
        return None
    return label, rule.confidence.text.get(m.lang), m.say("、", ", ").join(parts) or UNKNOWN


def evidence(m: Material) -> Iterator[Block]:
    """Files with their hashes, versions, parameters, seeds."""
    run = m.run
    yield heading(1, "证据", "Evidence")
    yield Paragraph(
        text=m.say(
            "全部输入、参数与版本以机器可读形式存于 evidence.json；本附件的数字与 tables/、summary.json 一致。",
            "All inputs, parameters and versions are kept for machines in evidence.json; the figures of this annex are "
            "those of tables/ and summary.json.",
        )
    )
    hashed: dict[str, tuple[str, list[str]]] = {}
    for account in run.accounts:
        if account.sha256 is not None:
            hashed.setdefault(account.sha256, (account.source, []))[1].append(m.layer_name(account.layer))
    if hashed:
        yield heading(2, "输入文件", "Input files")
        joint = m.say("、", ", ")
        yield Table(
            key="hashes",
            caption=Text("输入文件的 SHA-256 校验值", "SHA-256 of the input files"),
            columns=(
                Column(title=m.say("文件", "file"), width=1.5),
                Column(title=m.say("用于", "used for"), width=1.4),
                Column(title="SHA-256", width=2.6),
            ),
            rows=tuple(
                (source, shortened(joint.join(dict.fromkeys(used))), digest)
                for digest, (source, used) in hashed.items()
            ),
        )
    yield heading(2, "版本与随机种子", "Versions and seeds")
    libraries = ", ".join(f"{name} {version}" for name, version in library_versions().items() if version)
    seeds = ", ".join(f"{name} = {seed}" for name, seed in run.seeds.items())
    yield Items(
        lines=(
            m.say(f"本工具：siting {__version__}", f"Tool: siting {__version__}"),
            m.say(f"程序库：{libraries}", f"Libraries: {libraries}"),
            m.say(f"随机种子：{seeds or '未使用'}", f"Seeds: {seeds or 'none'}"),
        )
    )
    flat = list(flattened(run.parameters))
    if flat:
        yield heading(2, "参数", "Parameters")
        yield Table(
            key="parameters",
            caption=Text("主要参数", "Main parameters"),
            columns=(
                Column(title=m.say("参数", "parameter"), width=2.0),
                Column(title=m.say("取值", "value"), width=3.0),
            ),
            rows=tuple((name, value) for name, value in flat[:MOST_PARAMETERS]),
        )
        if len(flat) > MOST_PARAMETERS:
            more = len(flat) - MOST_PARAMETERS
            yield Paragraph(
                text=m.say(f"另有 {more} 项，见 evidence.json。", f"{more} more are in evidence.json."), kind="note"
            )


def flattened(values: Mapping[str, Any], head: str = "") -> Iterator[tuple[str, str]]:
    """Write nested settings one a line; lists of settings stay in `evidence.json`."""
    for key, value in values.items():
        name = f"{head}.{key}" if head else str(key)
        if isinstance(value, Mapping):
            yield from flattened(value, name)
        elif isinstance(value, list | tuple):
            if value and all(isinstance(v, str | int | float) for v in value):
                yield name, ", ".join(map(str, value))[:LONGEST_VALUE]
        elif isinstance(value, str) and "/" in value and name.rpartition(".")[2] in FILES:
            yield name, value.rpartition("/")[2][:LONGEST_VALUE]  # the whole path stands in `evidence.json`
        elif value is not None and value == value:  # NaN is unequal to itself
            yield name, str(value)[:LONGEST_VALUE]
