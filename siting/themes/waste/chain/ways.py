"""Ways by road between sources, stations and plants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from siting.access import cost_matrix

if TYPE_CHECKING:
    from siting.network import Network

_M_PER_KM = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class Roads:
    """Kilometres of loaded way, one-way streets kept; ``inf`` where there is no way.

    Attributes
    ----------
    collect : shape (n_sources, n_stations)
    haul : shape (n_stations, n_plants)
    direct : shape (n_sources, n_plants)
    """

    collect: NDArray[np.float64]
    haul: NDArray[np.float64]
    direct: NDArray[np.float64]


def roads_between(
    network: Network,
    sources: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame,
    plants: gpd.GeoDataFrame,
    *,
    max_snap_m: float,
) -> Roads:
    """Return the ways between all of them; an area is entered at its edge, and left from there."""
    gate = stations.set_geometry(stations.geometry.representative_point())
    return Roads(
        collect=_table(network, sources, stations, max_snap_m),
        haul=_table(network, gate, plants, max_snap_m),
        direct=_table(network, sources, plants, max_snap_m),
    )


def _table(network: Network, here: gpd.GeoDataFrame, there: gpd.GeoDataFrame, max_snap_m: float) -> NDArray[np.float64]:
    if not len(here) or not len(there):
        return np.full((len(here), len(there)), np.inf)
    return cost_matrix(network, here, there, None, max_snap_m=max_snap_m).to_dense() / _M_PER_KM
