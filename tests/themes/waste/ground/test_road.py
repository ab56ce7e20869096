"""Streets beside a plot: only those that the vehicles in question may use."""

import geopandas as gpd
import shapely
from pyproj import CRS

from siting.network import Network
from siting.network.impedance import open_to
from siting.themes.waste.ground.road import edges_of, road_tests

METRES = CRS.from_epsg(32649)


def test_a_street_closed_to_trucks_is_no_road_access():
    #  y = 100  ----------------- open
    #           [plot 0..10]
    #  y = -5   ----------------- hgv=no
    lines = [shapely.LineString([(0, y), (200, y)]) for y in (100, -5)] + [shapely.LineString([(0, 100), (0, -5)])]
    table = gpd.GeoDataFrame(
        {"highway": "residential", "hgv": [None, "no", None]}, geometry=lines, index=range(3), crs=METRES
    )
    cars = Network.from_lines(table, crs=METRES, mode="drive")
    plot = [shapely.box(100, 0, 110, 10)]
    for drive, far, outcome in ((cars, 5.0, "pass"), (open_to(cars, "truck"), 90.0, "fail")):
        (test,), metres = road_tests(plot, ["p"], edges_of(drive, METRES), 50.0)
        assert metres[0] == far
        assert test.result == outcome
