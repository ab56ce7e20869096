"""Where the next parks go: N parks, N hectares or a share to be reached, by people on foot or by residential land."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.access import CostMatrix, cost_matrix, cost_matrix_straight, nearest_straight
from siting.coverage import assign_zones, served_mask
from siting.coverage.counted import counted_facilities
from siting.coverage.land_served import Radius, served_by_radii_dm2
from siting.coverage.rollup import ZONE_PREFIX, zone_names
from siting.coverage.schema import people_milli
from siting.errors import InputError
from siting.ledger import Text
from siting.locate import Plan, SitingResult, make_plan
from siting.locate.plans.budget import AREA_HA
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.green.official import MEASURES
from siting.themes.green.park_land import park_land
from siting.themes.green.park_tests import scored
from siting.themes.green.served import PARK_RULE
from siting.themes.result import ThemeResult
from siting.units import MILLI_PER_PERSON, metres_to_mm

Measure = Literal["network", "official"]
CLAUSE = "park.gb51346.cover"
"""The official measure by default: one radius for every park, read in its clause."""
_DM2_PER_M2 = 100
ZONE_COLUMNS = ["level", "zone", "name", "people", "unserved_before", "unserved_after", "parks", "park_m2"]
MEASURE_COLUMNS = ["measure", "unit", "before", "after", "total", "share_before", "share_after"]


@dataclass(frozen=True, kw_only=True, eq=False)
class GreenPlan:
    """New parks with their proof.

    Attributes
    ----------
    plan : the answer as every plan of this toolkit: sites, proof, notes; its candidates are points inside the land
    measure : what was optimised
    candidates : all land that was looked at, polygons, best score first; columns `park_tests.COLUMNS`, ``allowed``,
        ``refusal``
    sites : the land chosen, polygons in the order of gain, with ``order``, ``gain``, ``name_zh``, ``name_en``
    measures : the same sites by every measure, columns `MEASURE_COLUMNS`: people on foot and in a straight line, and
        residential land inside the official radii, cut exactly
    zones : who gets the new parks: per zone of every level people unserved before and after (on foot), new parks and
        their area by the zone that holds a point inside them, columns `ZONE_COLUMNS`; empty without people
    """

    plan: Plan
    measure: Measure
    candidates: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    measures: pd.DataFrame
    zones: pd.DataFrame

    @property
    def result(self) -> SitingResult:
        """Status, objective, bound and gap."""
        return self.plan.result

    def themed(self) -> ThemeResult:
        """Return layers, tables, figures and sentences for every output."""
        from siting.themes.green.siting_shown import themed

        return themed(self)

    def __repr__(self) -> str:
        """Say how many sites there are and how well they are proved."""
        return f"GreenPlan({len(self.sites)} of {len(self.candidates)} pieces of land, {self.result.status})"


def site_green(
    city: City,
    *,
    p: int | None = None,
    area_ha: float | None = None,
    target: float | None = None,
    measure: Measure = "network",
    clause: str = CLAUSE,
    land: gpd.GeoDataFrame | None = None,
    exclusions: Mapping[str, gpd.GeoDataFrame] | None = None,
    weights: Mapping[str, float] | None = None,
    required: Sequence[str] = (),
    excluded: Sequence[str] = (),
    min_spacing_m: float | None = None,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
) -> GreenPlan:
    """Choose land for new parks.

    Parameters
    ----------
    p, area_ha, target : one of them: so many parks, so many hectares, or the share that is to be reached with the
        fewest parks
    measure : "network" = people within the distance of ``park.500park`` on foot (in a straight line where the city has
        no streets); "official" = residential land inside the radii of ``clause``
    clause : of `official.MEASURES`; one that gives size classes their own radius draws that of each new park
    land : as `park_land` returns it, which is asked otherwise; with columns of your own, if you like
    exclusions : further areas where no park may be, by name
    weights : of the parts of the score; the score describes land, it does not steer the choice
    required, excluded : ids of land
    min_spacing_m : straight distance between points inside the pieces of land, at least

    Returns
    -------
    `GreenPlan`. For the choice by the official measure a piece of residential land counts as inside where its point is;
    ``measures`` then says what the chosen sites cover exactly.

    Raises
    ------
    InputError
        None or several of ``p``, ``area_ha`` and ``target``; no people, or no residential land; no land for parks.
    InfeasibleError
        The target is out of reach, or required sites exceed the budget.
    """
    if sum(x is not None for x in (p, area_ha, target)) != 1:
        msg = "give one of p (number of parks), area_ha (hectares) and target (share to be reached)"
        raise InputError(msg)
    if measure not in ("network", "official"):
        msg = f"measure is {measure!r}, expected 'network' or 'official'"
        raise InputError(msg)
    rule = city.catalogue[PARK_RULE]
    assert rule.limit_m is not None
    milli = people_milli(city.demand)
    if measure == "network" and milli is None:
        msg = 'site_green: the demand has no people; choose by measure="official" (residential land)'
        raise InputError(msg)
    given = park_land(city, exclusions) if land is None else land
    on_foot = _Walk.of(city, given, rule, rule.limit_m)
    new = None if milli is None else on_foot.newly(milli) / MILLI_PER_PERSON
    candidates = scored(city, given, new, rule.limit_m, weights)
    official = None if city.land is None else _Radii.of(city, candidates, clause)
    pool = _pool(city, candidates, given)
    more: dict[str, Any] = {
        "model": "mclp", "p": p, "budget": area_ha, "price": None if area_ha is None else AREA_HA, "target": target,
        "required": required, "excluded": excluded, "min_spacing_m": min_spacing_m, "time_limit_s": time_limit_s,
        "mip_gap": mip_gap, "seed": seed,
    }  # fmt: skip
    if measure == "network":
        plan = make_plan(
            "green", limit_m=rule.limit_m, candidates=pool, cost=on_foot.cost, demand=city.demand,
            served_before=on_foot.served, rule=rule, facility=rule.facility, distance=on_foot.kind,
            title=Text("新增公园选址（步行人口）", "New parks, by people on foot"), notes=on_foot.notes, **more,
        )  # fmt: skip
    else:
        if official is None:
            msg = "site_green: the official measure needs residential land ([land] residential)"
            raise InputError(msg)
        plan = _official_plan(city, official, pool, more)
    chosen = plan.sites.index
    sites = _sites(plan, candidates)
    rows = on_foot.rows(milli, chosen) + ([] if official is None else [official.row(city, candidates, chosen)])
    measures = pd.DataFrame(rows, columns=MEASURE_COLUMNS)
    zones = _zones(city, milli, sites, on_foot)
    return GreenPlan(plan=plan, measure=measure, candidates=candidates, sites=sites, measures=measures, zones=zones)


@dataclass(frozen=True, slots=True, eq=False)
class _Walk:
    """People and new parks within the distance of the policy, on foot and in a straight line."""

    kind: Literal["network", "straight"]
    cost: CostMatrix
    served: NDArray[np.bool_]
    straight: CostMatrix
    served_straight: NDArray[np.bool_]

    @classmethod
    def of(cls, city: City, land: gpd.GeoDataFrame, rule: Rule, limit_m: float) -> _Walk:
        parks = counted_facilities(city.facilities, rule)[0]
        near = city.searches.nearest(city.demand, parks, "straight").cost
        straight = cost_matrix_straight(city.demand, land, limit_m)
        by_line = served_mask(near, limit_m)
        if city.network is None:
            return cls("straight", straight, by_line, straight, by_line)
        walked = city.searches.nearest(city.demand, parks, "network").cost
        cost = cost_matrix(city.network, city.demand, land, limit_m, max_snap_m=city.max_snap_m)
        return cls("network", cost, served_mask(walked, limit_m), straight, by_line)

    @property
    def notes(self) -> tuple[Text, ...]:
        """How a new park is entered."""
        if self.kind == "straight":
            return (Text("无路网：按直线距离", "no streets: straight lines"),)
        return (
            Text(
                "新公园按边界开放计：街道穿越处，或沿街边界",
                "new parks are taken to be open: where streets cross the edge, or along the street",
            ),
        )

    def newly(self, milli: NDArray[np.int64]) -> NDArray[np.float64]:
        """People of each piece of land within the limit whom nothing serves today, thousandths."""
        row = np.asarray(self.cost.row_of)
        fresh = ~self.served[row]
        count = np.zeros(len(self.cost.columns), dtype=np.int64)
        np.add.at(count, np.asarray(self.cost.indices)[fresh], milli[row[fresh]])
        return count.astype(np.float64)

    def rows(self, milli: NDArray[np.int64] | None, chosen: pd.Index) -> list[dict[str, Any]]:
        """People before and after, by each kind of distance."""
        if milli is None:
            return []
        kinds = [("people_straight", self.straight, self.served_straight)]
        if self.kind == "network":
            kinds.insert(0, ("people_network", self.cost, self.served))
        return [
            _row(name, "people", int(milli[served].sum()), int(milli[served | _reached(cost, chosen)].sum()),
                 int(milli.sum()), MILLI_PER_PERSON)
            for name, cost, served in kinds
        ]  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Radii:
    """A clause's radii: of the parks that exist, and of each piece of land by its size class."""

    rule: Rule
    existing: tuple[Radius, ...]
    of_land: pd.Series
    """Radius of each piece of land in metres; NaN where the clause does not count a park of that size."""

    @classmethod
    def of(cls, city: City, candidates: gpd.GeoDataFrame, clause: str) -> _Radii:
        if clause not in MEASURES or clause not in city.catalogue:
            msg = f"clause is {clause!r}, expected one of {', '.join(MEASURES)}"
            raise InputError(msg)
        assert city.land is not None
        rule = city.catalogue[clause]
        parts = [city.catalogue[name] for name in MEASURES[clause] if name in city.catalogue] or [rule]
        existing, radius = [], np.full(len(candidates), np.nan)
        for part in parts:
            assert part.limit_m is not None
            parks = counted_facilities(city.facilities, part)[0]
            near = city.searches.nearest(city.land.points, parks, "straight").cost
            existing.append(Radius(parks, near, part.limit_m))
            counts = np.array([part.counts_area(a) for a in candidates["area_m2"]], dtype=bool)
            radius = np.where(counts, part.limit_m, radius)
        return cls(rule, tuple(existing), pd.Series(radius, index=candidates.index))

    def costs(self, points: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame) -> CostMatrix:
        """Pairs of a point of land and a piece within the radius of that piece."""
        most = float(np.nanmax([*self.of_land.to_numpy(), *(one.limit_m for one in self.existing)]))
        every = cost_matrix_straight(points, candidates, most)
        own = metres_to_mm(np.nan_to_num(self.of_land.reindex(every.columns).to_numpy(dtype=np.float64), nan=-1.0))
        keep = every.cost_mm <= own[every.indices]
        row = np.asarray(every.row_of)[keep]
        indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(every.rows)))]).astype(np.int64)
        return dataclasses.replace(
            every, indptr=indptr, indices=every.indices[keep], cost_mm=every.cost_mm[keep], cutoff=most
        )

    def served_points(self) -> NDArray[np.bool_]:
        """Pieces of residential land whose point lies inside a radius today."""
        inside = [served_mask(one.distance_m, one.limit_m) for one in self.existing]
        return np.asarray(np.logical_or.reduce(inside), dtype=np.bool_)

    def row(self, city: City, candidates: gpd.GeoDataFrame, chosen: pd.Index) -> dict[str, Any]:
        """Residential land inside the radii before and after, cut exactly, in square metres."""
        assert city.land is not None
        after = list(self.existing)
        radius = self.of_land.reindex(chosen)
        for limit_m in sorted(radius.dropna().unique()):
            new = gpd.GeoDataFrame(candidates.loc[chosen[(radius == limit_m).to_numpy()]])
            near = nearest_straight(city.land.points, new)["cost"].to_numpy(dtype=np.float64)
            after.append(Radius(new, near, float(limit_m)))
        now, then = (int(served_by_radii_dm2(city.land, radii).sum()) for radii in (self.existing, after))
        return _row(self.rule.id, "m2", now, then, int(city.land.area_dm2.sum()), _DM2_PER_M2)


