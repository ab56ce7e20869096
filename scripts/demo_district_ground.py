"""Ground of the synthetic district: its CRS, its corner, and shapes from metres of the district."""

from typing import Any

EPSG = 4548  # CGCS2000 / 3-degree Gauss-Kruger CM 117E
EAST, NORTH = 517_000, 4_052_000  # of the south-west corner; an invented place at about 117.19 E, 36.60 N

Feature = tuple[dict[str, Any], dict[str, Any]]


def point(x: float, y: float) -> dict[str, Any]:
    """Return a GeoJSON point from district metres."""
    return {"type": "Point", "coordinates": [EAST + x, NORTH + y]}


def line(*xy: tuple[float, float]) -> dict[str, Any]:
    """Return a GeoJSON line from district metres."""
    return {"type": "LineString", "coordinates": [[EAST + x, NORTH + y] for x, y in xy]}


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """Return a GeoJSON rectangle from district metres, counter-clockwise."""
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return {"type": "Polygon", "coordinates": [[[EAST + x, NORTH + y] for x, y in ring]]}


def tilted(x: float, y: float, side: int, up: bool = True) -> dict[str, Any]:
    """Return a square that stands on one corner, turned by 3 : 4 so that whole metres stay whole.

    Parameters
    ----------
    x, y : its topmost corner (its lowest where ``up`` is False), the only place that touches a street
    side : a multiple of 5; a belt of r metres leaves a square of side - 2 r
    """
    k = side // 5 * (-1 if up else 1)
    ring = [(x, y), (x + 4 * k, y + 3 * k), (x + k, y + 7 * k), (x - 3 * k, y + 4 * k), (x, y)]
    return {"type": "Polygon", "coordinates": [[[EAST + px, NORTH + py] for px, py in ring]]}
