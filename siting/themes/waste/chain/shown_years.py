"""Several years or months of the chain in the words of planners."""

from __future__ import annotations

import pandas as pd

from siting.ledger import Finding, Text
from siting.themes.result import ThemeTable
from siting.themes.waste.chain.years import ChainYears
from siting.themes.waste.streams import STREAMS

NOTE = Text(
    "末期方案先定，此前各期在末期站址、现有站及届时已关闭的站中选；各期只用全期开放的站厂，能力不足时以剩余最少为先；"
    "各期分别证明，不证明整个序列最省",
    "the last period is planned first, those before among its sites, what stands, and what is closed by then; a period "
    "uses what is open throughout it, and where that has no room for all, the fewest tonnes stay; each period is "
    "proved by itself, the sequence as a whole is not",
)
YEARS = {
    "period": Text("年份或月份", "year or month"),
    "t_day": Text("产生量（吨/日）", "waste (t/d)"),
    "plants": Text("开放的处理厂（座）", "plants open"),
    "capacity_t_day": Text("处理能力（吨/日）", "capacity of plants (t/d)"),
    "carried_t_day": Text("收运处理量（吨/日）", "carried to plants (t/d)"),
    "short_t_day": Text("无处可去（吨/日）", "without room (t/d)"),
    "reassigned_t_day": Text("较上期改变去向（吨/日）", "to another plant than before (t/d)"),
    "stations": Text("启用转运站（座）", "stations in use"),
    "cost_day": Text("每日费用", "cost a day"),
    "bound_day": Text("每日费用下界（已证明）", "proved least cost a day"),
}
OPENINGS = {
    "station": Text("转运站", "station"),
    "status": Text("现状（existing 现有，candidate 候选，required 必建）", "status"),
    "opens": Text("启用时间（空为现有）", "opens in (empty: it stands)"),
    "closes": Text("关闭时间（空为不关闭）", "closed in (empty: in none)"),
    "station_class": Text("转运站类别", "class of station"),
    "capacity_t_day": Text("能力（吨/日）", "capacity (t/d)"),
}
PLANTS = {
    "period": YEARS["period"],
    "plant": Text("处理厂", "plant"),
    "name": Text("名称", "name"),
    "open": Text("全期开放", "open throughout"),
    "capacity_t_day": Text("能力（吨/日）", "capacity (t/d)"),
    "load_t_day": Text("负荷（吨/日）", "load (t/d)"),
    "change_t_day": Text("较上期增减（吨/日）", "change since the period before (t/d)"),
}
STREAM = {
    "period": YEARS["period"],
    "stream": Text("类别（代码）", "stream (code)"),
    "stream_zh": Text("类别", "stream, Chinese"),
    "stream_en": Text("类别（英文）", "stream"),
    "t_day": YEARS["t_day"],
    "carried_t_day": YEARS["carried_t_day"],
    "short_t_day": YEARS["short_t_day"],
}
MOVED = {
    **{k: STREAM[k] for k in ("period", "stream", "stream_zh", "stream_en")},
    "from_plant": Text("上期去向（空为无处可去）", "went to (empty: no room)"),
    "to_plant": Text("本期去向（空为无处可去）", "goes to (empty: no room)"),
    "t_day": Text("吨/日", "t/d"),
}
_SHOWN_T = 0.05


def years_tables(plans: ChainYears) -> tuple[ThemeTable, ...]:
    """Return what each period costs, has room for and changes, and when each station opens."""
    return (
        ThemeTable(name="waste_chain_years", title=Text("分期方案", "Plans by year or month"), frame=plans.table,
                   columns=YEARS, note=NOTE),
        ThemeTable(name="waste_chain_openings", title=Text("各站启用与关闭", "When each station opens and closes"),
                   frame=plans.openings, columns=OPENINGS, note=NOTE),
        ThemeTable(name="waste_chain_years_plants", title=Text("分期处理能力与负荷", "Capacity and load of plants"),
                   frame=plans.plants, columns=PLANTS, note=NOTE),
        ThemeTable(name="waste_chain_years_streams", title=Text("分期各类垃圾平衡", "Balance of each stream"),
                   frame=_named(plans.streams), columns=STREAM, note=NOTE),
        ThemeTable(name="waste_chain_years_reassigned", title=Text("分期去向调整", "What goes to another plant"),
                   frame=_named(plans.reassigned), columns=MOVED, note=NOTE),
    )  # fmt: skip


def short_findings(plans: ChainYears) -> tuple[Finding, ...]:
    """Say in which periods how many tonnes have no room."""
    table = plans.table[plans.table["short_t_day"] >= _SHOWN_T]
    if not len(table):
        return ()
    pairs = [(p, f"{t:,.1f}") for p, t in zip(table["period"], table["short_t_day"], strict=True)]
    zh, en = "、".join(f"{p} 缺 {t}" for p, t in pairs[:6]), ", ".join(f"{p} {t}" for p, t in pairs[:6])
    text = Text(
        f"{len(pairs)} 期站厂能力或去路不足（吨/日）：{zh}",
        f"periods in which waste finds no room or no way: {len(pairs)} (t/d: {en})",
    )
    return (Finding(code="waste_years_short", kind="warning", count=len(pairs), text=text,
                    ids=tuple(p for p, _ in pairs[:20])),)  # fmt: skip


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    made, at = frame.copy(), frame.columns.tolist().index("stream") + 1
    made.insert(at, "stream_zh", [STREAMS[s].zh for s in frame["stream"]])
    made.insert(at + 1, "stream_en", [STREAMS[s].en for s in frame["stream"]])
    return made
