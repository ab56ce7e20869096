"""Streets of one type as a web of their own, places on them, and the parts of it that lie too far from every place.

All lengths are whole millimetres along these streets alone, directions ignored. Half a spacing may be half a
millimetre, so limits inside the web are kept twice: ``low2`` and ``high2`` count half millimetres.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from siting.network.search import NO_LABEL, UNREACHED, nearest_labels
from siting.network.segments import SegmentGrid
from siting.network.snap import snap_xy

if TYPE_CHECKING:
    from siting.network import Network

Longs = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Web:
    """Pieces of streets between nodes; every place on them is a node.

    Attributes
    ----------
    n_nodes : ends and junctions of the streets, then the places inside edges
    u, v, mm : shape (n_piece,), ends and length of each piece
    edge, start_mm : shape (n_piece,), the edge of the network that the piece is cut from, and where on it it begins
    place_node : shape (n_place,), node of each place, -1 where it is on none of these streets
    away_m : shape (n_place,), straight distance of each place from the nearest of these streets, ``inf`` without any
    """

    n_nodes: int
    u: Longs
    v: Longs
    mm: Longs
    edge: Longs
    start_mm: Longs
    place_node: Longs
    away_m: NDArray[np.float64]

    @classmethod
    def of(cls, network: Network, edges: Longs, xy: NDArray[np.float64], within_m: float) -> Web:
        """Cut edges (positions, ascending) where places lie; those farther than ``within_m`` are not on them."""
        m = len(edges)
        if m == 0:
            none = np.empty(0, dtype=np.int64)
            off = np.full(len(xy), -1, dtype=np.int64)
            return cls(0, none, none, none, none, none, off, np.full(len(xy), np.inf))
        grid = SegmentGrid.of(network.edge_coords, network.edge_ptr, edges)
        at = snap_xy(network, xy, pd.RangeIndex(len(xy)), within_m, grid=grid)
        ends = np.concatenate([network.edge_u[edges], network.edge_v[edges]])
        used, node = np.unique(ends, return_inverse=True)
        tail, head, length = node[:m].astype(np.int64), node[m:].astype(np.int64), network.edge_mm[edges]
        on = np.flatnonzero(at.snapped)
        own = np.searchsorted(edges, at.edge[on])
        offset = at.offset_mm[on]
        inner = (offset > 0) & (offset < length[own])
        cuts, which = np.unique(np.column_stack([own[inner], offset[inner]]), axis=0, return_inverse=True)
        place_node = np.full(len(xy), -1, dtype=np.int64)
        place_node[on] = np.where(offset == 0, tail[own], head[own])
        place_node[on[inner]] = len(used) + which.ravel()
        origin = np.repeat(np.arange(m), np.bincount(cuts[:, 0], minlength=m) + 1)
        left = cuts[:, 0] + np.arange(len(cuts))
        u, v = tail[origin].copy(), head[origin].copy()
        start, stop = np.zeros(len(origin), dtype=np.int64), length[origin].copy()
        v[left] = u[left + 1] = len(used) + np.arange(len(cuts))
        stop[left] = start[left + 1] = cuts[:, 1]
        return cls(len(used) + len(cuts), u, v, stop - start, edges[origin], start, place_node, at.distance_m)

    @cached_property
    def arcs(self) -> tuple[Longs, Longs, Longs]:
        """Both directions of all pieces in compressed rows: pointers, heads, lengths."""
        tail, head = np.concatenate([self.u, self.v]), np.concatenate([self.v, self.u])
        order = np.argsort(tail, kind="stable")
        indptr = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=self.n_nodes))]).astype(np.int64)
        return indptr, head[order], np.concatenate([self.mm, self.mm])[order]

    @cached_property
    def degree(self) -> Longs:
        """Ends of pieces at each node; a node of degree 1 is a dead end."""
        return np.bincount(np.concatenate([self.u, self.v]), minlength=self.n_nodes)

    @cached_property
    def component(self) -> Longs:
        """Connected part of the web that each node belongs to."""
        ones = np.ones(len(self.u), dtype=np.int8)
        graph = coo_array((ones, (self.u, self.v)), shape=(self.n_nodes, self.n_nodes))
        return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)

    @cached_property
    def lengths(self) -> Longs:
        """Millimetres of each connected part."""
        length = np.zeros(self.n_nodes, dtype=np.int64)
        np.add.at(length, self.component[self.u], self.mm)
        return length

    def from_places(self, places: Longs, limit_mm: int = UNREACHED - 1) -> tuple[Longs, Longs]:
        """Distance of each node to the nearest of some places (`UNREACHED` beyond the limit), and which it is (-1)."""
        there = places[self.place_node[places] >= 0]
        if self.n_nodes == 0 or len(there) == 0:
            return np.full(self.n_nodes, UNREACHED, dtype=np.int64), np.full(self.n_nodes, NO_LABEL, dtype=np.int64)
        indptr, head, mm = self.arcs
        bits = max(self.n_nodes, 2).bit_length()
        seeds, zero = self.place_node[there], np.zeros(len(there), dtype=np.int64)
        cost, label = nearest_labels(indptr, head, mm, bits, seeds, zero, there.astype(np.int32), limit_mm)
        return cost, np.asarray(label, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class FarParts:
    """Parts of pieces that are farther than half a spacing from every place, one at most a piece.

    Attributes
    ----------
    piece : shape (n,)
    low2, high2 : shape (n,), from where to where along the piece, half millimetres; ``high2 > low2``
    low_open, high_open : shape (n,), whether the end of the piece is far itself, so that the part goes on there
    far_node : shape (n_nodes,), nodes that are far
    """

    piece: Longs
    low2: Longs
    high2: Longs
    low_open: Mask
    high_open: Mask
    far_node: Mask

    @classmethod
    def of(cls, web: Web, node_mm: Longs, spacing_mm: int) -> FarParts:
        """Cut what lies farther than ``spacing_mm / 2`` from the places whose distances are given.

        No place lies inside a piece, so from x along it the nearest is min(d_u + x, d_v + L - x) away: the far part is
        one interval, h - d_u < x < L - h + d_v with h half a spacing.
        """
        lost = node_mm == UNREACHED
        twice = 2 * np.where(lost, 0, node_mm)
        far = lost | (twice > spacing_mm)
        low = np.where(lost[web.u], 0, np.maximum(spacing_mm - twice[web.u], 0))
        high = 2 * web.mm - np.where(lost[web.v], 0, np.maximum(spacing_mm - twice[web.v], 0))
        piece = np.flatnonzero(high > low)
        return cls(piece, low[piece], high[piece], far[web.u[piece]], far[web.v[piece]], far)

    def only(self, keep: Mask) -> FarParts:
        """Return some of the parts."""
        return FarParts(
            self.piece[keep],
            self.low2[keep],
            self.high2[keep],
            self.low_open[keep],
            self.high_open[keep],
            self.far_node,
        )

    def groups(self, web: Web) -> list[Longs]:
        """Positions of the parts that hang together, in the order of their first piece."""
        n = len(self.piece)
        u, v = web.u[self.piece], web.v[self.piece]
        # Pieces of no length hold no part, yet hold together what lies at their two ends.
        bare = np.flatnonzero((web.mm == 0) & self.far_node[web.u])
        low, high = np.flatnonzero(self.low_open), np.flatnonzero(self.high_open)
        one = np.concatenate([low, high, n + web.u[bare]])
        other = np.concatenate([n + u[low], n + v[high], n + web.v[bare]])
        size = n + web.n_nodes
        graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(size, size))
        label = connected_components(graph, directed=False)[1][:n]
        order = np.argsort(label, kind="stable")
        groups = np.split(order, np.flatnonzero(np.diff(label[order])) + 1) if n else []
        return sorted((g.astype(np.int64) for g in groups), key=lambda g: int(g[0]))
