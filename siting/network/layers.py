"""What every function that takes a layer asks of it: labels, geometries, one working CRS."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from siting.errors import CRSError, GeometryError, SchemaError

NAMED = 5
"""How many ids a message names."""


def labels(layer: gpd.GeoSeries | gpd.GeoDataFrame, name: str) -> pd.Index:
    """Return what names the rows: the column ``id`` if there is one, else the index.

    Raises
    ------
    SchemaError
        A label is missing or occurs twice.
    """
    index: pd.Index = layer.index
    if isinstance(layer, gpd.GeoDataFrame) and "id" in layer.columns:
        index = pd.Index(layer["id"], name="id")
    if index.hasnans:
        msg = f"{name}: {int(np.asarray(index.isna()).sum())} rows have no id. Fill the column 'id', or reset the index"
        raise SchemaError(msg)
    if not index.is_unique:
        twice = index[index.duplicated()].unique()
        msg = f"{name}: {len(twice)} ids occur more than once ({first(twice)}). Ids must be unique"
        raise SchemaError(msg)
    return index


def geometries(layer: gpd.GeoSeries | gpd.GeoDataFrame, crs: CRS, name: str) -> NDArray[np.object_]:
    """Return the geometries as a shapely array in the working CRS, without Z.

    Raises
    ------
    CRSError
        The layer has no CRS.
    GeometryError
        A geometry is null, empty or not finite.
    """
    geometry = layer.geometry
    if geometry.crs is None:
        msg = f"{name}: the layer has no CRS. Set the one its coordinates are in: {name}.set_crs(…)"
        raise CRSError(msg)
    shapes = np.asarray(geometry.to_crs(crs).array if geometry.crs != crs else geometry.array, dtype=object)
    if (shapely.get_coordinate_dimension(shapes) > 2).any():
        shapes = np.asarray(shapely.force_2d(shapes), dtype=object)
    missing = np.asarray(shapely.is_missing(shapes) | shapely.is_empty(shapes), dtype=bool)
    refuse(missing, layer.index, name, "no geometry", "Remove these rows or give them one")
    # Bounds pass over NaN, so every coordinate is looked at.
    xy, row = shapely.get_coordinates(shapes, return_index=True)
    strange = np.zeros(len(shapes), dtype=bool)
    strange[row[~np.isfinite(xy).all(axis=1)]] = True
    refuse(strange, layer.index, name, "coordinates that are not finite", "Are latitude and longitude swapped?")
    return shapes


def point_coordinates(layer: gpd.GeoSeries | gpd.GeoDataFrame, crs: CRS, name: str) -> NDArray[np.float64]:
    """Return the coordinates of a point layer in the working CRS, shape (n, 2); other geometries are refused."""
    shapes = geometries(layer, crs, name)
    other = np.asarray(shapely.get_type_id(shapes) != shapely.GeometryType.POINT, dtype=bool)
    refuse(other, layer.index, name, "a geometry that is no point", "Use representative points of areas")
    return np.column_stack([shapely.get_x(shapes), shapely.get_y(shapes)]).astype(np.float64).reshape(-1, 2)


def refuse(bad: NDArray[np.bool_], index: pd.Index, name: str, what: str, remedy: str) -> None:
    """Raise `GeometryError` that counts and names the bad rows, if there are any."""
    if bad.any():
        msg = f"{name}: {int(bad.sum())} of {len(bad)} rows have {what} (ids {first(index[bad])}). {remedy}"
        raise GeometryError(msg)


def first(ids: "pd.Index[Any]") -> str:
    """Name the first few ids."""
    return ", ".join(str(i) for i in ids[:NAMED]) + (", …" if len(ids) > NAMED else "")
