"""People spread onto residential buildings by floor area, conserved to the thousandth of a person."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from siting.errors import InputError, SchemaError
from siting.inputs.demand_counts import count_columns, share_count
from siting.inputs.demand_points import people_columns
from siting.inputs.schema import listed, parse_numbers, require_columns
from siting.ledger import Finding, Text
from siting.units import MILLI_PER_PERSON, largest_remainder, milli_to_people, people_to_milli

DEFAULT_STOREY_M = 3.2
"""Height of a storey where a building has a height but no number of floors."""

_FLOOR_COLUMNS = ("floors", "levels", "building:levels")
_HEIGHT_COLUMNS = ("height", "height_m")
_MOST_FLOORS = 200.0
_ENOUGH_FOR_MEDIAN = 5
_REACH = 0.75


@dataclass(frozen=True, slots=True)
class Homes:
    """Residential buildings as places for people.

    Attributes
    ----------
    ids, xy : of each building; a point inside it, shape (n, 2), metres
    floor_area_m2 : shape (n,), footprint times floors, with a guess where floors are unknown
    footprint_m2, floors : shape (n,); floors are NaN where unknown
    findings : how floors were found and what was left out
    """

    ids: pd.Index
    xy: NDArray[np.float64]
    floor_area_m2: NDArray[np.float64]
    footprint_m2: NDArray[np.float64]
    floors: NDArray[np.float64]
    findings: tuple[Finding, ...]

    def take(self, mask: NDArray[np.bool_], findings: tuple[Finding, ...]) -> "Homes":
        """Return some of the homes, with further findings."""
        return Homes(
            self.ids[mask],
            self.xy[mask],
            self.floor_area_m2[mask],
            self.footprint_m2[mask],
            self.floors[mask],
            (*self.findings, *findings),
        )


def residential_homes(
    buildings: gpd.GeoDataFrame, layer: str, *, floors: str | None = None, storey_m: float = DEFAULT_STOREY_M
) -> Homes:
    """Take the residential buildings with their floor area.

    Floors: the column ``floors`` (or `floors`, `levels`), else height / ``storey_m``, else the median of the buildings
    that have either, else 1 (`spread_over_buildings` prefers the median of the same area). A column ``floor_area_m2``
    is taken as it is. Where there is no column ``residential``, every building counts.

    Parameters
    ----------
    buildings : polygons (or points, each of 1 m2) in metres, index = id
    floors : column with the number of floors, where its name is unusual

    Raises
    ------
    InputError
        No residential building.
    """
    homes = buildings
    findings: list[Finding] = []
    if "residential" in buildings.columns:
        homes = buildings.loc[buildings["residential"].eq(True).to_numpy(dtype=bool, na_value=False)]
        text = Text(
            f"{len(buildings)} 栋建筑中 {len(homes)} 栋视为住宅",
            f"{len(homes)} of {len(buildings)} buildings count as residential",
        )
        findings.append(Finding(code="residential_buildings", kind="note", count=len(homes), text=text))
    if len(homes) == 0:
        raise InputError(
            f"{layer}: none of {len(buildings)} buildings is residential. Check their tags, or leave buildings out"
        )
    geometry = np.asarray(homes.geometry.values, dtype=object)
    inner = shapely.point_on_surface(geometry)
    xy = np.column_stack([shapely.get_x(inner), shapely.get_y(inner)])
    footprint = np.where(shapely.get_dimensions(geometry) == 2, shapely.area(geometry), 1.0)
    if "floor_area_m2" in homes.columns:
        area = parse_numbers(homes["floor_area_m2"])[0]
        area = np.where(np.isfinite(area) & (area > 0), area, 0.0)
        count = area / footprint
    else:
        count, guess, how = _floors(homes, layer, floors, storey_m)
        findings.append(how)
        area = footprint * np.where(np.isnan(count), guess, count)
    ids = pd.Index(homes.index.astype("str"), name="id")
    return Homes(ids, xy, area, footprint, count, tuple(findings))


def spread_over_buildings(
    areas: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame | Homes,
    *,
    owner: NDArray[np.int64] | None = None,
    layer: str = "demand",
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Spread the people of each area over its residential buildings by floor area.

    Parameters
    ----------
    areas : polygons or points with ``people``, ``group_<name>``, ``cars`` and ``households``, metres, index = id
    buildings : see `residential_homes`
    owner : shape (number of homes,), position of each home's area, -1 for none; None finds it: the polygon that holds
        the point inside the building (the first by id, where polygons overlap), or the nearest point

    Returns
    -------
    points, index = building id, with ``people``, the groups and ``units`` = 1; areas without a residential building
    stay as one point inside them, index ``area/<id>``, ``units`` = 0. The sum of every column is that of ``areas``
    exactly, in thousandths of a person. Buildings outside all areas are left out and listed.
    """
    homes = buildings if isinstance(buildings, Homes) else residential_homes(buildings, layer)
    belongs = find_owner(areas, homes) if owner is None else owner
    columns = people_columns(areas)
    require_columns(areas, ["people"], layer)
    area_milli = {c: people_to_milli(areas[c]) for c in columns}
    home_milli = {c: np.zeros(len(homes.ids), dtype=np.int64) for c in columns}
    stated = {c: areas[c].to_numpy(dtype=np.float64) for c in count_columns(areas)}
    home_count = {c: np.zeros(len(homes.ids)) for c in stated}
    usable = (belongs >= 0) & (homes.floor_area_m2 > 0)
    order = np.flatnonzero(usable)
    # By id within an area, so that shuffled rows give the same people to the same house.
    order = order[np.lexsort((id_rank(homes.ids)[order], belongs[order]))]
    owners, start = np.unique(belongs[order], return_index=True)
    by_neighbours = 0
    for k, members in zip(owners, np.split(order, start)[1:], strict=True):
        weight, guessed = _local_floor_area(homes, members)
        by_neighbours += guessed
        for c in columns:
            if area_milli[c][k]:
                home_milli[c][members] = largest_remainder(int(area_milli[c][k]), weight)
        for c in stated:
            home_count[c][members] = share_count(float(stated[c][k]), weight)
    bare = np.ones(len(areas), dtype=bool)
    bare[owners] = False
    bare &= np.any([*(area_milli[c] > 0 for c in columns), *(values > 0 for values in stated.values())], axis=0)

    in_area = belongs >= 0
    kept = areas.loc[bare]
    points = np.concatenate(
        [shapely.points(homes.xy[in_area]), shapely.point_on_surface(np.asarray(kept.geometry.values, dtype=object))]
    )
    index = pd.Index([*homes.ids[in_area], *(f"area/{i}" for i in kept.index)], dtype="str", name="id")
    if index.has_duplicates:
        raise SchemaError(f"{layer}: building ids clash with area ids 'area/...'. Rename the buildings")
    values = {c: milli_to_people(np.concatenate([home_milli[c][in_area], area_milli[c][bare]])) for c in columns}
    values |= {c: np.concatenate([home_count[c][in_area], stated[c][bare]]) for c in stated}
    frame = gpd.GeoDataFrame(values, geometry=gpd.GeoSeries(points, index=index, crs=areas.crs), index=index)
    frame["units"] = np.concatenate([np.ones(in_area.sum(), dtype=np.int64), np.zeros(len(kept), dtype=np.int64)])
    findings = _spread_findings(areas, homes, in_area, bare, area_milli["people"])
    if by_neighbours:
        text = Text(
            f"其中 {by_neighbours} 栋层数不明的住宅取同一人口单元的层数中位数",
            f"{by_neighbours} of the homes with unknown floors take the median of their own area",
        )
        findings.append(Finding(code="floors_of_area", kind="note", count=by_neighbours, text=text))
    return frame, (*homes.findings, *findings)


