"""Sentences about new toilets: how many, how well proved, and what each requirement counts before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from siting.ledger import Text
from siting.standards.model import Reading
from siting.themes.proved import within
from siting.themes.toilets.spacing_types import TYPE_NAMES

MEASURES = {"network": Text("沿路网", "along streets"), "straight": Text("直线", "in a straight line")}

if TYPE_CHECKING:
    from siting.themes.toilets.siting_toilets import ToiletPlan


def proof(plan: ToiletPlan) -> Text:
    """How many toilets, at what cost, and how good they are proved to be."""
    n, result = len(plan.sites), plan.result
    cost, unit = cost_of(plan), plan.cost_unit or Text("", "")
    money = (
        Text("", "")
        if cost is None
        else Text(
            f"，造价合计 {cost:g} {unit.zh}（研究给定）".replace(" （", "（"),
            f", costing {cost:g} ({', '.join(w for w in (unit.en, 'by the study') if w)})",
        )
    )
    how = {
        "most": Text("已证明最优：这些地点中不可能服务更多", "proved: no choice of these places serves more"),
        "fewest": Text("已证明最少", "proved: no fewer can do"),
        "cheapest": Text("已证明造价最低", "proved: none is cheaper"),
    }[plan.aim]
    if result.status != "optimal":
        how = within(result.gap)
    if plan.aim != "most" and bool((plan.requirements["beyond"] > 0).any()):
        how = Text(f"{how.zh}（无候选地点可解决的部分除外）", f"{how.en} (but for what no place can mend)")
    return Text(f"新增公厕 {n} 座{money.zh}；{how.zh}", f"{n} new toilets{money.en}; {how.en}")


def cost_of(plan: ToiletPlan) -> float | None:
    """Return what the sites cost together; None where a cost is not known."""
    cost = plan.sites["cost"]
    return float(cost.sum()) if len(cost) and bool(cost.notna().all()) else None


def line(row: Mapping[Any, Any], titles: Mapping[str, Text]) -> Text:
    """One sentence a requirement."""
    read = Reading(row["confidence"]).text
    name, counts = str(row["requirement"]), str(row["counts"])
    if name == "radius":
        what, way = titles.get(counts, Text(counts, counts)), MEASURES[str(row["measure"])]
        return Text(
            f"{way.zh} {row['limit']:g} m 内没有公厕的{what.zh}：{row['before']:,.0f} → {row['after']:,.0f}"
            f"（{row['clause_zh']}，{read.zh}）",
            f"{what.en} without a toilet within {row['limit']:g} m {way.en}: {row['before']:,.0f} -> "
            f"{row['after']:,.0f} ({row['clause_en']}, {read.en})",
        )
    if name == "spacing":
        kind = counts.removesuffix("_m")
        what = TYPE_NAMES.get(kind, Text(kind, kind))
        before, after = row["before"] / 1000, row["after"] / 1000
        return Text(
            f"{what.zh}间距超出：{before:.2f} → {after:.2f} km（{row['clause_zh']}，{read.zh}）",
            f"{what.en} too far from a toilet: {before:.2f} -> {after:.2f} km ({row['clause_en']}, {read.en})",
        )
    return Text(
        f"按密度缺公厕：{row['before']:.0f} → {row['after']:.0f} 座（{row['clause_zh']}，{read.zh}）",
        f"toilets lacking by density: {row['before']:.0f} -> {row['after']:.0f} ({row['clause_en']}, {read.en})",
    )
