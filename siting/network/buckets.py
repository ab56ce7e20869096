"""Compiled searches over the core of a network, with buckets for a queue.

Costs are int64 of one unit, never negative; answers do not depend on the order of seeds or arcs, nor on the width of
the buckets. Bucket ``b`` holds what costs ``b << shift`` up to the next; within one, nodes are settled in any order and
again where a cost still falls, so that the end is exact whatever the width. The buckets form a ring; what belongs to a
later round waits where it is. Entries of all buckets are linked lists in one pool, ``next << 32 | node``, whose free
entries are used first, so that it stays small; nothing is allocated while a search runs, but for a pool that is full.
"""

import numpy as np
from numba import njit

from siting.network.core import ARC, CLOSED, FAR, FROM_OTHER, FROM_OWN, MEMBER, NODE, OTHER, OTHER_END, THERE, Core
from siting.network.search import NO_LABEL

RING = 1 << 12
"""Most buckets of a ring."""
ROUNDS = 1 << 22
"""Most buckets that a search goes through."""
LOW = (1 << 32) - 1


def widths(core: Core, limit: int, furthest: int, shift: int | None = None) -> tuple[int, int]:
    """Bits of a bucket's width, and the number of buckets of the ring, a power of two.

    Parameters
    ----------
    limit : the search's
    furthest : the largest cost that a seed has
    shift : wished for; by default a part of a middling arc
    """
    bits = max(max(core.mean, 1).bit_length() - 3, 0) if shift is None else shift
    last = min(limit, furthest + core.total)
    longest = min(core.longest, last)
    while longest >> bits >= RING - 2 or last >> bits >= ROUNDS:
        bits += 1
    return bits, 1 << ((longest >> bits) + 2).bit_length()


@njit(cache=True, nogil=True)
def larger(pool):  # type: ignore[no-untyped-def]
    """Return an array with twice the room."""
    made = np.empty(2 * pool.size, pool.dtype)
    for k in range(pool.size):  # a slice takes a second more to compile
        made[k] = pool[k]
    return made


@njit(cache=True, nogil=True)
def buffers(core, ring):  # type: ignore[no-untyped-def]
    """Return what searches reuse: key, inner, marked, spots, touched, first and pool of `begin`."""
    n_core = core.row.shape[0] - 1
    return (
        np.full(n_core + 1, FAR, np.int64),
        np.empty(core.member.shape[0], np.int64),
        np.zeros(n_core, np.bool_),
        np.empty(n_core, np.int32),
        np.empty(n_core, np.int32),
        np.full(ring, -1, np.int64),
        np.empty(n_core + 64, np.int64),
    )


@njit(cache=True, nogil=True)
def begin(core, node, start, tie, top, shift, key, inner, marked, spots, touched, first, pool):  # type: ignore[no-untyped-def]
    """Put the seeds into the queue; what starts at a member is spread among members first.

    Parameters
    ----------
    node, start : the seeds; a cost is ``key >> tie``
    top : the largest key
    key : shape (n_core + 1,), `FAR` on entry
    inner : shape (n_member,), receives the keys of members that are reached from a seed among them
    marked, spots : shape (n_core,), False on entry; receive to which core nodes such members belong
    touched : shape (n_core,), receives the core nodes that got a key
    first, pool : the queue, empty on entry

    Returns
    -------
    pool, entries in use, how many core nodes were touched, how many marked
    """
    used, count, n_marked = np.int64(0), np.int64(0), np.int64(0)
    mask = first.size - 1
    stack = np.empty(64, np.int64)
    for s in range(node.size):
        if start[s] > top:
            continue
        stack[0] = np.int64(node[s])
        depth = 1
        x = core.slot[node[s]]
        if x < 0:
            i = ~x
            c = core.owner[i]
            if not marked[c]:
                marked[c], spots[n_marked] = True, c
                n_marked += 1
                for j in range(core.row[c, MEMBER], core.row[c + 1, MEMBER]):
                    inner[j] = FAR
            if start[s] >= inner[i]:
                continue
            inner[i] = start[s]
        elif start[s] < key[x]:
            if key[x] == FAR:
                touched[count] = x
                count += 1
            key[x] = start[s]
            if used == pool.size:
                pool = larger(pool)
            b = (start[s] >> shift) & mask
            pool[used] = (first[b] << 32) | x
            first[b] = used
            used += 1
            continue
        else:
            continue
        while depth > 0:
            depth -= 1
            here = stack[depth]
            k = inner[~core.slot[here]]
            for a in range(core.all_ptr[here], core.all_ptr[here + 1]):
                d = k + (core.all_cost[a] << tie)
                if d > top:
                    continue
                x = np.int64(core.slot[core.all_head[a]])
                if x < 0:
                    if d < inner[~x]:
                        inner[~x] = d
                        if depth == stack.size:
                            stack = larger(stack)
                        stack[depth] = core.all_head[a]
                        depth += 1
                elif d < key[x]:
                    if key[x] == FAR:
                        touched[count] = x
                        count += 1
                    key[x] = d
                    if used == pool.size:
                        pool = larger(pool)
                    b = (d >> shift) & mask
                    pool[used] = (first[b] << 32) | x
                    first[b] = used
                    used += 1
    return pool, used, count, n_marked


