"""Convex hulls of what facilities reach: one bounded search each, and of what it reaches only what may be outermost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from siting.access.places import Goals
from siting.access.reached_parts import Search, incident
from siting.network.threads import in_blocks
from siting.units import MM_PER_M

if TYPE_CHECKING:
    from siting.network.graph import Network

Shapes = NDArray[np.object_]
TRIFLE = 1e-5
"""Square metres: what is not inside by more than rounding counts as outside."""
BLOCK = 64
_HALF = np.sqrt(0.5)
TOWARDS = np.array(
    [(1, 0), (_HALF, _HALF), (0, 1), (-_HALF, _HALF), (-1, 0), (-_HALF, -_HALF), (0, -1), (_HALF, -_HALF)], dtype=float
)
"""East and on counterclockwise. What lies within the octagon of the nodes outermost that way is on no hull."""


def hulls(network: Network, goals: Goals, limit: int) -> Shapes:
    """Convex hull of all places of the streets that each facility reaches, bends and ends of parts among them.

    Where all those places lie on one line, it is that line; where there is one only, a point; where none, it is empty.

    Parameters
    ----------
    limit : whole millimetres, or milliseconds where the network has times; inclusive
    """
    n = len(goals.ptr) - 1
    search, doors = Search(network, goals, limit), goals.places(network)
    edges_at, edges_ptr = incident(network)
    u, v, mm, coords, ptr = network.edge_u, network.edge_v, network.edge_mm, network.edge_coords, network.edge_ptr
    ways = (network.forward, network.backward, network.forward_cost, network.backward_cost)
    low, high = np.minimum.reduceat(coords, ptr[:-1]), np.maximum.reduceat(coords, ptr[:-1])
    box = np.column_stack([(low + high) / 2, (high - low) / 2])
    per_m = network.stretch * MM_PER_M
    # What every edge at a node is asked for lies together: the edge, its other end, and whether it has no bend.
    node = np.repeat(np.arange(network.n_nodes), np.diff(edges_ptr))
    links = np.empty((len(edges_at), 3), dtype=np.int32)
    links[:, 0], links[:, 1] = edges_at, (u + v)[edges_at] - node
    links[:, 2] = np.diff(ptr)[edges_at] == 2

    def block(first: int, last: int) -> Shapes:
        node_ptr, node, cost = search.nodes(first, last)
        xy, size = outermost(
            first, node_ptr, node, cost, limit, network.xy, links, edges_ptr, u, v, mm, *ways, coords, ptr, box,
            per_m, goals.ptr, doors.edge, doors.offset_mm, doors.access, TOWARDS,
        )  # fmt: skip
        made = np.full(last - first, shapely.Polygon(), dtype=object)
        some = np.flatnonzero(size)
        if len(some):
            lines = shapely.linestrings(xy, indices=np.repeat(np.arange(len(some)), size[some]))
            made[some] = shapely.convex_hull(lines)
        return made

    parts = in_blocks(block, n, BLOCK)
    return np.concatenate(parts) if parts else np.empty(0, dtype=object)


class Hulls:
    """Draws hulls where `siting.access.service_area.Outline` draws along the streets: much sooner, and roughly."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def each(self, goals: Goals, limit: int) -> list[shapely.Geometry]:
        """Return the hull of what each facility reaches."""
        return list(hulls(self.network, goals, limit))

    def dissolved(self, goals: Goals, limit: int) -> shapely.Geometry:
        """Return the hulls of all facilities, joined."""
        return shapely.union_all(hulls(self.network, goals, limit))


