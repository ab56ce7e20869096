"""The catalogue in words: a table for a terminal, and one rule in full."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from unicodedata import east_asian_width

from siting.ledger import Lang, Text
from siting.standards.catalogue import Catalogue
from siting.standards.classes import load_classes
from siting.standards.labels import (
    DENOMINATORS,
    DISTANCES,
    LAND_PARTS,
    METRICS,
    STANDINGS,
    TOPICS,
    clause_text,
    document_text,
    figure_text,
    number,
    percent,
)
from siting.standards.model import Reading, Rule

_LINE = 100
_NONE = Text("—", "—")


class RuleRow(NamedTuple):
    """One rule as a row of words, in one language."""

    id: str
    name: str
    figure: str
    distance: str
    denominator: str
    target: str
    clause: str
    grade: str


_HEAD: dict[Lang, RuleRow] = {
    "zh": RuleRow("规则", "名称", "指标", "距离", "分母", "目标", "条款", "可信度"),
    "en": RuleRow("rule", "name", "figure", "distance", "share of", "target", "clause", "confidence"),
}


def rule_rows(catalogue: Catalogue, topic: str | None = None, lang: Lang = "zh") -> list[RuleRow]:
    """Return the rules of a topic (all, if none is named) as rows of words.

    Raises
    ------
    SchemaError
        The topic is unknown.
    """
    return [rule_row(rule, lang) for rule in catalogue.select(topic=topic)]


def rule_row(rule: Rule, lang: Lang = "zh") -> RuleRow:
    """Return one rule as a row of words; a part that the clause does not state is marked with ``*``."""
    return RuleRow(
        rule.id,
        rule.name.get(lang),
        _figure_with_radius(rule).get(lang),
        _marked(rule, "distance", DISTANCES[rule.distance] if rule.distance else None).get(lang),
        _marked(rule, "denominator", DENOMINATORS[rule.denominator] if rule.denominator else None).get(lang),
        _marked(rule, "target", _target(rule)).get(lang),
        document_text(rule, lang),
        rule.confidence.text.get(lang),
    )


def rules_table(
    catalogue: Catalogue, topic: str | None = None, lang: Lang = "zh", *, rules: Sequence[Rule] | None = None
) -> str:
    """Return the rules of a topic, or those given, as an aligned table for a terminal, with a legend below.

    Raises
    ------
    SchemaError
        The topic is unknown.
    """
    chosen = catalogue.select(topic=topic) if rules is None else rules
    rows = [_HEAD[lang], *(rule_row(rule, lang) for rule in chosen)]
    widths = [max(display_width(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = ["  ".join(_pad(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([*lines, "", *(text.get(lang) for text in _legend(chosen))])


def rule_parts(rule: Rule, lang: Lang = "zh") -> list[tuple[Text, str | None]]:
    """Return everything that is known about one rule, part by part; None stands for nothing known."""
    return [
        (Text("主题", "topic"), f"{TOPICS[rule.topic].get(lang)} · {rule.tier}"),
        (Text("类型", "kind"), METRICS[rule.metric].get(lang)),
        (Text("指标", "figure"), _figure_with_radius(rule).get(lang)),
        (Text("适用条件", "applies to"), None if rule.condition is None else rule.condition.get(lang)),
        (Text("适用用地", "land"), LAND_PARTS[rule.applies_to_land].get(lang) if rule.applies_to_land else None),
        (Text("设施类别", "facilities"), _facility(rule, lang)),
        (Text("面积范围", "area"), _area(rule)),
        (
            Text("距离口径", "distance"),
            _graded(rule, "distance", DISTANCES[rule.distance] if rule.distance else None, lang),
        ),
        (
            Text("分母", "share of"),
            _graded(rule, "denominator", DENOMINATORS[rule.denominator] if rule.denominator else None, lang),
        ),
        (Text("目标", "target"), _graded(rule, "target", _target(rule), lang)),
        (Text("文件", "document"), _document(rule, lang)),
        (Text("条款", "clause"), clause_text(rule.source.clause).get(lang)),
        (Text("可信度", "confidence"), rule.confidence.text.get(lang)),
        (Text("配建", "requirement"), _requirement(rule, lang)),
        (Text("达标判定", "verdict"), verdict_text(rule).get(lang)),
        (Text("本研究改动", "set by the study"), _overridden(rule)),
        (Text("阅读来源", "read in"), "; ".join(f"{s.title} ({s.address})" for s in rule.seen_in) or None),
        (Text("说明", "note"), rule.note or None),
        (Text("不一致的规则", "disagrees with"), ", ".join(rule.conflicts_with) or None),
        (Text("旧值", "was before"), rule.old_value),
        (Text("规则包", "rule pack"), None if rule.pack == "national" else rule.pack),
    ]


def explain_rule(rule: Rule, lang: Lang = "zh") -> str:
    """Return everything that is known about one rule, in words."""
    shown = [(label.get(lang), value) for label, value in rule_parts(rule, lang) if value is not None]
    width = max(display_width(label) for label, _ in shown)
    lines = [f"{rule.id}  {rule.name.both(' / ')}"]
    for label, value in shown:
        wrapped = _wrapped(value, _LINE - width)
        lines.append(f"  {_pad(label, width)}  {wrapped[0]}")
        lines += [" " * (width + 4) + rest for rest in wrapped[1:]]
    return "\n".join(lines)


def verdict_text(rule: Rule) -> Text:
    """Say whether the rule can end in "met" or "not met", and if not, which parts stand in the way."""
    if rule.limit_m is None and rule.limit_s is None:
        return Text("不判定：没有可计算的距离限值", "not judged: there is no distance limit to compute with")
    if rule.verdict_allowed:
        return Text("可判定达标与否", "met or not met can be said")
    if rule.source.standing in ("draft", "retired"):
        standing = STANDINGS[rule.source.standing]
        return Text(f"只报告覆盖率：{standing.zh}", f"the share is reported, no verdict: {standing.en}")
    if rule.target is None:
        return Text("只报告覆盖率：条文未设目标", "the share is reported, no verdict: the clause sets no target")
    names = {
        "threshold": Text("限值", "limit"),
        "target": Text("目标", "target"),
        "denominator": Text("分母", "denominator"),
        "distance": Text("距离口径", "distance kind"),
    }
    open_ = [name for part, name in names.items() if not rule.readings.get(part, Reading.ASSUMED).is_read]
    return Text(
        f"只报告覆盖率：未在条文中读到{'、'.join(name.zh for name in open_)}",
        f"the share is reported, no verdict: not read in the clause: {', '.join(name.en for name in open_)}",
    )


def display_width(text: str) -> int:
    """Return how many columns of a terminal a text takes: two for a Chinese character, one for a letter."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines of at most ``width`` columns, at blanks and between Chinese characters."""
    lines, line = [], ""
    for piece in re.findall(r"\s+|[\u2e80-\uffef]|[^\s\u2e80-\uffef]+", text):
        if line and display_width(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return [*lines, line.rstrip()]


def _pad(text: str, width: int) -> str:
    return text + " " * (width - display_width(text))


def _figure_with_radius(rule: Rule) -> Text:
    figure = figure_text(rule)
    if rule.radius_m is None or rule.operator == "approx":
        return figure
    mark = "" if rule.readings["threshold"].is_read else "*"
    radius = number(rule.radius_m)
    return Text(f"{figure.zh}（按 {radius} 米计{mark}）", f"{figure.en} (at {radius} m{mark})")


def _marked(rule: Rule, part: str, text: Text | None) -> Text:
    if text is None:
        return _NONE
    reading = rule.readings.get(part, Reading.ASSUMED)
    mark = "*" if reading is Reading.ASSUMED else "?" if reading is Reading.UNVERIFIED else ""
    return Text(text.zh + mark, text.en + mark)


def _graded(rule: Rule, part: str, text: Text | None, lang: Lang) -> str | None:
    if text is None:
        return None
    grade = rule.readings.get(part, Reading.ASSUMED).text.get(lang)
    return f"{text.get(lang)}({grade})" if lang == "zh" else f"{text.get(lang)} ({grade})"


def _target(rule: Rule) -> Text | None:
    if rule.target is None:
        return None
    sign = ">" if rule.target.operator == ">" else "≥"
    share = f"{sign} {percent(rule.target.share)}"
    return Text(share, share)


def _facility(rule: Rule, lang: Lang) -> str | None:
    classes = load_classes()
    joint = "、" if lang == "zh" else ", "
    return joint.join(f"{classes[id_].name.get(lang)} ({id_})" for id_ in rule.facility) or None


def _area(rule: Rule) -> str | None:
    if rule.only_area_m2 is None:
        return None
    low, high = rule.only_area_m2
    return " ".join(
        [*([] if low is None else [f"≥ {number(low)} m2"]), *([] if high is None else [f"< {number(high)} m2"])]
    )


def _document(rule: Rule, lang: Lang) -> str:
    source = rule.source
    code = "" if source.document == "no number shown" else f"{source.document} "
    words = [STANDINGS[source.standing].get(lang)]
    if source.mandatory:
        words.append("强制性条文" if lang == "zh" else "mandatory")
    return f"{code}{source.title} [{', '.join(words)}]"


def _requirement(rule: Rule, lang: Lang) -> str | None:
    words = {"required": Text("应配建", "required"), "as_needed": Text("按需配建", "as needed")}
    return None if rule.requirement is None else words[rule.requirement].get(lang)


def _overridden(rule: Rule) -> str | None:
    if not rule.overridden:
        return None
    return ", ".join(rule.overridden) + (f" ({rule.override_source})" if rule.override_source else "")


def _legend(rules: Sequence[Rule]) -> Iterable[Text]:
    def count(reading: Reading) -> int:
        return sum(rule.confidence is reading for rule in rules)

    grades = [(reading, count(reading)) for reading in Reading if count(reading)]
    yield Text(
        f"共 {len(rules)} 条:" + "、".join(f"{reading.text.zh} {n}" for reading, n in grades),
        f"{len(rules)} rules: " + ", ".join(f"{reading.text.en} {n}" for reading, n in grades),
    )
    yield Text(
        "* 条文未写明，由本工具设定   ? 未核实   — 条文未设",
        "* not in the clause, assumed here   ? unverified   — not set",
    )
