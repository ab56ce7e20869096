"""Parts of streets by the facility that is nearest over the streets, cut where two facilities are equally near."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from siting.access.places import Goals, Longs
from siting.network.core_search import nearest_seeds
from siting.network.reach import least_on_edge
from siting.network.search import NO_LABEL, UNREACHED

if TYPE_CHECKING:
    from siting.network.graph import Network

Floats = NDArray[np.float64]
Columns = tuple[Longs, Longs, Longs, Longs]
"""Edge, from, to and facility of parts."""


@dataclass(frozen=True, slots=True, eq=False)
class StreetParts:
    """Parts of edges, each with one facility; sorted by edge, then place; none overlaps another.

    Attributes
    ----------
    edge : shape (n,)
    low_mm, high_mm : shape (n,), from where to where along the edge
    owner : shape (n,), position of the facility
    """

    edge: Longs
    low_mm: Longs
    high_mm: Longs
    owner: Longs

    def of(self, facility: int) -> tuple[Longs, Longs, Longs]:
        """Edge, from and to of the parts of one facility."""
        mine = self.owner == facility
        return self.edge[mine], self.low_mm[mine], self.high_mm[mine]


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Stretches of edges without a facility's entry inside, and the nearest facility at both their ends.

    Attributes
    ----------
    edge, start, end : shape (n,), millimetres along the edge
    over_start, start_owner : least cost from the start, leaving backward, ``inf`` where none; and whose it is
    over_end, end_owner : least cost from the end, leaving forward
    """

    edge: Longs
    start: Longs
    end: Longs
    over_start: Floats
    start_owner: Longs
    over_end: Floats
    end_owner: Longs


def nearest_parts(network: Network, goals: Goals, limit: int) -> StreetParts:
    """Parts of streets from which a facility lies within a limit, by the nearest one.

    From a place of a street one leaves over one of its ends or along it to an entry, so the cost is the lesser of two
    that rise on both sides; the part ends where they are equal, rounded to the millimetre.

    Parameters
    ----------
    limit : whole millimetres, or milliseconds where the network has times; inclusive
    """
    pieces, points = pieces_within(network, goals, limit)
    found = [*(cut(network, some, limit) for some in pieces), points]
    return merged(StreetParts(*(np.concatenate(columns) for columns in zip(*found, strict=True))))


def pieces_within(network: Network, goals: Goals, limit: int) -> tuple[tuple[Pieces, Pieces], Columns]:
    """Pieces of all edges, those without entries apart, and the places of the entries."""
    node_cost, node_label = nearest_seeds(network, network.in_core, *goals.seeds(network), limit)
    whole, points = pieces_at_goals(network, goals, node_cost, node_label, limit)
    plain = np.setdiff1d(np.arange(network.n_edges), goals.edge)
    u, v = network.edge_u[plain], network.edge_v[plain]
    rest = Pieces(
        edge=plain,
        start=np.zeros(len(plain), dtype=np.int64),
        end=network.edge_mm[plain],
        over_start=allowed(node_cost[u], network.backward[plain]),
        start_owner=node_label[u].astype(np.int64),
        over_end=allowed(node_cost[v], network.forward[plain]),
        end_owner=node_label[v].astype(np.int64),
    )
    return (rest, whole), points


def cut(network: Network, pieces: Pieces, limit: int) -> Columns:
    """Edge, from, to and facility of the parts of pieces within the limit."""
    mm = np.maximum(network.edge_mm[pieces.edge], 1)
    back, ahead = network.backward_cost[pieces.edge] / mm, network.forward_cost[pieces.edge] / mm
    p, q, left, right = pieces.start, pieces.end, pieces.over_start, pieces.over_end
    both = np.isfinite(left) & np.isfinite(right)
    # Both ways cost the same at x: left + back (x - p) = right + ahead (q - x).
    slope = np.where(back + ahead > 0, back + ahead, 1.0)
    here = np.where(both, (np.where(both, right, 0) - np.where(both, left, 0) + ahead * q + back * p) / slope, 0.0)
    here = np.where(back + ahead > 0, here, np.where(left <= right, q, p))
    here = np.where(both, here, np.where(np.isfinite(left), q, p))
    middle = np.clip(np.floor(here + 0.5), p, q).astype(np.int64)
    until = np.minimum(middle, reach(limit, left, back, q - p) + p)
    since = np.maximum(middle, q - reach(limit, right, ahead, q - p))
    keep_left, keep_right = np.isfinite(left) & (until > p), np.isfinite(right) & (since < q)
    return (
        np.concatenate([pieces.edge[keep_left], pieces.edge[keep_right]]),
        np.concatenate([p[keep_left], since[keep_right]]),
        np.concatenate([until[keep_left], q[keep_right]]),
        np.concatenate([pieces.start_owner[keep_left], pieces.end_owner[keep_right]]),
    )


def reach(limit: int, cost: Floats, rate: Floats, most: Longs) -> Longs:
    """Whole millimetres that are left of a limit after a cost, at a rate per millimetre; at most ``most``."""
    left = limit - np.where(np.isfinite(cost), cost, limit + 1.0)
    far = np.where(rate > 0, left / np.where(rate > 0, rate, 1.0), np.inf)
    return np.where(left >= 0, np.minimum(np.floor(np.maximum(far, 0)), most), 0).astype(np.int64)


