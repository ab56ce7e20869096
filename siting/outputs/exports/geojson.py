"""One layer as GeoJSON by RFC 7946: WGS 84, seven decimals, outer rings against the clock, no NaN."""

import json
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from siting.errors import OutputError

WGS84, DECIMALS = "EPSG:4326", 7


def write_geojson(path: Path, layer: gpd.GeoDataFrame) -> None:
    """Write one layer and read it back.

    Parameters
    ----------
    path : `….geojson`, not there yet
    layer : plain columns: numbers, texts, truth values, missing cells

    Raises
    ------
    OutputError
        The disk is full, or what was written reads back differently.
    """
    table = layer.to_crs(WGS84)
    table = table.set_geometry(gpd.GeoSeries(shapely.orient_polygons(table.geometry.array), crs=WGS84))
    for position, kind in enumerate(table.dtypes):
        if kind is np.dtype(object):  # truth values with missing ones between them
            table.isetitem(position, table.iloc[:, position].astype("boolean").array)
    if not len(table):
        empty = {"type": "FeatureCollection", "name": path.stem, "features": []}
        path.write_text(json.dumps(empty, ensure_ascii=False) + "\n", encoding="utf-8")
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        pyogrio.write_dataframe(
            table,
            path,
            driver="GeoJSON",
            # Text that looks like a list stays text.
            layer_options={"RFC7946": "YES", "COORDINATE_PRECISION": DECIMALS, "AUTODETECT_JSON_STRINGS": "NO"},
        )
    _read_back(path, pd.DataFrame(table.drop(columns=table.geometry.name)))


def _read_back(path: Path, table: pd.DataFrame) -> None:
    def refuse(constant: str) -> None:
        msg = f"{path.name}: holds {constant}, which no JSON reader takes; nothing was exported"
        raise OutputError(msg)

    try:
        features = json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)["features"]
    except (ValueError, KeyError, OSError) as error:
        msg = f"{path.name}: what was written cannot be read ({error}); nothing was exported. Is the disk full?"
        raise OutputError(msg) from error
    same = len(features) == len(table)
    for name in table.columns if same else ():
        if not pd.api.types.is_numeric_dtype(table[name].dtype):
            given = [None if pd.isna(cell) else cell for cell in table[name]]
            same &= given == [feature["properties"].get(name) for feature in features]
    if not same:
        msg = f"{path.name}: what was written reads back differently; nothing was exported. Is the disk full?"
        raise OutputError(msg)
