"""Cut edges at whole millimetres: the pieces lie where the edge lay and are together exactly as long."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from siting.network.assemble import Pieces
from siting.network.segments import SegmentGrid
from siting.network.snap import along_mm, on_edge
from siting.units import MM_PER_M

if TYPE_CHECKING:
    from siting.network.graph import Network

Longs = NDArray[np.int64]
Points = NDArray[np.float64]
SAME_PLACE_M = 0.001
Place = tuple[int, int]
"""Position of an edge, and whole millimetres along it."""


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Pieces of all edges, in the order of the edges, so that equally near edges are told apart as before.

    Attributes
    ----------
    pieces : the edges after the cuts
    origin : shape (m,), the edge that each was
    start_mm : shape (m,), where on that edge it begins
    node_at : the node at each place where edges were cut and stay joined
    """

    pieces: Pieces
    origin: Longs
    start_mm: Longs
    node_at: dict[Place, int]


def split(network: Network, places: list[Place], *, apart: bool) -> Split:
    """Cut edges at places; nothing else of the network changes.

    Parameters
    ----------
    places : inside their edges (0 < offset < length) where the pieces stay joined
    apart : each place becomes two ends that are not joined, so that nobody passes
    """
    cuts = sorted(set(places))
    edge = np.array([e for e, _ in cuts], dtype=np.int64)
    offset = np.array([mm for _, mm in cuts], dtype=np.int64)
    count = np.bincount(edge, minlength=network.n_edges)
    origin = np.repeat(np.arange(network.n_edges), count + 1)
    left = edge + np.arange(len(cuts))
    step = 2 if apart else 1
    before = network.n_nodes + step * np.arange(len(cuts))
    after = before + step - 1
    u, v = network.edge_u[origin].copy(), network.edge_v[origin].copy()
    start, stop = np.zeros(len(origin), dtype=np.int64), network.edge_mm[origin].copy()
    v[left], stop[left] = before, offset
    u[left + 1], start[left + 1] = after, offset
    coords, ptr, xy = cut_shapes(network, cuts)
    pieces = Pieces(
        node_id=new_labels(network.node_id, step * len(cuts)),
        xy=np.concatenate([network.xy, np.repeat(xy, step, axis=0)]),
        edge_u=u,
        edge_v=v,
        edge_coords=coords,
        edge_ptr=ptr,
        forward=network.forward[origin],
        backward=network.backward[origin],
        edges=network.edges.iloc[origin].reset_index(drop=True),
        edge_mm=stop - start,
    )
    node_at = {} if apart else dict(zip(cuts, before.tolist(), strict=True))
    return Split(pieces, origin, start, node_at)


def cut_shapes(network: Network, cuts: list[Place]) -> tuple[Points, Longs, Points]:
    """Shapes of all edges after sorted cuts, in compressed rows, and where each cut lies."""
    coords, ptr = network.edge_coords, network.edge_ptr
    parts: list[Points] = []
    counts: list[Longs] = []
    found: list[Points] = []
    done = 0
    for e in sorted({edge for edge, _ in cuts}):
        parts.append(coords[ptr[done] : ptr[e]])
        counts.append(np.diff(ptr[done : e + 1]))
        pieces = cut_line(network, e, [mm for edge, mm in cuts if edge == e])
        parts += pieces
        counts.append(np.array([len(piece) for piece in pieces]))
        found += [piece[0] for piece in pieces[1:]]
        done = e + 1
    parts.append(coords[ptr[done] :])
    counts.append(np.diff(ptr[done:]))
    made = np.concatenate([[0], np.cumsum(np.concatenate(counts))]).astype(np.int64)
    return np.concatenate(parts), made, np.array(found).reshape(-1, 2)


