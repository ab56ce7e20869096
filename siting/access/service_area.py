"""Service areas: the streets that a facility reaches, with a margin on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from siting.access.gates import entries
from siting.access.pairs import starts
from siting.access.places import Goals, cutoff_mm
from siting.access.service_kinds import own_cutoffs, own_shapes, shapes_of
from siting.errors import SchemaError
from siting.network.graph import MAX_SNAP_M
from siting.network.layers import labels
from siting.network.search import UNREACHED, nearest_labels, spread
from siting.network.threads import in_blocks
from siting.units import MM_PER_M

if TYPE_CHECKING:
    from siting.network.graph import Network

BUFFER_M = 30.0
QUARTER_SEGMENTS = 4
SIMPLIFY_M = 1.0
"""Streets are drawn this coarsely under the buffer, which is far wider."""
TILE_M = 150.0
"""Areas around streets that are reached whole are joined by squares of this size; a joined square is kept."""
_TILES_AT_ONCE = 64
MANY_EDGES = 1000
"""Fewer edges are joined at once: squares would save nothing."""

Longs = NDArray[np.int64]
Overlap = Literal["overlap", "split", "dissolve"]


def service_areas(
    network: Network,
    facilities: gpd.GeoDataFrame,
    cutoffs: float | Sequence[float] | str,
    overlap: str = "dissolve",
    *,
    buffer_m: float = BUFFER_M,
    max_snap_m: float = MAX_SNAP_M,
    entrances: gpd.GeoDataFrame | None = None,
    facility_entries: gpd.GeoDataFrame | None = None,
    outline: Outline | None = None,
) -> gpd.GeoDataFrame:
    """Areas within given distances of facilities, over the streets.

    The reached parts of the streets are exact: a place of a street belongs to an area if a facility is at most
    ``cutoff`` away from it. The area is what lies within ``buffer_m`` of those parts, for drawing; who is served is
    decided by `siting.access.nearest`, never by these outlines (they are simplified by 1 m, and a home may lie farther
    off its street).

    Parameters
    ----------
    cutoffs : metres (seconds, where the network has times), one or several; each gives its own areas, larger ones hold
        smaller ones. Or the name of a column of ``facilities`` that holds each one's own cutoff in metres
    overlap : "dissolve", one area a cutoff for all facilities together; "overlap", one for each facility; "split", one
        for each facility without overlap: a place of a street goes to the facility nearest over the streets, a place
        between streets to that of the nearest street, and together they are the dissolved area. With own cutoffs a
        place goes to the nearest of those that reach it
    facility_entries : what `siting.access.entries` found for these facilities before, if it was asked already
    outline : of this network and ``buffer_m``, to save time where areas of many layers are drawn

    Returns
    -------
    Index "<facility>/<cutoff>" (facility "all" where dissolved) named ``id``; columns ``facility`` (None where
    dissolved), ``cutoff`` (in the network's unit; NaN where areas of different own cutoffs are dissolved),
    ``buffer_m``; geometry in the network's CRS, empty where nothing is reached.

    Raises
    ------
    SchemaError
        A cutoff is missing or negative, ``overlap`` is none of the three, or ``outline`` is another network's.
    NetworkDataError
        Own cutoffs are in metres, and the network has times.
    """
    own = None
    if isinstance(cutoffs, str):
        network.require_lengths("service areas by own cutoffs")
        own = own_cutoffs(facilities, cutoffs)
        cutoffs = own.tolist() or [0.0]
    limits = [float(c) for c in np.atleast_1d(np.asarray(cutoffs, dtype=np.float64))]
    if not limits or not all(np.isfinite(c) and c >= 0 for c in limits):
        msg = f"service areas: cutoffs {limits} must be metres, 0 or more"
        raise SchemaError(msg)
    if overlap not in get_args(Overlap):
        known = ", ".join(repr(kind) for kind in get_args(Overlap))
        msg = f"service areas: overlap={overlap!r} is not available; must be one of {known}"
        raise SchemaError(msg)
    names = labels(facilities, "facilities")
    found = facility_entries
    if found is None:
        found = entries(network, facilities, entrances, max_snap_m=max_snap_m)
    goals = Goals.of(network, found, names)
    if outline is None:
        outline = Outline(network, buffer_m)
    elif outline.network is not network or outline.buffer_m != buffer_m:
        msg = "service areas: outline was made with another network or buffer_m; give the same ones"
        raise SchemaError(msg)
    if own is not None:
        rows = [(None, np.nan)] if overlap == "dissolve" else list(zip(names, own.tolist(), strict=True))
        shapes = own_shapes(outline, goals, own, overlap)
    else:
        each = [None] if overlap == "dissolve" else list(names)
        rows = [(name, limit) for limit in limits for name in each]
        shapes = [shape for limit in limits for shape in shapes_of(outline, goals, cutoff_mm(limit), overlap)]
    ids = [
        f"{'all' if name is None else name}/{'own' if np.isnan(limit) else format(limit, 'g')}" for name, limit in rows
    ]
    columns = {"facility": np.array([name for name, _ in rows], dtype=object), "cutoff": [limit for _, limit in rows]}
    made = gpd.GeoDataFrame(columns, geometry=np.array(shapes, dtype=object), crs=network.crs, index=ids)
    made.insert(2, "buffer_m", float(buffer_m))
    return made.rename_axis("id")


class Outline:
    """Draws the areas around reached parts of one network's streets.

    What surrounds a street, and a square of streets that are all reached whole, is worked out once: the areas of many
    rules share most of both.
    """

    def __init__(self, network: Network, buffer_m: float = BUFFER_M) -> None:
        self.network = network
        self.buffer_m = buffer_m
        self._whole: dict[int, shapely.Geometry] = {}

    @cached_property
    def _around_edge(self) -> NDArray[np.object_]:
        return self._buffered(self.network.lines)

    @cached_property
    def _tile(self) -> Longs:
        """Square in which the middle of each edge lies."""
        x0, y0, x1, y1 = shapely.bounds(self.network.lines).T
        column, row = np.floor((x0 + x1) / 2 / TILE_M), np.floor((y0 + y1) / 2 / TILE_M)
        return np.unique(np.column_stack([column, row]), axis=0, return_inverse=True)[1].ravel()

    @cached_property
    def _tile_size(self) -> Longs:
        return np.bincount(self._tile)

    def _buffered(self, lines: NDArray[np.object_]) -> NDArray[np.object_]:
        def block(first: int, last: int) -> NDArray[np.object_]:
            coarse = shapely.simplify(lines[first:last], SIMPLIFY_M)
            return np.asarray(shapely.buffer(coarse, self.buffer_m, quad_segs=QUARTER_SEGMENTS), dtype=object)

        return np.concatenate([np.empty(0, dtype=object), *in_blocks(block, len(lines), 4096)])

    def dissolved(self, goals: Goals, limit: int) -> shapely.Geometry:
        """One area around all that any facility reaches."""
        network = self.network
        node, cost, label = goals.seeds(network)
        arcs = network.in_arcs
        node_cost, _ = nearest_labels(
            arcs.indptr, arcs.head, network.in_mm, network.node_bits, node, cost, label, limit
        )
        return self.around(*self.reached(node_cost, np.arange(network.n_edges), goals, slice(None), limit))

    def each(self, goals: Goals, limit: int) -> list[shapely.Geometry]:
        """Return an area for every facility, around what it reaches alone."""
        network = self.network
        arcs = network.in_arcs
        node, cost, owner = goals.seeds(network)
        order = np.argsort(owner, kind="stable")
        ptr, node, cost = starts(owner, len(goals.ptr) - 1), node[order], cost[order]
        edges_at, edges_ptr = incident(network)

        def block(first: int, last: int) -> list[shapely.Geometry]:
            buffer = np.full(network.n_nodes, UNREACHED, dtype=np.int64)
            heap, touched = np.empty(1024, dtype=np.int64), np.empty(network.n_nodes, dtype=np.int32)
            shapes = []
            for j in range(first, last):
                seeds = slice(ptr[j], ptr[j + 1])
                heap, count = spread(
                    arcs.indptr, arcs.head, network.in_mm, network.node_bits, node[seeds], cost[seeds], limit, buffer,
                    heap, touched,
                )  # fmt: skip
                nodes = touched[:count]
                mine = slice(goals.ptr[j], goals.ptr[j + 1])
                near = [edges_at[edges_ptr[n] : edges_ptr[n + 1]] for n in nodes.tolist()]
                edges = np.unique(np.concatenate([goals.edge[mine], *near]))
                shapes.append(self.around(*self.reached(buffer, edges, goals, mine, limit)))
                buffer[nodes] = UNREACHED
            return shapes

        return [shape for part in in_blocks(block, len(ptr) - 1, 16) for shape in part]

    def reached(
        self, node_cost: Longs, edges: Longs, goals: Goals, mine: slice, limit: int
    ) -> tuple[Longs, Longs, Longs]:
        """Parts of edges from which a facility lies within the limit: edge, from and to in millimetres."""
        network = self.network
        u, v, mm = network.edge_u[edges], network.edge_v[edges], network.edge_mm[edges]
        over_u = (node_cost[u] <= limit) & network.backward[edges]
        over_v = (node_cost[v] <= limit) & network.forward[edges]
        until = np.where(over_u, np.minimum(limit - np.where(over_u, node_cost[u], 0), mm), -1)
        since = np.where(over_v, np.maximum(mm - limit + np.where(over_v, node_cost[v], 0), 0), mm + 1)
        whole = over_u & over_v & (until >= since)
        from_u, from_v = over_u & ~whole, over_v & ~whole
        edge, at = goals.edge[mine], goals.offset_mm[mine]
        left = limit - goals.access_mm[mine]
        near = left >= 0
        low = np.where(network.forward[edge], np.maximum(at - left, 0), at)
        high = np.where(network.backward[edge], np.minimum(at + left, network.edge_mm[edge]), at)
        return (
            np.concatenate([edges[whole], edges[from_u], edges[from_v], edge[near]]),
            np.concatenate([np.zeros(whole.sum() + from_u.sum(), dtype=np.int64), since[from_v], low[near]]),
            np.concatenate([mm[whole], until[from_u], mm[from_v], high[near]]),
        )

    def around(self, edge: Longs, low: Longs, high: Longs) -> shapely.Geometry:
        """Return the area within the buffer of parts of edges."""
        if len(edge) == 0:
            return shapely.Polygon()
        network = self.network
        all_of_it = (low <= 0) & (high >= network.edge_mm[edge])
        whole = np.unique(edge[all_of_it])
        part, low, high = edge[~all_of_it], low[~all_of_it], high[~all_of_it]
        scale = network.stretch[part] * MM_PER_M
        lines = [substring(network.lines[e], a, b) for e, a, b in zip(part, low / scale, high / scale, strict=True)]
        stubs = self._buffered(np.array(lines, dtype=object))
        if len(whole) < MANY_EDGES:
            return shapely.union_all(np.concatenate([self._buffered(network.lines[whole]), stubs]))
        return shapely.union_all(self._joined_tiles(whole, part, stubs))

    def _joined_tiles(self, whole: Longs, part: Longs, stubs: NDArray[np.object_]) -> NDArray[np.object_]:
        """Join by squares what lies around whole edges and around parts of edges."""
        n = len(self._tile_size)
        # In a full square all edges are reached whole and nothing else is there: the same for every rule.
        full = (np.bincount(self._tile[whole], minlength=n) == self._tile_size) & (self._tile_size > 0)
        full[self._tile[part]] = False
        known = [k for k in np.flatnonzero(full).tolist() if k in self._whole]
        pieces = np.concatenate([self._around_edge[whole], stubs])
        tile = self._tile[np.concatenate([whole, part])]
        rows = np.argsort(tile, kind="stable")
        rows = rows[~np.isin(tile[rows], known)]
        pieces, tile = pieces[rows], tile[rows]
        names, start = np.unique(tile, return_index=True)
        end = np.append(start[1:], len(tile))

        def block(first: int, last: int) -> list[shapely.Geometry]:
            return [shapely.union_all(pieces[start[k] : end[k]]) for k in range(first, last)]

        joined = [shape for some in in_blocks(block, len(names), _TILES_AT_ONCE) for shape in some]
        earlier = [self._whole[k] for k in known]
        self._whole |= {k: shape for k, shape in zip(names.tolist(), joined, strict=True) if full[k]}
        return np.array([*earlier, *joined], dtype=object)


def incident(network: Network) -> tuple[Longs, Longs]:
    """Edges that end at each node, loops included, in compressed rows: edges and pointers."""
    node = np.concatenate([network.edge_u, network.edge_v])
    edge = np.tile(np.arange(network.n_edges), 2)
    return edge[np.argsort(node, kind="stable")], starts(node, network.n_nodes)
