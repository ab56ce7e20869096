"""Layers that only the siting of toilets reads: places by kind, what toilets keep away from, busy places."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import pyproj

from siting.inputs.footfall_raster import FOOTFALL, read_footfall
from siting.inputs.schema import numeric_column
from siting.ledger import Text
from siting.pipeline.reading import Reader
from siting.study import Study
from siting.study.toilet_faults import site_key
from siting.study.toilet_sites_table import FootfallTable, ToiletSitesTable

NO_LOTS = Text(
    "没有可开放的厕所；请给出 [toilets.opening] source 或 facility",
    "there are no toilets to open; give source or facility in [toilets.opening]",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class SiteLayers:
    """Layers of one `[[toilets.sites]]`, in the CRS of the study.

    Attributes
    ----------
    places : by kind of place
    apart : by rule, what toilets keep away from
    busy : by name, busy places; with the column ``footfall`` where the study names figures or a GeoTIFF
    """

    places: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    apart: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    busy: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)


def read_site_layers(
    study: Study, reader: Reader, crs: pyproj.CRS | None, boundary: gpd.GeoDataFrame | None
) -> tuple[SiteLayers, ...]:
    """Read what each `[[toilets.sites]]` names; faults are noted with those of the other layers."""
    table = study.settings.toilets
    if table is None:
        return ()
    return tuple(
        _layers(site_key(table, k), sites, study, reader, crs, boundary) for k, sites in enumerate(table.sites)
    )


def read_opening_layer(study: Study, reader: Reader, crs: pyproj.CRS | None) -> gpd.GeoDataFrame | None:
    """Read the buildings of `[toilets.opening]`; None where it names none."""
    table = study.settings.toilets
    if table is None or table.opening is None or table.opening.source is None:
        return None
    needed = () if table.opening.hours is None else (table.opening.hours,)
    layer = reader.layer("toilets.opening", table.opening.source, "any", crs, needed)
    return None if layer is None else layer.frame


def _layers(
    key: str,
    sites: ToiletSitesTable,
    study: Study,
    reader: Reader,
    crs: pyproj.CRS | None,
    boundary: gpd.GeoDataFrame | None,
) -> SiteLayers:
    places, apart, busy = {}, {}, {}
    for kind, ref in sites.layers.items():
        layer = reader.layer(f"{key}.layers.{kind}", ref, "any", crs)
        if layer is not None:
            places[str(kind)] = layer.frame
    for rule, ref in sites.separations.items():
        layer = reader.layer(f"{key}.separations.{rule}", ref, "any", crs)
        if layer is not None:
            apart[rule] = layer.frame
    for name, one in sites.footfall.items():
        found = _busy(f"{key}.footfall.{name}", one, study, reader, crs, boundary)
        if found is not None:
            busy[name] = found
    return SiteLayers(places=places, apart=apart, busy=busy)


def _busy(
    key: str,
    one: FootfallTable,
    study: Study,
    reader: Reader,
    crs: pyproj.CRS | None,
    boundary: gpd.GeoDataFrame | None,
) -> gpd.GeoDataFrame | None:
    if one.source is None:
        return None
    if one.is_raster:
        if crs is None:
            return None
        path, area = study.resolve(one.source.source), None if boundary is None else boundary.geometry.union_all()
        cells = reader.attempt(lambda: read_footfall(path, crs=crs, boundary=area, bands=one.bands, layer=key))
        if cells is None:
            return None
        reader.accounts.append(cells.account)
        return cells.frame
    layer = reader.layer(key, one.source, "any", crs, () if one.column is None else (one.column,))
    if layer is None:
        return None
    frame = layer.frame
    if one.column is not None:
        with reader.noting():
            column = numeric_column(frame, one.column, layer.name, minimum=0.0, allow_missing=True)
            frame = gpd.GeoDataFrame(frame.assign(**{FOOTFALL: column.values}))
    return frame
