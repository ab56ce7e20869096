"""Coverage matrix 三个全覆盖: for each kind of waste and each link of its way, who has it in reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.coverage.schema import people_milli
from siting.coverage.served import cost_to_mm, rule_limit_mm
from siting.ledger import Text
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.waste.points.part import each_zone
from siting.themes.waste.points.records import RECYCLING, WASTE_POINT, streams_in
from siting.themes.waste.streams import STREAMS, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link: its facilities, the rule whose radius is asked, and streams that its classes take by their nature."""

    name: Text
    classes: tuple[str, ...]
    rule: str | None
    takes: tuple[Stream, ...] = ()


LINKS: Mapping[str, Link] = {
    "point": Link(name=Text("投放、收集点", "collection point"), classes=(WASTE_POINT,), rule="waste.point.gb55013"),
    "recycling": Link(name=Text("回收点", "recycling point"), classes=RECYCLING, rule=None, takes=("recyclable",)),
    "station": Link(name=Text("收集站", "collection station"), classes=("waste_station",), rule="waste.station.motor"),
    "transfer": Link(name=Text("转运站", "transfer station"), classes=("waste_transfer",), rule="waste.ts.small"),
    "plant": Link(name=Text("处理设施", "treatment"), classes=("incinerator", "landfill"), rule=None),
}
"""A link without a rule asks no distance: it is there, or it is not."""
COLUMNS = ["level", "zone", "name", "link", "stream", "people", "served", "share", "facilities", "facilities_unknown",
           "state", "rule", "limit_m"]  # fmt: skip
COVERED, PART, NONE, THERE, UNKNOWN = "all", "part", "none", "there", "unknown"
STATES: Mapping[str, Text] = {
    COVERED: Text("全覆盖", "covers everybody"),
    PART: Text("部分覆盖", "covers some"),
    NONE: Text("未覆盖", "covers nobody"),
    THERE: Text("有设施（条文无半径）", "there is one (no clause gives a radius)"),
    UNKNOWN: Text("未知", "not known"),
}
_UNITS = 1000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Matrix:
    """Kind x link x area.

    Attributes
    ----------
    cells : one row a cell, columns `COLUMNS`. ``share`` of people (units, points) with a facility of the link that is
        known to take the stream, straight within the rule's radius; NaN for a link without a rule, which is there or
        not, and where no facility says what it takes (``state`` unknown): no data is no proof of none
    rules : whose radius was asked
    """

    cells: pd.DataFrame
    rules: tuple[Rule, ...]


def matrix_of(city: City, *, streams: str = "streams", levels: int | None = None) -> Matrix:
    """Fill the matrix for the city and each zone.

    Parameters
    ----------
    streams : column of the facilities with the streams that they take
    levels : so many levels of zones from the largest; default: all
    """
    milli = people_milli(city.demand)
    weight = np.full(len(city.demand), _UNITS, dtype=np.int64) if milli is None else milli
    zones = list(each_zone(city, city.demand))
    keep = list(city.zones)[-levels:] if levels else list(city.zones)
    zones = [z for z in zones if z.level not in city.zones or z.level in keep]
    rows, rules = [], {}
    for key, link in LINKS.items():
        layer = gpd.GeoDataFrame(city.facilities[city.facilities["class"].isin(link.classes)])
        taken = [_takes(link, value) for value in _values(layer, streams)]
        rule = city.catalogue[link.rule] if link.rule is not None and link.rule in city.catalogue else None
        if rule is not None:
            rules[rule.id] = rule
        stated = {stream for t in taken if t is not None for stream in t}
        for stream in STREAMS:
            if link.takes and stream not in {*link.takes, *stated}:
                continue  # not a link of its way
            mine = gpd.GeoDataFrame(layer[[t is not None and stream in t for t in taken]])
            unknown = sum(t is None for t in taken)
            served = _served(city, mine, rule)
            for level, zone, name, (home,) in zones:
                total = int(weight[home].sum())
                got = int(weight[home & served].sum())
                known = len(mine) > 0 or (len(layer) > 0 and not unknown)
                state = _state(total, got, known=known, unknown=unknown, radius=rule is not None, there=len(mine) > 0)
                measured = rule is not None and known
                share = got / total if measured and state != UNKNOWN and total else np.nan
                rows.append(
                    (level, zone, name, key, stream, total / _UNITS, got / _UNITS if measured else np.nan, share,
                     len(mine), unknown, state, None if rule is None else rule.id,
                     np.nan if rule is None else rule.limit_m)
                )  # fmt: skip
    return Matrix(cells=pd.DataFrame(rows, columns=COLUMNS), rules=tuple(rules.values()))


def _state(total: int, got: int, *, known: bool, unknown: int, radius: bool, there: bool) -> str:
    """Name a cell. Facilities that do not say what they take may close a gap: what is left is then not known."""
    if not known or not total:
        return UNKNOWN
    if not radius:
        return THERE if there else NONE
    if got == total:
        return COVERED
    return PART if got else UNKNOWN if unknown else NONE


def _takes(link: Link, value: object) -> set[Stream] | None:
    """Streams of a facility: those it states, else those of its class; None where neither says."""
    said, _ = streams_in(value)
    return said or (set(link.takes) if link.takes else None)


def _values(layer: gpd.GeoDataFrame, column: str) -> list[object]:
    return layer[column].tolist() if column in layer.columns else [None] * len(layer)


def _served(city: City, layer: gpd.GeoDataFrame, rule: Rule | None) -> NDArray[np.bool_]:
    if rule is None or rule.limit_m is None:
        return np.full(len(city.demand), len(layer) > 0)
    if not len(layer):
        return np.zeros(len(city.demand), dtype=bool)
    near = city.searches.nearest(city.demand, layer, "straight").cost
    return np.asarray(cost_to_mm(near) <= rule_limit_mm(rule, rule.limit_m), dtype=bool)