@njit(cache=True, nogil=True)
def settle(core, tie, top, shift, key, touched, count, first, pool, used):  # type: ignore[no-untyped-def]
    """Search until the queue is empty; parameters as in `begin`, with what it returns.

    Returns
    -------
    how many core nodes have a key now; ``-1 - count`` where the pool was too small: growing it here would cost every
    search a quarter of its time
    """
    row, arc, bits = core.row, core.arc, core.bits
    low = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    mask = first.size - 1
    queued, free = used, np.int64(-1)
    b = FAR
    for k in range(count):
        b = min(b, key[touched[k]] >> shift)
    while queued > 0:
        at = b & mask
        waiting = np.int64(-1)
        while first[at] >= 0:
            p = first[at]
            w = pool[p]
            u = w & LOW
            first[at] = w >> 32
            k = key[u]
            if k >> shift > b:  # of a later round
                pool[p] = (waiting << 32) | u
                waiting = p
                continue
            pool[p] = free << 32
            free = p
            queued -= 1
            if k >> shift < b:  # settled before, at less
                continue
            for a in range(row[u, ARC], row[u + 1, ARC]):
                w = arc[a]
                v = np.uint64(w) & low
                d = k + ((w >> bits) << tie)
                if d <= top and d < key[v]:
                    if key[v] == FAR:
                        touched[count] = v
                        count += 1
                    key[v] = d
                    if free >= 0:
                        p = free
                        free = pool[p] >> 32
                    elif used < pool.size:
                        p = used
                        used += 1
                    else:
                        return -1 - count
                    to = (d >> shift) & mask
                    pool[p] = (first[to] << 32) | np.int64(v)
                    first[to] = p
                    queued += 1
        first[at] = waiting
        b += 1
    return count


@njit(cache=True, nogil=True)
def search(core, node, start, tie, top, shift, key, inner, marked, spots, touched, first, pool):  # type: ignore[no-untyped-def]
    """Search from all seeds; parameters as in `begin`. Returns pool, how many core nodes have a key, and are marked."""
    while True:
        pool, used, count, n_marked = begin(
            core, node, start, tie, top, shift, key, inner, marked, spots, touched, first, pool
        )
        count = settle(core, tie, top, shift, key, touched, count, first, pool, used)
        if count >= 0:
            return pool, count, n_marked
        for t in range(-1 - count):
            key[touched[t]] = FAR
        for r in range(n_marked):
            marked[spots[r]] = False
        first.fill(-1)
        pool = larger(pool)


@njit(cache=True, nogil=True)
def nearest_in_core(core, node, start, tie, top, shift, ring, cost, label, beyond):  # type: ignore[no-untyped-def]
    """Least cost to every node from any seed, and the label of the seed it comes from.

    Parameters
    ----------
    node, start : the seeds; a key is ``cost << tie | label``, so equal costs go to the lowest label
    top : the largest key that counts
    shift, ring : bits of a bucket's width in keys, and the number of buckets
    cost, label : shape (n_node,), filled: ``beyond`` and `NO_LABEL` where there is no way within the limit
    """
    key, inner, marked, spots, touched, first, pool = buffers(core, ring)
    search(core, node, start, tie, top, shift, key, inner, marked, spots, touched, first, pool)
    low = np.int32((np.int64(1) << tie) - 1)
    cost.fill(beyond)
    label.fill(NO_LABEL)
    for c in range(core.row.shape[0] - 1):
        k = key[c]
        if k == FAR and not marked[c]:
            continue  # what its chains have from their other end is read there
        for i in range(core.row[c, MEMBER], core.row[c + 1, MEMBER]):
            d = through(core, i, k, key[core.member[i, OTHER_END]], tie)
            if marked[c]:
                d = min(d, inner[i])
            if d <= top:
                cost[core.member[i, THERE]], label[core.member[i, THERE]] = d >> tie, d & low
        if k == FAR:
            continue
        cost[core.row[c, NODE]], label[core.row[c, NODE]] = k >> tie, k & low
        for r in range(core.row[c, OTHER], core.row[c + 1, OTHER]):
            own = core.chain[r, 0]
            if key[own] < FAR or marked[own]:
                continue
            for i in range(core.chain[r, 1], core.chain[r, 2]):
                d = through(core, i, np.int64(FAR), k, tie)
                if d <= top:
                    cost[core.member[i, THERE]], label[core.member[i, THERE]] = d >> tie, d & low


