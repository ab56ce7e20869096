"""The waste chain of a study: its layers, and the plan from what arises to the plants."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd

from siting.errors import ModelError
from siting.inputs.schema import listed
from siting.ledger import Finding, Text
from siting.network import Network
from siting.study.waste_chain_table import ChainSitesTable, WasteChainTable
from siting.themes import City, ThemeResult, ThemeTable
from siting.themes.waste.chain import ChainPlan, StreamRates, failures, site_chain, site_chain_years
from siting.themes.waste.chain.periods import has_dates
from siting.themes.waste.chain.shown import THEME, TITLE, themed
from siting.themes.waste.chain.shown_years import short_findings, years_tables
from siting.themes.waste.generation import Generation
from siting.themes.waste.stations.classes import station_classes
from siting.themes.waste.stations.held import by_class, how_held, in_short

NO_STREETS = Text("研究没有道路，无法计算车行运距", "the study has no streets for trucks")
NO_TONNES = Text("没有已知的产生量", "no tonnes are known")
NO_STATIONS = Text("没有转运站或候选地块（[waste.stations]）", "no stations and no plots for any ([waste.stations])")
COLUMNS = (
    "status",
    "capacity_t_day",
    "fixed_cost_day",
    "cost_per_t",
    "streams",
    "site",
    "station_class",
    "opens",
    "closes",
)


def columns_of(table: WasteChainTable) -> dict[str, tuple[str, ...]]:
    """Columns that a layer must have, since nothing can be planned without them."""
    named: dict[str, tuple[str, ...]] = {"waste.chain.plants": (table.plants.capacity_t_day,)}
    if isinstance(table.stations, ChainSitesTable):
        named["waste.chain.stations"] = (table.stations.capacity_t_day,)
    return named


def chain_of(
    table: WasteChainTable,
    city: City,
    layers: dict[str, gpd.GeoDataFrame],
    generated: Callable[[], Generation],
    fitting: Callable[[], gpd.GeoDataFrame] | None = None,
) -> ThemeResult:
    """Site the chain.

    Parameters
    ----------
    layers : by key, ``waste.chain.plants`` and ``waste.chain.stations``
    generated : what arises
    fitting : gives the versions of plots on which a station fits, and the stations that stand
    """
    if city.trucks is None:
        return _none(NO_STREETS)
    plants, lost_plants = sites_of(layers["waste.chain.plants"], table.plants, "plants")
    if isinstance(table.stations, ChainSitesTable):
        stations, lost = sites_of(layers["waste.chain.stations"], table.stations, "stations")
    elif fitting is None:
        return _none(NO_STATIONS)
    else:
        versions, classes = fitting(), station_classes(city.catalogue)
        taken = versions if table.capacity == "land" else by_class(versions, classes)
        told = taken["capacity_t_day"].notna() | (taken["status"] == "existing")
        stations, lost = known_capacity(gpd.GeoDataFrame(taken[told]), "stations")
        lost = (*how_held(versions, classes, table.capacity), *lost)
    dated = of_date(table, stations, plants)
    sources = generated().points
    options: dict[str, Any] = {
        "rates": {stream: StreamRates(**rate.model_dump()) for stream, rate in table.rates.items()},
        "p": table.p, "most_share": table.most_share, "min_spacing_m": table.min_spacing_m,
        "required": table.required, "excluded": table.excluded, "most_sources": table.most_sources,
        "max_snap_m": city.max_snap_m, "time_limit_s": table.time_limit_s, "mip_gap": table.mip_gap, "seed": table.seed,
    }  # fmt: skip
    network = city.trucks(table.truck_weight_t, table.truck_height_m)
    more: tuple[ThemeTable, ...] = ()
    said_years: tuple[Finding, ...] = ()
    try:
        more, said_years = _years(table, network, sources, stations, plants, options)
        plan = site_chain(network, sources, stations, plants, at=table.at, **options)
        shown = themed(plan, failures(plan) if table.failure else None, source=_source(table), tables=more)
    except ModelError as error:
        why = Text(f"没有可行方案：{error}", f"no plan: {error}")
        shown = replace(_none(why, str(error)), tables=more)
    left_out = (*lost_plants, *lost, *dated, *said_years)
    said = (*shown.headlines, *(in_short(finding) for finding in left_out))
    return replace(shown, headlines=said, findings=(*shown.findings, *left_out))


def sites_of(
    layer: gpd.GeoDataFrame, table: ChainSitesTable, what: str
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Return stations or plants with the columns that the chain reads; those without a known capacity are listed."""
    named = {getattr(table, column): column for column in COLUMNS}
    clash = [c for c in COLUMNS if c in layer.columns and c not in named]
    return known_capacity(gpd.GeoDataFrame(layer.drop(columns=clash).rename(columns=named)), what)


def of_date(table: WasteChainTable, stations: gpd.GeoDataFrame, plants: gpd.GeoDataFrame) -> tuple[Finding, ...]:
    """Say what time the plan is for; without one all sites count, and that is said where any has a date."""
    if table.at is not None:
        text = Text(f"本方案只用 {table.at} 开放的站厂", f"the plan uses what is open in {table.at}")
        return (Finding(code="waste_at", kind="note", count=1, text=text),)
    dated = int(has_dates(stations)) + int(has_dates(plants))
    text = Text(
        "站厂有启用或关闭日期，但未指定方案时间（at），本方案按全部站厂计",
        "stations or plants have dates, but the plan is for no time (at): it counts on all of them",
    )
    return (Finding(code="waste_dates_unused", kind="warning", count=dated, text=text),) if dated else ()


def known_capacity(layer: gpd.GeoDataFrame, what: str) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Leave out those whose capacity is not known, and list them: no tonnes can be promised to them."""
    values = pd.to_numeric(layer["capacity_t_day"], errors="coerce")
    unknown = values.isna().to_numpy()
    if not unknown.any():
        return layer, ()
    zh, en = {"stations": ("转运站", "stations"), "plants": ("处理厂", "plants")}[what]
    n = int(unknown.sum())
    text = Text(f"{n} 处{zh}能力未知，未进入收运方案", f"{n} {en} have no known capacity and are left out of the chain")
    found = Finding(
        code=f"waste_{what}_capacity", kind="dropped", count=n, text=text, ids=listed(layer.index[unknown].astype(str))
    )
    return gpd.GeoDataFrame(layer[~unknown]), (found,)


def _years(
    table: WasteChainTable,
    network: Network,
    sources: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame,
    plants: gpd.GeoDataFrame,
    options: dict[str, Any],
) -> tuple[tuple[ThemeTable, ...], tuple[Finding, ...]]:
    if not table.years:
        return (), ()
    growth: dict[int | str, Any] = dict(table.years.items())
    plans = site_chain_years(network, sources, stations, plants, growth=growth, **options)
    return years_tables(plans), (*plans.findings, *short_findings(plans))


def _source(table: WasteChainTable) -> Text | None:
    either = table.source_zh or table.source_en
    return None if either is None else Text(table.source_zh or either, table.source_en or either)


def _none(why: Text, reason: str | None = None) -> ThemeResult:
    figures = {} if reason is None else {"status": "infeasible", "reason": reason}
    return ThemeResult(theme=THEME, title=TITLE, figures=figures, missing=((TITLE, why),))


__all__ = ["ChainPlan", "chain_of", "columns_of", "known_capacity", "sites_of"]
