"""Public toilets of a study: the layers that only their audit reads, and the audit."""

from dataclasses import dataclass

import geopandas as gpd
import pyproj

from siting.inputs.schema import numeric_column
from siting.pipeline.reading import Reader
from siting.pipeline.toilet_site_layers import SiteLayers, read_opening_layer, read_site_layers
from siting.study import Study
from siting.themes import City, ThemeResult, load_themes
from siting.themes.toilets import Columns, Use, audit_toilets, lacks_toilets

TOILET_CLASS = "public_toilet"


@dataclass(frozen=True, kw_only=True, eq=False)
class ToiletLayers:
    """Layers of `[toilets]` in the CRS of the study; None where the study has no such layer.

    Attributes
    ----------
    land_use, busy : of the audit
    sites : of each `[[toilets.sites]]`
    opening : buildings whose toilets could open
    """

    land_use: gpd.GeoDataFrame | None = None
    busy: gpd.GeoDataFrame | None = None
    sites: tuple[SiteLayers, ...] = ()
    opening: gpd.GeoDataFrame | None = None


def toilet_columns(study: Study) -> tuple[str, ...]:
    """List the columns that the toilet layer must have, since the study names them."""
    table = study.settings.toilets
    if table is None:
        return ()
    return tuple(dict.fromkeys(table.columns.model_dump(exclude_none=True).values()))


def read_toilet_layers(
    study: Study, reader: Reader, crs: pyproj.CRS | None, boundary: gpd.GeoDataFrame | None
) -> ToiletLayers:
    """Read what `[toilets]` names; faults are noted with those of the other layers."""
    table = study.settings.toilets
    if table is None:
        return ToiletLayers()
    land_use = busy = None
    if table.land_use is not None:
        layer = reader.layer("toilets.land_use", table.land_use, "polygon", crs, (table.land_use_class,))
        land_use = None if layer is None else layer.frame
    if table.busy is not None:
        required = () if table.footfall is None else (table.footfall,)
        layer = reader.layer("toilets.busy", table.busy, "any", crs, required)
        if layer is not None:
            busy = layer.frame
            if table.footfall is not None:
                with reader.noting():
                    column = numeric_column(busy, table.footfall, layer.name, minimum=0.0, allow_missing=True)
                    busy = gpd.GeoDataFrame(busy.assign(footfall=column.values))
    return ToiletLayers(
        land_use=land_use,
        busy=busy,
        sites=read_site_layers(study, reader, crs, boundary),
        opening=read_opening_layer(study, reader, crs),
    )


def audit_toilets_of(study: Study, city: City, layers: ToiletLayers) -> ThemeResult:
    """Audit the toilets of a study; without any, the theme says so."""
    table = study.settings.toilets
    assert table is not None
    lacking = lacks_toilets(city)
    if lacking is not None:
        title = load_themes()["toilets"].name
        return ThemeResult(theme="toilets", title=title, missing=((title, lacking),))
    return audit_toilets(
        city,
        columns=Columns(**table.columns.model_dump()),
        crowded=table.crowded,
        land_use=layers.land_use,
        land_use_field=table.land_use_class,
        land_use_classes=table.land_use_classes,
        busy=layers.busy,
        slots=table.slots,
        at_place_m=table.at_place_m,
        beside_m=table.beside_m,
        use=None if table.use is None else Use(**table.use.model_dump()),
    ).themed()
