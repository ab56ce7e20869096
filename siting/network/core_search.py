"""Searches over a network's core, as the rooms to the right ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from siting.network.buckets import nearest_in_core, widths
from siting.network.core import FAR, Core
from siting.network.search import nearest_labels
from siting.units import UNREACHED_MM

if TYPE_CHECKING:
    from siting.network.graph import Network

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Pairs = tuple[Longs, Ints, NDArray[np.integer]]
"""Pointers of the rows, positions and costs."""


def nearest_seeds(
    network: Network,
    core: Core,
    node: Longs,
    start: Longs,
    label: Ints,
    limit: int,
    into: tuple[NDArray[np.signedinteger], Ints] | None = None,
) -> tuple[NDArray[np.signedinteger], Ints]:
    """Cost of going from every node to the nearest seed, and the seed's label; equally near: the lowest label.

    Parameters
    ----------
    node, start, label : shape (n_seed,), the seeds: where, at what cost already, and whose; labels are 0 or more
    core : the network's
    limit : the largest cost, inclusive
    into : arrays to fill and return, shape (n_node,); costs of fewer bits where the limit fits into them

    Returns
    -------
    cost, label : shape (n_node,); the largest number of its type and −1 where there is no way within the limit
    """
    tie = int(label.max(initial=0)).bit_length()
    furthest = int(start.max(initial=0))
    last = min(limit, furthest + core.total)
    if (last + 1) << tie >= FAR:
        # A cost and a label do not fit into one number: the world is not that large, but numbers may be.
        arcs = network.in_arcs
        found: tuple[Longs, Ints] = nearest_labels(
            arcs.indptr, arcs.head, network.in_cost, network.node_bits, node, start, label, limit
        )
        if into is not None:
            into[0][:] = np.where(found[0] == UNREACHED_MM, np.iinfo(into[0].dtype).max, found[0])
            into[1][:] = found[1]
            return into
        return found
    shift, ring = widths(core, last, furthest)
    cost, who = into or (np.empty(network.n_nodes, dtype=np.int64), np.empty(network.n_nodes, dtype=np.int32))
    keys = (np.minimum(start, last + 1) << tie) | label
    nearest_in_core(
        core, node, keys, tie, ((last + 1) << tie) - 1, shift + tie, ring, cost, who, np.iinfo(cost.dtype).max
    )
    return cost, who


def bounded(core: Core, start: Longs, limit: int) -> tuple[int, int, NDArray[Any]]:
    """Bits of buckets, ring size and an empty array of the type of costs, for searches of many sources."""
    furthest = int(start.max(initial=0))
    last = min(limit, furthest + core.total)
    some: NDArray[Any] = np.empty(0, dtype=np.int32 if limit < np.iinfo(np.int32).max else np.int64)
    return *widths(core, last, furthest), some


def joined(parts: list[Pairs]) -> Pairs:
    """Put pairs of consecutive blocks of rows together; empties ``parts`` on the way, so that little is held twice."""
    shift = np.concatenate([[0], np.cumsum([part[0][-1] for part in parts])]).astype(np.int64)
    ptr = np.concatenate([[0], *(part[0][1:] + start for part, start in zip(parts, shift[:-1], strict=True))])
    costs = [part[2] for part in parts]
    places = [part[1] for part in parts]
    parts.clear()
    place = np.concatenate(places)
    places.clear()
    return ptr.astype(np.int64), place, np.concatenate(costs)
