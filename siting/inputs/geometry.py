"""Geometries made fit for planning: repaired where the repair can be counted, refused where it cannot.

Polygons are made valid so that a part drawn twice counts once (nested shells merge instead of becoming holes).
"""

from typing import Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.errors import GeometryError
from siting.inputs.schema import Faults, listed, some
from siting.ledger import Finding, Text

Kind = Literal["point", "line", "polygon", "any"]

_DIMENSION = {"point": 0, "line": 1, "polygon": 2}
_NAMES = {0: "points", 1: "lines", 2: "polygons"}
_COLLECTION = 7
_RING = 2

Geometries = NDArray[np.object_]
Mask = NDArray[np.bool_]


def repair_geometries(
    frame: gpd.GeoDataFrame,
    kind: Kind,
    layer: str,
    *,
    weight: NDArray[np.float64] | None = None,
    repair: bool = True,
    as_points: bool = False,
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Bring every geometry to the wanted kind, valid, finite, in two dimensions.

    Parameters
    ----------
    frame : its index holds the ids that messages name; not changed
    kind : "point", "line", "polygon", or "any" (points, lines and polygons side by side)
    weight : shape (n,), e.g. people; a row with a positive weight is never dropped but refused
    repair : False refuses invalid polygons instead of repairing them
    as_points : for "point": take a point inside each polygon, and the middle of each line

    Returns
    -------
    the usable rows, in order, and what was done; rows in = rows out + findings of kind "dropped"

    Raises
    ------
    GeometryError
        Coordinates that are not finite, geometries of another kind, points with several parts, rows with people that
        would have to be dropped.
    """
    geometry: Geometries = np.asarray(frame.geometry.values, dtype=object).copy()
    keep = np.ones(len(frame), dtype=bool)
    work = _Work(frame, layer, geometry, keep, weight, [], Faults())
    work.drop(
        shapely.is_missing(geometry) | shapely.is_empty(geometry),
        "null_geometry",
        "无几何或几何为空",
        "without geometry",
    )
    work.refuse_not_finite()
    work.flatten()
    work.take_parts(kind)
    work.check_kind(kind, as_points)
    work.faults.raise_any()
    if repair:
        work.make_valid()
    else:
        work.refuse_invalid()
    work.drop_collapsed()
    work.faults.raise_any()
    out = frame.loc[keep].copy()
    out = out.set_geometry(gpd.GeoSeries(geometry[keep], index=out.index, crs=frame.crs))
    return out, tuple(work.findings)


class _Work:
    """The rows of one layer while they are being repaired; ``geometry`` and ``keep`` change in place."""

    def __init__(
        self,
        frame: gpd.GeoDataFrame,
        layer: str,
        geometry: Geometries,
        keep: Mask,
        weight: NDArray[np.float64] | None,
        findings: list[Finding],
        faults: Faults,
    ) -> None:
        self.ids = frame.index
        self.layer, self.geometry, self.keep, self.weight = layer, geometry, keep, weight
        self.findings, self.faults = findings, faults

    def drop(self, mask: Mask, code: str, zh: str, en: str) -> None:
        """Leave rows out and list them; with people on them they are a fault instead."""
        mask = mask & self.keep
        if not mask.any():
            return
        self.keep &= ~mask
        if self.weight is not None:
            heavy = mask & (self.weight > 0)
            if heavy.any():
                total = self.weight[heavy].sum()
                self.faults.add(
                    f"{self.layer}: {heavy.sum()} rows {en} hold {total:,.0f} people (ids {some(self.ids[heavy])}). "
                    "Give them a geometry, or set their population to 0",
                    GeometryError,
                )
        n = int(mask.sum())
        self._add(code, "dropped", mask, Text(f"剔除 {n} 行：{zh}", f"{n} rows {en} were left out"))

    def refuse_not_finite(self) -> None:
        xy, row = shapely.get_coordinates(self.geometry, return_index=True)
        bad = np.unique(row[~np.isfinite(xy).all(axis=1)])
        if len(bad):
            self.faults.add(
                f"{self.layer}: {len(bad)} geometries have coordinates that are NaN or infinite "
                f"(ids {some(self.ids[bad])}). Correct or remove them",
                GeometryError,
            )
            self.faults.raise_any()

    def flatten(self) -> None:
        """Leave height and measure out: distances are planar."""
        z, m = shapely.has_z(self.geometry), shapely.has_m(self.geometry)
        flat = z | m
        if flat.any():
            self.geometry[flat] = shapely.force_2d(self.geometry[flat])
        if z.any():
            n = int(z.sum())
            self._add(
                "height_dropped", "note", z, Text(f"{n} 行的高程 Z 未使用", f"the height (Z) of {n} rows is not used")
            )
        if m.any():
            n = int(m.sum())
            self._add(
                "measure_dropped",
                "warning",
                m,
                Text(f"{n} 行的量测值 M 已去除", f"the measure (M) of {n} rows was dropped"),
            )

    def take_parts(self, kind: Kind) -> None:
        """Reduce collections to their parts of the wanted dimension, one geometry a row."""
        types = shapely.get_type_id(self.geometry)
        rings = types == _RING
        self.geometry[rings] = [shapely.LineString(g.coords) for g in self.geometry[rings]]
        mixed = (types == _COLLECTION) & self.keep
        if not mixed.any():
            return
        thrown = 0
        for row in np.flatnonzero(mixed):
            self.geometry[row], lost = parts_of_dimension(self.geometry[row], _DIMENSION.get(kind))
            thrown += lost
        n = int(mixed.sum())
        text = Text(
            f"{n} 个几何集合已取出所需类型的部分，另弃 {thrown} 个其他类型的部分",
            f"{n} geometry collections were reduced to the parts of the wanted kind; {thrown} other parts left out",
        )
        self._add("collection_exploded", "repaired", mixed, text)
        empty = mixed & shapely.is_empty(self.geometry)
        self.drop(
            empty, "collection_without_part", "几何集合中没有所需类型的部分", "holding no part of the wanted kind"
        )

    def check_kind(self, kind: Kind, as_points: bool) -> None:
        """Refuse rows of another kind; single-part multipoints become points."""
        single = (shapely.get_type_id(self.geometry) == 4) & (shapely.get_num_geometries(self.geometry) == 1)
        self.geometry[single] = shapely.get_geometry(self.geometry[single], 0)
        several = (shapely.get_type_id(self.geometry) == 4) & self.keep
        if kind in ("point", "any") and several.any():
            self.faults.add(
                f"{self.layer}: {several.sum()} rows are points with several parts (ids {some(self.ids[several])}). "
                "Split them into one row a point (in QGIS: Multipart to singleparts)",
                GeometryError,
            )
        if kind == "any":
            return
        dimension = shapely.get_dimensions(self.geometry)
        wrong = self.keep & (dimension != _DIMENSION[kind])
        if not wrong.any():
            return
        if kind == "point" and as_points:
            self.geometry[wrong] = inner_points(self.geometry[wrong])
            n = int(wrong.sum())
            text = Text(
                f"{n} 个面或线以其内部一点代表", f"{n} polygons or lines are represented by a point inside them"
            )
            self._add("represented_by_point", "repaired", wrong, text)
            return
        counts = ", ".join(f"{int((dimension[self.keep] == d).sum())} {name}" for d, name in _NAMES.items())
        self.faults.add(
            f"{self.layer}: expected {kind}s, found {counts} (ids {some(self.ids[wrong])}). "
            f"Split the layer by geometry type, or give one that holds only {kind}s",
            GeometryError,
        )

    def make_valid(self) -> None:
        broken = self.keep & (shapely.get_dimensions(self.geometry) == 2) & ~shapely.is_valid(self.geometry)
        if not broken.any():
            return
        before = np.abs(shapely.area(self.geometry[broken])).sum()
        fixed = shapely.make_valid(self.geometry[broken], method="structure", keep_collapsed=False)
        # GEOS may leave two parts that share an edge, which is again no valid multipolygon: joined, they are one.
        still = ~shapely.is_valid(fixed)
        fixed[still] = [shapely.union_all(shapely.get_parts(g)) for g in fixed[still]]
        self.geometry[broken] = [parts_of_dimension(g, 2)[0] for g in fixed]
        after = shapely.area(self.geometry[broken]).sum()
        n = int(broken.sum())
        text = Text(
            f"{n} 个无效面已修复，面积由 {before:,.6g} 变为 {after:,.6g}（图层坐标单位的平方）",
            f"{n} invalid polygons were repaired; area {before:,.6g} became {after:,.6g} (layer units squared)",
        )
        self._add("invalid_polygon", "repaired", broken, text)

    def refuse_invalid(self) -> None:
        broken = self.keep & (shapely.get_dimensions(self.geometry) == 2) & ~shapely.is_valid(self.geometry)
        if broken.any():
            first = shapely.is_valid_reason(self.geometry[np.flatnonzero(broken)[0]])
            self.faults.add(
                f"{self.layer}: {broken.sum()} invalid polygons (ids {some(self.ids[broken])}; the first: {first}). "
                "Repair them (in QGIS: Fix geometries)",
                GeometryError,
            )

    def drop_collapsed(self) -> None:
        dimension = shapely.get_dimensions(self.geometry)
        flat = (dimension == 2) & (shapely.area(self.geometry) == 0)
        flat |= shapely.is_empty(self.geometry)
        self.drop(flat, "zero_area", "面积为零", "of zero area")
        self.drop((dimension == 1) & (shapely.length(self.geometry) == 0), "zero_length", "长度为零", "of zero length")

    def _add(self, code: str, kind: Literal["dropped", "repaired", "warning", "note"], mask: Mask, text: Text) -> None:
        ids = listed(self.ids[mask])
        self.findings.append(Finding(code=code, kind=kind, count=int(mask.sum()), text=text, ids=ids))


def parts_of_dimension(geometry: shapely.Geometry, dimension: int | None) -> tuple[shapely.Geometry, int]:
    """Parts of one dimension (None: the highest there is) as one geometry, and how many parts were left out.

    The result is empty where there is no such part, single where there is one, else multi-part.
    """
    parts = np.asarray(shapely.get_parts(geometry))
    while (shapely.get_type_id(parts) == _COLLECTION).any():
        parts = np.asarray(shapely.get_parts(parts))
    parts = np.asarray(shapely.get_parts(parts))
    of = shapely.get_dimensions(parts)
    wanted = dimension if dimension is not None else int(of.max(initial=0))
    chosen = parts[of == wanted]
    left_out = len(parts) - len(chosen)
    if len(chosen) == 0:
        return shapely.GeometryCollection(), left_out
    if len(chosen) == 1:
        return chosen[0], left_out
    multi = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)[wanted]
    return multi(chosen), left_out


def inner_points(geometry: Geometries) -> Geometries:
    """One point for each geometry that is sure to lie on it: inside a polygon even if it is a ring or a crescent."""
    return np.asarray(shapely.point_on_surface(geometry), dtype=object)
