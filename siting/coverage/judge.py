"""Whether a rule can be judged here, and whether it is met."""

from collections.abc import Mapping

from siting.coverage.model import Share
from siting.ledger import Text
from siting.standards.classes import load_classes
from siting.standards.labels import LAND_PARTS, METRICS
from siting.standards.model import Denominator, DistanceKind, Rule

NO_STREETS = Text(
    "无路网数据，仅按直线距离计算，不作达标结论", "no street network: straight-line distance only, no verdict"
)

NO_TIMES = Text("无路网数据，无法计算时间", "no street network: travel times cannot be computed")


def why_not_judged(rule: Rule, *, has_layer: bool) -> Text | None:
    """Say why this engine cannot compute who a rule serves; None if it can.

    Parameters
    ----------
    has_layer : whether the study has a layer of the rule's facilities, be it empty
    """
    if rule.threshold is None and rule.limit_m is None:
        return Text("条文未给出阈值", "no threshold in the clause")
    if not rule.facility:
        return Text("条文不涉及某类设施的服务范围", "no class of facilities serves anybody by this rule")
    if not rule.can_judge_access:
        kind = METRICS[rule.metric]
        if rule.distance == "time":
            return Text(f"指标类型为“{kind.zh}”，没有单一时限", f"a rule about {kind.en} without one limit in minutes")
        return Text(f"指标类型为“{kind.zh}”，没有单一服务距离", f"a rule about {kind.en} without one service distance")
    if not has_layer:
        nouns = class_nouns(rule.facility)
        return Text(f"缺少设施图层：{nouns.zh}", f"no layer with {nouns.en}")
    return None


def whole_city(rule: Rule) -> Text:
    """Say that a clause about one part of a city was judged on all of it."""
    part = LAND_PARTS[rule.applies_to_land or "old"]
    return Text(
        f"规则 {rule.id} 仅适用于{part.zh}，此处按全部人口与用地计算，不作达标结论",
        f"rule {rule.id} speaks of {part.en} only; judged here on all people and land, so no verdict",
    )


def verdict(rule: Rule, shares: Mapping[tuple[DistanceKind, Denominator], Share]) -> bool | None:
    """Compare the share of the rule's own distance kind and denominator with its target.

    None where a part of the rule was not read in the clause, where this study lacks the denominator or the distance
    kind, or where there is nothing to serve.
    """
    if not rule.verdict_allowed or rule.target is None or rule.distance is None or rule.denominator is None:
        return None
    share = shares.get((rule.distance, rule.denominator))
    return None if share is None or share.total == 0 else rule.target.is_met(share.served, share.total)


def class_nouns(facility: tuple[str, ...]) -> Text:
    """Names of facility classes in words, as a sentence uses them."""
    known = load_classes()
    names = [known[f].name if f in known else Text(f, f.replace("_", " ")) for f in facility]
    return Text("、".join(n.zh for n in names), " or ".join(in_sentence(n.en) for n in names))


def in_sentence(noun: str) -> str:
    """Lower the first letter, unless the word is an abbreviation."""
    return noun if noun[:2].isupper() else noun[:1].lower() + noun[1:]
