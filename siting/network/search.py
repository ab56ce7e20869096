"""Compiled searches over compressed rows: nothing here knows of layers, labels or metres.

Costs are int64 of one unit (millimetres; milliseconds later), never negative. A search is given *seeds* (node, cost to
start with, label) and arcs with one cost each, so any impedance and direction can be searched. Answers do not depend on
the order of seeds or arcs: equal costs go to the lowest label.

The queue is a heap with four children a node. Its entries are single integers, ``cost << bits | node``: one comparison
orders them, and equal costs come out by node.
"""

# The kernels take and return arrays whose shapes their docstrings give; numba types them at the first call.
import numpy as np
from numba import njit

UNREACHED = np.iinfo(np.int64).max
NO_LABEL = -1


@njit(cache=True, nogil=True)
def push(heap, size, key):  # type: ignore[no-untyped-def]
    """Add a key to the first ``size`` entries; returns the heap, larger if it was full, and its new size."""
    if size == heap.size:
        larger = np.empty(2 * size + 64, np.int64)
        for k in range(size):
            larger[k] = heap[k]
        heap = larger
    at = size
    while at > 0:
        parent = (at - 1) >> 2
        if heap[parent] <= key:
            break
        heap[at] = heap[parent]
        at = parent
    heap[at] = key
    return heap, size + 1


@njit(cache=True, nogil=True)
def pop(heap, size):  # type: ignore[no-untyped-def]
    """Take the smallest key of the first ``size`` entries; returns it and the new size."""
    top = heap[0]
    size -= 1
    key = heap[size]
    at = 0
    while True:
        child = 4 * at + 1
        if child >= size:
            break
        least = child
        for other in range(child + 1, min(child + 4, size)):
            if heap[other] < heap[least]:
                least = other
        if heap[least] >= key:
            break
        heap[at] = heap[least]
        at = least
    heap[at] = key
    return top, size


@njit(cache=True, nogil=True)
def nearest_labels(indptr, head, arc_cost, bits, seed_node, seed_cost, seed_label, limit):  # type: ignore[no-untyped-def]
    """Least cost to each node from any seed, and the label of the seed it comes from.

    Parameters
    ----------
    indptr, head, arc_cost : arcs in compressed rows, walked from row to head
    bits : how many bits hold a node position
    seed_node, seed_cost, seed_label : shape (n_seed,)
    limit : nodes farther than this stay unreached; exactly at the limit is reached

    Returns
    -------
    cost, label : shape (n_node,); `UNREACHED` and `NO_LABEL` where there is no way within the limit
    """
    n = indptr.size - 1
    mask = (np.int64(1) << bits) - 1
    cost = np.full(n, UNREACHED, np.int64)
    label = np.full(n, NO_LABEL, np.int32)
    heap = np.empty(seed_node.size + 1024, np.int64)
    size = np.int64(0)
    for k in range(seed_node.size):
        v, c = seed_node[k], seed_cost[k]
        if c <= limit and (c < cost[v] or (c == cost[v] and seed_label[k] < label[v])):
            cost[v], label[v] = c, seed_label[k]
            heap, size = push(heap, size, (c << bits) | v)
    while size > 0:
        key, size = pop(heap, size)
        c, u = key >> bits, key & mask
        if c > cost[u]:
            continue
        # A node can come out again at the same cost with a lower label, over edges of length 0.
        for a in range(indptr[u], indptr[u + 1]):
            v, d = head[a], c + arc_cost[a]
            if d <= limit and (d < cost[v] or (d == cost[v] and label[u] < label[v])):
                cost[v], label[v] = d, label[u]
                heap, size = push(heap, size, (d << bits) | v)
    return cost, label
