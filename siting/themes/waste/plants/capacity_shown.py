"""What arises beside what plants can take, in the words of planners: a table and a sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd

from siting.inputs.schema import some
from siting.ledger import Text
from siting.themes.result import ThemeTable
from siting.themes.waste.plants.capacity import Balance

TITLE = Text("处理能力供需", "Supply and demand of capacity")
NOTE = Text(
    "产生量为本研究全部产生源的日平均量，高峰日见产生量一节；能力为研究所给（研究自定），未知不按 0 计",
    "What arises is an average day of all sources of the study, busier days stand in the section on what arises; "
    "capacities are the study's own, unknown is not 0",
)
ROWS = {
    "item_zh": Text("项目", "item, Chinese"),
    "item_en": Text("项目（英文）", "item"),
    "plants": Text("处数", "plants"),
    "t_day": Text("吨/日", "t/d"),
}


def balance_table(balance: Balance, base: str) -> ThemeTable:
    """Show the balance line by line."""
    each = np.nan if balance.each_t_day is None else balance.plants * balance.each_t_day
    rows = [
        ("产生量", "arises", np.nan, balance.arises),
        (
            "现有设施，能力已知",
            "plants that stand, capacity known",
            len(balance.standing) - len(balance.unknown),
            balance.standing_t_day,
        ),
        ("现有设施，能力未知", "plants that stand, capacity unknown", len(balance.unknown), np.nan),
        ("现有设施容纳不下", "no room in plants that stand", np.nan, _figure(balance.lacking)),
        ("拟建设施", "new plants", balance.plants, each),
        ("建成后仍缺（负为富余）", "short with the new (below 0: to spare)", np.nan, _figure(balance.short)),
    ]
    return ThemeTable(
        name=f"{base}_balance", title=TITLE, frame=pd.DataFrame(rows, columns=list(ROWS)), columns=ROWS, note=NOTE
    )


def balance_line(balance: Balance) -> Text:
    """Say whether the capacity is enough."""
    zh, en = f"能力：产生 {balance.arises:,.1f} 吨/日", f"capacity: {balance.arises:,.1f} t/d arise"
    if balance.standing:
        n = len(balance.standing)
        zh += f"，现有 {n} 处共 {balance.standing_t_day:,.1f} 吨/日"
        en += f", {n} that stand take {balance.standing_t_day:,.1f} t/d"
    if balance.each_t_day is not None:
        zh += f"，拟建 {balance.plants} 处各 {balance.each_t_day:,.1f} 吨/日"
        en += f", {balance.plants} new of {balance.each_t_day:,.1f} t/d each"
    if balance.unknown:
        n, ids = len(balance.unknown), some(pd.Index(balance.unknown))
        return Text(f"{zh}；{n} 处能力未知（{ids}），供需未评判", f"{en}; of {n} ({ids}) it is unknown: not judged")
    short = balance.lacking if balance.short is None else balance.short
    assert short is not None
    if short > 0:
        return Text(f"{zh}：缺 {short:,.1f} 吨/日", f"{en}: {short:,.1f} t/d short")
    return Text(f"{zh}：富余 {0 - short:,.1f} 吨/日", f"{en}: {0 - short:,.1f} t/d to spare")


def balance_figures(balance: Balance | None) -> dict[str, float | None]:
    """Return the figures that a summary holds."""
    if balance is None:
        return {}
    return {
        "arises_t_day": round(balance.arises, 6),
        "lacking_t_day": None if balance.lacking is None else round(balance.lacking, 6),
        "short_t_day": None if balance.short is None else round(balance.short, 6),
    }


def _figure(value: float | None) -> float:
    return np.nan if value is None else value
