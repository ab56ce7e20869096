"""An audit as a notebook shows it."""

from typing import get_args

from siting.coverage.model import Audit
from siting.display import Markup, Piece, Shade, card, code, count, facts, grid, joined, percent, tag, warnings
from siting.ledger import Text
from siting.standards.card import grade
from siting.standards.labels import DISTANCES, document_text
from siting.standards.model import Denominator, DistanceKind

M2_PER_HA = 10_000
KIND = Text("达标评估", "audit")
_HEAD = (
    Text("口径", "measure"),
    Text("分母", "share of"),
    Text("覆盖", "served"),
    Text("总数", "in all"),
    Text("占比", "share"),
)


def verdict(audit: Audit) -> Markup:
    """Return whether the rule is met, as far as that may be said."""
    if not audit.judged:
        return tag(Text("未评估", "not judged"), "caution")
    words: dict[bool | None, tuple[Text, Shade]] = {
        True: (Text("达标", "met"), "good"),
        False: (Text("未达标", "not met"), "bad"),
        None: (Text("不作判定", "no verdict"), "plain"),
    }
    return tag(*words[audit.passes])


def audit_card(audit: Audit) -> str:
    """Show one judged rule: the shares by every measure, the verdict, the clause and how well it was read."""
    rule = audit.rule
    clause = Text(document_text(rule, "zh"), document_text(rule, "en"))
    rows: list[tuple[Text, Piece]] = [(Text("条款", "clause"), clause)]
    if audit.limit_text is not None:
        how = [audit.limit_text, DISTANCES[audit.distance]]
        rows.append((Text("限值", "limit"), joined(how if audit.travel is None else [*how, audit.travel.text])))
    if audit.reason is not None:
        rows.append((Text("原因", "reason"), audit.reason))
    if not audit.judged:
        return card(rule.name, facts(rows), kind=KIND, marks=[code(audit.name), verdict(audit), grade(rule)])
    rows.append((Text("设施", "facilities"), count(len(audit.facilities))))
    rows.append((Text("无路可达的需求点", "demand points without any way"), count(audit.unreachable)))
    parts = [facts(rows), shares(audit), warnings(audit.findings)]
    return card(rule.name, *parts, kind=KIND, marks=[code(audit.name), verdict(audit), grade(rule)])


def shares(audit: Audit) -> Markup:
    """Return the shares of every denominator; those by the rule's own kind of distance come first and are marked."""
    kinds: list[DistanceKind] = [audit.distance, *(k for k in get_args(DistanceKind) if k != audit.distance)]
    rows = []
    for kind in kinds:
        name = DISTANCES[kind]
        if kind == audit.distance:
            name = Text(f"{name.zh}（本规则）", f"{name.en} (the rule's)")
        for denominator in get_args(Denominator):
            share = audit.shares.get((kind, denominator))
            if share is not None:
                noun, per = audit.noun(denominator), share.per_whole
                if denominator == "land":
                    noun, per = Text(f"{noun.zh}（公顷）", f"{noun.en} (ha)"), per * M2_PER_HA
                rows.append((name, noun, count(share.served / per), count(share.total / per), percent(share.share)))
    return grid(_HEAD, rows, figures=(2, 3, 4))
