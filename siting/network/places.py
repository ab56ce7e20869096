"""Places on edges in the unit that a search adds up: whole millimetres, or whole milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from siting.network.graph import Network
    from siting.network.snap import Snapped

Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where places lie on their edges, and what the ways from them to both ends of the edge cost.

    All that a search needs follows from these: going forward from one place to another costs the difference of their
    ``to_v``, going backward that of their ``to_u``; coming from u costs ``forward_cost - to_v``, coming from v
    ``backward_cost - to_u``.

    Attributes
    ----------
    edge : shape (n,), −1 for a place from which no street can be used
    offset_mm, far_mm : shape (n,), position along the edge, from u and from v
    to_u, to_v : shape (n,), cost of going along the edge to its end u (backward) and to its end v (forward)
    access : shape (n,), cost of the straight way between the point and the street
    """

    edge: Longs
    offset_mm: Longs
    far_mm: Longs
    to_u: Longs
    to_v: Longs
    access: Longs

    @classmethod
    def on(cls, network: Network, edge: Longs, offset_mm: Longs, access_mm: Longs) -> Places:
        """Take places by their edge (−1: none), offset and access in millimetres.

        In a network with times a place takes the share of its edge's time that it has of its length, rounded to the
        millisecond (half up) from the edge's start, so that the parts on both sides add up to the edge. A place inside
        an edge that is closed to the profile can use no street.
        """
        known = np.maximum(edge, 0)
        far_mm = np.where(edge >= 0, network.edge_mm[known] - offset_mm, 0) if len(edge) else offset_mm
        times = network.times
        if times is None:
            return cls(edge, offset_mm, far_mm, offset_mm, far_mm, access_mm)
        shut = ~(network.forward | network.backward)[known] & (offset_mm > 0) & (far_mm > 0)
        mm = network.edge_mm[known]
        from_u = share_of(times.forward_ms[known], offset_mm, mm)
        return cls(
            edge=np.where(shut, -1, edge),
            offset_mm=offset_mm,
            far_mm=far_mm,
            to_u=share_of(times.backward_ms[known], offset_mm, mm),
            to_v=times.forward_ms[known] - from_u,
            access=times.access_ms(access_mm),
        )

    @classmethod
    def of(cls, network: Network, at: Snapped) -> Places:
        """Take snapped points."""
        return cls.on(network, at.edge, at.offset_mm, at.access_mm)

    def ways_in(self, network: Network) -> tuple[Longs, Longs, Longs]:
        """Ways over a node to each place: node, position of the place, cost from the node to the point.

        A place exactly on an end of its edge is reached there whatever the edge permits.
        """
        over_u = np.flatnonzero((self.edge >= 0) & (network.forward[self.edge] | (self.offset_mm == 0)))
        over_v = np.flatnonzero((self.edge >= 0) & (network.backward[self.edge] | (self.far_mm == 0)))
        from_u = network.forward_cost[self.edge[over_u]] - self.to_v[over_u]
        from_v = network.backward_cost[self.edge[over_v]] - self.to_u[over_v]
        node = np.concatenate([network.edge_u[self.edge[over_u]], network.edge_v[self.edge[over_v]]])
        place = np.append(over_u, over_v)
        return node, place, self.access[place] + np.append(from_u, from_v)

    def ways_out(self, network: Network) -> tuple[Longs, Longs, Longs]:
        """Ways from each place to a node: node, position of the place, cost from the point to the node."""
        over_u = np.flatnonzero((self.edge >= 0) & (network.backward[self.edge] | (self.offset_mm == 0)))
        over_v = np.flatnonzero((self.edge >= 0) & (network.forward[self.edge] | (self.far_mm == 0)))
        node = np.concatenate([network.edge_u[self.edge[over_u]], network.edge_v[self.edge[over_v]]])
        place = np.append(over_u, over_v)
        return node, place, self.access[place] + np.append(self.to_u[over_u], self.to_v[over_v])


def share_of(whole: Longs, part: Longs, of: Longs) -> Longs:
    """Return ``whole * part / of`` in whole numbers, half up; 0 where ``of`` is 0."""
    base = np.maximum(of, 1)
    made: Longs = (2 * whole * part + base) // (2 * base)
    return np.where(of > 0, made, 0)
