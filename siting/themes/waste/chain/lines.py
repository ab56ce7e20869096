"""Flows as lines: hauls along the roads; straight ones from sources that stand for their neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.access import shortest_paths
from siting.themes.waste.streams import tonnes_of

if TYPE_CHECKING:
    from siting.themes.waste.chain.plan import ChainPlan

HAUL_COLUMNS = ["station", "plant", "t_day", "km", "trips_day"]
COLLECT, DIRECT = "collect", "direct"
COLLECT_COLUMNS = ["way", "station", "plant", "source", "t_day", "km"]
_ROUND = 6


def haul_lines(plan: ChainPlan) -> gpd.GeoDataFrame:
    """One line a station and plant with the tonnes of all streams, along the roads; straight where none is drawn."""
    table = plan.flows.haul.copy()
    table["trips_day"] = table["t_day"] / table["stream"].map(
        {s: r.haul_load_t or np.nan for s, r in plan.question.rates.items()}
    ).astype(float)
    lost = table["trips_day"].isna().groupby([table["station"], table["plant"]]).any()
    for stream in plan.question.streams:
        table[tonnes_of(stream)] = table["t_day"].where(table["stream"] == stream, 0.0)
    columns = [tonnes_of(stream) for stream in plan.question.streams]
    keys = ["station", "plant"]
    sums = table.groupby(keys, sort=True).agg(
        {"t_day": "sum", "km": "first", "trips_day": "sum", **dict.fromkeys(columns, "sum")}
    )
    sums["trips_day"] = sums["trips_day"].mask(lost.reindex(sums.index).to_numpy(dtype=bool))
    made = sums.reset_index()
    ids = pd.Index([f"{a} > {b}" for a, b in made[keys].to_numpy()], dtype="str")
    here, there = _points(plan.stations.loc[made["station"]]), _points(plan.plants.loc[made["plant"]])
    drawn = shortest_paths(plan.network, here.set_axis(ids, axis=0), there) if len(made) else None
    lines = [
        shapely.LineString([a, b]) if line is None or line.is_empty else line
        for line, a, b in zip([] if drawn is None else drawn.geometry, here.geometry, there.geometry, strict=True)
    ]
    frame = made[[*HAUL_COLUMNS, *columns]].set_axis(ids)
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(lines, index=ids, crs=plan.stations.crs))


def collect_lines(plan: ChainPlan) -> gpd.GeoDataFrame:
    """One straight line a source (or those it stands for) and where it goes, with the tonnes of all streams.

    That is a station, or a plant where it goes straight there (``way`` tells).
    """
    seat = pd.Series(plan.sources.index[plan.gathered.seat[plan.gathered.group]], index=plan.sources.index)
    parts = [
        _straight(plan, found, seat, to, way)
        for found, to, way in ((plan.flows.collect, "station", COLLECT), (plan.flows.direct, "plant", DIRECT))
        if len(found)
    ]
    if not parts:
        return gpd.GeoDataFrame(columns=[*COLLECT_COLUMNS, "geometry"], geometry="geometry", crs=plan.sources.crs)
    return gpd.GeoDataFrame(pd.concat(parts), geometry="geometry", crs=plan.sources.crs)


def _straight(plan: ChainPlan, found: pd.DataFrame, seat: pd.Series, to: str, way: str) -> gpd.GeoDataFrame:
    ends = plan.stations if to == "station" else plan.plants
    table = found.assign(source=found["source"].map(seat), t_km=found["t_day"] * found["km"])
    sums = table.groupby([to, "source"], sort=True)[["t_day", "t_km"]].sum().reset_index()
    sums["km"] = sums["t_km"] / sums["t_day"]
    here = plan.sources.geometry.loc[sums["source"]].get_coordinates().to_numpy()
    there = _points(ends.loc[sums[to]]).get_coordinates().to_numpy()
    ids = [f"{a} > {b}" for a, b in sums[["source", to]].to_numpy()]
    lines = [shapely.LineString(pair) for pair in np.stack([here, there], axis=1)]
    rows = sums.assign(way=way).reindex(columns=COLLECT_COLUMNS)
    names = {name: rows[name].astype("str").where(rows[name].notna()) for name in ("station", "plant")}
    return gpd.GeoDataFrame(
        rows.assign(**names).round(_ROUND).set_axis(pd.Index(ids, dtype="str")),
        geometry=gpd.GeoSeries(lines, index=ids, crs=plan.sources.crs),
    )


def _points(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=rows.geometry.representative_point())