def find_owner(areas: gpd.GeoDataFrame, homes: Homes) -> NDArray[np.int64]:
    """Find the position of each home's area; -1 where it is in no polygon and near no point.

    For points, a home belongs to the nearest one within three quarters of their median spacing, which just covers the
    corner of a hexagon or square around each.
    """
    geometry = np.asarray(areas.geometry.values, dtype=object)
    owner = np.full(len(homes.ids), -1, dtype=np.int64)
    if (shapely.get_dimensions(geometry) == 2).all():
        home, area = shapely.STRtree(geometry).query(shapely.points(homes.xy), predicate="intersects")
        # Written from the last id to the first: the first stays, however the rows are ordered.
        order = np.argsort(-id_rank(areas.index)[area], kind="stable")
        owner[home[order]] = area[order]
        return owner
    by_id = np.argsort(id_rank(areas.index))
    xy = np.column_stack([shapely.get_x(geometry), shapely.get_y(geometry)])[by_id]
    reach = np.inf
    if len(xy) > 1:
        spacing = np.asarray(KDTree(xy).query(xy, k=2)[0])[:, 1]
        reach = _REACH * float(np.median(spacing[spacing > 0])) if (spacing > 0).any() else np.inf
    distance, nearest = KDTree(xy).query(homes.xy)
    return np.where(distance <= reach, by_id[nearest], owner).astype(np.int64)


def share_out(total: int, weight: NDArray[np.float64], ids: pd.Index) -> NDArray[np.int64]:
    """Spread a whole number by `largest_remainder`, equal remainders by id instead of position."""
    by_id = np.argsort(id_rank(ids))
    out = np.zeros(len(weight), dtype=np.int64)
    out[by_id] = largest_remainder(total, weight[by_id])
    return out


def id_rank(ids: pd.Index) -> NDArray[np.int64]:
    """Place of each id in their order as text."""
    rank = np.empty(len(ids), dtype=np.int64)
    rank[np.argsort(np.asarray(ids, dtype=object).astype(str), kind="stable")] = np.arange(len(ids))
    return rank


