"""Sorting in communities: who has a sorting point in reach, and the shortest way to the share of the policy.

    minimise    sum_j x_j                                   points that begin to sort
    subject to  y_i <= sum_{j in N_i} x_j                   homes without a sorting point in reach
                sum_{i in c} w_i y_i >= need_c z_c          people a community still needs to count as covered
                sum_c z_c >= short                          communities still lacking for the share
                x_j, z_c in {0, 1},  0 <= y_i <= 1

Homes that the same points reach and that lie in the same community are one row.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse

from siting.coverage import OUTSIDE_ZONE, assign_zones
from siting.coverage.rollup import ZONE_PREFIX, zone_names
from siting.coverage.schema import people_milli
from siting.coverage.served import limit_in_mm, served_mask
from siting.errors import InputError
from siting.locate.solver import minimise
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.waste.points.records import Records
from siting.units import MILLI_PER_PERSON

COMMUNITY_SORT = "waste.tj.community_sort"
COVERED, CHOSEN, LEFT, NO_WAY = "covered", "chosen", "left", "no_way"
_HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sorting:
    """Sorting by community.

    Attributes
    ----------
    communities : index = zone id: ``name``, ``people``, ``served`` (people with a sorting point in reach), ``share``,
        ``points``, ``sorting`` (points in it, and those known to sort), ``unknown`` (points that do not say),
        ``state``: covered already, chosen on the shortest way, left, or no_way (its points would not be enough)
    convert : ids of the points that would begin to sort, by community
    rule : with the share that is the target
    needed, covered : communities that the share asks for, and covered ones
    sorted_share : share of its people that makes a community covered: the study's own; None: not judged
    people_share : of the city, in reach of a sorting point; NaN where nothing is known of sorting
    status : of the shortest way: optimal, feasible, reached, impossible, or None where it was not asked
    bound : so many points at least
    """

    communities: gpd.GeoDataFrame
    convert: pd.DataFrame
    rule: Rule
    level: str
    limit_m: float
    needed: int
    covered: int
    sorted_share: float | None
    people_share: float
    status: str | None
    bound: int | None


def sorting_of(
    city: City,
    records: Records,
    limit_m: float,
    *,
    level: str | None = None,
    sorted_share: float | None = None,
    time_limit_s: float = 60.0,
    seed: int = 0,
) -> Sorting | None:
    """Judge communities and find the fewest points that must begin to sort for the share of the policy.

    Parameters
    ----------
    limit_m : a sorting point this near, straight, is in reach
    level : of the zones that are communities; default: the smallest
    sorted_share : of a community's people in reach that makes it covered, the study's own

    Returns
    -------
    None where the city has no zones, no people, or no point says whether it sorts.

    Raises
    ------
    InputError
        A level that is not there; a share that is none.
    """
    known = [x is not None for x in (*records.waste["sorting"], *records.recycling["sorting"])]
    milli = people_milli(city.demand)
    if not city.zones or milli is None or not any(known):
        return None
    level = next(iter(city.zones)) if level is None else level
    if level not in city.zones:
        msg = f"waste: no level of zones {level!r}; there are {', '.join(city.zones)}"
        raise InputError(msg)
    if sorted_share is not None and not 0 < sorted_share <= 1:
        msg = f"waste: sorted_share is {sorted_share!r}, expected above 0 and at most 1"
        raise InputError(msg)
    rule = city.catalogue[COMMUNITY_SORT]
    near = served_mask(city.searches.nearest(city.demand, records.sorting, "straight").cost, limit_m)
    table = _communities(city, records, level, milli, near)
    share = int(milli[near].sum()) / int(milli.sum()) if milli.sum() else math.nan
    assert rule.target is not None
    needed = _count_for(rule, int((table["people"] > 0).sum()))
    status, bound, convert, covered = None, None, pd.DataFrame(columns=["point", "community"]), 0
    if sorted_share is not None:
        need = np.array([_need(round(p * MILLI_PER_PERSON), sorted_share) for p in table["people"]])
        have = np.rint(table["served"].to_numpy() * MILLI_PER_PERSON).astype(np.int64)
        done = (table["people"].to_numpy() > 0) & (have >= need)
        covered = int(done.sum())
        table["state"] = np.where(done, COVERED, LEFT)
        status, bound, convert = _shortest(
            city, records, level, milli, near, table, need - have, needed - covered, limit_m, time_limit_s, seed
        )
    return Sorting(
        communities=table, convert=convert, rule=rule, level=level, limit_m=limit_m, needed=needed, covered=covered,
        sorted_share=sorted_share, people_share=share, status=status, bound=bound,
    )  # fmt: skip


def _count_for(rule: Rule, communities: int) -> int:
    """Return the least number of communities that is the share."""
    assert rule.target is not None
    k = 0
    while communities and k < communities and not rule.target.is_met(k, communities):
        k += 1
    return k


def _need(milli: int, share: float) -> int:
    """Thousandths of people that are the share, rounded up exactly."""
    return math.ceil(Fraction(str(share)) * milli)


def _communities(
    city: City, records: Records, level: str, milli: NDArray[np.int64], near: NDArray[np.bool_]
) -> gpd.GeoDataFrame:
    layer = city.zones[level]
    names = zone_names(city.zones)[level]
    home = city.demand[ZONE_PREFIX + level].astype(str).to_numpy()
    rows = []
    for zone, shape in sorted(zip(layer.index.astype(str), layer.geometry, strict=True), key=lambda r: r[0]):
        mine = home == zone
        people, served = int(milli[mine].sum()), int(milli[mine & near].sum())
        inside = records.waste.geometry.representative_point().intersects(shape).to_numpy()
        said = records.waste["sorting"].to_numpy(dtype=object)[inside]
        rows.append(
            (zone, names.get(zone, zone), people / MILLI_PER_PERSON, served / MILLI_PER_PERSON,
             served / people if people else math.nan, int(inside.sum()), sum(x is True for x in said),
             sum(x is None for x in said), shape)
        )  # fmt: skip
    table = pd.DataFrame(
        rows, columns=["id", "name", "people", "served", "share", "points", "sorting", "unknown", "geometry"]
    )
    return gpd.GeoDataFrame(table.set_index("id"), geometry="geometry", crs=city.crs)


def _shortest(
    city: City,
    records: Records,
    level: str,
    milli: NDArray[np.int64],
    near: NDArray[np.bool_],
    table: gpd.GeoDataFrame,
    need: NDArray[np.int64],
    short: int,
    limit_m: float,
    time_limit_s: float,
    seed: int,
) -> tuple[str, int | None, pd.DataFrame]:
    """Solve the model at the head; marks the communities in ``table``."""
    nothing = pd.DataFrame(columns=["point", "community"])
    if short <= 0:
        return "reached", 0, nothing
    able = gpd.GeoDataFrame(records.waste[[x is not True for x in records.waste["sorting"]]])
    zone = table.index.get_indexer(city.demand[ZONE_PREFIX + level].astype(str).replace(OUTSIDE_ZONE, ""))
    homes = np.flatnonzero(~near & (zone >= 0) & (milli > 0))
    place = np.asarray(able.geometry, dtype=object)
    at = np.asarray(city.demand.geometry)[homes]
    row, point = shapely.STRtree(place).query(at, predicate="dwithin", distance=limit_m + 1.0)
    inside = np.rint(shapely.distance(at[row], place[point]) * 1000).astype(np.int64) <= limit_in_mm(limit_m)
    row, point = row[inside], point[inside]
    reach = pd.DataFrame({"row": row, "point": point}).sort_values(["row", "point"]).groupby("row")["point"].agg(tuple)
    merged: dict[tuple[int, tuple[int, ...]], int] = {}
    for home, points in zip(homes[reach.index.to_numpy(dtype=np.int64)].tolist(), reach.tolist(), strict=True):
        key = (int(zone[home]), points)
        merged[key] = merged.get(key, 0) + int(milli[home])
    best = np.zeros(len(table), dtype=np.int64)
    for (community, _), weight in merged.items():
        best[community] += weight
    open_ = (table["state"] == LEFT).to_numpy() & (table["people"].to_numpy() > 0)
    reachable = open_ & (best >= need)
    table["state"] = np.where(open_ & ~reachable, NO_WAY, table["state"])
    if int(reachable.sum()) < short:
        return "impossible", None, nothing
    answer = _solve(merged, len(able), np.flatnonzero(reachable), need, short, time_limit_s, seed)
    if answer is None:
        return "stopped", None, nothing
    points, chosen, status, bound = answer
    table.iloc[chosen, table.columns.get_loc("state")] = CHOSEN
    belongs = _zone_of(able.iloc[points], table)
    return status, bound, pd.DataFrame({"point": able.index[points].astype(str), "community": belongs})


def _zone_of(points: gpd.GeoDataFrame, table: gpd.GeoDataFrame) -> list[str]:
    inside = gpd.GeoSeries(points.geometry.representative_point(), crs=table.crs)
    return assign_zones(inside, {"community": table})[ZONE_PREFIX + "community"].astype(str).tolist()


def _solve(
    merged: dict[tuple[int, tuple[int, ...]], int],
    n_points: int,
    zones: NDArray[np.intp],
    need: NDArray[np.int64],
    short: int,
    time_limit_s: float,
    seed: int,
) -> tuple[NDArray[np.intp], NDArray[np.intp], str, int] | None:
    """Points that begin to sort, communities that are covered then, what is proved, and the fewest there could be."""
    position = {int(z): k for k, z in enumerate(zones)}
    homes = [(position[zone], points, weight) for (zone, points), weight in sorted(merged.items()) if zone in position]
    y0, z0 = n_points, n_points + len(homes)
    n = z0 + len(zones)
    row, column, value = [], [], []
    for k, (community, points, weight) in enumerate(homes):
        row += [k] * (len(points) + 1)
        column += [*points, y0 + k]
        value += [1.0] * len(points) + [-1.0]
        row.append(len(homes) + community)
        column.append(y0 + k)
        value.append(weight / MILLI_PER_PERSON)
    for k, zone in enumerate(zones):
        row += [len(homes) + k, len(homes) + len(zones)]
        column += [z0 + k, z0 + k]
        value += [-int(need[zone]) / MILLI_PER_PERSON, 1.0]
    rows = len(homes) + len(zones) + 1
    low = np.zeros(rows)
    low[-1] = short
    whole = np.ones(n, dtype=bool)
    whole[y0:z0] = False
    answer = minimise(
        np.concatenate([np.ones(n_points), np.zeros(n - n_points)]),
        sparse.csr_array(sparse.coo_array((value, (row, column)), shape=(rows, n))),
        low,
        np.full(rows, np.inf),
        col_lower=np.zeros(n),
        col_upper=np.ones(n),
        integral=whole,
        time_limit_s=time_limit_s,
        abs_gap=1 - 1e-6,
        seed=seed,
    )
    if answer.x is None:
        return None
    # Recomputed in whole thousandths of people: no tolerance of the solver decides who is covered.
    chosen = np.flatnonzero(answer.x[:n_points] > _HALF)
    open_ = set(chosen.tolist())
    got = np.zeros(len(zones), dtype=np.int64)
    for community, reached, weight in homes:
        if not open_.isdisjoint(reached):
            got[community] += weight
    covered = zones[got >= need[zones]]
    if len(covered) < short:
        return None
    bound = max(1, math.ceil(answer.bound - 1e-6)) if math.isfinite(answer.bound) else 1
    return chosen, covered, "optimal" if len(chosen) <= bound else "feasible", bound