def _official_plan(city: City, official: _Radii, pool: gpd.GeoDataFrame, more: Mapping[str, Any]) -> Plan:
    assert city.land is not None
    limit_m = official.rule.limit_m
    outside = pool["allowed"].to_numpy(dtype=bool) & official.of_land.reindex(pool.index).isna().to_numpy()
    refusal = pool["refusal"].to_numpy(dtype=object).copy()
    refusal[outside] = Text(
        f"{official.rule.id} 不计此规模的公园", f"{official.rule.id} does not count parks of this size"
    ).both(" / ")
    pool = gpd.GeoDataFrame(pool.assign(allowed=pool["allowed"].to_numpy(dtype=bool) & ~outside, refusal=refusal))
    # Land counts in whole square decimetres, hence in whole hundredths of a square metre.
    points = gpd.GeoDataFrame(city.land.points.assign(units=city.land.area_dm2 / _DM2_PER_M2))
    cost = official.costs(points, gpd.GeoDataFrame(pool[["area_m2"]], geometry=pool["land"].to_numpy(), crs=pool.crs))
    note = Text(
        "选址时，居住用地地块以其内点是否在半径内计；所选方案的覆盖面积另按条文口径精确切割计算",
        "for the choice a piece of residential land counts where its point lies inside a radius; what the chosen sites "
        "cover is computed again by cutting the land exactly",
    )
    return make_plan(
        "green",
        limit_m=cost.cutoff if limit_m is None else max(limit_m, cost.cutoff),
        candidates=gpd.GeoDataFrame(pool.drop(columns="land")),
        cost=cost,
        demand=points,
        served_before=official.served_points(),
        rule=official.rule,
        facility=official.rule.facility,
        title=Text("新增公园选址（服务半径覆盖居住用地）", "New parks, by residential land inside the radii"),
        weight="units",
        unit=Text("平方米居住用地", "m² of residential land"),
        distance="straight",
        notes=(note,),
        **more,
    )


