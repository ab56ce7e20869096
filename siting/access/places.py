"""Demand and facilities as places on edges, and the seeds from which facilities are searched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import SchemaError
from siting.network.layers import first
from siting.network.places import Places
from siting.units import MM_PER_M, UNREACHED_MM, limit_to_mm

if TYPE_CHECKING:
    from siting.network.graph import Network

Longs = NDArray[np.int64]
NO_LIMIT = int(UNREACHED_MM) // 4
"""Sums of a few costs stay in range."""
FARTHEST = NO_LIMIT / MM_PER_M


@dataclass(frozen=True, slots=True, eq=False)
class Goals:
    """Entries of facilities on edges, sorted by facility.

    Attributes
    ----------
    edge, offset_mm, far_mm, access_mm : shape (n_entry,), all on an edge
    owner : shape (n_entry,), position of the facility, ascending
    ptr : shape (n_facility + 1,), entries of each facility
    """

    edge: Longs
    offset_mm: Longs
    far_mm: Longs
    access_mm: Longs
    owner: NDArray[np.int32]
    ptr: Longs

    @classmethod
    def of(cls, network: Network, entries: pd.DataFrame, names: pd.Index) -> Goals:
        """Take the snapped rows of an entry table; ``names`` are the ids of all facilities, in their order.

        Raises
        ------
        SchemaError
            An entry belongs to none of them.
        """
        owner = names.get_indexer(pd.Index(entries["facility"]))
        if (owner < 0).any():
            lost = entries["facility"][owner < 0].unique()
            msg = f"entries: {len(lost)} facilities are not in the layer ({first(pd.Index(lost))})"
            raise SchemaError(msg)
        edge = entries["edge"].to_numpy()
        rows = np.flatnonzero(edge >= 0)
        rows = rows[np.argsort(owner[rows], kind="stable")]
        edge, who = edge[rows], owner[rows]
        offset = entries["offset_mm"].to_numpy()[rows]
        ptr = np.concatenate([[0], np.cumsum(np.bincount(who, minlength=len(names)))]).astype(np.int64)
        access = entries["access_mm"].to_numpy()[rows]
        return cls(edge, offset, network.edge_mm[edge] - offset, access, who.astype(np.int32), ptr)

    def places(self, network: Network) -> Places:
        """Return the entries with their costs in the network's unit."""
        return Places.on(network, self.edge, self.offset_mm, self.access_mm)

    def seeds(self, network: Network) -> tuple[Longs, Longs, NDArray[np.int32]]:
        """Node, cost and facility of every way in: over the edge's start where v lies ahead, over its end for u."""
        node, entry, cost = self.places(network).ways_in(network)
        return node, cost, self.owner[entry]


def cutoff_mm(cutoff: float | None) -> int:
    """Largest whole millimetre within a cutoff in metres (millisecond, in seconds); None and ``inf`` are no limit.

    Raises
    ------
    SchemaError
        The cutoff is negative or NaN.
    """
    if cutoff is None:
        return NO_LIMIT
    if not cutoff >= 0:  # NaN, too
        msg = f"cutoff: expected 0 or more, or None for no limit, got {cutoff}"
        raise SchemaError(msg)
    return limit_to_mm(cutoff) if cutoff < FARTHEST else NO_LIMIT
