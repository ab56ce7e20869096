"""How much longer the way over the streets is than the straight line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.access.nearest import nearest
from siting.network.graph import MAX_SNAP_M
from siting.network.layers import geometries, labels
from siting.units import MM_PER_M, metres_to_mm

if TYPE_CHECKING:
    from siting.network.graph import Network


def detour_ratio(
    network: Network,
    demand: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    cutoff: float | None = None,
    *,
    max_snap_m: float = MAX_SNAP_M,
    entrances: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Way over the streets to the nearest facility by the straight line to the same facility.

    ``ratio_i = d_i / s_i`` with ``d_i`` the cost to the facility nearest over the streets and ``s_i`` the straight
    distance to the geometry of that very facility; without unit, 1 where the street runs straight. A facility that is
    nearer as the crow flies, but across a river, does not enter: that is `siting.access.nearest_straight`.

    Parameters
    ----------
    demand, facilities, cutoff, max_snap_m, entrances : as for `siting.access.nearest`

    Returns
    -------
    Index = demand id; ``facility`` and ``cost`` as `siting.access.nearest` gives them, ``straight`` in metres (``inf``
    where no facility is reached), ``ratio``: ``inf`` where no facility is reached, NaN where the point is at the
    facility or within it (``straight`` is 0), so that there is nothing to go round. How many points reach none:
    `siting.access.count_unreachable`.

    Raises
    ------
    NetworkDataError
        The network has times, which no straight line compares with.

    References
    ----------
    Barthélemy (2011), Spatial networks, Physics Reports 499, 1-101 (route factor).
    """
    network.require_lengths("detour ratio")
    table = nearest(network, demand, facilities, cutoff, max_snap_m=max_snap_m, entrances=entrances)
    points = geometries(demand, network.crs, "demand")
    shapes = geometries(facilities, network.crs, "facilities")
    position = labels(facilities, "facilities").get_indexer(pd.Index(table["facility"]))
    reached = np.flatnonzero(table["facility"].notna().to_numpy())
    straight = np.full(len(table), np.inf)
    straight[reached] = metres_to_mm(shapely.distance(points[reached], shapes[position[reached]])) / MM_PER_M
    ratio = np.full(len(table), np.inf)
    there = reached[straight[reached] == 0]
    away = reached[straight[reached] > 0]
    ratio[there] = np.nan
    ratio[away] = table["cost"].to_numpy()[away] / straight[away]
    return table.assign(straight=straight, ratio=ratio)
