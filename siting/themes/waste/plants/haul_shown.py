"""How far everything is hauled by the plan of least haul: plant by plant, and source by source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from siting.ledger import Text
from siting.themes.result import ThemeTable

if TYPE_CHECKING:
    from siting.themes.waste.plants.siting_plant import PlantSite

MOST_SOURCES = 2000
"""Sources are listed one by one up to so many."""
PLANTS = {
    "plant": Text("地块", "plot"),
    "sources": Text("产生源", "sources"),
    "amount": Text("产生量", "amount a day"),
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
    by = Text("沿机动车路网", "on streets for vehicles") if site.haul.by_network else Text("直线", "in straight lines")
    unit = site.haul.unit
    note = Text(f"产生量单位：{unit.zh}；距离{by.zh}", f"amounts in {unit.en}; distances {by.en}")
    title = Text("运输量最小方案的运距", "Hauls of the plan of least haul")
    frame = made.reset_index()[list(PLANTS)]
    tables = [ThemeTable(name=f"{base}_hauls", title=title, frame=frame, columns=PLANTS, note=note)]
    if len(hauls) <= MOST_SOURCES:
        each = pd.DataFrame(hauls.rename_axis("id").reset_index())
        title = Text("各产生源的运距", "Haul of every source")
        tables.append(ThemeTable(name=f"{base}_sources", title=title, frame=each, columns=SOURCES, note=note))
    return tables
