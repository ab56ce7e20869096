"""What new toilets have to cover, as the rows of one covering model: people, busy places, and stretches of street.

A stretch is no sample of points: every candidate on its streets closes certain parts of it, and where those parts begin
and end cuts the stretch into segments that each are closed by certain candidates, whole. Segments with the same
candidates are one row, so the model meets the spacing on every millimetre.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.access import CostMatrix
from siting.network import Network
from siting.network.search import UNREACHED
from siting.themes.toilets.spacing import TypedStreets
from siting.themes.toilets.spacing_web import FarParts, Longs, Web

Covers = tuple[int, ...]
"""Positions of the candidates that cover a row, ascending."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StreetRows:
    """Far parts of the streets of one type, by the candidates that close them.

    Attributes
    ----------
    type : of street
    covers : candidates of each row; none twice
    length2 : length of each row, half millimetres
    open_edge, open_low, open_high : parts that no candidate closes, as whole millimetres along edges draw them
    open_length2 : their length, half millimetres
    """

    type: str
    covers: tuple[Covers, ...]
    length2: tuple[int, ...]
    open_edge: Longs
    open_low: Longs
    open_high: Longs
    open_length2: int

    @property
    def open_m(self) -> float:
        """Length of street that no candidate closes."""
        return self.open_length2 / 2000


def street_rows(
    network: Network,
    one: TypedStreets,
    toilets: NDArray[np.float64],
    candidates: NDArray[np.float64],
    within_m: float,
    allowed: NDArray[np.bool_],
) -> StreetRows:
    """Cut what is far from the toilets of some streets by the candidates that would close it.

    Parameters
    ----------
    toilets, candidates : shape (n, 2), coordinates
    within_m : how near to the street either must be to belong to it
    allowed : candidates that may be chosen
    """
    n = len(toilets)
    web = Web.of(network, one.edges, np.concatenate([toilets, candidates]), within_m)
    spacing = one.spacing.most_mm
    far = TypedStreets.of(one.spacing, one.edges, web, np.arange(n)).far
    chosen = np.flatnonzero(allowed & (web.place_node[n:] >= 0))
    closed: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    ends = _ends(web, far)
    for j in chosen:
        cost, _ = web.from_places(np.array([n + j]), spacing // 2)
        _close(web, far, ends, cost, spacing, int(j), closed)
    total: dict[Covers, int] = defaultdict(int)
    bare: list[tuple[int, int, int]] = []
    left = 0
    for k in range(len(far.piece)):
        for low, high, covers in _segments(int(far.low2[k]), int(far.high2[k]), closed.get(k, [])):
            if covers:
                total[covers] += high - low
            else:
                left += high - low
                start, edge = int(web.start_mm[far.piece[k]]), int(web.edge[far.piece[k]])
                bare.append((edge, start + low // 2, start - (-high // 2)))
    rows = sorted(total)
    parts = np.array(bare, dtype=np.int64).reshape(-1, 3)
    return StreetRows(
        type=one.spacing.type, covers=tuple(rows), length2=tuple(total[r] for r in rows), open_edge=parts[:, 0],
        open_low=parts[:, 1], open_high=parts[:, 2], open_length2=left,
    )  # fmt: skip


def _ends(web: Web, far: FarParts) -> tuple[Longs, Longs]:
    """Far parts that begin or end at each node, in compressed rows."""
    node = np.concatenate([web.u[far.piece], web.v[far.piece]])
    part = np.tile(np.arange(len(far.piece)), 2)
    order = np.argsort(node, kind="stable")
    return np.concatenate([[0], np.cumsum(np.bincount(node, minlength=web.n_nodes))]).astype(np.int64), part[order]


def _close(
    web: Web, far: FarParts, ends: tuple[Longs, Longs], cost: Longs, spacing: int, candidate: int,
    closed: dict[int, list[tuple[int, int, int]]],
) -> None:  # fmt: skip
    """Note the interval of each far part that a candidate closes from either end."""
    ptr, part = ends
    reached = np.flatnonzero(cost != UNREACHED)
    parts = {int(k) for node in reached for k in part[ptr[node] : ptr[node + 1]]}
    for k in sorted(parts):
        piece = far.piece[k]
        low, high, whole = int(far.low2[k]), int(far.high2[k]), 2 * int(web.mm[piece])
        u, v = int(cost[web.u[piece]]), int(cost[web.v[piece]])
        if u != UNREACHED and min(spacing - 2 * u, high) > low:
            closed[k].append((low, min(spacing - 2 * u, high), candidate))
        if v != UNREACHED and high > max(whole - spacing + 2 * v, low):
            closed[k].append((max(whole - spacing + 2 * v, low), high, candidate))


def _segments(low: int, high: int, closed: Sequence[tuple[int, int, int]]) -> Iterable[tuple[int, int, Covers]]:
    """Cut one part where what closes it begins or ends."""
    cuts = sorted({low, high, *(c for a, b, _ in closed for c in (a, b))})
    for a, b in pairwise(cuts):
        yield a, b, tuple(sorted({j for first, last, j in closed if first <= a and b <= last}))


def joined_costs(
    covers: Sequence[Covers], labels: Sequence[str], near: CostMatrix, rows: Longs, columns: pd.Index
) -> CostMatrix:
    """Rows of demand within reach, then rows of street: cost 0 where a candidate covers a row, else nothing.

    Parameters
    ----------
    covers, labels : of the rows of street
    near : demand by candidate, pairs within the radius only
    rows : positions of the demand rows that are wanted
    """
    parts = [near.indices[near.indptr[i] : near.indptr[i + 1]] for i in rows]
    parts += [np.array(c, dtype=np.int32) for c in covers]
    count = [len(p) for p in parts]
    return CostMatrix(
        indptr=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        indices=np.concatenate([np.empty(0, dtype=np.int32), *parts]).astype(np.int32),
        cost_mm=np.zeros(sum(count), dtype=np.int64),
        rows=pd.Index([*(str(r) for r in near.rows.take(rows)), *labels], dtype=object),
        columns=columns,
        cutoff=0.0,
    )
