"""Parts of streets by the nearest of the facilities in reach, where each reaches as far as its own limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from siting.access.pairs import starts
from siting.access.places import Goals, Longs, cutoff_mm
from siting.access.street_parts import Floats, Pieces, StreetParts, cut, merged, pieces_within, reach

if TYPE_CHECKING:
    from siting.network.graph import Network

Slopes = tuple[Longs, Longs, Longs, Floats, Longs]
"""Edge, from, to, cost where the edge begins if it went on as far, and facility of stretches of even slope."""


def own_parts(network: Network, goals: Goals, limits: Longs) -> StreetParts:
    """Parts of streets that lie within some facility's own limit, by the nearest such facility.

    Where a nearer facility does not reach, a farther one may. For each different limit the costs along an edge rise
    from its start or fall to its end, always by the same slopes; so between two places where any of them begins or ends
    at most one of the rising and one of the falling ones can be the least, and they cross once.

    Parameters
    ----------
    limits : shape (n_facility,), whole millimetres, inclusive
    """
    rising, falling, points = [], [], []
    for limit in np.unique(limits).tolist():
        pieces, at_entries = pieces_within(network, of_limit(goals, limits == limit), limit)
        points.append(at_entries)
        for some in pieces:
            up, down = slopes(network, some, limit)
            rising.append(up)
            falling.append(down)
    if not points:
        none = np.empty(0, dtype=np.int64)
        return StreetParts(none, none, none, none)
    up, down = stacked(rising), stacked(falling)
    every = np.unique(np.concatenate([np.column_stack([s[0], at]) for s in (up, down) for at in (s[1], s[2])]), axis=0)
    inner = np.flatnonzero(every[1:, 0] == every[:-1, 0])
    edge, start, end = every[inner, 0], every[inner, 1], every[inner + 1, 1]
    mm = np.maximum(network.edge_mm[edge], 1)
    low, low_owner = least(up, every, inner)
    high, high_owner = least(down, every, inner)
    back, ahead = network.backward_cost[edge] / mm, network.forward_cost[edge] / mm
    pieces_left = Pieces(edge, start, end, low + back * start, low_owner, high - ahead * end, high_owner)
    entry = np.unique(np.column_stack(stacked(points)[:3]), axis=0, return_index=True)[1]
    found = [cut(network, pieces_left, cutoff_mm(None)), tuple(column[entry] for column in stacked(points))]
    return merged(StreetParts(*(np.concatenate(columns) for columns in zip(*found, strict=True))))


def stacked(columns: Sequence[tuple[NDArray[Any], ...]]) -> Any:
    """Rows of several tables as one."""
    return tuple(np.concatenate(some) for some in zip(*columns, strict=True))


def slopes(network: Network, pieces: Pieces, limit: int) -> tuple[Slopes, Slopes]:
    """Stretches of pieces within a limit: those that are left over the start, and those that are left over the end."""
    mm = np.maximum(network.edge_mm[pieces.edge], 1)
    back, ahead = network.backward_cost[pieces.edge] / mm, network.forward_cost[pieces.edge] / mm
    length = pieces.end - pieces.start
    until = pieces.start + reach(limit, pieces.over_start, back, length)
    since = pieces.end - reach(limit, pieces.over_end, ahead, length)
    up, down = until > pieces.start, since < pieces.end
    return (
        (
            pieces.edge[up],
            pieces.start[up],
            until[up],
            (pieces.over_start - back * pieces.start)[up],
            pieces.start_owner[up],
        ),
        (
            pieces.edge[down],
            since[down],
            pieces.end[down],
            (pieces.over_end + ahead * pieces.end)[down],
            pieces.end_owner[down],
        ),
    )


def least(slopes_there: Slopes, every: Longs, inner: Longs) -> tuple[Floats, Longs]:
    """Least cost, brought back to the edge's begin, over each stretch between neighbouring places, and whose it is."""
    edge, low, high, cost, owner = slopes_there
    span = int(every[:, 1].max(initial=0)) + 1
    key = every[:, 0] * span + every[:, 1]
    first, last = np.searchsorted(key, edge * span + low), np.searchsorted(key, edge * span + high)
    row = np.repeat(np.arange(len(edge)), last - first)
    place = np.arange(len(row)) - np.repeat(np.cumsum(last - first) - (last - first), last - first) + first[row]
    order = np.lexsort((owner[row], cost[row], place))
    place, at = np.unique(place[order], return_index=True)
    best, who = np.full(len(every), np.inf), np.full(len(every), -1, dtype=np.int64)
    best[place], who[place] = cost[row[order]][at], owner[row[order]][at]
    return best[inner], who[inner]


def of_limit(goals: Goals, facility: NDArray[np.bool_]) -> Goals:
    """Entries of some facilities; the others keep their positions and have none."""
    mine = facility[goals.owner]
    ptr = starts(goals.owner[mine], len(facility))
    edge, offset, far = goals.edge[mine], goals.offset_mm[mine], goals.far_mm[mine]
    return replace(
        goals,
        edge=edge,
        offset_mm=offset,
        far_mm=far,
        access_mm=goals.access_mm[mine],
        owner=goals.owner[mine],
        ptr=ptr,
    )
