"""A district of five streets in which every figure can be computed on paper.

::

    y = 300   D ---300--- E ---300--- F = h3, 30 people
              |           |           |
              |           | h2, 50 people, at (300, 100)
              |           |           |
    y = 0     A ---300--- B ---300--- C ------300------ M ------600------ G = h4, 20 people
              h1, 100     kinder-     primary and       mall              bus stop
              people      garten      junior school     (900, 0)          (1500, 0)

Metres along the streets, homes and places stand on them:

    ==============  ====  ====  ====  ====
    to              h1    h2    h3    h4
    people          100   50    30    20
    ==============  ====  ====  ====  ====
    kindergarten    300   100   600   1200
    schools         600   400   300   900
    mall            900   700   600   600
    bus stop        1500  1300  1200  0
    ==============  ====  ====  ====  ====
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from street_drawing import METRES, areas, draw

from siting.themes import City

NODES = {"A": (0, 0), "B": (300, 0), "C": (600, 0), "G": (1500, 0), "D": (0, 300), "E": (300, 300), "F": (600, 300)}
STREETS = ("A B C G", "D E F", "A D", "B E", "C F")
HOMES = {"h1": ((0, 0), 100.0), "h2": ((300, 100), 50.0), "h3": ((600, 300), 30.0), "h4": ((1500, 0), 20.0)}
PLACES = {
    "kindergarten": (300, 0),
    "primary_school": (600, 0),
    "junior_school": (600, 0),
    "mall": (900, 0),
    "bus_stop": (1500, 0),
}
WEST, EAST = shapely.box(-50, -50, 450, 350), shapely.box(450, -50, 1550, 350)


def streets(*ways):
    """The network of the district, or of other ways over its nodes."""
    return draw(NODES, *(ways or STREETS))


def homes(**more):
    at = np.array([xy for xy, _ in HOMES.values()], dtype=float)
    people = [p for _, p in HOMES.values()]
    index = pd.Index(list(HOMES), name="id", dtype="str")
    return gpd.GeoDataFrame(
        {"people": people, "units": 1, **more}, geometry=shapely.points(at), index=index, crs=METRES
    )


def places(**at):
    """Point facilities, one of each class."""
    at = at or PLACES
    names = [f"{k}-1" for k in at]
    return gpd.GeoDataFrame(
        {"class": list(at), "name": None},
        geometry=shapely.points(np.array(list(at.values()), dtype=float)),
        index=pd.Index(names, name="id", dtype="str"),
        crs=METRES,
    )


def zones():
    small = areas(west=WEST, east=EAST).assign(name=["西社区", "东社区"])
    large = areas(all=shapely.box(-50, -50, 1550, 350)).assign(name="全街道")
    return {"community": small, "subdistrict": large}


def district(**layers):
    """The city of the drawing; ``layers`` replace or add to its own."""
    own = {"network": streets(), "demand": homes(), "facilities": places(), "zones": zones()}
    chosen = own | {k: v for k, v in layers.items() if k in own}
    more = {k: v for k, v in layers.items() if k not in own}
    return City.of(chosen["network"], chosen["demand"], chosen["facilities"], zones=chosen["zones"], **more)
