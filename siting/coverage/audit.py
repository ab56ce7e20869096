"""Judge one rule: who is served, in people, residential land and units, by straight line and by network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.coverage.counted import counted_facilities
from siting.coverage.distances import Nearest, Searches, searches_for
from siting.coverage.judge import NO_STREETS, NO_TIMES, verdict, whole_city, why_not_judged
from siting.coverage.land import LAND_CELL_M, LandPieces, prepare_land
from siting.coverage.land_served import straight_served_dm2
from siting.coverage.model import CITY_LEVEL, OUTSIDE_ZONE, Audit
from siting.coverage.ratio import share_of
from siting.coverage.rollup import (
    ZONE_PREFIX,
    Zones,
    assign_zones,
    indicator_rows,
    zone_codes,
    zone_names,
    zone_sums,
)
from siting.coverage.schema import check_demand, check_metric, in_crs, keyed, people_milli, unit_count
from siting.coverage.served import cost_to_mm, rule_limit_mm
from siting.coverage.travel import Travel
from siting.coverage.zone_rows import ZoneFigures
from siting.errors import InputError
from siting.ledger import Finding, Text
from siting.standards.model import Denominator, DistanceKind, LandPart, Rule

if TYPE_CHECKING:
    from siting.network.graph import Network

Amounts = dict[tuple[DistanceKind, Denominator], tuple[NDArray[np.int64], NDArray[np.int64]]]
"""Served and total whole numbers, row by row, by (distance kind, denominator)."""


def audit(
    network: Network | None,
    demand: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame | None,
    rule: Rule | str,
    zones: Zones | None = None,
    land: gpd.GeoDataFrame | LandPieces | None = None,
    *,
    name: str | None = None,
    entrances: gpd.GeoDataFrame | None = None,
    max_snap_m: float = 500.0,
    land_cell_m: float = LAND_CELL_M,
    searches: Searches | None = None,
    travel: Travel | None = None,
    unit: Text | None = None,
    part: LandPart | None = None,
) -> Audit:
    """Judge who is within the distance, or the time, that a rule sets.

    Served is decided on whole millimetres, the limit itself included. Both kinds of distance are always computed:
    along the network to a facility's entries, and in a straight line to its boundary. ``served``, ``cost``,
    ``facility`` and the headline use the kind that the rule means.

    A rule in minutes is judged on a network with times, on whole milliseconds, and by nothing else.

    Parameters
    ----------
    network : streets; None where there are none: straight-line figures are then all there is, and the result says so.
        For a rule in minutes: streets with times, ``network.timed("adult")``; times from the facilities to the demand,
        as an engine drives out, are those of ``network.timed("drive").turned()``
    demand : points in a CRS in metres, index (or column ``id``) = id. Columns: ``people`` and ``units`` where known;
        ``zone_<level>`` columns that are there already (from `assign_zones`) are taken as they are
    facilities : points or polygons, index = id, filtered by ``class`` if that column is there. Empty: nobody is
        served. None: the study has no such layer, so the rule is not judged
    rule : a rule, or the id of one in the catalogue
    zones : polygons by level from small to large, index = zone id, column ``name``
    land : residential land; for more than one rule cut it once with `prepare_land`
    name : of this audit in the study; default: the rule's id
    entrances : mapped entrance points of area facilities
    max_snap_m : a point farther from every street has no path
    land_cell_m : side of the grid that land is cut by, if it is not cut yet
    searches : `Searches` that several audits of one study share, so that each search is made once
    travel : how the times of the network came about, for the reader; default: what the network itself tells
    part : which part of the city ``demand`` and ``land`` are cut to, "old" districts or what is "new". A clause that
        speaks of one part alone (``rule.applies_to_land``) gets a verdict on that part only
    unit : what the ``units`` of the demand are, in words; default: estates or buildings

    Returns
    -------
    `Audit`. Its ``passes`` is None unless the clause itself gives threshold, target, denominator and distance kind,
    all were read, and this study has that denominator and that kind of distance.

    Raises
    ------
    CRSError, GeometryError, SchemaError, InputError
        A layer cannot be used; the message names it, the rows and the remedy.
    """
    rule = _from_catalogue(rule) if isinstance(rule, str) else rule
    name = rule.id if name is None else name
    demand = keyed(demand)
    check_demand(demand)
    zones = {level: in_crs(f"zones {level}", layer, demand.crs) for level, layer in (zones or {}).items()}
    reason = why_not_judged(rule, has_layer=facilities is not None)
    in_time = rule.distance == "time"
    limit = rule.limit_s if in_time else rule.limit_m
    if reason is None and in_time and network is None:
        reason = NO_TIMES
    if reason is not None or facilities is None or limit is None:
        return not_judged(name, rule, demand, reason)
    travel = _checked_travel(rule, network, travel)
    chosen, findings = counted_facilities(in_crs("facilities", keyed(facilities), demand.crs), rule)
    search = searches_for(network, searches, max_snap_m, entrances)
    pieces = (
        prepare_land(in_crs("land", land, demand.crs), zones, land_cell_m)
        if isinstance(land, gpd.GeoDataFrame)
        else land
    )
    if pieces is not None:
        check_metric("land", pieces.points, demand.crs)

    found: dict[DistanceKind, Nearest] = {}
    if in_time:
        found["time"] = search.nearest(demand, chosen, "network")
    else:
        found |= search.both(demand, chosen)
    limit_mm = rule_limit_mm(rule, limit)  # milliseconds, where the rule is in minutes
    served = {kind: cost_to_mm(found[kind].cost) <= limit_mm for kind in found}
    own: DistanceKind = "straight" if network is None or rule.distance == "straight" else "network"
    if in_time:
        own = "time"
    if network is None:
        findings += (Finding(code="no_network", kind="warning", count=0, text=NO_STREETS),)
        del served["network"]
    table = _demand_table(demand, zones, found, served, own)
    amounts = _demand_amounts(demand, served)
    shares = {key: share_of(*pair, denominator=key[1]) for key, pair in amounts.items()}
    ground = None
    if pieces is not None:
        ground = _land_amounts(search, pieces, chosen, limit_mm, None if in_time else limit)
        shares |= {key: share_of(*pair, denominator=key[1]) for key, pair in ground.items()}
        findings += pieces.findings
    if network is None and rule.distance == "network":
        reason = NO_STREETS
    passes = verdict(rule, shares)
    if rule.applies_to_land not in (None, part):
        passes = None
        findings += (Finding(code="whole_city_judged", kind="warning", count=0, text=whole_city(rule)),)
    return Audit(
        name=name,
        rule=rule,
        judged=True,
        reason=reason,
        limit_m=rule.limit_m,
        distance=own,
        demand=table,
        shares=shares,
        indicators=indicator_rows(
            name,
            rule,
            {(CITY_LEVEL, CITY_LEVEL): shares},
            limit_m=rule.limit_m,
            passes=passes,
            reason=None if reason is None else reason.both(" / "),
            travel=travel,
            by_zone=_zone_figures(table, amounts, pieces, ground, zones),
        ),
        passes=passes,
        entries=search.entries(chosen),
        facilities=chosen,
        unreachable=int(
            np.isinf(found["time" if in_time else "straight" if network is None else "network"].cost).sum()
        ),
        findings=findings,
        zone_names=zone_names(zones),
        limit_s=rule.limit_s,
        travel=travel,
        unit_noun=unit,
    )


def _checked_travel(rule: Rule, network: Network | None, travel: Travel | None) -> Travel | None:
    """Say how times are measured; refuse metres judged by times, and minutes by lengths."""
    if rule.distance == "time":
        return travel or Travel.of(network)
    if network is not None and getattr(network, "times", None) is not None:
        msg = f"audit: rule {rule.id} is in metres, and the network has travel times. Give the network without times"
        raise InputError(msg)
    return None


def _from_catalogue(rule_id: str) -> Rule:
    from siting.standards import load_catalogue

    return load_catalogue()[rule_id]


def not_judged(name: str, rule: Rule, demand: gpd.GeoDataFrame, reason: Text | None) -> Audit:
    """Build the answer for a rule that cannot be computed: no figures, and why."""
    nothing = gpd.GeoDataFrame(geometry=gpd.GeoSeries([], crs=demand.crs), crs=demand.crs)
    text = None if reason is None else reason.both(" / ")
    return Audit(
        name=name,
        rule=rule,
        judged=False,
        reason=reason,
        limit_m=rule.limit_m,
        distance=rule.distance or "network",
        demand=nothing,
        shares={},
        indicators=indicator_rows(name, rule, {}, limit_m=rule.limit_m, passes=None, judged=False, reason=text),
        passes=None,
        entries=nothing,
        facilities=nothing,
        unreachable=0,
    )


def _demand_table(
    demand: gpd.GeoDataFrame,
    zones: Zones,
    found: Mapping[DistanceKind, Nearest],
    served: Mapping[DistanceKind, NDArray[np.bool_]],
    own: DistanceKind,
) -> gpd.GeoDataFrame:
    """Demand with its zones and what was found for every point."""
    new = {level: layer for level, layer in zones.items() if ZONE_PREFIX + level not in demand.columns}
    assigned = assign_zones(demand, new)
    columns: dict[str, Any] = {str(column): assigned[column] for column in assigned.columns}
    for column in demand.columns:
        if str(column).startswith(ZONE_PREFIX):
            zone = demand[column]
            # Whole texts are shared by the tables of all rules, which hold nothing of their own then.
            whole = zone.dtype == "str" and not zone.hasnans
            columns[column] = zone if whole else zone.astype("str").fillna(OUTSIDE_ZONE)
    nobody = np.zeros(len(demand), dtype=np.bool_)
    made: dict[str, pd.Series] = {}
    for kind, nearest in found.items():
        # One series for both columns: pandas shares it until one of them is written to.
        cost, facility = nearest.columns(demand.index)
        one = {
            "served": pd.Series(served.get(kind, nobody), index=demand.index),
            "cost": cost,
            "facility": facility,
        }
        for suffix in [""] * (kind == own) + [f"_{kind}"] * (kind != "time"):
            made |= {name + suffix: values for name, values in one.items()}
    names = [name + suffix for suffix in ("", "_network", "_straight") for name in ("served", "cost", "facility")]
    columns |= {name: made[name] for name in names if name in made}
    return demand.assign(**columns)


def _demand_amounts(demand: gpd.GeoDataFrame, served: Mapping[DistanceKind, NDArray[np.bool_]]) -> Amounts:
    people, units = people_milli(demand), unit_count(demand)
    amounts: Amounts = {}
    for kind, mask in served.items():
        if people is not None:
            amounts[kind, "people"] = (np.where(mask, people, 0), people)
        if units is not None:
            amounts[kind, "units"] = (np.where(mask, units, 0), units)
    return amounts


def _land_amounts(
    search: Searches, pieces: LandPieces, facilities: gpd.GeoDataFrame, limit_mm: int, limit_m: float | None
) -> Amounts:
    """Square decimetres of land served.

    By straight line each piece counts with its exact part inside the radii. By network a piece counts if its point is
    within the limit, and then with that same part: land outside the straight radius cannot be nearer on foot. By time
    (``limit_m`` is None) there is no radius: a piece counts whole if its point is within the limit.
    """
    area = pieces.area_dm2
    if limit_m is None:
        reached = cost_to_mm(search.nearest(pieces.points, facilities, "network").cost) <= limit_mm
        return {("time", "land"): (np.where(reached, area, 0), area)}
    by_line = search.nearest(pieces.points, facilities, "straight")
    straight = straight_served_dm2(pieces, facilities, by_line.cost, limit_m)
    amounts: Amounts = {("straight", "land"): (straight, area)}
    if search.network is not None:
        walked = cost_to_mm(search.nearest(pieces.points, facilities, "network").cost) <= limit_mm
        amounts["network", "land"] = (np.where(walked, straight, 0), area)
    return amounts


def _zone_figures(
    table: gpd.GeoDataFrame,
    amounts: Amounts,
    pieces: LandPieces | None,
    ground: Amounts | None,
    zones: Zones,
) -> list[ZoneFigures]:
    """Figures of every zone of every level, in the order of the levels and of the zone ids."""
    known = {level: [str(zone) for zone in layer.index] for level, layer in zones.items()}
    for column in table.columns:
        if column.startswith(ZONE_PREFIX):
            known.setdefault(column.removeprefix(ZONE_PREFIX), [])
    made = []
    for level, ids in known.items():
        order: dict[str, int] = {}
        kinds: list[tuple[DistanceKind, Denominator]] = []
        parts = []
        for frame, of_frame in ((table, amounts), (None if pieces is None else pieces.pieces, ground or {})):
            if frame is None or ZONE_PREFIX + level not in frame.columns:
                continue
            zone_ids, code = zone_codes(frame[ZONE_PREFIX + level], ids)
            places: dict[int, NDArray[np.int64]] = {}  # by how many zones are shown
            for key, (part, whole) in of_frame.items():
                served, total = (zone_sums(code, value, len(zone_ids)) for value in (part, whole))
                # Outside all zones counts only if something lies there.
                n = len(zone_ids) if total[-1] else len(zone_ids) - 1
                if n not in places:
                    places[n] = np.array([order.setdefault(zone, len(order)) for zone in zone_ids[:n]], dtype=np.int64)
                kind = np.full(n, len(kinds), dtype=np.int64)
                parts.append(np.stack([places[n], kind, served[:n], total[:n]]))
                kinds.append(key)
        if parts:
            zone, kind, served, total = np.concatenate(parts, axis=1)
            rows = np.lexsort((kind, zone))
            made.append(ZoneFigures(level, list(order), kinds, zone[rows], kind[rows], served[rows], total[rows]))
    return made
