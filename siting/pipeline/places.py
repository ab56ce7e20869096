"""The facilities of a study: those of its OSM file, and those of its own layers, each of one class of the list."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from siting.inputs.osm import OsmData
from siting.inputs.schema import numeric_column
from siting.pipeline.parking import reads_spaces, with_lot_columns, with_spaces
from siting.pipeline.reading import Reader
from siting.pipeline.toilets import TOILET_CLASS, toilet_columns
from siting.standards import load_classes
from siting.study import Study
from siting.study.settings import FacilityTable

COLUMNS = ("class", "name", "name_zh", "name_en", "capacity", "source")
GATE_CLASS = "park_gate"
GREEN_CLASSES = {"is_green": "any_green", "is_park": "park_green"}
"""Columns of the OSM green layer, and the class that their polygons are facilities of."""


def gather_facilities(study: Study, reader: Reader, osm: OsmData | None, crs: pyproj.CRS | None) -> gpd.GeoDataFrame:
    """Put all facilities into one frame: index = id, columns as `COLUMNS` and what else the sources have.

    A class with a layer of the study's own takes nothing from OSM, unless ``add_to_osm`` is set.
    """
    own = {k: t for k, t in study.settings.facilities.items() if isinstance(t, FacilityTable)}
    replaced = {k for k, t in own.items() if not t.add_to_osm}
    parts = [] if osm is None else [_from_osm(osm, crs)]
    if parts:
        parts[0] = gpd.GeoDataFrame(parts[0][~parts[0]["class"].isin(replaced)])
    for name, table in own.items():
        named = toilet_columns(study) if name == TOILET_CLASS else ()
        frame = _from_layer(name, table, reader, crs, named)
        if frame is not None:
            parts.append(frame)
    parts = [p for p in parts if len(p)]
    if not parts:
        return _no_facilities(crs)
    if crs is None:  # the study's CRS was refused: layers keep their own, and reading goes on to find every fault
        parts = [gpd.GeoDataFrame(part.to_crs(parts[0].crs)) for part in parts]
    found = gpd.GeoDataFrame(pd.concat(_with_ids_of_their_own(parts)), crs=parts[0].crs)
    with reader.noting():
        found = with_lot_columns(study, found)
    # Layers without names are common; maps and plans look for the column all the same.
    found = found if "name" in found else gpd.GeoDataFrame(found.assign(name=None))
    order = {id_: k for k, id_ in enumerate(load_classes())}
    rank = found["class"].map(order).to_numpy()
    return gpd.GeoDataFrame(found.iloc[np.lexsort((found.index.astype(str), rank))])


def gather_entrances(
    facilities: gpd.GeoDataFrame, osm: OsmData | None, crs: pyproj.CRS | None
) -> gpd.GeoDataFrame | None:
    """Gather the mapped entrances of area facilities: the usable ones of OSM, and the study's own gates."""
    parts = []
    if osm is not None:
        # In OSM some gates of a park are mapped and others are not; a study's own layer is taken to hold them all.
        usable = gpd.GeoDataFrame(osm.entrances[osm.entrances["usable"]].assign(complete=False))
        parts.append(usable if crs is None else usable.to_crs(crs))
    gates = gpd.GeoDataFrame(facilities[facilities["class"] == GATE_CLASS])
    parts.append(
        gates[gates.geom_type == "Point"].reindex(columns=["name", "geometry"]).assign(kind="gate", complete=True)
    )
    parts = [p for p in parts if len(p)]
    if not parts:
        return None
    found = gpd.GeoDataFrame(pd.concat(parts), crs=parts[0].crs)
    return gpd.GeoDataFrame(found[~found.index.duplicated()])


def _with_ids_of_their_own(parts: list[gpd.GeoDataFrame]) -> list[gpd.GeoDataFrame]:
    """Put the class before the ids of a layer that shares ids with another: rows are named 0, 1, 2 where none has ids.

    Tables, gates and the column ``facility_<rule>`` name a facility by its id alone.
    """
    seen = pd.Index(np.concatenate([p.index.astype(str).unique().to_numpy() for p in parts]))
    shared = set(seen[seen.duplicated()])
    out = []
    for part in parts:
        ids = part.index.astype(str)
        own = part["source"].iloc[0] != "osm" and bool(shared & set(ids))
        index = (
            pd.Index([f"{c}/{i}" for c, i in zip(part["class"], ids, strict=True)], name="id") if own else part.index
        )
        out.append(gpd.GeoDataFrame(part.set_axis(index, axis=0)))
    return out


def facilities_of(facilities: gpd.GeoDataFrame, classes: tuple[str, ...]) -> gpd.GeoDataFrame | None:
    """Return the rows whose class serves one of ``classes``; None where the study has none at all.

    No row of a class in an OSM file is far more often a gap of the data than of the city, so it is not taken for
    "nobody is served".
    """
    from siting.standards import places_counting_as

    chosen = facilities[facilities["class"].isin(list(places_counting_as(classes)))]
    return gpd.GeoDataFrame(chosen) if len(chosen) else None


def _from_osm(osm: OsmData, crs: pyproj.CRS | None) -> gpd.GeoDataFrame:
    parts = [osm.facilities.assign(source="osm")]
    for flag, class_id in GREEN_CLASSES.items():
        chosen = osm.green[osm.green[flag]]
        parts.append(
            gpd.GeoDataFrame(chosen.drop(columns=list(GREEN_CLASSES)).assign(**{"class": class_id, "source": "osm"}))
        )
    parts = [p for p in parts if len(p)]
    if not parts:
        return _no_facilities(crs)
    found = gpd.GeoDataFrame(pd.concat(parts), crs=osm.facilities.crs)
    return found if crs is None else found.to_crs(crs)


def _from_layer(
    name: str, table: FacilityTable, reader: Reader, crs: pyproj.CRS | None, named: tuple[str, ...] = ()
) -> gpd.GeoDataFrame | None:
    required = named if table.capacity is None else (table.capacity, *named)
    layer = reader.layer(f"facilities.{name}", table, "any", crs, required)
    if layer is None:
        return None
    frame = layer.frame.assign(**{"class": name, "source": table.source})
    if table.capacity is not None and reads_spaces(reader.study, name):
        frame = with_spaces(reader.study, frame, table.capacity)
    elif table.capacity is not None:
        with reader.noting():
            column = numeric_column(frame, table.capacity, layer.name, minimum=0.0, allow_missing=True)
            frame["capacity"] = column.values
    return gpd.GeoDataFrame(frame)


def _no_facilities(crs: pyproj.CRS | None) -> gpd.GeoDataFrame:
    table = pd.DataFrame({c: pd.Series(dtype=object) for c in COLUMNS}, index=pd.Index([], name="id", dtype=object))
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([], crs=crs), crs=crs)
