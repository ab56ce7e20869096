"""The one working CRS of a study: projected, in metres, with its scale error known.

Longitude and x come first everywhere, whatever order an authority gives its axes in.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Proj, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_utm_crs_info
from pyproj.exceptions import CRSError as ProjError

from siting.errors import CRSError
from siting.ledger import Finding, Text

WGS84 = CRS.from_epsg(4326)

LARGEST_SCALE_ERROR_PPM = 400.0
"""Above this a warning is given: 0.4 m in a kilometre, which UTM itself has at its central meridian."""

_USELESS_SCALE_ERROR_PPM = 50_000.0
_GK_FIRST_EPSG, _GK_FIRST_MERIDIAN, _GK_LAST_MERIDIAN = 4534, 75, 135

# A coarse outline (longitude, latitude) of mainland China, Hainan, Hong Kong, Macau, Taiwan and coastal waters.
# It only chooses between two projections that both work, so a place near a land border may fall on either side.
_CHINA_OUTLINE = (
    (73.4, 39.5), (74.8, 40.6), (78.0, 41.2), (80.2, 42.2), (80.3, 45.0), (82.4, 45.4), (83.0, 47.2), (85.5, 47.2),
    (85.6, 48.4), (87.8, 49.2), (91.0, 46.9), (91.0, 45.2), (95.3, 44.3), (97.0, 42.75), (101.8, 42.5), (105.0, 41.6),
    (108.0, 42.4), (110.4, 42.7), (112.0, 43.7), (111.9, 45.0), (114.0, 44.9), (116.0, 46.4), (119.7, 46.7),
    (119.0, 47.6), (115.5, 47.9), (116.7, 49.8), (119.2, 50.1), (120.0, 52.6), (123.5, 53.6), (126.0, 52.9),
    (127.5, 50.3), (130.8, 48.9), (131.0, 47.7), (135.0, 48.4), (133.2, 45.1), (131.3, 44.8), (131.2, 43.4),
    (130.6, 42.5), (129.8, 42.9), (128.1, 42.0), (126.9, 41.7), (124.4, 40.05), (123.5, 39.4), (121.0, 38.3),
    (123.2, 37.4), (120.8, 35.6), (122.6, 31.8), (122.9, 29.5), (121.0, 27.3), (122.4, 25.4), (120.8, 21.5),
    (119.2, 22.9), (116.5, 22.5), (114.5, 21.9), (111.5, 21.0), (111.3, 19.7), (110.0, 18.0), (108.4, 18.6),
    (108.5, 20.2), (109.3, 21.2), (108.1, 21.3), (107.6, 21.45), (106.5, 22.0), (106.5, 22.8), (105.3, 23.3),
    (103.95, 22.55), (102.4, 22.7), (101.7, 21.1), (99.9, 21.9), (99.2, 22.1), (98.8, 23.4), (97.6, 23.9), (98.6, 27.6),
    (97.0, 28.3), (94.2, 29.2), (91.7, 27.75), (90.3, 28.2), (88.9, 27.4), (88.8, 28.0), (85.9, 28.0), (84.1, 29.2),
    (81.1, 30.1), (78.7, 31.4), (79.5, 32.7), (78.2, 34.6), (75.9, 36.0), (74.6, 37.2), (74.8, 38.5),
)  # fmt: skip

_LEAVE_OUT = Text("可去掉 crs，由程序自动选择", "leave crs out to have one chosen")
_DECLARE = Text("可在 crs 中指定更适合当地的投影", "declare a projection made for this place as crs")


@dataclass(frozen=True, slots=True)
class WorkingCRS:
    """A projected CRS in metres and why it is used.

    ``scale_error_ppm`` is the largest deviation of the scale factor from 1 over the corners, edges and centre of the
    extent, in millionths. ``warning`` is set where it exceeds `LARGEST_SCALE_ERROR_PPM`.
    """

    crs: CRS
    reason: Text
    scale_error_ppm: float
    warning: Finding | None = None


def choose_crs(lonlat_bounds: tuple[float, float, float, float], declared: CRS | str | int | None = None) -> WorkingCRS:
    """Choose the working CRS of an extent, or check the declared one.

    Parameters
    ----------
    lonlat_bounds : west, south, east, north in WGS 84 degrees
    declared : the study's CRS; None chooses. Where the centre lies in China (mainland, Hainan, Hong Kong, Macau,
        Taiwan): CGCS2000 3-degree Gauss-Kruger by the centre's meridian (EPSG:4534 to 4554); elsewhere WGS 84 UTM

    Raises
    ------
    CRSError
        The extent is not in degrees or crosses the antimeridian; the declared CRS is not projected in metres, is Web
        Mercator, or does not fit the place.
    """
    west, south, east, north = (float(b) for b in lonlat_bounds)
    if not np.isfinite([west, south, east, north]).all():
        raise CRSError("study area: its extent is empty or not finite. Give a boundary layer with features")
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise CRSError(
            f"study area: extent {west:g} {south:g} {east:g} {north:g} is not west south east north in degrees. "
            "Reproject it to EPSG:4326 first"
        )
    if east - west > 180:
        raise CRSError(
            f"study area: extent {west:g} to {east:g} degrees reaches round the antimeridian. Split it, or declare crs"
        )
    lon, lat = (west + east) / 2, (south + north) / 2
    if declared is not None:
        crs = check_working_crs(declared, "study crs")
        reason = Text(f"研究文件指定 {crs_name(crs)}", f"{crs_name(crs)}, declared in the study")
    elif inside_china(lon, lat):
        crs = gauss_kruger(lon)
        reason = Text(
            f"中心 {lon:.4f}°E, {lat:.4f}°N 位于中国境内：采用 {crs_name(crs)}",
            f"{crs_name(crs)}: the centre {lon:.4f} E, {lat:.4f} N lies in China",
        )
    else:
        crs = _utm(lon, lat)
        reason = Text(
            f"中心 {lon:.4f}, {lat:.4f} 位于中国境外：采用 {crs_name(crs)}",
            f"{crs_name(crs)}: UTM zone of the centre {lon:.4f}, {lat:.4f}, outside China",
        )
    ppm = scale_error_ppm(crs, (west, south, east, north))
    advice = _DECLARE if declared is None else _LEAVE_OUT
    if not ppm <= _USELESS_SCALE_ERROR_PPM:
        raise CRSError(
            f"study crs: {crs_name(crs)} does not fit {lon:.3f}, {lat:.3f}: lengths would be off by {ppm / 1e4:.0f} %. "
            "Leave crs out to have one chosen, or declare one made for this place"
        )
    return WorkingCRS(crs, reason, ppm, _scale_warning(crs, ppm, advice))


def check_working_crs(crs: CRS | str | int, layer: str) -> CRS:
    """Return a CRS that distances can be computed in, or refuse it.

    Raises
    ------
    CRSError
        Unknown, in degrees, in units other than metres, or Web Mercator, whose metres are not metres on the ground.
    """
    found = parse_crs(crs, layer)
    name = crs_name(found)
    if is_web_mercator(found):
        raise CRSError(
            f"{layer}: {name} is Web Mercator, whose lengths are 9 % too long at 23 degrees and 31 % at 40. "
            "Leave crs out to have one chosen, or declare a local projection"
        )
    if not found.is_projected:
        raise CRSError(
            f"{layer}: {name} is not projected; distances here are metres. "
            "Leave crs out to have one chosen, or declare a projected CRS"
        )
    units = {axis.unit_name for axis in found.axis_info[:2]}
    if not units <= {"metre", "meter", "m"}:
        raise CRSError(
            f"{layer}: {name} is in {', '.join(sorted(units))}; distances here are metres. Declare one in metres"
        )
    return found


def parse_crs(crs: Any, layer: str) -> CRS:
    """Any way of naming a CRS as a `pyproj.CRS`."""
    try:
        return CRS.from_user_input(crs)
    except ProjError as error:
        raise CRSError(f"{layer}: '{crs}' names no coordinate reference system. Write it as 'EPSG:4547'") from error


def crs_name(crs: CRS) -> str:
    """Code and name of a CRS for messages: ``EPSG:4547 (CGCS2000 / 3-degree Gauss-Kruger CM 114E)``."""
    authority = crs.to_authority(min_confidence=100)
    return f"{authority[0]}:{authority[1]} ({crs.name})" if authority else f"'{crs.name}'"


def is_web_mercator(crs: CRS) -> bool:
    """Whether lengths in this CRS are those of the web map tiles, under any of its names."""
    operation = crs.coordinate_operation
    method = operation.method_name if operation is not None else ""
    return crs.to_epsg() in (3857, 3785) or "Pseudo" in method or "Pseudo-Mercator" in crs.name


def gauss_kruger(lon: float) -> CRS:
    """CGCS2000 3-degree Gauss-Kruger zone without zone prefix whose central meridian is nearest to ``lon``."""
    meridian = min(max(3 * int(np.floor(lon / 3 + 0.5)), _GK_FIRST_MERIDIAN), _GK_LAST_MERIDIAN)
    return CRS.from_epsg(_GK_FIRST_EPSG + (meridian - _GK_FIRST_MERIDIAN) // 3)


def inside_china(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Mask of positions (degrees) inside a coarse outline of China with Hong Kong, Macau and Taiwan."""
    return np.asarray(shapely.contains_xy(_china(), np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)))


