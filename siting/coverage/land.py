"""Residential land as a denominator: cut once into pieces that carry an exact area and one point."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.coverage.ratio import DM2_PER_M2
from siting.coverage.rollup import ZONE_PREFIX, Zones, assign_zones, ordered_zones
from siting.errors import CRSError, GeometryError, InputError
from siting.ledger import Finding, Text
from siting.units import largest_remainder

LAND_CELL_M = 25.0
"""Side of the grid that land is cut by: how finely walking distance is resolved on it. A choice of this toolkit."""
GRID_M = 1e-6
"""Overlays of land snap to this grid: without one, GEOS now and then loses parts whose edges nearly coincide."""
COARSE_STEPS = (64, 16, 4, 1)
"""Land is cut by ever smaller squares, in cells, so that no fine cell is ever cut out of a large polygon."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LandPieces:
    """Residential land, cut by a grid and by the zones of the smallest level.

    Attributes
    ----------
    pieces : one row a piece, geometry = polygon. Columns: ``area_dm2`` (int64, square decimetres: the pieces add up to
        the area of the union of the land layer, rounded once) and ``zone_<level>``
    points : layer of one point inside each piece, same index
    radius_m : shape (n,), from that point to the farthest corner of its piece
    cell_m : side of the grid
    findings : what was done to the layer
    """

    pieces: gpd.GeoDataFrame
    points: gpd.GeoDataFrame
    radius_m: NDArray[np.float64]
    cell_m: float
    findings: tuple[Finding, ...] = ()

    def __len__(self) -> int:
        return len(self.pieces)

    @property
    def area_dm2(self) -> NDArray[np.int64]:
        """Area of each piece in whole square decimetres, shape (n,)."""
        return np.asarray(self.pieces["area_dm2"], dtype=np.int64)

    @property
    def total_m2(self) -> float:
        """Area of all pieces in square metres."""
        return int(self.area_dm2.sum()) / DM2_PER_M2


def prepare_land(
    land: gpd.GeoDataFrame | gpd.GeoSeries, zones: Zones | None = None, cell_m: float = LAND_CELL_M
) -> LandPieces:
    """Cut residential land into pieces; do it once a study and hand the result to every `audit`.

    Overlapping polygons are merged first, so that land counts once. The grid lies on multiples of ``cell_m`` in the
    CRS, so the same land gives the same pieces whatever its neighbours. The pieces are cut along the zones of the
    smallest (first) level; in larger levels a piece belongs to the zone that holds its point. Land in no zone is
    `OUTSIDE_ZONE`.

    Raises
    ------
    CRSError
        The layer has no CRS, one in degrees, or another than the zones.
    GeometryError
        A geometry is no polygon.
    InputError
        No land, or ``cell_m`` is not above 0.
    """
    if land.crs is None or not land.crs.is_projected:
        name = "missing" if land.crs is None else land.crs.name
        msg = f"land: CRS is {name}, areas need metres. Project it first: land.to_crs(study.crs)"
        raise CRSError(msg)
    if not cell_m > 0:
        msg = f"cell_m is {cell_m}, expected above 0"
        raise InputError(msg)
    merged, findings = _merged(land)
    parts = merged
    for step in COARSE_STEPS[:2]:
        parts = _cut_by_grid(parts, step * cell_m)
    if zones:
        level, layer = next(iter(zones.items()))
        parts = _cut_by_zones(parts, ordered_zones(level, layer, land.crs)[1])
    for step in COARSE_STEPS[2:]:
        parts = _cut_by_grid(parts, step * cell_m)
    parts, point = _in_order(parts)
    # The whole is rounded once and shared out, so a hundred thousand roundings do not add up to a visible area.
    area = shapely.area(parts)
    area_dm2 = largest_remainder(round(float(shapely.area(merged).sum()) * DM2_PER_M2), area)
    index = pd.Index([f"L{k:07d}" for k in range(len(parts))], name="id", dtype="str")
    points = gpd.GeoDataFrame(geometry=point, index=index, crs=land.crs)
    zone_of = assign_zones(points, zones or {})
    pieces = gpd.GeoDataFrame(zone_of.assign(area_dm2=area_dm2), geometry=parts, index=index, crs=land.crs)
    return LandPieces(
        pieces=pieces, points=points, radius_m=_radius(parts, point), cell_m=float(cell_m), findings=findings
    )


def zone_levels(pieces: LandPieces) -> list[str]:
    """Levels that the pieces know their zone of."""
    return [c.removeprefix(ZONE_PREFIX) for c in pieces.pieces.columns if c.startswith(ZONE_PREFIX)]


