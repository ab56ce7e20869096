"""Vegetation from the raster of a study: for rules about canopy and, where the study says so, as green."""

import geopandas as gpd
import pandas as pd
import pyproj

from siting.inputs.green_raster import green_areas
from siting.pipeline.reading import Reader
from siting.study import Study

GREEN_CLASS = "any_green"
_SOURCE = "raster"


def read_canopy(
    study: Study, reader: Reader, crs: pyproj.CRS, boundary: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame | None:
    """Read the areas under vegetation; None where the study has no such raster.

    Raises
    ------
    InputError
        The raster cannot be used.
    """
    table = None if study.settings.green is None else study.settings.green.raster
    if table is None:
        return None
    found = green_areas(
        study.resolve(table.source),
        crs=crs,
        band=table.band,
        threshold=table.threshold,
        classes=table.classes,
        min_area_m2=table.min_area_m2,
        boundary=None if boundary is None else boundary.geometry.union_all(),
    )
    reader.accounts.append(found.account)
    return found.frame


def with_canopy(study: Study, facilities: gpd.GeoDataFrame, canopy: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Add the areas under vegetation to the green of a study that asks for it.

    They stand beside the green of its other layers: areas of both are green either way.
    """
    table = None if study.settings.green is None else study.settings.green.raster
    if canopy is None or table is None or not table.as_green or not len(canopy):
        return facilities
    index = pd.Index([f"{_SOURCE}/{name}" for name in canopy.index], name=facilities.index.name)
    more = gpd.GeoDataFrame(
        {"class": GREEN_CLASS, "source": _SOURCE, "name": None}, geometry=canopy.geometry.to_numpy(), crs=canopy.crs,
        index=index,
    )  # fmt: skip
    more["name"] = more["name"].astype(object)
    return gpd.GeoDataFrame(pd.concat([facilities, more]), crs=canopy.crs) if len(facilities) else more
