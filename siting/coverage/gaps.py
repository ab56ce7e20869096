"""Where the unserved are: ranked areas with people, area, distance to the nearest facility, and a plain name."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.coverage.cells import DemandCells, demand_cells
from siting.coverage.clusters import MAX_SPAN_M, cluster
from siting.coverage.dissolve import outlines
from siting.coverage.gap_names import facility_noun, gap_amount, gap_name
from siting.coverage.model import OUTSIDE_ZONE, Audit
from siting.coverage.rollup import ZONE_PREFIX
from siting.coverage.schema import people_milli, unit_count
from siting.coverage.travel import SECONDS_PER_MIN
from siting.errors import InputError
from siting.ledger import Text
from siting.units import MILLI_PER_PERSON, people_to_milli

GAP_COLUMNS = (
    "gap_id", "rule", "name_zh", "name_en", "people", "units", "points", "area_m2", "nearest_m", "nearest_max_m",
    "nearest_min", "nearest_max_min", "unreachable", "zone", "zone_level", "zone_id", "rank", "kind", "geometry",
)  # fmt: skip
SCATTERED_ID = "G-rest"


def coverage_gaps(
    audit: Audit,
    *,
    link_m: float | None = None,
    max_span_m: float | None = None,
    min_people: float = 0.0,
    cells: DemandCells | None = None,
) -> gpd.GeoDataFrame:
    """Group the unserved demand of a judged rule into areas, the most people first.

    The area of a gap is the ground nearer to one of its points than to any other demand point, and within half of
    ``link_m`` of it: it never holds a served point. Every unserved row is in exactly one gap, so people, units and
    points of all gaps add up to the unserved. None of the parameters is from a standard.

    Parameters
    ----------
    audit : a judged rule
    link_m : neighbouring unserved points at most this far apart belong to one gap; default: see `demand_cells`
    max_span_m : no gap is wider; default: `MAX_SPAN_M` or twice the rule's limit, whichever is more
    min_people : gaps with fewer people (units, or points, where people are unknown) are joined in one last row,
        ``kind`` "scattered", ``gap_id`` `SCATTERED_ID`
    cells : `demand_cells` of the same demand, to save time where many rules share it; then without ``link_m``

    Returns
    -------
    One row a gap, polygons, columns `GAP_COLUMNS`. ``people`` and ``units`` are missing where the study has none.
    ``nearest_m`` is the distance below which half of the gap's people live (the weighted median) and ``nearest_max_m``
    the largest; NaN stands for "no path", which ``unreachable`` counts in points. For a rule in minutes these two are
    missing and ``nearest_min`` and ``nearest_max_min`` are the same in minutes. ``zone`` is the name of the zone of
    the smallest level that holds most of the gap's people, ``zone_id`` its id. Empty if everybody is served or the rule
    was not judged.

    Raises
    ------
    InputError
        ``cells`` are of other demand, or a parameter is not above 0.
    """
    cells = _checked_cells(audit, link_m, max_span_m, cells)
    code, gap_ids = (None, []) if cells is None else _numbered(audit, cells, max_span_m, min_people)
    if cells is None or code is None or not len(gap_ids):
        return _empty(audit)
    demand = audit.demand
    people, units = people_milli(demand), unit_count(demand)
    points = np.bincount(code[code >= 0], minlength=len(gap_ids))
    reach = _weighted_reach(audit, code, len(gap_ids))
    in_minutes = audit.limit_s is not None
    if in_minutes:
        reach = reach / SECONDS_PER_MIN
    unknown = np.full_like(reach, np.nan)
    metres, minutes = (unknown, reach) if in_minutes else (reach, unknown)
    people_of = None if people is None else _sums(code, people, len(gap_ids)) / MILLI_PER_PERSON
    units_of = None if units is None else _sums(code, units, len(gap_ids))
    noun = facility_noun(audit)
    rows = []
    for k, gap_id in enumerate(gap_ids):
        amount = gap_amount(
            None if people_of is None else float(people_of[k]),
            None if units_of is None else int(units_of[k]),
            int(points[k]),
            audit.noun("units"),
        )
        nearest = None if np.isnan(reach[k, 0]) else float(reach[k, 0])
        title = "scattered" if gap_id == SCATTERED_ID else "gap"
        label = Text("零散需求", "scattered") if title == "scattered" else Text(gap_id, gap_id)
        how = {"any_facility": len(audit.facilities) > 0, "in_minutes": in_minutes}
        name = gap_name(label, amount, noun, nearest, **how)
        rows.append((gap_id, audit.name, name.zh, name.en, int(points[k]), k + 1, title))
    table = pd.DataFrame(rows, columns=["gap_id", "rule", "name_zh", "name_en", "points", "rank", "kind"])
    shape = _outlines(cells, code, len(gap_ids))
    table = table.assign(
        people=np.nan if people_of is None else people_of,
        units=pd.array([pd.NA] * len(table), dtype="Int64") if units_of is None else pd.array(units_of, dtype="Int64"),
        area_m2=np.round(shapely.area(shape), 1),
        nearest_m=metres[:, 0],
        nearest_max_m=metres[:, 1],
        nearest_min=minutes[:, 0],
        nearest_max_min=minutes[:, 1],
        unreachable=_sums(code, np.isinf(demand["cost"].to_numpy()).astype(np.int64), len(gap_ids)),
    ).join(_main_zone(audit, code, len(gap_ids)))
    frame = gpd.GeoDataFrame(table, geometry=shape, crs=demand.crs)
    return frame[list(GAP_COLUMNS)]


def gap_members(
    audit: Audit,
    *,
    link_m: float | None = None,
    max_span_m: float | None = None,
    min_people: float = 0.0,
    cells: DemandCells | None = None,
) -> pd.Series:
    """Gap id of every demand row, missing where it is served; parameters as in `coverage_gaps`."""
    cells = _checked_cells(audit, link_m, max_span_m, cells)
    if cells is None or (audit.limit_m is None and audit.limit_s is None):
        return pd.Series(index=audit.demand.index, dtype="str", name="gap_id")
    code, gap_ids = _numbered(audit, cells, max_span_m, min_people)
    return pd.Series(
        np.array([*gap_ids, None], dtype=object)[code], index=audit.demand.index, dtype="str", name="gap_id"
    )


def _numbered(
    audit: Audit, cells: DemandCells, max_span_m: float | None, min_people: float
) -> tuple[NDArray[np.int64], list[str]]:
    """Gap of every demand row, -1 where it is served, and the ids of the gaps by rank, the scattered ones last."""
    unserved = ~audit.demand["served"].to_numpy()
    span = max(MAX_SPAN_M, 2 * (audit.limit_m or 0.0)) if max_span_m is None else max_span_m
    chosen = np.zeros(len(cells.xy), dtype=np.bool_)
    chosen[cells.place[unserved]] = True
    group = np.where(unserved, cluster(cells, chosen, span)[cells.place], -1)
    n = int(group.max()) + 1 if len(group) else 0
    weight = _weight(audit)
    sums, points = _sums(group, weight, n), np.bincount(group[group >= 0], minlength=n)
    # Equal gaps are told apart by where they are, so that the order of the rows does not number them.
    south, west = np.full(n, np.inf), np.full(n, np.inf)
    xy = cells.xy[cells.place[unserved]]
    np.minimum.at(south, group[unserved], xy[:, 1])
    np.minimum.at(west, group[unserved], xy[:, 0])
    order = np.lexsort((west, south, -points, -sums))
    least = people_to_milli(min_people) if "people" in audit.demand.columns else min_people
    large = int((sums >= least).sum())
    position = np.full(n + 1, -1, dtype=np.int64)  # the last is for those in no group
    position[order] = np.minimum(np.arange(n), large)
    ids = [f"G{k:02d}" for k in range(1, large + 1)] + [SCATTERED_ID] * (large < n)
    return position[group], ids


def _checked_cells(
    audit: Audit, link_m: float | None, max_span_m: float | None, cells: DemandCells | None
) -> DemandCells | None:
    for name, value in (("link_m", link_m), ("max_span_m", max_span_m)):
        if value is not None and not value > 0:
            msg = f"{name} is {value}, expected above 0"
            raise InputError(msg)
    if not audit.judged or not len(audit.demand):
        return None
    if cells is None:
        return demand_cells(audit.demand, link_m)
    if link_m is not None and link_m != cells.link_m:
        msg = f"link_m is {link_m}, but the cells were made with {cells.link_m}; give one of the two"
        raise InputError(msg)
    if not cells.index.equals(audit.demand.index):
        msg = "cells were made for other demand (the ids differ); make them with demand_cells(demand)"
        raise InputError(msg)
    return cells


def _weight(audit: Audit) -> NDArray[np.int64]:
    """Whole numbers that rank gaps: thousandths of people, else units, else rows."""
    people = people_milli(audit.demand)
    if people is not None:
        return people
    units = unit_count(audit.demand)
    return np.ones(len(audit.demand), dtype=np.int64) if units is None else units


def _sums(code: NDArray[np.int64], value: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    total = np.zeros(n, dtype=np.int64)
    np.add.at(total, code[code >= 0], value[code >= 0])
    return total


def _weighted_reach(audit: Audit, code: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """Median by weight, and largest finite distance of every gap, shape (n, 2); NaN = no path."""
    cost = audit.demand["cost"].to_numpy(dtype=np.float64)
    weight = _weight(audit)
    # A gap without people still has a typical distance: that of its points.
    empty = _sums(code, weight, n) == 0
    weight = np.where((code >= 0) & empty[code], 1, weight)
    rows = np.flatnonzero(code >= 0)
    rows = rows[np.lexsort((cost[rows], code[rows]))]
    so_far = np.cumsum(weight[rows])
    stop = np.cumsum(np.bincount(code[rows], minlength=n))
    before = np.append(0, so_far[stop[:-1] - 1])
    middle = cost[rows[np.searchsorted(2 * so_far, before + so_far[stop - 1])]]
    finite = np.bincount(code[rows], weights=np.isfinite(cost[rows]), minlength=n).astype(np.int64)
    start = np.append(0, stop[:-1])
    farthest = cost[rows[np.maximum(start + finite - 1, 0)]]
    out = np.full((n, 2), np.nan)
    out[:, 0] = np.where(np.isfinite(middle), middle, np.nan)
    out[:, 1] = np.where(finite > 0, farthest, np.nan)
    return out


def _main_zone(audit: Audit, code: NDArray[np.int64], n: int) -> pd.DataFrame:
    """Zone of the smallest level that holds most of each gap's people; equally many: the first id."""
    levels = list(audit.zone_names) or [
        c.removeprefix(ZONE_PREFIX) for c in audit.demand.columns if str(c).startswith(ZONE_PREFIX)
    ]
    if not levels:
        return pd.DataFrame({"zone": None, "zone_level": None, "zone_id": None}, index=range(n), dtype="str")
    level = levels[0]
    named = audit.zone_names.get(level, {})
    rows = np.flatnonzero(code >= 0)
    zone_code, ids = pd.factorize(audit.demand[ZONE_PREFIX + level].array[rows], sort=True)
    # One row a gap and zone, with what the zone holds of the gap.
    pair, of = np.unique(code[rows] * len(ids) + zone_code, return_inverse=True)
    gap, zone = np.divmod(pair, max(len(ids), 1))
    weight, points = _sums(of, _weight(audit)[rows], len(pair)), np.bincount(of, minlength=len(pair))
    order = np.lexsort((zone, -points, -weight, gap))
    most = order[np.flatnonzero(np.diff(gap[order], prepend=-1))]
    zone_id = np.asarray(ids, dtype=object)[zone[most]].tolist()
    outside = Text("分区之外", "outside all zones").both(" / ")
    name = [outside if zone == OUTSIDE_ZONE else named.get(zone, zone) for zone in zone_id]
    return pd.DataFrame({"zone": name, "zone_level": level, "zone_id": zone_id}, dtype="str")


def _outlines(cells: DemandCells, code: NDArray[np.int64], n: int) -> NDArray[np.object_]:
    """Union of the cells of every gap."""
    group = np.full(len(cells.xy), -1, dtype=np.int64)
    group[cells.place[code >= 0]] = code[code >= 0]
    return outlines(cells.seams, cells.cell, group, n)


def _empty(audit: Audit) -> gpd.GeoDataFrame:
    """No gaps, with the columns that gaps have."""
    number: dict[str, str] = {"points": "int64", "rank": "int64", "unreachable": "int64", "units": "Int64"}
    for name in ("people", "area_m2", "nearest_m", "nearest_max_m", "nearest_min", "nearest_max_min"):
        number[name] = "float64"
    table = pd.DataFrame({c: pd.Series(dtype=number.get(c, "str")) for c in GAP_COLUMNS if c != "geometry"})
    frame = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([], crs=audit.demand.crs), crs=audit.demand.crs)
    return frame[list(GAP_COLUMNS)]
