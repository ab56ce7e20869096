"""The last step of every constructor: check lengths, find components, compress the arcs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS
from scipy import sparse
from scipy.sparse import csgraph

from siting.errors import NetworkDataError
from siting.ledger import Account, Finding, Text
from siting.network.graph import Adjacency, Network, polyline_length
from siting.network.one_way_ends import note_on_one_way_ends
from siting.units import MM_PER_M, metres_to_mm

LISTED = 20
"""How many ids a finding lists."""
KEY_BITS = 62
"""A search packs a cost and a node into one 63-bit number."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """Edges before they are a network; the fields are those of `Network`.

    ``edge_mm`` is None where the length is that of the shape.
    """

    node_id: NDArray[Any]
    xy: NDArray[np.float64]
    edge_u: NDArray[np.int64]
    edge_v: NDArray[np.int64]
    edge_coords: NDArray[np.float64]
    edge_ptr: NDArray[np.int64]
    forward: NDArray[np.bool_]
    backward: NDArray[np.bool_]
    edges: pd.DataFrame
    edge_mm: NDArray[np.int64] | None = None

    def with_lengths(self, metres: NDArray[np.float64]) -> "Pieces":
        """Return the same edges with given lengths; NaN keeps the length of the shape."""
        shape_m = polyline_length(self.edge_coords, self.edge_ptr)
        return replace(self, edge_mm=metres_to_mm(np.where(np.isnan(metres), shape_m, metres)))

    def with_shapes_of(self, rows: NDArray[np.int64]) -> "Pieces":
        """Return the same edges with the polylines at ``rows`` of those there are, in this order."""
        count = np.diff(self.edge_ptr)[rows]
        ptr = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        take = np.arange(ptr[-1]) + np.repeat(self.edge_ptr[:-1][rows] - ptr[:-1], count)
        return replace(self, edge_coords=self.edge_coords[take], edge_ptr=ptr)

    def turned(self, which: NDArray[np.bool_]) -> "Pieces":
        """Return the same edges, those of a mask drawn from the other end."""
        row = np.repeat(np.arange(len(which)), np.diff(self.edge_ptr))
        at = np.arange(len(row))
        mirrored = self.edge_ptr[row] + self.edge_ptr[row + 1] - 1 - at
        return replace(
            self,
            edge_u=np.where(which, self.edge_v, self.edge_u),
            edge_v=np.where(which, self.edge_u, self.edge_v),
            edge_coords=self.edge_coords[np.where(which[row], mirrored, at)],
            forward=np.where(which, self.backward, self.forward),
            backward=np.where(which, self.forward, self.backward),
        )

    def sorted_by_place(self) -> "Pieces":
        """Return the same edges in an order that depends on where they lie, not on the rows of their source.

        Equally near edges are told apart by their position, so this makes snapping independent of the row order.
        """
        middle = self.edge_coords[(self.edge_ptr[:-1] + self.edge_ptr[1:] - 1) // 2]
        other = self.edge_coords[(self.edge_ptr[:-1] + self.edge_ptr[1:]) // 2]
        count = np.diff(self.edge_ptr)
        middle, other = np.minimum(middle, other), np.maximum(middle, other)
        low, high = np.minimum(self.edge_u, self.edge_v), np.maximum(self.edge_u, self.edge_v)
        order = np.lexsort((*other.T, *middle.T, count, high, low))
        return replace(
            self.with_shapes_of(order),
            edge_u=self.edge_u[order],
            edge_v=self.edge_v[order],
            forward=self.forward[order],
            backward=self.backward[order],
            edges=self.edges.iloc[order],
            edge_mm=None if self.edge_mm is None else self.edge_mm[order],
        )


def assemble(
    pieces: Pieces, *, crs: CRS, mode: str, min_component_share: float, accounts: Sequence[Account] = ()
) -> Network:
    """Turn pieces of streets into a network.

    Raises
    ------
    NetworkDataError
        There is no edge, a coordinate is not finite, or a length is negative or too large to add up.
    """
    if len(pieces.edge_u) == 0:
        msg = f"streets: no edge is left for mode {mode!r}. Check the layer, its highway classes and the mode"
        raise NetworkDataError(msg)
    refuse_bad_coordinates(pieces)
    if not (pieces.forward | pieces.backward).all():
        msg = "streets: every edge must be open one way at least"
        raise NetworkDataError(msg)
    edge_mm = metres_to_mm(polyline_length(pieces.edge_coords, pieces.edge_ptr))
    if pieces.edge_mm is not None:
        edge_mm = np.asarray(pieces.edge_mm, dtype=np.int64)
    refuse_bad_lengths(edge_mm, len(pieces.xy))
    component, vertices = label_components(pieces)
    carries = vertices >= min_component_share * vertices.sum()
    if not carries.any():
        carries[0] = True  # labels go by size: 0 is the largest
    along = Arcs.of(pieces.edge_u, pieces.edge_v, pieces.forward, pieces.backward)
    out_arcs = along.compress(len(pieces.xy))
    both_ways = bool((pieces.forward & pieces.backward).all())
    in_arcs = out_arcs if both_ways else along.turned().compress(len(pieces.xy))
    network = Network(
        crs=crs,
        mode=mode,
        node_id=frozen(pieces.node_id),
        xy=frozen(pieces.xy),
        edge_u=frozen(pieces.edge_u),
        edge_v=frozen(pieces.edge_v),
        edge_mm=frozen(edge_mm),
        forward=frozen(pieces.forward),
        backward=frozen(pieces.backward),
        edge_coords=frozen(pieces.edge_coords),
        edge_ptr=frozen(pieces.edge_ptr),
        edges=with_core_columns(pieces.edges),
        component=frozen(component),
        carries=frozen(carries),
        out_arcs=out_arcs,
        in_arcs=in_arcs,
        accounts=tuple(accounts),
    )
    # The account needs the finished component table, so it is added in a second step.
    object.__setattr__(network, "accounts", (*accounts, account_of_fragments(network)))
    return network


def refuse_bad_coordinates(pieces: Pieces) -> None:
    """Raise where a coordinate is NaN or infinite."""
    bad = ~np.isfinite(pieces.edge_coords).all(axis=1)
    if bad.any():
        edge = np.unique(np.searchsorted(pieces.edge_ptr, np.flatnonzero(bad), side="right") - 1)
        ids = named(pieces.edges, edge)
        msg = f"streets: {len(edge)} lines have coordinates that are not finite ({ids}). Repair or remove them"
        raise NetworkDataError(msg)


def refuse_bad_lengths(edge_mm: NDArray[np.int64], n_nodes: int) -> None:
    """Raise where a length is negative, or where path lengths would not fit the search's integers."""
    if (edge_mm < 0).any():
        msg = f"streets: {int((edge_mm < 0).sum())} edges have a negative length; lengths are 0 or more"
        raise NetworkDataError(msg)
    bits = max(n_nodes, 2).bit_length()
    if edge_mm.astype(np.float64).sum() >= 2.0 ** (KEY_BITS - 1 - bits):
        msg = f"streets: edges add up to {edge_mm.astype(float).sum() / 1e6:,.0f} km; are the lengths in metres?"
        raise NetworkDataError(msg)


