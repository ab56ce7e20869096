"""Loads, trips and costs of a plan, added up from its flows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.locate import SitingResult
from siting.themes.waste.chain.flows import Flows
from siting.themes.waste.chain.layers import Sites, Sources
from siting.themes.waste.streams import Stream, tonnes_of

if TYPE_CHECKING:
    from siting.themes.waste.chain.question import Question

COST_COLUMNS = ["stream", "part", "cost_day"]
PARTS = ("collect", "haul", "direct", "running", "fixed")
ALL = ""


def station_rows(question: Question, result: SitingResult, flows: Flows) -> gpd.GeoDataFrame:
    """Every station with its load, trips and what refusing it would cost."""
    rows = _loads(question, question.stations, flows.collect, "station")
    new = {str(i) for i in result.site_ids}
    chosen = rows.index.isin(new)
    replaced = rows["site"].isin(set(rows.loc[chosen, "site"]) - {""})
    rows["opened"] = chosen | ((rows["status"] == "existing") & ~replaced)
    refusal = pd.Series(np.nan, index=rows.index)
    if len(result.gain) == len(result.order):
        labels = rows.index[np.asarray(result.order, dtype=np.intp)]
        refusal.loc[labels] = np.where(np.isfinite(result.gain), result.gain, np.nan)
    rows["refusal_cost_day"] = refusal
    load = {s: r.collect_load_t for s, r in question.rates.items()}
    rows["trips_in_day"] = _trips(flows.collect, "station", load, rows.index)
    rows["trips_out_day"] = _trips(
        flows.haul, "station", {s: r.haul_load_t for s, r in question.rates.items()}, rows.index
    )
    return rows


def plant_rows(question: Question, flows: Flows) -> gpd.GeoDataFrame:
    """Every plant with its load and trips."""
    both = pd.concat([flows.haul[["stream", "plant", "t_day"]], flows.direct[["stream", "plant", "t_day"]]])
    rows = _loads(question, question.plants, both, "plant")
    rows["opened"] = (rows["load_t_day"] > 0) | (rows["status"] == "existing")
    hauled = _trips(flows.haul, "plant", {s: r.haul_load_t for s, r in question.rates.items()}, rows.index)
    straight = _trips(flows.direct, "plant", {s: r.collect_load_t for s, r in question.rates.items()}, rows.index)
    rows["trips_in_day"] = hauled + straight
    return rows


def _loads(question: Question, sites: Sites, table: pd.DataFrame, key: str) -> gpd.GeoDataFrame:
    rows = gpd.GeoDataFrame(sites.frame.copy())
    rows["capacity_t_day"], rows["fixed_cost_day"], rows["cost_per_t"] = sites.capacity, sites.fixed, sites.per_t
    for stream in question.streams:
        own = table[table["stream"] == stream].groupby(key)["t_day"].sum()
        rows[tonnes_of(stream)] = own.reindex(rows.index).fillna(0.0)
    rows["load_t_day"] = rows[[tonnes_of(s) for s in question.streams]].sum(axis=1)
    some = rows["capacity_t_day"] > 0
    rows["load_share"] = (rows["load_t_day"] / rows["capacity_t_day"].where(some)).where(some)
    return rows


def _trips(table: pd.DataFrame, key: str, load: Mapping[Stream, float | None], index: pd.Index) -> pd.Series:
    """Trips a day of each site, each way and stream in whole trucks on average; NaN where a load is not known."""
    unknown = {s for s, t in load.items() if t is None}
    used = table[table["t_day"] > 0]
    each = used["t_day"] / used["stream"].map({s: t or np.nan for s, t in load.items()}).astype(float)
    total = each.groupby(used[key]).sum(min_count=1).reindex(index)
    lost = set(used.loc[used["stream"].isin(unknown), key])
    return total.where(~total.index.isin(lost)).fillna(0.0).where(~total.index.isin(lost))


def cost_table(question: Question, flows: Flows, stations: gpd.GeoDataFrame, plants: gpd.GeoDataFrame) -> pd.DataFrame:
    """Costs of a day by stream and part; what is fixed is shared by the streams of a site and stands once."""
    rows: list[tuple[str, str, float]] = []
    station_per, plant_per = question.stations.per_t, question.plants.per_t
    for stream in question.streams:
        for part, table in (("collect", flows.collect), ("haul", flows.haul), ("direct", flows.direct)):
            rows.append((stream, part, math.fsum(table.loc[table["stream"] == stream, "cost_day"])))
        through, in_plants = stations[tonnes_of(stream)].to_numpy(), plants[tonnes_of(stream)].to_numpy()
        rows.append((stream, "running", math.fsum(through * station_per) + math.fsum(in_plants * plant_per)))
    fixed = math.fsum(stations.loc[stations["opened"], "fixed_cost_day"]) + math.fsum(
        plants.loc[plants["opened"], "fixed_cost_day"]
    )
    rows.append((ALL, "fixed", fixed))
    return pd.DataFrame(rows, columns=COST_COLUMNS)


def source_rows(question: Question, read: Sources, flows: Flows) -> gpd.GeoDataFrame:
    """Return the sources that are carried, with the station (or plant) that takes most of each stream."""
    zones = [c for c in read.points.columns if str(c).startswith("zone_") or c in ("origin", "name")]
    columns = [tonnes_of(s) for s in question.streams]
    rows = gpd.GeoDataFrame(read.points[[*zones, *columns, read.points.geometry.name]].copy())
    rows["t_day"] = read.tonnes.sum(axis=1)
    both = pd.concat([
        flows.collect[["stream", "source", "station", "t_day"]].rename(columns={"station": "to"}),
        flows.direct[["stream", "source", "plant", "t_day"]].rename(columns={"plant": "to"}),
    ])  # fmt: skip
    for stream in question.streams:
        own = both[both["stream"] == stream].sort_values(["t_day", "to"], ascending=[False, True], kind="stable")
        rows[f"station_{stream}"] = own.drop_duplicates("source").set_index("source")["to"].reindex(rows.index)
    return rows
