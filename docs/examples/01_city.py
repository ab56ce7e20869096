import geopandas as gpd
import pandas as pd
from shapely import LineString, Point, box

import siting

X, Y = 500_000, 2_500_000  # corner of the drawing, in the metres of EPSG:4547


def layer(shapes, **columns):
    index = pd.Index(shapes, name="id")
    return gpd.GeoDataFrame(columns, geometry=list(shapes.values()), index=index, crs="EPSG:4547")


high_street = LineString([(X, Y), (X + 600, Y), (X + 1000, Y)])
side_street = LineString([(X + 600, Y), (X + 600, Y + 400)])
network = siting.Network.from_lines(layer({"high": high_street, "side": side_street}))

homes = layer(
    {"A": Point(X, Y), "B": Point(X + 300, Y), "C": Point(X + 600, Y + 400), "D": Point(X + 1000, Y)},
    people=[100, 200, 300, 400],
    units=[1, 1, 1, 1],
)
plots = layer(
    {  # one hectare of residential land beside each home
        "a": box(X - 50, Y + 10, X + 50, Y + 110),
        "b": box(X + 250, Y + 10, X + 350, Y + 110),
        "c": box(X + 550, Y + 300, X + 650, Y + 400),
        "d": box(X + 950, Y + 10, X + 1050, Y + 110),
    }
)
