"""Who has a toilet within the distance of the clause: people and busy places, by day and by night."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.coverage import Audit, Share, audit
from siting.coverage.model import CITY_LEVEL, OUTSIDE_ZONE
from siting.coverage.ratio import share_of
from siting.coverage.rollup import ZONE_PREFIX, assign_zones, indicator_rows
from siting.coverage.served import cost_to_mm, rule_limit_mm
from siting.ledger import Text
from siting.standards.model import Denominator, DistanceKind
from siting.themes.city import City
from siting.themes.result import Class
from siting.themes.toilets.hours import read_clock
from siting.themes.toilets.records import RESTRICTED, Records
from siting.themes.toilets.study_area import inside_area

RADIUS_RULE = "wc.radius.mandatory"
BUSY_INDICATOR = "wc.radius.mandatory.busy_places"
BUSY_CLASSES = (
    "market", "mall", "supermarket", "hospital", "culture_centre", "sports_centre", "park_green", "square", "metro",
    "bus_station", "railway_station", "ferry",
)  # fmt: skip
"""Classes of places where people gather, taken where the study has no layer of its own: a choice made here."""
SLOTS: Mapping[str, str] = {"day": "12:00", "night": "23:00"}
"""Moments at which toilets are looked at, unless the study sets others: from no standard."""
SLOT_NAMES = {"day": Text("白天", "by day"), "night": Text("夜间", "at night")}
SERVED, UNSERVED = "served", "unserved"
BUSY_STATES = (
    Class(value=SERVED, name=Text("半径内有公厕", "a toilet within the radius"), role="good"),
    Class(value=UNSERVED, name=Text("半径内无公厕", "none within the radius"), role="bad"),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Reach:
    """Who is served.

    Attributes
    ----------
    people : the audit of the rule: people (units), by zone
    busy : one row a busy place: ``class``, ``name``, ``toilet`` (nearest in a straight line), ``straight_m`` (from the
        place's boundary, 0 inside), ``network_m`` (from a point inside it; inf = no path, NaN without streets),
        ``state``; ``footfall``, ``women``, ``men`` where known; None where the study has no busy places
    busy_share : places served by the rule's distance, None without busy places
    footfall_served, footfall : users of the places whose footfall is known
    slots : one row a moment: ``slot``, ``at``, ``open``, ``closed``, ``unknown`` (toilets), ``served_least`` (people
        within reach of a toilet known to be open), ``served_most`` (or of one whose hours are unknown), ``total``;
        empty without hours
    opened : what opening the toilets that are closed to the public would give: one row, ``toilets`` (of them),
        ``served`` now, ``served_then``, ``gain``, ``total``; empty where there are none
    indicators : rows for `tables/indicators.csv`
    busy_chosen : whether the busy places are those of `BUSY_CLASSES`
    """

    people: Audit
    busy: gpd.GeoDataFrame | None
    busy_share: Share | None
    footfall_served: float | None
    footfall: float | None
    slots: pd.DataFrame
    opened: pd.DataFrame
    indicators: pd.DataFrame
    busy_chosen: bool


def reach_of(
    city: City, records: Records, busy: gpd.GeoDataFrame | None = None, slots: Mapping[str, str] | None = None
) -> Reach:
    """Judge the radius rule for people and busy places.

    Parameters
    ----------
    busy : points or areas, index = id, columns ``name``, ``class`` and ``footfall`` where known; None: facilities of
        the classes `BUSY_CLASSES`
    slots : by name, a time of day; default: `SLOTS`
    """
    toilets = _facilities_of(records)
    people = _audit(city, toilets)
    places = busy_places(city) if busy is None else _own_places(busy, city)
    table = None if not len(places) else _busy_table(city, toilets, places, people)
    share, served_feet, feet, rows = _busy_figures(city, people, table)
    return Reach(
        people=people,
        busy=table,
        busy_share=share,
        footfall_served=served_feet,
        footfall=feet,
        slots=_slots(city, records, SLOTS if slots is None else slots),
        opened=_opened(city, toilets, people),
        indicators=pd.concat([people.indicators, *rows], ignore_index=True),
        busy_chosen=busy is None,
    )


def busy_places(city: City) -> gpd.GeoDataFrame:
    """Return the facilities of `BUSY_CLASSES` in the study area, each once."""
    chosen = city.facilities[city.facilities["class"].isin(BUSY_CLASSES)]
    return _own_places(inside_area(city, gpd.GeoDataFrame(chosen)), city)


def _own_places(layer: gpd.GeoDataFrame, city: City) -> gpd.GeoDataFrame:
    shape = np.asarray(layer.geometry, dtype=object)
    usable = ~(shapely.is_missing(shape) | shapely.is_empty(shape)) & ~layer.index.duplicated()
    kept = gpd.GeoDataFrame(layer[usable]).to_crs(city.crs)
    kept.index = kept.index.astype(str)
    return gpd.GeoDataFrame(kept.sort_index())


def _facilities_of(records: Records) -> gpd.GeoDataFrame:
    """Return toilets as the data draws them, as the audit of a rule takes them."""
    return _as_facilities(records.drawn)


def _as_facilities(toilets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"class": "public_toilet", "name": toilets["name"]}, geometry=toilets.geometry, crs=toilets.crs
    )


def _audit(city: City, toilets: gpd.GeoDataFrame) -> Audit:
    return audit(
        city.network,
        city.demand,
        toilets,
        city.catalogue[RADIUS_RULE],
        city.zones,
        city.land,
        entrances=city.entrances,
        max_snap_m=city.max_snap_m,
        searches=city.searches,
        unit=city.unit_noun,
    )


def _busy_table(city: City, toilets: gpd.GeoDataFrame, places: gpd.GeoDataFrame, people: Audit) -> gpd.GeoDataFrame:
    shape = np.asarray(places.geometry, dtype=object)
    straight = np.full(len(places), np.inf)
    nearest = np.full(len(places), None, dtype=object)
    if len(toilets):
        # Of several toilets at the same distance the first by id is named.
        row, found = shapely.STRtree(np.asarray(toilets.geometry, dtype=object)).query_nearest(shape, all_matches=True)
        first = pd.DataFrame({"row": row, "found": found}).groupby("row")["found"].min()
        straight[first.index] = shapely.distance(shape[first.index], np.asarray(toilets.geometry)[first.to_numpy()])
        nearest[first.index] = toilets.index.to_numpy()[first.to_numpy()]
    inside = gpd.GeoDataFrame(geometry=shapely.point_on_surface(shape), crs=places.crs, index=places.index)
    walked = np.full(len(places), np.nan)
    if city.network is not None:
        walked = city.searches.nearest(inside, toilets, "network").cost
    own = straight if people.distance == "straight" else walked
    limit_mm = rule_limit_mm(people.rule, people.limit_m or 0.0)
    table = pd.DataFrame(
        {
            "class": places["class"] if "class" in places.columns else None,
            "name": places["name"] if "name" in places.columns else None,
            "toilet": nearest,
            "straight_m": np.round(straight, 3),
            "network_m": walked,
            "state": np.where(cost_to_mm(own) <= limit_mm, SERVED, UNSERVED),
        },
        index=places.index,
    )
    for name in ("footfall", "women", "men"):
        if name in places.columns:
            number = pd.to_numeric(places[name], errors="coerce")
            table[name] = number.where((number >= 0) & np.isfinite(number))
    placed = assign_zones(inside, city.zones)
    return gpd.GeoDataFrame(table.join(placed), geometry=places.geometry, crs=places.crs)


def _busy_figures(
    city: City, people: Audit, table: gpd.GeoDataFrame | None
) -> tuple[Share | None, float | None, float | None, list[pd.DataFrame]]:
    if table is None:
        return None, None, None, []
    served = (table["state"] == SERVED).to_numpy()
    one = np.ones(len(table), dtype=np.int64)
    shares: dict[tuple[str, str], dict[tuple[DistanceKind, Denominator], Share]] = {}

    def add(level: str, zone: str, mine: NDArray[np.bool_]) -> None:
        shares[level, zone] = {
            (people.distance, "units"): share_of(np.where(served, one, 0)[mine], one[mine], denominator="units")
        }

    add(CITY_LEVEL, CITY_LEVEL, np.ones(len(table), dtype=bool))
    for level, layer in city.zones.items():
        zone_of = table[ZONE_PREFIX + level].to_numpy(dtype=object)
        for zone in [*layer.index.astype(str), OUTSIDE_ZONE]:
            mine = zone_of == zone
            if zone != OUTSIDE_ZONE or mine.any():
                add(level, zone, mine)
    rows = indicator_rows(BUSY_INDICATOR, people.rule, shares, limit_m=people.limit_m, passes=None)
    feet = served_feet = None
    if "footfall" in table.columns and bool(table["footfall"].notna().any()):
        feet = float(table["footfall"].sum())
        served_feet = float(table["footfall"][served].sum())
    return shares[CITY_LEVEL, CITY_LEVEL][people.distance, "units"], served_feet, feet, [rows]


def _slots(city: City, records: Records, slots: Mapping[str, str]) -> pd.DataFrame:
    columns = ["slot", "at", "open", "closed", "unknown", "served_least", "served_most", "total"]
    if "hours" not in records.known:
        return pd.DataFrame(columns=columns)
    toilets = _facilities_of(records)
    rows = []
    for slot, at in slots.items():
        state = open_state(records, at)
        sure = _audit(city, gpd.GeoDataFrame(toilets[state == "open"]))
        maybe = _audit(city, gpd.GeoDataFrame(toilets[state != "closed"]))
        denominator: Denominator = "people" if "people" in city.demand.columns else "units"
        least, most = (a.headline(denominator) for a in (sure, maybe))
        figures: tuple[float | None, ...] = (None, None, None)
        if least is not None and most is not None:
            figures = (least.served / least.per_whole, most.served / most.per_whole, most.total / most.per_whole)
        rows.append((slot, at, *((state == s).sum() for s in ("open", "closed", "unknown")), *figures))
    return pd.DataFrame(rows, columns=columns)


def _opened(city: City, toilets: gpd.GeoDataFrame, people: Audit) -> pd.DataFrame:
    """Judge the rule once more, with the toilets that are not open to the public as if they were."""
    columns = ["toilets", "served", "served_then", "gain", "total"]
    closed = city.facilities[city.facilities["class"] == RESTRICTED]
    shape = np.asarray(closed.geometry, dtype=object)
    closed = closed[~(shapely.is_missing(shape) | shapely.is_empty(shape)) & ~closed.index.duplicated()]
    denominator: Denominator = "people" if "people" in city.demand.columns else "units"
    now = people.headline(denominator)
    if not len(closed) or now is None:
        return pd.DataFrame(columns=columns)
    more = _as_facilities(gpd.GeoDataFrame(closed.set_axis([f"{RESTRICTED}/{i}" for i in closed.index], axis=0)))
    both = gpd.GeoDataFrame(pd.concat([toilets, more]), crs=toilets.crs)
    then = _audit(city, both).headline(denominator)
    assert then is not None
    gain = then.served - now.served
    figures = [now.served, then.served, gain, now.total]
    return pd.DataFrame([[len(closed), *(f / now.per_whole for f in figures)]], columns=columns)


def open_state(records: Records, at: str) -> pd.Series:
    """Say of each toilet whether it is open at a time on every day: open, closed (on some day), unknown."""
    minute = read_clock(at)
    states = [
        "unknown" if i not in records.hours else "open" if records.hours[i].open_daily_at(minute) else "closed"
        for i in records.toilets.index.astype(str)
    ]
    return pd.Series(states, index=records.toilets.index, dtype=object)
