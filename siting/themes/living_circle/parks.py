"""Public green of each circle: area a person, and whether its parks have the size and the width of their tier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.access import cost_matrix, cost_matrix_straight
from siting.themes.city import City
from siting.themes.living_circle.circles import pace_mps, timed_streets
from siting.themes.living_circle.tiers import SECONDS_PER_MIN, Tier

PARK = "park_green"
M2_PER_HA = 10_000.0
WIDTH_TOLERANCE_M = 0.5


def park_width_m(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Width of parks: the diameter of the largest circle that fits inside, to half a metre.

    The clause asks for room to play and rest, so what counts is whether the park holds an open place that wide. The
    short side of the bounding rectangle would call a strip of 20 m around a bend 200 m wide; the largest circle does
    not, and water or buildings cut out of the park narrow it.
    """
    circle = [shapely.maximum_inscribed_circle(shape, tolerance=WIDTH_TOLERANCE_M) for shape in shapes]
    return 2 * np.asarray(shapely.length(np.array(circle, dtype=object)), dtype=np.float64)


def park_table(city: City, tiers: Sequence[Tier]) -> gpd.GeoDataFrame | None:
    """List parks with their size and width, and the widest tier whose least size (and width, where read) they reach.

    Returns
    -------
    Index = id; columns ``name``, ``area_m2``, ``width_m``, ``fits_<tier>`` (bool; missing where the catalogue has no
    least size), ``tier`` (None below all). None where the data hold no parks with an area.
    """
    found = city.of_class(PARK)
    found = found[found.geom_type.isin(["Polygon", "MultiPolygon"]) & ~found.geometry.is_empty]
    found = found[~found.index.duplicated()]
    if not len(found):
        return None
    shapes = np.asarray(found.geometry)
    shapes = np.where(shapely.is_valid(shapes), shapes, shapely.make_valid(shapes))
    columns: dict[str, Any] = {
        "name": found["name"] if "name" in found.columns else None,
        "area_m2": np.round(shapely.area(shapes), 1),
    }
    sizes = [least for least in map(_least_m2, tiers) if least is not None]
    smallest = min(sizes, default=None)
    wide = np.full(len(found), np.nan)
    # Parks below every tier's size are no park of a tier whatever their width.
    big = np.ones(len(found), dtype=np.bool_) if smallest is None else columns["area_m2"] >= smallest
    wide[big] = park_width_m(shapes[big])
    columns["width_m"] = np.round(wide, 1)
    best = np.full(len(found), None, dtype=object)
    for tier in reversed(tiers):
        least = _least_m2(tier)
        if least is None:
            continue
        fits = columns["area_m2"] >= least
        width = _least_width(tier)
        if width is not None:
            # The circle is found to half a metre.
            fits &= columns["width_m"] >= width - WIDTH_TOLERANCE_M
        columns[f"fits_{tier.id}"] = fits
        best[fits] = tier.id
    columns["tier"] = best
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=city.crs, index=found.index.astype(str).rename("id"))


def _least_m2(tier: Tier) -> float | None:
    rule = tier.park_size
    if rule is None or not isinstance(rule.threshold, float):
        return None
    return rule.threshold * {"ha": M2_PER_HA, "m2": 1.0}.get(rule.unit, np.nan)


def _clause_m2(tier: Tier) -> float:
    """Public green a person that the clause asks for; shown beside the figure, not compared with it."""
    rule = tier.green
    return rule.threshold if rule is not None and isinstance(rule.threshold, float) else float("nan")


def _least_width(tier: Tier) -> float | None:
    rule = tier.park_width
    return rule.threshold if rule is not None and isinstance(rule.threshold, float) else None


