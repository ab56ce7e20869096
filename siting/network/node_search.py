"""Searches between nodes: nothing is snapped, nothing lies inside an edge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from siting.errors import InputError
from siting.network.buckets import pairs_in_core
from siting.network.core_search import Pairs, bounded, joined, nearest_seeds
from siting.network.threads import in_blocks
from siting.units import UNREACHED_MM, limit_to_mm

if TYPE_CHECKING:
    from siting.network.graph import Network

Longs = NDArray[np.int64]
BLOCK = 256


def nearest_nodes(
    network: Network, seeds: Sequence[ArrayLike], limit_m: float | None = None
) -> tuple[NDArray[np.signedinteger], NDArray[np.int32]]:
    """Cost from every node to the nearest seed of each of several sets.

    Parameters
    ----------
    seeds : k sets of node positions
    limit_m : metres (seconds, where the network has times), inclusive; None is no limit

    Returns
    -------
    cost : shape (k, n_node), whole millimetres (milliseconds); int32 where the limit fits, else int64; the largest
        number of that type beyond the limit
    label : shape (k, n_node), int32, which seed of the set it is (equally near: the first), −1 where none
    """
    sets = [node_positions(network, nodes) for nodes in seeds]
    limit = limit_of(limit_m)
    cost = np.empty((len(sets), network.n_nodes), dtype=np.int32 if limit < np.iinfo(np.int32).max else np.int64)
    label = np.empty((len(sets), network.n_nodes), dtype=np.int32)
    core = network.in_core

    def block(first: int, last: int) -> None:
        for k in range(first, last):
            zero, name = np.zeros(len(sets[k]), dtype=np.int64), np.arange(len(sets[k]), dtype=np.int32)
            nearest_seeds(network, core, sets[k], zero, name, limit, into=(cost[k], label[k]))

    in_blocks(block, len(sets), 1)
    return cost, label


def pairs_within(network: Network, sources: ArrayLike, limit_m: float) -> Pairs:
    """Nodes from which each of many sources lies within a limit.

    Parameters
    ----------
    sources : node positions
    limit_m : metres (seconds, where the network has times), inclusive

    Returns
    -------
    ptr : shape (n_source + 1,), int64
    node : int32, nodes of source ``j`` at ``ptr[j]:ptr[j + 1]``, in no particular order
    cost_mm : costs of the same pairs, from the node to the source; int32 where the limit fits
    """
    nodes, limit, core = node_positions(network, sources), limit_of(limit_m), network.in_core
    zero, seed_ptr = np.zeros(len(nodes), dtype=np.int64), np.arange(len(nodes) + 1)
    shift, ring, some = bounded(core, zero, limit)

    def block(first: int, last: int) -> Pairs:
        found: Pairs = pairs_in_core(core, first, last, seed_ptr, nodes, zero, limit, shift, ring, some)
        return found

    parts = in_blocks(block, len(nodes), BLOCK)
    if not parts:
        return np.zeros(1, dtype=np.int64), np.empty(0, dtype=np.int32), some
    return joined(parts)


def node_positions(network: Network, nodes: ArrayLike) -> Longs:
    """Return node positions as int64, or refuse what is none."""
    array = np.asarray(nodes)
    whole = array.ndim == 1 and (np.issubdtype(array.dtype, np.integer) or array.size == 0)
    if not whole or (array.size and not (array.min() >= 0 and array.max() < network.n_nodes)):
        msg = f"nodes: expected one row of positions from 0 to {network.n_nodes - 1}"
        raise InputError(msg)
    return array.astype(np.int64)


def limit_of(limit_m: float | None) -> int:
    """Largest whole millimetre within a limit in metres; None and ``inf`` are no limit."""
    return int(UNREACHED_MM) // 4 if limit_m is None or limit_m == np.inf else limit_to_mm(limit_m)
