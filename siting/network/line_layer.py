"""A line layer made ready for cutting: rows filtered, repeated and empty ones listed, near vertices joined."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from scipy.spatial import KDTree

from siting.errors import GeometryError, NetworkDataError
from siting.inputs.street_filter import Mode, StreetFilter
from siting.ledger import Account, Finding, Text
from siting.network.assemble import LISTED, flags, whole_numbers
from siting.network.crossings import node_at_crossings, node_at_near_ends, node_at_own_crossings
from siting.network.layers import first, geometries
from siting.network.street_columns import plain_oneway, tag_values, unread_oneway, with_tag_columns

CROSSING_TOLERANCE_M = 1e-6
"""Two lines compute the place of their crossing alike to well under this."""
LEVEL_COLUMNS = ("bridge", "tunnel", "layer")
WAY_ID_COLUMNS = ("way_id", "osm_id", "osm_way", "osmid", "id")
LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING, shapely.GeometryType.MULTILINESTRING)
ANY_STREET = {"highway": ("road",)}
"""What a line counts as where the layer has no column ``highway``: open to all, unless other columns say otherwise."""


@dataclass(frozen=True, slots=True, eq=False)
class LineLayer:
    """Single lines in the working CRS, with the row of the source that each comes from.

    Attributes
    ----------
    lines : shape (n,), LineStrings
    row : shape (n,), position in the source
    table : the source's columns, one row a source row
    forward, backward : shape (rows of the source,), directions open to the mode
    findings : what was left out or changed so far
    """

    lines: NDArray[np.object_]
    row: NDArray[np.int64]
    table: pd.DataFrame
    forward: NDArray[np.bool_]
    backward: NDArray[np.bool_]
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, source: gpd.GeoDataFrame, work: CRS, mode: Mode) -> LineLayer:
        """Take the lines that the mode may use, each geometry once."""
        source, on_columns = with_tag_columns(source)
        missing = np.asarray(source.geometry.isna() | source.geometry.is_empty, dtype=bool)
        findings = [*on_columns]
        if mode == "drive" and "oneway" in source.columns:
            findings.append(unread_oneway(source["oneway"]))
        findings.append(dropped("null_geometry", missing, source.index, Text("没有几何的行", "rows without geometry")))
        kind = np.asarray(shapely.get_type_id(np.asarray(source.geometry.array, dtype=object)))
        other = ~missing & ~np.isin(kind, LINES)
        if other.any():
            types = ", ".join(sorted(set(source.geometry.geom_type[other])))
            msg = f"streets: {int(other.sum())} of {len(source)} rows are no lines but {types} (ids "
            raise GeometryError(msg + f"{first(source.index[other])}). Remove them, or give the line layer")
        forward, backward = open_directions(source, mode)
        closed = ~missing & ~(forward | backward)
        text = Text("不对该出行方式开放的道路", f"lines that are not open to {mode}")
        findings.append(dropped("not_open", closed, source.index, text))
        keep = np.flatnonzero(~missing & ~closed)
        if len(keep) == 0:
            msg = f"streets: none of {len(source)} lines is open to {mode!r}. Check the column 'highway', or the mode"
            raise NetworkDataError(msg)
        shapes = geometries(source.geometry.iloc[keep], work, "streets")
        again = repeated(shapes, forward[keep], backward[keep])
        text = Text("几何完全重复的道路", "lines that repeat the geometry of another")
        findings.append(dropped("duplicate_geometry", again, source.index[keep], text))
        keep, shapes = keep[~again], shapes[~again]
        lines, part_of = shapely.get_parts(shapes, return_index=True)
        table = pd.DataFrame(source.drop(columns=source.geometry.name))
        return cls(lines, keep[part_of], with_way_id(table), forward, backward, present(findings))

    def noded(self, tolerance_m: float) -> LineLayer:
        """Join lines that cross on the ground without a common vertex, or end within a tolerance of another.

        A layer that does not tell bridges and tunnels is joined at every crossing, and warned of.
        """
        above = np.zeros(len(self.table), dtype=bool)
        for name in ("bridge", "tunnel"):
            above |= flags(self.table[name]) if name in self.table.columns else False
        level = np.zeros(len(self.table), dtype=np.int64)
        if "layer" in self.table.columns:
            level = whole_numbers(self.table["layer"])
        lines, own = node_at_own_crossings(self.lines, above[self.row])
        lines, places = node_at_crossings(lines, above[self.row], level[self.row])
        lines = node_at_near_ends(lines, above[self.row], level[self.row], tolerance_m)
        text = Text(
            "在无公共节点的道路交叉处补充节点", "places where lines crossed without a common vertex were joined"
        )
        found = [Finding(code="crossings_joined", kind="repaired", count=len(places) + own, text=text)]
        if len(places) and not self.table.columns.isin(LEVEL_COLUMNS).any():
            found.append(without_levels(places))
        return replace(self, lines=lines, findings=present([*self.findings, *found]))

    def vertices(self, tolerance_m: float) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], Finding]:
        """Vertex and line of every position, the coordinates of the vertices, shape (n_vertex, 2), what moved."""
        xy, line = shapely.get_coordinates(self.lines, return_index=True)
        vertex, places = join_near(xy, tolerance_m)
        moved = np.hypot(*(xy - places[vertex]).T) > CROSSING_TOLERANCE_M
        count = len(np.unique(xy[moved], axis=0))
        text = Text(
            f"相距不超过 {tolerance_m:g} 米的节点合并为一", f"places within {tolerance_m:g} m of another were joined"
        )
        return vertex, line, places, Finding(code="places_joined", kind="repaired", count=count, text=text)

    def account(self, used: NDArray[np.int64], joined: Finding) -> Account:
        """Account for the rows of the source; ``used`` names the lines that became edges."""
        rows = np.unique(self.row)
        short = np.setdiff1d(rows, np.unique(self.row[used]))
        text = Text("短于容差的道路", "lines shorter than the tolerance")
        gone = np.zeros(len(self.table), dtype=bool)
        gone[short] = True
        findings = present([*self.findings, joined, dropped("too_short", gone, self.table.index, text)])
        return Account(
            layer="streets",
            source="lines",
            rows_in=len(self.table),
            rows_used=len(rows) - len(short),
            findings=findings,
        )


def open_directions(source: gpd.GeoDataFrame, mode: Mode) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Directions in which the mode may use each row, by the table that filters OSM ways; columns are tags."""
    columns = [c for c in source.columns if c != source.geometry.name]
    values = source[columns].astype(object)
    values = values.where(values.notna(), None)
    assumed = {} if "highway" in columns else ANY_STREET
    forward, backward = np.zeros(len(source), dtype=bool), np.zeros(len(source), dtype=bool)
    seen: dict[tuple[tuple[str, tuple[str, ...]], ...], tuple[bool, bool]] = {}
    for k, row in enumerate(values.itertuples(index=False, name=None)):
        tags = assumed | {c: tag_values(v) for c, v in zip(columns, row, strict=True) if v is not None}
        key = tuple((c, v) for c, v in tags.items() if c not in ("name", *WAY_ID_COLUMNS))
        if key not in seen:
            seen[key] = directions(tags, mode)
        forward[k], backward[k] = seen[key]
    return forward, backward


