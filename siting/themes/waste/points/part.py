"""One part of the audit of points, ready to be shown, and the zones that every part adds up by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.coverage import CITY_LEVEL, assign_zones
from siting.coverage.rollup import ZONE_PREFIX, zone_names
from siting.ledger import Finding, Text
from siting.standards import document_text
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.result import ThemeLayer, ThemeTable


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """Layers, tables, figures and sentences of one question; `siting.themes.result.ThemeResult` says what they are."""

    layers: tuple[ThemeLayer, ...] = ()
    tables: tuple[ThemeTable, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    headlines: tuple[Text, ...] = ()
    findings: tuple[Finding, ...] = ()
    missing: tuple[tuple[Text, Text], ...] = ()


class Zone(NamedTuple):
    """The city, or one zone of a level, with the rows that lie in it."""

    level: str
    zone: str
    name: str
    rows: tuple[NDArray[np.bool_], ...]


def each_zone(city: City, *layers: gpd.GeoDataFrame) -> Iterator[Zone]:
    """Give the city and every zone of each level, with a mask of the rows of each layer.

    A layer's ``zone_<level>`` columns are taken where it has them; an area lies where a point inside it does.
    """
    placed = [_placed(city, layer) for layer in layers]
    names = zone_names(city.zones)
    yield Zone(CITY_LEVEL, CITY_LEVEL, "", tuple(np.ones(len(layer), dtype=bool) for layer in layers))
    for level in city.zones:
        where = [frame[ZONE_PREFIX + level].astype(str).to_numpy() for frame in placed]
        every = {z for here in where for z in here.tolist()} | set(city.zones[level].index.astype(str))
        for zone in sorted(every):
            yield Zone(level, zone, names[level].get(zone, zone), tuple(here == zone for here in where))


def _placed(city: City, layer: gpd.GeoDataFrame) -> pd.DataFrame:
    if all(ZONE_PREFIX + level in layer.columns for level in city.zones):
        return pd.DataFrame(layer)
    inside = shapely.point_on_surface(np.asarray(layer.geometry, dtype=object))
    return assign_zones(gpd.GeoSeries(inside, index=layer.index, crs=city.crs), city.zones)


def cited(rule: Rule) -> Text:
    """Name a rule with its clause and how well it was read."""
    read = rule.confidence.text
    return Text(
        f"{rule.name.zh}（{document_text(rule, 'zh')}，{read.zh}）",
        f"{rule.name.en} ({document_text(rule, 'en')}, {read.en})",
    )


def names_of(layer: gpd.GeoDataFrame) -> list[str]:
    """Names of the rows; the id where a row has none."""
    names = layer["name"].tolist() if "name" in layer.columns else [None] * len(layer)
    return [str(i) if n is None or pd.isna(n) else str(n) for i, n in zip(layer.index, names, strict=True)]