@njit(cache=True, nogil=True)
def sides_of(octagon, sides):  # type: ignore[no-untyped-def]
    """Write the sides of an octagon: ``a x + b y + c`` is above 0 inside each; and the absolute ``a`` and ``b``."""
    known = 0
    for k in range(8):
        other = (k + 7) % 8
        dx, dy = octagon[k, 0] - octagon[other, 0], octagon[k, 1] - octagon[other, 1]
        sides[0, k], sides[1, k], sides[2, k] = -dy, dx, dy * octagon[other, 0] - dx * octagon[other, 1] - TRIFLE
        sides[3, k], sides[4, k] = abs(dy), abs(dx)
        if dx == 0 and dy == 0:
            sides[2, k] = 1.0
        else:
            known += 1
    if known < 3:  # nothing is inside
        sides[2, 0] = -1e300


@njit(cache=True, nogil=True)
def within(x, y, half_x, half_y, sides):  # type: ignore[no-untyped-def]
    """Whether a box around a place lies inside all sides."""
    out = 0
    for k in range(8):
        out += sides[0, k] * x + sides[1, k] * y + sides[2, k] <= sides[3, k] * half_x + sides[4, k] * half_y
    return out == 0


@njit(cache=True, nogil=True)
def add_part(made, m, x0, y0, sides, coords, start, stop, low, high, nodes):  # type: ignore[no-untyped-def]
    """Add ends and bends of a part of a polyline, from and to in metres along it, but for those in the octagon.

    ``start`` and ``stop`` are the positions of its first and last place, which are added if ``nodes`` only.
    """
    along = 0.0
    before = m
    for p in range(start, stop):
        x, y = coords[p, 0], coords[p, 1]
        dx, dy = coords[p + 1, 0] - x, coords[p + 1, 1] - y
        length = np.sqrt(dx * dx + dy * dy)
        a, b = low - along, high - along
        along += length
        if b < 0:
            break
        if a > length and p < stop - 1:
            continue
        s = min(max(a / length, 0.0), 1.0) if length > 0 else 0.0
        t = min(b / length, 1.0) if length > 0 else 0.0
        if m == before and (nodes or low > 0) and not within(x + s * dx - x0, y + s * dy - y0, 0.0, 0.0, sides):
            made[m, 0], made[m, 1] = x + s * dx, y + s * dy
            m += 1
        if (nodes or p < stop - 1 or b < np.inf) and not within(x + t * dx - x0, y + t * dy - y0, 0.0, 0.0, sides):
            made[m, 0], made[m, 1] = x + t * dx, y + t * dy
            m += 1
    return m


@njit(cache=True, nogil=True)
def grown(made, m, room):  # type: ignore[no-untyped-def]
    """Return the first ``m`` places with room for more."""
    more = np.empty((room, 2), np.float64)
    for i in range(m):
        more[i, 0], more[i, 1] = made[i, 0], made[i, 1]
    return more


@njit(cache=True, nogil=True)
def way_on(left, cost, mm):  # type: ignore[no-untyped-def]
    """Whole millimetres along an edge for what is left of a limit, as `siting.access.reached_parts.way_on`."""
    if cost == mm:
        return min(left, mm)
    return min(np.int64(np.floor(left * (mm / cost))), mm) if cost > 0 else mm


