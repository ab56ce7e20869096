"""`results.gpkg`: one GeoPackage 1.3 with all layers and styles; the same layers give the same bytes, bar dates."""

import sqlite3
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from siting.errors import OutputError
from siting.outputs.clock import timestamp
from siting.outputs.layers import EMPTY_GEOMETRY
from siting.outputs.qgis.styles import NamedStyle

GPKG_VERSION = "1.3"
"""Newer ones make QGIS 3.22 complain on every opening."""
GPKG_APPLICATION_ID = 0x47504B47
GEOMETRY_COLUMN = "geom"
STYLE_TABLE = "layer_styles"
STYLE_SCHEMA = """CREATE TABLE layer_styles (
id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"""
"""As QGIS makes it itself."""


def write_geopackage(
    path: Path,
    layers: Mapping[str, pd.DataFrame],
    descriptions: Mapping[str, str],
    styles: Sequence[NamedStyle] = (),
) -> None:
    """Write layers in order, the styles with which QGIS opens them, and check the file.

    Parameters
    ----------
    path : a file that does not exist yet
    layers : by name; frames with geometry become layers, tables without become attribute tables. Columns must have
        names and cells as `siting.outputs.columns` makes them
    descriptions : of the layers, as QGIS shows them
    styles : for the table `layer_styles`, from which QGIS takes the looks of a layer

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
    rows = {name: len(table) for name, table in layers.items()}
    if styles:
        # After the last layer: two SQLite libraries in one process do not see the locks of each other.
        _write_styles(path, styles)
        rows[STYLE_TABLE] = len(styles)
    check_geopackage(path, rows)


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


def _write_styles(path: Path, styles: Sequence[NamedStyle]) -> None:
    """Add the table of styles, in a legal GeoPackage a table of attributes."""
    now = timestamp()
    rows = [
        (k, "", "", s.table, GEOMETRY_COLUMN, s.name, s.qml, "", int(s.default), s.description, "", None, now)
        for k, s in enumerate(styles, start=1)
    ]
    about = "QGIS 样式：每个图层有若干命名样式 / named styles of each layer, for QGIS"
    contents = (STYLE_TABLE, "attributes", STYLE_TABLE, about, now, 0)
    try:
        with closing(sqlite3.connect(path)) as base, base:
            base.execute(STYLE_SCHEMA)
            base.executemany(f"INSERT INTO {STYLE_TABLE} VALUES ({', '.join('?' * 13)})", rows)
            base.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                contents,
            )
            base.execute("INSERT INTO gpkg_ogr_contents VALUES (?, ?)", (STYLE_TABLE, len(rows)))
    except sqlite3.Error as error:
        msg = f"{path.name}: the styles cannot be written ({error}); nothing was replaced. Is the disk full?"
        raise OutputError(msg) from error


def _write_layer(path: Path, name: str, table: pd.DataFrame, description: str) -> None:
    options = {"IDENTIFIER": name, "DESCRIPTION": description, "FID": "fid"}
    more: dict[str, Any] = {}
    if isinstance(table, gpd.GeoDataFrame):
        options |= {"GEOMETRY_NAME": GEOMETRY_COLUMN, "SPATIAL_INDEX": "YES"}
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
