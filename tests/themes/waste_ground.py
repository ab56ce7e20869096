"""Rectangles on a plan in metres, drawn in the tests of waste."""

import geopandas as gpd
import pandas as pd
import shapely
from shapely.affinity import translate

CRS = "EPSG:4548"
EAST, NORTH = 517000, 4052000


def shape(*bounds):
    """Two numbers: a point; four: a rectangle."""
    made = shapely.Point(*bounds) if len(bounds) == 2 else shapely.box(*bounds)
    return translate(made, EAST, NORTH)


def layer(shapes, **columns):
    """Shapes by id, as `shape` takes them; None is a row without a geometry."""
    index = pd.Index(list(shapes), name="id")
    drawn = [
        None if s is None else (shape(*s) if isinstance(s, tuple) else translate(s, EAST, NORTH))
        for s in shapes.values()
    ]
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(drawn, index=index, crs=CRS), index=index)
