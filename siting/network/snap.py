"""From a point to the nearest street: which edge, how far along it, how far away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import SchemaError
from siting.network.layers import labels, point_coordinates
from siting.network.segments import SegmentGrid
from siting.units import metres_to_mm

if TYPE_CHECKING:
    from siting.network.graph import Network


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapped:
    """Points placed on edges; all arrays have one entry a point, in the order of the layer.

    Attributes
    ----------
    index : labels of the points
    edge : int64, position of the edge, −1 where no edge that carries points lies within ``max_snap_m``
    offset_mm : int64, from the edge's start (u) along it to the place; 0 where unsnapped
    far_mm : int64, from the place to the edge's end (v): ``edge_mm - offset_mm``; 0 where unsnapped
    access_mm : int64, ``rint(1000 x straight distance)`` from the point to the place; 0 where unsnapped
    x, y : float64, the place on the edge; NaN where unsnapped
    distance_m : float64, straight distance from the point to the nearest edge that carries points, however far
    passed_by : int64, component of a fragment that was nearer but carries no points, −1 where there was none
    max_snap_m : the limit that was used; a point exactly at the limit is snapped
    """

    index: pd.Index
    edge: NDArray[np.int64]
    offset_mm: NDArray[np.int64]
    far_mm: NDArray[np.int64]
    access_mm: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    distance_m: NDArray[np.float64]
    passed_by: NDArray[np.int64]
    max_snap_m: float

    def __len__(self) -> int:
        return len(self.edge)

    @property
    def snapped(self) -> NDArray[np.bool_]:
        """Mask of the points that lie on an edge."""
        return self.edge >= 0

    @property
    def unsnapped(self) -> pd.Index:
        """Labels of the points farther than ``max_snap_m`` from every edge that carries points."""
        return self.index[self.edge < 0]

    @property
    def caught(self) -> pd.Series:
        """How many points each fragment would have caught: index = component, only those with at least one."""
        found, count = np.unique(self.passed_by[self.passed_by >= 0], return_counts=True)
        return pd.Series(count, index=pd.Index(found, name="component"), name="points", dtype="int64")


def snap(
    network: Network, points: gpd.GeoSeries | gpd.GeoDataFrame, max_snap_m: float = 500.0, *, name: str = "points"
) -> Snapped:
    """Place every point on the nearest edge that carries points; equally near: the lowest edge.

    Parameters
    ----------
    points : point layer in any CRS; its column ``id``, else its index, labels the points
    max_snap_m : points farther than this from every such edge stay unsnapped; at the limit itself they are snapped
    name : what messages call the layer

    Raises
    ------
    CRSError, GeometryError, SchemaError
        The layer has no CRS, a geometry is missing, not finite or no point, an id occurs twice, or ``max_snap_m`` is
        negative.
    """
    index = labels(points, name)
    return snap_xy(network, point_coordinates(points, network.crs, name), index, max_snap_m)


def snap_xy(
    network: Network,
    xy: NDArray[np.float64],
    index: pd.Index,
    max_snap_m: float,
    *,
    grid: SegmentGrid | None = None,
) -> Snapped:
    """Place coordinates of the working CRS, shape (n, 2); see `snap`. ``grid``: only on its edges."""
    if not max_snap_m >= 0:  # NaN, too
        msg = f"max_snap_m: expected metres, 0 or more, got {max_snap_m}"
        raise SchemaError(msg)
    grid = network.carrying_grid if grid is None else grid
    segment, share, distance = grid.nearest(xy, np.full(len(xy), np.inf))
    near = distance <= max_snap_m
    edge, metres, place = on_edge(grid, segment, share)
    offset_mm = np.where(near, along_mm(network, edge, metres), 0)
    lost = network.fragment_grid
    # Only a fragment that is strictly nearer would have caught the point.
    other, _, other_m = lost.nearest(xy, np.minimum(distance, max_snap_m))
    caught = (other >= 0) & (other_m < distance)
    passed_by = np.full(len(xy), -1, dtype=np.int64)
    passed_by[caught] = network.edge_component[lost.edge[other[caught]]]
    return Snapped(
        index=index,
        edge=np.where(near, edge, -1),
        offset_mm=offset_mm,
        far_mm=np.where(near, network.edge_mm[edge] - offset_mm, 0),
        access_mm=np.where(near, metres_to_mm(np.where(near, distance, 0.0)), 0),
        x=np.where(near, place[:, 0], np.nan),
        y=np.where(near, place[:, 1], np.nan),
        distance_m=distance,
        passed_by=passed_by,
        max_snap_m=float(max_snap_m),
    )


def on_edge(
    grid: SegmentGrid, segment: NDArray[np.int64], share: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Edge, metres along it, and coordinates (n, 2) of places on segments."""
    x1, y1, x2, y2 = grid.ends[segment].T
    metres = grid.before[segment] + share * np.hypot(x2 - x1, y2 - y1)
    return grid.edge[segment], metres, np.column_stack([x1 + share * (x2 - x1), y1 + share * (y2 - y1)])


def along_mm(network: Network, edge: NDArray[np.int64], metres: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole millimetres from an edge's start to places ``metres`` along its shape, within [0, edge_mm].

    Where the edge's length is not that of its shape (lengths given by a graph), the place keeps its share of the edge.
    """
    scaled = metres * network.stretch[edge]
    return np.clip(metres_to_mm(scaled), 0, network.edge_mm[edge])