def directions(tags: dict[str, tuple[str, ...]], mode: Mode) -> tuple[bool, bool]:
    """Directions that one line is open in; osmnx joins ways, and such a line is open if one of its kinds is."""
    rule = StreetFilter.default()
    single = {c: v[0] for c, v in tags.items()}
    if "oneway" in single:
        single["oneway"] = plain_oneway(single["oneway"])
    forward = backward = False
    for kind in tags.get("highway", ("",)):
        own = single | ({"highway": kind} if kind else {})
        if rule.is_way(own):
            passage = rule.judge(own).passage(mode)
            forward, backward = forward or passage.forward, backward or passage.backward
    return forward, backward


def repeated(shapes: NDArray[np.object_], forward: NDArray[np.bool_], backward: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mask of the rows whose geometry occurred before; the direction counts where it is one-way."""
    both = forward & backward
    plain = np.where(both, shapely.normalize(shapes), shapes)
    keys = pd.DataFrame({"wkb": shapely.to_wkb(plain), "forward": forward, "backward": backward})
    return np.asarray(keys.duplicated(), dtype=bool)


def join_near(xy: NDArray[np.float64], tolerance_m: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Make one vertex of those that lie within a tolerance of it.

    Taken by x, then y, each place that is still free becomes a vertex and takes the free places within the tolerance.
    So no place moves farther than the tolerance, chains of near places do not collapse, and the order of the rows does
    not matter.
    """
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    new = np.ones(len(xy), dtype=bool)
    new[1:] = (xy[order[1:]] != xy[order[:-1]]).any(axis=1)
    place = np.empty(len(xy), dtype=np.int64)
    place[order] = np.cumsum(new) - 1
    places = xy[order[new]]
    owner = np.arange(len(places))
    if tolerance_m > 0:
        pairs = KDTree(places).query_pairs(tolerance_m, output_type="ndarray")
        for one, other in pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))].tolist():
            if owner[one] == one and owner[other] == other:
                owner[other] = one
    kept, vertex = np.unique(owner, return_inverse=True)
    return vertex[place].astype(np.int64), places[kept]


def without_levels(places: NDArray[np.float64]) -> Finding:
    """Warn that bridges may have been joined to what they cross; ``places`` has shape (n, 2)."""
    x, y = places[np.lexsort((places[:, 1], places[:, 0]))[len(places) // 2]]
    count = len(places)
    return Finding(
        code="crossings_of_unknown_level",
        kind="warning",
        count=count,
        text=Text(
            f"图层没有 bridge、tunnel 或 layer 列，{count:,} 处交叉全部按平面交叉连通，立交桥也不例外，"
            f"例如 ({x:.0f}, {y:.0f})；请补充该列，或设 node_crossings = false",
            f"the layer has no column bridge, tunnel or layer: all {count:,} crossings were joined as if on the "
            f"ground, those of bridges too, for instance at ({x:.0f}, {y:.0f}). Add such a column, or set "
            "node_crossings = false",
        ),
    )


def with_way_id(table: pd.DataFrame) -> pd.DataFrame:
    """Name the rows of the edge table by the source's own id, else by its index."""
    if "way_id" in table.columns:
        return table
    own = next((c for c in WAY_ID_COLUMNS if c in table.columns), None)
    ids = table.index if own is None else table[own]
    return table.assign(way_id=[str(i) for i in ids])


def dropped(code: str, mask: NDArray[np.bool_], index: pd.Index, text: Text) -> Finding:
    """Say which rows were left out."""
    ids = tuple(str(i) for i in index[mask][:LISTED])
    return Finding(code=code, kind="dropped", count=int(mask.sum()), text=text, ids=ids)


def present(findings: list[Finding]) -> tuple[Finding, ...]:
    """Keep the findings that found something."""
    return tuple(f for f in findings if f.count)
