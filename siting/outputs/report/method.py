"""Chapter 3: how a share comes about, and the clause of each rule."""

from collections.abc import Iterable, Iterator, Mapping

from siting.coverage.model import Audit
from siting.ledger import Text
from siting.outputs.report.content import Block, Column, Items, Paragraph, Table
from siting.outputs.report.figures import KEPT, UNKNOWN
from siting.outputs.report.material import Material, denominator_name, heading, measured_by
from siting.standards import DISTANCES, TOPICS, document_text
from siting.standards.labels import STANDINGS, figure_text, percent
from siting.standards.model import Reading, Rule

PARTS: Mapping[str, Text] = {
    "threshold": Text("限值", "limit"),
    "target": Text("目标", "target"),
    "denominator": Text("分母", "denominator"),
    "distance": Text("距离口径", "kind of distance"),
}
"""The parts of a rule that a verdict rests on."""
_OWN: Mapping[str, Text] = {
    **PARTS,
    "limit_m": Text("限值（米）", "limit (m)"),
    "limit_min": Text("限值（分钟）", "limit (min)"),
    "target_share": Text("目标比例", "target share"),
    "target_operator": Text("目标的比较方式", "how the target is compared"),
    "facility": Text("设施类别", "facilities"),
}


def method(m: Material) -> Iterator[Block]:
    """Give the formula in words, the terms, and the table of rules with clauses."""
    yield heading(1, "方法与条文依据", "Method and clauses")
    yield heading(2, "计算方法", "How a share is computed")
    yield Paragraph(
        text=m.say(
            "覆盖率 = 到最近一处合格设施的距离（或时间）不超过限值的量 ÷ 全部的量。恰在限值上的计为覆盖；所计的量"
            "（人口、居住用地或小区、楼栋）和距离口径（路网、直线或时间）以各规则的条文为准，"
            "条文未写明的由本工具设定，见第 3.2 节表中标记。",
            "Share served = what has a facility within the limit ÷ all there is. Exactly on the limit is served. What "
            "is counted (people, residential land, estates or buildings) and how the way is measured (along streets, "
            "in a straight line, by time) are those of the clause; where it is silent they were assumed here and are "
            "marked in the table of section 3.2.",
        )
    )
    yield Items(lines=tuple(_terms(m)))
    yield heading(2, "规则与条文", "Rules and their clauses")
    if not m.run.audits:
        yield Paragraph(text=m.say("本研究未列规则。", "The study names no rules."))
        return
    yield _table(m)
    yield Paragraph(
        text=m.say(
            "带 * 的内容条文未写明，由本工具设定；带 ? 的未核实。",
            "Parts with * are not stated by the clause and were assumed here; parts with ? are unverified.",
        ),
        kind="note",
    )
    yield heading(2, "引用文件", "Documents cited")
    yield Items(lines=tuple(_documents(m)))


def _terms(m: Material) -> Iterator[str]:
    say = m.say
    yield say(
        "路网距离：沿街道的最短路径，含从住处到街道、从街道到设施的一段；整数毫米累加，无舍入误差。",
        "Along streets: the shortest way through the street network, with the way to the street and from it to the "
        "facility; added up in whole millimetres.",
    )
    yield say(
        "公园等面状设施：路网口径按出入口计；直线口径按各规则条文的半径计。",
        "Parks and other areas: entered at their gates where the way is along streets; by the radius of the clause "
        "where it is a straight line.",
    )
    kinds = {a.name: a.travel for a in m.judged if a.travel is not None}
    for text in dict.fromkeys(t.text.get(m.lang) for t in kinds.values()):
        yield say(f"时间口径：{text}。", f"By time: {text}.")
    yield say(
        "无路可达的点按未覆盖计，并单独列数；未知的数写“–”，不写 0。",
        "Points without any path count as unserved and are told separately; what is unknown is a dash, never 0.",
    )
    yield say(
        "结论：限值、目标、分母、距离口径四项都出自条文且经阅读核对的，才给出达标或未达标；其余只报告覆盖率。",
        "Verdict: met or not met is said only where limit, target, denominator and kind of distance all come from the "
        "clause and were read; elsewhere the share alone is reported.",
    )
    yield say(
        "比例按一位小数书写：未达全部的不写作 100.0 %，不为零的不写作 0.0 %；条文的比较用未舍入的整数。",
        "Shares have one decimal: never 100.0 % unless all, never 0.0 % unless none; targets are compared in whole "
        "numbers, before any rounding.",
    )