def label_components(pieces: Pieces) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Label of each node (0 = most vertices; equally many: lowest node first) and vertices of each component."""
    n = len(pieces.xy)
    links = sparse.coo_array((np.ones(len(pieces.edge_u), dtype=np.int8), (pieces.edge_u, pieces.edge_v)), shape=(n, n))
    count, raw = csgraph.connected_components(links.tocsr(), directed=False)
    bends = np.diff(pieces.edge_ptr) - 2
    vertices = np.bincount(raw, minlength=count)
    vertices += np.bincount(raw[pieces.edge_u], weights=bends, minlength=count).astype(np.int64)
    first = np.unique(raw, return_index=True)[1]
    order = np.lexsort((first, -vertices))
    label = np.empty(count, dtype=np.int64)
    label[order] = np.arange(count)
    return label[raw], vertices[order].astype(np.int64)


@dataclass(frozen=True, slots=True)
class Arcs:
    """Permitted moves from node to node along edges."""

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    edge: NDArray[np.int64]

    @classmethod
    def of(
        cls, u: NDArray[np.int64], v: NDArray[np.int64], forward: NDArray[np.bool_], backward: NDArray[np.bool_]
    ) -> "Arcs":
        """Arcs of edges; a self-loop never shortens a way from node to node, so it makes none."""
        there = np.flatnonzero(forward & (u != v))
        back = np.flatnonzero(backward & (u != v))
        return cls(np.concatenate([u[there], v[back]]), np.concatenate([v[there], u[back]]), np.append(there, back))

    def turned(self) -> "Arcs":
        """Return the same arcs against their direction."""
        return Arcs(self.head, self.tail, self.edge)

    def compress(self, n: int) -> Adjacency:
        """Sort by tail, then head, then edge, so that the order of the input does not show."""
        order = np.lexsort((self.edge, self.head, self.tail))
        indptr = np.concatenate([[0], np.cumsum(np.bincount(self.tail, minlength=n))]).astype(np.int64)
        head, edge = self.head[order].astype(np.int32), self.edge[order].astype(np.int32)
        return Adjacency(frozen(indptr), frozen(head), frozen(edge))


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return a contiguous array that nobody can write to."""
    made = np.ascontiguousarray(array)
    if made is array:
        made = array.view()
    made.flags.writeable = False
    return made


