"""A street of two communities, drawn so that every figure of the waste points can be counted by hand.

W (x < 1000), 750 people                                   E (x >= 1000), 250 people
A 100   B 200  C 50          D 400                           F 250
●────────●●──────────────────●────────────────────────────────●───────────────   y = 0, 主街
100     220 221             600                             1300
w1                             w2                                  w3
100                            670                                 1421
sorts                          mixed                               not known

r1 (100, 50) is 50 m from w1; r2 (721, 0) is 51 m from w2
estates: E1 [80, 240] with w1 inside, E2 [560, 660] with w2 10 m from its edge, E3 [1250, 1350] without
"""

import geopandas as gpd
import pandas as pd
from shapely import LineString, Point, box

from siting.network import Network
from siting.themes import City

CRS = "EPSG:32650"


def frame(shapes, ids, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS, index=pd.Index(ids, name="id"))


STREETS = frame(
    [LineString([(0, 0), (2000, 0)]), LineString([(500, 0), (500, 300)])], ["s", "t"], name=["主街", "横街"]
)
HOMES = frame(
    [Point(100, 0), Point(220, 0), Point(221, 0), Point(600, 0), Point(1300, 0)],
    ["A", "B", "C", "D", "F"],
    people=[100.0, 200.0, 50.0, 400.0, 250.0],
)
ZONES = {
    "community": frame([box(0, -500, 1000, 500), box(1000, -500, 2000, 500)], ["W", "E"], name=["西社区", "东社区"])
}
FACILITIES = frame(
    [Point(100, 0), Point(670, 0), Point(1421, 0), Point(100, 50), Point(721, 0)],
    ["w1", "w2", "w3", "r1", "r2"],
    **{"class": ["waste_point"] * 3 + ["recycling_point"] * 2},
    sorting=["是", "no", None, None, None],
    streams=["厨余、其他", "其他垃圾", None, "可回收物", None],
)
ESTATES = frame(
    [box(80, -30, 240, 30), box(560, -20, 660, 20), box(1250, -50, 1350, 50)],
    ["E1", "E2", "E3"],
    name=["甲苑", "乙苑", "丙苑"],
)


def town(facilities=FACILITIES, demand=HOMES, *, streets=True, **more):
    network = Network.from_lines(STREETS) if streets else None
    return City.of(network, demand, facilities, **({"zones": ZONES, "old_estates": ESTATES} | more))
