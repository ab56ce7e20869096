"""Charging in a city: spaces ready for electric cars, stations, and what cars take beside what stations give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from siting.ledger import Finding, Text
from siting.themes.charging.assumed import Assumed, assumed_of
from siting.themes.charging.indicators import joined, lot_indicators, reach_indicators
from siting.themes.charging.ready import Ready, ready_of
from siting.themes.charging.stations import Stations, stations_of
from siting.themes.city import City
from siting.themes.result import ThemeResult

LOT_CLASSES = ("public_parking", "parking", "street_parking")
NO_LOTS = (
    Text("停车位充电条件", "spaces ready for charging"),
    Text("缺少停车场图层", "no car parks in the data"),
)
NO_STATIONS = (
    Text("公共充电站", "public charging stations"),
    Text("缺少充电站图层（charging），无数据不等于没有", "no layer of class charging; no data does not mean none"),
)
NO_RADIUS = (
    Text("充电站服务半径", "radius of a charging station"),
    Text("规则目录中无服务半径条文，研究未自定（reach_m）", "no clause states one and the study gives none (reach_m)"),
)
NO_CARS = (
    Text("充电站数量与供需", "number of stations, demand and supply"),
    Text("研究未给出电动汽车比例等假定", "the study states no figures about electric cars (ev_share, …)"),
)
NO_BALANCE = (
    Text("充电供需", "demand and supply of charging"),
    Text(
        "研究未给出每辆车的充电需求与每个充电桩的能力",
        "the study does not state what a car takes and a charger gives in a day",
    ),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Charging:
    """What the charging audit found.

    Attributes
    ----------
    ready : spaces ready for charging, lot by lot; None without car parks
    stations : stations, who has one near, demand and supply; None without stations and without figures about cars
    missing : what could not be judged, and why
    indicators : rows for `tables/indicators.csv`
    zone_shapes : by level and zone id
    """

    ready: Ready | None
    stations: Stations | None
    missing: tuple[tuple[Text, Text], ...]
    indicators: pd.DataFrame
    zone_shapes: Mapping[str, Mapping[str, BaseGeometry]]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Rows that could not be used, and why."""
        parts = [part.findings for part in (self.ready, self.stations) if part is not None]
        return tuple(finding for part in parts for finding in part)

    def themed(self) -> ThemeResult:
        """Return layers, tables, figures and sentences for every output."""
        from siting.themes.charging.shown import themed

        return themed(self)

    def __repr__(self) -> str:
        """Say how many lots and stations there are."""
        lots = 0 if self.ready is None else len(self.ready.lots)
        stations = 0 if self.stations is None else len(self.stations.stations)
        return f"Charging({lots} car parks, {stations} stations)"


def audit_charging(
    city: City,
    *,
    lots: gpd.GeoDataFrame | None = None,
    rules: Mapping[str, Sequence[str]] | None = None,
    assumed: Assumed | Mapping[str, Any] | None = None,
    reach_m: float | None = None,
    spaces: str = "capacity",
    ready: str = "ev_spaces",
    kind: str = "ev_kind",
    chargers: str = "chargers",
) -> Charging:
    """Audit charging.

    Parameters
    ----------
    city : see `City.of`; facilities of class ``charging`` are the public stations
    lots : car parks; default: the city's facilities of `LOT_CLASSES`
    rules, spaces, ready, kind : as for `ready_of`
    assumed : the study's figures about electric cars: `Assumed`, or a dict such as ``{"ev_share": 0.2,
        "cars_per_person": 0.3, "per_ev_day": 0.25, "per_charger_day": 8}``
    reach_m, chargers : as for `stations_of`

    Returns
    -------
    `Charging`; nothing that a missing layer or figure would need is made up: it is listed in ``missing``.

    Raises
    ------
    SchemaError
        Kinds, rules or ids that cannot be used.
    """
    assumed = assumed_of(assumed)
    lots = city.of_class(*LOT_CLASSES) if lots is None else lots
    missing: list[tuple[Text, Text]] = []
    found = None
    if len(lots):
        found = ready_of(city, lots, rules=rules, spaces=spaces, ready=ready, kind=kind)
    else:
        missing.append(NO_LOTS)
    lacking = None if assumed is None else assumed.lacks(city.demand)
    known = None if lacking is not None else assumed
    stations = stations_of(city, known, reach_m=reach_m, chargers=chargers)
    if not len(stations.stations):
        missing.append(NO_STATIONS)
    elif stations.radius is None:
        missing.append(NO_RADIUS)
    if assumed is None:
        missing.append(NO_CARS)
    elif lacking is not None:
        missing.append((NO_CARS[0], lacking))
    elif not assumed.can_balance:
        missing.append(NO_BALANCE)
    empty = not len(stations.stations) and known is None
    return Charging(
        ready=found,
        stations=None if empty else stations,
        missing=tuple(missing),
        indicators=joined(
            [
                *([] if found is None else lot_indicators(city, found)),
                *([] if empty else reach_indicators(city, stations)),
            ]
        ),
        zone_shapes={
            level: dict(zip(layer.index.astype(str), layer.geometry, strict=True))
            for level, layer in city.zones.items()
        },
    )
