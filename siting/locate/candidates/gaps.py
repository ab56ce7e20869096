"""Candidates in coverage gaps: where the unserved of a gap are nearest together, moved to the room next to it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.errors import InputError
from siting.locate.candidates.exclusions import Exclusions
from siting.locate.candidates.street import street_points

# The medoid of more points than this is looked for among those nearest to their centre of gravity.
_MEDOID_POINTS = 1500


def gap_points(
    gaps: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    exclusions: Exclusions,
    *,
    spread_m: float,
    search_m: float,
    min_area_m2: float,
    radius_m: float,
    min_width_m: float,
    footway_m: float = 0.0,
    roads: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """One candidate for every ``spread_m`` of unserved people in each gap.

    Starts at the demand point with the least total straight distance to the people of the gap (weighted medoid), takes
    the nearest street frontage with room within ``search_m``, and goes on with the people further than ``spread_m``.

    Parameters
    ----------
    gaps : polygons, column ``gap_id`` (else the index names them)
    demand : points; column ``people`` is the weight where it is there

    Returns
    -------
    As `candidates_street.street_points`, with the column ``gap_id``; medoids without room near them are refused rows
    """
    ids = (gaps["gap_id"] if "gap_id" in gaps.columns else gaps.index.to_series()).astype(str).to_numpy(dtype=object)
    weight = demand["people"].to_numpy(dtype=np.float64) if "people" in demand.columns else np.ones(len(demand))
    xy = shapely.get_coordinates(demand.geometry.array)
    if len(xy) != len(demand):
        msg = "demand: every row needs one point"
        raise InputError(msg)
    gap, row = shapely.STRtree(demand.geometry.array).query(gaps.geometry.array, predicate="intersects")
    heart_gap: list[str] = []
    heart_xy: list[NDArray[np.float64]] = []
    for g in np.argsort(ids, kind="stable"):
        members = row[gap == g]
        members = members[np.lexsort((xy[members, 1], xy[members, 0]))]
        members = members[weight[members] > 0] if (weight[members] > 0).any() else members
        while len(members):
            heart = xy[_medoid(xy[members], weight[members], members)]
            heart_gap.append(ids[g])
            heart_xy.append(heart)
            members = members[np.hypot(*(xy[members] - heart).T) > spread_m]
    if not heart_xy:
        return gpd.GeoDataFrame()
    hearts = np.asarray(shapely.points(np.array(heart_xy)), dtype=object)
    frontage = street_points(
        streets,
        exclusions,
        spacing_m=30.0,
        min_area_m2=min_area_m2,
        radius_m=radius_m,
        min_width_m=min_width_m,
        footway_m=footway_m,
        roads=roads,
        near=hearts,
        near_m=search_m,
    )
    return _nearest_room(hearts, heart_gap, frontage, search_m)


def _medoid(xy: NDArray[np.float64], weight: NDArray[np.float64], members: NDArray[np.int64]) -> int:
    """Return the member with the least weighted total distance to all, ties to the first."""
    chosen = np.arange(len(xy))
    if len(xy) > _MEDOID_POINTS:
        centre = np.average(xy, axis=0, weights=weight) if weight.sum() > 0 else xy.mean(axis=0)
        chosen = np.sort(np.argsort(np.hypot(*(xy - centre).T), kind="stable")[:_MEDOID_POINTS])
    best, best_total = 0, np.inf
    for k in chosen:
        total = float(weight @ np.hypot(*(xy - xy[k]).T))
        if total < best_total - 1e-6:
            best, best_total = int(k), total
    return int(members[best])


def _nearest_room(
    hearts: NDArray[np.object_], heart_gap: list[str], frontage: gpd.GeoDataFrame, search_m: float
) -> gpd.GeoDataFrame:
    """Give every medoid the nearest allowed frontage; without one it stays as a refused row."""
    allowed = frontage[frontage["allowed"].astype(bool)] if len(frontage) else frontage
    rows = []
    for k, heart in enumerate(hearts):
        distance = (
            shapely.distance(heart, np.asarray(allowed.geometry.array, dtype=object)) if len(allowed) else np.array([])
        )
        if len(distance) and distance.min() <= search_m:
            rows.append(allowed.iloc[int(np.argmin(distance))].to_dict() | {"gap_id": heart_gap[k]})
            continue
        reason = f"{search_m:g} m 内街道旁没有足够空地 / no street frontage with enough room within {search_m:g} m"
        rows.append(
            {"plot": heart_gap[k], "street": None, "area_m2": 0.0, "land_source": "", "allowed": False,
             "street_m": np.nan, "refusal": reason, "geometry": heart, "gap_id": heart_gap[k]}
        )  # fmt: skip
    found = gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs=frontage.crs)
    return gpd.GeoDataFrame(found[~found.geometry.duplicated()].reset_index(drop=True))
