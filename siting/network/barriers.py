"""Walls, railways and water between a point and the streets: nobody is put onto a street that lies behind one."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.errors import GeometryError, NetworkDataError
from siting.ledger import Account, Finding, Text
from siting.network.layers import first, geometries, labels
from siting.network.segments import Floats, Longs, SegmentGrid

if TYPE_CHECKING:
    from siting.network.graph import Network

SEARCH_M = 2000.0
"""A point that walls shut in is put on no street farther away than this."""


@dataclass(frozen=True, slots=True, eq=False)
class WalledGrid(SegmentGrid):
    """Segments of streets, found along straight ways that cross no wall.

    Attributes
    ----------
    walls : what is not crossed
    lines : the segments
    """

    walls: shapely.STRtree
    lines: shapely.STRtree

    @classmethod
    def around(cls, grid: SegmentGrid, walls: shapely.STRtree) -> WalledGrid:
        """Take the segments of a grid."""
        own = {field.name: getattr(grid, field.name) for field in fields(SegmentGrid)}
        lines = np.asarray(shapely.linestrings(grid.ends.reshape(-1, 2, 2)), dtype=object)
        return cls(**own, walls=walls, lines=shapely.STRtree(lines))

    def nearest(self, xy: Floats, within_m: Floats) -> tuple[Longs, Floats, Floats]:
        """Nearest segment that the straight way reaches without crossing a wall, as `SegmentGrid.nearest`."""
        segment, share, distance = SegmentGrid.nearest(self, xy, within_m)
        found = np.flatnonzero(segment >= 0)
        shut = found[self.crosses(xy[found], self.at(segment[found], share[found]))]
        radius = 2 * distance[shut] + 1.0
        segment[shut], share[shut], distance[shut] = -1, 0.0, np.inf
        while len(shut):
            most = np.minimum(within_m[shut], SEARCH_M)
            point, near = self.lines.query(
                shapely.points(xy[shut]), predicate="dwithin", distance=np.minimum(radius, most)
            )
            along, metres = self.along(xy[shut[point]], near)
            open_ = np.flatnonzero(~self.crosses(xy[shut[point]], self.at(near, along)))
            open_ = open_[np.lexsort((near[open_], metres[open_], point[open_]))]
            who, best = np.unique(point[open_], return_index=True)
            best = open_[best]
            segment[shut[who]], share[shut[who]], distance[shut[who]] = near[best], along[best], metres[best]
            left = (segment[shut] < 0) & (radius < most)
            shut, radius = shut[left], 2 * radius[left]
        return segment, share, distance

    def at(self, segment: Longs, share: Floats) -> Floats:
        """Coordinates of places on segments, shape (n, 2)."""
        start, end = self.ends[segment, :2], self.ends[segment, 2:]
        return start + share[:, None] * (end - start)

    def along(self, xy: Floats, segment: Longs) -> tuple[Floats, Floats]:
        """Where on a segment the place nearest to a point is (0 to 1), and its distance."""
        start, way = self.ends[segment, :2], self.ends[segment, 2:] - self.ends[segment, :2]
        length2 = (way**2).sum(axis=1)
        share = np.clip(((xy - start) * way).sum(axis=1) / np.where(length2 > 0, length2, 1.0), 0.0, 1.0)
        return share, np.hypot(*(xy - self.at(segment, share)).T)

    def crosses(self, xy: Floats, place: Floats) -> NDArray[np.bool_]:
        """Whether the straight way between two places crosses a wall; touching one is no crossing."""
        mask = np.zeros(len(xy), dtype=bool)
        mask[self.walls.query(shapely.linestrings(np.stack([xy, place], axis=1)), predicate="crosses")[0]] = True
        return mask


def with_barriers(network: Network, barriers: gpd.GeoSeries | gpd.GeoDataFrame) -> Network:
    """Return the network with walls, fences, railways or water that the way from a point to its street does not cross.

    A point, or an entry of a facility, is put on the nearest street that it reaches straight and without crossing one;
    it is unsnapped where there is none within 2 km. Of each straight piece of a street the nearest place is tried.
    Streets are not cut: where one passes a wall there is a gate.

    Parameters
    ----------
    barriers : lines and areas in any CRS

    Raises
    ------
    GeometryError
        A barrier is neither a line nor an area.
    NetworkDataError
        The network is a scenario: points keep their places in it.
    """
    if hasattr(network, "base"):
        msg = "with_barriers: the network is a scenario already. Add the barriers first, then change the streets"
        raise NetworkDataError(msg)
    shapes = geometries(barriers, network.crs, "barriers")
    other = shapely.get_dimensions(shapes) < 1
    if other.any():
        names = labels(barriers, "barriers")
        msg = f"barriers: {int(other.sum())} rows are neither lines nor areas (ids {first(names[other])}). Remove them"
        raise GeometryError(msg)
    n = len(shapes)
    text = Text(
        f"接入道路时不穿越 {n} 处围墙等屏障", f"{n} barriers that the way from a point to its street does not cross"
    )
    note = Finding(code="barriers", kind="note", count=n, text=text)
    account = Account(layer="barriers", source="barriers", rows_in=n, rows_used=n, findings=(note,))
    return replace(network, walls=shapely.STRtree(shapes), accounts=(*network.accounts, account))
