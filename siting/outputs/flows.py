"""Who goes where by a plan: a line from each demand point to the new site that serves it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely import LineString

from siting.locate.plans.plan import Plan
from siting.outputs.contract import RunLike

COLUMNS = ("id", "plan", "demand", "site", "people", "units", "straight_m", "newly")


def flow_lines(run: RunLike) -> gpd.GeoDataFrame:
    """Return one line for each plan and demand point that a new site of it serves, to the nearest such site.

    Returns
    -------
    Columns ``plan``, ``demand`` and ``site`` (ids), ``people`` and ``units`` of the demand where known, ``straight_m``
    (the length of the line; the way along the streets is longer) and ``newly`` (whether nothing serves it today;
    missing where a plan does not say so); index ``plan/demand``
    """
    parts = [part for plan in run.plans.values() if len(part := _of_plan(plan, run.demand, run.crs))]
    if not parts:
        return gpd.GeoDataFrame({c: [] for c in COLUMNS[1:]}, geometry=[], crs=run.crs)
    return gpd.GeoDataFrame(pd.concat(parts), crs=run.crs)


def plan_states(plan: Plan, demand: gpd.GeoDataFrame) -> pd.Series:
    """Say of each demand point whether it is served "before" the plan, "newly" by it, or by neither ("not")."""
    after = ~demand.index.isin(plan.unserved_after)
    before = after if plan.unserved_before is None else after & ~demand.index.isin(plan.unserved_before)
    return pd.Series(np.select([before, after], ["before", "newly"], "not"), index=demand.index, dtype="str")


def _of_plan(plan: Plan, demand: gpd.GeoDataFrame, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    result = plan.result
    ids = dict(zip(result.sites.tolist(), map(str, result.site_ids), strict=True))
    if len(result.assignment) != len(demand):  # of other demand than the run's
        return gpd.GeoDataFrame({}, geometry=[], crs=crs)
    site = np.array([ids.get(k) for k in result.assignment.tolist()], dtype=object)
    rows = np.flatnonzero(pd.notna(site))
    served, chosen = demand.iloc[rows], plan.sites.loc[site[rows]]
    start, end = shapely.get_coordinates(shapely.centroid(served.geometry.array)), _points(chosen)
    # A home on the very spot of its site has a row, but no line: one of no length is no valid shape.
    lines = [LineString(ends) if (ends[0] != ends[1]).any() else None for ends in np.stack([start, end], axis=1)]
    newly = served.index.isin(plan.unserved_before) if plan.unserved_before is not None else None
    table = {
        "plan": plan.name,
        "demand": served.index.astype(str),
        "site": site[rows].astype(str),
        **{c: served[c].to_numpy() for c in ("people", "units") if c in served.columns},
        "straight_m": np.hypot(*(end - start).T).round(1),
        "newly": pd.array(newly if newly is not None else [None] * len(rows), dtype="boolean"),
    }
    index = pd.Index([f"{plan.name}/{d}" for d in served.index], dtype="str")
    return gpd.GeoDataFrame(pd.DataFrame(table, index=index), geometry=lines, crs=crs)


def _points(places: gpd.GeoDataFrame) -> np.ndarray:
    return shapely.get_coordinates(shapely.centroid(places.geometry.array))
