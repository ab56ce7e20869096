"""Streets that one may drive into but not out of, or the other way round: mostly where the map ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from siting.ledger import Finding, Text

if TYPE_CHECKING:
    from siting.network.graph import Network

LISTED = 20


def one_way_ends(network: Network) -> NDArray[np.int64]:
    """Positions of the edges that carry points and from which one cannot go everywhere and come back.

    Of each component that carries points, the part that counts is the largest in which one gets from everywhere to
    everywhere; edges with an end outside it are returned.
    """
    n = network.n_nodes
    if network.in_arcs is network.out_arcs:
        return np.empty(0, dtype=np.int64)
    arcs = network.out_arcs
    links = sparse.csr_array((np.ones(len(arcs.head), dtype=np.int8), arcs.head, arcs.indptr), shape=(n, n))
    count, part = csgraph.connected_components(links, directed=True, connection="strong")
    size = np.bincount(part, minlength=count)
    whole = np.empty(count, dtype=np.int64)
    whole[part] = network.component
    order = np.lexsort((np.arange(count), -size, whole))
    largest = order[np.unique(whole[order], return_index=True)[1]]
    inside = np.isin(part, largest)
    carrying = network.carries[network.component[network.edge_u]]
    return np.flatnonzero(carrying & ~(inside[network.edge_u] & inside[network.edge_v]))


def note_on_one_way_ends(network: Network) -> tuple[Finding, ...]:
    """Say how many such edges there are: what stands on them may reach nothing, or not be reached."""
    edges = one_way_ends(network)
    if len(edges) == 0:
        return ()
    km = network.edge_mm[edges].sum() / 1e6
    text = Text(
        f"{len(edges)} 条路段（共 {km:.1f} 公里）因单行只能驶入或只能驶出，多在地图边缘："
        "其上的点可能无法到达或无法离开",
        f"{len(edges)} edges ({km:.1f} km) can be entered but not left, or left but not entered, for one-way streets, "
        "mostly where the map ends: what lies on them may reach nothing, or not be reached",
    )
    ids = tuple(str(i) for i in network.edges["way_id"].iloc[edges].dropna()[:LISTED])
    return (Finding(code="one_way_ends", kind="note", count=len(edges), text=text, ids=ids),)
