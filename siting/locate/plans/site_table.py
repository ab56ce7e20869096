"""The sites of a plan as a table: in the order of gain, each with a name that says what it brings."""

import math
from collections.abc import Hashable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.ledger import Text
from siting.locate.costs import Costs
from siting.locate.plans.figures import Outcome
from siting.locate.plans.question import Wanted
from siting.locate.result import SitingResult

_FLOATS = ("gain_people", "gain", "people_served", "load", "capacity", "separation_m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Which demand rows, in the order of the layer, each site serves within the limit, by its label."""

    by_site: dict[Hashable, NDArray[np.bool_]]

    def after(self, before: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return who is served with the sites."""
        after: NDArray[np.bool_] = np.logical_or.reduce([before, *self.by_site.values()])
        return after

    def newly(self, labels: list[Hashable], before: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
        """Return for each site in its order the rows that it is the first to serve."""
        served, found = before.copy(), []
        for label in labels:
            found.append(self.by_site[label] & ~served)
            served |= self.by_site[label]
        return found


def served_by(matrix: Costs, place: NDArray[np.intp], result: SitingResult, limit: float, n_demand: int) -> Served:
    """Say whom each site serves.

    Parameters
    ----------
    place : position of each row of ``matrix`` in the demand layer
    """
    within, row = matrix.within(limit), matrix.row_of_entry()
    served = {}
    for label, column in zip(result.site_ids, matrix.columns.get_indexer(pd.Index(result.site_ids)), strict=True):
        mask = np.zeros(n_demand, dtype=bool)
        mask[place[row[within & (matrix.indices == column)]]] = True
        served[label] = mask
    return Served(by_site=served)


def labels_in_order(result: SitingResult) -> list[Hashable]:
    """Return the labels of the sites, best gain first where the model tells."""
    label = dict(zip(result.sites.tolist(), result.site_ids, strict=True))
    sequence = result.order if len(result.order) == len(result.sites) else result.sites
    return [label[k] for k in sequence.tolist()]


def site_table(
    pool: gpd.GeoDataFrame,
    wanted: Wanted,
    result: SitingResult,
    served: Served | None,
    outcome: Outcome,
    people: NDArray[np.int64] | None,
) -> gpd.GeoDataFrame:
    """Name the sites in the order of gain, with what each adds and serves in all.

    Parameters
    ----------
    served : whom each serves within the limit; None for a plan without one
    people : of each demand row, in thousandths; None where they are unknown
    """
    labels = labels_in_order(result)
    newly = None
    if served is not None:
        assert outcome.before is not None
        newly = served.newly(labels, outcome.before)
    gains = result.gain if len(result.gain) == len(labels) else np.full(len(labels), np.nan)
    loads = _loads(wanted, result, outcome)
    rows = []
    for k, label in enumerate(labels):
        row: dict[str, object] = {"order": k + 1, "gain_people": None, "gain": float(gains[k]), "people_served": None}
        if newly is not None and served is not None:
            own = newly[k]
            if wanted.model != "capacitated_cover":  # there who is near is served only as far as there is room
                row["gain_people"] = int(people[own].sum()) / 1000 if people is not None else None
            row["people_served"] = None if people is None else int(people[served.by_site[label]].sum()) / 1000
            if wanted.model in ("mclp", "lscp"):
                row["gain"] = math.fsum(outcome.weight[own])
        if loads is not None:
            row["load"] = loads.get(label, 0.0)
        if wanted.capacity is not None:
            row["capacity"] = float(wanted.capacity.loc[str(label)])
        if wanted.model == "p_dispersion":
            row["separation_m"] = _apart(result, outcome, label)
        said = _said(wanted, row, outcome)
        place = _place(pool, label)
        row["name_zh"] = f"S{k + 1:02d} {place.zh}：{said.zh}"
        row["name_en"] = f"S{k + 1:02d} {place.en}: {said.en}"
        rows.append(row)
    sites = gpd.GeoDataFrame(pool.loc[labels])
    columns = ["order", "gain_people", "gain", "people_served", "name_zh", "name_en"]
    columns += [c for c in ("load", "capacity", "separation_m") if any(c in row for row in rows)]
    table = pd.DataFrame(rows, columns=columns, index=sites.index)
    table = table.astype({"order": "int64", **{c: "float64" for c in _FLOATS if c in columns}})
    taken = sites.drop(columns=[c for c in columns if c in sites.columns])
    return gpd.GeoDataFrame(pd.concat([table, taken], axis=1), geometry="geometry", crs=pool.crs)


def _place(pool: gpd.GeoDataFrame, label: Hashable) -> Text:
    street = pool.loc[label, "street"] if "street" in pool.columns else None
    plot = str(pool.loc[label, "plot"])
    return Text(street, street) if isinstance(street, str) else Text(f"无名路段 {plot}", f"unnamed place {plot}")


def _said(wanted: Wanted, row: dict[str, object], outcome: Outcome) -> Text:
    """Say what a site brings, in the figure of its model."""
    unit = outcome.unit
    if wanted.model in ("mclp", "lscp", "backup_coverage"):
        by_people = unit.en == "people" and row["gain_people"] is not None
        shown = row["gain_people"] if by_people else row["gain"]
        return Text(f"新增服务 {shown:,.0f} {unit.zh}", f"{shown:,.0f} more {unit.en}")
    if wanted.model == "p_dispersion":
        metres = row["separation_m"]
        if not isinstance(metres, float) or not math.isfinite(metres):
            return Text("与其他各处不连通", "no way to any other")
        return Text(f"距最近一处 {metres:,.0f} 米", f"{metres:,.0f} m from the next")
    load, capacity = row.get("load", 0.0), row.get("capacity")
    if isinstance(capacity, float) and math.isfinite(capacity):
        return Text(
            f"服务 {load:,.0f} {unit.zh}，容量 {capacity:,.0f}", f"{load:,.0f} {unit.en}, room for {capacity:,.0f}"
        )
    return Text(f"就近服务 {load:,.0f} {unit.zh}", f"nearest for {load:,.0f} {unit.en}")


def _loads(wanted: Wanted, result: SitingResult, outcome: Outcome) -> dict[Hashable, float] | None:
    """Return the weight that goes to each site, where everybody goes somewhere."""
    if wanted.model in ("mclp", "lscp", "backup_coverage", "p_dispersion"):
        return None
    if result.flows is not None:
        load = np.asarray(result.flows.sum(axis=0)).ravel()
    else:
        goes = result.assignment >= 0
        size = int(max(result.assignment.max(initial=0), result.sites.max(initial=0))) + 1
        load = np.bincount(result.assignment[goes], weights=outcome.weight[goes], minlength=size)
    return {label: float(load[k]) for k, label in zip(result.sites.tolist(), result.site_ids, strict=True)}


def _apart(result: SitingResult, outcome: Outcome, label: Hashable) -> float:
    """Return the distance of a site to the nearest other site, new or existing."""
    matrix = outcome.layout.cost
    names = pd.Index(matrix.columns)
    row = pd.Index(matrix.rows).get_loc(label)
    entry = slice(int(matrix.indptr[row]), int(matrix.indptr[row + 1]))
    others = names.get_indexer([*outcome.layout.existing, *(s for s in result.site_ids if s != label)])
    near = np.isin(np.asarray(matrix.indices)[entry], others)
    cost = np.asarray(matrix.cost_mm)[entry][near]
    return float(cost.min()) / 1000.0 if len(cost) else math.inf
