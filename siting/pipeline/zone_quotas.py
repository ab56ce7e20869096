"""`at_least` and `at_most` of a `[[locate]]` entry: how many new sites zones still need and may still have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.coverage import OUTSIDE_ZONE, assign_zones
from siting.coverage.rollup import ZONE_PREFIX
from siting.errors import InfeasibleError, InputError
from siting.nearest_word import suggest
from siting.study.locate_table import LocateTable, ZoneCountTable


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneQuotas:
    """What `siting.locate.make_plan` takes of the same names.

    Attributes
    ----------
    zones : the zone of each candidate, by id; None where there are no quotas
    at_least, at_most : new sites by zone, with what exists taken off
    """

    zones: "pd.Series[Any] | None" = None
    at_least: Mapping[str, int] | None = None
    at_most: Mapping[str, int] | None = None
    counted: Mapping[str, int] = field(default_factory=dict)


def check_zones(entry: LocateTable, zones: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Refuse quotas of zones that their level does not have."""
    for key in ("at_least", "at_most"):
        count = getattr(entry, key)
        level = None if count is None else count.level or next(iter(zones), None)
        if level is not None and level in zones:
            _asked(entry, key, count, zones[level].index.astype(str).tolist())


def quotas_of(
    entry: LocateTable, zones: Mapping[str, gpd.GeoDataFrame], candidates: gpd.GeoDataFrame, existing: gpd.GeoDataFrame
) -> ZoneQuotas:
    """Count what exists in each zone, and say what is left of the entry's quotas for new sites.

    Raises
    ------
    InputError
        A zone that the level does not have.
    InfeasibleError
        More facilities exist in a zone than it may have.
    """
    given = entry.at_least or entry.at_most
    if given is None:
        return ZoneQuotas()
    level = given.level or next(iter(zones))
    layer = {level: zones[level]}
    ids = zones[level].index.astype(str).tolist()
    already = _zone_of(existing, layer, level).value_counts()
    have = {zone: int(already.get(zone, 0)) for zone in ids}
    least = {z: max(0, n - have[z]) for z, n in _asked(entry, "at_least", entry.at_least, ids).items()}
    most = {z: n - have[z] for z, n in _asked(entry, "at_most", entry.at_most, ids).items()}
    over = [zone for zone, left in most.items() if left < 0]
    if over:
        msg = (
            f"{entry.name}: at_most allows {most[over[0]] + have[over[0]]} sites in zone {over[0]}, where "
            f"{have[over[0]]} exist ({len(over)} such zones); allow more, or existing = false"
        )
        raise InfeasibleError(msg)
    return ZoneQuotas(
        zones=_zone_of(candidates, layer, level),
        at_least={zone: n for zone, n in least.items() if n} if entry.at_least else None,
        at_most=most if entry.at_most else None,
        counted=have,
    )


def _asked(entry: LocateTable, key: str, count: ZoneCountTable | None, ids: list[str]) -> dict[str, int]:
    if count is None:
        return {}
    unknown = [zone for zone in count.zones or () if zone not in ids]
    if unknown:
        near = suggest(unknown[0], ids)
        hint = f"did you mean '{near}'?" if near else f"zones: {', '.join(ids[:5])}"
        msg = f"locate '{entry.name}': {key} names zone '{unknown[0]}', which the level does not have; {hint}"
        raise InputError(msg)
    return dict.fromkeys(count.zones or ids, count.sites)


def _zone_of(layer: gpd.GeoDataFrame, zones: Mapping[str, gpd.GeoDataFrame], level: str) -> "pd.Series[Any]":
    """Return the zone of each place, areas by a point inside them; None outside all."""
    shapes = np.asarray(layer.geometry)
    points = gpd.GeoSeries(shapely.point_on_surface(shapes), index=layer.index, crs=layer.crs)
    found = assign_zones(points, zones)[ZONE_PREFIX + level].astype(object)
    return found.where(found != OUTSIDE_ZONE, None)