def _merged(land: gpd.GeoDataFrame | gpd.GeoSeries) -> tuple[NDArray[np.object_], tuple[Finding, ...]]:
    """Union of the layer as single polygons."""
    shape = np.asarray(land.geometry)
    ids = land.index.astype(str)
    findings: list[Finding] = []
    empty = shapely.is_missing(shape) | shapely.is_empty(shape)
    other = ~empty & ~np.isin(shapely.get_type_id(shape), (3, 6, 7))
    if other.any():
        first = ", ".join(ids[other][:3])
        msg = f"land: {int(other.sum())} of {len(shape)} rows are no polygons (first: {first}); keep polygons only"
        raise GeometryError(msg)
    if empty.any():
        text = Text("空几何，未计入居住用地", "empty geometry, not counted as land")
        findings.append(_finding("null_geometry", "dropped", ids[empty], text))
    shape = shape[~empty]
    broken = ~shapely.is_valid(shape)
    if broken.any():
        text = Text("几何无效，已修复", "invalid geometry, repaired")
        findings.append(_finding("invalid_geometry", "repaired", ids[~empty][broken], text))
        shape = np.where(broken, shapely.make_valid(shape), shape)
    merged = _polygons(shapely.get_parts(shapely.union_all(shape, grid_size=GRID_M)))
    if not len(merged):
        msg = f"land: {len(land)} rows hold no area; leave the layer out or give residential polygons"
        raise InputError(msg)
    twice = float(shapely.area(shape).sum() - shapely.area(merged).sum())
    if twice > 1.0:
        text = Text(f"用地重叠 {twice:,.0f} 平方米，只计一次", f"{twice:,.0f} m² of overlapping land, counted once")
        findings.append(Finding(code="overlapping_land", kind="note", count=len(shape), text=text))
    return merged, tuple(findings)


def _finding(code: str, kind: str, ids: pd.Index, text: Text) -> Finding:
    return Finding(code=code, kind=kind, count=len(ids), text=text, ids=tuple(ids[:20]))  # type: ignore[arg-type]


def _polygons(shape: NDArray[np.object_]) -> NDArray[np.object_]:
    """Split into single polygons; lines and points (where outlines only touch) carry no area and go."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return np.asarray(parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > 0)], dtype=object)


def _cut_by_grid(parts: NDArray[np.object_], side_m: float) -> NDArray[np.object_]:
    """Cut polygons along the lines of a square grid."""
    low = np.floor(shapely.bounds(parts)[:, :2] / side_m).astype(np.int64)
    high = np.ceil(shapely.bounds(parts)[:, 2:] / side_m).astype(np.int64)
    count = np.maximum(high - low, 1)
    cells = count[:, 0] * count[:, 1]
    row = np.repeat(np.arange(len(parts)), cells)
    k = np.arange(len(row)) - np.repeat(np.cumsum(cells) - cells, cells)
    west = (low[row, 0] + k % count[row, 0]) * side_m
    south = (low[row, 1] + k // count[row, 0]) * side_m
    alone = cells[row] == 1
    out = parts[row]
    cell = shapely.box(west[~alone], south[~alone], west[~alone] + side_m, south[~alone] + side_m)
    out[~alone] = shapely.intersection(out[~alone], cell, grid_size=GRID_M)
    return _polygons(out)


def _cut_by_zones(parts: NDArray[np.object_], zones: NDArray[np.object_]) -> NDArray[np.object_]:
    """Cut polygons along zone outlines; what lies in no zone is kept."""
    zones = _disjoint(np.where(shapely.is_valid(zones), zones, shapely.make_valid(zones)))
    zone, row = shapely.STRtree(parts).query(zones, predicate="intersects")
    inside = shapely.intersection(parts[row], zones[zone], grid_size=GRID_M)
    held = np.bincount(row, weights=shapely.area(inside), minlength=len(parts))
    area = shapely.area(parts)
    # A remainder thinner than rounding noise is no land outside the zones.
    leaky = np.flatnonzero(held < area * (1 - 1e-9))
    order = np.argsort(row, kind="stable")
    start = np.searchsorted(row[order], leaky, side="left")
    end = np.searchsorted(row[order], leaky, side="right")
    cover = [shapely.union_all(zones[zone[order[a:b]]], grid_size=GRID_M) for a, b in zip(start, end, strict=True)]
    outside = (
        shapely.difference(parts[leaky], np.array(cover, dtype=object), grid_size=GRID_M)
        if len(leaky)
        else leaky.astype(object)
    )
    return np.concatenate([_polygons(inside), _polygons(np.asarray(outside, dtype=object))])


def _disjoint(zones: NDArray[np.object_]) -> NDArray[np.object_]:
    """Take from each zone what an earlier one already holds, so that land is counted in one zone only."""
    out = zones.copy()
    first, second = shapely.STRtree(zones).query(zones, predicate="intersects")
    earlier = first < second
    first, second = first[earlier], second[earlier]
    shared = shapely.area(shapely.intersection(zones[first], zones[second]))
    for a, b in zip(first[shared > 0], second[shared > 0], strict=True):
        out[b] = shapely.difference(out[b], zones[a], grid_size=GRID_M)
    return out


def _in_order(parts: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Pieces and their points from south to north and west to east, so that the order of the layer does not show."""
    parts = np.asarray(shapely.normalize(parts), dtype=object)
    point = shapely.point_on_surface(parts)
    bounds = shapely.bounds(parts)
    order = np.lexsort((shapely.get_x(point), shapely.get_y(point), bounds[:, 0], bounds[:, 1]))
    return parts[order], np.asarray(point, dtype=object)[order]


def _radius(parts: NDArray[np.object_], point: NDArray[np.object_]) -> NDArray[np.float64]:
    """Distance from each point to the farthest corner of its piece."""
    corner, row = shapely.get_coordinates(parts, return_index=True)
    centre = shapely.get_coordinates(point)
    radius = np.zeros(len(parts))
    np.maximum.at(radius, row, np.hypot(*(corner - centre[row]).T))
    return radius
