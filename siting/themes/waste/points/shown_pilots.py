"""Estates for a sorting pilot, in the words of planners."""

from __future__ import annotations

import math

import pandas as pd

from siting.display import percent, whole
from siting.ledger import Text
from siting.themes.result import Class, ThemeLayer, ThemeTable
from siting.themes.waste.points.part import Part, cited
from siting.themes.waste.points.pilots import BEYOND, EMPTY, FIT, PILOT, Pilots
from siting.themes.waste.points.words import COLUMNS, columns_of

STATES = (
    Class(value=PILOT, name=Text("推荐试点", "pilot"), role="good"),
    Class(value=FIT, name=Text("符合条件", "could be one"), role="fair"),
    Class(value=BEYOND, name=Text("收集点半径内住户不足", "too few within the radius of a point"), role="poor"),
    Class(value=EMPTY, name=Text("无住户数据", "no households counted"), role="none"),
)
_WORDS = {
    **COLUMNS,
    "rank": Text("推荐次序", "rank"),
    "share_mandatory": Text("强制半径内住户比例（直线）", "share within the mandatory radius, straight"),
    "share_preferred": Text("较优半径内住户比例（直线）", "share within the preferred radius, straight"),
    "points_sorting": Text("其中分类收集点", "points known to sort"),
    "spacing_m": Text("收集点平均间距（米）", "mean spacing of its points (m)"),
}
_NAMED = 5


def pilots_part(found: Pilots) -> Part:
    """Rank of estates, those chosen, and what they hold."""
    asked, chosen = found.asked, found.chosen
    near = Text("有住户在强制半径内", "some household within the mandatory radius")
    if asked.least_share is not None:
        near = Text(
            f"不少于 {percent(asked.least_share)} 的住户在强制半径内（研究自定）",
            f"at least {percent(asked.least_share)} of households within the mandatory radius (the study's own)",
        )
    spread = Text("", "")
    if asked.per_zone is not None:
        spread = Text(f"，每个分区至多 {asked.per_zone} 个", f", at most {asked.per_zone} a zone")
    note = Text(
        f"条件：{near.zh}{spread.zh}；同样个数下住户最多，已证明；{found.households.text.zh}；"
        + "；".join(cited(r).zh for r in found.rules),
        f"condition: {near.en}{spread.en}; no other choice of as many holds more households, proved; "
        f"{found.households.text.en}; " + "; ".join(cited(r).en for r in found.rules),
    )
    title = Text("垃圾分类试点小区", "Estates for a sorting pilot")
    words = columns_of(["id", *found.estates.columns], _WORDS)
    layer = ThemeLayer(
        name="waste_points_pilots", title=title, frame=found.estates, columns=words, show="state", classes=STATES,
        label="name", note=note,
    )  # fmt: skip
    table = ThemeTable(
        name="waste_points_pilots",
        title=title,
        frame=pd.DataFrame(found.estates.drop(columns="geometry")).reset_index(),
        columns=words,
        note=note,
    )
    total = math.fsum(chosen["households"])
    near_total = math.fsum(chosen["households"] * chosen["share_mandatory"])
    share = near_total / total if total else None
    figures = {
        "pilots": {
            "asked": asked.n,
            "chosen": chosen.index.tolist(),
            "fit": int(found.estates["state"].isin([PILOT, FIT]).sum()),
            "households": total,
            "households_estimated": found.households.estimated,
            "share_mandatory": share,
            "proved": True,
        }
    }
    return Part(layers=(layer,), tables=(table,), figures=figures, headlines=(_line(found, total, share),))


def _line(found: Pilots, total: float, share: float | None) -> Text:
    chosen, asked = found.chosen, found.asked
    if not len(chosen):
        return Text(
            f"垃圾分类试点小区：要求 {asked.n} 个，没有小区符合条件",
            f"estates for a sorting pilot: {asked.n} asked for, none meets the conditions",
        )
    names = chosen["name"].tolist()[:_NAMED]
    more = len(chosen) - len(names)
    estimate = Text("估算", "estimated ") if found.households.estimated else Text("", "")
    short = Text("", "")
    if len(chosen) < asked.n:
        short = Text(f"，少于要求的 {asked.n} 个", f" ({asked.n} asked for, no more meet the conditions)")
    limit = found.rules[0]
    some = f"{', '.join(names)}{' and more' if more else ''}"
    return Text(
        f"垃圾分类试点小区：推荐 {len(chosen)} 个{short.zh}：{'、'.join(names)}{'等' if more else ''}；"
        f"{estimate.zh}住户 {whole(total)} 户，为同样个数中最多；其中 {percent(share)} "
        f"在 {limit.limit_m:g} 米内有收集点"
        f"（{limit.id}，{limit.confidence.text.zh}）",
        f"estates for a sorting pilot: {len(chosen)}{short.en} - {some} - with "
        f"{estimate.en}{whole(total)} households, the most that as many can hold; {percent(share)} of them have a "
        f"collection point within {limit.limit_m:g} m ({limit.id}, {limit.confidence.text.en})",
    )
