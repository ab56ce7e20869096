"""Answers side by side, cell by cell: a peer that differs beyond its stated tolerance stops the bench."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csgraph

from bench.model import DisagreementError, Longs, Task

NONE = -1
FLOAT32_MM = 1.0
"""Peers that hold distances in 32-bit floats: 1,500 m are good to 0.1 mm, sums of a path to less than 1 mm."""


@dataclass(frozen=True)
class Nearest:
    """Cost in millimetres and seed of the nearest facility, shape (k, n), `NONE` where there is none.

    ``seed`` is None where a peer returns distances only.
    """

    cost: NDArray[Any]
    seed: NDArray[Any] | None
    tolerance_mm: float = 0.0


@dataclass(frozen=True)
class Sums:
    """Sum of the weights within reach for the sources at ``rows``; ``slack_m``: how far off its cutoff may be."""

    rows: Longs
    total: NDArray[Any]
    slack_m: float = 0.0


@dataclass(frozen=True)
class Pairs:
    """Node and cost of every pair in compressed rows for the first sources; nodes ascend within a row."""

    ptr: Longs
    node: NDArray[Any]
    cost: NDArray[Any]
    tolerance_mm: float = 0.0


def compare_nearest(task: Task, ours: Nearest, theirs: Nearest) -> str:
    """Every distance, and every id; a different id passes only if that facility is exactly as near."""
    slack, limit = theirs.tolerance_mm, task.nearest_m * 1000
    mine, other = ours.cost, theirs.cost
    near, known = mine != NONE, other != NONE
    edge = (np.where(near, mine, other) >= limit - slack) if slack else np.zeros(near.shape, dtype=bool)
    fail((near != known) & ~edge, "reached or not", mine, other)
    both = near & known
    fail(both & (np.abs(mine - other) > slack), "distance", mine, other)
    if theirs.seed is None:
        return f"{both.sum():,} distances equal" + tolerance_said(slack)
    assert ours.seed is not None
    differ = both & (ours.seed != theirs.seed)
    matrix = task.graph.csr() if differ.any() else None
    for k in np.flatnonzero(differ.any(axis=1)):
        at = np.flatnonzero(differ[k])
        for seed in np.unique(theirs.seed[k, at]):
            node = at[theirs.seed[k, at] == seed]
            real = csgraph.dijkstra(matrix, indices=task.categories[k][int(seed)], limit=limit + 1)[node]
            wrong = np.zeros(mine.shape, dtype=bool)
            wrong[k, node] = np.abs(real - mine[k, node]) > slack
            fail(wrong, "id of the nearest", ours.seed, theirs.seed)
    ties = int(differ.sum())
    said = f", {ties:,} ties with another facility as near" if ties else ""
    return f"{both.sum():,} distances and ids equal{said}" + tolerance_said(slack)


def compare_sums(ours: Sums, theirs: Sums, low: Sums | None = None, high: Sums | None = None) -> str:
    """Every sum; with a slack it must lie between our sums for a cutoff that much smaller and larger."""
    mine = ours.total[theirs.rows]
    if theirs.slack_m == 0 or low is None or high is None:
        fail(mine != theirs.total, "sum of people", mine, theirs.total)
        return f"{len(theirs.rows):,} sums equal"
    under, over = low.total[theirs.rows], high.total[theirs.rows]
    fail((theirs.total < under) | (theirs.total > over), "sum of people", mine, theirs.total)
    same = int((mine == theirs.total).sum())
    return f"{same:,} of {len(mine):,} sums equal, all between ours for the cutoff ± {theirs.slack_m:g} m"


def compare_pairs(ours: Pairs, theirs: Pairs) -> str:
    """Every pair and its cost, for the sources that the peer did."""
    size = len(theirs.ptr)
    fail(ours.ptr[:size] != theirs.ptr, "number of pairs", ours.ptr[:size], theirs.ptr)
    last = theirs.ptr[-1]
    fail(ours.node[:last] != theirs.node, "node of a pair", ours.node[:last], theirs.node)
    if len(theirs.cost):
        far = np.abs(ours.cost[:last] - theirs.cost) > theirs.tolerance_mm
        fail(far, "cost of a pair", ours.cost[:last], theirs.cost)
    return f"{last:,} pairs equal" + tolerance_said(theirs.tolerance_mm)


def sorted_pairs(source: NDArray[Any], node: NDArray[Any], cost: NDArray[Any], n: int, slack: float = 0.0) -> Pairs:
    """Bring pairs into the order in which they are compared: by source, then node."""
    order = np.lexsort((node, source))
    ptr = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=n))]).astype(np.int64)
    return Pairs(ptr, node[order], cost[order], slack)


def fail(wrong: NDArray[np.bool_], what: str, ours: NDArray[Any], theirs: NDArray[Any]) -> None:
    """Raise, with the first cell, where any cell is marked."""
    if wrong.any():
        cell = tuple(int(a[0]) for a in np.nonzero(wrong))
        msg = f"{what}: {int(wrong.sum()):,} of {wrong.size:,} differ, first at {cell}: {ours[cell]} and {theirs[cell]}"
        raise DisagreementError(msg)


def tolerance_said(slack: float) -> str:
    """Say a tolerance, if there is one."""
    return f" (to {slack:g} mm)" if slack else ""
