"""Cheapest flow in whole units by a primal network simplex that starts again from its last tree.

All supply goes to one root. Arcs stand in groups; groups that are asleep hold no flow and are never looked at. The tree
stays strongly feasible, so no pivot can be repeated for ever, and whole supplies and capacities give whole flows.
"""

import numba
import numpy as np
from numpy.typing import NDArray

LOWER, UPPER, TREE = 0, 1, 2


@numba.njit(cache=True, nogil=True)
def first_tree(
    supply: NDArray[np.int64], artificial: int, cost: NDArray[np.int64],
    flow: NDArray[np.int64], state: NDArray[np.int8], tree: NDArray[np.int64],
) -> None:  # fmt: skip
    """Hang every node below the root, the last node, by its artificial arc.

    ``tree`` holds in its rows: parent, arc to the parent, whether that arc points up, depth, potential, first child,
    next sibling, sibling before.
    """
    n = len(supply)
    flow[:] = 0
    state[:] = LOWER
    tree[:] = -1
    root = n
    tree[3, root] = 0
    tree[4, root] = 0
    for v in range(n):
        arc = artificial + v
        tree[0, v], tree[1, v], tree[2, v], tree[3, v] = root, arc, 1, 1
        tree[4, v] = -cost[arc]
        tree[7, v] = v - 1
        tree[6, v] = v + 1 if v + 1 < n else -1
        flow[arc] = supply[v]
        state[arc] = TREE
    tree[5, root] = 0


@numba.njit(cache=True, nogil=True)
def _shift(tree: NDArray[np.int64], top: int, by: int, stack: NDArray[np.int64]) -> None:
    """Add to the potentials of a subtree and set its depths anew."""
    stack[0] = top
    size = 1
    while size:
        size -= 1
        v = stack[size]
        tree[4, v] += by
        tree[3, v] = tree[3, tree[0, v]] + 1
        child = tree[5, v]
        while child >= 0:
            stack[size] = child
            size += 1
            child = tree[6, child]


@numba.njit(cache=True, nogil=True)
def set_cost(
    arc: int, new: int, tail: NDArray[np.int64], head: NDArray[np.int64], cost: NDArray[np.int64],
    state: NDArray[np.int8], tree: NDArray[np.int64], stack: NDArray[np.int64],
) -> None:  # fmt: skip
    """Change the cost of an arc and the potentials that hang on it."""
    by = new - cost[arc]
    cost[arc] = new
    if by == 0 or state[arc] != TREE:
        return
    if tree[1, tail[arc]] == arc:
        _shift(tree, tail[arc], -by, stack)
    else:
        _shift(tree, head[arc], by, stack)


@numba.njit(cache=True, nogil=True)
def _cut(tree: NDArray[np.int64], v: int) -> None:
    before, after = tree[7, v], tree[6, v]
    if before >= 0:
        tree[6, before] = after
    else:
        tree[5, tree[0, v]] = after
    if after >= 0:
        tree[7, after] = before


@numba.njit(cache=True, nogil=True)
def _hang(tree: NDArray[np.int64], v: int, parent: int, arc: int, up: int) -> None:
    first = tree[5, parent]
    tree[0, v], tree[1, v], tree[2, v] = parent, arc, up
    tree[7, v], tree[6, v] = -1, first
    if first >= 0:
        tree[7, first] = v
    tree[5, parent] = v


