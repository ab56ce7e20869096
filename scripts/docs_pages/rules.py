"""The rules catalogue, a page a topic, and the facility classes."""

from collections.abc import Mapping

from docs_pages.table import cell, code, table
from siting.standards import TOPICS, Catalogue, Rule, load_catalogue, load_classes
from siting.standards.explain import rule_row
from siting.standards.model import Reading

HEAD = ("规则 rule", "指标 figure", "距离 distance", "分母 share of", "目标 target", "条款 clause", "核实 read")
NOTE = """\\* 条文未写明，由本工具设定；? 未核实；— 条文未设。<br>
\\* not in the clause, assumed here; ? unverified; — not set.

`siting rules ID` 显示全文、出处和备注 shows one rule in full, with sources and notes.
"""


def pages() -> dict[str, str]:
    """Return the pages by path."""
    catalogue = load_catalogue()
    found = {"rules/index.md": _index(catalogue), "rules/classes.md": _classes()}
    return found | {f"rules/{topic}.md": _topic(catalogue, topic) for topic in TOPICS}


def navigation() -> list[dict[str, str] | str]:
    """Return the pages in their order, as `nav` takes them."""
    listed = [{TOPICS[topic].both(): f"rules/{topic}.md"} for topic in TOPICS]
    return ["rules/index.md", *listed, {"设施类别 Facility classes": "rules/classes.md"}]


def _index(catalogue: Catalogue) -> str:
    rules = list(catalogue.select())
    rows = []
    for topic, name in TOPICS.items():
        own = [rule for rule in rules if rule.topic == topic]
        rows.append([f"[{name.zh} {name.en}]({topic}.md)", str(len(own)), *(str(_count(own, r)) for r in GRADES)])
    rows.append(["**合计 all**", f"**{len(rules)}**", *(f"**{_count(rules, r)}**" for r in GRADES)])
    verdict = sum(rule.verdict_allowed for rule in rules)
    grades = [f"{r.text.zh} {r.text.en}" for r in GRADES]
    return f"""# 规则目录 Rules catalogue

标准是数据：每条规则写明文件、条款、限值、单位、分母、距离口径和目标，以及每一部分核实到什么程度。
Standards are data: each rule names document, clause, figure, unit, denominator, kind of distance and target, and how
well each part was read.

{table(("主题 topic", "规则 rules", *grades), rows)}
- 只有 {verdict} 条规则的限值、目标、分母和距离口径都在现行条文中读到过，可以给出“达标/未达标”；其余只给占比。
  Of {verdict} rules the figure, target, denominator and kind of distance were all read in a text in force: only these
  can end in met or not met. All others give the share.
- **{Reading.UNVERIFIED.text.zh} {Reading.UNVERIFIED.text.en}**：凭记忆录入，正式使用前请对照出版的条文。
  Remembered only: hold it against the published clause before you rely on it.
- 本地规则写成规则包，用 `[study] rule_packs` 叠加。Local rules go into a rule pack, laid on top by `rule_packs`.
"""


GRADES = (Reading.CLAUSE, Reading.SECONDARY, Reading.UNVERIFIED, Reading.ASSUMED)


def _count(rules: list[Rule], reading: Reading) -> int:
    return sum(rule.confidence is reading for rule in rules)


def _topic(catalogue: Catalogue, topic: str) -> str:
    name = TOPICS[topic]
    rows = [_row(rule) for rule in catalogue.select(topic=topic)]
    return f"---\nhide: [toc]\n---\n# {name.zh} {name.en}\n\n{NOTE}\n{table(HEAD, rows)}"


def _row(rule: Rule) -> list[str]:
    zh, en = rule_row(rule, "zh"), rule_row(rule, "en")
    both = [
        _both(getattr(zh, part), getattr(en, part))
        for part in ("figure", "distance", "denominator", "target", "clause", "grade")
    ]
    title = f'<a id="{rule.id}"></a>`{rule.id}`<br>{_both(zh.name, en.name)}'
    return [title, *both]


def _both(zh: str, en: str) -> str:
    return cell(zh) if zh == en else f"{cell(zh)}<br>{cell(en)}"


def _classes() -> str:
    counted: dict[str, int] = {}
    for rule in load_catalogue().select():
        for name in rule.facility:
            counted[name] = counted.get(name, 0) + 1
    classes: Mapping[str, object] = load_classes()
    rows = [
        [code(id_), cell(one.name.zh), cell(one.name.en), str(counted.get(id_, 0))]  # type: ignore[attr-defined]
        for id_, one in classes.items()
    ]
    return f"""# 设施类别 Facility classes

`[facilities]` 里每类设施一张表，用下面的编号。One table a class in `[facilities]`, by these ids.
`siting rules --class ID` 列出有关规则 lists the rules about it.

{table(("编号 id", "中文", "English", "规则数 rules"), rows)}"""
