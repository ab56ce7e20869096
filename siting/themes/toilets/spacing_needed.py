"""How many places a stretch of street lacks so that every point of it is within half a spacing of one.

The stretch is taken by itself: places may stand anywhere on it, and ways that leave it do not count. On a tree (a
street, a street with side streets) the number is exact: from the ends inwards each place is put as far in as the
outermost uncovered point allows. On one ring it is its length over the spacing, rounded up. Where branches and rings
mix, two numbers enclose it: the longest shortest way needs one place a spacing, and the same stretch with its rings
cut open can only need more.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence

Link = tuple[int, int, int]
"""Two nodes and the length between them, in half millimetres."""
_NONE = -1


def places_needed(links: Sequence[Link], spacing_mm: int) -> tuple[int, int]:
    """Return two numbers of places: no fewer can do, and so many suffice.

    Parameters
    ----------
    links : a connected stretch; its nodes are numbered at will, parallel links and loops count
    spacing_mm : whole millimetres; as lengths are half millimetres, half a spacing is this number of them
    """
    near = _near(links)
    degree = {node: len(there) for node, there in near.items()}
    n_rings = len(links) - len(near) + 1
    total = sum(length for _, _, length in links)
    if n_rings == 0:
        exact = _on_tree(links, spacing_mm)
        return exact, exact
    if n_rings == 1 and set(degree.values()) == {2}:
        exact = -(-total // (2 * spacing_mm))
        return exact, exact
    suffice = _on_tree(_cut_open(links, near), spacing_mm)
    start = min(near)
    first = _farthest(near, start)
    longest = _farthest(near, first[1])[0]
    return max(1, -(-longest // (2 * spacing_mm))), suffice


def _near(links: Sequence[Link]) -> dict[int, list[tuple[int, int, int]]]:
    """By node: number of the link, node at the other end, length. A loop stands there twice."""
    near: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for k, (a, b, length) in enumerate(links):
        near[a].append((k, b, length))
        near[b].append((k, a, length))
    return near


def _on_tree(links: Sequence[Link], reach: int) -> int:
    """Least number of places on a tree so that every point of it is within ``reach`` of one.

    Seen from the root, each node knows of what hangs below it either ``need``, how deep the deepest point lies that
    nothing covers, or ``give``, how far a place below still reaches beyond it.
    """
    near = _near(links)
    root = min(near)
    order: list[tuple[int, int, int]] = []
    seen, stack = {root}, [(root, _NONE, 0)]
    while stack:
        node, above, length = stack.pop()
        order.append((node, above, length))
        for _, other, way in near[node]:
            if other not in seen:
                seen.add(other)
                stack.append((other, node, way))
    need = {node: 0 if len(near[node]) == 1 and node != root else _NONE for node in near}
    if len(near[root]) == 1:
        need[root] = 0
    give = dict.fromkeys(near, _NONE)
    count = 0
    for node, above, length in reversed(order):
        deep, spare = need[node], give[node]
        if deep <= spare:
            deep = _NONE
        if above == _NONE:
            return count + (deep >= 0)
        if deep < 0:
            if spare >= length:
                give[above] = max(give[above], spare - length)
                continue
            deep, length = 0, length - spare
        if deep + length <= reach:
            need[above] = max(need[above], deep + length)
            continue
        # The first place stands as far up as the deepest point allows, the next ones two reaches apart.
        left = length - (reach - deep) - reach
        more = max(0, -(-(left - reach) // (2 * reach)))
        count += 1 + more
        left -= 2 * reach * more
        if left > 0:
            need[above] = max(need[above], left)
        else:
            give[above] = max(give[above], -left)
    return count


def _cut_open(links: Sequence[Link], near: dict[int, list[tuple[int, int, int]]]) -> list[Link]:
    """Return a tree of the same length: links that close a ring are cut in their middle."""
    root = min(near)
    seen, tree, stack = {root}, set(), [root]
    while stack:
        node = stack.pop()
        for k, other, _ in near[node]:
            if other not in seen:
                seen.add(other)
                tree.add(k)
                stack.append(other)
    free = max(near) + 1
    kept: list[Link] = []
    for k, (a, b, length) in enumerate(links):
        if k in tree:
            kept.append((a, b, length))
            continue
        kept += [(a, free, length // 2), (b, free + 1, length - length // 2)]
        free += 2
    return kept


def _farthest(near: dict[int, list[tuple[int, int, int]]], start: int) -> tuple[int, int]:
    """Distance and number of the node farthest from a node."""
    done: dict[int, int] = {}
    heap = [(0, start)]
    while heap:
        cost, node = heapq.heappop(heap)
        if node in done:
            continue
        done[node] = cost
        for _, other, length in near[node]:
            if other not in done:
                heapq.heappush(heap, (cost + length, other))
    return max((cost, node) for node, cost in done.items())
