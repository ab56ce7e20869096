"""The score of candidate plots and places, from the cells under them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from numpy.typing import NDArray

from siting.errors import InputError
from siting.suitability.overlay import Suitability

Floats = NDArray[np.float64]
SCORE_COLUMNS = ("suitability", "suitability_min", "suitability_excluded")


def score_candidates(suitability: Suitability, candidates: gpd.GeoDataFrame) -> pd.DataFrame:
    """Score places by the cells that they cover.

    Parameters
    ----------
    candidates : polygons or points, in any CRS

    Returns
    -------
    Index = that of ``candidates``; columns ``suitability``: mean of the scores, each cell by its area inside the plot
    (exact), or the score of the cell in which a point lies; ``suitability_min``: the lowest of these cells;
    ``suitability_excluded``: share of the plot without a score, outside the grid included. Both scores are NaN where
    that is all of it.

    Raises
    ------
    InputError
        A place is a line, or has no geometry.
    """
    return _scored(suitability, candidates, {"score": suitability.score})[0]


def factor_scores(suitability: Suitability, candidates: gpd.GeoDataFrame) -> pd.DataFrame:
    """Score of each factor at each place, over the same ground as `score_candidates`: one column a factor, 0..1."""
    layers = {f.name: np.where(suitability.valid, f.score, np.nan) for f in suitability.factors}
    return _scored(suitability, candidates, layers)[1]


def _scored(
    suitability: Suitability, candidates: gpd.GeoDataFrame, layers: dict[str, Floats]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    grid = suitability.grid
    shapes = np.asarray(candidates.to_crs(grid.crs).geometry.array, dtype=object)
    bad = shapely.is_missing(shapes) | shapely.is_empty(shapes) | (shapely.get_dimensions(shapes) == 1)
    bad |= shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOINT
    if bad.any():
        msg = (
            f"candidates: {int(bad.sum())} of {len(shapes)} are no areas or single points (first "
            f"{candidates.index[bad][:3].tolist()}); drop them or give areas or points"
        )
        raise InputError(msg)
    n = len(shapes)
    means = {name: np.full(n, np.nan) for name in layers}
    lowest, excluded = np.full(n, np.nan), np.ones(n)
    dots = np.flatnonzero(shapely.get_dimensions(shapes) == 0)
    if len(dots):
        xy = shapely.get_coordinates(shapes[dots])
        row, column = grid.cell_of(xy[:, 0], xy[:, 1])
        held = row >= 0
        at = dots[held]
        cell = (row[held], column[held])
        for name, layer in layers.items():
            means[name][at] = layer[cell]
        excluded[at] = np.where(suitability.valid[cell], 0.0, 1.0)
        lowest[at] = suitability.score[cell]
    areas = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    if len(areas):
        frame = gpd.GeoDataFrame(geometry=shapes[areas], crs=grid.crs)
        size = shapely.area(shapes[areas])
        covered = _extract(suitability, suitability.valid.astype(np.float64), frame, "sum") * grid.cell_m**2
        share = np.divide(covered, size, out=np.zeros(len(areas)), where=size > 0)
        # What lies outside the grid is in no cell, and so not in the sum.
        excluded[areas] = np.clip(1.0 - np.where(np.isnan(share), 0.0, np.round(share, 9)), 0.0, 1.0)
        for name, layer in layers.items():
            means[name][areas] = _extract(suitability, layer, frame, "mean")
        lowest[areas] = _extract(suitability, suitability.score, frame, "min")
    first = next(iter(means.values()))
    table = pd.DataFrame(
        {"suitability": np.clip(first, 0.0, 1.0), "suitability_min": lowest, "suitability_excluded": excluded},
        index=candidates.index,
    )
    return table, pd.DataFrame(means, index=candidates.index)


def _extract(suitability: Suitability, layer: Floats, frame: gpd.GeoDataFrame, operation: str) -> Floats:
    x0, y0, x1, y1 = suitability.grid.bounds
    source = NumPyRasterSource(
        np.ascontiguousarray(layer), x0, y0, x1, y1, nodata=np.nan, srs_wkt=suitability.grid.crs.to_wkt()
    )
    found = exact_extract(source, frame, [operation], output="pandas", max_cells_in_memory=10**8)
    return np.asarray(pd.to_numeric(found.iloc[:, 0]), dtype=np.float64)
