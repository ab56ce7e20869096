"""How evenly completeness is shared out over people: Gini, Lorenz curve, the worst-served tenth, by zone and group."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from siting.coverage import CITY_LEVEL, OUTSIDE_ZONE, equity
from siting.themes.city import City
from siting.themes.living_circle.completeness import Completeness
from siting.themes.living_circle.reach import DISTANCE


@dataclass(frozen=True, slots=True, eq=False)
class Fairness:
    """Equity of the completeness of each tier with a distance.

    Attributes
    ----------
    table : one row a tier and scope: the city (with ``gini``), each group of people, each zone of each level; columns
        ``tier``, ``scope`` ("city", "group" or the level), ``zone``, ``zone_name``, ``people``, ``mean``,
        ``worst_people`` and ``worst_share`` (how many belong to the worst-served tenth of the city)
    lorenz : one row a tier and step of the curve: ``tier``, ``people_share``, ``value_share``
    """

    table: pd.DataFrame
    lorenz: pd.DataFrame


def fairness_of(city: City, found: Completeness) -> Fairness | None:
    """Measure how evenly each tier is shared out; None where people are unknown or nothing is judged."""
    tiers = [tier for tier in found.used_tiers if tier.limit_m is not None]
    if "people" not in found.counting.weights or not tiers:
        return None
    tables, curves = [], []
    for tier in tiers:
        required = found.required(tier)
        made = equity(city.demand, found.count(required, DISTANCE) / len(required), more_is_better=True)
        curves.append(made.lorenz.assign(tier=tier.id))
        groups = made.groups.reset_index(names="zone")
        is_city = groups["zone"] == "all"
        groups = groups.assign(scope=is_city.map({True: CITY_LEVEL, False: "group"}), zone_name=groups["zone"])
        groups.loc[is_city, ["zone", "zone_name"]] = CITY_LEVEL
        tables.append(groups.assign(tier=tier.id, gini=pd.Series(made.gini, index=groups.index).where(is_city)))
        if isinstance(made.zones.index, pd.MultiIndex):
            zones = made.zones.reset_index(names=["scope", "zone"])
            label = [
                found.counting.name(level, zone) if zone != OUTSIDE_ZONE else zone
                for level, zone in zip(zones["scope"], zones["zone"], strict=True)
            ]
            tables.append(zones.assign(tier=tier.id, zone_name=label))
    columns = ["tier", "scope", "zone", "zone_name", "people", "mean", "worst_people", "worst_share", "gini"]
    return Fairness(
        pd.concat(tables, ignore_index=True).reindex(columns=columns),
        pd.concat(curves, ignore_index=True)[["tier", "people_share", "value_share"]],
    )
