"""A comparison of two runs as a notebook shows it."""

from typing import TYPE_CHECKING

from siting.display import Markup, Piece, card, grid, lines, named, percent, warnings
from siting.ledger import Text
from siting.outputs.compare.words import grade_of, headline, signed, who_changed

if TYPE_CHECKING:
    from siting.outputs.compare.changes import Comparison

_HEAD = (
    Text("规则", "rule"),
    Text("分母", "share of"),
    Text("之前", "before"),
    Text("之后", "after"),
    Text("变化（百分点）", "change (points)"),
    Text("谁变了", "who changed"),
    Text("可信度", "confidence"),
)


def comparison_card(found: "Comparison") -> str:
    """Show two runs side by side: a row a rule, and what a reader should know before trusting the differences."""
    rows: list[tuple[Piece, ...]] = []
    for change in found.rules.values():
        denominator, one, other = headline(change)
        known = one is not None and other is not None
        points = None if one is None or other is None else signed(100 * (other - one))
        words = grade_of(change)
        graded = Text(words.zh.strip(" []"), words.en.strip(" []"))
        who = who_changed(change) if change.demand is not None else None
        noun = denominator if known else None
        rows.append((named(change.title, change.name), noun, percent(one), percent(other), points, who, graded))
    parts = [grid(_HEAD, rows, figures=(2, 3, 4))] if rows else []
    parts.append(_only(found))
    title = Text(f"{found.a.name} → {found.b.name}", f"{found.a.name} → {found.b.name}")
    return card(title, *parts, warnings(found.notes), kind=Text("对比", "comparison"))


def _only(found: "Comparison") -> Markup:
    sides = ((found.only_a, found.a.name), (found.only_b, found.b.name))
    return lines(
        Text(f"仅在 {name}：{'、'.join(rules)}", f"only in {name}: {', '.join(rules)}")
        for rules, name in sides
        if rules
    )
