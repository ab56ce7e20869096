"""Whether a rule asks less than a mandatory clause does."""

from siting.ledger import Finding, Text
from siting.standards.labels import document_text, figure_text, number, percent
from siting.standards.model import Rule

_SIGNS_UP = (">=", ">")
_SIGNS_DOWN = ("<=", "<")


def laxer_than(rule: Rule, mandatory: Rule) -> Finding | None:
    """Return a warning that says in what ``rule`` asks less than ``mandatory``, or None.

    Both are rules about the same thing: one that replaces the other, or two that judge the same facilities. Only a
    clause that is mandatory can be undercut; of any other rule the answer is None.
    """
    if not mandatory.source.mandatory:
        return None
    ways = _same_rule(rule, mandatory) if rule.id == mandatory.id else _same_places(rule, mandatory)
    if not ways:
        return None
    clause_zh, clause_en = document_text(mandatory, "zh"), document_text(mandatory, "en")
    return Finding(
        code="laxer_than_mandatory",
        kind="warning",
        count=1,
        text=Text(
            f"规则 {rule.id}（{rule.pack}）低于强制性条文 {clause_zh} 的要求：" + "；".join(way.zh for way in ways),
            f"rule {rule.id} ({rule.pack}) asks less than the mandatory clause {clause_en}: "
            + "; ".join(way.en for way in ways),
        ),
        ids=(rule.id,),
    )


def _same_rule(rule: Rule, mandatory: Rule) -> list[Text]:
    ways = [*_limit(rule, mandatory), *_target(rule, mandatory)]
    if not ways and mandatory.limit_m is None and mandatory.target is None:
        ways += _figure(rule, mandatory)
    if mandatory.distance == "network" and rule.distance == "straight":
        ways.append(Text("以直线距离代替路网距离", "a straight line in place of the way along streets"))
    more = [id_ for id_ in rule.facility if id_ not in mandatory.facility]
    if more:
        ways.append(Text(f"另计入 {'、'.join(more)}", f"counts {', '.join(more)} as well"))
    return ways


def _same_places(rule: Rule, mandatory: Rule) -> list[Text]:
    if not set(rule.facility) & set(mandatory.facility) or rule.limit_m is None:
        return []
    return _limit(rule, mandatory)


def _limit(rule: Rule, mandatory: Rule) -> list[Text]:
    if mandatory.limit_m is None:
        return []
    if rule.limit_m is None:
        return [Text("未设距离限值", "sets no distance limit")]
    if rule.limit_m <= mandatory.limit_m:
        return []
    own, other = number(rule.limit_m), number(mandatory.limit_m)
    return [Text(f"距离限值 {own} 米，条文 {other} 米", f"the limit is {own} m, the clause has {other} m")]


def _target(rule: Rule, mandatory: Rule) -> list[Text]:
    if mandatory.target is None:
        return []
    if rule.target is None:
        return [Text("未设覆盖率目标", "sets no target share")]
    own, other = rule.target, mandatory.target
    if (own.share, own.operator == ">") >= (other.share, other.operator == ">"):
        return []
    sign = {">": ">", ">=": "≥"}
    mine, theirs = f"{sign[own.operator]} {percent(own.share)}", f"{sign[other.operator]} {percent(other.share)}"
    return [Text(f"覆盖率目标 {mine}，条文 {theirs}", f"the target is {mine}, the clause has {theirs}")]


def _figure(rule: Rule, mandatory: Rule) -> list[Text]:
    """Compare plain figures of the same metric and unit; what cannot be compared is said to be so."""
    theirs, mine = mandatory.threshold, rule.threshold
    if not isinstance(theirs, float):
        return []
    own_text, clause_text = figure_text(rule), figure_text(mandatory)
    words = Text(
        f"指标 {own_text.zh}，条文 {clause_text.zh}", f"the figure is {own_text.en}, the clause has {clause_text.en}"
    )
    up, down = mandatory.operator in _SIGNS_UP, mandatory.operator in _SIGNS_DOWN
    same_sense = rule.operator in (_SIGNS_UP if up else _SIGNS_DOWN)
    if not (up or down):
        return []
    if not isinstance(mine, float) or rule.metric != mandatory.metric or rule.unit != mandatory.unit or not same_sense:
        return [Text(f"{words.zh}(无法比较)", f"{words.en} (cannot be compared)")]
    strict_lost = mine == theirs and mandatory.operator in (">", "<") and rule.operator in (">=", "<=")
    laxer = mine < theirs if up else mine > theirs
    return [words] if laxer or strict_lost else []