def cut_line(network: Network, edge: int, offsets_mm: list[int]) -> list[Points]:
    """Shapes of the pieces of one edge, cut at ascending offsets."""
    line = shape_of(network, edge)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    last = len(line) - 2
    ends: list[tuple[int, Points]] = [(0, line[0])]
    for mm in offsets_mm:
        if mm == network.edge_mm[edge]:
            ends.append((last, line[-1]))
            continue
        metres = mm / MM_PER_M / network.stretch[edge] if mm else 0.0
        k = int(np.clip(np.searchsorted(along, metres, side="right") - 1, 0, last))
        length = along[k + 1] - along[k]
        share = min((metres - along[k]) / length, 1.0) if length > 0 else 0.0
        ends.append((k, line[k] + share * (line[k + 1] - line[k])))
    ends.append((last, line[-1]))
    pieces = []
    for (k, begin), (j, end) in pairwise(ends):
        inner = line[k + 1 : j + 1]
        if len(inner) and (inner[-1] == end).all():
            inner = inner[:-1]
        pieces.append(np.vstack([begin, inner, end]))
    return pieces


def shape_of(network: Network, edge: int) -> Points:
    """Coordinates of one edge."""
    shape: Points = network.edge_coords[network.edge_ptr[edge] : network.edge_ptr[edge + 1]]
    return shape


def place_xy(network: Network, place: Place) -> Points:
    """Coordinates of a place on an edge, shape (2,)."""
    xy: Points = cut_line(network, place[0], [place[1]])[0][-1]
    return xy


def node_of(network: Network, place: Place) -> int | None:
    """Return the node that a place on an edge is, or None inside the edge."""
    edge, mm = place
    if mm == 0:
        return int(network.edge_u[edge])
    return int(network.edge_v[edge]) if mm == network.edge_mm[edge] else None


def nearest_place(network: Network, xy: Points, within_m: float) -> tuple[Place, float] | None:
    """Nearest place on any edge, whether it carries points or not, and its distance; None beyond ``within_m``.

    Where a bridge passes over a street, the street is meant.
    """
    near = edges_near(network, xy, xy, within_m)
    table = network.edges.iloc[near]
    above = (table["bridge"] | table["tunnel"] | (table["layer"] != 0)).to_numpy(dtype=bool)
    found = nearest_of(network, near, xy, within_m)
    ground = nearest_of(network, near[~above], xy, within_m) if above.any() else None
    return ground if found and ground and ground[1] <= found[1] + SAME_PLACE_M else found


def nearest_of(network: Network, near: Longs, xy: Points, within_m: float) -> tuple[Place, float] | None:
    """Nearest place on some edges and its distance."""
    if len(near) == 0:
        return None
    grid = SegmentGrid.of(network.edge_coords, network.edge_ptr, near)
    segment, share, distance = grid.nearest(xy.reshape(1, 2), np.array([within_m]))
    if segment[0] < 0:
        return None
    edge, metres, _ = on_edge(grid, segment, share)
    return (int(edge[0]), int(along_mm(network, edge, metres)[0])), float(distance[0])


def edges_near(network: Network, low: Points, high: Points, within_m: float) -> Longs:
    """Positions of the edges whose bounding box comes within a distance of a box."""
    starts = network.edge_ptr[:-1]
    least = np.minimum.reduceat(network.edge_coords, starts)
    most = np.maximum.reduceat(network.edge_coords, starts)
    return np.flatnonzero((least <= high + within_m).all(axis=1) & (most >= low - within_m).all(axis=1))


def new_labels(node_id: NDArray[Any], n: int) -> NDArray[Any]:
    """Return the node ids and ``n`` more: negative integers, as editors of OSM number what is not there yet."""
    if np.issubdtype(node_id.dtype, np.integer):
        lowest = min(int(node_id.min()), 0)
        return np.concatenate([node_id, lowest - 1 - np.arange(n, dtype=np.int64)])
    taken = set(node_id.tolist())
    made = np.empty(len(node_id) + n, dtype=object)
    made[: len(node_id)] = node_id
    number = 0
    for k in range(n):
        while f"planned/{number}" in taken:
            number += 1
        made[len(node_id) + k] = f"planned/{number}"
        number += 1
    return made
