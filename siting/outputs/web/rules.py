"""The table of rules on the page, and the findings of themes: the same figures as `tables/rules.csv`."""

from typing import Any

from siting.coverage.model import Audit, Share
from siting.ledger import Text
from siting.outputs.columns import safe_name
from siting.outputs.contract import RunLike
from siting.outputs.layers import DENOMINATORS, headline_denominator
from siting.outputs.maps.words import measured_by
from siting.outputs.tables import set_by_study
from siting.standards import document_text
from siting.standards.labels import TOPICS
from siting.standards.model import Reading
from siting.themes.result import ThemeResult


def both(text: Text | None) -> list[str] | None:
    """Return a phrase as the page holds it: Chinese, English."""
    return None if text is None else [text.zh, text.en]


def rule_rows(run: RunLike) -> list[dict[str, Any]]:
    """Return one row a rule in the order of the study, those that were not judged included."""
    return [_row(audit, run) for audit in run.audits.values()]


def theme_rows(run: RunLike) -> list[dict[str, Any]]:
    """Return what each theme found, and what it could not judge and why."""
    return [_theme(result) for result in run.themes.values()]


def readings() -> dict[str, list[str] | None]:
    """Return the grades of confidence in words."""
    return {grade.value: both(grade.text) for grade in Reading}


def _row(audit: Audit, run: RunLike) -> dict[str, Any]:
    rule = audit.rule
    counted = headline_denominator(audit)
    share = audit.headline(counted) if counted and audit.judged else None
    target = None
    if rule.target is not None:
        sign = {">=": "≥", ">": ">"}[rule.target.operator]
        target = f"{sign} {100 * rule.target.share:g}%"
    gaps = run.gaps
    found = int((gaps["rule"] == audit.name).sum()) if "rule" in gaps.columns else 0
    topic = TOPICS.get(rule.topic, Text(rule.topic, rule.topic))
    return {
        "name": both(rule.name),
        "id": audit.name,
        "group": f"rule_{safe_name(audit.name)}",
        "topic": rule.topic,
        "topic_name": both(topic),
        "judged": audit.judged,
        "reason": both(audit.reason),
        "limit": both(audit.limit_text),
        "measured": both(measured_by(audit)) if audit.judged else None,
        "denominator": both(audit.noun(counted)) if counted else None,
        "counted_land": counted == "land",
        **_share(share),
        "target": target,
        "target_share": rule.target.share if rule.target else None,
        "passes": audit.passes if audit.judged else None,
        "confidence": rule.confidence.value,
        "clause": [document_text(rule, "zh"), document_text(rule, "en")],
        "document": rule.source.title,
        "standing": rule.source.status,
        "condition": both(rule.condition),
        "set_by_study": set_by_study(rule),
        "unreachable": audit.unreachable if audit.judged else None,
        "gaps": found,
        "others": [
            {"denominator": both(audit.noun(d)), **_share(audit.headline(d))}
            for d in DENOMINATORS
            if audit.judged and d != counted and audit.headline(d) is not None
        ],
    }


def _share(share: Share | None) -> dict[str, Any]:
    if share is None:
        return {"served": None, "total": None, "share": None}
    return {"served": share.served / share.per_whole, "total": share.total / share.per_whole, "share": share.share}


def _theme(result: ThemeResult) -> dict[str, Any]:
    return {
        "id": result.theme,
        "group": safe_name(f"theme_{result.theme}"),
        "name": both(result.title),
        "headlines": [both(text) for text in result.headlines],
        "missing": [[both(what), both(why)] for what, why in result.missing],
        "notes": [both(f.text) for f in result.findings],
    }
