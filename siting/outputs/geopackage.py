"""`results.gpkg`: one GeoPackage 1.3 with every layer; the same layers give the same bytes, bar time stamps."""

import sqlite3
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from siting.errors import OutputError
from siting.outputs.clock import timestamp

GPKG_VERSION = "1.3"
"""Newer ones make QGIS 3.22 complain on every opening."""
GPKG_APPLICATION_ID = 0x47504B47
EMPTY_GEOMETRY = {
    "demand": "Point",
    "facilities": "Point",
    "gates": "Point",
    "candidates": "Point",
    "sites": "Point",
    "unsnapped": "Point",
}
"""Kind of geometry of a layer without rows; others are polygons."""


def write_geopackage(path: Path, layers: Mapping[str, pd.DataFrame], descriptions: Mapping[str, str]) -> None:
    """Write layers in order and check the file.

    Parameters
    ----------
    path : a file that does not exist yet
    layers : by name; frames with geometry become layers, tables without become attribute tables. Columns must have
        names and cells as `siting.outputs.columns` makes them
    descriptions : of the layers, as QGIS shows them

    Raises
    ------
    OutputError
        The file cannot be written, the disk is full, or what was written reads back differently.
    """
    settings = {
        "OGR_CURRENT_DATE": timestamp(),
        "OGR_GPKG_NUM_THREADS": "1",  # an index that threads build differs from run to run
        "OGR_SQLITE_JOURNAL": "DELETE",
    }
    with _gdal(settings):
        for name, table in layers.items():
            try:
                _write_layer(path, name, table, descriptions.get(name, ""))
            except (RuntimeError, ValueError, OSError) as error:  # GDAL's own errors are RuntimeErrors
                msg = f"{path.name}, layer {name}: {error}; nothing was replaced. Is the disk full?"
                raise OutputError(msg) from error
    check_geopackage(path, {name: len(table) for name, table in layers.items()})


def check_geopackage(path: Path, rows: Mapping[str, int]) -> None:
    """Refuse a GeoPackage that is damaged or lacks rows. GDAL must have closed it."""
    uri = f"{path.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as base:
            magic = base.execute("PRAGMA application_id").fetchone()[0]
            intact = base.execute("PRAGMA integrity_check").fetchone()[0]
            loose = base.execute("PRAGMA foreign_key_check").fetchall()
            found = {
                name: base.execute('SELECT count(*) FROM "{}"'.format(name.replace('"', '""'))).fetchone()[0]
                for (name,) in base.execute("SELECT table_name FROM gpkg_contents").fetchall()
            }
    except sqlite3.Error as error:
        msg = f"{path.name}: the file written is damaged ({error}); nothing was replaced. Is the disk full?"
        raise OutputError(msg) from error
    if magic != GPKG_APPLICATION_ID or intact != "ok" or loose:
        msg = f"{path.name}: the file written is damaged ({intact}); nothing was replaced. Is the disk full?"
        raise OutputError(msg)
    wrong = [f"{name} ({found.get(name, 0)} of {n})" for name, n in rows.items() if found.get(name) != n]
    if wrong:
        msg = f"{path.name}: rows are missing after writing: {', '.join(wrong)}; nothing was replaced"
        raise OutputError(msg)


def _write_layer(path: Path, name: str, table: pd.DataFrame, description: str) -> None:
    options = {"IDENTIFIER": name, "DESCRIPTION": description, "FID": "fid"}
    more: dict[str, Any] = {}
    if isinstance(table, gpd.GeoDataFrame):
        options |= {"GEOMETRY_NAME": "geom", "SPATIAL_INDEX": "YES"}
        if table.geometry.isna().all():
            more["geometry_type"] = EMPTY_GEOMETRY.get(name, "MultiPolygon")
    if not path.exists():
        more["dataset_options"] = {"VERSION": GPKG_VERSION}
    with warnings.catch_warnings():
        # An empty text column has no width to guess from; that is what we want.
        warnings.simplefilter("ignore", UserWarning)
        pyogrio.write_dataframe(table, path, layer=name, driver="GPKG", layer_options=options, **more)


@contextmanager
def _gdal(settings: dict[str, str]) -> Iterator[None]:
    before = {key: pyogrio.get_gdal_config_option(key) for key in settings}
    pyogrio.set_gdal_config_options(settings)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)
