"""From a point to the nearest street: which edge, how far along it, how far away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

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


def snap(network: Network, points: gpd.GeoSeries | gpd.GeoDataFrame, max_snap_m: float = 500.0) -> Snapped:
    """Place every point on the nearest edge that carries points; equally near: the lowest edge."""
    raise NotImplementedError