def pieces_at_goals(
    network: Network, goals: Goals, node_cost: Longs, node_label: NDArray[np.int32], limit: int
) -> tuple[Pieces, Columns]:
    """Pieces of the edges that have entries on them, cut there, and the places of the entries as parts of no length."""
    doors = goals.places(network)
    order = np.lexsort((goals.owner, doors.offset_mm, doors.edge))
    order = order[doors.edge[order] >= 0]
    edge, offset, access, owner = doors.edge[order], doors.offset_mm[order], doors.access[order], goals.owner[order]
    to_u, to_v = doors.to_u[order], doors.to_v[order]
    low, low_owner, high, high_owner = least_on_edge(edge, to_u, to_v, access, owner)
    # Entries at one place: the last of them knows the best behind it, the first the best ahead.
    first = np.flatnonzero(np.append(True, (np.diff(edge) != 0) | (np.diff(offset) != 0))[: len(edge)])
    last = np.append(first[1:], len(edge))[: len(first)] - 1
    at, where = edge[first], offset[first]
    u, v = network.edge_u[at], network.edge_v[at]
    over_u = allowed(node_cost[u], np.ones(len(u), dtype=bool)) + to_u[first]
    over_v = allowed(node_cost[v], np.ones(len(v), dtype=bool)) + to_v[first]
    left, left_owner = lesser(low[last] + to_u[last], low_owner[last], over_u, node_label[u])
    right, right_owner = lesser(high[first] + to_v[first], high_owner[first], over_v, node_label[v])
    left, right = np.where(network.backward[at], left, np.inf), np.where(network.forward[at], right, np.inf)
    edges = np.unique(at)
    end_u, end_v = network.edge_u[edges], network.edge_v[edges]
    starts = np.lexsort((np.repeat([0, 1], [len(edges), len(at)]), np.append(0 * edges, where), np.append(edges, at)))
    ends = np.lexsort(
        (np.repeat([1, 0], [len(edges), len(at)]), np.append(network.edge_mm[edges], where), np.append(edges, at))
    )
    whole = Pieces(
        edge=np.append(edges, at)[starts],
        start=np.append(0 * edges, where)[starts],
        end=np.append(network.edge_mm[edges], where)[ends],
        over_start=np.append(allowed(node_cost[end_u], network.backward[edges]), left)[starts],
        start_owner=np.append(node_label[end_u], left_owner)[starts].astype(np.int64),
        over_end=np.append(allowed(node_cost[end_v], network.forward[edges]), right)[ends],
        end_owner=np.append(node_label[end_v], right_owner)[ends].astype(np.int64),
    )
    best, who = lesser(*lesser(left, left_owner, right, right_owner), *least_of_groups(access, owner, first))
    near = best <= limit
    return whole, (at[near], where[near], where[near], who[near].astype(np.int64))


def allowed(cost: Longs, open_there: NDArray[np.bool_]) -> Floats:
    """Costs as floats, ``inf`` where unreached or not open."""
    return np.where(open_there & (cost != UNREACHED), cost.astype(np.float64), np.inf)


def lesser(
    cost: NDArray[np.number], owner: NDArray[np.integer], other: NDArray[np.number], other_owner: NDArray[np.integer]
) -> tuple[Floats, Longs]:
    """Lesser of two costs and whose it is; equally near: the lower position."""
    mine = (cost < other) | ((cost == other) & (owner <= other_owner) & (owner != NO_LABEL))
    return np.where(mine, cost, other).astype(np.float64), np.where(mine, owner, other_owner).astype(np.int64)


def least_of_groups(cost: Longs, owner: NDArray[np.integer], first: Longs) -> tuple[Longs, Longs]:
    """Least cost of each group of rows that starts at ``first``, and whose it is, the lowest position."""
    if len(first) == 0:
        return cost[:0], owner[:0].astype(np.int64)
    group = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(cost))))
    order = np.lexsort((owner, cost, group))[first]
    return cost[order], owner[order].astype(np.int64)


def merged(parts: StreetParts) -> StreetParts:
    """Join parts that touch and belong to the same facility; drop points that touch a part."""
    order = np.lexsort((parts.high_mm, parts.low_mm, parts.edge))
    edge, low, high, owner = (a[order] for a in (parts.edge, parts.low_mm, parts.high_mm, parts.owner))
    point = low == high
    touches = np.zeros(len(edge), dtype=bool)
    meets = (edge[1:] == edge[:-1]) & (low[1:] <= high[:-1])
    touches[1:] |= meets
    touches[:-1] |= meets
    keep = ~(point & touches)
    edge, low, high, owner = edge[keep], low[keep], high[keep], owner[keep]
    new = np.ones(len(edge), dtype=bool)
    new[1:] = (edge[1:] != edge[:-1]) | (owner[1:] != owner[:-1]) | (low[1:] > high[:-1])
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(edge)) - 1
    return StreetParts(edge[first], low[first], high[last if len(first) else first], owner[first])