def scale_error_ppm(crs: CRS, lonlat_bounds: tuple[float, float, float, float]) -> float:
    """Largest deviation of the scale factor from 1 over an extent, in millionths; ``inf`` where it is undefined."""
    west, south, east, north = lonlat_bounds
    lon, lat = np.meshgrid(np.linspace(west, east, 5), np.linspace(south, north, 5))
    with np.errstate(all="ignore"):
        try:
            factors = Proj(crs).get_factors(lon.ravel(), lat.ravel(), errcheck=False)
        except ProjError:
            return float("inf")
        scales = np.concatenate([np.asarray(factors.meridional_scale), np.asarray(factors.parallel_scale)])
    if not np.isfinite(scales).all():
        return float("inf")
    return float(np.abs(scales - 1.0).max() * 1e6)


@lru_cache(maxsize=32)
def _transformer(source_wkt: str, target_wkt: str) -> Transformer:
    return Transformer.from_crs(source_wkt, target_wkt, always_xy=True)


def transform_xy(
    source: CRS, target: CRS, x: ArrayLike, y: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Positions from one CRS to another, x or longitude first; ``inf`` where there is no image."""
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if source == target:
        return xs, ys
    out_x, out_y = _transformer(source.to_wkt(), target.to_wkt()).transform(xs, ys, errcheck=False)
    return np.asarray(out_x, dtype=np.float64), np.asarray(out_y, dtype=np.float64)


def lonlat_bounds(crs: CRS, bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Extent of a layer as WGS 84 west, south, east, north, following curved edges."""
    if crs == WGS84:
        return bounds
    found = _transformer(crs.to_wkt(), WGS84.to_wkt()).transform_bounds(*bounds, densify_pts=21)
    return (float(found[0]), float(found[1]), float(found[2]), float(found[3]))


@lru_cache(maxsize=1)
def _china() -> shapely.Polygon:
    outline = shapely.Polygon(_CHINA_OUTLINE)
    shapely.prepare(outline)
    return outline


def _utm(lon: float, lat: float) -> CRS:
    here = AreaOfInterest(west_lon_degree=lon, south_lat_degree=lat, east_lon_degree=lon, north_lat_degree=lat)
    found = query_utm_crs_info(datum_name="WGS 84", area_of_interest=here)
    if not found:
        raise CRSError(f"study area: no UTM zone covers {lon:.3f}, {lat:.3f}. Declare crs in the study file")
    # On the edge of two zones the western one is taken, in every run.
    return CRS.from_epsg(min(int(info.code) for info in found))


def _scale_warning(crs: CRS, ppm: float, advice: Text) -> Finding | None:
    # Rounded, so that UTM on its own central meridian (399.9...) never warns.
    if round(ppm) <= LARGEST_SCALE_ERROR_PPM:
        return None
    name = crs_name(crs)
    per_km = ppm / 1000
    text = Text(
        f"{name} 在研究范围内的长度误差达 {ppm:.0f} ppm（每公里 {per_km:.2f} m）；{advice.zh}",
        f"{name} distorts lengths by up to {ppm:.0f} ppm here ({per_km:.2f} m in a kilometre); {advice.en}",
    )
    return Finding(code="crs_scale_error", kind="warning", count=1, text=text)