def green_of_circles(
    city: City,
    circles: gpd.GeoDataFrame,
    centres: gpd.GeoDataFrame,
    parks: gpd.GeoDataFrame | None,
    tiers: Sequence[Tier],
    profile: str,
) -> pd.DataFrame:
    """Public green by circle, index as ``circles``.

    Returns
    -------
    ``parks_reached``: parks with a way in within the time, ``parks_fit``: those of them with the tier's size and width.
    ``green_m2``: the whole of the reached parks, overlaps once; ``green_inside_m2``: only what lies inside the outline
    (its holes filled), which leaves out the depth of a park without paths. ``green_per_person_m2``: reached green by
    the people of the circle, ``green_least_m2`` what the clause asks for. ``tier_green_m2`` and
    ``tier_green_per_person_m2``: reached parks that have the least size of the circle's tier. ``park_largest``,
    ``park_largest_m2``, ``park_largest_width_m``: the largest reached. Empty where there are no parks.
    """
    if parks is None or not len(circles):
        return pd.DataFrame(index=circles.index)
    tier_of = {t.minutes: t for t in tiers if t.minutes is not None}
    seconds = _times_to_parks(city, centres, parks, float(circles["minutes"].max()), profile)
    where = {point: k for k, point in enumerate(centres.index)}
    shapes, area = np.asarray(parks.geometry), parks["area_m2"].to_numpy()
    tree = shapely.STRtree(shapes)
    rows = []
    for row in circles.itertuples():
        tier = tier_of.get(row.minutes)
        least = None if tier is None else _least_m2(tier)
        outline = _filled(row.geometry)
        near = np.sort(tree.query(outline, predicate="intersects"))
        inside = float(shapely.union_all(shapely.intersection(shapes[near], outline)).area)
        reached = np.flatnonzero(seconds[where[row.point]] <= row.minutes * SECONDS_PER_MIN)
        whole = float(shapely.union_all(shapes[reached]).area)
        of_tier = float(shapely.union_all(shapes[reached][area[reached] >= least]).area) if least else np.nan
        fits = parks.iloc[reached][f"fits_{tier.id}"] if tier is not None and least is not None else None
        largest = int(reached[np.argmax(area[reached])]) if len(reached) else None
        people = getattr(row, "people", np.nan)
        rows.append(
            {
                "green_m2": round(whole, 1),
                "green_inside_m2": round(inside, 1),
                "green_per_person_m2": whole / people if people > 0 else np.nan,
                "green_least_m2": np.nan if tier is None else _clause_m2(tier),
                "tier_green_m2": round(of_tier, 1),
                "tier_green_per_person_m2": of_tier / people if people > 0 else np.nan,
                "parks_reached": len(reached),
                "parks_fit": None if fits is None else int(fits.sum()),
                "park_largest": None if largest is None else _called(parks, largest),
                "park_largest_m2": np.nan if largest is None else float(area[largest]),
                "park_largest_width_m": np.nan if largest is None else float(parks["width_m"].iloc[largest]),
            }
        )
    return pd.DataFrame(rows, index=circles.index)


def _called(parks: gpd.GeoDataFrame, k: int) -> str:
    name = parks["name"].iloc[k]
    return str(parks.index[k]) if name is None or pd.isna(name) else str(name)


def _times_to_parks(
    city: City, centres: gpd.GeoDataFrame, parks: gpd.GeoDataFrame, minutes: float, profile: str
) -> NDArray[np.float64]:
    """Seconds from centres to parks, ``inf`` beyond the time; without streets, straight lines at the profile's pace."""
    points = gpd.GeoDataFrame(centres[["geometry"]])
    areas = gpd.GeoDataFrame(parks[["geometry"]])
    limit = minutes * SECONDS_PER_MIN
    if city.network is None:
        pace = pace_mps(profile)
        return cost_matrix_straight(points, areas, limit * pace).to_dense() / pace
    network = timed_streets(city, profile)
    return cost_matrix(network, points, areas, limit, max_snap_m=city.max_snap_m, entrances=city.entrances).to_dense()


def _filled(shape: shapely.Geometry) -> shapely.Geometry:
    """Return an area without its holes."""
    parts = [shapely.Polygon(part.exterior) for part in shapely.get_parts(shape) if isinstance(part, shapely.Polygon)]
    return shapely.union_all(np.array(parts, dtype=object)) if parts else shapely.Polygon()
