"""Candidates on plots: one a plot of vacant or brownfield land, or of a layer of the user's own."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.errors import GeometryError
from siting.ledger import Text
from siting.locate.candidates.exclusions import Exclusions, largest_room

# Entry points stand this far inside the free ground, so that rounding never puts one on its edge.
_INSIDE_M = 1.0

VACANT = Text("空闲、待建或棕地", "vacant, greenfield or brownfield land")
OWN_LAYER = Text("用户提供的候选图层", "candidate layer of the study")


def plot_points(
    plots: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame | None,
    exclusions: Exclusions,
    *,
    source: Text,
    min_area_m2: float,
    min_width_m: float,
    max_street_m: float,
) -> gpd.GeoDataFrame:
    """One candidate a plot, where its free ground comes nearest to a street.

    Parameters
    ----------
    plots : polygons (points are taken as they are), index = id; columns ``kind``, ``name``, ``area_m2``,
        ``land_source``, ``plot`` are used where they are
    max_street_m : plots whose free ground is further from every street are refused

    Returns
    -------
    One row a plot, as `candidates_street.street_points`, with the ids of the plots

    Raises
    ------
    GeometryError
        Lines, or rows without a geometry.
    """
    shape = np.asarray(plots.geometry.array, dtype=object)
    bad = shapely.is_missing(shape) | shapely.is_empty(shape) | (shapely.get_dimensions(shape) == 1)
    bad |= shapely.get_type_id(shape) == shapely.GeometryType.MULTIPOINT
    if bad.any():
        msg = (
            f"candidates: {int(bad.sum())} of {len(plots)} rows are no polygons or single points (first "
            f"{plots.index[bad][:3].tolist()}); drop them or give polygons or points"
        )
        raise GeometryError(msg)
    is_point = shapely.get_dimensions(shape) == 0
    room, area = np.full(len(shape), shapely.Polygon(), dtype=object), np.zeros(len(shape))
    room[~is_point], area[~is_point] = largest_room(
        exclusions.cut_from(shapely.make_valid(shape[~is_point])), min_width_m
    )
    allowed = np.where(is_point, True, area >= max(min_area_m2, 1e-9))
    lines = None if streets is None or not len(streets) else np.asarray(streets.geometry.array, dtype=object)
    place, street_m, line = _entry(np.where(is_point, shape, room), shape, lines)
    far = allowed & ~is_point & (street_m > max_street_m)
    on_conflict = is_point & (exclusions.first_hit(shape) >= 0)
    reason = np.full(len(shape), None, dtype=object)
    for k in np.flatnonzero(~allowed):
        reason[k] = Text(
            f"可用面积 {area[k]:.0f} m²，少于 {min_area_m2:g} m²",
            f"free area {area[k]:.0f} m2 of {min_area_m2:g} m2 needed",
        ).both(" / ")
    for k in np.flatnonzero(far):
        reason[k] = Text(
            f"距最近街道 {street_m[k]:.0f} m，超过 {max_street_m:g} m",
            f"{street_m[k]:.0f} m from the nearest street, over {max_street_m:g} m",
        ).both(" / ")
    for k, piece in zip(np.flatnonzero(on_conflict), exclusions.first_hit(shape[on_conflict]), strict=True):
        reason[k] = Text(f"位于 {exclusions.describe(piece)}", f"lies on {exclusions.describe(piece)}").both(" / ")
    given = plots["area_m2"].to_numpy(dtype=np.float64) if "area_m2" in plots.columns else np.full(len(plots), np.nan)
    return gpd.GeoDataFrame(
        {
            "plot": _text(plots, "plot", plots.index.astype(str).to_numpy(dtype=object)),
            "street": _street(plots, streets, line),
            "area_m2": np.round(np.where(is_point, given, area), 1),
            "land_source": _land_source(plots, source),
            "allowed": allowed & ~far & ~on_conflict,
            "street_m": np.round(street_m, 1),
            "refusal": reason,
        },
        geometry=gpd.GeoSeries(place, index=plots.index, crs=plots.crs),
        index=plots.index,
    )


def _entry(
    room: NDArray[np.object_], shape: NDArray[np.object_], lines: NDArray[np.object_] | None
) -> tuple[NDArray[np.object_], NDArray[np.float64], NDArray[np.intp]]:
    """Return the point of each room nearest to a street, its distance to the street, and the street."""
    # Where there is no room the plot itself is shown, with its refusal.
    usable = np.where(shapely.is_empty(room), shape, room)
    core = shapely.buffer(usable, -_INSIDE_M, quad_segs=2)
    core = np.where(shapely.is_empty(core), shapely.point_on_surface(usable), core)
    core = np.where(shapely.get_dimensions(usable) == 0, usable, core)
    if lines is None:
        return shapely.point_on_surface(core), np.full(len(core), np.nan), np.full(len(core), -1, dtype=np.intp)
    tree = shapely.STRtree(lines)
    row, line = tree.query_nearest(core)
    order = np.lexsort((line, row))
    nearest = line[order][np.unique(row[order], return_index=True)[1]]
    # The ground along the street, not just its nearest corner: the middle of the frontage is where one would enter.
    frontage = shapely.buffer(lines[nearest], shapely.distance(core, lines[nearest]) + 2 * _INSIDE_M, quad_segs=2)
    strip = shapely.intersection(core, frontage)
    # Round ends are drawn as chords and may fall short of the corner that they were drawn around.
    strip = np.where(shapely.is_empty(strip), shapely.get_point(shapely.shortest_line(core, lines[nearest]), 0), strip)
    place = np.where(shapely.get_dimensions(core) == 0, core, shapely.point_on_surface(strip))
    return place, shapely.distance(usable, lines[nearest]), nearest


def _text(plots: gpd.GeoDataFrame, column: str, otherwise: NDArray[np.object_]) -> NDArray[np.object_]:
    if column not in plots.columns:
        return otherwise
    values = plots[column].astype(object)
    return np.where(values.notna(), values, otherwise)


def _land_source(plots: gpd.GeoDataFrame, source: Text) -> NDArray[np.object_]:
    kind = _text(plots, "kind", np.full(len(plots), None, dtype=object))
    known = ("权属未核实", "ownership not known")
    made = [
        Text(
            f"{source.zh}（{k or ''}{'，' if k else ''}{known[0]}）",
            f"{source.en} ({k or ''}{', ' if k else ''}{known[1]})",
        )
        for k in kind
    ]
    return _text(plots, "land_source", np.array([text.both(" ") for text in made], dtype=object))


def _street(plots: gpd.GeoDataFrame, streets: gpd.GeoDataFrame | None, line: NDArray[np.intp]) -> NDArray[np.object_]:
    """Name of the plot where it has one, else of the nearest street."""
    near = np.full(len(plots), None, dtype=object)
    if streets is not None and "name" in streets.columns and len(streets):
        name = streets["name"].astype(object).where(streets["name"].notna(), None).to_numpy(dtype=object)
        near[line >= 0] = name[line[line >= 0]]
    return _text(plots, "name", near)
