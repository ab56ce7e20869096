"""Several years of the chain in the words of planners."""

from __future__ import annotations

from siting.ledger import Text
from siting.themes.result import ThemeTable
from siting.themes.waste.chain.years import ChainYears

NOTE = Text(
    "末年方案先定，此前各年只在末年站址中选，已建不撤；各年分别证明，不证明整个序列最省",
    "the last year is planned first, the years before among its sites, and nothing that opened closes; each year is "
    "proved by itself, the sequence as a whole is not",
)
YEARS = {
    "year": Text("年份", "year"),
    "t_day": Text("收运量（吨/日）", "carried (t/d)"),
    "stations": Text("启用转运站（座）", "stations in use"),
    "cost_day": Text("每日费用", "cost a day"),
    "bound_day": Text("每日费用下界（已证明）", "proved least cost a day"),
}
OPENINGS = {
    "station": Text("转运站", "station"),
    "status": Text("现状（existing 现有，candidate 候选，required 必建）", "status"),
    "opens": Text("启用年份（空为现有）", "opens in (empty: it stands)"),
    "station_class": Text("转运站类别", "class of station"),
    "capacity_t_day": Text("能力（吨/日）", "capacity (t/d)"),
}


def years_tables(plans: ChainYears) -> tuple[ThemeTable, ...]:
    """Return what each year costs, and when each station opens."""
    return (
        ThemeTable(name="waste_chain_years", title=Text("分年方案", "Plans by year"), frame=plans.table, columns=YEARS,
                   note=NOTE),
        ThemeTable(name="waste_chain_openings", title=Text("各站启用年份", "When each station opens"),
                   frame=plans.openings, columns=OPENINGS, note=NOTE),
    )  # fmt: skip