def with_core_columns(edges: pd.DataFrame) -> pd.DataFrame:
    """Give every edge table the columns that later stages ask for."""
    made = edges.reset_index(drop=True)
    for name, default in (("way_id", None), ("highway", None), ("name", None)):
        if name not in made.columns:
            made[name] = pd.Series([default] * len(made), dtype=object)
    for name in ("bridge", "tunnel"):
        made[name] = flags(made[name]) if name in made.columns else False
    made["layer"] = whole_numbers(made["layer"]) if "layer" in made.columns else 0
    return made


def flags(column: "pd.Series[Any]") -> NDArray[np.bool_]:
    """OSM values as truth: absent, empty and ``no`` are False, all else (``yes``, ``viaduct``, ``covered``) True."""
    if column.dtype == bool:
        return column.to_numpy()
    untrue = {"", "no", "f", "false", "0", "none", "nan"}
    return np.array([v is not None and v is not pd.NA and str(v).lower() not in untrue for v in column], dtype=bool)


def whole_numbers(column: "pd.Series[Any]") -> NDArray[np.int64]:
    """OSM ``layer`` values as integers; what is no number is the ground, 0."""
    numbers = pd.to_numeric(column, errors="coerce").fillna(0)
    return numbers.to_numpy(dtype=np.float64).astype(np.int64)


def named(edges: pd.DataFrame, rows: NDArray[np.int64]) -> str:
    """Name the first rows of a table by way id, else by position."""
    ids = edges["way_id"].iloc[rows[:5]] if "way_id" in edges.columns else rows[:5]
    return ", ".join(str(i) for i in ids) + (", …" if len(rows) > 5 else "")


def account_of_fragments(network: Network) -> Account:
    """Account for all edges, with notes on the components that carry no points, and on ends of one-way streets."""
    lost = network.fragments
    n = len(network.edge_mm)
    findings: tuple[Finding, ...] = ()
    if len(lost):
        km = lost["length_m"].sum() / MM_PER_M
        text = Text(
            f"{len(lost)} 个孤立路段（共 {km:.1f} 公里）规模过小，不吸附任何点",
            f"{len(lost)} small fragments of streets ({km:.1f} km) carry no points: points snap to a larger part",
        )
        ids = tuple(
            f"component {c}: {r.vertices} vertices, {r.length_m:.0f} m" for c, r in lost.head(LISTED).iterrows()
        )
        findings = (Finding(code="fragments", kind="note", count=len(lost), text=text, ids=ids),)
    findings += note_on_one_way_ends(network)
    return Account(layer="network", source=network.mode, rows_in=n, rows_used=n, findings=findings)
