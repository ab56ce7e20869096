"""Whose catchment is what: demand, streets and areas by the facility that is nearest over the streets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.access.amounts import amounts_of, totals
from siting.access.gates import entries
from siting.access.nearest import nearest_by_entries
from siting.access.places import Goals, cutoff_mm
from siting.access.service_area import BUFFER_M, Outline
from siting.access.service_split import part_lines, split_shapes
from siting.access.street_parts import nearest_parts
from siting.access.unreached import count_unreachable
from siting.network.graph import MAX_SNAP_M
from siting.network.layers import labels
from siting.units import MM_PER_M

if TYPE_CHECKING:
    from siting.network.graph import Network


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Catchments:
    """Demand, streets and areas, each assigned to the nearest facility.

    Attributes
    ----------
    areas : one row a facility, index = its id, in the order of the layer; ``points`` (demand points), the sums of the
        columns asked for, ``mean_cost`` and ``max_cost`` of its points (NaN where it has none), ``street_m``; geometry:
        areas that do not overlap, empty where the facility is nearest to nothing
    streets : one row a part of a street, index "<facility>/<k>"; ``facility``, the street's own columns of the network,
        ``length_m``; geometry: lines
    assignment : of each demand point, as `siting.access.nearest` gives it
    """

    areas: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    assignment: pd.DataFrame

    @property
    def unreachable(self) -> int:
        """Number of demand points that are in no catchment."""
        return count_unreachable(self.assignment)


def catchments(
    network: Network,
    demand: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    cutoff: float | None = None,
    *,
    sums: tuple[str, ...] | None = None,
    buffer_m: float = BUFFER_M,
    max_snap_m: float = MAX_SNAP_M,
    entrances: gpd.GeoDataFrame | None = None,
) -> Catchments:
    """Assign demand, streets and the area along them to the facility nearest over the streets (服务辖区).

    Points and parts of streets are assigned exactly, equally near to the first facility; areas are drawn around the
    streets as in `siting.access.service_areas` with "split".

    Parameters
    ----------
    demand : points in any CRS
    facilities : points and areas in any CRS, entered as `siting.access.entries` says
    cutoff : metres (seconds, where the network has times), inclusive; None: as far as the streets lead
    sums : columns of ``demand`` to add up for each facility; None: those of ``people`` and ``units`` that it has
    buffer_m, max_snap_m, entrances : as for `siting.access.service_areas`

    Raises
    ------
    SchemaError
        A column of ``sums`` is missing, or holds missing or negative values.
    """
    names = labels(facilities, "facilities")
    columns = tuple(c for c in ("people", "units") if c in demand.columns) if sums is None else sums
    amounts = {column: amounts_of(demand, column, "demand") for column in columns}
    found = entries(network, facilities, entrances, max_snap_m=max_snap_m)
    table = nearest_by_entries(network, demand, facilities, found, cutoff, max_snap_m=max_snap_m)
    goals, limit = Goals.of(network, found, names), cutoff_mm(cutoff)
    parts = nearest_parts(network, goals, limit)
    outline = Outline(network, buffer_m)
    shapes = split_shapes(outline, parts, outline.dissolved(goals, limit), len(names))
    reached = np.flatnonzero(table["facility"].notna().to_numpy())
    who = names.get_indexer(pd.Index(table["facility"].iloc[reached]))
    cost = table["cost"].to_numpy()[reached]
    points = np.bincount(who, minlength=len(names))
    most = np.full(len(names), -np.inf)
    np.maximum.at(most, who, cost)
    some = points > 0
    mean = np.divide(
        np.bincount(who, weights=cost, minlength=len(names)), points, where=some, out=np.full(len(names), np.nan)
    )
    length = np.bincount(parts.owner, weights=parts.high_mm - parts.low_mm, minlength=len(names)) / MM_PER_M
    areas = gpd.GeoDataFrame(
        {
            "points": points,
            **{column: totals(who, amount[reached], len(names)) for column, amount in amounts.items()},
            "mean_cost": mean,
            "max_cost": np.where(some, most, np.nan),
            "street_m": length,
        },
        geometry=shapes,
        crs=network.crs,
        index=names,
    )
    order = np.argsort(parts.owner, kind="stable")
    order = order[(parts.high_mm > parts.low_mm)[order]]
    owner = parts.owner[order]
    number = np.arange(len(owner)) - np.searchsorted(owner, owner)
    streets = network.edges.iloc[parts.edge[order]].reset_index(drop=True)
    streets.insert(0, "facility", np.asarray(names, dtype=object)[owner])
    streets["length_m"] = (parts.high_mm - parts.low_mm)[order] / MM_PER_M
    streets.index = pd.Index(
        [f"{f}/{k}" for f, k in zip(streets["facility"], number, strict=True)], name="id", dtype=object
    )
    lines = gpd.GeoDataFrame(streets, geometry=part_lines(network, parts)[order], crs=network.crs)
    return Catchments(areas=areas, streets=lines, assignment=table)
