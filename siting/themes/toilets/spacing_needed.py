"""How many places a stretch of street lacks so that every point of it is within half a spacing of one.

The stretch is taken by itself: places may stand anywhere on it, and ways that leave it do not count. On a tree (a
street, a street with side streets) the number is exact: from the ends inwards each place is put as far in as the
outermost uncovered point allows. On one ring it is its length over the spacing, rounded up. Where branches and rings
mix, two numbers enclose it: junctions and ends farther than a spacing from each other need a place each, and so does
every spacing of the longest shortest way; and the same stretch with its rings cut open can only need more.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence

Link = tuple[int, int, int]
"""Two nodes and the length between them, in half millimetres."""
Near = dict[int, list[tuple[int, int, int]]]
"""By node: number of a link, the node at its other end, and its length."""
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
    away = _from(near, min(near))
    away = _from(near, max(away, key=lambda node: (away[node], node)))
    longest = max(away.values())
    least = max(1, -(-longest // (2 * spacing_mm)), _apart(near, away, 2 * spacing_mm))
    trees = _bush(near, away), _thread(near, min(near))
    return least, min(_on_tree(_cut_open(links, tree, away), spacing_mm) for tree in trees)


def _near(links: Sequence[Link]) -> Near:
    """By node: number of the link, node at the other end, length. A loop stands there twice."""
    near: Near = defaultdict(list)
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


def _cut_open(links: Sequence[Link], tree: set[int], away: dict[int, int]) -> list[Link]:
    """Return a tree of the same length: links off the tree are cut, about where both ways from one node meet."""
    free = max(away) + 1
    kept: list[Link] = []
    for k, (a, b, length) in enumerate(links):
        if k in tree:
            kept.append((a, b, length))
            continue
        meet = (length + away[b] - away[a]) // 2
        kept += [(a, free, meet), (b, free + 1, length - meet)]
        free += 2
    return kept


def _bush(near: Near, away: dict[int, int]) -> set[int]:
    """Links of the shortest ways from one node, the first of ``away``."""
    seen, tree = {next(iter(away))}, set()
    for node in away:
        for k, other, length in near[node]:
            if other not in seen and away[node] + length == away[other]:
                seen.add(other)
                tree.add(k)
    return tree


def _thread(near: Near, start: int) -> set[int]:
    """Links of a tree with few branches: on from the last node as long as there is a new one."""
    seen, tree, path = {start}, set(), [start]
    while path:
        ahead = next(((k, other) for k, other, _ in near[path[-1]] if other not in seen), None)
        if ahead is None:
            path.pop()
            continue
        tree.add(ahead[0])
        seen.add(ahead[1])
        path.append(ahead[1])
    return tree


def _from(near: Near, start: int, most: int | None = None) -> dict[int, int]:
    """Distance of every node from one, nearest first; ``most``: those farther are left out."""
    done: dict[int, int] = {}
    heap = [(0, start)]
    while heap:
        cost, node = heapq.heappop(heap)
        if node in done or (most is not None and cost > most):
            continue
        done[node] = cost
        for _, other, length in near[node]:
            if other not in done:
                heapq.heappush(heap, (cost + length, other))
    return done


def _apart(near: Near, away: dict[int, int], spacing: int) -> int:
    """Count nodes farther than a spacing from each other, taken one after the other from the far end."""
    taken: set[int] = set()
    count = 0
    for node in away:
        if node not in taken:
            count += 1
            taken.update(_from(near, node, spacing))
    return count
