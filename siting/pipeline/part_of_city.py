"""Clauses that speak of old districts alone, or of what is outside them, are judged on that part of the city."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.coverage import LandPieces
from siting.ledger import Text
from siting.standards import LAND_PARTS, LandPart, Rule

NO_OLD_DISTRICT = Text(
    "缺少图层 [land] old_district（旧城区范围），无法区分新旧城区",
    "no layer of old districts ([land] old_district), so old and new cannot be told apart",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """The people and the land that a clause speaks of.

    Attributes
    ----------
    demand, land : of the part; ``land`` is None where it has none
    part : which part; None: the whole city
    lacking : why the clause cannot be judged, None if it can
    """

    demand: gpd.GeoDataFrame
    land: LandPieces | None
    part: LandPart | None = None
    lacking: Text | None = None


def part_for(
    rule: Rule, demand: gpd.GeoDataFrame, land: LandPieces | None, old_district: gpd.GeoDataFrame | None
) -> Part:
    """Cut people and residential land to the part of the city that a rule speaks of.

    A piece of land, 25 m wide at most by default, belongs to the old district if its point lies there.
    """
    part = rule.applies_to_land
    if part is None:
        return Part(demand=demand, land=land)
    if old_district is None:
        return Part(demand=demand, land=land, part=part, lacking=NO_OLD_DISTRICT)
    area = old_district.geometry.union_all()
    shapely.prepare(area)
    people = gpd.GeoDataFrame(demand[_mine(demand, area, part)])
    if not len(people):
        where = LAND_PARTS[part]
        nobody = Text(f"研究范围内没有{where.zh}的需求点", f"no demand point of this study lies in: {where.en}")
        return Part(demand=demand, land=land, part=part, lacking=nobody)
    return Part(demand=people, land=None if land is None else _cut(land, _mine(land.points, area, part)), part=part)


def _mine(points: gpd.GeoDataFrame, area: shapely.Geometry, part: LandPart) -> NDArray[np.bool_]:
    inside = np.asarray(shapely.intersects(area, np.asarray(points.geometry)), dtype=np.bool_)
    return inside if part == "old" else ~inside


def _cut(land: LandPieces, mine: NDArray[np.bool_]) -> LandPieces | None:
    if not mine.any():
        return None
    return replace(
        land,
        pieces=gpd.GeoDataFrame(land.pieces[mine]),
        points=gpd.GeoDataFrame(land.points[mine]),
        radius_m=land.radius_m[mine],
    )
