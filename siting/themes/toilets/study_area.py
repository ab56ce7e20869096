"""What lies in the study area: an extract reaches beyond it, and what is out there is not the city's."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from siting.themes.city import City


def study_area(city: City) -> gpd.GeoDataFrame | None:
    """Return the ground of the study: its boundary, or without one its zones of the largest level, as for density."""
    if city.boundary is not None or not city.zones:
        return city.boundary
    return list(city.zones.values())[-1]


def inside_area(city: City, layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Rows that touch the study area, in the CRS of the city; all of them where nothing says what it is."""
    area = study_area(city)
    if area is None or not len(layer):
        return layer
    whole = area.geometry.union_all()
    shapely.prepare(whole)
    return gpd.GeoDataFrame(layer[shapely.intersects(whole, np.asarray(layer.geometry, dtype=object))])
