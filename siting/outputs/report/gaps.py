"""Chapter 6: the largest gaps of each rule."""

from collections.abc import Iterator, Mapping
from typing import Any

from siting.coverage.model import Audit
from siting.coverage.travel import SECONDS_PER_MIN
from siting.ledger import Text
from siting.outputs.report.content import Block, Column, Paragraph, Table
from siting.outputs.report.figures import beyond, count, hectares, known, words
from siting.outputs.report.material import Material, heading, rows_of
from siting.outputs.report.method import by_topic, rule_label, rule_titles, topic_title

MOST_GAPS = 10
MOST_GAPS_OF_MANY = 5
MANY_RULES = 20
"""A study of more rules lists fewer gaps of each."""
SCATTERED = "scattered"


def gaps(m: Material) -> Iterator[Block]:
    """List the gaps of each rule by rank, and say how many more there are."""
    yield heading(1, "服务盲区", "Gaps")
    found = gap_rows(m)
    if not found:
        text = m.say("各评判规则下没有服务盲区。", "There are no gaps under the rules that were judged.")
        yield Paragraph(text=text if m.judged else m.say("没有可评判的规则。", "No rule could be judged."))
        return
    yield Paragraph(
        text=m.say(
            "盲区由相邻的未覆盖需求点合成，按人口由多到少编号；人口未知的按栋数或宗数。最近距离为盲区内居民到最近设施的"
            "中位距离，口径与所属规则一致。",
            "A gap is made of neighbouring demand that is not served, numbered by people (by units where people are "
            "unknown). The nearest distance is that of its median resident, measured as its rule measures.",
        )
    )
    clear = [rule_label(m, a) for a in m.judged if a.name not in found]
    if clear:
        yield Paragraph(text=m.say(f"没有盲区的规则：{'、'.join(clear)}。", f"Rules without gaps: {', '.join(clear)}."))
    for topic, audits in by_topic([a for a in m.judged if a.name in found]).items():
        yield heading(2, *topic_title(topic))
        for audit in audits:
            yield heading(3, *rule_titles(audit))
            yield from _of_rule(m, audit, found[audit.name])


def gap_rows(m: Material) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of `tables/gaps.csv` by rule, in order of rank."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows_of(m.tables["gaps"]):
        found.setdefault(str(row["rule"]), []).append(row)
    return {name: sorted(rows, key=_rank) for name, rows in found.items()}


def _rank(row: Mapping[str, Any]) -> float:
    return float(row["rank"]) if known(row.get("rank")) else float("inf")


def _of_rule(m: Material, audit: Audit, rows: list[dict[str, Any]]) -> Iterator[Block]:
    most = MOST_GAPS_OF_MANY if len(m.judged) > MANY_RULES else MOST_GAPS
    key = "people" if all(known(r.get("people")) for r in rows) else "units"
    unit = Text("人", "people") if key == "people" else Text("栋/宗", "units")
    areas = [r for r in rows if r.get("kind") != SCATTERED]
    total, shown = _sum(rows, key), rows[:most]
    yield Paragraph(
        text=m.say(
            f"共 {len(areas)} 处盲区，涉及 {count(total)} {unit.zh}。",
            f"{len(areas)} gaps, {count(total)} {unit.en} in all.",
        )
    )
    has_zone = any(isinstance(r.get("zone"), str) for r in shown)
    columns = [
        Column(title=m.say("盲区", "gap"), width=0.8),
        Column(title=unit.get(m.lang), right=True),
        Column(title=m.say("面积（公顷）", "area (ha)"), right=True),
        Column(title=m.say("最近设施", "nearest facility"), right=True, width=1.2),
    ]
    if has_zone:
        columns.append(Column(title=m.say("所在分区", "zone"), width=1.8))
    body = [_row(m, audit, r, key)[: len(columns)] for r in shown]
    yield Table(
        key=f"gaps-{audit.name}",
        caption=Text(f"{audit.rule.name.zh}：盲区", f"{audit.rule.name.en}: gaps"),
        columns=tuple(columns),
        rows=tuple(body),
    )
    rest = rows[most:]
    if rest:
        left = count(_sum(rest, key))
        yield Paragraph(
            text=m.say(
                f"另有 {len(rest)} 处、{left} {unit.zh}，见 tables/gaps.csv。",
                f"{len(rest)} more, {left} {unit.en}, are in tables/gaps.csv.",
            ),
            kind="note",
        )


def _row(m: Material, audit: Audit, row: Mapping[str, Any], key: str) -> tuple[str, ...]:
    name = words(row.get("gap_id"))
    if row.get("kind") == SCATTERED:
        name = m.say(f"{name}（零散）", f"{name} (scattered)")
    return (
        name,
        count(row.get(key)),
        hectares(row.get("area_m2")),
        nearest(m, audit, row),
        words(zone_of(m, row)),
    )


def zone_of(m: Material, row: Mapping[str, Any]) -> Any:
    """Name the zone of a gap; where the table holds its id, the name of that zone."""
    given = row.get("zone")
    for layer in m.run.zones.values():
        if given in layer.index and "name" in layer.columns:
            return str(layer["name"].loc[given])
    return given


def nearest(m: Material, audit: Audit, row: Mapping[str, Any]) -> str:
    """Write how far the nearest facility is, or that there is no path to any."""
    far = row.get(f"nearest_{audit.unit}")
    if known(far):
        limit = audit.limit_m if audit.limit_s is None else audit.limit_s / SECONDS_PER_MIN
        return beyond(far, limit, audit.unit, m.lang)
    return m.say("无路可达", "no path")


def _sum(rows: list[dict[str, Any]], key: str) -> float | None:
    values = [r.get(key) for r in rows]
    return sum(float(v) for v in values if v is not None) if values and all(known(v) for v in values) else None
