"""Who goes where by a plan: a line from each demand point to the new site that serves it."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from shapely import LineString

from siting.ledger import Finding, Text
from siting.locate.plans.effect import tells_served
from siting.locate.plans.plan import Plan
from siting.outputs.contract import RunLike

COLUMNS = ("id", "plan", "demand", "site", "people", "units", "straight_m", "newly")
MOST_LINES = 200_000
"""Lines of one plan, up to which all are kept; of more, those that carry most."""


def flow_lines(run: RunLike) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Return one line for each plan, demand point and new site that serves it.

    A point that several sites share has a line to each. Of more than `MOST_LINES` of one plan only those that carry
    most are kept, and a finding says so.

    Returns
    -------
    Columns ``plan``, ``demand`` and ``site`` (ids), ``people`` and ``units`` of the demand where known, ``straight_m``
    (the length of the line; the way along the streets is longer), ``newly`` (whether nothing serves it today; missing
    where a plan does not say so) and, where sites share the demand, ``amount`` (of the plan's weight that goes there);
    index ``plan/demand``, with ``/site`` behind it where sites share
    """
    parts, findings = [], []
    for plan in run.plans.values():
        part = _of_plan(plan, run.demand, run.crs)
        if len(part) > MOST_LINES:
            findings.append(_cut(plan, len(part)))
            part = _heaviest(part)
        if len(part):
            parts.append(part)
    if not parts:
        return gpd.GeoDataFrame({c: [] for c in COLUMNS[1:]}, geometry=[], crs=run.crs), findings
    return gpd.GeoDataFrame(pd.concat(parts), crs=run.crs), findings


def _cut(plan: Plan, lines: int) -> Finding:
    text = Text(
        f"{plan.title.zh}：归属连线 {lines:,} 条，图层 flows 只保留量最大的 {MOST_LINES:,} 条",
        f"{plan.title.en}: {lines:,} lines from demand to sites, layer flows keeps the {MOST_LINES:,} that carry most",
    )
    return Finding(code="flows_cut", kind="note", count=lines - MOST_LINES, text=text, ids=(plan.name,))


def _heaviest(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    carried = next((c for c in ("amount", "people", "units") if c in lines.columns), None)
    weight = np.zeros(len(lines)) if carried is None else lines[carried].fillna(0.0).to_numpy(dtype=np.float64)
    return gpd.GeoDataFrame(lines.iloc[np.sort(np.argsort(-weight, kind="stable")[:MOST_LINES])])


def _pairs(plan: Plan, rows: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64] | None]:
    """Return rows of the demand, positions of the new sites they go to, and how much, where sites share demand."""
    result = plan.result
    if result.model == "p_dispersion":  # it assigns candidates, not demand
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp), None
    if result.flows is not None and getattr(result.flows, "shape", (0,))[0] == rows:
        table: Any = result.flows.tocoo()
        kept = (table.data > 0) & np.isin(table.col, result.sites)
        row, site, amount = table.row[kept], table.col[kept], table.data[kept]
        order = np.lexsort((site, row))
        return row[order].astype(np.intp), site[order].astype(np.intp), amount[order].astype(np.float64)
    if len(result.assignment) != rows:  # of other demand than the run's
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp), None
    row = np.flatnonzero(np.isin(result.assignment, result.sites))
    return row, result.assignment[row], None


def _of_plan(plan: Plan, demand: gpd.GeoDataFrame, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    rows, positions, amount = _pairs(plan, len(demand))
    if not len(rows):
        return gpd.GeoDataFrame({}, geometry=[], crs=crs)
    ids = dict(zip(plan.result.sites.tolist(), map(str, plan.result.site_ids), strict=True))
    site = np.array([ids[k] for k in positions.tolist()], dtype=object)
    served, chosen = demand.iloc[rows], plan.sites.loc[site]
    start, end = shapely.get_coordinates(shapely.centroid(served.geometry.array)), _points(chosen)
    # A home on the very spot of its site has a row, but no line: one of no length is no valid shape.
    lines = [LineString(ends) if (ends[0] != ends[1]).any() else None for ends in np.stack([start, end], axis=1)]
    limited = tells_served(plan) and plan.unserved_before is not None
    newly = served.index.isin(plan.unserved_before) if limited else [None] * len(rows)
    table = {
        "plan": plan.name,
        "demand": served.index.astype(str),
        "site": site.astype(str),
        **{c: served[c].to_numpy() for c in ("people", "units") if c in served.columns},
        "straight_m": np.hypot(*(end - start).T).round(1),
        "newly": pd.array(newly, dtype="boolean"),
        **({} if amount is None else {"amount": amount}),
    }
    tail = [""] * len(rows) if amount is None else [f"/{s}" for s in site]
    index = pd.Index([f"{plan.name}/{d}{end}" for d, end in zip(served.index, tail, strict=True)], dtype="str")
    return gpd.GeoDataFrame(pd.DataFrame(table, index=index), geometry=lines, crs=crs)


def _points(places: gpd.GeoDataFrame) -> np.ndarray:
    return shapely.get_coordinates(shapely.centroid(places.geometry.array))
