"""Where nothing may be built: layers of polygons, what they leave free of a shape, and the nearest conflict."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.errors import CRSError, GeometryError
from siting.ledger import Text
from siting.network.threads import in_blocks

# A shore line of ten thousand vertices makes every cut slow; pieces of this many do not.
_MAX_VERTICES = 256
_SHAPES_AT_ONCE = 2048
# Least distance of a chord from the centre, by the radius, where a quarter circle is four chords.
_CHORD = math.cos(math.pi / 16) - 0.001

_NAMES = {
    "water": Text("水域", "water"),
    "buildings": Text("建筑", "buildings"),
    "green": Text("绿地", "green"),
    "roads": Text("道路", "roads"),
    "carriageway": Text("车行道", "carriageway"),
    "farmland": Text("耕地", "farmland"),
    "protected": Text("保护区", "protected areas"),
    "school_grounds": Text("学校用地", "school grounds"),
    "hospital_grounds": Text("医院用地", "hospital grounds"),
    "government_grounds": Text("机关用地", "government grounds"),
    "religious_grounds": Text("宗教与墓葬用地", "religious grounds"),
    "transport_land": Text("铁路、港口、机场等交通用地", "railway, port and airport land"),
    "utility_grounds": Text("公用设施用地", "utility grounds"),
    "industrial_land": Text("工业用地", "industrial land"),
    "military_land": Text("军事用地", "military land"),
    "cemeteries": Text("墓地", "cemeteries"),
    "golf_courses": Text("高尔夫球场", "golf courses"),
    "landfills_and_quarries": Text("填埋场与采石场", "landfills and quarries"),
    "sports_grounds": Text("运动场地", "sports grounds"),
    "playgrounds": Text("儿童游戏场", "playgrounds"),
}


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Polygons on which nothing may be built, of all layers together.

    Attributes
    ----------
    names : of the layers, in the order given
    counts : polygons in each
    layer : shape (n,), layer of each piece
    row_id : shape (n,), id of each piece within its layer
    pieces : shape (n,), polygons, large ones cut up
    """

    names: tuple[str, ...]
    counts: tuple[int, ...]
    layer: NDArray[np.intp]
    row_id: NDArray[np.object_]
    pieces: NDArray[np.object_]
    tree: Any

    @classmethod
    def of(cls, layers: Mapping[str, gpd.GeoDataFrame] | None, crs: Any) -> "Exclusions":
        """Collect the layers; each must hold polygons in ``crs``.

        Raises
        ------
        CRSError, GeometryError
            A layer has another CRS, or lines or points that have no area.
        """
        layers = {name: frame for name, frame in (layers or {}).items() if frame is not None}
        numbers, ids, pieces, counts = [], [], [], []
        for k, (name, frame) in enumerate(layers.items()):
            if frame.crs != crs:
                msg = f"exclusions.{name}: CRS {frame.crs} differs from {crs}; project it first: {name}.to_crs(crs)"
                raise CRSError(msg)
            geometry = np.asarray(frame.geometry.array, dtype=object)
            labels = (frame["id"] if "id" in frame.columns else frame.index).astype(str).to_numpy(dtype=object)
            usable = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
            flat = usable & (shapely.get_dimensions(geometry) < 2)
            if flat.any():
                msg = (
                    f"exclusions.{name}: {int(flat.sum())} of {len(frame)} rows are lines or points (first "
                    f"{labels[flat][:3].tolist()}), which have no area; buffer them first"
                )
                raise GeometryError(msg)
            cut, row = _subdivide(geometry[usable])
            pieces.append(cut)
            ids.append(labels[usable][row])
            numbers.append(np.full(len(cut), k, dtype=np.intp))
            counts.append(int(usable.sum()))
        joined = np.concatenate(pieces) if pieces else np.empty(0, dtype=object)
        return cls(
            names=tuple(layers),
            counts=tuple(counts),
            layer=np.concatenate(numbers) if numbers else np.empty(0, dtype=np.intp),
            row_id=np.concatenate(ids) if ids else np.empty(0, dtype=object),
            pieces=joined,
            tree=shapely.STRtree(joined),
        )

    def tested(self) -> Text:
        """Say which layers a candidate was tested against."""
        if not self.names:
            return Text("未提供排除图层", "no exclusion layers were given")
        zh = "、".join(f"{layer_text(n).zh}（{c:,} 个）" for n, c in zip(self.names, self.counts, strict=True))
        en = ", ".join(f"{layer_text(n).en} ({c:,})" for n, c in zip(self.names, self.counts, strict=True))
        return Text(zh, en)

    def cut_from(self, shapes: NDArray[np.object_], enough_m2: float = 0.0) -> NDArray[np.object_]:
        """Return what the exclusions leave of each shape; one that falls below ``enough_m2`` is not cut further."""
        return cut_away(shapes, self.pieces, self.tree, enough_m2)

    def first_hit(self, shapes: NDArray[np.object_]) -> NDArray[np.intp]:
        """Return for each shape the piece that takes most of it, -1 if none touches it; of equals the first."""
        shape, piece = self.tree.query(shapes, predicate="intersects")
        taken = shapely.area(shapely.intersection(shapes[shape], self.pieces[piece]))
        order = np.lexsort((piece, -taken, shape))
        shape, piece = shape[order], piece[order]
        hit = np.full(len(shapes), -1, dtype=np.intp)
        start = np.unique(shape, return_index=True)[1]
        hit[shape[start]] = piece[start]
        return hit

    def nearest(self, points: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
        """Return for each point the nearest excluded polygon as "layer id", and how far it is; None and NaN if none."""
        label = np.full(len(points), None, dtype=object)
        metres = np.full(len(points), np.nan)
        if len(self.pieces) and len(points):
            (point, piece), distance = self.tree.query_nearest(points, return_distance=True)
            order = np.lexsort((piece, point))
            start = np.unique(point[order], return_index=True)[1]
            point, piece, distance = point[order][start], piece[order][start], distance[order][start]
            label[point] = [self.describe(k) for k in piece]
            metres[point] = distance
        return label, metres

    def describe(self, piece: int) -> str:
        """Layer and id of a piece."""
        return f"{self.names[self.layer[piece]]} {self.row_id[piece]}"


def layer_text(name: str) -> Text:
    """Return the name of an exclusion layer in words; a name that is not known is shown as it is."""
    return _NAMES.get(name, Text(name, name))


def cut_away(
    shapes: NDArray[np.object_], pieces: NDArray[np.object_], tree: Any, enough_m2: float = 0.0
) -> NDArray[np.object_]:
    """Return each shape without the pieces that overlap it; one that falls below ``enough_m2`` is not cut further."""

    def block(first: int, last: int) -> NDArray[np.object_]:
        left = shapes[first:last].copy()
        shape, piece = tree.query(left, predicate="intersects")
        order = np.lexsort((piece, shape))
        shape, piece = shape[order], piece[order]
        turn = np.arange(len(shape)) - np.searchsorted(shape, shape)
        by_turn = np.argsort(turn, kind="stable")
        # One piece of every shape at a time, so that each turn is one call over arrays.
        for now in np.split(by_turn, np.flatnonzero(np.diff(turn[by_turn])) + 1):
            area = shapely.area(left[shape[now]])
            now = now[(area > 0) & (area >= enough_m2)]
            left[shape[now]] = shapely.difference(left[shape[now]], pieces[piece[now]])
        return left

    return np.concatenate([np.empty(0, dtype=object), *in_blocks(block, len(shapes), _SHAPES_AT_ONCE)])


def largest_room(shapes: NDArray[np.object_], min_width_m: float) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Return the largest part of each shape that is nowhere narrower than ``min_width_m``, and its area in m2."""

    def block(first: int, last: int) -> NDArray[np.object_]:
        core = shapely.buffer(_polygons_of(shapes[first:last]), -min_width_m / 2, quad_segs=4)
        # Arcs are drawn as chords; a way back shortened by their error never leaves the shape.
        return np.asarray(shapely.buffer(core, min_width_m / 2 * _CHORD, quad_segs=4), dtype=object)

    rounded = np.concatenate([np.empty(0, dtype=object), *in_blocks(block, len(shapes), _SHAPES_AT_ONCE)])
    parts, row = shapely.get_parts(rounded, return_index=True)
    polygon = shapely.get_dimensions(parts) == 2
    parts, row = parts[polygon], row[polygon]
    area = shapely.area(parts)
    order = np.lexsort((-area, row))
    start = np.unique(row[order], return_index=True)[1]
    best = order[start]
    room = np.full(len(shapes), shapely.Polygon(), dtype=object)
    size = np.zeros(len(shapes))
    room[row[best]], size[row[best]] = parts[best], area[best]
    return room, size


def _polygons_of(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return shapes with the lines and points dropped that cuts along shared edges leave behind."""
    mixed = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    flat = shapely.get_dimensions(shapes) < 2
    clean = shapes.copy()
    clean[flat] = shapely.Polygon()
    for k in mixed:
        parts = shapely.get_parts(shapes[k])
        clean[k] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    return np.asarray(clean, dtype=object)


def _subdivide(geometry: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Cut polygons of many vertices in halves until none has many; return the pieces and the row of each."""
    parts, row = shapely.get_parts(shapely.make_valid(geometry), return_index=True)
    done_parts, done_rows = [], []
    while len(parts):
        polygon = shapely.get_dimensions(parts) == 2
        parts, row = parts[polygon], row[polygon]
        big = shapely.get_num_coordinates(parts) > _MAX_VERTICES
        done_parts.append(parts[~big])
        done_rows.append(row[~big])
        parts, row = parts[big], row[big]
        if not len(parts):
            break
        x0, y0, x1, y1 = shapely.bounds(parts).T
        wide = (x1 - x0) >= (y1 - y0)
        xm, ym = (x0 + x1) / 2, (y0 + y1) / 2
        first = shapely.box(x0, y0, np.where(wide, xm, x1), np.where(wide, y1, ym))
        second = shapely.box(np.where(wide, xm, x0), np.where(wide, y0, ym), x1, y1)
        halves = np.concatenate([shapely.intersection(parts, first), shapely.intersection(parts, second)])
        parts, index = shapely.get_parts(halves, return_index=True)
        row = np.concatenate([row, row])[index]
    pieces = np.concatenate(done_parts) if done_parts else np.empty(0, dtype=object)
    rows = np.concatenate(done_rows).astype(np.intp) if done_rows else np.empty(0, dtype=np.intp)
    order = np.argsort(rows, kind="stable")
    return pieces[order], rows[order]
