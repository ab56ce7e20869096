"""What `[waste.stations]` and `[[waste.plants]]` keep away from, as their functions take it."""

from collections.abc import Mapping, Sequence

import geopandas as gpd

from siting.errors import InputError
from siting.ledger import Text
from siting.standards import load_classes
from siting.study.waste_stations_table import WasteKeepTable
from siting.themes import City
from siting.themes.waste.ground import Keep

AVOID = "waste.ts.avoid"


def keeps(
    tables: Sequence[WasteKeepTable],
    key: str,
    city: City,
    layers: Mapping[str, gpd.GeoDataFrame],
    titles: Mapping[str, Text],
) -> list[Keep]:
    """Return the layers with the study's distances; one that could not be read is not among them."""
    made = []
    for table in tables:
        layer = layers.get(f"{key}.keep.{table.name}") if table.layer is not None else _of_classes(table, key, city)
        if layer is None:
            continue
        title = either(table.name_zh, table.name_en) or titles.get(table.name) or Text(table.name, table.name)
        made.append(
            Keep(
                name=table.name,
                title=title,
                layer=layer,
                distance_m=table.distance_m,
                rules=(AVOID,) if table.avoid and AVOID in city.catalogue else (),
                source=either(table.source_zh, table.source_en),
            )
        )
    return made


def _of_classes(table: WasteKeepTable, key: str, city: City) -> gpd.GeoDataFrame:
    known = load_classes()
    for name in table.facility or ():
        if name not in known:
            msg = f"{key}: keep '{table.name}': no facility class {name!r}; the reference lists them"
            raise InputError(msg)
    return city.of_class(*(table.facility or ()))


def either(zh: str | None, en: str | None) -> Text | None:
    """Return a text of which one language may be missing."""
    one = zh or en
    return None if one is None else Text(zh or one, en or one)
