"""Where the next collection points go: as few as put everybody within the radius, or so many for the most people."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse

from siting.access import CostMatrix, cost_matrix, cost_matrix_straight
from siting.coverage import served_mask
from siting.coverage.distances import Kind
from siting.coverage.schema import people_milli, unit_count
from siting.errors import InfeasibleError, InputError
from siting.ledger import Finding, Text
from siting.locate import SitingResult, lscp, mclp
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.result import ThemeResult
from siting.themes.waste.points.audit import EDGE_M
from siting.themes.waste.points.estates import HAS, Estates, estates_of
from siting.themes.waste.points.part import each_zone
from siting.themes.waste.points.places import ESTATE, KINDS, MIN_AREA_M2, point_places
from siting.themes.waste.points.reach import MANDATORY, radius_rule
from siting.themes.waste.points.records import read_records
from siting.units import MILLI_PER_PERSON

HAD, NOW, NOT_CHOSEN, NO_PLACE = "had", "now", "not_chosen", "no_place"
ZONE_COLUMNS = ["level", "zone", "name", "total", "served_before", "served_after", "share_before", "share_after",
                "no_place", "new_points"]  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class WastePointPlan:
    """New collection points with their proof.

    Attributes
    ----------
    result : the answer of the model: so few points (lscp) or so many people (mclp)
    candidates : every place that was looked at, with ``allowed`` and ``refusal``
    sites : the places chosen in the order of gain: ``order``, ``gain``, ``estate`` (whose own it is, None = nobody's)
    demand : points with ``weight``, ``state`` (had, now, not_chosen, no_place)
    zones : the city and the zones, columns `ZONE_COLUMNS`
    estates : closed estates before the plan, with ``after`` (points with the plan) and ``state_after`` (has, none);
        None without estates
    impossible : ids of closed estates without a point on whose ground no place is allowed
    findings : rows that could not be used, which the audit of points shows as well
    unit : what is counted: people, units or demand points
    """

    result: SitingResult
    candidates: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    zones: pd.DataFrame
    estates: gpd.GeoDataFrame | None
    impossible: tuple[str, ...]
    rule: Rule
    limit_m: float
    distance: Kind
    p: int | None
    unit: str
    existing: int
    notes: tuple[Text, ...]
    findings: tuple[Finding, ...]

    def themed(self) -> ThemeResult:
        """Return layers, tables, figures and sentences for every output."""
        from siting.themes.waste.points.siting_shown import themed

        return themed(self)

    def __repr__(self) -> str:
        """Say how many points there are and how well they are proved."""
        return f"WastePointPlan({len(self.sites)} of {len(self.candidates)} places, {self.result.status})"


def site_waste_points(
    city: City,
    *,
    p: int | None = None,
    rule: str = MANDATORY,
    distance: Kind | None = None,
    candidates: str | gpd.GeoDataFrame | None = None,
    spacing_m: float = 40.0,
    min_area_m2: float = MIN_AREA_M2,
    estates: gpd.GeoDataFrame | None = None,
    edge_m: float = EDGE_M,
    estate_step_m: float = 20.0,
    exclusions: Mapping[str, gpd.GeoDataFrame] | None = None,
    max_candidates: int = 20_000,
    required: Sequence[str] = (),
    excluded: Sequence[str] = (),
    min_spacing_m: float | None = None,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
) -> WastePointPlan:
    """Choose places for new collection points; those that exist stay.

    Parameters
    ----------
    p : most new points, which serve as many people as possible; None = as few as serve all whom a place can reach
    rule : whose radius is served: ``waste.point.gb55013`` or ``waste.point.cjj27``
    distance : "straight" or "network" (on foot); default: that of the rule
    candidates, spacing_m, min_area_m2, exclusions, max_candidates : as for `point_places`
    estates : closed estates; each without a point gets one on its ground or at its edge, where a place is allowed.
        Default: the city's old estates
    edge_m : a place this near to the edge is the estate's own
    estate_step_m : of the grid of places on the ground of estates without a point
    required, excluded : ids of places
    min_spacing_m : straight distance between new points, at least

    Returns
    -------
    `WastePointPlan`. Homes that no place reaches are counted and shown, not left out; where nobody lives, nothing is
    built. A place inside a closed estate serves the homes of that estate only; one at its edge (``edge_m``), or
    outside, serves everybody.

    Raises
    ------
    InputError
        A rule, a kind of place or a distance that cannot be used.
    InfeasibleError
        No place is allowed; ``p`` is less than the estates need; required places exclude each other.
    """
    judged = radius_rule(city, rule)
    limit = judged.limit_m
    assert limit is not None
    kind = _kind(city, judged, distance)
    records = read_records(city)
    closed = city.old_estates if estates is None else estates
    known = None if closed is None or not len(closed) else estates_of(city, closed, records.waste, edge_m)
    bare = None if known is None else known.without
    places = point_places(
        city, candidates, spacing_m=spacing_m, estates=bare, step_m=estate_step_m, exclusions=exclusions,
        min_area_m2=min_area_m2, max_candidates=max_candidates,
    )  # fmt: skip
    places["estate"] = _estate_of(places, bare, edge_m)
    places["kind_zh"] = [KINDS[k].zh for k in places["kind"]]
    places["kind_en"] = [KINDS[k].en for k in places["kind"]]
    allowed = gpd.GeoDataFrame(places[places["allowed"]])
    if not len(allowed):
        reasons = ", ".join(f"{reason}: {n}" for reason, n in places["refusal"].value_counts().head(3).items())
        msg = f"waste: none of {len(places)} places may have a collection point ({reasons})"
        raise InfeasibleError(msg)
    weight, unit, per = _weight(city)
    near = city.searches.nearest(city.demand, records.waste, kind).cost
    before = served_mask(near, limit) if len(records.waste) else np.zeros(len(city.demand), dtype=bool)
    cost = _costs(city, allowed, limit, kind)
    if known is not None:
        cost = _own_only(cost, city, allowed, known.estates, edge_m)
    owned = set(allowed["estate"].dropna())
    wanted = {} if bare is None else {str(i): 1 for i in bare.index if str(i) in owned}
    impossible = () if bare is None else tuple(str(i) for i in bare.index if str(i) not in owned)
    more: dict[str, Any] = {
        "served": before | (weight == 0),
        "required": [str(i) for i in required], "excluded": [str(i) for i in excluded],
        "min_spacing_m": min_spacing_m, "time_limit_s": time_limit_s, "mip_gap": mip_gap, "seed": seed,
    }  # fmt: skip
    if wanted:
        more |= {"zones": allowed["estate"], "at_least": wanted}
    if min_spacing_m is not None:
        more["xy"] = allowed.geometry.get_coordinates().to_numpy()
    if p is None:
        result = lscp(cost, limit, weight=weight / per, serve="reachable", **more)
    else:
        result = mclp(cost, weight / per, limit, min(p, len(allowed)), **more)
    sites = result.to_geodataframe(allowed).drop(columns=["allowed", "refusal"])
    reached, after = _reached(cost, None), before | _reached(cost, sites.index)
    state = np.select([before, after, reached], [HAD, NOW, NOT_CHOSEN], NO_PLACE)
    demand = gpd.GeoDataFrame(
        {"weight": weight / per, "state": state},
        geometry=np.asarray(city.demand.geometry), crs=city.crs, index=city.demand.index,
    )  # fmt: skip
    return WastePointPlan(
        result=result,
        candidates=places,
        sites=gpd.GeoDataFrame(sites),
        demand=demand,
        zones=_zones(city, weight, per, state, sites),
        estates=_after(known, sites, edge_m),
        impossible=impossible,
        rule=judged,
        limit_m=limit,
        distance=kind,
        p=p,
        unit=unit,
        existing=len(records.waste),
        notes=tuple(places.attrs.get("notes", ())),
        findings=(*records.findings, *(known.findings if known is not None else ())),
    )


def _kind(city: City, rule: Rule, distance: Kind | None) -> Kind:
    if distance not in (None, "straight", "network"):
        msg = f"waste: distance is {distance!r}, expected 'straight' or 'network'"
        raise InputError(msg)
    if distance == "network" and city.network is None:
        msg = "waste: distance = 'network' needs streets, which the city has not"
        raise InputError(msg)
    if distance is not None:
        return distance
    return "network" if rule.distance == "network" and city.network is not None else "straight"


def _weight(city: City) -> tuple[NDArray[np.int64], str, int]:
    """Whole numbers of each demand point, what they count, and how many make one."""
    milli = people_milli(city.demand)
    if milli is not None:
        return milli, "people", MILLI_PER_PERSON
    units = unit_count(city.demand)
    return (units, "units", 1) if units is not None else (np.ones(len(city.demand), dtype=np.int64), "points", 1)


def _estate_of(places: gpd.GeoDataFrame, estates: gpd.GeoDataFrame | None, edge_m: float) -> NDArray[np.object_]:
    """Id of the estate whose own a place is: the nearest within the edge, ties by id; None = no estate's."""
    owner = np.full(len(places), None, dtype=object)
    if estates is None or not len(estates):
        return owner
    shape, at = np.asarray(estates.geometry, dtype=object), np.asarray(places.geometry, dtype=object)
    place, estate = shapely.STRtree(shape).query(at, predicate="dwithin", distance=edge_m)
    table = pd.DataFrame({"place": place, "id": estates.index.astype(str)[estate],
                          "metres": shapely.distance(at[place], shape[estate])})  # fmt: skip
    first = table.sort_values(["place", "metres", "id"]).drop_duplicates("place")
    owner[first["place"].to_numpy()] = first["id"].to_numpy(dtype=object)
    return owner


def _costs(city: City, allowed: gpd.GeoDataFrame, limit_m: float, kind: Kind) -> CostMatrix:
    if kind == "straight" or city.network is None:
        return cost_matrix_straight(city.demand, allowed, limit_m)
    return cost_matrix(
        city.network, city.demand, allowed, limit_m, max_snap_m=city.max_snap_m, entrances=city.entrances
    )


def _own_only(
    cost: CostMatrix, city: City, allowed: gpd.GeoDataFrame, estates: gpd.GeoDataFrame, edge_m: float
) -> CostMatrix:
    """Drop the pairs of a place inside a closed estate with homes outside it: its gates are shut to them.

    A place at the edge, such as the frontage of the street that an estate is drawn to, keeps them.
    """
    shape, at = np.asarray(estates.geometry, dtype=object), np.asarray(allowed.geometry, dtype=object)
    tree = shapely.STRtree(shape)
    place, holder = tree.query(at, predicate="within")
    deep = shapely.distance(at[place], shapely.boundary(shape[holder])) > edge_m
    deep |= (allowed["kind"] == ESTATE).to_numpy()[place]
    place, holder = place[deep], holder[deep]
    if not len(place):
        return cost
    home, of = tree.query(np.asarray(city.demand.geometry, dtype=object), predicate="intersects")

    def held(row: NDArray[np.intp], column: NDArray[np.intp], n: int) -> sparse.csr_array:
        return sparse.csr_array((np.ones(len(row)), (row, column)), shape=(n, len(estates)))

    # Pairs of a home and a place of the same estate.
    shared = held(home, of, len(city.demand)) @ held(place, holder, len(allowed)).T
    closed = np.zeros(len(allowed), dtype=bool)
    closed[place] = True
    row = np.asarray(cost.row_of)
    keep = ~closed[cost.indices]
    pair = shared.tocoo()
    n = len(allowed)
    own = pair.row.astype(np.int64) * n + pair.col
    keep |= np.isin(row * n + cost.indices, own)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row[keep], minlength=len(cost.rows)))]).astype(np.int64)
    return dataclasses.replace(cost, indptr=indptr, indices=cost.indices[keep], cost_mm=cost.cost_mm[keep])


