"""The demand of a study: people where a layer, a raster or buildings tell of them, else points along streets."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.coverage import assign_zones
from siting.errors import InputError
from siting.inputs.demand import DemandSpec, build_demand, clip_to_boundary
from siting.inputs.demand_points import DEFAULT_CELL_M, polygon_points
from siting.ledger import Account, Finding, Text
from siting.network import Network
from siting.pipeline.sources import Sources, is_raster
from siting.study import Study
from siting.study.settings import ESTIMATE_WORD, STREETS_WORD, DemandTable

_STREET_SPACING_M = 100.0
"""Spacing of demand points along streets where the study names none; a resolution, from no standard."""


_UNITS = {
    "building": Text("栋", "buildings"),
    "parcel": Text("个地块", "parcels"),
    "estate": Text("个小区", "estates"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Demand points, and how they were made.

    ``points`` is a demand frame: ``people`` and ``units`` where known, ``zone_<level>`` where there are zones; ``unit``
    says what the units are.
    """

    points: gpd.GeoDataFrame
    accounts: tuple[Account, ...]
    method: Text
    lines: tuple[Text, ...]
    unit: Text

    @property
    def unit_noun(self) -> Text:
        """Name the units as a sentence does that gives no number."""
        return Text(self.unit.zh.removeprefix("个").replace("栋", "楼栋"), self.unit.en)


def gather_people(study: Study, sources: Sources, network: Network | None) -> People:
    """Make the demand points of a study and say in which zone each lies.

    Raises
    ------
    InputError
        Nobody lives there, or populations cannot be used; the message says where.
    """
    table = study.settings.demand
    if table.source == STREETS_WORD:
        made = _along_streets(sources, network, table.cell_m or _STREET_SPACING_M)
    elif _is_land(table) and _has_areas(sources.demand):
        made = _over_land(sources, table.cell_m or DEFAULT_CELL_M)
    else:
        spec = DemandSpec(
            name="demand points",
            population=table.population,
            total=table.total,
            m2_per_person=table.m2_per_person,
            groups=table.groups,
            counts=table.counts,
            unit=table.unit,
            floors=table.floors,
            fill=table.fill,
            raster=study.resolve(table.source) if is_raster(table.source) else None,
            bands=table.bands,
            cell_m=table.cell_m or DEFAULT_CELL_M,
        )
        wants_homes = table.source == ESTIMATE_WORD or table.buildings is not None
        demand = build_demand(
            spec,
            crs=sources.crs,
            source=sources.demand,
            buildings=sources.housing if wants_homes else None,
            boundary=sources.boundary,
        )
        made = People(
            points=demand.frame,
            accounts=demand.accounts,
            method=demand.report.method,
            lines=demand.report.lines,
            unit=_UNITS[table.unit or "building"],
        )
    if not len(sources.zones):
        return made
    zones = assign_zones(made.points, sources.zones)
    points = gpd.GeoDataFrame(pd.concat([made.points, zones], axis=1), crs=sources.crs)
    return replace(made, points=points)


def _is_land(table: DemandTable) -> bool:
    """Whether a layer tells of nothing but land, to be cut into cells."""
    # A total or groups tell of people: without a column to share them by they are refused, not passed over.
    tells = table.total is not None or bool(table.groups) or bool(table.counts)
    return table.cell_m is not None and table.population is None and table.unit is None and not tells


def _has_areas(layer: gpd.GeoDataFrame | None) -> bool:
    return layer is not None and bool(layer.geom_type.isin(["Polygon", "MultiPolygon"]).all())


def _over_land(sources: Sources, cell_m: float) -> People:
    """Points over areas of which nobody knows the people; units are square metres of land."""
    assert sources.demand is not None
    areas = gpd.GeoDataFrame({"people": sources.demand.area}, geometry=sources.demand.geometry)
    points = polygon_points(areas, "demand points", cell_m)
    frame = points.assign(units=np.maximum(1, np.rint(points["people"])).astype(np.int64)).drop(columns="people")
    rows = len(frame)
    findings: tuple[Finding, ...] = ()
    if sources.boundary is not None:
        frame, findings = clip_to_boundary(frame, sources.boundary, "demand points")
    method = Text(
        f"各面按 {cell_m:g} m 格网取点，单元为用地面积（平方米）；没有人口",
        f"points {cell_m:g} m apart over the areas, their units are square metres of land; no people",
    )
    account = Account(layer="demand points", source="areas", rows_in=rows, rows_used=len(frame), findings=findings)
    unit = Text("平方米用地", "square metres of land")
    return People(points=frame, accounts=(account,), method=method, lines=(), unit=unit)


def _along_streets(sources: Sources, network: Network | None, spacing_m: float) -> People:
    """Points at the middle of equal pieces of every street that carries points; units are its metres."""
    if network is None:
        msg = 'demand: source = "streets" needs a [streets] table'
        raise InputError(msg)
    edges = np.flatnonzero(network.edge_carries & (network.edge_mm > 0))
    length_m = network.edge_mm[edges] / 1000.0
    pieces = np.maximum(1, np.ceil(length_m / spacing_m)).astype(np.int64)
    row = np.repeat(np.arange(len(edges)), pieces)
    part = np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    share = (part + 0.5) / pieces[row]
    points = shapely.line_interpolate_point(network.lines[edges[row]], share, normalized=True)
    ids = pd.Index([f"E{edges[r]}-{k + 1}" for r, k in zip(row, part, strict=True)], name="id")
    units = np.maximum(1, np.rint(length_m[row] / pieces[row])).astype(np.int64)
    frame = gpd.GeoDataFrame({"units": units}, geometry=points, crs=network.crs, index=ids)
    rows = len(frame)
    findings: tuple[Finding, ...] = ()
    if sources.boundary is not None:
        frame, findings = clip_to_boundary(frame, sources.boundary, "demand points")
    method = Text(
        f"沿街道每 {spacing_m:g} 米一点，单元为街道长度（米）；没有人口",
        f"a point every {spacing_m:g} m of street, its units are metres of street; no people",
    )
    account = Account(layer="demand points", source="streets", rows_in=rows, rows_used=len(frame), findings=findings)
    unit = Text("米街道", "metres of street")
    return People(points=frame, accounts=(account,), method=method, lines=(), unit=unit)
