"""A city of 3 × 3 km, drawn so that every density can be counted by hand.

     0      1000    2000    3000
3000 ┌───────┬───────┬───────┐     R   residential, 3 km²: 7 toilets inside
     │       │       │  S1   │     B   commercial, 3 km²: 9 inside, 2 on its edge with R, at (1000, 500 and 1500)
2000 │       │       ├───────┤     G1  park, 1 km²: 6 inside, 1 on its corner with B and M, at (2000, 1000)
     │   R   │   B   │   M   │     M   industry, 1 km²: 1 inside, at (2500, 1500)
1000 │       │       ├───────┤     S1  road land, of which no clause speaks: 1 inside
     │       │       │  G1   │     and 1 toilet outside the city, at (3500, 500)
   0 └───────┴───────┴───────┘     zones N (above y = 1500) and S; (1000, 1500) and (2500, 1500) lie on their edge
"""

import geopandas as gpd
import pandas as pd
from shapely import Point, box

from siting.themes import City

CRS = "EPSG:32650"

PLACES = {
    **{f"r{k}": (500, 200 + 400 * k) for k in range(7)},
    **{f"b{k}": (1500, 150 + 300 * k) for k in range(9)},
    **{f"g{k}": (2500, 100 + 150 * k) for k in range(6)},
    "edge1": (1000, 500), "edge2": (1000, 1500), "corner": (2000, 1000), "m": (2500, 1500), "s": (2500, 2500),
    "out": (3500, 500),
}  # fmt: skip


def frame(shapes, ids, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS, index=pd.Index(ids, name="id"))


def toilets(places=None, **columns):
    places = PLACES if places is None else places
    return frame([Point(*xy) for xy in places.values()], list(places), **{"class": "public_toilet"}, **columns)


def land_use(**more):
    areas = {
        "R": box(0, 0, 1000, 3000), "B": box(1000, 0, 2000, 3000), "G1": box(2000, 0, 3000, 1000),
        "M": box(2000, 1000, 3000, 2000), "S1": box(2000, 2000, 3000, 3000),
    } | more  # fmt: skip
    return frame(areas.values(), [f"area{k}" for k in range(len(areas))], **{"class": list(areas)})


def homes():
    """A at a toilet, B exactly 300 m from it, C a metre farther."""
    return frame([Point(500, 200), Point(800, 200), Point(801, 200)], ["A", "B", "C"], people=[100.0, 50.0, 30.0])


def city(facilities=None, **layers):
    facilities = toilets() if facilities is None else facilities
    if "name" not in facilities.columns:
        facilities = facilities.assign(name=None)
    given = {
        "zones": {"half": frame([box(0, 1500, 3000, 3000), box(0, 0, 3000, 1500)], ["N", "S"], name=["北片", "南片"])}
    } | layers
    return City.of(None, homes(), facilities, **given)