@numba.njit(cache=True, nogil=True)
def _pivot(
    enter: int, tail: NDArray[np.int64], head: NDArray[np.int64], cost: NDArray[np.int64], cap: NDArray[np.int64],
    flow: NDArray[np.int64], state: NDArray[np.int8], tree: NDArray[np.int64], stack: NDArray[np.int64],
) -> None:  # fmt: skip
    forward = state[enter] == LOWER
    a, b = (tail[enter], head[enter]) if forward else (head[enter], tail[enter])
    # The arc that blocks last, going round from the apex: near b a tie goes to the later, near a to the earlier.
    delta, leave, at_a = cap[enter], -1, True
    u, v = a, b
    while u != v:
        if tree[3, u] >= tree[3, v]:
            u = tree[0, u]
        else:
            v = tree[0, v]
    apex = u
    u = a
    while u != apex:
        arc = tree[1, u]
        room = flow[arc] if tree[2, u] else cap[arc] - flow[arc]
        if room < delta:
            delta, leave, at_a = room, u, True
        u = tree[0, u]
    u = b
    while u != apex:
        arc = tree[1, u]
        room = cap[arc] - flow[arc] if tree[2, u] else flow[arc]
        if room <= delta:
            delta, leave, at_a = room, u, False
        u = tree[0, u]
    if delta:
        flow[enter] += delta if forward else -delta
        u = a
        while u != apex:
            flow[tree[1, u]] += -delta if tree[2, u] else delta
            u = tree[0, u]
        u = b
        while u != apex:
            flow[tree[1, u]] += delta if tree[2, u] else -delta
            u = tree[0, u]
    if leave < 0:
        state[enter] = UPPER if forward else LOWER
        return
    gone = tree[1, leave]
    state[gone] = LOWER if flow[gone] == 0 else UPPER
    state[enter] = TREE
    low, high = (a, b) if at_a else (b, a)
    reduced = cost[enter] + tree[4, tail[enter]] - tree[4, head[enter]]
    node, parent, arc = low, high, enter
    up = 1 if tail[enter] == low else 0
    by = -reduced if up else reduced
    while True:
        above, old_arc, old_up = tree[0, node], tree[1, node], tree[2, node]
        _cut(tree, node)
        _hang(tree, node, parent, arc, up)
        if node == leave:
            break
        parent, arc, up = node, old_arc, 1 - old_up
        node = above
    _shift(tree, low, by, stack)


@numba.njit(cache=True, nogil=True)
def settle(
    groups: NDArray[np.int64], awake: NDArray[np.bool_], block: int, tail: NDArray[np.int64], head: NDArray[np.int64],
    cost: NDArray[np.int64], cap: NDArray[np.int64], flow: NDArray[np.int64], state: NDArray[np.int8],
    tree: NDArray[np.int64], stack: NDArray[np.int64],
) -> int:  # fmt: skip
    """Pivot until no arc of a group that is awake makes the flow cheaper; return the number of pivots."""
    n_groups = len(groups) - 1
    at, pivots, idle = 0, 0, 0
    while idle < n_groups:
        best, enter, seen = 0, -1, 0
        while idle < n_groups and (enter < 0 or seen < block):
            if awake[at]:
                for arc in range(groups[at], groups[at + 1]):
                    kind = state[arc]
                    if kind != TREE:
                        gain = cost[arc] + tree[4, tail[arc]] - tree[4, head[arc]]
                        if kind == UPPER:
                            gain = -gain
                        if gain < best:
                            best, enter = gain, arc
                seen += groups[at + 1] - groups[at]
            at = at + 1 if at + 1 < n_groups else 0
            idle += 1
        if enter >= 0:
            _pivot(enter, tail, head, cost, cap, flow, state, tree, stack)
            pivots += 1
            idle = 0
    return pivots


@numba.njit(cache=True, nogil=True)
def flow_cost(
    capped: NDArray[np.int64], cost: NDArray[np.int64], flow: NDArray[np.int64], state: NDArray[np.int8],
    tree: NDArray[np.int64],
) -> float:  # fmt: skip
    """Return the cost of the flow; ``capped`` are the arcs that may be full outside the tree."""
    total = 0.0
    for v in range(tree.shape[1] - 1):
        total += float(flow[tree[1, v]]) * float(cost[tree[1, v]])
    for arc in capped:
        if state[arc] == UPPER:
            total += float(flow[arc]) * float(cost[arc])
    return total
