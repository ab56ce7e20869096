"""What lies inside the study area: car parks and stations beyond it serve its cars, but are none of its own."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.themes.city import City


def inside_area(city: City, layer: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Whether a point inside each shape lies in the study area; True for all where the city has none."""
    if city.boundary is None or not len(layer):
        return np.ones(len(layer), dtype=np.bool_)
    points = shapely.point_on_surface(np.asarray(layer.geometry, dtype=object))
    area = shapely.union_all(np.asarray(city.boundary.geometry, dtype=object))
    shapely.prepare(area)
    return np.asarray(shapely.intersects(area, points), dtype=np.bool_)
