"""The core of a network: dead ends and chains of streets folded into what they hang on, without changing a distance.

Most nodes of a street network have one or two neighbours. From outside, a *member* of a dead end is reached over the
one core node that it hangs on, a member of a chain over one of the two at its ends, so that its cost follows from
theirs by an addition. Searches visit the core only; then every member is read off. What starts at a member is first
spread among members, over the network's own arcs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

if TYPE_CHECKING:
    from siting.network.graph import Network

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

FAR = 1 << 61
"""Cost of a way that is closed; twice this still fits into 64 bits."""
CLOSED = (1 << 31) - 1
"""The same among the costs of members."""
MOST = 16
"""A dead end or a chain is not folded beyond this many members: a search reads them as a whole."""

ARC, MEMBER, OTHER, NODE = 0, 1, 2, 3
"""Columns of `Core.row`."""
THERE, FROM_OWN, FROM_OTHER, OTHER_END = 0, 1, 2, 3
"""Columns of `Core.member`."""


class Core(NamedTuple):
    """A network as its core and the members that hang on it.

    Core nodes are numbered in the order of their nodes. Each member belongs to one of them, its own: that at one end of
    its chain. Costs are those of a search against the permitted direction, or along it, as `core_of` was told. What a
    search reads together lies together.

    Attributes
    ----------
    slot : shape (n_node,), the core node, or ``~position`` among the members
    row : shape (n_core + 1, 4): where the node's arcs, its members and the chains that end at it start, and the node
    arc : arcs between core nodes, ``cost << bits | head``
    bits : how many bits hold a core node
    member : shape (n_member, 4), by own core node: the node, its cost from the own core node and from that at the
        chain's other end (`CLOSED` where there is no way), and that other one (``n_core`` where there is none)
    owner : shape (n_member,), the own core node
    chain : shape (n_chain, 3), by the core node at the other end: own core node, first and last member and one; chains
        that start and end at one core node are left out
    mean, longest, total : cost of the core's arcs on average and at most, and of all the network's arcs together
    all_ptr, all_head, all_cost : arcs between all nodes
    """

    slot: Ints
    row: Ints
    arc: Longs
    bits: int
    member: Ints
    owner: Ints
    chain: Ints
    mean: int
    longest: int
    total: int
    all_ptr: Longs
    all_head: Ints
    all_cost: Longs

    @property
    def n_core(self) -> int:
        """Number of core nodes."""
        return len(self.row) - 1


def core_of(network: Network, *, against: bool = True, most: int = MOST) -> Core:
    """Fold dead ends and chains.

    Parameters
    ----------
    against : search against the permitted direction, from facilities to demand; else along it
    most : largest number of members of a chain, and of what hangs on one node of a dead end; 0 folds nothing
    """
    ahead = np.where(network.forward, network.forward_cost, -1)
    back = np.where(network.backward, network.backward_cost, -1)
    arcs, cost = (network.in_arcs, network.in_cost) if against else (network.out_arcs, network.out_cost)
    if against:
        ahead, back = back, ahead
    n = network.n_nodes
    u, v = network.edge_u.astype(np.int32), network.edge_v.astype(np.int32)
    links = Links(u, v, ahead, back)
    # Costs of members are sums of at most so many arcs: small ones fit into 32 bits.
    longest = (CLOSED - 1) // (2 * most + 2)
    parent, by, gone, kept, left, size = peel(links, n, most, longest)
    is_core, groups, group, from_own, from_other, core_arcs = chains(links, parent, kept, left, size, most)
    start, end = hang(links, parent, by, gone, is_core, groups, group, from_own, from_other)
    bits = max(int(is_core.sum()), 2).bit_length()
    slot, row, arc, member, owner, chain = pack(is_core, start, end, group, from_own, from_other, core_arcs, bits)
    costs = arc >> bits
    mean, largest = (int(costs.mean()), int(costs.max())) if len(costs) else (0, 0)
    return Core(
        slot, row, arc, bits, member, owner, chain, mean, largest, int(cost.sum()), arcs.indptr, arcs.head, cost
    )


class Links(NamedTuple):
    """Edges as `fold` reads them: both ends, and the cost from u to v and from v to u, −1 where closed."""

    u: Ints
    v: Ints
    ahead: Longs
    back: Longs


@njit(cache=True, nogil=True)
def usable(links, e):  # type: ignore[no-untyped-def]
    """Whether an edge leads from one node to another."""
    return links.u[e] != links.v[e] and (links.ahead[e] >= 0 or links.back[e] >= 0)


@njit(cache=True, nogil=True)
def step(links, e, x, cost):  # type: ignore[no-untyped-def]
    """Cost after going along edge ``e`` from its end ``x``, `FAR` where it is closed that way."""
    c = links.ahead[e] if links.u[e] == x else links.back[e]
    return FAR if c < 0 or cost >= FAR else cost + c


@njit(cache=True, nogil=True)
def peel(links, n, most, longest):  # type: ignore[no-untyped-def]
    """Take away dead ends, leaf by leaf.

    Returns
    -------
    parent, by : shape (n,), what a node that was taken hung on, and over which edge; parent −1: not taken
    gone : the nodes taken, leaves first
    kept : shape (n,), nodes that must stay in the core: enough hangs on them
    left : shape (n,), edges that are left
    size : shape (n,), 1 and what hangs on the node
    """
    left = np.zeros(n, np.int32)
    mix = np.zeros(n, np.int32)  # exclusive or of all edges left: where it is one, that one
    for e in range(links.u.size):
        if usable(links, e):
            a, b = links.u[e], links.v[e]
            left[a] += 1
            left[b] += 1
            mix[a] ^= e
            mix[b] ^= e
    size = np.ones(n, np.int32)
    kept = np.full(n, most < 1)
    for e in range(links.u.size):
        if max(links.ahead[e], links.back[e]) > longest:
            kept[links.u[e]], kept[links.v[e]] = True, True
    parent = np.full(n, -1, np.int32)
    by = np.zeros(n, np.int32)
    gone = np.empty(n, np.int32)
    count = 0
    for first in range(n):
        t = first
        # A parent that comes later in the order gets its turn there.
        while t <= first and left[t] == 1 and parent[t] < 0 and not kept[t]:
            e = mix[t]
            p = links.u[e] ^ links.v[e] ^ t
            parent[t], by[t], gone[count] = p, e, t
            count += 1
            left[t] = 0
            left[p] -= 1
            mix[p] ^= e
            size[p] += size[t]
            kept[p] |= size[p] > most
            t = p
    return parent, by, gone[:count], kept, left, size


@njit(cache=True, nogil=True)
def chains(links, parent, kept, left, size, most):  # type: ignore[no-untyped-def]
    """Fold the nodes with two edges left into chains between core nodes.

    Returns
    -------
    is_core : shape (n,)
    groups : (n_group, nodes at one end, nodes at the other), with room for more
    group, from_own, from_other : shape (n,), −1 and `FAR` where a node is in no chain
    core_arcs : (count, tail, head, cost), as nodes
    """
    n, m = parent.size, links.u.size
    ptr = np.zeros(n + 1, np.int32)
    for x in range(n):
        ptr[x + 1] = ptr[x] + (left[x] if parent[x] < 0 else 0)
    at = ptr[:-1].copy()
    edge = np.empty(ptr[-1], np.int32)
    for e in range(m):
        a, b = links.u[e], links.v[e]
        if usable(links, e) and parent[a] < 0 and parent[b] < 0:
            edge[at[a]], edge[at[b]] = e, e
            at[a] += 1
            at[b] += 1
    is_core = np.empty(n, np.bool_)
    todo = np.empty(n, np.int32)
    waiting = 0
    for x in range(n):
        is_core[x] = parent[x] < 0 and (kept[x] or left[x] != 2)
        if is_core[x]:
            todo[waiting] = x
            waiting += 1
    group = np.full(n, -1, np.int32)
    from_own, from_other = np.full(n, FAR, np.int64), np.full(n, FAR, np.int64)
    start, end = np.empty(n, np.int32), np.empty(n, np.int32)
    n_group = 0
    tail, head, cost = np.empty(2 * m, np.int32), np.empty(2 * m, np.int32), np.empty(2 * m, np.int64)
    n_arc = 0
    chain, over = np.empty(n, np.int32), np.empty(n, np.int32)
    done, ring = 0, 0
    while True:
        if done == waiting:
            # Rings without a core node get one.
            while ring < n and (is_core[ring] or parent[ring] >= 0 or group[ring] >= 0):
                ring += 1
            if ring == n:
                break
            is_core[ring], todo[waiting] = True, ring
            waiting += 1
        a = todo[done]
        done += 1
        for k in range(ptr[a], ptr[a + 1]):
            e = edge[k]
            y = links.u[e] ^ links.v[e] ^ a
            if group[y] >= 0:
                continue  # walked from its other end
            c = step(links, e, a, np.int64(0))
            if is_core[y]:
                if c < FAR:
                    tail[n_arc], head[n_arc], cost[n_arc] = a, y, c
                    n_arc += 1
                continue
            held, long = 0, 0
            while not is_core[y]:
                held += size[y]
                if long > 0 and held > most:
                    is_core[y], todo[waiting] = True, y
                    waiting += 1
                    break
                group[y], from_own[y], chain[long], over[long] = n_group, c, y, e
                long += 1
                e = edge[ptr[y]] if edge[ptr[y]] != e else edge[ptr[y] + 1]
                c = step(links, e, y, c)
                y = links.u[e] ^ links.v[e] ^ y
            d = step(links, e, y, np.int64(0))
            for j in range(long - 1, -1, -1):
                from_other[chain[j]] = d
                d = step(links, over[j], chain[j], d)
            start[n_group], end[n_group] = a, y
            n_group += 1
            if a != y and c < FAR:
                tail[n_arc], head[n_arc], cost[n_arc] = a, y, c
                n_arc += 1
            if a != y and d < FAR:
                tail[n_arc], head[n_arc], cost[n_arc] = y, a, d
                n_arc += 1
    return is_core, (n_group, start, end), group, from_own, from_other, (n_arc, tail, head, cost)


@njit(cache=True, nogil=True)
def hang(links, parent, by, gone, is_core, groups, group, from_own, from_other):  # type: ignore[no-untyped-def]
    """Add dead ends to the groups of what they hang on, or to one of their own; returns both ends of all groups."""
    n_group, start, end = groups
    own = np.full(parent.size, -1, np.int32)
    for k in range(gone.size - 1, -1, -1):
        t = gone[k]
        p, e = parent[t], by[t]
        if is_core[p]:
            if own[p] < 0:
                own[p], start[n_group], end[n_group] = n_group, p, -1
                n_group += 1
            group[t], from_own[t] = own[p], step(links, e, p, np.int64(0))
        else:
            group[t] = group[p]
            from_own[t], from_other[t] = step(links, e, p, from_own[p]), step(links, e, p, from_other[p])
    return start[:n_group], end[:n_group]


@njit(cache=True, nogil=True)
def sorted_rows(key, n):  # type: ignore[no-untyped-def]
    """Pointers of ``n`` groups of rows, and the rows by group; keys below 0 are left out."""
    ptr = np.zeros(n + 1, np.int32)
    for x in key:
        if x >= 0:
            ptr[x + 1] += 1
    for k in range(n):
        ptr[k + 1] += ptr[k]
    at = ptr[:-1].copy()
    row = np.empty(ptr[-1], np.int32)
    for r in range(key.size):
        x = key[r]
        if x >= 0:
            row[at[x]] = r
            at[x] += 1
    return ptr, row


@njit(cache=True, nogil=True)
def pack(is_core, start, end, group, from_own, from_other, core_arcs, bits):  # type: ignore[no-untyped-def]
    """Give core nodes and members their numbers, and bring arcs, members and chains into rows; see `Core`."""
    # A bare 0 would be a type of its own, for which what is called is compiled again.
    n, n_core = is_core.size, np.int64(0)
    slot = np.empty(n, np.int32)
    for x in range(n):
        if is_core[x]:
            slot[x] = n_core
            n_core += 1
    row = np.zeros((n_core + 1, 4), np.int32)
    n_arc, tail, head, cost = core_arcs
    key = np.empty(n_arc, np.int32)
    for k in range(n_arc):
        key[k] = slot[tail[k]]
    ptr, order = sorted_rows(key, n_core)
    for c in range(n_core + 1):  # setting a column takes two seconds more to compile
        row[c, ARC] = ptr[c]
    arc = np.empty(n_arc, np.int64)
    for k in range(n_arc):
        arc[k] = (cost[order[k]] << bits) | slot[head[order[k]]]
    # Members by group, groups by own core node.
    n_group = start.size
    key = np.empty(n_group, np.int32)
    for g in range(n_group):
        key[g] = slot[start[g]]
    _, by_owner = sorted_rows(key, n_core)
    rank = np.empty(n_group, np.int32)
    for k in range(n_group):
        rank[by_owner[k]] = k
    key = np.full(n, -1, np.int32)
    for x in range(n):
        if group[x] >= 0:
            key[x] = rank[group[x]]
    group_ptr, order = sorted_rows(key, n_group)
    member, owner = np.empty((order.size, 4), np.int32), np.empty(order.size, np.int32)
    key = np.full(n_group, -1, np.int32)
    for k in range(n_group):
        g = by_owner[k]
        own = slot[start[g]]
        other = n_core if end[g] < 0 else slot[end[g]]
        if end[g] >= 0 and other != own:
            key[k] = other
        row[own + 1, MEMBER] = group_ptr[k + 1]
        for i in range(group_ptr[k], group_ptr[k + 1]):
            x = order[i]
            slot[x], owner[i] = ~i, own
            member[i, THERE], member[i, OTHER_END] = x, other
            member[i, FROM_OWN], member[i, FROM_OTHER] = min(from_own[x], CLOSED), min(from_other[x], CLOSED)
    for c in range(n_core):
        row[c + 1, MEMBER] = max(row[c, MEMBER], row[c + 1, MEMBER])
    ptr, order = sorted_rows(key, n_core)
    for c in range(n_core + 1):
        row[c, OTHER] = ptr[c]
    chain = np.empty((order.size, 3), np.int32)
    for k in range(order.size):
        g = order[k]
        chain[k, 0], chain[k, 1], chain[k, 2] = slot[start[by_owner[g]]], group_ptr[g], group_ptr[g + 1]
    for x in range(n):
        if is_core[x]:
            row[slot[x], NODE] = x
    return slot, row, arc, member, owner, chain
