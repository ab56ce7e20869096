"""Whether a layer's coordinates can be what its CRS says, row by row, with the likely truth in the message."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from siting.errors import CRSError
from siting.inputs.coordinates import WGS84, crs_name, inside_china, transform_xy
from siting.inputs.schema import some
from siting.ledger import Finding, Text

_FAR_OUTSIDE_DEG = 10.0
_POLAR_LAT = 73.0
_NEAR_ANTIMERIDIAN = 170.0
_OLD_CHINESE_DATUMS = ("beijing 54", "beijing 1954", "beijing_1954", "xian 80", "xian 1980", "xian_1980")
_PREFIXED = range(4513, 4534)
_UNPREFIXED = range(4534, 4555)
_PREFIX_EASTING = 1_000_000.0

XY = NDArray[np.float64]


def check_crs(frame: gpd.GeoDataFrame, layer: str) -> tuple[Finding, ...]:
    """Refuse coordinates that contradict the layer's CRS; geometries are finite, rows without one are passed over.

    Raises
    ------
    CRSError
        Outside +-180/90 degrees, longitude and latitude exchanged, degrees under a projected CRS, far outside the CRS's
        area of use, a Gauss-Kruger easting with or without its zone prefix against the CRS, a CRS that cannot be
        related to WGS 84 without further parameters, a layer across the antimeridian.
    """
    crs: CRS = frame.crs
    findings = _check_datum(crs, layer)
    xy, row = shapely.get_coordinates(frame.geometry.values, return_index=True)
    if len(xy) == 0:
        return findings
    ids = frame.index
    if crs.is_geographic:
        _check_degrees(xy, row, ids, layer, crs)
    elif crs.is_projected:
        _check_metres(xy, row, ids, layer, crs)
    else:
        raise CRSError(
            f"{layer}: {crs_name(crs)} is a local or unknown coordinate system; it cannot be placed on the earth. "
            "Georeference the layer, or set crs to the projection it was drawn in"
        )
    return findings


def _check_datum(crs: CRS, layer: str) -> tuple[Finding, ...]:
    if crs.is_bound:  # carries its own transformation parameters
        return ()
    datum = crs.geodetic_crs.datum.name if crs.geodetic_crs is not None and crs.geodetic_crs.datum is not None else ""
    known = f"{datum} {crs.name}".casefold()
    if any(old in known for old in _OLD_CHINESE_DATUMS):
        raise CRSError(
            f"{layer}: {crs_name(crs)} is on {datum}, whose shift to CGCS2000 differs from city to city. Ask the "
            "survey office to convert it, or give crs as a PROJ string with the seven parameters (+towgs84)"
        )
    if "china 2000" in known or "cgcs2000" in known:
        text = Text(
            "CGCS2000 与 WGS 84 按相同处理（相差不足 1 米）", "CGCS2000 and WGS 84 are treated as equal (within 1 m)"
        )
        return (Finding(code="cgcs2000_as_wgs84", kind="note", count=1, text=text),)
    return ()


def _check_degrees(xy: XY, row: NDArray[np.int64], ids: object, layer: str, crs: CRS) -> None:
    x, y = xy[:, 0], xy[:, 1]
    out = (np.abs(x) > 180) | (np.abs(y) > 90)
    # In the far west of China an exchanged pair is still a position, but one in the Arctic Ocean.
    swapped = inside_china(y, x) & (out | (np.abs(y) > _POLAR_LAT))
    wrong = out | swapped
    if not wrong.any():
        if x.min() < -_NEAR_ANTIMERIDIAN and x.max() > _NEAR_ANTIMERIDIAN:
            raise CRSError(f"{layer}: it reaches across the antimeridian ({x.min():g} to {x.max():g}). Split it there")
        return
    rows = np.unique(row[wrong])
    first = int(np.flatnonzero(wrong)[0])
    shown = f"{len(rows)} rows (ids {some(_at(ids, rows))}; e.g. {x[first]:g}, {y[first]:g})"
    if swapped[wrong].mean() > 0.5:
        raise CRSError(
            f"{layer}: {shown} are not longitude, latitude. They look swapped: inside China if exchanged. "
            "Exchange the two coordinates of these rows"
        )
    exchanged = (np.abs(y[wrong]) <= 180) & (np.abs(x[wrong]) <= 90)
    if exchanged.all():
        raise CRSError(f"{layer}: {shown} have latitudes beyond 90. They look swapped. Exchange the two of these rows")
    raise CRSError(
        f"{layer}: {shown} lie outside +-180, +-90, but {crs_name(crs)} is in degrees. "
        "They look like metres: set crs to the projection they are in, such as 'EPSG:4547'"
    )


def _check_metres(xy: XY, row: NDArray[np.int64], ids: object, layer: str, crs: CRS) -> None:
    x, y = xy[:, 0], xy[:, 1]
    lon, lat = transform_xy(crs, WGS84, x, y)
    outside = _far_outside(crs, lon, lat)
    small = (np.abs(x) <= 180).all() and (np.abs(y) <= 90).all()
    extent = max(x.max() - x.min(), y.max() - y.min())
    if small and (outside.any() or extent < 1):
        hint = "longitude and latitude" if not _swapped_in_china(x, y) else "latitude and longitude"
        raise CRSError(
            f"{layer}: {crs_name(crs)} is in metres, but all coordinates are within +-180, +-90 and its extent is "
            f"{extent:.2g}. They look like {hint} in degrees: set crs = 'EPSG:4326'"
        )
    if not outside.any():
        return
    rows = np.unique(row[outside])
    first = int(np.flatnonzero(outside)[0])
    area = crs.area_of_use
    bounds = f" (area of use {area.west:g} to {area.east:g} E, {area.south:g} to {area.north:g} N)" if area else ""
    hint = _zone_hint(crs, x[outside]) or _exchange_hint(crs, x[outside], y[outside]) or "Check crs and the coordinates"
    raise CRSError(
        f"{layer}: {len(rows)} rows (ids {some(_at(ids, rows))}; e.g. {x[first]:.10g}, {y[first]:.10g}) lie far "
        f"outside {crs_name(crs)}{bounds}. {hint}"
    )


def _far_outside(crs: CRS, lon: XY, lat: XY) -> NDArray[np.bool_]:
    """Positions with no image, or more than ten degrees outside the area of use: data may reach over a zone's edge."""
    bad = ~(np.isfinite(lon) & np.isfinite(lat))
    area = crs.area_of_use
    if area is not None:
        far = _FAR_OUTSIDE_DEG
        bad |= (lat < area.south - far) | (lat > area.north + far)
        if area.west <= area.east:
            bad |= (lon < area.west - far) | (lon > area.east + far)
    return bad


def _zone_hint(crs: CRS, x: XY) -> str | None:
    """Gauss-Kruger eastings come with the zone number in front (38 425 229) or without (425 229)."""
    code = crs.to_epsg(min_confidence=20)
    prefixed = x > _PREFIX_EASTING
    if code in _UNPREFIXED and prefixed.all():
        zone = int(x[0] // _PREFIX_EASTING)
        if 25 <= zone <= 45:
            return f"Eastings begin with zone number {zone}: set crs = 'EPSG:{4513 + zone - 25}'"
    if code is not None and code in _PREFIXED and not prefixed.any():
        return f"Eastings lack the zone number of this CRS: set crs = 'EPSG:{code - 4513 + 4534}'"
    return None


def _exchange_hint(crs: CRS, x: XY, y: XY) -> str | None:
    lon, lat = transform_xy(crs, WGS84, y, x)
    if not _far_outside(crs, lon, lat).any():
        return "They look swapped (north before east): exchange the two coordinates"
    return None


def _swapped_in_china(x: XY, y: XY) -> bool:
    return bool(inside_china(y, x).mean() > 0.5)


def _at(ids: object, rows: NDArray[np.int64]) -> list[str]:
    return [str(i) for i in np.asarray(ids, dtype=object)[rows]]