@njit(cache=True, nogil=True)
def through(core, i, own, other, tie):  # type: ignore[no-untyped-def]
    """Least key of member ``i``, from those of the core nodes at both ends."""
    p, q = np.int64(core.member[i, FROM_OWN]), np.int64(core.member[i, FROM_OTHER])
    d = FAR if p == CLOSED else own + (p << tie)
    return d if q == CLOSED else min(d, other + (q << tie))


@njit(cache=True, nogil=True)
def reach_from(  # type: ignore[no-untyped-def]
    core, node, start, limit, shift, key, inner, marked, spots, touched, first, pool, at, out_node, out_cost
):  # fmt: skip
    """One bounded search into reused buffers, which it leaves as it found them.

    Parameters
    ----------
    key, …, pool : as in `begin`
    at : write from this position on
    out_node, out_cost : receive the nodes within the limit and what they cost, in no particular order; with room for
        all nodes

    Returns
    -------
    pool, the position after the last node written
    """
    pool, count, n_marked = search(
        core, node, start, np.int64(0), limit, shift, key, inner, marked, spots, touched, first, pool
    )
    for t in range(count):
        c = touched[t]
        k = key[c]
        out_node[at], out_cost[at] = core.row[c, NODE], k
        at += 1
        if not marked[c]:
            for i in range(core.row[c, MEMBER], core.row[c + 1, MEMBER]):
                d = through(core, i, k, key[core.member[i, OTHER_END]], np.int64(0))
                if d <= limit:
                    out_node[at], out_cost[at] = core.member[i, THERE], d
                    at += 1
        for r in range(core.row[c, OTHER], core.row[c + 1, OTHER]):
            own = core.chain[r, 0]
            if key[own] < FAR or marked[own]:
                continue  # read from there
            for i in range(core.chain[r, 1], core.chain[r, 2]):
                d = through(core, i, np.int64(FAR), k, np.int64(0))
                if d <= limit:
                    out_node[at], out_cost[at] = core.member[i, THERE], d
                    at += 1
    for r in range(n_marked):
        c = spots[r]
        marked[c] = False
        for i in range(core.row[c, MEMBER], core.row[c + 1, MEMBER]):
            d = min(inner[i], through(core, i, key[c], key[core.member[i, OTHER_END]], np.int64(0)))
            if d <= limit:
                out_node[at], out_cost[at] = core.member[i, THERE], d
                at += 1
    for t in range(count):
        key[touched[t]] = FAR
    return pool, at


@njit(cache=True, nogil=True)
def pairs_in_core(core, first_source, last_source, seed_ptr, seed_node, seed_cost, limit, shift, ring, some):  # type: ignore[no-untyped-def]
    """Bounded searches from each of many sources.

    Parameters
    ----------
    seed_ptr, seed_node, seed_cost : source ``j`` starts at the seeds ``seed_ptr[j]:seed_ptr[j + 1]``
    some : empty, of the type that costs are to have

    Returns
    -------
    ptr : shape (last_source - first_source + 1,)
    node, cost : what source ``first_source + k`` reaches at ``ptr[k]:ptr[k + 1]``
    """
    n = core.slot.size
    key, inner, marked, spots, touched, first, pool = buffers(core, ring)
    ptr = np.zeros(last_source - first_source + 1, np.int64)
    node, cost = np.empty(n + 4096, np.int32), np.empty(n + 4096, some.dtype)
    at = np.int64(0)
    for j in range(first_source, last_source):
        if at + n > node.size:
            node, cost = larger(node), larger(cost)
        pool, at = reach_from(
            core, seed_node[seed_ptr[j] : seed_ptr[j + 1]], seed_cost[seed_ptr[j] : seed_ptr[j + 1]], limit, shift, key,
            inner, marked, spots, touched, first, pool, at, node, cost,
        )  # fmt: skip
        ptr[j - first_source + 1] = at
    return ptr, node[:at].copy(), cost[:at].copy()
