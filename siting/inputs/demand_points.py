"""From areas with people to points with people, and what of them lies in the study area."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.errors import InputError, SchemaError
from siting.inputs.coordinates import crs_name
from siting.inputs.demand_counts import COUNTS, count_columns, share_count
from siting.inputs.schema import listed
from siting.ledger import Finding, Text
from siting.units import MILLI_PER_PERSON, largest_remainder, milli_to_people, people_to_milli

OVERLAP_TOLERANCE = 1e-4
"""Share of the area above which overlaps are more than slivers along shared edges."""

DEFAULT_CELL_M = 100.0
_LARGEST_GRID = 2_000_000


def people_columns(frame: pd.DataFrame) -> list[str]:
    """Columns that hold people: ``people`` and every ``group_<name>``."""
    return [str(c) for c in frame.columns if c == "people" or str(c).startswith("group_")]


def polygon_points(areas: gpd.GeoDataFrame, layer: str, cell_m: float = DEFAULT_CELL_M) -> gpd.GeoDataFrame:
    """Points that stand for polygons with people.

    A polygon of up to ``cell_m`` squared is one point inside it. A larger one is cut by the grid of ``cell_m`` metres
    through the CRS's origin; each piece is one point (the cell's centre, or a point of the piece where the centre is
    not in the polygon) and gets people by its area. Every polygon keeps its people exactly.

    Parameters
    ----------
    areas : polygons in metres with ``people`` (and ``group_<name>``), ``cars``, ``households``

    Returns
    -------
    points, index = id of the polygon, or ``id/1``, ``id/2`` ... from south-west to north-east, row by row
    """
    if not cell_m > 0:
        raise SchemaError(f"{layer}: cell_m is {cell_m}. Set it above 0, such as {DEFAULT_CELL_M:g}")
    columns = people_columns(areas)
    milli = {c: people_to_milli(areas[c]) for c in columns}
    geometry = np.asarray(areas.geometry.values, dtype=object)
    large = shapely.area(geometry) > cell_m * cell_m
    _check_grid(geometry[large], cell_m, layer)
    ids: list[str] = []
    points: list[shapely.Geometry] = []
    parts: dict[str, list[NDArray[np.int64]]] = {c: [] for c in columns}
    stated = {c: areas[c].to_numpy(dtype=np.float64) for c in count_columns(areas)}
    shares: dict[str, list[NDArray[np.float64]]] = {c: [] for c in stated}
    inner = shapely.point_on_surface(geometry)
    for k, (name, polygon) in enumerate(zip(areas.index, geometry, strict=True)):
        if not large[k]:
            ids.append(str(name))
            points.append(inner[k])
            for c in columns:
                parts[c].append(milli[c][k : k + 1])
            for c in stated:
                shares[c].append(stated[c][k : k + 1])
            continue
        found, weight = _pieces(polygon, cell_m)
        ids += [f"{name}/{j + 1}" for j in range(len(found))]
        points += list(found)
        for c in columns:
            parts[c].append(largest_remainder(int(milli[c][k]), weight))
        for c in stated:
            shares[c].append(share_count(float(stated[c][k]), weight))
    values = {c: milli_to_people(np.concatenate(parts[c])) for c in columns}
    values |= {c: np.concatenate(shares[c]) for c in stated}
    index = pd.Index(ids, dtype="str", name="id")
    return gpd.GeoDataFrame(values, geometry=gpd.GeoSeries(points, index=index, crs=areas.crs), index=index)


def overlap_findings(areas: gpd.GeoDataFrame, tolerance: float = OVERLAP_TOLERANCE) -> tuple[Finding, ...]:
    """Warn where polygons with people cover each other by more than ``tolerance`` of their area: people count twice."""
    geometry = np.asarray(areas.geometry.values, dtype=object)
    total = float(shapely.area(geometry).sum())
    first, second = shapely.STRtree(geometry).query(geometry, predicate="intersects")
    pair = first < second
    first, second = first[pair], second[pair]
    common = shapely.area(shapely.intersection(geometry[first], geometry[second]))
    share = float(common.sum()) / total if total else 0.0
    if share <= tolerance:
        return ()
    order = np.argsort(-common, kind="stable")
    order = order[common[order] > 0]
    pairs = [f"{areas.index[first[k]]} & {areas.index[second[k]]}" for k in order]
    text = Text(
        f"{len(pairs)} 对人口面相互重叠，占总面积 {share:.2%}，重叠处人口可能重复计算",
        f"{len(pairs)} pairs of polygons with people overlap, {share:.2%} of their area: people there may count twice",
    )
    return (Finding(code="overlapping_polygons", kind="warning", count=len(pairs), text=text, ids=listed(pairs)),)


def clip_to_boundary(
    points: gpd.GeoDataFrame, boundary: gpd.GeoDataFrame | shapely.Geometry, layer: str
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Keep the points inside the boundary or on its edge; list the others with their people.

    Raises
    ------
    InputError
        No point is inside; both extents are shown.
    """
    shape = boundary.geometry.union_all() if isinstance(boundary, gpd.GeoDataFrame) else boundary
    shapely.prepare(shape)
    inside = np.asarray(shapely.intersects(shape, np.asarray(points.geometry.values)))
    if not inside.any():
        raise InputError(
            f"{layer}: none of its {len(points)} points lies in the study boundary. In {crs_name(points.crs)} the "
            f"points span {_extent(points.total_bounds)}, the boundary {_extent(shapely.bounds(shape))}. "
            "Check that both are of the same city and that their CRS is right"
        )
    if inside.all():
        return points, ()
    out = points.loc[~inside]
    n = len(out)
    zh, en = f"剔除 {n} 行：位于研究范围之外", f"{n} rows outside the study boundary were left out"
    if "people" in points.columns:
        people = int(people_to_milli(out["people"]).sum()) / MILLI_PER_PERSON
        zh, en = f"{zh}，共 {people:,.3f} 人", f"{en}, with {people:,.3f} people"
    for column in count_columns(out):
        number, what = float(out[column].sum()), COUNTS[column]
        zh, en = f"{zh}，{what.zh} {number:,.10g}", f"{en}, {number:,.10g} {what.en}"
    finding = Finding(code="outside_boundary", kind="dropped", count=n, text=Text(zh, en), ids=listed(out.index))
    return points.loc[inside].copy(), (finding,)


