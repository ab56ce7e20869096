"""Points of a changed network are placed as on the network it was made from, and then told which piece they are on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from siting.network.segments import Floats, Longs, SegmentGrid
from siting.network.snap import along_mm, on_edge
from siting.units import MM_PER_M

if TYPE_CHECKING:
    from siting.network.graph import Network


@dataclass(frozen=True, slots=True, eq=False)
class KeptGrid(SegmentGrid):
    """Segments of today's edges, each once for every piece that its edge was cut into; planned segments behind them.

    A search goes over today's grid, so that no rounding of a cut moves a point from one street to another.

    Attributes
    ----------
    base : the network as it is today
    today : its grid
    first : shape (n_segment_today + 1,), rows of each of its segments
    stop_mm : shape (n_kept,), where on today's edge the piece of a row ends
    planned : segments of planned links that carry points
    """

    base: Network
    today: SegmentGrid
    first: Longs
    stop_mm: Longs
    planned: SegmentGrid

    @classmethod
    def keep(
        cls, changed: Network, base: Network, today: SegmentGrid, base_edge: Longs, base_offset_mm: Longs, extra: Longs
    ) -> KeptGrid:
        """Make the grid of a changed network.

        Parameters
        ----------
        base_edge, base_offset_mm : shape (m,), what each edge of ``changed`` is a piece of (−1: planned), ascending
        extra : positions of the planned edges that carry points
        """
        old = base_edge[: int((base_edge >= 0).sum())]
        count = np.bincount(old, minlength=base.n_edges)
        piece_of = np.cumsum(count) - count
        copies = count[today.edge]
        segment = np.repeat(np.arange(len(today.edge)), copies)
        first = np.concatenate([[0], np.cumsum(copies)]).astype(np.int64)
        piece = piece_of[today.edge[segment]] + np.arange(len(segment)) - first[segment]
        stretch = base.stretch[old[piece]]
        begins_m = np.where(stretch > 0, base_offset_mm[piece] / (MM_PER_M * np.where(stretch > 0, stretch, 1.0)), 0.0)
        planned = base.walled(SegmentGrid.of(changed.edge_coords, changed.edge_ptr, extra))
        return cls(
            ends=np.concatenate([today.ends[segment], planned.ends]),
            edge=np.concatenate([piece, planned.edge]),
            before=np.concatenate([today.before[segment] - begins_m, planned.before]),
            left=today.left,
            bottom=today.bottom,
            cell_m=today.cell_m,
            columns=today.columns,
            rows=today.rows,
            cell_ptr=today.cell_ptr,
            cell_item=today.cell_item,
            base=base,
            today=today,
            first=first,
            stop_mm=base_offset_mm[piece] + changed.edge_mm[piece],
            planned=planned,
        )

    def nearest(self, xy: Floats, within_m: Floats) -> tuple[Longs, Floats, Floats]:
        """Nearest segment to each point, as `SegmentGrid.nearest`; a planned one only if it is strictly nearer."""
        segment, share, distance = self.today.nearest(xy, within_m)
        row = np.where(segment >= 0, self.first[segment], -1)
        several = np.flatnonzero((segment >= 0) & (np.diff(self.first)[segment] > 1))
        row[several] += self._piece(segment[several], share[several])
        other, other_share, other_m = self.planned.nearest(xy, within_m)
        nearer = other_m < distance
        row = np.where(nearer, self.first[-1] + other, row)
        return row, np.where(nearer, other_share, share), np.where(nearer, other_m, distance)

    def _piece(self, segment: Longs, share: Floats) -> NDArray[np.int64]:
        """Which piece of its edge each place is on; at a cut the one before it."""
        edge, metres, _ = on_edge(self.today, segment, share)
        offset = along_mm(self.base, edge, metres)
        piece = np.zeros(len(segment), dtype=np.int64)
        for s in np.unique(segment):
            own = segment == s
            piece[own] = np.searchsorted(self.stop_mm[self.first[s] : self.first[s + 1]], offset[own])
        return piece
