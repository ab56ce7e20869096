"""Points drawn on a Chinese web map but given as WGS 84: they fit the streets better once the shift is undone."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from siting.inputs.coordinates import WGS84, transform_xy
from siting.inputs.datum import Datum, is_shifted, to_wgs84
from siting.ledger import Finding, Text

FEWEST_POINTS = 20
"""Under so many points a better fit may be chance."""

LARGEST_RATIO = 0.6
"""A shift is suspected where undoing it brings the median distance to the nearest street down to this share or less."""

SMALLEST_GAIN_M = 5.0
"""... and by at least this much, which is beyond the accuracy of hand-placed points."""

CLEARLY_BETTER = 0.75
"""... and where shifts of the same length in other directions leave at least the median divided by this: on a regular
street grid many a shift brings houses nearer to a street, and only the true one stands out."""

_DIRECTIONS = 16
_MOST_POINTS = 5000
_NAMES: dict[Datum, str] = {"gcj02": "GCJ-02", "bd09": "BD-09"}


def suspect_gcj02(points: gpd.GeoDataFrame, streets: gpd.GeoSeries | NDArray[np.float64], layer: str) -> Finding | None:
    """Warn if points lie much nearer to the streets once a GCJ-02 or BD-09 shift is undone.

    The median distance from point to nearest street is taken as the points are, and after undoing each shift. The rule:
    at least `FEWEST_POINTS` points where the shift applies, a median that falls to `LARGEST_RATIO` of what it was and
    by `SMALLEST_GAIN_M`, and no other direction that fits about as well (`CLEARLY_BETTER`). In a city some street is
    close to any place, so a shift of 500 m changes the median by tens of metres only; on real points beside streets it
    grew two- to fivefold.

    Parameters
    ----------
    points : facilities or other places beside streets, in the CRS of the streets (metres); areas by a point inside
    streets : lines, or the coordinates of their vertices, shape (n, 2); lines tell more where vertices are sparse

    Returns
    -------
    a warning (count = points compared), or None
    """
    inner = shapely.point_on_surface(np.asarray(points.geometry.values, dtype=object))
    xy = np.column_stack([shapely.get_x(inner), shapely.get_y(inner)])
    lon, lat = transform_xy(points.crs, WGS84, xy[:, 0], xy[:, 1])
    where = np.flatnonzero(is_shifted(lon, lat))
    # Every k-th point: enough for a median, and the same points in every run.
    where = where[:: max(1, len(where) // _MOST_POINTS)]
    if len(where) < FEWEST_POINTS or len(streets) == 0:
        return None
    nearest = _Nearest(streets)
    before = float(np.median(nearest.metres(xy[where])))
    after: dict[Datum, float] = {}
    shift: dict[Datum, NDArray[np.float64]] = {}
    for name in _NAMES:
        undone = np.column_stack(transform_xy(WGS84, points.crs, *to_wgs84(lon[where], lat[where], name)))
        after[name], shift[name] = float(np.median(nearest.metres(undone))), undone - xy[where]
    best = min(after, key=lambda name: after[name])
    if after[best] > LARGEST_RATIO * before or before - after[best] < SMALLEST_GAIN_M:
        return None
    if after[best] > CLEARLY_BETTER * _best_of_other_directions(nearest, xy[where], shift[best]):
        return None
    text = Text(
        f"“{layer}”疑为 {_NAMES[best]} 坐标：到最近道路的距离中位数为 {before:.0f} m，"
        f'去除偏移后为 {after[best]:.0f} m（{len(where)} 个点）。如属实，请设置 coords = "{best}"',
        f"'{layer}' looks shifted by {_NAMES[best]}: its median distance to the nearest street is {before:.0f} m, and "
        f'{after[best]:.0f} m once that is undone ({len(where)} points). If so, set coords = "{best}"',
    )
    return Finding(code=f"looks_like_{best}", kind="warning", count=len(where), text=text)


def _best_of_other_directions(nearest: "_Nearest", xy: NDArray[np.float64], shift: NDArray[np.float64]) -> float:
    """Find the smallest median distance that shifts of the same length, but turned, lead to."""
    medians = []
    for k in range(1, _DIRECTIONS):
        turn = 2 * np.pi * k / _DIRECTIONS
        turned = shift @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        medians.append(float(np.median(nearest.metres(xy + turned))))
    return min(medians)


class _Nearest:
    """Distance from positions to the nearest street, for lines or for vertices."""

    def __init__(self, streets: gpd.GeoSeries | NDArray[np.float64]) -> None:
        self._vertices = KDTree(streets) if isinstance(streets, np.ndarray) else None
        self._lines = shapely.STRtree([] if isinstance(streets, np.ndarray) else np.asarray(streets.values))

    def metres(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        if self._vertices is not None:
            return np.asarray(self._vertices.query(xy)[0], dtype=np.float64)
        _, distance = self._lines.query_nearest(shapely.points(xy), all_matches=False, return_distance=True)
        return np.asarray(distance, dtype=np.float64)