def _pieces(polygon: shapely.Geometry, cell_m: float) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Points and areas of a polygon's pieces in the grid, row by row from the south-west."""
    west, south, east, north = shapely.bounds(polygon)
    columns = np.arange(np.floor(west / cell_m), np.ceil(east / cell_m))
    rows = np.arange(np.floor(south / cell_m), np.ceil(north / cell_m))
    x, y = (a.ravel() * cell_m for a in np.meshgrid(columns, rows))
    cells = shapely.box(x, y, x + cell_m, y + cell_m)
    shapely.prepare(polygon)
    touches = shapely.intersects(polygon, cells)
    cells, x, y = cells[touches], x[touches], y[touches]
    whole = shapely.contains_properly(polygon, cells)
    pieces = np.where(whole, cells, shapely.intersection(cells, polygon))
    area = shapely.area(pieces)
    some_area = area > 0
    pieces, area, x, y = pieces[some_area], area[some_area], x[some_area], y[some_area]
    points = np.asarray(shapely.points(x + cell_m / 2, y + cell_m / 2), dtype=object)
    off = ~shapely.intersects(polygon, points)
    points[off] = shapely.point_on_surface(pieces[off])
    return points, np.asarray(area, dtype=np.float64)


def _check_grid(large: NDArray[np.object_], cell_m: float, layer: str) -> None:
    if len(large) == 0:
        return
    west, south, east, north = shapely.bounds(large).T
    cells = float((((east - west) / cell_m + 2) * ((north - south) / cell_m + 2)).sum())
    if cells > _LARGEST_GRID:
        fitting = cell_m * np.sqrt(cells / _LARGEST_GRID)
        raise SchemaError(
            f"{layer}: cutting its polygons into cells of {cell_m:g} m gives about {cells:,.0f} cells. "
            f"Set cell_m to {np.ceil(fitting / 10) * 10:.0f} or more"
        )


def _extent(bounds: NDArray[np.float64]) -> str:
    west, south, east, north = (float(b) for b in bounds)
    return f"{west:.0f} to {east:.0f} east, {south:.0f} to {north:.0f} north"
