"""Whole numbers of people and units by zone: every level adds up to the city."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from siting.coverage import CITY_LEVEL, OUTSIDE_ZONE, Share
from siting.coverage.ratio import PER_WHOLE
from siting.coverage.rollup import ZONE_PREFIX, zone_codes, zone_names
from siting.coverage.schema import people_milli, unit_count
from siting.ledger import Text
from siting.standards.model import Denominator
from siting.themes.city import City
from siting.units import MILLI_PER_PERSON, people_to_milli

Longs = NDArray[np.int64]
GROUP_PREFIX = "group_"
Weight = Literal["people", "units", "points"]


@dataclass(frozen=True, slots=True, eq=False)
class Counting:
    """Adds up demand points by zone.

    Attributes
    ----------
    zones : by level, the city first as one zone: ids of the zones
    code : by level: position of each demand point's zone
    names : by level and zone id
    weights : by denominator: whole numbers of each demand point (thousandths of people, or units)
    main : the denominator of completeness and of ranks: people where they are known, else units, else points
    """

    zones: dict[str, list[str]]
    code: dict[str, Longs]
    names: Mapping[str, Mapping[str, str]]
    weights: dict[Denominator, Longs]
    groups: dict[str, Longs]
    main: Weight
    main_weight: Longs

    @classmethod
    def of(cls, city: City) -> Counting:
        """Take the zones and weights of a city."""
        n = len(city.demand)
        zones, code = {CITY_LEVEL: [CITY_LEVEL]}, {CITY_LEVEL: np.zeros(n, dtype=np.int64)}
        for level, layer in city.zones.items():
            if ZONE_PREFIX + level in city.demand.columns:
                known = [str(zone) for zone in layer.index]
                zones[level], code[level] = zone_codes(
                    city.demand[ZONE_PREFIX + level].astype("str").fillna(OUTSIDE_ZONE), known
                )
        weights: dict[Denominator, Longs] = {}
        people, units = people_milli(city.demand), unit_count(city.demand)
        if people is not None:
            weights["people"] = people
        if units is not None:
            weights["units"] = units
        main: Weight = "people" if people is not None else "units" if units is not None else "points"
        groups = {
            str(name).removeprefix(GROUP_PREFIX): people_to_milli(city.demand[name].fillna(0).to_numpy())
            for name in city.demand.columns
            if str(name).startswith(GROUP_PREFIX)
        }
        heavy = np.ones(n, dtype=np.int64) if main == "points" else weights[main]
        return cls(zones, code, zone_names(city.zones), weights, groups, main, heavy)

    @property
    def per_whole(self) -> int:
        """How many of the main whole numbers make one person, unit or point."""
        return MILLI_PER_PERSON if self.main == "people" else 1

    @property
    def noun(self) -> Text:
        """What the main denominator counts."""
        return {
            "people": Text("人口", "people"),
            "units": Text("单元（楼栋、地块等）", "units"),
            "points": Text("需求点", "demand points"),
        }[self.main]

    def total(self, level: str, weight: Longs | None = None) -> Longs:
        """Sum of a weight (default: the main one) by zone."""
        return self.sum(level, np.ones(len(self.main_weight), dtype=np.int64), weight)

    def sum(self, level: str, times: NDArray[np.bool_] | Longs, weight: Longs | None = None) -> Longs:
        """Sum of ``times`` x weight by zone, exactly: sums of whole numbers below 2^53 are whole as floats."""
        whole = (self.main_weight if weight is None else weight) * times
        return np.bincount(self.code[level], weights=whole, minlength=len(self.zones[level])).astype(np.int64)

    def shares(self, level: str, mask: NDArray[np.bool_]) -> dict[str, dict[Denominator, Share]]:
        """Shares of every zone and denominator; the zone "outside" only if something lies there."""
        found: dict[str, dict[Denominator, Share]] = {}
        for denominator, weight in self.weights.items():
            served, total = self.sum(level, mask, weight), self.total(level, weight)
            for k in self.shown(level):
                share = Share(served=int(served[k]), total=int(total[k]), per_whole=PER_WHOLE[denominator])
                found.setdefault(self.zones[level][k], {})[denominator] = share
        return found

    def shown(self, level: str) -> list[int]:
        """Positions of the zones that are listed: all of the layer, and "outside" if something lies there."""
        ids = self.zones[level]
        if level == CITY_LEVEL:
            return [0]
        used = np.bincount(self.code[level], minlength=len(ids)) > 0
        return [k for k in range(len(ids)) if k < len(ids) - 1 or used[k]]

    def name(self, level: str, zone: str) -> str:
        """Name of a zone, its id where it has none."""
        return self.names.get(level, {}).get(zone, zone)