@njit(cache=True, nogil=True)
def outermost(  # type: ignore[no-untyped-def]
    first, node_ptr, node, cost, limit, xy, links, edges_ptr, u, v, mm, forward, backward, forward_cost,
    backward_cost, coords, ptr, box, per_m, door_ptr, door_edge, door_mm, door_cost, towards,
):  # fmt: skip
    """Reached places that may lie on the hull, for the facilities from ``first`` on.

    Parameters
    ----------
    node_ptr, node, cost : what each reaches
    links, edges_ptr : edges at each node: the edge, its other end, and whether it has no bend
    box : shape (n_edge, 4), middle and half width and height of the bounds of each edge
    per_m : shape (n_edge,), millimetres of an edge to a metre of its shape
    door_ptr, door_edge, door_mm, door_cost : entries of every facility

    Returns
    -------
    xy : shape (m, 2), places of all, one after the other
    size : shape (n,), how many of each; two at least where there is any
    """
    n = node_ptr.size - 1
    size = np.zeros(n, np.int64)
    seen = np.full(xy.shape[0], -1, np.int32)
    made, m = np.empty((4096, 2), np.float64), np.int64(0)
    octagon, best, sides = np.empty((8, 2), np.float64), np.empty(8, np.float64), np.empty((5, 8), np.float64)
    x0, y0 = 0.0, 0.0
    g = np.int64(0)
    for j in range(n):
        before = m
        octagon[:, :] = 0.0
        best[:] = -np.inf
        for r in range(node_ptr[j], node_ptr[j + 1]):
            if r == node_ptr[j]:
                x0, y0 = xy[node[r], 0], xy[node[r], 1]
            x, y = xy[node[r], 0] - x0, xy[node[r], 1] - y0
            seen[node[r]] = j
            for k in range(8):
                d = x * towards[k, 0] + y * towards[k, 1]
                if d > best[k]:
                    best[k], octagon[k, 0], octagon[k, 1] = d, x, y
        sides_of(octagon, sides)
        n_entry = door_ptr[first + j + 1] - door_ptr[first + j]
        for r in range(node_ptr[j], node_ptr[j + 1] + n_entry):
            # Nodes with their edges; then the edges on which entries are.
            door = r >= node_ptr[j + 1]
            low, high = np.int64(0), np.int64(1)
            at, left = np.int64(0), np.int64(0)
            if door:
                g = door_ptr[first + j] + r - node_ptr[j + 1]
                left = limit - door_cost[g]
                if left < 0 or door_edge[g] < 0:
                    continue
            else:
                at = np.int64(node[r])
                left = limit - cost[r]
                low, high = edges_ptr[at], edges_ptr[at + 1]
                if not within(xy[at, 0] - x0, xy[at, 1] - y0, 0.0, 0.0, sides):
                    if m == made.shape[0]:
                        made = grown(made, m, 2 * m)
                    made[m, 0], made[m, 1] = xy[at, 0], xy[at, 1]
                    m += 1
            for q in range(low, high):
                e = door_edge[g] if door else np.int64(links[q, 0])
                # Between two nodes that are reached nothing lies outside but bends.
                if not door and links[q, 2] and seen[links[q, 1]] == j:
                    continue
                if not door and within(box[e, 0] - x0, box[e, 1] - y0, box[e, 2], box[e, 3], sides):
                    continue
                if m + 4 * (ptr[e + 1] - ptr[e]) + 4 > made.shape[0]:
                    made = grown(made, m, 2 * made.shape[0] + 4 * (ptr[e + 1] - ptr[e]))
                ahead, back = way_on(left, forward_cost[e], mm[e]), way_on(left, backward_cost[e], mm[e])
                if door:
                    here = door_mm[g]
                    since = max(here - ahead, 0) if forward[e] else here
                    until = min(here + back, mm[e]) if backward[e] else here
                else:
                    # From here on, or from the other end back to here; a loop both.
                    on, off = u[e] == at and backward[e], v[e] == at and forward[e]
                    if not (on or off):
                        continue
                    since, until = np.int64(0) if on else mm[e] - ahead, mm[e] if off else back
                    if on and off and back + ahead < mm[e]:
                        m = add_part(
                            made, m, x0, y0, sides, coords, ptr[e], ptr[e + 1] - 1, (mm[e] - ahead) / per_m[e], np.inf,
                            door,
                        )  # fmt: skip
                        until = back
                m = add_part(
                    made, m, x0, y0, sides, coords, ptr[e], ptr[e + 1] - 1, since / per_m[e],
                    np.inf if until >= mm[e] else until / per_m[e], door,
                )  # fmt: skip
        if m == before + 1:  # a line has two places
            if m == made.shape[0]:
                made = grown(made, m, 2 * m)
            made[m, 0], made[m, 1] = made[m - 1, 0], made[m - 1, 1]
            m += 1
        size[j] = m - before
    return made[:m], size
