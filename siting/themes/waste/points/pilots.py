"""Which closed estates try sorting first (垃圾分类试点小区): most households, with collection points near their homes.

Estates are taken from the most households down, passing over those of a zone that has its share of pilots already.
No other choice of as many estates holds more households: sets with at most ``per_zone`` estates a zone and at most
``n`` in all are a matroid, and on a matroid this order is optimal. A home counts in one estate only, so sums add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.coverage import OUTSIDE_ZONE, assign_zones
from siting.coverage.rollup import ZONE_PREFIX, zone_names
from siting.coverage.served import limit_in_mm
from siting.errors import InputError
from siting.inputs.schema import listed
from siting.ledger import Finding, Text
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.waste.points.estates import Estates
from siting.themes.waste.points.reach import MANDATORY, PREFERRED, Reach
from siting.themes.waste.points.records import Records
from siting.themes.waste.points.recycling import Households

PILOT, FIT, BEYOND, EMPTY = "pilot", "fit", "beyond", "empty"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PilotsAsked:
    """What `pilots_of` is asked: so many estates, how near points must be, and how far the pilots are spread.

    Attributes
    ----------
    n : how many estates
    per_zone : most of one zone; None: any number
    level : of the zones; default: the smallest
    least_share : of an estate's households with a collection point within the radius; None: some household
    """

    n: int
    per_zone: int | None = None
    level: str | None = None
    least_share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pilots:
    """Estates in the order of a sorting pilot.

    Attributes
    ----------
    estates : index = id, pilots first, then by households; ``name``, ``zone`` (None without zones), ``rank`` (of the
        pilots, NaN for others), ``households``, ``share_mandatory`` and ``share_preferred`` (households with a point
        within the radius, straight; NaN = no households, or the radius was not judged), ``points`` and
        ``points_sorting`` (inside or at the edge; known to sort), ``spacing_m`` (mean distance of each of these points
        to the nearest other; NaN with fewer than two), ``households_per_point``, ``state``: pilot, fit (could be one),
        beyond (too few within the radius), empty (no home of a household)
    rules : the mandatory radius, which decides, and the preferred one where it was judged
    """

    estates: gpd.GeoDataFrame
    asked: PilotsAsked
    households: Households
    rules: tuple[Rule, ...]
    findings: tuple[Finding, ...]

    @property
    def chosen(self) -> gpd.GeoDataFrame:
        """The pilots."""
        return gpd.GeoDataFrame(self.estates[self.estates["state"] == PILOT])


def pilots_of(
    city: City, estates: Estates, reach: Reach, records: Records, households: Households, asked: PilotsAsked
) -> Pilots:
    """Rank estates and choose the pilots.

    Raises
    ------
    InputError
        A number that is none, or a level of zones that is not there.
    """
    level = _checked(city, asked)
    layer = estates.estates.sort_index()
    shape = np.asarray(layer.geometry, dtype=object)
    home, owner, shared = _homes_of(city, shape)
    weight = households.value[home]
    total = _sums(owner, weight, len(layer))
    main = reach.audits[MANDATORY]
    audits = [main, *(a for rule, a in reach.audits.items() if rule == PREFERRED and a is not main and a.judged)]
    shares = []
    for audit in audits:
        near = audit.demand["served_straight"].reindex(city.demand.index).to_numpy(dtype=bool)[home]
        shares.append(_share(_sums(owner, weight * near, len(layer)), total))
    own, sorts, spacing = _points(shape, records, estates.edge_m)
    zone = _zones(city, layer, shape, level)
    least = 0.0 if asked.least_share is None else asked.least_share
    met = np.nan_to_num(shares[0]) >= least - 1e-12
    fits = (total > 0) & met & (np.nan_to_num(shares[0]) > 0)
    order = best_estates(total, fits, zone, asked.n, asked.per_zone)
    rank = np.full(len(layer), np.nan)
    rank[order] = np.arange(1, len(order) + 1)
    state = np.where(total <= 0, EMPTY, np.where(fits, FIT, BEYOND)).astype(object)
    state[order] = PILOT
    names = {} if level is None else zone_names(city.zones)[level]
    made = gpd.GeoDataFrame(
        {
            "name": layer["name"].to_numpy(),
            "zone": [None if level is None else names.get(z, z) for z in zone],
            "rank": rank,
            "households": total,
            "share_mandatory": shares[0],
            "share_preferred": shares[1] if len(shares) > 1 else np.full(len(layer), np.nan),
            "points": own,
            "points_sorting": sorts,
            "spacing_m": spacing,
            "households_per_point": np.divide(total, own, out=np.full(len(layer), np.nan), where=own > 0),
            "state": state,
        },
        geometry=shape,
        crs=city.crs,
        index=layer.index,
    )
    made = gpd.GeoDataFrame(
        made.iloc[np.lexsort((np.arange(len(made)), -total.round(6), np.nan_to_num(rank, nan=np.inf)))]
    )
    findings: tuple[Finding, ...] = ()
    if len(shared):
        text = Text(
            f"试点小区：{len(shared)} 处住址位于多个小区内，只计入编号最前者",
            f"pilot estates: {len(shared)} homes lie in several estates and count in the first by id",
        )
        ids = listed(city.demand.index[shared])
        findings = (Finding(code="waste_pilot_shared", kind="warning", count=len(shared), text=text, ids=ids),)
    return Pilots(
        estates=made, asked=asked, households=households, rules=tuple(a.rule for a in audits), findings=findings
    )


def best_estates(
    households: NDArray[np.float64],
    fits: NDArray[np.bool_],
    zone: Sequence[str],
    n: int,
    per_zone: int | None = None,
) -> NDArray[np.int64]:
    """Positions of at most ``n`` fitting estates with the most households, at most ``per_zone`` a zone.

    Ties go to the estate that comes first.
    """
    taken: dict[str, int] = {}
    chosen: list[int] = []
    for k in np.argsort(-households.round(6), kind="stable").tolist():
        if len(chosen) == n:
            break
        if fits[k] and (per_zone is None or taken.get(zone[k], 0) < per_zone):
            taken[zone[k]] = taken.get(zone[k], 0) + 1
            chosen.append(k)
    return np.array(chosen, dtype=np.int64)


def _checked(city: City, asked: PilotsAsked) -> str | None:
    for name, value in (("n", asked.n), ("per_zone", asked.per_zone)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            msg = f"waste: {name} of pilots is {value!r}, expected a whole number above 0"
            raise InputError(msg)
    if asked.least_share is not None and not 0 < asked.least_share <= 1:
        msg = f"waste: least_share of pilots is {asked.least_share!r}, expected above 0 and at most 1"
        raise InputError(msg)
    if asked.level is not None and asked.level not in city.zones:
        msg = f"waste: no level of zones {asked.level!r}; there are {', '.join(city.zones) or 'none'}"
        raise InputError(msg)
    if asked.per_zone is not None and not city.zones:
        msg = "waste: per_zone of pilots needs zones, which the city has not"
        raise InputError(msg)
    return asked.level if asked.level is not None else next(iter(city.zones), None)


def _homes_of(city: City, shape: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Positions of homes in estates, the estate of each (the first that holds it), and homes that several hold."""
    estate, home = shapely.STRtree(np.asarray(city.demand.geometry)).query(shape, predicate="intersects")
    order = np.lexsort((estate, home))
    estate, home = estate[order], home[order]
    homes, first, times = np.unique(home, return_index=True, return_counts=True)
    return homes, estate[first], homes[times > 1]


