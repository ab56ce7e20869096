"""Rules as a notebook shows them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from siting.display import Markup, Shade, card, code, facts, folded, grid, named, tag, warnings
from siting.ledger import Text
from siting.standards.explain import rule_parts, rule_row
from siting.standards.labels import TOPICS
from siting.standards.model import Reading, Rule

if TYPE_CHECKING:
    from siting.standards.catalogue import Catalogue

_SHADE: dict[Reading, Shade] = {
    Reading.CLAUSE: "good",
    Reading.SECONDARY: "plain",
    Reading.UNVERIFIED: "caution",
    Reading.ASSUMED: "caution",
}
_IN_VIEW = frozenset({"figure", "applies to", "distance", "share of", "target", "document", "clause", "verdict"})
"""Parts of a rule that are in view; the others unfold."""
_HEAD = (Text("规则", "rule"), Text("指标", "figure"), Text("条款", "clause"), Text("可信度", "confidence"))


def grade(rule: Rule) -> Markup:
    """Return how well a rule was read; a figure that a study set itself is not the clause's."""
    own = tag(Text("本研究改动", "set by the study"), "caution") if rule.overridden else ""
    return Markup(f"{tag(rule.confidence.text, _SHADE[rule.confidence])} {own}".rstrip())


def rule_card(rule: Rule) -> str:
    """Show one rule: what it asks, its clause, and how well each part was read."""
    pairs = zip(rule_parts(rule, "zh"), rule_parts(rule, "en"), strict=True)
    parts = [(name, Text(zh, en)) for (name, zh), (_, en) in pairs if zh is not None and en is not None]
    shown = [part for part in parts if part[0].en in _IN_VIEW or part[0].en == "set by the study"]
    rest = [part for part in parts if part not in shown and part[0].en != "confidence"]
    more = folded(Text("全部内容", "all that is known"), facts(rest))
    return card(rule.name, facts(shown), more, kind=Text("规则", "rule"), marks=[code(rule.id), grade(rule)])


def catalogue_card(catalogue: "Catalogue") -> str:
    """Show the catalogue: a table a topic, which unfolds."""
    graded = [f"{sum(r.confidence is g for r in catalogue)} {g.text.both(' ')}" for g in Reading]
    graded = [text for text in graded if not text.startswith("0 ")]
    rows = [
        (Text("可信度", "confidence"), " · ".join(graded)),
        (Text("规则包", "rule packs"), ", ".join(catalogue.packs)),
    ]
    tables = []
    for topic, name in TOPICS.items():
        rules = catalogue.select(topic=topic)
        if rules:
            title = Text(f"{name.zh}（{len(rules)} 条）", f"{name.en} ({len(rules)})")
            tables.append(folded(title, rules_grid(rules)))
    title = Text(f"标准目录：{len(catalogue)} 条规则", f"catalogue of {len(catalogue)} rules")
    return card(title, facts(rows), *tables, warnings(catalogue.findings))


def rules_grid(rules: Iterable[Rule]) -> Markup:
    """Return rules as a table, a row each."""
    rows = []
    for rule in rules:
        zh, en = rule_row(rule, "zh"), rule_row(rule, "en")
        figure, clause = Text(zh.figure, en.figure), Text(zh.clause, en.clause)
        rows.append((named(rule.name, rule.id), figure, clause, grade(rule)))
    return grid(_HEAD, rows)
