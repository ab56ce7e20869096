"""The sentences of the toilet audit that stand on their own, most important first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.display import percent
from siting.ledger import Text
from siting.standards import Denominator
from siting.themes.toilets.density import ABOVE, BELOW, TOWN_RULES
from siting.themes.toilets.must_have import PLACES_RULE
from siting.themes.toilets.reach import SLOT_NAMES
from siting.themes.toilets.stalls import ALL_PLACES, CROWDED_RULE, GENERAL_RULE, SHORT, UNKNOWN

if TYPE_CHECKING:
    from siting.themes.toilets.audit import Toilets


def headlines(toilets: Toilets) -> list[Text]:
    """Say how many toilets there are for the town, who has one near, and what stalls, hours and places lack."""
    return [*_density(toilets), *_reach(toilets), *_stalls(toilets), *_hours(toilets), *_places(toilets)]


def _density(toilets: Toilets) -> list[Text]:
    name = TOWN_RULES[0]
    row = toilets.density.city(name)
    if row is None or row["state"] is None:
        return []
    read, count, density = toilets.density.readings[name], row["toilets"], f"{row['density']:.2f}"
    asked = f"{row['low']:g}–{row['high']:g}"
    gap = Text("达到下限", "the lower end is reached")
    if row["state"] == BELOW:
        gap = Text(f"缺 {row['shortfall']} 座", f"{row['shortfall']} short")
    elif row["state"] == ABOVE:
        gap = Text(f"高出上限 {row['excess']} 座", f"{row['excess']} beyond the upper end")
    return [
        Text(
            f"公厕 {count} 座，{density} 座/平方公里；政策要求 {asked}，{gap.zh}（{read.zh}）",
            f"{count} toilets, {density} per km²; the policy asks {asked}: {gap.en} ({read.en})",
        )
    ]


def _reach(toilets: Toilets) -> list[Text]:
    audit, busy = toilets.reach.people, toilets.reach.busy_share
    limit, read = audit.limit_m or 0.0, audit.rule.confidence.text
    whose: Denominator = "people" if audit.headline("people") is not None else "units"
    served, noun = audit.headline(whose), audit.noun(whose)
    lines = []
    if served is not None and served.share is not None:
        share = percent(served.share)
        lines.append(
            Text(
                f"{share} 的{noun.zh} {limit:g} 米内有公厕（{read.zh}）",
                f"{share} of {noun.en} have a toilet within {limit:g} m ({read.en})",
            )
        )
    if busy is not None:
        lacking = busy.total - busy.served
        lines.append(
            Text(
                f"{busy.total} 处人流密集场所中 {lacking} 处 {limit:g} 米内没有公厕（{read.zh}）",
                f"{lacking} of {busy.total} busy places have no toilet within {limit:g} m ({read.en})",
            )
        )
    for one in toilets.reach.opened.to_dict("records"):
        gain, count = f"{one['gain']:,.0f}", int(one["toilets"])
        lines.append(
            Text(
                f"{count} 座不对公众开放的厕所若全部开放，可新增服务 {gain} 人",
                f"opening the {count} toilets that are closed to the public would newly serve {gain}",
            )
        )
    return lines


def _stalls(toilets: Toilets) -> list[Text]:
    states, summary = toilets.stalls.toilets["state"], toilets.stalls.summary
    known, short = int((states != UNKNOWN).sum()), int((states == SHORT).sum())
    if not known:
        return []
    used = summary[summary["rule"].isin([CROWDED_RULE, GENERAL_RULE]) & (summary["place_type"] == ALL_PLACES)]
    grade = toilets.stalls.readings
    read = list(dict.fromkeys(grade[str(rule)] for rule in used["rule"]))
    zh, en = "、".join(r.zh for r in read), ", ".join(r.en for r in read)
    return [
        Text(
            f"厕位数已知的 {known} 座公厕中，{short} 座女男厕位比不足（{zh}）",
            f"{short} of {known} toilets with known stalls have too few for women ({en})",
        )
    ]


def _hours(toilets: Toilets) -> list[Text]:
    lines = []
    for one in toilets.reach.slots.to_dict("records"):
        slot = str(one["slot"])
        name, at = SLOT_NAMES.get(slot, Text(slot, slot)), one["at"]
        lines.append(
            Text(
                f"{name.zh}（{at}）已知开放 {one['open']} 座，不开放 {one['closed']} 座，时间未知 {one['unknown']} 座",
                f"{name.en} ({at}): {one['open']} known to be open, {one['closed']} closed, {one['unknown']} unknown",
            )
        )
    return lines


def _places(toilets: Toilets) -> list[Text]:
    summary = toilets.places.summary
    rows = summary[summary["rule"] == PLACES_RULE]
    if not len(rows) or not rows["lacks"].sum():
        return []
    lacks, places, within = int(rows["lacks"].sum()), int(rows["places"].sum()), rows["within_m"].iloc[0]
    return [
        Text(
            f"应设公厕的 {places} 处场所中，{lacks} 处在 {within:g} 米内没有公厕（判定距离为本工具设定）",
            f"{lacks} of {places} places that must have a toilet have none within {within:g} m, a distance chosen here",
        )
    ]
