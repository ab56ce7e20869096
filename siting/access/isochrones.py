"""Bands between isochrones: what lies within 5 minutes, what between 5 and 10, and so on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from siting.access.service_area import BUFFER_M, service_areas
from siting.access.service_split import minus, polygonal
from siting.errors import SchemaError
from siting.network.graph import MAX_SNAP_M

if TYPE_CHECKING:
    from siting.network.graph import Network


def isochrone_bands(
    network: Network,
    facilities: gpd.GeoDataFrame,
    cutoffs: Sequence[float],
    overlap: str = "dissolve",
    *,
    buffer_m: float = BUFFER_M,
    max_snap_m: float = MAX_SNAP_M,
    entrances: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Areas between successive cutoffs over the streets (isochrone bands, 等时圈).

    A band is the service area of its upper cutoff without those of all lower ones. The bands of one facility (or of all
    together) do not overlap, and are the largest service area when put together.

    Parameters
    ----------
    cutoffs : different metres (seconds, where the network has times), above 0, in any order
    overlap : "dissolve", bands around all facilities together; "overlap", bands around each facility
    buffer_m, max_snap_m, entrances : as for `siting.access.service_areas`

    Returns
    -------
    Index "<facility>/<from>-<to>" (facility "all" where dissolved) named ``id``; columns ``facility`` (None where
    dissolved), ``from``, ``to`` (in the network's unit; a band holds what is beyond ``from`` and within ``to``),
    ``buffer_m``; from near to far. Geometry in the network's CRS, empty where nothing is reached.

    Raises
    ------
    SchemaError
        A cutoff is not above 0 or occurs twice, or ``overlap`` is neither of the two.
    """
    limits = sorted(float(c) for c in np.atleast_1d(np.asarray(cutoffs, dtype=np.float64)))
    if not limits or not all(np.isfinite(c) and c > 0 for c in limits) or len(set(limits)) < len(limits):
        msg = f"isochrone bands: cutoffs {limits} must be different and above 0"
        raise SchemaError(msg)
    if overlap not in ("dissolve", "overlap"):
        msg = f"isochrone bands: overlap={overlap!r} is not available; must be one of 'dissolve', 'overlap'"
        raise SchemaError(msg)
    areas = service_areas(
        network, facilities, limits, overlap, buffer_m=buffer_m, max_snap_m=max_snap_m, entrances=entrances
    )
    per_limit = len(areas) // len(limits)
    shapes = areas.geometry.to_numpy().reshape(len(limits), per_limit)
    inner = np.full(per_limit, shapely.Polygon(), dtype=object)
    bands = []
    for outer in shapes:
        bands += [minus(large, small) for large, small in zip(outer, inner, strict=True)]
        # Lines are simplified, so that a smaller area may stand out of a larger one by a hand's breadth.
        inner = np.array([polygonal(shape) for shape in shapely.union(outer, inner)], dtype=object)
    made = areas.drop(columns="cutoff").set_geometry(bands, crs=network.crs)
    made.insert(1, "from", np.repeat([0.0, *limits[:-1]], per_limit))
    made.insert(2, "to", np.repeat(limits, per_limit))
    who = ["all" if name is None else name for name in made["facility"]]
    made.index = [f"{name}/{low:g}-{high:g}" for name, low, high in zip(who, made["from"], made["to"], strict=True)]
    return made.rename_axis("id")
