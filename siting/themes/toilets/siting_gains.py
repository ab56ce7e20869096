"""Who has a toilet within the radius with the new ones: by zone, and as indicator rows."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.coverage import Share
from siting.coverage.model import CITY_LEVEL, OUTSIDE_ZONE
from siting.coverage.ratio import share_of
from siting.coverage.rollup import ZONE_PREFIX, assign_zones, indicator_rows, zone_names
from siting.coverage.schema import people_milli
from siting.standards.model import Denominator, DistanceKind, Rule
from siting.themes.city import City
from siting.themes.toilets.siting_demand import PEOPLE, UNITS, Measure, Points
from siting.themes.toilets.siting_tables import reached_by

ZONE_COLUMNS = ["zone", "name", "sites", "people", "before", "after", "newly"]
WITH_PLAN = "with_new_toilets"


def zone_table(
    city: City, level: str | None, points: Points, pool: gpd.GeoDataFrame, sites: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Return new toilets and people within the radius by zone; people who live in no zone have a row of their own.

    Where people are not known, points of demand are counted. Empty where the city has no zones.
    """
    if level is None or level == CITY_LEVEL:
        level = next(iter(city.zones), None)
    column = f"{ZONE_PREFIX}{level}"
    mine = points.frame["source"].isin([PEOPLE, UNITS]).to_numpy()
    if level is None or not mine.any() or column not in city.demand.columns:
        return pd.DataFrame(columns=ZONE_COLUMNS)
    zone = city.demand[column].astype(str).to_numpy()
    amount = points.frame["amount"].to_numpy()[mine]
    before = points.served[mine]
    after = before | reached_by(points, pool, sites)[mine]
    placed = assign_zones(gpd.GeoDataFrame(geometry=sites.geometry, crs=sites.crs), {level: city.zones[level]})
    new = placed[column].astype(str).value_counts()
    names = zone_names(city.zones)[level]
    rows: list[tuple[object, ...]] = []
    for one in [*city.zones[level].index.astype(str), OUTSIDE_ZONE]:
        here = zone == one
        if one == OUTSIDE_ZONE and not here.any():
            continue
        people, had, have = (float(amount[here & with_it].sum()) for with_it in (np.ones_like(here), before, after))
        rows.append((one, names.get(one, one), int(new.get(one, 0)), people, had, have, have - had))
    return pd.DataFrame(rows, columns=ZONE_COLUMNS)


def indicators_after(
    city: City, rule: Rule, measure: Measure, points: Points, pool: gpd.GeoDataFrame, sites: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Return the share of people within the radius with the new toilets, by zone; empty where people are not known."""
    milli = people_milli(city.demand)
    mine = (points.frame["source"] == PEOPLE).to_numpy()
    if milli is None or not mine.any():
        return pd.DataFrame()
    served = points.served[mine] | reached_by(points, pool, sites)[mine]
    shares: dict[tuple[str, str], dict[tuple[DistanceKind, Denominator], Share]] = {}

    def share(here: NDArray[np.bool_]) -> dict[tuple[DistanceKind, Denominator], Share]:
        one = share_of(np.where(served, milli, 0)[here], milli[here], denominator="people")
        return {(measure, "people"): one}

    shares[CITY_LEVEL, CITY_LEVEL] = share(np.ones(len(milli), dtype=bool))
    for level, layer in city.zones.items():
        zone = city.demand[ZONE_PREFIX + level].astype(str).to_numpy()
        for one in [*layer.index.astype(str), OUTSIDE_ZONE]:
            if one != OUTSIDE_ZONE or (zone == one).any():
                shares[level, one] = share(zone == one)
    return indicator_rows(f"{rule.id}.{WITH_PLAN}", rule, shares, limit_m=rule.limit_m, passes=None)