def _table(m: Material) -> Table:
    return Table(
        key="clauses",
        caption=Text("规则、限值与条文", "Rules, limits and clauses"),
        columns=(
            Column(title=m.say("规则", "rule"), width=2.2),
            Column(title=m.say("条文", "clause"), width=2.2),
            Column(title=m.say("条文数值", "figure"), width=1.5),
            Column(title=m.say("距离口径", "distance"), width=1.1),
            Column(title=m.say("分母", "share of"), width=1.3),
            Column(title=m.say("目标", "target"), width=0.9),
            Column(title=m.say("核实程度", "confidence"), width=1.5),
        ),
        rows=tuple(_row(m, a) for a in m.run.audits.values()),
    )


def _row(m: Material, audit: Audit) -> tuple[str, ...]:
    rule = audit.rule
    kind = measured_by(audit) if audit.travel is not None else DISTANCES[rule.distance] if rule.distance else None
    counted = denominator_name(rule.denominator) if rule.denominator else None
    target = target_text(rule)
    return (
        rule_label(m, audit),
        document_text(rule, m.lang),
        figure_text(rule).get(m.lang),
        UNKNOWN if kind is None else kind.get(m.lang) + mark(rule, "distance"),
        UNKNOWN if counted is None else counted.get(m.lang) + mark(rule, "denominator"),
        UNKNOWN if target is None else target + mark(rule, "target"),
        rule.confidence.text.get(m.lang),
    )


def set_here(m: Material, rule: Rule) -> str:
    """Name the parts of a rule that the study set itself."""
    return m.say("、", ", ").join(_OWN.get(part, Text(part, part)).get(m.lang) for part in rule.overridden)


def rule_label(m: Material, audit: Audit) -> str:
    """Name a rule; one that the study judges under a name of its own carries it."""
    return m.say(*rule_titles(audit))


def mark(rule: Rule, part: str) -> str:
    """Return the mark of a part that was not read in the clause."""
    reading = rule.readings.get(part, Reading.ASSUMED)
    return "*" if reading is Reading.ASSUMED else "?" if reading is Reading.UNVERIFIED else ""


def target_text(rule: Rule) -> str | None:
    """Write the target with its sign."""
    if rule.target is None:
        return None
    sign = ">" if rule.target.operator == ">" else "≥"
    return f"{sign} {percent(rule.target.share)}".replace(" ", KEPT)


def _documents(m: Material) -> Iterator[str]:
    seen = set()
    for audit in m.run.audits.values():
        source = audit.rule.source
        key = (source.document, source.title)
        if key in seen:
            continue
        seen.add(key)
        code = "" if source.document == "no number shown" else f"{source.document} "
        standing = STANDINGS[source.standing].get(m.lang)
        yield m.say(f"{code}《{source.title}》（{standing}）", f"{code}{source.title} ({standing})")


def by_topic(audits: Iterable[Audit]) -> dict[str, list[Audit]]:
    """Group rules by topic, in the order of the study."""
    found: dict[str, list[Audit]] = {}
    for audit in audits:
        found.setdefault(audit.rule.topic, []).append(audit)
    return found


def topic_title(topic: str) -> tuple[str, str]:
    """Name a topic in Chinese and English."""
    title = TOPICS.get(topic, Text(topic, topic))
    return title.zh, title.en


def rule_titles(audit: Audit) -> tuple[str, str]:
    """Name a rule in Chinese and English; one that the study judges under a name of its own carries it."""
    name = audit.rule.name
    if audit.name == audit.rule.id:
        return name.zh, name.en
    return f"{name.zh}（{audit.name}）", f"{name.en} ({audit.name})"
