"""Recycling points: enough for the households, and joined with the collection points (两网融合)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.coverage import CITY_LEVEL
from siting.coverage.schema import people_milli
from siting.coverage.served import served_mask
from siting.errors import InputError
from siting.ledger import Text
from siting.nearest_word import hint
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.waste.generation.bands import positive
from siting.themes.waste.points.part import each_zone
from siting.themes.waste.points.records import Records
from siting.units import MILLI_PER_PERSON

RULES = ("waste.recycle.1500", "waste.recycle.2000")
RURAL = "waste.recycle.rural"
GROUP_PREFIX = "group_"
HOUSEHOLD_COLUMNS = ["rule", "level", "zone", "name", "households", "points", "households_per_point", "most_per_point",
                     "needed", "short"]  # fmt: skip
JOINED, ALONE = "joined", "alone"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Households:
    """Households of each demand point, and on whose word.

    ``estimated`` = people divided by the study's figure.
    """

    value: NDArray[np.float64]
    estimated: bool
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recycling:
    """Recycling points beside households and collection points.

    Attributes
    ----------
    households : None where the study says nothing of households
    needed : per rule the city and each zone, columns `HOUSEHOLD_COLUMNS`; empty without households. A zone needs what
        its own households need, rounded up: zones may add up to more than the city
    waste, recycling : points of each kind with the nearest of the other: ``partner``, ``straight_m``, ``network_m``
        (NaN without streets, inf = no path), ``state`` (joined, alone)
    match_m : how near is joined, straight, the limit itself included: the study's own
    """

    households: Households | None
    rules: tuple[Rule, ...]
    needed: pd.DataFrame
    waste: gpd.GeoDataFrame
    recycling: gpd.GeoDataFrame
    match_m: float


def households_of(city: City, group: str | None, people_per_household: float | None) -> Households | None:
    """Return households by demand point.

    Parameters
    ----------
    group : name of a group of the demand that holds them (column ``group_<name>``)
    people_per_household : the study's own; households are then an estimate

    Raises
    ------
    InputError
        Both are given, the group is not there, or the figure is no number above 0.
    """
    if group is not None and people_per_household is not None:
        msg = "waste: households and people_per_household exclude each other; give one"
        raise InputError(msg)
    if group is not None:
        column = GROUP_PREFIX + group
        if column not in city.demand.columns:
            there = [str(c).removeprefix(GROUP_PREFIX) for c in city.demand.columns if str(c).startswith(GROUP_PREFIX)]
            known = ", ".join(there) or "none"
            msg = f"waste: the demand has no group {group!r}{hint(group, there)}; groups there are: {known}"
            raise InputError(msg)
        value = city.demand[column].to_numpy(dtype=np.float64)
        return Households(value=value, estimated=False, text=Text(f"住户数取自字段 {group}", f"households: {group}"))
    if people_per_household is None or "people" not in city.demand.columns:
        return None
    each = positive(people_per_household, "people_per_household")
    milli = people_milli(city.demand)
    assert milli is not None
    return Households(
        value=milli / MILLI_PER_PERSON / each,
        estimated=True,
        text=Text(
            f"住户数按每户 {each:g} 人估算（研究自定）",
            f"households estimated at {each:g} people each (the study's own)",
        ),
    )


def recycling_of(
    city: City, records: Records, households: Households | None, match_m: float, rules: Sequence[str] = RULES
) -> Recycling:
    """Hold recycling points against households, and against collection points.

    Parameters
    ----------
    match_m : a recycling point this near to a collection point is joined with it
    rules : households per recycling point, the most that a clause allows

    Raises
    ------
    InputError
        A rule that is none of households per point; ``match_m`` is no number above 0.
    """
    match_m = positive(match_m, "match_m")
    found = tuple(_rule(city, rule) for rule in rules)
    return Recycling(
        households=households,
        rules=found,
        needed=_needed(city, records.recycling, households, found),
        waste=_partners(city, records.waste, records.recycling, match_m),
        recycling=_partners(city, records.recycling, records.waste, match_m),
        match_m=match_m,
    )


def _rule(city: City, rule_id: str) -> Rule:
    if rule_id not in city.catalogue or not city.catalogue[rule_id].unit.startswith("households per point"):
        msg = (
            f"waste: rule {rule_id!r} says nothing of households per recycling point; take {', '.join((*RULES, RURAL))}"
        )
        raise InputError(msg)
    return city.catalogue[rule_id]


def most_of(rule: Rule) -> float:
    """Most households of one point: the upper end of a range."""
    if isinstance(rule.threshold, tuple):
        return max(rule.threshold)
    assert rule.threshold is not None
    return rule.threshold


def _needed(city: City, points: gpd.GeoDataFrame, households: Households | None, rules: Sequence[Rule]) -> pd.DataFrame:
    if households is None:
        return pd.DataFrame(columns=HOUSEHOLD_COLUMNS)
    rows = []
    zones = list(each_zone(city, city.demand, points))
    for rule in rules:
        most = most_of(rule)
        for level, zone, name, (home, there) in zones:
            number, count = math.fsum(households.value[home]), int(there.sum())
            if not number and not count and level != CITY_LEVEL:
                continue
            needed = math.ceil(round(number / most, 9))
            per = number / count if count else np.nan
            rows.append((rule.id, level, zone, name, number, count, per, most, needed, max(0, needed - count)))
    return pd.DataFrame(rows, columns=HOUSEHOLD_COLUMNS)


def _partners(city: City, mine: gpd.GeoDataFrame, others: gpd.GeoDataFrame, match_m: float) -> gpd.GeoDataFrame:
    places = gpd.GeoDataFrame(geometry=mine.geometry.representative_point(), crs=city.crs, index=mine.index)
    line = city.searches.nearest(places, others, "straight")
    walked = np.full(len(mine), np.nan)
    if city.network is not None and len(mine):
        walked = city.searches.nearest(places, others, "network").cost
    near = served_mask(line.cost, match_m) if len(mine) else np.zeros(0, dtype=bool)
    return gpd.GeoDataFrame(
        {
            "name": mine["name"].to_numpy(),
            "class": mine["class"].to_numpy(),
            "partner": line.facility,
            "straight_m": line.cost,
            "network_m": walked,
            "state": np.where(near, JOINED, ALONE),
        },
        geometry=np.asarray(mine.geometry),
        crs=city.crs,
        index=mine.index,
    )
