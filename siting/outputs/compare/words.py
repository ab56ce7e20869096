"""What a comparison says: the lines of the console, and `compare.json`."""

from collections.abc import Mapping
from typing import Any

from siting.display import percent
from siting.ledger import Lang, Text
from siting.outputs.compare.changes import GAINED, LOST, Comparison, RuleChange
from siting.outputs.compare.theme_words import theme_json, theme_lines
from siting.outputs.layers import DENOMINATORS as ORDER
from siting.standards import DENOMINATORS, Reading


def comparison_lines(found: Comparison, lang: Lang) -> list[str]:
    """Say for every rule how the shares changed, and who gains and loses; then the warnings."""
    lines = [line for change in found.rules.values() for line in _rule_lines(change, lang)]
    lines += [line for change in found.themes.values() for line in theme_lines(change, lang)]
    for names, run in ((found.only_a, found.a), (found.only_b, found.b)):
        if names:
            text = Text(f"  仅在 {run.name}：", f"  only in {run.name}: ")
            lines.append(text.get(lang) + ", ".join(names))
    for name, plan in found.plans.items():
        one, other = plan["a"], plan["b"]
        text = Text(
            f"  {name}：选址 {one['sites']} → {other['sites']} 个，{len(plan['sites_only_b'])} 个为新",
            f"  {name}: {one['sites']} → {other['sites']} sites, {len(plan['sites_only_b'])} of them new",
        )
        lines.append(text.get(lang))
    if found.notes:
        lines.append(Text(f"提示 {len(found.notes)} 条：", f"{len(found.notes)} warnings:").get(lang))
        lines += [f"  ! {note.text.get(lang)}" for note in found.notes]
    return lines


def who_changed(change: RuleChange) -> Text:
    """Say how many gain and lose: people, else demand points."""
    gained, lost = change.people(GAINED), change.people(LOST)
    if gained is None or lost is None:
        points = change.points(GAINED), change.points(LOST)
        return Text(
            f"{points[0]:,} 处新增覆盖，{points[1]:,} 处不再覆盖",
            f"{points[0]:,} points newly served, {points[1]:,} no longer",
        )
    return Text(
        f"{gained:,.0f} 人新增覆盖，{lost:,.0f} 人不再覆盖",
        f"{gained:,.0f} people newly served, {lost:,.0f} no longer",
    )


def headline(change: RuleChange) -> tuple[Text, float | None, float | None]:
    """Return the first denominator that both runs know, and its two shares."""
    for d in ORDER:
        one, other = (share_of(rule, d).get("share") for rule in (change.a, change.b))
        if one is not None and other is not None:
            return DENOMINATORS[d], one, other
    return Text("", ""), None, None


def grade_of(change: RuleChange) -> Text:
    """Return how well the rule's figure was read, in brackets; both grades where they differ."""
    known = [Reading(r["confidence"]).text for r in (change.a, change.b) if r.get("confidence") in set(Reading)]
    texts = list(dict.fromkeys(known))
    if not texts:
        return Text("", "")
    return Text(f" [{' → '.join(t.zh for t in texts)}]", f" [{' → '.join(t.en for t in texts)}]")


def signed(points: float) -> str:
    """Write a difference with its sign, and none where it rounds to nothing."""
    shown = f"{points:+.1f}"
    return "0.0" if shown in ("+0.0", "-0.0") else shown


def share_of(rule: Mapping[str, Any], denominator: str) -> Mapping[str, Any]:
    """Return served, total and share of one denominator, as `summary.json` has them."""
    share = rule.get(denominator)
    return share if isinstance(share, Mapping) else {"served": None, "total": None, "share": None}


def comparison_json(found: Comparison) -> dict[str, Any]:
    """Return every headline difference as plain values."""
    return {
        "a": _run(found, "a"),
        "b": _run(found, "b"),
        "demand": {
            "matched": found.matched,
            "moved": found.moved,
            "only_a": found.demand_only_a,
            "only_b": found.demand_only_b,
        },
        "rules": {name: _rule(change) for name, change in found.rules.items()},
        "rules_only_a": list(found.only_a),
        "rules_only_b": list(found.only_b),
        "locate": dict(found.plans),
        "themes": {name: theme_json(change) for name, change in found.themes.items()},
        "notes": [
            {"code": n.code, "count": n.count, "zh": n.text.zh, "en": n.text.en, "ids": list(n.ids)}
            for n in found.notes
        ],
    }


def _rule_lines(change: RuleChange, lang: Lang) -> list[str]:
    label = f"  {change.name}  {change.title.get(lang)}: "
    parts = []
    for d in ORDER:
        one, other = (share_of(rule, d).get("share") for rule in (change.a, change.b))
        if one is not None and other is not None:
            parts.append(
                f"{DENOMINATORS[d].get(lang)} {percent(one)} → {percent(other)} ({signed(100 * (other - one))})"
            )
    if not parts:
        return [label + Text("无可比数值", "nothing to compare").get(lang)]
    lines = [label + ", ".join(parts) + grade_of(change).get(lang)]
    if change.demand is not None:
        lines.append("    " + who_changed(change).get(lang))
    return lines


def _run(found: Comparison, which: str) -> dict[str, Any]:
    run = found.a if which == "a" else found.b
    return {
        "folder": run.name,
        "study": run.summary.get("study"),
        "title": {"zh": run.title.zh, "en": run.title.en},
        "demand_points": run.summary.get("demand_points"),
        "people": run.summary.get("people"),
        "facilities": run.summary.get("facilities"),
    }


def _rule(change: RuleChange) -> dict[str, Any]:
    out: dict[str, Any] = {
        "name": {"zh": change.title.zh, "en": change.title.en},
        "judged": {"a": change.a.get("judged"), "b": change.b.get("judged")},
        "limit_m": {"a": change.a.get("limit_m"), "b": change.b.get("limit_m")},
        "limit_min": {"a": change.a.get("limit_min"), "b": change.b.get("limit_min")},
        "distance": {"a": change.a.get("distance"), "b": change.b.get("distance")},
        "passes": {"a": change.a.get("passes"), "b": change.b.get("passes")},
    }
    for d in ORDER:
        one, other = share_of(change.a, d), share_of(change.b, d)
        out[d] = {"a": dict(one), "b": dict(other), "served_change": _difference(one, other, "served", 1, 3),
                  "share_change_points": _difference(one, other, "share", 100, 6)}  # fmt: skip
    known = change.demand is not None
    for what in (GAINED, LOST):
        out[what] = {"points": change.points(what) if known else None, "people": change.people(what)}
    return out | {"closer_people": change.closer, "farther_people": change.farther}


def _difference(a: Mapping[str, Any], b: Mapping[str, Any], key: str, times: float, digits: int) -> float | None:
    if a.get(key) is None or b.get(key) is None:
        return None
    return round(times * (float(b[key]) - float(a[key])), digits)
