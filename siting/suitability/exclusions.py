"""Ground that is out of the question, whatever its score."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.errors import InputError
from siting.inputs.grid import Grid
from siting.ledger import Text
from siting.suitability.distances import distance_to_shapes, in_areas

Bools = NDArray[np.bool_]
OUTSIDE = "outside"
"""The exclusion of what is not in the study area."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exclusion:
    """Cells that are out, and why.

    Attributes
    ----------
    name : short, different for each exclusion
    title : the reason in words
    mask : shape of the grid, True = out
    """

    name: str
    title: Text
    mask: Bools


def exclude_areas(
    grid: Grid, layer: gpd.GeoDataFrame, *, name: str, title: Text | None = None, buffer_m: float = 0.0
) -> Exclusion:
    """Exclude the cells whose centre lies in a layer, or within ``buffer_m`` of it (exactly at it included).

    Raises
    ------
    InputError
        A negative buffer; no buffer around lines or points, which hold no cell's centre.
    """
    if not (np.isfinite(buffer_m) and buffer_m >= 0):
        msg = f"exclude {name}: buffer_m is {buffer_m!r}, expected 0 or more"
        raise InputError(msg)
    shapes = np.asarray(layer.to_crs(grid.crs).geometry.array, dtype=object)
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if buffer_m == 0 and (shapely.get_dimensions(shapes) < 2).any():
        msg = f"exclude {name}: it holds lines or points; give buffer_m, the distance to keep from them"
        raise InputError(msg)
    mask = np.zeros(grid.height * grid.width, dtype=bool)
    if len(shapes):
        centres = grid.centres()
        mask = _near(centres, shapes, buffer_m)
    away = Text(f"（含 {buffer_m:g} 米以内）", f" or within {buffer_m:g} m") if buffer_m else Text("", "")
    words = title or Text(name, name)
    return Exclusion(name=name, title=Text(words.zh + away.zh, words.en + away.en), mask=mask.reshape(grid.shape))


def _near(centres: NDArray[np.float64], shapes: NDArray[np.object_], buffer_m: float) -> Bools:
    # Only places whose surroundings a shape's bounds meet are measured.
    mask = np.zeros(len(centres), dtype=bool)
    tree = shapely.STRtree(np.atleast_1d(np.asarray(shapely.points(centres), dtype=object)))
    boxes = shapely.bounds(shapes) + np.array([-1.0, -1.0, 1.0, 1.0]) * (buffer_m + 0.001)
    maybe = np.unique(tree.query(shapely.box(*boxes.T))[1])
    if not len(maybe):
        return mask
    if buffer_m == 0:
        mask[maybe] = in_areas(centres[maybe], shapes)
    else:
        mask[maybe] = distance_to_shapes(centres[maybe], shapes) <= buffer_m
    return mask


def exclude_outside(grid: Grid, area: gpd.GeoDataFrame) -> Exclusion:
    """Exclude the cells whose centre lies outside the study area."""
    shapes = np.asarray(area.to_crs(grid.crs).geometry.array, dtype=object)
    inside = _near(grid.centres(), shapes, 0.0).reshape(grid.shape)
    return Exclusion(name=OUTSIDE, title=Text("研究范围以外", "outside the study area"), mask=~inside)


def exclude_steep(grid: Grid, slope: NDArray[np.float64], limit: float, unit: Text) -> Exclusion:
    """Exclude the cells steeper than a limit; one exactly at it stays."""
    if not (np.isfinite(limit) and limit >= 0):
        msg = f"max_slope is {limit!r}, expected 0 or more"
        raise InputError(msg)
    if slope.shape != grid.shape:
        msg = f"max_slope: {slope.shape} slopes for a grid of {grid.shape}"
        raise InputError(msg)
    title = Text(f"坡度大于 {limit:g}{unit.zh}", f"steeper than {limit:g}{unit.en}")
    return Exclusion(name="steep", title=title, mask=slope > limit)