def _sums(owner: NDArray[np.int64], weight: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    return np.bincount(owner, weights=weight, minlength=n).astype(np.float64)


def _share(part: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.divide(part, total, out=np.full(len(total), np.nan), where=total > 0), dtype=np.float64)


def _points(
    shape: NDArray[np.object_], records: Records, edge_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Points inside or at the edge of each estate, those known to sort, and how far they stand from one another."""
    count, sorts = np.zeros(len(shape), dtype=np.int64), np.zeros(len(shape), dtype=np.int64)
    spacing = np.full(len(shape), np.nan)
    place = np.asarray(records.waste.geometry, dtype=object)
    said = np.array([x is True for x in records.waste["sorting"]], dtype=bool)
    if not len(place):
        return count, sorts, spacing
    row, point = shapely.STRtree(place).query(shape, predicate="dwithin", distance=edge_m + 1.0)
    mm = np.rint(shapely.distance(shape[row], place[point]) * 1000).astype(np.int64)
    near = mm <= (limit_in_mm(edge_m) if edge_m > 0 else 0)
    row, point = row[near], point[near]
    np.add.at(count, row, 1)
    np.add.at(sorts, row, said[point].astype(np.int64))
    for k in np.flatnonzero(count > 1):
        mine = place[point[row == k]]
        apart = shapely.distance(mine[:, None], mine[None, :])
        np.fill_diagonal(apart, np.inf)
        spacing[k] = apart.min(axis=1).mean()
    return count, sorts, spacing


def _zones(city: City, layer: gpd.GeoDataFrame, shape: NDArray[np.object_], level: str | None) -> list[str]:
    if level is None:
        return [OUTSIDE_ZONE] * len(layer)
    inside = gpd.GeoSeries(shapely.point_on_surface(shape), index=layer.index, crs=city.crs)
    return assign_zones(inside, {level: city.zones[level]})[ZONE_PREFIX + level].astype(str).tolist()