def estimate_from_buildings(
    buildings: gpd.GeoDataFrame | Homes,
    *,
    crs: object = None,
    total: float | None = None,
    m2_per_person: float | None = None,
    layer: str = "demand",
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Estimate residents by floor area: a city's total shared out, or so many square metres each.

    Parameters
    ----------
    total : people in all; conserved exactly
    m2_per_person : floor area each; give this or ``total``

    Returns
    -------
    one point a residential building, index = building id, with ``people`` and ``units`` = 1
    """
    if (total is None) == (m2_per_person is None):
        raise SchemaError(f"{layer}: an estimate needs either total = (people) or m2_per_person = (floor area each)")
    homes = buildings if isinstance(buildings, Homes) else residential_homes(buildings, layer)
    where = buildings.crs if isinstance(buildings, gpd.GeoDataFrame) else crs
    if not homes.floor_area_m2.sum() > 0:
        raise InputError(
            f"{layer}: the residential buildings have no floor area. Give footprints, or points with people"
        )
    if total is not None:
        if not (np.isfinite(total) and total > 0):
            raise SchemaError(f"{layer}: total is {total}. Set it above 0")
        milli = share_out(int(people_to_milli(total)), homes.floor_area_m2, homes.ids)
    else:
        if not (m2_per_person is not None and np.isfinite(m2_per_person) and m2_per_person > 0):
            raise SchemaError(f"{layer}: m2_per_person is {m2_per_person}. Set it above 0")
        milli = people_to_milli(homes.floor_area_m2 / m2_per_person)
    frame = gpd.GeoDataFrame(
        {"people": milli_to_people(milli), "units": np.ones(len(homes.ids), dtype=np.int64)},
        geometry=gpd.GeoSeries(shapely.points(homes.xy), index=homes.ids, crs=where),
        index=homes.ids,
    )
    return frame, homes.findings


def _local_floor_area(homes: Homes, members: NDArray[np.int64]) -> tuple[NDArray[np.float64], int]:
    """Floor area of the homes of one area; unknown floors are the median of those known there, if they are enough."""
    weight, floors = homes.floor_area_m2[members], homes.floors[members]
    unknown = np.isnan(floors)
    if not unknown.any() or (~unknown).sum() < _ENOUGH_FOR_MEDIAN:
        return weight, 0
    local = np.where(unknown, homes.footprint_m2[members] * np.median(floors[~unknown]), weight)
    return local, int(unknown.sum())


def _floors(
    homes: gpd.GeoDataFrame, layer: str, column: str | None, storey_m: float
) -> tuple[NDArray[np.float64], float, Finding]:
    """Find the number of floors of each building (NaN: unknown), a guess for the rest, and what they came from."""
    n = len(homes)
    if column is not None:
        require_columns(homes, [column], layer)
    stated = _first_number(homes, (column,) if column is not None else _FLOOR_COLUMNS)
    stated = np.where((stated > 0) & (stated <= _MOST_FLOORS), stated, np.nan)
    height = _first_number(homes, _HEIGHT_COLUMNS)
    usable = (height > 0) & (height <= _MOST_FLOORS * storey_m)
    by_height = np.where(usable, np.maximum(np.rint(height / storey_m), 1.0), np.nan)
    count = np.where(np.isnan(stated), by_height, stated)
    known = np.isfinite(count)
    guess = float(np.median(count[known])) if known.sum() >= _ENOUGH_FOR_MEDIAN else 1.0
    a, b = int(np.isfinite(stated).sum()), int((known & np.isnan(stated)).sum())
    c = n - a - b
    text = Text(
        f"层数：{a} 栋有层数，{b} 栋由高度除以 {storey_m:g} m 得出，{c} 栋取 {guess:g} 层"
        f"（已知者的中位数，不足 {_ENOUGH_FOR_MEDIAN} 栋时取 1）",
        f"floors: {a} stated, {b} from height / {storey_m:g} m, {c} set to {guess:g} "
        f"(median of those known; 1 if fewer than {_ENOUGH_FOR_MEDIAN})",
    )
    return count, guess, Finding(code="floors", kind="note", count=n, text=text)


def _first_number(frame: gpd.GeoDataFrame, columns: tuple[str, ...]) -> NDArray[np.float64]:
    """First readable number of several columns, row by row."""
    found = np.full(len(frame), np.nan)
    for name in columns:
        if name in frame.columns:
            found = np.where(np.isnan(found), parse_numbers(frame[name])[0], found)
    return found


def _spread_findings(
    areas: gpd.GeoDataFrame,
    homes: Homes,
    in_area: NDArray[np.bool_],
    bare: NDArray[np.bool_],
    milli: NDArray[np.int64],
) -> list[Finding]:
    findings = []
    if bare.any():
        n, people = int(bare.sum()), int(milli[bare].sum()) / MILLI_PER_PERSON
        text = Text(
            f"{n} 个人口单元内没有住宅建筑，{people:,.3f} 人留在单元内一点",
            f"{n} areas hold no residential building; their {people:,.3f} people stay at a point inside",
        )
        ids = listed(areas.index[bare])
        findings.append(Finding(code="area_without_homes", kind="warning", count=n, text=text, ids=ids))
    if not in_area.all():
        n = int((~in_area).sum())
        text = Text(
            f"{n} 栋住宅不在任何人口单元内，未计人口", f"{n} residential buildings lie in no area with people; not used"
        )
        ids = listed(homes.ids[~in_area])
        findings.append(Finding(code="home_outside_areas", kind="warning", count=n, text=text, ids=ids))
    return findings
