"""Flows as lines: hauls along the roads, collection as straight lines from those that stand for their neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.access import shortest_paths

if TYPE_CHECKING:
    from siting.themes.waste.chain.plan import ChainPlan

HAUL_COLUMNS = ["stream", "station", "plant", "t_day", "km", "cost_day", "trips_day"]
COLLECT_COLUMNS = ["station", "source", "t_day", "km"]
_ROUND = 6


def haul_lines(plan: ChainPlan) -> gpd.GeoDataFrame:
    """One line a stream, station and plant, along the roads; the straight way where none is drawn."""
    table = plan.flows.haul.copy()
    table["trips_day"] = table["t_day"] / table["stream"].map(
        {s: r.haul_load_t or np.nan for s, r in plan.question.rates.items()}
    ).astype(float)
    ways: dict[tuple[str, str], shapely.Geometry] = {}
    pairs = table[["station", "plant"]].drop_duplicates()
    if len(pairs):
        here = _points(plan.stations.loc[pairs["station"]])
        there = _points(plan.plants.loc[pairs["plant"]])
        here.index = pd.Index([f"{a} > {b}" for a, b in pairs.to_numpy()])
        drawn = shortest_paths(plan.network, here, there)
        for pair, line, a, b in zip(
            pairs.itertuples(index=False, name=None), drawn.geometry, here.geometry, there.geometry, strict=True
        ):
            ways[pair] = shapely.LineString([a, b]) if line is None or line.is_empty else line
    lines = [ways[a, b] for a, b in zip(table["station"], table["plant"], strict=True)]
    ids = [f"{s}: {a} > {b}" for s, a, b in table[["stream", "station", "plant"]].to_numpy()]
    return gpd.GeoDataFrame(
        table[HAUL_COLUMNS].set_axis(pd.Index(ids, dtype="str")),
        geometry=gpd.GeoSeries(lines, index=ids, crs=plan.stations.crs),
    )


def collect_lines(plan: ChainPlan) -> gpd.GeoDataFrame:
    """One straight line a source (or those it stands for) and station, with the tonnes of all streams."""
    found = plan.flows.collect
    seat = pd.Series(plan.sources.index[plan.gathered.seat[plan.gathered.group]], index=plan.sources.index)
    table = found.assign(source=found["source"].map(seat), t_km=found["t_day"] * found["km"])
    sums = table.groupby(["station", "source"], sort=True)[["t_day", "t_km"]].sum().reset_index()
    sums["km"] = sums["t_km"] / sums["t_day"]
    here = plan.sources.geometry.loc[sums["source"]].get_coordinates().to_numpy()
    there = _points(plan.stations.loc[sums["station"]]).get_coordinates().to_numpy()
    ids = [f"{a} > {b}" for a, b in sums[["source", "station"]].to_numpy()]
    lines = [shapely.LineString(pair) for pair in np.stack([here, there], axis=1)]
    return gpd.GeoDataFrame(
        sums[COLLECT_COLUMNS].round(_ROUND).set_axis(pd.Index(ids, dtype="str")),
        geometry=gpd.GeoSeries(lines, index=ids, crs=plan.sources.crs),
    )


def _points(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=rows.geometry.representative_point())
