"""Demand points from whatever a city has: zones, points or a grid with people, or buildings and a total.

The front door is `build_demand`. People are carried in thousandths; no step loses or makes any.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from siting.errors import GeometryError, InputError, SchemaError
from siting.inputs.coordinates import check_working_crs, crs_name
from siting.inputs.demand_counts import count_columns, count_lines, read_counts_of, refuse_counts
from siting.inputs.demand_model import Demand, DemandReport, DemandSpec, Unit
from siting.inputs.demand_points import (
    clip_to_boundary,
    overlap_findings,
    people_columns,
    polygon_points,
)
from siting.inputs.rasters import read_population
from siting.inputs.schema import Faults, numeric_column
from siting.inputs.spread import (
    Homes,
    estimate_from_buildings,
    residential_homes,
    share_out,
    spread_over_buildings,
)
from siting.ledger import Account, Finding, Text
from siting.units import MILLI_PER_PERSON, milli_to_people, people_to_milli

Boundary: TypeAlias = gpd.GeoDataFrame | shapely.Geometry

__all__ = [
    "Boundary",
    "Demand",
    "DemandReport",
    "DemandSpec",
    "build_demand",
    "clip_to_boundary",
    "demand_from_points",
    "demand_from_raster",
    "estimate_from_buildings",
    "residential_homes",
    "spread_over_buildings",
]

_UNIT_NAMES = {
    "building": Text("栋", "buildings"),
    "parcel": Text("地块", "parcels"),
    "estate": Text("小区", "estates"),
}


def build_demand(
    spec: DemandSpec,
    *,
    crs: CRS,
    source: gpd.GeoDataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    boundary: Boundary | None = None,
) -> Demand:
    """Make the demand points of a study.

    Parameters
    ----------
    crs : working CRS; ``source``, ``buildings`` and ``boundary`` are in it
    source : polygons or points, index = id; None reads ``spec.raster``, or estimates from ``buildings``
    buildings : people are spread onto the residential ones; see `residential_homes`
    boundary : points outside it are left out and listed with their people

    Raises
    ------
    SchemaError
        A column is missing, has negative, missing or infinite values; total and m2_per_person contradict the source.
    GeometryError
        The source mixes polygons, lines and points.
    InputError
        Nobody lives there ("no demand"), or nothing lies in the boundary.
    """
    working = check_working_crs(crs, spec.name)
    for frame, what in ((source, "its layer"), (buildings, "buildings")):
        if frame is not None and frame.crs != working:
            raise InputError(f"{spec.name}: {what} is not in {crs_name(working)}. Convert it with to_crs first")
    homes = None
    if buildings is not None:
        homes = residential_homes(buildings, spec.name, floors=spec.floors, storey_m=spec.storey_m)
    accounts: list[Account] = []
    if spec.raster is not None:
        points, method, findings = _from_raster(spec, working, homes, boundary, accounts)
    elif source is not None:
        points, method, findings = _from_layer(spec, source, homes)
    else:
        points, method, findings = _estimate(spec, working, homes, boundary)
    rows = len(points)
    if boundary is not None:
        points, outside = clip_to_boundary(points, boundary, spec.name)
        findings = (*findings, *outside)
    milli = people_to_milli(points["people"]) if "people" in points.columns else None
    if milli is not None and not milli.any():
        raise InputError(
            f"{spec.name}: no demand: nobody lives at any of the {len(points)} points. Check the population"
        )
    accounts.append(
        Account(
            layer=spec.name, source=_source_name(spec, source), rows_in=rows, rows_used=len(points), findings=findings
        )
    )
    return Demand(frame=points, accounts=tuple(accounts), report=_report(spec, points, method, findings, milli))


def demand_from_points(
    points: gpd.GeoDataFrame,
    population: str | None,
    *,
    groups: Mapping[str, str] | None = None,
    unit: Unit | None = None,
) -> gpd.GeoDataFrame:
    """Demand frame of points with people in a column; see `build_demand`."""
    spec = DemandSpec(population=population, groups=groups or {}, unit=unit)
    return build_demand(spec, crs=points.crs, source=points).frame


def demand_from_raster(path: Path, crs: CRS, boundary: Boundary | None = None) -> gpd.GeoDataFrame:
    """Demand frame of a one-band GeoTIFF of people; see `build_demand`."""
    return build_demand(DemandSpec(raster=path), crs=crs, boundary=boundary).frame


Made = tuple[gpd.GeoDataFrame, Text, tuple[Finding, ...]]


def _from_layer(spec: DemandSpec, source: gpd.GeoDataFrame, homes: Homes | None) -> Made:
    if spec.m2_per_person is not None:
        raise SchemaError(
            f"{spec.name}: m2_per_person is for an estimate from buildings, but a layer is given. Remove one"
        )
    dimension = shapely.get_dimensions(source.geometry.values)
    counts = {d: int((dimension == d).sum()) for d in (0, 1, 2)}
    if counts[1] or (counts[0] and counts[2]):
        raise GeometryError(
            f"{spec.name}: it mixes {counts[0]} points, {counts[1]} lines and {counts[2]} polygons. "
            "Give a layer of polygons or one of points"
        )
    polygons = counts[2] > 0
    areas, findings = _with_people(spec, source)
    if "people" not in areas.columns:
        if polygons and spec.unit is None and count_columns(areas):
            method = Text(
                f"各面所列车辆、户数按面积均分到 {spec.cell_m:g} m 格网点，人口未知",
                f"what each polygon counts is spread evenly over points {spec.cell_m:g} m apart; people are unknown",
            )
            return polygon_points(areas, spec.name, spec.cell_m), method, findings
        points = areas.set_geometry(_inner(areas)) if polygons else areas
        method = Text("需求点为图层各行，人口未知", "demand points are the rows of the layer; people are unknown")
        return points, method, findings
    if polygons:
        findings = (*findings, *overlap_findings(areas))
    if homes is not None:
        points, spread = spread_over_buildings(areas, homes, layer=spec.name)
        what = Text("各面", "each polygon") if polygons else Text("各点", "each point")
        method = Text(
            f"{what.zh}人口按建筑面积分摊到其住宅建筑",
            f"people of {what.en} spread over its residential buildings by floor area",
        )
        return points, method, (*findings, *spread)
    if not polygons:
        return areas, Text("人口取自点图层", "people as given at points"), findings
    if spec.unit is not None:
        return (
            areas.set_geometry(_inner(areas)),
            Text("每个面以内部一点代表", "one point inside each polygon"),
            findings,
        )
    method = Text(
        f"面内人口按面积均分到 {spec.cell_m:g} m 格网点",
        f"people of each polygon spread evenly over points {spec.cell_m:g} m apart",
    )
    return polygon_points(areas, spec.name, spec.cell_m), method, findings


def _with_people(spec: DemandSpec, source: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Rows of the source with ``people``, groups and ``units``, checked all at once; no other columns."""
    if spec.population is None and (spec.total is not None or spec.groups):
        raise SchemaError(
            f"{spec.name}: total and groups need population = (a column of the layer) to share people by. "
            'Name it, or set source = "estimate" to share by buildings'
        )
    index = pd.Index(source.index.astype("str"), name="id")
    out = gpd.GeoDataFrame(geometry=gpd.GeoSeries(source.geometry.values, index=index, crs=source.crs), index=index)
    findings: list[Finding] = []
    faults = Faults()
    counts, notes = read_counts_of(source, spec.counts, spec.name, faults)
    if spec.population is not None:
        column = numeric_column(source, spec.population, spec.name, fill=spec.fill, faults=faults)
        groups = {
            g: numeric_column(source, f, spec.name, fill=spec.fill, faults=faults) for g, f in spec.groups.items()
        }
        faults.raise_any()
        findings += notes
        if not column.values.sum() > 0:
            raise InputError(
                f"{spec.name}: no demand: '{spec.population}' is 0 in all {len(source)} rows. Name another column"
            )
        findings += column.findings
        milli = people_to_milli(column.values)
        if spec.total is not None:
            milli, scaled = _scaled(spec, column.values, index)
            findings.append(scaled)
        out["people"] = milli_to_people(milli)
        for name, group in groups.items():
            findings += group.findings
            out[f"group_{name}"], note = _group(name, spec.groups[name], group.values, milli)
            findings += note
    else:
        faults.raise_any()
        findings += notes
    for name, values in counts.items():
        out[name] = values
    if spec.unit is not None:
        out["units"] = np.ones(len(out), dtype=np.int64)
    return out, tuple(findings)


