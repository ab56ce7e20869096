"""How far everything is hauled by the plan of least haul: plant by plant, and source by source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siting.display import percent
from siting.ledger import Text
from siting.themes.proved import proved
from siting.themes.result import ThemeTable
from siting.themes.waste.ground import FAIL
from siting.themes.waste.plants.haul import M_PER_KM

if TYPE_CHECKING:
    from siting.themes.waste.plants.siting_plant import PlantSite

MOST_SOURCES = 2000
"""Sources are listed one by one up to so many."""
PLANTS = {
    "plant": Text("地块", "plot"),
    "sources": Text("产生源", "sources"),
    "amount": Text("产生量", "amount a day"),
    "capacity": Text("能力（吨/日，研究所给）", "capacity (t/d, the study's own)"),
    "over": Text("超出能力（吨/日）", "over capacity (t/d)"),
    "mean_km": Text("平均运距（公里）", "mean haul (km)"),
    "farthest_km": Text("最远运距（公里）", "farthest haul (km)"),
    "work": Text("运输量（产生量×公里/日）", "haul (amount × km a day)"),
}
SOURCES = {
    "id": Text("产生源", "source"),
    "weight": PLANTS["amount"],
    "plant": Text("运往地块", "plot that it goes to"),
    "km": Text("运距（公里）", "haul (km)"),
}


def haul_tables(site: PlantSite, base: str) -> list[ThemeTable]:
    """Show the hauls of the plan; nothing where there is none."""
    hauls = site.hauls
    if site.haul is None or not len(hauls):
        return []
    work = hauls["weight"] * hauls["km"]
    made = (
        hauls.assign(work=work)
        .groupby("plant")
        .agg(sources=("km", "size"), amount=("weight", "sum"), farthest_km=("km", "max"), work=("work", "sum"))
    )
    made["mean_km"] = made["work"] / made["amount"]
    room = [np.nan if site.balance is None else site.balance.of_plant(plant) for plant in made.index]
    made["capacity"] = np.array(room, dtype=float)
    made["over"] = (made["amount"] - made["capacity"]).clip(lower=0)
    shown = {k: v for k, v in PLANTS.items() if made["capacity"].notna().any() or k not in ("capacity", "over")}
    by = Text("沿机动车路网", "on streets for vehicles") if site.haul.by_network else Text("直线", "in straight lines")
    unit = site.haul.unit
    note = Text(f"产生量单位：{unit.zh}；距离{by.zh}", f"amounts in {unit.en}; distances {by.en}")
    without = float(hauls.loc[hauls["km"].isna(), "weight"].sum())
    if without > 0:
        note = Text(
            f"{note.zh}；另有 {without:,.2f} {unit.zh}没有到达方案各地块的车行路线，不在表内",
            f"{note.en}; {without:,.2f} {unit.en} more have no way to any of these plots",
        )
    title = Text("运输量最小方案的运距", "Hauls of the plan of least haul")
    frame = made.reset_index()[list(shown)]
    tables = [ThemeTable(name=f"{base}_hauls", title=title, frame=frame, columns=shown, note=note)]
    if len(hauls) <= MOST_SOURCES:
        each = pd.DataFrame(hauls.rename_axis("id").reset_index())
        title = Text("各产生源的运距", "Haul of every source")
        tables.append(ThemeTable(name=f"{base}_sources", title=title, frame=each, columns=SOURCES, note=note))
    return tables


def haul_line(site: PlantSite) -> Text:
    """Say which plots have the least haul, over the amount that gets there, and what does not."""
    assert site.plan is not None
    assert site.haul is not None
    hauls, unit = site.hauls, site.haul.unit
    there = hauls["km"].notna()
    total = float(hauls.loc[there, "weight"].sum())
    mean = float((hauls["weight"] * hauls["km"])[there].sum()) / total if total else 0.0
    lost = float(hauls.loc[~there, "weight"].sum())
    ids = ", ".join(site.best_by_haul) or "—"
    by = Text("沿路网", "along streets") if site.haul.by_network else Text("直线", "in straight lines")
    how = proved(site.plan)
    zh = f"运输量最小：{ids}，{total:,.1f} {unit.zh}，平均运距 {mean:,.2f} 公里（{by.zh}，{how.zh}）"
    en = f"least haul: {ids}, {total:,.1f} {unit.en}, mean haul {mean:,.2f} km ({by.en}, {how.en})"
    if lost > 0:
        zh += f"；另有 {lost:,.2f} {unit.zh}无车行路线"
        en += f"; {lost:,.2f} {unit.en} more have no way there"
    return Text(zh, en)


def over_line(site: PlantSite) -> list[Text]:
    """Say which plants of the plan of least haul, which knows no capacities, get more than they can take."""
    if site.balance is None:
        return []
    amounts = site.hauls.groupby("plant")["weight"].sum()
    over = {str(plant): float(t) - site.balance.of_plant(str(plant)) for plant, t in amounts.items()}
    over = {plant: t for plant, t in over.items() if t > 0}
    if not over:
        return []
    zh = "、".join(f"{plant} 超 {t:,.1f} 吨/日" for plant, t in over.items())
    en = ", ".join(f"{plant} {t:,.1f} t/d over" for plant, t in over.items())
    return [
        Text(
            f"就近归属不计能力，按此 {zh}；能力约束下的方案见 [waste.chain]",
            f"all to the nearest, whatever it takes, would put {en}; [waste.chain] plans within capacities",
        )
    ]


def no_way_line(site: PlantSite) -> list[Text]:
    """Say how many candidates were refused because vehicles cannot bring the amount; nothing where none was."""
    failed = site.tests[(site.tests["test"] == "served") & (site.tests["outcome"] == FAIL)]
    if not len(failed):
        return []
    most, asked = float(failed["measured"].max()), failed["asked"].iloc[0]
    zh, en = f"{len(failed)} 块候选地块车行不可达", f"candidates that vehicles have no way to: {len(failed)}"
    if pd.notna(asked) and most > 0:
        return [
            Text(
                f"{zh}：至多 {percent(most)} 的产生量有路线，要求 {percent(float(asked))}，不参与排序",
                f"{en}; at most {percent(most)} can be brought, {percent(float(asked))} asked: not ranked",
            )
        ]
    return [Text(f"{zh}，不参与排序", f"{en}; not ranked")]


def no_way_note(site: PlantSite) -> Text | None:
    """Say how an amount without a way enters the haul of ranked candidates; None where all have one."""
    lost = site.candidates.loc[site.candidates["allowed"], "haul_lost"]
    if site.haul is None or not (lost > 0).any():
        return None
    far = site.haul.no_way_m / M_PER_KM
    return Text(
        f"可选地块中，无车行路线的产生量至多 {lost.max():,.2f} {site.haul.unit.zh}；为不使其显得更近，"
        f"该部分按最长实测运距的两倍（{far:,.1f} 公里）计入运输量与平均运距",
        f"of lawful candidates at most {lost.max():,.2f} {site.haul.unit.en} have no way to one; so that it does not "
        f"look nearer for that, they count as twice the longest way found ({far:,.1f} km) in haul and mean haul",
    )
