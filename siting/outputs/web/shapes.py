"""Shapes for the page: degrees of WGS 84 to six places, as whole numbers that each say the step from the last."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

PER_DEGREE = 1_000_000
"""Six places are 0.1 m or less."""
WGS84 = "EPSG:4326"


def packed_shapes(frame: gpd.GeoDataFrame, tolerance_m: float = 0.0) -> dict[str, Any]:
    """Return the shapes of a layer as lists of whole numbers.

    Parameters
    ----------
    tolerance_m : how far an outline may leave its corners; 0 keeps every one

    Returns
    -------
    ``steps`` : longitude and latitude by turns, in millionths of a degree, each as the difference to the one before it
    ``lengths`` : how many points each ring or line has; absent where every part is one point
    ``open`` : one character a part, "1" for a line or a point, "0" for a ring; absent where all are of one kind
    ``parts`` : how many rings, lines or points each row has; absent where every row has one

    Rings run so that shells and holes turn in opposite ways (a page fills them by winding), and stay open: the last
    point is not the first. Points that fall on the one before them when rounded are left out.
    """
    flat = _flat(frame if tolerance_m == 0 else _thinned(frame, tolerance_m))
    row_of_part, part_of_point, xy, closed = _parts(flat)
    n_parts = len(row_of_part)
    whole = np.rint(xy * PER_DEGREE).astype(np.int64)
    first = np.r_[True, part_of_point[1:] != part_of_point[:-1]] if len(whole) else np.empty(0, dtype=bool)
    moved = np.r_[True, (whole[1:] != whole[:-1]).any(axis=1)] if len(whole) else first
    kept = first | moved
    whole, part_of_point = whole[kept], part_of_point[kept]
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)) if len(whole) else whole
    lengths = np.bincount(part_of_point, minlength=n_parts)
    parts = np.bincount(row_of_part, minlength=len(frame))
    found: dict[str, Any] = {"steps": steps.ravel().tolist()}
    if (lengths != 1).any():
        found["lengths"] = lengths.tolist()
    if (parts != 1).any():
        found["parts"] = parts.tolist()
    if closed.any() and not closed.all():
        found["open"] = "".join(np.where(closed, "0", "1").tolist())
    return found


def _thinned(frame: gpd.GeoDataFrame, tolerance_m: float) -> gpd.GeoDataFrame:
    """Leave out corners; a shape that would vanish stays as it is."""
    whole = frame.geometry
    thin = whole.simplify(tolerance_m, preserve_topology=False)
    return gpd.GeoDataFrame(geometry=thin.where(~thin.is_empty, whole), crs=frame.crs)


def _flat(frame: gpd.GeoDataFrame) -> NDArray[Any]:
    geometry = frame.geometry if frame.crs is None else frame.geometry.to_crs(WGS84)
    return np.asarray(geometry.array, dtype=object)


def _parts(
    shapes: NDArray[Any],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return the row of each part, the part of each point, the points, and which parts are rings."""
    groups, row_of_group = shapely.get_parts(shapes, return_index=True)
    singles, group = shapely.get_parts(groups, return_index=True)  # collections hold multi-part shapes
    row = row_of_group[group]
    areal = shapely.get_dimensions(singles) == 2
    if areal.any():
        singles[areal] = shapely.orient_polygons(singles[areal])
    rings, ring_of = shapely.get_rings(singles[areal], return_index=True)
    others = singles[~areal]
    pieces = np.concatenate([rings, others])
    rows = np.concatenate([row[areal][ring_of], row[~areal]])
    order = np.argsort(rows, kind="stable")
    pieces, rows = pieces[order], rows[order]
    xy, part = shapely.get_coordinates(pieces, return_index=True)
    closed = np.asarray(shapely.get_type_id(pieces) == shapely.GeometryType.LINEARRING)
    if closed.any() and len(part):
        last = np.r_[part[1:] != part[:-1], True]
        keep = ~(last & closed[part])
        xy, part = xy[keep], part[keep]
    return rows.astype(np.int64), part.astype(np.int64), xy, closed