def _scaled(spec: DemandSpec, values: NDArray[np.float64], ids: pd.Index) -> tuple[NDArray[np.int64], Finding]:
    total = float(spec.total or 0.0)
    if not (np.isfinite(total) and total > 0):
        raise SchemaError(f"{spec.name}: total is {spec.total}. Set it above 0")
    text = Text(
        f"字段“{spec.population}”合计 {values.sum():,.3f}，按比例调整为总人口 {total:,.3f}",
        f"'{spec.population}' sums to {values.sum():,.3f}; scaled to the total of {total:,.3f}",
    )
    finding = Finding(code="scaled_to_total", kind="repaired", count=len(values), text=text)
    return share_out(int(people_to_milli(total)), values, ids), finding


def _group(
    name: str, column: str, values: NDArray[np.float64], milli: NDArray[np.int64]
) -> tuple[NDArray[np.float64], list[Finding]]:
    """People of a group; a column whose values all lie within 0 to 1 beside larger populations holds shares."""
    if values.max() <= 1.0 and milli.sum() > len(milli) * MILLI_PER_PERSON:
        text = Text(
            f"“{column}”的值均在 0 至 1 之间，按占人口比例换算为 {name} 人数",
            f"all of '{column}' lies within 0 to 1: read as shares of the people, for group {name}",
        )
        finding = Finding(code="group_from_share", kind="repaired", count=len(values), text=text)
        return milli_to_people(np.rint(values * milli).astype(np.int64)), [finding]
    return milli_to_people(people_to_milli(values)), []