def _reached(cost: CostMatrix, chosen: pd.Index | None) -> NDArray[np.bool_]:
    """Rows that some of the chosen places reach; of all places where None."""
    row = np.asarray(cost.row_of)
    if chosen is not None:
        is_site = np.zeros(len(cost.columns), dtype=bool)
        is_site[cost.columns.get_indexer(chosen)] = True
        row = row[is_site[cost.indices]]
    return np.asarray(np.bincount(row, minlength=len(cost.rows)) > 0)


def _zones(
    city: City, weight: NDArray[np.int64], per: int, state: NDArray[np.str_], sites: gpd.GeoDataFrame
) -> pd.DataFrame:
    rows = []
    for level, zone, name, (home, there) in each_zone(city, city.demand, gpd.GeoDataFrame(sites)):
        total = int(weight[home].sum())
        before, after = (int(weight[home & np.isin(state, s)].sum()) for s in ([HAD], [HAD, NOW]))
        shares = (before / total, after / total) if total else (np.nan, np.nan)
        lost = int(weight[home & (state == NO_PLACE)].sum())
        figures = (total / per, before / per, after / per, *shares, lost / per, int(there.sum()))
        rows.append((level, zone, name, *figures))
    return pd.DataFrame(rows, columns=ZONE_COLUMNS)


def _after(known: Estates | None, sites: gpd.GeoDataFrame, edge_m: float) -> gpd.GeoDataFrame | None:
    """Estates with the points that they have with the plan."""
    if known is None:
        return None
    made = known.estates.copy()
    count = np.zeros(len(made), dtype=np.int64)
    if len(sites):
        at = np.asarray(sites.geometry, dtype=object)
        row, _ = shapely.STRtree(at).query(np.asarray(made.geometry), predicate="dwithin", distance=edge_m)
        np.add.at(count, row, 1)
    made["after"] = made["points"] + count
    made["state_after"] = np.where(made["after"] > 0, HAS, "none")
    return gpd.GeoDataFrame(made)
