"""GCJ-02 and BD-09, the shifted coordinates of Chinese web maps, to and from WGS 84.

Neither shift is officially published; these formulas agree with the map makers' own conversions to 1 to 5 m.
Everything is vectorised, in degrees, longitude first. The inverses are iterated against the forward formula, so a
round trip comes back within a micrometre. Outside the rectangle in which the map makers shift, nothing is changed.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Datum = Literal["wgs84", "gcj02", "bd09"]
Degrees = NDArray[np.float64]
Pair = tuple[Degrees, Degrees]

# Krassowsky 1940, the ellipsoid that the shift is computed on.
_AXIS_M = 6378245.0
_ECCENTRICITY_2 = 0.00669342162296594323

# The rectangle in which the shift applies; it reaches well beyond China, as the shift itself does.
SHIFTED_WEST, SHIFTED_SOUTH, SHIFTED_EAST, SHIFTED_NORTH = 72.004, 0.8293, 137.8347, 55.8271

_BD_LON, _BD_LAT = 0.0065, 0.006
_BD_WAVE = np.pi * 3000.0 / 180.0

_ROUNDS = 30
_SETTLED_DEG = 1e-14


def is_shifted(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Mask of WGS 84 positions (degrees) where GCJ-02 differs from WGS 84."""
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    return (x >= SHIFTED_WEST) & (x <= SHIFTED_EAST) & (y >= SHIFTED_SOUTH) & (y <= SHIFTED_NORTH)


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """WGS 84 to GCJ-02, in degrees; positions outside the shifted rectangle come back as they are."""
    x, y = _pair(lon, lat)
    shift_x, shift_y = _gcj02_shift(x, y)
    inside = is_shifted(x, y)
    return np.where(inside, x + shift_x, x), np.where(inside, y + shift_y, y)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """GCJ-02 to WGS 84, in degrees: the WGS 84 position whose GCJ-02 position is the given one."""
    return _inverse(wgs84_to_gcj02, *_pair(lon, lat))


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """GCJ-02 to BD-09, in degrees; positions outside the shifted rectangle come back as they are."""
    x, y = _pair(lon, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_WAVE)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_WAVE)
    inside = is_shifted(x, y)
    return (
        np.where(inside, radius * np.cos(angle) + _BD_LON, x),
        np.where(inside, radius * np.sin(angle) + _BD_LAT, y),
    )


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """BD-09 to GCJ-02, in degrees: the GCJ-02 position whose BD-09 position is the given one."""
    return _inverse(gcj02_to_bd09, *_pair(lon, lat))


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """WGS 84 to BD-09, in degrees."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """BD-09 to WGS 84, in degrees."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> Pair:
    """Positions of any of the three datums as WGS 84, in degrees."""
    if datum == "gcj02":
        return gcj02_to_wgs84(lon, lat)
    if datum == "bd09":
        return bd09_to_wgs84(lon, lat)
    return _pair(lon, lat)


def _pair(lon: ArrayLike, lat: ArrayLike) -> Pair:
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def _inverse(forward: Callable[[ArrayLike, ArrayLike], Pair], x: Degrees, y: Degrees) -> Pair:
    """Solve forward(u, v) = (x, y) by fixed point; the shift varies slowly, so each round gains about two digits.

    A target in the strip that the shift leaves empty along the edge of the rectangle has no exact answer; the last
    guess stands, which is off by at most the shift.
    """
    u, v = x.copy(), y.copy()
    for _ in range(_ROUNDS):
        there_x, there_y = forward(u, v)
        step_x, step_y = x - there_x, y - there_y
        u, v = u + step_x, v + step_y
        if max(np.abs(step_x).max(initial=0.0), np.abs(step_y).max(initial=0.0)) < _SETTLED_DEG:
            break
    return u, v


def _gcj02_shift(lon: Degrees, lat: Degrees) -> Pair:
    """Shift in degrees, east and north, as polynomial plus waves about 105 E, 35 N."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    short = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east_m += 2.0 / 3.0 * (short + _waves(x, 20.0, 40.0, 150.0, 300.0, 12.0, 30.0))
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_m += 2.0 / 3.0 * (short + _waves(y, 20.0, 40.0, 160.0, 320.0, 12.0, 30.0))
    phi = np.radians(lat)
    w2 = 1.0 - _ECCENTRICITY_2 * np.sin(phi) ** 2
    meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY_2) / (w2 * np.sqrt(w2))
    parallel_m = _AXIS_M / np.sqrt(w2) * np.cos(phi)
    return np.degrees(east_m / parallel_m), np.degrees(north_m / meridian_m)


def _waves(t: Degrees, a: float, b: float, c: float, d: float, third: float, fourth: float) -> Degrees:
    return (
        a * np.sin(np.pi * t)
        + b * np.sin(np.pi * t / 3.0)
        + c * np.sin(np.pi * t / third)
        + d * np.sin(np.pi * t / fourth)
    )