def _pool(city: City, candidates: gpd.GeoDataFrame, land: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give land the shape in which plans take candidates: a point inside each piece, named after the nearest street."""
    tested = land.attrs.get("tested")
    text = "" if tested is None else Text(f"已检验：{tested.zh}", f"tested: {tested.en}").both(" | ")
    shapes = np.asarray(candidates.geometry, dtype=object)
    table = pd.DataFrame(candidates.drop(columns=candidates.geometry.name)).assign(
        plot=candidates.index.astype(str), street=_street_names(city, shapes), tests=text, street_m=np.nan, land=shapes
    )
    pool = gpd.GeoDataFrame(table, geometry=shapely.point_on_surface(shapes), crs=candidates.crs)
    pool.attrs["notes"] = land.attrs.get("notes", ())
    return pool


def _street_names(city: City, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    names = np.full(len(shapes), None, dtype=object)
    if city.network is None or "name" not in city.network.edges.columns or not len(shapes):
        return names
    known = city.network.edges["name"].notna().to_numpy()
    if not known.any():
        return names
    lines = np.asarray(city.network.lines[np.flatnonzero(known)], dtype=object)
    row, line = shapely.STRtree(lines).query_nearest(shapes, all_matches=False)
    names[row] = city.network.edges["name"].to_numpy(dtype=object)[known][line]
    return names


def _sites(plan: Plan, candidates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    columns = ["order", "gain", "gain_people", "name_zh", "name_en"]
    chosen = plan.sites[[c for c in columns if c in plan.sites.columns]]
    table = pd.concat([pd.DataFrame(chosen), candidates.loc[chosen.index].drop(columns="geometry")], axis=1)
    return gpd.GeoDataFrame(table, geometry=candidates.geometry.loc[chosen.index], crs=candidates.crs)


def _zones(city: City, milli: NDArray[np.int64] | None, sites: gpd.GeoDataFrame, walk: _Walk) -> pd.DataFrame:
    """Share the new parks out among zones, beside the people whom no park served."""
    if milli is None or not city.zones:
        return pd.DataFrame(columns=ZONE_COLUMNS)
    points = gpd.GeoDataFrame(sites[["area_m2"]], geometry=shapely.point_on_surface(sites.geometry), crs=sites.crs)
    of_site = assign_zones(points, city.zones)
    after = walk.served | _reached(walk.cost, sites.index)
    names, rows = zone_names(city.zones), []
    for level, layer in city.zones.items():
        zone_of = city.demand[ZONE_PREFIX + level].astype(str).to_numpy()
        site_in = of_site[ZONE_PREFIX + level].astype(str).to_numpy()
        for zone in layer.index.astype(str):
            mine, there = zone_of == zone, site_in == zone
            before, left = (int(milli[mine & ~served].sum()) / MILLI_PER_PERSON for served in (walk.served, after))
            total = int(milli[mine].sum()) / MILLI_PER_PERSON
            area = round(float(sites["area_m2"].to_numpy()[there].sum()), 1)
            rows.append((level, zone, names[level].get(zone, zone), total, before, left, int(there.sum()), area))
    return pd.DataFrame(rows, columns=ZONE_COLUMNS)


def _reached(cost: CostMatrix, chosen: pd.Index) -> NDArray[np.bool_]:
    is_site = np.zeros(len(cost.columns), dtype=bool)
    is_site[cost.columns.get_indexer(chosen)] = True
    hit = is_site[cost.indices]
    return np.bincount(np.asarray(cost.row_of)[hit], minlength=len(cost.rows)) > 0


def _row(name: str, unit: str, before: int, after: int, total: int, per: int) -> dict[str, Any]:
    share = (before / total, after / total) if total else (None, None)
    return dict(zip(MEASURE_COLUMNS, (name, unit, before / per, after / per, total / per, *share), strict=True))