def _from_raster(
    spec: DemandSpec, crs: CRS, homes: Homes | None, boundary: Boundary | None, accounts: list[Account]
) -> Made:
    refuse_counts(spec.counts, spec.name)
    if spec.total is not None or spec.m2_per_person is not None:
        raise SchemaError(f"{spec.name}: total and m2_per_person do not go with a population raster. Remove them")
    grid = read_population(
        Path(str(spec.raster)),
        crs=crs,
        boundary=_shape(boundary),
        bands=spec.bands,
        group_bands=spec.group_bands,
        layer=spec.name,
    )
    accounts.append(grid.account)
    if homes is None:
        return grid.frame, Text("人口取自栅格格网中心", "people at the centres of the raster's cells"), ()
    owner = grid.cell_of(homes.xy[:, 0], homes.xy[:, 1], crs)
    points, findings = spread_over_buildings(grid.frame, homes, owner=owner, layer=spec.name)
    method = Text(
        "栅格各格人口按建筑面积分摊到格内住宅建筑",
        "people of each raster cell spread over its residential buildings by floor area",
    )
    return points, method, findings


def _estimate(spec: DemandSpec, crs: CRS, homes: Homes | None, boundary: Boundary | None) -> Made:
    refuse_counts(spec.counts, spec.name)
    if homes is None:
        raise SchemaError(
            f"{spec.name}: an estimate needs buildings. Name a buildings layer, or an OSM file that has them"
        )
    if boundary is not None:
        homes = _within(homes, _shape(boundary), spec.name)
    points, findings = estimate_from_buildings(
        homes, crs=crs, total=spec.total, m2_per_person=spec.m2_per_person, layer=spec.name
    )
    if spec.total is not None:
        zh, en = f"总人口 {spec.total:,.0f} 按建筑面积分摊到住宅建筑", f"a total of {spec.total:,.0f} people"
        return points, Text(f"估算：{zh}", f"estimate: {en} spread over residential buildings by floor area"), findings
    zh, en = (
        f"住宅建筑面积每 {spec.m2_per_person:g} m² 一人",
        f"one person to {spec.m2_per_person:g} m2 of residential floor area",
    )
    return points, Text(f"估算：{zh}", f"estimate: {en}"), findings


def _within(homes: Homes, shape: shapely.Geometry | None, layer: str) -> Homes:
    """Homes inside the boundary: a total is that of the study area, so homes outside must not get a part of it."""
    inside = np.asarray(shapely.intersects_xy(shape, homes.xy[:, 0], homes.xy[:, 1]))
    if not inside.any():
        raise InputError(
            f"{layer}: none of the {len(inside)} residential buildings lies in the boundary. Check both layers"
        )
    if inside.all():
        return homes
    n = int((~inside).sum())
    text = Text(f"{n} 栋住宅位于研究范围之外，未使用", f"{n} residential buildings outside the boundary are not used")
    return homes.take(inside, (Finding(code="home_outside_boundary", kind="note", count=n, text=text),))


def _inner(areas: gpd.GeoDataFrame) -> gpd.GeoSeries:
    return gpd.GeoSeries(shapely.point_on_surface(areas.geometry.values), index=areas.index, crs=areas.crs)


def _shape(boundary: Boundary | None) -> shapely.Geometry | None:
    if isinstance(boundary, gpd.GeoDataFrame):
        union: shapely.Geometry = boundary.geometry.union_all()
        return union
    return boundary


def _source_name(spec: DemandSpec, source: gpd.GeoDataFrame | None) -> str:
    if spec.raster is not None:
        return Path(spec.raster).name
    return "layer" if source is not None else "estimate"


def _report(
    spec: DemandSpec,
    points: gpd.GeoDataFrame,
    method: Text,
    findings: tuple[Finding, ...],
    milli: NDArray[np.int64] | None,
) -> DemandReport:
    lines = [method]
    if milli is not None:
        people = int(milli.sum()) / MILLI_PER_PERSON
        lines.append(
            Text(f"{len(points):,} 个需求点，共 {people:,.3f} 人", f"{len(points):,} points, {people:,.3f} people")
        )
    else:
        lines.append(Text(f"{len(points):,} 个需求点", f"{len(points):,} demand points"))
    for column in people_columns(points):
        if column != "people":
            count = int(people_to_milli(points[column]).sum()) / MILLI_PER_PERSON
            name = column.removeprefix("group_")
            lines.append(Text(f"其中 {name}：{count:,.3f} 人", f"of these {name}: {count:,.3f}"))
    units = int(points["units"].sum()) if "units" in points.columns else None
    if units is not None:
        what = _UNIT_NAMES[spec.unit or "building"]
        lines.append(Text(f"{units:,} {what.zh}", f"{units:,} {what.en}"))
    lines += [*count_lines(points), *(f.text for f in findings)]
    return DemandReport(
        method=method,
        lines=tuple(lines),
        people=None if milli is None else int(milli.sum()) / MILLI_PER_PERSON,
        points=len(points),
        units=units,
    )
